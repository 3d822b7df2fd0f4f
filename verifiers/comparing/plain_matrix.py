"""Matrices too long for the parser, whose entries are plain numbers: read by splitting, not by grammar.

A 120 by 120 matrix of digits is an honest answer of thirty thousand characters; this reads it in a few
milliseconds. Anything else that is over the parser's budget stays unread.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verifiers.verdict import Outcome

#: As many characters, and no more, are looked at.
MAX_LENGTH = 1 << 17
MAX_DIGITS = 40

_ENVIRONMENT = re.compile(
    r"\s*\\begin\{([pbBvV]?matrix|array)\}(?:\{[^{}]*\})?(.*)\\end\{\1\}\s*\.?\s*", re.DOTALL
)
_LISTS = re.compile(r"\s*(?:\w*Matrix\s*\()?\s*\[\s*\[([^A-Za-z]*)\]\s*,?\s*\]\s*\)?\s*\.?\s*")
_LEFT_RIGHT = re.compile(r"\$|\\(?:left|right)\s*[\[\]()|.]|(?<!\\)\\[,;:! ]")
_ENTRY = re.compile(r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:/\d+)?")

Entries = tuple[tuple[int | Fraction, ...], ...]


def plain_matrix(text: str) -> Entries | None:
    """The rows of a matrix of numbers; None for everything else."""
    if len(text) > MAX_LENGTH:
        return None
    bare = _LEFT_RIGHT.sub("", text)
    found = _ENVIRONMENT.fullmatch(bare)
    if found is not None:
        rows = [row.split("&") for row in found.group(2).strip().removesuffix("\\\\").split("\\\\")]
    else:
        listed = _LISTS.fullmatch(bare)
        if listed is None:
            return None
        rows = [row.split(",") for row in re.split(r"\]\s*,\s*\[", listed.group(1))]
    stripped = [[entry.strip() for entry in row] for row in rows]
    if len({len(row) for row in stripped}) != 1:
        return None
    if not all(len(entry) <= MAX_DIGITS and _ENTRY.fullmatch(entry) for row in stripped for entry in row):
        return None
    try:
        return tuple(tuple(map(_value, row)) for row in stripped)
    except ZeroDivisionError:
        return None


def _value(entry: str) -> int | Fraction:
    entry = entry.replace("−", "-")
    return Fraction(entry) if "/" in entry or "." in entry else int(entry)


def same_matrix(gold: str, predicted: str) -> Outcome | None:
    """Two texts of which one is too long to parse; None when they are not both plain matrices."""
    left, right = plain_matrix(gold), plain_matrix(predicted)
    if left is None or right is None:
        return None
    if left == right:
        count = len(left) * len(left[0])
        return Outcome(True, "plain-matrix", "equal entry by entry", witness={"entries": count})
    if (len(left), len(left[0])) != (len(right), len(right[0])):
        return Outcome(False, "plain-matrix", "matrices of different sizes")
    row = next(place for place, (a, b) in enumerate(zip(left, right, strict=True)) if a != b)
    column = next(place for place, (a, b) in enumerate(zip(left[row], right[row], strict=True)) if a != b)
    witness: dict[str, object] = {"row": row + 1, "column": column + 1}
    witness |= {"left": str(left[row][column]), "right": str(right[row][column])}
    return Outcome(False, "plain-matrix", "an entry differs", witness=witness)
