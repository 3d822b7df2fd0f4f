"""Stories of recipes that are scaled up and down: amounts, what limits them, and what must be bought.

The proofs raise the number of people or packets one by one.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER, QUANTITY
from datagen.problems.text import boxed, counted, listing
from verifiers import AnswerSpec

INGREDIENTS = ("flour", "butter", "rice", "cheese", "tomatoes", "potatoes", "lentils", "carrots", "onions")
DISHES = ("soup", "stew", "gratin", "curry", "pie", "casserole", "pan of vegetables")
Told = tuple[str, str, Given, list[str], str, AnswerSpec]
"""The story, its question, the data, the steps, the answer and its kind."""


@family(
    name="recipe_scaling",
    wordings=(
        "{story} {asked}",
        "{name} is in the kitchen. {story} {asked}",
        "{asked} This is for a {dish} that {name} makes. {story}",
    ),
)
def recipe_scaling(rng: random.Random, level: int) -> Problem:
    """Amounts for more or fewer people, the most that stocks allow, and the cost of whole packets."""
    make = (_one_amount, _all_amounts, _most_people, _left_over, _packets)[level - 1]
    dish = rng.choice(DISHES)
    story, asked, given, lines, answer, spec = make(rng, dish)
    return Problem(
        question=recipe_scaling.ask(rng, story=story, asked=asked, name=someone(rng).name, dish=dish),
        answer=answer,
        spec=spec,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("recipe_scaling", *((name, _frozen(value)) for name, value in given.items())),
    )


def _frozen(value: object) -> object:
    """Lists of an unordered recipe as sorted tuples."""
    return tuple(sorted(map(tuple, value))) if isinstance(value, list) else value


def _portion(rng: random.Random, people: int) -> int:
    """Grams for that many people, a multiple of 5 and of their number."""
    return 5 * people // gcd(5, people) * rng.randint(2, 25) if people % 5 else people * rng.randint(10, 90)


def _one_amount(rng: random.Random, dish: str) -> Told:
    people, guests = rng.sample(range(2, 25), 2)
    grams, what = _portion(rng, people), rng.choice(INGREDIENTS)
    answer = grams // people * guests
    story = f"A recipe for {people} people needs {grams} g of {what}."
    asked = f"How many grams of {what} are needed for {guests} people?"
    lines = [
        f"For one person: {grams}/{people} = {grams // people} g.",
        f"For {guests} people: {guests} * {grams // people} = {answer} g.",
    ]
    given = {"people": people, "guests": guests, "amounts": [[grams]]}
    return story, asked, given, lines, str(answer), INTEGER


def _recipe_text(amounts: list[int], names: list[str], people: int) -> str:
    parts = [f"{grams} g of {name}" for grams, name in zip(amounts, names, strict=True)]
    return f"A recipe for {people} people needs {listing(parts)}."


def _all_amounts(rng: random.Random, dish: str) -> Told:
    people, guests = rng.sample(range(2, 25), 2)
    names = rng.sample(INGREDIENTS, 3)
    amounts = [_portion(rng, people) for _ in names]
    scaled = [grams // people * guests for grams in amounts]
    lines = [
        f"{name}: {grams}/{people} * {guests} = {grams // people} * {guests} = {more} g.".capitalize()
        for name, grams, more in zip(names, amounts, scaled, strict=True)
    ]
    lines.append(f"Together: {' + '.join(map(str, scaled))} = {sum(scaled)} g.")
    given = {"people": people, "guests": guests, "amounts": [[grams] for grams in amounts]}
    asked = f"How many grams do all ingredients for {guests} people weigh together?"
    return _recipe_text(amounts, names, people), asked, given, lines, str(sum(scaled)), INTEGER


def _stocks(rng: random.Random, count: int) -> tuple[int, list[str], list[int], list[int], int]:
    """People of the recipe, ingredients, amounts, stocks, and the most people the stocks are enough for."""
    people, names = rng.randint(2, 8), rng.sample(INGREDIENTS, count)
    amounts = [_portion(rng, people) for _ in names]
    most = rng.randint(people + 1, 40)
    each = [grams // people for grams in amounts]
    stocks = [one * (most + rng.randint(1, 9)) + rng.randint(0, one - 1) for one in each]
    scarce = rng.randrange(count)
    stocks[scarce] = each[scarce] * most + rng.randint(0, each[scarce] - 1)
    return people, names, amounts, stocks, most


def _stock_lines(
    people: int, names: list[str], amounts: list[int], stocks: list[int], most: int
) -> list[str]:
    lines = []
    for name, grams, stock in zip(names, amounts, stocks, strict=True):
        each = grams // people
        enough = stock // each
        rest = f", remainder {stock - enough * each}" if stock % each else ""
        lines.append(
            f"{name.capitalize()}: {grams}/{people} = {each} g a person, and {stock}/{each} is "
            f"{enough}{rest}."
        )
    lines.append(f"The least of these decides: {most} people.")
    return lines


def _stock_text(names: list[str], stocks: list[int]) -> str:
    parts = [f"{grams} g of {name}" for grams, name in zip(stocks, names, strict=True)]
    return f"In the cupboard there are {listing(parts)}; there is plenty of everything else."


def _most_people(rng: random.Random, dish: str) -> Told:
    people, names, amounts, stocks, most = _stocks(rng, 3)
    story = f"{_recipe_text(amounts, names, people)} {_stock_text(names, stocks)}"
    lines = _stock_lines(people, names, amounts, stocks, most)
    given = {"people": people, "amounts": [list(pair) for pair in zip(amounts, stocks, strict=True)]}
    return story, "For how many people at most is that enough?", given, lines, str(most), INTEGER


def _left_over(rng: random.Random, dish: str) -> Told:
    people, names, amounts, stocks, most = _stocks(rng, 3)
    story = f"{_recipe_text(amounts, names, people)} {_stock_text(names, stocks)}"
    lines = _stock_lines(people, names, amounts, stocks, most)
    left = [stock - grams // people * most for grams, stock in zip(amounts, stocks, strict=True)]
    for name, grams, stock, rest in zip(names, amounts, stocks, left, strict=True):
        lines.append(f"Left of the {name}: {stock} - {most} * {grams // people} = {rest} g.")
    lines.append(f"{' + '.join(map(str, left))} = {sum(left)}")
    asked = (
        "The dish is made for as many people as these stocks allow. How many grams of the "
        f"{listing(names)} are left over in all?"
    )
    pairs = [list(pair) for pair in zip(amounts, stocks, strict=True)]
    given = {"people": people, "amounts": pairs, "asked": "left over"}
    return story, asked, given, lines, str(sum(left)), INTEGER


def _packets(rng: random.Random, dish: str) -> Told:
    people, guests = rng.randint(2, 8), rng.randint(12, 60)
    names = rng.sample(INGREDIENTS, 4)
    amounts = [_portion(rng, people) for _ in names]
    sizes = [rng.choice((200, 250, 400, 500, 750, 1000)) for _ in names]
    prices = [5 * rng.randint(16, 140) for _ in names]
    lines, costs = [], []
    for name, grams, size, price in zip(names, amounts, sizes, prices, strict=True):
        needed = grams // people * guests
        packets = -(-needed // size)
        costs.append(packets * price)
        most = counted(packets, "packet")
        enough = f"{packets} * {size} = {packets * size} is enough, {packets - 1} * {size} is not"
        lines.append(
            f"{name.capitalize()}: {grams}/{people} * {guests} = {needed} g. As {enough}, {most} for "
            f"{packets} * {dollars(price)} = {dollars(costs[-1])}."
        )
    lines.append(f"{' + '.join(map(dollars, costs))} = {dollars(sum(costs))}")
    packs = [
        f"{name} in packets of {size} g for {dollars(price)}"
        for name, size, price in zip(names, sizes, prices, strict=True)
    ]
    story = f"{_recipe_text(amounts, names, people)} The shop sells {listing(packs)}, whole packets only."
    asked = (
        f"What does it cost at least to buy everything for {guests} people? Answer in dollars, like $7.25."
    )
    rows = [list(row) for row in zip(amounts, sizes, prices, strict=True)]
    given = {"people": people, "guests": guests, "packets": rows}
    return story, asked, given, lines, dollars(sum(costs)), QUANTITY


@recipe_scaling.proof
def _recipe_scaling(given: Given) -> str:
    people = given["people"]
    if "packets" in given:
        cents = 0
        for grams, size, price in given["packets"]:
            bought = Fraction(0)
            while bought < Fraction(grams, people) * given["guests"]:
                bought += size
                cents += price
        return f"${cents // 100}.{cents % 100:02}"
    if "guests" in given:
        scale = Fraction(given["guests"], people)
        return str(sum(Fraction(grams) * scale for (grams,) in given["amounts"]))
    fed = 0
    while all((fed + 1) * Fraction(grams, people) <= stock for grams, stock in given["amounts"]):
        fed += 1
    if "asked" not in given:
        return str(fed)
    return str(sum(stock - fed * Fraction(grams, people) for grams, stock in given["amounts"]))
