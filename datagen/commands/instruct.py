"""`datagen instruct`: new tasks from seed tasks, and answers. The recipe: `datagen/recipes/instruct.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from datagen.recipes.shared.sampling import Sampling
from datagen.runs.generation import Worded, generating, tell
from schemas import Row, UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting

PROMPTS_A_ROUND = 8
"""Prompts whose tasks are shown only in the rounds after: few enough for new tasks to be soon among them."""


@dataclass(frozen=True, kw_only=True)
class Prompting(Worded):
    """Settings of the commands that make prompts up before they answer them."""

    samples: int = setting(1, help="answers to each prompt, of which the first good one is kept", minimum=1)
    temperature: float = setting(0.7, help="of sampling answers; 0 takes the likeliest token", minimum=0)
    prompt_temperature: float = setting(1.0, help="of sampling new prompts", above=0)
    prompt_top_p: float = setting(
        1.0,
        help="new prompts are sampled from the likeliest tokens with this much probability",
        above=0,
        maximum=1,
    )
    prompt_tokens: int | None = setting(
        None,
        help="tokens that a new prompt, or a list of them, may have; by default what the context holds",
        minimum=1,
    )
    near: float = setting(
        0.7,
        help="ROUGE-L with an earlier prompt above which one is a near duplicate; 1: none is",
        minimum=0,
        maximum=1,
    )
    figures: bool = setting(
        False, help="prompts with other numbers or signs in them are never near duplicates"
    )

    @property
    def prompting(self) -> Sampling:
        """How what is made up is sampled."""
        return Sampling(1, self.prompt_temperature, self.prompt_top_p, self.prompt_tokens)


@dataclass(frozen=True, kw_only=True)
class InRounds(Prompting):
    """Settings of those that make up as many prompts as are wanted."""

    keep: int = setting(100, help="rows wanted; stops before where nothing new comes", minimum=1)
    novelty: float = setting(
        0.05,
        help="share of a round's candidates that must become rows for another round",
        minimum=0,
        maximum=1,
    )


def refuse_equal_samples(settings: Prompting) -> None:
    """`UserError` where several answers would be the same one."""
    if settings.temperature == 0 and settings.samples > 1:
        what = f"at temperature 0 all {settings.samples} answers to a prompt are the same"
        raise UserError(what, where="--temperature", mend="give --samples 1, or a higher temperature")


@dataclass(frozen=True, kw_only=True)
class Instruct(InRounds):
    """Settings of `datagen instruct`."""

    seeds: Path = setting(help="tasks to begin from, with or without answers", metavar="FILE", identity=False)
    prompts_a_round: int = setting(
        PROMPTS_A_ROUND, help="lists asked for before their tasks are shown to others", minimum=1
    )
    tasks: int = setting(8, help="tasks that each list is to have", minimum=1)
    turns: int = setting(
        1, help="questions and answers a row may have; the model plays the user too", minimum=1
    )
    personas: str | None = setting(
        None, help="people the tasks are for, one a line; 'built-in' for ours", metavar="FILE", identity=False
    )


def instruct(settings: Instruct) -> None:
    """Make new tasks from seed tasks, and answer them (Self-Instruct).

    In rounds the model goes on with lists of tasks, some of them made in the rounds before. A task is dropped
    when it breaks one of the paper's rules, or is like one that is there; only then is it answered. Kill it
    anywhere and run it again: it goes on.
    """
    from datagen.recipes.instruct import (
        Instructing,
        Inventing,
        Task,
        new_tasks,
        opening,
        prompts_of_round,
        sifted_tasks,
    )
    from datagen.recipes.instruct import instruct as answer
    from datagen.recipes.shared.novel import Novel
    from datagen.recipes.shared.personas import personas
    from datagen.recipes.wording import wording
    from datagen.runs.rounds import Rounds, Step, candidates_of, summary

    settings = checked(settings)
    refuse_pipe(settings.seeds)
    refuse_equal_samples(settings)
    words = wording("instruct", settings.wording)
    people = personas(settings.personas, words)
    seeds = [Task(name, text) for name, text in seed_tasks(settings.seeds)]
    novel = Novel(settings.near, lambda row: opening(row["task"]), figures=settings.figures)
    for task in seeds:
        novel.know(task.id, opening(task.text))
    made: list[Task] = []
    with generating("instruct", settings, sources(settings)) as work:
        inventing = Inventing(words, settings.prompting, settings.tasks)
        rounds = Rounds(work)

        def candidates(number: int) -> list[Row]:
            count = settings.prompts_a_round
            asked = prompts_of_round(number, count, seeds, made, people, settings.seed)
            return candidates_of(rounds.stage(new_tasks, asked, inventing, rows="none"))

        outcomes = rounds.until(
            settings.keep,
            settings.novelty,
            candidates,
            Step(sifted_tasks),
            novel,
            Step(answer, Instructing(words, settings.sampling, settings.prompting, settings.turns)),
            kept=lambda rows: made.extend(Task(row["id"], row["task"]) for row in rows),
        )
        work.finish(outcomes)
        told = summary(work, outcomes, settings.keep)
    tell(settings, outcomes, told)


def sources(settings: Instruct) -> list[Path]:
    """The files that the tasks come from."""
    from datagen.recipes.shared.personas import BUILT_IN

    own = settings.personas not in (None, BUILT_IN)
    return [settings.seeds, *([Path(str(settings.personas))] if own else [])]


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
            "datagen instruct --seeds samples/seeds/tasks.jsonl --engine llama:model.gguf --turns 2"
            " --keep 1000 --personas built-in --out talks.jsonl",
        ],
    )
