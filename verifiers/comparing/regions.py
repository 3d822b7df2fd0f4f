"""Sets of real numbers: intervals, unions, inequalities and single points in one normal form.

A region is a sorted tuple of pieces with canonical ends; touching pieces are joined, so `[1,2] ∪ [2,3]`
is `[1,3]`. Ends are compared by `equal.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cmp_to_key

from verifiers.comparing.canon import canonical
from verifiers.comparing.equal import same_term
from verifiers.comparing.interval import arithmetic
from verifiers.comparing.names import is_name
from verifiers.comparing.numeric import DIGITS, enclose
from verifiers.comparing.polynomial import linear_root
from verifiers.comparing.terms import MINUS_ONE, Term, product
from verifiers.parsing.tree import (
    Call,
    Constant,
    Negate,
    Node,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Word,
    symbols,
)

_INFINITY: Term = ("c", "infinity")
_MINUS_INFINITY: Term = product([MINUS_ONE, _INFINITY])
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


_EVERYTHING = frozenset(
    f"{every}{number}"
    for every in ("all ", "any ", "every ")
    for number in ("real", "reals", "real number", "real numbers")
)
_NOTHING = frozenset({"no solution", "no solutions", "none", "no real solution", "no real solutions"})


class RegionError(ValueError):
    """The tree does not describe a set of real numbers, or its ends cannot be ordered."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One interval; a single point is closed at both of its equal ends."""

    low: Term
    high: Term
    low_closed: bool
    high_closed: bool


def region(tree: Node) -> tuple[Piece, ...]:
    """The normal form of a tree; raises `RegionError` or `NotScalarError`."""
    return union(_pieces(tree))


def union(pieces: list[Piece]) -> tuple[Piece, ...]:
    """All of the pieces, in normal form."""
    return _joined(sorted(pieces, key=cmp_to_key(_by_low)))


