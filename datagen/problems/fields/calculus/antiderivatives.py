"""Indefinite integrals. Any antiderivative with its constant is right: a checker differentiates the answer.

The proofs find one by undetermined coefficients (see `reading.py`), the constructions by the rules.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.calculus.functions import (
    INTEGRALS,
    Number,
    added,
    applied,
    derived,
    equal,
    plain_power,
    power,
    power_term,
    scaled,
    starred,
    term,
    times,
    total,
    written,
)
from datagen.problems.fields.calculus.reading import antiderivative as found_antiderivative
from datagen.problems.fields.calculus.reading import read, write
from datagen.problems.numbers import nonzero
from datagen.problems.specs import checked_by
from datagen.problems.text import boxed, grouped
from datagen.problems.variants.formulas import latex
from datagen.problems.variants.terms import joined, terms

HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Integral:
    """An integrand, one of its antiderivatives, the steps from one to the other, and where it is defined."""

    integrand: str
    antiderivative: str
    lines: list[str]
    domain: str = ""


def _variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The constant under another name or in front; no constant, no division, a wrong sign, no change."""
    plain = answer.removesuffix(" + C")
    (sign, first), *rest = terms(plain)
    turned = joined([("-" if sign == "+" else "+", first), *rest])
    undivided = re.sub(r"/\d+", "", plain)
    misses = [plain, f"{turned} + C", f"{given['integrand']} + C", f"{plain} + x + C"]
    misses += [f"{undivided} + C"] if undivided != plain else [f"2*({plain}) + C"]
    return [
        f"C + {plain}" if plain[0] != "-" else f"C - {plain[1:]}",
        f"{plain} + K",
        f"{latex(plain)} + C",
    ], misses


def _powers(rng: random.Random, level: int) -> list[tuple[int, Fraction]]:
    """The integrand as coefficients and exponents, none of them -1."""
    if level == 1:
        return [(rng.randint(1, 9) * (n + 1), Fraction(n)) for n in (rng.randint(1, 4), 0)]
    if level == 2:
        return [(nonzero(rng, 12), Fraction(n)) for n in (2, 1, 0)]
    if level == 3:
        degrees = sorted(rng.sample(range(2, 8), 3), reverse=True)
        return [(nonzero(rng, 12), Fraction(n)) for n in [*degrees, 0]]
    wholes = [Fraction(n) for n in sorted(rng.sample(range(1, 6), 2), reverse=True)]
    more = [Fraction(-rng.randint(2, 3)), Fraction(-rng.randint(4, 5))]
    if level == 5:
        more = [rng.choice((HALF, 3 * HALF)), rng.choice((-HALF, -3 * HALF)), more[0]]
    return [(nonzero(rng, 9), each) for each in [*wholes, *more]]


@family(
    name="antiderivative_polynomial",
    wordings=(
        "Integrate {integrand} with respect to x{domain}. Write C for the constant of integration.",
        "Find the indefinite integral of {integrand} dx{domain}, with a constant C.",
        "What is the most general antiderivative of f(x) = {function}{domain}? Call the constant C.",
    ),
)
def antiderivative_polynomial(rng: random.Random, level: int) -> Problem:
    """Sums of powers of x, later with negative and broken exponents, integrated by the power rule."""
    powers = _powers(rng, level)
    integrand = total([power_term(*each) for each in powers])
    lines = ["Power rule: an antiderivative of x^n is x^(n + 1)/(n + 1). Term by term:"]
    parts = []
    for coefficient, exponent in powers:
        shown = [power_term(coefficient, exponent)]
        if exponent < 0 or exponent.denominator > 1:
            shown.append(plain_power(coefficient, exponent))
        raised = exponent + 1
        grown = (
            f"x^{raised if raised.denominator == 1 and raised > 0 else f'({raised})'}" if raised != 1 else "x"
        )
        under = str(raised) if raised > 0 and raised.denominator == 1 else f"({raised})"
        step = [f"{term(coefficient, grown)}/{under}"] if raised != 1 else []
        parts.append(power_term(coefficient / raised, raised))
        lines.append(f"{equal(*shown)} -> {equal(*step, parts[-1])}")
    domain = {4: " for x > 0", 5: " for x > 0"}.get(level, "")
    answer = f"{total(parts)} + C"
    return Problem(
        question=antiderivative_polynomial.ask(
            rng, integrand=_summand(integrand), function=integrand, domain=domain
        ),
        answer=answer,
        spec=checked_by("antiderivative", integrand=integrand, constant=True),
        solution="\n".join([*lines, f"The integral is {boxed(answer)}"]),
        given={"integrand": integrand},
        key=("antiderivative_polynomial", integrand),
    )


