"""Choosing: committees with conditions, people divided into groups, different things in boxes.

Constructions multiply binomial coefficients case by case; proofs decide about one person or thing after the
other and add up.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import product
from math import comb, factorial, perm, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import (
    choosing,
    multinomial,
    multinomial_text,
    plus,
    times,
    wrong,
)
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

PROFESSIONS = ("teacher", "doctor", "nurse", "pilot", "baker", "farmer", "singer", "painter")
COMMITTEES = {1: (1, 4, 16), 2: (2, 3, 10), 3: (2, 4, 15), 4: (2, 4, 13), 5: (3, 3, 10)}
"""Per level: how many groups there are, and how many people are in one, from and to."""
CASES = {3: (2, 6), 4: (2, 4), 5: (5, 10)}


def _drawn_committee(rng: random.Random, level: int) -> tuple[list[int], list[int], int, str]:
    """The sizes of the groups, how many of each are needed, the committee's size, what is said of a pair."""
    number, low, high = COMMITTEES[level]
    while True:
        groups = [rng.randint(low, high) for _ in range(number)]
        least = [0] * number
        pair = ""
        if level == 1:
            return groups, least, rng.randint(2, min(7, groups[0] - 1)), pair
        if level == 2:
            least = [rng.randint(1, min(4, group)) for group in groups]
            return groups, least, sum(least), pair
        size = rng.randint(4, 7)
        least[0] = rng.randint(2, size - 2)
        if level > 3:
            least[1] = rng.randint(0, 1)
            pair = "one in" if level == 5 else rng.choice(("together", "apart"))
        if level == 5:
            least[1:] = [1, rng.randint(0, 1)]
        enough = all(take < group for take, group in zip(least, groups, strict=True)) and sum(least) < size
        if enough and CASES[level][0] <= len(_takes(groups, least, size)) <= CASES[level][1]:
            return groups, least, size, pair


def _takes(groups: list[int], least: list[int], size: int) -> list[tuple[int, ...]]:
    """How many may come from each group."""
    ranges = [range(low, min(group, size) + 1) for low, group in zip(least, groups, strict=True)]
    return [take for take in product(*ranges) if sum(take) == size]


@family(
    name="committees",
    wordings=(
        "A committee of {size} people is chosen from {people}.{conditions} How many committees are possible?",
        "In how many ways can a committee of {size} people be formed from {people}?{conditions}",
        "From {people}, {size} are picked for a committee.{conditions} Count the possible committees.",
    ),
)
def committees(rng: random.Random, level: int) -> Problem:
    """Committees with so many of each group, from level 4 with two special members, case by case."""
    groups, least, size, pair = _drawn_committee(rng, level)
    names = rng.sample(PROFESSIONS, len(groups))
    two = [person.name for person in some_people(rng, 2)]
    count, lines = _committee_text(groups, least, size, names, pair, two)
    ranked = sorted(zip(groups, least, strict=True)) if not pair else [(groups[0], least[0])]
    ranked += sorted(zip(groups[1:], least[1:], strict=True)) if pair else []
    return Problem(
        question=committees.ask(
            rng,
            size=size,
            people=listing([counted(group, name) for group, name in zip(groups, names, strict=True)]),
            conditions=_committee_conditions(least, size, names, pair, two),
        ),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={"groups": groups, "least": least, "size": size, "pair_in_first_group": pair},
        key=("committees", *ranked, size, pair),
    )


def _committee_conditions(least: list[int], size: int, names: list[str], pair: str, two: list[str]) -> str:
    exactly = sum(least) == size
    needed = [counted(low, name) for low, name in zip(least, names, strict=True) if low]
    text = f" It must have {'exactly' if exactly else 'at least'} {listing(needed)}." if needed else ""
    return (
        text
        + {
            "": "",
            "one in": f" {two[0]}, one of the {names[0]}s, must be in it.",
            "together": f" {listing(two)}, two of the {names[0]}s, must both be in it or both be left out.",
            "apart": f" {listing(two)}, two of the {names[0]}s, must not both be in it.",
        }[pair]
    )


