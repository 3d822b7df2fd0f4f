"""How parameters are read from JSON, and how answers are read into numbers, lists and assignments.

The readers of parameters raise `ValueError` saying what the value should be; those of answers raise
`RefusedError` or `UnreadableError`. Nothing is evaluated beyond exact rationals within `canon`'s budget.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from verifiers.checkers.base import DEADLINE_S, Reader, malformed, wrong_form
from verifiers.comparing.canon import canonical, exact
from verifiers.comparing.forms import is_assignment, items, scalar, unfinished
from verifiers.parsing.mend import lone_formula
from verifiers.parsing.parse import parse
from verifiers.parsing.tree import Call, Node, Relation, Sequence, Symbol

#: Whole numbers of more bits are read by no checker.
MAX_BITS = 4096
_NAME = re.compile(r"[A-Za-z]+(?:_[A-Za-z0-9]+)?'?")
_WHOLE = re.compile(r"[-−+]?\d{1,1200}")


# Parameters.


def whole(minimum: int | None = None, maximum: int | None = None) -> Reader:
    """A whole number, as an integer or in digits, within bounds that are included."""

    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,1200}", value):
            value = int(value)
        inside = type(value) is int and value.bit_length() <= MAX_BITS
        if not inside or not _within(value, minimum, maximum):
            low = "" if minimum is None else f" from {minimum}"
            high = "" if maximum is None else f" up to {maximum}"
            raise ValueError(f"use a whole number{low}{high}")
        return value

    return read


def _within(value: int, minimum: int | None, maximum: int | None) -> bool:
    return (minimum is None or value >= minimum) and (maximum is None or value <= maximum)


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("use a text")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("use true or false")
    return value


def name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("use a name such as x or x_1")
    return value


def rational(value: Any) -> Fraction:
    """A number, or one written out such as "3/4"."""
    if type(value) is int:
        return Fraction(value)
    if isinstance(value, float):
        value = repr(value)
    found = exact(parse(value, thousands=False)) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, (int, Fraction)):
        raise ValueError('use a number, or one written as "3/4"')
    return Fraction(found)


def formula(value: Any) -> str:
    """Mathematics that the parser reads."""
    parse(text(value), thousands=False)
    return value


def equation(value: Any) -> str:
    sides(parse(text(value), thousands=False))
    return value


def one_of(*known: str) -> Reader:
    def read(value: Any) -> str:
        if value not in known:
            raise ValueError(f"use one of {', '.join(known)}")
        return str(value)

    return read


def listed(read: Reader, minimum: int = 1, maximum: int = 1000) -> Reader:
    """A list of so many values, each read by `read`; kept as a tuple."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)) or not minimum <= len(value) <= maximum:
            raise ValueError(f"use a list of {minimum} to {maximum}")
        return tuple(map(read, value))

    return read_all


def mapped(read: Reader, maximum: int = 100) -> Reader:
    """An object whose values are read by `read`; kept as a tuple of pairs, because it must hash."""

    def read_all(value: Any) -> tuple[tuple[str, Any], ...]:
        pairs = value.items() if isinstance(value, Mapping) else value
        if not isinstance(value, (Mapping, tuple)) or not 1 <= len(value) <= maximum:
            raise ValueError(f"use an object of 1 to {maximum} keys")
        return tuple((text(key), read(inner)) for key, inner in pairs)

    return read_all


# Equations.


def sides(tree: Node) -> tuple[Node, Node]:
    """Left and right of an equation; what is no equation at all is meant to be zero."""
    match tree:
        case Relation((left, right), ("=",)):
            return left, right
        case Relation() | Sequence() | Call("and" | "or"):
            raise ValueError("use one equation")
    return tree, parse("0")


# Answers.


def read_formula(answer: str, names: frozenset[str] = frozenset()) -> Node:
    """The tree of an answer; `names` are variables whatever else they may mean.

    Of a sentence with one formula between dollars the formula is read.
    """
    return parse(lone_formula(answer) or answer, names, thousands=False)


def finished(tree: Node) -> Node:
    """`tree`, when no operator in it leaves the work undone; else `wrong_form`."""
    left = unfinished(tree)
    if left:
        raise wrong_form(f"{', '.join(sorted(left))} is not carried out")
    return tree


