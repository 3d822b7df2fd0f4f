"""`datagen check`: what it prints, for people and for programs, and what it exits with."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from datagen.cli import program
from schemas.command import run_app

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = {"properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]}


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    return int(exit.value.code or 0)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": 10}\n\n{"n": "x"}\n?\n{"n": 11}\n')
    return path


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "my.schema.json"
    path.write_text(json.dumps(SCHEMA))
    return path


def test_check_against_ones_own_schema(rows: Path, schema: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datagen("check", rows, "--schema", schema) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{rows}:2: /n 10 is greater than the maximum of 9",
        f"{rows}:4: /n 'x' is not of type 'integer'",
        f"{rows}:5: not JSON (unexpected character, expected a JSON value: line 1 column 1 (char 0))",
        f"{rows}:6: /n 11 is greater than the maximum of 9",
        f"{rows}: 5 rows, 4 invalid",
    ]


def test_faults_that_are_not_shown_are_counted_by_sort(
    rows: Path, schema: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("check", rows, "--schema", schema, "--show", 0) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{rows}: 4 more faults, not shown (--show 4 shows all)",
        f"{rows}: 2 rows: /n maximum, first in line 2: 10 is greater than the maximum of 9",
        f"{rows}: 1 row: /n type, first in line 4: 'x' is not of type 'integer'",
        f"{rows}: 1 row: / json, first in line 5: not JSON (unexpected character, expected a JSON value: "
        "line 1 column 1 (char 0))",
        f"{rows}: 5 rows, 4 invalid",
    ]


def test_json_is_a_line_a_fault_and_a_summary_a_file(
    rows: Path, schema: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("check", rows, "--schema", schema, "--json") == 1
    *faults, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert [fault["line"] for fault in faults] == [2, 4, 5, 6]
    assert faults[0] == {
        "type": "fault",
        "file": str(rows),
        "line": 2,
        "pointer": "/n",
        "keyword": "maximum",
        "reason": "10 is greater than the maximum of 9",
    }
    sorts = summary.pop("sorts")
    assert summary == {
        "type": "file",
        "file": str(rows),
        "kind": None,
        "schema": str(schema),
        "rows": 5,
        "invalid": 4,
        "faults": 4,
        "slow": [],
    }
    assert {(sort["pointer"], sort["keyword"], sort["rows"], sort["line"]) for sort in sorts} == {
        ("/n", "maximum", 2, 2),
        ("/n", "type", 1, 4),
        ("", "json", 1, 5),
    }


def test_json_of_good_rows_is_a_summary_and_exit_code_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "good.jsonl"
    path.write_bytes(b'{"text": "a"}\n')
    assert datagen("check", path, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["type"], summary["kind"], summary["rows"], summary["invalid"]) == ("file", "corpus", 1, 0)


def test_schema_that_only_jsonschema_can_judge_is_said_to_be_slow(
    rows: Path, schema: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema.write_text(json.dumps(SCHEMA | {"unevaluatedProperties": False}))
    assert datagen("check", rows, "--schema", schema) == 1
    assert "alone, which is slow: unevaluatedProperties at /unevaluatedProperties" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--schema", "none.json"], "error: none.json: no such file; check the path of the schema\n"),
        (["--formats"], "error: --formats is about the formats of a --schema; give the schema\n"),
        (
            ["--kind", "corpus", "--schema", "none.json"],
            "error: a kind and a schema are two ways to say what ",
        ),
        (["--workers", "0"], "error: --workers: "),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_exit_code_2(
    rows: Path, options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("check", rows, *options) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(sentence)
    assert captured.out == ""


def test_schema_that_is_none_leaves_no_word_about_the_rows(
    rows: Path, schema: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema.write_text('{"type": "strin"}')
    assert datagen("check", rows, "--schema", schema) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"error: {schema}: no JSON Schema of draft 202012: at /type, 'strin' ")
    assert (captured.out, captured.err.count("\n")) == ("", 1)


def start(path: Path, schema: Path, *options: str, **settings: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "datagen", "check", str(path), "--schema", str(schema), *options]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **settings)


def test_rows_come_from_a_pipe(schema: Path) -> None:
    process = start(Path("/dev/stdin"), schema, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = process.communicate(b'{"n": 10}\n' * 3, timeout=60)
    assert out.decode().splitlines()[-1] == "/dev/stdin: 3 rows, 3 invalid"
    assert process.returncode == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_a_check_and_its_processes_with_one_sentence(
    tmp_path: Path, schema: Path, workers: str
) -> None:
    """It is at work when its first fault is read, and cannot end: nobody reads the millions that follow."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"n": 10}\n' * 3_000_000)
    options = ["--workers", workers, "--show", "3000000"]
    process = start(path, schema, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().endswith(b"/n 10 is greater than the maximum of 9\n")
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert error.decode() == "error: interrupted; run the same command again to go on\n"
    assert process.returncode == 130
    assert is_gone(process.pid)


def is_gone(group: int) -> bool:
    """Whether no process of a group is left, soon."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_large_file_has_a_bar_on_a_terminal(tmp_path: Path, schema: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes((b'{"n": 1, "pad": "' + b"x" * 4000 + b'"}\n') * 9000)
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
    process = start(path, schema, stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        drawn += piece
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    assert out.decode() == f"{path}: 9,000 rows, all valid\n"
    assert b"rows.jsonl" in drawn
    assert b"B/s" in drawn
    assert b"rows, 0 invalid" in drawn
