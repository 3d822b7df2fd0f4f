"""Arrangements of different people: in a row, round a table, in blocks, with neighbours and ends.

Constructions multiply the choices; proofs fill the seats one after the other and add up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import factorial, perm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import falling, times, wrong
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, counted, listing

COUNTRIES = ("Chile", "Kenya", "Japan", "Norway", "Peru", "Ghana", "Nepal", "Spain")
GROUPS = {3: (3, 4, 0, 10), 4: (3, 5, 1, 9), 5: (3, 4, 3, 12)}
"""Per level: how many groups sit together, from and to, and how many other people there are, from and to."""
LARGEST_COUNT = 10**15
ROW_RULE = "Two seatings are different when some chair is taken by a different person."
TABLE_RULE = "Seatings that differ only by a rotation count as the same, mirror images as different."


@family(
    name="row_or_circle",
    wordings=(
        "{Clause}. {rule} In how many ways can they be seated?",
        "How many seatings are possible when {clause}? {rule}",
        "{rule} Count the seatings in which {clause}.",
    ),
)
def row_or_circle(rng: random.Random, level: int) -> Problem:
    """Seatings in a row or round a table, from level 3 with groups that sit together."""
    made = _few_seated(rng, level) if level < 3 else _groups_seated(rng, level)
    clause, count, solution, given = made
    rule = TABLE_RULE if given["round"] else ROW_RULE
    key = (given["round"], given["people"], given["chairs"], *sorted(given["groups"]), len(given["apart"]))
    return Problem(
        question=row_or_circle.ask(rng, clause=clause, Clause=capitalized(clause), rule=rule),
        answer=str(count),
        spec=INTEGER,
        solution=solution,
        given=given,
        key=("row_or_circle", *key),
    )


def _few_seated(rng: random.Random, level: int) -> tuple[str, int, str, Given]:
    chairs = rng.randint(2, 4) if level == 1 else rng.randint(3, 6)
    people = rng.randint(chairs, 18 if level == 1 else 15)
    given = {"people": people, "chairs": chairs, "round": level == 2, "groups": [], "apart": []}
    some = f"{chairs} of {people} people" if chairs < people else f"{people} people"
    place = f"at a round table with {chairs} chairs" if level == 2 else f"on {chairs} chairs in a row"
    orders = perm(people, chairs)
    lines = [f"There are {people} choices for the first chair, and one fewer for each chair after it."]
    if level == 1:
        lines.append(f"{falling(people, chairs)} = {boxed(str(orders))}")
        return f"{some} sit {place}", orders, "\n".join(lines), given
    lines.append(f"For numbered chairs that makes {falling(people, chairs)} = {orders} seatings.")
    lines.append(f"Each seating can be turned into {chairs} positions that count as one.")
    count = orders // chairs
    lines.append(f"{orders}/{chairs} = {boxed(str(count))}")
    return f"{some} sit {place}", count, "\n".join(lines), given


def _groups_seated(rng: random.Random, level: int) -> tuple[str, int, str, Given]:
    fewest, most, low, high = GROUPS[level]
    while True:
        sizes = [rng.randint(2, 6) for _ in range(rng.randint(fewest, most))]
        others = rng.randint(low, high)
        at_table = level == 4 or (level == 5 and rng.random() < 0.5)
        units = len(sizes) + others
        free = units - 1 if at_table else units
        orders = factorial(free) - (2 * factorial(free - 1) if level == 5 else 0)
        if orders * prod(map(factorial, sizes)) < LARGEST_COUNT:
            break
    people = sum(sizes) + others
    apart = [person.name for person in some_people(rng, 2)] if level == 5 else []
    groups = [
        f"{size} people from {country}"
        for size, country in zip(sizes, rng.sample(COUNTRIES, len(sizes)), strict=True)
    ]
    also = [f"{counted(others, 'other person', 'other people')}"] if others else []
    named = f" (among them {listing(apart)})" if apart else ""
    clause = f"{listing([*groups, *also])}{named} sit "
    clause += f"at a round table with {people} chairs" if at_table else f"on {people} chairs in a row"
    clause += ", so that people from the same country named here sit together"
    clause += f" while {apart[0]} and {apart[1]} do not sit next to each other" if apart else ""
    count, solution = _blocks_text(sizes, others, at_table, apart)
    given = {"people": people, "chairs": people, "round": at_table, "groups": sizes, "apart": apart}
    return clause, count, solution, given


def _blocks_text(sizes: list[int], others: int, at_table: bool, apart: list[str]) -> tuple[int, str]:
    units = len(sizes) + others
    free = units - 1 if at_table else units
    also = f" and {counted(others, 'other person', 'other people')}" if others else ""
    lines = ["The people of one country sit side by side, in any order among themselves."]
    lines += [f"So each country is one block: {len(sizes)} blocks{also} make {units} units."]
    if at_table:
        lines.append(f"Fix one unit at the table; the other {free} can follow in {free}! orders.")
    orders = factorial(free)
    lines.append(f"The units have {free}! = {orders} orders.")
    if apart:
        together = 2 * factorial(free - 1)
        lines.append(
            f"{listing(apart)} are next to each other in 2 * {free - 1}! = {together} of them: glue the two "
            f"into one unit, in 2 orders."
        )
        lines.append(f"That leaves {orders} - {together} = {orders - together} orders.")
        orders -= together
    inside = prod(map(factorial, sizes))
    factorials = times(f"{size}!" for size in sizes)
    lines.append(f"Inside the blocks there are {factorials} = {inside} orders.")
    count = orders * inside
    lines.append(f"Together: {orders} * {inside} = {boxed(str(count))}")
    return count, "\n".join(lines)


@row_or_circle.proof
def _row_or_circle(given: Given) -> str:
    """Seat by seat: how many people may come next. A round table starts with one person who is free."""
    if not given["groups"]:
        return str(_few_by_seats(given["people"], given["chairs"], given["round"]))
    others = given["people"] - sum(given["groups"])
    named = len(given["apart"])

    @cache
    def ways(groups: tuple[int, ...], free: int, pair: int, last_named: bool) -> int:
        if not groups and not free and not pair:
            return 1
        total = 0
        for place, size in enumerate(groups):
            seated = 1
            for left in range(size, 0, -1):
                seated *= left
            total += seated * ways(groups[:place] + groups[place + 1 :], free, pair, False)
        if free:
            total += free * ways(groups, free - 1, pair, False)
        if pair and not last_named:
            total += pair * ways(groups, free, pair - 1, True)
        return total

    return str(ways(tuple(sorted(given["groups"])), others - named - given["round"], named, False))


@cache
def _few_by_seats(people: int, chairs: int, at_table: bool) -> int:
    """Row: one person after the other. Table: the person with the least number sits first."""
    if not at_table:
        return 1 if not chairs else sum(_few_by_seats(people - 1, chairs - 1, False) for _ in range(people))
    later = [_few_by_seats(people - least, chairs - 1, False) for least in range(1, people - chairs + 2)]
    return sum(later)


@row_or_circle.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    count, chairs = int(answer), given["chairs"]
    together = prod(map(factorial, given["groups"]))
    return [], wrong(answer, count * chairs if given["round"] else count // chairs, 2 * count, together)


@dataclass(frozen=True)
class Row:
    """Conditions on a row: blocks of people who stand together, people at the ends, people of whom no two are
    neighbours, people in a given order, and how many others there are. `fixed` blocks have a given order."""

    blocks: tuple[int, ...]
    fixed: bool
    ends: str
    apart: int
    ordered: int
    others: int


ENDS = {"left": (1, 1), "either": (1, 2), "both": (2, 2), "each": (2, 1)}  # people, ways
CONDITIONS = ("block", "ends", "apart", "ordered")


def _drawn_row(rng: random.Random, level: int) -> Row:
    large = level > 2
    while True:
        kinds = rng.sample(CONDITIONS, (1, 2, 2, 3, 4)[level - 1])
        blocks: tuple[int, ...] = ()
        if "block" in kinds:
            most = rng.choice((1, 2)) if large else 1
            top = 4 if large else 3 if level == 1 else 2
            blocks = tuple(sorted(rng.randint(2, top) for _ in range(most)))
        apart = rng.randint(2, 4 if large else 3 if level == 1 else 2) if "apart" in kinds else 0
        ordered = rng.randint(2, 4 if large else 3 if level == 1 else 2) if "ordered" in kinds else 0
        ends = rng.choice(tuple(ENDS)) if "ends" in kinds else ""
        others = rng.randint(1, 8 if large else 6)
        row = Row(blocks, bool(blocks) and rng.random() < 0.4, ends, apart, ordered, others)
        units = len(blocks) + ordered + others
        bigger = max(*blocks, apart, ordered, 0) > 2 and (apart > 0 or len(blocks) > 1)
        enough = units > 1 and apart <= units + 1 and _people_of(row) >= 4
        if enough and (bigger if level == 3 else True) and _row_count(row)[0] < LARGEST_COUNT:
            return row


def _people_of(row: Row) -> int:
    at_ends = ENDS[row.ends][0] if row.ends else 0
    return sum(row.blocks) + row.apart + row.ordered + row.others + at_ends


def _row_count(row: Row) -> tuple[int, list[tuple[str, int]]]:
    """The number of rows, and the factors it is made of, each with its name."""
    units = len(row.blocks) + row.ordered + row.others
    factors = []
    if row.ends:
        factors.append(("ends", ENDS[row.ends][1]))
    factors.append(("units", factorial(units) // factorial(row.ordered)))
    if row.blocks and not row.fixed:
        factors.append(("blocks", prod(map(factorial, row.blocks))))
    if row.apart:
        factors.append(("apart", perm(units + 1, row.apart)))
    return prod(value for _, value in factors), factors


@family(
    name="permutations_with_conditions",
    wordings=(
        "{count} people, among them {named}, stand in a row. {conditions}. How many orders are possible?",
        "In how many ways can {count} people, {named} being among them, line up in a row from left to right "
        "under these conditions? {conditions}.",
        "A row of {count} people includes {named}. {conditions}. Count the possible orders of everyone.",
    ),
)
def permutations_with_conditions(rng: random.Random, level: int) -> Problem:
    """Orders of a row with people together, apart, in order or at the ends, by units and gaps."""
    row = _drawn_row(rng, level)
    special = _people_of(row) - row.others
    names = [person.name for person in some_people(rng, special)]
    members = _members(row, names)
    conditions = _condition_texts(row, members)
    rng.shuffle(conditions)
    count, factors = _row_count(row)
    return Problem(
        question=permutations_with_conditions.ask(
            rng,
            count=_people_of(row),
            named=listing(sorted(names)),
            conditions=". ".join(capitalized(text) for text in conditions),
        ),
        answer=str(count),
        spec=INTEGER,
        solution=_row_solution(row, members, factors, count),
        given={
            "people": _people_of(row),
            "blocks": list(row.blocks),
            "blocks_in_given_order": row.fixed,
            "ends": row.ends,
            "no_two_neighbours": row.apart,
            "in_order": row.ordered,
        },
        key=(
            *("permutations_with_conditions", row.blocks, row.fixed, row.ends),
            *(row.apart, row.ordered, row.others),
        ),
    )


def _members(row: Row, names: list[str]) -> dict[str, list[list[str]]]:
    """Which of the names each condition is about."""
    left = iter(names)
    at_ends = ENDS[row.ends][0] if row.ends else 0
    return {
        "blocks": [[next(left) for _ in range(size)] for size in row.blocks],
        "ends": [[next(left) for _ in range(at_ends)]],
        "apart": [[next(left) for _ in range(row.apart)]],
        "ordered": [[next(left) for _ in range(row.ordered)]],
    }


def _condition_texts(row: Row, members: dict[str, list[list[str]]]) -> list[str]:
    texts = []
    for block in members["blocks"]:
        if row.fixed:
            texts.append(f"{listing(block)} stand side by side in exactly this order from left to right")
        else:
            texts.append(f"{listing(block)} stand side by side, in any order among themselves")
    (ends,), (apart,), (ordered,) = members["ends"], members["apart"], members["ordered"]
    if row.ends:
        texts.append(
            {
                "left": "{0} stands at the left end",
                "either": "{0} stands at one of the two ends",
                "both": "{0} and {1} stand at the two ends, either way round",
                "each": "{0} stands at the left end and {1} at the right end",
            }[row.ends].format(*ends)
        )
    if len(apart) == 2:
        texts.append(f"{listing(apart)} do not stand next to each other")
    elif apart:
        texts.append(f"no two of {listing(apart)} stand next to each other")
    if ordered:
        steps = [f"{a} somewhere to the left of {b}" for a, b in pairwise(ordered)]
        texts.append(f"{ordered[0]} stands {listing(steps)[len(ordered[0]) + 1 :]}")
    return texts


def _row_solution(
    row: Row, members: dict[str, list[list[str]]], factors: list[tuple[str, int]], count: int
) -> str:
    values = dict(factors)
    lines = []
    if row.ends:
        names = listing(members["ends"][0])
        place = {"left": "the left end", "either": "one of the two ends"}.get(
            row.ends, "the two ends as asked"
        )
        lines.append(f"Put {names} at {place}: {counted(values['ends'], 'way')}.")
    units = len(row.blocks) + row.ordered + row.others
    line = f"Leave out {listing(members['apart'][0])} for now. " if row.apart else ""
    line += (
        f"Count each block as one unit: with {counted(len(row.blocks), 'block')} and " if row.blocks else ""
    )
    single = counted(row.ordered + row.others, "more person", "more people")
    line += f"{single} there are {units} units" if row.blocks else f"There {_are(units)} {single} to place"
    lines.append(f"{line}, in {units}! = {factorial(units)} orders.")
    if row.ordered:
        arranged = factorial(row.ordered)
        lines.append(
            f"Just one in {row.ordered}! = {arranged} of these has {listing(members['ordered'][0])} in the "
            f"right order: {factorial(units)}/{arranged} = {values['units']}."
        )
    if "blocks" in values:
        inside = times(f"{size}!" for size in row.blocks)
        lines.append(f"Inside the blocks: {inside} = {values['blocks']} orders.")
    elif row.blocks:
        lines.append("Inside the blocks the order is fixed: 1 way.")
    if row.apart:
        lines.append(
            f"In such an order there are {units + 1} gaps, the outer two included. "
            f"{listing(members['apart'][0])} go "
            f"into different gaps: {falling(units + 1, row.apart)} = {values['apart']} ways."
        )
    product = times(value for _, value in factors)
    return "\n".join(
        [*lines, f"In all: {boxed(str(count))}" if len(factors) == 1 else f"{product} = {boxed(str(count))}"]
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


@permutations_with_conditions.proof
def _permutations_with_conditions(given: Given) -> str:
    """Place by place from the left; people of one kind are interchangeable but different."""
    ends = given["ends"]
    first_end = {"left": 1, "either": 1, "both": 2, "each": 1, "": 0}[ends]
    last_end = {"left": 0, "either": 1, "both": 1, "each": 1, "": 0}[ends]
    at_ends = {"left": 1, "either": 1, "both": 2, "each": 2, "": 0}[ends]
    special = sum(given["blocks"]) + given["no_two_neighbours"] + given["in_order"] + at_ends
    others = given["people"] - special

    @cache
    def inside(blocks: tuple[int, ...], apart: int, ordered: int, free: int, after_apart: bool) -> int:
        if not (blocks or apart or ordered or free):
            return 1
        total = 0
        for place, size in enumerate(blocks):
            orders = 1
            for left in range(size, 0, -1):
                orders *= 1 if given["blocks_in_given_order"] else left
            total += orders * inside(blocks[:place] + blocks[place + 1 :], apart, ordered, free, False)
        if apart and not after_apart:
            total += apart * inside(blocks, apart - 1, ordered, free, True)
        if ordered:
            total += inside(blocks, apart, ordered - 1, free, False)
        if free:
            total += free * inside(blocks, apart, ordered, free - 1, False)
        return total

    middle = inside(tuple(given["blocks"]), given["no_two_neighbours"], given["in_order"], others, False)
    ways = {"": 1, "left": first_end, "either": first_end + last_end, "both": first_end, "each": 1}[ends]
    return str(middle * ways)


@permutations_with_conditions.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    everyone = factorial(given["people"])
    return [], wrong(answer, everyone, everyone - int(answer), 2 * int(answer))
