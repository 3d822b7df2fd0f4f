"""Draws from hashes, and the memory of fingerprints, against what they stand in for."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.problems.draws import Draws
from datagen.problems.seen import Seen

NAMES = st.binary(max_size=40)


@given(NAMES, st.integers(1, 60))
def test_a_name_gives_the_same_draws_whatever_was_drawn_before(name, count):
    draws = Draws(b"another")
    [draws.random() for _ in range(count)]
    draws.restart(name)
    first = [draws.random() for _ in range(count)]
    assert first[0] == Draws(name).random()
    draws.restart(name)
    assert [draws.random() for _ in range(count)] == first


def test_different_names_give_different_draws():
    firsts = {Draws(b"item/%d" % number).random() for number in range(5000)}
    assert len(firsts) == 5000


def test_draws_are_uniform_over_the_first_and_over_later_ones():
    for place in (0, 7, 8, 30):
        counts: Counter[int] = Counter()
        for number in range(4000):
            draws = Draws(b"%d" % number)
            values = [draws.random() for _ in range(place + 1)]
            counts[int(values[place] * 10)] += 1
        chi_square = sum((counts[bucket] - 400) ** 2 / 400 for bucket in range(10))
        assert chi_square < 33.7  # the 99.99% quantile for nine degrees of freedom


@pytest.mark.parametrize("span", [(0, 0), (1, 6), (-5, 5), (0, 2**41), (10**30, 10**30 + 7)])
def test_randint_stays_within_its_bounds_and_reaches_both(span):
    low, high = span
    draws = Draws(b"dice")
    values = [draws.randint(low, high) for _ in range(400)]
    assert low <= min(values) <= max(values) <= high
    if high - low < 20:
        assert {low, high} <= set(values)


def test_wide_ranges_use_more_than_53_bits():
    draws = Draws(b"wide")
    assert any(draws.randint(0, 2**200) % 2**60 for _ in range(5))
    assert max(draws.getrandbits(70).bit_length() for _ in range(50)) == 70


def test_everything_else_of_a_random_generator_works():
    draws = Draws(b"all")
    assert sorted(draws.sample(range(9), 9)) == list(range(9))
    deck = list(range(20))
    draws.shuffle(deck)
    assert sorted(deck) == list(range(20)) != deck
    assert set(draws.choices("ab", k=50)) == {"a", "b"}
    assert 1 <= draws.uniform(1, 2) <= 2
    assert isinstance(draws.gauss(0, 1), float)
    with pytest.raises(ValueError, match="empty range"):
        draws.randint(3, 2)
    draws.seed(5)
    assert draws.random() == Draws(b"5").random()


def test_shuffles_reach_all_orders_alike():
    orders: Counter[tuple[int, ...]] = Counter()
    for number in range(6000):
        deck = [0, 1, 2]
        Draws(b"shuffle%d" % number).shuffle(deck)
        orders[tuple(deck)] += 1
    assert len(orders) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in orders.values()) < 25.8  # five degrees of freedom


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(0, 50))
def test_seen_is_a_set(marks, expected):
    seen, known = Seen(expected), set()
    for mark in marks:
        assert (mark in seen) == (mark in known)
        assert seen.add(mark) == (mark not in known)
        known.add(mark)
        assert len(seen) == len(known)
    seen.clear()
    assert not len(seen)
    assert not any(mark in seen for mark in marks)


def test_seen_holds_many_that_share_their_low_bits():
    seen = Seen()
    marks = [number << 20 for number in range(1, 3000)]
    assert all(seen.add(mark) for mark in marks)
    assert not any(seen.add(mark) for mark in marks)


def test_seen_takes_32_bytes_each_at_most():
    rng = random.Random(1)
    seen = Seen()
    for _ in range(70_000):
        seen.add(rng.getrandbits(64))
    assert len(seen._table) * 8 <= 32 * len(seen)
