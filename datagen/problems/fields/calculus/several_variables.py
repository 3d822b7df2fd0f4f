"""Polynomials and waves in two or three variables: curves, partial derivatives, gradients."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    SLOPES,
    applied,
    equal,
    number,
    power,
    starred,
    term,
    total,
)
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPRESSION, RATIONAL, TUPLE
from datagen.problems.text import boxed

Monomial = tuple[int, tuple[int, ...]]
"""A coefficient and the exponents of x, y (and z)."""
LETTERS = "xyz"


def _body(exponents: Sequence[int]) -> str:
    return "*".join(power(each, LETTERS[place]) for place, each in enumerate(exponents) if each)


def _shown(monomials: Sequence[Monomial]) -> str:
    return starred(total([term(coefficient, _body(exponents)) for coefficient, exponents in monomials]))


def _slope_by(monomials: Sequence[Monomial], place: int) -> list[Monomial]:
    """The partial derivative by one of the letters."""
    return [
        (coefficient * exponents[place], tuple(each - (at == place) for at, each in enumerate(exponents)))
        for coefficient, exponents in monomials
        if exponents[place]
    ]


def _value_at(monomials: Sequence[Monomial], point: Sequence[int]) -> int:
    result = 0
    for coefficient, exponents in monomials:
        for each, x in zip(exponents, point, strict=True):
            coefficient *= x**each
        result += coefficient
    return result


def _put_point(monomials: Sequence[Monomial], point: Sequence[int]) -> str:
    """The sum with the point's numbers in the place of the letters."""
    terms = []
    for coefficient, exponents in monomials:
        factors = [
            number(x) + (f"^{each}" if each > 1 else "")
            for each, x in zip(exponents, point, strict=True)
            if each
        ]
        terms.append(term(coefficient, "*".join(factors)))
    return total(terms)


CURVES = {
    1: ((2, 0), (0, 2)),
    2: ((2, 0), (1, 1), (0, 2)),
    3: ((3, 0), (1, 1), (0, 3)),
    4: ((3, 0), (2, 1), (0, 2), (0, 1)),
    5: ((4, 0), (2, 3), (1, 1), (0, 2), (1, 0)),
}
"""Per level: the exponents of x and y in the terms of the curve."""


@family(
    name="implicit_derivative",
    wordings=(
        "Find dy/dx at the point {point} of the curve {left} = {right}.",
        "The curve {left} = {right} goes through {point}. What is its slope there?",
        "Use implicit differentiation to find y' at {point} on the curve {left} = {right}.",
    ),
)
def implicit_derivative(rng: random.Random, level: int) -> Problem:
    """The slope of a curve F(x, y) = c at one of its points, worked by implicit differentiation."""
    reach = 12 if level == 1 else 6 if level < 5 else 3
    while True:
        curve = [(nonzero(rng, 6), exponents) for exponents in CURVES[level]]
        point = (nonzero(rng, reach), nonzero(rng, reach))
        along, across = _slope_by(curve, 0), _slope_by(curve, 1)
        above, below = _value_at(along, point), _value_at(across, point)
        if curve[0][0] > 0 and above and below:
            break
    value = _value_at(curve, point)
    slope = Fraction(-above, below)
    left, answer, at = _shown(curve), str(slope), f"({point[0]}, {point[1]})"
    lines = [
        "Differentiate both sides by x, where y is a function of x with derivative y'.",
        f"The terms without y' add up to {_shown(along)}.",
        f"The terms with y' add up to ({_shown(across)})*y'.",
        f"Their sum is 0, because the derivative of {value} is 0.",
        f"So y' = -({_shown(along)})/({_shown(across)}).",
        f"Put in {at}: {_put_point(along, point)} = {above} and {_put_point(across, point)} = {below}.",
    ]
    return Problem(
        question=implicit_derivative.ask(rng, left=left, right=value, point=at),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"y' = -{number(above)}/{number(below)} = {boxed(answer)}"]),
        given={"left": left, "right": value, "point": list(point)},
        key=("implicit_derivative", left, point),
    )


@implicit_derivative.proof
def _implicit_derivative(given: Given) -> str:
    import sympy

    x, y, slope = sympy.symbols("x y slope")
    p, q = given["point"]
    curve = read(given["left"]) - given["right"]
    if curve.subs({x: p, y: q}) != 0:
        raise ValueError("the point is not on the curve")
    t = sympy.Symbol("t")
    along_tangent = sympy.Poly(sympy.expand(curve.subs({x: p + t, y: q + slope * t}, simultaneous=True)), t)
    (found,) = sympy.solve(along_tangent.coeff_monomial(t), slope)
    return str(found)


SURFACES = {
    1: ((2, 1), (0, 2)),
    2: ((3, 0), (2, 1), (1, 2)),
    3: ((4, 1), (2, 3)),
    4: ((3, 2), (2, 1), (1, 3)),
    5: ((2, 1), (1, 3), (2, 2)),
}
"""Per level: the exponents of x and y in the terms."""


