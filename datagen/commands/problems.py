"""`datagen problems`: questions whose answers are known and proved. They are made in `datagen/problems/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from datagen.runs.progress import counted
from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.problems.mix import Mix
    from datagen.problems.produce import Finish, Production, Tally

LEVELS = range(1, 6)
FILES = (".jsonl", ".parquet")
MOST_TOLD = 8
"""Streams that ran dry which are named on the terminal; a folder's run.json names all."""


@dataclass(frozen=True)
class Problems:
    """Settings of `datagen problems`."""

    family: tuple[str, ...] = setting(
        (), help="families to draw from in turn, or 'all' (see `datagen families`)", metavar="NAME,..."
    )
    mix: Path | None = setting(
        None,
        help="a YAML file with weights of families, fields and levels, a count, splits and an order",
        metavar="FILE",
    )
    level: str = setting("1-5", help="levels of difficulty, as 3, 1-3 or 1,4,5", metavar="LEVELS")
    count: int = setting(100, help="how many problems to make", minimum=1)
    seed: int = setting(0, help="the same seed gives the same bytes")
    split: Literal["train", "valid", "test"] = setting(
        "train", help="which split to draw from; no problem is in two"
    )
    order: Literal["mixed", "curriculum"] = setting(
        "mixed", help="mixed evenly, or level after level (curriculum)"
    )
    render: Literal["problem", "instruction", "grpo", "corpus"] = setting(
        "problem", help="the rows to write: problems, or what SFT, GRPO or pretraining read"
    )
    think: bool = setting(False, help="with --render instruction: the steps in think tags")
    prove: bool = setting(
        False, help="prove every answer, drop what is not proved, try the verifier on it, and report"
    )
    out: Path | None = setting(
        None,
        help="a .jsonl or .parquet file, or a folder for shards that a killed run goes on with; "
        "without it, standard output",
        identity=False,
    )
    format: Literal["jsonl", "parquet"] = setting("jsonl", help="what the shards of a folder are")
    shard_rows: int = setting(20_000, help="rows a shard of a folder", minimum=1)
    workers: int = setting(1, help="processes; the bytes do not depend on it", minimum=1, identity=False)


def problems(settings: Problems) -> None:
    """Make problems with proved answers and worked solutions.

    Families and levels take turns, or are mixed by the weights of a file; one that has no new problem left
    is left out from there on, and said so. The same settings give the same bytes. A file is replaced only
    when all rows are made; a folder keeps its finished shards, and the same command goes on after them.
    """
    from datagen.problems.produce import Finish, Production

    settings = checked(settings)
    if settings.think and settings.render != "instruction":
        raise UserError("only answers have think tags", where="--think", mend="add --render instruction")
    mix = mix_of(settings)
    finish = Finish(settings.render, settings.think, settings.prove)
    if settings.out is not None and settings.out.suffix not in FILES:
        return _write_folder(settings, mix, finish, settings.out)
    if len(mix.splits) > 1:
        raise UserError("a file holds one split", where="--out", mend="give the name of a folder")
    ((split, count),) = mix.splits.items()
    with Production(mix, split, settings.seed, finish, settings.workers) as production:
        _write_file(settings.out, production, count)
        dry = [f"{s.family.name} level {s.level} after {len(s.seen):,}" for s in production.dry]
        _tell(production.tallies if settings.prove else {}, dry)
    return None


def mix_of(settings: Problems) -> Mix:
    """What to draw from: the mix of the file, or the families and levels named, in equal parts."""
    from datagen.problems.mix import even_mix, read_mix

    if settings.mix is not None:
        if settings.family:
            raise UserError("both are given", where="--family, --mix", mend="name the families in the file")
        levels = levels_of(settings.level)
        return read_mix(settings.mix, settings.count, settings.split, settings.order, levels)
    if not settings.family:
        what = "no family is named"
        raise UserError(what, where="--family", mend="give names, or all, or --mix FILE")
    names = family_names(settings.family)
    return even_mix(names, levels_of(settings.level), {settings.split: settings.count}, settings.order)


def _write_file(out: Path | None, production: Production, count: int) -> None:
    from schemas.shards import write_lines

    if out is None:
        stream = typer.get_binary_stream("stdout")
        for line in production:
            stream.write(line)
        stream.flush()
    else:
        made = write_lines(out, counted(production, "problems", count))
        typer.echo(f"{out}: {made:,} problems", err=True)


def _write_folder(settings: Problems, mix: Mix, finish: Finish, out: Path) -> None:
    from datagen.problems.sets import Layout, write_set
    from schemas.run import claim

    inputs = {"mix": settings.mix} if settings.mix else {}
    with claim(out, "datagen problems", settings, inputs) as run:
        if run.finished:
            typer.echo(f"{out}: finished earlier", err=True)
            return
        layout = Layout(out, settings.shard_rows, settings.format)
        report = write_set(mix, settings.seed, finish, layout, run, settings.workers, counted)
        run.finish(rows=report.rows, dry=report.dry)
    for split, rows in report.rows.items():
        typer.echo(f"{out}: {rows:,} {split} problems", err=True)
    _tell(report.tallies if settings.prove else {}, report.dry)


def _tell(tallies: Mapping[str, Tally], dry: Iterable[str]) -> None:
    """Which families ran dry, and how the proofs went, on standard error."""
    ended = list(dry)
    if told := "; ".join(ended[:MOST_TOLD]):
        more = f"; and {len(ended) - MOST_TOLD} more" if len(ended) > MOST_TOLD else ""
        typer.echo(f"no new problems left, so the others went on alone: {told}{more}", err=True)
    for line in proof_lines(tallies):
        typer.echo(line, err=True)


def proof_lines(tallies: Mapping[str, Tally]) -> list[str]:
    """One line a family: proved, dropped, and how the verifier took other spellings and near misses."""
    lines = []
    for family, tally in sorted(tallies.items()):
        taken = (
            f"{tally.spellings - tally.refused:,} of {tally.spellings:,} spellings accepted, "
            f"{tally.misses - tally.accepted:,} of {tally.misses:,} near misses refused"
        )
        lines.append(f"{family}: {tally.rows:,} proved, {len(tally.dropped):,} dropped; {taken}")
        lines += [f"  dropped {reason}" for reason in tally.dropped[:3]]
    return lines


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


def add(app: typer.Typer) -> None:
    """Add `problems` to the program."""
    app_command(
        app,
        Problems,
        problems,
        name="problems",
        examples=[
            "datagen problems --family addition --level 1-2 --count 1000 --out sums.jsonl",
            "datagen problems --family all --split test --seed 7 --count 500 --prove --out test.jsonl",
            "datagen problems --mix samples/mixes/everything.yaml --count 5000 --workers 2 --out problems/",
        ],
    )