def _summand(integrand: str) -> str:
    """In parentheses when it is a sum, so that it can be followed by `dx`."""
    return f"({integrand})" if len(terms(integrand)) > 1 else integrand


@antiderivative_polynomial.proof
def _antiderivative_polynomial(given: Given) -> str:
    import sympy

    x, t = sympy.Symbol("x"), sympy.Symbol("t", positive=True)
    inside = sympy.expand(read(given["integrand"]).subs(x, t**2) * 2 * t)
    shifted = sympy.Poly(sympy.expand(inside * t**12), t)
    outside = sympy.Add(*(c * t ** (n - 11) / (n - 11) for (n,), c in shifted.terms()))
    return f"{write(outside.subs(t, sympy.sqrt(x)))} + C"


antiderivative_polynomial.variants(_variants)

NAMES = tuple(INTEGRALS)


def _table(rng: random.Random) -> Integral:
    """c*f(kx)."""
    name, rate, size = rng.choice(NAMES), rng.randint(2, 9), nonzero(rng, 12)
    sign, other = INTEGRALS[name]
    inside = term(rate, "x")
    integrand, result = (
        term(size, applied(name, inside)),
        term(Fraction(sign * size, rate), applied(other, inside)),
    )
    return Integral(
        integrand,
        result,
        [
            f"The derivative of {applied(other, inside)} is {term(sign * rate, applied(name, inside))}, "
            f"so divide by {sign * rate} and multiply by {size}.",
        ],
    )


def _linear_inside(rng: random.Random) -> Integral:
    """A function of ax + b."""
    a, b, c = rng.randint(2, 9), nonzero(rng, 9), nonzero(rng, 9)
    inside = written([a, b])
    kind = rng.choice(("reciprocal", "power", *NAMES))
    lines = [f"Put u = {inside}, so du = {a} dx and dx = du/{a}."]
    if kind == "reciprocal":
        lines.append(f"The integral of {term(c, '', 'u')} du is {term(c, 'ln(|u|)')}.")
        lines.append(f"Divide by {a} and put u = {inside} back in.")
        return Integral(
            term(c, "", f"({inside})"),
            term(Fraction(c, a), f"ln(|{inside}|)"),
            lines,
            f", where {inside} is not 0",
        )
    if kind == "power":
        n = rng.randint(3, 9)
        grown = Fraction(c, n + 1)
        lines.append(f"The integral of {term(c, f'u^{n}')} du is {term(grown, f'u^{n + 1}')}.")
        lines.append(f"Divide by {a} and put u = {inside} back in.")
        return Integral(term(c, f"({inside})^{n}"), term(grown / a, f"({inside})^{n + 1}"), lines)
    sign, other = INTEGRALS[kind]
    lines.append(f"The integral of {term(c, _of_u(kind))} du is {term(sign * c, _of_u(other))}.")
    lines.append(f"Divide by {a} and put u = {inside} back in.")
    return Integral(
        term(c, applied(kind, inside)), term(Fraction(sign * c, a), applied(other, inside)), lines
    )


