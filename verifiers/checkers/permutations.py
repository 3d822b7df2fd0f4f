"""A permutation with given properties: its order, its cycles, its inversions."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_left, insort
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.readers import listed, one_of, whole
from verifiers.verdict import Outcome

MAX_SIZE = 1000
_LATEX = re.compile(r"\\(?:begin|end)\s*\{[a-z]*matrix\}|\\(?:left|right|quad|circ)(?![a-zA-Z])|\\[,; ]|[$&]")


def read_permutation(answer: str, size: int, notation: str) -> list[int]:
    """The images of 1 to `size`.

    As a `list` they are written in order, also under a first row `1 2 3`, or without anything between
    digits; as `cycles`, `(1 2 3)(4 5)`, where a number that is not written stays.
    """
    bare = _LATEX.sub(" ", answer).strip(" \n.")
    if notation == "cycles":
        return _from_cycles(bare, size)
    if not re.fullmatch(r"[\d\s,;()\[\]{}\\]*", bare) or re.search(r"\)\s*\(", bare):
        raise malformed("not a list of numbers")
    numbers = [int(word) if len(word) < 8 else 0 for word in re.findall(r"\d+", bare)]
    if size < 10 and len(numbers) == 1:
        numbers = list(map(int, re.findall(r"\d", bare)))
    if len(numbers) == 2 * size and numbers[:size] == list(range(1, size + 1)):
        numbers = numbers[size:]
    if sorted(numbers) != list(range(1, size + 1)):
        raise malformed(f"not the numbers 1 to {size}, each once")
    return numbers


def _from_cycles(bare: str, size: int) -> list[int]:
    images = list(range(1, size + 1))
    if bare.lower() in ("e", "id", "identity", "()"):
        return images
    if not re.fullmatch(r"(?:\s*\([\d\s,]*\))+", bare):
        raise malformed("not cycles in brackets")
    seen: set[int] = set()
    for inside in re.findall(r"\(([^()]*)\)", bare):
        words = re.findall(r"\d+", inside)
        if size < 10 and len(words) == 1:
            words = list(words[0])
        cycle = [int(word) if len(word) < 8 else 0 for word in words]
        if len(set(cycle)) < len(cycle) or seen & set(cycle) or not all(1 <= n <= size for n in cycle):
            raise malformed(f"not disjoint cycles of the numbers 1 to {size}")
        seen.update(cycle)
        for here, there in pairwise([*cycle, *cycle[:1]]):
            images[here - 1] = there
    return images


def cycle_type(images: list[int]) -> list[int]:
    """The lengths of the cycles, fixed points among them, longest first."""
    lengths, seen = [], set[int]()
    for start in range(1, len(images) + 1):
        length, here = 0, start
        while here not in seen:
            seen.add(here)
            here, length = images[here - 1], length + 1
        if length:
            lengths.append(length)
    return sorted(lengths, reverse=True)


def inversions(images: list[int]) -> int:
    """Pairs that stand in the wrong order."""
    passed: list[int] = []
    count = 0
    for image in images:
        count += len(passed) - bisect_left(passed, image)
        insort(passed, image)
    return count


def longest_increasing(images: list[int]) -> int:
    """The length of a longest increasing subsequence (Schensted 1961)."""
    ends: list[int] = []
    for image in images:
        place = bisect_left(ends, image)
        ends[place : place + 1] = [image]
    return len(ends)


@dataclass(frozen=True)
class Permutation(Checker):
    """A permutation of 1 to `size` with every property that is given.

    `order` is the least power that is the identity, `cycle_type` the lengths of its cycles with the fixed
    points; `descents` are places where the next number is smaller, `increasing` the length of a longest
    increasing subsequence.
    """

    size: int = parameter(whole(1, MAX_SIZE))
    notation: str = parameter(one_of("list", "cycles"), "list")
    order: int | None = parameter(whole(1), None)
    parity: str | None = parameter(one_of("even", "odd"), None)
    cycle_type: tuple[int, ...] | None = parameter(listed(whole(1), 1, MAX_SIZE), None)
    fixed_points: int | None = parameter(whole(0), None)
    inversions: int | None = parameter(whole(0), None)
    descents: int | None = parameter(whole(0), None)
    increasing: int | None = parameter(whole(1), None)

    name: ClassVar[str] = "permutation"

    def validate(self) -> None:
        if self.cycle_type is not None and sum(self.cycle_type) != self.size:
            raise ValueError(f"the lengths of the cycles do not sum to {self.size}")
        if not self.asked():
            raise ValueError(f"no property is asked for; known: {', '.join(_PROPERTIES)}")

    def asked(self) -> dict[str, object]:
        values = {each: getattr(self, each) for each in _PROPERTIES}
        if self.cycle_type is not None:
            values["cycle_type"] = sorted(self.cycle_type, reverse=True)
        return {each: value for each, value in values.items() if value is not None}

    def judge(self, answer: str) -> Outcome:
        found = read_permutation(answer, self.size, self.notation)
        properties = {each: _PROPERTIES[each](found) for each in self.asked()}
        for each, wanted in self.asked().items():
            if properties[each] != wanted:
                called = each.replace("_", " ")
                reason = f"its {called} is {properties[each]}, not {wanted}"
                return rejected(reason, permutation=found, properties=properties)
        return accepted("has every property", permutation=found, properties=properties)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        a, b, c, d, e = rng.sample(range(1, 6), 5)
        images = {a: b, b: c, c: a, d: e, e: d}
        listed_ = ", ".join(str(images[n]) for n in range(1, 6))
        if rng.random() < 0.5:
            wrong: tuple[str, ...] = (
                "1, 2, 3, 4, 5",
                "2, 3, 4, 5, 1",
                ", ".join(str({**images, d: d, e: e}[n]) for n in range(1, 6)),
                f"{listed_}, 6",
                "2, 2, 3, 4, 5",
            )
            return Example({"size": 5, "order": 6}, listed_, wrong)
        parameters = {"size": 5, "notation": "cycles", "cycle_type": [2, 3], "parity": "odd"}
        wrong = (f"({a} {b} {c})", f"({a} {b} {c} {d} {e})", f"({a} {b})({d} {e})", f"({a} {b} {c})({c} {d})")
        return Example(parameters, f"({a} {b} {c})({d} {e})", wrong)


_PROPERTIES = {
    "order": lambda images: math.lcm(*cycle_type(images)),
    "parity": lambda images: "odd" if (len(images) - len(cycle_type(images))) % 2 else "even",
    "cycle_type": cycle_type,
    "fixed_points": lambda images: sum(n == image for n, image in enumerate(images, 1)),
    "inversions": inversions,
    "descents": lambda images: sum(a > b for a, b in pairwise(images)),
    "increasing": longest_increasing,
}
