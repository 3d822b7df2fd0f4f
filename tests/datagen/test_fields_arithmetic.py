"""Arithmetic whose answers are worked by hand, through the proofs, and the helpers that write numbers."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from datagen.problems.fields.arithmetic.numerals import roman, to_base
from datagen.problems.fields.arithmetic.scientific import scientific
from datagen.problems.register import find

BY_HAND: list[tuple[str, dict[str, Any], str]] = [
    ("decimal_product", {"factors": ["0.2", "0.05"]}, "0.010"),
    ("decimal_quotient", {"dividend": "0.75", "divisor": "0.05"}, "15"),
    ("rounding", {"number": ["9.96"], "figures": 0, "places": 1}, "10.0"),
    ("rounding", {"number": ["0.00034567"], "figures": 2, "places": 0}, "0.00035"),
    ("rounding", {"number": ["1451"], "figures": 0, "places": -2}, "1500"),
    ("rounding", {"number": ["2.5", "3.99"], "figures": 1, "places": 0}, "10"),
    ("scientific_notation", {"value": "0.00052"}, "5.2 * 10^-4"),
    ("scientific_notation", {"value": "(6 * 10^23) * (2 * 10^-3)"}, "1.2 * 10^21"),
    ("scientific_notation", {"value": "9.9 * 10^5 + 1 * 10^4 + 1 * 10^5"}, "1.1 * 10^6"),
    # a tenth up and a tenth down is one percent less
    ("percent_change", {"changes": [10, -10]}, "1%"),
    ("percent_change", {"before": 80, "after": 100}, "25%"),
    ("percent_change", {"before": 100, "after": 80}, "20%"),
    ("reverse_percent", {"changes": [25, -20], "part": 100, "value": "60"}, "60"),
    ("reverse_percent", {"changes": [], "part": 15, "value": "9"}, "60"),
    ("ratio_sharing", {"ratio": ["1/2", "1/3"], "whole": 50}, "(30, 20)"),
    (
        "direct_inverse_proportion",
        {"law": [["u", 1], ["v", -2]], "first": [2, 3], "second": [4, 6], "known": 5},
        "5/2",
    ),
    ("base_conversion", {"digits": "FF", "from": 16, "to": 2}, "11111111_2"),
    ("base_conversion", {"digits": "1000000", "from": 3, "to": 10}, "729"),
    ("base_arithmetic", {"numbers": ["77", "1"], "sign": "+", "base": 8}, "100_8"),
    ("base_arithmetic", {"numbers": ["12", "12"], "sign": "*", "base": 3}, "221_3"),
    ("roman_numerals", {"numbers": ["MCMXCIV"], "signs": ""}, "1994"),
    ("roman_numerals", {"numbers": ["XL", "II"], "signs": "+"}, "XLII"),
    ("roman_numerals", {"numbers": ["X", "X", "I"], "signs": "*-"}, "XCIX"),
    ("unit_conversion", {"amounts": [["36", "km/h"]], "to": "m/s"}, "10.0"),
    ("unit_conversion", {"amounts": [["1", "m^3"]], "to": "l"}, "1000.0"),
    ("unit_conversion", {"amounts": [["2", "cm^2"]], "to": "m^2"}, "0.00020"),
    ("time_arithmetic", {"steps": [["+", 3661], ["/", 7], ["-", 23]]}, "(0, 8, 20)"),
    ("time_arithmetic", {"steps": [["+", 3599], ["+", 1]], "short": True}, "(60, 0)"),
    ("mixed_number_sum", {"terms": [[1, 2, 1, 2], [-1, 1, 3, 4]]}, "3/4"),
    ("compare_fractions", {"numbers": ["5/7", "2/3", "7/10"]}, "(2/3, 7/10, 5/7)"),
    ("powers_and_roots", {"terms": [[1, 1, 8, -2, 3], [1, 3, 9, 1, 2]]}, "37/4"),
]


@pytest.mark.parametrize(("name", "given", "answer"), BY_HAND)
def test_what_is_known_by_hand_is_what_the_proof_finds(name, given, answer):
    prover = find(name).prover
    assert prover is not None
    assert prover(given) == answer


@pytest.mark.parametrize("base", [2, 3, 7, 10, 16])
def test_digits_in_a_base_are_read_back_by_python(base):
    assert all(int(to_base(number, base), base) == number for number in range(600))


def test_roman_numerals_are_all_different_and_never_repeat_a_sign_four_times():
    numerals = [roman(number) for number in range(1, 4000)]
    assert len(set(numerals)) == len(numerals)
    assert not [text for text in numerals for sign in "IVXLCDM" if 4 * sign in text]
    assert [roman(number) for number in (4, 9, 40, 90, 400, 900, 3888)] == [
        "IV",
        "IX",
        "XL",
        "XC",
        "CD",
        "CM",
        "MMMDCCCLXXXVIII",
    ]


def test_scientific_notation_keeps_the_value():
    rng = random.Random(1)
    for _ in range(300):
        units, exponent = rng.randint(1, 10**6), rng.randint(-12, 12)
        mantissa, power = scientific(units, exponent).split(" * 10^")
        assert 1 <= Fraction(mantissa) < 10
        assert Fraction(mantissa) * Fraction(10) ** int(power) == units * Fraction(10) ** exponent
