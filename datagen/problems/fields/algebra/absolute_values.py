"""Algebra with absolute values: equations solved case by case, inequalities with a sign chart."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.intervals import FLIPPED, RELATIONS, holds, sign_chart, union
from datagen.problems.fields.algebra.readings import sampled, written_set
from datagen.problems.fields.algebra.writing import Number, Variant, as_inequalities, magnitude, set_of
from datagen.problems.numbers import nonzero
from datagen.problems.specs import INTERVAL, SET
from datagen.problems.text import boxed, linear, listing

Line = tuple[int, int]  # (a, b) of ax + b


def _text(line: Line) -> str:
    return linear([(line[0], "x"), (line[1], "")])


def _at(line: Line, x: Number) -> Number:
    return line[0] * x + line[1]


def _negative(line: Line) -> Line:
    return -line[0], -line[1]


def _sides(bars: Sequence[Line], other: Line, both: bool) -> tuple[str, str]:
    """The two sides: |..| + |..| and a line, or |..| and |..| when `both` sides are absolute values."""
    left = " + ".join(f"|{_text(bar)}|" for bar in bars)
    return left, f"|{_text(other)}|" if both else _text(other)


def _key(bars: Sequence[Line], other: Line, both: bool, relation: str) -> tuple[Any, ...]:
    """The same for |..| < |..| and the same inequality read from the right."""
    if both and other < bars[0]:
        bars, other, relation = [other], bars[0], FLIPPED.get(relation, relation)
    return (*sorted(bars), other, both, relation)


def _draw(rng: random.Random, level: int) -> tuple[list[Line], Line, bool]:
    """The lines between bars, the line on the right, and whether that stands between bars too."""
    b, d = nonzero(rng, 15), nonzero(rng, 12)
    if level == 1:
        return [(1, b)], (0, rng.randint(1, 20)), False
    a = rng.randint(2, 7)
    if level == 2:
        return [(a, b)], (0, rng.randint(1, 20)), False
    if level == 3:
        return [(a, b)], (rng.randint(1, 6), d), True
    if level == 4:
        return [(a, b)], (nonzero(rng, 6), d), False
    return [(a, b), (rng.randint(1, 4), d)], (0, rng.randint(2, 30)), False


def _equal_pieces(bar: Line, other: Line, both: bool) -> tuple[list[str], list[Fraction]]:
    """|ax + b| = cx + d, or = |cx + d|: the lines of both cases and the solutions that hold."""
    lines, found = [], []
    for case, right in (("First", other), ("Second", _negative(other))):
        slope, constant = bar[0] - right[0], right[1] - bar[1]
        x = Fraction(constant, slope)
        text = f"{case} case: {_text(bar)} = {_text(right)}"
        collected = f", so {_text((slope, 0))} = {constant}" if slope != 1 else ""
        line = f"{text}{collected}, x = {x}."
        if not both and other[0]:
            value = _at(other, x)
            fits = "not negative: a solution" if value >= 0 else "negative: no solution"
            line += f" There {_text(other)} = {value} is {fits}."
        if both or _at(other, x) >= 0:
            found.append(x)
        lines.append(line)
    return lines, sorted(set(found))


def _two_bars(bars: Sequence[Line], total: int) -> tuple[list[str], list[Fraction]]:
    """|ax + b| + |cx + d| = total with a, c > 0: one linear equation on each side of the two zeros."""
    places = sorted(Fraction(-b, a) for a, b in bars)
    ends: list[Fraction | None] = [None, *places, None]
    lines, found = [], []
    for low, high in pairwise(ends):
        where = (
            f"For x < {high}"
            if low is None
            else f"For x >= {low}"
            if high is None
            else f"For {low} <= x < {high}"
        )
        inside = [high is not None and Fraction(-b, a) >= high for a, b in bars]
        opened = [_negative(bar) if negative else bar for bar, negative in zip(bars, inside, strict=True)]
        slope, constant = opened[0][0] + opened[1][0], opened[0][1] + opened[1][1]
        text = f"{where}: ({_text(opened[0])}) + ({_text(opened[1])}) = {_text((slope, constant))} = {total}"
        if not slope:
            lines.append(f"{text}, which is false.")
            continue
        x = Fraction(total - constant, slope)
        fits = (low is None or low <= x) and (high is None or x < high)
        lines.append(f"{text} gives x = {x}, which lies {'there' if fits else 'elsewhere: no solution'}.")
        found += [x] if fits else []
    return lines, sorted(found)


def _solved(bars: Sequence[Line], other: Line, both: bool) -> tuple[list[str], list[Fraction]] | None:
    """The steps and the solutions of the equation; None where a case has no or infinitely many."""
    if len(bars) == 2:
        zeros = {Fraction(-b, a) for a, b in bars}
        middle = min(magnitude(a * _at(bars[1 - i], Fraction(-b, a))) for i, (a, b) in enumerate(bars))
        if len(zeros) < 2 or (bars[0][0] == bars[1][0] and middle == bars[0][0] * other[1]):
            return None
        return _two_bars(bars, other[1])
    if bars[0][0] in (other[0], -other[0]):
        return None
    return _equal_pieces(bars[0], other, both)


@family(
    name="absolute_value_equation",
    wordings=(
        "Solve {left} = {right} over the real numbers. Answer with the set of all solutions, like {{1, 2}}.",
        "Find the set of all real x with {left} = {right}, written like {{1, 2}}.",
        "Which real numbers x satisfy {left} = {right}? Answer with a set, like {{1, 2}}.",
    ),
)
def absolute_value_equation(rng: random.Random, level: int) -> Problem:
    """An equation with absolute values, solved case by case."""
    while True:
        bars, other, both = _draw(rng, level)
        solved = _solved(bars, other, both)
        if solved and solved[1]:
            break
    lines, found = solved
    left, right = _sides(bars, other, both)
    answer = set_of(found)
    return Problem(
        question=absolute_value_equation.ask(rng, left=left, right=right),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"The set of solutions is {boxed(answer)}"]),
        given={"bars": [list(bar) for bar in bars], "right": list(other), "right_in_bars": both},
        key=("absolute_value_equation", *_key(bars, other, both, "=")),
    )


def _candidates(given: Given) -> list[Any]:
    """Where both sides agree for some choice of signs, and the zeros of what stands between bars."""
    import sympy

    x = sympy.Symbol("x")
    inner = [a * x + b for a, b in given["bars"]]
    right = given["right"][0] * x + given["right"][1]
    totals = [0]
    for each in inner:
        totals = [total + sign * each for total in totals for sign in (1, -1)]
    zeros = [root for each in inner for root in sympy.solve(each, x)]
    return zeros + [
        root for total in totals for sign in (1, -1) for root in sympy.roots(total - sign * right, x)
    ]


def _difference(given: Given, x: Any) -> Any:
    """Left side minus right side at x."""
    right = given["right"][0] * x + given["right"][1]
    left = sum(abs(a * x + b) for a, b in given["bars"])
    return left - (abs(right) if given["right_in_bars"] else right)


@absolute_value_equation.proof
def _absolute_value_equation(given: Given) -> str:
    return written_set(sorted({x for x in _candidates(given) if _difference(given, x) == 0}))


@absolute_value_equation.variants
def _a_case_forgotten(given: Given, answer: str) -> Variant:
    """Only one case considered, or a false solution kept."""
    (a, b), (c, d) = given["bars"][0], given["right"]
    cases = [Fraction(d - b, a - c), Fraction(-d - b, a + c)]
    misses = {set_of(cases), set_of(cases[:1]), set_of(cases[1:]), set_of(-x for x in cases)} - {answer}
    return [" or ".join(f"x = {x}" for x in answer[1:-1].split(", "))], sorted(misses)


@family(
    name="absolute_value_inequality",
    wordings=(
        "Solve {inequality} over the real numbers. Answer in interval notation.",
        "For which real numbers x is {inequality}? Use intervals, joined with U where there are two.",
        "Find all real x with {inequality}. Write the solution set in interval notation.",
    ),
)
def absolute_value_inequality(rng: random.Random, level: int) -> Problem:
    """An inequality with absolute values: where both sides agree, then one number from each interval."""
    while True:
        bars, other, both = _draw(rng, level)
        relation = rng.choice(RELATIONS)
        solved = _solved(bars, other, both)
        if solved and len(solved[1]) > (level != 4):
            break
    steps, places = solved

    def function(x: Number) -> Number:
        right = _at(other, x)
        left = sum(magnitude(_at(bar, x)) for bar in bars)
        return left - (magnitude(right) if both else right)

    chart, inside = sign_chart(function, places, relation)
    if not any(inside):
        return absolute_value_inequality(rng, level)
    left, right = _sides(bars, other, both)
    answer = union([(x, holds(0, relation)) for x in places], inside)
    text = f"{left} {relation} {right}"
    lines = [f"First solve {left} = {right}.", *steps]
    lines.append(
        f"Both sides agree at {listing([f'x = {x}' for x in places])}. Look at the left side minus the right."
    )
    return Problem(
        question=absolute_value_inequality.ask(rng, inequality=text),
        answer=answer,
        spec=INTERVAL,
        solution="\n".join([*lines, *chart, f"The solution is {boxed(answer)}"]),
        given={
            "bars": [list(bar) for bar in bars],
            "right": list(other),
            "right_in_bars": both,
            "relation": relation,
        },
        key=("absolute_value_inequality", *_key(bars, other, both, relation)),
    )


@absolute_value_inequality.proof
def _absolute_value_inequality(given: Given) -> str:
    relation = given["relation"]

    def fits(x: Any) -> bool:
        value = _difference(given, x)
        return bool({"<": value < 0, "<=": value <= 0, ">": value > 0, ">=": value >= 0}[relation])

    return sampled(fits, _candidates(given))


@absolute_value_inequality.variants
def _the_complement(given: Given, answer: str) -> Variant:
    """Inside and outside taken for each other; one case alone."""
    pieces = answer.split(" U ")
    if len(pieces) == 2:
        low, high = pieces[0].split(", ")[1][:-1], pieces[1].split(", ")[0][1:]
        return [as_inequalities(answer)], [f"[{low}, {high}]", f"({low}, {high})"]
    return [as_inequalities(answer)], ["(-infinity, infinity)"]
