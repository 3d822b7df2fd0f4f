"""Word ladders: from one word to another, a letter at a time."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

from verifiers.checkers.base import Checker, Example, accepted, malformed, parameter, rejected
from verifiers.checkers.readers import flag, listed, text, whole, words_of
from verifiers.verdict import Outcome

MAX_WORDS = 100_000


def word(value: Any) -> str:
    """A word in small letters, without anything but letters in it."""
    if not text(value).isalpha() or len(value) > 64:
        raise ValueError("use words of letters alone")
    return str(value).casefold()


@dataclass(frozen=True)
class WordLadder(Checker):
    """Words from `start` to `end`, both written, each differing from the one before in one letter.

    With `words` all but `start` must be among them; `steps` is how many changes are allowed at most, and
    `shortest`, which needs `words`, asks for the least. Read: `cold -> cord -> card`, `cold, cord, card`.
    """

    start: str = parameter(word)
    end: str = parameter(word)
    words: tuple[str, ...] = parameter(listed(word, 0, MAX_WORDS), ())
    steps: int | None = parameter(whole(1, 1000), None)
    shortest: bool = parameter(flag, False)

    name: ClassVar[str] = "word_ladder"

    def validate(self) -> None:
        if len(self.start) != len(self.end) or self.start == self.end:
            raise ValueError("start and end must be different words of one length")
        if self.words and self.end not in self.words:
            raise ValueError("the end is not one of the words")
        if self.shortest and not self.words:
            raise ValueError("shortest: give 'words'")
        least = shortest_ladder(self) if self.words else 0
        if least is None:
            raise ValueError(f"no ladder leads from {self.start} to {self.end}")
        if self.steps is not None and self.steps < least:
            raise ValueError(f"no ladder has fewer than {least} steps")

    def judge(self, answer: str) -> Outcome:
        found = [each.casefold() for each in words_of(answer)]
        if not all(map(str.isalpha, found)) or len(found) > 1001:
            raise malformed("not a list of words")
        if not found or found[0] != self.start or found[-1] != self.end:
            return rejected(f"does not lead from {self.start} to {self.end}", ladder=found[:20])
        known = frozenset(self.words)
        for before, after in pairwise(found):
            changed = sum(a != b for a, b in zip(before, after, strict=False))
            if len(before) != len(after) or changed != 1:
                return rejected(f"{before} and {after} differ in more or less than one letter", ladder=found)
            if known and after not in known:
                return rejected(f"{after} is not one of the words", ladder=found)
        steps = len(found) - 1
        allowed = shortest_ladder(self) if self.shortest else self.steps
        if allowed is not None and steps > allowed:
            return rejected(f"{steps} steps, {allowed} are enough", ladder=found)
        return accepted(f"{steps} steps, a letter each", ladder=found)

    @classmethod
    def example(cls, rng: random.Random) -> Example:
        ladder = rng.choice((["cold", "cord", "card", "ward", "warm"], ["lead", "load", "goad", "gold"]))
        extra = ["word", "worm", "load", "lead", "goad", "gold", "cord", "card", "ward", "warm", "wold"]
        words = sorted({*extra, *ladder[1:]})
        parameters = {"start": ladder[0], "end": ladder[-1], "words": words, "steps": len(ladder) - 1}
        wrong = (
            " -> ".join([ladder[0], *ladder[2:]]),
            " -> ".join(ladder[:-1]),
            " -> ".join(ladder[1:]),
            " -> ".join([ladder[0], ladder[1], ladder[0], *ladder[1:]]),
            " -> ".join([ladder[0], "q" + ladder[0][1:], ladder[-1]]),
        )
        return Example(parameters, rng.choice((" -> ", ", ", " ")).join(ladder).upper(), wrong)


@lru_cache(maxsize=8)
def shortest_ladder(of: WordLadder) -> int | None:
    """The least number of steps, by breadth; None when there is no ladder."""
    by_gap: dict[str, list[str]] = {}
    for each in {*of.words, of.start}:
        for gap in _gaps(each):
            by_gap.setdefault(gap, []).append(each)
    queue, steps = deque([of.start]), {of.start: 0}
    while queue:
        here = queue.popleft()
        if here == of.end:
            return steps[here]
        for gap in _gaps(here):
            for there in by_gap.pop(gap, ()):
                if there not in steps:
                    steps[there] = steps[here] + 1
                    queue.append(there)
    return None


def _gaps(word: str) -> list[str]:
    return [f"{word[:i]}?{word[i + 1 :]}" for i in range(len(word))]
