"""Conditional probability: tables of counts, tests for a condition, bags chosen at random.

Constructions use the multiplication and addition rules and Bayes' theorem; proofs count people one by one
or go through equally likely outcomes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import LOWEST, final, plus, shown, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import listing

ROWS = ("adults", "teenagers", "children")
COLUMNS = ("tea", "coffee", "juice", "water")
TABLES = {1: (2, 2, 2, 20), 2: (2, 2, 21, 60), 3: (3, 3, 2, 30), 4: (3, 4, 2, 30), 5: (3, 4, 31, 60)}
"""Per level: rows, columns, and the numbers in the table, from and to."""
ASKED = {
    1: ("column",),
    2: ("column given row",),
    3: ("row given column",),
    4: ("row given two",),
    5: ("two given not",),
}


@family(
    name="two_way_table",
    wordings=(
        "Everyone in a group chose one drink: {table}. One of {whom} is picked at random. What is the "
        "probability "
        "that this person {event}? " + LOWEST,
        "In a survey each person named one drink: {table}. Pick one of {whom} at random and find the "
        "probability "
        "that the person {event}. " + LOWEST,
        "A group was asked for a drink, one each: {table}. How likely is it that someone picked at "
        "random from "
        "{whom} {event}? " + LOWEST,
    ),
)
def two_way_table(rng: random.Random, level: int) -> Problem:
    """A conditional probability from a table of counts, by adding up rows and columns."""
    height, width, low, high = TABLES[level]
    counts = [[rng.randint(low, high) for _ in range(width)] for _ in range(height)]
    (asked,) = ASKED[level]
    rows, columns = rng.sample(ROWS, height), rng.sample(COLUMNS, width)
    named = [*columns, *columns]
    whom, event, picks = {
        "column": (
            "all the people",
            f"chose {columns[0]}",
            [range(height), range(width), range(height), [0]],
        ),
        "column given row": (f"the {rows[0]}", f"chose {columns[0]}", [[0], range(width), [0], [0]]),
        "row given column": (
            f"those who chose {columns[0]}",
            f"is one of the {rows[0]}",
            [range(height), [0], [0], [0]],
        ),
        "row given two": (
            f"those who chose {columns[0]} or {columns[1]}",
            f"is one of the {rows[0]}",
            [range(height), [0, 1], [0], [0, 1]],
        ),
        "two given not": (
            f"those who did not choose {columns[0]}",
            f"is not one of the {rows[0]} and chose {named[1]} or {named[2]}",
            [range(height), range(1, width), range(1, height), [1, 2]],
        ),
    }[asked]
    every, more = _added(counts, picks[0], picks[1])
    good, work = _added(counts, picks[2], picks[3])
    value = Fraction(good, every)
    only = ["The person is one of these, so nobody else counts."] if level > 1 else []
    lines = [f"Number of {whom}: {more}.", *only, f"Of these, the number wanted: {work}."]
    table = [
        f"of the {name}, "
        f"{listing([f'{number} chose {drink}' for number, drink in zip(line, columns, strict=True)])}"
        for name, line in zip(rows, counts, strict=True)
    ]
    return Problem(
        question=two_way_table.ask(rng, table="; ".join(table), whom=whom, event=event),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join([*lines, final(shown(good, every), value)]),
        given={"counts": counts, "asked": asked},
        key=("two_way_table", asked, *(number for line in counts for number in line)),
    )


def _added(counts: list[list[int]], rows: Sequence[int], columns: Sequence[int]) -> tuple[int, str]:
    numbers = [counts[row][column] for row in rows for column in columns]
    return sum(numbers), f"{plus(numbers)} = {sum(numbers)}" if len(numbers) > 1 else str(numbers[0])


@two_way_table.proof
def _two_way_table(given: Given) -> str:
    """Every person as a pair of a row and a column, counted one by one."""
    people = [
        (row, column)
        for row, line in enumerate(given["counts"])
        for column, number in enumerate(line)
        for _ in range(number)
    ]
    condition, event = {
        "column": (lambda p: True, lambda p: p[1] == 0),
        "column given row": (lambda p: p[0] == 0, lambda p: p[1] == 0),
        "row given column": (lambda p: p[1] == 0, lambda p: p[0] == 0),
        "row given two": (lambda p: p[1] < 2, lambda p: p[0] == 0),
        "two given not": (lambda p: p[1] != 0, lambda p: p[0] != 0 and p[1] in (1, 2)),
    }[given["asked"]]
    left = list(filter(condition, people))
    return str(Fraction(sum(map(event, left)), len(left)))


@two_way_table.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    counts = given["counts"]
    total = sum(map(sum, counts))
    return [], wrong(
        answer, Fraction(counts[0][0], total), Fraction(sum(counts[0]), total), 1 - Fraction(answer)
    )


@family(
    name="bayes_test",
    wordings=(
        "{story} A person {picked}. What is the probability that this person {event}? " + LOWEST,
        "{story} Someone chosen at random {picked}. Find the probability that the person {event}. " + LOWEST,
        "{story} If a randomly chosen person {picked}, how likely is it that the person {event}? " + LOWEST,
    ),
)
def bayes_test(rng: random.Random, level: int) -> Problem:
    """What a test says about a condition, by Bayes' theorem in numbers of people."""
    ill = rng.choice((1, 2, 5, 10, 20, 25, 40, 50)) if level < 3 else rng.randint(1, 30)
    right, false = rng.randint(70, 99), rng.randint(1, 20)
    if level < 3:
        right, false = rng.choice(range(50, 100, 10)), rng.choice((5, 10, 15, 20, 25, 30))
    if level > 2 and not right % 10 and not false % 5:
        right -= 1  # keeps the round numbers of the lower levels out
    times_tested = 2 if level == 5 else 1
    asked = {
        1: "positive",
        2: "ill given positive",
        3: "ill given positive",
        4: "healthy given negative",
    }.get(level, "ill given two")
    story = f"{ill}% of a population have a disease. A test is positive for {right}% of those who have "
    story += f"it and for {false}% of those who do not."
    if times_tested == 2:
        story += " The test is done twice; for any given person the two results are independent."
    twice = " both times" if times_tested == 2 else ""
    picked = "is tested" if level == 1 else f"tests {'negative' if level == 4 else 'positive'}{twice}"
    event = {1: "tests positive", 4: "does not have the disease"}.get(level, "has the disease")
    value, lines = _tested(level, ill, right, false)
    given = {"ill": ill, "positive_if_ill": right, "positive_if_not": false, "asked": asked}
    return Problem(
        question=bayes_test.ask(rng, story=story, picked=picked, event=event),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given=given,
        key=("bayes_test", asked, ill, right, false),
    )


