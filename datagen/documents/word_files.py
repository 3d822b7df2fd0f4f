"""Word documents (.docx) as documents: headings by their styles, lists, tables, footnotes.

Read with the standard library: a .docx is a ZIP file of XML. What was deleted with changes tracked, headers
and footers are left out. XML that declares entities is refused before any is expanded.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from datagen.documents.document import BrokenFileError, Section, gathered, table, whole
from datagen.documents.text_files import clean

MOST_BYTES = 256 << 20
"""Of one part of a file when unpacked: more is no document but a bomb."""
BODY, STYLES, NUMBERING, FOOTNOTES, ENDNOTES = PARTS = tuple(
    f"word/{name}.xml" for name in ("document", "styles", "numbering", "footnotes", "endnotes")
)
HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop)\s*([1-9])", re.IGNORECASE)
MOST_INDENT = 8
MEND = "open it in a word processor and save it again as .docx"

Block = tuple[int, str, str]


def read_docx(path: Path, data: bytes) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The sections and notes of a Word document. Raises `BrokenFileError` when it is none."""
    parts = _parts(path, data)
    word = _Word(parts.get(STYLES), parts.get(NUMBERING))
    body = next((child for child in parts[BODY] if _name(child) == "body"), parts[BODY])
    notes = [*_notes(parts.get(FOOTNOTES), "Footnotes"), *_notes(parts.get(ENDNOTES), "Endnotes")]
    blocks = [*word.blocks(body), *notes]
    return gathered((level, clean(text), place) for level, text, place in blocks), ()


def _parts(path: Path, data: bytes) -> dict[str, Element]:
    """The XML of the parts we read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if BODY not in names:
                raise BrokenFileError("is a ZIP file, but no Word document", where=path, mend=MEND)
            return {name: parsed(_unpacked(archive, name), path) for name in PARTS if name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BrokenFileError(
            f"is no Word document, or a damaged one ({error})", where=path, mend=MEND
        ) from None
    except RuntimeError as error:  # zipfile's way to say that a part is encrypted
        raise BrokenFileError(f"cannot be unpacked ({error})", where=path, mend=MEND) from None


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        data = file.read(MOST_BYTES + 1)  # the size that the archive declares may be a lie
    if len(data) > MOST_BYTES:
        raise zipfile.BadZipFile(f"{name} unpacks to more than {MOST_BYTES >> 20} MiB")
    return data


def parsed(data: bytes, path: Path) -> Element:
    """XML as a tree. Raises `BrokenFileError` when it is not well-formed or has a document type.

    A document type is where entities are declared, which can grow without bounds; Word never writes one.
    """

    def refuse(*_: object) -> None:
        what = "its XML declares a document type, as Word never does"
        raise BrokenFileError(what, where=path, mend=MEND)

    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        what = f"is no Word document, or a damaged one ({error})"
        raise BrokenFileError(what, where=path, mend=MEND) from None


class _Word:
    """What styles and numbering say of paragraphs, and how far each numbered list has counted."""

    def __init__(self, styles: Element | None, numbering: Element | None) -> None:
        self.levels = _heading_styles(styles)
        self.list_styles = _list_styles(styles)
        self.formats = _list_formats(numbering)
        self.counts: Counter[tuple[str, int]] = Counter()

    def blocks(self, body: Element) -> Iterator[Block]:
        """The blocks of a body or of anything that holds paragraphs and tables; items of a list are one."""
        items: list[str] = []
        for child in _content(body):
            if _name(child) == "p" and (item := self._item(child)):
                items.append(item)
                continue
            if items:
                yield 0, "\n".join(items), ""
                items = []
            if _name(child) == "p":
                yield self._level(child), said(child).strip(), ""
            else:
                yield 0, _table(child), ""
        if items:
            yield 0, "\n".join(items), ""

    def _level(self, paragraph: Element) -> int:
        """The level of a heading; 0 for text. An outline level of its own counts as a heading too."""
        outline = _property(paragraph, "outlineLvl")
        if whole(outline, 9) < 9:
            return whole(outline) + 1
        return self.levels.get(_property(paragraph, "pStyle"), 0)

    def _item(self, paragraph: Element) -> str:
        """The line of an item of a list; "" for other paragraphs and for headings that are numbered."""
        number = next((found for found in _properties(paragraph) if _name(found) == "numPr"), None)
        style = _property(paragraph, "pStyle")
        if number is not None:
            values = {_name(child): _value(child) for child in number}
            name, depth = values.get("numId", "0"), values.get("ilvl", "0")
        else:
            name, depth = self.list_styles.get(style, ("0", "0"))
        text = " ".join(said(paragraph).split())
        if name == "0" or not text or self._level(paragraph):
            return ""
        level = min(whole(depth), MOST_INDENT)
        if self.formats.get((name, level), "bullet") == "bullet":
            return f"{'  ' * level}- {text}"
        self.counts[name, level] += 1
        for deeper in [key for key in self.counts if key[0] == name and key[1] > level]:
            del self.counts[deeper]
        return f"{'  ' * level}{self.counts[name, level]}. {text}"


def said(element: Element) -> str:
    """The text of an element, without what is deleted or hidden, fields' instructions, second versions."""
    name = _name(element)
    if name == "r" and _is_hidden(element):
        return ""
    if name == "t":
        return element.text or ""
    if name in ("tab", "ptab"):
        return "\t"
    if name in ("br", "cr"):
        return "\n"
    if name == "noBreakHyphen":
        return "-"
    if name in ("del", "moveFrom", "instrText", "delText", "Fallback", "pPr", "rPr", "sectPr"):
        return ""
    parts = [said(child) for child in element]
    return "\n".join(parts) if name == "txbxContent" else "".join(parts)


