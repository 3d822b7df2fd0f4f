"""Where a keyword or phrase occurs in a text: whole words, whatever their case. Linear in the text."""

from __future__ import annotations

import re
from functools import lru_cache

from verifiers.constraints.text import UNSPACED

#: Signs that continue a word: letters, digits, and the vowel signs of Indic scripts, which `\w` leaves out.
_INSIDE = r"[\w\u0300-\u036f\u0900-\u0dff]"


@lru_cache(maxsize=4096)
def pattern(keyword: str) -> re.Pattern[str]:
    """Matches the keyword as whole words: `cat` is not in `category`, but in `cat-like` and `Cat's`.

    Case does not count, nor which apostrophe or how much white space. A keyword in Han or kana, written
    without spaces, is found anywhere.
    """
    parts = [re.sub("['’]", "['’]", re.escape(part)) for part in keyword.split()]
    before = f"(?<!{_INSIDE})" if _bounded(keyword[0]) else ""
    after = f"(?!{_INSIDE})" if _bounded(keyword[-1]) else ""
    return re.compile(before + r"\s+".join(parts) + after, re.IGNORECASE)


_UNSPACED = re.compile(f"[{UNSPACED}]")


def _bounded(sign: str) -> bool:
    return _UNSPACED.match(sign) is None and re.match(_INSIDE, sign) is not None


def occurrences(keyword: str, text: str) -> int:
    return sum(1 for _ in pattern(keyword).finditer(text))


def occurs(keyword: str, text: str) -> bool:
    return pattern(keyword).search(text) is not None


def spellings(keyword: str) -> tuple[str, ...]:
    """The cases in which a keyword may be written, for `required`."""
    return tuple(dict.fromkeys((keyword, keyword.lower(), keyword.upper(), keyword.title())))


def quoted(*said: str) -> str:
    """Words in quotation marks as a list: `"a", "b" and "c"`."""
    marked = [f'"{each}"' for each in said]
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} and {marked[-1]}"
