"""The reward as TRL calls it: strings and chats, columns, shares, None for what is broken, picklable."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from schemas.errors import UserError
from verifiers.constraints import CONSTRAINTS, Follows, constraint, follows, ifeval_rows

LOWER = {"id": "case:lower"}
SHORT = {"id": "length:words", "relation": "at most", "count": 3}
BROKEN = {"id": "no:such"}


def chat(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_all_or_nothing_by_default_and_the_share_by_option() -> None:
    completions = ["all small", "all Small", "All Four Words Big"]
    asked = [[LOWER, SHORT]] * 3
    assert follows([""] * 3, completions, constraints=asked) == [1.0, 0.0, 0.0]
    assert follows([""] * 3, [chat(each) for each in completions], constraints=asked) == [1.0, 0.0, 0.0]
    assert Follows(share=True)([""] * 3, completions, constraints=asked, level=[1] * 3) == [1.0, 0.5, 0.0]


def test_rows_json_text_and_constraints_are_the_same() -> None:
    asked: list[Any] = [[LOWER], json.dumps([LOWER]), [constraint(LOWER)]]
    assert follows([""] * 3, ["small"] * 3, constraints=asked) == [1.0] * 3
    assert follows([""] * 3, ["BIG"] * 3, constraints=asked) == [0.0] * 3


def test_a_broken_row_is_skipped_and_not_punished() -> None:
    assert follows(["", ""], ["a", "a"], constraints=[[LOWER, BROKEN], [LOWER]]) == [None, 1.0]
    assert Follows(share=True)([""], ["A"], constraints=[[LOWER, BROKEN]]) == [None]


def test_nothing_asked_is_followed() -> None:
    assert follows([""] * 2, ["a", ""], constraints=[[], "[]"]) == [1.0, 1.0]


def test_an_empty_completion_earns_nothing() -> None:
    assert follows([""] * 3, ["", " \n", []], constraints=[[SHORT]] * 3) == [0.0, 0.0, 0.0]


def test_reasoning_is_not_judged_and_must_end() -> None:
    completions = ["<think>A LOT of Words here</think>small", "<think>small", "<think>small</think>"]
    assert follows([""] * 3, completions, constraints=[[LOWER, SHORT]] * 3) == [1.0, 0.0, 0.0]


def test_loose_is_an_option() -> None:
    assert Follows(loose=True)([""], ["Sure:\nall small"], constraints=[[LOWER]]) == [1.0]
    assert follows([""], ["Sure:\nall small"], constraints=[[LOWER]]) == [0.0]


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="different lengths"):
        follows([""], ["a"], constraints=[[], []])
    for entry in (None, LOWER, "not json", 7):
        with pytest.raises(UserError, match="use a list of objects"):
            follows([""], ["a"], constraints=[entry])  # type: ignore[list-item]


def test_it_pickles_and_has_a_name() -> None:
    for function in (follows, Follows(share=True, loose=True)):
        again = pickle.loads(pickle.dumps(function))
        assert again == function
        assert again([""], ["a"], constraints=[[LOWER]]) == [1.0]
    assert (follows.__name__, Follows(share=True).__name__) == ("follows", "follows_share")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "length:words", "relation": "about", "count": 3}, "use one of at least"),
    ({"id": "length:words", "relation": "at least"}, "lacks the parameter 'count'"),
    ({"id": "length:words", "relation": "at least", "cout": 3}, "did you mean 'count'"),
    ({"id": "length:words", "relation": "at least", "count": -1}, "use a whole number"),
    ({"id": "length:words", "relation": "at least", "count": True}, "use a whole number"),
    ({"id": "length:words", "relation": "at least", "count": 0}, "everything has at least 0 words"),
    ({"id": "length:lines", "relation": "less than", "count": 1}, "nothing has fewer than 1 line"),
    ({"id": "keywords:include", "keywords": "cat"}, "use a list"),
    ({"id": "keywords:include", "keywords": []}, "use a list"),
    ({"id": "keywords:include", "keywords": ["cat", "cat"]}, "list every entry once"),
    ({"id": "keywords:include", "keywords": ["..."]}, "use a word"),
    ({"id": "keywords:no_letter", "letter": "ab"}, "use a single character"),
    ({"id": "keywords:no_letter", "letter": "#"}, "use a single letter"),
    ({"id": "start:paragraph", "nth": 3, "word": "a", "paragraphs": 2}, "no paragraph 3 of 2"),
    ({"id": "format:json_schema", "schema": {"type": "nothing"}}, "not a JSON Schema"),
    (
        {"id": "format:json_schema", "schema": {"$ref": "http://127.0.0.1:9/x"}},
        "use references that start with #",
    ),
    ({"id": "format:json_schema", "schema": {"$ref": "#/nope"}}, "not a JSON Schema"),
    ({"id": "format:json_schema", "schema": {"pattern": "("}}, "not a JSON Schema"),
    ({"id": "format:json_schema", "schema": {"enum": [b"x"]}}, "not a JSON Schema"),
    ({"id": "keywords:each_sentence", "word": "The end."}, "ends a sentence"),
    ({"id": "format:json", "top": "number"}, "use one of any, object, array"),
    ({"id": "wrap:tag", "name": "a>b"}, "no name of a tag"),
    ({"id": "combination:options", "options": ["Yes", "yes."]}, "differ only"),
    ({"id": "language:script", "language": "klingon"}, "use one of"),
]


@pytest.mark.parametrize(("row", "said"), WRONG)
def test_wrong_parameters_name_the_mend(row: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        constraint(row)
    assert row["id"] in str(error.value)


def test_rows_from_a_table_have_floats_for_whole_numbers_and_none_for_each_others_parameters() -> None:
    row = {"id": "length:words", "relation": "at least", "count": 3.0, "letter": None}
    assert constraint(row) == CONSTRAINTS["length:words"].made({"relation": "at least", "count": 3})
    theirs = {"num_words": 3.0, "relation": "at least", "first_word": None, "prompt_to_repeat": None}
    rows = ifeval_rows(["length_constraints:number_words"], [theirs])
    assert constraint(rows[0]) == constraint(row)
    assert constraint({"id": "length_constraints:number_words", **theirs}) == constraint(row)
    with pytest.raises(UserError, match="unknown parameter"):
        constraint({**row, "letter": "a"})


def test_ifeval_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(UserError, match="1 instruction ids and 0 sets"):
        ifeval_rows(["format:title"], [])
