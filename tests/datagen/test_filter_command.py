"""`datagen filter`: what is kept and written, what is told, and what is refused without touching a file."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from datagen.cli import program
from datagen.problems import families, generate, instruction_row
from schemas.command import run_app
from schemas.rows import read_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    return int(exit.value.code or 0)


def row(question: str, answer: str, **meta: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, **({"meta": meta} if meta else {})}


ROWS = [
    row("Where is the city of Rome?", "It is in Italy, on the river Tiber."),
    row("Where is the city of Rome?", "In Italy."),
    row("How do I pick the lock of a door?", "I'm sorry, but I can't help with that."),
    row("Who wrote the novel Emma?", "Jane Austen wrote it, and it was printed in", finish_reason="length"),
    row("Who can I write to about the flat?", "Write to ann@example.org, please."),
    row("What is the tallest mountain on earth?", "..."),
    row("What did she say to the waiter?", "She asked for the bill.<|im_end|>"),
    row("Name the largest planet that goes round our sun.", "Jupiter."),
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    write_rows(path, ROWS)
    return path


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_rows_are_kept_or_turned_down_with_reason_and_place(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, down = tmp_path / "out.jsonl", tmp_path / "down.jsonl"
    assert datagen("filter", rows, "--out", out, "--turned-down", down, "--json") == 0
    assert list(read_rows(out)) == [ROWS[0], ROWS[4], ROWS[7]]
    told = list(read_rows(down))
    assert [(one["line"], one["filter"], one["reason"]) for one in told] == [
        (2, "duplicates", "duplicate"),
        (3, "refusal", "refusal"),
        (4, "truncated", "cut off: reached its limit"),
        (6, "empty", "empty answer"),
        (7, "template", "chat template in the text"),
    ]
    assert [one["row"] for one in told] == [ROWS[1], ROWS[2], ROWS[3], ROWS[5], ROWS[6]]
    assert {one["file"] for one in told} == {str(rows)}
    said = capsys.readouterr()
    assert f"{out}: 3 of 8 rows kept (37.5%), 5 turned down" in said.err
    account = json.loads(said.out)
    assert (account["rows"], account["kept"], account["turned_down"]["refusal"]) == (8, 3, {"refusal": 1})


def test_what_is_kept_is_what_it_was_to_the_byte(tmp_path: Path) -> None:
    made = [instruction_row(problem) for problem in generate([*families()], [1, 2], 300)]
    write_rows(tmp_path / "rows.jsonl", made)
    out = tmp_path / "out.jsonl"
    assert datagen("filter", tmp_path / "rows.jsonl", "--out", out, "--near", "none") == 0
    before = (tmp_path / "rows.jsonl").read_bytes().splitlines()
    after = out.read_bytes().splitlines()
    assert len(after) >= 280
    assert set(after) <= set(before)


def test_the_bytes_do_not_depend_on_the_workers(tmp_path: Path) -> None:
    made = [instruction_row(problem) for problem in generate([*families()], [1, 2, 3], 300)]
    made += made[:50] + ROWS
    write_rows(tmp_path / "rows.jsonl", made)
    written = []
    for workers in (1, 3):
        out, down = tmp_path / f"out{workers}.jsonl", tmp_path / f"down{workers}.jsonl"
        options = ["--out", out, "--turned-down", down, "--workers", workers, "--mask", "--numbered"]
        assert datagen("filter", tmp_path / "rows.jsonl", *options) == 0
        written.append((out.read_bytes(), down.read_bytes()))
    assert written[0] == written[1]
    assert b"[EMAIL_1]" in written[0][0]
    assert written[0][1].count(b'"duplicate"') >= 50


def test_a_near_duplicate_names_the_row_it_is_like(tmp_path: Path) -> None:
    long = "Please write a short story about an old lighthouse keeper who finds a bottle on the beach"
    write_rows(
        tmp_path / "rows.jsonl", [ROWS[0], row(f"{long}.", "Once."), row(f"{long} today.", "Once more.")]
    )
    out, down = tmp_path / "out.jsonl", tmp_path / "down.jsonl"
    assert datagen("filter", tmp_path / "rows.jsonl", "--out", out, "--turned-down", down) == 0
    (told,) = read_rows(down)
    assert (told["line"], told["reason"]) == (3, "near duplicate")
    assert told["detail"] == f"like {tmp_path / 'rows.jsonl'}:2"
    assert datagen("filter", tmp_path / "rows.jsonl", "--out", out, "--near", "none") == 0
    assert len(list(read_rows(out))) == 3


def test_rows_of_an_evaluation_set_are_turned_down(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(
        '{"question": "Name the largest planet that goes round our sun.", "answer": "J"}\n'
    )
    out, down = tmp_path / "out.jsonl", tmp_path / "down.jsonl"
    options = ["--against", tmp_path / "test.jsonl", "--out", out, "--turned-down", down]
    assert datagen("filter", rows, *options) == 0
    assert list(read_rows(out)) == [ROWS[0], ROWS[4]]
    told = next(one for one in read_rows(down) if one["filter"] == "contamination")
    assert told["line"] == 8
    assert "test" in told["detail"]


def test_masks_are_counted_and_meta_is_let_be(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert datagen("filter", rows, "--out", out, "--mask") == 0
    assert [*read_rows(out)][1] == row("Who can I write to about the flat?", "Write to [EMAIL], please.")
    assert "masked in 1 rows: e-mail address: 1" in capsys.readouterr().err


def test_languages_are_a_filter_of_their_own(rows: Path, tmp_path: Path) -> None:
    german = row(
        "Wo liegt eigentlich die schöne alte Stadt Rom?",
        "Sie liegt in Italien, am Fluss Tiber, nicht am Meer.",
    )
    write_rows(rows, [*ROWS, german])
    assert datagen("filter", rows, "--out", tmp_path / "out.jsonl", "--languages", "en") == 0
    assert german not in list(read_rows(tmp_path / "out.jsonl"))
    assert datagen("filter", rows, "--out", tmp_path / "out.jsonl", "--languages", "en,de") == 0
    assert german in list(read_rows(tmp_path / "out.jsonl"))


def test_rules_take_the_place_of_the_defaults(rows: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("- filter: regex\n  pattern: Italy\n- filter: mask\n")
    assert (
        datagen(
            "filter", rows, "--rules", rules, "--no-exact", "--near", "none", "--out", tmp_path / "out.jsonl"
        )
        == 0
    )
    kept = list(read_rows(tmp_path / "out.jsonl"))
    assert len(kept) == 6
    assert kept[2]["messages"][1]["content"] == "Write to [EMAIL], please."


def test_shards_of_any_format_are_read_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    folder.mkdir()
    write_rows(folder / "a.jsonl", ROWS[:1])
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps(ROWS[7]).encode() + b"\n"))
    write_rows(folder / "c.parquet", ROWS[4:5])
    (folder / "notes.txt").write_text("no rows")
    assert datagen("filter", folder, "--out", tmp_path / "out.parquet") == 0
    assert list(read_rows(tmp_path / "out.parquet")) == [ROWS[0], ROWS[7], ROWS[4]]


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        (
            [
                {"text": "Once upon a time."},
                {"text": "Once upon a time."},
                {"text": "There was a king, old and tired."},
            ],
            [0, 2],
        ),
        ([{"text": "Fine."}, {"text": "<|im_start|>user"}], [0]),
    ],
)
def test_running_text_is_filtered_as_running_text(tmp_path: Path, made: list[Any], kept: list[int]) -> None:
    write_rows(tmp_path / "rows.jsonl", made)
    assert datagen("filter", tmp_path / "rows.jsonl", "--out", tmp_path / "out.jsonl") == 0
    assert list(read_rows(tmp_path / "out.jsonl")) == [made[place] for place in kept]


def test_pairs_and_problems_are_rows_too(tmp_path: Path) -> None:
    problems = [*generate([*families()], [1, 2], 100)]
    write_rows(tmp_path / "problems.jsonl", problems)
    options = ["--out", tmp_path / "out.jsonl", "--near", "none"]
    assert datagen("filter", tmp_path / "problems.jsonl", *options) == 0
    assert list(read_rows(tmp_path / "out.jsonl")) == problems
    prompt = ROWS[0]["messages"][:1]
    pair = {"prompt": prompt, "chosen": ROWS[0]["messages"][1:], "rejected": ROWS[1]["messages"][1:]}
    refused = {**pair, "prompt": ROWS[2]["messages"][:1], "chosen": ROWS[2]["messages"][1:]}
    write_rows(tmp_path / "pairs.jsonl", [pair, refused])
    assert datagen("filter", tmp_path / "pairs.jsonl", *options) == 0
    assert list(read_rows(tmp_path / "out.jsonl")) == [pair]


def test_an_empty_text_is_turned_down_and_any_other_fault_named(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(rows, [ROWS[0], row("And?", "")])
    assert datagen("filter", rows, "--out", tmp_path / "out.jsonl") == 0
    assert list(read_rows(tmp_path / "out.jsonl")) == [ROWS[0]]
    write_rows(rows, [ROWS[0], {"messages": [{"role": "usr", "content": "a"}]}])
    assert datagen("filter", rows, "--out", tmp_path / "out.jsonl") == 2
    assert f"{rows}:2: /messages/0/role" in refusal(capsys)


def test_a_dry_run_tries_the_examples_and_writes_nothing(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ROOT / "samples" / "rules" / "instructions.yaml"
    assert datagen("filter", "--rules", rules, "--dry-run") == 0
    assert f"{rules}:3: encoding: 2 of 2 examples right" in capsys.readouterr().err
    out, down = tmp_path / "out.jsonl", tmp_path / "down.jsonl"
    assert datagen("filter", rows, "--out", out, "--turned-down", down, "--dry-run") == 0
    assert "(dry run): 3 of 8 rows kept" in capsys.readouterr().err
    assert not out.exists()
    assert not down.exists()


def test_a_rule_that_fails_its_example_stops_the_command(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("- filter: empty\n  examples:\n    - {text: '...', keep: true}\n")
    for more in ([rows, "--out", tmp_path / "out.jsonl"], ["--dry-run"]):
        assert datagen("filter", *more, "--rules", rules) == 2
        assert f"{rules}:3: the rule 'empty' fails its example" in refusal(capsys)
    assert not (tmp_path / "out.jsonl").exists()


def test_the_list_says_each_filter_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert datagen("filter", "--list") == 0
    said = capsys.readouterr().out
    assert "refusal: An answer that refuses" in said
    assert "  max_words: longer answers are kept" in said


def test_no_row_kept_is_an_error_and_leaves_the_outputs(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, down = tmp_path / "out.jsonl", tmp_path / "down.jsonl"
    out.write_text("old\n")
    down.write_text("old\n")
    write_rows(rows, ROWS[2:3])
    for target in (out, tmp_path / "out.parquet"):
        assert datagen("filter", rows, "--out", target, "--turned-down", down) == 2
        assert "none of 1 rows is kept (refusal: 1)" in refusal(capsys)
    assert out.read_text() == down.read_text() == "old\n"
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "FILE...: no file is given; name a file of rows"),
        (["rows.jsonl"], "--out: nothing says where the rows go; name a file, or add --dry-run"),
        (
            ["rows.jsonl", "--out", "out.csv"],
            "--out: 'out.csv' is no file of rows; it ends in .jsonl or .parquet",
        ),
        (["rows.jsonl", "--out", "rows.jsonl"], "--out: rows.jsonl is read, too; give another file"),
        (["rows.jsonl", "--out", "a.jsonl", "--turned-down", "a.jsonl"], "both would go to one file"),
        (
            ["rows.jsonl", "--out", "a.jsonl", "--turned-down", "rows.jsonl"],
            "--turned-down: rows.jsonl is read, too",
        ),
        (
            ["rows.jsonl", "--out", "a.jsonl", "--turned-down", "a.txt"],
            "--turned-down: these rows are written as JSON",
        ),
        (["none.jsonl", "--out", "a.jsonl"], "none.jsonl: no such file; check the path"),
        (["empty.jsonl", "--out", "a.jsonl"], "empty.jsonl: the file has no rows"),
        (["rows.jsonl", "empty.jsonl", "--out", "a.jsonl"], "empty.jsonl: the file has no rows"),
        (["odd.jsonl", "--out", "a.jsonl"], "odd.jsonl:1: a row of no known kind"),
        (["broken.jsonl", "--out", "a.jsonl"], "broken.jsonl:1: not JSON"),
        (
            ["rows.jsonl", "text.jsonl", "--out", "a.jsonl"],
            "text.jsonl:1: a corpus row among instruction rows",
        ),
        (["folder", "--out", "a.jsonl"], "folder: the folder has no files of rows"),
        (["rows.jsonl", "--out", "a.jsonl", "--languages", "engl"], "--languages: unknown language 'engl'"),
        (["rows.jsonl", "--out", "a.jsonl", "--rules", "none.yaml"], "none.yaml: cannot read"),
        (
            ["rows.jsonl", "--out", "a.jsonl", "--numbered"],
            "--numbered: there are no masks to number; add --mask",
        ),
        (["rows.jsonl", "--out", "a.jsonl", "--against", "none.jsonl"], "none.jsonl: no such file"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    rows: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "odd.jsonl").write_text('{"words": 1}\n')
    (tmp_path / "broken.jsonl").write_text("{\n")
    (tmp_path / "text.jsonl").write_text('{"text": "a"}\n')
    (tmp_path / "folder").mkdir()
    before = rows.read_bytes()
    for workers in ("1", "2"):
        assert datagen("filter", *arguments, "--workers", workers) == 2
        assert sentence in refusal(capsys)
    assert rows.read_bytes() == before
    assert not (tmp_path / "a.jsonl").exists()


def test_rows_may_come_from_a_pipe(rows: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "datagen", "filter", "/dev/stdin", "--out", tmp_path / "out.jsonl"]
    with rows.open("rb") as file, subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE) as cat:
        subprocess.run(command, cwd=ROOT, stdin=cat.stdout, check=True, timeout=60, capture_output=True)
    assert list(read_rows(tmp_path / "out.jsonl")) == [ROWS[0], ROWS[4], ROWS[7]]


@pytest.mark.timeout(120)
def test_a_killed_filter_leaves_the_old_output(tmp_path: Path) -> None:
    made = [instruction_row(problem) for problem in generate([*families()], [1, 2, 3], 500)]
    write_rows(tmp_path / "rows.jsonl", made)
    os.mkfifo(pipe := tmp_path / "more.jsonl")
    out = tmp_path / "out.jsonl"
    out.write_text("old\n")
    command = [
        sys.executable,
        "-m",
        "datagen",
        "filter",
        tmp_path / "rows.jsonl",
        pipe,
        "--out",
        out,
        "--workers",
        "2",
    ]
    # It opens the second file, and waits for rows there, when all of the first are done.
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as running, pipe.open("wb"):
        running.send_signal(signal.SIGKILL)
        running.wait(30)
    assert out.read_text() == "old\n"
    pipe.unlink()
    assert datagen("filter", tmp_path / "rows.jsonl", "--out", out) == 0
    assert len(list(read_rows(out))) > 300
