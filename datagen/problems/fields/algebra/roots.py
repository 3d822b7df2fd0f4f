"""Algebra with the roots of polynomials: finding them, building from them, symmetric functions of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written, written_set
from datagen.problems.fields.algebra.writing import (
    Variant,
    linear_factor,
    operand,
    plus,
    product,
    quadratic_formula,
    root_taken_out,
    set_of,
    some_fraction,
    value_at,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import EXPANDED, RATIONAL, SET
from datagen.problems.text import boxed, grouped, listing, polynomial, surd


def _cubic(rng: random.Random, level: int) -> list[Fraction]:
    """Three different roots, among them 0, then 1 or -1, then larger integers only, a fraction, two."""
    while True:
        a, b = nonzero(rng, 15 if level == 3 else 12), nonzero(rng, 12)
        if level == 1:
            roots = [Fraction(0), Fraction(a), Fraction(b)]
        elif level == 2:
            roots = [Fraction(rng.choice((1, -1))), Fraction(a), Fraction(b)]
        elif level == 3:
            roots = [Fraction(root) for root in (a, b, rng.choice((2, -2, 3, -3)))]
        elif level == 4:
            roots = [Fraction(a), Fraction(rng.choice((3, -3, 4, -4, 5, -5))), some_fraction(rng, 11)]
        else:
            roots = [
                Fraction(rng.choice((4, -4, 5, -5, 6, -6))),
                *(some_fraction(rng, 11) for _ in range(2)),
            ]
        if len(set(roots)) == 3 and (level < 3 or all(abs(root) != 1 for root in roots)):
            return roots


def _search(coefficients: Sequence[int]) -> tuple[int, list[str]]:
    """The first integer root in the order 1, -1, 2, -2, ..., and the values found on the way."""
    tried: list[str] = []
    size = 1
    while True:
        for x in (size, -size):
            if coefficients[-1] % x == 0:
                value = value_at(coefficients, x)
                if not value:
                    return x, tried
                tried.append(f"{value} at x = {x}")
        size += 1


@family(
    name="cubic_roots",
    wordings=(
        "Solve {cubic} = 0. Answer with the set of all solutions, like {{1, 2, 3}}.",
        "Find all roots of {cubic}. Answer with a set, like {{1, 2, 3}}.",
        "For which x is {cubic} equal to 0? Give the set of all such x, written like {{1, 2, 3}}.",
    ),
)
def cubic_roots(rng: random.Random, level: int) -> Problem:
    """A cubic with three rational roots, by trying divisors of the constant, then the quadratic formula."""
    roots = _cubic(rng, level)
    factor = rng.randint(1, 3) if level == 3 else 1
    coefficients = product([factor], *map(linear_factor, roots))
    text, answer = polynomial(coefficients), set_of(roots)
    if level == 1:
        first, rest = 0, coefficients[:-1]
        lines = [f"Take out x: {text} = x({polynomial(rest)}), so one solution is x = 0."]
    else:
        first, tried = _search(coefficients)
        lines = [f"An integer root divides {abs(coefficients[-1])}; try the divisors, the smallest first."]
        if tried:
            lines.append(f"The value is {listing(tried)}: no roots.")
        line, rest = root_taken_out(coefficients, first)
        lines.append(line)
    lines += [f"It remains to solve {polynomial(rest)} = 0.", quadratic_formula(rest)]
    return Problem(
        question=cubic_roots.ask(rng, cubic=text),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines, f"With x = {first}, the set of solutions is {boxed(answer)}"]),
        given={"coefficients": coefficients},
        key=("cubic_roots", *coefficients),
    )


@cubic_roots.proof
def _cubic_roots(given: Given) -> str:
    import sympy

    return written_set(sympy.roots(sympy.Poly(given["coefficients"], sympy.Symbol("x"))))


@cubic_roots.variants
def _all_signs_turned(given: Given, answer: str) -> Variant:
    roots = [Fraction(root) for root in answer[1:-1].split(", ")]
    turned = [-root for root in roots]
    return [f"x = {roots[0]} or x = {roots[1]} or x = {roots[2]}"], (
        [set_of(turned)] if set(turned) != set(roots) else []
    )


def _stated_roots(rng: random.Random, level: int) -> tuple[list[int], list[tuple[int, int]]]:
    """Integer roots, and (h, k) of each h + sqrt(k), its conjugate unstated; k < 0 for complex ones."""
    integers = [nonzero(rng, 9) for _ in range({1: 2, 2: 3, 3: 1, 4: 2, 5: rng.randint(0, 1)}[level])]
    pairs = []
    if level > 2:
        pairs.append((nonzero(rng, 6), rng.choice((2, 3, 5, 6, 7, 10, 11))))
    if level == 5:
        pairs.append((nonzero(rng, 5), -(rng.randint(1, 5) ** 2)))
    return sorted(integers), pairs


def _shown_root(h: int, k: int, sign: int = 1) -> str:
    root = surd(1, k) if k > 0 else {1: "i"}.get(int((-k) ** 0.5), f"{int((-k) ** 0.5)}*i")
    return f"{h} {'+' if sign > 0 else '-'} {root}"


@family(
    name="polynomial_from_roots",
    wordings=(
        "Find the polynomial in x of lowest degree with rational coefficients and leading coefficient 1 that "
        "has the roots {roots}. Multiply it out.",
        "A polynomial in x has rational coefficients, leading coefficient 1 and the roots {roots}. Its "
        "degree is as low as possible. Write it as a sum of powers of x.",
        "Among all polynomials in x with rational coefficients and leading coefficient 1, which one of "
        "lowest degree has {roots} as roots? Give it in expanded form.",
    ),
)
def polynomial_from_roots(rng: random.Random, level: int) -> Problem:
    """The product of x - r over given roots and the conjugates they bring with them, multiplied out."""
    while True:
        integers, pairs = _stated_roots(rng, level)
        if len(set(integers)) == len(integers):
            break
    lines, factors = [], [[1, -root] for root in integers]
    for h, k in pairs:
        quadratic = [1, -2 * h, h * h - k]
        factors.append(quadratic)
        lines.append(f"With {_shown_root(h, k)} its conjugate {_shown_root(h, k, -1)} is a root too.")
        both = f"Their sum is {2 * h} and their product is {h * h - k}"
        lines.append(f"{both}, which gives the factor {polynomial(quadratic)}.")
    if integers:
        single = listing([f"({polynomial(factor)})" for factor in factors[: len(integers)]])
        lines.append(f"The integer root{'s give' if len(integers) > 1 else ' gives'} {single}.")
    result = factors[0]
    for number, factor in enumerate(factors[1:-1], 1):
        longer = product(result, factor)
        shown = "So far" if number == 1 else "Then"
        lines.append(f"{shown}: ({polynomial(result)})({polynomial(factor)}) = {polynomial(longer)}.")
        result = longer
    whole = product(*factors)
    answer = polynomial(whole)
    if len(factors) > 1:
        lines.append(f"({polynomial(result)})({polynomial(factors[-1])}) = {boxed(answer)}")
    roots = [*map(str, integers), *(_shown_root(*pair) for pair in pairs)]
    return Problem(
        question=polynomial_from_roots.ask(rng, roots=listing(roots)),
        answer=answer,
        spec=EXPANDED,
        solution="\n".join(lines),
        given={"roots": [root.replace("i", "I") for root in roots]},
        key=("polynomial_from_roots", tuple(integers), tuple(pairs)),
    )


@polynomial_from_roots.proof
def _polynomial_from_roots(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    least = [sympy.minimal_polynomial(sympy.sympify(root), x, polys=True) for root in given["roots"]]
    result = least[0]
    for each in least[1:]:
        result = sympy.lcm(result, each)
    return written(result.monic().as_expr())


Symmetric = Callable[..., tuple[list[str], Fraction]]


def _squares(s: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = s * s - 2 * p
    return [f"r^2 + s^2 = (r + s)^2 - 2rs = {operand(s)}^2 - 2 * {operand(p)} = {value}."], value


def _reciprocals(s: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    return [f"1/r + 1/s = (r + s)/(rs) = {operand(s)}/{operand(p)} = {s / p}."], s / p


def _shifted(s: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = p + s + 1
    return [f"(r + 1)(s + 1) = rs + (r + s) + 1 = {p}{plus(s)} + 1 = {value}."], value


def _cubes(s: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = s**3 - 3 * p * s
    line = f"{operand(s)}^3 - 3 * {operand(p)} * {operand(s)} = {value}."
    return [f"r^3 + s^3 = (r + s)^3 - 3rs(r + s) = {line}"], value


def _difference(s: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = s * s - 4 * p
    return [f"(r - s)^2 = (r + s)^2 - 4rs = {operand(s)}^2 - 4 * {operand(p)} = {value}."], value


def _ratios(s: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    lines, squares = _squares(s, p)
    return [
        *lines,
        f"r/s + s/r = (r^2 + s^2)/(rs) = {operand(squares)}/{operand(p)} = {squares / p}.",
    ], squares / p


def _squares_3(s: Fraction, q: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = s * s - 2 * q
    start = "r^2 + s^2 + t^2 = (r + s + t)^2 - 2(rs + rt + st)"
    return [f"{start} = {operand(s)}^2 - 2 * {operand(q)} = {value}."], value


def _reciprocals_3(s: Fraction, q: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    return [f"1/r + 1/s + 1/t = (rs + rt + st)/(rst) = {operand(q)}/{operand(p)} = {q / p}."], q / p


def _shifted_3(s: Fraction, q: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = p + q + s + 1
    start = "(r + 1)(s + 1)(t + 1) = rst + (rs + rt + st) + (r + s + t) + 1"
    return [f"{start} = {p}{plus(q)}{plus(s)} + 1 = {value}."], value


def _cubes_3(s: Fraction, q: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = s**3 - 3 * s * q + 3 * p
    start = "With u = r + s + t and v = rs + rt + st: r^3 + s^3 + t^3 = u^3 - 3uv + 3rst"
    line = f"{operand(s)}^3 - 3 * {operand(s)} * {operand(q)} + 3 * {operand(p)} = {value}."
    return [f"{start} = {line}"], value


def _inverse_squares_3(s: Fraction, q: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = (q / p) ** 2 - 2 * s / p
    lines, first = _reciprocals_3(s, q, p)
    second = f"1/(rs) + 1/(rt) + 1/(st) = (r + s + t)/(rst) = {operand(s)}/{operand(p)} = {s / p}."
    start = "1/r^2 + 1/s^2 + 1/t^2 = (1/r + 1/s + 1/t)^2 - 2(1/(rs) + 1/(rt) + 1/(st))"
    return [*lines, second, f"{start} = {operand(first)}^2 - 2 * {operand(s / p)} = {value}."], value


def _mixed_3(s: Fraction, q: Fraction, p: Fraction) -> tuple[list[str], Fraction]:
    value = s * q - 3 * p
    start = "Multiplied out, (r + s + t)(rs + rt + st) has each of these six terms once and rst three times"
    line = f"so the sum is {operand(s)} * {operand(q)} - 3 * {operand(p)} = {value}."
    return [f"{start}, {line}"], value


SYMMETRIC: dict[int, dict[str, Symmetric]] = {
    1: {"r^2 + s^2": _squares, "1/r + 1/s": _reciprocals, "(r + 1)(s + 1)": _shifted},
    3: {"r^3 + s^3": _cubes, "(r - s)^2": _difference, "r/s + s/r": _ratios},
    4: {
        "r^2 + s^2 + t^2": _squares_3,
        "1/r + 1/s + 1/t": _reciprocals_3,
        "(r + 1)(s + 1)(t + 1)": _shifted_3,
    },
    5: {
        "r^3 + s^3 + t^3": _cubes_3,
        "1/r^2 + 1/s^2 + 1/t^2": _inverse_squares_3,
        "r^2*s + r^2*t + s^2*r + s^2*t + t^2*r + t^2*s": _mixed_3,
    },
}


@family(
    name="vieta",
    wordings=(
        "The roots of {polynomial}, real or complex and counted with multiplicity, are {names}. "
        "What is {function}?",
        "Let {names} be all the roots of {polynomial}, real or complex, with multiplicity. "
        "Compute {function}.",
        "The equation {polynomial} = 0 has the complex solutions {names} (a multiple solution is listed as "
        "often as it counts). Find the value of {function}.",
    ),
)
def vieta(rng: random.Random, level: int) -> Problem:
    """A symmetric function of the roots of a polynomial, from its coefficients by Vieta's formulas."""
    leading = 1 if level in (1, 4) else rng.randint(2, 6)
    degree = 2 if level < 4 else 3
    coefficients = [leading, *(nonzero(rng, 20 if level == 2 else 12) for _ in range(degree))]
    function, work = rng.choice(list(SYMMETRIC[1 if level == 2 else level].items()))
    sums = [Fraction(c, leading) * (-1) ** power for power, c in enumerate(coefficients) if power]
    names = ("r + s", "rs") if degree == 2 else ("r + s + t", "rs + rt + st", "rst")
    signs = ("-", "", "-")
    formulas = []
    for name, sign, coefficient, value in zip(names, signs, coefficients[1:], sums, strict=False):
        quotient = f"{sign}{grouped(coefficient) if sign else coefficient}{f'/{leading}' * (leading > 1)}"
        formulas.append(f"{name} = {quotient}" + (f" = {value}" if quotient != str(value) else ""))
    lines, value = work(*sums)
    answer = str(value)
    lines = [f"By Vieta's formulas {listing(formulas)}.", *lines]
    return Problem(
        question=vieta.ask(
            rng,
            polynomial=polynomial(coefficients),
            names=listing(["r", "s", "t"][:degree]),
            function=function,
        ),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"The value is {boxed(answer)}"]),
        given={"coefficients": coefficients, "function": function},
        key=("vieta", function, *coefficients),
    )


