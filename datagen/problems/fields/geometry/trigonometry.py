"""The laws of cosines and sines: sides, cosines, medians and circumradii, all exact.

The proofs place the triangle in a coordinate system and measure with sympy.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    added,
    ends_in_root,
    exact,
    in_unit,
    pick,
    posed,
    root,
    unit_of,
)
from datagen.problems.specs import LOWEST_TERMS, QUANTITY, REAL
from datagen.problems.text import square_part, surd


def scalene(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    """Three whole sides of a triangle that is neither degenerate nor equilateral, in any order."""
    while True:
        a, b, c = (rng.randint(low, high) for _ in range(3))
        if max(a, b, c) * 2 < a + b + c and not a == b == c:
            return a, b, c


def _whole_triples() -> dict[int, list[tuple[int, int, int]]]:
    """Primitive whole (a, b, c) with an angle of 60 or 120 degrees between a and b, opposite c."""
    found: dict[int, list[tuple[int, int, int]]] = {60: [], 120: []}
    for m in range(2, 8):
        for n in range(1, m):
            if gcd(m, n) == 1 and (m - n) % 3:
                a, b, c = m * m - n * n, 2 * m * n + n * n, m * m + m * n + n * n
                found[120].append((a, b, c))
                found[60] += [(a, a + b, c), (b, a + b, c)]
    return found


WHOLE_TRIPLES = _whole_triples()


def _between(rng: random.Random, angle: int, a: int, b: int, square: int) -> tuple[str, list[str]]:
    """The scene of two sides with an angle between them, and the steps to the square of the third side."""
    cosine = {60: "1/2", 120: "-1/2"}[angle]
    sign = "-" if angle == 60 else "+"
    return f"In triangle ABC, BC is {a} {{unit}}, CA is {b} {{unit}} and angle C is {angle} degrees.", [
        f"AB^2 = BC^2 + CA^2 - 2*BC*CA*cos({angle} degrees), and cos({angle} degrees) = {cosine}.",
        f"AB^2 = {a}^2 + {b}^2 {sign} {a} * {b} = {a * a} + {b * b} {sign} {a * b} = {square}",
    ]


def _third_side(rng: random.Random, whole: bool) -> Case:
    angle, unit = pick(rng, 60, 120), unit_of(rng)
    if whole:
        factor = rng.randint(1, 9)
        a, b, _ = (factor * side for side in pick(rng, *WHOLE_TRIPLES[angle]))
        if rng.random() < 0.5:
            a, b = b, a
    square = 1
    while not whole:
        a, b = rng.randint(2, 60), rng.randint(2, 60)
        if a != b and square_part(a * a + b * b - (a * b if angle == 60 else -a * b))[1] > 1:
            break
    square = a * a + b * b - (a * b if angle == 60 else -a * b)
    scene, steps = _between(rng, angle, a, b, square)
    length = surd(1, square)
    return Case(
        scene=scene.format(unit=unit),
        goal="the length of AB",
        form=in_unit(unit) if whole else exact(unit),
        answer=f"{length} {unit}" if whole else length,
        spec=QUANTITY if whole else REAL,
        steps=[*steps, f"AB = sqrt({square}) =" if whole else ends_in_root("AB", square)],
        given={"kind": "side", "sides": [a, b], "angle": angle, "unit": unit},
        key=("side", min(a, b), max(a, b), angle),
    )


def _cosine(rng: random.Random) -> Case:
    a, b, c = scalene(rng, 3, 30)
    while a * a + b * b == c * c:
        a, b, c = scalene(rng, 3, 30)
    unit = unit_of(rng)
    above, below = a * a + b * b - c * c, 2 * a * b
    cosine = Fraction(above, below)
    reduced = "" if cosine.denominator == below else f" {above}/{below} ="
    return Case(
        scene=f"A triangle ABC has the sides BC = {a} {unit}, CA = {b} {unit} and AB = {c} {unit}.",
        goal="the cosine of angle C",
        form="Give a fraction in lowest terms.",
        answer=str(cosine),
        spec=LOWEST_TERMS,
        steps=[
            "The side opposite angle C is AB, so by the law of cosines AB^2 = BC^2 + CA^2 - 2*BC*CA*cos(C).",
            f"{c * c} = {a * a} + {b * b} - 2 * {a} * {b} * cos(C)",
            f"{c * c} = {a * a + b * b} - {below}*cos(C)",
            f"{below}*cos(C) = {a * a + b * b} - {c * c} = {above}",
            f"cos(C) ={reduced}",
        ],
        given={"kind": "cosine", "sides": [a, b, c], "unit": unit},
        key=("cosine", min(a, b), max(a, b), c),
    )


def _median(rng: random.Random) -> Case:
    a, b, c = scalene(rng, 4, 40)
    a += a % 2
    while max(a, b, c) * 2 >= a + b + c:
        a, b, c = scalene(rng, 4, 40)
        a += a % 2
    unit, half = unit_of(rng), a // 2
    cosine = Fraction(a * a + c * c - b * b, 2 * a * c)
    square = Fraction(2 * b * b + 2 * c * c - a * a, 4)
    return Case(
        scene=f"A triangle ABC has the sides BC = {a} {unit}, CA = {b} {unit} and AB = {c} {unit}. "
        "M is the midpoint of BC.",
        goal="the length of AM",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"In triangle ABC, {b}^2 = {a}^2 + {c}^2 - 2 * {a} * {c} * cos(B).",
            f"So cos(B) = ({a * a} + {c * c} - {b * b})/{2 * a * c} = {cosine}.",
            f"In triangle ABM, BM = {half} and AM^2 = {c}^2 + {half}^2 - 2 * {c} * {half} * cos(B).",
            f"2 * {c} * {half} * cos(B) = {2 * c * half * cosine}, so AM^2 = {square}.",
            f"AM = sqrt({square}) =",
        ],
        given={"kind": "median", "sides": [a, b, c], "unit": unit},
        key=("median", a, min(b, c), max(b, c)),
    )


def _cevian(rng: random.Random) -> Case:
    """A point D on BC divides it in two different whole parts: the length of AD."""
    while True:
        a, b, c = scalene(rng, 4, 40)
        if a > 3:
            break
    first = pick(rng, *(part for part in range(1, a) if 2 * part != a))
    unit = unit_of(rng)
    cosine = Fraction(a * a + c * c - b * b, 2 * a * c)
    square = c * c + first * first - 2 * c * first * cosine
    return Case(
        scene=f"In triangle ABC, CA is {b} {unit} and AB is {c} {unit} long. The point D on side BC "
        "divides it "
        f"into BD = {first} {unit} and DC = {a - first} {unit}.",
        goal="the length of AD",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"BC = {first} + {a - first} = {a}",
            f"In triangle ABC, {b}^2 = {a}^2 + {c}^2 - 2 * {a} * {c} * cos(B).",
            f"So cos(B) = ({a * a} + {c * c} - {b * b})/{2 * a * c} = {cosine}.",
            f"In triangle ABD, AD^2 = {c}^2 + {first}^2 - 2 * {c} * {first} * cos(B).",
            f"2 * {c} * {first} * cos(B) = {2 * c * first * cosine}, "
            f"so AD^2 = {c * c} + {first * first} - ({2 * c * first * cosine}) = {square}.",
            f"AD = sqrt({square}) =",
        ],
        given={"kind": "cevian", "sides": [b, c], "parts": [first, a - first], "unit": unit},
        key=("cevian", *min((b, a - first, first, c), (c, first, a - first, b))),
    )


@family(
    name="law_of_cosines",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Use the law of cosines to find {goal}. {scene} {form}",
    ),
)
def law_of_cosines(rng: random.Random, level: int) -> Problem:
    """The third side, the cosine of an angle, a median or another line through a corner, exact."""
    if level < 3:
        return posed(law_of_cosines, rng, _third_side(rng, level == 1))
    make = {3: _cosine, 4: _median, 5: _cevian}[level]
    return posed(law_of_cosines, rng, make(rng))


@law_of_cosines.proof
def _law_of_cosines(given: Given) -> str:
    """Coordinates: BC along the x-axis, A where the two circles about B and C meet."""
    import sympy

    kind = given["kind"]
    if kind == "side":
        a, b = given["sides"]
        turn = sympy.Rational(1 if given["angle"] == 60 else -1, 2) + sympy.I * sympy.sqrt(3) / 2
        length = sympy.Abs(sympy.expand(a - b * turn))
        return f"{length} {given['unit']}" if length.is_integer else str(length)
    b, c = given["sides"][-2:]
    a = given["sides"][0] if len(given["sides"]) == 3 else sum(given["parts"])
    x = sympy.Symbol("x")
    (foot,) = sympy.solve((c * c - x * x) - (b * b - (a - x) ** 2), x)
    height = c * c - foot * foot  # squared
    if kind == "cosine":  # sides are BC, CA, AB; the projection of CA on CB
        return str((a - foot) / b)
    across = sympy.Rational(a, 2) if kind == "median" else given["parts"][0]
    return str(sympy.sqrt((foot - across) ** 2 + height))


SINE_SQUARES = {30: Fraction(1, 4), 45: Fraction(1, 2), 60: Fraction(3, 4), 90: Fraction(1)}
SINE_SQUARES |= {120: Fraction(3, 4), 135: Fraction(1, 2), 150: Fraction(1, 4)}
SINES = {30: "1/2", 45: "sqrt(2)/2", 60: "sqrt(3)/2", 90: "1", 120: "sqrt(3)/2", 135: "sqrt(2)/2", 150: "1/2"}
STEEP = {15: "(sqrt(6) - sqrt(2))/4", 75: "(sqrt(6) + sqrt(2))/4", 105: "(sqrt(6) + sqrt(2))/4"}


def _sine(angle: int) -> str:
    return f"sin({angle} degrees)"


def _side_by_sines(rng: random.Random, level: int) -> Case:
    """The side opposite B from the side opposite A; at level 3 angle B must be found from A and C first."""
    unit = unit_of(rng)
    while True:
        first, second = pick(rng, *SINE_SQUARES), pick(rng, *SINE_SQUARES)
        known = 180 - first - second
        if known > 0 and SINE_SQUARES[first] != SINE_SQUARES[second] and (first != 90 or level > 1):
            break
    factor = rng.randint(2, 60)
    inside = pick(rng, 2, 3, 5, 6, 7, 10) if level > 1 else 1
    length, square = surd(factor, inside), factor * factor * inside
    ratio = SINE_SQUARES[second] / SINE_SQUARES[first]
    steps = [
        f"By the law of sines, CA/{_sine(second)} = BC/{_sine(first)}.",
        f"Here {_sine(first)} = {SINES[first]} and {_sine(second)} = {SINES[second]}.",
        f"So CA = BC * {root(ratio)} = {length} * {root(ratio)} =",
    ]
    text = f"angle A is {first} degrees and angle B is {second} degrees"
    if level == 3:
        text = f"angle A is {first} degrees and angle C is {known} degrees"
        steps = [f"Angle B is 180 - {first} - {known} = {second} degrees.", *steps]
    return Case(
        scene=f"In triangle ABC, {text}. BC is {length} {unit} long.",
        goal="the length of CA",
        form=exact(unit),
        answer=root(square * ratio),
        spec=REAL,
        steps=steps,
        given={
            "kind": "third" if level == 3 else "side",
            "angles": [first, known if level == 3 else second],
            "square": square,
            "unit": unit,
        },
    )


def _circumradius(rng: random.Random) -> Case:
    """The radius of the circumcircle from two angles and the side opposite the third."""
    unit = unit_of(rng)
    while True:
        b, c = rng.randint(10, 140), rng.randint(10, 140)
        a = pick(rng, *SINE_SQUARES)
        c = 180 - a - b
        if c > 9:
            break
    factor, inside = rng.randint(2, 80), pick(rng, 1, 1, 2, 3, 5, 6, 7, 10)
    length, square = surd(factor, inside), factor * factor * inside
    value = Fraction(square, 4) / SINE_SQUARES[a]
    return Case(
        scene=f"In triangle ABC, angle B is {b} and angle C {c} degrees, and BC is {length} {unit} long.",
        goal="the radius of the circle through A, B and C",
        form=exact(unit),
        answer=root(value),
        spec=REAL,
        steps=[
            f"Angle A, opposite BC, is 180 - {b} - {c} = {a} degrees.",
            f"By the law of sines, BC/{_sine(a)} is twice the radius R of the circumscribed circle.",
            f"Here {_sine(a)} = {SINES[a]}, so 2R * {SINES[a]} = {length}."
            if a != 90
            else f"Here {_sine(a)} = 1, so 2R = {length}.",
            "This gives R =",
        ],
        given={"kind": "radius", "angles": [b, c], "square": square, "unit": unit},
        key=("radius", min(b, c), max(b, c), square),
    )


def _steep_side(rng: random.Random) -> Case:
    """A side opposite an angle of 15, 75 or 105 degrees, or the area, from one side and two angles."""
    unit = unit_of(rng)
    first, second = pick(rng, (45, 60), (45, 30), (45, 120), (135, 30))
    if rng.random() < 0.5:
        first, second = second, first
    third = 180 - first - second
    factor, inside = rng.randint(2, 99), pick(rng, 1, 2, 3, 5, 6, 7)
    length, square = surd(factor, inside), factor * factor * inside
    sign = -1 if third == 15 else 1
    wanted = pick(rng, "AB", "area")
    scale = Fraction(square) / SINE_SQUARES[first]  # (BC / sin A)^2
    parts = [scale * 6 / 16, scale * 2 / 16]
    side = added(root(parts[0]), ("-" if sign < 0 else "") + root(parts[1]))
    steps = [
        f"Angle C is 180 - {first} - {second} = {third} degrees.",
        f"sin(C) = {_sine(third)} = {STEEP[third]}, by the formula for {_split(third)}.",
        f"{_sine(first)} = {SINES[first]}, and by the law of sines AB/sin(C) = BC/{_sine(first)} = "
        f"{root(scale)}.",
    ]
    if wanted == "AB":
        answer, goal = side, "the length of AB"
        steps.append(f"AB = {root(scale)} * {STEEP[third]} =")
    else:
        share = Fraction(square) * SINE_SQUARES[second] / 4  # (BC * sin B / 2)^2
        answer = added(root(parts[0] * share), ("-" if sign < 0 else "") + root(parts[1] * share))
        goal = "the area of the triangle"
        steps += [
            f"AB = {root(scale)} * {STEEP[third]} = {side}",
            f"The area is AB * BC * {_sine(second)}/2, where BC * {_sine(second)}/2 = {root(share)}.",
            "So the area is",
        ]
    return Case(
        scene=f"In triangle ABC, angle A is {first} and angle B {second} degrees, and BC is {length} "
        f"{unit} long.",
        goal=goal,
        form=exact(unit, 1 if wanted == "AB" else 2),
        answer=answer,
        spec=REAL,
        steps=steps,
        given={"kind": wanted, "angles": [first, second], "square": square, "unit": unit},
    )


def _split(angle: int) -> str:
    return {15: "sin(45 - 30)", 75: "sin(45 + 30)", 105: "sin(60 + 45)"}[angle]


@family(
    name="law_of_sines",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Use the law of sines to find {goal}. {scene} {form}",
    ),
)
def law_of_sines(rng: random.Random, level: int) -> Problem:
    """A side, the circumradius or the area from one side and angles whose sines are known exactly."""
    if level < 4:
        return posed(law_of_sines, rng, _side_by_sines(rng, level))
    return posed(law_of_sines, rng, (_circumradius if level == 4 else _steep_side)(rng))


@law_of_sines.proof
def _law_of_sines(given: Given) -> str:
    """A on the rays from B = (0, 0) and C = (a, 0), found by Cramer's rule."""
    import sympy

    degree = sympy.pi / 180
    kind, length = given["kind"], sympy.sqrt(given["square"])
    first, second = given["angles"]
    if kind == "radius":  # BC is seen from the centre under twice the angle at A
        half = (180 - first - second) * degree
        return str(sympy.radsimp(length / (2 * sympy.cos(sympy.pi / 2 - half))))
    angle_b, angle_c = (180 - first - second, second) if kind == "third" else (second, 180 - first - second)
    b, c = angle_b * degree, angle_c * degree
    sine_b, cosine_b, sine_c, cosine_c = sympy.sin(b), sympy.cos(b), sympy.sin(c), sympy.cos(c)
    determinant = sympy.expand(sine_b * cosine_c + cosine_b * sine_c)
    along_b, along_c = length * sine_c / determinant, length * sine_b / determinant
    value = {"AB": along_b, "area": length * along_b * sine_b / 2}.get(kind, along_c)
    return str(sympy.expand(sympy.radsimp(value)))
