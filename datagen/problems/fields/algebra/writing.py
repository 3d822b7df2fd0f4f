"""What the constructions of this field share: polynomials as lists of whole numbers, and how to write things.

A polynomial is its integer coefficients, highest power first. Proofs use `readings.py` and sympy instead.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, isqrt

from datagen.problems.text import grouped, polynomial

Number = int | Fraction
Variant = tuple[list[str], list[str]]


def magnitude(number: Number) -> Number:
    """The absolute value, with the type of a number."""
    return -number if number < 0 else number


def product(*factors: Sequence[int]) -> list[int]:
    """The product of polynomials."""
    result = [1]
    for factor in factors:
        longer = [0] * (len(result) + len(factor) - 1)
        for i, first in enumerate(result):
            for j, second in enumerate(factor):
                longer[i + j] += first * second
        result = longer
    return result


def added(left: Sequence[int], right: Sequence[int], times: int = 1) -> list[int]:
    """`left + times * right` without leading zeros; the zero polynomial is []."""
    size = max(len(left), len(right))
    first, second = [0] * (size - len(left)) + [*left], [0] * (size - len(right)) + [*right]
    result = [a + times * b for a, b in zip(first, second, strict=True)]
    while result and not result[0]:
        del result[0]
    return result


def value_at(coefficients: Sequence[int], x: Number) -> Number:
    """The value of a polynomial, by Horner's scheme."""
    value: Number = 0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


def linear_factor(root: Number) -> list[int]:
    """The polynomial qx - p of the root p/q."""
    exact = Fraction(root)
    return [exact.denominator, -exact.numerator]


def value_sum(coefficients: Sequence[int], x: Number) -> str:
    """The terms of a polynomial at x: `24 - 20 - 4`."""
    text = ""
    for power, coefficient in zip(range(len(coefficients) - 1, -1, -1), coefficients, strict=True):
        term = coefficient * x**power
        if term:
            text = f"{text}{plus(term)}" if text else str(term)
    return text or "0"


def divided(coefficients: Sequence[int], root: Number) -> list[int]:
    """The integer quotient of a polynomial by qx - p, where p/q is one of its roots."""
    root = Fraction(root)
    carried, quotient = Fraction(0), []
    for coefficient in coefficients[:-1]:
        carried = carried * root + coefficient
        quotient.append(int(carried / root.denominator))
    return quotient


def root_taken_out(coefficients: Sequence[int], root: Number) -> tuple[str, list[int]]:
    """The sentence that checks a root and takes out its factor, and the quotient."""
    rest = divided(coefficients, root)
    check = f"At x = {root} the value of {polynomial(coefficients)} is {value_sum(coefficients, root)} = 0"
    return f"{check}, so it is {bracketed(linear_factor(root))}{bracketed(rest)}.", rest


def primitive(coefficients: Sequence[int]) -> tuple[int, list[int]]:
    """(content, rest) with `coefficients = content * rest` and a positive leading coefficient of `rest`."""
    content = gcd(*coefficients) * (-1 if coefficients[0] < 0 else 1)
    return content, [coefficient // content for coefficient in coefficients]


def bracketed(coefficients: Sequence[int], variable: str = "x") -> str:
    """`(2x - 3)`, and `x` without brackets."""
    text = polynomial(coefficients, variable)
    return text if text == variable else f"({text})"


def plus(number: Number) -> str:
    """A number as the next term of a sum: ` + 3`, ` - 3`, and nothing for 0."""
    return "" if not number else f" {'-' if number < 0 else '+'} {abs(number)}"


def times(number: int, text: str) -> str:
    """An integer multiple of something: `3*(x + 1)`, `(x + 1)`, `-(x + 1)`."""
    return {1: text, -1: f"-{text}"}.get(number, f"{number}*{text}")


def operand(number: Number) -> str:
    """A number as a factor: negative ones and fractions in parentheses."""
    return f"({number})" if number < 0 or Fraction(number).denominator > 1 else str(number)


def collection(values: Iterable[object], brackets: str = "()") -> str:
    """`(1, 2)`, or `{1, 2}` with other brackets."""
    return f"{brackets[0]}{', '.join(map(str, values))}{brackets[1]}"


def set_of(values: Iterable[Number]) -> str:
    """Numbers in rising order as a set."""
    return collection(sorted(set(values)), "{}")


def some_fraction(rng: random.Random, largest: int, denominators: tuple[int, int] = (2, 5)) -> Fraction:
    """A fraction that is no integer, with a numerator from -largest to largest."""
    while True:
        value = Fraction(rng.choice((1, -1)) * rng.randint(1, largest), rng.randint(*denominators))
        if value.denominator > 1:
            return value


def rational_roots(coefficients: Sequence[int]) -> list[Fraction]:
    """The roots of a linear polynomial, or of a quadratic whose discriminant is a square, smaller first."""
    if len(coefficients) == 2:
        return [Fraction(-coefficients[1], coefficients[0])]
    a, b, c = coefficients
    root = isqrt(b * b - 4 * a * c)
    if not root:
        return [Fraction(-b, 2 * a)]
    return sorted((Fraction(-b - root, 2 * a), Fraction(-b + root, 2 * a)))


def quadratic_formula(coefficients: Sequence[int], variable: str = "x") -> str:
    """The sentence that finds the rational roots of a quadratic by the formula."""
    a, b, c = coefficients
    discriminant = b * b - 4 * a * c
    root = isqrt(discriminant)
    start = f"The discriminant is {grouped(b)}^2 - 4 * {grouped(a)} * {grouped(c)} = {discriminant}"
    if not root:
        return f"{start}, so {variable} = {-b}/{grouped(2 * a)} = {Fraction(-b, 2 * a)}."
    values = " or ".join(
        f"{variable} = ({-b} {sign} {root})/{grouped(2 * a)} = {Fraction(value, 2 * a)}"
        for sign, value in (("-", -b - root), ("+", -b + root))
    )
    return f"{start} = {root}^2, so {values}."


def as_inequalities(answer: str) -> str:
    """Intervals written as inequalities: `x <= 3 or 5 < x < 7`."""
    parts = []
    for piece in answer.split(" U "):
        low, high = piece[1:-1].split(", ")
        left, right = "<=" if piece[0] == "[" else "<", "<=" if piece[-1] == "]" else "<"
        if low == "-infinity":
            parts.append(f"x {right} {high}")
        elif high == "infinity":
            parts.append(f"x {left.replace('<', '>')} {low}")
        else:
            parts.append(f"{low} {left} x {right} {high}")
    return " or ".join(parts)
