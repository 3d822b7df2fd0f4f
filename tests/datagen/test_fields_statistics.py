"""Textbook facts of statistics through the families' proofs, and exact numbers as text."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from datagen.problems import find
from datagen.problems.fields.statistics.data import SETTINGS, exact, told

LIST = [2, 4, 4, 4, 5, 5, 7, 9]  # mean 5, standard deviation 2
ANSCOMBE = [[10, 804], [8, 695], [13, 758], [9, 881], [11, 833], [14, 996], [6, 724], [4, 426], [12, 1084]]
ANSCOMBE += [[7, 482], [5, 568]]


@pytest.mark.parametrize(
    ("name", "given", "answer"),
    [
        ("mean", {"values": LIST, "scale": 1}, "5"),
        ("mean", {"values": LIST, "scale": 10}, "1/2"),
        ("median", {"values": [9, 1, 5], "scale": 1}, "5"),
        ("median", {"values": LIST, "scale": 1}, "9/2"),
        ("mode_and_range", {"values": LIST}, "(4, 7)"),
        ("quartiles", {"values": [6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], "scale": 1}, "(15, 40, 43)"),
        ("quartiles", {"values": [7, 15, 36, 39, 40, 41], "scale": 1}, "(15, 75/2, 40)"),
        ("missing_value_for_mean", {"known": [70, 80], "count": 3, "mean": "80", "gaps": []}, "90"),
        ("missing_value_for_mean", {"known": [10], "count": 3, "mean": "10", "gaps": [4]}, "12"),
        ("mean_after_change", {"count": 4, "mean": 10, "added": [20], "removed": [], "wrong": []}, "12"),
        ("mean_after_change", {"count": 5, "mean": 10, "added": [], "removed": [14], "wrong": [7, 11]}, "10"),
        ("combined_mean", {"sizes": [20, 30], "means": ["70", "80"], "whole": None}, "76"),
        ("combined_mean", {"sizes": [20, 30], "means": ["70"], "whole": "76"}, "80"),
        ("weighted_mean", {"weights": [40, 60], "marks": [90, 80], "grade": None}, "84"),
        ("weighted_mean", {"weights": [40, 60], "marks": [90], "grade": "84"}, "80"),
        ("variance_population", {"values": LIST}, "4"),
        ("standard_deviation", {"values": LIST}, "2"),
        ("standard_deviation", {"values": [1, 2, 3]}, "sqrt(6)/3"),
        ("z_score", {"find": "z", "mean": 100, "deviation": 15, "value": 130}, "2"),
        ("z_score", {"find": "value", "mean": 100, "deviation": 15, "z": "-1/3"}, "95"),
        ("z_score", {"find": "equal", "mean": 100, "deviation": 15, "value": 85, "other": [50, 8]}, "42"),
        ("z_score", {"find": "both", "values": [85, 130], "z": ["-1", "2"]}, "(100, 15)"),
        ("z_score", {"find": "third", "values": [85, 130], "z": ["-1", "2"], "value": 115}, "1"),
        ("frequency_table_mean", {"table": [[1, 2], [2, 3], [4, 5]]}, "14/5"),
        ("frequency_table_median", {"table": [[1, 2], [2, 3], [4, 5]]}, "3"),
        ("moving_average", {"values": [1, 2, 6, 4], "window": 3}, "(3, 4)"),
        ("percentile_rank", {"values": [1, 2, 2, 3], "value": 2}, "50%"),
        ("expected_count", {"table": [[10, 20], [30, 40]], "row": 0, "column": 1}, "18"),
        ("linear_regression", {"points": [[0, 1], [1, 3], [2, 5]]}, "(2, 1)"),
        ("linear_regression", {"points": [[0, 6], [1, 0], [2, 0]]}, "(-3, 5)"),
        ("correlation_coefficient", {"points": [[0, 5], [1, 3], [2, 1]]}, "-1"),
    ],
)
def test_proofs_know_the_textbook(name, given, answer):
    prover = find(name).prover
    assert prover is not None
    assert prover(given) == answer


def test_anscombes_first_quartet_has_the_slope_and_correlation_he_gives():
    line, correlation = find("linear_regression").prover, find("correlation_coefficient").prover
    assert line is not None
    assert correlation is not None
    slope, intercept = map(Fraction, line({"points": ANSCOMBE})[1:-1].split(", "))
    assert abs(slope / 100 - Fraction(1, 2)) < Fraction(1, 1000)
    assert abs(intercept / 100 - 3) < Fraction(1, 1000)
    import sympy

    assert abs(float(sympy.sympify(correlation({"points": ANSCOMBE}))) - 0.816) < 0.001


@pytest.mark.parametrize("denominator", [1, 2, 3, 7, 8, 40, 125, 16])
def test_exact_text_is_the_number(denominator):
    for numerator in range(-300, 300):
        value = Fraction(numerator, denominator)
        assert Fraction(exact(value)) == value
        assert ("/" in exact(value)) == bool(1000 % value.denominator)


def test_stories_name_every_value_and_their_number():
    values = random.Random(1).sample(range(100, 900), 6)
    for setting in SETTINGS:
        text = told(setting, values)
        assert all(str(value) in text for value in [6, *values])
        assert "{" not in text
