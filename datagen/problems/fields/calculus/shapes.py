"""Sign charts of the first and second derivative: where a graph rises, how it bends, where that changes."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.applications import with_critical_points
from datagen.problems.fields.calculus.functions import Number, derived, equal, term, written
from datagen.problems.fields.calculus.reading import read
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTERVAL, SET
from datagen.problems.text import boxed, listing


def _zeros(rng: random.Random, level: int) -> list[Fraction]:
    """The zeros of a derivative: one to four whole numbers, at level 3 two fractions."""
    if level != 3:
        count = {1: 1, 2: 2, 4: 3, 5: 4}[level]
        reach = {1: 12, 2: 8, 4: 5, 5: 5}[level]
        return sorted(Fraction(each) for each in rng.sample(range(-reach, reach + 1), count))
    while True:
        found = sorted(
            {Fraction(nonzero(rng, 9), rng.randint(2, 4)), Fraction(nonzero(rng, 9), rng.randint(1, 3))}
        )
        if len(found) == 2 and found[0].denominator * found[1].denominator > 1:
            return found


def _factors(f: list[Number], zeros: list[Fraction]) -> str:
    """A polynomial as a number times factors with whole coefficients."""
    leading = Fraction(f[0])
    names: list[str] = []
    for zero in zeros:
        leading /= zero.denominator
        name = written([zero.denominator, -zero.numerator])
        name = name if name == "x" else f"({name})"
        if names and names[-1] == name:
            names[-1] = f"{name}^2"
        else:
            names.append(name)
    return term(leading, "*".join(names))


def _chart(zeros: list[Fraction], sign: int) -> list[tuple[str, str, int]]:
    """Each interval between the zeros with the sign of the polynomial there."""
    ends = ["-infinity", *map(str, zeros), "infinity"]
    return [
        (low, high, sign * (-1) ** (len(zeros) - place))
        for place, (low, high) in enumerate(itertools.pairwise(ends))
    ]


def _interval_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The intervals as inequalities; the gaps between them, all numbers, the zeros alone."""
    pieces = [piece.strip("()").split(", ") for piece in answer.split(" U ")]
    shown = []
    for low, high in pieces:
        left, right = f"{low} < " * (low != "-infinity"), f" < {high}" * (high != "infinity")
        shown.append(f"{left}x{right}")
    ends = ["-infinity", *(end for piece in pieces for end in piece), "infinity"]
    pairs = zip(ends[::2], ends[1::2], strict=True)
    gaps = " U ".join(f"({low}, {high})" for low, high in pairs if low != high)
    return [" or ".join(shown)], [gaps, "(-infinity, infinity)", "(0, 1000)"]


def _chart_lines(chart: list[tuple[str, str, int]], name: str) -> list[str]:
    return [f"On ({low}, {high}): {name} {'>' if sign > 0 else '<'} 0" for low, high, sign in chart]


def _union(chart: list[tuple[str, str, int]], sign: int) -> str:
    return " U ".join(f"({low}, {high})" for low, high, found in chart if found == sign)


def _solved_signs(derivative: object, sign: int) -> str:
    """The open intervals on which a polynomial in x has this sign, from its roots and test points."""
    import sympy

    polynomial = sympy.Poly(derivative, sympy.Symbol("x"))
    roots = sorted(sympy.roots(polynomial))
    tests = [roots[0] - 1, *((left + right) / 2 for left, right in itertools.pairwise(roots)), roots[-1] + 1]
    ends = ["-infinity", *map(str, roots), "infinity"]
    return " U ".join(
        f"({ends[place]}, {ends[place + 1]})"
        for place, test in enumerate(tests)
        if sympy.sign(polynomial.eval(test)) == sign
    )


@family(
    name="increasing_intervals",
    wordings=(
        "On which open intervals is f(x) = {function} {kind}? Answer in interval notation.",
        "Find the largest open intervals where the function f(x) = {function} is strictly {kind}. "
        "Write their union in interval notation.",
        "Let f(x) = {function}. Where is f strictly {kind}? Give open intervals, in interval notation.",
    ),
)
def increasing_intervals(rng: random.Random, level: int) -> Problem:
    """Where a polynomial rises or falls, from the sign chart of its derivative."""
    zeros = _zeros(rng, level)
    sign = rng.choice((1, -1))
    f = with_critical_points(zeros, sign * rng.randint(1, 4))
    f = [*f[:-1], nonzero(rng, 20)]
    kind = rng.choice(("increasing", "decreasing"))
    chart, slope, function = _chart(zeros, sign), derived(f), written(f)
    answer = _union(chart, 1 if kind == "increasing" else -1)
    lines = [
        f"f'(x) = {equal(written(slope), _factors(slope, zeros))}",
        f"It is 0 at x = {listing([str(each) for each in zeros])}.",
        *_chart_lines(chart, "f'(x)"),
        f"f is {kind} where f'(x) is {'positive' if kind == 'increasing' else 'negative'}.",
    ]
    return Problem(
        question=increasing_intervals.ask(rng, function=function, kind=kind),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, f"That is on {boxed(answer)}"]),
        given={"function": function, "kind": kind},
        key=("increasing_intervals", function, kind),
    )


