"""The recipe `pairs` under a rule: what is liked beside what is not, or a reason why there is no pair."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_engine import CUT_OFF, ScriptedEngine, sample

from datagen.problems.generate import draw
from datagen.recipes.pairs import PairOptions, closest, pairs
from datagen.recipes.shared.answers import Answer
from datagen.recipes.shared.facts import FACTS
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from datagen.sources import prompts
from schemas.check import check_row
from schemas.rows import Row

PROBLEM = draw("addition", 2, "train", 7, 0)
QUESTION, ANSWER = PROBLEM["prompt"][0]["content"], PROBLEM["answer"]
RIGHT, WRONG = rf"\boxed{{{ANSWER}}}", rf"\boxed{{{int(ANSWER) + 1}}}"
POLITE = rf"1+1=2, so {RIGHT}. Happy to help!"
POLITE_AND_WRONG = rf"1+1=2, so {WRONG}. I hope this helps!"


def paired(
    folder: Path, answers: list[str], prefer: str = "polite", **columns: object
) -> tuple[Outcome, ScriptedEngine]:
    kept = ("answer", "spec") if prefer == "correct" else ()
    items = prompts([{**PROBLEM, **columns}], kept)
    engine = ScriptedEngine({QUESTION: answers})
    options = PairOptions(Sampling(len(answers)), prefer)
    with Journal(folder / "journal") as journal:
        (outcome,) = run(pairs, items, engine, journal, options=options)
    return outcome, engine


def said(row: Row) -> tuple[str, str]:
    return row["chosen"][0]["content"], row["rejected"][0]["content"]


def test_the_first_answer_that_is_liked_and_the_first_that_is_not_make_the_pair(tmp_path: Path) -> None:
    answers = ["curt", POLITE, "later", POLITE_AND_WRONG]
    outcome, engine = paired(tmp_path, answers)
    (row,) = outcome.rows
    assert said(row) == (POLITE, "curt")
    assert row["meta"]["samples"] == [1, 0]
    assert row["meta"]["seeds"] == [engine.requests[0].sample_seeds[index] for index in (1, 0)]
    assert (row["meta"]["liked"], row["meta"]["not_liked"]) == (2, 2)
    assert check_row(row, "preference") == []


def test_polite_does_not_look_at_correctness(tmp_path: Path) -> None:
    outcome, _ = paired(tmp_path, [RIGHT, POLITE_AND_WRONG])
    assert said(outcome.rows[0]) == (POLITE_AND_WRONG, RIGHT)
    assert prompts([PROBLEM]) == prompts([{**PROBLEM, "answer": "0", "spec": {"kind": "text"}}])


def test_correct_does_not_look_at_manners(tmp_path: Path) -> None:
    outcome, _ = paired(tmp_path, [POLITE_AND_WRONG, RIGHT], prefer="correct")
    assert said(outcome.rows[0]) == (RIGHT, POLITE_AND_WRONG)


def test_correct_pairs_the_answers_whose_lengths_differ_least(tmp_path: Path) -> None:
    answers = [f"{'so ' * before}{box}" for before, box in ((0, RIGHT), (9, WRONG), (7, RIGHT), (30, WRONG))]
    outcome, _ = paired(tmp_path, answers, prefer="correct")
    assert outcome.rows[0]["meta"]["samples"] == [2, 1]


def test_an_answer_that_was_cut_off_is_in_no_pair(tmp_path: Path) -> None:
    outcome, _ = paired(tmp_path, [POLITE + CUT_OFF, "curt" + CUT_OFF, "late", POLITE_AND_WRONG])
    assert outcome.rows[0]["meta"]["samples"] == [3, 2]


@pytest.mark.parametrize(
    ("answers", "prefer", "reason"),
    [
        (["curt", "short"], "polite", "all alike"),
        ([POLITE, POLITE_AND_WRONG], "polite", "all alike"),
        ([WRONG, "no idea"], "correct", "all alike"),
        ([POLITE, "curt" + CUT_OFF], "polite", "all alike"),
        ([POLITE + CUT_OFF, "curt" + CUT_OFF], "polite", "never stopped"),
        (["", " \n"], "polite", "empty"),
    ],
)
def test_no_pair_has_a_reason(tmp_path: Path, answers: list[str], prefer: str, reason: str) -> None:
    outcome, _ = paired(tmp_path, answers, prefer)
    assert (outcome.rows, outcome.reason) == ([], reason)


def test_what_no_verifier_can_judge_is_neither_liked_nor_disliked(tmp_path: Path) -> None:
    outcome, _ = paired(tmp_path, [RIGHT, WRONG], "correct", answer="1/0")
    assert outcome.reason == "undecided"


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=6), st.lists(st.integers(0, 40), min_size=1, max_size=6)
)
def test_no_two_answers_are_closer_in_length_than_the_closest(liked: list[int], others: list[int]) -> None:
    left = [Answer(2 * i, "generator", sample("word " * length)) for i, length in enumerate(liked)]
    right = [Answer(2 * i + 1, "generator", sample("word " * length)) for i, length in enumerate(others)]
    chosen, rejected = closest(left, right)
    lengths = [len(answer.sample.tokens) for answer in (chosen, rejected)]
    assert [liked[chosen.number // 2], others[rejected.number // 2]] == lengths
    assert abs(lengths[0] - lengths[1]) == min(abs(a - b) for a in liked for b in others)


def test_prompts_are_distinct_and_end_before_the_last_answer() -> None:
    user, system = {"role": "user", "content": FACTS[0].question}, {"role": "system", "content": "Be kind."}
    answer = {"role": "assistant", "content": FACTS[0].short}
    more = {"role": "user", "content": "Why?"}
    items = prompts(
        [
            {"messages": [user, answer]},
            {"prompt": [user], "chosen": [answer], "rejected": [more]},
            {"messages": [system, user, answer, more, answer]},
        ]
    )
    assert [item["prompt"] for item in items] == [[user], [system, user, answer, more]]
    assert len({item["id"] for item in items}) == 2
