"""Many problems in several processes: the same bytes, killed or not, proved or not, in any format."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datagen.cli import program
from datagen.problems import generate, register
from datagen.problems.family import Family, Problem
from datagen.problems.mix import even_mix
from datagen.problems.produce import Finish, Production
from datagen.problems.specs import INTEGER
from schemas import read_rows
from schemas.check import check_file
from schemas.command import run_app
from verifiers import AnswerSpec, verify

ROOT = Path(__file__).resolve().parents[2]
MIX = """
count: 1500
splits: {train: 0.8, valid: 0.1, test: 0.1}
families: {addition: 3, chain_sum: 1, syllogism: 1}
levels: {1: 1, 2: 1, 4: 2}
"""


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    path = tmp_path / "mix.yaml"
    path.write_text(MIX)
    return path


def marks_of(folder: Path, split: str) -> list[str]:
    return [row["fingerprint"] for path in sorted(folder.glob(f"{split}-*")) for row in read_rows(path)]


def tallies_of(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text())["tallies"]


def shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("[!.]*-of-*"))}


def test_one_and_two_workers_write_the_same_bytes(tmp_path, mix):
    for workers in (1, 2):
        command = ["problems", "--mix", mix, "--shard-rows", 500, "--workers", workers]
        assert datagen(*command, "--out", tmp_path / str(workers)) == 0
    assert shards(tmp_path / "1") == shards(tmp_path / "2")
    assert list(shards(tmp_path / "1")) == [
        "test-00000-of-00001.jsonl",
        *(f"train-0000{number}-of-00003.jsonl" for number in range(3)),
        "valid-00000-of-00001.jsonl",
    ]


def test_splits_share_no_fingerprint_and_repeat_none(tmp_path, mix):
    assert datagen("problems", "--mix", mix, "--out", tmp_path / "set") == 0
    marks = {
        split: [
            row["fingerprint"] for path in (tmp_path / "set").glob(f"{split}-*") for row in read_rows(path)
        ]
        for split in ("train", "valid", "test")
    }
    assert {split: len(held) for split, held in marks.items()} == {"train": 1200, "valid": 150, "test": 150}
    together = [mark for held in marks.values() for mark in held]
    assert len(set(together)) == len(together)


STRIKE = """
import itertools, os, signal, sys
from datagen.cli import main
from datagen.problems import sets

write_lines, written = sets.write_lines, itertools.count(1)

def struck(path, lines):
    if next(written) == 4:
        with open(os.path.join(path.parent, f".{path.name}.half"), "wb") as half:
            half.writelines(itertools.islice(lines, 50))
        os.kill(os.getpid(), signal.SIGKILL)
    return write_lines(path, lines)

if __name__ == "__main__":
    sets.write_lines = struck
    main()
