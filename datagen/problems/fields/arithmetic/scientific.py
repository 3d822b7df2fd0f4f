"""Scientific notation of numbers, products, quotients and sums.

Everything is done in whole units and powers of ten; the proof is sympy's.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.arithmetic.decimals import random_units
from datagen.problems.specs import TEXT
from datagen.problems.text import boxed, decimal, grouped


def scientific(units: int, exponent: int) -> str:
    """`units` * 10^`exponent` as `a * 10^n` with one digit before the point of a.

    >>> scientific(3200, 2), scientific(5, -4)
    ('3.2 * 10^5', '5 * 10^-4')
    """
    digits = len(str(units)) - 1
    return f"{decimal(units, digits)} * 10^{exponent + digits}"


@family(
    name="scientific_notation",
    wordings=(
        "Write {value} in scientific notation, as a * 10^n with 1 <= a < 10.",
        "What is {value} in scientific notation? Answer as a * 10^n with 1 <= a < 10.",
        "Give {value} in the form a * 10^n, where 1 <= a < 10 and n is an integer.",
    ),
)
def scientific_notation(rng: random.Random, level: int) -> Problem:
    """Scientific notation of numbers, products, quotients and sums, with one digit before the point."""
    make = (_large_number, _small_number, _scientific_product, _scientific_quotient, _scientific_sum)[
        level - 1
    ]
    while True:
        value, lines, units, exponent = make(rng)
        answer = scientific(units, exponent)
        if abs(exponent + len(str(units)) - 1) > 1:
            break
    return Problem(
        question=scientific_notation.ask(rng, value=value),
        answer=answer,
        spec=TEXT,
        solution="\n".join([*lines, f"In scientific notation: {boxed(answer)}"]),
        given={"value": value},
        key=("scientific_notation", *_value_key(value)),
    )


def _value_key(value: str) -> tuple[str, ...]:
    """The parts of a sum or a product in an order of their own."""
    for sign in (" + ", ") * ("):
        if sign in value:
            return (sign, *sorted(part.strip("()") for part in value.split(sign)))
    return (value,)


Made = tuple[str, list[str], int, int]
"""The text to be written, the steps, and units and exponent of its value."""


def _large_number(rng: random.Random) -> Made:
    units, zeros = random_units(rng, rng.randint(1, 4)), rng.randint(2, 7)
    value, digits = str(units * 10**zeros), len(str(units)) + zeros - 1
    return value, [f"Behind the first digit of {value} stand {digits} more, so n = {digits}."], units, zeros


def _small_number(rng: random.Random) -> Made:
    units, zeros = random_units(rng, rng.randint(1, 4)), rng.randint(1, 6)
    places = len(str(units)) + zeros
    value = decimal(units, places)
    return (
        value,
        [
            f"The first digit of {value} that is not 0 stands in place {zeros + 1} after the point, so n = "
            f"-{zeros + 1}."
        ],
        units,
        -places,
    )


def _mantissa(rng: random.Random, digits: int) -> tuple[int, int, str]:
    """Units, exponent and text of a number in scientific notation."""
    units, exponent = random_units(rng, digits), rng.choice((-9, -8, -7, -6, -5, -4, -3, 3, 4, 5, 6, 7, 8, 9))
    return units, exponent - digits + 1, f"({decimal(units, digits - 1)} * 10^{exponent})"


def _exponent(text: str) -> int:
    return int(text.rstrip(")").split("^")[1])


def _scientific_product(rng: random.Random) -> Made:
    (a, p, first), (b, q, second) = _mantissa(rng, 2), _mantissa(rng, 2)
    product, powers = decimal(a * b, 2), _exponent(first) + _exponent(second)
    lines = [
        f"{decimal(a, 1)} * {decimal(b, 1)} = {product}, and {_exponent(first)} + "
        f"{grouped(_exponent(second))} = {powers}.",
    ]
    if a * b >= 1000:
        lines.append(f"{product} = {decimal(a * b, 3)} * 10, so the exponent is {powers} + 1 = {powers + 1}.")
    return (
        f"{first} * {second}",
        lines,
        int(str(a * b).rstrip("0")),
        p + q + len(str(a * b)) - len(str(a * b).rstrip("0")),
    )


def _scientific_quotient(rng: random.Random) -> Made:
    b, _, second = _mantissa(rng, 2)
    ratio, exponent = random_units(rng, rng.randint(2, 3)), rng.choice((-9, -8, -7, -6, -5, 4, 5, 6, 7, 8, 9))
    a = b * ratio
    digits = len(str(a)) - 1
    first = f"({decimal(a, digits)} * 10^{exponent})"
    moved = len(str(ratio)) - 1
    below = digits - 1 - moved  # the quotient of the mantissas is ratio / 10^(digits - 1)
    quotient, powers = decimal(ratio, digits - 1), exponent - _exponent(second)
    lines = [
        f"{decimal(a, digits)} / {decimal(b, 1)} = {quotient}, and {exponent} - "
        f"{grouped(_exponent(second))} = {powers}.",
    ]
    if below:
        lines.append(
            f"{quotient} = {decimal(ratio, moved)} / 10^{below}, so the exponent is {powers} - {below} = "
            f"{powers - below}.".replace("10^1,", "10,")
        )
    else:
        lines.append(f"As 1 <= {quotient} < 10, nothing more is to be moved.")
    lines.append(f"Check: {decimal(ratio, moved)} * {decimal(b, 1)} = {decimal(a, moved + 1)}.")
    return f"{first} / {second}", lines, ratio, powers - below - moved


def _scientific_sum(rng: random.Random) -> Made:
    a, b, c = random_units(rng, 3), random_units(rng, 3), random_units(rng, 2)
    low, step, more = rng.choice((-9, -8, -7, -6, 3, 4, 5, 6)), rng.randint(1, 2), rng.randint(1, 3)
    high, top = low + step, low + step + more
    first = f"{decimal(a, 2)} * 10^{high}"
    second, third = f"{decimal(b, 2)} * 10^{low}", f"{decimal(c, 1)} * 10^{top}"
    scaled, most = a * 10**step, c * 10 ** (step + more + 1)
    units = scaled + b + most
    lines = [
        f"Write all with the power 10^{low}.",
        f"{first} = {decimal(scaled, 2)} * 10^{low}",
        f"{third} = {decimal(most, 2)} * 10^{low}",
        f"{decimal(scaled, 2)} + {decimal(b, 2)} + {decimal(most, 2)} = {decimal(units, 2)}",
        f"So the sum is {decimal(units, 2)} * 10^{low}, and the point has to move by {len(str(units)) - 3}.",
        f"The exponent is {low} + {len(str(units)) - 3} = {low + len(str(units)) - 3}.",
    ]
    zeros = len(str(units)) - len(str(units).rstrip("0"))
    return f"{first} + {second} + {third}", lines, units // 10**zeros, low - 2 + zeros


@scientific_notation.proof
def _scientific_notation(given: Given) -> str:
    import sympy

    text = given["value"].replace("^", "**")
    value = sympy.nsimplify(sympy.sympify(text, rational=True), rational=True)
    exponent = 0
    while value >= 10 or value < 1:
        value, exponent = (value / 10, exponent + 1) if value >= 10 else (value * 10, exponent - 1)
    places = 0
    while not (value * 10**places).is_Integer:
        places += 1
    digits = str(value * 10**places)
    return f"{digits[:1]}{'.' if places else ''}{digits[1:]} * 10^{exponent}"


@scientific_notation.variants
def _scientific_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """LaTeX; the exponent off by one or with the other sign, the number as it was asked."""
    mantissa, power = answer.split(" * 10^")
    same = [
        f"{mantissa} \\times 10^{{{power}}}",
        f"{mantissa} \\cdot 10^{{{power}}}",
        f"${mantissa} \\times 10^{{{power}}}$",
    ]
    wrong = [int(power) + 1, int(power) - 1, -int(power)]
    return same, [*(f"{mantissa} * 10^{other}" for other in wrong), given["value"]]
