"""A figure of an audit with its interval, a table, and the statistics behind both. Knows nothing of rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Z = 1.96
"""Standard errors to either side of a 95% interval."""


@dataclass(frozen=True)
class Figure:
    """One number: `says` what it is, `of` how many it was counted over, `low` and `high` of a 95% interval.

    A `limited` figure may be held to a limit. `examples` are places that show what is meant. `plain` figures
    are told as they are, others as percentages.
    """

    name: str
    value: float
    says: str
    of: int
    low: float | None = None
    high: float | None = None
    limited: bool = True
    plain: bool = False
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows of text and numbers under a title, each as long as `columns`."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Part:
    """What one look at the rows found."""

    title: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


def share(
    name: str,
    count: int,
    of: int,
    says: str,
    *,
    limited: bool = True,
    examples: Sequence[str] = (),
) -> Figure:
    """`count` of `of` as a figure, with its interval."""
    low, high = wilson(count / of, of)
    return Figure(name, count / of, says, of, low, high, limited, examples=tuple(examples[:3]))


def wilson(proportion: float, count: float) -> tuple[float, float]:
    """The 95% interval of a proportion seen among `count`. Source: Wilson 1927.

    >>> [round(end, 3) for end in wilson(0.5, 10)]
    [0.237, 0.763]
    """
    spread = Z * math.sqrt(proportion * (1 - proportion) / count + Z * Z / (4 * count * count))
    middle, scale = proportion + Z * Z / (2 * count), 1 + Z * Z / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def length_auc(differences: Sequence[float]) -> tuple[float, float, float]:
    """How well the difference in length tells which answer was chosen: AUC, and its 95% interval.

    Each pair is shown to the classifier both ways round, so that 0.5 is chance: the AUC is then the share of
    pairs of pairs (one with itself too) whose differences add up to more than 0, ties counting half. That is
    Wilcoxon's signed-rank statistic over n(n+1)/2, but for a pair with itself counting half as much. Its
    variance is that of a U-statistic (Hoeffding 1948), turned into the size of a sample for Wilson's
    interval, so that a handful of pairs never looks certain.
    """
    import numpy as np

    found = np.sort(np.asarray(differences, dtype=float))
    count = len(found)
    above = count - np.searchsorted(found, -found, side="right")
    equal = np.searchsorted(found, -found, side="right") - np.searchsorted(found, -found, side="left")
    beaten = (above + equal / 2) / count
    auc = float(beaten.mean())
    variance = 4 * float(beaten.var()) / count
    size = auc * (1 - auc) / variance if variance > 0 else count
    return auc, *wilson(auc, max(1.0, min(size, count)))


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and the ends of its 95% interval, by the normal law."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return mean, -math.inf, math.inf
    error = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1) / count)
    return mean, mean - Z * error, mean + Z * error


def percentiles(values: Sequence[float]) -> tuple[float, ...]:
    """Smallest, 5%, 25%, median, 75%, 95%, largest: each a value that is there (nearest rank)."""
    ordered = sorted(values)
    ranks = [max(0, math.ceil(part / 100 * len(ordered)) - 1) for part in (0, 5, 25, 50, 75, 95, 100)]
    return tuple(ordered[rank] for rank in ranks)
