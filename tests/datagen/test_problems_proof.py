"""Proofs notice what is false, and rows render into what each stage trains on."""

from __future__ import annotations

import pytest

from datagen.problems import (
    LEVELS,
    corpus_row,
    describe,
    draw,
    families,
    family,
    find,
    generate,
    instruction_row,
    prove,
    reward_row,
    separable,
)
from datagen.problems.family import Family
from datagen.problems.measures import distinct_items
from schemas import UserError
from verifiers import AnswerSpec, verify


def one_of_each(level=3):
    return list(generate(families(), [level], len(families())))


@pytest.mark.parametrize("row", one_of_each(), ids=lambda row: row["family"])
def test_a_wrong_answer_is_a_disagreement(row):
    wrong = {"yes": "no", "no": "yes", "true": "false", "false": "true"}.get(row["answer"])
    if wrong is None:
        wrong = row["answer"].replace("1", "8").replace("2", "9").replace("knave", "knight")
        wrong = wrong if wrong != row["answer"] else f"{row['answer']}7"
    if row["spec"]["kind"] == "checker":  # many answers are right: take one that the family knows is not
        wrong = find(row["family"]).varied(row["given"], row["answer"])[1][0]
    result = prove({**row, "answer": wrong})
    assert not result.agrees
    assert result.claimed == wrong
    assert result.derived is not None


def test_a_solution_that_ends_elsewhere_is_a_disagreement():
    row = draw("addition", 2, "train", 0, 0)
    result = prove({**row, "solution": "It is \\boxed{-1}"})
    assert not result.agrees
    assert "worked solution" in result.reason


def test_data_that_do_not_determine_the_answer_are_a_disagreement():
    row = draw("queue_order", 1, "train", 0, 0)
    result = prove({**row, "given": {**row["given"], "clues": row["given"]["clues"][:1]}})
    assert not result.agrees
    assert "the proof failed" in result.reason


def test_a_syllogism_that_depends_on_an_empty_group_is_a_disagreement():
    row = draw("syllogism", 1, "train", 0, 0)
    given = {"premises": [["all", "poets", "bakers"]], "conclusion": ["some", "poets", "bakers"]}
    assert "may be empty" in prove({**row, "given": given}).reason


def test_a_row_of_another_version_is_refused_in_one_sentence():
    row = draw("addition", 1, "train", 0, 0)
    with pytest.raises(UserError, match="is of version 99 of addition, not 1; make the problems again"):
        prove({**row, "meta": {**row["meta"], "version": 99}})


def test_a_row_that_is_no_problem_is_refused_in_one_sentence():
    with pytest.raises(UserError, match="not a problem row: 'family' is missing"):
        prove({"messages": []})


def test_a_tolerance_that_swallows_near_misses_is_noticed():
    row = draw("addition", 3, "train", 0, 0)
    loose = separable({**row, "spec": AnswerSpec(kind="decimal", tolerance=10).as_dict()})
    assert not loose.separable
    assert str(int(row["answer"]) + 1) in loose.accepted_misses
    assert separable(row).separable


@pytest.mark.parametrize("row", one_of_each(), ids=lambda row: row["family"])
def test_every_rendering_keeps_the_answer(row):
    spec = AnswerSpec.from_dict(row["spec"])
    for think in (False, True):
        *prompt, reply = instruction_row(row, think=think)["messages"]
        assert prompt == row["prompt"]
        assert reply["role"] == "assistant"
        assert verify(reply["content"], row["answer"], spec).correct
        assert reply["content"].startswith("<think>\n") == think
    text = corpus_row(row)["text"]
    assert text.startswith(row["question"])
    assert text.endswith(row["answer"])
    assert "boxed" not in text


def test_thinking_holds_the_steps_and_the_box_comes_after():
    row = {
        **draw("addition", 2, "train", 0, 0),
        "solution": "7+5=12, 4+3+1=8, so \\boxed{82}",
        "answer": "82",
    }
    assert instruction_row(row, think=True)["messages"][-1]["content"] == (
        "<think>\n7+5=12, 4+3+1=8, so 82\n</think>\n\n\\boxed{82}"
    )


def test_a_reward_row_has_the_columns_that_grpo_reads():
    row = draw("fraction_sum", 2, "valid", 4, 1)
    rendered = reward_row(row)
    assert set(rendered) == {"prompt", "answer", "spec", "meta"}
    assert rendered["meta"]["id"] == row["id"]
    assert rendered["meta"]["fingerprint"] == row["fingerprint"]


def test_describe_measures_every_family():
    described = {entry["name"]: entry for entry in describe(draws=20)}
    assert list(described) == list(families())
    for entry in described.values():
        assert entry["levels"] == list(LEVELS)
        assert entry["items_per_s"] > 0
        assert set(entry["example"]) == {"question", "answer"}
        assert all(estimate is None or estimate >= 10 for estimate in entry["distinct_items"].values())


def test_draws_that_never_repeat_give_no_estimate():
    assert distinct_items(families()["addition"], 5, draws=200) is None


def test_the_estimate_of_distinct_items_finds_what_can_be_counted():
    assert distinct_items(families()["addition"], 1, draws=1500) == 55
    exact = 90 * 91 // 2  # unordered pairs of two-digit numbers
    assert abs(distinct_items(families()["addition"], 2, draws=3000) - exact) < 0.2 * exact


def test_a_family_needs_three_wordings_and_a_name_of_its_own():
    with pytest.raises(ValueError, match="at least three wordings"):
        family(name="short", wordings=("What?", "What?", "Which?"))
    register = family(name="addition", wordings=("One?", "Two?", "Three?"))
    with pytest.raises(ValueError, match="two families are named 'addition'"):
        register(lambda rng, level: None)


def test_every_family_has_a_proof_and_says_what_it_is():
    for entry in families().values():
        assert isinstance(entry, Family)
        assert entry.prover is not None
        assert entry.prover.__module__ == entry.construct.__module__
        assert entry.summary.endswith(".")
