"""`datagen dedup`: duplicates over files larger than memory. `filters/duplicate_files.py` finds them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
import typer

from schemas.command import app_command
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.filters.duplicate_files import Deduplicated
    from datagen.runs.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Dedup:
    """Settings of `datagen dedup`."""

    files: tuple[Path, ...] = setting(
        help="rows of any kind, .jsonl (also .gz or .zst) or .parquet, or folders of such shards",
        positional=True,
        metavar="FILE...",
    )
    out: Path = setting(help="file to write, or a folder that gets a file for each input")
    exact: bool = setting(True, help="drop rows that say the same, but for case, spaces and marks")
    near: float | None = setting(
        0.7,
        help="drop rows this alike (Jaccard) to an earlier one; 'none' looks for none",
        above=0,
        maximum=1,
    )
    compare: Literal["question", "all"] = setting(
        "question", help="what of a row is compared; running text always is whole"
    )
    numbers: bool = setting(False, help="texts with other numbers in them are no near duplicates")
    workers: int | None = setting(
        None, help="processes; by default one a core for large files; the rows do not depend on it", minimum=1
    )
    json: bool = setting(False, help="the account as one JSON object on standard output")


def dedup(settings: Dedup) -> None:
    """Drop rows that came before, exactly or nearly, over any number of files.

    Candidates are found by MinHash and compared exactly. What is compared lies on the disk, so that files may
    be larger than memory; the first of each set of duplicates stays, in the order of the files.
    """
    from datagen.filters.duplicate_files import deduplicate_files
    from datagen.filters.filter import question_of, texts_of
    from datagen.runs.progress import by_reason, progress
    from datagen.runs.tally import Tally
    from datagen.sources import row_files

    settings = checked(settings)
    paths = [file for path in settings.files for file in row_files(path)]
    tally = Tally(None)
    with progress("dedup") as drawn:

        def report(state: Deduplicated) -> None:
            drawn(told(state, tally))

        tally.begin()
        done = deduplicate_files(
            paths,
            settings.out,
            exact=settings.exact,
            near=settings.near,
            text=question_of if settings.compare == "question" else texts_of,
            numbers=settings.numbers,
            workers=settings.workers,
            report=report,
        )
    share = f"{done.kept:,} of {done.rows:,} rows kept ({done.kept / done.rows:.1%})"
    dropped = f"; dropped: {by_reason(done.reasons)}" if done.reasons else ""
    typer.echo(f"{settings.out}: {share}{dropped}", err=True)
    if settings.json:
        account = {"rows": done.rows, "kept": done.kept, "dropped": dict(done.reasons)}
        sys.stdout.write(orjson.dumps({**account, "written": [str(path) for path in done.written]}).decode())
        sys.stdout.write("\n")


def told(state: Deduplicated, tally: Tally) -> Tally:
    """The state as a tally, for the bar."""
    tally.made_items.add(state.rows - tally.done)
    tally.done, tally.accepted, tally.rejected = state.rows, state.kept, state.reasons
    return tally


def add(app: typer.Typer) -> None:
    """Add `dedup` to the program."""
    app_command(
        app,
        Dedup,
        dedup,
        name="dedup",
        examples=[
            "datagen dedup rows.jsonl --out once.jsonl",
            "datagen dedup problems.jsonl lessons.jsonl --near 0.85 --compare all --out once/",
        ],
    )
