"""Two canonical terms compared at seeded points by interval arithmetic, with rising precision.

Disjoint enclosures at one point prove that the terms differ, and are kept as the witness. Enclosures
that overlap at every point, narrow, and at one point at a higher precision too, are taken as equality
(the probability of an accident is that of agreeing to a hundred digits). Real values first; where those
are not all there is, complex ones of the principal branch.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import nullcontext
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from typing import Any

from verifiers.comparing import ball
from verifiers.comparing.complex_numbers import ComplexArithmetic
from verifiers.comparing.interval import EnclosureError, Interval, UndefinedError, arithmetic
from verifiers.comparing.terms import I_UNIT, Term, subtract
from verifiers.verdict import Outcome

DIGITS = 40
#: At one of the points an agreement is looked at more closely.
CLOSER = 120
#: Without symbols one point is all there is, so it is looked at more closely still.
CONSTANT_PRECISIONS = (40, 120, 300)
POINTS = 6
#: At fewer common points of the domain an agreement proves nothing.
REQUIRED_POINTS = 3

Point = dict[str, Fraction]


def compare(left: Term, right: Term, *, positive: bool = False, both_ways: bool = False) -> Outcome:
    """Whether two terms have the same value wherever `left` is real; see `equal.same_value`.

    `both_ways` asks for less: the same value wherever both are real.
    """
    names = tuple(sorted(free_symbols(left) | free_symbols(right)))
    question = _Question(left, right, sample_points(names, positive=positive), both_ways)
    complex_first = I_UNIT in parts(left) or I_UNIT in parts(right)
    if not complex_first:
        outcome = question.answer(_fastest())
        if outcome.same is not None:
            return outcome
        if ball.AVAILABLE and not names:
            outcome = question.answer("decimals")
            if outcome.same is not None:
                return outcome
    return question.answer(_fastest(), over_the_complex=True)


class _Question:
    """Two terms, their difference, and the points where they are looked at."""

    def __init__(self, left: Term, right: Term, points: list[Point], both: bool) -> None:
        self.left, self.right = left, right
        self.points = points
        self.both = both

    def answer(self, engine: str, *, over_the_complex: bool = False) -> Outcome:
        """The verdict of one engine; `same` is None where the points do not suffice."""
        if len(self.points) == 1:
            return self.constant(engine, over_the_complex)
        found = self.look(self.points, DIGITS, engine, over_the_complex)
        if isinstance(found, Outcome):
            return found
        count = len(found)
        if count >= REQUIRED_POINTS:
            found = self.look(found[-1:], CLOSER, engine, over_the_complex)
        if isinstance(found, Outcome):
            return found
        return _agreement(CLOSER, count) if found and count >= REQUIRED_POINTS else _UNDECIDED

    def constant(self, engine: str, over_the_complex: bool) -> Outcome:
        """Without symbols: as many digits as it takes to tell two values apart."""
        found: Outcome | list[Point] = []
        for digits in CONSTANT_PRECISIONS:
            found = self.look(self.points, digits, engine, over_the_complex)
            if isinstance(found, Outcome):
                return found
            if not found and digits == DIGITS and self.beyond_size():
                break  # more digits do not bring a tower of powers down
        return _agreement(CONSTANT_PRECISIONS[-1], 1) if found else _UNDECIDED

    def beyond_size(self) -> bool:
        """Whether one of the two has no upper end, even in exponents of eighteen digits."""
        sides = enclose(self.left), enclose(self.right)
        return any(side is not None and not (side[0].is_finite() and side[1].is_finite()) for side in sides)

    def look(
        self, points: list[Point], digits: int, engine: str, over_the_complex: bool
    ) -> Outcome | list[Point]:
        """The points of agreement at a precision, or a proof of difference."""
        agreed: list[Point] = []
        with ball.precision(digits) if engine == "balls" else nullcontext():
            numbers: Any = ball.balls(digits) if engine == "balls" else arithmetic(digits)
            numbers = ComplexArithmetic(numbers) if over_the_complex else numbers
            for point in points:
                found = self.at(point, numbers)
                if found is not None and found.same is False:
                    return found
                if found is not None:
                    agreed.append(point)
        return agreed

    def at(self, point: Point, numbers: Any) -> Outcome | None:
        """A proof of difference, an agreement (`same` True), or None where nothing can be said."""
        try:
            a = evaluate(self.left, point, numbers)
        except EnclosureError:
            return None
        try:
            b = evaluate(self.right, point, numbers)
        except UndefinedError as error:
            return None if self.both else _outside(self.right, point, numbers.shown(a), str(error))
        except EnclosureError:
            return None
        apart = numbers.disjoint(a, b)
        gap = None if apart else self.gap(point, numbers)
        if apart or gap is not None:
            witness: dict[str, Any] = {
                "point": _shown(point),
                "left": numbers.shown(a),
                "right": numbers.shown(b),
            }
            if gap is not None:
                witness["difference"] = numbers.shown(gap)
            method = f"interval-{numbers.digits}"
            return Outcome(False, method, "the values differ at a point", witness=witness)
        if numbers.narrow(a) and numbers.narrow(b):
            return Outcome(True, f"interval-{numbers.digits}", "the enclosures overlap")
        return None

    @cached_property
    def difference(self) -> Term:
        """What the two have in common cancels: 1 + e^-1000 differs from 1 at any precision."""
        return subtract(self.left, self.right)

    def gap(self, point: Point, numbers: Any) -> Any:
        """The enclosure of the difference, if zero is not in it."""
        try:
            found = evaluate(self.difference, point, numbers)
        except EnclosureError:
            return None
        return found if numbers.nonzero(found) else None


_UNDECIDED = Outcome(None, "interval", "too few points where both are defined")


def _agreement(digits: int, count: int) -> Outcome:
    reason = f"equal to {digits} digits at {count} point{'s' if count > 1 else ''}"
    return Outcome(True, f"interval-{digits}", reason, witness={"points": count, "digits": digits})


def _outside(right: Term, point: Point, left: list[str], reason: str) -> Outcome | None:
    """A point of the domain of one term that is not in the other's; with `i` no real steps are needed."""
    if not point or I_UNIT in parts(right):
        return None
    witness = {"point": _shown(point), "left": left, "right": reason}
    return Outcome(False, "domain", "undefined where the gold answer has a value", witness=witness)


