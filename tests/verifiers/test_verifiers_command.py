"""`python -m verifiers`: one verdict a line in input order, and one sentence for what a user can mend."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import verifiers
from schemas.rows import write_rows
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
        {"answer": "8", "text": "The answer is 8.", "spec": None},
        {"answer": "8", "text": [{"role": "assistant", "content": r"\boxed{8}"}], "spec": None},
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
    assert [v["status"] for v in read(out)] == ["correct", "wrong_form", "no_answer", "correct"]
    assert main([*argv, "--lenient"]) == 0
    assert [v["status"] for v in read(out)] == ["correct", "wrong_form", "correct", "correct"]


JUDGED = [
    (7, 7.0, "correct"),
    (0.1, "1/10", "correct"),
    (1e-7, "0.0000001", "correct"),
    (True, "true", "correct"),
    ([1, 2], "2, 1", "correct"),
    ([[1, 2], [3, 4]], r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "correct"),
    ({"x": 1, "y": 2}, "y = 2, x = 1", "correct"),
    ("7", None, "malformed"),
    (None, "7", "gold_error"),
]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_columns_may_hold_what_json_holds(tmp_path: Path, suffix: str) -> None:
    if suffix == "parquet":  # whose columns have one type
        judged = [row for row in JUDGED if isinstance(row[0], str | None) and isinstance(row[1], str | None)]
    else:
        judged = JUDGED
    file, out = tmp_path / f"in.{suffix}", tmp_path / "out.jsonl"
    write_rows(file, [{"gold": gold, "pred": predicted} for gold, predicted, _ in judged])
    assert main([str(file), "--out", str(out)]) == 0
    assert [v["status"] for v in read(out)] == [status for _, _, status in judged]


def test_long_files_keep_their_order_over_several_workers(tmp_path: Path) -> None:
    file = rows(tmp_path / "in.jsonl", *({"gold": n, "pred": n if n % 3 else n + 1} for n in range(1, 2001)))
    assert main([str(file), "--workers", "2", "--out", str(file)]) == 0, "in place"
    assert [v["status"] == "correct" for v in read(file)] == [bool(n % 3) for n in range(1, 2001)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("", "no rows"),
        ('{"gold": "1"}\n', "no column 'pred'"),
        ('{"gold": 1, "pred": 1}\n\n{"gold": 1}\n', "in.jsonl:3: no column 'pred'; it has: gold"),
        ("[1]\n", "not a JSON object"),
        ('{"gold": 1, "pred": 1}\n"x"\n', "in.jsonl:2: not a JSON object"),
    ],
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--spec", "spec"], "in.jsonl:1: unknown answer kind 'intger'; did you mean 'integer'?"),
        (["--workers", "0"], "use positive numbers"),
    ],
)
def test_a_wrong_specification_or_option_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    file, out = (
        rows(tmp_path / "in.jsonl", {"gold": 1, "pred": 1, "spec": {"kind": "intger"}}),
        tmp_path / "o",
    )
    assert main([str(file), *options, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_module_runs_as_a_program_and_help_shows_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifiers", "--help"], capture_output=True, text=True, check=True
    )
    assert "python -m verifiers rows.jsonl" in done.stdout


def test_marker_tells_this_package_from_others_of_the_name() -> None:
    assert verifiers.HOMEGROWN == "homegrown-llm"
    assert all(hasattr(verifiers, name) for name in verifiers.__all__)
