"""`datagen lessons`: instruction rows for a small model. They are made in `datagen/recipes/lessons.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from datagen.runs.progress import counted
from schemas.command import app_command
from schemas.rows import write_rows
from schemas.settings import checked, setting


@dataclass(frozen=True)
class Lessons:
    """Settings of `datagen lessons`."""

    out: Path = setting(help="file to write, .jsonl or .parquet", identity=False)
    count: int = setting(1000, help="how many lessons to make", minimum=1)
    seed: int = setting(0, help="the same seed gives the same bytes")
    split: Literal["train", "valid", "test"] = setting(
        "train", help="which split the sums are from; no sum is in two"
    )


def lessons(settings: Lessons) -> None:
    """Make instruction rows from rules: questions about a few facts, and sums.

    The same settings give the same bytes; no model is asked. An existing file is replaced only when all rows
    are made.
    """
    from datagen.recipes.lessons import lessons as made

    settings = checked(settings)
    rows = made(settings.count, settings.seed, settings.split)
    count = write_rows(settings.out, counted(rows, "lessons", settings.count))
    typer.echo(f"{settings.out}: {count:,} lessons", err=True)


def add(app: typer.Typer) -> None:
    """Add `lessons` to the program."""
    app_command(
        app,
        Lessons,
        lessons,
        name="lessons",
        examples=[
            "datagen lessons --count 10000 --out lessons.jsonl",
            "datagen lessons --count 500 --split valid --seed 1 --out held_out.jsonl",
        ],
    )