def _shown(point: Point) -> dict[str, str]:
    return {name: str(value) for name, value in point.items()}


def parts(term: Term) -> Iterator[Term]:
    """A term and everything below it."""
    yield term
    for part in term[1:]:
        if isinstance(part, tuple):
            yield from parts(part)


def difference_at_a_point(left: Term, right: Term) -> dict[str, Any] | None:
    """A point where two terms that are known to differ can be seen to, with its enclosures."""
    names = tuple(sorted(free_symbols(left) | free_symbols(right)))
    question = _Question(left, right, sample_points(names), True)
    found = question.look(question.points[:REQUIRED_POINTS], DIGITS, _fastest(), False)
    return found.witness if isinstance(found, Outcome) else None


def constant_ratio(left: Term, right: Term) -> Fraction | None:
    """1 or -1, the sign of the constant that `left / right` is at every sample point; None otherwise."""
    names = tuple(sorted(free_symbols(left) | free_symbols(right)))
    if not names:
        return None
    over_the_complex = I_UNIT in (*parts(left), *parts(right))
    ratios: list[Any] = []
    with ball.precision(DIGITS) if ball.AVAILABLE else nullcontext():
        numbers: Any = ball.balls(DIGITS) if ball.AVAILABLE else arithmetic(DIGITS)
        numbers = ComplexArithmetic(numbers) if over_the_complex else numbers
        for point in sample_points(names):
            try:
                below = numbers.inverse(evaluate(right, point, numbers))
                ratio = numbers.multiply(evaluate(left, point, numbers), below)
            except EnclosureError:
                continue
            if not (numbers.nonzero(ratio) and numbers.narrow(ratio)):
                return None
            ratios.append(ratio)
        if len(ratios) < REQUIRED_POINTS or any(numbers.disjoint(ratios[0], other) for other in ratios[1:]):
            return None
        return Fraction(1 if over_the_complex or numbers.positive(ratios[0]) else -1)


