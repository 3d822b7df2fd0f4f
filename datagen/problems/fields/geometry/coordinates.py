"""Points in coordinates: distances, midpoints, divided segments, and where lines meet.

The proofs use sympy's geometry or solve the equations that the words state.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, ends_in_root, operand, pick, point, posed, root
from datagen.problems.numbers import nonzero
from datagen.problems.specs import PAIR, REAL, TUPLE
from datagen.problems.text import grouped, linear, listing

Pair = tuple[int, int]
EXACT = "Give the exact value."
AS_PAIR = "Answer as a pair (x, y)."


def _lattice_point(rng: random.Random, reach: int) -> Pair:
    return rng.randint(-reach, reach), rng.randint(-reach, reach)


def _midpoint(rng: random.Random) -> Case:
    m, n = _lattice_point(rng, 15)
    p, q = nonzero(rng, 12), nonzero(rng, 12)
    a, b = (m - p, n - q), (m + p, n + q)
    return Case(
        scene=f"Two points are {point(a)} and {point(b)}.",
        goal="the midpoint of the segment between them",
        form=AS_PAIR,
        answer=point((m, n)),
        spec=PAIR,
        steps=[
            f"x = ({a[0]} + {grouped(b[0])})/2 = {m}",
            f"y = ({a[1]} + {grouped(b[1])})/2 = {n}",
            "The midpoint is",
        ],
        given={"kind": "midpoint", "points": [list(a), list(b)]},
        key=("midpoint", *sorted((a, b))),
    )


def _distance(rng: random.Random) -> Case:
    a = _lattice_point(rng, 12)
    p, q = nonzero(rng, 18), nonzero(rng, 18)
    b, square = (a[0] + p, a[1] + q), p * p + q * q
    return Case(
        scene=f"Two points are {point(a)} and {point(b)}.",
        goal="the distance between them",
        form=EXACT,
        answer=root(square),
        spec=REAL,
        steps=[
            f"d^2 = ({b[0]} - {grouped(a[0])})^2 + ({b[1]} - {grouped(a[1])})^2",
            f"d^2 = {p * p} + {q * q} = {square}",
            ends_in_root("d", square),
        ],
        given={"kind": "distance", "points": [list(a), list(b)]},
        key=("distance", *sorted((a, b))),
    )


def _distance_in_space(rng: random.Random) -> Case:
    a = [rng.randint(-20, 20) for _ in range(3)]
    steps = [nonzero(rng, 25) for _ in range(3)]
    b = [start + step for start, step in zip(a, steps, strict=True)]
    square = sum(step * step for step in steps)
    differences = " + ".join(f"({end} - {grouped(start)})^2" for start, end in zip(a, b, strict=True))
    return Case(
        scene=f"Two points in space are {point(a)} and {point(b)}.",
        goal="the distance between them",
        form=EXACT,
        answer=root(square),
        spec=REAL,
        steps=[
            f"d^2 = {differences}",
            f"d^2 = {' + '.join(str(step * step) for step in steps)} = {square}",
            ends_in_root("d", square),
        ],
        given={"kind": "distance", "points": [a, b]},
        key=("distance", *sorted((tuple(a), tuple(b)))),
    )


def _divided(rng: random.Random) -> Case:
    """The point that divides a segment in a ratio of two different numbers."""
    m, n = rng.sample(range(1, 10), 2)
    while Fraction(m, n).numerator != m:
        m, n = rng.sample(range(1, 10), 2)
    a, b = _lattice_point(rng, 30), _lattice_point(rng, 30)
    while a[0] == b[0] or a[1] == b[1]:
        b = _lattice_point(rng, 30)
    found = [Fraction(n * u + m * v, m + n) for u, v in zip(a, b, strict=True)]
    lines = [
        f"{name} = {grouped(u)} + {m}/{m + n} * ({v} - {grouped(u)}) = {value}"
        for name, u, v, value in zip("xy", a, b, found, strict=True)
    ]
    return Case(
        scene=f"The point P lies on the segment from A = {point(a)} to B = {point(b)} and divides it in the "
        f"ratio AP:PB = {m}:{n}.",
        goal="the point P",
        form=f"{AS_PAIR[:-1]} of whole numbers or fractions.",
        answer=point(found),
        spec=PAIR,
        steps=[
            f"AP is {m}/({m} + {n}) = {m}/{m + n} of AB, so from A we go {m}/{m + n} of the way to B.",
            *lines,
            "P =",
        ],
        given={"kind": "divided", "points": [list(a), list(b)], "ratio": [m, n]},
        key=("divided", *min((a, b, m, n), (b, a, n, m))),
    )


def _equidistant(rng: random.Random) -> Case:
    """The point of a line through the origin or parallel to an axis that is equally far from two points."""
    while True:
        a, b = _lattice_point(rng, 15), _lattice_point(rng, 15)
        slope, shift = rng.randint(-4, 4), rng.randint(-9, 9)
        coefficient = 2 * (b[0] - a[0]) + 2 * slope * (b[1] - a[1])
        if coefficient and slope and shift and a != b:
            break
    norms = [u * u + (v - shift) ** 2 for u, v in (a, b)]
    x = Fraction(norms[1] - norms[0], coefficient)
    y = slope * x + shift
    line = f"y = {linear([(slope, 'x'), (shift, '')])}"
    first, second = (f"{_squared(1, -u)} + {_squared(slope, shift - v)}" for u, v in (a, b))
    return Case(
        scene=f"A point P on the line {line} is equally far from {point(a)} and {point(b)}.",
        goal="the point P",
        form=f"{AS_PAIR[:-1]} of whole numbers or fractions.",
        answer=point((x, y)),
        spec=PAIR,
        steps=[
            f"Let P = (x, {linear([(slope, 'x'), (shift, '')])}). The squares of the distances are equal:",
            f"{first} = {second}",
            f"Multiplied out, {1 + slope * slope}x^2 stands on both sides and cancels: "
            f"{_rest(a, slope, shift)} = {_rest(b, slope, shift)}.",
            f"So {linear([(coefficient, 'x')])} = {norms[1] - norms[0]} and x = {x}.",
            f"y = {slope} * {operand(x)} {'-' if shift < 0 else '+'} {abs(shift)} = {y}, so P =",
        ],
        given={"kind": "equidistant", "points": [list(a), list(b)], "line": [slope, shift]},
        key=("equidistant", *sorted((a, b)), slope, shift),
    )


def _squared(factor: int, shift: int) -> str:
    text = linear([(factor, "x"), (shift, "")])
    return f"({text})^2" if text != "x" else "x^2"


def _rest(start: Pair, slope: int, shift: int) -> str:
    u, v = start
    return linear([(-2 * u + 2 * slope * (shift - v), "x"), (u * u + (shift - v) ** 2, "")])


DISTANCES: dict[int, Callable[[random.Random], Case]] = {
    1: _midpoint,
    2: _distance,
    3: _distance_in_space,
    4: _divided,
    5: _equidistant,
}


@family(
    name="distance_and_midpoint",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Points are given by their coordinates. {scene} Determine {goal}. {form}",
    ),
)
def distance_and_midpoint(rng: random.Random, level: int) -> Problem:
    """Distances and midpoints, a segment divided in a ratio, a point equally far from two others."""
    return posed(distance_and_midpoint, rng, DISTANCES[level](rng))


@distance_and_midpoint.proof
def _distance_and_midpoint(given: Given) -> str:
    import sympy

    kind = given["kind"]
    a, b = (sympy.Matrix(each) for each in given["points"])
    if kind == "distance":
        return str((a - b).norm())
    x, y = sympy.symbols("x y")
    p = sympy.Matrix([x, y])
    if kind == "equidistant":
        slope, shift = given["line"]
        bisector = (b - a).dot(p - (a + b) / 2)
        found = sympy.solve([bisector, slope * x + shift - y], [x, y])
    else:
        m, n = given.get("ratio", [1, 1])
        found = sympy.solve(list(n * (p - a) - m * (b - p)), [x, y])
    return f"({found[x]}, {found[y]})"


def _two_slopes(rng: random.Random) -> Case:
    """Two lines in slope form that meet in a lattice point."""
    x, y = nonzero(rng, 9), nonzero(rng, 12)
    first, second = rng.sample([slope for slope in range(-6, 7) if slope], 2)
    b, d = y - first * x, y - second * x
    lines = [f"y = {linear([(slope, 'x'), (shift, '')])}" for slope, shift in ((first, b), (second, d))]
    equal = f"{lines[0][4:]} = {lines[1][4:]}"
    steps = [f"At the common point {equal}."]
    if first - second != 1 or b:
        steps.append(f"So {linear([(first - second, 'x')])} = {d - b} and x = {x}.")
    else:
        steps.append(f"So x = {x}.")
    steps += [
        f"y = {first} * {grouped(x)}{f' - {-b}' if b < 0 else f' + {b}' if b else ''} = {y}",
        "They meet at",
    ]
    return Case(
        scene=f"Two lines are {lines[0]} and {lines[1]}.",
        goal="the point where they meet",
        form=AS_PAIR,
        answer=point((x, y)),
        spec=PAIR,
        steps=steps,
        given={"kind": "equations", "lines": [[first, -1, -b], [second, -1, -d]]},
        key=("equations", *sorted(((first, -1, -b), (second, -1, -d)))),
    )


def _mixed_forms(rng: random.Random) -> Case:
    """One line in slope form, one as ax + by = c, meeting in a lattice point: by substitution."""
    x, y = nonzero(rng, 9), nonzero(rng, 12)
    slope, a, b = nonzero(rng, 5), rng.randint(2, 7), nonzero(rng, 7)
    while a + b * slope in (0, 1) or y == slope * x:
        slope, b = nonzero(rng, 5), nonzero(rng, 7)
        x = nonzero(rng, 9)
    shift, c = y - slope * x, a * x + b * y
    line = linear([(slope, "x"), (shift, "")])
    return Case(
        scene=f"Two lines are y = {line} and {linear([(a, 'x'), (b, 'y')])} = {c}.",
        goal="the point where they meet",
        form=AS_PAIR,
        answer=point((x, y)),
        spec=PAIR,
        steps=[
            f"Put the first into the second: {linear([(a, 'x')])} {'-' if b < 0 else '+'} "
            f"{abs(b) if abs(b) > 1 else ''}({line}) = {c}.",
            f"{linear([(a + b * slope, 'x'), (b * shift, '')])} = {c}",
            f"{linear([(a + b * slope, 'x')])} = {c - b * shift}, so x = {x}.",
            f"y = {slope} * {grouped(x)} {'-' if shift < 0 else '+'} {abs(shift)} = {y}",
            "They meet at",
        ],
        given={"kind": "equations", "lines": [[slope, -1, -shift], [a, b, c]]},
        key=("mixed", slope, shift, a, b, c),
    )


def _normal(p: Pair, q: Pair) -> tuple[int, int, int]:
    """(a, b, c) of the line ax + by = c through two points."""
    a, b = q[1] - p[1], p[0] - q[0]
    return a, b, a * p[0] + b * p[1]


def _line(a: int, b: int, c: int) -> str:
    return f"{linear([(a, 'x'), (b, 'y')])} = {c}"


def _cramer(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> tuple[Fraction, Fraction, list[str]]:
    """The common point of two lines, and the steps of Cramer's rule."""
    (a, b, c), (d, e, f) = first, second
    determinant = a * e - b * d
    x, y = Fraction(c * e - b * f, determinant), Fraction(a * f - c * d, determinant)
    return (
        x,
        y,
        [
            f"The determinant is {a} * {grouped(e)} - {grouped(b)} * {grouped(d)} = {determinant}.",
            f"x = ({c} * {grouped(e)} - {grouped(b)} * {grouped(f)})/{grouped(determinant)} = {x}",
            f"y = ({a} * {grouped(f)} - {grouped(c)} * {grouped(d)})/{grouped(determinant)} = {y}",
        ],
    )


