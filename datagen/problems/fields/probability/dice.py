"""Dice and spinners: sums, differences, and the largest number shown.

Constructions count favourable outcomes row by row; proofs list all outcomes.
"""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import LOWEST, final, plus, times, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import counted, listing

SIDES = (4, 6, 8, 10, 12, 20)
SUMS = {1: (2, "exactly"), 2: (2, ""), 3: (3, "exactly"), 4: (3, ""), 5: (4, "")}
"""Per level: how many dice, and what is asked of their sum; at least or at most where nothing is said."""


def _dice_text(dice: list[int]) -> str:
    """`2 dice with 6 faces and 1 die with 8 faces`, numbered from 1."""
    kinds = sorted(set(dice))
    return listing([f"{counted(dice.count(kind), 'die', 'dice')} with {kind} faces" for kind in kinds])


@cache
def _ways(dice: tuple[int, ...]) -> Counter[int]:
    """How many outcomes have each sum, one die after the other."""
    ways = Counter({0: 1})
    for sides in dice:
        after: Counter[int] = Counter()
        for total, number in ways.items():
            for face in range(1, sides + 1):
                after[total + face] += number
        ways = after
    return ways


@family(
    name="dice_sum",
    wordings=(
        "{Dice} are rolled, all fair and each numbered from 1 up. What is the probability that the sum is "
        "{event}? " + LOWEST,
        "Someone rolls {dice}. Every die is fair and its faces are numbered from 1 up. Find the probability "
        "of a sum of {event}. " + LOWEST,
        "You roll {dice}, each fair and numbered from 1 up. How likely is it that the numbers add up to "
        "{event}? " + LOWEST,
    ),
)
def dice_sum(rng: random.Random, level: int) -> Problem:
    """The probability of a sum of dice, by counting outcomes with the last die fixed."""
    number, relation = SUMS[level]
    relation = relation or rng.choice(("at least", "at most"))
    largest = {2: 6, 3: 5, 4: 4}[number]
    dice = sorted((rng.choice(SIDES[:largest]) for _ in range(number)), reverse=level == 3)
    low, high = number, sum(dice)
    if relation == "exactly":
        target = rng.randint(low, high)
    else:
        depth = rng.randint(*{2: (1, 6), 4: (6, 14), 5: (7, 15)}[level])
        target = low + depth if relation == "at most" else high - depth
    wanted = {"exactly": [target], "at least": range(target, high + 1), "at most": range(low, target + 1)}[
        relation
    ]
    total = prod(dice)
    count, lines = _sum_lines(dice, list(wanted))
    value = Fraction(count, total)
    return Problem(
        question=dice_sum.ask(
            rng,
            dice=_dice_text(dice),
            Dice=_dice_text(dice),
            event=f"{relation} {target}",
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(
            [
                f"There are {times(dice)} = {total} equally likely outcomes.",
                *lines,
                f"The probability is {final(f'{count}/{total}', value)}",
            ]
        ),
        given={"dice": dice, "relation": relation, "target": target},
        key=("dice_sum", *sorted(dice), relation, target),
    )


def _sum_lines(dice: list[int], wanted: list[int]) -> tuple[int, list[str]]:
    """The outcomes with a wanted sum: for two dice sum by sum, for more by the number on the last die."""
    ways = _ways(tuple(dice))
    if len(dice) == 2:
        parts = [ways[total] for total in wanted]
        lines = []
        for total in wanted:
            first = [face for face in range(1, dice[0] + 1) if 1 <= total - face <= dice[1]]
            pairs = ", ".join(f"({face}, {total - face})" for face in first)
            lines.append(f"Sum {total}: {pairs}, {counted(len(first), 'outcome')}.")
        return sum(parts), [*lines, *([f"{plus(parts)} = {sum(parts)}"] if len(parts) > 1 else [])]
    before = _ways(tuple(dice[:-1]))
    others = "two" if len(dice) == 3 else "three"
    lines, parts = [], []
    for face in range(1, dice[-1] + 1):
        left = sum(before[total - face] for total in wanted)
        if left:
            rest = [total - face for total in wanted if before[total - face]]
            sums = f"{rest[0]}" if len(rest) == 1 else f"{rest[0]} to {rest[-1]}"
            parts.append(left)
            lines.append(f"Last die {face}: the other {others} must give {sums}, {counted(left, 'outcome')}.")
    return sum(parts), [*lines, *([f"{plus(parts)} = {sum(parts)}"] if len(parts) > 1 else [])]


@dice_sum.proof
def _dice_sum(given: Given) -> str:
    test = {"exactly": int.__eq__, "at least": int.__ge__, "at most": int.__le__}[given["relation"]]
    rolls = list(product(*(range(1, sides + 1) for sides in given["dice"])))
    return str(Fraction(sum(test(sum(roll), given["target"]) for roll in rolls), len(rolls)))


@dice_sum.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    value, sums = Fraction(answer), sum(given["dice"]) - len(given["dice"]) + 1
    return [], wrong(answer, 1 - value, Fraction(1, sums), value / 2)


SPINNERS = {1: (1, 4, 20), 2: (2, 4, 15), 3: (3, 4, 12), 4: (2, 9, 12), 5: (2, 13, 20)}
"""Per level: how many spinners, and how many sectors one has, from and to."""
EVENTS = {
    1: ("divisible", "above"),
    2: ("largest", "smallest"),
    3: ("both",),
    4: ("difference", "larger", "difference at most", "product"),
    5: ("product", "difference at most", "difference"),
}


@family(
    name="spinners",
    wordings=(
        "{Spinners}; all sectors are equally likely. What is the probability that {event}? " + LOWEST,
        "{Spinners}, and every sector is equally likely. Find the probability that {event}. " + LOWEST,
        "How likely is it that {event}, if {spinners}, with equally likely sectors? " + LOWEST,
    ),
)
def spinners(rng: random.Random, level: int) -> Problem:
    """The probability of an event about one to three spinners, by counting favourable outcomes."""
    number, low, high = SPINNERS[level]
    while True:
        sizes = [rng.randint(low, high) for _ in range(number)]
        event = rng.choice(EVENTS[level])
        numbers = _event_numbers(rng, event, sizes)
        count, lines = _favourable(event, sizes, numbers)
        if 0 < count < prod(sizes):
            break
    total = prod(sizes)
    value = Fraction(count, total)
    text = _spinners_text(sizes)
    first = f"There are {times(sizes)} = {total}" if number > 1 else f"There are {total}"
    ordered = sizes if event == "larger" else sorted(sizes)
    return Problem(
        question=spinners.ask(
            rng, spinners=text, Spinners=text[0].upper() + text[1:], event=_event_text(event, numbers)
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(
            [
                f"{first} equally likely outcomes.",
                *lines,
                f"The probability is {final(f'{count}/{total}', value)}",
            ]
        ),
        given={"sizes": sizes, "event": event, "numbers": numbers},
        key=("spinners", event, *ordered, *numbers),
    )


def _spinners_text(sizes: list[int]) -> str:
    if len(sizes) == 1:
        return f"a spinner has {sizes[0]} sectors numbered 1 to {sizes[0]} and is spun once"
    names = ("first", "second", "third")
    parts = [f"the {name} has sectors 1 to {size}" for name, size in zip(names, sizes, strict=False)]
    return f"{'two' if len(sizes) == 2 else 'three'} spinners are spun, of which {listing(parts)}"


def _event_numbers(rng: random.Random, event: str, sizes: list[int]) -> list[int]:
    smallest, largest = min(sizes), max(sizes)
    if event == "divisible":
        return sorted(rng.sample(range(2, 7), 2))
    if event == "above":
        return [rng.randint(1, largest - 1), rng.randint(2, 6)]
    if event == "difference":
        return [rng.randint(1, largest - 1)]
    if event == "difference at most":
        return [rng.randint(2, 6)]
    if event == "product":
        return [rng.randint(3, 10)]
    if event == "both":
        low = rng.randint(1, smallest - 1)
        return [low, rng.randint(low + 1, largest)]
    return (
        [rng.randint(2, largest - 1 if event == "largest" else smallest)]
        if event in ("largest", "smallest")
        else []
    )


def _event_text(event: str, numbers: list[int]) -> str:
    return {
        "divisible": "the number is divisible by {0} or by {1} (or both)",
        "above": "the number is greater than {0} or divisible by {1} (or both)",
        "difference": "the two numbers differ by exactly {0}",
        "difference at most": "the two numbers differ by at most {0}",
        "larger": "the first number is larger than the second",
        "product": "the product of the two numbers is divisible by {0}",
        "largest": "the larger of the two numbers (or both, if they are equal) is exactly {0}",
        "smallest": "the smaller of the two numbers (or both, if they are equal) is exactly {0}",
        "both": "the smallest of the three numbers is exactly {0} and the largest exactly {1}",
    }[event].format(*numbers)


def _favourable(event: str, sizes: list[int], numbers: list[int]) -> tuple[int, list[str]]:
    """The favourable outcomes: a list, a count for each first number, or boxes of numbers in a range."""
    if event in ("divisible", "above"):
        if event == "divisible":
            parts = [[n for n in range(1, sizes[0] + 1) if n % numbers[0] == 0 or n % numbers[1] == 0]]
        else:
            parts = [[n for n in range(1, sizes[0] + 1) if n > numbers[0] or n % numbers[1] == 0]]
        return len(parts[0]), [
            f"Favourable: {', '.join(map(str, parts[0]))}, that is {len(parts[0])} of them."
        ]
    if event in ("largest", "smallest", "both"):
        return _between_faces(event, sizes, numbers)
    lines, counts = [], []
    for first in range(1, sizes[0] + 1):
        fits = [second for second in range(1, sizes[1] + 1) if _pair_fits(event, first, second, numbers)]
        if fits:
            counts.append(len(fits))
            row = str(fits[0]) if len(fits) == 1 else _numbers_text(fits)
            lines.append(f"First {first}: second {row} ({len(fits)}).")
    return sum(counts), [*lines, f"Favourable: {plus(counts)} = {sum(counts)}"]


def _numbers_text(numbers: list[int]) -> str:
    """`3, 4 and 9`, or `3 to 9` where none is missing."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return listing([str(number) for number in numbers], "or")


def _pair_fits(event: str, first: int, second: int, numbers: list[int]) -> bool:
    if event == "difference":
        return abs(first - second) == numbers[0]
    if event == "difference at most":
        return abs(first - second) <= numbers[0]
    return first > second if event == "larger" else first * second % numbers[0] == 0


def _between_faces(event: str, sizes: list[int], numbers: list[int]) -> tuple[int, list[str]]:
    """Numbers with a given smallest or largest, from how many lie in a range."""
    n = numbers[-1]

    def inside(low: int, high: int) -> tuple[int, str]:
        faces = [max(0, min(size, high) - low + 1) for size in sizes]
        return prod(faces), f"{times(faces)} = {prod(faces)}"

    if event == "largest":
        upto, work = inside(1, n)
        below, less = inside(1, n - 1)
        lines = [f"All numbers at most {n}: {work}.", f"All at most {n - 1}: {less}."]
        return upto - below, [*lines, f"Largest exactly {n}: {upto} - {below} = {upto - below}"]
    top = max(sizes)
    if event == "smallest":
        upto, work = inside(n, top)
        above, less = inside(n + 1, top)
        lines = [f"All numbers at least {n}: {work}.", f"All at least {n + 1}: {less}."]
        return upto - above, [*lines, f"Smallest exactly {n}: {upto} - {above} = {upto - above}"]
    low = numbers[0]
    parts = [inside(low, n), inside(low + 1, n), inside(low, n - 1), inside(low + 1, n - 1)]
    lines = [f"All numbers from {low} to {n}: {parts[0][1]}.", f"Without the number {low}: {parts[1][1]}."]
    lines += [f"Without the number {n}: {parts[2][1]}.", f"Without both: {parts[3][1]}."]
    count = parts[0][0] - parts[1][0] - parts[2][0] + parts[3][0]
    lines.append("By inclusion and exclusion, with both numbers present:")
    return count, [*lines, f"{parts[0][0]} - {parts[1][0]} - {parts[2][0]} + {parts[3][0]} = {count}"]


@spinners.proof
def _spinners(given: Given) -> str:
    """All outcomes, one by one."""
    first, *others = given["numbers"] or [0]
    test = {
        "divisible": lambda spin: not spin[0] % first or not spin[0] % others[0],
        "above": lambda spin: spin[0] > first or not spin[0] % others[0],
        "difference": lambda spin: max(spin) - min(spin) == first,
        "difference at most": lambda spin: max(spin) - min(spin) <= first,
        "larger": lambda spin: spin[0] > spin[1],
        "product": lambda spin: not prod(spin) % first,
        "largest": lambda spin: max(spin) == first,
        "smallest": lambda spin: min(spin) == first,
        "both": lambda spin: (min(spin), max(spin)) == (first, others[0]),
    }[given["event"]]
    spins = list(product(*(range(1, size + 1) for size in given["sizes"])))
    return str(Fraction(sum(map(test, spins)), len(spins)))


@spinners.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    value, total = Fraction(answer), prod(given["sizes"])
    return [], wrong(answer, 1 - value, value + Fraction(1, total), value - Fraction(1, total))
