"""Derivatives at a point and of higher order."""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    SLOPES,
    Number,
    added,
    applied,
    derived,
    equal,
    evaluated,
    number,
    put_in,
    scaled,
    starred,
    term,
    times,
    written,
)
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPRESSION, INTEGER, RATIONAL
from datagen.problems.text import boxed, ordinal


def _coefficients(rng: random.Random, degree: int, largest: int = 6) -> list[Number]:
    return [rng.randint(1, largest), *(nonzero(rng, largest) for _ in range(degree))]


def _slope_values(rng: random.Random, level: int, point: int) -> tuple[str, list[str], Fraction]:
    """A function, the lines that lead to its slope at the point, and the slope."""
    u = _coefficients(rng, rng.randint(2, 3), 9) if level == 1 else _coefficients(rng, 1 if level == 5 else 2)
    v = _coefficients(rng, 1 if level == 3 else 2)
    p, dp, q, dq = (int(evaluated(each, point)) for each in (u, derived(u), v, derived(v)))
    if not p * dp * q * dq:
        return "", [], Fraction(0)
    if level == 1:
        put = equal(put_in(derived(u), point), dp)
        return written(u), [f"f'(x) = {written(derived(u))}", f"f'({point}) = {put}"], Fraction(dp)
    values = [
        f"u = {written(u)}, at {point}: {put_in(u, point)} = {p}",
        f"u' = {written(derived(u))}, at {point}: {equal(put_in(derived(u), point), dp)}",
    ]
    if level == 2:
        n = rng.randint(3, 5)
        value = n * p ** (n - 1) * dp
        put = f"{n}*{number(p)}^{n - 1}*{number(dp)} = {value}"
        return f"({written(u)})^{n}", [*values, f"Chain rule: {n}*u^{n - 1}*u' = {put}"], Fraction(value)
    values += [
        f"v = {written(v)}, at {point}: {put_in(v, point)} = {q}",
        f"v' = {written(derived(v))}, at {point}: {equal(put_in(derived(v), point), dq)}",
    ]
    if level == 3:
        value = dp * q + p * dq
        put = f"{number(dp)}*{number(q)} + {number(p)}*{number(dq)} = {value}"
        return (
            f"({written(u)})*({written(v)})",
            [*values, f"Product rule: u'*v + u*v' = {put}"],
            Fraction(value),
        )
    if level == 4:
        slope = Fraction(dp * q - p * dq, q * q)
        top = f"({number(dp)}*{number(q)} - {number(p)}*{number(dq)})"
        put = equal(f"{top}/{number(q)}^2", f"{dp * q - p * dq}/{q * q}", slope)
        return f"({written(u)})/({written(v)})", [*values, f"Quotient rule: (u'*v - u*v')/v^2 = {put}"], slope
    return _powers_slope(rng, (u, v), (p, dp, q, dq), values)


def _powers_slope(
    rng: random.Random,
    parts: tuple[list[Number], list[Number]],
    at: tuple[int, int, int, int],
    values: list[str],
) -> tuple[str, list[str], Fraction]:
    """u^n * v^m: the function, the lines to its slope, the slope."""
    (u, v), (p, dp, q, dq) = parts, at
    n, m = rng.randint(3, 5), rng.randint(2, 3)
    first, second = n * p ** (n - 1) * dp * q**m, p**n * m * q ** (m - 1) * dq
    reduced = f"^{m - 1}" * (m > 2)
    lines = [
        *values,
        f"By the product and chain rules the slope is {n}*u^{n - 1}*u'*v^{m} + u^{n}*{m}*v{reduced}*v'.",
        f"{n}*{number(p)}^{n - 1}*{number(dp)}*{number(q)}^{m} = {first}",
        f"{number(p)}^{n}*{m}*{number(q)}{reduced}*{number(dq)} = {second}",
        f"The sum is {first} {'-' if second < 0 else '+'} {abs(second)} = {first + second}",
    ]
    return f"({written(u)})^{n}*({written(v)})^{m}", lines, Fraction(first + second)


