"""`datagen corpus` and `datagen lessons`: the same bytes for the same seed, and a bar for whoever watches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.cli import program
from datagen.commands.corpus import Corpus, corpus
from datagen.commands.lessons import Lessons, lessons
from schemas.check import check_file
from schemas.command import run_app
from schemas.errors import UserError
from schemas.rows import read_rows

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {"corpus": "corpus", "lessons": "instruction"}


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_seed_gives_the_same_valid_rows(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seed in {"a": 3, "b": 3, "c": 4}.items():
        assert datagen(command, "--count", 50, "--seed", seed, "--out", tmp_path / f"{name}.jsonl") == 0
    written = [(tmp_path / f"{name}.jsonl").read_bytes() for name in "abc"]
    assert written[0] == written[1] != written[2]
    checking = check_file(tmp_path / "a.jsonl")
    assert (list(checking), checking.kind, checking.rows) == ([], COMMANDS[command], 50)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[0].startswith(f"{tmp_path}/a.jsonl: 50 ")
    assert len(told.err.splitlines()) == 3


@pytest.mark.parametrize("command", COMMANDS)
def test_rows_say_their_split(tmp_path: Path, command: str) -> None:
    assert datagen(command, "--count", 9, "--split", "valid", "--out", tmp_path / "rows.jsonl") == 0
    assert {row["meta"]["split"] for row in read_rows(tmp_path / "rows.jsonl")} == {"valid"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--count", 0], "--count: must be at least 1, got 0"),
        (["--split", "tran"], "--split: unknown choice 'tran'; did you mean 'train'?"),
        (["--colour", "red"], "datagen {command}: unknown option '--colour'"),
    ],
)
def test_a_bad_request_is_one_sentence_and_leaves_the_old_file(
    tmp_path: Path, command: str, more: list[object], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    out.write_bytes(b"old")
    assert datagen(command, "--out", out, *more) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: {expected.format(command=command)}")
    assert complaint.count("\n") == 1
    assert out.read_bytes() == b"old"


def test_commands_are_functions_of_their_settings(tmp_path: Path) -> None:
    corpus(Corpus(out=tmp_path / "corpus.parquet", count=30))
    lessons(Lessons(out=tmp_path / "lessons.parquet", count=30))
    assert len(list(read_rows(tmp_path / "corpus.parquet"))) == 30
    assert len(list(read_rows(tmp_path / "lessons.parquet"))) == 30
    with pytest.raises(UserError, match="count: must be at least 1"):
        corpus(Corpus(out=tmp_path / "none.jsonl", count=0))


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_terminal_a_bar_fills(tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "datagen",
        "corpus",
        "--count",
        "400",
        "--out",
        str(tmp_path / "c.jsonl"),
    ]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "140", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stderr=theirs, env=environment, cwd=ROOT)
    os.close(theirs)
    seen = b""
    try:
        while block := os.read(ours, 4096):
            seen += block
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    assert b"400/400" in seen
    assert b"a second" in seen
    assert b"400 documents" in seen.splitlines()[-1]
