"""What a document is once it is read: sections of text under headings, each with its place in the file.

The readers (`text_files.py`, `html_files.py`, `word_files.py`, `pdf_files.py`) make documents; `chunks.py`
cuts them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas import UserError

MOST_DIGITS = 9
BETWEEN = "\n\n"
"""What ends a paragraph."""


@dataclass(frozen=True)
class Section:
    """Text under the headings of `path`, outermost first. `place` is where it begins: "page 3", "line 12".

    The text holds its own last heading as a Markdown line. One that ends in anything but an empty line goes
    on in the next section: a sentence may run over the end of a page.
    """

    path: tuple[str, ...]
    text: str
    place: str = ""


@dataclass(frozen=True)
class Document:
    """A file as it was read. `hash` is that of its bytes; `notes` are what a person should know of it."""

    name: str
    hash: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """All text; character offsets count from its beginning."""
        return "".join(section.text for section in self.sections)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where in `text` each section begins."""
        starts, total = [], 0
        for section in self.sections:
            starts.append(total)
            total += len(section.text)
        return tuple(starts)

    def section_at(self, offset: int) -> Section:
        """The section that the character at `offset` is in."""
        return self.sections[max(0, bisect_right(self.starts, offset) - 1)]


def gathered(blocks: Iterable[tuple[int, str, str]]) -> tuple[Section, ...]:
    """Sections from (level, text, place): a heading of that level from 1, or text of level 0, in order.

    Each heading opens a section; deeper ones lie inside it. Empty blocks are left out.
    """
    sections: list[Section] = []
    path: dict[int, str] = {}
    texts: list[str] = []
    begun = ""

    def close() -> None:
        if texts:
            named = tuple(path[level] for level in sorted(path))
            sections.append(Section(named, BETWEEN.join(texts) + BETWEEN, begun))
            texts.clear()

    for level, text, place in blocks:
        text = text.strip("\n") if level == 0 else " ".join(text.split())
        if not text.strip():
            continue
        if level:
            close()
            path = {upper: name for upper, name in path.items() if upper < level}
            path[level] = text
            text = f"{'#' * min(level, 6)} {text}"
        if not texts:
            begun = place
        texts.append(text)
    close()
    return tuple(sections)


def whole(text: str, otherwise: int = 0) -> int:
    """The whole number that a file gives as text; `otherwise` where it is none, or none that anybody counts.

    >>> whole("12"), whole("\u00b2"), whole("9" * 5000, 1)
    (12, 0, 1)
    """
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else otherwise


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown lines, which stay readable and are kept together when a document is cut.

    >>> table([["Tide", "Time"], ["high", "6:40"]])
    '| Tide | Time |\\n|---|---|\\n| high | 6:40 |'
    """
    filled = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    filled = [row for row in filled if any(row)]
    if not filled:
        return ""
    width = max(map(len, filled))
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in filled]
    return "\n".join([lines[0], f"|{'---|' * width}", *lines[1:]])


class BrokenFileError(UserError):
    """A file that cannot be read as what it claims to be: `--skip-broken` leaves it out."""
