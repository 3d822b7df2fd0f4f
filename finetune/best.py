"""The best model of a stage so far, and the way back to it when the current one falls far behind.

All that is known stands on disk before it is acted on, so that a run killed at any moment knows it again.
Leaves measuring to `evaluate.py` and training to the stage.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from schemas import atomic_writer

Keep = Callable[[Any, Path], None]
"""Writes a model into a folder, from which its stage can go on with it."""


@dataclass(frozen=True)
class Standing:
    """Where a stage stands. Steps count over all attempts; step 0 is the model the stage was given."""

    accuracy: float = -1.0
    """Held-out accuracy of the best model; below 0 when nothing was measured yet."""
    step: int = 0
    """The step after which it was measured."""
    first_step: int = 0
    """The step at which the current attempt began."""
    start: int = 0
    """The step of the model that the attempt began from."""
    rollbacks: int = 0
    last_step: int = 0
    last_accuracy: float = -1.0
    """The last measurement, by which a collapse is known."""


class Best:
    """Keeps the best model in `folder`. A collapse is a fall of accuracy by more than `collapse` below it."""

    def __init__(
        self, folder: Path, given: Path, keep: Keep, *, steps: int, collapse: float, rollbacks: int
    ) -> None:
        self.folder, self.given, self.keep = folder, given, keep
        self.steps, self.collapse, self.rollbacks = steps, collapse, rollbacks
        self.state_file = folder / "standing.json"
        self.standing = Standing()
        if self.state_file.exists():
            self.standing = Standing(**orjson.loads(self.state_file.read_bytes()))

    def model_of(self, step: int) -> Path:
        """The folder of the model kept after `step`."""
        return self.folder / f"step-{step}" if step else self.given

    @property
    def fallen(self) -> bool:
        """Whether the last measurement is far below the best one."""
        return self.standing.last_accuracy < self.standing.accuracy - self.collapse

    @property
    def may_roll_back(self) -> bool:
        """Whether the current attempt has collapsed, and another one is allowed and has steps left."""
        now = self.standing
        return self.fallen and now.rollbacks < self.rollbacks and now.first_step < now.last_step < self.steps

    def measured(self, step: int, accuracy: float, model: Any) -> None:
        """Take note of a measurement, and keep the model when it is the best one.

        The model a stage was given stays the best only if training made it worse.
        """
        now = self.standing
        better = accuracy > now.accuracy or (now.step == 0 < step and accuracy >= now.accuracy)
        if better and step:
            replace_folder(self.model_of(step), lambda folder: self.keep(model, folder))
        if better:
            now = dataclasses.replace(now, accuracy=accuracy, step=step)
        self._now_stands(dataclasses.replace(now, last_step=step, last_accuracy=accuracy))

    def roll_back(self) -> None:
        """Begin another attempt, from the best model and with the steps that are left."""
        now = self.standing
        self._now_stands(
            dataclasses.replace(now, rollbacks=now.rollbacks + 1, first_step=now.last_step, start=now.step)
        )

    def _now_stands(self, standing: Standing) -> None:
        """Put it on disk; models that nothing refers to any more go, after that."""
        with atomic_writer(self.state_file) as file:
            file.write(orjson.dumps(standing))
        self.standing = standing
        needed = {self.model_of(standing.step), self.model_of(standing.start)}
        for folder in self.folder.glob("step-*"):
            if folder not in needed:
                shutil.rmtree(folder)


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a folder, which then takes the place of `folder`: whole, or not at all."""
    unfinished = folder.with_name(f".{folder.name}")
    for old in (unfinished, folder):
        shutil.rmtree(old, ignore_errors=True)
    write(unfinished)
    unfinished.rename(folder)
