"""Propositional formulas: do two of them say the same?

By truth table over the letters of both, all rows at once: a letter's column is one big integer with a
bit a row, so 16 letters take a few machine operations a connective.
"""

from __future__ import annotations

from functools import reduce

from verifiers.parsing.tree import Call, Constant, Node, Relation, Symbol, Truth, walk
from verifiers.verdict import Outcome

#: 2**16 rows is 8 KiB a column.
MAX_LETTERS = 16


class NotPropositionalError(ValueError):
    """The tree contains something other than letters, truth values and connectives."""


def letters(tree: Node) -> frozenset[str]:
    """The propositional letters; `e` and `i` are letters here."""
    return frozenset(part.name for part in walk(tree) if isinstance(part, (Symbol, Constant)))


def equivalent(left: Node, right: Node) -> Outcome:
    """Whether two formulas agree on every assignment; a disagreeing assignment is the witness."""
    names = sorted(letters(left) | letters(right))
    if len(names) > MAX_LETTERS:
        return Outcome(None, "truth-table", f"more than {MAX_LETTERS} letters")
    rows = 1 << len(names)
    everything = (1 << rows) - 1
    columns = {name: _column(place, rows, everything) for place, name in enumerate(names)}
    try:
        difference = _evaluate(left, columns, everything) ^ _evaluate(right, columns, everything)
    except NotPropositionalError as error:
        return Outcome(False, "truth-table", str(error))
    if not difference:
        return Outcome(True, "truth-table", f"equal on all {rows} assignments")
    row = (difference & -difference).bit_length() - 1
    witness = {name: bool(row >> place & 1) for place, name in enumerate(names)}
    return Outcome(False, "truth-table", "an assignment tells them apart", witness={"assignment": witness})


def _column(place: int, rows: int, everything: int) -> int:
    """Bit r is set where bit `place` of r is: 2**place zeros, as many ones, repeated."""
    period = 1 << place
    return everything // ((1 << (2 * period)) - 1) * (((1 << period) - 1) << period) if rows > 1 else 0


def _evaluate(tree: Node, columns: dict[str, int], everything: int) -> int:
    match tree:
        case Truth(value):
            return everything if value else 0
        case Symbol(name) | Constant(name):
            return columns[name]
        case Call(name, arguments):
            parts = [_evaluate(argument, columns, everything) for argument in arguments]
            return _connect(name, parts, everything)
        case Relation((left, right), ("=",)):
            return everything ^ _evaluate(left, columns, everything) ^ _evaluate(right, columns, everything)
    raise NotPropositionalError(f"{type(tree).__name__} is not part of a proposition")


def _connect(name: str, parts: list[int], everything: int) -> int:
    if name == "not":
        return everything ^ parts[0]
    if name == "and":
        return reduce(int.__and__, parts)
    if name == "or":
        return reduce(int.__or__, parts)
    if name == "xor":
        return reduce(int.__xor__, parts)
    if name == "implies":
        return (everything ^ parts[0]) | parts[1]
    if name == "iff":
        return everything ^ parts[0] ^ parts[1]
    raise NotPropositionalError(f"{name} is not a connective")
