"""Deduction about people: knights and knaves, who stands where in a queue.

A set of possible cases is one integer, a bit a case, so constructions prove that the answer is unique as
fast as they can intersect integers. The proofs go through the cases one by one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import TEXT
from datagen.problems.text import boxed, capitalized, listing, ordinal

PEOPLE = ("Ava", "Ben", "Chloe", "David", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kira", "Leo")

Kinds = dict[str, bool]  # who is known to be a knight, or a knave
Statement = tuple[str, str, tuple[str, ...]]  # speaker, what kind of statement, about whom
ABOUT_ONE = ("knight", "knave")
ABOUT_TWO = ("same", "different", "both knights", "some knave")
KINDS = {True: "knight", False: "knave"}


def _said(statement: Statement) -> str:
    """The statement in the speaker's words; oneself comes last and as "I"."""
    speaker, kind, about = statement
    if kind in KINDS.values():
        return f"{about[0]} is a {kind}"
    first, second = (
        *(name for name in about if name != speaker),
        *("I" for name in about if name == speaker),
    )
    return {
        "same": f"{first} and {second} are of the same kind",
        "different": f"{first} and {second} are of different kinds",
        "both knights": f"{first} and {second} are both knights",
        "some knave": f"at least one of {first} and {'me' if second == 'I' else second} is a knave",
    }[kind]


def _true_cases(statement: Statement, cases: dict[str, int], every: int) -> int:
    """The cases in which the statement is true; `cases[name]` are those in which that person is a knight."""
    _, kind, about = statement
    first, second = cases[about[0]], cases[about[-1]]
    if kind in ABOUT_ONE:
        return first if kind == "knight" else every ^ first
    if kind in ("same", "different"):
        return first ^ second if kind == "different" else every ^ first ^ second
    return first & second if kind == "both knights" else every ^ (first & second)


@dataclass(frozen=True)
class Island:
    """People and what they said. Cases are bits: `cases[name]` has those in which that person is a knight,
    `honest[statement]` those in which the speaker is a knight exactly when the statement is true."""

    people: tuple[str, ...]
    statements: tuple[Statement, ...]
    cases: dict[str, int]
    honest: dict[Statement, int]


def _island(rng: random.Random, people: Sequence[str]) -> Island:
    """One statement a person, redrawn until exactly one case fits them all."""
    every = (1 << (1 << len(people))) - 1
    cases = {name: _knight_cases(place, len(people)) for place, name in enumerate(people)}
    while True:
        statements = tuple(_statement(rng, speaker, people) for speaker in people)
        honest = {s: every ^ cases[s[0]] ^ _true_cases(s, cases, every) for s in statements}
        possible = every
        for allowed in honest.values():
            possible &= allowed
        if possible.bit_count() == 1:
            return Island(tuple(people), statements, cases, honest)


def _statement(rng: random.Random, speaker: str, people: Sequence[str]) -> Statement:
    if rng.random() < 0.4:
        return speaker, rng.choice(ABOUT_ONE), (rng.choice([name for name in people if name != speaker]),)
    first, second = sorted(rng.sample(people, 2))
    return speaker, rng.choice(ABOUT_TWO), (first, second)


@family(
    name="knights_and_knaves",
    wordings=(
        "On an island, knights always tell the truth and knaves always lie; everyone is one or the other. "
        "{statements} What are {people}? Answer in this order, like: {example}",
        "Each of {people} is either a knight, who only says true things, or a knave, who only says false "
        "things. {statements} Give their kinds in the order {people}, like: {example}",
        "Knights never lie and knaves never tell the truth. You meet {people}, each of whom is a knight or a "
        "knave. {statements} Who is what? List the kinds in the order {people}, like: {example}",
    ),
)
def knights_and_knaves(rng: random.Random, level: int) -> Problem:
    """`level` + 2 people who each say one thing, with exactly one possible answer."""
    people = rng.sample(PEOPLE, level + 2)
    island = _island(rng, people)
    lines: list[str] = []
    kinds = _deduce(island, -1, {}, lines) or {}
    answer = ", ".join(KINDS[kinds[name]] for name in people)
    statements = island.statements
    return Problem(
        question=knights_and_knaves.ask(
            rng,
            people=listing(people),
            statements=" ".join(f'{s[0]} says: "{capitalized(_said(s))}."' for s in statements),
            example=", ".join(KINDS[place % 2 == 0] for place in range(len(people))),
        ),
        answer=answer,
        spec=TEXT,
        solution="\n".join([*lines, f"So in the order {listing(people)}: {boxed(answer)}"]),
        given={"people": people, "statements": [[s, kind, list(about)] for s, kind, about in statements]},
        key=("knights_and_knaves", canonical(people, lambda place: _island_shape(statements, place))),
    )


