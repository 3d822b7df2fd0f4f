"""Puzzles whose answer is a grid: sudoku, queens, magic squares. Grids are read line by line, not parsed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.readers import flag, listed, whole
from verifiers.verdict import Outcome

Grid = tuple[tuple[int, ...], ...]

#: Rows and columns of a box, by the size of the sudoku.
BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
MAX_QUEENS = 1000
_MARKS = re.compile(
    r"\\(?:begin|end)\s*\{[a-z]*matrix\}|\\(?:begin|end)\s*\{(?:array|tabular)\}(?:\{[^{}]*\})?|\\hline"
)
_BESIDE_DIGITS = re.compile(r"[\s\[\](){}|,;/&+\\$_–—'\"`-]*")


def read_grid(answer: str, size: int, largest: int) -> Grid:
    """A square of `size` rows: digits side by side, numbers between spaces, commas, `&` or frames."""
    bare = _MARKS.sub(" ", answer)
    if not _BESIDE_DIGITS.fullmatch(re.sub(r"\d+", "", bare)):
        raise malformed("not a grid of numbers")
    if re.search(r"-\s*\d", bare) and "--" not in bare:
        raise malformed("a negative number in the grid")
    numbers = re.findall(r"\d+", bare)
    if largest < 10 and len(numbers) in (1, size):
        numbers = [digit for number in numbers for digit in number]
    if len(numbers) != size * size:
        raise malformed(f"{len(numbers)} numbers, not {size} rows of {size}")
    if any(len(number) > 9 for number in numbers):
        raise malformed("a number of more than 9 digits")
    cells = list(map(int, numbers))
    return tuple(tuple(cells[start : start + size]) for start in range(0, size * size, size))


def grid(value: Any) -> Grid:
    """A parameter: rows of numbers, or texts of digits in which `.` and `0` stand for empty cells."""
    if isinstance(value, str):
        value = value.split()
    if isinstance(value, (list, tuple)):
        value = [[0 if c in "._" else c for c in row] if isinstance(row, str) else row for row in value]
    rows: Grid = listed(listed(whole(0, 10**9), 1, 32), 1, 32)(value)
    if any(len(row) != len(rows) for row in rows):
        raise ValueError("use a square of rows, 0 for an empty cell")
    return rows


def changed_given(given: Grid, found: Grid) -> Outcome | None:
    """The rejection of a grid that does not keep what was given; None when it does."""
    for i, row in enumerate(given):
        for j, number in enumerate(row):
            if number and found[i][j] != number:
                reason = f"row {i + 1}, column {j + 1} was given as {number} and is {found[i][j]}"
                return rejected(reason, row=i + 1, column=j + 1)
    return None


@dataclass(frozen=True)
class Sudoku(Checker):
    """A completed sudoku of size 4, 6 (boxes of 2 rows and 3 columns) or 9 that keeps its `givens`."""

    givens: tuple[tuple[int, ...], ...] = parameter(grid)

    name: ClassVar[str] = "sudoku"

    def validate(self) -> None:
        if len(self.givens) not in BOXES or max(map(max, self.givens)) > len(self.givens):
            raise ValueError("the givens must be a grid of size 4, 6 or 9 with numbers up to its size")

    def judge(self, answer: str) -> Outcome:
        size = len(self.givens)
        found = read_grid(answer, size, size)
        fault = changed_given(self.givens, found)
        if fault is not None:
            return fault
        wanted = set(range(1, size + 1))
        for what, cells in units(found):
            if set(cells) != wanted:
                return rejected(f"{what} is not 1 to {size}, each once", unit=what, cells=list(cells))
        return accepted("every row, column and box has each number once", grid=[list(row) for row in found])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        size = rng.choice(tuple(BOXES))
        high, wide = BOXES[size]
        names = rng.sample(range(1, size + 1), size)
        solved = [
            [names[(wide * (i % high) + i // high + j) % size] for j in range(size)] for i in range(size)
        ]
        givens = [[cell if rng.random() < 0.4 else 0 for cell in row] for row in solved]
        givens[0][0] = solved[0][0]
        a, b = solved[0][0], solved[0][1]
        renamed = [[b if cell == a else a if cell == b else cell for cell in row] for row in solved]
        cell_changed = [list(row) for row in solved]
        cell_changed[1][1] = cell_changed[1][0]
        wrong = (text_of(renamed), text_of(cell_changed), text_of(solved[1:]), text_of(solved[::-1]))
        right = text_of(solved)
        return Example({"givens": givens}, rng.choice((right, right.replace(" ", ""))), wrong)


def units(cells: Grid) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Every row, column and box of a sudoku, with what to call it."""
    size = len(cells)
    high, wide = BOXES[size]
    for i in range(size):
        yield f"row {i + 1}", cells[i]
        yield f"column {i + 1}", tuple(row[i] for row in cells)
        top, left = i // (size // wide) * high, i % (size // wide) * wide
        box = tuple(cells[top + r][left + c] for r in range(high) for c in range(wide))
        yield f"box {i + 1}", box


