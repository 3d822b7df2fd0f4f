"""Which of the texts kept so far are like this one? MinHash finds candidates, and exact Jaccard decides.

The similarity of two texts is that of their sets of shingles: |A ∩ B| / |A ∪ B|, of three words in a row, or
of five characters in texts of fewer than twenty words. What follows from it is `duplicates.py`'s affair.
Sources: Broder 1997 (MinHash); Leskovec et al., Mining of Massive Datasets, chapter 3 (bands).
"""

from __future__ import annotations

import functools
import math
import os
import re
import tempfile
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.filters.plain import plain_text
from schemas import UserError

WORDS, CHARACTERS = 3, 5
"""Words, and characters of a short text, to a shingle."""
SHORT = 20
"""Words under which a text is short: one word more or less would change too large a share of its shingles."""
MOST_HASHES = 64
RECALL = 0.98
"""Share of the pairs right at the threshold that bands must find; of pairs above it they find more."""
MOST_BYTES = 4096
"""Longer texts are not kept: the 1,024 smallest hashes of their shingles stand for them. Where a text has
more, similarity is an estimate with a standard error of at most 0.016."""
MOST_KEPT = MOST_BYTES // 4
MOST_CACHED = 4096
"""Texts whose shingles are held ready to be compared again."""
SEED = 7
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

WRITTEN_AT_ONCE = 1 << 20
KINDS = ("words", "characters")


@dataclass(frozen=True)
class Bands:
    """`bands` groups of `rows` hashes: two texts are compared when all hashes of a group agree."""

    bands: int
    rows: int

    @property
    def hashes(self) -> int:
        """Hashes of a text in all."""
        return self.bands * self.rows

    def found(self, similarity: float) -> float:
        """The probability that a pair of this similarity is compared.

        >>> round(Bands(22, 5).found(0.7), 3)
        0.983
        """
        return float(1 - (1 - similarity**self.rows) ** self.bands)


@functools.cache
def bands_for(threshold: float) -> Bands:
    """The longest bands that still find `RECALL` of the pairs at the threshold, with up to 64 hashes.

    >>> bands_for(0.7)
    Bands(bands=15, rows=4)
    >>> bands_for(0.9)
    Bands(bands=7, rows=8)
    """
    if not 0 < threshold <= 1:
        what = f"a similarity of {threshold} is none"
        raise UserError(what, where="near-duplicates", mend="give a threshold above 0 and up to 1")
    best = Bands(MOST_HASHES, 1)
    for rows in range(1, MOST_HASHES + 1):
        missed = math.log1p(-(threshold**rows)) if threshold < 1 else -math.inf
        needed = max(1, math.ceil(math.log(1 - RECALL) / missed)) if missed else MOST_HASHES + 1
        if needed * rows > MOST_HASHES:
            break
        best = Bands(needed, rows)
    return best


def shingles(text: str, threshold: float, *, numbers: bool = False) -> list[tuple[str, list[str]]]:
    """(kind, shingles) of a plain text; of both kinds where a text like it may be short while it is not.

    With `numbers`, texts with other numbers, or in another order, have no shingle in common.
    """
    words = text.split()
    salt = " ".join(NUMBER.findall(text)) + "|" if numbers else ""
    found = []
    if len(words) >= SHORT:
        first = [salt + word for word in words] if salt else words
        found.append(("words", list(map(" ".join, zip(first, words[1:], words[2:], strict=False)))))
    if text and len(words) * threshold < SHORT:
        starts = range(max(1, len(text) - CHARACTERS + 1))
        found.append(("characters", [salt + text[start : start + CHARACTERS] for start in starts]))
    return found


def jaccard(left: str, right: str, threshold: float = 0.7) -> float:
    """The similarity of two texts, exactly: the larger one where both have both kinds of shingles.

    >>> jaccard("one two three", "One, two, three!")
    1.0
    >>> jaccard("abcdefgh", "abcdefgx")
    0.6
    """
    sides = [dict(shingles(plain_text(text), threshold)) for text in (left, right)]
    ratios = [0.0]
    for kind in sides[0].keys() & sides[1].keys():
        a, b = set(sides[0][kind]), set(sides[1][kind])
        ratios.append(len(a & b) / len(a | b))
    return max(ratios)


Signed = list[tuple[str, Any, bytes]]
"""Of each kind of shingles of a text: the kind, its MinHash, and what is kept to compare it exactly."""
Shingles = frozenset[Any]
"""Distinct shingles of a text, or hashes of them."""


def sign(text: str, threshold: float, *, numbers: bool = False) -> Signed:
    """The signature of a plain text. It depends on the text alone, on any machine and in any process."""
    return [
        (kind, *signature(text, tokens, threshold))
        for kind, tokens in shingles(text, threshold, numbers=numbers)
    ]


def signature(text: str, tokens: list[str], threshold: float) -> tuple[Any, bytes]:
    """MinHash and what is kept of a text with these shingles."""
    from rensa import RMinHash

    minhash = RMinHash(bands_for(threshold).hashes, SEED)
    minhash.update(tokens)
    data = text.encode()
    return minhash, b"t" + data if len(data) <= MOST_BYTES else b"h" + array("I", hashed(tokens)).tobytes()


