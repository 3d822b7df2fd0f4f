"""Numbers and things to be divided or chosen: groups with equal sums, a knapsack."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected, wrong_form
from verifiers.checkers.graphs import plain
from verifiers.checkers.readers import listed, mapped, whole
from verifiers.verdict import Outcome

MAX_GROUPS = 100
#: Items times capacity of a knapsack whose best value is computed.
MAX_WORK = 200_000
_GROUP = re.compile(r"[\[{(]([^\[\]{}()]*)[\])}]")
#: What may stand between groups; a group may have a name, `Group 1:` or `A =`.
_BESIDE_GROUPS = re.compile(r"[\s\[\]{}(),;|.]*(?:and\b)?\s*(?:[A-Za-z][\w ]{0,20}[:=])?[\s\[\]{}(),;|.]*")
_NUMBER = re.compile(r"[-−]?\d{1,300}")


def read_groups(answer: str) -> list[list[int]]:
    """`{1, 5}, {2, 4}`, `[[1, 5], [2, 4]]`, `1, 5 | 2, 4`, `1 + 5 = 2 + 4`, or a group a line."""
    bare = re.sub(r"\\(?:left|right|quad|qquad|mid)(?![a-zA-Z])|\\[,; ]|\\(?=[{}])|\$", " ", answer)
    inside = _GROUP.findall(bare)
    if inside:
        if not all(map(_BESIDE_GROUPS.fullmatch, _GROUP.sub("#", bare).split("#"))):
            raise malformed("something beside groups in brackets")
    else:
        inside = re.split(r"[|;\n=]|\band\b", bare.strip(" \n."))
    if len(inside) > MAX_GROUPS:
        raise malformed(f"more than {MAX_GROUPS} groups")
    return [_numbers(group) for group in inside]


def _numbers(group: str) -> list[int]:
    words = [word for word in re.split(r"[\s,+]+", group) if word]
    if not all(map(_NUMBER.fullmatch, words)):
        raise malformed(f"{group.strip()[:40]!r} is no group of numbers")
    return [int(word.replace("−", "-")) for word in words]


@dataclass(frozen=True)
class Partition(Checker):
    """All `numbers` in `groups` groups of one sum each, none empty; the groups in any order.

    With `sums` the groups have these sums, with `difference` the largest sum may be so much over the least.
    """

    numbers: tuple[int, ...] = parameter(listed(whole(), 1, 500))
    groups: int = parameter(whole(1, MAX_GROUPS), 2)
    sums: tuple[int, ...] | None = parameter(listed(whole(), 1, MAX_GROUPS), None)
    difference: int = parameter(whole(0), 0)

    name: ClassVar[str] = "partition"

    def validate(self) -> None:
        if self.groups > len(self.numbers):
            raise ValueError("more groups than numbers")
        if self.sums is not None and (len(self.sums) != self.groups or sum(self.sums) != sum(self.numbers)):
            raise ValueError("the sums are not one for each group, or not those of the numbers")
        if self.sums is None and not self.difference and sum(self.numbers) % self.groups:
            raise ValueError(f"the sum {sum(self.numbers)} cannot be divided by {self.groups}")

    def judge(self, answer: str) -> Outcome:
        found = read_groups(answer)
        if len(found) != self.groups or not all(found):
            what = "an empty group" if not all(found) else f"{len(found)} groups, not {self.groups}"
            return rejected(what, groups=found)
        used, given = Counter(n for group in found for n in group), Counter(self.numbers)
        if used != given:
            extra = used - given
            number = next(iter(extra or given - used))
            what = "too often, or was not given" if extra else "too rarely"
            return rejected(f"{number} is there {what}", groups=found)
        totals = sorted(map(sum, found))
        if self.sums is not None:
            if totals != sorted(self.sums):
                return rejected(f"the sums are {totals}, not {sorted(self.sums)}", sums=totals)
        elif totals[-1] - totals[0] > self.difference:
            return rejected(f"the sums differ: {totals[0]} and {totals[-1]}", sums=totals)
        return accepted("every number once, and the sums as asked", groups=found, sums=totals)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        first = rng.sample(range(1, 30), 3)
        excess = rng.randint(1, 9)
        second = [-excess, sum(first) + excess]
        numbers = rng.sample(first + second, 5)
        one, two = ", ".join(map(str, first)), ", ".join(map(str, second))
        right = rng.choice((f"{{{one}}}, {{{two}}}", f"[[{two}], [{one}]]", f"{one} | {two}"))
        wrong = (
            f"{{{one}}}",
            f"{{{one}, {second[0]}}}, {{{second[1]}}}",
            f"{{{one}}}, {{{one}}}",
            f"{{{one}}}, {{{sum(first)}}}",
            f"{one}, {two}",
        )
        return Example({"numbers": numbers}, right, wrong)


def _item(value: Any) -> tuple[int, int]:
    weight, worth = listed(whole(0, 10**12), 2, 2)(value)
    return weight, worth


@lru_cache(maxsize=64)
def best_value(items: tuple[tuple[int, int], ...], capacity: int) -> int:
    """The greatest value of items, pairs of weight and value, whose weights are within the capacity."""
    best = [0] * (capacity + 1)
    for weight, worth in items:
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + worth)
    return best[capacity]


@dataclass(frozen=True)
class Knapsack(Checker):
    """Some of `items` within `capacity` whose value is at least `minimum`, or the greatest there is.

    `items` maps a name to its weight and value, whole numbers. Read: the names, in any order.
    """

    items: tuple[tuple[str, tuple[int, int]], ...] = parameter(mapped(_item, 200))
    capacity: int = parameter(whole(0, 10**15))
    minimum: int | None = parameter(whole(0), None)

    name: ClassVar[str] = "knapsack"

    def validate(self) -> None:
        if any(re.search(r"[,;\n]", item) for item, _ in self.items):
            raise ValueError("an item with a comma or a semicolon cannot be told from its neighbours")
        if len({item.lower() for item, _ in self.items}) < len(self.items):
            raise ValueError("two items differ in case alone")
        if self.minimum is None and self.capacity * len(self.items) > MAX_WORK:
            raise ValueError(f"the greatest value is not computed over {MAX_WORK} steps: give 'minimum'")

    def wanted(self) -> int:
        if self.minimum is not None:
            return self.minimum
        return best_value(tuple(pair for _, pair in self.items), self.capacity)

    def judge(self, answer: str) -> Outcome:
        known = {item.lower(): pair for item, pair in self.items}
        bare = plain(answer)
        words = [word.lower() for word in re.split(r"\s*(?:[,;\n+&]|\band\b)\s*", bare) if word]
        if not set(words) <= set(known) and all(" " not in item for item in known):
            words = bare.replace(",", " ").lower().split()
        for word in words:
            if word not in known:
                raise malformed(f"{word[:40]!r} is no item")
        if not words:
            raise wrong_form("no items are named")
        if len(set(words)) < len(words):
            return rejected("an item is taken twice", items=words)
        weight, worth = (sum(known[word][i] for word in words) for i in (0, 1))
        if weight > self.capacity:
            return rejected(f"the weight {weight} is over {self.capacity}", weight=weight, items=words)
        if worth < (wanted := self.wanted()):
            return rejected(f"the value {worth} is under {wanted}", value=worth, items=words)
        return accepted(f"weight {weight}, value {worth}", weight=weight, value=worth, items=words)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        n = rng.randint(1, 5)
        items = {"A": [n, 10], "B": [2 * n, 21], "C": [3 * n, 30], "D": [4 * n, 35]}
        wrong = ("A, D", "B, C, D", "A, B", "A, A, C", "B, C, E", "51")
        return Example({"items": items, "capacity": 5 * n}, rng.choice(("B, C", "C and B")), wrong)
