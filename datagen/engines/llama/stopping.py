"""When does a sample end on a stop string? Works on bytes, as a token may end inside a character.

Leaves to others: end tokens and length limits (`schedule.py`).
"""

from __future__ import annotations

from collections.abc import Sequence


class Transcript:
    """The bytes of one sample as they grow, watched for stop strings.

    >>> transcript = Transcript(["END"])
    >>> [transcript.push(piece) for piece in (b"the E", b"N", b"D.")]
    [False, False, True]
    >>> transcript.text()
    'the '
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._stops = [s.encode() for s in stop]
        self._longest = max(map(len, self._stops), default=0)
        self._bytes = bytearray()
        self._end: int | None = None

    def push(self, piece: bytes) -> bool:
        """Add one token's bytes; True when a stop string is now complete. The earliest one counts."""
        # A match that ends in the new piece begins at most `longest - 1` bytes before it.
        start = max(0, len(self._bytes) - self._longest + 1)
        self._bytes += piece
        found = [at for at in (self._bytes.find(stop, start) for stop in self._stops) if at >= 0]
        if found:
            self._end = min(found)
        return bool(found)

    def text(self) -> str:
        """The text before the stop string; bytes that are no UTF-8 become U+FFFD."""
        return bytes(self._bytes[: self._end]).decode("utf-8", errors="replace")
