"""The ready runs in `samples/runs/`: each ends on the embedded model, with its account, and survives kills.

The name of a file is its command, and what is behind a dash is for people: `pairs-judged.yaml` is for
`datagen pairs`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from datagen.commands.rows import read_schema
from datagen.runs.account import account_of
from schemas.check import check_file
from schemas.rows import read_rows
from schemas.settings import read_yaml

ROOT = Path(__file__).resolve().parents[1]
RUNS = sorted((ROOT / "samples" / "runs").glob("*.yaml"))
KILLED = ROOT / "tests" / "datagen" / "killed_command.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE"}
KILLS = (1, 7, 2, 5)
"""Items recorded before each kill."""


def test_every_recipe_has_a_ready_run() -> None:
    """An empty folder would pass every other test here."""
    commands = {run.stem.partition("-")[0] for run in RUNS}
    assert commands == {
        *("instruct", "evolve", "magpie", "documents", "corpus", "rows"),
        *("pairs", "best", "attempts", "solutions", "stories"),
    }


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, what it told, and the file it wrote, if it did."""

    code: int
    told: str
    out: Path


def datagen(run: Path, out: Path, kill_after: int | None = None) -> Ended:
    """A run of the samples, as a process of its own, from the root of the repository."""
    program = ["-m", "datagen"] if kill_after is None else [str(KILLED), "SIGKILL", str(kill_after)]
    command = [sys.executable, *program, run.stem.partition("-")[0], "--config", str(run), "--out", str(out)]
    done = subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=180, check=False
    )
    return Ended(done.returncode, done.stderr, out)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Ended]:
    """The runs that were made so far, each once."""
    return {}


def ended(run: Path, undisturbed: dict[Path, Ended], folder: Path) -> Ended:
    if run not in undisturbed:
        undisturbed[run] = datagen(run, folder / "rows.jsonl")
    return undisturbed[run]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.stem)
def test_a_ready_run_ends_on_the_embedded_model_with_its_account(
    run: Path, undisturbed: dict[Path, Ended], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = ended(run, undisturbed, tmp_path_factory.mktemp(run.stem))
    if found.code == 2:  # a model so weak may get nothing right, and then says why
        assert "none of" in found.told
        assert "became a row (" in found.told
        assert not found.out.exists()
        return
    assert found.code == 0, found.told
    rows = list(read_rows(found.out))
    schema = read_yaml(run).get("schema")
    if schema is None:
        assert list(check_file(found.out)) == []
    else:  # rows to a schema of one's own are of no kind of ours
        validator = Draft202012Validator(read_schema(ROOT / schema[1]))
        assert all(validator.is_valid(row) for row in rows)
    account = account_of(found.out)
    assert account is not None
    assert account["rows"] == len(rows) > 0
    for stage in account["stages"]:
        assert stage["items"] == stage["accepted"] + sum(stage["rejected"].values())


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.stem)
def test_a_killed_run_ends_in_the_same_rows(
    run: Path, undisturbed: dict[Path, Ended], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = ended(run, undisturbed, tmp_path_factory.mktemp(run.stem))
    out = tmp_path / "rows.jsonl"
    kills = sum(datagen(run, out, after).code == -9 for after in KILLS)
    last = datagen(run, out)
    assert kills > 0
    assert last.code == whole.code
    assert (out.read_bytes() if out.exists() else b"") == (
        whole.out.read_bytes() if whole.out.exists() else b""
    )
    if last.code == 2:
        assert last.told.splitlines()[-1].split(":", 2)[2] == whole.told.splitlines()[-1].split(":", 2)[2]