def complement(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The real numbers outside of a region in normal form."""
    gaps: list[Piece] = []
    low, closed = _MINUS_INFINITY, False
    for piece in pieces:
        gaps += _interval(low, piece.low, closed, not piece.low_closed)
        low, closed = piece.high, not piece.high_closed
    gaps += _interval(low, _INFINITY, closed, False)
    return tuple(gaps)


def intersection(parts: list[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    """What all have in common: outside of the union of what is outside."""
    return complement(union([piece for part in parts for piece in complement(part)]))


def without(pieces: tuple[Piece, ...], removed: list[Piece]) -> tuple[Piece, ...]:
    """What is left of a region when pieces of it are taken away."""
    return intersection([pieces, complement(union(removed))])


def same_region(left: tuple[Piece, ...], right: tuple[Piece, ...]) -> bool:
    """Whether two normal forms are the same set."""
    return len(left) == len(right) and all(_same_piece(a, b) for a, b in zip(left, right, strict=True))


def _same_piece(a: Piece, b: Piece) -> bool:
    closed = (a.low_closed, a.high_closed) == (b.low_closed, b.high_closed)
    return closed and _order(a.low, b.low) == 0 and _order(a.high, b.high) == 0


def _pieces(tree: Node) -> list[Piece]:
    match tree:
        case Constant("empty"):
            return []
        case Word(text) if text.lower().strip(".") in _EVERYTHING:
            return [Piece(_MINUS_INFINITY, _INFINITY, False, False)]
        case Word(text) if text.lower().strip(".") in _NOTHING:
            return []
        case Constant("reals"):
            return [Piece(_MINUS_INFINITY, _INFINITY, False, False)]
        case Sequence((), "{", "}"):
            return []
        case Sequence((low, high), "(" | "[" as opening, closing):
            return _interval(canonical(low), canonical(high), opening == "[", closing == "]")
        case Sequence((Call("builder", (Symbol(), condition)),), "{", "}"):
            return _pieces(condition)
        case Sequence((Call("builder", (Relation((Symbol(), inside), ("in",)), condition)),), "{", "}"):
            return list(intersection([region(inside), region(condition)]))
        case Sequence((Relation() as condition,), "{", "}"):
            return _pieces(condition)
        case Sequence(items, "{", "}"):
            return [_point(canonical(item)) for item in items]
        case Call("union" | "or", parts):
            return [piece for part in parts for piece in _pieces(part)]
        case Call("intersect" | "and", parts):
            return list(intersection([region(part) for part in parts]))
        case Call("setminus", (whole, *removed)):
            return list(intersection([region(whole), *(complement(region(part)) for part in removed)]))
        case Sequence(parts, "", ""):
            regions = [region(part) for part in parts]
            # `x > 1, x < 3` are two conditions, `x < 1, x > 3` two cases.
            return list(intersection(regions)) or [piece for part in regions for piece in part]
        case Relation((name, inside), ("in",)) if is_name(name):
            return _pieces(inside)
        case Relation():
            return _inequality(tree)
    raise RegionError("neither an interval, a union nor an inequality")


def _point(value: Term) -> Piece:
    return Piece(value, value, True, True)


def _interval(low: Term, high: Term, low_closed: bool, high_closed: bool) -> list[Piece]:
    low_closed = low_closed and low != _MINUS_INFINITY
    high_closed = high_closed and high != _INFINITY
    order = _order(low, high)
    if order > 0:
        raise RegionError("the ends are in the wrong order")
    if order == 0 and not (low_closed and high_closed):
        return []
    return [Piece(low, high, low_closed, high_closed)]


def _inequality(tree: Relation) -> list[Piece]:
    """`x > 3`, `3 <= x`, `1 < x <= 2`, `x != 0`, with the variable alone."""
    operands, operators = tree.operands, tree.operators
    if len(operands) == 3 and is_name(operands[1]):
        if not {*operators} <= {"<", "<="} and not {*operators} <= {">", ">="}:
            raise RegionError("a chain that changes direction")
        low, high = canonical(operands[0]), canonical(operands[2])
        if operators[0] in (">", ">="):
            return _interval(high, low, operators[1] == ">=", operators[0] == ">=")
        return _interval(low, high, operators[0] == "<=", operators[1] == "<=")
    if len(operands) != 2:
        links = zip(operands, operators, operands[1:], strict=False)
        return list(intersection([region(Relation((a, b), (sign,))) for a, sign, b in links]))
    distance = _distance(operands[0], operands[1], operators[0])
    if distance is not None:
        return distance
    bound, sign = _solved(operands[0], operands[1], operators[0])
    if sign == "=":
        return [_point(bound)]
    below = Piece(_MINUS_INFINITY, bound, False, sign == "<=")
    above = Piece(bound, _INFINITY, sign == ">=", False)
    if sign == "!=":
        return [below, above]
    return [below] if sign in ("<", "<=") else [above]


def _distance(left: Node, right: Node, sign: str) -> list[Piece] | None:
    """`|x - a| < b` is an interval around a, `|x - a| > b` what is outside of one."""
    if not (isinstance(left, Call) and left.name == "abs"):
        left, right, sign = right, left, _FLIPPED.get(sign, sign)
    match left:
        case Call("abs", (inner,)) if symbols(inner) and not symbols(right):
            within = region(Relation((Negate(right), inner), ("<" if sign in ("<", ">=") else "<=",)))
            within = intersection(
                [within, region(Relation((inner, right), ("<" if sign in ("<", ">=") else "<=",)))]
            )
            if sign in ("<", "<="):
                return list(within)
            if sign in (">", ">="):
                return list(complement(within))
    return None


def _solved(left: Node, right: Node, sign: str) -> tuple[Term, str]:
    """The bound of the one variable, and the sign that stands between them; linear relations are solved."""
    if is_name(left) and not symbols(right) and sign in _FLIPPED:
        return canonical(right), sign
    if is_name(right) and not symbols(left) and sign in _FLIPPED:
        return canonical(left), _FLIPPED[sign]
    if not isinstance(left, Symbol) or symbols(right):
        left, right, sign = right, left, _FLIPPED.get(sign, sign)
    if sign not in _FLIPPED:
        raise RegionError("no relation between numbers")
    root = linear_root(canonical(Sum((left, Negate(right)))))
    if root is None:
        raise RegionError("the variable does not stand alone")
    value, rising = root
    return value, sign if rising else _FLIPPED[sign]


def _order(a: Term, b: Term) -> int:
    """-1, 0 or 1 as a is below, at, or above b."""
    if a == b:
        return 0
    if a == _MINUS_INFINITY or b == _INFINITY:
        return -1
    if b == _MINUS_INFINITY or a == _INFINITY:
        return 1
    outcome = same_term(a, b)
    if outcome is not None and outcome.same:
        return 0
    x, y = enclose(a), enclose(b)
    if x is None or y is None or not arithmetic(DIGITS).disjoint(x, y):
        raise RegionError("ends that cannot be ordered")
    return -1 if x < y else 1


def _by_low(a: Piece, b: Piece) -> int:
    return _order(a.low, b.low) or (b.low_closed - a.low_closed) or _order(a.high, b.high)


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined:
            last = joined[-1]
            order = _order(piece.low, last.high)
            if order < 0 or (order == 0 and (piece.low_closed or last.high_closed)):
                joined[-1] = _hull(last, piece)
                continue
        joined.append(piece)
    return tuple(joined)


def _hull(first: Piece, second: Piece) -> Piece:
    order = _order(first.high, second.high)
    if order > 0:
        return first
    closed = second.high_closed or (order == 0 and first.high_closed)
    return replace(first, high=second.high, high_closed=closed)
