"""Stories about money changed from one currency into another. Everything is in whole hundredths.

The proof tries every amount where one is asked for, and goes step by step otherwise.
"""

from __future__ import annotations

import random
from decimal import Decimal

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import someone
from datagen.problems.specs import DECIMAL
from datagen.problems.text import boxed, decimal

CURRENCIES = ("crowns", "florins", "ducats", "talers", "guilders", "marks", "shillings", "pesetas")
Told = tuple[str, str, Given, list[str], str]
"""The story, its question, the data, the steps and the answer."""


@family(
    name="currency_exchange",
    wordings=(
        "{story} {asked}",
        "{name} is about to travel. {story} {asked}",
        "{asked} This is how {name} changes money. {story}",
    ),
)
def currency_exchange(rng: random.Random, level: int) -> Problem:
    """Money changed once or twice, with fees, there and back, worked step by step or backwards."""
    name = someone(rng).name
    first, second = rng.sample(CURRENCIES, 2)
    make = (_once, _fee_first, _two_rates, _there_and_back, _backwards)[level - 1]
    story, asked, given, lines, answer = make(rng, name, first, second)
    return Problem(
        question=currency_exchange.ask(rng, story=story, asked=asked, name=name),
        answer=answer,
        spec=DECIMAL,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("currency_exchange", *given.items()),
    )


def _rate(rng: random.Random, low: int, high: int) -> int:
    """Hundredths of the other currency for 1 dollar; the last digit is not 0."""
    rate = rng.randint(low, high)
    return rate + 1 if rate % 10 == 0 else rate


def _once(rng: random.Random, name: str, first: str, second: str) -> Told:
    amount, rate = 10 * rng.randint(2, 90), _rate(rng, 51, 999)
    answer = decimal(amount * rate, 2)
    story = f"1 dollar is worth {decimal(rate, 2)} {first}. {name} changes {amount} dollars."
    lines = [f"{amount} * {decimal(rate, 2)} = {answer} {first}."]
    given = {"kind": "once", "amount": amount, "rate": decimal(rate, 2)}
    return story, f"How many {first} does {name} get?", given, lines, answer


def _fee_first(rng: random.Random, name: str, first: str, second: str) -> Told:
    amount, rate, fee = 10 * rng.randint(5, 90), _rate(rng, 51, 999), rng.randint(2, 12)
    left = amount * (100 - fee)
    answer = decimal(left * rate, 4)
    story = (
        f"1 dollar is worth {decimal(rate, 2)} {first}. {name} wants to change {amount} dollars. The bank "
        f"keeps a fee of {fee}% of the dollars and changes the rest."
    )
    lines = [
        f"The fee in dollars is {amount} * {fee}/100 = {decimal(amount * fee, 2)}.",
        f"{amount} - {decimal(amount * fee, 2)} = {decimal(left, 2)} dollars are changed.",
        f"{decimal(left, 2)} * {decimal(rate, 2)} = {answer} {first}.",
    ]
    given = {"kind": "fee", "amount": amount, "rate": decimal(rate, 2), "fee": fee}
    return story, f"How many {first} does {name} get? Give the exact number.", given, lines, answer


