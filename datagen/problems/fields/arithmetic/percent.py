"""Percent: changes between numbers, changes one after the other, and the number before them.

Constructions work in whole units of a decimal; the proofs solve the equation.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import DECIMAL, PERCENTAGE
from datagen.problems.text import boxed, capitalized, decimal, ordinal

THINGS: tuple[str, ...] = (
    "the price of a coat",
    "the rent of a flat",
    "the salary of a nurse",
    "the population of a village",
    "the weight of a puppy",
    "the output of a mine",
    "the number of members of a club",
)


@family(
    name="percent_change",
    wordings=(
        "{Thing} {told}. By what percentage has it {changed} altogether?",
        "By what percentage of its first value has {thing} {changed} altogether when it {told}?",
        "Suppose that {thing} {told}. Find the overall {noun} in percent of the first value.",
    ),
)
def percent_change(rng: random.Random, level: int) -> Problem:
    """The percentage by which a number rises or falls, at once or in several steps."""
    told, rises, answer, lines, given, key = (
        _one_change(rng, level) if level < 4 else _changes(rng, level - 2)
    )
    thing = THINGS[int(rng.random() * len(THINGS))]
    changed = "risen" if rises else "fallen"
    return Problem(
        question=percent_change.ask(
            rng,
            thing=thing,
            Thing=capitalized(thing),
            told=told,
            changed=changed,
            noun="rise" if rises else "fall",
        ),
        answer=answer,
        spec=PERCENTAGE,
        solution="\n".join([*lines, f"{capitalized(thing)} has {changed} by {boxed(answer)}"]),
        given=given,
        key=("percent_change", *key),
    )


Told = tuple[str, bool, str, list[str], Given, tuple[object, ...]]
"""What happened, whether it rose, the answer, the steps, the data and the key."""


def _one_change(rng: random.Random, level: int) -> Told:
    """Level 1: whole percents that divide 100; 2: whole percents; 3: tenths of a percent."""
    while True:
        if level == 1:
            tenths = 10 * rng.choice((10, 20, 25, 50))
            before = rng.choice((20, 40, 60, 80, 100, 200)) * rng.randint(1, 9)
        elif level == 2:
            tenths = 10 * rng.choice([p for p in range(2, 100) if 100 % p])
            before = 10 * rng.randint(5, 99)
        else:
            tenths, before = 10 * rng.randint(1, 98) + rng.randint(1, 9), 10 * rng.randint(10, 999)
        if before * tenths % 1000 == 0:
            break
    rises = rng.random() < 0.5
    change = before * tenths // 1000
    after = before + change if rises else before - change
    answer = f"{decimal(tenths, 1)}%"
    larger, smaller = max(before, after), min(before, after)
    ratio = Fraction(change, before)
    reduced = f" = {ratio}" if ratio.denominator != before else ""
    lines = [
        f"The change is {larger} - {smaller} = {change}.",
        f"Relative to the first value: {change}/{before}{reduced} = {decimal(tenths, 3)}.",
    ]
    if level > 1:
        lines.append(f"{decimal(tenths, 3)} * 100% = {answer}")
    told = f"{'rises' if rises else 'falls'} from {before} to {after}"
    return told, rises, answer, lines, {"before": before, "after": after}, (before, after)


def _changes(rng: random.Random, steps: int) -> Told:
    """Percentages one after the other, each of the value at that moment."""
    while True:
        changes = [rng.choice((1, -1)) * rng.randint(2, 60) for _ in range(steps)]
        factor = 1
        for change in changes:
            factor *= 100 + change
        difference = factor - 100**steps
        if difference and abs(difference) < 100**steps:
            break
    rises = difference > 0
    answer = f"{decimal(abs(difference), 2 * steps - 2)}%"
    parts = [f"{'rises' if change > 0 else 'falls'} by {abs(change)}%" for change in changes]
    told = f"{', then '.join(parts)}, each time of its value at that moment"
    lines, value = [], 1
    for place, change in enumerate(changes):
        by = f"1 {'+' if change > 0 else '-'} {decimal(abs(change), 2)} = {decimal(100 + change, 2)}"
        line = f"The {ordinal(place + 1)} change multiplies by {by}"
        new = value * (100 + change)
        if place:
            before, by = decimal(value, 2 * place), decimal(100 + change, 2)
            line += f", in all by {before} * {by} = {decimal(new, 2 * place + 2)}"
        lines.append(f"{line}.")
        value = new
    whole = decimal(factor, 2 * steps)
    lines.append(f"{f'{whole} - 1' if rises else f'1 - {whole}'} = {decimal(abs(difference), 2 * steps)}")
    lines.append(f"{decimal(abs(difference), 2 * steps)} * 100% = {answer}")
    return told, rises, answer, lines, {"changes": changes}, tuple(sorted(changes))


@percent_change.proof
def _percent_change(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    if "changes" in given:
        before = after = Fraction(1000)
        for change in given["changes"]:
            after += after * change / 100
    else:
        before, after = Fraction(given["before"]), Fraction(given["after"])
    first, last = (sympy.Rational(value.numerator, value.denominator) for value in (before, after))
    (percent,) = sympy.solve(first * (1 + x / 100) - last, x)
    return f"{_exact(abs(percent))}%"


def _exact(value: object) -> str:
    """A sympy rational with a decimal expansion that ends, written out."""
    text, places = Fraction(str(value)), 0
    while (text * 10**places).denominator != 1:
        places += 1
    digits = f"{(text * 10**places).numerator:0{places + 1}}"
    return f"{digits[: len(digits) - places]}{'.' if places else ''}{digits[len(digits) - places :]}"


@percent_change.variants
def _percent_change_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The percentages added up; the change relative to the last value."""
    if "changes" in given:
        wrong = abs(Fraction(sum(given["changes"])))
    else:
        wrong = Fraction(abs(given["after"] - given["before"]) * 100, given["after"])
    return [], [f"{wrong}%"] if wrong != Fraction(answer.rstrip("%")) else []


