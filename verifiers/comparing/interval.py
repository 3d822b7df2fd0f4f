"""Interval arithmetic on the standard library's decimals: enclosures that are proofs.

An interval is a pair (low, high) of `Decimal`s, infinite where nothing better is known; every operation
rounds outwards. `decimal` carries exponents up to 10**18, so even `9**9**9` has an enclosure, and what
is larger still has a lower bound. Knows numbers only; `numeric.py` walks the terms.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, isqrt

Interval = tuple[Decimal, Decimal]
#: The same in fixed point: both ends as integers over a power of two.
Bounds = tuple[int, int]

_ZERO, _ONE, _TWO = Decimal(0), Decimal(1), Decimal(2)
_INFINITY = Decimal("Infinity")
#: Sine and cosine of arguments beyond 10**100 are enclosed by [-1, 1].
_MAX_REDUCTION_DIGITS = 100


class EnclosureError(ValueError):
    """Undefined here (a root of a negative number, a zero divisor), or not known to be defined."""


class UndefinedError(EnclosureError):
    """Certainly without a real value, here and around: a proof, and not a lack of digits."""


class Arithmetic:
    """Outward-rounded operations at `digits` significant decimal digits.

    `ball.py` has the same operations on another library's numbers, `complex_numbers.py` on pairs of them.
    """

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.down = _context(digits, ROUND_FLOOR)
        self.up = _context(digits, ROUND_CEILING)

    def rational(self, value: Fraction) -> Interval:
        above, below = Decimal(value.numerator), Decimal(value.denominator)
        return self.down.divide(above, below), self.up.divide(above, below)

    def add(self, a: Interval, b: Interval) -> Interval:
        return _checked(self.down.add(a[0], b[0]), self.up.add(a[1], b[1]))

    def negate(self, a: Interval) -> Interval:
        return a[1].copy_negate(), a[0].copy_negate()

    def multiply(self, a: Interval, b: Interval) -> Interval:
        if a[0] >= 0 and b[0] >= 0:
            return _checked(self.down.multiply(a[0], b[0]), self.up.multiply(a[1], b[1]))
        lows = [self.down.multiply(x, y) for x in a for y in b]
        highs = [self.up.multiply(x, y) for x in a for y in b]
        if any(x.is_nan() for x in lows):
            raise EnclosureError("zero times infinity")
        return min(lows), max(highs)

    def inverse(self, a: Interval) -> Interval:
        if a[0] <= 0 <= a[1]:
            raise EnclosureError("division by what may be zero")
        return self.down.divide(_ONE, a[1]), self.up.divide(_ONE, a[0])

    def power(self, a: Interval, exponent: Fraction) -> Interval:
        """A power with a rational exponent; odd roots of negative numbers are real."""
        if exponent < 0:
            return self.inverse(self.power(a, -exponent))
        if a[1] < 0:
            if exponent.denominator % 2 == 0:
                raise UndefinedError("an even root of a negative number")
            magnitude = self.power(self.negate(a), exponent)
            return self.negate(magnitude) if exponent.numerator % 2 else magnitude
        if a[0] < 0:
            if exponent.denominator != 1 or exponent.numerator % 2 == 0:
                return self._power_across_zero(a, exponent)
            return self._power_at(a[0], exponent)[0], self._power_at(a[1], exponent)[1]
        return self._power_at(a[0], exponent)[0], self._power_at(a[1], exponent)[1]

    def _power_across_zero(self, a: Interval, exponent: Fraction) -> Interval:
        if exponent.denominator % 2 == 0:
            raise EnclosureError("an even root of what may be negative")
        largest = max(-a[0], a[1])
        high = self._power_at(largest, exponent)[1]
        return (_ZERO if exponent.numerator % 2 == 0 else -high), high

    def _power_at(self, x: Decimal, exponent: Fraction) -> Interval:
        if x < 0:
            return self.negate(self._power_at(-x, exponent))
        if x == 0:
            return (_ZERO, _ZERO) if exponent else (_ONE, _ONE)
        if exponent == Fraction(1, 2):
            root = self.down.sqrt(x)
            return root.next_minus(self.down), root.next_plus(self.up)
        if exponent.denominator == 1 and exponent <= 64:
            low = high = _ONE
            for _ in range(int(exponent)):
                low, high = self.down.multiply(low, x), self.up.multiply(high, x)
            return low, high
        return self.exp(self.multiply(self.ln((x, x)), self.rational(exponent)))

    def real_power(self, a: Interval, b: Interval) -> Interval:
        """`exp(b ln a)` for a positive base; of others only whole powers are real, and `b` may be one."""
        if a[0] <= 0:
            raise EnclosureError("a power of what may not be positive")
        return self.exp(self.multiply(b, self.ln(a)))

    def exp(self, a: Interval) -> Interval:
        low = self.down.exp(a[0]).next_minus(self.down)
        high = self.up.exp(a[1])
        return max(low, _ZERO), high if high.is_infinite() else high.next_plus(self.up)

    def ln(self, a: Interval) -> Interval:
        if a[1] < 0:
            raise UndefinedError("the logarithm of a negative number")
        if a[0] <= 0:
            raise EnclosureError("the logarithm of what may not be positive")
        low = self.down.ln(a[0])
        high = self.up.ln(a[1])
        low = self.down.ln(Decimal((0, (1,), MAX_EMAX))) if low.is_infinite() else low
        return low.next_minus(self.down), high if high.is_infinite() else high.next_plus(self.up)

    def factorial(self, a: Interval) -> Interval:
        """Stirling's formula, whose error lies between 1/(12n+1) and 1/(12n) (Robbins 1955)."""
        if a[0] < 2:
            raise EnclosureError("a factorial of what may be under 2")
        half, twelve = self.rational(Fraction(1, 2)), self.rational(Fraction(12))
        tau = self.multiply((_TWO, _TWO), self.pi())
        exponent = self.add(self.multiply(self.add(a, half), self.ln(a)), self.negate(a))
        exponent = self.add(exponent, self.multiply(half, self.ln(tau)))
        low = self.inverse(self.add(self.multiply(twelve, a), (_ONE, _ONE)))
        high = self.inverse(self.multiply(twelve, a))
        return self.exp(self.add(exponent, (low[0], high[1])))

    def absolute(self, a: Interval) -> Interval:
        if a[0] >= 0:
            return a
        return self.negate(a) if a[1] <= 0 else (_ZERO, max(-a[0], a[1]))

    def step(self, name: str, a: Interval) -> Interval:
        """Functions with jumps have a value only where no jump lies inside the enclosure."""
        if not (a[0].is_finite() and a[1].is_finite()) or max(a[0].adjusted(), a[1].adjusted()) > 30:
            raise EnclosureError(f"{name} of what is not known well enough")
        if name == "sign":
            low, high = ((end > 0) - (end < 0) for end in a)
        else:
            rounded = floor if name == "floor" else ceil
            low, high = rounded(a[0]), rounded(a[1])
        if low != high:
            raise EnclosureError(f"{name} at a jump")
        return Decimal(low), Decimal(high)

    def smallest(self, several: Iterable[Interval]) -> Interval:
        lows, highs = zip(*several, strict=True)
        return min(lows), min(highs)

    def largest(self, several: Iterable[Interval]) -> Interval:
        lows, highs = zip(*several, strict=True)
        return max(lows), max(highs)

    def disjoint(self, a: Interval, b: Interval) -> bool:
        """Whether the two cannot be the same number: the proof of inequality."""
        return a[1] < b[0] or b[1] < a[0]

    def nonzero(self, a: Interval) -> bool:
        return a[0] > 0 or a[1] < 0

    def positive(self, a: Interval) -> bool:
        return a[0] > 0

    def narrow(self, a: Interval) -> bool:
        """Whether an enclosure pins its number to half of the digits carried."""
        width = a[1] - a[0]
        if not width.is_finite():
            return False
        size = max(abs(a[0]), abs(a[1]))
        return width <= size.scaleb(-self.digits // 2) or size < Decimal(1).scaleb(-self.digits // 2)

    def shown(self, a: Interval) -> list[str]:
        return [f"{end:.25g}" for end in a]

    def pi(self) -> Interval:
        return _scaled_bounds(*_pi_bits(self.digits * 4), self.digits * 4, self)

    def euler(self) -> Interval:
        return self.exp((_ONE, _ONE))

    def sin(self, a: Interval) -> Interval:
        return self._circular(a, 0)

    def cos(self, a: Interval) -> Interval:
        return self._circular(a, 1)

    def _circular(self, a: Interval, quarter: int) -> Interval:
        """Value at the midpoint, widened by the half-width: neither slope exceeds 1."""
        middle, half = self._midpoint(a)
        if half >= 2 or middle.adjusted() > _MAX_REDUCTION_DIGITS:
            return -_ONE, _ONE
        size = max(middle.adjusted() + 1, 0)
        small = max(-middle.adjusted(), 0) if middle else 0
        if small > 4 * self.digits:
            small = 4 * self.digits
        bits = (self.digits + size + small) * 4 + 40
        low, high = _circular_bits(_to_bits(middle, bits), bits, quarter)
        value = _scaled_bounds(low, high, bits, self)
        widened = self.add(value, (-half, half))
        return max(widened[0], -_ONE), min(widened[1], _ONE)

    def arctan(self, a: Interval) -> Interval:
        return self._arctan_at(a[0])[0], self._arctan_at(a[1])[1]

    def _arctan_at(self, x: Decimal) -> Interval:
        if not x:
            return _ZERO, _ZERO
        if x.is_infinite() or x.adjusted() > 4 * self.digits:
            half_pi = self.multiply(self.pi(), (Decimal("0.5"), Decimal("0.5")))
            value = (self.add(half_pi, (Decimal(-1).scaleb(-self.digits), _ZERO))[0], half_pi[1])
            return value if x > 0 else self.negate(value)
        bits = (self.digits + abs(x.adjusted())) * 4 + 40
        if bits > 40 * self.digits + 200:
            bound = abs(x)
            return -bound, bound
        low, high = _arctan_bits(_to_bits(x, bits), bits)
        return _scaled_bounds(low, high, bits, self)

    def arcsin(self, a: Interval) -> Interval:
        """`arctan(x / sqrt(1 - x^2))` at either end; the function increases."""
        if a[1] < -1 or a[0] > 1:
            raise UndefinedError("the arcsine of a number over 1")
        if a[0] < -1 or a[1] > 1:
            raise EnclosureError("the arcsine of what may be over 1")
        return self._arcsin_at(a[0])[0], self._arcsin_at(a[1])[1]

    def _arcsin_at(self, x: Decimal) -> Interval:
        if abs(x) == 1:
            half_pi = self.multiply(self.pi(), (Decimal("0.5"), Decimal("0.5")))
            return half_pi if x > 0 else self.negate(half_pi)
        point = (x, x)
        square = self.multiply(self.add((_ONE, _ONE), self.negate(point)), self.add((_ONE, _ONE), point))
        return self.arctan(self.multiply(point, self.inverse(self.power(square, Fraction(1, 2)))))

    def _midpoint(self, a: Interval) -> tuple[Decimal, Decimal]:
        """(middle, at least the half-width)."""
        if a[0].is_infinite() or a[1].is_infinite():
            return _ZERO, _INFINITY
        middle = self.down.multiply(self.down.add(a[0], a[1]), Decimal("0.5"))
        half = max(self.up.subtract(a[1], middle), self.up.subtract(middle, a[0]))
        return middle, half


@lru_cache(maxsize=64)
def _context(digits: int, rounding: str) -> Context:
    return Context(prec=digits, rounding=rounding, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])


