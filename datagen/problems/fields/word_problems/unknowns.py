"""Stories with a few unknown whole numbers: heads and legs, consecutive numbers, sides of fields.

The proofs try every possible number.
"""

from __future__ import annotations

import random
from itertools import product
from math import isqrt

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, linear, listing, ordinal, plural_of

SETTINGS = {  # place, what is counted in all, what each kind has; the kinds with how many of it
    1: (
        ("On a farm there are", "heads", "legs", (("hen", 2), ("goat", 4), ("duck", 2), ("cow", 4))),
        ("In a terrarium live", "animals", "legs", (("lizard", 4), ("beetle", 6), ("spider", 8))),
        ("In a repair shop stand", "vehicles", "wheels", (("bicycle", 2), ("tricycle", 3), ("cart", 4))),
        ("In a hall stand", "pieces of furniture", "legs", (("stool", 3), ("table", 4))),
    ),
    2: (
        ("In a jar lie", "coins", "cents", (("5-cent coin", 5), ("10-cent coin", 10), ("20-cent coin", 20))),
        ("A collector owns", "stamps", "cents", (("25-cent stamp", 25), ("40-cent stamp", 40))),
        ("A purse holds", "coins", "cents", (("20-cent coin", 20), ("50-cent coin", 50))),
    ),
}
HEADS = {1: (8, 30), 2: (31, 90), 3: (91, 400), 4: (20, 150), 5: (20, 150)}


