"""What needs no process: finding the program, reading tests, comparing, and the filter's rules."""

from __future__ import annotations

import errno
import json
import math
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UserError
from verifiers.code import AssertTest, CallTest, InputTest, Limits, as_tests
from verifiers.code.blocks import blocks, program
from verifiers.code.compare import first_difference, same_value
from verifiers.code.inside import codec, kernel, seccomp
from verifiers.extract import Candidate, Failure


def fenced(text: str, language: str = "python", fence: str = "```") -> str:
    return f"{fence}{language}\n{text}\n{fence}\n"


@pytest.mark.parametrize(
    "response",
    [
        fenced("x = 1"),
        "<think>" + fenced("x = 2") + "</think>" + fenced("x = 1"),
        "first\n" + fenced("ls", "sh") + fenced("x = 1", "py") + "prints\n" + fenced("1", ""),
        fenced("x = 1") + "as I said\n" + fenced("x = 1"),
        fenced("x = 1", "Python3 title=a.py"),
        fenced("x = 1", "python", "~~~~"),
        "- a list\n  ```python\n  x = 1\n  ```\n",
        fenced("x = 1").replace("\n", "\r\n"),
    ],
)
def test_the_last_python_block_is_the_program(response: str) -> None:
    found = program(response)
    assert isinstance(found, Candidate)
    assert found.text.strip() == "x = 1"


@pytest.mark.parametrize(
    ("response", "status"),
    [
        ("", "no_answer"),
        ("x = 1", "no_answer"),
        (fenced("x = 1", ""), "no_answer"),
        (fenced("x = 1", "cpp"), "no_answer"),
        ("<think>" + fenced("x = 1"), "no_answer"),
        ("<think>" + fenced("x = 1") + "</think> done", "no_answer"),
        ("`python x = 1`", "no_answer"),
        ("```python x = 1``` in a line", "no_answer"),
        ("```python\nx = 1", "malformed"),
        (fenced("x = 1") + "```python\nx = 1", "malformed"),
        (fenced("x = 1") + "```\noutput", "malformed"),
        (fenced("  "), "malformed"),
        (fenced("x = 1") + fenced("x = 2"), "ambiguous"),
        (fenced("x = 2") + fenced("x = 1", "py"), "ambiguous"),
        ("````md\n" + fenced("x = 1") + "````\n", "no_answer"),
        ("x" * (1 << 20) + fenced("x = 1"), "malformed"),
    ],
)
def test_without_exactly_one_complete_block_there_is_no_program(response: str, status: str) -> None:
    found = program(response)
    assert isinstance(found, Failure)
    assert found.status == status


def test_a_longer_fence_may_hold_a_shorter_one() -> None:
    (found,) = blocks("````python\ndoc = '''\n```\n'''\n````\n")
    assert found.text == "doc = '''\n```\n'''\n"


def test_tests_are_read_from_objects_and_from_json_text() -> None:
    rows: list[dict[str, Any]] = [
        {"input": "1", "output": "2", "call": None, "args": None},
        {"output": "2"},
        {"call": "f", "args": [1, "a"], "expected": None, "input": None},
        {"call": "Solution.f", "args": [], "kwargs": {"n": 1}, "expected": 0.5, "tolerance": 0.1},
        {"assert": "assert f(1)", "entry_point": "f"},
    ]
    wanted = [
        InputTest("1", "2"),
        InputTest("", "2"),
        CallTest("f", (1, "a"), None),
        CallTest("Solution.f", (), 0.5, {"n": 1}, 0.1),
        AssertTest("assert f(1)", "f"),
    ]
    assert as_tests(rows) == wanted
    assert as_tests(json.dumps(rows)) == wanted
    assert as_tests(wanted) == wanted


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("[{", "no JSON"),
        ('"x"', "type str"),
        ({"input": "1", "output": "2"}, "use a list"),
        ([3], "test 0: 3 is no test"),
        ([{}], "no known kind"),
        ([{"input": "1", "output": "2"}, {"input": "1", "ouput": "2"}], "test 1: .*did you mean 'output'"),
        ([{"input": "1"}], "without 'output'"),
        ([{"input": 1, "output": "2"}], "'input' is 1"),
        ([{"call": "f", "args": [1]}], "without 'expected'"),
        ([{"call": "f()", "expected": 1}], r"a call of 'f\(\)'"),
        ([{"call": "f", "args": 1, "expected": 1}], "no list"),
        ([{"call": "f", "expected": {1}}], "JSON cannot say"),
        ([{"call": "f", "expected": 1, "tolerance": -1}], "tolerance is -1"),
        ([{"assert": "x", "input": "y"}], "unknown test key 'input'"),
    ],
)
def test_a_test_that_says_nothing_sensible_is_named_with_its_mend(rows: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        as_tests(rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_s", 0),
        ("time_s", math.inf),
        ("memory_mib", 10),
        ("output_kib", "1"),
        ("open_files", True),
        ("fresh_process", 1),
        ("minimum_isolation", "L3"),
    ],
)
def test_a_senseless_limit_is_refused(name: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"the limit {name} is"):
        Limits(**{name: value})


