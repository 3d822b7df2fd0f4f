"""Algebra with square roots: simplifying sums and products, rationalising denominators.

Where a formula of the same value would be the question itself, the answer asked for is the numbers in it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_tuple
from datagen.problems.fields.algebra.writing import (
    collection,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import TUPLE
from datagen.problems.text import boxed, grouped, square_part

SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15)
Surd = tuple[int, int]  # (a, n) of a * sqrt(n)


def _surd(term: Surd) -> str:
    return f"{ {1: '', -1: '-'}.get(term[0], f'{term[0]}*') }sqrt({term[1]})"


def _sum(terms: Sequence[Surd]) -> str:
    text = ""
    for factor, radicand in terms:
        joint = (" - " if factor < 0 else " + ") if text else "-" if factor < 0 else ""
        text += joint + (_surd((abs(factor), radicand)) if radicand != 1 else str(abs(factor)))
    return text


def _reduced(term: Surd) -> Surd:
    outside, inside = square_part(term[1])
    return term[0] * outside, inside


def _surd_terms(rng: random.Random, level: int) -> list[Surd]:
    """What is to be added up: multiples of one square root, at level 4 of two."""
    roots = rng.sample(SQUARE_FREE[: 10 if level < 4 else 6], 2 if level == 4 else 1)
    places = {1: [0], 2: [0, 0], 3: [0, 0, 0], 4: [0, 1, 0, 1]}[level]
    terms: list[Surd] = []
    for number, place in enumerate(places):
        factor = 1 if level < 3 else rng.randint(1, 5)
        factor *= rng.choice((1, -1)) if number else 1
        terms.append((factor, rng.randint(2, 12 if level == 1 else 9) ** 2 * roots[place]))
    return terms


def _collected(terms: Sequence[Surd]) -> dict[int, int]:
    """The sum by square-free radicand, zeros left out."""
    sums: dict[int, int] = {}
    for factor, inside in map(_reduced, terms):
        sums[inside] = sums.get(inside, 0) + factor
    return {inside: factor for inside, factor in sorted(sums.items()) if factor}


def _reduction(term: Surd) -> str:
    outside, inside = square_part(term[1])
    simple = _surd((outside, inside)) if inside > 1 else str(outside)
    return f"sqrt({term[1]}) = sqrt({outside**2} * {inside}) = {simple}"


@family(
    name="simplify_radical",
    wordings=(
        "Write {expression} in the form {form}, where {numbers}. Answer with {names}.",
        "The number {expression} equals {form}, where {numbers}. Find {names}.",
        "Simplify {expression} to {form}, where {numbers}. What is {names}?",
    ),
)
def simplify_radical(rng: random.Random, level: int) -> Problem:
    """A square root, a sum of square roots or a product of such sums, by taking squares out of each root."""
    while True:
        terms = _surd_terms(rng, level) if level < 5 else []
        if level == 5:
            text, lines, values, factors = _surd_product(rng)
        else:
            factors = [terms]
            text = _sum(terms)
            sums = _collected(terms)
            lines = [f"{_reduction(term)}." for term in dict.fromkeys((1, n) for _, n in terms)]
            if level > 1:
                lines.append(f"{text} = {_sum([_reduced(term) for term in terms])}.")
            values = [part for inside, factor in sums.items() for part in (factor, inside)]
        if len(values) == {4: 4, 5: 3}.get(level, 2):
            break
    form = {4: "a*sqrt(b) + c*sqrt(d)", 5: "a + b*sqrt(c)"}.get(level, "a*sqrt(b)")
    numbers = {
        4: "all four letters are integers, b and d have no square factor greater than 1 and 1 < b < d",
        5: "all three letters are integers and c > 1 has no square factor greater than 1",
    }.get(level, "both letters are integers and b > 1 has no square factor greater than 1")
    names = {4: "the tuple (a, b, c, d)", 5: "the triple (a, b, c)"}.get(level, "the pair (a, b)")
    answer = collection(values)
    pairs = list(zip(values[::2], values[1::2], strict=False))
    simple = _sum(pairs if level < 5 else [(values[0], 1), (values[1], values[2])])
    return Problem(
        question=simplify_radical.ask(rng, expression=text, form=form, numbers=numbers, names=names),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"So {text} = {simple}.", f"The numbers asked for are {boxed(answer)}"]),
        given={"factors": [[list(term) for term in factor] for factor in factors]},
        key=("simplify_radical", *sorted(tuple(sorted(factor)) for factor in factors)),
    )


def _surd_product(rng: random.Random) -> tuple[str, list[str], list[int], list[list[Surd]]]:
    """(p sqrt(a) + q sqrt(b))(r sqrt(a) + s sqrt(b)) with squares left in some of the roots."""
    a, b = rng.sample((2, 3, 5, 6, 7), 2)
    factors: list[list[Surd]] = []
    for _ in range(2):
        factor: list[Surd] = []
        for root in (a, b):
            square = rng.choice((1, 4, 9))
            factor.append((rng.randint(1, 4) * (rng.choice((1, -1)) if factor else 1), square * root))
        factors.append(factor)
    text = "".join(f"({_sum(factor)})" for factor in factors)
    simple = [[_reduced(term) for term in factor] for factor in factors]
    lines = []
    if simple != factors:
        lines.append(
            f"Take squares out of the roots: {text} = {''.join(f'({_sum(factor)})' for factor in simple)}."
        )
    products, shown = [], []
    for p, m in simple[0]:
        for q, n in simple[1]:
            products.append((p * q, m * n))
            shown.append(f"{grouped(p)}*{grouped(q)}*sqrt({m * n})")
    lines.append(f"Multiply out: {' + '.join(shown)}.")
    sums = _collected(products)
    lines.append(f"Each root in simplest form: {_sum([_reduced(term) for term in products])}.")
    numbers = " + ".join(grouped(p) for p, n in map(_reduced, products) if n == 1)
    others = " + ".join(grouped(p) for p, n in map(_reduced, products) if n > 1)
    root = max(sums)
    lines.append(
        f"Numbers: {numbers} = {sums.get(1, 0)}. Multiples of sqrt({root}): {others} = {sums[root]}."
    )
    rational = sums.pop(1, 0)
    values = [rational, *(part for inside, factor in sums.items() for part in (factor, inside))]
    return text, lines, values if rational else [], factors


@simplify_radical.proof
def _simplify_radical(given: Given) -> str:
    import sympy

    factors = [sympy.Add(*(p * sympy.sqrt(n) for p, n in factor)) for factor in given["factors"]]
    terms = sympy.Add.make_args(sympy.expand(sympy.Mul(*factors)))
    parts = sorted((int(root**2), factor) for factor, root in (term.as_coeff_Mul() for term in terms))
    if parts[0][0] == 1:
        return written_tuple([parts[0][1], parts[1][1], parts[1][0]])
    return written_tuple(value for inside, factor in parts for value in (factor, inside))


Binomial = tuple[Surd, Surd]


def _multiply(left: Sequence[Surd], right: Sequence[Surd]) -> dict[int, int]:
    return _collected([(p * q, m * n) for p, m in left for q, n in right])


@family(
    name="rationalise_denominator",
    wordings=(
        "Write {expression} in the form {form} with rational numbers p and q. Answer with the pair (p, q).",
        "Rationalise the denominator of {expression}: it equals {form} with rational p and q. "
        "What is the pair (p, q)?",
        "Find the pair of rational numbers (p, q) for which {expression} = {form}.",
    ),
)
def rationalise_denominator(rng: random.Random, level: int) -> Problem:
    """A fraction with a root below, multiplied above and below by the root or by the conjugate."""
    while True:
        above, below, roots = _surd_fraction(rng, level)
        multiplier = [below[0], *((-factor, n) for factor, n in below[1:])]
        norm = _multiply(below, multiplier).get(1, 0)
        over = _multiply(above, multiplier)
        first, second = (Fraction(over.get(n, 0), norm) if norm else Fraction(0) for n in roots)
        if first and second and first != second and norm != 1:
            break
    text = f"{_grouped_sum(above)}/{_grouped_sum(below, True)}"
    by = "the root" if len(below) == 1 else f"the conjugate {_sum(multiplier)}"
    form = f"p + q*sqrt({roots[1]})"
    answer = collection((first, second))
    fraction, conjugate, bottom = map(_grouped_sum, (above, multiplier, below))
    upper = _sum([(factor, n) for n, factor in over.items()])
    lines = [f"Multiply above and below by {by}: ({fraction}*{conjugate})/({bottom}*{conjugate})."]
    squares = _squares(below)
    lines.append(f"Below: {bottom}*{conjugate} = {squares}{f' = {norm}' if squares != str(norm) else ''}.")
    if fraction != "1":
        lines.append(f"Above: {fraction}*{conjugate} = {upper}.")
    lines.append(f"So the fraction is ({upper})/{grouped(norm)}, with p = {first} and q = {second}.")
    return Problem(
        question=rationalise_denominator.ask(rng, expression=text, form=form),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The pair is {boxed(answer)}"]),
        given={
            "above": [list(term) for term in above],
            "below": [list(term) for term in below],
            "root": roots[1],
        },
        key=("rationalise_denominator", tuple(sorted(above)), tuple(sorted(below))),
    )


def _grouped_sum(terms: Sequence[Surd], below: bool = False) -> str:
    text = _sum(terms)
    return f"({text})" if len(terms) > 1 or terms[0][0] < 0 or (below and "*" in text) else text


def _squares(below: Sequence[Surd]) -> str:
    """The difference of squares (or the square) that the denominator becomes."""
    squares = [factor**2 * n for factor, n in below]
    return " - ".join(map(str, squares))


def _surd_fraction(rng: random.Random, level: int) -> tuple[list[Surd], list[Surd], list[int]]:
    """Numerator, denominator, and the roots of the form asked for."""
    n = rng.choice(SQUARE_FREE)
    if level == 1:
        return [(nonzero(rng, 12), 1), (nonzero(rng, 12), n)], [(rng.randint(1, 3), n)], [1, n]
    if level == 2:
        return [(rng.randint(1, 12), 1)], [(rng.randint(1, 9), 1), (rng.choice((1, -1)), n)], [1, n]
    if level == 3:
        root = (nonzero(rng, 5), n)
        while abs(root[0]) == 1:
            root = (nonzero(rng, 5), n)
        return [(rng.randint(2, 15), 1)], [(rng.randint(1, 9), 1), root], [1, n]
    if level == 4:
        above = [(nonzero(rng, 9), 1), (nonzero(rng, 5), n)]
        return above, [(rng.randint(1, 9), 1), (nonzero(rng, 5), n)], [1, n]
    m, n = sorted(rng.sample((2, 3, 5, 7, 11, 13), 2))
    above = [(rng.randint(1, 5), m), (nonzero(rng, 5), n)]
    return above, [(rng.randint(1, 5), m), (nonzero(rng, 5), n)], [1, m * n]


@rationalise_denominator.proof
def _rationalise_denominator(given: Given) -> str:
    """a and b from the equation (a + b sqrt(n)) * denominator = numerator, root by root."""
    import sympy

    a, b = sympy.symbols("a b")
    above, below = (sympy.Add(*(p * sympy.sqrt(n) for p, n in given[side])) for side in ("above", "below"))
    form = a + b * sympy.sqrt(given["root"])
    remaining = sympy.expand(form * below - above)
    grouped_terms: dict[object, object] = {}
    for term in sympy.Add.make_args(remaining):
        constant = term.subs({a: 1, b: 1})
        root = constant.as_coeff_Mul()[1]
        grouped_terms[root] = grouped_terms.get(root, 0) + term / root
    solution = sympy.solve(list(grouped_terms.values()), [a, b])
    return written_tuple((solution[a], solution[b]))
