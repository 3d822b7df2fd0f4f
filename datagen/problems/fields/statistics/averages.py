"""Statistics: means, medians, modes and quartiles of a list of values.

Constructions sort and add whole numbers; the proofs use the standard library's `statistics` on fractions.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.statistics.data import (
    EXACT,
    Setting,
    drawn,
    exact,
    setting,
    summed,
    tenths,
    told,
)
from datagen.problems.specs import RATIONAL, TUPLE
from datagen.problems.text import boxed


def _values(rng: random.Random, chosen: Setting, low: int, high: int, decimal: bool) -> list[int]:
    """From `low` to `high` values of the setting, in tenths where `decimal`."""
    scale = 10 if decimal else 1
    return drawn(rng, rng.randint(low, high), chosen.low * scale, chosen.high * scale)


MEANS = {1: (4, 5, False), 2: (6, 7, False), 3: (8, 9, False), 4: (9, 11, True), 5: (13, 16, True)}
"""Per level: how many values from and to, and whether they are tenths."""


@family(
    name="mean",
    wordings=(
        "{data} What is the mean {what}? " + EXACT,
        "{data} Find the arithmetic mean. " + EXACT,
        "{data} Compute the average {what} in this list. " + EXACT,
    ),
)
def mean_of_values(rng: random.Random, level: int) -> Problem:
    """The arithmetic mean of a list of values, at level 1 a whole number."""
    low, high, decimal = MEANS[level]
    chosen = setting(rng, decimal)
    while True:
        values = _values(rng, chosen, low, high, decimal)
        if level > 1 or sum(values) % len(values) == 0:
            break
    total, count, scale = sum(values), len(values), 10 if decimal else 1
    answer = exact(Fraction(total, count * scale))
    whole = exact(Fraction(total, scale))
    return Problem(
        question=mean_of_values.ask(rng, data=told(chosen, values, decimal), what=chosen.what),
        answer=answer,
        spec=RATIONAL,
        solution=f"The sum is {summed(values, decimal)} = {whole}.\n"
        f"There are {count} values, so the mean is {whole} / {count} = {boxed(answer)}",
        given={"values": values, "scale": scale},
        key=("mean", scale, *sorted(values)),
    )


@mean_of_values.proof
def _mean_of_values(given: Given) -> str:
    from statistics import mean

    return str(mean([Fraction(value, given["scale"]) for value in given["values"]]))


MEDIANS = {1: (5, 7, False), 2: (8, 10, False), 3: (11, 14, False), 4: (13, 15, True), 5: (17, 20, True)}
"""Per level, here and below: how many values from and to, and whether they are tenths."""


def _sorted_text(values: list[int], decimal: bool) -> str:
    return ", ".join(tenths(value) if decimal else str(value) for value in sorted(values))


def _median(ordered: list[int]) -> Fraction:
    """The median of values in order."""
    half = len(ordered) // 2
    return Fraction(ordered[half]) if len(ordered) % 2 else Fraction(ordered[half - 1] + ordered[half], 2)


def _median_line(ordered: list[int], name: str, scale: int) -> str:
    """How the median of values in order is found."""
    half, value = len(ordered) // 2, exact(_median(ordered) / scale)
    if len(ordered) % 2:
        return f"The {name} is the middle one of {len(ordered)} values, {value}."
    left, right = exact(Fraction(ordered[half - 1], scale)), exact(Fraction(ordered[half], scale))
    middle = f"halfway between the middle two of {len(ordered)} values"
    return f"The {name} is {middle}: ({left} + {right}) / 2 = {value}."


@family(
    name="median",
    wordings=(
        "{data} What is the median {what}? " + EXACT,
        "{data} Find the median. " + EXACT,
        "{data} Put the values in order. Which {what} is in the middle, that is, what is the median? "
        + EXACT,
    ),
)
def median_of_values(rng: random.Random, level: int) -> Problem:
    """The median of a list of values, worked by putting them in order."""
    low, high, decimal = MEDIANS[level]
    chosen = setting(rng, decimal)
    values = _values(rng, chosen, low, high, decimal)
    while level == 1 and len(values) % 2 == 0:
        values = _values(rng, chosen, low, high, decimal)
    scale = 10 if decimal else 1
    answer = exact(_median(sorted(values)) / scale)
    line = _median_line(sorted(values), "median", scale)
    return Problem(
        question=median_of_values.ask(rng, data=told(chosen, values, decimal), what=chosen.what),
        answer=answer,
        spec=RATIONAL,
        solution=f"In order: {_sorted_text(values, decimal)}.\n{line}\nThe median is {boxed(answer)}",
        given={"values": values, "scale": scale},
        key=("median", scale, *sorted(values)),
    )


@median_of_values.proof
def _median_of_values(given: Given) -> str:
    from statistics import median

    return str(median([Fraction(value, given["scale"]) for value in given["values"]]))


MODES = {1: (6, 7, 9), 2: (8, 10, 12), 3: (11, 14, 15), 4: (16, 19, 20), 5: (22, 26, 25)}
"""Per level: how many values from and to, and how far apart the values are at most."""


@family(
    name="mode_and_range",
    wordings=(
        "{data} Exactly one value occurs most often. Give the mode and the range as a pair (mode, range).",
        "{data} Find the mode (there is only one) and the range, largest minus smallest. Answer with a pair "
        "(mode, range).",
        "{data} One value is more frequent than every other: which, and how far apart are the smallest and "
        "the largest value? Answer (mode, range).",
    ),
)
def mode_and_range(rng: random.Random, level: int) -> Problem:
    """The one most frequent value of a list and its range, worked by counting."""
    low, high, spread = MODES[level]
    chosen = setting(rng)
    while True:
        width = min(spread, chosen.high - chosen.low)
        start = rng.randint(chosen.low, chosen.high - width)
        values = drawn(rng, rng.randint(low, high), start, start + width)
        counts = {value: values.count(value) for value in sorted(set(values))}
        most = max(counts.values())
        frequent = [value for value, times in counts.items() if times == most]
        if len(frequent) == 1:
            break
    mode, smallest, largest = frequent[0], min(values), max(values)
    answer = f"({mode}, {largest - smallest})"
    repeated = ", ".join(f"{value} ({times} times)" for value, times in counts.items() if times > 1)
    return Problem(
        question=mode_and_range.ask(rng, data=told(chosen, values)),
        answer=answer,
        spec=TUPLE,
        solution=f"In order: {_sorted_text(values, False)}.\n"
        f"More than once: {repeated}. The mode is {mode}.\n"
        f"The range is {largest} - {smallest} = {largest - smallest}.\nThe pair is {boxed(answer)}",
        given={"values": values},
        key=("mode_and_range", *sorted(values)),
    )


@mode_and_range.proof
def _mode_and_range(given: Given) -> str:
    from statistics import multimode

    (mode,) = multimode(given["values"])
    distances = [abs(a - b) for a in given["values"] for b in given["values"]]
    return f"({mode}, {max(distances)})"


@mode_and_range.variants
def _how_often(given: Given, answer: str) -> tuple[list[str], list[str]]:
    values = given["values"]
    mode, spread = answer[1:-1].split(", ")
    wrong = [f"({values.count(int(mode))}, {spread})", f"({mode}, {max(values)})", f"({mode}, {len(values)})"]
    return [], [text for text in wrong if text != answer]


QUARTILES = {1: (7, 8, False), 2: (9, 11, False), 3: (12, 15, False), 4: (14, 17, True), 5: (19, 22, True)}
METHOD = (
    "Here Q1 is the median of the lower half of the ordered values and Q3 that of the upper half; for an odd "
    "number of values the middle one belongs to neither half."
)


@family(
    name="quartiles",
    wordings=(
        "{data} "
        + METHOD
        + " Give the lower quartile, the median and the upper quartile as (Q1, median, Q3).",
        "{data} Find the three quartiles and answer with a tuple (Q1, median, Q3). " + METHOD,
        "{data} What are the first quartile, the median and the third quartile? " + METHOD + " Write them as "
        "(Q1, median, Q3).",
    ),
)
def quartiles(rng: random.Random, level: int) -> Problem:
    """The quartiles of a list of values as the medians of its halves."""
    low, high, decimal = QUARTILES[level]
    chosen = setting(rng, decimal)
    values = _values(rng, chosen, low, high, decimal)
    scale = 10 if decimal else 1
    ordered = sorted(values)
    half = len(ordered) // 2
    lower, upper = ordered[:half], ordered[-half:]
    answer = f"({', '.join(exact(_median(part) / scale) for part in (lower, ordered, upper))})"
    lines = [
        f"In order: {_sorted_text(values, decimal)}.",
        _median_line(ordered, "median", scale),
        f"The lower half is {_sorted_text(lower, decimal)}. {_median_line(lower, 'lower quartile', scale)}",
        f"The upper half is {_sorted_text(upper, decimal)}. {_median_line(upper, 'upper quartile', scale)}",
    ]
    return Problem(
        question=quartiles.ask(rng, data=told(chosen, values, decimal)),
        answer=answer,
        spec=TUPLE,
        solution="\n".join([*lines, f"The quartiles are {boxed(answer)}"]),
        given={"values": values, "scale": scale},
        key=("quartiles", scale, *sorted(values)),
    )


@quartiles.proof
def _quartiles(given: Given) -> str:
    from statistics import median

    values = sorted(Fraction(value, given["scale"]) for value in given["values"])
    size = len(values)
    lower = [value for place, value in enumerate(values) if 2 * place + 1 < size]
    upper = [value for place, value in enumerate(values) if 2 * place + 1 > size]
    return f"({median(lower)}, {median(values)}, {median(upper)})"
