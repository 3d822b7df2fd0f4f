"""Pairs and flows: the most pairs that can be matched, the most that can flow from one end to the other.

Solutions show a best one and a bound it meets; the proofs go through all matchings and all cuts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.graphs.graph import Edge, Weighted, edge_list, letters, named, shape
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

SIDES = {1: (5, 5, 6, 8), 2: (6, 6, 8, 11), 3: (7, 7, 11, 14), 4: (8, 8, 13, 18), 5: (10, 10, 17, 24)}
"""Per level: how many workers and jobs, and how many pairs from and to."""


@family(
    name="maximum_matching",
    wordings=(
        "The workers {workers} can do these of the jobs {jobs}: {skills}. Everybody takes at most one job, "
        "and every job at most one worker. How many jobs can be taken at most?",
        "A bipartite graph has the vertices {workers} on one side, {jobs} on the other, and the edges "
        "{edges}. How many edges does a maximum matching have?",
        "What is the largest number of the edges {edges} that can be chosen so that no two of them share a "
        "vertex?",
    ),
)
def maximum_matching(rng: random.Random, level: int) -> Problem:
    """The size of a maximum matching of two sides; vertices that cover every edge bound it (Koenig)."""
    left, right, least, most = SIDES[level]
    edges = _pairs(rng, left, right, rng.randint(least, most))
    workers = [chr(ord("A") + place) for place in range(left)]
    jobs = [chr(ord("P") + place) for place in range(right)]
    names = [*workers, *jobs]
    partner, reached = _matched(left, edges)
    cover = [v for v in range(left) if v not in reached] + [
        v for v in range(left, left + right) if v in reached
    ]
    answer = str(len(partner))
    chosen = sorted((worker, job) for job, worker in partner.items())
    pairs = listing([f"{names[worker]}-{names[job]}" for worker, job in chosen])
    written = named(rng, edges, names)
    skills = "; ".join(
        f"{workers[v]}: {', '.join(jobs[b - left] for a, b in edges if a == v)}"
        for v in rng.sample(range(left), left)
        if any(a == v for a, _ in edges)
    )
    lines = [f"The pairs {pairs} have no letter in common, so {answer} are possible."]
    for vertex in cover:
        with_it = [f"{names[a]}-{names[b]}" for a, b in edges if vertex in (a, b)]
        lines.append(f"{names[vertex]} is in {listing(with_it)}.")
    bound = listing([names[v] for v in cover], "or")
    lines.append(
        f"So each of the {len(edges)} edges has {bound} at an end, and each of these {answer} can be used"
    )
    lines[-1] += f" only once. More than {answer} are impossible: {boxed(answer)}"
    return Problem(
        question=maximum_matching.ask(
            rng, workers=listing(workers), jobs=listing(jobs), skills=skills, edges=edge_list(written)
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join(lines),
        given={"edges": written},
        key=("maximum_matching", len(partner), shape(left + right, edges)),
    )


def _pairs(rng: random.Random, left: int, right: int, size: int) -> list[Edge]:
    """Edges from side to side, many of them at two vertices, so that not everyone finds a partner."""
    liked = [rng.randrange(right) for _ in range(2)]
    edges: set[Edge] = set()
    while len(edges) < size:
        job = rng.choice(liked) if rng.random() < 0.4 else rng.randrange(right)
        edges.add((rng.randrange(left), left + job))
    return sorted(edges)


def _matched(left: int, edges: Sequence[Edge]) -> tuple[dict[int, int], set[int]]:
    """The worker of each job in a maximum matching, and what is reached from the idle by alternating ways."""
    ways: list[list[int]] = [[] for _ in range(left)]
    for a, b in edges:
        ways[a].append(b)
    partner: dict[int, int] = {}

    def placed(worker: int, tried: set[int]) -> bool:
        for job in ways[worker]:
            if job not in tried:
                tried.add(job)
                if job not in partner or placed(partner[job], tried):
                    partner[job] = worker
                    return True
        return False

    for worker in range(left):
        placed(worker, set())
    idle = [worker for worker in range(left) if worker not in partner.values()]
    reached = set(idle)
    for worker in idle:
        for job in ways[worker]:
            if job not in reached:
                reached |= {job, partner[job]}
                idle.append(partner[job])
    return partner, reached


@maximum_matching.proof
def _maximum_matching(given: Given) -> str:
    """The first edge is in the matching or it is not, and so on."""
    edges = tuple(map(tuple, given["edges"]))

    @cache
    def most(left: tuple[tuple[str, str], ...]) -> int:
        if not left:
            return 0
        (a, b), *rest = left
        apart = tuple(ends for ends in rest if a not in ends and b not in ends)
        return max(1 + most(apart), most(tuple(rest)) if len(apart) < len(rest) else 0)

    return str(most(edges))


NETWORKS = {1: (4, 5, 9), 2: (5, 7, 12), 3: (6, 9, 15), 4: (7, 12, 30), 5: (8, 16, 60)}
"""Per level: how many vertices and pipes, and the largest capacity."""


@family(
    name="maximum_flow",
    wordings=(
        "Pipes lead in the direction of the arrows, with these capacities in litres per second: {edges}. "
        "How many litres per second can flow from {source} to {sink} at most? Answer with the number alone.",
        "A directed network has the edges {edges} with the capacities in parentheses. Find the value of a "
        "maximum flow from {source} to {sink}.",
        "Trucks can be sent along these one-way roads, at most as many an hour as the number in parentheses: "
        "{edges}. What is the largest number of trucks an hour that can get from {source} to {sink}?",
    ),
)
def maximum_flow(rng: random.Random, level: int) -> Problem:
    """The largest flow through a network: shortest ways are filled one by one, until a cut is full."""
    count, size, largest = NETWORKS[level]
    pipes = _network(rng, count, size, largest)
    names = letters(rng, count)
    lines = [
        "Again and again, send as much as possible along a way that has room; going against a flow means"
    ]
    lines[0] += " less of it."
    value, behind = _filled(pipes, count, names, lines)
    if not value or len(lines) < 3:
        return maximum_flow(rng, level)
    cut = [(a, b, room) for a, b, room in pipes if a in behind and b not in behind]
    shown = listing([f"{names[a]}->{names[b]} ({room})" for a, b, room in cut])
    reached = listing([names[v] for v in sorted(behind) if v])
    left = f"With the room that is left one comes from {names[0]} only to {reached}."
    lines.append(left if reached else f"Every edge out of {names[0]} is full.")
    together = " + ".join(str(room) for _, _, room in cut)
    lines.append(
        f"Everything must cross {shown}, together {together}{f' = {value}' if len(cut) > 1 else ''}."
    )
    answer = str(value)
    written = named(rng, pipes, names, directed=True)
    return Problem(
        question=maximum_flow.ask(rng, edges=edge_list(written, "->"), source=names[0], sink=names[-1]),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"So no more can flow: the maximum is {boxed(answer)}"]),
        given={"edges": written, "source": names[0], "sink": names[-1]},
        key=("maximum_flow", shape(count, pipes, [1, *[0] * (count - 2), 2], directed=True)),
    )


def _network(rng: random.Random, count: int, size: int, largest: int) -> list[Weighted]:
    """Pipes from lower to higher vertices, a few back between inner ones; all of these lie on a way."""
    ends: set[Edge] = {(rng.randrange(v), v) for v in range(1, count)}
    ends |= {(v, rng.randrange(v + 1, count)) for v in range(count - 1)}
    while len(ends) < size:
        a, b = sorted(rng.sample(range(count), 2))
        if a > 0 and b < count - 1 and rng.random() < 0.2:
            a, b = b, a
        if (b, a) not in ends:
            ends.add((a, b))
    return [(a, b, rng.randint(1, largest)) for a, b in sorted(ends)]


def _filled(
    pipes: Sequence[Weighted], count: int, names: Sequence[str], lines: list[str]
) -> tuple[int, set[int]]:
    """The value of a maximum flow from 0 to the last vertex, and what has room from 0 in the end."""
    room = [[0] * count for _ in range(count)]
    for a, b, capacity in pipes:
        room[a][b] = capacity
    total = 0
    while True:
        before, queue = {0: 0}, [0]
        for here in queue:
            for there in range(count):
                if room[here][there] and there not in before:
                    before[there] = here
                    queue.append(there)
        if count - 1 not in before:
            return total, set(before)
        way = [count - 1]
        while way[-1]:
            way.append(before[way[-1]])
        way.reverse()
        steps = list(pairwise(way))
        amount = min(room[a][b] for a, b in steps)
        for a, b in steps:
            room[a][b] -= amount
            room[b][a] += amount
        total += amount
        lines.append(f"{'-'.join(names[v] for v in way)}: {amount} more, {counted(total, 'unit')} in all.")


@maximum_flow.proof
def _maximum_flow(given: Given) -> str:
    """The smallest capacity of a cut, any set with the source but not the sink (Ford, Fulkerson 1956)."""
    source, sink = given["source"], given["sink"]
    inner = sorted({end for edge in given["edges"] for end in edge[:2]} - {source, sink})
    least = None
    for chosen in range(1 << len(inner)):
        side = {source, *(name for place, name in enumerate(inner) if chosen >> place & 1)}
        total = sum(room for a, b, room in given["edges"] if a in side and b not in side)
        least = total if least is None else min(least, total)
    return str(least)
