"""A response into words, sentences, paragraphs, lines and code blocks: what the constraints count.

Deterministic rules and no downloaded model, so the same text has the same number of sentences on every
machine. Every function is linear in the length of its text. Knows nothing of constraints.
"""

from __future__ import annotations

import re
import unicodedata

#: Han ideographs and kana: written without spaces, so each sign counts as a word, as word processors do.
UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
#: Full stops and question marks of scripts that have their own; they end a sentence wherever they stand.
_OWN_STOPS = "。！？｡।॥؟۔։።។"
#: What no reader sees: soft hyphens, zero-width spaces, and joiners between Latin letters.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]|(?<=[A-Za-z])[\u200c\u200d]+(?=[A-Za-z])")
#: Of combining marks in a row, as in Unicode's stream-safe format (UAX #15); longer runs take quadratic time.
_MAX_MARKS = 30


def visible(text: str) -> str:
    """A text as a reader sees it: letters composed (NFC), without signs that have no width.

    So that `café` is one word however it is encoded, and no forbidden word hides behind a soft hyphen.
    """
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", text) if _stream_safe(text) else text


def plain(text: str) -> str:
    """With the compatibility variants of letters, such as `ａ` or `𝐚`, written as the letters (NFKC)."""
    return text if text.isascii() or not _stream_safe(text) else unicodedata.normalize("NFKC", text)


def _stream_safe(text: str) -> bool:
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks > _MAX_MARKS:
            return False
    return True


_URL = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)
_BREAK = re.compile(
    rf"[;!?()\[\]{{}}<>\"“”„«»|*=+\\/—…、，；：「」『』（）《》،؛{_OWN_STOPS}]|--|\.\."
    r"|(?<!\d),|,(?!\d)|(?<!\d):|:(?!\d)"
)
_UNSPACED_OR_RUN = re.compile(f"[{UNSPACED}]|[^{UNSPACED}]+")


def words(text: str) -> list[str]:
    """The words of a text as they are written, without the punctuation around them.

    What stands between spaces is one word if it holds a letter or digit: `don't`, `well-known`, `3.14`,
    `1,000`, `e.g.` (as `e.g`) and a whole URL. A dash, slash or bracket ends a word even without a space,
    and every Han or kana sign is a word of its own.
    """
    found: list[str] = []
    for chunk in text.split():
        pieces = [chunk] if _URL.search(chunk) else _BREAK.split(chunk)
        for piece in pieces:
            for run in _UNSPACED_OR_RUN.findall(piece):
                if word := bare(run):
                    found.append(word)
    return found


def bare(word: str) -> str:
    """A word without the signs before its first and after its last letter or digit."""
    start, end = 0, len(word)
    while start < end and not word[start].isalnum():
        start += 1
    while start < end and not _holds(word[end - 1]):
        end -= 1
    return word[start:end]


def _holds(sign: str) -> bool:
    """Letters, digits, and the marks that belong to the letter before them, as in हिन्दी."""
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def folded(text: str) -> str:
    """For comparing without case and without the difference between ’ and '."""
    return text.replace("’", "'").casefold()


_BLANK_LINE = re.compile(r"\n(?:[^\S\n]*\n)+")


def lines(text: str) -> list[str]:
    """The lines that are not blank, stripped."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def paragraphs(text: str) -> list[str]:
    """What blank lines separate, stripped; empty ones do not count, so indices agree with the count."""
    return [part.strip() for part in _BLANK_LINE.split(text) if part.strip()]


#: Before a name or an example: never the end of a sentence.
_BEFORE_WORDS = (
    "mr mrs ms dr prof rev gen col capt lt sgt sen rep gov hon st mt ft fig figs eq eqs no nos vol"
    " vols pp ed eds e.g i.e cf vs al viz approx ca jan feb mar apr jun jul aug sep sept oct nov dec"
)
_BEFORE = frozenset(_BEFORE_WORDS.split())
#: These end a sentence only when what follows starts with a capital.
_MAYBE_WORDS = "etc inc ltd co corp jr sr u.s u.k u.n e.u a.m p.m ph.d b.a m.a d.c"
_MAYBE = frozenset(_MAYBE_WORDS.split())
_STOP = re.compile(rf"[.!?…{_OWN_STOPS}]+[\"'”’»)\]*_」』）]*")
_MARKER = re.compile(r"(?:[-*+•]|#{1,6}|>|\d{1,9}[.)])\s|\|")
#: Words that open a sentence and are no names.
_OPENER_WORDS = (
    "it the this that these those he she we they you his her its our my then there here but and so if in"
    " on at when what why how who not no yes"
)
_OPENERS = frozenset(_OPENER_WORDS.split())
_LAST_CHUNK = 40


def sentences(text: str) -> list[str]:
    """The sentences of a text, stripped; pieces without a letter or digit (`***`) are none.

    A sentence ends at `.`, `!`, `?` or `…` before a space, at `。`, `！`, `।`, `؟` and their like anywhere,
    at a blank line, and at a list item, heading or table row. Not at the point of `Dr.`, `e.g.`,
    `J. Smith`, `3.14`, a URL or `1.` before an item, and not at `?` in a quotation that a lower-case word
    goes on from.
    """
    found: list[str] = []
    for block in _blocks(text):
        start = 0
        for match in _STOP.finditer(block):
            if _ends(block, start, match):
                found.append(block[start : match.end()].strip())
                start = match.end()
        found.append(block[start:].strip())
    return [sentence for sentence in found if any(map(str.isalnum, sentence))]


def _blocks(text: str) -> list[str]:
    """Stretches no sentence leaves: the paragraphs, with items, headings and rows by themselves."""
    blocks: list[list[str]] = []
    joins = False
    for raw in text.splitlines():
        line = raw.strip()
        marked = _MARKER.match(line)
        if marked or not line or not joins:
            blocks.append([])
        if marked and line[0] != "|":
            blocks[-1].append(line[marked.end() :])
        else:
            blocks[-1].append(line)
        joins = bool(line) and line[0] not in "#|"
    return [" ".join(block) for block in blocks]


def _ends(block: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the stop at `stop` ends the sentence that began at `start`."""
    signs = stop.group()
    if any(sign in _OWN_STOPS for sign in signs):
        return True
    after = block[stop.end() : stop.end() + 2]
    if not after:
        return True
    if not after[0].isspace():
        return False
    following = after[1:]
    closed = signs[-1] not in ".!?…"
    if (closed or "..." in signs or "…" in signs) and following.islower():
        return False
    if signs[0] != "." or len(signs) > 1:
        return True
    before = block[max(start, stop.start() - _LAST_CHUNK) : stop.start()]
    return not _abbreviated(before, block[stop.end() : stop.end() + _LAST_CHUNK])


def _abbreviated(before: str, after: str) -> bool:
    """Whether the point between `before` and `after` belongs to an abbreviation or an initial."""
    last = before.split()[-1] if before.split() else ""
    following = after[1:2]
    word = last.lstrip("(\"'“‘[*_").lower()
    if word in _BEFORE:
        # `No.` is a number only before one, `mar.` a month only before a day.
        return word not in _BEFORE_NUMBERS or following.isdigit()
    if word in _MAYBE:
        return not following.isupper()
    initial = last.lstrip("(\"'“‘[*_")
    if len(initial) != 1 or not initial.isupper() or initial == "I" or not following.isupper():
        return False
    # `J. Smith` is one name; `Plan B. It works.` are two sentences.
    return after.split()[0].lower() not in _OPENERS


_NUMBERED_WORDS = "no nos fig figs vol vols eq eqs pp ed eds jan feb mar apr jun jul aug sep sept oct nov dec"
_BEFORE_NUMBERS = frozenset(_NUMBERED_WORDS.split())


_FENCE = re.compile(r"[^\S\n]{0,3}(`{3,}|~{3,})[^\S\n]*([^\s`]*)[^\n`]*")


def code_blocks(text: str) -> list[tuple[str, str]]:
    """The closed fenced code blocks as `(language, content)`; the language is in lower case, maybe empty."""
    found: list[tuple[str, str]] = []
    fence: str | None = None
    language, content = "", list[str]()
    for line in text.splitlines():
        if fence is None:
            if opening := _FENCE.fullmatch(line):
                fence, language, content = opening.group(1), opening.group(2).lower(), []
        elif line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            found.append((language, "\n".join(content)))
            fence = None
        else:
            content.append(line)
    return found
