"""The user's own filters inside a run: rules, and evaluation sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.commands.attempts import Attempts, attempts
from datagen.engines import embedded_model
from datagen.filters.evaluation_sets import Item
from datagen.filters.ngrams import fingerprints_of, words_of
from datagen.problems.generate import draw
from datagen.runs.account import account_of
from schemas import Row, UserError
from schemas.rows import read_rows, write_rows


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, object]:
    problems = tmp_path / "problems.jsonl"
    write_rows(problems, [draw("addition", 2, "train", 0, i) for i in range(12)])
    engine = f"llama:{embedded_model()}"
    return {"problems": problems, "out": tmp_path / "out.jsonl", "samples": 2, "engine": engine}


def test_what_is_in_an_evaluation_set_becomes_no_row_and_the_account_says_so(
    settings: dict, tmp_path: Path
) -> None:
    held_out = list(read_rows(settings["problems"]))[3:6]
    write_rows(tmp_path / "held-out.jsonl", held_out)
    attempts(Attempts(**settings, against=(tmp_path / "held-out.jsonl",)))
    ids = {row["id"] for row in read_rows(settings["out"])}
    assert len(ids) == 9
    assert not ids & {row["id"] for row in held_out}
    account = account_of(settings["out"])
    assert account is not None
    assert account["stages"][0]["rejected"] == {"contaminated": 3}
    assert [Path(one["path"]).name for one in account["filters"]] == ["held-out.jsonl"]


def test_rules_turn_down_and_edit_the_rows_of_a_run(
    settings: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(settings["problems"], [with_an_address(row) for row in read_rows(settings["problems"])])
    attempts(Attempts(**settings))
    before = list(read_rows(settings["out"]))
    least = max(map(length, before))
    assert min(map(length, before)) < least
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"- filter: length\n  unit: characters\n  min_answer: {least}\n- filter: mask\n")
    attempts(Attempts(**settings, rules=rules))
    after = list(read_rows(settings["out"]))
    kept = [row for row in before if length(row) >= least]
    assert [(row["id"], row["sample"]) for row in after] == [(row["id"], row["sample"]) for row in kept]
    assert {row["prompt"][-1]["content"].split("(")[-1] for row in after} == {"[EMAIL])"}
    # Rows that went beside kept ones of the same problem are counted too.
    account = account_of(settings["out"])
    assert account is not None
    (stage,) = account["stages"]
    beside = sum(stage["dropped_rows"].values())
    assert beside > 0
    assert stage["rows"] + beside + 2 * sum(stage["rejected"].values()) == len(before)
    assert f"rows dropped beside kept ones: answer too short: {beside}" in capsys.readouterr().err


def length(attempt: Row) -> int:
    return len(attempt["completion"][0]["content"])


def with_an_address(problem: Row) -> Row:
    """The problem as somebody asked it who signs what he asks. The model is asked something else then."""
    asked = {"role": "user", "content": f"{problem['question']} (ann@example.org)"}
    return {**problem, "prompt": [asked]}


def test_a_rule_that_fails_its_example_stops_the_run_before_a_model_is_opened(
    settings: dict, tmp_path: Path
) -> None:
    settings |= {"engine": "llama:there-is-none.gguf", "rules": tmp_path / "no-such.yaml"}
    with pytest.raises(UserError, match=r"no-such\.yaml"):
        attempts(Attempts(**settings))


def test_a_filter_s_file_is_not_overwritten(settings: dict) -> None:
    with pytest.raises(UserError, match="are one file"):
        attempts(Attempts(**settings, against=(settings["out"],)))


def test_answers_are_looked_for_in_fingerprints_that_have_answers(settings: dict, tmp_path: Path) -> None:
    attempts(Attempts(**settings))
    before = list(read_rows(settings["out"]))
    known = max((row["completion"][0]["content"] for row in before), key=lambda text: len(words_of(text)))
    held_out = [Item("What did they say of the birds of the northern lakes?", (known,))]
    length = len(words_of(known))
    for answers in (False, True):
        made = fingerprints_of("held-out", held_out, max(3, length), answers=answers)
        made.write(tmp_path / "held-out.ngrams")
        attempts(Attempts(**settings, against=(tmp_path / "held-out.ngrams",)))
        left = [row["completion"][0]["content"] for row in read_rows(settings["out"])]
        assert (known in left) is not answers
