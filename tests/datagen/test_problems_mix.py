"""Mixes: their files, their faults, and the order they are drawn in."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.problems import families
from datagen.problems.mix import Mix, Schedule, apportioned, even_mix, read_mix, schedule
from schemas import UserError


def read(tmp_path, text, count=100, split="train"):
    path = tmp_path / "mix.yaml"
    path.write_text(text)
    return read_mix(path, count, split)


def test_a_file_names_weights_of_families_fields_and_levels(tmp_path):
    mix = read(
        tmp_path,
        "count: 1000\nsplits: {train: 0.8, test: 0.2}\norder: curriculum\n"
        "families: {addition: 3, knights_and_knaves: 1}\nfields: {logic: 2}\nlevels: {1: 1, 3: 2}\n",
    )
    others = [f.name for f in families().values() if f.field == "logic" and f.name != "knights_and_knaves"]
    assert mix.families["addition"] == 3
    assert mix.families["knights_and_knaves"] == 1
    assert sum(mix.families[name] for name in others) == pytest.approx(2)
    assert len({mix.families[name] for name in others}) == 1
    assert mix.levels == {1: 1.0, 3: 2.0}
    assert mix.splits == {"train": 800, "test": 200}
    assert mix.order == "curriculum"


def test_a_family_of_weight_0_is_left_out_of_its_field(tmp_path):
    mix = read(tmp_path, "families: {addition: 0}\nfields: {arithmetic: 1}\n")
    drawn_from = {name for name, *_ in mix.streams()}
    assert drawn_from == {f.name for f in families().values() if f.field == "arithmetic"} - {"addition"}


def test_an_empty_file_is_all_families_in_equal_parts(tmp_path):
    mix = read(tmp_path, "", count=70, split="valid")
    assert mix.families == dict.fromkeys(families(), 1.0)
    assert mix.splits == {"valid": 70}


def test_what_a_file_does_not_say_the_options_say(tmp_path):
    path = tmp_path / "mix.yaml"
    path.write_text("families: [addition]\n")
    mix = read_mix(path, 40, "test", "curriculum", [2, 3])
    assert (mix.order, dict(mix.levels), dict(mix.splits)) == ("curriculum", {2: 1.0, 3: 1.0}, {"test": 40})
    path.write_text("levels: {5: 1}\norder: mixed\ncount: 7\n")
    mix = read_mix(path, 40, "test", "curriculum", [2, 3])
    assert (mix.order, dict(mix.levels), dict(mix.splits)) == ("mixed", {5: 1.0}, {"test": 7})


def test_lists_stand_for_equal_weights_and_splits_may_be_numbers(tmp_path):
    mix = read(tmp_path, "families: [addition, division]\nlevels: [2]\nsplits: {train: 90, valid: 7}\n")
    assert mix.families == {"addition": 1.0, "division": 1.0}
    assert mix.splits == {"train": 90, "valid": 7}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("familys: {addition: 1}", "mix.yaml:1: unknown key of a mix 'familys'; did you mean 'families'?"),
        (
            "count: 5\nfamilies: {additon: 1}",
            "mix.yaml:2: unknown family 'additon'; did you mean 'addition'?",
        ),
        ("fields: {algebr: 1}", "mix.yaml:1: unknown field 'algebr'; did you mean 'algebra'?"),
        ("levels: {6: 1}", "mix.yaml:1: unknown level '6'"),
        ("families: {addition: -1}", "the weight of family 'addition' is -1; write a number from 0 up"),
        ("families: {addition: lots}", "the weight of family 'addition' is 'lots'; write a number from 0 up"),
        ("families: {addition: 0}", "mix.yaml:1: no family has a weight above 0; give one a weight"),
        (
            "families: addition",
            "expected weights by family, got 'addition'; write one `family: wei",
        ),
        ("count: 0", "mix.yaml:1: the count is 0; write a whole number, 1 or more"),
        ("count: many", "mix.yaml:1: the count is 'many'; write a whole number, 1 or more"),
        ("order: random", "mix.yaml:1: unknown order 'random'"),
        ("splits: {trian: 1}", "mix.yaml:1: unknown split 'trian'; did you mean 'train'?"),
        ("splits: {train: 0}", "mix.yaml:1: no split has a weight above 0; give one a weight"),
        ("splits: {train: 0.5, test: 7}", "mix.yaml:1: the splits are numbers of rows and shares at once"),
        ("splits: {}", "mix.yaml:1: no split has a weight above 0"),
        ("levels: {1: 0}", "mix.yaml:1: no level has a weight above 0; give one a weight"),
        ("fields: {logic: 0}", "mix.yaml:1: no family has a weight above 0; give one a weight"),
    ],
)
def test_a_fault_names_file_line_and_the_mend(tmp_path, text, sentence):
    with pytest.raises(UserError) as error:
        read(tmp_path, text)
    assert sentence in str(error.value)


@given(st.dictionaries(st.text(max_size=3), st.floats(0.01, 100), min_size=1), st.integers(0, 10_000))
def test_shares_are_whole_add_up_and_are_off_by_less_than_one(weights, total):
    counts = apportioned(weights, total)
    assert sum(counts.values()) == total
    for name, weight in weights.items():
        assert abs(counts[name] - total * weight / sum(weights.values())) < 1 + 1e-6


def drawn(order, count):
    return [order.next() for _ in range(count)]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 300))
def test_every_stretch_has_the_proportions_of_the_weights(weights, count):
    order = Schedule(weights, [0] * len(weights), count)
    counts = Counter(drawn(order, count))
    for place, weight in enumerate(weights):
        assert abs(counts[place] - count * weight / sum(weights)) <= 1.5
    assert order.next() is None


def test_equal_weights_take_turns():
    assert drawn(Schedule([1, 1, 1], [0, 0, 0], 7), 7) == [0, 1, 2, 0, 1, 2, 0]


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(0, 4), st.integers(0, 30))
def test_a_dropped_stream_leaves_the_order_of_the_others(weights, which, after):
    which %= len(weights)
    whole = Schedule(weights, [0] * len(weights), 200)
    cut = Schedule(weights, [0] * len(weights), 200)
    expected, found = drawn(whole, 200), []
    dropped = False
    while (place := cut.next()) is not None:
        if place == which and len(found) >= after:
            cut.drop(place)
            dropped = True
            continue
        found.append(place)
    assert len(found) == 200
    assert dropped or which not in found[after:]
    others = [place for place in expected if place != which]
    assert [place for place in found if place != which][: len(others)] == others


def test_a_curriculum_brings_level_after_level_in_proportion():
    mix = even_mix(["addition", "division"], [1, 2, 4], {"train": 90}, "curriculum")
    levels = [mix.streams()[place][1] for place in drawn(schedule(mix, 90), 90)]
    assert levels == [1] * 30 + [2] * 30 + [4] * 30


def test_what_a_level_cannot_give_the_next_one_gives():
    order = Schedule([1, 1], [0, 1], 10)
    assert order.next() == 0
    order.drop(0)
    assert drawn(order, 11) == [1] * 10 + [None]


def test_when_nothing_is_left_it_is_known_how_much_is_owed():
    order = Schedule([1], [0], 10)
    order.next()
    order.drop(0)
    assert order.next() is None
    assert order.owed == 10


def test_a_copy_looks_ahead_without_moving_the_original():
    order = Schedule([1, 2], [0, 0], 30)
    drawn(order, 5)
    ahead = drawn(order.copy(), 25)
    assert drawn(order, 25) == ahead


def test_streams_of_weight_0_are_left_out():
    assert Mix({"addition": 1.0, "division": 0.0}, {1: 1.0, 2: 0.0}).streams() == [("addition", 1, 1.0)]
