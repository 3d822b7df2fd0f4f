"""Linear algebra: determinants, the rules they obey, and parameters that make them 0.

Constructions expand along rows; the proofs sum over all permutations (Leibniz) or build matrices in sympy.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.linear_algebra.rows import (
    Rows,
    determinant,
    dot_text,
    drawn,
    frozen,
    largest_of,
    shown,
    without,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER, RATIONAL, SET
from datagen.problems.text import boxed, grouped, linear, listing, polynomial

DETERMINANTS = {1: (2, 9, 0), 2: (2, 25, -25), 3: (3, 9, -9), 4: (4, 4, -4), 5: (4, 9, -9)}
"""Per level: rows, the largest entry and the least one. At level 4 two entries of the first row are 0."""


@family(
    name="determinant",
    wordings=(
        "Compute the determinant of the matrix {rows}.",
        "What is det(A) for A = {rows}?",
        "A {size}x{size} matrix has the rows {each}. Find its determinant.",
    ),
)
def determinant_of_matrix(rng: random.Random, level: int) -> Problem:
    """The determinant of a matrix of up to 4 rows, worked by expansion along the first row."""
    size, largest, least = DETERMINANTS[level]
    while True:
        rows = drawn(rng, size, size, largest, least)
        if level == 4:
            for place in rng.sample(range(4), 2):
                rows[0][place] = 0
        nonzero_entries = sum(map(bool, rows[0]))
        if nonzero_entries == (2 if level == 4 else size) and (level != 2 or largest_of(rows) > 9):
            break
    answer = str(determinant(rows))
    lines = _expansion(rows, "det(A)")
    return Problem(
        question=determinant_of_matrix.ask(
            rng, rows=shown(rows), size=size, each=listing([f"({', '.join(map(str, row))})" for row in rows])
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The determinant is {boxed(answer)}"]),
        given={"matrix": rows},
        key=("determinant", frozen(rows)),
    )


def _expansion(rows: Rows, name: str) -> list[str]:
    """The determinant called `name`, by minors along the first row; minors of 3 rows come first."""
    size, value = len(rows), determinant(rows)
    if size == 2:
        (a, b), (c, d) = rows
        products = f"{grouped(a)}*{grouped(d)} - {grouped(b)}*{grouped(c)}"
        return [f"{name} = {products} = {_difference(a * d, b * c)} = {value}"]
    minors = [without(rows, 0, j) for j in range(size)]
    used = [j for j in range(size) if rows[0][j]]
    lines = [f"Expand along the first row, with signs {', '.join('+-'[j % 2] for j in range(size))}."]
    if len(used) < size:
        places = listing([str(j + 1) for j in used])
        lines[0] += f" Only columns {places} have an entry other than 0 there."
    for j in used:
        if size == 4:
            lines += _flat_expansion(minors[j], f"M{j + 1}")
        else:
            (a, b), (c, d) = minors[j]
            lines.append(f"M{j + 1} = {dot_text((a, b), (d, -c))} = {determinant(minors[j])}")
    signs = [(-1) ** j * rows[0][j] for j in used]
    values = [determinant(minors[j]) for j in used]
    formula = linear([(sign, f"*M{j + 1}") for sign, j in zip(signs, used, strict=True)])
    formula = formula.replace(" *M", " M").replace("-*M", "-M").removeprefix("*")
    return [*lines, f"{name} = {formula} = {dot_text(signs, values)} = {value}"]


def _difference(left: int, right: int) -> str:
    return f"{left} {'+' if right < 0 else '-'} {abs(right)}"


def _flat_expansion(rows: Rows, name: str) -> list[str]:
    """The determinant of three rows in two lines."""
    minors = [determinant(without(rows, 0, j)) for j in range(3)]
    signs = [(-1) ** j * rows[0][j] for j in range(3)]
    return [
        f"{name} = det {shown(rows)} = {dot_text(signs, minors)} = {determinant(rows)}, "
        f"where its own 2x2 minors are {', '.join(map(str, minors))}."
    ]


@determinant_of_matrix.proof
def _determinant(given: Given) -> str:
    from itertools import permutations
    from math import prod

    rows = given["matrix"]
    total = 0
    for order in permutations(range(len(rows))):
        inversions = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
        total += (-1) ** inversions * prod(rows[i][j] for i, j in enumerate(order))
    return str(total)


RULES = {1: (3, 1, 1, 2), 2: (3, 2, 3, 2), 3: (4, 2, 3, 3), 4: (4, 4, 5, 3), 5: (5, 2, 5, 4)}
"""Per level: the largest size, the scalar factor from and to, and how many matrices are multiplied."""

Factor = tuple[str, int, bool]  # which matrix, its exponent, whether it is transposed


def _factor_text(factor: Factor) -> str:
    name, exponent, transposed = factor
    base = f"({name}^T)" if transposed and exponent != 1 else f"{name}^T" if transposed else name
    return base if exponent == 1 else f"{base}^{exponent}" if exponent > 1 else f"{base}^({exponent})"


def _factors(rng: random.Random, level: int) -> list[Factor]:
    """The factors of the product, A and B in turn: with inverses from level 3, transposed from level 2."""
    found = []
    for place in range(RULES[level][3]):
        exponent = rng.randint(1, 2 + level // 4)
        inverted = (place % 2 and level > 2) or (level > 3 and rng.random() < 0.3)
        transposed = level > 1 and rng.random() < 0.4
        found.append(("AB"[place % 2], -exponent if inverted else exponent, transposed))
    return found


@family(
    name="determinant_rules",
    wordings=(
        "A and B are {size}x{size} matrices with {values}. What is det({formula})?",
        "Let A and B be {size}x{size} matrices such that {values}. Compute det({formula}).",
        "Of two {size}x{size} matrices A and B it is known that {values}. Find the determinant of {formula}.",
    ),
)
def determinant_rules(rng: random.Random, level: int) -> Problem:
    """The determinant of a multiple of a product of matrices of which only the determinants are known."""
    largest, low, high, _ = RULES[level]
    size = rng.randint(2, largest)
    scalar = rng.randint(low, high) * (rng.choice((-1, 1)) if low > 1 else 1)
    values = {name: rng.choice((-1, 1)) * rng.randint(2, 12 if level < 3 else 6) for name in "AB"}
    factors = _factors(rng, level)
    numbers, lines = [], []
    if scalar != 1:
        numbers.append(Fraction(scalar**size))
        lines.append(
            f"The factor {scalar} stands in each of {size} rows: {grouped(scalar)}^{size} = {numbers[0]}."
        )
    for factor in factors:
        name, exponent, _ = factor
        numbers.append(Fraction(values[name]) ** exponent)
        lines.append(_rule_line(factor, values[name], numbers[-1]))
    answer = str(_multiplied(numbers))
    multiplied = " * ".join(f"({n})" if n < 0 or n.denominator > 1 else str(n) for n in numbers)
    lines.append(
        f"The determinant of a product is the product of the determinants: {multiplied} = {boxed(answer)}"
    )
    powers = tuple(sum(exponent for name, exponent, _ in factors if name == letter) for letter in "AB")
    return Problem(
        question=determinant_rules.ask(
            rng,
            size=size,
            values=listing([f"det({name}) = {value}" for name, value in values.items()]),
            formula=" * ".join([*([str(scalar)] if scalar != 1 else []), *map(_factor_text, factors)]),
        ),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines),
        given={"size": size, "scalar": scalar, "values": values, "factors": [list(each) for each in factors]},
        key=("determinant_rules", size if scalar != 1 else 0, scalar, *values.values(), len(factors), powers),
    )


def _rule_line(factor: Factor, value: int, power: Fraction) -> str:
    exponent, name = factor[1], _factor_text(factor)
    below = grouped(value) if exponent == -1 else f"{grouped(value)}^{-exponent}"
    work = f"{grouped(value)}^{exponent} = " if exponent > 1 else f"1/{below} = " if exponent < 0 else ""
    if work == f"1/{power.denominator} = " == f"{power} = ":
        work = ""
    return f"det({name}) = {work}{power}{'; transposing changes no determinant' if factor[2] else ''}."


def _multiplied(numbers: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for number in numbers:
        result *= number
    return result


@determinant_rules.proof
def _determinant_rules(given: Given) -> str:
    import sympy

    size = given["size"]
    shear = sympy.Matrix([[int(i <= j) for j in range(size)] for i in range(size)])
    lower = sympy.Matrix([[max(0, i - j + 1) for j in range(size)] for i in range(size)])
    matrices = {
        "A": shear * sympy.diag(given["values"]["A"], *[1] * (size - 1)) * lower,
        "B": lower * sympy.diag(*[1] * (size - 1), given["values"]["B"]) * shear,
    }
    result = given["scalar"] * sympy.eye(size)
    for name, exponent, transposed in given["factors"]:
        base = matrices[name].T if transposed else matrices[name]
        result = result * base**exponent
    return str(result.det())


@determinant_rules.variants
def _scalar_taken_out_once(given: Given, answer: str) -> tuple[list[str], list[str]]:
    once = Fraction(answer) / given["scalar"] ** (given["size"] - 1)
    return [], [str(once)] if str(once) != answer else []


Entry = tuple[int, int]  # p, q for p*k + q
SINGULAR = {1: (2, 1, 9), 2: (2, 2, 9), 3: (3, 1, 6), 4: (3, 2, 5), 5: (3, 3, 5)}
"""Per level: rows, how many entries have the k in them, and the largest constant."""


@family(
    name="parameter_for_singularity",
    wordings=(
        "For which values of k is the matrix {rows} singular? Answer with the set of all, like {{1, 2}}.",
        "Find the set of all k for which det(A) = 0, where A = {rows}. Write it like {{1, 2}}.",
        "The matrix {rows} has no inverse. Which values can k have? Give the set of all, like {{1, 2}}.",
    ),
)
def parameter_for_singularity(rng: random.Random, level: int) -> Problem:
    """The values of a parameter that make a determinant 0, worked by expanding it as a polynomial."""
    rows, (a, b, c) = _with_parameter(rng, level)
    entries = [[linear([(p, "k"), (q, "")]) for p, q in row] for row in rows]
    text = "[" + ", ".join("[" + ", ".join(row) + "]" for row in entries) + "]"
    lines = _parameter_expansion(rows, entries)
    lines.append(f"det(A) = {polynomial((a, b, c), 'k')}")
    if not a:
        roots = [Fraction(-c, b)]
        lines.append(f"It is 0 for {linear([(b, 'k')])} = {-c}.")
    else:
        root = isqrt(b * b - 4 * a * c)
        roots = sorted({Fraction(-b - root, 2 * a), Fraction(-b + root, 2 * a)})
        lines.append(
            f"The discriminant is {grouped(b)}^2 - 4*{grouped(a)}*{grouped(c)} = {root * root} = {root}^2."
        )
        lines.append(f"The roots are ({-b} - {root})/{grouped(2 * a)} and ({-b} + {root})/{grouped(2 * a)}.")
    answer = f"{{{', '.join(map(str, roots))}}}"
    return Problem(
        question=parameter_for_singularity.ask(rng, rows=text),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"So k is in {boxed(answer)}" if a else f"The set is {boxed(answer)}"]),
        given={
            "constants": [[q for _, q in row] for row in rows],
            "factors": [[p for p, _ in row] for row in rows],
        },
        key=("parameter_for_singularity", tuple(tuple(row) for row in rows)),
    )


def _with_parameter(rng: random.Random, level: int) -> tuple[list[list[Entry]], tuple[int, int, int]]:
    """A matrix of entries p*k + q and its determinant as a polynomial in k with rational roots."""
    size, count, largest = SINGULAR[level]
    while True:
        constants = [[nonzero(rng, largest) for _ in range(size)] for _ in range(size)]
        factors = [[0] * size for _ in range(size)]
        for place, at in enumerate(rng.sample(range(size * size), count)):
            factors[at // size][at % size] = nonzero(rng, 3) if level > 2 or (level == 2 and place) else 1
            if level == 1 or (level > 2 and rng.random() < 0.5):
                constants[at // size][at % size] = 0
        if level not in (1, 3) and not _with_root(rng.randint(-6, 6), factors, constants, 2 * largest):
            continue
        before, c, after, later = (_value_at(k, factors, constants) for k in (-1, 0, 1, 2))
        twice_a, twice_b = before + after - 2 * c, after - before
        a, b = twice_a // 2, twice_b // 2
        if twice_a % 2 or 4 * a + 2 * b + c != later or bool(a) != (level not in (1, 3)):
            continue
        if a:
            root = isqrt(max(0, b * b - 4 * a * c))
            fits = root * root == b * b - 4 * a * c
        else:
            fits = b != 0 and (level == 3 or c % b == 0)
        if fits:
            return [list(zip(*pair, strict=True)) for pair in zip(factors, constants, strict=True)], (a, b, c)


def _with_root(k: int, factors: Rows, constants: Rows, largest: int) -> bool:
    """Change one entry so that the determinant is 0 for this k; False where no small entry does that."""
    rows = [[p * k + q for p, q in zip(*pair, strict=True)] for pair in zip(factors, constants, strict=True)]
    value = determinant(rows)
    for i, row in enumerate(factors):
        for j, factor in enumerate(row):
            cofactor = 0 if factor else (-1) ** (i + j) * determinant(without(rows, i, j))
            if cofactor and value % cofactor == 0:
                entry = constants[i][j] - value // cofactor
                if 0 < abs(entry) <= largest:
                    constants[i][j] = entry
                    return True
    return False


def _value_at(k: int, factors: Rows, constants: Rows) -> int:
    """The determinant for one k."""
    pairs = zip(factors, constants, strict=True)
    return determinant([[p * k + q for p, q in zip(*pair, strict=True)] for pair in pairs])


def _parameter_expansion(rows: list[list[Entry]], entries: list[list[str]]) -> list[str]:
    """The determinant written out as products of the entries, before they are multiplied."""
    words = [[text if text.isalnum() else f"({text})" for text in row] for row in entries]
    if len(rows) == 2:
        (first, second), (third, fourth) = words
        return [f"det(A) = {first}*{fourth} - {second}*{third}"]
    lines = ["Expand along the first row."]
    for j in range(3):
        (a, b), (c, d) = ([row[i] for i in range(3) if i != j] for row in rows[1:])
        minor = (a[0] * d[0] - b[0] * c[0], a[0] * d[1] + a[1] * d[0] - b[0] * c[1] - b[1] * c[0])
        value = polynomial((*minor, a[1] * d[1] - b[1] * c[1]), "k")
        (first, second), (third, fourth) = ([row[i] for i in range(3) if i != j] for row in words[1:])
        lines.append(f"M{j + 1} = {first}*{fourth} - {second}*{third} = {value}")
    first, second, third = words[0]
    return [*lines, f"det(A) = {first}*M1 - {second}*M2 + {third}*M3"]


@parameter_for_singularity.proof
def _parameter_for_singularity(given: Given) -> str:
    import sympy

    k = sympy.Symbol("k")
    total = k * sympy.Matrix(given["factors"]) + sympy.Matrix(given["constants"])
    roots = sympy.roots(sympy.Poly(total.det(method="berkowitz"), k))
    return f"{{{', '.join(map(str, roots))}}}"
