"""Checking rows: what each kind asks for, where a fault is, and that jsonschema would say the same."""

from __future__ import annotations

import copy
import dataclasses
import json
import tracemalloc
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.check import KINDS, Fault, check_file, check_row, kind_of, pointer, schema
from schemas.errors import UserError
from schemas.rows import write_rows
from verifiers import answer

USER, ASSISTANT, SYSTEM = ({"role": role, "content": "x"} for role in ("user", "assistant", "system"))


def example(kind: str) -> dict[str, Any]:
    row: dict[str, Any] = copy.deepcopy(schema(kind)["examples"][0])
    return row


def reasons(row: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.reason) for fault in check_row(row, kind)]


@pytest.mark.parametrize("kind", [*KINDS, "run"])
def test_schema_is_valid_documented_and_holds_for_its_examples(kind: str) -> None:
    described = schema(kind)
    jsonschema.Draft202012Validator.check_schema(described)
    assert described["title"]
    assert all("description" in column or "$ref" in column for column in described["properties"].values())
    for row in described["examples"]:
        assert check_row(row, kind) == []


def test_schemas_agree_on_what_a_message_is() -> None:
    definitions = [schema(kind)["$defs"] for kind in ("instruction", "preference", "problem", "attempt")]
    assert all(defs["message"] == definitions[0]["message"] for defs in definitions)
    assert all(defs["messages"] == definitions[0]["messages"] for defs in definitions)


@pytest.mark.parametrize("kind", ["problem", "attempt"])
def test_schema_and_verifiers_agree_on_what_an_answer_is(kind: str) -> None:
    spec = schema(kind)["properties"]["spec"]
    known = {name: column.get("enum") for name, column in spec["properties"].items()}
    assert list(known) == [field.name for field in dataclasses.fields(answer.AnswerSpec)]
    assert known["kind"] == list(answer.KINDS)
    assert known["form"] == [*answer.FORMS, None]
    assert known["domain"] == [*answer.DOMAINS, None]


@pytest.mark.parametrize("kind", ["problem", "attempt"])
@pytest.mark.parametrize(
    ("spec", "place", "reason"),
    [
        ({"kind": "integr"}, "/spec/kind", "'integr' is not one of ['integer', "),
        ({"kind": "decimal", "tolerance": -1}, "/spec/tolerance", "-1 is less than the minimum of 0"),
        ({"kind": "decimal", "relative_tolerance": "1%"}, "/spec/relative_tolerance", "'1%' is not of type"),
        ({"kind": "real", "tolerence": 1}, "/spec", "Additional properties are not allowed ('tolerence'"),
        ({"kind": "choice", "choices": ["A", 2]}, "/spec/choices/1", "2 is not of type 'string'"),
    ],
)
def test_answer_no_verifier_can_read_is_a_fault(
    kind: str, spec: dict[str, Any], place: str, reason: str
) -> None:
    (found,) = reasons(example(kind) | {"spec": spec}, kind)
    assert found[0] == place
    assert found[1].startswith(reason)
    with pytest.raises(UserError):
        answer.AnswerSpec.from_dict(spec)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_known_by_the_columns(kind: str) -> None:
    assert kind_of(example(kind)) == kind


def test_columns_of_no_kind() -> None:
    assert kind_of({"prompt": [], "mark": True}) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_required_column_is_missed(kind: str) -> None:
    for column in schema(kind)["required"]:
        row = example(kind)
        del row[column]
        assert ("", f"'{column}' is a required property") in reasons(row, kind)


def test_unknown_column_and_empty_text_are_faults() -> None:
    assert reasons({"text": ""}, "corpus") == [("/text", "'' should be non-empty")]
    row = {"text": "x", "txet": 1}
    assert reasons(row, "corpus") == [("", "Additional properties are not allowed ('txet' was unexpected)")]


def test_meta_may_hold_anything_but_must_be_an_object() -> None:
    assert reasons({"text": "x", "meta": {"any": [1, None, {"deep": True}]}}, "corpus") == []
    assert reasons({"text": "x", "meta": "made up"}, "corpus") == [
        ("/meta", "'made up' is not of type 'object'")
    ]


