"""Knights and knaves: who says something true is a knight, and only he is."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from verifiers.checkers.base import Checker, Example, accepted, parameter, rejected
from verifiers.checkers.dpll import satisfied
from verifiers.checkers.logic import holds
from verifiers.checkers.readers import flag, mapped, read_formula, text
from verifiers.checkers.roles import read_roles
from verifiers.comparing.logic import letters
from verifiers.parsing.tree import Call, Node, Symbol
from verifiers.verdict import Outcome


@dataclass(frozen=True)
class KnightsAndKnaves(Checker):
    """Who is a knight, whose statements are true, and who a knave, whose statements are false.

    `statements` maps each person to a formula (or "" for silence) in which the name A says that A is a
    knight. `truthful` and `lying` are the names of the two roles. With `unique` a puzzle that has not
    exactly one solution is refused. Read: `A is a knight, B: knave`. For more roles see `truth_tellers`.
    """

    statements: tuple[tuple[str, str], ...] = parameter(
        mapped(lambda value: "" if value == "" else text(value), 26)
    )
    truthful: str = parameter(text, "knight")
    lying: str = parameter(text, "knave")
    unique: bool = parameter(flag, False)

    name: ClassVar[str] = "knights_and_knaves"

    def validate(self) -> None:
        everybody = dict.fromkeys((person for person, _ in self.statements), True)
        for person in everybody:
            if not re.fullmatch(r"[A-Za-z]\w*", person) or everybody.keys() & {person.lower()} - {person}:
                raise ValueError("use different names of letters and digits")
        fits = self.trees()
        for person, tree in fits.items():
            unknown = letters(tree) - set(everybody)
            if unknown:
                raise ValueError(f"{person} speaks of {', '.join(sorted(unknown))}, who makes no statement")
            holds(tree, everybody)
        if self.unique:
            self.only_solution()

    def trees(self) -> dict[str, Node]:
        """For everybody who says something, what must be true: it is true just if a knight says it."""
        names = frozenset(person for person, _ in self.statements)
        said = {person: read_formula(text, names) for person, text in self.statements if text}
        return {person: Call("iff", (Symbol(person), tree)) for person, tree in said.items()}

    def only_solution(self) -> None:
        """Raises `ValueError` where there is another solution, or none."""
        fits = list(self.trees().values())
        found = satisfied(fits)
        if not found:
            raise ValueError("the puzzle has no solution" if found is False else "the puzzle is too large")
        silent = {person for person, _ in self.statements} - set(found)
        same = [
            Symbol(person) if knight else Call("not", (Symbol(person),)) for person, knight in found.items()
        ]
        if silent or satisfied([*fits, Call("not", (Call("and", tuple(same)),))]) is not False:
            raise ValueError("the puzzle has more than one solution")

    def judge(self, answer: str) -> Outcome:
        people = tuple(person for person, _ in self.statements)
        shown = read_roles(answer, people, (self.truthful, self.lying))
        roles = {person: role == self.truthful for person, role in shown.items()}
        said, fits = dict(self.statements), self.trees()
        for person, tree in fits.items():
            if not holds(tree, roles):
                claim = "false" if roles[person] else "true"
                reason = f"{person} would be a {shown[person]} whose statement {said[person]} is {claim}"
                return rejected(reason, roles=shown)
        return accepted("every statement fits its speaker", roles=shown)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        people = rng.sample(["A", "B", "C", "D"], 3)
        roles = {person: rng.random() < 0.5 for person in people}
        statements = {p: _true_or_false(p, people, roles) for p in people}
        names = [f"{p} is a {'knight' if roles[p] else 'knave'}" for p in people]
        flipped = [f"{p} is a {'knave' if roles[p] else 'knight'}" for p in people]
        wrong = (
            ", ".join([flipped[0], *names[1:]]),
            ", ".join([*names[:2], flipped[2]]),
            ", ".join(names[:2]),
            ", ".join([*names, flipped[0]]),
            ", ".join(p for p in people),
        )
        return Example({"statements": statements}, ", ".join(names), wrong)


def _true_or_false(person: str, people: list[str], roles: Mapping[str, bool]) -> str:
    """What only this assignment of roles lets a person say: all of it, or for a knave its opposite."""
    said = " & ".join((each if roles[each] else f"~{each}") for each in people)
    return said if roles[person] else f"~({said})"
