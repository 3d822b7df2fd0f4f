"""What a ladder's folder holds, read for its report: the rungs in order, their answers and metrics.

Forgiving where a run may have been cut short or has diverged (a torn last line, NaN, bytes that are no text)
and strict otherwise. Every text is made visible here, at the door, so that nothing behind it sees a raw one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finetune.metrics import METRICS_NAME
from finetune.readable import number, visible_values
from schemas.errors import UserError

STAGES_NAME = "stages.jsonl"
RUNGS_NAME = "rungs"

TITLES = {
    "random": "Random weights",
    "pretrain": "Pretraining",
    "sft": "Supervised fine-tuning",
    "reward": "Reward model",
    "ppo": "PPO",
    "dpo": "DPO",
    "grpo": "GRPO",
    "round2": "Second round",
}

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What one rung said to one question. `verdict` and `preferred` are None where nobody judged."""

    question: str
    text: str
    verdict: str | None
    preferred: bool | None


@dataclass(frozen=True)
class Rung:
    """One line of `stages.jsonl` as it stands there (`line`), and the lines of the rung's metrics."""

    name: str
    line: Figures
    metrics: tuple[Figures, ...] = field(default=(), repr=False)

    @property
    def title(self) -> str:
        """The rung's name in words."""
        return TITLES.get(self.name, self.name)

    @property
    def started_from(self) -> str | None:
        """Name of the rung whose weights it started from."""
        return self.text("started_from")

    @property
    def accuracy_ci(self) -> tuple[float, float] | None:
        """The interval of its accuracy, or None."""
        ends = [number(end) for end in self.line.get("accuracy_ci") or ()]
        return (ends[0], ends[1]) if len(ends) == 2 and ends[0] is not None and ends[1] is not None else None

    @property
    def data(self) -> list[Figures]:
        """The files it learned from: `file`, `kind`, `rows`."""
        files = self.line.get("data") or ()
        return [{name: file.get(name) for name in ("file", "kind", "rows")} for file in files]

    @property
    def answers(self) -> list[Answer]:
        """What it said to the questions, in the order asked."""
        return [
            Answer(
                question=str(answer["question"]),
                text=str(answer["answer"] if answer.get("answer") is not None else ""),
                verdict=answer.get("verdict"),
                preferred=answer.get("preferred"),
            )
            for answer in self.line.get("answers") or ()
        ]

    def figure(self, name: str) -> float | None:
        """A figure by its name, or None where it has no meaning."""
        return number(self.line.get(name))

    def text(self, name: str) -> str | None:
        """A text by its name, or None."""
        value = self.line.get(name)
        return None if value is None else str(value)


def read_ladder(run: Path) -> list[Rung]:
    """The rungs climbed so far, in the order climbed; a rung that was written twice counts as last written.

    Raises `UserError` when there is none, or when a line is not a JSON object.
    """
    path = run / STAGES_NAME
    lines = {str(line.get("rung", "unnamed")): line for line in read_lines(path)}
    if not lines:
        mend = "climb the ladder first, or give the folder of one"
        raise UserError("no rung of a ladder is there yet", where=path, mend=mend)
    return [Rung(name, line, tuple(rung_metrics(run, name, line))) for name, line in lines.items()]


def rung_metrics(run: Path, name: str, line: Figures) -> list[Figures]:
    """The metrics of a rung; of one trained in several `parts`, all of them with the steps counted on."""
    metrics: list[Figures] = []
    for part in line.get("parts") or (name,):
        before = number(metrics[-1].get("step")) or 0 if metrics else 0
        lines = read_lines(run / RUNGS_NAME / str(part) / METRICS_NAME)
        metrics += [{**one, "step": before + (number(one.get("step")) or 0)} for one in lines]
    return metrics


def read_lines(path: Path) -> list[Figures]:
    """The JSON objects of a file, a line each, with every text made visible; none when there is no file.

    NaN and infinities are read as such. A last line without its end, which a kill leaves, is left out.
    """
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UserError(f"cannot read ({error.strerror})", where=path, mend="check the path") from None
    *whole, torn = text.split("\n")
    lines = [_parse(line, where=f"{path}:{index}") for index, line in enumerate(whole, 1) if line.strip()]
    try:
        return [*lines, _parse(torn, where=path)]
    except UserError:
        return lines


def _parse(line: str, *, where: object) -> Figures:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"not JSON ({error})", where=where, mend="one JSON object a line") from None
    if not isinstance(value, dict):
        raise UserError("not a JSON object", where=where, mend="one JSON object a line")
    return visible_values(value)  # type: ignore[no-any-return]
