"""Stories of things shared in a ratio.

The proof tries every size a part can have.
"""

from __future__ import annotations

import random
from math import gcd, lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing, plural_of

THINGS = ("marble", "stamp", "sticker", "trading card", "walnut", "chestnut", "seashell", "coin", "pearl")


def _ratio(rng: random.Random, count: int, largest: int) -> list[int]:
    """Different numbers without a common factor."""
    while True:
        parts = rng.sample(range(1, largest + 1), count)
        if gcd(*parts) == 1:
            return parts


@family(
    name="sharing_ratio",
    wordings=(
        "{facts} {asked}",
        "{people} have put all their {things} on the table. {facts} {asked}",
        "This is about the {things} of {people}. {facts} {asked}",
    ),
)
def sharing_ratio(rng: random.Random, level: int) -> Problem:
    """Shares in a ratio, from a total, a difference or a gift, worked through the size of one part."""
    names = [who.name for who in some_people(rng, 3 if level in (2, 5) else 2)]
    things = plural_of(rng.choice(THINGS))
    make = (_two_shares, _three_shares, _difference, _gift, _chain)[level - 1]
    facts, asked, given, lines, answer = make(rng, names, things)
    return Problem(
        question=sharing_ratio.ask(rng, facts=facts, asked=asked, people=listing(names), things=things),
        answer=str(answer),
        spec=INTEGER,
        solution="\n".join([*lines, f"The answer is {boxed(str(answer))}"]),
        given=given,
        key=("sharing_ratio", level, *_shares_key(given)),
    )


def _shares_key(given: Given) -> tuple[object, ...]:
    """The ratios and numbers, people who are not asked for in an order of their own."""
    ratios, asked = given["ratios"], given["asked"]
    rest = tuple(value for name, value in given.items() if name not in ("ratios", "asked"))
    if len(ratios) == 1 and "gift" not in given and asked is not None:
        parts = ratios[0]
        return (parts[asked], tuple(sorted(parts[:asked] + parts[asked + 1 :])), *rest)
    if asked is None and len(ratios) == 1:
        return (tuple(sorted(ratios[0])), *rest)
    return (tuple(map(tuple, ratios)), asked, *rest)


Told = tuple[str, str, Given, list[str], int]


def _ratio_text(parts: list[int]) -> str:
    return ":".join(map(str, parts))


def _two_shares(rng: random.Random, names: list[str], things: str, count: int = 2) -> Told:
    parts = _ratio(rng, count, 9 if count == 2 else 12)
    unit, who = rng.randint(2, 30) if count == 2 else rng.randint(5, 60), rng.randrange(count)
    whole, answer = unit * sum(parts), unit * parts[who]
    facts = f"{listing(names)} share {whole} {things} in the ratio {_ratio_text(parts)}, in this order."
    lines = [
        f"There are {' + '.join(map(str, parts))} = {sum(parts)} parts.",
        f"One part is {whole}/{sum(parts)} = {unit}.",
    ]
    if count == 2:
        asked = f"How many {things} does {names[who]} get?"
        lines.append(f"{names[who]} gets {parts[who]} * {unit} = {answer}.")
        return facts, asked, {"ratios": [parts], "total": whole, "asked": who}, lines, answer
    others = [name for name in names if name != names[who]]
    asked = f"How many {things} do {others[0]} and {others[1]} get together?"
    rest = [part for place, part in enumerate(parts) if place != who]
    answer = whole - unit * parts[who]
    lines += [
        f"{names[who]} gets {parts[who]} * {unit} = {unit * parts[who]}.",
        f"The other two get {whole} - {unit * parts[who]} = {answer}.",
        f"Check: ({rest[0]} + {rest[1]}) * {unit} = {answer}.",
    ]
    return facts, asked, {"ratios": [parts], "total": whole, "asked": who}, lines, answer


def _three_shares(rng: random.Random, names: list[str], things: str) -> Told:
    return _two_shares(rng, names, things, 3)


def _difference(rng: random.Random, names: list[str], things: str) -> Told:
    parts = _ratio(rng, 2, 15)
    unit = rng.randint(3, 90)
    more, less = (0, 1) if parts[0] > parts[1] else (1, 0)
    gap, answer = unit * abs(parts[0] - parts[1]), unit * sum(parts)
    facts = (
        f"The numbers of {things} that {names[0]} and {names[1]} own are in the ratio "
        f"{_ratio_text(parts)}. {names[more]} owns {gap} more than {names[less]}."
    )
    lines = [
        f"Let {names[0]} own {counted(parts[0], 'part')} and {names[1]} {counted(parts[1], 'part')}.",
        f"The difference is {parts[more]} - {parts[less]} = {counted(parts[more] - parts[less], 'part')}, "
        f"and it is {gap} {things}.",
        f"One part is {gap}/{parts[more] - parts[less]} = {unit}.",
        f"Together they have {parts[0]} + {parts[1]} = {sum(parts)} parts.",
        f"{sum(parts)} * {unit} = {answer}",
    ]
    asked = f"How many {things} do they own together?"
    return facts, asked, {"ratios": [parts], "difference": gap, "asked": None}, lines, answer


