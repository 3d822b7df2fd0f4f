"""Areas of polygons: given by their corners, by lattice points, or put together from rectangles.

The proofs count unit squares or lattice points, or cut the polygon into vertical strips.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, pick, point, posed
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, RATIONAL
from datagen.problems.text import boxed, grouped, listing

Corner = tuple[int, int]
NAMES = "ABCDEFGH"


def _half_plane(direction: Corner) -> int:
    return 0 if direction[1] > 0 or (direction[1] == 0 and direction[0] > 0) else 1


def _cross(u: Corner, v: Corner) -> int:
    return u[0] * v[1] - u[1] * v[0]


def _star(rng: random.Random, count: int, reach: int) -> list[Corner]:
    """Corners of a simple polygon, counterclockwise round the origin and each seen from it."""
    while True:
        found: list[Corner] = []
        for _ in range(count):
            found.append((rng.randint(-reach, reach), rng.randint(-reach, reach)))
        if (0, 0) in found or len(set(found)) < count:
            continue
        ordered = _by_angle(found)
        turns = [_cross(ordered[i - 1], ordered[i]) for i in range(count)]
        bends = [_bend(ordered[i - 2], ordered[i - 1], ordered[i]) for i in range(count)]
        if min(turns) > 0 and all(bends):
            start = rng.randint(0, count - 1)
            return ordered[start:] + ordered[:start]


def _moved(rng: random.Random, corners: Sequence[Corner], reach: int) -> list[Corner]:
    across, up = rng.randint(-reach, reach), rng.randint(-reach, reach)
    return [(x + across, y + up) for x, y in corners]


def _by_angle(points: list[Corner]) -> list[Corner]:
    """The points in the order of their directions from the origin, counterclockwise from the x-axis."""
    upper = [p for p in points if _half_plane(p) == 0]
    lower = [p for p in points if _half_plane(p) == 1]
    return [*_sorted_half(upper), *_sorted_half(lower)]


def _sorted_half(points: list[Corner]) -> list[Corner]:
    ordered: list[Corner] = []
    for each in points:
        place = sum(_cross(other, each) > 0 for other in ordered)
        ordered.insert(place, each)
    return ordered


def _bend(p: Corner, q: Corner, r: Corner) -> int:
    return _cross((q[0] - p[0], q[1] - p[1]), (r[0] - q[0], r[1] - q[1]))


def _canonical(corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """The corners from the smallest one on, in the direction whose second corner is smaller."""
    low = corners.index(min(corners))
    forward = [*corners[low:], *corners[:low]]
    backward = [forward[0], *forward[:0:-1]]
    return tuple(min(forward, backward))


def _shoelace(corners: Sequence[Corner]) -> tuple[int, list[str]]:
    """Twice the area, counterclockwise, and the steps of the shoelace formula."""
    terms, values = [], []
    for (a, b), (c, d) in zip(corners, [*corners[1:], corners[0]], strict=True):
        terms.append(
            f"{point((a, b))} to {point((c, d))}: {a} * {grouped(d)} - {grouped(c)} * {grouped(b)} = "
            f"{a * d - c * b}"
        )
        values.append(a * d - c * b)
    total = sum(values)
    return total, [*terms, f"The sum is {' + '.join(map(grouped, values))} = {total}."]


SHAPES = {1: (4, 5), 2: (4, 9), 3: (5, 12), 4: (6, 15), 5: (8, 24)}  # corners, reach
POLYGON_NAMES = {3: "triangle", 4: "quadrilateral", 5: "pentagon", 6: "hexagon", 8: "octagon"}


def _corners_text(corners: Sequence[Corner]) -> str:
    return listing([point(corner) for corner in corners])


def _no_zeros(corners: Sequence[Corner]) -> bool:
    """Whether no coordinate and no term of the shoelace formula is 0."""
    return all(_cross(p, q) for p, q in zip(corners, [*corners[1:], corners[0]], strict=True)) and all(
        x and y for x, y in corners
    )


def _polygon(rng: random.Random, level: int) -> list[Corner]:
    count, reach = SHAPES[level]
    while True:
        star = _star(rng, count, reach)
        for _ in range(9):
            corners = _moved(rng, star, reach)
            size = max(max(abs(x), abs(y)) for x, y in corners)
            if (level > 2 or (size <= 8) == (level == 1)) and _no_zeros(corners):
                return corners


@family(
    name="polygon_area_shoelace",
    wordings=(
        "{scene} Find its area.",
        "{scene} What is its area?",
        "{scene} Compute the area that it encloses.",
    ),
)
def polygon_area_shoelace(rng: random.Random, level: int) -> Problem:
    """The area of a polygon with given corners, by the shoelace formula."""
    corners = _polygon(rng, level)
    doubled, steps = _shoelace(corners)
    answer = str(Fraction(doubled, 2))
    scene = f"A {POLYGON_NAMES[len(corners)]} has the corners {_corners_text(corners)}, in this order."
    if len(corners) == 8:
        scene = f"An octagon{scene[9:]}"
    start = "By the shoelace formula every side from (a, b) to (c, d) counts with ad - cb:"
    return Problem(
        question=polygon_area_shoelace.ask(rng, scene=scene),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([start, *steps, f"The area is half of it: {doubled}/2 = {boxed(answer)}"]),
        given={"corners": [list(corner) for corner in corners]},
        key=("polygon_area_shoelace", *_canonical(corners)),
    )


@polygon_area_shoelace.proof
def _polygon_area_shoelace(given: Given) -> str:
    """Vertical strips between neighbouring corners: in each, the sides lie above one another."""
    return str(_strip_area([tuple(corner) for corner in given["corners"]]))


def _strip_area(corners: list[tuple[int, ...]]) -> Fraction:
    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    cuts = sorted({corner[0] for corner in corners})
    area = Fraction(0)
    for left, right in pairwise(cuts):
        middle = Fraction(left + right, 2)
        heights = sorted(
            q[1] + Fraction(r[1] - q[1], r[0] - q[0]) * (middle - q[0])
            for q, r in sides
            if min(q[0], r[0]) <= left and max(q[0], r[0]) >= right
        )
        area += (right - left) * sum(top - low for low, top in zip(heights[::2], heights[1::2], strict=True))
    return area


TRIANGLES = {1: 6, 2: 15, 3: 60, 4: 20, 5: 9}  # reach of the coordinates


@family(
    name="triangle_area_coordinates",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal} in this situation. {scene} {form}",
    ),
)
def triangle_area_coordinates(rng: random.Random, level: int) -> Problem:
    """The area of a triangle from its corners or the lines of its sides, or a corner from the area."""
    make = {4: _missing_coordinate, 5: _three_lines}.get(level, _plain_triangle)
    return posed(triangle_area_coordinates, rng, make(rng, level))


def _vector_steps(a: Corner, b: Corner, c: Corner) -> tuple[int, list[str]]:
    u, v = (b[0] - a[0], b[1] - a[1]), (c[0] - a[0], c[1] - a[1])
    value = _cross(u, v)
    return value, [
        f"From the first corner, the vectors to the others are {point(u)} and {point(v)}.",
        f"Twice the area is the size of {u[0]} * {grouped(v[1])} - {grouped(u[1])} * {grouped(v[0])} = "
        f"{value}.",
    ]


def _plain_triangle(rng: random.Random, level: int) -> Case:
    reach, below = TRIANGLES[level], TRIANGLES.get(level - 1, 0) if level > 1 else 0
    while True:
        a, b, c = ((rng.randint(-reach, reach), rng.randint(-reach, reach)) for _ in range(3))
        if level == 1:
            b = (b[0], a[1])
        value, steps = _vector_steps(a, b, c)
        size = max(map(abs, (*a, *b, *c)))
        if (
            value
            and size > below
            and (level == 1 or all((b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1])))
        ):
            break
    if level == 1:
        base, height = abs(b[0] - a[0]), abs(c[1] - a[1])
        steps = [
            f"The side from {point(a)} to {point(b)} is parallel to the x-axis and has the length {base}.",
            f"The third corner is {height} above or below it: {base} * {height}/2 =",
        ]
    else:
        steps.append(f"The area is {abs(value)}/2 =")
    return Case(
        scene=f"A triangle has the corners {_corners_text((a, b, c))}.",
        goal="the area of the triangle",
        form="",
        answer=str(Fraction(abs(value), 2)),
        spec=RATIONAL,
        steps=steps,
        given={"kind": "corners", "corners": [list(corner) for corner in (a, b, c)]},
        key=("corners", *sorted((a, b, c))),
    )


def _missing_coordinate(rng: random.Random, level: int) -> Case:
    """The larger of the two numbers k for which a triangle with the corner (p, k) has a given area."""
    reach = TRIANGLES[level]
    while True:
        a, b = ((rng.randint(-reach, reach), rng.randint(-reach, reach)) for _ in range(2))
        p, k = rng.randint(-reach, reach), rng.randint(-reach, reach)
        u = (b[0] - a[0], b[1] - a[1])
        across = p - a[0]
        value = u[0] * (k - a[1]) - u[1] * across
        if u[0] and u[1] and across and value and a[1] and (value > 0) == (u[0] > 0):
            break
    area, shift = Fraction(abs(value), 2), u[1] * across
    return Case(
        scene=f"For two numbers k the triangle with the corners {point(a)}, {point(b)} and ({p}, k) has "
        f"the area {area}.",
        goal="the larger of these two numbers k",
        form="",
        answer=str(k),
        spec=RATIONAL,
        steps=[
            f"From the first corner, the vectors to the others are {point(u)} and ({across}, k - "
            f"{grouped(a[1])}).",
            f"Twice the area is the size of {u[0]} * (k - {grouped(a[1])}) - {grouped(shift)}, so this is "
            f"{abs(value)} or -{abs(value)}.",
            f"{u[0]} * (k - {grouped(a[1])}) is {abs(value) + shift} or {shift - abs(value)}.",
            f"k - {grouped(a[1])} is {Fraction(abs(value) + shift, u[0])} or "
            f"{Fraction(shift - abs(value), u[0])}.",
            f"k is {Fraction(abs(value) + shift, u[0]) + a[1]} or "
            f"{Fraction(shift - abs(value), u[0]) + a[1]}. "
            "The larger is",
        ],
        given={"kind": "missing", "corners": [list(a), list(b)], "x": p, "area": str(area)},
        key=("missing", *sorted((a, b)), p, abs(value)),
    )


def _three_lines(rng: random.Random, level: int) -> Case:
    """A triangle between three lines y = mx + b with different slopes."""
    reach = TRIANGLES[level]
    while True:
        slopes = sorted(rng.sample([m for m in range(-6, 7) if m], 3))
        shifts = [nonzero(rng, 3 * reach) for _ in range(3)]
        corners = []
        for i, j in ((0, 1), (0, 2), (1, 2)):
            x = Fraction(shifts[i] - shifts[j], slopes[j] - slopes[i])
            corners.append((x, slopes[i] * x + shifts[i]))
        (a, b), (c, d), (e, f) = corners
        value = (c - a) * (f - b) - (d - b) * (e - a)
        if value and max(each.denominator for corner in corners for each in corner) <= 12:
            break
    lines = [_slope_text(m, s) for m, s in zip(slopes, shifts, strict=True)]
    return Case(
        scene=f"The sides of a triangle lie on the lines {listing(lines)}.",
        goal="the area of the triangle",
        form="Give a whole number or a fraction.",
        answer=str(abs(value) / 2),
        spec=RATIONAL,
        steps=[
            f"The first and second line meet where {lines[0][4:]} = {lines[1][4:]}, at {point(corners[0])}.",
            f"The first and third meet where {lines[0][4:]} = {lines[2][4:]}, at {point(corners[1])}.",
            f"The second and third meet where {lines[1][4:]} = {lines[2][4:]}, at {point(corners[2])}.",
            f"From the first corner, the vectors to the others are {point((c - a, d - b))} and "
            f"{point((e - a, f - b))}.",
            f"Twice the area is the size of ({c - a}) * ({f - b}) - ({d - b}) * ({e - a}) = {value}.",
            f"The area is {abs(value)}/2 =" if value.denominator == 1 else "The area is half of the size,",
        ],
        given={"kind": "lines", "lines": [list(each) for each in zip(slopes, shifts, strict=True)]},
    )


def _slope_text(slope: int, shift: int) -> str:
    bare = {1: "x", -1: "-x"}.get(slope, f"{slope}x")
    return f"y = {bare} {'-' if shift < 0 else '+'} {abs(shift)}"


@triangle_area_coordinates.proof
def _triangle_area_coordinates(given: Given) -> str:
    """Strips under the sides for whole corners; sympy's polygon for the lines; trying out for k."""
    import sympy

    if given["kind"] == "corners":
        return str(_strip_area([tuple(corner) for corner in given["corners"]]))
    if given["kind"] == "lines":
        x = sympy.Symbol("x")
        (m, b), (n, c), (p, d) = given["lines"]
        corners = []
        for (s, t), (u, v) in (((m, b), (n, c)), ((n, c), (p, d)), ((p, d), (m, b))):
            (meeting,) = sympy.solve(s * x + t - u * x - v, x)
            corners.append((meeting, s * meeting + t))
        return str(abs(sympy.Polygon(*corners).area))
    k = sympy.Symbol("k")
    (a, b), (c, d) = given["corners"]
    doubled = sympy.Matrix([[a, b, 1], [c, d, 1], [given["x"], k, 1]]).det()
    return str(max(sympy.solve(doubled**2 - 4 * sympy.Rational(given["area"]) ** 2, k)))