@family(
    name="reverse_percent",
    wordings=(
        "{story} What is the number?",
        "Find the number of which this is true: {story}",
        "Work backwards. {story} What was the number?",
    ),
)
def reverse_percent(rng: random.Random, level: int) -> Problem:
    """The number before percentages were taken, added or taken away, worked backwards."""
    story, given, lines, answer = _part_of(rng) if level == 1 else _changed(rng, level)
    return Problem(
        question=reverse_percent.ask(rng, story=story),
        answer=answer,
        spec=DECIMAL,
        solution="\n".join([*lines, f"The number is {boxed(answer)}"]),
        given=given,
        key=("reverse_percent", *sorted(given["changes"]), given["part"], given["value"]),
    )


def _part_of(rng: random.Random) -> tuple[str, Given, list[str], str]:
    percent, number = rng.choice((5, 10, 15, 20, 25, 30, 35, 40, 60, 70, 75, 80, 90)), 20 * rng.randint(1, 40)
    value = number * percent // 100
    lines = [
        f"1% of the number is {value}/{percent} = {decimal(number, 2)}.",
        f"100 * {decimal(number, 2)} = {number}",
    ]
    given: Given = {"changes": [], "part": percent, "value": str(value)}
    return f"{percent}% of a number is {value}.", given, lines, str(number)


def _changed(rng: random.Random, level: int) -> tuple[str, Given, list[str], str]:
    """Level 2: a round increase; 3: any decrease; 4 and 5: two and three changes."""
    if level == 2:
        changes, units = [5 * rng.randint(1, 16)], 10 * rng.randint(2, 99)
    elif level == 3:
        changes, units = [-rng.randint(2, 80)], rng.randint(20, 999)
    else:
        changes = [rng.choice((1, -1)) * rng.randint(3, 60) for _ in range(level - 2)]
        units = rng.randint(20, 900)
    places = 1 if level == 5 else 0
    value, shift = units, places
    for change in changes:
        value, shift = value * (100 + change), shift + 2
    told = now = decimal(value, shift)
    lines = []
    if len(changes) == 1:
        share = f"100% {'+' if changes[0] > 0 else '-'} {abs(changes[0])}% = {100 + changes[0]}%"
        lines.append(f"{share} of the number is {told}.")
    for change in reversed(changes):
        value, shift = value // (100 + change), shift - 2
        before, factor = decimal(value, shift), decimal(100 + change, 2)
        lines.append(
            f"Before the {'rise' if change > 0 else 'fall'} by {abs(change)}%: {now}/{factor} = {before}."
        )
        now = before
    forth = " * ".join([now, *(decimal(100 + change, 2) for change in changes)])
    lines.append(f"Check: {forth} = {told}.")
    steps = [f"{'increased' if change > 0 else 'reduced'} by {abs(change)}%" for change in changes]
    if len(steps) == 1:
        story = f"A number is {steps[0]} and becomes {told}."
    else:
        then = ", then ".join(f"{step} of its new value" for step in steps[1:])
        story = f"A number is {steps[0]}, then {then}, and becomes {told}."
    return story, {"changes": changes, "part": 100, "value": told}, lines, now


@reverse_percent.proof
def _reverse_percent(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    end = x * given["part"] / 100
    for change in given["changes"]:
        end += end * change / 100
    return _exact(sympy.solve(sympy.expand(end) - sympy.Rational(given["value"]), x)[0])


@reverse_percent.variants
def _reverse_percent_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The percentages taken of the last value instead of the first."""
    wrong = Fraction(given["value"]) * given["part"] / 100
    for change in given["changes"]:
        wrong *= 1 - Fraction(change, 100)
    return [], [str(wrong)] if wrong != Fraction(answer) else []
