"""Systems of equations that stories are told about: drawn with their solution, worked, and proved by sympy.

A system comes before its story: unknowns with meanings, equations, and what each equation says in words. The
story is a model's affair (`datagen/recipes/stories.py`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from datagen.problems.elimination import equation, worked_linear, worked_rectangle
from datagen.problems.family import INSTRUCTION, Family, Given, Problem, Split, split_of
from datagen.problems.people import some_people
from datagen.problems.text import boxed
from schemas import UserError, unknown_name

LEVELS = (1, 2, 3)
LEAST = 3
"""Values are at least so large: one and two stand in every text, and would look like an answer given away."""
Row = tuple[int, ...]
"""Coefficients of the unknowns in order, then the right side."""


@dataclass(frozen=True)
class System:
    """Equations with one positive solution, and what a story about them must tell.

    `unknowns` are (name, meaning), `numbers` those that a story must state, `rows` the equations as integer
    rows where they are linear. `asked` is the name of the unknown that the question is about.
    """

    kind: str
    level: int
    unknowns: tuple[tuple[str, str], ...]
    equations: tuple[str, ...]
    facts: tuple[str, ...]
    asked: str
    values: tuple[Fraction, ...]
    numbers: tuple[int, ...]
    rows: tuple[Row, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The unknowns."""
        return tuple(name for name, _ in self.unknowns)

    @property
    def wanted(self) -> Fraction:
        """The value asked for."""
        return self.values[self.names.index(self.asked)]

    @property
    def meaning(self) -> str:
        """What is asked for, in words."""
        return dict(self.unknowns)[self.asked]

    @property
    def given(self) -> Given:
        """All that the proof needs."""
        unknowns = {"unknowns": list(self.names), "meanings": [meaning for _, meaning in self.unknowns]}
        return {"equations": list(self.equations), **unknowns, "asked": self.asked, "positive": True}

    @property
    def fingerprint(self) -> str:
        """Names the equations and the question, whatever they are about."""
        key = (self.kind, sorted(self.rows or self.equations), self.names.index(self.asked))
        return blake2b(repr(key).encode(), digest_size=8).hexdigest()


Draw = Callable[[random.Random, int], System]


def one_unknown(rng: random.Random, level: int) -> System:
    """So many of a thing and one thing more cost so much: a*x + b = c."""
    a, b = rng.randint(3, 5 * level + 3), rng.randint(4, 12 * level)
    x = _value(rng, 15 * level, a, level)
    c = int(a * x) + b
    thing, more = rng.choice((("notebook", "bag"), ("ticket", "programme"), ("cake", "pot of tea")))
    meaning = f"the price of one {thing} in euros"
    fact = f"{a} {thing}s and one {more} for {b} euros cost {c} euros together"
    row = (a, c - b)
    return System(
        *("one_unknown", level, (("x", meaning),), (f"{a}*x + {b} = {c}",), (fact,), "x", (x,)),
        *((a, b, c), (row,)),
    )


def two_unknowns(rng: random.Random, level: int) -> System:
    """Two prices from two purchases."""
    reach = 4 + 2 * level
    while True:
        a, b, d, e = (rng.randint(2, reach) for _ in range(4))
        if a * e != b * d and len({a, b, d, e}) > 2:
            break
    x, y = _value(rng, 12 * level, a * d, level), Fraction(rng.randint(LEAST, 12 * level))
    while (a * x).denominator > 1 or (d * x).denominator > 1:
        x = Fraction(rng.randint(LEAST, 12 * level))
    c, f = int(a * x + b * y), int(d * x + e * y)
    one, other = rng.choice((("adult", "child"), ("front-row seat", "back-row seat"), ("pear", "melon")))
    ones, others = (f"{word}s" if word != "child" else "children" for word in (one, other))
    unknowns = (
        ("x", f"the price for one {one} in euros"),
        ("y", f"the price for one {other} in euros"),
    )
    facts = tuple(
        f"{m} {ones} and {n} {others} cost {total} euros together" for m, n, total in ((a, b, c), (d, e, f))
    )
    rows = ((a, b, c), (d, e, f))
    equations = tuple(f"{m}*x + {n}*y = {total}" for m, n, total in rows)
    asked = rng.choice("xy")
    return System("two_unknowns", level, unknowns, equations, facts, asked, (x, y), (a, b, c, d, e, f), rows)


