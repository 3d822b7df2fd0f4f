"""What all commands have in common that ask a model: their settings, and one run from items to a file.

What is asked and what becomes of an answer is the recipe's affair, recording and order `run.py`'s.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from datagen.engines import Engine
from datagen.engines.roles import Together, open_roles
from datagen.engines.rotation import rotating
from datagen.engines.settings import EngineSettings
from datagen.journal import Journal, Outcome, digest
from datagen.keeping import Novelty, Outcomes, Settle
from datagen.progress import Mode, Progress, by_reason, conclude, progress
from datagen.recipes.sampling import Sampling
from datagen.run import DEFAULT_CONCURRENCY, Recipe, run, write_outcomes
from datagen.team import GENERATOR
from schemas import UserError
from schemas.run import content_hash
from schemas.settings import setting, to_mapping

MOST_WAITING = 20_000
"""Items that wait together for a model to be loaded: the more, the fewer loads."""
MOST_NAMED, MOST_SHOWN = 3, 30
CODE = ("datagen/recipes", "verifiers", "schemas")
"""The folders whose code decides what becomes of an answer."""


@dataclass(frozen=True, kw_only=True)
class Generation(EngineSettings):
    """Settings of every command that asks a model. Any of them may change between a run and the next: what
    is still the same is taken from the journal. Those of a run's identity decide what that is."""

    samples: int = setting(8, help="answers to each prompt", minimum=1)
    keep: int | None = setting(
        None, help="rows wanted: stop at so many; by default all that the input gives", minimum=1
    )
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
    progress: Mode = setting(
        "auto",
        help="what is told on the way: a bar, lines, one JSON object a second, or nothing but the summary;"
        " auto is a bar on a terminal",
        identity=False,
    )

    @property
    def sampling(self) -> Sampling:
        """How each prompt is sampled."""
        return Sampling(self.samples, self.temperature, self.top_p, self.max_tokens)

    @property
    def journal_path(self) -> Path:
        """Where the journal is."""
        return self.journal or beside(self.out)


def beside(out: Path) -> Path:
    """The journal of an output file, where none is named."""
    return out.with_suffix(".journal")


def generate(
    command: str,
    settings: Generation,
    source: Path | Sequence[Path],
    recipe: Recipe,
    items: Iterable[Any],
    options: Any,
    *,
    settle: Settle | None = None,
    novelty: Novelty | None = None,
    roles: Mapping[str, str | None] | None = None,
    together: Together = "auto",
) -> Outcomes:
    """Run `recipe` over `items` made from the file `source`, and write the rows to `settings.out`.

    Killed anywhere, the same call goes on and ends in the same bytes; with other settings it takes from the
    journal what is still the same. `roles`: engines by role, by default the one of the settings. Raises
    `UserError` when the journal is in use, when a file would overwrite another, and when no item becomes a
    row: then nothing is written.
    """
    sources = [source] if isinstance(source, Path) else list(source)
    refuse_overwriting(settings, *sources)
    with Journal(settings.journal_path) as journal, progress(command, settings.progress) as report:
        with _engines(settings, roles, together) as engines:
            for engine in engines.values():
                refuse_long_answers(settings.max_tokens, engine)
            identity = {"command": command, **_identity(settings, sources, engines)}
            note_changes(journal, identity, report)
            outcomes = run(
                recipe,
                items,
                engines,
                journal,
                seed=settings.seed,
                options=options,
                concurrency=_concurrency(engines, items),
                keep=settings.keep,
                settle=settle,
                novelty=novelty,
                version=module_version(recipe),
                report=report,
            )
        if not any(outcome.accepted for outcome in outcomes):
            mend = "nothing was written; try other settings"
            what = f"none of {len(outcomes):,} prompts became a row ({by_reason(reasons(outcomes))})"
            raise UserError(what, where=f"datagen {command}", mend=mend)
        write_outcomes(settings.out, outcomes)
    return outcomes


