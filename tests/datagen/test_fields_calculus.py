"""Calculus: textbook facts through the families' proofs, and the helpers that build and print functions."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from datagen.problems.fields.calculus import exact, functions
from datagen.problems.fields.calculus.applications import with_critical_points
from datagen.problems.register import find
from verifiers import AnswerSpec, equivalent

FACTS = [
    ("limit_rational_at_point", {"numerator": [1, 0, -4], "denominator": [1, -2], "point": 2}, "4"),
    ("limit_standard", {"numerator": "(1 - cos(x))", "denominator": "x^2"}, "1/2"),
    ("limit_standard", {"numerator": "(x - sin(x))", "denominator": "x^2*tan(x)"}, "1/6"),
    ("limit_with_root", {"function": "(sqrt(x + 1) - 1)/(x)", "point": 0}, "1/2"),
    (
        "limit_at_infinity",
        {"root": [1, 0, 1], "numerator": [], "denominator": [1, 0], "toward": "-infinity"},
        "-1",
    ),
    ("derivative_at_point", {"function": "(2x - 1)^3", "point": 1}, "6"),
    ("derivative_chain", {"function": "ln(cos(x) + 2)"}, "-sin(x)/(cos(x) + 2)"),
    ("higher_derivative", {"function": "sin(2*x)", "order": 4}, "16*sin(2*x)"),
    ("implicit_derivative", {"left": "x^2 + y^2", "right": 25, "point": [3, 4]}, "-3/4"),
    ("partial_derivative", {"function": "x^2*y^3", "by": ["x", "y"]}, "6*x*y^2"),
    ("gradient", {"function": "x*y*z", "point": [1, 2, 3]}, "(6, 3, 2)"),
    ("tangent_line", {"function": "x^2", "point": 3, "line": "tangent"}, "y = 6x - 9"),
    ("tangent_line", {"function": "x^2", "point": 1, "line": "normal"}, "y = -x/2 + 3/2"),
    ("extrema", {"function": "x*e^(-x)", "kind": "local maximum"}, "(1, e^(-1))"),
    ("absolute_extremum", {"function": "x^3 - 3x", "low": -3, "high": 2, "kind": "maximum"}, "2"),
    ("increasing_intervals", {"function": "x^3 - 3x", "kind": "decreasing"}, "(-1, 1)"),
    ("concavity_intervals", {"function": "x^4 - 6x^2", "concave": "up"}, "(-infinity, -1) U (1, infinity)"),
    ("inflection_points", {"function": "x^5 - 5x^4"}, "{3}"),
    ("definite_integral_polynomial", {"function": "x^2", "low": "0", "high": "1"}, "1/3"),
    ("definite_integral", {"function": "sin(x)", "low": "0", "high": "pi"}, "2"),
    ("definite_integral", {"function": "x*ln(x)", "low": "1", "high": "2"}, "2*ln(2) - 3/4"),
    ("area_between_curves", {"first": "x^3", "second": "x"}, "1/2"),
    ("volume_of_revolution", {"upper": "x", "lower": "0", "low": 0, "high": 3, "axis": "x"}, "9*pi"),
    ("volume_of_revolution", {"upper": "x^2", "lower": "0", "low": 0, "high": 2, "axis": "y"}, "8*pi"),
    ("average_value", {"function": "x^2", "low": 0, "high": 3}, "3"),
    ("mean_value", {"function": "x^3", "low": 0, "high": 3}, "sqrt(3)"),
    ("riemann_sum", {"function": "x^2", "low": "0", "high": "2", "rule": "simpson", "n": 4}, "8/3"),
    ("riemann_sum", {"function": "x^2", "low": "0", "high": "2", "rule": "left", "n": 2}, "1"),
    ("optimisation", {"situation": "wall", "length": 100, "across": 2}, "1250"),
    ("related_rates", {"shape": "ladder", "length": 5, "rate": 1, "foot": 3}, "3/4"),
    ("related_rates", {"shape": "sphere", "rate": 2, "size": 3}, "72*pi"),
    ("taylor_polynomial", {"function": "e^x", "degree": 3}, "1 + x + x^2/2 + x^3/6"),
    ("series_sum", {"summand": "1/(n*(n + 1))", "start": 1}, "1"),
    ("series_sum", {"summand": "n*(1/2)^n", "start": 0}, "2"),
    ("radius_of_convergence", {"summand": "(2n)!/(n!)^2*x^n", "center": 0}, "1/4"),
    ("separable_ode", {"equation": "y' = x*y", "start": 2}, "y = 2*e^(x^2/2)"),
    ("linear_ode_first_order", {"equation": "y' + y = x", "at": 0, "start": 0}, "y = x - 1 + e^(-x)"),
    ("second_order_ode", {"equation": "y'' + y = 0", "start": 1, "slope": 0}, "y = cos(x)"),
    ("second_order_ode", {"equation": "y'' - 2*y' + y = 0", "start": 0, "slope": 1}, "y = x*e^x"),
]


@pytest.mark.parametrize(("name", "given", "fact"), FACTS)
def test_the_proofs_know_textbook_facts(name, given, fact):
    derived = find(name).prover(given)
    assert equivalent(fact, derived, AnswerSpec.infer(fact)).correct, derived


@pytest.mark.parametrize(
    ("name", "integrand", "slope_of"),
    [("antiderivative", "x*e^x", "(x - 1)*e^x + C"), ("antiderivative_polynomial", "1/x^2", "-1/x + C")],
)
def test_the_proofs_find_antiderivatives(name, integrand, slope_of):
    spec = AnswerSpec(
        kind="checker", checker="antiderivative", parameters={"integrand": integrand, "constant": True}
    )
    assert equivalent(slope_of, find(name).prover({"integrand": integrand}), spec).correct


def test_a_point_off_the_curve_is_refused():
    with pytest.raises(ValueError, match="not on the curve"):
        find("implicit_derivative").prover({"left": "x^2 + y^2", "right": 25, "point": [3, 5]})


def test_the_derivative_of_an_integrated_polynomial_is_the_polynomial():
    rng = random.Random(0)
    for _ in range(50):
        f = [rng.randint(1, 9), *(rng.randint(-9, 9) for _ in range(rng.randint(0, 5)))]
        assert functions.derived(functions.integrated(f)) == f


def test_polynomials_have_the_critical_points_they_are_built_from():
    points = [Fraction(-1), Fraction(1, 2), Fraction(3)]
    f = with_critical_points(points, 2)
    assert all(isinstance(each, int) for each in f)
    assert [functions.evaluated(functions.derived(f), each) for each in points] == [0, 0, 0]
    assert f[0] > 0


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (functions.written([1, 0, Fraction(-1, 2)]), "x^2 - 1/2"),
        (functions.term(Fraction(3, 2), "", "x^2"), "3/(2x^2)"),
        (functions.times([-1, 0], "e^x"), "-x*e^x"),
        (functions.put_in([2, -1, 0, 5], Fraction(1, 2)), "2*(1/2)^3 - (1/2)^2 + 5"),
        (functions.starred("3x^2*sin(2x)"), "3*x^2*sin(2*x)"),
        (exact.text(exact.sine(240)), "-sqrt(3)/2"),
        (exact.text(exact.raised(exact.cosine(45), 3)), "sqrt(2)/4"),
    ],
)
def test_functions_are_written_as_in_the_questions(written, text):
    assert written == text
