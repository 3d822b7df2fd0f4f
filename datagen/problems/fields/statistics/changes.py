"""Statistics: means of parts and wholes: missing values, changes, groups, weights.

Constructions know the values and add them up; the proofs solve for the unknown with sympy or average lists.
"""

from __future__ import annotations

import random
from fractions import Fraction

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.statistics.data import EXACT, drawn, exact, summed
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER, RATIONAL
from datagen.problems.text import boxed, capitalized, listing

STORIES = (
    ("{name} wrote {count} tests", "marks", 30, 100),
    ("{name} paid {count} electricity bills, in dollars", "bills", 20, 95),
    ("{name} timed {count} runs, in minutes", "times", 18, 75),
    ("{name} weighed {count} pumpkins, in kg", "weights", 3, 40),
    ("{name} counted the visitors of a museum on {count} days", "counts", 60, 400),
)
MISSING = {1: (3, 4), 2: (5, 6), 3: (8, 10), 4: (8, 10), 5: (9, 12)}
"""Per level: how many values are known. Two are missing at level 4, three at level 5."""


@family(
    name="missing_value_for_mean",
    wordings=(
        "{opening}. The mean of all {count} {noun} is {mean}, and {known} of them are {values}. "
        "{condition}What is {asked}?",
        "{opening}. Of the {noun}, {known} are still known: {values}. All {count} together have the mean "
        "{mean}. {condition}Find {asked}.",
        "{opening}, and the {count} {noun} have an average of {mean}. Here are {known} of them: {values}. "
        "{condition}Work out {asked}.",
    ),
)
def missing_value_for_mean(rng: random.Random, level: int) -> Problem:
    """The value that is missing from a list whose mean is known, worked through the total."""
    opening, noun, low, high = rng.choice(STORIES)
    gaps = [rng.randint(2, 15) for _ in range(max(0, level - 3))]
    while True:
        known = drawn(rng, rng.randint(*MISSING[level]), low, high)
        missing = [rng.randint(low, high)]
        for gap in gaps:
            missing.append(missing[-1] + gap)
        total, count = sum(known) + sum(missing), len(known) + len(missing)
        if 2 * total % count == 0:
            break
    mean = exact(Fraction(total, count))
    rest, answer = total - sum(known), str(missing[-1])
    lines = [f"The total is {count} * {mean} = {total}."]
    lines.append(f"The known {noun} add up to {summed(known)} = {sum(known)}.")
    lines.append(f"So {total} - {sum(known)} = {rest} is missing.")
    condition, asked = "", "the missing one"
    if level == 4:
        condition, asked = (
            f"Of the two that are missing, one is {gaps[0]} more than the other. ",
            "the larger one",
        )
        lines.append(f"For the larger one, x + (x - {gaps[0]}) = {rest}, so 2x = {rest + gaps[0]}.")
    if level == 5:
        first, second = gaps
        condition = f"Of the three that are missing, the middle one is {first} more than the smallest, "
        condition += f"and the largest is {second} more than the middle one. "
        asked = "the largest one"
        lines.append(f"The largest one, x, satisfies x + (x - {second}) + (x - {first + second}) = {rest}.")
        lines.append(f"So 3x = {rest} + {first + 2 * second} = {rest + first + 2 * second}.")
    person = someone(rng).name
    return Problem(
        question=missing_value_for_mean.ask(
            rng,
            opening=opening.format(name=person, count=count),
            count=count,
            noun=noun,
            mean=mean,
            known=len(known),
            values=listing(list(map(str, known))),
            condition=condition,
            asked=asked,
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"{asked[0].upper()}{asked[1:]} is {boxed(answer)}"]),
        given={"known": known, "count": count, "mean": str(Fraction(total, count)), "gaps": gaps},
        key=("missing_value_for_mean", total, *gaps, *sorted(known)),
    )