def _fastest() -> str:
    return "balls" if ball.AVAILABLE else "decimals"


def enclose(term: Term, digits: int = DIGITS) -> Interval | None:
    """The enclosure of a term without symbols; None when it has no real value."""
    try:
        return evaluate(term, {}, arithmetic(digits))
    except EnclosureError:
        return None


@lru_cache(maxsize=4096)
def free_symbols(term: Term) -> frozenset[str]:
    if term[0] == "s":
        return frozenset((term[1],))
    parts = [part for part in term[1:] if isinstance(part, tuple)]
    return reduce(frozenset.union, map(free_symbols, parts), frozenset())


@lru_cache(maxsize=512)
def sample_points(names: tuple[str, ...], *, positive: bool = False) -> list[Point]:
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


def evaluate(term: Term, point: Point, numbers: Any) -> Any:
    """The enclosure of a term at a point, in the arithmetic given; raises `EnclosureError`."""
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
        return reduce(numbers.add, [evaluate(part, point, numbers) for part in term[1:]])
    if tag == "*":
        return reduce(numbers.multiply, [evaluate(part, point, numbers) for part in term[1:]])
    if tag == "^":
        return _power(term[1], term[2], point, numbers)
    if tag == "f":
        return _function(term[1], [evaluate(part, point, numbers) for part in term[2:]], numbers)
    raise EnclosureError(f"no enclosure for {tag}")


def _constant(name: str, numbers: Any) -> Any:
    if name == "pi":
        return numbers.pi()
    if name == "e":
        return numbers.euler()
    if name == "i" and isinstance(numbers, ComplexArithmetic):
        return numbers.unit()
    raise EnclosureError(f"{name} is not a real number")


def _power(base: Term, exponent: Term, point: Point, numbers: Any) -> Any:
    if exponent[0] == "n":
        return numbers.power(evaluate(base, point, numbers), exponent[1])
    if base == ("c", "e"):
        return numbers.exp(evaluate(exponent, point, numbers))
    return numbers.real_power(evaluate(base, point, numbers), evaluate(exponent, point, numbers))


def _function(name: str, arguments: list[Any], numbers: Any) -> Any:
    x = arguments[0]
    if name in ("sin", "cos", "arctan", "arcsin", "ln", "factorial"):
        return getattr(numbers, name)(x)
    if name == "arccos":
        half_pi = numbers.multiply(numbers.pi(), numbers.rational(Fraction(1, 2)))
        return numbers.add(half_pi, numbers.negate(numbers.arcsin(x)))
    if name == "abs":
        return numbers.absolute(x)
    if name in ("sinh", "cosh", "tanh"):
        return _hyperbolic(name, x, numbers)
    if name in ("floor", "ceil", "sign"):
        return numbers.step(name, x)
    if name == "binom":
        upper, lower = arguments
        rest = numbers.factorial(numbers.add(upper, numbers.negate(lower)))
        return numbers.multiply(
            numbers.factorial(upper), numbers.inverse(numbers.multiply(numbers.factorial(lower), rest))
        )
    if name in ("min", "max"):
        return numbers.smallest(arguments) if name == "min" else numbers.largest(arguments)
    raise EnclosureError(f"no enclosure for {name}")


def _hyperbolic(name: str, x: Any, numbers: Any) -> Any:
    grow, shrink = numbers.exp(x), numbers.exp(numbers.negate(x))
    half = numbers.rational(Fraction(1, 2))
    sine = numbers.multiply(half, numbers.add(grow, numbers.negate(shrink)))
    cosine = numbers.multiply(half, numbers.add(grow, shrink))
    if name == "tanh":
        return numbers.multiply(sine, numbers.inverse(cosine))
    return sine if name == "sinh" else cosine
