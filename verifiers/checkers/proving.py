"""Equality of values within a budget that a whole check shares, however many values it compares."""

from __future__ import annotations

import time

from verifiers.checkers.base import DEADLINE_S, RefusedError, undecided
from verifiers.comparing.equal import same_value
from verifiers.parsing.tree import Node
from verifiers.verdict import Outcome

#: For all comparisons of one check together.
BUDGET_S = 1.0


class Prover:
    """Compares until the budget of the check is spent; then it raises `RefusedError`, undecided.

    Once the wall clock has used it up, only what needs no child process is compared, and that until it has
    cost the budget in processor time too: on a machine too busy to run us, sums of integers still count.
    """

    def __init__(self, budget_s: float = BUDGET_S) -> None:
        self.end = time.monotonic() + budget_s
        self.own_end = time.thread_time() + budget_s

    def same(self, left: Node, right: Node, *, both_ways: bool = False) -> Outcome:
        """`equal.same_value`; the answer is True or False."""
        left_s = self.end - time.monotonic()
        if left_s <= 0 and time.thread_time() >= self.own_end:
            raise RefusedError(undecided(f"no decision within {BUDGET_S:g} s"))
        outcome = same_value(left, right, max(0.0, min(DEADLINE_S, left_s)), both_ways=both_ways)
        if outcome.same is None:
            raise RefusedError(undecided(outcome.reason))
        return outcome
