"""Colours for the vertices of a graph: one way to give them, and how many are needed.

Solutions colour the vertex that sees the most colours first; the proofs go through all ways.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import combinations

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.graphs.graph import (
    Edge,
    edge_list,
    letters,
    named,
    neighbours,
    shape,
)
from datagen.problems.specs import INTEGER, checked_by
from datagen.problems.text import boxed, listing

COLOURS = ("red", "green", "blue", "yellow", "white", "black", "orange", "purple")


def _brelaz(joined: Sequence[Sequence[int]], names: Sequence[str], lines: list[str]) -> list[int]:
    """A colour for each vertex, next the one whose neighbours have the most colours; the steps go to `lines`.

    Source: Brelaz 1979.
    """
    given: dict[int, int] = {}
    seen: list[set[int]] = [set() for _ in joined]
    left = set(range(len(joined)))
    while left:
        here = max(left, key=lambda v: (len(seen[v]), len(joined[v]), -v))
        left.remove(here)
        given[here] = next(colour for colour in range(len(joined)) if colour not in seen[here])
        for other in joined[here]:
            seen[other].add(given[here])
        coloured = [f"{names[w]} ({COLOURS[given[w]]})" for w in joined[here] if w in given]
        reason = f"is joined to {listing(coloured)}" if coloured else "has no coloured neighbour yet"
        lines.append(f"{names[here]} {reason}: {COLOURS[given[here]]}.")
    return [given[v] for v in range(len(joined))]


def _planted(rng: random.Random, count: int, size: int, colours: int) -> tuple[list[Edge], list[int]]:
    """A connected graph that a hidden colouring fits, and a clique of as many vertices as it has colours.

    `size` is at least what the clique and an edge for each further vertex need.
    """
    order = rng.sample(range(count), count)
    hidden = {v: place if place < colours else rng.randrange(colours) for place, v in enumerate(order)}
    clique = sorted(order[:colours])
    edges = set(combinations(clique, 2))
    for place in range(colours, count):
        other = rng.choice([v for v in order[:place] if hidden[v] != hidden[order[place]]])
        edges.add((min(other, order[place]), max(other, order[place])))
    allowed = [
        (a, b) for a, b in combinations(range(count), 2) if hidden[a] != hidden[b] and (a, b) not in edges
    ]
    more = min(size - len(edges), len(allowed))
    return sorted([*edges, *rng.sample(allowed, more)]), clique


COLOURED = {1: (7, 8, 11, 3), 2: (8, 11, 14, 3), 3: (9, 14, 17, 3), 4: (10, 18, 22, 4), 5: (12, 22, 28, 4)}
"""Per level: how many vertices, how many edges from and to, how many colours."""


@family(
    name="graph_colouring",
    wordings=(
        "Colour the vertices of the graph with the edges {edges} with the {number} colours {colours}, so "
        "that no edge joins two vertices of one colour. Answer like A: red, B: blue.",
        "These pairs of clubs have a member in common: {edges}. Give each club a badge in one of the colours "
        "{colours}, so that clubs with a common member have different colours. Answer like A: red, B: blue.",
        "These pairs of wires cross: {edges}. Give every wire one of the {number} colours {colours}, so "
        "that wires that cross have different colours. Answer like A: red, B: blue.",
    ),
)
def graph_colouring(rng: random.Random, level: int) -> Problem:
    """A colouring with few colours, the vertex that has the least choice first."""
    count, least, most, colours = COLOURED[level]
    edges, _ = _planted(rng, count, rng.randint(least, most), colours)
    names = letters(rng, count)
    lines: list[str] = []
    found = _brelaz(neighbours(count, edges), names, lines)
    if max(found) >= colours:
        return graph_colouring(rng, level)
    answer = ", ".join(f"{name}: {COLOURS[colour]}" for name, colour in zip(names, found, strict=True))
    written = named(rng, edges, names)
    head = "Next always the vertex whose neighbours have the most colours; it takes the first free colour."
    return Problem(
        question=graph_colouring.ask(
            rng,
            edges=edge_list(written),
            colours=listing(COLOURS[:colours]),
            number={3: "three", 4: "four"}[colours],
        ),
        answer=answer,
        spec=checked_by("graph_colouring", edges=written, colours=colours),
        solution="\n".join([head, *lines, boxed(answer)]),
        given={"edges": written, "colours": colours},
        key=("graph_colouring", colours, shape(count, edges)),
    )


def _all_colourings(edges: Iterable[Sequence[str]], colours: int) -> dict[str, int] | None:
    """A colouring found by trying every colour for every vertex, one after the other, if there is one."""
    ways: dict[str, list[str]] = {}
    for a, b in edges:
        ways.setdefault(a, []).append(b)
        ways.setdefault(b, []).append(a)
    order = list(ways)

    def onward(place: int, given: dict[str, int]) -> dict[str, int] | None:
        if place == len(order):
            return given
        name = order[place]
        for colour in range(min(colours, max(given.values(), default=-1) + 2)):
            if all(given.get(other) != colour for other in ways[name]):
                found = onward(place + 1, {**given, name: colour})
                if found:
                    return found
        return None

    return onward(0, {})


@graph_colouring.proof
def _graph_colouring(given: Given) -> str:
    found = _all_colourings(given["edges"], given["colours"])
    if found is None:
        raise ValueError("there is no such colouring")
    return ", ".join(f"{name}: {colour}" for name, colour in found.items())


@graph_colouring.variants
def _graph_colouring_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Colours exchanged, other writings; two neighbours alike, one without a colour, one colour too many."""
    colours = dict(part.split(": ") for part in answer.split(", "))
    swap = {"red": "green", "green": "red"}
    same = [
        ", ".join(f"{name}: {swap.get(colour, colour)}" for name, colour in colours.items()),
        ", ".join(f"{name} = {colour}" for name, colour in reversed(colours.items())),
        "; ".join(f"{name} is {colour}" for name, colour in colours.items()),
    ]
    a, b = given["edges"][0]
    alike = {**colours, a: colours[b]}
    more = {**colours, a: "black", b: "orange"}
    written = [", ".join(f"{name}: {colour}" for name, colour in each.items()) for each in (alike, more)]
    used = set(more.values())
    return same, [
        written[0],
        answer.rpartition(", ")[0],
        *(written[1:] if len(used) > given["colours"] else []),
    ]


