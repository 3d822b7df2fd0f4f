"""The rows that are audited or exported: of a file, or of a run by its journal; with its account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from datagen.runs.account import account_of
from datagen.runs.lineage import is_journal
from schemas import Row, UserError
from schemas.rows import numbered_rows

IDENTICAL = "chosen-differs"
"""The one fault that an audit counts instead of stopping at it."""


@dataclass(frozen=True)
class Source:
    """A file of rows of one kind; `lines` has the line of each row, `account` is that of the run, if any."""

    path: Path
    kind: str
    rows: list[Row]
    lines: list[int]
    account: dict[str, Any] | None = None

    def place(self, number: int) -> str:
        """Where the row of that number (from 0) is, as file:line."""
        return f"{self.path}:{self.lines[number]}"


def read_source(path: Path) -> Source:
    """The rows of a file, or of the run whose journal is named, each a valid row of the first one's kind.

    Raises `UserError` naming file and line of a row that is not, and for a journal without its rows. Pairs
    of two equal answers are let through, to be counted.
    """
    from schemas.check import KINDS, check_row, kind_of

    account = account_of(path) if path.is_file() else None
    if is_journal(path):
        path = _rows_of_journal(path, account)
    kind: str | None = None
    rows, lines = [], []
    for line, row in numbered_rows(path):
        kind = kind or kind_of(row)
        if kind is None:
            mend = f"give rows of a known kind: {', '.join(KINDS)}"
            raise UserError("a row of no known kind", where=f"{path}:{line}", mend=mend)
        faults = [fault for fault in check_row(row, kind) if fault.keyword != IDENTICAL]
        if faults:
            what = f"{faults[0].pointer or '/'} {faults[0].reason}"
            mend = "mend the row; `datagen check` lists all faults"
            raise UserError(what, where=f"{path}:{line}", mend=mend)
        rows.append(_unpacked(row))
        lines.append(line)
    if kind is None:
        raise UserError("the file has no rows", where=path, mend="generate it again")
    return Source(path, kind, rows, lines, account)


def _unpacked(row: Row) -> Row:
    """The row with the `meta` it had before an export put all of it into `more`."""
    meta = row.get("meta")
    if not isinstance(meta, dict) or not {"group", "source", "more"} <= meta.keys():
        return row
    try:
        before = orjson.loads(meta["more"])
    except (orjson.JSONDecodeError, TypeError):
        return row
    return {**row, "meta": before} if isinstance(before, dict) else row


def _rows_of_journal(journal: Path, account: dict[str, Any] | None) -> Path:
    """The file of rows that a run wrote, beside its journal."""
    if account is None:
        mend = "run it to its end, or give its file of rows"
        raise UserError("the run has not finished, so there are no rows to look at", where=journal, mend=mend)
    rows = journal.with_name(str(account["out"]))
    if not rows.is_file():
        what = f"the rows of this run, {rows.name}, are not beside its journal"
        raise UserError(what, where=journal, mend="give the file of rows")
    return rows
