"""Writing mathematics and lists in plain English: polynomials, equations, enumerations, the final box.

Knows nothing of problems or answers: strings from numbers and words.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


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


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number of things, the noun in the right number.

    >>> counted(1, "apple"), counted(3, "apple"), counted(2, "child", "children")
    ('1 apple', '3 apples', '2 children')
    """
    return f"{number} {noun if number == 1 else plural or plural_of(noun)}"


def plural_of(noun: str) -> str:
    """The regular plural: `apples`, `boxes`, `cherries`, `days`."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def article(noun: str) -> str:
    """The noun with `a` or `an` before it, by its first letter."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def surd(above: int, radicand: int, below: int = 1) -> str:
    """`above * sqrt(radicand) / below` in its simplest writing.

    >>> surd(1, 12), surd(-3, 2, 4), surd(2, 9, 4), surd(5, 3, 5)
    ('2*sqrt(3)', '-3*sqrt(2)/4', '3/2', 'sqrt(3)')
    """
    outside, inside = square_part(radicand)
    ratio = Fraction(above * outside, below)
    if inside == 1 or not ratio:
        return str(ratio if inside else 0)
    factor = {1: "", -1: "-"}.get(ratio.numerator, f"{ratio.numerator}*")
    return f"{factor}sqrt({inside})" + (f"/{ratio.denominator}" if ratio.denominator > 1 else "")


def square_part(number: int) -> tuple[int, int]:
    """(a, b) with `number = a^2 * b` and b free of squares; (0, 0) for 0.

    >>> square_part(72)
    (6, 2)
    """
    if not number:
        return 0, 0
    outside, divisor = 1, 2
    while divisor * divisor <= number:
        while number % (divisor * divisor) == 0:
            number //= divisor * divisor
            outside *= divisor
        divisor += 1
    return outside, number
