"""What every constraint has: an id, validated parameters, a description, a check, and texts for both sides.

Knows no constraint; the files beside it define them and `registry.py` names them all.
"""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar

from schemas.errors import UserError, unknown_name
from verifiers.constraints.text import visible
from verifiers.verdict import Verdict

#: In characters; longer responses are malformed unread.
MAX_RESPONSE = 1 << 22

#: Turns a JSON value into what the field holds; raises `ValueError` saying what it should be.
Reader = Callable[[Any], Any]
Draw = Callable[[random.Random], Any]
#: Least and greatest value of a measure; None is no limit.
Range = tuple[int, "int | None"]
Kind = TypeVar("Kind", bound="Constraint")


def parameter(
    read: Reader, draw: Draw, default: Any = MISSING, *, hashed: bool = True, named: bool = False
) -> Any:
    """A field read from JSON by `read`; `draw` makes a typical value of it. Required without a default.

    A `named` one is given by keyword only, so that a subclass may add required ones after it.
    """
    return field(default=default, hash=hashed, kw_only=named, metadata={"read": read, "draw": draw})


@dataclass(frozen=True)
class Constraint(ABC):
    """One verifiable instruction about the text of a response. Subclasses are frozen dataclasses.

    Making one raises `UserError` for parameters that do not say what they should.
    """

    id: ClassVar[str]
    #: Ids that may stand beside this one, where it shapes the whole response; None is any.
    beside: ClassVar[frozenset[str] | None] = None
    #: Places this one decides alone (`start`, `end`, ...): two that claim one place conflict.
    places: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, _read(self.id, each, getattr(self, each.name)))
        try:
            self.validate()
        except ValueError as error:
            raise UserError(f"the constraint '{self.id}': {error}") from error

    def validate(self) -> None:  # noqa: B027 (most constraints have nothing to add)
        """Raises `ValueError` when the parameters contradict each other."""

    @abstractmethod
    def describe(self) -> str:
        """The instruction as a sentence for a prompt."""

    @abstractmethod
    def judge(self, response: str) -> tuple[bool, str]:
        """Whether a response that is not blank follows the instruction, and what was found in it."""

    @abstractmethod
    def satisfy(self, rng: random.Random) -> str:
        """A text that follows the instruction."""

    @abstractmethod
    def violate(self, rng: random.Random) -> str:
        """A text that does not follow it, where possible by little."""

    def check(self, response: str) -> Verdict:
        """Correct, incorrect, or malformed when the response is blank or longer than `MAX_RESPONSE`.

        The method is the constraint's id and the reason says what was counted. What no reader sees does not
        count either, see `text.visible`. Never raises for a text.
        """
        started = time.perf_counter_ns()
        if len(response) > MAX_RESPONSE:
            return Verdict("malformed", self.id, f"longer than {MAX_RESPONSE} characters")
        response = visible(response)
        if not response.strip():
            return Verdict("malformed", self.id, "the response is empty")
        followed, reason = self.judge(response)
        verdict = Verdict("correct" if followed else "incorrect", self.id, reason)
        return replace(verdict, microseconds=(time.perf_counter_ns() - started) // 1000)

    def claims(self) -> frozenset[str]:
        """The `places`, where they depend on the parameters."""
        return self.places

    def ranges(self) -> dict[str, Range]:
        """What following it implies for measures such as `words`: the least and the greatest number.

        Taken of responses whose marks hold words: a bullet point of a lone `!` is possible, and not counted.
        """
        return {}

    def required(self) -> tuple[tuple[str, ...], ...]:
        """Texts that must occur: of every inner tuple at least one."""
        return ()

    def permits(self, text: str) -> bool:
        """Whether a response that follows the instruction may hold `text`."""
        return True

    def conflicts_with(self, other: Constraint) -> bool:
        """Whether the two cannot be followed by one response. Symmetric.

        True where a contradiction shows. False is no proof that some response follows both: what takes
        three constraints to contradict, or more than words and ranges to see, is not found.
        They conflict when one shapes the whole response and the other is not among what it goes with, when
        both decide the same place differently, when a measure cannot be in both ranges, or when one
        requires a text that the other forbids.
        """
        if self == other:
            return False
        if self._excludes(other) or other._excludes(self):
            return True
        if self.claims() & other.claims():
            return True
        mine, theirs = self.ranges(), other.ranges()
        return any(_apart(mine[measure], theirs[measure]) for measure in mine.keys() & theirs.keys())

    def _excludes(self, other: Constraint) -> bool:
        if self.beside is not None and other.id not in self.beside:
            return True
        return any(not any(map(self.permits, texts)) for texts in other.required())

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: `id`, and every parameter that is not at its default."""
        row: dict[str, Any] = {"id": self.id}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.default is MISSING or value != each.default:
                row[each.name] = _plain(value)
        return row

    @classmethod
    def made(cls: type[Kind], parameters: Mapping[str, Any]) -> Kind:
        """One with these JSON parameters; `UserError` for a missing or unknown one.

        None is not given: a table whose rows have different parameters stores None for those of the others.
        """
        known = {each.name: each for each in fields(cls)}
        for key, value in parameters.items():
            if key not in known and value is not None:
                raise unknown_name(f"parameter of the constraint '{cls.id}':", str(key), known)
        for key, each in known.items():
            if each.default is MISSING and parameters.get(key) is None:
                raise UserError(f"the constraint '{cls.id}' lacks the parameter '{key}'", mend=f"add '{key}'")
        return cls(**{key: value for key, value in parameters.items() if value is not None})

    @staticmethod
    def from_dict(row: Mapping[str, Any]) -> Constraint:
        """The inverse of `as_dict`, for every kind: see `verifiers.constraints.constraint`."""
        from verifiers.constraints.registry import constraint

        return constraint(row)

    @classmethod
    def drawn(cls: type[Kind], rng: random.Random) -> Kind:
        """A typical one with random parameters."""
        return cls(**{each.name: each.metadata["draw"](rng) for each in fields(cls)})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _apart(left: Range, right: Range) -> bool:
    low = max(left[0], right[0])
    return any(high is not None and low > high for _, high in (left, right))


def _read(name: str, of: Field[Any], value: Any) -> Any:
    if value is None and of.default is None:
        return None
    try:
        return of.metadata["read"](value)
    except ValueError as error:
        shown = repr(value) if len(repr(value)) < 80 else repr(value)[:77] + "..."
        raise UserError(f"the constraint '{name}': its {of.name} is {shown}", mend=f"{error}") from error
