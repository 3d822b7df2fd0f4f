"""What the families of geometry share: cases to be posed as problems, and ways to write lengths and points.

Strings from whole numbers and fractions; holds no family.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from datagen.problems.family import Family, Given, Problem
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, decimal, linear, listing, square_part, surd
from verifiers import AnswerSpec

UNITS = {"cm": "centimetres", "m": "metres", "mm": "millimetres"}
UNIT_NAMES = tuple(UNITS)
DEGREES = "Give the number of degrees."
CORNERS = ("ABC", "DEF", "PQR", "XYZ", "KLM")


@dataclass(frozen=True, slots=True)
class Case:
    """One situation with its answer, still without wording.

    `scene` is a sentence or more, `goal` a noun phrase, `form` the sentence that says how to answer. The
    last of `steps` ends just before the boxed answer. Without a `key`, the values of `given` are the
    mathematics, all but the unit.
    """

    scene: str
    goal: str
    form: str
    answer: str
    spec: AnswerSpec
    steps: Sequence[str]
    given: Given
    key: tuple[Any, ...] = ()


def posed(entered: Family, rng: random.Random, case: Case) -> Problem:
    """The case in one of the family's wordings, whose slots are `scene`, `goal` and `form`."""
    asked = entered.ask(rng, scene=case.scene, goal=case.goal, form=case.form)
    return Problem(
        question=asked.strip(),
        answer=case.answer,
        spec=case.spec,
        solution="\n".join(case.steps) + f" {boxed(case.answer)}",
        given=case.given,
        key=(entered.name, *(case.key or _values(case.given))),
    )


def _values(given: Given) -> tuple[Any, ...]:
    return tuple(_frozen(value) for name, value in given.items() if name != "unit")


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def degrees_case(
    scene: str, goal: str, answer: int, steps: Sequence[str], given: Given, key: tuple[Any, ...] = ()
) -> Case:
    """A case whose answer is a whole number of degrees."""
    return Case(scene, goal, DEGREES, str(answer), INTEGER, steps, given, key)


def many(numbers: Sequence[int]) -> str:
    """`70, 80 and 95`."""
    return listing([str(number) for number in numbers])


def unit_of(rng: random.Random) -> str:
    """`cm`, `m` or `mm`."""
    return UNIT_NAMES[int(rng.random() * len(UNIT_NAMES))]


def pick(rng: random.Random, *items: Any) -> Any:
    """One of the arguments."""
    return items[int(rng.random() * len(items))]


def exact(unit: str, power: int = 1) -> str:
    """The sentence that asks for a bare number of units, squares or cubes."""
    kind = ("", "", "square ", "cubic ")[power]
    return f"Give the exact number of {kind}{UNITS[unit]}."


def in_unit(unit: str, power: int = 1) -> str:
    """The sentence that asks for a number with its unit."""
    return f"Give the answer in {unit}{f'^{power}' if power > 1 else ''}."


def halves(number: int) -> str:
    """`number` / 2 as a decimal: `7.5`, `8`."""
    return decimal(5 * number, 1)


def times(factor: int | Fraction, name: str) -> str:
    """A multiple of a constant in the project's writing: `pi`, `3*pi`, `5*pi/4`, `-sqrt(2)/2`."""
    factor = Fraction(factor)
    above = {1: name, -1: f"-{name}"}.get(factor.numerator, f"{factor.numerator}*{name}")
    return above if factor.denominator == 1 else f"{above}/{factor.denominator}"


def pi_times(factor: int | Fraction) -> str:
    """`factor` * pi."""
    return times(factor, "pi")


def added(*terms: str) -> str:
    """The terms with plus or minus between them; zeros are left out."""
    text = ""
    for term in terms:
        if term == "0":
            continue
        bare = term.removeprefix("-")
        sign = ("-" if term != bare else "") if not text else " - " if term != bare else " + "
        text += sign + bare
    return text or "0"


def root(radicand: int | Fraction) -> str:
    """The simplest writing of a square root: `2*sqrt(3)`, `sqrt(6)/2`."""
    radicand = Fraction(radicand)
    return surd(1, radicand.numerator * radicand.denominator, radicand.denominator)


def rooted(radicand: int | Fraction) -> str:
    """A square root and, where they differ, its simplest writing: `sqrt(12) = 2*sqrt(3)`."""
    plain = f"sqrt({radicand})"
    return plain if root(radicand) == plain else f"{plain} = {root(radicand)}"


def ends_in_root(start: str, radicand: int) -> str:
    """The line before the box that takes a square root: `612 = 6^2 * 17, so c = sqrt(612) =`."""
    outside, inside = square_part(radicand)
    if inside == 1:
        return f"{radicand} = {outside}^2, so {start} = sqrt({radicand}) ="
    if outside == 1:
        return f"No square above 1 divides {radicand}, so the root stays as it is: {start} ="
    return f"{radicand} = {outside}^2 * {inside}, so {start} = sqrt({radicand}) ="


def point(coordinates: Sequence[int | Fraction]) -> str:
    """`(1, -2)`."""
    return f"({', '.join(map(str, coordinates))})"


def written(number: int | Fraction) -> list[int]:
    """A fraction as JSON data: [numerator, denominator]."""
    return [Fraction(number).numerator, Fraction(number).denominator]


def operand(number: int | Fraction) -> str:
    """A number as a factor or a subtrahend: negative ones and fractions in parentheses."""
    return f"({number})" if number < 0 or Fraction(number).denominator > 1 else str(number)


def side_of_line(a: int, b: int, name: str = "x", other: str = "y") -> str:
    """`3x - y`."""
    return linear([(a, name), (b, other)])


def slope_form(slope: Fraction | int, intercept: Fraction | int) -> str:
    """`y = 2x - 1`, `y = -3/4*x + 5/2`, `y = 7`."""
    slope, intercept = Fraction(slope), Fraction(intercept)
    if slope.denominator == 1:
        multiple = linear([(slope.numerator, "x")]) if slope else "0"
    else:
        multiple = f"{slope}*x"
    return f"y = {added(multiple, str(intercept))}"


def expressions(rng: random.Random, values: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
    """(x, [(p, q), ...]) with px + q the given values up to 240, p positive and q not 0."""
    while True:
        x = rng.randint(4, 19)
        fitting = [[p for p in range(1, 10) if 0 < abs(value - p * x) < 90] for value in values]
        if all(fitting):
            factors = [pick(rng, *choices) for choices in fitting]
            return x, [(p, value - p * x) for p, value in zip(factors, values, strict=True)]


def expression_text(term: Sequence[int]) -> str:
    """`3x - 5` from (3, -5)."""
    return linear([(term[0], "x"), (term[1], "")])


def solved(terms: Sequence[tuple[int, int]], total: int, x: int) -> list[str]:
    """The lines from `(3x + 5) + (x - 9) = total` to `x = ...`."""
    p, q = sum(term[0] for term in terms), sum(term[1] for term in terms)
    left = " + ".join(f"({expression_text(term)})" for term in terms)
    lines = [f"{left} = {total}"]
    if q:
        lines.append(f"{expression_text((p, q))} = {total}, so {p}x = {total - q} and x = {x}.")
    else:
        lines.append(f"{p}x = {total}, so x = {x}.")
    return lines
