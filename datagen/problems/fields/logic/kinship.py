"""Kinship: how two people are related, from who is whose parent, child, brother or sister.

The construction walks from one relative to the next; the proof puts the family together couple by couple.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import Person, some_people
from datagen.problems.specs import TEXT
from datagen.problems.text import boxed

RELATIONS = {
    (1, 0): ("mother", "father"),
    (2, 0): ("grandmother", "grandfather"),
    (3, 0): ("great-grandmother", "great-grandfather"),
    (0, 1): ("daughter", "son"),
    (0, 2): ("granddaughter", "grandson"),
    (0, 3): ("great-granddaughter", "great-grandson"),
    (1, 1): ("sister", "brother"),
    (2, 1): ("aunt", "uncle"),
    (1, 2): ("niece", "nephew"),
    (2, 2): ("cousin", "cousin"),
}
"""By steps up from a person and steps down again; a woman and a man."""
FACTS = {1: (2, 1), 2: (3, 1), 3: (4, 2), 4: (5, 2), 5: (7, 3)}  # facts to combine, facts about others
Fact = tuple[str, str, str]  # who, relation (mother, ..., brother), of whom


def _is_woman(person: Person) -> bool:
    return person.he == "she"


def _related(person: Person, up: int, down: int) -> str:
    return RELATIONS[up, down][0 if _is_woman(person) else 1]


def _fact(rng: random.Random, person: Person, move: str, of: Person, last: bool) -> Fact:
    """A sentence that says that one is parent, child or sibling of the other, from either side."""
    place = {"parent": (1, 0), "child": (0, 1), "sibling": (1, 1)}[move]
    if last or rng.random() < 0.5:
        return person.name, _related(person, *place), of.name
    return of.name, _related(of, place[1], place[0]), person.name


def _walk(rng: random.Random, length: int) -> list[str]:
    """Moves from a person to a relative with a name of their own."""
    while True:
        up = down = 0
        moves = []
        for _ in range(length):
            options = ["sibling"] if down or up < 2 else []
            if not down and up < 3:
                options.append("parent")
            if (down or not up) and up + down < 4 and (up, down + 1) in RELATIONS:
                options.append("child")
            if not options:
                break
            move = rng.choice(options)
            moves.append(move)
            if move == "parent":
                up += 1
            elif move == "child" or not down:
                up, down = (up, down + 1) if move == "child" else (up + 1, 1)
        if len(moves) == length and (up, down) in RELATIONS and (length < 3 or up + down > 2):
            return moves


@family(
    name="family_relations",
    wordings=(
        "{facts} Brothers and sisters have both parents in common, and nobody has two names. What is "
        "{person} to {of}? Answer with one word, such as grandmother or uncle.",
        "In a family in which all brothers and sisters share both parents and different names mean "
        "different people, the following is known. {facts} How is {person} related to {of}? Complete with "
        "one word: {person} is the ... of {of}.",
        "{facts} All brothers and sisters here have the same father and the same mother, and different "
        "names belong to different people. {person} is which relative of {of}? Give one word, such as aunt "
        "or grandson.",
    ),
)
def family_relations(rng: random.Random, level: int) -> Problem:
    """How two people are related, by following parents, children, brothers and sisters one at a time."""
    length, others = FACTS[level]
    moves = _walk(rng, length)
    people = some_people(rng, length + 1 + others)
    facts: list[Fact] = []
    lines = []
    start = people[0]
    up = down = 0
    for place, move in enumerate(moves):
        person, of = people[place + 1], people[place]
        fact = _fact(rng, person, move, of, place == length - 1)
        facts.append(fact)
        if move == "parent":
            up += 1
        elif move == "child":
            down += 1
        elif not down:
            up, down = up + 1, 1
        said = f"{fact[0]} is the {fact[1]} of {fact[2]}"
        lines.append(f"{said}, so {person.name} is the {_related(person, up, down)} of {start.name}.")
    lines[0] = f"{people[1].name} is the {_related(people[1], *_first(moves[0]))} of {start.name}."
    for person in people[length + 1 :]:
        facts.append(
            _fact(rng, person, rng.choice(("child", "sibling")), rng.choice(people[1:length]), False)
        )
    rng.shuffle(facts)
    answer = _related(people[length], up, down)
    return Problem(
        question=family_relations.ask(
            rng,
            facts=" ".join(f"{who} is the {relation} of {of}." for who, relation, of in facts),
            person=people[length].name,
            of=start.name,
        ),
        answer=answer,
        spec=TEXT,
        solution="\n".join([*lines, f"{people[length].name} is to {start.name} the {boxed(answer)}"]),
        given={"facts": [list(fact) for fact in facts], "person": people[length].name, "of": start.name},
        key=("family_relations", _facts_shape(facts, [person.name for person in people[: length + 1]])),
    )


def _first(move: str) -> tuple[int, int]:
    return {"parent": (1, 0), "child": (0, 1), "sibling": (1, 1)}[move]


def _facts_shape(facts: Sequence[Fact], way: Sequence[str]) -> Any:
    """The facts with everybody on the way from one to the other numbered, and all others alike."""
    place = {name: number for number, name in enumerate(way)}
    return tuple(
        sorted((place.get(who, len(way)), relation, place.get(of, len(way))) for who, relation, of in facts)
    )


@family_relations.proof
def _family_relations(given: Given) -> str:
    names = sorted({name for who, _, of in given["facts"] for name in (who, of)})
    born_to = {name: f"parents of {name}" for name in names}  # the couple somebody is a child of
    couple_of = {name: f"couple of {name}" for name in names}  # the couple somebody is half of
    merged: dict[str, str] = {}

    def root(couple: str) -> str:
        while couple in merged:
            couple = merged[couple]
        return couple

    def join(one: str, other: str) -> None:
        if root(one) != root(other):
            merged[root(one)] = root(other)

    women: dict[str, bool] = {}
    for who, relation, of in given["facts"]:
        women[who] = relation in ("mother", "daughter", "sister")
        if relation in ("mother", "father"):
            join(couple_of[who], born_to[of])
        elif relation in ("daughter", "son"):
            join(born_to[who], couple_of[of])
        else:
            join(born_to[who], born_to[of])

    def generations(name: str) -> dict[str, int]:
        """The person's own couple as 0, then those who are born to each other upwards."""
        found = {root(couple_of[name]): 0, root(born_to[name]): 1}
        frontier = [(root(born_to[name]), 1)]
        while frontier:
            couple, steps = frontier.pop()
            for other in names:
                if root(couple_of[other]) == couple and root(born_to[other]) not in found:
                    found[root(born_to[other])] = steps + 1
                    frontier.append((root(born_to[other]), steps + 1))
        return found

    person, of = generations(given["person"]), generations(given["of"])
    steps = min(
        (of[couple] + person[couple], of[couple], person[couple]) for couple in person if couple in of
    )
    words = {
        (1, 0): "mother father",
        (2, 0): "grandmother grandfather",
        (3, 0): "great-grandmother great-grandfather",
        (0, 1): "daughter son",
        (0, 2): "granddaughter grandson",
        (0, 3): "great-granddaughter great-grandson",
        (1, 1): "sister brother",
        (2, 1): "aunt uncle",
        (1, 2): "niece nephew",
        (2, 2): "cousin cousin",
    }
    return words[steps[1:]].split()[0 if women[given["person"]] else 1]


@family_relations.variants
def _family_relations_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    words = {word for pair in RELATIONS.values() for word in pair}
    return [f"the {answer}"], sorted(words - {answer})
