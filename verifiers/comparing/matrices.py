"""Expressions whose value is a matrix, carried out to one: multiples, sums, transposes, small products."""

from __future__ import annotations

from fractions import Fraction

from verifiers.infer import is_grid
from verifiers.parsing.tree import (
    Constant,
    Matrix,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sequence,
    Sum,
    Symbol,
)

#: Multiplications of entries in one product of matrices, and how many matrices one may have: entries
#: are not evaluated, so each factor multiplies their size.
MAX_WORK = 1000
MAX_FACTORS = 4
_TRANSPOSES = (Symbol("T"), Constant("top"), Symbol("top"), Symbol("t"))


def matrix_value(tree: Node) -> Matrix | None:
    """The matrix that a tree is worth, its entries unevaluated; None when it is none.

    A bare list of numbers is a row, a list of lists of one length a matrix.
    """
    match tree:
        case Matrix():
            return tree
        case Sequence(members, "(" | "[" | "", _):
            if is_grid(tree):
                return Matrix(tuple(row.items for row in members if isinstance(row, Sequence)))
            return None
        case Negate(operand):
            return _scaled(Negate(Number(Fraction(1))), matrix_value(operand))
        case Quotient(above, below):
            return _scaled(Quotient(Number(Fraction(1)), below), matrix_value(above))
        case Power(base, exponent) if exponent in _TRANSPOSES:
            inner = matrix_value(base)
            return None if inner is None else Matrix(tuple(zip(*inner.rows, strict=True)))
        case Sum(terms):
            return _sum([matrix_value(term) for term in terms])
        case Product(factors):
            return _product(factors)
    return None


_UNIT_VECTORS = (Constant("i"), Symbol("j"), Symbol("k"))
_SPELT: dict[Node, Node] = {Symbol("jmath"): Symbol("j"), Symbol("i"): Constant("i")}


def components(tree: Node, count: int) -> tuple[Node, ...] | None:
    """The `count` components of a vector written as `3i - j + 2k`; None for anything else."""
    found: list[Node | None] = [None] * len(_UNIT_VECTORS)
    for term in tree.terms if isinstance(tree, Sum) else (tree,):
        sign, bare = (-1, term.operand) if isinstance(term, Negate) else (1, term)
        factors = bare.factors if isinstance(bare, Product) else (bare,)
        unit_vector = _SPELT.get(factors[-1], factors[-1])
        if unit_vector not in _UNIT_VECTORS:
            return None
        place = _UNIT_VECTORS.index(unit_vector)
        scale = factors[:-1] or (Number(1),)
        value: Node = scale[0] if len(scale) == 1 else Product(scale)
        if found[place] is not None:
            return None
        found[place] = Negate(value) if sign < 0 else value
    if any(component is not None for component in found[count:]):
        return None
    return tuple(Number(0) if component is None else component for component in found[:count])


def _scaled(factor: Node, matrix: Matrix | None) -> Matrix | None:
    if matrix is None:
        return None
    return Matrix(tuple(tuple(Product((factor, entry)) for entry in row) for row in matrix.rows))


def _sum(parts: list[Matrix | None]) -> Matrix | None:
    found = [part for part in parts if part is not None]
    if len(found) != len(parts) or len({(len(part.rows), len(part.rows[0])) for part in found}) != 1:
        return None
    rows = zip(*(part.rows for part in found), strict=True)
    return Matrix(tuple(tuple(Sum(entries) for entries in zip(*row, strict=True)) for row in rows))


def _product(factors: tuple[Node, ...]) -> Matrix | None:
    if len(factors) > 2 * MAX_FACTORS:
        return None
    total: Matrix | None = None
    count = 0
    scale: list[Node] = []
    for factor in factors:
        value = matrix_value(factor)
        if value is None:
            scale.append(factor)
        elif total is None:
            total = value
        elif (count := count + 1) == MAX_FACTORS:
            return None
        else:
            total = _times(total, value)
            if total is None:
                return None
    if total is None or not scale:
        return total
    return _scaled(scale[0] if len(scale) == 1 else Product(tuple(scale)), total)


def _times(left: Matrix, right: Matrix) -> Matrix | None:
    columns = list(zip(*right.rows, strict=True))
    if len(left.rows[0]) != len(right.rows) or len(left.rows) * len(columns) * len(right.rows) > MAX_WORK:
        return None
    rows = []
    for row in left.rows:
        entries = []
        for column in columns:
            terms = tuple(Product(pair) for pair in zip(row, column, strict=True))
            entries.append(Sum(terms) if len(terms) > 1 else terms[0])
        rows.append(tuple(entries))
    return Matrix(tuple(rows))
