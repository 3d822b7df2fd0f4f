"""Words and letters a response must or must not hold."""

from __future__ import annotations

import random
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural
from verifiers.constraints.matching import occurrences, occurs, pattern, quoted, spellings
from verifiers.constraints.readers import keyword, several, whole
from verifiers.constraints.text import folded, plain, sentences, words


def draw_word(rng: random.Random) -> str:
    return rng.choice(fill.POOL)


def draw_words(rng: random.Random) -> tuple[str, ...]:
    return tuple(rng.sample(fill.POOL, rng.randint(1, 4)))


def without(*avoided: str) -> fill.Allows:
    """Accepts the words in which none of these occurs, and of which none is a part."""
    parts = {folded(part) for each in avoided for part in words(each)}
    return lambda word: word not in parts and not any(occurs(each, word) for each in avoided)


def _check_within_sentence(word: str) -> None:
    """`ValueError` for a phrase that is cut where sentences are told apart."""
    if len(sentences(f"{word} Next")) > 1:
        raise ValueError(f"{word!r} ends a sentence")


@dataclass(frozen=True)
class Include(Constraint):
    """Every one of the keywords occurs, as whole words and without regard to case."""

    id = "keywords:include"
    keywords: tuple[str, ...] = parameter(several(keyword), draw_words)

    def describe(self) -> str:
        noun = "word" if len(self.keywords) == 1 else "words"
        return f"Include the {noun} {quoted(*self.keywords)} in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        missing = [each for each in self.keywords if not occurs(each, response)]
        if missing:
            return False, f"{quoted(*missing)} not found"
        return True, f"found {quoted(*self.keywords)}"

    def satisfy(self, rng: random.Random) -> str:
        said = fill.words(rng, rng.randint(4, 12))
        return fill.words_as_prose(rng, fill.spread(rng, said, list(self.keywords)))

    def violate(self, rng: random.Random) -> str:
        missing = rng.choice(self.keywords)
        kept = [each for each in self.keywords if not occurs(missing, each)]
        said = fill.spread(rng, fill.words(rng, rng.randint(4, 12), without(missing)), kept)
        text = fill.words_as_prose(rng, said)
        # Neighbours may make up a phrase; then the words alone, in which it is not.
        return text if not occurs(missing, text) else fill.sentence(rng, 1, without(missing))

    def ranges(self) -> dict[str, Range]:
        return {f"keyword {folded(each)}": (1, None) for each in self.keywords}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return tuple(map(spellings, self.keywords))


@dataclass(frozen=True)
class Exclude(Constraint):
    """None of the keywords occurs, as whole words, without regard to case or to variants such as `ｃａｔ`."""

    id = "keywords:exclude"
    keywords: tuple[str, ...] = parameter(several(keyword), draw_words)

    def describe(self) -> str:
        noun = "word" if len(self.keywords) == 1 else "words"
        return f"Do not use the {noun} {quoted(*self.keywords)} in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        response, same = plain(response), response
        found = [each for each in self.keywords if occurs(each, response) or occurs(each, same)]
        return (False, f"found {quoted(*found)}") if found else (True, "no forbidden word found")

    def satisfy(self, rng: random.Random) -> str:
        return fill.sentence(rng, None, without(*self.keywords))

    def violate(self, rng: random.Random) -> str:
        said = fill.words(rng, rng.randint(2, 9))
        return fill.words_as_prose(rng, fill.spread(rng, said, [rng.choice(self.keywords)]))

    def ranges(self) -> dict[str, Range]:
        return {f"keyword {folded(each)}": (0, 0) for each in self.keywords}

    def permits(self, text: str) -> bool:
        return not any(occurs(each, text) for each in self.keywords)


@dataclass(frozen=True)
class Frequency(Counted):
    """How often a keyword occurs, as whole words and without regard to case."""

    id = "keywords:count"
    noun = "occurrence"
    usual = (1, 5)
    word: str = parameter(keyword, draw_word)

    def counted(self) -> str:
        return f'occurrence of "{self.word}"'

    def measure(self, response: str) -> int:
        return occurrences(self.word, response)

    def draft(self, rng: random.Random, count: int) -> str:
        said = fill.words(rng, count + rng.randint(2, 8), without(self.word))
        # A word after every keyword keeps two of them from making a third.
        pairs = [f"{self.word} {fill.word(rng, without(self.word))}" for _ in range(count)]
        return fill.words_as_prose(rng, fill.spread(rng, said, pairs))

    def ranges(self) -> dict[str, Range]:
        limits = self.limits()
        found: dict[str, Range] = {f"keyword {folded(self.word)}": limits}
        if limits[0]:
            found |= {"words": (limits[0], None), "most frequent word": (limits[0], None)}
        return found

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.word),) if self.limits()[0] else ()

    def permits(self, text: str) -> bool:
        high = self.limits()[1]
        return high is None or occurrences(self.word, text) <= high


