"""Is a row, or part of it, in an evaluation set? Then a model trained on it would be asked what it has seen.

A row is contaminated when it has n words in a row from a question of a set, when it is one of its short
questions, or when it contains one of them whole. Case, punctuation and what stands around do not matter,
wording does. Fingerprints are `ngrams.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datagen.filters.evaluation_sets import answers_in, question_in, set_files
from datagen.filters.filter import Verdict
from datagen.filters.ngrams import (
    DEFAULT_N,
    LEAST_CONTAINED,
    Fingerprints,
    Hashes,
    load_fingerprints,
    readings,
    rolling,
    windows,
)
from schemas import Row, UserError

CONTAMINATED = "contaminated"


def contamination_filter(
    against: Sequence[Path], *, n: int = DEFAULT_N, answers: bool = False
) -> Contamination:
    """A `Filter` that turns down what is in any of the files: rows of any format, or fingerprints of
    them; of a folder, all in it.

    `answers`: answers are looked at too, those of the row and those of the sets. A file of fingerprints has
    an n of its own, and answers only if it was made with them; then those of rows are looked for in it.
    """
    if not against:
        raise UserError("no evaluation set is given", mend="name a file of questions or of fingerprints")
    files = [file for path in against for file in set_files(path)]
    return Contamination([load_fingerprints(path, n, answers=answers) for path in files], answers=answers)


@dataclass(frozen=True)
class Match:
    """Where a row touches a set: `item` of it (from 1), and the `words` they have in common."""

    name: str
    item: int
    words: str
    whole: bool

    def __str__(self) -> str:
        sort = "whole question" if self.whole else f"{len(self.words.split())}-gram"
        return f"{self.name} item {self.item}, {sort} '{self.words}'"


class Contamination:
    """Turns down contaminated rows. `match` is that of the row seen last, or None; `counts` are by set."""

    def __init__(self, sets: Sequence[Fingerprints], *, answers: bool = False) -> None:
        self.sets, self.answers = sets, answers
        self._answered = [known for known in sets if answers or known.answers]
        self.match: Match | None = None
        self.counts: Counter[str] = Counter()
        self._grams: dict[int, list[tuple[Fingerprints, _Table]]] = {}
        self._short: dict[int, list[tuple[Fingerprints, _Table]]] = {}
        for known in sets:
            self._grams.setdefault(known.n, []).append((known, _Table(known.grams)))
            for length, (hashes, _) in known.short.items():
                self._short.setdefault(length, []).append((known, _Table(hashes)))

    def __call__(self, row: Row) -> Verdict:
        self.match = self._match(row)
        if self.match is None:
            return True
        self.counts[self.match.name] += 1
        return False, CONTAMINATED

    def _match(self, row: Row) -> Match | None:
        """Questions and running text are looked for in every set, answers in those that have answers."""
        found = self.find(question_in(row))
        if found is None and self._answered:
            answers = (self.find(text, self._answered) for text in answers_in(row))
            found = next((match for match in answers if match), None)
        return found

    def find(self, text: str, among: Sequence[Fingerprints] | None = None) -> Match | None:
        """What of a text is in a set: n-grams before short questions, an earlier set before a later one."""
        wanted = {id(known) for known in (self.sets if among is None else among)}
        for words in readings(text):
            sums = rolling(words)
            for n, tables in self._grams.items():
                hashes = windows(sums, n)
                for known, table in tables:
                    if id(known) in wanted and (hit := table.first(hashes)) is not None:
                        owner = int(known.owners[table.place(hashes[hit])])
                        return Match(known.name, owner + 1, " ".join(words[hit : hit + n]), whole=False)
        return self._find_short(text, wanted) if self._short else None

    def _find_short(self, text: str, wanted: Container[int]) -> Match | None:
        for words in readings(text, signs=True):
            sums = rolling(words)
            for length, tables in self._short.items():
                if length > len(words) or (length < LEAST_CONTAINED and length != len(words)):
                    continue
                hashes = windows(sums, length)
                for known, table in tables:
                    if id(known) in wanted and (hit := table.first(hashes)) is not None:
                        owner = int(known.short[length][1][table.place(hashes[hit])])
                        return Match(known.name, owner + 1, " ".join(words[hit : hit + length]), whole=True)
        return None


class _Table:
    """Hashes in order, behind a table of bits that most strangers do not pass."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        bits = max(10, (16 * len(hashes)).bit_length())
        self._mask = np.uint64((1 << bits) - 1)
        self._bits: npt.NDArray[np.bool_] = np.zeros(1 << bits, bool)
        self._bits[hashes & self._mask] = True

    def first(self, hashes: Hashes) -> int | None:
        """The first of some hashes that is known, or None."""
        maybe = np.flatnonzero(self._bits[hashes & self._mask])
        for index in maybe.tolist():
            place = self.place(hashes[index])
            if place < len(self.hashes) and self.hashes[place] == hashes[index]:
                return int(index)
        return None

    def place(self, value: np.uint64) -> int:
        """Where a hash is, or would be."""
        return int(np.searchsorted(self.hashes, value))
