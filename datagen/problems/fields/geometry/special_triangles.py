"""Triangles with angles of 30, 45 and 60 degrees, and regular figures made of them: lengths and areas.

The constructions carry squares of lengths; the proof uses sympy's sines and tangents.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, added, exact, pick, posed, root, times, unit_of
from datagen.problems.specs import REAL
from datagen.problems.text import surd

SHAPES = {45: "45, 45 and 90", 30: "30, 60 and 90"}
SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15)


def _special(rng: random.Random, level: int) -> Case:
    """One side of a right triangle with angles of 45 or of 30 and 60 degrees, from another side.

    Sides are squares of factors: in the first shape 1, 1, 2; in the second 1, 3, 4. Level 1 goes up from the
    shortest side, level 2 down to it from whole lengths, level 3 starts from a surd.
    """
    shape = pick(rng, 45, 30)
    names = {45: {"leg": 1, "hypotenuse": 2}, 30: {"shorter leg": 1, "longer leg": 3, "hypotenuse": 4}}[shape]
    order = list(names)
    if level == 1:
        source, target = order[0], pick(rng, *order[1:])
    elif level == 2:
        source = pick(rng, *order[1:])
        target = pick(rng, *(name for name in order if name != source))
    else:
        source, target = rng.sample(order, 2)
    factor = rng.randint(2, 99)
    inside = pick(rng, *SQUARE_FREE) if level == 3 else 1
    unit = unit_of(rng)
    square = Fraction(factor * factor * inside * names[target], names[source])
    length = surd(factor, inside)
    relation = {
        45: "The legs are t and t, the hypotenuse t*sqrt(2).",
        30: "The legs are t and t*sqrt(3), the hypotenuse 2t.",
    }[shape]
    share = {1: "t", 2: "t*sqrt(2)", 3: "t*sqrt(3)", 4: "2t"}
    steps = [relation]
    if names[source] != 1:
        shortest = root(Fraction(factor * factor * inside, names[source]))
        steps.append(f"From {share[names[source]]} = {length} we get t = {shortest}.")
    else:
        steps.append(f"Here t = {length}.")
    steps.append(f"The {target} is {share[names[target]]} =")
    if share[names[target]] == "t":
        steps[-1] = f"The {target} is t ="
    the = "each leg" if shape == 45 and source == "leg" else f"the {source}"
    goal = "each leg" if shape == 45 and target == "leg" else f"the {target}"
    return Case(
        scene=f"A right triangle has angles of {SHAPES[shape]} degrees, and {the} is {length} {unit} long.",
        goal=f"the length of {goal}",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=steps,
        given={
            "kind": "single",
            "shape": shape,
            "source": source,
            "square": factor * factor * inside,
            "target": target,
            "unit": unit,
        },
    )


def _regular_figure(rng: random.Random) -> Case:
    """A length or area of an equilateral triangle, square or regular hexagon from another of its lengths."""
    kind = pick(rng, "triangle_area", "triangle_side", "square_area", "hexagon_area", "hexagon_width")
    factor, inside = rng.randint(2, 60), pick(rng, 1, 1, *SQUARE_FREE)
    length, square, unit = surd(factor, inside), factor * factor * inside, unit_of(rng)
    power = 2 if kind.endswith("area") else 1
    height = "The height h of an equilateral triangle with side s halves its base, so h^2 = s^2 - s^2/4"
    height += " and h = s*sqrt(3)/2."
    if kind == "triangle_area":
        scene = f"An equilateral triangle has a height of {length} {unit}."
        goal, value = "the area of the triangle", Fraction(square, 3)
        steps = [
            f"From s*sqrt(3)/2 = {length} we get s^2 = 4 * {square}/3 = {Fraction(4 * square, 3)}.",
            f"The area is s^2*sqrt(3)/4 = {Fraction(4 * square, 3)}*sqrt(3)/4 =",
        ]
        answer = times(value, "sqrt(3)")
    elif kind == "triangle_side":
        scene = f"An equilateral triangle has a height of {length} {unit}."
        goal, answer = "the length of the sides of the triangle", root(Fraction(4 * square, 3))
        steps = [f"s*sqrt(3)/2 = {length}, so s = 2*{length}/sqrt(3) ="]
    elif kind == "square_area":
        scene = f"A square has a diagonal of {length} {unit}. An equilateral triangle has the same side."
        goal, answer = "the area of the triangle", times(Fraction(square, 8), "sqrt(3)")
        steps = [
            f"With side s the diagonal is s*sqrt(2) = {length}, so s^2 = {square}/2 = {Fraction(square, 2)}.",
            f"The area of the triangle is s^2*sqrt(3)/4 = {Fraction(square, 2)}*sqrt(3)/4 =",
        ]
    elif kind == "hexagon_area":
        scene = f"A regular hexagon has sides of {length} {unit}."
        goal, answer = "the area of the hexagon", times(Fraction(3 * square, 2), "sqrt(3)")
        steps = [
            f"It consists of 6 equilateral triangles with side s = {length} and s^2 = {square}.",
            f"The area is 6 * s^2*sqrt(3)/4 = 6 * {square}*sqrt(3)/4 =",
        ]
    else:
        scene = f"A regular hexagon has sides of {length} {unit}."
        goal, answer = "the distance between two parallel sides", root(3 * square)
        steps = [
            f"It consists of 6 equilateral triangles with side s = {length} and height s*sqrt(3)/2.",
            "The distance is two of these heights, s*sqrt(3) =",
        ]
    given = {"kind": kind, "square": square, "unit": unit}
    return Case(scene, goal, exact(unit, power), answer, REAL, [height, *steps], given)


def _two_triangles(rng: random.Random) -> Case:
    """A triangle with angles 30, 45 or 60 at B and C: the altitude cuts it into two special triangles."""
    first, second = pick(rng, (30, 45), (45, 60), (45, 30), (60, 45))
    factor, inside = rng.randint(2, 99), pick(rng, 1, 1, *SQUARE_FREE)
    length, square, unit = surd(factor, inside), factor * factor * inside, unit_of(rng)
    height = square * {30: Fraction(1, 4), 45: Fraction(1, 2), 60: Fraction(3, 4)}[first]
    tangents = {30: Fraction(3), 45: Fraction(1), 60: Fraction(1, 3)}  # squares of foot / height
    left, right = height * tangents[first], height * tangents[second]
    wanted = pick(rng, "BC", "area")
    legs = {
        30: "AD = AB/2 and BD = AB*sqrt(3)/2",
        45: "AD = BD = AB/sqrt(2)",
        60: "AD = AB*sqrt(3)/2 and BD = AB/2",
    }
    other = {30: "CD = AD*sqrt(3)", 45: "CD = AD", 60: "CD = AD/sqrt(3)"}
    base = added(root(left), root(right))
    steps = [
        f"Let D be the foot of the altitude from A. In triangle ABD, {legs[first]}.",
        f"So AD = {root(height)} and BD = {root(left)}.",
        f"In triangle ADC, {other[second]} = {root(right)}.",
    ]
    if wanted == "BC":
        goal, answer = "the length of BC", base
        steps.append("BC = BD + CD =")
    else:
        goal, answer = "the area of the triangle", _sum_of_roots(height * left / 4, height * right / 4)
        steps += [f"BC = {base}", "The area is AD * BC/2 = AD * BD/2 + AD * CD/2 ="]
    return Case(
        scene=f"In triangle ABC, angle B is {first} and angle C {second} degrees, and AB is {length} {unit}.",
        goal=goal,
        form=exact(unit, 1 if wanted == "BC" else 2),
        answer=answer,
        spec=REAL,
        steps=steps,
        given={"kind": "two", "angles": [first, second], "square": square, "wanted": wanted, "unit": unit},
    )


def _sum_of_roots(first: Fraction, second: Fraction) -> str:
    return added(root(first), root(second))


@family(
    name="special_right_triangles",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Without a calculator, work out {goal}. {scene} {form}",
    ),
)
def special_right_triangles(rng: random.Random, level: int) -> Problem:
    """Exact lengths and areas from triangles with angles 45, 45, 90 and 30, 60, 90."""
    if level < 4:
        return posed(special_right_triangles, rng, _special(rng, level))
    return posed(special_right_triangles, rng, (_regular_figure if level == 4 else _two_triangles)(rng))


@special_right_triangles.proof
def _special_right_triangles(given: Given) -> str:
    """Sines, cosines and tangents of sympy."""
    import sympy

    length = sympy.sqrt(given["square"])
    degree = sympy.pi / 180
    kind = given["kind"]
    if kind == "single":
        small = given["shape"] * degree
        across, beside = sympy.sin(small), sympy.cos(small)
        shares = {"hypotenuse": 1, "leg": beside, "shorter leg": across, "longer leg": beside}
        return str(sympy.radsimp(length / shares[given["source"]] * shares[given["target"]]))
    if kind == "two":
        b, c = (angle * degree for angle in given["angles"])
        height = length * sympy.sin(b)
        base = height / sympy.tan(b) + height / sympy.tan(c)
        return str(sympy.expand(sympy.radsimp(base if given["wanted"] == "BC" else base * height / 2)))
    figure, asked = kind.split("_")
    if figure == "triangle":
        side = length / sympy.sin(60 * degree)
        value = side if asked == "side" else side * length / 2
    elif figure == "square":
        side = length * sympy.sin(45 * degree)
        value = side * side * sympy.sin(60 * degree) / 2
    elif asked == "area":
        value = 6 * length * length * sympy.sin(60 * degree) / 2
    else:
        value = 2 * length * sympy.cos(30 * degree)
    return str(sympy.radsimp(value))
