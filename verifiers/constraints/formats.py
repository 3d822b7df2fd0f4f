"""Marks in the text: bullets, numbers, highlights, titles, sections, headings, placeholders, postscripts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted
from verifiers.constraints.readers import keyword, line, whole
from verifiers.constraints.text import paragraphs


def prose_lines(text: str) -> Iterator[str]:
    """The lines outside fenced code blocks."""
    fenced = False
    for each in text.splitlines():
        if each.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced:
            yield each


_BULLET = re.compile(r"\s*[-*+•]\s+(.*)")
_RULE_SIGNS = frozenset("-*_ \t")


class Marked(Counted):
    """Base of the marks: they need as many texts of their own, and of those the sign alone."""

    mark = ""

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((self.mark,),) if self.limits()[0] else ()

    def ranges(self) -> dict[str, Range]:
        low = self.limits()[0]
        return super().ranges() | {"words": (low, None)}


class Itemised(Marked):
    """Base of the marks that stand on lines of their own."""

    def ranges(self) -> dict[str, Range]:
        low = self.limits()[0]
        return super().ranges() | {"lines": (low, None)}


@dataclass(frozen=True)
class Bullets(Itemised):
    """The number of bullet points: lines with `-`, `*`, `+` or `•`, a space and a text, at any indent."""

    id = "format:bullets"
    noun = "bullet point"
    usual = (1, 7)
    measured = "bullets"

    def describe(self) -> str:
        return super().describe()[:-1] + ", each on its own line and starting with * or -."

    def measure(self, response: str) -> int:
        return sum(map(_is_bullet, prose_lines(response)))

    def draft(self, rng: random.Random, count: int) -> str:
        mark = rng.choice("*-")
        return "\n".join([fill.sentence(rng), "", *(f"{mark} {fill.sentence(rng)}" for _ in range(count))])

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("* ", "- "),) if self.limits()[0] else ()


def _is_bullet(text: str) -> bool:
    """A rule such as `* * *` is none, nor a bullet without a text."""
    found = _BULLET.fullmatch(text)
    return found is not None and bool(found.group(1).strip()) and not _RULE_SIGNS.issuperset(text)


_ITEM = re.compile(r"\s*(\d{1,6})[.)]\s+\S.*")


@dataclass(frozen=True)
class Numbered(Itemised):
    """The number of items `1.`, `2.`, ... of one list, which must be numbered from 1 without a gap."""

    id = "format:numbered"
    noun = "item"
    usual = (1, 7)
    measured = "numbered"

    def describe(self) -> str:
        if self.limits()[1] == 0:
            return "Your response must not contain a numbered list."
        items = self.amount()
        return f"Your response must contain a numbered list of {items}, counting from 1."

    def judge(self, response: str) -> tuple[bool, str]:
        numbers = self._numbers(response)
        for place, number in enumerate(numbers, 1):
            if number != place:
                return False, f"item {place} is numbered {number}"
        return super().judge(response)

    @staticmethod
    def _numbers(response: str) -> list[int]:
        return [int(found.group(1)) for each in prose_lines(response) if (found := _ITEM.fullmatch(each))]

    def measure(self, response: str) -> int:
        return len(self._numbers(response))

    def draft(self, rng: random.Random, count: int) -> str:
        items = (f"{number}. {fill.sentence(rng)}" for number in range(1, count + 1))
        return "\n".join([fill.sentence(rng), "", *items])

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("1. ", "1) "),) if self.limits()[0] else ()


_HIGHLIGHT = re.compile(r"(?<!\*)(\*{1,3})(?![\s*])[^*\n]+(?<!\s)\1(?!\*)")


@dataclass(frozen=True)
class Highlights(Marked):
    """The number of stretches between single, double or triple asterisks within a line: `*so*`, `**so**`."""

    id = "format:highlights"
    noun = "highlighted section"
    usual = (1, 5)
    measured = "highlights"
    mark = "*"

    def describe(self) -> str:
        return super().describe()[:-1] + ", marked as *highlighted section*."

    def measure(self, response: str) -> int:
        return sum(1 for _ in _HIGHLIGHT.finditer(response))

    def draft(self, rng: random.Random, count: int) -> str:
        pieces = []
        for _ in range(count):
            stars = "*" * rng.randint(1, 2)
            pieces.append(f"{stars}{' '.join(fill.words(rng, rng.randint(1, 3)))}{stars}")
        return " ".join(fill.spread(rng, fill.sentence(rng).split(), pieces))


_TITLE = re.compile(r"<<([^<>\n]+)>>")


@dataclass(frozen=True)
class Title(Constraint):
    """There is a title in double angular brackets, within a line: `<<poem of joy>>`."""

    id = "format:title"

    def describe(self) -> str:
        return "Your response must contain a title in double angular brackets, such as <<poem of joy>>."

    def judge(self, response: str) -> tuple[bool, str]:
        titles = [each.strip() for each in _TITLE.findall(response) if each.strip()]
        return bool(titles), f"the title is {titles[0][:80]}" if titles else "no title in <<>> found"

    def satisfy(self, rng: random.Random) -> str:
        return f"<<{' '.join(fill.words(rng, rng.randint(1, 4)))}>>\n\n{fill.prose(rng)}"

    def violate(self, rng: random.Random) -> str:
        title = " ".join(fill.words(rng, 2))
        return rng.choice((f"<{title}>", f"<< >> {title}", f"<<{title}", title)) + f"\n\n{fill.prose(rng)}"

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("<<",), (">>",))


@dataclass(frozen=True)
class Sections(Itemised):
    """The number of sections that begin with a line `Section 1`, `Section 2`, ...: `header` and a number.

    The header is compared with its case, may follow `#` or `*`, and a number that comes again is no new
    section; nor is a mention within a line.
    """

    id = "format:sections"
    noun = "section"
    usual = (1, 5)
    header: str = parameter(keyword, lambda rng: rng.choice(("Section", "SECTION", "Part", "Day")))

    def describe(self) -> str:
        return (
            f"{super().describe()[:-1]}, each beginning with a line {self.header} X, where X is its number."
        )

    def measure(self, response: str) -> int:
        start = re.compile(rf"[\s#*_]{{0,12}}{re.escape(self.header)}\s{{1,3}}(\d{{1,6}})(?!\w)")
        found = (start.match(each) for each in prose_lines(response))
        return len({int(each.group(1)) for each in found if each})

    def draft(self, rng: random.Random, count: int) -> str:
        parts = [f"{self.header} {number}\n{fill.prose(rng)}" for number in range(1, count + 1)]
        return "\n\n".join(parts) or fill.prose(rng)

    def ranges(self) -> dict[str, Range]:
        limits = self.limits()
        return super().ranges() | {f"sections {self.header}": limits}

    def required(self) -> tuple[tuple[str, ...], ...]:
        low = self.limits()[0]
        return ((f"{self.header} 1",),) if low else ()


_HEADING = re.compile(r" {0,3}(#{1,6})\s+\S.*")


@dataclass(frozen=True)
class Headings(Itemised):
    """The number of Markdown headings of one level: lines with `level` signs `#`, a space and a text."""

    id = "format:headings"
    noun = "heading"
    usual = (1, 5)
    level: int = parameter(whole(1, 6), lambda rng: rng.randint(1, 4))

    def counted(self) -> str:
        return f"Markdown heading of level {self.level}"

    def describe(self) -> str:
        return f"{super().describe()[:-1]}, that is lines starting with {'#' * self.level}."

    def measure(self, response: str) -> int:
        found = (_HEADING.fullmatch(each) for each in prose_lines(response))
        return sum(1 for each in found if each and len(each.group(1)) == self.level)

    def draft(self, rng: random.Random, count: int) -> str:
        parts = [f"{'#' * self.level} {fill.word(rng)}\n\n{fill.prose(rng)}" for _ in range(count)]
        return "\n\n".join([fill.prose(rng), *parts])

    def ranges(self) -> dict[str, Range]:
        return super().ranges() | {f"headings {self.level}": self.limits()}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("#" * self.level,),) if self.limits()[0] else ()


_PLACEHOLDER = re.compile(r"\[([^\[\]\n]+)\](?!\()")


@dataclass(frozen=True)
class Placeholders(Marked):
    """The number of placeholders in square brackets, such as `[address]`; links and check boxes are none."""

    id = "format:placeholders"
    noun = "placeholder"
    usual = (1, 5)
    measured = "placeholders"

    def describe(self) -> str:
        return super().describe()[:-1] + " in square brackets, such as [address]."

    def measure(self, response: str) -> int:
        found = (each.strip() for each in _PLACEHOLDER.findall(response))
        return sum(1 for each in found if each and each not in ("x", "X"))

    def draft(self, rng: random.Random, count: int) -> str:
        pieces = [f"[{fill.word(rng)}]" for _ in range(count)]
        return " ".join(fill.spread(rng, fill.sentence(rng).split(), pieces))

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("[",), ("]",)) if self.limits()[0] else ()


_POSTSCRIPT = re.compile(r"[*_]{0,3}p\.\s?(?:p\.\s?)*s\b", re.IGNORECASE)


@dataclass(frozen=True)
class Postscript(Constraint):
    """The response ends with a postscript: a line that begins with the marker, and says something.

    It stands in the last paragraph, or before further postscripts. What it says may follow on the next line;
    case and a space after a point do not count.
    """

    id = "format:postscript"
    places = frozenset({"end"})
    marker: str = parameter(line, lambda rng: rng.choice(("P.S.", "P.P.S")))

    def describe(self) -> str:
        return f"At the end of your response add a postscript that starts with {self.marker}"

    def judge(self, response: str) -> tuple[bool, str]:
        joined = re.escape(re.sub(r"\.\s+", ".", self.marker))
        escaped = joined.replace(r"\.", r"\.\s?").replace("\\ ", r"\s+")
        start = re.compile(rf"[*_]{{0,3}}{escaped}(.*)", re.IGNORECASE)
        for paragraph in reversed(paragraphs(response)):
            rows = [row.strip() for row in paragraph.splitlines()]
            found = [place for place, row in enumerate(rows) if start.match(row)]
            if found:
                said = any(map(str.isalnum, start.sub(r"\1", "\n".join(rows[found[-1] :]), count=1)))
                return said, f"a postscript {self.marker} {'with' if said else 'without'} a text"
            if not _POSTSCRIPT.match(paragraph):
                break
        return False, f"no postscript {self.marker} at the end"

    def satisfy(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)}\n\n{self.marker} {fill.sentence(rng)}"

    def violate(self, rng: random.Random) -> str:
        wrong = (
            f"{self.marker}\n\n{fill.prose(rng)}",
            f"{fill.prose(rng)}\n\n{self.marker}",
            f"{fill.prose(rng)} {self.marker} {fill.prose(rng)}",
        )
        return rng.choice(wrong)

    def required(self) -> tuple[tuple[str, ...], ...]:
        return ((self.marker, self.marker.lower(), self.marker.upper()),)


KINDS: tuple[type[Constraint], ...] = (
    Bullets,
    Numbered,
    Highlights,
    Title,
    Sections,
    Headings,
    Placeholders,
    Postscript,
)
