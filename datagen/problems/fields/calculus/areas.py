"""What integrals measure: areas between curves, volumes of revolution, averages, Riemann sums."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    Number,
    added,
    derived,
    equal,
    evaluated,
    integrated,
    number,
    product,
    put_in,
    scaled,
    term,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL
from datagen.problems.text import boxed, listing, surd


def _crossings(rng: random.Random, level: int) -> list[int]:
    """Where the curves meet, in order."""
    places = [nonzero(rng, 5)]
    for _ in range(1 if level < 4 else 2):
        places.append(places[-1] + rng.randint(1, 6 if level < 4 else 3))
    return places


@family(
    name="area_between_curves",
    wordings=(
        "Find the total area enclosed by the curves y = {first} and y = {second}.",
        "The graphs of y = {first} and y = {second} enclose one or more bounded regions. "
        "What is their total area?",
        "How large is the bounded region between y = {first} and y = {second}, all its parts together?",
    ),
)
def area_between_curves(rng: random.Random, level: int) -> Problem:
    """The area between two polynomial curves, by where they meet and the integral of the difference."""
    places = _crossings(rng, level)
    difference: list[Number] = [nonzero(rng, 6 if level < 4 else 3)]
    for place in places:
        difference = product(difference, [1, -place])
    degree = {1: 0, 2: 1, 3: 2, 4: 1, 5: 2}[level]
    while True:
        second: list[Number] = [nonzero(rng, 6) for _ in range(degree + 1)] if degree else [0]
        first = added(difference, second)
        if level != 3 or len(first) == 3:
            break
    whole = integrated(difference)
    names = [f"({written([1, -place])})" for place in places]
    factors = term(difference[0], "*".join(names))
    meet = f"f(x) - g(x) = {equal(written(difference), factors)}"
    lines = [
        f"Let f(x) = {written(first)} and g(x) = {written(second)}.",
        f"{meet}, so they meet at x = {listing(list(map(str, places)))}.",
        f"An antiderivative of f(x) - g(x) is D(x) = {written(whole)}.",
    ]
    values = [Fraction(evaluated(whole, place)) for place in places]
    lines += [f"D({place}) = {value}" for place, value in zip(places, values, strict=True)]
    gaps = [abs(right - left) for left, right in pairwise(values)]
    shown = [f"|{right} - {_negative(left)}|" for left, right in pairwise(values)]
    lines.append(
        f"The area is {' + '.join(shown)} = " + (f"{' + '.join(map(str, gaps))} = " if len(gaps) > 1 else "")
    )
    answer = str(sum(gaps, Fraction(0)))
    pair = (first, second) if rng.random() < 0.5 else (second, first)
    given = {"first": written(pair[0]), "second": written(pair[1])}
    return Problem(
        question=area_between_curves.ask(rng, **given),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines) + boxed(answer),
        given=given,
        key=("area_between_curves", *sorted((tuple(first), tuple(second)))),
    )


def _negative(value: Number) -> str:
    """A number after a minus sign."""
    return f"({value})" if value < 0 else str(value)


@area_between_curves.proof
def _area_between_curves(given: Given) -> str:
    import sympy

    difference = sympy.Poly(read(given["first"]) - read(given["second"]), sympy.Symbol("x"))
    places = sorted(sympy.roots(difference))
    if any(not place.is_rational for place in places):
        raise ValueError("the curves do not meet at rational places")
    outside = difference.integrate()
    pieces = pairwise(places)
    return str(sum(abs(outside.eval(right) - outside.eval(left)) for left, right in pieces))


def _solid(rng: random.Random, level: int) -> tuple[str, str, list[Number], list[str], str]:
    """The region, the axis, the polynomial to integrate (times pi), the reason, and the kind of solid."""
    if level == 1:
        inside: list[Number] = [rng.randint(1, 9), rng.randint(0, 9)]
        line = (
            f"Each cross-section is a disc of radius sqrt({written(inside)}) and area pi*({written(inside)})."
        )
        return f"sqrt({written(inside)})", "", inside, [line], "disc"
    if level in (2, 3):
        f: list[Number] = (
            [rng.randint(1, 6), rng.randint(1, 9)]
            if level == 2
            else [rng.randint(1, 4), 0, rng.randint(1, 9)]
        )
        square = product(f, f)
        area = f"pi*({written(f)})^2 = pi*({written(square)})"
        return (
            written(f),
            "",
            square,
            [f"A cross-section is a disc of radius {written(f)} and area {area}."],
            "disc",
        )
    if level == 4:
        f = [rng.randint(1, 6), rng.randint(1, 9), rng.randint(1, 9)]
        shell = scaled([*f, 0], 2)
        area = f"2*pi*x*({written(f)}) = pi*({written(shell)})"
        return (
            written(f),
            "",
            shell,
            [f"The shell of radius x and height {written(f)} has the area {area}."],
            "shell",
        )
    lower: list[Number] = [rng.randint(1, 4), rng.randint(1, 6)]
    upper = added(lower, [rng.randint(1, 4), 0, rng.randint(1, 6)])
    outer, inner = product(upper, upper), product(lower, lower)
    ring = added(outer, scaled(inner, -1))
    lines = [
        f"Each cross-section is a ring of outer radius {written(upper)} and inner radius {written(lower)}.",
        f"({written(upper)})^2 = {written(outer)}",
        f"({written(lower)})^2 = {written(inner)}",
        f"The area of the ring is pi*({written(ring)}).",
    ]
    return written(upper), written(lower), ring, lines, "ring"


@family(
    name="volume_of_revolution",
    wordings=(
        "The region between {bounds} from x = {low} to x = {high} is rotated about the {axis}-axis. "
        "Find the volume of the solid, in terms of pi.",
        "Find the exact volume, as a multiple of pi, of the solid made by turning the region between "
        "{bounds}, {low} <= x <= {high}, about the {axis}-axis.",
        "What is the volume, in terms of pi, when the region between {bounds} for {low} <= x <= {high} "
        "is rotated once around the {axis}-axis?",
    ),
)
def volume_of_revolution(rng: random.Random, level: int) -> Problem:
    """A solid of revolution by discs, shells or rings."""
    upper, lower, inside, reason, kind = _solid(rng, level)
    low = rng.randint(0, 3)
    high = low + rng.randint(1, 5 if level < 3 else 3)
    axis = "y" if kind == "shell" else "x"
    whole = integrated(inside)
    at_high, at_low = evaluated(whole, high), evaluated(whole, low)
    volume = Fraction(at_high - at_low)
    answer = term(volume, "pi")
    bounds = f"y = {upper} and y = {lower}" if lower else f"y = {upper} and the x-axis"
    lines = [
        *reason,
        f"An antiderivative of {written(inside)} is F(x) = {written(whole)}.",
        f"F({high}) = {at_high} and F({low}) = {at_low}, and their difference is {volume}.",
    ]
    return Problem(
        question=volume_of_revolution.ask(rng, bounds=bounds, low=low, high=high, axis=axis),
        answer=answer,
        spec=REAL,
        solution="\n".join([*lines, f"The volume is pi times that: {boxed(answer)}"]),
        given={"upper": upper, "lower": lower or "0", "low": low, "high": high, "axis": axis},
        key=("volume_of_revolution", upper, lower, low, high, axis),
    )


@volume_of_revolution.proof
def _volume_of_revolution(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    upper, lower, low, high = read(given["upper"]), read(given["lower"]), given["low"], given["high"]
    if given["axis"] == "x":
        area = sympy.Poly(upper**2 - lower**2, x).integrate()
        return write(sympy.pi * (area.eval(high) - area.eval(low)))
    # Not by shells: the outer cylinder less the inner one, less what lies above the rising curve.
    f = sympy.Poly(upper, x)
    above = (f.diff(x) * sympy.Poly(x**2, x)).integrate()
    cylinders = high**2 * f.eval(high) - low**2 * f.eval(low)
    return write(sympy.pi * (cylinders - (above.eval(high) - above.eval(low))))


@volume_of_revolution.variants
def _volume_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """pi forgotten, twice and half of it, pi squared."""
    plain = answer.replace("*pi", "") if "*pi" in answer else answer.replace("pi", "1")
    return [f"({answer})"], [plain, f"2*({answer})", f"({answer})/2", f"pi*({answer})"]


@family(
    name="average_value",
    wordings=(
        "Find the average value of f(x) = {function} on the interval [{low}, {high}].",
        "What is the mean of f(x) = {function} over {low} <= x <= {high}?",
        "Compute the mean value of the function {function} between x = {low} and x = {high}.",
    ),
)
def average_value(rng: random.Random, level: int) -> Problem:
    """The integral of a polynomial over an interval, divided by its length."""
    f: list[Number] = [nonzero(rng, 9), *(nonzero(rng, 9) for _ in range(level))]
    low = 0 if level == 1 else nonzero(rng, 4)
    high = low + rng.randint(2, 6 if level < 4 else 4)
    whole = integrated(f)
    at_high, at_low = evaluated(whole, high), evaluated(whole, low)
    answer, function = str(Fraction(at_high - at_low) / (high - low)), written(f)
    lines = [
        f"An antiderivative is F(x) = {written(whole)}.",
        f"F({high}) = {put_in(whole, high)} = {at_high}",
        f"F({low}) = {f'{put_in(whole, low)} = ' if low else ''}{at_low}",
        f"The integral is {at_high - at_low}, and the interval has the length {high - low}.",
    ]
    return Problem(
        question=average_value.ask(rng, function=function, low=low, high=high),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(
            [*lines, f"The average is {number(at_high - at_low)}/{high - low} = {boxed(answer)}"]
        ),
        given={"function": function, "low": low, "high": high},
        key=("average_value", function, low, high),
    )


@average_value.proof
def _average_value(given: Given) -> str:
    import sympy

    low, high = given["low"], given["high"]
    outside = sympy.Poly(read(given["function"]), sympy.Symbol("x")).integrate()
    return str((outside.eval(high) - outside.eval(low)) / (high - low))


def _with_mean_slope(rng: random.Random, level: int, low: int, high: int) -> tuple[str, str, list[str], str]:
    """A function, its derivative, the steps from its mean slope to c, and c."""
    p, q, r = rng.randint(1, 6), nonzero(rng, 9), nonzero(rng, 9)
    if level == 4:
        k = rng.randint(1, 20)
        ends = [Fraction(q * each * each + k, each) for each in (high, low)]
        steps = [
            *_mean_slope(low, high, *ends),
            f"{q} - {k}/c^2 = {q} - {k}/{low * high}, so c^2 = {low * high} and c > 0.",
        ]
        function, slope_text = total([term(q, "x"), term(k, "", "x")]), total([str(q), term(-k, "", "x^2")])
        return function, slope_text, steps, surd(1, low * high)
    s = rng.randint(1, 6) if level == 5 else 0
    f: list[Number] = [p, q, r] if level == 1 else [p, s, q, r]
    steps = _mean_slope(low, high, evaluated(f, high), evaluated(f, low))
    if level == 1:
        rest, middle = p * (low + high), Fraction(low + high, 2)
        steps.append(f"{2 * p}*c = {rest + q} - {_negative(q)} = {rest}, so c = {middle}.")
        return written(f), written(derived(f)), steps, str(middle)
    squares = low * low + low * high + high * high
    rest = p * squares + s * (low + high)
    if level < 4:
        steps.append(
            f"{3 * p}*c^2 = {rest + q} - {_negative(q)} = {rest}, so c^2 = {Fraction(squares, 3)}, c > 0."
        )
        return written(f), written(derived(f)), steps, surd(1, 3 * squares, 3)
    found = total([term(Fraction(-s, 3 * p)), surd(1, s * s + 3 * p * rest, 3 * p)])
    steps += [
        f"{term(3 * p, 'c^2')} + {term(2 * s, 'c')} = {rest + q} - {_negative(q)} = {rest}",
        f"c = (-{2 * s} + sqrt({4 * s * s} + 4*{3 * p}*{rest}))/{6 * p} = {found}",
        "The other root is negative.",
    ]
    return written(f), written(derived(f)), steps, found


def _mean_slope(low: int, high: int, at_high: Number, at_low: Number) -> list[str]:
    slope = Fraction(at_high - at_low) / (high - low)
    return [
        f"f({high}) = {at_high} and f({low}) = {at_low}.",
        f"The mean slope is ({at_high} - {_negative(at_low)})/{high - low} = {slope}.",
    ]


@family(
    name="mean_value",
    wordings=(
        "By the mean value theorem, f'(c) is the mean slope of f(x) = {function} on [{low}, {high}] "
        "for one number c between {low} and {high}. Find c exactly.",
        "Find the exact number c in ({low}, {high}) that satisfies the mean value theorem "
        "for f(x) = {function} on [{low}, {high}].",
        "Let f(x) = {function}. For which c with {low} < c < {high} is "
        "f'(c) = (f({high}) - f({low}))/({high} - {low})? Give c exactly.",
    ),
)
def mean_value(rng: random.Random, level: int) -> Problem:
    """Where the tangent has the slope of the chord, worked from f'(c) = (f(b) - f(a))/(b - a)."""
    low = {1: rng.randint(0, 9), 2: 0}.get(level, rng.randint(1, 6))
    high = low + rng.randint(1, 12 if level < 4 else 8)
    function, slope, steps, answer = _with_mean_slope(rng, level, low, high)
    lines = [f"f'(x) = {slope}", *steps]
    return Problem(
        question=mean_value.ask(rng, function=function, low=low, high=high),
        answer=answer,
        spec=RATIONAL if level == 1 else REAL,
        solution="\n".join([*lines, f"It lies between {low} and {high}: c = {boxed(answer)}"]),
        given={"function": function, "low": low, "high": high},
        key=("mean_value", function, low, high),
    )