@lru_cache(maxsize=16)
def arithmetic(digits: int) -> Arithmetic:
    """The shared `Arithmetic` of a precision; it has no state but its precision."""
    return Arithmetic(digits)


def _checked(low: Decimal, high: Decimal) -> Interval:
    if low.is_nan() or high.is_nan():
        raise EnclosureError("infinity minus infinity")
    return low, high


# Fixed point: an integer n stands for n / 2**bits. Each step below errs by less than one unit.


def _to_bits(x: Decimal, bits: int) -> int:
    """`x * 2**bits` rounded, within one unit."""
    if not x:
        return 0
    digits = max(bits // 3 + x.adjusted() + 10, 20)
    return int(_context(digits, ROUND_HALF_EVEN).multiply(x, Decimal(1 << bits)))


def _scaled_bounds(low: int, high: int, bits: int, arithmetic: Arithmetic) -> Interval:
    one = Decimal(1 << bits)
    return arithmetic.down.divide(Decimal(low), one), arithmetic.up.divide(Decimal(high), one)


@lru_cache(maxsize=64)
def _pi_bits(bits: int) -> tuple[int, int]:
    """Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239)."""
    guard = bits + 32
    value = 16 * _arctan_inverse(5, guard) - 4 * _arctan_inverse(239, guard)
    return (value - (1 << 30) >> 32), (value + (1 << 30) >> 32) + 1


def _arctan_inverse(n: int, bits: int) -> int:
    """arctan(1/n), within a few dozen units (one a term)."""
    power = (1 << bits) // n
    total, k, square = power, 1, n * n
    while power:
        power //= -square
        k += 2
        total += power // k
        if power in (0, -1):
            break
    return total


def _circular_bits(x: int, bits: int, quarter: int) -> Bounds:
    """Bounds of sin (`quarter` 0) or cos (1) of x: reduced by quarter turns, then Taylor's series."""
    low_pi, _ = _pi_bits(bits)
    half_pi = low_pi >> 1
    turns = (2 * x + half_pi) // (2 * half_pi)
    rest = x - turns * half_pi
    kind = (turns + quarter) % 4
    value = _taylor(rest, bits, cosine=bool(kind % 2))
    if kind >= 2:
        value = -value
    error = 64 + 2 * abs(turns) + bits
    return value - error, value + error


def _taylor(x: int, bits: int, *, cosine: bool) -> int:
    square = x * x >> bits
    term = 1 << bits if cosine else x
    total, k = term, 1 if cosine else 2
    while term:
        term = -(term * square >> bits) // (k * (k + 1))
        k += 2
        total += term
        if abs(term) <= 1:
            break
    return total


def _arctan_bits(x: int, bits: int) -> Bounds:
    """Bounds of arctan: halved three times by x -> x / (1 + sqrt(1 + x^2)), then the series."""
    one, negative = 1 << bits, x < 0
    y = abs(x)
    inverted = y > one
    if inverted:
        y = (one * one) // y
    for _ in range(3):
        y = (y << bits) // (one + isqrt(one * one + y * y))
    square, power, total, k = y * y >> bits, y, y, 1
    while power > 1:
        power = power * square >> bits
        k += 2
        total += -(power // k) if k % 4 == 3 else power // k
    value = total << 3
    if inverted:
        value = (_pi_bits(bits)[0] >> 1) - value
    error = 16 * (bits + 16)
    value = -value if negative else value
    return value - error, value + error
