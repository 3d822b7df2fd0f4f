"""The filters a user adds to a run: rules of a file, and evaluation sets that rows must keep clear of.

They look at rows in the order of the items, so a run has the same rows at any concurrency. What a filter
looks for is the other modules' affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datagen.filters.filter import Edit, Filter, Filtered, settled_by
from datagen.runs.journal import Outcome
from datagen.runs.keeping import Settle

AGAINST = "against"


@dataclass(frozen=True)
class RunFilters:
    """What a run turns down and changes besides what its recipe does."""

    contamination: Mapping[str, Filter]
    rules: Mapping[str, Filter]
    edits: Sequence[Edit]

    def questions(self) -> Settle | None:
        """For rows that are questions so far: what is in an evaluation set need not be answered."""
        return Filtered(self.contamination) if self.contamination else None

    def rows(self) -> Settle | None:
        """For whole rows: evaluation sets, the rules, then the edits."""
        steps: list[Settle] = []
        if self.contamination or self.rules:
            steps.append(Filtered({**self.contamination, **self.rules}))
        if self.edits:
            steps.append(self._edited)
        return settled_by(*steps) if steps else None

    def _edited(self, outcome: Outcome) -> Outcome:
        rows = outcome.rows
        for edit in self.edits:
            rows = [edit(row) for row in rows]
        return replace(outcome, row=rows)


def run_filters(rules: Path | None, against: Sequence[Path]) -> RunFilters:
    """The filters that a rule file and evaluation sets stand for; their faults are `UserError`s."""
    contamination: dict[str, Filter] = {}
    filters: dict[str, Filter] = {}
    edits: list[Edit] = []
    if against:
        from datagen.filters.decontaminate import contamination_filter

        contamination[AGAINST] = contamination_filter(against)
    if rules is not None:
        from datagen.filters.rules import filters_from

        filters, edits = filters_from(rules)
    return RunFilters(contamination, filters, edits)