"""
"""`datagen`, killed in the middle of its fourth shard."""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(tmp_path, mix, workers):
    command = ["problems", "--mix", mix, "--shard-rows", 100, "--workers", workers]
    script, killed, whole = tmp_path / "strike.py", tmp_path / "killed", tmp_path / "whole"
    script.write_text(STRIKE)
    words = [sys.executable, script, *command, "--out", killed]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(list(map(str, words)), env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    first = shards(killed)
    assert len(first) == 3
    assert datagen(*command, "--out", killed) == 0
    assert datagen(*command, "--out", whole) == 0
    assert shards(killed) == shards(whole)
    assert not [path for path in killed.iterdir() if path.name.startswith(".")]
    assert first.items() <= shards(whole).items()
    assert tallies_of(killed) == tallies_of(whole)


def test_a_finished_folder_is_left_alone_and_another_run_is_refused(tmp_path, mix, capsys):
    assert datagen("problems", "--mix", mix, "--out", tmp_path / "set") == 0
    before = shards(tmp_path / "set")
    assert datagen("problems", "--mix", mix, "--out", tmp_path / "set") == 0
    assert "finished earlier" in capsys.readouterr().err
    assert datagen("problems", "--mix", mix, "--seed", 1, "--out", tmp_path / "set") == 2
    assert "'seed' is 0 there and 1 here" in capsys.readouterr().err
    assert shards(tmp_path / "set") == before


def test_a_shard_of_another_run_is_noticed(tmp_path, mix, capsys):
    out = tmp_path / "set"
    assert datagen("problems", "--mix", mix, "--shard-rows", 400, "--out", out) == 0
    manifest = json.loads((out / "run.json").read_text())
    manifest |= {"status": "running", "shards": {"train": 1}}
    (out / "run.json").write_text(json.dumps(manifest))
    first = next(out.glob("train-00000*"))
    first.write_bytes(b"".join(reversed(first.read_bytes().splitlines(keepends=True))))
    assert datagen("problems", "--mix", mix, "--shard-rows", 400, "--out", out) == 2
    assert "the shards do not hold what they should at row 1" in capsys.readouterr().err


def test_a_production_makes_the_rows_of_generate():
    names, levels = ["addition", "division", "knights_and_knaves"], [1, 3]
    rows = list(generate(names, levels, 300, seed=4))
    for workers in (1, 2):
        with Production(even_mix(names, levels, {"train": 300}), "train", 4, Finish(), workers) as production:
            assert [json.loads(line) for line in production] == rows


def test_streams_that_run_dry_do_so_in_the_same_place_for_any_number_of_workers():
    mix = even_mix(["addition", "linear_equation"], [1, 2], {"train": 700})
    made = []
    for workers in (1, 2):
        with Production(mix, "train", 0, Finish(), workers) as production:
            made.append(list(production))
            assert [stream.family.name for stream in production.dry] == ["addition"]
    assert made[0] == made[1]


@pytest.mark.parametrize("rendering", ["problem", "instruction", "grpo", "corpus"])
def test_every_rendering_is_valid_and_resumes(tmp_path, rendering):
    command = ["problems", "--family", "chain_sum,syllogism", "--count", 120]
    command += ["--render", rendering, "--shard-rows", 40, "--out", tmp_path / "set"]
    assert datagen(*command) == 0
    whole = shards(tmp_path / "set")
    manifest = json.loads((tmp_path / "set" / "run.json").read_text())
    manifest |= {"status": "running", "shards": {"train": 1}}
    manifest["tallies"]["train"] = {}
    (tmp_path / "set" / "run.json").write_text(json.dumps(manifest))
    for path in sorted((tmp_path / "set").glob("train-0000[12]*")):
        path.unlink()
    assert datagen(*command) == 0
    assert shards(tmp_path / "set") == whole
    if rendering != "grpo":
        checking = check_file(tmp_path / "set" / "train-00000-of-00003.jsonl")
        assert (list(checking), checking.rows) == ([], 40)
        assert checking.kind == rendering
    else:
        row = next(read_rows(tmp_path / "set" / "train-00000-of-00003.jsonl"))
        assert set(row) == {"prompt", "answer", "spec", "meta"}


def test_think_tags_hold_the_steps(tmp_path):
    out = tmp_path / "rows.jsonl"
    assert (
        datagen("problems", "--family", "chain_sum", "--render", "instruction", "--think", "--out", out) == 0
    )
    replies = [row["messages"][-1]["content"] for row in read_rows(out)]
    assert all(reply.startswith("<think>\n") and "</think>\n\n\\boxed{" in reply for reply in replies)


def test_parquet_shards_hold_the_same_rows(tmp_path):
    command = ["problems", "--family", "addition,knights_and_knaves", "--count", 100, "--shard-rows", 60]
    assert datagen(*command, "--format", "parquet", "--out", tmp_path / "parquet") == 0
    assert datagen(*command, "--out", tmp_path / "jsonl") == 0
    rows = {
        name: [row for path in sorted((tmp_path / name).glob("train-*")) for row in read_rows(path)]
        for name in ("parquet", "jsonl")
    }
    assert rows["parquet"] == rows["jsonl"]
    assert len(rows["jsonl"]) == 100


def liar(rng, level):
    """Is right two times in three."""
    number = rng.randint(1, 10**9)
    answer = str(number + (number % 3 == 0))
    return Problem(
        f"Which number is {number}?", answer, INTEGER, f"\\boxed{{{answer}}}", {"n": number}, (number,)
    )


@pytest.fixture
def lying(monkeypatch):
    """A family called 'liar' whose answers are sometimes false, and whose proof is not fooled."""
    liar.__module__ = "datagen.problems.fields.arithmetic.liar"
    family = Family("liar", 1, liar, ("a", "b", "c"), "", prover=lambda given: str(given["n"]))
    known = register._families()
    monkeypatch.setattr(register, "_families", lambda: {**known, "liar": family})


@pytest.mark.usefixtures("lying")
def test_what_the_proof_does_not_confirm_is_dropped_counted_and_replaced(tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    assert datagen("problems", "--family", "liar,addition", "--count", 80, "--prove", "--out", out) == 0
    rows = [row for row in read_rows(out) if row["family"] == "liar"]
    assert len(rows) == 40
    assert all(row["answer"] == str(row["given"]["n"]) for row in rows)
    told = capsys.readouterr().err
    line = next(line for line in told.splitlines() if line.startswith("liar: 40 proved, "))
    dropped = int(line.split(" proved, ")[1].split(" dropped")[0])
    assert 8 <= dropped <= 35
    assert "spellings accepted" in line
    assert "addition: 40 proved, 0 dropped" in told


@pytest.mark.usefixtures("lying")
def test_without_a_proof_the_false_ones_come_through():
    rows = list(generate(["liar"], [1], 60))
    assert any(row["answer"] != str(row["given"]["n"]) for row in rows)


def test_proofs_in_workers_are_counted_as_in_this_process():
    mix = even_mix(["chain_sum", "syllogism"], [1, 2], {"train": 60})
    tallies = []
    for workers in (1, 2):
        with Production(mix, "train", 0, Finish(prove=True), workers) as production:
            list(production)
            tallies.append(production.tallies)
    assert tallies[0] == tallies[1]
    assert tallies[0]["chain_sum"].rows == 30
    assert tallies[0]["chain_sum"].misses > 60
    assert not tallies[0]["chain_sum"].refused + tallies[0]["chain_sum"].accepted


def test_workers_end_with_a_run_that_is_killed(tmp_path):
    code = (
        "import os, signal\n"
        "from datagen.problems.mix import even_mix\n"
        "from datagen.problems.produce import Finish, Production\n"
        "if __name__ == '__main__':\n"
        "    mix = even_mix(['addition'], [5], {'train': 10**6})\n"
        "    production = Production(mix, 'train', 0, Finish(), 2)\n"
        "    next(production)\n"
        "    print(*[process.pid for process in production._ahead._pool._processes.values()], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "killed.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], env=environment, stdout=subprocess.PIPE, check=False)
    workers = [int(pid) for pid in done.stdout.split()]
    assert len(workers) == 2
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--count", "3"], "--family: no family is named; give names, or all, or --mix FILE"),
        (["--family", "addition", "--mix", "{mix}"], "--family, --mix: both are given"),
        (["--mix", "{mix}", "--out", "{tmp}/rows.jsonl"], "--out: a file holds one split"),
        (["--mix", "{tmp}/none.yaml"], "none.yaml: cannot read"),
        (["--family", "addition", "--think"], "--think: only answers have think tags"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(tmp_path, mix, capsys, arguments, sentence):
    said = [argument.format(mix=mix, tmp=tmp_path) for argument in arguments]
    assert datagen("problems", *said) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.out == ""
    assert not (tmp_path / "rows.jsonl").exists()


def test_a_proved_row_is_judged_right_from_its_own_columns(tmp_path):
    out = tmp_path / "rows.jsonl"
    assert datagen("problems", "--family", "all", "--count", 200, "--render", "grpo", "--out", out) == 0
    for row in read_rows(out):
        boxed = f"\\boxed{{{row['answer']}}}"
        assert verify(boxed, row["answer"], AnswerSpec.from_dict(row["spec"])).correct
