"""Rows of problems from families, levels, a split and a seed: the same arguments give the same rows.

Every item has its own random generator, seeded by a hash of all that names the item, so a row depends
neither on the order rows are made in nor on what else is made beside it. Whether an answer is true is
`proof.py`'s business; how a row is shown to a model is `render.py`'s.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from datagen.problems.family import SPLITS, Family, Problem, fingerprint, split_of
from datagen.problems.register import find
from schemas import Row, UserError, unknown_name
from verifiers import AnswerSpec

# Draws in a row without one new item after which a stream counts as exhausted. With N equally likely
# items and one left to find, the chance to miss it is exp(-PATIENCE / N): 5e-5 for N = 500.
PATIENCE = 5000


class ExhaustedError(UserError):
    """No problem is left that was not given out already."""


@dataclass
class Stream:
    """All problems of one family, level, split and seed, numbered from 0, no two the same.

    What it remembers is the fingerprints it has given out, so its rows must be asked for in order.
    """

    family: Family
    level: int
    split: str
    seed: int
    seen: set[str] = field(default_factory=set, repr=False)
    _rng: random.Random = field(default_factory=random.Random, repr=False)

    def row(self, index: int) -> Row:
        """Row number `index`. Raises `ExhaustedError` when the split holds no item not yet given out."""
        for attempt in range(PATIENCE):
            problem, mark = self._draw(index, attempt)
            if mark not in self.seen and split_of(mark) == self.split:
                self.seen.add(mark)
                return self._row(problem, mark, index, attempt)
        raise self._exhausted()

    def _draw(self, index: int, attempt: int) -> tuple[Problem, str]:
        self._rng.seed(item_seed(self.family, self.level, self.split, self.seed, index, attempt))
        problem = self.family.construct(self._rng, self.level)
        return problem, fingerprint(problem)

    def _row(self, problem: Problem, mark: str, index: int, attempt: int) -> Row:
        family = self.family
        meta = {"recipe": "problems", "seed": self.seed, "index": index, "attempt": attempt}
        return {
            "id": f"{family.name}-{self.level}-{self.split}-{self.seed}-{index:06d}",
            "family": family.name,
            "field": family.field,
            "level": self.level,
            "split": self.split,
            "prompt": [{"role": "user", "content": prompt_text(family, problem.question)}],
            "question": problem.question,
            "answer": problem.answer,
            "spec": dict(_spec_columns(problem.spec)),
            "solution": problem.solution,
            "given": problem.given,
            "fingerprint": mark,
            "meta": {**meta, "version": family.version},
        }

    def _exhausted(self) -> ExhaustedError:
        found = f"{len(self.seen):,} distinct item{'' if len(self.seen) == 1 else 's'}"
        return ExhaustedError(
            f"{self.family.name} at level {self.level} has no new problem left in the {self.split} split"
            f" after {found}",
            mend="ask for a smaller count, or add levels or families",
        )


def prompt_text(family: Family, question: str) -> str:
    """What the user's message says: the question, and how to answer where the question needs it said."""
    return f"{question}\n{family.instruction}" if family.instruction else question


@lru_cache(maxsize=4096)
def _spec_columns(spec: AnswerSpec) -> dict[str, Any]:
    return spec.as_dict()


def item_seed(family: Family, level: int, split: str, seed: int, index: int, attempt: int) -> int:
    """64 bits from a hash of everything that names an item.

    A hash and not a sum: with `seed + index`, item 1 of seed 42 would be item 0 of seed 43.
    """
    name = f"{family.name}/{family.version}/{level}/{split}/{seed}/{index}/{attempt}"
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def draw(family: Family | str, level: int, split: str, seed: int, index: int) -> Row:
    """One problem row by itself, as `generate` makes it unless an earlier row was the same problem."""
    (stream,) = _streams([family.name if isinstance(family, Family) else family], [level], seed, split)
    return stream.row(index)


def generate(
    names: Iterable[str], levels: Iterable[int], count: int, seed: int = 0, split: str = "train"
) -> Turns:
    """`count` problem rows, taking turns over families and levels, no problem twice.

    A family that has no further distinct problem at a level in this split is left out from there on.
    Raises `UserError` at once for an unknown family, level or split, and, on reaching it, when none of
    them has a further problem.
    """
    if count < 1:
        raise UserError(f"cannot make {count} problems", mend="ask for a count of 1 or more")
    return Turns(_streams(names, levels, seed, split), count)


class Turns(Iterator[Row]):
    """An iterator over `count` rows, one of each stream in turn; `dry` are the streams with none left."""

    def __init__(self, streams: Sequence[Stream], count: int) -> None:
        self.dry: list[Stream] = []
        self._rows = self._take(streams, count)

    def __next__(self) -> Row:
        return next(self._rows)

    def _take(self, streams: Sequence[Stream], count: int) -> Iterator[Row]:
        live = list(streams)
        made = index = 0
        while made < count:
            if not live:
                raise _all_dry(streams, made, count)
            for stream in list(live):
                try:
                    row = stream.row(index)
                except ExhaustedError:
                    live.remove(stream)
                    self.dry.append(stream)
                    continue
                yield row
                made += 1
                if made == count:
                    return
            index += 1


def _all_dry(streams: Sequence[Stream], made: int, count: int) -> ExhaustedError:
    names = ", ".join(dict.fromkeys(stream.family.name for stream in streams))
    levels = ", ".join(map(str, dict.fromkeys(stream.level for stream in streams)))
    chosen = f"{names} at level {levels}, {streams[0].split}"
    return ExhaustedError(
        f"there are only {made:,} of the {count:,} problems wanted ({chosen})",
        mend=f"ask for a count of {made}, or add levels or families",
    )


def _streams(names: Iterable[str], levels: Iterable[int], seed: int, split: str) -> list[Stream]:
    if split not in SPLITS:
        raise unknown_name("split", split, SPLITS)
    chosen = [find(name) for name in dict.fromkeys(names)]
    wanted = list(dict.fromkeys(levels))
    if not chosen or not wanted:
        raise UserError("no family or no level is chosen", mend="name at least one of each")
    for family in chosen:
        for level in wanted:
            if level not in family.levels:
                known = f"{family.levels[0]} to {family.levels[-1]}"
                raise UserError(f"{family.name} has no level {level}", mend=f"its levels are {known}")
    return [Stream(family, level, split, seed) for family in chosen for level in wanted]
