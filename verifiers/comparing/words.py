"""Answers that are words: truth values, the letter of a choice, short text.

Works on the text itself, before any mathematics is parsed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from verifiers.answer import AnswerSpec
from verifiers.parsing.notation import (
    COLOUR_COMMANDS,
    CONSTANTS,
    FUNCTIONS,
    GREEK,
    TEXT_COMMANDS,
    TRANSPARENT_COMMANDS,
    TRUTHS,
    UNITS,
    WORD_OPERATORS,
)
from verifiers.parsing.parse import parse
from verifiers.parsing.token import UnreadableError
from verifiers.verdict import Status, Verdict

_TRUTHS = {
    "true": True,
    "yes": True,
    "t": True,
    "correct": True,
    "⊤": True,
    "false": False,
    "no": False,
    "f": False,
    "incorrect": False,
    "⊥": False,
}
#: What a truth value has in it; most answers do not, and are not looked at further.
_LIKE_A_TRUTH = re.compile(
    r"true|yes|correct|false|no|(?:^|[^a-z])[tf](?:$|[^a-z])|[^\x00-\x7f]", re.IGNORECASE
)
#: Commands that change the look of words; a bar above may negate them.
_STYLES = "|".join(sorted((TEXT_COMMANDS | TRANSPARENT_COMMANDS) - {"overline"}))
_COLOURS = "|".join(sorted(COLOUR_COMMANDS))
_STYLED = re.compile(rf"\\(?:{_STYLES})\s*\{{([^{{}}]*)\}}|\\(?:{_COLOURS})\s*\{{\w*\}}\s*\{{([^{{}}]*)\}}")
_SPACING = re.compile(r"\\[,;:! ]|\\(?:quad|left|right)(?![a-zA-Z])|[~$]")
_CHOICE = re.compile(r"(?:(?:option|choice|answer)\s+)?(?:\(([a-z])\)|([a-z]))[.):]?", re.IGNORECASE)
_CHOICE_WITH_TEXT = re.compile(r"(?:\(([a-z])\)|([a-z])[.):])\s*(\S.*)", re.IGNORECASE)
_OTHER_CHOICE = re.compile(r"\([A-Za-z]\)|\b[B-HJ-Z]\b[.):]|\bor\b|\band\b|^\W*[A-Z]\W*$")
_ENCLOSED = re.compile(r"\([^()]*\)")
_MARKS = " \t\n.,;:!?\"'`*“”‘’"

#: Capital letters a bare gold answer is read as a choice by; later ones are more often variables.
INFERRED_CHOICES = frozenset("ABCDEGH")


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """Without LaTeX's styling and spacing: `\\text{ Yes}.` becomes `Yes.`"""
    if "\\" not in text and "$" not in text and "~" not in text:
        return text.strip()
    for _ in range(3):
        text, changed = _STYLED.subn(r"\1\2", text)
        if not changed:
            break
    return _SPACING.sub(" ", text).strip()


def normal_text(text: str) -> str:
    """Text as it is compared: NFKC, no case, single spaces, no marks around it, no braces."""
    folded = unicodedata.normalize("NFKC", plain(text)).casefold()
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(folded.replace("{", "").replace("}", "").split()).strip(_MARKS)


_SAME_WORDS = {"dne": "does not exist", "infinitely many solutions": "infinitely many"}
#: One way to say that there is no answer.
NOTHING = "no solution"
_NOTHING = frozenset(
    (
        *("no solution", "no solutions", "no real solution", "no real solutions", "none", "∅", "\\emptyset"),
        *(
            "\\varnothing",
            "there is no solution",
            "there are no real solutions",
            "no solutions exist",
            "no solution exists",
            "there are no solutions",
            "no such number exists",
            "empty set",
        ),
        *("the empty set", "no real roots", "no roots", "no such x"),
    )
)
_ARTICLE = re.compile(r"^(?:an?|the|on|in|at)\s+(?=\w{3})")
#: `A, B and D`: several choices, whose order says nothing.
_LETTERS = re.compile(r"[a-j](?:\s*(?:,|;|and|&|,\s*and)\s*[a-j])+")


def listed_text(text: str) -> str:
    """Normal text, where a list is the same with or without spaces at its commas and brackets around it.

    >>> listed_text("(Knight ,knave)")
    'knight, knave'
    """
    found = normal_text(text)
    found = _SAME_WORDS.get(found, found)
    found = NOTHING if found in _NOTHING else _ARTICLE.sub("", found, count=1)
    if _LETTERS.fullmatch(found):
        return ", ".join(sorted(re.findall(r"\b[a-j]\b", found)))
    if _ENCLOSED.fullmatch(found):
        found = found[1:-1].strip(_MARKS)
    return ", ".join(item.strip() for item in found.split(","))


_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*([ap])?(?:\.?\s?m\.?)?", re.IGNORECASE)


