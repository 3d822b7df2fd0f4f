"""Algebra with polynomials in x: multiplying out, powers of binomials, evaluating, dividing.

A polynomial is its integer coefficients, highest power first.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import comb

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.writing import Variant
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPANDED, INTEGER
from datagen.problems.text import boxed, grouped, monomial, polynomial


def _product(left: Sequence[int], right: Sequence[int]) -> list[int]:
    result = [0] * (len(left) + len(right) - 1)
    for i, first in enumerate(left):
        for j, second in enumerate(right):
            result[i + j] += first * second
    return result


FACTOR_DEGREES = {1: (1, 1), 2: (1, 1), 3: (1, 2), 4: (2, 2), 5: (1, 1, 2)}


@family(
    name="expand",
    version=2,
    wordings=(
        "Expand {product} and collect like terms.",
        "Multiply out {product} and write the result as a polynomial in x.",
        "Write {product} as a sum of powers of x.",
    ),
)
def expand(rng: random.Random, level: int) -> Problem:
    """A product of polynomials multiplied out, one factor after the other."""
    factors = []
    for degree in FACTOR_DEGREES[level]:
        leading = 1 if level == 1 else rng.randint(2, 5)
        factors.append([leading, *(nonzero(rng, 9) for _ in range(degree))])
    texts = [f"({polynomial(factor)})" for factor in factors]
    lines, result = [], factors[0]
    for number, factor in enumerate(factors[1:], 1):
        lines.append(f"{_partial_products(result, factor)}.")
        result = _product(result, factor)
        rest = "".join(texts[number + 1 :])
        if rest:
            lines.append(f"So far ({polynomial(result)}), still to multiply by {rest}.")
    answer = polynomial(result)
    return Problem(
        question=expand.ask(rng, product="".join(texts)),
        answer=answer,
        spec=EXPANDED,
        solution="\n".join([*lines, f"{''.join(texts)} = {boxed(answer)}"]),
        given={"factors": factors},
        key=("expand", *sorted(map(tuple, factors))),
    )


def _partial_products(left: Sequence[int], right: Sequence[int]) -> str:
    """`x^2: 6; x: 4 - 3 = 1; constant: -2`: the terms that meet at each power, and their sum."""
    degree = len(left) + len(right) - 2
    parts = []
    for power in range(degree, -1, -1):
        products = [
            left[i] * right[degree - power - i]
            for i in range(len(left))
            if 0 <= degree - power - i < len(right)
        ]
        products = [value for value in products if value] or [0]
        total = "" if len(products) == 1 else f" = {sum(products)}"
        name = monomial(1, power) if power else "constant"
        parts.append(f"{name}: {' + '.join(map(grouped, products))}{total}")
    return "; ".join(parts)


@expand.proof
def _expand(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    product = sympy.Mul(*(sympy.Poly(factor, x).as_expr() for factor in given["factors"]))
    return str(sympy.expand(product)).replace("**", "^")


@family(
    name="polynomial_value",
    wordings=(
        "What is the value of {polynomial} at x = {x}?",
        "Evaluate {polynomial} for x = {x}.",
        "Let f(x) = {polynomial}. Find f({x}).",
    ),
)
def polynomial_value(rng: random.Random, level: int) -> Problem:
    """A polynomial of degree `level` at an integer, worked by Horner's scheme."""
    reach = 9 if level < 3 else 6
    coefficients = [rng.randint(1, 9), *(nonzero(rng, 12) for _ in range(level))]
    x = nonzero(rng, reach) if level > 1 else rng.randint(2, 12)
    value, steps = coefficients[0], []
    for coefficient in coefficients[1:]:
        sign = "-" if coefficient < 0 else "+"
        following = value * x + coefficient
        steps.append(f"{value} * {grouped(x)} {sign} {abs(coefficient)} = {following}")
        value = following
    return Problem(
        question=polynomial_value.ask(rng, polynomial=polynomial(coefficients), x=x),
        answer=str(value),
        spec=INTEGER,
        solution=f"By Horner's scheme: {', '.join(steps)}, so the value is {boxed(str(value))}",
        given={"coefficients": coefficients, "x": x},
        key=("polynomial_value", tuple(coefficients), x),
    )


@polynomial_value.proof
def _polynomial_value(given: Given) -> str:
    import sympy

    return str(sympy.Poly(given["coefficients"], sympy.Symbol("x")).as_expr().subs("x", given["x"]))


