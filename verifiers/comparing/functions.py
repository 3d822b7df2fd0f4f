"""Functions of canonical terms: rewritten into fewer ones, carried out where they are exact and small.

Knows no trees; `canon.py` calls it by a function's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from verifiers.comparing.terms import (
    EULER,
    HALF,
    I_UNIT,
    MAX_BITS,
    MINUS_ONE,
    ONE,
    PI,
    UNDEFINED,
    ZERO,
    NotScalarError,
    Term,
    add,
    bits,
    factor,
    number,
    power,
    product,
    subtract,
)
from verifiers.parsing.notation import words


def call(name: str, arguments: list[Term]) -> Term:
    """A function of canonical terms; carried out where it is exact and small."""
    if UNDEFINED in arguments:
        return UNDEFINED
    rewrite = _REWRITES.get(name)
    if rewrite is not None:
        return rewrite(*arguments)
    if name in _EXACT and all(argument[0] == "n" for argument in arguments):
        value = _EXACT[name](*(argument[1] for argument in arguments))
        if value is not None:
            return number(value)
    if name in ("gcd", "lcm", "min", "max"):
        arguments = sorted(arguments)
    if name == "ln":
        return _ln(arguments[0])
    if name not in _FUNCTIONS:
        raise NotScalarError(f"{name} is not a value")
    return ("f", name, *arguments)


def _ln(argument: Term) -> Term:
    """Of a rational the logarithms of its primes; `ln(e^x)` is `x`, as it is for every real x."""
    if argument == EULER:
        return ONE
    if argument[0] == "^" and argument[1] == EULER:
        return argument[2]
    if argument == ZERO:
        return UNDEFINED
    if argument[0] != "n" or argument[1] < 0 or bits(argument[1]) > 128:
        return ("f", "ln", argument)
    above, below = argument[1].numerator, argument[1].denominator
    powers = [(prime, n) for prime, n in factor(above)] + [(prime, -n) for prime, n in factor(below)]
    return add([product([number(n), ("f", "ln", number(prime))]) for prime, n in powers])


def _logarithm(argument: Term, base: Term) -> Term:
    return product([call("ln", [argument]), power(call("ln", [base]), MINUS_ONE)])


_REWRITES: dict[str, Callable[..., Term]] = {
    "sqrt": lambda x: power(x, HALF),
    "cbrt": lambda x: power(x, number(Fraction(1, 3))),
    "root": lambda x, n: power(x, power(n, MINUS_ONE)),
    "exp": lambda x: power(EULER, x),
    "percent": lambda x: product([x, number(Fraction(1, 100))]),
    "degree": lambda x: product([x, PI, number(Fraction(1, 180))]),
    "ratio": lambda a, b: product([a, power(b, MINUS_ONE)]),
    "log": _logarithm,
    "log10": lambda x: _logarithm(x, number(10)),
    "log2": lambda x: _logarithm(x, number(2)),
    "sec": lambda x: power(call("cos", [x]), MINUS_ONE),
    "csc": lambda x: power(call("sin", [x]), MINUS_ONE),
    "tan": lambda x: product([call("sin", [x]), power(call("cos", [x]), MINUS_ONE)]),
    "cot": lambda x: product([call("cos", [x]), power(call("sin", [x]), MINUS_ONE)]),
    "sech": lambda x: power(call("cosh", [x]), MINUS_ONE),
    "csch": lambda x: power(call("sinh", [x]), MINUS_ONE),
    "coth": lambda x: power(call("tanh", [x]), MINUS_ONE),
    "arccot": lambda x: subtract(product([HALF, PI]), call("arctan", [x])),
    "arcsec": lambda x: call("arccos", [power(x, MINUS_ONE)]),
    "arccsc": lambda x: call("arcsin", [power(x, MINUS_ONE)]),
    "arcsinh": lambda x: call("ln", [add([x, power(add([product([x, x]), ONE]), HALF)])]),
    "arccosh": lambda x: call("ln", [add([x, power(add([product([x, x]), MINUS_ONE]), HALF)])]),
    "arctanh": lambda x: product(
        [HALF, subtract(call("ln", [add([ONE, x])]), call("ln", [subtract(ONE, x)]))]
    ),
    "conjugate": lambda x: conjugate(x),
    "cis": lambda x: add([call("cos", [x]), product([I_UNIT, call("sin", [x])])]),
    "re": lambda x: product([HALF, add([x, conjugate(x)])]),
    "im": lambda x: product([HALF, MINUS_ONE, I_UNIT, subtract(x, conjugate(x))]),
}


def conjugate(term: Term) -> Term:
    """With `-i` for `i`: symbols are real, and the functions here are real on the reals."""
    if term == I_UNIT:
        return product([MINUS_ONE, I_UNIT])
    if term[0] in ("n", "s", "c"):
        return term
    if term[0] == "f":
        return ("f", term[1], *map(conjugate, term[2:]))
    parts = list(map(conjugate, term[1:]))
    return add(parts) if term[0] == "+" else product(parts) if term[0] == "*" else power(*parts)


#: A determinant of n rows takes n! products when it is developed along its first.
MAX_DETERMINANT = 5


def determinant(rows: list[list[Term]]) -> Term:
    if len(rows) != len(rows[0]) or len(rows) > MAX_DETERMINANT:
        raise NotScalarError("a determinant that is not square or too large")
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for column, entry in enumerate(rows[0]):
        minor = [row[:column] + row[column + 1 :] for row in rows[1:]]
        terms.append(product([MINUS_ONE if column % 2 else ONE, entry, determinant(minor)]))
    return add(terms)


def _integers(function: Callable[..., int]) -> Callable[..., Fraction | None]:
    def checked(*values: Fraction) -> Fraction | None:
        if any(value.denominator != 1 for value in values):
            return None
        return Fraction(function(*(int(value) for value in values)))

    return checked


def _factorial(value: Fraction) -> Fraction | None:
    n = value.numerator
    if value.denominator != 1 or n < 0 or n * max(n.bit_length(), 1) > MAX_BITS:
        return None
    return Fraction(math.factorial(n))


def _double_factorial(value: Fraction) -> Fraction | None:
    n = value.numerator
    if value.denominator != 1 or n < 0 or n * max(n.bit_length(), 1) > MAX_BITS:
        return None
    return Fraction(math.prod(range(n, 0, -2)))


def _binomial(upper: Fraction, lower: Fraction) -> Fraction | None:
    if upper.denominator != 1 or lower.denominator != 1 or upper < 0 or lower < 0:
        return None
    n, k = int(upper), int(lower)
    if min(k, n - k) * n.bit_length() > MAX_BITS:
        return None
    return Fraction(math.comb(n, k))


_EXACT: dict[str, Callable[..., Fraction | None]] = {
    "gcd": _integers(math.gcd),
    "lcm": _integers(math.lcm),
    "mod": lambda a, b: a % b if b else None,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "floor": lambda x: Fraction(math.floor(x)),
    "ceil": lambda x: Fraction(math.ceil(x)),
    "abs": abs,
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "factorial": _factorial,
    "factorial2": _double_factorial,
    "binom": _binomial,
    "sin": lambda x: x if x == 0 else None,
    "cos": lambda x: Fraction(1) if x == 0 else None,
    "arctan": lambda x: x if x == 0 else None,
    "arcsin": lambda x: x if x == 0 else None,
}
_FUNCTIONS = words(
    "sin cos sinh cosh tanh arcsin arccos arctan ln abs floor ceil sign gcd lcm min max mod factorial binom "
    "arg erf derivative factorial2"
)
