"""What a graph is like: its parts, whether it has two sides, orders of tasks, lists of degrees.

Solutions follow the edges; the proofs use ranks of matrices, all orders, and inequalities for degrees.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.graphs.graph import (
    Edge,
    edge_list,
    letters,
    named,
    neighbours,
    random_edge,
    random_edges,
    random_tree,
    reachable,
    shape,
)
from datagen.problems.specs import INTEGER, TRUTH, checked_by
from datagen.problems.text import boxed, counted, listing

PARTS = {1: (8, 5, 6), 2: (10, 7, 8), 3: (12, 9, 10), 4: (14, 10, 12), 5: (17, 12, 15)}
"""Per level: how many vertices, and how many edges from and to."""


@family(
    name="connected_components",
    wordings=(
        "A graph has the vertices {vertices} and the edges {edges}. How many connected components does it "
        "have?",
        "There are {count} islands, {vertices}. Bridges join these pairs: {edges}. Into how many groups do "
        "the islands fall, if islands are in one group when one can walk between them?",
        "Count the connected components of the graph with the vertices {vertices} and the edges {edges}. A "
        "vertex without edges is a component of its own.",
    ),
)
def connected_components(rng: random.Random, level: int) -> Problem:
    """The number of parts that hang together, found by following the edges from one vertex at a time."""
    count, least, most = PARTS[level]
    edges = random_edges(rng, count, rng.randint(least, most))
    names = letters(rng, count)
    joined = neighbours(count, edges)
    lines, sizes, left = [], [], list(range(count))
    while left:
        part = reachable(left[0], joined)
        left = [vertex for vertex in left if vertex not in part]
        sizes.append(len(part))
        shown = listing([names[vertex] for vertex in part[1:]])
        lines.append(f"From {names[part[0]]} one reaches {shown or 'no other vertex'}.")
    answer = str(len(sizes))
    written = named(rng, edges, names)
    return Problem(
        question=connected_components.ask(
            rng, vertices=listing(names), edges=edge_list(written), count=count
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The number of components is {boxed(answer)}"]),
        given={"vertices": names, "edges": written},
        key=("connected_components", tuple(sorted(sizes)), shape(count, edges)),
    )


@connected_components.proof
def _connected_components(given: Given) -> str:
    """The number of vertices less the rank, modulo 2, of the rows that mark the two ends of each edge."""
    places = {name: place for place, name in enumerate(given["vertices"])}
    pivots: dict[int, int] = {}
    for a, b in given["edges"]:
        row = 1 << places[a] ^ 1 << places[b]
        while row and row.bit_length() in pivots:
            row ^= pivots[row.bit_length()]
        if row:
            pivots[row.bit_length()] = row
    return str(len(places) - len(pivots))


SIDES = {1: (7, 7, 9), 2: (8, 9, 11), 3: (9, 11, 13), 4: (10, 13, 16), 5: (12, 17, 20)}
"""Per level: how many vertices, and how many edges from and to."""


@family(
    name="bipartite_test",
    wordings=(
        "A graph has the edges {edges}. Is it bipartite? Answer yes or no.",
        "Can the vertices of the graph with the edges {edges} be coloured with two colours, so that no "
        "edge joins two vertices of one colour? Answer yes or no.",
        "These pairs of people do not get along: {edges}. Can all of them be divided into two teams, so "
        "that no such pair is in one team? Answer yes or no.",
    ),
)
def bipartite_test(rng: random.Random, level: int) -> Problem:
    """Whether a connected graph has two sides, by colouring outwards from one vertex, or an odd cycle."""
    count, least, most = SIDES[level]
    sided = rng.random() < 0.5
    tree = random_tree(rng, count)
    side = _sides(neighbours(count, tree))
    size = rng.randint(least, most)
    if sum(side) * (count - sum(side)) < size + 2:
        return bipartite_test(rng, level)
    drawn = set(tree)
    while len(drawn) < size:
        a, b = random_edge(rng, count)
        if not sided or side[a] != side[b]:
            drawn.add((a, b))
    edges = sorted(drawn)
    joined = neighbours(count, edges)
    names = letters(rng, count)
    lines: list[str] = []
    clash = _two_colours(joined, names, lines)
    if (clash is None) != sided:
        return bipartite_test(rng, level)
    answer = "yes" if sided else "no"
    if clash is None:
        lines.append(f"Every edge joins the two sides, so it is bipartite: {boxed(answer)}")
    else:
        cycle = "-".join(names[vertex] for vertex in clash)
        lines.append(
            f"The cycle {cycle} has {len(clash) - 1} edges, an odd number, so two sides are not enough:"
        )
        lines[-1] += f" {boxed(answer)}"
    written = named(rng, edges, names)
    return Problem(
        question=bipartite_test.ask(rng, edges=edge_list(written)),
        answer=answer,
        spec=TRUTH,
        solution="\n".join(lines),
        given={"edges": written},
        key=("bipartite_test", shape(count, edges)),
    )


def _sides(joined: Sequence[Sequence[int]]) -> list[int]:
    """0 or 1 for each vertex of a tree, neighbours different."""
    side = {0: 0}
    for here in reachable(0, joined):
        side.update((there, 1 - side[here]) for there in joined[here] if there not in side)
    return [side[vertex] for vertex in range(len(joined))]


def _two_colours(joined: Sequence[Sequence[int]], names: Sequence[str], lines: list[str]) -> list[int] | None:
    """An odd cycle, closed; None when the sides work out. The steps are added to `lines`."""
    side, before = {0: 1}, {0: 0}
    lines.append(f"Put {names[0]} on side 1 and go outwards from it; neighbours must be on the other side.")
    for here in (found := [0]):
        new = [there for there in joined[here] if there not in side]
        if new:
            shown = listing([names[v] for v in new])
            lines.append(f"From {names[here]} (side {side[here]}): {shown} on side {3 - side[here]}.")
        for there in new:
            side[there], before[there] = 3 - side[here], here
            found.append(there)
        clash = next((there for there in joined[here] if side[there] == side[here]), None)
        if clash is not None:
            lines.append(f"But {names[here]} and {names[clash]}, both on side {side[here]}, are joined.")
            return _cycle(before, here, clash)
    return None


def _cycle(before: dict[int, int], a: int, b: int) -> list[int]:
    """The cycle of the edge from a to b and the ways back to where these meet."""
    back = [[a], [b]]
    for way in back:
        while way[-1] != before[way[-1]]:
            way.append(before[way[-1]])
    first, second = back
    meeting = next(vertex for vertex in first if vertex in second)
    up, down = first[: first.index(meeting) + 1], second[: second.index(meeting)]
    return [*up, *reversed(down), a]


@bipartite_test.proof
def _bipartite_test(given: Given) -> str:
    """All ways to divide the vertices in two, one after the other."""
    places: dict[str, int] = {}
    for ends in given["edges"]:
        for name in ends:
            places.setdefault(name, len(places))
    pairs = [(places[a], places[b]) for a, b in given["edges"]]
    ways = range(1 << (len(places) - 1))
    return "yes" if any(all((way >> a ^ way >> b) & 1 for a, b in pairs) for way in ways) else "no"


TASKS = {1: (6, 7, 9), 2: (7, 9, 11), 3: (8, 11, 14), 4: (10, 15, 18), 5: (12, 19, 23)}
"""Per level: how many tasks, and how many conditions from and to."""


@family(
    name="topological_order",
    wordings=(
        "Tasks must be done so that the first of each of these pairs comes before the second: {pairs}. "
        "Give an order of all tasks that respects this, like A, B, C.",
        "A directed graph has the edges {pairs}. Find a topological order of its vertices: every edge "
        "leads from an earlier to a later vertex. Answer like A, B, C.",
        "Courses depend on each other: {pairs}, where X->Y means that X must be taken before Y. In which "
        "order can all of them be taken? Answer like A, B, C.",
    ),
)
def topological_order(rng: random.Random, level: int) -> Problem:
    """An order in which every edge leads forward: take what has nothing left before it (Kahn)."""
    count, least, most = TASKS[level]
    order = rng.sample(range(count), count)
    size = rng.randint(least, most)
    places: set[Edge] = set()
    while len(places) < size:
        places.add(random_edge(rng, count))
    edges = [(order[a], order[b]) for a, b in sorted(places)]
    if len({vertex for edge in edges for vertex in edge}) < count:
        return topological_order(rng, level)
    names = letters(rng, count)
    waiting = [{a for a, b in edges if b == v} for v in range(count)]
    left, taken = list(range(count)), list[int]()
    lines = ["Take, again and again, what has nothing left before it."]
    while left:
        free = [v for v in left if not waiting[v]]
        shown = listing([names[v] for v in free])
        lines.append(f"Nothing left comes before {shown}: take {names[free[0]]}.")
        left.remove(free[0])
        taken.append(free[0])
        for before in waiting:
            before.discard(free[0])
    answer = ", ".join(names[v] for v in taken)
    written = named(rng, edges, names, directed=True)
    return Problem(
        question=topological_order.ask(rng, pairs=edge_list(written, "->")),
        answer=answer,
        spec=checked_by("topological_order", edges=written),
        solution="\n".join([*lines, f"All {count} are taken: {boxed(answer)}"]),
        given={"edges": written},
        key=("topological_order", shape(count, edges, directed=True)),
    )


@topological_order.proof
def _topological_order(given: Given) -> str:
    """Backwards from the end, depth first: a vertex is put down after all that come before it."""
    edges = given["edges"]
    order: list[str] = []

    def put(name: str) -> None:
        if name not in order:
            for before, after in edges:
                if after == name:
                    put(before)
            order.append(name)

    for ends in edges:
        put(ends[1])
    return ", ".join(order)


@topological_order.variants
def _topological_order_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """Other writings; backwards, one left out, one twice, the ends of an edge exchanged."""
    order = answer.split(", ")
    a, b = given["edges"][0]
    swapped = [{a: b, b: a}.get(name, name) for name in order]
    same = [" -> ".join(order), " ".join(order), "".join(order)]
    near = [", ".join(order[::-1]), ", ".join(order[1:]), ", ".join([*order, order[0]]), ", ".join(swapped)]
    return same, near


LENGTHS = {1: (5, 6), 2: (7, 7), 3: (8, 8), 4: (9, 10), 5: (11, 12)}


@family(
    name="graphical_sequence",
    wordings=(
        "Is there a simple graph (no loops, at most one edge between two vertices) whose vertices have the "
        "degrees {degrees}? Answer yes or no.",
        "At a party of {count} people, each says how many of the others they shook hands with: {degrees}. "
        "Nobody shakes hands with the same person twice. Can all of them be right? Answer yes or no.",
        "Yes or no: can {degrees} be the degrees of the vertices of a simple graph?",
    ),
)
def graphical_sequence(rng: random.Random, level: int) -> Problem:
    """Whether numbers are the degrees of a simple graph, by taking the largest away (Havel and Hakimi)."""
    count = rng.randint(*LENGTHS[level])
    wanted = rng.random() < 0.5
    degrees = [rng.randint(1, count - 1) for _ in range(count)]
    if rng.random() < 0.5:  # the degrees of a graph, and some of them moved
        edges = random_edges(rng, count, rng.randint(count, count * (count - 1) // 2 - 1))
        degrees = [len(joined) for joined in neighbours(count, edges)]
        if not wanted:
            up, down = rng.sample(range(count), 2)
            degrees[up], degrees[down] = degrees[up] + 1, degrees[down] - 1
    if not all(0 < degree < count for degree in degrees) or (sum(degrees) % 2 and rng.random() < 0.9):
        return graphical_sequence(rng, level)
    degrees.sort(reverse=True)
    lines, graphical = _havel_hakimi(degrees)
    if graphical != wanted:
        return graphical_sequence(rng, level)
    answer = "yes" if graphical else "no"
    shown = ", ".join(str(degree) for degree in rng.sample(degrees, count))
    return Problem(
        question=graphical_sequence.ask(rng, degrees=shown, count=count),
        answer=answer,
        spec=TRUTH,
        solution="\n".join(lines) + f" {boxed(answer)}",
        given={"degrees": [int(degree) for degree in shown.split(", ")]},
        key=("graphical_sequence", *degrees),
    )


def _havel_hakimi(degrees: list[int]) -> tuple[list[str], bool]:
    """The steps, the last of them open for the answer, and whether the largest first numbers are degrees."""
    if sum(degrees) % 2:
        total = " + ".join(map(str, degrees))
        return [f"{total} = {sum(degrees)} is odd, but every edge adds 2 to the sum of the degrees:"], False
    lines = [
        "A vertex of the largest degree d may be joined to the d next largest; so strike d out, and lower the"
    ]
    lines[0] += " next d numbers by 1. The old list is possible exactly when the new one is."
    while degrees[0]:
        largest, rest = degrees[0], degrees[1:]
        if largest > sum(degree > 0 for degree in rest):
            others = counted(sum(degree > 0 for degree in rest), "vertex", "vertices")
            lines.append(
                f"{', '.join(map(str, degrees))}: only {others} can be joined to the one of degree {largest}:"
            )
            return lines, False
        lowered = [degree - (place < largest) for place, degree in enumerate(rest)]
        following = sorted(lowered, reverse=True)
        left = ", ".join(map(str, following))
        lines.append(f"{', '.join(map(str, degrees))}: strike out {largest}, which leaves {left}.")
        degrees = following
    lines.append("Only zeros are left, and a graph without edges has these degrees:")
    return lines, True


@graphical_sequence.proof
def _graphical_sequence(given: Given) -> str:
    """The inequalities of Erdos and Gallai."""
    degrees = sorted(given["degrees"], reverse=True)
    holds = (
        sum(degrees[:k]) <= k * (k - 1) + sum(min(degree, k) for degree in degrees[k:])
        for k in range(1, len(degrees) + 1)
    )
    return "yes" if sum(degrees) % 2 == 0 and all(holds) else "no"
