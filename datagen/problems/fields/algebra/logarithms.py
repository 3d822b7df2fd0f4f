"""Algebra with powers and logarithms: rules of exponents, values of logarithms, equations with either."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.algebra.readings import written_set, written_tuple
from datagen.problems.fields.algebra.writing import (
    Variant,
    added,
    bracketed,
    collection,
    operand,
    plus,
    product,
    quadratic_formula,
    rational_roots,
    set_of,
)
from datagen.problems.numbers import nonzero
from datagen.problems.specs import RATIONAL, REAL, SET, TUPLE
from datagen.problems.text import boxed, grouped, linear, listing, polynomial

Exponents = tuple[Fraction, Fraction]
Term = tuple[int, Exponents, int]  # coefficient, exponents of x and y, power of the whole


def _power(letter: str, exponent: Fraction) -> str:
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


def _exponent_terms(rng: random.Random, level: int) -> tuple[list[Term], list[Term]]:
    """The terms above and below the fraction bar."""

    def exponent(low: int = 1, high: int = 9) -> Fraction:
        while True:
            value = Fraction(rng.randint(low, high), rng.randint(2, 4) if level == 5 else 1)
            if value and (level < 5 or value.denominator > 1):
                return value

    def term(number: int = 1, power: int = 1, low: int = 1, high: int = 9) -> Term:
        return rng.randint(2, number) if number > 1 else 1, (exponent(low, high), exponent(low, high)), power

    if level == 1:
        return [term(), term()], []
    if level == 2:
        return [term(), term()], [term()]
    if level == 3:
        return [term(4, rng.randint(2, 3), -5, 6), term(9, 1, -9, 9)], []
    if level == 4:
        return [term(5, rng.randint(2, 3), -6, 6), term(6, 1, -9, 9)], [term(4, 2, -6, 6)]
    return [term(4, rng.randint(2, 3), -9, 9), term(6, 1, -9, 9)], [term(4, 2, -9, 9), term(3, 1, -9, 9)]


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
        coefficient, x, y = Fraction(1), Fraction(0), Fraction(0)
        for terms, sign in ((above, 1), (below, -1)):
            for number, (first, second) in map(_multiplied, terms):
                coefficient *= Fraction(number) ** sign
                x, y = x + sign * first, y + sign * second
        if x and y and x != y:
            break
    numbered = level > 2
    values: Sequence[Fraction] = (coefficient, x, y) if numbered else (x, y)
    answer = collection(values)
    top = "*".join(map(_term_text, above))
    text = f"({top})/({'*'.join(map(_term_text, below))})" if below else top
    lines = []
    for term in above + below:
        if term[2] > 1:
            number, exponents = _multiplied(term)
            lines.append(f"{_term_text(term)} = {_term_text((number, exponents, 1))}.")
    for letter, place, total in (("x", 0, x), ("y", 1, y)):
        shown = [_multiplied(term)[1][place] for term in above]
        start = " + ".join(map(operand, shown))
        rest = "".join(f" - {operand(_multiplied(term)[1][place])}" for term in below)
        lines.append(f"Exponents of {letter}: {start}{rest} = {total}.")
    if numbered:
        factors = " * ".join(str(_multiplied(term)[0]) for term in above)
        divisor = f"/({' * '.join(str(_multiplied(term)[0]) for term in below)})" if below else ""
        lines.append(f"Coefficient: ({factors}){divisor} = {coefficient}.")
    form, names = ("c*x^m*y^n", "the triple (c, m, n)") if numbered else ("x^m*y^n", "the pair (m, n)")
    return Problem(
        question=exponents_simplify.ask(rng, expression=text, form=form, names=names),
        answer=answer,
        spec=TUPLE,
        solution="\n".join(
            [*lines, f"So {names[4:].split(' ')[0]} {names.split(' ', 2)[2]} = {boxed(answer)}"]
        ),
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
    powers = whole.as_powers_dict()
    coefficient, _ = whole.as_coeff_Mul()
    exponents = [sympy.expand_log(sympy.log(whole), force=True).coeff(sympy.log(letter)) for letter in (x, y)]
    assert powers
    numbered = any(term[0] != 1 for term in given["above"])
    return written_tuple([coefficient, *exponents] if numbered else exponents)


Logarithm = tuple[int, int, int]  # sign, base, argument


def _logarithm_text(terms: Sequence[Logarithm]) -> str:
    text = ""
    for sign, base, argument in terms:
        joint = (" + " if sign > 0 else " - ") if text else ""
        text += f"{joint}log_{base}({argument})"
    return text


COMPOSITE = (6, 10, 12, 14, 15, 18, 20, 21, 22, 24)


def _log_draw(rng: random.Random, level: int) -> tuple[str, list[str], Fraction, list[list[str]]]:
    """Text, steps, value, and the logarithms as [sign, base, argument] or products of them."""
    if level == 1:
        base, power = rng.randint(2, 12), rng.choice((-3, -2, -1, 2, 3, 4, 5))
        argument = Fraction(base) ** power
        line = f"{base}^{grouped(power) if power > 0 else f'({power})'} = {argument}."
        return f"log_{base}({argument})", [line], Fraction(power), [["1", str(base), str(argument)]]
    if level == 2:
        root, m, n = (
            rng.choice((2, 3, 5, 6, 7, 10)),
            rng.randint(2, 4),
            rng.choice((-3, -2, -1, 1, 2, 3, 4, 5)),
        )
        base, argument = root**m, Fraction(root) ** n
        while n % m == 0 or (argument.numerator > 20000):
            n = rng.choice((-3, -2, -1, 1, 2, 3, 5))
            argument = Fraction(root) ** n
        value = Fraction(n, m)
        power = str(n) if n > 0 else f"({n})"
        first = f"{base} = {root}^{m}" + (f" and {argument} = {root}^{power}." if n != 1 else ".")
        lines = [first, f"{base}^t = {argument} means {m}t = {n}, so t = {value}."]
        return f"log_{base}({argument})", lines, value, [["1", str(base), str(argument)]]
    return _log_sum(rng, level) if level < 5 else _log_product(rng)


def _log_sum(rng: random.Random, level: int) -> tuple[str, list[str], Fraction, list[list[str]]]:
    """Level 3: log u + log v, or log u - log v; level 4: log u + log v - log w, and a multiple."""
    while True:
        base = rng.choice(COMPOSITE)
        power = rng.randint(1, 3)
        whole = base**power
        t = rng.randint(2, 40)
        terms: list[Logarithm]
        if level == 3:
            divisors = [d for d in range(2, whole // 2 + 1) if whole % d == 0 and d % base]
            first = rng.choice(divisors) if divisors else 0
            if rng.random() < 0.5 and first:
                terms = [(1, base, first), (1, base, whole // first)]
            else:
                terms = [(1, base, whole * t), (-1, base, t)]
        else:
            u, v, w = rng.randint(2, 60), rng.randint(2, 60), rng.randint(2, 60)
            if (whole * w) % u:
                continue
            v = whole * w // u
            terms = [(1, base, u), (1, base, v), (-1, base, w)]
            if v < 2 or u == w or v == w:
                continue
        return _log_sum_worked(rng, terms, whole, power)


def _log_sum_worked(
    rng: random.Random, terms: list[Logarithm], whole: int, power: int
) -> tuple[str, list[str], Fraction, list[list[str]]]:
    base = terms[0][1]
    above = " * ".join(str(argument) for sign, _, argument in terms if sign > 0)
    below = [argument for sign, _, argument in terms if sign < 0]
    text = _logarithm_text(terms)
    together = f"{above}/{below[0]}" if below else above
    lines = [
        f"Sums of logarithms are logarithms of products: {text} = log_{base}({together}) = log_{base}({whole})."
        if not below or len(terms) > 2
        else f"A difference of logarithms is the logarithm of a quotient: {text} = log_{base}({together}) = "
        f"log_{base}({whole})."
    ]
    lines.append(f"{whole} = {base}^{power}." if power > 1 else f"log_{base}({base}) = 1.")
    return text, lines, Fraction(power), [[str(sign), str(b), str(argument)] for sign, b, argument in terms]


def _log_product(rng: random.Random) -> tuple[str, list[str], Fraction, list[list[str]]]:
    """log_(p^a)(q^b) * log_(q^c)(r^d) * log_(r^e)(p^f), all of it by change of base."""
    primes = rng.sample((2, 3, 5, 7), 3)
    powers = [(rng.randint(1, 3), rng.randint(1, 4)) for _ in primes]
    value = Fraction(1)
    parts, lines, given, quotients = [], [], [], []
    for place, (below, above) in enumerate(powers):
        first, second = primes[place], primes[(place + 1) % 3]
        parts.append(f"log_{first**below}({second**above})")
        given.append(["1", str(first**below), str(second**above)])
        value *= Fraction(above, below)
        upper, lower = (f"{n}*ln({p})" if n > 1 else f"ln({p})" for n, p in ((above, second), (below, first)))
        quotients.append(f"({upper})/({lower})")
        lines.append(f"{parts[-1]} = ln({second**above})/ln({first**below}) = ({upper})/({lower}).")
    tops, bottoms = (" * ".join(str(pair[side]) for pair in powers) for side in (1, 0))
    lines.append(f"In the product every ln cancels: ({tops})/({bottoms}) = {value}.")
    return " * ".join(parts), lines, value, [["product"], *given]


@family(
    name="logarithm_value",
    wordings=(
        "Evaluate {expression} exactly.",
        "What is the exact value of {expression}?",
        "Find the rational number that {expression} is equal to.",
    ),
)
def logarithm_value(rng: random.Random, level: int) -> Problem:
    """Logarithms of powers, their sums and products, worked with the rules for logarithms."""
    text, lines, value, given = _log_draw(rng, level)
    answer = str(value)
    return Problem(
        question=logarithm_value.ask(rng, expression=text),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"{text} = {boxed(answer)}"]),
        given={"logarithms": given},
        key=("logarithm_value", *sorted(map(tuple, given))),
    )


@logarithm_value.proof
def _logarithm_value(given: Given) -> str:
    import sympy

    terms = given["logarithms"]
    multiply = terms[0] == ["product"]
    values = [
        int(sign)
        * sympy.expand_log(sympy.log(sympy.Rational(argument)), force=True)
        / sympy.expand_log(sympy.log(sympy.Rational(base)), force=True)
        for sign, base, argument in terms[multiply:]
    ]
    return str(sympy.cancel(sympy.Mul(*values) if multiply else sympy.Add(*values)))
