"""Stories of several steps: things are counted, bought, given away, shared out and sold.

The construction computes with the numbers; the proof keeps the things themselves in a list.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import Person, some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, plural_of

Step = tuple[Any, ...]
"""("groups", k, m), ("more", n), ("less", n), ("packs", k, m), ("part", a, b), ("times", k), ("share", k),
("price", p) or ("spend", n)."""


@dataclass(frozen=True)
class Frame:
    """A world for a story: what is counted, what holds it, and how it becomes more and less."""

    thing: str
    box: str
    more: tuple[str, ...]
    less: tuple[str, ...]
    part: str
    times: str


FRAMES = (
    Frame(
        "egg",
        "tray",
        ("{he} collects {n} more {things} from the barn", "a neighbour brings {n} {things}"),
        ("{n} {things} break", "{he} uses {n} {things} for baking", "{he} gives {n} {things} to a friend"),
        "{he} sells {part} of all {things} {he} has now",
        "the hens lay until there are {times} as many {things} as before",
    ),
    Frame(
        "stamp",
        "album",
        ("{he} gets {n} more {things} for a birthday", "{he} finds {n} {things} on old letters"),
        ("{he} throws {n} torn {things} away", "{he} gives {n} {things} to a friend"),
        "{he} swaps {part} of all {things} for a book",
        "{he} collects until there are {times} as many {things} as before",
    ),
    Frame(
        "book",
        "shelf",
        ("{he} buys {n} new {things}", "a friend brings {n} {things}"),
        (
            "{n} {things} get lost",
            "{he} throws {n} old {things} away",
            "{he} sends {n} {things} to a hospital",
        ),
        "{he} gives {part} of the {things} to a library",
        "{he} buys until there are {times} as many {things} as before",
    ),
    Frame(
        "seedling",
        "tray",
        ("{he} sows and raises {n} more {things}", "a gardener leaves {n} {things} at the door"),
        ("frost kills {n} {things}", "snails eat {n} {things}", "{he} plants {n} {things} at home"),
        "{he} gives {part} of the {things} to a school",
        "{he} takes cuttings until there are {times} as many {things} as before",
    ),
    Frame(
        "marble",
        "bag",
        ("{he} wins {n} {things} in a game", "{he} is given {n} {things}"),
        ("{he} loses {n} {things} in a game", "{n} {things} roll away for good"),
        "{he} hands {part} of the {things} to the other children",
        "{he} wins until there are {times} as many {things} as before",
    ),
    Frame(
        "muffin",
        "tin",
        ("{he} bakes {n} more {things}", "a second baker brings {n} {things}"),
        ("{n} {things} burn", "the staff eats {n} {things}", "{he} keeps {n} {things} for the family"),
        "{he} delivers {part} of the {things} to a school",
        "{he} bakes until there are {times} as many {things} as before",
    ),
)

STEPS = {1: 2, 2: 3, 3: 4, 4: 6, 5: 8}
UNUSED = (
    "{name} is {n} years old.",
    "It is {n} minutes on foot to the next town.",
    "The radio plays {n} songs meanwhile.",
    "{friend} has {n} {things} as well, but keeps them apart.",
    "The house of {name} has the number {n}.",
)


def _draw(rng: random.Random, kind: str, value: int) -> Step | None:
    """A step of that kind that fits the number there is now."""
    if kind in ("more", "less"):
        number = rng.randint(3, 60)
        return (kind, number) if kind == "more" or number < value - 5 else None
    if kind == "packs":
        return kind, rng.randint(2, 6), rng.randint(4, 20)
    if kind == "times":
        return (kind, rng.randint(2, 3)) if value <= 250 else None
    if kind == "part":
        below = rng.choice([b for b in (2, 3, 4, 5, 6, 8) if value % b == 0] or [0])
        above = rng.choice({5: (1, 2), 8: (1, 3)}.get(below, (1,)))
        return (kind, above, below) if below and value >= 4 * below else None
    if kind == "share":
        fits = [k for k in range(2, 13) if value % k == 0 and value // k > 1]
        return (kind, rng.choice(fits)) if fits else None
    return (kind, rng.randint(2, 9)) if value <= 500 else None


def _after(step: Step, value: int) -> int:
    kind, *numbers = step
    if kind in ("groups", "packs"):
        return value + numbers[0] * numbers[1]
    if kind == "part":
        return value - value // numbers[1] * numbers[0]
    if kind in ("times", "price"):
        return int(value * numbers[0])
    if kind == "share":
        return int(value // numbers[0])
    return value + numbers[0] if kind == "more" else value - numbers[0]


def _steps(rng: random.Random, level: int) -> list[Step]:
    """A start in groups, then steps that leave whole numbers, no kind twice in a row, and an end."""
    while True:
        steps: list[Step] = [("groups", rng.randint(3, 12), rng.randint(6, 24))]
        value = _after(steps[0], 0)
        kinds = ["more", "less"] if level == 1 else ["more", "less", "packs", "part", "part", "times"]
        while len(steps) < STEPS[level] - (level > 2):
            kind = rng.choice([kind for kind in kinds if kind != steps[-1][0]])
            step = _draw(rng, kind, value)
            if step and 12 <= _after(step, value) <= 999:
                steps.append(step)
                value = _after(step, value)
            elif rng.random() < 0.1:
                break
        if len(steps) < STEPS[level] - (level > 2):
            continue
        if level < 3:
            return steps
        end = _draw(rng, rng.choice(("share", "price")), value)
        if end:
            value = _after(end, value)
            spends = level > 3 and end[0] == "price" and value > 60
            return [*steps, end, *([("spend", rng.randint(8, min(value - 10, 300)))] if spends else [])]


def _told(rng: random.Random, step: Step, frame: Frame, who: Person, place: int) -> str:
    kind, *numbers = step
    things = plural_of(frame.thing)
    boxes = {"shelf": "shelves"}.get(frame.box, plural_of(frame.box))
    words: dict[str, object] = {"he": who.he, "things": things, "n": numbers[0], "k": numbers[0]}
    words["times"] = "twice" if numbers[0] == 2 else "three times"
    if kind == "groups":
        return f"{who.name} has {numbers[0]} {boxes} with {numbers[1]} {things} in each."
    if kind == "packs":
        text = "{he} buys {k} boxes of {m} {things} each".format(**words, m=numbers[1])
    elif kind == "part":
        text = frame.part.format(**words, part=f"{numbers[0]}/{numbers[1]}")
    elif kind == "share":
        text = f"{who.he} shares the {things} that are left equally among {numbers[0]} people"
    elif kind == "price":
        text = f"{who.he} sells the {things} that are left for {dollars(100 * numbers[0])} each"
    elif kind == "spend":
        text = f"{who.he} pays {dollars(100 * numbers[0])} of the money for repairs"
    else:
        choices: tuple[str, ...] = {"more": frame.more, "less": frame.less, "times": (frame.times,)}[kind]
        text = choices[int(rng.random() * len(choices))].format(**words)
    start = ("Then ", "After that ", "Next, ")[place % 3]
    return f"{start}{text}."


def _worked(step: Step, value: int, things: str) -> str:
    """The line of the solution for one step."""
    kind, *numbers = step
    after = _after(step, value)
    if kind == "groups":
        return f"{numbers[0]} * {numbers[1]} = {after} {things} at first."
    if kind == "packs":
        bought = numbers[0] * numbers[1]
        return f"Boxes: {numbers[0]} * {numbers[1]} = {bought}, and {value} + {bought} = {after}."
    if kind == "part":
        lost = value - after
        return f"{numbers[0]}/{numbers[1]} of {value} is {lost}, and {value} - {lost} = {after}."
    if kind == "times":
        return f"{'Twice' if numbers[0] == 2 else 'Three times'} as many: {numbers[0]} * {value} = {after}."
    if kind == "share":
        return f"Shared equally: {value}/{numbers[0]} = {after} each."
    if kind == "price":
        return f"Sold: {value} * {numbers[0]} = {after} dollars."
    return f"{value} {'+' if kind == 'more' else '-'} {numbers[0]} = {after}."


@family(
    name="multi_step_story",
    wordings=(
        "{story} {asked}",
        "Follow the story step by step. {story} {asked}",
        "Here is a story with a question at its end. {story} {asked}",
    ),
)
def multi_step_story(rng: random.Random, level: int) -> Problem:
    """A story of two to nine steps, at level 5 with facts that do not matter, worked step by step."""
    steps = _steps(rng, level)
    frame = FRAMES[int(rng.random() * len(FRAMES))]
    who, friend = some_people(rng, 2)
    things = plural_of(frame.thing)
    sentences = [_told(rng, step, frame, who, place) for place, step in enumerate(steps)]
    unused: list[int] = []
    if level == 5:
        for text in rng.sample(UNUSED, 2):
            unused.append(rng.randint(11, 79))
            fact = text.format(name=who.name, friend=friend.name, things=things, n=unused[-1])
            sentences.insert(rng.randint(1, len(sentences) - 1), fact)
    lines, value = [], 0
    for step in steps:
        lines.append(_worked(step, value, things))
        value = _after(step, value)
    if unused:
        lines.insert(0, f"The numbers {unused[0]} and {unused[1]} do not matter for the question.")
    asked = {
        "share": f"How many {things} does each of these people get?",
        "price": f"How many dollars does {who.name} get for them?",
        "spend": "How many dollars of that money are left?",
    }.get(steps[-1][0], f"How many {things} does {who.name} have at the end?")
    answer = str(value)
    return Problem(
        question=multi_step_story.ask(rng, story=" ".join(map(capitalized, sentences)), asked=asked),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={"steps": [list(step) for step in steps], "unused": unused},
        key=("multi_step_story", *steps),
    )


@multi_step_story.proof
def _multi_step_story(given: Given) -> str:
    pile: list[int] = []
    for kind, *numbers in given["steps"]:
        if kind in ("groups", "packs"):
            for _ in range(numbers[0]):
                pile.extend(range(numbers[1]))
        elif kind == "more":
            pile.extend(range(numbers[0]))
        elif kind in ("less", "spend"):
            for _ in range(numbers[0]):
                pile.pop()
        elif kind == "part":
            above, below = numbers
            heaps = [pile[place::below] for place in range(below)]
            if len({len(heap) for heap in heaps}) != 1:
                raise ValueError("the part is not whole")
            pile = [thing for heap in heaps[above:] for thing in heap]
        elif kind in ("times", "price"):
            pile = [thing for thing in pile for _ in range(numbers[0])]
        else:
            shares: list[list[int]] = [[] for _ in range(numbers[0])]
            for place, thing in enumerate(pile):
                shares[place % numbers[0]].append(thing)
            if len({len(share) for share in shares}) != 1:
                raise ValueError("the shares are not equal")
            pile = shares[0]
    return str(len(pile))
