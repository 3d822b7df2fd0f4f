"""Finite sets: unions, differences and complements, and surveys with overlapping groups.

Constructions take the sets apart member by member, or region by region; the proofs use sympy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import INTEGER, SET
from datagen.problems.text import boxed, counted, listing

Term = Any  # a name | ["complement", Term] | [operation, Term, Term]
OPERATIONS = ("union", "intersect", "minus")
SETS = {1: (2, 1, 10), 2: (2, 2, 12), 3: (3, 3, 15), 4: (3, 5, 20), 5: (4, 7, 24)}
"""Per level: how many sets, how many operations, and the largest member of the universe."""


def _term(rng: random.Random, names: Sequence[str], operations: int, level: int) -> Term:
    if not operations:
        name = rng.choice(names)
        return ["complement", name] if level > 1 and rng.random() < 0.25 else name
    if operations == 1:
        one, two = rng.sample(names, 2)
        return [rng.choice(OPERATIONS), one, two]
    left = rng.randrange(operations)
    parts = [_term(rng, names, left, level), _term(rng, names, operations - 1 - left, level)]
    term = [rng.choice(OPERATIONS), *parts]
    return ["complement", term] if level > 2 and rng.random() < 0.2 else term


def _term_text(term: Term, outer: bool = True) -> str:
    if isinstance(term, str):
        return term
    if term[0] == "complement":
        inner = term[1] if isinstance(term[1], str) else _term_text(term[1])
        return f"complement({inner})"
    text = f"{_term_text(term[1], False)} {term[0]} {_term_text(term[2], False)}"
    return text if outer else f"({text})"


def _names_in(term: Term) -> set[str]:
    return {term} if isinstance(term, str) else set().union(*map(_names_in, term[1:]))


def _members(term: Term, sets: Mapping[str, set[int]], universe: set[int], lines: list[str]) -> set[int]:
    """The members of a term; the steps are added to `lines`, inner parts first."""
    if isinstance(term, str):
        return sets[term]
    parts = [_members(part, sets, universe, lines) for part in term[1:]]
    if term[0] == "complement":
        found = universe - parts[0]
    elif term[0] == "union":
        found = parts[0] | parts[1]
    else:
        found = parts[0] & parts[1] if term[0] == "intersect" else parts[0] - parts[1]
    line = f"{_term_text(term)} = {_set_text(found)}"
    if line not in lines:
        lines.append(line)
    return found


def _some(rng: random.Random, largest: int) -> set[int]:
    return set(rng.sample(range(1, largest + 1), rng.randint(largest // 3, largest // 2)))


def _set_text(numbers: set[int]) -> str:
    return f"{{{', '.join(map(str, sorted(numbers)))}}}"


@family(
    name="set_operations",
    wordings=(
        "The universe consists of the integers from 1 to {largest}. Let {sets}. Which numbers are in "
        "{term}? Answer with a set. Here minus means the set difference and complement(X) all numbers of "
        "the universe outside X.",
        "Let {sets}, all within the universe of the integers from 1 to {largest}. Write down the set "
        "{term}, where X minus Y has the members of X that are not in Y, and complement(X) has the members "
        "of the universe that are not in X.",
        "Find {term} for {sets}. Complements are taken in the set of integers from 1 to {largest}; minus "
        "takes away the members of the second set. Give the result as a set.",
    ),
)
def set_operations(rng: random.Random, level: int) -> Problem:
    """What is left of some sets after unions, intersections, differences and complements."""
    count, operations, largest = SETS[level]
    names = list("ABCD"[:count])
    universe = set(range(1, largest + 1))
    while True:
        term = _term(rng, names, operations, level)
        if len(_names_in(term)) < count:
            continue
        sets = {name: _some(rng, largest) for name in names}
        lines: list[str] = []
        found = _members(term, sets, universe, lines)
        if 0 < len(found) < largest:
            break
    answer = _set_text(found)
    return Problem(
        question=set_operations.ask(
            rng,
            largest=largest,
            sets=listing([f"{name} = {_set_text(members)}" for name, members in sets.items()]),
            term=_term_text(term),
        ),
        answer=answer,
        spec=SET,
        solution="\n".join([*lines[:-1], f"{_term_text(term)} = {boxed(answer)}"]),
        given={"largest": largest, "sets": {name: sorted(sets[name]) for name in names}, "term": term},
        key=("set_operations", largest, canonical(names, lambda place: _term_shape(term, sets, place))),
    )


def _term_shape(term: Term, sets: Mapping[str, set[int]], place: Callable[[str], int]) -> Any:
    def shape(part: Term) -> Any:
        if isinstance(part, str):
            return place(part)
        parts = [shape(inner) for inner in part[1:]]
        return (part[0], *(parts if part[0] == "minus" else sorted(parts, key=repr)))

    return shape(term), tuple(sorted((place(name), tuple(sorted(members))) for name, members in sets.items()))


@set_operations.proof
def _set_operations(given: Given) -> str:
    import sympy

    universe = sympy.FiniteSet(*range(1, given["largest"] + 1))
    sets = {name: sympy.FiniteSet(*members) for name, members in given["sets"].items()}

    def value(term: Term) -> Any:
        if isinstance(term, str):
            return sets[term]
        parts = list(map(value, term[1:]))
        if term[0] == "complement":
            return sympy.Complement(universe, parts[0])
        build = {"union": sympy.Union, "intersect": sympy.Intersection, "minus": sympy.Complement}[term[0]]
        return build(*parts)

    return f"{{{', '.join(map(str, sorted(value(given['term']))))}}}"


Region = tuple[bool, ...]  # who is inside which group
ACTIVITIES = (
    ("play chess", "play football", "play the piano"),
    ("have a cat", "have a dog", "have a fish"),
    ("read novels", "read comics", "read poems"),
    ("speak French", "speak German", "speak Spanish"),
    ("like tea", "like coffee", "like juice"),
    ("swim", "cycle", "run"),
)
GROUPS = ("students", "members of a club", "employees", "visitors", "neighbors", "children")
SURVEYS = {
    1: (2, ("at least one",), 15),
    2: (2, ("none", "exactly one", "only the first"), 40),
    3: (3, ("at least one", "none"), 40),
    4: (3, ("exactly one", "exactly two", "only the first"), 60),
    5: (3, ("all three", "exactly two without all"), 99),
}
"""Per level: how many groups, what may be asked, and the greatest number in a region of the diagram."""


@family(
    name="venn_survey",
    wordings=(
        "Of {total} {group}, {facts}. How many of them {asked}?",
        "In a survey of {total} {group}, {facts}. Find the number of those who {asked}.",
        "{total} {group} were asked what they do. The result: {facts}. How many {asked}?",
    ),
)
def venn_survey(rng: random.Random, level: int) -> Problem:
    """How many people are in a part of overlapping groups, by inclusion and exclusion."""
    groups, questions, largest = SURVEYS[level]
    asked = rng.choice(questions)
    activities = rng.sample(rng.choice(ACTIVITIES), groups)
    regions: list[Region] = list(product((False, True), repeat=groups))
    sizes = {region: rng.randint(2, largest) for region in regions}
    inside = {
        tuple(chosen): sum(size for region, size in sizes.items() if all(region[g] for g in chosen))
        for chosen in _choices(groups)
    }
    total = sum(sizes.values())
    facts = [(list(chosen), size) for chosen, size in inside.items()]
    outside = sizes[regions[0]]
    if level == 5:
        facts = [fact for fact in facts if len(fact[0]) < 3]
    told_none = level == 5
    number, lines = _counted(asked, inside, total, outside, activities)
    order = sorted(range(groups), key=lambda g: sorted(size for chosen, size in facts if g in chosen))
    place = {g: n for n, g in enumerate(order)}
    texts = [_fact_text(chosen, size, activities) for chosen, size in facts]
    if told_none:
        texts.append(f"{outside} do none of these things")
    return Problem(
        question=venn_survey.ask(
            rng,
            total=total,
            group=rng.choice(GROUPS),
            facts=listing(texts),
            asked=_asked_text(asked, activities),
        ),
        answer=str(number),
        spec=INTEGER,
        solution="\n".join([*lines, f"The number is {boxed(str(number))}"]),
        given={
            "total": total,
            "facts": [list(fact) for fact in facts],
            "none": outside if told_none else -1,
            "groups": groups,
            "asked": asked,
        },
        key=("venn_survey", total, asked, outside if told_none else -1, _fact_shape(facts, place, asked)),
    )


def _choices(groups: int) -> list[tuple[int, ...]]:
    """All choices of one or more groups, single ones first."""
    chosen = [tuple(g for g in range(groups) if mask >> g & 1) for mask in range(1, 1 << groups)]
    return sorted(chosen, key=lambda each: (len(each), each))


def _fact_shape(facts: Sequence[tuple[list[int], int]], place: Mapping[int, int], asked: str) -> Any:
    renamed = tuple(sorted((tuple(sorted(place[g] for g in chosen)), size) for chosen, size in facts))
    return renamed, place[0] if asked == "only the first" else -1


def _fact_text(chosen: Sequence[int], size: int, activities: Sequence[str]) -> str:
    what = listing([activities[g] for g in chosen])
    if len(chosen) == 1:
        return f"{size} {what}"
    return f"{size} {'both ' if len(chosen) == 2 else ''}{what}"


def _asked_text(asked: str, activities: Sequence[str]) -> str:
    things = "two" if len(activities) == 2 else "three"
    others = "not the other" if len(activities) == 2 else "neither of the others"
    return {
        "at least one": f"do at least one of these {things} things",
        "none": "do neither of these things" if len(activities) == 2 else "do none of these three things",
        "exactly one": f"do exactly one of these {things} things",
        "exactly two": "do exactly two of these three things",
        "exactly two without all": "do exactly two of these three things",
        "only the first": f"do the first of these things ({activities[0]}), but {others}",
        "all three": "do all three of these things",
    }[asked]


def _counted(
    asked: str, inside: Mapping[tuple[int, ...], int], total: int, outside: int, activities: Sequence[str]
) -> tuple[int, list[str]]:
    """The number asked for and the steps to it."""
    singles = [size for chosen, size in inside.items() if len(chosen) == 1]
    pairs = [size for chosen, size in inside.items() if len(chosen) == 2]
    if len(activities) == 2:
        return _counted_two(asked, singles, pairs[0], total)
    every = inside[0, 1, 2]
    added, overlap = " + ".join(map(str, singles)), " - ".join(map(str, pairs))
    union = sum(singles) - sum(pairs) + every
    if asked in ("at least one", "none"):
        lines = [f"At least one: {added} - {overlap} + {every} = {union}."]
        if asked == "none":
            lines.append(f"No such thing: {total} - {union} = {total - union}.")
        return union if asked == "at least one" else total - union, lines
    if asked == "all three" or asked == "exactly two without all":
        lines = [
            f"At least one: {total} - {outside} = {union}.",
            f"With t for all three, {added} - {overlap} + t = {union}.",
            f"{sum(singles) - sum(pairs)} + t = {union}, so t = {every}.",
        ]
        if asked == "all three":
            return every, lines
        return sum(pairs) - 3 * every, [*lines, *_exactly_two(pairs, every)]
    if asked == "exactly two":
        return sum(pairs) - 3 * every, _exactly_two(pairs, every)
    if asked == "only the first":
        first, *both = singles[0], inside[0, 1], inside[0, 2]
        only = first - sum(both) + every
        lines = [f"{first} {activities[0]}; take away those who also do another thing."]
        lines.append(f"The {every} with all three are in both overlaps, so they are added back once.")
        return only, [*lines, f"{first} - {both[0]} - {both[1]} + {every} = {only}."]
    lines = []
    for g, single in enumerate(singles):
        both = [size for chosen, size in inside.items() if len(chosen) == 2 and g in chosen]
        only = single - sum(both) + every
        lines.append(f"Only {activities[g]}: {single} - {both[0]} - {both[1]} + {every} = {only}.")
    exactly = sum(singles) - 2 * sum(pairs) + 3 * every
    parts = " + ".join(line.rpartition("= ")[2].rstrip(".") for line in lines)
    return exactly, [*lines, f"Exactly one: {parts} = {exactly}."]


def _exactly_two(pairs: Sequence[int], every: int) -> list[str]:
    lines = [
        f"Each of the {counted(len(pairs), 'overlap')} of two groups contains the {every} with all three."
    ]
    parts = [f"({pair} - {every})" for pair in pairs]
    return [*lines, f"Exactly two: {' + '.join(parts)} = {sum(pairs) - len(pairs) * every}."]


def _counted_two(asked: str, singles: Sequence[int], both: int, total: int) -> tuple[int, list[str]]:
    first, second = singles
    union = first + second - both
    if asked == "only the first":
        return first - both, [
            f"Take those who do both from the first group: {first} - {both} = {first - both}."
        ]
    if asked == "exactly one":
        number = first + second - 2 * both
        alone = f"{first} - {both} = {first - both} and {second} - {both} = {second - both}"
        return number, [f"One only: {alone}.", f"Together {first - both} + {second - both} = {number}."]
    lines = [
        f"Those who do both are counted twice in {first} + {second}.",
        f"{first} + {second} - {both} = {union}.",
    ]
    if asked == "none":
        return total - union, [*lines, f"The others: {total} - {union} = {total - union}."]
    return union, lines


@venn_survey.proof
def _venn_survey(given: Given) -> str:
    import sympy

    groups = given["groups"]
    regions = list(product((0, 1), repeat=groups))
    unknowns = dict(zip(regions, sympy.symbols(f"r:{len(regions)}"), strict=True))

    def total(fits: Callable[[tuple[int, ...]], Any]) -> Any:
        return sum(symbol for region, symbol in unknowns.items() if fits(region))

    equations = [sum(unknowns.values()) - given["total"]]
    for chosen, size in given["facts"]:
        members = [symbol for region, symbol in unknowns.items() if all(region[g] for g in chosen)]
        equations.append(sum(members) - size)
    if given["none"] >= 0:
        equations.append(total(lambda region: not any(region)) - given["none"])
    solution = sympy.solve(equations, list(unknowns.values()), dict=True)[0]
    asked = {
        "at least one": any,
        "none": lambda region: not any(region),
        "exactly one": lambda region: sum(region) == 1,
        "exactly two": lambda region: sum(region) == 2,
        "exactly two without all": lambda region: sum(region) == 2,
        "only the first": lambda region: region[0] and sum(region) == 1,
        "all three": all,
    }[given["asked"]]
    return str(int(total(asked).subs(solution)))
