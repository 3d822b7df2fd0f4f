"""Graphs: colourings, paths and orders. What is claimed is followed along the edges.

Nothing is searched for but the length of a shortest path (Dijkstra 1959).
"""

from __future__ import annotations

import heapq
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.readers import flag, listed, rational, whole
from verifiers.verdict import Outcome

MAX_VERTICES = 500
MAX_EDGES = 20_000
_SEPARATOR = re.compile(r"\s*(?:->|→|=>|⇒|–|—|,|;|>|<|-)\s*|\s+")
#: Words between the vertices of a walk that is told.
_TOLD = frozenset(("to", "then", "and"))
#: A length that is claimed behind a walk: `(5)`, `= 5`, `with length 5`.
_LENGTH = re.compile(
    r"(?<=\w)[\])]?[\s,;(]*(?:\b(?:with|of)\s+)?(?:(?:a|the)\s+)?(?:total\s+)?"
    r"(?:\b(?:length|distance|cost|weight)\b(?:\s+(?:is|of))?\s*[=:]?|=|(?<=\())\s*(\d+(?:[./]\d+)?)[\s).]*$",
    re.IGNORECASE,
)
_LATEX = (
    (r"\\(?:text|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1"),
    (r"\\(?:to|rightarrow|longrightarrow|Rightarrow)(?![a-zA-Z])", "->"),
    (r"\\(?:quad|qquad|[,; ])", " "),
    (r"[$\[\](){}\\'\"`]", " "),
)