def hashed(tokens: Iterable[str]) -> list[int]:
    """The smallest hashes of shingles, 32 bits each, in order."""
    from rensa import RMinHash

    # The upper half: the lower bits of this hash are the weaker ones.
    return sorted({token >> 32 for token in RMinHash.hash_token_sets([list(tokens)])[0]})[:MOST_KEPT]


def reaches(threshold: float, left: Shingles, right: Shingles) -> bool:
    """Whether the Jaccard similarity is at least the threshold; for texts too long to be kept, about so."""
    fewer, more = sorted((len(left), len(right)))
    if fewer < threshold * more * (1 - 1e-9):
        return False
    both = len(left & right)
    if more < MOST_KEPT or isinstance(next(iter(left)), str):
        return both / (fewer + more - both) >= threshold
    smallest = sorted(left | right)[:MOST_KEPT]
    return len(left & right & frozenset(smallest)) / len(smallest) >= threshold


class Kept:
    """What is kept of texts, in memory or in a file of `folder` without a name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._memory = bytearray()
        self._file = tempfile.TemporaryFile(dir=folder) if folder else None  # noqa: SIM115
        self._written = 0
        self._ends = array("Q", [0])

    def add(self, data: bytes) -> int:
        """Keep the next text; its number."""
        self._memory += data
        self._ends.append(self._ends[-1] + len(data))
        if self._file and len(self._memory) > WRITTEN_AT_ONCE:
            self._file.write(self._memory)
            self._written = self._ends[-1]
            self._memory.clear()
        return len(self._ends) - 2

    def get(self, number: int) -> bytes:
        """What is kept of one text."""
        start, end = self._ends[number], self._ends[number + 1]
        if self._file and start < self._written:
            self._file.seek(start)
            data: bytes = self._file.read(end - start)
            self._file.seek(0, os.SEEK_END)
            return data
        return bytes(self._memory[start - self._written : end - self._written])

    def close(self) -> None:
        """Let the file go."""
        if self._file:
            self._file.close()


class Index:
    """The texts kept so far, for a threshold. About 2 kB a text of fifty words at 0.7, 6 kB at most."""

    def __init__(self, threshold: float, *, numbers: bool = False) -> None:
        self._sides = {kind: _Side(Compared(kind, threshold, numbers)) for kind in KINDS}

    def like(self, signed: Signed) -> int | None:
        """The name of the first text kept whose similarity reaches the threshold, or None."""
        found = [self._sides[kind].first(minhash, data) for kind, minhash, data in signed]
        return min((name for name in found if name is not None), default=None)

    def add(self, signed: Signed, name: int) -> None:
        """Keep a text under a number that is larger than those before."""
        for kind, minhash, data in signed:
            self._sides[kind].add(minhash, data, name)


class Compared:
    """Texts with shingles of one kind that can be compared with those that are kept."""

    def __init__(self, kind: str, threshold: float, numbers: bool, folder: Path | None = None) -> None:
        self.kind, self.threshold, self.numbers = kind, threshold, numbers
        self.kept = Kept(folder)
        self._shingles_of = functools.lru_cache(MOST_CACHED)(
            lambda number: self._shingles(self.kept.get(number))
        )

    def first(self, data: bytes, candidates: Iterable[int]) -> int | None:
        """The first of the kept ones that is like this one."""
        mine: Shingles | None = None
        for number in sorted(candidates):
            mine = mine or self._shingles(data)
            theirs = self._shingles_of(number)
            if type(next(iter(mine))) is type(next(iter(theirs))):
                alike = reaches(self.threshold, mine, theirs)
            else:
                alike = reaches(self.threshold, _as_hashes(mine), _as_hashes(theirs))
            if alike:
                return number
        return None

    def _shingles(self, data: bytes) -> Shingles:
        """The shingles of a text that is kept, or the hashes of those of a long one."""
        if data[:1] == b"h":
            return frozenset(array("I", data[1:]))
        return frozenset(dict(shingles(data[1:].decode(), self.threshold, numbers=self.numbers))[self.kind])


def _as_hashes(found: Shingles) -> Shingles:
    return frozenset(hashed(found)) if isinstance(next(iter(found)), str) else found


class _Side:
    """The texts with shingles of one kind, and their bands."""

    def __init__(self, compared: Compared) -> None:
        from rensa import RMinHashLSH

        bands = bands_for(compared.threshold)
        self.compared = compared
        self.names = array("Q")
        self.bands = RMinHashLSH(compared.threshold, bands.hashes, bands.bands)

    def first(self, minhash: Any, data: bytes) -> int | None:
        """The name of the first text that is like this one."""
        number = self.compared.first(data, self.bands.query(minhash))
        return None if number is None else self.names[number]

    def add(self, minhash: Any, data: bytes, name: int) -> None:
        self.bands.insert(self.compared.kept.add(data), minhash)
        self.names.append(name)
