"""Games with numbers and the four operations: countdown, and four numbers that make 24.

Constructions combine or split numbers at random. The proof looks for an expression of its own, from the
target downwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import checked_by
from datagen.problems.text import boxed, listing

OPERATIONS = "+-*/"
STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True, slots=True)
class Expression:
    """A number, or two expressions with an operation between them; every value is a positive integer."""

    value: int
    operation: str = ""
    left: Expression | None = None
    right: Expression | None = None

    def text(self) -> str:
        """With the parentheses that are needed, and no others."""
        if self.left is None or self.right is None:
            return str(self.value)
        left, right = self.left.text(), self.right.text()
        if self.left.operation and STRENGTH[self.left.operation] < STRENGTH[self.operation]:
            left = f"({left})"
        inner = self.right.operation
        if inner and (STRENGTH[inner] < STRENGTH[self.operation] or self.operation in "-/"):
            right = f"({right})"
        return f"{left} {self.operation} {right}"

    def steps(self) -> Iterator[str]:
        """What each part is made of, the whole first."""
        if self.left is None or self.right is None:
            return
        line = f"{self.value} = {self.left.value} {self.operation} {self.right.value}"
        given = [str(part.value) for part in (self.left, self.right) if not part.operation]
        if len(given) == 1:
            yield f"{line}, where {given[0]} is given"
        else:
            yield f"{line}, where both are given" if given else line
        yield from self.left.steps()
        yield from self.right.steps()


def _combined(rng: random.Random, left: Expression, right: Expression) -> Expression:
    """Two expressions with an operation that leaves a positive integer between them."""
    if left.value < right.value:
        left, right = right, left
    a, b = left.value, right.value
    operation = rng.choice("++--***//")
    if operation == "/" and (b == 1 or a % b):
        operation = "*"
    if operation == "*" and (b == 1 or a * b > 2500):
        operation = "-"
    if operation == "-" and a == b:
        operation = "+"
    value = {"+": a + b, "-": a - b, "*": a * b}[operation] if operation != "/" else a // b
    return Expression(value, operation, left, right)


def _any_expression(rng: random.Random, numbers: Sequence[int]) -> Expression:
    """All the numbers, put together two at a time at random."""
    parts = [Expression(number) for number in numbers]
    while len(parts) > 1:
        first = parts.pop(int(rng.random() * len(parts)))
        second = parts.pop(int(rng.random() * len(parts)))
        parts.append(_combined(rng, first, second))
    return parts[0]


COUNTDOWNS = {
    1: (3, 0, 5, 60),
    2: (4, 0, 20, 99),
    3: (4, 1, 100, 299),
    4: (5, 1, 200, 499),
    5: (4, 2, 500, 999),
}
"""Per level: small numbers, large numbers (25, 50, 75, 100), the least and the largest target."""


@family(
    name="countdown",
    wordings=(
        "Reach {target} with the numbers {numbers}. Use each number at most once, the operations +, -, * "
        "and /, and parentheses. Every intermediate result must be a positive integer. Give one expression.",
        "The numbers are {numbers}, the target is {target}. Write an expression with the value {target} that "
        "uses only these numbers, none more often than it is given, with +, -, * and / and parentheses, so "
        "that every intermediate result is a positive integer.",
        "Countdown: make {target} from {numbers}. You may add, subtract, multiply and divide, and need not "
        "use every number, but none more often than it is listed; no intermediate result may be zero, "
        "negative or a fraction. Answer with one expression.",
    ),
)
def countdown(rng: random.Random, level: int) -> Problem:
    """An expression of the numbers with the target as its value, found backwards from the target."""
    small, large, low, high = COUNTDOWNS[level]
    while True:
        numbers = [rng.randint(1, 10) for _ in range(small)] + rng.sample((25, 50, 75, 100), large)
        expression = _any_expression(rng, numbers)
        target = expression.value
        if low <= target <= high and target not in numbers and not _one_step(numbers, target):
            break
    rng.shuffle(numbers)
    parameters = {"numbers": numbers, "target": target, "whole": True, "positive": True}
    answer = expression.text()
    return Problem(
        question=countdown.ask(rng, target=target, numbers=listing([str(number) for number in numbers])),
        answer=answer,
        spec=checked_by("countdown", **parameters),
        solution=_worked(expression),
        given={"numbers": numbers, "target": target},
        key=("countdown", tuple(sorted(numbers)), target),
    )


def _one_step(numbers: Sequence[int], target: int) -> bool:
    """Whether two of the numbers make the target by themselves."""
    for place, a in enumerate(numbers):
        for b in numbers[place + 1 :]:
            if target in (a + b, a - b, b - a, a * b) or a == b * target or b == a * target:
                return True
    return False


def _worked(expression: Expression) -> str:
    lines = ["Work backwards from the target.", *(f"{step}." for step in expression.steps())]
    lines.append(f"Put together, {expression.text()} = {expression.value}.")
    return "\n".join([*lines, boxed(expression.text())])


@countdown.proof
def _countdown(given: Given) -> str:
    return _found(given["numbers"], given["target"], all_of_them=False)


@countdown.variants
def _countdown_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    target = given["target"]
    same = [f"{answer} = {target}", f"({answer})", answer.replace("*", r"\times"), answer.replace(" ", "")]
    unused = max(given["numbers"]) + 1
    return same, [f"({answer}) * 2", f"{answer} + {unused} - {unused}", f"{answer} + {given['numbers'][0]}"]


MAKING_24 = {1: (3, 1, 12), 2: (4, 1, 10), 3: (4, 11, 30), 4: (5, 1, 20), 5: (6, 21, 60)}
"""Per level: how many numbers, how large the largest of them is at least and at most."""


@family(
    name="twenty_four",
    wordings=(
        "Make 24 from {numbers}, using each of them exactly once with +, -, *, / and parentheses. Give the "
        "expression.",
        "Write an expression with the value 24 in which each of the numbers {numbers} is used exactly once "
        "and no other number. You may use +, -, *, / and parentheses.",
        "The 24 game: combine {numbers} by addition, subtraction, multiplication and division, with "
        "parentheses as you like, so that the result is 24. Every number must be used exactly once. Answer "
        "with one expression.",
    ),
)
def twenty_four(rng: random.Random, level: int) -> Problem:
    """An expression of all the numbers with the value 24, found backwards from 24."""
    count, low, high = MAKING_24[level]
    while True:
        expression = _split(rng, 24, count, high)
        numbers = list(_leaves(expression))
        if low <= max(numbers) <= high and _varied(expression):
            break
    rng.shuffle(numbers)
    answer = expression.text()
    return Problem(
        question=twenty_four.ask(rng, numbers=listing([str(number) for number in numbers])),
        answer=answer,
        spec=checked_by("countdown", numbers=numbers, target=24, use_all=True),
        solution=_worked(expression),
        given={"numbers": numbers},
        key=("twenty_four", *sorted(numbers)),
    )


def _split(rng: random.Random, value: int, count: int, largest: int) -> Expression:
    """An expression of `count` numbers with this value; numbers above `largest` are possible."""
    if count == 1:
        return Expression(value)
    beside = rng.randint(1, count - 1)
    operation = rng.choice("++--***/")
    if operation == "*":
        factors = [d for d in range(2, min(value, 13)) if value % d == 0]
        if factors:
            factor = rng.choice(factors)
            pair = (factor, value // factor)
        else:
            operation = "-"
    if operation == "+" and value < 2:
        operation = "-"
    if operation == "/":
        b = rng.randint(2, 6)
        pair = (value * b, b)
    elif operation == "+":
        a = rng.randint(1, value - 1)
        pair = (a, value - a)
    elif operation == "-":
        b = rng.randint(1, largest)
        pair = (value + b, b)
    left = _split(rng, pair[0], count - beside, largest)
    return Expression(value, operation, left, _split(rng, pair[1], beside, largest))


def _leaves(expression: Expression) -> Iterator[int]:
    if expression.left is None or expression.right is None:
        yield expression.value
    else:
        yield from _leaves(expression.left)
        yield from _leaves(expression.right)


def _varied(expression: Expression) -> bool:
    """Whether not all operations are additions and subtractions."""
    return any(sign in expression.text() for sign in "*/")


@twenty_four.proof
def _twenty_four(given: Given) -> str:
    return _found(given["numbers"], 24, all_of_them=True)


@twenty_four.variants
def _twenty_four_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    same = [f"{answer} = 24", f"({answer})", answer.replace("*", r"\times"), answer.replace(" ", "")]
    return same, [f"({answer}) * 1 + 0", f"{answer} + 1", f"({answer})/({answer}) * 24"]


def _found(numbers: Sequence[int], target: int, all_of_them: bool) -> str:
    """An expression of the numbers with the value `target`, every part of it a positive integer.

    Complete: what a set of up to three numbers can make is listed; a larger set is split in two, the
    smaller part made in every way, and the other part searched for what is still missing.
    """
    search = _Search(numbers)
    for members in sorted(range(1, 1 << len(numbers)), key=int.bit_count, reverse=all_of_them):
        if (not all_of_them or members.bit_count() == len(numbers)) and (
            found := search.expression(members, target)
        ):
            return found
    raise ValueError("no expression has this value")


class _Search:
    """Sets of numbers as bits, with what was found out about them."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers
        self.tables: dict[int, dict[int, str]] = {}
        self.failed: set[tuple[int, int]] = set()

    def table(self, members: int) -> dict[int, str]:
        """All values of expressions of exactly these numbers, each with an expression in brackets."""
        if members not in self.tables:
            place = members.bit_length() - 1
            made = {self.numbers[place]: str(self.numbers[place])} if members == 1 << place else {}
            for part, rest in _halves(members):
                for a, first in self.table(part).items():
                    for b, second in self.table(rest).items():
                        for value, sign in ((a + b, "+"), (a * b, "*"), (a - b, "-")):
                            if value > 0:
                                made.setdefault(value, f"({first} {sign} {second})")
                        if a % b == 0:
                            made.setdefault(a // b, f"({first} / {second})")
            self.tables[members] = made
        return self.tables[members]

    def expression(self, members: int, target: int) -> str | None:
        if members.bit_count() <= 3:
            return self.table(members).get(target)
        if (members, target) in self.failed:
            return None
        for part, rest in _halves(members):
            if part.bit_count() > rest.bit_count() or part.bit_count() > 3:
                continue
            for a, first in self.table(part).items():
                for missing, form in _missing(target, a):
                    if found := self.expression(rest, missing):
                        return "(" + form.format(first, found) + ")"
        self.failed.add((members, target))
        return None


def _halves(members: int) -> Iterator[tuple[int, int]]:
    """Every way to split a set into two sets that are not empty, in both orders."""
    part = (members - 1) & members
    while part:
        yield part, members ^ part
        part = (part - 1) & members


def _missing(target: int, a: int) -> Iterator[tuple[int, str]]:
    """Each number that makes `target` together with `a`, and how."""
    if target > a:
        yield target - a, "{0} + {1}"
    if a > target:
        yield a - target, "{0} - {1}"
    yield target + a, "{1} - {0}"
    if target % a == 0:
        yield target // a, "{0} * {1}"
    yield target * a, "{1} / {0}"
    if a % target == 0:
        yield a // target, "{0} / {1}"