def three_unknowns(rng: random.Random, level: int) -> System:
    """Three people share: a sum, a difference and a multiple."""
    k, a = rng.randint(2, 2 + level), rng.randint(2, 9 * level)
    z = rng.randint(LEAST, 8 * level + 4)
    y = k * z
    x = y + a
    first, second, third = (person.name for person in some_people(rng, 3))
    thing = rng.choice(("stickers", "marbles", "shells", "coins"))
    unknowns = tuple(
        (name, f"the number of {thing} {who} has")
        for name, who in zip("xyz", (first, second, third), strict=True)
    )
    facts = (
        f"{first}, {second} and {third} have {x + y + z} {thing} together",
        f"{first} has {a} more than {second}",
        f"{second} has {k} times as many as {third}",
    )
    rows = ((1, 1, 1, x + y + z), (1, -1, 0, a), (0, 1, -k, 0))
    equations = (f"x + y + z = {x + y + z}", f"x = y + {a}", f"y = {k}*z")
    values = tuple(map(Fraction, (x, y, z)))
    numbers = (x + y + z, a, k)
    return System(
        "three_unknowns", level, unknowns, equations, facts, rng.choice("xyz"), values, numbers, rows
    )


def proportion(rng: random.Random, level: int) -> System:
    """At the same price, what do others cost: x/a = b/c."""
    c = rng.randint(2, 4 + 2 * level)
    a = rng.choice([n for n in range(2, 10 * level + 4) if n != c])
    b = c * rng.randint(2, 6 * level) if level < 3 else rng.randint(c + 1, 40)
    x = Fraction(a * b, c)
    thing = rng.choice(("kilograms of flour", "metres of cloth", "litres of paint"))
    unknowns = (("x", f"the price of {a} {thing} in euros"),)
    facts = (f"{c} {thing} cost {b} euros, and {a} {thing} cost as much for each of them",)
    equations = (f"x/{a} = {b}/{c}",)
    return System("proportion", level, unknowns, equations, facts, "x", (x,), (a, b, c), ((c, a * b),))


def ages(rng: random.Random, level: int) -> System:
    """Now one is k times as old as the other, in n years m times."""
    while True:
        k, m, y = rng.randint(3, 4 + level), rng.randint(2, 2 + level), rng.randint(LEAST, 9 + 2 * level)
        if m < k and y * (k - m) % (m - 1) == 0 and k * y <= 90:
            break
    n, x = y * (k - m) // (m - 1), k * y
    first, second = (person.name for person in some_people(rng, 2))
    unknowns = (("x", f"the age of {first} today"), ("y", f"the age of {second} today"))
    facts = (
        f"{first} is {k} times as old as {second}",
        f"in {n} years {first} will be {m} times as old as {second}",
    )
    equations = (f"x = {k}*y", f"x + {n} = {m}*(y + {n})")
    rows = ((1, -k, 0), (1, -m, (m - 1) * n))
    values = (Fraction(x), Fraction(y))
    return System("ages", level, unknowns, equations, facts, rng.choice("xy"), values, (k, n, m), rows)


def mixture(rng: random.Random, level: int) -> System:
    """Two solutions of different strength are mixed to one of a third."""
    while True:
        p, r, q = sorted(rng.sample(range(5, 30 + 20 * level, 5), 3))
        x, y = rng.randint(LEAST, 20 * level), rng.randint(LEAST, 20 * level)
        if p * x + q * y == r * (x + y) and x != y:
            break
    what = rng.choice(("salt water", "syrup", "acid"))
    unknowns = (("x", f"the number of litres of {p}% {what}"), ("y", f"the number of litres of {q}% {what}"))
    facts = (
        f"{p}% {what} and {q}% {what} are mixed to {x + y} litres",
        f"the mixture is {r}% {what}",
    )
    equations = (f"x + y = {x + y}", f"{p}*x + {q}*y = {r}*{x + y}")
    rows = ((1, 1, x + y), (p, q, r * (x + y)))
    values, numbers = (Fraction(x), Fraction(y)), (p, q, r, x + y)
    return System("mixture", level, unknowns, equations, facts, rng.choice("xy"), values, numbers, rows)


