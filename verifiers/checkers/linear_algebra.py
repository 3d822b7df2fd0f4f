"""Linear algebra: solutions, inverses, eigenvectors and null vectors are multiplied out and compared.

Entries of the given matrix are rational; those of an answer may be any expressions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, wrong_form
from verifiers.checkers.derivative import ONE, ZERO, multiplied, total
from verifiers.checkers.proving import Prover
from verifiers.checkers.readers import finished, formula, listed, rational, read_formula
from verifiers.parsing.parse import parse
from verifiers.parsing.show import show
from verifiers.parsing.tree import (
    Call,
    Matrix,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sequence,
    Symbol,
    symbols,
)
from verifiers.verdict import Outcome

MAX_SIZE = 12
Rows = tuple[tuple[Fraction, ...], ...]
Vector = list[Node]


def matrix(value: Any) -> Rows:
    """A parameter: rows of one length, of numbers or texts such as "1/2"."""
    rows: Rows = listed(listed(rational, 1, MAX_SIZE), 1, MAX_SIZE)(value)
    if len({len(row) for row in rows}) > 1:
        raise ValueError("use rows of one length")
    return rows


def read_rows(answer: str) -> list[Vector]:
    """A matrix: `\\begin{pmatrix}`, `[[1, 2], [3, 4]]`, with a factor in front or a name before it."""
    tree = read_formula(answer)
    if isinstance(tree, Relation) and set(tree.operators) == {"="}:
        tree = tree.operands[-1]
    rows = _rows(tree)
    if not rows or len({len(row) for row in rows}) > 1:
        raise malformed("rows of different lengths")
    if len(rows) > MAX_SIZE or len(rows[0]) > MAX_SIZE:
        raise malformed(f"larger than {MAX_SIZE} rows and columns")
    return [[finished(entry) for entry in row] for row in rows]


def _rows(tree: Node) -> list[Vector]:
    match tree:
        case Matrix(rows):
            return [list(row) for row in rows]
        case Sequence(items) if items and all(isinstance(item, Sequence) for item in items):
            return [list(item.items) for item in items if isinstance(item, Sequence)]
        case Sequence(items):
            return [[item] for item in items]
        case Negate(inner):
            return [[Negate(entry) for entry in row] for row in _rows(inner)]
        case Product((*factors, last)):
            if any(isinstance(factor, (Matrix, Sequence)) for factor in factors):
                raise wrong_form("a product that is not multiplied out")
            return [[multiplied([*factors, entry]) for entry in row] for row in _rows(last)]
        case Quotient(inner, below):
            return [[Quotient(entry, below) for entry in row] for row in _rows(inner)]
        case Power(inner, Symbol("T")) | Power(inner, Call("transpose", _)):
            turned = _rows(inner)
            return [list(column) for column in zip(*turned, strict=True)] if len(turned[0]) > 1 else turned
        case Power():
            raise wrong_form("a power of a matrix, not its entries")
    raise malformed("neither a matrix nor a vector")


def read_vector(answer: str, size: int) -> Vector:
    """A column, a row, `(1, 2)`, `x = (1, 2)` or `x_1 = 1, x_2 = 2`."""
    tree = read_formula(answer)
    if isinstance(tree, Sequence) and all(isinstance(item, Relation) for item in tree.items):
        named = [item for item in tree.items if isinstance(item, Relation) and item.operators == ("=",)]
        found = [finished(item.operands[1]) for item in sorted(named, key=_place)]
        heads = [item.operands[0] for item in named]
        if len(named) < len(tree.items) or len(set(heads)) < len(heads):
            raise malformed("not one value for each name")
    else:
        rows = read_rows(answer)
        found = rows[0] if len(rows) == 1 else [entry for row in rows for entry in row]
        if len(rows) > 1 and len(rows[0]) > 1:
            raise malformed("a matrix where a vector is asked for")
    if len(found) != size:
        raise malformed(f"{len(found)} entries, not {size}")
    return found


def _place(named: Relation) -> tuple[int, str]:
    """Where the value of a name belongs: `x_2` after `x_1`, `y` after `x`."""
    head = named.operands[0]
    if not isinstance(head, Symbol):
        raise malformed("a value for something without a name")
    _, _, index = head.name.partition("_")
    return int(index) if index.isdigit() and len(index) < 4 else 0, head.name


def dot(row: tuple[Fraction, ...], vector: Vector) -> Node:
    return total([multiplied([constant(c), entry]) for c, entry in zip(row, vector, strict=True)])


def constant(value: Fraction) -> Node:
    above: Node = Number(abs(value.numerator))
    if value < 0:
        above = Negate(above)
    return above if value.denominator == 1 else Quotient(above, Number(value.denominator))


def all_zero(vector: Vector, prover: Prover) -> bool:
    return all(prover.same(entry, ZERO).same for entry in vector)


def shown(vector: Vector) -> list[str]:
    return [show(entry)[:100] for entry in vector]


@dataclass(frozen=True)
class LinearSolution(Checker):
    """A vector x with `matrix` x = `vector`; one of them, if there are many."""

    matrix: tuple[tuple[Fraction, ...], ...] = parameter(matrix)
    vector: tuple[Fraction, ...] = parameter(listed(rational, 1, MAX_SIZE))

    name: ClassVar[str] = "linear_solution"

    def validate(self) -> None:
        if len(self.matrix) != len(self.vector):
            raise ValueError("the vector must have an entry for every row of the matrix")

    def judge(self, answer: str) -> Outcome:
        found, prover = read_vector(answer, len(self.matrix[0])), Prover()
        for number, (row, wanted) in enumerate(zip(self.matrix, self.vector, strict=True), 1):
            if not prover.same(dot(row, found), constant(wanted)).same:
                return rejected(f"row {number} does not give {wanted}", row=number, vector=shown(found))
        return accepted(f"all {len(self.matrix)} rows hold", vector=shown(found))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = (rng.randint(1, 9) for _ in range(3))
        x, y = rng.randint(1, 9), rng.randint(1, 9)
        parameters = {"matrix": [[a, b], [c, a + c + 1]], "vector": [a * x + b * y, c * x + (a + c + 1) * y]}
        wrong = (f"({x + 1}, {y})", f"({x}, {y}, 0)", f"({x}, {y + 1})", "A^{-1} b", f"{x}")
        return Example(parameters, f"\\begin{{pmatrix}} {x} \\\\ {y} \\end{{pmatrix}}", wrong)


@dataclass(frozen=True)
class MatrixInverse(Checker):
    """The inverse of a square `matrix`: the product of the two is the identity."""

    matrix: tuple[tuple[Fraction, ...], ...] = parameter(matrix)

    name: ClassVar[str] = "matrix_inverse"

    def validate(self) -> None:
        if len(self.matrix) != len(self.matrix[0]):
            raise ValueError("the matrix is not square")

    def judge(self, answer: str) -> Outcome:
        found, prover, size = read_rows(answer), Prover(), len(self.matrix)
        if len(found) != size or len(found[0]) != size:
            raise malformed(f"not {size} rows of {size}")
        for i, row in enumerate(self.matrix):
            for j in range(size):
                product = dot(row, [entries[j] for entries in found])
                if not prover.same(product, ONE if i == j else ZERO).same:
                    reason = f"the product is not the identity in row {i + 1}, column {j + 1}"
                    return rejected(reason, row=i + 1, column=j + 1, entry=show(product)[:200])
        return accepted("the product is the identity", inverse=[shown(row) for row in found])

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = rng.randint(1, 5), rng.randint(1, 5), rng.randint(1, 5)
        d = (1 + b * c) * a  # the determinant is then a^2 (1 + b c) - b c
        n = a * d - b * c
        right = f"\\frac{{1}}{{{n}}} \\begin{{pmatrix}} {d} & {-b} \\\\ {-c} & {a} \\end{{pmatrix}}"
        wrong = (
            f"\\begin{{pmatrix}} {d} & {-b - 1} \\\\ {-c} & {a} \\end{{pmatrix}}",
            right.replace(f"& {a} ", f"& {a + 1} "),
            f"[[{a}, {b}], [{c}, {d}]]^{{-1}}",
            f"[[{d}, {b}], [{c}, {a}]]/{n}",
        )
        return Example({"matrix": [[a, b], [c, d]]}, right, wrong)


@dataclass(frozen=True)
class Eigenvector(Checker):
    """A vector v other than zero with `matrix` v = λ v; λ is `eigenvalue`, or any where it is left out."""

    matrix: tuple[tuple[Fraction, ...], ...] = parameter(matrix)
    eigenvalue: str | None = parameter(lambda value: formula(str(value)), None)

    name: ClassVar[str] = "eigenvector"

    def validate(self) -> None:
        if len(self.matrix) != len(self.matrix[0]):
            raise ValueError("the matrix is not square")

    def judge(self, answer: str) -> Outcome:
        found, prover = read_vector(answer, len(self.matrix)), Prover()
        pivot = next((i for i, entry in enumerate(found) if not prover.same(entry, ZERO).same), None)
        if pivot is None:
            return rejected("the zero vector is no eigenvector", vector=shown(found))
        image = [dot(row, found) for row in self.matrix]
        for i, (entry, mapped) in enumerate(zip(found, image, strict=True)):
            if self.eigenvalue is None:
                left, right = multiplied([mapped, found[pivot]]), multiplied([image[pivot], entry])
            else:
                left, right = mapped, multiplied([parse(self.eigenvalue), entry])
            if not prover.same(left, right).same:
                reason = f"the image is no multiple of it in entry {i + 1}"
                if self.eigenvalue is not None:
                    reason = f"entry {i + 1} of the image is not {self.eigenvalue} times its own"
                return rejected(reason, entry=i + 1, image=shown(image))
        return accepted("the image is a multiple of the vector", vector=shown(found), image=shown(image))

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        p, q = rng.sample(range(1, 9), 2)
        k = rng.randint(1, 5)
        # The columns (1, k) and (0, 1) with the eigenvalues p and q.
        parameters = {"matrix": [[p, 0], [k * (p - q), q]], "eigenvalue": str(p)}
        wrong = (f"(1, {k + 1})", "(0, 0)", "(0, 1)", f"(1, {k}, 0)")
        return Example(parameters, f"({2}, {2 * k})", wrong)


@dataclass(frozen=True)
class NullVector(Checker):
    """A vector other than zero that `matrix` maps to zero."""

    matrix: tuple[tuple[Fraction, ...], ...] = parameter(matrix)

    name: ClassVar[str] = "null_vector"

    def judge(self, answer: str) -> Outcome:
        found, prover = read_vector(answer, len(self.matrix[0])), Prover()
        if all_zero(found, prover):
            return rejected("the zero vector", vector=shown(found))
        for number, row in enumerate(self.matrix, 1):
            if not prover.same(dot(row, found), ZERO).same:
                return rejected(f"row {number} does not give zero", row=number, vector=shown(found))
        free = sorted(frozenset().union(*map(symbols, found)))
        return accepted("mapped to zero", vector=shown(found), letters=free)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = (rng.randint(1, 9) for _ in range(3))
        parameters = {"matrix": [[a, b, 0], [0, c, a]]}
        x, y, z = -b * a, a * a, -a * c
        wrong = ("(0, 0, 0)", f"({x}, {y}, {z + 1})", f"({-x}, {y}, {z})", f"({x}, {y})")
        return Example(parameters, f"({x}, {y}, {z})", wrong)
