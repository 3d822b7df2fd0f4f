"""What to expect of numbers drawn from bags: their mean, sum, difference, the largest and the smallest.

Constructions count the outcomes of each value; proofs average over all outcomes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import EXACT, final, plus, times, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import listing

EXPECTED: dict[int, tuple[int, int, int, tuple[str, ...]]] = {
    1: (1, 3, 12, ("mean",)),
    2: (2, 3, 12, ("sum",)),
    3: (2, 3, 12, ("difference",)),
}
EXPECTED |= {4: (2, 4, 11, ("largest", "smallest")), 5: (3, 8, 12, ("largest", "smallest"))}
"""Per level: how many bags, how many numbers are in one, from and to, and what is asked."""


@family(
    name="expected_number",
    wordings=(
        "{Bags}. {draw} What is the expected value of {asked}? " + EXACT,
        "{Bags}. {draw} Find the expected value of {asked}. " + EXACT,
        "{Bags}. {draw} How large is {asked} on average, that is, what is its expected value? " + EXACT,
    ),
)
def expected_number(rng: random.Random, level: int) -> Problem:
    """The expected number, sum, difference, largest or smallest of numbers drawn from bags."""
    count, low, high, asked = EXPECTED[level]
    kind = rng.choice(asked)
    starts = [rng.randint(1, 12 if count < 3 else 4) for _ in range(count)]
    ranges = [[start, start + rng.randint(low, high) - 1] for start in starts]
    if count > 1:  # overlapping, so that neither number is sure to be the larger
        ranges = [
            [ranges[0][0], max(ranges[0][1], ranges[0][0] + 3)],
            *[[ranges[0][0] + rng.randint(0, 2), 0] for _ in ranges[1:]],
        ]
        ranges[1:] = [[start, start + rng.randint(low, high) - 1] for start, _ in ranges[1:]]
    value, lines = _expected_lines(kind, ranges)
    names = ("A", "B", "C")
    bags = [
        f"bag {name} holds balls numbered {a} to {b}" for name, (a, b) in zip(names, ranges, strict=False)
    ]
    if count == 1:
        bags = [f"a bag holds balls numbered {ranges[0][0]} to {ranges[0][1]}"]
    return Problem(
        question=expected_number.ask(
            rng,
            Bags=listing(bags)[0].upper() + listing(bags)[1:],
            draw="One ball is drawn at random."
            if count == 1
            else "One ball is drawn at random from each bag.",
            asked={
                "mean": "its number",
                "sum": "the sum of the two numbers",
                "difference": "the difference of the two numbers, the larger minus the smaller or 0",
                "largest": f"the {'larger of the two' if count == 2 else 'largest of the three'} numbers",
                "smallest": f"the {'smaller of the two' if count == 2 else 'smallest of the three'} numbers",
            }[kind],
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"bags": ranges, "asked": kind},
        key=("expected_number", kind, *map(tuple, sorted(ranges))),
    )


def _expected_lines(kind: str, ranges: list[list[int]]) -> tuple[Fraction, list[str]]:
    if kind in ("mean", "sum"):
        means = [Fraction(low + high, 2) for low, high in ranges]
        lines = [
            f"The numbers {a} to {b} have the mean ({a} + {b})/2 = {m}."
            for (a, b), m in zip(ranges, means, strict=True)
        ]
        if kind == "mean":
            a, b = ranges[0]
            return means[0], [
                "All numbers are equally likely, so the mean of the first and the last is the mean of all.",
                final(f"({a} + {b})/2", means[0]),
            ]
        return sum(means, start=Fraction(0)), [
            *lines,
            "The expected value of a sum is the sum of the expected values.",
            final(plus(means), sum(means, start=Fraction(0))),
        ]
    sizes = [high - low + 1 for low, high in ranges]
    total = prod(sizes)
    counts: Counter[int] = Counter()
    if kind == "difference":
        (a, b), (c, d) = ranges
        for step in range(max(b, d) - min(a, c) + 1):
            up = max(0, min(b, d - step) - max(a, c - step) + 1)
            down = max(0, min(b, d + step) - max(a, c + step) + 1)
            counts[step] = up + down if step else up
    else:
        for value in range(min(low for low, _ in ranges), max(high for _, high in ranges) + 1):
            counts[value] = _outcomes_at(kind, value, ranges)
    counts = +counts
    names = {"difference": "difference", "largest": "maximum", "smallest": "minimum"}
    lines = [f"There are {times(sizes)} = {total} equally likely outcomes."]
    if kind != "difference":
        side = (
            "at most m, less the same with m - 1"
            if kind == "largest"
            else "at least m, less the same with m + 1"
        )
        lines.append(f"For the {names[kind]} m, count the outcomes with all numbers {side}.")
    shown_counts = ", ".join(f"{value}: {number}" for value, number in sorted(counts.items()))
    lines.append(f"Outcomes for each {names[kind]}: {shown_counts}.")
    weighted = sum(value * number for value, number in counts.items())
    products = plus(f"{value} * {number}" for value, number in sorted(counts.items()))
    lines.append(f"Sum of {names[kind]} times outcomes: {products} = {weighted}")
    mean = Fraction(weighted, total)
    return mean, [*lines, f"The expected value is {final(f'{weighted}/{total}', mean)}"]


def _outcomes_at(kind: str, value: int, ranges: list[list[int]]) -> int:
    """Outcomes whose largest or smallest number is `value`, as a difference of two boxes."""

    def box(bound: int) -> int:
        if kind == "largest":
            return prod(max(0, min(high, bound) - low + 1) for low, high in ranges)
        return prod(max(0, high - max(low, bound) + 1) for low, high in ranges)

    return box(value) - box(value - 1 if kind == "largest" else value + 1)


@expected_number.proof
def _expected_number(given: Given) -> str:
    """The mean over all outcomes, one by one."""
    of: dict[str, Callable[[tuple[int, ...]], int]] = {
        "mean": sum,
        "sum": sum,
        "largest": max,
        "smallest": min,
        "difference": lambda draw: max(draw) - min(draw),
    }
    measure = of[given["asked"]]
    draws = list(product(*(range(low, high + 1) for low, high in given["bags"])))
    return str(Fraction(sum(measure(draw) for draw in draws), len(draws)))


@expected_number.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    value = Fraction(answer)
    highs = [high for _, high in given["bags"]]
    return [], wrong(answer, value + Fraction(1, 2), value - Fraction(1, 2), max(highs) + 1)
