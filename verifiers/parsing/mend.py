"""Small slips of spelling that have one reading only, mended; each is named, so that a verdict can say so.

A last resort: the text as it stands is read first. What could be read in two ways is not mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIGN = re.compile(r"\\.|[{}]", re.DOTALL)
_COMMA = re.compile(r"(?<![\d,])(-?\d+)\{,\}(\d{1,2})(?![\d{,])")
_LEADING = re.compile(
    r"^\s*(?:\\text\{\s*)?(?:the\s+)?(?:final\s+)?answer(?:\s+is|\s*:|\s*=|\b)\s*:?\s*\}?", re.IGNORECASE
)
_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$(.+?)(?<!\\)\$|\\\((.+?)\\\)|(?<!\\)\\\[(.+?)\\\]", re.DOTALL)
_EMPHASIS = re.compile(r"\s*(?:\*\*([^*]+)\*\*|`([^`]+)`|__([^_]+)__)\.?\s*")
_PROSE = re.compile(r"[A-Za-z][A-Za-z\s,.:;'’*-]+")
_TAKEN_BACK = re.compile(
    r"\b(?:or|not|no|maybe|perhaps|either|but|if|unless|wrong|except)\b|n't\b", re.IGNORECASE
)
_TRAILING = re.compile(r"\s*(?:\\{1,2}|,)$|^\s*=\s*")


def mended(text: str) -> Iterator[tuple[str, str]]:
    """(what was done, the text after it), the least intrusive first."""
    emphasised = _EMPHASIS.fullmatch(text)
    if emphasised is not None:
        yield "took the answer out of its emphasis", next(filter(None, emphasised.groups()))
    trimmed = _TRAILING.sub("", text)
    if trimmed != text and trimmed:
        yield "dropped a mark at the end", trimmed
    open_braces = unclosed(text)
    if 0 < open_braces <= 3:
        yield "closed a brace", text + "}" * open_braces
    elif open_braces == -1 and text.rstrip().endswith("}"):
        yield "dropped a brace", text.rstrip()[:-1]
    with_point = _COMMA.sub(r"\1.\2", text)
    if with_point != text:
        yield "read a decimal comma", with_point
    bare = _LEADING.sub("", text)
    if bare != text and bare:
        yield "dropped the words before the answer", bare


def lone_formula(text: str) -> str | None:
    """The one formula of a sentence, `Therefore $x > 5$ is the solution.`; None where it is not alone.

    What stands around it must be words, some of them before it, and none that takes it back.
    """
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return None
    found = list(_FORMULA.finditer(text))
    if len(found) != 1:
        return None
    before, after = text[: found[0].start()].strip(), text[found[0].end() :].strip(" .\n*")
    if not _PROSE.fullmatch(before) or (after and not _PROSE.fullmatch(after)):
        return None
    if _TAKEN_BACK.search(before) or _TAKEN_BACK.search(after):
        return None
    return next(group for group in found[0].groups() if group is not None)


def unclosed(text: str) -> int:
    """How many braces are opened and not closed; -1 when one is closed that was never opened."""
    depth = 0
    for match in _SIGN.finditer(text):
        depth += (match.group() == "{") - (match.group() == "}")
        if depth < 0:
            return -1
    return depth
