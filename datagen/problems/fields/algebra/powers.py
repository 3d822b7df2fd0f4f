"""Algebra with powers: the rules of exponents, and equations with the unknown in the exponent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_set, written_tuple
from datagen.problems.fields.algebra.writing import (
    Number,
    Variant,
    collection,
    operand,
    plus,
    quadratic_formula,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL, SET, TUPLE
from datagen.problems.text import boxed, linear, polynomial

Exponents = tuple[Number, Number]
Term = tuple[int, Exponents, int]  # coefficient, exponents of x and y, power of the whole


def _power(letter: str, exponent: Number) -> str:
    if exponent == 1:
        return letter
    plain = exponent.denominator == 1 and exponent > 0
    return f"{letter}^{exponent}" if plain else f"{letter}^({exponent})"


def _term_text(term: Term) -> str:
    coefficient, (x, y), power = term
    number = f"{coefficient}*" if coefficient != 1 else ""
    inside = f"{number}{_power('x', x)}*{_power('y', y)}"
    return inside if power == 1 else f"({inside})^{power}"


def _multiplied(term: Term) -> tuple[int, Exponents]:
    coefficient, (x, y), power = term
    return coefficient**power, (x * power, y * power)


def _exponent(rng: random.Random, level: int, low: int, high: int) -> Number:
    """An integer other than 0, or at level 5 a fraction."""
    while True:
        value = rng.randint(low, high)
        if level < 5 and value:
            return value
        below = rng.randint(2, 4)
        if value % below:
            return Fraction(value, below)


def _exponent_terms(rng: random.Random, level: int) -> tuple[list[Term], list[Term]]:
    """The terms above and below the fraction bar."""

    def term(number: int, power: int, low: int, high: int) -> Term:
        coefficient = rng.randint(2, number) if number > 1 else 1
        return coefficient, (_exponent(rng, level, low, high), _exponent(rng, level, low, high)), power

    if level < 3:
        return [term(1, 1, 1, 9), term(1, 1, 1, 9)], [term(1, 1, 1, 9)] if level == 2 else []
    if level == 3:
        return [term(4, rng.randint(2, 3), -5, 6), term(9, 1, -9, 9)], []
    if level == 4:
        return [term(5, rng.randint(2, 3), -6, 6), term(6, 1, -9, 9)], [term(4, 2, -6, 6)]
    return [term(4, rng.randint(2, 3), -9, 9), term(6, 1, -9, 9)], [term(4, 2, -9, 9), term(3, 1, -9, 9)]


def _product_text(terms: Sequence[Term]) -> str:
    """Terms with a coefficient in brackets of their own."""
    return " * ".join(
        text if power > 1 or number == 1 else f"({text})"
        for (number, _, power), text in zip(terms, map(_term_text, terms), strict=True)
    )


@family(
    name="exponents_simplify",
    wordings=(
        "For positive x and y, write {expression} as {form} with constant exponents. Answer with {names}.",
        "Let x and y be positive. The expression {expression} equals {form} for all of them. Find {names}.",
        "Simplify {expression} to the form {form}, where x and y are positive. Give {names}.",
    ),
)
def exponents_simplify(rng: random.Random, level: int) -> Problem:
    """Powers of x and y multiplied, divided and raised to powers, worked with the rules of exponents."""
    while True:
        above, below = _exponent_terms(rng, level)
        over, under = list(map(_multiplied, above)), list(map(_multiplied, below))
        x, y = (sum(e[k] for _, e in over) - sum(e[k] for _, e in under) for k in (0, 1))
        if x and y and x != y:
            break
    numbered = level > 2
    coefficient = Fraction(prod(n for n, _ in over), prod(n for n, _ in under))
    answer = collection((coefficient, x, y) if numbered else (x, y))
    top, bottom = _product_text(above), _product_text(below)
    text = f"({top})/({bottom})" if below else top
    lines = []
    for term in above + below:
        if term[2] > 1:
            lines.append(f"{_term_text(term)} = {_term_text((*_multiplied(term), 1))}.")
    for place, total in enumerate((x, y)):
        start = " + ".join(operand(exponents[place]) for _, exponents in over)
        rest = "".join(f" - {operand(exponents[place])}" for _, exponents in under)
        lines.append(f"Exponents of {'xy'[place]}: {start}{rest} = {total}.")
    if numbered:
        factors, divisors = (" * ".join(str(n) for n, _ in terms) for terms in (over, under))
        shown = f"({factors})/{f'({divisors})' if len(under) > 1 else divisors}" if under else factors
        lines.append(f"Coefficient: {shown} = {coefficient}.")
    form, names = ("c*x^m*y^n", "(c, m, n)") if numbered else ("x^m*y^n", "(m, n)")
    return Problem(
        question=exponents_simplify.ask(
            rng, expression=text, form=form, names=f"the {'triple' if numbered else 'pair'} {names}"
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"So {names} = {boxed(answer)}"]),
        given={
            name: [[number, str(first), str(second), power] for number, (first, second), power in terms]
            for name, terms in (("above", above), ("below", below))
        },
        key=(
            "exponents_simplify",
            *(tuple(sorted((n, str(p), str(q), power) for n, (p, q), power in t)) for t in (above, below)),
        ),
    )


@exponents_simplify.proof
def _exponents_simplify(given: Given) -> str:
    import sympy

    x, y = sympy.symbols("x y", positive=True)

    def multiplied(terms: list[list[Any]]) -> Any:
        return sympy.Mul(
            *((n * x ** sympy.Rational(p) * y ** sympy.Rational(q)) ** k for n, p, q, k in terms)
        )

    whole = sympy.powsimp(sympy.expand_power_base(multiplied(given["above"]) / multiplied(given["below"])))
    coefficient, _ = whole.as_coeff_Mul()
    exponents = [sympy.expand_log(sympy.log(whole), force=True).coeff(sympy.log(letter)) for letter in (x, y)]
    numbered = any(term[0] != 1 for term in given["above"])
    return written_tuple([coefficient, *exponents] if numbered else exponents)


def _exponent_text(p: int, q: int) -> str:
    text = linear([(p, "x"), (q, "")])
    return text if text == "x" else f"({text})"


def _one_base(rng: random.Random, level: int) -> tuple[str, list[str], str, Given]:
    """b^(px + q) = number; at level 3 a power of the same root on both sides."""
    while True:
        root = rng.choice((2, 3, 5, 6, 7, 10, 11)) if level < 3 else rng.choice((2, 3, 5))
        p, q = rng.randint(2, 5) if level > 1 else 1, nonzero(rng, 9)
        if level < 3:
            m, number = 1, rng.randint(1, 9 if root < 4 else 5)
            n, s, t = number, 0, 1
        else:
            m, n = rng.sample((1, 2, 3, 4) if root < 5 else (1, 2, 3), 2)
            s, t = nonzero(rng, 5), nonzero(rng, 9)
        slope, constant = m * p - n * s, n * t - m * q
        if slope and (level == 1 or abs(slope) > 1):
            break
    base, other = root**m, root**n
    right = str(other) if level < 3 else f"{other}^{_exponent_text(s, t)}"
    text = f"{base}^{_exponent_text(p, q)} = {right}"
    x = Fraction(constant, slope)
    powers = [f"{number} = {root}^{power}" for number, power in ((base, m), (other, n)) if power > 1]
    lines = [f"Write both sides as powers of {root}: {' and '.join(powers)}."] if powers else []
    lines.append(f"The exponents must be equal: {_side(m, p, q)} = {n if level < 3 else _side(n, s, t)}.")
    lines.append(f"So {linear([(slope, 'x')])} = {constant}" + (f" and x = {x}." if slope != 1 else "."))
    return text, lines, str(x), {"left": [base, p, q], "right": [other, s, t]}


def _side(factor: int, p: int, q: int) -> str:
    text = linear([(p, "x"), (q, "")])
    return text if factor == 1 else f"{factor}({text})"


def _one_logarithm(rng: random.Random) -> tuple[str, list[str], str, Given]:
    """a * b^(kx) + c = d with a solution that is no rational number."""
    base = rng.choice((2, 3, 5, 7))
    number = rng.randint(2, 40)
    while number % base == 0:
        number = rng.randint(2, 40)
    a, k, c = rng.randint(2, 9), rng.randint(1, 5), nonzero(rng, 30)
    power = f"{base}^{_exponent_text(k, 0)}"
    text = f"{a}*{power}{plus(c)} = {a * number + c}"
    below = f"({k}*ln({base}))" if k > 1 else f"ln({base})"
    answer = f"ln({number})/{below}"
    lines = [
        f"{'Subtract' if c > 0 else 'Add'} {abs(c)} on both sides: {a}*{power} = {a * number}.",
        f"Divide by {a}: {power} = {number}.",
        f"Take logarithms: {linear([(k, 'x')])}{'*' if k > 1 else ' * '}ln({base}) = ln({number}).",
    ]
    return (
        text,
        lines,
        answer,
        {"factor": a, "base": base, "power": k, "constant": c, "value": a * number + c},
    )


def _two_powers(rng: random.Random) -> tuple[str, list[str], str, Given]:
    """b^(2x) + s b^x + p = 0, a quadratic in b^x with at least one positive root."""
    base = rng.choice((2, 3, 5, 7))
    while True:
        u = base ** rng.randint(0, 3) if rng.random() < 0.5 else rng.randint(2, 20)
        v = nonzero(rng, 20)
        if u + v and u != v:
            break
    quadratic = [1, -(u + v), u * v]
    middle = f"{abs(u + v)}*{base}^x" if abs(u + v) > 1 else f"{base}^x"
    text = f"{base}^(2x) {'-' if u + v > 0 else '+'} {middle}{plus(u * v)} = 0"
    lines = [
        f"With t = {base}^x this is {polynomial(quadratic, 't')} = 0.",
        quadratic_formula(quadratic, "t"),
    ]
    values = []
    for t in sorted((u, v)):
        if t < 0:
            lines.append(f"{base}^x = {t} is impossible, since {base}^x is positive.")
            continue
        power = next((n for n in range(5) if base**n == t), None)
        values.append(str(power) if power is not None else f"ln({t})/ln({base})")
        lines.append(f"{base}^x = {t}, so x = {values[-1]}.")
    return text, lines, collection(values, "{}"), {"base": base, "coefficients": quadratic}


@family(
    name="exponential_equation",
    wordings=(
        "Solve {equation} for real x. {form}",
        "Find every real number x with {equation}. {form}",
        "For which real x is {equation}? {form}",
    ),
)
def exponential_equation(rng: random.Random, level: int) -> Problem:
    """An equation with x in the exponent, by comparing exponents, by a logarithm or as a quadratic."""
    make = _one_logarithm if level == 4 else _two_powers
    text, lines, answer, given = _one_base(rng, level) if level < 4 else make(rng)
    form = "Give the value of x." if level < 4 else "Give the exact value of x, using ln where needed."
    if level == 5:
        form = "Answer with the set of all solutions, like {0, ln(3)/ln(2)}, using ln where needed."
    return Problem(
        question=exponential_equation.ask(rng, equation=text, form=form),
        answer=answer,
        spec=RATIONAL if level < 4 else REAL if level == 4 else SET,
        solution="\n".join([*lines, f"The solution {'set ' if level == 5 else ''}is {boxed(answer)}"]),
        given=given,
        key=("exponential_equation", text),
    )


@exponential_equation.proof
def _exponential_equation(given: Given) -> str:
    import sympy

    def log(number: Any) -> Any:
        return sympy.expand_log(sympy.log(number), factor=True)

    if "left" in given:
        (base, p, q), (other, s, t) = given["left"], given["right"]
        return str(sympy.cancel((t * log(other) - q * log(base)) / (p * log(base) - s * log(other))))
    y = sympy.Symbol("y")
    if "factor" in given:
        (power,) = sympy.solve(given["factor"] * y + given["constant"] - given["value"], y)
        return str(sympy.cancel(log(power) / log(given["base"])) / given["power"])
    roots = sympy.roots(sympy.Poly(given["coefficients"], y))
    return written_set(sympy.cancel(log(root) / log(given["base"])) for root in roots if root > 0)


@exponential_equation.variants
def _other_logarithms(given: Given, answer: str) -> Variant:
    if "factor" not in given:
        return [], []
    number, base = (given["value"] - given["constant"]) // given["factor"], given["base"]
    k = given["power"]
    same = [
        f"log_{base}({number})" + (f"/{k}" if k > 1 else ""),
        f"\\frac{{\\ln {number}}}{{{k} \\ln {base}}}",
    ]
    return same, [
        f"ln({number})/({k + 1}*ln({base}))",
        f"ln({given['value']})/ln({base})",
        f"ln({base})/ln({number})",
    ]
