"""Inclusion and exclusion: numbers divisible by some of several others, hats for the wrong people.

Constructions add and subtract overlaps; proofs count one by one.
"""

from __future__ import annotations

import random
from itertools import combinations
from math import comb, factorial, lcm, perm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import choosing, falling, plus, reached, wrong
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, counted, listing

RANGES = {1: (20, 100), 2: (101, 500), 3: (200, 1000), 4: (1001, 3000), 5: (3001, 9000)}
DIVISORS = {1: (2, 2, 9), 2: (2, 4, 15), 3: (3, 2, 12), 4: (3, 4, 15), 5: (4, 2, 15)}
"""Per level: how many divisors, from and to."""
ASKED = {
    1: ("at least one",),
    2: ("at least one", "neither"),
    3: ("at least one", "neither"),
    4: ("exactly one", "neither"),
    5: ("at least one", "neither"),
}


@family(
    name="divisible_by_some",
    wordings=(
        "How many integers from 1 to {n}, both included, are {asked}?",
        "Count the integers x with 1 <= x <= {n} that are {asked}.",
        "Among the first {n} positive integers, how many are {asked}?",
    ),
)
def divisible_by_some(rng: random.Random, level: int) -> Problem:
    """Integers divisible by some, none or exactly one of given numbers, by inclusion and exclusion."""
    count, low, high = DIVISORS[level]
    while True:
        divisors = sorted(rng.sample(range(low, high + 1), count))
        if all(b % a for a, b in combinations(divisors, 2)):
            break
    n = rng.randint(*RANGES[level])
    asked = rng.choice(ASKED[level])
    answer, lines = _overlaps(n, divisors, asked)
    names = listing(list(map(str, divisors)), "or")
    text = {
        "at least one": f"divisible by at least one of the numbers {names.replace(' or ', ' and ')}",
        "neither": f"not divisible by {names}"
        if count > 2
        else f"divisible by neither {divisors[0]} nor {divisors[1]}",
        "exactly one": f"divisible by exactly one of the numbers {names.replace(' or ', ' and ')}",
    }[asked]
    if asked == "neither" and count > 2:
        text = f"divisible by not one of the numbers {names.replace(' or ', ' and ')}"
    return Problem(
        question=divisible_by_some.ask(rng, n=n, asked=text),
        answer=str(answer),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(answer))}"]),
        given={"n": n, "divisors": divisors, "asked": asked},
        key=("divisible_by_some", n, *divisors, asked),
    )


