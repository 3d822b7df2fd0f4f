"""Shortest paths in graphs whose edges have lengths.

Solutions follow Dijkstra's algorithm; the proofs go through all paths.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.graphs.graph import (
    Weighted,
    edge_list,
    letters,
    named,
    random_connected,
    shape,
    ways_of,
)
from datagen.problems.specs import INTEGER, checked_by
from datagen.problems.text import boxed

ROADS = {1: (5, 7, 9), 2: (6, 9, 15), 3: (7, 12, 20), 4: (8, 15, 40), 5: (10, 19, 99)}
"""Per level: how many vertices and edges, and the largest length."""


def _road_map(rng: random.Random, level: int) -> tuple[list[Weighted], int, int]:
    """Weighted edges of a connected graph, and two vertices that are not joined."""
    count, size, largest = ROADS[level]
    edges = random_connected(rng, count, size)
    while True:
        start, end = rng.sample(range(count), 2)
        if (min(start, end), max(start, end)) not in edges:
            return [(a, b, rng.randint(1, largest)) for a, b in edges], start, end


def _dijkstra(
    roads: Sequence[Weighted], start: int, end: int, names: Sequence[str]
) -> tuple[int, list[int], list[str]]:
    """The length of the shortest path, the path, and one line for each vertex that is settled on the way."""
    ways: list[list[tuple[int, int]]] = [[] for _ in names]
    for a, b, length in roads:
        ways[a].append((b, length))
        ways[b].append((a, length))
    reached, before, settled = {start: 0}, {start: start}, list[int]()
    lines = [f"From {names[start]}, always settle the nearest vertex that is not yet settled."]
    while True:
        here = min((v for v in reached if v not in settled), key=lambda v: (reached[v], v))
        settled.append(here)
        if here == end:
            break
        found = []
        for there, length in sorted(ways[here]):
            total = reached[here] + length
            if there not in reached or total < reached[there]:
                reached[there], before[there] = total, here
                found.append(f"{names[there]} in {reached[here]} + {length} = {total}")
        news = ", ".join(found) or "nothing is shorter from it"
        lines.append(f"{names[here]} is settled at {reached[here]}: {news}.")
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return reached[end], path[::-1], lines


@family(
    name="shortest_path_length",
    wordings=(
        "The edges of a graph, each with its length, are {edges}. How long is the shortest path from "
        "{start} to {end}?",
        "Roads join towns as follows, with their lengths in km in parentheses: {edges}. What is the length "
        "of the shortest route from {start} to {end}, in km? Answer with the number alone.",
        "Find the least total length of a path from {start} to {end} along the edges {edges}, where the "
        "length of each edge is given in parentheses and all may be used both ways.",
    ),
)
def shortest_path_length(rng: random.Random, level: int) -> Problem:
    """The distance of two vertices in a graph with lengths, by Dijkstra's algorithm."""
    roads, start, end = _road_map(rng, level)
    count = ROADS[level][0]
    names = letters(rng, count)
    length, path, lines = _dijkstra(roads, start, end, names)
    written = named(rng, roads, names)
    marks = [int(v in (start, end)) for v in range(count)]
    route = "-".join(names[v] for v in path)
    return Problem(
        question=shortest_path_length.ask(rng, edges=edge_list(written), start=names[start], end=names[end]),
        answer=str(length),
        spec=INTEGER,
        solution="\n".join(
            [*lines, f"Next {names[end]} is settled, by the path {route}, at {boxed(str(length))}"]
        ),
        given={"edges": written, "start": names[start], "end": names[end]},
        key=("shortest_path_length", shape(count, roads, marks)),
    )


def _all_paths(
    ways: dict[str, dict[str, int]], path: list[str], end: str, length: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """Every path without repeated vertices, with its length. For proofs alone."""
    if path[-1] == end:
        yield length, path
        return
    for there, step in ways[path[-1]].items():
        if there not in path:
            yield from _all_paths(ways, [*path, there], end, length + step)


@shortest_path_length.proof
def _shortest_path_length(given: Given) -> str:
    paths = _all_paths(ways_of(given["edges"]), [given["start"]], given["end"])
    return str(min(length for length, _ in paths))


@family(
    name="shortest_path",
    wordings=(
        "The edges of a graph, each with its length, are {edges}. Give a shortest path from {start} to "
        "{end}, written like A-B-C.",
        "Roads join towns as follows, with their lengths in km in parentheses: {edges}. Which route from "
        "{start} to {end} is the shortest? List the towns on it in order, like A-B-C.",
        "Edges with their lengths: {edges}. Find a path of least total length from {start} to {end} and "
        "write down its vertices, like A-B-C.",
    ),
)
def shortest_path(rng: random.Random, level: int) -> Problem:
    """A shortest path itself, by Dijkstra's algorithm; any of the least length counts."""
    roads, start, end = _road_map(rng, level)
    count = ROADS[level][0]
    names = letters(rng, count)
    length, path, lines = _dijkstra(roads, start, end, names)
    last = f"Next {names[end]} is settled at {length}."
    written = named(rng, roads, names)
    answer = "-".join(names[v] for v in path)
    marks = [int(v in (start, end)) for v in range(count)]
    return Problem(
        question=shortest_path.ask(rng, edges=edge_list(written), start=names[start], end=names[end]),
        answer=answer,
        spec=checked_by("shortest_path", edges=written, start=names[start], end=names[end]),
        solution="\n".join([*lines, f"{last} Going back along the steps, a path is {boxed(answer)}"]),
        given={"edges": written, "start": names[start], "end": names[end]},
        key=("shortest_path", shape(count, roads, marks)),
    )


@shortest_path.proof
def _shortest_path(given: Given) -> str:
    paths = _all_paths(ways_of(given["edges"]), [given["start"]], given["end"])
    return "-".join(min(paths)[1])


@shortest_path.variants
def _shortest_path_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other ways to write it; backwards, cut short, and the longest path there is."""
    path = answer.split("-")
    same = [" -> ".join(path), ", ".join(path), r" \to ".join(path)]
    least, *_, most = sorted(_all_paths(ways_of(given["edges"]), [given["start"]], given["end"]))
    near = ["-".join(path[::-1]), "-".join(path[:-1]), f"{path[0]}-{path[-1]}"]
    return same, [*near, *(["-".join(most[1])] if most[0] > least[0] else [])]
