"""`datagen corpus`: text to pretrain a small model on. It is made in `datagen/recipes/corpus.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from datagen.progress import counted
from schemas.command import app_command
from schemas.rows import write_rows
from schemas.settings import checked, setting


@dataclass(frozen=True)
class Corpus:
    """Settings of `datagen corpus`."""

    out: Path = setting(help="file to write, .jsonl or .parquet", identity=False)
    count: int = setting(1000, help="how many documents to make", minimum=1)
    seed: int = setting(0, help="the same seed gives the same bytes")
    split: Literal["train", "valid", "test"] = setting(
        "train", help="which split the sums are from; no sum is in two"
    )


def corpus(settings: Corpus) -> None:
    """Make pretraining text from rules: facts, little stories and sums.

    The same settings give the same bytes; no model is asked. An existing file is replaced only when all rows
    are made.
    """
    from datagen.recipes.corpus import documents

    settings = checked(settings)
    rows = documents(settings.count, settings.seed, settings.split)
    count = write_rows(settings.out, counted(rows, "corpus", settings.count))
    typer.echo(f"{settings.out}: {count:,} documents", err=True)


def add(app: typer.Typer) -> None:
    """Add `corpus` to the program."""
    app_command(
        app,
        Corpus,
        corpus,
        name="corpus",
        examples=[
            "datagen corpus --count 10000 --out corpus.jsonl",
            "datagen corpus --count 500 --split valid --seed 1 --out held_out.jsonl",
        ],
    )
