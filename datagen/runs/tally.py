"""How far a run is, counted: items, rows, tokens, reasons, and what they come to in a second.

Rates are those of the last minute and of what was made now; what the journal replays takes no time worth
counting. Only counts: `progress.py` draws.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from datagen.runs.journal import Outcome

WINDOW_S = 60.0
STEP_S = 0.25
"""Amounts of less than this are kept as one."""

Clock = Callable[[], float]


class Meter:
    """How much a second, over the last minute or since the first `start`."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self.total = 0
        self._marks: deque[tuple[float, int]] = deque()

    def start(self) -> None:
        """Work begins; only the first call counts."""
        if not self._marks:
            self._marks.append((self._clock(), 0))

    def add(self, amount: int) -> None:
        """Count `amount` now."""
        self.start()
        self.total += amount
        now = self._clock()
        if len(self._marks) > 1 and now - self._marks[-2][0] < STEP_S:
            self._marks.pop()
        self._marks.append((now, self.total))
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW_S:
            self._marks.popleft()

    def rate(self) -> float:
        """Amount a second; 0 before anything was made."""
        if not self._marks:
            return 0.0
        now = self._clock()
        old = [mark for mark in self._marks if mark[0] <= now - WINDOW_S]
        began, before = old[-1] if old else self._marks[0]
        # An old mark tells what was there when the minute began.
        seconds = now - (max(began, now - WINDOW_S) if old else began)
        return (self.total - before) / seconds if seconds > 0 else 0.0


@dataclass
class Tally:
    """How far a run is, in items (`rows` apart). `keep`: rows asked for; `total`: items, where known.

    `replayed` items were finished before; of the `answers` that the others took, `recalled` were there.
    """

    total: int | None
    keep: int | None = None
    done: int = 0
    accepted: int = 0
    rows: int = 0
    replayed: int = 0
    answers: int = 0
    recalled: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    clock: Clock = time.monotonic
    started: float = -1.0
    made_tokens: Meter = field(init=False)
    made_items: Meter = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()
        self.made_tokens, self.made_items = Meter(self.clock), Meter(self.clock)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    @property
    def tokens(self) -> int:
        """Tokens made now, none of them replayed."""
        return self.made_tokens.total

    @property
    def asked(self) -> int | None:
        """Rows asked for, or else items there are; None when the items have no end."""
        return self.total if self.keep is None else self.keep

    @property
    def got(self) -> int:
        """How many of `asked` there are: rows, or else items."""
        return self.done if self.keep is None else min(self.rows, self.keep)

    @property
    def eta_s(self) -> float | None:
        """Seconds that the rest will take at the rate of the last minute and the yield so far, or None."""
        pace = self.made_items.rate()
        if self.asked is None or not pace:
            return None
        if self.keep is None:
            return (self.asked - self.done) / pace
        if not self.rows:
            return None
        return (self.keep - self.got) / (pace * self.rows / self.done)

    def begin(self) -> None:
        """Something is made from now on, and no longer replayed."""
        self.made_tokens.start()
        self.made_items.start()

    def add(self, outcome: Outcome, *, replayed: bool) -> None:
        """Count one finished item."""
        self.done += 1
        self.replayed += replayed
        if not replayed:
            self.made_items.add(1)
        self._count(outcome, 1)

    def settle(self, before: Outcome, after: Outcome) -> None:
        """Count an item as what it became in the order of the items."""
        if after is not before:
            self._count(before, -1)
            self._count(after, 1)

    def _count(self, outcome: Outcome, sign: int) -> None:
        self.rows += sign * len(outcome.rows)
        if outcome.reason is None:
            self.accepted += sign
        else:
            self.rejected[outcome.reason] += sign
