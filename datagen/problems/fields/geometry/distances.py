"""Distances of points from lines and planes, exact.

The proof finds the nearest point by derivatives, or divides an area by a side.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, pick, point, posed
from datagen.problems.numbers import nonzero
from datagen.problems.specs import REAL
from datagen.problems.text import grouped, linear, surd

EXACT = "Give the exact value."

NORMS = ((3, 4), (4, 3), (5, 12), (12, 5), (8, 15), (15, 8), (7, 24), (24, 7))


def _whole_distance(rng: random.Random) -> Case:
    """A whole number as distance: the norm of the normal is whole and divides."""
    a, b = pick(rng, *NORMS)
    b *= pick(rng, 1, -1)
    norm, distance = isqrt(a * a + b * b), rng.randint(1, 9)
    p, q = rng.randint(-9, 9), rng.randint(-9, 9)
    c = a * p + b * q + pick(rng, 1, -1) * distance * norm
    if not c:
        return _whole_distance(rng)
    return _distance_case("line", (a, b, c), (p, q))


def _surd_distance(rng: random.Random, level: int) -> Case:
    while True:
        reach = 5 if level == 2 else 12
        a, b, c = rng.randint(1, reach), nonzero(rng, reach), nonzero(rng, 30)
        p, q = rng.randint(-15, 15), rng.randint(-15, 15)
        norm = a * a + b * b
        if (
            gcd(a, b) == 1
            and a * p + b * q != c
            and isqrt(norm) ** 2 != norm
            and (level == 2) == (norm <= 50)
        ):
            break
    return _distance_case("line", (a, b, c), (p, q))


def _distance_case(kind: str, line: tuple[int, int, int], at: tuple[int, int]) -> Case:
    (a, b, c), (p, q) = line, at
    value, norm = a * p + b * q - c, a * a + b * b
    answer = surd(abs(value), norm, norm)
    return Case(
        scene=f"A line has the equation {linear([(a, 'x'), (b, 'y')])} = {c}, and P is the point "
        f"{point(at)}.",
        goal="the distance of P from the line",
        form=EXACT,
        answer=answer,
        spec=REAL,
        steps=_distance_steps(line, at),
        given={"kind": kind, "line": list(line), "point": list(at)},
    )


def _distance_steps(line: tuple[int, int, int], at: tuple[int, int]) -> list[str]:
    (a, b, c), (p, q) = line, at
    value, norm = a * p + b * q - c, a * a + b * b
    outer = isqrt(norm)
    last = f"d = {abs(value)}/{outer} =" if outer * outer == norm else f"d = {abs(value)}/sqrt({norm}) ="
    return [
        "The distance is d = |ap + bq - c|/sqrt(a^2 + b^2) for the line ax + by = c and the point (p, q).",
        f"ap + bq - c = {a} * {grouped(p)} + {grouped(b)} * {grouped(q)} - {grouped(c)} = {value}",
        f"a^2 + b^2 = {a * a} + {b * b} = {norm}",
        last,
    ]


def _distance_to_points(rng: random.Random) -> Case:
    """The height of a triangle: the distance of a corner from the line through the other two."""
    while True:
        p, r, s = ((rng.randint(-12, 12), rng.randint(-12, 12)) for _ in range(3))
        a, b = s[1] - r[1], r[0] - s[0]
        c = a * r[0] + b * r[1]
        if a and b and c and a * p[0] + b * p[1] != c:
            break
    norm = a * a + b * b
    return Case(
        scene=f"A triangle has the corners P = {point(p)}, R = {point(r)} and S = {point(s)}.",
        goal="the height of the triangle above the side RS",
        form=EXACT,
        answer=surd(abs(a * p[0] + b * p[1] - c), norm, norm),
        spec=REAL,
        steps=[
            f"The line RS has the normal {point((a, b))} and the equation {linear([(a, 'x'), (b, 'y')])} "
            f"= {c}.",
            *_distance_steps((a, b, c), p),
        ],
        given={"kind": "height", "point": list(p), "through": [list(r), list(s)]},
        key=("height", p, *sorted((r, s))),
    )


def _distance_to_plane(rng: random.Random) -> Case:
    while True:
        a, b, c = rng.randint(1, 9), nonzero(rng, 9), nonzero(rng, 9)
        p, q, r = (nonzero(rng, 12) for _ in range(3))
        d = nonzero(rng, 40)
        value = a * p + b * q + c * r - d
        if value and gcd(a, b, c) == 1:
            break
    norm = a * a + b * b + c * c
    outer = isqrt(norm)
    products = f"{a} * {grouped(p)} + {grouped(b)} * {grouped(q)} + {grouped(c)} * {grouped(r)}"
    return Case(
        scene=f"A plane in space has the equation {linear([(a, 'x'), (b, 'y'), (c, 'z')])} = {d}, and P "
        "is the "
        f"point {point((p, q, r))}.",
        goal="the distance of P from the plane",
        form=EXACT,
        answer=surd(abs(value), norm, norm),
        spec=REAL,
        steps=[
            f"The normal of the plane is n = {point((a, b, c))}, and the line P + t*n meets the plane in "
            "the foot F.",
            f"At P the left side is {products} = {value + d}, and it grows by {norm}t along the line,",
            f"because n has the squared length {a * a} + {b * b} + {c * c} = {norm}.",
            f"So {value + d} + {norm}t = {d}, which gives t = {Fraction(-value, norm)}.",
            f"The distance is |t| times the length of n: {Fraction(abs(value), norm)} * "
            f"{outer if outer * outer == norm else f'sqrt({norm})'} =",
        ],
        given={"kind": "plane", "plane": [a, b, c, d], "point": [p, q, r]},
    )


@family(
    name="distance_point_line",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "How large is {goal} in this situation? {scene} {form}",
    ),
)
def distance_point_line(rng: random.Random, level: int) -> Problem:
    """The distance of a point from a line or a plane, exact."""
    if level == 1:
        case = _whole_distance(rng)
    elif level < 4:
        case = _surd_distance(rng, level)
    else:
        case = (_distance_to_points if level == 4 else _distance_to_plane)(rng)
    return posed(distance_point_line, rng, case)


@distance_point_line.proof
def _distance_point_line(given: Given) -> str:
    """Areas and minima: twice the area over the side, or the smallest distance by derivatives."""
    import sympy

    kind = given["kind"]
    x, y = sympy.symbols("x y")
    if kind == "height":
        p, r, s = (sympy.Matrix(each) for each in (given["point"], *given["through"]))
        doubled = sympy.Matrix.hstack(p - r, s - r).det()
        return str(sympy.radsimp(abs(doubled) / (s - r).norm()))
    if kind == "line":
        (a, b, c), (p, q) = given["line"], given["point"]
        height = (c - a * x) / b
        first, second, third = sympy.Poly((x - p) ** 2 + (height - q) ** 2, x).all_coeffs()
        return str(sympy.sqrt(third - second**2 / (4 * first)))  # the least value of the quadratic
    (a, b, c, d), (p, q, r) = given["plane"], given["point"]
    square = (x - p) ** 2 + (y - q) ** 2 + ((d - a * x - b * y) / c - r) ** 2
    nearest = sympy.solve([sympy.diff(square, x), sympy.diff(square, y)], [x, y])
    return str(sympy.sqrt(square.subs(nearest)))
