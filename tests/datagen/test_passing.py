"""The figures of attempts: pass@k against counting, intervals against simulation, AUC against all pairs."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.recipes.shared.passing import (
    Passed,
    auc,
    histogram,
    interval,
    mean_pass_at_k,
    pass_at_k,
    pass_rate,
    passed_by_problem,
    wilson,
)


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_all_choices_of_k_samples_that_hold_a_right_one(
    drawn: tuple[int, int, int],
) -> None:
    samples, right, k = drawn
    choices = list(combinations([1] * right + [0] * (samples - right), k))
    assert pass_at_k(samples, right, k) == pytest.approx(sum(map(any, choices)) / len(choices))


@pytest.mark.parametrize("k", [0, 5])
def test_pass_at_k_is_refused_where_there_are_not_so_many_samples(k: int) -> None:
    with pytest.raises(ValueError, match="of 4 samples"):
        pass_at_k(4, 2, k)


def test_problems_judged_too_seldom_do_not_count_for_pass_at_k() -> None:
    assert mean_pass_at_k([Passed(1, 2), Passed(1, 1)], 2) == 1.0
    assert mean_pass_at_k([Passed(1, 1)], 2) is None


def test_attempts_are_counted_by_problem_and_those_nobody_could_judge_are_not() -> None:
    rewards = {"b": [1.0, 0.0, None], "a": [0.0], "c": [None]}
    rows = [{"id": name, "reward": reward} for name, found in rewards.items() for reward in found]
    assert passed_by_problem(rows) == {"b": Passed(1, 2), "a": Passed(0, 1), "c": Passed(0, 0)}
    assert pass_rate(list(passed_by_problem(rows).values())) == 0.25


def test_wilson_agrees_with_the_closed_form_at_the_ends() -> None:
    # With no success among n the upper end is z^2 / (n + z^2).
    assert wilson(0.0, 10) == (0.0, pytest.approx(1.959963984540054**2 / (10 + 1.959963984540054**2)))
    low, high = wilson(0.5, 100)
    assert (low, high) == (pytest.approx(0.40383153), pytest.approx(0.59616847))


@pytest.mark.parametrize("between", [0.02, 1.0, 50.0])
def test_the_interval_holds_the_true_rate_about_95_times_of_100_however_unlike_problems_are(
    between: float,
) -> None:
    rng, hits, rounds = random.Random(1), 0, 1000
    for _ in range(rounds):
        counts = []
        for _ in range(60):
            rate = rng.betavariate(0.3 * between, 0.7 * between)
            counts.append(Passed(sum(rng.random() < rate for _ in range(8)), 8))
        low, high = interval(counts)
        hits += low <= 0.3 <= high
    assert 0.93 <= hits / rounds <= 0.98


def test_the_histogram_has_every_judged_problem_once() -> None:
    counts = [Passed(right, 8) for right in range(9)] + [Passed(0, 0)]
    assert histogram(counts) == {
        "never": 1,
        "up to 1/4": 2,
        "up to 1/2": 2,
        "up to 3/4": 2,
        "up to all": 1,
        "always": 1,
    }


lengths = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@given(lengths, lengths)
def test_auc_is_the_share_of_all_pairs_in_which_the_chosen_is_longer(
    chosen: list[int], rejected: list[int]
) -> None:
    wins = sum((a > b) + (a == b) / 2 for a in chosen for b in rejected)
    assert auc(Counter(chosen), Counter(rejected)) == pytest.approx(wins / len(chosen) / len(rejected))
