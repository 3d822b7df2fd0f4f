"""Rows that were there before: exactly, nearly, or in much the same words.

Decided one row after the other, each against those kept so far: the order of the rows decides, nothing else.
The same over files, by several processes, is `duplicate_files.py`'s; likeness in meaning `semantic.py`'s.
"""

from __future__ import annotations

import hashlib

from datagen.filters.filter import Filter, Verdict, question_of
from datagen.filters.minhash import Index, sign
from datagen.filters.plain import Look, plain_text, said
from datagen.problems.seen import Seen
from schemas import Row

DUPLICATE, NEAR_DUPLICATE = "duplicate", "near duplicate"
NEAR = 0.7
"""The usual threshold of the similarity, that of Self-Instruct and of most who filter."""


def duplicate_filters(
    *, exact: bool = True, near: float | None = NEAR, text: Look = question_of, numbers: bool = False
) -> dict[str, Filter]:
    """Filters that turn down what came before: exactly, and from a similarity of `near` on (unless None).

    `text` is what of a row is compared, `numbers` whether other numbers make another text.
    """
    filters: dict[str, Filter] = {}
    if exact:
        filters[DUPLICATE] = ExactDuplicates(text)
    if near is not None:
        filters[NEAR_DUPLICATE] = NearDuplicates(near, text, numbers=numbers)
    return filters


def fingerprint(text: str) -> int:
    """64 bits that stand for a plain text: of ten million, two share them with probability 3 in a million."""
    # Of a text of nothing but marks the marks are the text.
    plain = plain_text(text) or text.strip()
    return int.from_bytes(hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class ExactDuplicates:
    """Turns down a row whose text came before, but for case, spaces and marks (`plain.py`).

    Takes 16 to 32 bytes a row.
    """

    def __init__(self, text: Look = question_of) -> None:
        self.text = text
        self._seen = Seen()

    def __call__(self, row: Row) -> Verdict:
        return True if self._seen.add(fingerprint(said(row, self.text))) else (False, DUPLICATE)


class NearDuplicates:
    """Turns down a row whose text is like that of a row kept before; `like` is then the number of that row.

    Rows are numbered from 0 as they are seen. `threshold` is of the Jaccard similarity (`minhash.py`). With
    `numbers`, texts with other numbers in them are never alike. Takes about 0.8 kB a row kept, 5 kB at most.
    """

    def __init__(self, threshold: float = NEAR, text: Look = question_of, *, numbers: bool = False) -> None:
        self.threshold, self.text, self.numbers = threshold, text, numbers
        self.like: int | None = None
        self._index = Index(threshold, numbers=numbers)
        self._count = 0

    def __call__(self, row: Row) -> Verdict:
        signed = sign(plain_text(said(row, self.text)), self.threshold, numbers=self.numbers)
        number, self._count = self._count, self._count + 1
        self.like = self._index.like(signed)
        if self.like is not None:
            return False, NEAR_DUPLICATE
        self._index.add(signed, number)
        return True
