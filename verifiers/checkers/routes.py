"""Graphs again: walks along every edge, and pairs of vertices: matchings, stable ones among them."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.graphs import MAX_EDGES, MAX_VERTICES, edge, plain, read_walk, vertex, vertices_of
from verifiers.checkers.readers import flag, listed, mapped, whole
from verifiers.verdict import Outcome

Pair = tuple[str, str]


@dataclass(frozen=True)
class EulerianPath(Checker):
    """A walk along every edge exactly once; with `cycle` it ends where it starts.

    An edge that is listed twice is two edges. Read as a walk: `A -> B -> C -> A`.
    """

    edges: tuple[Pair, ...] = parameter(listed(edge, 1, MAX_EDGES))
    directed: bool = parameter(flag, False)
    cycle: bool = parameter(flag, False)
    start: str | None = parameter(vertex, None)

    name: ClassVar[str] = "eulerian_path"
    max_answer: ClassVar[int] = 1 << 17

    def validate(self) -> None:
        """There must be such a walk: by the degrees (Euler 1736), and because the edges hang together."""
        surplus = Counter[str]()
        for a, b in self.edges:
            surplus[a] += 1
            surplus[b] += -1 if self.directed else 1
        odd = [abs(n) for n in surplus.values() if (n if self.directed else n % 2)]
        if odd and (self.cycle or len(odd) != 2 or (self.directed and max(odd) > 1)):
            raise ValueError("no walk takes every edge once: the degrees do not allow it")
        if len(_joined(self.edges)) > 1:
            raise ValueError("no walk takes every edge once: they do not hang together")
        if self.start is not None and self.start not in vertices_of(self.edges):
            raise ValueError("the start is no vertex")

    def judge(self, answer: str) -> Outcome:
        found = read_walk(answer, vertices_of(self.edges))
        left = Counter(map(self.ends, self.edges))
        for step in pairwise(found):
            ends = self.ends(step)
            if not left[ends]:
                what = "taken too often" if ends in set(map(self.ends, self.edges)) else "not there"
                return rejected(f"the edge from {step[0]} to {step[1]} is {what}", edge=list(step))
            left[ends] -= 1
        unused = +left
        if unused:
            a, b = next(iter(unused))
            return rejected(f"the edge from {a} to {b} is not taken", edge=[a, b])
        if self.start is not None and found[0] != self.start:
            return rejected(f"does not start at {self.start}", path=found)
        if self.cycle and found[0] != found[-1]:
            return rejected("does not end where it starts", path=found)
        return accepted(f"takes all {len(self.edges)} edges once", path=found)

    def ends(self, step: Pair) -> Pair:
        a, b = step
        return (a, b) if self.directed or a <= b else (b, a)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c, d = rng.sample("ABCDEFG", 4)
        walk = [a, b, c, a, d, c]
        edges = [list(step) for step in pairwise(walk)]
        rng.shuffle(edges)
        wrong = (
            "-".join(walk[:-1]),
            "-".join([*walk, a]),
            "-".join([a, b, c, d, a, b]),
            "-".join([*walk[:-1], "Z"]),
            "-".join([a, b, d, c, a, c]),
        )
        return Example({"edges": edges}, rng.choice((" -> ", "-", ", ")).join(walk), wrong)


def _joined(edges: tuple[Pair, ...]) -> set[str]:
    """One vertex of each part that hangs together (union by path halving, Tarjan 1975)."""
    parent = {name: name for name in vertices_of(edges)}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]
        return name

    for a, b in edges:
        parent[root(a)] = root(b)
    return {root(name) for name in parent}


_BRACKETED = re.compile(r"[(\[{]\s*(\w+)\s*(?:,|-|–|:)\s*(\w+)\s*[)\]}]")
_OUTSIDE = re.compile(r"[\s,;()\[\]{}]*(?:and)?[\s,;()\[\]{}]*")
_JOINED = re.compile(
    r"(\w+)\s*(?:->|→|<->|↔|-|–|—|:|=|\bwith\b|\band\b|\bis matched (?:with|to)\b|\bto\b)\s*(\w+)",
    re.IGNORECASE,
)


def read_pairs(answer: str) -> list[Pair]:
    """`A-B, C-D`, `(A, B), (C, D)`, `A: B; C: D`, `A with B`; each pair in the order it is written."""
    if re.search(r"[(\[{]\s*\w+\s*[,:–-]", answer):
        bare = re.sub(r"\\(?:text|mathrm)\s*\{([^{}]*)\}|\\(?=[{}])", r"\1", answer)
        bare = re.sub(r"\\(?:left|right)(?![a-zA-Z])|\$", " ", bare)
        pieces = _BRACKETED.split(bare)
        if len(pieces) > 1 and all(map(_OUTSIDE.fullmatch, pieces[::3])):
            return list(zip(pieces[1::3], pieces[2::3], strict=True))
    pairs: list[Pair] = []
    for part in filter(None, re.split(r"\s*[,;\n]\s*", plain(answer))):
        match = _JOINED.fullmatch(part) if len(part) < 400 else None
        if match is None:
            raise malformed(f"{part[:40]!r} is no pair")
        pairs.append((match.group(1), match.group(2)))
    if not pairs:
        raise malformed("no pairs")
    return pairs


@dataclass(frozen=True)
class Matching(Checker):
    """Edges of which no two share a vertex: at least `size` of them; `perfect`: every vertex is in one."""

    edges: tuple[Pair, ...] = parameter(listed(edge, 1, MAX_EDGES))
    vertices: tuple[str, ...] = parameter(listed(vertex, 0, MAX_VERTICES), ())
    size: int = parameter(whole(1, MAX_VERTICES), 1)
    perfect: bool = parameter(flag, False)

    name: ClassVar[str] = "matching"

    def validate(self) -> None:
        count = len(vertices_of(self.edges, self.vertices))
        if self.size > count // 2 or (self.perfect and count % 2):
            raise ValueError(f"no such matching of {count} vertices")

    def judge(self, answer: str) -> Outcome:
        pairs, known = read_pairs(answer), vertices_of(self.edges, self.vertices)
        there = {ends for a, b in self.edges for ends in ((a, b), (b, a))}
        used: set[str] = set()
        for a, b in pairs:
            if a not in known or b not in known:
                raise malformed(f"{(b if a in known else a)[:40]!r} is no vertex")
            if (a, b) not in there:
                return rejected(f"no edge between {a} and {b}", edge=[a, b])
            twice = {a, b} & used if a != b else {a}
            if twice:
                return rejected(f"{min(twice)} is in two pairs", pairs=[list(each) for each in pairs])
            used |= {a, b}
        shown = [list(each) for each in pairs]
        if len(pairs) < self.size:
            return rejected(f"{len(pairs)} pairs, not {self.size}", pairs=shown)
        alone = [name for name in known if name not in used]
        if self.perfect and alone:
            return rejected(f"{alone[0]} is in no pair", pairs=shown)
        return accepted(f"{len(pairs)} edges without a vertex in common", pairs=shown)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c, d, e, f = rng.sample("ABCDEFGH", 6)
        edges = [[a, d], [b, e], [c, f], [a, e], [b, f]]
        rng.shuffle(edges)
        right = rng.choice(
            (
                f"{a}-{d}, {b}-{e}, {c}-{f}",
                f"({d}, {a}), ({b}, {e}), ({c}, {f})",
                f"{a}: {d}\n{e}: {b}\n{c}: {f}",
            )
        )
        wrong = (
            f"{a}-{d}, {b}-{e}",
            f"{a}-{e}, {b}-{f}",
            f"{a}-{d}, {b}-{f}, {c}-{e}",
            f"{a}-{d}, {a}-{e}, {c}-{f}",
            f"{a}, {d}",
        )
        return Example({"edges": edges, "perfect": True}, right, wrong)


@dataclass(frozen=True)
class StableMatching(Checker):
    """Everybody in one pair, and no two who both prefer each other to whom they have.

    `left` and `right` map each person to all the others' side, dearest first. Source: Gale and Shapley 1962.
    """

    left: tuple[tuple[str, tuple[str, ...]], ...] = parameter(mapped(listed(vertex, 1, 100), 100))
    right: tuple[tuple[str, tuple[str, ...]], ...] = parameter(mapped(listed(vertex, 1, 100), 100))

    name: ClassVar[str] = "stable_matching"

    def validate(self) -> None:
        left, right = dict(self.left), dict(self.right)
        if set(left) & set(right) or len(left) != len(right):
            raise ValueError("left and right must be different people, as many on each side")
        for one, other in ((left, right), (right, left)):
            for person, ranking in one.items():
                if sorted(ranking) != sorted(other):
                    raise ValueError(f"{person} must rank everybody of the other side once")

    def judge(self, answer: str) -> Outcome:
        left, right = dict(self.left), dict(self.right)
        partner: dict[str, str] = {}
        for one, two in read_pairs(answer):
            a, b = (one, two) if one in left else (two, one)
            if a not in left or b not in right:
                raise malformed(f"{one[:40]} and {two[:40]} are not one of each side")
            if a in partner or b in partner:
                return rejected(f"{a if a in partner else b} is in two pairs")
            partner[a], partner[b] = b, a
        alone = next((person for person in (*left, *right) if person not in partner), None)
        shown = [[a, partner[a]] for a in left if a in partner]
        if alone is not None:
            return rejected(f"{alone} is in no pair", pairs=shown)
        for a, ranking in left.items():
            for b in ranking[: ranking.index(partner[a])]:
                if right[b].index(a) < right[b].index(partner[b]):
                    return rejected(f"{a} and {b} prefer each other", blocking=[a, b], pairs=shown)
        return accepted("no two prefer each other", pairs=shown)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c = rng.sample(["Ann", "Bea", "Cat", "Dot"], 3)
        x, y, z = rng.sample(["Xan", "Yul", "Zed", "Wim"], 3)
        parameters: dict[str, Any] = {
            "left": {a: [x, y, z], b: [x, y, z], c: [y, x, z]},
            "right": {x: [b, a, c], y: [a, b, c], z: [a, b, c]},
        }
        wrong = (
            f"{a}-{x}, {b}-{y}, {c}-{z}",
            f"{a}-{z}, {b}-{x}, {c}-{y}",
            f"{a}-{y}, {b}-{x}",
            f"{a}-{b}, {x}-{y}, {c}-{z}",
        )
        return Example(parameters, f"{a}: {y}, {b}: {x}, {c}: {z}", wrong)
