"""Letters, initials, repeated words, exact phrases."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural, span
from verifiers.constraints.matching import quoted
from verifiers.constraints.readers import letter, line, sign
from verifiers.constraints.text import folded, words


def count_letter(of: str, text: str) -> int:
    """How often a character occurs, in either case."""
    cases = {of, of.lower(), of.upper()}
    return sum(text.count(each) for each in cases if len(each) == 1)


def draw_letter(rng: random.Random) -> str:
    return rng.choice(fill.LETTERS)


@dataclass(frozen=True)
class Letter(Counted):
    """How often a character occurs, in either case. It may be a sign that is no letter, such as `#`."""

    id = "keywords:letter"
    noun = "occurrence"
    usual = (1, 12)
    letter: str = parameter(sign, draw_letter)

    def counted(self) -> str:
        return (
            f"occurrence of the letter {self.letter}"
            if self.letter.isalpha()
            else f"occurrence of {self.letter}"
        )

    def measure(self, response: str) -> int:
        return count_letter(self.letter, response)

    def draft(self, rng: random.Random, count: int) -> str:
        said = fill.words(rng, rng.randint(2, 8), lambda word: not count_letter(self.letter, word))
        text = fill.words_as_prose(rng, said)
        if count_letter(self.letter, text):  # the full stop itself is counted
            text = " ".join(said)
        return " ".join(fill.spread(rng, text.split(), [self.letter] * count))

    def ranges(self) -> dict[str, Range]:
        low, high = span(self.relation, self.count)
        found: dict[str, Range] = {f"letter {self.letter.lower()}": (low, high)}
        return found | ({"characters": (low, None)} if low else {})

    def required(self) -> tuple[tuple[str, ...], ...]:
        cases = (self.letter.lower(), self.letter.upper())
        return (cases,) if span(self.relation, self.count)[0] else ()

    def permits(self, text: str) -> bool:
        high = span(self.relation, self.count)[1]
        return high is None or count_letter(self.letter, text) <= high


@dataclass(frozen=True)
class NoLetter(Constraint):
    """A lipogram: one letter is not used at all, in neither case."""

    id = "keywords:no_letter"
    letter: str = parameter(letter, draw_letter)

    def describe(self) -> str:
        return f"Do not use the letter {self.letter} in your response, neither small nor capital."

    def judge(self, response: str) -> tuple[bool, str]:
        found = count_letter(self.letter, response)
        return not found, f"{plural(found, 'occurrence')} of the letter {self.letter}"

    def satisfy(self, rng: random.Random) -> str:
        return fill.sentence(rng, None, self.permits)

    def violate(self, rng: random.Random) -> str:
        said = fill.words(rng, 5, self.permits)
        return fill.closed(fill.spread(rng, said, [self.letter]))

    def ranges(self) -> dict[str, Range]:
        return {f"letter {self.letter}": (0, 0)}

    def permits(self, text: str) -> bool:
        return not count_letter(self.letter, text)


@dataclass(frozen=True)
class Initials(Constraint):
    """Every word starts with the same letter, in either case, and there is at least one word."""

    id = "keywords:initials"
    places = frozenset({"initials"})
    letter: str = parameter(letter, lambda rng: rng.choice("abcdefghijklmnoprstwy"))

    def describe(self) -> str:
        return f"Every word of your response must start with the letter {self.letter}."

    def judge(self, response: str) -> tuple[bool, str]:
        found = words(response)
        wrong = next((word for word in found if word[0].lower() != self.letter), None)
        if wrong is not None:
            return False, f"the word {quoted(wrong[:40])} starts with another letter"
        return bool(found), f"{plural(len(found), 'word')}, each with the initial {self.letter}"

    def satisfy(self, rng: random.Random) -> str:
        own = [word for word in fill.POOL if word[0] == self.letter] or [self.letter]
        return fill.closed([rng.choice(own) for _ in range(rng.randint(1, 6))])

    def violate(self, rng: random.Random) -> str:
        other = fill.word(rng, lambda word: word[0] != self.letter)
        return f"{self.satisfy(rng)[:-1]} {other}."

    def ranges(self) -> dict[str, Range]:
        return {"words": (1, None)}

    def permits(self, text: str) -> bool:
        return all(word[0].lower() == self.letter for word in words(text))


@dataclass(frozen=True)
class NoRepeats(Constraint):
    """No word occurs twice, without regard to case."""

    id = "keywords:no_repeats"

    def describe(self) -> str:
        return "Do not use any word more than once in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        seen: set[str] = set()
        for word in map(folded, words(response)):
            if word in seen:
                return False, f"the word {quoted(word[:40])} is repeated"
            seen.add(word)
        return True, f"{plural(len(seen), 'word')}, none repeated"

    def satisfy(self, rng: random.Random) -> str:
        return fill.words_as_prose(rng, fill.different(rng, rng.randint(1, 30)))

    def violate(self, rng: random.Random) -> str:
        said = fill.different(rng, rng.randint(1, 20))
        return fill.words_as_prose(rng, fill.spread(rng, said, [rng.choice(said)]))

    def ranges(self) -> dict[str, Range]:
        return {"most frequent word": (0, 1)}

    def permits(self, text: str) -> bool:
        return self.judge(text)[0]


@dataclass(frozen=True)
class Phrase(Constraint):
    """A phrase occurs exactly as it is written, up to white space."""

    id = "keywords:phrase"
    phrase: str = parameter(line, lambda rng: " ".join(fill.words(rng, rng.randint(2, 4))).capitalize())

    def describe(self) -> str:
        return f"Include exactly this phrase in your response: {self.phrase}"

    def judge(self, response: str) -> tuple[bool, str]:
        found = self._normal(self.phrase) in self._normal(response)
        return found, f"the phrase {quoted(self.phrase)} {'was' if found else 'was not'} found"

    @staticmethod
    def _normal(text: str) -> str:
        return re.sub(r"\s+", " ", text)

    def satisfy(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)} {self.phrase} {fill.sentence(rng)}"

    def violate(self, rng: random.Random) -> str:
        texts = (f"{fill.prose(rng)} {self.phrase[:-1]}- {fill.sentence(rng)}", "...", "-", "xyz")
        return next(text for text in texts if not self.judge(text)[0])

    def ranges(self) -> dict[str, Range]:
        return {"words": (len(words(self.phrase)), None), "characters": (len(self.phrase), None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((self.phrase,),)


KINDS: tuple[type[Constraint], ...] = (Letter, NoLetter, Initials, NoRepeats, Phrase)
