"""Algebra with inequalities: linear, quadratic and rational ones, solved as intervals and their unions.

Constructions read the solution off the sign between the places where it can change; proofs ask sympy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
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
    times,
    value_at,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTERVAL
from datagen.problems.text import boxed, grouped, linear, listing, polynomial, square_part, surd

RELATIONS = ("<", "<=", ">", ">=")
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
FORM = "interval notation, like (-infinity, 3] U (5, infinity)"


def ray(relation: str, bound: Number) -> str:
    """The numbers that are `<`, `<=`, `>` or `>=` the bound."""
    if relation in ("<", "<="):
        return f"(-infinity, {bound}{']' if relation == '<=' else ')'}"
    return f"{'[' if relation == '>=' else '('}{bound}, infinity)"


def union(points: Sequence[tuple[Number, bool]], inside: Sequence[bool]) -> str:
    """The solution in interval notation.

    `points` are (place, whether it belongs to the solution) in rising order, `inside` says of each of the
    intervals between them, the outer ones too, whether it belongs.
    """
    pieces: list[str] = []
    start: str | None = "(-infinity" if inside[0] else None
    for (place, belongs), before, after in zip(points, inside, inside[1:], strict=False):
        if before and not (belongs and after):
            pieces.append(f"{start}, {place}{']' if belongs else ')'}")
            start = None
        if after and start is None:
            start = f"{'[' if belongs else '('}{place}"
    if start is not None:
        pieces.append(f"{start}, infinity)")
    return " U ".join(pieces)


def between(places: Sequence[Number]) -> list[Number]:
    """A number in each of the intervals into which rising `places` cut the line, an integer if one fits."""
    samples: list[Number] = [places[0] // 1 - 1]
    for low, high in pairwise(places):
        whole = low // 1 + 1
        samples.append(whole if whole < high else Fraction(low + high) / 2)
    return [*samples, places[-1] // 1 + 1]


def holds(value: Number, relation: str) -> bool:
    """Whether `value relation 0`."""
    return {"<": value < 0, "<=": value <= 0, ">": value > 0, ">=": value >= 0}[relation]


def sign_chart(
    function: Callable[[Number], Number], places: Sequence[Number], relation: str
) -> tuple[list[str], list[bool]]:
    """A line on the sign in each interval between the places, and in which of them `relation 0` holds."""
    ends = ["-infinity", *map(str, places), "infinity"]
    lines, inside = [], []
    for low, high, x in zip(ends, ends[1:], between(places), strict=False):
        value = function(x)
        inside.append(holds(value, relation))
        sign = "positive" if value > 0 else "negative"
        lines.append(f"On ({low}, {high}) it is {sign}: at x = {x} the value is {value}.")
    return lines, inside


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


def _irrational(rng: random.Random) -> tuple[list[int], list[str]]:
    """x^2 - 2hx + (h^2 - k) with the roots h - sqrt(k) and h + sqrt(k), and these written out."""
    h = nonzero(rng, 9)
    while True:
        k = rng.randint(2, 60)
        if square_part(k)[1] > 1:
            return [1, -2 * h, h * h - k], [f"{h} - {surd(1, k)}", f"{h} + {surd(1, k)}"]


def _quadratic(rng: random.Random, level: int) -> list[int]:
    """Two integer roots with 1 in front, with a negative number in front, then fractions as roots."""
    while True:
        if level < 3:
            roots: list[Number] = [nonzero(rng, 10 if level == 1 else 14) for _ in range(2)]
        else:
            roots = [some_fraction(rng, 9), rng.choice((some_fraction(rng, 9), Fraction(nonzero(rng, 9))))]
        sign = -rng.randint(1, 4) if level == 2 else -1 if level > 2 and rng.random() < 0.3 else 1
        if roots[0] != roots[1]:
            return product([sign], *map(linear_factor, roots))


@family(
    name="quadratic_inequality",
    wordings=(
        "Solve {inequality} for real x. Answer in interval notation.",
        "For which real numbers x is {inequality}? Use intervals, joined with U where there are two.",
        "Find all real x with {inequality}. Write the solution set in interval notation.",
    ),
)
def quadratic_inequality(rng: random.Random, level: int) -> Problem:
    """A quadratic inequality, solved through its roots and the way the parabola opens."""
    relation, shown = rng.choice(RELATIONS), [0]
    lines: list[str] = []
    if level == 5:
        coefficients, ends = _irrational(rng)
    elif level == 3 and rng.random() < 0.15:
        root, relation = some_fraction(rng, 9, (2, 3)), rng.choice(("<", ">"))
        sign = 1 if relation == ">" else -1
        coefficients, ends = product([sign], linear_factor(root), linear_factor(root)), [str(root)]
    else:
        coefficients, ends = _quadratic(rng, level), []
    if level > 3:
        shown = [rng.randint(1, 4), nonzero(rng, 9), nonzero(rng, 20)]
        if level == 4:
            lines.append(f"Bring everything to the left: {polynomial(coefficients)} {relation} 0.")
    text = f"{polynomial(added(coefficients, shown))} {relation} {polynomial(shown)}"
    given = {"left": added(coefficients, shown), "relation": relation, "right": shown}
    if level == 2:
        times_less = coefficients[0]
        coefficients, relation = [c // times_less for c in coefficients], FLIPPED[relation]
        how = "Multiply by -1" if times_less == -1 else f"Divide by {times_less}"
        lines.append(f"{how}, which turns the sign round: {polynomial(coefficients)} {relation} 0.")
    if level == 5:
        k = coefficients[1] ** 2 // 4 - coefficients[2]
        h = -coefficients[1] // 2
        lines.append(f"Bring everything to the left: {polynomial(coefficients)} {relation} 0.")
        lines.append(f"The discriminant is {grouped(-2 * h)}^2 - 4 * 1 * {grouped(h * h - k)} = {4 * k}.")
        root = f"sqrt({4 * k})"
        lines.append(f"The roots are ({2 * h} - {root})/2 = {ends[0]} and ({2 * h} + {root})/2 = {ends[1]}.")
    else:
        roots = rational_roots(coefficients)
        ends = list(map(str, roots))
        if level < 3:
            factors = "".join(bracketed(linear_factor(root)) for root in roots)
            split = f"{polynomial(coefficients)} = {factors}"
            lines.append(f"{split}, so the roots are {listing(ends)}.")
        else:
            lines.append(quadratic_formula(coefficients))
    outside = (coefficients[0] > 0) == (relation in (">", ">="))
    answer = _outer(ends, relation) if outside else _inner(ends, relation)
    opens = "upwards" if coefficients[0] > 0 else "downwards"
    sign = "positive" if relation in (">", ">=") else "negative"
    place = "outside the roots" if len(ends) == 2 and outside else "between the roots"
    if len(ends) == 1:
        place = f"everywhere but at the double root {ends[0]}"
    equal = ", and 0 at the roots, which belong to the solution" if len(relation) == 2 else ""
    lines.append(f"The parabola opens {opens}, so the left side is {sign} {place}{equal}.")
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
