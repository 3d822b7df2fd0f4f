"""Canonical terms and their algebra: exact numbers carried out within a budget, like terms collected.

Terms are nested tuples, so that they hash and sort: `("n", int or Fraction)`, `("s", name)`, `("c", name)`,
`("+", ...)`, `("*", ...)`, `("^", base, exponent)`, `("f", name, ...)`. The size of every power is estimated
before it is computed: one over the budget stays as it was written, so a tower of exponents costs nothing.
No expansion here (see `polynomial.py`), and no functions (see `functions.py`).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

Term = tuple[Any, ...]

#: No number of more bits is ever computed (2004! has 19 000).
MAX_BITS = 1 << 16
#: Radicands are factored by trial division up to here; what is left under its square is prime.
TRIAL_LIMIT = 1000

ZERO: Term = ("n", 0)
ONE: Term = ("n", 1)
MINUS_ONE: Term = ("n", -1)
HALF: Term = ("n", Fraction(1, 2))
I_UNIT: Term = ("c", "i")
PI: Term = ("c", "pi")
EULER: Term = ("c", "e")
UNDEFINED: Term = ("c", "undefined")


class NotScalarError(ValueError):
    """The tree is a list, a relation or a sentence: it has no value to compute with."""


def number(value: int | Fraction) -> Term:
    return ("n", value.numerator if value.denominator == 1 else value)


def add(terms: list[Term]) -> Term:
    """The sum of canonical terms: flat, like terms collected, sorted."""
    constant: int | Fraction = 0
    coefficients: dict[Term, int | Fraction] = {}
    stack = list(terms)
    while stack:
        term = stack.pop()
        if term == UNDEFINED:
            return UNDEFINED
        if term[0] == "+":
            stack.extend(term[1:])
        elif term[0] == "n":
            constant += term[1]
        else:
            coefficient, rest = split_coefficient(term)
            if rest[0] == "+":  # what is subtracted must meet what it cancels
                stack.extend(product([number(coefficient), part]) for part in rest[1:])
                continue
            coefficients[rest] = coefficients.get(rest, 0) + coefficient
    if ("c", "infinity") in coefficients:
        return _infinite_sum(coefficients)
    parts = [_scaled(c, rest) for rest, c in coefficients.items() if c]
    if constant:
        parts.append(number(constant))
    if not parts:
        return ZERO
    return parts[0] if len(parts) == 1 else ("+", *sorted(parts))


def subtract(a: Term, b: Term) -> Term:
    """`a - b`, with what the two have in common gone."""
    terms = b[1:] if b[0] == "+" else (b,)
    return add([a, *(product([MINUS_ONE, term]) for term in terms)])


def _infinite_sum(coefficients: dict[Term, int | Fraction]) -> Term:
    coefficient = coefficients[("c", "infinity")]
    if not coefficient:
        return UNDEFINED
    return _scaled(Fraction(1 if coefficient > 0 else -1), ("c", "infinity"))


def split_coefficient(term: Term) -> tuple[int | Fraction, Term]:
    """`3 x y` as (3, x y)."""
    if term[0] == "*" and term[1][0] == "n":
        rest = term[2:]
        return term[1][1], rest[0] if len(rest) == 1 else ("*", *rest)
    return 1, term


def _scaled(coefficient: int | Fraction, rest: Term) -> Term:
    if coefficient == 1:
        return rest
    factors = rest[1:] if rest[0] == "*" else (rest,)
    return ("*", number(coefficient), *factors)


def product(factors: list[Term]) -> Term:
    """The product of canonical terms: flat, powers of one base collected, the number in front."""
    coefficient: int | Fraction = 1
    exponents: dict[Term, list[Term]] = {}
    stack = list(factors)
    while stack:
        factor = stack.pop()
        if factor == UNDEFINED:
            return UNDEFINED
        if factor[0] == "*":
            stack.extend(factor[1:])
        elif factor[0] == "n":
            coefficient *= factor[1]
            _check_size(coefficient)
        elif factor[0] == "^":
            exponents.setdefault(factor[1], []).append(factor[2])
        else:
            exponents.setdefault(factor, []).append(ONE)
    if not coefficient:
        return UNDEFINED if ("c", "infinity") in exponents else ZERO
    parts: list[Term] = []
    for base, several in exponents.items():
        part = power(base, add(several)) if len(several) > 1 else _raised(base, several[0])
        inner = part[1:] if part[0] == "*" else (part,)
        for piece in inner:
            if piece == UNDEFINED:
                return UNDEFINED
            if piece[0] == "n":
                coefficient *= piece[1]
            else:
                parts.append(piece)
    if not coefficient:
        return ZERO
    _check_size(coefficient)
    if ("c", "infinity") in parts and all(part[0] == "c" for part in parts):
        return _scaled(Fraction(1 if coefficient > 0 else -1), ("c", "infinity"))
    if not parts:
        return number(coefficient)
    if len(parts) == 1:
        return _scaled(coefficient, parts[0])
    return _scaled(coefficient, ("*", *sorted(parts)))


def _check_size(value: int | Fraction) -> None:
    if value.numerator.bit_length() > 4 * MAX_BITS or value.denominator.bit_length() > 4 * MAX_BITS:
        raise NotScalarError("a number too large to be written out")


def _raised(base: Term, exponent: Term) -> Term:
    return base if exponent == ONE else ("^", base, exponent)


def power(base: Term, exponent: Term) -> Term:
    """`base ** exponent`, exact where it is small; radicals of rationals in lowest form."""
    if UNDEFINED in (base, exponent):
        return UNDEFINED
    if exponent == ONE:
        return base
    if base == EULER and exponent[:2] == ("f", "ln"):
        return exponent[2]
    if exponent[0] != "n":
        return ("^", base, exponent)
    n: int | Fraction = exponent[1]
    if base[0] == "n":
        return _power_of_number(base[1], n)
    if n == 0:
        return ONE
    if base == ("c", "infinity"):
        return ZERO if n < 0 else base
    if n.denominator == 1:
        if base == I_UNIT:
            return (ONE, I_UNIT, MINUS_ONE, ("*", MINUS_ONE, I_UNIT))[int(n) % 4]
        if base[0] == "*":
            return product([power(factor, exponent) for factor in base[1:]])
        if base[0] == "^" and base[2][0] == "n":
            return power(base[1], number(base[2][1] * n))
    elif base[0] == "*" and base[1][0] == "n" and base[1][1] > 0:
        coefficient, rest = split_coefficient(base)
        return product([_power_of_number(coefficient, n), ("^", rest, exponent)])
    return ("^", base, exponent)


def _power_of_number(base: int | Fraction, n: int | Fraction) -> Term:
    if base == 0:
        return ZERO if n > 0 else UNDEFINED
    if n == 0 or base == 1:
        return ONE
    if base == -1 and n.denominator == 1:
        return ONE if n % 2 == 0 else MINUS_ONE
    if n.denominator == 1:
        if bits(base) * abs(int(n)) > MAX_BITS:
            return ("^", number(base), number(n))
        return number(base ** int(n) if n > 0 else Fraction(base) ** int(n))
    if base < 0:
        if n.denominator % 2:
            return product([MINUS_ONE if n.numerator % 2 else ONE, _power_of_number(-base, n)])
        if n.denominator == 2:
            return product([power(I_UNIT, number(n.numerator)), _power_of_number(-base, n)])
        return ("^", number(base), number(n))
    if bits(base) > 128 or bits(base) * abs(Fraction(n)) > MAX_BITS:
        return ("^", number(base), number(n))
    return _radical(base, n)


def _radical(base: int | Fraction, n: int | Fraction) -> Term:
    """A positive rational to a fractional power: each prime apart, its whole powers taken out."""
    coefficient = Fraction(1)
    parts: list[Term] = []
    for integer, sign in ((base.numerator, 1), (base.denominator, -1)):
        for prime, multiplicity in factor(integer):
            exponent = n * multiplicity * sign
            whole = math.floor(exponent)
            coefficient *= Fraction(prime) ** whole
            if exponent != whole:
                parts.append(("^", number(prime), number(exponent - whole)))
    if not parts:
        return number(coefficient)
    return _scaled(coefficient, parts[0] if len(parts) == 1 else ("*", *sorted(parts)))


def factor(n: int) -> list[tuple[int, int]]:
    """(prime, multiplicity) of `n`; a cofactor above `TRIAL_LIMIT` squared is left in one piece."""
    found: list[tuple[int, int]] = []
    divisor = 2
    while divisor <= TRIAL_LIMIT and divisor * divisor <= n:
        multiplicity = 0
        while n % divisor == 0:
            n //= divisor
            multiplicity += 1
        if multiplicity:
            found.append((divisor, multiplicity))
        divisor += 1 if divisor == 2 else 2
    if n > 1:
        root = math.isqrt(n)
        found.append((root, 2) if root * root == n else (n, 1))
    return found


def bits(value: int | Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()
