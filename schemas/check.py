"""Is a row what its kind, or a schema of the user's, says it is? Asked at line rate, in constant memory.

orjson parses and jsonschema-rs accepts, which is fast; only a row that is not accepted is given to
jsonschema, which decides and explains. `checker.py` has one row, `judge.py` a stretch of a file,
`processes.py` many at once; here they become the check of a file.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from schemas.checking.checker import KINDS, Checker, checker, schema
from schemas.checking.faults import Fault, pointer
from schemas.checking.judge import SIGNATURES, Against, Judge, kind_of
from schemas.errors import UserError
from schemas.rows import Row, nulls_dropped, open_lines, open_rows, parquet_batches

__all__ = [
    "KINDS",
    "SIGNATURES",
    "Checker",
    "Fault",
    "FileCheck",
    "check_file",
    "check_row",
    "checker",
    "kind_of",
    "pointer",
    "schema",
]

MIN_BYTES_A_WORKER = 64 << 20
"""A process takes a third of a second to start: the time in which another checks so much."""

MAX_TALLIED = 10_000
"""Sorts of fault that are counted apart; an object with keys of its own in every row has no end of them."""

_INDEX = re.compile(r"/\d+(?=/|$)")


def check_row(row: Row, kind: str) -> list[Fault]:
    """Everything wrong with one row; an empty list for a valid one."""
    return checker(kind).check(row)


def check_file(
    path: str | Path,
    kind: str | None = None,
    *,
    schema: str | Path | None = None,
    formats: bool = False,
    workers: int = 1,
    report: Callable[[FileCheck], None] | None = None,
) -> FileCheck:
    """The faults of a JSON Lines or Parquet file, one by one, in constant memory; counted as they come.

    Rows are checked against a `kind`, or against the JSON Schema in the file `schema` (`formats` as in
    `own_checker`); without either, the first row decides which kind the file is of. `workers` processes
    find what one finds, in the same order. `report` is called with the state of the check now and then.
    Raises `UserError` when the file cannot be read, or changes meanwhile, when a `kind` is unknown, or the
    schema is none; whatever is wrong inside the file is a `Fault`.
    """
    if kind is not None and schema is not None:
        raise UserError(
            "a kind and a schema are two ways to say what rows should be", mend="give one of them"
        )
    against = Against(kind, None if schema is None else Path(schema), formats)
    return FileCheck(Path(path), against, workers, report)


@dataclass
class Sort:
    """Faults of one sort: how many rows have any, and where the first was and why."""

    rows: int
    line: int
    reason: str


class FileCheck(Iterator[Fault]):
    """An iterator over the faults of a file, which counts on its way.

    `rows` and `invalid` rows; `bytes` of the file that were read, of `total_bytes` (None for a pipe); `sorts`
    of fault by pointer, with `*` for the places in a list, and keyword, and `untallied` faults beyond those.
    """

    def __init__(
        self, path: Path, against: Against, workers: int, report: Callable[[FileCheck], None] | None
    ) -> None:
        self.path, self.workers = path, workers
        self.rows = self.invalid = self.bytes = 0
        self.total_bytes: int | None = None
        self.sorts: dict[tuple[str, str], Sort] = {}
        self.untallied = 0
        self._judge = self._new_judge(against)
        self._report = report or (lambda state: None)
        self._faults = self._all()

    @property
    def kind(self) -> str | None:
        """The kind of the rows; None until a row has shown it, and with a schema of the user's own."""
        return self._judge.against.kind

    @property
    def by_schema(self) -> bool:
        """Whether the rows are checked against a schema of the user's own."""
        return self._judge.against.schema is not None

    @property
    def slow(self) -> tuple[str, ...]:
        """Why jsonschema has to look at every row itself; empty when it has not to."""
        known = self._judge.checker
        return known.slow if known else ()

    def __next__(self) -> Fault:
        return next(self._faults)

    def close(self) -> None:
        """Leave off; processes that help are ended."""
        self._faults.close()

    def _all(self) -> Generator[Fault, None, None]:
        before, name = self._state(), str(self.path)
        for line, faults in self._faulty():
            self.invalid += 1
            self._tally(line, faults)
            for fault in faults:
                yield Fault(fault.reason, fault.pointer, line, name, fault.keyword, fault.nearest)
        self._report(self)
        if self._state() != before:
            mend = "check it again when nothing writes to it"
            raise UserError("the file changed while it was read", where=self.path, mend=mend)
        if not self.rows:
            yield Fault("the file has no rows", file=str(self.path), keyword="rows")

    def _faulty(self) -> Iterator[tuple[int, list[Fault]]]:
        """(line, faults) of each invalid row, found here or by other processes."""
        size = self._state()
        self.total_bytes = size[0] if size else None
        parquet = self.path.suffix == ".parquet"
        plain = size is not None and self.path.suffix not in (".gz", ".zst")
        if self.workers > 1 and plain and self._knows_kind():
            yield from self._by_processes()
        elif parquet:
            yield from self._judge.of_batches(parquet_batches(self.path))
        else:
            with open_lines(self.path) as file:
                yield from self._judge.of_lines(file)

    def _by_processes(self) -> Iterator[tuple[int, list[Fault]]]:
        from schemas.checking.processes import found_by, stretches

        lines = rows = size = 0
        work = stretches(self.path, 0, self.total_bytes or 0)
        for found in found_by(self.path, self._judge.against, work, self.workers):
            for line, faults in found.faulty:
                yield lines + line, faults
            self.rows, self.bytes = rows + found.rows, size + found.bytes
            if found.last:
                lines, rows, size = lines + found.lines, self.rows, self.bytes
                self._report(self)

    def _knows_kind(self) -> bool:
        """Whether rows can be judged apart from each other: the kind is given, or the first row shows it."""
        if self._judge.checker is None:
            for row in self._first_row():
                if kind := kind_of(row):
                    self._judge = self._new_judge(Against(kind))
        return self._judge.checker is not None

    def _first_row(self) -> Iterator[Row]:
        if self.path.suffix == ".parquet":
            rows = (nulls_dropped(row) for batch in parquet_batches(self.path) for row in batch.rows)
            yield from itertools.islice(rows, 1)
            return
        with open_rows(self.path) as file, contextlib.suppress(orjson.JSONDecodeError):
            row = orjson.loads(file.readline())
            if isinstance(row, dict):
                yield row

    def _new_judge(self, against: Against) -> Judge:
        return Judge(against, moved_on=self._moved_on)

    def _moved_on(self) -> None:
        self.rows, self.bytes = self._judge.rows, self._judge.bytes
        self._report(self)

    def _tally(self, line: int, faults: list[Fault]) -> None:
        counted = set()
        for fault in faults:
            key = _anywhere(fault.pointer), fault.keyword
            if key in counted:
                continue
            counted.add(key)
            if sort := self.sorts.get(key):
                sort.rows += 1
            elif len(self.sorts) < MAX_TALLIED:
                self.sorts[key] = Sort(1, line, fault.reason)
            else:
                self.untallied += 1

    def _state(self) -> tuple[int, int] | None:
        """Size and time of change of a file; None for what is none, or is not there."""
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def workers_for(path: Path) -> int:
    """How many processes a file is worth, given the processors there are."""
    from schemas.checking.processes import cores

    size = path.stat().st_size if path.is_file() and path.suffix not in (".gz", ".zst") else 0
    return max(1, min(cores(), size // MIN_BYTES_A_WORKER))


def _anywhere(pointer: str) -> str:
    """A pointer with `*` for each place in a list."""
    return _INDEX.sub("/*", pointer)
