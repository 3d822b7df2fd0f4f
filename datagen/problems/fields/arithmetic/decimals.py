"""Decimals: products, quotients and rounding.

Everything is done in whole units of the last place; the proofs use the `decimal` module.
"""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import DECIMAL
from datagen.problems.text import boxed, counted, decimal


def random_units(rng: random.Random, digits: int) -> int:
    """A number of that many digits whose last digit is not 0."""
    low = 10 ** (digits - 1)
    while True:
        units = rng.randint(low, 10 * low - 1)
        if units % 10:
            return units


PRODUCTS = {
    1: ((1, 0), (2, 1)),
    2: ((1, 1), (2, 1)),
    3: ((2, 1), (3, 2)),
    4: ((3, 2), (3, 1)),
    5: ((3, 2), (4, 3)),
}
"""Per level and factor: digits, and how many of them stand after the point."""


def _split_product(a: int, b: int) -> str:
    """`23 * 45 = 23 * 40 + 23 * 5 = 920 + 115 = 1035`."""
    parts = [int(digit) * 10**place for place, digit in enumerate(reversed(str(b))) if digit != "0"][::-1]
    steps = [f"{a} * {b}"]
    if len(parts) > 1:
        steps.append(" + ".join(f"{a} * {part}" for part in parts))
        steps.append(" + ".join(str(a * part) for part in parts))
    return " = ".join([*steps, str(a * b)])


@family(
    name="decimal_product",
    wordings=(
        "What is {a} * {b}?",
        "Multiply {a} by {b}. Give the exact product.",
        "Find the exact value of {a} * {b}.",
    ),
)
def decimal_product(rng: random.Random, level: int) -> Problem:
    """The exact product of two decimals: as whole numbers first, then the point."""
    (digits, places), (more_digits, more_places) = PRODUCTS[level]
    a, b = random_units(rng, digits), random_units(rng, more_digits)
    if level == 1:
        a = rng.randint(2, 9)
    first, second = (a, places), (b, more_places)
    if rng.random() < 0.5:
        first, second = second, first
    texts = decimal(*first), decimal(*second)
    moved = places + more_places
    answer = decimal(a * b, moved)
    lines = [
        f"Without the points: {_split_product(max(a, b), min(a, b))}.",
        f"Digits after the points: {places} + {more_places} = {moved}, so divide {a * b} by {10**moved}.",
        f"{texts[0]} * {texts[1]} = {boxed(answer)}",
    ]
    return Problem(
        question=decimal_product.ask(rng, a=texts[0], b=texts[1]),
        answer=answer,
        spec=DECIMAL,
        solution="\n".join(lines),
        given={"factors": list(texts)},
        key=("decimal_product", *sorted((first, second))),
    )


@decimal_product.proof
def _decimal_product(given: Given) -> str:
    first, second = map(Decimal, given["factors"])
    return f"{first * second:f}"


QUOTIENTS = {  # digits of the divisor and after its point, digits of the quotient and after its point
    1: (1, 0, 2, 1),
    2: (1, 1, 2, 1),
    3: (2, 1, 3, 1),
    4: (2, 2, 4, 2),
    5: (3, 1, 5, 3),
}


@family(
    name="decimal_quotient",
    wordings=(
        "What is {a} / {b}?",
        "Divide {a} by {b}. Give the exact quotient.",
        "Find the exact value of {a} / {b}.",
    ),
)
def decimal_quotient(rng: random.Random, level: int) -> Problem:
    """The exact quotient of two decimals: a whole divisor first, then long division."""
    digits, places, more_digits, more_places = QUOTIENTS[level]
    divisor, quotient = max(2, random_units(rng, digits)), random_units(rng, more_digits)
    dividend = divisor * quotient
    a, b = decimal(dividend, places + more_places), decimal(divisor, places)
    answer = decimal(quotient, more_places)
    lines = []
    scaled = decimal(dividend, more_places)
    if places:
        lines.append(
            f"Move both points by {places}, so that the divisor is whole: {a} / {b} = {scaled} / {divisor}."
        )
    lines.append(
        f"Without the point: {_long_division(dividend, divisor)}, so {dividend} / {divisor} = {quotient}."
    )
    one = "1 digit" if more_places == 1 else f"{more_places} digits"
    lines.append(f"With {one} after the point: {scaled} / {divisor} = {boxed(answer)}")
    return Problem(
        question=decimal_quotient.ask(rng, a=a, b=b),
        answer=answer,
        spec=DECIMAL,
        solution="\n".join(lines),
        given={"dividend": a, "divisor": b},
        key=("decimal_quotient", a, b),
    )


