"""The verdicts of the fast way are jsonschema's, on schemas and values drawn at random."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import orjson
import pytest
from drawn_schemas import DRAFTS, PATTERNS, TEXTS, about, letters, patterns, schemas
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from schemas.checking.checker import KINDS, Checker, checker, schema
from schemas.checking.explain import explained, root_node
from schemas.checking.faults import Fault, pointer
from schemas.checking.patterns import native_pattern
from schemas.checking.rules import CONVERSATIONS
from schemas.errors import UserError


def by_jsonschema(of_draft: Any, described: Any, value: Any) -> list[tuple[str, str]]:
    """The errors of plain jsonschema, by pointer."""
    errors = of_draft(described).iter_errors(value)
    return sorted(((pointer(e.absolute_path), e.message) for e in errors), key=lambda found: found[0])


@pytest.mark.parametrize("draft", DRAFTS)
@given(data=st.data())
@settings(max_examples=60)
def test_what_is_accepted_is_valid_and_errors_are_those_of_jsonschema(
    draft: str, data: st.DataObject
) -> None:
    of_draft = DRAFTS[draft]
    described = data.draw(schemas(draft), label="schema")
    judge = checker_or_none(described, of_draft)
    assume(judge is not None)
    assert judge is not None
    for value in data.draw(st.lists(about(described), min_size=1, max_size=4), label="values"):
        text = json.dumps(value)
        exact, read = json.loads(text), orjson.loads(text)
        try:
            expected = by_jsonschema(of_draft, described, exact)
        except (TypeError, AttributeError):
            continue  # jsonschema itself falls over an `additionalItems` beside `"items": true`
        assert not (judge.accepts(read) and expected)
        assert said(explained(root_node(described, of_draft), exact)) == expected
        assert said(judge.faults(exact)) == expected


def checker_or_none(described: Any, of_draft: Any) -> Checker | None:
    """A checker, unless the schema is none, or leads back to itself without end."""
    try:
        of_draft.check_schema(described)
        return Checker(root_node(described, of_draft))
    except (jsonschema.SchemaError, UserError):
        return None


def said(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.reason) for fault in faults]


DIFFERENCES = [
    ("multiples of a fraction", {"multipleOf": 0.1}, 0.3, False),
    ("multiples of a fraction", {"multipleOf": 0.1}, 0.5, True),
    ("multiples beyond 2^53", {"multipleOf": 2}, 2**64 + 1, False),
    ("digits of other scripts", {"pattern": "^\\d+$"}, "٣٣", True),
    ("a newline at the end", {"pattern": "^ab$"}, "ab\n", True),
    ("a newline at the end, reversed", {"not": {"pattern": "^ab$"}}, "ab\n", False),
    (
        "a newline at the end, in one of two",
        {"oneOf": [{"pattern": "^ab$"}, {"type": "string"}]},
        "ab\n",
        False,
    ),
    ("white space", {"pattern": "\\s"}, "\ufeff", False),
    ("white space", {"pattern": "\\s"}, "\x1c", True),
    ("the dot", {"pattern": "^.$"}, "\r", True),
    ("names by pattern", {"patternProperties": {"^a$": False}}, {"a\n": 1}, False),
    ("a constant of 2^53", {"const": 2**53}, 2**53 + 1, False),
    ("a limit beyond 2^64", {"maximum": 2**64}, 2**64 + 1, False),
    ("integers beyond 2^64", {"uniqueItems": True}, [2**64, 2**64 + 1], True),
    ("integers beyond 2^64, reversed", {"not": {"uniqueItems": True}}, [2**64, 2**64 + 1], False),
    ("lists of truths", {"uniqueItems": True}, [[1], [True], 1, True], True),
    ("an integer as a fraction", {"type": "integer"}, 1.0, True),
    ("lengths in characters", {"maxLength": 1}, "\U0001f600", True),
    ("lengths in characters", {"maxLength": 1}, "e\u0301", False),
    ("a format", {"format": "date"}, "not a date", True),
]


@pytest.mark.parametrize(("what", "described", "value", "valid"), DIFFERENCES)
def test_where_the_libraries_may_differ_jsonschema_decides(
    what: str, described: Any, value: Any, valid: bool
) -> None:
    of_draft = jsonschema.Draft202012Validator
    assert of_draft(described).is_valid(value) == valid, what
    judge = Checker(root_node(described, of_draft))
    read = orjson.loads(json.dumps(value))
    assert valid or not judge.accepts(read)
    assert said(judge.faults(value)) == by_jsonschema(of_draft, described, value)
    assert (judge.faults(value) == []) == valid


def test_what_draft_7_only_notes_is_not_asserted() -> None:
    described = {"contentEncoding": "base64", "contentMediaType": "application/json", "format": "date"}
    judge = Checker(root_node(described, jsonschema.Draft7Validator))
    assert judge.accepts("no base64, no JSON, no date")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(patterns, st.lists(letters, max_size=5))
@example("b+a*b+", ["b"])  # to the default engine of jsonschema-rs 0.61 a match
@settings(max_examples=400)
def test_native_pattern_matches_what_python_matches(pattern: str, texts: list[str]) -> None:
    try:
        search = re.compile(pattern).search
    except re.error:
        assume(False)
    assume(native_pattern(pattern) is not None)
    of_draft = jsonschema.Draft202012Validator
    exact = Checker(root_node({"not": {"not": {"pattern": pattern}}}, of_draft))
    rough = Checker(root_node({"pattern": pattern}, of_draft))
    assert exact.slow == rough.slow == ()
    for text in (*TEXTS, *texts):
        assert exact.accepts(text) == bool(search(text))
        assert search(text) or not rough.accepts(text)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pattern_is_native_only_where_both_dialects_are_one(pattern: str) -> None:
    foreign = any(sign in pattern for sign in ("\\d", "\\w", "\\s", "(?i)", "(?="))
    assert (native_pattern(pattern) is None) == foreign


turns = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["system", "user", "assistant", "bot"]),
            "content": st.sampled_from(["", "x"]),
        }
    ),
    max_size=6,
)


@pytest.mark.parametrize("kind", ["instruction", "preference", "problem", "attempt"])
@given(data=st.data())
@settings(max_examples=100)
def test_rows_of_a_kind_are_accepted_exactly_when_nothing_is_wrong_with_them(
    kind: str, data: st.DataObject
) -> None:
    row = json.loads(json.dumps(schema(kind)["examples"][0]))
    for column in data.draw(st.lists(st.sampled_from(sorted(CONVERSATIONS[kind])), max_size=2)):
        row[column] = data.draw(turns)
    assert checker(kind).accepts(row) == (checker(kind).faults(row) == [])


@pytest.mark.parametrize("kind", KINDS)
def test_our_kinds_are_checked_at_full_speed(kind: str) -> None:
    assert checker(kind).slow == ()
    assert checker(kind).accepts(schema(kind)["examples"][0])
