"""Algebra with quadratic functions: completing the square, the vertex of a parabola."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_tuple
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    bracketed,
    collection,
    magnitude,
    operand,
    plus,
    times,
    value_at,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import PAIR, TUPLE
from datagen.problems.text import boxed, listing, monomial, polynomial


def _square(p: Number, variable: str = "x") -> str:
    return f"({variable}{plus(p)})^2"


@family(
    name="complete_the_square",
    wordings=(
        "Complete the square: write {left} as {form}. Answer with the {names}.",
        "Find the constants for which {left} = {form} for all values of the variables. Give the {names}.",
        "Rewrite {left} in the form {form}. What is the {names}?",
    ),
)
def complete_the_square(rng: random.Random, level: int) -> Problem:
    """A quadratic in one variable, at level 5 in two, as squares and a constant."""
    if level == 5:
        left, lines, values, given = _two_squares(rng)
        form, names = "(x + p)^2 + (y + q)^2 + r", "triple (p, q, r)"
    else:
        left, lines, values, given = _one_square(rng, level)
        form, names = (
            ("(x + p)^2 + q", "pair (p, q)") if level < 3 else ("a*(x + p)^2 + q", "triple (a, p, q)")
        )
    answer = collection(values)
    return Problem(
        question=complete_the_square.ask(rng, left=left, form=form, names=names),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"So ({names.split('(')[1]} = {boxed(answer)}"]),
        given=given,
        key=("complete_the_square", left),
    )


Squared = tuple[str, list[str], list[Number], Given]


def _one_square(rng: random.Random, level: int) -> Squared:
    """ax^2 + bx + c: b even, b odd, a common factor of a and b, then any integers with fractions."""
    a, c = 1, nonzero(rng, 30)
    b = 2 * nonzero(rng, 10) if level == 1 else 2 * rng.randint(-11, 10) + 1
    if level > 2:
        a = rng.choice((-4, -3, -2, 2, 3, 4, 5))
        b = 2 * a * nonzero(rng, 8) if level == 3 else nonzero(rng, 15)
        while level == 4 and b % (2 * a) == 0:
            b = nonzero(rng, 15)
    p = Fraction(b, 2 * a)
    q = c - a * p * p
    left = polynomial((a, b, c))
    if level < 3:
        lines = [f"Half of {b} is {p}, and {_square(p)} = x^2 {_signed_x(2 * p)} + {p * p}."]
        lines.append(f"So {left} = {_square(p)}{plus(-p * p)}{plus(c)} = {_square(p)}{plus(q)}.")
        return left, lines, [p, q], {"x": [a, b], "constant": c}
    inner = f"x^2 {_signed_x(Fraction(b, a))}"
    lines = [f"Take {a} out of the first two terms: {times(a, f'({inner})')}{plus(c)}."]
    lines.append(f"Half of {Fraction(b, a)} is {p}, and {inner} = {_square(p)}{plus(-p * p)}.")
    lines.append(f"So {left} = {times(a, f'({_square(p)}{plus(-p * p)})')}{plus(c)}.")
    lines.append(f"The constant is {operand(a)} * {operand(-p * p)}{plus(c)} = {q}.")
    lines.append(f"{left} = {times(a, _square(p))}{plus(q)}.")
    return left, lines, [a, p, q], {"x": [a, b], "constant": c}


def _signed_x(coefficient: Number) -> str:
    """The term with x of a sum: `+ 3x`, `- (5/2)x`."""
    size = magnitude(coefficient)
    number = "" if size == 1 else f"({size})" if Fraction(size).denominator > 1 else str(size)
    return f"{'-' if coefficient < 0 else '+'} {number}x"


def _two_squares(rng: random.Random) -> Squared:
    """x^2 + y^2 + bx + dy + c."""
    b, d, c = nonzero(rng, 19), nonzero(rng, 19), nonzero(rng, 60)
    p, q = Fraction(b, 2), Fraction(d, 2)
    r = c - p * p - q * q
    left = f"x^2 + y^2{_term(b, 'x')}{_term(d, 'y')}{plus(c)}"
    lines = [
        f"Group the terms: (x^2{_term(b, 'x')}) + (y^2{_term(d, 'y')}){plus(c)}.",
        f"With x: x^2{_term(b, 'x')} = {_square(p)}{plus(-p * p)}, since half of {b} is {p}.",
        f"With y: y^2{_term(d, 'y')} = {_square(q, 'y')}{plus(-q * q)}, since half of {d} is {q}.",
        f"The constant is {c}{plus(-p * p)}{plus(-q * q)} = {r}.",
        f"{left} = {_square(p)} + {_square(q, 'y')}{plus(r)}.",
    ]
    return left, lines, [p, q, r], {"x": [1, b], "y": [1, d], "constant": c}


def _term(coefficient: int, name: str) -> str:
    return f" {'-' if coefficient < 0 else '+'} {monomial(abs(coefficient), 1, name)}"


@complete_the_square.proof
def _complete_the_square(given: Given) -> str:
    """The constants by comparing coefficients."""
    import sympy

    x, y, a, p, q, r = sympy.symbols("x y a p q r")
    wanted = given["x"][0] * x**2 + given["x"][1] * x + given["constant"]
    if "y" in given:
        wanted += given["y"][0] * y**2 + given["y"][1] * y
        form, unknown = (x + p) ** 2 + (y + q) ** 2 + r, [p, q, r]
    elif given["x"][0] == 1:
        form, unknown = (x + p) ** 2 + q, [p, q]
    else:
        form, unknown = a * (x + p) ** 2 + q, [a, p, q]
    equations = sympy.Poly(sympy.expand(form - wanted), x, y).coeffs()
    (solution,) = sympy.solve(equations, unknown, dict=True)
    return written_tuple(solution[name] for name in unknown)


def _parabola(rng: random.Random, level: int) -> tuple[str, list[str], list[Number], Given]:
    """A description, first steps, the coefficients and what is given."""
    if level < 4:
        a = 1 if level == 1 else rng.choice((-5, -4, -3, -2, -1, 2, 3, 4, 5))
        h, k = nonzero(rng, 12), nonzero(rng, 30)
        b, c = -2 * a * h, a * h * h + k
        if level == 3:
            b, c = nonzero(rng, 20), nonzero(rng, 20)
            while b % (2 * a) == 0:
                b = nonzero(rng, 20)
        return f"y = {polynomial((a, b, c))}", [], [a, b, c], {"coefficients": [a, b, c]}
    if level == 4:
        r, s = sorted(rng.sample([x for x in range(-9, 10) if x], 2))
        c = nonzero(rng, 30)
        while r in (s, -s):
            s = nonzero(rng, 9)
        r, s = sorted((r, s))
        leading = Fraction(c, r * s)
        text = f"y = ax^2 + bx + c that crosses the x-axis at x = {r} and x = {s} and the y-axis at y = {c}"
        lines = [f"The zeros give y = a*{bracketed([1, -r])}{bracketed([1, -s])}."]
        lines.append(f"At x = 0: {c} = {times(r * s, 'a')}, so a = {leading}.")
        points = [[r, 0], [s, 0], [0, c]]
        return text, lines, [leading, -leading * (r + s), c], {"points": points}
    while True:
        a, b, c = rng.choice((-3, -2, -1, 1, 2, 3)), nonzero(rng, 9), nonzero(rng, 15)
        places = sorted(rng.sample(range(-4, 6), 3))
        if b % (2 * a):
            break
    values = [int(value_at((a, b, c), x)) for x in places]
    points = [[x, y] for x, y in zip(places, values, strict=True)]
    text = f"y = ax^2 + bx + c through the points {listing([collection(point) for point in points])}"
    return text, _through(points, (a, b, c)), [a, b, c], {"points": points}


def _through(points: list[list[int]], coefficients: tuple[int, int, int]) -> list[str]:
    """y = ax^2 + bx + c from three points, by differences."""
    a, b, c = coefficients
    lines = ["The slopes between neighbouring points:"]
    slopes = []
    for (x, y), (u, v) in pairwise(points):
        slopes.append(Fraction(v - y, u - x))
        lines.append(f"({v}{plus(-y)})/({u}{plus(-x)}) = {slopes[-1]}, which is a*({u}{plus(x)}) + b.")
    (x, y), _, (u, _) = points
    change = f"{slopes[1]}{plus(-slopes[0])} = {slopes[1] - slopes[0]}"
    lines.append(f"Their difference {change} is a*({u}{plus(-x)}), so a = {a}.")
    second = points[1][0]
    lines.append(f"Then b = {slopes[0]} - {operand(a)}*({second}{plus(x)}) = {b}.")
    lines.append(f"And c = {y} - {operand(a)}*{operand(x)}^2 - {operand(b)}*{operand(x)} = {c}.")
    return lines


@family(
    name="vertex_of_parabola",
    wordings=(
        "Find the vertex of the parabola {parabola}. Answer as a point (x, y).",
        "What is the vertex of the parabola {parabola}? Give its coordinates as (x, y).",
        "Where does the parabola {parabola} have its vertex? Answer as a point (x, y).",
    ),
)
def vertex_of_parabola(rng: random.Random, level: int) -> Problem:
    """The vertex of the graph of a quadratic function, from its formula or from points on it."""
    text, lines, (a, b, c), given = _parabola(rng, level)
    h = Fraction(-b, 1) / (2 * a)
    k = Fraction(value_at((a, b, c), h))  # type: ignore[arg-type]
    answer = collection((h, k))
    if level == 4:
        r, s = given["points"][0][0], given["points"][1][0]
        lines.append(f"The vertex lies midway between the zeros: x = ({r}{plus(s)})/2 = {h}.")
        lines.append(f"There y = {operand(a)} * {operand(h - r)} * {operand(h - s)} = {k}.")
    else:
        quotient = f"{-b}/{operand(2 * a)}"
        simpler = f" = {h}" if quotient != str(h) else ""
        lines.append(f"The vertex of y = ax^2 + bx + c is at x = -b/(2a) = {quotient}{simpler}.")
        first = f"{operand(a)} * {operand(h)}^2" if a != 1 else f"{operand(h)}^2"
        second = f" {'-' if b < 0 else '+'} {abs(b)} * {operand(h)}"
        lines.append(f"There y = {first}{second}{plus(c)} = {k}.")
    return Problem(
        question=vertex_of_parabola.ask(rng, parabola=text),
        answer=answer,
        spec=PAIR,
        solution="\n".join([*lines, f"The vertex is {boxed(answer)}"]),
        given=given,
        key=("vertex_of_parabola", text),
    )


@vertex_of_parabola.proof
def _vertex_of_parabola(given: Given) -> str:
    """Where the derivative of the polynomial, interpolated where points are given, is 0."""
    import sympy

    x = sympy.Symbol("x")
    if "points" in given:
        curve = sympy.interpolate([tuple(point) for point in given["points"]], x)
    else:
        curve = sympy.Poly(given["coefficients"], x).as_expr()
    (place,) = sympy.solve(sympy.diff(curve, x), x)
    return written_tuple((place, curve.subs(x, place)))


@vertex_of_parabola.variants
def _sign_turned(given: Given, answer: str) -> Variant:
    """x taken with the other sign."""
    x, y = answer[1:-1].split(", ")
    turned = x[1:] if x.startswith("-") else f"-{x}"
    return [f"x = {x}, y = {y}"], [f"({turned}, {y})"]
