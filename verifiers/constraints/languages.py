"""The language of a response by its script, and the case of its letters."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural
from verifiers.constraints.readers import share
from verifiers.constraints.scripts import (
    CASED,
    LANGUAGES,
    NEEDED,
    SAMPLES,
    letters_by_script,
    letters_of,
    script,
    share_of,
)
from verifiers.constraints.text import words

DEFAULT_SHARE = 0.8
#: Of the kana in Japanese, which are about half of any running text.
NEEDED_SHARE = 0.05


def language(value: Any) -> str:
    """A code of `LANGUAGES`, such as `ja`."""
    code = value.strip().lower() if isinstance(value, str) else ""
    if code not in LANGUAGES:
        raise ValueError(f"use one of {', '.join(sorted(LANGUAGES))}")
    return code


def _text(rng: random.Random, scripts: tuple[str, ...]) -> str:
    said = [rng.choice(SAMPLES[scripts[place % len(scripts)]]) for place in range(rng.randint(3, 9))]
    return " ".join(said)


@dataclass(frozen=True)
class Script(Constraint):
    """At least `share` of the letters belong to the scripts the language is written in.

    Of Japanese some must be kana. A text without letters is in no language. Languages that share a script
    cannot be told apart: French passes for English.
    """

    id = "language:script"
    language: str = parameter(language, lambda rng: rng.choice(sorted(LANGUAGES)))
    share: float = parameter(share, lambda rng: rng.choice((DEFAULT_SHARE, 0.9, 1.0)), DEFAULT_SHARE)

    def describe(self) -> str:
        return f"Your entire response must be in {LANGUAGES[self.language][0]}; no other language is allowed."

    def judge(self, response: str) -> tuple[bool, str]:
        name, scripts = LANGUAGES[self.language]
        found = letters_by_script(response)
        total, right = sum(found.values()), sum(found[each] for each in scripts)
        if not total:
            return False, "no letters"
        needed = NEEDED.get(self.language)
        if needed and sum(found[each] for each in needed) < NEEDED_SHARE * total:
            return False, f"too few kana for {name}"
        reason = (
            f"{right} of {plural(total, 'letter')} in the script of {name}, for a share of {self.share:g}"
        )
        return right >= self.share * total, reason

    def satisfy(self, rng: random.Random) -> str:
        return _text(rng, LANGUAGES[self.language][1])

    def violate(self, rng: random.Random) -> str:
        own = LANGUAGES[self.language][1]
        other = rng.choice(sorted(SAMPLES.keys() - set(own)))
        return rng.choice((_text(rng, (other,)), "1234 ..."))

    def claims(self) -> frozenset[str]:
        return frozenset({"language"})

    def permits(self, text: str) -> bool:
        own = LANGUAGES[self.language][1]
        return all(each in own for each in map(script, text) if each is not None)

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (letters_of(LANGUAGES[self.language][1]),)


_OPTIONAL_LANGUAGE = parameter(language, lambda rng: rng.choice((None, "en")), None)


def _in_language(code: str | None, response: str) -> bool:
    return code is None or share_of(response, LANGUAGES[code][1]) >= DEFAULT_SHARE


def _small(response: str) -> str:
    return plural(sum(map(str.islower, response)), "lowercase letter")


@dataclass(frozen=True)
class Lower(Constraint):
    """Small letters only, and at least one; with `language` also mostly in that language's script."""

    id = "case:lower"
    language: str | None = _OPTIONAL_LANGUAGE

    def describe(self) -> str:
        where = f" in {LANGUAGES[self.language][0]} and" if self.language else ""
        return f"Your entire response must be{where} in lowercase; no capital letters are allowed."

    def judge(self, response: str) -> tuple[bool, str]:
        if not _in_language(self.language, response):
            return False, f"letters of another script than {self.language}"
        found = sum(map(str.isupper, response))
        return response.islower(), plural(found, "capital letter") if found else _small(response)

    def satisfy(self, rng: random.Random) -> str:
        return fill.prose(rng).lower()

    def violate(self, rng: random.Random) -> str:
        return rng.choice((fill.prose(rng), "42", fill.word(rng) + " X"))

    def permits(self, text: str) -> bool:
        return text == text.lower()

    def ranges(self) -> dict[str, Range]:
        return {"capital words": (0, 0)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (tuple(letter for letter in letters_of(CASED) if letter.islower()),)


@dataclass(frozen=True)
class Upper(Constraint):
    """Capital letters only, and at least one; with `language` also mostly in that language's script."""

    id = "case:upper"
    language: str | None = _OPTIONAL_LANGUAGE

    def describe(self) -> str:
        where = f" in {LANGUAGES[self.language][0]} and" if self.language else ""
        return f"Your entire response must be{where} in capital letters; no lowercase letters are allowed."

    def judge(self, response: str) -> tuple[bool, str]:
        if not _in_language(self.language, response):
            return False, f"letters of another script than {self.language}"
        return response.isupper(), _small(response)

    def ranges(self) -> dict[str, Range]:
        return {"capital words": (1, None)}

    def satisfy(self, rng: random.Random) -> str:
        return fill.prose(rng).upper()

    def violate(self, rng: random.Random) -> str:
        return rng.choice((fill.prose(rng), "42", fill.prose(rng).upper() + " x"))

    def permits(self, text: str) -> bool:
        return text == text.upper()

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (tuple(letter for letter in letters_of(CASED) if letter.isupper()),)


@dataclass(frozen=True)
class CapitalWords(Counted):
    """The number of words in capital letters alone, `I` and `A` among them."""

    id = "case:capital_words"
    noun = "word with all letters capital"
    usual = (1, 12)
    measured = "capital words"

    def measure(self, response: str) -> int:
        return sum(map(str.isupper, words(response)))

    def draft(self, rng: random.Random, count: int) -> str:
        loud = [fill.word(rng).upper() for _ in range(count)]
        return " ".join(fill.spread(rng, fill.sentence(rng).split(), loud))

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {"words": (self.limits()[0], None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        capitals = tuple(letter for letter in letters_of(CASED) if letter.isupper())
        return (capitals,) if self.limits()[0] else ()

    def permits(self, text: str) -> bool:
        high = self.limits()[1]
        return high is None or self.measure(text) <= high


@dataclass(frozen=True)
class TitleCase(Constraint):
    """Every word starts with a capital; words that start with a digit or an uncased letter may."""

    id = "case:title"

    def describe(self) -> str:
        return "Every Word Of Your Response Must Start With A Capital Letter."

    def judge(self, response: str) -> tuple[bool, str]:
        found = words(response)
        small = sum(1 for word in found if word[0].islower())
        capital = sum(1 for word in found if word[0].isupper())
        return not small and capital > 0, f"{plural(small, 'word')} with a small initial"

    def satisfy(self, rng: random.Random) -> str:
        return fill.prose(rng).title()

    def violate(self, rng: random.Random) -> str:
        return f"{self.satisfy(rng)} {fill.word(rng)}"

    def permits(self, text: str) -> bool:
        return not any(word[0].islower() for word in words(text))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (tuple(letter for letter in letters_of(CASED) if letter.isupper()),)


KINDS: tuple[type[Constraint], ...] = (Script, Lower, Upper, CapitalWords, TitleCase)
