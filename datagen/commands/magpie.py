"""`datagen magpie`: prompts drawn from a chat model itself. The recipe: `datagen/recipes/magpie.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import typer

from datagen.commands.instruct import InRounds, refuse_equal_samples
from datagen.runs.generation import generating, tell
from schemas import Row, UserError
from schemas.command import app_command
from schemas.settings import checked, setting

ITEMS_A_ROUND = 8


@dataclass(frozen=True, kw_only=True)
class Magpie(InRounds):
    """Settings of `datagen magpie`."""

    about: str | None = setting(None, help="what the prompts are about, in a few words for the model")
    system: str | None = setting(None, help="your own system prompt, said before the model speaks as a user")
    prompts_a_round: int = setting(
        128,
        help=f"prompts drawn before they are looked at; a multiple of {ITEMS_A_ROUND}",
        minimum=ITEMS_A_ROUND,
    )
    most_words: int = setting(400, help="words a prompt may have", minimum=1)
    turns: int = setting(1, help="prompts and answers a row may have, all drawn from the model", minimum=1)


def magpie(settings: Magpie) -> None:
    """Draw prompts from a chat model itself, and answer them (Magpie).

    The model is given what its own chat template puts before a user's words, and goes on as a user would. No
    seeds are needed; the model's file is, since servers do not show their template. Kill it anywhere and run
    it again: it goes on.
    """
    from datagen.recipes.magpie import Answering, Drawing, Sifting, drawn, sifted, turn_for
    from datagen.recipes.magpie import magpie as answer
    from datagen.recipes.shared.novel import Novel
    from datagen.recipes.wording import wording
    from datagen.runs.rounds import Rounds, Step, candidates_of, summary
    from datagen.runs.team import GENERATOR

    settings = checked(settings)
    refuse_equal_samples(settings)
    if settings.about and settings.system:
        raise UserError("said twice", where="--system", mend="give --about or --system")
    words = wording("magpie", settings.wording)
    system = words.messages("system", about=settings.about) if settings.about else ()
    if settings.system:
        system = ({"role": "system", "content": settings.system},)
    novel = Novel(settings.near, lambda row: row["prompt"], figures=settings.figures)
    sources: list[Path] = []
    with generating("magpie", settings, sources) as work:
        turn = turn_for(work.engines[GENERATOR], system)
        each = replace(settings.prompting, samples=settings.prompts_a_round // ITEMS_A_ROUND)
        rounds = Rounds(work)

        def candidates(number: int) -> list[Row]:
            items = [{"id": f"round-{number}-{i}", "round": number} for i in range(1, ITEMS_A_ROUND + 1)]
            return candidates_of(rounds.stage(drawn, items, Drawing(turn, each), rows="none"))

        outcomes = rounds.until(
            settings.keep,
            settings.novelty,
            candidates,
            Step(sifted, Sifting(settings.most_words)),
            novel,
            Step(answer, Answering(system, settings.sampling, settings.prompting, settings.turns)),
        )
        work.finish(outcomes)
        told = summary(work, outcomes, settings.keep)
    tell(settings, outcomes, told)


def add(app: typer.Typer) -> None:
    """Add `magpie` to the program."""
    app_command(
        app,
        Magpie,
        magpie,
        name="magpie",
        examples=[
            "datagen magpie --engine llama:model.gguf --keep 1000 --out prompts.jsonl",
            "datagen magpie --engine llama:model.gguf --about mathematics --turns 2 --out maths.jsonl",
        ],
    )