def tell(settings: Generation, outcomes: Outcomes, text: str) -> None:
    """The one line a command ends with: the file, `text`, what was used again, and why it ended early."""
    parts = [f"{settings.out}: {text}"]
    if outcomes.recalled:
        parts.append(f"{outcomes.recalled:,} of {outcomes.answers:,} answers were in the journal")
    if outcomes.stopped:
        parts.append(f"stopped: {outcomes.stopped}")
    conclude("; ".join(parts), settings.progress)


def reasons(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many items were rejected for each reason."""
    return Counter(outcome.reason for outcome in outcomes if outcome.reason is not None)


def refuse_overwriting(settings: Generation, *sources: Path) -> None:
    """`UserError` when two of the run's files are one, or the output is a folder: said before the work."""
    named: dict[Path, str] = {source.resolve(): "the input" for source in sources}
    for name, path in {"--out": settings.out, "the journal": settings.journal_path}.items():
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
    """Hash of the code that decides what becomes of an answer: the recipe's module, all recipes, verifiers.

    A changed parser or verifier runs again over the answers of the journal, which costs no tokens.
    """
    root = Path(__file__).resolve().parent.parent
    module = sys.modules[recipe.__module__]
    files = {Path(module.__file__)} if module.__file__ else set()
    for folder in CODE:
        files |= {path for kind in ("*.py", "*.json") for path in (root / folder).rglob(kind)}
    # Two folders may hold files of one name; where the kit lies does not count.
    return digest(sorted((path.name, path.read_text("utf-8", errors="replace")) for path in files)).hex()


def note_changes(journal: Journal, here: Mapping[str, Any], report: Progress) -> None:
    """Say in one line how this run differs from the last one of the journal, if it does."""
    here = orjson.loads(orjson.dumps(here))
    there = journal.meta("settings") or {}
    answers = journal.count("samples")
    journal.set_meta("settings", here)
    changes = [_change(name, there.get(name), here.get(name)) for name in {**there, **here}]
    changes = [change for change in changes if change]
    if not answers or not there or not changes:
        return
    more = [f"and {len(changes) - MOST_NAMED} more"] if len(changes) > MOST_NAMED else []
    told = "; ".join([*changes[:MOST_NAMED], *more])
    report.note(f"{journal.path}: {told}; of its {answers:,} answers those that stay the same are used again")


@contextlib.contextmanager
def _engines(
    settings: Generation, roles: Mapping[str, str | None] | None, together: Together
) -> Iterator[Mapping[str, Engine]]:
    if roles is None:
        with settings.open(settings.engine) as engine:
            yield {GENERATOR: engine}
    else:
        with open_roles(roles, settings.engine_options, together=together) as engines:
            yield engines


def _concurrency(engines: Mapping[str, Engine], items: Iterable[Any]) -> int:
    """Items at work at a time: where models take turns, all of them, so that each is loaded once."""
    if not rotating(engines):
        return DEFAULT_CONCURRENCY
    return max(
        DEFAULT_CONCURRENCY, min(MOST_WAITING, len(items) if isinstance(items, Sequence) else MOST_WAITING)
    )


def _identity(settings: Generation, sources: Sequence[Path], engines: Mapping[str, Engine]) -> dict[str, Any]:
    """What decides the rows of a run: the content of the input counts, not its place."""
    plain = to_mapping(settings, identity=True)
    hashed = [content_hash(source) for source in sources]
    described = {role: engine.identity() for role, engine in engines.items()}
    # A single engine is told by its parts, so that a message names the one that differs.
    engine = described[GENERATOR] if described.keys() == {GENERATOR} else described
    return {**plain, "input": hashed[0] if len(hashed) == 1 else hashed, **engine}


def _change(name: str, there: Any, here: Any) -> str:
    """How a setting differs, for a one-line message; nothing when it does not."""
    if there == here:
        return ""
    shown = ["not set" if value is None else orjson.dumps(value).decode() for value in (there, here)]
    if max(map(len, shown)) > MOST_SHOWN:  # a hash, or settings of many parts
        return f"{name} is another"
    return f"{name} was {shown[0]} and is {shown[1]}"
