"""Documents cut into pieces of at most so many tokens: at headings, between paragraphs, between sentences.

Nothing is lost: the pieces of a document, one after the other, are its text. A sentence is only cut when it
alone is too long; code blocks and tables stay whole where they fit.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from datagen.documents.document import Document
from datagen.engines.engine import Engine, Request, run_coroutine

Counts = Callable[[Sequence[str]], list[int]]
"""How many tokens each of some texts has."""

BYTES_PER_TOKEN = 3
"""Where no tokenizer is at hand. Common vocabularies need four bytes of English a token, so this counts too
many rather than too few; text in other alphabets is nearer to three."""
COUNTED_AT_ONCE = 64

SENTENCE_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？][”’」』）]*)\s*")
OPENS = re.compile(r"[\"'“‘«(\[]*(?:[^\W\d_]|\d)")
ABBREVIATION = re.compile(
    r"mr|mrs|ms|dr|prof|sr|jr|st|mt|vs|etc|e\.g|i\.e|cf|figs?|nos?|vol|pp?|eds?|al|approx|ca|dept|est|inc|ltd"
    r"|co|corp|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[ap]\.m|u\.s|u\.k|ph\.d|z\.b|bzw|usw|ggf|nr",
    re.IGNORECASE,
)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
HEADING = re.compile(r"#{1,6} ")


@dataclass(frozen=True)
class Chunk:
    """A piece of a document, JSON-ready and an item of a run.

    `start` and `end` are its own characters in the text of the document; `text` begins at `begin`, which
    lies before `start` where pieces overlap. `headings` are those that all of it is under, `place` is where
    it begins in the file.
    """

    id: str
    document: str
    document_hash: str
    headings: tuple[str, ...]
    place: str
    begin: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Span:
    """Characters from `start` to `end`, and their tokens."""

    start: int
    end: int
    tokens: int


def counts_of(engine: Engine) -> Counts:
    """Counts with the tokenizer of an engine; by bytes where it cannot tell."""

    async def counted(texts: Sequence[str]) -> list[int]:
        found: list[int] = []
        for first in range(0, len(texts), COUNTED_AT_ONCE):
            some = texts[first : first + COUNTED_AT_ONCE]
            tokens = await asyncio.gather(*(engine.count(Request(prompt=text)) for text in some))
            found += [tokens_by_bytes(text) if n is None else n for text, n in zip(some, tokens, strict=True)]
        return found

    return lambda texts: run_coroutine(counted(texts))


def tokens_by_bytes(text: str) -> int:
    """An estimate without a tokenizer.

    >>> tokens_by_bytes("The tide turns.")
    5
    """
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)


def by_bytes(texts: Sequence[str]) -> list[int]:
    """Counts by bytes alone."""
    return [tokens_by_bytes(text) for text in texts]


def chunks_of(document: Document, counts: Counts, most: int, overlap: int = 0) -> list[Chunk]:
    """The pieces of a document, each of at most `most` tokens, `overlap` of them from before it.

    The end of a section ends a piece only where it is full, or where what follows does not fit whole: short
    sections share one. A single character of more than `most` tokens is a piece all the same. Raises
    `ValueError` when the overlap leaves no room.
    """
    own = most - overlap
    if own < 1 or overlap < 0:
        raise ValueError(f"an overlap of {overlap} tokens does not fit pieces of {most}")
    text = document.text
    cutter = _Cutter(text, counts, own)
    spans = [span for span in cutter.packed(cutter.sections(document)) if span.end > span.start]
    chunks = []
    for number, span in enumerate(spans, 1):
        begin = cutter.lead(span.start, overlap) if overlap else span.start
        if begin < span.start and counts([text[begin : span.end]])[0] > most:
            begin = span.start
        chunks.append(
            Chunk(
                id=f"{document.hash[:16]}-{number}",
                document=document.name,
                document_hash=document.hash,
                headings=_common_path(document, span),
                place=document.section_at(span.start).place,
                begin=begin,
                start=span.start,
                end=span.end,
                text=text[begin : span.end],
            )
        )
    return chunks


def _common_path(document: Document, span: Span) -> tuple[str, ...]:
    """The headings over all sections that a piece is of."""
    first = document.section_at(span.start).path
    last = [
        section.path
        for start, section in zip(document.starts, document.sections, strict=True)
        if span.start < start < span.end
    ]
    length = len(first)
    for path in last:
        same = [ours == theirs for ours, theirs in zip(first, path, strict=False)]
        length = min(length, same.index(False) if False in same else len(same))
    return first[:length]


class _Cutter:
    """Cuts one text. A span is cut finer only where it does not fit: sections, blocks, sentences, words."""

    def __init__(self, text: str, counts: Counts, most: int) -> None:
        self.text, self.counts, self.most = text, counts, most

    def sections(self, document: Document) -> list[Span]:
        """The sections with their tokens; those of one path that run on are one."""
        bounds: list[tuple[int, int]] = []
        joined = False
        for start, section in zip(document.starts, document.sections, strict=True):
            end = start + len(section.text)
            if joined and bounds:
                bounds[-1] = (bounds[-1][0], end)
            else:
                bounds.append((start, end))
            joined = not section.text.endswith("\n\n")
        return self.counted(bounds)

    def counted(self, bounds: Sequence[tuple[int, int]]) -> list[Span]:
        """Spans of those bounds with their tokens."""
        tokens = self.counts([self.text[start:end] for start, end in bounds])
        return [Span(start, end, n) for (start, end), n in zip(bounds, tokens, strict=True)]

    def packed(self, spans: Sequence[Span], finer: int = 0) -> Iterator[Span]:
        """As many spans as fit together, in order; what does not fit alone is cut the next finer way.

        The tokens of a whole are not exactly those of its parts: it is counted again before it counts.
        """
        held: list[Span] = []
        for span in spans:
            if span.tokens > self.most:
                yield from self.whole(held)
                held = []
                if finer < len(WAYS):
                    yield from self.packed(self.finer(span, finer), finer + 1)
                else:
                    yield span  # a single character: there is nothing finer
                continue
            if held and _total(held) + span.tokens > self.most:
                ended, held = self._before_headings(held)
                yield from self.whole(ended)
                if _total(held) + span.tokens > self.most:
                    yield from self.whole(held)
                    held = []
            held.append(span)
        yield from self.whole(held)

    def _before_headings(self, spans: list[Span]) -> tuple[list[Span], list[Span]]:
        """Spans in two: headings at the end go with what they are over."""
        stays = len(spans)
        while stays > 1 and self._is_heading(spans[stays - 1]):
            stays -= 1
        return spans[:stays], spans[stays:]

    def whole(self, spans: Sequence[Span]) -> Iterator[Span]:
        """Spans as one, or as two or more where they are together more than their sum."""
        if not spans:
            return
        (one,) = self.counted([(spans[0].start, spans[-1].end)]) if len(spans) > 1 else spans
        if one.tokens <= self.most or len(spans) == 1:
            yield one
        else:
            yield from self.whole(spans[:-1])
            yield spans[-1]

    def finer(self, span: Span, way: int) -> list[Span]:
        """The parts of a span, cut one way finer."""
        ends = sorted({end for end in WAYS[way](self.text[span.start : span.end]) if end > 0})
        starts = [0, *ends[:-1]]
        return self.counted([(span.start + a, span.start + b) for a, b in zip(starts, ends, strict=True)])

    def _is_heading(self, span: Span) -> bool:
        text = self.text[span.start : span.end]
        return HEADING.match(text) is not None and "\n" not in text.strip()

    def lead(self, start: int, overlap: int) -> int:
        """Where the sentences before `start` begin that have at most `overlap` tokens together."""
        first = max(0, start - 8 * overlap)
        ends = [0, *sentence_ends(self.text[first:start])]
        for end in ends[1 if first else 0 : -1]:
            if self.counts([self.text[first + end : start]])[0] <= overlap:
                return first + end
        return start


def _total(spans: Sequence[Span]) -> int:
    return sum(span.tokens for span in spans)


def block_ends(text: str) -> list[int]:
    """Where blocks end: paragraphs, with the empty lines after them; a fenced code block is one."""
    ends: list[int] = []
    place, fence = 0, ""
    for line in text.splitlines(keepends=True):
        found = FENCE.match(line)
        if found and not fence:
            fence = found[1]
            ends.append(place)
        elif found and found[1].startswith(fence):
            fence = ""
            place += len(line)
            ends.append(place)
            continue
        place += len(line)
        if not fence and not line.strip():
            ends.append(place)
    return _without_blank_parts(text, [*ends, len(text)])


def _without_blank_parts(text: str, ends: Sequence[int]) -> list[int]:
    """The ends without those of parts that are only spaces: they belong to the part before."""
    kept: list[int] = []
    begin = 0
    for end in sorted(set(ends)):
        if text[begin:end].strip() or not kept:
            kept.append(end)
        else:
            kept[-1] = end
        begin = end
    return kept


def line_or_sentence_ends(text: str) -> list[int]:
    """Where the parts of a block end: lines of code, tables and lists, sentences of anything else."""
    lines = text.splitlines(keepends=True)
    if FENCE.match(text) or text.lstrip().startswith("|"):
        return _sums(map(len, lines))
    ends, place = [], 0
    for _, group in groupby(_numbered_items(lines), key=lambda numbered: numbered[0]):
        item = "".join(line for _, line in group)
        ends += [place + end for end in sentence_ends(item)]
        place += len(item)
    return ends


def _numbered_items(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each line with the number of the item of a list that it is of."""
    number = 0
    for line in lines:
        number += ITEM.match(line) is not None
        yield number, line


