"""`datagen export`: runs become a folder that trainers read. The work is done by `datagen/export/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from datagen.audit.limits import Limits
from datagen.export.convert import ExportKind
from datagen.recipes.harvest import Pick
from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import fields_of, option_name, setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datagen.audit.audit import Audit
    from datagen.export.card import Config
    from datagen.export.target import Target

EXIT_BEYOND = 1


@dataclass(frozen=True, kw_only=True)
class Export(Limits):
    """Settings of `datagen export`."""

    runs: tuple[Path, ...] = setting(
        help="rows of any kind, each with its journal beside it if there is one",
        positional=True,
        metavar="RUN...",
    )
    kind: tuple[ExportKind, ...] = setting(help="what to make of them, one file each")
    out: Path = setting(help="folder to write", identity=False)
    to: Literal["jsonl", "parquet"] = setting("jsonl", help="what the files are")
    held_out: float = setting(0.05, help="share of the groups of rows to hold out", minimum=0, below=1)
    format: Literal["trl", "alpaca", "sharegpt"] = setting("trl", help="how conversations (sft) are written")
    problems: Path | None = setting(
        None, help="the problem rows that attempts were made from; by default those their journal names"
    )
    most: int | None = setting(
        None,
        help="of attempts: right answers (sft), or pairs (dpo), of one problem; by default all, and one",
        minimum=1,
    )
    pick: Pick = setting("first", help="of attempts: which right answers, where --most leaves some out")
    above: float = setting(0.0, help="grpo from attempts: pass rates above this", minimum=0, below=1)
    below: float = setting(1.0, help="grpo from attempts: pass rates below this", above=0, maximum=1)
    audit: Literal["fail", "warn", "off"] = setting(
        "fail", help="what becomes of an export when a figure of the audit is beyond its limit"
    )
    tokenizer: Path | None = setting(
        None,
        help="the model to be trained, a GGUF file or a folder: each row must fit its chat template",
        metavar="MODEL",
    )
    max_length: int | None = setting(None, help="longest row in that chat template", unit="tokens", minimum=1)
    drop_unfit: bool = setting(False, help="leave out rows that do not fit, instead of refusing them")
    license: str | None = setting(None, help="what the card says: apache-2.0, cc-by-4.0, ...")
    language: str | None = setting("en", help="what the card says, as a code of two letters")
    overwrite: bool = setting(False, help="replace a folder that no export has made", identity=False)
    push: str | None = setting(
        None, help="upload the folder to the hub as a dataset, private", metavar="OWNER/NAME", identity=False
    )
    public: bool = setting(False, help="let everybody see what --push makes", identity=False)
    offline: bool = setting(
        False, help="refuse everything that would leave this machine, and say what", identity=False
    )


def export(settings: Export) -> int:
    """Make a folder of training data from runs: audited, split without leaks, as TRL and finetune take it.

    The rows are audited first. The exit code is 0 when the folder is written, 1 when a figure is beyond its
    limit (then nothing is), and 2 for what cannot be exported.
    """
    from datagen.export.convert import Known
    from datagen.export.export import MOST_FAULTS, UnfitRowsError, Wish, audited, known_problems
    from datagen.export.export import export as write
    from datagen.export.folder import refuse_taken

    _refuse_useless(settings)
    given = [path for path in (settings.problems, settings.tokenizer) if path is not None]
    journals = [path.with_suffix(".journal") for path in settings.runs]
    refuse_taken(settings.out, [*settings.runs, *given, *journals], overwrite=settings.overwrite)
    target = _target(settings)
    sources, audits = audited(settings.runs, settings, target)
    if settings.audit != "off" and not _passes(audits, settings):
        return EXIT_BEYOND
    wish = Wish(
        kinds=tuple(dict.fromkeys(settings.kind)),
        out=settings.out,
        parquet=settings.to == "parquet",
        share=settings.held_out,
        layout=settings.format,
        target=target,
        max_length=settings.max_length,
        drop_unfit=settings.drop_unfit,
        overwrite=settings.overwrite,
        license=settings.license,
        language=settings.language,
        place=settings.push,
    )
    _refuse_without_attempts(settings, [source.kind for source in sources])
    try:
        problems = known_problems(sources, settings.problems)
        known = Known(problems, settings.most, settings.pick, settings.above, settings.below)
        configs = write(wish, sources, audits, known)
    except UnfitRowsError as error:
        for place, reason in error.faults[:MOST_FAULTS]:
            typer.echo(f"{place}: {reason}", err=True)
        raise
    _tell(settings, configs)
    if settings.push is not None:
        from datagen.export.hub import push

        typer.echo(push(settings.out, settings.push, private=not settings.public), err=True)
    return 0


def _refuse_without_attempts(settings: Export, kinds: Sequence[str]) -> None:
    """`UserError` for options about attempts where there are none."""
    if "attempt" in kinds:
        return
    for name in ("most", "pick", "above", "below"):
        if getattr(settings, name) != fields_of(Export)[name].default:
            where = option_name(name)
            raise UserError("is about attempts, and there are none", where=where, mend="leave it out")


def _refuse_useless(settings: Export) -> None:
    """`UserError` for options that count for nothing, or forbid each other."""
    if settings.tokenizer is None and (settings.max_length is not None or settings.drop_unfit):
        option = "--drop-unfit" if settings.max_length is None else "--max-length"
        raise UserError("counts for nothing without --tokenizer", where=option, mend="give the model too")
    if settings.public and settings.push is None:
        raise UserError("counts for nothing without --push", where="--public", mend="give --push too")
    if settings.format != "trl" and "sft" not in settings.kind:
        raise UserError("is about sft", where="--format", mend="ask for --kind sft, or leave it out")
    if settings.push is not None:
        from datagen.export.hub import refuse_push

        refuse_push(settings.push, offline=settings.offline)
    if settings.offline:
        from datagen.engines.offline import enforce

        enforce()


def _target(settings: Export) -> Target | None:
    from datagen.export.target import open_target

    return None if settings.tokenizer is None else open_target(settings.tokenizer)


def _passes(audits: Sequence[Audit], settings: Export) -> bool:
    """Tell what is beyond its limit; whether that lets the export go on."""
    sentences = [breach.sentence for audit in audits for breach in audit.breaches]
    word = "error" if settings.audit == "fail" else "warning"
    for sentence in sentences:
        typer.echo(f"{word}: {sentence}", err=True)
    if sentences and settings.audit == "fail":
        typer.echo("nothing was written; --audit warn exports all the same", err=True)
    return not sentences or settings.audit == "warn"


def _tell(settings: Export, configs: Sequence[Config]) -> None:
    said = []
    for config in configs:
        held = len(config.rows.get("test", ()))
        more = f" and {held:,} held out" if held else ""
        said.append(f"{len(config.rows['train']):,} {config.name} rows{more}")
    typer.echo(f"{settings.out}: {'; '.join(said)}", err=True)


def add(app: typer.Typer) -> None:
    """Add `export` to the program."""
    examples = [
        "datagen export lessons.jsonl --kind sft --out training-data",
        "datagen export problems.jsonl --kind sft,grpo --held-out 0.1 --to parquet --out training-data",
    ]
    app_command(app, Export, export, name="export", examples=examples)
