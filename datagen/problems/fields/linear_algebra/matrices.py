"""Linear algebra: sums, products, powers and inverses of matrices, and what is known of their determinants.

Constructions work with whole numbers and adjugates; the proofs are sympy's matrices.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    MATRIX_FORM,
    Rows,
    determinant,
    dot,
    dot_text,
    drawn,
    frozen,
    largest_of,
    product,
    shown,
    sum_text,
    turned,
    without,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import MATRIX
from datagen.problems.text import boxed, grouped, linear, listing

SUMS = {1: (2, 2, 2, 9), 2: (2, 2, 2, 9), 3: (2, 3, 2, 9), 4: (3, 3, 2, 12), 5: (3, 3, 3, 12)}
"""Per level: rows, columns, how many matrices are added, and the largest entry."""


@family(
    name="matrix_sum",
    wordings=(
        "Let {matrices}. Compute {formula}. " + MATRIX_FORM,
        "What is {formula} for {matrices}? " + MATRIX_FORM,
        "The matrices {matrices} are given by their rows. Find the matrix {formula}. " + MATRIX_FORM,
    ),
)
def matrix_sum(rng: random.Random, level: int) -> Problem:
    """Sums of multiples of matrices, one of them transposed at the top level, worked entry by entry."""
    height, width, count, largest = SUMS[level]
    matrices = [drawn(rng, height, width, largest, 0 if level == 1 else None) for _ in range(count)]
    factors = [1] * count
    while level > 1 and max(map(abs, factors)) < 2:
        factors = [rng.randint(1, 5 + level // 4), *(nonzero(rng, 4 + level // 2) for _ in range(count - 1))]
    transposed = int(rng.random() * count) if level == 5 else -1
    names = [f"{name}^T" if place == transposed else name for place, name in enumerate("ABC"[:count])]
    formula = linear(list(zip(factors, names, strict=True)))
    lines, scaled = [], []
    for place, (factor, rows) in enumerate(zip(factors, matrices, strict=True)):
        used = turned(rows) if place == transposed else rows
        scaled.append([[factor * entry for entry in row] for row in used])
        if place == transposed:
            lines.append(f"Rows become columns: {names[place]} = {shown(used)}")
        if factor != 1:
            lines.append(f"{linear([(factor, names[place])])} = {shown(scaled[-1])}")
    cells = [[[rows[i][j] for rows in scaled] for j in range(width)] for i in range(height)]
    inner = ", ".join("[" + ", ".join(map(sum_text, row)) + "]" for row in cells)
    answer = shown([[sum(cell) for cell in row] for row in cells])
    lines.append(f"Add entry by entry: {formula} = [{inner}] = {boxed(answer)}")
    listed = listing([f"{name} = {shown(rows)}" for name, rows in zip("ABC", matrices, strict=False)])
    parts = sorted(
        (factor, place == transposed, frozen(rows))
        for place, (factor, rows) in enumerate(zip(factors, matrices, strict=True))
    )
    return Problem(
        question=matrix_sum.ask(rng, matrices=listed, formula=formula),
        answer=answer,
        spec=MATRIX,
        solution="\n".join(lines),
        given={"factors": factors, "matrices": matrices, "transposed": transposed},
        key=("matrix_sum", *parts),
    )


@matrix_sum.proof
def _matrix_sum(given: Given) -> str:
    import sympy

    matrices = [sympy.Matrix(rows) for rows in given["matrices"]]
    if given["transposed"] >= 0:
        matrices[given["transposed"]] = matrices[given["transposed"]].T
    total = sympy.zeros(*matrices[0].shape)
    for factor, matrix in zip(given["factors"], matrices, strict=True):
        total += factor * matrix
    return str(total.tolist())


PRODUCTS = {1: (2, 2, 2, 5), 2: (2, 2, 2, 9), 3: (2, 3, 2, 9), 4: (3, 3, 3, 6), 5: (3, 3, 3, 4)}
"""Per level: rows of A, columns of A, columns of B, and the largest entry."""


def _product_lines(left: Rows, right: Rows) -> list[str]:
    """Every entry of a product as a sum of products."""
    columns = turned(right)
    return [
        f"Row {i}, column {j}: {dot_text(row, column)} = {dot(row, column)}"
        for i, row in enumerate(left, 1)
        for j, column in enumerate(columns, 1)
    ]


@family(
    name="matrix_product",
    wordings=(
        "Multiply the matrices: {formula} for {matrices}. " + MATRIX_FORM,
        "Let {matrices}. What is the matrix {formula}? " + MATRIX_FORM,
        "Given {matrices}, compute the product {formula} in this order. " + MATRIX_FORM,
    ),
)
def matrix_product(rng: random.Random, level: int) -> Problem:
    """The product of two matrices, of three at the top level, worked row by column."""
    height, middle, width, largest = PRODUCTS[level]
    matrices = [drawn(rng, height, middle, largest, 0 if level == 1 else None)]
    matrices += [drawn(rng, middle, width, largest, 0 if level == 1 else None)]
    if level == 2:
        matrices[0][0][0] = -rng.randint(1, 9)
    if level == 5:
        matrices.append(drawn(rng, width, 2, largest))
    result, lines, name = matrices[0], [], "A"
    for letter, rows in zip("BC", matrices[1:], strict=False):
        name += f"*{letter}"
        lines += [f"Entries of {name}:", *_product_lines(result, rows)]
        result = product(result, rows)
        if letter == "B" and level == 5:
            lines.append(f"So {name} = {shown(result)}.")
    answer = shown(result)
    listed = listing([f"{letter} = {shown(rows)}" for letter, rows in zip("ABC", matrices, strict=False)])
    return Problem(
        question=matrix_product.ask(rng, matrices=listed, formula=name),
        answer=answer,
        spec=MATRIX,
        solution="\n".join([*lines, f"The product is {boxed(answer)}"]),
        given={"matrices": matrices},
        key=("matrix_product", *map(frozen, matrices)),
    )


@matrix_product.proof
def _matrix_product(given: Given) -> str:
    import sympy

    result = sympy.Matrix(given["matrices"][-1])
    for rows in reversed(given["matrices"][:-1]):
        result = sympy.Matrix(rows) * result
    return str(result.tolist())


@matrix_product.variants
def _product_the_other_way_round(given: Given, answer: str) -> tuple[list[str], list[str]]:
    left, right = given["matrices"][0], given["matrices"][-1]
    if len(given["matrices"]) > 2 or len(left) != len(right[0]):
        return [], []
    columns = list(zip(*left, strict=True))
    swapped = [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in right]
    return [], [str(swapped)] if str(swapped) != answer else []


POWERS = {1: ((2,), 5), 2: ((2,), 9), 3: ((3, 4), 6), 4: ((5, 6), 4), 5: ((7, 9, 10), 3)}
"""Per level: the exponents, and the largest entry."""


@family(
    name="matrix_power",
    wordings=(
        "Let A = {rows}. Compute A^{exponent}. " + MATRIX_FORM,
        "What is the matrix {rows} to the power {exponent}? " + MATRIX_FORM,
        "A^{exponent} is the product of {exponent} factors A. Find it for A = {rows}. " + MATRIX_FORM,
    ),
)
def matrix_power(rng: random.Random, level: int) -> Problem:
    """A power of a 2x2 matrix, worked by squaring and multiplying."""
    exponents, largest = POWERS[level]
    exponent = rng.choice(exponents)
    while True:
        rows = drawn(rng, 2, 2, largest, 0 if level == 1 else None)
        if level == 2 and min(map(min, rows)) >= 0:
            continue
        steps = _squarings(rows, exponent)
        if rows[0][1] and rows[1][0] and largest_of(steps[-1][3]) < 100_000:
            break
    lines = []
    for power, first, second, result in steps:
        if power < exponent or len(steps) > 1:
            halves = f"A^{power - 1 if second is rows else power // 2 if first is second else power - 2}"
            other = "A" if second is rows else halves if first is second else "A^2"
            lines.append(f"A^{power} = {halves} * {other}:" if power > 2 else "A^2 = A * A:")
        lines += _product_lines(first, second)
        if power < exponent:
            lines.append(f"So A^{power} = {shown(result)}.")
    answer = shown(steps[-1][3])
    return Problem(
        question=matrix_power.ask(rng, rows=shown(rows), exponent=exponent),
        answer=answer,
        spec=MATRIX,
        solution="\n".join([*lines, f"A^{exponent} = {boxed(answer)}"]),
        given={"matrix": rows, "exponent": exponent},
        key=("matrix_power", frozen(rows), exponent),
    )


def _squarings(rows: Rows, exponent: int) -> list[tuple[int, Rows, Rows, Rows]]:
    """(power, left factor, right factor, product) for squares as long as they fit, then what is missing.

    Exponents that leave 3 over after the squares (7) take a step by 2 and one by 1.
    """
    square = product(rows, rows)
    steps = [(2, rows, rows, square)]
    power, current = 2, square
    while 2 * power <= exponent:
        steps.append((2 * power, current, current, product(current, current)))
        power, current = 2 * power, steps[-1][3]
    while power < exponent:
        step, factor = (2, square) if exponent - power > 1 else (1, rows)
        steps.append((power + step, current, factor, product(current, factor)))
        power, current = power + step, steps[-1][3]
    return steps


@matrix_power.proof
def _matrix_power(given: Given) -> str:
    import sympy

    return str((sympy.Matrix(given["matrix"]) ** given["exponent"]).tolist())


@matrix_power.variants
def _entries_to_the_power(given: Given, answer: str) -> tuple[list[str], list[str]]:
    powers = [[entry ** given["exponent"] for entry in row] for row in given["matrix"]]
    scaled = [[entry * given["exponent"] for entry in row] for row in given["matrix"]]
    return [], [str(wrong) for wrong in (powers, scaled) if str(wrong) != answer]


INVERSES = {1: (2, 4, 1, 1), 2: (2, 9, 2, 9), 3: (3, 3, 1, 1), 4: (3, 4, 2, 5), 5: (3, 7, 6, 30)}
"""Per level: rows, the largest entry, and the determinant's absolute value from and to."""


