"""Grids of digits with one completion: sudoku and Latin squares.

A cell is emptied only where what is left still forces its digit, so the puzzle has one solution by
construction, and going back over the emptied cells solves it step by step. The proofs cover the grid with
placements, as an exact cover, and look for a second solution.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import MATRIX, checked_by
from datagen.problems.text import boxed

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
Step = tuple[str, int, int]  # why, the cell, its digit
REASONS = {
    "cell": "No other digit fits",
    "row": "Only place in the row",
    "column": "Only place in the column",
    "box": "Only place in the box",
}


def _filled(rng: random.Random, size: int) -> list[int]:
    """A random solved sudoku: a regular one, reordered, renamed, and with pairs of rows partly exchanged."""
    high, wide = BOXES[size]
    rows = [
        band * high + row for band in rng.sample(range(wide), wide) for row in rng.sample(range(high), high)
    ]
    columns = [
        stack * wide + column
        for stack in rng.sample(range(high), high)
        for column in rng.sample(range(wide), wide)
    ]
    digits = rng.sample(range(1, size + 1), size)
    shifts = [row % high * wide + row // high for row in rows]
    grid = [digits[(shift + column) % size] for shift in shifts for column in columns]
    for _ in range(size):
        _swap_in_rows(rng, grid, size, high)
    return grid


def _swap_in_rows(rng: random.Random, grid: list[int], size: int, high: int) -> None:
    """Exchange some cells of two rows of one band, so that every row, column and box keeps its digits."""
    first = rng.randrange(size)
    second = first // high * high + (first + 1) % high
    if second == first:
        return
    start = cell = rng.randrange(size)
    places = {grid[first * size + column]: column for column in range(size)}
    while True:
        above, below = first * size + cell, second * size + cell
        grid[above], grid[below] = grid[below], grid[above]
        cell = places[grid[above]]
        if cell == start:
            return


@cache
def _units(size: int, boxed_too: bool) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], ...]:
    """For each cell its units without the cell itself, each with its kind."""
    high, wide = BOXES.get(size, (1, size))
    cells = range(size * size)
    found = []
    for cell in cells:
        row, column = divmod(cell, size)
        together = [
            ("row", [c for c in cells if c // size == row]),
            ("column", [c for c in cells if c % size == column]),
        ]
        if boxed_too:
            corner = row // high, column // wide
            together.insert(0, ("box", [c for c in cells if (c // size // high, c % size // wide) == corner]))
        found.append(tuple((kind, tuple(c for c in unit if c != cell)) for kind, unit in together))
    return tuple(found)


@cache
def _peers(size: int, boxed_too: bool) -> tuple[tuple[int, ...], ...]:
    """For each cell all others that share a unit with it."""
    return tuple(tuple(sorted({c for _, unit in units for c in unit})) for units in _units(size, boxed_too))


def _dug(rng: random.Random, solved: Sequence[int], size: int, boxed_too: bool, empty: int) -> list[Step]:
    """Up to `empty` cells that can be emptied one after the other, each forced by what is left then.

    Returned in the order in which they are solved, the last emptied first.
    """
    units, peers = _units(size, boxed_too), _peers(size, boxed_too)
    bits = [1 << digit for digit in solved]
    left = list(bits)
    everything = (2 << size) - 2
    steps: list[Step] = []
    for cell in rng.sample(range(size * size), size * size):
        bit = bits[cell]
        seen = 0
        for peer in peers[cell]:
            seen |= left[peer]
        why = "cell" if seen | bit == everything else ""
        if not why:
            for kind, unit in units[cell]:
                if all(left[c] or _sees(left, peers[c], cell, bit) for c in unit):
                    why = kind
                    break
        if why:
            left[cell] = 0
            steps.append((why, cell, solved[cell]))
            if len(steps) == empty:
                break
    return steps[::-1]


def _sees(left: Sequence[int], peers: Sequence[int], but: int, bit: int) -> bool:
    """Whether a peer other than the cell `but` has this digit."""
    return any(left[peer] == bit and peer != but for peer in peers)


def _worked(steps: Sequence[Step], size: int) -> str:
    """The steps, neighbours with one reason on one line."""
    lines = [
        f"Fill one cell after the other; r1c2 is the cell in row 1, column 2, and {len(steps)} are empty."
    ]
    for why, group in groupby(steps, key=lambda step: step[0]):
        cells = ", ".join(f"r{cell // size + 1}c{cell % size + 1} = {digit}" for _, cell, digit in group)
        lines.append(f"{REASONS[why]}: {cells}.")
    return "\n".join(lines)


def _givens(solved: Sequence[int], steps: Sequence[Step], size: int) -> list[str]:
    """The rows of the puzzle as digits, 0 for an empty cell."""
    cells = list(solved)
    for _, cell, _ in steps:
        cells[cell] = 0
    return ["".join(map(str, cells[start : start + size])) for start in range(0, size * size, size)]


def _shape(givens: Sequence[str]) -> str:
    """The same for all puzzles that differ only in what their digits are called, or by a reflection."""
    turned = list(map("".join, zip(*givens, strict=True)))
    return min(_renamed("".join(rows)) for rows in (givens, turned))


def _renamed(cells: str) -> str:
    names: dict[str, str] = {"0": "0"}
    return "".join(names.setdefault(cell, str(len(names))) for cell in cells)


SUDOKUS = {1: (4, 4, 6), 2: (4, 8, 11), 3: (6, 14, 20), 4: (9, 28, 36), 5: (9, 45, 60)}
"""Per level: the size, and the least and the greatest number of empty cells."""


@family(
    name="sudoku",
    wordings=(
        "Complete this sudoku, so that every row, every column and every box of {high} rows and {wide} "
        "columns has each digit from 1 to {size} exactly once. 0 is an empty cell. Answer with the {size} "
        "rows, separated by spaces. The rows are: {rows}",
        "Here is a sudoku of size {size}, row by row, with 0 for each empty cell. In the solution the digits "
        "from 1 to {size} occur once in each row, in each column and in each of the boxes ({high} rows by "
        "{wide} columns). Write the solved rows in the same way, separated by spaces. The puzzle: {rows}",
        "Solve the sudoku below; 0 means empty. Each row, column and {high} by {wide} box (rows by "
        "columns) must hold all digits from 1 to {size}. Give all {size} rows with spaces between them. "
        "Sudoku: {rows}",
    ),
)
def sudoku(rng: random.Random, level: int) -> Problem:
    """A sudoku that is solved by finding forced cells, one after the other."""
    size, low, high = SUDOKUS[level]
    empty = rng.randint(low, high)
    while True:
        solved = _filled(rng, size)
        steps = _dug(rng, solved, size, True, empty)
        if len(steps) >= low:
            break
    givens = _givens(solved, steps, size)
    answer = " ".join("".join(map(str, solved[start : start + size])) for start in range(0, size**2, size))
    box_high, box_wide = BOXES[size]
    return Problem(
        question=sudoku.ask(rng, size=size, high=box_high, wide=box_wide, rows=" ".join(givens)),
        answer=answer,
        spec=checked_by("sudoku", givens=givens),
        solution=f"{_worked(steps, size)}\n{boxed(answer)}",
        given={"rows": givens},
        key=("sudoku", _shape(givens)),
    )


@sudoku.proof
def _sudoku(given: Given) -> str:
    rows = given["rows"]
    return " ".join("".join(row) for row in _only_completion(rows, BOXES[len(rows)]))


@sudoku.variants
def _sudoku_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    rows = answer.split()
    same = [
        "\n".join(rows),
        "\n".join(" ".join(row) for row in rows),
        str([list(map(int, row)) for row in rows]),
    ]
    exchanged = answer.translate(str.maketrans("12", "21"))
    return same, [
        " ".join([rows[1], rows[0], *rows[2:]]),
        " ".join([answer[1] + answer[0] + answer[2 : len(rows)], *rows[1:]]),
        " ".join(rows[:-1]),
        exchanged,
    ]


LATIN_SQUARES = {1: (4, 4, 6), 2: (4, 8, 11), 3: (5, 11, 15), 4: (6, 18, 22), 5: (7, 27, 36)}


@family(
    name="latin_square",
    wordings=(
        "Fill the empty cells, written 0, so that each row and each column has every number from 1 to {size} "
        "exactly once: {rows}. Answer with the full square as a matrix in the same form.",
        "A Latin square of order {size} has each of the numbers from 1 to {size} once in every row and in "
        "every column. Complete {rows}, in which 0 marks the empty cells, and write it as a matrix.",
        "In {rows} replace every 0 by a number from 1 to {size} in such a way that no number is repeated "
        "in a row or a column. Give the completed matrix.",
    ),
)
def latin_square(rng: random.Random, level: int) -> Problem:
    """A Latin square that is completed by finding forced cells, one after the other."""
    size, low, high = LATIN_SQUARES[level]
    empty = rng.randint(low, high)
    while True:
        solved = _latin(rng, size)
        steps = _dug(rng, solved, size, False, empty)
        if len(steps) >= low:
            break
    givens = _givens(solved, steps, size)
    answer = _matrix("".join(map(str, solved[start : start + size])) for start in range(0, size**2, size))
    return Problem(
        question=latin_square.ask(rng, size=size, rows=_matrix(givens)),
        answer=answer,
        spec=MATRIX,
        solution=f"{_worked(steps, size)}\n{boxed(answer)}",
        given={"rows": givens},
        key=("latin_square", _shape(givens)),
    )


def _latin(rng: random.Random, size: int) -> list[int]:
    """A random Latin square: a cyclic one, reordered, renamed, and with pairs of rows partly exchanged."""
    rows, columns = rng.sample(range(size), size), rng.sample(range(size), size)
    digits = rng.sample(range(1, size + 1), size)
    grid = [digits[(row + column) % size] for row in rows for column in columns]
    for _ in range(size):
        _swap_in_rows(rng, grid, size, size)
    return grid


def _matrix(rows: Sequence[str] | Iterator[str]) -> str:
    return str([list(map(int, row)) for row in rows])


@latin_square.proof
def _latin_square(given: Given) -> str:
    return _matrix("".join(row) for row in _only_completion(given["rows"], None))


def _only_completion(rows: Sequence[str], box: tuple[int, int] | None) -> list[list[str]]:
    """The one way to complete the grid: Knuth's Algorithm X on placements and what each of them covers."""
    size = len(rows)
    covers: dict[tuple[int, int, str], list[tuple[object, ...]]] = {}
    for i, row in enumerate(rows):
        for j, given in enumerate(row):
            for digit in "123456789"[:size] if given == "0" else given:
                covers[i, j, digit] = [("cell", i, j), ("row", i, digit), ("column", j, digit)]
                if box:
                    covers[i, j, digit].append(("box", i // box[0], j // box[1], digit))
    choices: dict[tuple[object, ...], set[tuple[int, int, str]]] = {}
    for placement, needs in covers.items():
        for need in needs:
            choices.setdefault(need, set()).add(placement)
    kinds = 4 if box else 3
    if len(choices) != kinds * size * size:
        raise ValueError("something has no place")
    found = []
    for placements in _exact_covers(choices, covers):
        found.append(placements)
        if len(found) > 1:
            raise ValueError("there are two solutions")
    grid = [["0"] * size for _ in rows]
    for i, j, digit in found[0]:
        grid[i][j] = digit
    return grid


def _exact_covers(choices: dict, covers: dict) -> Iterator[list[tuple[int, int, str]]]:  # type: ignore[type-arg]
    if not choices:
        yield []
        return
    need = min(choices, key=lambda each: len(choices[each]))
    for placement in sorted(choices[need]):
        met = set(covers[placement])
        gone = {other for each in met for other in choices[each]}
        rest = {each: options - gone for each, options in choices.items() if each not in met}
        for others in _exact_covers(rest, covers):
            yield [placement, *others]
