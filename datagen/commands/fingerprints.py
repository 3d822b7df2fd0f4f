"""`datagen fingerprints`: hashes of evaluation sets, to decontaminate by. `filters/ngrams.py` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import setting


@dataclass(frozen=True, kw_only=True)
class MakeFingerprints:
    """Settings of `datagen fingerprints`."""

    files: tuple[Path, ...] = setting(
        help="the questions: .jsonl (also .gz or .zst), .parquet, or .txt with one a line; or folders",
        positional=True,
        metavar="FILE...",
    )
    out: Path = setting(help="file to write, .ngrams", metavar="NAME.ngrams")
    n: int = setting(13, help="words in a row that count as a match", minimum=3)
    answers: bool = setting(False, help="fingerprint the answers, too")
    name: str | None = setting(None, help="what the set is called in reasons; by default as the file")


def fingerprints(settings: MakeFingerprints) -> None:
    """Make fingerprints of the questions of a benchmark, to keep them out of training data.

    The file holds 64-bit hashes of n words in a row, and of short questions whole; none of the text. Filters
    take it in place of the questions themselves.
    """
    from datagen.filters.evaluation_sets import items_of, set_files
    from datagen.filters.ngrams import SUFFIX, fingerprints_of, refuse_empty

    out = settings.out
    if out.suffix != SUFFIX:
        raise UserError("fingerprints have another ending", where="--out", mend=f"call it {out.stem}{SUFFIX}")
    if twice := next((path for path in settings.files if path.suffix == SUFFIX), None):
        raise UserError("these are fingerprints already", where=twice, mend="give the questions themselves")
    files = [
        file for path in settings.files for file in set_files(path) if file == path or file.suffix != SUFFIX
    ]
    items = (item for path in files for item in items_of(path))
    made = fingerprints_of(settings.name or out.stem, items, settings.n, answers=settings.answers)
    refuse_empty(made, settings.files[0])
    made.write(out)
    short = sum(len(hashes) for hashes, _ in made.short.values())
    told = f"{made.items:,} items, {len(made.grams):,} {made.n}-grams, {short:,} short questions whole"
    typer.echo(f"{out}: {told}; {out.stat().st_size:,} bytes", err=True)


def add(app: typer.Typer) -> None:
    """Add `fingerprints` to the program."""
    app_command(
        app,
        MakeFingerprints,
        fingerprints,
        name="fingerprints",
        examples=[
            "datagen fingerprints gsm8k_test.jsonl --out gsm8k_test.ngrams",
            "datagen fingerprints *.parquet --n 8 --out mmlu.ngrams",
        ],
    )
