"""Puzzles on a square board: queens that attack nobody, and magic squares.

Constructions solve what they ask by forced steps; the proofs search by themselves, or solve the equations.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.puzzles.elimination import only_solution
from datagen.problems.specs import checked_by
from datagen.problems.text import boxed, listing

Grid = list[list[int]]

QUEENS = {
    1: ((6, 3), (7, 4)),
    2: ((7, 3), (8, 4)),
    3: ((9, 3), (9, 4)),
    4: ((10, 3), (11, 4)),
    5: ((12, 3), (13, 4)),
}
"""Per level: the sizes of the board, each with the number of queens that are already placed."""


@family(
    name="n_queens",
    wordings=(
        "Place {size} queens on a board of {size} rows and {size} columns so that no two of them share a "
        "row, a column or a diagonal. {placed} queens are fixed already: {queens}. Answer with the column "
        "of the queen in each row, from the first row to the last, separated by commas.",
        "On a chessboard of {size} by {size} squares there are {placed} queens, at {queens}. Add queens "
        "until there are {size}, none of which attacks another along a row, a column or a diagonal. List "
        "the columns of the queens row by row, starting with row 1, separated by commas.",
        "Extend the queens at {queens} to a solution of the {size} queens problem: one queen in every row "
        "and column of the {size} by {size} board, and at most one on every diagonal. Give the column of "
        "each row's queen in the order of the rows, separated by commas.",
    ),
)
def n_queens(rng: random.Random, level: int) -> Problem:
    """Queens added to some that are placed, always in the row with the fewest free squares."""
    size, count = rng.choice(QUEENS[level])
    while True:
        placed = _apart(rng, size, count)
        lines: list[str] = []
        queens = _extended(placed, size, lines)
        if queens:
            break
    columns = [queens[row] for row in range(1, size + 1)]
    answer = ", ".join(map(str, columns))
    given = [[row, column] for row, column in sorted(placed.items())]
    lines.append(f"Rows plus columns: {_joined(row + column for row, column in enumerate(columns, 1))}.")
    lines.append(f"Rows minus columns: {_joined(row - column for row, column in enumerate(columns, 1))}.")
    lines.append("No column, no sum and no difference comes twice, so no two queens attack each other.")
    return Problem(
        question=n_queens.ask(
            rng,
            size=size,
            placed=count,
            queens=listing([f"(row {row}, column {column})" for row, column in given]),
        ),
        answer=answer,
        spec=checked_by("n_queens", size=size, placed=given),
        solution="\n".join([*lines, boxed(answer)]),
        given={"size": size, "placed": given},
        key=("n_queens", size, _least_view([(row - 1, column - 1) for row, column in given], size)),
    )


def _joined(numbers: Iterator[int]) -> str:
    return ", ".join(map(str, numbers))


def _apart(rng: random.Random, size: int, count: int) -> dict[int, int]:
    """Column by row of some queens that do not attack each other."""
    while True:
        rows = rng.sample(range(1, size + 1), count)
        placed = dict(zip(rows, rng.sample(range(1, size + 1), count), strict=True))
        if len({r + c for r, c in placed.items()}) == len({r - c for r, c in placed.items()}) == count:
            return placed


def _extended(placed: dict[int, int], size: int, lines: list[str]) -> dict[int, int]:
    """A solution with these queens, or an empty one; the steps are added to `lines`."""
    free = {row: list(range(1, size + 1)) for row in range(1, size + 1)}
    for row, column in placed.items():
        free = _still_free(free, row, column)
    return _searched(placed, free, lines)


def _still_free(free: dict[int, list[int]], row: int, column: int) -> dict[int, list[int]]:
    """The free columns of every other row once there is a queen in this row and column."""
    return {
        other: [c for c in columns if c != column and abs(c - column) != abs(other - row)]
        for other, columns in free.items()
        if other != row
    }


def _searched(placed: dict[int, int], free: dict[int, list[int]], lines: list[str]) -> dict[int, int]:
    if not free:
        return placed
    row = min(free, key=lambda row: len(free[row]))
    if not free[row]:
        lines.append(f"Now row {row} has no free square: go back to the last choice.")
        return {}
    for column in free[row]:
        if len(lines) > 25:
            return {}
        if len(free[row]) == 1:
            lines.append(f"In row {row} only column {column} is free.")
        else:
            lines.append(
                f"In row {row} the columns {listing(list(map(str, free[row])))} are free: try {column}."
            )
        found = _searched(placed | {row: column}, _still_free(free, row, column), lines)
        if found:
            return found
    return {}


def _least_view(cells: Sequence[tuple[int, int]], size: int) -> tuple[tuple[int, int], ...]:
    """The cells in whichever of the eight views of a square board is the least."""
    last = size - 1
    views = []
    for _ in range(4):
        cells = [(column, last - row) for row, column in cells]
        views += [tuple(sorted(cells)), tuple(sorted((column, row) for row, column in cells))]
    return min(views)


@n_queens.proof
def _n_queens(given: Given) -> str:
    size, fixed = given["size"], {row - 1: column - 1 for row, column in given["placed"]}

    taken = [0, 0, 0]  # columns and diagonals of the queens that are fixed, as bits
    for row, column in fixed.items():
        for kind, line in enumerate((column, row + column, row - column + size)):
            taken[kind] |= 1 << line

    def search(row: int, columns: int, rising: int, falling: int) -> list[int] | None:
        if row == size:
            return []
        if row in fixed:
            rest = search(row + 1, columns, rising, falling)
            return None if rest is None else [fixed[row] + 1, *rest]
        for column in range(size):
            up, down = row + column, row - column + size
            if not (columns >> column & 1 or rising >> up & 1 or falling >> down & 1):
                rest = search(row + 1, columns | 1 << column, rising | 1 << up, falling | 1 << down)
                if rest is not None:
                    return [column + 1, *rest]
        return None

    return ", ".join(map(str, search(0, *taken) or ()))


@n_queens.variants
def _n_queens_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    columns, size = list(map(int, answer.split(", "))), given["size"]
    board = "\n".join("." * (column - 1) + "Q" + "." * (size - column) for column in columns)
    pairs = ", ".join(f"({row}, {column})" for row, column in enumerate(columns, 1))
    row, column = given["placed"][0]
    moved = [*columns[: row - 1], column % size + 1, *columns[row:]]
    misses = [moved, sorted(columns), columns[:-1], [*columns, 1]]
    return [board, pairs, f"[{answer}]"], [", ".join(map(str, miss)) for miss in misses]


SQUARES = {1: (3, 4, 5), 2: (3, 5, 6), 3: (4, 5, 6), 4: (4, 7, 8), 5: (5, 8, 9)}
"""Per level: the order, and the least and the greatest number of empty cells. 2 and 4 use other numbers."""
PAIRS = {  # two Latin squares whose diagonals have every number too, and which together have every pair
    4: (
        ((0, 1, 2, 3), (2, 3, 0, 1), (3, 2, 1, 0), (1, 0, 3, 2)),
        ((0, 2, 3, 1), (1, 3, 2, 0), (2, 0, 1, 3), (3, 1, 0, 2)),
    ),
    5: tuple(
        tuple(tuple((slope * row + column) % 5 for column in range(5)) for row in range(5))
        for slope in (2, 3)
    ),
}


@family(
    name="magic_square",
    wordings=(
        "Complete this magic square, in which 0 stands for an empty cell: {rows}. {numbers} Every row, every "
        "column and both diagonals have the sum {total}. Answer with the full square as a matrix in the "
        "same form.",
        "In {rows} the zeros are empty cells. Fill them so that each row, each column and each of the two "
        "diagonals adds up to {total}. {numbers} Write the completed square as a matrix.",
        "All rows, columns and both diagonals of a magic square have the same sum, here {total}. {numbers} "
        "Some cells are empty, written 0: {rows}. What is the whole square, as a matrix?",
    ),
)
def magic_square(rng: random.Random, level: int) -> Problem:
    """A magic square whose empty cells are found one by one, each from a line that lacks nothing else."""
    order, low, high = SQUARES[level]
    empty = rng.randint(low, high)
    normal = level in (1, 3, 5)
    while True:
        square = _square(rng, order, normal)
        steps = _emptied(rng, square, empty)
        if len(steps) == empty:
            break
    total = sum(square[0])
    given = [list(row) for row in square]
    for row, column, _ in steps:
        given[row][column] = 0
    last = order * order
    numbers = (
        f"It has the numbers from 1 to {last}, each once." if normal else "Its numbers are all different."
    )
    return Problem(
        question=magic_square.ask(rng, rows=given, total=total, numbers=numbers),
        answer=str(square),
        spec=checked_by("magic_square", order=order, given=given, normal=normal, total=total),
        solution=f"{_lines_worked(square, steps)}\n{boxed(str(square))}",
        given={"rows": given, "total": total, "normal": normal},
        key=("magic_square", total, min(_views(given))),
    )


def _square(rng: random.Random, order: int, normal: bool) -> Grid:
    """A magic square of different positive integers: those from 1 on, or others."""
    if order == 3:
        steps = rng.sample((1, 3), 2) if normal else rng.sample(range(1, 12), 2)
        a, b = steps
        while b == 2 * a or a == 2 * b:
            a, b = rng.sample(range(1, 12), 2)
        center = 5 if normal else a + b + rng.randint(1, 30)
        offsets = ((a, -a - b, b), (b - a, 0, a - b), (-b, a + b, -a))
        square = [[center + offset for offset in row] for row in offsets]
        return rng.choice([[list(row) for row in view] for view in _views(square)])
    first, second = PAIRS[order]
    while True:
        high, low = list(range(0, order * order, order)), list(range(1, order + 1))
        if not normal:
            high, low = rng.sample(range(40), order), rng.sample(range(1, 20), order)
        rng.shuffle(high)
        rng.shuffle(low)
        square = [
            [high[h] + low[v] for h, v in zip(*rows, strict=True)] for rows in zip(first, second, strict=True)
        ]
        if len({number for row in square for number in row}) == order * order:
            return square


def _views(rows: Sequence[Sequence[int]]) -> list[tuple[tuple[int, ...], ...]]:
    """A square in its eight views."""
    views = []
    for _ in range(4):
        rows = [row[::-1] for row in zip(*rows, strict=True)]
        views += [tuple(map(tuple, rows)), tuple(zip(*rows, strict=True))]
    return views


def _lines(order: int) -> dict[str, list[tuple[int, int]]]:
    """The cells of every row and column and of the two diagonals, numbered from 0."""
    places = range(order)
    return {
        **{f"Row {row + 1}": [(row, column) for column in places] for row in places},
        **{f"Column {column + 1}": [(row, column) for row in places] for column in places},
        "The diagonal from the top left": [(place, place) for place in places],
        "The diagonal from the top right": [(place, order - 1 - place) for place in places],
    }


def _emptied(rng: random.Random, square: Grid, empty: int) -> list[tuple[int, int, str]]:
    """Cells that can be emptied one after the other, each the only empty one of a line then; last one "
    "first."""
    order = len(square)
    lines = _lines(order)
    gone: list[tuple[int, int, str]] = []
    left = {(row, column) for row in range(order) for column in range(order)}
    for place in rng.sample(range(order * order), order * order):
        cell = divmod(place, order)
        name = next((name for name, cells in lines.items() if cell in cells and left.issuperset(cells)), "")
        if name:
            gone.append((*cell, name))
            left.remove(cell)
            if len(gone) == empty:
                break
    return gone[::-1]


