"""Diagonals of boxes: through space, from faces, from surface and edges, and the shortest way of an ant.

The proof measures vectors, or solves for the squares of the edges.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, ends_in_root, exact, in_unit, posed, root, unit_of
from datagen.problems.specs import QUANTITY, REAL


def _whole_diagonal(rng: random.Random) -> Case:
    """Three edges and a whole diagonal: a, b, c and d from the parametrization of Pythagorean quadruples."""
    while True:
        m, n, p, q = (rng.randint(0, 5) for _ in range(4))
        edges = sorted(
            abs(e) for e in (m * m + n * n - p * p - q * q, 2 * (m * q + n * p), 2 * (n * q - m * p))
        )
        d = m * m + n * n + p * p + q * q
        if edges[0] > 0 and d < 70:
            break
    rng.shuffle(edges)
    a, b, c = edges
    unit = unit_of(rng)
    return Case(
        scene=f"A box (cuboid) has edges of {a} {unit}, {b} {unit} and {c} {unit}.",
        goal="the length of the diagonal of the box from a corner to the opposite one",
        form=in_unit(unit),
        answer=f"{d} {unit}",
        spec=QUANTITY,
        steps=[
            f"d^2 = {a}^2 + {b}^2 + {c}^2 = {a * a} + {b * b} + {c * c} = {d * d}",
            f"d = sqrt({d * d}) =",
        ],
        given={"kind": "diagonal", "edges": [a, b, c], "unit": unit},
        key=("diagonal", *sorted(edges)),
    )


def _surd_diagonal(rng: random.Random) -> Case:
    while True:
        a, b, c = (rng.randint(1, 30) for _ in range(3))
        square = a * a + b * b + c * c
        if isqrt(square) ** 2 != square:
            break
    unit = unit_of(rng)
    return Case(
        scene=f"A box (cuboid) has edges of {a} {unit}, {b} {unit} and {c} {unit}.",
        goal="the length of the diagonal of the box from a corner to the opposite one",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"d^2 = {a}^2 + {b}^2 + {c}^2 = {a * a} + {b * b} + {c * c} = {square}",
            ends_in_root("d", square),
        ],
        given={"kind": "diagonal", "edges": [a, b, c], "unit": unit},
        key=("diagonal", *sorted((a, b, c))),
    )


def _missing_edge(rng: random.Random) -> Case:
    while True:
        a, b, d = rng.randint(2, 40), rng.randint(2, 40), rng.randint(5, 90)
        square = d * d - a * a - b * b
        if square > 0:
            break
    unit = unit_of(rng)
    return Case(
        scene=f"A box (cuboid) has a rectangular base of {a} {unit} by {b} {unit}, and its diagonal from a "
        f"bottom corner to the opposite top corner is {d} {unit} long.",
        goal="the height of the box",
        form=exact(unit),
        answer=root(square),
        spec=REAL,
        steps=[
            f"{d}^2 = {a}^2 + {b}^2 + h^2",
            f"h^2 = {d * d} - {a * a} - {b * b} = {square}",
            ends_in_root("h", square),
        ],
        given={"kind": "edge", "edges": [a, b], "diagonal": d, "unit": unit},
        key=("edge", min(a, b), max(a, b), d),
    )


def _from_faces(rng: random.Random) -> Case:
    """The space diagonal from the diagonals of the three faces."""
    while True:
        p, q, r = (rng.randint(4, 60) for _ in range(3))
        squares = [p * p, q * q, r * r]
        if 2 * max(squares) < sum(squares):
            break
    total, unit = sum(squares), unit_of(rng)
    return Case(
        scene=f"Three faces of a box (cuboid) that meet in a corner have diagonals of {p} {unit}, {q} "
        f"{unit} and "
        f"{r} {unit}.",
        goal="the length of the diagonal of the box from a corner to the opposite one",
        form=exact(unit),
        answer=root(Fraction(total, 2)),
        spec=REAL,
        steps=[
            "With edges a, b and c the squares of the face diagonals are a^2 + b^2, b^2 + c^2 and a^2 + c^2.",
            f"Their sum is 2 * (a^2 + b^2 + c^2) = {' + '.join(map(str, squares))} = {total}.",
            f"So d^2 = a^2 + b^2 + c^2 = {total}/2{f' = {total // 2}' if total % 2 == 0 else ''}.",
            f"d = sqrt({Fraction(total, 2)}) =",
        ],
        given={"kind": "faces", "diagonals": [p, q, r], "unit": unit},
        key=("faces", *sorted((p, q, r))),
    )


def _ant(rng: random.Random) -> Case:
    """The shortest way over the surface of a box between opposite corners."""
    a, b, c = rng.sample(range(2, 41), 3)
    unit = unit_of(rng)
    shortest, middle, longest = sorted((a, b, c))
    ways = [
        (x + y) ** 2 + z * z
        for x, y, z in ((middle, longest, shortest), (shortest, longest, middle), (shortest, middle, longest))
    ]
    return Case(
        scene=f"An ant sits at a corner of a closed box of {a} {unit} by {b} {unit} by {c} {unit} and "
        "wants to get to "
        "the opposite corner, the one farthest away. It can only crawl on the surface of the box, but on "
        "every face "
        "of it.",
        goal="the length of the shortest way of the ant",
        form=exact(unit),
        answer=root(min(ways)),
        spec=REAL,
        steps=[
            "The shortest way crosses two neighbouring faces. Unfolded, they form one rectangle, and the "
            "way is its "
            "diagonal. One side of the rectangle is the sum of two edges, the other is the third edge.",
            f"({middle} + {longest})^2 + {shortest}^2 = {ways[0]}",
            f"({shortest} + {longest})^2 + {middle}^2 = {ways[1]}",
            f"({shortest} + {middle})^2 + {longest}^2 = {ways[2]}",
            f"The smallest square is {min(ways)}. Let w be the length of the shortest way.",
            ends_in_root("w", min(ways)),
        ],
        given={"kind": "ant", "edges": [a, b, c], "unit": unit},
        key=("ant", *sorted((a, b, c))),
    )


CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _whole_diagonal,
    2: _surd_diagonal,
    3: _missing_edge,
    4: _from_faces,
    5: _ant,
}


@family(
    name="cuboid_diagonal",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Work out {goal}. {scene} {form}",
    ),
)
def cuboid_diagonal(rng: random.Random, level: int) -> Problem:
    """The diagonal of a box, an edge from it, and the shortest way over the surface."""
    return posed(cuboid_diagonal, rng, CASES[level](rng))


@cuboid_diagonal.proof
def _cuboid_diagonal(given: Given) -> str:
    """Norms of vectors; squares of edges solved for; the ant's crossing of an edge by a derivative."""
    import sympy

    kind = given["kind"]
    x, y, z = sympy.symbols("x y z", positive=True)
    if kind == "diagonal":
        length = sympy.Matrix(given["edges"]).norm()
        return f"{length} {given['unit']}" if length.is_integer else str(length)
    if kind == "edge":
        a, b = given["edges"]
        return str(sympy.solve(a * a + b * b + z * z - given["diagonal"] ** 2, z)[0])
    if kind == "faces":
        p, q, r = given["diagonals"]
        squares = sympy.solve([x + y - p * p, y + z - q * q, x + z - r * r], [x, y, z])
        return str(sympy.sqrt(squares[x] + squares[y] + squares[z]))
    # Over the edge of length e between faces f wide and g wide, at a distance t along it from the start:
    # sqrt(t^2 + f^2) + sqrt((e - t)^2 + g^2) is least at t = ef/(f + g), where both slopes are equal.
    a, b, c = map(sympy.Integer, given["edges"])
    lengths = []
    for e, f, g in ((a, b, c), (b, a, c), (c, a, b)):
        t = e * f / (f + g)
        first, second = sympy.sqrt(t * t + f * f), sympy.sqrt((e - t) ** 2 + g * g)
        if sympy.nsimplify(t / first - (e - t) / second) != 0:
            raise ValueError("no straight way")
        lengths.append(sympy.sqrtdenest(first + second))
    return str(min(lengths, key=lambda length: length.evalf(30)))
