"""Ratios: a number divided in a ratio, quantities that are proportional to one another.

Constructions start from the size of one part or from the constant; the proofs solve equations.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import LOWEST_TERMS, TUPLE
from datagen.problems.text import boxed


@family(
    name="ratio_sharing",
    wordings=(
        "Divide {whole} in the ratio {ratio}. Answer with the parts in this order, like {form}.",
        "{whole} is split into {count} parts in the ratio {ratio}. Give the parts in this order, like "
        "{form}.",
        "{Count} numbers are in the ratio {ratio} and add up to {whole}. Give them in this order, like "
        "{form}.",
    ),
)
def ratio_sharing(rng: random.Random, level: int) -> Problem:
    """A number divided in a ratio of whole numbers or fractions, worked through the size of one part."""
    count = (2, 3, 2, 3, 4)[level - 1]
    ratio, parts, lines = _whole_ratio(rng, count) if level < 3 else _fraction_ratio(rng, count)
    unit = rng.randint(2, 25 if level < 3 else 12)
    whole, shares = unit * sum(parts), [unit * part for part in parts]
    lines += [
        f"There are {' + '.join(map(str, parts))} = {sum(parts)} parts, and one part is "
        f"{whole}/{sum(parts)} = {unit}.",
        *(f"{part} * {unit} = {share}" for part, share in zip(parts, shares, strict=True)),
    ]
    if level > 1:
        lines.append(f"Check: {' + '.join(map(str, shares))} = {whole}.")
    answer = f"({', '.join(map(str, shares))})"
    word = ("two", "three", "four")[count - 2]
    return Problem(
        question=ratio_sharing.ask(
            rng,
            whole=whole,
            ratio=":".join(f"({term})" if "/" in term else term for term in ratio),
            count=word,
            Count=word.capitalize(),
            form=("(1, 2)", "(1, 2, 3)", "(1, 2, 3, 4)")[count - 2],
        ),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The parts are {boxed(answer)}"]),
        given={"ratio": ratio, "whole": whole},
        key=("ratio_sharing", *sorted(ratio), whole),
    )


def _whole_ratio(rng: random.Random, count: int) -> tuple[list[str], list[int], list[str]]:
    while True:
        parts = [rng.randint(1, 12) for _ in range(count)]
        if gcd(*parts) == 1 and len(set(parts)) > 1:
            return list(map(str, parts)), parts, []


def _fraction_ratio(rng: random.Random, count: int) -> tuple[list[str], list[int], list[str]]:
    """The terms of the ratio, the same ratio in whole numbers, and how the one comes from the other."""
    while True:
        terms = [Fraction(rng.randint(1, 7), rng.randint(2, 9)) for _ in range(count)]
        common = lcm(*(term.denominator for term in terms))
        parts = [int(term * common) for term in terms]
        shared = gcd(*parts)
        if common > 2 and len(set(terms)) == count and sum(parts) // shared <= 80:
            break
    lines = [f"All terms times {common}, the common denominator: {':'.join(map(str, parts))}."]
    if shared > 1:
        parts = [part // shared for part in parts]
        lines.append(f"Divided by {shared}: {':'.join(map(str, parts))}.")
    return list(map(str, terms)), parts, lines


@ratio_sharing.proof
def _ratio_sharing(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    shares = [sympy.Rational(term) * x for term in given["ratio"]]
    (part,) = sympy.solve(sum(shares) - given["whole"], x)
    return f"({', '.join(str(share.subs(x, part)) for share in shares)})"


LAWS = {  # per level: the powers of x, y, ... that z is proportional to, in words
    1: ((("x", 1),), "y is proportional to x"),
    2: ((("x", -1),), "y is inversely proportional to x"),
    3: ((("x", 2),), "y is proportional to the square of x"),
    4: ((("x", -2),), "y is inversely proportional to the square of x"),
}
JOINT = (
    ((("u", 1), ("v", 2)), "y is proportional to u and to the square of v"),
    ((("u", 1), ("v", -1)), "y is proportional to u and inversely proportional to v"),
    ((("u", 2), ("v", -1)), "y is proportional to the square of u and inversely proportional to v"),
    ((("u", 1), ("v", -2)), "y is proportional to u and inversely proportional to the square of v"),
)
Law = tuple[tuple[str, int], ...]


@family(
    name="direct_inverse_proportion",
    wordings=(
        "The number {law}. When {first}, y = {known}. Find y when {second}. Give an integer or a fraction "
        "in lowest terms.",
        "Suppose that {law}, and that y = {known} when {first}. What is y when {second}? Give an integer "
        "or a fraction in lowest terms.",
        "What is y when {second} if {law} and y = {known} when {first}? Give an integer or a fraction in "
        "lowest terms.",
    ),
)
def direct_inverse_proportion(rng: random.Random, level: int) -> Problem:
    """A value of a quantity that is proportional to powers of others, worked through the constant."""
    law, words = LAWS[level] if level < 5 else JOINT[int(rng.random() * len(JOINT))]
    largest = 20 if level < 3 else 12 if level < 5 else 9
    while True:
        first = [rng.randint(2, largest) for _ in law]
        second = [rng.randint(2, largest) for _ in law]
        known = rng.randint(2, 60) * (first[0] if level == 1 else 1)
        if all(one != other for one, other in zip(first, second, strict=True)):
            break
    constant = known / _power_product(law, first)
    answer = str(constant * _power_product(law, second))
    lines = [f"There is a constant k with y = {_formula(law, [name for name, _ in law])}."]
    lines.append(f"{known} = {_formula(law, list(map(str, first)))}, so k = {constant}.")
    if level > 3:
        factor = _power_product(law, second)
        lines.append(
            f"For the new values k is multiplied by {_formula(law, list(map(str, second)), '1')} = {factor}."
        )
    lines.append(f"y = {_formula(law, list(map(str, second)), str(constant))} = {boxed(answer)}")
    names = [name for name, _ in law]
    return Problem(
        question=direct_inverse_proportion.ask(
            rng,
            law=words,
            first=_values(names, first),
            second=_values(names, second),
            known=known,
        ),
        answer=answer,
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"law": [list(each) for each in law], "first": first, "second": second, "known": known},
        key=("proportion", law, tuple(first), tuple(second), known),
    )


def _power_product(law: Law, values: list[int]) -> Fraction:
    product = Fraction(1)
    for (_, power), value in zip(law, values, strict=True):
        product *= Fraction(value) ** power
    return product


def _values(names: list[str], values: list[int]) -> str:
    return " and ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))


def _formula(law: Law, factors: list[str], constant: str = "k") -> str:
    """`k * u / v^2`, with names or values for the factors."""
    text = f"({constant})" if "/" in constant else constant
    for (_, power), factor in zip(law, factors, strict=True):
        text += f" {'*' if power > 0 else '/'} {factor}{'^2' if abs(power) == 2 else ''}"
    return text


@direct_inverse_proportion.proof
def _direct_inverse_proportion(given: Given) -> str:
    import sympy

    k, y = sympy.symbols("k y")
    equations = []
    for values, value in ((given["first"], given["known"]), (given["second"], y)):
        equation = k
        for (_, power), each in zip(given["law"], values, strict=True):
            equation *= sympy.Integer(each) ** power
        equations.append(equation - value)
    ((_, answer),) = sympy.linsolve(equations, [k, y])
    return str(answer)


@direct_inverse_proportion.variants
def _proportion_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Proportional taken for inversely proportional, and the other way round."""
    law = [(name, -power) for name, power in given["law"]]
    wrong = (
        given["known"]
        * _power_product(tuple(law), given["second"])
        / _power_product(tuple(law), given["first"])
    )
    return [], [str(wrong)] if str(wrong) != answer else []
