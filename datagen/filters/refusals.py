"""Is an answer a refusal? Only where it *is* one: it says so at its beginning, and says little else.

An answer that quotes a refusal, an apology to a friend, a letter that declines an invitation and a story in
which somebody cannot help are none. Fourteen languages; the words are in `refusal_words.py`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from datagen.filters import refusal_words as words
from datagen.filters.filter import Verdict
from datagen.filters.text import Texts, count_words, looked_at
from schemas import Row
from schemas.settings import setting

BEGINNING_CHARACTERS = 700
"""What comes later is no beginning."""
MOST_LEADS = 6
GOES_ON = re.compile(r"\b(?:here(?:'s| is| are)\b|below (?:is|are)\b)(.*)", re.IGNORECASE | re.DOTALL)
CONSEQUENCE = re.compile(r",? (?:so|and|therefore|which is why)(?= (?:i|we)\b)", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")


@dataclass(frozen=True)
class Refusal:
    """An answer that refuses: "I'm sorry, but I can't help with that", "As an AI language model, I ..."."""

    max_words: int = setting(
        120, help="longer answers are kept: whoever says so much has answered, too", minimum=1
    )
    texts: Texts = setting("best", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        refused = any(is_refusal(text, self.max_words) for text in looked_at(row, self.texts))
        return (False, "refusal") if refused else True


def is_refusal(answer: str, max_words: int = 120) -> bool:
    """Whether an answer refuses to answer.

    >>> is_refusal("I'm sorry, but I can't assist with that request.")
    True
    >>> is_refusal("I'm sorry, but I can't come on Friday. Shall we say Sunday? Yours, Ann")
    False
    """
    start = answer.lstrip("\ufeff \t\r\n*_#>-–—").replace("’", "'")
    if len(start) > 40 * max_words or count_words(answer) > max_words:
        return False
    return _begins_with_refusal(start[:BEGINNING_CHARACTERS]) and not _answers_after_all(start)


def _begins_with_refusal(start: str) -> bool:
    """Whether a refusal stands at the beginning, perhaps after a greeting, an apology, or what is wrong."""
    if any(pattern.match(start) for pattern in _elsewhere()):
        return True
    rest, machine, sorry = start, False, False
    for _ in range(MOST_LEADS):
        if _pattern(words.CORE).match(rest) or (
            (machine and _pattern(words.MACHINE_CORE).match(rest))
            or (sorry and _pattern(words.SORRY_CORE).match(rest))
        ):
            return True
        found = next((p for p in words.LEADS if _pattern(p).match(rest)), None)
        if found is None:
            break
        machine |= found is words.MACHINE
        sorry |= found is words.SORRY
        rest = rest[_end(found, rest) :].lstrip(" \t\r\n,;:.—–-")
    sentences = SENTENCE_END.split(start, maxsplit=2)
    if not _pattern(words.WRONG).search(sentences[0]):
        return False
    consequence = CONSEQUENCE.split(sentences[0], maxsplit=1)[1:]
    later = [" ".join(sentences[1:]), *consequence]
    return any(_begins_with_refusal(rest.lstrip()) for rest in later if rest)


def _end(pattern: str, text: str) -> int:
    found = _pattern(pattern).match(text)
    return found.end() if found else 0


def _answers_after_all(text: str) -> bool:
    """Whether what was asked for follows: a block of code, or a good many words after "here is"."""
    if "```" in text:
        return True
    found = GOES_ON.search(text)
    return found is not None and count_words(found[1]) >= 30


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@functools.cache
def _elsewhere() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in words.OTHER_LANGUAGES.values())
