"""Derivatives by the rules: powers, products, quotients, chains.

Derivatives at a point, of higher order, implicit and partial ones are in `slopes.py`.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    SLOPES,
    Number,
    added,
    applied,
    bracketed,
    derived,
    equal,
    plain_power,
    power,
    power_term,
    product,
    scaled,
    starred,
    term,
    times,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPRESSION
from datagen.problems.text import boxed

HALF = Fraction(1, 2)
Powers = list[tuple[Number, Fraction]]
"""A sum of c * x^p, as pairs (c, p)."""


def _powers(rng: random.Random, level: int) -> Powers:
    if level < 4:
        degrees = {1: [2, 1, 0], 2: [3, 2, 1], 3: [*sorted(rng.sample(range(3, 9), 2), reverse=True), 1, 0]}
        return [(nonzero(rng, 9), Fraction(each)) for each in degrees[level]]
    terms = [(nonzero(rng, 9), Fraction(each)) for each in sorted(rng.sample(range(1, 7), 3), reverse=True)]
    if level == 4:
        terms.append((nonzero(rng, 9), Fraction(-rng.randint(1, 3))))
        return [*terms, (nonzero(rng, 9), Fraction(-rng.randint(4, 6)))]
    if level == 5:
        terms.append((2 * nonzero(rng, 6), rng.choice((HALF, 3 * HALF, 5 * HALF))))
        terms.append((2 * nonzero(rng, 6), rng.choice((-HALF, -3 * HALF))))
    return [*terms, (nonzero(rng, 9), Fraction(-rng.randint(1, 4)))]


@family(
    name="derivative_polynomial",
    wordings=(
        "Differentiate f(x) = {function}{domain}.",
        "Find f'(x) for f(x) = {function}{domain}.",
        "What is the derivative with respect to x of {function}{domain}?",
    ),
)
def derivative_polynomial(rng: random.Random, level: int) -> Problem:
    """Sums of powers of x, later with negative and broken exponents, worked by the power rule."""
    terms = _powers(rng, level)
    function = total([power_term(*each) for each in terms])
    lines = ["Power rule: the derivative of c*x^n is c*n*x^(n - 1). Term by term:"]
    slopes = []
    for coefficient, exponent in terms:
        slope = coefficient * exponent
        slopes.append(power_term(slope, exponent - 1))
        plain = [plain_power(coefficient, exponent)] if exponent < 0 or exponent.denominator > 1 else []
        powers = [plain_power(slope, exponent - 1)] if plain else []
        if exponent > 1 and not plain:
            powers = [term(coefficient, f"{exponent}{power(int(exponent) - 1)}")]
        before = " = ".join([power_term(coefficient, exponent), *plain])
        lines.append(f"{before} has the derivative {equal(*powers, slopes[-1])}")
    answer = total(slopes)
    domain = {4: ", where x is not 0", 5: ", where x > 0"}.get(level, "")
    return Problem(
        question=derivative_polynomial.ask(rng, function=function, domain=domain),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join([*lines, f"The derivative is {boxed(answer)}"]),
        given={"function": function},
        key=("derivative_polynomial", function),
    )


def _differentiated(given: Given) -> str:
    import sympy

    return write(sympy.diff(read(given["function"]), sympy.Symbol("x"), given.get("order", 1)))


derivative_polynomial.proof(_differentiated)


def _slope_of(name: str, rate: int) -> tuple[int, str]:
    """The derivative of sin, cos or exp of `rate * x`: a coefficient and a text."""
    sign, following = SLOPES[name]
    return sign * rate, applied(following, term(rate, "x"))


def _product_pair(rng: random.Random, level: int) -> tuple[str, str, list[str], str]:
    """A product of a polynomial and a function: text, answer, lines, domain."""
    name = rng.choice(("sin", "cos", "exp", "ln") if level == 1 else ("sin", "cos", "exp"))
    if level == 1:
        rate, factor = 1, [rng.randint(1, 9), *[0] * rng.randint(1, 6)]
    else:
        rate = rng.randint(2, 9)
        factor = [nonzero(rng, 9), *(nonzero(rng, 9) for _ in range(level - 1))]
    function = applied(name, term(rate, "x"))
    slope = derived(factor)
    lines = ["Product rule: (u*v)' = u'*v + u*v'", f"u = {written(factor)}, u' = {written(slope)}"]
    if name == "ln":
        lines.append("v = ln(x), v' = 1/x")
        second = written(factor[:-1])
    else:
        inner, following = _slope_of(name, rate)
        lines.append(f"v = {function}, v' = {term(inner, following)}")
        second = times(scaled(factor, inner), following)
    first = times(slope, function)
    answer = total([first, second])
    lines.append(f"u'*v = {first}, u*v' = {second}")
    if name == "exp":
        answer = times(added(slope, scaled(factor, rate)), function)
        lines.append(f"Both have the factor {function}: the sum is {answer}")
    return times(factor, function), answer, lines, ", where x > 0" if name == "ln" else ""


def _quotient_pair(rng: random.Random, level: int) -> tuple[str, str, list[str], str]:
    """A quotient of two polynomials."""
    while True:
        above: list[Number] = [nonzero(rng, 9), nonzero(rng, 9), nonzero(rng, 9)]
        below: list[Number] = [rng.randint(1, 5), *(nonzero(rng, 9) for _ in range(level - 2))]
        first, second = product(derived(above), below), product(above, derived(below))
        top, square = added(first, scaled(second, -1)), product(below, below)
        if any(top) and scaled(top, square[0]) != scaled(square, top[0]):  # else the derivative is a number
            break
    lines = [
        "Quotient rule: (u/v)' = (u'*v - u*v')/v^2",
        f"u = {written(above)}, u' = {written(derived(above))}",
        f"v = {written(below)}, v' = {written(derived(below))}",
        f"u'*v = {written(first)}, u*v' = {written(second)}",
        f"u'*v - u*v' = {written(top)}",
    ]
    bottom = f"({written(below)})^2"
    shown = written(top)
    over = shown if shown.lstrip("-").isdigit() else f"({shown})"
    return f"({written(above)})/({written(below)})", f"{over}/{bottom}", lines, ""


def _triple(rng: random.Random) -> tuple[str, str, list[str], str]:
    """A polynomial times e^(kx) times a sine or cosine."""
    factor: list[Number] = [nonzero(rng, 6), nonzero(rng, 9)]
    rate, name, wave = nonzero(rng, 5), rng.choice(("sin", "cos")), rng.randint(2, 6)
    growth, function = applied("exp", term(rate, "x")), applied(name, f"{wave}x")
    inner, following = _slope_of(name, wave)
    grown = added(derived(factor), scaled(factor, rate))
    first, second = times(grown, function), times(scaled(factor, inner), following)
    answer = f"{growth}*({total([first, second])})"
    lines = [
        "Product rule for three factors: (u*v*w)' = u'*v*w + u*v'*w + u*v*w'",
        f"u = {written(factor)}, u' = {written(derived(factor))}",
        f"v = {growth}, v' = {term(rate, growth)}",
        f"w = {function}, w' = {term(inner, following)}",
        f"u'*v*w + u*v'*w = ({written(derived(factor))} {'+' if rate > 0 else '-'} "
        f"{term(abs(rate), bracketed(factor))})*{growth}*{function} = {times(grown, f'{growth}*{function}')}",
        f"u*v*w' = {times(scaled(factor, inner), f'{growth}*{following}')}",
        f"Take {growth} out: {answer}",
    ]
    return times(factor, f"{growth}*{function}"), answer, lines, ""


@family(
    name="derivative_product_quotient",
    wordings=(
        "Differentiate f(x) = {function}{domain}.",
        "Find f'(x) for f(x) = {function}{domain}.",
        "What is the derivative of {function} with respect to x{domain}?",
    ),
)
def derivative_product_quotient(rng: random.Random, level: int) -> Problem:
    """A product or a quotient of polynomials and functions, worked by its rule."""
    if level < 3:
        function, answer, lines, domain = _product_pair(rng, level)
    elif level < 5:
        function, answer, lines, domain = _quotient_pair(rng, level)
    else:
        function, answer, lines, domain = _triple(rng)
    if level not in (3, 4):
        function, answer, lines = starred(function), starred(answer), list(map(starred, lines))
    return Problem(
        question=derivative_product_quotient.ask(rng, function=function, domain=domain),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join([*lines, f"f'(x) = {boxed(answer)}"]),
        given={"function": function},
        key=("derivative_product_quotient", function),
    )


derivative_product_quotient.proof(_differentiated)


def _layers(rng: random.Random, level: int) -> tuple[list[Number], list[tuple[str, int]]]:
    """The innermost polynomial, and the functions around it from the inside out."""
    if level == 1:
        return [rng.randint(2, 9), nonzero(rng, 9)], [("power", rng.randint(3, 9))]
    inside: list[Number] = [rng.randint(1, 6), rng.choice((0, nonzero(rng, 6))), rng.randint(10, 20)]
    if level == 2:
        return inside, [(rng.choice(("sin", "cos", "exp", "ln", "sqrt")), 0)]
    if level == 3:
        return [nonzero(rng, 6), nonzero(rng, 6), nonzero(rng, 9)], [("power", rng.randint(3, 12))]
    wave = (rng.choice(("sin", "cos")), 0)
    shift = rng.randint(2, 9)
    around = (("exp", 0), ("power", rng.randint(2, 6)), ("sqrt", shift), ("ln", shift))
    if level == 4:
        return [rng.randint(1, 9), 0, nonzero(rng, 9)], [wave, rng.choice(around)]
    middle = rng.choice(around)
    last = {"exp": ("sin", "cos"), "ln": ("sin", "cos", "power"), "power": ("sin", "cos", "exp")}
    name = rng.choice(last.get(middle[0], ("sin", "cos", "exp")))
    inside = [rng.randint(1, 5), nonzero(rng, 5), nonzero(rng, 5)]
    return inside, [wave, middle, (name, rng.randint(2, 5) * (name == "power"))]


def _around(name: str, parameter: int, inside: str) -> tuple[str, Fraction, str, str]:
    """A function of `inside` as text, and its derivative as a coefficient and factors above and below."""
    if name == "power":
        simple = inside.isalpha() or inside[:3] in ("sin", "cos", "ln(")
        base = inside if simple else f"({inside})"
        return f"{base}^{parameter}", Fraction(parameter), base + f"^{parameter - 1}" * (parameter > 2), ""
    if name in ("ln", "sqrt"):
        inside += f" + {parameter}" * bool(parameter)
        text = applied(name, inside)
        if name == "sqrt":
            return text, HALF, "", text
        return text, Fraction(1), "", inside if inside.isalpha() else f"({inside})"
    sign, following = SLOPES[name]
    if name == "exp" and inside.isalpha():
        return f"e^{inside}", Fraction(1), f"e^{inside}", ""
    return applied(name, inside), Fraction(sign), applied(following, inside), ""


@family(
    name="derivative_chain",
    wordings=(
        "Differentiate f(x) = {function}.",
        "Find f'(x) for f(x) = {function}.",
        "What is the derivative of {function} with respect to x?",
    ),
)
def derivative_chain(rng: random.Random, level: int) -> Problem:
    """A function inside a function, up to four deep, worked from the inside out by the chain rule."""
    inside, layers = _layers(rng, level)
    text, slope = written(inside), derived(inside)
    lines = [f"Let u = {text}: du/dx = {written(slope)}"]
    coefficient, above, below, factors = Fraction(1), [], [], [bracketed(slope)]
    names = [*"uvw"[: len(layers)], "f"]
    for place, (name, parameter) in enumerate(layers):
        letter, following = names[place], names[place + 1]
        short, factor, upper, lower = _around(name, parameter, letter)
        outer = term(factor, upper, lower)
        lines.append(f"{following} = {short}: d{following}/d{letter} = {outer}")
        factors.append(f"({outer})" if outer[0] == "-" or "/" in outer else outer)
        text, factor, upper, lower = _around(name, parameter, text)
        coefficient *= factor
        above += [upper] if upper else []
        below += [lower] if lower else []
    answer = starred(_chained(slope, coefficient, above[::-1], below))
    function = starred(text)
    lines.append(f"By the chain rule f'(x) is the product {' * '.join(factors)}.")
    return Problem(
        question=derivative_chain.ask(rng, function=function),
        answer=answer,
        spec=EXPRESSION,
        solution="\n".join([*map(starred, lines), f"In terms of x: f'(x) = {boxed(answer)}"]),
        given={"function": function},
        key=("derivative_chain", function),
    )


def _chained(slope: list[Number], coefficient: Fraction, above: list[str], below: list[str]) -> str:
    """The derivative of the innermost polynomial times all other factors, as one quotient."""
    body = "*".join(above)
    under = "*".join([*([str(coefficient.denominator)] if coefficient.denominator > 1 else []), *below])
    over = scaled(slope, coefficient.numerator)
    if under and all(each % coefficient.denominator == 0 for each in over) and coefficient.denominator > 1:
        over, under = [each // coefficient.denominator for each in over], "*".join(below)
    top = times(over, body) if body else written(over)
    if not under:
        return top
    top = f"({top})" if not body and " " in top else top
    return f"{top}/{f'({under})' if '*' in under and len(under) > len(below[-1]) else under}"


derivative_chain.proof(_differentiated)
