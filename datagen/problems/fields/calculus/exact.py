"""Exact numbers with roots, powers of e, logarithms and pi, for the constructions of integrals.

A value is a sum of fractions times such numbers, kept by their text: `{"sqrt(2)": 3/2, "": -1}`. Angles are
whole degrees, of which only the multiples of 30 and 45 have a value here.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from datagen.problems.fields.calculus.functions import Number, term, total

Value = dict[str, Fraction]

_SINES = {
    0: (Fraction(0), ""),
    30: (Fraction(1, 2), ""),
    45: (Fraction(1, 2), "sqrt(2)"),
    60: (Fraction(1, 2), "sqrt(3)"),
    90: (Fraction(1), ""),
}
ANGLES = (30, 45, 60, 90, 120, 135, 150, 180)


def sine(degrees: int) -> Value:
    """The sine of a multiple of 30 or 45 degrees."""
    turned = degrees % 360
    sign, turned = (-1, turned - 180) if turned >= 180 else (1, turned)
    size, body = _SINES[min(turned, 180 - turned)]
    return {body: sign * size} if size else {}


def cosine(degrees: int) -> Value:
    """The cosine of a multiple of 30 or 45 degrees."""
    return sine(degrees + 90)


def raised(value: Value, power: int) -> Value:
    """A value of one term to a whole power."""
    if not value:
        return {}
    ((body, size),) = value.items()
    if not body:
        return {"": size**power}
    inside = int(body[5:-1])
    size = size**power * inside ** (power // 2)
    return {body if power % 2 else "": size}


def exponential(power: Number) -> Value:
    """e to a power."""
    if not power:
        return {"": Fraction(1)}
    if power == 1:
        return {"e": Fraction(1)}
    return {f"e^{power}" if power > 0 and power == int(power) else f"e^({power})": Fraction(1)}


def logarithm(number: Fraction) -> Value:
    """The natural logarithm of a positive number."""
    return {f"ln({number})": Fraction(1)} if number != 1 else {}


def angle(degrees: int) -> str:
    """An angle in radians: `3*pi/4`."""
    return term(Fraction(degrees, 180), "pi")


def plus(*parts: tuple[Number, Mapping[str, Fraction]]) -> Value:
    """A sum of multiples of values."""
    result: Value = {}
    for factor, value in parts:
        for body, size in value.items():
            result[body] = result.get(body, Fraction(0)) + factor * size
    return {body: size for body, size in result.items() if size}


def text(value: Value) -> str:
    """The value in one line: the numbers with a name first, in the order of the text, the bare one last."""
    named = sorted(body for body in value if body)
    return total([term(value[body], body) for body in [*named, *([""] if "" in value else [])]])
