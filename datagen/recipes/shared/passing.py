"""What verified attempts say of a model: how often it is right, how sure that is, and at which problems.

Plain figures from counts; nothing of rows but `reward` and `id`. What is taken from the attempts for training
is `harvest.py`'s affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt

from schemas import Row

Z_95 = 1.959963984540054
"""A normal variable lies within so many standard deviations 95 times of 100."""


@dataclass(frozen=True)
class Passed:
    """Of the attempts at one problem: `right` of `judged`; those that no verifier could tell do not count."""

    right: int
    judged: int

    @property
    def rate(self) -> float:
        """The share of right ones; 0 where none was judged."""
        return self.right / self.judged if self.judged else 0.0

    @property
    def mixed(self) -> bool:
        """Whether some are right and some are wrong: what GRPO can learn from."""
        return 0 < self.right < self.judged


def passed_by_problem(attempts: Iterable[Row]) -> dict[str, Passed]:
    """The attempts counted by the id of their problem, in the order in which the problems first come."""
    right: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for attempt in attempts:
        judged[attempt["id"]] += attempt["reward"] is not None
        right[attempt["id"]] += attempt["reward"] == 1.0
    return {name: Passed(right[name], count) for name, count in judged.items()}


def pass_at_k(samples: int, right: int, k: int) -> float:
    """How likely one of `k` samples is right, when `right` of `samples` drawn were; unbiased.

    Source: Chen et al. 2021, Evaluating Large Language Models Trained on Code (arXiv:2107.03374), equation 1:
    1 - C(n - c, k) / C(n, k). Raises `ValueError` for a k of which there are no samples.

    >>> pass_at_k(4, 1, 1), pass_at_k(4, 1, 2), pass_at_k(4, 2, 3)
    (0.25, 0.5, 1.0)
    """
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} of {samples} samples")
    return 1 - comb(samples - right, k) / comb(samples, k)


def mean_pass_at_k(counts: Iterable[Passed], k: int) -> float | None:
    """pass@k over the problems that were judged at least `k` times; None when there is none."""
    rates = [pass_at_k(each.judged, each.right, k) for each in counts if each.judged >= k]
    return sum(rates) / len(rates) if rates else None


def pass_rate(counts: Sequence[Passed]) -> float:
    """The mean over problems of the share that is right."""
    rates = [each.rate for each in counts if each.judged]
    return sum(rates) / len(rates) if rates else 0.0


def interval(counts: Sequence[Passed]) -> tuple[float, float]:
    """A 95% interval for the pass rate on problems like these.

    Attempts at one problem resemble each other, so the spread is taken between problems: it gives how many
    independent attempts these are worth (Kish 1965, the design effect), and those go into Wilson's interval
    (1927), which holds near 0 and 1 too. Where all problems fare alike each is worth one attempt.
    """
    rates = [each.rate for each in counts if each.judged]
    if not rates:
        return 0.0, 1.0
    problems, attempts, mean = len(rates), sum(each.judged for each in counts), sum(rates) / len(rates)
    worth = float(problems)
    if problems > 1 and 0 < mean < 1:
        spread = sum((rate - mean) ** 2 for rate in rates) / (problems - 1) / problems
        worth = min(float(attempts), max(worth, mean * (1 - mean) / spread)) if spread else worth
    return wilson(mean, worth)


def wilson(share: float, count: float, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share among `count` independent draws."""
    middle = share + z * z / (2 * count)
    reach = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    below = 1 + z * z / count
    return max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below)


def histogram(counts: Iterable[Passed]) -> dict[str, int]:
    """How many problems are as hard as that for this model: never solved, up to a quarter of the time, ..."""
    names = ("never", "up to 1/4", "up to 1/2", "up to 3/4", "up to all", "always")
    found = dict.fromkeys(names, 0)
    for each in counts:
        if not each.judged:
            continue
        if each.right in (0, each.judged):
            found[names[-1] if each.right else names[0]] += 1
        else:
            quarter = -(-4 * each.right // each.judged)
            found[names[quarter]] += 1
    return found


def length_auc(pairs: Iterable[Row]) -> float:
    """How well length alone tells chosen from rejected answers: 0.5 not at all, 1 if the chosen is longer.

    The area under the ROC curve (Hanley and McNeil 1982): of a chosen and a rejected answer drawn at random,
    how likely the chosen one is longer, equal lengths counting half. By `meta.lengths` [chosen, rejected].
    """
    pairs = list(pairs)
    chosen = Counter(pair["meta"]["lengths"][0] for pair in pairs)
    rejected = Counter(pair["meta"]["lengths"][1] for pair in pairs)
    return auc(chosen, rejected)


def auc(above: Mapping[int, int], below: Mapping[int, int]) -> float:
    """The same of two counters of values."""
    total = sum(above.values()) * sum(below.values())
    shorter = wins = 0.0
    for value in sorted({*above, *below}):
        wins += above.get(value, 0) * (shorter + below.get(value, 0) / 2)
        shorter += below.get(value, 0)
    return wins / total if total else 0.5
