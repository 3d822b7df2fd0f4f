"""Algebra with polynomials in x: factoring, common divisors, division with remainder.

Constructions multiply factors that are known; proofs factor and divide with sympy.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written, written_tuple
from datagen.problems.fields.algebra.writing import (
    Variant,
    added,
    bracketed,
    plus,
    primitive,
    product,
    root_taken_out,
    times,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPANDED, FACTORED, PAIR
from datagen.problems.text import boxed, grouped, monomial, polynomial


def _factored(content: int, factors: Sequence[Sequence[int]]) -> str:
    """`2x(x - 3)^2`: the content, then each different factor with its power."""
    counted: dict[tuple[int, ...], int] = {}
    for factor in sorted(map(tuple, factors), key=lambda f: (len(f), f[1] != 0, f)):
        counted[factor] = counted.get(factor, 0) + 1
    shown = [bracketed(f) + (f"^{power}" if power > 1 else "") for f, power in counted.items()]
    return {1: "", -1: "-"}.get(content, str(content)) + "".join(shown)


def _quadratic_steps(coefficients: Sequence[int], factors: Sequence[Sequence[int]]) -> list[str]:
    """How ax^2 + bx + c splits into two linear factors, by two numbers with the product ac and the sum b."""
    a, b, c = coefficients
    (p, q), (r, s) = factors
    m, n = p * s, q * r
    find = f"Two numbers with the product {f'{a} * {grouped(c)} = ' if a > 1 else ''}{a * c} and the sum {b}"
    text = polynomial(coefficients)
    if a == 1:
        return [f"{find}: {m} and {n}. So {text} = {_factored(1, factors)}."]
    groups = f"{monomial(p, 1)}{bracketed((r, s))} {'-' if q < 0 else '+'} {times(abs(q), bracketed((r, s)))}"
    split = f"{monomial(a, 2)}{'' if m > 0 else ' -'}{' + ' if m > 0 else ' '}{monomial(abs(m), 1)}"
    split += f"{' + ' if n > 0 else ' - '}{monomial(abs(n), 1)}{plus(c)}"
    return [f"{find}: {m} and {n}.", f"{text} = {split} = {groups} = {_factored(1, factors)}."]


def _linear(rng: random.Random, largest: int, leading: int = 1) -> list[int]:
    """px + q without a common divisor, p from 1 (or from 2 where `leading` is larger) to `leading`."""
    while True:
        factor = [rng.randint(min(2, leading), leading), nonzero(rng, largest)]
        if gcd(*factor) == 1:
            return factor


def _factors(rng: random.Random, level: int) -> tuple[int, list[list[int]]]:
    """A content and factors that cannot be factored further."""
    if level == 1:
        return 1, [_linear(rng, 10), _linear(rng, 10)]
    if level == 2:
        return rng.randint(2, 9), [_linear(rng, 12), _linear(rng, 12)]
    if level == 3:
        return rng.randint(1, 4), [_linear(rng, 9, 5), _linear(rng, 9, rng.choice((1, 3)))]
    factors = [_linear(rng, 5), _linear(rng, 7, 4), _linear(rng, 7, rng.choice((1, 3)))]
    if level == 4:
        return 1, factors
    while True:
        b, c = rng.randint(-4, 4), rng.randint(1, 9)
        if b * b < 4 * c:
            return 1, [*factors[:2], [1, b, c], *([[1, 0]] if rng.random() < 0.3 else [])]


@family(
    name="polynomial_factor",
    wordings=(
        "Factor {polynomial} completely over the rational numbers.",
        "Write {polynomial} as a product of factors that cannot be factored further over the rationals.",
        "What is the complete factorisation of {polynomial} into polynomials with rational coefficients?",
    ),
)
def polynomial_factor(rng: random.Random, level: int) -> Problem:
    """A polynomial split into irreducible factors, by a product and a sum, or by taking out roots first."""
    content, factors = _factors(rng, level)
    whole = product([content], *factors)
    text, answer = polynomial(whole), _factored(content, factors)
    lines, rest = [], [coefficient // content for coefficient in whole]
    if content > 1:
        lines.append(f"Every coefficient is divisible by {content}: {text} = {content}({polynomial(rest)}).")
    if factors[-1] == [1, 0]:
        rest = rest[:-1]
        lines.append(f"Take out x: {text} = x({polynomial(rest)}).")
    if level > 3:
        for factor in factors[: level - 3]:
            root = Fraction(-factor[1], factor[0])
            line, rest = root_taken_out(rest, root)
            lines.append(line)
    if level == 5:
        b, c = factors[2][1:]
        value = b * b - 4 * c
        lines.append(
            f"{polynomial(rest)} has the discriminant {grouped(b)}^2 - 4 * {c} = {value} < 0: no root."
        )
    else:
        lines += _quadratic_steps(rest, factors[-2:])
    return Problem(
        question=polynomial_factor.ask(rng, polynomial=text),
        answer=answer,
        spec=FACTORED,
        solution="\n".join([*lines, f"{text} = {boxed(answer)}"]),
        given={"coefficients": whole},
        key=("polynomial_factor", *whole),
    )


@polynomial_factor.proof
def _polynomial_factor(given: Given) -> str:
    import sympy

    content, factors = sympy.factor_list(sympy.Poly(given["coefficients"], sympy.Symbol("x")))
    powers = "*".join(f"({factor.as_expr()})^{power}" for factor, power in factors)
    return f"{content}*{powers}".replace("**", "^")


DIVISOR_DEGREES = {1: (1, 1, 1), 2: (1, 1, 2), 3: (2, 1, 1), 4: (2, 1, 2), 5: (2, 2, 2)}
"""Per level: the degrees of the greatest common divisor and of what is left of the two polynomials."""


def _euclid(first: list[int], second: list[int]) -> tuple[list[int], list[str]]:
    """The common divisor with a positive leading coefficient, and how leading terms were cancelled."""
    lines = []
    while second:
        if len(first) < len(second):
            first, second = second, first
        common = gcd(first[0], second[0])
        left, right = second[0] // common, first[0] // common
        shift = len(first) - len(second)
        rest = added([left * each for each in first], [*second, *([0] * shift)], -right)
        power = monomial(abs(right), shift) if shift or abs(right) > 1 else ""
        line = f"{times(left, bracketed(first))} {'-' if right > 0 else '+'} "
        line += f"{power}{'*' if power else ''}{bracketed(second)} = {polynomial(rest)}"
        if rest:
            content, reduced = primitive(rest)
            line += f" = {content}({polynomial(reduced)})" if content not in (1, -1) else ""
            line += f" = -({polynomial(reduced)})" if content == -1 else ""
            rest = reduced
        lines.append(f"{line}.")
        first, second = (rest, second) if len(rest) > len(second) else (second, rest)
    return first, lines


@family(
    name="polynomial_gcd",
    wordings=(
        "Find the greatest common divisor of the polynomials {first} and {second}. Multiply it out, with "
        "leading coefficient 1.",
        "Which polynomial with leading coefficient 1 is the greatest common divisor of {first} and {second}? "
        "Write it as a sum of powers of x.",
        "What is the polynomial of highest degree that divides both {first} and {second}? Give it expanded, "
        "with leading coefficient 1.",
    ),
)
def polynomial_gcd(rng: random.Random, level: int) -> Problem:
    """The greatest common divisor of two polynomials, by Euclid's algorithm without fractions."""
    common, *rests = DIVISOR_DEGREES[level]
    while True:
        divisor = [1, *(nonzero(rng, 7) for _ in range(common))]
        leading = 1 if level < 3 else 3
        first, second = (
            product(divisor, [rng.randint(1, leading), *(nonzero(rng, 6) for _ in range(degree))])
            for degree in rests
        )
        found, lines = _euclid(first, second)
        if found == divisor and first != second:
            break
    answer = polynomial(divisor)
    lines = ["Cancel leading terms; common divisors stay the same.", *lines]
    return Problem(
        question=polynomial_gcd.ask(rng, first=polynomial(first), second=polynomial(second)),
        answer=answer,
        spec=EXPANDED,
        solution="\n".join([*lines, f"The last polynomial before 0 is {boxed(answer)}"]),
        given={"first": first, "second": second},
        key=("polynomial_gcd", *sorted((tuple(first), tuple(second)))),
    )