@mean_value.proof
def _mean_value(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    f, low, high = read(given["function"]), given["low"], given["high"]
    mean = (f.subs(x, high) - f.subs(x, low)) / (high - low)
    above = sympy.fraction(sympy.together(sympy.diff(f, x) - mean))[0]
    (found,) = (root for root in sympy.roots(sympy.Poly(above, x)) if root.is_real and low < root < high)
    return write(found)


RULES = {
    "left": "the left Riemann sum",
    "right": "the right Riemann sum",
    "midpoint": "the midpoint rule",
    "trapezoid": "the trapezoid rule",
    "simpson": "Simpson's rule",
}


@family(
    name="riemann_sum",
    wordings=(
        "Approximate the integral of f(x) = {function} from {low} to {high} by {rule} "
        "with {n} subintervals of equal length. Give the exact value of the approximation.",
        "Use {rule} with n = {n} equal subintervals for the integral of {function} "
        "from x = {low} to x = {high}. What is its exact value?",
        "What does {rule} give, exactly, for the integral of f(x) = {function} over [{low}, {high}], "
        "cut into {n} equal parts?",
    ),
)
def riemann_sum(rng: random.Random, level: int) -> Problem:
    """A left, right, midpoint, trapezoid or Simpson sum of a polynomial, value by value."""
    rule = {1: rng.choice(("left", "right")), 2: "midpoint", 3: "trapezoid", 5: "simpson"}.get(
        level, "midpoint"
    )
    n = rng.randint(2, 3) if level < 3 else rng.randint(4, 5) if level < 5 else rng.choice((4, 6))
    f: list[Number] = [nonzero(rng, 5), *(nonzero(rng, 9) for _ in range(min(level, 3) if level < 5 else 4))]
    f = f[:-1] if level == 1 and rng.random() < 0.5 else f
    low = rng.randint(0, 3) if level < 3 else rng.randint(-2, 2)
    width = Fraction(rng.randint(1, 3) * (2 if level == 2 else 1)) if level < 4 else Fraction(1, 2)
    width = Fraction(1) if level == 4 else width
    high = low + n * width
    points = [low + each * width for each in range(n + 1)]
    chosen = {
        "left": points[:-1],
        "right": points[1:],
        "midpoint": [each + width / 2 for each in points[:-1]],
    }.get(rule, points)
    weights, factor = _weights(rule, n, width)
    values = [evaluated(f, each) for each in chosen]
    weighted = sum((weight * value for weight, value in zip(weights, values, strict=True)), Fraction(0))
    answer = str(factor * weighted)
    shown = total([_weighted(*pair) for pair in zip(weights, values, strict=True)])
    lines = [f"The subintervals have the length h = {width}. The values of f are"]
    lines += [
        f"f({each}) = {equal(put_in(f, each), value)}" for each, value in zip(chosen, values, strict=True)
    ]
    name = {"trapezoid": "h/2", "simpson": "h/3"}.get(rule, "h")
    lines.append(f"{name}*({shown}) = {number(factor)}*{number(weighted)} = ")
    function = written(f)
    return Problem(
        question=riemann_sum.ask(rng, function=function, low=low, high=high, rule=RULES[rule], n=n),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines) + boxed(answer),
        given={"function": function, "low": str(low), "high": str(high), "rule": rule, "n": n},
        key=("riemann_sum", function, str(low), str(high), rule, n),
    )


