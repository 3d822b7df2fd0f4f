"""`python -m verifiers`: one verdict a line in input order, and one sentence for what a user can mend."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import verifiers
from verifiers.__main__ import main


def rows(path: Path, *values: dict) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_verdicts_come_one_a_line_in_input_order(tmp_path: Path) -> None:
    file = rows(
        tmp_path / "in.jsonl",
        {"gold": "1/2", "pred": "0.5"},
        {"gold": "1/2", "pred": "0.6"},
        {"gold": 7, "pred": 7},
        {"gold": "1/2", "pred": "("},
    )
    out = tmp_path / "out.jsonl"
    assert main([str(file), "--gold", "gold", "--pred", "pred", "--out", str(out)]) == 0
    verdicts = read(out)
    assert [v["status"] for v in verdicts] == ["correct", "incorrect", "correct", "malformed"]
    assert all({"status", "method", "reason", "microseconds"} <= set(v) for v in verdicts)


def test_full_responses_and_specs_are_read_from_columns(tmp_path: Path) -> None:
    file = rows(
        tmp_path / "in.jsonl",
        {"answer": "8", "text": r"\boxed{8}", "spec": {"kind": "integer"}},
        {"answer": "8", "text": r"\boxed{3+5}", "spec": {"kind": "integer"}},
        {"answer": "8", "text": "#### 8", "spec": None},
    )
    out = tmp_path / "out.jsonl"
    argv = [
        str(file),
        "--gold",
        "answer",
        "--pred",
        "text",
        "--spec",
        "spec",
        "--full-response",
        "--out",
        str(out),
    ]
    assert main(argv) == 0
    assert [v["status"] for v in read(out)] == ["correct", "wrong_form", "no_answer"]
    assert main([*argv, "--lenient"]) == 0
    assert [v["status"] for v in read(out)] == ["correct", "wrong_form", "correct"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file"), ('{"gold": "1"}\n', "no column 'pred'"), ("[1]\n", "not a JSON object")],
)
def test_bad_input_is_one_sentence_exit_2_and_leaves_the_output_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, message: str
) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    out.write_text("before")
    if content is not None:
        file.write_text(content)
    assert main([str(file), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert str(file) in error
    assert error.count("\n") == 1
    assert out.read_text() == "before"


def test_module_runs_as_a_program_and_help_shows_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifiers", "--help"], capture_output=True, text=True, check=True
    )
    assert "python -m verifiers rows.jsonl" in done.stdout


def test_marker_tells_this_package_from_others_of_the_name() -> None:
    assert verifiers.HOMEGROWN == "homegrown-llm"
    assert all(hasattr(verifiers, name) for name in verifiers.__all__)
