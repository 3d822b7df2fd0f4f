"""What stands on the left of an equals sign and says nothing of the value: names and labels.

`x`, `f(x)`, `AB`, `\\frac{NO}{BO}`, `(p, q)`, "Area".
"""

from __future__ import annotations

from typing import TypeGuard

from verifiers.parsing.tree import (
    Call,
    Constant,
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
    Word,
)

#: Names that are more often a function's than a number's.
_FUNCTION_NAMES = frozenset(Symbol(name) for name in "fghFGHpqPQSTuvAEVWL")


def is_name(tree: Node) -> bool:
    """`x`, `f(x)` and `f^{-1}(x)`, which read as products, `f(3)`, `AB`, `dy/dx`, or words."""
    match tree:
        case Symbol() | Word() | Constant("i" | "e"):
            return True
        case Product(factors):
            capitals = all(isinstance(factor, Symbol) and factor.name[0].isupper() for factor in factors)
            return capitals or is_call(tree)
        case Call("derivative", (inner, Symbol())):
            return isinstance(inner, Symbol) or is_name(inner)
    return False


def is_call(tree: Node) -> TypeGuard[Product]:
    """Whether a product is more likely a function of something: `f(x)`, `g^{-1}(x)`, `P(3)`."""
    match tree:
        case Product((Symbol() | Power(Symbol(), _) as function, argument)):
            base = function.base if isinstance(function, Power) else function
            assert isinstance(base, Symbol)
            arguments = argument.items if isinstance(argument, Sequence) else (argument,)
            plain = all(isinstance(each, (Symbol, Number, Negate)) for each in arguments)
            return plain and (base in _FUNCTION_NAMES or base.name.rstrip("'") != base.name)
    return False


_COORDINATES = frozenset("xyz")


def is_label(tree: Node) -> bool:
    """A name, or something made of names alone that is asked for as a whole: a length, a ratio."""
    match tree:
        case Call("abs" | "ratio", parts):
            return all(map(is_name, parts))
        case Quotient(above, below):
            return is_name(above) and is_name(below)
        case Sum(terms):  # `m + n = 17`; but `x + y = 9` is a line
            return all(isinstance(term, Symbol) and term.name not in _COORDINATES for term in terms)
    return is_name(tree)


def names_in(tree: Node) -> tuple[Node, ...] | None:
    """The names of `(p, q)`; None for anything but a list of names."""
    match tree:
        case Sequence(members, _, _) if len(members) > 1 and all(map(is_name, members)):
            return members
    return None


def unnamed(tree: Node) -> Node:
    """What a definition defines: the right side of `(x, y) = (1, 2)`, `P = (1, 2)`, `D : [0, 1]`."""
    match tree:
        case Relation((name, value), ("=" | "approx",)) if is_label(name) or names_in(name) is not None:
            return value
        case Relation((name, value), ("in",)) if is_name(name):
            return value
        case Product((Symbol(), Sequence((_, _, *_)) as point)):
            return point
    return tree
