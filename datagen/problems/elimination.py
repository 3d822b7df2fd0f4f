"""Linear systems and one kind of quadratic worked in writing: every line an equation that holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd, isqrt

from datagen.problems.text import grouped, linear, polynomial

Row = tuple[int, ...]


def equation(row: Row, names: Sequence[str]) -> str:
    """`2x - y = 7` of coefficients and a right side."""
    return f"{linear(list(zip(row[:-1], names, strict=True)))} = {row[-1]}"


def worked_linear(rows: Sequence[Row], names: Sequence[str]) -> Iterator[str]:
    """Unknowns eliminated one after the other, then found from the last to the first."""
    numbered = dict(enumerate(rows, 1))
    live = list(numbered)
    used: list[tuple[int, int]] = []  # (place of the unknown, number of the equation that gives it)
    for place in range(len(names)):
        holders = [number for number in live if numbered[number][place]]
        pivot = min(holders, key=lambda number: (abs(numbered[number][place]), number))
        used.append((place, pivot))
        live.remove(pivot)
        for number in [number for number in live if numbered[number][place]]:
            times, less, row = _without(numbered[pivot], numbered[number], place)
            new = len(numbered) + 1
            numbered[new] = row
            live[live.index(number)] = new
            yield f"{times}*({number}) - {grouped(less)}*({pivot}): ({new}) {equation(row, names)}."
    known: dict[int, Fraction] = {}
    for place, number in reversed(used):
        row = numbered[number]
        moved = [(row[other], value) for other, value in sorted(known.items()) if row[other]]
        right = row[-1] - sum((factor * value for factor, value in moved), Fraction(0))
        known[place] = right / row[place]
        left = linear([(row[place], names[place])])
        shown = "".join(f" - {grouped(factor)}*{_operand(value)}" for factor, value in moved)
        step = f"From ({number}): {left} = {row[-1]}{shown}" + (f" = {right}" if moved else "")
        yield f"{step}, so {names[place]} = {known[place]}." if row[place] != 1 else f"{step}."


def worked_rectangle(longer: int, area: int) -> Iterator[str]:
    """The positive root of x*(x + longer) = area by the quadratic formula."""
    discriminant = longer * longer + 4 * area
    root = isqrt(discriminant)
    yield f"Multiplied out: {polynomial([1, longer, -area])} = 0."
    yield f"The discriminant is {longer}^2 + 4*{area} = {discriminant} = {root}^2."
    yield (
        f"So x = (-{longer} + {root})/2 = {(root - longer) // 2} or "
        f"x = (-{longer} - {root})/2 = {-(root + longer) // 2}; a length is positive."
    )


def _without(pivot: Row, row: Row, place: int) -> tuple[int, int, Row]:
    """(m, n, m * row - n * pivot), in which the unknown at `place` is gone; m is positive."""
    common = gcd(pivot[place], row[place])
    times, less = pivot[place] // common, row[place] // common
    if times < 0:
        times, less = -times, -less
    return times, less, tuple(times * b - less * a for a, b in zip(pivot, row, strict=True))


def _operand(value: Fraction) -> str:
    return f"({value})" if value < 0 or value.denominator > 1 else str(value)
