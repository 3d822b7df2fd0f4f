"""How the proofs measure: points as complex numbers, angles as whole degrees, the one x of a sum.

Shares nothing with the constructions, which know their angles.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence


def measured(apex: complex, first: complex, second: complex) -> int:
    """The angle at `apex` in degrees. `ValueError` unless it is a whole number up to rounding errors."""
    degrees = abs(math.degrees(cmath.phase((first - apex) / (second - apex))))
    if abs(degrees - round(degrees)) > 1e-7:
        raise ValueError(f"{degrees} is no whole number of degrees")
    return round(degrees)


def meeting(p: complex, along: complex, q: complex, other: complex) -> complex:
    """Where the line through p in the direction `along` meets the line through q in the direction `other`."""
    return p + along * ((q - p) * other.conjugate()).imag / (along * other.conjugate()).imag


def direction(degrees: float) -> complex:
    """The point of the unit circle at so many degrees."""
    return cmath.rect(1, math.radians(degrees))


def only_x(terms: Sequence[Sequence[int]], total: int) -> int:
    """The one whole number from 1 to 400 for which the sum of all px + q is `total`, found by trying."""
    (x,) = [x for x in range(1, 401) if sum(p * x + q for p, q in terms) == total]
    return x