@cache
def _knight_cases(place: int, count: int) -> int:
    return sum(1 << case for case in range(1 << count) if case >> place & 1)


def _deduce(island: Island, possible: int, known: Kinds, lines: list[str]) -> Kinds | None:
    """Who is what among the `possible` cases, with the steps; None when they lead to a contradiction.

    A kind that contradicts one statement by itself is ruled out; when no kind is, the next person is
    supposed to be a knight.
    """
    while len(known) < len(island.people):
        forced = next(_forced(island, possible, known), None)
        if forced is not None:
            name, kind, statement = forced
            words = f'{statement[0]}\'s words "{capitalized(_said(statement))}" would not fit'
            lines.append(f"If {name} were a {KINDS[not kind]}, {words}, so {name} is a {KINDS[kind]}.")
        else:
            name, kind = next(name for name in island.people if name not in known), True
            lines.append(f"Suppose {name} is a knight.")
            found = _deduce(island, possible & island.cases[name], known | {name: True}, lines)
            if found is not None:
                return found
            lines.append(f"So {name} is a knave.")
            kind = False
        known = known | {name: kind}
        possible &= island.cases[name] if kind else ~island.cases[name]
        clash = next((s for s in island.statements if not possible & island.honest[s]), None)
        if clash is not None:
            lines.append(f"Now what {clash[0]} says does not fit: a contradiction.")
            return None
    return known


def _forced(island: Island, possible: int, known: Kinds) -> Iterator[tuple[str, bool, Statement]]:
    """Each person whose other kind contradicts a single statement, with that kind and the statement."""
    for name in island.people:
        for kind in (True, False) if name not in known else ():
            otherwise = possible & ~island.cases[name] if kind else possible & island.cases[name]
            for statement in island.statements:
                if not otherwise & island.honest[statement]:
                    yield name, kind, statement


def _island_shape(statements: Sequence[Statement], place: Callable[[str], int]) -> Any:
    return tuple(sorted((place(s), kind, *sorted(map(place, about))) for s, kind, about in statements))


@knights_and_knaves.proof
def _knights_and_knaves(given: Given) -> str:
    truths: dict[str, Callable[[Sequence[bool]], bool]] = {
        "knight": lambda kinds: kinds[0],
        "knave": lambda kinds: not kinds[0],
        "same": lambda kinds: kinds[0] == kinds[1],
        "different": lambda kinds: kinds[0] != kinds[1],
        "both knights": all,
        "some knave": lambda kinds: not all(kinds),
    }
    people = given["people"]
    fitting = []
    for kinds in product((False, True), repeat=len(people)):
        knight = dict(zip(people, kinds, strict=True))
        if all(
            knight[who] == truths[kind]([knight[n] for n in about])
            for who, kind, about in given["statements"]
        ):
            fitting.append(", ".join("knight" if kind else "knave" for kind in kinds))
    (answer,) = fitting
    return answer


Clue = tuple[str, int, int]  # kind, a person, and another person or a place, all numbered from 0
QUEUES = {1: 4, 2: 5, 3: 6, 4: 7, 5: 7}  # people; only at level 5 nobody's place is given
CLUES = {
    "ahead": ("{0} is somewhere ahead of {1}", "{1} is somewhere behind {0}"),
    "next": ("{0} is directly ahead of {1}", "{1} is directly behind {0}"),
    "beside": ("{0} and {1} stand next to each other", "{1} stands next to {0}"),
    "apart": ("{0} and {1} do not stand next to each other", "{1} does not stand next to {0}"),
    "at": ("{0} is in {1} place", "the person in {1} place is {0}"),
    "not at": ("{0} is not in {1} place", "the person in {1} place is not {0}"),
}
FITS: dict[str, Callable[[int, int], bool]] = {
    "ahead": lambda place, other: place < other,
    "next": lambda place, other: place + 1 == other,
    "beside": lambda place, other: abs(place - other) == 1,
    "apart": lambda place, other: abs(place - other) != 1,
    "at": lambda place, other: place == other,
    "not at": lambda place, other: place != other,
}


def _about_place(kind: str) -> bool:
    return kind in ("at", "not at")


@cache
def _orders(count: int) -> tuple[tuple[int, ...], ...]:
    """Every order, as the place of each person."""
    return tuple(permutations(range(count)))


@cache
def _fitting(count: int, clue: Clue) -> int:
    """The orders of `count` people that fit a clue, a bit an order."""
    kind, person, other = clue
    fits = FITS[kind]
    bits = (
        "01"[fits(order[person], other if _about_place(kind) else order[other])] for order in _orders(count)
    )
    return int("".join(bits)[::-1], 2)


