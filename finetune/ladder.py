"""The ladder: one command from random weights to a served model, the same questions asked at every rung.

    finetune ladder --preset cpu --out runs/demo

random -> pretrain -> sft -> reward + ppo, and dpo beside it -> grpo -> a second round on data that the model
itself made, served as GGUF. Each rung is one of the other commands with the preset's settings; what is
measured is `suite.py`'s affair, how it is shown `report.py`'s. Killed anywhere, the same command goes on.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from finetune.dpo import DpoSettings, dpo
from finetune.environment import quieten
from finetune.grpo import GrpoSettings, grpo
from finetune.ladder_data import LadderData
from finetune.metrics import read_metrics
from finetune.model import load_tokenizer, new_model, parameter_count, save_model
from finetune.ppo import PpoSettings, ppo
from finetune.presets import PRESETS, Preset
from finetune.pretrain import PretrainSettings, pretrain
from finetune.progress import say
from finetune.reward_model import RewardSettings, reward
from finetune.sft import SftSettings, sft
from finetune.suite import Suite, measure
from schemas import atomic_writer, read_rows, unknown_name
from schemas.run import claim, read_manifest
from schemas.settings import fields_of, from_mapping, setting

STAGES_NAME = "stages.jsonl"


@dataclass(frozen=True, kw_only=True)
class LadderSettings:
    """Climb all rungs from random weights."""

    out: Path = setting(
        help="folder for everything: data, models, GGUF files, stages.jsonl, the report", identity=False
    )
    preset: str = setting("cpu", help="sizes for a kind of machine: " + ", ".join(PRESETS))
    seed: int = setting(0, help="seed of everything random", minimum=0)


@dataclass(frozen=True)
class Rung:
    """One step of the climb. `train` makes the model folder; `data` are the files it eats, by kind."""

    name: str
    what: str
    started_from: str | None
    train: Callable[[], None]
    data: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    """Folders of the runs it is made of, where that is more than one; the last is the rung's own."""
    speaks: bool = True
    """Whether the rung is a language model (a reward model is none)."""


def ladder(settings: LadderSettings) -> None:
    """Grow a language model from nothing, rung by rung, and once more on data it made itself.

    Writes stages.jsonl (one line a rung), a GGUF file a rung, and report.html and report.md.
    """
    from finetune.report import write_report

    if settings.preset not in PRESETS:
        raise unknown_name("preset", settings.preset, PRESETS, where="--preset")
    preset = PRESETS[settings.preset]
    described = {"preset": settings.preset, "seed": settings.seed, "sizes": dataclasses.asdict(preset)}
    with claim(settings.out, "finetune ladder", described) as run:
        if not run.finished:
            quieten()
            started = time.monotonic()
            climb = Climb(settings.out, preset, settings.seed)
            for rung in climb.rungs():
                climb.take(rung)
            run.finish(seconds=round(time.monotonic() - started, 1))
        for path in write_report(settings.out):
            say(str(path))


