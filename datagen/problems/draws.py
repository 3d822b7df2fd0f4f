"""The randomness of one item: numbers from hashes of its name, through the interface of `random.Random`.

Most items need a few dozen draws, and the Mersenne Twister of the standard library fills 624 words of state
before the first. A hash is as good, gives eight draws at once, and costs a tenth.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from hashlib import blake2b
from itertools import chain, count
from struct import Struct
from typing import Any, TypeVar

T = TypeVar("T")

_WORDS = Struct("<8Q")
_SCALE = 2.0**-53
_FLOAT_BITS = 53
_FEW = 1 << 40
"""Among more than so many, a draw takes as many bits as it needs."""


def _blocks(name: bytes) -> Iterator[list[float]]:
    """Eight numbers at a time: 53 bits of each word of BLAKE2b-512 of the name, salted by its place."""
    for block in count():
        digest = blake2b(name, salt=block.to_bytes(8, "little")).digest()
        yield [(word >> 11) * _SCALE for word in _WORDS.unpack(digest)]


class Draws(random.Random):
    """A random generator that `restart(name)` puts at the beginning of the stream of that name.

    All that `random.Random` offers works, and rests on `random()`: numbers from [0, 1) with 53 random bits.
    A choice among n is `int(random() * n)`, which favours none by more than n in 2^53.
    """

    random: Callable[[], float]  # type: ignore[assignment]

    def __init__(self, name: bytes = b"") -> None:
        self.gauss_next = None
        self.restart(name)

    def restart(self, name: bytes) -> None:
        """Begin the stream that `name` names."""
        # An attribute, and a function of the interpreter's own: a method written here would cost more than
        # the rest of a draw.
        self.random = chain.from_iterable(_blocks(name)).__next__

    def randint(self, a: int, b: int) -> int:
        """A whole number from `a` to `b`, both among them."""
        span = b - a + 1
        if span > _FEW or span < 1:
            return super().randint(a, b)
        return a + int(self.random() * span)

    def choice(self, seq: Sequence[T]) -> T:  # type: ignore[override]
        """One element of a sequence."""
        return seq[int(self.random() * len(seq))]

    def shuffle(self, x: MutableSequence[Any]) -> None:  # type: ignore[override]
        """Put a list in a random order, in place (Fisher and Yates)."""
        draw = self.random
        for last in range(len(x) - 1, 0, -1):
            place = int(draw() * (last + 1))
            x[last], x[place] = x[place], x[last]

    def _randbelow(self, n: int) -> int:
        """What `sample`, `randrange` and the like draw with; `n` at least 1."""
        if n > _FEW:
            return self._randbelow_with_getrandbits(n)  # type: ignore[attr-defined,no-any-return]
        return int(self.random() * n)

    def getrandbits(self, k: int) -> int:
        """`k` random bits as a whole number."""
        bits = 0
        for _ in range(-(-k // _FLOAT_BITS)):
            bits = bits << _FLOAT_BITS | int(self.random() * 2**_FLOAT_BITS)
        return bits >> -k % _FLOAT_BITS

    def seed(self, a: object = None, version: int = 2) -> None:
        """The stream of the text of `a`, for callers that know only `random.Random`."""
        self.restart(repr(a).encode())