@dataclass(frozen=True, slots=True)
class Wave:
    """`size * name(rates . (x, y))`, a wave or an exponential in two variables."""

    size: int
    name: str
    rates: tuple[int, int]

    @property
    def text(self) -> str:
        inside = starred(total([term(self.rates[0], "x"), term(self.rates[1], "y")]))
        return term(self.size, applied(self.name, inside))

    def slope(self, place: int) -> Wave:
        sign, name = SLOPES[self.name]
        return Wave(self.size * sign * self.rates[place], name, self.rates)


def _surface(rng: random.Random, level: int) -> tuple[list[Monomial], list[Wave]]:
    monomials: list[Monomial] = [(nonzero(rng, 40 if level == 3 else 9), each) for each in SURFACES[level]]
    waves = []
    for place in range(level - 3):
        rates = (rng.randint(2, 5), rng.randint(2, 5) * (-1 if place else 1))
        waves.append(Wave(nonzero(rng, 6), rng.choice(tuple(SLOPES)), rates))
    return monomials, waves


@family(
    name="partial_derivative",
    wordings=(
        "Let f(x, y) = {function}. Find {wanted}.",
        "For the function f(x, y) = {function}, work out {wanted}.",
        "What is {wanted} of f(x, y) = {function}?",
    ),
)
def partial_derivative(rng: random.Random, level: int) -> Problem:
    """A first or second partial derivative, worked term by term with the other letter held fixed."""
    by = (rng.randint(0, 1),) if level in (1, 2, 4) else rng.choice(((0, 0), (0, 1), (1, 1)))
    monomials, waves = _surface(rng, level)
    names = [LETTERS[place] for place in by]

    def joined() -> str:
        terms = [term(each, _body(powers)) for each, powers in monomials]
        return starred(total([*terms, *(wave.text for wave in waves)]))

    function, steps = joined(), []
    for place, name in zip(by, names, strict=True):
        steps.append(f"By {name}, with {LETTERS[1 - place]} held fixed:")
        steps += [f"{_shown([each])} gives {_shown(_slope_by([each], place))}" for each in monomials]
        steps += [
            f"{wave.text} gives {wave.slope(place).text} (the inner derivative is {wave.rates[place]})"
            for wave in waves
        ]
        monomials, waves = _slope_by(monomials, place), [wave.slope(place) for wave in waves]
        steps.append(f"Together: {joined()}")
    answer = joined()
    wanted = {
        ("x", "y"): "the mixed second partial derivative with respect to x and y",
        (names[0], names[0]): f"the second partial derivative with respect to {names[0]}",
    }.get(
        (names[0], names[-1]) if len(names) > 1 else ("", ""),
        f"the partial derivative with respect to {names[0]}",
    )
    return Problem(
        question=partial_derivative.ask(rng, function=function, wanted=wanted),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join([*steps, f"So {wanted} is {boxed(answer)}"]),
        given={"function": function, "by": names},
        key=("partial_derivative", function, *names),
    )


@partial_derivative.proof
def _partial_derivative(given: Given) -> str:
    import sympy

    return write(sympy.diff(read(given["function"]), *(sympy.Symbol(name) for name in given["by"])))


FIELDS = {
    1: ((2, 0), (0, 2)),
    2: ((2, 0), (1, 1), (0, 2)),
    3: ((3, 0), (2, 1), (1, 2), (0, 1)),
    4: ((2, 0, 0), (1, 1, 0), (0, 1, 1), (0, 0, 2)),
    5: ((3, 0, 0), (2, 1, 0), (1, 1, 1), (0, 2, 1), (0, 0, 3)),
}
"""Per level: the exponents of x, y (and z) in the terms."""


@family(
    name="gradient",
    wordings=(
        "Find the gradient of f({letters}) = {function} at the point {point}. Answer as a tuple.",
        "What is the gradient of f({letters}) = {function} at {point}? Write it as a tuple.",
        "Let f({letters}) = {function}. Give grad f at {point} as a tuple of numbers.",
    ),
)
def gradient(rng: random.Random, level: int) -> Problem:
    """The gradient of a polynomial in two or three variables at a point, one partial derivative at a time."""
    monomials = [(nonzero(rng, 9 if level < 4 else 5), each) for each in FIELDS[level]]
    size = len(FIELDS[level][0])
    point = tuple(nonzero(rng, 6 if level < 3 else 4) for _ in range(size))
    at = f"({', '.join(map(str, point))})"
    lines, values = [], []
    for place in range(size):
        slope = _slope_by(monomials, place)
        values.append(_value_at(slope, point))
        lines.append(
            f"By {LETTERS[place]}: {_shown(slope)}, at {at}: {equal(_put_point(slope, point), values[-1])}"
        )
    function, answer = _shown(monomials), f"({', '.join(map(str, values))})"
    letters = ", ".join(LETTERS[:size])
    return Problem(
        question=gradient.ask(rng, letters=letters, function=function, point=at),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The gradient is {boxed(answer)}"]),
        given={"function": function, "point": list(point)},
        key=("gradient", function, point),
    )


@gradient.proof
def _gradient(given: Given) -> str:
    import sympy

    function, point = read(given["function"]), given["point"]
    letters = sympy.symbols("x y z")[: len(point)]
    put = dict(zip(letters, point, strict=True))
    return f"({', '.join(str(sympy.diff(function, each).subs(put)) for each in letters)})"
