"""Rounds of candidates, until there are enough rows: made up, sifted, and only then answered.

What is made up in a round may depend on the rounds before, never on the order in which answers come: so the
rows are the same for any concurrency and after any kill. What candidates are is the recipes' affair.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.runs.generation import Generating, reasons
from datagen.runs.journal import Outcome
from datagen.runs.keeping import Outcomes, Settle
from datagen.runs.progress import by_reason
from datagen.runs.run import Recipe
from schemas import Row

MOST_REASONS = 3


@dataclass(frozen=True)
class Step:
    """A recipe with its options."""

    recipe: Recipe
    options: Any = None


class Rounds:
    """The rounds of one call of a command. `found` are the outcomes so far, `rows` their number of rows."""

    def __init__(self, work: Generating) -> None:
        self.work = work
        self.found = Outcomes()
        self.rows = 0

    def until(
        self,
        keep: int,
        floor: float,
        candidates: Callable[[int], Sequence[Row]],
        sift: Step,
        settle: Settle,
        answer: Step,
        *,
        kept: Callable[[list[Row]], object] = len,
    ) -> Outcomes:
        """The outcomes of `answer` over what `sift`, then `settle` leave of the `candidates` of each round.

        `kept` is told what is left before the next round. Ends at `keep` rows, or, saying so, when the rows
        of a round are none, or a smaller share of its candidates than `floor`.
        """
        for number in itertools.count(1):
            found = candidates(number)
            sifted = self.stage(sift.recipe, found, sift.options, settle=settle, rows="questions")
            left = rows_of(sifted)
            answered = self.take(self.stage(answer.recipe, left, answer.options, keep=keep - self.rows))
            new = len(rows_of(answered))
            if self.work.dry or self.rows >= keep:
                break
            if not new or new < floor * len(found):
                self.found.stopped = _why(number, found, new, reasons([*sifted, *answered]))
                break
            kept(left)
        return self.found

    def take(self, outcomes: Outcomes) -> Outcomes:
        """The same outcomes, which are of the last step: their rows are written."""
        self.found += outcomes
        self.rows += len(rows_of(outcomes))
        return outcomes

    def stage(self, recipe: Recipe, items: Sequence[Any], options: Any = None, **more: Any) -> Outcomes:
        """One recipe over its items, if there are any."""
        if not items:
            return Outcomes()
        outcomes = self.work.run(recipe, items, options, **more)
        self.found.answers += outcomes.answers
        self.found.recalled += outcomes.recalled
        return outcomes


def rows_of(outcomes: Iterable[Outcome]) -> list[Row]:
    """The rows of some outcomes, in order."""
    return [row for outcome in outcomes for row in outcome.rows]


def candidates_of(outcomes: Iterable[Outcome]) -> list[Row]:
    """The rows of some outcomes as items, each named after its item and its place there."""
    return [
        {"id": f"{outcome.item}-{place}", **row}
        for outcome in outcomes
        for place, row in enumerate(outcome.rows, 1)
    ]


def _why(number: int, candidates: Sequence[Row], new: int, why: Counter[str]) -> str:
    if not candidates:
        return f"no candidate in round {number}"
    told = by_reason(dict(why.most_common(MOST_REASONS)))
    return f"{new} of {len(candidates)} candidates of round {number} became rows ({told})"


def summary(work: Generating, outcomes: Iterable[Outcome], keep: int | None) -> str:
    """How many rows of those wanted, and what each step turned down."""
    count = len(rows_of(outcomes))
    wanted = f"{count:,} rows" if keep is None or count >= keep else f"{count:,} of {keep:,} rows"
    told = [
        f"{stage.recipe} turned down {sum(stage.rejected.values()):,} of {stage.items:,}"
        f" ({by_reason(stage.rejected)})"
        for stage in work.told_stages()
    ]
    return "; ".join([wanted, *told])
