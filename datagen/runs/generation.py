"""What all commands have in common that ask a model: their settings, and one run from items to a file.

What is asked and what becomes of an answer is the recipe's affair, recording and order `run.py`'s.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from datagen.engines import Engine
from datagen.engines.roles import Together, open_roles
from datagen.engines.rotation import rotating
from datagen.engines.settings import EngineSettings
from datagen.filters.filter import settled_by
from datagen.filters.in_runs import RunFilters, run_filters
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.account import Stage, dropped_rows, keep_account, merged, stage
from datagen.runs.changes import identity, module_version, note_changes
from datagen.runs.journal import Journal, Outcome
from datagen.runs.keeping import Novelty, Outcomes, Settle
from datagen.runs.planning import planned
from datagen.runs.progress import Mode, Progress, by_reason, conclude, progress
from datagen.runs.run import DEFAULT_CONCURRENCY, Recipe, name_of, run, write_outcomes
from datagen.runs.tally import Tally
from datagen.runs.team import GENERATOR
from schemas import UserError
from schemas.run import content_hash
from schemas.settings import setting, to_mapping

ROWS = (".jsonl", ".parquet")
MOST_WAITING = 20_000
"""Items that wait together for a model to be loaded: the more, the fewer loads."""


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

    rules: Path | None = setting(
        None,
        help="filters and edits for the rows, with examples of their own; `datagen filter --list` has them",
        metavar="FILE.yaml",
        identity=False,
    )
    against: tuple[Path, ...] = setting(
        (),
        help="evaluation sets: what is in one of them becomes no row; rows, or `datagen fingerprints`",
        metavar="FILE",
        identity=False,
    )
    dry_run: bool = setting(
        False,
        help="ask for a few items only; show the prompts filled in, and what all would take; write nothing",
        identity=False,
    )

    @property
    def sampling(self) -> Sampling:
        """How each prompt is sampled."""
        return Sampling(self.samples, self.temperature, self.top_p, self.max_tokens)

    @property
    def filter_files(self) -> list[Path]:
        """The files of the user's filters."""
        return [*([] if self.rules is None else [self.rules]), *self.against]

    @property
    def prompt_files(self) -> list[Path]:
        """The files that prompts are made with. A pipe is read by now, and cannot be read again."""
        wording: Path | None = getattr(self, "wording", None)
        return [wording] if wording is not None and wording.is_file() else []

    @property
    def journal_path(self) -> Path:
        """Where the journal is."""
        return self.journal or beside(self.out)


@dataclass(frozen=True, kw_only=True)
class Worded(Generation):
    """Settings of the commands whose prompts are ours, and may be the user's own."""

    wording: Path | None = setting(
        None,
        help="your own prompts instead of the recipe's; `datagen wording` prints those",
        metavar="FILE.md",
        identity=False,
    )


def beside(out: Path) -> Path:
    """The journal of an output file, where none is named."""
    return out.with_suffix(".journal")


class Generating:
    """One call of a command that asks models: recipes run one after the other, then the rows are written.

    Under `dry` each recipe runs over the first few items only, tells what it asks and what all would take,
    and nothing is kept.
    """

    def __init__(
        self,
        command: str,
        settings: Generation,
        sources: Sequence[Path],
        journal: Journal,
        engines: Mapping[str, Engine],
        filters: RunFilters,
        report: Progress,
    ) -> None:
        self.command, self.settings, self.sources = command, settings, sources
        self.journal, self.engines, self.report = journal, engines, report
        self.dry = settings.dry_run
        self.filters = filters
        self.stages: list[Stage] = []
        self.tokens = 0
        self._versions: dict[str, str] = {}

    def run(
        self,
        recipe: Recipe,
        items: Iterable[Any],
        options: Any = None,
        *,
        settle: Settle | None = None,
        novelty: Novelty | None = None,
        keep: int | None = None,
        rows: Literal["rows", "questions", "none"] = "rows",
    ) -> Outcomes:
        """What becomes of the items under one recipe, as `run.run` says; a command may run several.

        The outcomes of one may be the items of the next; rounds of one recipe need items of other ids. `rows`
        says what the user's filters find in the outcomes: whole rows, questions that are to be answered, or
        what is none of their affair.
        """
        looks = {"rows": self.filters.rows, "questions": self.filters.questions, "none": lambda: None}[rows]()
        settle = settled_by(*(step for step in (settle, looks) if step is not None)) if looks else settle
        if self.dry:
            return planned(self, recipe, items, options, settle, keep)
        tally: Tally | None = None

        def report(latest: Tally) -> None:
            nonlocal tally
            tally = latest
            self.report(latest)

        outcomes = run(
            recipe,
            items,
            self.engines,
            self.journal,
            seed=self.settings.seed,
            options=options,
            concurrency=_concurrency(self.engines, items),
            keep=keep,
            settle=settle,
            novelty=novelty,
            version=self._version(recipe),
            report=report,
        )
        self.tokens += 0 if tally is None else tally.tokens
        self.stages.append(stage(name_of(recipe), outcomes))
        return outcomes

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Write the rows of the last stage and the account of all; nothing under `dry`.

        Raises `UserError` naming the reasons when there are no rows: then nothing is written.
        """
        if self.dry:
            return
        if not any(outcome.accepted for outcome in outcomes):
            told = [(stage.recipe, by_reason(stage.rejected)) for stage in self.told_stages()]
            reasons = told[0][1] if len(told) == 1 else "; ".join(": ".join(one) for one in told)
            asked = merged(self.stages)[0].items if self.stages else 0
            what = f"none of {asked:,} prompts became a row ({reasons or 'there were none'})"
            mend = "nothing was written; try other settings or another model"
            raise UserError(what, where=f"datagen {self.command}", mend=mend)
        rows = write_outcomes(self.settings.out, outcomes)
        keep_account(
            self.journal,
            command=self.command,
            settings=to_mapping(self.settings, identity=True),
            inputs=named(self.sources),
            filters=named(self.settings.filter_files),
            engines=self.engines,
            stages=self.stages,
            rows=rows,
            tokens=self.tokens,
            out=self.settings.out,
        )

    def _version(self, recipe: Recipe) -> str:
        """The version of a recipe's code, read once a command: rounds ask again and again."""
        if recipe.__module__ not in self._versions:
            self._versions[recipe.__module__] = module_version(recipe)
        return self._versions[recipe.__module__]

    def told_stages(self) -> list[Stage]:
        """The stages that turned something down, those of one recipe as one."""
        return [stage for stage in merged(self.stages) if stage.rejected]


