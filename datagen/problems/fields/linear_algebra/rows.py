"""Matrices as rows of whole numbers: draws, elementary arithmetic, elimination, and all of it as text.

Plain Python and fast. Proofs use sympy or other formulas instead, so that nothing here can vouch for itself.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from datagen.problems.text import linear, listing

Rows = list[list[int]]
Exact = int | Fraction
MATRIX_FORM = "Write the answer as a matrix, row by row, like [[1, 2], [3, 4]]."


def drawn(rng: random.Random, height: int, width: int, largest: int, least: int | None = None) -> Rows:
    """A matrix of entries from `least` (by default the negative of `largest`) to `largest`."""
    low = -largest if least is None else least
    span = largest - low + 1
    return [[low + int(rng.random() * span) for _ in range(width)] for _ in range(height)]


def drawn_vector(rng: random.Random, size: int, largest: int) -> list[int]:
    """A vector other than zero, with entries from -largest to largest."""
    while True:
        (vector,) = drawn(rng, 1, size, largest)
        if any(vector):
            return vector


def frozen(rows: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The rows as tuples, for a key."""
    return tuple(tuple(row) for row in rows)


def largest_of(rows: Sequence[Sequence[int]]) -> int:
    """The largest absolute value of an entry."""
    return max(abs(entry) for row in rows for entry in row)


def turned(rows: Sequence[Sequence[int]]) -> Rows:
    """The transpose."""
    return [list(column) for column in zip(*rows, strict=True)]


def identity(size: int) -> Rows:
    return [[int(i == j) for j in range(size)] for i in range(size)]


def dot(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(left, right, strict=True))


def product(left: Rows, right: Rows) -> Rows:
    columns = list(zip(*right, strict=True))
    return [[dot(row, column) for column in columns] for row in left]


def applied(rows: Rows, vector: Sequence[int]) -> list[int]:
    """The matrix times a column."""
    return [dot(row, vector) for row in rows]


def without(rows: Rows, down: int, along: int) -> Rows:
    """The rows without one row and one column."""
    return [[*row[:along], *row[along + 1 :]] for place, row in enumerate(rows) if place != down]


def determinant(rows: Rows) -> int:
    """By expansion along the first row."""
    if len(rows) == 1:
        return rows[0][0]
    if len(rows) == 2:
        (a, b), (c, d) = rows
        return a * d - b * c
    if len(rows) == 3:
        (a, b, c), (d, e, f), (g, h, i) = rows
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    signed = ((-1) ** j * entry for j, entry in enumerate(rows[0]))
    return sum(entry * determinant(without(rows, 0, j)) for j, entry in enumerate(signed) if entry)


def unimodular(rng: random.Random, size: int, steps: int) -> tuple[Rows, Rows]:
    """A matrix of determinant 1 and its inverse, by adding multiples of rows to other rows."""
    rows, inverse = identity(size), identity(size)
    for step in range(steps):
        i = (step if size == 2 else int(rng.random() * size)) % size
        j = (i + 1 + int(rng.random() * (size - 1))) % size
        factor = (1, -1, 1, -1, 2, -2)[int(rng.random() * 6)]
        rows[i] = [a + factor * b for a, b in zip(rows[i], rows[j], strict=True)]
        for row in inverse:
            row[j] -= factor * row[i]
    return rows, inverse


def shown(rows: Sequence[Sequence[Exact]]) -> str:
    """`[[1, 2], [3, 1/2]]`."""
    return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in rows) + "]"


def vector_text(vector: Sequence[Exact]) -> str:
    """`(1, 2)`."""
    return f"({', '.join(map(str, vector))})"


def sum_text(values: Sequence[int]) -> str:
    """`3 - 4 + 5`."""
    text = str(values[0])
    for value in values[1:]:
        text += f" {'-' if value < 0 else '+'} {abs(value)}"
    return text


def dot_text(left: Sequence[int], right: Sequence[int]) -> str:
    """The products one by one, with their signs pulled out: `3*4 - 2*5`."""
    text = ""
    for a, b in zip(left, right, strict=True):
        sign = ("-" if a * b < 0 else "") if not text else " - " if a * b < 0 else " + "
        text += f"{sign}{abs(a)}*{abs(b)}"
    return text