@family(
    name="inverse_matrix",
    wordings=(
        "Find the inverse of the matrix {rows}. " + MATRIX_FORM,
        "Let A = {rows}. Compute A^(-1). " + MATRIX_FORM,
        "Which matrix X satisfies A*X = I, where A = {rows} and I is the identity matrix? " + MATRIX_FORM,
    ),
)
def inverse_matrix(rng: random.Random, level: int) -> Problem:
    """The inverse of a matrix, worked through its determinant and cofactors."""
    size, largest, low, high = INVERSES[level]
    while True:
        rows = drawn(rng, size, size, largest)
        value = determinant(rows)
        if low <= abs(value) <= high and sum(not entry for row in rows for entry in row) < size - 1:
            break
    if size == 2:
        (a, b), (c, d) = rows
        adjugate = [[d, -b], [-c, a]]
        lines = [f"The determinant is {dot_text((a, b), (d, -c))} = {value}."]
        lines.append("Swap the diagonal entries and turn the signs of the other two: " + shown(adjugate))
    else:
        cofactors, lines = _cofactors(rows)
        adjugate = turned(cofactors)
        lines.append(f"Along the first row the determinant is {dot_text(rows[0], cofactors[0])} = {value}.")
        lines.append(f"The transposed matrix of cofactors is {shown(adjugate)}.")
    answer = shown([[Fraction(entry, value) for entry in row] for row in adjugate])
    lines.append(f"Divided by {grouped(value)}, the inverse is {boxed(answer)}")
    return Problem(
        question=inverse_matrix.ask(rng, rows=shown(rows)),
        answer=answer,
        spec=MATRIX,
        solution="\n".join(lines),
        given={"matrix": rows},
        key=("inverse_matrix", frozen(rows)),
    )


