"""Algebra with sequences: terms of arithmetic and recursive ones, formulas of quadratic ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.writing import operand, plus
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPRESSION, INTEGER
from datagen.problems.text import boxed, capitalized, grouped, listing, ordinal, polynomial

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


def _order(level: int) -> int:
    return {1: 1, 2: 2, 3: 2, 4: 2, 5: 3}[level]


@family(
    name="recursive_sequence",
    wordings=(
        "A sequence starts with {start} and satisfies {rule} for all n >= {first}. Find a_{n}.",
        "Let {start}, and let {rule} for every n >= {first}. What is a_{n}?",
        "The terms of a sequence are given by {start} and, for n >= {first}, by {rule}. Compute a_{n}.",
    ),
)
def recursive_sequence(rng: random.Random, level: int) -> Problem:
    """A term of a linear recurrence of order one to three, worked term by term."""
    order = _order(level)
    large = 2 if level in (2, 5) else 3
    factors = [nonzero(rng, large) for _ in range(order)]
    if level == 1:
        factors = [rng.choice((-3, -2, 2, 3, 4, 5))]
    constant = nonzero(rng, 9) if level in (1, 4) else 0
    terms = [rng.randint(1, 9) if level < 3 else nonzero(rng, 9) for _ in range(order)]
    n = {1: rng.randint(4, 5), 2: 6, 3: 7, 4: 8, 5: 9}[level]
    lines = []
    while len(terms) < n:
        last = terms[: -order - 1 : -1]
        value = sum(f * t for f, t in zip(factors, last, strict=True)) + constant
        shown = " + ".join(f"{operand(f)}*{operand(t)}" for f, t in zip(factors, last, strict=True))
        terms.append(value)
        lines.append(f"a_{len(terms)} = {shown}{plus(constant)} = {value}.")
    names = [(f, f"a_(n-{back})") for back, f in enumerate(factors, 1)]
    rule = f"a_n = {_named_sum(names)}{plus(constant)}"
    start = listing([f"a_{place} = {value}" for place, value in enumerate(terms[:order], 1)])
    answer = str(terms[-1])
    return Problem(
        question=recursive_sequence.ask(rng, start=start, rule=rule, first=order + 1, n=n),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"So a_{n} = {boxed(answer)}"]),
        given={"factors": factors, "constant": constant, "start": terms[:order], "n": n},
        key=("recursive_sequence", tuple(factors), constant, tuple(terms[:order]), n),
    )


def _named_sum(terms: Sequence[tuple[int, str]]) -> str:
    text = ""
    for factor, name in terms:
        joint = (" + " if factor > 0 else " - ") if text else "-" if factor < 0 else ""
        text += joint + (name if abs(factor) == 1 else f"{abs(factor)}*{name}")
    return text


@recursive_sequence.proof
def _recursive_sequence(given: Given) -> str:
    """A power of the companion matrix, with a row for the constant, applied to the first terms."""
    import sympy

    order = len(given["factors"])
    step = sympy.zeros(order + 1)
    for row in range(order - 1):
        step[row, row + 1] = 1
    for place, factor in enumerate(given["factors"]):
        step[order - 1, order - 1 - place] = factor
    step[order - 1, order] = given["constant"]
    step[order, order] = 1
    state = step ** (given["n"] - 1) * sympy.Matrix([*given["start"], 1])
    return str(state[0])


@family(
    name="quadratic_sequence",
    wordings=(
        "The n-th term of a sequence is a quadratic polynomial in n, for n = 1, 2, 3, ... {facts} "
        "Find a formula for the n-th term.",
        "A sequence a_1, a_2, a_3, ... has a quadratic formula in n. {facts} What is a_n in terms of n?",
        "{facts} The n-th term, counted from n = 1, is given by a polynomial of degree 2 in n. Find it.",
    ),
)
def quadratic_sequence(rng: random.Random, level: int) -> Problem:
    """A quadratic formula for the terms of a sequence, from its second differences."""
    a = {1: 1, 2: 1}.get(level) or rng.choice((-4, -3, -2, 2, 3, 4, 5))
    b = 0 if level == 1 else nonzero(rng, 12)
    c, below = nonzero(rng, 60 if level == 1 else 20), 1
    if level == 4:
        a, below = rng.choice((-5, -3, -1, 1, 3, 5, 7)), 2
        b, c = 2 * rng.randint(-8, 8) + 1, 2 * nonzero(rng, 12)
    places = list(range(1, {1: 5, 4: 7}.get(level, 6)))
    terms = [(a * n * n + b * n + c) // below for n in places]
    answer = polynomial((a, b, c), "n")
    answer = f"({answer})/2" if below == 2 else answer
    if level == 5:
        places = sorted(rng.sample(range(2, 13), 3))
        values = [a * n * n + b * n + c for n in places]
        named = [f"the {ordinal(n)} term is {value}" for n, value in zip(places, values, strict=True)]
        facts = f"{capitalized(listing(named))}."
        lines = _from_three(places, values, (a, b, c))
    else:
        values = terms
        facts = f"The first {COUNT[len(terms)]} terms are {listing(list(map(str, terms)))}."
        lines = _from_differences(terms, Fraction(a, below), Fraction(b, below), Fraction(c, below))
    return Problem(
        question=quadratic_sequence.ask(rng, facts=facts),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join([*lines, f"The n-th term is {boxed(answer)}"]),
        given={"terms": [[n, value] for n, value in zip(places, values, strict=True)]},
        key=("quadratic_sequence", *zip(places, values, strict=True)),
    )


COUNT = {4: "four", 5: "five", 6: "six"}


def _from_differences(terms: Sequence[int], a: Fraction, b: Fraction, c: Fraction) -> list[str]:
    steps = [after - before for before, after in pairwise(terms)]
    second = steps[1] - steps[0]
    return [
        f"The differences are {listing(list(map(str, steps)))}; their differences are all {second}.",
        f"So the coefficient of n^2 is {second}/2" + (f" = {a}." if a.denominator == 1 else "."),
        f"From n = 1 to n = 2 the formula p*n^2 + q*n + r grows by 3p + q = {steps[0]}, so q = {b}.",
        f"At n = 1: p + q + r = {terms[0]}, so r = {c}.",
    ]


def _from_three(places: Sequence[int], values: Sequence[int], formula: tuple[int, int, int]) -> list[str]:
    a, b, c = formula
    (i, j, k), (u, v, w) = places, values
    first, second = Fraction(v - u, j - i), Fraction(w - v, k - j)
    return [
        "Let the n-th term be p*n^2 + q*n + r.",
        f"Slope from n = {i} to n = {j}: ({v}{plus(-u)})/({j} - {i}) = {first} = p*({i} + {j}) + q.",
        f"Slope from n = {j} to n = {k}: ({w}{plus(-v)})/({k} - {j}) = {second} = p*({j} + {k}) + q.",
        f"Subtract: p*({k} - {i}) = {second - first}, so p = {a}.",
        f"Then q = {first} - {operand(a)}*{i + j} = {b}.",
        f"At n = {i}: r = {u} - {operand(a)}*{i * i} - {operand(b)}*{i} = {c}.",
    ]


@quadratic_sequence.proof
def _quadratic_sequence(given: Given) -> str:
    import sympy

    n = sympy.Symbol("n")
    formula = sympy.interpolate([tuple(term) for term in given["terms"]], n)
    if sympy.degree(formula, n) != 2:
        raise ValueError("not quadratic")
    return str(formula).replace("**", "^")