@missing_value_for_mean.proof
def _missing_value_for_mean(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    missing = [x]
    for gap in reversed(given["gaps"]):
        missing.append(missing[-1] - gap)
    equation = (
        sympy.Rational(given["mean"]) - sum([*given["known"], *missing], sympy.Integer(0)) / given["count"]
    )
    (solution,) = sympy.solve(equation, x)
    return str(solution)


CHANGES = {1: (4, 9, 1, 0), 2: (10, 15, 1, 1), 3: (12, 24, 2, 1), 4: (15, 30, 2, 1), 5: (20, 40, 3, 2)}
"""Per level: how many values there are at first, from and to, how many are added and how many taken away.
From level 4 on, one value is corrected too."""
LISTS = (
    ("The {count} members of a chess club have a mean age of {mean} years.", "ages", 14, 80),
    ("{count} crates of apples have a mean weight of {mean} kg.", "weights", 12, 40),
    ("The {count} houses in a street have a mean height of {mean} meters.", "heights", 5, 30),
    ("{count} songs on a playlist have a mean length of {mean} seconds.", "lengths", 120, 320),
)


@family(
    name="mean_after_change",
    wordings=(
        "{story} {change} What is the mean of the {noun} now? " + EXACT,
        "{story} {change} Find the new mean of the {noun}. " + EXACT,
        "Someone keeps a list of {noun}. {story} {change} Compute the mean of the list after this. " + EXACT,
    ),
)
def mean_after_change(rng: random.Random, level: int) -> Problem:
    """The mean after values are added, taken away or corrected, worked through the total."""
    least, most, adding, removing = CHANGES[level]
    count = rng.randint(least, most)
    story, noun, low, high = LISTS[int(rng.random() * len(LISTS))]
    mean = rng.randint(low + (high - low) // 4, high - (high - low) // 4)
    added, removed = drawn(rng, adding, low, high), drawn(rng, removing, low, high)
    while set(added) & set(removed):
        added = drawn(rng, adding, low, high)
    wrong = rng.sample(range(low, high + 1), 2) if level > 3 else []
    total, changes = count * mean, []
    lines = [f"At first the total is {count} * {mean} = {total}."]
    if wrong:
        changes.append(
            f"One value was recorded as {wrong[0]} but should have been {wrong[1]}, which is corrected."
        )
        lines.append(f"Corrected, it is {total} - {wrong[0]} + {wrong[1]} = {total + wrong[1] - wrong[0]}.")
        total += wrong[1] - wrong[0]
    if removed:
        changes.append(f"{_of_values(removed)} removed from the list.")
        after = total - sum(removed)
        lines.append(f"Without what is removed it is {summed([total, *(-v for v in removed)])} = {after}.")
        total = after
    changes.append(f"{_of_values(added)} added to the list.")
    lines.append(f"With what is added it is {summed([total, *added])} = {total + sum(added)}.")
    total += sum(added)
    final = count + len(added) - len(removed)
    answer = exact(Fraction(total, final))
    lines.append(f"Now there are {final} values, and the mean is {total} / {final} = {boxed(answer)}")
    key = (count, mean, len(added), sum(added), sum(removed), wrong[1] - wrong[0] if wrong else 0, level > 3)
    return Problem(
        question=mean_after_change.ask(
            rng, story=story.format(count=count, mean=mean), change=" ".join(changes), noun=noun
        ),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines),
        given={"count": count, "mean": mean, "added": added, "removed": removed, "wrong": wrong},
        key=("mean_after_change", len(removed), *key),
    )


def _of_values(values: list[int]) -> str:
    """`A value of 3 is`, `Values of 3 and 4 are`."""
    if len(values) == 1:
        return f"A value of {values[0]} is"
    return f"Values of {listing(list(map(str, values)))} are"


@mean_after_change.proof
def _mean_after_change(given: Given) -> str:
    from statistics import mean

    count, average = given["count"], given["mean"]
    gone = [*given["removed"], *given["wrong"][:1]]
    others = count - len(gone)
    values = [Fraction(count * average - sum(gone), others)] * others
    values += [Fraction(value) for value in [*given["wrong"][1:], *given["added"]]]
    return str(mean(values))


GROUPS = {1: 2, 2: 2, 3: 3, 4: 4, 5: 5}
"""Per level: how many groups. At levels 4 and 5 the mean of one group is unknown, that of the whole known."""
PLACES = (
    ("class", "students", "marks", 40, 95),
    ("team", "runners", "times in minutes", 25, 70),
    ("farm", "cows", "weights in tens of kg", 45, 75),
    ("branch", "workers", "ages", 20, 60),
)


def _groups(rng: random.Random, level: int, low: int, high: int) -> tuple[list[int], list[Fraction]]:
    """The sizes of the groups and their means, with halves above level 1; no two alike."""
    count, scale = GROUPS[level], 2 if level > 1 else 1
    while True:
        sizes = [rng.randint(3, 15) if level == 1 else rng.randint(4, 40) for _ in range(count)]
        if level > 3:
            total = rng.choice((50, 100))
            cuts = sorted(rng.sample(range(1, total), count - 1))
            sizes = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
        means = [Fraction(rng.randint(low * scale, high * scale), scale) for _ in range(count)]
        fits = min(sizes) > 2 and (level != 2 or max(sizes) > 15)
        if fits and len(set(sizes)) == count and len(set(means)) == count:
            return sizes, means


@family(
    name="combined_mean",
    wordings=(
        "The {what} of {people} are compared. {groups} {asked} " + EXACT,
        "These are mean {what} of {people} in groups of different sizes. {groups} {asked} " + EXACT,
        "Mind the sizes of these groups of {people}; the means are of their {what}. {groups} {asked} "
        + EXACT,
    ),
)
def combined_mean(rng: random.Random, level: int) -> Problem:
    """The mean of groups put together, or of one group from that of all, worked through the totals."""
    place, people, what, low, high = PLACES[int(rng.random() * len(PLACES))]
    sizes, means = _groups(rng, level, low, high)
    number, known = sum(sizes), len(sizes) if level < 4 else len(sizes) - 1
    totals = [size * mean for size, mean in zip(sizes, means, strict=True)]
    total = sum(totals, Fraction(0))
    whole = total / number
    texts, lines = [], []
    for letter, size, mean, part in list(zip("PQRST", sizes, means, totals, strict=False))[:known]:
        texts.append(f"The {size} {people} of {place} {letter} have a mean of {exact(mean)}.")
        lines.append(f"{place.capitalize()} {letter}: {size} * {exact(mean)} = {exact(part)}")
    if level < 4:
        answer = exact(whole)
        asked = f"What is the mean of all {number} {people} together?"
        lines.append(f"Together: {' + '.join(map(exact, totals))} = {exact(total)} for {number} {people}.")
        lines.append(f"The mean is {exact(total)} / {number} = {boxed(answer)}")
    else:
        last = f"{place} {'PQRST'[known]}"
        answer = exact(means[-1])
        texts.append(f"Then there are the {sizes[-1]} {people} of {last}.")
        texts.append(f"All {number} {people} together have a mean of {exact(whole)}.")
        asked = f"What is the mean of {last}?"
        lines.append(f"All together: {number} * {exact(whole)} = {exact(total)}")
        minus = " - ".join(map(exact, totals[:-1]))
        lines.append(f"Left for {last}: {exact(total)} - {minus} = {exact(totals[-1])}")
        lines.append(f"The mean there is {exact(totals[-1])} / {sizes[-1]} = {boxed(answer)}")
    pairs = sorted((size, int(2 * mean)) for size, mean in zip(sizes, means, strict=True))
    return Problem(
        question=combined_mean.ask(rng, groups=" ".join(texts), asked=asked, what=what, people=people),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines),
        given={
            "sizes": sizes,
            "means": [str(mean) for mean in means[:known]],
            "whole": str(whole) if level > 3 else None,
        },
        key=("combined_mean", sizes[-1] if level > 3 else 0, *pairs),
    )


