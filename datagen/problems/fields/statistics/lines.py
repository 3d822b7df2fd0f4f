"""Statistics: lines of best fit and correlation of pairs of values.

Constructions use sums of products; the proofs minimize the squared errors with sympy and compare all pairs.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import PAIR, REAL
from datagen.problems.text import boxed, square_part, surd

Story = tuple[str, int, int, int, int]
STORIES: tuple[Story, ...] = (
    ("hours of practice x and mistakes y", 0, 12, 30, 3),
    ("days x after planting and height y of a bean in cm", 1, 20, 2, 40),
    ("age x of a car in years and its price y in thousands of dollars", 0, 14, 32, 4),
    ("noon temperature x in degrees Celsius and ice creams y sold, in dozens", 8, 34, 3, 40),
    ("distance x in km and fare y of a taxi in dollars", 1, 25, 5, 60),
)
"""What is measured, the least and the largest x, and about which y belong to them."""
LINES = {1: (3, 3), 2: (4, 4), 3: (5, 5), 4: (6, 7), 5: (8, 9)}
"""Per level: how many points from and to."""

Points = list[list[int]]


def _sums(points: Points) -> tuple[int, int, int, int, int]:
    """The sums of x, y, x^2, x*y and y^2."""
    return (
        sum(x for x, _ in points),
        sum(y for _, y in points),
        sum(x * x for x, _ in points),
        sum(x * y for x, y in points),
        sum(y * y for _, y in points),
    )


def _points(rng: random.Random, count: int, story: Story, width: int) -> Points:
    """Points with different x, at most `width` apart, in their order and near the line of the story."""
    _, low, high, first, last = story
    width = min(width, high - low)
    start = rng.randint(low, high - width)
    places = sorted(rng.sample(range(start, start + width + 1), count))
    noise = max(2, abs(last - first) // 8)
    heights = [
        first + (last - first) * (x - low) // (high - low) + rng.randint(-noise, noise) for x in places
    ]
    return [[x, max(0, y)] for x, y in zip(places, heights, strict=True)]


def _points_text(points: Points) -> str:
    return ", ".join(f"({x}, {y})" for x, y in points)


@family(
    name="linear_regression",
    wordings=(
        "Measured were {what}: {points}. Find the least-squares line y = m*x + b and answer with "
        "the pair (m, b) "
        "of exact numbers.",
        "The points {points} show {what}. Which line y = m*x + b fits best, in the sense of least "
        "squares? Give "
        "(m, b) exactly.",
        "For {what} there are the data {points}. Compute slope m and intercept b of the regression "
        "line of y on "
        "x. Answer (m, b), without rounding.",
    ),
)
def linear_regression(rng: random.Random, level: int) -> Problem:
    """The line of best fit through points, worked with the sums of x, y, x^2 and x*y."""
    story = rng.choice(STORIES)
    while True:
        points = _points(rng, rng.randint(*LINES[level]), story, 8 + 4 * level)
        n = len(points)
        sx, sy, sxx, sxy, _ = _sums(points)
        above, below = n * sxy - sx * sy, n * sxx - sx * sx
        slope = Fraction(above, below)
        if above and slope.denominator <= (10, 40, 200, 300, 600)[level - 1]:
            break
    intercept = (sy - slope * sx) / n
    answer = f"({slope}, {intercept})"
    factor = f"({slope})" if slope < 0 or slope.denominator > 1 else str(slope)
    lines = [
        f"There are {n} points. Sums: x: {sx}, y: {sy},",
        f"x^2: {' + '.join(f'{x}^2' for x, _ in points)} = {sxx},",
        f"x*y: {' + '.join(f'{x}*{y}' for x, y in points)} = {sxy}.",
        f"m = ({n}*{sxy} - {sx}*{sy})/({n}*{sxx} - {sx}^2) = {above}/{below} = {slope}",
        f"b = ({sy} - {factor}*{sx})/{n} = {intercept}",
        f"The pair is {boxed(answer)}",
    ]
    return Problem(
        question=linear_regression.ask(rng, what=story[0], points=_points_text(points)),
        answer=answer,
        spec=PAIR,
        solution="\n".join(lines),
        given={"points": points},
        key=("linear_regression", *sorted(map(tuple, points))),
    )


@linear_regression.proof
def _linear_regression(given: Given) -> str:
    import sympy

    m, b = sympy.symbols("m b")
    errors = sum((sympy.Poly(x * m + b - y, m, b) ** 2 for x, y in given["points"]), sympy.Poly(0, m, b))
    gradient = [errors.diff(m), errors.diff(b)]
    slopes = sympy.Matrix([[each.coeff_monomial(m), each.coeff_monomial(b)] for each in gradient])
    found = slopes.LUsolve(-sympy.Matrix([each.coeff_monomial(1) for each in gradient]))
    return f"({found[0]}, {found[1]})"


@family(
    name="correlation_coefficient",
    wordings=(
        "Measured were {what}: {points}. What is the correlation coefficient of x and y? Give the "
        "exact value; a "
        "root may stay.",
        "The points {points} show {what}. Compute Pearson's correlation coefficient exactly, with a "
        "root if it is "
        "needed.",
        "For {what} there are the data {points}. Find the correlation r of x and y without rounding.",
    ),
)
def correlation_coefficient(rng: random.Random, level: int) -> Problem:
    """Pearson's correlation coefficient of points, worked with sums of squares and products."""
    story = rng.choice(STORIES)
    while True:
        count = rng.randint(*LINES[level])
        points = _points(rng, count, story, count + 1)
        n = len(points)
        sx, sy, sxx, sxy, syy = _sums(points)
        above, left, right = n * sxy - sx * sy, n * sxx - sx * sx, n * syy - sy * sy
        if above and right and square_part(left * right)[1] < 10_000:
            break
    answer = surd(above, left * right, left * right)
    lines = [
        f"There are {n} points. Sums: x: {sx}, y: {sy},",
        f"x^2: {' + '.join(f'{x}^2' for x, _ in points)} = {sxx},",
        f"y^2: {' + '.join(f'{y}^2' for _, y in points)} = {syy},",
        f"x*y: {' + '.join(f'{x}*{y}' for x, y in points)} = {sxy}.",
        f"{n}*{sxy} - {sx}*{sy} = {above}, {n}*{sxx} - {sx}^2 = {left}, {n}*{syy} - {sy}^2 = {right}",
        f"r = {above}/sqrt({left}*{right}) = {above}/sqrt({left * right}) = {boxed(answer)}",
    ]
    return Problem(
        question=correlation_coefficient.ask(rng, what=story[0], points=_points_text(points)),
        answer=answer,
        spec=REAL,
        solution="\n".join(lines),
        given={"points": points},
        key=("correlation_coefficient", *sorted(map(tuple, points))),
    )


@correlation_coefficient.proof
def _correlation_coefficient(given: Given) -> str:
    import sympy

    points = given["points"]
    pairs = [(a[0] - b[0], a[1] - b[1]) for a in points for b in points]
    along = sum(x * y for x, y in pairs)
    return str(along / sympy.sqrt(sum(x * x for x, _ in pairs) * sum(y * y for _, y in pairs)))
