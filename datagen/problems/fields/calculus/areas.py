"""What integrals measure: areas between curves and volumes of revolution."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    Number,
    added,
    equal,
    evaluated,
    integrated,
    negative,
    product,
    scaled,
    term,
    written,
)
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL
from datagen.problems.text import boxed, listing


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
    shown = [f"|{right} - {negative(left)}|" for left, right in pairwise(values)]
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
        constant = rng.randint(1, 9 if level == 2 else 40)
        f: list[Number] = [rng.randint(1, 9), *[0] * (level - 2), constant]
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
            [
                "Cut the solid into thin cylindrical shells around the y-axis.",
                f"The shell of radius x and height {written(f)} has the area {area}.",
            ],
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
