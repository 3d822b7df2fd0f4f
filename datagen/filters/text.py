"""Words, prose and the texts of a row that a filter looks at: what several filters need alike."""

from __future__ import annotations

import re
from typing import Literal

from datagen.filters.filter import answers_of, question_of
from schemas import Row

Texts = Literal["best", "answers", "question", "all"]
"""`best` is the answer to be imitated: of a pair the chosen one; `answers` are both."""

WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
"""Scripts written without spaces (kana, Han, Thai): each character counts as a word."""
WORD = re.compile(rf"[{WIDE}]|[^\W_{WIDE}]+(?:['’\-][^\W_{WIDE}]+)*")
FENCED = re.compile(r"^ *(```|~~~).*?(?:^ *\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
WIDE_CHARACTER = re.compile(f"[{WIDE}]")
CHARACTERS_A_TOKEN = 4.0
"""English with the vocabularies of current models: a rule of thumb, off by a third for other languages."""


def looked_at(row: Row, texts: Texts) -> tuple[str, ...]:
    """The texts of a row that `texts` names; running text is an answer without a question."""
    question, answers = question_of(row), answers_of(row)
    asked = (question,) if question else ()
    if texts == "question":
        return asked
    if texts == "all":
        return (*asked, *answers)
    return answers[:1] if texts == "best" else answers


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters.

    >>> words_of("Don't stop: 3 x-rays, 你好")
    ["don't", 'stop', '3', 'x-rays', '你', '好']
    """
    return WORD.findall(text.lower())


def count_words(text: str) -> int:
    """The number of words; of text without spaces, the number of characters."""
    return len(WORD.findall(text))


def estimated_tokens(text: str) -> int:
    """About how many tokens a text is: one for four characters, one for each character of a wide script."""
    wide = len(WIDE_CHARACTER.findall(text))
    return round(wide + (len(text) - wide) / CHARACTERS_A_TOKEN)


def without_code(text: str) -> str:
    """The text without fenced blocks and code between backticks.

    >>> without_code("Use `{{ x }}` so.")
    'Use  so.'
    """
    return INLINE_CODE.sub("", FENCED.sub("", text)) if "`" in text or "~~~" in text else text


def folded(text: str) -> str:
    """The words alone, one space between them: for comparing what is said.

    >>> folded("What is  2+2?") == folded("what is 2 + 2")
    True
    """
    return " ".join(words_of(text))