def names(count: int) -> list[str]:
    """What the unknowns are called: x, y, z, or x_1, x_2, ... where they are more."""
    return list("xyz"[:count]) if count < 4 else [f"x_{place}" for place in range(1, count + 1)]


def equation(row: Sequence[int], right: int) -> str:
    """`2x - y = 3`."""
    return f"{linear(list(zip(row, names(len(row)), strict=True)))} = {right}"


def eliminated(rows: Rows, columns: int | None = None) -> tuple[Rows, list[int], list[str]]:
    """Echelon form in whole numbers, the columns of its pivots, and a line of text for every column cleared.

    Pivots are looked for in the first `columns` columns; the others only go along.
    """
    left = [list(row) for row in rows]
    pivots: list[int] = []
    lines = []
    for column in range(len(rows[0]) if columns is None else columns):
        top = len(pivots)
        candidates = [i for i in range(top, len(left)) if left[i][column]]
        if not candidates:
            continue
        best = min(candidates, key=lambda i: (abs(left[i][column]), i))
        pivots.append(column)
        steps = []
        if best != top:
            left[top], left[best] = left[best], left[top]
            steps.append(f"swap R{top + 1} and R{best + 1}")
        for i in range(top + 1, len(left)):
            if left[i][column]:
                left[i], step = _cleared(left[i], left[top], column, i, top)
                steps.append(step)
        if steps:
            lines.append(f"{', '.join(steps)}: {shown(left)}")
    return left, pivots, lines


def _cleared(row: list[int], above: list[int], column: int, i: int, top: int) -> tuple[list[int], str]:
    """`row` with its entry in `column` cleared by the pivot row `above`, and the step in words."""
    common = gcd(row[column], above[column])
    keep, take = above[column] // common, row[column] // common
    if keep < 0:
        keep, take = -keep, -take
    changed = [keep * a - take * b for a, b in zip(row, above, strict=True)]
    content = gcd(*changed) or 1
    step = linear([(keep, f"R{i + 1}"), (-take, f"R{top + 1}")])
    if content > 1:
        return [entry // content for entry in changed], f"R{i + 1} -> ({step})/{content}"
    return changed, f"R{i + 1} -> {step}"


def back_substituted(echelon: Rows, pivots: list[int], free: dict[int, int]) -> tuple[list[Exact], list[str]]:
    """The solution of an augmented echelon form with these values for the free unknowns, and its steps."""
    count = len(echelon[0]) - 1
    called = names(count)
    values: list[Exact] = [free.get(place, 0) for place in range(count)]
    lines = []
    for row, pivot in reversed(list(zip(echelon, pivots, strict=False))):
        rest: Exact = row[count]
        for j in range(pivot + 1, count):
            if row[j]:
                rest = rest - row[j] * values[j]
        values[pivot] = quotient(rest, row[pivot])
        line = equation(row[:count], row[count])
        if sum(map(bool, row[:count])) > 1:
            line += f": {linear([(row[pivot], called[pivot])])} = {rest}"
        if row[pivot] != 1:
            line += f", so {called[pivot]} = {values[pivot]}"
        lines.append(f"{line}.")
    return values, lines


def null_solution(rows: Rows) -> tuple[list[int], list[str]]:
    """Whole numbers, not all 0, that the rows map to zero, and the steps that find them.

    There must be fewer independent rows than columns.
    """
    width = len(rows[0])
    echelon, pivots, lines = eliminated(rows)
    augmented = [[*row, 0] for row in echelon]
    unbound = [j for j in range(width) if j not in pivots]
    scale = lcm(*(value.denominator for value in back_substituted(augmented, pivots, {unbound[-1]: 1})[0]))
    values, steps = back_substituted(augmented, pivots, {unbound[-1]: scale})
    called = names(width)
    others = [called[j] for j in unbound[:-1]]
    choice = f"Choose {called[unbound[-1]]} = {scale}{' and ' + listing(others) + ' = 0' if others else ''}."
    return [int(value) for value in values], [*lines, choice, *steps]


def quotient(above: Exact, below: Exact) -> Exact:
    """The quotient, as an int where it is whole."""
    value = Fraction(above) / below
    return value.numerator if value.denominator == 1 else value
