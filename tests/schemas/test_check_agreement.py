"""The verdicts of the fast way are jsonschema's, on schemas and values drawn at random."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import orjson
import pytest
from drawn_schemas import DRAFTS, PATTERNS, TEXTS, about, schemas
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from schemas.accept import acceptance
from schemas.checker import KINDS, Checker, checker, schema
from schemas.errors import UserError
from schemas.explain import explained, root_node
from schemas.faults import pointer
from schemas.patterns import native_pattern


def by_jsonschema(of_draft: Any, described: Any, value: Any) -> list[tuple[str, str]]:
    """The errors of plain jsonschema, by pointer."""
    errors = of_draft(described).iter_errors(value)
    return sorted(((pointer(e.absolute_path), e.message) for e in errors), key=lambda found: found[0])


@pytest.mark.parametrize("draft", DRAFTS)
@given(data=st.data())
@settings(max_examples=1500)
def test_what_is_accepted_is_valid_and_errors_are_those_of_jsonschema(draft: str, data: st.DataObject) -> None:
    of_draft = DRAFTS[draft]
    described = data.draw(schemas(draft), label="schema")
    assume(jsonschema.validators.validator_for(described, of_draft) is of_draft)
    try:
        of_draft.check_schema(described)
    except jsonschema.SchemaError:
        assume(False)
    node = root_node(described, of_draft)
    try:
        judge = Checker(node)
    except UserError:  # it leads back to itself without end
        assume(False)
    for value in data.draw(st.lists(about(described), min_size=1, max_size=4), label="values"):
        text = json.dumps(value)
        exact, read = json.loads(text), orjson.loads(text)
        try:
            expected = by_jsonschema(of_draft, described, exact)
        except (RecursionError, TypeError, AttributeError):
            continue  # not even jsonschema can
        assert not (judge.accepts(read) and expected)
        assert [(fault.pointer, fault.reason) for fault in explained(root_node(described, of_draft), exact)] == expected
        assert [(fault.pointer, fault.reason) for fault in judge.faults(exact)] == expected
