"""`datagen wording`: the prompts of a recipe, to be read and changed. They lie in `recipes/wording/`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from schemas import UserError
from schemas.command import app_command
from schemas.settings import checked, setting


@dataclass(frozen=True)
class WordingSettings:
    """Settings of `datagen wording`."""

    recipe: str | None = setting(
        None, help="whose prompts to print; without one, the recipes that have some", positional=True
    )
    out: Path | None = setting(None, help="file to write them to, instead of the screen")


def print_wording(settings: WordingSettings) -> None:
    """Print the prompts of a recipe: change them, and give the file to the recipe with --wording.

    A prompt that is left out of your file stays as it is.
    """
    from datagen.recipes.wording import path_of, recipes
    from schemas.rows import atomic_writer

    settings = checked(settings)
    if settings.recipe is None:
        text = "".join(f"{name}\n" for name in recipes())
    else:
        text = path_of(settings.recipe).read_text("utf-8")
    if settings.out is None:
        sys.stdout.write(text)
    elif settings.out.exists():
        raise UserError("is there already", where=settings.out, mend="give another --out, or remove it")
    else:
        with atomic_writer(settings.out) as file:
            file.write(text.encode())


def add(app: typer.Typer) -> None:
    """Add `wording` to the program."""
    app_command(
        app,
        WordingSettings,
        print_wording,
        name="wording",
        examples=["datagen wording", "datagen wording pairs --out mine.md"],
    )
