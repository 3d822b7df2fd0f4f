"""Complex numbers over any real arithmetic: rectangles whose sides are enclosures.

The functions are those of the principal branch, the argument in (-pi, pi]; where an enclosure touches a
branch cut there is none. A part that is exactly zero is None, so that real numbers stay real.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from verifiers.comparing.interval import EnclosureError, UndefinedError

#: (real part, imaginary part), the second None for a real number.
Rectangle = tuple[Any, Any]

_HALF = Fraction(1, 2)


class ComplexArithmetic:
    """The operations of `interval.Arithmetic` on rectangles."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.digits = real.digits

    def rational(self, value: Fraction) -> Rectangle:
        return self.real.rational(value), None

    def unit(self) -> Rectangle:
        return self.real.rational(Fraction(0)), self.real.rational(Fraction(1))

    def add(self, a: Rectangle, b: Rectangle) -> Rectangle:
        return self.real.add(a[0], b[0]), self._sum(a[1], b[1])

    def _sum(self, x: Any, y: Any) -> Any:
        if x is None or y is None:
            return y if x is None else x
        return self.real.add(x, y)

    def negate(self, a: Rectangle) -> Rectangle:
        return self.real.negate(a[0]), None if a[1] is None else self.real.negate(a[1])

    def multiply(self, a: Rectangle, b: Rectangle) -> Rectangle:
        times = self.real.multiply
        if a[1] is None or b[1] is None:
            whole, other = (a, b) if a[1] is None else (b, a)
            return times(whole[0], other[0]), None if other[1] is None else times(whole[0], other[1])
        real = self.real.add(times(a[0], b[0]), self.real.negate(times(a[1], b[1])))
        return real, self.real.add(times(a[0], b[1]), times(a[1], b[0]))

    def inverse(self, a: Rectangle) -> Rectangle:
        if a[1] is None:
            return self.real.inverse(a[0]), None
        size = self.real.inverse(self._square_of_size(a))
        real, imaginary = self.real.multiply(a[0], size), self.real.multiply(a[1], size)
        return real, self.real.negate(imaginary)

    def _square_of_size(self, a: Rectangle) -> Any:
        two = Fraction(2)
        return self.real.add(self.real.power(a[0], two), self.real.power(a[1], two))

    def power(self, a: Rectangle, exponent: Fraction) -> Rectangle:
        if a[1] is None:
            try:
                return self.real.power(a[0], exponent), None
            except UndefinedError:
                pass
        if exponent.denominator == 1 and abs(exponent) <= 64:
            return self._whole_power(a, int(exponent))
        return self.exp(self.multiply(self.ln(a), self.rational(exponent)))

    def _whole_power(self, a: Rectangle, n: int) -> Rectangle:
        if n < 0:
            return self.inverse(self._whole_power(a, -n))
        total = self.rational(Fraction(1))
        for _ in range(n):
            total = self.multiply(total, a)
        return total

    def real_power(self, a: Rectangle, b: Rectangle) -> Rectangle:
        return self.exp(self.multiply(b, self.ln(a)))

    def exp(self, a: Rectangle) -> Rectangle:
        size = self.real.exp(a[0])
        if a[1] is None:
            return size, None
        times = self.real.multiply
        return times(size, self.real.cos(a[1])), times(size, self.real.sin(a[1]))

    def ln(self, a: Rectangle) -> Rectangle:
        if a[1] is None:
            if self.real.positive(a[0]):
                return self.real.ln(a[0]), None
            if self.real.positive(self.real.negate(a[0])):
                return self.real.ln(self.real.negate(a[0])), self.real.pi()
            raise EnclosureError("the logarithm of what may be zero")
        size = self.real.multiply(self.real.ln(self._square_of_size(a)), self.real.rational(_HALF))
        return size, self._argument(a)

    def _argument(self, a: Rectangle) -> Any:
        real = self.real
        if real.positive(a[0]):
            return real.arctan(real.multiply(a[1], real.inverse(a[0])))
        turned = real.negate(real.arctan(real.multiply(a[0], real.inverse(a[1]))))
        quarter = real.multiply(real.pi(), real.rational(_HALF))
        return real.add(quarter if real.positive(a[1]) else real.negate(quarter), turned)

    def absolute(self, a: Rectangle) -> Rectangle:
        if a[1] is None:
            return self.real.absolute(a[0]), None
        return self.real.power(self._square_of_size(a), _HALF), None

    def sin(self, a: Rectangle) -> Rectangle:
        return self._circular(a, self.real.sin, self.real.cos, -1)

    def cos(self, a: Rectangle) -> Rectangle:
        return self._circular(a, self.real.cos, self.real.sin, 1)

    def _circular(self, a: Rectangle, same: Any, other: Any, sign: int) -> Rectangle:
        """sin(x+iy) = sin x cosh y + i cos x sinh y; cos(x+iy) = cos x cosh y - i sin x sinh y."""
        if a[1] is None:
            return same(a[0]), None
        grow, shrink = self.real.exp(a[1]), self.real.exp(self.real.negate(a[1]))
        half, times = self.real.rational(_HALF), self.real.multiply
        even = times(half, self.real.add(grow, shrink))
        odd = times(half, self.real.add(grow, self.real.negate(shrink)))
        imaginary = times(other(a[0]), odd)
        return times(same(a[0]), even), self.real.negate(imaginary) if sign > 0 else imaginary

    def arctan(self, a: Rectangle) -> Rectangle:
        return self._of_reals("arctan", a)

    def arcsin(self, a: Rectangle) -> Rectangle:
        return self._of_reals("arcsin", a)

    def factorial(self, a: Rectangle) -> Rectangle:
        return self._of_reals("factorial", a)

    def step(self, name: str, a: Rectangle) -> Rectangle:
        if a[1] is not None:
            raise EnclosureError(f"{name} of a complex number")
        return self.real.step(name, a[0]), None

    def _of_reals(self, name: str, a: Rectangle) -> Rectangle:
        if a[1] is not None:
            raise EnclosureError(f"{name} of a complex number")
        return getattr(self.real, name)(a[0]), None

    def smallest(self, several: Any) -> Rectangle:
        raise EnclosureError("complex numbers have no order")

    largest = smallest

    def pi(self) -> Rectangle:
        return self.real.pi(), None

    def euler(self) -> Rectangle:
        return self.real.euler(), None

    def _part(self, a: Any) -> Any:
        return self.real.rational(Fraction(0)) if a is None else a

    def disjoint(self, a: Rectangle, b: Rectangle) -> bool:
        apart = self.real.disjoint
        return apart(a[0], b[0]) or apart(self._part(a[1]), self._part(b[1]))

    def nonzero(self, a: Rectangle) -> bool:
        return self.real.nonzero(a[0]) or (a[1] is not None and self.real.nonzero(a[1]))

    def narrow(self, a: Rectangle) -> bool:
        return self.real.narrow(a[0]) and (a[1] is None or self.real.narrow(a[1]))

    def shown(self, a: Rectangle) -> list[str]:
        return self.real.shown(a[0]) + ([] if a[1] is None else self.real.shown(a[1]))
