"""Walks through every edge or every vertex of a graph.

Solutions follow Hierholzer's and Warnsdorff's rules; the proofs Fleury's, or go through all paths.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.graphs.graph import (
    Edge,
    edge_list,
    letters,
    named,
    neighbours,
    random_connected,
    random_edge,
    reachable,
    shape,
    ways_of,
)
from datagen.problems.specs import TRUTH, checked_by
from datagen.problems.text import boxed, listing

EULER = {1: (7, 8, 10), 2: (8, 11, 13), 3: (9, 14, 16), 4: (10, 17, 19), 5: (12, 20, 24)}
"""Per level: how many vertices, and how many edges from and to."""


def _odd(count: int, edges: Sequence[Edge]) -> list[int]:
    return [v for v, joined in enumerate(neighbours(count, edges)) if len(joined) % 2]


def _traceable(rng: random.Random, level: int) -> tuple[int, list[Edge]]:
    """A connected graph in which two vertices or none have an odd degree."""
    count, least, most = EULER[level]
    while True:
        edges = set(random_connected(rng, count, rng.randint(least, most)))
        odd = _odd(count, sorted(edges))
        rng.shuffle(odd)
        while len(odd) > 2 or (odd and rng.random() < 0.3):  # an edge between two odd ones comes or goes
            a, b = odd.pop(), odd.pop()
            edges ^= {(min(a, b), max(a, b))}
        if least <= len(edges) <= most and len(reachable(0, neighbours(count, sorted(edges)))) == count:
            return count, sorted(edges)


def _degrees_text(count: int, edges: Sequence[Edge], names: Sequence[str]) -> str:
    return ", ".join(
        f"{name} {len(joined)}" for name, joined in zip(names, neighbours(count, edges), strict=True)
    )


@family(
    name="euler_walk_exists",
    wordings=(
        "A graph has the edges {edges}. Is there a walk that uses every edge exactly once? Answer yes or no.",
        "Can the figure with the edges {edges} be drawn in one stroke, without lifting the pen and without "
        "drawing an edge twice? Answer yes or no.",
        "Yes or no: does the graph with the edges {edges} have an Eulerian path, that is, a walk along "
        "each edge exactly once, which may or may not return to its start?",
    ),
)
def euler_walk_exists(rng: random.Random, level: int) -> Problem:
    """Whether a connected graph can be drawn in one stroke, from the degrees of its vertices."""
    drawable = rng.random() < 0.5
    count, least, most = EULER[level]
    edges = _traceable(rng, level)[1] if drawable else random_connected(rng, count, rng.randint(least, most))
    odd = _odd(count, edges)
    if (len(odd) <= 2) != drawable:
        return euler_walk_exists(rng, level)
    names = letters(rng, count)
    written = named(rng, edges, names)
    answer = "yes" if drawable else "no"
    found = (
        f"{len(odd)} of them are odd ({listing([names[v] for v in odd])})" if odd else "none of them is odd"
    )
    joined = neighbours(count, edges)
    seen = reachable(0, joined)
    lines = [
        f"From {names[0]} one comes to {listing([names[v] for v in seen[1:]])}, so the graph is connected."
    ]
    lines.append("Then there is such a walk exactly when no vertex or two vertices have an odd degree.")
    lines.append(f"The degrees are {_degrees_text(count, edges, names)}; {found}: {boxed(answer)}")
    return Problem(
        question=euler_walk_exists.ask(rng, edges=edge_list(written)),
        answer=answer,
        spec=TRUTH,
        solution="\n".join(lines),
        given={"edges": written},
        key=("euler_walk_exists", shape(count, edges)),
    )


@euler_walk_exists.proof
def _euler_walk_exists(given: Given) -> str:
    return "no" if _one_stroke(given["edges"]) is None else "yes"


def _one_stroke(edges: list[list[str]]) -> list[str] | None:
    """A walk along all edges by Fleury's rule, from any vertex where it succeeds: bridges come last."""

    def connects(left: list[list[str]], a: str, b: str) -> bool:
        seen = [a]
        for here in seen:
            seen += [end for ends in left if here in ends for end in ends if end not in seen]
        return b in seen

    for start in dict.fromkeys(end for ends in edges for end in ends):
        walk, left = [start], [list(ends) for ends in edges]
        while on := [ends for ends in left if walk[-1] in ends]:
            rest = {id(ends): [other for other in left if other is not ends] for ends in on}
            taken = next((ends for ends in on if connects(rest[id(ends)], *ends)), on[0])
            left = rest[id(taken)]
            walk.append(taken[1] if taken[0] == walk[-1] else taken[0])
        if not left:
            return walk
    return None


@family(
    name="eulerian_path",
    wordings=(
        "A graph has the edges {edges}. Find a walk that uses every edge exactly once, and write it like "
        "A-B-C.",
        "Draw the figure with the edges {edges} in one stroke, no edge twice. In which order does the pen "
        "come to the vertices? Answer like A-B-C.",
        "Give an Eulerian path of the graph with the edges {edges}: a walk along each edge exactly once, "
        "written like A-B-C.",
    ),
)
def eulerian_path(rng: random.Random, level: int) -> Problem:
    """A walk along every edge once: walk until stuck, then insert round trips (Hierholzer)."""
    count, edges = _traceable(rng, level)
    names = letters(rng, count)
    odd = _odd(count, edges)
    lines = [f"All degrees are even, so any start will do, say {names[0]}."]
    if odd:
        first, second = names[odd[0]], names[odd[1]]
        lines = [f"Only {first} and {second} have an odd degree, so start at {first}."]
    walk = _hierholzer(count, edges, odd[0] if odd else 0, names, lines)
    answer = "-".join(names[v] for v in walk)
    written = named(rng, edges, names)
    lines.append(f"All {len(edges)} edges are used: {boxed(answer)}")
    return Problem(
        question=eulerian_path.ask(rng, edges=edge_list(written)),
        answer=answer,
        spec=checked_by("eulerian_path", edges=written),
        solution="\n".join(lines),
        given={"edges": written},
        key=("eulerian_path", shape(count, edges)),
    )


