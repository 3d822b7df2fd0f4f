"""A megabyte of any sign is judged in time linear in its length, and nothing raises."""

from __future__ import annotations

import json
import time

import pytest
from test_constraints_twins import TWINS

from verifiers.constraints import Constraint, constraint
from verifiers.constraints.base import MAX_RESPONSE
from verifiers.constraints.matching import occurrences

MEGABYTE = 1_000_000
#: A quadratic check of a megabyte takes an hour; a linear one under a second.
FAR_TOO_LONG_S = 20.0
_SIGNS = (
    '* |[|[a|<<|<<a|.|. |\n|\n\n| |#|- |1. |"|" |```\n|`|。|A. |Mr. |p.|P.S. |cat |cat  \n|(|{|[1,|a-|1,'
    "|हि|天|x|\t|Section 1\n|https://|*a|**|big  |So\n|Why is it so? |……|——|\u0301|</note>|- [ |> "
)
SIGNS = _SIGNS.split("|")
EVERY: dict[str, Constraint] = {}
for _row, _, _ in TWINS:
    EVERY.setdefault(_row["id"], constraint(_row))


def within_time(asked: Constraint, text: str) -> str:
    started = time.perf_counter()
    verdict = asked.check(text)
    assert time.perf_counter() - started < FAR_TOO_LONG_S
    assert len(verdict.reason) < 1000
    return verdict.status


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_megabyte_of_many_signs(name: str) -> None:
    size = MEGABYTE // len(SIGNS)
    text = "".join(sign * (size // len(sign)) for sign in SIGNS)
    assert within_time(EVERY[name], text) in ("correct", "incorrect")


@pytest.mark.parametrize("name", sorted(EVERY))
def test_short_runs_of_every_sign_never_raise(name: str) -> None:
    for sign in SIGNS:
        for text in (sign, sign * 40, f"x{sign * 40}x", f'"{sign * 3}"', f"\ud800{sign}\x00"):
            assert EVERY[name].check(text).status in ("correct", "incorrect", "malformed")


HOSTILE = [
    ("length:words", "a-"),
    ("length:sentences", ". "),
    ("length:sentences", ".x"),
    ("length:paragraphs", " \n"),
    ("format:highlights", "*"),
    ("format:highlights", "*a"),
    ("format:highlights", "a "),
    ("format:placeholders", "["),
    ("format:placeholders", "[a"),
    ("format:title", "<<a"),
    ("format:bullets", "- "),
    ("format:bullets", " "),
    ("format:headings", "# "),
    ("format:tasks", "- ["),
    ("format:table", "|-"),
    ("format:json", "["),
    ("format:json", '{"a":'),
    ("format:json", "9"),
    ("format:json_schema", "["),
    ("format:code_blocks", "`"),
    ("format:postscript", "P. "),
    ("content:numbers", "1."),
    ("content:numbers", "1"),
    ("wrap:quotation", '"'),
    ("wrap:quotation", "„"),
    ("keywords:include", "big "),
    ("keywords:include", "big  "),
    ("keywords:phrase", " \n"),
    ("start:lines", "I\n"),
    ("combination:two_responses", "*"),
]


@pytest.mark.parametrize(("name", "sign"), HOSTILE)
def test_a_megabyte_of_one_sign(name: str, sign: str) -> None:
    within_time(EVERY[name], "x" + sign * (MEGABYTE // len(sign)) + "x")
    within_time(EVERY[name], sign * (MEGABYTE // len(sign)))


def test_a_keyword_of_one_letter_with_spaces_is_linear_too() -> None:
    assert occurrences("a a", "a " * 200_000) == 100_000
    assert occurrences("a b", "a" + " " * MEGABYTE + "a") == 0


def test_too_long_is_malformed_and_deep_json_is_incorrect() -> None:
    assert EVERY["length:words"].check("a" * (MAX_RESPONSE + 1)).status == "malformed"
    deep = "[" * 100_000 + "]" * 100_000
    assert EVERY["format:json"].check(deep).status == "incorrect"
    assert EVERY["format:json_schema"].check(deep).status == "incorrect"


def test_a_very_long_whole_number_is_json() -> None:
    assert EVERY["format:json"].check("9" * 10_000).correct
    assert constraint({"id": "format:json", "top": "array"}).check(json.dumps([0]) + " " * 99).correct


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", "{'a': 1}", '{"a": 1} x', "", "```json\n{}", "[1] [2]"]
)
def test_what_only_looks_like_json_is_refused(text: str) -> None:
    assert not EVERY["format:json"].check(text).correct
