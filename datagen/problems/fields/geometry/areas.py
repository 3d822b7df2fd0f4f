"""Areas of triangles and quadrilaterals from sides, heights, diagonals and angles.

The proofs place the figure in a coordinate system and take determinants.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    added,
    exact,
    halves,
    in_unit,
    pick,
    posed,
    root,
    unit_of,
)
from datagen.problems.specs import QUANTITY, REAL
from datagen.problems.text import surd


def _base_and_height(rng: random.Random) -> Case:
    base, height, unit = rng.randint(3, 60), rng.randint(3, 60), unit_of(rng)
    return Case(
        scene=f"A triangle has a side of {base} {unit}, and its height above that side is {height} {unit}.",
        goal="the area of the triangle",
        form=in_unit(unit, 2),
        answer=f"{halves(base * height)} {unit}^2",
        spec=QUANTITY,
        steps=[f"The area is half of side times height: {base} * {height}/2 = {base * height}/2 ="],
        given={"kind": "height", "base": base, "height": height, "unit": unit},
        key=("height", min(base, height), max(base, height)),
    )


def _missing_height(rng: random.Random) -> Case:
    base, height, unit = 2 * rng.randint(2, 40), rng.randint(3, 90), unit_of(rng)
    area = base * height // 2
    return Case(
        scene=f"A triangle has an area of {area} {unit}^2, and one of its sides is {base} {unit} long.",
        goal="the height of the triangle above that side",
        form=in_unit(unit),
        answer=f"{height} {unit}",
        spec=QUANTITY,
        steps=[
            f"Half of {base} times the height h is {area}.",
            f"{base}h = 2 * {area} = {2 * area}",
            f"h = {2 * area}/{base} =",
        ],
        given={"kind": "missing", "base": base, "area": area, "unit": unit},
    )


SINES = {30: ("1/2", 1, 2), 45: ("sqrt(2)/2", 2, 2), 60: ("sqrt(3)/2", 3, 2)}
SINES |= {120: SINES[60], 135: SINES[45], 150: SINES[30]}
"""Angle to its sine: written out, and as the root of the first number over the second."""


def _two_sides(rng: random.Random) -> Case:
    angle, unit = pick(rng, *SINES), unit_of(rng)
    a, b = rng.randint(3, 90), rng.randint(3, 90)
    sine, inside, below = SINES[angle]
    answer = surd(a * b, inside, 2 * below)
    return Case(
        scene=f"In triangle ABC, AB is {a} {unit} and AC is {b} {unit} long, and angle A is {angle} degrees.",
        goal="the area of the triangle",
        form=exact(unit, 2),
        answer=answer,
        spec=REAL,
        steps=[
            "The height above AB is AC * sin(A), so the area is AB * AC * sin(A)/2.",
            f"sin({angle} degrees) = {sine}",
            f"{a} * {b}/2 * {sine} = {Fraction(a * b, 2)} * {sine} =",
        ],
        given={"kind": "angle", "sides": [a, b], "angle": angle, "unit": unit},
        key=("angle", min(a, b), max(a, b), angle),
    )


def _sides(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    while True:
        a, b, c = (rng.randint(low, high) for _ in range(3))
        if 2 * max(a, b, c) < a + b + c and not a == b == c:
            return a, b, c


def _heron_steps(a: int, b: int, c: int) -> tuple[int, list[str]]:
    """16 times the square of the area, and the steps of Heron's formula up to it."""
    total = a + b + c
    factors = (total, total - 2 * a, total - 2 * b, total - 2 * c)
    product = factors[0] * factors[1] * factors[2] * factors[3]
    return product, [
        "By Heron's formula, 16 times the square of the area is (a+b+c)(-a+b+c)(a-b+c)(a+b-c).",
        f"Here that is {' * '.join(map(str, factors))} = {product}.",
    ]


