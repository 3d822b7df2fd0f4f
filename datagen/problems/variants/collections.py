"""Several answers in one: sets, tuples, matrices, assignments, and intervals with their unions."""

from __future__ import annotations

import re

from datagen.problems.variants import formulas, numbers
from datagen.problems.variants.terms import members
from verifiers import AnswerSpec

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")
_SCALAR = AnswerSpec()


def _items(answer: str) -> list[str]:
    return [item for item in members(answer[1:-1]) if item]


def _item_misses(item: str) -> list[str]:
    if _NUMBER.fullmatch(item):
        return numbers.misses(item)[:3]
    return formulas.misses(item, _SCALAR)[:3] if item.isascii() and not item.isalpha() else []


def set_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """LaTeX's braces, the members backwards."""
    items = _items(answer)
    if not items:
        return ["\\emptyset", "∅", "\\{\\}"]
    return [
        f"\\{{{', '.join(items)}\\}}",
        f"{{{', '.join(reversed(items))}}}",
        f"\\left\\{{{', '.join(items)}\\right\\}}",
    ]


def set_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One member wrong, one left out, one too many."""
    items = _items(answer)
    fewer = [f"{{{', '.join(items[:place] + items[place + 1 :])}}}" for place in range(len(items))]
    stranger = next(text for text in ("1000", "1001", "1003", "1007") if text not in items)
    more = f"{{{', '.join([*items, stranger])}}}"
    others = "{-1000, 1000}" if set(items) != {"-1000", "1000"} else "{-1001, 1001}"
    return [*_with_one_wrong(items, "{", "}"), *fewer, more, others]


def tuple_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """Other spacing, LaTeX's parentheses."""
    items = _items(answer)
    return [f"({','.join(items)})", f"\\left({', '.join(items)}\\right)", f"( {' , '.join(items)} )"]


def tuple_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One member wrong, the order reversed, one left out."""
    items = _items(answer)
    backwards = items[::-1]
    in_order = backwards != items and spec.ordered is not False
    return [
        *_with_one_wrong(items, "(", ")"),
        *([f"({', '.join(backwards)})"] if in_order else []),
        *([f"({', '.join(items[:-1])})"] if len(items) > 1 else []),
    ]


def _with_one_wrong(items: list[str], opening: str, closing: str) -> list[str]:
    """The list with each of its numbers replaced by a near miss, unless that is another of them."""
    made = []
    for place, item in enumerate(items):
        for miss in _item_misses(item):
            if miss not in items:
                made.append(f"{opening}{', '.join([*items[:place], miss, *items[place + 1 :]])}{closing}")
    return made


def _rows(answer: str) -> list[list[str]]:
    return [_items(row) for row in _items(answer)]


def _bracketed(rows: list[list[str]]) -> str:
    inner = ", ".join("[" + ", ".join(row) + "]" for row in rows)
    return f"[{inner}]"


def matrix_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """LaTeX's matrices in parentheses and in brackets, other spacing."""
    rows = _rows(answer)
    inner = r" \\ ".join(" & ".join(row) for row in rows)
    environments = [f"\\begin{{{name}}} {inner} \\end{{{name}}}" for name in ("pmatrix", "bmatrix")]
    return [*environments, answer.replace(" ", "")]


def matrix_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One entry wrong, the transpose, a row left out, rows in another order."""
    rows = _rows(answer)
    made = []
    for down, row in enumerate(rows):
        for along, entry in enumerate(row):
            for miss in _item_misses(entry)[:1]:
                changed = [*row[:along], miss, *row[along + 1 :]]
                made.append(_bracketed([*rows[:down], changed, *rows[down + 1 :]]))
    turned = [list(column) for column in zip(*rows, strict=True)]
    made += [_bracketed(turned)] if turned != rows else []
    made += [_bracketed(rows[:-1])] if len(rows) > 1 else []
    return [*made, *([_bracketed(rows[::-1])] if rows[::-1] != rows else [])]


def assignment_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The other order, no spaces, LaTeX."""
    pairs = members(answer)
    return [", ".join(reversed(pairs)), answer.replace(" ", ""), f"${answer}$"]


def assignment_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One value wrong, one name left out, the values the other way round."""
    pairs = [tuple(part.strip() for part in pair.split("=")) for pair in members(answer)]
    names, values = [name for name, _ in pairs], [value for _, value in pairs]
    made = []
    for place, value in enumerate(values):
        for miss in _item_misses(value):
            made.append(_assigned(names, [*values[:place], miss, *values[place + 1 :]]))
    made += [_assigned(names, values[::-1])] if values[::-1] != values else []
    return [*made, *([_assigned(names[:-1], values[:-1])] if len(names) > 1 else [])]


def _assigned(names: list[str], values: list[str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))


_INFINITE = ("infinity", "-infinity", "oo", "-oo")


def _pieces(answer: str) -> list[str]:
    return [piece.strip() for piece in answer.split(" U ")]


def interval_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    r"""LaTeX's infinity and union; the pieces of a union in the other order."""
    latex = answer.replace("infinity", r"\infty").replace(" U ", r" \cup ")
    return [latex, f"${latex}$", " U ".join(reversed(_pieces(answer))), answer.replace("infinity", "oo")]


def interval_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One bracket turned, one end moved, a piece left out."""
    pieces = _pieces(answer)
    made = []
    for place, piece in enumerate(pieces):
        for changed in _piece_misses(piece):
            made.append(" U ".join([*pieces[:place], changed, *pieces[place + 1 :]]))
    return [*made, *([" U ".join(pieces[1:])] if len(pieces) > 1 else [])]


def _piece_misses(piece: str) -> list[str]:
    if piece.startswith("{"):
        return [set_misses(piece, _SCALAR)[0]]
    if piece[0] not in "([":
        return []
    low, high = _items(piece)
    made = []
    if low not in _INFINITE:
        made += [f"{'[' if piece[0] == '(' else '('}{piece[1:]}"]
        made += [f"{piece[0]}{miss}, {high}{piece[-1]}" for miss in _item_misses(low)[1:2]]
    if high not in _INFINITE:
        made += [f"{piece[:-1]}{']' if piece[-1] == ')' else ')'}"]
        made += [f"{piece[0]}{low}, {miss}{piece[-1]}" for miss in _item_misses(high)[1:2]]
    return made
