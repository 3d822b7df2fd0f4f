"""Novelty as Self-Instruct has it: an instruction is new when it has no long subsequence of another one.

ROUGE-L's F is 2·LCS / (words of one + words of the other). Source: Wang et al. 2022, Self-Instruct
(arXiv:2212.10560), which keeps an instruction when F with every earlier one is at most 0.7; Lin 2004, ROUGE.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from datagen.filters.filter import Verdict, question_of
from datagen.filters.ngrams import words_of
from datagen.filters.plain import Look, said
from schemas import Row, UserError

NOT_NOVEL = "not novel"
THRESHOLD = 0.7
SKIPPED = 1 / 3
"""Share of the words that must be shared that are not looked up, being in too many texts."""

Word = tuple[str, int]
"""A word and how often it came before in its text: so that texts are sets."""


class RougeNovelty:
    """Turns down a row whose text has ROUGE-L F above `threshold` with a row kept before, or one of `pool`.

    `like` is then the number of the first such text: the pool's from 0, then the rows as they are kept.
    Exact: texts that share too few words are left out by a bound, all others are compared. Some 0.7 kB a
    text of fifty words; the time for a row grows with the number of texts, 0.3 ms among ten thousand.
    """

    def __init__(
        self, threshold: float = THRESHOLD, text: Look = question_of, *, pool: Iterable[str] = ()
    ) -> None:
        if not 0 < threshold <= 1:
            mend = "give a threshold above 0 and up to 1"
            raise UserError(f"ROUGE-L is never above {threshold}", where="novelty", mend=mend)
        self.threshold, self.text = threshold, text
        self.like: int | None = None
        self._texts: list[str] = []
        self._lengths = array("I")
        self._holders: dict[Word, array[int]] = defaultdict(lambda: array("I"))
        for known in pool:
            self._keep(words_of(known))

    def __call__(self, row: Row) -> Verdict:
        words = words_of(said(row, self.text))
        self.like = self._alike(words)
        if self.like is not None:
            return False, NOT_NOVEL
        self._keep(words)
        return True

    def _keep(self, words: list[str]) -> None:
        for word in counted(words):
            self._holders[word].append(len(self._texts))
        self._texts.append(" ".join(words))
        self._lengths.append(len(words))

    def _alike(self, words: list[str]) -> int | None:
        """The number of the first text kept that is too much like this one."""
        if not words:
            return None
        masks, mine = masks_of(words), Counter(words)
        for number in self._candidates(words):
            other = self._texts[number].split()
            if (mine & Counter(other)).total() <= self._needed(len(words), len(other)):
                continue
            if f_measure(common(masks, other), len(words), len(other)) > self.threshold:
                return number
        return None

    def _candidates(self, words: list[str]) -> list[int]:
        """The texts that may share enough words with this one, in order."""
        # The commonest words are in nearly all texts: not looked up, they count as shared.
        by_holders = sorted(counted(words), key=lambda word: len(self._holders.get(word, ())))
        skipped = int(len(words) * self.threshold * SKIPPED)
        looked_up = [held for word in by_holders[: len(words) - skipped] if (held := self._holders.get(word))]
        if not looked_up:
            return []
        found = np.concatenate([np.frombuffer(held, np.uint32) for held in looked_up])
        lengths = np.frombuffer(self._lengths, np.uint32)
        shared = np.bincount(found, minlength=len(lengths)) + skipped
        few = np.minimum(lengths, len(words))
        enough = np.minimum(shared, few) > self.threshold * (lengths + len(words)) / 2 * (1 - 1e-9)
        return np.flatnonzero(enough).tolist()

    def _needed(self, left: int, right: int) -> float:
        """Words that texts of so many must share more than; a little less, for what floats lose."""
        return self.threshold * (left + right) / 2 * (1 - 1e-9)


def counted(words: Iterable[str]) -> Iterator[Word]:
    """The words, each with how often it came before."""
    before: Counter[str] = Counter()
    for word in words:
        yield word, before[word]
        before[word] += 1


def f_measure(length: int, left: int, right: int) -> float:
    """ROUGE-L's F of texts of so many words with a common subsequence of `length`."""
    return 2 * length / (left + right) if left + right else 0.0


def masks_of(words: Iterable[str]) -> dict[str, int]:
    """Where each word stands, as bits."""
    masks: dict[str, int] = defaultdict(int)
    for place, word in enumerate(words):
        masks[word] |= 1 << place
    return masks


def common(masks: dict[str, int], other: Iterable[str]) -> int:
    """Length of the longest common subsequence, in one step a word of `other`.

    Source: Hyyrö 2004, Bit-parallel LCS-length computation revisited.

    >>> common(masks_of("a b c d".split()), "b x d a".split())
    2
    """
    bits = max((mask.bit_length() for mask in masks.values()), default=0)
    full = (1 << bits) - 1
    rest = full
    for word in other:
        mask = masks.get(word)
        if mask:
            hit = rest & mask
            rest = ((rest + hit) | (rest - hit)) & full
    return bits - rest.bit_count()
