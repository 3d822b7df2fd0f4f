"""`datagen prove`: find every answer again by another route. The proofs are in `datagen/problems/`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import typer

from schemas.command import app_command
from schemas.settings import setting

EXIT_DISPROVED = 1


@dataclass(frozen=True)
class Prove:
    """Settings of `datagen prove`."""

    files: tuple[Path, ...] = setting(
        help="problem rows, .jsonl or .parquet", positional=True, metavar="FILE..."
    )
    show: int = setting(20, help="how many faults to list", minimum=0)


def prove(settings: Prove) -> int:
    """Derive each problem's answer again from its data alone, and try the verifier on it.

    The route is the family's own proof (sympy, enumeration, a truth table), which shares no code with what
    made the problem. The verifier must accept other spellings of the answer and refuse near misses. The exit
    code is 0 when every answer holds, 1 when one does not, and 2 when a file cannot be read.
    """
    from datagen.problems import prove as derive
    from datagen.problems import separable
    from datagen.sources import checked_rows

    proved: Counter[str] = Counter()
    faults: list[str] = []
    for path in settings.files:
        for row in checked_rows(path, ["problem"]):
            found, told = derive(row), separable(row)
            if not found.agrees:
                faults.append(f"{row['id']}: answer {row['answer']!r}, {found.reason}")
            elif not told.separable:
                taken = (
                    f"spellings refused: {told.refused_spellings}, misses accepted: {told.accepted_misses}"
                )
                faults.append(f"{row['id']}: answer {row['answer']!r}, {taken}")
            else:
                proved[row["family"]] += 1
    for fault in faults[: settings.show]:
        typer.echo(fault)
    for family, count in sorted(proved.items()):
        typer.echo(f"{family}: {count:,} proved and separable")
    typer.echo(f"{proved.total():,} answers hold, {len(faults):,} do not")
    return EXIT_DISPROVED if faults else 0


def add(app: typer.Typer) -> None:
    """Add `prove` to the program."""
    app_command(app, Prove, prove, name="prove", examples=["datagen prove problems.jsonl"])
