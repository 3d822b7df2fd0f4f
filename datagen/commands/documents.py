"""`datagen documents`: questions and answers about the user's own documents.

The recipe is in `datagen/recipes/documents.py`, the reading and cutting in `datagen/documents/`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from datagen.runs.generation import Worded, generating, tell
from datagen.runs.journal import Outcome
from datagen.runs.keeping import Distinct
from datagen.runs.progress import by_reason
from schemas import UserError
from schemas.command import app_command
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.documents.chunks import Chunk
    from datagen.recipes.wording import Wording

USUAL_CHUNK, SHARE_OF_CONTEXT = 400, 4
LEAST_CHUNK = 16
OURS = ("on", "off")
"""Values of --personas that name no file."""
MOST_NAMED = 12
"""Documents whose coverage is told one by one."""
COUNTED = re.compile(r"(.+?): ([\d,]+)(?:, |$)")


@dataclass(frozen=True, kw_only=True)
class Documents(Worded):
    """Settings of `datagen documents`."""

    paths: tuple[Path, ...] = setting(
        help="files (.txt, .md, .html, .pdf, .docx), or folders of them",
        positional=True,
        metavar="PATH...",
        identity=False,
    )
    samples: int = setting(1, help="answers to each prompt; the pairs of all are used", minimum=1)
    pairs_per_chunk: int = setting(3, help="pairs (or conversations) to ask for about each piece", minimum=1)
    turns: int = setting(1, help="questions in a row: more than one makes conversations", minimum=1)
    chunk_tokens: int | None = setting(
        None,
        help="tokens a piece may have; by default 400, or a quarter of the context where that is less",
        minimum=LEAST_CHUNK,
    )
    overlap_tokens: int = setting(
        0, help="tokens of each piece that repeat the end of the one before", minimum=0
    )
    personas: str | None = setting(
        None, help="who asks: 'on' for a few of ours, or a file of yours with one a line", metavar="on|FILE"
    )
    with_context: bool = setting(False, help="put the piece into the prompt of its rows")
    quote: Literal["no", "yes"] = setting("no", help="put the supporting quote into the answer")
    near: float | None = setting(
        0.7, help="drop questions this alike to one before; 'none' drops equal ones alone", above=0, maximum=1
    )
    route: Literal["auto", "schema", "steps"] = setting(
        "auto",
        help="how to ask: pairs under a JSON Schema, or a question and then its answer in plain words;"
        " auto tries the second where no row comes of the first",
    )
    skip_broken: bool = setting(False, help="leave out files that cannot be read, and say which")

    @property
    def prompt_files(self) -> list[Path]:
        """The wording, and a file of personas."""
        own = Path(self.personas) if self.personas not in (None, *OURS) else None
        return [*super().prompt_files, *([own] if own is not None and own.is_file() else [])]


def documents(settings: Documents) -> None:
    """Let a model write questions and answers about your documents, each with a quote that proves it.

    Documents are cut into pieces at headings, paragraphs and sentences, and all are visited in turn. A pair
    is dropped, and counted, when its quote is not in the source, its answer does not rest on it, or its
    question needs the source to be understood. Kill it anywhere and run it again: it goes on.
    """
    from datagen.documents.chunks import chunks_of, counts_of
    from datagen.documents.reading import read_documents
    from datagen.filters.duplicates import duplicate_filters
    from datagen.filters.filter import Filtered, settled_by
    from datagen.recipes.documents import Asking, question_key, visits
    from datagen.recipes.documents import documents as recipe
    from datagen.recipes.wording import wording

    settings = checked(settings)
    words = wording("documents", settings.wording)
    asking = Asking(
        wording=words,
        sampling=settings.sampling,
        pairs=settings.pairs_per_chunk,
        turns=settings.turns,
        personas=read_personas(settings.personas, words),
        with_context=settings.with_context,
        quote=settings.quote == "yes",
        route=settings.route,
    )
    reading = read_documents(settings.paths, skip_broken=settings.skip_broken)
    with generating("documents", settings, reading.files) as work:
        for note in reading.notes():
            work.report.note(note)
        (engine,) = work.engines.values()
        most = settings.chunk_tokens or _usual_chunk(engine.context)
        if 2 * settings.overlap_tokens > most:
            what = f"{settings.overlap_tokens} tokens are more than half of a piece of {most}"
            raise UserError(what, where="--overlap-tokens", mend="give fewer, or more --chunk-tokens")
        counts = counts_of(engine)
        pieces = {
            document.hash: [
                piece
                for piece in chunks_of(document, counts, most, settings.overlap_tokens)
                if piece.text.strip()
            ]
            for document in reading.documents
        }
        near = duplicate_filters(exact=False, near=settings.near, text=question_key, numbers=True)
        settle = settled_by(Distinct(question_key), Filtered(near))
        outcomes = work.run(recipe, visits(pieces, settings.seed), asking, settle=settle, keep=settings.keep)
        work.finish(outcomes)
    tell(settings, outcomes, summary(outcomes, pieces))


def _usual_chunk(context: int | None) -> int:
    """Tokens of a piece that leave room for the instructions and the answer."""
    return USUAL_CHUNK if context is None else max(LEAST_CHUNK, min(USUAL_CHUNK, context // SHARE_OF_CONTEXT))


def read_personas(asked: str | None, words: Wording) -> tuple[str, ...]:
    """Who asks: nobody in particular, those of the wording, or those of a file, one a line."""
    if asked is None or asked == "off":
        return ()
    if asked == "on":
        text = words.text("personas")
    else:
        try:
            text = Path(asked).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            mend = "give 'on' or a text file with one persona a line"
            raise UserError(f"cannot be read ({error})", where=f"--personas {asked}", mend=mend) from None
    found = tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if not found:
        raise UserError("names nobody", where=f"--personas {asked}", mend="write one persona a line")
    return found


def summary(outcomes: Sequence[Outcome], pieces: Mapping[str, Sequence[Chunk]]) -> str:
    """Rows, how much of each document was visited, and what was dropped."""
    visited = {outcome.item for outcome in outcomes}
    covered = []
    for found in pieces.values():
        seen = sum(piece.id in visited for piece in found)
        if found:
            covered.append((seen / len(found), f"{found[0].document} {seen:,}/{len(found):,}"))
    total = sum(map(len, pieces.values()))
    covered.sort(key=lambda one: one[0])
    told = ", ".join(text for _, text in covered[:MOST_NAMED])
    more = f", and {len(covered) - MOST_NAMED:,} more" if len(covered) > MOST_NAMED else ""
    rows = sum(len(outcome.rows) for outcome in outcomes)
    read = f"{len(visited):,} of {total:,} pieces of {len(covered):,} documents"
    text = f"{rows:,} rows from {read} ({told}{more})"
    reasons = dropped(outcomes)
    return f"{text}; dropped: {by_reason(reasons)}" if reasons else text


def dropped(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many pairs were dropped for each reason, also those beside which others were kept."""
    found: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.rows:
            found.update(outcome.rows[0]["meta"]["dropped"])
        elif counted := COUNTED.findall(outcome.detail):
            found.update({reason: int(count.replace(",", "")) for reason, count in counted})
        elif outcome.reason is not None:
            found[outcome.reason] += 1
    return found


def add(app: typer.Typer) -> None:
    """Add `documents` to the program."""
    app_command(
        app,
        Documents,
        documents,
        name="documents",
        examples=[
            "datagen documents samples/documents --engine llama:model.gguf --out rows.jsonl",
            "datagen documents samples/documents --engine llama:model.gguf --personas on --quote yes"
            " --keep 10 --out quoted.jsonl",
        ],
    )
