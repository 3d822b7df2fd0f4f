"""A specification read from a row: what it may say, and the one sentence about what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import UserError
from verifiers import AnswerSpec
from verifiers.answer import DOMAINS, FORMS, KINDS

REFUSED: list[tuple[Any, str]] = [
    ({"kind": "decimal", "tolerance": "0.1"}, "the answer's tolerance is '0.1'; use a number"),
    ({"kind": "decimal", "tolerance": [0.1]}, "the answer's tolerance is (0.1,); use a number"),
    ({"kind": "decimal", "tolerance": True}, "the answer's tolerance is True; use a number"),
    ({"kind": "decimal", "tolerance": -0.1}, "the answer's tolerance is -0.1; use a number"),
    ({"kind": "decimal", "tolerance": float("nan")}, "the answer's tolerance is nan; use a number"),
    ({"kind": "decimal", "relative_tolerance": float("inf")}, "the answer's relative_tolerance is inf"),
    ({"kind": "decimal", "relative_tolerance": {}}, "the answer's relative_tolerance is {}"),
    ({"kind": "intger"}, "unknown answer kind 'intger'; did you mean 'integer'?"),
    ({"kind": ["integer"]}, "unknown answer kind"),
    ({"kind": {"name": "integer"}}, "unknown answer kind"),
    ({"kind": 3}, "unknown answer kind '3'"),
    ({"kind": ""}, "unknown answer kind ''"),
    ({"kind": None}, "an answer specification without 'kind'"),
    ({}, "an answer specification without 'kind'"),
    ({"kind": "expression", "form": "expandd"}, "unknown answer form 'expandd'; did you mean 'expanded'?"),
    ({"kind": "expression", "form": {}}, "unknown answer form '{}'"),
    (
        {"kind": "expression", "domain": "positiv"},
        "unknown answer domain 'positiv'; did you mean 'positive'?",
    ),
    ({"kind": "expression", "domain": 0}, "unknown answer domain '0'"),
    ({"kind": "integer", "tolerence": 1}, "unknown answer specification key 'tolerence'"),
    ({"kind": "integer", 1: 2}, "unknown answer specification key '1'"),
    ({"kind": "expression", "symbols": "xe"}, "the answer's symbols are 'xe'; use a list of strings"),
    ({"kind": "choice", "choices": [1, 2]}, "the answer's choices are (1, 2); use a list of strings"),
    ({"kind": "code"}, "an answer of kind 'code' without tests; give parameters with 'tests'"),
    ("integer", "an answer specification 'integer'; use an object"),
    (["kind"], "an answer specification ['kind']; use an object"),
]
ACCEPTED: list[dict[str, Any]] = [
    {"kind": "decimal", "tolerance": 0},
    {"kind": "decimal", "tolerance": 0.5, "relative_tolerance": 1e-9},
    {"kind": "expression", "symbols": ["e", "i"], "domain": "positive"},
    {"kind": "choice", "choices": ["A", "B"]},
    *({"kind": kind} for kind in KINDS if kind not in ("checker", "code")),
    {"kind": "code", "parameters": {"tests": [{"call": "f", "args": [1], "expected": 2}]}},
    {"kind": "checker", "checker": "countdown", "parameters": {"numbers": [1, 2], "target": 3}},
    {"kind": "base", "base": 7},
    {"kind": "tuple", "ordered": False},
    *({"kind": "rational", "form": form} for form in FORMS),
    *({"kind": "expression", "domain": domain} for domain in DOMAINS),
]


@pytest.mark.parametrize(("row", "sentence"), REFUSED, ids=repr)
def test_faulty_specification_is_one_sentence_about_the_fault(row: Any, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        AnswerSpec.from_dict(row)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("row", ACCEPTED, ids=repr)
def test_specification_survives_a_row(row: dict[str, Any]) -> None:
    spec = AnswerSpec.from_dict(row)
    assert spec.as_dict() == row
    assert AnswerSpec.from_dict({**row, "form": row.get("form"), "tolerance": row.get("tolerance")}) == spec
    assert hash(spec) == hash(AnswerSpec.from_dict(row))
