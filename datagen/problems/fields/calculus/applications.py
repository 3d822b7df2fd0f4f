"""What derivatives tell of a graph: tangents, local and absolute extrema, where it rises and how it bends.

Functions are built from their chosen critical points; the proofs solve for these.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    Number,
    applied,
    bracketed,
    derived,
    equal,
    evaluated,
    number,
    put_in,
    scaled,
    starred,
    term,
    times,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import critical_points, read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EQUATION, RATIONAL, TUPLE
from datagen.problems.text import boxed, listing


def with_critical_points(points: list[Fraction], factor: int, times_integrated: int = 1) -> list[Number]:
    """An integer polynomial without constant whose 1st (or 2nd) derivative has these zeros and this sign."""
    f = [1]
    for point in points:
        above, below = point.numerator, point.denominator
        f = [below * left - above * right for left, right in zip([*f, 0], [0, *f], strict=True)]
    for _ in range(times_integrated):
        count = len(f)
        enough = lcm(*range(1, count + 1))
        f = [*(each * (enough // (count - place)) for place, each in enumerate(f)), 0]
    common = gcd(*f)
    return [factor * each // common for each in f]


def _line(slope: Fraction, offset: Fraction) -> str:
    """`ax + by = c` with whole numbers and a > 0, from y = slope * x + offset."""
    size = lcm(slope.denominator, offset.denominator) * (1 if slope > 0 else -1)
    return f"{total([term(slope * size, 'x'), term(-size, 'y')])} = {-offset * size}"


def _curve(rng: random.Random, level: int) -> tuple[list[Number], list[Number]]:
    """Numerator and denominator; the denominator is 1 for polynomials."""
    if level in (1, 2, 4):
        return [nonzero(rng, 5), *(nonzero(rng, 9) for _ in range(2 if level == 1 else 3))], [1]
    above: list[Number] = [nonzero(rng, 9), *(nonzero(rng, 9) for _ in range(2))]
    return above, [rng.randint(1, 5), nonzero(rng, 9)]


@family(
    name="tangent_line",
    wordings=(
        "Find the equation of the {kind} to the graph of f(x) = {function} at x = {point} as ax + by = c.",
        "Give the {kind} to y = {function} at the point where x = {point}, in the form ax + by = c.",
        "What is the equation ax + by = c of the {kind} to the curve y = {function} at x = {point}?",
    ),
)
def tangent_line(rng: random.Random, level: int) -> Problem:
    """The tangent, or from level 4 on the normal, of a polynomial or a quotient at a point."""
    while True:
        above, below = _curve(rng, level)
        point = nonzero(rng, 4)
        bottom = evaluated(below, point)
        if not bottom:
            continue
        value = Fraction(evaluated(above, point)) / bottom
        top = evaluated(derived(above), point) * bottom - evaluated(above, point) * evaluated(
            derived(below), point
        )
        slope = Fraction(top) / (bottom * bottom)
        if slope and value and abs(slope) != 1:
            break
    kind = "tangent line" if level < 4 else "normal line"
    steep = slope if level < 4 else -1 / slope
    offset = value - steep * point
    if below == [1]:
        function = written(above)
        lines = [
            f"f({point}) = {put_in(above, point)} = {value}",
            f"f'(x) = {written(derived(above))}",
            f"f'({point}) = {equal(put_in(derived(above), point), slope)}",
        ]
    else:
        function = f"({written(above)})/({written(below)})"
        slopes = bracketed(derived(above)), bracketed(derived(below))
        rule = f"({slopes[0]}*({written(below)}) - ({written(above)})*{slopes[1]})"
        quotient = f"{evaluated(above, point)}/{number(bottom)}"
        lines = [
            f"f({point}) = {equal(quotient, value)}",
            f"f'(x) = {rule}/({written(below)})^2",
            f"f'({point}) = {equal(f'{number(top)}/{number(bottom)}^2', slope)}",
        ]
    if level > 3:
        lines.append(
            f"The normal is perpendicular to the tangent: its slope is {equal(f'-1/{number(slope)}', steep)}."
        )
    away = f"(x {'-' if point > 0 else '+'} {abs(point)})"
    solved = total([term(steep, "x"), term(offset)])
    lines.append(f"The line: y = {total([str(value), _slope_times(steep, away)])} = {solved}")
    answer = _line(steep, offset)
    return Problem(
        question=tangent_line.ask(rng, function=function, point=point, kind=kind),
        answer=answer,
        spec=EQUATION,
        solution="\n".join([*lines, f"In the form ax + by = c: {boxed(answer)}"]),
        given={"function": function, "point": point, "line": kind.split()[0]},
        key=("tangent_line", function, point, kind),
    )


def _slope_times(slope: Fraction, bracket: str) -> str:
    if abs(slope) == 1 or slope.denominator == 1:
        return term(slope, bracket)
    return f"{'-' * (slope < 0)}({abs(slope)})*{bracket}"


@tangent_line.proof
def _tangent_line(given: Given) -> str:
    import sympy

    x, a, m, b = sympy.symbols("x a m b")
    f, a = read(given["function"]), sympy.Integer(given["point"])
    # f(x) - (mx + b) has a double zero at a exactly when mx + b is the tangent.
    above, below = sympy.fraction(sympy.together(f))
    rest = sympy.rem(sympy.Poly(above - (m * x + b) * below, x), sympy.Poly((x - a) ** 2, x))
    found = sympy.solve(rest.coeffs(), [m, b], dict=True)[0]
    slope, value = found[m], f.subs(x, a)
    if given["line"] == "normal":
        slope = -1 / slope
    return f"y = {write(slope * x + (value - slope * a))}"


def _peak(rng: random.Random, level: int) -> tuple[str, str, list[str], str, str]:
    """(function, kind, steps, x and y of the only local extremum of that kind)."""
    if level in (1, 2, 4):
        count = {1: 1, 2: 2, 4: 3}[level]
        points = sorted(rng.sample(range(-5, 6), count))
        factor = rng.choice((1, -1)) * rng.randint(1, 4 if level < 4 else 2)
        f = with_critical_points([Fraction(each) for each in points], factor)
        f = [*f[:-1], nonzero(rng, 20)]
        place = {1: 0, 2: rng.randint(0, 1), 4: 1}[level]
        rising_after = (factor > 0) == ((count - place) % 2 == 1)
        kind, at = "minimum" if rising_after else "maximum", points[place]
        slope, bend = derived(f), derived(derived(f))
        zeros = listing([str(each) for each in points])
        steps = [
            f"f'(x) = {equal(written(slope), _factored(slope, points))} is 0 at x = {zeros}.",
            f"f''(x) = {written(bend)}",
            *[_second_test(bend, each) for each in points],
            f"f({at}) = {put_in(f, at) + ' = ' if at else ''}{evaluated(f, at)}",
        ]
        return written(f), f"local {kind}", steps, str(at), str(evaluated(f, at))
    return _hyperbola_peak(rng) if level == 3 else _growth_peak(rng)


def _factored(f: list[Number], points: list[int]) -> str:
    """`6*(x - 1)*(x + 2)` from a polynomial and all its zeros."""
    return term(f[0], "*".join("x" if not each else f"({written([1, -each])})" for each in points))


def _second_test(bend: list[Number], point: int) -> str:
    value = evaluated(bend, point)
    kind = "minimum" if value > 0 else "maximum"
    return f"f''({point}) = {value} {'>' if value > 0 else '<'} 0: a local {kind}."


def _hyperbola_peak(rng: random.Random) -> tuple[str, str, list[str], str, str]:
    """ax + b/x + c with b/a a square."""
    m, n, k, c = rng.randint(1, 9), rng.randint(1, 5), rng.randint(1, 6), nonzero(rng, 20)
    m, n = m // gcd(m, n), n // gcd(m, n)
    sign, at = rng.choice((1, -1)), Fraction(m, n) * rng.choice((1, -1))
    a, b = sign * k * n * n, sign * k * m * m
    value = 2 * a * at + c
    kind = "minimum" if b * at > 0 else "maximum"
    function = total([term(a, "x"), term(b, "", "x"), str(c)])
    other = -at
    slope = total([str(a), term(-b, "", "x^2")])
    put = f"{a}*{number(at)} {'+' if b > 0 else '-'} {abs(b)}/{number(at)} {'+' if c > 0 else '-'} {abs(c)}"
    steps = [
        f"f'(x) = {slope} is 0 where x^2 = {equal(f'{b}/{number(a)}', at * at)}.",
        f"That is at x = {at} and x = {other}.",
        f"f''(x) = {term(2 * b, '', 'x^3')}",
        f"f''({at}) is {'positive' if b * at > 0 else 'negative'}: a local {kind}.",
        f"f''({other}) is {'negative' if b * at > 0 else 'positive'}: the other kind.",
        f"f({at}) = {put} = {value}",
    ]
    return function, f"local {kind}", steps, str(at), str(value)


def _growth_peak(rng: random.Random) -> tuple[str, str, list[str], str, str]:
    """(ax^2 + bx + c)*e^(kx) with two integer critical points p and q."""
    while True:
        p, q, k, a = *sorted(rng.sample(range(-7, 8), 2)), rng.choice((1, -1, 2, -2)), nonzero(rng, 7)
        b = -Fraction(2, k) - (p + q)
        c = (k * p * q - b) / k
        f: list[Number] = [a, a * int(b), int(a * c)]
        at = rng.choice((p, q))
        value = evaluated(f, at)
        if b.denominator == 1 and (a * c).denominator == 1 and value:
            break
    growth = applied("exp", term(k, "x"))
    slope: list[Number] = [k * f[0], 2 * f[0] + k * f[1], f[1] + k * f[2]]
    rising_after = (k * a > 0) == (at == q)
    kind = "minimum" if rising_after else "maximum"
    y = term(value, _power_of_e(k * at)) if k * at else str(value)
    chained = f"{'+' if k > 0 else '-'} {term(abs(k), f'({written(f)})')}"
    rising, falling = ("rises", "falls") if k * a > 0 else ("falls", "rises")
    steps = [
        f"By the product rule f'(x) = ({written(derived(f))} {chained})*{growth}.",
        f"That is f'(x) = {times(slope, growth)}.",
        f"{written(slope)} = {_factored(slope, [p, q])} is 0 at x = {p} and x = {q}; {growth} > 0.",
        f"So f {rising} for x < {p}, {falling} between {p} and {q}, and {rising} for x > {q}.",
        f"The local {kind} is at x = {at}.",
        f"f({at}) = {equal(*([f'({put_in(f, at)})*{_power_of_e(k * at)}'] if k * at else []), y)}",
    ]
    return times(f, growth), f"local {kind}", steps, str(at), y


def _power_of_e(exponent: int) -> str:
    return "e" if exponent == 1 else f"e^{exponent}" if exponent > 0 else f"e^({exponent})"


@family(
    name="extrema",
    wordings=(
        "Find the point (x, y) where f(x) = {function} has its {kind}.",
        "The function f(x) = {function} has one {kind}. At which point (x, y)?",
        "What are the coordinates (x, y) of the {kind} of f(x) = {function}?",
    ),
)
def extrema(rng: random.Random, level: int) -> Problem:
    """The only local maximum or minimum of a function, from the zeros of f' and the sign of f''."""
    function, kind, steps, x, y = _peak(rng, level)
    if level == 5:
        function, steps = starred(function), list(map(starred, steps))
    answer = f"({x}, {y})"
    return Problem(
        question=extrema.ask(rng, function=function, kind=kind),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*steps, f"The {kind} is at {boxed(answer)}"]),
        given={"function": function, "kind": kind},
        key=("extrema", function, kind),
    )


