"""Rational expressions too large to multiply out, compared by their residues modulo a prime.

Different residues at one point prove difference; equal residues at random points are equality up to a
chance of about degree / 2**61 (Schwartz 1980, Zippel 1979). Powers cost the logarithm of their exponent,
so `(x+y+z+1)^300` takes microseconds.
"""

from __future__ import annotations

import random
from fractions import Fraction

from verifiers.comparing.numeric import free_symbols
from verifiers.comparing.terms import Term

PRIME = (1 << 61) - 1
POINTS = 3


class NotRationalError(ValueError):
    """The term is not built of rationals and symbols by + * and whole powers, or divides by zero."""


def equal(left: Term, right: Term, points: int = POINTS) -> bool | None:
    """True (with overwhelming probability), False (a proof), or None where the method does not apply."""
    names = sorted(free_symbols(left) | free_symbols(right))
    rng = random.Random(",".join(names))
    try:
        for _ in range(points):
            point = {name: rng.randrange(2, PRIME) for name in names}
            if _residue(left, point) != _residue(right, point):
                return False
    except NotRationalError:
        return None
    return True


def _residue(term: Term, point: dict[str, int]) -> int:
    tag = term[0]
    if tag == "n":
        return _rational(term[1])
    if tag == "s":
        return point[term[1]]
    if tag == "+":
        return sum(_residue(part, point) for part in term[1:]) % PRIME
    if tag == "*":
        total = 1
        for part in term[1:]:
            total = total * _residue(part, point) % PRIME
        return total
    if tag == "^" and term[2][0] == "n" and term[2][1].denominator == 1:
        base = _residue(term[1], point)
        if not base:
            raise NotRationalError("a power of zero")
        return pow(base, int(term[2][1]), PRIME)
    raise NotRationalError(tag)


def _rational(value: Fraction) -> int:
    if value.denominator % PRIME == 0:
        raise NotRationalError("a denominator divisible by the prime")
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME
