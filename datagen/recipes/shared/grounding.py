"""Is a quote in its source, does an answer rest on it, can a question stand alone? Told without any model.

These are necessary conditions, cheap and blind to meaning: a quote is found word for word, an answer shares
words and numbers. What they let through may still be wrong. The words looked for are English ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from datagen.documents.chunks import sentence_ends

NO_QUOTE = "quote not in the source"
SHORT_QUOTE = "quote too short"
UNSUPPORTED = "answer not supported"
OTHER_NUMBERS = "number not in the source"
NOT_ALONE = "not self-contained"
NO_QUESTION = "not a question"
EMPTY = "empty"

LEAST_QUOTE_WORDS, LEAST_WIDE = 3, 8
"""A quote has so many words, or so many letters of a script without spaces: fewer are found anywhere."""
LEAST_SHARE = 0.5
"""Share of an answer's content words that come from the source or the question."""
LEAST_QUESTION_WORDS = 3

SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
SOFT_HYPHEN, BROKEN = "\u00ad", "\x01"
CLUSTER = re.compile(r".[\u0300-\u036f\u0591-\u05bd\u064b-\u0655\u093c\u3099\u309a]*", re.DOTALL)
"""A character with the marks that go with it: only together are they one letter."""
OUTER = " \t\n\"'.,;:!?…*_"
"""What may stand around a quote that is not of it."""

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    a about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had has
    have having he her here hers him his how i if in into is it its itself just may me might more
    most must my no nor not now of off on once only or other our out over own same she should so
    some such than that the their them then there these they this those through to too under until
    up use used very was we were what when where which while who whom why will with would you your
    yes
        """,
    )
)
NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        re.findall(
            r"\w+",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
            " sixteen seventeen eighteen nineteen twenty",
        )
    )
}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

SOURCE_NOUN = (
    "text|passage|excerpt|extract|snippet|context|paragraph|document|article|section|chapter|quote|quotation"
)
LEANS = re.compile(
    rf"""\b(?:the|this|that|above|following|given|provided)\s
    (?:(?:above|following|given|provided|first|last|second|next|previous)\s)?
    (?:text|passage|excerpt|extract|snippet|paragraph|source\stext)\b(?![-\w])
    |\b(?:given|provided|above)\scontext\b
    |\b(?:according\sto|in|from|of|by|per|does|do)\s(?:the|this)\s(?:\w+\s)?(?:{SOURCE_NOUN}|author|writer)s?\b
    |\b(?:the|this)\s(?:author|writer|document|article|section|chapter|quote|quotation)s?\s
    (?:says?|states?|mentions?|describes?|explains?|notes?|claims?|tells?|lists?|gives?|argues?|mentioned|said)\b
    |\b(?:mentioned|described|stated|listed|given|shown|discussed|provided|referred\sto|quoted)\s
    (?:above|below|here|earlier|in\sthe\s(?:{SOURCE_NOUN}))\b
    |\bas\s(?:mentioned|described|stated|shown|discussed)\b""",
    re.IGNORECASE | re.VERBOSE,
)
ASKS = re.compile(
    r"(?:please\s+)?(?:explain|describe|name|list|tell|compare|summari[sz]e|give|state|define|outline|calculate"
    r"|write|discuss|identify|show|find)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """Where a quote is in its source, and the source's own words there."""

    start: int
    end: int
    text: str


def find_quote(quote: str, source: str) -> Found | None:
    """A quote in its source, whatever its case, spaces, quotation marks and dashes; None where it is not.

    Whole words only. A hyphen between a letter and the end of a line may be missing: it is of the page, not
    of the word. Any other stays, for "-5" is not "5", nor "resigned" "re-signed".

    >>> find_quote("the TIDE  turns", "At noon the tide\\nturns.").text
    'the tide\\nturns'
    """
    held, places = _plain(source)
    sought = _plain(quote)[0].strip(OUTER)
    if not sought:
        return None
    pattern, start = _pattern(sought), 0
    while found := pattern.search(held, start):
        start, end = found.span()
        if not _one_word(held[start - 1 : start + 1] if start else "") and not _one_word(
            held[end - 1 : end + 1] if end < len(held) else ""
        ):
            first, last = places[start][0], places[end - 1][1]
            return Found(first, last, source[first:last])
        start += 1
    return None


def _plain(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without differences that do not matter, and where each of its characters began and ended.

    A hyphen and the spaces after it, between two letters, are one `BROKEN`.
    """
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    soft = False
    for cluster in CLUSTER.finditer(text):
        for letter in unicodedata.normalize("NFKC", cluster[0]).translate(SAME).casefold():
            if letter == SOFT_HYPHEN:
                soft = True
                continue
            if letter.isspace():
                if not letters or letters[-1][-1] == " ":
                    continue
                letter = f"{SOFT_HYPHEN} " if soft else " "
            elif letter.isalpha() and len(letters) > 1:
                if letters[-1] == f"{SOFT_HYPHEN} ":
                    del letters[-1], places[-1]
                elif letters[-1] == " " and letters[-2] == "-" and letters[-3:-2] and letters[-3].isalpha():
                    letters[-2:], places[-2:] = [BROKEN], [(places[-2][0], places[-1][1])]
            soft = False
            letters.append(letter)
            places.append(cluster.span())
    return "".join(letter[-1] for letter in letters), places


def _pattern(sought: str) -> re.Pattern[str]:
    """What finds a plain text where words may be broken in the source, or are in the quote."""
    parts: list[str] = []
    for before, letter in pairwise(f" {sought}"):
        if letter == BROKEN:
            parts.append(f"[-{BROKEN}]?")
        elif letter == "-" and before.isalpha():
            parts.append(f"[-{BROKEN}]")
        else:
            between = f"{BROKEN}?" if before.isalpha() and letter.isalpha() else ""
            parts.append(between + re.escape(letter))
    return re.compile("".join(parts))


def _one_word(pair: str) -> bool:
    """Whether two characters are inside one word: then a quote that ends between them cuts it."""
    return len(pair) == 2 and pair.isalnum() and not any(map(_is_wide, pair))


def _is_wide(character: str) -> bool:
    """Whether a character is of a script that is written without spaces."""
    return unicodedata.east_asian_width(character) in "WF"


def content_words(text: str) -> set[str]:
    """What a text is about: words that say something, cut to their stems; of wide scripts, pairs of letters.

    >>> sorted(content_words("The keepers were keeping the lights."))
    ['keep', 'light']
    """
    found: set[str] = set()
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()):
        if any(map(_is_wide, word)):
            found |= {word[place : place + 2] for place in range(max(1, len(word) - 1))}
        elif word not in STOP_WORDS and not word.isdigit() and len(word) > 1:
            found.add(_stem(word))
    return found


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ers", "ies", "ed", "er", "es", "ly", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def numbers_in(text: str) -> set[str]:
    """The numbers of a text, digits or small number words, each in one way of writing.

    >>> sorted(numbers_in("1,200 steps in two hours, 3.50 each"))
    ['1200', '2', '3.5']
    """
    found = {_number(digits) for digits in NUMBER.findall(unicodedata.normalize("NFKC", text))}
    return found | {
        NUMBER_WORDS[word] for word in re.findall(r"[a-z]+", text.casefold()) if word in NUMBER_WORDS
    }


def _number(digits: str) -> str:
    """Without separators of thousands and without zeros that say nothing."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    whole, point, part = digits.partition(".")
    part = part if "." in part else part.rstrip("0")  # a date or a version has more than one point
    return f"{whole.lstrip('0') or '0'}{point if part else ''}{part}"


def fault_of(question: str, answer: str, quote: str, source: str, *, alone: bool = True) -> str | None:
    """Why a pair is turned down, or None. `alone`: the question will be read without its source."""
    if not question.strip() or not answer.strip():
        return EMPTY
    if find_quote(quote, source) is None:
        return NO_QUOTE
    wide = sum(map(_is_wide, quote))
    if len(quote.split()) < LEAST_QUOTE_WORDS and wide < LEAST_WIDE:
        return SHORT_QUOTE
    if not is_question(question):
        return NO_QUESTION
    if alone and (LEANS.search(question) or LEANS.search(answer)):
        return NOT_ALONE
    if not numbers_in(_digits_only(answer)) <= numbers_in(source):
        return OTHER_NUMBERS
    return None if is_supported(answer, quote, source, question) else UNSUPPORTED


def _digits_only(text: str) -> str:
    """A text without its number words: "one of them" is no number that must be in a source."""
    return " ".join(NUMBER.findall(unicodedata.normalize("NFKC", text)))


def is_supported(answer: str, quote: str, source: str, question: str) -> bool:
    """Whether an answer takes words or numbers of the quote, and half its words of source or question."""
    words = content_words(answer)
    shared = words & content_words(quote)
    shared_numbers = numbers_in(_digits_only(answer)) & numbers_in(quote)
    if not shared and not shared_numbers:
        return False
    known = words & (content_words(source) | content_words(question))
    return len(known) >= LEAST_SHARE * len(words)


def is_question(text: str) -> bool:
    """Whether a text asks: a question mark, or a verb that asks for something, in words enough."""
    text = text.strip()
    enough = len(text.split()) >= LEAST_QUESTION_WORDS or sum(map(_is_wide, text)) >= LEAST_WIDE // 2
    return enough and (any(mark in text for mark in "?？؟") or ASKS.match(text) is not None)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text long enough to be quoted."""
    return [
        sentence
        for sentence in _sentences(text)
        if len(sentence.split()) > LEAST_QUOTE_WORDS or _wide(sentence)
    ]


def _wide(text: str) -> bool:
    return sum(map(_is_wide, text)) >= LEAST_WIDE


def _sentences(text: str) -> Iterator[str]:
    """Sentences of paragraphs; headings, tables and code are none."""
    for block in re.split(r"\n\s*\n", text):
        if block.lstrip().startswith(("#", "|", "```", "~~~")):
            continue
        begin = 0
        for end in sentence_ends(block):
            yield " ".join(block[begin:end].split())
            begin = end


def most_common(reasons: Sequence[str]) -> str:
    """The reason that came most often; of several the first."""
    return max(reasons, key=reasons.count)
