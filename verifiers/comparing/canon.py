"""A tree brought into one canonical term: two spellings of one formula become one structure.

The algebra of terms is `terms.py`, their functions are `functions.py`.
"""

from __future__ import annotations

from fractions import Fraction

from verifiers.comparing import unfinished
from verifiers.comparing.functions import call, determinant
from verifiers.comparing.terms import (
    MINUS_ONE,
    NotScalarError,
    Term,
    add,
    number,
    power,
    product,
)
from verifiers.parsing.tree import (
    Based,
    Big,
    Call,
    Constant,
    Matrix,
    Mixed,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Sequence,
    Sum,
    Symbol,
)


def exact(node: Node) -> int | Fraction | None:
    """The rational value of a plain literal, the fast path; None for anything more."""
    match node:
        case Number(value):
            return value
        case Based():
            return node.value
        case Negate(operand):
            inner = exact(operand)
            return None if inner is None else -inner
        case Mixed(whole, numerator, denominator):
            return whole + Fraction(numerator, denominator)
        case Quotient(left, right):
            above, below = exact(left), exact(right)
            return Fraction(above, below) if above is not None and below else None
    return None


def canonical(node: Node) -> Term:
    """The canonical term of a scalar tree; raises `NotScalarError` for anything else."""
    match node:
        case Number(value):
            return number(value)
        case Based():
            return number(node.value)
        case Mixed(whole, numerator, denominator):
            return number(whole + Fraction(numerator, denominator))
        case Symbol(name):
            return ("s", name)
        case Constant(name):
            return ("c", name)
        case Negate(operand):
            return product([MINUS_ONE, canonical(operand)])
        case Sum(terms):
            return add([canonical(term) for term in terms])
        case Product(factors):
            return product([canonical(factor) for factor in factors])
        case Quotient(above, below):
            return product([canonical(above), power(canonical(below), MINUS_ONE)])
        case Power(base, exponent):
            return power(canonical(base), canonical(exponent))
        case Quantity(value, unit):
            return product([canonical(value), ("s", f"[{unit}]")])
        case Call("det", (Matrix(rows),)):
            return determinant([[canonical(entry) for entry in row] for row in rows])
        case Call(name, arguments):
            return call(name, [canonical(argument) for argument in arguments])
        case Sequence((inner,), _, _):
            return canonical(inner)  # other brackets around a factor
        case Big():
            return unfinished.canonical_big(node)
    raise NotScalarError(f"{type(node).__name__} is not a value")
