"""`datagen best`: the best of several answers to a prompt. The recipe is in `datagen/recipes/best_of.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from datagen.commands.pairs import SELF_JUDGED, Judged, judging_of, self_judged
from datagen.runs.generation import generating, reasons, tell
from datagen.runs.journal import Outcome
from datagen.runs.progress import by_reason
from datagen.sources import asked
from schemas import UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting


@dataclass(frozen=True, kw_only=True)
class Best(Judged):
    """Settings of `datagen best`."""

    prompts: Path = setting(
        help="the prompts to answer: rows of any known format, or a .txt file with one a line", identity=False
    )
    pairs: bool = setting(False, help="preference rows of the best and a lower answer, instead of the best")
    min_score: float | None = setting(
        None, help="drop prompts whose best answer scores less; 1 to 5 with a judge"
    )
    samples: int = setting(8, help="answers to each prompt", minimum=2)
    temperature: float = setting(1.0, help="of sampling; answers must differ", above=0)


def best(settings: Best) -> None:
    """Sample answers to each prompt, let a judge or a reward model score them, and keep the best.

    Each prompt becomes an instruction row, or with --pairs a preference row of the best and the worst answer.
    Every answer is scored alone (with --judging choice all are seen together, in both orders). Kill it
    anywhere and run it again: it goes on.
    """
    from datagen.recipes.best_of import BestOptions
    from datagen.recipes.best_of import best_of as recipe
    from datagen.recipes.shared.judging import CHOICE, JUDGE, MIN_MARGINS, MOST_SHOWN
    from datagen.runs.team import GENERATOR

    settings = checked(settings)
    refuse_pipe(settings.prompts)
    judging = judging_of(settings, alone=True)
    if judging is None:
        mend = "give --judge llama:FILE.gguf, or --judge reward:FOLDER"
        raise UserError("somebody has to say which answer is best", where="--judge", mend=mend)
    if judging.way == CHOICE and settings.samples > MOST_SHOWN:
        what = f"{settings.samples} answers cannot be told apart by one digit"
        raise UserError(what, where="--judging choice", mend=f"give --samples {MOST_SHOWN} or fewer")
    options = BestOptions(
        settings.sampling,
        judging,
        settings.pairs,
        MIN_MARGINS[judging.way] if settings.min_margin is None else settings.min_margin,
        settings.min_score,
        settings.alike,
        settings.lower,
    )
    items = asked(settings.prompts)
    roles = {GENERATOR: settings.engine, JUDGE: settings.judge}
    sources = [settings.prompts, *filter(None, [settings.wording])]
    with generating("best", settings, sources, roles=roles, together=settings.together) as work:
        if self_judged(work.engines):
            work.report.note(SELF_JUDGED)
        outcomes = work.run(recipe, items, options, keep=settings.keep)
        work.finish(outcomes)
    tell(settings, outcomes, summary(outcomes))


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many prompts became a row, what choosing gained, and why the others did not."""
    from datagen.recipes.shared.contests import figures, in_words

    rows = [row for outcome in outcomes for row in outcome.rows]
    kind = "pairs" if rows and "chosen" in rows[0] else "best answers"
    parts = [f"{len(rows):,} {kind} from {len(outcomes):,} prompts ({len(rows) / len(outcomes):.1%})"]
    scored = [row["meta"] for row in rows if "score" in row["meta"]]
    if scored:
        mean, usual = (sum(meta[name] for meta in scored) / len(scored) for name in ("score", "mean_score"))
        parts.append(f"mean score {mean:.2f}, of all answers {usual:.2f}")
    if rejected := reasons(outcomes):
        parts.append(f"rejected: {by_reason(rejected)}")
    if kind == "pairs":
        parts += in_words(figures(outcomes), {})
    return "; ".join(parts)


def add(app: typer.Typer) -> None:
    """Add `best` to the program."""
    app_command(
        app,
        Best,
        best,
        name="best",
        examples=[
            "datagen best --prompts p.jsonl --engine llama:a.gguf --judge llama:c.gguf --out best.jsonl",
            "datagen best --prompts p.jsonl --samples 4 --pairs --judge llama:c.gguf --out pairs.jsonl",
        ],
    )
