"""Plain text and Markdown as documents, in whatever encoding they were saved.

Markdown stays as it is written: models read it, and what is cut from it still is Markdown.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from datagen.documents.document import BrokenFileError, Section, gathered

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; those of UTF-32 come first, because they begin with those of UTF-16."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u200b\u2060\ufeff\u00ad]")
HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
COMMENT = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`))|<!--.*?-->", re.DOTALL
)
"""A comment; or code in a line, in which there is none."""
FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?=(?:[ \t]*(?:#.*)?\n)*(?:[\w\"'.-]+[ \t]*:(?:\s|\Z)|---[ \t]*(?:\n|\Z)))"
    r"(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
"""Begins with a key or with comments: else it is text between two rules."""


def decoded(data: bytes, path: Path, declared: str | None = None) -> tuple[str, str]:
    """The text of a file and a note for people, "" where it was UTF-8 or said what it is.

    A byte order mark decides; then what the file itself `declared`; then UTF-8; then Windows' western
    encoding (cp1252), which is a guess and is noted. Raises `BrokenFileError` for what is no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), ""
            except UnicodeDecodeError as error:
                what = f"begins as {encoding} and is not ({error.reason} at byte {error.start:,})"
                raise BrokenFileError(what, where=path, mend="save it as UTF-8") from None
    if b"\0" in data:
        raise BrokenFileError("is not text but binary data", where=path, mend="save it as UTF-8 text")
    for name in [declared, "utf-8"] if declared else ["utf-8"]:
        try:
            return data.decode(str(name)), ""
        except (UnicodeDecodeError, LookupError):
            continue
    try:
        return data.decode("cp1252"), "not UTF-8: read as cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "not UTF-8: read as latin-1"


def clean(text: str) -> str:
    """One kind of line end, no control characters or invisible spaces, no spaces at the end of lines.

    >>> clean("a\\u00adb \\r\\nc\\x00")
    'ab\\nc'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n").replace("\u00a0", " ")
    text = re.sub("[\u2028\u2029\x85]", "\n", text)
    return re.sub(r"[ \t]+\n", "\n", CONTROL.sub("", text))


def read_text(path: Path, data: bytes) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The sections and notes of a plain text file: one section, paragraphs as they stand."""
    text, note = decoded(data, path)
    return gathered([(0, clean(text), "line 1")]), (note,) if note else ()


def read_markdown(path: Path, data: bytes) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The sections and notes of a Markdown file; front matter and comments are left out."""
    text, note = decoded(data, path)
    text = clean(text)
    front = FRONT_MATTER.match(text)
    skipped = text[: front.end()].count("\n") if front else 0
    lines = (text[front.end() :] if front else text).split("\n")
    return gathered(_blocks(_without_comments(lines), skipped)), (note,) if note else ()


def _blocks(lines: list[str], skipped: int) -> Iterator[tuple[int, str, str]]:
    """Headings and what is between them. A `#` in a code block is no heading."""
    held: list[str] = []
    begun = skipped + 1
    for number, line, in_code in _fenced(lines):
        heading = None if in_code else HEADING.fullmatch(line)
        underline = (
            None if in_code or not held or not _may_be_heading(held[-1]) else UNDERLINE.fullmatch(line)
        )
        if heading is None and underline is None:
            if not held:
                begun = number + skipped
            held.append(line)
            continue
        title = held.pop() if heading is None else heading[2] or ""
        yield 0, "\n".join(held), f"line {begun}"
        level = len(heading[1]) if heading else 1 if underline and underline[1][0] == "=" else 2
        yield level, title, f"line {number + skipped - (heading is None)}"
        held = []
    yield 0, "\n".join(held), f"line {begun}"


def _may_be_heading(line: str) -> bool:
    """Whether a line that is underlined is a heading, and the line under it no rule or row of a table."""
    return (
        bool(line.strip()) and not line.lstrip().startswith(("|", ">", "-", "*", "+")) and line[:4] != "    "
    )


def _fenced(lines: list[str]) -> Iterator[tuple[int, str, bool]]:
    """(number from 1, line, whether it belongs to a fenced code block)."""
    fence = ""
    for number, line in enumerate(lines, 1):
        found = FENCE.fullmatch(line)
        if found and not fence:
            fence = found[1]
            yield number, line, True
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
            yield number, line, True
        else:
            yield number, line, bool(fence)


def _without_comments(lines: list[str]) -> list[str]:
    """The lines with HTML comments emptied, outside code; how many lines there are stays."""
    if not any("<!--" in line for line in lines):
        return lines
    kept = {number: line for number, line, in_code in _fenced(lines) if in_code}
    before = ""
    for number, line in enumerate(lines, 1):
        indented = line.startswith(("    ", "\t"))
        if indented and "<!--" in line and (not before.strip() or before.startswith(("    ", "\t"))):
            kept[number] = line
        before = line
    blank = "\n".join("" if number in kept else line for number, line in enumerate(lines, 1))
    cleared = COMMENT.sub(lambda found: found["code"] or "\n" * found[0].count("\n"), blank).split("\n")
    return [kept.get(number, line) for number, line in enumerate(cleared, 1)]
