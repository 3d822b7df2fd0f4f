"""Bases and orthogonal vectors: what is claimed is multiplied out, and its independence is a rank."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, undecided
from verifiers.checkers.derivative import ONE, ZERO, multiplied, total
from verifiers.checkers.linear_algebra import (
    MAX_SIZE,
    Rows,
    Vector,
    all_zero,
    constant,
    dot,
    matrix,
    read_rows,
    read_vector,
    shown,
)
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import flag, one_of, read_formula
from verifiers.comparing.canon import canonical
from verifiers.parsing.show import show
from verifiers.parsing.tree import Call, Matrix, Node, Power, Product, Relation, Sequence, Word, symbols
from verifiers.verdict import Outcome


def rank(rows: list[list[Fraction]]) -> int:
    """By elimination with exact fractions."""
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((i for i in range(found, len(left)) if left[i][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for i in range(found + 1, len(left)):
            factor = left[i][column] / left[found][column]
            left[i] = [a - factor * b for a, b in zip(left[i], left[found], strict=True)]
        found += 1
    return found


def read_vectors(answer: str, size: int) -> list[Vector]:
    """Vectors of `size` entries: `(1, 2), (3, 4)`, `{(1, 2)^T}`, columns side by side, one after "span"."""
    tree = read_formula(answer)
    while isinstance(tree, Relation) and tree.operators == ("=",):
        tree = tree.operands[-1]
    match tree:
        case Product((Word(word), inner)) if word.lower() in ("span", "basis"):
            tree = inner
        case Call("and", parts):
            tree = Sequence(parts, "", "")
    members = tree.items if isinstance(tree, Sequence) and any(map(_is_vector, tree.items)) else (tree,)
    if len(members) > MAX_SIZE:
        raise malformed(f"more than {MAX_SIZE} vectors")
    return [read_vector(show(member), size) for member in members]


def _is_vector(tree: Node) -> bool:
    match tree:
        case Matrix() | Sequence():
            return True
        case Power(inner, _) | Relation((_, inner), ("=",)):
            return _is_vector(inner)
        case Product(factors):
            return _is_vector(factors[-1])
    return False


def rational_entries(vectors: list[Vector]) -> list[list[Fraction]] | None:
    """The entries as numbers; None where one is irrational."""
    terms = [[canonical(entry) for entry in vector] for vector in vectors]
    if any(term[0] != "n" for vector in terms for term in vector):
        return None
    return [[Fraction(term[1]) for term in vector] for vector in terms]


@dataclass(frozen=True)
class SpaceBasis(Checker):
    """A basis of the `null`, `column` or `row` space of `matrix`: independent vectors, as many as it takes.

    Read: `(1, 0, -1), (0, 1, 2)`, columns or rows, in braces or not. For a space of nothing but zero: `{}`.
    """

    matrix: tuple[tuple[Fraction, ...], ...] = parameter(matrix)
    space: str = parameter(one_of("null", "column", "row"), "null")

    name: ClassVar[str] = "space_basis"

    def judge(self, answer: str) -> Outcome:
        rows = [list(row) for row in self.matrix]
        lines = [list(column) for column in zip(*rows, strict=True)] if self.space == "column" else rows
        size, full = len(lines[0]), rank(lines)
        wanted = size - full if self.space == "null" else full
        found = [] if _is_empty(answer) else read_vectors(answer, size)
        basis = [shown(vector) for vector in found]
        if len(found) != wanted:
            return rejected(f"{len(found)} vectors, the dimension is {wanted}", basis=basis)
        if any(symbols(entry) for vector in found for entry in vector):
            raise malformed("vectors with letters in them")
        prover = Prover()
        for vector in found if self.space == "null" else ():
            if not all(prover.same(dot(row, vector), ZERO).same for row in self.matrix):
                return rejected(f"{shown(vector)} is not in the null space", vector=shown(vector))
        entries = rational_entries(found)
        if entries is None:
            return undecided("whether vectors with irrational entries are a basis", basis=basis)
        if self.space != "null" and rank([*lines, *entries]) > full:
            return rejected(f"not all of them are in the {self.space} space", basis=basis)
        if rank(entries) < wanted:
            return rejected("the vectors are not independent", basis=basis)
        return accepted(f"{wanted} independent vectors of the {self.space} space", basis=basis, rank=full)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = rng.randint(1, 9), rng.randint(1, 9)
        parameters = {"matrix": [[1, a, b], [2, 2 * a, 2 * b]]}
        right = rng.choice(
            (
                f"({-a}, 1, 0), ({-b}, 0, 1)",
                f"\\{{({-a - b}, 1, 1)^T, ({-a}, 1, 0)^T\\}}",
                f"[[{-a},1,0],[{-b},0,1]]",
            )
        )
        wrong = (
            f"({-a}, 1, 0)",
            f"({-a}, 1, 0), ({-2 * a}, 2, 0)",
            f"({-a}, 1, 0), ({b}, 0, 1)",
            f"({-a}, 1, 0), ({-b}, 0, 1), (0, 0, 0)",
            f"({-a}, 1), ({-b}, 0)",
            "{}",
        )
        return Example(parameters, right, wrong)


def _is_empty(answer: str) -> bool:
    return answer.strip("$ .") in (r"\{\}", "{}", r"\emptyset", r"\varnothing", "∅", "empty", "none")


@dataclass(frozen=True)
class OrthogonalVector(Checker):
    """A vector other than zero that is orthogonal to every row of `vectors`; with `unit`, of length 1."""

    vectors: tuple[tuple[Fraction, ...], ...] = parameter(matrix)
    unit: bool = parameter(flag, False)

    name: ClassVar[str] = "orthogonal_vector"

    def validate(self) -> None:
        if rank([list(row) for row in self.vectors]) == len(self.vectors[0]):
            raise ValueError("only the zero vector is orthogonal to all of these")

    def judge(self, answer: str) -> Outcome:
        found, prover = read_vector(answer, len(self.vectors[0])), Prover()
        if any(symbols(entry) for entry in found):
            raise malformed("a vector with letters in it")
        if all_zero(found, prover):
            return rejected("the zero vector", vector=shown(found))
        for number, row in enumerate(self.vectors, 1):
            product = dot(row, found)
            if not prover.same(product, ZERO).same:
                reason = f"its product with vector {number} is {show(product)[:100]}, not zero"
                return rejected(reason, vector=shown(found))
        if self.unit and not prover.same(length_squared(found), ONE).same:
            return rejected("its length is not 1", vector=shown(found))
        return accepted(f"orthogonal to all {len(self.vectors)} vectors", vector=shown(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b = rng.randint(1, 9), rng.randint(1, 9)
        parameters = {"vectors": [[1, 0, a], [0, 1, b]]}
        wrong = (
            "(0, 0, 0)",
            f"({a}, {b}, 1)",
            f"({-a}, {-b - 1}, 1)",
            f"({-a}, {-b})",
            f"(1, 0, {a}) \\times (0, 1, {b})",
        )
        return Example(parameters, rng.choice((f"({-a}, {-b}, 1)", f"[{2 * a}, {2 * b}, -2]")), wrong)


def length_squared(vector: Vector) -> Node:
    return total([multiplied([entry, entry]) for entry in vector])


@dataclass(frozen=True)
class MatrixSolution(Checker):
    """A matrix X with `left` X `right` = `result`; a factor that is not given is the identity."""

    result: tuple[tuple[Fraction, ...], ...] = parameter(matrix)
    left: tuple[tuple[Fraction, ...], ...] | None = parameter(matrix, None)
    right: tuple[tuple[Fraction, ...], ...] | None = parameter(matrix, None)

    name: ClassVar[str] = "matrix_solution"

    def validate(self) -> None:
        if self.left is None and self.right is None:
            raise ValueError("give 'left', 'right' or both")
        if self.left is not None and len(self.left) != len(self.result):
            raise ValueError("the left factor must have a row for every row of the result")
        if self.right is not None and len(self.right[0]) != len(self.result[0]):
            raise ValueError("the right factor must have a column for every column of the result")

    def judge(self, answer: str) -> Outcome:
        found, prover = read_rows(answer), Prover()
        height = len(self.left[0]) if self.left is not None else len(self.result)
        width = len(self.right) if self.right is not None else len(self.result[0])
        if len(found) != height or len(found[0]) != width:
            raise malformed(f"not {height} rows of {width}")
        product = found
        if self.left is not None:
            product = [[dot(row, [line[j] for line in product]) for j in range(width)] for row in self.left]
        if self.right is not None:
            columns: Rows = tuple(zip(*self.right, strict=True))
            product = [[dot(column, line) for column in columns] for line in product]
        for i, (line, wanted) in enumerate(zip(product, self.result, strict=True)):
            for j, entry in enumerate(line):
                if not prover.same(entry, constant(wanted[j])).same:
                    reason = f"row {i + 1}, column {j + 1} of the product is not {wanted[j]}"
                    return rejected(reason, row=i + 1, column=j + 1)
        return accepted("the product is the result", matrix=[shown(row) for row in found])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c, d = (rng.randint(1, 9) for _ in range(4))
        left = [[1, 2], [3, 4]]
        result = [[a + 2 * c, b + 2 * d], [3 * a + 4 * c, 3 * b + 4 * d]]
        right = rng.choice(
            (f"[[{a}, {b}], [{c}, {d}]]", f"X = \\begin{{pmatrix}} {a} & {b} \\\\ {c} & {d} \\end{{pmatrix}}")
        )
        wrong = (
            f"[[{a}, {b}], [{c}, {d + 1}]]",
            f"[[{a}, {b}]]",
            f"({a}, {b})",
            "A^{-1} B",
            f"[[{a + 1}, {b}], [{c}, {d}]]",
        )
        return Example({"left": left, "result": result}, right, wrong)
