"""Algebra with several unknowns: linear systems, a line and a curve.

Constructions start from the solution; proofs use sympy's matrices and resultants.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_tuple
from datagen.problems.fields.algebra.writing import (
    Variant,
    added,
    bracketed,
    collection,
    operand,
    plus,
    product,
    quadratic_formula,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import PAIR, SET, TUPLE
from datagen.problems.text import boxed, grouped, linear, listing, polynomial

SYSTEMS = {1: (1, 9), 2: (3, 9), 3: (5, 12), 4: (9, 20), 5: (15, 50)}  # largest coefficient, largest value


@family(
    name="linear_system",
    wordings=(
        "Solve the system {first} and {second}. Answer as (x, y).",
        "Find the pair (x, y) with {first} and {second}.",
        "Both {first} and {second} hold. What is (x, y)?",
    ),
)
def linear_system(rng: random.Random, level: int) -> Problem:
    """Two linear equations in two unknowns with one integer solution, worked by elimination."""
    largest, reach = SYSTEMS[level]
    below = SYSTEMS[level - 1][0] if level > 1 else 0
    while True:
        a, c = rng.randint(1, largest), rng.randint(1, largest)
        b, d = nonzero(rng, largest), nonzero(rng, largest)
        if a * d != b * c and max(a, abs(b), c, abs(d)) > below:
            break
    x, y = nonzero(rng, reach), nonzero(rng, reach)
    e, f = a * x + b * y, c * x + d * y
    first, second = f"{_unknowns(a, b)} = {e}", f"{_unknowns(c, d)} = {f}"
    answer = f"({x}, {y})"
    return Problem(
        question=linear_system.ask(rng, first=first, second=second),
        answer=answer,
        spec=PAIR,
        solution=f"{_elimination((a, b, e), (c, d, f))}\nThe solution is {boxed(answer)}",
        given={"first": [a, b, e], "second": [c, d, f]},
        key=("linear_system", *sorted(((a, b, e), (c, d, f)))),
    )


def _unknowns(a: int, b: int) -> str:
    return linear([(a, "x"), (b, "y")])


def _elimination(first: tuple[int, int, int], second: tuple[int, int, int]) -> str:
    """y from c * first - a * second, then x from the first equation."""
    (a, b, e), (c, d, f) = first, second
    times_first = f"First equation times {c}: {_unknowns(a * c, b * c)} = {e * c}"
    times_second = f"second equation times {a}: {_unknowns(c * a, d * a)} = {f * a}"
    factor, value = b * c - d * a, e * c - f * a
    y = value // factor
    lines = [f"{times_first}; {times_second}."]
    lines.append(f"Subtract: {linear([(factor, 'y')])} = {value}, so y = {y}.")
    lines.append(
        f"Then {linear([(a, 'x')])} = {e} - {grouped(b * y)} = {e - b * y}, so x = {(e - b * y) // a}."
    )
    return "\n".join(lines)


@linear_system.proof
def _linear_system(given: Given) -> str:
    import sympy

    (a, b, e), (c, d, f) = given["first"], given["second"]
    x, y = sympy.Matrix([[a, b], [c, d]]).LUsolve(sympy.Matrix([e, f]))
    return f"({x}, {y})"


ROWS = {
    1: ((1, 0, 0), (1, 1, 0), (1, 1, 1)),
    2: ((1, 1, 0), (0, 1, 1), (1, 0, 1)),
    3: ((1, 1, 1),) * 3,
    4: ((1, 1, 1),) * 3,
    5: ((1, 1, 1),) * 3,
}
"""Per level: which unknowns occur in which equation."""
LARGEST = {1: (3, 9), 2: (4, 9), 3: (2, 9), 4: (5, 12), 5: (9, 20)}  # coefficient, value

Equation = tuple[int, int, int, int]  # (a, b, c, d) of ax + by + cz = d


def _equation(row: Sequence[int]) -> str:
    return f"{linear(list(zip(row[:-1], 'xyz', strict=True)))} = {row[-1]}"


def _determinant(rows: Sequence[Sequence[int]]) -> int:
    (a, b, c), (d, e, f), (g, h, i) = (row[:3] for row in rows)
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _combined(first: Equation, second: Equation, place: int) -> tuple[int, int, Equation]:
    """(m, n, m * second - n * first), in which the unknown at `place` is gone."""
    common = gcd(first[place], second[place])
    m, n = first[place] // common, second[place] // common
    if m < 0:
        m, n = -m, -n
    a, b, c, d = (m * q - n * p for p, q in zip(first, second, strict=True))
    return m, n, (a, b, c, d)


def _labelled(m: int, n: int, first: int, second: int) -> str:
    """`2*(3) - 5*(1)`, of equations by number."""
    left = f"({second})" if m == 1 else f"{m}*({second})"
    right = f"({first})" if abs(n) == 1 else f"{abs(n)}*({first})"
    return f"{left} {'-' if n > 0 else '+'} {right}"


def _three_solved(rows: list[Equation], values: Sequence[int]) -> list[str]:
    """Unknowns eliminated one after the other, then found from the last to the first."""
    lines = [f"({number}) {_equation(row)}" for number, row in enumerate(rows, 1)]
    numbered = dict(enumerate(rows, 1))
    used: list[tuple[int, int]] = []  # (place of the unknown, number of the equation that gives it)
    live = list(numbered)
    if not any(rows[0][1:3]):  # one unknown after the other stands alone
        used, live = [(2, 3), (1, 2), (0, 1)], []
    for place in (0, 1) if live else ():
        holders = [n for n in live if numbered[n][place]]
        pivot = min(holders, key=lambda n: (abs(numbered[n][place]), n))
        used.append((place, pivot))
        live.remove(pivot)
        for n in [n for n in live if numbered[n][place]]:
            p, q, row = _combined(numbered[pivot], numbered[n], place)
            number = len(numbered) + 1
            numbered[number] = row
            live[live.index(n)] = number
            lines.append(f"{_labelled(p, q, pivot, n)} gives ({number}) {_equation(row)}.")
    used += [(2, number) for number in live]
    known: dict[int, int] = {}
    for place, number in reversed(used):
        row = numbered[number]
        moved = [(row[other], value) for other, value in sorted(known.items()) if row[other]]
        right = row[3] - sum(a * value for a, value in moved)
        shown = "".join(f" - {operand(a)}*{operand(value)}" for a, value in moved)
        left = linear([(row[place], "xyz"[place])])
        text = f"From ({number}): {left} = {row[3]}{shown}" + (f" = {right}" if moved else "")
        known[place] = values[place]
        lines.append(text + (f", so {'xyz'[place]} = {values[place]}." if row[place] != 1 else "."))
    return lines


@family(
    name="linear_system_three",
    wordings=(
        "Solve the system {equations}. Answer as the triple (x, y, z).",
        "Find the numbers x, y and z with {equations}. Give them as (x, y, z).",
        "The equations {equations} hold at the same time. What is (x, y, z)?",
    ),
)
def linear_system_three(rng: random.Random, level: int) -> Problem:
    """Three linear equations in three unknowns with one integer solution, worked by elimination."""
    largest, reach = LARGEST[level]
    below = {4: 2, 5: 5}.get(level, 0)
    while True:
        values = [nonzero(rng, reach) for _ in range(3)]
        rows: list[Equation] = []
        for mask in ROWS[level]:
            a, b, c = (nonzero(rng, largest) if there else 0 for there in mask)
            a, b, c = (-a, -b, -c) if (a or b) < 0 else (a, b, c)
            rows.append((a, b, c, a * values[0] + b * values[1] + c * values[2]))
        if level == 2:
            rng.shuffle(rows)
        if _determinant(rows) and max(abs(n) for row in rows for n in row[:3]) > below:
            break
    answer = collection(values)
    lines = _three_solved(rows, values)
    return Problem(
        question=linear_system_three.ask(rng, equations=listing([_equation(row) for row in rows])),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The solution is {boxed(answer)}"]),
        given={"equations": [list(row) for row in rows]},
        key=("linear_system_three", *sorted(rows)),
    )


@linear_system_three.proof
def _linear_system_three(given: Given) -> str:
    import sympy

    rows = sympy.Matrix(given["equations"])
    return written_tuple(rows[:, :3].LUsolve(rows[:, 3]))


@linear_system_three.variants
def _named(given: Given, answer: str) -> Variant:
    values = answer[1:-1].split(", ")
    return [", ".join(f"{name} = {value}" for name, value in zip("xyz", values, strict=True))], []


Pair = tuple[int, int]


def _line_and_parabola(rng: random.Random, level: int) -> tuple[list[str], list[str], list[Pair], Given]:
    """y = ax^2 + bx + c and a line, meeting at two integer places."""
    a = 1 if level < 3 else rng.choice((-3, -2, -1, 2, 3))
    u, v = nonzero(rng, 9), nonzero(rng, 9)
    while u in (v, -v):
        v = nonzero(rng, 9)
    slope, start = (u + v, -u * v) if level == 1 else (nonzero(rng, 6), nonzero(rng, 12))
    difference = product([a], [1, -u], [1, -v])
    parabola = added(difference, [slope, start])
    curve = f"y = {polynomial(parabola)}"
    line = f"y = {polynomial([slope, start])}"
    if level == 3:
        line = _general_line(slope, start)
    lines = [f"The line is y = {polynomial([slope, start])}."] if level == 3 else []
    lines.append(f"Set both equal: {polynomial(parabola)} = {polynomial([slope, start])}.")
    lines.append(f"All on one side: {polynomial(difference)} = 0.")
    lines.append(quadratic_formula(difference))
    pairs = [(x, slope * x + start) for x in sorted((u, v))]
    for x, y in pairs:
        lines.append(f"At x = {x}: y = {_on_line(slope, start, x)} = {y}.")
    given = {"curve": [[c, power, 0] for c, power in zip(parabola, (2, 1, 0), strict=True)] + [[-1, 0, 1]]}
    return [curve, line], lines, pairs, given | {"line": [slope, -1, -start]}


def _general_line(slope: int, start: int) -> str:
    """y = slope * x + start with both unknowns on the left."""
    sign = -1 if slope > 0 else 1
    return f"{linear([(-sign * slope, 'x'), (sign, 'y')])} = {sign * start}"


def _on_line(slope: int, start: int, x: int) -> str:
    """`2 * (-3) + 4`."""
    return f"{operand(slope)} * {operand(x)}{plus(start)}" if slope != 1 else f"{x}{plus(start)}"


def _line_and_circle(rng: random.Random, level: int) -> tuple[list[str], list[str], list[Pair], Given]:
    """A circle around the origin, at level 5 around another point, and a line through two lattice points."""
    while True:
        run, rise = 1, rng.choice((1, -1, 2, -2, 3, -3))
        x, y = rng.randint(-25, 25), rng.randint(-25, 25)
        back = Fraction(2 * (x * run + y * rise), run * run + rise * rise)
        if back and back.denominator == 1 and x * x + y * y > 4:
            break
    h, k = (nonzero(rng, 6), nonzero(rng, 6)) if level == 5 else (0, 0)
    square = x * x + y * y
    pairs = sorted([(x + h, y + k), (x - int(back) + h, y - int(back) * rise + k)])
    start = pairs[0][1] - rise * pairs[0][0]
    line = polynomial([rise, start])
    circle = "x^2 + y^2" if level == 4 else f"(x{plus(-h)})^2 + (y{plus(-k)})^2"
    first, second = product([1, -h], [1, -h]), product([rise, start - k], [rise, start - k])
    lines = [f"The line is y = {line}."] if level == 5 else []
    around = "x^2" if not h else f"(x{plus(-h)})^2"
    moved = f"{bracketed([rise, start - k])}^2"
    lines.append(f"Put y = {line} into the circle: {around} + {moved} = {square}.")
    lines.append(f"Multiplied out: {polynomial(first)} + {polynomial(second)} = {square}.")
    quadratic = added(first, second)
    quadratic = added(quadratic, [square], -1)
    lines.append(f"All on one side: {polynomial(quadratic)} = 0.")
    lines.append(quadratic_formula(quadratic))
    for px, py in pairs:
        lines.append(f"At x = {px}: y = {_on_line(rise, start, px)} = {py}.")
    curve = [[1, 2, 0], [1, 0, 2], [-2 * h, 1, 0], [-2 * k, 0, 1], [h * h + k * k - square, 0, 0]]
    shown = _general_line(rise, start) if level == 5 else f"y = {line}"
    return [f"{circle} = {square}", shown], lines, pairs, {"curve": curve, "line": [rise, -1, -start]}


@family(
    name="nonlinear_system",
    wordings=(
        "Solve the system {first} and {second} over the real numbers. Answer with the set of all pairs "
        "(x, y), like {{(1, 2), (3, 4)}}.",
        "At which points (x, y) are {first} and {second} both true? Answer with a set of points, like "
        "{{(1, 2), (3, 4)}}.",
        "Find the set of all real pairs (x, y) with {first} and {second}, written like {{(1, 2), (3, 4)}}.",
    ),
)
def nonlinear_system(rng: random.Random, level: int) -> Problem:
    """A line that meets a parabola or a circle at two integer points, worked by substitution."""
    make = _line_and_parabola if level < 4 else _line_and_circle
    (first, second), lines, pairs, given = make(rng, level)
    answer = collection(map(collection, pairs), "{}")
    shown = [second, first] if rng.random() < 0.5 else [first, second]
    return Problem(
        question=nonlinear_system.ask(rng, first=shown[0], second=shown[1]),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set of solutions is {boxed(answer)}"]),
        given=given,
        key=("nonlinear_system", *sorted((first, second))),
    )


@nonlinear_system.proof
def _nonlinear_system(given: Given) -> str:
    """Each coordinate from a resultant; of all pairs of them, those that satisfy both equations."""
    import sympy

    x, y = sympy.symbols("x y")
    curve = sympy.Add(*(c * x**p * y**q for c, p, q in given["curve"]))
    a, b, c = given["line"]
    line = a * x + b * y - c
    across = sympy.roots(sympy.Poly(sympy.resultant(curve, line, y), x))
    upwards = sympy.roots(sympy.Poly(sympy.resultant(curve, line, x), y))
    pairs = [
        (p, q)
        for p in across
        for q in upwards
        if curve.subs({x: p, y: q}) == 0 and line.subs({x: p, y: q}) == 0
    ]
    return "{" + ", ".join(map(written_tuple, pairs)) + "}"


@nonlinear_system.variants
def _turned_pairs(given: Given, answer: str) -> Variant:
    """x and y taken for each other; one point forgotten; the y of one point with the x of the other."""
    (a, b), (c, d) = (pair.strip("()").split(", ") for pair in answer[1:-1].split("), ("))
    misses = [f"{{({b}, {a}), ({d}, {c})}}", f"{{({a}, {b})}}", f"{{({a}, {d}), ({c}, {b})}}"]
    real = [{(a, b), (c, d)}, {(b, a), (d, c)}]
    return [f"({a}, {b}) and ({c}, {d})", f"{{({c}, {d}), ({a}, {b})}}"], [
        miss
        for miss in misses
        if not (miss == misses[0] and real[0] == real[1]) and not (miss == misses[2] and b == d)
    ]
