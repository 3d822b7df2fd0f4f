"""The faults of a stretch of a file, row by row, at the speed of orjson and jsonschema-rs.

A row that is accepted costs two calls into C. Whatever else happens to a row is off that way: it is read
again exactly as jsonschema would have it read, judged by jsonschema, and explained. It knows of no processes.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import length_hint
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from schemas.checking.checker import KINDS, Checker, checker
from schemas.checking.explain import accepted
from schemas.checking.faults import Fault, pointer
from schemas.rows import Batch, Row

BLOCK_BYTES = 1 << 16
"""Lines are read so many bytes at a time: few calls, and still in the cache when they are parsed."""

SIGNATURES = {
    "kto": {"label"},
    "attempt": {"completion"},
    "preference": {"chosen", "rejected"},
    "problem": {"answer", "question", "spec"},
    "instruction": {"messages"},
    "corpus": {"text"},
}
"""Columns any of which gives a kind away, the most telling kind first."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Against:
    """What rows are judged by: a kind or the user's schema; neither until a row has shown its kind."""

    kind: str | None = None
    schema: Path | None = None
    formats: bool = False

    def checker(self) -> Checker | None:
        """The compiled schema, None when the kind is not known yet. Raises `UserError` as `own_checker`."""
        if self.schema is not None:
            from schemas.checking.own import own_checker

            return own_checker(self.schema, formats=self.formats)
        return checker(self.kind) if self.kind else None


def kind_of(row: Row) -> str | None:
    """The kind of a row by its columns, or None when they belong to no kind."""
    for kind, columns in SIGNATURES.items():
        if not columns.isdisjoint(row):
            return kind
    return None


class Judge:
    """Judges the rows of one file, or of a stretch of it, and counts `lines` and `rows` on its way.

    `checker` is that of `against`, if there is one already; `moved_on` is called now and then.
    """

    def __init__(
        self,
        against: Against,
        checker: Checker | None = None,
        moved_on: Callable[[], None] = lambda: None,
    ) -> None:
        self.against, self._moved_on = against, moved_on
        self.lines = self.rows = self.bytes = 0
        self.checker = checker or against.checker()

    def of_lines(self, file: BinaryIO, length: int | None = None) -> Iterator[tuple[int, list[Fault]]]:
        """(line, faults) of each invalid line of a file from where it stands, `length` bytes or all.

        A valid line is two calls from a loop in C: what is slower stays off its way. Where the loop stopped,
        the iterator says: the line it has taken last was not accepted, or is none that can be read.
        """
        loads = orjson.loads
        for lines in _blocks(file, length):
            self.bytes += sum(map(len, lines))
            remaining, before = iter(lines), self.lines
            self.rows += len(lines)
            while self.checker is None and (text := next(remaining, None)) is not None:
                yield from self._line(text)
            accepts = self.checker.accepts if self.checker else _nothing
            while True:
                with contextlib.suppress(ValueError, RecursionError):
                    if all(map(accepts, map(loads, remaining))):
                        break
                taken = len(lines) - length_hint(remaining)
                self.lines = before + taken - 1
                yield from self._line(lines[taken - 1])
            self.lines = before + len(lines)
            self._moved_on()

    def of_batches(self, batches: Iterable[Batch]) -> Iterator[tuple[int, list[Fault]]]:
        """(row number, faults) of each invalid row of a Parquet file; a null says that a key is absent."""
        for batch in batches:
            self.bytes += batch.bytes
            accepts = self.checker.accepts if self.checker else _nothing
            for row, whole in zip(batch.rows, batch.whole or batch.rows, strict=True):
                self.lines += 1
                self.rows += 1
                if accepted(accepts, row) and (batch.finite or not any(_not_finite(row))):
                    continue
                faults = [*self._faults(row), *_not_finite(row)]
                if faults and self.against.schema and accepted(accepts, whole):
                    continue  # a schema of the user's own may ask for a null
                if faults:
                    yield self.lines, faults
            self._moved_on()

    def _line(self, text: bytes) -> Iterator[tuple[int, list[Fault]]]:
        """A line that was not accepted, judged with care. Blank ones are no rows."""
        self.lines += 1
        try:
            row = _exact(text)
        except orjson.JSONDecodeError as error:
            if text.isspace() or not text:
                self.rows -= 1
            else:
                yield self.lines, [Fault(_not_json(text, error), keyword="json")]
            return
        if faults := self._faults(row):
            yield self.lines, faults

    def _faults(self, row: Any) -> list[Fault]:
        if self.against.schema is not None:
            assert self.checker is not None
            return self.checker.faults(row)
        if not isinstance(row, dict):
            return [Fault(f"a row is a JSON object, not {_json_type(row)}", keyword="type")]
        kind = kind_of(row)
        if self.checker is None:
            if kind is None:
                columns = ", ".join(row) or "(none)"
                reason = f"no kind of row has the columns {columns}; known kinds: {', '.join(KINDS)}"
                return [Fault(reason, keyword="kind")]
            self.against = replace(self.against, kind=kind)
            self.checker = checker(kind)
        faults = self.checker.faults(row)
        if faults and kind not in (None, self.against.kind) and accepted(checker(str(kind)).accepts, row):
            reason = f"a row of kind '{kind}' in a file of kind '{self.against.kind}'"
            return [Fault(reason, keyword="kind")]
        return faults


_nothing: Callable[[Any], bool] = lambda row: False  # noqa: E731


def _blocks(file: BinaryIO, length: int | None) -> Iterator[list[bytes]]:
    """The lines of a file from where it stands, some at a time: all, or those of its next `length` bytes."""
    if length is None:
        while lines := file.readlines(BLOCK_BYTES):
            yield lines
        return
    while length > 0:
        # `readlines` stops as soon as it has read more bytes than it is told.
        lines = file.readlines(min(BLOCK_BYTES, length - 1)) if length > 1 else [file.readline()]
        if not lines:
            return
        yield lines
        length -= sum(map(len, lines))


def _exact(text: bytes) -> Any:
    """The row as Python's json reads it: integers of any length, where orjson makes doubles of some."""
    row = orjson.loads(text)
    with contextlib.suppress(ValueError, RecursionError):  # more digits or levels than Python takes
        return json.loads(text)
    return row


def _not_json(text: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as undecodable:
        return f"not UTF-8 (byte {undecodable.start + 1} of the line)"
    if text.startswith(BYTE_ORDER_MARK):
        return "not JSON (the line begins with a byte order mark; save the file without one)"
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return f"not JSON ({error})"
    return f"not JSON ({error}), though Python's json would read it"


def _not_finite(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """NaN and infinities, which Parquet can hold and JSON cannot."""
    if isinstance(value, float) and not math.isfinite(value):
        yield Fault(f"{value} is not a JSON number", pointer(path), keyword="number")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _not_finite(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_finite(item, (*path, index))


def _json_type(value: Any) -> str:
    return {str: "a string", list: "an array", bool: "a truth value", type(None): "null"}.get(
        type(value), "a number"
    )