@combined_mean.proof
def _combined_mean(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    sizes, means = given["sizes"], [sympy.Rational(mean) for mean in given["means"]]
    if given["whole"] is None:
        shares = [sympy.Rational(size, sum(sizes)) for size in sizes]
        return str(sum((share * mean for share, mean in zip(shares, means, strict=True)), sympy.Integer(0)))
    parts = sum((size * mean for size, mean in zip(sizes, [*means, x], strict=True)), sympy.Integer(0))
    (solution,) = sympy.solve(parts - sympy.Rational(given["whole"]) * sum(sizes), x)
    return str(solution)


@combined_mean.variants
def _mean_of_means(given: Given, answer: str) -> tuple[list[str], list[str]]:
    if given["whole"] is not None:
        return [], []
    means = [Fraction(mean) for mean in given["means"]]
    wrong = sum(means, Fraction(0)) / len(means)
    return [], [str(wrong)] if wrong != Fraction(answer) else []


WEIGHTS = {1: 2, 2: 3, 3: 4, 4: 4, 5: 5}
"""Per level: how many parts a grade has. At levels 4 and 5 the grade is known and one mark is not."""
PARTS = ("homework", "midterm exam", "final exam", "project", "oral presentation")


@family(
    name="weighted_mean",
    wordings=(
        "The final grade of a course is a weighted mean. {weights} {marks} {asked}",
        "{weights} These are the weights in the final grade. {marks} {asked}",
        "In a course the parts of the final grade count differently. {weights} {marks} {asked}",
    ),
)
def weighted_mean(rng: random.Random, level: int) -> Problem:
    """A final grade from weighted parts, or the mark that is needed for a grade, worked with the weights."""
    count = WEIGHTS[level]
    known = count if level < 4 else count - 1
    name = someone(rng).name
    while True:
        cuts = sorted(rng.sample(range(1, 20), count - 1))
        weights = [5 * (b - a) for a, b in zip([0, *cuts], [*cuts, 20], strict=True)]
        if len(set(weights)) > 1:
            break
    marks, parts = drawn(rng, count, 45, 100), rng.sample(PARTS, count)
    shares = [Fraction(weight * mark, 100) for weight, mark in zip(weights, marks, strict=True)]
    whole = sum(shares, Fraction(0))
    lines = [
        f"{part.capitalize()}: {exact(Fraction(weight, 100))} * {mark} = {exact(share)}"
        for part, weight, mark, share in list(zip(parts, weights, marks, shares, strict=True))[:known]
    ]
    added = " + ".join(map(exact, shares[:known]))
    if level < 4:
        asked, answer = "What is the final grade, not rounded?", exact(whole)
        lines.append(f"The grade is {added} = {boxed(answer)}")
    else:
        asked = f"Which mark in the {parts[-1]} makes the final grade exactly {exact(whole)}?"
        answer = str(marks[-1])
        lines.append(f"So far this is {added} = {exact(whole - shares[-1])}.")
        lines.append(f"Missing: {exact(whole)} - {exact(whole - shares[-1])} = {exact(shares[-1])}")
        lines.append(
            f"The mark is {exact(shares[-1])} / {exact(Fraction(weights[-1], 100))} = {boxed(answer)}"
        )
    counts = listing([f"the {part} counts {weight}%" for part, weight in zip(parts, weights, strict=True)])
    results = listing(
        [f"{mark} in the {part}" for part, mark in list(zip(parts, marks, strict=True))[:known]]
    )
    pairs = sorted(zip(weights[:known], marks[:known], strict=True))
    return Problem(
        question=weighted_mean.ask(
            rng, weights=f"{capitalized(counts)}.", marks=f"{name} has {results}.", asked=asked
        ),
        answer=answer,
        spec=RATIONAL,
        solution="\n".join(lines),
        given={"weights": weights, "marks": marks[:known], "grade": str(whole) if level > 3 else None},
        key=("weighted_mean", int(100 * whole) if level > 3 else 0, *pairs),
    )


@weighted_mean.proof
def _weighted_mean(given: Given) -> str:
    import sympy

    x = sympy.Symbol("x")
    if given["grade"] is None:
        repeated = [
            mark for weight, mark in zip(given["weights"], given["marks"], strict=True) for _ in range(weight)
        ]
        return str(sympy.Rational(sum(repeated), len(repeated)))
    marks = [*given["marks"], x]
    total = sum(
        (weight * mark for weight, mark in zip(given["weights"], marks, strict=True)), sympy.Integer(0)
    )
    (solution,) = sympy.solve(total - 100 * sympy.Rational(given["grade"]), x)
    return str(solution)
