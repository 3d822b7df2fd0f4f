"""`datagen attempts`: models try problems, verifiers judge. The recipe: `datagen/recipes/attempts.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from datagen.runs.generation import Generation, generate, reasons, tell
from datagen.runs.journal import Outcome
from datagen.runs.progress import by_reason
from schemas import Row, UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting


@dataclass(frozen=True, kw_only=True)
class Attempts(Generation):
    """Settings of `datagen attempts`."""

    problems: Path = setting(
        help="problems to try: our own rows, GSM8K, MATH, questions with answers, programs with tests",
        identity=False,
    )


def attempts(settings: Attempts) -> None:
    """Let a model try problems, and verify every answer.

    Each problem is tried --samples times; each try becomes an attempt row with a verdict and a reward. An
    answer that was cut off never counts as correct. The summary says how often the model is right and at how
    many problems it is now right, now wrong: those are what GRPO learns from. Kill it anywhere and run it
    again: it goes on.
    """
    from datagen.given_problems import problems_of
    from datagen.recipes.attempts import attempts as recipe

    settings = checked(settings)
    refuse_pipe(settings.problems)
    if settings.temperature == 0 and settings.samples > 1:
        what = f"at temperature 0 all {settings.samples} answers to a problem are the same"
        raise UserError(what, where="--temperature", mend="give --samples 1, or a higher temperature")
    given = problems_of(settings.problems)
    outcomes = generate("attempts", settings, settings.problems, recipe, given.rows, settings.sampling)
    tell(settings, outcomes, "; ".join(filter(None, [summary(outcomes), given.told()])))


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many attempts, how many passed and how sure that is, at which problems, and what was rejected."""
    from datagen.recipes.shared.passing import histogram, interval, passed_by_problem

    rows = [row for outcome in outcomes for row in outcome.rows]
    correct = sum(row["verdict"]["status"] == "correct" for row in rows)
    others = Counter(_finding(row) for row in rows if row["verdict"]["status"] != "correct")
    counts = list(passed_by_problem(rows).values())
    solved, mixed = sum(each.right > 0 for each in counts), sum(each.mixed for each in counts)
    low, high = interval(counts)
    hard = ", ".join(f"{name} {count:,}" for name, count in histogram(counts).items() if count)
    rejected = reasons(outcomes)
    parts = [
        f"{len(rows):,} attempts at {len(outcomes):,} problems",
        f"{correct:,} correct ({correct / len(rows):.1%})",
        f"95% interval of the pass rate {low:.1%} to {high:.1%}",
        f"{solved:,} problems solved at least once, {mixed:,} both solved and missed",
        f"problems by how often they are solved: {hard}" if solved else "",
        by_reason(others),
        f"rejected: {by_reason(rejected)}" if rejected else "",
    ]
    return "; ".join(part for part in parts if part)


def _finding(row: Row) -> str:
    """The status of a verdict; of an answer that was cut off, that it was."""
    from datagen.recipes.attempts import UNFINISHED

    verdict = row["verdict"]
    return str(UNFINISHED if verdict["method"] == UNFINISHED else verdict["status"])


def add(app: typer.Typer) -> None:
    """Add `attempts` to the program."""
    app_command(
        app,
        Attempts,
        attempts,
        name="attempts",
        examples=[
            "datagen attempts --problems problems.jsonl --engine llama:model.gguf --out attempts.jsonl",
            "datagen attempts --problems problems.jsonl --samples 16 --temperature 0.8 --out attempts.jsonl",
        ],
    )