def _substitution(rng: random.Random) -> Integral:
    """x times a function of ax^2 + b, or a power of a sine times a cosine."""
    kind = rng.choice(("reciprocal", "power", *NAMES, "wave"))
    a, b, c = rng.randint(1, 9), rng.randint(1, 9), nonzero(rng, 12)
    if kind == "wave":
        rate, n, first = rng.randint(1, 5), rng.randint(2, 6), rng.choice(("sin", "cos"))
        sign, second = (1, "cos") if first == "sin" else (-1, "sin")
        base, inner = applied(first, term(rate, "x")), applied(second, term(rate, "x"))
        size = Fraction(sign * c, rate)
        lines = [
            f"Put u = {base}, so du = {term(sign * rate, inner)} dx.",
            f"In u it is the integral of {term(size, f'u^{n}')} du,",
            f"which is {term(size / (n + 1), f'u^{n + 1}')}.",
            f"Put u = {base} back in.",
        ]
        return Integral(term(c, f"{base}^{n}*{inner}"), term(size / (n + 1), f"{base}^{n + 1}"), lines)
    inside, size = written([a, 0, b]), Fraction(c, 2 * a)
    lines = [f"Put u = {inside}, so du = {2 * a}x dx and {term(c, 'x')} dx = {_du(size)}."]
    if kind == "reciprocal":
        lines.append(
            f"In u it is the integral of {term(size, '', 'u')} du, which is {term(size, 'ln(|u|)')}."
        )
        lines.append(f"Put u = {inside} back in; it is positive for every x.")
        return Integral(term(c, "x", f"({inside})"), term(size, f"ln({inside})"), lines)
    if kind == "power":
        n = rng.randint(2, 8)
        grown = term(size / (n + 1), f"u^{n + 1}")
        lines.append(f"In u it is the integral of {term(size, f'u^{n}')} du, which is {grown}.")
        lines.append(f"Put u = {inside} back in.")
        return Integral(term(c, f"x*({inside})^{n}"), term(size / (n + 1), f"({inside})^{n + 1}"), lines)
    sign, other = INTEGRALS[kind]
    u, v = term(size, _of_u(kind)), term(sign * size, _of_u(other))
    lines += [f"In u it is the integral of {u} du, which is {v}.", f"Put u = {inside} back in."]
    return Integral(term(c, f"x*{applied(kind, inside)}"), term(sign * size, applied(other, inside)), lines)


def _du(size: Fraction) -> str:
    """`du`, `-du`, `3 du`, `(3/2) du`."""
    if abs(size) == 1:
        return "-" * (size < 0) + "du"
    return f"{size} du" if size.denominator == 1 else f"({size}) du"


def _of_u(name: str) -> str:
    return "e^u" if name == "exp" else f"{name}(u)"


def _by_parts(rng: random.Random, degree: int) -> Integral:
    """A polynomial times e^(kx), sin(kx) or cos(kx); or, for degree 1, a power of x times ln(x)."""
    name = rng.choice((*NAMES, "ln") if degree == 1 else NAMES)
    if name == "ln":
        return _power_times_logarithm(rng)
    rate = rng.randint(2, 7)
    factor: list[Number] = [nonzero(rng, 9), *(nonzero(rng, 9) for _ in range(degree))]
    inside, now, size = f"{rate}x", name, Fraction(1)
    slope: list[Number] = factor
    rows, pieces, sign = [], [], 1
    while any(slope):
        turn, now = INTEGRALS[now]
        size *= Fraction(turn, rate)
        grown = applied(now, inside)
        rows.append(f"polynomial {written(slope)}, integrated factor {term(size, grown)}")
        pieces.append((scaled(slope, sign * size), grown))
        slope, sign = derived(slope), -sign
    integrand = times(factor, applied(name, inside))
    if name == "exp":
        polynomial: list[Number] = [0]
        for piece, _ in pieces:
            polynomial = added(polynomial, piece)
        result = times(polynomial, pieces[0][1])
    elif degree == 2:
        first, second, third = pieces
        merged = [*first[0][:-1], first[0][-1] + third[0][-1]]
        result = total([times(merged, first[1]), times(second[0], second[1])])
    else:
        result = total([times(*each) for each in pieces])
    signs = "product of row 1, minus that of row 2" + ", plus that of row 3" * (degree == 2)
    lines = ["By parts: differentiate the polynomial, integrate the other factor.", *rows]
    shown = total([times(*each) for each in pieces])
    return Integral(integrand, result, [*lines, f"The integral is the {signs}: {equal(shown, result)}"])


def _power_times_logarithm(rng: random.Random) -> Integral:
    n, c = rng.randint(1, 6), nonzero(rng, 20)
    grown = power(n + 1)
    size = Fraction(c, n + 1)
    return Integral(
        term(c, f"{power(n)}*ln(x)"),
        total([term(size, f"{grown}*ln(x)"), term(-size / (n + 1), grown)]),
        [
            f"By parts with u = ln(x) and v' = {term(c, power(n))}: u' = 1/x and v = {term(size, grown)}.",
            f"u*v = {term(size, f'{grown}*ln(x)')}, and u'*v = {term(size, power(n))} "
            f"has the antiderivative {term(size / (n + 1), grown)}.",
            "The integral is u*v minus the integral of u'*v.",
        ],
        " for x > 0",
    )


