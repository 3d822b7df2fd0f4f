"""One family at one level in one split, as an endless numbered stream of rows, no two the same problem.

Every item has its own randomness, from a hash of all that names the item, so a row depends neither on the
order rows are made in nor on what else is made beside it. Which streams are drawn from, and when, is
`mix.py`'s; whether an answer is true is `proof.py`'s; how a row is shown to a model is `render.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from datagen.problems.draws import Draws
from datagen.problems.family import Family, Problem, mark_of, split_of
from datagen.problems.seen import Seen
from schemas import Row, UserError
from verifiers import AnswerSpec

# Draws in a row without one new item after which a stream counts as exhausted. With N equally likely
# items and one left to find, the chance to miss it is exp(-PATIENCE / N): 5e-5 for N = 500.
PATIENCE = 5000


class ExhaustedError(UserError):
    """No problem is left that was not given out already."""


Accept = Callable[[Row], bool]


@dataclass
class Stream:
    """All problems of one family, level, split and seed, numbered from 0, no two the same.

    What it remembers is the fingerprints it has given out, so its rows must be asked for in order. `next` is
    the number of the next one.
    """

    family: Family
    level: int
    split: str
    seed: int
    seen: Seen = field(default_factory=Seen, repr=False)
    next: int = 0
    _draws: Draws = field(default_factory=Draws, repr=False)

    def __post_init__(self) -> None:
        self._prefix = item_prefix(self.family, self.level, self.split, self.seed)
        self._id = f"{self.family.name}-{self.level}-{self.split}-{self.seed}-"
        self._instruction = f"\n{self.family.instruction}" if self.family.instruction else ""

    def row(self, index: int) -> Row:
        """Row number `index`. Raises `ExhaustedError` when the split holds no item not yet given out."""
        attempt = 0
        while attempt < PATIENCE:
            problem, mark, attempt = self.candidate(index, attempt)
            if self.seen.add(mark):
                self.next = index + 1
                return self.as_row(problem, mark, index, attempt)
            attempt += 1
        raise self.exhausted()

    def candidate(self, index: int, attempt: int = 0) -> tuple[Problem, int, int]:
        """The first draw for row `index`, from `attempt` on, that belongs to this split: new or not.

        The problem, its mark, and which attempt it was. Raises `ExhaustedError` like `row`.
        """
        draws, prefix, construct, level = self._draws, self._prefix, self.family.construct, self.level
        for number in range(attempt, PATIENCE):
            draws.restart(b"%s%d/%d" % (prefix, index, number))
            problem = construct(draws, level)
            mark = mark_of(problem)
            if split_of(mark) == self.split:
                return problem, mark, number
        raise self.exhausted()

    def as_row(self, problem: Problem, mark: int, index: int, attempt: int) -> Row:
        """The problem as a row."""
        family = self.family
        return {
            "id": f"{self._id}{index:06d}",
            "family": family.name,
            "field": family.field,
            "level": self.level,
            "split": self.split,
            "prompt": [{"role": "user", "content": problem.question + self._instruction}],
            "question": problem.question,
            "answer": problem.answer,
            "spec": spec_columns(problem.spec),
            "solution": problem.solution,
            "given": problem.given,
            "fingerprint": f"{mark:016x}",
            "meta": {
                "recipe": "problems",
                "seed": self.seed,
                "index": index,
                "attempt": attempt,
                "version": family.version,
            },
        }

    def exhausted(self) -> ExhaustedError:
        """To be raised when there is nothing left."""
        found = f"{len(self.seen):,} distinct item{'' if len(self.seen) == 1 else 's'}"
        return ExhaustedError(
            f"{self.family.name} at level {self.level} has no new problem left in the {self.split} split"
            f" after {found}",
            mend="ask for a smaller count, or add levels or families",
        )


def item_prefix(family: Family, level: int, split: str, seed: int) -> bytes:
    """The part of an item's name that all items of a stream share.

    The name is hashed and not added up: with `seed + index`, item 1 of seed 42 would be item 0 of seed 43.
    """
    return f"{family.name}/{family.version}/{level}/{split}/{seed}/".encode()


def item_name(family: Family, level: int, split: str, seed: int, index: int, attempt: int) -> bytes:
    """Everything that names an item; `Draws` makes its randomness of it."""
    return b"%s%d/%d" % (item_prefix(family, level, split, seed), index, attempt)


def spec_columns(spec: AnswerSpec) -> dict[str, Any]:
    """The specification as a row holds it. Those without parameters are few, and made once."""
    return dict(_plain_columns(spec)) if spec.parameters is None else spec.as_dict()


@lru_cache(maxsize=4096)
def _plain_columns(spec: AnswerSpec) -> dict[str, Any]:
    return spec.as_dict()