@vieta.proof
def _vieta(given: Given) -> str:
    """Traces and determinants of the companion matrix, whose eigenvalues are the roots."""
    import sympy

    leading, *rest = given["coefficients"]
    size = len(rest)
    roots = sympy.zeros(size)
    for row in range(size):
        roots[row, size - 1] = -sympy.Rational(rest[size - 1 - row], leading)
        if row:
            roots[row, row - 1] = 1
    one, square = sympy.eye(size), roots * roots
    cube, inverse = square * roots, roots.inv()
    return str(
        {
            "r^2 + s^2": square.trace(),
            "1/r + 1/s": inverse.trace(),
            "(r + 1)(s + 1)": (roots + one).det(),
            "r^3 + s^3": cube.trace(),
            "(r - s)^2": 2 * square.trace() - roots.trace() ** 2,
            "r/s + s/r": square.trace() / roots.det(),
            "r^2 + s^2 + t^2": square.trace(),
            "1/r + 1/s + 1/t": inverse.trace(),
            "(r + 1)(s + 1)(t + 1)": (roots + one).det(),
            "r^3 + s^3 + t^3": cube.trace(),
            "1/r^2 + 1/s^2 + 1/t^2": (inverse * inverse).trace(),
            "r^2*s + r^2*t + s^2*r + s^2*t + t^2*r + t^2*s": square.trace() * roots.trace() - cube.trace(),
        }[given["function"]]
    )
