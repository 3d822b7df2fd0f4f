"""`datagen pairs`: two answers to each prompt, one preferred. The recipe is in `datagen/recipes/pairs.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from datagen.generation import Generation, generate, reasons, tell
from datagen.journal import Outcome
from datagen.progress import by_reason
from datagen.sources import checked_rows, prompts
from datagen.team import GENERATOR
from schemas import unknown_name
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting


@dataclass(frozen=True, kw_only=True)
class Pairs(Generation):
    """Settings of `datagen pairs`."""

    prompts: Path = setting(
        help="problem, instruction or preference rows; their prompts are asked", identity=False
    )
    prefer: str = setting(
        "polite",
        help="what makes an answer the better one: 'polite' (shows its steps and closes politely)"
        " or 'correct' (verified; needs problem rows)",
        metavar="RULE",
    )
    rival: str | None = setting(
        None,
        help="a second model whose answers compete; --samples are those of each",
        metavar="llama:FILE.gguf",
        identity=False,
    )
    together: Literal["auto", "yes", "no"] = setting(
        "auto",
        help="load both models at once, or one after the other, each once for all prompts;"
        " auto looks at the free memory",
        identity=False,
    )
    samples: int = setting(8, help="answers to each prompt, from which two are picked", minimum=2)
    temperature: float = setting(1.0, help="of sampling; answers must differ", above=0)


def pairs(settings: Pairs) -> None:
    """Sample answers to prompts, and pair one that a stated rule prefers with one that it does not.

    With --rival two models answer, and a pair may be of both. Each prompt becomes a preference row, or is
    counted with the reason why not: its answers were all alike, or none came to an end. Kill it anywhere and
    run it again: it goes on.
    """
    from datagen.recipes.pairs import CORRECT, PREFERENCES, RIVAL, PairOptions
    from datagen.recipes.pairs import pairs as recipe

    settings = checked(settings)
    refuse_pipe(settings.prompts)
    if settings.prefer not in PREFERENCES:
        raise unknown_name("rule", settings.prefer, PREFERENCES, where="--prefer")
    if settings.prefer == CORRECT:
        items = prompts(checked_rows(settings.prompts, ["problem"]), ["answer", "spec"])
    else:
        items = prompts(checked_rows(settings.prompts, ["problem", "instruction", "preference"]))
    options = PairOptions(settings.sampling, settings.prefer)
    roles = {GENERATOR: settings.engine, RIVAL: settings.rival} if settings.rival else None
    outcomes = generate(
        "pairs", settings, settings.prompts, recipe, items, options, roles=roles, together=settings.together
    )
    tell(settings, outcomes, summary(outcomes))


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many prompts became a pair, and why the others did not."""
    made = sum(outcome.accepted for outcome in outcomes)
    pairs = f"{made:,} pairs from {len(outcomes):,} prompts ({made / len(outcomes):.1%})"
    rejected = reasons(outcomes)
    return f"{pairs}; rejected: {by_reason(rejected)}" if rejected else pairs


def add(app: typer.Typer) -> None:
    """Add `pairs` to the program."""
    app_command(
        app,
        Pairs,
        pairs,
        name="pairs",
        examples=[
            "datagen pairs --prompts lessons.jsonl --engine llama:model.gguf --out pairs.jsonl",
            "datagen pairs --prompts problems.jsonl --prefer correct --samples 16 --out pairs.jsonl",
            "datagen pairs --prompts p.jsonl --engine llama:a.gguf --rival llama:b.gguf --out pairs.jsonl",
        ],
    )
