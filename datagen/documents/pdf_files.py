"""PDF files as documents: a section a page, or a bookmark; lines joined to paragraphs, running heads dropped.

A PDF holds words at places on paper and knows no paragraphs: what is one is guessed from the lines. Text that
is only a picture is not read; that takes OCR.
"""

from __future__ import annotations

import functools
import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from datagen.documents.document import BETWEEN, BrokenFileError, Section
from datagen.documents.text_files import clean

RUNNING_LINES = 3
"""Lines at the top and at the bottom of a page that may be running heads."""
LEAST_RUNNING, RUNNING_SHARE = 3, 0.4
"""A line is a running head when it is on so many pages; left and right pages often have different ones."""
SHORT = 0.75
"""Lines shorter than this share of the usual width end before the margin does."""
LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
ITEM = re.compile(r"(?:[•◦▪‣·–*-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)\s*\d+(?:\s*(?:of|von|/)\s*\d+)?|[-–]\s*\d+\s*[-–]", re.IGNORECASE
)
ENDS = re.compile(r"[.!?:;…。！？]['\"”’»)\]]*$")
BROKEN_WORD = re.compile(r"(\w*[^\W\d_])[-\u2010\u00ad]$")

LONGEST_NUMBERED = 60
"""Characters of a running head with the number of its page."""
COUNTED = re.compile(
    r"(?:answer|case|day|example|exercise|lesson|problem|question|solution|step|task|unit|week)\b"
)

Key = tuple[str, int]
Outline = Mapping[int, Sequence[tuple[int, str]]]
"""Level and title of the bookmarks by the number of their page, from 0."""


def read_pdf(path: Path, data: bytes) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The sections and notes of a PDF. Raises `BrokenFileError` when it is damaged, locked or has no text."""
    reader = _opened(path, data)
    try:
        pages = [_lines_of(page) for page in reader.pages]
        pictures = sum(_has_picture(page) for page in reader.pages) if not any(pages) else 0
        outline = _outline(reader)
    except Exception as error:  # a damaged file can make pypdf stumble over anything
        raise _damaged(path, error) from None
    empty = sum(not lines for lines in pages)
    if empty == len(pages):
        what = f"its {len(pages):,} pages hold {'pictures' if pictures else 'nothing'} and no text"
        mend = "run text recognition over it first, e.g. ocrmypdf" if pictures else "give another file"
        raise BrokenFileError(what, where=path, mend=mend)
    notes = (f"{empty:,} of its {len(pages):,} pages have no text",) if empty else ()
    return tuple(sections_of(without_running_heads(pages), outline)), notes


def _opened(path: Path, data: bytes) -> Any:
    """A reader for the file, unlocked where no password is needed."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what matters is said once, by us
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
    except DependencyError:
        mend = "install the package cryptography, or save a copy without encryption"
        raise BrokenFileError("is encrypted with AES", where=path, mend=mend) from None
    except Exception as error:
        raise _damaged(path, error) from None
    if locked:
        mend = "save a copy without one, e.g. qpdf --decrypt --password=... in.pdf out.pdf"
        raise BrokenFileError("is encrypted and asks for a password", where=path, mend=mend)
    if not count:
        raise BrokenFileError("has no pages", where=path, mend="give another file")
    return reader


def _damaged(path: Path, error: Exception) -> BrokenFileError:
    told = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    mend = "open it in a viewer and save it again, or print it to a new PDF"
    return BrokenFileError(f"is no PDF, or a damaged one ({told})", where=path, mend=mend)


def _lines_of(page: Any) -> list[str]:
    """The lines of a page that say something, ligatures taken apart."""
    text = str(page.extract_text() or "")
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    text = text.replace("\u00ad\n", "\u2010\n")  # a soft hyphen that shows is a hyphen
    lines = [" ".join(line.split()) for line in clean(text).split("\n")]
    return [line for line in lines if line]


def _has_picture(page: Any) -> bool:
    resources = page.get("/Resources")
    drawn = resources.get_object().get("/XObject") if resources is not None else None
    found = drawn.get_object().values() if drawn is not None else ()
    return any(one.get_object().get("/Subtype") == "/Image" for one in found)


