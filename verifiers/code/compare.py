"""Is this what was expected? Printed lines, and values returned as JSON.

In the caller's process, on plain values only: nothing a program defines takes part.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

#: For floats in values, where nothing else is said: relative to the larger of 1 and what is expected.
TOLERANCE = 1e-9
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def first_difference(expected: str, got: str, tolerance: float | None = None) -> int | None:
    """The first line (from 1) that differs, None when all agree.

    Whitespace at the end of lines and empty lines at the end do not count. With a tolerance, each word
    of a line that is a number may differ by so much, absolutely or relative to the expected one.
    """
    wanted, found = _lines(expected), _lines(got)
    for number, (left, right) in enumerate(zip(wanted, found, strict=False), 1):
        if left != right and (tolerance is None or not _close_line(left, right, tolerance)):
            return number
    return None if len(wanted) == len(found) else min(len(wanted), len(found)) + 1


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def _close_line(left: str, right: str, tolerance: float) -> bool:
    wanted, found = left.split(), right.split()
    return len(wanted) == len(found) and all(
        a == b or (_is_number(a) and _is_number(b) and close(float(a), float(b), tolerance))
        for a, b in zip(wanted, found, strict=True)
    )


def _is_number(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None


def close(expected: float, got: float, tolerance: float) -> bool:
    """Within `tolerance` times the larger of 1 and |expected|; infinities and NaN only like themselves."""
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    if math.isinf(expected) or math.isinf(got):
        return expected == got
    return abs(expected - got) <= tolerance * max(1.0, abs(expected))


def same_value(expected: Any, got: Any, tolerance: float | None = None) -> bool:
    """Is a returned value the expected JSON value?

    - True and False are no numbers: True is not 1. None is only null. Text is only equal text.
    - An expected integer is met by an equal number, `2` by `2` and `2.0`, exactly.
    - An expected float is met by a number within the tolerance (`TOLERANCE` unless given).
    - A list is met by a list or a tuple of as many equal elements, since JSON has no tuples; never by a
      set, whose order says nothing.
    - An object is met by a dictionary with the same keys; a key that is no text counts as JSON writes
      it (1 as "1").
    """
    if isinstance(expected, (bool, str)) or expected is None:
        return type(expected) is type(got) and bool(expected == got)
    if isinstance(expected, (int, float)):
        return _same_number(expected, got, TOLERANCE if tolerance is None else tolerance)
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(got, (list, tuple))
            and len(expected) == len(got)
            and all(same_value(a, b, tolerance) for a, b in zip(expected, got, strict=True))
        )
    if isinstance(expected, Mapping):
        if not isinstance(got, dict):
            return False
        wanted = {_key(key): value for key, value in expected.items()}
        found = {_key(key): value for key, value in got.items()}
        same_keys = len(found) == len(got) and wanted.keys() == found.keys()
        return same_keys and all(same_value(wanted[key], found[key], tolerance) for key in wanted)
    return False


def _same_number(expected: int | float, got: Any, tolerance: float) -> bool:
    if type(got) not in (int, float):
        return False
    if isinstance(expected, int):
        return bool(expected == got)
    try:
        return close(expected, float(got), tolerance)
    except OverflowError:
        return False


def _key(key: Any) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return key if isinstance(key, str) else repr(key)