def _gift(rng: random.Random, names: list[str], things: str) -> Told:
    while True:
        before, after = _ratio(rng, 2, 9), _ratio(rng, 2, 9)
        parts = lcm(sum(before), sum(after))
        lost = before[0] * (parts // sum(before)) - after[0] * (parts // sum(after))
        whole = parts * rng.randint(1, max(1, 240 // parts))
        if lost > 0 and whole <= 400:
            break
    gift = lost * whole // parts
    first = before[0] * whole // sum(before)
    facts = (
        f"The numbers of {things} of {names[0]} and {names[1]} are in the ratio {_ratio_text(before)}. "
        f"After {names[0]} has given {names[1]} {counted(gift, things[:-1])}, they are in the ratio "
        f"{_ratio_text(after)}."
    )
    lines = [
        "The gift does not change how many they have together.",
        f"At first {names[0]} has {before[0]}/{sum(before)} of all, afterwards {after[0]}/{sum(after)}.",
        f"Over {parts} these are {before[0] * parts // sum(before)}/{parts} and "
        f"{after[0] * parts // sum(after)}/{parts}, so the gift is {lost}/{parts} of all.",
        f"So {lost}/{parts} of all are {gift}, and all are {gift} * {parts}/{lost} = {whole}.",
        f"At first {names[0]} has {before[0]}/{sum(before)} * {whole} = {first}, and {names[1]} has "
        f"{whole} - {first} = {whole - first}.",
    ]
    given = {"ratios": [before, after], "gift": gift, "asked": 0}
    return facts, f"How many {things} did {names[0]} have at first?", given, lines, first


def _chain(rng: random.Random, names: list[str], things: str) -> Told:
    while True:
        left, right = _ratio(rng, 2, 9), _ratio(rng, 2, 9)
        middle = lcm(left[1], right[0])
        parts = [left[0] * middle // left[1], middle, right[1] * middle // right[0]]
        if parts[0] != parts[2] and middle != left[1] and middle != right[0]:
            break
    unit = rng.randint(2, 20)
    more, less = (0, 2) if parts[0] > parts[2] else (2, 0)
    gap, answer = unit * (parts[more] - parts[less]), unit * sum(parts)
    facts = (
        f"{names[0]} and {names[1]} have {things} in the ratio {_ratio_text(left)}, {names[1]} and "
        f"{names[2]} in the ratio {_ratio_text(right)}. {names[more]} has {gap} more than {names[less]}."
    )
    lines = [
        f"{names[1]} is {left[1]} in one ratio and {right[0]} in the other; their least common multiple is "
        f"{middle}.",
        f"{_ratio_text(left)} = {parts[0]}:{middle}, since {middle}/{left[1]} = {middle // left[1]}.",
        f"{_ratio_text(right)} = {middle}:{parts[2]}, since {middle}/{right[0]} = {middle // right[0]}.",
        f"All three are in the ratio {_ratio_text(parts)}.",
        f"The difference of {gap} is {parts[more]} - {parts[less]} = "
        f"{counted(parts[more] - parts[less], 'part')}, so one part is {unit}.",
        *(f"{name} has {part} * {unit} = {part * unit}." for name, part in zip(names, parts, strict=True)),
        f"Together: {' + '.join(str(part * unit) for part in parts)} = {answer}.",
    ]
    given = {"ratios": [left, right], "difference": gap, "asked": None}
    return facts, f"How many {things} do the three have together?", given, lines, answer


@sharing_ratio.proof
def _sharing_ratio(given: Given) -> str:
    ratios, asked = given["ratios"], given["asked"]
    (a, b), *_ = ratios if len(ratios[0]) == 2 else [ratios[0][:2]]
    for unit in range(1, 3000):
        first, second = a * unit, b * unit
        if "gift" in given:
            c, d = ratios[1]
            if (first - given["gift"]) * d == (second + given["gift"]) * c:
                return str(first)
        elif "difference" in given:
            third, rest = divmod(second * ratios[1][1], ratios[1][0]) if len(ratios) > 1 else (0, 0)
            gap = abs(first - third) if len(ratios) > 1 else abs(first - second)
            if not rest and gap == given["difference"]:
                return str(first + second + third)
        else:
            shares = [part * unit for part in ratios[0]]
            if sum(shares) == given["total"]:
                own = shares.pop(asked)
                return str(own if len(shares) == 1 else sum(shares))
    raise ValueError("no shares fit")
