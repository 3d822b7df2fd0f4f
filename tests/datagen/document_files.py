"""Writes small real PDF and Word files, so that what a reader finds can be compared with what was put in.

Not a test itself. Nothing here is shared with the readers: a PDF is laid out and a .docx zipped by hand.
"""

from __future__ import annotations

import textwrap
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

LEFT, TOP, LEADING, SIZE = 72, 760, 15, 11


def write_pdf(
    path: Path, pages: Sequence[Sequence[str]], outline: Sequence[tuple[str, int]] = (), picture: bool = False
) -> Path:
    """A PDF with the lines of each page in Helvetica, one under the other.

    `outline` are bookmarks with the number of their page from 0. With `picture` every page shows one grey
    pixel as well.
    """
    objects: list[bytes] = [b"", b""]  # the catalogue and the tree of pages come when all is known
    font = _add(objects, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    image = 0
    if picture:
        head = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
        image = _add(
            objects, f"{head} /BitsPerComponent 8 /Length 1 >>\nstream\n\x80\nendstream".encode("latin-1")
        )
    kids = []
    for lines in pages:
        drawn = [f"BT /F1 {SIZE} Tf {LEADING} TL {LEFT} {TOP} Td".encode()]
        drawn += [b"(" + _string(line) + b") Tj T*" for line in lines]
        drawn += [b"ET"] + ([b"q 100 0 0 100 72 300 cm /I1 Do Q"] if picture else [])
        stream = zlib.compress(b"\n".join(drawn))
        content = _add(
            objects, b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream)
        )
        shown = f"/XObject << /I1 {image} 0 R >>" if picture else ""
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R"
            f" /Resources << /Font << /F1 {font} 0 R >> {shown} >> >>"
        )
        kids.append(_add(objects, page.encode()))
    marks = _outline(objects, outline, kids)
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {marks} >>".encode()
    tree = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{tree}] /Count {len(kids)} >>".encode()
    path.write_bytes(_file(objects))
    return path


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _string(line: str) -> bytes:
    data = line.encode("cp1252")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _outline(objects: list[bytes], outline: Sequence[tuple[str, int]], kids: Sequence[int]) -> str:
    if not outline:
        return ""
    root = len(objects) + 1
    first, last = root + 1, root + len(outline)
    _add(objects, f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>".encode())
    for number, (title, page) in enumerate(outline, first):
        near = f"/Prev {number - 1} 0 R " if number > first else ""
        near += f"/Next {number + 1} 0 R " if number < last else ""
        place = f"/Dest [{kids[page]} 0 R /XYZ 0 800 0]"
        _add(
            objects,
            b"<< /Title (%s) /Parent %d 0 R %s >>" % (_string(title), root, f"{near}{place}".encode()),
        )
    return f"/Outlines {root} 0 R"


def _file(objects: Sequence[bytes]) -> bytes:
    data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def wrapped(text: str, width: int = 76) -> list[str]:
    """A paragraph as lines of a page."""
    return textwrap.wrap(text, width)


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STYLES = f"""<?xml version="1.0" encoding="UTF-8"?><w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Kop2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="My heading"/><w:basedOn w:val="Kop2"/></w:style>
</w:styles>"""
NUMBERING = f"""<?xml version="1.0" encoding="UTF-8"?><w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""
TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
<Override PartName="/word/numbering.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>
</Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
PARTS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>
<Relationship Id="rId2" Target="numbering.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"/></Relationships>"""


def paragraph(text: str, style: str = "", numbered: int = 0, more: str = "") -> str:
    """The XML of a paragraph; `more` goes in after its text."""
    kind = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbered:
        kind += f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{numbered}"/></w:numPr>'
    run = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p><w:pPr>{kind}</w:pPr>{run}{more}</w:p>"


def word_table(rows: Sequence[Sequence[str]]) -> str:
    """The XML of a table."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def write_docx(path: Path, body: Sequence[str], **others: str) -> Path:
    """A Word document of that XML; `others` are further parts by their name, e.g. `footnotes`."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}"><w:body>'
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "word/_rels/document.xml.rels": PARTS,
        "word/document.xml": f"{document}{''.join(body)}</w:body></w:document>",
        "word/styles.xml": STYLES,
        "word/numbering.xml": NUMBERING,
    }
    parts |= {f"word/{name}.xml": text for name, text in others.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            # Without a time: the same bytes each time.
            archive.writestr(zipfile.ZipInfo(name), text, compress_type=zipfile.ZIP_DEFLATED)
    return path
