"""HTML pages as documents: headings, paragraphs, lists, tables and code; without what surrounds the text.

Leaves out scripts, styles, navigation, footers, forms without paragraphs, and what is hidden. Where a page
says which parts of it are the main ones (`<main>`), only those are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from datagen.documents.document import Section, gathered, table, whole
from datagen.documents.text_files import clean, decoded

DROPPED = {
    *("script", "style", "nav", "footer", "aside", "noscript", "template", "svg", "iframe"),
    *("button", "select", "object", "canvas", "audio", "video", "dialog", "menu", "head"),
}
DROPPED_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog"}
VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"),
    *("track", "wbr"),
}
TEXT = {"p", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
"""What a form that only asks does not hold."""
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = ("ul", "ol")
BLOCKS = {
    *("p", "div", "section", "article", "main", "header", "blockquote", "figure", "figcaption", "address"),
    *("details", "summary", "body", "html", "center", "fieldset", "hr", "pre", "dl", "dt", "dd", "table"),
    *("li", "tr", "td", "th", "caption", *LISTS, *HEADINGS),
}
CLOSES = {
    "li": ({"li"}, set(LISTS)),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
    "body": ({"head"}, set()),
}
"""Elements whose start ends open ones, up to the elements named second (HTML standard, section 13.1.2.4)."""
FENCE = "```"
DEEPEST = 200
"""Elements nested deeper than this become their neighbours' text."""
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
DECLARED_WITHIN = 4096

Block = tuple[int, str, str]


def read_html(path: Path, data: bytes) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The sections and notes of a page."""
    declared = CHARSET.search(data[:DECLARED_WITHIN])
    text, note = decoded(data, path, declared[1].decode("ascii", "replace") if declared else None)
    return gathered(blocks_of(clean(text))), (note,) if note else ()


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page in order: (level of a heading or 0, text, "")."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    for node in (Node("", {}, [*_mains(reader.root)]), reader.root):
        blocks = list(_blocks(node))
        if any(text for _, text, _ in blocks):
            return blocks
    return []


def _mains(node: Node) -> Iterator[Node]:
    """The main parts of a page, none inside another."""
    for child in node.children:
        if isinstance(child, Node) and not child.dropped:
            if child.tag == "main" or child.role == "main":
                yield child
            else:
                yield from _mains(child)


@dataclass(eq=False)
class Node:
    """An element. `ended` says that it was closed in so many words."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    ended: bool = False

    @property
    def role(self) -> str:
        """Its ARIA role."""
        return (self.attributes.get("role") or "").lower()

    @property
    def dropped(self) -> bool:
        """Whether it is left out. One that never ends would take the rest of the page with it, and stays."""
        if self.tag in ("main", "body", "html") or not self.ended:
            return self.tag in ("script", "style")
        style = re.sub(r"\s", "", self.attributes.get("style") or "").lower()
        if self.tag == "form" and any(node.tag in TEXT for node in _nodes(self)):
            return False  # it is around a page, or a part of one
        hidden = "hidden" in self.attributes or self.attributes.get("aria-hidden") == "true"
        return (
            hidden or self.tag in (*DROPPED, "form") or self.role in DROPPED_ROLES or "display:none" in style
        )