def _through_points(rng: random.Random, whole: bool) -> Case:
    """Two lines, each through two lattice points; they meet in one, or in a point with fractions."""
    while True:
        p, r = _lattice_point(rng, 9), _lattice_point(rng, 9)
        q = (p[0] + nonzero(rng, 7), p[1] + nonzero(rng, 7))
        s = (r[0] + nonzero(rng, 7), r[1] + nonzero(rng, 7))
        first, second = _normal(p, q), _normal(r, s)
        if first[0] * second[1] == first[1] * second[0] or not first[2] or not second[2]:
            continue
        x, y, steps = _cramer(first, second)
        if whole == (x.denominator == y.denominator == 1) and max(abs(x), abs(y)) < 40:
            break
    both = listing([_line(*first), _line(*second)])
    texts = [f"through {point(u)} and {point(v)}" for u, v in ((p, q), (r, s))]
    return Case(
        scene=f"One line goes {texts[0]}, another {texts[1]}.",
        goal="the point where the two lines meet",
        form=AS_PAIR if whole else f"{AS_PAIR[:-1]} of whole numbers or fractions.",
        answer=point((x, y)),
        spec=PAIR,
        steps=[
            f"A line through two points has the normal (y2 - y1, x1 - x2), so the lines are {both}.",
            *steps,
            "They meet at",
        ],
        given={"kind": "points", "points": [list(each) for each in (p, q, r, s)]},
        key=("points", *sorted((tuple(sorted((p, q))), tuple(sorted((r, s)))))),
    )


