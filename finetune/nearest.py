"""The model whose held-out accuracy is nearest to a target: for a stage that should leave something to learn.

A small model's skill arrives as a phase transition, so neither a number of steps nor the first measurement
over a threshold says when to stop. Every measured model is a candidate, and the best one stands on disk.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from finetune.best import Keep, replace_folder
from schemas import atomic_writer


@dataclass(frozen=True)
class Kept:
    """The candidate that is kept: the step it was measured after, and what was measured. Step 0 is none."""

    step: int = 0
    accuracy: float = 0.0
    format_rate: float = 0.0


class Nearest:
    """Keeps, in `folder`, the model nearest to `target` accuracy among those that reach `format_rate`.

    While none reaches it, the one with the highest format rate.
    """

    def __init__(self, folder: Path, keep: Keep, *, target: float, band: float, format_rate: float) -> None:
        self.folder, self.keep = folder, keep
        self.target, self.band, self.format_rate = target, band, format_rate
        self.state_file = folder / "kept.json"
        self.kept = Kept()
        if self.state_file.exists():
            self.kept = Kept(**orjson.loads(self.state_file.read_bytes()))

    @property
    def model(self) -> Path:
        """The folder of the model that is kept."""
        return self.folder / f"step-{self.kept.step}"

    def measured(self, step: int, figures: dict[str, float], model: Any) -> None:
        """Take note of a measurement, and keep the model when it is a better candidate."""
        candidate = Kept(step, figures["accuracy"], figures["format_rate"])
        if self.kept.step and self._merit(candidate) <= self._merit(self.kept):
            return
        old = self.kept
        folder = self.folder / f"step-{step}"
        replace_folder(folder, lambda place: self.keep(model, place))
        with atomic_writer(self.state_file) as file:
            file.write(orjson.dumps(candidate))
        self.kept = candidate
        if old.step not in (0, step):
            shutil.rmtree(self.folder / f"step-{old.step}", ignore_errors=True)

    def passed(self, figures: dict[str, float]) -> bool:
        """Whether accuracy is over the target by more than the band: nothing nearer is to come."""
        return figures["accuracy"] > self.target + self.band

    def _merit(self, candidate: Kept) -> tuple[float, float]:
        return min(candidate.format_rate, self.format_rate), -abs(candidate.accuracy - self.target)
