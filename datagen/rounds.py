"""Rounds of candidates, until there are enough rows: made up, sifted, and only then answered.

What is made up in a round may depend on the rounds before, never on the order in which answers come: so the rows
are the same for any concurrency and after any kill. What candidates are is the recipes' affair.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from datagen.generation import Generating, reasons
from datagen.keeping import Outcomes, Settle
from datagen.progress import by_reason
from datagen.run import Recipe
from schemas import Row

MOST_REASONS = 3


class Rounds:
    """One command's rounds. `rows` are how many there are, `number` that of the round under way."""

    def __init__(self, work: Generating, *, keep: int, floor: float) -> None:
        self.work, self.keep, self.floor = work, keep, floor
        self.found = Outcomes()
        self.rows = self.number = 0

    def run(
        self,
        candidates: Callable[[int], Sequence[Row]],
        sift: Recipe,
        settle: Settle,
        answer: Recipe,
        options: Any,
        *,
        kept: Callable[[list[Row]], object] = len,
    ) -> Outcomes:
        """The outcomes of `answer` over what `sift` and then `settle` leave of the `candidates` of each round.

        `kept` is told what is left before the next round. Ends at `keep` rows, or, saying so, when a round of
        so many candidates gave a smaller share of rows than `floor`.
        """
        for self.number in itertools.count(1):
            found = candidates(self.number)
            sifted = self.stage(sift, found, settle=settle)
            left = [row for outcome in sifted for row in outcome.rows]
            answered = self.stage(answer, left, options, keep=self.keep - self.rows)
            self.found += answered
            new = sum(len(outcome.rows) for outcome in answered)
            self.rows += new
            if self.work.dry or self.rows >= self.keep:
                return self.found
            if not found or new < self.floor * len(found):
                self.found.stopped = self._why(found, new, reasons([*sifted, *answered]))
                return self.found
            kept(left)
        raise AssertionError("rounds have no end")

    def stage(self, recipe: Recipe, items: Sequence[Any], options: Any = None, **more: Any) -> Outcomes:
        """One recipe over its items, if there are any."""
        if not items:
            return Outcomes()
        outcomes = self.work.run(recipe, items, options, **more)
        self.found.answers += outcomes.answers
        self.found.recalled += outcomes.recalled
        return outcomes

    def _why(self, candidates: Sequence[Row], new: int, why: Counter[str]) -> str:
        if not candidates:
            return f"no candidate in round {self.number}"
        told = by_reason(dict(why.most_common(MOST_REASONS)))
        return f"{new} of {len(candidates)} candidates of round {self.number} became rows ({told})"


def summary(work: Generating, outcomes: Iterable[Any], keep: int | None, unit: str = "rows") -> str:
    """How many rows of those wanted, and what each step turned down."""
    count = sum(len(outcome.rows) for outcome in outcomes)
    wanted = f"{count:,} {unit}" if keep is None or count >= keep else f"{count:,} of {keep:,} {unit}"
    told = [
        f"{stage.recipe} rejected {sum(stage.rejected.values()):,} of {stage.items:,}: {by_reason(stage.rejected)}"
        for stage in work.told_stages()
    ]
    return "; ".join([wanted, *told])