@pytest.mark.parametrize(
    ("expected", "got", "tolerance", "line"),
    [
        ("1\n2\n", "1\n2", None, None),
        ("1 \n2", "1\n2  \n\n\n", None, None),
        ("1\r\n2", "1\n2", None, None),
        ("", "\n", None, None),
        ("1\n2", "1\n3", None, 2),
        ("1\n2", "1", None, 2),
        ("1", "1\n2", None, 2),
        ("1", " 1", None, 1),
        ("a b", "a  b", None, 1),
        ("0.1", "0.10", None, 1),
        ("0.1", "0.10", 0.0, None),
        ("x = 0.3333", "x = 0.33333333", 1e-3, None),
        ("1000000", "1000000.5", 1e-6, None),
        ("0.3333", "0.3433", 1e-3, 1),
        ("nan", "1", 1e-3, 1),
        ("1", "nan", 1e9, 1),
        ("1", "inf", 1e9, 1),
        ("1", "1_0", 1e9, 1),
        ("yes", "no", 1e9, 1),
        ("1 2", "1", 1e9, 1),
    ],
)
def test_output_is_compared_by_lines(
    expected: str, got: str, tolerance: float | None, line: int | None
) -> None:
    assert first_difference(expected, got, tolerance) == line


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1),
        (2, 2.0),
        (2.0, 2),
        (0.3, 0.1 + 0.2),
        (0.0, 1e-17),
        (10**400, 10**400),
        (True, True),
        (None, None),
        ("a", "a"),
        ([1, [2]], (1, [2])),
        ([], ()),
        ({"1": 2, "a": [None]}, {1: 2, "a": [None]}),
        ({"true": 1, "null": 2, "1.5": 3}, {True: 1, None: 2, 1.5: 3}),
        (math.nan, math.nan),
        (math.inf, math.inf),
    ],
)
def test_values_that_are_what_was_expected(expected: Any, got: Any) -> None:
    assert same_value(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, True),
        (True, 1),
        (0, False),
        (0, None),
        (None, 0),
        (1, "1"),
        ("1", 1),
        (1, 1 + 1e-12),
        (1.0, 1.1),
        (1.0, math.nan),
        (1e308, 10**400),
        (1.0, math.inf),
        (1, 1 + 0j),
        ([1, 2], [2, 1]),
        ([1, 2], [1]),
        ([1, 2], {1, 2}),
        ([1, 2], {1: 2}),
        ("ab", ["a", "b"]),
        ("a", b"a"),
        ({}, []),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"1": 1}, {1: 1, "1": 1}),
        ([True], [1]),
    ],
)
def test_values_that_are_not(expected: Any, got: Any) -> None:
    assert not same_value(expected, got)


