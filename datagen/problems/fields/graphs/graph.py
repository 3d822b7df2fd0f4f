"""Small graphs on the vertices 0, 1, 2, ...: drawn at random, written out, keyed without their names."""

from __future__ import annotations

import random
from collections.abc import Sequence

Edge = tuple[int, int]
Weighted = tuple[int, int, int]  # two vertices and a length, a weight or a capacity


def letters(rng: random.Random, count: int) -> list[str]:
    """`count` capital letters in a row, at most 26."""
    start = rng.choice([place for place in (0, 7, 15) if place + count <= 26])
    return [chr(ord("A") + start + place) for place in range(count)]


def random_tree(rng: random.Random, count: int) -> list[Edge]:
    """The edges of a tree on `count` vertices, each vertex tied to one before it in a random order."""
    order = rng.sample(range(count), count)
    return [_edge(order[place], order[rng.randrange(place)]) for place in range(1, count)]


def random_connected(rng: random.Random, count: int, size: int) -> list[Edge]:
    """A connected graph with `count` vertices and `size` edges, in order: a tree and further edges."""
    edges = set(random_tree(rng, count))
    while len(edges) < size:
        edges.add(random_edge(rng, count))
    return sorted(edges)


def random_edges(rng: random.Random, count: int, size: int) -> list[Edge]:
    """Any `size` edges between `count` vertices, in order."""
    edges: set[Edge] = set()
    while len(edges) < size:
        edges.add(random_edge(rng, count))
    return sorted(edges)


def random_edge(rng: random.Random, count: int) -> Edge:
    a = rng.randrange(count)
    return _edge(a, (a + rng.randrange(1, count)) % count)


def _edge(a: int, b: int) -> Edge:
    return (a, b) if a < b else (b, a)


def neighbours(count: int, edges: Sequence[Edge] | Sequence[Weighted]) -> list[list[int]]:
    """The vertices each vertex is joined to, in order."""
    joined: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        joined[edge[0]].append(edge[1])
        joined[edge[1]].append(edge[0])
    return [sorted(each) for each in joined]


def reachable(start: int, joined: Sequence[Sequence[int]]) -> list[int]:
    """The vertices that a walk from `start` can come to, nearest first."""
    found = [start]
    for vertex in found:
        found += [other for other in joined[vertex] if other not in found]
    return found


def named(
    rng: random.Random, edges: Sequence[tuple[int, ...]], names: Sequence[str], *, directed: bool = False
) -> list[list[str | int]]:
    """The edges with names for numbers, in a random order and, without a direction, turned at random."""
    written: list[list[str | int]] = []
    for a, b, *weight in rng.sample(list(edges), len(edges)):
        turned = not directed and rng.random() < 0.5
        written.append([names[b] if turned else names[a], names[a] if turned else names[b], *weight])
    return written


def edge_list(written: Sequence[Sequence[str | int]], arrow: str = "-") -> str:
    """`A-B, B-C`, or `A-B (3), B-C (4)` with weights."""
    return ", ".join(f"{a}{arrow}{b}" + "".join(f" ({w})" for w in weight) for a, b, *weight in written)


def shape(
    count: int, edges: Sequence[tuple[int, ...]], marks: Sequence[int] = (), *, directed: bool = False
) -> tuple[object, ...]:
    """What is left of a graph without its names: how the vertices stand, told apart as far as neighbours can.

    Graphs that differ only in their names have one shape; a few others share one as well, which a key may.
    `marks` tells vertices apart that play a part in the question. Weights are below 1000.
    Source: Weisfeiler and Leman 1968, colour refinement.
    """
    joined: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for a, b, *weight in edges:
        label = 2 * weight[0] if weight else 0
        joined[a].append((b, label))
        joined[b].append((a, label + directed))
    colours, kinds = list(marks) or [0] * count, 0
    while True:
        stands = [
            (colours[v], *sorted([2000 * colours[other] + label for other, label in joined[v]]))
            for v in range(count)
        ]
        known = sorted(set(stands))
        if len(known) == kinds:
            break
        kinds = len(known)
        ranks = {stand: rank for rank, stand in enumerate(known)}
        colours = [ranks[stand] for stand in stands]
    return (tuple(sorted(stands)), tuple(sorted(zip(colours, marks, strict=False))))


def ways_of(edges: list[list[str | int]]) -> dict[str, dict[str, int]]:
    """The edges of a question by their ends, each with its length or 1. For proofs alone."""
    found: dict[str, dict[str, int]] = {}
    for a, b, *length in edges:
        found.setdefault(str(a), {})[str(b)] = int(length[0]) if length else 1
        found.setdefault(str(b), {})[str(a)] = int(length[0]) if length else 1
    return found
