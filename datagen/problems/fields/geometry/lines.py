"""Lines in the plane: their equations, parallels and perpendiculars, distances of points from them.

The proofs use determinants, derivatives and least distances instead of slopes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import (
    Case,
    operand,
    pick,
    point,
    posed,
    slope_form,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EQUATION, PAIR, RATIONAL
from datagen.problems.text import grouped, linear

LINE_FORM = "Write it as ax + by = c with whole numbers a, b and c."

PLAIN_SUM = "x + y ="  # left out: a bare 7 would be taken for the value asked for by x + y = 7


def _whole_line(a: int, b: int, c: int) -> str:
    """`3x - 2y = 7`, without common factors and with a positive first coefficient."""
    common = gcd(a, b, c) * (-1 if a < 0 or (a == 0 and b < 0) else 1)
    return f"{linear([(a // common, 'x'), (b // common, 'y')])} = {c // common}"


def _from_slope(slope: Fraction | int, intercept: Fraction | int) -> str:
    """The line of this slope and intercept as ax + by = c with whole numbers."""
    below = Fraction(slope).denominator * Fraction(intercept).denominator
    return _whole_line(int(-slope * below), below, int(intercept * below))


def _plus(number: Fraction | int) -> str:
    """` + 3`, ` - 5` or nothing."""
    return f" {'-' if number < 0 else '+'} {abs(number)}" if number else ""


def _through_two(rng: random.Random, level: int) -> Case:
    """The line through two points, its slope a positive, then a negative number, then a fraction."""
    while True:
        run, x, y = rng.randint(1, 9), rng.randint(-12, 12), rng.randint(-12, 12)
        rise = nonzero(rng, 40)
        slope = Fraction(rise, run)
        whole = slope.denominator == 1
        if level == 3:
            fits = not whole and abs(rise) < 12
        else:
            fits = whole and abs(slope) < 10 and (slope > 0) == (level == 1) and (level == 1 or run > 1)
        if fits:
            break
    p, q = (x, y), (x + run, y + rise)
    intercept = y - slope * x
    if rng.random() < 0.5:
        p, q = q, p
    up, across = q[1] - p[1], q[0] - p[0]
    steps = [
        f"The slope is ({q[1]} - {grouped(p[1])})/({q[0]} - {grouped(p[0])}) = {up}/{grouped(across)}.",
        f"This is m = {slope}.",
        f"In y = mx + b, b = {p[1]} - {operand(slope)} * {grouped(p[0])} = {intercept}.",
    ]
    steps.append(f"So the line is {slope_form(slope, intercept)}, with x and y on one side")
    return Case(
        scene=f"A line passes through the points {point(p)} and {point(q)}.",
        goal="the equation of the line",
        form=LINE_FORM,
        answer=_from_slope(slope, intercept),
        spec=EQUATION,
        steps=steps,
        given={"kind": "points", "points": [list(p), list(q)]},
        key=("points", *sorted((p, q))),
    )


def _perpendicular_bisector(rng: random.Random) -> Case:
    m, n = rng.randint(-12, 12), rng.randint(-12, 12)
    p, q = nonzero(rng, 9), nonzero(rng, 9)
    ends = [(m - p, n - q), (m + p, n + q)]
    return Case(
        scene=f"A segment has the ends {point(ends[0])} and {point(ends[1])}.",
        goal="the equation of its perpendicular bisector",
        form=LINE_FORM,
        answer=_whole_line(p, q, p * m + q * n),
        spec=EQUATION,
        steps=[
            f"The midpoint is {point((m, n))}.",
            f"The direction of the segment, {point((2 * p, 2 * q))}, is a normal of the bisector.",
            f"With half of it as normal, the equation is {linear([(p, 'x'), (q, 'y')])} = c.",
            f"At the midpoint, c = {p} * {grouped(m)} + {grouped(q)} * {grouped(n)} = {p * m + q * n}.",
            "In lowest terms the equation is",
        ],
        given={"kind": "bisector", "points": [list(end) for end in ends]},
        key=("bisector", *sorted(ends)),
    )


def _triangle_line(rng: random.Random) -> Case:
    """The line of a median or an altitude of a triangle."""
    kind = pick(rng, "median", "altitude")
    while True:
        a, b, c = ((rng.randint(-12, 12), rng.randint(-12, 12)) for _ in range(3))
        along = (c[0] - b[0], c[1] - b[1])
        if along[0] * (a[1] - b[1]) == along[1] * (a[0] - b[0]) or not all(along):
            continue
        middle = (Fraction(b[0] + c[0], 2), Fraction(b[1] + c[1], 2))
        way = (b[0] + c[0] - 2 * a[0], b[1] + c[1] - 2 * a[1])
        if all(way):
            break
    normal = (way[1], -way[0]) if kind == "median" else along
    constant = normal[0] * a[0] + normal[1] * a[1]
    if kind == "median":
        steps = [
            f"The midpoint of BC is M = {point(middle)}.",
            f"The vector from A to M, doubled, is {point(way)}.",
            f"Turned by 90 degrees it is the normal {point(normal)}.",
        ]
    else:
        steps = [
            f"The altitude is perpendicular to BC, so the vector from B to C, {point(along)}, is a normal."
        ]
    left = linear([(normal[0], "x"), (normal[1], "y")])
    return Case(
        scene=f"A triangle has the corners A = {point(a)}, B = {point(b)} and C = {point(c)}.",
        goal=f"the equation of the line that contains the {kind} from A",
        form=LINE_FORM,
        answer=_whole_line(*normal, constant),
        spec=EQUATION,
        steps=[
            *steps,
            f"So the line is {left} = c, and at A c = {normal[0]} * {grouped(a[0])} + "
            f"{grouped(normal[1])} * {grouped(a[1])}.",
            f"This gives {left} = {constant}.",
            "In lowest terms the equation is",
        ],
        given={"kind": kind, "points": [list(a), list(b), list(c)]},
        key=(kind, a, *sorted((b, c))),
    )


@family(
    name="line_through_points",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "The following is drawn in the xy-plane. {scene} Write down {goal}. {form}",
    ),
)
def line_through_points(rng: random.Random, level: int) -> Problem:
    """The equation of a line through two points, of a perpendicular bisector, a median or an altitude."""
    while True:
        if level < 4:
            case = _through_two(rng, level)
        else:
            case = (_perpendicular_bisector if level == 4 else _triangle_line)(rng)
        if not case.answer.startswith(PLAIN_SUM):
            return posed(line_through_points, rng, case)


@line_through_points.proof
def _line_through_points(given: Given) -> str:
    """A line is where a determinant vanishes, or where two squared distances are equal."""
    import sympy

    x, y = sympy.symbols("x y")
    kind, points = given["kind"], [sympy.Matrix(each) for each in given["points"]]
    here = sympy.Matrix([x, y])
    if kind == "bisector":
        p, q = points
        left = sympy.expand((here - p).dot(here - p) - (here - q).dot(here - q))
        return f"{left} = 0"
    if kind == "altitude":  # |XB|^2 - |XC|^2 is the same for all X on it, as at A
        a, b, c = points
        apart = (here - b).dot(here - b) - (here - c).dot(here - c)
        return f"{sympy.expand(apart - apart.subs({x: a[0], y: a[1]}))} = 0"
    first, second = (points[0], points[1]) if kind == "points" else (points[0], (points[1] + points[2]) / 2)
    rows = [[x, y, 1], [*first, 1], [*second, 1]]
    return f"{sympy.expand(sympy.Matrix(rows).det())} = 0"


def _parallel(rng: random.Random) -> Case:
    slope, shift = nonzero(rng, 9), nonzero(rng, 15)
    p, q = nonzero(rng, 12), rng.randint(-15, 15)
    while q - slope * p == shift:
        q = rng.randint(-15, 15)
    return Case(
        scene=f"A line through {point((p, q))} is parallel to {slope_form(slope, shift)}.",
        goal="the equation of the line",
        form=LINE_FORM,
        answer=_from_slope(slope, q - slope * p),
        spec=EQUATION,
        steps=[
            f"Parallel lines have the same slope, {slope}.",
            f"In y = mx + b, b = {q} - {grouped(slope)} * {grouped(p)} = {q - slope * p}.",
            f"The line is {slope_form(slope, q - slope * p)}, with x and y on one side",
        ],
        given={"kind": "parallel", "line": [slope, -1, -shift], "point": [p, q]},
    )


def _perpendicular(rng: random.Random) -> Case:
    slope, shift = pick(rng, 1, -1) * rng.randint(2, 9), nonzero(rng, 15)
    p, q = slope * nonzero(rng, 4), rng.randint(-15, 15)
    other = Fraction(-1, slope)
    intercept = q - other * p
    return Case(
        scene=f"A line through {point((p, q))} is perpendicular to {slope_form(slope, shift)}.",
        goal="the equation of the line",
        form=LINE_FORM,
        answer=_from_slope(other, intercept),
        spec=EQUATION,
        steps=[
            f"Slopes of perpendicular lines have the product -1, so the slope is {other}.",
            f"In y = mx + b, b = {q} - ({other}) * {grouped(p)} = {intercept}.",
            f"The line is {slope_form(other, intercept)}, multiplied by {abs(slope)} and with x and y on "
            "one side",
        ],
        given={"kind": "perpendicular", "line": [slope, -1, -shift], "point": [p, q]},
    )


def _general_form(rng: random.Random) -> Case:
    """Parallel or perpendicular to the line through two points, through a third."""
    kind = pick(rng, "parallel", "perpendicular")
    while True:
        r, s, p = ((rng.randint(-15, 15), rng.randint(-15, 15)) for _ in range(3))
        way = (s[0] - r[0], s[1] - r[1])
        if all(way) and way[0] * (p[1] - r[1]) != way[1] * (p[0] - r[0]):
            break
    normal = (way[1], -way[0]) if kind == "parallel" else way
    constant = normal[0] * p[0] + normal[1] * p[1]
    reason = {
        "parallel": f"Turned by 90 degrees it is {point(normal)}, a normal of both lines.",
        "perpendicular": f"The direction of the given line, {point(way)}, is a normal of the "
        "perpendicular one.",
    }[kind]
    to = "parallel" if kind == "parallel" else "perpendicular"
    return Case(
        scene=f"A line through {point(p)} is {to} to the line through {point(r)} and {point(s)}.",
        goal="the equation of the line",
        form=LINE_FORM,
        answer=_whole_line(*normal, constant),
        spec=EQUATION,
        steps=[
            f"The direction of the given line is ({s[0]} - {grouped(r[0])}, {s[1]} - {grouped(r[1])}) = "
            f"{point(way)}.",
            reason,
            f"So the line is {linear([(normal[0], 'x'), (normal[1], 'y')])} = {constant}, or in lowest terms",
        ],
        given={"kind": kind, "through": [list(r), list(s)], "point": list(p)},
        key=(kind, tuple(sorted((r, s))), p),
    )


def _parameter(rng: random.Random) -> Case:
    """The number k for which two lines are perpendicular or parallel."""
    kind = pick(rng, "k_parallel", "k_perpendicular")
    while True:
        a, b, c, e, f = (nonzero(rng, 15) for _ in range(5))
        m, n = nonzero(rng, 6), nonzero(rng, 9)
        # The second line is (mk + n)x + ey = f.
        wanted = Fraction(a * e, b) if kind == "k_parallel" else Fraction(-b * e, a)
        k = (wanted - n) / m
        if k and a * f != c * wanted and wanted:
            break
    first = f"{linear([(a, 'x'), (b, 'y')])} = {c}"
    second = (
        f"({linear([(m, 'k'), (n, '')])})x{' - ' if e < 0 else ' + '}{abs(e) if abs(e) > 1 else ''}y = {f}"
    )
    if kind == "k_parallel":
        steps = [
            "Two lines are parallel when their coefficients of x and y are in proportion.",
            f"({linear([(m, 'k'), (n, '')])}) * {grouped(b)} = {a} * {grouped(e)} = {a * e}",
        ]
    else:
        steps = [
            "Two lines are perpendicular when the dot product of their normals is 0.",
            f"({linear([(m, 'k'), (n, '')])}) * {grouped(a)} + {grouped(b)} * {grouped(e)} = 0",
        ]
    steps.insert(0, f"Normals of the lines are ({a}, {b}) and ({linear([(m, 'k'), (n, '')])}, {e}).")
    steps += [
        f"So {linear([(m, 'k'), (n, '')])} = {wanted}.",
        f"{linear([(m, 'k')])} = {wanted} - {grouped(n)} = {wanted - n}, which gives k =",
    ]
    word = kind.removeprefix("k_")
    return Case(
        scene=f"For one number k the lines {first} and {second} are {word}.",
        goal="the number k",
        form="Give a whole number or a fraction.",
        answer=str(k),
        spec=RATIONAL,
        steps=steps,
        given={"kind": kind, "first": [a, b, c], "second": [m, n, e, f]},
    )


def _foot(rng: random.Random) -> Case:
    """The foot of the perpendicular from a point to a line, or the mirror image of the point."""
    kind = pick(rng, "foot", "image")
    while True:
        a, b, c = rng.randint(1, 9), nonzero(rng, 9), nonzero(rng, 30)
        p, q = rng.randint(-15, 15), rng.randint(-15, 15)
        off = c - a * p - b * q
        if off and gcd(a, b) == 1:
            break
    t = Fraction(off, a * a + b * b)
    scale = t if kind == "foot" else 2 * t
    x, y = p + scale * a, q + scale * b
    name = "foot F" if kind == "foot" else "image"
    steps = [
        f"The normal of the line is {point((a, b))}. The foot is P + t*{point((a, b))} for some number t.",
        f"On the line: {a} * ({p} + {linear([(a, 't')])}) + {grouped(b)} * ({q}{_plus_term(b)}) = {c}",
        f"{a * p + b * q} + {a * a + b * b}t = {c}, so t = {t}.",
    ]
    if kind == "image":
        steps.append(f"The image is twice as far from P, at P + 2t*{point((a, b))} with 2t = {scale}.")
    steps.append(
        f"x = {p} + {operand(scale)} * {a} = {x} and y = {q} + {operand(scale)} * {grouped(b)} = {y}"
    )
    goal = (
        "the foot of the perpendicular from P to the line"
        if kind == "foot"
        else "the mirror image of P in the line"
    )
    return Case(
        scene=f"A line has the equation {linear([(a, 'x'), (b, 'y')])} = {c}, and P is the point "
        f"{point((p, q))}.",
        goal=goal,
        form="Answer as a pair (x, y) of whole numbers or fractions.",
        answer=point((x, y)),
        spec=PAIR,
        steps=[*steps, f"The {name} is"],
        given={"kind": kind, "line": [a, b, c], "point": [p, q]},
    )


def _plus_term(b: int) -> str:
    return f" {'-' if b < 0 else '+'} {abs(b) if abs(b) > 1 else ''}t"


PARALLELS: dict[int, Callable[[random.Random], Case]] = {
    1: _parallel,
    2: _perpendicular,
    3: _general_form,
    4: _parameter,
    5: _foot,
}


@family(
    name="parallel_perpendicular_line",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Determine {goal}, given this. {scene} {form}",
    ),
)
def parallel_perpendicular_line(rng: random.Random, level: int) -> Problem:
    """Parallel and perpendicular lines, a parameter that makes lines so, feet of perpendiculars, images."""
    while True:
        case = PARALLELS[level](rng)
        if not case.answer.startswith(PLAIN_SUM):
            return posed(parallel_perpendicular_line, rng, case)


@parallel_perpendicular_line.proof
def _parallel_perpendicular_line(given: Given) -> str:
    import sympy

    x, y, k = sympy.symbols("x y k")
    kind = given["kind"]
    if kind.startswith("k_"):
        a, b, _ = given["first"]
        m, n, e, _ = given["second"]
        turn = (
            sympy.Matrix([[a, b], [m * k + n, e]]).det() if kind == "k_parallel" else a * (m * k + n) + b * e
        )
        return str(sympy.solve(turn, k)[0])
    p, q = given["point"]
    if kind in ("foot", "image"):  # the nearest point of the line, by its derivative
        a, b, c = given["line"]
        height = (c - a * x) / b
        (nearest,) = sympy.solve(sympy.diff((x - p) ** 2 + (height - q) ** 2, x), x)
        foot = (nearest, height.subs(x, nearest))
        return f"({foot[0]}, {foot[1]})" if kind == "foot" else f"({2 * foot[0] - p}, {2 * foot[1] - q})"
    if "line" in given:
        a, b, c = given["line"]
        slope = sympy.diff((c - a * x) / b, x)
        way = (1, slope)
    else:
        (r, s), (u, v) = given["through"]
        way = (u - r, v - s)
    if kind == "perpendicular":
        way = (-way[1], way[0])
    rows = sympy.Matrix([[x - p, y - q], list(way)])
    return f"{sympy.expand(rows.det())} = 0"
