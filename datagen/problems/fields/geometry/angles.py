"""Angles of triangles: the third one, isosceles triangles, parallels, bisectors and altitudes.

Every triangle is built from its angles; the proof places its corners and measures.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    CORNERS,
    Case,
    degrees_case,
    expression_text,
    expressions,
    many,
    pick,
    posed,
    solved,
)
from datagen.problems.fields.geometry.measuring import direction, measured, meeting, only_x
from datagen.problems.text import counted, listing


def _degrees(size: int) -> str:
    return counted(size, "degree")


def _three_angles(rng: random.Random, low: int = 12, high: int = 150) -> tuple[int, int, int]:
    """Three whole angles of a triangle, each from `low` to `high`."""
    while True:
        first, second = rng.randint(low, high), rng.randint(low, high)
        third = 180 - first - second
        if low <= third <= high:
            return first, second, third


def _third_angle(rng: random.Random) -> Case:
    a, b, c = _three_angles(rng, 5)
    first, second, third = pick(rng, *CORNERS)
    known = f"angle {first} is {a} degrees and angle {second} is {b} degrees"
    return degrees_case(
        scene=f"In triangle {first}{second}{third}, {known}.",
        goal=f"angle {third}",
        answer=c,
        steps=["The angles of a triangle add up to 180 degrees.", f"180 - {a} - {b} = 180 - {a + b} ="],
        given={"kind": "third", "angles": [a, b]},
        key=("third", min(a, b), max(a, b)),
    )


def _isosceles(rng: random.Random) -> Case:
    base = rng.randint(8, 85)
    apex = 180 - 2 * base
    steps = ["The angles B and C opposite the equal sides are equal."]
    scene = "Triangle ABC is isosceles with AB = AC."
    if rng.random() < 0.5:
        steps.append(f"Together they have 180 - {apex} = {2 * base} degrees, so each has {2 * base}/2 =")
        given = {"kind": "base", "angles": [apex]}
        return degrees_case(f"{scene} Angle A is {apex} degrees.", "angle B", base, steps, given)
    steps.append(f"So angle A is 180 - 2 * {base} = 180 - {2 * base} =")
    given = {"kind": "apex", "angles": [base]}
    return degrees_case(f"{scene} Angle B is {base} degrees.", "angle A", apex, steps, given)


def _exterior(rng: random.Random) -> Case:
    a, b, _ = _three_angles(rng)
    return degrees_case(
        scene="Side BC of triangle ABC is extended beyond C to a point D. "
        f"Angle ACD is {a + b} degrees and angle A is {a} degrees.",
        goal="angle B",
        answer=b,
        steps=[
            "The exterior angle at C is the sum of the angles at A and B.",
            f"So angle B is {a + b} - {a} =",
        ],
        given={"kind": "exterior", "angles": [a + b, a]},
    )


def _crossing(rng: random.Random) -> Case:
    a, b, c = _three_angles(rng)
    return degrees_case(
        scene="The segments AB and CD are parallel. The segments AD and BC cross at E. "
        f"Angle EAB is {a} degrees and angle ECD is {b} degrees.",
        goal="angle AEB",
        answer=c,
        steps=[
            f"Angles ECD and EBA are alternate angles between the parallels, so angle EBA is {b} degrees.",
            f"In triangle ABE, angle AEB is 180 - {a} - {b} =",
        ],
        given={"kind": "crossing", "angles": [a, b]},
        key=("crossing", min(a, b), max(a, b)),
    )


def _one_step(rng: random.Random) -> Case:
    case: Case = pick(rng, _isosceles, _exterior, _crossing)(rng)
    return case


def _expressed(rng: random.Random) -> Case:
    while True:
        angles = _three_angles(rng)
        if sorted(angles)[1] < max(angles):
            break
    x, terms = expressions(rng, angles)
    texts = listing([f"({expression_text(term)})" for term in terms])
    return degrees_case(
        scene=f"The angles of a triangle measure {texts} degrees.",
        goal="the largest angle",
        answer=max(angles),
        steps=[
            "The angles of a triangle add up to 180 degrees.",
            *solved(terms, 180, x),
            f"The angles are {many(angles)} degrees, so the largest is",
        ],
        given={"kind": "largest", "terms": [list(term) for term in terms]},
        key=("largest", *sorted(terms)),
    )


Lines = tuple[str, tuple[int, int, int], str, str, int, list[str]]


def _bisectors(rng: random.Random) -> Lines:
    while True:
        a, b, c = _three_angles(rng, 12, 140)
        if (b + c) % 2 == 0:
            break
    half = (b + c) // 2
    steps = [
        f"Angles IBC and ICB are half of angles B and C. Together they have ({b} + {c})/2 = {half} degrees.",
        f"In triangle BIC, angle BIC is 180 - {half} =",
    ]
    scene = "The bisectors of angles B and C meet at I."
    return "bisectors", (a, b, c), scene, "angle BIC", 180 - half, steps


def _altitudes(rng: random.Random) -> Lines:
    a, b, c = _three_angles(rng, 12, 88)
    steps = [
        f"The altitude from B is perpendicular to AC, so angle HBC is 90 - {c} = {_degrees(90 - c)}.",
        f"The altitude from C is perpendicular to AB, so angle HCB is 90 - {b} = {_degrees(90 - b)}.",
        f"In triangle BHC, angle BHC is 180 - {90 - c} - {90 - b} =",
    ]
    return "altitudes", (a, b, c), "The altitudes from B and C meet at H.", "angle BHC", b + c, steps


def _altitude_and_bisector(rng: random.Random) -> Lines:
    while True:
        a, b, c = _three_angles(rng, 12, 140)
        if (b + c) % 2 == 0 and b != c and max(b, c) < 90:
            break
    name, largest = ("B", b) if b > c else ("C", c)
    steps = [
        f"Angle A is 180 - {b} - {c} = {a} degrees, so angle {name}AE is {a}/2 = {_degrees(a // 2)}.",
        f"In the right triangle A{name}D, angle {name}AD is 90 - {largest} = {_degrees(90 - largest)}.",
        f"Angle DAE is {a // 2} - {90 - largest} =",
    ]
    scene = "The altitude from A meets side BC at D, and the bisector of angle A meets it at E."
    return "altitude_bisector", (a, b, c), scene, "angle DAE", abs(b - c) // 2, steps


def _lines(rng: random.Random) -> Lines:
    found: Lines = pick(rng, _bisectors, _altitudes, _altitude_and_bisector)(rng)
    return found


def _lines_case(rng: random.Random) -> Case:
    kind, (_, b, c), scene, goal, answer, steps = _lines(rng)
    return degrees_case(
        scene=f"In triangle ABC, angle B is {b} degrees and angle C is {c} degrees. {scene}",
        goal=goal,
        answer=answer,
        steps=steps,
        given={"kind": kind, "angles": [b, c]},
        key=(kind, min(b, c), max(b, c)),
    )


def _expressed_lines_case(rng: random.Random) -> Case:
    kind, (a, b, c), scene, goal, answer, steps = _lines(rng)
    x, terms = expressions(rng, (a, b, c))
    texts = [
        f"angle {name} is ({expression_text(term)}) degrees" for name, term in zip("ABC", terms, strict=True)
    ]
    first = [
        "The angles of the triangle add up to 180 degrees.",
        *solved(terms, 180, x),
        f"So angle A is {a}, angle B is {b} and angle C is {c} degrees.",
    ]
    return degrees_case(
        scene=f"In triangle ABC, {listing(texts)}. {scene}",
        goal=goal,
        answer=answer,
        steps=[*first, *steps],
        given={"kind": kind, "terms": [list(term) for term in terms]},
        key=(kind, "expressed", terms[0], *sorted(terms[1:])),
    )


CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _third_angle,
    2: _one_step,
    3: _lines_case,
    4: _expressed,
    5: _expressed_lines_case,
}


@family(
    name="triangle_angles",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} How large is {goal}? {form}",
        "Work out {goal} from what is known. {scene} {form}",
    ),
)
def triangle_angles(rng: random.Random, level: int) -> Problem:
    """A missing angle: third, isosceles, exterior, at parallels, in terms of x, at bisectors or altitudes."""
    return posed(triangle_angles, rng, CASES[level](rng))


@triangle_angles.proof
def _triangle_angles(given: Given) -> str:
    kind, angles = given["kind"], given.get("angles", [])
    if "terms" in given:
        x = only_x(given["terms"], 180)
        everything = [p * x + q for p, q in given["terms"]]
        if min(everything) <= 0:
            raise ValueError("no triangle")
        if kind == "largest":
            return str(max(everything))
        angles = everything[1:]
    if kind == "base":
        return next(str(base) for base in range(1, 90) if base + base + angles[0] == 180)
    if kind == "apex":
        angles = angles * 2
    if kind == "exterior":
        angles = [180 - angles[0], angles[1]]
    b, c = 0j, 1 + 0j
    toward, back = direction(angles[0]), direction(180 - angles[1])
    a = meeting(b, toward, c, back)
    if kind == "bisectors":
        centre = meeting(b, direction(angles[0] / 2), c, direction(180 - angles[1] / 2))
        return str(measured(centre, b, c))
    if kind == "altitudes":
        return str(measured(meeting(b, back * 1j, c, toward * 1j), b, c))
    if kind == "altitude_bisector":
        share = abs(a - b) / (abs(a - b) + abs(a - c))  # the bisector divides BC as AB to AC
        return str(measured(a, complex(a.real, 0), complex(share, 0)))
    return str(measured(a, b, c))
