"""Texts that repeat themselves: lines, paragraphs and phrases said again, and endings that loop.

The measures are those of Rae et al. 2021, "Scaling Language Models" (Gopher, arXiv:2112.11446), table A1; the
loop is what local models fall into, and what their token limit then cuts off.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from datagen.filters.filter import Verdict
from datagen.filters.text import WORD, Texts, looked_at, without_code
from schemas import Row
from schemas.settings import setting

TOP_SHARES = {2: 0.20, 3: 0.18, 4: 0.16}
"""Largest share of characters in the commonest n-gram, by n."""
REPEATED_SHARES = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
"""Largest share of characters in n-grams that occur before, by n."""
PARAGRAPHS = re.compile(r"\n{2,}")
LOOP_TAIL_CHARACTERS = 4_000
NUMBERS_LOOP = 400
"""Characters of repeated numbers that are a loop; fewer are the decimals of a fraction or a matrix."""


@dataclass(frozen=True)
class Repetition:
    """Lines, paragraphs or phrases that come again and again (Rae et al. 2021, table A1).

    `looseness` multiplies the shares of phrases that Gopher allows: worked solutions and lists repeat
    themselves more than web pages do.
    """

    max_lines: float = setting(0.30, help="share of lines that came before", minimum=0, maximum=1)
    max_line_characters: float = setting(
        0.20, help="share of characters in lines that came before", minimum=0, maximum=1
    )
    max_paragraphs: float = setting(0.30, help="share of paragraphs that came before", minimum=0, maximum=1)
    max_paragraph_characters: float = setting(
        0.20, help="share of characters in paragraphs that came before", minimum=0, maximum=1
    )
    looseness: float = setting(1.0, help="multiplies Gopher's shares of phrases", above=0)
    min_words: int = setting(50, help="shorter texts are not judged by phrases", minimum=1)
    texts: Texts = setting("best", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        for text in looked_at(row, self.texts):
            if reason := self._fault(text):
                return False, reason
        return True

    def _fault(self, text: str) -> str | None:
        # Code says the same line often, and means it each time.
        prose = without_code(text)
        lines = [line for line in (line.strip() for line in prose.splitlines()) if line]
        if _said_again(lines, len(prose), self.max_lines, self.max_line_characters):
            return "repeated lines"
        paragraphs = [part for part in (part.strip() for part in PARAGRAPHS.split(prose)) if part]
        if _said_again(paragraphs, len(prose), self.max_paragraphs, self.max_paragraph_characters):
            return "repeated paragraphs"
        words = WORD.findall(text.lower())
        if len(words) < self.min_words:
            return None
        total = sum(map(len, words))
        for n, share in TOP_SHARES.items():
            if top_share(words, n, total) > share * self.looseness:
                return "one phrase over and over"
        for n, share in REPEATED_SHARES.items():
            if repeated_share(words, n, total) > share * self.looseness:
                return "repeated phrases"
        return None


def _said_again(parts: Sequence[str], characters: int, most: float, most_characters: float) -> bool:
    """Whether too many parts, of four or more, came before, or hold too much of the text."""
    if len(parts) < 4 or len(set(parts)) == len(parts):
        return False
    seen: set[str] = set()
    again = [part for part in parts if part in seen or seen.add(part)]  # type: ignore[func-returns-value]
    return len(again) > most * len(parts) or sum(map(len, again)) > most_characters * characters


def top_share(words: Sequence[str], n: int, total: int | None = None) -> float:
    """Share of the characters of all words that is in the commonest n-gram; 0 when none comes twice.

    >>> top_share("a b a b c d".split(), 2)
    0.6666666666666666
    """
    counts = Counter(zip(*(words[start:] for start in range(n)), strict=False))
    count = max(counts.values(), default=0)
    if count < 2:
        return 0.0
    longest = max(sum(map(len, gram)) for gram, same in counts.items() if same == count)
    return longest * count / max(1, sum(map(len, words)) if total is None else total)


def repeated_share(words: Sequence[str], n: int, total: int | None = None) -> float:
    """Share of the characters of all words that is in n-grams that occur before; each word counts once.

    >>> repeated_share("a b c a b c".split(), 3)
    0.5
    """
    grams = list(zip(*(words[start:] for start in range(n)), strict=False))
    if len(set(grams)) == len(grams):
        return 0.0
    seen: set[tuple[str, ...]] = set()
    characters, counted = 0, 0
    for start, gram in enumerate(grams):
        if gram in seen:
            characters += sum(map(len, words[max(start, counted) : start + n]))
            counted = start + n
        seen.add(gram)
    return characters / max(1, sum(map(len, words)) if total is None else total)


@dataclass(frozen=True)
class Loop:
    """An ending that says the same over and over: a phrase four times or more, sixty characters or more."""

    min_repeats: int = setting(4, help="how often the end must come in a row", minimum=2)
    min_characters: int = setting(60, help="how long the repeated ending must be", minimum=2)
    texts: Texts = setting("best", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        for text in looked_at(row, self.texts):
            if loop_period(text, self.min_repeats, self.min_characters):
                return False, "loops at the end"
        return True


def loop_period(text: str, min_repeats: int = 4, min_characters: int = 60) -> int:
    """The number of characters after which the end of a text repeats itself, or 0 when it does not.

    The last repetition may be cut off anywhere: what repeats with a period does so from any place.

    >>> loop_period("So it is. " + "And so on, " * 8 + "and")
    0
    >>> loop_period("So it is. " + "and so on, " * 8 + "and")
    11
    """
    tail = text[-LOOP_TAIL_CHARACTERS:].rstrip()
    for period in range(1, len(tail) // min_repeats + 1):
        repeats = max(min_repeats, math.ceil(min_characters / period))
        unit = tail[-period:]
        if period * repeats > len(tail) or tail[-1] != tail[-1 - period] or not tail.endswith(unit * repeats):
            continue
        # Rules and dotted lines are drawn on purpose; digits are a decimal fraction or rows of zeros.
        if any(map(str.isalpha, unit)) or (period > 2 and not any(map(str.isdigit, unit))):
            return period
        return period if len(tail) >= NUMBERS_LOOP and tail.endswith(unit * (NUMBERS_LOOP // period)) else 0
    return 0
