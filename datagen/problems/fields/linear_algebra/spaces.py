"""Linear algebra: projections, Gram and Schmidt's process, least squares.

Constructions use dot products and normal equations; the proofs split a vector into its parts in a space and
in the orthogonal complement, which sympy finds as a null space.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    Exact,
    Rows,
    back_substituted,
    determinant,
    dot,
    dot_text,
    drawn,
    drawn_vector,
    eliminated,
    largest_of,
    product,
    quotient,
    shown,
    turned,
    vector_text,
)
from datagen.problems.specs import TUPLE
from datagen.problems.text import boxed, grouped, listing

EXACT = "Answer with a tuple of exact numbers, like (2, -1/3)."
PROJECTIONS = {1: (2, 1, 6), 2: (2, 1, 14), 3: (3, 1, 7), 4: (3, 2, 5), 5: (4, 2, 3)}
"""Per level: entries of a vector, how many span the space, and the largest entry."""


def _spanning(rng: random.Random, level: int) -> Rows:
    """What to project onto: a vector, two orthogonal ones (level 4), two that are not (level 5)."""
    size, count, largest = PROJECTIONS[level]
    while True:
        first = drawn_vector(rng, size, largest)
        if level == 1:
            first = [abs(entry) for entry in first]
        if sum(map(bool, first)) < 2:
            continue
        if count == 1:
            return [first]
        second = drawn_vector(rng, size, largest)
        if level == 4:
            second = _cross(first, second)
            common = gcd(*second)
            if not common or max(map(abs, second)) > 9 * common:
                continue
            return [first, [entry // common for entry in second]]
        gram = dot(first, first) * dot(second, second) - dot(first, second) ** 2
        if 0 < gram <= 150 and dot(first, second):
            return [first, second]


def _cross(left: list[int], right: list[int]) -> list[int]:
    (a, b, c), (d, e, f) = left, right
    return [b * f - c * e, c * d - a * f, a * e - b * d]


@family(
    name="projection",
    wordings=(
        "Find the orthogonal projection of u = {vector} onto {target}. " + EXACT,
        "Which point of {target} is closest to the point u = {vector}? " + EXACT,
        "The vector u = {vector} is projected orthogonally onto {target}. What is its image? " + EXACT,
    ),
)
def projection(rng: random.Random, level: int) -> Problem:
    """The projection of a vector onto a line or a plane through the origin, worked with dot products."""
    size, count, largest = PROJECTIONS[level]
    span = _spanning(rng, level)
    while True:
        vector = drawn_vector(rng, size, largest)
        if level == 1:
            vector = [abs(entry) for entry in vector]
        products = [dot(each, vector) for each in span]
        if all(products) and (level != 2 or max(map(abs, vector)) > 6):
            break
    names = "vw"[:count]
    lines = [
        f"u*{name} = {dot_text(vector, each)} = {dot(vector, each)} and "
        f"{name}*{name} = {dot_text(each, each)} = {dot(each, each)}."
        for name, each in zip(names, span, strict=True)
    ]
    if level == 5:
        coefficients, more = _gram_coefficients(span, products)
        lines += more
    else:
        coefficients = [Fraction(top, dot(each, each)) for top, each in zip(products, span, strict=True)]
        if count == 2:
            lines.append("v and w are orthogonal, so the projections onto the two lines add up.")
    image = [
        sum((c * each[j] for c, each in zip(coefficients, span, strict=True)), Fraction(0))
        for j in range(size)
    ]
    formula = " + ".join(f"({c})*{name}" for c, name in zip(coefficients, names, strict=True))
    answer = vector_text(image)
    lines.append(f"The projection is {formula} = {boxed(answer)}")
    spanning = listing([f"{name} = {vector_text(each)}" for name, each in zip(names, span, strict=True)])
    return Problem(
        question=projection.ask(
            rng,
            vector=vector_text(vector),
            target=f"the {'line' if count == 1 else 'plane'} through the origin spanned by {spanning}",
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join(lines),
        given={"vector": vector, "span": span},
        key=("projection", tuple(vector), *sorted(map(_primitive, span))),
    )


def _primitive(vector: list[int]) -> tuple[int, ...]:
    """The vector without a common factor and with its first entry other than 0 positive."""
    common = gcd(*vector)
    if next(entry for entry in vector if entry) < 0:
        common = -common
    return tuple(entry // common for entry in vector)


def _gram_coefficients(span: Rows, products: list[int]) -> tuple[list[Fraction], list[str]]:
    """How often each of two vectors is in the projection, by Cramer's rule for their dot products."""
    a, b, d = dot(span[0], span[0]), dot(span[0], span[1]), dot(span[1], span[1])
    value = a * d - b * b
    tops = [products[0] * d - products[1] * b, a * products[1] - b * products[0]]
    lines = [
        f"v*w = {dot_text(span[0], span[1])} = {b}. For the projection p*v + q*w:",
        f"{a}p {'+' if b > 0 else '-'} {'' if abs(b) == 1 else abs(b)}q = {products[0]} and "
        f"{'' if b == 1 else '-' if b == -1 else b}p + {d}q = {products[1]}.",
        f"The determinant is {a}*{d} - {grouped(b)}^2 = {value}, so "
        f"p = {tops[0]}/{value} and q = {tops[1]}/{value}.",
    ]
    return [Fraction(top, value) for top in tops], lines


