"""Polynomials in one variable over the rationals, as lists of coefficients from the constant up.

Counts roots without finding them (Sturm 1829), which is what makes a list of roots complete.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from verifiers.comparing.terms import Term, bits

Dense = list[Fraction]

MAX_DEGREE = 64
MAX_COEFFICIENT_BITS = 4096


class NotPolynomialError(ValueError):
    """The term is no quotient of polynomials in this one variable, or too large a one."""


def quotient(term: Term, variable: str) -> tuple[Dense, Dense]:
    """Numerator and denominator of a canonical term; they may have factors in common."""
    tag = term[0]
    if tag == "n":
        return trimmed([Fraction(term[1])]), [Fraction(1)]
    if term == ("s", variable):
        return [Fraction(0), Fraction(1)], [Fraction(1)]
    if tag == "+":
        above, below = quotient(term[1], variable)
        for part in term[2:]:
            upper, lower = quotient(part, variable)
            above = plus(times(above, lower), times(upper, below)) if lower != below else plus(above, upper)
            below = times(below, lower) if lower != below else below
        return above, below
    if tag == "*":
        above, below = [Fraction(1)], [Fraction(1)]
        for part in term[1:]:
            upper, lower = quotient(part, variable)
            above, below = times(above, upper), times(below, lower)
        return above, below
    if tag == "^" and term[2][0] == "n" and term[2][1].denominator == 1:
        n = int(term[2][1])
        if abs(n) > MAX_DEGREE:
            raise NotPolynomialError("too high a power")
        above, below = quotient(term[1], variable)
        above, below = (below, above) if n < 0 else (above, below)
        if not below:
            raise NotPolynomialError("a division by zero")
        return raised(above, abs(n)), raised(below, abs(n))
    raise NotPolynomialError("not a polynomial")


def polynomial(term: Term, variable: str) -> Dense:
    """The polynomial a canonical term is; raises `NotPolynomialError`."""
    above, below = quotient(term, variable)
    if len(below) != 1:
        raise NotPolynomialError("a quotient, not a polynomial")
    return [c / below[0] for c in above]


def trimmed(poly: Dense) -> Dense:
    while poly and not poly[-1]:
        poly = poly[:-1]
    return poly


def plus(a: Dense, b: Dense) -> Dense:
    if len(a) < len(b):
        a, b = b, a
    return trimmed([*(x + y for x, y in zip(a, b, strict=False)), *a[len(b) :]])


def times(a: Dense, b: Dense) -> Dense:
    if len(a) + len(b) > MAX_DEGREE + 2:
        raise NotPolynomialError(f"of a degree over {MAX_DEGREE}")
    total = [Fraction(0)] * max(len(a) + len(b) - 1, 0)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            total[i + j] += x * y
    if any(bits(c) > MAX_COEFFICIENT_BITS for c in total):
        raise NotPolynomialError("coefficients too large")
    return trimmed(total) if a and b else []


def raised(base: Dense, n: int) -> Dense:
    total = [Fraction(1)]
    for _ in range(n):
        total = times(total, base)
    return total


def divided(a: Dense, b: Dense) -> tuple[Dense, Dense]:
    """Quotient and remainder; `b` is not zero."""
    remainder, result = list(a), [Fraction(0)] * max(len(a) - len(b) + 1, 0)
    while len(remainder) >= len(b):
        factor, shift = remainder[-1] / b[-1], len(remainder) - len(b)
        result[shift] = factor
        remainder = trimmed(
            [c - (factor * b[i - shift] if i >= shift else 0) for i, c in enumerate(remainder)]
        )
    return trimmed(result), remainder


def gcd(a: Dense, b: Dense) -> Dense:
    """The greatest common divisor with leading coefficient 1; of two zeros, zero."""
    while b:
        rest = divided(a, b)[1]
        a, b = b, [c / rest[-1] for c in rest]
    return [c / a[-1] for c in a]


def derivative(poly: Dense) -> Dense:
    return [n * c for n, c in enumerate(poly)][1:]


def squarefree(poly: Dense) -> Dense:
    """The polynomial with the same roots, each once."""
    return divided(poly, gcd(poly, derivative(poly)))[0]


def at(poly: Dense, point: Fraction) -> Fraction:
    total = Fraction(0)
    for c in reversed(poly):
        total = total * point + c
    return total


def distinct_roots(poly: Dense, *, real: bool) -> int:
    """How many different roots a polynomial other than zero has, real ones or complex ones."""
    bare = squarefree(poly)
    if not real:
        return len(bare) - 1
    chain = [bare, derivative(bare)]
    while chain[-1]:
        rest = divided(chain[-2], chain[-1])[1]
        chain.append([-c / abs(rest[-1]) for c in rest])  # a positive factor changes no sign
    chain.pop()
    right = [poly[-1] > 0 for poly in chain]
    left = [(poly[-1] > 0) == (len(poly) % 2 == 1) for poly in chain]
    return _changes(left) - _changes(right)


def _changes(signs: list[bool]) -> int:
    return sum(a != b for a, b in pairwise(signs))
