"""Textbook counts, put to the proofs of the combinatorics families; and how binomials are written."""

from __future__ import annotations

from math import comb, factorial

import pytest

from datagen.problems import find
from datagen.problems.fields.combinatorics.writing import choosing, multinomial

SEATED = {"people": 6, "chairs": 6, "round": False, "groups": [], "apart": []}
ROW = {
    "people": 5,
    "blocks": [],
    "blocks_in_given_order": False,
    "ends": "",
    "no_two_neighbours": 0,
    "in_order": 0,
}
FLAGS = {"counts": [4, 4, 2, 1], "first": -1, "last": -1, "all_together": -1, "no_two_neighbours": -1}
HATS = {"people": 5, "spare": 0, "women": 5, "men": 0, "mode": "exactly", "right": 0}
GROUPS = {"sizes": [2, 2, 2], "left_out": 0, "named": False, "leaders": False, "special": ""}
VOTES = {"up": 4, "down": 4, "start": 0, "ahead": False, "roof": 0, "stop": []}


@pytest.mark.parametrize(
    ("name", "given", "answer"),
    [
        ("row_or_circle", SEATED, "720"),
        ("row_or_circle", {**SEATED, "round": True}, "120"),
        ("row_or_circle", {**SEATED, "people": 8, "chairs": 3}, "336"),
        ("permutations_with_conditions", {**ROW, "blocks": [2]}, "48"),
        ("permutations_with_conditions", {**ROW, "no_two_neighbours": 2}, "72"),
        ("permutations_with_conditions", {**ROW, "in_order": 2}, "60"),
        ("permutations_with_conditions", {**ROW, "ends": "both"}, "12"),
        ("coloured_rows", FLAGS, "34650"),  # MISSISSIPPI
        ("coloured_rows", {**FLAGS, "no_two_neighbours": 0}, "7350"),
        (
            "codes_with_conditions",
            {"sizes": [26, 10], "length": 4, "distinct": False, "least": [0, 1]},
            "1222640",
        ),
        (
            "numbers_from_digits",
            {"digits": [0, 1, 2, 3, 4], "length": 3, "repeated": False, "ending": "even", "above": 0},
            "30",
        ),
        (
            "committees",
            {"groups": [6, 4], "least": [2, 0], "size": 3, "pair_in_first_group": ""},
            "80",
        ),
        ("groups_of_given_sizes", GROUPS, "15"),
        ("groups_of_given_sizes", {**GROUPS, "named": True}, "90"),
        ("groups_of_given_sizes", {**GROUPS, "special": "together"}, "3"),
        ("stars_and_bars", {"sum": 10, "least": [0, 0, 0], "most": [None, None, None]}, "66"),
        ("stars_and_bars", {"sum": 18, "least": [0] * 6, "most": [3] * 6}, "1"),
        ("tasks_for_workers", {"tasks": 5, "bounds": [[1, 5], [1, 5], [1, 5]]}, "150"),
        ("divisible_by_some", {"n": 1000, "divisors": [2, 3, 5], "asked": "at least one"}, "734"),
        ("derangements", HATS, "44"),
        ("derangements", {**HATS, "mode": "at least", "right": 4}, "1"),
        ("derangements", {**HATS, "people": 2, "women": 2, "spare": 1}, "3"),
        ("pigeonhole", {"counts": [10, 8, 6], "wanted": "alike", "goal": [4]}, "10"),
        ("pigeonhole", {"counts": [10, 8, 6], "wanted": "each", "goal": [1]}, "19"),
        ("lattice_paths", {"end": [4, 4], "through": [[2, 2]], "avoid": []}, "36"),
        ("lattice_paths", {"end": [2, 2], "through": [], "avoid": [[1, 1]]}, "2"),
        ("tilings", {"length": 10, "tiles": [[1, 1], [2, 1]], "no_joint_at": 0}, "89"),
        ("coefficient_in_a_power", {"first": [1, 1, 1], "n": 4, "second": [0], "m": 0, "k": 4}, "19"),
        ("reflection", VOTES, "14"),
        ("reflection", {**VOTES, "up": 5, "ahead": True}, "14"),
        ("reflection", {**VOTES, "roof": 1}, "1"),
        ("ways_to_pay", {"amount": 100, "coins": [1, 5, 10, 25, 50]}, "292"),
    ],
)
def test_a_known_count_is_found_by_the_proof(name, given, answer):
    assert find(name).prover(given) == answer


@pytest.mark.parametrize("n", range(1, 12))
def test_a_written_binomial_ends_in_its_value(n):
    for k in range(n + 1):
        work, _, value = choosing(n, k).rpartition(" = ")
        assert int(value) == comb(n, k)
        if "/" in work:
            above, below = work.rpartition("= ")[2].split("/")
            assert eval(above) == comb(n, k) * eval(below)


def test_orders_of_alike_things_are_the_factorial_over_the_factorials():
    assert multinomial([3, 2, 2]) == factorial(7) // (6 * 2 * 2)
    assert multinomial([1] * 5) == 120