def _heron(rng: random.Random) -> Case:
    a, b, c = _sides(rng, 4, 36)
    product, steps = _heron_steps(a, b, c)
    unit = unit_of(rng)
    return Case(
        scene=f"A triangle has sides of {a} {unit}, {b} {unit} and {c} {unit}.",
        goal="the area of the triangle",
        form=exact(unit, 2),
        answer=surd(1, product, 4),
        spec=REAL,
        steps=[*steps, f"The area is sqrt({product})/4 ="],
        given={"kind": "heron", "sides": [a, b, c], "unit": unit},
        key=("heron", *sorted((a, b, c))),
    )


def _heron_height(rng: random.Random) -> Case:
    """A height, or the radius of the inscribed circle, from three sides."""
    a, b, c = _sides(rng, 4, 40)
    product, steps = _heron_steps(a, b, c)
    unit = unit_of(rng)
    kind = pick(rng, "altitude", "inradius")
    if kind == "altitude":
        side = pick(rng, a, b, c)
        goal = f"the height of the triangle above the side of {side} {unit}"
        ending = f"The height is twice the area over {side}: 2 * {surd(1, product, 4)}/{side} ="
        below = 2 * side
    else:
        side = a + b + c
        goal = "the radius of the circle inscribed in the triangle"
        ending = f"The area is also half the perimeter, {side}/2, times the radius. So the radius is"
        below = 2 * side
    return Case(
        scene=f"A triangle has sides of {a} {unit}, {b} {unit} and {c} {unit}.",
        goal=goal,
        form=exact(unit),
        answer=surd(1, product, below),
        spec=REAL,
        steps=[*steps, f"The area is sqrt({product})/4 = {surd(1, product, 4)}.", ending],
        given={"kind": kind, "sides": [a, b, c], "above": side if kind == "altitude" else 0, "unit": unit},
        key=(kind, *sorted((a, b, c)), side),
    )


TRIANGLES: dict[int, Callable[[random.Random], Case]] = {
    1: _base_and_height,
    2: _missing_height,
    3: _two_sides,
    4: _heron,
    5: _heron_height,
}


@family(
    name="triangle_area",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal}, given this. {scene} {form}",
    ),
)
def triangle_area(rng: random.Random, level: int) -> Problem:
    """The area of a triangle from a height, an angle or three sides, and heights and radii by it."""
    return posed(triangle_area, rng, TRIANGLES[level](rng))


@triangle_area.proof
def _triangle_area(given: Given) -> str:
    """Coordinates for the corners, determinants for the area."""
    import sympy

    kind, unit = given["kind"], given["unit"]
    if kind == "height":
        doubled = sympy.Matrix([[given["base"], 0], [5, given["height"]]]).det()
        return f"{sympy.Rational(doubled, 2).n(12)} {unit}^2"
    if kind == "missing":
        h = sympy.Symbol("h")
        (height,) = sympy.solve(sympy.Matrix([[given["base"], 0], [5, h]]).det() - 2 * given["area"], h)
        return f"{height} {unit}"
    if kind == "angle":
        a, b = given["sides"]
        turn = sympy.exp(sympy.I * given["angle"] * sympy.pi / 180)
        return str(a * b * sympy.im(turn) / 2)
    a, b, c = given["sides"]
    x = sympy.Rational(a * a + c * c - b * b, 2 * a)
    height = sympy.sqrt(c * c - x * x)
    area = sympy.Matrix([[a, 0], [x, height]]).det() / 2
    if kind == "altitude":
        return str(2 * area / given["above"])
    return str(area if kind == "heron" else 2 * area / (a + b + c))