def _lines_worked(square: Grid, steps: Sequence[tuple[int, int, str]]) -> str:
    total, lines = sum(square[0]), _lines(len(square))
    worked = [f"Each line has the sum {total}; take a line with one empty cell, again and again."]
    for row, column, name in steps:
        others = " - ".join(str(square[r][c]) for r, c in lines[name] if (r, c) != (row, column))
        worked.append(f"{name}, cell ({row + 1}, {column + 1}): {total} - {others} = {square[row][column]}.")
    return "\n".join(worked)


@magic_square.proof
def _magic_square(given: Given) -> str:
    rows, total = given["rows"], given["total"]
    order = len(rows)
    unknown = [(i, j) for i in range(order) for j in range(order) if not rows[i][j]]
    across = [[(i, j) for j in range(order)] for i in range(order)]
    down = [list(cells) for cells in zip(*across, strict=True)]
    slanted = [[(i, i) for i in range(order)], [(i, order - 1 - i) for i in range(order)]]
    equations, sides = [], []
    for cells in across + down + slanted:
        equations.append([Fraction(cell in cells) for cell in unknown])
        sides.append(Fraction(total - sum(rows[i][j] for i, j in cells)))
    values = dict(zip(unknown, only_solution(equations, sides), strict=True))
    full = [[rows[i][j] or int(values[i, j]) for j in range(order)] for i in range(order)]
    numbers = sorted(number for row in full for number in row)
    if len(set(numbers)) < order * order or (
        given["normal"] and numbers != list(range(1, order * order + 1))
    ):
        raise ValueError("the numbers are not as they are said to be")
    return str(full)


@magic_square.variants
def _magic_square_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    rows = [row.split(", ") for row in answer[2:-2].split("], [")]
    same = [
        "\n".join(" ".join(row) for row in rows),
        "\\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + " \\end{pmatrix}",
    ]
    misses = [
        [rows[1], rows[0], *rows[2:]],
        [[rows[0][1], rows[0][0], *rows[0][2:]], *rows[1:]],
        given["rows"],
    ]
    return same, ["; ".join(" ".join(map(str, row)) for row in miss) for miss in misses]
