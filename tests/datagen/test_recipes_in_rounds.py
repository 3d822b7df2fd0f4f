"""`instruct`, `evolve` and `magpie` as commands: the same bytes however they run, an account, a dry run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import speaking_engine
from speaking_engine import SpeakingEngine

from datagen.cli import program
from datagen.engines import settings as engine_settings
from datagen.recipes.shared.novel import Pool
from datagen.runs import generation
from datagen.runs.account import account_of
from datagen.runs.journal import Journal
from schemas.check import check_file
from schemas.command import run_app
from schemas.rows import read_rows

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
SEEDS = ROOT / "samples" / "seeds" / "tasks.jsonl"
COMMANDS = {
    "instruct": [
        "--seeds",
        SEEDS,
        "--keep",
        40,
        "--prompts-a-round",
        2,
        "--turns",
        2,
        "--personas",
        "built-in",
    ],
    "evolve": ["--prompts", SEEDS, "--generations", 3],
    "magpie": ["--keep", 40, "--prompts-a-round", 16, "--turns", 2],
}


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SpeakingEngine:
    found = SpeakingEngine()
    monkeypatch.setattr(engine_settings, "open_engine", lambda *_, **__: found)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_rows_are_valid_and_the_account_counts_every_candidate(
    command: str, engine: SpeakingEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert datagen(command, *COMMANDS[command], "--out", out) == 0
    checking = check_file(out)
    assert (list(checking), checking.kind) == ([], "instruction")
    assert checking.rows > 20
    account = account_of(out)
    assert account is not None
    assert (account["command"], account["rows"]) == (command, checking.rows)
    assert account["stages"][-1]["recipe"] == command
    assert account["stages"][-1]["rows"] == checking.rows
    for stage in account["stages"]:
        assert stage["accepted"] + sum(stage["rejected"].values()) == stage["items"]
    assert "turned down" in capsys.readouterr().err
    for row in read_rows(out):
        assert row["meta"]["recipe"] == command
        assert row["meta"].keys() >= {
            "item",
            "engine",
            "model_hash",
            "run_seed",
            "sampling",
            "seed",
            "rouge_l",
        }


@pytest.mark.parametrize("command", COMMANDS)
def test_one_at_a_time_and_many_at_a_time_give_the_same_bytes(
    command: str, engine: SpeakingEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for concurrency in (1, 64):
        monkeypatch.setattr(generation, "DEFAULT_CONCURRENCY", concurrency)
        engine.most_at_once = 0
        assert datagen(command, *COMMANDS[command], "--out", tmp_path / f"{concurrency}.jsonl") == 0
        if command != "evolve":  # whose engine is probed before
            assert (engine.most_at_once == 1) == (concurrency == 1)
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "64.jsonl").read_bytes()
    assert datagen(command, *COMMANDS[command], "--seed", 1, "--out", tmp_path / "other.jsonl") == 0
    assert (tmp_path / "1.jsonl").read_bytes() != (tmp_path / "other.jsonl").read_bytes()


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_in_any_stage_it_goes_on_to_the_same_bytes(
    command: str, engine: SpeakingEngine, tmp_path: Path
) -> None:
    assert datagen(command, *COMMANDS[command], "--out", tmp_path / "whole.jsonl") == 0
    out = tmp_path / "out.jsonl"
    arguments = [str(part) for part in (command, *COMMANDS[command], "--out", out)]
    for items in (2, 9, 31):
        killed = subprocess.run(
            [sys.executable, speaking_engine.__file__, "SIGKILL", str(items), *arguments],
            capture_output=True,
            env=ENVIRONMENT,
            check=False,
            timeout=60,
        )
        assert killed.returncode == -9, killed.stderr
        assert not out.exists()
    assert datagen(*arguments) == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    with Journal(tmp_path / "out.journal") as held, Journal(tmp_path / "whole.journal") as whole:
        assert held.count("outcomes") >= whole.count("outcomes") > 42
    engine.requests.clear()
    assert datagen(*arguments) == 0
    assert engine.requests == []


@pytest.mark.parametrize("command", ["instruct", "magpie"])
def test_fewer_rows_are_the_first_of_more(command: str, engine: SpeakingEngine, tmp_path: Path) -> None:
    for keep in (7, 30):
        assert datagen(command, *COMMANDS[command], "--keep", keep, "--out", tmp_path / f"{keep}.jsonl") == 0
    few, many = ((tmp_path / f"{keep}.jsonl").read_bytes().splitlines() for keep in (7, 30))
    assert (len(few), len(many)) == (7, 30)
    assert few == many[:7]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_duplicate_is_never_answered(command: str, engine: SpeakingEngine, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    one_turn = [] if command == "evolve" else ["--turns", 1]
    assert datagen(command, *COMMANDS[command], *one_turn, "--out", out) == 0
    account = account_of(out)
    assert account is not None
    *_, sifting, answering = account["stages"]
    assert sifting["rejected"]["near duplicate"] > 0
    assert answering["items"] <= sifting["accepted"]
    pool = Pool()
    for number, row in enumerate(read_rows(out)):
        # Of a task with a made-up input the opening is what was compared.
        prompt, chain = row["messages"][-2]["content"].split("\n\n")[0], row["meta"].get("chain", str(number))
        assert pool.most_like(prompt, chain)[0] <= 0.7
        pool.add(str(number), prompt, chain)
    # Without the threshold they are kept.
    assert datagen(command, *COMMANDS[command], "--near", 1, "--out", out) == 0
    account = account_of(out)
    assert account is not None
    assert all("near duplicate" not in stage["rejected"] for stage in account["stages"])


@pytest.mark.parametrize("command", ["instruct", "magpie"])
def test_a_model_that_repeats_itself_is_left_and_why_is_said(
    command: str, engine: SpeakingEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen(command, *COMMANDS[command], "--keep", 100_000, "--out", tmp_path / "out.jsonl") == 0
    told = capsys.readouterr().err
    assert " of 100,000 rows; " in told
    assert "stopped: " in told
    assert "near duplicate: " in told.partition("stopped: ")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_row_at_all_is_a_sentence_with_the_reasons(
    command: str, engine: SpeakingEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.good = 0.0
    assert datagen(command, *COMMANDS[command], "--out", tmp_path / "out.jsonl") == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: datagen {command}: none of ")
    assert told.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dry_run_shows_each_step_once_and_writes_nothing(
    command: str, engine: SpeakingEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert datagen(command, *COMMANDS[command], "--dry-run", "--out", tmp_path / "out.jsonl") == 0
    told = capsys.readouterr().out
    assert told.count(f"== {command}: what the first item asks") == 1
    assert told.count(": what the first item asks") == (2 if command == "evolve" else 3)
    assert "{{" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_several_equal_answers_are_refused(
    command: str, engine: SpeakingEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--samples", 2, "--temperature", 0, "--out", tmp_path / "out.jsonl"]
    assert datagen(command, *COMMANDS[command], *more) == 2
    assert "at temperature 0 all 2 answers to a prompt are the same" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "part"), [("instruct", "tasks"), ("evolve", "breadth")])
def test_own_wording_is_what_is_asked(
    command: str, part: str, engine: SpeakingEngine, tmp_path: Path
) -> None:
    own = tmp_path / "own.md"
    own.write_text(f"# {part}\n## user\nOwn words, write tasks 9 to 16, Make up a brand-new one.\n")
    more = ["--wording", own, "--out", tmp_path / "out.jsonl"]
    if command == "evolve":
        more += ["--operators", "breadth"]
    assert datagen(command, *COMMANDS[command], *more) == 0
    asked = [request.messages[-1]["content"] for request in engine.requests if request.messages]
    assert any(text.startswith("Own words") for text in asked)
    assert not any(text.startswith("Come up with a series") for text in asked)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_in_an_evaluation_set_is_not_answered(
    command: str, engine: SpeakingEngine, tmp_path: Path
) -> None:
    """The question of a row that came without the evaluation set is turned down before its answer is paid."""
    assert datagen(command, *COMMANDS[command], "--out", tmp_path / "free.jsonl") == 0
    secret = max((row["messages"][0]["content"] for row in read_rows(tmp_path / "free.jsonl")), key=len)
    (tmp_path / "held-out.txt").write_text(" ".join(secret.split()) + "\n")
    engine.requests.clear()
    out = tmp_path / "out.jsonl"
    assert datagen(command, *COMMANDS[command], "--against", tmp_path / "held-out.txt", "--out", out) == 0
    assert secret not in [row["messages"][0]["content"] for row in read_rows(out)]
    assert secret not in [request.messages[-1]["content"] for request in engine.requests if request.messages]
    account = account_of(out)
    assert account is not None
    sifting, answering = account["stages"][-2:]
    assert sifting["rejected"]["contaminated"] >= 1
    assert "contaminated" not in answering["rejected"]
