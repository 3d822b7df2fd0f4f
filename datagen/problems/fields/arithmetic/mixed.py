"""Mixed numbers added and subtracted, and fractions put in order."""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import LOWEST_TERMS, TUPLE
from datagen.problems.text import boxed

Mixed = tuple[int, int, int]
"""Whole part, and numerator and denominator of a proper fraction in lowest terms."""


def _mixed(rng: random.Random, low: int, high: int, below: int) -> Mixed:
    while True:
        above = rng.randint(1, below - 1)
        if gcd(above, below) == 1:
            return rng.randint(low, high), above, below


def _text(number: Mixed) -> str:
    whole, above, below = number
    return f"{whole} {above}/{below}"


MIXED = {1: (2, 1, 9), 2: (2, 1, 9), 3: (2, 1, 20), 4: (3, 1, 20), 5: (4, 5, 60)}
"""Per level: how many numbers, and their whole parts from and to."""


def _denominators(rng: random.Random, level: int, count: int) -> list[int]:
    """Level 1: one denominator; 2: one divides the other; above: several."""
    if level == 1:
        return [rng.randint(3, 12)] * 2
    if level == 2:
        small = rng.randint(2, 9)
        return [small, small * rng.randint(2, 5)]
    while True:
        found = [rng.randint(2, 12 if level < 5 else 18) for _ in range(count)]
        common = lcm(*found)
        if common not in found and common <= 720:
            return found


