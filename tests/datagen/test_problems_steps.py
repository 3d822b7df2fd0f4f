"""The digit-by-digit schemes, the canonical keys and the wording helpers, against independent readings."""

from __future__ import annotations

import random
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.problems import families, fingerprint
from datagen.problems.canonical import canonical
from datagen.problems.fields.arithmetic.integers import (
    _expression_text,
    _sum_key,
    column_difference,
    column_sum,
)
from datagen.problems.numbers import PRIMES, euclid, smooth_number
from datagen.problems.text import decimal, listing, ordinal, polynomial
from datagen.problems.variants import near_misses, spellings
from verifiers import AnswerSpec

NUMBERS = st.integers(0, 999_999)


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [
        (47, 35, "7+5=12, 4+3+1=8"),
        (95, 17, "5+7=12, 9+1+1=11"),
        (3, 5, "3+5=8"),
        (9, 9, "9+9=18"),
        (905, 95, "5+5=10, 0+9+1=10, 9+0+1=10"),
    ],
)
def test_sums_are_worked_units_first_with_the_carry_third(left, right, steps):
    assert column_sum(left, right) == steps


@given(NUMBERS, NUMBERS)
def test_the_columns_of_a_sum_are_true_and_spell_the_sum(left, right):
    columns = [step.split("=") for step in column_sum(left, right).split(", ")]
    for summands, total in columns:
        assert sum(map(int, summands.split("+"))) == int(total)
    last = columns[-1][1]
    digits = "".join(total[-1] for _, total in reversed(columns[:-1]))
    assert int(last + digits) == left + right


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [
        (42, 35, "12-5=7, 4-1-3=0"),
        (9, 4, "9-4=5"),
        (100, 1, "10-1=9, 10-1-0=9, 1-1-0=0"),
        (58, 23, "8-3=5, 5-2=3"),
    ],
)
def test_differences_are_worked_units_first_with_the_borrow_second(left, right, steps):
    assert column_difference(left, right) == steps


@given(NUMBERS, NUMBERS)
def test_the_columns_of_a_difference_are_true_and_spell_the_difference(one, other):
    left, right = max(one, other), min(one, other)
    columns = [step.split("=") for step in column_difference(left, right).split(", ")]
    for terms, rest in columns:
        first, *taken = map(int, terms.split("-"))
        assert first - sum(taken) == int(rest)
        assert 0 <= int(rest) <= 9
    assert int("".join(rest for _, rest in reversed(columns))) == left - right


def test_a_negative_difference_is_refused():
    with pytest.raises(ValueError, match="negative"):
        column_difference(3, 4)


TREES = st.recursive(
    st.integers(1, 9), lambda part: st.tuples(st.sampled_from("+-*"), part, part).map(list), max_leaves=7
)


def value(tree: object) -> int:
    if isinstance(tree, int):
        return tree
    operator, left, right = tree  # type: ignore[misc]
    left, right = value(left), value(right)
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


@given(TREES)
def test_an_expression_is_written_with_all_the_parentheses_it_needs(tree):
    text = _expression_text(tree)
    assert re.fullmatch(r"[\d+*() -]+", text)
    assert eval(text, {"__builtins__": {}}) == value(tree)


@given(TREES, st.randoms(use_true_random=False))
def test_swapping_the_sides_of_sums_and_products_keeps_the_key(tree, rng):
    def swapped(part):
        if isinstance(part, int):
            return part
        operator, left, right = part[0], swapped(part[1]), swapped(part[2])
        return [operator, right, left] if operator != "-" and rng.random() < 0.5 else [operator, left, right]

    assert _sum_key(swapped(tree)) == _sum_key(tree)


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), min_size=1, max_size=7),
    st.permutations("abcde"),
    st.randoms(use_true_random=False),
)
def test_renaming_and_reordering_keep_the_canonical_form(edges, names, rng):
    def form(pairs):
        return canonical("abcde", lambda place: tuple(sorted((place(one), place(two)) for one, two in pairs)))

    renamed = [(names["abcde".index(one)], names["abcde".index(two)]) for one, two in edges]
    assert form(rng.sample(renamed, len(renamed))) == form(edges)


def test_the_canonical_form_tells_a_path_from_a_star():
    def form(pairs):
        return canonical("abcd", lambda place: tuple(sorted((place(one), place(two)) for one, two in pairs)))

    assert form(["ab", "bc", "cd"]) != form(["ab", "ac", "ad"])


def test_swapped_summands_share_a_fingerprint():
    addition = families()["addition"]
    marks: dict[frozenset[int], set[str]] = {}
    for seed in range(3000):
        problem = addition(random.Random(seed), 1)
        marks.setdefault(frozenset(problem.given.values()), set()).add(fingerprint(problem))
    assert all(len(same) == 1 for same in marks.values())
    assert len({mark for same in marks.values() for mark in same}) == len(marks)


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_decimals_are_exact(units, places):
    assert Fraction(decimal(units, places)) == Fraction(units, 10**places)


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=6), st.integers(-5, 5))
def test_a_polynomial_reads_as_what_it_is(coefficients, x):
    text = polynomial(coefficients).replace("^", "**")
    text = re.sub(r"(\d)x", r"\1*x", text)
    expected = sum(c * x**power for power, c in enumerate(reversed(coefficients)))
    assert eval(text, {"__builtins__": {}}, {"x": x}) == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (22, "22nd"),
        (113, "113th"),
    ],
)
def test_ordinals(number, text):
    assert ordinal(number) == text


def test_listings():
    assert [listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_euclid_ends_in_the_greatest_common_divisor(a, b):
    import math

    lines = euclid(a, b)
    assert all(top == quotient * below + rest and 0 <= rest < below for top, below, quotient, rest in lines)
    assert (lines[-1][1] if lines else a) == math.gcd(a, b)


@given(st.randoms(use_true_random=False))
def test_a_smooth_number_is_the_product_of_its_factors(rng):
    number, factors = smooth_number(rng, 100, 400)
    product = 1
    for prime, power in factors.items():
        assert prime in PRIMES
        product *= prime**power
    assert product == number
    assert 100 <= number <= 400
    assert sum(factors.values()) > 1


@given(st.fractions(max_denominator=500))
def test_near_misses_of_a_number_are_other_numbers(number):
    answer = str(number)
    spec = AnswerSpec(kind="rational")
    misses = [Fraction(miss) for miss in near_misses(answer, spec)]
    assert len(misses) >= 3
    assert number not in misses


@given(st.integers(-5000, 5000), st.integers(1, 3))
def test_near_misses_of_a_decimal_are_other_numbers(units, places):
    answer = decimal(units, places)
    misses = [Fraction(miss) for miss in near_misses(answer, AnswerSpec(kind="decimal"))]
    assert Fraction(answer) not in misses


@settings(deadline=None)  # the first call loads sympy
@given(st.lists(st.integers(-9, 9).filter(bool), min_size=2, max_size=4))
def test_near_misses_of_a_polynomial_are_other_polynomials(coefficients):
    import sympy

    spec = AnswerSpec(kind="expression")
    answer = polynomial(coefficients)

    def read(text):
        plain = re.sub(r"\\[()]", "", text).replace("^", "**").strip("$")
        return sympy.expand(sympy.sympify(re.sub(r"(\d)([xy])", r"\1*\2", plain)))

    assert all(read(miss) != read(answer) for miss in near_misses(answer, spec))
    assert all(read(same) == read(answer) for same in spellings(answer, spec) if "{" not in same)
