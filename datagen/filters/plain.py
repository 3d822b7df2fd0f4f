"""Texts without what hardly matters: case, width, spaces, quotation marks, punctuation at the end of a word.

What tells formulas and numbers apart stays: signs, the point of `1.5`, the colon of `3:4`, powers, primes and
factorials. Two texts are the same question when they are equal here; how alike others are is `minhash.py`'s.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable

from datagen.filters.evaluation_sets import answers_in, question_in
from datagen.filters.filter import is_known, texts_of
from schemas import Row
from schemas.rows import dump_row

Look = Callable[[Row], "str | Iterable[str]"]
"""Which text, or texts, of a row a filter looks at."""

# NFKC would make 5² and 52 one number, and 2½ and 21⁄2.
POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱªº\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d61\u1d78\u1d9b-\u1dbf"
RAISED, LOWERED = re.compile(f"[{POWERS}]+"), re.compile("[\u2080-\u208e\u2090-\u209c\u1d62-\u1d6a\u2c7c]+")
FRACTION = re.compile("[\u00bc-\u00be\u2150-\u215e]")
ALIKE = str.maketrans(
    dict.fromkeys("‘’‛ʼ′", "'")
    | dict.fromkeys("“”„‟«»", '"')
    | dict.fromkeys("‐‑‒–—−", "-")
    | {"\u2044": "/", "\u2026": "..."}
)
# Each begins with one of a few characters, which the engine then looks for first: four times as fast.
MARKS = re.compile(
    r"""["`?.,;:'!](?:(?<=["`?])"""
    r"|(?<=[.,;:])(?![^\W_])"
    # x' and f''(x) are derivatives, as long as what has them is a single letter.
    r"|(?<=')(?:(?=\w)|(?<!\b[^\W\d_]')(?<!\b[^\W\d_]'')(?<!\b[^\W\d_]'''))"
    # 5!, n!, n!!, {n}! and |x|! are factorials.
    r"|(?<=!)(?<![\d)}|]!)(?<![\d)}|]!!)(?<!\b[^\W\d_]!)(?<!\b[^\W\d_]!!))"
)


def folded(text: str) -> str:
    """A text in one case, with one sort of quote, dash and digit.

    >>> folded("“Ｗhat’s” 5² − ½?")
    '"what\\'s" 5^2 -  1/2?'
    """
    if text.isascii():
        return text.lower()
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = RAISED.sub(lambda found: "^" + unicodedata.normalize("NFKC", found[0]), text)
    text = LOWERED.sub(lambda found: "_" + unicodedata.normalize("NFKC", found[0]), text)
    text = FRACTION.sub(lambda found: f" {found[0]}", text)
    # What NFKC makes of a letter may have another case, and what has been folded another form.
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.translate(ALIKE)


@functools.lru_cache(2)  # several filters look at one row
def plain_text(text: str) -> str:
    """A text without case, spaces and marks: equal for texts that hardly differ.

    >>> plain_text("What's  UP?") == plain_text("whats up")
    True
    >>> plain_text("1.5 + 2") == plain_text("15 + 2")
    False
    >>> plain_text("What is 5!?") == plain_text("What is 5?")
    False
    """
    return " ".join(MARKS.sub("", folded(text)).split())


def said(row: Row, look: Look) -> str:
    """The text that `look` finds in a row; where it finds none (running text asks nothing), all its texts.

    Of a row of another format, what it asks and answers: which of its columns tell it from others is a guess.
    Of one that says neither, a digest of the whole row, which no other row is like.
    """
    if is_known(row):
        found = look(row)
        return (found if isinstance(found, str) else "\n".join(found)) or "\n".join(texts_of(row))
    text = "\n".join(part for part in (question_in(row), *answers_in(row)) if part)
    return text or hashlib.blake2b(dump_row(row), digest_size=16).hexdigest()