def _tested(level: int, ill: int, right: int, false: int) -> tuple[Fraction, list[str]]:
    """Of so many people, how many have the result in question, with the disease and without."""
    tests = 2 if level == 5 else 1
    people = 100 ** (1 + tests)
    outcome = "negative" if level == 4 else "positive both times" if level == 5 else "positive"
    hit, alarm = (100 - right, 100 - false) if level == 4 else (right, false)
    sick, well = ill * people // 100, (100 - ill) * people // 100
    lines = [f"Take {people} people. {ill}% of them, {sick}, have the disease; {well} do not."]
    if level == 5:
        lines.append("The two results are independent, so their shares are multiplied.")
    elif level == 4:
        lines.append(
            f"Negative results: 100% - {right}% = {hit}% of the ill and 100% - {false}% = "
            f"{alarm}% of the others."
        )
    sick, well = (number * share**tests // 100**tests for number, share in ((sick, hit), (well, alarm)))
    lines.append(f"Of the ill, {_share(hit, tests)} test {outcome}: {sick}.")
    lines.append(f"Of the others, {_share(alarm, tests)} test {outcome}: {well}.")
    total = sick + well
    if level == 1:
        value = Fraction(total, people)
        lines.append(f"Together {sick} + {well} = {total} test positive.")
        return value, [*lines, final(shown(total, people), value)]
    if level > 2:
        lines.append(f"Only those who test {outcome} count.")
    wanted = well if level == 4 else sick
    lines.append(f"So {sick} + {well} = {total} people test {outcome}.")
    return Fraction(wanted, total), [*lines, final(f"{wanted}/{total}", Fraction(wanted, total))]


def _share(percent: int, times_tested: int) -> str:
    return f"{percent}%" if times_tested == 1 else f"{percent}% of {percent}%"


@bayes_test.proof
def _bayes_test(given: Given) -> str:
    """The ratio of two sums over the four or more branches of the tree."""
    asked, tests = given["asked"], 2 if given["asked"] == "ill given two" else 1
    branches: dict[tuple[bool, int], Fraction] = {}
    for ill, share in ((True, given["ill"]), (False, 100 - given["ill"])):
        chance = Fraction(given["positive_if_ill" if ill else "positive_if_not"], 100)
        results = {0: Fraction(share, 100)}
        for _ in range(tests):
            after: dict[int, Fraction] = {}
            for positive, weight in results.items():
                after[positive + 1] = after.get(positive + 1, 0) + weight * chance
                after[positive] = after.get(positive, 0) + weight * (1 - chance)
            results = after
        branches |= {(ill, positive): weight for positive, weight in results.items()}
    if asked == "positive":
        return str(branches[True, 1] + branches[False, 1])
    seen = 0 if asked == "healthy given negative" else tests
    wanted = branches[asked != "healthy given negative", seen]
    return str(wanted / (branches[True, seen] + branches[False, seen]))


@bayes_test.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    right, ill = Fraction(given["positive_if_ill"], 100), Fraction(given["ill"], 100)
    return [], wrong(answer, right, ill, right * ill, 1 - Fraction(answer))


BAGS = {1: (2, 2, 9), 2: (2, 2, 12), 3: (3, 2, 10), 4: (2, 2, 10), 5: (3, 2, 10)}
"""Per level: how many bags, and how many balls of a colour, from and to."""


@family(
    name="bags_and_dice",
    wordings=(
        "{story} What is the probability that {event}? " + LOWEST,
        "{story} Find the probability that {event}. " + LOWEST,
        "{story} How likely is it that {event}? " + LOWEST,
    ),
)
def bags_and_dice(rng: random.Random, level: int) -> Problem:
    """A ball from a bag chosen by a coin or a die, forwards and backwards, or a ball moved between bags."""
    number, low, high = BAGS[level]
    bags = [[rng.randint(low, high), rng.randint(low, high)] for _ in range(number)]
    faces = [3, 3] if number == 2 else [2, 2, 2]
    if level in (2, 3, 5):
        faces = rng.choice([[1, 5], [2, 4]] if number == 2 else [[1, 2, 3], [1, 1, 4], [3, 1, 2]])
    two = level == 5
    moved = level == 4
    names = ("A", "B", "C")
    contents = listing(
        [
            f"bag {name} holds {red} red and {blue} blue balls"
            for name, (red, blue) in zip(names, bags, strict=False)
        ]
    )
    story = contents[0].upper() + contents[1:] + ". "
    if moved:
        story += (
            "A ball is moved at random from bag A to bag B without looking; then a ball is drawn "
            "at random from bag B."
        )
        event = "the ball drawn from bag B is red"
        value, lines = _moved(bags)
    else:
        story += (
            f"{_choice_text(faces, names, level == 1)} From the chosen bag "
            f"{'two balls are' if two else 'one ball is'} drawn at random"
        )
        story += ", without replacement." if two else "."
        backwards = level in (3, 5)
        event = "the ball is red"
        if backwards:
            seen = "Both balls turn out to be red." if two else "The ball turns out to be red."
            story, event = f"{story} {seen}", f"{'they' if two else 'it'} came from bag A"
        value, lines = _chosen_bag(bags, faces, two, backwards)
    return Problem(
        question=bags_and_dice.ask(rng, story=story, event=event),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"bags": bags, "faces": faces, "balls": 1 + two, "moved": moved, "backwards": level in (3, 5)},
        key=("bags_and_dice", level, *faces, *(number for bag in bags for number in bag)),
    )