def _true_clue(rng: random.Random, kind: str, places: Sequence[int]) -> Clue | None:
    """A clue of that kind that is true of this order; None when the draw hit a false one."""
    people = range(len(places))
    person, other = rng.sample(people, 2)
    if kind == "at":
        return kind, person, places[person]
    if kind == "not at":
        return kind, person, rng.choice([place for place in people if place != places[person]])
    return (kind, person, other) if FITS[kind](places[person], places[other]) else None


def _clues(rng: random.Random, level: int, places: Sequence[int]) -> list[Clue]:
    """Clues that leave this order alone: one after the other, each the strongest of four draws."""
    count = len(places)
    clues: list[Clue] = []
    left = (1 << len(_orders(count))) - 1
    kinds = [kind for kind in CLUES if kind != "at"]
    while left.bit_count() > 1:
        drawn = ["at"] if level < 5 and not clues else [rng.choice(kinds) for _ in range(4)]
        found = [clue for kind in drawn if (clue := _true_clue(rng, kind, places))]
        best = min(found, key=lambda clue: (left & _fitting(count, clue)).bit_count(), default=None)
        if best and left & _fitting(count, best) != left:
            clues.append(best)
            left &= _fitting(count, best)
    return clues


@family(
    name="queue_order",
    wordings=(
        "{people} stand in a queue. {clues} List them from first to last, separated by commas.",
        "A queue has {count} people in it, {people}. {clues} Who stands where? Give the names from first to "
        "last, separated by commas.",
        "There is a queue of {count} people: {people}. {clues} Write down the queue from first to last, with "
        "commas between the names.",
    ),
)
def queue_order(rng: random.Random, level: int) -> Problem:
    """The one order of people in a queue that fits all clues."""
    count = QUEUES[level]
    people = rng.sample(PEOPLE, count)
    places = rng.sample(range(count), count)
    clues = _clues(rng, level, places)
    texts = [_clue_text(rng, clue, people) for clue in clues]
    answer = ", ".join(_named(places, people))
    return Problem(
        question=queue_order.ask(
            rng,
            people=listing(people),
            count=count,
            clues=" ".join(f"{capitalized(text)}." for text in texts),
        ),
        answer=answer,
        spec=TEXT,
        solution=_narrowing(clues, texts, people) + boxed(answer),
        given={"people": people, "clues": [_given_clue(clue, people) for clue in clues]},
        key=("queue_order", count, *sorted(_placed(clue, places) for clue in clues)),
    )


def _clue_text(rng: random.Random, clue: Clue, people: Sequence[str]) -> str:
    kind, person, other = clue
    second = ordinal(other + 1) if _about_place(kind) else people[other]
    return rng.choice(CLUES[kind]).format(people[person], second)


def _given_clue(clue: Clue, people: Sequence[str]) -> list[str | int]:
    kind, person, other = clue
    return [kind, people[person], other + 1 if _about_place(kind) else people[other]]


def _placed(clue: Clue, places: Sequence[int]) -> Clue:
    """The clue with every person known by the place they turn out to have."""
    kind, person, other = clue
    first, second = places[person], other if _about_place(kind) else places[other]
    if kind in ("beside", "apart"):
        first, second = sorted((first, second))
    return kind, first, second


def _named(order: Sequence[int], people: Sequence[str]) -> list[str]:
    return [people[order.index(place)] for place in range(len(order))]


def _narrowing(clues: Sequence[Clue], texts: Sequence[str], people: Sequence[str]) -> str:
    """What each clue leaves: how many orders, and which ones as soon as they are few."""
    count = len(people)
    left = (1 << len(_orders(count))) - 1
    lines = [f"There are {len(_orders(count))} orders."]
    for clue, text in zip(clues, texts, strict=True):
        left &= _fitting(count, clue)
        line = f"{capitalized(text)}: {left.bit_count()} left"
        if left.bit_count() <= 3:
            fitting = [order for bit, order in enumerate(_orders(count)) if left >> bit & 1]
            line += ", " + "; ".join(" ".join(_named(order, people)) for order in fitting)
        lines.append(f"{line}.")
    return "\n".join([*lines, "The queue is "])


@queue_order.proof
def _queue_order(given: Given) -> str:
    fitting = []
    for queue in permutations(given["people"]):
        place = {name: number for number, name in enumerate(queue, 1)}
        checks = []
        for kind, name, other in given["clues"]:
            steps = (place[other] if isinstance(other, str) else other) - place[name]
            checks.append(
                {
                    "ahead": steps > 0,
                    "next": steps == 1,
                    "beside": steps in (1, -1),
                    "apart": steps not in (1, -1),
                    "at": steps == 0,
                    "not at": steps != 0,
                }[kind]
            )
        if all(checks):
            fitting.append(", ".join(queue))
    (answer,) = fitting
    return answer
