"""Letters, initials, palindromes, repeated words and lines, exact phrases."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import pairwise

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural
from verifiers.constraints.matching import quoted
from verifiers.constraints.readers import letter, line, sign
from verifiers.constraints.text import folded, lines, plain, words


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
        low, high = self.limits()
        found: dict[str, Range] = {f"letter {self.letter.lower()}": (low, high)}
        return found | ({"characters": (low, None)} if low else {})

    def required(self) -> tuple[tuple[str, ...], ...]:
        cases = (self.letter.lower(), self.letter.upper())
        return (cases,) if self.limits()[0] else ()

    def permits(self, text: str) -> bool:
        high = self.limits()[1]
        return high is None or count_letter(self.letter, text) <= high


@dataclass(frozen=True)
class NoLetter(Constraint):
    """A lipogram: one letter is not used at all, in neither case nor in a variant such as `ⓔ`."""

    id = "keywords:no_letter"
    letter: str = parameter(letter, draw_letter)

    def describe(self) -> str:
        return f"Do not use the letter {self.letter} in your response, neither small nor capital."

    def judge(self, response: str) -> tuple[bool, str]:
        found = max(count_letter(self.letter, response), count_letter(self.letter, plain(response)))
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


_PALINDROMES = ("level", "noon", "radar", "civic", "kayak", "refer", "madam", "rotor", "tenet", "stats")
_LEAST_LETTERS = 3


def is_palindrome(word: str) -> bool:
    """Whether a word of three letters or more is the same backwards, without case and apostrophes."""
    said = [sign for sign in folded(word) if sign.isalpha()]
    return len(said) >= _LEAST_LETTERS and said == said[::-1]


@dataclass(frozen=True)
class Palindromes(Counted):
    """How many words are the same backwards; one that comes again counts again."""

    id = "keywords:palindromes"
    noun = "palindrome"
    usual = (1, 6)
    measured = "palindromes"

    def counted(self) -> str:
        return f"palindrome of at least {_LEAST_LETTERS} letters"

    def describe(self) -> str:
        return super().describe()[:-1] + ", such as level."

    def measure(self, response: str) -> int:
        return sum(map(is_palindrome, words(response)))

    def draft(self, rng: random.Random, count: int) -> str:
        said = fill.words(rng, rng.randint(3, 9), lambda word: not is_palindrome(word))
        return fill.words_as_prose(rng, fill.spread(rng, said, rng.choices(_PALINDROMES, k=count)))

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {"words": (self.limits()[0], None)}

    def permits(self, text: str) -> bool:
        high = self.limits()[1]
        return high is None or self.measure(text) <= high


@dataclass(frozen=True)
class NoRepeatedLines(Constraint):
    """No line that says something occurs twice, without regard to case."""

    id = "keywords:no_repeated_lines"

    def describe(self) -> str:
        return "Do not write any line more than once in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        said = [folded(line) for line in lines(response) if any(map(str.isalnum, line))]
        seen: set[str] = set()
        for each in said:
            if each in seen:
                return False, f"the line {quoted(each[:40])} is repeated"
            seen.add(each)
        return True, f"{plural(len(said), 'line')}, none repeated"

    def satisfy(self, rng: random.Random) -> str:
        return "\n".join(map(str.capitalize, fill.different(rng, rng.randint(1, 9))))

    def violate(self, rng: random.Random) -> str:
        said = self.satisfy(rng).split("\n")
        return "\n".join(fill.spread(rng, said, [rng.choice(said).upper()]))

    def permits(self, text: str) -> bool:
        return self.judge(text)[0]


@dataclass(frozen=True)
class AdjacentInitials(Constraint):
    """No two words that stand beside each other start with the same letter, without regard to case."""

    id = "keywords:adjacent_initials"
    places = frozenset({"initials"})

    def describe(self) -> str:
        return "No two neighbouring words of your response may start with the same letter."

    def judge(self, response: str) -> tuple[bool, str]:
        found = words(response)
        initials = [folded(word[0]) for word in found]
        for place, (left, right) in enumerate(pairwise(initials)):
            if left == right:
                pair = quoted(found[place][:40], found[place + 1][:40])
                return False, f"{pair} start with the same letter"
        return True, f"{plural(len(found), 'word')}, no neighbours with the same initial"

    def satisfy(self, rng: random.Random) -> str:
        said = [fill.word(rng)]
        for _ in range(rng.randint(0, 12)):
            initial = said[-1][0]
            said.append(fill.word(rng, lambda word, of=initial: word[0] != of))  # type: ignore[misc]
        return fill.words_as_prose(rng, said)

    def violate(self, rng: random.Random) -> str:
        said = self.satisfy(rng)
        return f"{said} {words(said)[-1][0].upper()}{fill.word(rng)}."

    def permits(self, text: str) -> bool:
        return self.judge(text)[0]


KINDS: tuple[type[Constraint], ...] = (
    Letter,
    NoLetter,
    Initials,
    AdjacentInitials,
    Palindromes,
    NoRepeats,
    NoRepeatedLines,
    Phrase,
)
