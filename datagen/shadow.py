"""Are `schemas`, `verifiers`, `datagen` and `finetune` ours? Asked before any of them is imported.

Other distributions install some of these names too, and so does a folder of that name beside a script. Then
Python imports whichever it finds first, and fails oddly much later. This module imports nothing but the
standard library, since it cannot know yet what else it would get; whoever fears that `datagen` itself is
shadowed loads it by its path.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import machinery, util
from pathlib import Path

PACKAGES = ("schemas", "verifiers", "datagen", "finetune")
DISTRIBUTION = "homegrown-llm"
MARKER = f'HOMEGROWN = "{DISTRIBUTION}"'
HOME = Path(__file__).resolve().parent.parent
EXIT_USER_ERROR = 2

Find = Callable[[str], "machinery.ModuleSpec | None"]


@dataclass(frozen=True)
class Shadow:
    """A package of our name that is not ours: found at `place`, or nowhere (None)."""

    package: str
    place: Path | None


def refuse_shadowed_imports() -> None:
    """Return if all four packages are ours; otherwise say which is not, why and the mend, and exit with 2.

    (`UserError` would have to be imported from `schemas`, which may be the very package that is shadowed.)
    """
    shadows = shadowed_imports()
    if shadows:
        sys.stderr.write(f"error: {sentence(shadows[0], distributions_of(shadows[0]))}\n")
        raise SystemExit(EXIT_USER_ERROR)


def shadowed_imports(find: Find = util.find_spec, home: Path = HOME) -> list[Shadow]:
    """Our package names whose import would give something else than the package in `home`."""
    places = {package: _place(package, find) for package in PACKAGES}
    return [Shadow(package, place) for package, place in places.items() if not _is_ours(package, place, home)]


def distributions_of(shadow: Shadow) -> list[str]:
    """The installed distributions, other than ours, that bring a package of this name."""
    from importlib.metadata import packages_distributions

    return sorted(set(packages_distributions().get(shadow.package, ())) - {DISTRIBUTION})


def sentence(shadow: Shadow, distributions: list[str]) -> str:
    """What is wrong, where, and the mend.

    >>> print(sentence(Shadow("verifiers", None), []))
    the package 'verifiers' of homegrown-llm cannot be found; reinstall it, or use a fresh virtual environment
    """
    if shadow.place is None:
        return (
            f"the package '{shadow.package}' of {DISTRIBUTION} cannot be found; "
            "reinstall it, or use a fresh virtual environment"
        )
    what = f"{shadow.place}: this '{shadow.package}' is not the one of {DISTRIBUTION}"
    if distributions:
        names = " ".join(distributions)
        return (
            f"{what} but of the distribution '{names}', which installs the same name; "
            f"pip uninstall {names} and reinstall {DISTRIBUTION}, or use a fresh virtual environment"
        )
    folder = shadow.place.parent
    return (
        f"{what} and is found before it; run from another folder than {folder}, "
        f"take {folder} out of PYTHONPATH, or rename {shadow.place.name}"
    )


def _place(package: str, find: Find) -> Path | None:
    """The folder (or file) that `import package` would take, found without importing it."""
    try:
        spec = find(package)
    except (ImportError, ValueError):  # ValueError: a module of this name is loaded that has no spec
        return None
    if spec is None:
        return None
    if spec.origin and spec.has_location:
        origin = Path(spec.origin).resolve()
        return origin.parent if origin.name == "__init__.py" else origin
    folders = list(spec.submodule_search_locations or ())
    return Path(folders[0]).resolve() if folders else None


def _is_ours(package: str, place: Path | None, home: Path) -> bool:
    if place is None or place != home / package:
        return False
    try:
        return MARKER in (place / "__init__.py").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
