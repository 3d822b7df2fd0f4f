"""The specification that a bare gold answer suggests: its kind, read off its own spelling.

A guess in the reader's favour: an inferred specification asks for no form, and forgives a missing unit
or percent sign. Whoever knows the kind writes an `AnswerSpec`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from verifiers.answer import AnswerSpec
from verifiers.comparing.names import names_in
from verifiers.comparing.words import (
    choice_letter,
    is_sentence,
    said_in_words,
    time_of_day,
    truth_value,
)
from verifiers.parsing.mend import mended
from verifiers.parsing.notation import NUMBER_WORDS
from verifiers.parsing.parse import parse
from verifiers.parsing.token import UnreadableError
from verifiers.parsing.tree import (
    Based,
    Call,
    Constant,
    Matrix,
    Negate,
    Node,
    Number,
    PlusMinus,
    Product,
    Quantity,
    Relation,
    Sequence,
    Symbol,
    Truth,
    Word,
    nodes,
    walk,
)

_CONNECTIVES = ("and", "or", "not", "implies", "iff", "xor")
_DIGITS = re.compile(r"\s*-?[0-9]{1,18}\s*")
_INTEGER = AnswerSpec("integer", form="any")
_NUMBER_SETS = ("empty", "reals", "integers", "naturals", "rationals", "complexes")


@lru_cache(maxsize=4096)
def infer(answer: str) -> AnswerSpec:
    """Never raises for text; the last resort is the kind `text`."""
    if _DIGITS.fullmatch(answer):
        return _INTEGER
    answer = said_in_words(answer)
    if truth_value(answer) is not None:
        return AnswerSpec("truth")
    if len(answer) < 40 and choice_letter(answer) is not None:
        return AnswerSpec("choice")
    if answer.strip().upper() == "DNE" or is_sentence(answer) or time_of_day(answer) is not None:
        return AnswerSpec("text")
    tree = _read(answer.strip())
    if tree is None:
        return AnswerSpec("text")
    kind = kind_of(tree)
    base = tree.base if isinstance(tree, Based) else None
    return AnswerSpec(kind, form="any", base=base) if base else _spec(kind)


@lru_cache(maxsize=64)
def _spec(kind: str) -> AnswerSpec:
    return AnswerSpec(kind, form="any")


def _read(answer: str) -> Node | None:
    try:
        return parse(answer)
    except UnreadableError:
        pass
    for _, better in mended(answer):
        try:
            return parse(better)
        except UnreadableError:
            continue
    return None


def kind_of(tree: Node) -> str:
    """The kind of answer a tree looks like."""
    parts = nodes(tree)
    if isinstance(tree, Word) and tree.text.lower() in NUMBER_WORDS:
        return "integer"
    types = set(map(type, parts))
    if Word in types:
        return "text"
    if PlusMinus in types:
        return "set"
    match tree:
        case Truth():
            return "truth"
        case Based():
            return "base"
        case Sequence():
            return _kind_of_sequence(tree)
        case Relation((left, Sequence(_, "(", ")")), ("=",)) if names_in(left) is not None:
            return "tuple"
        case Relation(_, operators):
            return "equation" if set(operators) <= {"=", "approx"} else "interval"
        case Call(name) if name in _CONNECTIVES:
            if _propositional(tree):
                return "proposition"
            return "interval" if _has_inequality(tree) else "set"
        case Call("modulo"):
            return "equation"
        case Call("union" | "intersect" | "setminus"):
            return "interval"
        case Constant(name) if name in _NUMBER_SETS:
            return "interval"
        case Call("percent"):
            return "percentage"
        case Number(_, places) | Negate(Number(_, places)):
            return "integer" if places is None else "rational"
        case Quantity(value, _):
            return kind_of(value)
        case Product((Symbol(name), Sequence((_, _, *_), "(", ")"))) if name.isupper():
            return "tuple"  # a point with its name
    return _kind_of_value(parts)


def _kind_of_value(parts: tuple[Node, ...]) -> str:
    """Of something that is neither a list nor a relation."""
    if any(isinstance(part, Matrix) for part in parts):
        return (
            "matrix" if not any(isinstance(part, Call) and part.name == "det" for part in parts) else "real"
        )
    names = {type(part).__name__ for part in parts}
    if "Symbol" in names:
        return "expression"
    if Constant("i") in parts:
        return "complex"
    return "rational" if names <= {"Number", "Negate", "Quotient", "Mixed"} else "real"


def _has_inequality(tree: Node) -> bool:
    return any(isinstance(part, Relation) and set(part.operators) != {"="} for part in walk(tree))


def _kind_of_sequence(tree: Sequence) -> str:
    items, opening, closing = tree.items, tree.opening, tree.closing
    if len(items) == 1 and opening in ("(", "["):
        return kind_of(items[0])
    if opening == "{" and len(items) == 1 and _has_inequality(tree):
        return "interval"
    if opening == "" and _assigns(items):
        return "assignment"
    if opening == "" and all(_has_inequality(item) for item in items):
        return "interval"
    if (
        opening == ""
        and len(set(items)) < len(items)
        and not any(isinstance(item, Relation) for item in items)
    ):
        return "multiset"  # `6, 6`: who repeats a member means it
    if opening in ("{", ""):
        return "set"
    if opening == "[" and items and all(isinstance(item, Sequence) and item.opening == "(" for item in items):
        return "set"  # a list of points
    if opening == "[" and items and all(isinstance(item, Matrix) for item in items):
        return "set"
    if opening == "[" and is_grid(tree):
        return "matrix"
    infinite = any(part == Constant("infinity") for part in walk(tree))
    if len(items) == 2 and (infinite or opening != "(" or closing != ")"):
        return "interval"
    return "tuple"


def _assigns(items: tuple[Node, ...]) -> bool:
    """`x = 1, y = 2`: each a name of its own and its value."""
    names = [item.operands[0] for item in items if isinstance(item, Relation) and item.operators == ("=",)]
    return len(names) == len(items) == len(set(names)) > 1 and all(isinstance(name, Symbol) for name in names)


def is_grid(tree: Sequence) -> bool:
    """Whether a list is one of lists of one length, `[[1, 2], [3, 4]]`."""
    rows = [item for item in tree.items if isinstance(item, Sequence) and item.opening == "["]
    return bool(rows) and len(rows) == len(tree.items) and len({len(row.items) for row in rows}) == 1


def _propositional(tree: Node) -> bool:
    """Whether a formula's leaves are letters and truth values: `p and q`, but not `1 or 2`."""
    return not any(isinstance(part, (Number, Relation)) for part in walk(tree))
