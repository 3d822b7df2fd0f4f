"""`datagen stories`: a model tells equations as stories. The recipe is in `datagen/recipes/stories.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import typer

from datagen.runs.generation import Worded, generating, reasons, tell
from datagen.runs.journal import Outcome
from datagen.runs.keeping import Distinct, Novelty
from datagen.runs.progress import by_reason
from datagen.runs.team import GENERATOR
from schemas import UserError, unknown_name
from schemas.command import app_command
from schemas.settings import checked, setting


@dataclass(frozen=True, kw_only=True)
class Stories(Worded):
    """Settings of `datagen stories`."""

    kind: tuple[str, ...] = setting(
        (),
        help="kinds of equations: one_unknown, two_unknowns, three_unknowns, proportion, ages, mixture,"
        " meeting, rectangle; by default all in turn",
        metavar="NAME,...",
    )
    level: str = setting("1-3", help="levels of difficulty, as 2, 1-2 or 1,3", metavar="LEVELS")
    split: Literal["train", "valid", "test"] = setting(
        "train", help="which split the equations are drawn from; none is in two"
    )
    reader: str | None = setting(
        None,
        help="another model that reads the stories back; by default the writer does",
        metavar="llama:FILE.gguf",
        identity=False,
    )
    together: Literal["auto", "yes", "no"] = setting(
        "auto",
        help="load both models at once, or one after the other; auto looks at the free memory",
        identity=False,
    )
    keep: int = setting(100, help="stories wanted; stops before where too few come", minimum=1)
    samples: int = setting(1, help="times each story is told, of which one is taken", minimum=1)
    novelty_window: int = setting(100, help="stories after which too few good ones end the run", minimum=1)
    novelty: float = setting(0.02, help="share of the last stories that must be good", minimum=0, maximum=1)


def stories(settings: Stories) -> None:
    """Let a model tell equations as word problems, and keep those that are read back rightly.

    The equations are drawn first, with their solution; the writer is not told the answer. A second call that
    sees the story alone reads the equations back, and the story is kept if they are proved to have the same
    solutions. Each becomes a problem row that `datagen prove` can derive again. Kill it anywhere and run it
    again: it goes on.
    """
    from datagen.problems.equations import KINDS, LEVELS
    from datagen.recipes.stories import READER, StoryOptions, tales
    from datagen.recipes.stories import stories as recipe
    from datagen.recipes.wording import wording

    settings = checked(settings)
    for name in settings.kind:
        if name not in KINDS:
            raise unknown_name("kind of story", name, KINDS, where="--kind")
    levels = levels_of(settings.level, LEVELS)
    options = StoryOptions(settings.sampling, wording("stories", settings.wording), settings.split)
    items = tales(settings.kind or tuple(KINDS), levels)
    roles = {GENERATOR: settings.engine, READER: settings.reader} if settings.reader else None
    sources = [settings.wording] if settings.wording else []
    with generating("stories", settings, sources, roles=roles, together=settings.together) as work:
        outcomes = work.run(
            recipe,
            items,
            options,
            settle=Distinct(lambda row: row["fingerprint"]),
            novelty=Novelty(settings.novelty_window, settings.novelty),
            keep=settings.keep,
        )
        work.finish(outcomes)
    tell(settings, outcomes, summary(outcomes, settings.keep))


def levels_of(text: str, known: Sequence[int]) -> list[int]:
    """The levels that are named, of those that stories have."""
    from datagen.commands.problems import levels_of as named

    levels = named(text)
    if beyond := [level for level in levels if level not in known]:
        what = f"there is no level {beyond[0]} of stories"
        raise UserError(what, where="--level", mend=f"levels are {known[0]} to {known[-1]}")
    return levels


def summary(outcomes: Sequence[Outcome], keep: int) -> str:
    """How many stories hold, of how many told, and what was wrong with the others."""
    count = sum(len(outcome.rows) for outcome in outcomes)
    rejected = reasons(outcomes)
    wanted = f"{count:,} stories" if count >= keep else f"{count:,} of {keep:,} stories"
    told = f"; rejected: {by_reason(rejected)}" if rejected else ""
    return f"{wanted} from {len(outcomes):,} systems of equations, each read back and proved{told}"


def add(app: typer.Typer) -> None:
    """Add `stories` to the program."""
    app_command(
        app,
        Stories,
        stories,
        name="stories",
        examples=[
            "datagen stories --engine llama:model.gguf --keep 20 --out stories.jsonl",
            "datagen stories --kind ages,mixture --keep 20 --engine llama:a.gguf --reader llama:b.gguf"
            " --out stories.jsonl",
        ],
    )