#: Sets that are more often said than written.
_SETS = {
    f"{every} {said}": sign
    for every in ("all", "any", "every", "the set of all")
    for said, sign in (
        *((f"real{rest}", "ℝ") for rest in ("", "s", " number", " numbers")),
        *((f"integer{rest}", "ℤ") for rest in ("", "s")),
        *((f"rational{rest}", "ℚ") for rest in ("s", " number", " numbers")),
    )
}


def said_in_words(text: str) -> str:
    """`all real numbers` as the sign that stands for them; any other text as it is."""
    if len(text) > 60 or not ("all" in text or "any" in text or "every" in text or "All" in text):
        return text
    return _SETS.get(normal_text(text), text)


def time_of_day(text: str, *, loosely: bool = False) -> tuple[int, int, str | None] | None:
    """Hour, minute and half of `3:05`, `12:30 p.m.`; None for a ratio such as `7:32`, unless `loosely`."""
    if ":" not in text and "m" not in text.lower():
        return None
    match = _TIME.fullmatch(plain(text).replace("{:}", ":").strip(_MARKS)) if len(text) < 60 else None
    if match is None or int(match.group(1)) > 24 or int(match.group(2) or 0) > 59:
        return None
    half = (match.group(3) or "").lower() or None
    if match.group(2) is None:
        return (
            None
            if half is None
            else (int(match.group(1)) + 12 * (half == "p" and match.group(1) != "12"), 0, half)
        )
    if half is None and not loosely and not match.group(2).startswith("0"):
        return None
    hour = int(match.group(1)) + (12 if half == "p" and int(match.group(1)) < 12 else 0)
    return hour, int(match.group(2)), half or ("p" if hour > 12 else None)


def truth_value(text: str) -> bool | None:
    """True or False for `true`, `Yes.`, `\\text{F}`; None for anything else."""
    if len(text) >= 60 or not _LIKE_A_TRUTH.search(text):
        return None
    return _TRUTHS.get(normal_text(text))


def is_sentence(text: str) -> bool:
    """Whether a text is several words of language and no mathematics: `no solution`, `the red door`."""
    if " " not in text:
        return False
    found = plain(text).strip(_MARKS).replace("'", "").replace("-", " ").split()
    return len(found) > 1 and all(map(str.isalpha, found)) and any(map(_is_language, found))


def _is_language(word: str) -> bool:
    known = word in FUNCTIONS or word in CONSTANTS or word in GREEK or word in WORD_OPERATORS or word in UNITS
    return len(word) > 3 and word.lower() not in TRUTHS and not known


#: A letter with the text of its option; longer answers are something else.
MAX_CHOICE = 400


def choice_letter(text: str, choices: tuple[str, ...] = ()) -> str | None:
    """The letter of `B`, `(b)`, `\\text{(B)}`, `B. 12 cm`; None when no one letter is given.

    Without `choices` a bare lower-case letter is a variable, and only the first capitals count.
    """
    if len(text) > MAX_CHOICE:
        return None
    bare = plain(text).strip(" .*")
    match = _CHOICE.fullmatch(bare)
    if match is None:
        match = _CHOICE_WITH_TEXT.fullmatch(bare)
        if match is None or _OTHER_CHOICE.search(match.group(3)):
            return None
        if not choices:
            return None
    letter = match.group(1) or match.group(2)
    if choices:
        by_case = {choice.upper(): choice for choice in choices}
        return by_case.get(letter.upper())
    return letter if letter in INFERRED_CHOICES else None


def judge_words(gold: str, predicted: str, spec: AnswerSpec) -> Verdict:
    """Answers of the kinds `truth`, `choice` and `text`."""
    steps = (f"kind: {spec.kind}",)
    if spec.kind == "text":
        wanted_text, found_text = listed_text(gold), listed_text(predicted)
        if not wanted_text:
            return Verdict("gold_error", "text", "the gold answer has no words", predicted)
        time = time_of_day(gold)
        same = wanted_text == found_text or (
            time is not None and time == time_of_day(predicted, loosely=True)
        )
        same = same or same_formula(gold, predicted)
        status: Status = "correct" if same else "incorrect"
        return Verdict(status, "text", "compared as words", predicted, steps=steps)
    wanted: object
    found: object
    if spec.kind == "truth":
        wanted, found = truth_value(gold), truth_value(predicted)
    else:
        choices = spec.choices or tuple("ABCDEFGHIJ")
        wanted, found = choice_letter(gold, choices), choice_letter(predicted, choices)
    if wanted is None:
        return Verdict(
            "gold_error", spec.kind, f"the gold answer is not a {spec.kind}", predicted, steps=steps
        )
    if found is None:
        return Verdict("malformed", spec.kind, f"not a {spec.kind} on its own", predicted, steps=steps)
    status = "correct" if wanted == found else "incorrect"
    return Verdict(status, spec.kind, f"{wanted} wanted, {found} found", predicted, steps=steps)


def same_formula(gold: str, predicted: str) -> bool:
    """Whether two texts with words in them are one formula, however it is set."""
    try:
        return parse(gold) == parse(predicted)
    except UnreadableError:
        return False
