"""Vectors: combinations, dot products, angles and projections.

The construction computes coordinate by coordinate; the proofs use sympy's matrices, determinants and norms.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.geometry.figures import Case, pick, point, posed
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, REAL, TUPLE
from datagen.problems.text import grouped, linear, surd

Vector = tuple[int, ...]
WHOLE = "Give a whole number."


def _vector(rng: random.Random, size: int, reach: int) -> Vector:
    return tuple(nonzero(rng, reach) for _ in range(size))


def _dot(u: Sequence[int], v: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(u, v, strict=True))


def _products(u: Sequence[int], v: Sequence[int]) -> str:
    """`2 * 3 + (-1) * 4`."""
    return " + ".join(f"{grouped(a)} * {grouped(b)}" for a, b in zip(u, v, strict=True))


def _cross(u: Sequence[int], v: Sequence[int]) -> Vector:
    return (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])


COMBINED = {1: (2, 2, 9), 2: (2, 2, 12), 3: (3, 2, 15)}  # dimension, number of vectors, largest coordinate


def _combination(rng: random.Random, level: int) -> Case:
    size, count, reach = COMBINED[level]
    vectors = [_vector(rng, size, reach) for _ in range(count)]
    if level == 1:
        factors = [1, pick(rng, 1, -1)]
    else:
        factors = [rng.randint(2, 7), *(pick(rng, 1, -1) * rng.randint(2, 7) for _ in range(count - 1))]
    names = "uvw"[:count]
    total = [sum(f * vector[i] for f, vector in zip(factors, vectors, strict=True)) for i in range(size)]
    lines = [
        f"{name} coordinate: {_products(factors, [vector[i] for vector in vectors])} = {total[i]}"
        for i, name in enumerate(("First", "Second", "Third")[:size])
    ]
    texts = [f"{name} = {point(vector)}" for name, vector in zip(names, vectors, strict=True)]
    combined = linear(list(zip(factors, names, strict=True)))
    return Case(
        scene=f"The vectors {', '.join(texts[:-1])} and {texts[-1]} are given.",
        goal=f"the vector {combined}",
        form="Answer as a tuple like (1, 2)." if size == 2 else "Answer as a tuple like (1, 2, 3).",
        answer=point(total),
        spec=TUPLE,
        steps=[*lines, f"{combined} ="],
        given={"kind": "combination", "vectors": [list(vector) for vector in vectors], "factors": factors},
        key=("combination", *sorted(zip(factors, vectors, strict=True))),
    )


def _dot_of_combinations(rng: random.Random, level: int) -> Case:
    """(au + bv) . w at level 4, (au + bv) . (cu + dv) at level 5, in space."""
    u, v, w = (_vector(rng, 3, 9) for _ in range(3))
    a, b = rng.randint(2, 6), pick(rng, 1, -1) * rng.randint(2, 6)
    left = [a * p + b * q for p, q in zip(u, v, strict=True)]
    name = linear([(a, "u"), (b, "v")])
    if level == 4:
        given_text = f"u = {point(u)}, v = {point(v)} and w = {point(w)}"
        right, other, factors, vectors = list(w), "w", [a, b], [u, v, w]
    else:
        c, d = pick(rng, 1, -1) * rng.randint(2, 6), nonzero(rng, 6)
        right = [c * p + d * q for p, q in zip(u, v, strict=True)]
        other, factors, vectors = linear([(c, "u"), (d, "v")]), [a, b, c, d], [u, v]
        given_text = f"u = {point(u)} and v = {point(v)}"
    if not all((*left, *right)):
        return _dot_of_combinations(rng, level)
    steps = [
        f"Coordinate {i + 1} of {name}: {a} * {grouped(u[i])} + {grouped(b)} * {grouped(v[i])} = {left[i]}"
        for i in range(3)
    ]
    if level == 5:
        steps += [
            f"Coordinate {i + 1} of {other}: {grouped(c)} * {grouped(u[i])} + {grouped(d)} * "
            f"{grouped(v[i])} = {right[i]}"
            for i in range(3)
        ]
    value = _dot(left, right)
    summands = [p * q for p, q in zip(left, right, strict=True)]
    steps += [f"The dot product is {_products(left, right)}.", f"{' + '.join(map(grouped, summands))} ="]
    return Case(
        scene=f"The vectors {given_text} are given.",
        goal=f"the dot product of {name} and {other}",
        form=WHOLE,
        answer=str(value),
        spec=INTEGER,
        steps=steps,
        given={"kind": "dot", "vectors": [list(vector) for vector in vectors], "factors": factors},
    )


@family(
    name="vector_operations",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Compute {goal}, where the following holds. {scene} {form}",
    ),
)
def vector_operations(rng: random.Random, level: int) -> Problem:
    """Sums, multiples and dot products of vectors in the plane and in space."""
    make = _combination if level < 4 else _dot_of_combinations
    return posed(vector_operations, rng, make(rng, level))


@vector_operations.proof
def _vector_operations(given: Given) -> str:
    """Matrix products; the dot product by bilinearity, from the table of all dot products."""
    import sympy

    vectors, factors = sympy.Matrix(given["vectors"]), given["factors"]
    if given["kind"] == "combination":
        return str(tuple(sympy.Matrix([factors]) * vectors))
    table = vectors * vectors.T
    if len(factors) == 2:
        return str((sympy.Matrix([[*factors, 0]]) * table * sympy.Matrix([0, 0, 1]))[0])
    return str((sympy.Matrix([factors[:2]]) * table * sympy.Matrix(factors[2:]))[0])


def _orthogonal_parameter(rng: random.Random) -> Case:
    """The k that makes two vectors perpendicular."""
    size = pick(rng, 2, 3)
    while True:
        u, v = list(_vector(rng, size, 9)), list(_vector(rng, size, 9))
        rest = _dot(u[1:], v[1:])
        if rest % u[0] == 0 and rest:
            break
    k = -rest // u[0]
    texts = f"u = {point(u)} and v = (k, {', '.join(map(str, v[1:]))})"
    return Case(
        scene=f"The vectors {texts} are perpendicular.",
        goal="the number k",
        form=WHOLE,
        answer=str(k),
        spec=INTEGER,
        steps=[
            "Perpendicular vectors have the dot product 0.",
            f"{grouped(u[0])} * k + {_products(u[1:], v[1:])} = 0",
            f"{linear([(u[0], 'k'), (rest, '')])} = 0, so k = {-rest}/{grouped(u[0])} =",
        ],
        given={"kind": "orthogonal", "u": u, "v": v[1:]},
    )


KNOWN_SQUARES = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


def _nice_angle(rng: random.Random) -> Case:
    """Two vectors at 45 or 135 degrees in the plane, or at 60 or 120 degrees in space."""
    size, sign = pick(rng, 2, 3), pick(rng, 1, -1)
    while True:
        a, b, factor = nonzero(rng, 9), nonzero(rng, 9), sign * rng.randint(1, 3)
        if abs(a) != abs(b):
            break
    u: Vector
    v: Vector
    if size == 2:  # v is u turned by 45 degrees and stretched
        u, v = (a, b), (factor * (a - b), factor * (a + b))
        angle = 45 if sign > 0 else 135
    else:  # a cyclic shift of coordinates with the sum 0 is a turn by 120 degrees
        u, v = (a, b, -a - b), (factor * b, factor * (-a - b), factor * a)
        angle = 120 if sign > 0 else 60
    dot, norms = _dot(u, v), _dot(u, u) * _dot(v, v)
    return Case(
        scene=f"Two vectors are u = {point(u)} and v = {point(v)}.",
        goal="the angle between u and v",
        form="Give the number of degrees.",
        answer=str(angle),
        spec=INTEGER,
        steps=[
            f"dot(u, v) = {_products(u, v)} = {dot}",
            f"|u|^2 = {_dot(u, u)} and |v|^2 = {_dot(v, v)}",
            f"cos(angle) = {dot}/sqrt({_dot(u, u)} * {_dot(v, v)}) = {surd(dot, norms, norms)}",
            "The angle with this cosine has the number of degrees",
        ],
        given={"kind": "angle", "u": list(u), "v": list(v)},
        key=("angle", *sorted((u, v))),
    )


def _cosine(rng: random.Random) -> Case:
    while True:
        u, v = _vector(rng, 3, 9), _vector(rng, 3, 9)
        dot, norms = _dot(u, v), _dot(u, u) * _dot(v, v)
        if Fraction(dot * dot, norms) not in KNOWN_SQUARES:
            break
    return Case(
        scene=f"Two vectors in space are u = {point(u)} and v = {point(v)}.",
        goal="the cosine of the angle between u and v",
        form="Give the exact value.",
        answer=surd(dot, norms, norms),
        spec=REAL,
        steps=[
            "The dot product is |u| * |v| * cos(angle), so three numbers are needed.",
            f"dot(u, v) = {_products(u, v)} = {dot}",
            f"|u|^2 = {' + '.join(str(a * a) for a in u)} = {_dot(u, u)}",
            f"|v|^2 = {' + '.join(str(a * a) for a in v)} = {_dot(v, v)}",
            f"cos(angle) = dot(u, v)/(|u| * |v|) = {dot}/sqrt({norms}) =",
        ],
        given={"kind": "cosine", "u": list(u), "v": list(v)},
        key=("cosine", *sorted((u, v))),
    )


def _projection(rng: random.Random) -> Case:
    while True:
        u, v = _vector(rng, 3, 9), _vector(rng, 3, 9)
        dot, norm = _dot(u, v), _dot(v, v)
        if dot and _cross(u, v) != (0, 0, 0):
            break
    factor = Fraction(dot, norm)
    found = [factor * a for a in v]
    return Case(
        scene=f"Two vectors in space are u = {point(u)} and v = {point(v)}.",
        goal="the orthogonal projection of u onto v",
        form="Answer as a tuple (x, y, z) of whole numbers or fractions.",
        answer=point(found),
        spec=TUPLE,
        steps=[
            "The projection is dot(u, v)/dot(v, v) times v.",
            f"dot(u, v) = {_products(u, v)} = {dot}",
            f"dot(v, v) = {' + '.join(str(a * a) for a in v)} = {norm}",
            f"The factor is {dot}/{norm}{'' if factor.denominator == norm else f' = {factor}'}.",
            *(f"{factor} * {grouped(a)} = {value}" for a, value in zip(v, found, strict=True)),
            "The projection is",
        ],
        given={"kind": "projection", "u": list(u), "v": list(v)},
    )


def _distance_from_line(rng: random.Random) -> Case:
    """The distance of a point in space from a line through two others."""
    while True:
        a, p = (tuple(rng.randint(-9, 9) for _ in range(3)) for _ in range(2))
        way = _vector(rng, 3, 6)
        u = tuple(x - y for x, y in zip(p, a, strict=True))
        if _cross(u, way) != (0, 0, 0) and all(u):
            break
    b = tuple(x + y for x, y in zip(a, way, strict=True))
    dot, norm, size = _dot(u, way), _dot(way, way), _dot(u, u)
    square = size - Fraction(dot * dot, norm)
    return Case(
        scene=f"A line in space goes through A = {point(a)} and B = {point(b)}, and P is the point "
        f"{point(p)}.",
        goal="the distance of P from the line",
        form="Give the exact value.",
        answer=surd(1, square.numerator * square.denominator, square.denominator),
        spec=REAL,
        steps=[
            f"Let v = B - A = {point(way)} and u = P - A = {point(u)}.",
            f"dot(u, v) = {_products(u, way)} = {dot}",
            f"|v|^2 = {' + '.join(str(x * x) for x in way)} = {norm}",
            f"|u|^2 = {' + '.join(str(x * x) for x in u)} = {size}",
            f"The projection of u onto v has the squared length dot(u, v)^2/|v|^2 = {dot * dot}/{norm}.",
            f"By Pythagoras the squared distance is {size} - {dot * dot}/{norm} = {square}.",
            f"The distance is sqrt({square}) =",
        ],
        given={"kind": "distance", "points": [list(a), list(b), list(p)]},
        key=("distance", tuple(sorted((a, b))), p),
    )


ANGLE_CASES: dict[int, Callable[[random.Random], Case]] = {
    1: _orthogonal_parameter,
    2: _nice_angle,
    3: _cosine,
    4: _projection,
    5: _distance_from_line,
}


@family(
    name="vector_angle",
    wordings=(
        "{scene} Find {goal}. {form}",
        "{scene} What is {goal}? {form}",
        "Determine {goal}, given the following. {scene} {form}",
    ),
)
def vector_angle(rng: random.Random, level: int) -> Problem:
    """Perpendicular vectors, angles, cosines, projections and distances from lines by dot products."""
    return posed(vector_angle, rng, ANGLE_CASES[level](rng))


@vector_angle.proof
def _vector_angle(given: Given) -> str:
    """Angles by the law of cosines on |u - v|; projections by least squares; distances by cross products."""
    import sympy

    kind = given["kind"]
    t = sympy.Symbol("t")
    if kind == "orthogonal":
        u, v = sympy.Matrix(given["u"]), sympy.Matrix([t, *given["v"]])
        return str(sympy.solve(sympy.expand((u + v).dot(u + v) - u.dot(u) - v.dot(v)), t)[0])
    if kind == "distance":
        a, b, p = (sympy.Matrix(each) for each in given["points"])
        return str(sympy.radsimp((p - a).cross(p - b).norm() / (b - a).norm()))
    u, v = sympy.Matrix(given["u"]), sympy.Matrix(given["v"])
    if kind == "projection":
        gap = u - t * v
        (nearest,) = sympy.solve(sympy.diff(gap.dot(gap), t), t)
        return str(tuple(nearest * v))
    apart = (u - v).dot(u - v)
    cosine = (u.dot(u) + v.dot(v) - apart) / (2 * u.norm() * v.norm())
    if kind == "angle":
        return str(sympy.acos(sympy.radsimp(cosine)) * 180 / sympy.pi)
    return str(sympy.radsimp(cosine))
