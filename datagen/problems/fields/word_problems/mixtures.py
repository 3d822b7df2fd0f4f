"""Stories of mixtures of two kinds.

Constructions choose numbers that come out exact; the proof solves the equation or pours litre by litre.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER, PERCENTAGE, QUANTITY
from datagen.problems.text import boxed, decimal, grouped, linear
from verifiers import AnswerSpec

SOLUTES = ("salt", "sugar", "acid", "alcohol", "fruit juice", "bleach", "antifreeze")
GOODS = ("coffee", "tea", "rice", "nuts", "dried fruit", "muesli", "bird seed")


@family(
    name="mixture",
    wordings=(
        "{story} {asked}",
        "{name} has a question about a mixture. {story} {asked}",
        "{asked} Here is what it is about. {story}",
    ),
)
def mixture(rng: random.Random, level: int) -> Problem:
    """The strength, the price or a part of a mixture of two, worked through what does not change."""
    who = someone(rng)
    make = (_strength, _price, _addition, _recipe, _replacement)[level - 1]
    story, asked, given, lines, answer, spec = make(rng, who.name)
    return Problem(
        question=mixture.ask(rng, story=story, asked=asked, name=who.name),
        answer=answer,
        spec=spec,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("mixture", *_mixture_key(given)),
    )


def _mixture_key(given: Given) -> tuple[object, ...]:
    """The numbers of `given`, two portions that are poured together in an order of their own."""
    if "portions" in given:
        return given["kind"], tuple(sorted(map(tuple, given["portions"])))
    return tuple(given.values())


Told = tuple[str, str, Given, list[str], str, AnswerSpec]
"""The story, its question, the data, the steps, the answer and its kind."""


def _strength(rng: random.Random, name: str) -> Told:
    while True:
        first, second = rng.randint(2, 20), rng.randint(2, 20)
        p, q = rng.sample(range(2, 81), 2)
        if (first * p + second * q) % (first + second) == 0:
            break
    what, answer = rng.choice(SOLUTES), (first * p + second * q) // (first + second)
    story = (
        f"{name} pours {first} litres of a solution with {p}% {what} and {second} litres of a solution "
        f"with {q}% {what} into one bucket."
    )
    whole = first * p + second * q
    lines = [
        f"{first} * {p} = {first * p} and {second} * {q} = {second * q} hundredths of a litre of {what}.",
        f"({first * p} + {second * q})/({first} + {second}) = {whole}/{first + second} = {answer}",
    ]
    asked = f"What percentage of the mixture is {what}?"
    given = {"kind": "strength", "portions": [[first, p], [second, q]]}
    return story, asked, given, lines, f"{answer}%", PERCENTAGE


def _price(rng: random.Random, name: str) -> Told:
    while True:
        first, second = rng.randint(2, 40), rng.randint(2, 40)
        p, q = (25 * number for number in rng.sample(range(8, 100), 2))
        if (first * p + second * q) % (first + second) == 0 and first != second:
            break
    what, cents = rng.choice(GOODS), (first * p + second * q) // (first + second)
    whole = first * p + second * q
    story = (
        f"{name} mixes {first} kg of {what} at {dollars(p)} per kg with {second} kg of {what} at "
        f"{dollars(q)} per kg."
    )
    lines = [
        f"The first part costs {first} * {dollars(p)} = {dollars(first * p)}.",
        f"The second part costs {second} * {dollars(q)} = {dollars(second * q)}.",
        f"Together: {dollars(first * p)} + {dollars(second * q)} = {dollars(whole)} for {first} + {second} "
        f"= {first + second} kg.",
        f"One kg costs {dollars(whole)}/{first + second} = {dollars(cents)}.",
    ]
    asked = "How much does 1 kg of the mixture cost? Answer in dollars, like $3.25."
    given = {"kind": "price", "portions": [[first, p], [second, q]]}
    return story, asked, given, lines, dollars(cents), QUANTITY


def _addition(rng: random.Random, name: str) -> Told:
    while True:
        amount, p, q, r = rng.randint(4, 90), rng.randint(0, 80), rng.randint(0, 100), rng.randint(2, 90)
        if min(p, q) < r < max(p, q) and amount * (r - p) % (q - r) == 0:
            added = amount * (r - p) // (q - r)
            if 2 <= added <= 200:
                break
    what = rng.choice(SOLUTES)
    other = "pure water" if q == 0 else f"pure {what}" if q == 100 else f"a solution with {q}% {what}"
    first = "pure water" if p == 0 else f"a solution with {p}% {what}"
    story = f"{name} has {amount} litres of {first} and wants a mixture with {r}% {what} by adding {other}."
    left = " + ".join([*([f"{amount} * {p}"] if p else []), *([linear([(q, "x")])] if q else [])])
    whole = amount * p + q * added
    lines = [
        f"Let x litres be added. Counted in hundredths of a litre of {what}:",
        f"{left} = {r}({amount} + x)",
        f"{linear([(amount * p, ''), (q, 'x')])} = {r * amount} + {r}x",
        f"{grouped(q - r)} * x = {r * amount} - {amount * p} = {r * amount - amount * p}, so x = {added}.",
        f"Check: {added} + {amount} = {amount + added} litres with {whole} hundredths, and "
        f"{whole}/{amount + added} = {r}.",
    ]
    given = {"kind": "addition", "amount": amount, "strength": p, "added": q, "wanted": r}
    return story, "How many litres must be added?", given, lines, str(added), INTEGER


def _recipe(rng: random.Random, name: str) -> Told:
    while True:
        whole, p, q, r = rng.randint(20, 200), rng.randint(3, 50), rng.randint(15, 97), rng.randint(4, 95)
        if p < r < q and whole * (q - r) % (q - p) == 0:
            break
    first = whole * (q - r) // (q - p)
    what, asks_first = rng.choice(SOLUTES), rng.random() < 0.5
    answer, wanted = (first, p) if asks_first else (whole - first, q)
    story = (
        f"{name} wants {whole} litres of a mixture with {r}% {what} and has two solutions, one with {p}% "
        f"and one with {q}% {what}."
    )
    lines = [
        f"Let x litres be of the {p}% solution, so {whole} - x are of the {q}% solution.",
        f"In hundredths of a litre of {what}: {p}x + {q}({whole} - x) = {r} * {whole}.",
        f"{p}x + {q * whole} - {q}x = {r * whole}",
        f"{q * whole} - {r * whole} = {q}x - {p}x",
        f"{(q - r) * whole} = {q - p} * x, so x = {first}.",
        *([] if asks_first else [f"The {q}% solution makes up {whole} - {first} = {whole - first} litres."]),
    ]
    asked = f"How many litres of the {wanted}% solution are needed?"
    given = {"kind": "recipe", "whole": whole, "low": p, "high": q, "wanted": r, "asked": wanted}
    return story, asked, given, lines, str(answer), INTEGER


def _replacement(rng: random.Random, name: str) -> Told:
    size, tenths, times = rng.randint(2, 12), rng.randint(1, 9), rng.randint(3, 4)
    start, fill = rng.randint(10, 90), rng.choice((0, 0, *range(5, 60)))
    if fill == start:
        fill = 0
    what, tank, drawn = rng.choice(SOLUTES), 10 * size, size * tenths
    other = f"a solution with {fill}% {what}" if fill else "pure water"
    story = (
        f"{name} has a tank with {tank} litres of a solution with {start}% {what}, draws off {drawn} "
        f"litres, fills the tank up with {other} and stirs well. {name} does this "
        f"{('three', 'four')[times - 3]} times in all."
    )
    stays = 10 - tenths
    lines = [f"Each time {drawn}/{tank} = {tenths}/10 of the solution is replaced and {stays}/10 stays."]
    units, places = start, 0
    for turn in range(1, times + 1):
        before = decimal(units, places)
        kept, new = units * stays, fill * tenths * 10**places
        units, places = kept + new, places + 1
        parts = f"{stays}/10 * {before}"
        if fill:
            parts += f" + {tenths}/10 * {fill} = {decimal(kept, places)} + {decimal(new, places)}"
        lines.append(f"After filling up time {turn}: {parts} = {decimal(units, places)} percent {what}.")
    asked = f"What percentage of the liquid in the tank is {what} at the end? Give the exact percentage."
    given = {
        "kind": "replacement",
        "tank": tank,
        "drawn": drawn,
        "times": times,
        "start": start,
        "fill": fill,
    }
    return story, asked, given, lines, f"{decimal(units, places)}%", PERCENTAGE


@mixture.proof
def _mixture(given: Given) -> str:
    import sympy

    kind, x = given["kind"], sympy.Symbol("x")
    if kind in ("strength", "price"):
        (first, p), (second, q) = given["portions"]
        (value,) = sympy.solve(first * (x - p) + second * (x - q), x)
        return f"{value}%" if kind == "strength" else f"${int(value) // 100}.{int(value) % 100:02}"
    if kind == "addition":
        amount, p, q, r = (given[name] for name in ("amount", "strength", "added", "wanted"))
        return str(sympy.solve(amount * (p - r) + x * (q - r), x)[0])
    if kind == "recipe":
        whole, p, q, r = (given[name] for name in ("whole", "low", "high", "wanted"))
        y = sympy.Symbol("y")
        solution = sympy.solve([x + y - whole, p * x + q * y - r * whole], [x, y])
        return str(solution[x if given["asked"] == p else y])
    tank, drawn = given["tank"], given["drawn"]
    litres = Fraction(tank * given["start"], 100)
    for _ in range(given["times"]):
        litres += Fraction(drawn * given["fill"], 100) - litres * drawn / tank
    units = litres / tank * 100 * 10**4
    if units.denominator != 1:
        raise ValueError("the percentage has more than four places")
    return f"{units.numerator // 10**4}.{units.numerator % 10**4:04}%"


@mixture.variants
def _mixture_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The plain mean of the two, without regard to how much there is of each."""
    if given["kind"] != "strength":
        return [], []
    (first, p), (second, q) = given["portions"]
    return [], [f"{decimal(5 * (p + q), 1)}%"] if first != second else []