class Climb:
    """A ladder under way in the folder `out`."""

    def __init__(self, out: Path, preset: Preset, seed: int) -> None:
        self.out, self.preset, self.seed = out, preset, seed
        self.data = LadderData(out / "data", preset, seed)

    def rungs(self) -> list[Rung]:
        """All rungs in order."""
        return [
            Rung("random", "Random weights: nothing has been learned yet.", None, self._random),
            Rung(
                "pretrain",
                "Guesses the next token of facts, little stories and sums; learns what text looks like.",
                "random",
                self._pretrain,
                (("corpus.jsonl", "corpus"),),
            ),
            Rung(
                "sft",
                "Learns to answer when asked, and to stop; some of its lessons are curt and some are not.",
                "pretrain",
                self._sft,
                (("lessons.jsonl", "instruction"),),
                ("sft-hot", "sft"),
            ),
            Rung(
                "reward",
                "A model of what people prefer, to score answers: of each pair, the one that shows its steps "
                "and closes politely was picked.",
                "sft",
                self._reward,
                (("pairs-train.jsonl", "preference"),),
                speaks=False,
            ),
            Rung(
                "ppo",
                "Raises the reward model's score of its answers without straying far from where it started.",
                "sft",
                self._ppo,
                (("pairs-train.jsonl", "preference"),),
            ),
            Rung(
                "dpo",
                "Learns the same preference from the pairs themselves, with no reward model between.",
                "sft",
                self._dpo,
                (("pairs-train.jsonl", "preference"),),
            ),
            Rung(
                "grpo",
                "Tries each problem several times; the answers that a verifier proves right become likelier.",
                "ppo",
                self._grpo,
                (("problems-train.jsonl", "problem"),),
            ),
            Rung(
                "round2",
                "The exported model, served by llama.cpp, tries new problems; it learns from its proved "
                "answers, and to prefer them to its wrong ones.",
                "grpo",
                self._round2,
                (
                    ("round2-attempts.jsonl", "attempt"),
                    ("round2-lessons.jsonl", "instruction"),
                    ("round2-pairs.jsonl", "preference"),
                ),
                ("round2-sft", "round2"),
            ),
        ]

    def take(self, rung: Rung) -> None:
        """Train, export and measure one rung, and write its line, unless that is done."""
        done = self.stages()
        if any(line["rung"] == rung.name for line in done):
            return
        say(f"rung {rung.name}: {rung.what}")
        rung.train()
        line = self._line(rung, {stage["rung"]: stage for stage in done})
        with atomic_writer(self.out / STAGES_NAME) as file:
            for stage in [*done, line]:
                file.write(orjson.dumps(stage, option=orjson.OPT_APPEND_NEWLINE))
        say("  " + "  ".join(f"{name} {line[name]}" for name in HEADLINES if line[name] is not None))

    def stages(self) -> list[dict[str, Any]]:
        """The lines written so far."""
        path = self.out / STAGES_NAME
        return list(read_rows(path)) if path.exists() else []

    def folder(self, rung: str) -> Path:
        """The folder of a rung's model, metrics and manifest."""
        return self.out / "rungs" / rung

    def gguf(self, rung: str) -> Path:
        """The GGUF file of a rung."""
        return self.out / "gguf" / f"{rung}.gguf"

    @cached_property
    def suite(self) -> Suite:
        """What every rung is asked."""
        return self.data.suite()

    def _line(self, rung: Rung, before: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The line of `stages.jsonl`: null where a figure has no meaning."""
        parts = rung.parts or (rung.name,)
        results = [(read_manifest(self.folder(part)) or {}).get("results", {}) for part in parts]
        line: dict[str, Any] = dict.fromkeys(FIGURES)
        line |= {
            "rung": rung.name,
            "what": rung.what,
            "started_from": rung.started_from,
            "parts": list(parts),
        }
        line["parameters"] = self._parameters(before, results[-1])
        line |= _cost(
            [_run_cost(one, read_metrics(self.folder(p))) for p, one in zip(parts, results, strict=True)]
        )
        line["reward_accuracy"] = results[-1].get("reward_accuracy")
        line["data"] = [
            {"file": f"data/{name}", "kind": kind, "rows": sum(1 for _ in read_rows(self.data.path(name)))}
            for name, kind in rung.data
        ]
        if rung.speaks:
            line |= self._measured(rung)
            pretrained = before.get("pretrain")
            if pretrained is not None:
                line["forgetting"] = round(line["bits_per_byte"] - pretrained["bits_per_byte"], 4)
        return line

    def _measured(self, rung: Rung) -> dict[str, Any]:
        """The rung as a GGUF file within its parity gate, and what the suite says of it."""
        from finetune.export import export_gguf

        report = export_gguf(self.folder(rung.name), self.gguf(rung.name), self.preset.quantization)  # type: ignore[arg-type]
        tuned = rung.name not in ("random", "pretrain")
        start = self.folder(rung.started_from) if tuned and rung.started_from else None
        return {
            "gguf": str(report.path.relative_to(self.out)),
            "gguf_bytes": report.bytes,
            "gguf_max_logit_difference": _rounded(report.max_logit_difference),
            "gguf_mean_kl": _rounded(report.mean_kl),
            **measure(self.suite, self.folder(rung.name), self.gguf(rung.name), start, chats=tuned),
        }

    def _parameters(self, before: dict[str, dict[str, Any]], results: dict[str, Any]) -> int | None:
        known = [stage["parameters"] for stage in before.values() if stage["parameters"]]
        return results.get("parameters") or (known[0] if known else None)

    # The rungs, each one of the commands with the preset's settings.

    def _random(self) -> None:
        with claim(self.folder("random"), "random weights", {"seed": self.seed}) as run:
            if not run.finished:
                tokenizer = load_tokenizer(self.data.tokenizer())
                model = new_model(self.preset.shape, tokenizer, self.seed)
                save_model(model, tokenizer, self.folder("random"))
                run.finish(parameters=parameter_count(model))

    def _pretrain(self) -> None:
        given = {"model": self.folder("random"), "data": [self.data.corpus()]}
        pretrain(self._settings(PretrainSettings, "pretrain", self.preset.pretrain, given))

    def _sft(self) -> None:
        given = {"data": [self.data.lessons()], **self._held_out()}
        hot = {"model": self.folder("pretrain"), **given}
        sft(self._settings(SftSettings, "sft-hot", self.preset.sft, hot))
        cool = {"model": self.folder("sft-hot"), "seed": self.seed + 1, **given}
        sft(self._settings(SftSettings, "sft", self.preset.sft_cool, cool))

    def _reward(self) -> None:
        train, held_out = self.data.pairs(self.gguf("sft"))
        given = {"model": self.folder("sft"), "data": [train], "held_out": [held_out]}
        reward(self._settings(RewardSettings, "reward", self.preset.reward, given))

    def _ppo(self) -> None:
        train, _ = self.data.pairs(self.gguf("sft"))
        given = {
            "model": self.folder("sft"),
            "reward_model": self.folder("reward"),
            "data": [train],
            **self._held_out(),
        }
        ppo(self._settings(PpoSettings, "ppo", self.preset.ppo, given))

    def _dpo(self) -> None:
        train, _ = self.data.pairs(self.gguf("sft"))
        given = {"model": self.folder("sft"), "data": [train], **self._held_out()}
        dpo(self._settings(DpoSettings, "dpo", self.preset.dpo, given))

    def _grpo(self) -> None:
        given = {"model": self.folder("ppo"), "data": [self.data.problems("train")], **self._held_out()}
        grpo(self._settings(GrpoSettings, "grpo", self.preset.grpo, given))

    def _round2(self) -> None:
        lessons, pairs = self.data.round2(self.gguf("grpo"))
        given = {"model": self.folder("grpo"), "data": [lessons], **self._held_out()}
        sft(self._settings(SftSettings, "round2-sft", self.preset.round2_sft, given))
        given = {"model": self.folder("round2-sft"), "data": [pairs], **self._held_out()}
        dpo(self._settings(DpoSettings, "round2", self.preset.round2, given))

    def _held_out(self) -> dict[str, Any]:
        return {"problems": self.data.problems("valid")}

    def _settings(self, kind: Any, rung: str, sizes: dict[str, Any], given: dict[str, Any]) -> Any:
        """A stage's settings: the preset's, and where it reads and writes."""
        longest = {"max_tokens": self.preset.max_tokens} if "max_tokens" in fields_of(kind) else {}
        mapping = {"out": self.folder(rung), "seed": self.seed, **longest, **sizes, **given}
        return from_mapping(kind, _plain(mapping), f"preset, rung {rung}")


FIGURES = (
    "rung",
    "what",
    "started_from",
    "bits_per_byte",
    "forgetting",
    "format_rate",
    "accuracy",
    "accuracy_ci",
    "accuracy_count",
    "preferred_rate",
    "reward_accuracy",
    "kl",
    "seconds",
    "tokens_per_s",
    "steps",
    "parameters",
    "gguf",
    "gguf_bytes",
    "gguf_max_logit_difference",
    "gguf_mean_kl",
    "parts",
    "data",
    "answers",
)
"""The keys of a line of stages.jsonl, in order."""

HEADLINES = ("bits_per_byte", "format_rate", "accuracy", "preferred_rate", "reward_accuracy", "kl", "seconds")


@dataclass(frozen=True)
class Cost:
    """What a run took: updates of the weights, seconds in them, tokens (None: not counted)."""

    steps: int
    seconds: float
    tokens: float | None


def _run_cost(results: dict[str, Any], metrics: list[dict[str, Any]]) -> Cost | None:
    """The cost of one run, or None of one that did not train."""
    if not results.get("train_seconds"):
        return None
    counted = [line["num_tokens"] for line in metrics if "num_tokens" in line]
    return Cost(
        results["steps"],
        results["train_seconds"],
        results.get("tokens") or (counted[-1] if counted else None),
    )


def _cost(runs: list[Cost | None]) -> dict[str, Any]:
    """The columns `steps`, `seconds` and `tokens_per_s` of all runs of a rung."""
    trained = [run for run in runs if run is not None]
    if not trained:
        return {"steps": None, "seconds": None, "tokens_per_s": None}
    seconds = sum(run.seconds for run in trained)
    counted = all(run.tokens is not None for run in trained)
    tokens = sum(run.tokens or 0 for run in trained)
    speed = round(tokens / seconds) if counted else None
    return {"steps": sum(run.steps for run in trained), "seconds": round(seconds, 2), "tokens_per_s": speed}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _plain(mapping: dict[str, Any]) -> dict[str, Any]:
    """Paths as text, as a settings file would have them."""
    plain: dict[str, Any] = {}
    for name, value in mapping.items():
        listed = isinstance(value, list | tuple)
        plain[name] = (
            [str(one) for one in value] if listed else str(value) if isinstance(value, Path) else value
        )
    return plain