LATTICE = {1: (3, 6), 2: (3, 10), 3: (4, 10), 4: (5, 13), 5: (6, 18)}  # corners, reach


@family(
    name="lattice_polygon",
    wordings=(
        "{scene} How many points with whole coordinates lie {where}?",
        "A lattice point is a point with whole coordinates. {scene} How many lattice points lie {where}?",
        "{scene} Count the points with whole coordinates {where}.",
    ),
)
def lattice_polygon(rng: random.Random, level: int) -> Problem:
    """Lattice points on the boundary or strictly inside a polygon, by Pick's theorem."""
    count, reach = LATTICE[level]
    while True:
        corners = _moved(rng, _star(rng, count, reach), reach)
        size = max(max(abs(x), abs(y)) for x, y in corners)
        kind = "boundary" if level == 1 else pick(rng, "inside", "inside", "altogether")
        if (level == 1 or _no_zeros(corners)) and (level != 2 or size > 6):
            break
    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    steps_on = [gcd(c - a, d - b) for (a, b), (c, d) in sides]
    boundary = sum(steps_on)
    lines = [
        f"From {point(p)} to {point(q)}: gcd({abs(q[0] - p[0])}, {abs(q[1] - p[1])}) = {step} lattice "
        f"{_steps(step)}."
        for (p, q), step in zip(sides, steps_on, strict=True)
    ]
    lines.append(f"So {' + '.join(map(str, steps_on))} = {boundary} lattice points lie on the boundary")
    where = {"boundary": "on its boundary", "inside": "strictly inside it"}.get(
        kind, "inside it or on its boundary"
    )
    answer = boundary
    if kind == "boundary":
        lines[-1] += f", because every step ends in one: {boxed(str(answer))}"
    else:
        doubled, steps = _shoelace(corners)
        interior = (doubled - boundary + 2) // 2
        lines[-1] += "."
        lines += ["Twice the area, by the shoelace formula:", *steps]
        lines.append(
            "By Pick's theorem the area A, the inner points I and the boundary points B have A = I + B/2 - 1."
        )
        lines.append(f"I = ({doubled} - {boundary} + 2)/2 = {interior}")
        answer = interior if kind == "inside" else interior + boundary
        if kind == "inside":
            lines.append(f"Strictly inside there are {boxed(str(answer))}")
        else:
            lines.append(
                f"Inside or on the boundary there are {interior} + {boundary} = {boxed(str(answer))}"
            )
    noun = POLYGON_NAMES[len(corners)]
    order = ", in this order" if len(corners) > 3 else ""
    return Problem(
        question=lattice_polygon.ask(
            rng, scene=f"A {noun} has the corners {_corners_text(corners)}{order}.", where=where
        ),
        answer=str(answer),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"corners": [list(corner) for corner in corners], "kind": kind},
        key=("lattice_polygon", kind, *_canonical(corners)),
    )


def _steps(number: int) -> str:
    return "step" if number == 1 else "steps"


@lattice_polygon.proof
def _lattice_polygon(given: Given) -> str:
    """Every lattice point near it is looked at: on a side, or left of how many of them."""
    corners = given["corners"]
    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    rows = range(min(y for _, y in corners), max(y for _, y in corners) + 1)
    inside = boundary = 0
    for y in rows:
        crossing = [((a, b), (c, d)) for (a, b), (c, d) in sides if min(b, d) <= y <= max(b, d)]
        for x in range(min(x for x, _ in corners), max(x for x, _ in corners) + 1):
            odd = on = False
            for (a, b), (c, d) in crossing:
                turn = (c - a) * (y - b) - (d - b) * (x - a)
                if turn == 0 and min(a, c) <= x <= max(a, c):
                    on = True
                    break
                if (b > y) != (d > y) and (turn > 0) == (d > b):
                    odd = not odd
            boundary += on
            inside += odd and not on
    return str({"boundary": boundary, "inside": inside}.get(given["kind"], inside + boundary))