def _triangle_centre(rng: random.Random) -> Case:
    """The orthocentre or the circumcentre of a triangle with lattice corners."""
    kind = pick(rng, "orthocentre", "circumcentre")
    while True:
        a, b, c = (_lattice_point(rng, 9) for _ in range(3))
        u, v = (b[0] - a[0], b[1] - a[1]), (c[0] - a[0], c[1] - a[1])
        first, second = _centre_lines(kind, a, b, c)
        right_angle = u[0] * v[0] + u[1] * v[1] == 0
        if u[0] * v[1] != u[1] * v[0] and all((*u, *v, first[2], second[2])) and not right_angle:
            break
    if kind == "orthocentre":
        reason = "The altitudes through C and B are perpendicular to AB and AC, which are their normals."
        text = "the point where the altitudes meet"
    else:
        reason = "The centre is equally far from A and B, and from A and C: squared distances, subtracted."
        text = "the centre of the circle through all three corners"
    x, y, steps = _cramer(first, second)
    return Case(
        scene=f"A triangle has the corners A = {point(a)}, B = {point(b)} and C = {point(c)}.",
        goal=text,
        form=f"{AS_PAIR[:-1]} of whole numbers or fractions.",
        answer=point((x, y)),
        spec=TUPLE,
        steps=[reason, f"The lines are {_line(*first)} and {_line(*second)}.", *steps, "The point is"],
        given={"kind": kind, "points": [list(each) for each in (a, b, c)]},
        key=(kind, *sorted((a, b, c))),
    )


