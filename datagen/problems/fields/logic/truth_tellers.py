"""People who always lie or never do, and what they say about how many of them lie.

The construction tries every number of liars, as the solution does; the proof tries every case.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, counted, listing

#: "exactly", "at least" or "at most" so many liars; "liar" or "honest" about the person of this number
Saying = tuple[str, int]
CIRCLES = {1: 4, 2: 5, 3: 6, 4: 7, 5: 8}  # people


@family(
    name="truth_teller_count",
    wordings=(
        "Each of {people} either always tells the truth or always lies. {statements} How many of them tell "
        "the truth?",
        "There are {count} people, {people}; everyone is a truth-teller or a liar. {statements} How many "
        "truth-tellers are among them?",
        "{people} are liars, who only say what is false, or honest people, who only say what is true. "
        "{statements} What is the number of honest people?",
    ),
)
def truth_teller_count(rng: random.Random, level: int) -> Problem:
    """How many people tell the truth, by trying every possible number of them."""
    count = CIRCLES[level]
    people = [person.name for person in some_people(rng, count)]
    while True:
        sayings: list[Saying] = []
        for place in range(count):
            if place < 2 or rng.random() < 0.4:
                sayings.append((rng.choice(("exactly", "at least", "at most")), rng.randint(1, count - 1)))
            else:
                sayings.append((rng.choice(("liar", "honest")), rng.randrange(place)))
        fitting = [honest for honest in range(count + 1) if sum(_truths(sayings, count - honest)) == honest]
        if len(fitting) == 1 and any(saying[0] in ("liar", "honest") for saying in sayings):
            break
    honest = fitting[0]
    order = rng.sample(range(count), count)
    texts = [f'{people[place]} says: "{_saying_text(sayings[place], people)}."' for place in order]
    return Problem(
        question=truth_teller_count.ask(
            rng,
            people=listing([people[place] for place in order]),
            count=count,
            statements=" ".join(texts),
        ),
        answer=str(honest),
        spec=INTEGER,
        solution="\n".join([*_tried(sayings, people), f"The number is {boxed(str(honest))}"]),
        given={
            "people": people,
            "sayings": {people[place]: _given_saying(sayings[place], people) for place in order},
        },
        key=("truth_teller_count", canonical(people, lambda place: _sayings_shape(sayings, people, place))),
    )


def _truths(sayings: Sequence[Saying], liars: int) -> list[bool]:
    """Who tells the truth if there are so many liars; a saying about a person is about an earlier one."""
    truths: list[bool] = []
    for kind, number in sayings:
        if kind in ("liar", "honest"):
            truths.append(truths[number] == (kind == "honest"))
        else:
            truths.append(
                {"exactly": liars == number, "at least": liars >= number, "at most": liars <= number}[kind]
            )
    return truths


def _saying_text(saying: Saying, people: Sequence[str]) -> str:
    kind, number = saying
    if kind == "liar":
        return f"{people[number]} is a liar"
    if kind == "honest":
        return f"{people[number]} tells the truth"
    return f"{capitalized(kind)} {number} of us {'is a liar' if number == 1 else 'are liars'}"


def _given_saying(saying: Saying, people: Sequence[str]) -> list[Any]:
    kind, number = saying
    return [kind, people[number] if kind in ("liar", "honest") else number]


def _sayings_shape(sayings: Sequence[Saying], people: Sequence[str], place: Callable[[str], int]) -> Any:
    shown = []
    for name, (kind, number) in zip(people, sayings, strict=True):
        about = ("person", place(people[number])) if kind in ("liar", "honest") else ("number", number)
        shown.append((place(name), kind, about))
    return tuple(sorted(shown))


def _tried(sayings: Sequence[Saying], people: Sequence[str]) -> list[str]:
    """For every number of liars, who would tell the truth, and whether the numbers agree."""
    count = len(people)
    lines = ["For each number of liars, see whose statement would be true; a statement about a person"]
    lines[0] += " is judged after that person's own."
    for liars in range(count + 1):
        truths = _truths(sayings, liars)
        honest = [name for name, true in zip(people, truths, strict=True) if true]
        found = count - len(honest)
        verdict = "as supposed" if found == liars else f"not {liars}"
        who = f"{listing(honest)} would tell the truth" if honest else "nobody would tell the truth"
        lines.append(f"{counted(liars, 'liar')}: {who}, which makes {counted(found, 'liar')}, {verdict}.")
    return lines


@truth_teller_count.proof
def _truth_teller_count(given: Given) -> str:
    people = given["people"]
    found = set()
    for values in product((True, False), repeat=len(people)):
        honest = dict(zip(people, values, strict=True))
        liars = values.count(False)
        for name, (kind, about) in given["sayings"].items():
            if kind in ("liar", "honest"):
                true = honest[about] is (kind == "honest")
            else:
                true = not ((kind != "at most" and liars < about) or (kind != "at least" and liars > about))
            if true is not honest[name]:
                break
        else:
            found.add(values.count(True))
    (number,) = found
    return str(number)
