"""What all commands have in common that ask a model: their settings, and one run from items to a file.

What is asked and what becomes of an answer is the recipe's affair, recording and order `run.py`'s.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.engines import Engine
from datagen.engines.settings import EngineSettings
from datagen.journal import Journal, Outcome, digest
from datagen.progress import by_reason, progress
from datagen.recipes.sampling import Sampling
from datagen.run import Recipe, run, write_outcomes
from schemas import Row, UserError
from schemas.run import content_hash
from schemas.settings import setting, to_mapping


@dataclass(frozen=True, kw_only=True)
class Generation(EngineSettings):
    """Settings of every command that asks a model. Those that are no part of a run's identity may change
    between a kill and the same command again."""

    samples: int = setting(8, help="answers to each prompt", minimum=1)
    engine: str | None = setting(
        None,
        help="who answers; without it the small embedded model",
        metavar="llama:FILE.gguf",
        identity=False,
    )
    seed: int = setting(0, help="the same seed gives the same bytes")
    temperature: float = setting(1.0, help="of sampling; 0 always takes the likeliest token", minimum=0)
    top_p: float = setting(
        1.0, help="sample from the likeliest tokens with this much probability", above=0, maximum=1
    )
    max_tokens: int | None = setting(
        None, help="tokens an answer may have; by default what the context holds", minimum=1
    )
    out: Path = setting(help="file to write, .jsonl or .parquet", identity=False)
    journal: Path | None = setting(
        None,
        help="file that records every answer, for going on after a kill; by default beside --out",
        identity=False,
    )

    @property
    def sampling(self) -> Sampling:
        """How each prompt is sampled."""
        return Sampling(self.samples, self.temperature, self.top_p, self.max_tokens)

    @property
    def journal_path(self) -> Path:
        """Where the journal is."""
        return self.journal or self.out.with_suffix(".journal")


def generate(
    command: str, settings: Generation, source: Path, recipe: Recipe, items: Sequence[Row], options: Any
) -> list[Outcome]:
    """Run `recipe` over `items` made from the file `source`, and write the rows to `settings.out`.

    Killed anywhere, the same call goes on and ends in the same bytes. Raises `UserError` when the journal is
    in use or another run's, when a file would overwrite another, and when no item becomes a row: then
    nothing is written.
    """
    refuse_overwriting(settings, source)
    with Journal(settings.journal_path) as journal:
        journal.claim("settings", _identity(command, settings, source))
        with settings.open(settings.engine) as engine:
            refuse_long_answers(settings.max_tokens, engine)
            journal.claim("engine", engine.identity())
            with progress(command) as report:
                outcomes = run(
                    recipe,
                    items,
                    engine,
                    journal,
                    seed=settings.seed,
                    options=options,
                    version=module_version(recipe),
                    report=report,
                )
        if not any(outcome.accepted for outcome in outcomes):
            mend = "nothing was written; try other settings, with another --journal"
            what = f"none of {len(outcomes):,} prompts became a row ({by_reason(reasons(outcomes))})"
            raise UserError(what, where=f"datagen {command}", mend=mend)
        write_outcomes(settings.out, outcomes)
    return outcomes


def reasons(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many items were rejected for each reason."""
    return Counter(outcome.reason for outcome in outcomes if outcome.reason is not None)


def refuse_overwriting(settings: Generation, source: Path) -> None:
    """`UserError` when two of the run's files are one, or the output is a folder: said before the work."""
    named: dict[Path, str] = {}
    places = {"the input": source, "--out": settings.out, "the journal": settings.journal_path}
    for name, path in places.items():
        if other := named.get(path.resolve()):
            raise UserError(f"{other} and {name} are one file", where=path, mend="give another --out")
        named[path.resolve()] = name
    if settings.out.is_dir():
        raise UserError("is a folder", where=settings.out, mend="give the name of a file in it")


def refuse_long_answers(max_tokens: int | None, engine: Engine) -> None:
    """`UserError` when no prompt at all would leave room for `max_tokens` in the context of the engine."""
    context = engine.context
    if max_tokens is not None and context is not None and max_tokens >= context:
        what = (
            f"{max_tokens:,} tokens of answer do not fit a context of {context:,}, which holds the prompt too"
        )
        raise UserError(what, where="--max-tokens", mend=f"ask for fewer than {context:,}, or leave it out")


def module_version(recipe: Recipe) -> str:
    """Hash of the source code of the recipe's module: its helpers decide about a row as much as it does."""
    return digest(inspect.getsource(sys.modules[recipe.__module__])).hex()


def _identity(command: str, settings: Generation, source: Path) -> dict[str, Any]:
    """What decides the rows of a run, besides the engine: the content of the input counts, not its place."""
    plain = to_mapping(settings, identity=True)
    return {"command": command, **plain, "input": content_hash(source)}