@family(
    name="polynomial_quotient",
    version=2,
    wordings=(
        "Divide {dividend} by {divisor}. The division leaves no remainder.",
        "{divisor} is a factor of {dividend}. What is the other factor, multiplied out?",
        "Which polynomial times ({divisor}) gives {dividend}? Write it as a sum of powers of x.",
    ),
)
def polynomial_quotient(rng: random.Random, level: int) -> Problem:
    """A polynomial divided by x - r without remainder, worked by synthetic division."""
    quotient = [rng.randint(1, 5), *(nonzero(rng, 9) for _ in range(level))]
    root = nonzero(rng, 9 if level < 4 else 6)
    dividend = _product(quotient, [1, -root])
    carried, steps = quotient[0], [f"bring down {quotient[0]}"]
    for coefficient in dividend[1:]:
        steps.append(f"{coefficient} + {grouped(root)} * {grouped(carried)} = {coefficient + root * carried}")
        carried = coefficient + root * carried
    answer = polynomial(quotient)
    return Problem(
        question=polynomial_quotient.ask(rng, dividend=polynomial(dividend), divisor=polynomial([1, -root])),
        answer=answer,
        spec=EXPANDED,
        solution=f"Synthetic division with the root {root}: {', '.join(steps)}.\n"
        f"The quotient is {boxed(answer)}",
        given={"dividend": dividend, "divisor": [1, -root]},
        key=("polynomial_quotient", tuple(dividend), root),
    )


@polynomial_quotient.proof
def _polynomial_quotient(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    quotient, rest = sympy.div(sympy.Poly(given["dividend"], x), sympy.Poly(given["divisor"], x))
    if not rest.is_zero:
        raise ValueError(f"the division leaves {rest.as_expr()}")
    return str(quotient.as_expr()).replace("**", "^")


def _binomial_shape(rng: random.Random, level: int) -> tuple[int, int, int, int, int, int]:
    """(a, p, b, q, n, j) of (a x^p + b / x^q)^n and the place j of the term asked for."""
    n = rng.randint(*{1: (3, 6), 2: (4, 6), 3: (7, 9), 4: (5, 8), 5: (9, 12)}[level])
    a = 1 if level == 1 else rng.randint(2, {2: 5, 3: 9}.get(level, 5))
    b = rng.randint(2, 9) if level == 1 else nonzero(rng, {2: 7, 3: 9}.get(level, 6))
    p, q = (1, 0) if level < 4 else (rng.randint(1, 3), rng.randint(1, 2))
    return a, p, b, q, n, rng.randint(1, n - 1)


def _raised(base: str, exponent: int) -> str:
    return base if exponent == 1 else f"{base}^{exponent}"


@family(
    name="binomial_term",
    wordings=(
        "In the expansion of {power}, what is {wanted}?",
        "Find {wanted} when {power} is multiplied out.",
        "Expand {power} with the binomial theorem. What is {wanted} in the result?",
    ),
)
def binomial_term(rng: random.Random, level: int) -> Problem:
    """One coefficient of a power of a binomial, from the binomial theorem."""
    a, p, b, q, n, j = _binomial_shape(rng, level)
    exponent = p * (n - j) - q * j
    value = comb(n, j) * a ** (n - j) * b**j
    second = str(abs(b)) if not q else f"{abs(b)}/{monomial(1, q)}"
    first = monomial(a, p)
    power = f"({first} {'-' if b < 0 else '+'} {second})^{n}"
    letter = "x" if exponent == 1 else f"x^{exponent}" if exponent > 1 else f"x^({exponent})"
    wanted = f"the coefficient of {letter}" if exponent else "the term without x"
    left = f"({first})" if a > 1 or p > 1 else first
    right = f"(-{second})" if b < 0 else f"({second})" if q else second
    lines = [f"The general term is C({n}, k) * {left}^({n} - k) * {right}^k."]
    if q:
        upwards, downwards = (f"{factor}*" if factor > 1 else "" for factor in (p, q))
        lines.append(f"In it x has the exponent {upwards}({n} - k) - {downwards}k = {p * n} - {p + q}k.")
        lines.append(f"This is {exponent} for k = {j}.")
    else:
        lines.append(f"In it x has the exponent {n} - k, which is {exponent} for k = {j}.")
    lines.append(f"C({n}, {j}) = {comb(n, j)}.")
    powers = [_raised(str(a), n - j), _raised(grouped(b), j)]
    values = f"{comb(n, j)} * {a ** (n - j)} * {grouped(b**j)}"
    lines.append(f"{comb(n, j)} * {powers[0]} * {powers[1]} = {values} = {value}.")
    answer = str(value)
    return Problem(
        question=binomial_term.ask(rng, power=power, wanted=wanted),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={"first": [a, p], "second": [b, -q], "power": n, "exponent": exponent},
        key=("binomial_term", a, p, b, q, n, exponent),
    )


@binomial_term.proof
def _binomial_term(given: Given) -> str:
    """The power multiplied out as a polynomial, after clearing the powers of x below."""
    import sympy

    x = sympy.Symbol("x")
    (a, p), (b, q), n = given["first"], given["second"], given["power"]
    whole = sympy.Poly(a * x ** (p - q) + b, x) ** n
    return str(whole.coeff_monomial(x ** (given["exponent"] - q * n)))


@binomial_term.variants
def _factors_forgotten(given: Given, answer: str) -> Variant:
    """The binomial coefficient alone, and without it."""
    (a, p), (b, q), n = given["first"], given["second"], given["power"]
    j = (p * n - given["exponent"]) // (p - q)
    misses = [comb(n, j), a ** (n - j) * b**j, comb(n, j) * a**j * b ** (n - j), comb(n, j) * b**j]
    return [], [str(miss) for miss in misses if str(miss) != answer]
