"""What to choose: numbers with a given sum, the fewest coins, the most valuable load.

Constructions work with tables, as the solutions do; the proofs try all choices, or shift bits.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import INTEGER, checked_by
from datagen.problems.text import boxed, counted, listing

SUBSETS = {1: (4, 1, 20), 2: (5, 5, 50), 3: (7, 10, 99), 4: (8, 100, 499), 5: (10, 100, 999)}
"""Per level: how many numbers, the least and the greatest."""


@family(
    name="subset_sum",
    wordings=(
        "Which of the numbers {numbers} have the sum {target}? Use each of them at most once, and give any "
        "choice that works, separated by commas.",
        "Choose some of {numbers}, none of them twice, so that the chosen numbers add up to {target}. List "
        "the chosen numbers, separated by commas. One way is enough.",
        "Find a selection of the numbers {numbers} whose total is exactly {target}. No number may be taken "
        "more than once. Answer with the selected numbers and commas between them.",
    ),
)
def subset_sum(rng: random.Random, level: int) -> Problem:
    """Some of the numbers that have a given sum, found from the sums that two halves of them can make."""
    count, low, high = SUBSETS[level]
    while True:
        numbers = rng.sample(range(low, high + 1), count)
        size = rng.randint(2, count - 2) if level < 3 else rng.randint(3, count - 3)
        chosen = [numbers[place] for place in sorted(rng.sample(range(count), size))]
        target = sum(chosen)
        if target not in numbers:
            break
    answer = ", ".join(map(str, chosen))
    return Problem(
        question=subset_sum.ask(rng, numbers=listing(list(map(str, numbers))), target=target),
        answer=answer,
        spec=checked_by("subset_sum", numbers=numbers, target=target),
        solution=f"{_halves_worked(numbers, chosen, target)}\n{boxed(answer)}",
        given={"numbers": numbers, "target": target},
        key=("subset_sum", tuple(sorted(numbers)), target),
    )


def _sums(numbers: Sequence[int]) -> list[int]:
    """What can be made of some of the numbers, in order; 0 of none of them."""
    sums = {0}
    for number in numbers:
        sums |= {total + number for total in sums}
    return sorted(sums)


def _halves_worked(numbers: Sequence[int], chosen: Sequence[int], target: int) -> str:
    middle = len(numbers) // 2
    halves = numbers[:middle], numbers[middle:]
    first_half, second_half = (listing(list(map(str, half))) for half in halves)
    lines = [f"Split the numbers into two parts: {first_half}; {second_half}."]
    for name, half in zip(("first", "second"), halves, strict=True):
        lines.append(f"Sums from the {name} part: {', '.join(map(str, _sums(half)))}.")
    parts = [[number for number in half if number in chosen] for half in halves]
    first, second = map(sum, parts)
    lines.append(
        f"One sum of each list together must be {target}, and {first} + {second} = {target} does it."
    )
    for total, part in zip((first, second), parts, strict=True):
        if len(part) > 1:
            lines.append(f"{total} = {' + '.join(map(str, part))}.")
        elif not part:
            lines.append("The sum of 0 takes no number from its part.")
    lines.append(f"Check: {' + '.join(map(str, chosen))} = {target}.")
    return "\n".join(lines)


@subset_sum.proof
def _subset_sum(given: Given) -> str:
    numbers, target = given["numbers"], given["target"]
    for size in range(1, len(numbers) + 1):
        for chosen in combinations(numbers, size):
            if sum(chosen) == target:
                return ", ".join(map(str, chosen))
    raise ValueError("no choice has this sum")


@subset_sum.variants
def _subset_sum_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    chosen = answer.split(", ")
    unused = next(str(number) for number in given["numbers"] if str(number) not in chosen)
    same = [", ".join(chosen[::-1]), f"{{{answer}}}", f"{' + '.join(chosen)} = {given['target']}"]
    return same, [
        ", ".join(chosen[1:]),
        f"{answer}, {unused}",
        f"{answer}, {chosen[0]}",
        str(given["target"]),
    ]


COINS = {
    1: (3, 12, 10, 25),
    2: (3, 16, 26, 45),
    3: (4, 24, 46, 70),
    4: (4, 30, 71, 110),
    5: (5, 40, 111, 160),
}
"""Per level: how many kinds of coins, the largest of them at most, the least and the greatest amount."""


@family(
    name="fewest_coins",
    wordings=(
        "Coins are worth {coins} cents, and there are as many of each as you like. What is the least "
        "number of coins that make exactly {amount} cents?",
        "A country has coins of {coins} cents. How many coins do you need at least to pay {amount} cents "
        "exactly, without change?",
        "Pay {amount} cents with as few coins as possible, using coins of {coins} cents, any number of "
        "each. How many coins does it take?",
    ),
)
def fewest_coins(rng: random.Random, level: int) -> Problem:
    """The least number of coins for an amount, from a table; the largest coin first may not be best."""
    kinds, largest, low, high = COINS[level]
    while True:
        coins = [1, *sorted(rng.sample(range(2, largest + 1), kinds - 1))]
        amount = rng.randint(low, high)
        fewest = _fewest(coins, amount)
        if amount not in coins and (level < 3 or fewest[amount] < _greedy(coins, amount)):
            break
    answer = str(fewest[amount])
    return Problem(
        question=fewest_coins.ask(rng, coins=listing(list(map(str, coins))), amount=amount),
        answer=answer,
        spec=INTEGER,
        solution=f"{_coins_worked(coins, amount, fewest)}\nThe least number of coins is {boxed(answer)}",
        given={"coins": coins, "amount": amount},
        key=("fewest_coins", tuple(coins), amount),
    )


def _fewest(coins: Sequence[int], amount: int) -> list[int]:
    """The least number of coins for every amount from 0 on."""
    fewest = [0]
    for total in range(1, amount + 1):
        fewest.append(1 + min(fewest[total - coin] for coin in coins if coin <= total))
    return fewest


def _greedy(coins: Sequence[int], amount: int) -> int:
    count = 0
    for coin in reversed(coins):
        count += amount // coin
        amount %= coin
    return count


def _coins_worked(coins: Sequence[int], amount: int, fewest: Sequence[int]) -> str:
    lines = ["Let f(n) be the least number of coins for n cents: f(0) = 0."]
    lines.append(
        f"f(n) is 1 more than the least f(n - c) for the coins c = {', '.join(map(str, coins))} up to n."
    )
    for start in range(1, amount + 1, 10):
        end = min(start + 9, amount)
        several = f"f({start}) to f({end})" if end > start else f"f({start})"
        lines.append(f"{several}: {', '.join(map(str, fewest[start : end + 1]))}")
    used, left = [], amount
    while left:
        coin = next(
            coin for coin in reversed(coins) if coin <= left and fewest[left - coin] == fewest[left] - 1
        )
        used.append(coin)
        left -= coin
    lines.append(f"{counted(len(used), 'coin')} suffice: {' + '.join(map(str, used))} = {amount}.")
    return "\n".join(lines)


@fewest_coins.proof
def _fewest_coins(given: Given) -> str:
    sums, count = 1, 0  # bit s: `count` coins can have the sum s
    while not sums >> given["amount"] & 1:
        more = 0
        for coin in given["coins"]:
            more |= sums << coin
        sums, count = more, count + 1
    return str(count)


LOADS = {1: (3, 5, 9), 2: (4, 7, 10), 3: (5, 9, 13), 4: (6, 12, 16), 5: (8, 16, 22)}
"""Per level: how many things, the least and the greatest weight that can be carried."""


@family(
    name="knapsack_value",
    wordings=(
        "A bag can carry {capacity} kg. The things to choose from, each there once, are {things}. What is "
        "the greatest total value, in dollars, that fits into the bag?",
        "You may take things of at most {capacity} kg in all: {things}. There is one of each. How much can "
        "the things you take be worth at most, in dollars?",
        "Choose among {things}, each at most once, so that the total weight is not above {capacity} kg and "
        "the total value is as large as possible. What is that value in dollars?",
    ),
)
def knapsack_value(rng: random.Random, level: int) -> Problem:
    """The greatest value of things within a weight limit, from a table that grows thing by thing."""
    count, low, high = LOADS[level]
    while True:
        capacity = rng.randint(low, high)
        weights = [
            rng.randint(1, capacity - 1) if level < 3 else rng.randint(2, capacity // 2 + 1)
            for _ in range(count)
        ]
        if capacity < sum(weights):
            break
    values = [max(1, weight * rng.randint(2, 5) + rng.randint(-3, 3)) for weight in weights]
    names = "ABCDEFGH"[:count]
    things = listing([f"{name} ({w} kg, ${v})" for name, w, v in zip(names, weights, values, strict=True)])
    lines, best = _load_worked(names, weights, values, capacity)
    answer = str(best)
    return Problem(
        question=knapsack_value.ask(rng, things=things, capacity=capacity),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The greatest value in dollars is {boxed(answer)}"]),
        given={"weights": weights, "values": values, "capacity": capacity},
        key=("knapsack_value", capacity, *sorted(zip(weights, values, strict=True))),
    )


def _load_worked(
    names: str, weights: Sequence[int], values: Sequence[int], capacity: int
) -> tuple[list[str], int]:
    """The table of best values, a row a thing, and what is taken in the end."""
    lines = [f"The best values for the limits 0 to {capacity} kg, taking in one thing after the other."]
    lines.append(
        "The entry for w is the larger of the entry above it, and the value plus the entry above for"
    )
    lines[-1] += " w minus the weight."
    tables = [[0] * (capacity + 1)]
    for name, weight, value in zip(names, weights, values, strict=True):
        above = tables[-1]
        row = [max(old, above[w - weight] + value if w >= weight else 0) for w, old in enumerate(above)]
        tables.append(row)
        lines.append(f"{name}: {', '.join(map(str, row))}")
    taken, left = [], capacity
    for place in range(len(weights) - 1, -1, -1):
        if tables[place + 1][left] != tables[place][left]:
            taken.append(place)
            left -= weights[place]
    taken.reverse()
    kilograms = " + ".join(str(weights[place]) for place in taken)
    dollars = " + ".join(str(values[place]) for place in taken)
    what = listing([names[place] for place in taken])
    both = (sum(weights[place] for place in taken), sum(values[place] for place in taken))
    if len(taken) == 1:
        lines.append(f"It is reached with {what} alone, of {kilograms} kg.")
    else:
        lines.append(
            f"It is reached with {what}: {kilograms} = {both[0]} kg, and the value is {dollars} = {both[1]}."
        )
    return lines, tables[-1][capacity]


@knapsack_value.proof
def _knapsack_value(given: Given) -> str:
    things = list(zip(given["weights"], given["values"], strict=True))
    return str(
        max(
            sum(value for _, value in taken)
            for size in range(len(things) + 1)
            for taken in combinations(things, size)
            if sum(weight for weight, _ in taken) <= given["capacity"]
        )
    )
