"""Constraints that compare a number with a limit: "at least 3 bullet points".

A subclass says what it counts (`measure`) and how to write a text with exactly so many (`draft`); the six
relations, the description, `satisfy` and `violate` follow.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar

from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.readers import one_of, whole

#: `less than` and `more than` are strict, the others include the limit, `between` both of them.
RELATIONS = ("at least", "at most", "exactly", "less than", "more than", "between")
_WORDING = {"less than": "fewer than"}
Kind = TypeVar("Kind", bound="Counted")


def plural(count: int, noun: str) -> str:
    """`1 word`, `2 words`."""
    return f"{count} {noun if count == 1 else many(noun)}"


def many(noun: str) -> str:
    """The plural, made at the noun, before ` of` or ` with`."""
    head, space, tail = noun.partition(" of ") if " of " in noun else noun.partition(" with ")
    plain = f"{head[:-1]}ies" if head.endswith("y") and head[-2] not in "aeiou" else f"{head}s"
    return f"{plain}{space}{tail}"


def amount(relation: str, count: int, noun: str, most: int | None = None) -> str:
    """The limit in words.

    >>> amount("less than", 3, "word"), amount("exactly", 1, "line of code")
    ('fewer than 3 words', 'exactly 1 line of code')
    """
    if most is not None:
        return f"{relation} {count} and {plural(most, noun)}"
    return f"{_WORDING.get(relation, relation)} {plural(count, noun)}"


def span(relation: str, count: int, most: int | None = None) -> Range:
    """The numbers a relation allows, both ends included; None is no limit. `most` is that of `between`."""
    if relation == "between":
        return count, most
    if relation == "at least":
        return count, None
    if relation == "more than":
        return count + 1, None
    if relation == "exactly":
        return count, count
    return 0, count if relation == "at most" else count - 1


def inside(found: int, limits: Range) -> bool:
    return limits[0] <= found and (limits[1] is None or found <= limits[1])


@dataclass(frozen=True)
class Counted(Constraint):
    """Base of the constraints on a number. `relation` is one of `RELATIONS`, `count` the limit.

    `between` has a second limit, `most`, and includes both. Raises `UserError` when no response could follow
    it, or every response does.
    """

    noun: ClassVar[str]
    #: The least number a text that is not blank can have.
    smallest: ClassVar[int] = 0
    #: Typical limits, for `drawn`.
    usual: ClassVar[tuple[int, int]] = (1, 6)
    usual_relations: ClassVar[tuple[str, ...]] = RELATIONS
    #: The measure that `ranges` bounds, shared by constraints that count the same.
    measured: ClassVar[str | None] = None

    relation: str = parameter(one_of(*RELATIONS), lambda rng: rng.choice(RELATIONS))
    count: int = parameter(whole(0), lambda rng: rng.randint(1, 6))
    most: int | None = parameter(whole(1), lambda rng: None, None, named=True)

    def limits(self) -> Range:
        """The numbers allowed, both ends included; None is no limit."""
        return span(self.relation, self.count, self.most)

    def validate(self) -> None:
        if (self.relation == "between") != (self.most is not None):
            raise ValueError("'most' is the upper limit of the relation 'between', and of no other")
        if self.most is not None and self.most <= self.count:
            raise ValueError(f"'most' is {self.most}, which is not above {self.count}")
        low, high = self.limits()
        if high is not None and high < max(low, self.smallest):
            raise ValueError(f"nothing has {amount(self.relation, self.count, self.counted())}")
        if high is None and low <= self.smallest:
            raise ValueError(f"everything has {amount(self.relation, self.count, self.counted())}")

    def counted(self) -> str:
        """What is counted, in the singular, for sentences."""
        return self.noun

    def amount(self) -> str:
        """The limit in words; where none is allowed, `no words`."""
        if self.limits()[1] == 0:
            return f"no {many(self.counted())}"
        return amount(self.relation, self.count, self.counted(), self.most)

    def describe(self) -> str:
        return f"Your response must contain {self.amount()}."

    @abstractmethod
    def measure(self, response: str) -> int:
        """How many there are."""

    @abstractmethod
    def draft(self, rng: random.Random, count: int) -> str:
        """A text that is not blank with exactly `count`."""

    def judge(self, response: str) -> tuple[bool, str]:
        found = self.measure(response)
        wanted = f"{_WORDING.get(self.relation, self.relation)} {self.count}"
        wanted += f" and {self.most}" if self.most is not None else ""
        return inside(found, self.limits()), f"{plural(found, self.counted())}, for {wanted}"

    def satisfy(self, rng: random.Random) -> str:
        low, high = self.limits()
        low = max(low, self.smallest)
        top = low + 2 if high is None else high
        return self.draft(rng, rng.choice((low, top, rng.randint(low, top))))

    def violate(self, rng: random.Random) -> str:
        low, high = self.limits()
        wrong = [] if low <= self.smallest else [low - 1, rng.randint(self.smallest, low - 1)]
        wrong += [] if high is None else [high + 1, high + rng.randint(1, 3)]
        return self.draft(rng, rng.choice(wrong))

    def ranges(self) -> dict[str, Range]:
        return {self.measured: self.limits()} if self.measured else {}

    @classmethod
    def drawn(cls: type[Kind], rng: random.Random) -> Kind:
        relation = rng.choice(cls.usual_relations)
        low, high = cls.usual
        # Neither what every text has nor, as `less than 1` would, a prohibition.
        low = max(low, cls.smallest + (relation != "exactly"), 2 if relation == "less than" else 0)
        count = rng.randint(low, high)
        rest = {each.name: each.metadata["draw"](rng) for each in fields(cls)[2:]}
        if relation == "between":
            rest["most"] = count + rng.randint(1, max(high // 4, 2))
        return cls(relation, count, **rest)
