"""Angles of polygons: sums, regular polygons, a missing angle.

The proof goes round by exterior angles.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    DEGREES,
    Case,
    degrees_case,
    expression_text,
    expressions,
    many,
    pick,
    posed,
    solved,
)
from datagen.problems.fields.geometry.measuring import only_x
from datagen.problems.specs import INTEGER, RATIONAL
from datagen.problems.text import listing

POLYGONS = {5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon", 9: "nonagon"}
COUNTING = "Give a whole number."


def _sum_or_sides(rng: random.Random) -> Case:
    sides = rng.randint(5, 70)
    total = 180 * (sides - 2)
    if rng.random() < 0.5:
        steps = [
            f"The diagonals from one corner cut it into {sides} - 2 = {sides - 2} triangles.",
            f"The sum is 180 * {sides - 2} =",
        ]
        scene, goal = f"A convex polygon has {sides} sides.", "the sum of its interior angles"
        return degrees_case(scene, goal, total, steps, {"kind": "sum", "sides": sides})
    scene = f"The interior angles of a convex polygon add up to {total} degrees."
    steps = [
        f"With n sides the sum is 180 * (n - 2), so n - 2 = {total}/180 = {sides - 2}.",
        f"n = {sides - 2} + 2 =",
    ]
    given = {"kind": "sides", "sum": total}
    return Case(scene, "its number of sides", COUNTING, str(sides), INTEGER, steps, given)


def _regular(rng: random.Random) -> Case:
    case: Case = pick(rng, _regular_interior, _regular_ratio, _regular_sides)(rng)
    return case


def _regular_interior(rng: random.Random) -> Case:
    sides = rng.randint(5, 60)
    total = 180 * (sides - 2)
    angle = Fraction(total, sides)
    whole = angle.denominator == 1
    steps = [
        f"The interior angles add up to 180 * ({sides} - 2) = {total} degrees.",
        f"Each of the {sides} equal angles has {total}/{sides} =",
    ]
    return Case(
        scene=f"A regular polygon has {sides} sides.",
        goal="the size of each of its interior angles",
        form=DEGREES if whole else "Give the exact number of degrees, as a fraction.",
        answer=str(angle),
        spec=INTEGER if whole else RATIONAL,
        steps=steps,
        given={"kind": "interior", "sides": sides},
    )


def _regular_ratio(rng: random.Random) -> Case:
    ratio = rng.randint(2, 40)
    return Case(
        scene=f"Each interior angle of a regular polygon is {ratio} times as large as each exterior angle.",
        goal="its number of sides",
        form=COUNTING,
        answer=str(2 * (ratio + 1)),
        spec=INTEGER,
        steps=[
            f"The two add up to 180 degrees, so each exterior angle has 180/{ratio + 1} degrees.",
            f"The exterior angles add up to 360 degrees, so the number of sides is 360 * {ratio + 1}/180 =",
        ],
        given={"kind": "ratio_sides", "ratio": ratio},
    )


def _regular_sides(rng: random.Random) -> Case:
    sides = pick(rng, *(sides for sides in range(5, 181) if 360 % sides == 0))
    exterior = 360 // sides
    noun = pick(rng, "exterior", "interior")
    angle = exterior if noun == "exterior" else 180 - exterior
    steps = [f"The exterior angles add up to 360 degrees, so the number of sides is 360/{exterior} ="]
    if noun == "interior":
        steps = [f"Each exterior angle has 180 - {angle} = {exterior} degrees.", *steps]
    return Case(
        scene=f"In a certain regular polygon each {noun} angle is equal to {angle} degrees.",
        goal="its number of sides",
        form=COUNTING,
        answer=str(sides),
        spec=INTEGER,
        steps=steps,
        given={"kind": f"{noun}_sides", "angle": angle},
    )


def _convex_angles(rng: random.Random, sides: int) -> list[int]:
    """Whole angles of a convex polygon, each from 60 to 175 degrees."""
    while True:
        angles = [rng.randint(60, 175) for _ in range(sides - 1)]
        last = 180 * (sides - 2) - sum(angles)
        if 60 <= last <= 175:
            return [*angles, last]


def _sum_step(sides: int) -> str:
    return f"The interior angles add up to 180 * ({sides} - 2) = {180 * (sides - 2)} degrees."


def _missing_angle(rng: random.Random) -> Case:
    sides = rng.randint(5, 7)
    *angles, last = _convex_angles(rng, sides)
    total, known = 180 * (sides - 2), sum(angles)
    return degrees_case(
        scene=f"All interior angles but one of a convex {POLYGONS[sides]} are {many(angles)} degrees.",
        goal="the remaining angle",
        answer=last,
        steps=[
            _sum_step(sides),
            f"The known ones make {' + '.join(map(str, angles))} = {known}.",
            f"{total} - {known} =",
        ],
        given={"kind": "missing", "angles": angles},
        key=("missing", *sorted(angles)),
    )


def _expressed_polygon(rng: random.Random) -> Case:
    sides = rng.randint(5, 6)
    while True:
        angles = _convex_angles(rng, sides)
        if angles.count(max(angles)) == 1:
            break
    x, terms = expressions(rng, angles)
    texts = listing([f"({expression_text(term)})" for term in terms])
    return degrees_case(
        scene=f"The interior angles of a convex {POLYGONS[sides]} are {texts} degrees.",
        goal="the largest of them",
        answer=max(angles),
        steps=[
            _sum_step(sides),
            *solved(terms, 180 * (sides - 2), x),
            f"The angles are {many(angles)} degrees, and the largest is",
        ],
        given={"kind": "largest", "terms": [list(term) for term in terms]},
        key=("largest", *sorted(terms)),
    )


def _shared_rest(rng: random.Random) -> Case:
    """Some angles of a polygon are known, and the other three are in a given ratio."""
    sides = rng.randint(7, 9)
    total = 180 * (sides - 2)
    while True:
        parts, scale = sorted(rng.sample(range(3, 14), 3)), rng.randint(7, 30)
        if gcd(*parts) > 1 or parts[0] * scale < 60 or parts[2] * scale > 175:
            continue
        known = [rng.randint(110, 175) for _ in range(sides - 4)]
        last = total - sum(parts) * scale - sum(known)
        if 90 <= last <= 175:
            break
    known.append(last)
    rng.shuffle(parts)
    rest, largest = total - sum(known), max(parts)
    return degrees_case(
        scene=f"In a convex {POLYGONS[sides]}, {len(known)} interior angles are {many(known)} degrees. "
        f"The other three are in the ratio {':'.join(map(str, parts))}.",
        goal="the largest of the other three",
        answer=largest * scale,
        steps=[
            _sum_step(sides),
            f"The known ones make {' + '.join(map(str, known))} = {sum(known)}.",
            f"This leaves {total} - {sum(known)} = {rest} degrees for the other three.",
            f"The ratio has {' + '.join(map(str, parts))} = {sum(parts)} parts.",
            f"So one part is {rest}/{sum(parts)} = {scale} degrees, and the largest is {largest} * {scale} =",
        ],
        given={"kind": "ratio", "known": known, "ratio": parts},
        key=("ratio", tuple(sorted(known)), *sorted(parts)),
    )


POLYGON_CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _sum_or_sides,
    2: _regular,
    3: _missing_angle,
    4: _expressed_polygon,
    5: _shared_rest,
}


@family(
    name="polygon_angles",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Here is a fact about a polygon. {scene} Work out {goal}. {form}",
    ),
)
def polygon_angles(rng: random.Random, level: int) -> Problem:
    """Angles or the number of sides of a polygon from the sum of its angles."""
    return posed(polygon_angles, rng, POLYGON_CASES[level](rng))


@polygon_angles.proof
def _polygon_angles(given: Given) -> str:
    """Exterior angles: going round once turns by 360 degrees."""
    import sympy

    kind = given["kind"]
    if kind == "sum":
        return str(given["sides"] * 180 - 360)
    if kind == "sides":
        return next(str(sides) for sides in range(3, 1000) if sides * 180 - 360 == given["sum"])
    if kind == "interior":
        return str(180 - sympy.Rational(360, given["sides"]))
    if kind.endswith("_sides"):
        for sides in range(3, 1000):
            turn = Fraction(360, sides)
            value = {"exterior": turn, "interior": 180 - turn, "ratio": (180 - turn) / turn}[kind[:-6]]
            if value == given.get("angle", given.get("ratio")):
                return str(sides)
    if kind == "missing":
        return str(180 - (360 - sum(180 - angle for angle in given["angles"])))
    if kind == "largest":
        x = only_x(given["terms"], 180 * len(given["terms"]) - 360)
        return str(max(p * x + q for p, q in given["terms"]))
    turned = 360 - sum(180 - angle for angle in given["known"])
    scale = sympy.Symbol("s")
    (found,) = sympy.solve(sum(180 - part * scale for part in given["ratio"]) - turned, scale)
    return str(max(given["ratio"]) * found)