def _centre_lines(kind: str, a: Pair, b: Pair, c: Pair) -> list[tuple[int, int, int]]:
    """Two altitudes or two perpendicular bisectors of a triangle, as (p, q, r) of px + qy = r."""
    lines = []
    for end, other in ((b, c), (c, b)):
        p, q = end[0] - a[0], end[1] - a[1]
        if kind == "orthocentre":
            lines.append((p, q, p * other[0] + q * other[1]))
        else:
            lines.append((2 * p, 2 * q, end[0] ** 2 + end[1] ** 2 - a[0] ** 2 - a[1] ** 2))
    return lines


def _meeting_case(rng: random.Random, level: int) -> Case:
    if level == 1:
        return _two_slopes(rng)
    if level == 2:
        return _mixed_forms(rng)
    return _through_points(rng, level == 3) if level < 5 else _triangle_centre(rng)


@family(
    name="line_intersection",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What are the coordinates of {goal}? {form}",
        "In the xy-plane the following is given. {scene} Determine {goal}. {form}",
    ),
)
def line_intersection(rng: random.Random, level: int) -> Problem:
    """Where two lines meet: given by equations, by points, or as altitudes and bisectors of a triangle."""
    return posed(line_intersection, rng, _meeting_case(rng, level))


@line_intersection.proof
def _line_intersection(given: Given) -> str:
    import sympy

    kind = given["kind"]
    x, y = sympy.symbols("x y")
    if kind == "equations":
        found = sympy.solve([a * x + b * y - c for a, b, c in given["lines"]], [x, y])
        return f"({found[x]}, {found[y]})"
    points = [sympy.Matrix(each) for each in given["points"]]
    if kind == "points":
        p, q, r, s = points
        t, u = sympy.symbols("t u")
        found = sympy.solve(list(p + t * (q - p) - r - u * (s - r)), [t, u])
        meeting = p + found[t] * (q - p)
        return f"({meeting[0]}, {meeting[1]})"
    centre = sympy.Matrix([x, y])
    a, b, c = points
    if kind == "circumcentre":
        apart = [(centre - each).dot(centre - each) for each in points]
        conditions = [sympy.expand(apart[1] - apart[2]), sympy.expand(apart[0] - apart[2])]
    else:
        conditions = [(centre - a).dot(b - c), (centre - b).dot(a - c)]
    found = sympy.solve(conditions, [x, y])
    return f"({found[x]}, {found[y]})"