@increasing_intervals.proof
def _increasing_intervals(given: Given) -> str:
    import sympy

    slope = sympy.diff(read(given["function"]), sympy.Symbol("x"))
    return _solved_signs(slope, 1 if given["kind"] == "increasing" else -1)


increasing_intervals.variants(_interval_variants)


@family(
    name="concavity_intervals",
    wordings=(
        "On which open intervals is f(x) = {function} concave {kind}? Answer in interval notation.",
        "Find the largest open intervals where f(x) = {function} is concave {kind}. "
        "Write their union in interval notation.",
        "Let f(x) = {function}. For which x is the second derivative {sign}? Answer in interval notation.",
    ),
)
def concavity_intervals(rng: random.Random, level: int) -> Problem:
    """Where a graph bends up or down, from the sign chart of the second derivative."""
    zeros = _zeros(rng, level)
    sign = rng.choice((1, -1))
    f = with_critical_points(zeros, sign * rng.randint(1, 3), 2)
    f = [*f[:-2], nonzero(rng, 9), nonzero(rng, 20)]
    kind = rng.choice(("up", "down"))
    chart, bend, function = _chart(zeros, sign), derived(derived(f)), written(f)
    answer = _union(chart, 1 if kind == "up" else -1)
    word = "positive" if kind == "up" else "negative"
    lines = [
        f"f'(x) = {written(derived(f))}",
        f"f''(x) = {equal(written(bend), _factors(bend, zeros))}",
        f"It is 0 at x = {listing([str(each) for each in zeros])}.",
        *_chart_lines(chart, "f''(x)"),
        f"The graph is concave {kind} where f''(x) is {word}.",
    ]
    return Problem(
        question=concavity_intervals.ask(rng, function=function, kind=kind, sign=word),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, f"That is on {boxed(answer)}"]),
        given={"function": function, "concave": kind},
        key=("concavity_intervals", function, kind),
    )


@concavity_intervals.proof
def _concavity_intervals(given: Given) -> str:
    import sympy

    bend = sympy.diff(read(given["function"]), sympy.Symbol("x"), 2)
    return _solved_signs(bend, 1 if given["concave"] == "up" else -1)


concavity_intervals.variants(_interval_variants)


@family(
    name="inflection_points",
    wordings=(
        "Find the x-coordinates of all inflection points of f(x) = {function}. Answer as a set.",
        "At which x does the graph of f(x) = {function} change its concavity? Answer as a set of numbers.",
        "Give the set of all x at which f(x) = {function} has an inflection point.",
    ),
)
def inflection_points(rng: random.Random, level: int) -> Problem:
    """The zeros of the second derivative at which it changes sign; at levels 3 and 5 not all of them do."""
    count, doubled = {1: (1, 0), 2: (2, 0), 3: (2, 1), 4: (3, 0), 5: (3, 1)}[level]
    places = [
        Fraction(each)
        for each in rng.sample(range(-12 if level == 1 else -5, 13 if level == 1 else 6), count)
    ]
    even = places[:doubled]
    zeros = sorted([*places, *even])
    factor = rng.choice((1, -1)) * rng.randint(1, 4)
    f = with_critical_points(zeros, factor, 2)
    f = [*f[:-2], nonzero(rng, 9), nonzero(rng, 20)]
    changing = sorted(set(places) - set(even))
    bend, function = derived(derived(f)), written(f)
    answer = f"{{{', '.join(map(str, changing))}}}"
    lines = [
        f"f'(x) = {written(derived(f))}",
        f"f''(x) = {equal(written(bend), _factors(bend, zeros))}",
        f"It is 0 at x = {listing([str(each) for each in sorted(set(zeros))])}.",
        *[f"x = {each} is a double zero: f'' keeps its sign there." for each in even],
        *[f"x = {each} is a simple zero: f'' changes its sign there." for each in changing],
    ]
    return Problem(
        question=inflection_points.ask(rng, function=function),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set is {boxed(answer)}"]),
        given={"function": function},
        key=("inflection_points", function),
    )


@inflection_points.proof
def _inflection_points(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    bend = sympy.Poly(sympy.diff(read(given["function"]), x, 2), x)
    roots = sorted(sympy.roots(bend))
    gap = min([right - left for left, right in itertools.pairwise(roots)] or [1]) / 2
    found = [each for each in roots if bend.eval(each - gap) * bend.eval(each + gap) < 0]
    return f"{{{', '.join(map(str, found))}}}"
