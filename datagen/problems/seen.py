"""Which fingerprints a stream has given out: a set of 64-bit numbers in 16 to 32 bytes each.

A Python set takes 60 to 100; a run of ten million problems holds this many of them at once.
"""

from __future__ import annotations

from array import array

_LEAST_PLACES = 64


class Seen:
    """A set of numbers from 0 to 2^64 - 1: open addressing, linear probing, at most half full.

    Fingerprints are hashes already, so their low bits are their place. With room for `expected` of them it
    does not grow until there are more.
    """

    def __init__(self, expected: int = 0) -> None:
        self._places = _LEAST_PLACES
        while self._places < 2 * expected:
            self._places *= 2
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._table = array("Q", bytes(8 * self._places))
        self._count = 0

    def add(self, mark: int) -> bool:
        """Remember a number; whether it is new."""
        table, last = self._table, self._places - 1
        place = mark & last
        mark = mark or 1  # an empty place holds 0; that 0 and 1 are one number here loses one problem in 2^63
        while found := table[place]:
            if found == mark:
                return False
            place = (place + 1) & last
        table[place] = mark
        self._count += 1
        if 2 * self._count > self._places:
            self._grow()
        return True

    def __contains__(self, mark: int) -> bool:
        table, last = self._table, self._places - 1
        place, mark = mark & last, mark or 1
        while found := table[place]:
            if found == mark:
                return True
            place = (place + 1) & last
        return False

    def __len__(self) -> int:
        return self._count

    def _grow(self) -> None:
        held = [mark for mark in self._table if mark]
        self._places *= 2
        self.clear()
        for mark in held:
            self.add(mark)
