"""Textbook probabilities and expectations, put to the proofs of the probability families."""

from __future__ import annotations

from fractions import Fraction

import pytest

from datagen.problems import find
from datagen.problems.fields.probability.writing import final, shown, wrong

BALLS = {"counts": [3, 2], "draws": 2, "event": "order", "goal": [0, 1]}
TEST = {"ill": 1, "positive_if_ill": 99, "positive_if_not": 5, "asked": "ill given positive"}
BAGS = {"bags": [[1, 1], [3, 1]], "faces": [3, 3], "balls": 1, "moved": False, "backwards": False}
WHEEL = {"sectors": [1, 3], "points": [8, 0], "cost": 1, "find_first_prize": False, "second_spin": False}
CARDS = {"deck": 52, "drawn": 2, "sizes": [4], "takes": [2], "at_least": False, "in_order": False}
LAW = {"values": [1, 2, 3, 4, 5, 6], "chances": ["1/6"] * 6, "asked": "variance", "scale": 1, "shift": 0}
WEATHER = {"sunny_after_sunny": "3/4", "sunny_after_rainy": "1/2", "today": "rainy", "asked": "sunny"}


@pytest.mark.parametrize(
    ("name", "given", "answer"),
    [
        ("dice_sum", {"dice": [6, 6], "relation": "exactly", "target": 7}, "1/6"),
        ("dice_sum", {"dice": [6, 6, 6], "relation": "at least", "target": 17}, "1/54"),
        ("spinners", {"sizes": [6, 6], "event": "largest", "numbers": [6]}, "11/36"),
        ("spinners", {"sizes": [6, 6], "event": "larger", "numbers": []}, "5/12"),
        ("expected_number", {"bags": [[1, 6], [1, 6]], "asked": "largest"}, "161/36"),
        ("expected_number", {"bags": [[1, 6], [1, 6]], "asked": "sum"}, "7"),
        ("balls_without_replacement", BALLS, "3/10"),
        ("balls_with_replacement", BALLS, "6/25"),
        ("balls_without_replacement", {**BALLS, "event": "alike", "goal": []}, "2/5"),
        ("cards", CARDS, "1/221"),
        ("cards", {"deck": 52, "drawn": 1, "suits": 1, "ranks": 1, "both": False}, "4/13"),
        ("independent_events", {"chances": ["1/2", "1/3", "1/4"], "event": "exactly one"}, "11/24"),
        ("binomial_distribution", {"n": 5, "p": "1/2", "relation": "exactly", "k": 2}, "5/16"),
        ("binomial_distribution", {"n": 4, "p": "1/6", "relation": "at least", "k": 1}, "671/1296"),
        ("first_success", {"event": "on", "chances": ["1/6"], "numbers": [3]}, "25/216"),
        ("first_success", {"event": "multiple", "chances": ["1/2"], "numbers": [2, 0]}, "1/3"),
        ("first_success", {"event": "duel first", "chances": ["1/6", "1/6"], "numbers": []}, "6/11"),
        ("two_way_table", {"counts": [[10, 20], [30, 40]], "asked": "column given row"}, "1/3"),
        ("two_way_table", {"counts": [[10, 20], [30, 40]], "asked": "row given column"}, "1/4"),
        ("bayes_test", TEST, "1/6"),
        ("bayes_test", {**TEST, "asked": "positive"}, "297/5000"),
        ("bags_and_dice", BAGS, "5/8"),
        ("bags_and_dice", {**BAGS, "backwards": True}, "2/5"),
        ("bags_and_dice", {**BAGS, "moved": True}, "7/10"),
        ("fair_game", WHEEL, "1"),
        ("fair_game", {**WHEEL, "points": [None, 0], "find_first_prize": True}, "4"),
        ("fair_game", {**WHEEL, "second_spin": True}, "3/2"),
        ("discrete_variance", LAW, "35/12"),
        ("discrete_variance", {**LAW, "scale": -2, "shift": 9}, "35/3"),
        ("waiting_for_kinds", {"kinds": 6, "have": 0, "until": 6}, "147/10"),
        ("weather_chain", {**WEATHER, "days": 1}, "1/2"),
        ("weather_chain", {**WEATHER, "days": 2}, "5/8"),
        ("geometric_probability", {"width": 60, "height": 60, "limits": [[1, -1, 20], [-1, 1, 20]]}, "5/9"),
        ("geometric_probability", {"width": 4, "height": 0, "limits": [[1, 0, 3], [-1, 0, -1]]}, "1/2"),
    ],
)
def test_a_known_value_is_found_by_the_proof(name, given, answer):
    assert find(name).prover(given) == answer


def test_with_and_without_replacement_are_near_misses_of_each_other():
    for one, other in (("balls_with_replacement", "3/10"), ("balls_without_replacement", "6/25")):
        family = find(one)
        assert other in family.varied(BALLS, family.prover(BALLS))[1]


def test_a_value_is_written_once_and_cancelled():
    assert final("6/12", Fraction(1, 2)) == "6/12 = \\boxed{1/2}"
    assert final("5/36", Fraction(5, 36)) == "\\boxed{5/36}"
    assert (shown(6, 12), shown(5, 36)) == ("6/12 = 1/2", "5/36")


def test_a_near_miss_is_never_the_answer_in_another_writing():
    assert wrong("1/2", Fraction(2, 4), 1, Fraction(1, 3)) == ["1", "1/3"]
