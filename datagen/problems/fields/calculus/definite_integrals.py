"""Definite integrals: of polynomials with a rational value, of other functions with an exact one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.exact import (
    ANGLES,
    Value,
    cosine,
    exponential,
    logarithm,
    plus,
    raised,
    sine,
    text,
)
from datagen.problems.fields.calculus.functions import (
    INTEGRALS,
    SLOPES,
    Number,
    applied,
    evaluated,
    integrated,
    power,
    put_in,
    starred,
    term,
    times,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import antiderivative, read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL
from datagen.problems.text import boxed

WORDINGS = (
    "Evaluate the integral of {function} from x = {low} to x = {high}.",
    "Find the definite integral of f(x) = {function} between x = {low} and x = {high}.",
    "Integrate {function} with respect to x from {low} to {high}.",
)
EXACT = " Give the exact value."


@family(name="definite_integral_polynomial", wordings=WORDINGS)
def definite_integral_polynomial(rng: random.Random, level: int) -> Problem:
    """The integral of a polynomial of degree `level` between integers, later halves."""
    while True:
        degree = level if level < 5 else 4
        f: list[Number] = [nonzero(rng, 9), *(nonzero(rng, 9) for _ in range(degree))]
        low: Number = 0 if level == 1 else rng.randint(-4, 3)
        high: Number = low + rng.randint(1, 5)
        if level == 5:
            low, high = Fraction(2 * low + 1, 2), Fraction(2 * low + 1, 2) + rng.randint(1, 3)
        whole = integrated(f)
        at_low, at_high = evaluated(whole, low), evaluated(whole, high)
        if at_low != at_high:
            break
    answer = str(Fraction(at_high - at_low))
    lines = [
        f"An antiderivative is F(x) = {written(whole)}.",
        f"F({high}) = {put_in(whole, high)} = {at_high}",
        f"F({low}) = 0" if not low else f"F({low}) = {put_in(whole, low)} = {at_low}",
        f"F({high}) - F({low})"
        + (f" = {at_high} - {f'({at_low})' if at_low < 0 else at_low}" if at_low else ""),
    ]
    function = written(f)
    return Problem(
        question=definite_integral_polynomial.ask(rng, function=function, low=low, high=high),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines) + f" = {boxed(answer)}",
        given={"function": function, "low": str(low), "high": str(high)},
        key=("definite_integral_polynomial", function, str(low), str(high)),
    )


@definite_integral_polynomial.proof
def _definite_integral_polynomial(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    outside = sympy.Poly(read(given["function"]), x).integrate()
    return str(outside.eval(sympy.Rational(given["high"])) - outside.eval(sympy.Rational(given["low"])))


@dataclass(frozen=True, slots=True)
class Definite:
    """An integrand with its bounds, an antiderivative, its values at the bounds, and the steps to it."""

    integrand: str
    antiderivative: str
    bounds: tuple[str, str]
    ends: tuple[Value, Value]
    lines: tuple[str, ...] = ()


_AT: dict[str, Callable[[int], Value]] = {"sin": sine, "cos": cosine}


def _turns(rng: random.Random, rate: int) -> tuple[tuple[int, int], tuple[str, str]]:
    """Bounds at which rate * x is an angle with a value: those angles in degrees, and the bounds as text."""
    low, high = sorted(rng.sample((0, *ANGLES), 2))
    return (low, high), (_radians(low, rate), _radians(high, rate))


def _radians(turn: int, rate: int) -> str:
    return term(Fraction(turn, 180 * rate), "pi")


def _times(factor: Fraction, low: Value, high: Value) -> tuple[Value, Value]:
    return plus((factor, low)), plus((factor, high))


def _simple(rng: random.Random, rate: int, largest: int = 9) -> Definite:
    """c*f(kx) with f a wave or an exponential."""
    name, size = rng.choice(tuple(INTEGRALS)), nonzero(rng, largest)
    sign, other = INTEGRALS[name]
    inside, factor = term(rate, "x"), Fraction(sign * size, rate)
    function, outside = term(size, applied(name, inside)), term(factor, applied(other, inside))
    if name == "exp":
        low = rng.randint(-2, 2)
        high = low + rng.randint(1, 3)
        ends = _times(factor, exponential(rate * low), exponential(rate * high))
        return Definite(function, outside, (str(low), str(high)), ends)
    turns, bounds = _turns(rng, rate)
    return Definite(function, outside, bounds, _times(factor, _AT[other](turns[0]), _AT[other](turns[1])))


def _reciprocal(rng: random.Random) -> Definite:
    """c/(ax + b) where the denominator is positive."""
    size, a, b = nonzero(rng, 12), rng.randint(2, 9), rng.randint(1, 12)
    low = rng.randint(0, 3)
    high = low + rng.randint(1, 6)
    inside, factor = written([a, b]), Fraction(size, a)
    ends = logarithm(Fraction(a * low + b)), logarithm(Fraction(a * high + b))
    return Definite(
        term(size, "", f"({inside})"),
        term(factor, f"ln({inside})"),
        (str(low), str(high)),
        _times(factor, *ends),
        (f"Put u = {inside}, du = {a} dx; u is positive between the bounds.",),
    )


def _sum(rng: random.Random) -> Definite:
    """A power of x and an exponential."""
    n, size, rate, more = rng.randint(1, 4), nonzero(rng, 9), rng.randint(2, 4), nonzero(rng, 9)
    bounds = rng.randint(-1, 1), rng.randint(2, 3)
    factor, share = Fraction(size, n + 1), Fraction(more, rate)
    growth = applied("exp", f"{rate}x")

    def end(x: int) -> Value:
        return plus((factor, {"": Fraction(x ** (n + 1))}), (share, exponential(rate * x)))

    return Definite(
        total([term(size, power(n)), term(more, growth)]),
        total([term(factor, power(n + 1)), term(share, growth)]),
        (str(bounds[0]), str(bounds[1])),
        (end(bounds[0]), end(bounds[1])),
        ("Integrate the two terms one by one.",),
    )


def _substituted(rng: random.Random) -> Definite:
    """x*e^(ax^2 + b) or x/(ax^2 + b)."""
    logarithmic, size, a, b = rng.random() < 0.5, nonzero(rng, 9), rng.randint(1, 5), rng.randint(1, 9)
    low, high = sorted(rng.sample((0, 1, 2), 2))
    high += rng.randint(0, 2) * logarithmic
    inside, factor = written([a, 0, b]), Fraction(size, 2 * a)
    inner = f"({inside})" if logarithmic else applied("exp", inside)
    outside = f"ln({inside})" if logarithmic else inner
    over = logarithm if logarithmic else exponential
    in_u = term(factor, "", "u") if logarithmic else term(factor, "e^u")
    return Definite(
        term(size, "x", inner) if logarithmic else term(size, f"x*{inner}"),
        term(factor, outside),
        (str(low), str(high)),
        _times(factor, over(Fraction(a * low**2 + b)), over(Fraction(a * high**2 + b))),
        (
            f"Put u = {inside}, du = {2 * a}x dx, so x dx = du/{2 * a}.",
            f"In u it is the integral of {in_u} du.",
        ),
    )


def _wave_power(rng: random.Random) -> Definite:
    """A power of a sine times a cosine, or the other way round."""
    size, n, rate, name = nonzero(rng, 9), rng.randint(2, 4), rng.randint(1, 4), rng.choice(("sin", "cos"))
    turns, bounds = _turns(rng, rate)
    sign, other = SLOPES[name]
    base, inner = applied(name, term(rate, "x")), applied(other, term(rate, "x"))
    factor = Fraction(sign * size, rate * (n + 1))
    ends = raised(_AT[name](turns[0]), n + 1), raised(_AT[name](turns[1]), n + 1)
    return Definite(
        term(size, f"{base}^{n}*{inner}"),
        term(factor, f"{base}^{n + 1}"),
        bounds,
        _times(factor, *ends),
        (
            f"Put u = {base}, du = {term(sign * rate, inner)} dx.",
            f"In u it is the integral of {term(Fraction(sign * size, rate), f'u^{n}')} du.",
        ),
    )


def _parts(rng: random.Random) -> Definite:
    """(ax + b) times an exponential or a wave."""
    name = rng.choice(("exp", "exp", "sin", "cos"))
    a, b, rate = nonzero(rng, 6), nonzero(rng, 9), rng.randint(2, 4)
    (turn, once), (again, twice) = INTEGRALS[name], INTEGRALS[INTEGRALS[name][1]]
    inside = f"{rate}x"
    first, second = Fraction(turn, rate), -Fraction(turn * again * a, rate * rate)
    left, right = applied(once, inside), applied(twice, inside)
    outside = total([times([first * a, first * b], left), term(second, right)])
    lines = (
        f"By parts with u = {written([a, b])} and v = {term(first, left)}: the integral is u*v",
        f"less the integral of u'*v = {term(a * first, left)},",
        f"which has the antiderivative {term(-second, right)}.",
    )
    function = times([a, b], applied(name, inside))
    if name == "exp":
        low, high = rng.randint(-1, 1), rng.randint(2, 3)
        ends = [plus((first * (a * x + b) + second, exponential(rate * x))) for x in (low, high)]
        return Definite(function, outside, (str(low), str(high)), (ends[0], ends[1]), lines)
    turns, bounds = _turns(rng, rate)
    ends = []
    for each in turns:
        wave = _AT[once](each)
        with_pi = {f"pi*{body}" if body else "pi": size for body, size in wave.items()}
        x = Fraction(each, 180 * rate)
        ends.append(plus((first * a * x, with_pi), (first * b, wave), (second, _AT[twice](each))))
    return Definite(function, outside, bounds, (ends[0], ends[1]), lines)


def _logarithm_parts(rng: random.Random) -> Definite:
    """A power of x times ln(x), from 1 on."""
    n, size, high = rng.randint(1, 4), nonzero(rng, 9), rng.randint(2, 5)
    factor, grown = Fraction(size, n + 1), power(n + 1)
    share = -factor / (n + 1)
    top = plus(
        (factor * high ** (n + 1), logarithm(Fraction(high))), (share * high ** (n + 1), {"": Fraction(1)})
    )
    return Definite(
        term(size, f"{power(n)}*ln(x)"),
        total([term(factor, f"{grown}*ln(x)"), term(share, grown)]),
        ("1", str(high)),
        ({"": share}, top),
        (
            f"By parts with u = ln(x) and v = {term(factor, grown)}: the integral is u*v",
            f"less the integral of u'*v = {term(factor, power(n))},",
            f"which has the antiderivative {term(-share, grown)}.",
        ),
    )


def _definite(rng: random.Random, level: int) -> Definite:
    if level == 1:
        return _simple(rng, 1, 20)
    if level == 2:
        return _simple(rng, rng.randint(2, 6))
    if level == 3:
        return _reciprocal(rng) if rng.random() < 0.5 else _sum(rng)
    if level == 4:
        return _substituted(rng) if rng.random() < 0.6 else _wave_power(rng)
    return _parts(rng) if rng.random() < 0.75 else _logarithm_parts(rng)


@family(name="definite_integral", wordings=tuple(wording + EXACT for wording in WORDINGS))
def definite_integral(rng: random.Random, level: int) -> Problem:
    """An integral with exponentials, waves or logarithms, by an antiderivative and its values."""
    while True:
        made = _definite(rng, level)
        (at_low, at_high), (low, high) = made.ends, made.bounds
        value = plus((1, at_high), (-1, at_low))
        if value:
            break
    function, answer = starred(made.integrand), text(value)
    lines = [
        *made.lines,
        f"An antiderivative is F(x) = {made.antiderivative}.",
        f"F({high}) = {text(at_high)}",
        f"F({low}) = {text(at_low)}",
        f"F({high}) - F({low}) = ",
    ]
    return Problem(
        question=definite_integral.ask(rng, function=function, low=low, high=high),
        answer=answer,
        spec=REAL,
        solution="\n".join(map(starred, lines)) + boxed(answer),
        given={"function": function, "low": low, "high": high},
        key=("definite_integral", function, low, high),
    )


@definite_integral.proof
def _definite_integral(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    outside = antiderivative(read(given["function"]))
    return write(outside.subs(x, sympy.sympify(given["high"])) - outside.subs(x, sympy.sympify(given["low"])))
