"""Surfaces of solids, exact in pi or with a surd.

The proof turns outlines round an axis by the theorem of Pappus, and takes cross products of faces.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import isqrt
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, exact, pi_times, pick, posed, root, unit_of
from datagen.problems.fields.geometry.solids import round_case, whole_case
from datagen.problems.fields.geometry.triangles import TRIPLES
from datagen.problems.specs import REAL
from datagen.problems.text import surd


def _box_surface(rng: random.Random) -> Case:
    a, b, c = (rng.randint(2, 25) for _ in range(3))
    unit, faces = unit_of(rng), a * b + b * c + a * c
    scene = f"A box (cuboid) is {a} {unit} long, {b} {unit} wide and {c} {unit} high."
    steps = [f"2 * ({a} * {b} + {b} * {c} + {a} * {c}) = 2 * {faces} ="]
    key = tuple(sorted((a, b, c)))
    return whole_case("box", scene, "the surface area of the box", 2 * faces, unit, 2, steps, [a, b, c], key)


def _round_surface(rng: random.Random) -> Case:
    unit, r, h = unit_of(rng), rng.randint(2, 40), rng.randint(2, 50)
    if rng.random() < 0.3:
        steps = [
            "The surface of a sphere is 4*pi*r^2, four times its great circle.",
            f"4*pi*{r}^2 = 4*pi*{r * r} =",
        ]
        scene = f"A sphere has a radius of {r} {unit}."
        return round_case("sphere", scene, "the surface area of the sphere", 4 * r * r, unit, 2, steps, [r])
    scene = f"A closed cylinder has a radius of {r} {unit} and a height of {h} {unit}."
    steps = [
        f"Top and bottom have 2*pi*{r}^2 = {pi_times(2 * r * r)}, the side 2*pi*{r} * {h} = "
        f"{pi_times(2 * r * h)}.",
        "Together they have",
    ]
    value = 2 * r * (r + h)
    return round_case(
        "cylinder", scene, "the whole surface area of the cylinder", value, unit, 2, steps, [r, h]
    )


def _cone_surface(rng: random.Random) -> Case:
    unit, factor = unit_of(rng), rng.randint(1, 20)
    r, h, s = (factor * side for side in pick(rng, *TRIPLES))
    if rng.random() < 0.5:
        r, h = h, r
    base = rng.random() < 0.5
    value = r * s + (r * r if base else 0)
    scene = f"A cone has a base with a radius of {r} {unit} and a height of {h} {unit}."
    steps = [
        f"The slanted side is s = sqrt({r}^2 + {h}^2) = sqrt({s * s}) = {s}.",
        f"The curved surface is pi*r*s = pi*{r} * {s} = {pi_times(r * s)}.",
    ]
    steps.append(f"With the base, pi*{r}^2 = {pi_times(r * r)}, this makes" if base else "So the area is")
    goal = "the area of the curved surface of the cone"
    if base:
        goal = "the whole surface area of the cone, the base included"
    kind = "cone_closed" if base else "cone_open"
    return round_case(kind, scene, goal, value, unit, 2, steps, [r, h])


def _joined_surface(rng: random.Random) -> Case:
    """A cylinder with a half ball on top, or a hollow half ball, painted all over."""
    unit, r, h = unit_of(rng), rng.randint(2, 40), rng.randint(2, 60)
    kind = pick(rng, "dome", "tube")
    if kind == "dome":
        scene = (
            f"On a cylinder with a radius of {r} {unit} and a height of {h} {unit} stands half a ball of "
            "the same "
            "radius. The solid stands on the ground."
        )
        steps = [
            f"The side of the cylinder has 2*pi*{r} * {h} = {pi_times(2 * r * h)}.",
            f"The half ball has half of 4*pi*{r}^2, which is {pi_times(2 * r * r)}.",
            f"The bottom, pi*{r}^2 = {pi_times(r * r)}, is on the ground and does not count.",
            "Together the visible parts have",
        ]
        goal, value, numbers = (
            "the area of the surface of the solid without the bottom",
            2 * r * h + 2 * r * r,
            [r, h],
        )
    else:
        k = rng.randint(1, 20)
        outer = r + k
        scene = (
            f"A pipe open at both ends is {h} {unit} long, with an inner radius of {r} {unit} and an outer "
            f"radius of {outer} {unit}."
        )
        steps = [
            f"Inside it has 2*pi*{r} * {h} = {pi_times(2 * r * h)}.",
            f"Outside it has 2*pi*{outer} * {h} = {pi_times(2 * outer * h)}.",
            f"Each ring at the ends has pi*{outer}^2 - pi*{r}^2 = {pi_times(outer * outer - r * r)}.",
            "All four parts, two of them rings, make",
        ]
        goal = "the whole surface area, inside, outside and at both ends"
        value, numbers = 2 * (r + outer) * h + 2 * (outer * outer - r * r), [r, outer, h]
    return round_case(kind, scene, goal, value, unit, 2, steps, numbers)


def _pyramid_surface(rng: random.Random) -> Case:
    """A square pyramid with a slant height that is a surd: base, and four triangles."""
    while True:
        half, h = rng.randint(2, 30), rng.randint(2, 40)
        square = half * half + h * h
        if isqrt(square) ** 2 != square:
            break
    unit, side = unit_of(rng), 2 * half
    sides = surd(2 * side, square)
    return Case(
        scene=f"A pyramid has a square base with sides of {side} {unit}, and its tip lies {h} {unit} "
        "above the centre of "
        "the base.",
        goal="the whole surface area of the pyramid, the base included",
        form=exact(unit, 2),
        answer=f"{side * side} + {sides}",
        spec=REAL,
        steps=[
            f"The base has {side}^2 = {side * side}.",
            f"Under the tip, the middle of a side of the base is {side}/2 = {half} from the centre.",
            f"So the height of each triangular face is sqrt({half}^2 + {h}^2) = sqrt({square})"
            f"{'' if root(square) == f'sqrt({square})' else f' = {root(square)}'}.",
            f"Each of the four faces has {side} * {root(square)}/2 = {surd(half, square)}.",
            f"Four faces have 4 * {surd(half, square)} = {sides}.",
            "With the base this makes",
        ],
        given={"kind": "pyramid", "numbers": [side, h], "unit": unit},
    )


SURFACES: dict[int, Callable[[random.Random], Case]] = {
    1: _box_surface,
    2: _round_surface,
    3: _cone_surface,
    4: _joined_surface,
    5: _pyramid_surface,
}


@family(
    name="solid_surface",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Calculate {goal}, given the following. {scene} {form}",
    ),
)
def solid_surface(rng: random.Random, level: int) -> Problem:
    """The surface of a box, cylinder, sphere, cone, pipe or pyramid, exact."""
    return posed(solid_surface, rng, SURFACES[level](rng))


@solid_surface.proof
def _solid_surface(given: Given) -> str:
    """Outlines turned round the axis, the sphere as a derivative of its volume, cross products for faces."""
    import sympy

    kind, unit = given["kind"], given["unit"]
    numbers = [sympy.Integer(number) for number in given["numbers"]]

    def turned(start: Any, end: Any, rise: Any) -> Any:
        """Pappus: a segment turned round an axis sweeps its length times the way of its middle."""
        return sympy.sqrt((end - start) ** 2 + rise**2) * sympy.pi * (start + end)

    if kind == "box":
        a, b, c = (sympy.Matrix(row) for row in sympy.diag(*numbers).tolist())
        total = 2 * (a.cross(b).norm() + b.cross(c).norm() + a.cross(c).norm())
        return f"{total} {unit}^2"
    if kind == "pyramid":
        half, h = numbers[0] / 2, numbers[1]
        corners = [
            sympy.Matrix([x, y, -h]) for x, y in ((half, half), (-half, half), (-half, -half), (half, -half))
        ]
        faces = [corners[i - 1].cross(corners[i]).norm() / 2 for i in range(4)]
        return str(sympy.expand(sum(faces) + numbers[0] ** 2))
    r, h = numbers[0], numbers[-1]
    disc, side = turned(0, r, 0), turned(r, r, h)
    if kind == "tube":
        outer = numbers[1]
        return str(side + turned(outer, outer, h) + 2 * turned(r, outer, 0))
    radius = sympy.Symbol("radius")
    ball = sympy.diff(sympy.Rational(4, 3) * sympy.pi * radius**3, radius).subs(radius, r)
    slanted = turned(0, r, h)
    parts = {"sphere": ball, "cylinder": 2 * disc + side, "cone_open": slanted, "cone_closed": slanted + disc}
    return str(parts[kind] if kind in parts else side + ball / 2)