def without_running_heads(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """The pages without what is at the top or the bottom of many of them, and without page numbers."""
    running: list[set[Key]] = []
    for edge in (1, -1):
        seen = Counter(
            key
            for number, lines in enumerate(pages, 1)
            for key in {key for line in lines[::edge][:RUNNING_LINES] for key in _keys(line, number)}
        )
        least = max(LEAST_RUNNING, RUNNING_SHARE * len(pages))
        running.append({key for key, count in seen.items() if count >= least})
    kept = []
    for number, lines in enumerate(pages, 1):
        left = list(lines)
        for edge, keys in zip((0, -1), running, strict=True):
            for _ in range(RUNNING_LINES):
                if not left:
                    break
                if keys.isdisjoint(_keys(left[edge], number)) and not _is_page_number(left[edge], number):
                    break
                left.pop(edge)
        kept.append(left)
    return kept


def _keys(line: str, page: int) -> list[Key]:
    """What makes a line the same on many pages: its text, or its words and a number that rises by one.

    Only a number at an end of a short line may be that of its page: lines that differ in other numbers say
    different things. Nor is it where parts of a text are counted.
    """
    line = line.casefold()
    keys: list[Key] = [(line, 0)]
    if len(line) <= LONGEST_NUMBERED and not COUNTED.match(line):
        words = re.sub(r"\d+", "0", line)
        if words == "0" or re.search(r"[^\W\d_]", words):
            keys += [(f"{words} {end}", int(found[0]) - page) for end, found in _numbers_at_ends(line)]
    return keys


def _numbers_at_ends(line: str) -> list[tuple[str, re.Match[str]]]:
    found = ("first", re.match(r"\d{1,6}\b", line)), ("last", re.search(r"\b\d{1,6}$", line))
    return [(end, match) for end, match in found if match]


def _is_page_number(line: str, number: int) -> bool:
    return PAGE_NUMBER.fullmatch(line) is not None or line == str(number)


def sections_of(pages: Sequence[Sequence[str]], outline: Outline) -> Iterator[Section]:
    """A section for each page, and for each bookmark whose title is a line of its page.

    Words and sentences that run over the end of a page are joined.
    """
    lines = [(number, line) for number, page in enumerate(pages) for line in page]
    texts = [line for _, line in lines]
    usual = sorted(map(len, texts))[int(0.9 * (len(texts) - 1))] if texts else 0
    words = Counter(word for text in texts for word in re.findall(r"\w[\w-]*\w", text.casefold()))
    path: dict[int, str] = {}
    awaited: list[tuple[int, str]] = []
    said: list[str] = []
    page = -1
    for (number, line), following in zip(lines, [*texts[1:], ""], strict=True):
        while page < number:
            yield from _section(path, said, page)
            # Bookmarks whose titles were no line of their page come into force after it.
            path = functools.reduce(_deeper, awaited, path)
            page, said = page + 1, []
            awaited = list(outline.get(page, ()))
        heading = next((entry for entry in awaited if _same(entry[1], line)), None)
        if heading is not None:
            yield from _section(path, said, page)
            path = _deeper(path, heading)
            awaited.remove(heading)
            said = [f"{'#' * min(heading[0], 6)} {line}", BETWEEN]
        elif any(_same(title, following) for _, title in awaited):
            said += [line, BETWEEN]
        else:
            said += joined(line, following, usual, words)
    yield from _section(path, said, page)


def _section(path: Mapping[int, str], said: Sequence[str], page: int) -> Iterator[Section]:
    if text := "".join(said):
        yield Section(tuple(path[level] for level in sorted(path)), text, f"page {page + 1}")


def joined(line: str, following: str, usual: int, words: Mapping[str, int]) -> tuple[str, str]:
    """A line as it stands in the text, and what is between it and the `following` one.

    `usual` is the width of most lines in characters; `words` are those of the document, which tell whether
    a hyphen at the end of a line belongs to its word.
    """
    if not following:
        return line, BETWEEN
    broken = BROKEN_WORD.search(line)
    if broken and following[:1].islower():
        rest = re.match(r"\w+", following)
        second = rest[0] if rest else ""
        whole = f"{broken[1]}{second}".casefold()
        compound = f"{broken[1]}-{second}".casefold()
        return (line, "") if words[compound] > words[whole] else (line[:-1], "")
    if ITEM.match(following):
        return line, "\n"
    if len(line) < SHORT * usual:
        if ENDS.search(line):
            return line, BETWEEN
        if not following[:1].islower():
            return line, "\n"
    return line, " "


def _deeper(path: Mapping[int, str], heading: tuple[int, str]) -> dict[int, str]:
    level, title = heading
    return {**{upper: name for upper, name in path.items() if upper < level}, level: title}


def _same(title: str, line: str) -> bool:
    """Whether a line is the title of a bookmark, which may leave out its number."""
    bare = re.sub(r"^(?:chapter|section)?\s*[\d.]+[.:)]?\s+", "", line.casefold())
    return bool(title) and " ".join(title.casefold().split()) in (line.casefold(), bare)


def _outline(reader: Any) -> Outline:
    """The bookmarks of a file; none where they are damaged, for the text is there without them."""
    found: dict[int, list[tuple[int, str]]] = {}

    def walk(entries: Any, level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
                continue
            page = reader.get_destination_page_number(entry)
            if page is not None and str(entry.title).strip():
                found.setdefault(int(page), []).append((level, " ".join(str(entry.title).split())))

    try:
        walk(reader.outline, 1)
    except Exception:
        return {}
    return found
