"""Two canonical terms compared at seeded points by interval arithmetic, with rising precision.

Disjoint enclosures at one point prove that the terms differ, and are kept as the witness. Enclosures
that overlap at every point, narrow, at two precisions, are taken as equality (the probability of an
accident is that of agreeing to a hundred digits).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from verifiers.comparing.canon import I_UNIT, Term, subtract
from verifiers.comparing.interval import (
    Arithmetic,
    EnclosureError,
    Interval,
    UndefinedError,
    arithmetic,
    disjoint,
)
from verifiers.verdict import Outcome

PRECISIONS = (40, 120)
#: Without symbols one point is all there is, so it is looked at more closely.
CONSTANT_PRECISIONS = (40, 120, 300)
POINTS = 6
#: At fewer common points of the domain an agreement proves nothing.
REQUIRED_POINTS = 3

Point = dict[str, Fraction]


def compare(left: Term, right: Term, *, positive: bool = False) -> Outcome:
    """Whether two terms have the same value wherever `left` is real; see `equal.same_value`."""
    names = sorted(free_symbols(left) | free_symbols(right))
    points = sample_points(names, positive=positive)
    # What the two have in common cancels: 1 + e^-1000 differs from 1 at any precision.
    difference = subtract(left, right)
    for digits in PRECISIONS if names else CONSTANT_PRECISIONS:
        agreed = 0
        for point in points:
            found = _at_point(left, right, difference, point, digits)
            if found is not None and found.same is False:
                return found
            agreed += found is not None
    if agreed < min(REQUIRED_POINTS, len(points)):
        return Outcome(None, f"interval-{digits}", "too few points where both are defined")
    return Outcome(True, f"interval-{digits}", f"equal to {digits} digits at {agreed} points")


def _at_point(left: Term, right: Term, difference: Term, point: Point, digits: int) -> Outcome | None:
    """A proof of difference, an agreement (`same` True), or None where nothing can be said."""
    numbers = arithmetic(digits)
    try:
        a = evaluate(left, point, numbers)
    except EnclosureError:
        return None
    try:
        b = evaluate(right, point, numbers)
    except UndefinedError as error:
        return _outside(right, point, a, str(error))
    except EnclosureError:
        return None
    gap = _gap(difference, point, numbers)
    if disjoint(a, b) or gap is not None:
        witness: dict[str, Any] = {
            "point": _shown(point),
            "left": [_brief(end) for end in a],
            "right": [_brief(end) for end in b],
        }
        if gap is not None:
            witness["difference"] = [_brief(end) for end in gap]
        return Outcome(False, f"interval-{digits}", "the values differ at a point", witness=witness)
    if narrow(a, digits) and narrow(b, digits):
        return Outcome(True, f"interval-{digits}", "the enclosures overlap")
    return None


def _outside(right: Term, point: Point, a: Interval, reason: str) -> Outcome | None:
    """A point of the domain of one term that is not in the other's; with `i` no real steps are needed."""
    if not point or I_UNIT in _parts(right):
        return None
    witness = {"point": _shown(point), "left": [_brief(end) for end in a], "right": reason}
    return Outcome(False, "domain", "undefined where the gold answer has a value", witness=witness)


def _shown(point: Point) -> dict[str, str]:
    return {name: str(value) for name, value in point.items()}


def _parts(term: Term) -> Iterator[Term]:
    """A term and everything below it."""
    yield term
    for part in term[1:]:
        if isinstance(part, tuple):
            yield from _parts(part)


def _gap(difference: Term, point: Point, numbers: Arithmetic) -> Interval | None:
    """The enclosure of the difference, if zero is not in it."""
    try:
        low, high = evaluate(difference, point, numbers)
    except EnclosureError:
        return None
    return (low, high) if low > 0 or high < 0 else None


def _brief(value: Decimal) -> str:
    return f"{value:.25g}"