def value(tree: Node) -> Node:
    """The one value an answer states: of `x = 5` the 5. Raises `SeveralValuesError`."""
    return finished(scalar(tree, DEADLINE_S))


def fraction_of(tree: Node) -> Fraction:
    """A rational value, carried out or not: `7/2`, `3 1/2`, `2 + 3/2`."""
    found = exact(tree)
    if found is None:
        term = canonical(finished(tree))
        if term[0] != "n":
            raise malformed("not a rational number")
        found = term[1]
    return Fraction(found)


def integer_of(tree: Node) -> int:
    """A whole number that is written out; `2 + 3` is `wrong_form`."""
    found = exact(tree)
    if found is None:
        if canonical(finished(tree))[0] != "n":
            raise malformed("not a whole number")
        raise wrong_form("not carried out to a number")
    if found.denominator != 1:
        raise malformed("a fraction where a whole number is asked for")
    if found.numerator.bit_length() > MAX_BITS:
        raise malformed(f"a number of more than {MAX_BITS} bits")
    return found.numerator


def read_integer(answer: str) -> int:
    """One whole number, with or without a name before it: `5`, `x = 5`."""
    if _WHOLE.fullmatch(answer):
        return int(answer.replace("−", "-"))
    return integer_of(value(read_formula(answer)))


def read_list(answer: str, read: Callable[[Node], Any] = integer_of) -> list[Any]:
    """The members of `1, 2, 3`, `(1, 2, 3)`, `[1, 2, 3]` or `{1, 2, 3}`, each read by `read`."""
    tree = read_formula(answer)
    inside = tree.items if isinstance(tree, Sequence) else items(tree)
    return [read(value(member)) for member in inside]


def read_assignment(answer: str, names: tuple[str, ...]) -> dict[str, Node]:
    """A value for each of `names`: `x = 1, y = 2` in any order, or `(1, 2)` in theirs."""
    tree = read_formula(answer, frozenset(names))
    if isinstance(tree, Relation) and isinstance(tree.operands[0], Sequence) and len(tree.operands) == 2:
        heads, tree = tree.operands[0].items, tree.operands[1]
        if heads != tuple(map(Symbol, names)):
            raise malformed(f"the names are not {', '.join(names)} in this order")
    members = _members(tree)
    if not any(is_assignment(member) for member in members):
        if len(members) != len(names):
            raise malformed(f"{len(members)} values where {len(names)} are asked for: {', '.join(names)}")
        return dict(zip(names, map(finished, members), strict=True))
    found: dict[str, Node] = {}
    for member in members:
        if not is_assignment(member):
            raise malformed("values with names beside values without")
        key = member.operands[0].name if isinstance(member.operands[0], Symbol) else ""
        if key not in names or key in found:
            what = "given twice" if key in found else "not asked for"
            raise malformed(f"the name {key!r} is {what}" if key else "a value for something without a name")
        found[key] = finished(member.operands[1])
    missing = [each for each in names if each not in found]
    if missing:
        raise malformed(f"no value for {', '.join(missing)}")
    return found


def _members(tree: Node) -> tuple[Node, ...]:
    match tree:
        case Sequence(members, _, _) | Call("and", members):
            flat = (inner for member in members for inner in _members(member))
            return members if any(isinstance(each, Sequence) for each in members) else tuple(flat)
        case Relation((*heads, found), operators) if len(heads) > 1 and set(operators) == {"="}:
            if all(isinstance(head, Symbol) for head in heads):  # `x = y = 1`
                return tuple(Relation((head, found), ("=",)) for head in heads)
    return (tree,)


def words_of(answer: str) -> list[str]:
    """What stands between commas, semicolons, arrows, line ends or spaces: `A -> B, C`."""
    bare = re.sub(r"\\(?:text|mathrm|textbf)\s*\{([^{}]*)\}", r"\1", answer)
    bare = re.sub(r"\\(?:to|rightarrow|longrightarrow|quad|,|;| )", " ", bare)
    return [word for word in re.split(r"\s*(?:,|;|->|→|=>)\s*|\s+", bare.strip(" \t\n()[]{}$.")) if word]
