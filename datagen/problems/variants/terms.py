"""Splitting the text of a formula: the terms of a sum, the members of a list, whatever stands in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

OPENING, CLOSING = "([{", ")]}"
#: A sign after one of these belongs to what follows and separates nothing.
_BEFORE_A_SIGN = "^*/([{,=<>_"


def outside(text: str) -> Iterator[int]:
    """The places in `text` that stand in no bracket."""
    depth = 0
    for place, letter in enumerate(text):
        depth -= letter in CLOSING
        if not depth:
            yield place
        depth += letter in OPENING


def members(text: str, separator: str = ",") -> list[str]:
    """What `separator` separates, outside any bracket.

    >>> members("1, (2, 3), 4")
    ['1', '(2, 3)', '4']
    """
    cuts = [place for place in outside(text) if text[place] == separator]
    starts = [0, *(cut + 1 for cut in cuts)]
    return [text[start:end].strip() for start, end in zip(starts, [*cuts, len(text)], strict=True)]


def terms(text: str) -> list[tuple[str, str]]:
    """(sign, term) of each summand of a sum, signs outside any bracket.

    >>> terms("-x^2 + 3*(x - 1)")
    [('-', 'x^2'), ('+', '3*(x - 1)')]
    """
    cuts = [place for place in outside(text) if text[place] in "+-" and _separates(text, place)]
    if not cuts or text[: cuts[0]].strip():
        cuts = [-1, *cuts]
    ends = [*cuts[1:], len(text)]
    return [
        ("-" if cut >= 0 and text[cut] == "-" else "+", text[cut + 1 : end].strip())
        for cut, end in zip(cuts, ends, strict=True)
    ]


def _separates(text: str, place: int) -> bool:
    before = text[:place].rstrip()
    return not before or before[-1] not in _BEFORE_A_SIGN


def joined(summands: list[tuple[str, str]]) -> str:
    """The inverse of `terms`: `-x^2 + 3*(x - 1)`."""
    text = " ".join(f"{sign} {term}" for sign, term in summands)
    return text.removeprefix("+ ") if text.startswith("+ ") else re.sub(r"^- ", "-", text)


def numbers_in(text: str) -> Iterator[re.Match[str]]:
    """Every whole number written out in `text`; digits after a decimal point are none."""
    return re.finditer(r"(?<![\d.])\d+(?![\d.]*\.\d)", text)


def one_more(text: str) -> list[str]:
    """The text once for each whole number in it, that number being one larger."""
    return [f"{text[: n.start()]}{int(n.group()) + 1}{text[n.end() :]}" for n in numbers_in(text)]
