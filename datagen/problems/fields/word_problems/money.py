"""Stories about money spent: shopping and change, discounts and taxes. Everything is in whole cents."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import Person, someone
from datagen.problems.specs import QUANTITY
from datagen.problems.text import article, boxed, counted, decimal, listing

GOODS = (  # what, and its lowest and highest price in steps of 5 cents
    ("apple", 6, 24),
    ("lemon", 7, 20),
    ("bread roll", 9, 30),
    ("notebook", 25, 90),
    ("pencil", 8, 40),
    ("postcard", 15, 40),
    ("bottle of juice", 30, 90),
    ("bar of chocolate", 20, 80),
    ("cup of tea", 30, 80),
    ("sandwich", 60, 160),
    ("candle", 20, 120),
    ("toy car", 40, 200),
    ("magazine", 60, 180),
    ("bag of rice", 40, 150),
)
Bought = tuple[str, int, int, int]
"""What, how many, the price of one in cents, and every how-manieth is free (0 for none)."""


def _many(noun: str, number: int) -> str:
    """`3 bars of chocolate`, `1 toy car`."""
    head, of, tail = noun.partition(" of ")
    return f"{counted(number, head)}{of}{tail}"


@family(
    name="shopping_change",
    wordings=(
        "{name} goes shopping. {prices} {name} buys {list}{more} and pays with {paid}. How much change "
        "does {he} get? Answer in dollars, like $7.25.",
        "{prices} {name} pays for {list}{more} and hands over {paid}. How much money does {he} get back? "
        "Answer in dollars, like $7.25.",
        "How much change is due when {name} buys {list}{more} and pays with {paid}? {prices} Answer in "
        "dollars, like $7.25.",
    ),
)
def shopping_change(rng: random.Random, level: int) -> Problem:
    """The change after buying one to five kinds of things, with a voucher and a free third, item by item."""
    who = someone(rng)
    bought: list[Bought] = []
    for noun, low, high in rng.sample(GOODS, level):
        number = rng.randint(2, 9) if level < 5 or bought else 3 * rng.randint(1, 4) + rng.randint(0, 2)
        bought.append((noun, number, 5 * rng.randint(low, high), 3 if level == 5 and not bought else 0))
    voucher = 50 * rng.randint(1, 6) if level > 3 else 0
    costs = [(number - (number // free if free else 0)) * price for _, number, price, free in bought]
    total = sum(costs) - voucher
    note = rng.choice([note for note in (500, 1000, 2000, 5000, 10000) if note * 8 > total])
    paid = note * (total // note + 1)
    notes = "a" if paid == note else str(paid // note)
    money = f"{notes} {dollars(note)} {'note' if paid == note else 'notes'}"
    answer = dollars(paid - total)
    return Problem(
        question=shopping_change.ask(
            rng,
            name=who.name,
            he=who.he,
            prices=_price_list(bought),
            list=listing([_many(noun, number) for noun, number, _, _ in bought]),
            more=f" with a voucher for {dollars(voucher)} off" if voucher else "",
            paid=money,
        ),
        answer=answer,
        spec=QUANTITY,
        solution=_shopping_solution(bought, voucher, costs, paid, answer),
        given={
            "bought": [[number, decimal(price, 2), free] for _, number, price, free in bought],
            "voucher": decimal(voucher, 2),
            "paid": decimal(paid, 2),
        },
        key=("shopping_change", tuple(sorted(each[1:] for each in bought)), voucher, paid),
    )


def _price_list(bought: list[Bought]) -> str:
    prices = [f"{article(noun)} costs {dollars(price)}" for noun, _, price, _ in bought]
    text = listing(prices)
    offers = [f"Every third {noun} is free." for noun, _, _, free in bought if free]
    return " ".join([f"{text[:1].upper()}{text[1:]}.", *offers])


def _shopping_solution(bought: list[Bought], voucher: int, costs: list[int], paid: int, answer: str) -> str:
    lines = []
    for (noun, number, price, free), cost in zip(bought, costs, strict=True):
        pieces = number
        if free:
            pieces = number - number // free
            lines.append(f"Paid for are {number} - {number // free} = {pieces} of {_many(noun, number)}.")
        lines.append(f"{_many(noun, number)}: {pieces} * {dollars(price)} = {dollars(cost)}.")
    if len(costs) > 1:
        lines.append(f"Together: {' + '.join(map(dollars, costs))} = {dollars(sum(costs))}.")
    if voucher:
        lines.append(
            f"With the voucher: {dollars(sum(costs))} - {dollars(voucher)} = {dollars(sum(costs) - voucher)}."
        )
    lines.append(f"The change is {dollars(paid)} - {dollars(sum(costs) - voucher)} = {boxed(answer)}")
    return "\n".join(lines)


@shopping_change.proof
def _shopping_change(given: Given) -> str:
    left = Decimal(given["paid"]) + Decimal(given["voucher"])
    for number, price, free in given["bought"]:
        for piece in range(1, number + 1):
            if not free or piece % free:
                left -= Decimal(price)
    return f"${left:.2f}"


@shopping_change.variants
def _shopping_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The voucher added to the bill, and the free pieces paid for."""
    right, voucher = Decimal(answer[1:]), Decimal(given["voucher"])
    free = sum(number // free * Decimal(price) for number, price, free in given["bought"] if free)
    wrong = [right - voucher, right - 2 * voucher, right - free]
    return [], [f"${value:.2f}" for value in wrong if 0 < value != right]


SALES = ("jacket", "lamp", "bicycle", "tent", "guitar", "watch", "desk", "camera", "carpet", "mirror")
Told = tuple[str, str, Given, list[str], int]
"""The story, its question, the data, the steps and the answer in cents."""


@family(
    name="discount_and_tax",
    wordings=(
        "{story} {asked} Answer in dollars, like $7.25.",
        "There is a sale in the shop. {story} {asked} Answer in dollars, like $7.25.",
        "{name} reads a price tag. {story} {asked} Answer in dollars, like $7.25.",
    ),
)
def discount_and_tax(rng: random.Random, level: int) -> Problem:
    """The price after or before discounts and taxes, worked as percentages of what they are taken of."""
    who = someone(rng)
    make = (_one_discount, _several_pieces, _discount_then_tax, _before_discount, _before_both)[level - 1]
    story, asked, given, lines, cents = make(rng, who, rng.choice(SALES))
    answer = dollars(cents)
    return Problem(
        question=discount_and_tax.ask(rng, story=story, asked=asked, name=who.name),
        answer=answer,
        spec=QUANTITY,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("discount_and_tax", *given.items()),
    )


def _off(cents: int, percent: int) -> tuple[int, str]:
    """The price after a discount, and the line that finds it."""
    part = cents * percent // 100
    line = f"{percent}% of {dollars(cents)} is {dollars(part)}: {dollars(cents)} - {dollars(part)}"
    return cents - part, f"{line} = {dollars(cents - part)}."


def _one_discount(rng: random.Random, who: Person, what: str) -> Told:
    price, percent = 100 * rng.randint(12, 300), 5 * rng.randint(1, 15)
    cents, line = _off(price, percent)
    story = f"{article(what).capitalize()} that costs {dollars(price)} is sold at a discount of {percent}%."
    asked = f"What does {who.name} pay for it?"
    return story, asked, {"kind": "discount", "price": price, "discount": percent}, [line], cents


def _several_pieces(rng: random.Random, who: Person, what: str) -> Told:
    price, percent, number = 100 * rng.randint(12, 200), rng.randint(3, 60), rng.randint(2, 9)
    cents, line = _off(price, percent)
    story = (
        f"{article(what).capitalize()} normally costs {dollars(price)}. During a sale the price is "
        f"{percent}% lower."
    )
    lines = [line, f"{number} of them: {number} * {dollars(cents)} = {dollars(number * cents)}."]
    given = {"kind": "pieces", "price": price, "discount": percent, "number": number}
    asked = f"What does {who.name} pay for {counted(number, what)} during the sale?"
    return story, asked, given, lines, number * cents


def _exact(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    """A price in cents, a discount and a tax in percent that leave whole cents."""
    while True:
        price, percent, tax = 100 * rng.randint(low, high), rng.randint(5, 60), rng.randint(3, 22)
        if price * (100 - percent) * (100 + tax) % 10000 == 0:
            return price, percent, tax


def _discount_then_tax(rng: random.Random, who: Person, what: str) -> Told:
    price, percent, tax = _exact(rng, 20, 400)
    reduced, line = _off(price, percent)
    added = reduced * tax // 100
    story = (
        f"{article(what).capitalize()} costs {dollars(price)} before tax. It is reduced by {percent}%, and "
        f"then a sales tax of {tax}% is added to the reduced price."
    )
    lines = [
        f"The discount: {line}",
        f"{tax}% of {dollars(reduced)} is {dollars(added)}.",
        f"{dollars(reduced)} + {dollars(added)} = {dollars(reduced + added)}",
    ]
    given = {"kind": "both", "price": price, "discount": percent, "tax": tax}
    return story, f"How much does {who.name} have to pay?", given, lines, reduced + added


def _before_discount(rng: random.Random, who: Person, what: str) -> Told:
    price, percent = 100 * rng.randint(15, 600), rng.randint(4, 75)
    cents, _ = _off(price, percent)
    story = f"After a discount of {percent}% {article(what)} costs {dollars(cents)}."
    lines = [
        f"100% - {percent}% = {100 - percent}%, so {dollars(cents)} are {100 - percent}% of the price "
        "before.",
        f"If x dollars is the price before, x * {100 - percent}/100 = {dollars(cents)[1:]}.",
        f"x = {dollars(cents)[1:]} * 100/{100 - percent} = {decimal(100 * cents, 2)}/{100 - percent} = "
        f"{dollars(price)[1:]}",
    ]
    lines.append(f"Check: {_off(price, percent)[1]}")
    given = {"kind": "before", "paid": cents, "discount": percent}
    return story, "What did it cost before?", given, lines, price


def _before_both(rng: random.Random, who: Person, what: str) -> Told:
    price, percent, tax = _exact(rng, 20, 600)
    reduced, line = _off(price, percent)
    paid = reduced * (100 + tax) // 100
    story = (
        f"{who.name} pays {dollars(paid)} for {article(what)}. The shop has first reduced the price by "
        f"{percent}% and then added a tax of {tax}% of the reduced price."
    )
    lines = [
        f"The tax makes 100% into {100 + tax}%, so {dollars(paid)} are {100 + tax}% of the reduced price.",
        f"The reduced price is {dollars(paid)[1:]} * 100/{100 + tax} = "
        f"{decimal(100 * paid, 2)}/{100 + tax} = {dollars(reduced)[1:]}.",
        f"That is {100 - percent}% of the first price.",
        f"The first price is {dollars(reduced)[1:]} * 100/{100 - percent} = "
        f"{decimal(100 * reduced, 2)}/{100 - percent} = {dollars(price)[1:]}.",
        f"Check: {line}",
        f"{tax}% of {dollars(reduced)} is {dollars(paid - reduced)}, and {dollars(reduced)} + "
        f"{dollars(paid - reduced)} = {dollars(paid)}.",
    ]
    given = {"kind": "before both", "paid": paid, "discount": percent, "tax": tax}
    return story, "What was the price before discount and tax?", given, lines, price


def _charged(price: int, given: dict[str, Any]) -> Decimal:
    """The cents to pay for a first price in cents."""
    after = Decimal(price) * (1 - Decimal(given["discount"]) / 100)
    return after * (1 + Decimal(given.get("tax", 0)) / 100) * given.get("number", 1)


@discount_and_tax.proof
def _discount_and_tax(given: Given) -> str:
    if "price" in given:
        return f"${_charged(given['price'], given) / 100:.2f}"
    low, high = 0, 10**6
    while low < high:  # what is charged grows with the price
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _charged(middle, given) < given["paid"] else (low, middle)
    if _charged(low, given) != given["paid"]:
        raise ValueError("no price in whole cents fits")
    return f"${Decimal(low) / 100:.2f}"


@discount_and_tax.variants
def _discount_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The percentages put on or taken off the number that is told, though they are none of it."""
    if "paid" not in given:
        return [], [f"${Decimal(given['price'] * given['discount']) / 10000:.4f}"] if given[
            "discount"
        ] != 50 else []
    wrong = Decimal(given["paid"]) * (100 + given["discount"]) / 10000
    return [], [f"${wrong:.4f}"] if wrong != Decimal(answer[1:]) else []
