"""Whether a propositional formula can be true, beyond the letters a truth table has room for.

The formula is turned into clauses with a letter for each of its parts (Tseitin 1968) and searched with unit
propagation (Davis, Logemann and Loveland 1962) within a budget of steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from verifiers.parsing.tree import Call, Constant, Node, Relation, Sequence, Symbol, Truth

#: Literals looked at in one search: a few tenths of a second.
MAX_STEPS = 2_000_000
#: Parts of the formulas together.
MAX_PARTS = 20_000

Clause = tuple[int, ...]


class TooLargeError(ValueError):
    """The formulas have more parts than are searched."""


def satisfied(
    formulas: Iterable[Node], max_steps: int = MAX_STEPS
) -> dict[str, bool] | Literal[False] | None:
    """An assignment under which all formulas are true; False when there is none, None beyond the budget.

    Raises `ValueError` for what is no formula, `TooLargeError` for too many parts. Letters that do not
    matter are false.
    """
    clauses = _Clauses()
    for formula in formulas:
        clauses.add(clauses.literal(formula))
    found = _search(clauses.all, clauses.count, max_steps)
    if found is None or found is False:
        return found
    return {name: found.get(number, False) for name, number in clauses.letters.items()}


class _Clauses:
    """Clauses under which a literal is as true as the formula it stands for."""

    def __init__(self) -> None:
        self.all: list[Clause] = []
        self.letters: dict[str, int] = {}
        self.count = 0

    def new(self) -> int:
        self.count += 1
        if self.count > MAX_PARTS:
            raise TooLargeError(f"formulas of more than {MAX_PARTS} parts")
        return self.count

    def add(self, *literals: int) -> None:
        self.all.append(literals)

    def literal(self, tree: Node) -> int:
        match tree:
            case Truth(value):
                always = self.new()
                self.add(always)
                return always if value else -always
            case Symbol(name) | Constant(name):
                if name not in self.letters:
                    self.letters[name] = self.new()
                return self.letters[name]
            case Call("not", (inner,)):
                return -self.literal(inner)
            case Call("and", parts):
                return -self.either([-self.literal(part) for part in parts])
            case Call("or", parts):
                return self.either([self.literal(part) for part in parts])
            case Call("implies", (left, right)):
                return self.either([-self.literal(left), self.literal(right)])
            case Call("xor", parts):
                total = self.literal(parts[0])
                for part in parts[1:]:
                    total = self.differ(total, self.literal(part))
                return total
            case Call("iff", (left, right)) | Relation((left, right), ("=",)):
                return -self.differ(self.literal(left), self.literal(right))
            case Sequence((inner,), _, _):
                return self.literal(inner)
        raise ValueError(f"{type(tree).__name__} is not part of a proposition")

    def either(self, parts: list[int]) -> int:
        whole = self.new()
        self.add(-whole, *parts)
        for part in parts:
            self.add(whole, -part)
        return whole

    def differ(self, a: int, b: int) -> int:
        whole = self.new()
        for literals in ((-whole, a, b), (-whole, -a, -b), (whole, -a, b), (whole, a, -b)):
            self.add(*literals)
        return whole


def _search(clauses: list[Clause], count: int, steps: int) -> dict[int, bool] | Literal[False] | None:
    """A model of the clauses: letters are chosen in turn, and taken back when a clause has no way out."""
    where: dict[int, list[Clause]] = {}
    for clause in clauses:
        for literal in clause:
            where.setdefault(-literal, []).append(clause)  # what to look at when `-literal` becomes true
    values: dict[int, bool] = {}
    trail: list[int] = []
    choices: list[tuple[int, int]] = []  # (length of the trail before, the literal chosen)
    pending = [clause[0] for clause in clauses if len(clause) == 1]
    while True:
        steps, fine = _propagate(pending, values, trail, where, steps)
        if steps <= 0:
            return None
        if fine:
            free = next((letter for letter in range(1, count + 1) if letter not in values), None)
            if free is None:
                return values
            steps -= free
            choices.append((len(trail), free))
            pending = [free]
            continue
        while choices and choices[-1][1] < 0:
            choices.pop()
        if not choices:
            return False
        length, tried = choices.pop()
        for literal in trail[length:]:
            del values[abs(literal)]
        del trail[length:]
        choices.append((length, -tried))
        pending = [-tried]


def _propagate(
    pending: list[int],
    values: dict[int, bool],
    trail: list[int],
    where: dict[int, list[Clause]],
    steps: int,
) -> tuple[int, bool]:
    """Makes literals true, and what follows from them; the steps left, and False after a contradiction."""
    while pending:
        literal = pending.pop()
        known = values.get(abs(literal))
        if known is not None:
            if known is not (literal > 0):
                return steps, False
            continue
        values[abs(literal)] = literal > 0
        trail.append(literal)
        for clause in where.get(literal, ()):
            steps -= len(clause)
            open_: list[int] = []
            for other in clause:
                value = values.get(abs(other))
                if value is None:
                    open_.append(other)
                elif value is (other > 0):
                    break
            else:
                if not open_:
                    return steps, False
                if len(open_) == 1:
                    pending.append(open_[0])
        if steps <= 0:
            return 0, True
    return steps, True
