"""Small slips of spelling that have one reading only, mended; each is named, so that a verdict can say so.

A last resort: the text as it stands is read first. What could be read in two ways is not mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIGN = re.compile(r"\\.|[{}]", re.DOTALL)
_LEADING = re.compile(r"^\s*(?:(?:the\s+)?(?:final\s+)?answer(?:\s+is|\s*:|\s*=)\s*:?\s*)", re.IGNORECASE)
_TRAILING = re.compile(r"\s*\\{1,2}$")


def mended(text: str) -> Iterator[tuple[str, str]]:
    """(what was done, the text after it), the least intrusive first."""
    trimmed = _TRAILING.sub("", text)
    if trimmed != text and trimmed:
        yield "dropped a mark at the end", trimmed
    open_braces = unclosed(text)
    if 0 < open_braces <= 3:
        yield "closed a brace", text + "}" * open_braces
    elif open_braces == -1 and text.rstrip().endswith("}"):
        yield "dropped a brace", text.rstrip()[:-1]
    bare = _LEADING.sub("", text)
    if bare != text and bare:
        yield "dropped the words before the answer", bare


def unclosed(text: str) -> int:
    """How many braces are opened and not closed; -1 when one is closed that was never opened."""
    depth = 0
    for match in _SIGN.finditer(text):
        depth += (match.group() == "{") - (match.group() == "}")
        if depth < 0:
            return -1
    return depth
