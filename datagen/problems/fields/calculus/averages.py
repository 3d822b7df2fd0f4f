"""Averages of functions, the mean value theorem, and Riemann sums."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    Number,
    derived,
    equal,
    evaluated,
    integrated,
    negative,
    number,
    put_in,
    term,
    total,
    whole,
    written,
)
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL
from datagen.problems.text import boxed, surd


@family(
    name="average_value",
    wordings=(
        "Find the average value of f(x) = {function} on the interval [{low}, {high}].",
        "What is the mean of f(x) = {function} over {low} <= x <= {high}?",
        "Compute the mean value of the function {function} between x = {low} and x = {high}.",
    ),
)
def average_value(rng: random.Random, level: int) -> Problem:
    """The integral of a polynomial over an interval, divided by its length."""
    f: list[Number] = [nonzero(rng, 9), *(nonzero(rng, 9) for _ in range(level))]
    low = 0 if level == 1 else nonzero(rng, 4)
    high = low + rng.randint(2, 6 if level < 4 else 4)
    outside = integrated(f)
    at_high, at_low = evaluated(outside, high), evaluated(outside, low)
    answer, function = str(Fraction(at_high - at_low) / (high - low)), written(f)
    lines = [
        f"An antiderivative is F(x) = {written(outside)}.",
        f"F({high}) = {put_in(outside, high)} = {at_high}",
        f"F({low}) = {f'{put_in(outside, low)} = ' if low else ''}{at_low}",
        f"The integral is {at_high - at_low}, and the interval has the length {high - low}.",
    ]
    return Problem(
        question=average_value.ask(rng, function=function, low=low, high=high),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(
            [*lines, f"The average is {number(at_high - at_low)}/{high - low} = {boxed(answer)}"]
        ),
        given={"function": function, "low": low, "high": high},
        key=("average_value", function, low, high),
    )


@average_value.proof
def _average_value(given: Given) -> str:
    import sympy

    low, high = given["low"], given["high"]
    outside = sympy.Poly(read(given["function"]), sympy.Symbol("x")).integrate()
    return str((outside.eval(high) - outside.eval(low)) / (high - low))


def _with_mean_slope(rng: random.Random, level: int, low: int, high: int) -> tuple[str, str, list[str], str]:
    """A function, its derivative, the steps from its mean slope to c, and c."""
    p, q, r = rng.randint(1, 6), nonzero(rng, 9), nonzero(rng, 9)
    if level == 4:
        k = rng.randint(1, 20)
        ends = [Fraction(q * each * each + k, each) for each in (high, low)]
        steps = [
            *_mean_slope(low, high, *ends),
            f"{q} - {k}/c^2 = {q} - {k}/{low * high}, so c^2 = {low * high} and c > 0.",
        ]
        function, slope_text = total([term(q, "x"), term(k, "", "x")]), total([str(q), term(-k, "", "x^2")])
        return function, slope_text, steps, surd(1, low * high)
    s = rng.randint(1, 6) if level == 5 else 0
    f: list[Number] = [p, q, r] if level == 1 else [p, s, q, r]
    steps = _mean_slope(low, high, evaluated(f, high), evaluated(f, low))
    if level == 1:
        rest, middle = p * (low + high), Fraction(low + high, 2)
        steps.append(f"{2 * p}*c = {rest + q} - {negative(q)} = {rest}, so c = {middle}.")
        return written(f), written(derived(f)), steps, str(middle)
    squares = low * low + low * high + high * high
    rest = p * squares + s * (low + high)
    if level < 4:
        steps.append(
            f"{3 * p}*c^2 = {rest + q} - {negative(q)} = {rest}, so c^2 = {Fraction(squares, 3)}, c > 0."
        )
        return written(f), written(derived(f)), steps, surd(1, 3 * squares, 3)
    found = total([term(Fraction(-s, 3 * p)), surd(1, s * s + 3 * p * rest, 3 * p)])
    steps += [
        f"{term(3 * p, 'c^2')} + {term(2 * s, 'c')} = {rest + q} - {negative(q)} = {rest}",
        f"c = (-{2 * s} + sqrt({4 * s * s} + 4*{3 * p}*{rest}))/{6 * p} = {found}",
        "The other root is negative.",
    ]
    return written(f), written(derived(f)), steps, found


def _mean_slope(low: int, high: int, at_high: Number, at_low: Number) -> list[str]:
    slope = Fraction(at_high - at_low) / (high - low)
    return [
        f"f({high}) = {at_high} and f({low}) = {at_low}.",
        f"The mean slope is ({at_high} - {negative(at_low)})/{high - low} = {slope}.",
    ]


@family(
    name="mean_value",
    wordings=(
        "By the mean value theorem, f'(c) is the mean slope of f(x) = {function} on [{low}, {high}] "
        "for one number c between {low} and {high}. Find c exactly.",
        "Find the exact number c in ({low}, {high}) that satisfies the mean value theorem "
        "for f(x) = {function} on [{low}, {high}].",
        "Let f(x) = {function}. For which c with {low} < c < {high} is "
        "f'(c) = (f({high}) - f({low}))/({high} - {low})? Give c exactly.",
    ),
)
def mean_value(rng: random.Random, level: int) -> Problem:
    """Where the tangent has the slope of the chord, worked from f'(c) = (f(b) - f(a))/(b - a)."""
    low = {1: rng.randint(0, 9), 2: 0}.get(level, rng.randint(1, 6))
    high = low + rng.randint(1, 12 if level < 4 else 8)
    function, slope, steps, answer = _with_mean_slope(rng, level, low, high)
    lines = [f"f'(x) = {slope}", *steps]
    return Problem(
        question=mean_value.ask(rng, function=function, low=low, high=high),
        answer=answer,
        spec=RATIONAL if level == 1 else REAL,
        solution="\n".join([*lines, f"It lies between {low} and {high}: c = {boxed(answer)}"]),
        given={"function": function, "low": low, "high": high},
        key=("mean_value", function, low, high),
    )


