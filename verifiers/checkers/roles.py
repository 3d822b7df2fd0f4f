"""Who tells the truth? Puzzles of people with roles, of whom some always lie, some never, some as they like.

Every role a person may have is tried against what they say, so that a puzzle can be asked to have one
solution; an answer is tested alone.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.logic import holds, unlatexed
from verifiers.checkers.readers import flag, listed, mapped, one_of, text, whole
from verifiers.comparing.logic import letters
from verifiers.parsing.parse import parse
from verifiers.parsing.tree import Node
from verifiers.verdict import Outcome

#: All assignments of roles are tried up to so many.
MAX_TRIED = 5000
MAX_PEOPLE = 26
HABITS = ("truth", "lies", "either", "alternates")
_KNIGHTS = (("knight", "truth"), ("knave", "lies"))

#: Roles by person.
Roles = Mapping[str, str]


def _statements(value: Any) -> tuple[str, ...]:
    """What one person says: nothing, one formula, or several in their order."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    return listed(text, 0, 16)(value)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class TruthTellers(Checker):
    """A role for every person under which everybody speaks as their role does.

    `statements` maps a person to a formula, a list of them, or nothing. In a formula `Ann is a knave` and
    `I am not a spy` say a role, and `Ann` alone that she has the first one. `roles` maps each role to a
    habit: it tells the `truth`, it `lies`, it does `either`, or it `alternates` from one statement to the
    next, starting as it likes. `counts` says how many people have a role. With `unique` a puzzle that has
    not exactly one solution is refused. Read: `Ann is a knight, Bob: knave`, `Ann and Bob are knaves`.
    """

    statements: tuple[tuple[str, tuple[str, ...]], ...] = parameter(mapped(_statements, MAX_PEOPLE))
    roles: tuple[tuple[str, str], ...] = parameter(mapped(one_of(*HABITS), 8), _KNIGHTS)
    counts: tuple[tuple[str, int], ...] | None = parameter(mapped(whole(0, MAX_PEOPLE), 8), None)
    unique: bool = parameter(flag, False)

    name: ClassVar[str] = "truth_tellers"

    def validate(self) -> None:
        habits = dict(self.roles)
        for role, _ in self.counts or ():
            if role not in habits:
                raise ValueError(f"counts {role!r}, which is no role")
        names = [*self.people, *habits]
        if len({each.lower() for each in names}) < len(names) or not all(map(_NAME.fullmatch, names)):
            raise ValueError("people and roles must have different names of letters, digits and spaces")
        meanings(self)
        if self.unique and len(habits) ** len(self.people) > MAX_TRIED:
            raise ValueError(f"unique: more than {MAX_TRIED} assignments of roles to be tried")
        if self.unique and (count := len(solutions(self))) != 1:
            raise ValueError(f"the puzzle has {count} solutions")

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(person for person, _ in self.statements)

    def judge(self, answer: str) -> Outcome:
        roles = read_roles(answer, self.people, tuple(role for role, _ in self.roles))
        fault = self.fault(roles)
        if fault is not None:
            return rejected(fault, roles=dict(roles))
        return accepted("everybody speaks as their role does", roles=dict(roles))

    def fault(self, roles: Roles) -> str | None:
        """Why these roles do not fit; None when they do."""
        held = Counter(roles.values())
        for role, count in self.counts or ():
            if held[role] != count:
                return f"{held[role]} with the role {role}, not {count}"
        facts = {_letter(i, j): roles[p] == r for (i, p), (j, r) in _pairs(self)}
        habits = dict(self.roles)
        for person, said in self.statements:
            truths = [holds(tree, facts) for tree in meanings(self)[person]]
            if not _fits(habits[roles[person]], truths):
                shown = "; ".join(
                    f"{t} ({'true' if v else 'false'})" for t, v in zip(said, truths, strict=True)
                )
                return f"{person} would be a {roles[person]} and says {shown[:300]}"
        return None

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        people = rng.sample(["Ann", "Bob", "Cleo", "Dan"], 3)
        kinds = ["knight", "knave", "spy"]
        rng.shuffle(kinds)
        truth = dict(zip(people, kinds, strict=True))
        who = {kind: person for person, kind in truth.items()}
        statements = {
            who["knight"]: f"{who['spy']} is a spy and {who['knave']} is a knave",
            who["knave"]: f"{who['spy']} is a knight",
            who["spy"]: f"{who['knave']} is a knave",
        }
        parameters = {
            "statements": statements,
            "roles": {"knight": "truth", "knave": "lies", "spy": "either"},
            "counts": {"knight": 1, "knave": 1, "spy": 1},
            "unique": True,
        }
        right = ", ".join(f"{p} is a {truth[p]}" for p in people)
        swapped = right.replace("knight", "X").replace("spy", "knight").replace("X", "spy")
        wrong = (swapped, right.replace("spy", "knave"), right.rpartition(",")[0], f"{right}, Eve is a spy")
        return Example(parameters, right, wrong)


