"""Agreement and chance: against published figures, and against counting."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.recipes.shared.agreement import agreement, by_chance, kappa

labels = st.sampled_from("abc")


def test_kappa_of_a_textbook_table() -> None:
    # 50 grant proposals read by two: 20 times both yes, 5 and 10 times one, 15 times both no; kappa 0.4.
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    cases = [pair for pair, count in table.items() for _ in range(count)]
    assert kappa(cases) == pytest.approx(0.4)
    assert agreement(cases) == pytest.approx(0.7)


@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=30))
def test_kappa_is_what_the_agreement_is_beyond_that_of_shuffled_verdicts(
    pairs: list[tuple[str, str]],
) -> None:
    """The chance agreement by its meaning: every verdict of the one against every verdict of the other."""
    crossed = [one == other for (one, _), (_, other) in itertools.product(pairs, pairs)]
    chance = sum(crossed) / len(crossed)
    if chance == 1:
        assert math.isnan(kappa(pairs))
    else:
        observed = sum(one == other for one, other in pairs) / len(pairs)
        assert kappa(pairs) == pytest.approx((observed - chance) / (1 - chance))


def test_nothing_has_no_agreement() -> None:
    assert math.isnan(agreement([]))
    assert math.isnan(kappa([]))


@given(st.integers(0, 10).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_chance_is_the_share_of_coin_sequences_as_far_from_a_half(case: tuple[int, int]) -> None:
    heads, trials = case
    tosses = list(itertools.product((0, 1), repeat=trials))
    extreme = sum(abs(2 * sum(toss) - trials) >= abs(2 * heads - trials) for toss in tosses)
    assert by_chance(heads, trials) == pytest.approx(extreme / len(tosses))