@family(
    name="mixed_number_sum",
    wordings=(
        "Work out {chain}, where {example} means {meaning}. Give an integer or a fraction in lowest terms.",
        "What is {chain}? The terms are mixed numbers ({example} means {meaning}). Answer with an integer "
        "or a fraction in lowest terms.",
        "Add and subtract these mixed numbers: {chain}. Give the result as an integer or as a fraction in "
        "lowest terms, and read {example} as {meaning}.",
    ),
)
def mixed_number_sum(rng: random.Random, level: int) -> Problem:
    """Mixed numbers added and subtracted, the fractions over a common denominator."""
    count, low, high = MIXED[level]
    while True:
        numbers = [_mixed(rng, low, high, below) for below in _denominators(rng, level, count)]
        signs = [1, *(rng.choice((1, -1)) for _ in numbers[1:])]
        common = lcm(*(below for _, _, below in numbers))
        tops = [(whole * below + above) * (common // below) for whole, above, below in numbers]
        total = sum(sign * top for sign, top in zip(signs, tops, strict=True))
        if total > 0 and len(set(numbers)) == count:
            break
    answer = str(Fraction(total, common))
    lines = []
    for number, top in zip(numbers, tops, strict=True):
        whole, above, below = number
        improper = whole * below + above
        line = f"{_text(number)} = ({whole} * {below} + {above})/{below} = {improper}/{below}"
        lines.append(line + (f" = {top}/{common}" if common != below else ""))
    lines.append(f"({_chain(signs, list(map(str, tops)))})/{common} = {total}/{common}")
    whole, above, below = numbers[0]
    return Problem(
        question=mixed_number_sum.ask(
            rng,
            chain=_chain(signs, list(map(_text, numbers))),
            example=_text(numbers[0]),
            meaning=f"{whole} + {above}/{below}",
        ),
        answer=answer,
        spec=LOWEST_TERMS,
        solution="\n".join([*lines, f"The result is {boxed(answer)}"]),
        given={"terms": [[sign, *number] for sign, number in zip(signs, numbers, strict=True)]},
        key=("mixed_number_sum", *sorted(zip(signs, numbers, strict=True))),
    )


def _chain(signs: list[int], texts: list[str]) -> str:
    chain = texts[0]
    for sign, text in zip(signs[1:], texts[1:], strict=True):
        chain += f" {'+' if sign > 0 else '-'} {text}"
    return chain


@mixed_number_sum.proof
def _mixed_number_sum(given: Given) -> str:
    import sympy

    return str(sum(s * (sympy.Integer(w) + sympy.Rational(a, b)) for s, w, a, b in given["terms"]))


@mixed_number_sum.variants
def _mixed_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The mixed number as an answer; the whole part read as a factor, the fractions' signs all plus."""
    value = Fraction(answer)
    whole, rest = divmod(value.numerator, value.denominator)
    same = [f"{whole} {rest}/{value.denominator}"] if whole and rest else []
    products = sum((s * w * Fraction(a, b) for s, w, a, b in given["terms"]), Fraction(0))
    plus = sum((s * w + Fraction(a, b) for s, w, a, b in given["terms"]), Fraction(0))
    return same, [str(wrong) for wrong in (products, plus) if wrong != value]


ORDERS = {  # how many, largest denominator, common multiples of the denominators, spread in percent
    2: (3, 12, (24, 36, 40, 60, 63, 70, 72, 84, 90), 45),
    3: (4, 15, (60, 72, 84, 90, 120, 126, 132, 140, 180, 210), 25),
    4: (5, 24, (120, 144, 168, 180, 240, 252, 280, 336, 360, 420, 504), 15),
    5: (6, 40, (360, 420, 504, 540, 600, 630, 720, 840, 1260, 1680), 10),
}


def _to_order(rng: random.Random, level: int) -> list[Fraction]:
    """Different proper fractions, from level 3 close to one another; level 1: see `_alike`."""
    if level == 1:
        return _alike(rng)
    count, largest, multiples, spread = ORDERS[level]
    common, middle = rng.choice(multiples), rng.randint(30, 70)
    belows = rng.sample([below for below in range(3, largest + 1) if common % below == 0], count)
    found: list[Fraction] = []
    for below in belows:
        low, high = max(1, below * (middle - spread) // 100), below * (middle + spread) // 100 + 1
        choices = [above for above in range(low, min(high, below - 1) + 1) if gcd(above, below) == 1]
        found.append(
            Fraction(choices[int(rng.random() * len(choices))], below) if choices else Fraction(1, below)
        )
    if len({each.numerator for each in found}) == 1:  # a problem of level 1
        return _to_order(rng, level)
    return found


def _alike(rng: random.Random) -> list[Fraction]:
    """Three fractions with one numerator, or with one denominator."""
    while True:
        fixed, others = rng.randint(2, 15), rng.sample(range(2, 24), 3)
        if all(gcd(fixed, other) == 1 for other in others):
            break
    turned = rng.random() < 0.5
    return [Fraction(fixed, other) if turned else Fraction(other, fixed) for other in others]


@family(
    name="compare_fractions",
    wordings=(
        "Put {numbers} in order from smallest to largest. Answer with a list like (1/4, 1/2).",
        "Order these numbers, the smallest first: {numbers}. Answer with a list like (1/4, 1/2).",
        "Sort {numbers} from the smallest to the largest and write the list like (1/4, 1/2).",
    ),
)
def compare_fractions(rng: random.Random, level: int) -> Problem:
    """Fractions put in order over a common denominator."""
    fractions = _to_order(rng, level)
    common = lcm(*(each.denominator for each in fractions))
    in_order = sorted(fractions)
    if in_order == fractions:
        fractions = [*fractions[1:], fractions[0]]
    answer = f"({', '.join(map(str, in_order))})"
    lines = [_alike_line(in_order)] if level == 1 else _common_lines(fractions, in_order, common)
    return Problem(
        question=compare_fractions.ask(rng, numbers=", ".join(map(str, fractions))),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The order is {boxed(answer)}"]),
        given={"numbers": list(map(str, fractions))},
        key=("compare_fractions", *((each.numerator, each.denominator) for each in in_order)),
    )


def _alike_line(in_order: list[Fraction]) -> str:
    above, below = [each.numerator for each in in_order], [each.denominator for each in in_order]
    if len(set(below)) == 1:
        return f"All denominators are {below[0]}, so the numerators decide: {' < '.join(map(str, above))}."
    order = " > ".join(map(str, below))
    return (
        f"All numerators are {above[0]}, and the larger the denominator, the smaller the fraction: {order}."
    )


def _common_lines(fractions: list[Fraction], in_order: list[Fraction], common: int) -> list[str]:
    tops = {each: each.numerator * (common // each.denominator) for each in fractions}
    lines = [f"The common denominator is {common}."]
    for each in fractions:
        factor = common // each.denominator
        if factor > 1:
            lines.append(f"{each} = ({each.numerator} * {factor})/{common} = {tops[each]}/{common}")
    return [*lines, " < ".join(str(tops[each]) for each in in_order)]


@compare_fractions.proof
def _compare_fractions(given: Given) -> str:
    left = [tuple(map(int, text.split("/"))) for text in given["numbers"]]
    ordered = []
    while left:
        least = left[0]
        for above, below in left[1:]:
            if above * least[1] < least[0] * below:
                least = (above, below)
        left.remove(least)
        ordered.append(f"{least[0]}/{least[1]}")
    return f"({', '.join(ordered)})"


@compare_fractions.variants
def _compare_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The fractions by their denominators; two neighbours swapped."""
    items = answer[1:-1].split(", ")
    by_size = sorted(items, key=lambda text: [-int(part) for part in reversed(text.split("/"))])
    swapped = [items[1], items[0], *items[2:]]
    wrong = [f"({', '.join(each)})" for each in (by_size, swapped) if each != items]
    return [], wrong
