"""Tests as plain data: what a row says, as one of three frozen values.

    {"input": "2 3\\n", "output": "5\\n"}                       a whole program, its output line by line
    {"call": "add", "args": [2, 3], "expected": 5}             one call; `Solution.add` calls a method
    {"assert": "assert add(2, 3) == 5"}                        test code in the manner of HumanEval and MBPP

The first two are the stronger kinds: what is expected never leaves the caller's process, and is compared
there, as plain data. Test code runs in a second sandboxed process, in which the program's functions are
questions to the first (`inside/remote.py`), so from L1 on the program sees the arguments of its calls and
nothing else. Two things stay possible: test code that asks the *program's* helpers whether a result is right
(`assert is_sorted(f(x))`, `f(x) == g(x)` with both the program's) trusts them, so let it bring its own; and
what a program does to a list it was given is seen by the lines after. What cannot cross between processes
(an instance of a class of the tests, captured prints, patched globals) makes a test useless, not passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import UserError, unknown_name


@dataclass(frozen=True, slots=True)
class InputTest:
    """Standard input, and the standard output it must lead to. Numbers may differ by a `tolerance`."""

    input: str
    output: str
    tolerance: float | None = None

    kind = "stdio"


@dataclass(frozen=True, slots=True)
class CallTest:
    """One call and its value, both as JSON. `tolerance` is for floats: see `compare.same_value`."""

    call: str
    args: tuple[Any, ...]
    expected: Any
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float | None = None

    kind = "call"


@dataclass(frozen=True, slots=True)
class AssertTest:
    """Test code. `entry_point` is the function under test; needed only if it is named like a built-in one.

    HumanEval's `check(candidate)` must be called: append `check(<entry point>)`.
    """

    code: str
    entry_point: str | None = None

    kind = "assert"


Test = InputTest | CallTest | AssertTest
_KEYS: dict[str, frozenset[str]] = {
    "call": frozenset({"call", "args", "kwargs", "expected", "tolerance"}),
    "assert": frozenset({"assert", "entry_point"}),
    "input": frozenset({"input", "output", "tolerance"}),
}


def as_tests(rows: str | Sequence[Test | Mapping[str, Any]]) -> list[Test]:
    """The tests of a row: a list of them or of objects, or the JSON text of one.

    Raises `UserError` saying which test is wrong and how; the mend names the nearest key.
    """
    if isinstance(rows, str):
        try:
            rows = json.loads(rows)
        except ValueError as error:
            raise UserError(f"tests that are no JSON: {error}", mend="use a JSON list of objects") from error
    if isinstance(rows, (Mapping, str)) or not isinstance(rows, Iterable):
        raise UserError(f"tests of type {type(rows).__name__}", mend="use a list of objects")
    return [as_test(row, f"test {number}") for number, row in enumerate(rows)]


def as_test(row: Test | Mapping[str, Any], where: str = "a test") -> Test:
    """One test. Keys that are None are left out (but `expected`): tables store missing ones that way."""
    if isinstance(row, (InputTest, CallTest, AssertTest)):
        return row
    if not isinstance(row, Mapping):
        raise UserError(f"{row!r:.80} is no test", where=where, mend="use an object")
    given = {str(key): value for key, value in row.items() if value is not None}
    kind = next((name for name in ("call", "assert", "input") if name in given), None)
    if kind is None and "output" in given:
        kind, given["input"] = "input", ""
    if kind is None:
        raise UserError("a test of no known kind", where=where, mend="give it 'input', 'call' or 'assert'")
    for key in given:
        if key not in _KEYS[kind]:
            raise unknown_name("test key", key, _KEYS[kind], where=where)
    if kind == "assert":
        return AssertTest(
            _text(given, "assert", where),
            _text(given, "entry_point", where) if "entry_point" in given else None,
        )
    tolerance = _tolerance(given, where)
    if kind == "input":
        if "output" not in given:
            raise UserError("an input without 'output'", where=where, mend="say what it must print")
        return InputTest(_text(given, "input", where), _text(given, "output", where), tolerance)
    return _call(given, "expected" in row, tolerance, where)


def _call(given: dict[str, Any], expects: bool, tolerance: float | None, where: str) -> CallTest:
    args, kwargs = given.get("args", ()), given.get("kwargs", {})
    name = _text(given, "call", where)
    if not all(part.isidentifier() for part in name.split(".")) or name.count(".") > 1:
        raise UserError(f"a call of {name!r}", where=where, mend="use a name, or Class.method")
    if not expects:
        raise UserError("a call without 'expected'", where=where, mend="say what it must return, if null too")
    if not _is_json(given.get("expected")):
        raise UserError("it expects what JSON cannot say", where=where, mend="use a JSON value")
    if not isinstance(args, (list, tuple)) or not isinstance(kwargs, Mapping):
        raise UserError(
            "arguments that are no list", where=where, mend="use a list for args, an object for kwargs"
        )
    return CallTest(name, tuple(args), given.get("expected"), dict(kwargs), tolerance)


def _is_json(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    if isinstance(value, Mapping):
        return all(map(_is_json, value.values()))
    return value is None or isinstance(value, (bool, int, float, str))


def _text(given: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(given[key], str):
        raise UserError(f"its {key!r} is {given[key]!r:.80}", where=where, mend="use a text")
    return str(given[key])


def _tolerance(given: Mapping[str, Any], where: str) -> float | None:
    value = given.get("tolerance")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise UserError(
            f"its tolerance is {value!r:.80}", where=where, mend="use a number that is not negative"
        )
    return float(value)