class _Reader(HTMLParser):
    """Makes the tree of a page, closing what authors leave open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        ends, within = CLOSES.get(tag, ({"p"} if tag in BLOCKS else set(), BLOCKS))
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag in ends:
                self._end(place)
                break
            if self.open[place].tag in within:
                break
        node = Node(tag, dict(attributes))
        self.open[-1].children.append(node)
        if tag not in VOID and len(self.open) < DEEPEST:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag in DROPPED:  # `<svg/>` holds nothing; `<div/>` is a div that begins
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag == tag:
                self._end(place)
                break

    def _end(self, place: int) -> None:
        self.open[place].ended = True
        del self.open[place:]

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def _nodes(node: Node) -> Iterator[Node]:
    """All elements under `node` that are not left out."""
    for child in node.children:
        if isinstance(child, Node) and not child.dropped:
            yield child
            yield from _nodes(child)


def _blocks(node: Node) -> Iterator[Block]:
    """The blocks of an element."""
    said: list[str] = []
    for child in node.children:
        if isinstance(child, str) or not _holds_blocks(child):
            said.append(_inline(child))
            continue
        if text := _lines("".join(said)):
            yield 0, text, ""
        said = []
        if child.dropped:
            continue
        if child.tag in HEADINGS:
            yield HEADINGS[child.tag], " ".join(_inline(child).split()), ""
        elif child.tag == "pre":
            yield from _code(child)
        elif child.tag in LISTS:
            yield 0, "\n".join(_items(child, 0)), ""
        elif child.tag == "dl":
            yield 0, "\n".join(_definitions(child)), ""
        elif child.tag == "table":
            yield from _table(child)
        else:
            yield from _blocks(child)
    if text := _lines("".join(said)):
        yield 0, text, ""


def _holds_blocks(node: Node) -> bool:
    return node.tag in BLOCKS or any(child.tag in BLOCKS for child in _nodes(node))


def _inline(node: Node | str) -> str:
    """What an element says, as running text; a line break only where there is one in the page."""
    if isinstance(node, str):
        return re.sub(r"\s+", " ", node)
    if node.tag == "br":
        return "\n"
    if node.dropped:
        return ""
    if node.tag == "math":
        return _formula(node)
    said = "".join(_inline(child) for child in node.children)
    return f" {said} " if node.tag in BLOCKS else said


def _formula(node: Node) -> str:
    """A formula: what the page says it is called, or its TeX, or else the letters in it."""
    if told := (node.attributes.get("alttext") or "").strip():
        return told
    notes = [inside for inside in _nodes(node) if inside.tag in ("annotation", "annotation-xml")]
    for note in notes:
        if "tex" in (note.attributes.get("encoding") or "").lower():
            return " ".join(_verbatim(note).split())
    return " ".join(" ".join(_letters(node, notes)).split())


def _letters(node: Node, without: Sequence[Node]) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child not in without:
            yield from _letters(child, without)


def _lines(text: str) -> str:
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))


def _code(node: Node) -> Iterator[Block]:
    said = _verbatim(node).strip("\n")
    if said.strip():
        yield 0, f"{FENCE}\n{said}\n{FENCE}", ""


def _verbatim(node: Node | str) -> str:
    if isinstance(node, str):
        return node
    if node.tag == "br":
        return "\n"
    return "" if node.dropped else "".join(_verbatim(child) for child in node.children)


def _items(node: Node, depth: int) -> Iterator[str]:
    """The lines of a list, those of lists in it indented."""
    number = whole(node.attributes.get("start") or "", 1)
    for child in node.children:
        if isinstance(child, str) or child.tag not in ("li", *LISTS):
            parts = [child] if isinstance(child, str) or not child.dropped else []
            for _, text, _ in _blocks(Node("", {}, parts)):
                yield f"{'  ' * depth}{' '.join(text.split())}"
            continue
        if child.dropped:
            continue
        if child.tag in LISTS:
            yield from _items(child, depth + 1)
            continue
        inner = [inside for inside in child.children if isinstance(inside, Node) and inside.tag in LISTS]
        own = Node("", {}, [inside for inside in child.children if inside not in inner])
        said = _entry([text for _, text, _ in _blocks(own)], "  " * (depth + 1))
        if said:
            mark = f"{number}." if node.tag == "ol" else "-"
            number += 1
            yield f"{'  ' * depth}{mark} {said}"
        for inside in inner:
            yield from _items(inside, depth + 1)


def _entry(texts: Sequence[str], indent: str) -> str:
    """The blocks of an item as one line, but for code, whose lines stay."""
    lines: list[str] = []
    after_code = True
    for text in texts:
        code = text.startswith(FENCE)
        if code:
            lines += [f"{indent}{line}" for line in text.split("\n")]
        elif after_code:
            lines.append(f"{indent}{' '.join(text.split())}")
        else:
            lines[-1] += f" {' '.join(text.split())}"
        after_code = code
    return "\n".join(lines).strip()


def _definitions(node: Node) -> Iterator[str]:
    """The terms of a list with what they mean, whether in groups or not; other text in it stays."""
    for child in node.children:
        if isinstance(child, Node) and child.tag == "div" and not child.dropped:
            yield from _definitions(child)
        elif said := " ".join(_inline(child).split()):
            yield f"- {said}" if isinstance(child, Node) and child.tag == "dd" else said


def _table(node: Node) -> Iterator[Block]:
    """A caption and rows. A table of one column, or around other tables or code, only arranges the page."""
    inner = list(_own(node, {"table", "pre"}))
    rows = [list(_own(row, {"td", "th"})) for row in _own(node, {"tr"})]
    if inner or max(map(len, rows), default=0) < 2:
        for part in _own(node, {"td", "th", "caption"}):
            yield from _blocks(part)
        return
    for caption in _own(node, {"caption"}):
        yield 0, " ".join(_inline(caption).split()), ""
    yield 0, table([[_inline(cell) for cell in row] for row in rows]), ""


def _own(node: Node, tags: set[str]) -> Iterator[Node]:
    """The nearest elements of `tags` under `node`."""
    for child in node.children:
        if not isinstance(child, Node) or child.dropped:
            continue
        if child.tag in tags:
            yield child
        else:
            yield from _own(child, tags)
