"""`datagen picks`: preference rows from what people picked. How is in `datagen/recipes/picks.py`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from datagen.recipes.picks import Conflicts
from datagen.runs.generation import reasons
from datagen.runs.journal import Outcome
from datagen.runs.progress import by_reason
from schemas import UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.recipes.picks import Agreement, Pick


@dataclass(frozen=True, kw_only=True)
class Picks:
    """Settings of `datagen picks`."""

    files: tuple[Path, ...] = setting(
        help="picks, one a line: prompt, left, right, pick (left, right, tie, both bad, skip); who, when,"
        " seconds, note and meta where they are known",
        positional=True,
        metavar="FILE...",
    )
    out: Path = setting(help="file to write, .jsonl or .parquet", identity=False)
    conflicts: Conflicts = setting(
        "drop",
        help="what becomes of a pair of which people say different things: dropped, or as most of them say",
    )


def picks(settings: Picks) -> None:
    """Make preference rows of the answers that people picked.

    A pair counts once, whoever picked and on whichever side an answer was shown; who picks again has thought
    again. Ties, pairs of two bad answers, skipped ones and those people disagree about are counted and left
    out.
    """
    from datagen.recipes.picks import read_picks, settled
    from datagen.runs.run import write_outcomes

    settings = checked(settings)
    found: list[Pick] = []
    for path in settings.files:
        refuse_pipe(path)
        if path.resolve() == settings.out.resolve():
            raise UserError("the picks and --out are one file", where=path, mend="give another --out")
        found += read_picks(path)
    outcomes = settled(found, settings.conflicts)
    if not any(outcome.accepted for outcome in outcomes):
        what = f"none of {len(outcomes):,} pairs became a row ({by_reason(reasons(outcomes))})"
        raise UserError(what, where="datagen picks", mend="nothing was written; pick more")
    write_outcomes(settings.out, outcomes)
    typer.echo(f"{settings.out}: {summary(found, outcomes)}", err=True)


def summary(picks: Sequence[Pick], outcomes: Sequence[Outcome]) -> str:
    """How many pairs became rows, why the others did not, and how far people and the judge agree."""
    from datagen.recipes.picks import between_people, with_judge

    rows = sum(outcome.accepted for outcome in outcomes)
    people = len({pick.who for pick in picks})
    by = "1 person" if people == 1 else f"{people:,} people"
    parts = [f"{rows:,} pairs from {len(picks):,} picks of {len(outcomes):,} by {by}"]
    if rejected := reasons(outcomes):
        parts.append(f"rejected: {by_reason(rejected)}")
    parts += map(_in_words, between_people(picks))
    if (judge := with_judge(picks)) is not None:
        parts.append(_in_words(judge))
    seconds = [pick.seconds for pick in picks if pick.seconds is not None]
    if seconds:
        parts.append(f"{sum(seconds) / len(seconds):.1f} s a pick")
    return "; ".join(parts)


def _in_words(found: Agreement) -> str:
    beyond = "" if math.isnan(found.kappa) else f", kappa {found.kappa:.2f}"
    return f"{' and '.join(found.names)} agree on {found.share:.1%} of {found.pairs:,}{beyond}"


def add(app: typer.Typer) -> None:
    """Add `picks` to the program."""
    app_command(
        app,
        Picks,
        picks,
        name="picks",
        examples=[
            "datagen picks picks.jsonl --out pairs.jsonl",
            "datagen picks ann.jsonl ben.jsonl --conflicts majority --out pairs.jsonl",
        ],
    )
