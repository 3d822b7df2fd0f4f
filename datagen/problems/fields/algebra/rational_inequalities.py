"""Algebra with inequalities between fractions that have x in the denominator, solved with sign charts."""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.intervals import RELATIONS, sign_chart, union
from datagen.problems.fields.algebra.readings import where, written_region
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    as_inequalities,
    bracketed,
    product,
    rational_roots,
    times,
    value_at,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTERVAL
from datagen.problems.text import boxed, listing, polynomial


@family(
    name="rational_inequality",
    wordings=(
        "Solve {inequality} for real x. Answer in interval notation.",
        "For which real numbers x is {inequality}? Use intervals, joined with U where there are several.",
        "Find all real x with {inequality}. Write the solution set in interval notation.",
    ),
)
def rational_inequality(rng: random.Random, level: int) -> Problem:
    """A fraction compared with a number or another fraction, solved with a sign chart."""
    relation = rng.choice(RELATIONS)
    make = (_two_factors, _two_factors, _against_number, _three_factors, _two_fractions)[level - 1]
    text, lines, above, below, sides = make(rng, level, relation)
    zeros, poles = rational_roots(above), rational_roots(below)
    places = sorted({*zeros, *poles})
    fraction = f"{bracketed(above)}/{bracketed(below)}"

    def function(x: Number) -> Number:
        return Fraction(value_at(above, x)) / value_at(below, x)

    chart, inside = sign_chart(function, places, relation)
    answer = union([(x, len(relation) == 2 and x not in poles) for x in places], inside)
    zero, pole = (listing([f"x = {x}" for x in found]) for found in (zeros, poles))
    note = " (part of the solution)" if len(relation) == 2 else ""
    lines.append(f"{fraction} is 0 at {zero}{note} and not defined at {pole}.")
    return Problem(
        question=rational_inequality.ask(rng, inequality=text),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, *chart, f"The solution is {boxed(answer)}"]),
        given={"left": sides[0], "relation": relation, "right": sides[1]},
        key=("rational_inequality", text),
    )


Fractional = tuple[str, list[str], list[int], list[int], list[list[list[int]]]]
"""Text, first steps, numerator and denominator to be compared with 0, and (above, below) of both sides."""


def _different(rng: random.Random, count: int, largest: int) -> list[int]:
    return rng.sample([x for x in range(-largest, largest + 1) if x], count)


def _two_factors(rng: random.Random, level: int, relation: str) -> Fractional:
    while True:
        p, q = _different(rng, 2, 9)
        a, c = (1, 1) if level == 1 else (rng.choice((-3, -2, 2, 3, 4)), rng.choice((1, 2, 3, 5)))
        above, below = [a, -p], [c, -q]
        if a * q != c * p:
            return (
                f"{bracketed(above)}/{bracketed(below)} {relation} 0",
                [],
                above,
                below,
                [[above, below], [[0], [1]]],
            )


def _against_number(rng: random.Random, level: int, relation: str) -> Fractional:
    while True:
        a, c, k = rng.randint(1, 7), rng.randint(1, 4), nonzero(rng, 6)
        above, below = [a, nonzero(rng, 9)], [c, nonzero(rng, 9)]
        over = [above[0] - k * c, above[1] - k * below[1]]
        if over[0] and over[0] * below[1] != over[1] * below[0]:
            break
    text = f"{bracketed(above)}/{bracketed(below)} {relation} {k}"
    moved = f"{'Subtract' if k > 0 else 'Add'} {abs(k)} on both sides, over the same denominator"
    multiple = f"{abs(k)}*{bracketed(below)}" if abs(k) > 1 else bracketed(below)
    start = f"({polynomial(above)} {'-' if k > 0 else '+'} {multiple})/{bracketed(below)}"
    lines = [f"{moved}: {start} = {bracketed(over)}/{bracketed(below)} {relation} 0."]
    return text, lines, over, below, [[above, below], [[k], [1]]]


def _three_factors(rng: random.Random, level: int, relation: str) -> Fractional:
    p, q, r = _different(rng, 3, 12)
    above, below = product([1, -p], [1, -q]), [1, -r]
    text = f"({polynomial(above)})/{bracketed(below)} {relation} 0"
    lines = [f"Factor the numerator: {polynomial(above)} = {bracketed([1, -p])}{bracketed([1, -q])}."]
    if rng.random() < 0.5:
        above, below = below, above
        text = f"{bracketed(above)}/({polynomial(below)}) {relation} 0"
        lines = [f"Factor the denominator: {polynomial(below)} = {bracketed([1, -p])}{bracketed([1, -q])}."]
    return text, lines, above, below, [[above, below], [[0], [1]]]


def _two_fractions(rng: random.Random, level: int, relation: str) -> Fractional:
    """m/(x - p) against n/(x - q)."""
    while True:
        p, q = _different(rng, 2, 9)
        m, n = nonzero(rng, 9), nonzero(rng, 9)
        above, below = [m - n, n * p - m * q], product([1, -p], [1, -q])
        if m != n and value_at(above, p) and value_at(above, q):
            break
    first, second = bracketed([1, -p]), bracketed([1, -q])
    text = f"{m}/{first} {relation} {n}/{second}"
    lines = ["Bring both fractions to the left, over one denominator:"]
    left, right = times(m, second), times(abs(n), first)
    start = f"({left} {'-' if n > 0 else '+'} {right})/({first}{second})"
    lines.append(f"{start} = ({polynomial(above)})/({first}{second}) {relation} 0.")
    return text, lines, above, below, [[[m], [1, -p]], [[n], [1, -q]]]


@rational_inequality.proof
def _rational_inequality(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    left, right = (
        sympy.Poly(above, x).as_expr() / sympy.Poly(below, x).as_expr()
        for above, below in (given["left"], given["right"])
    )
    above, below = sympy.fraction(sympy.together(left - right))
    return written_region(where([(sympy.expand(above), sympy.expand(below), given["relation"])]))


@rational_inequality.variants
def _poles_included(given: Given, answer: str) -> Variant:
    """Every end taken as part of the solution, or none; at least one end is a pole and no part of it."""
    closed = answer.replace("(-infinity", "<").replace("infinity)", ">")
    closed = closed.replace("(", "[").replace(")", "]").replace("<", "(-infinity").replace(">", "infinity)")
    opened = answer.replace("[", "(").replace("]", ")")
    return [as_inequalities(answer)], [miss for miss in (closed, opened) if miss != answer]