def _cofactors(rows: Rows) -> tuple[Rows, list[str]]:
    """The cofactors of a 3x3 matrix, and a line of text for each."""
    cofactors: Rows = [[0] * 3 for _ in range(3)]
    lines = ["Cofactors:"]
    for i in range(3):
        for j in range(3):
            (a, b), (c, d) = without(rows, i, j)
            cofactors[i][j] = (-1) ** (i + j) * (a * d - b * c)
            minor = dot_text((a, b), (d, -c))
            signed = f"-({minor})" if (i + j) % 2 else minor
            lines.append(f"C{i + 1}{j + 1} = {signed} = {cofactors[i][j]}")
    return cofactors, lines


@inverse_matrix.proof
def _inverse_matrix(given: Given) -> str:
    import sympy

    return str(sympy.Matrix(given["matrix"]).inv(method="GE").tolist())


@inverse_matrix.variants
def _not_divided(given: Given, answer: str) -> tuple[list[str], list[str]]:
    inverted = [[f"1/{entry}" if entry > 1 else str(entry) for entry in row] for row in given["matrix"]]
    wrong = "[" + ", ".join("[" + ", ".join(row) + "]" for row in inverted) + "]"
    itself = str(given["matrix"])
    return [], [text for text in (wrong, itself) if text != answer]
