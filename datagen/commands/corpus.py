"""`datagen corpus`: text to pretrain on, by rules (`datagen/recipes/corpus.py`) or from a model
(`datagen/recipes/passages.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import typer

from datagen.runs.generation import Worded, generate, reasons, refuse_other_files, tell
from datagen.runs.journal import Outcome
from datagen.runs.keeping import Distinct, Novelty
from datagen.runs.progress import by_reason, counted
from schemas import UserError
from schemas.command import app_command
from schemas.rows import write_rows
from schemas.settings import checked, fields_of, option_name, setting

OF_RULES = ("split",)
OF_A_MODEL = (
    *("keep", "topics", "readers", "min_words", "samples", "wording", "journal", "dry_run", "max_tokens"),
    *("temperature", "top_p", "context", "adapter", "rules", "against", "progress"),
)
"""Settings that count for nothing the other way."""


@dataclass(frozen=True, kw_only=True)
class Corpus(Worded):
    """Settings of `datagen corpus`."""

    engine: str | None = setting(
        None,
        help="a model to write the text; without one it is made from rules",
        metavar="llama:FILE.gguf",
        identity=False,
    )
    count: int = setting(1000, help="how many documents to make; with --engine, to keep", minimum=1)
    split: Literal["train", "valid", "test"] = setting(
        "train", help="which split the sums are from; no sum is in two"
    )
    genres: tuple[str, ...] = setting(
        (),
        help="kinds of text. By rules: fact, story, digit sums, column sums (these by default), tale,"
        " dialogue, counting, letter, recipe, textbook. With --engine: story, textbook, explanation,"
        " dialogue, article, letter, guide (all by default)",
    )
    topics: Path | None = setting(
        None, help="with --engine: topics of your own, one a line", metavar="FILE.txt", identity=False
    )
    readers: Path | None = setting(
        None,
        help="with --engine: for whom it is written, one a line",
        metavar="FILE.txt",
        identity=False,
    )
    min_words: int = setting(40, help="with --engine: words a text has at least", minimum=1)
    samples: int = setting(1, help="texts for each plan", minimum=1)
    keep: int | None = setting(None, help="the same as --count, with --engine", minimum=1)


def corpus(settings: Corpus) -> None:
    """Make text to pretrain on, from rules or by a model.

    From rules: facts, little stories and sums, or the genres you name; the same settings give the same bytes.
    With --engine a model writes: every combination of genre, topic and reader once before any comes again.
    Texts that break off, are too short, lack a word they were to use, or loop are dropped and counted. An
    existing file is replaced only when all rows are made.
    """
    settings = checked(settings)
    refuse_other_files(settings.out)
    if settings.engine is None:
        _refuse(
            settings, OF_A_MODEL, "counts for nothing without --engine", "name an engine, or leave it out"
        )
        _by_rules(settings)
    else:
        _refuse(settings, OF_RULES, "counts for nothing with --engine", "leave it out")
        _by_a_model(settings)


def _by_rules(settings: Corpus) -> None:
    from datagen.recipes.corpus import documents, genres_named

    chosen = genres_named(settings.genres, settings.split) or None
    rows = documents(settings.count, settings.seed, settings.split, chosen)
    count = write_rows(settings.out, counted(rows, "corpus", settings.count))
    typer.echo(f"{settings.out}: {count:,} documents", err=True)


def _by_a_model(settings: Corpus) -> None:
    from datagen.filters.duplicates import duplicate_filters
    from datagen.filters.filter import Filtered, settled_by
    from datagen.recipes.passages import PASSAGES, Writing, lines, passages, passages_named, plans, text_key
    from datagen.recipes.wording import wording

    words = wording("corpus", settings.wording)
    genres = passages_named(settings.genres) or PASSAGES
    topics = _read_lines(settings.topics, "--topics") or lines(words, "topics")
    readers = _read_lines(settings.readers, "--readers") or lines(words, "readers")
    items = plans(genres, topics, readers, words, settings.seed)
    sources = [path for path in (settings.topics, settings.readers) if path is not None]
    outcomes = generate(
        "corpus",
        _keeping(settings),
        sources,
        passages,
        items,
        Writing(words, settings.sampling, settings.min_words),
        settle=settled_by(Distinct(text_key), Filtered(duplicate_filters(exact=False, text=text_key))),
        novelty=Novelty(),
    )
    tell(settings, outcomes, summary(outcomes))


def _keeping(settings: Corpus) -> Corpus:
    """The settings with a number of rows to keep: plans have no end."""
    return settings if settings.keep is not None else replace(settings, keep=settings.count)


def _refuse(settings: Corpus, names: Sequence[str], what: str, mend: str) -> None:
    """`UserError` for a setting that was given and would be ignored."""
    fields = fields_of(settings)
    for name in names:
        if getattr(settings, name) != fields[name].default:
            raise UserError(what, where=option_name(name), mend=mend)


def _read_lines(path: Path | None, option: str) -> tuple[str, ...]:
    """The lines of a list, each once; nothing where no file is named."""
    if path is None:
        return ()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot be read ({error})", where=f"{option} {path}", mend="give a text file"
        ) from None
    found = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not found:
        raise UserError("the file is empty", where=f"{option} {path}", mend="write one entry a line")
    return found


def summary(outcomes: Sequence[Outcome]) -> str:
    """Texts from how many plans, and why the others became none."""
    texts = sum(len(outcome.rows) for outcome in outcomes)
    told = f"{texts:,} texts from {len(outcomes):,} plans"
    rejected = reasons(outcomes)
    return f"{told}; rejected: {by_reason(rejected)}" if rejected else told


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
            "datagen corpus --genres tale,dialogue,textbook --count 2000 --out corpus.jsonl",
            "datagen corpus --engine llama:model.gguf --genres textbook,letter --count 20 --out texts.jsonl",
        ],
    )