def named(files: Iterable[Path]) -> list[dict[str, str]]:
    """Files by path and content, for the account."""
    return [{"path": str(file), "hash": content_hash(file)} for file in files]


@contextlib.contextmanager
def generating(
    command: str,
    settings: Generation,
    sources: Path | Sequence[Path],
    *,
    roles: Mapping[str, str | None] | None = None,
    together: Together = "auto",
) -> Iterator[Generating]:
    """Journal and engines of a command, open for one recipe or several.

    Killed anywhere, the same call goes on and ends in the same bytes; with other settings it takes from the
    journal what is still the same. `sources` are the files it reads, `roles` the engines by role, by default
    the one of the settings. Raises `UserError` when the journal is in use, and when a file would overwrite
    another.
    """
    sources = [sources] if isinstance(sources, Path) else list(sources)
    sources += [path for path in settings.prompt_files if path not in sources]
    refuse_overwriting(settings, *sources, *settings.filter_files)
    filters = run_filters(settings.rules, settings.against)
    with contextlib.ExitStack() as stack:
        place = settings.journal_path
        if settings.dry_run:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "dry-run.journal"
        journal = stack.enter_context(Journal(place))
        report = stack.enter_context(progress(command, "quiet" if settings.dry_run else settings.progress))
        engines = stack.enter_context(_engines(settings, roles, together))
        for engine in engines.values():
            refuse_long_answers(settings.max_tokens, engine)
        note_changes(journal, {"command": command, **identity(settings, sources, engines)}, report)
        yield Generating(command, settings, sources, journal, engines, filters, report)


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
    """Run one `recipe` over `items` made from the file `source`, and write the rows to `settings.out`."""
    with generating(command, settings, source, roles=roles, together=together) as work:
        outcomes = work.run(recipe, items, options, settle=settle, novelty=novelty, keep=settings.keep)
        work.finish(outcomes)
    return outcomes


def tell(settings: Generation, outcomes: Outcomes, text: str) -> None:
    """The one line a command ends with: the file, `text`, rows that went while others of their item were
    kept, what was used again, and why it ended early."""
    if settings.dry_run:
        return
    parts = [f"{settings.out}: {text}"]
    if dropped := dropped_rows(outcomes):
        parts.append(f"rows dropped beside kept ones: {by_reason(dropped)}")
    if outcomes.recalled:
        parts.append(f"{outcomes.recalled:,} of {outcomes.answers:,} answers were in the journal")
    if outcomes.stopped:
        parts.append(f"stopped: {outcomes.stopped}")
    conclude("; ".join(parts), settings.progress)


def reasons(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many items were rejected for each reason."""
    return Counter(outcome.reason for outcome in outcomes if outcome.reason is not None)


def refuse_overwriting(settings: Generation, *sources: Path) -> None:
    """`UserError` when two of the run's files are one, or the output is a folder or no file of rows: said
    before the work."""
    named: dict[Path, str] = {source.resolve(): "the input" for source in sources}
    for name, path in {"--out": settings.out, "the journal": settings.journal_path}.items():
        if other := named.get(path.resolve()):
            raise UserError(f"{other} and {name} are one file", where=path, mend="give another --out")
        named[path.resolve()] = name
    if settings.out.is_dir():
        raise UserError("is a folder", where=settings.out, mend="give the name of a file in it")
    refuse_other_files(settings.out)


def refuse_other_files(out: Path) -> None:
    """`UserError` when `out` has the ending of no file of rows; a device or a pipe may be called anything."""
    device = out.is_relative_to("/dev") or out.is_relative_to("/proc") or (out.exists() and not out.is_file())
    if out.suffix not in ROWS and not device:
        raise UserError(f"'{out}' is no file of rows", where="--out", mend="it ends in .jsonl or .parquet")


def refuse_long_answers(max_tokens: int | None, engine: Engine) -> None:
    """`UserError` when no prompt at all would leave room for `max_tokens` in the context of the engine."""
    context = engine.context
    if max_tokens is not None and context is not None and max_tokens >= context:
        what = (
            f"{max_tokens:,} tokens of answer do not fit a context of {context:,}, which holds the prompt too"
        )
        raise UserError(what, where="--max-tokens", mend=f"ask for fewer than {context:,}, or leave it out")


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
