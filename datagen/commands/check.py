"""`datagen check`: are these rows what their kind says they are? The checking is in `schemas/check.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import setting

EXIT_INVALID = 1
MAX_SHOWN_CHARACTERS = 300


@dataclass(frozen=True)
class Check:
    """Settings of `datagen check`."""

    files: tuple[Path, ...] = setting(
        help="files to check, .jsonl or .parquet; /dev/stdin for JSON Lines from a pipe",
        positional=True,
        metavar="FILE...",
    )
    kind: Literal["corpus", "instruction", "preference", "problem", "attempt"] | None = setting(
        None, help="the kind all rows must be of; by default that of a file's first row"
    )
    show: int = setting(20, help="how many faults of a file to list", minimum=0)


def check(settings: Check) -> int:
    """Check rows against the JSON Schema of their kind.

    Lists every fault as file:line, JSON pointer and reason, and ends with a summary of each file. The exit
    code is 0 when all rows are valid, 1 when some are not, and 2 when a file cannot be read.
    """
    for path in settings.files:
        if path.is_dir():
            raise UserError("is a folder", where=path, mend="give the names of files in it")
        if not path.exists():
            raise UserError("no such file", where=path, mend="check the path")
    invalid = [path for path in settings.files if not _is_valid(path, settings)]
    return EXIT_INVALID if invalid else 0


def _is_valid(path: Path, settings: Check) -> bool:
    """Check one file and say what was found; whether it is valid."""
    from schemas.check import check_file

    checking = check_file(path, settings.kind)
    count = 0
    for count, fault in enumerate(checking, 1):
        if count <= settings.show:
            typer.echo(_shortened(str(fault)))
    if count > settings.show:
        more = count - settings.show
        plural = "" if more == 1 else "s"
        typer.echo(f"{path}: {more:,} more fault{plural}, not shown (--show {count} shows all)")
    rows = f"{checking.rows:,} {checking.kind or 'unrecognised'} row{'' if checking.rows == 1 else 's'}"
    verdict = f"{checking.invalid:,} invalid" if count else "all valid"
    typer.echo(f"{path}: {rows}, {verdict}")
    return not count


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= MAX_SHOWN_CHARACTERS:
        return text
    half = MAX_SHOWN_CHARACTERS // 2
    return f"{text[:half]} ... {text[-half:]}"


def add(app: typer.Typer) -> None:
    """Add `check` to the program."""
    app_command(
        app, Check, check, name="check", examples=["datagen check rows.jsonl", "datagen check *.parquet"]
    )
