"""Linear algebra: characteristic polynomials, eigenvalues, eigenvectors, and what they say about powers.

Constructions start from the eigenvalues and hide them by unimodular matrices; the proofs are sympy's.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    Rows,
    applied,
    determinant,
    dot_text,
    drawn,
    frozen,
    largest_of,
    null_solution,
    product,
    shown,
    sum_text,
    unimodular,
    vector_text,
    without,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPANDED, INTEGER, MULTISET, checked_by
from datagen.problems.text import boxed, listing, polynomial


def _principal_minors(rows: Rows) -> list[int]:
    """The determinants that are left when one row and the column of the same number are taken out."""
    return [determinant(without(rows, place, place)) for place in range(len(rows))]


def _characteristic(rows: Rows) -> list[int]:
    """The coefficients of det(xI - A) for 2 or 3 rows, highest power first."""
    trace = sum(row[place] for place, row in enumerate(rows))
    middle = [sum(_principal_minors(rows))] if len(rows) == 3 else []
    return [1, -trace, *middle, (-1) ** len(rows) * determinant(rows)]


def _characteristic_lines(rows: Rows) -> list[str]:
    """The coefficients one by one: trace, principal minors, determinant."""
    diagonal = [row[place] for place, row in enumerate(rows)]
    lines = [f"The trace is {sum_text(diagonal)} = {sum(diagonal)}."]
    if len(rows) == 2:
        (a, b), (c, d) = rows
        lines.append(f"The determinant is {dot_text((a, b), (d, -c))} = {determinant(rows)}.")
    else:
        minors = _principal_minors(rows)
        for place, minor in enumerate(minors):
            (a, b), (c, d) = without(rows, place, place)
            lines.append(f"Without row and column {place + 1}: {dot_text((a, b), (d, -c))} = {minor}")
        lines.append(f"The principal minors add up to {sum_text(minors)} = {sum(minors)}.")
        first = [determinant(without(rows, 0, j)) for j in range(3)]
        signs = [(-1) ** j * entry for j, entry in enumerate(rows[0])]
        lines.append(
            f"Along the first row, with minors {listing(list(map(str, first)))}, the determinant is "
            f"{dot_text(signs, first)} = {determinant(rows)}."
        )
    return lines


CHARACTERISTIC = {1: (2, 0, 6), 2: (2, -15, 15), 3: (3, -3, 3), 4: (3, -6, 6), 5: (3, -12, 12)}
"""Per level: rows, the least and the largest entry. At level 3 two entries off the diagonal are 0."""


@family(
    name="characteristic_polynomial",
    wordings=(
        "Find the characteristic polynomial det(x*I - A) of A = {rows}. Give it expanded, in powers of x.",
        "What is the characteristic polynomial of the matrix {rows}? Use the variable x and the leading "
        "coefficient 1, and expand it.",
        "Expand det(x*I - A) as a polynomial in x, where A = {rows} and I is the identity matrix.",
    ),
)
def characteristic_polynomial(rng: random.Random, level: int) -> Problem:
    """The characteristic polynomial of a matrix, worked by trace, principal minors and determinant."""
    size, low, high = CHARACTERISTIC[level]
    below = CHARACTERISTIC[level - 1][2] if level in (2, 4, 5) else 0
    while True:
        rows = drawn(rng, size, size, high, low)
        if level == 3:
            for i, j in rng.sample(((0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)), 2):
                rows[i][j] = 0
        if largest_of(rows) > below and all(map(any, rows)):
            break
    coefficients = _characteristic(rows)
    answer = polynomial(coefficients)
    form = "x^2 - (trace)*x + (determinant)"
    if size == 3:
        form = "x^3 - (trace)*x^2 + (sum of principal minors)*x - (determinant)"
    lines = [f"For {size} rows it is {form}.", *_characteristic_lines(rows)]
    return Problem(
        question=characteristic_polynomial.ask(rng, rows=shown(rows)),
        answer=answer,
        spec=EXPANDED,
        solution="\n".join([*lines, f"The polynomial is {boxed(answer)}"]),
        given={"matrix": rows},
        key=("characteristic_polynomial", frozen(rows)),
    )


@characteristic_polynomial.proof
def _characteristic_polynomial(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    return str(sympy.Matrix(given["matrix"]).charpoly(x).as_expr()).replace("**", "^")


EIGENVALUES = {1: (2, 6, 9), 2: (2, 12, 25), 3: (3, 9, 20), 4: (3, 5, 20), 5: (3, 9, 40)}
"""Per level: rows, the largest eigenvalue and the largest entry. At level 3 it is block triangular."""


def _dense(rng: random.Random) -> tuple[Rows, Rows]:
    """Three rows, the product of two unit triangular matrices, and their inverse."""
    a, b, c, d, e, f = (int(rng.random() * 3) - 1 for _ in range(6))
    vectors = product([[1, 0, 0], [a, 1, 0], [b, c, 1]], [[1, d, e], [0, 1, f], [0, 0, 1]])
    inverse = product(
        [[1, -d, d * f - e], [0, 1, -f], [0, 0, 1]], [[1, 0, 0], [-a, 1, 0], [a * c - b, -c, 1]]
    )
    return vectors, inverse


def _hidden(rng: random.Random, values: list[int], largest: int, zeros: int) -> Rows | None:
    """A matrix with these eigenvalues, or None where the one try is triangular, too large or too sparse."""
    size = len(values)
    vectors, inverse = unimodular(rng, size, 2) if size == 2 else _dense(rng)
    scaled = [[entry * value for entry, value in zip(row, values, strict=True)] for row in vectors]
    rows = product(scaled, inverse)
    above = any(rows[i][j] for i in range(size) for j in range(i + 1, size))
    below = any(rows[i][j] for i in range(size) for j in range(i))
    found = sum(not entry for i, row in enumerate(rows) for j, entry in enumerate(row) if i != j)
    return rows if above and below and found <= zeros and largest_of(rows) <= largest else None


def _with_eigenvalues(rng: random.Random, level: int) -> tuple[Rows, list[int]]:
    size, reach, largest = EIGENVALUES[level]
    while True:
        values = [nonzero(rng, reach) if level > 1 else rng.randint(1, reach) for _ in range(size)]
        different = len(set(values[:2] if level == 3 else values)) > 1
        if not different or (level in (2, 5) and max(map(abs, values)) <= EIGENVALUES[level - 1][1]):
            continue
        rows = _hidden(rng, values[:2] if level == 3 else values, largest, 1)
        if rows and level != 3:
            return rows, values
        if rows:
            border = [rng.randint(-6, 6), rng.randint(-6, 6)]
            if rng.random() < 0.5:
                below = [[*row, entry] for row, entry in zip(rows, border, strict=True)]
                return [*below, [0, 0, values[2]]], values
            return [[values[2], *border], *([0, *row] for row in rows)], values


@family(
    name="eigenvalues",
    wordings=(
        "Find all eigenvalues of {rows}, each as often as its multiplicity says, like {{1, 1, 2}}.",
        "Let A = {rows}. Which numbers solve det(A - x*I) = 0? List each as often as it is a root, like "
        "{{1, 1, 2}}.",
        "What are the eigenvalues of {rows}, counted with algebraic multiplicity? Write them like "
        "{{1, 1, 2}}.",
    ),
)
def eigenvalues(rng: random.Random, level: int) -> Problem:
    """The eigenvalues of a matrix, all of them whole numbers, worked by its characteristic polynomial."""
    rows, values = _with_eigenvalues(rng, level)
    if level == 3:
        start = 0 if rows[2][:2] == [0, 0] else 1
        block = [row[start : start + 2] for row in rows[start : start + 2]]
        lines = [f"The zeros leave the eigenvalue {values[2]} and the block {shown(block)}."]
        lines += [*_characteristic_lines(block), f"The block has {polynomial(_characteristic(block))}."]
    else:
        coefficients = _characteristic(rows)
        lines = [
            *_characteristic_lines(rows),
            f"The characteristic polynomial is {polynomial(coefficients)}.",
        ]
    if level > 3:
        root = min(values, key=lambda value: (abs(value), value))
        quotient = [1, coefficients[1] + root]
        quotient.append(coefficients[2] + root * quotient[1])
        lines.append(
            f"Trying divisors of {abs(coefficients[3])}, x = {root} is a root. "
            f"The other factor is {polynomial(quotient)}."
        )
    factors = "".join(f"(x {'+' if value < 0 else '-'} {abs(value)})" for value in sorted(values))
    lines.append(f"All in all: {factors}." if level == 3 else f"It factors as {factors}.")
    answer = f"{{{', '.join(map(str, sorted(values)))}}}"
    return Problem(
        question=eigenvalues.ask(rng, rows=shown(rows)),
        answer=answer,
        spec=MULTISET,
        solution="\n".join([*lines, f"The eigenvalues are {boxed(answer)}"]),
        given={"matrix": rows},
        key=("eigenvalues", frozen(rows)),
    )


@eigenvalues.proof
def _eigenvalues(given: Given) -> str:
    import sympy

    found = sympy.Matrix(given["matrix"]).eigenvals()
    listed = [str(value) for value, times in found.items() for _ in range(times)]
    return f"{{{', '.join(listed)}}}"


VECTORS = {1: (2, 6, 9), 2: (2, 12, 30), 3: (3, 4, 9), 4: (3, 6, 20), 5: (3, 9, 50)}
"""Per level: rows, the largest eigenvalue, the largest entry."""


@family(
    name="eigenvector",
    wordings=(
        "Find an eigenvector of A = {rows} for the eigenvalue {value}. Any of them will do; give it "
        "as a tuple.",
        "The number {value} is an eigenvalue of the matrix {rows}. Give one eigenvector that belongs to it, "
        "as a tuple of {count} numbers.",
        "Let A = {rows}. Which vector v, not the zero vector, satisfies A*v = {times}v? Any right one "
        "counts; write it as a tuple.",
    ),
)
def eigenvector(rng: random.Random, level: int) -> Problem:
    """An eigenvector for a given eigenvalue, worked by solving (A - xI)v = 0."""
    size, reach, largest = VECTORS[level]
    below = VECTORS[level - 1][2] if level in (2, 4, 5) else 0
    while True:
        values = [rng.randint(1, reach) if level == 1 else nonzero(rng, reach) for _ in range(size)]
        if len(set(values)) < size:
            continue
        hidden = _hidden(rng, values, largest, 4 if level == 3 else 1)
        if hidden and largest_of(hidden) > below:
            rows = hidden
            break
    value = rng.choice(values)
    shifted = [[entry - value * (i == j) for j, entry in enumerate(row)] for i, row in enumerate(rows)]
    vector, steps = null_solution(shifted)
    answer = vector_text(vector)
    identity = f"A {'+' if value < 0 else '-'} {'' if abs(value) == 1 else f'{abs(value)}*'}I"
    lines = [f"Solve ({identity})*v = 0, with the matrix {shown(shifted)}.", *steps]
    image = applied(rows, vector)
    lines.append(f"Check: A*v = {vector_text(image)} = {value}*{answer}.")
    times = {1: "", -1: "-"}.get(value, str(value))
    return Problem(
        question=eigenvector.ask(rng, rows=shown(rows), value=value, count=size, times=times),
        answer=answer,
        spec=checked_by("eigenvector", matrix=rows, eigenvalue=str(value)),
        solution="\n".join([*lines, f"An eigenvector is {boxed(answer)}"]),
        given={"matrix": rows, "value": value},
        key=("eigenvector", frozen(rows), value),
    )


@eigenvector.proof
def _eigenvector(given: Given) -> str:
    import sympy

    for value, _, vectors in sympy.Matrix(given["matrix"]).eigenvects():
        if value == given["value"]:
            return f"({', '.join(map(str, vectors[0]))})"
    raise ValueError("not an eigenvalue")


@eigenvector.variants
def _multiples_and_others(given: Given, answer: str) -> tuple[list[str], list[str]]:
    vector = [int(entry) for entry in answer[1:-1].split(",")]
    rows, value = given["matrix"], given["value"]
    others = [vector_text([factor * entry for entry in vector]) for factor in (-1, 2, 5)]
    shifted = [[entry - value * (i == j) for j, entry in enumerate(row)] for i, row in enumerate(rows)]
    place = next(j for j in range(len(vector)) if any(row[j] for row in shifted))
    moved = [entry + (j == place) for j, entry in enumerate(vector)]
    return others, [vector_text(moved), vector_text([0] * len(vector)), vector_text([*vector, 0])]


TRACES = {1: (2, 12, 20), 2: (3, 9, 15), 3: (4, 15, 40), 4: (5, 12, 30), 5: (7, 10, 25)}
"""Per level: the exponent (one more is allowed at level 5), the largest trace and the largest determinant."""


@family(
    name="trace_of_power",
    wordings=(
        "A 2x2 matrix A has trace {trace} and determinant {determinant}. What is the trace of A^{exponent}?",
        "Let A be a 2x2 matrix with tr(A) = {trace} and det(A) = {determinant}. Compute tr(A^{exponent}).",
        "The eigenvalues of a 2x2 matrix A (real or complex) add up to {trace} and their product is "
        "{determinant}. What is the trace of A^{exponent}?",
    ),
)
def trace_of_power(rng: random.Random, level: int) -> Problem:
    """The trace of a power of a 2x2 matrix from its trace and determinant, worked by Cayley and Hamilton."""
    exponent, largest, reach = TRACES[level]
    exponent += level == 5 and rng.random() < 0.5
    trace, value = nonzero(rng, largest * 2), nonzero(rng, reach * 2)
    traces = [2, trace]
    lines = [f"By Cayley and Hamilton A^2 = {_recurrence(trace, value, 'A', 'I')}. Let t_n = tr(A^n)."]
    lines.append(
        f"Then t_n = {_recurrence(trace, value, 't_(n-1)', 't_(n-2)')} with t_0 = 2 and t_1 = {trace}."
    )
    for power in range(2, exponent + 1):
        traces.append(trace * traces[-1] - value * traces[-2])
        work = dot_text((trace, -value), (traces[-2], traces[-3]))
        result = boxed(str(traces[-1])) if power == exponent else traces[-1]
        lines.append(f"t_{power} = {work} = {result}")
    return Problem(
        question=trace_of_power.ask(rng, trace=trace, determinant=value, exponent=exponent),
        answer=str(traces[-1]),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"trace": trace, "determinant": value, "exponent": exponent},
        key=("trace_of_power", trace, value, exponent),
    )


def _recurrence(trace: int, value: int, first: str, second: str) -> str:
    """`t*first - d*second`, with the factors written out."""
    head = {1: "", -1: "-"}.get(trace, f"{trace}*") + first
    tail = ("" if abs(value) == 1 else f"{abs(value)}*") + second
    return f"{head} {'+' if value < 0 else '-'} {tail}"


@trace_of_power.proof
def _trace_of_power(given: Given) -> str:
    import sympy

    companion = sympy.Matrix([[0, -given["determinant"]], [1, given["trace"]]])
    result = sympy.eye(2)
    for _ in range(given["exponent"]):
        result = result * companion
    return str(result.trace())


@trace_of_power.variants
def _power_of_the_trace(given: Given, answer: str) -> tuple[list[str], list[str]]:
    wrong = str(given["trace"] ** given["exponent"])
    return [], [wrong] if wrong != answer else []
