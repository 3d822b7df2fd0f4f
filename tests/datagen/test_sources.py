"""Rows of the formats people have, read as conversations."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from datagen.sources import asked, conversations
from schemas import UserError
from schemas.check import check_row
from schemas.rows import write_rows

ASKED, ANSWERED = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}
FORMATS = {
    "ours": {"messages": [ASKED, ANSWERED]},
    "preference": {"prompt": [ASKED], "chosen": [ANSWERED], "rejected": [{**ANSWERED, "content": "No."}]},
    "alpaca": {"instruction": "Why?", "input": "", "output": "So."},
    "sharegpt": {"conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]},
    "self-instruct": {
        "id": "seed_task_0",
        "instruction": "Why?",
        "instances": [{"input": "", "output": "So."}],
        "is_classification": False,
    },
    "question": {"question": "Why?", "answer": "So."},
    "prompt": {"prompt": "Why?", "response": "So."},
}


@pytest.mark.parametrize("name", FORMATS)
def test_known_formats_become_the_same_conversation(tmp_path: Path, name: str) -> None:
    write_rows(tmp_path / "rows.jsonl", [FORMATS[name]])
    (row,) = conversations(tmp_path / "rows.jsonl")
    assert row["messages"] == [ASKED, ANSWERED]
    assert row["meta"] == {"source": "rows.jsonl", "line": 1}
    assert not check_row({key: row[key] for key in ("messages", "meta")}, "instruction")
    (asked,) = conversations(tmp_path / "rows.jsonl", answers=False)
    assert asked["messages"] == [ASKED]


def test_the_input_of_a_task_follows_its_instruction(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [{"instruction": "Add.", "input": "1, 2", "output": "3"}])
    assert conversations(tmp_path / "rows.jsonl")[0]["messages"][0]["content"] == "Add.\n\n1, 2"


def test_a_text_file_has_a_prompt_a_line_and_each_once(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("Why?\n\n  How?  \nWhy?\n")
    found = conversations(tmp_path / "prompts.txt", answers=False)
    assert [row["messages"][-1]["content"] for row in found] == ["Why?", "How?"]
    assert [row["meta"]["line"] for row in found] == [1, 3]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            {"colour": "red"},
            "rows.jsonl:2: a row of no known format; give rows with one of: messages, prompt",
        ),
        ({"prompt": "Why?"}, "rows.jsonl:2: a row without an answer"),
        ({"conversations": [{"from": "narrator", "value": "x"}]}, "rows.jsonl:2: a row of no known format"),
    ],
)
def test_what_is_no_conversation_is_named_by_its_line(tmp_path: Path, row: dict, told: str) -> None:
    lines = [orjson.dumps(FORMATS["ours"]), orjson.dumps(row)]
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join(lines))
    with pytest.raises(UserError) as error:
        conversations(tmp_path / "rows.jsonl")
    assert told in str(error.value)


def test_prompts_of_our_rows_and_of_others_are_the_same_items(tmp_path: Path) -> None:
    for name, row in FORMATS.items():
        write_rows(tmp_path / f"{name}.jsonl", [row, row])
    (tmp_path / "prompts.txt").write_text("Why?\n")
    found = [asked(path) for path in sorted(tmp_path.iterdir())]
    assert len(found) == len(FORMATS) + 1
    assert all(items == found[0] for items in found)
    assert found[0][0]["prompt"] == [ASKED]


def test_our_own_rows_are_checked_before_they_are_asked(tmp_path: Path) -> None:
    broken = {"messages": [{"role": "usher", "content": "Why?"}, ANSWERED]}
    write_rows(tmp_path / "rows.jsonl", [FORMATS["ours"], broken])
    with pytest.raises(UserError, match=r"rows\.jsonl:2: /messages/0/role"):
        asked(tmp_path / "rows.jsonl")


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": ["user"], "content": "Why?"}]},
        {"conversations": [{"from": {"name": "human"}, "value": "Why?"}]},
        {"instruction": "Why?", "instances": [5]},
    ],
)
def test_what_is_no_turn_is_of_no_known_format(tmp_path: Path, row: dict[str, object]) -> None:
    write_rows(tmp_path / "rows.jsonl", [row])
    with pytest.raises(UserError, match="a row of no known format"):
        conversations(tmp_path / "rows.jsonl", answers=False)
