"""Ways to pay an amount with coins.

The construction goes through the numbers of the larger coins; the proof fills a table coin by coin.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import plus, wrong
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

COINS = {
    1: (2, 8, 30, 2, 3),
    2: (3, 12, 30, 3, 5),
    3: (3, 31, 70, 6, 10),
    4: (4, 12, 40, 6, 9),
    5: (4, 41, 80, 10, 16),
}
"""Per level: how many kinds of coins, the amount from and to, and the cases in the solution, from and to."""


@family(
    name="ways_to_pay",
    wordings=(
        "In how many ways can exactly {amount} cents be paid with coins of {coins} cents? The order of the "
        "coins does not matter, and not every kind must be used.",
        "You have as many coins of {coins} cents as you like. How many different collections of such coins "
        "are worth exactly {amount} cents?",
        "Count the ways to make {amount} cents from coins of {coins} cents, in any numbers and in no order.",
    ),
)
def ways_to_pay(rng: random.Random, level: int) -> Problem:
    """Ways to pay an amount, case by case over the larger coins."""
    kinds, low, high, few, many = COINS[level]
    while True:
        coins = sorted(rng.sample(range(2, 21), kinds - (kinds > 2)))
        coins = [1, *coins] if kinds > 2 else coins
        amount = rng.randint(low, high)
        count, lines = _paid(amount, coins)
        if few <= len(lines) - 2 <= many and count and coins[-1] <= amount:
            break
    return Problem(
        question=ways_to_pay.ask(rng, amount=amount, coins=listing([str(coin) for coin in coins])),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"amount": amount, "coins": coins},
        key=("ways_to_pay", amount, *coins),
    )


def _paid(amount: int, coins: list[int]) -> tuple[int, list[str]]:
    """A line for each choice of the larger coins; the two smallest kinds pay the rest."""
    small, next_coin = coins[:2]
    lines, counts = ["Go through the numbers of the larger coins."], []
    if len(coins) == 2:
        for number in range(amount // next_coin + 1):
            left = amount - number * next_coin
            fits = left % small == 0
            counts.append(int(fits))
            found = (
                f"which is {counted(left // small, 'coin')} of {small}"
                if fits
                else f"which {small} does not divide"
            )
            lines.append(f"{number} of {next_coin}: {left} left, {found}.")
        return sum(counts), [*lines, f"The number of ways is {boxed(str(sum(counts)))}"]
    for largest in range(amount // coins[-1] + 1):
        left = amount - largest * coins[-1]
        for third in range(left // coins[2] + 1) if len(coins) == 4 else (None,):
            rest = left if third is None else left - third * coins[2]
            counts.append(rest // next_coin + 1)
            name = f"{largest} of {coins[-1]}" + ("" if third is None else f" and {third} of {coins[2]}")
            lines.append(
                f"{name}: {rest} left, at most {rest // next_coin} of {next_coin}: "
                f"{counted(counts[-1], 'way')}."
            )
    total = sum(counts)
    work = f"{plus(counts)} = " if len(counts) > 1 else ""
    lines[0] += f" The rest is paid with coins of {next_coin} and 1."
    return total, [*lines, f"{work}{boxed(str(total))}"]


@ways_to_pay.proof
def _ways_to_pay(given: Given) -> str:
    """The coefficient of x^amount: one kind of coin after the other enters a table of all amounts."""
    table = [1] + [0] * given["amount"]
    for coin in given["coins"]:
        for value in range(coin, given["amount"] + 1):
            table[value] += table[value - coin]
    return str(table[given["amount"]])


@ways_to_pay.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    ordered = [1]
    for value in range(1, given["amount"] + 1):
        ordered.append(sum(ordered[value - coin] for coin in given["coins"] if coin <= value))
    return [], wrong(answer, ordered[-1], int(answer) + 2, 2 * int(answer))
