"""The proofs of the algebra families on facts from textbooks, and the helpers their constructions share."""

from __future__ import annotations

from fractions import Fraction

import pytest

from datagen.problems.fields.algebra.intervals import between, union
from datagen.problems.fields.algebra.writing import (
    as_inequalities,
    product,
    quadratic_formula,
    rational_roots,
    root_taken_out,
    value_at,
)
from datagen.problems.register import find
from verifiers import equivalent
from verifiers.answer import AnswerSpec

FACTS = [
    ("polynomial_factor", {"coefficients": [1, 0, 0, 0, 4]}, "(x^2 - 2x + 2)(x^2 + 2x + 2)", "expression"),
    ("polynomial_gcd", {"first": [1, 0, -1], "second": [1, -2, 1]}, "x - 1", "expression"),
    (
        "polynomial_division_remainder",
        {"dividend": [1, 0, 0, 1], "divisor": [1, 0, 1]},
        "(x, 1 - x)",
        "tuple",
    ),
    ("cubic_roots", {"coefficients": [2, -3, -11, 6]}, "{-2, 1/2, 3}", "set"),
    ("polynomial_from_roots", {"roots": ["1 + sqrt(2)", "I"]}, "(x^2 - 2x - 1)(x^2 + 1)", "expression"),
    ("vieta", {"coefficients": [1, -1, -1], "function": "r^3 + s^3"}, "4", "integer"),
    ("binomial_term", {"first": [1, 1], "second": [1, -1], "power": 6, "exponent": 0}, "20", "integer"),
    ("linear_inequality", {"parts": [[[-2, 0], "<", [0, 6]]]}, "(-3, infinity)", "interval"),
    ("quadratic_inequality", {"left": [1, 0, 0], "relation": ">", "right": [0]}, "x != 0", "interval"),
    (
        "rational_inequality",
        {"left": [[1], [1, 0]], "relation": "<=", "right": [[1], [1]]},
        "(-infinity, 0) U [1, infinity)",
        "interval",
    ),
    (
        "absolute_value_equation",
        {"bars": [[1, 0], [1, -4]], "right": [0, 6], "right_in_bars": False},
        "{-1, 5}",
        "set",
    ),
    (
        "absolute_value_inequality",
        {"bars": [[1, 0]], "right": [1, -2], "right_in_bars": True, "relation": "<"},
        "(-infinity, 1)",
        "interval",
    ),
    ("logarithm_value", {"logarithms": [["1", "8", "1/4"]]}, "-2/3", "rational"),
    (
        "logarithmic_equation",
        {"base": 10, "left": [[1, 0], [1, -3]], "constant": 1, "right": []},
        "{5}",
        "set",
    ),
    ("radical_equation", {"roots": [[1, 2]], "signs": [1], "right": [1, 0]}, "{2}", "set"),
    ("radical_equation", {"roots": [[1, 5], [1, 0]], "signs": [1, -1], "right": [0, 1]}, "{4}", "set"),
    ("exponential_equation", {"base": 2, "coefficients": [1, -1, -6]}, "{ln(3)/ln(2)}", "set"),
    ("simplify_radical", {"factors": [[[1, 8], [1, 18]]]}, "(5, 2)", "tuple"),
    (
        "rationalise_denominator",
        {"above": [[1, 1]], "below": [[1, 1], [1, 2]], "root": 2},
        "(-1, 1)",
        "tuple",
    ),
    (
        "nonlinear_system",
        {"curve": [[1, 2, 0], [1, 0, 2], [-25, 0, 0]], "line": [1, -1, 1]},
        "{(4, 3), (-3, -4)}",
        "set",
    ),
    (
        "rational_expression",
        {"fractions": [[[1, 0, -1], [2, -2]]], "joined_by": "*"},
        "(x/2 + 1/2, 1)",
        "tuple",
    ),
    (
        "partial_fractions",
        {"above": [1], "below": [1, -1, 0], "parts": [[1, 0], [1, -1]]},
        "(-1, 1)",
        "tuple",
    ),
    ("vertex_of_parabola", {"points": [[0, 0], [1, 1], [2, 4]]}, "(0, 0)", "tuple"),
    (
        "function_domain",
        {"conditions": [[[1, 0, -4], ">="], [[1, -3], "!="]]},
        "x <= -2 or 2 <= x, x != 3",
        "interval",
    ),
    ("inverse_function", {"above": [1, 0, 0], "below": [1], "domain": ["<=", 0]}, "-sqrt(x)", "expression"),
    ("recursive_sequence", {"factors": [1, 1], "constant": 0, "start": [1, 1], "n": 12}, "144", "integer"),
    ("arithmetic_series", {"known": [[1, 1], [2, 2]], "from": 1, "to": 100}, "5050", "integer"),
    ("quadratic_sequence", {"terms": [[1, 1], [2, 3], [3, 6]]}, "n(n + 1)/2", "expression"),
    ("infinite_geometric_series", {"first": "1/2", "ratio": "1/2", "wanted": "sum"}, "1", "rational"),
    ("complex_power", {"base": [1, 1], "exponent": 8}, "16", "complex"),
    ("complex_quadratic", {"coefficients": [[1, 0], [0, 0], [0, -2]]}, "{1 + i, -1 - i}", "set"),
]


@pytest.mark.parametrize(("name", "given", "expected", "kind"), FACTS)
def test_proofs_find_what_textbooks_say(name, given, expected, kind):
    prover = find(name).prover
    assert prover is not None
    derived = prover(given)
    assert equivalent(expected, derived, AnswerSpec(kind=kind)).correct, derived


def test_roots_leave_no_remainder():
    cubic = product([2, -1], [1, 3], [1, -4])
    for root in (Fraction(1, 2), -3, 4):
        sentence, rest = root_taken_out(cubic, root)
        assert product([Fraction(root).denominator, -Fraction(root).numerator], rest) == cubic
        assert "= 0" in sentence
        assert value_at(cubic, root) == 0


def test_the_quadratic_formula_names_both_roots_and_a_double_one_once():
    assert rational_roots([2, -5, 2]) == [Fraction(1, 2), 2]
    assert rational_roots([1, 6, 9]) == [-3]
    assert quadratic_formula([1, 6, 9]).endswith("x = -6/2 = -3.")


def test_a_union_joins_neighbours_and_leaves_single_points_out():
    assert union([(1, False), (2, True)], [True, False, True]) == "(-infinity, 1) U [2, infinity)"
    assert union([(1, True)], [True, True]) == "(-infinity, infinity)"
    assert union([(1, False)], [True, True]) == "(-infinity, 1) U (1, infinity)"
    assert as_inequalities("(-infinity, 1) U [2, 3)") == "x < 1 or 2 <= x < 3"


def test_samples_lie_strictly_between_the_places():
    places = [Fraction(-1, 2), Fraction(1, 3), Fraction(1, 2), Fraction(7)]
    samples = between(places)
    assert len(samples) == len(places) + 1
    assert all(low < high for low, high in zip(samples, places, strict=False))
    assert all(low < high for low, high in zip(places, samples[1:], strict=True))