def _committee_text(
    groups: list[int], least: list[int], size: int, names: list[str], pair: str, two: list[str]
) -> tuple[int, list[str]]:
    if len(groups) == 1:
        return comb(groups[0], size), ["The order does not matter.", choosing(groups[0], size)]
    if not pair:
        count, lines = _case_lines(groups, least, size, names)
        if len(lines) == 1:
            return count, ["Choose the members of each group; the choices are independent.", *lines]
        return count, [*lines, f"The total is {_sum_of(lines)} = {count}"]
    if pair == "one in":
        count, lines = _case_lines([groups[0] - 1, *groups[1:]], [least[0] - 1, *least[1:]], size - 1, names)
        start = (
            f"With {two[0]} in, {size - 1} more are chosen, from {groups[0] - 1} {names[0]}s and the others."
        )
        return count, [start, *lines, f"The total is {_sum_of(lines)} = {count}"]
    fewer = [groups[0] - 2, *groups[1:]]
    both, with_both = _case_lines(fewer, [max(0, least[0] - 2), *least[1:]], size - 2, names)
    intro = (
        f"Both {two[0]} and {two[1]} in: {size - 2} more people, from {fewer[0]} {names[0]}s and the others."
    )
    if pair == "together":
        neither, without = _case_lines(fewer, least, size, names)
        lines = [intro, *with_both, f"Sum: {_sum_of(with_both)} = {both}."]
        lines += ["Both left out:", *(without or ["There are too few people for that."])]
        lines += [f"Sum: {_sum_of(without)} = {neither}."] if without else []
        return both + neither, [*lines, f"Together: {both} + {neither} = {both + neither}"]
    every, cases = _case_lines(groups, least, size, names)
    lines = ["Without the last condition:", *cases, f"Sum: {_sum_of(cases)} = {every}.", intro, *with_both]
    return every - both, [
        *lines,
        f"Sum: {_sum_of(with_both)} = {both}.",
        f"{every} - {both} = {every - both}",
    ]


def _sum_of(lines: list[str]) -> str:
    return plus(line.rpartition(" = ")[2] for line in lines)


def _case_lines(groups: list[int], least: list[int], size: int, names: list[str]) -> tuple[int, list[str]]:
    """The committees case by case, a line for how many come from each group."""
    total, lines = 0, []
    for take in _takes(groups, least, size):
        ways = [comb(group, some) for group, some in zip(groups, take, strict=True)]
        total += prod(ways)
        parts = [counted(some, name) for some, name in zip(take, names, strict=True) if some]
        choices = [f"C({group}, {some})" for group, some in zip(groups, take, strict=True) if some]
        values = [way for way, some in zip(ways, take, strict=True) if some]
        product_of = f"{times(choices)} = {times(values)} = {prod(ways)}" if len(values) > 1 else ""
        lines.append(f"{listing(parts)}: {product_of or f'{choices[0]} = {values[0]}'}")
    return total, lines


@committees.proof
def _committees(given: Given) -> str:
    """Person by person: in or out. The special pair are the first two of the first group."""
    groups, least, size, pair = (given[name] for name in ("groups", "least", "size", "pair_in_first_group"))
    people = [place for place, group in enumerate(groups) for _ in range(group)]

    @cache
    def ways(person: int, taken: tuple[int, ...], special: int) -> int:
        if person == len(people):
            return int(sum(taken) == size and all(a >= b for a, b in zip(taken, least, strict=True)))
        total = ways(person + 1, taken, special) if not (pair == "one in" and person == 0) else 0
        if sum(taken) < size:
            place = people[person]
            more = (*taken[:place], taken[place] + 1, *taken[place + 1 :])
            total += ways(person + 1, more, special + (person < 2))
        if person == 1 and pair == "together":
            return (ways(2, taken, 0) if not special else 0) + (ways(2, more, 2) if special else 0)
        if person == 1 and pair == "apart" and special:
            return ways(2, taken, 1)
        return total

    return str(ways(0, (0,) * len(groups), 0))


