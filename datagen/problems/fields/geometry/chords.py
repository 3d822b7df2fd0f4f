"""Chords and tangents of circles: their lengths.

The proof uses the power of a point and intersections.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.circle_equations import expanded, standard
from datagen.problems.fields.geometry.figures import (
    Case,
    ends_in_root,
    exact,
    in_unit,
    operand,
    point,
    posed,
    root,
    unit_of,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import QUANTITY, REAL


def _tangent_length(rng: random.Random) -> Case:
    while True:
        r, d = rng.randint(2, 40), rng.randint(5, 90)
        square = d * d - r * r
        if d > r and isqrt(square) ** 2 == square:
            break
    unit = unit_of(rng)
    return Case(
        scene=f"From a point P, {d} {unit} away from the centre O of a circle with a radius of {r} {unit}, a "
        "tangent is drawn that touches the circle at T.",
        goal="the length of PT",
        form=in_unit(unit),
        answer=f"{isqrt(square)} {unit}",
        spec=QUANTITY,
        steps=[
            "The tangent is perpendicular to the radius OT, so PT^2 = OP^2 - OT^2.",
            f"PT^2 = {d}^2 - {r}^2 = {d * d} - {r * r} = {square}",
            f"PT = sqrt({square}) =",
        ],
        given={"kind": "tangent", "radius": r, "distance": d, "unit": unit},
    )


def _chord_length(rng: random.Random) -> Case:
    while True:
        r, d = rng.randint(4, 60), rng.randint(1, 55)
        square = r * r - d * d
        if d < r and isqrt(square) ** 2 != square:
            break
    unit = unit_of(rng)
    return Case(
        scene=f"A circle has a radius of {r} {unit}. A chord of it is {d} {unit} away from the centre.",
        goal="the length of the chord",
        form=exact(unit),
        answer=root(4 * square),
        spec=REAL,
        steps=[
            "The foot of the perpendicular from the centre is the midpoint of the chord.",
            f"Half the chord, squared, is {r}^2 - {d}^2 = {r * r} - {d * d} = {square}.",
            f"So the chord is 2*sqrt({square}) = sqrt({4 * square}) =",
        ],
        given={"kind": "chord", "radius": r, "distance": d, "unit": unit},
    )


def _point_tangent(rng: random.Random) -> Case:
    """The tangent from a point to a circle given by its expanded equation."""
    while True:
        h, k, radius = nonzero(rng, 9), nonzero(rng, 9), rng.randint(2, 12)
        p, q = rng.randint(-20, 20), rng.randint(-20, 20)
        square = (p - h) ** 2 + (q - k) ** 2 - radius * radius
        if square > 0 and isqrt(square) ** 2 != square:
            break
    equation, far = expanded((h, k), radius * radius), square + radius * radius
    return Case(
        scene=f"From the point {point((p, q))} a tangent is drawn to the circle {equation}.",
        goal="the distance from the point to the point where the tangent touches the circle",
        form="Give the exact value.",
        answer=root(square),
        spec=REAL,
        steps=[
            f"Completing the squares gives {standard((h, k), radius * radius)}.",
            f"So the centre is {point((h, k))} and r^2 = {radius * radius}.",
            f"The squared distance of the point from it is {(p - h) ** 2} + {(q - k) ** 2} = {far}.",
            f"The tangent is perpendicular to the radius: t^2 = {far} - {radius * radius} = {square}.",
            ends_in_root("t", square),
        ],
        given={"kind": "point", "circle": [-2 * h, -2 * k, h * h + k * k - radius * radius], "point": [p, q]},
    )


def _common_tangent(rng: random.Random) -> Case:
    outer = rng.random() < 0.5
    while True:
        r, s, d = rng.randint(2, 30), rng.randint(2, 30), rng.randint(8, 99)
        square = d * d - (r - s) ** 2 if outer else d * d - (r + s) ** 2
        if r != s and d > r + s and isqrt(square) ** 2 != square:
            break
    unit = unit_of(rng)
    side, sides = ("on the same side", "difference") if outer else ("on different sides", "sum")
    other = abs(r - s) if outer else r + s
    return Case(
        scene=f"Two circles have radii of {r} {unit} and {s} {unit}, and their centres are {d} {unit} "
        "apart. A "
        f"line touches both, and the two circles lie {side} of it.",
        goal="the distance between the two points of contact",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            "Both radii to the points of contact are perpendicular to the line.",
            "Move the line parallel to itself through one centre: a right triangle appears. Its hypotenuse "
            f"joins the centres, and one leg is the {sides} of the radii, {other}.",
            f"The other leg is as long as the tangent: t^2 = {d}^2 - {other}^2 = {square}.",
            ends_in_root("t", square),
        ],
        given={"kind": "common", "radii": [r, s], "distance": d, "outer": outer, "unit": unit},
        key=("common", min(r, s), max(r, s), d, outer),
    )


def _common_chord(rng: random.Random) -> Case:
    while True:
        r, s, d = rng.randint(4, 40), rng.randint(4, 40), rng.randint(3, 70)
        if abs(r - s) < d < r + s and r != s:
            break
    unit = unit_of(rng)
    along = Fraction(d * d + r * r - s * s, 2 * d)
    square = r * r - along * along
    return Case(
        scene=f"Two circles with radii of {r} {unit} and {s} {unit} meet in two points. Their centres are "
        f"{d} {unit} apart.",
        goal="the length of the common chord",
        form=exact(unit),
        answer=root(4 * square),
        spec=REAL,
        steps=[
            "The line through the centres cuts the chord at right angles in its midpoint. Let it be at x "
            f"from the centre of the circle with radius {r}, counted toward the other centre.",
            f"Half the chord, squared, is {r}^2 - x^2 = {s}^2 - ({d} - x)^2.",
            f"So {r * r} = {s * s} - {d * d} + {2 * d}x, which gives x = {along}.",
            f"Half the chord, squared, is {r * r} - {operand(along)}^2 = {square}.",
            f"The chord is 2*sqrt({square}) =",
        ],
        given={"kind": "both", "radii": [r, s], "distance": d, "unit": unit},
        key=("both", min(r, s), max(r, s), d),
    )


LENGTHS: dict[int, Callable[[random.Random], Case]] = {
    1: _tangent_length,
    2: _chord_length,
    3: _point_tangent,
    4: _common_tangent,
    5: _common_chord,
}


@family(
    name="tangent_or_chord_length",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Determine {goal}, given the following. {scene} {form}",
    ),
)
def tangent_or_chord_length(rng: random.Random, level: int) -> Problem:
    """The length of a tangent or a chord, of one circle or two, by right triangles."""
    return posed(tangent_or_chord_length, rng, LENGTHS[level](rng))


@tangent_or_chord_length.proof
def _tangent_or_chord_length(given: Given) -> str:
    """Discriminants: a line touches or cuts a circle where a quadratic has one root or two."""
    import sympy

    kind = given["kind"]
    t = sympy.Symbol("t")
    if kind == "tangent":  # the power of P, through the centre
        near, far = given["distance"] - given["radius"], given["distance"] + given["radius"]
        return f"{sympy.sqrt(near * far)} {given['unit']}"
    if kind == "chord":
        roots = sympy.solve(t * t + given["distance"] ** 2 - given["radius"] ** 2, t)
        return str(abs(roots[0] - roots[1]))
    if kind == "point":  # the power of the point: the product of its distances to two points of the circle
        (p, q), (d, e, f) = given["point"], given["circle"]
        across = sympy.Poly((p + t) ** 2 + q * q + d * (p + t) + e * q + f, t).all_coeffs()
        return str(sympy.sqrt(across[2] / across[0]))
    (r, s), d = given["radii"], given["distance"]
    if kind == "common":  # the line at distance r from (0, 0) and s (or -s) from (d, 0): its normal is (c, n)
        step = r - s if given["outer"] else r + s
        c = sympy.Rational(step, d)
        feet = sympy.Matrix([d, 0]) - step * sympy.Matrix([c, sympy.sqrt(1 - c * c)])
        return str(sympy.sqrt(feet.dot(feet)))
    product = (r + s + d) * (r + s - d) * (r - s + d) * (s - r + d)  # 16 times the square of Heron's area
    return str(sympy.sqrt(product) / d)
