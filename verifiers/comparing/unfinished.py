"""Sums, products, limits and integrals as canonical terms.

A sum or product between integers is carried out when it is small; any other operator stays as it was
written, its bound variable renamed, so that two spellings of one integral are one term.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from verifiers.parsing.tree import (
    Big,
    Call,
    Node,
    Number,
    Product,
    Relation,
    Symbol,
    replaced,
    walk,
)

#: Terms of a sum times nodes of its body: each costs about ten microseconds.
MAX_WORK = 3000
_BOUND = Symbol("#")


def canonical_big(node: Big) -> Any:
    """The canonical term of an operator; raises `canon.NotScalarError` where a part has no value."""
    from verifiers.comparing.canon import canonical
    from verifiers.comparing.terms import add, product

    index = _index(node)
    carried_out = _values(node, index)
    if carried_out is not None:
        terms = [canonical(term) for term in carried_out]
        return add(terms) if node.name == "sum" else product(terms)
    body = node.body if index is None else substitute(node.body, index, _BOUND)
    parts: list[Node] = []
    match node.lower:
        case Relation((_, start), ("=",)) | Call("implies", (_, start)):
            parts.append(start)
        case None:
            pass
        case lower:
            parts.append(lower)
    parts += [node.upper] if node.upper is not None else []
    return ("f", node.name, canonical(body), *map(canonical, parts))


def _index(node: Big) -> Symbol | None:
    """The bound variable: of the lower limit, or of the differential."""
    match node.lower:
        case Relation((Symbol() as index, _), ("=",)) | Call("implies", (Symbol() as index, _)):
            return index
    match node.body:
        case Product((*_, Symbol("d"), Symbol() as index)) if node.name == "int":
            return index
    return None


def _values(node: Big, index: Symbol | None) -> list[Node] | None:
    """The terms of a small sum or product between integers."""
    match node:
        case Big("sum" | "prod", Relation((_, first), ("=",)), last, body) if index is not None:
            low, high = _integer(first), _integer(last)
            if low is None or high is None:
                return None
            size = sum(1 for _ in walk(body))
            if (high - low + 1) * size > MAX_WORK:
                return None
            return [substitute(body, index, Number(Fraction(k))) for k in range(low, high + 1)]
    return None


def _integer(tree: Node | None) -> int | None:
    match tree:
        case Number(value, None):
            return int(value)
    return None


def substitute(tree: Node, name: Symbol, value: Node) -> Node:
    """The tree with `value` wherever `name` stands."""
    return value if tree == name else replaced(tree, lambda part: substitute(part, name, value))
