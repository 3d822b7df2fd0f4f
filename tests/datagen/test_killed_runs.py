"""Runs that are killed, starved of disk space, or find a journal they cannot use: no row lost, none twice."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import killed_command
import orjson
import pytest
import run_recipe
from tiny_gguf import write_tiny_gguf

from benchmarks.kills import CONCURRENCY, SAMPLES_AT_ONCE, Campaign
from datagen.problems.generate import draw
from datagen.runs.journal import Journal
from datagen.runs.journal_file import JOURNAL_VERSION
from schemas.rows import write_rows

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", seed=4)


def start(model: Path, journal: Path, out: Path) -> subprocess.Popen:
    program = Path(run_recipe.__file__)
    command = [sys.executable, str(program), str(model), str(journal), str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


def test_killed_run_resumes_without_losing_or_repeating_a_row(model, tmp_path):
    whole = start(model, tmp_path / "whole.journal", tmp_path / "whole.jsonl")
    assert len(whole.communicate()[0].split()) == run_recipe.ROWS
    assert whole.returncode == 0

    rng, kills = random.Random(0), 0
    journal, out = tmp_path / "killed.journal", tmp_path / "killed.jsonl"
    for patience in (0, 3, 17, 29, 45, 77):
        process = start(model, journal, out)
        # Killed after so many finished items have been reported, in the middle of the next ones.
        for _ in range(patience + rng.randint(0, 5)):
            if not process.stdout.readline():
                break
        process.kill()
        process.communicate()
        kills += process.returncode != 0
        assert not out.exists()
    assert kills == 6
    last = start(model, journal, out)
    assert len(last.communicate()[0].split()) == run_recipe.ROWS
    assert last.returncode == 0

    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    names = [orjson.loads(line)["meta"]["id"] for line in out.read_bytes().splitlines()]
    assert len(names) == len(set(names)) > run_recipe.ROWS * 0.8
    with Journal(journal) as killed, Journal(tmp_path / "whole.journal") as uninterrupted:
        assert killed.count("outcomes") == uninterrupted.count("outcomes") == run_recipe.ROWS
        assert killed.count("samples") == uninterrupted.count("samples")


@pytest.mark.slow
def test_kills_at_random_moments_change_no_byte_and_nothing_recorded_is_paid_for_again(model, tmp_path):
    figures = Campaign(tmp_path, model, rows=50, kills=8, seed=3).run()
    assert figures.kills == 8
    assert figures.kills_during_start > 0
    assert (figures.same_bytes, figures.rows, figures.rows_twice) == (True, 50, 0)
    assert figures.asked_again_though_recorded == 0
    # Paid for twice: at most what was under way at each kill.
    assert figures.most_in_flight <= CONCURRENCY * SAMPLES_AT_ONCE
    assert 0 < figures.asked_again <= figures.kills * CONCURRENCY * SAMPLES_AT_ONCE


# ---- faults of disk and journal, by the real command in a real process ----

LIMITED = """
import resource, sys
from datagen.cli import main
limit = int(sys.argv.pop(1))
# The kernel refuses to let any file of this process grow further: the nearest to a full disk without one.
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
main()
"""


@pytest.fixture(scope="module")
def inputs(model, tmp_path_factory):
    """A folder with 24 problems, and the bytes and the journal of the undisturbed run."""
    folder = tmp_path_factory.mktemp("inputs")
    rows = [draw("addition", 1, "train", 0, index) for index in range(24)]
    write_rows(folder / "problems.jsonl", rows)
    done = attempts(folder, model, folder / "whole.jsonl")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    return folder


def attempts(inputs, model, out, *more, program=("-m", "datagen")):
    command = [sys.executable, *map(str, program), "attempts", "--problems", inputs / "problems.jsonl"]
    command += [
        "--engine",
        f"llama:{model}",
        "--out",
        out,
        "--samples",
        3,
        "--max-tokens",
        24,
        "--threads",
        1,
        *more,
    ]
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=120,
    )


def refused(done, where, words):
    """One sentence that names the place, and exit code 2."""
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: {where}: ")
    assert words in done.stderr


@pytest.mark.parametrize("space_bytes", [6_000, 250_000, 500_000])
def test_a_full_disk_ends_a_run_in_a_sentence_and_with_space_it_goes_on_to_the_same_bytes(
    inputs, model, tmp_path, space_bytes
):
    out = tmp_path / "out.jsonl"
    out.write_bytes(b"old")
    done = attempts(inputs, model, out, program=("-c", LIMITED, space_bytes))
    refused(done, tmp_path / "out.journal", "space")
    assert out.read_bytes() == b"old"
    kept = 0
    if space_bytes > 10_000:
        with Journal(tmp_path / "out.journal") as journal:
            kept = journal.count("samples")
        assert 0 < kept < 72
    assert attempts(inputs, model, out).returncode == 0
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()
    with Journal(tmp_path / "out.journal") as journal:
        assert (journal.count("samples"), journal.count("outcomes")) == (72, 24)


def test_a_disk_too_full_for_the_output_keeps_the_old_one_and_every_answer(inputs, model, tmp_path):
    out = tmp_path / "out.jsonl"
    assert attempts(inputs, model, out).returncode == 0
    out.write_bytes(b"old")
    done = attempts(inputs, model, out, program=("-c", LIMITED, 20_000))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert out.read_bytes() == b"old"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]
    assert attempts(inputs, model, out).returncode == 0
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()


def test_two_processes_on_one_run_the_second_is_told_and_harms_nothing(inputs, model, tmp_path):
    out = tmp_path / "out.jsonl"
    with Journal(tmp_path / "out.journal"):
        refused(attempts(inputs, model, out), tmp_path / "out.journal", f"another process (id {os.getpid()})")
    assert attempts(inputs, model, out).returncode == 0
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(inputs, model, tmp_path):
    path, out = tmp_path / "out.journal", tmp_path / "out.jsonl"
    shutil.copy(inputs / "whole.journal", path)
    version(path, JOURNAL_VERSION + 1)
    before = path.read_bytes()
    refused(attempts(inputs, model, out), path, "upgrade homegrown-llm")
    assert (path.read_bytes(), out.exists()) == (before, False)
    version(path, JOURNAL_VERSION)
    assert attempts(inputs, model, out).returncode == 0
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()


def version(path, number):
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {number}")
    database.close()


def test_a_damaged_journal_is_refused_and_once_moved_away_the_rows_come_again(inputs, model, tmp_path):
    whole = (inputs / "whole.journal").read_bytes()
    path, out = tmp_path / "out.journal", tmp_path / "out.jsonl"
    for name, data in {
        "cut": whole[: len(whole) // 2],
        "header": b"garbage!" * 100 + whole[800:],
        "pages": whole[:8192] + bytes(reversed(whole[8192:])),
        "text": b"not a journal at all\n" * 400,
    }.items():
        path.write_bytes(data)
        done = attempts(inputs, model, out)
        refused(done, path, "move it away to start over")
        assert not out.exists(), name
        path.unlink()
    assert attempts(inputs, model, out).returncode == 0
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()


def test_damage_inside_an_answer_is_noticed_and_the_answer_made_again(inputs, model, tmp_path):
    path, out = tmp_path / "out.journal", tmp_path / "out.jsonl"
    data = (inputs / "whole.journal").read_bytes()
    spoilt = data.replace(b'"finish_reason":"length"', b'"finish_reason":"stop"  ', 1)
    path.write_bytes(spoilt.replace(b'"reward":0.0', b'"reward":1.0', 1))
    assert path.read_bytes() != data
    # The rows of another version of the verifiers, say: every answer is read again.
    with Journal(path) as journal:
        journal._db.execute("DELETE FROM outcomes WHERE item = 'sum-1'")
    done = attempts(inputs, model, out)
    assert done.returncode == 0
    assert "a record was damaged on the disk and is made again" in done.stderr
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()


def test_a_folder_that_cannot_be_written_is_one_sentence(inputs, model, tmp_path):
    out = tmp_path / "out.jsonl"
    # Nobody writes there, root neither.
    refused(
        attempts(inputs, model, out, "--journal", "/proc/out.journal"), "/proc/out.journal", "cannot be used"
    )
    assert not out.exists()


def test_a_killed_command_goes_on_in_every_mode_of_progress(inputs, model, tmp_path):
    out = tmp_path / "out.jsonl"
    for items, mode in ((3, "json"), (9, "quiet")):
        struck = attempts(
            inputs, model, out, "--progress", mode, program=(killed_command.__file__, "SIGKILL", items)
        )
        assert struck.returncode == -9
    done = attempts(inputs, model, out, "--progress", "json")
    lines = [orjson.loads(line) for line in done.stderr.splitlines()]
    assert lines[-2]["got"] == lines[-2]["asked"] == 24
    assert (lines[-2]["finished"], lines[-2]["replayed"]) == (True, 12)
    assert lines[-1]["summary"].startswith(f"{out}: 72 attempts")
    assert out.read_bytes() == (inputs / "whole.jsonl").read_bytes()
