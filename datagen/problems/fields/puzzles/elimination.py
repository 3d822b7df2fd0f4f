"""Linear equations solved exactly, for the proofs of puzzles that add up; no construction uses it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def only_solution(equations: Sequence[Sequence[Fraction]], sides: Sequence[Fraction]) -> list[Fraction]:
    """The unknowns of a linear system with exactly one solution, by Gauss and Jordan.

    Raises `ValueError` when there is no solution or more than one.

    >>> only_solution([[Fraction(1), Fraction(1)], [Fraction(1), Fraction(-1)]], [Fraction(5), Fraction(1)])
    [Fraction(3, 1), Fraction(2, 1)]
    """
    rows = [[*equation, side] for equation, side in zip(equations, sides, strict=True)]
    count = len(rows[0]) - 1
    for column in range(count):
        pivot = next((place for place in range(column, len(rows)) if rows[place][column]), None)
        if pivot is None:
            raise ValueError("more than one solution")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [entry / head for entry in rows[column]]
        for place, row in enumerate(rows):
            if place != column and row[column]:
                factor = row[column]
                rows[place] = [a - factor * b for a, b in zip(row, rows[column], strict=True)]
    if any(row[-1] for row in rows[count:]):
        raise ValueError("no solution")
    return [row[-1] for row in rows[:count]]
