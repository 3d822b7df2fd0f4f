"""What a verifier says: a status, the method that decided it, and the reason in words.

A value and nothing more; `judge.py` makes them and `reward.py` turns them into rewards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Status = Literal[
    "correct",
    "incorrect",
    "no_answer",
    "malformed",
    "ambiguous",
    "wrong_form",
    "timeout",
    "gold_error",
]
STATUSES: tuple[str, ...] = get_args(Status)

#: A response with one of these says nothing about the model: a trainer must skip it, not punish it.
UNDECIDED: frozenset[str] = frozenset({"timeout", "gold_error"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Is this answer right, and how do we know?

    `method` is the stage that decided (`exact`, `polynomial`, `interval-40`, `sympy`, ...); `witness`
    is the evidence: after a rejection a point where the two sides differ and the enclosures that prove
    it, after an acceptance what was checked. `steps` are what was done on the way, in order: where the
    answer was found, what was mended, which kind it was compared as. `answer` is the text that was
    judged, `microseconds` what judging cost.
    """

    status: Status
    method: str
    reason: str
    answer: str | None = None
    microseconds: int = 0
    witness: dict[str, Any] | None = field(default=None, compare=False)
    steps: tuple[str, ...] = field(default=(), compare=False)

    @property
    def reward(self) -> float | None:
        """1.0 for correct, None where nothing was decided, otherwise 0.0."""
        if self.status == "correct":
            return 1.0
        return None if self.status in UNDECIDED else 0.0

    @property
    def correct(self) -> bool:
        return self.status == "correct"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: `status`, `method`, `reason`, `microseconds`, and what else is known."""
        row: dict[str, Any] = {
            "status": self.status,
            "method": self.method,
            "reason": self.reason,
            "microseconds": self.microseconds,
            "answer": self.answer,
            "steps": list(self.steps),
        }
        return row if self.witness is None else row | {"witness": self.witness}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Verdict:
        """The inverse of `as_dict`."""
        return cls(**{**row, "steps": tuple(row.get("steps", ()))})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one comparison found: `same` is True, False, or None when it could not tell.

    `status` is set only where the plain reading of `same` would be wrong, as for `wrong_form`.
    """

    same: bool | None
    method: str
    reason: str
    status: Status | None = None
    witness: dict[str, Any] | None = None
