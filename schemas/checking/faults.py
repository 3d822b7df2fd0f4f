"""What is wrong with a row, and where. A value that everything about checking shares; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_REASON_CHARACTERS = 10_000
"""A reason quotes the value it is about, which may be a whole huge row; longer ones lose their middle."""


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: the JSON pointer (RFC 6901) of the value in the row at `line` of `file`.

    `keyword` is the keyword of the schema, or the rule, that was broken. Where alternatives were offered
    (`anyOf`, `oneOf`), `nearest` is what was wrong with the one that came nearest.
    """

    reason: str
    pointer: str = ""
    line: int | None = None
    file: str | None = None
    keyword: str = field(default="", compare=False)
    nearest: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        said = " ".join(part for part in (f"{place}:" if place else "", self.pointer, self.reason) if part)
        return f"{said} (nearest: {self.nearest})" if self.nearest else said


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901).

    >>> pointer(["messages", 0, "a/b~c"])
    '/messages/0/a~1b~0c'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def clipped(text: str, limit: int = MAX_REASON_CHARACTERS) -> str:
    """The text, or its beginning and its end when it is longer than `limit`.

    >>> clipped("abcdefghij", 4)
    'ab ... ij'
    """
    half = limit // 2
    return text if len(text) <= limit else f"{text[:half]} ... {text[-half:]}"