@extrema.proof
def _extrema(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    f = read(given["function"])
    bend = sympy.diff(f, x, 2)
    wanted = 1 if given["kind"] == "local minimum" else -1
    (at,) = (each for each in critical_points(f) if sympy.sign(bend.subs(x, each)) == wanted)
    return f"({write(at)}, {write(f.subs(x, at))})"


def _on_interval(rng: random.Random, level: int) -> tuple[list[Number], list[int], int, int]:
    """A polynomial, its critical points, and an interval that holds one or more of them."""
    count = level if level < 5 else 4
    points = sorted(rng.sample(range(-3, 4), count) if level < 5 else rng.sample(range(-2, 4), count))
    factor = rng.choice((1, -1)) * rng.randint(1, 3 if level < 4 else 2)
    f = with_critical_points([Fraction(each) for each in points], factor)
    low = points[0] - rng.randint(-1, 3 if level < 4 else 1)
    high = max(points[-1], low) + rng.randint(1, 3 if level < 4 else 1)
    return [*f[:-1], nonzero(rng, 30)], points, low, high


@family(
    name="absolute_extremum",
    wordings=(
        "What is the {kind} value of f(x) = {function} on the interval [{low}, {high}]?",
        "Find the absolute {kind} of f(x) = {function} for {low} <= x <= {high}. Give its value.",
        "What is the {kind} value that f(x) = {function} takes from x = {low} to x = {high}, both included?",
    ),
)
def absolute_extremum(rng: random.Random, level: int) -> Problem:
    """The largest or smallest value of a polynomial on a closed interval, at a critical point or an end."""
    while True:
        f, points, low, high = _on_interval(rng, min(level, 4))
        if level == 5:
            f = scaled(f, Fraction(1, rng.choice((2, 3, 5, 7))))
            f = [*f[:-1], nonzero(rng, 30)]
        kind = rng.choice(("maximum", "minimum"))
        inside = [each for each in points if low < each < high]
        chosen = [low, *inside, high]
        values = [evaluated(f, each) for each in chosen]
        best = max(values) if kind == "maximum" else min(values)
        if (
            len(set(values)) == len(values)
            and inside
            and (level < 5 or any(each.denominator > 1 for each in f))
        ):
            break
    lines = [
        f"f'(x) = {equal(written(derived(f)), _factored(derived(f), points))}",
        f"Inside the interval it is 0 at x = {listing([str(each) for each in inside])}.",
        "The values there and at the ends:",
        *[
            f"f({each}) = {put_in(f, each)} = {value}" if each else f"f(0) = {value}"
            for each, value in zip(chosen, values, strict=True)
        ],
    ]
    answer, function = str(best), written(f)
    return Problem(
        question=absolute_extremum.ask(rng, function=function, low=low, high=high, kind=kind),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The {kind} is {boxed(answer)}"]),
        given={"function": function, "low": low, "high": high, "kind": kind},
        key=("absolute_extremum", function, low, high, kind),
    )


@absolute_extremum.proof
def _absolute_extremum(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    f, low, high = read(given["function"]), given["low"], given["high"]
    places = [low, high, *(each for each in critical_points(f) if low < each < high)]
    return str((max if given["kind"] == "maximum" else min)(f.subs(x, each) for each in places))
