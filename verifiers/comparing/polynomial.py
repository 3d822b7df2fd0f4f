"""Canonical terms multiplied out: a quotient of two polynomials with rational coefficients.

The variables are symbols, constants and whatever cannot be multiplied out; exponents may be fractions,
so `sqrt(2)*sqrt(6)` and `2*sqrt(3)` have one normal form. Equality here is a proof. Inequality is one
only when every variable is independent of the others (`complete`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter

from verifiers.comparing.canon import canonical
from verifiers.comparing.terms import TRIAL_LIMIT, NotScalarError, Term, bits, number
from verifiers.parsing.tree import Node

#: A monomial: (variable, exponent) pairs, sorted. A polynomial: monomial to coefficient, zeros left out.
Monomial = tuple[tuple[Term, int | Fraction], ...]
Polynomial = dict[Monomial, int | Fraction]

MAX_TERMS = 400
#: Products of two monomials in one normal form; each costs a few microseconds.
MAX_WORK = 1500
MAX_POWER = 64
MAX_MONOMIAL_POWER = 100_000
#: Coefficients stay far below what `canon.MAX_BITS` allows, because there are many of them.
MAX_COEFFICIENT_BITS = 8192

UNIT: Monomial = ()
ONE_POLYNOMIAL: Polynomial = {UNIT: 1}


class TooLargeError(ValueError):
    """Multiplying out would cost more than the budget; other stages must decide."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """`numerator / denominator`; `complete` when its variables are algebraically independent."""

    numerator: Polynomial
    denominator: Polynomial
    complete: bool = True


def equal(left: Term, right: Term) -> bool | None:
    """True and False are proofs; None when the normal form cannot tell or would be too large."""
    work = _Expansion()
    try:
        a, b = work.ratio(left), work.ratio(right)
        same = work.multiply(a.numerator, b.denominator) == work.multiply(b.numerator, a.denominator)
    except TooLargeError:
        return None
    if same:
        return True
    return False if a.complete and b.complete else None


def proportional(left: Term, right: Term) -> bool | None:
    """Whether the numerators differ by a nonzero rational factor: `x - 2 = 0` and `4 = 2 x`."""
    work = _Expansion()
    try:
        a, b = work.ratio(left), work.ratio(right)
    except TooLargeError:
        return None
    if not a.numerator or not b.numerator:
        return not a.numerator and not b.numerator
    monomial = min(a.numerator)
    scale = b.numerator.get(monomial)
    if scale is not None:
        factor = Fraction(scale, a.numerator[monomial])
        if {m: c * factor for m, c in a.numerator.items()} == b.numerator:
            return True
    return False if a.complete and b.complete else None


def linear_root(term: Term) -> tuple[Term, bool] | None:
    """Where `a x + b` is zero, and whether it rises there; None for what is not linear in one symbol."""
    try:
        ratio = _Expansion().ratio(term)
    except TooLargeError:
        return None
    lower = [c for monomial, c in ratio.denominator.items() if monomial == UNIT]
    slopes = [(monomial, c) for monomial, c in ratio.numerator.items() if monomial != UNIT]
    if len(lower) != len(ratio.denominator) or len(slopes) != 1:
        return None
    ((monomial, slope),) = slopes
    if len(monomial) != 1 or monomial[0][0][0] != "s" or monomial[0][1] != 1:
        return None
    constant = ratio.numerator.get(UNIT, 0)
    return number(Fraction(-constant, slope)), Fraction(slope, lower[0]) > 0


class _Expansion:
    """One normal form in the making, with its budget of work. Every method raises `TooLargeError`."""

    def __init__(self) -> None:
        self.work = MAX_WORK

    def ratio(self, term: Term) -> Ratio:
        """The normal form of a canonical term."""
        tag = term[0]
        if tag == "n":
            return Ratio({UNIT: term[1]} if term[1] else {}, ONE_POLYNOMIAL)
        if tag == "+":
            return self.sum([self.ratio(part) for part in term[1:]])
        if tag == "*":
            total = self.ratio(term[1])
            for part in term[2:]:
                total = self.product(total, self.ratio(part))
            return total
        if tag == "^" and term[2][0] == "n":
            return self.power(term[1], term[2][1])
        complete = tag == "s" or term in (("c", "pi"), ("c", "i"))
        return Ratio({((term, 1),): 1}, ONE_POLYNOMIAL, complete)

    def power(self, base: Term, exponent: Fraction) -> Ratio:
        if exponent.denominator != 1:
            independent = base[0] == "n" and _is_prime(base[1])
            radical: Polynomial = {((base, abs(exponent)),): Fraction(1)}
            if exponent < 0:
                return Ratio(ONE_POLYNOMIAL, radical, independent)
            return Ratio(radical, ONE_POLYNOMIAL, independent)
        inner, n = self.ratio(base), int(exponent)
        single = len(inner.numerator) + len(inner.denominator) <= 2
        if abs(n) > (MAX_MONOMIAL_POWER if single else MAX_POWER):
            raise TooLargeError
        above, below = inner.numerator, inner.denominator
        if n < 0:
            above, below, n = below, above, -n
            if not below:
                raise TooLargeError
        return Ratio(self.repeated(above, n), self.repeated(below, n), inner.complete)

    def repeated(self, base: Polynomial, n: int) -> Polynomial:
        """`base ** n` by squaring."""
        result = ONE_POLYNOMIAL
        while n:
            if n & 1:
                result = self.multiply(result, base)
            n >>= 1
            if n:
                base = self.multiply(base, base)
        return result

    def sum(self, parts: list[Ratio]) -> Ratio:
        above, below, complete = parts[0].numerator, parts[0].denominator, parts[0].complete
        for part in parts[1:]:
            complete = complete and part.complete
            if below == part.denominator:
                above = _plus(above, part.numerator)
            else:
                left = self.multiply(above, part.denominator)
                above = _plus(left, self.multiply(part.numerator, below))
                below = self.multiply(below, part.denominator)
        return Ratio(above, below, complete)

    def product(self, a: Ratio, b: Ratio) -> Ratio:
        above = self.multiply(a.numerator, b.numerator)
        return Ratio(above, self.multiply(a.denominator, b.denominator), a.complete and b.complete)

    def multiply(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if a == ONE_POLYNOMIAL:
            return b
        if b == ONE_POLYNOMIAL:
            return a
        self.work -= len(a) * len(b)
        if self.work < 0:
            raise TooLargeError
        result: Polynomial = {}
        for left, c in a.items():
            for right, d in b.items():
                monomial, factor = _times(left, right)
                value = result.get(monomial, 0) + c * d * factor
                if bits(value) > MAX_COEFFICIENT_BITS:
                    raise TooLargeError
                if value:
                    result[monomial] = value
                else:
                    result.pop(monomial, None)
        if len(result) > MAX_TERMS:
            raise TooLargeError
        return result


def _is_prime(value: Fraction) -> bool:
    n = value.numerator
    if value.denominator != 1 or n < 2 or n >= TRIAL_LIMIT * TRIAL_LIMIT:
        return False
    return all(n % divisor for divisor in range(2, math.isqrt(n) + 1))


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for monomial, coefficient in b.items():
        value = total.get(monomial, 0) + coefficient
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def _times(left: Monomial, right: Monomial) -> tuple[Monomial, int | Fraction]:
    """The product of two monomials, and the rational that whole powers of numbers and `i` set free."""
    if not left or not right:
        return left or right, 1
    exponents = dict(left)
    for variable, exponent in right:
        exponents[variable] = exponents.get(variable, 0) + exponent
    factor: int | Fraction = 1
    for variable in list(exponents):
        exponent = exponents[variable]
        if variable[0] == "n" and exponent >= 1:
            whole = math.floor(exponent)
            factor *= variable[1] ** whole
            exponents[variable] = exponent - whole
        elif variable == ("c", "i") and exponent >= 2:
            factor *= (-1) ** (int(exponent) // 2)
            exponents[variable] = exponent % 2
    return tuple(sorted((v, e) for v, e in exponents.items() if e)), factor


#: Candidates for a rational root that are tried; beyond, a polynomial counts as irreducible.
MAX_CANDIDATES = 400


def irreducible(tree: Node) -> bool:
    """Whether a sum has no factor over the rationals that this can see.

    It sees a common factor of the terms, a rational root, and a difference of squares in several
    variables. A polynomial of degree 4 and more may still be a product of two without roots.
    """
    try:
        ratio = _Expansion().ratio(canonical(tree))
    except (TooLargeError, NotScalarError):
        return True
    terms = ratio.numerator
    if ratio.denominator != ONE_POLYNOMIAL or len(terms) < 2:
        return len(terms) < 2
    common = set.intersection(*(set(map(itemgetter(0), monomial)) for monomial in terms))
    if common or math.gcd(*(int(c) for c in terms.values() if c.denominator == 1)) > 1:
        return False
    names = {variable for monomial in terms for variable, _ in monomial}
    if len(names) == 1:
        return not _has_rational_root(terms)
    return not _is_difference_of_squares(terms)


def _has_rational_root(terms: Polynomial) -> bool:
    degrees = {int(monomial[0][1]) if monomial else 0: c for monomial, c in terms.items()}
    top = max(degrees)
    if top < 2 or any(monomial and monomial[0][1].denominator != 1 for monomial in terms):
        return False
    scale = math.lcm(*(c.denominator for c in degrees.values()))
    whole = {power: int(c * scale) for power, c in degrees.items()}
    last, first = abs(whole.get(0, 0)), abs(whole[top])
    if max(last, first) > MAX_CANDIDATES**2:
        return False
    roots = (Fraction(p, q) for p in _divisors(last) for q in _divisors(first))
    return any(
        not sum(c * (sign * root) ** power for power, c in whole.items())
        for root in roots
        for sign in (1, -1)
    )


def _divisors(n: int) -> list[int]:
    small = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
    return small + [n // d for d in small]


def _is_difference_of_squares(terms: Polynomial) -> bool:
    if len(terms) != 2 or sorted(c > 0 for c in terms.values()) != [False, True]:
        return False
    squares = (math.isqrt(abs(c.numerator)) ** 2 == abs(c.numerator) for c in terms.values())
    return all(squares) and all(power % 2 == 0 for monomial in terms for _, power in monomial)
