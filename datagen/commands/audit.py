"""`datagen audit`: figures of rows before anything is trained on them. `datagen/audit/` finds them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from datagen.audit.limits import Limits
from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import setting

EXIT_BEYOND = 1


@dataclass(frozen=True, kw_only=True)
class AuditSettings(Limits):
    """Settings of `datagen audit`."""

    files: tuple[Path, ...] = setting(
        help="rows of any kind, or the journal of a run that has finished", positional=True, metavar="FILE..."
    )
    tokenizer: Path | None = setting(
        None,
        help="count tokens as this model does: a GGUF file, or a folder with tokenizer.json",
        metavar="MODEL",
    )
    json: bool = setting(False, help="one JSON object a file instead of text")
    out: Path | None = setting(None, help="write the report to this file too, as Markdown")


def audit(settings: AuditSettings) -> int:
    """Tell what a set of rows is like, before anything is trained on it.

    How often a judge changed its mind with the order, what length alone tells, pairs the wrong way round,
    duplicates, templates, variety, lengths. The exit code is 0 when every figure is within its limit, 1 when
    one is beyond, and 2 when a file cannot be read.
    """
    from datagen.audit.audit import audit as audited
    from datagen.audit.report import as_json, lines, markdown
    from datagen.audit.source import read_source
    from datagen.export.target import counter, open_target
    from schemas.rows import atomic_writer

    target = None if settings.tokenizer is None else open_target(settings.tokenizer)
    count = None if target is None else counter(target)
    sources = [read_source(path) for path in settings.files]
    _refuse_replacing(settings, [source.path for source in sources])
    found = [audited(source, settings, count) for source in sources]
    if settings.out is not None:
        with atomic_writer(settings.out) as file:
            file.write("\n".join(line for one in found for line in markdown(one)).encode())
    for one in found:
        if settings.json:
            typer.echo(json.dumps(as_json(one), ensure_ascii=False))
        else:
            for line in lines(one):
                typer.echo(line)
    return EXIT_BEYOND if any(one.breaches for one in found) else 0


def _refuse_replacing(settings: AuditSettings, rows: Sequence[Path]) -> None:
    """`UserError` when the report would replace what is audited, its journal, or the tokenizer."""
    if settings.out is None:
        return
    known = [*settings.files, *rows, *(path.with_suffix(".journal") for path in rows)]
    known += [settings.tokenizer] if settings.tokenizer else []
    if settings.out.resolve() in {path.resolve() for path in known}:
        what = "the report would replace a file that is read, or its journal"
        raise UserError(what, where=settings.out, mend="give another --out")


def add(app: typer.Typer) -> None:
    """Add `audit` to the program."""
    examples = [
        "datagen audit attempts.jsonl",
        "datagen audit lessons.jsonl --most-repeated 0.6 --json",
        "datagen audit problems.jsonl --out report.md",
    ]
    app_command(app, AuditSettings, audit, name="audit", examples=examples)
