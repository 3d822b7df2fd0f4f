"""Whole numbers modulo a modulus: a tree's value there, and the residue classes an answer names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from verifiers.checkers import univariate
from verifiers.checkers.base import malformed, violated, wrong_form
from verifiers.checkers.readers import MAX_BITS, finished, integer_of, read_formula
from verifiers.comparing.canon import canonical, exact
from verifiers.comparing.forms import is_assignment, items
from verifiers.parsing.tree import (
    Call,
    Negate,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    symbols,
)

#: A class modulo a divisor of the modulus is so many classes at most.
MAX_CLASSES = 4096
_MODULUS = re.compile(r"\(?\s*\\?[pb]?mod\s*\{?\s*(\d+)\s*\}?\s*\)?")


class NoResidueError(ValueError):
    """The tree has no value modulo this modulus."""


def residue(tree: Node, values: Mapping[str, int], modulus: int) -> int:
    """The value of a tree of whole numbers; raises `NoResidueError`. Letters stand for `values`."""
    match tree:
        case Number(value):
            return _divided(value.numerator, value.denominator, modulus)
        case Symbol(name) if name in values:
            return values[name] % modulus
        case Negate(operand):
            return -residue(operand, values, modulus) % modulus
        case Sum(terms):
            return sum(residue(term, values, modulus) for term in terms) % modulus
        case Product(factors):
            total = 1
            for factor in factors:
                total = total * residue(factor, values, modulus) % modulus
            return total
        case Quotient(above, below):
            return _divided(residue(above, values, modulus), residue(below, values, modulus), modulus)
        case Power(base, exponent):
            n, x = _whole(exponent, values), residue(base, values, modulus)
            return pow(x, n, modulus) if n >= 0 else _divided(1, pow(x, -n, modulus), modulus)
        case Sequence((inner,), _, _):
            return residue(inner, values, modulus)
        case Call("modulo", (inner, _)):
            return residue(inner, values, modulus)
    raise NoResidueError(f"{type(tree).__name__} has no value modulo {modulus}")


def _divided(above: int, below: int, modulus: int) -> int:
    try:
        return above * pow(below, -1, modulus) % modulus
    except ValueError:
        raise NoResidueError(f"a division by {below}, which has no inverse modulo {modulus}") from None


def _whole(tree: Node, values: Mapping[str, int]) -> int:
    """The whole number an exponent is, not reduced."""
    match tree:
        case Number(value) if value.denominator == 1:
            return int(value)
        case Symbol(name) if name in values:
            return values[name]
        case Negate(operand):
            return -_whole(operand, values)
        case Sum(terms):
            return sum(_whole(term, values) for term in terms)
        case Product(factors):
            total = 1
            for factor in factors:
                total *= _whole(factor, values)
                if total.bit_length() > MAX_BITS:
                    raise NoResidueError("an exponent too large")
            return total
        case Sequence((inner,), _, _):
            return _whole(inner, values)
    raise NoResidueError("an exponent that is no whole number")


def read_classes(answer: str, variable: str, modulus: int, *, every: bool) -> list[int]:
    """The numbers an answer names: `3`, `x ≡ 3 (mod 7)`, `3 + 7k`, `x = 3, 4`.

    A class modulo another number than `modulus` is refused, but with `every` one modulo a divisor stands
    for all residues in it.
    """
    tree = read_formula(_MODULUS.sub(r" \\pmod{\1}", answer))
    found: list[int] = []
    for member, within in _members(tree, None):
        if isinstance(member, Relation) and (is_assignment(member) or _is_worked_out(member)):
            member = member.operands[-1]
        inner = member.items if isinstance(member, Sequence) else (member,)
        for each in inner:
            found += _numbers(each, within, modulus, variable, every=every)
            if len(found) > MAX_CLASSES:
                raise malformed(f"more than {MAX_CLASSES} numbers")
    return list(dict.fromkeys(found))


def _is_worked_out(tree: Relation) -> bool:
    """Whether a relation is `3^-1 = 4`, something without letters and its value."""
    return set(tree.operators) == {"="} and not symbols(tree) and exact(tree.operands[0]) is None


def _members(tree: Node, within: int | None) -> list[tuple[Node, int | None]]:
    """The parts of a list with the modulus that is written behind them."""
    match tree:
        case Call("modulo", (inner, written)):
            return _members(inner, integer_of(written))
        case Sequence(members, _, _) | Call("or" | "and" | "union", members):
            parts = [pair for member in members for pair in _members(member, within)]
            last = parts[-1][1] if parts else None
            return [(part, last if own is None else own) for part, own in parts]
        case Relation((name, Sequence(members, _, _)), ("=",)):
            return [(Relation((name, member), ("=",)), within) for member in members]
        case PlusMinus() | Relation((_, PlusMinus()), ("=",)):
            return [(member, within) for member in items(tree)]
        case Relation((name, Call("modulo", (inner, written))), ("=",)):
            return [(Relation((name, inner), ("=",)), integer_of(written))]
    return [(tree, within)]


def _numbers(tree: Node, within: int | None, modulus: int, variable: str, *, every: bool) -> list[int]:
    letters = symbols(tree)
    if variable in letters or isinstance(tree, Relation):
        raise wrong_form("a congruence, not its solution")
    if len(letters) == 1 and within is None:
        tree, within = _progression(tree, next(iter(letters)))
    start = integer_of(tree)
    if within is None or within == modulus:
        return [start % modulus if every else start]
    if not every or within < 1 or modulus % within:
        raise violated(f"a class modulo {within}, not modulo {modulus}")
    if modulus // within > MAX_CLASSES:
        raise malformed(f"more than {MAX_CLASSES} classes modulo {modulus}")
    return list(range(start % within, modulus, within))


def _progression(tree: Node, letter: str) -> tuple[Node, int]:
    """`3 + 7k` as the start 3 and the step 7."""
    try:
        poly = univariate.polynomial(canonical(finished(tree)), letter)
    except univariate.NotPolynomialError as error:
        raise malformed(str(error)) from error
    if len(poly) != 2 or any(c.denominator != 1 for c in poly):
        raise malformed("not an arithmetic progression")
    start = Number(abs(int(poly[0])))
    return (Negate(start) if poly[0] < 0 else start), abs(int(poly[1]))
