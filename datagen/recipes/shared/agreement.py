"""How well two judgements agree, and whether a share is more than chance: plain statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import comb


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """The share of cases of which both judgements say the same; NaN of none."""
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else float("nan")


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """Cohen's kappa of two judgements of the same cases: 1 is perfect, 0 what chance gives. NaN where both
    always say one and the same thing, or of no cases.

    Source: Cohen 1960, A Coefficient of Agreement for Nominal Scales.

    >>> kappa([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")])
    0.5
    """
    ours, theirs = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    total = len(pairs)
    # In whole numbers until the last division: perfect agreement is 1 and not nearly 1.
    by_chance = sum(count * theirs[label] for label, count in ours.items())
    same = sum(one == other for one, other in pairs)
    if total * total == by_chance:
        return float("nan")
    return (same * total - by_chance) / (total * total - by_chance)


def by_chance(successes: int, trials: int) -> float:
    """The probability of a share at least as far from a half as this one, if it were a coin (two-sided).

    >>> by_chance(5, 5), by_chance(2, 4)
    (0.0625, 1.0)
    """
    extreme = max(successes, trials - successes)
    tail: int = sum(comb(trials, count) for count in range(extreme, trials + 1))
    return float(min(1.0, 2 * tail / 2**trials))
