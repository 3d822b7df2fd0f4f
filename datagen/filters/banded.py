"""Near-duplicates among more texts than memory holds: bands lie in files, looked at one after the other.

What is found is what `minhash.py`'s `Index` finds in the same order. Leaves reading and signing to
`duplicate_files.py`.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datagen.filters.minhash import KINDS, SEED, Compared, Signed, bands_for

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """The rows of a block that have shingles of one kind: which they are, a key for each band, the texts."""

    kind: str
    places: list[int]
    keys: Keys
    """[rows, bands]: equal where all hashes of the band are."""
    texts: list[bytes]


def banded(signed: Sequence[Signed], threshold: float) -> list[Part]:
    """The signatures of a block of rows by the kind of their shingles."""
    bands = bands_for(threshold)
    factors = np.random.default_rng(SEED).integers(0, 2**64, bands.rows, np.uint64) | np.uint64(1)
    parts = []
    for kind in KINDS:
        found = [(place, *part) for place, many in enumerate(signed) for part in many if part[0] == kind]
        digests = np.array([minhash.digest() for _, _, minhash, _ in found], np.uint64)
        keys = (digests.reshape(-1, bands.bands, bands.rows) * factors).sum(axis=2, dtype=np.uint64)
        parts.append(Part(kind, [place for place, *_ in found], keys, [data for *_, data in found]))
    return parts


class BandedTexts:
    """Texts in files of `folder`: a file of keys for each band, and the texts to compare exactly."""

    def __init__(self, folder: Path, threshold: float, numbers: bool) -> None:
        self._compared = {kind: Compared(kind, threshold, numbers, folder) for kind in KINDS}
        self._rows = {kind: array("q") for kind in KINDS}
        self._bands = {
            kind: [folder / f"{kind}-{band}" for band in range(bands_for(threshold).bands)] for kind in KINDS
        }
        self._files = {kind: [path.open("wb") for path in paths] for kind, paths in self._bands.items()}

    def add(self, parts: Sequence[Part], wanted: Sequence[bool], first: int) -> None:
        """The rows of a block that are wanted; `first` is the number of the first one."""
        for part in parts:
            chosen = [index for index, place in enumerate(part.places) if wanted[place]]
            for band, file in enumerate(self._files[part.kind]):
                file.write(np.ascontiguousarray(part.keys[chosen, band]).tobytes())
            for index in chosen:
                self._compared[part.kind].kept.add(part.texts[index])
                self._rows[part.kind].append(first + part.places[index])

    def duplicates(self) -> Iterator[int]:
        """The rows like an earlier one that is itself none of them, in order."""
        kept: dict[int, list[int]] = defaultdict(list)
        for row, mine in self._shared():
            alike = False
            for kind, (place, groups) in mine.items():
                candidates = {other for group in groups for other in kept[group]}
                data = self._compared[kind].kept.get(place) if candidates else b""
                alike = alike or self._compared[kind].first(data, candidates) is not None
            if alike:
                yield row
                continue
            for place, groups in mine.values():
                for group in groups:
                    kept[group].append(place)

    def _shared(self) -> Iterator[tuple[int, dict[str, tuple[int, list[int]]]]]:
        """(row, place and groups by kind) of each row that shares a band with another."""
        members, count = [], 0
        for number, kind in enumerate(KINDS):
            rows = np.frombuffer(self._rows[kind], np.int64)
            for path, file in zip(self._bands[kind], self._files[kind], strict=True):
                file.flush()
                places, groups = groups_of(np.fromfile(path, np.uint64))
                if len(places):
                    kinds = np.full(len(places), number)
                    members.append(np.stack([rows[places], kinds, places, groups + count]))
                    count += int(groups[-1]) + 1
        if not members:
            return
        table = np.concatenate(members, axis=1)
        table = table[:, np.lexsort((table[2], table[1], table[0]))]
        ends = np.flatnonzero(np.diff(table[0], append=-1)) + 1
        start = 0
        for end in ends.tolist():
            mine: dict[str, tuple[int, list[int]]] = {}
            for number, place, group in table[1:, start:end].T.tolist():
                mine.setdefault(KINDS[number], (place, []))[1].append(group)
            yield int(table[0, start]), mine
            start = end

    def close(self) -> None:
        """Let the files go."""
        for kind in KINDS:
            self._compared[kind].kept.close()
            for file in self._files[kind]:
                file.close()


def groups_of(keys: Keys) -> tuple[Places, Places]:
    """The places of keys that come more than once, and a number for each of their values, from 0 on.

    >>> groups_of(np.array([5, 3, 5, 4, 3], np.uint64))
    (array([1, 4, 0, 2]), array([0, 0, 1, 1]))
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    shared = np.zeros(len(keys), bool)
    shared[1:] |= same
    shared[:-1] |= same
    begins = np.ones(len(keys), bool)
    begins[1:] = ~same
    return order[shared], np.cumsum(begins[shared]) - 1
