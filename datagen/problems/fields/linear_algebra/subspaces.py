"""Linear algebra: bases of the spaces of a matrix, and vectors orthogonal to others. A checker judges both.

Constructions eliminate in whole numbers; the proofs are sympy's spaces and minors.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    Exact,
    back_substituted,
    drawn,
    eliminated,
    largest_of,
    names,
    null_solution,
    product,
    shown,
    turned,
    vector_text,
)
from datagen.problems.specs import checked_by
from datagen.problems.text import boxed, listing

BASES = {1: (2, 3, 1, 2), 2: (3, 3, 1, 2), 3: (3, 4, 2, 2), 4: (4, 4, 2, 3), 5: (4, 5, 2, 3)}
"""Per level: rows, columns, the rank from and to."""


@family(
    name="space_basis",
    wordings=(
        "Find a basis of the {space} space of the matrix {rows}. Any basis will do; list its vectors, like "
        "(1, 0, 2), (0, 1, 3).",
        "Let A = {rows}. Give vectors that form a basis of the {space} space of A, separated by commas, like "
        "(1, 0, 2), (0, 1, 3). Every right basis counts.",
        "Which vectors are a basis of the {space} space of {rows}? There are many right answers; write one "
        "of them like (1, 0, 2), (0, 1, 3).",
    ),
)
def space_basis(rng: random.Random, level: int) -> Problem:
    """A basis of the null, column or row space of a matrix, worked by elimination."""
    height, width, low, high = BASES[level]
    space = rng.choice(("null", "column", "row"))
    while True:
        rank = rng.randint(low, high)
        rows = product(drawn(rng, height, rank, 2), drawn(rng, rank, width, 3))
        if all(map(any, rows)) and largest_of(rows) <= 9:
            echelon, pivots, lines = eliminated(rows)
            if len(pivots) == rank and len(lines) >= min(rank, height - 1):
                break
    lines = [f"Eliminate in {shown(rows)}.", *lines]
    columns = listing([str(pivot + 1) for pivot in pivots])
    place = f"column {columns}" if rank == 1 else f"columns {columns}"
    basis: list[list[Exact]]
    if space == "row":
        basis = [list(row) for row in echelon[:rank]]
        left = f"The {rank} rows other than zero are independent and span"
        lines.append(f"{left if rank > 1 else 'One row is left; it spans'} the row space.")
    elif space == "column":
        basis = [list(column) for j, column in enumerate(turned(rows)) if j in pivots]
        lines.append(f"The pivots are in {place}, so of the original matrix we take {place}.")
    else:
        augmented = [[*row, 0] for row in echelon]
        basis = []
        for free in (j for j in range(width) if j not in pivots):
            values, steps = back_substituted(augmented, pivots, {free: 1})
            others = ", the other free unknowns 0" if width - rank > 1 else ""
            lines.append(f"Choose {names(width)[free]} = 1{others}:")
            lines += [*steps, f"This is the vector {vector_text(values)}."]
            basis.append(values)
    answer = ", ".join(map(vector_text, basis))
    return Problem(
        question=space_basis.ask(rng, rows=shown(rows), space=space),
        answer=answer,
        spec=checked_by("space_basis", matrix=rows, space=space),
        solution="\n".join([*lines, f"A basis is {boxed(answer)}"]),
        given={"matrix": rows, "space": space},
        key=("space_basis", space, *map(tuple, rows if space == "column" else sorted(rows))),
    )


@space_basis.proof
def _space_basis(given: Given) -> str:
    import sympy

    matrix = sympy.Matrix(given["matrix"])
    spaces = {"null": matrix.nullspace, "column": matrix.columnspace, "row": matrix.rowspace}
    return ", ".join(f"({', '.join(map(str, vector))})" for vector in spaces[given["space"]]())


@space_basis.variants
def _other_bases(given: Given, answer: str) -> tuple[list[str], list[str]]:
    vectors = [[Fraction(entry) for entry in part.split(",")] for part in answer[1:-1].split("), (")]
    doubled = [[2 * entry for entry in vector] for vector in vectors]
    negated = [[-entry for entry in vector] for vector in reversed(vectors)]
    first, last = vectors[0], vectors[-1] if len(vectors) > 1 else doubled[0]
    sheared = [*vectors[:-1], [a + b for a, b in zip(first, last, strict=True)]]
    zero = [Fraction(0)] * len(vectors[0])
    wrong = [[*vectors[:-1], zero], [*vectors, doubled[0]]]
    if len(vectors) > 1:
        wrong += [vectors[:-1], [*vectors[:-1], doubled[0]]]
    return [_listed(each) for each in (doubled, negated, sheared)], [_listed(each) for each in wrong]


def _listed(vectors: list[list[Fraction]]) -> str:
    return ", ".join(map(vector_text, vectors))


ORTHOGONAL = {1: (2, 15), 2: (3, 3), 3: (3, 8), 4: (4, 3), 5: (4, 6)}
"""Per level: how many entries a vector has, and the largest."""


@family(
    name="orthogonal_vector",
    wordings=(
        "Find a vector other than zero that is orthogonal to {vectors}. Any such vector will do; give it as "
        "a tuple of {count} numbers.",
        "Give one nonzero vector, as a tuple of {count} numbers, whose dot product with {vectors} is 0.",
        "Which vector of {count} entries, not all of them 0, is perpendicular to {vectors}? Any right one "
        "counts; write it as a tuple.",
    ),
)
def orthogonal_vector(rng: random.Random, level: int) -> Problem:
    """A vector orthogonal to one fewer vectors than there are dimensions, worked by elimination."""
    size, largest = ORTHOGONAL[level]
    low = ORTHOGONAL[level - 1][1] if level in (3, 5) else 0
    while True:
        rows = drawn(rng, size - 1, size, largest)
        if largest_of(rows) <= low or not all(sum(map(bool, row)) > 1 for row in rows):
            continue
        values, steps = null_solution(rows)
        if max(map(abs, values)) <= (20, 30, 150, 150, 400)[level - 1]:
            break
    vectors = listing([vector_text(row) for row in rows])
    answer = vector_text(values)
    name = f"({', '.join(names(size))})"
    start = f"The dot products of {name} with them are 0. As a matrix of coefficients: {shown(rows)}"
    if size == 2:
        start = f"For {name} the dot product with {vectors} must be 0."
    return Problem(
        question=orthogonal_vector.ask(
            rng, vectors=vectors if size == 2 else f"each of {vectors}", count=size
        ),
        answer=answer,
        spec=checked_by("orthogonal_vector", vectors=rows),
        solution="\n".join([start, *steps, f"Such a vector is {boxed(answer)}"]),
        given={"vectors": rows},
        key=("orthogonal_vector", *sorted(map(tuple, rows))),
    )


@orthogonal_vector.proof
def _orthogonal_vector(given: Given) -> str:
    import sympy

    rows = sympy.Matrix(given["vectors"])
    minors = []
    for column in range(rows.cols):
        part = rows.copy()
        part.col_del(column)
        minors.append((-1) ** column * part.det())
    if any(minors):
        return f"({', '.join(map(str, minors))})"
    return f"({', '.join(map(str, rows.nullspace()[0]))})"


@orthogonal_vector.variants
def _orthogonal_multiples(given: Given, answer: str) -> tuple[list[str], list[str]]:
    vector = [int(entry) for entry in answer[1:-1].split(",")]
    first = given["vectors"][0]
    place = next(j for j, entry in enumerate(first) if entry)
    moved = [entry + (j == place) for j, entry in enumerate(vector)]
    others = [vector_text([factor * entry for entry in vector]) for factor in (-1, 2, 7)]
    return others, [vector_text(moved), vector_text(first), vector_text([0] * len(vector))]
