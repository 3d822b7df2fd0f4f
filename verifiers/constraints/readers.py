"""Parameters from JSON: each reader returns what the field holds or raises `ValueError` with the mend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifiers.constraints.base import Reader
from verifiers.constraints.text import visible

MAX_TEXT = 20_000


def whole(low: int, high: int = 1_000_000) -> Reader:
    """A whole number from `low` to `high`. A float such as 3.0, which tables make of 3, is read as one."""

    def read(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"use a whole number from {low} to {high}")
        return int(value)

    return read


def share(value: Any) -> float:
    """A number above 0 and at most 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise ValueError("use a number above 0 and at most 1")
    return float(value)


def one_of(*known: str) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"use one of {', '.join(known)}")
        return value

    return read


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("use true or false")
    return value


def text(value: Any) -> str:
    """A text that is not blank, stripped."""
    found = visible(value).strip() if isinstance(value, str) else ""
    if not found or len(found) > MAX_TEXT:
        raise ValueError(f"use a text of 1 to {MAX_TEXT} characters")
    return found


def line(value: Any) -> str:
    """A text of one line."""
    found = text(value)
    if "\n" in found or "\r" in found:
        raise ValueError("use a text of one line")
    return found


def keyword(value: Any) -> str:
    """A word or a short phrase with a letter or digit."""
    found = line(value)
    if not any(map(str.isalnum, found)) or len(found) > 200:
        raise ValueError("use a word or a phrase of at most 200 characters")
    return " ".join(found.split())


def single_word(value: Any) -> str:
    found = keyword(value)
    if " " in found:
        raise ValueError("use a single word")
    return found


def sign(value: Any) -> str:
    """One character that is not a space. Any one: a sign that is no letter is counted as it stands."""
    found = visible(value).strip() if isinstance(value, str) else ""
    if len(found) != 1:
        raise ValueError("use a single character that is not a space")
    return found


def letter(value: Any) -> str:
    found = sign(value).lower()
    if not found.isalpha() or len(found) != 1:
        raise ValueError("use a single letter")
    return found


def several(read: Reader, low: int = 1, high: int = 100) -> Reader:
    """A list of `low` to `high` different values."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)) or not low <= len(value) <= high:
            raise ValueError(f"use a list of {low} to {high} entries")
        found = tuple(map(read, value))
        if len(set(found)) < len(found):
            raise ValueError("list every entry once")
        return found

    return read_all


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("use an object")
    return dict(value)