def _choice_text(faces: list[int], names: tuple[str, ...], coin: bool) -> str:
    if coin:
        return "A fair coin is tossed: heads means bag A and tails bag B."
    start, parts = 1, []
    for face, name in zip(faces, names, strict=False):
        numbers = (
            f"{start}"
            if face == 1
            else f"{start} to {start + face - 1}"
            if face > 2
            else f"{start} or {start + 1}"
        )
        parts.append(f"bag {name} for {numbers}")
        start += face
    return f"A fair die with faces 1 to 6 is rolled to choose a bag: {listing(parts)}."


def _chosen_bag(
    bags: list[list[int]], faces: list[int], two: bool, backwards: bool
) -> tuple[Fraction, list[str]]:
    parts, lines = [], []
    for name, (red, blue), face in zip("ABC", bags, faces, strict=False):
        total = red + blue
        chance = Fraction(red * (red - 1), total * (total - 1)) if two else Fraction(red, total)
        draw = f"{red}/{total} * {red - 1}/{total - 1}" if two else f"{red}/{total}"
        parts.append(Fraction(face, 6) * chance)
        lines.append(
            f"Bag {name}, then red{' twice' if two else ''}: {Fraction(face, 6)} * {draw} = {parts[-1]}"
        )
    total_chance = sum(parts, start=Fraction(0))
    if not backwards:
        return total_chance, [*lines, final(plus(parts), total_chance)]
    lines.append(f"All ways to see red{' twice' if two else ''}: {plus(parts)} = {total_chance}")
    value = parts[0] / total_chance
    return value, [
        *lines,
        "The share of bag A in this is",
        final(f"{parts[0]} / ({total_chance}) = {parts[0]} * {1 / total_chance}", value),
    ]


