"""The drawer principle: how many draws make something certain.

Constructions find the most unlucky draws; proofs try every possible handful.
"""

from __future__ import annotations

import random
from itertools import product

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import plus, wrong
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, counted, listing

DRAWERS = {1: (2, 9, 8, 15), 2: (3, 3, 1, 9), 3: (4, 5, 1, 8), 4: (4, 4, 2, 10), 5: (4, 5, 2, 8)}
"""Per level: how many colours, from and to, and how many of each, from and to."""
WANTED = {1: ("alike",), 2: ("alike",), 3: ("given",), 4: ("each",), 5: ("pair",)}
HUES = ("red", "blue", "green", "white", "black", "yellow", "brown", "pink", "grey")


def _drawn_drawer(rng: random.Random, level: int) -> tuple[list[int], str, list[int]]:
    """How many of each colour, what is wanted, and of how many."""
    few, many, least, most = DRAWERS[level]
    while True:
        counts = [rng.randint(least, most) for _ in range(rng.randint(few, many))]
        wanted = rng.choice(WANTED[level])
        need = rng.randint(2, 7)
        if level == 1:
            return [counts[0]] * len(counts), wanted, [need]
        if wanted == "alike" and min(counts) < need - 1 and max(counts) >= need:
            return counts, wanted, [need]
        if wanted == "each" and len(set(counts)) > 1:
            return counts, wanted, [rng.randint(1, min(counts))]
        if wanted == "given":
            return counts, wanted, [rng.randint(1, counts[0]), rng.randint(1, counts[1])]
        if wanted == "pair" and sorted(counts)[-2] >= need:
            return counts, wanted, [need]


@family(
    name="pigeonhole",
    wordings=(
        "A bag holds {contents}. Without looking, how many {thing}s must you take out, one after the other "
        "and without putting any back, to be certain of having {wanted}?",
        "There are {contents} in a dark box. What is the smallest number of {thing}s you must draw at "
        "random, without putting any back, so that you are sure to have {wanted}?",
        "From a bag with {contents}, {thing}s are drawn blindly and not put back. Find the least number of "
        "draws that guarantees {wanted}.",
    ),
)
def pigeonhole(rng: random.Random, level: int) -> Problem:
    """The least number of draws that makes something certain, from the most unlucky draws without it."""
    counts, wanted, goal = _drawn_drawer(rng, level)
    thing = rng.choice(("ball", "marble", "sock", "button"))
    hues = rng.sample(HUES, len(counts))
    unlucky, lines = _most_unlucky(counts, wanted, goal, hues, thing)
    text = {
        "alike": f"{goal[0]} {thing}s of the same colour",
        "each": f"at least {counted(goal[0], thing)} of each colour",
        "given": f"at least {goal[0]} {hues[0]} and at least {goal[-1]} {hues[1]} "
        f"{thing if goal[-1] == 1 else thing + 's'}",
        "pair": f"at least {goal[0]} {thing}s of one colour and at least {goal[0]} of a second colour",
    }[wanted]
    shown = rng.sample(range(len(counts)), len(counts))
    things = listing([f"{counts[place]} {hues[place]}" for place in shown])
    last = counts[shown[-1]]
    alike = counts if wanted != "given" else [*zip(counts[:2], goal, strict=True)]
    rest = [] if wanted != "given" else sorted(counts[2:])
    return Problem(
        question=pigeonhole.ask(
            rng, contents=f"{things} {thing if last == 1 else thing + 's'}", thing=thing, wanted=text
        ),
        answer=str(unlucky + 1),
        spec=INTEGER,
        solution="\n".join([*lines, f"One more draw is enough: {unlucky} + 1 = {boxed(str(unlucky + 1))}"]),
        given={"counts": counts, "wanted": wanted, "goal": goal},
        key=("pigeonhole", wanted, *sorted(alike), "of", *rest, *(goal if wanted != "given" else ())),
    )


def _most_unlucky(
    counts: list[int], wanted: str, goal: list[int], hues: list[str], thing: str
) -> tuple[int, list[str]]:
    """The most draws that can miss the goal, and the lines that explain them."""
    need, total = goal[0], sum(counts)
    if wanted in ("alike", "pair"):
        taken = [min(count, need - 1) for count in counts]
        lines = [f"Unlucky draws give {need - 1} of each colour, or all where there are fewer."]
        if wanted == "pair":
            full = counts.index(max(counts))
            taken[full] = counts[full]
            lines = [
                f"Two colours with {need} or more reach the goal: unlucky draws have only one such colour.",
                f"The worst case has all {counts[full]} of the most common colour, {hues[full]}.",
                f"Of every other colour it has {need - 1}, or all where there are fewer.",
            ]
        lines += [
            f"{capitalized(hue)}: {number} of {count}."
            for hue, number, count in zip(hues, taken, counts, strict=True)
        ]
        if wanted == "alike" and len(set(counts)) == 1:
            return sum(taken), [
                lines[0],
                f"With {len(counts)} colours: {len(counts)} * {need - 1} = {sum(taken)}",
            ]
        return sum(taken), [*lines, f"Without the goal you can draw {plus(taken)} = {sum(taken)}."]
    lines = [f"In all there are {plus(counts)} = {total} {thing}s."]
    needs = goal if wanted == "given" else [need] * len(counts)
    lines.append("The goal is missed as long as too few of some colour are drawn.")
    missed = []
    for hue, count, number in zip(hues, counts, needs, strict=False):
        missed.append(total - count + number - 1)
        lines.append(
            f"All but {hue}, and {number - 1} {hue}: {total} - {count} + {number - 1} = {missed[-1]}."
            if number > 1
            else f"All but {hue}: {total} - {count} = {missed[-1]}."
        )
    return max(missed), [*lines, f"The worst of these is {max(missed)} draws."]


@pigeonhole.proof
def _pigeonhole(given: Given) -> str:
    """The largest handful, over all handfuls, that misses the goal."""
    counts, wanted, goal = given["counts"], given["wanted"], given["goal"]
    if wanted == "alike" and len(counts) > 3:
        return str(_by_steps(len(counts), goal[0]) + 1)
    reached = {
        "alike": lambda hand: max(hand) >= goal[0],
        "each": lambda hand: min(hand) >= goal[0],
        "given": lambda hand: hand[0] >= goal[0] and hand[1] >= goal[-1],
        "pair": lambda hand: sorted(hand)[-2] >= goal[0],
    }[wanted]
    hands = product(*(range(count + 1) for count in counts))
    return str(max(sum(hand) for hand in hands if not reached(hand)) + 1)


def _by_steps(colours: int, need: int) -> int:
    """Many equal colours: draws, always of a least drawn colour, until each was drawn `need` - 1 times."""
    drawn, draws = [0] * colours, 0
    while min(drawn) < need - 1:
        drawn[drawn.index(min(drawn))] += 1
        draws += 1
    return draws


@pigeonhole.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    counts, goal = given["counts"], given["goal"]
    return [], wrong(answer, sum(counts), goal[0], len(counts) * goal[0], len(counts) + 1)
