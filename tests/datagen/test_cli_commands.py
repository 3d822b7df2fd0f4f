"""The `datagen` program: making problems, checking rows, and what it says when it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.cli import COMMANDS, program
from datagen.commands.problems import levels_of
from schemas.check import check_file
from schemas.command import run_app
from schemas.errors import UserError
from schemas.rows import read_rows

ROOT = Path(__file__).resolve().parents[2]


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def test_help_of_every_command_begins_with_what_it_does_and_shows_an_example(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in COMMANDS:
        assert datagen(name, "--help") == 0
        text = capsys.readouterr().out
        assert f"    datagen {name}" in text.split("Example")[1]


def test_help_is_answered_without_loading_what_commands_need() -> None:
    code = "import sys\nfrom datagen.cli import program\nprogram()\nprint(*sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "datagen.commands.problems" in loaded
    assert not {"sympy", "llama_cpp", "torch", "numpy", "pyarrow", "jsonschema", "rich", "yaml"} & loaded


def test_python_dash_m_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "datagen", "chek"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: unknown command 'chek'; did you mean 'check'?\n"


def make(out: Path, *more: object) -> int:
    return datagen(
        "problems",
        "--family",
        "addition,greatest_common_divisor",
        "--count",
        30,
        "--seed",
        5,
        "--out",
        out,
        *more,
    )


def test_same_seed_gives_the_same_bytes_and_every_row_is_valid(tmp_path: Path) -> None:
    assert make(tmp_path / "a.jsonl") == 0
    assert make(tmp_path / "b.jsonl") == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert make(tmp_path / "c.jsonl", "--seed", 6) == 0
    assert (tmp_path / "c.jsonl").read_bytes() != (tmp_path / "a.jsonl").read_bytes()
    checking = check_file(tmp_path / "a.jsonl")
    assert (list(checking), checking.kind, checking.rows) == ([], "problem", 30)


def test_families_levels_and_split_are_those_asked_for(tmp_path: Path) -> None:
    assert make(tmp_path / "a.jsonl", "--level", "2-3", "--split", "test") == 0
    rows = list(read_rows(tmp_path / "a.jsonl"))
    assert {row["family"] for row in rows} == {"addition", "greatest_common_divisor"}
    assert {row["level"] for row in rows} == {2, 3}
    assert {row["split"] for row in rows} == {"test"}


def test_all_means_every_family(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datagen("families", "--json") == 0
    described = json.loads(capsys.readouterr().out)
    assert len(described) >= 12
    assert {"name", "field", "levels", "example", "items_per_s"} <= set(described[0])
    count = 5 * len(described)
    assert datagen("problems", "--family", "all", "--count", count, "--out", tmp_path / "all.jsonl") == 0
    made = {row["family"] for row in read_rows(tmp_path / "all.jsonl")}
    assert made == {family["name"] for family in described}


def test_all_families_fit_one_parquet_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("all.jsonl", "all.parquet"):
        arguments = ("--family", "all", "--level", "2", "--count", 93, "--out", tmp_path / name)
        assert datagen("problems", *arguments) == 0
    assert list(read_rows(tmp_path / "all.parquet")) == list(read_rows(tmp_path / "all.jsonl"))
    assert datagen("check", tmp_path / "all.parquet") == 0
    assert datagen("prove", tmp_path / "all.parquet") == 0


def test_every_answer_of_a_file_is_proved_and_a_wrong_one_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    assert datagen("problems", "--family", "all", "--level", "2", "--count", "60", "--out", good) == 0
    assert datagen("prove", good) == 0
    assert "60 answers hold, 0 do not" in capsys.readouterr().out
    rows = list(read_rows(good))
    first = next(row for row in rows if row["spec"]["kind"] == "integer")
    first["answer"] = str(int(first["answer"]) + 1)
    bad.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert datagen("prove", bad) == 1
    out = capsys.readouterr().out
    assert "59 answers hold, 1 do not" in out
    assert first["id"] in out


def test_families_are_listed_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert datagen("families") == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:2] == ["addition", "arithmetic"] for line in lines)


def test_without_a_file_the_rows_go_to_standard_output() -> None:
    command = [sys.executable, "-m", "datagen", "problems", "--family", "addition", "--count", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [json.loads(line)["family"] for line in done.stdout.splitlines()] == ["addition"] * 3
    assert done.stderr == ""


@pytest.mark.parametrize("count", [3, 5000])
def test_a_full_output_is_one_sentence_that_names_it(count: int) -> None:
    command = [sys.executable, "-m", "datagen", "problems", "--family", "chain_sum", "--count", str(count)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "error: standard output: No space left on device; free some space or choose another place\n"
    )


def test_what_ran_dry_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sums.jsonl"
    assert datagen("problems", "--family", "addition,linear_equation", "--count", 600, "--out", out) == 0
    told = "no new problems left, so the others went on alone: addition level 1 after 46"
    assert capsys.readouterr().err == f"{out}: 600 problems\n{told}\n"
    assert len(list(read_rows(out))) == 600


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--family", "additon"], "unknown family 'additon'; did you mean 'addition'?"),
        (["--family", "addition", "--level", "7"], "--level: '7' is no level; levels are 1 to 5"),
        (["--family", "addition", "--count", "0"], "--count: must be at least 1, got 0"),
        (["--family", "addition", "--split", "tset"], "--split: unknown choice 'tset'; did you mean 'test'?"),
        (["--count", "5"], "--family: no family is named; give names, or all, or --mix FILE"),
    ],
)
def test_bad_request_is_one_sentence_and_leaves_the_old_file(
    tmp_path: Path, arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "problems.jsonl"
    out.write_bytes(b"old")
    assert datagen("problems", "--out", out, *arguments) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: {expected}")
    assert complaint.count("\n") == 1
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_run_that_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "problems.jsonl"
    out.write_bytes(b"old")
    assert datagen("problems", "--family", "addition", "--level", "1", "--count", 10**7, "--out", out) == 2
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("text", "levels"), [("1-5", [1, 2, 3, 4, 5]), ("3", [3]), ("5, 1-2", [1, 2, 5]), ("2,2", [2])]
)
def test_levels_are_read(text: str, levels: list[int]) -> None:
    assert levels_of(text) == levels


@pytest.mark.parametrize("text", ["", "0", "6", "1-6", "3-2", "a", "1-", "-1", "1--2", "1.5"])
def test_what_is_no_level_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is no level; levels are 1 to 5"):
        levels_of(text)


GOOD = b'{"text": "a"}\n{"text": "b"}\n'


def test_check_of_good_rows_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "good.jsonl"
    path.write_bytes(GOOD)
    assert datagen("check", path) == 0
    assert capsys.readouterr().out == f"{path}: 2 corpus rows, all valid\n"


def test_check_lists_faults_and_counts_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(GOOD)
    bad.write_bytes(b'{"text": 1}\n{"text": "", "meta": 2}\n{"text": "a"}\n')
    assert datagen("check", bad, good, "--show", 2) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{bad}:1: /text 1 is not of type 'string'",
        f"{bad}:2: /meta 2 is not of type 'object'",
        f"{bad}: 1 more fault, not shown (--show 3 shows all)",
        f"{bad}: 1 row: /text type, first in line 1: 1 is not of type 'string'",
        f"{bad}: 1 row: /meta type, first in line 2: 2 is not of type 'object'",
        f"{bad}: 1 row: /text minLength, first in line 2: '' should be non-empty",
        f"{bad}: 3 corpus rows, 2 invalid",
        f"{good}: 2 corpus rows, all valid",
    ]


def test_check_against_a_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "good.jsonl"
    path.write_bytes(GOOD)
    assert datagen("check", path, "--kind", "problem") == 1
    assert "a row of kind 'corpus' in a file of kind 'problem'" in capsys.readouterr().out


def test_check_of_an_empty_file_finds_it_invalid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    assert datagen("check", path) == 1
    assert capsys.readouterr().out.splitlines()[0] == f"{path}: the file has no rows"


def test_check_of_a_missing_file_or_a_broken_parquet_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen("check", tmp_path / "none.jsonl") == 2
    assert capsys.readouterr().err == f"error: {tmp_path}/none.jsonl: no such file; check the path\n"
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 not really PAR1")
    assert datagen("check", broken) == 2
    assert capsys.readouterr().err.startswith(f"error: {broken}: not a Parquet file, or a damaged one")


def test_fault_with_a_huge_value_is_shortened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"text": list(range(100_000))}))
    assert datagen("check", path) == 1
    fault = capsys.readouterr().out.splitlines()[0]
    assert len(fault) < 320
    assert fault.endswith("is not of type 'string'")


def test_check_of_a_folder_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert datagen("check", tmp_path) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}: is a folder; give the names of files in it\n"


def test_check_reads_a_pipe() -> None:
    command = [sys.executable, "-m", "datagen", "check", "/dev/stdin"]
    done = subprocess.run(command, cwd=ROOT, input=GOOD, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"/dev/stdin: 2 corpus rows, all valid\n")
