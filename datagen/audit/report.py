"""An audit for a reader: lines of text, Markdown, or JSON. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from datagen.audit.audit import Audit
from datagen.audit.figure import Figure, Table
from datagen.audit.limits import told


def lines(found: Audit) -> Iterator[str]:
    """What a terminal shows: a line a figure, tables indented, what is beyond its limit at the end."""
    source = found.source
    yield f"{source.path}: {len(source.rows):,} {source.kind} rows"
    for part in found.parts:
        yield f"{part.title}"
        for figure in part.figures:
            yield f"  {told(figure)}  {_said(figure)}"
        for table in part.tables:
            yield from (f"  {line}" for line in _aligned(table))
    for breach in found.breaches:
        yield f"beyond its limit: {breach.sentence}"


def markdown(found: Audit, level: int = 1) -> Iterator[str]:
    """The same as a document whose headings begin at `level`."""
    source, head = found.source, "#" * level
    yield f"{head} Audit of {source.path.name}: {len(source.rows):,} {source.kind} rows"
    yield ""
    for breach in found.breaches:
        yield f"- **Beyond its limit:** {breach.sentence}"
    if found.breaches:
        yield ""
    for part in found.parts:
        yield f"{head}# {part.title}"
        yield ""
        if part.figures:
            yield from ("| figure | value | of |", "|---|---|---|")
            yield from (
                f"| {_cell(_said(figure))} | {told(figure)} | {figure.of:,} |" for figure in part.figures
            )
            yield ""
        for table in part.tables:
            if table.rows:
                yield f"{table.title}:"
                yield ""
                yield f"| {' | '.join(table.columns)} |"
                yield "|" + "---|" * len(table.columns)
                yield from (f"| {' | '.join(_cell(_shown(cell)) for cell in row)} |" for row in table.rows)
                yield ""


def as_json(found: Audit) -> dict[str, Any]:
    """The same as one JSON-ready object."""
    source = found.source
    return {
        "file": str(source.path),
        "kind": source.kind,
        "rows": len(source.rows),
        "figures": {figure.name: _figure(figure) for figure in found.figures},
        "tables": [
            {"title": table.title, "columns": table.columns, "rows": table.rows}
            for part in found.parts
            for table in part.tables
        ],
        "account": source.account,
        "beyond": [
            {
                "figure": breach.figure.name,
                "value": breach.figure.value,
                "limit": breach.limit,
                "option": breach.option,
                "sentence": breach.sentence,
            }
            for breach in found.breaches
        ],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    interval = None if figure.low is None else [figure.low, figure.high]
    said = {"value": figure.value, "of": figure.of, "interval": interval, "says": figure.says}
    return {**said, "examples": list(figure.examples)}


def _said(figure: Figure) -> str:
    more = f"; first at {figure.examples[0]}" if figure.examples else ""
    return _printable(f"{figure.says}{more}")


def _aligned(table: Table) -> Iterator[str]:
    """A table in columns as wide as their widest cell."""
    if not table.rows:
        return
    yield f"{table.title}:"
    cells: Sequence[Sequence[str]] = [table.columns, *([_shown(cell) for cell in row] for row in table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    for row in cells:
        first, *rest = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join([first, *rest]).rstrip()


def _shown(cell: Any) -> str:
    text = f"{cell:,}" if isinstance(cell, int) else str(cell)
    return _printable(" ".join(text.split()))


def _printable(text: str) -> str:
    """Without what a terminal would obey instead of showing: answers may hold anything."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
