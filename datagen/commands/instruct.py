"""`datagen instruct`: new tasks from seed tasks, and their answers. The recipe: `datagen/recipes/instruct.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from datagen.generation import Worded, generating, tell
from schemas import Row, UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.engines import Engine
    from datagen.recipes.sampling import Sampling

PROMPTS_A_ROUND = 8
"""Prompts whose tasks are shown only in the rounds after: few enough for new tasks to be soon among them."""


@dataclass(frozen=True, kw_only=True)
class Prompting(Worded):
    """Settings of the commands that make prompts up before they answer them."""

    keep: int = setting(100, help="rows wanted; stops before where nothing new comes", minimum=1)
    samples: int = setting(1, help="answers to each prompt, of which the first good one is kept", minimum=1)
    temperature: float = setting(0.7, help="of sampling answers; 0 takes the likeliest token", minimum=0)
    prompt_temperature: float = setting(1.0, help="of sampling new prompts", above=0)
    prompt_top_p: float = setting(
        1.0, help="new prompts are sampled from the likeliest tokens with this much probability", above=0, maximum=1
    )
    prompt_tokens: int | None = setting(
        None, help="tokens that what is made up may have at a time; by default half of the context", minimum=1
    )
    near: float = setting(
        0.7, help="ROUGE-L with an earlier prompt above which one is a near duplicate; 1: none is", minimum=0, maximum=1
    )
    figures: bool = setting(False, help="prompts with other numbers or signs in them are never near duplicates")
    novelty: float = setting(
        0.05, help="share of a round's candidates that must become rows for another round", minimum=0, maximum=1
    )

    def prompting(self, engine: Engine, share: int = 2) -> Sampling:
        """How what is made up is sampled: one sample, by default at most a `share`-th of the context."""
        from datagen.recipes.sampling import Sampling

        tokens = self.prompt_tokens or (engine.context and engine.context // share)
        return Sampling(1, self.prompt_temperature, self.prompt_top_p, tokens)


def refuse_equal_samples(settings: Prompting) -> None:
    """`UserError` where several answers would be the same one."""
    if settings.temperature == 0 and settings.samples > 1:
        what = f"at temperature 0 all {settings.samples} answers to a prompt are the same"
        raise UserError(what, where="--temperature", mend="give --samples 1, or a higher temperature")


@dataclass(frozen=True, kw_only=True)
class Instruct(Prompting):
    """Settings of `datagen instruct`."""

    seeds: Path = setting(help="tasks to begin from, with or without answers", metavar="FILE", identity=False)
    prompts_a_round: int = setting(
        PROMPTS_A_ROUND, help="lists asked for before their tasks are shown to others", minimum=1
    )
    tasks: int = setting(8, help="tasks that each list is to have", minimum=1)
    turns: int = setting(1, help="questions and answers a row may have; the model plays the user too", minimum=1)
    personas: str | None = setting(
        None, help="people the tasks are for, one a line; 'built-in' for ours", metavar="FILE", identity=False
    )


def instruct(settings: Instruct) -> None:
    """Make new tasks from seed tasks, and answer them (Self-Instruct).

    In rounds the model goes on with lists of tasks, some of them made in the rounds before. A task is dropped
    when it breaks one of the paper's rules, or is like one that is there; only then is it answered. Kill it
    anywhere and run it again: it goes on.
    """
    from datagen.recipes.instruct import Instructing, Inventing, Task, new_tasks, opening, prompts_of_round
    from datagen.recipes.instruct import instruct as answer
    from datagen.recipes.instruct import sifted_tasks
    from datagen.recipes.novel import Novel
    from datagen.recipes.personas import BUILT_IN, personas
    from datagen.recipes.wording import wording
    from datagen.rounds import Rounds, summary
    from datagen.team import GENERATOR

    settings = checked(settings)
    refuse_pipe(settings.seeds)
    refuse_equal_samples(settings)
    words = wording("instruct", settings.wording)
    people = personas(settings.personas, words)
    seeds = [Task(name, text) for name, text in seed_tasks(settings.seeds)]
    sources = [settings.seeds]
    if settings.personas not in (None, BUILT_IN):
        sources.append(Path(str(settings.personas)))
    novel = Novel(settings.near, lambda row: opening(row["task"]), figures=settings.figures)
    for task in seeds:
        novel.know(task.id, opening(task.text))
    made: list[Task] = []
    with generating("instruct", settings, sources) as work:
        prompting = settings.prompting(work.engines[GENERATOR])
        inventing = Inventing(words, prompting, settings.tasks)
        rounds = Rounds(work, keep=settings.keep, floor=settings.novelty)

        def candidates(number: int) -> list[Row]:
            count = settings.prompts_a_round
            asked = prompts_of_round(number, count, seeds, made, people, settings.seed)
            lists = rounds.stage(new_tasks, asked, inventing)
            return numbered(lists)

        outcomes = rounds.run(
            candidates,
            sifted_tasks,
            novel,
            answer,
            Instructing(words, settings.sampling, prompting, settings.turns),
            kept=lambda rows: made.extend(Task(row["id"], row["task"]) for row in rows),
        )
        work.finish(outcomes)
        told = summary(work, outcomes, settings.keep)
    tell(settings, outcomes, told)


def numbered(outcomes: Sequence[object]) -> list[Row]:
    """The rows of the outcomes as items, each named after its item and its place there."""
    return [
        {"id": f"{outcome.item}-{place}", **row}
        for outcome in outcomes
        for place, row in enumerate(outcome.rows, 1)
    ]


def seed_tasks(path: Path) -> list[tuple[str, str]]:
    """Name and text of each seed task in a file of any known format: the user's first turn."""
    from datagen.sources import conversations

    found = []
    for row in conversations(path, answers=False):
        text = next(turn["content"] for turn in row["messages"] if turn["role"] == "user")
        found.append((f"seed-{row['meta']['line']}", text))
    return found


def add(app: typer.Typer) -> None:
    """Add `instruct` to the program."""
    app_command(
        app,
        Instruct,
        instruct,
        name="instruct",
        examples=[
            "datagen instruct --seeds samples/seeds/tasks.jsonl --engine llama:model.gguf --out tasks.jsonl",
            "datagen instruct --seeds samples/seeds/tasks.jsonl --engine llama:model.gguf --keep 1000 --turns 2"
            " --personas built-in --out talks.jsonl",
        ],
    )
