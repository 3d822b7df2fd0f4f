"""`datagen wording`: the prompts of a recipe, to be read and changed. They lie in `recipes/wording/`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import typer

from schemas.command import app_command
from schemas.settings import checked, setting


@dataclass(frozen=True)
class WordingSettings:
    """Settings of `datagen wording`."""

    recipe: str | None = setting(
        None, help="whose prompts to print; without one, the recipes that have some", positional=True
    )


def print_wording(settings: WordingSettings) -> None:
    """Print the prompts of a recipe: change them, and give the file to the recipe with --wording.

    A prompt that is left out of your file stays as it is.
    """
    from datagen.recipes.wording import path_of, recipes

    settings = checked(settings)
    if settings.recipe is None:
        sys.stdout.write("".join(f"{name}\n" for name in recipes()))
    else:
        sys.stdout.write(path_of(settings.recipe).read_text("utf-8"))


def add(app: typer.Typer) -> None:
    """Add `wording` to the program."""
    app_command(
        app,
        WordingSettings,
        print_wording,
        name="wording",
        examples=["datagen wording", "datagen wording pairs > mine.md"],
    )