def _moved(bags: list[list[int]]) -> tuple[Fraction, list[str]]:
    (red, blue), (there, other) = bags
    total, below = red + blue, there + other + 1
    lines = [f"Bag B then holds {there + other} + 1 = {below} balls."]
    parts = [Fraction(red * (there + 1), total * below), Fraction(blue * there, total * below)]
    lines.append(
        f"A red ball moved, then red: {red}/{total} * {there + 1}/{below} = "
        f"{red * (there + 1)}/{total * below}"
    )
    lines.append(
        f"A blue ball moved, then red: {blue}/{total} * {there}/{below} = {blue * there}/{total * below}"
    )
    lines.append("These two cases exclude each other and are all there are, so the probabilities are added.")
    value = sum(parts, start=Fraction(0))
    return value, [
        *lines,
        final(
            f"({red * (there + 1)} + {blue * there})/{total * below} = "
            f"{red * (there + 1) + blue * there}/{total * below}",
            value,
        ),
    ]


@bags_and_dice.proof
def _bags_and_dice(given: Given) -> str:
    """Equally likely outcomes, counted: faces and balls, each bag's draws weighted to one common number."""
    bags = [["red"] * red + ["blue"] * blue for red, blue in given["bags"]]
    if given["moved"]:
        draws = [(moved, ball) for moved in bags[0] for ball in [*bags[1], moved]]
        return str(Fraction(sum(ball == "red" for _, ball in draws), len(draws)))
    outcomes = []
    for bag in bags:
        if given["balls"] == 1:
            outcomes.append([ball == "red" for ball in bag])
        else:
            outcomes.append([a == b == "red" for i, a in enumerate(bag) for j, b in enumerate(bag) if i != j])
    common = lcm(*map(len, outcomes))
    red = [face * sum(bag) * (common // len(bag)) for face, bag in zip(given["faces"], outcomes, strict=True)]
    return str(Fraction(red[0], sum(red)) if given["backwards"] else Fraction(sum(red), 6 * common))


@bags_and_dice.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    red, all_balls = sum(bag[0] for bag in given["bags"]), sum(map(sum, given["bags"]))
    return [], wrong(answer, Fraction(red, all_balls), 1 - Fraction(answer), Fraction(answer) / 2)
