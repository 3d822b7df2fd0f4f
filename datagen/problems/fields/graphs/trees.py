"""Spanning trees: the lightest one, and how many there are.

Solutions follow Kruskal's algorithm and Kirchhoff's theorem; the proofs take edges away, or try all sets.
"""

from __future__ import annotations

import random
from itertools import combinations

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.graphs.graph import (
    edge_list,
    letters,
    named,
    neighbours,
    random_connected,
    shape,
)
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, listing

CABLES = {1: (5, 7, 9), 2: (6, 9, 20), 3: (7, 12, 30), 4: (9, 15, 60), 5: (11, 20, 99)}
"""Per level: how many vertices and edges, and the largest weight."""


@family(
    name="spanning_tree_weight",
    wordings=(
        "The edges of a graph, each with its weight, are {edges}. What is the total weight of a minimum "
        "spanning tree?",
        "Cables may be laid between these pairs of houses, at these costs in dollars: {edges}. What is the "
        "least total cost, in dollars, of connecting all houses? Answer with the number alone.",
        "Some of the edges {edges} (weights in parentheses) are to be kept so that all vertices stay "
        "connected. What is the smallest possible sum of the weights that are kept?",
    ),
)
def spanning_tree_weight(rng: random.Random, level: int) -> Problem:
    """The weight of the lightest spanning tree, edge by edge from the lightest (Kruskal)."""
    count, size, largest = CABLES[level]
    edges = [(a, b, rng.randint(1, largest)) for a, b in random_connected(rng, count, size)]
    names = letters(rng, count)
    part, taken = list(range(count)), list[int]()
    lines = ["Take the edges from the lightest on, but none that closes a cycle."]
    for a, b, weight in sorted(edges, key=lambda edge: (edge[2], edge)):
        if len(taken) == count - 1:
            break
        shown = f"{names[a]}-{names[b]} ({weight})"
        if part[a] == part[b]:
            lines.append(f"{shown} would close a cycle.")
            continue
        taken.append(weight)
        lines.append(f"{shown} is taken.")
        part = [part[a] if each == part[b] else each for each in part]
    answer = str(sum(taken))
    written = named(rng, edges, names)
    last = f"{count - 1} edges connect all {count} vertices: {' + '.join(map(str, taken))} = {boxed(answer)}"
    return Problem(
        question=spanning_tree_weight.ask(rng, edges=edge_list(written)),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, last]),
        given={"edges": written},
        key=("spanning_tree_weight", shape(count, edges)),
    )


def _parts(edges: list[list[str]]) -> int:
    """How many parts the edges have. For proofs alone."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for a, b in edges:
        root[find(a)] = find(b)
    return sum(find(name) == name for name in list(root))


@spanning_tree_weight.proof
def _spanning_tree_weight(given: Given) -> str:
    """Take away the heaviest edge again and again, unless something falls apart."""
    left = sorted(given["edges"], key=lambda edge: -edge[2])
    vertices = {end for edge in left for end in edge[:2]}
    for edge in list(left):
        rest = [other for other in left if other is not edge]
        ends = {end for other in rest for end in other[:2]}
        if ends == vertices and _parts([other[:2] for other in rest]) == 1:
            left = rest
    return str(sum(weight for _, _, weight in left))


COUNTED = {1: (4, 7, 9, 0, 1), 2: (5, 8, 9, 1, 2), 3: (6, 8, 9, 1, 3), 4: (7, 8, 9, 2, 4), 5: (8, 9, 9, 3, 4)}
"""Per level: how many vertices are left when ends are cut off, how many there are from and to, and how many
edges more than vertices there are, from and to."""


@family(
    name="spanning_tree_count",
    wordings=(
        "How many spanning trees does the graph with the edges {edges} have?",
        "A graph has the {count} vertices {vertices} and the edges {edges}. In how many ways can {kept} of "
        "the edges be chosen so that they connect all vertices?",
        "Find the number of spanning trees of the graph with the edges {edges}. Trees that use different "
        "edges count as different.",
    ),
)
def spanning_tree_count(rng: random.Random, level: int) -> Problem:
    """The number of spanning trees: ends are cut off, then the determinant of Kirchhoff's matrix."""
    inner, low, high, least, most = COUNTED[level]
    count = rng.randint(low, high)
    edges = random_connected(rng, count, count + rng.randint(least, most))
    joined = neighbours(count, edges)
    core, cut = list(range(count)), list[int]()
    while ends := [v for v in core if sum(w in core for w in joined[v]) == 1]:
        cut.append(ends[0])
        core.remove(ends[0])
    if len(core) != inner:
        return spanning_tree_count(rng, level)
    names = letters(rng, count)
    lines = []
    if cut:
        lines.append(
            "Every spanning tree needs the edges at vertices that hang on one edge alone. Leave out, one"
        )
        lines[0] += f" after the other, {listing([names[v] for v in cut])}."
    matrix = [
        [len(set(joined[v]) & set(core)) if v == w else -int(w in joined[v]) for w in core] for v in core
    ]
    rows = [row[1:] for row in matrix[1:]]
    said = ", ".join(names[v] for v in core[1:])
    lines.append(
        "Kirchhoff's matrix has the degrees that are left on its diagonal, and -1 for each edge. Without"
    )
    lines[-1] += f" {names[core[0]]}, in the order {said}, it is {_written(rows)}."
    lines.append("Its determinant is the number of spanning trees.")
    answer = str(_determinant(rows, lines))
    written = named(rng, edges, names)
    return Problem(
        question=spanning_tree_count.ask(
            rng, edges=edge_list(written), count=count, kept=count - 1, vertices=", ".join(names)
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The number of spanning trees is {boxed(answer)}"]),
        given={"edges": written},
        key=("spanning_tree_count", shape(count, edges)),
    )


def _written(rows: list[list[int]]) -> str:
    return f"[{', '.join('[' + ', '.join(map(str, row)) + ']' for row in rows)}]"


def _determinant(rows: list[list[int]], lines: list[str]) -> int:
    """The determinant by elimination without fractions (Bareiss 1968); the steps are added to `lines`.

    The leading minors of Kirchhoff's matrix are positive, so no pivot is 0.
    """
    before = 1
    lines.append(
        "Eliminate without fractions: p * entry - (entry in p's row) * (entry in p's column), with p top"
    )
    lines[-1] += " left, divided by the p before."
    while len(rows) > 1:
        pivot = rows[0][0]
        first = rows[0][1:]
        rows = [
            [(pivot * entry - row[0] * above) // before for entry, above in zip(row[1:], first, strict=True)]
            for row in rows[1:]
        ]
        lines.append(f"p = {pivot}: {_written(rows)}")
        before = pivot
    return rows[0][0]


@spanning_tree_count.proof
def _spanning_tree_count(given: Given) -> str:
    """Every choice of as many edges as a tree has: it is one when all vertices hang together."""
    places: dict[str, int] = {}
    edges = [[places.setdefault(name, len(places)) for name in ends] for ends in given["edges"]]
    total = 0
    for chosen in combinations(edges, len(places) - 1):
        part = list(range(len(places)))
        for a, b in chosen:
            while part[a] != a:
                a = part[a]
            while part[b] != b:
                b = part[b]
            if a == b:
                break
            part[a] = b
        else:
            total += 1
    return str(total)