def sentence_ends(text: str) -> list[int]:
    """Where sentences end, with the spaces after them; the last is the end of the text.

    >>> sentence_ends("Dr. Ito slept. It rained.")
    [15, 25]
    """
    ends = []
    for found in SENTENCE_END.finditer(text):
        if found.end() < len(text) and _really_ends(text, found):
            ends.append(found.end())
    return [*ends, len(text)]


def _really_ends(text: str, found: re.Match[str]) -> bool:
    """Whether a full stop is one: not after an abbreviation or an initial, nor before a small letter."""
    if found[0][0] in "。！？":
        return True
    following = OPENS.match(text, found.end())
    if following is None or following[0][-1].islower():
        return found[0][0] in "!?"
    if found[0][0] != "." or found[0].startswith(".."):
        return True
    before = re.search(r"[\w.]*$", text[max(0, found.start() - 20) : found.start()])
    word = before[0] if before else ""
    initial = len(word) == 1 and word.isupper() and word != "I"
    return not initial and ABBREVIATION.fullmatch(word) is None


def word_ends(text: str) -> list[int]:
    """Where words end, with the spaces after them."""
    return [*(found.end() for found in re.finditer(r"\s+", text)), len(text)]


def character_ends(text: str) -> list[int]:
    """Where characters end."""
    return list(range(1, len(text) + 1))


def _sums(lengths: Iterator[int]) -> list[int]:
    found, total = [], 0
    for length in lengths:
        total += length
        found.append(total)
    return found


WAYS = (block_ends, line_or_sentence_ends, word_ends, character_ends)
"""How a span that does not fit is cut, each way finer than the one before."""
