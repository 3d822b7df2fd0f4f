"""Powers and roots of whole numbers, with whole, fractional and negative exponents."""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import boxed

ROOTS = {2: "square root", 3: "cube root", 4: "4th root", 5: "5th root", 6: "6th root"}
Term = tuple[int, int, int, int, int]
"""Sign and factor, base, and numerator and denominator of the exponent."""


def _term_text(term: Term) -> str:
    """`3 * 2^5`, `sqrt(49)`, `8^(2/3)` without the sign."""
    _, factor, base, above, below = term
    if below == 1:
        power = f"{base}^{above}" if above >= 0 else f"{base}^({above})"
    elif (above, below) == (1, 2):
        power = f"sqrt({base})"
    else:
        power = f"{base}^({above}/{below})"
    return f"{factor} * {power}" if factor > 1 else power


def _value(term: Term) -> Fraction:
    """The exact value of a term without its sign; the base is a perfect power."""
    _, factor, base, above, below = term
    return factor * Fraction(_root(base, below)) ** above


def _root(base: int, index: int) -> int:
    """The whole `index`-th root of a number that has one."""
    root = 1
    while root**index < base:
        root += 1
    if root**index != base:
        raise ValueError(f"{base} has no whole {index}-th root")
    return root


def _power(rng: random.Random, least: int) -> tuple[int, int, int]:
    """Base, exponent as numerator and denominator: a whole power."""
    base = rng.randint(2, 15)
    most = {2: 10, 3: 6, 4: 5, 5: 5}.get(base, 3)
    return base, rng.randint(min(least, most), most), 1


def _perfect_root(rng: random.Random, fraction: bool) -> tuple[int, int, int]:
    """A base with a whole root, and an exponent of that root."""
    index = rng.choice((2, 2, 3, 3, 4, 5))
    root = rng.randint(2, {2: 30, 3: 12, 4: 6, 5: 4}[index])
    above = 1
    if fraction:
        most = {2: 9, 3: 6, 4: 5}.get(root, 3)
        choices = [n for n in range(1, most + 1) if n % index and (index != 4 or n % 2)]
        above = rng.choice([n for n in choices if n > 1] or [1])
    return root**index, above, index


def _negative(rng: random.Random) -> tuple[int, int, int]:
    """A small base with a negative exponent, whole or fractional."""
    index, root = rng.randint(1, 3), rng.randint(2, 6)
    above = rng.choice([n for n in range(1, {2: 5, 3: 3}.get(root, 2) + 1) if index == 1 or n % index])
    return root**index, -above, index


def _terms(rng: random.Random, level: int) -> list[Term]:
    if level == 1:
        made = [_power(rng, 2), _power(rng, 2)]
    elif level == 2:
        made = [_perfect_root(rng, False), _perfect_root(rng, False)]
    elif level == 3:
        made = [_power(rng, 2), _perfect_root(rng, False), _perfect_root(rng, False)]
    elif level == 4:
        made = [_perfect_root(rng, True), _power(rng, 2), _perfect_root(rng, False), _perfect_root(rng, True)]
    else:
        made = [_negative(rng), _perfect_root(rng, True), _power(rng, 2), _negative(rng)]
    if len(set(made)) < len(made):
        return _terms(rng, level)
    rng.shuffle(made)
    largest = {1: 1, 2: 5}.get(level, 9)
    return [
        (1 if place == 0 else rng.choice((1, -1)), rng.randint(1, largest), *each)
        for place, each in enumerate(made)
    ]


@family(
    name="powers_and_roots",
    wordings=(
        "What is {expression}? Give an integer or a fraction in lowest terms.",
        "Evaluate {expression}. Give an integer or a fraction in lowest terms.",
        "Find the exact value of {expression}, as an integer or a fraction in lowest terms.",
    ),
)
def powers_and_roots(rng: random.Random, level: int) -> Problem:
    """Sums of powers and roots that come out whole, with fractional and negative exponents at the end."""
    terms = _terms(rng, level)
    total = sum((term[0] * _value(term) for term in terms), Fraction(0))
    expression = _term_text(terms[0])
    shown = str(_value(terms[0]))
    for term in terms[1:]:
        sign = "+" if term[0] > 0 else "-"
        expression += f" {sign} {_term_text(term)}"
        shown += f" {sign} {_value(term)}"
    answer = str(total)
    lines = [line for term in terms for line in _term_lines(term)]
    lines += [f"{shown} = {answer}"] if len(terms) > 1 else []
    return Problem(
        question=powers_and_roots.ask(rng, expression=expression),
        answer=answer,
        spec=LOWEST_TERMS,
        solution="\n".join([*lines, f"The value is {boxed(answer)}"]),
        given={"terms": [list(term) for term in terms]},
        key=("powers_and_roots", *sorted(terms)),
    )


def _term_lines(term: Term) -> list[str]:
    """How one term is found: the root, its power, the reciprocal, the factor."""
    _, factor, base, above, below = term
    root = _root(base, below)
    lines = []
    power = abs(above)
    if below > 1:
        lines.append(f"The {ROOTS[below]} of {base} is {root}, since {root}^{below} = {base}.")
    value = str(root**power)
    if power > 1:
        steps = " * ".join([str(root)] * power)
        of = f"{base}^({power}/{below})" if below > 1 else f"{base}^{power}"
        lines.append(
            f"{of} = {steps} = {value}" if below == 1 else f"{of} = {root}^{power} = {steps} = {value}"
        )
    if above < 0:
        exponent = f"({above}/{below})" if below > 1 else f"({above})"
        lines.append(f"A negative exponent turns the number over: {base}^{exponent} = 1/{value}.")
        value = f"1/{value}"
    if factor > 1:
        lines.append(f"{factor} * {value} = {_value(term)}")
    return lines


@powers_and_roots.proof
def _powers_and_roots(given: Given) -> str:
    import sympy

    total = sympy.Integer(0)
    for sign, factor, base, above, below in given["terms"]:
        total += sign * factor * sympy.Integer(base) ** sympy.Rational(above, below)
    return str(total)


@powers_and_roots.variants
def _powers_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Exponents taken as factors, and negative exponents as negative numbers."""
    factors = sum((s * f * b * Fraction(a, d) for s, f, b, a, d in given["terms"]), Fraction(0))
    return [], [str(factors)] if factors != Fraction(answer) else []
