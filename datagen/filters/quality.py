"""Plain measures of a text: empty, too short or long, made of symbols, damaged on the way.

Each filter is a frozen dataclass of its options that is called with a row. What a text says is looked at by
`refusals.py` and `echoes.py`, how it ends by `endings.py`, how it repeats itself by `repetition.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from datagen.filters.filter import Verdict, answers_of, is_known, question_of
from datagen.filters.text import Texts, count_words, estimated_tokens, looked_at, without_code
from schemas import Row, UserError
from schemas.settings import setting

NOTHING = re.compile(
    # An empty list, object or tuple is an answer, and so is a sign of multiplication or division.
    r"(?!\s*(?:\[\s*\]|\{\s*\}|\(\s*\)|[*/])\s*\Z)[\s.,;:!?…\-–—_*#\"'`~|\\/()\[\]{}]*"
    r"|\W*(?:n/?a|<?no ?(?:in|out)put>?|tbd|todo|lorem ipsum\b.*)\W*",
    re.IGNORECASE | re.DOTALL,
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
LOST = re.compile("[\ufffd\ufffe\uffff\ue000-\uf8ff]|(?<!^)\ufeff|\\(cid:\\d+\\)")
MISREAD = re.compile(
    "[ÃÂÄÅÎÏÐÑ×Ø][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
    "|[âãàáäåæçèéêëìíïð][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2,3}"
)
"""What UTF-8 looks like when read as Windows-1252: a lead byte and its followers, each as a character."""
HASHES = re.compile("#+")
ELLIPSIS = re.compile(r"\.\.\.|…")
LEFT_OPEN = re.compile(r"(?<![+\-*/,] )(?<![+\-*/,])(?:\.\.\.|…)\s*$")
"""An ellipsis at the end of a line that does not stand for the other terms of a series."""
BULLET = re.compile(r"\s*(?:[-*•●▪‣]|\d+[.)])\s")


@dataclass(frozen=True)
class Empty:
    """An answer or a question without a word: nothing at all, only marks, or `N/A`, `<noinput>`, `TODO`."""

    texts: Texts = setting("all", help="which texts must say something")

    def __call__(self, row: Row) -> Verdict:
        if self.texts != "question" and not answers_of(row) and "question" not in row:
            return False, "empty answer"
        asks = "text" not in row and is_known(row)
        if self.texts in ("question", "all") and asks and says_nothing(question_of(row)):
            return False, "empty question"
        answers = looked_at(row, "answers" if self.texts == "all" else self.texts)
        return (False, "empty answer") if any(map(says_nothing, answers)) else True


def says_nothing(text: str) -> bool:
    """Whether a text has no word in it.

    >>> says_nothing(" ... "), says_nothing("N/A"), says_nothing("+"), says_nothing("7")
    (True, True, False, False)
    """
    return len(text) < 2_000 and NOTHING.fullmatch(text) is not None


@dataclass(frozen=True)
class Length:
    """A question or an answer shorter or longer than it may be."""

    unit: Literal["words", "characters", "tokens"] = setting(
        "words", help="what is counted; tokens are estimated, four characters each"
    )
    min_question: int = setting(0, help="shortest question", minimum=0)
    max_question: int | None = setting(None, help="longest question", minimum=1)
    min_answer: int = setting(1, help="shortest answer", minimum=0)
    max_answer: int | None = setting(None, help="longest answer", minimum=1)

    def __call__(self, row: Row) -> Verdict:
        question = question_of(row)
        if question:
            bounds = self.min_question, self.max_question
            if wrong := self._misfit(question, *bounds):
                return False, f"question too {wrong}"
        for answer in answers_of(row):
            if wrong := self._misfit(answer, self.min_answer, self.max_answer):
                return False, f"{'text' if 'text' in row else 'answer'} too {wrong}"
        return True

    def _misfit(self, text: str, least: int, most: int | None) -> str | None:
        # A word is a character at least: most texts need no counting.
        if self.unit == "words" and least <= 1 and (most is None or len(text) <= most):
            return "short" if len(text) < least or not (least == 0 or text.strip()) else None
        counts = {"words": count_words, "characters": len, "tokens": estimated_tokens}
        size = counts[self.unit](text)
        return "short" if size < least else "long" if most is not None and size > most else None


@dataclass(frozen=True)
class Symbols:
    """Text made of symbols, bullets and dots instead of sentences.

    Source: Rae et al. 2021 (arXiv:2112.11446), appendix A.1.1: hash signs or ellipses for more than a tenth
    of the words, more than 90% of lines bullets, more than 30% ending in an ellipsis, under 80% of words
    with a letter. A run of hash signs, as of a heading, counts once here.
    """

    max_symbols: float = setting(0.1, help="hash signs, or ellipses, a word", minimum=0)
    max_bullet_lines: float = setting(1.0, help="share of lines that are bullets", minimum=0, maximum=1)
    max_ellipsis_lines: float = setting(
        0.3, help="share of lines that end in an ellipsis", minimum=0, maximum=1
    )
    min_lettered: float = setting(
        0.0,
        help="share of words with a letter; 0.8 for prose, 0 for mathematics",
        minimum=0,
        maximum=1,
    )
    min_words: int = setting(20, help="shorter texts are not judged", minimum=1)
    texts: Texts = setting("best", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        for text in looked_at(row, self.texts):
            if reason := self._fault(text):
                return False, reason
        return True

    def _fault(self, text: str) -> str | None:
        text = without_code(text)
        words = text.split()
        if len(words) < self.min_words:
            return None
        most = self.max_symbols * len(words)
        if ("#" in text and len(HASHES.findall(text)) > most) or (
            ("..." in text or "…" in text) and len(ELLIPSIS.findall(text)) > most
        ):
            return "too many symbols"
        lines = [line for line in text.splitlines() if line.strip()]
        left_open = sum(LEFT_OPEN.search(line) is not None for line in lines)
        if left_open > self.max_ellipsis_lines * len(lines):
            return "lines left open"
        bullets = sum(BULLET.match(line) is not None for line in lines)
        if self.max_bullet_lines < 1 and bullets > self.max_bullet_lines * len(lines):
            return "nothing but bullets"
        if self.min_lettered:
            lettered = sum(any(map(str.isalpha, word)) for word in words)
            if lettered < self.min_lettered * len(words):
                return "too few words with letters"
        return None


@dataclass(frozen=True)
class Encoding:
    """Text damaged by a wrong encoding: `Ã©` for `é`, replacement, control and private-use characters."""

    texts: Texts = setting("all", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        for text in looked_at(row, self.texts):
            if reason := damage(text):
                return False, reason
        return True


def damage(text: str) -> str | None:
    """How a text is damaged, or None.

    >>> damage("The cafÃ© is open"), damage("O café não abre: NÃO!"), damage("a\\x00b")
    ('misread characters', None, 'control characters')
    """
    if CONTROL.search(text):
        return "control characters"
    if text.isascii():
        return "lost characters" if "(cid:" in text and LOST.search(text) else None
    if LOST.search(text) or any("\ud800" <= letter <= "\udfff" for letter in text):
        return "lost characters"
    return "misread characters" if any(map(_is_misread, MISREAD.finditer(text))) else None


def _is_misread(found: re.Match[str]) -> bool:
    """Whether characters are the bytes of one other character, and not a capital before a closing quote."""
    marks = found.group()
    start, end = found.span()
    text = found.string
    if len(marks) == 2 and marks[1] in "’”“‘›–—…•" and text[max(0, start - 1) : start].isupper():
        return False  # IRMÃ” at the end of a quotation
    try:
        taken = bytes(_byte(mark) for mark in marks).decode("utf-8")
    except ValueError:
        try:  # the regex took one character too many
            taken = bytes(_byte(mark) for mark in marks[:-1]).decode("utf-8")
        except ValueError:
            return False
    return bool(taken) and taken.isprintable() | (taken == "\u00a0") and end > start


def _byte(character: str) -> int:
    if ord(character) < 256:
        return ord(character)
    return character.encode("cp1252")[0]


def checked_bounds(filter: Length, where: object = None) -> None:
    """`UserError` when no text could be long enough."""
    pairs = (
        ("question", filter.min_question, filter.max_question),
        ("answer", filter.min_answer, filter.max_answer),
    )
    for name, least, most in pairs:
        if most is not None and least > most:
            what = f"min_{name} {least} is over max_{name} {most}"
            raise UserError(what, where=where, mend="no text fits: raise the maximum")
