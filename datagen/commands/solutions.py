"""`datagen solutions`: solutions of a model that are right. The recipe: `datagen/recipes/solutions.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from datagen.runs.generation import Generation, generate, reasons, tell
from datagen.runs.journal import Outcome
from datagen.runs.progress import by_reason
from schemas import UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting


@dataclass(frozen=True, kw_only=True)
class Solutions(Generation):
    """Settings of `datagen solutions`."""

    problems: Path = setting(
        help="problems to solve: our own rows, GSM8K, MATH, programs with tests, or bare questions",
        identity=False,
    )
    format: Literal["boxed", "think"] = setting(
        "boxed", help="the solution as it is, or its steps in think tags and the answer after them"
    )
    most: int = setting(1, help="solutions to keep of each problem", minimum=1)
    pick: Literal["shortest", "first", "central", "distinct"] = setting(
        "shortest",
        help="which of the right ones: the shortest, the first, those that share most words with the others,"
        " or those that share least",
    )
    agreement: float = setting(
        0.5, help="without a known answer: share of the samples that must agree", above=0, maximum=1
    )
    least: int = setting(3, help="without a known answer: samples that must have one", minimum=1)


def solutions(settings: Solutions) -> None:
    """Let a model solve problems, and keep the solutions that are right as instruction rows.

    A solution is right when the verifier finds its answer right, or its program passes the tests in a
    sandbox. Where no answer is known, that of most samples counts if enough of them agree; equal is what the
    verifier finds equal. Kill it anywhere and run it again: it goes on.
    """
    from datagen.given_problems import problems_of
    from datagen.recipes.solutions import SolutionOptions
    from datagen.recipes.solutions import solutions as recipe

    settings = checked(settings)
    refuse_pipe(settings.problems)
    if settings.temperature == 0 and settings.samples > 1:
        what = f"at temperature 0 all {settings.samples} answers to a problem are the same"
        raise UserError(what, where="--temperature", mend="give --samples 1, or a higher temperature")
    given = problems_of(settings.problems, answers=False)
    unknown = sum("answer" not in problem for problem in given.rows)
    if unknown and settings.least > settings.samples:
        what = f"{settings.least} answers of {settings.samples} samples can never be"
        raise UserError(what, where="--least", mend="ask for more --samples")
    options = SolutionOptions(
        settings.sampling,
        settings.most,
        settings.pick,
        settings.format,
        settings.agreement,
        settings.least,
    )
    outcomes = generate("solutions", settings, settings.problems, recipe, given.rows, options)
    tell(settings, outcomes, "; ".join(filter(None, [summary(outcomes), given.told()])))


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many solutions of how many problems, how they were found right, and why others have none."""
    rows = [row for outcome in outcomes for row in outcome.rows]
    solved = sum(outcome.accepted for outcome in outcomes)
    agreed = sum(row["meta"]["checked"] == "agreed" for row in rows)
    rejected = reasons(outcomes)
    parts = [
        f"{len(rows):,} solutions of {solved:,} of {len(outcomes):,} problems",
        f"{len(rows) - agreed:,} verified, {agreed:,} agreed on" if agreed else "all verified",
        f"rejected: {by_reason(rejected)}" if rejected else "",
    ]
    return "; ".join(part for part in parts if part)


def add(app: typer.Typer) -> None:
    """Add `solutions` to the program."""
    app_command(
        app,
        Solutions,
        solutions,
        name="solutions",
        examples=[
            "datagen solutions --problems problems.jsonl --format think --most 2 --pick distinct"
            " --out solutions.jsonl",
            "datagen solutions --problems samples/problems/questions.jsonl --samples 16 --agreement 0.6"
            " --out agreed.jsonl",
            "datagen solutions --problems samples/problems/code.jsonl --engine llama:model.gguf"
            " --out programs.jsonl",
        ],
    )