def test_role_that_does_not_exist_is_pointed_at() -> None:
    row = {"messages": [USER, {"role": "bot", "content": "hi"}]}
    expected = [("/messages/1/role", "'bot' is not one of ['system', 'user', 'assistant']")]
    assert reasons(row, "instruction") == expected


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([USER, ASSISTANT], []),
        ([SYSTEM, USER, ASSISTANT, USER, ASSISTANT], []),
        ([ASSISTANT], [("/messages/0/role", "roles-alternate: expected 'user' here, found 'assistant'")]),
        (
            [USER, USER, ASSISTANT],
            [("/messages/1/role", "roles-alternate: expected 'assistant' here, found 'user'")],
        ),
        (
            [USER, SYSTEM, ASSISTANT],
            [("/messages/1/role", "roles-alternate: expected 'assistant' here, found 'system'")],
        ),
        ([SYSTEM, SYSTEM], [("/messages/1/role", "roles-alternate: expected 'user' here, found 'system'")]),
        ([SYSTEM], [("/messages/0/role", "last-turn: the last turn must be the assistant's")]),
        ([USER], [("/messages/0/role", "last-turn: the last turn must be the assistant's")]),
    ],
)
def test_roles_of_a_conversation_alternate(turns: list[Any], expected: list[tuple[str, str]]) -> None:
    assert reasons({"messages": turns}, "instruction") == expected


def test_prompt_ends_with_the_user_and_answers_are_the_assistants() -> None:
    row = example("preference")
    row["prompt"].append(ASSISTANT)
    row["rejected"] = [USER]
    assert [pointer for pointer, _ in reasons(row, "preference")] == ["/prompt/1/role", "/rejected/0/role"]


def test_rejected_that_is_the_chosen_one_is_a_fault() -> None:
    row = example("preference")
    row["rejected"] = row["chosen"]
    assert reasons(row, "preference") == [("/rejected", "chosen-differs: `rejected` is the same as `chosen`")]


def test_model_may_say_nothing_and_a_reward_may_be_unknown() -> None:
    row = example("attempt")
    row["completion"] = [{"role": "assistant", "content": ""}]
    row["reward"] = None
    assert reasons(row, "attempt") == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("level", 6),
        ("level", 0),
        ("level", 1.5),
        ("split", "dev"),
        ("fingerprint", "XYZ"),
        ("spec", {}),
        ("answer", 8),
    ],
)
def test_problem_column_out_of_range_is_pointed_at(column: str, value: object) -> None:
    row = example("problem") | {column: value}
    assert [where.split("/")[1] if where else "" for where, _ in reasons(row, "problem")] == [column]


def test_every_fault_of_a_row_is_listed_in_order_of_pointers() -> None:
    row = {"messages": [{"role": "bot"}, {"role": "user", "content": 5}], "meta": []}
    pointers = [pointer for pointer, _ in reasons(row, "instruction")]
    assert pointers == ["/messages/0", "/messages/0/role", "/messages/1/content", "/meta"]


pieces = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.sampled_from(["", "user", "assistant", "train", "0f0f0f0f"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "kind"]), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(KINDS), st.data())
def test_reasons_are_those_of_jsonschema(kind: str, data: st.DataObject) -> None:
    row = example(kind)
    for column in data.draw(st.lists(st.sampled_from([*row, "other"]), min_size=1, max_size=3)):
        row[column] = data.draw(pieces)
    independent = jsonschema.Draft202012Validator(schema(kind)).iter_errors(row)
    expected = sorted((error.json_path.count("["), error.message) for error in independent)
    found = check_row(row, kind)
    if expected:
        assert sorted(fault.reason for fault in found) == sorted(message for _, message in expected)
    else:
        assert all(
            fault.reason.split(":")[0] in ("roles-alternate", "last-turn", "chosen-differs")
            for fault in found
        )