def test_a_tolerance_is_for_floats_and_not_for_integers() -> None:
    assert same_value(1.0, 1.05, 0.1)
    assert not same_value(1, 1.05, 0.1)
    assert same_value([{"a": 100.0}], [{"a": 101}], 0.1)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=9)
)
hashable = st.recursive(
    scalars | st.complex_numbers(allow_nan=False) | st.fractions() | st.decimals(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)


def collections(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    dictionaries = st.dictionaries(hashable, inner, max_size=3)
    return st.lists(inner, max_size=3) | dictionaries | st.sets(hashable, max_size=3)


values = st.recursive(hashable, collections, max_leaves=8)


def shape(value: Any) -> Any:
    """A value with its types, for a comparison that 1 == True does not fool."""
    if isinstance(value, dict):
        return dict, {repr(shape(k)): shape(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(repr(shape(each)) for each in value)
    if isinstance(value, (list, tuple)):
        return type(value), [shape(each) for each in value]
    return type(value), repr(value)


@given(values)
def test_plain_values_cross_with_their_types(value: Any) -> None:
    line = json.dumps(codec.encode(value))
    assert shape(codec.decode(json.loads(line), codec.decode_exact)) == shape(value)


def test_a_subclass_crosses_as_the_plain_type_it_extends() -> None:
    class Agreeable(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    class Many(dict):  # type: ignore[type-arg]
        pass

    crossed = codec.decode(codec.encode([Agreeable(3), Many(a=1)]))
    assert shape(crossed) == shape([3, {"a": 1}])


def test_what_is_no_plain_value_is_refused_on_both_sides() -> None:
    for value in (object(), len, iter([]), [object()]):
        with pytest.raises(codec.UncrossableError):
            codec.encode(value)
    for message in ({"$": "theirs", "v": 0}, {"$": "Fraction", "v": [1, 0]}, {"$": "set", "v": [[1]]}, {}):
        with pytest.raises((ValueError, TypeError)):
            codec.decode(message)
    assert codec.decode(codec.encode([Fraction(1, 3), Decimal("0.10")]), codec.decode_exact) == [
        Fraction(1, 3),
        Decimal("0.10"),
    ]


REFUSED, UNKNOWN, ALLOWED, KILLED = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS, 0x7FFF0000, 0x80000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def filtered(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter answers, by an interpreter of the few instructions it uses (linux/filter.h)."""
    data = {0: number, 4: architecture or ARCHITECTURES[machine]}
    data |= {16 + 8 * at: value for at, value in enumerate([*arguments, 0, 0, 0][:3])}
    program, at, register = seccomp.rules(machine, 42), 0, 0
    while True:
        code, yes, no, constant = program[at]
        at += 1
        if code == 0x06:
            return constant
        if code == 0x20:
            register = data[constant]
        elif code == 0x54:
            register &= constant
        else:
            holds = {0x15: register == constant, 0x35: register >= constant, 0x45: bool(register & constant)}
            at += yes if holds[code] else no


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_refuses_what_reaches_beyond_the_process(machine: str) -> None:
    numbers = kernel.NUMBERS[machine]
    for name in seccomp.DENIED:
        if name in numbers:
            assert filtered(machine, numbers[name]) == REFUSED, name
    assert filtered(machine, numbers["clone3"]) == UNKNOWN
    assert filtered(machine, numbers["openat2"]) == UNKNOWN
    assert filtered(machine, 460) == UNKNOWN
    assert filtered(machine, 0x40000000 | numbers["socket"]) == UNKNOWN
    assert filtered(machine, numbers["openat"], architecture=0x40000003) == KILLED
    read_write_mmap_exit = (0, 1, 9, 231) if machine == "x86_64" else (63, 64, 222, 94)
    assert {filtered(machine, each) for each in read_write_mmap_exit} == {ALLOWED}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_looks_at_arguments_where_they_decide(machine: str) -> None:
    numbers = kernel.NUMBERS[machine]
    read_only, write_only, truncate, create = 0, 1, 0o1000, 0o100
    table = [
        ("clone", (17,), REFUSED),
        ("clone", (0x3D0F00,), ALLOWED),
        ("kill", (42, 9), ALLOWED),
        ("kill", (1, 9), REFUSED),
        ("kill", (0xFFFFFFFF, 9), REFUSED),
        ("kill", (0, 9), REFUSED),
        ("tgkill", (42, 43, 6), ALLOWED),
        ("tgkill", (41, 41, 6), REFUSED),
        ("prlimit64", (0,), ALLOWED),
        ("prlimit64", (42,), ALLOWED),
        ("prlimit64", (7,), REFUSED),
        ("prctl", (1, 0), REFUSED),
        ("prctl", (4, 1), REFUSED),
        ("prctl", (15, 0), ALLOWED),
        ("openat", (0, 0, read_only), ALLOWED),
        ("openat", (0, 0, write_only | create | truncate), ALLOWED),
        ("openat", (0, 0, read_only | truncate), REFUSED),
        ("open", (0, read_only | truncate), REFUSED),
        ("open", (0, write_only | truncate), ALLOWED),
    ]
    for name, arguments, answer in table:
        if name in numbers:
            assert filtered(machine, numbers[name], *arguments) == answer, (name, arguments)


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_call_numbers_are_those_of_the_kernel_headers(machine: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"no {header} here")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text()))
    checked = {name: number for name, number in kernel.NUMBERS[machine].items() if name in known}
    assert len(checked) > 80
    assert checked == {name: int(known[name]) for name in checked}