def _partial_fractions(rng: random.Random) -> Integral:
    """(ax + b)/((x - p)(x - q))."""
    while True:
        (p, q), a, b = sorted(rng.sample(range(-9, 10), 2)), nonzero(rng, 9), nonzero(rng, 20)
        first, second = Fraction(a * p + b, p - q), Fraction(a * q + b, q - p)
        if first and second and p and q:
            break
    left, right, top = written([1, -p]), written([1, -q]), written([a, b])
    return Integral(
        f"({top})/(({left})*({right}))",
        total([term(first, f"ln(|{left}|)"), term(second, f"ln(|{right}|)")]),
        [
            f"Split into A/({left}) + B/({right}): then {top} = A*({right}) + B*({left}).",
            f"At x = {p}: {a * p + b} = A*{grouped(p - q)}, so A = {first}.",
            f"At x = {q}: {a * q + b} = B*{grouped(q - p)}, so B = {second}.",
            f"A/({left}) gives {term(first, f'ln(|{left}|)')}.",
            f"B/({right}) gives {term(second, f'ln(|{right}|)')}.",
        ],
        f", where x is neither {p} nor {q}",
    )


def _exponential_wave(rng: random.Random) -> Integral:
    """e^(ax) times a sine or cosine of bx."""
    a, b, name = nonzero(rng, 6), rng.randint(1, 7), rng.choice(("sin", "cos"))
    growth, size = applied("exp", term(a, "x")), a * a + b * b
    sign = -1 if name == "sin" else 1
    wave, other = applied(name, term(b, "x")), applied("cos" if name == "sin" else "sin", term(b, "x"))
    inner = total([term(a, wave), term(sign * b, other)])
    share = Fraction(sign * b, a)
    lines = [
        f"Write I for the integral and J for that of {growth}*{other}. Integrate the exponential by parts:",
        f"I = {total([term(Fraction(1, a), f'{growth}*{wave}'), _share(share, 'J')])}",
        f"J = {total([term(Fraction(1, a), f'{growth}*{other}'), _share(-share, 'I')])}",
        f"Put J into the first line and multiply by {a * a}: {size}*I = {growth}*({inner}).",
    ]
    return Integral(f"{growth}*{wave}", f"{growth}*({inner})/{size}", lines)


def _share(size: Fraction, name: str) -> str:
    return term(size, name) if size.denominator == 1 else f"{'-' * (size < 0)}({abs(size)})*{name}"


def integral(rng: random.Random, level: int) -> Integral:
    """An integral of the level: table, linear inside, substitution, by parts, twice by parts and others."""
    if level == 1:
        return _table(rng)
    if level == 2:
        return _linear_inside(rng)
    if level == 3:
        return _substitution(rng)
    if level == 4:
        return _by_parts(rng, 1)
    kind = rng.randint(0, 3)
    return _by_parts(rng, 2) if kind < 2 else _partial_fractions(rng) if kind == 2 else _exponential_wave(rng)


@family(
    name="antiderivative",
    wordings=(
        "Integrate {integrand} with respect to x{domain}. Write C for the constant of integration.",
        "Find the indefinite integral of {integrand} dx{domain}, with a constant C.",
        "What is the most general antiderivative of f(x) = {function}{domain}? Call the constant C.",
    ),
)
def antiderivative(rng: random.Random, level: int) -> Problem:
    """Exponentials, waves and logarithms integrated by table, substitution, parts or partial fractions."""
    made = integral(rng, level)
    integrand, answer = starred(made.integrand), starred(f"{made.antiderivative} + C")
    lines = [starred(line) for line in made.lines]
    return Problem(
        question=antiderivative.ask(
            rng, integrand=integrand, function=integrand, domain=starred(made.domain)
        ),
        answer=answer,
        spec=checked_by("antiderivative", integrand=integrand, constant=True),
        solution="\n".join([*lines, f"The integral is {boxed(answer)}"]),
        given={"integrand": integrand},
        key=("antiderivative", integrand),
    )


@antiderivative.proof
def _antiderivative(given: Given) -> str:
    text = write(found_antiderivative(read(given["integrand"])))
    return re.sub(r"ln\(([^()]*)\)", r"ln(|\1|)", text) + " + C"


antiderivative.variants(_variants)
