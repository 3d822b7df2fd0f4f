"""Pairs by a judge: whose scores count, which pairs are dropped and why, and what is told of the judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_engine import WORDING, Judge, Look
from scripted_engine import CUT_OFF, ScriptedEngine

from datagen.commands.pairs import summary, weights_of
from datagen.recipes.pairs import Contest, PairOptions, best_place, lower_place, pairs, told_contest
from datagen.recipes.shared.answers import overlap, refuses
from datagen.recipes.shared.contests import figures
from datagen.recipes.shared.judging import ASPECT_NAMES, Judging, first_alternatives, reading
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas import UserError
from schemas.check import check_row
from schemas.rows import Row

QUESTION = "What is rain?"
ITEM = {"id": "rain", "prompt": [{"role": "user", "content": QUESTION}]}
GOOD, BAD = "Water that falls from the clouds.", "A kind of cheese, I think."


def quality(look: Look) -> float:
    """An honest judge's opinion: the place does not count."""
    return {GOOD: 4.6, BAD: 1.8}.get(look.text, 3.0)


def contest(
    folder: Path, answers: Sequence[Sequence[str]], opinion: Any = quality, **options: Any
) -> tuple[Outcome, Judge]:
    """What becomes of one prompt to which each of several models gives `answers`."""
    judge = opinion if isinstance(opinion, Judge) else Judge(opinion)
    way, weights = options.pop("way", "score"), options.pop("weights", {})
    judging = Judging(way, WORDING, weights)
    roles: dict[str, Any] = {}
    for number, said in enumerate(answers, 1):
        roles["generator" if number == 1 else f"generator-{number}"] = ScriptedEngine({QUESTION: said})
    settings = PairOptions(Sampling(len(answers[0])), "judge", judging, **{"min_margin": 0.1, **options})
    with Journal(folder / "journal") as journal:
        judge.enforces_schemas(journal)
        (outcome,) = run(pairs, [ITEM], {**roles, "judge": judge}, journal, options=settings)
    return outcome, judge


def said(row: Row) -> tuple[str, str]:
    return row["chosen"][0]["content"], row["rejected"][0]["content"]


# ---- who wins ----


@pytest.mark.parametrize(("first", "second"), [(GOOD, BAD), (BAD, GOOD)])
def test_an_honest_judge_chooses_the_better_answer_wherever_it_stands(
    tmp_path: Path, first: str, second: str
) -> None:
    outcome, judge = contest(tmp_path, [[first], [second]])
    (row,) = outcome.rows
    assert said(row) == (GOOD, BAD)
    assert check_row(row, "preference") == []
    meta = row["meta"]
    assert meta["scores"] == [4.6, 1.8]
    assert meta["orders"] == [[4.6, 1.8], [4.6, 1.8]]
    assert (meta["margin"], meta["on_scale"]) == (2.8, 0.9)
    won = ["generator", "generator-2"] if first == GOOD else ["generator-2", "generator"]
    assert meta["roles"] == won
    assert (meta["judge"], meta["judge_hash"]) == (judge.name, judge.model_hash)
    assert meta["self_judged"] is False


def test_each_answer_is_rated_with_both_shown_in_both_orders(tmp_path: Path) -> None:
    import json

    _, judge = contest(tmp_path, [[GOOD], [BAD]])
    asked = [json.loads(request.messages[-1]["content"]) for request in judge.requests]
    seen = sorted((question["answers"], question["number"]) for question in asked)
    assert seen == sorted((order, number) for order in ([GOOD, BAD], [BAD, GOOD]) for number in (1, 2))


@pytest.mark.parametrize("way", ["score", "choice", "critique"])
@pytest.mark.parametrize("liked", [0, 1])
def test_a_judge_that_likes_a_place_makes_no_pair_but_flips(tmp_path: Path, way: str, liked: int) -> None:
    outcome, _ = contest(tmp_path, [[GOOD], [BAD]], lambda look: 5.0 if look.place == liked else 2.0, way=way)
    assert (outcome.rows, outcome.reason) == ([], "flip")


def test_a_bias_to_a_place_that_does_not_turn_the_verdict_cancels_in_the_mean(tmp_path: Path) -> None:
    outcome, _ = contest(
        tmp_path, [[BAD], [GOOD]], lambda look: quality(look) + (0.2 if look.place else -0.2)
    )
    meta = outcome.rows[0]["meta"]
    assert meta["scores"] == [4.6, 1.8]
    # First the scores when the chosen answer was shown first.
    assert meta["orders"] == [[4.4, 2.0], [4.8, 1.6]]