def _is_hidden(run: Element) -> bool:
    """Whether a run has Word's font effect "hidden"."""
    found = (child for part in run if _name(part) == "rPr" for child in part if _name(child) == "vanish")
    return any(_value(child) not in ("0", "false", "off") for child in found)


def _content(body: Element) -> Iterator[Element]:
    """The paragraphs and tables of a body, also those in content controls and insertions."""
    for child in body:
        if _name(child) in ("p", "tbl"):
            yield child
        elif _name(child) in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _content(child)


def _table(element: Element) -> str:
    rows = []
    for row in _within(element, "tr"):
        rows.append([" ".join(_of_cell(cell).split()) for cell in _within(row, "tc")])
    return "\n\n".join(row[0] for row in rows if row[0]) if _narrow(rows) else table(rows)


def _narrow(rows: list[list[str]]) -> bool:
    return bool(rows) and all(len(row) == 1 for row in rows)


def _within(element: Element, name: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in element:
        if _name(child) == name:
            yield child
        elif _name(child) in ("sdt", "sdtContent", "customXml"):
            yield from _within(child, name)


def _of_cell(cell: Element) -> str:
    return " ".join(_of_cell(part) if _name(part) != "p" else said(part) for part in cell)


def _notes(notes: Element | None, title: str) -> list[Block]:
    """The notes as a section of their own at the end; the lines that separate them are none."""
    texts = []
    for note in notes if notes is not None else ():
        kind = next((value for key, value in note.attrib.items() if key.endswith("}type")), "normal")
        text = " ".join(said(note).split())
        if kind == "normal" and text:
            texts.append(text)
    return [(1, title, ""), *((0, text, "") for text in texts)] if texts else []


def _heading_styles(styles: Element | None) -> dict[str, int]:
    """The level of each style that is a heading: by its outline level, its name, or the style it rests on."""
    found: dict[str, int] = {}
    bases: dict[str, str] = {}
    for name, style in _styles(styles):
        children = {_name(child): child for child in style}
        title = _value(children["name"]) if "name" in children else ""
        outline = next((_value(part) for part in style.iter() if _name(part) == "outlineLvl"), "")
        if whole(outline, 9) < 9:
            found[name] = whole(outline) + 1
        elif heading := HEADING_STYLE.fullmatch(title):
            found[name] = int(heading[1])
        elif title.lower() == "title":
            found[name] = 1
        if "basedOn" in children:
            bases[name] = _value(children["basedOn"])
    for name in bases:
        base, seen = name, set()
        while base not in found and base in bases and base not in seen:
            seen.add(base)
            base = bases[base]
        if base in found:
            found[name] = found[base]
    return found


def _list_styles(styles: Element | None) -> dict[str, tuple[str, str]]:
    """The list and its depth that a style puts a paragraph in."""
    found = {}
    for name, style in _styles(styles):
        values = {_name(part): _value(part) for part in style.iter() if _name(part) in ("numId", "ilvl")}
        if "numId" in values:
            found[name] = (values["numId"], values.get("ilvl", "0"))
    return found


def _styles(styles: Element | None) -> Iterator[tuple[str, Element]]:
    for style in styles if styles is not None else ():
        name = next((value for key, value in style.attrib.items() if key.endswith("}styleId")), "")
        if _name(style) == "style" and name:
            yield name, style


def _list_formats(numbering: Element | None) -> dict[tuple[str, int], str]:
    """How each (list, depth) counts: "bullet", "decimal", ..."""
    abstract: dict[str, dict[int, str]] = {}
    found: dict[tuple[str, int], str] = {}
    for part in numbering if numbering is not None else ():
        named = {key.rpartition("}")[2]: value for key, value in part.attrib.items()}
        if _name(part) == "abstractNum":
            levels = abstract.setdefault(named.get("abstractNumId", ""), {})
            for level in (child for child in part if _name(child) == "lvl"):
                depth = next((value for key, value in level.attrib.items() if key.endswith("}ilvl")), "0")
                kind = next((_value(child) for child in level if _name(child) == "numFmt"), "bullet")
                levels[whole(depth)] = kind
        elif _name(part) == "num":
            of = next((_value(child) for child in part if _name(child) == "abstractNumId"), "")
            found |= {(named.get("numId", ""), depth): kind for depth, kind in abstract.get(of, {}).items()}
    return found


def _name(element: Element) -> str:
    """The name without its namespace: Word has two for the same elements."""
    return str(element.tag).rpartition("}")[2]


def _value(element: Element) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == "val"), "")


def _properties(paragraph: Element) -> Iterator[Element]:
    for child in paragraph:
        if _name(child) == "pPr":
            yield from child


def _property(paragraph: Element, name: str) -> str:
    """The value of a property of a paragraph, "" without one."""
    return next((_value(found) for found in _properties(paragraph) if _name(found) == name), "")
