"""Number theory: known facts through the proofs, and the steps that solutions are written with."""

from __future__ import annotations

import random

import pytest

from datagen.problems import find
from datagen.problems.fields.number_theory.steps import PowerTable, factorization, order_steps, primes_up_to
from verifiers import equivalent

FACTS = [
    ("divisor_sum", {"n": 28}, "56"),  # perfect
    ("divisor_sum", {"n": 36}, "91"),  # a square: its root counts once
    ("gcd_of_three", {"numbers": [6, 10, 15]}, "1"),  # any two share a factor
    ("prime_test", {"n": 91}, "no"),
    ("prime_test", {"n": 7919}, "yes"),  # the 1000th prime
    ("next_prime", {"n": 113}, "127"),  # the first gap of 14
    ("linear_congruence", {"a": 6, "b": 4, "m": 10}, "{4, 9}"),
    ("linear_congruence", {"a": 6, "b": 3, "m": 10}, "{}"),
    ("square_roots_modulo", {"b": 1, "m": 15}, "{1, 4, 11, 14}"),
    ("square_roots_modulo", {"b": 3, "m": 7}, "{}"),
    ("multiplicative_order", {"a": 2, "m": 7}, "3"),
    ("multiplicative_order", {"a": 10, "m": 17}, "16"),
    ("euler_power", {"a": 7, "exponent": [7, 7], "m": 10}, "3"),
    ("euler_power", {"a": 3, "exponent": [100, 1], "m": 101}, "1"),  # Fermat
    ("decimal_period", {"k": 1, "n": 7}, "6"),
    ("decimal_period", {"k": 5, "n": 12}, "1"),  # 0.41666...
    ("decimal_period", {"k": 1, "n": 81}, "9"),
    ("last_digits", {"terms": [[7, 100]], "places": 1}, "1"),
    ("last_digits", {"terms": [[3, 5], [2, 5]], "places": 2}, "75"),
    ("digital_root", {"terms": [[[9, 40]]]}, "9"),
    ("digital_root", {"terms": [[[2, 10]], [[3, 1], [5, 1]]]}, "4"),  # 1039
    ("missing_digit", {"shown": "7A2", "m": 9}, "{0, 9}"),
    ("missing_digit", {"shown": "2A3B", "m": 45}, "{2430, 2835}"),
    ("factorial_zeros", {"above": [100], "below": []}, "24"),
    ("factorial_zeros", {"above": [10], "below": [3, 7]}, "1"),  # 120
    ("factorial_zeros", {"above": [50000], "below": []}, "12499"),
    ("factorial_exponent", {"n": 10, "base": 12}, "4"),
    ("frobenius_number", {"coins": [6, 9, 20]}, "43"),
    ("frobenius_number", {"coins": [3, 5]}, "7"),
    ("continued_fraction", {"p": 355, "q": 113}, "(3, 7, 16)"),
    ("continued_fraction", {"p": 8, "q": 5}, "(1, 1, 1, 2)"),
]


@pytest.mark.parametrize(("name", "given", "answer"), FACTS)
def test_known_facts_come_out_of_the_proofs(name, given, answer):
    spec = find(name)(random.Random(0), 3).spec
    verdict = equivalent(answer, find(name).prover(given), spec)
    assert verdict.correct, verdict


def test_proofs_of_problems_with_many_answers_find_one():
    assert find("bezout").prover({"a": 240, "b": 46}) == "x = 14, y = -73"
    assert find("linear_diophantine").prover({"a": 5, "b": 7, "c": 31}) == "x = 2, y = 3"
    assert find("sum_of_squares").prover({"k": 1, "n": 29}) == "x = 2, y = 5"
    assert find("egyptian_fraction").prover({"p": 4, "q": 5, "terms": 3}) == "1/2 + 1/4 + 1/20"
    assert find("prime_factorization").prover({"n": 360}) == "2^3 * 3^2 * 5^1"
    assert find("primitive_root").prover({"m": 41}) == "6"


def test_two_unit_fractions_are_not_enough_for_four_fifths():
    with pytest.raises(ValueError, match="no sum of 2"):
        find("egyptian_fraction").prover({"p": 4, "q": 5, "terms": 2})


def test_factors_multiply_to_the_number_and_are_prime():
    primes = primes_up_to(100)
    assert len(primes) == 25
    for n in range(1, 2000):
        product = 1
        for prime, power in factorization(n).items():
            assert all(prime % other for other in primes if other * other <= prime)
            product *= prime**power
        assert product == n


def test_orders_and_powers_agree_with_counting():
    for m in (7, 15, 16, 91, 101):
        units = sum(find("greatest_common_divisor").prover({"a": a, "b": m}) == "1" for a in range(1, m))
        for a in (2, 3, 5, 8):
            if m % a and a < m and find("greatest_common_divisor").prover({"a": a, "b": m}) == "1":
                order, _ = order_steps(a, m, units)
                assert str(order) == find("multiplicative_order").prover({"a": a, "m": m})
                table = PowerTable(a, m, 40)
                assert all(table.line(k)[0] == a**k % m for k in range(1, 41))
