"""Algebra with inequalities: linear, quadratic and rational ones, solved as intervals and their unions.

Constructions read the solution off the sign between the places where it can change; proofs ask sympy.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.intervals import FLIPPED, RELATIONS, ray
from datagen.problems.fields.algebra.readings import where, written_region
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    added,
    as_inequalities,
    bracketed,
    linear_factor,
    plus,
    product,
    quadratic_formula,
    rational_roots,
    some_fraction,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTERVAL
from datagen.problems.text import boxed, grouped, linear, listing, polynomial, square_part, surd

LINEAR_SIZES = {1: (2, 9, 20), 2: (2, 9, 20), 3: (2, 9, 25), 4: (2, 9, 30), 5: (2, 9, 9)}


@family(
    name="linear_inequality",
    wordings=(
        "Solve {inequality} for real x. Answer in interval notation.",
        "For which real numbers x is {inequality}? Give the solution as an interval.",
        "Find all real x with {inequality}. Write the solution set in interval notation.",
    ),
)
def linear_inequality(rng: random.Random, level: int) -> Problem:
    """A linear inequality, solved step by step; dividing by a negative number turns it round."""
    relation = rng.choice(RELATIONS)
    make = _double_inequality if level == 4 else _fraction_inequality if level == 5 else _plain_inequality
    text, lines, answer, parts = make(rng, level, relation)
    return Problem(
        question=linear_inequality.ask(rng, inequality=text),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, f"The solution is {boxed(answer)}"]),
        given={"parts": parts},
        key=("linear_inequality", text),
    )


Made = tuple[str, list[str], str, list[list[object]]]  # text, steps, answer, [[left, relation, right], ...]


def _plain_inequality(rng: random.Random, level: int, relation: str) -> Made:
    """ax + b against cx + d, with c = 0 and a of one sign below level 3."""
    _, large, constants = LINEAR_SIZES[level]
    a = rng.randint(2, large) * (-1 if level == 2 else 1)
    c = 0
    if level == 3:
        a = rng.choice((1, -1)) * a
        c = rng.choice([c for c in range(-9, 10) if c and abs(a - c) > 1])
    b, d = nonzero(rng, constants), nonzero(rng, constants)
    left, right = linear([(a, "x"), (b, "")]), linear([(c, "x"), (d, "")])
    text = f"{left} {relation} {right}"
    lines = []
    if c:
        moved = f"{abs(c)}x" if abs(c) > 1 else "x"
        verb = "Subtract" if c > 0 else "Add"
        lines.append(f"{verb} {moved} on both sides: {linear([(a - c, 'x'), (b, '')])} {relation} {d}.")
    done, bound, last = _divided_off(a - c, d - b, relation)
    shift = f"{'Subtract' if b > 0 else 'Add'} {abs(b)} on both sides"
    lines += [f"{shift}: {linear([(a - c, 'x')])} {relation} {d - b}.", last]
    return text, lines, ray(done, bound), [[[a, b], relation, [c, d]]]


def _divided_off(a: int, b: int, relation: str) -> tuple[str, Fraction, str]:
    """The relation, the bound and the sentence of dividing `ax relation b` by a."""
    done = relation if a > 0 else FLIPPED[relation]
    bound = Fraction(b, a)
    turned = ", which is negative and turns the sign round" if a < 0 else ""
    return done, bound, f"Divide by {a}{turned}: x {done} {bound}."


def _double_inequality(rng: random.Random, level: int, relation: str) -> Made:
    """low < ax + b <= high, with a bounded interval as the solution."""
    a, b = nonzero(rng, 9), nonzero(rng, 20)
    while abs(a) == 1:
        a = nonzero(rng, 9)
    low = rng.randint(-40, 30)
    high = low + rng.randint(2, 40)
    first, second = rng.choice(("<", "<=")), rng.choice(("<", "<="))
    text = f"{low} {first} {linear([(a, 'x'), (b, '')])} {second} {high}"
    shift = f"{'Subtract' if b > 0 else 'Add'} {abs(b)} everywhere"
    lines = [f"{shift}: {low - b} {first} {linear([(a, 'x')])} {second} {high - b}."]
    ends = (Fraction(low - b, a), Fraction(high - b, a))
    one, other = (FLIPPED[first], FLIPPED[second]) if a < 0 else (first, second)
    turned = ", which is negative and turns both signs round" if a < 0 else ""
    lines.append(f"Divide by {a}{turned}: {ends[0]} {one} x {other} {ends[1]}.")
    if a < 0:
        ends, (first, second) = (ends[1], ends[0]), (second, first)
        lines.append(f"Read from the smaller end: {ends[0]} {first} x {second} {ends[1]}.")
    answer = f"{'[' if first == '<=' else '('}{ends[0]}, {ends[1]}{']' if second == '<=' else ')'}"
    shown = text.split()
    parts: list[list[object]] = [[[0, low], shown[1], [a, b]], [[a, b], shown[-2], [0, high]]]
    return text, lines, answer, parts


def _fraction_inequality(rng: random.Random, level: int, relation: str) -> Made:
    """(ax + b)/m against (cx + d)/n + e."""
    while True:
        a, c = nonzero(rng, 7), nonzero(rng, 7)
        m, n = rng.sample((2, 3, 4, 5, 6, 7), 2)
        b, d, e = (nonzero(rng, 9) for _ in range(3))
        if a * n != c * m:
            break
    left, right = linear([(a, "x"), (b, "")]), linear([(c, "x"), (d, "")])
    text = f"({left})/{m} {relation} ({right})/{n}{plus(e)}"
    product_line = (
        f"Multiply by {m * n}, which is positive: {n}({left}) {relation} {m}({right}){plus(e * m * n)}."
    )
    constant = m * d + e * m * n
    sides = f"{linear([(n * a, 'x'), (n * b, '')])} {relation} {linear([(m * c, 'x'), (constant, '')])}"
    slope = n * a - m * c
    done, bound, last = _divided_off(slope, constant - n * b, relation)
    collected = f"{linear([(slope, 'x')])} {relation} {constant - n * b}"
    lines = [
        product_line,
        f"Multiply out: {sides}.",
        f"Collect x on the left, numbers on the right: {collected}.",
    ]
    lines += [last] if slope != 1 else []
    return (
        text,
        lines,
        ray(done, bound),
        [
            [
                [f"{Fraction(a, m)}", f"{Fraction(b, m)}"],
                relation,
                [f"{Fraction(c, n)}", f"{Fraction(d, n) + e}"],
            ]
        ],
    )


@linear_inequality.variants
def _as_an_inequality(given: Given, answer: str) -> Variant:
    """The sign left as it was where it must be turned round."""
    low, high = answer[1:-1].split(", ")
    if "infinity" not in answer:
        return [as_inequalities(answer)], [f"(-infinity, {low}) U ({high}, infinity)"]
    turned = ray("<" if high == "infinity" else ">", low if high == "infinity" else high)
    return [as_inequalities(answer)], [turned]


@linear_inequality.proof
def _linear_inequality(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    conditions = []
    for (a, b), relation, (c, d) in given["parts"]:
        a, b, c, d = map(sympy.Rational, (a, b, c, d))
        conditions.append((a * x + b - c * x - d, 1, relation))
    return written_region(where(conditions))


def _quadratic(rng: random.Random, level: int, relation: str) -> list[int]:
    """Two integer roots; a common factor too; fractions as roots, or now and then a double root."""
    if level == 3 and len(relation) == 1 and rng.random() < 0.3:
        root = linear_factor(some_fraction(rng, 15, (2, 3)))
        return product([1 if relation == ">" else -1], root, root)
    while True:
        if level < 3:
            roots: list[Number] = [nonzero(rng, 10 if level == 1 else 14) for _ in range(2)]
        else:
            roots = [some_fraction(rng, 9), rng.choice((some_fraction(rng, 9), Fraction(nonzero(rng, 9))))]
        content = (1, rng.choice((-4, -3, -2, -1, 2, 3)), rng.choice((-1, -1, 1)), rng.choice((-1, 1, 1)))[
            level - 1
        ]
        if roots[0] != roots[1]:
            return product([content], *map(linear_factor, roots))


def _rational_ends(coefficients: Sequence[int], level: int) -> tuple[list[str], list[str]]:
    """The roots and how they are found: by factoring below level 3, then by the formula."""
    roots = rational_roots(coefficients)
    ends = list(map(str, roots))
    if level > 2:
        return ends, [quadratic_formula(coefficients)]
    factors = "".join(bracketed(linear_factor(root)) for root in roots)
    return ends, [f"{polynomial(coefficients)} = {factors}, so the roots are {listing(ends)}."]


def _irrational_ends(rng: random.Random) -> tuple[list[int], list[str], list[str]]:
    """x^2 - 2hx + (h^2 - k), its roots h - sqrt(k) and h + sqrt(k), and how they are found."""
    h, k = nonzero(rng, 9), rng.randint(2, 60)
    while square_part(k)[1] == 1:
        k = rng.randint(2, 60)
    ends, root = [f"{h} - {surd(1, k)}", f"{h} + {surd(1, k)}"], f"sqrt({4 * k})"
    return (
        [1, -2 * h, h * h - k],
        ends,
        [
            f"The discriminant is {grouped(-2 * h)}^2 - 4 * 1 * {grouped(h * h - k)} = {4 * k}.",
            f"The roots are ({2 * h} - {root})/2 = {ends[0]} and ({2 * h} + {root})/2 = {ends[1]}.",
        ],
    )


@family(
    name="quadratic_inequality",
    wordings=(
        "Solve {inequality} for real x. Answer in interval notation.",
        "For which real numbers x is {inequality}? Use intervals, joined with U where there are two.",
        "Find all real x with {inequality}. Write the solution set in interval notation.",
    ),
)
def quadratic_inequality(rng: random.Random, level: int) -> Problem:
    """A quadratic inequality, solved through its roots and the parabola, made to open upwards."""
    relation, right = rng.choice(RELATIONS), [0]
    steps: list[str] = []
    if level == 5:
        coefficients, ends, steps = _irrational_ends(rng)
    else:
        coefficients = _quadratic(rng, level, relation)
    if level > 3:
        right = [rng.randint(1, 4), nonzero(rng, 9), nonzero(rng, 20)]
    left = added(coefficients, right)
    text = f"{polynomial(left)} {relation} {polynomial(right)}"
    given = {"left": left, "relation": relation, "right": right}
    lines = [f"Bring everything to the left: {polynomial(coefficients)} {relation} 0."] if level > 3 else []
    content = coefficients[0] if level == 2 else -1 if coefficients[0] < 0 else 1
    if content != 1:
        coefficients = [c // content for c in coefficients]
        relation = relation if content > 0 else FLIPPED[relation]
        how = "Multiply by -1" if content == -1 else f"Divide by {content}"
        turned = ", which turns the sign round" if content < 0 else ""
        lines.append(f"{how}{turned}: {polynomial(coefficients)} {relation} 0.")
    if level < 5:
        ends, steps = _rational_ends(coefficients, level)
    outside = relation in (">", ">=")
    answer = _outer(ends, relation) if outside else _inner(ends, relation)
    place = "outside the roots" if outside else "between the roots"
    if len(ends) == 1:
        place = f"everywhere but at the double root {ends[0]}"
    equal = ", and 0 at the roots, which belong to the solution" if len(relation) == 2 else ""
    sign = "positive" if outside else "negative"
    lines += [*steps, f"The parabola opens upwards, so the left side is {sign} {place}{equal}."]
    return Problem(
        question=quadratic_inequality.ask(rng, inequality=text),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, f"The solution is {boxed(answer)}"]),
        given=given,
        key=("quadratic_inequality", text),
    )


def _outer(ends: Sequence[str], relation: str) -> str:
    opening, closing = ("[", "]") if len(relation) == 2 else ("(", ")")
    return f"(-infinity, {ends[0]}{closing} U {opening}{ends[-1]}, infinity)"


def _inner(ends: Sequence[str], relation: str) -> str:
    opening, closing = ("[", "]") if len(relation) == 2 else ("(", ")")
    return f"{opening}{ends[0]}, {ends[1]}{closing}"


@quadratic_inequality.proof
def _quadratic_inequality(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    difference = sympy.Poly(given["left"], x) - sympy.Poly(given["right"], x)
    return written_region(where([(difference, 1, given["relation"])]))


@quadratic_inequality.variants
def _the_other_side(given: Given, answer: str) -> Variant:
    """Between the roots and outside them taken for each other."""
    pieces = answer.split(" U ")
    if len(pieces) == 1:
        low, high = answer[1:-1].split(", ")
        return [as_inequalities(answer)], [_outer((low, high), given["relation"])]
    low, high = pieces[0][1:-1].split(", ")[1], pieces[1][1:-1].split(", ")[0]
    inner = [_inner((low, high), given["relation"])] if low != high else []
    return [as_inequalities(answer)], ["(-infinity, infinity)", *inner]
