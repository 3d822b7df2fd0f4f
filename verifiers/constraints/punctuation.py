"""Punctuation marks and digits."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural
from verifiers.constraints.matching import quoted
from verifiers.constraints.readers import one_of, several, sign
from verifiers.constraints.text import plain, sentences

#: The comma and what is a comma in Chinese, Arabic and Japanese.
COMMAS = (",", "，", "،", "、")


@dataclass(frozen=True)
class NoCommas(Constraint):
    """No comma at all, also none within a number."""

    id = "punctuation:no_commas"

    def describe(self) -> str:
        return "Do not use any commas in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        found = sum(map(plain(response).count, COMMAS))
        return not found, plural(found, "comma")

    def satisfy(self, rng: random.Random) -> str:
        return fill.prose(rng)

    def violate(self, rng: random.Random) -> str:
        return ", ".join(fill.words(rng, rng.randint(2, 4)))

    def permits(self, text: str) -> bool:
        return not any(comma in text for comma in COMMAS)


def _marks(rng: random.Random) -> tuple[str, ...]:
    return tuple(rng.sample("!?;:,-()", rng.randint(1, 3)))


@dataclass(frozen=True)
class NoMarks(Constraint):
    """None of the given signs occurs."""

    id = "punctuation:exclude"
    marks: tuple[str, ...] = parameter(several(sign), _marks)

    def describe(self) -> str:
        noun = "this sign" if len(self.marks) == 1 else "any of these signs"
        return f"Do not use {noun} in your response: {' '.join(self.marks)}"

    def judge(self, response: str) -> tuple[bool, str]:
        found = [mark for mark in self.marks if mark in response]
        return not found, f"found {' '.join(found)}" if found else "no forbidden sign found"

    def satisfy(self, rng: random.Random) -> str:
        texts = (fill.prose(rng), " ".join(fill.words(rng, 4, self.permits)), *"0-x.!")
        return next(text for text in texts if self.permits(text))

    def violate(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)} {rng.choice(self.marks)} {fill.prose(rng)}"

    def permits(self, text: str) -> bool:
        return not any(mark in text for mark in self.marks)


@dataclass(frozen=True)
class MarkCount(Counted):
    """How often a sign occurs."""

    id = "punctuation:count"
    noun = "sign"
    usual = (1, 6)
    mark: str = parameter(sign, lambda rng: rng.choice("!?;:,-"))

    def counted(self) -> str:
        return f"occurrence of the sign {self.mark}"

    def measure(self, response: str) -> int:
        return response.count(self.mark)

    def draft(self, rng: random.Random, count: int) -> str:
        texts = (
            fill.sentence(rng),
            " ".join(fill.words(rng, 4, lambda word: self.mark not in word)),
            "0",
            "1",
        )
        base = next(text for text in texts if self.mark not in text)
        return " ".join(fill.spread(rng, base.split(), [self.mark] * count))

    def ranges(self) -> dict[str, Range]:
        low, high = self.limits()
        return {f"sign {self.mark}": (low, high), "characters": (low, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((self.mark,),) if self.limits()[0] else ()

    def permits(self, text: str) -> bool:
        high = self.limits()[1]
        return high is None or text.count(self.mark) <= high


_STOPS = ".?!"
_AFTER = "\"'”’»)]*_ "


@dataclass(frozen=True)
class SentenceEnds(Constraint):
    """Every sentence ends with the same stop, and there is at least one sentence."""

    id = "punctuation:sentence_ends"
    places = frozenset({"sentence ends"})
    mark: str = parameter(one_of(*_STOPS), lambda rng: rng.choice(_STOPS))

    def describe(self) -> str:
        return f"Every sentence of your response must end with {quoted(self.mark)}."

    def judge(self, response: str) -> tuple[bool, str]:
        found = sentences(response)
        for number, each in enumerate(found, 1):
            if not each.rstrip(_AFTER).endswith(self.mark):
                return False, f"sentence {number} ends otherwise"
        return bool(found), f"all of {plural(len(found), 'sentence')} end so"

    def satisfy(self, rng: random.Random) -> str:
        return fill.prose(rng).replace(".", self.mark)

    def violate(self, rng: random.Random) -> str:
        return f"{self.satisfy(rng)} {fill.sentence(rng)[:-1]}{'.' if self.mark != '.' else '!'}"

    def ranges(self) -> dict[str, Range]:
        return {"sentences": (1, None)}

    def permits(self, text: str) -> bool:
        return not text.rstrip(_AFTER).endswith(tuple(stop for stop in _STOPS if stop != self.mark))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((self.mark,),)


@dataclass(frozen=True)
class NoDigits(Constraint):
    """No digit of any script."""

    id = "content:no_digits"

    def describe(self) -> str:
        return "Do not use any digits in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        found = sum(map(str.isdigit, response))
        return not found, plural(found, "digit")

    def satisfy(self, rng: random.Random) -> str:
        return fill.prose(rng)

    def violate(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)} {rng.randint(0, 999)}"

    def ranges(self) -> dict[str, Range]:
        return {"numbers": (0, 0)}

    def permits(self, text: str) -> bool:
        return not any(map(str.isdigit, text))


_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


@dataclass(frozen=True)
class Numbers(Counted):
    """How many numbers are written in digits; `3.14`, `1,000` and `12:30` are one each."""

    id = "content:numbers"
    noun = "number"
    usual = (1, 6)
    measured = "numbers"

    def describe(self) -> str:
        return super().describe()[:-1] + ", written in digits."

    def measure(self, response: str) -> int:
        return sum(1 for _ in _NUMBER.finditer(response))

    def draft(self, rng: random.Random, count: int) -> str:
        pieces = [rng.choice(("7", "3.14", "1,000", "12:30", str(rng.randint(0, 999)))) for _ in range(count)]
        return " ".join(fill.spread(rng, fill.sentence(rng).split(), pieces))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (tuple("123456789"),) if self.limits()[0] else ()

    def permits(self, text: str) -> bool:
        high = self.limits()[1]
        return high is None or self.measure(text) <= high


KINDS: tuple[type[Constraint], ...] = (NoCommas, NoMarks, MarkCount, SentenceEnds, NoDigits, Numbers)