def _fits(habit: str, truths: list[bool]) -> bool:
    if habit == "truth":
        return all(truths)
    if habit == "lies":
        return not any(truths)
    return habit == "either" or all(a is not b for a, b in pairwise(truths))


def _pairs(of: TruthTellers) -> Iterator[tuple[tuple[int, str], tuple[int, str]]]:
    """Every person with every role, and their places in the lists."""
    yield from product(enumerate(of.people), enumerate(role for role, _ in of.roles))


@lru_cache(maxsize=64)
def meanings(of: TruthTellers) -> dict[str, list[Node]]:
    """What each person says, as trees whose letter `R_23` is that the person 2 has the role 3.

    Raises `ValueError` for a statement that is no formula about these people.
    """
    places = {person: i for i, person in enumerate(of.people)}
    roles = {role.lower(): j for j, (role, _) in enumerate(of.roles)}
    about = _alternatives([*places, "I"])  # in their own case, because a person may be called A
    what = rf"\s+(?:is|am)\s+(not\s+)?(?:(?:an?|the)\s+)?({_alternatives(roles)})\b"
    claim = re.compile(rf"\b((?-i:{about}))\b(?:{what})?", re.IGNORECASE)
    known = {_letter(i, j): True for (i, _), (j, _) in _pairs(of)}
    found: dict[str, list[Node]] = {}
    for speaker, said in of.statements:

        def letter(match: re.Match[str], speaker: str = speaker) -> str:
            person, negated, role = match.groups()
            number = roles[role.lower()] if role else 0
            place = places[person if person in places else speaker]
            return f"{'~' if negated else ''}R_{{{place * 10 + number}}}"

        found[speaker] = [parse(claim.sub(letter, each)) for each in said]
        for each, tree in zip(said, found[speaker], strict=True):
            if letters(tree) - set(known):
                raise ValueError(f"{speaker} says {each!r}, which is not about these people and roles")
            holds(tree, known)
    return found


def _letter(person: int, role: int) -> str:
    return f"R_{person * 10 + role}"


def _alternatives(names: Iterable[str]) -> str:
    """A pattern of names, longer ones first, because one may begin another."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=64)
def solutions(of: TruthTellers) -> list[Roles]:
    """Every assignment of roles that fits."""
    kinds = [role for role, _ in of.roles]
    tried = (dict(zip(of.people, chosen, strict=True)) for chosen in product(kinds, repeat=len(of.people)))
    return [roles for roles in tried if of.fault(roles) is None]


_NAME = re.compile(r"\w+(?: \w+)*")
_BETWEEN = re.compile(r"\s*(?:,|;|\n|\band\b|&|∧)\s*", re.IGNORECASE)
_SAID = re.compile(r"(\w[\w ]*?) ?(=|:|->|→|\bis\b|\bare\b| ) ?(?:(?:an?|the) )?(\w[\w ]*)", re.IGNORECASE)


def read_roles(answer: str, people: tuple[str, ...], roles: tuple[str, ...]) -> dict[str, str]:
    """The role of each person: `Ann is a knight, Bob: knave`, `Ann and Bob are knaves`."""
    by_name = {person.lower(): person for person in people}
    by_role = {role.lower(): role for role in roles} | {f"{role.lower()}s": role for role in roles}
    found: dict[str, str] = {}
    together: list[str] = []
    for part in filter(None, _BETWEEN.split(re.sub(r"[ \t]+", " ", unlatexed(answer)))):
        if part.lower() in by_name:
            together.append(by_name[part.lower()])
            continue
        match = _SAID.fullmatch(part) if len(part) < 200 else None
        who, verb, role = (each.lower() for each in match.groups()) if match else ("", "", "")
        if verb == " " and match and match.group(1) not in people:  # `a knave` is not what A is
            who = ""
        if who not in by_name or role not in by_role or (together and verb != "are"):
            raise malformed(f"{part[:40]!r} gives nobody a role")
        for person in (*together, by_name[who]):
            if found.setdefault(person, by_role[role]) != by_role[role]:
                raise malformed(f"two roles for {person}")
        together = []
    missing = [person for person in people if person not in found]
    if missing or together:
        raise malformed(f"no role for {', '.join(missing or together)}")
    return found