NUMBERS = {1: (7, 7, 10), 2: (8, 9, 14), 3: (9, 12, 19), 4: (10, 16, 26), 5: (12, 22, 34)}
"""Per level: how many vertices, and how many edges from and to."""


@family(
    name="chromatic_number",
    wordings=(
        "A graph has the edges {edges}. What is its chromatic number, the least number of colours for its "
        "vertices such that no edge joins two vertices of one colour?",
        "Radio stations that would disturb each other on one frequency: {edges}. What is the smallest "
        "number of frequencies with which no two of these pairs disturb each other?",
        "These pairs of animals cannot share a cage: {edges}. How many cages are needed at least?",
    ),
)
def chromatic_number(rng: random.Random, level: int) -> Problem:
    """The least number of colours: a colouring, and a clique or an odd cycle that needs as many."""
    count, least, most = NUMBERS[level]
    size = rng.randint(least, most)
    colours = rng.choice((2, 3, 4) if level < 4 else (3, 4, 5))
    if colours * (colours - 1) // 2 + count - colours > size:
        return chromatic_number(rng, level)
    edges, clique = _planted(rng, count, size, colours)
    names = letters(rng, count)
    joined = neighbours(count, edges)
    lines = ["Next always the vertex whose neighbours have the most colours; it takes the first free colour."]
    used = max(_brelaz(joined, names, lines)) + 1
    lines.append(f"So {used} colours are enough.")
    if used > colours:  # the colouring uses more than the clique needs
        return chromatic_number(rng, level)
    shown = listing([names[v] for v in clique])
    reason = f"{shown} are all joined to each other" if used > 2 else f"{shown} are joined"
    answer = str(used)
    written = named(rng, edges, names)
    return Problem(
        question=chromatic_number.ask(rng, edges=edge_list(written)),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"Fewer do not do, because {reason}. So the number is {boxed(answer)}"]),
        given={"edges": written},
        key=("chromatic_number", shape(count, edges)),
    )


@chromatic_number.proof
def _chromatic_number(given: Given) -> str:
    return str(next(n for n in range(1, 20) if _all_colourings(given["edges"], n) is not None))