def _hierholzer(
    count: int, edges: Sequence[Edge], start: int, names: Sequence[str], lines: list[str]
) -> list[int]:
    left = [set(joined) for joined in neighbours(count, edges)]

    def until_stuck(vertex: int) -> list[int]:
        trip = [vertex]
        while left[trip[-1]]:
            here = trip[-1]
            there = min(left[here])
            left[here].remove(there)
            left[there].remove(here)
            trip.append(there)
        return trip

    walk = until_stuck(start)
    lines.append(f"Walk along unused edges until none is left: {'-'.join(names[v] for v in walk)}.")
    while any(left):
        place = next(place for place, vertex in enumerate(walk) if left[vertex])
        trip = until_stuck(walk[place])
        walk[place : place + 1] = trip
        shown = "-".join(names[v] for v in trip)
        lines.append(f"At {names[trip[0]]} edges are left; put in the round trip {shown}.")
    return walk


@eulerian_path.proof
def _eulerian_path(given: Given) -> str:
    walk = _one_stroke(given["edges"])
    if walk is None:
        raise ValueError("there is no such walk")
    return "-".join(walk)


@eulerian_path.variants
def _eulerian_path_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Backwards, and other ways to write it; one edge missing, one too many, the list of vertices."""
    walk = answer.split("-")
    same = ["-".join(walk[::-1]), " -> ".join(walk), ", ".join(walk)]
    return same, ["-".join(walk[:-1]), "-".join([*walk, walk[-2]]), "-".join(sorted(set(walk)))]


HAMILTON = {1: (7, 8, 10), 2: (8, 10, 12), 3: (9, 12, 15), 4: (10, 15, 18), 5: (12, 19, 23)}
"""Per level: how many vertices, and how many edges from and to."""


@family(
    name="hamiltonian_path",
    wordings=(
        "A graph has the edges {edges}. Find a path that visits every vertex exactly once, and write it "
        "like A-B-C.",
        "Roads join these pairs of towns: {edges}. Find a tour along roads that visits every town exactly "
        "once (it need not return). Answer like A-B-C.",
        "Give a Hamiltonian path of the graph with the edges {edges}, that is, a path through each vertex "
        "exactly once, written like A-B-C.",
    ),
)
def hamiltonian_path(rng: random.Random, level: int) -> Problem:
    """A path through every vertex, going on to the neighbour with the fewest ways on (Warnsdorff)."""
    count, least, most = HAMILTON[level]
    planted = rng.sample(range(count), count)
    steps = {(min(pair), max(pair)) for pair in pairwise(planted)}
    size = rng.randint(least, most)
    while len(steps) < size:
        steps.add(random_edge(rng, count))
    edges = sorted(steps)
    names = letters(rng, count)
    lines: list[str] = []
    path = _warnsdorff(neighbours(count, edges), names, lines)
    if len(path) < count:
        return hamiltonian_path(rng, level)
    answer = "-".join(names[v] for v in path)
    written = named(rng, edges, names)
    lines.append(f"All {count} vertices are visited: {boxed(answer)}")
    return Problem(
        question=hamiltonian_path.ask(rng, edges=edge_list(written)),
        answer=answer,
        spec=checked_by("hamiltonian_path", edges=written),
        solution="\n".join(lines),
        given={"edges": written},
        key=("hamiltonian_path", shape(count, edges)),
    )


def _warnsdorff(joined: Sequence[Sequence[int]], names: Sequence[str], lines: list[str]) -> list[int]:
    """The path of the rule; it may end before all vertices are visited."""
    start = min(range(len(names)), key=lambda v: (len(joined[v]), v))
    lines.append(
        f"Start at a vertex with the fewest edges, {names[start]}, and go on to an unvisited neighbour"
    )
    lines[0] += " with the fewest unvisited neighbours of its own."
    path = [start]
    while True:
        onward = {
            there: sum(further not in path for further in joined[there])
            for there in joined[path[-1]]
            if there not in path
        }
        if not onward:
            return path
        best = min(onward, key=lambda there: (onward[there], there))
        shown = ", ".join(f"{names[there]} ({ways})" for there, ways in onward.items())
        lines.append(f"From {names[path[-1]]}: {shown}; take {names[best]}.")
        path.append(best)


@hamiltonian_path.proof
def _hamiltonian_path(given: Given) -> str:
    """Every path, depth first, until one has all vertices."""
    ways = ways_of(given["edges"])

    def onward(path: list[str]) -> list[str] | None:
        if len(path) == len(ways):
            return path
        further = (onward([*path, there]) for there in ways[path[-1]] if there not in path)
        return next((found for found in further if found), None)

    return "-".join(next(found for start in ways if (found := onward([start]))))


@hamiltonian_path.variants
def _hamiltonian_path_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Backwards, and other ways to write it; one vertex missing, one twice, a step along no edge."""
    path = answer.split("-")
    ways = ways_of(given["edges"])
    same = ["-".join(path[::-1]), " -> ".join(path), ", ".join(path)]
    near = ["-".join(path[:-1]), "-".join([*path, path[0]]), "-".join([*path[:-1], path[0]])]
    swapped = [path[1], path[0], *path[2:]]
    return same, [*near, *(["-".join(swapped)] if path[2] not in ways[path[0]] else [])]
