"""How many threads are fastest right now? Found out while the real work runs, and again when things change.

Pure bookkeeping over measured times; leaves the clock and llama.cpp to those who use it. The tokens do not
depend on the answer.
"""

from __future__ import annotations

import os
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_THREADS = 8
ROUNDS = 4
HOPELESS = 3.0
"""A candidate this many times slower than the best so far is not tried again in the same trial."""
CLEARLY = 1.05
"""More threads must be faster by this factor to be worth the cores they take from others."""
DRIFT = 1.4
RECENT = 16
AGAIN_AFTER_S = 10.0
AGAIN_AT_MOST_S = 160.0


def default_threads() -> int:
    """The cores this process may use, at most 8: decoding is bound by memory, not by cores."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, MOST_THREADS))


def candidates(most: int) -> tuple[int, ...]:
    """The thread counts worth trying, fewest first.

    >>> candidates(1), candidates(2), candidates(6)
    ((1,), (1, 2), (1, 2, 4, 6))
    """
    powers = [2**power for power in range(most.bit_length()) if 2**power < most]
    return (*powers, most)


@dataclass
class ThreadTuner:
    """Chooses among `counts` by the median time a row, and again every now and then.

    Before each piece of work ask `current`, after it `record(rows, seconds)`. In a trial the counts take
    turns, as the machine and the work change meanwhile; of each turn the first piece is not counted, since
    threads start in it. A trial begins anew when pieces of another size come (by more than `alike`).
    """

    counts: Sequence[int]
    alike: float = 1.25
    current: int = field(init=False)
    trials: int = field(default=0, init=False)
    _costs: dict[int, list[float]] = field(default_factory=dict, init=False)
    _order: list[int] = field(default_factory=list, init=False)
    _warm: bool = field(default=False, init=False)
    _rows: int = field(default=0, init=False)
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT), init=False)
    _usual: float = field(default=0.0, init=False)
    _worked_s: float = field(default=0.0, init=False)
    _patience_s: float = field(default=AGAIN_AFTER_S, init=False)

    def __post_init__(self) -> None:
        # Until something is known, one thread: never wrong by much, where too many can be by a thousand.
        self.current = min(self.counts)
        if len(self.counts) > 1:
            self._begin(0)

    @property
    def trying(self) -> bool:
        """Whether a trial is under way."""
        return bool(self._order)

    def record(self, rows: int, seconds: float) -> None:
        """Note that a piece of `rows` rows took `seconds` with `current` threads."""
        if len(self.counts) < 2 or rows < 1:
            return
        if self.trying:
            self._try(rows, seconds / rows)
        else:
            self._watch(rows, seconds)

    def _begin(self, rows: int) -> None:
        self._rows, self._warm = rows, False
        self._costs = {count: [] for count in self.counts}
        self._order = list(self.counts) * ROUNDS
        self.current = self._order[0]

    def _try(self, rows: int, cost: float) -> None:
        if not self._alike(rows):
            self._begin(rows)
            return
        hopeless = self._warm is False and self._hopeless(cost)
        if not self._warm and not hopeless:
            self._warm = True
            return
        self._costs[self.current].append(cost)
        tried = self.current
        del self._order[0]
        if hopeless:
            self._order = [count for count in self._order if count != tried]
        self._warm = False
        if self._order:
            self.current = self._order[0]
        else:
            self._settle()

    def _hopeless(self, cost: float) -> bool:
        known = [min(costs) for costs in self._costs.values() if costs]
        return bool(known) and cost > HOPELESS * min(known)

    def _settle(self) -> None:
        medians = {count: statistics.median(costs) for count, costs in self._costs.items()}
        best = min(medians.values())
        chosen = min(count for count, cost in medians.items() if cost <= best * CLEARLY)
        # The same answer again and again is asked for less often.
        same = self.trials > 0 and chosen == self._chosen
        self._patience_s = min(2 * self._patience_s, AGAIN_AT_MOST_S) if same else AGAIN_AFTER_S
        self.current = self._chosen = chosen
        self._usual, self._worked_s = medians[chosen], 0.0
        self._recent.clear()
        self.trials += 1

    _chosen: int = field(default=0, init=False)

    def _watch(self, rows: int, seconds: float) -> None:
        self._worked_s += seconds
        if self._alike(rows):
            self._recent.append(seconds / rows)
        drifted = False
        if len(self._recent) == RECENT:
            ratio = statistics.median(self._recent) / self._usual
            drifted = not 1 / DRIFT < ratio < DRIFT
        if drifted:
            self._patience_s = AGAIN_AFTER_S
        if drifted or self._worked_s >= self._patience_s:
            self._begin(rows)

    def _alike(self, rows: int) -> bool:
        return self._rows / self.alike <= rows <= self._rows * self.alike
