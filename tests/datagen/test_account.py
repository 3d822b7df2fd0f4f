"""The account of a run: what became of how many items, by which models, kept in the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.commands.attempts import Attempts, attempts
from datagen.engines import embedded_model, open_engine
from datagen.problems.generate import draw
from datagen.runs.account import Stage, account_of, merged
from schemas import UserError
from schemas.rows import read_rows, write_rows
from schemas.run import content_hash


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The rows of a run of the embedded model."""
    problems, out = tmp_path / "problems.jsonl", tmp_path / "out.jsonl"
    write_rows(problems, [draw("addition", 2, "train", 0, i) for i in range(4)])
    attempts(Attempts(problems=problems, out=out, samples=3, engine=f"llama:{embedded_model()}"))
    return out


def test_the_account_tells_models_inputs_and_yields(run: Path) -> None:
    account = account_of(run)
    assert account is not None
    assert account == account_of(run.with_suffix(".journal"))
    assert account["command"] == "attempts"
    assert account["settings"]["samples"] == 3
    assert account["inputs"] == [
        {"path": str(run.parent / "problems.jsonl"), "hash": content_hash(run.parent / "problems.jsonl")}
    ]
    with open_engine(f"llama:{embedded_model()}") as engine:
        assert account["engines"]["generator"]["model_hash"] == engine.model_hash
    rejected = {"recipe": "attempts", "items": 4, "accepted": 4, "rows": 12, "rejected": {}}
    assert account["stages"] == [rejected]
    assert (account["rows"], account["answers"]) == (len(list(read_rows(run))), 12)


def test_rows_without_a_journal_have_no_account(run: Path) -> None:
    run.with_suffix(".journal").unlink()
    assert account_of(run) is None


def test_a_journal_that_is_none_is_said(run: Path) -> None:
    run.with_suffix(".journal").write_bytes(b"rows?")
    with pytest.raises(UserError):
        account_of(run)


def test_rounds_of_one_recipe_are_told_as_one() -> None:
    rounds = [
        Stage("asks", 4, 3, 3, {"odd": 1}),
        Stage("answers", 3, 3, 3),
        Stage("asks", 4, 2, 2, {"odd": 1, "long": 1}),
    ]
    assert merged(rounds) == [Stage("asks", 8, 5, 5, {"odd": 2, "long": 1}), Stage("answers", 3, 3, 3)]