@pytest.mark.parametrize("lead", [0.0, 0.05])
def test_a_margin_under_the_least_is_a_tie(tmp_path: Path, lead: float) -> None:
    outcome, _ = contest(tmp_path, [[GOOD], [BAD]], lambda look: 3 + lead * (look.text == GOOD))
    assert (outcome.rows, outcome.reason) == ([], "tie")


def test_a_choice_is_the_probability_of_being_the_best(tmp_path: Path) -> None:
    outcome, judge = contest(tmp_path, [[GOOD], [BAD]], way="choice")
    meta = outcome.rows[0]["meta"]
    assert meta["scores"] == pytest.approx([4.6 / 6.4, 1.8 / 6.4], abs=1e-4)
    assert len(judge.requests) == 2


def test_a_critique_is_kept_beside_the_ratings_it_ends_in(tmp_path: Path) -> None:
    outcome, judge = contest(tmp_path, [[BAD], [GOOD]], way="critique")
    meta = outcome.rows[0]["meta"]
    assert (meta["scores"], meta["critiques"]) == ([5.0, 2.0], ["I saw 2.", "I saw 2."])
    assert len(judge.requests) == 2


def test_aspects_are_weighed_and_kept(tmp_path: Path) -> None:
    def opinion(look: Look) -> float:
        return {"honesty": 2.0, "helpfulness": 4.0}[look.aspect] + (look.text == GOOD)

    weights = {"helpfulness": 3.0, "honesty": 1.0}
    outcome, judge = contest(tmp_path, [[GOOD], [BAD]], opinion, way="aspects", weights=weights)
    meta = outcome.rows[0]["meta"]
    assert meta["aspects"] == {"helpfulness": [5.0, 4.0], "honesty": [3.0, 2.0]}
    assert meta["scores"] == [4.5, 3.5]
    assert len(judge.requests) == 8


def test_the_weight_of_an_aspect_is_one_unless_it_is_said() -> None:
    assert weights_of(()) == dict.fromkeys(ASPECT_NAMES, 1.0)
    assert weights_of(("overall=0", "honesty=2")) == {
        "helpfulness": 1.0,
        "honesty": 2.0,
        "instruction_following": 1.0,
        "truthfulness": 1.0,
    }
    for given_weight, told in {
        "honest=2": "did you mean 'honesty'",
        "honesty=x": "no weight",
        "honesty": "no",
    }.items():
        with pytest.raises(UserError, match=told):
            weights_of((given_weight,))


# ---- more than two answers ----


@given(st.lists(st.integers(1, 9).map(float), min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_the_best_is_chosen_and_the_other_is_the_worst_or_any_lower_one(
    scores: list[float], rng: Any
) -> None:
    best, worst = best_place(scores), lower_place(scores, "worst", rng)
    assert scores[best] == max(scores)
    assert scores[worst] == min(scores)
    lower = lower_place(scores, "random", rng)
    assert best not in (worst, lower)
    assert scores[lower] < scores[best] or min(scores) == max(scores)


def test_of_several_models_the_best_answer_meets_the_worst(tmp_path: Path) -> None:
    middling = "It comes down now and then."
    outcome, judge = contest(tmp_path, [[middling], [BAD], [GOOD]])
    (row,) = outcome.rows
    assert said(row) == (GOOD, BAD)
    assert row["meta"]["roles"] == ["generator-3", "generator-2"]
    assert row["meta"]["samples"] == [2, 1]
    assert len(judge.requests) == 2 * 3


def test_two_answers_of_one_model_compete(tmp_path: Path) -> None:
    outcome, _ = contest(tmp_path, [[BAD, GOOD]])
    assert (said(outcome.rows[0]), outcome.rows[0]["meta"]["roles"]) == ((GOOD, BAD), ["generator"] * 2)


def test_a_model_under_two_names_does_not_say_the_same_twice(tmp_path: Path) -> None:
    first, second = (ScriptedEngine({QUESTION: [text]}) for text in (GOOD, BAD))
    options = PairOptions(Sampling(1), "judge", Judging("score", WORDING))
    roles = {"generator": first, "generator-2": second, "judge": Judge(quality)}
    with Journal(tmp_path / "journal") as journal:
        (outcome,) = run(pairs, [ITEM], roles, journal, options=options)
    # One name and one hash for both: only the seeds keep the journal from taking one answer for the other.
    assert first.requests[0].sample_seeds != second.requests[0].sample_seeds
    assert said(outcome.rows[0]) == (GOOD, BAD)


# ---- what is no pair ----


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (GOOD, GOOD.upper().rstrip("."), "alike"),
        (GOOD, GOOD + CUT_OFF, "never stopped"),
        (GOOD, " ", "empty"),
        (
            "I'm sorry, but I can't help with that.",
            "As an AI language model, I am unable to say.",
            "all refuse",
        ),
    ],
)
def test_answers_that_make_no_pair_are_never_shown_to_the_judge(
    tmp_path: Path, left: str, right: str, reason: str
) -> None:
    outcome, judge = contest(tmp_path, [[left], [right]], most_alike=0.9)
    assert (outcome.rows, outcome.reason, judge.requests) == ([], reason, [])


