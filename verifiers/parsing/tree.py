"""What the parser builds: a small frozen tree of mathematics, close to what was written.

Nothing is evaluated here. `canon.py` brings a tree into one canonical structure, `show.py` prints it
back. Numbers in a parsed tree are never negative: a minus sign is a `Negate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A literal. `places` is the count of digits after the point, None for an integer literal.

    Whole values are `int`s, which Python computes with ten times as fast as with `Fraction`s.
    """

    value: int | Fraction
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Mixed:
    """A mixed number, `2 1/2`: whole, numerator, denominator, with numerator < denominator."""

    whole: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Based:
    """`204_5`: digits (0-9, A-Z) in a base from 2 to 36, each digit under the base."""

    digits: str
    base: int

    @property
    def value(self) -> int:
        return int(self.digits, self.base)


@dataclass(frozen=True, slots=True)
class Symbol:
    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """`pi`, `e`, `i`, `infinity`, `undefined`, `dots`, and the sets `empty`, `reals`, `integers`, ..."""

    name: str


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool


@dataclass(frozen=True, slots=True)
class Word:
    """Text that is not mathematics: a unit, or a word of a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Node


@dataclass(frozen=True, slots=True)
class Sum:
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product:
    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    numerator: Node
    denominator: Node


@dataclass(frozen=True, slots=True)
class Power:
    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class PlusMinus:
    """`left ± right`; `left` is None when the sign stands in front."""

    left: Node | None
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A named function, also `percent`, `degree`, and the connectives `and or not implies iff xor`.

    `piecewise` has values and conditions in turn, `builder` what a set holds and under which condition,
    `derivative` a function and its variable, `modulo` a relation or value and its modulus.
    """

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Big:
    """An operator that was written down and not carried out: `sum`, `prod`, `int`, `lim`."""

    name: str
    lower: Node | None
    upper: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Quantity:
    value: Node
    unit: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain `a < b <= c`: `operators` are `= != < > <= >= in approx`, one fewer than `operands`."""

    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in brackets: `{ }` a set, `( )` a tuple or open interval, `[ ]` a list or closed one.

    `opening` and `closing` are both empty for a bare list `1, 2`.
    """

    items: tuple[Node, ...]
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of one length."""

    rows: tuple[tuple[Node, ...], ...]


Node = (
    Number
    | Mixed
    | Based
    | Symbol
    | Constant
    | Truth
    | Word
    | Negate
    | Sum
    | Product
    | Quotient
    | Power
    | PlusMinus
    | Call
    | Big
    | Quantity
    | Relation
    | Sequence
    | Matrix
)


_CHILDREN: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    Negate: lambda node: (node.operand,),
    Sum: attrgetter("terms"),
    Product: attrgetter("factors"),
    Quotient: attrgetter("numerator", "denominator"),
    Power: attrgetter("base", "exponent"),
    PlusMinus: lambda node: (node.right,) if node.left is None else (node.left, node.right),
    Call: attrgetter("arguments"),
    Big: lambda node: tuple(part for part in (node.lower, node.upper, node.body) if part is not None),
    Quantity: lambda node: (node.value,),
    Relation: attrgetter("operands"),
    Sequence: attrgetter("items"),
    Matrix: lambda node: tuple(entry for row in node.rows for entry in row),
}


def children(node: Node) -> tuple[Node, ...]:
    """The trees directly under `node`, in the order they are written."""
    found = _CHILDREN.get(type(node))
    return () if found is None else found(node)


def replaced(node: Node, change: Callable[[Node], Node]) -> Node:
    """`node` with `change` made to every tree directly under it."""
    match node:
        case Negate(operand):
            return Negate(change(operand))
        case Sum(parts) | Product(parts):
            return type(node)(tuple(map(change, parts)))
        case Quotient(left, right) | Power(left, right):
            return type(node)(change(left), change(right))
        case PlusMinus(maybe, right):
            return PlusMinus(None if maybe is None else change(maybe), change(right))
        case Call(name, parts):
            return Call(name, tuple(map(change, parts)))
        case Big(name, lower, upper, body):
            low, high = (None if part is None else change(part) for part in (lower, upper))
            return Big(name, low, high, change(body))
        case Quantity(value, unit):
            return Quantity(change(value), unit)
        case Relation(parts, operators):
            return Relation(tuple(map(change, parts)), operators)
        case Sequence(parts, opening, closing):
            return Sequence(tuple(map(change, parts)), opening, closing)
        case Matrix(rows):
            return Matrix(tuple(tuple(map(change, row)) for row in rows))
    return node


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents before children."""
    stack: list[Node] = [node]
    while stack:
        top = stack.pop()
        yield top
        found = _CHILDREN.get(type(top))
        if found is not None:
            stack.extend(found(top)[::-1])


#: The last few trees that were listed, kept so that their identities stay theirs.
_LISTED: dict[int, tuple[Node, tuple[Node, ...]]] = {}
_MAX_LISTED = 32


def nodes(node: Node) -> tuple[Node, ...]:
    """What `walk` yields, remembered: each answer is looked through several times for different things."""
    if type(node) not in _CHILDREN:
        return (node,)
    known = _LISTED.get(id(node))
    if known is not None and known[0] is node:
        return known[1]
    found: list[Node] = [node]
    for part in found:  # grows while it is read
        below = _CHILDREN.get(type(part))
        if below is not None:
            found.extend(below(part))
    if len(_LISTED) >= _MAX_LISTED:
        _LISTED.clear()
    listed = tuple(found)
    _LISTED[id(node)] = node, listed
    return listed


def symbols(node: Node) -> frozenset[str]:
    """The names of the free symbols of `node`."""
    return frozenset(part.name for part in nodes(node) if type(part) is Symbol)