@polynomial_gcd.proof
def _polynomial_gcd(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    first, second = sympy.Poly(given["first"], x), sympy.Poly(given["second"], x)
    return written(sympy.gcd(first, second).monic().as_expr())


DIVISIONS = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (3, 2), 5: (3, 3)}  # degrees of quotient and divisor


@family(
    name="polynomial_division_remainder",
    wordings=(
        "Divide {dividend} by {divisor}. Answer as the pair (quotient, remainder).",
        "What are the quotient and the remainder when {dividend} is divided by {divisor}? Answer as "
        "(quotient, remainder).",
        "Write {dividend} as ({divisor}) * Q + R, where the degree of R is less than that of {divisor}. "
        "Answer with the pair of polynomials (Q, R).",
    ),
)
def polynomial_division_remainder(rng: random.Random, level: int) -> Problem:
    """Quotient and remainder of two polynomials, by long division."""
    above, below = DIVISIONS[level]
    leading = rng.randint(2, 3) if level == 5 else 1
    divisor = [leading, *(nonzero(rng, 9 if level < 3 else 6) for _ in range(below))]
    quotient = [rng.randint(1, 6), *(nonzero(rng, 9) for _ in range(above))]
    remainder = [nonzero(rng, 12) for _ in range(below)]
    dividend = added(product(quotient, divisor), remainder)
    lines, rest = [], dividend
    for place, coefficient in enumerate(quotient):
        power = above - place
        part = [coefficient * each for each in divisor] + [0] * power
        term = monomial(coefficient, power)
        rest = added(rest, part, -1)
        lines.append(
            f"{term} * ({polynomial(divisor)}) = {polynomial(part)}; subtracted: {polynomial(rest)}."
        )
    answer = f"({polynomial(quotient)}, {polynomial(remainder)})"
    lines.append(f"The multiples taken add up to the quotient {polynomial(quotient)}.")
    lines.append(f"What is left is the remainder: {boxed(answer)}")
    return Problem(
        question=polynomial_division_remainder.ask(
            rng, dividend=polynomial(dividend), divisor=polynomial(divisor)
        ),
        answer=answer,
        spec=PAIR,
        solution="\n".join(lines),
        given={"dividend": dividend, "divisor": divisor},
        key=("polynomial_division_remainder", tuple(dividend), tuple(divisor)),
    )


@polynomial_division_remainder.proof
def _polynomial_division_remainder(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    quotient, rest = sympy.div(sympy.Poly(given["dividend"], x), sympy.Poly(given["divisor"], x))
    return written_tuple((quotient.as_expr(), rest.as_expr()))


@polynomial_division_remainder.variants
def _remainder_forgotten(given: Given, answer: str) -> Variant:
    quotient, remainder = answer[1:-1].split(", ")
    return [f"Q = {quotient}, R = {remainder}"], [f"({quotient}, 0)", f"({quotient}, -({remainder}))"]
