"""Right triangles: a missing length, one triangle or several.

The proof uses complex numbers and norms.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import gcd, isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    ends_in_root,
    exact,
    in_unit,
    pick,
    posed,
    root,
    unit_of,
)
from datagen.problems.specs import QUANTITY, REAL

TRIPLES = tuple(
    (m * m - n * n, 2 * m * n, m * m + n * n)
    for m in range(2, 8)
    for n in range(1, m)
    if (m - n) % 2 and gcd(m, n) == 1
)
"""The primitive right triangles with two whole legs and a hypotenuse below 90."""


def _whole_sides(rng: random.Random) -> Case:
    """One side of a right triangle with three whole sides."""
    while True:
        factor = rng.randint(1, 12)
        a, b, c = (factor * side for side in pick(rng, *TRIPLES))
        if c <= 120:
            break
    unit = unit_of(rng)
    if rng.random() < 0.5:
        a, b = b, a
    kind = pick(rng, "hypotenuse", "leg")
    if kind == "hypotenuse":
        scene = f"The legs of a right triangle are {a} {unit} and {b} {unit} long."
        steps = [f"c^2 = {a}^2 + {b}^2 = {a * a} + {b * b} = {c * c}", f"c = sqrt({c * c}) ="]
        given = {"kind": kind, "sides": [a, b], "unit": unit}
        goal, answer, key = "the length of the hypotenuse", c, (kind, min(a, b), max(a, b))
    else:
        scene = f"A right triangle has a hypotenuse of {c} {unit} and a leg of {a} {unit}."
        steps = [f"b^2 = {c}^2 - {a}^2 = {c * c} - {a * a} = {b * b}", f"b = sqrt({b * b}) ="]
        given = {"kind": kind, "sides": [c, a], "unit": unit}
        goal, answer, key = "the length of the other leg", b, (kind, c, a)
    return Case(scene, goal, in_unit(unit), f"{answer} {unit}", QUANTITY, steps, given, key)


def _surd_hypotenuse(rng: random.Random) -> Case:
    while True:
        a, b = rng.randint(1, 24), rng.randint(1, 24)
        if isqrt(a * a + b * b) ** 2 != a * a + b * b:
            break
    unit = unit_of(rng)
    square = a * a + b * b
    return Case(
        scene=f"The sides that form the right angle of a right triangle are {a} {unit} and {b} {unit} long.",
        goal="the length of the third side",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"c^2 = {a}^2 + {b}^2 = {a * a} + {b * b} = {square}",
            ends_in_root("c", square),
        ],
        given={"kind": "hypotenuse", "sides": [a, b], "unit": unit},
        key=("hypotenuse", min(a, b), max(a, b)),
    )


def _isosceles_height(rng: random.Random) -> Case:
    """The height of an isosceles triangle; half the base and the height are the legs."""
    while True:
        half, side = rng.randint(5, 80), rng.randint(8, 160)
        square = side * side - half * half
        if side > half and isqrt(square) ** 2 != square:
            break
    unit = unit_of(rng)
    return Case(
        scene=f"An isosceles triangle has two sides of {side} {unit} and a base of {2 * half} {unit}.",
        goal="the height of the triangle above its base",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"The height meets the base in its midpoint, {2 * half}/2 = {half} {unit} from either end.",
            f"h^2 = {side}^2 - {half}^2 = {side * side} - {half * half} = {square}",
            ends_in_root("h", square),
        ],
        given={"kind": "height", "sides": [side, 2 * half], "unit": unit},
    )


def _spiral(rng: random.Random, count: int) -> tuple[list[int], str]:
    """Legs AB, BC, CD, ... of right triangles, each built on the last hypotenuse, and the sentences."""
    legs = [rng.randint(2, 30) for _ in range(count + 1)]
    names = "ABCDEF"[: count + 2]
    triangles = [
        f"Triangle A{names[i]}{names[i + 1]} has its right angle at {names[i]}." for i in range(1, count + 1)
    ]
    return legs, " ".join(triangles)


def _spiral_out(rng: random.Random) -> Case:
    legs, triangles = _spiral(rng, 2)
    unit = unit_of(rng)
    a, b, c = legs
    inner, square = a * a + b * b, a * a + b * b + c * c
    return Case(
        scene=f"{triangles} AB is {a} {unit}, BC is {b} {unit} and CD is {c} {unit} long.",
        goal="the length of AD",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"In triangle ABC the hypotenuse is AC: AC^2 = {a}^2 + {b}^2 = {a * a} + {b * b} = {inner}.",
            f"In triangle ACD the hypotenuse is AD: AD^2 = {inner} + {c}^2 = {inner} + {c * c} = {square}.",
            ends_in_root("AD", square),
        ],
        given={"kind": "spiral", "legs": legs, "unit": unit},
        key=("spiral", *sorted(legs)),
    )


def _spiral_in(rng: random.Random) -> Case:
    """The last hypotenuse is known, and the leg CD is not."""
    while True:
        (a, b, c, d), triangles = _spiral(rng, 3)
        outer = a * a + b * b + c * c + d * d
        longest = isqrt(outer)
        square = longest * longest - a * a - b * b - d * d
        if square > 0:
            break
    unit = unit_of(rng)
    inner, middle = a * a + b * b, longest * longest - d * d
    return Case(
        scene=f"{triangles} AB is {a} {unit}, BC is {b} {unit}, DE is {d} {unit} and AE is {longest} {unit}.",
        goal="the length of CD",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"In triangle ABC the hypotenuse is AC: AC^2 = {a}^2 + {b}^2 = {a * a} + {b * b} = {inner}.",
            f"In triangle ADE the hypotenuse is AE: AD^2 = {longest}^2 - {d}^2 = {middle}.",
            f"In triangle ACD the hypotenuse is AD: CD^2 = {middle} - {inner} = {square}.",
            ends_in_root("CD", square),
        ],
        given={"kind": "inner", "legs": [a, b, d], "longest": longest, "unit": unit},
        key=("inner", min(a, b), max(a, b), d, longest),
    )


PYTHAGORAS: dict[int, Callable[[random.Random], Case]] = {
    1: _whole_sides,
    2: _surd_hypotenuse,
    3: _isosceles_height,
    4: _spiral_out,
    5: _spiral_in,
}


@family(
    name="pythagoras",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Determine {goal}, knowing this. {scene} {form}",
    ),
)
def pythagoras(rng: random.Random, level: int) -> Problem:
    """A missing length in right triangles by the theorem of Pythagoras, whole or a surd."""
    return posed(pythagoras, rng, PYTHAGORAS[level](rng))


@pythagoras.proof
def _pythagoras(given: Given) -> str:
    """Complex numbers: each right angle is a turn by i; a missing leg is solved for."""
    import sympy

    kind, sides = given["kind"], given.get("sides", [])
    if kind == "hypotenuse":
        length = sympy.Abs(sides[0] + sympy.I * sides[1])
    elif kind == "leg":
        length = sympy.sqrt((sides[0] - sides[1]) * (sides[0] + sides[1]))
    elif kind == "height":
        side, base = sides
        sixteenfold = (side + side + base) * (side + side - base) * base * base
        length = 2 * sympy.sqrt(sympy.Rational(sixteenfold, 16)) / base
    elif kind == "spiral":
        first, second, third = given["legs"]
        inner = sympy.Matrix([first, second]).norm()
        length = sympy.Matrix([inner, third]).norm()
    else:
        a, b, d = given["legs"]
        square = sympy.Symbol("s")
        (found,) = sympy.solve(sympy.Eq((a * a + b * b) + square + d * d, given["longest"] ** 2), square)
        length = sympy.sqrt(found)
    if kind in ("hypotenuse", "leg") and length.is_integer:
        return f"{length} {given['unit']}"
    return str(length)