@committees.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    everyone, size = sum(given["groups"]), given["size"]
    return [], wrong(answer, comb(everyone, size), perm(everyone, size), int(answer) * size)


GROUPS = {1: (2, 2, 7), 2: (2, 4, 5), 3: (3, 3, 8), 4: (3, 4, 7), 5: (4, 5, 6)}
"""Per level: how many groups, from and to, and the largest group."""
LARGEST_PEOPLE = 22


@family(
    name="groups_of_given_sizes",
    wordings=(
        "From {people} people, {groups} are formed{rest}.{condition} In how many ways can this be done?",
        "There are {people} people, who form {groups}{rest}.{condition} How many ways are there to do this?",
        "Count the ways in which {people} people can form {groups}{rest}.{condition}",
    ),
)
def groups_of_given_sizes(rng: random.Random, level: int) -> Problem:
    """People divided into groups of given sizes, named or not, with people kept together or apart."""
    fewest, most, largest = GROUPS[level]
    while True:
        sizes = sorted(rng.randint(2, largest) for _ in range(rng.randint(fewest, most)))
        named = level == 1 or (level > 2 and rng.random() < 0.5)
        rest = rng.randint(0, 6) if level in (1, 3) else 0
        if sum(sizes) + rest <= LARGEST_PEOPLE and (level != 2 or len(set(sizes)) < len(sizes)):
            break
    leaders = level == 3 or (level > 3 and rng.random() < 0.5)
    pair = "" if level < 4 else rng.choice(("together", "apart") if level == 4 else ("three", "two of three"))
    names = [person.name for person in some_people(rng, 3)]
    count, lines = _group_text(sizes, named, rest, leaders, pair, names)
    return Problem(
        question=groups_of_given_sizes.ask(
            rng,
            people=sum(sizes) + rest,
            groups=_groups_phrase(sizes, named),
            rest=f", and {counted(rest, 'person', 'people')} stay{'s' * (rest == 1)} out" if rest else "",
            condition=_groups_condition(named, leaders, pair, names),
        ),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={"sizes": sizes, "left_out": rest, "named": named, "leaders": leaders, "special": pair},
        key=("groups_of_given_sizes", *sizes, rest, named, leaders, pair),
    )


def _groups_phrase(sizes: list[int], named: bool) -> str:
    if named:
        return listing(
            [f"team {letter} of {size} people" for letter, size in zip("ABCDE", sizes, strict=False)]
        )
    return listing(
        [f"{counted(sizes.count(size), 'team')} of {size} people" for size in dict.fromkeys(sizes)]
    )


def _groups_condition(named: bool, leaders: bool, pair: str, names: list[str]) -> str:
    text = "" if named else " The teams have no names, so it only matters who is with whom."
    text += " Each team also chooses one of its members as its leader." if leaders else ""
    return (
        text
        + {
            "": "",
            "together": f" Two of the people, {listing(names[:2])}, must be in the same team.",
            "apart": f" Two of the people, {listing(names[:2])}, must be in different teams.",
            "three": f" Three of the people, {listing(names)}, must all be in the same team.",
            "two of three": f" {listing(names[:2])} must be in the same team, and {names[2]} in another one.",
        }[pair]
    )


