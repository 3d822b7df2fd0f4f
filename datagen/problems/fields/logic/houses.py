"""Zebra puzzles: people in a row of houses, what they have, and clues that leave one possibility.

Each thing has a set of houses it may belong to, held as bits; clues narrow these sets until every thing has
one house, so the solution is unique by construction and worked in the same steps. The proof searches.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import TEXT
from datagen.problems.text import boxed, capitalized, listing

Clue = tuple[str, int, int]  # kind, a thing, another thing or a house, all numbered from 0

#: Kind of thing: what there is, the thing as a subject, what having it is called, and what not having it is.
THINGS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "color": (
        ("red", "blue", "green", "white", "yellow"),
        "the person in the {} house",
        "lives in the {} house",
        "does not live in the {} house",
    ),
    "pet": (
        ("cat", "dog", "horse", "parrot", "rabbit"),
        "the owner of the {}",
        "owns the {}",
        "does not own the {}",
    ),
    "drink": (
        ("tea", "coffee", "milk", "juice", "water"),
        "the person who drinks {}",
        "drinks {}",
        "does not drink {}",
    ),
    "job": (("baker", "doctor", "lawyer", "pilot", "teacher"), "the {}", "is the {}", "is not the {}"),
    "game": (
        ("chess", "tennis", "golf", "hockey", "cricket"),
        "the person who plays {}",
        "plays {}",
        "does not play {}",
    ),
}
STREETS = {1: (3, 2), 2: (3, 3), 3: (4, 3), 4: (4, 4), 5: (5, 4)}  # houses, kinds of things with the names
KINDS = ("same", "same", "not same", "beside", "beside", "left of", "before", "at", "not at")


def _narrow(clue: Clue, sets: list[int], every: int) -> None:
    """Take from the sets of houses what the clue rules out."""
    kind, a, b = clue
    if kind == "at":
        sets[a] &= 1 << b
    elif kind == "not at":
        sets[a] &= ~(1 << b)
    elif kind == "same":
        sets[a] = sets[b] = sets[a] & sets[b]
    elif kind == "beside":
        sets[a] &= sets[b] << 1 | sets[b] >> 1
        sets[b] &= sets[a] << 1 | sets[a] >> 1
    elif kind == "left of":
        sets[a] &= sets[b] >> 1
        sets[b] &= sets[a] << 1
    elif kind == "before":
        sets[a] &= (1 << (sets[b].bit_length() - 1)) - 1
        sets[b] &= every & ~((sets[a] & -sets[a]) * 2 - 1)
    else:
        if not sets[a] & (sets[a] - 1):
            sets[b] &= ~sets[a]
        if not sets[b] & (sets[b] - 1):
            sets[a] &= ~sets[b]


def _settle(sets: list[int], start: int, count: int) -> None:
    """Things of one kind are in different houses: each house that only one may have, and each that one "
    "has."""
    once = twice = single = 0
    for place in range(start, start + count):
        houses = sets[place]
        twice |= once & houses
        once |= houses
        if not houses & (houses - 1):
            single |= houses
    once &= ~twice
    for place in range(start, start + count):
        houses = sets[place]
        if houses & (houses - 1):
            sets[place] = houses & once or houses & ~single


def _solved(clues: Sequence[Clue], count: int, kinds: int, known: list[int] | None = None) -> list[int]:
    """The sets of houses that no clue narrows any further."""
    every = (1 << count) - 1
    sets = list(known) if known else [every] * (count * kinds)
    settled: dict[int, list[int]] = {}
    before: list[int] = []
    while sets != before:
        before = list(sets)
        for clue in clues:
            _narrow(clue, sets, every)
        for start in range(0, count * kinds, count):
            while sets[start : start + count] != settled.get(start):
                settled[start] = sets[start : start + count]
                _settle(sets, start, count)
    return sets


def _settled(sets: Sequence[int]) -> bool:
    return not any(houses & (houses - 1) for houses in sets)


