"""Statistics: variance, standard deviation and z-scores.

Constructions add up squared deviations from the mean; the proofs use mean squared differences of all pairs.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.statistics.data import EXACT, Setting, drawn, exact, setting, summed, told
from datagen.problems.numbers import nonzero
from datagen.problems.people import some_people
from datagen.problems.specs import RATIONAL, REAL, TUPLE
from datagen.problems.text import boxed, surd

VARIANCES = {1: (4, 4, 8), 2: (5, 5, 14), 3: (6, 7, 20), 4: (8, 8, 25), 5: (10, 12, 40)}
"""Per level: how many values from and to, and how far apart they are at most. Up to level 2 the mean
is a whole number."""


def _spread(rng: random.Random, chosen: Setting, low: int, high: int, width: int) -> list[int]:
    """Values that lie within `width` of each other and are not all the same."""
    width = min(width, chosen.high - chosen.low)
    start = rng.randint(chosen.low, chosen.high - width)
    while True:
        values = drawn(rng, rng.randint(low, high), start, start + width)
        if len(set(values)) > 2:
            return values


def _squares(values: list[int], mean: Fraction) -> tuple[list[str], Fraction]:
    """The steps to the mean squared deviation, and its value."""
    count = len(values)
    lines = [f"The mean is ({summed(values)}) / {count} = {exact(mean)}."]
    if mean.denominator == 1:
        parts = [value - int(mean) for value in values]
        squares = [part * part for part in parts]
        total = Fraction(sum(squares))
        lines.append(f"The deviations from it are {', '.join(map(str, parts))}.")
        lines.append(f"Their squares add up to {summed(squares)} = {exact(total)}.")
        lines.append(f"The variance is {exact(total)} / {count} = {exact(total / count)}.")
        return lines, total / count
    total = Fraction(sum(value * value for value in values))
    lines.append(f"The squares add up to {' + '.join(f'{value}^2' for value in values)} = {exact(total)}.")
    variance = total / count - mean * mean
    around = exact(mean) if "/" not in exact(mean) else f"({mean})"
    difference = f"{exact(total)} / {count} - {around}^2"
    lines.append(f"The variance is the mean square minus the squared mean: {difference} = {exact(variance)}.")
    return lines, variance


@family(
    name="variance_population",
    wordings=(
        "{data} What is the variance of these values as a whole population (divide by their number)? "
        + EXACT,
        "{data} Find the population variance, the mean of the squared deviations from the mean. " + EXACT,
        "{data} Taking this list as the whole population, compute its variance. " + EXACT,
    ),
)
def variance_population(rng: random.Random, level: int) -> Problem:
    """The population variance of a list, worked by squared deviations or by squares."""
    low, high, width = VARIANCES[level]
    chosen = setting(rng)
    while True:
        values = _spread(rng, chosen, low, high, width)
        if level > 2 or sum(values) % len(values) == 0:
            break
    lines, variance = _squares(values, Fraction(sum(values), len(values)))
    answer = exact(variance)
    return Problem(
        question=variance_population.ask(rng, data=told(chosen, values)),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join([*lines, f"So it is {boxed(answer)}"]),
        given={"values": values},
        key=("variance_population", *sorted(values)),
    )


@variance_population.proof
def _variance_population(given: Given) -> str:
    from statistics import pvariance

    return str(pvariance([Fraction(value) for value in given["values"]]))


@variance_population.variants
def _sample_variance(given: Given, answer: str) -> tuple[list[str], list[str]]:
    count = len(given["values"])
    return [], [str(Fraction(answer) * count / (count - 1)), str(Fraction(answer) * count)]


DEVIATIONS = {1: (4, 4, 10), 2: (5, 5, 16), 3: (6, 7, 20), 4: (8, 8, 24), 5: (10, 11, 30)}
"""Per level: how many values from and to, and how far apart they are at most. The mean is always whole."""


@family(
    name="standard_deviation",
    wordings=(
        "{data} What is the standard deviation of the whole population (divide by the number of values)? "
        "Give the exact value; a root may stay.",
        "{data} Find the population standard deviation exactly, with a square root if it is needed.",
        "{data} Treat these values as a population and compute its standard deviation. Do not round; "
        "simplify the root.",
    ),
)
def standard_deviation(rng: random.Random, level: int) -> Problem:
    """The population standard deviation of a list with a whole mean, as a simplified root."""
    low, high, width = DEVIATIONS[level]
    chosen = setting(rng)
    while True:
        values = _spread(rng, chosen, low, high, width)
        if sum(values) % len(values) == 0:
            break
    lines, variance = _squares(values, Fraction(sum(values), len(values)))
    answer = surd(1, variance.numerator * variance.denominator, variance.denominator)
    lines.append(f"The standard deviation is sqrt({variance}) = {boxed(answer)}")
    return Problem(
        question=standard_deviation.ask(rng, data=told(chosen, values)),
        answer=answer,
        spec=REAL,
        solution="\n".join(lines),
        given={"values": values},
        key=("standard_deviation", *sorted(values)),
    )


@standard_deviation.proof
def _standard_deviation(given: Given) -> str:
    import sympy

    values = given["values"]
    pairs = sum((a - b) ** 2 for a in values for b in values)
    return str(sympy.sqrt(sympy.Rational(pairs, 2 * len(values) ** 2)))


TESTS = (("spelling test", 80, 120), ("reading test", 90, 140), ("math contest", 150, 400))


def _scores(rng: random.Random, level: int, mean: int) -> Given:
    """What is known at a level, with z-scores that are halves, fifths or quarters."""
    if level == 1:
        deviation, z = 2 * rng.randint(1, 8), Fraction(nonzero(rng, 5), 2)
        return {"find": "value", "mean": mean, "deviation": deviation, "z": str(z)}
    if level == 2:
        deviation = 5 * rng.randint(1, 4)
        shift = deviation // 5 * rng.choice([n for n in range(-14, 15) if n % 5])
        return {"find": "z", "mean": mean, "deviation": deviation, "value": mean + shift}
    deviation = 4 * rng.randint(1, 6)
    if level == 3:
        other = [rng.randint(40, 90), 2 * rng.randint(1, 7)]
        value = mean + deviation // 4 * nonzero(rng, 10)
        return {"find": "equal", "mean": mean, "deviation": deviation, "value": value, "other": other}
    quarters = sorted(rng.sample([n for n in range(-10, 11) if n], 2))
    given: Given = {
        "find": "both",
        "values": [mean + deviation * each // 4 for each in quarters],
        "z": [str(Fraction(each, 4)) for each in quarters],
    }
    if level == 5:
        third = rng.choice([n for n in range(-11, 12) if n and n not in quarters])
        given = {**given, "find": "third", "value": mean + deviation * third // 4}
    return given


@family(
    name="z_score",
    wordings=(
        "A z-score says how many standard deviations a value lies above the mean. {story}",
        "Use z = (value - mean) / (standard deviation). {story}",
        "{story} (The z-score is the distance above the mean, measured in standard deviations.)",
    ),
)
def z_score(rng: random.Random, level: int) -> Problem:
    """A z-score, a value from one, or what two values and their z-scores say about the rest."""
    people = [person.name for person in some_people(rng, 3)]
    what, low, high = TESTS[int(rng.random() * len(TESTS))]
    given = _scores(rng, level, rng.randint(low, high))
    told = _two_scores if level > 3 else _one_score
    story, lines, answer = told(given, what, people)
    return Problem(
        question=z_score.ask(rng, story=story),
        answer=answer,
        spec=TUPLE if level == 4 else RATIONAL,
        solution="\n".join(lines),
        given=given,
        key=("z_score", *(tuple(v) if isinstance(v, list) else v for v in given.values())),
    )


def _one_score(given: Given, what: str, people: list[str]) -> tuple[str, list[str], str]:
    """The story, its solution and its answer where mean and standard deviation are known."""
    mean, deviation, name = given["mean"], given["deviation"], people[0]
    story = f"In a {what} the mean is {mean} points and the standard deviation {deviation} points."
    if given["find"] == "value":
        z = Fraction(given["z"])
        answer = exact(mean + z * deviation)
        story += f" {name} has a z-score of {exact(z)}. How many points does {name} have?"
        lines = [f"The z-score stands for {_signed(z)} * {deviation} = {exact(z * deviation)}."]
        return story, [*lines, f"The value is {_sum(mean, z * deviation)} = {boxed(answer)}"], answer
    shift = given["value"] - mean
    z = Fraction(shift, deviation)
    story += f" {name} has {given['value']} points."
    lines = [f"The difference from the mean is {given['value']} - {mean} = {shift}."]
    if given["find"] == "z":
        answer = exact(z)
        lines.append(f"In standard deviations that is {shift} / {deviation} = {boxed(answer)}")
        return f"{story} What is the z-score of {name}?", lines, answer
    other, spread = given["other"]
    answer = exact(other + z * spread)
    story += f" In a second test the mean is {other} points and the standard deviation {spread} points."
    story += " How many points in the second test have the same z-score? " + EXACT
    lines.append(f"The z-score is {shift} / {deviation} = {exact(z)}.")
    lines.append(f"In the second test that stands for {_signed(z)} * {spread} = {exact(z * spread)}.")
    lines.append(f"The value is {_sum(other, z * spread)} = {boxed(answer)}")
    return story, lines, answer


def _signed(value: Fraction) -> str:
    """The value as a factor: in parentheses where it is negative or a fraction."""
    text = exact(value)
    return f"({text})" if value < 0 or "/" in text else text


def _sum(mean: int, shift: Fraction) -> str:
    return f"{mean} {'-' if shift < 0 else '+'} {exact(abs(shift))}"


def _two_scores(given: Given, what: str, people: list[str]) -> tuple[str, list[str], str]:
    """The same where they must be found from two values with their z-scores first."""
    (low, high), (first, second) = given["values"], map(Fraction, given["z"])
    deviation = (high - low) / (second - first)
    mean = low - first * deviation
    answer = f"({exact(mean)}, {exact(deviation)})"
    story = f"In a {what}, {people[0]} has {low} points and a z-score of {exact(first)}, "
    story += f"and {people[1]} has {high} points and a z-score of {exact(second)}. "
    gap, scores = high - low, exact(second - first)
    lines = [
        f"The points differ by {high} - {low} = {gap}, the z-scores by {exact(second)} - "
        f"{_signed(first)} = {scores}.",
        f"One standard deviation is {gap} / {scores} = {exact(deviation)} points.",
        f"The mean is {low} - {_signed(first)} * {exact(deviation)} = {exact(mean)}.",
        f"Check: {exact(mean)} + {_signed(second)} * {exact(deviation)} = {high}.",
    ]
    if given["find"] == "both":
        story += "What are the mean and the standard deviation of the points? "
        story += "Answer with a pair (mean, standard deviation)."
        return story, [*lines, f"The pair is {boxed(answer)}"], answer
    value = given["value"]
    answer = exact((value - mean) / deviation)
    story += f"What is the z-score of {people[2]}, who has {value} points?"
    lines.append(f"The third value differs from the mean by {value} - {exact(mean)} = {exact(value - mean)}.")
    lines.append(f"Its z-score is {exact(value - mean)} / {exact(deviation)} = {boxed(answer)}")
    return story, lines, answer


@z_score.proof
def _z_score(given: Given) -> str:
    import sympy

    def root(rule: Any) -> Any:
        (unknown,) = rule.free_symbols
        slope, constant = sympy.Poly(rule, unknown).all_coeffs()
        return -constant / slope

    x = sympy.Symbol("x")
    if given["find"] in ("both", "third"):
        scores = sympy.Matrix([[1, sympy.Rational(score)] for score in given["z"]])
        mean, deviation = scores.LUsolve(sympy.Matrix(given["values"]))
        if given["find"] == "both":
            return f"({mean}, {deviation})"
        return str(root(mean + x * deviation - given["value"]))
    mean, deviation = given["mean"], given["deviation"]
    if given["find"] == "value":
        return str(root((x - mean) / deviation - sympy.Rational(given["z"])))
    score = root(mean + x * deviation - given["value"])
    if given["find"] == "z":
        return str(score)
    other, spread = given["other"]
    return str(root((x - other) / spread - score))
