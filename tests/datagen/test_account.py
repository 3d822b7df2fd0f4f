"""The account of a run: what became of how many items, by which models, kept in the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.cli import program
from datagen.commands.attempts import Attempts, attempts
from datagen.engines import embedded_model, open_engine
from datagen.problems.generate import draw
from datagen.runs.account import Stage, account_of, merged
from schemas import UserError
from schemas.command import run_app
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
    figures = {"recipe": "attempts", "items": 4, "accepted": 4, "rows": 12}
    assert account["stages"] == [{**figures, "rejected": {}, "dropped_rows": {}}]
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
        Stage("asks", 4, 3, 3, {"odd": 1}, {"long": 2}),
        Stage("answers", 3, 3, 3),
        Stage("asks", 4, 2, 2, {"odd": 1, "long": 1}, {"long": 1, "odd": 1}),
    ]
    asks = Stage("asks", 8, 5, 5, {"odd": 2, "long": 1}, {"long": 3, "odd": 1})
    assert merged(rounds) == [asks, Stage("answers", 3, 3, 3)]


def test_rows_that_were_filtered_keep_the_account_of_their_run(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean, rules = run.with_name("clean.jsonl"), run.with_name("rules.yaml")
    rules.write_text("- filter: length\n  min_answer: 1\n- filter: regex\n  pattern: '5'\n")
    options = ["--rules", str(rules), "--no-exact", "--near", "none", "--out", str(clean)]
    with pytest.raises(SystemExit) as ended:
        run_app(program(), ["filter", str(run), *options])
    assert ended.value.code == 0
    account, before = account_of(clean), account_of(run)
    assert account is not None
    assert before is not None
    assert account["engines"] == before["engines"]
    assert account["stages"][:-1] == before["stages"]
    last = account["stages"][-1]
    assert (last["recipe"], last["items"]) == ("filter", 12)
    assert last["rows"] == account["rows"] == len(list(read_rows(clean))) < 12
    assert [Path(one["path"]).name for one in account["filters"]] == ["rules.yaml"]


def test_filtered_rows_of_the_run_s_own_stem_have_an_account_of_their_own(run: Path) -> None:
    clean, before = run.with_suffix(".parquet"), account_of(run)
    with pytest.raises(SystemExit) as ended:
        run_app(program(), ["filter", str(run), "--no-exact", "--near", "none", "--out", str(clean)])
    assert ended.value.code == 0
    account = account_of(clean)
    assert account is not None
    assert account["stages"][-1]["recipe"] == "filter"
    assert account_of(run) == before
    # A run that writes there again has its own account again.
    engine = f"llama:{embedded_model()}"
    attempts(Attempts(problems=run.with_name("problems.jsonl"), out=clean, samples=3, engine=engine))
    again = account_of(clean)
    assert again is not None
    assert [stage["recipe"] for stage in again["stages"]] == ["attempts"]


def test_an_export_of_filtered_rows_names_models_and_filters(run: Path) -> None:
    clean = run.with_name("clean.jsonl")
    arguments = ["filter", run, "--against", run.parent / "held-out.txt", "--near", "none", "--out", clean]
    (run.parent / "held-out.txt").write_text("Which birds of the northern lakes do not sing at night?\n")
    for line in (
        arguments,
        ["export", clean, "--kind", "kto", "--audit", "off", "--out", run.parent / "data"],
    ):
        with pytest.raises(SystemExit) as ended:
            run_app(program(), list(map(str, line)))
        assert ended.value.code == 0
    card = (run.parent / "data" / "README.md").read_text()
    assert "homegrown-0.5m.gguf" in card
    assert "`held-out.txt`" in card
    assert "| filter | 12 |" in card