@family(
    name="heads_and_legs",
    wordings=(
        "{story} {asked}",
        "{name} wrote this riddle. {story} {asked}",
        "{asked} {name} gives these hints: {story}",
        "From these facts {name} can work out the numbers. {story} {asked}",
    ),
)
def heads_and_legs(rng: random.Random, level: int) -> Problem:
    """How many of each kind, from a count and a total (and how two kinds compare), worked by exchanging."""
    low, high = HEADS[level]
    if level < 4:
        kinds, story, lines, counts = _two_kinds(rng, level, rng.randint(low, high))
        relation: list[int] = []
    else:
        kinds, story, lines, counts, relation = _three_kinds(rng, level, low, high)
    asked = rng.randrange(len(kinds))
    answer = str(counts[asked])
    worth = [each for _, each in kinds]
    heads, legs = sum(counts), sum(count * each for count, each in zip(counts, worth, strict=True))
    nouns = [plural_of(noun) for noun, _ in kinds]
    return Problem(
        question=heads_and_legs.ask(
            rng, story=story, asked=f"How many {nouns[asked]} are there?", name=someone(rng).name
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The number of {nouns[asked]} is {boxed(answer)}"]),
        given={"worth": worth, "heads": heads, "legs": legs, "relation": relation, "asked": asked},
        key=("heads_and_legs", *_kinds_key(worth, asked, relation), heads, legs),
    )


def _kinds_key(worth: list[int], asked: int, relation: list[int]) -> tuple[int, ...]:
    """Of two kinds, the one asked for first."""
    if relation:
        return (*worth, asked, *relation)
    return worth[asked], worth[1 - asked]


Kinds = list[tuple[str, int]]


def _tickets(rng: random.Random) -> tuple[str, str, str, Kinds]:
    place, noun = rng.choice((("A museum", "ticket"), ("A theatre", "ticket"), ("A ferry", "ticket")))
    child = rng.randint(3, 12)
    prices = [("child ticket", child), ("adult ticket", child + rng.randint(2, 15))]
    return f"{place} has sold", f"{noun}s", "dollars", prices


def _two_kinds(rng: random.Random, level: int, heads: int) -> tuple[Kinds, str, list[str], list[int]]:
    if level == 3:
        start, whole, unit, kinds = _tickets(rng)
    else:
        start, whole, unit, choices = rng.choice(SETTINGS[level])
        while True:
            kinds = rng.sample(choices, 2)
            if kinds[0][1] != kinds[1][1]:
                break
    (low_name, low), (high_name, high) = kinds = sorted(kinds, key=lambda kind: kind[1])
    highs = rng.randint(2, heads - 2)
    legs = highs * high + (heads - highs) * low
    lows, highs_name = plural_of(low_name), plural_of(high_name)
    each = f"{low_name} {'costs' if level == 3 else 'has'} {low} and each {high_name} {high} {unit}"
    if level == 1:
        story = f"{start} {lows} and {highs_name} and nothing else: {heads} {whole} and {legs} {unit}."
        story += f" Each {each}."
    elif level == 2:
        story = f"{start} {heads} {whole}, all of them {lows} or {highs_name}. They are worth {legs} {unit}."
    else:
        story = f"{start} {heads} {whole} for {dollars(100 * legs)} in all. Each {each}."
    lines = [
        f"If all {heads} were {lows}, there would be {heads} * {low} = {heads * low} {unit}.",
        f"That is {legs} - {heads * low} = {legs - heads * low} {unit} too few.",
        f"Each {high_name} in place of one {low_name} adds {high} - {low} = {high - low}.",
        f"So there are {legs - heads * low}/{high - low} = {highs} {highs_name}, and {heads} - {highs} = "
        f"{heads - highs} {lows}.",
    ]
    return kinds, story, lines, [heads - highs, highs]


def _three_kinds(
    rng: random.Random, level: int, low: int, high: int
) -> tuple[Kinds, str, list[str], list[int], list[int]]:
    """Three kinds with prices; level 4: the third is a multiple of the second; 5: and a number more."""
    nouns = rng.choice((("pencil", "brush", "marker"), ("tulip", "lily", "rose"), ("bun", "roll", "pie")))
    while True:
        prices = rng.sample(range(2, 15), 3)
        times, more = rng.randint(2, 4), rng.randint(2, 15) if level == 5 else 0
        second, first = rng.randint(2, 20), rng.randint(2, 60)
        third = times * second + more
        bundle = prices[1] + times * prices[2]
        if bundle != (times + 1) * prices[0] and low <= first + second + third <= high:
            break
    counts = [first, second, third]
    heads = sum(counts)
    legs = sum(count * price for count, price in zip(counts, prices, strict=True))
    a, b, c = map(plural_of, nouns)
    than = f"{more} more than {times} times" if more else f"{times} times"
    story = (
        f"Somebody buys {heads} things for {dollars(100 * legs)} in all: {a} at {dollars(100 * prices[0])} "
        f"each, {b} at {dollars(100 * prices[1])} each and {c} at {dollars(100 * prices[2])} each. The "
        f"number of {c} is {than} the number of {b}."
    )
    rest, left = heads - more, legs - more * prices[2]
    lines = [f"Let there be x {a} and y {b}; then there are {linear([(times, 'y'), (more, '')])} {c}."]
    if more:
        lines.append(
            f"Take the {more} extra {c} away: {heads} - {more} = {rest} things for {legs} - {more} * "
            f"{prices[2]} = {left} dollars are left, and the {c} are {times}y."
        )
    gain = bundle - (times + 1) * prices[0]
    lines += [
        f"Things: {linear([(1, 'x'), (times + 1, 'y')])} = {rest}.",
        f"Dollars: {linear([(prices[0], 'x'), (prices[1], 'y')])} + {prices[2]} * {times}y = "
        f"{linear([(prices[0], 'x'), (bundle, 'y')])} = {left}.",
        f"Take {prices[0]} times the first from the second: {linear([(gain, 'y')])} = {left} - "
        f"{prices[0] * rest} = {left - prices[0] * rest}, so y = {second}.",
        f"x = {rest} - {times + 1} * {second} = {first}, and there are {times} * "
        f"{second}{f' + {more}' if more else ''} = {third} {c}.",
        f"Check: {first} * {prices[0]} + {second} * {prices[1]} + {third} * {prices[2]} = {legs}.",
    ]
    return list(zip(nouns, prices, strict=True)), story, lines, counts, [times, more]


@heads_and_legs.proof
def _heads_and_legs(given: Given) -> str:
    worth, relation = given["worth"], given["relation"]
    found = set()
    for counts in product(range(given["heads"] + 1), repeat=len(worth) - 1):
        last = given["heads"] - sum(counts)
        every = (*counts, last)
        if last < 0 or sum(count * each for count, each in zip(every, worth, strict=True)) != given["legs"]:
            continue
        if not relation or last == relation[0] * every[1] + relation[1]:
            found.add(every[given["asked"]])
    (answer,) = found
    return str(answer)


NUMBERED = {  # step 1 or 2: who has the numbers, what one is
    1: (("raffle tickets", "ticket"), ("lockers", "locker"), ("seats in a row", "seat")),
    2: (("houses on one side of a street", "house"), ("gardens on one side of a lane", "garden")),
}


@family(
    name="consecutive_numbers",
    wordings=(
        "{name} looks at the numbers of {count} {things} next to each other, which are {kind}. {fact} "
        "{asked}",
        "{Count} {things} have numbers that are {kind}. {name} notices this: {fact} {asked}",
        "The numbers of {count} neighbouring {things} are {kind}. {fact} {asked}",
    ),
)
def consecutive_numbers(rng: random.Random, level: int) -> Problem:
    """Consecutive numbers on houses or tickets, from their sum, product or squares."""
    step = (1, 2, rng.randint(1, 2), rng.randint(1, 2), 2)[level - 1]
    count = (3, rng.randint(4, 6), 2, 3, 3)[level - 1]
    first = rng.randint(*((4, 150), (5, 400), (12, 1500), (5, 1500), (7, 900))[level - 1])
    numbers = [first + step * place for place in range(count)]
    fact, lines, told = _number_fact(rng, level, step, numbers)
    place = rng.randrange(count)
    things, _ = rng.choice(NUMBERED[step])
    word = ("two", "three", "four", "five", "six")[count - 2]
    kind = (
        "consecutive whole numbers"
        if step == 1
        else f"consecutive {'even' if first % 2 == 0 else 'odd'} numbers"
    )
    which = ("smaller", "larger")[place] if count == 2 else {0: "smallest", count - 1: "largest"}.get(place)
    which = which or ("middle" if count == 3 else f"{ordinal(place + 1)} smallest")
    answer = str(numbers[place])
    return Problem(
        question=consecutive_numbers.ask(
            rng,
            name=someone(rng).name,
            count=word,
            Count=word.capitalize(),
            things=things,
            kind=kind,
            fact=fact,
            asked=f"What is the {which} number?",
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The {which} number is {boxed(answer)}"]),
        given={"step": step, "parity": first % 2, "count": count, "place": place, **told},
        key=("consecutive_numbers", step, count, place, *told.items()),
    )


def _number_fact(
    rng: random.Random, level: int, step: int, numbers: list[int]
) -> tuple[str, list[str], dict[str, int]]:
    """What is said of the numbers, the steps to all of them, and the same as data."""
    if level < 3:
        return _sum_fact(step, numbers)
    shown = listing(list(map(str, numbers)))
    if level == 3:
        low, high = numbers
        value = low * high
        root = low + high
        lines = [
            f"x * (x + {step}) = {value}, so x^2 + {'' if step == 1 else step}x - {value} = 0.",
            f"The discriminant is {step}^2 + 4 * {value} = {step * step + 4 * value} = {root}^2.",
            f"x = (-{step} + {root})/2 = {low}; the other root is negative.",
            f"The numbers are {shown}.",
        ]
        return f"Their product is {value}.", lines, {"product": value}
    low, middle, high = numbers
    if level == 4:
        value = low * low + middle * middle + high * high
        rest = value - 2 * step * step
        name = f"(x - {step})^2 + x^2 + (x + {step})^2"
        lines = [
            f"Let x be the middle one: {name} = {value}.",
            f"(x - {step})^2 + (x + {step})^2 = 2x^2 + {2 * step * step}, so 3x^2 + {2 * step * step} = "
            f"{value}.",
            f"3x^2 = {value} - {2 * step * step} = {rest}, so x^2 = {rest // 3}.",
            f"{isqrt(rest // 3)} * {isqrt(rest // 3)} = {rest // 3}, so x = {middle}, as x is positive.",
            f"The numbers are {shown}.",
        ]
        return f"The sum of their squares is {value}.", lines, {"squares": value}
    times = rng.randint(3, 12)
    more = low * high - times * middle
    if more <= 0:
        times = rng.randint(2, 5)
        more = low * high - times * middle
    root = 2 * middle - times
    lines = [
        f"Let x be the middle one: (x - 2)(x + 2) = {times}x + {more}.",
        f"(x - 2)(x + 2) = x^2 - 4, so x^2 - {times}x - {more + 4} = 0.",
        f"The discriminant is {times}^2 + 4 * {more + 4} = {times * times + 4 * (more + 4)} = {root}^2.",
        f"x = ({times} + {root})/2 = {middle} or x = ({times} - {root})/2 = {(times - root) // 2}.",
        f"As x is positive, x = {middle}.",
        f"Check: {low} * {high} = {low * high} and {times} * {middle} + {more} = {low * high}.",
        f"The numbers are {shown}.",
    ]
    fact = f"The product of the smallest and the largest is {more} more than {times} times the middle one."
    return fact, lines, {"times": times, "more": more}


def _sum_fact(step: int, numbers: list[int]) -> tuple[str, list[str], dict[str, int]]:
    count, value = len(numbers), sum(numbers)
    shown = listing(list(map(str, numbers)))
    steps = [step * place for place in range(count)]
    lines = [
        f"Let x be the smallest: {' + '.join(['x', *(f'(x + {each})' for each in steps[1:])])} = {value}.",
        f"{linear([(count, 'x'), (sum(steps), '')])} = {value}, so {count}x = {value - sum(steps)} and x = "
        f"{numbers[0]}.",
        f"The numbers are {shown}.",
    ]
    return f"Their sum is {value}.", lines, {"sum": value}


@consecutive_numbers.proof
def _consecutive_numbers(given: Given) -> str:
    step, found = given["step"], []
    for first in range(1, 1600):
        numbers = [first + step * place for place in range(given["count"])]
        if step == 2 and first % 2 != given["parity"]:
            continue
        if "sum" in given:
            fits = sum(numbers) == given["sum"]
        elif "product" in given:
            fits = numbers[0] * numbers[1] == given["product"]
        elif "squares" in given:
            fits = sum(number**2 for number in numbers) == given["squares"]
        else:
            fits = numbers[0] * numbers[2] - given["times"] * numbers[1] == given["more"]
        found += [numbers[given["place"]]] if fits else []
    (answer,) = found
    return str(answer)
