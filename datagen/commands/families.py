"""`datagen families`: which families of problems there are. They are made in `datagen/problems/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from schemas.command import app_command
from schemas.settings import setting

if TYPE_CHECKING:
    from datagen.problems import Family

EXAMPLE_LEVEL = 3


@dataclass(frozen=True)
class Families:
    """Settings of `datagen families`."""

    json: bool = setting(False, help="one JSON object a line, with an example, instead of a table")


def families(settings: Families) -> None:
    """List the families of problems, each with its field and what it asks."""
    import orjson

    from datagen.problems import families as registered

    known = registered().values()
    if settings.json:
        for family in known:
            typer.echo(orjson.dumps(described(family)).decode())
        return
    name_width, field_width = (
        max(len(getattr(family, column)) for family in known) for column in ("name", "field")
    )
    for family in known:
        typer.echo(f"{family.name:{name_width}}  {family.field:{field_width}}  {family.summary}")


def described(family: Family) -> dict[str, Any]:
    """A family as plain data, with one example of level 3."""
    from datagen.problems import draw

    row = draw(family, EXAMPLE_LEVEL, "train", seed=0, index=0)
    example = {key: row[key] for key in ("level", "question", "answer", "solution")}
    about = {key: getattr(family, key) for key in ("name", "field", "version", "levels", "summary")}
    return {**about, "example": example}


def add(app: typer.Typer) -> None:
    """Add `families` to the program."""
    app_command(app, Families, families, name="families", examples=["datagen families"])
