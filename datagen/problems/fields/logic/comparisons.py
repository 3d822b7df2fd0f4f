"""Orders of people from comparisons of two of them.

The construction puts everyone in order and says enough to find it again; the proof counts who is above whom.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import TEXT
from datagen.problems.text import boxed, listing, ordinal

ORDERS = {
    "tall": ("taller", "tallest", "shorter"),
    "old": ("older", "oldest", "younger"),
    "fast": ("faster", "fastest", "slower"),
    "heavy": ("heavier", "heaviest", "lighter"),
    "rich": ("richer", "richest", "poorer"),
}
CROWDS = {1: (4, 2), 2: (5, 3), 3: (7, 4), 4: (9, 5), 5: (12, 6)}  # people, comparisons beyond what is needed


@family(
    name="ordering_by_comparison",
    wordings=(
        "{clues} Among {people}, who is the {first}, and who is the {second}? Answer with the two names in "
        "this order, separated by a comma.",
        "No two of {people} are equally {adjective}. {clues} Name the {first} and the {second} of them, in "
        "this order, separated by a comma.",
        "Compare {people}: {clues} Who of them is the {first} and who the {second}? Give both names in "
        "this order, with a comma between them.",
    ),
)
def ordering_by_comparison(rng: random.Random, level: int) -> Problem:
    """Who has which place in an order that comparisons of two settle, from the top downwards."""
    count, extra = CROWDS[level]
    adjective = rng.choice(sorted(ORDERS))
    more, most, less = ORDERS[adjective]
    ranked = [person.name for person in some_people(rng, count)]
    wide = [(high, low) for high in range(count) for low in range(high + 2, count)]
    pairs = [(place, place + 1) for place in range(count - 1)] + rng.sample(
        wide, rng.randint(0, min(extra, len(wide)))
    )
    rng.shuffle(pairs)
    clues = []
    for high, low in pairs:
        turned = rng.random() < 0.5
        first, second = (ranked[low], ranked[high]) if turned else (ranked[high], ranked[low])
        clues.append(f"{first} is {less if turned else more} than {second}.")
    asked = rng.sample(range(count), 2)
    titles = [most if place == 0 else f"{ordinal(place + 1)} {most}" for place in asked]
    people = sorted(ranked)
    answer = ", ".join(ranked[place] for place in asked)
    return Problem(
        question=ordering_by_comparison.ask(
            rng,
            clues=" ".join(clues),
            people=listing(people),
            first=titles[0],
            second=titles[1],
            adjective=adjective,
        ),
        answer=answer,
        spec=TEXT,
        solution="\n".join([*_from_the_top(ranked, pairs, more, less), boxed(answer)]),
        given={
            "people": people,
            "above": [[ranked[high], ranked[low]] for high, low in pairs],
            "asked": asked,
        },
        key=("ordering_by_comparison", count, tuple(sorted(pairs)), tuple(asked)),
    )


def _from_the_top(ranked: Sequence[str], pairs: Sequence[tuple[int, int]], more: str, less: str) -> list[str]:
    lines = []
    for place, name in enumerate(ranked[:-1]):
        below = [ranked[low] for high, low in sorted(pairs) if high == place]
        who = "Only for" if not place else "Of the others, only for"
        if place < len(ranked) - 2:
            lines.append(
                f"{who} {name} is nobody {more}: {name} is number {place + 1}, before {listing(below)}."
            )
        else:
            lines.append(
                f"{name} is {more} than {ranked[-1]}: they are number {place + 1} and number {place + 2}."
            )
    return lines


@ordering_by_comparison.proof
def _ordering_by_comparison(given: Given) -> str:
    above: dict[str, set[str]] = {name: set() for name in given["people"]}
    for high, low in given["above"]:
        above[low].add(high)
    for middle in above:  # Warshall's closure
        for low, highs in above.items():
            if middle in highs:
                above[low] = highs | above[middle]
    place = {name: len(highs) for name, highs in above.items()}
    by_place = {number: name for name, number in place.items()}
    if len(by_place) < len(place):
        raise ValueError("two people cannot be told apart")
    return ", ".join(by_place[asked] for asked in given["asked"])
