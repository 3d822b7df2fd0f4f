"""Arithmetic beyond the integers: fractions in lowest terms, exact decimals, percent.

Every answer is exact: constructions work in integers, or in `Fraction`, and never in floating point.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import DECIMAL, LOWEST_TERMS
from datagen.problems.text import boxed, decimal


def _numerator(rng: random.Random, denominator: int) -> int:
    """A numerator that makes a proper fraction in lowest terms."""
    while True:
        numerator = rng.randint(1, denominator - 1)
        if gcd(numerator, denominator) == 1:
            return numerator


def _denominators(rng: random.Random, level: int) -> list[int]:
    """Level 1: one denominator; 2: one divides the other; 3 and 4: neither does; 5: three of them."""
    if level == 1:
        return [rng.randint(3, 15)] * 2
    if level == 2:
        small = rng.randint(2, 9)
        return [small, small * rng.randint(2, 5)]
    if level == 5:
        return [rng.randint(2, 20) for _ in range(3)]
    low, high = (3, 12) if level == 3 else (13, 40)
    while True:
        pair = [rng.randint(low, high), rng.randint(low, high)]
        if pair[0] % pair[1] and pair[1] % pair[0]:
            return pair


@family(
    name="fraction_sum",
    wordings=(
        "What is {chain}? Give a fraction in lowest terms or an integer.",
        "Calculate {chain} and simplify the result.",
        "Write {chain} as a single fraction in lowest terms, or as an integer.",
    ),
)
def fraction_sum(rng: random.Random, level: int) -> Problem:
    """Proper fractions added and subtracted over a common denominator."""
    total = 0
    while not total:
        terms = [(_numerator(rng, below), below) for below in _denominators(rng, level)]
        terms = [terms[0], *((rng.choice((1, -1)) * above, below) for above, below in terms[1:])]
        common = lcm(*(below for _, below in terms))
        over_common = [(above * (common // below), common) for above, below in terms]
        total = sum(above for above, _ in over_common)
    answer = str(Fraction(total, common))
    steps = [_chain(terms), _chain(over_common), f"{total}/{common}"]
    return Problem(
        question=fraction_sum.ask(rng, chain=_chain(terms)),
        answer=answer,
        spec=LOWEST_TERMS,
        solution=f"The common denominator is {common}. {' = '.join(dict.fromkeys(steps))} = {boxed(answer)}",
        given={"terms": [list(term) for term in terms]},
        key=("fraction_sum", *sorted(terms)),
    )


def _chain(terms: list[tuple[int, int]]) -> str:
    text = f"{terms[0][0]}/{terms[0][1]}"
    for above, below in terms[1:]:
        text += f" {'-' if above < 0 else '+'} {abs(above)}/{below}"
    return text


@fraction_sum.proof
def _fraction_sum(given: Given) -> str:
    import sympy

    return str(sympy.Add(*(sympy.Rational(above, below) for above, below in given["terms"])))


PRODUCT_BANDS = {1: (1, 6), 2: (6, 9), 3: (9, 15), 4: (15, 30), 5: (30, 99)}  # the largest number lies in


@family(
    name="fraction_product",
    version=2,
    wordings=(
        "What is {expression}? Give a fraction in lowest terms or an integer.",
        "Calculate {expression} and simplify the result.",
        "Write {expression} as a single fraction in lowest terms, or as an integer.",
    ),
)
def fraction_product(rng: random.Random, level: int) -> Problem:
    """One fraction multiplied or divided by another."""
    below, largest = PRODUCT_BANDS[level]
    while True:
        a, b, c, d = (rng.randint(1, largest) for _ in range(4))
        lowest = b > 1 and d > 1 and gcd(a, b) == gcd(c, d) == 1
        if lowest and max(a, b, c, d) > below:
            break
    divide = level > 1 and rng.random() < 0.5
    first, second = f"({a}/{b})", f"({c}/{d})"
    above, under = (a * d, b * c) if divide else (a * c, b * d)
    answer = str(Fraction(above, under))
    turned = f" = {first} * ({d}/{c})" if divide else ""
    return Problem(
        question=fraction_product.ask(rng, expression=f"{first} {'/' if divide else '*'} {second}"),
        answer=answer,
        spec=LOWEST_TERMS,
        solution=f"{first} {'/' if divide else '*'} {second}{turned} = {above}/{under} = {boxed(answer)}",
        given={"first": [a, b], "second": [c, d], "divide": divide},
        key=("fraction_product", divide, *(((a, b), (c, d)) if divide else sorted(((a, b), (c, d))))),
    )


@fraction_product.proof
def _fraction_product(given: Given) -> str:
    import sympy

    first, second = (sympy.Rational(*given[name]) for name in ("first", "second"))
    return str(first / second if given["divide"] else first * second)


DECIMALS = {1: (2, 1, 99), 2: (2, 1, 9999), 3: (2, 2, 9999), 4: (2, 3, 99999), 5: (3, 3, 999999)}
"""Per level: terms, largest number of places, largest number of units in the last place."""


@family(
    name="decimal_sum",
    wordings=("What is {chain}?", "Calculate {chain} exactly.", "Find the exact value of {chain}."),
)
def decimal_sum(rng: random.Random, level: int) -> Problem:
    """Decimals added and subtracted, worked in units of the last place."""
    count, places, largest = DECIMALS[level]
    units = [_units(rng, places, largest)]
    units += [rng.choice((1, -1)) * _units(rng, places, largest) for _ in range(count - 1)]
    texts = [decimal(abs(unit), places) for unit in units]
    signs = ["-" if unit < 0 else "+" for unit in units]
    chain = texts[0] + "".join(f" {sign} {text}" for sign, text in zip(signs[1:], texts[1:], strict=True))
    whole = str(units[0]) + "".join(
        f" {sign} {abs(unit)}" for sign, unit in zip(signs[1:], units[1:], strict=True)
    )
    answer = decimal(sum(units), places)
    name = {1: "tenths", 2: "hundredths", 3: "thousandths"}[places]
    return Problem(
        question=decimal_sum.ask(rng, chain=chain),
        answer=answer,
        spec=DECIMAL,
        solution=f"In {name}: {whole} = {sum(units)}, so {chain} = {boxed(answer)}",
        given={"terms": [decimal(unit, places) for unit in units]},
        key=("decimal_sum", places, *sorted(units)),
    )


def _units(rng: random.Random, places: int, largest: int) -> int:
    """A number of units whose last digit is not 0, so that the decimal has all its places."""
    unit = rng.randint(1 + largest // 20, largest - 1)
    return unit + 1 if unit % 10 == 0 else unit


@decimal_sum.proof
def _decimal_sum(given: Given) -> str:
    import sympy

    total = sympy.Add(*(sympy.Rational(term) for term in given["terms"]))
    return str(total.p) if total.is_Integer else str(sympy.N(total, 20)).rstrip("0")


ROUND_PERCENTS = (10, 20, 25, 50, 75)


def _percent_and_whole(rng: random.Random, level: int) -> tuple[int, int]:
    """Tenths of a percent, and the number it is taken of; no two levels share a pair."""
    if level == 1:
        return 10 * rng.choice(ROUND_PERCENTS), 20 * rng.randint(1, 20)
    if level == 2:
        return 50 * rng.choice((1, 3, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19)), 20 * rng.randint(21, 60)
    if level == 5:
        return 10 * rng.randint(1, 99) + rng.randint(1, 9), rng.randint(100, 9999)
    percent = 10 * (5 * rng.randint(0, 19) + rng.randint(1, 4))
    tens = rng.randint(10, 99)
    return percent, 10 * tens if level == 3 else 10 * rng.randint(10, 999) + rng.randint(1, 9)


@family(
    name="percent_of",
    version=2,
    wordings=(
        "What is {percent}% of {whole}?",
        "Calculate {percent} percent of {whole} exactly.",
        "Find the number that is {percent}% of {whole}.",
    ),
)
def percent_of(rng: random.Random, level: int) -> Problem:
    """A percentage of a number, worked from one percent."""
    tenths, whole = _percent_and_whole(rng, level)
    percent, answer = decimal(tenths, 1), decimal(tenths * whole, 3)
    return Problem(
        question=percent_of.ask(rng, percent=percent, whole=whole),
        answer=answer,
        spec=DECIMAL,
        solution=f"1% of {whole} is {decimal(whole, 2)}, so {percent}% of it is "
        f"{percent} * {decimal(whole, 2)} = {boxed(answer)}",
        given={"percent": percent, "whole": whole},
        key=("percent_of", tenths, whole),
    )


@percent_of.proof
def _percent_of(given: Given) -> str:
    import sympy

    part = sympy.Rational(given["percent"]) / 100 * given["whole"]
    return str(part.p) if part.is_Integer else str(sympy.N(part, 20)).rstrip("0")
