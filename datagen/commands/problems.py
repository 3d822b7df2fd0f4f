"""`datagen problems`: questions whose answers are known and proved. They are made in `datagen/problems/`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from schemas.command import app_command
from schemas.errors import UserError
from schemas.rows import Row, dump_row, write_rows
from schemas.settings import setting

if TYPE_CHECKING:
    from datagen.problems.generate import Stream

LEVELS = range(1, 6)


@dataclass(frozen=True)
class Problems:
    """Settings of `datagen problems`."""

    family: tuple[str, ...] = setting(
        help="families to draw from in turn, or 'all' (see `datagen families`)", metavar="NAME,..."
    )
    level: str = setting("1-5", help="levels of difficulty, as 3, 1-3 or 1,4,5", metavar="LEVELS")
    count: int = setting(100, help="how many problems to make", minimum=1)
    seed: int = setting(0, help="the same seed gives the same bytes")
    split: Literal["train", "valid", "test"] = setting(
        "train", help="which split to draw from; no problem is in two"
    )
    out: Path | None = setting(None, help="file to write, .jsonl or .parquet; without it, standard output")


def problems(settings: Problems) -> None:
    """Make problems with proved answers and worked solutions.

    Families and levels take turns; one that has no new problem left is left out from there on, and said so.
    The same settings give the same bytes. An existing file is replaced only when all rows are made.
    """
    from datagen.problems import generate

    names = family_names(settings.family)
    rows = generate(names, levels_of(settings.level), settings.count, settings.seed, settings.split)
    if settings.out is None:
        _write_to_standard_output(rows)
    else:
        count = write_rows(settings.out, rows)
        typer.echo(f"{settings.out}: {count:,} problems", err=True)
    if rows.dry:
        typer.echo(dry_note(rows.dry), err=True)


def dry_note(dry: Sequence[Stream]) -> str:
    """One line: which family ran dry at which level, and after how many problems."""
    told = "; ".join(f"{each.family.name} level {each.level} after {len(each.seen):,}" for each in dry)
    return f"no new problems left, so the others went on alone: {told}"


def family_names(wanted: tuple[str, ...]) -> list[str]:
    """The families wanted, in the order wanted; `all` stands for every one."""
    from datagen.problems import families

    return list(families()) if "all" in wanted else list(wanted)


def levels_of(text: str) -> list[int]:
    """The levels that a text such as `3`, `1-3` or `1,4,5` names, in increasing order.

    >>> levels_of("4,1-2")
    [1, 2, 4]
    """
    levels: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            low = int(first)
            high = int(last) if dash else low
        except ValueError:
            low, high = 1, 0
        if not LEVELS.start <= low <= high < LEVELS.stop:
            what = f"'{part.strip()}' is no level"
            raise UserError(what, where="--level", mend="levels are 1 to 5: write 3, 1-3 or 1,4,5")
        levels.update(range(low, high + 1))
    return sorted(levels)


def _write_to_standard_output(rows: Iterator[Row]) -> None:
    stream = typer.get_binary_stream("stdout")
    for row in rows:
        stream.write(dump_row(row))
    stream.flush()


def add(app: typer.Typer) -> None:
    """Add `problems` to the program."""
    app_command(
        app,
        Problems,
        problems,
        name="problems",
        examples=[
            "datagen problems --family addition --level 1-2 --count 1000 --out sums.jsonl",
            "datagen problems --family all --split test --seed 7 --count 500 --out test.jsonl",
        ],
    )