def _long_division(dividend: int, divisor: int) -> str:
    steps: list[str] = []
    rest = 0
    for digit in str(dividend):
        part = 10 * rest + int(digit)
        rest = part % divisor
        if part >= divisor or steps:
            steps.append(f"{part} = {divisor} * {part // divisor}" + (f" + {rest}" if rest else ""))
    return ", ".join(steps)


@decimal_quotient.proof
def _decimal_quotient(given: Given) -> str:
    dividend, divisor = Decimal(given["dividend"]), Decimal(given["divisor"])
    quotient = dividend / divisor
    if quotient * divisor != dividend:
        raise ValueError("the quotient does not end")
    return f"{quotient:f}"


PLACES = {1: "tenth", 2: "hundredth", 3: "thousandth", 4: "ten-thousandth"}
COLUMNS = {1: "ten", 2: "hundred", 3: "thousand"}


@family(
    name="rounding",
    wordings=(
        "Round {number} {target}.",
        "What is {number} rounded {target}?",
        "Write {number} rounded {target}.",
    ),
)
def rounding(rng: random.Random, level: int) -> Problem:
    """A number or a product rounded to a place or to significant figures; never a tie."""
    while True:
        number, units, places, dropped, target = _to_round(rng, level)
        whole, rest = divmod(units, 10**dropped)
        if rest and 2 * rest != 10**dropped:
            break
    up = 2 * rest > 10**dropped
    rounded = (whole + up) * 10**dropped
    answer = decimal(rounded, places)
    exact = decimal(units, places)
    low, high = decimal(whole * 10**dropped, places), decimal((whole + 1) * 10**dropped, places)
    middle = decimal(whole * 10**dropped + 10**dropped // 2, places)
    figures = int(target.split()[1]) if "figure" in target else 0
    lines = [_product_line(number, exact)] if level == 5 else []
    if figures:
        kept = str(units)[:figures]
        lines.append(f"The first {counted(figures, 'significant figure')} of {exact}, from the left: {kept}.")
    lines.append(f"{exact} lies between {low} and {high}, halfway between which is {middle}.")
    lines.append(
        f"{exact} is {'more' if up else 'less'} than {middle}, so round {'up' if up else 'down'}: "
        f"{boxed(answer)}"
    )
    return Problem(
        question=rounding.ask(rng, number=number, target=target),
        answer=answer,
        spec=DECIMAL,
        solution="\n".join(lines),
        given={
            "number": number.split(" * "),
            "figures": figures,
            "places": 0 if figures else places - dropped,
        },
        key=("rounding", *sorted(number.split(" * ")), target),
    )


def _product_line(number: str, exact: str) -> str:
    """The product of two decimals by way of whole numbers."""
    a, b = (int(factor.replace(".", "")) for factor in number.split(" * "))
    return f"{_split_product(a, b)}, and with the point {number} = {exact}."


def _to_round(rng: random.Random, level: int) -> tuple[str, int, int, int, str]:
    """The number's text, its units and places, how many digits are dropped, and what to round to."""
    if level == 1:
        units, dropped = random_units(rng, rng.randint(3, 4)), rng.randint(1, 2)
        return str(units), units, 0, dropped, f"to the nearest {COLUMNS[dropped]}"
    if level in (2, 3):
        keep = rng.randint(1, 2) if level == 2 else rng.randint(3, 4)
        dropped = rng.randint(1, 2) if level == 2 else rng.randint(2, 3)
        units = random_units(rng, keep + dropped + rng.randint(1, 2))
        target = rng.choice(
            (f"to the nearest {PLACES[keep]}", f"to {counted(keep, 'digit')} after the decimal point")
        )
        return decimal(units, keep + dropped), units, keep + dropped, dropped, target
    if level == 4:
        digits, figures = rng.randint(5, 8), rng.randint(2, 4)
        units, places = random_units(rng, digits), rng.randint(1, 9)
        return (
            decimal(units, places),
            units,
            places,
            digits - figures,
            f"to {counted(figures, 'significant figure')}",
        )
    a, b, places, more = random_units(rng, 4), random_units(rng, 3), rng.randint(1, 4), rng.randint(1, 3)
    units, figures = a * b, rng.randint(2, 4)
    text = f"{decimal(a, places)} * {decimal(b, more)}"
    dropped = len(str(units)) - figures
    return text, units, places + more, dropped, f"to {counted(figures, 'significant figure')}"


@rounding.proof
def _rounding(given: Given) -> str:
    number = Decimal(1)
    for factor in given["number"]:
        number *= Decimal(factor)
    places = given["places"]
    if given["figures"]:
        places = given["figures"] - 1 - number.adjusted()
    return f"{number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"


@rounding.variants
def _rounding_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The number as it was, and all digits of it kept but the last."""
    return [], given["number"] if len(given["number"]) == 1 else []