def text_of(rows: Iterable[Iterable[int]]) -> str:
    return "\n".join(" ".join(map(str, row)) for row in rows)


@dataclass(frozen=True)
class Queens(Checker):
    """`size` queens on a board of this size, no two in one row, column or diagonal.

    Read: the column of each row's queen (`2, 4, 1, 3`, from 1 or from 0), pairs `(1, 2), (2, 4)`, or a
    board drawn with `Q` or of zeros and ones. `placed` are queens, as pairs of row and column from 1, that
    must be kept.
    """

    size: int = parameter(whole(1, MAX_QUEENS))
    placed: tuple[tuple[int, int], ...] = parameter(listed(listed(whole(1, MAX_QUEENS), 2, 2), 0), ())

    name: ClassVar[str] = "n_queens"
    max_answer: ClassVar[int] = 1 << 16

    def validate(self) -> None:
        if self.size in (2, 3) or any(max(pair) > self.size for pair in self.placed):
            raise ValueError(
                f"no solution with {self.size} queens" if self.size < 4 else "a queen off the board"
            )

    def judge(self, answer: str) -> Outcome:
        queens = self.read(answer)
        if len(queens) != self.size:
            return rejected(f"{len(queens)} queens, not {self.size}")
        lines: dict[tuple[str, int], tuple[int, int]] = {}
        for row, column in queens:
            if not (1 <= row <= self.size and 1 <= column <= self.size):
                return rejected(f"a queen off the board, in row {row}, column {column}")
            for key in (
                ("row", row),
                ("column", column),
                ("diagonal", row - column),
                ("antidiagonal", row + column),
            ):
                if key in lines:
                    reason = f"two queens in one {key[0]}: {lines[key]} and {(row, column)}"
                    return rejected(reason, queens=[list(lines[key]), [row, column]])
                lines[key] = (row, column)
        moved = set(self.placed) - set(queens)
        if moved:
            return rejected(f"the queen placed at {min(moved)} was moved", placed=list(min(moved)))
        return accepted(
            f"{self.size} queens, none attacks another", queens=[column for _, column in sorted(queens)]
        )

    def read(self, answer: str) -> list[tuple[int, int]]:
        """(row, column) of every queen, from 1."""
        if re.search(r"[Qq♕♛]", answer):
            return self.drawn(answer)
        if not re.fullmatch(r"[\d\s,;()\[\]{}<>$.=\\-]*", answer) or re.search(r"-\s*\d|\d\.\d", answer):
            raise malformed("neither a list of columns nor a board")
        numbers = [int(digits) if len(digits) < 8 else 10**8 for digits in re.findall(r"\d+", answer)]
        if self.size < 10 and re.fullmatch(r"\d+", answer):
            numbers = list(map(int, answer))
        if self.size > 1 and len(numbers) == self.size**2 and set(numbers) == {0, 1}:
            return [(i // self.size + 1, i % self.size + 1) for i, queen in enumerate(numbers) if queen]
        shift = 0 if 0 not in numbers else 1
        if len(numbers) == 2 * self.size and re.match(r"[\[{$\\]*\(?\s*[(\[]", answer):
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return [(row + shift, column + shift) for row, column in pairs]
        if len(numbers) != self.size:
            raise malformed(f"{len(numbers)} numbers for {self.size} queens")
        return [(row, column + shift) for row, column in enumerate(numbers, 1)]

    def drawn(self, answer: str) -> list[tuple[int, int]]:
        rows = [
            re.sub(r"[\s|,\[\]'\"`]", "", line) for line in re.split(r"\n|\\\\|\]\s*,|['\"]\s*,|/", answer)
        ]
        rows = [row for row in rows if row]
        if len(rows) != self.size or any(len(row) != self.size for row in rows):
            raise malformed(f"not a board of {self.size} rows of {self.size} cells")
        if not re.fullmatch(r"[Qq♕♛.\-_xX0·*□■]*", "".join(rows)):
            raise malformed("a cell that is neither a queen nor empty")
        cells = ((i, j, cell) for i, row in enumerate(rows, 1) for j, cell in enumerate(row, 1))
        return [(i, j) for i, j, cell in cells if cell in "Qq♕♛"]

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        solved = rng.choice(([2, 4, 1, 3], [2, 4, 6, 1, 3, 5], [1, 5, 8, 6, 3, 7, 2, 4]))
        n = len(solved)
        board = "\n".join("." * (c - 1) + "Q" + "." * (n - c) for c in solved)
        listed_ = ", ".join(map(str, solved))
        pairs = ", ".join(f"({r}, {c})" for r, c in enumerate(solved, 1))
        wrong = (
            ", ".join(map(str, range(1, n + 1))),
            listed_ + ", 1",
            board.replace("Q", ".", 1),
            ", ".join(map(str, [solved[0], *solved[:-1]])),
        )
        return Example({"size": n}, rng.choice((board, listed_, pairs)), wrong)


@dataclass(frozen=True)
class MagicSquare(Checker):
    """A square of `order` rows whose rows, columns and both diagonals have one sum.

    The numbers are 1 to the order squared, each once; without `normal` any different ones from 1 up.
    `given` fixes cells (0 is empty), `total` the sum.
    """

    order: int = parameter(whole(1, 12))
    given: tuple[tuple[int, ...], ...] | None = parameter(grid, None)
    normal: bool = parameter(flag, True)
    total: int | None = parameter(whole(1), None)

    name: ClassVar[str] = "magic_square"

    def validate(self) -> None:
        if self.order == 2:
            raise ValueError("no magic square of order 2 exists")
        if self.given is not None and len(self.given) != self.order:
            raise ValueError("the given cells are not a square of this order")

    def judge(self, answer: str) -> Outcome:
        n = self.order
        found = read_grid(answer, n, 9 if n < 4 and self.normal else 10**9)
        fault = changed_given(self.given or (), found)
        if fault is not None:
            return fault
        cells = sorted(cell for row in found for cell in row)
        if self.normal and cells != list(range(1, n * n + 1)):
            return rejected(f"the numbers are not 1 to {n * n}, each once", numbers=cells)
        if len(set(cells)) < len(cells) or cells[0] < 1:
            return rejected("the numbers are not different ones from 1 up", numbers=cells)
        lines = {f"row {i + 1}": sum(found[i]) for i in range(n)}
        lines |= {f"column {i + 1}": sum(row[i] for row in found) for i in range(n)}
        lines["the diagonal"] = sum(found[i][i] for i in range(n))
        lines["the other diagonal"] = sum(found[i][n - 1 - i] for i in range(n))
        total = self.total if self.total is not None else lines["row 1"]
        for what, line in lines.items():
            if line != total:
                return rejected(f"the sum of {what} is {line}, not {total}", sums=lines)
        return accepted(f"every line has the sum {total}", sum=total, grid=[list(row) for row in found])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        square = [[2, 7, 6], [9, 5, 1], [4, 3, 8]]
        for _ in range(rng.randrange(4)):
            square = [list(row) for row in zip(*square[::-1], strict=True)]
        swapped = [square[1], square[0], square[2]]
        ordered = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
        constant = [[5] * 3] * 3
        wrong = (text_of(swapped), text_of(ordered), text_of(constant), text_of(square[:2]))
        return Example({"order": 3}, text_of(square), wrong)