def _overlaps(n: int, divisors: list[int], asked: str) -> tuple[int, list[str]]:
    lines, sums = [], []
    for number in range(1, len(divisors) + 1):
        counts = []
        for chosen in combinations(divisors, number):
            multiple = lcm(*chosen)
            counts.append(n // multiple)
            by = f"{chosen[0]}" if number == 1 else f"{listing(list(map(str, chosen)))}, so by {multiple}"
            lines.append(f"Divisible by {by}: {n // multiple}")
        sums.append(sum(counts))
        if len(counts) > 1:
            lines[-1] += f". Sum: {plus(counts)} = {sums[-1]}"
    if asked == "exactly one":
        weights = [(-1) ** place * (place + 1) for place in range(len(sums))]
        parts = [f"{'-' if w < 0 else '+'} {abs(w)} * {s}" for w, s in zip(weights, sums, strict=True)]
        answer = sum(w * s for w, s in zip(weights, sums, strict=True))
        lines.append(
            "A number with exactly two of the divisors is in two of the first counts and must go twice."
        )
        lines.append(
            "One with all three is in three first counts and three second counts: 3 - 2 * 3 + 3 = 0."
        )
        return answer, [*lines, f"{' '.join([str(sums[0]), *parts[1:]])} = {answer}"]
    signed = " ".join(f"{'-' if place % 2 else '+'} {value}" for place, value in enumerate(sums))[2:]
    answer = sum((-1) ** place * value for place, value in enumerate(sums))
    lines.append(f"{capitalized('at least one')} of them: {signed} = {answer}")
    if asked == "neither":
        return n - answer, [*lines, f"The others: {n} - {answer} = {n - answer}"]
    return answer, lines


@divisible_by_some.proof
def _divisible_by_some(given: Given) -> str:
    fits = {"at least one": lambda k: k > 0, "neither": lambda k: k == 0, "exactly one": lambda k: k == 1}
    test, divisors = fits[given["asked"]], given["divisors"]
    return str(sum(test(sum(not x % d for d in divisors)) for x in range(1, given["n"] + 1)))


@divisible_by_some.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    n, divisors = given["n"], given["divisors"]
    return [], wrong(answer, sum(n // d for d in divisors), n - int(answer), n // lcm(*divisors))


HATS = {1: (3, 11, 0, 0), 2: (2, 5, 1, 9), 3: (3, 8, 0, 6), 4: (4, 8, 0, 6), 5: (4, 8, 0, 5)}
"""Per level: how many people, from and to, and how many hats that belong to nobody, from and to."""


@family(
    name="derangements",
    wordings=(
        "{story} In how many ways can this happen so that {condition}?",
        "{story} Count the ways in which {condition}.",
        "{story} Of all the possible outcomes, in how many is it true that {condition}?",
    ),
)
def derangements(rng: random.Random, level: int) -> Problem:
    """Hats that get to their own or to other people, by choosing the right ones and excluding the others."""
    few, many, least, most = HATS[level]
    while True:
        people, spare = rng.randint(few, many), rng.randint(least, most)
        women = people if level < 3 else rng.randint(1, people - 1)
        men = rng.randint(1, people - women) if level == 5 else 0
        mode = "exactly" if level < 4 else rng.choice(("at least", "at most"))
        right = rng.randint(0, women - (level < 3) - (mode == "at most"))
        numbers = {
            "exactly": [right],
            "at least": list(range(right, women + 1)),
            "at most": list(range(right + 1)),
        }
        taken = numbers[mode]
        if (mode != "at least" or right) and len(taken) <= 4 and (level < 4 or len(taken) > 1):
            break
    count, lines = _hats_text(people, spare, women, men, taken)
    if not count or (level == 1 and right == people - 1):
        return derangements.construct(rng, level)
    story, condition = _hats_words(people, spare, women, men, mode, right)
    return Problem(
        question=derangements.ask(rng, story=story, condition=condition),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={"people": people, "spare": spare, "women": women, "men": men, "mode": mode, "right": right},
        key=("derangements", people, spare, women, men, mode, right),
    )


def _hats_words(people: int, spare: int, women: int, men: int, mode: str, right: int) -> tuple[str, str]:
    everyone = f"{people} guests"
    if women < people:
        children = people - women - men
        groups = [(women, "woman", "women"), (men, "man", "men"), (children, "child", "children")]
        everyone = listing([counted(*group) for group in groups if group[0]])
    others = f" together with {counted(spare, 'hat')} of somebody else" if spare else ""
    story = (
        f"{capitalized(everyone)} have left their different hats at a cloakroom. In the dark everyone takes "
    )
    story += f"one hat from there{others and ', where their own hats lie' + others}."
    who, his = ("guest", "their") if women == people else ("woman", "her")
    if mode == "exactly" and not right:
        condition = f"no {who} takes {his} own hat"
    elif women == people:
        condition = f"{mode} {counted(right, 'guest')} {'takes' if right == 1 else 'take'} their own hat"
    else:
        condition = f"{mode} {right} of the women {'takes her' if right == 1 else 'take their'} own hat"
    condition += "s" if condition.endswith("take their own hat") else ""
    return story, condition + (" and no man takes his own hat" if men else "")


def _hats_text(people: int, spare: int, women: int, men: int, taken: list[int]) -> tuple[int, list[str]]:
    lines, totals = [], []
    if not spare and women == people:
        right = taken[0]
        left = people - right
        lines = [f"Choose who takes the own hat: {choosing(people, right)}."] if right else []
        lines.append(
            f"The other {left} must all be wrong: D({left}) ways, with D(0) = 1, D(1) = 0 and "
            "D(n) = (n - 1)(D(n - 1) + D(n - 2))."
        )
        values = [1, 0]
        for n in range(2, left + 1):
            values.append((n - 1) * (values[-1] + values[-2]))
        lines.append(", ".join(f"D({n}) = {values[n]}" for n in range(2, left + 1)))
        count = comb(people, right) * values[left]
        return count, [*lines, f"{comb(people, right)} * {values[left]} = {count}"] if right else lines
    for right in taken:
        wrong_ones, seats = women - right + men, people - right
        ways, work = _all_wrong(wrong_ones, seats, seats + spare)
        totals.append(comb(women, right) * ways)
        chosen = f"{right} right: {choosing(women, right)} for who they are. " if right else ""
        if not wrong_ones:
            lines.append(f"{chosen}The others take any hats: {reached(work, ways)}.")
        else:
            others = f"{counted(wrong_ones, 'person', 'people')}"
            line = f"{chosen}Then {others} must be wrong; {seats} take one of {counted(seats + spare, 'hat')}"
            if len(taken) == 1:
                free = _by_number_right(wrong_ones, seats, seats + spare)
                line += f". With i given ones of them right, the rest have so many ways: {free}"
            lines.append(f"{line}. By inclusion and exclusion {reached(work, ways)}.")
        if len(taken) > 1:
            lines[-1] += f" That makes {comb(women, right)} * {ways} = {totals[-1]}."
    if women < people:
        lines.insert(0, "Whether anyone else takes the right hat does not matter.")
    if len(taken) > 1:
        return sum(totals), [*lines, f"{plus(totals)} = {sum(totals)}"]
    return totals[0], [
        *lines,
        f"{comb(women, taken[0])} * {totals[0] // comb(women, taken[0])} = {totals[0]}",
    ]


def _by_number_right(wrong_ones: int, seats: int, hats: int) -> str:
    """`i = 0: 5 * 4 = 20, i = 1: 4`: the ways to give hats to everyone but i people who have theirs."""
    ways = []
    for right in range(wrong_ones + 1):
        free = perm(hats - right, seats - right)
        ways.append(f"i = {right}: {reached(falling(hats - right, seats - right) or '1', free)}")
    return ", ".join(ways)


def _all_wrong(wrong_ones: int, seats: int, hats: int) -> tuple[int, str]:
    """Ways to give different hats to `seats` people so that `wrong_ones` given ones are all wrong."""
    ways, work = 0, ""
    for excluded in range(wrong_ones + 1):
        times_each = comb(wrong_ones, excluded)
        free = perm(hats - excluded, seats - excluded)
        ways += (-1) ** excluded * times_each * free
        sign = "" if not excluded else " - " if excluded % 2 else " + "
        work += f"{sign}{f'{times_each} * ' if times_each > 1 else ''}{free}"
    return ways, work


@derangements.proof
def _derangements(given: Given) -> str:
    """Person by person: which of the own hats are gone, and how many women were right."""
    people, spare, women, men = (given[name] for name in ("people", "spare", "women", "men"))
    fits = {"exactly": int.__eq__, "at least": int.__ge__, "at most": int.__le__}[given["mode"]]
    if not spare and women == people:  # build the permutations by putting one more person into the cycles
        fixed = {0: 1}
        for size in range(people):
            after: dict[int, int] = {}
            for own, ways in fixed.items():
                for now, times_each in ((own + 1, 1), (own, size - own), (own - 1, own)):
                    after[now] = after.get(now, 0) + ways * times_each
            fixed = after
        return str(sum(ways for own, ways in fixed.items() if fits(own, given["right"])))
    states = {(0, 0): 1}
    for person in range(people):
        later: dict[tuple[int, int], int] = {}
        for (gone, right), ways in states.items():
            for hat in range(people):
                if gone >> hat & 1 or (hat == person and women <= person < women + men):
                    continue
                state = (gone | 1 << hat, right + (hat == person < women))
                later[state] = later.get(state, 0) + ways
            nobody = spare - (person - gone.bit_count())
            if nobody:
                later[gone, right] = later.get((gone, right), 0) + ways * nobody
        states = later
    return str(sum(ways for (_, right), ways in states.items() if fits(right, given["right"])))


@derangements.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    people, hats = given["people"], given["people"] + given["spare"]
    return [], wrong(answer, factorial(people), perm(hats, people), perm(hats, people) - int(answer))
