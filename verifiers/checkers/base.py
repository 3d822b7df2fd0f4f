"""What every checker has: a name, validated parameters, and `check(answer) -> Outcome`.

A checker accepts whatever satisfies the problem's conditions, so it needs no gold answer. This file knows
no mathematics: `readers.py` reads parameters and answers, the other files test the witnesses.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, ClassVar

from schemas.errors import UserError, unknown_name
from verifiers.comparing.forms import SeveralValuesError
from verifiers.comparing.terms import NotScalarError
from verifiers.parsing.token import UnreadableError
from verifiers.verdict import Outcome

#: Longer answers are refused unread; a checker of grids allows more, see `max_answer`.
MAX_ANSWER = 4096
#: What the symbolic stage of `comparing.equal` may take, for every value a checker compares.
DEADLINE_S = 0.2


class RefusedError(Exception):
    """An answer that is settled before its conditions are looked at: `outcome` says how."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def accepted(reason: str, **witness: Any) -> Outcome:
    """The conditions hold; `witness` is what was checked."""
    return Outcome(True, "checker", reason, witness=witness or None)


def rejected(reason: str, **witness: Any) -> Outcome:
    """A condition is violated, the one that `reason` names."""
    return Outcome(False, "checker", reason, witness=witness or None)


def undecided(reason: str, **witness: Any) -> Outcome:
    """Nothing was shown within the budget, which says nothing about the answer."""
    return Outcome(None, "checker", reason, status="timeout", witness=witness or None)


def malformed(reason: str) -> RefusedError:
    """The answer cannot be read. To be raised."""
    return RefusedError(Outcome(False, "checker", reason, status="malformed"))


def wrong_form(reason: str) -> RefusedError:
    """The answer restates the question, or leaves its work undone. To be raised."""
    return RefusedError(Outcome(False, "checker", reason, status="wrong_form"))


def violated(reason: str, **witness: Any) -> RefusedError:
    """A condition is violated. To be raised, where `rejected` cannot be returned."""
    return RefusedError(rejected(reason, **witness))


@dataclass(frozen=True, slots=True)
class Example:
    """Parameters, an answer that satisfies them, and answers that nearly do."""

    parameters: dict[str, Any]
    right: str
    wrong: tuple[str, ...]


#: What a parameter may raise that does not say what it should.
_UNREAD = (ValueError, UnreadableError, RefusedError, ArithmeticError)

#: Turns a JSON value into what the field holds; raises `ValueError` saying what it should be.
Reader = Callable[[Any], Any]


def parameter(read: Reader, default: Any = MISSING) -> Any:
    """A field of a checker, read from JSON by `read`. Without a default it is required."""
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True)
class Checker(ABC):
    """One kind of condition an answer can be tested against. Subclasses are frozen dataclasses.

    Making one raises `UserError` for parameters that do not say what they should. `check` never raises.
    """

    name: ClassVar[str]
    #: In characters.
    max_answer: ClassVar[int] = MAX_ANSWER

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, _read(self.name, each, getattr(self, each.name)))
        try:
            self.validate()
        except _UNREAD as error:
            raise UserError(f"the checker '{self.name}': {error}") from error

    def validate(self) -> None:  # noqa: B027 (most checkers have nothing to add)
        """Raises `ValueError` when the parameters contradict each other."""

    def check(self, answer: str) -> Outcome:
        """Whether `answer` satisfies the conditions; the outcome's method is the checker's name.

        `same` is True or False; with status "malformed" the answer cannot be read, with "wrong_form" it
        restates the question or leaves work undone, with "timeout" the budget was too small to tell.
        """
        answer = answer.strip()
        if not answer or len(answer) > self.max_answer:
            what = f"longer than {self.max_answer} characters" if answer else "the answer is empty"
            return Outcome(False, self.name, what, status="malformed")
        try:
            outcome = self.judge(answer)
        except RefusedError as refusal:
            outcome = refusal.outcome
        except (UnreadableError, NotScalarError, SeveralValuesError, ArithmeticError) as error:
            outcome = malformed(str(error)).outcome
        except RecursionError:
            outcome = malformed("nested too deeply to be checked").outcome
        return replace(outcome, method=self.name)

    @abstractmethod
    def judge(self, answer: str) -> Outcome:
        """`check` without its net: may raise `RefusedError` and what the parser raises."""

    @classmethod
    @abstractmethod
    def example(cls, rng: random.Random) -> Example:
        """A small problem of this kind, with a right answer and near misses, for tests and docs."""


def made(kind: type[Checker], parameters: Mapping[str, Any]) -> Checker:
    """The checker of `kind` with JSON `parameters`; `UserError` for a missing or an unknown one."""
    known = {each.name: each for each in fields(kind)}
    for key in parameters:
        if key not in known:
            raise unknown_name(f"parameter of the checker '{kind.name}':", str(key), known)
    for key, each in known.items():
        if each.default is MISSING and parameters.get(key) is None:
            raise UserError(f"the checker '{kind.name}' lacks the parameter '{key}'", mend=f"add '{key}'")
    return kind(**{key: value for key, value in parameters.items() if value is not None})


def _read(name: str, of: Field[Any], value: Any) -> Any:
    if value is None and of.default is None:
        return None
    try:
        return of.metadata["read"](value)
    except _UNREAD as error:
        shown = repr(value) if len(repr(value)) < 80 else repr(value)[:77] + "..."
        raise UserError(f"the checker '{name}': its {of.name} is {shown}", mend=f"{error}") from error