@mean_value.proof
def _mean_value(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    f, low, high = read(given["function"]), given["low"], given["high"]
    mean = (f.subs(x, high) - f.subs(x, low)) / (high - low)
    above = sympy.fraction(sympy.together(sympy.diff(f, x) - mean))[0]
    (found,) = (root for root in sympy.roots(sympy.Poly(above, x)) if root.is_real and low < root < high)
    return write(found)


RULES = {
    "left": "the left Riemann sum",
    "right": "the right Riemann sum",
    "midpoint": "the midpoint rule",
    "trapezoid": "the trapezoid rule",
    "simpson": "Simpson's rule",
}


@family(
    name="riemann_sum",
    wordings=(
        "Approximate the integral of f(x) = {function} from {low} to {high} by {rule} "
        "with {n} subintervals of equal length. Give the exact value of the approximation.",
        "Use {rule} with n = {n} equal subintervals for the integral of {function} "
        "from x = {low} to x = {high}. What is its exact value?",
        "What does {rule} give, exactly, for the integral of f(x) = {function} over [{low}, {high}], "
        "cut into {n} equal parts?",
    ),
)
def riemann_sum(rng: random.Random, level: int) -> Problem:
    """A left, right, midpoint, trapezoid or Simpson sum of a polynomial, value by value."""
    rule = {1: rng.choice(("left", "right")), 2: "midpoint", 3: "trapezoid", 5: "simpson"}.get(
        level, "midpoint"
    )
    n = rng.randint(2, 3) if level < 3 else rng.randint(4, 5) if level < 5 else rng.choice((4, 6))
    f: list[Number] = [nonzero(rng, 5), *(nonzero(rng, 9) for _ in range(min(level, 3) if level < 5 else 4))]
    f = f[:-1] if level == 1 and rng.random() < 0.5 else f
    low = rng.randint(0, 3) if level < 3 else rng.randint(-2, 2)
    width = Fraction(rng.randint(1, 3) * (2 if level == 2 else 1)) if level < 4 else Fraction(1, 2)
    width = Fraction(1) if level == 4 else width
    high = low + n * width
    points = [whole(low + each * width) for each in range(n + 1)]
    chosen = {
        "left": points[:-1],
        "right": points[1:],
        "midpoint": [whole(each + width / 2) for each in points[:-1]],
    }.get(rule, points)
    weights, factor = _weights(rule, n, width)
    values = [evaluated(f, each) for each in chosen]
    weighted = sum((weight * value for weight, value in zip(weights, values, strict=True)), Fraction(0))
    answer = str(factor * weighted)
    shown = total([_weighted(*pair) for pair in zip(weights, values, strict=True)])
    lines = [f"The subintervals have the length h = {width}. The values of f are"]
    lines += [
        f"f({each}) = {equal(put_in(f, each), value)}" for each, value in zip(chosen, values, strict=True)
    ]
    name = {"trapezoid": "h/2", "simpson": "h/3"}.get(rule, "h")
    lines.append(f"{name}*({shown}) = {number(factor)}*{number(weighted)} = ")
    function = written(f)
    return Problem(
        question=riemann_sum.ask(rng, function=function, low=low, high=high, rule=RULES[rule], n=n),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines) + boxed(answer),
        given={"function": function, "low": str(low), "high": str(high), "rule": rule, "n": n},
        key=("riemann_sum", function, str(low), str(high), rule, n),
    )


def _weights(rule: str, n: int, width: Fraction) -> tuple[list[int], Fraction]:
    """How often each value counts, and the factor before their sum."""
    if rule == "trapezoid":
        return [1, *[2] * (n - 1), 1], width / 2
    if rule == "simpson":
        return [1, *[4 if each % 2 else 2 for each in range(1, n)], 1], width / 3
    return [1] * n, width


def _weighted(weight: int, value: Number) -> str:
    if weight == 1 or not value:
        return str(value)
    return f"-{weight}*{number(-value)}" if value < 0 else f"{weight}*{number(value)}"


@riemann_sum.proof
def _riemann_sum(given: Given) -> str:
    import sympy

    low, high, n, rule = (
        sympy.Rational(given["low"]),
        sympy.Rational(given["high"]),
        given["n"],
        given["rule"],
    )
    f = sympy.Poly(read(given["function"]), sympy.Symbol("x"))

    def spread(count: int, shift: Any) -> Any:
        """The sum of the values at low + (k + shift) h for k from 0, times h."""
        h = (high - low) / count
        return h * sum(f.eval(low + (k + shift) * h) for k in range(count))

    half = sympy.Rational(1, 2)
    if rule in ("left", "right", "midpoint"):
        return str(spread(n, {"left": 0, "right": 1, "midpoint": half}[rule]))
    if rule == "trapezoid":
        return str((spread(n, 0) + spread(n, 1)) / 2)
    coarse = n // 2
    return str((spread(coarse, 0) + spread(coarse, 1) + 4 * spread(coarse, half)) / 6)
