"""`datagen dedup`: what is told and written; what counts as a duplicate is tested beside the filters."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from datagen.cli import program
from schemas.command import run_app
from schemas.rows import read_rows, write_rows

STORY = "Once upon a time a fox and a hen lived in a house by the river and baked bread for who came along"
TEXTS = {"a": [STORY, "A short text."], "b": [f"{STORY} hungry", "a short  text", "Another one."]}


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, texts in TEXTS.items():
        write_rows(tmp_path / "in" / f"{name}.jsonl", [{"text": text} for text in texts])
    return tmp_path


def test_a_folder_of_shards_becomes_one_without_what_came_before(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("dedup", folder / "in", "--out", folder / "out/", "--json") == 0
    told = capsys.readouterr()
    account = orjson.loads(told.out)
    assert account["dropped"] == {"duplicate": 1, "near duplicate": 1}
    assert (account["rows"], account["kept"]) == (5, 3)
    assert "3 of 5 rows kept (60.0%); dropped: duplicate: 1, near duplicate: 1" in told.err
    assert [row["text"] for row in read_rows(folder / "out" / "b.jsonl")] == ["Another one."]


def test_without_near_only_what_says_the_same_goes(folder: Path) -> None:
    assert datagen("dedup", folder / "in", "--near", "none", "--out", folder / "out.jsonl") == 0
    assert [row["text"] for row in read_rows(folder / "out.jsonl")] == [
        *TEXTS["a"],
        TEXTS["b"][0],
        "Another one.",
    ]


def test_an_input_is_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "in" / "a.jsonl").read_bytes()
    assert datagen("dedup", folder / "in" / "a.jsonl", "--out", folder / "in" / "a.jsonl") == 2
    assert (folder / "in" / "a.jsonl").read_bytes() == before
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", ["once.jsonl.gz", "once.txt", "once.csv"])
def test_an_output_of_another_sort_is_refused_and_no_folder_is_made(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("dedup", folder / "in", "--out", folder / name) == 2
    assert "is no file of rows; end it in .jsonl or .parquet" in capsys.readouterr().err
    assert not (folder / name).exists()
    (folder / "v1.0").mkdir()
    assert datagen("dedup", folder / "in", "--out", folder / "v1.0") == 0
