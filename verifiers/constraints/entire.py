"""Constraints on the response as a whole: two responses in one, one of the given options."""

from __future__ import annotations

import random
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import plural
from verifiers.constraints.matching import occurs, quoted
from verifiers.constraints.places import normal
from verifiers.constraints.readers import flag, line, several

DIVIDER = "******"
#: As in IFEval, and what else may be true of both responses.
_BESIDE_TWO = (
    "keywords:include keywords:exclude language:script format:title punctuation:no_commas case:lower"
    " case:upper content:no_digits"
)


@dataclass(frozen=True)
class TwoResponses(Constraint):
    """Two different responses with `******` between them, and no further one."""

    id = "combination:two_responses"
    beside = frozenset(_BESIDE_TWO.split())

    def describe(self) -> str:
        return f"Give two different responses, separated by six asterisks: {DIVIDER}"

    def judge(self, response: str) -> tuple[bool, str]:
        parts = [normal(part) for part in response.split(DIVIDER)]
        if not all(parts[1:-1]):
            return False, "nothing between two dividers"
        found = [part.strip("*").strip() for part in parts if part.strip("* ")]
        if len(found) == 2 and found[0] == found[1]:
            return False, "the two responses are the same"
        return len(found) == 2, plural(len(found), "response")

    def satisfy(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)}\n{DIVIDER}\n{fill.sentence(rng, 10)} {fill.word(rng)}"

    def violate(self, rng: random.Random) -> str:
        said = fill.prose(rng)
        joined = f"\n{DIVIDER}\n"
        return rng.choice((said, joined.join((said, said)), joined.join((said, fill.prose(rng, 4), "x"))))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((DIVIDER,),)


@dataclass(frozen=True)
class Options(Constraint):
    """The response is one of the options and nothing else; case and a final stop do not count.

    With `entire` false it may say more, but must hold exactly one of them.
    """

    id = "combination:options"
    beside = frozenset[str]()
    options: tuple[str, ...] = parameter(
        several(line, 2),
        lambda rng: tuple(f"My answer is {each}." for each in fill.different(rng, rng.randint(2, 4))),
    )
    entire: bool = parameter(flag, lambda rng: rng.random() < 0.7, True)

    def validate(self) -> None:
        if len({_core(option) for option in self.options}) < len(self.options):
            raise ValueError("two options differ only in case or stop")
        if not all(any(map(str.isalnum, option)) for option in self.options):
            raise ValueError("an option needs a letter or digit")

    def describe(self) -> str:
        only = "and with nothing else" if self.entire else "and name no other"
        return f"Answer with exactly one of these options, {only}: {quoted(*self.options)}."

    def judge(self, response: str) -> tuple[bool, str]:
        if self.entire:
            chosen = [option for option in self.options if _core(option) == _core(response)]
        else:
            chosen = [option for option in self.options if occurs(option, response)]
            # Of options that are part of one another the longest is meant.
            chosen = [
                each for each in chosen if not any(each != other and occurs(each, other) for other in chosen)
            ]
        return len(chosen) == 1, f"{plural(len(chosen), 'option')} chosen"

    def satisfy(self, rng: random.Random) -> str:
        return rng.choice(self.options)

    def violate(self, rng: random.Random) -> str:
        first, second = self.options[:2]
        texts = (f"{first}\n{second}", fill.prose(rng), "-") if not occurs(first, second) else ("-",)
        return next(text for text in texts if not self.judge(text)[0])

    def ranges(self) -> dict[str, Range]:
        return {"words": (1, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (self.options,)


def _core(text: str) -> str:
    return normal(text).strip('"“”*_ ').removesuffix(".")


KINDS: tuple[type[Constraint], ...] = (TwoResponses, Options)