@family(
    name="derivative_at_point",
    wordings=(
        "Let f(x) = {function}. Find f'({point}).",
        "What is the slope of the graph of f(x) = {function} at x = {point}?",
        "Find the derivative of f(x) = {function} at x = {point}.",
    ),
)
def derivative_at_point(rng: random.Random, level: int) -> Problem:
    """The slope of a polynomial, product, quotient or power at an integer, from values at that point."""
    while True:
        point = nonzero(rng, 5 if level < 4 else 2)
        function, lines, value = _slope_values(rng, level, point)
        if value and abs(value) < 10**6:
            break
    answer = str(value)
    return Problem(
        question=derivative_at_point.ask(rng, function=function, point=point),
        answer=answer,
        spec=RATIONAL if level == 4 else INTEGER,
        solution="\n".join([*lines, f"The derivative at x = {point} is {boxed(answer)}"]),
        given={"function": function, "point": point},
        key=("derivative_at_point", function, point),
    )


@derivative_at_point.proof
def _derivative_at_point(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    return str(sympy.diff(read(given["function"]), x).subs(x, given["point"]))


def _wave_derivative(rng: random.Random) -> tuple[str, int, list[str], str]:
    """The nth derivative of a sine, cosine or exponential."""
    name, rate = rng.choice(tuple(SLOPES)), rng.randint(2, 4)
    size, order = nonzero(rng, 99), rng.randint(5, 7)
    inside, now, coefficient = f"{rate}x", name, size
    lines = []
    for each in range(1, order + 1):
        sign, now = SLOPES[now]
        coefficient *= sign * rate
        lines.append(f"{ordinal(each)} derivative: {term(coefficient, applied(now, inside))}")
    return term(size, applied(name, inside)), order, lines, term(coefficient, applied(now, inside))


def _grown_derivative(rng: random.Random, level: int) -> tuple[str, int, list[str], str]:
    """The 2nd or 3rd derivative of a polynomial times e^(kx)."""
    rate, order = nonzero(rng, 5), level - 2
    factor: list[Number] = [nonzero(rng, 6), *(nonzero(rng, 9) for _ in range(level - 3))]
    growth = applied("exp", term(rate, "x"))
    function = times(factor, growth)
    more = f"{'+' if rate > 0 else '-'} {term(abs(rate), 'p(x)')}"
    lines = [f"Each derivative of p(x)*{growth} is (p'(x) {more})*{growth}."]
    for each in range(1, order + 1):
        following = added(derived(factor), scaled(factor, rate))
        lines.append(
            f"{ordinal(each)} derivative: p = {written(factor)}, p' = {written(derived(factor))}, "
            f"so it is {times(following, growth)}"
        )
        factor = following
    return function, order, lines, times(factor, growth)


@family(
    name="higher_derivative",
    wordings=(
        "Find the {order} derivative of f(x) = {function}.",
        "Let f(x) = {function}. What is its {order} derivative?",
        "Differentiate {function} with respect to x until you have the {order} derivative, and give that.",
    ),
)
def higher_derivative(rng: random.Random, level: int) -> Problem:
    """The second to sixth derivative of a polynomial, a wave or a polynomial times an exponential."""
    if level < 3:
        order = level + 1
        slope = _coefficients(rng, 3 if level == 1 else rng.randint(4, 5), 9)
        function, lines = written(slope), []
        for each in range(1, order + 1):
            slope = derived(slope)
            lines.append(f"{ordinal(each)} derivative: {written(slope)}")
        answer = written(slope)
    else:
        function, order, lines, answer = (
            _wave_derivative(rng) if level == 3 else _grown_derivative(rng, level)
        )
        function, answer, lines = starred(function), starred(answer), list(map(starred, lines))
    return Problem(
        question=higher_derivative.ask(rng, function=function, order=ordinal(order)),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join([*lines, f"The {ordinal(order)} derivative is {boxed(answer)}"]),
        given={"function": function, "order": order},
        key=("higher_derivative", function, order),
    )


@higher_derivative.proof
def _higher_derivative(given: Given) -> str:
    import sympy

    return write(sympy.diff(read(given["function"]), sympy.Symbol("x"), given["order"]))
