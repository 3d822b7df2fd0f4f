"""Building, differentiating and printing functions in plain Python, for the constructions of this field.

A polynomial is its coefficients, highest power first, integers or fractions. Everything else is text made
from a coefficient and a body. Proofs use sympy (see `reading.py`), so nothing here vouches for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

Number = int | Fraction
Coefficients = Sequence[Number]

_POWER = re.compile(r"[t-z](?:\^\d+)?")
_MISSING_STAR = re.compile(r"(?<![a-z_\d])(\d+)(?=[xyzt](?![a-z])|pi\b|e\^)")
SLOPES = {"sin": (1, "cos"), "cos": (-1, "sin"), "exp": (1, "exp")}
"""The derivative of each of these functions, as a coefficient and a function."""
INTEGRALS = {"sin": (-1, "cos"), "cos": (1, "sin"), "exp": (1, "exp")}
"""An antiderivative of each of these functions, likewise."""


def evaluated(coefficients: Coefficients, x: Number) -> Number:
    """The value of a polynomial."""
    value: Number = 0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


def derived(coefficients: Coefficients) -> list[Number]:
    """The derivative of a polynomial; `[0]` for a constant."""
    degree = len(coefficients) - 1
    return [(degree - place) * coefficients[place] for place in range(degree)] or [0]


def integrated(coefficients: Coefficients) -> list[Number]:
    """The antiderivative of a polynomial whose constant is 0."""
    count = len(coefficients)
    return [whole(Fraction(each) / (count - place)) for place, each in enumerate(coefficients)] + [0]


def product(left: Coefficients, right: Coefficients) -> list[Number]:
    """The product of two polynomials."""
    result: list[Number] = [0] * (len(left) + len(right) - 1)
    for i, first in enumerate(left):
        for j, second in enumerate(right):
            result[i + j] += first * second
    return result


def added(left: Coefficients, right: Coefficients) -> list[Number]:
    """The sum of two polynomials, without leading zeros."""
    size = max(len(left), len(right))
    longer: list[list[Number]] = [[*[0] * (size - len(each)), *each] for each in (left, right)]
    result = [one + other for one, other in zip(*longer, strict=True)]
    while len(result) > 1 and not result[0]:
        result.pop(0)
    return result


def scaled(coefficients: Coefficients, factor: Number) -> list[Number]:
    """A polynomial times a number."""
    return [whole(each * factor) for each in coefficients]


def whole(number: Number) -> Number:
    """An int where the fraction is one."""
    return int(number) if number == int(number) else number


def term(coefficient: Number, body: str = "", below: str = "") -> str:
    """`coefficient * body / below` with its sign; `below` is one power or one bracket.

    >>> term(Fraction(-3, 4), "sin(x)"), term(5, "x^2"), term(Fraction(2, 3), "", "x^2"), term(1, "x", "y")
    ('-3*sin(x)/4', '5x^2', '2/(3x^2)', 'x/y')
    """
    if not coefficient:
        return "0"
    top, bottom = abs(coefficient.numerator), coefficient.denominator
    above = _times(top, body)
    if not below and bottom == 1:
        return f"{'-' * (coefficient < 0)}{above}"
    under = _times(bottom, below)
    if below and (bottom > 1 or ("*" in below and below[0] != "(")):
        under = f"({under})"
    return f"{'-' * (coefficient < 0)}{above}/{under}"


def _times(number: int, body: str) -> str:
    if not body:
        return str(number)
    if number == 1:
        return body
    return f"{number}{body}" if _POWER.fullmatch(body) else f"{number}*{body}"


def total(terms: Sequence[str]) -> str:
    """Signed terms as one sum, the zeros left out.

    >>> total(["x^2", "-3x", "0", "1"])
    'x^2 - 3x + 1'
    """
    text = ""
    for each in terms:
        if each == "0":
            continue
        if not text:
            text = each
        else:
            text += f" - {each[1:]}" if each[0] == "-" else f" + {each}"
    return text or "0"


def power(exponent: int, variable: str = "x") -> str:
    """`x^3`, `x`, or nothing for the exponent 0."""
    return f"{variable}^{exponent}" if exponent > 1 else variable * exponent


def written(coefficients: Coefficients, variable: str = "x") -> str:
    """A polynomial with integer or fractional coefficients.

    >>> written([Fraction(2, 3), 0, -1, 5])
    '2x^3/3 - x + 5'
    """
    degree = len(coefficients) - 1
    return total([term(each, power(degree - place, variable)) for place, each in enumerate(coefficients)])


def bracketed(coefficients: Coefficients) -> str:
    """A polynomial as a factor: in parentheses unless it is one power of x."""
    text = written(coefficients)
    return text if _POWER.fullmatch(text) or text.isdigit() else f"({text})"


def times(coefficients: Coefficients, body: str) -> str:
    """A polynomial times something else, with its sign: `3x^2*sin(x)`, `(x + 1)*e^x`, `-4*e^x`."""
    degree = len(coefficients) - 1
    found = [(place, each) for place, each in enumerate(coefficients) if each]
    if not found:
        return "0"
    if len(found) > 1:
        return f"({written(coefficients)})*{body}"
    place, coefficient = found[0]
    symbol = power(degree - place)
    return term(coefficient, f"{symbol}*{body}" if symbol else body)


def power_term(coefficient: Number, exponent: Fraction) -> str:
    """`5/x^2`, `3*x*sqrt(x)`, `2/sqrt(x)`: a power of x without negative or broken exponents."""
    steps = int(abs(exponent))
    body = "*".join([each for each in (power(steps), "sqrt(x)" * (exponent.denominator > 1)) if each])
    return term(coefficient, body) if exponent >= 0 else term(coefficient, "", body)


def plain_power(coefficient: Number, exponent: Fraction) -> str:
    """The same with its exponent written out: `5*x^(-2)`, `3*x^(3/2)`."""
    shown = str(exponent) if exponent > 0 and exponent.denominator == 1 else f"({exponent})"
    return term(coefficient, "x" if exponent == 1 else f"x^{shown}") if exponent else str(coefficient)


def put_in(coefficients: Coefficients, x: Number) -> str:
    """A polynomial with a number in the place of x: `2*3^2 - 5*3 + 1`."""
    degree, at = len(coefficients) - 1, number(x)
    bodies = [at + (f"^{degree - place}" if degree - place > 1 else "") for place in range(degree)] + [""]
    return total([_put(each, body) for each, body in zip(coefficients, bodies, strict=True)])


def _put(coefficient: Number, body: str) -> str:
    if not body or not coefficient:
        return str(coefficient)
    if coefficient in (1, -1):
        return "-" * (coefficient < 0) + body
    value = Fraction(coefficient)
    below = f"/{value.denominator}" if value.denominator > 1 else ""
    return f"{value.numerator}*{body}{below}"


def number(value: Number) -> str:
    """A number as an operand: in parentheses when negative or a fraction."""
    return f"({value})" if value < 0 or value != int(value) else str(value)


def negative(value: Number) -> str:
    """A number after a minus sign."""
    return f"({value})" if value < 0 else str(value)


def equal(*steps: object) -> str:
    """`4/6 = 2/3`: the steps in a row, each once."""
    return " = ".join(dict.fromkeys(map(str, steps)))


def applied(name: str, inside: str) -> str:
    """The function `name` (`sin`, `cos`, `tan`, `exp`, `ln`, `sqrt`) of a text."""
    if name == "exp":
        return f"e^{inside}" if inside == "x" else f"e^({inside})"
    return f"{name}({inside})"


def starred(text: str) -> str:
    """Every product of a number and a letter with its sign, as formulas with functions are written.

    >>> starred("2x*e^(3x) + 5x^2")
    '2*x*e^(3*x) + 5*x^2'
    """
    return _MISSING_STAR.sub(r"\1*", text)