def _true_clue(rng: random.Random, house: Sequence[int], count: int) -> Clue | None:
    """A clue that is true when every thing is in this house; None where a false one was drawn."""
    kind = KINDS[int(rng.random() * len(KINDS))]
    a = int(rng.random() * len(house))
    if kind == "at":
        return (kind, a, house[a]) if rng.random() < 0.3 else None
    if kind == "not at":
        b = int(rng.random() * count)
        return (kind, a, b) if b != house[a] else None
    b = int(rng.random() * len(house))
    steps = house[b] - house[a]
    fits = {
        "same": steps == 0 and a < b,
        "not same": steps != 0 and a < b,
        "beside": abs(steps) == 1 and a < b,
        "left of": steps == 1,
        "before": steps > 0,
    }[kind]
    if not fits or (a // count == b // count and kind in ("same", "not same")):
        return None
    return kind, a, b


def _clues(rng: random.Random, house: Sequence[int], count: int, kinds: int) -> list[Clue]:
    """Clues that settle everything, none of which could be left out."""
    clues: list[Clue] = []
    every = (1 << count) - 1
    sets, settled = [every] * len(house), False
    while not settled:
        clue = _true_clue(rng, house, count)
        if clue:
            narrowed = list(sets)
            _narrow(clue, narrowed, every)
            if narrowed != sets:
                clues.append(clue)
                sets = _solved(clues, count, kinds, narrowed)
                settled = _settled(sets)
    for clue in rng.sample(clues, len(clues)):
        fewer = [other for other in clues if other != clue]
        if _settled(_solved(fewer, count, kinds)):
            clues = fewer
    return clues


@family(
    name="zebra_puzzle",
    wordings=(
        "{count} people, {people}, live in a row of {count} houses, numbered from left to right, one in "
        "each. {things} {clues} {question} Answer with the two names in this order, separated by a comma.",
        "In {count} houses in a row, house 1 being the leftmost, live {people}, each in a house of their "
        "own. {things} These clues are known: {clues} {question} Give both names in the order asked, with "
        "a comma between.",
        "A street has {count} houses next to each other, numbered 1 to {count} from the left; {people} "
        "live there, one person to a house. {things} {clues} {question} Name the two people in that order, "
        "separated by a comma.",
    ),
)
def zebra_puzzle(rng: random.Random, level: int) -> Problem:
    """Who has what in a row of houses, by narrowing down where each thing can be."""
    count, kinds = STREETS[level]
    chosen = rng.sample(sorted(THINGS), kinds - 1)
    people = [person.name for person in some_people(rng, count)]
    names = [*people, *(thing for kind in chosen for thing in rng.sample(THINGS[kind][0], count))]
    house = [place for _ in range(kinds) for place in rng.sample(range(count), count)]
    clues = _clues(rng, house, count, kinds)
    told = {b for kind, a, b in clues if kind == "same" and a < count}
    things = [thing for thing in range(count, kinds * count) if level == 1 or thing not in told]
    asked = rng.sample(things if len(things) > 1 else range(count, kinds * count), 2)
    owners = [people[house.index(house[thing])] for thing in asked]
    answer = ", ".join(owners)
    speak = _Speech(names, chosen, count)
    return Problem(
        question=zebra_puzzle.ask(
            rng,
            count=count,
            people=listing(people),
            things=speak.stock(rng),
            clues=" ".join(f"({n}) {capitalized(speak.clue(clue))}." for n, clue in enumerate(clues, 1)),
            question=f"Who {speak.having(asked[0])}, and who {speak.having(asked[1])}?",
        ),
        answer=answer,
        spec=TEXT,
        solution="\n".join([*_worked(clues, count, kinds, speak), boxed(answer)]),
        given={
            "houses": count,
            "kinds": [names[start : start + count] for start in range(0, kinds * count, count)],
            "clues": [
                [kind, names[a], b + 1 if kind in ("at", "not at") else names[b]] for kind, a, b in clues
            ],
            "asked": [names[thing] for thing in asked],
        },
        key=("zebra_puzzle", count, kinds, _shape(clues, house, asked, count, kinds)),
    )


def _shape(clues: Sequence[Clue], house: Sequence[int], asked: Sequence[int], count: int, kinds: int) -> Any:
    """The clues with each thing known by its house; kinds of things in the order of what is said of them."""

    def mark(kind: int) -> list[Any]:
        marks = [
            ("asked", place, house[thing]) for place, thing in enumerate(asked) if thing // count == kind
        ]
        for name, a, b in clues:
            if a // count == kind:
                marks.append((name, 0, house[a]))
            if name not in ("at", "not at") and b // count == kind:
                marks.append((name, 1, house[b]))
        return sorted(marks)

    order = [0, *sorted(range(1, kinds), key=mark)]
    place = {kind: number for number, kind in enumerate(order)}

    def known(thing: int) -> tuple[int, int]:
        return place[thing // count], house[thing]

    written = []
    for name, a, b in clues:
        pair: list[Any] = [known(a), (-1, b) if name in ("at", "not at") else known(b)]
        if name in ("same", "not same", "beside"):
            pair.sort()
        written.append((name, *pair))
    return tuple(sorted(written)), tuple(map(known, asked))


class _Speech:
    """How things, clues and steps are put into words."""

    def __init__(self, names: Sequence[str], chosen: Sequence[str], count: int) -> None:
        self.names, self.chosen, self.count = names, chosen, count

    def subject(self, thing: int) -> str:
        kind = thing // self.count
        return THINGS[self.chosen[kind - 1]][1].format(self.names[thing]) if kind else self.names[thing]

    def having(self, thing: int, negated: bool = False) -> str:
        kind = thing // self.count
        if not kind:
            return f"is {'not ' if negated else ''}{self.names[thing]}"
        _, _, positive, negative = THINGS[self.chosen[kind - 1]]
        return (negative if negated else positive).format(self.names[thing])

    def stock(self, rng: random.Random) -> str:
        """What there is of each kind, in an order that says nothing."""
        said = {
            "color": "The houses are {}, each of another color.",
            "pet": "Each person owns one of these pets: {}.",
            "drink": "Each of them drinks something else: {}.",
            "job": "They are of different professions: {}.",
            "game": "Each of them plays another game: {}.",
        }
        sentences = []
        for kind, name in enumerate(self.chosen, 1):
            things = list(self.names[kind * self.count : (kind + 1) * self.count])
            rng.shuffle(things)
            sentences.append(said[name].format(listing(things)))
        return " ".join(sentences)

    def clue(self, clue: Clue) -> str:
        kind, a, b = clue
        first = self.subject(a)
        if kind == "at":
            return f"{first} lives in house {b + 1}"
        if kind == "not at":
            return f"{first} does not live in house {b + 1}"
        if kind in ("same", "not same"):
            return f"{first} {self.having(b, kind == 'not same')}"
        where = {
            "beside": "next to",
            "left of": "directly to the left of",
            "before": "somewhere to the left of",
        }
        return f"{first} lives {where[kind]} {self.subject(b)}"


def _worked(clues: Sequence[Clue], count: int, kinds: int, speak: _Speech) -> list[str]:
    """What each clue leaves, again and again, and who is in which house in the end."""
    every = (1 << count) - 1
    sets = [every] * (count * kinds)
    lines = ["Write down in which houses each can be, clue by clue."]
    while not _settled(sets):
        for number, clue in enumerate(clues, 1):
            before = list(sets)
            _narrow(clue, sets, every)
            lines += _news(f"Clue {number}", before, sets, speak)
        for start in range(0, count * kinds, count):
            before = list(sets)
            _settle(sets, start, count)
            lines += _news("All different", before, sets, speak)
    for place in range(count):
        have = [speak.names[thing] for thing, houses in enumerate(sets) if houses == 1 << place]
        lines.append(f"House {place + 1}: {', '.join(have)}.")
    return lines


def _news(why: str, before: Sequence[int], after: Sequence[int], speak: _Speech) -> list[str]:
    changed = [thing for thing, houses in enumerate(after) if houses != before[thing]]
    texts = []
    for thing in changed:
        places = [str(place + 1) for place in range(speak.count) if after[thing] >> place & 1]
        texts.append(f"{speak.names[thing]} in {listing(places, 'or')}")
    return [f"{why}: {', '.join(texts)}."] if texts else []


@zebra_puzzle.proof
def _zebra_puzzle(given: Given) -> str:
    fits: dict[str, Callable[[int, int], bool]] = {
        "at": lambda a, b: a == b,
        "not at": lambda a, b: a != b,
        "same": lambda a, b: a == b,
        "not same": lambda a, b: a != b,
        "beside": lambda a, b: a - b in (1, -1),
        "left of": lambda a, b: b - a == 1,
        "before": lambda a, b: a < b,
    }
    kind_of = {name: number for number, names in enumerate(given["kinds"]) for name in names}
    about: dict[str, list[tuple[str, str, str | int]]] = {name: [] for name in kind_of}
    for kind, first, second in given["clues"]:
        about[first].append((kind, first, second))
        if isinstance(second, str):
            about[second].append((kind, first, second))

    def allowed(name: str, place: int, house: dict[str, int]) -> bool:
        if any(kind_of[other] == kind_of[name] and house[other] == place for other in house):
            return False
        tried = house | {name: place}
        for kind, first, second in about[name]:
            other = tried.get(second) if isinstance(second, str) else second
            if first in tried and other is not None and not fits[kind](tried[first], other):
                return False
        return True

    def search(house: dict[str, int]) -> Iterator[dict[str, int]]:
        if len(house) == len(kind_of):
            yield house
            return
        options = {
            name: [p for p in range(1, given["houses"] + 1) if allowed(name, p, house)]
            for name in kind_of
            if name not in house
        }
        name = min(options, key=lambda each: len(options[each]))
        for place in options[name]:
            yield from search(house | {name: place})

    (only,) = search({})
    by_house = {only[person]: person for person in given["kinds"][0]}
    return ", ".join(by_house[only[name]] for name in given["asked"])


@zebra_puzzle.variants
def _zebra_puzzle_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    first, second = answer.split(", ")
    others = [name for name in given["kinds"][0] if name not in (first, second)]
    return [], [f"{first}, {others[0]}", f"{others[0]}, {second}", others[0]]
