"""Circles measured: area and circumference, arcs and sectors, all exact in pi.

The proofs are sympy's: integrals of the circle's equation and of its arc length.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    added,
    exact,
    pi_times,
    pick,
    posed,
    times,
    unit_of,
)
from datagen.problems.specs import INTEGER, REAL
from datagen.problems.text import square_part, surd

IN_PI = "in terms of pi."


def _in_pi(unit: str, power: int = 1) -> str:
    return exact(unit, power).replace(".", f", {IN_PI}")


def _from_radius(rng: random.Random) -> Case:
    radius, unit = rng.randint(2, 60), unit_of(rng)
    scene = f"A circle has a radius of {radius} {unit}."
    if rng.random() < 0.5:
        steps = ["The area is pi*r^2.", f"pi*{radius}^2 ="]
        answer, given = pi_times(radius * radius), {"kind": "area", "radius": radius, "unit": unit}
        return Case(scene, "the area of the circle", _in_pi(unit, 2), answer, REAL, steps, given)
    steps = ["The circumference is 2*pi*r.", f"2*pi*{radius} ="]
    given = {"kind": "circumference", "radius": radius, "unit": unit}
    return Case(
        scene, "the circumference of the circle", _in_pi(unit), pi_times(2 * radius), REAL, steps, given
    )


def _from_diameter(rng: random.Random) -> Case:
    """A whole circle from an odd diameter, or a half circle."""
    unit = unit_of(rng)
    kind = pick(rng, "disc_area", "half_area", "half_perimeter")
    diameter = 2 * rng.randint(1, 60) + 1 if kind == "disc_area" else rng.randint(3, 120)
    radius = Fraction(diameter, 2)
    given = {"kind": kind, "diameter": diameter, "unit": unit}
    radius_step = f"The radius is {diameter}/2{'' if diameter % 2 else f' = {radius}'}."
    if kind == "disc_area":
        steps = [radius_step, f"The area is pi*r^2 = pi*({radius})^2 ="]
        scene, answer = f"A circle has a diameter of {diameter} {unit}.", pi_times(radius * radius)
        return Case(scene, "the area of the circle", _in_pi(unit, 2), answer, REAL, steps, given)
    scene = f"A half disc has a diameter of {diameter} {unit}."
    if kind == "half_area":
        steps = [radius_step, f"The area is half of pi*r^2: pi*({radius})^2/2 ="]
        answer = pi_times(radius * radius / 2)
        return Case(scene, "the area of the half disc", _in_pi(unit, 2), answer, REAL, steps, given)
    steps = [
        radius_step,
        f"The half circle is pi*r = {pi_times(radius)} long.",
        "With the diameter this makes",
    ]
    answer = added(pi_times(radius), str(diameter))
    goal = "the whole perimeter of the half disc, the straight side included"
    return Case(scene, goal, _in_pi(unit), answer, REAL, steps, given)


def _one_from_the_other(rng: random.Random) -> Case:
    """The circumference from the area, or the area from the circumference."""
    unit = unit_of(rng)
    if rng.random() < 0.6:
        square = rng.randint(2, 3000)
        steps = [
            f"pi*r^2 = {pi_times(square)}, so r^2 = {square} and r = {surd(1, square)}.",
            f"The circumference is 2*pi*r = 2*pi*{surd(1, square)} =",
        ]
        outside, inside = square_part(square)
        answer = f"{2 * outside}*pi" + (f"*sqrt({inside})" if inside > 1 else "")
        scene = f"The area of a circle is {pi_times(square)} {unit}^2."
        given = {"kind": "circumference_of_area", "square": square, "unit": unit}
        return Case(scene, "the circumference of the circle", _in_pi(unit), answer, REAL, steps, given)
    above, below = rng.randint(3, 150), rng.randint(1, 9)
    length = Fraction(above, below)
    radius = length / 2
    steps = [
        f"2*pi*r = {pi_times(length)}, so r = {radius}.",
        f"The area is pi*r^2 = pi*({radius})^2 =",
    ]
    scene = f"The circumference of a circle is {pi_times(length)} {unit}."
    given = {"kind": "area_of_circumference", "length": str(length), "unit": unit}
    return Case(
        scene, "the area of the circle", _in_pi(unit, 2), pi_times(radius * radius), REAL, steps, given
    )


def _ring(rng: random.Random) -> Case:
    """The area between two circles, or the outer radius for a given area of the ring."""
    inner, width, unit = rng.randint(2, 60), rng.randint(1, 40), unit_of(rng)
    outer = inner + width
    area = outer * outer - inner * inner
    if rng.random() < 0.5:
        scene = f"A round pond with a radius of {inner} m is surrounded by a path {width} m wide."
        steps = [
            f"The outer radius is {inner} + {width} = {outer} m.",
            f"The path is what the large disc has more than the pond: pi*{outer}^2 - pi*{inner}^2.",
            f"pi*({outer * outer} - {inner * inner}) =",
        ]
        given = {"kind": "path", "inner": inner, "width": width, "unit": "m"}
        return Case(scene, "the area of the path", _in_pi("m", 2), pi_times(area), REAL, steps, given)
    total = rng.randint(5, 4000)
    square = total + inner * inner
    scene = (
        f"The ring between two circles with the same centre has an area of {pi_times(total)} {unit}^2. "
        f"The smaller circle has a radius of {inner} {unit}."
    )
    steps = [
        f"With the larger radius R the area of the ring is pi*R^2 - pi*{inner}^2 = {pi_times(total)}.",
        f"So R^2 - {inner * inner} = {total} and R^2 = {square}.",
        f"R = sqrt({square}) =",
    ]
    if surd(1, square) == f"sqrt({square})":
        steps[-1] = f"No square above 1 divides {square}, so R ="
    given = {"kind": "outer", "inner": inner, "area": total, "unit": unit}
    answer = surd(1, square)
    return Case(scene, "the radius of the larger circle", exact(unit), answer, REAL, steps, given)


def _with_polygon(rng: random.Random) -> Case:
    """What lies between a circle and a rectangle or right triangle in it, or a triangle round it."""
    unit = unit_of(rng)
    a, b = rng.randint(2, 40), rng.randint(2, 40)
    square = a * a + b * b
    kind = pick(rng, "rectangle", "right", "equilateral")
    if kind == "equilateral":
        side = rng.randint(2, 200)
        inscribed = rng.random() < 0.5
        disc = Fraction(side * side, 12 if inscribed else 3)
        triangle = Fraction(side * side, 4)
        name = "inscribed in" if inscribed else "circumscribed about"
        radius = "a third" if inscribed else "two thirds"
        steps = [
            f"The height of the triangle is {side}*sqrt(3)/2, and its area {times(triangle, 'sqrt(3)')}.",
            f"The radius is {radius} of the height, "
            f"{times(Fraction(side, 6 if inscribed else 3), 'sqrt(3)')}.",
            f"So the area of the disc is {pi_times(disc)}.",
        ]
        parts = [times(triangle, "sqrt(3)"), pi_times(-disc)]
        if not inscribed:
            parts = [pi_times(disc), times(-triangle, "sqrt(3)")]
        larger, smaller = ("triangle", "disc") if inscribed else ("disc", "triangle")
        steps.append(f"The {larger} is larger. The difference is")
        scene = f"A circle is {name} an equilateral triangle whose sides are {side} {unit} long."
        goal = f"the area of the part of the {larger} that lies outside the {smaller}"
        given = {"kind": kind, "side": side, "inscribed": inscribed, "unit": unit}
        return Case(scene, goal, _in_pi(unit, 2), added(*parts), REAL, steps, given)
    disc = Fraction(square, 4)
    if kind == "rectangle":
        scene = f"A rectangle with sides of {a} {unit} and {b} {unit} has its corners on a circle."
        area, shape = Fraction(a * b), "rectangle"
        first = "The diagonal of the rectangle is a diameter"
    else:
        scene = f"A right triangle with legs of {a} {unit} and {b} {unit} has its corners on a circle."
        area, shape = Fraction(a * b, 2), "triangle"
        first = "The hypotenuse is a diameter, because the angle over it is right"
    steps = [
        f"{first}: d^2 = {a}^2 + {b}^2 = {square}.",
        f"The area of the disc is pi*d^2/4 = {pi_times(disc)}.",
        f"The area of the {shape} is {area}.",
        f"What lies outside the {shape} is the difference,",
    ]
    goal = f"the area of the part of the disc that lies outside the {shape}"
    given = {"kind": kind, "sides": [a, b], "unit": unit}
    answer, key = added(pi_times(disc), str(-area)), (kind, min(a, b), max(a, b))
    return Case(scene, goal, _in_pi(unit, 2), answer, REAL, steps, given, key)


CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _from_radius,
    2: _from_diameter,
    3: _one_from_the_other,
    4: _ring,
    5: _with_polygon,
}


@family(
    name="circle_area_circumference",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal}, given the following. {scene} {form}",
    ),
)
def circle_area_circumference(rng: random.Random, level: int) -> Problem:
    """Area, circumference or radius of circles, half discs, rings and discs with a polygon cut out."""
    return posed(circle_area_circumference, rng, CASES[level](rng))


@circle_area_circumference.proof
def _circle_area_circumference(given: Given) -> str:
    """Areas as sums of thin rings (the integral of the circumference), corners in the complex plane."""
    import sympy

    kind, r = given["kind"], sympy.Symbol("r", positive=True)
    disc = sympy.integrate(2 * sympy.pi * r, (r, 0, r))
    if kind in ("area", "disc_area", "circumference", "half_area", "half_perimeter"):
        radius = given["radius"] if "radius" in given else sympy.Rational(given["diameter"], 2)
        rim = sympy.diff(disc, r)
        value = {"circumference": rim, "half_area": disc / 2, "half_perimeter": rim / 2 + 2 * r}
        return str(value.get(kind, disc).subs(r, radius))
    if kind == "circumference_of_area":
        (radius,) = sympy.solve(disc - sympy.pi * given["square"], r)
        return str(sympy.diff(disc, r).subs(r, radius))
    if kind == "area_of_circumference":
        (radius,) = sympy.solve(sympy.diff(disc, r) - sympy.pi * sympy.Rational(given["length"]), r)
        return str(disc.subs(r, radius))
    if kind == "path":
        start = given["inner"]
        return str(sympy.integrate(2 * sympy.pi * r, (r, start, start + given["width"])))
    if kind == "outer":
        ring = disc - disc.subs(r, given["inner"]) - sympy.pi * given["area"]
        return str(sympy.solve(ring, r)[0])
    if kind == "equilateral":
        side = given["side"]
        radius = (
            side * sympy.tan(sympy.pi / 6) / 2 if given["inscribed"] else side / (2 * sympy.cos(sympy.pi / 6))
        )
        triangle = side**2 * sympy.sin(sympy.pi / 3) / 2
        return str((triangle - disc.subs(r, radius)) * (1 if given["inscribed"] else -1))
    a, b = given["sides"]
    radius = sympy.Abs(sympy.Rational(a, 2) + sympy.I * sympy.Rational(b, 2))
    corners = [(0, 0), (a, 0), (a, b), (0, b)] if kind == "rectangle" else [(0, 0), (a, 0), (0, b)]
    return str(disc.subs(r, radius) - sympy.Polygon(*corners).area)


EASY_ANGLES = (30, 45, 60, 90, 120, 180, 270)
SEGMENT_ANGLES = {30: (1, 4), 45: (2, 4), 60: (3, 4), 90: (1, 2), 120: (3, 4), 135: (2, 4), 150: (1, 4)}
"""Angles whose sine is known: half of it is the root of the first number over the second."""


def _sector(rng: random.Random, angle: int, radius: int) -> Case:
    unit = unit_of(rng)
    scene = f"A sector of a circle has a radius of {radius} {unit} and an angle of {angle} degrees."
    part = Fraction(angle, 360)
    first = f"The sector is {angle}/360 = {part} of the disc."
    if rng.random() < 0.5:
        steps = [first, f"Its arc is {part} of the circumference: 2*pi*{radius} * {part} ="]
        given = {"kind": "arc", "radius": radius, "angle": angle, "unit": unit}
        answer = pi_times(2 * radius * part)
        return Case(scene, "the length of the arc of the sector", _in_pi(unit), answer, REAL, steps, given)
    steps = [first, f"Its area is {part} of the disc: pi*{radius}^2 * {part} ="]
    given = {"kind": "area", "radius": radius, "angle": angle, "unit": unit}
    answer = pi_times(radius * radius * part)
    return Case(scene, "the area of the sector", _in_pi(unit, 2), answer, REAL, steps, given)


def _sector_angle(rng: random.Random) -> Case:
    angle, radius, unit = 2 * rng.randint(5, 175), rng.randint(2, 60), unit_of(rng)
    part = Fraction(angle, 360)
    if rng.random() < 0.5:
        arc, whole = 2 * radius * part, pi_times(2 * radius)
        scene = f"A sector of a circle with a radius of {radius} {unit} has an arc of {pi_times(arc)} {unit}."
        steps = [f"The whole circumference is 2*pi*{radius} = {whole}.", f"The arc is {part} of it."]
        given = {"kind": "angle_of_arc", "radius": radius, "arc": str(arc), "unit": unit}
    else:
        area, whole = radius * radius * part, pi_times(radius * radius)
        scene = (
            f"A sector of a circle with a radius of {radius} {unit} has an area of {pi_times(area)} {unit}^2."
        )
        steps = [f"The area of the whole disc is pi*{radius}^2 = {whole}.", f"The sector is {part} of it."]
        given = {"kind": "angle_of_area", "radius": radius, "area": str(area), "unit": unit}
    steps.append(f"The angle is the same part of the full turn: 360 * {part} =")
    return Case(
        scene, "the angle of the sector", "Give the number of degrees.", str(angle), INTEGER, steps, given
    )


def _sector_perimeter(rng: random.Random) -> Case:
    angle, radius, unit = 5 * rng.randint(2, 70), rng.randint(2, 99), unit_of(rng)
    part = Fraction(angle, 360)
    arc = 2 * radius * part
    return Case(
        scene=f"A sector of a circle has a radius of {radius} {unit} and an angle of {angle} degrees.",
        goal="the whole perimeter of the sector, the two straight sides included",
        form=_in_pi(unit),
        answer=added(pi_times(arc), str(2 * radius)),
        spec=REAL,
        steps=[
            f"The sector is {angle}/360 = {part} of the disc.",
            f"Its arc is {part} of the circumference: 2*pi*{radius} * {part} = {pi_times(arc)}.",
            f"The two straight sides are radii and add 2 * {radius} = {2 * radius}.",
            "The perimeter is",
        ],
        given={"kind": "perimeter", "radius": radius, "angle": angle, "unit": unit},
    )


def _segment(rng: random.Random) -> Case:
    """The area between a chord and its arc; the radius is a whole number or the root of one."""
    angle, square, unit = pick(rng, *SEGMENT_ANGLES), rng.randint(5, 2500), unit_of(rng)
    radius = surd(1, square)
    inside, below = SEGMENT_ANGLES[angle]
    sector = square * Fraction(angle, 360)
    triangle = Fraction(square, below)
    flat = times(triangle, f"sqrt({inside})") if inside > 1 else str(triangle)
    sine = {2: "1", 4: {1: "1/2", 2: "sqrt(2)/2", 3: "sqrt(3)/2"}[inside]}[below]
    return Case(
        scene=f"In a circle with a radius of {radius} {unit}, the radii to the ends of a chord form an "
        f"angle of {angle} degrees.",
        goal="the area of the smaller part that the chord cuts off the disc",
        form=_in_pi(unit, 2),
        answer=added(pi_times(sector), f"-{flat}"),
        spec=REAL,
        steps=[
            f"The two radii cut a sector out of the disc that is {angle}/360 = {Fraction(angle, 360)} of it.",
            f"With r^2 = {square} its area is {square}*pi * {Fraction(angle, 360)} = {pi_times(sector)}.",
            f"The triangle of the two radii and the chord has the area r^2*sin({angle} degrees)/2.",
            f"Because sin({angle} degrees) = {sine}, this is {flat}.",
            "The chord cuts off the sector without the triangle,",
        ],
        given={"kind": "segment", "square": square, "angle": angle, "unit": unit},
    )


@family(
    name="sector_and_arc",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal}, given the following. {scene} {form}",
    ),
)
def sector_and_arc(rng: random.Random, level: int) -> Problem:
    """Arc, area, angle or perimeter of a sector, and the segment a chord cuts off."""
    if level == 1:
        return posed(sector_and_arc, rng, _sector(rng, pick(rng, *EASY_ANGLES), rng.randint(2, 36)))
    if level == 2:
        angle = pick(rng, *(angle for angle in range(10, 360, 5) if angle not in EASY_ANGLES))
        return posed(sector_and_arc, rng, _sector(rng, angle, rng.randint(4, 99)))
    make = {3: _sector_angle, 4: _sector_perimeter, 5: _segment}[level]
    return posed(sector_and_arc, rng, make(rng))


@sector_and_arc.proof
def _sector_and_arc(given: Given) -> str:
    """Integrals over the angle; the missing angle is the one of 1 to 359 degrees that fits."""
    import sympy

    kind = given["kind"]
    t = sympy.Symbol("t")
    if kind.startswith("angle"):
        radius = given["radius"]
        for angle in range(1, 360):
            turn = Fraction(angle, 180)
            if kind == "angle_of_arc" and radius * turn == Fraction(given["arc"]):
                return str(angle)
            if kind == "angle_of_area" and radius * radius * turn / 2 == Fraction(given.get("area", 0)):
                return str(angle)
    end = given["angle"] * sympy.pi / 180
    if kind == "segment":
        return str(sympy.integrate(sympy.Rational(given["square"], 2) * (1 - sympy.cos(t)), (t, 0, end)))
    radius = given["radius"]
    if kind == "area":
        return str(sympy.integrate(sympy.Rational(radius**2, 2), (t, 0, end)))
    arc = sympy.integrate(radius, (t, 0, end))
    return str(arc if kind == "arc" else arc + 2 * radius)
