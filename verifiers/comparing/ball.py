"""The operations of `interval.py` on Arb's balls, where python-flint is installed: a hundred times faster.

Source: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE
Transactions on Computers 66(8), 2017. Arb keeps its precision in a context of the thread's; whoever uses
an arithmetic of this file holds `precision(digits)` around it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import Any

from verifiers.comparing.interval import EnclosureError, UndefinedError

flint: Any
try:
    import flint
except ImportError:  # the standard library's decimals do, more slowly
    flint = None

AVAILABLE = flint is not None

Ball = Any  # flint.arb
#: The context is the library's; a thread that changes it must not be overtaken by another.
_CONTEXT = threading.RLock()
_BITS_A_DIGIT = 3.33
#: Beyond this Arb's exponents would themselves take memory; such powers are left to the decimals.
_MAX_EXPONENT_BITS = 64


@contextmanager
def precision(digits: int) -> Iterator[None]:
    """Arb's context at `digits` decimal digits, for one thread at a time."""
    with _CONTEXT, flint.ctx.workprec(int(digits * _BITS_A_DIGIT) + 12):
        yield


class BallArithmetic:
    """See `interval.Arithmetic`, which this follows operation by operation."""

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.half = int(digits * _BITS_A_DIGIT / 2)

    def rational(self, value: Fraction) -> Ball:
        return flint.arb(flint.fmpq(value.numerator, value.denominator))

    def add(self, a: Ball, b: Ball) -> Ball:
        return _finite(a + b)

    def negate(self, a: Ball) -> Ball:
        return -a

    def multiply(self, a: Ball, b: Ball) -> Ball:
        return _finite(a * b)

    def inverse(self, a: Ball) -> Ball:
        if a.contains(0):
            raise EnclosureError("division by what may be zero")
        return 1 / a

    def power(self, a: Ball, exponent: Fraction) -> Ball:
        """A power with a rational exponent; odd roots of negative numbers are real."""
        if exponent < 0:
            return self.inverse(self.power(a, -exponent))
        n, root = exponent.numerator, exponent.denominator
        if root == 1:
            return _finite(a ** flint.fmpz(n))
        if a < 0:
            if root % 2 == 0:
                raise UndefinedError("an even root of a negative number")
            magnitude = self.power(-a, exponent)
            return -magnitude if n % 2 else magnitude
        if root == 2 and a >= 0:
            return _finite(a.sqrt() ** flint.fmpz(n))
        if a == 0:
            return a
        if not a > 0:
            raise EnclosureError("a root of what may be negative")
        return self.exp(a.log() * self.rational(exponent))

    def real_power(self, a: Ball, b: Ball) -> Ball:
        if not a > 0:
            raise EnclosureError("a power of what may not be positive")
        return self.exp(b * a.log())

    def exp(self, a: Ball) -> Ball:
        return _finite(a.exp())

    def ln(self, a: Ball) -> Ball:
        if a < 0:
            raise UndefinedError("the logarithm of a negative number")
        if not a > 0:
            raise EnclosureError("the logarithm of what may not be positive")
        return a.log()

    def factorial(self, a: Ball) -> Ball:
        """Of any number but the negative integers: the gamma function."""
        return _finite((a + 1).gamma())

    def absolute(self, a: Ball) -> Ball:
        return abs(a)

    def step(self, name: str, a: Ball) -> Ball:
        value = a.sgn() if name == "sign" else a.floor() if name == "floor" else a.ceil()
        if not value.is_exact():
            raise EnclosureError(f"{name} at a jump")
        return value

    def smallest(self, several: Iterable[Ball]) -> Ball:
        first, *rest = several
        for other in rest:
            first = first.min(other)
        return first

    def largest(self, several: Iterable[Ball]) -> Ball:
        first, *rest = several
        for other in rest:
            first = first.max(other)
        return first

    def disjoint(self, a: Ball, b: Ball) -> bool:
        return not a.overlaps(b)

    def nonzero(self, a: Ball) -> bool:
        return bool(a > 0 or a < 0)

    def positive(self, a: Ball) -> bool:
        return bool(a > 0)

    def narrow(self, a: Ball) -> bool:
        """Whether a ball pins its number to half of the digits carried."""
        return bool(a.is_finite()) and (a.rel_accuracy_bits() >= self.half or bool(abs(a) < 2.0**-self.half))

    def shown(self, a: Ball) -> list[str]:
        return [end.str(25, radius=False) for end in (a.lower(), a.upper())]

    def pi(self) -> Ball:
        return flint.arb.pi()

    def euler(self) -> Ball:
        return flint.arb.const_e()

    def sin(self, a: Ball) -> Ball:
        return a.sin()

    def cos(self, a: Ball) -> Ball:
        return a.cos()

    def arctan(self, a: Ball) -> Ball:
        return a.atan()

    def arcsin(self, a: Ball) -> Ball:
        if abs(a) > 1:
            raise UndefinedError("the arcsine of a number over 1")
        if not abs(a) <= 1:
            raise EnclosureError("the arcsine of what may be over 1")
        return a.asin()


def _finite(a: Ball) -> Ball:
    """A ball that is known to something and whose exponent is of an honest size."""
    if not a.is_finite():
        raise EnclosureError("beyond any enclosure")
    return a


@lru_cache(maxsize=16)
def balls(digits: int) -> BallArithmetic:
    """The shared `BallArithmetic` of a precision."""
    return BallArithmetic(digits)
