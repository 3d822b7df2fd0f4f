"""Equations of circles: from centre and radius, a diameter, a tangent or three points, and read backwards.

The proof solves for the coefficients, or lets a determinant vanish.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, pick, point, posed
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EQUATION, PAIR
from datagen.problems.text import grouped, linear, listing


def _square_of(name: str, shift: int) -> str:
    """`(x - 3)^2`, `(x + 1)^2` or `x^2`."""
    return f"({linear([(1, name), (-shift, '')])})^2" if shift else f"{name}^2"


def standard(centre: tuple[int, int], square: int) -> str:
    return f"{_square_of('x', centre[0])} + {_square_of('y', centre[1])} = {square}"


def expanded(centre: tuple[int, int], square: int) -> str:
    """`x^2 + y^2 - 4x + 6y + 9 = 0`."""
    h, k = centre
    rest = linear([(-2 * h, "x"), (-2 * k, "y"), (h * h + k * k - square, "")])
    sign = f" - {rest[1:]}" if rest.startswith("-") else f" + {rest}"
    return f"x^2 + y^2{sign} = 0"


EQUATION_FORM = "Answer with an equation in x and y."


def _from_centre(rng: random.Random) -> Case:
    h, k, radius = nonzero(rng, 12), nonzero(rng, 12), rng.randint(2, 15)
    answer = standard((h, k), radius * radius)
    return Case(
        scene=f"A circle has the centre {point((h, k))} and the radius {radius}.",
        goal="the equation of the circle",
        form=EQUATION_FORM,
        answer=answer,
        spec=EQUATION,
        steps=["The circle with centre (h, k) and radius r is (x - h)^2 + (y - k)^2 = r^2.", "Here it is"],
        given={"kind": "centre", "centre": [h, k], "radius": radius},
    )


def _from_diameter(rng: random.Random) -> Case:
    h, k, p, q = nonzero(rng, 12), nonzero(rng, 12), nonzero(rng, 12), nonzero(rng, 12)
    ends = [(h - p, k - q), (h + p, k + q)]
    square = p * p + q * q
    return Case(
        scene=f"The points {point(ends[0])} and {point(ends[1])} are the ends of a diameter of a circle.",
        goal="the equation of the circle",
        form=EQUATION_FORM,
        answer=standard((h, k), square),
        spec=EQUATION,
        steps=[
            f"The centre is the midpoint {point((h, k))}.",
            f"r^2 = ({ends[0][0]} - {grouped(h)})^2 + ({ends[0][1]} - {grouped(k)})^2",
            f"r^2 = {p * p} + {q * q} = {square}",
            "So the equation is",
        ],
        given={"kind": "diameter", "ends": [list(end) for end in ends]},
        key=("diameter", *sorted(ends)),
    )


def _completed(rng: random.Random) -> Case:
    h, k, radius = nonzero(rng, 30), nonzero(rng, 30), rng.randint(2, 40)
    text = expanded((h, k), radius * radius)
    constant = h * h + k * k - radius * radius
    answer = f"({h}, {k}, {radius})"
    return Case(
        scene=f"A circle has the equation {text}.",
        goal="its centre (h, k) and its radius r",
        form="Answer as (h, k, r).",
        answer=answer,
        spec=PAIR,
        steps=[
            f"Complete the squares: x^2{_signed(-2 * h)}x = {_square_of('x', h)} - {h * h}.",
            f"Also y^2{_signed(-2 * k)}y = {_square_of('y', k)} - {k * k}.",
            f"On the right stands {h * h} + {k * k} - {grouped(constant)} = {radius**2}.",
            f"So {standard((h, k), radius * radius)}.",
            f"The centre is {point((h, k))} and the radius is sqrt({radius**2}) = {radius}:",
        ],
        given={"kind": "expanded", "coefficients": [-2 * h, -2 * k, constant]},
    )


def _signed(number: int) -> str:
    bare = "" if abs(number) == 1 else str(abs(number))
    return f" {'-' if number < 0 else '+'} {bare}"


def _tangent_circle(rng: random.Random) -> Case:
    """The circle about a point that touches the line ax + by = c with a, b, root(a^2 + b^2) whole."""
    a, b, norm = pick(rng, (3, 4, 5), (4, 3, 5), (5, 12, 13), (12, 5, 13), (8, 15, 17), (15, 8, 17))
    b *= pick(rng, 1, -1)
    h, k, radius = nonzero(rng, 9), nonzero(rng, 9), rng.randint(1, 12)
    value = pick(rng, 1, -1) * radius * norm
    c = a * h + b * k - value
    line = f"{linear([(a, 'x'), (b, 'y')])} = {c}"
    return Case(
        scene=f"A circle has the centre {point((h, k))} and touches the line {line}.",
        goal="the equation of the circle",
        form=EQUATION_FORM,
        answer=standard((h, k), radius * radius),
        spec=EQUATION,
        steps=[
            "The radius is the distance of the centre from the line, |ah + bk - c|/sqrt(a^2 + b^2).",
            f"ah + bk - c = {a} * {grouped(h)} + {grouped(b)} * {grouped(k)} - {grouped(c)} = {value}",
            f"sqrt(a^2 + b^2) = sqrt({a * a + b * b}) = {norm}",
            f"r = {abs(value)}/{norm} = {radius}, and r^2 = {radius * radius}.",
            "The equation is",
        ],
        given={"kind": "tangent", "centre": [h, k], "line": [a, b, c]},
    )


_SHIFTS: dict[int, tuple[tuple[int, int], ...]] = {
    square: tuple(
        (x, y) for x in range(-25, 26) for y in range(-25, 26) if x * x + y * y == square and x and y
    )
    for square in (25, 50, 65, 85, 125, 130, 145, 170, 185, 200, 205, 221, 250, 260, 265, 290, 325)
}


def _three_points(rng: random.Random) -> Case:
    """The circle through three lattice points."""
    square = pick(rng, *_SHIFTS)
    h, k = nonzero(rng, 15), nonzero(rng, 15)
    points = [(h + x, k + y) for x, y in rng.sample(_SHIFTS[square], 3)]
    (p, q), *others = points
    steps = [
        "Let the centre be (h, k). It is equally far from all three points.",
        f"From (x - h)^2 + (y - k)^2 at P = {point((p, q))}, subtract the same at the other two points.",
    ]
    equations = []
    for x, y in others:
        constant = x * x + y * y - p * p - q * q
        left = linear([(2 * (x - p), "h"), (2 * (y - q), "k")])
        steps.append(f"{point((x, y))} and P: {left} = {x * x + y * y} - {p * p + q * q} = {constant}")
        equations.append((2 * (x - p), 2 * (y - q), constant))
    (a, b, c), (d, e, f) = equations
    rest, last = (a, c - b * k) if a else (d, f - e * k)
    steps += [
        f"{d} times the first minus {a} times the second: {d * b - a * e}k = {d * c - a * f}, so k = {k}.",
        f"Then {rest}h = {last}, so h = {h}.",
        f"r^2 = ({p} - {grouped(h)})^2 + ({q} - {grouped(k)})^2 = {(p - h) ** 2} + {(q - k) ** 2} = {square}",
        "The equation is",
    ]
    return Case(
        scene=f"A circle passes through the points {listing([point(each) for each in points])}.",
        goal="the equation of the circle",
        form=EQUATION_FORM,
        answer=standard((h, k), square),
        spec=EQUATION,
        steps=steps,
        given={"kind": "points", "points": [list(each) for each in points]},
        key=("points", *sorted(points)),
    )


CIRCLES: dict[int, Callable[[random.Random], Case]] = {
    1: _from_centre,
    2: _from_diameter,
    3: _completed,
    4: _tangent_circle,
    5: _three_points,
}


@family(
    name="circle_equation",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "In the xy-plane the following is known. {scene} Determine {goal}. {form}",
    ),
)
def circle_equation(rng: random.Random, level: int) -> Problem:
    """The equation of a circle, or its centre and radius, from points, a tangent or the expanded form."""
    case = CIRCLES[level](rng)
    problem = posed(circle_equation, rng, case)
    if level != 3:
        return problem
    question = problem.question.replace("What is its centre", "What are its centre")
    return Problem(question, problem.answer, problem.spec, problem.solution, problem.given, problem.key)


@circle_equation.proof
def _circle_equation(given: Given) -> str:
    """The general circle x^2 + y^2 + dx + ey + f = 0, its d, e, f solved for."""
    import sympy

    kind = given["kind"]
    x, y = sympy.symbols("x y")
    if kind == "expanded":
        d, e, f = given["coefficients"]
        turning = sympy.solve([sympy.diff(x**2 + d * x, x), sympy.diff(y**2 + e * y, y)], [x, y])
        lowest = (x**2 + y**2 + d * x + e * y + f).subs(turning)
        return f"({turning[x]}, {turning[y]}, {sympy.sqrt(-lowest)})"
    if kind == "centre":
        h, k = given["centre"]
        left, right = sympy.expand((x - h) ** 2 + (y - k) ** 2), given["radius"] ** 2
    elif kind == "diameter":  # Thales: the angle over the diameter is right
        (a, b), (c, d) = given["ends"]
        left, right = (x - a) * (x - c) + (y - b) * (y - d), 0
    elif kind == "tangent":
        (h, k), (a, b, c) = given["centre"], given["line"]
        foot = sympy.Matrix([[a, b], [-b, a]]).LUsolve(sympy.Matrix([c, a * k - b * h]))
        left, right = (x - h) ** 2 + (y - k) ** 2, (foot[0] - h) ** 2 + (foot[1] - k) ** 2
    else:
        rows = sympy.Matrix([[p * p + q * q, p, q, 1] for p, q in given["points"]])
        minors = [rows.extract([0, 1, 2], [k for k in range(4) if k != each]).det() for each in range(4)]
        left = minors[0] * (x**2 + y**2) - minors[1] * x + minors[2] * y - minors[3]
        right = 0
    return f"{left} = {right}".replace("**", "^")