@given(st.text(max_size=40), st.text(max_size=40))
def test_overlap_is_symmetric_within_bounds_and_whole_for_the_same_text(left: str, right: str) -> None:
    assert 0 <= overlap(left, right) == overlap(right, left) <= 1
    assert overlap(left, left) == 1


@pytest.mark.parametrize(
    ("text", "is_refusal"),
    [
        ("I can\u2019t help with that.", True),
        ("Sorry, I won't do that.", True),
        ("Unfortunately, I am not able to.", True),
        ("I can help: take two eggs.", False),
        ("Sorry seems to be the hardest word.", False),
        ("No. It is not so.", False),
    ],
)
def test_what_begins_as_a_refusal(text: str, is_refusal: bool) -> None:
    assert refuses(text) is is_refusal


def test_a_judge_that_says_no_digit_is_counted_as_unreadable(tmp_path: Path) -> None:
    outcome, _ = contest(tmp_path, [[GOOD], [BAD]], Judge(quality, on_scale=1e-9))
    assert outcome.rows  # its digits are unlikely, and yet all there is besides one word
    judge = Judge(quality)
    judge.digit = lambda shares: Judge.digit(Judge(quality, 0.5), {0: 1.0})  # type: ignore[method-assign]
    (tmp_path / "other").mkdir()
    outcome, _ = contest(tmp_path / "other", [[GOOD], [BAD]], judge)
    assert (outcome.rows, outcome.reason) == ([], "judge unreadable")


@pytest.mark.parametrize("pairs_told", [(), (("4", 0.5), ("5", 0.1))])
def test_an_engine_without_probabilities_is_refused_by_name_with_the_mend(
    tmp_path: Path, pairs_told: tuple[tuple[str, float], ...]
) -> None:
    from dataclasses import replace

    judge = Judge(quality)
    sample = judge.digit({4: 1.0})
    judge.digit = lambda shares: replace(sample, top_logprobs=(pairs_told,) if pairs_told else None)  # type: ignore[method-assign]
    with pytest.raises(UserError, match=r"the judge opinion: reports .*--judging critique"):
        contest(tmp_path, [[GOOD], [BAD]], judge)
    outcome, _ = contest(tmp_path, [[GOOD], [BAD]], judge, way="critique")
    assert said(outcome.rows[0]) == (GOOD, BAD)


# ---- probabilities ----


@given(st.lists(st.integers(0, 20), min_size=6, max_size=6).filter(lambda parts: sum(parts[:5]) > 0))
def test_the_expected_rating_is_the_mean_under_the_digits_alone(parts: list[int]) -> None:
    """Against exact fractions: `parts` are the weights of the digits 1 to 5 and of some other word."""
    total = sum(parts)
    words = ["1", " 2", "3", "4", "5", "Rating"]
    told = [(word, math.log(part / total)) for word, part in zip(words, parts, strict=True) if part]
    found = reading(told, (1, 2, 3, 4, 5))
    exact = Fraction(sum((i + 1) * part for i, part in enumerate(parts[:5])), sum(parts[:5]))
    assert found.expected() == pytest.approx(float(exact))
    assert found.on_scale == pytest.approx(sum(parts[:5]) / total)
    assert found.unseen == pytest.approx(0, abs=1e-9)  # all that there is was reported


@given(st.lists(st.floats(0.001, 1), min_size=8, max_size=8), st.permutations(range(8)), st.integers(1, 8))
def test_what_is_hidden_moves_the_rating_by_no_more_than_is_said(
    weights: list[float], order: list[int], reported: int
) -> None:
    """The five digits and three words, of which only the likeliest are reported."""
    words = [["1", "2", "3", "4", "5", "a", "b", "c"][place] for place in order]
    whole = sorted(zip(words, weights, strict=True), key=lambda pair: -pair[1])
    told = [(word, math.log(weight / sum(weights))) for word, weight in whole]
    full, part = reading(told, (1, 2, 3, 4, 5)), reading(told[:reported], (1, 2, 3, 4, 5))
    if part.on_scale:
        assert abs(full.expected() - part.expected()) <= part.unseen * 4 + 1e-9
    else:
        assert part.unseen == 1


