"""Cross products and what they measure: areas of triangles, volumes of tetrahedra, planes through points.

The proof uses determinants, Heron's formula and Gram's matrix.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, ends_in_root, point, posed
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL, TUPLE
from datagen.problems.text import grouped, surd

Vector = tuple[int, ...]


def _cross(u: Sequence[int], v: Sequence[int]) -> Vector:
    return (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])


def _cross_steps(u: Sequence[int], v: Sequence[int]) -> list[str]:
    value = _cross(u, v)
    lines = []
    for place, name in enumerate(("First", "Second", "Third")):
        i, j = (place + 1) % 3, (place + 2) % 3
        left = f"{grouped(u[i])} * {grouped(v[j])} - {grouped(u[j])} * {grouped(v[i])}"
        lines.append(f"{name} coordinate: {left} = {value[place]}")
    return lines


def _vector(rng: random.Random, reach: int) -> Vector:
    return tuple(nonzero(rng, reach) for _ in range(3))


def _difference(u: Sequence[int], v: Sequence[int]) -> Vector:
    return tuple(a - b for a, b in zip(u, v, strict=True))


def _squares(u: Sequence[int]) -> str:
    return " + ".join(str(a * a) for a in u)


def _product(rng: random.Random, level: int) -> Case:
    """The cross product itself: one vector along an axis at level 1."""
    while True:
        u, v = _vector(rng, 9), _vector(rng, 9)
        if level == 1:
            place = rng.randint(0, 2)
            u = tuple(a if i == place else 0 for i, a in enumerate(u))
        if _cross(u, v) != (0, 0, 0) and (level == 1 or 0 not in _cross(u, v)):
            break
    steps = ["u x v = (u2*v3 - u3*v2, u3*v1 - u1*v3, u1*v2 - u2*v1)", *_cross_steps(u, v)]
    if level == 1:
        left = ("u1*v2 and -u1*v3", "u2*v3 and -u2*v1", "u3*v1 and -u3*v2")[place]
        steps = [f"Only coordinate {place + 1} of u is not 0, so only {left} remain in u x v."]
    return Case(
        scene=f"Two vectors are u = {point(u)} and v = {point(v)}.",
        goal="the cross product u x v",
        form="Answer as a tuple (x, y, z).",
        answer=point(_cross(u, v)),
        spec=TUPLE,
        steps=[*steps, "u x v ="],
        given={"kind": "cross", "u": list(u), "v": list(v)},
    )


def _parallelogram(rng: random.Random) -> Case:
    while True:
        u, v = _vector(rng, 9), _vector(rng, 9)
        normal = _cross(u, v)
        if all(normal):
            break
    square = sum(a * a for a in normal)
    return Case(
        scene=f"The vectors u = {point(u)} and v = {point(v)} span a parallelogram.",
        goal="the area of the parallelogram",
        form="Give the exact value.",
        answer=surd(1, square),
        spec=REAL,
        steps=[
            "The area is the length of u x v.",
            *_cross_steps(u, v),
            f"|u x v|^2 = {_squares(normal)} = {square}",
            ends_in_root("the area", square)
            if isqrt(square) ** 2 != square
            else f"The area is sqrt({square}) =",
        ],
        given={"kind": "parallelogram", "u": list(u), "v": list(v)},
        key=("parallelogram", *sorted((u, v))),
    )


def _triangle(rng: random.Random) -> Case:
    while True:
        a, b, c = (tuple(rng.randint(-9, 9) for _ in range(3)) for _ in range(3))
        u, v = _difference(b, a), _difference(c, a)
        normal = _cross(u, v)
        if all(u) and all(v) and all(normal):
            break
    square = sum(x * x for x in normal)
    return Case(
        scene=f"A triangle in space has the corners A = {point(a)}, B = {point(b)} and C = {point(c)}.",
        goal="the area of the triangle",
        form="Give the exact value.",
        answer=surd(1, square, 2),
        spec=REAL,
        steps=[
            f"u = B - A = {point(u)} and v = C - A = {point(v)}",
            "The area is half the length of u x v.",
            *_cross_steps(u, v),
            f"|u x v|^2 = {_squares(normal)} = {square}",
            f"The area is sqrt({square})/2 =",
        ],
        given={"kind": "triangle", "points": [list(a), list(b), list(c)]},
        key=("triangle", *sorted((a, b, c))),
    )


def _tetrahedron(rng: random.Random) -> Case:
    while True:
        points = [tuple(rng.randint(-9, 9) for _ in range(3)) for _ in range(4)]
        u, v, w = (_difference(each, points[0]) for each in points[1:])
        normal = _cross(u, v)
        value = sum(a * b for a, b in zip(normal, w, strict=True))
        if all((*u, *v, *w, *normal)) and value:
            break
    products = " + ".join(f"{grouped(a)} * {grouped(b)}" for a, b in zip(normal, w, strict=True))
    names = [f"{name} = {point(each)}" for name, each in zip("ABCD", points, strict=True)]
    return Case(
        scene=f"A tetrahedron has the corners {', '.join(names[:3])} and {names[3]}.",
        goal="the volume of the tetrahedron",
        form="Give a whole number or a fraction.",
        answer=str(Fraction(abs(value), 6)),
        spec=RATIONAL,
        steps=[
            f"u = B - A = {point(u)}, v = C - A = {point(v)} and w = D - A = {point(w)}",
            "The volume is a sixth of the size of the triple product dot(u x v, w).",
            *_cross_steps(u, v),
            f"dot(u x v, w) = {products}",
            f"dot(u x v, w) = {value}",
            f"The volume is {abs(value)}/6 =",
        ],
        given={"kind": "tetrahedron", "points": [list(each) for each in points]},
        key=("tetrahedron", *sorted(points)),
    )


@family(
    name="cross_product",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Compute {goal}, given the following. {scene} {form}",
    ),
)
def cross_product(rng: random.Random, level: int) -> Problem:
    """Cross products, and by them areas of parallelograms and triangles and volumes of tetrahedra."""
    if level < 3:
        return posed(cross_product, rng, _product(rng, level))
    make = {3: _parallelogram, 4: _triangle, 5: _tetrahedron}[level]
    return posed(cross_product, rng, make(rng))


@cross_product.proof
def _cross_product(given: Given) -> str:
    """The determinant with unit vectors; Gram's determinant for areas, a 4 x 4 determinant for volumes."""
    import sympy

    kind = given["kind"]
    if kind == "tetrahedron":
        return str(abs(sympy.Matrix([[*each, 1] for each in given["points"]]).det()) / 6)
    if kind == "triangle":
        a, b, c = (sympy.Matrix(each) for each in given["points"])
        u, v = b - c, a - c
    else:
        u, v = sympy.Matrix(given["u"]), sympy.Matrix(given["v"])
    if kind == "cross":
        x, y, z = sympy.symbols("x y z")
        volume = sympy.Matrix([[x, y, z], list(u), list(v)]).det()
        return f"({', '.join(str(sympy.diff(volume, name)) for name in (x, y, z))})"
    pair = sympy.Matrix.hstack(u, v)
    area = sympy.sqrt((pair.T * pair).det())
    return str(area / 2 if kind == "triangle" else area)