def _simple_quadrilateral(rng: random.Random) -> Case:
    kind, unit = pick(rng, "parallelogram", "diagonals"), unit_of(rng)
    a, b = rng.randint(3, 60), rng.randint(3, 60)
    if kind == "parallelogram":
        scene = f"A parallelogram has a side of {a} {unit}, and its height above that side is {b} {unit}."
        steps, answer = [f"The area is side times height: {a} * {b} ="], str(a * b)
    else:
        scene = f"The diagonals of a rhombus are {a} {unit} and {b} {unit} long."
        steps = [f"The area is half the product of the diagonals: {a} * {b}/2 = {a * b}/2 ="]
        answer = halves(a * b)
    figure = "parallelogram" if kind == "parallelogram" else "rhombus"
    given = {"kind": kind, "lengths": [a, b], "unit": unit}
    return Case(
        scene,
        f"the area of the {figure}",
        in_unit(unit, 2),
        f"{answer} {unit}^2",
        QUANTITY,
        steps,
        given,
        (kind, min(a, b), max(a, b)),
    )


def _trapezium(rng: random.Random) -> Case:
    a, b = rng.sample(range(3, 61), 2)
    h, unit = rng.randint(3, 50), unit_of(rng)
    return Case(
        scene=f"The parallel sides of a trapezium are {a} {unit} and {b} {unit} long, and {h} {unit} apart.",
        goal="the area of the trapezium",
        form=in_unit(unit, 2),
        answer=f"{halves((a + b) * h)} {unit}^2",
        spec=QUANTITY,
        steps=[
            "The area is the mean of the parallel sides times their distance.",
            f"({a} + {b})/2 * {h} = {a + b} * {h}/2 = {(a + b) * h}/2 =",
        ],
        given={"kind": "trapezium", "lengths": [a, b, h], "unit": unit},
        key=("trapezium", min(a, b), max(a, b), h),
    )


def _trapezium_side(rng: random.Random) -> Case:
    a, b = rng.sample(range(3, 90), 2)
    h, unit = 2 * rng.randint(2, 30), unit_of(rng)
    area = (a + b) * h // 2
    return Case(
        scene=f"A trapezium has an area of {area} {unit}^2. Its parallel sides are {h} {unit} apart, and "
        "one of "
        f"them is {a} {unit} long.",
        goal="the length of the other parallel side",
        form=in_unit(unit),
        answer=f"{b} {unit}",
        spec=QUANTITY,
        steps=[
            "The area is the mean of the parallel sides times their distance.",
            f"({a} + b)/2 * {h} = {area}",
            f"{a} + b = 2 * {area}/{h} = {a + b}",
            f"b = {a + b} - {a} =",
        ],
        given={"kind": "side", "area": area, "height": h, "side": a, "unit": unit},
    )


def _isosceles_trapezium(rng: random.Random) -> Case:
    while True:
        b, overhang, leg = rng.randint(2, 40), rng.randint(1, 25), rng.randint(2, 50)
        square = leg * leg - overhang * overhang
        if leg > overhang and isqrt(square) ** 2 != square:
            break
    a, unit = b + 2 * overhang, unit_of(rng)
    middle = Fraction(a + b, 2)
    return Case(
        scene=f"An isosceles trapezium has parallel sides of {a} {unit} and {b} {unit} and two legs of "
        f"{leg} {unit}.",
        goal="the area of the trapezium",
        form=exact(unit, 2),
        answer=root(middle * middle * square),
        spec=REAL,
        steps=[
            f"On either side the longer side stands out by ({a} - {b})/2 = {overhang} {unit}.",
            f"By Pythagoras h^2 = {leg}^2 - {overhang}^2 = {square}, so h = {root(square)}.",
            f"The mean of the parallel sides is ({a} + {b})/2 = {middle}.",
            f"The area is {middle} * {root(square)} =",
        ],
        given={"kind": "isosceles", "lengths": [a, b, leg], "unit": unit},
    )


