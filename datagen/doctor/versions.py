"""Versions that do not work together, as a table with its sources, and who of the installed ones is in it.

Pure: what is installed comes in as a mapping, so every line of the table can be tried without installing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["broken", "caution"]


@dataclass(frozen=True)
class Combination:
    """Packages (each with the versions meant) that are bad together, `without` others, or without a GPU.

    "broken" does not work; "caution" works otherwise than its reader may expect.
    """

    packages: tuple[str, ...]
    what: str
    mend: str
    source: str
    severity: Severity = "broken"
    without: tuple[str, ...] = ()
    without_gpu: bool = False


@dataclass(frozen=True)
class Clash:
    """A combination that is installed here: `packages` as "name version"."""

    severity: Severity
    packages: tuple[str, ...]
    what: str
    mend: str
    source: str

    def __str__(self) -> str:
        return f"{', '.join(self.packages)}: {self.what}; {self.mend}"


KNOWN_BAD = (
    Combination(
        ("llama-cpp-python<0.3.20",),
        "has neither the flash attention switch nor the adapter call that the llama: engine uses",
        "pip install 'llama-cpp-python>=0.3.20'",
        "symbols of 0.3.16 and 0.3.20 compared",
    ),
    Combination(
        ("trl==1.15.0",),
        "SFT, DPO and GRPO crash on a machine without Triton ('NoneType' object has no attribute 'apply')",
        "pip install 'trl>=1.14,<1.15'",
        "trl/trainer/utils.py:1638 of 1.15.0, run on a CPU",
        without=("triton", "unsloth"),
    ),
    Combination(
        ("trl>=1.13",),
        "has no PPOTrainer any more; `finetune ppo` brings its own and does not miss it",
        "nothing to do, unless scripts of yours import it",
        "huggingface/trl#7020",
        "caution",
    ),
    Combination(
        ("trl>=1.15", "unsloth"),
        "this trl is newer than Unsloth accepts",
        "pip install 'trl>=1.14,<1.15'",
        "requirements of unsloth 2026.10.9",
    ),
    Combination(
        ("transformers>5.17", "unsloth"),
        "this transformers is newer than Unsloth accepts",
        "pip install 'transformers>=5.8,<=5.17'",
        "requirements of unsloth 2026.10.9",
    ),
    Combination(
        ("transformers>=5.0,<5.2",),
        "the first two releases of transformers 5 are not among those that train here",
        "pip install 'transformers>=5.8,<=5.17'",
        "unslothai/unsloth#3786",
    ),
    Combination(
        ("datasets>=5", "trl"),
        "no trl that trains here was tried with datasets 5, and Unsloth refuses it",
        "pip install 'datasets>=4.7,<5'",
        "requirements of trl 1.14 and unsloth 2026.10.9",
    ),
    Combination(
        ("datasets<4.7", "trl>=1.9"),
        "trl needs a newer datasets",
        "pip install 'datasets>=4.7,<5'",
        "requirements of trl 1.14",
    ),
    Combination(
        ("unsloth>=2026.10.1,<=2026.10.7",),
        "refuses to be imported on a machine without a GPU",
        "pip install 'unsloth>=2026.10.9,<2026.11'",
        "imported on a CPU, 2026.10.1 to 2026.10.9",
        without_gpu=True,
    ),
    Combination(
        ("gguf!=0.19.*",),
        "`finetune export` was checked against gguf 0.19 alone",
        "pip install 'gguf==0.19.*'",
        "the 'train' extra",
        "caution",
    ),
    Combination(
        ("xgrammar",),
        "not used here; it brings torch and a gigabyte of Triton along",
        "nothing to do: schemas are enforced by llguidance",
        "its requirements",
        "caution",
    ),
)


def clashes(installed: Mapping[str, str], *, gpu: bool) -> list[Clash]:
    """The known-bad combinations among `installed` (version by distribution), the broken ones first."""
    names = {_plain(name): version for name, version in installed.items()}
    found = [_clash(bad, names, gpu) for bad in KNOWN_BAD]
    return sorted(filter(None, found), key=lambda clash: clash.severity != "broken")


def unmet(requirements: Iterable[str], installed: Mapping[str, str]) -> list[Clash]:
    """What a distribution asks for and `installed` has not.

    A missing package, or one too old or too new, is broken if it is needed always, and a caution if only an
    extra asks for it (whoever has not installed an extra does not miss it).
    """
    from packaging.requirements import Requirement

    names = {_plain(name): version for name, version in installed.items()}
    found = []
    for text in requirements:
        asked = Requirement(text)
        optional = asked.marker is not None and "extra" in str(asked.marker)
        if asked.marker is not None and not asked.marker.evaluate({"extra": _extra(str(asked.marker))}):
            continue
        version = names.get(_plain(asked.name))
        bounds = f"{asked.name}{asked.specifier}"
        mend = f"pip install '{bounds}'"
        if version is None and not optional:
            found.append(Clash("broken", (asked.name,), "is not installed", mend, "requirements"))
        elif version is not None and not asked.specifier.contains(version, prereleases=True):
            severity: Severity = "caution" if optional else "broken"
            what = f"this kit was tried with {bounds}"
            found.append(Clash(severity, (f"{asked.name} {version}",), what, mend, "requirements"))
    return list(dict.fromkeys(found))


def _clash(bad: Combination, installed: Mapping[str, str], gpu: bool) -> Clash | None:
    from packaging.requirements import Requirement

    if (bad.without_gpu and gpu) or any(_plain(name) in installed for name in bad.without):
        return None
    shown = []
    for text in bad.packages:
        asked = Requirement(text)
        version = installed.get(_plain(asked.name))
        if version is None or not asked.specifier.contains(version, prereleases=True):
            return None
        shown.append(f"{asked.name} {version}")
    return Clash(bad.severity, tuple(shown), bad.what, bad.mend, bad.source)


def _plain(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return name.lower().replace("_", "-").replace(".", "-")


def _extra(marker: str) -> str:
    """The extra a marker names: 'train' of `extra == 'train'`."""
    return marker.partition("extra ==")[2].strip().strip("'\"").partition("'")[0].partition('"')[0]
