"""Files and folders as documents: which files, by which reader, and what could not be read.

How a kind of file is read is the affair of its reader; every fault ends here as one sentence.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from datagen.documents.document import BrokenFileError, Document, Section
from schemas import UserError, unknown_name
from schemas.run import refuse_pipe

READERS = {
    **dict.fromkeys((".txt", ".text"), "text_files:read_text"),
    **dict.fromkeys((".md", ".markdown"), "text_files:read_markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html_files:read_html"),
    ".pdf": "pdf_files:read_pdf",
    ".docx": "word_files:read_docx",
}
"""Where each kind of file is read; imported when there is one."""
OLDER = {".doc": "save it as .docx", ".rtf": "save it as .docx", ".odt": "save it as .docx"}

Reader = Callable[[Path, bytes], tuple[tuple[Section, ...], tuple[str, ...]]]


@dataclass
class Reading:
    """What was read: the documents, and what of the files became none.

    `other_types` counts files of a folder by a suffix that nobody reads, `broken` holds what was wrong with
    each file left out, `copies` names those with the bytes of an earlier one.
    """

    documents: list[Document] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    other_types: Counter[str] = field(default_factory=Counter)
    broken: list[BrokenFileError] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[str]:
        """What a person should know, a sentence each."""
        for document in self.documents:
            for note in document.notes:
                yield f"{document.name}: {note}"
        if self.other_types:
            kinds = ", ".join(f"{kind or 'no suffix'}: {n:,}" for kind, n in self.other_types.most_common(5))
            yield f"{self.other_types.total():,} files of other types left out ({kinds})"
        if self.copies:
            yield f"{len(self.copies):,} copies of files already read left out ({', '.join(self.copies[:3])})"
        for error in self.broken:
            yield f"left out: {error}"


def read_documents(paths: Sequence[Path], *, skip_broken: bool = False) -> Reading:
    """The documents of files and of all files in folders, hidden ones apart, in the order of their names.

    A document is named by its path inside the folder that was given. Raises `UserError` when a path does not
    exist, is of a type that nobody reads, or when there is no document at all; and for the first file that
    is broken, unless those are to be skipped.
    """
    reading = Reading()
    seen: set[str] = set()
    for root in paths:
        for path, name in _files(root, reading):
            try:
                document = read_document(path, name)
            except BrokenFileError as error:
                if not skip_broken:
                    mend = f"{error.mend}, or give --skip-broken" if error.mend else "give --skip-broken"
                    raise BrokenFileError(error.what, where=error.where, mend=mend) from None
                reading.broken.append(error)
                continue
            if document.hash in seen:
                reading.copies.append(name)
                continue
            seen.add(document.hash)
            reading.documents.append(document)
            reading.files.append(path)
    if not reading.documents:
        told = "; ".join(reading.notes()) or "the folder has no files"
        mend = f"give files of these types: {', '.join(READERS)}"
        raise UserError(f"no documents ({told})", where=", ".join(map(str, paths)), mend=mend)
    return reading


def read_document(path: Path, name: str | None = None) -> Document:
    """One file. Raises `UserError` for a type that nobody reads, `BrokenFileError` for what is damaged."""
    suffix = path.suffix.lower()
    if suffix not in READERS:
        if suffix in OLDER:
            raise UserError(f"files of type {suffix} are not read", where=path, mend=OLDER[suffix])
        raise unknown_name("type of document", suffix or path.name, READERS, where=path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BrokenFileError(f"cannot be read ({error.strerror})", where=path, mend="check it") from None
    module, function = READERS[suffix].split(":")
    reader: Reader = getattr(import_module(f"datagen.documents.{module}"), function)
    try:
        sections, notes = reader(path, data)
    except RecursionError:
        raise BrokenFileError("is nested too deeply", where=path, mend="save it again") from None
    if not any(section.text.strip() for section in sections):
        raise BrokenFileError("has no text", where=path, mend="take it away")
    digest = hashlib.blake2b(data, digest_size=32).hexdigest()
    return Document(name or path.name, digest, sections, notes)


def _files(root: Path, reading: Reading) -> Iterator[tuple[Path, str]]:
    """Files and their names: a file itself, or what lies in a folder and is not hidden, sorted."""
    refuse_pipe(root)
    if not root.exists():
        raise UserError("no such file or folder", where=root, mend="check the path")
    if root.is_file():
        yield root, root.name
        return
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder) / name for name in names if not name.startswith((".", "~$"))]
    for path in sorted(found, key=lambda path: path.relative_to(root).parts):
        if not path.is_file():
            continue
        if path.suffix.lower() in READERS:
            yield path, path.relative_to(root).as_posix()
        else:
            reading.other_types[path.suffix.lower()] += 1
