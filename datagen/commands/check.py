"""`datagen check`: are these rows what they should be? `schemas/check.py` finds out; this says it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import setting

if TYPE_CHECKING:
    from schemas.check import FileCheck

EXIT_INVALID = 1
SHOWN_FAULTS = 20
SHOWN_SORTS = 20
MAX_SHOWN_CHARACTERS = 300
MIN_BYTES_FOR_A_BAR = 32 << 20


@dataclass(frozen=True)
class Check:
    """Settings of `datagen check`."""

    files: tuple[Path, ...] = setting(
        help="files to check: .jsonl (also .gz or .zst) or .parquet; /dev/stdin for JSON Lines from a pipe",
        positional=True,
        metavar="FILE...",
    )
    kind: Literal["corpus", "instruction", "preference", "kto", "problem", "attempt"] | None = setting(
        None, help="the kind all rows must be of; by default that of a file's first row"
    )
    schema: Path | None = setting(
        None, help="a JSON Schema of your own that all rows must follow, drafts 4 to 2020-12", metavar="FILE"
    )
    formats: bool = setting(False, help="check `format` of that schema too; JSON Schema itself only notes it")
    show: int | None = setting(
        None, help=f"how many faults of a file to list; {SHOWN_FAULTS} by default, all with --json", minimum=0
    )
    json: bool = setting(False, help="one JSON object a line: each fault, then a summary of each file")
    workers: int | None = setting(
        None, help="processes; by default one a core for large files", minimum=1, identity=False
    )


def check(settings: Check) -> int:
    """Check rows against the JSON Schema of their kind, or against one of your own.

    Lists every fault as file:line, JSON pointer and reason, and ends with a summary of each file. The exit
    code is 0 when all rows are valid, 1 when some are not, and 2 when a file cannot be read.
    """
    if settings.formats and settings.schema is None:
        raise UserError("--formats is about the formats of a --schema", mend="give the schema")
    for path in settings.files:
        if path.is_dir():
            raise UserError("is a folder", where=path, mend="give the names of files in it")
        if not path.exists():
            raise UserError("no such file", where=path, mend="check the path")
    invalid = [path for path in settings.files if not _is_valid(path, settings)]
    return EXIT_INVALID if invalid else 0


def _is_valid(path: Path, settings: Check) -> bool:
    """Check one file and say what was found; whether it is valid."""
    from schemas.check import check_file, workers_for

    workers = settings.workers or workers_for(path)
    show = settings.show if settings.show is not None else sys.maxsize if settings.json else SHOWN_FAULTS
    count = 0
    with _progress(path) as report:
        checking = check_file(
            path,
            settings.kind,
            schema=settings.schema,
            formats=settings.formats,
            workers=workers,
            report=report,
        )
        for count, fault in enumerate(checking, 1):
            if count <= show:
                typer.echo(_as_json(fault) if settings.json else _shortened(str(fault)))
    if settings.json:
        typer.echo(json.dumps(_summary(checking, settings, count)))
    else:
        for line in _closing(checking, count, show):
            typer.echo(line)
    return not count


def _closing(checking: FileCheck, count: int, show: int) -> Iterator[str]:
    """What is said when a file is done: what was not shown, each sort of fault, and the verdict."""
    path = checking.path
    if count > show:
        more = count - show
        plural = "" if more == 1 else "s"
        yield f"{path}: {more:,} more fault{plural}, not shown (--show {count} shows all)"
        commonest = sorted(checking.sorts.items(), key=lambda item: -item[1].rows)
        for (pointer, keyword), sort in commonest[:SHOWN_SORTS]:
            rows = f"{sort.rows:,} row{'' if sort.rows == 1 else 's'}"
            first = f"first in line {sort.line}: {sort.reason}"
            yield _shortened(f"{path}: {rows}: {pointer or '/'} {keyword}, {first}")
        rest = max(0, len(commonest) - SHOWN_SORTS) + checking.untallied
        if rest:
            yield f"{path}: {rest:,} more of other sorts"
    if checking.slow:
        yield f"{path}: checked by jsonschema alone, which is slow: {'; '.join(checking.slow)}"
    name = "" if checking.by_schema else f" {checking.kind or 'unrecognised'}"
    rows = f"{checking.rows:,}{name} row{'' if checking.rows == 1 else 's'}"
    verdict = f"{checking.invalid:,} invalid" if count else "all valid"
    yield f"{path}: {rows}, {verdict}"


def _as_json(fault: Any) -> str:
    """A fault as one line of JSON."""
    said = {"type": "fault", "file": fault.file, "line": fault.line, "pointer": fault.pointer}
    said |= {"keyword": fault.keyword, "reason": fault.reason}
    return json.dumps(said | ({"nearest": fault.nearest} if fault.nearest else {}))


def _summary(checking: FileCheck, settings: Check, faults: int) -> dict[str, Any]:
    """The last line about a file in JSON."""
    sorts = [
        {"pointer": pointer, "keyword": keyword, "rows": sort.rows, "line": sort.line, "reason": sort.reason}
        for (pointer, keyword), sort in checking.sorts.items()
    ]
    return {
        "type": "file",
        "file": str(checking.path),
        "kind": checking.kind,
        "schema": None if settings.schema is None else str(settings.schema),
        "rows": checking.rows,
        "invalid": checking.invalid,
        "faults": faults,
        "sorts": sorts,
        "slow": list(checking.slow),
    }


@contextlib.contextmanager
def _progress(path: Path) -> Iterator[Callable[[FileCheck], None] | None]:
    """A bar with rate and time left for whoever watches a large file; nothing elsewhere."""
    if not sys.stderr.isatty() or not path.is_file() or path.stat().st_size < MIN_BYTES_FOR_A_BAR:
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn(path.name),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    rows = TextColumn("{task.fields[rows]}")
    with Progress(*columns, rows, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=path.stat().st_size, rows="")

        def report(state: FileCheck) -> None:
            said = f"{state.rows:,} rows, {state.invalid:,} invalid"
            bar.update(task, completed=state.bytes, rows=said)

        yield report


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= MAX_SHOWN_CHARACTERS:
        return text
    half = MAX_SHOWN_CHARACTERS // 2
    return f"{text[:half]} ... {text[-half:]}"


def add(app: typer.Typer) -> None:
    """Add `check` to the program."""
    examples = [
        "datagen check rows.jsonl",
        "datagen check *.parquet",
        "datagen check rows.jsonl --schema my.schema.json",
    ]
    app_command(app, Check, check, name="check", examples=examples)
