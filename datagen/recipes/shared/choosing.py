"""Which of several good answers to one question are taken: by length, or by how many words they share.

Pure functions from texts to their places; a word is what stands between spaces, whatever its case.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_WORDS = 400
"""Words of an answer that are looked at."""


def most_distinct(texts: Sequence[str], most: int) -> list[int]:
    """The first, then again and again the one that shares least with those taken (Jaccard, of words)."""
    words = list(map(_words, texts))
    taken = [0] if texts else []
    while len(taken) < min(most, len(texts)):
        rest = [index for index in range(len(texts)) if index not in taken]
        taken.append(min(rest, key=lambda index: max(_shared(words[index], words[other]) for other in taken)))
    return taken


def most_central(texts: Sequence[str], most: int) -> list[int]:
    """Those that share most with all others: the common way to the answer, and not a lucky one."""
    words = list(map(_words, texts))
    shared = [sum(_shared(one, other) for other in words) for one in words]
    return sorted(range(len(texts)), key=lambda index: -shared[index])[:most]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split()[:MOST_WORDS])


def _shared(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right) if left | right else 1.0