def _split(columns: Rows, vector: list[int]) -> tuple[Any, Any, Any]:
    """(coefficients, part in the span, part orthogonal to it) of a vector, by sympy; for proofs alone."""
    import sympy

    spanning = sympy.Matrix(columns).T
    basis = [spanning, *sympy.Matrix(columns).nullspace()]
    found = sympy.Matrix.hstack(*basis).LUsolve(sympy.Matrix(vector))
    coefficients = found[: len(columns), :]
    inside = spanning * coefficients
    return coefficients, inside, sympy.Matrix(vector) - inside


@projection.proof
def _projection(given: Given) -> str:
    return f"({', '.join(map(str, _split(given['span'], given['vector'])[1]))})"


@projection.variants
def _rest_of_the_vector(given: Given, answer: str) -> tuple[list[str], list[str]]:
    image = [Fraction(entry) for entry in answer[1:-1].split(",")]
    rest = vector_text([a - b for a, b in zip(given["vector"], image, strict=True)])
    return [], [text for text in (rest, vector_text(given["vector"])) if text != answer]


SCHMIDT = {1: (2, 2, 6), 2: (2, 3, 4), 3: (2, 4, 4), 4: (3, 3, 3), 5: (3, 4, 2)}
"""Per level: how many vectors, how many entries, and the largest entry."""


@family(
    name="gram_schmidt",
    wordings=(
        "Apply the Gram-Schmidt process, without normalizing, to {vectors} in this order. What is the last "
        "vector {last}? " + EXACT,
        "The Gram-Schmidt process turns {vectors} into orthogonal vectors by subtracting from each vector "
        "its projections onto those before it, with no scaling. Find {last}, the last of them. " + EXACT,
        "Starting from {vectors}, orthogonalize by Gram and Schmidt (w1 = v1, lengths are left as they are). "
        "Compute {last}. " + EXACT,
    ),
)
def gram_schmidt(rng: random.Random, level: int) -> Problem:
    """The last vector that Gram and Schmidt's process makes of two or three, worked step by step."""
    count, size, largest = SCHMIDT[level]
    while True:
        vectors = drawn(rng, count, size, largest)
        made, lines = _orthogonalized(vectors)
        if made and max(value.denominator for value in made[-1]) <= 40:
            break
    answer = vector_text(made[-1])
    lines[-1] = f"{lines[-1]} = {boxed(answer)}"
    listed = listing([f"v{place} = {vector_text(each)}" for place, each in enumerate(vectors, 1)])
    return Problem(
        question=gram_schmidt.ask(rng, vectors=listed, last=f"w{count}"),
        answer=answer,
        spec=TUPLE,
        solution="\n".join(lines),
        given={"vectors": vectors},
        key=("gram_schmidt", *map(tuple, vectors)),
    )


