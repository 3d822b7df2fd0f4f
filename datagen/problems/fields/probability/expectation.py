"""Expected values and variances: wheels of fortune, distributions given by a table, waiting times.

Constructions weight values with probabilities and add waiting times stage by stage; proofs average over
equally likely outcomes or solve the equations of the states.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import EXACT, final, plus, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import counted, grouped, listing

GAMES = {1: (2, 3, 8), 2: (2, 5, 9), 3: (4, 1, 5), 4: (5, 1, 6), 5: (5, 1, 6)}
"""Per level: how many prizes there are, and how many sectors a prize has, from and to."""


@family(
    name="fair_game",
    wordings=(
        "{story} {question} " + EXACT,
        "Here is a game. {story} {question} Show how you find it. " + EXACT,
        "At a fair you can play this game: {story} {question} " + EXACT,
    ),
)
def fair_game(rng: random.Random, level: int) -> Problem:
    """The expected gain at a wheel of fortune, a prize that makes it fair, a second spin for the lucky."""
    number, low, high = GAMES[level]
    sectors = [rng.randint(low, high) for _ in range(number)]
    points = rng.sample(range(0 if level > 1 else 1, 31), number)
    fee = rng.randint(1, 15) if level > 1 else 0
    if level == 4:
        points[0] = 0  # the prize that is asked for
        if fee * sum(sectors) <= sum(s * p for s, p in zip(sectors, points, strict=True)):
            return fair_game.construct(rng, level)
    prizes = [
        f"{count} {'is' if count == 1 else 'are'} worth {counted(point, 'point')}"
        for count, point in zip(sectors, points, strict=True)
    ]
    if level == 4:
        prizes[0] = prizes[0].replace("0 points", "x points")
    cost = f" A spin costs {counted(fee, 'point')}." if fee else ""
    story = f"A wheel has {sum(sectors)} equally likely sectors, of which {listing(prizes)}.{cost}"
    question = {
        1: "What is the expected number of points won in one spin?",
        4: "For which number x is the game fair, so that a spin pays on average exactly what it costs?",
    }.get(level, "What is the expected gain, the points won minus the cost (negative for a loss)?")
    if level == 5:
        story += (
            f" Whoever gets {counted(max(points), 'point')} spins once more for free and also wins what the "
        )
        story += "second spin pays; there is no third spin."
    value, lines = _game_lines(level, sectors, points, fee)
    return Problem(
        question=fair_game.ask(rng, story=story, question=question),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={
            "sectors": sectors,
            "points": [None, *points[1:]] if level == 4 else points,
            "cost": fee,
            "find_first_prize": level == 4,
            "second_spin": level == 5,
        },
        key=(
            "fair_game",
            level,
            *sorted(zip(sectors, points, strict=True)),
            fee,
            sectors[0] if level == 4 else 0,
        ),
    )


def _game_lines(level: int, sectors: list[int], points: list[int], fee: int) -> tuple[Fraction, list[str]]:
    every = sum(sectors)
    products = [f"{count} * {point}" for count, point in zip(sectors, points, strict=True)]
    total = sum(count * point for count, point in zip(sectors, points, strict=True))
    if level == 4:
        first = sectors[0]
        need = fee * every
        lead = "x" if first == 1 else f"{first}x"
        lines = ["The game is fair if a spin pays its cost on average."]
        lines += [f"All sectors together pay {lead} + {plus(products[1:])} = {lead} + {total}."]
        lines.append(
            f"Divided by {every} this must be {fee}, so {lead} + {total} = {fee} * {every} = {need}."
        )
        value = Fraction(need - total, first)
        lines.append(f"Subtract the known prizes: {lead} = {need} - {total} = {need - total}.")
        return value, [*lines, final(f"x = {need - total}" + (f"/{first}" if first > 1 else ""), value)]
    mean = Fraction(total, every)
    lines = [
        f"All sectors together pay {plus(products)} = {total} points.",
        "Every sector is equally likely, so divide by their number.",
    ]
    if level == 1:
        return mean, [*lines, final(f"{total}/{every}", mean)]
    lines.append(
        "On average a spin pays "
        f"{f'{total}/{every}'}{f' = {mean}' if mean.denominator < every else ''} points."
    )
    if level < 5:
        return mean - fee, [*lines, "Take away the cost:", final(f"{mean} - {fee}", mean - fee)]
    again = Fraction(sectors[points.index(max(points))], every)
    lines.append(
        f"A second spin happens with probability {again} and then pays {mean} on average: {again} * "
        f"{mean} = {again * mean}."
    )
    value = mean + again * mean - fee
    return value, [
        *lines,
        "Add this and take away the cost:",
        final(f"{mean} + {again * mean} - {fee}", value),
    ]


@fair_game.proof
def _fair_game(given: Given) -> str:
    """The mean over all sectors, or over all pairs of spins; the unknown prize from two trial values."""
    wheel = [place for place, count in enumerate(given["sectors"]) for _ in range(count)]
    points = [Fraction(point or 0) for point in given["points"]]

    def gain() -> Fraction:
        if not given["second_spin"]:
            return sum((points[place] for place in wheel), start=Fraction(0)) / len(wheel) - given["cost"]
        best, total = max(points), Fraction(0)
        for first in wheel:
            for second in wheel:
                total += points[first] + (points[second] if points[first] == best else 0)
        return total / len(wheel) ** 2 - given["cost"]

    if not given["find_first_prize"]:
        return str(gain())
    points[0] = Fraction(0)
    at_zero = gain()
    points[0] = Fraction(1)
    return str(-at_zero / (gain() - at_zero))


@fair_game.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    points, value = [point or 0 for point in given["points"]], Fraction(answer)
    return [], wrong(answer, Fraction(sum(points), len(points)), value + given["cost"], value - 1, -value)


TABLES = {1: (2, 1, 6), 2: (3, 1, 9), 3: (3, 2, 9), 4: (4, 2, 9), 5: (5, 2, 12)}
"""Per level: how many values there are, and their weights, from and to."""


@family(
    name="discrete_variance",
    wordings=(
        "A random variable X has the distribution {table}. Find the {asked} of {name}. " + EXACT,
        "X takes its values with these probabilities: {table}. What is the {asked} of {name}? " + EXACT,
        "Given {table}, compute the {asked} of the random variable {name}. " + EXACT,
    ),
)
def discrete_variance(rng: random.Random, level: int) -> Problem:
    """The mean or the variance of a variable given by its probabilities, also after a linear change."""
    number, low, high = TABLES[level]
    values = sorted(rng.sample([v for v in range(-5 if level > 1 else 1, 13) if v], number))
    weights = [rng.randint(low, high) for _ in values]
    scale, shift = (rng.choice((-3, -2, 2, 3, 4)), rng.randint(1, 9)) if level == 5 else (1, 0)
    total = sum(weights)
    chances = [Fraction(weight, total) for weight in weights]
    asked = "expected value" if level < 3 else "variance"
    table = [f"P(X = {value}) = {chance}" for value, chance in zip(values, chances, strict=True)]
    mean = sum((v * c for v, c in zip(values, chances, strict=True)), start=Fraction(0))
    products = [f"{grouped(v)} * {c}" for v, c in zip(values, chances, strict=True)]
    line = f"E(X) = {plus(products)}"
    value, lines = mean, [final(line, mean)]
    if level == 2:
        lines = [
            "Multiply each value by its probability and add:",
            final(f"{line} = {_common(values, weights)}", mean),
        ]
    if level > 2:
        square = sum((v * v * c for v, c in zip(values, chances, strict=True)), start=Fraction(0))
        variance = square - mean * mean
        squares = [f"{v * v} * {c}" for v, c in zip(values, chances, strict=True)]
        lines = [f"{line} = {mean}", f"E(X^2) = {plus(squares)} = {square}"]
        work = (
            f"Var(X) = E(X^2) - E(X)^2 = {square} - "
            f"{f'({mean})' if mean < 0 or mean.denominator > 1 else mean}^2"
        )
        value = variance * scale * scale
        lines.append(final(work, variance) if level < 5 else f"{work} = {variance}")
        if level == 5:
            lines.append(f"Adding a number changes nothing, and the factor {scale} counts squared:")
            lines.append(final(f"{scale * scale} * {variance}", value))
    return Problem(
        question=discrete_variance.ask(
            rng, table=listing(table), asked=asked, name=f"{scale}X + {shift}" if level == 5 else "X"
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={
            "values": values,
            "chances": [str(c) for c in chances],
            "asked": asked,
            "scale": scale,
            "shift": shift,
        },
        key=("discrete_variance", asked, *values, *(f"{c}" for c in chances), scale, shift),
    )


def _common(values: list[int], weights: list[int]) -> str:
    """The sum over one denominator: `(2 + 15)/8`."""
    return f"({plus(grouped(v * w) for v, w in zip(values, weights, strict=True))})/{sum(weights)}"


@discrete_variance.proof
def _discrete_variance(given: Given) -> str:
    """A population with these shares; the variance is half the mean square of all differences."""
    chances = list(map(Fraction, given["chances"]))
    size = lcm(*(chance.denominator for chance in chances))
    pairs = zip(given["values"], chances, strict=True)
    people = [(given["scale"] * value + given["shift"], int(chance * size)) for value, chance in pairs]
    if given["asked"] == "expected value":
        return str(Fraction(sum(value * count for value, count in people), size))
    squares = sum(m * n * (a - b) ** 2 for a, m in people for b, n in people)
    return str(Fraction(squares, 2 * size * size))


@discrete_variance.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    value, scale = Fraction(answer), given["scale"]
    return [], wrong(answer, value / scale, value + 1, value * 2, -value - 1)


WAITS = {1: (1, 2, 60), 2: (3, 3, 40), 3: (4, 4, 60), 4: (5, 5, 50), 5: (6, 8, 30)}
"""Per level: how many kinds are missing, from and to, and how many kinds there are at most."""


@family(
    name="waiting_for_kinds",
    wordings=(
        "{story} What is the expected number of {things} until {goal}? " + EXACT,
        "{story} How many {things} does it take on average until {goal}? " + EXACT,
        "{story} Find the expected number of {things} until {goal}. " + EXACT,
    ),
)
def waiting_for_kinds(rng: random.Random, level: int) -> Problem:
    """The mean waiting time until so many kinds have been seen, as a sum of geometric waiting times."""
    few, many, largest = WAITS[level]
    steps = rng.randint(few, many)
    kinds = rng.randint(max(4, steps + 1), largest)
    have = rng.randint(0 if steps > 1 else 1, kinds - steps)
    if level > 3:
        have = rng.randint(1, kinds - steps)
    until = have + steps
    total = sum((Fraction(kinds, kinds - seen) for seen in range(have, until)), start=Fraction(0))
    story = (
        f"Each packet holds one of {kinds} different pictures, all equally likely, independently "
        "of the other packets."
    )
    story += (
        f" Someone has {counted(have, 'different picture')} already."
        if have
        else " Someone has no picture yet."
    )
    goal = "the collection is complete" if until == kinds else f"there are {until} different pictures"
    lines = [
        f"With s different pictures, the next packet is new with probability ({kinds} - s)/{kinds}, so "
        f"it takes {kinds}/({kinds} - s) packets on average."
    ]
    if steps == 1:
        lines.append("Only one new picture is needed:")
    parts = []
    for seen in range(have, until):
        wait = Fraction(kinds, kinds - seen)
        parts.append(f"{wait}")
        lines.append(
            f"From {seen} to {seen + 1}: {kinds}/{kinds - seen}"
            + (f" = {wait}" if wait.denominator != kinds - seen else "")
        )
    lines.append(final(plus(parts), total))
    return Problem(
        question=waiting_for_kinds.ask(rng, story=story, things="further packets", goal=goal),
        answer=str(total),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"kinds": kinds, "have": have, "until": until},
        key=("waiting_for_kinds", kinds, have, until),
    )


@waiting_for_kinds.proof
def _waiting_for_kinds(given: Given) -> str:
    """Backwards from the goal: E(s) = 1 + (s/n) E(s) + (1 - s/n) E(s + 1), solved for E(s) each time."""
    expected = Fraction(0)
    for seen in range(given["until"] - 1, given["have"] - 1, -1):
        stay = Fraction(seen, given["kinds"])
        expected = (1 + (1 - stay) * expected) / (1 - stay)
    return str(expected)


@waiting_for_kinds.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    missing = given["until"] - given["have"]
    return [], wrong(answer, missing, given["kinds"], Fraction(answer) + 1, Fraction(answer) - 1)