def _group_text(
    sizes: list[int], named: bool, rest: int, leaders: bool, pair: str, names: list[str]
) -> tuple[int, list[str]]:
    lines = [] if named else ["Count as if the teams had names first."]
    everyone = [*sizes, rest] if rest else sizes
    if pair in ("", "apart"):
        count = multinomial(everyone)
        lines.append(f"Choosing one team after the other: {multinomial_text(everyone)}.")
    if pair in ("together", "apart"):
        same, more = _all_in_one(sizes, names[:2])
        lines += more
        count = same if pair == "together" else count - same
    elif pair:
        same, lines_of_three = _all_in_one(sizes, names)
        count = same
        if pair == "two of three":
            two, more = _all_in_one(sizes, names[:2])
            lines += [*more, f"Now take away the ways with {names[2]} in that team as well."]
            count = two - same
        lines += lines_of_three
    if pair == "apart":
        lines.append(f"{listing(names[:2])} in different teams: {count + same} - {same} = {count}.")
    elif pair == "two of three":
        lines.append(f"With {names[2]} in another team: {two} - {same} = {count}.")
    alike = [sizes.count(size) for size in dict.fromkeys(sizes) if sizes.count(size) > 1]
    if not named and alike:
        orders = prod(map(factorial, alike))
        swaps = times(f"{number}!" for number in alike)
        lines.append(f"Teams of one size can be swapped in {swaps} = {orders} ways without a change.")
        lines.append(f"{count}/{orders} = {count // orders}.")
        count //= orders
    elif not named:
        lines.append("All sizes differ, so no two teams can be swapped.")
    if leaders:
        lines.append(f"Leaders can be chosen in {times(sizes)} = {prod(sizes)} ways.")
        lines.append(f"{count} * {prod(sizes)} = {count * prod(sizes)}.")
        count *= prod(sizes)
    return count, [*lines, f"The number of ways = {count}"]


def _all_in_one(sizes: list[int], names: list[str]) -> tuple[int, list[str]]:
    """The ways, for named teams, with these people in one team: a line for each size of that team."""
    some, total, lines = len(names), 0, [f"{listing(names)} in the same team:"]
    counts = []
    for size in dict.fromkeys(sizes):
        if size < some:
            continue
        left = list(sizes)
        left[left.index(size)] -= some
        ways, teams = multinomial(left), sizes.count(size)
        counts.append(teams * ways)
        many = f", times {teams} such teams: {teams * ways}" if teams > 1 else ""
        lines.append(
            f"In a team of {size}, the others fill the places in {multinomial_text(left)} ways{many}."
        )
        total += teams * ways
    return total, [*lines, *([f"Together {plus(counts)} = {total}."] if len(counts) > 1 else [])]


@groups_of_given_sizes.proof
def _groups_of_given_sizes(given: Given) -> str:
    """Person by person, the special ones first; a team without a name opens when its first member comes."""
    special = given["special"]

    @cache
    def ways(people: int, started: tuple[int, ...], fresh: tuple[int, ...], rest: int) -> int:
        if not people:
            return 1
        total = ways(people - 1, started, fresh, rest - 1) if rest else 0
        for place, left in enumerate(started):
            if left:
                fewer = tuple(sorted((*started[:place], left - 1, *started[place + 1 :])))
                total += ways(people - 1, fewer, fresh, rest)
        for size in dict.fromkeys(fresh):
            at = fresh.index(size)
            opened = tuple(sorted((*started, size - 1)))
            total += ways(people - 1, opened, fresh[:at] + fresh[at + 1 :], rest)
        return total

    people = sum(given["sizes"]) + given["left_out"]
    named = given["named"]
    sizes = tuple(given["sizes"])
    if not special:
        count = (
            ways(people, sizes, (), given["left_out"])
            if named
            else ways(people, (), sizes, given["left_out"])
        )
        return str(count * (prod(sizes) if given["leaders"] else 1))
    count = 0
    together = {"together": 2, "apart": 1, "three": 3, "two of three": 2}[special]
    for at in range(len(sizes)) if named else sorted({sizes.index(size) for size in sizes}):
        left, others = sizes[at] - together, sizes[:at] + sizes[at + 1 :]
        if left < 0:
            continue
        if special in ("together", "three"):
            start, fresh = ((*others, left), ()) if named else ((left,), others)
            count += ways(people - together, tuple(sorted(start)), fresh, 0)
            continue
        for other in range(len(others)) if named else sorted({others.index(size) for size in others}):
            remaining = others[:other] + others[other + 1 :]
            two = (left, others[other] - 1)
            start, fresh = ((*remaining, *two), ()) if named else (two, remaining)
            count += ways(people - together - 1, tuple(sorted(start)), fresh, 0)
    return str(count * (prod(sizes) if given["leaders"] else 1))


@groups_of_given_sizes.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    sizes = given["sizes"]
    return [], wrong(answer, factorial(sum(sizes)), multinomial(sizes), 2 * int(answer))
