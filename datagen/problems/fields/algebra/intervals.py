"""Solutions of inequalities as intervals: rays, unions, sign charts. For constructions; proofs ask sympy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from datagen.problems.fields.algebra.writing import Number

RELATIONS = ("<", "<=", ">", ">=")
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def ray(relation: str, bound: object) -> str:
    """The numbers that are `<`, `<=`, `>` or `>=` the bound."""
    if relation in ("<", "<="):
        return f"(-infinity, {bound}{']' if relation == '<=' else ')'}"
    return f"{'[' if relation == '>=' else '('}{bound}, infinity)"


def union(points: Sequence[tuple[Number, bool]], inside: Sequence[bool]) -> str:
    """The solution in interval notation.

    `points` are (place, whether it belongs to the solution) in rising order, `inside` says of each of the
    intervals between them, the outer ones too, whether it belongs.
    """
    pieces: list[str] = []
    start: str | None = "(-infinity" if inside[0] else None
    for (place, belongs), before, after in zip(points, inside, inside[1:], strict=False):
        if before and not (belongs and after):
            pieces.append(f"{start}, {place}{']' if belongs else ')'}")
            start = None
        if after and start is None:
            start = f"{'[' if belongs else '('}{place}"
    if start is not None:
        pieces.append(f"{start}, infinity)")
    return " U ".join(pieces)


def between(places: Sequence[Number]) -> list[Number]:
    """A number in each of the intervals into which rising `places` cut the line, an integer if one fits."""
    samples: list[Number] = [places[0] // 1 - 1]
    for low, high in pairwise(places):
        whole = low // 1 + 1
        samples.append(whole if whole < high else Fraction(low + high) / 2)
    return [*samples, places[-1] // 1 + 1]


def holds(value: Number, relation: str) -> bool:
    """Whether `value relation 0`."""
    return {"<": value < 0, "<=": value <= 0, ">": value > 0, ">=": value >= 0}[relation]


def sign_chart(
    function: Callable[[Number], Number], places: Sequence[Number], relation: str
) -> tuple[list[str], list[bool]]:
    """A line on the sign in each interval between the places, and in which of them `relation 0` holds."""
    ends = ["-infinity", *map(str, places), "infinity"]
    lines, inside = [], []
    for low, high, x in zip(ends, ends[1:], between(places), strict=False):
        value = function(x)
        inside.append(holds(value, relation))
        sign = "positive" if value > 0 else "negative"
        lines.append(f"On ({low}, {high}) it is {sign}: at x = {x} the value is {value}.")
    return lines, inside