def vertex(value: Any) -> str:
    """A vertex: a number, or a name of letters, digits and underscores."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch(r"\w+", value):
        raise ValueError("use vertices that are numbers or names of letters and digits")
    return value


def edge(value: Any) -> tuple[str, str]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError("use edges that are pairs of vertices")
    return vertex(value[0]), vertex(value[1])


def weighted_edge(value: Any) -> tuple[str, str, Fraction]:
    if not isinstance(value, (list, tuple)) or len(value) not in (2, 3):
        raise ValueError("use edges that are two vertices and a length")
    length = rational(value[2]) if len(value) == 3 else Fraction(1)
    if length < 0:
        raise ValueError("use lengths that are not negative")
    return vertex(value[0]), vertex(value[1]), length


def vertices_of(edges: Iterable[tuple[Any, ...]], more: Iterable[str] = ()) -> tuple[str, ...]:
    """Every vertex once, in the order they are named."""
    return tuple(dict.fromkeys([*more, *(end for each in edges for end in each[:2])]))


def plain(answer: str) -> str:
    for pattern, better in _LATEX:
        answer = re.sub(pattern, better, answer)
    return re.sub(r"[ \t]+", " ", answer).strip(" \t\n.")


def read_walk(answer: str, vertices: Iterable[str]) -> list[str]:
    """Vertices in order: `A -> B -> C`, `A, B, C`, `A-B-C`, and `ABC` where all names are single letters."""
    known, text = set(vertices), plain(answer)
    folded = {name.casefold(): name for name in known}
    words = [word for word in _SEPARATOR.split(text) if word]
    words = [word for word in words if word in known or word.casefold() not in _TOLD]
    if len(folded) == len(known):  # capitals tell no vertices apart
        words = [folded.get(word.casefold(), word) for word in words]
    if len(words) == 1 and words[0] not in known and all(len(name) == 1 for name in known):
        words = list(words[0])
    for word in words:
        if word not in known:
            raise malformed(f"{word[:40]!r} is no vertex")
    return words


@dataclass(frozen=True)
class Colouring(Checker):
    """A colour for every vertex, at most `colours` different ones, no edge with one colour at both ends.

    Read: `A: red, B = blue`, any words for the colours.
    """

    edges: tuple[tuple[str, str], ...] = parameter(listed(edge, 0, MAX_EDGES))
    colours: int = parameter(whole(1, MAX_VERTICES))
    vertices: tuple[str, ...] = parameter(listed(vertex, 0, MAX_VERTICES), ())

    name: ClassVar[str] = "graph_colouring"

    def validate(self) -> None:
        if not self.edges and not self.vertices:
            raise ValueError("the graph has no vertices")

    def judge(self, answer: str) -> Outcome:
        known = vertices_of(self.edges, self.vertices)
        found = read_colours(answer, known)
        missing = [name for name in known if name not in found]
        if missing:
            return rejected(f"no colour for {', '.join(missing[:10])}")
        for left, right in self.edges:
            if found[left] == found[right]:
                return rejected(f"{left} and {right} are joined and both {found[left]}", edge=[left, right])
        used = sorted(set(found.values()))
        if len(used) > self.colours:
            return rejected(f"{len(used)} colours, {self.colours} allowed", colours=used)
        return accepted(f"all {len(self.edges)} edges have two colours", colouring=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        names = rng.sample("ABCDEFG", 5)
        edges = [
            [a, b] for a, b in zip(names, names[1:] + names[:1], strict=True)
        ]  # an odd cycle needs three
        colours = ["red", "blue", "red", "blue", "green"]
        pairs = dict(zip(names, colours, strict=True))
        right = ", ".join(f"{name}: {colour}" for name, colour in pairs.items())
        wrong = (
            right.replace("green", "red"),
            right.replace(": blue", ": white", 1),
            right.rpartition(",")[0],
        )
        return Example({"edges": edges, "colours": 3}, right, wrong)


_COLOUR = re.compile(r"(\w+)\s*(?:=|:|->|→|-|–|\bis\b)\s*(\w+(?: \w+)?)", re.IGNORECASE)
_PLACED = re.compile(r"\(\s*(\w+)\s*,\s*(\w+)\s*\)")


def read_colours(answer: str, known: tuple[str, ...]) -> dict[str, str]:
    """The colour of each vertex: `A: red, B is dark blue`, `A = 1`, `(A, 1), (B, 2)`."""
    found: dict[str, str] = {}
    text = plain(_PLACED.sub(r"\1: \2", answer))
    for part in filter(None, re.split(r"\s*[,;\n]\s*(?:and )?|\s+and\s+", text)):
        match = _COLOUR.fullmatch(part) if len(part) < 200 else None
        if match is None:
            raise malformed(f"{part[:40]!r} gives no vertex a colour")
        name, colour = match.group(1), match.group(2).lower()
        if name not in known:
            raise malformed(f"{name[:40]!r} is no vertex")
        if found.setdefault(name, colour) != colour:
            raise malformed(f"two colours for {name}")
    return found


@dataclass(frozen=True)
class HamiltonianPath(Checker):
    """A walk along the edges that visits every vertex once; with `cycle` it must close.

    `start` and `end` may be fixed. The first vertex of a cycle may be written again at its end.
    """

    edges: tuple[tuple[str, str], ...] = parameter(listed(edge, 1, MAX_EDGES))
    vertices: tuple[str, ...] = parameter(listed(vertex, 0, MAX_VERTICES), ())
    directed: bool = parameter(flag, False)
    cycle: bool = parameter(flag, False)
    start: str | None = parameter(vertex, None)
    end: str | None = parameter(vertex, None)

    name: ClassVar[str] = "hamiltonian_path"

    def judge(self, answer: str) -> Outcome:
        known = vertices_of(self.edges, self.vertices)
        found = read_walk(answer, known)
        walked = found
        if self.cycle:
            closed = len(found) > 1 and found[0] == found[-1]
            found = found[:-1] if closed else found
            walked = [*found, *found[:1]]
        repeated = next((name for name in found if found.count(name) > 1), None)
        if repeated is not None:
            return rejected(f"visits {repeated} more than once", path=found)
        missing = [name for name in known if name not in found]
        if missing:
            return rejected(f"does not visit {', '.join(missing[:10])}", path=found)
        fault = broken(walked, self.edges, directed=self.directed)
        if fault is not None:
            return fault
        for what, wanted, name in (("start", self.start, found[0]), ("end", self.end, found[-1])):
            if wanted is not None and name != wanted:
                return rejected(f"does not {what} at {wanted}", path=found)
        return accepted(f"visits all {len(known)} vertices along edges", path=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        names = rng.sample("ABCDEFG", 5)
        edges = [list(pair) for pair in pairwise(names)] + [[names[0], names[2]]]
        rng.shuffle(edges)
        right = rng.choice((" -> ", ", ", "-")).join(names)
        swapped = [names[0], names[2], names[1], *names[3:]]
        wrong = (
            "-".join(swapped),
            "-".join(names[:-1]),
            "-".join([*names, names[0]]),
            "-".join([*names, "Z"]),
        )
        return Example({"edges": edges}, right, wrong)


def broken(walk: list[str], edges: Iterable[tuple[str, str]], *, directed: bool) -> Outcome | None:
    """The rejection of a walk that takes an edge that is not there; None for a walk along edges."""
    there = set(edges) if directed else {ends for a, b in edges for ends in ((a, b), (b, a))}
    for step in pairwise(walk):
        if step not in there:
            return rejected(f"no edge from {step[0]} to {step[1]}", edge=list(step))
    return None


@dataclass(frozen=True)
class ShortestPath(Checker):
    """A walk from `start` to `end` of the least length: `A -> B -> C`.

    An edge is `[from, to, length]`; the length is 1 where it is left out. A length that is claimed behind
    the walk, `(5)` or `with length 5`, must be right.
    """

    edges: tuple[tuple[str, str, Fraction], ...] = parameter(listed(weighted_edge, 1, MAX_EDGES))
    start: str = parameter(vertex)
    end: str = parameter(vertex)
    directed: bool = parameter(flag, False)

    name: ClassVar[str] = "shortest_path"

    def validate(self) -> None:
        if self.distance() is None:
            raise ValueError(f"no path leads from {self.start} to {self.end}")

    def lengths(self) -> dict[tuple[str, str], Fraction]:
        """The shortest edge between two vertices, both ways where edges have no direction."""
        found: dict[tuple[str, str], Fraction] = {}
        for a, b, length in self.edges:
            for ends in ((a, b),) if self.directed else ((a, b), (b, a)):
                found[ends] = min(length, found.get(ends, length))
        return found

    def distance(self) -> Fraction | None:
        onward: dict[str, list[tuple[str, Fraction]]] = {}
        for (a, b), length in self.lengths().items():
            onward.setdefault(a, []).append((b, length))
        queue, done = [(Fraction(0), self.start)], set[str]()
        while queue:
            so_far, here = heapq.heappop(queue)
            if here == self.end:
                return so_far
            if here not in done:
                done.add(here)
                for there, length in onward.get(here, ()):
                    heapq.heappush(queue, (so_far + length, there))
        return None

    def judge(self, answer: str) -> Outcome:
        claim = _LENGTH.search(answer)
        walk = answer[: claim.start()] if claim else answer
        found = read_walk(walk, vertices_of(self.edges))
        if not found or found[0] != self.start or found[-1] != self.end:
            return rejected(f"does not lead from {self.start} to {self.end}", path=found)
        lengths, steps = self.lengths(), list(pairwise(found))
        for step in steps:
            if step not in lengths:
                return rejected(f"no edge from {step[0]} to {step[1]}", edge=list(step))
        length, least = sum((lengths[step] for step in steps), Fraction(0)), self.distance()
        if length != least:
            return rejected(f"its length is {length}, the least is {least}", length=str(length), path=found)
        if claim and Fraction(claim.group(1)) != length:
            return rejected(f"its length is {length}, not {claim.group(1)}", length=str(length), path=found)
        return accepted(f"the least length, {length}", length=str(length), path=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c, d, e = rng.sample("ABCDEFG", 5)
        n = rng.randint(1, 9)
        edges = [[a, b, n], [b, c, n], [c, d, 1], [a, d, 2 * n + 2], [d, e, 3], [a, c, 2 * n + 1]]
        right = f"{a} -> {b} -> {c} -> {d}"
        wrong = (
            f"{a} -> {d}",
            f"{a} -> {c} -> {d}",
            f"{a} -> {b} -> {d}",
            f"{b} -> {c} -> {d}",
            f"{a}, {b}, {c}",
        )
        return Example({"edges": edges, "start": a, "end": d}, right, wrong)


@dataclass(frozen=True)
class TopologicalOrder(Checker):
    """All vertices in an order in which every edge `[before, after]` leads forward."""

    edges: tuple[tuple[str, str], ...] = parameter(listed(edge, 1, MAX_EDGES))
    vertices: tuple[str, ...] = parameter(listed(vertex, 0, MAX_VERTICES), ())

    name: ClassVar[str] = "topological_order"

    def judge(self, answer: str) -> Outcome:
        known = vertices_of(self.edges, self.vertices)
        found = read_walk(answer, known)
        places = {name: place for place, name in enumerate(found)}
        if len(places) < len(found) or len(places) < len(known):
            return rejected("not every vertex exactly once", order=found)
        for before, after in self.edges:
            if places[before] >= places[after]:
                return rejected(f"{before} does not come before {after}", edge=[before, after])
        return accepted(f"all {len(self.edges)} edges lead forward", order=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        names = rng.sample("ABCDEFG", 5)
        edges = [[names[i], names[j]] for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (0, 3))]
        rng.shuffle(edges)
        swapped = [*names[:2], names[3], names[2], names[4]]
        wrong = (
            ", ".join(swapped),
            ", ".join(names[::-1]),
            ", ".join(names[:4]),
            ", ".join([*names, names[0]]),
        )
        return Example({"edges": edges}, ", ".join(names), wrong)
