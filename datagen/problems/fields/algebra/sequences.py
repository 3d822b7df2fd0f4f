"""Algebra with sequences and series: arithmetic, geometric, quadratic and recursive ones."""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, grouped, ordinal

SEQUENCES = {1: (1, 1, 9, 4, 12), 2: (1, 1, 20, 13, 30), 3: (5, 4, 20, 31, 60)}
SEQUENCES |= {4: (10, 9, 50, 61, 200), 5: (30, 20, 99, 201, 999)}
"""Per level: the largest first known place and the largest gap to the next, the largest difference, and the
places asked for from and to."""


@family(
    name="arithmetic_sequence",
    wordings=(
        "In an arithmetic sequence the {i} term is {u} and the {j} term is {v}. What is the {n} term?",
        "The {i} and {j} terms of an arithmetic sequence are {u} and {v}. Find the {n} term.",
        "A sequence changes by the same amount at every step. Its {i} term is {u} and its {j} term is {v}. "
        "Find its {n} term.",
    ),
)
def arithmetic_sequence(rng: random.Random, level: int) -> Problem:
    """A term of an arithmetic sequence from two others, worked through the common difference."""
    place, gap, largest, low, high = SEQUENCES[level]
    i = rng.randint(1, place)
    j = i + rng.randint(1, gap)
    n = rng.randint(low, high)
    step = nonzero(rng, largest)
    u = rng.randint(1, 5 * largest)
    v, answer = u + (j - i) * step, str(u + (n - i) * step)
    return Problem(
        question=arithmetic_sequence.ask(rng, i=ordinal(i), j=ordinal(j), n=ordinal(n), u=u, v=v),
        answer=answer,
        spec=INTEGER,
        solution=f"The common difference is ({v} - {u})/({j} - {i}) = {step}. "
        f"The {ordinal(n)} term is {u} + ({n} - {i}) * {grouped(step)} = {boxed(answer)}",
        given={"i": i, "j": j, "u": u, "v": v, "n": n},
        key=("arithmetic_sequence", i, u, j, v, n),
    )


@arithmetic_sequence.proof
def _arithmetic_sequence(given: Given) -> str:
    import sympy

    n = sympy.Symbol("n")
    return str(sympy.interpolate([(given["i"], given["u"]), (given["j"], given["v"])], n).subs(n, given["n"]))


GEOMETRIC = {1: (3, 20, 3, 4), 2: (3, 30, 5, 6), 3: (4, 30, 7, 8), 4: (5, 30, 9, 10), 5: (7, 30, 11, 12)}
"""Per level: the largest ratio, the largest first term, the number of terms from and to."""


@family(
    name="geometric_sum",
    wordings=(
        "A geometric sequence starts {first}, {second}, {third}. What is the sum of its first {n} terms?",
        "Find the sum of the first {n} terms of the geometric sequence {first}, {second}, {third}, ...",
        "Each term of the sequence {first}, {second}, {third}, ... is a fixed multiple of the one before. "
        "Add up its first {n} terms.",
    ),
)
def geometric_sum(rng: random.Random, level: int) -> Problem:
    """The sum of the first terms of a geometric sequence, worked with the closed formula."""
    largest, reach, low, high = GEOMETRIC[level]
    ratio = rng.choice((1, -1)) * rng.randint(2, largest)
    first, n = rng.randint(1, reach), rng.randint(low, high)
    power = ratio**n
    series = (power - 1) // (ratio - 1)
    answer = str(first * series)
    return Problem(
        question=geometric_sum.ask(rng, first=first, second=first * ratio, third=first * ratio**2, n=n),
        answer=answer,
        spec=INTEGER,
        solution=f"The ratio is {first * ratio}/{first} = {ratio} and {grouped(ratio)}^{n} = {power}.\n"
        f"The sum is {first} * ({power} - 1)/({ratio} - 1) = {first} * {grouped(series)} = {boxed(answer)}",
        given={"start": [first, first * ratio, first * ratio**2], "n": n},
        key=("geometric_sum", first, ratio, n),
    )


@geometric_sum.proof
def _geometric_sum(given: Given) -> str:
    first, second, third = given["start"]
    if second * second != first * third:
        raise ValueError("the sequence is not geometric")
    term, total = first, 0
    for _ in range(given["n"]):
        total += term
        term = term * second // first
    return str(total)
