"""`datagen evolve`: prompts that get harder, and their answers. The recipe: `datagen/recipes/evolve.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from datagen.commands.instruct import Prompting, refuse_equal_samples
from datagen.runs.generation import generating, tell
from schemas import UserError, unknown_name
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.recipes.evolve import Chain


@dataclass(frozen=True, kw_only=True)
class Evolve(Prompting):
    """Settings of `datagen evolve`."""

    prompts: Path = setting(help="prompts to begin from, in any known format", metavar="FILE", identity=False)
    generations: int = setting(4, help="how often each prompt is rewritten", minimum=1)
    operators: str = setting(
        "all",
        help="how prompts are rewritten: some of constraints, deepen, concrete, reasoning, input, breadth;"
        " drawn anew for each prompt and generation",
        metavar="A,B",
    )


def evolve(settings: Evolve) -> None:
    """Make prompts harder, generation by generation, and answer them (Evol-Instruct).

    Each prompt is rewritten by one operator a generation. Where nothing was gained, or the answer shows that
    the new prompt cannot be answered, the chain goes on from its last good prompt. Every new prompt that got
    an answer becomes a row. Kill it anywhere and run it again: it goes on.
    """
    from datagen.recipes.evolve import Evolving, evolved, items_of_generation
    from datagen.recipes.evolve import evolve as answer
    from datagen.recipes.shared.novel import Novel
    from datagen.recipes.wording import wording
    from datagen.runs.rounds import Rounds, rows_of, summary

    settings = checked(settings)
    refuse_pipe(settings.prompts)
    refuse_equal_samples(settings)
    operators = chosen_operators(settings.operators)
    evolving = Evolving(wording("evolve", settings.wording), settings.prompting)
    chains = read_chains(settings.prompts)
    novel = Novel(
        settings.near, lambda row: row["text"], figures=settings.figures, group=lambda row: row["chain"]
    )
    for chain in chains.values():
        novel.know(chain.id, chain.text, chain.id)
    with generating("evolve", settings, settings.prompts) as work:
        rounds = Rounds(work)
        for number in range(1, settings.generations + 1):
            left = None if settings.keep is None else settings.keep - rounds.rows
            if left == 0:
                break
            items = items_of_generation(number, list(chains.values()), operators, settings.seed)
            grown = rows_of(rounds.stage(evolved, items, evolving, settle=novel, rows="questions"))
            answered = rounds.take(rounds.stage(answer, grown, settings.sampling, keep=left))
            good = {outcome.item for outcome in answered if outcome.accepted}
            chains |= {row["chain"]: chains[row["chain"]].grown(row) for row in grown if row["id"] in good}
            if work.dry:
                break
        outcomes = rounds.found
        if settings.keep is not None and rounds.rows < settings.keep:
            outcomes.stopped = f"all {settings.generations} generations are done"
        work.finish(outcomes)
        told = summary(work, outcomes, settings.keep)
    tell(settings, outcomes, told)


def chosen_operators(named: str) -> tuple[str, ...]:
    """The operators that a comma-separated list names, in our order; `UserError` for an unknown one."""
    from datagen.recipes.evolve import OPERATORS

    if named == "all":
        return OPERATORS
    names = [name.strip() for name in named.split(",") if name.strip()]
    for name in names:
        if name not in OPERATORS:
            raise unknown_name("operator", name, OPERATORS, where="--operators")
    if not names:
        raise UserError("names none", where="--operators", mend=f"give some of {', '.join(OPERATORS)}")
    return tuple(name for name in OPERATORS if name in names)


def read_chains(path: Path) -> dict[str, Chain]:
    """A chain by id for each prompt of a file; what comes before the user's last turn stays before it."""
    from datagen.recipes.evolve import Chain
    from datagen.sources import conversations

    rows = conversations(path, answers=False)
    return {
        row["id"]: Chain(row["id"], tuple(row["messages"][:-1]), row["messages"][-1]["content"], row["id"])
        for row in rows
    }


def add(app: typer.Typer) -> None:
    """Add `evolve` to the program."""
    app_command(
        app,
        Evolve,
        evolve,
        name="evolve",
        examples=[
            "datagen evolve --prompts samples/seeds/tasks.jsonl --engine llama:model.gguf --out harder.jsonl",
            "datagen evolve --prompts samples/seeds/tasks.jsonl --engine llama:model.gguf --generations 2"
            " --operators reasoning,breadth --out harder.jsonl",
        ],
    )
