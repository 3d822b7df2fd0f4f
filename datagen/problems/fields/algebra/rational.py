"""Algebra with fractions of polynomials: reducing them to lowest terms, partial fractions.

A fraction equals its simplified form, so the answers asked for are the numerator and the denominator, or the
constants: the question repeated is none of these.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_tuple
from datagen.problems.fields.algebra.writing import (
    Variant,
    added,
    bracketed,
    collection,
    plus,
    product,
    times,
    value_at,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import PAIR, TUPLE
from datagen.problems.text import boxed, polynomial

Factors = list[list[int]]


def _roots(rng: random.Random, count: int, largest: int) -> list[int]:
    """Different integers other than 0, from -largest to largest."""
    return rng.sample([x for x in range(-largest, largest + 1) if x], count)


def _over(above: Sequence[int], below: Sequence[int]) -> str:
    top = f"({polynomial(above)})" if len(above) > 1 else polynomial(above)
    return f"{top}/({polynomial(below)})"


def _factored(factors: Factors) -> str:
    return "".join(map(bracketed, factors))


Reduced = tuple[str, list[str], list[int], list[int], list[list[list[int]]], str]
"""Text, steps, numerator and denominator in lowest terms, the fractions given, and how they are joined."""


def _one_fraction(rng: random.Random, level: int) -> Reduced:
    """One fraction of quadratics, at level 2 with a leading coefficient above."""
    p, q, r = _roots(rng, 3, 9)
    common = [1, -p]
    above = [1, -q] if level == 1 else [rng.randint(2, 5), nonzero(rng, 9)]
    below = [1, -r]
    while level == 2 and not (above[0] * r + above[1] and above[1] % above[0]):
        above = [rng.randint(2, 5), nonzero(rng, 9)]
    whole = product(common, above), product(common, below)
    lines = [
        f"{polynomial(whole[0])} = {_factored([common, above])}.",
        f"{polynomial(whole[1])} = {_factored([common, below])}.",
        f"Cancel the common factor {bracketed(common)}: {_over(above, below)}.",
    ]
    return _over(*whole), lines, above, below, [[list(part) for part in whole]], "*"


def _two_fractions_multiplied(rng: random.Random, level: int) -> Reduced:
    """((x-p)(x-q))/((x-r)(x-s)) * ((x-r)(x-t))/((x-p)(x-u)) = ((x-q)(x-t))/((x-s)(x-u)), or divided."""
    p, q, r, s, t, u = ([1, -x] for x in _roots(rng, 6, 9))
    first, second = [[p, q], [r, s]], [[r, t], [p, u]]
    above, below = product(q, t), product(s, u)
    fractions = [[product(*part) for part in fraction] for fraction in (first, second)]
    divide = rng.random() < 0.5
    shown = fractions if not divide else [fractions[0], fractions[1][::-1]]
    joint = " / " if divide else " * "
    text = joint.join(f"({_over(*fraction)})" for fraction in shown)
    lines = ["Divide by multiplying with the second fraction turned over."] if divide else []
    lines += [
        f"{polynomial(product(*part))} = {_factored(part)}."
        for fraction in (first, second)
        for part in fraction
    ]
    together = f"({_factored([p, q, r, t])})/({_factored([r, s, p, u])})"
    lines.append(f"Together: {together}. Cancel {bracketed(p)} and {bracketed(r)}.")
    lines.append(f"What is left is ({_factored([q, t])})/({_factored([s, u])}) = {_over(above, below)}.")
    return text, lines, above, below, shown, joint.strip()


def _two_fractions_added(rng: random.Random, level: int) -> Reduced:
    """m/((x-p)(x-q)) + n/((x-p)(x-r)) at level 3; at level 5 with linear numerators, and x - p cancels."""
    while True:
        p, q, r = _roots(rng, 3, 9)
        if level == 3:
            above = [[nonzero(rng, 9)], [nonzero(rng, 9)]]
        else:
            t, a, c = nonzero(rng, 3), nonzero(rng, 9), nonzero(rng, 9)
            above = [[a, t * (p - q) - a * p], [c, -t * (p - r) - c * p]]
        top = added(product(above[0], [1, -r]), product(above[1], [1, -q]))
        if level == 3 and len(top) == 2 and all(value_at(top, x) for x in (p, q, r)):
            break
        if level == 5 and len(top) == 3 and all(len(part) == 2 and part[1] for part in above):
            rest = [top[0], top[1] + top[0] * p]
            if rest[1] and all(value_at(rest, x) for x in (p, q, r)) and all(value_at(a, p) for a in above):
                break
    shared, first, second = [1, -p], [1, -q], [1, -r]
    below = [product(shared, first), product(shared, second)]
    minus = len(above[1]) == 1 and above[1][0] < 0
    shown = [above[0], [-above[1][0]] if minus else above[1]]
    sign = "-" if minus else "+"
    text = f"{_over(shown[0], below[0])} {sign} {_over(shown[1], below[1])}"
    common = _factored([shared, first, second])
    lines = [
        f"{polynomial(part)} = {_factored([shared, other])}."
        for part, other in zip(below, (first, second), strict=True)
    ]
    parts = [(shown[0], second), (shown[1], first)]
    left, right = (
        times(part[0], bracketed(other)) if len(part) == 1 else f"{bracketed(part)}{bracketed(other)}"
        for part, other in parts
    )
    lines.append(f"Over the common denominator {common} the numerator is {left} {sign} {right}.")
    expanded = [polynomial(product(part, other)) for part, other in parts]
    lines.append(f"That is ({expanded[0]}) {sign} ({expanded[1]}) = {polynomial(top)}.")
    if level == 3:
        bottom = product(shared, first, second)
        lines.append(f"No factor below divides it; multiplied out, the denominator is {polynomial(bottom)}.")
        return text, lines, top, bottom, _listed(above, below), "+"
    bottom = product(first, second)
    lines.append(f"{polynomial(top)} = {_factored([shared, rest])}, so {bracketed(shared)} cancels.")
    lines.append(f"What is left is {bracketed(rest)}/({_factored([first, second])}) = {_over(rest, bottom)}.")
    return text, lines, rest, bottom, _listed(above, below), "+"


def _listed(above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> list[list[list[int]]]:
    return [[list(a), list(b)] for a, b in zip(above, below, strict=True)]


@family(
    name="rational_expression",
    wordings=(
        "Write {expression} as one fraction P/Q in lowest terms, where Q is a polynomial with leading "
        "coefficient 1. Answer with the pair of polynomials (P, Q).",
        "Simplify {expression} to P/Q, where the polynomials P and Q have no common factor and the leading "
        "coefficient of Q is 1. Answer as (P, Q).",
        "Reduce {expression} to a single fraction P/Q without common factors, Q with leading coefficient 1. "
        "What is the pair (P, Q)?",
    ),
)
def rational_expression(rng: random.Random, level: int) -> Problem:
    """Fractions of polynomials, factored, put together and reduced to lowest terms."""
    make = {3: _two_fractions_added, 4: _two_fractions_multiplied, 5: _two_fractions_added}.get(
        level, _one_fraction
    )
    text, lines, above, below, fractions, joint = make(rng, level)
    answer = f"({polynomial(above)}, {polynomial(below)})"
    return Problem(
        question=rational_expression.ask(rng, expression=text),
        answer=answer,
        spec=PAIR,
        solution="\n".join([*lines, f"So (P, Q) = {boxed(answer)}"]),
        given={"fractions": fractions, "joined_by": joint},
        key=("rational_expression", joint, *(tuple(map(tuple, fraction)) for fraction in fractions)),
    )


@rational_expression.proof
def _rational_expression(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    parts = [
        sympy.Poly(above, x).as_expr() / sympy.Poly(below, x).as_expr() for above, below in given["fractions"]
    ]
    first, second = [*parts, 1][:2]
    whole = {"+": first + second, "*": first * second, "/": first / second}[given["joined_by"]]
    above, below = sympy.fraction(sympy.cancel(sympy.together(whole)))
    leading = sympy.LC(below, x)
    return written_tuple((sympy.expand(above / leading), sympy.expand(below / leading)))


@rational_expression.variants
def _factored_parts(given: Given, answer: str) -> Variant:
    """The fraction itself is no pair; nor is it in lowest terms when both parts are multiplied."""
    above, below = answer[1:-1].split(", ")
    scaled = f"((x + 11)({above}), (x + 11)({below}))"
    return [f"P = {above}, Q = {below}"], [f"({below}, {above})", scaled, f"(2({above}), 2({below}))"]


def _partial(rng: random.Random, level: int) -> tuple[list[int], list[Fraction], bool]:
    """The roots of the denominator, the constants above them, and whether the first root is double."""
    count = 2 if level < 4 else 3
    roots = sorted(_roots(rng, 2 if level == 5 else count, 9))
    while True:
        constants = [Fraction(nonzero(rng, 9), 2 if level == 3 else 1) for _ in range(count)]
        if level == 1:
            constants[1] = -constants[0]
        if level in (2, 3) and (
            sum(constants) == 0 or (level == 3 and all(c.denominator == 1 for c in constants))
        ):
            continue
        return roots, constants, level == 5


NAMES = ("A", "B", "C")


@family(
    name="partial_fractions",
    wordings=(
        "Find the constants with {fraction} = {sum}. Answer with the {names}.",
        "Decompose {fraction} into partial fractions, {sum}. What is the {names}?",
        "The equation {fraction} = {sum} holds for every x where both sides are defined. Give the {names}.",
    ),
)
def partial_fractions(rng: random.Random, level: int) -> Problem:
    """The constants of a decomposition into partial fractions, by putting the roots of the denominator in."""
    while True:
        roots, constants, double = _partial(rng, level)
        factors = (
            [[1, -roots[0]], [1, -roots[0]], [1, -roots[1]]] if double else [[1, -root] for root in roots]
        )
        below = product(*factors)
        partners = _partners(factors, double)
        doubled = [int(2 * constant) for constant in constants]
        top = [0]
        for number, partner in zip(doubled, partners, strict=True):
            top = added(top, partner, number)
        if top and all(c % 2 == 0 for c in top):
            above = [c // 2 for c in top]
            if all(value_at(above, root) for root in roots):
                break
    unknown = NAMES[: len(constants)]
    bottoms = [bracketed(factor) for factor in factors]
    if double:
        bottoms[1] = f"{bottoms[0]}^2"
    shape = " + ".join(f"{name}/{bottom}" for name, bottom in zip(unknown, bottoms, strict=True))
    shown = "".join(map(bracketed, factors)) if not double else f"{bottoms[1]}{bottoms[2]}"
    bottom = f"({polynomial(below)})" if level in (2, 3) else f"({shown})"
    top_text = f"({polynomial(above)})" if len(above) > 1 else polynomial(above)
    answer = collection(constants)
    lines = [f"The denominator is {polynomial(below)} = {shown}."] if level in (2, 3) else []
    lines += _put_in(above, partners, roots, constants, double)
    names = {2: "pair (A, B)", 3: "triple (A, B, C)"}[len(constants)]
    return Problem(
        question=partial_fractions.ask(rng, fraction=f"{top_text}/{bottom}", sum=shape, names=names),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The constants are {boxed(answer)}"]),
        given={
            "above": above,
            "below": below,
            "parts": [_part(factors, place, double) for place in range(len(unknown))],
        },
        key=("partial_fractions", tuple(above), tuple(below)),
    )


def _part(factors: Factors, place: int, double: bool) -> list[int]:
    return product(factors[0], factors[1]) if double and place == 1 else factors[place]


def _partners(factors: Factors, double: bool) -> Factors:
    """What each constant is multiplied with when the denominators are cleared."""
    if double:
        return [product(factors[0], factors[2]), factors[2], product(factors[0], factors[1])]
    return [
        product(*(f for other, f in enumerate(factors) if other != place)) for place in range(len(factors))
    ]


def _put_in(
    above: Sequence[int], partners: Factors, roots: Sequence[int], constants: Sequence[Fraction], double: bool
) -> list[str]:
    """The cleared equation at each root; with a double root also the leading coefficients."""
    names = NAMES[: len(constants)]
    cleared = " + ".join(
        f"{name}*{bracketed(partner)}" for name, partner in zip(names, partners, strict=True)
    )
    lines = [f"Multiply by the denominator: {polynomial(above)} = {cleared}."]
    lines.append("At a root of the denominator all terms on the right but one are 0.")
    places = [(1, roots[0]), (2, roots[1])] if double else list(enumerate(roots))
    for place, root in places:
        left, factor = value_at(above, root), int(value_at(partners[place], root))
        line = f"At x = {root}: {left} = {times(factor, names[place])}"
        lines.append(line + (f", so {names[place]} = {constants[place]}." if factor != 1 else "."))
    if double:
        square = ([0, 0, *above])[-3]
        first = f"{names[0]} + {names[2]} = {square}"
        lines.append(
            f"The coefficients of x^2: {first}, so A = {square}{plus(-constants[2])} = {constants[0]}."
        )
    return lines


@partial_fractions.proof
def _partial_fractions(given: Given) -> str:
    """The constants from linear equations between the coefficients."""
    import sympy

    x = sympy.Symbol("x")
    unknown = sympy.symbols("A B C")[: len(given["parts"])]
    below = sympy.Poly(given["below"], x)
    total = sympy.Poly(given["above"], x).as_expr()
    for name, part in zip(unknown, given["parts"], strict=True):
        total -= name * sympy.quo(below, sympy.Poly(part, x)).as_expr()
    (solution,) = sympy.linsolve(sympy.Poly(total, x).coeffs(), unknown)
    return written_tuple(solution)