keys = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(keys | st.integers(0, 20)))
def test_json_pointer_leads_back_to_the_value(path: list[str | int]) -> None:
    """RFC 6901, section 4: split at `/`, then `~1` is `/`, then `~0` is `~`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer(path).split("/")[1:]]
    assert parts == [str(part) for part in path]


def checked(path: Path, content: bytes, kind: str | None = None) -> list[str]:
    path.write_bytes(content)
    return [str(fault).removeprefix(str(path)) for fault in check_file(path, kind)]


def test_faults_of_a_file_name_line_pointer_and_reason(tmp_path: Path) -> None:
    content = (
        b'{"text": "a"}\n\n{"text": 5}\nnonsense\n[1]\n{"text": "\xff"}\n{"text": "x", "meta": {"n": NaN}}\n'
    )
    found = checked(tmp_path / "rows.jsonl", content)
    assert found[:1] == [":3: /text 5 is not of type 'string'"]
    assert found[1].startswith(":4: not JSON (")
    assert found[2] == ":5: a row is a JSON object, not an array"
    assert found[3] == ":6: not UTF-8 (byte 11 of the line)"
    assert found[4].startswith(":7: not JSON (")
    assert len(found) == 5


def test_counts_rows_and_invalid_ones(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "a"}\n\n{"text": 5, "more": 1}\n{"text": "b"}\nx')
    checking = check_file(path)
    faults = list(checking)
    assert (checking.kind, checking.rows, checking.invalid, len(faults)) == ("corpus", 4, 2, 3)


def test_row_of_another_kind_is_said_to_be_one(tmp_path: Path) -> None:
    found = checked(tmp_path / "rows.jsonl", b'{"text": "a"}\n' + json.dumps(example("problem")).encode())
    assert found == [":2: a row of kind 'problem' in a file of kind 'corpus'"]


def test_faulty_row_that_looks_like_another_kind_is_explained_as_one_of_its_file(tmp_path: Path) -> None:
    """An attempt without its completion looks like a problem, and is none."""
    row = example("attempt")
    del row["completion"]
    content = json.dumps(example("attempt")).encode() + b"\n" + json.dumps(row).encode()
    assert checked(tmp_path / "rows.jsonl", content) == [":2: 'completion' is a required property"]


def test_kind_that_is_asked_for_decides(tmp_path: Path) -> None:
    found = checked(tmp_path / "rows.jsonl", b'{"text": "a"}\n', kind="instruction")
    assert found == [":1: a row of kind 'corpus' in a file of kind 'instruction'"]
    with pytest.raises(UserError, match="unknown kind 'instructions'; did you mean 'instruction'"):
        check_file(tmp_path / "rows.jsonl", "instructions")


def test_row_of_no_kind_lists_the_kinds(tmp_path: Path) -> None:
    found = checked(tmp_path / "rows.jsonl", b'{"question": "q", "label": 1}\n{"foo": 1}\n')
    assert found[0].startswith(":1: ")
    assert checked(tmp_path / "rows.jsonl", b'{"foo": 1}\n') == [
        ":1: no kind of row has the columns foo; "
        "known kinds: corpus, instruction, preference, kto, problem, attempt"
    ]


@pytest.mark.parametrize("content", [b"", b"\n  \n"])
def test_empty_file_is_a_fault(tmp_path: Path, content: bytes) -> None:
    assert checked(tmp_path / "rows.jsonl", content) == [": the file has no rows"]


def test_byte_order_mark_is_named(tmp_path: Path) -> None:
    (found,) = checked(tmp_path / "rows.jsonl", b'\xef\xbb\xbf{"text": "a"}\n')
    assert "byte order mark" in found


def test_parquet_is_checked_like_json_lines(tmp_path: Path) -> None:
    rows = [example("preference"), example("preference") | {"prompt": [ASSISTANT]}]
    faults = []
    for name in ("rows.jsonl", "rows.parquet"):
        write_rows(tmp_path / name, rows)
        faults.append([(f.line, f.pointer, f.reason) for f in check_file(tmp_path / name)])
    assert (
        faults[0]
        == faults[1]
        == [(2, "/prompt/0/role", "roles-alternate: expected 'user' here, found 'assistant'")]
    )


def test_not_a_number_in_parquet_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    write_rows(path, [{"text": "a", "meta": {"scores": [1.0, float("nan")]}}])
    assert list(check_file(path)) == [Fault("nan is not a JSON number", "/meta/scores/1", 1, str(path))]


def test_missing_file_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        list(check_file(tmp_path / "none.jsonl"))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 20_000):
        path = tmp_path / f"{count}.jsonl"
        write_rows(path, ({"text": "word " * 40, "meta": {"index": i}} for i in range(count)))
        tracemalloc.start()
        assert list(check_file(path)) == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000  # bytes; the second file is 4 MB longer
