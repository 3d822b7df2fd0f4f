"""Which finished items count, decided in the order of the items: how many, which are new, when to give up.

Recipes finish in any order and cannot see each other. Here their outcomes come one after another, always in
the same order, so that what is decided depends neither on concurrency nor on where a run was killed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from datagen.runs.journal import Outcome
from schemas import Row

DUPLICATE = "duplicate"

Settle = Callable[[Outcome], Outcome]
"""Looks at an accepted outcome, and at what it remembers of those before it; the same, or a rejection."""


@dataclass(frozen=True)
class Novelty:
    """Give up when fewer than `floor` of the last `window` items became rows; never before `window` items."""

    window: int = 200
    floor: float = 0.05


class Distinct:
    """Rejects rows whose `key` an earlier row had. Of an item of several rows the new ones stay.

    >>> distinct = Distinct(lambda row: row["text"].lower())
    >>> distinct(Outcome("a", {"text": "Hi"})).reason
    >>> distinct(Outcome("b", {"text": "hi"}))
    Outcome(item='b', row=None, reason='duplicate', detail='like a')
    """

    def __init__(self, key: Callable[[Row], Hashable]) -> None:
        self.key = key
        self._first: dict[Hashable, str] = {}

    def __call__(self, outcome: Outcome) -> Outcome:
        """The outcome without the rows that are there already; a rejection when none is left."""
        new, known = [], []
        for row in outcome.rows:
            key = self.key(row)
            if key in self._first:
                known.append(self._first[key])
            else:
                self._first[key] = outcome.item
                new.append(row)
        if not known:
            return outcome
        if not new:
            return Outcome(outcome.item, None, DUPLICATE, f"like {known[0]}")
        return replace(outcome, row=new, dropped=(*outcome.dropped, *[DUPLICATE] * len(known)))


class Keeper:
    """Takes the outcomes of a run in the order of the items, until enough are kept or it gives up.

    `outcomes` are those taken, `rows` how many rows they have, `stopped` why it ended before the items did.
    """

    def __init__(
        self, keep: int | None = None, settle: Settle | None = None, novelty: Novelty | None = None
    ) -> None:
        self.keep, self.settle, self.novelty = keep, settle, novelty
        self.outcomes: list[Outcome] = []
        self.rows = 0
        self.stopped: str | None = None
        self._last: deque[str | None] = deque(maxlen=novelty.window if novelty else 0)

    @property
    def done(self) -> bool:
        """Whether no further outcome counts."""
        return self.stopped is not None or (self.keep is not None and self.rows >= self.keep)

    def take(self, outcome: Outcome) -> Outcome:
        """The next outcome as it counts: settled, and without the rows that nobody asked for."""
        if self.settle is not None and outcome.accepted:
            outcome = self.settle(outcome)
        if self.keep is not None and self.rows + len(outcome.rows) > self.keep:
            outcome = replace(outcome, row=outcome.rows[: self.keep - self.rows])
        self.outcomes.append(outcome)
        self.rows += len(outcome.rows)
        if self.novelty is not None:
            self._last.append(outcome.reason)
            if not self.done:
                self.stopped = self._given_up(self.novelty)
        return outcome

    def _given_up(self, novelty: Novelty) -> str | None:
        new = self._last.count(None)
        if len(self._last) < novelty.window or new >= novelty.floor * novelty.window:
            return None
        reasons = Counter(reason for reason in self._last if reason is not None).most_common(3)
        told = ", ".join(f"{reason}: {count}" for reason, count in reasons)
        return f"{new} of the last {novelty.window} items became rows ({told})"


class Outcomes(list[Outcome]):
    """The outcomes of a run in the order of its items.

    `stopped` says why there are fewer rows than were asked for; of the `answers` that the items not finished
    before took, `recalled` were in the journal.
    """

    stopped: str | None = None
    answers: int = 0
    recalled: int = 0