def test_alternatives_whose_probabilities_exceed_one_are_no_probabilities() -> None:
    with pytest.raises(UserError, match="impossible"):
        first_alternatives(Judge(quality, on_scale=1).digit({4: 1.0, 5: 0.5}), "x")


# ---- what is told ----

numbers = st.floats(-100, 100).map(lambda value: round(value, 4))
contests = st.builds(
    Contest,
    st.tuples(numbers, numbers),
    st.tuples(numbers, numbers),
    st.booleans(),
    st.sampled_from([("generator", "generator-2"), ("generator-3", "generator")]),
)


@given(contests)
def test_a_dropped_contest_is_read_again_as_it_was_told(contest: Contest) -> None:
    assert told_contest(contest.told()) == contest
    assert told_contest("1 of 2 answers are left") is None


def outcomes_of(folder: Path, opinion: Any, prompts: int = 30) -> list[Outcome]:
    """The outcomes of so many prompts, to which two models give answers of various lengths."""
    items, script = [], ({}, {})
    for number in range(prompts):
        question = f"Question {number}?"
        items.append({"id": f"q{number}", "prompt": [{"role": "user", "content": question}]})
        for model, answers in enumerate(script):
            length = 1 + (number * 7 + model * 5) % 11
            answers[question] = [" ".join(f"word{model}-{number}-{i}" for i in range(length))]
    roles = {"generator": ScriptedEngine(script[0]), "generator-2": ScriptedEngine(script[1])}
    options = PairOptions(Sampling(1), "judge", Judging("score", WORDING), min_margin=0.1)
    with Journal(folder / "journal") as journal:
        return run(pairs, items, {**roles, "judge": Judge(opinion)}, journal, options=options)


NAMES = {"generator": "llama:a.gguf", "generator-2": "llama:b.gguf"}


def test_a_judge_that_likes_length_is_told(tmp_path: Path) -> None:
    outcomes = outcomes_of(tmp_path, lambda look: 1 + len(look.text.split()) / 3)
    found = figures(outcomes)
    assert (found.shorter, found.likes_length) == (0, True)
    assert "chosen is the longer answer in 100.0%" in summary(outcomes, NAMES)
    assert "beware: what is chosen may be length" in summary(outcomes, NAMES)


def test_a_judge_that_likes_one_model_is_told_and_length_is_not_blamed(tmp_path: Path) -> None:
    outcomes = outcomes_of(tmp_path, lambda look: 5.0 if look.text.startswith("word1") else 1.0)
    found = figures(outcomes)
    assert (found.wins["generator-2"], found.fought["generator"]) == (30, 30)
    assert found.likes_length is False
    told = summary(outcomes, NAMES)
    assert "generator-2 (llama:b.gguf) wins 100.0% of 30" in told
    assert "generator (llama:a.gguf) wins 0.0% of 30" in told


def test_the_agreement_of_both_orders_counts_what_was_dropped(tmp_path: Path) -> None:
    """A judge that is honest in ten questions, likes the first place in ten, sees no difference in ten."""

    def opinion(look: Look) -> float:
        model, number = (int(part) for part in look.text.split()[0].removeprefix("word").split("-")[:2])
        return [
            1.0 + 4 * model * (number % 2) + 2 * (1 - model) * (1 - number % 2),
            5.0 - 3 * look.place,
            3.0,
        ][number % 3]

    outcomes = outcomes_of(tmp_path, opinion)
    reasons = [outcome.reason for outcome in outcomes]
    assert {reason: reasons.count(reason) for reason in set(reasons)} == {None: 10, "flip": 10, "tie": 10}
    found = figures(outcomes)
    assert found.agreement == pytest.approx(20 / 30)
    # By hand: forward 5 + 10 first, 5 second, 10 even; backward 5 first, 5 + 10 second, 10 even.
    by_chance = (15 * 5 + 5 * 15 + 10 * 10) / 30**2
    assert found.kappa == pytest.approx((20 / 30 - by_chance) / (1 - by_chance))
    assert "both orders agree on 66.7% of 30, kappa 0.54" in summary(outcomes, NAMES)


def test_a_judge_that_hardly_says_digits_is_told(tmp_path: Path) -> None:
    items = outcomes_of(tmp_path, lambda look: 5.0 if look.text.startswith("word1") else 1.0)
    assert "probability of only" not in summary(items, NAMES)
    for outcome in items:
        outcome.rows[0]["meta"]["on_scale"] = 0.02
    assert "beware: the judge gives its digits a probability of only 2.0%" in summary(items, NAMES)
