"""The derivative of a tree, by the rules of calculus; nothing is simplified beyond zeros and ones.

What an antiderivative or the solution of a differential equation is tested with.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from verifiers.parsing.parse import parse
from verifiers.parsing.tree import (
    Call,
    Constant,
    Matrix,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    replaced,
    symbols,
    walk,
)

ZERO, ONE, TWO = map(Number, range(3))
#: In nodes. A product of n factors has a derivative of n times n, so what is given must be smaller.
MAX_GIVEN = 600
MAX_NODES = 4000


class NotDifferentiableError(ValueError):
    """A part of the tree has no rule here, or the derivative is too large."""


#: The outer derivative of a function of one argument, in `u`. Source: any table of derivatives.
_TABLE: dict[str, str] = {
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "tan": "1/cos(u)^2",
    "cot": "-1/sin(u)^2",
    "sec": "sin(u)/cos(u)^2",
    "csc": "-cos(u)/sin(u)^2",
    "sinh": "cosh(u)",
    "cosh": "sinh(u)",
    "tanh": "1/cosh(u)^2",
    "coth": "-1/sinh(u)^2",
    "sech": "-sinh(u)/cosh(u)^2",
    "csch": "-cosh(u)/sinh(u)^2",
    "arcsin": "1/sqrt(1-u^2)",
    "arccos": "-1/sqrt(1-u^2)",
    "arctan": "1/(1+u^2)",
    "arccot": "-1/(1+u^2)",
    "arcsec": "1/(abs(u) sqrt(u^2-1))",
    "arccsc": "-1/(abs(u) sqrt(u^2-1))",
    "arcsinh": "1/sqrt(u^2+1)",
    "arccosh": "1/(sqrt(u-1) sqrt(u+1))",
    "arctanh": "1/(1-u^2)",
    "ln": "1/u",
    "log10": "1/(u ln(10))",
    "log2": "1/(u ln(2))",
    "exp": "exp(u)",
    "sqrt": "1/(2 sqrt(u))",
    "cbrt": "1/(3 cbrt(u)^2)",
    "abs": "u/abs(u)",
    "erf": "2 exp(-u^2)/sqrt(pi)",
}


def derivative(tree: Node, variable: str) -> Node:
    """d tree / d variable; raises `NotDifferentiableError`. Other symbols are constants."""
    if _larger(tree, MAX_GIVEN):
        raise NotDifferentiableError("it is too large")
    found = _derive(tree, variable)
    if _larger(found, MAX_NODES):
        raise NotDifferentiableError("its derivative is too large")
    return found


def _larger(tree: Node, nodes: int) -> bool:
    return next(islice(walk(tree), nodes, None), None) is not None


def _derive(tree: Node, x: str) -> Node:
    if x not in symbols(tree):
        return ZERO
    match tree:
        case Symbol():
            return ONE
        case Negate(operand):
            return Negate(_derive(operand, x))
        case Sum(terms):
            return total([_derive(term, x) for term in terms])
        case Product(factors):
            parts = (
                [*factors[:n], _derive(factor, x), *factors[n + 1 :]]
                for n, factor in enumerate(factors)
                if x in symbols(factor)
            )
            return total([multiplied(part) for part in parts])
        case Quotient(above, below):
            if x not in symbols(below):
                return Quotient(_derive(above, x), below)
            first = multiplied([_derive(above, x), below])
            second = multiplied([above, _derive(below, x)])
            return Quotient(total([first, Negate(second)]), Power(below, TWO))
        case Power(base, exponent):
            return _of_power(base, exponent, x)
        case Sequence((inner,), "[" | "(", _):
            return _derive(inner, x)
        case Call("root", (inner, index)):
            return _of_power(inner, Quotient(ONE, index), x, tree)
        case Call("log", (inner, base)) if x not in symbols(base):
            return Quotient(_derive(inner, x), multiplied([inner, Call("ln", (base,))]))
        case Call(name, (inner,)) if name in _TABLE:
            outer = substituted(parse(_TABLE[name], frozenset("u")), {"u": inner})
            return multiplied([outer, _derive(inner, x)])
        case Relation() | Matrix() | Sequence():
            raise NotDifferentiableError("more than one value")
    raise NotDifferentiableError(f"no rule for {getattr(tree, 'name', type(tree).__name__)}")


def _of_power(base: Node, exponent: Node, x: str, whole: Node | None = None) -> Node:
    """u^n, a^v and u^v; `whole` is the power where it is written otherwise, as a root."""
    whole = whole or Power(base, exponent)
    if x not in symbols(exponent):
        lowered = Power(base, Sum((exponent, Negate(ONE)))) if not isinstance(whole, Call) else None
        rest = lowered or Quotient(whole, base)
        return multiplied([exponent, rest, _derive(base, x)])
    inner = _derive(exponent, x)
    logarithm = ONE if base == Constant("e") else Call("ln", (base,))
    if x not in symbols(base):
        return multiplied([whole, logarithm, inner])
    first = multiplied([inner, logarithm])
    second = multiplied([exponent, Quotient(_derive(base, x), base)])
    return multiplied([whole, total([first, second])])


def total(terms: list[Node]) -> Node:
    kept = tuple(term for term in terms if term not in (ZERO, Negate(ZERO)))
    return (kept[0] if len(kept) == 1 else Sum(kept)) if kept else ZERO


def multiplied(factors: list[Node]) -> Node:
    if ZERO in factors:
        return ZERO
    kept = tuple(factor for factor in factors if factor != ONE)
    return (kept[0] if len(kept) == 1 else Product(kept)) if kept else ONE


def substituted(tree: Node, values: dict[str, Node]) -> Node:
    """`tree` with trees in the place of symbols, all at once."""
    if isinstance(tree, Symbol):
        return values.get(tree.name, tree)
    change: Callable[[Node], Node] = lambda part: substituted(part, values)  # noqa: E731
    return replaced(tree, change)