def meeting(rng: random.Random, level: int) -> System:
    """Two set out towards each other at two speeds: when do they meet?"""
    a, b = rng.sample(range(4, 20 * level + 4), 2)
    t = Fraction(rng.randint(LEAST, 6 + 2 * level))
    if level == 3 and (a + b) % 2 == 0:
        t += Fraction(1, 2)
    d = int((a + b) * t)
    first, second = (person.name for person in some_people(rng, 2))
    unknowns = (("t", "the number of hours until they meet"),)
    facts = (
        f"{first} and {second} set out at the same time towards each other from places {d} kilometres apart",
        f"{first} goes {a} kilometres an hour, {second} goes {b} kilometres an hour",
    )
    equations = (f"{a}*t + {b}*t = {d}",)
    return System("meeting", level, unknowns, equations, facts, "t", (t,), (a, b, d), ((a + b, d),))


def rectangle(rng: random.Random, level: int) -> System:
    """A side from an area: x*(x + a) = b, of which only the positive root is a length."""
    x, a = rng.randint(LEAST, 6 * level + 4), rng.randint(2, 5 * level + 3)
    thing = rng.choice(("garden", "carpet", "field", "banner"))
    unknowns = (("x", f"the width of the {thing} in metres"),)
    facts = (
        f"a {thing} is {a} metres longer than it is wide",
        f"its area is {x * (x + a)} square metres",
    )
    equations = (f"x*(x + {a}) = {x * (x + a)}",)
    return System("rectangle", level, unknowns, equations, facts, "x", (Fraction(x),), (a, x * (x + a)))


KINDS: dict[str, Draw] = {
    draw.__name__: draw
    for draw in (
        *(one_unknown, two_unknowns, three_unknowns, proportion),
        *(ages, mixture, meeting, rectangle),
    )
}


def drawn(rng: random.Random, kind: str, level: int, split: Split) -> System:
    """A system of that kind and level whose fingerprint lies in `split`.

    No value of an unknown is a number that the story states: else it could not be told whether the answer is
    given away. Raises `UserError` for an unknown kind.
    """
    if kind not in KINDS:
        raise unknown_name("kind of story", kind, KINDS)
    while True:
        system = KINDS[kind](rng, level)
        apart = not set(system.values) & set(map(Fraction, system.numbers))
        if apart and min(system.values) >= LEAST and split_of(system.fingerprint) == split:
            return system


def worked(system: System) -> str:
    """The solution from the equations, step by step, ending in the answer in a box."""
    lets = " and ".join(f"{name} be {meaning}" for name, meaning in system.unknowns)
    lines = [f"Let {lets}.", f"The story says: {'; '.join(system.equations)}."]
    if system.rows:
        shown = [f"({number}) {equation(row, system.names)}" for number, row in enumerate(system.rows, 1)]
        lines.append(f"In order: {'; '.join(shown)}.")
        lines += worked_linear(system.rows, system.names)
    else:
        lines += worked_rectangle(*system.numbers)
    return "\n".join([*lines, f"So {system.meaning} is {boxed(str(system.wanted))}"])


def _value(rng: random.Random, reach: int, times: int, level: int) -> Fraction:
    """A whole number, or at level 3 sometimes a half or a quarter that `times` makes whole."""
    whole = Fraction(rng.randint(LEAST, reach))
    parts = [part for part in (2, 4) if level == 3 and times % part == 0]
    return whole + Fraction(1, rng.choice(parts)) if parts and rng.random() < 0.5 else whole


def _told_by_a_model(_rng: random.Random, _level: int) -> Problem:
    """Stories that a model wrote about equations drawn before."""
    raise UserError("a model tells these stories", mend="use `datagen stories`")


STORIES = Family("stories", 1, _told_by_a_model, (), INSTRUCTION, LEVELS)
"""Known to `datagen prove`, and to no list of families: it cannot be drawn from."""


@STORIES.proof
def _solved(given: Given) -> str:
    """By sympy, in a process that can be killed: the rows may be anybody's."""
    return solution_of(given["equations"], given["unknowns"], given["asked"], positive=given["positive"])


def solution_of(equations: Sequence[str], unknowns: Sequence[str], asked: str, *, positive: bool) -> str:
    """The one value of `asked`. Raises `ValueError` where there is none, or several."""
    from verifiers.symbolic.workers import shared_pool

    found: Any = shared_pool().solve(equations, unknowns, asked, positive=positive)
    if found is None or len(set(found.asked)) != 1:
        raise ValueError("the equations have no single solution")
    return str(found.asked[0])
