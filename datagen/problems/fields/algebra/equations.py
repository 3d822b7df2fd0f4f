"""Algebra with one unknown: linear and quadratic equations.

Constructions start from the answer, a root or a solution, and build the question around it.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, RATIONAL, SET
from datagen.problems.text import boxed, grouped, linear, polynomial


def _linear_sides(rng: random.Random, level: int) -> tuple[int, int, int, int, int]:
    """(a, p, b, c, d) of a(x + p) + b = cx + d with one rational solution, an integer below level 5."""
    x = nonzero(rng, 20)
    if level == 1:
        b = nonzero(rng, 30)
        return 1, 0, b, 0, x + b
    a = rng.randint(2, 9)
    if level == 2:
        b = nonzero(rng, 30)
        return a, 0, b, 0, a * x + b
    c = rng.choice([c for c in range(-9, 10) if c and (abs(a - c) > 1 or (a != c and level < 5))])
    if level == 3:
        b = nonzero(rng, 30)
        return a, 0, b, c, (a - c) * x + b
    p = nonzero(rng, 9)
    if level == 4:
        return a, p, 0, c, a * (x + p) - c * x
    while True:
        b, d = nonzero(rng, 30), nonzero(rng, 60)
        if (d - a * p - b) % (a - c):
            return a, p, b, c, d


@family(
    name="linear_equation",
    wordings=(
        "Solve for x: {left} = {right}",
        "Find x if {left} = {right}.",
        "Which number x satisfies the equation {left} = {right}?",
    ),
)
def linear_equation(rng: random.Random, level: int) -> Problem:
    """a(x + p) + b = cx + d with one solution, worked by collecting x on one side."""
    a, p, b, c, d = _linear_sides(rng, level)
    product = f"{a}({linear([(1, 'x'), (p, '')])})" if p else linear([(a, "x")])
    left = product + (f" {'-' if b < 0 else '+'} {abs(b)}" if b else "")
    right = linear([(c, "x"), (d, "")])
    constant = a * p + b
    lines = [f"{left} = {right}"]
    lines.append(f"{linear([(a, 'x'), (constant, '')])} = {right}")
    lines.append(f"{linear([(a - c, 'x'), (constant, '')])} = {d}")
    if a - c != 1:
        lines.append(f"{linear([(a - c, 'x')])} = {d - constant}")
    answer = str(Fraction(d - constant, a - c))
    lines.append(f"x = {boxed(answer)}")
    return Problem(
        question=linear_equation.ask(rng, left=left, right=right),
        answer=answer,
        spec=RATIONAL if level == 5 else INTEGER,
        solution="\n".join(dict.fromkeys(lines)),
        given={"a": a, "p": p, "b": b, "c": c, "d": d},
        key=("linear_equation", *sorted(((a, p, b), (c, 0, d)))),
    )


@linear_equation.proof
def _linear_equation(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    left = given["a"] * (x + given["p"]) + given["b"]
    (solution,) = sympy.solve(sympy.Eq(left, given["c"] * x + given["d"]), x)
    return str(solution)


def _quadratic_factors(rng: random.Random, level: int) -> tuple[int, int, int, int]:
    """(p, q, r, s) of (px - q)(rx - s) with two different roots.

    Level 1: positive integers; 2: a negative one; 3: a large one; 4: one fraction; 5: two fractions.
    """
    largest = (15, 15, 28, 12, 12)[level - 1]
    while True:
        q, s = nonzero(rng, largest), nonzero(rng, largest)
        p = rng.randint(2, 7) if level > 3 else 1
        r = rng.randint(2, 7) if level > 4 else 1
        fits = (
            q > 0 and s > 0
            if level == 1
            else q < 0 or s < 0
            if level == 2
            else max(abs(q), abs(s)) > 15
            if level == 3
            else q % p and (s % r or level == 4)
        )
        if fits and q * r != s * p:
            return p, q, r, s


@family(
    name="quadratic_equation",
    version=2,
    wordings=(
        "Solve {quadratic} = 0. Answer with the set of all solutions, like {{1, 2}}.",
        "Find the set of all x with {quadratic} = 0, written like {{1, 2}}.",
        "What are the roots of {quadratic}? Answer with a set, like {{1, 2}}.",
    ),
)
def quadratic_equation(rng: random.Random, level: int) -> Problem:
    """A quadratic with two rational roots, worked with the quadratic formula."""
    p, q, r, s = _quadratic_factors(rng, level)
    a, b, c = p * r, -(p * s + q * r), q * s
    roots = sorted((Fraction(q, p), Fraction(s, r)))
    discriminant, root = b * b - 4 * a * c, abs(p * s - q * r)
    answer = f"{{{roots[0]}, {roots[1]}}}"
    return Problem(
        question=quadratic_equation.ask(rng, quadratic=polynomial((a, b, c))),
        answer=answer,
        spec=SET,
        solution=f"The discriminant is {grouped(b)}^2 - 4 * {a} * {grouped(c)} = {discriminant} = {root}^2.\n"
        f"x = ({-b} - {root})/{2 * a} = {roots[0]} or x = ({-b} + {root})/{2 * a} = {roots[1]}.\n"
        f"The solutions are {boxed(answer)}",
        given={"coefficients": [a, b, c]},
        key=("quadratic_equation", a, b, c),
    )


@quadratic_equation.proof
def _quadratic_equation(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    a, b, c = given["coefficients"]
    return f"{{{', '.join(map(str, sympy.solveset(a * x**2 + b * x + c, x)))}}}"
