"""How long a response is: words, sentences, paragraphs, lines, characters."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural
from verifiers.constraints.readers import whole
from verifiers.constraints.text import folded, lines, paragraphs, sentences, words


@dataclass(frozen=True)
class Words(Counted):
    """The number of words, as `text.words` finds them."""

    id = "length:words"
    noun = "word"
    usual = (5, 120)
    measured = "words"

    def measure(self, response: str) -> int:
        return len(words(response))

    def draft(self, rng: random.Random, count: int) -> str:
        return fill.words_as_prose(rng, fill.words(rng, count))


@dataclass(frozen=True)
class Sentences(Counted):
    """The number of sentences, as `text.sentences` finds them."""

    id = "length:sentences"
    noun = "sentence"
    usual = (1, 12)
    measured = "sentences"

    def measure(self, response: str) -> int:
        return len(sentences(response))

    def draft(self, rng: random.Random, count: int) -> str:
        return fill.prose(rng, count) or "..."

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {"words": (self.limits()[0], None)}


@dataclass(frozen=True)
class Paragraphs(Counted):
    """The number of paragraphs: what blank lines separate."""

    id = "length:paragraphs"
    noun = "paragraph"
    smallest = 1
    usual = (1, 6)
    measured = "paragraphs"

    def describe(self) -> str:
        return super().describe()[:-1] + ", separated by blank lines."

    def measure(self, response: str) -> int:
        return len(paragraphs(response))

    def draft(self, rng: random.Random, count: int) -> str:
        return "\n\n".join(fill.prose(rng) for _ in range(count))

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {"lines": (self.limits()[0], None)}


@dataclass(frozen=True)
class Lines(Counted):
    """The number of lines that are not blank."""

    id = "length:lines"
    noun = "line"
    smallest = 1
    usual = (1, 12)
    measured = "lines"

    def describe(self) -> str:
        return super().describe()[:-1] + ", not counting blank lines."

    def measure(self, response: str) -> int:
        return len(lines(response))

    def draft(self, rng: random.Random, count: int) -> str:
        return "\n".join(fill.sentence(rng) for _ in range(count))

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {"characters": (2 * self.limits()[0] - 1, None)}


@dataclass(frozen=True)
class Characters(Counted):
    """The number of characters (code points), without white space before and after the response."""

    id = "length:characters"
    noun = "character"
    smallest = 1
    usual = (20, 600)
    measured = "characters"

    def describe(self) -> str:
        return super().describe()[:-1] + ", counting spaces."

    def measure(self, response: str) -> int:
        return len(response.strip())

    def draft(self, rng: random.Random, count: int) -> str:
        text = fill.words_as_prose(rng, fill.words(rng, count // 3 + 1))[:count]
        return text[:-1] + "." if text.endswith(" ") else text

    def ranges(self) -> dict[str, Range]:
        _, high = self.limits()
        most = None if high is None else (high + 1) // 2
        # A Han sign is a word by itself; lines and sentences need a break or a stop between them.
        return super().ranges() | {"words": (0, high), "lines": (0, most), "sentences": (0, most)}


@dataclass(frozen=True)
class DifferentWords(Counted):
    """The number of different words, without case."""

    id = "length:different_words"
    noun = "different word"
    usual = (3, 60)
    measured = "different words"

    def measure(self, response: str) -> int:
        return len(set(map(folded, words(response))))

    def draft(self, rng: random.Random, count: int) -> str:
        said = fill.different(rng, count)
        if said:
            said = fill.spread(rng, said, [rng.choice(said)])
        return fill.words_as_prose(rng, said)

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {"words": (self.limits()[0], None)}


@dataclass(frozen=True)
class SentenceWords(Constraint):
    """No sentence is longer than `most` words."""

    id = "length:sentence_words"
    most: int = parameter(whole(1), lambda rng: rng.randint(3, 25))

    def describe(self) -> str:
        return f"No sentence of your response may have more than {plural(self.most, 'word')}."

    def judge(self, response: str) -> tuple[bool, str]:
        longest = max((len(words(each)) for each in sentences(response)), default=0)
        return (
            longest <= self.most,
            f"the longest sentence has {plural(longest, 'word')}, for at most {self.most}",
        )

    def satisfy(self, rng: random.Random) -> str:
        sizes = [self.most, *(rng.randint(1, self.most) for _ in range(rng.randint(0, 3)))]
        return " ".join(fill.sentence(rng, size) for size in sizes)

    def violate(self, rng: random.Random) -> str:
        return f"{self.satisfy(rng)} {fill.sentence(rng, self.most + rng.randint(1, 3))}"

    def permits(self, text: str) -> bool:
        return self.judge(text)[0]


@dataclass(frozen=True)
class ParagraphWords(Constraint):
    """No paragraph is longer than `most` words."""

    id = "length:paragraph_words"
    most: int = parameter(whole(1), lambda rng: rng.randint(10, 80))

    def describe(self) -> str:
        return f"No paragraph of your response may have more than {plural(self.most, 'word')}."

    def judge(self, response: str) -> tuple[bool, str]:
        longest = max(len(words(each)) for each in paragraphs(response))
        return (
            longest <= self.most,
            f"the longest paragraph has {plural(longest, 'word')}, for at most {self.most}",
        )

    def satisfy(self, rng: random.Random) -> str:
        sizes = [self.most, *(rng.randint(1, self.most) for _ in range(rng.randint(0, 3)))]
        return "\n\n".join(fill.words_as_prose(rng, fill.words(rng, size)) for size in sizes)

    def violate(self, rng: random.Random) -> str:
        said = fill.words(rng, self.most + rng.randint(1, 3))
        return f"{self.satisfy(rng)}\n\n{fill.words_as_prose(rng, said)}"

    def permits(self, text: str) -> bool:
        return not text.strip() or self.judge(text)[0]


@dataclass(frozen=True)
class ParagraphSentences(Constraint):
    """Every paragraph has exactly `count` sentences."""

    id = "length:paragraph_sentences"
    places = frozenset({"paragraphs' sentences"})
    count: int = parameter(whole(1), lambda rng: rng.randint(1, 4))

    def describe(self) -> str:
        return f"Every paragraph of your response must have exactly {plural(self.count, 'sentence')}."

    def judge(self, response: str) -> tuple[bool, str]:
        for number, paragraph in enumerate(paragraphs(response), 1):
            found = len(sentences(paragraph))
            if found != self.count:
                return False, f"paragraph {number} has {plural(found, 'sentence')}, for exactly {self.count}"
        return True, f"every paragraph has {plural(self.count, 'sentence')}"

    def satisfy(self, rng: random.Random) -> str:
        return "\n\n".join(fill.prose(rng, self.count) for _ in range(rng.randint(1, 3)))

    def violate(self, rng: random.Random) -> str:
        wrong = self.count + 1 if self.count == 1 else self.count + rng.choice((-1, 1))
        return f"{self.satisfy(rng)}\n\n{fill.prose(rng, wrong)}"

    def ranges(self) -> dict[str, Range]:
        return {"sentences": (self.count, None), "words": (self.count, None)}

    def _excludes(self, other: Constraint) -> bool:
        """Also where the whole number of sentences cannot be a multiple of a paragraph's."""
        low, high = other.ranges().get("sentences", (0, None))
        first = max(1, -(-low // self.count)) * self.count
        return (high is not None and first > high) or super()._excludes(other)


@dataclass(frozen=True)
class WordLetters(Constraint):
    """No word is longer than `most` characters."""

    id = "length:word_letters"
    most: int = parameter(whole(1), lambda rng: rng.randint(5, 12))

    def describe(self) -> str:
        return f"No word of your response may be longer than {plural(self.most, 'character')}."

    def judge(self, response: str) -> tuple[bool, str]:
        longest = max(map(len, words(response)), default=0)
        return (
            longest <= self.most,
            f"the longest word has {plural(longest, 'character')}, for at most {self.most}",
        )

    def satisfy(self, rng: random.Random) -> str:
        return fill.sentence(rng, None, lambda word: len(word) <= self.most)

    def violate(self, rng: random.Random) -> str:
        return f"{self.satisfy(rng)} {'x' * (self.most + rng.randint(1, 3))}."

    def permits(self, text: str) -> bool:
        return all(len(word) <= self.most for word in words(text))


_DIVIDER = re.compile(r"\*{3}")


@dataclass(frozen=True)
class DividedParagraphs(Counted):
    """The number of paragraphs divided by `***`. An empty one between two dividers is a fault."""

    id = "length:divided_paragraphs"
    noun = "paragraph"
    smallest = 1
    usual = (1, 6)
    places = frozenset({"divider"})

    def describe(self) -> str:
        return super().describe()[:-1] + ", divided by lines that hold only ***."

    def measure(self, response: str) -> int:
        return sum(1 for part in _DIVIDER.split(response) if part.strip())

    def judge(self, response: str) -> tuple[bool, str]:
        parts = _DIVIDER.split(response)
        if not all(map(str.strip, parts[1:-1])):
            return False, "nothing between two dividers ***"
        return super().judge(response)

    def draft(self, rng: random.Random, count: int) -> str:
        return "\n\n***\n\n".join(fill.prose(rng) for _ in range(count))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("***",),) if self.limits()[0] > 1 else ()


KINDS: tuple[type[Constraint], ...] = (
    Words,
    Sentences,
    Paragraphs,
    Lines,
    Characters,
    DifferentWords,
    SentenceWords,
    ParagraphWords,
    ParagraphSentences,
    WordLetters,
    DividedParagraphs,
)
