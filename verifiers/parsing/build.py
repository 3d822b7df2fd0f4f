"""Single nodes of a tree from what the parser has read: literals, mixed numbers, calls.

Small decisions about what a spelling means; the order of reading is in `parse.py`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verifiers.parsing.lex import MAX_DIGITS
from verifiers.parsing.notation import FUNCTIONS
from verifiers.parsing.token import UnreadableError
from verifiers.parsing.tree import (
    Call,
    Constant,
    Mixed,
    Negate,
    Node,
    Number,
    Product,
    Quotient,
    Sum,
    Symbol,
    replaced,
)


def literal(text: str) -> Number:
    """A number as written: `12`, `1.50`, `2.5e-3`."""
    if text.isdigit():
        return Number(int(text))
    mantissa, _, exponent = text.replace("E", "e").partition("e")
    whole, _, decimals = mantissa.rstrip(".").partition(".")
    places = len(decimals) - int(exponent or 0)
    if len(whole) + abs(places) > MAX_DIGITS:
        raise UnreadableError(f"a number of more than {MAX_DIGITS} digits")
    value = Fraction(int(whole + decimals)) * Fraction(10) ** -places
    return Number(value, places if places > 0 else None)


def repeating(text: str) -> Node:
    """`0.1\\overline{6}` is 1/6: the repeating block divided by 99...900...0."""
    plain, block = re.split(r"\\[a-z]+\s*", text)
    whole, _, decimals = plain.partition(".")
    block = block.strip("{}")
    scale = 10 ** len(decimals)
    value = Fraction(int((whole or "0") + decimals or "0"), scale)
    value += Fraction(int(block), scale * (10 ** len(block) - 1))
    return Quotient(Number(Fraction(value.numerator)), Number(Fraction(value.denominator)))


INVERSES = frozenset(name for name in FUNCTIONS if name.startswith("arc"))


def product_of(factors: list[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def divide(left: Node, sign: str, right: Node) -> Node:
    if sign == "/":
        return Quotient(left, right)
    return Call("ratio" if sign == ":" else "mod", (left, right))


def mixed_number(whole: Number, fraction: Node) -> Mixed | None:
    """The mixed number, where `fraction` is a proper fraction of two integer literals."""
    if not isinstance(fraction, Quotient):
        return None
    upper, lower = fraction.numerator, fraction.denominator
    if not isinstance(upper, Number) or not isinstance(lower, Number):
        return None
    if upper.places is not None or lower.places is not None or not 0 < upper.value < lower.value:
        return None
    return Mixed(int(whole.value), int(upper.value), int(lower.value))


def call_of(name: str, arguments: tuple[Node, ...]) -> Node:
    """A call in brackets; sympy's constructors become the nodes they stand for."""
    if name == "quotient" and len(arguments) == 2:
        return Quotient(*arguments)
    if name == "ln" and len(arguments) == 2:
        return Call("log", arguments)
    if len(arguments) not in _ARITIES.get(name, (1,)):
        raise UnreadableError(f"{name} of {len(arguments)} arguments")
    return Call(name, arguments)


_ARITIES: dict[str, tuple[int, ...]] = {
    "gcd": tuple(range(1, 20)),
    "lcm": tuple(range(1, 20)),
    "min": tuple(range(1, 20)),
    "max": tuple(range(1, 20)),
    "binom": (2,),
    "mod": (2,),
    "root": (2,),
}


_DIFFERENTIALS = (Symbol("d"), Symbol("partial"))


def derivative_of(upper: Node, lower: Node) -> tuple[Node | None, Node] | None:
    """Of `d/dx` (None, x), of `dy/dx` (y, x): an operator and no quotient. None for anything else."""
    match lower:
        case Product((Symbol() as sign, Symbol() as variable)) if sign in _DIFFERENTIALS:
            match upper:
                case Symbol() if upper == sign:
                    return None, variable
                case Product((first, *function)) if first == sign:
                    return product_of(list(function)), variable
    return None


def integrand_of(tree: Node) -> tuple[Node, tuple[Node, ...]]:
    """The integrand with its differential, `(x + a) dx` of `x + a dx`, and the terms that come after it."""
    if not isinstance(tree, Sum):
        return tree, ()
    for place, term in enumerate(tree.terms):
        match term:
            case Product((*factors, Symbol("d"), Symbol() as variable)) if factors:
                last = product_of(factors)
            case Negate(Product((*factors, Symbol("d"), Symbol() as variable))) if factors:
                last = Negate(product_of(factors))
            case _:
                continue
        terms = (*tree.terms[:place], last)
        body = Sum(terms) if place else last
        return Product((body, Symbol("d"), variable)), tree.terms[place + 1 :]
    return tree, ()


def digits(node: Node) -> str:
    """The exponent of a unit, as it is written."""
    if isinstance(node, Negate):
        return "-" + digits(node.operand)
    return str(node.value) if isinstance(node, Number) else "?"


def as_symbol(tree: Node, name: Symbol) -> Node:
    """The tree with the letter of a constant read as a name."""
    return name if tree == Constant(name.name) else replaced(tree, lambda part: as_symbol(part, name))
