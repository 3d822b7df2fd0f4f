"""Linear algebra: linear maps known by their values or eigenvectors, and coordinates in another basis.

Constructions start from the coordinates; the proofs invert the matrix of the given vectors with sympy.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    MATRIX_FORM,
    Exact,
    Rows,
    back_substituted,
    determinant,
    drawn,
    drawn_vector,
    eliminated,
    largest_of,
    product,
    quotient,
    shown,
    turned,
    vector_text,
    without,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import MATRIX, TUPLE
from datagen.problems.text import boxed, listing

EXACT = "Answer with a tuple of exact numbers, like (2, -1/3)."


def _basis(rng: random.Random, size: int, largest: int, low: int, high: int) -> Rows:
    """Vectors whose determinant has an absolute value from `low` to `high`."""
    while True:
        vectors = drawn(rng, size, size, largest)
        if low <= abs(determinant(vectors)) <= high and all(sum(map(bool, row)) > 1 for row in vectors):
            return vectors


def _combined(coefficients: list[Exact], vectors: Rows) -> list[Exact]:
    """The sum of multiples of the vectors."""
    sums: list[Exact] = []
    for column in zip(*vectors, strict=True):
        total: Exact = 0
        for factor, entry in zip(coefficients, column, strict=True):
            total = total + factor * entry
        sums.append(quotient(total, 1))
    return sums


def _combination_text(coefficients: Sequence[Exact], names: list[str]) -> str:
    """`2*u - (1/2)*v`, terms with the coefficient 0 left out."""
    text = ""
    for factor, name in zip(coefficients, names, strict=True):
        if factor:
            size = abs(factor)
            times = "" if size == 1 else f"{size}*" if isinstance(size, int) else f"({size})*"
            sign = ("-" if factor < 0 else "") if not text else " - " if factor < 0 else " + "
            text += f"{sign}{times}{name}"
    return text


def _coordinate_lines(vectors: Rows, vector: list[int]) -> list[str]:
    """The elimination that finds the coordinates of `vector` in the basis `vectors`."""
    augmented = [[*row, entry] for row, entry in zip(turned(vectors), vector, strict=True)]
    echelon, pivots, lines = eliminated(augmented, len(vectors))
    return [*lines, *back_substituted(echelon, pivots, {})[1]]


COORDINATES = {1: (2, 5, 1, 1), 2: (2, 9, 2, 40), 3: (2, 12, 2, 60), 4: (3, 4, 1, 20), 5: (3, 5, 2, 30)}
"""Per level: dimension, the largest entry, and the determinant from and to. At levels 3 and 5 the coordinates
are fractions, at the others whole numbers."""


@family(
    name="change_of_basis",
    wordings=(
        "Find the coordinates of w = {vector} in the basis {basis}, in this order. " + EXACT,
        "The vectors {basis} form a basis B (in this order). What is the coordinate vector [w]_B of "
        "w = {vector}? " + EXACT,
        "Write w = {vector} as a linear combination of {basis} and give the coefficients, in this order. "
        + EXACT,
    ),
)
def change_of_basis(rng: random.Random, level: int) -> Problem:
    """The coordinates of a vector in another basis, worked by elimination."""
    size, largest, low, high = COORDINATES[level]
    while True:
        basis = _basis(rng, size, largest, low, high)
        if level in (3, 5):
            vector = drawn_vector(rng, size, 2 * largest)
            value = determinant(basis)
            tops = [determinant([*basis[:j], vector, *basis[j + 1 :]]) for j in range(size)]
            coordinates = [quotient(top, value) for top in tops]
            if any(isinstance(each, Fraction) for each in coordinates):
                break
        else:
            coordinates = [nonzero(rng, 9 if level > 1 else 5) for _ in range(size)]
            vector = [int(entry) for entry in _combined(coordinates, basis)]
            break
    answer = vector_text(coordinates)
    listed = listing([f"b{place} = {vector_text(each)}" for place, each in enumerate(basis, 1)])
    unknowns = ["x*b1", "y*b2", "z*b3"][:size]
    start = f"We want {' + '.join(unknowns)} = w: the basis vectors are the columns of a system."
    return Problem(
        question=change_of_basis.ask(rng, vector=vector_text(vector), basis=listed),
        answer=answer,
        spec=TUPLE,
        solution="\n".join(
            [start, *_coordinate_lines(basis, vector), f"The coordinates are {boxed(answer)}"]
        ),
        given={"basis": basis, "vector": vector},
        key=("change_of_basis", level in (3, 5), *sorted(map(tuple, basis)), tuple(vector)),
    )


@change_of_basis.proof
def _change_of_basis(given: Given) -> str:
    import sympy

    found = sympy.Matrix(given["basis"]).T.inv() * sympy.Matrix(given["vector"])
    return f"({', '.join(map(str, found))})"


IMAGES = {1: (2, 2, 4), 2: (2, 2, 9), 3: (2, 3, 6), 4: (3, 2, 4), 5: (3, 3, 5)}
"""Per level: the dimensions the map goes from and to, and the largest entry."""


@family(
    name="linear_map_image",
    wordings=(
        "T is a linear map with {values}. What is T({vector})? " + EXACT,
        "A linear map T from R^{source} to R^{target} satisfies {values}. Compute T({vector}). " + EXACT,
        "Of a linear map T it is known that {values}. Where does T send the vector ({vector})? " + EXACT,
    ),
)
def linear_map_image(rng: random.Random, level: int) -> Problem:
    """The image of a vector under a linear map known on a basis, worked through the vector's coordinates."""
    source, target, largest = IMAGES[level]
    inputs = _basis(rng, source, largest, 1, 60)
    while True:
        images = drawn(rng, source, target, largest)
        if level == 5:
            vector = drawn_vector(rng, source, 2 * largest)
            value = determinant(inputs)
            tops = [determinant([*inputs[:j], vector, *inputs[j + 1 :]]) for j in range(source)]
            coordinates = [quotient(top, value) for top in tops]
        else:
            coordinates = [nonzero(rng, 3 if level == 1 else 6) for _ in range(source)]
            vector = [int(entry) for entry in _combined(coordinates, inputs)]
        if all(coordinates) and (level != 2 or largest_of([*inputs, *images]) > 4):
            break
    answer = vector_text(_combined(coordinates, images))
    names = ["u", "v", "w"][:source]
    unknown = " + ".join(f"{letter}*{name}" for letter, name in zip("xyz", names, strict=False))
    named = listing([f"{name} = {vector_text(each)}" for name, each in zip(names, inputs, strict=True)])
    lines = [
        f"Write {vector_text(vector)} as {unknown} with {named}.",
        *_coordinate_lines(inputs, vector),
        "T is linear, so it keeps the combination:",
        f"T{vector_text(vector)} = {_combination_text(coordinates, [f'T({name})' for name in names])}",
        f"= {_combination_text(coordinates, [vector_text(image) for image in images])} = {boxed(answer)}",
    ]
    pairs = list(zip(inputs, images, strict=True))
    values = listing([f"T{vector_text(one)} = {vector_text(image)}" for one, image in pairs])
    return Problem(
        question=linear_map_image.ask(
            rng, values=values, vector=vector_text(vector)[1:-1], source=source, target=target
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join(lines),
        given={"inputs": inputs, "images": images, "vector": vector},
        key=("linear_map_image", *sorted((tuple(a), tuple(b)) for a, b in pairs), tuple(vector)),
    )


@linear_map_image.proof
def _linear_map_image(given: Given) -> str:
    import sympy

    matrix = sympy.Matrix(given["images"]).T * sympy.Matrix(given["inputs"]).T.inv()
    return f"({', '.join(map(str, matrix * sympy.Matrix(given['vector'])))})"


MAPS = {1: (2, 2, 3, 1), 2: (2, 2, 6, 5), 3: (2, 3, 5, 3), 4: (3, 2, 3, 1), 5: (3, 3, 3, 3)}
"""Per level: the dimensions the map goes from and to, the largest entry, and the largest determinant of the
vectors whose images are known."""


@family(
    name="matrix_of_map",
    wordings=(
        "A linear map T from R^{source} to R^{target} satisfies {values}. Find its standard matrix. "
        + MATRIX_FORM,
        "Which matrix A maps columns so that {values}, where T(v) = A*v? " + MATRIX_FORM,
        "Let T(v) = A*v for all v. Given {values}, what is the matrix A? " + MATRIX_FORM,
    ),
)
def matrix_of_map(rng: random.Random, level: int) -> Problem:
    """The matrix of a linear map known on a basis, worked through the images of the unit vectors."""
    source, target, largest, high = MAPS[level]
    while True:
        inputs = _basis(rng, source, largest, 2 if high > 1 else 1, high)
        images = drawn(rng, source, target, 9)
        if all(map(any, images)):
            break
    value = determinant(inputs)
    names = ["u", "v", "w"][:source]
    named = listing([f"{name} = {vector_text(each)}" for name, each in zip(names, inputs, strict=True)])
    lines = [f"Let {named}. Solving for the unit vectors:"]
    columns = []
    for place in range(source):
        unit = [int(j == place) for j in range(source)]
        tops = [determinant([*inputs[:j], unit, *inputs[j + 1 :]]) for j in range(source)]
        coordinates = [quotient(top, value) for top in tops]
        columns.append(_combined(coordinates, images))
        lines.append(f"{vector_text(unit)} = {_combination_text(coordinates, names)}, so T maps it to")
        image_text = _combination_text(coordinates, [vector_text(image) for image in images])
        lines.append(f"{image_text} = {vector_text(columns[-1])}")
    answer = shown([list(row) for row in zip(*columns, strict=True)])
    pairs = list(zip(inputs, images, strict=True))
    values = listing([f"T{vector_text(one)} = {vector_text(image)}" for one, image in pairs])
    lines.append(f"These images are the columns of the matrix: {boxed(answer)}")
    return Problem(
        question=matrix_of_map.ask(rng, values=values, source=source, target=target),
        answer=answer,
        spec=MATRIX,
        solution="\n".join(lines),
        given={"inputs": inputs, "images": images},
        key=("matrix_of_map", *sorted((tuple(a), tuple(b)) for a, b in pairs)),
    )


@matrix_of_map.proof
def _matrix_of_map(given: Given) -> str:
    import sympy

    solved = sympy.Matrix(given["inputs"]).LUsolve(sympy.Matrix(given["images"]))
    return str(solved.T.tolist())


PLANTED = {1: (2, 5, 1), 2: (2, 9, 6), 3: (3, 4, 1), 4: (3, 6, 3), 5: (3, 12, 6)}
"""Per level: rows, the largest eigenvalue, and the largest determinant of the eigenvectors."""


@family(
    name="matrix_from_eigenvectors",
    wordings=(
        "A {size}x{size} matrix A has {pairs}. Find A. " + MATRIX_FORM,
        "Which {size}x{size} matrix has {pairs}? " + MATRIX_FORM,
        "Of a {size}x{size} matrix only this is known: it has {pairs}. Reconstruct the matrix. "
        + MATRIX_FORM,
    ),
)
def matrix_from_eigenvectors(rng: random.Random, level: int) -> Problem:
    """A matrix from its eigenvalues and eigenvectors, worked as P*D*P^(-1)."""
    size, reach, high = PLANTED[level]
    while True:
        vectors = drawn(rng, size, size, 4 if size == 2 else 2 + (level > 3))
        value = determinant(vectors)
        # Vectors without a common factor: (2, 4) for (1, 2) would make it a problem of another level.
        plain = all(sum(map(bool, v)) > 1 and gcd(*v) == 1 for v in vectors)
        if not plain or not (1 if high == 1 else 2) <= abs(value) <= high:
            continue
        values = [nonzero(rng, reach) for _ in range(size)]
        if len(set(values)) == size and (level < 5 or max(map(abs, values)) > 6):
            break
    columns = [list(column) for column in zip(*vectors, strict=True)]
    adjugate = [
        [(-1) ** (i + j) * determinant(without(columns, j, i)) for j in range(size)] for i in range(size)
    ]
    scaled = [[entry * factor for entry, factor in zip(row, values, strict=True)] for row in columns]
    whole = product(scaled, adjugate)
    entries = [[Fraction(entry, value) for entry in row] for row in whole]
    answer = shown(entries)
    inverse = shown([[Fraction(entry, value) for entry in row] for row in adjugate])
    lines = [
        f"The eigenvectors are the columns of P = {shown(columns)}, and A = P*D*P^(-1) with the eigenvalues "
        f"{listing(list(map(str, values)))} on the diagonal of D.",
        f"P has the determinant {value}, and its cofactors give P^(-1) = {inverse}.",
        f"P*D multiplies the columns by the eigenvalues: {shown(scaled)}",
        f"Times P^(-1) this is A = {boxed(answer)}",
    ]
    pairs = listing(
        [
            f"the eigenvector {vector_text(v)} for the eigenvalue {x}"
            for v, x in zip(vectors, values, strict=True)
        ]
    )
    return Problem(
        question=matrix_from_eigenvectors.ask(rng, size=size, pairs=pairs),
        answer=answer,
        spec=MATRIX,
        solution="\n".join(lines),
        given={"vectors": vectors, "values": values},
        key=(
            "matrix_from_eigenvectors",
            *sorted((x, _direction(v)) for v, x in zip(vectors, values, strict=True)),
        ),
    )


def _direction(vector: list[int]) -> tuple[int, ...]:
    """The vector without a common factor and with its first entry other than 0 positive."""
    common = gcd(*vector)
    if next(entry for entry in vector if entry) < 0:
        common = -common
    return tuple(entry // common for entry in vector)


@matrix_from_eigenvectors.proof
def _matrix_from_eigenvectors(given: Given) -> str:
    import sympy

    vectors = sympy.Matrix(given["vectors"])
    images = sympy.diag(*given["values"]) * vectors
    return str(vectors.LUsolve(images).T.tolist())
