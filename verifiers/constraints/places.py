"""How a response starts and ends, and what it is wrapped in."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import plural
from verifiers.constraints.keywords import draw_word, without
from verifiers.constraints.matching import quoted, spellings
from verifiers.constraints.readers import line, single_word, text, whole
from verifiers.constraints.text import folded, lines, paragraphs, sentences, words

_AROUND = ' \t\r\n"“”„«»*_'
_SPACES = re.compile(r"\s+")


def normal(said: str) -> str:
    """Without case and with single spaces, for comparing phrases."""
    return _SPACES.sub(" ", folded(said)).strip()


def begins(said: str, phrase: str) -> bool:
    """Whether a text starts with a phrase that is not cut within a word; case does not count."""
    said, phrase = normal(said), normal(phrase)
    return said.startswith(phrase) and not (phrase[-1].isalnum() and said[len(phrase) :][:1].isalnum())


def finishes(said: str, phrase: str) -> bool:
    """Whether a text ends with a phrase that is not cut within a word; case does not count."""
    said, phrase = normal(said), normal(phrase)
    before = said[: len(said) - len(phrase)]
    return said.endswith(phrase) and not (phrase[0].isalnum() and before[-1:].isalnum())


@dataclass(frozen=True)
class Start(Constraint):
    """The response starts with a phrase; case does not count, nor quotation marks and asterisks before it."""

    id = "start:phrase"
    places = frozenset({"start"})
    phrase: str = parameter(line, lambda rng: " ".join(fill.words(rng, rng.randint(1, 4))).capitalize())

    def describe(self) -> str:
        return f"Start your response with exactly this phrase: {self.phrase}"

    def judge(self, response: str) -> tuple[bool, str]:
        found = begins(response, self.phrase) or begins(response.lstrip(_AROUND), self.phrase)
        return found, f"starts with {quoted(response.strip()[:40])}"

    def satisfy(self, rng: random.Random) -> str:
        return f"{self.phrase} {fill.prose(rng)}"

    def violate(self, rng: random.Random) -> str:
        texts = (f"{fill.word(rng)} {self.phrase}", f"- {self.phrase}", f"0 {self.phrase}")
        return next(each for each in texts if not self.judge(each)[0])

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.phrase),)


@dataclass(frozen=True)
class End(Constraint):
    """The response ends with a phrase; case does not count, nor quotation marks and asterisks after it."""

    id = "end:phrase"
    places = frozenset({"end"})
    phrase: str = parameter(
        line, lambda rng: rng.choice((" ".join(fill.words(rng, 3)), "Any other questions?", "The end."))
    )

    def describe(self) -> str:
        return f"End your response with exactly this phrase, and nothing after it: {self.phrase}"

    def judge(self, response: str) -> tuple[bool, str]:
        found = finishes(response, self.phrase) or finishes(response.rstrip(_AROUND), self.phrase)
        return found, f"ends with {quoted(response.strip()[-40:])}"

    def satisfy(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)} {self.phrase}"

    def violate(self, rng: random.Random) -> str:
        texts = (f"{self.phrase} {fill.prose(rng)}", f"{self.phrase} -", f"{self.phrase} 0")
        return next(each for each in texts if not self.judge(each)[0])

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.phrase),)


@dataclass(frozen=True)
class ParagraphStart(Constraint):
    """Paragraph `nth`, counted from 1, starts with `word`; with `paragraphs` there are exactly so many.

    Blank paragraphs neither count nor take a number.
    """

    id = "start:paragraph"
    nth: int = parameter(whole(1, 1000), lambda rng: rng.randint(1, 3))
    word: str = parameter(single_word, draw_word)
    paragraphs: int | None = parameter(
        whole(1, 1000),
        lambda rng: rng.choice((None, 3, 4)),
        None,
    )

    def validate(self) -> None:
        if self.paragraphs is not None and self.nth > self.paragraphs:
            raise ValueError(f"there is no paragraph {self.nth} of {self.paragraphs}")
        if len(words(self.word)) != 1:
            raise ValueError(f"{self.word!r} is not a single word")

    def describe(self) -> str:
        parts = f"exactly {plural(self.paragraphs, 'paragraph')}" if self.paragraphs else "paragraphs"
        return (
            f"Write {parts} separated by blank lines; paragraph {self.nth} must start with the word"
            f" {quoted(self.word)}."
        )

    def judge(self, response: str) -> tuple[bool, str]:
        found = paragraphs(response)
        if len(found) < self.nth or self.paragraphs not in (None, len(found)):
            return False, plural(len(found), "paragraph")
        first = next(iter(words(found[self.nth - 1][:500])), "")
        return folded(first) == folded(
            words(self.word)[0]
        ), f"paragraph {self.nth} starts with {quoted(first)}"

    def satisfy(self, rng: random.Random) -> str:
        total = self.paragraphs or self.nth + rng.randint(0, 2)
        parts = [fill.prose(rng) for _ in range(total)]
        parts[self.nth - 1] = f"{self.word} {parts[self.nth - 1]}"
        return "\n\n".join(parts)

    def violate(self, rng: random.Random) -> str:
        total = self.paragraphs or self.nth
        parts = [f"{self.word} {fill.word(rng)}." for _ in range(total)]
        parts[self.nth - 1] = fill.prose(rng, None, without(self.word))
        return "\n\n".join(parts)

    def claims(self) -> frozenset[str]:
        return frozenset({f"paragraph {self.nth}"} | ({"start"} if self.nth == 1 else set()))

    def ranges(self) -> dict[str, Range]:
        paragraphs = (self.nth, None) if self.paragraphs is None else (self.paragraphs, self.paragraphs)
        return {"paragraphs": paragraphs, "words": (self.nth, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.word),)


#: What goes with a text of which every line starts the same.
_BESIDE_LINES = (
    "length:words length:lines length:sentences length:characters keywords:include keywords:exclude"
    " keywords:count keywords:letter case:lower case:upper punctuation:no_commas"
)
BESIDE_LINES = frozenset(_BESIDE_LINES.split())


@dataclass(frozen=True)
class LineStarts(Constraint):
    """Every line that is not blank starts with a phrase."""

    id = "start:lines"
    beside = BESIDE_LINES
    phrase: str = parameter(line, lambda rng: fill.word(rng).capitalize())

    def describe(self) -> str:
        return f"Every line of your response must start with {quoted(self.phrase)}."

    def judge(self, response: str) -> tuple[bool, str]:
        found = lines(response)
        for number, each in enumerate(found, 1):
            if not begins(each, self.phrase):
                return False, f"line {number} starts with {quoted(each[:40])}"
        return True, f"all of {plural(len(found), 'line')} start so"

    def satisfy(self, rng: random.Random) -> str:
        return "\n".join(f"{self.phrase} {fill.prose(rng, 1)}" for _ in range(rng.randint(1, 4)))

    def violate(self, rng: random.Random) -> str:
        return f"{self.satisfy(rng)}\n- {fill.word(rng)}" if self.phrase[0] != "-" else "* x"

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.phrase),)


@dataclass(frozen=True)
class RepeatPrompt(Constraint):
    """The response first repeats the request and then answers it; case and white space do not count."""

    id = "start:repeat_prompt"
    places = frozenset({"start", "every sentence", "sentence ends"})
    prompt: str = parameter(text, lambda rng: fill.prose(rng))

    def describe(self) -> str:
        return (
            "First repeat the request below word for word, with nothing before it, and then give your answer."
            f"\n\n{self.prompt}"
        )

    def judge(self, response: str) -> tuple[bool, str]:
        said, prompt = normal(response), normal(self.prompt)
        if not begins(response, self.prompt):
            return False, "the request is not repeated first"
        answered = any(map(str.isalnum, said[len(prompt) :]))
        return answered, f"the request is repeated, {'with' if answered else 'without'} an answer"

    def satisfy(self, rng: random.Random) -> str:
        return f"{self.prompt}\n\n{fill.prose(rng)}"

    def violate(self, rng: random.Random) -> str:
        return rng.choice((f"0 {self.prompt} {fill.prose(rng)}", self.prompt))

    def ranges(self) -> dict[str, Range]:
        return {
            "words": (len(words(self.prompt)), None),
            "sentences": (len(sentences(self.prompt)), None),
            "characters": (len(normal(self.prompt)), None),
        }

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (spellings(self.prompt),)


_PAIRS = {"“": "”", "„": "“", "«": "»"}


@dataclass(frozen=True)
class Quotation(Constraint):
    """One pair of double quotation marks is around the entire response: `"`, or a typographic pair.

    `"so" and "so"` is not wrapped: a pair that closes early wraps less than all.
    """

    id = "wrap:quotation"
    places = frozenset({"start", "end"})

    def describe(self) -> str:
        return "Wrap your entire response in double quotation marks."

    def judge(self, response: str) -> tuple[bool, str]:
        said = response.strip()
        closing = '"' if said[0] == '"' else _PAIRS.get(said[0])
        if closing is None or len(said) < 3 or said[-1] != closing or not said[1:-1].strip():
            return False, f"starts with {quoted(said[:1])} and ends with {quoted(said[-1:])}"
        early = _closes_early(said) if closing == '"' else _unbalanced(said, said[0], closing)
        return not early, "the first quotation closes early" if early else "wrapped in quotation marks"

    def satisfy(self, rng: random.Random) -> str:
        inner = f'{fill.word(rng)} "{fill.word(rng)}" {fill.prose(rng)}'
        return rng.choice((f'"{fill.prose(rng)}"', f'"{inner}"', f"“{fill.prose(rng)}”"))

    def violate(self, rng: random.Random) -> str:
        said = fill.prose(rng)
        return rng.choice((said, f'"{said}', f'"{said}" and "{said}"', f"'{said}'", f'"{said}" {said}'))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (('"', "“", "«"),)


def _closes_early(said: str) -> bool:
    """A straight mark after white space or a bracket opens, others close; the first must close last."""
    depth = 0
    for match in re.finditer('"', said):
        at = match.start()
        last = at + 1 == len(said)
        depth += 1 if at == 0 or (not last and (said[at - 1].isspace() or said[at - 1] in "([{")) else -1
        if depth <= 0 and not last:
            return True
    return False


def _unbalanced(said: str, opening: str, closing: str) -> bool:
    depth = 0
    for at, each in enumerate(said):
        depth += (each == opening) - (each == closing)
        if depth == 0 and at + 1 < len(said):
            return True
    return False


@dataclass(frozen=True)
class Tag(Constraint):
    """The entire response stands between `<name>` and `</name>`, each of which occurs once."""

    id = "wrap:tag"
    places = frozenset({"start", "end"})
    name: str = parameter(single_word, draw_word)

    def validate(self) -> None:
        if not re.fullmatch(r"[A-Za-z_][\w.-]*", self.name):
            raise ValueError(f"{self.name!r} is no name of a tag")

    def describe(self) -> str:
        return f"Put your entire response between <{self.name}> and </{self.name}>."

    def judge(self, response: str) -> tuple[bool, str]:
        said, opening, closing = response.strip(), f"<{self.name}>", f"</{self.name}>"
        counts = said.count(opening), said.count(closing)
        wrapped = said.startswith(opening) and said.endswith(closing) and counts == (1, 1)
        filled = bool(said[len(opening) : -len(closing)].strip())
        return (
            wrapped and filled,
            f"{plural(counts[0], 'opening tag')} and {plural(counts[1], 'closing tag')}",
        )

    def satisfy(self, rng: random.Random) -> str:
        return f"<{self.name}>\n{fill.prose(rng)}\n</{self.name}>"

    def violate(self, rng: random.Random) -> str:
        said = fill.prose(rng)
        wrong = (
            said,
            f"<{self.name}>{said}",
            f"<{self.name}>{said}</{self.name}> {said}",
            f"<{self.name}></{self.name}>",
        )
        return rng.choice(wrong)

    def ranges(self) -> dict[str, Range]:
        name = folded(self.name)
        return {"words": (2, None), "most frequent word": (2, None), f"keyword {name}": (2, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((f"<{self.name}>",), (f"</{self.name}>",))


KINDS: tuple[type[Constraint], ...] = (Start, End, ParagraphStart, LineStarts, RepeatPrompt, Quotation, Tag)
