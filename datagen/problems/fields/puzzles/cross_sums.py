"""Kakuro on a full rectangle: digits that differ within each line, and the sum of every line.

Cells are shown until looking at one line after the other leaves a single digit for each, so there is one
solution by construction. The proof goes through all fillings row by row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import MATRIX
from datagen.problems.text import boxed, counted, listing

Grid = list[list[int]]

SUMS = {1: (2, 2, 1), 2: (2, 3, 1), 3: (3, 3, 2), 4: (3, 4, 3), 5: (4, 4, 5)}  # rows, columns, given cells


@family(
    name="cross_sums",
    wordings=(
        "Fill each empty cell of the grid {rows}, written 0, with a digit from 1 to 9. No digit may be "
        "repeated within a row or within a column. The sums of the rows, from the top, are {across}, and "
        "those of the columns, from the left, are {down}. Answer with the full grid as a matrix.",
        "A grid has {height} rows with the sums {across} and {width} columns with the sums {down}. Its "
        "cells hold digits from 1 to 9, all different within each row and within each column. With 0 for "
        "the cells that are not known, it is {rows}. Find the grid and write it as a matrix.",
        "Kakuro: complete {rows}, where 0 marks an empty cell, with digits from 1 to 9 so that the rows "
        "add up to {across} and the columns to {down}, in this order, and no row or column has a digit "
        "twice. Give the completed grid as a matrix.",
    ),
)
def cross_sums(rng: random.Random, level: int) -> Problem:
    """A grid of digits with the sums of its lines, narrowed down until each cell has one digit left."""
    height, width, known = SUMS[level]
    grid = _digits(rng, height, width)
    order = rng.sample([(row, column) for row in range(height) for column in range(width)], height * width)
    shown = order[:known] if level > 2 else order[: rng.randint(0, known)]
    while True:
        given = [[grid[r][c] if (r, c) in shown else 0 for c in range(width)] for r in range(height)]
        lines: list[str] = []
        open_cells = _narrowed(grid, given, lines)
        if not open_cells:
            break
        shown = [*shown, rng.choice(open_cells)]
    across, down = list(map(sum, grid)), [sum(column) for column in zip(*grid, strict=True)]
    turned = [list(column) for column in zip(*given, strict=True)]
    return Problem(
        question=cross_sums.ask(
            rng,
            rows=given,
            height=height,
            width=width,
            across=listing(list(map(str, across))),
            down=listing(list(map(str, down))),
        ),
        answer=str(grid),
        spec=MATRIX,
        solution="\n".join([*lines, boxed(str(grid))]),
        given={"rows": given, "across": across, "down": down},
        key=("cross_sums", min(_sums_shape(given, across, down), _sums_shape(turned, down, across))),
    )


def _sums_shape(given: Grid, across: Sequence[int], down: Sequence[int]) -> tuple[Any, ...]:
    """Rows and columns may be put in any order."""
    columns = sorted(range(len(down)), key=lambda c: (down[c], sorted(row[c] for row in given)))
    rows = sorted((total, tuple(row[c] for c in columns)) for total, row in zip(across, given, strict=True))
    return tuple(down[c] for c in columns), tuple(rows)


def _digits(rng: random.Random, height: int, width: int) -> Grid:
    """Rows of digits, none of them twice in a row or a column."""
    grid: Grid = []
    while len(grid) < height:
        row = rng.sample(range(1, 10), width)
        if all(digit not in column for digit, column in zip(row, zip(*grid, strict=True), strict=False)):
            grid.append(row)
    return grid


def _narrowed(grid: Grid, given: Grid, lines: list[str]) -> list[tuple[int, int]]:
    """Which cells keep several digits when no line narrows any further; the steps are added to `lines`."""
    height, width = len(grid), len(grid[0])
    fits = {
        (r, c): {given[r][c]} if given[r][c] else set(range(1, 10))
        for r in range(height)
        for c in range(width)
    }
    across = [(f"Row {r + 1}", [(r, c) for c in range(width)]) for r in range(height)]
    down = [(f"Column {c + 1}", [(r, c) for r in range(height)]) for c in range(width)]
    changed = True
    while changed:
        changed = False
        for name, cells in across + down:
            before = [fits[cell] for cell in cells]
            if all(len(digits) == 1 for digits in before):
                continue
            total = sum(grid[r][c] for r, c in cells)
            options = list(_options(before, total))
            after = [set(digits) for digits in zip(*options, strict=True)]
            if after != before:
                changed = True
                fits.update(zip(cells, after, strict=True))
                lines.append(f"{name}, sum {total}: {_option_text(options, cells, before, after)}.")
    return [cell for cell, digits in fits.items() if len(digits) > 1]


def _options(fits: Sequence[set[int]], total: int, used: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Every way to fill a line with different digits that fit and have the sum."""
    if len(fits) == 1:
        if total in fits[0] and total not in used:
            yield (*used, total)
        return
    for digit in sorted(fits[0]):
        if digit < total and digit not in used:
            yield from _options(fits[1:], total - digit, (*used, digit))


def _option_text(
    options: Sequence[tuple[int, ...]],
    cells: Sequence[tuple[int, int]],
    before: Sequence[set[int]],
    after: Sequence[set[int]],
) -> str:
    if len(options) <= 4:
        ways = [", ".join(map(str, option)) for option in options]
        return f"only {ways[0]} is possible" if len(ways) == 1 else f"possible are {' or '.join(ways)}"
    news = [
        f"cell ({r + 1}, {c + 1}) is {listing(list(map(str, sorted(new))), 'or')}"
        for (r, c), old, new in zip(cells, before, after, strict=True)
        if new != old
    ]
    return f"{counted(len(options), 'way')}, in which {listing(news)}"


@cross_sums.proof
def _cross_sums(given: Given) -> str:
    rows, across, down = given["rows"], given["across"], given["down"]

    def fillings(done: list[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
        if len(done) == len(rows):
            yield done
            return
        columns = [list(column) for column in zip(*done, strict=True)] or [[] for _ in down]
        below = len(rows) - len(done) - 1
        rooms = [total - sum(column) for total, column in zip(down, columns, strict=True)]
        digits = []
        for known, column, room in zip(rows[len(done)], columns, rooms, strict=True):
            low, high = room - sum(range(9, 9 - below, -1)), room - sum(range(1, below + 1))
            each = [known] if known else range(max(1, low), min(9, high) + 1)
            digits.append([digit for digit in each if digit not in column and low <= digit <= high])
        for row in _different(digits, across[len(done)]):
            yield from fillings([*done, row])

    (only,) = fillings([])
    return str([list(row) for row in only])


def _different(digits: Sequence[Sequence[int]], total: int) -> Iterator[tuple[int, ...]]:
    """Rows of different digits, one of each list, with this sum."""
    if not digits:
        if not total:
            yield ()
        return
    for digit in digits[0]:
        if digit <= total:
            others = [[other for other in each if other != digit] for each in digits[1:]]
            for row in _different(others, total - digit):
                yield (digit, *row)
