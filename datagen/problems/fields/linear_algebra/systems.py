"""Linear algebra: systems of equations, their kinds, ranks, null vectors and bases of spaces.

Constructions plant a solution or a dependence and eliminate in whole numbers; the proofs use Cramer's rule,
minors and sympy.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    Rows,
    applied,
    back_substituted,
    determinant,
    drawn,
    eliminated,
    equation,
    largest_of,
    names,
    null_solution,
    product,
    shown,
    turned,
    vector_text,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, TUPLE, checked_by, one_of
from datagen.problems.text import boxed, listing

SYSTEMS = {1: (2, 6, 0, 9), 2: (2, 12, -12, 20), 3: (3, 4, -4, 6), 4: (3, 9, -9, 12), 5: (4, 4, -4, 6)}
"""Per level: unknowns, the largest and the least coefficient, the largest value."""


@family(
    name="linear_system_matrix",
    wordings=(
        "Solve A*v = b for A = {rows} and b = {right}. Answer with the vector v, as a tuple {form}.",
        "The system of equations {equations} has one solution. Find it, as a tuple {form}.",
        "The augmented matrix {augmented} of a linear system has the right-hand sides in its last column. "
        "What is the solution of the system? Answer with a tuple {form}.",
    ),
)
def linear_system_matrix(rng: random.Random, level: int) -> Problem:
    """A square system with one solution in whole numbers, worked by elimination on the augmented matrix."""
    size, largest, least, reach = SYSTEMS[level]
    while True:
        rows = drawn(rng, size, size, largest, least)
        if (level != 2 or min(map(min, rows)) < 0) and determinant(rows):
            break
    solution = [nonzero(rng, reach) for _ in range(size)]
    right = applied(rows, solution)
    augmented = [[*row, value] for row, value in zip(rows, right, strict=True)]
    echelon, pivots, lines = eliminated(augmented, size)
    steps = back_substituted(echelon, pivots, {})[1]
    answer = vector_text(solution)
    return Problem(
        question=linear_system_matrix.ask(
            rng,
            rows=shown(rows),
            right=vector_text(right),
            equations=listing([equation(row, value) for row, value in zip(rows, right, strict=True)]),
            augmented=shown(augmented),
            form=vector_text_of_names(size),
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join(
            [f"Augmented matrix: {shown(augmented)}", *lines, *steps, f"The solution is {boxed(answer)}"]
        ),
        given={"matrix": rows, "right": right},
        key=("linear_system_matrix", *sorted(map(tuple, augmented))),
    )


def vector_text_of_names(size: int) -> str:
    """`(x, y, z)`."""
    return f"({', '.join(names(size))})"


@linear_system_matrix.proof
def _linear_system_matrix(given: Given) -> str:
    import sympy

    matrix = sympy.Matrix(given["matrix"])
    whole = matrix.det()
    values = []
    for place in range(matrix.cols):
        replaced = matrix.copy()
        replaced[:, place] = sympy.Matrix(given["right"])
        values.append(replaced.det() / whole)
    return f"({', '.join(map(str, values))})"


SHAPES = {1: (2, 2, 5), 2: (2, 2, 12), 3: (3, 3, 5), 4: (4, 3, 5), 5: (4, 4, 5)}
"""Per level: equations, unknowns, the largest coefficient."""


def _system_of_kind(rng: random.Random, level: int, kind: int) -> Rows:
    """The augmented matrix of a system of this kind: independent equations and combinations of them."""
    height, width, largest = SHAPES[level]
    bound = largest if level == 1 else 4 * largest
    while True:
        rank = width if kind == 1 or (kind == 0 and height > width and rng.random() < 0.5) else width - 1
        rows = drawn(rng, rank, width, largest)
        values = applied(rows, [nonzero(rng, 6) for _ in range(width)])
        augmented = [[*row, value] for row, value in zip(rows, values, strict=True)]
        while len(augmented) < height:
            augmented.append(_combination(rng, augmented))
        if kind == 0:
            augmented[-1][-1] += nonzero(rng, 6)
        rng.shuffle(augmented)
        left = [row[:width] for row in augmented]
        fits = largest_of(left) <= bound and (level != 2 or largest_of(left) > SHAPES[1][2])
        if fits and all(map(any, left)) and len(eliminated(rows)[1]) == rank:
            return augmented


def _combination(rng: random.Random, rows: Rows) -> list[int]:
    """A sum of multiples of the rows, none of them left out."""
    factors = [nonzero(rng, 3) for _ in rows]
    return [sum(f * entry for f, entry in zip(factors, column, strict=True)) for column in turned(rows)]


@family(
    name="linear_system_kind",
    wordings=(
        "How many solutions has the system {equations}? (A) none (B) exactly one (C) infinitely many. "
        "Answer with A, B or C.",
        "Consider the equations {equations}. Answer with A if they have no common solution, with B if they "
        "have exactly one, with C if they have infinitely many.",
        "Decide whether the linear system {equations} has (A) no solution, (B) a unique solution or "
        "(C) infinitely many solutions. Answer with A, B or C.",
    ),
)
def linear_system_kind(rng: random.Random, level: int) -> Problem:
    """Whether a system has no, one or infinitely many solutions, worked by elimination."""
    kind = int(rng.random() * 3)
    augmented = _system_of_kind(rng, level, kind)
    width = SHAPES[level][1]
    echelon, pivots, lines = eliminated(augmented, width)
    rank = len(pivots)
    zero_rows = echelon[rank:]
    lines = [f"Augmented matrix: {shown(augmented)}", *lines]
    if any(row[width] for row in zero_rows):
        lines.append("A row has only zeros to the left and another number on the right: no solution.")
    elif rank < width:
        lines.append(
            f"No row contradicts itself, and only {rank} of {width} unknowns have a pivot: infinitely many."
        )
    else:
        lines.append(
            f"No row contradicts itself, and each of the {width} unknowns has a pivot: one solution."
        )
    answer = "ABC"[kind]
    return Problem(
        question=linear_system_kind.ask(
            rng, equations="; ".join(equation(row[:width], row[width]) for row in augmented)
        ),
        answer=answer,
        spec=one_of("A", "B", "C"),
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={"augmented": augmented},
        key=("linear_system_kind", *sorted(map(tuple, augmented))),
    )


@linear_system_kind.proof
def _linear_system_kind(given: Given) -> str:
    import sympy

    augmented = sympy.Matrix(given["augmented"])
    unknowns = sympy.symbols(f"x:{augmented.cols - 1}")
    found = sympy.linsolve(augmented, *unknowns)
    if not found:
        return "A"
    (solution,) = found
    return "C" if any(entry.free_symbols for entry in solution) else "B"


RANKS = {1: (2, 3, 4), 2: (3, 3, 3), 3: (3, 4, 3), 4: (4, 4, 3), 5: (4, 5, 3)}
"""Per level: rows, columns, and the largest entry of the factors."""


@family(
    name="matrix_rank",
    wordings=(
        "What is the rank of the matrix {rows}?",
        "Find rank(A) for A = {rows}.",
        "What is the largest number of linearly independent vectors among {each}?",
    ),
)
def matrix_rank(rng: random.Random, level: int) -> Problem:
    """The rank of a matrix that is a product of two narrower ones, worked by elimination."""
    height, width, largest = RANKS[level]
    while True:
        rank = rng.randint(1 if level < 3 else 2, min(height, width))
        rows = product(drawn(rng, height, rank, 2), drawn(rng, rank, width, largest))
        if all(map(any, rows)) and largest_of(rows) <= 3 * largest:
            break
    _, pivots, lines = eliminated(rows)
    answer = str(len(pivots))
    columns = [str(pivot + 1) for pivot in pivots]
    ending = f"There are pivots in columns {listing(columns)}"
    if len(pivots) == 1:
        ending = f"The only pivot is in column {columns[0]}"
    return Problem(
        question=matrix_rank.ask(rng, rows=shown(rows), each=listing([vector_text(row) for row in rows])),
        answer=answer,
        spec=INTEGER,
        solution="\n".join(
            [f"Eliminate in {shown(rows)}.", *lines, f"{ending}, so the rank is {boxed(answer)}"]
        ),
        given={"matrix": rows},
        key=("matrix_rank", *sorted(map(tuple, rows))),
    )


@matrix_rank.proof
def _matrix_rank(given: Given) -> str:
    import sympy

    return str(sympy.Matrix(given["matrix"]).rank())


NULLS = {1: (2, 2, 9), 2: (2, 3, 6), 3: (3, 3, 5), 4: (3, 4, 5), 5: (4, 5, 4)}
"""Per level: rows, columns, and the largest entry before the dependent column."""


@family(
    name="null_vector",
    wordings=(
        "Find a vector v other than zero with A*v = 0, where A = {rows}. Any such vector will do; give it "
        "as a tuple of {count} numbers.",
        "Give one nonzero vector in the null space of {rows}, as a tuple of {count} numbers.",
        "The columns of {rows} are linearly dependent. Find {count} numbers, not all 0, by which the columns "
        "can be multiplied so that they add up to the zero vector. Any right tuple counts.",
    ),
)
def null_vector(rng: random.Random, level: int) -> Problem:
    """A vector that a matrix maps to zero, worked by elimination and back substitution."""
    height, width, largest = NULLS[level]
    while True:
        known = [nonzero(rng, 4 if level < 3 else 2) for _ in range(width - 1)]
        free = drawn(rng, min(height, width - 1), width - 1, largest)
        rows = [[*row, -sum(a * b for a, b in zip(row, known, strict=True))] for row in free]
        while len(rows) < height:
            rows.append(_combination(rng, rows))
        order = rng.sample(range(width), width)
        rows = [[row[j] for j in order] for row in rows]
        rng.shuffle(rows)
        if all(map(any, rows)) and largest_of(rows) <= 5 * largest:
            break
    values, steps = null_solution(rows)
    answer = vector_text(values)
    start = [f"Solve A*v = 0 for v = {vector_text_of_names(width)}, with {shown(rows)}."]
    return Problem(
        question=null_vector.ask(rng, rows=shown(rows), count=width),
        answer=answer,
        spec=checked_by("null_vector", matrix=rows),
        solution="\n".join([*start, *steps, f"One such vector is {boxed(answer)}"]),
        given={"matrix": rows},
        key=("null_vector", *sorted(map(tuple, rows))),
    )


@null_vector.proof
def _null_vector(given: Given) -> str:
    import sympy

    return f"({', '.join(map(str, sympy.Matrix(given['matrix']).nullspace()[0]))})"


@null_vector.variants
def _multiples(given: Given, answer: str) -> tuple[list[str], list[str]]:
    vector = [int(entry) for entry in answer[1:-1].split(",")]
    rows = given["matrix"]
    others = [tuple(factor * entry for entry in vector) for factor in (-1, 3, 10)]
    thirds = f"({', '.join(f'{entry}/3' for entry in vector)})"
    column = next(j for j in range(len(vector)) if any(row[j] for row in rows))
    moved = [entry + (place == column) for place, entry in enumerate(vector)]
    zero = tuple(0 for _ in vector)
    return [*map(str, others), thirds], [str(tuple(moved)), str(zero), str(tuple(vector[:-1]))]
