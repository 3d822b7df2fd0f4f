"""Drawing balls from a bag, with and without replacement.

Constructions multiply fractions or count with binomial coefficients; proofs follow every sequence of draws.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, product
from math import comb, prod

from datagen.problems.family import Family, Given, Problem, family
from datagen.problems.fields.probability.writing import LOWEST, final, plus, power, times, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import listing

HUES = ("red", "blue", "green", "white", "black")
URNS = {
    1: (2, (2, 2), 2, 12, ("order",)),
    2: (2, (2, 2), 2, 20, ("alike",)),
    3: (3, (3, 5), 2, 15, ("exactly",)),
    4: (3, (4, 6), 3, 15, ("at least",)),
    5: (4, (3, 3), 3, 14, ("all alike", "all different")),
}
"""Per level: how many colours; draws, from and to; balls of a colour, from and to; and what is asked."""


def _urn_problem(asker: Family, rng: random.Random, level: int, replaced: bool) -> Problem:
    colours, (few, many), low, high, asked = URNS[level]
    draws = rng.randint(few, many)
    counts = [rng.randint(low, high) for _ in range(colours)]
    event = rng.choice(asked)
    goal = {
        "order": [0, rng.randint(0, 1)],
        "exactly": [rng.randint(1, draws - 1)],
        "at least": [rng.randint(max(2, draws - 2), max(2, draws - 1))],
    }.get(event, [])
    if goal and event != "order":
        counts[0] = max(counts[0], draws)
    value, lines = _urn_lines(counts, event, draws, goal, replaced)
    hues = rng.sample(HUES, colours)
    named = [
        line.replace("GOOD", hues[0]).replace("SECOND", hues[goal[1]] if event == "order" else "")
        for line in lines
    ]
    text = {
        "order": f"the first ball is {hues[0]} and the second {hues[goal[1] if event == 'order' else 0]}",
        "alike": "both balls have the same colour",
        "exactly": f"exactly {goal[0] if goal else 0} of the {draws} {_is(goal)} {hues[0]}",
        "at least": f"at least {goal[0] if goal else 0} of the {draws} balls are {hues[0]}",
        "all alike": "all three balls have the same colour",
        "all different": "the three balls have three different colours",
    }[event]
    given = {"counts": counts, "draws": draws, "event": event, "goal": goal}
    pooled = [counts[0], sum(counts[1:])] if event in ("exactly", "at least", "order") else sorted(counts)
    shown = rng.sample(range(colours), colours)
    return Problem(
        question=asker.ask(
            rng,
            contents=listing([f"{counts[place]} {hues[place]}" for place in shown]),
            draws={2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}[draws],
            event=text,
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(named),
        given=given,
        key=(asker.name, *pooled, event, *goal),
    )


def _is(goal: list[int]) -> str:
    return "is" if goal == [1] else "are"


def _urn_lines(
    counts: list[int], event: str, draws: int, goal: list[int], replaced: bool
) -> tuple[Fraction, list[str]]:
    """The probability and the way to it; GOOD and SECOND stand for colours."""
    total = sum(counts)
    lines = [f"There are {total} balls in all."]
    if event == "order":
        return _order_lines(counts, goal[1], replaced, lines)
    if event == "alike":
        return _alike_lines(counts, replaced, lines)
    if event in ("all alike", "all different"):
        return _three_lines(counts, event, replaced, lines)
    good, bad = counts[0], total - counts[0]
    numbers = goal if event == "exactly" else list(range(goal[0], draws + 1))
    if replaced:
        return _binomial_lines(good, bad, draws, numbers, lines)
    below = comb(total, draws)
    lines.append("The order of the draws does not matter, so count selections of balls.")
    lines.append(
        f"{good} of them are GOOD and {bad} are not. Choose {draws} at once: C({total}, {draws}) = {below} "
        "selections."
    )
    ways = []
    for number in numbers:
        if comb(good, number) * comb(bad, draws - number) == 0:
            lines.append(f"{number} GOOD: impossible.")
            continue
        ways.append(comb(good, number) * comb(bad, draws - number))
        lines.append(
            f"{number} GOOD: C({good}, {number}) * C({bad}, {draws - number}) = "
            f"{comb(good, number)} * {comb(bad, draws - number)} = {ways[-1]}"
        )
    value = Fraction(sum(ways), below)
    work = f"({plus(ways)})/{below} = {sum(ways)}/{below}" if len(ways) > 1 else f"{ways[0]}/{below}"
    return value, [*lines, final(work, value)]


def _order_lines(
    counts: list[int], second: int, replaced: bool, lines: list[str]
) -> tuple[Fraction, list[str]]:
    total = sum(counts)
    left, below = counts[second] - (second == 0 and not replaced), total if replaced else total - 1
    again = "is put back" if replaced else "stays out"
    lines.append(
        f"The first ball is GOOD with probability {counts[0]}/{total}. It {again}, so the "
        f"second is SECOND with probability {left}/{below}."
    )
    value = Fraction(counts[0] * left, total * below)
    work = f"{counts[0]}/{total} * {left}/{below} = {counts[0] * left}/{total * below}"
    return value, [*lines, final(work, value)]


def _alike_lines(counts: list[int], replaced: bool, lines: list[str]) -> tuple[Fraction, list[str]]:
    total = sum(counts)
    rest = total if replaced else total - 1
    ways = []
    for count in counts:
        left = count if replaced else count - 1
        ways.append(count * left)
        lines.append(
            f"Both of the colour with {count} balls: {count}/{total} * {left}/{rest} = "
            f"{count * left}/{total * rest}"
        )
    value = Fraction(sum(ways), total * rest)
    return value, [*lines, final(f"({plus(ways)})/{total * rest} = {sum(ways)}/{total * rest}", value)]


def _binomial_lines(
    good: int, bad: int, draws: int, numbers: list[int], lines: list[str]
) -> tuple[Fraction, list[str]]:
    p = Fraction(good, good + bad)
    lines.append(f"Every draw is GOOD with probability p = {p} and not GOOD with probability q = {1 - p}.")
    lines.append("The draws are independent. C(n, k) counts which k of n are GOOD.")
    parts = []
    for number in numbers:
        parts.append(comb(draws, number) * p**number * (1 - p) ** (draws - number))
        rest = f" * {power(1 - p, draws - number)}" if draws > number else ""
        lines.append(f"{number} GOOD: C({draws}, {number}) * {power(p, number)}{rest} = {parts[-1]}")
    value = sum(parts, start=Fraction(0))
    return value, [*lines, final(plus(parts), value)] if len(parts) > 1 else [
        *lines[:-1],
        final(lines[-1], value),
    ]


def _three_lines(
    counts: list[int], event: str, replaced: bool, lines: list[str]
) -> tuple[Fraction, list[str]]:
    """Three balls of one colour, or of three: counted as ordered draws."""
    total = sum(counts)
    all_draws = [total] * 3 if replaced else [total, total - 1, total - 2]
    lines.append(f"The balls can be drawn in {times(all_draws)} = {prod(all_draws)} ways.")
    if event == "all alike":
        ways = []
        for count in counts:
            factors = [count] * 3 if replaced else [count, count - 1, count - 2]
            ways.append(prod(factors))
            lines.append(f"All of the colour with {count} balls: {times(factors)} = {ways[-1]}")
    else:
        ways = []
        for three in combinations(counts, 3):
            ways.append(6 * prod(three))
            lines.append(
                f"Colours with {listing([str(count) for count in three])} balls, in 6 orders: "
                f"6 * {times(three)} = {ways[-1]}"
            )
    value = Fraction(sum(ways), prod(all_draws))
    return value, [*lines, final(f"({plus(ways)})/{prod(all_draws)} = {sum(ways)}/{prod(all_draws)}", value)]


def _by_sequences(given: Given, replaced: bool) -> str:
    """The sum over every sequence of colours of the product of its probabilities."""
    counts, event, goal = given["counts"], given["event"], given["goal"]
    total = Fraction(0)
    for sequence in product(range(len(counts)), repeat=given["draws"]):
        test = {
            "order": lambda s: list(s) == goal,
            "exactly": lambda s: s.count(0) == goal[0],
            "at least": lambda s: s.count(0) >= goal[0],
            "all different": lambda s: len(set(s)) == len(s),
        }.get(event, lambda s: len(set(s)) == 1)
        if test(sequence):
            left, above, below = list(counts), 1, 1
            for colour in sequence:
                above *= left[colour]
                below *= sum(left)
                left[colour] -= not replaced
            total += Fraction(above, below)
    return str(total)


@family(
    name="balls_without_replacement",
    wordings=(
        "A bag holds {contents} balls. Without putting any back, {draws} balls are drawn at random, one "
        "after the other. What is the probability that {event}? " + LOWEST,
        "From a bag with {contents} balls, {draws} balls are taken at random and not put back. Find the "
        "probability that {event}. " + LOWEST,
        "There are {contents} balls in an urn. Someone draws {draws} of them, one by one and without "
        "replacement. How likely is it that {event}? " + LOWEST,
    ),
)
def balls_without_replacement(rng: random.Random, level: int) -> Problem:
    """Colours of balls drawn without replacement, by products or by counting selections."""
    return _urn_problem(balls_without_replacement, rng, level, replaced=False)


@balls_without_replacement.proof
def _balls_without_replacement(given: Given) -> str:
    return _by_sequences(given, replaced=False)


@balls_without_replacement.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    return [], wrong(
        answer, Fraction(_by_sequences(given, replaced=True)), 1 - Fraction(answer), Fraction(answer) / 2
    )


@family(
    name="balls_with_replacement",
    wordings=(
        "A bag holds {contents} balls. A ball is drawn at random, its colour is noted and it is put back; "
        "this is done until {draws} balls have been drawn. What is the probability that {event}? " + LOWEST,
        "From a bag with {contents} balls, {draws} balls are drawn at random one after the other, each being "
        "put back before the next draw. Find the probability that {event}. " + LOWEST,
        "There are {contents} balls in an urn. Someone draws {draws} times with replacement. How likely "
        "is it that {event}? " + LOWEST,
    ),
)
def balls_with_replacement(rng: random.Random, level: int) -> Problem:
    """Colours of balls drawn with replacement, by products or the binomial distribution."""
    return _urn_problem(balls_with_replacement, rng, level, replaced=True)


@balls_with_replacement.proof
def _balls_with_replacement(given: Given) -> str:
    return _by_sequences(given, replaced=True)


@balls_with_replacement.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    return [], wrong(
        answer, Fraction(_by_sequences(given, replaced=False)), 1 - Fraction(answer), Fraction(answer) / 2
    )