@dataclass(frozen=True)
class Ordered(Constraint):
    """The keywords occur one after the other in this order; others may stand between them."""

    id = "keywords:in_order"
    keywords: tuple[str, ...] = parameter(
        several(keyword, 2), lambda rng: tuple(rng.sample(fill.POOL, rng.randint(2, 4)))
    )

    def describe(self) -> str:
        return f"Use the words {quoted(*self.keywords)} in this order in your response."

    def judge(self, response: str) -> tuple[bool, str]:
        position = 0
        for each in self.keywords:
            found = pattern(each).search(response, position)
            if found is None:
                return False, f"{quoted(each)} not found after the words before it"
            position = found.end()
        return True, f"found {quoted(*self.keywords)} in order"

    def satisfy(self, rng: random.Random) -> str:
        said = fill.words(rng, rng.randint(3, 9))
        return fill.words_as_prose(rng, fill.spread(rng, said, list(self.keywords)))

    def violate(self, rng: random.Random) -> str:
        backwards = list(reversed(self.keywords))
        said = fill.words(rng, rng.randint(3, 9), without(*self.keywords))
        text = fill.words_as_prose(rng, fill.spread(rng, said, backwards))
        return text if not self.judge(text)[0] else fill.sentence(rng, 1, without(self.keywords[0]))

    def ranges(self) -> dict[str, Range]:
        return {f"keyword {folded(each)}": (1, None) for each in self.keywords}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return tuple(map(spellings, self.keywords))


@dataclass(frozen=True)
class EachSentence(Constraint):
    """Every sentence holds the keyword, and there is at least one sentence."""

    id = "keywords:each_sentence"
    places = frozenset({"every sentence"})
    word: str = parameter(keyword, draw_word)

    def validate(self) -> None:
        _check_within_sentence(self.word)

    def describe(self) -> str:
        return f"Use the word {quoted(self.word)} in every sentence of your response."

    def judge(self, response: str) -> tuple[bool, str]:
        found = sentences(response)
        lacking = [number for number, each in enumerate(found, 1) if not occurs(self.word, each)]
        if lacking or not found:
            where = f"sentence {lacking[0]} lacks" if lacking else "no sentence with"
            return False, f"{where} {quoted(self.word)}"
        return True, f"{quoted(self.word)} in all of {plural(len(found), 'sentence')}"

    def satisfy(self, rng: random.Random) -> str:
        said = [
            fill.spread(rng, fill.words(rng, rng.randint(2, 6)), [self.word])
            for _ in range(rng.randint(1, 4))
        ]
        return " ".join(map(fill.closed, said))

    def violate(self, rng: random.Random) -> str:
        return f"{self.satisfy(rng)}\n\n{fill.sentence(rng, None, without(self.word))}"

    def ranges(self) -> dict[str, Range]:
        return {f"keyword {folded(self.word)}": (1, None), "sentences": (1, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.word),)


@dataclass(frozen=True)
class SentenceHolds(Constraint):
    """The sentence `nth`, counted from 1, holds the keyword."""

    id = "keywords:nth_sentence"
    nth: int = parameter(whole(1, 1000), lambda rng: rng.randint(1, 5))
    word: str = parameter(keyword, draw_word)

    def validate(self) -> None:
        _check_within_sentence(self.word)

    def describe(self) -> str:
        return f"Sentence {self.nth} of your response must contain the word {quoted(self.word)}."

    def judge(self, response: str) -> tuple[bool, str]:
        found = sentences(response)
        if len(found) < self.nth:
            return False, f"only {plural(len(found), 'sentence')}"
        held = occurs(self.word, found[self.nth - 1])
        return held, f"sentence {self.nth} {'holds' if held else 'lacks'} {quoted(self.word)}"

    def satisfy(self, rng: random.Random) -> str:
        held = fill.closed(fill.spread(rng, fill.words(rng, 4), [self.word]))
        return " ".join([*(fill.sentence(rng) for _ in range(self.nth - 1)), held])

    def violate(self, rng: random.Random) -> str:
        said = [fill.sentence(rng, None, without(self.word)) for _ in range(self.nth)]
        return " ".join([*said, fill.closed([self.word])])

    def ranges(self) -> dict[str, Range]:
        return {f"keyword {folded(self.word)}": (1, None), "sentences": (self.nth, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.word),)


KINDS: tuple[type[Constraint], ...] = (Include, Exclude, Frequency, Ordered, EachSentence, SentenceHolds)