def _orthogonalized(vectors: Rows) -> tuple[list[list[Exact]], list[str]]:
    """Gram and Schmidt's vectors and the steps; no vectors where two are orthogonal already or dependent."""
    made: list[list[Exact]] = [list(vectors[0])]
    lines = [f"w1 = v1 = {vector_text(vectors[0])}"]
    for number, vector in enumerate(vectors[1:], 2):
        result: list[Exact] = list(vector)
        formula = f"w{number} = v{number}"
        for place, earlier in enumerate(made, 1):
            square = sum(entry * entry for entry in earlier)
            top = sum(a * b for a, b in zip(earlier, vector, strict=True))
            if not square or (not top and place == number - 1):
                return [], []
            factor = quotient(top, square)
            lines.append(f"v{number}*w{place} = {top}, w{place}*w{place} = {square}, quotient {factor}")
            if factor:
                size = abs(factor)
                times = "" if size == 1 else f"{size}*" if isinstance(size, int) else f"({size})*"
                formula += f" {'-' if factor > 0 else '+'} {times}w{place}"
            result = [quotient(a - factor * b, 1) for a, b in zip(result, earlier, strict=True)]
        if not any(result):
            return [], []
        lines.append(formula if number == len(vectors) else f"{formula} = {vector_text(result)}")
        made.append(result)
    return made, lines


@gram_schmidt.proof
def _gram_schmidt(given: Given) -> str:
    *before, last = given["vectors"]
    return f"({', '.join(map(str, _split(before, last)[2]))})"


@gram_schmidt.variants
def _projection_instead(given: Given, answer: str) -> tuple[list[str], list[str]]:
    last = given["vectors"][-1]
    rest = [a - Fraction(b) for a, b in zip(last, answer[1:-1].split(","), strict=True)]
    return [], [text for text in (vector_text(rest), vector_text(last)) if text != answer]


SQUARES = {1: (3, 2, 2), 2: (3, 2, 5), 3: (4, 2, 4), 4: (5, 2, 5), 5: (5, 3, 2)}
"""Per level: equations, unknowns, and the largest coefficient."""


@family(
    name="least_squares",
    wordings=(
        "Find the least-squares solution v of A*v = b for A = {rows} and b = {right}. " + EXACT,
        "The system A*v = b with A = {rows} and b = {right} has no solution. Which v makes the length of "
        "A*v - b as small as possible? " + EXACT,
        "Minimize |A*v - b|^2 over all v, where A = {rows} and b = {right}. At which v is the minimum? "
        + EXACT,
    ),
)
def least_squares(rng: random.Random, level: int) -> Problem:
    """The vector that comes closest to solving too many equations, worked with the normal equations."""
    height, width, largest = SQUARES[level]
    while True:
        rows = drawn(rng, height, width, largest)
        right = drawn_vector(rng, height, 2 * largest + 2)
        if level == 2 and largest_of(rows) <= 2:
            continue
        across = turned(rows)
        gram = product(across, rows)
        sides = [dot(column, right) for column in across]
        value = determinant(gram)
        tops = [determinant(_replaced(gram, j, sides)) for j in range(width)]
        if not value or value // gcd(value, *tops) > 120 or not any(tops):
            continue
        augmented = [[*row, side] for row, side in zip(gram, sides, strict=True)]
        echelon, pivots, lines = eliminated(augmented, width)
        values, steps = back_substituted(echelon, pivots, {})
        if any(_dot_exact(row, values) != side for row, side in zip(rows, right, strict=True)):
            break
    answer = vector_text(values)
    start = [f"A^T*A = {shown(gram)} and A^T*b = {vector_text(sides)}.", "Solve A^T*A*v = A^T*b:"]
    return Problem(
        question=least_squares.ask(rng, rows=shown(rows), right=vector_text(right)),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*start, *lines, *steps, f"The solution is {boxed(answer)}"]),
        given={"matrix": rows, "right": right},
        key=("least_squares", *sorted((*row, side) for row, side in zip(rows, right, strict=True))),
    )


def _replaced(rows: Rows, along: int, column: list[int]) -> Rows:
    return [[*row[:along], entry, *row[along + 1 :]] for row, entry in zip(rows, column, strict=True)]


def _dot_exact(left: list[int], right: list[Exact]) -> Exact:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


@least_squares.proof
def _least_squares(given: Given) -> str:
    columns = [list(column) for column in zip(*given["matrix"], strict=True)]
    return f"({', '.join(map(str, _split(columns, given['right'])[0]))})"
