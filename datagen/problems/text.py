"""Writing mathematics and lists in plain English: polynomials, equations, enumerations, the final box.

Knows nothing of problems or answers: strings from numbers and words.
"""

from __future__ import annotations

from collections.abc import Sequence


def boxed(answer: str) -> str:
    """`\\boxed{answer}`, the form every worked solution ends in."""
    return f"\\boxed{{{answer}}}"


def listing(items: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, or `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def capitalized(sentence: str) -> str:
    """The sentence with its first letter in upper case and the rest as it was."""
    return sentence[:1].upper() + sentence[1:]


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`, ..."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def grouped(number: int) -> str:
    """An integer as an operand: negative ones in parentheses."""
    return f"({number})" if number < 0 else str(number)


def decimal(units: int, places: int) -> str:
    """`units` / 10^`places` written out exactly, without needless zeros.

    >>> decimal(-1250, 2)
    '-12.5'
    """
    digits = f"{abs(units):0{places + 1}}"
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if part else ''}{part}"


def polynomial(coefficients: Sequence[int], variable: str = "x") -> str:
    """Integer coefficients, highest power first, as text.

    >>> polynomial([3, 0, -1, 5])
    '3x^3 - x + 5'
    """
    text = ""
    for power, coefficient in zip(range(len(coefficients) - 1, -1, -1), coefficients, strict=True):
        if coefficient:
            sign = ("-" if coefficient < 0 else "") if not text else " - " if coefficient < 0 else " + "
            text += sign + monomial(abs(coefficient), power, variable)
    return text or "0"


def monomial(coefficient: int, power: int, variable: str = "x") -> str:
    """`5`, `x`, `-x`, `5x` or `5x^2`."""
    if not power:
        return str(coefficient)
    number = {1: "", -1: "-"}.get(coefficient, str(coefficient))
    return f"{number}{variable}" if power == 1 else f"{number}{variable}^{power}"


def linear(terms: Sequence[tuple[int, str]]) -> str:
    """A sum of integer multiples of unknowns; an empty name is a plain number.

    >>> linear([(2, "x"), (-1, "y"), (7, "")])
    '2x - y + 7'
    """
    text = ""
    for coefficient, name in terms:
        if coefficient:
            sign = ("-" if coefficient < 0 else "") if not text else " - " if coefficient < 0 else " + "
            text += sign + monomial(abs(coefficient), 1 if name else 0, name)
    return text or "0"