def narrow(a: Interval, digits: int) -> bool:
    """Whether an enclosure pins its number to half of the digits carried."""
    width = a[1] - a[0]
    if not width.is_finite():
        return False
    size = max(abs(a[0]), abs(a[1]))
    return width <= size.scaleb(-digits // 2) or size < Decimal(1).scaleb(-digits // 2)


def enclose(term: Term, digits: int = PRECISIONS[0]) -> Interval | None:
    """The enclosure of a term without symbols; None when it has no real value."""
    try:
        return evaluate(term, {}, arithmetic(digits))
    except EnclosureError:
        return None


def free_symbols(term: Term) -> frozenset[str]:
    if term[0] == "s":
        return frozenset((term[1],))
    parts = [part for part in term[1:] if isinstance(part, tuple)]
    return reduce(frozenset.union, map(free_symbols, parts), frozenset())


def sample_points(names: list[str], *, positive: bool = False) -> list[Point]:
    """Points that depend on nothing but the names: inside (0, 1), above 1, with mixed signs, all negative."""
    if not names:
        return [{}]
    rng = random.Random(",".join(names))
    points = []
    for index in range(POINTS):
        signs = [rng.choice((1, -1)) if index >= POINTS // 2 else 1 for _ in names]
        if positive:
            signs = [1] * len(names)
        elif index == POINTS - 1:
            signs = [-1] * len(names)
        span = (Fraction(1), Fraction(4), Fraction(2))[index % 3]
        values = [sign * span * Fraction(rng.randrange(5, 96), 97) for sign in signs]
        points.append(dict(zip(names, values, strict=True)))
    return points


def evaluate(term: Term, point: Point, numbers: Arithmetic) -> Interval:
    """The enclosure of a term at a point; raises `EnclosureError`."""
    tag = term[0]
    if tag == "n":
        return numbers.rational(term[1])
    if tag == "s":
        if term[1] not in point:
            raise EnclosureError(f"{term[1]} has no value")
        return numbers.rational(point[term[1]])
    if tag == "c":
        return _constant(term[1], numbers)
    if tag == "+":
        return reduce(numbers.add, (evaluate(part, point, numbers) for part in term[1:]))
    if tag == "*":
        return reduce(numbers.multiply, (evaluate(part, point, numbers) for part in term[1:]))
    if tag == "^":
        return _power(term[1], term[2], point, numbers)
    return _function(term[1], [evaluate(part, point, numbers) for part in term[2:]], numbers)


def _constant(name: str, numbers: Arithmetic) -> Interval:
    if name == "pi":
        return numbers.pi()
    if name == "e":
        return numbers.euler()
    raise EnclosureError(f"{name} is not a real number")


def _power(base: Term, exponent: Term, point: Point, numbers: Arithmetic) -> Interval:
    if exponent[0] == "n":
        return numbers.power(evaluate(base, point, numbers), exponent[1])
    if base == ("c", "e"):
        return numbers.exp(evaluate(exponent, point, numbers))
    return numbers.real_power(evaluate(base, point, numbers), evaluate(exponent, point, numbers))


def _function(name: str, arguments: list[Interval], numbers: Arithmetic) -> Interval:
    x = arguments[0]
    if name in ("sin", "cos", "arctan", "arcsin", "ln", "factorial"):
        value: Interval = getattr(numbers, name)(x)
        return value
    if name == "arccos":
        half_pi = numbers.multiply(numbers.pi(), numbers.rational(Fraction(1, 2)))
        return numbers.add(half_pi, numbers.negate(numbers.arcsin(x)))
    if name == "abs":
        if x[0] >= 0:
            return x
        return numbers.negate(x) if x[1] <= 0 else (Decimal(0), max(-x[0], x[1]))
    if name in ("sinh", "cosh", "tanh"):
        return _hyperbolic(name, x, numbers)
    if name in ("floor", "ceil", "sign"):
        return _step(name, x)
    if name in ("min", "max"):
        choose = min if name == "min" else max
        return choose(a[0] for a in arguments), choose(a[1] for a in arguments)
    raise EnclosureError(f"no enclosure for {name}")


def _hyperbolic(name: str, x: Interval, numbers: Arithmetic) -> Interval:
    grow, shrink = numbers.exp(x), numbers.exp(numbers.negate(x))
    half = numbers.rational(Fraction(1, 2))
    sine = numbers.multiply(half, numbers.add(grow, numbers.negate(shrink)))
    cosine = numbers.multiply(half, numbers.add(grow, shrink))
    if name == "tanh":
        return numbers.multiply(sine, numbers.inverse(cosine))
    return sine if name == "sinh" else cosine


def _step(name: str, x: Interval) -> Interval:
    """Functions with jumps have a value only where no jump lies inside the enclosure."""
    if not (x[0].is_finite() and x[1].is_finite()) or max(x[0].adjusted(), x[1].adjusted()) > 30:
        raise EnclosureError(f"{name} of what is not known well enough")
    if name == "sign":
        low, high = ((end > 0) - (end < 0) for end in x)
    else:
        rounded = math.floor if name == "floor" else math.ceil
        low, high = rounded(x[0]), rounded(x[1])
    if low != high:
        raise EnclosureError(f"{name} at a jump")
    return Decimal(low), Decimal(high)
