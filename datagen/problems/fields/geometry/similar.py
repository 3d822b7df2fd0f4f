"""Similar triangles: sides, perimeters and areas in proportion.

The proofs place the figures in a coordinate system and intersect lines.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, in_unit, pick, posed, unit_of
from datagen.problems.specs import QUANTITY, RATIONAL


def _exact_area(unit: str) -> str:
    return f"Give the exact number of {unit}^2, as a whole number or a fraction."


def _triangle(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    """Three different whole sides of a triangle."""
    while True:
        a, b, c = sorted(rng.sample(range(low, high + 1), 3))
        if a + b > c:
            return a, b, c


def _scaled_side(rng: random.Random) -> Case:
    sides = list(_triangle(rng, 3, 14))
    rng.shuffle(sides)
    a, b, c = sides
    factor, unit = rng.randint(2, 9), unit_of(rng)
    return Case(
        scene=f"Triangle ABC has AB = {a} {unit}, BC = {b} {unit} and CA = {c} {unit}. Triangle DEF "
        f"is similar to it, D, E and F corresponding to A, B and C, and DE = {factor * a} {unit}.",
        goal="the length of EF",
        form=in_unit(unit),
        answer=f"{factor * b} {unit}",
        spec=QUANTITY,
        steps=[
            f"The scale factor is DE/AB = {factor * a}/{a} = {factor}.",
            f"EF = {factor} * BC = {factor} * {b} =",
        ],
        given={"kind": "side", "sides": [a, b, c], "image": factor * a, "unit": unit},
    )


def _perimeter(rng: random.Random) -> Case:
    """The perimeter of the image; the scale factor is a proper fraction above or below 1."""
    above, below = rng.sample(range(2, 8), 2)
    while Fraction(above, below).denominator == 1 or Fraction(above, below) < Fraction(1, 3):
        above, below = rng.sample(range(2, 8), 2)
    a, b, c = (below * side for side in rng.sample(_triangle(rng, 3, 13), 3))
    unit, image = unit_of(rng), a * above // below
    ratio, total = Fraction(above, below), a + b + c
    return Case(
        scene=f"A triangle has sides of {a} {unit}, {b} {unit} and {c} {unit}. In a similar triangle, "
        f"the side that corresponds to the one of {a} {unit} is {image} {unit} long.",
        goal="the perimeter of the second triangle",
        form=in_unit(unit),
        answer=f"{ratio * total} {unit}",
        spec=QUANTITY,
        steps=[
            f"The scale factor is {image}/{a} = {ratio}.",
            f"The first perimeter is {a} + {b} + {c} = {total} {unit}.",
            f"Perimeters scale by the same factor: {ratio} * {total} =",
        ],
        given={"kind": "perimeter", "sides": [a, b, c], "image": image, "unit": unit},
        key=("perimeter", a, min(b, c), max(b, c), image),
    )


def _areas(rng: random.Random) -> Case:
    first, second = rng.sample(range(2, 40), 2)
    while Fraction(first, second).denominator == 1:
        first, second = rng.sample(range(2, 40), 2)
    unit, area = unit_of(rng), rng.randint(5, 200)
    ratio = Fraction(second, first)
    answer = area * ratio * ratio
    reduced = "" if ratio.denominator == first else f" = {ratio}"
    return Case(
        scene=f"Two triangles are similar. A side of the first is {first} {unit} long, and the corresponding "
        f"side of the second is {second} {unit} long. The first has an area of {area} {unit}^2.",
        goal="the area of the second triangle",
        form=_exact_area(unit),
        answer=str(answer),
        spec=RATIONAL,
        steps=[
            f"The scale factor is {second}/{first}{reduced}.",
            "Base and height of the triangle are both multiplied by this factor.",
            f"So the area is multiplied by its square, {ratio * ratio}.",
            f"{area} * {ratio * ratio} =",
        ],
        given={"kind": "areas", "sides": [first, second], "area": area, "unit": unit},
    )


def _parallel_cut(rng: random.Random) -> Case:
    """DE parallel to BC cuts triangle ABC: the area of the trapezium that is left."""
    top, rest = rng.randint(2, 20), rng.randint(2, 20)
    unit, area = unit_of(rng), rng.randint(10, 300)
    ratio = Fraction(top, top + rest)
    small = area * ratio * ratio
    return Case(
        scene="In triangle ABC, D lies on AB and E lies on AC, and DE is parallel to BC. "
        f"AD is {top} {unit} and DB is {rest} {unit} long. The area of triangle ABC is {area} {unit}^2.",
        goal="the area of the quadrilateral DBCE",
        form=_exact_area(unit),
        answer=str(area - small),
        spec=RATIONAL,
        steps=[
            f"AB is {top} + {rest} = {top + rest} {unit} long.",
            f"Triangle ADE is similar to triangle ABC with the scale factor AD/AB = {ratio}.",
            f"Its area is {area} * ({ratio})^2 = {area} * {ratio * ratio} = {small}.",
            f"The quadrilateral has the rest: {area} - {small} =",
        ],
        given={"kind": "cut", "parts": [top, rest], "area": area, "unit": unit},
    )


def _trapezium_diagonals(rng: random.Random) -> Case:
    """The four triangles between the diagonals of a trapezium."""
    a, b = rng.sample(range(2, 31), 2)
    height, unit = rng.randint(2, 40), unit_of(rng)
    which = pick(rng, "ABE", "CDE", "BCE")
    upper = Fraction(height * a, a + b)
    steps = [
        f"AB and CD are parallel, so triangles ABE and CDE are similar, with AB/CD = {a}/{b}.",
        f"Their heights are in the same ratio and add up to {height}.",
        f"The height of triangle ABE is {height} * {a}/({a} + {b}) = {upper}.",
    ]
    if which == "ABE":
        answer = Fraction(a) * upper / 2
        steps.append(f"Its area is {a} * ({upper})/2 =")
    elif which == "CDE":
        answer = Fraction(b) * (height - upper) / 2
        steps += [
            f"The height of triangle CDE is {height} - {upper} = {height - upper}.",
            f"Its area is {b} * ({height - upper})/2 =",
        ]
    else:
        whole, part = Fraction(a * height, 2), Fraction(a) * upper / 2
        answer = whole - part
        steps += [
            f"The area of triangle ABC is {a} * {height}/2 = {whole}, and that of its part ABE is {part}.",
            f"Triangle BCE is the rest: {whole} - {part} =",
        ]
    sides = (b, a) if which == "CDE" or (which == "BCE" and b < a) else (a, b)
    return Case(
        scene=f"ABCD is a trapezium with AB parallel to CD, AB = {a} {unit}, CD = {b} {unit} and a height of "
        f"{height} {unit}. Its diagonals AC and BD meet at E.",
        goal=f"the area of triangle {which}",
        form=_exact_area(unit),
        answer=str(answer),
        spec=RATIONAL,
        steps=steps,
        given={"kind": "diagonals", "parallel": [a, b], "height": height, "triangle": which, "unit": unit},
        key=("diagonals", *sides, height, which == "BCE"),
    )


CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _scaled_side,
    2: _perimeter,
    3: _areas,
    4: _parallel_cut,
    5: _trapezium_diagonals,
}


@family(
    name="similar_triangles",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Use similar triangles to work out {goal}. {scene} {form}",
    ),
)
def similar_triangles(rng: random.Random, level: int) -> Problem:
    """A side, perimeter or area by the scale factor between similar triangles."""
    return posed(similar_triangles, rng, CASES[level](rng))


@similar_triangles.proof
def _similar_triangles(given: Given) -> str:
    """Cross products for lengths; for areas, coordinates and determinants."""
    import sympy

    kind, unit = given["kind"], given["unit"]
    if kind in ("side", "perimeter"):
        x = sympy.Symbol("x")
        a, b, c = given["sides"]
        second, third = (sympy.solve(a * x - given["image"] * side, x)[0] for side in (b, c))
        return f"{second if kind == 'side' else given['image'] + second + third} {unit}"
    if kind == "areas":
        first, second = given["sides"]
        height = sympy.Rational(2 * given["area"], first)
        return str(second * (height * second / first) / 2)
    origin = sympy.Point(0, 0)
    if kind == "cut":
        top, rest = given["parts"]
        along, height = top + rest, sympy.Rational(2 * given["area"], top + rest)
        corner_c = sympy.Point(0, height)  # area ABC = AB * height / 2 for any C at that height
        d, b = sympy.Point(top, 0), sympy.Point(along, 0)
        e = sympy.Line(d, d + (corner_c - b)).intersection(sympy.Line(origin, corner_c))[0]
        corners = [d, b, corner_c, e]
    else:
        a, b = given["parallel"]
        h = given["height"]
        named = {"A": origin, "B": sympy.Point(a, 0), "C": sympy.Point(b, h), "D": sympy.Point(0, h)}
        meeting = sympy.Line(named["A"], named["C"]).intersection(sympy.Line(named["B"], named["D"]))
        named["E"] = meeting[0]
        corners = [named[name] for name in given["triangle"]]
    return str(abs(sympy.Polygon(*corners).area))
