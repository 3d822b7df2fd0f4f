"""Rows against a schema of the user's own: how the schema is read, and what is refused about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas.check import check_file
from schemas.checking.checker import Checker
from schemas.checking.own import own_checker
from schemas.errors import UserError


def written(folder: Path, name: str = "main.json", **schema: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({key.replace("dollar_", "$"): value for key, value in schema.items()}))
    return path


def own(folder: Path, **schema: Any) -> Checker:
    return own_checker(written(folder, **schema))


def said(judge: Checker, row: Any) -> list[str]:
    return [str(fault) for fault in judge.check(row)]


def test_rows_follow_a_schema_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"name": "a"}\n\n{"name": 5}\n[1]\n')
    schema = written(tmp_path, type="object", properties={"name": {"type": "string"}})
    checking = check_file(path, schema=schema)
    assert [str(fault).removeprefix(str(path)) for fault in checking] == [
        ":3: /name 5 is not of type 'string'",
        ":4: [1] is not of type 'object'",
    ]
    assert (checking.rows, checking.invalid, checking.kind, checking.slow) == (3, 2, None, ())


def test_a_kind_and_a_schema_are_not_both_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="give one of them"):
        check_file(tmp_path / "rows.jsonl", "corpus", schema=tmp_path / "main.json")


@pytest.mark.parametrize(
    ("draft", "valid"),
    [
        ("http://json-schema.org/draft-04/schema#", False),
        ("http://json-schema.org/draft-06/schema#", True),
        ("http://json-schema.org/draft-07/schema#", True),
        ("https://json-schema.org/draft/2019-09/schema", True),
        ("https://json-schema.org/draft/2020-12/schema", True),
        (None, True),
    ],
)
def test_the_draft_is_that_of_the_schema(tmp_path: Path, draft: str | None, valid: bool) -> None:
    """To draft 4, 1.0 is no integer; to the later ones it is."""
    schema = {"type": "integer"} | ({"dollar_schema": draft} if draft else {})
    assert (own(tmp_path, **schema).check(1.0) == []) == valid


def test_up_to_draft_7_a_reference_hides_what_is_beside_it(tmp_path: Path) -> None:
    for draft, expected in (
        ("draft-07/schema#", []),
        ("draft/2020-12/schema", ["3 is greater than the maximum of 2"]),
    ):
        scheme = "http" if "07" in draft else "https"
        judge = own(
            tmp_path,
            dollar_schema=f"{scheme}://json-schema.org/{draft}",
            definitions={"number": {"type": "integer"}},
            dollar_ref="#/definitions/number",
            maximum=2,
        )
        assert said(judge, 3) == expected


def test_references_lead_to_files_beside_the_schema_and_back(tmp_path: Path) -> None:
    written(
        tmp_path,
        "part.json",
        dollar_defs={"name": {"type": "string"}},
        properties={"up": {"$ref": "main.json"}},
    )
    judge = own(
        tmp_path,
        properties={"name": {"$ref": "part.json#/$defs/name"}, "part": {"$ref": "part.json"}},
        additionalProperties=False,
    )
    assert judge.slow == ()
    assert judge.accepts({"name": "a", "part": {"up": {"name": "b"}}})
    assert said(judge, {"part": {"up": {"name": 5}}}) == ["/part/up/name 5 is not of type 'string'"]
    assert said(judge, {"part": {"up": {"x": 5}}}) == [
        "/part/up Additional properties are not allowed ('x' was unexpected)"
    ]


def test_schema_that_says_it_lives_elsewhere_still_finds_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "part.json", type="string")
    judge = own(tmp_path, dollar_id="https://example.com/schemas/main.json", items={"$ref": "part.json"})
    assert said(judge, ["a", 5]) == ["/1 5 is not of type 'string'"]


def test_schema_that_contains_itself_is_followed_as_deep_as_a_row_goes(tmp_path: Path) -> None:
    judge = own(tmp_path, type="object", properties={"next": {"$ref": "#"}}, additionalProperties=False)
    deep: Any = {"wrong": 1}
    for _ in range(800):
        deep = {"next": deep}
    (fault,) = judge.check(deep)
    assert fault.pointer == "/next" * 800
    assert fault.reason == "Additional properties are not allowed ('wrong' was unexpected)"


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        (
            {"type": "strin"},
            "no JSON Schema of draft 202012: at /type, 'strin' is not valid under any of the given",
        ),
        ({"properties": {"a": {"minimum": "3"}}}, "at /properties/a/minimum, '3' is not of type 'number'"),
        ({"pattern": "("}, "at /pattern, '(' is not a 'regex'"),
        (
            {"$schema": "urn:mine"},
            "unknown $schema 'urn:mine'; known: http://json-schema.org/draft-04",
        ),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "unknown $schema"),
        ({"$schema": 5}, "unknown $schema 5"),
        ({"$ref": "#/$defs/x"}, "/$ref: '#/$defs/x' leads nowhere; correct the reference"),
        ({"items": {"$ref": "none.json"}}, "/items/$ref: {folder}/none.json: no such file"),
        (
            {"$ref": "https://example.com/a.json"},
            "'https://example.com/a.json' leads off this machine, or",
        ),
        ({"$ref": "#"}, "the schema leads back to itself without end; break the circle"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}, "without end"),
        ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}, "without end"),
        (
            {"unevaluatedItems": {"$ref": "#/$defs/a"}, "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}},
            "without end",
        ),
        ({"$ref": "#/title", "title": "a"}, "'#/title' leads to what is no schema"),
        ({"$ref": "#/x", "x": {"properties": [1]}}, "a reference leads to what is no JSON Schema"),
    ],
)
def test_what_is_no_schema_is_one_sentence_with_the_place(
    tmp_path: Path, schema: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError) as error:
        own(tmp_path, **schema)
    assert str(error.value).startswith(f"{tmp_path / 'main.json'}: ")
    assert sentence.replace("{folder}", str(tmp_path)) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"type": ', "not JSON (Expecting value: line 1 column 10 (char 9))"),
        (b'{"minimum": NaN}', "not JSON (NaN is no JSON number)"),
        (b"\xff", "not JSON ('utf-8' codec can't decode byte 0xff"),
        (b"[]", "no JSON Schema; a schema is one JSON object"),
        (b"[" * 100_000, "not JSON (nested too deep)"),
    ],
)
def test_file_that_holds_no_schema_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "main.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        own_checker(path)
    assert str(error.value).startswith(f"{path}: {sentence}")


def test_schema_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.json: no such file; check the path of the schema"):
        own_checker(tmp_path / "none.json")
    with pytest.raises(UserError, match="cannot read"):
        own_checker(tmp_path)


def test_byte_order_mark_before_a_schema_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "main.json").write_bytes(b'\xef\xbb\xbf{"type": "string"}')
    assert own_checker(tmp_path / "main.json").accepts("a")


def test_file_that_is_referred_to_must_be_a_schema_too(tmp_path: Path) -> None:
    written(tmp_path, "part.json", type="strin")
    with pytest.raises(UserError, match=r"part\.json: no JSON Schema of draft 202012: at /type"):
        own(tmp_path, dollar_ref="part.json")


def test_formats_are_notes_unless_they_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, properties={"day": {"type": "string", "format": "date"}})
    assert own_checker(path).check({"day": "tomorrow"}) == []
    judge = own_checker(path, formats=True)
    assert judge.slow == ()
    assert judge.accepts({"day": "2024-02-29"})
    checker_of_formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    plain = jsonschema.Draft202012Validator(json.loads(path.read_text()), format_checker=checker_of_formats)
    (error,) = plain.iter_errors({"day": "2023-02-29"})
    assert said(judge, {"day": "2023-02-29"}) == [f"/day {error.message}"]


def test_format_that_cannot_be_checked_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, items={"format": "no-such-format"})
    with pytest.raises(UserError, match="/items/format: the format 'no-such-format' cannot be checked here"):
        own_checker(path, formats=True)


CIRCLE = {"properties": {"kind": {"const": "circle"}, "radius": {"minimum": 0}}, "required": ["radius"]}
SQUARE = {"properties": {"kind": {"const": "square"}, "side": {"minimum": 0}}, "required": ["side"]}


def test_fault_in_one_of_several_alternatives_names_the_nearest(tmp_path: Path) -> None:
    (fault,) = own(tmp_path, oneOf=[CIRCLE, SQUARE]).check({"kind": "square", "side": -1})
    assert fault.reason == "{'kind': 'square', 'side': -1} is not valid under any of the given schemas"
    assert (fault.keyword, fault.nearest) == ("oneOf", "/side -1 is less than the minimum of 0")
    assert str(fault).endswith("(nearest: /side -1 is less than the minimum of 0)")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"unevaluatedProperties": False}, "unevaluatedProperties at /unevaluatedProperties"),
        ({"maximum": 2**60}, "a number of 2^53 or more at /maximum"),
        ({"patternProperties": {"\\d": True}}, "the pattern '\\\\d' at /patternProperties"),
        (
            {"$dynamicRef": "#a", "$defs": {"a": {"$dynamicAnchor": "a", "type": "object"}}},
            "it has dynamic references",
        ),
    ],
)
def test_schema_that_only_jsonschema_can_judge_says_so(
    tmp_path: Path, schema: dict[str, Any], reason: str
) -> None:
    judge = own(tmp_path, **schema)
    assert judge.slow == (reason,)
    assert judge.check({"a": 1}) == judge.faults({"a": 1})


def test_recursive_dynamic_references_are_jsonschemas_affair(tmp_path: Path) -> None:
    schema = {
        "$id": "urn:tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"children": {"items": {"$dynamicRef": "#node"}}},
    }
    judge = own(tmp_path, **schema)
    row = {"children": [{"children": [5]}]}
    (expected,) = jsonschema.Draft202012Validator(schema).iter_errors(row)
    assert said(judge, row) == [f"/children/0/children/0 {expected.message}"]


def test_true_and_false_are_schemas(tmp_path: Path) -> None:
    path = tmp_path / "main.json"
    path.write_text("true")
    assert own_checker(path).accepts({"a": 1})
    path.write_text("false")
    assert said(own_checker(path), 5) == ["False schema does not allow 5"]