def _with_right_angle(rng: random.Random) -> Case:
    """A quadrilateral with a right angle at B and four known sides: two triangles along AC."""
    while True:
        a, b, c, d = (rng.randint(3, 30) for _ in range(4))
        diagonal = a * a + b * b
        sixteenfold = 4 * c * c * d * d - (c * c + d * d - diagonal) ** 2
        if sixteenfold > 0 and c + d > isqrt(diagonal) + 1 and isqrt(sixteenfold) ** 2 != sixteenfold:
            break
    unit, right = unit_of(rng), Fraction(a * b, 2)
    cosine = c * c + d * d - diagonal
    return Case(
        scene=f"The convex quadrilateral ABCD has a right angle at B and the sides AB = {a} {unit}, BC = {b} "
        f"{unit}, CD = {c} {unit} and DA = {d} {unit}.",
        goal="the area of the quadrilateral",
        form=exact(unit, 2),
        answer=added(str(right), surd(1, sixteenfold, 4)),
        spec=REAL,
        steps=[
            f"The diagonal AC cuts it in two. Triangle ABC has the area {a} * {b}/2 = {right}.",
            f"AC^2 = {a}^2 + {b}^2 = {diagonal}",
            f"In triangle ACD, 2*CD*DA*cos(D) = CD^2 + DA^2 - AC^2 = {c * c} + {d * d} - {diagonal} = "
            f"{cosine}.",
            "Its area T is CD*DA*sin(D)/2, so 16T^2 = (2*CD*DA)^2 - (2*CD*DA*cos(D))^2.",
            f"16T^2 = {4 * c * c * d * d} - {cosine * cosine} = {sixteenfold}, so T = "
            f"{surd(1, sixteenfold, 4)}.",
            "The two triangles make",
        ],
        given={"kind": "right", "lengths": [a, b, c, d], "unit": unit},
        key=("right", *min((a, b, c, d), (b, a, d, c))),
    )


QUADRILATERALS: dict[int, Callable[[random.Random], Case]] = {
    1: _simple_quadrilateral,
    2: _trapezium,
    3: _trapezium_side,
    4: _isosceles_trapezium,
    5: _with_right_angle,
}


@family(
    name="quadrilateral_area",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal}, given this. {scene} {form}",
    ),
)
def quadrilateral_area(rng: random.Random, level: int) -> Problem:
    """The area of a parallelogram, rhombus, trapezium or quadrilateral, or a side from the area."""
    return posed(quadrilateral_area, rng, QUADRILATERALS[level](rng))


@quadrilateral_area.proof
def _quadrilateral_area(given: Given) -> str:
    """Corners in coordinates, and triangles as determinants."""
    import sympy

    def area(*corners: tuple[Any, Any]) -> Any:
        return (
            sum(sympy.Matrix([p, q]).det() for p, q in zip(corners, [*corners[1:], corners[0]], strict=True))
            / 2
        )

    kind, unit = given["kind"], given["unit"]
    if kind == "side":  # the area grows by the same amount with every unit of the side
        a, h = given["side"], sympy.Integer(given["height"])
        none, one = (area((0, 0), (a, 0), (b, h), (0, h)) for b in (0, 1))
        return f"{(given['area'] - none) / (one - none)} {unit}"
    lengths = [sympy.Integer(length) for length in given["lengths"]]
    if kind == "isosceles":
        a, c, leg = lengths
        out = (a - c) / 2
        h = sympy.sqrt(leg - out) * sympy.sqrt(leg + out)
        return str(area((0, 0), (a, 0), (a - out, h), (out, h)))
    if kind == "right":  # B at the origin, A and C on the axes, D from the law of cosines at A
        first, second, c, d = lengths
        square = first**2 + second**2
        along = (square + d * d - c * c) / (2 * sympy.sqrt(square))
        return str(first * second / 2 + sympy.sqrt(sympy.expand(square * (d * d - along**2))) / 2)
    p, q = lengths[:2]
    corners = {
        "parallelogram": ((0, 0), (p, 0), (p + 7, q), (7, q)),
        "diagonals": ((p / 2, 0), (0, q / 2), (-p / 2, 0), (0, -q / 2)),
        "trapezium": ((0, 0), (p, 0), (q + 5, lengths[-1]), (5, lengths[-1])),
    }[kind]
    return f"{area(*corners).n(12)} {unit}^2"
