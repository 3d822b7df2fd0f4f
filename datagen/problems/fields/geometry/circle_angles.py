"""Angles in circles: inscribed and central ones, quadrilaterals in a circle, chords and secants.

The proof places the points on a circle and measures.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
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
from datagen.problems.text import listing


def _centre_and_rim(rng: random.Random) -> Case:
    half = rng.randint(10, 85)
    circle = "Points A, B and C lie on a circle with centre O."
    kind = pick(rng, "major", "minor", "centre")
    if kind == "centre":
        scene = f"{circle} C lies on the longer arc AB, and angle ACB is {half} degrees."
        steps = ["The central angle over an arc is twice the inscribed angle.", f"2 * {half} ="]
        return degrees_case(scene, "angle AOB", 2 * half, steps, {"kind": kind, "angle": half})
    arc = "longer" if kind == "major" else "shorter"
    scene = f"{circle} Angle AOB is {2 * half} degrees, and C lies on the {arc} arc AB."
    given = {"kind": kind, "angle": 2 * half}
    if kind == "major":
        steps = ["The inscribed angle is half the central angle over the same arc.", f"{2 * half}/2 ="]
        return degrees_case(scene, "angle ACB", half, steps, given)
    steps = [
        f"The longer arc AB has 360 - {2 * half} = {360 - 2 * half} degrees.",
        f"Angle ACB is inscribed over it, so it is {360 - 2 * half}/2 =",
    ]
    return degrees_case(scene, "angle ACB", 180 - half, steps, given)


CYCLIC = "The points A, B, C and D lie on a circle in this order."


def _cyclic(rng: random.Random) -> Case:
    first, second = rng.randint(12, 75), rng.randint(12, 75)
    kind = pick(rng, "diagonal", "diameter", "opposite")
    if kind == "diagonal":
        scene = f"{CYCLIC} Angle ABD is {first} degrees and angle ADB is {second} degrees."
        steps = [
            f"In triangle ABD, angle BAD is 180 - {first} - {second} = {180 - first - second} degrees.",
            f"Angles BAD and BCD are opposite and add up to 180 degrees: 180 - {180 - first - second} =",
        ]
        given = {"kind": kind, "angles": [first, second]}
        key = (kind, min(first, second), max(first, second))
        return degrees_case(scene, "angle BCD", first + second, steps, given, key)
    if kind == "opposite":
        scene = f"{CYCLIC} Angle DAC is {first} degrees and angle BAC is {second} degrees."
        total = first + second
        steps = [
            f"Angle BAD is {second} + {first} = {total} degrees.",
            f"Angle BCD is opposite to it, and the two add up to 180 degrees: 180 - {total} =",
        ]
        given = {"kind": kind, "angles": [first, second]}
        key = (kind, min(first, second), max(first, second))
        return degrees_case(scene, "angle BCD", 180 - total, steps, given, key)
    scene = f"{CYCLIC} AC is a diameter, and angle ADB is {first} degrees."
    steps = [
        f"Angles ADB and ACB are inscribed over the same arc AB, so angle ACB is {first} degrees.",
        "Angle ABC is inscribed in a half circle, so it is 90 degrees.",
        f"In triangle ABC, angle BAC is 90 - {first} =",
    ]
    return degrees_case(scene, "angle BAC", 90 - first, steps, {"kind": kind, "angles": [first]})


def _cyclic_expressed(rng: random.Random) -> Case:
    while True:
        first, other = rng.randint(50, 130), rng.randint(50, 130)
        if first != 90:
            break
    x, terms = expressions(rng, (first, 180 - first, other))
    texts = [
        f"angle {name} is ({expression_text(term)}) degrees" for name, term in zip("ACB", terms, strict=True)
    ]
    steps = [
        "Opposite angles of a quadrilateral in a circle add up to 180 degrees.",
        *solved(terms[:2], 180, x),
        f"Angle B is {terms[2][0]} * {x} {'-' if terms[2][1] < 0 else '+'} {abs(terms[2][1])} = {other}.",
        f"Angle D is opposite to B: 180 - {other} =",
    ]
    return degrees_case(
        scene=f"ABCD is a quadrilateral whose corners lie on a circle. In it {listing(texts)}.",
        goal="angle D",
        answer=180 - other,
        steps=steps,
        given={"kind": "expressed", "terms": [list(term) for term in terms]},
        key=("expressed", *sorted(terms[:2]), terms[2]),
    )


def _arcs(rng: random.Random) -> tuple[str, list[int], str, str, int, list[str]]:
    """(kind, arcs AB BC CD DA, what is drawn, goal, answer, steps) of two chords that meet in or outside."""
    kind = pick(rng, "inside", "outside")
    while True:
        ab, bc, cd = (rng.randint(20, 140) for _ in range(3))
        da = 360 - ab - bc - cd
        if not 20 <= da <= 200 or (ab + cd) % 2 or (kind == "outside" and da - bc < 10):
            continue
        break
    arcs = [ab, bc, cd, da]
    if kind == "inside":
        answer = (ab + cd) // 2
        steps = [
            "Angle APB is an exterior angle of triangle BPC, so it is angle ACB + angle DBC.",
            "These are inscribed over the arcs AB and CD, and an inscribed angle is half of its arc.",
            f"So angle APB is ({ab} + {cd})/2 = {ab + cd}/2 =",
        ]
        return kind, arcs, "The chords AC and BD cross at P.", "angle APB", answer, steps
    answer = (da - bc) // 2
    steps = [
        "Angle ABD is an exterior angle of triangle BPD, so angle APD is angle ABD - angle BDC.",
        "These are inscribed over the arcs DA and BC, and an inscribed angle is half of its arc.",
        f"So angle APD is ({da} - {bc})/2 = {da - bc}/2 =",
    ]
    scene = "The lines AB and DC meet outside the circle, at P."
    return kind, arcs, scene, "angle APD", answer, steps


def _two_chords(rng: random.Random) -> Case:
    kind, (ab, bc, cd, da), scene, goal, answer, steps = _arcs(rng)
    arcs = [("AB", ab), ("CD", cd)] if kind == "inside" else [("BC", bc), ("DA", da)]
    texts = listing([f"arc {name} has {size} degrees" for name, size in arcs])
    sizes = [size for _, size in arcs]
    return degrees_case(
        scene=f"{CYCLIC} Of the four arcs between neighbouring points, {texts}. {scene}",
        goal=goal,
        answer=answer,
        steps=steps,
        given={"kind": kind, "arcs": sizes},
        key=(kind, *sorted(sizes)),
    )


def _expressed_arcs(rng: random.Random) -> Case:
    kind, arcs, scene, goal, answer, steps = _arcs(rng)
    x, terms = expressions(rng, arcs)
    texts = listing([f"({expression_text(term)})" for term in terms])
    key = (min(terms[0], terms[2]), max(terms[0], terms[2]), min(terms[1], terms[3]), max(terms[1], terms[3]))
    return degrees_case(
        scene=f"{CYCLIC} The arcs AB, BC, CD and DA between neighbours have {texts} degrees. {scene}",
        goal=goal,
        answer=answer,
        steps=[
            "The four arcs make the whole circle.",
            *solved(terms, 360, x),
            f"The arcs AB, BC, CD and DA have {many(arcs)} degrees.",
            *steps,
        ],
        given={"kind": kind, "terms": [list(term) for term in terms]},
        key=(kind, "expressed", *key),
    )


CIRCLE_CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _centre_and_rim,
    2: _cyclic,
    3: _two_chords,
    4: _cyclic_expressed,
    5: _expressed_arcs,
}


@family(
    name="inscribed_angles",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} How large is {goal}? {form}",
        "Determine {goal} in the following figure. {scene} {form}",
    ),
)
def inscribed_angles(rng: random.Random, level: int) -> Problem:
    """An angle at a circle: inscribed, in a cyclic quadrilateral, between chords or secants."""
    return posed(inscribed_angles, rng, CIRCLE_CASES[level](rng))


def _on_circle(arcs: list[float]) -> list[complex]:
    """Points that follow each other round the unit circle, so many degrees apart."""
    return [direction(sum(arcs[:place])) for place in range(len(arcs) + 1)]


@inscribed_angles.proof
def _inscribed_angles(given: Given) -> str:
    kind = given["kind"]
    if kind in ("major", "minor"):
        a, b = direction(0), direction(given["angle"])
        c = direction(given["angle"] + 31) if kind == "major" else direction(given["angle"] / 3)
        return str(measured(c, a, b))
    if kind == "centre":
        return next(
            str(arc)
            for arc in range(2, 180, 2)
            if measured(direction(200 + arc / 3), 1, direction(arc)) == given["angle"]
        )
    if kind == "expressed":
        x = only_x(given["terms"][:2], 180)
        return str(360 - sum(p * x + q for p, q in given["terms"]))
    if kind in ("diagonal", "opposite", "diameter"):
        first, second = given["angles"][0], given["angles"][-1]
        if kind == "diagonal":  # arcs DA and AB are twice the angles over them
            d, a, b = _on_circle([2 * first, 2 * second])
            return str(measured(direction(-1), b, d))
        if kind == "opposite":
            b, c, d = _on_circle([2 * second, 2 * first])
            return str(measured(c, b, d))
        a, b = direction(0), direction(2 * first)
        return str(measured(a, b, -a))
    if "terms" in given:
        x = only_x(given["terms"], 360)
        ab, bc, cd, da = (p * x + q for p, q in given["terms"])
    elif kind == "inside":
        ab, cd = given["arcs"]
        bc = (360 - ab - cd) / 3
    else:
        bc, da = given["arcs"]
        ab = cd = (360 - bc - da) / 2
    a, b, c, d = _on_circle([ab, bc, cd])
    if kind == "inside":
        return str(measured(meeting(a, c - a, b, d - b), a, b))
    return str(measured(meeting(a, b - a, d, c - d), a, d))