def _weights(rule: str, n: int, width: Fraction) -> tuple[list[int], Fraction]:
    """How often each value counts, and the factor before their sum."""
    if rule == "trapezoid":
        return [1, *[2] * (n - 1), 1], width / 2
    if rule == "simpson":
        return [1, *[4 if each % 2 else 2 for each in range(1, n)], 1], width / 3
    return [1] * n, width


def _weighted(weight: int, value: Number) -> str:
    if weight == 1 or not value:
        return str(value)
    return f"-{weight}*{number(-value)}" if value < 0 else f"{weight}*{number(value)}"


@riemann_sum.proof
def _riemann_sum(given: Given) -> str:
    import sympy

    x, k = sympy.symbols("x k")
    low, high, n, rule = (
        sympy.Rational(given["low"]),
        sympy.Rational(given["high"]),
        given["n"],
        given["rule"],
    )
    f = read(given["function"])

    def spread(count: int, shift: object) -> sympy.Expr:
        """The sum of the values at low + (k + shift) h for k from 0, times h, in closed form."""
        h = (high - low) / count
        return h * sympy.summation(sympy.expand(f.subs(x, low + (k + shift) * h)), (k, 0, count - 1))

    half = sympy.Rational(1, 2)
    if rule in ("left", "right", "midpoint"):
        return str(spread(n, {"left": 0, "right": 1, "midpoint": half}[rule]))
    if rule == "trapezoid":
        return str((spread(n, 0) + spread(n, 1)) / 2)
    coarse = n // 2
    return str((spread(coarse, 0) + spread(coarse, 1) + 4 * spread(coarse, half)) / 6)