def _two_rates(rng: random.Random, name: str, first: str, second: str) -> Told:
    rate, other, amount = _rate(rng, 51, 499), _rate(rng, 51, 999), rng.randint(11, 400)
    dollars = amount * rate  # hundredths of the first currency
    answer = decimal(dollars * other, 4)
    spent = rng.randint(5, max(6, dollars // 300))
    rest = dollars - 100 * spent
    answer = decimal(rest * other, 4)
    story = (
        f"1 dollar is worth {decimal(rate, 2)} {first}, and 1 of the {first} is worth {decimal(other, 2)} "
        f"{second}. {name} changes {amount} dollars into {first}, spends {spent} {first} and changes the "
        f"rest into {second}."
    )
    lines = [
        f"{amount} * {decimal(rate, 2)} = {decimal(dollars, 2)} {first}.",
        f"{decimal(dollars, 2)} - {spent} = {decimal(rest, 2)} {first} are left.",
        f"{decimal(rest, 2)} * {decimal(other, 2)} = {answer} {second}.",
    ]
    given = {
        "kind": "two",
        "amount": amount,
        "rate": decimal(rate, 2),
        "spent": spent,
        "other": decimal(other, 2),
    }
    return story, f"How many {second} does {name} have then? Give the exact number.", given, lines, answer


def _there_and_back(rng: random.Random, name: str, first: str, second: str) -> Told:
    amount, rate, fee = rng.randint(40, 900), _rate(rng, 101, 499), rng.randint(2, 12)
    back = rate + rng.randint(3, 40)
    held = (amount - fee) * rate
    dollars = rng.randint(5, max(6, held // back - 5))  # dollars at the end
    spent = held - dollars * back
    story = (
        f"{name} has {amount} dollars. A bank takes a fixed fee of {fee} dollars and changes the rest at "
        f"{decimal(rate, 2)} {first} per dollar. {name} spends {decimal(spent, 2)} {first}. The bank "
        f"changes what is left back and asks {decimal(back, 2)} {first} for each dollar, without a fee."
    )
    lines = [
        f"{amount} - {fee} = {amount - fee} dollars are changed.",
        f"{amount - fee} * {decimal(rate, 2)} = {decimal(held, 2)} {first}.",
        f"{decimal(held, 2)} - {decimal(spent, 2)} = {decimal(held - spent, 2)} {first} are left.",
        f"{decimal(held - spent, 2)} / {decimal(back, 2)} = {dollars} dollars.",
        f"Check: {dollars} * {decimal(back, 2)} = {decimal(dollars * back, 2)}.",
    ]
    given = {
        "kind": "back",
        "amount": amount,
        "fee": fee,
        "rate": decimal(rate, 2),
        "spent": decimal(spent, 2),
        "other": decimal(back, 2),
    }
    return story, f"How many dollars does {name} get back?", given, lines, str(dollars)


def _backwards(rng: random.Random, name: str, first: str, second: str) -> Told:
    amount, rate, other = 10 * rng.randint(6, 120), _rate(rng, 51, 499), _rate(rng, 51, 999)
    fee, spent = rng.randint(2, 12), rng.randint(5, 30)
    held = amount * (100 - fee) * rate  # ten-thousandths of the first currency
    rest = held - spent * 10**4
    told = decimal(rest * other, 6)
    story = (
        f"A bank keeps {fee}% of {name}'s dollars as a fee and changes the rest at {decimal(rate, 2)} "
        f"{first} per dollar. {name} spends {spent} {first} and changes the rest into {second}, at "
        f"{decimal(other, 2)} {second} for 1 of the {first}. In the end {name} has exactly {told} {second}."
    )
    lines = [
        "Work backwards.",
        f"Before the last change: {told} / {decimal(other, 2)} = {decimal(rest, 4)} {first}.",
        f"Before the spending: {decimal(rest, 4)} + {spent} = {decimal(held, 4)} {first}.",
        f"Before the first change: {decimal(held, 4)} / {decimal(rate, 2)} = "
        f"{decimal(amount * (100 - fee), 2)} dollars.",
        f"These are 100% - {fee}% = {100 - fee}% of all dollars.",
        f"{decimal(amount * (100 - fee), 2)} * 100/{100 - fee} = {amount} dollars.",
    ]
    given = {
        "kind": "backwards",
        "fee": fee,
        "rate": decimal(rate, 2),
        "spent": spent,
        "other": decimal(other, 2),
        "end": told,
    }
    return story, f"How many dollars did {name} have?", given, lines, str(amount)


@currency_exchange.proof
def _currency_exchange(given: Given) -> str:
    kind, rate = given["kind"], Decimal(given["rate"])
    if kind == "once":
        return f"{sum((rate for _ in range(given['amount'])), Decimal(0)):f}"
    if kind == "fee":
        return f"{given['amount'] * rate - given['amount'] * rate * given['fee'] / 100:f}"
    other = Decimal(given["other"])
    if kind == "two":
        return f"{given['amount'] * rate * other - given['spent'] * other:f}"
    if kind == "back":
        left = (given["amount"] - given["fee"]) * rate - Decimal(given["spent"])
        dollars = 0
        while left >= other:
            left, dollars = left - other, dollars + 1
        if left:
            raise ValueError("no whole dollars come back")
        return str(dollars)
    fits = [
        amount
        for amount in range(1, 2000)
        if (amount * (100 - given["fee"]) * rate / 100 - given["spent"]) * other == Decimal(given["end"])
    ]
    (answer,) = fits
    return str(answer)


@currency_exchange.variants
def _exchange_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Divided by the rate where it is to be multiplied; the fee forgotten."""
    right, rate = Decimal(answer), Decimal(given["rate"])
    if given["kind"] == "fee":
        return [], [f"{given['amount'] * rate:f}"]
    wrong = right + given.get("fee", 0)
    return [], [f"{wrong:f}"] if wrong != right else []
