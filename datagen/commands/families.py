"""`datagen families`: which families of problems there are. They are made in `datagen/problems/`."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from schemas.command import app_command
from schemas.settings import setting


@dataclass(frozen=True)
class Families:
    """Settings of `datagen families`."""

    json: bool = setting(
        False, help="a JSON list with levels, an example, sizes and rates, instead of a table"
    )


def families(settings: Families) -> None:
    """List the families of problems, each with its field and what it asks."""
    import orjson

    from datagen.problems import describe
    from datagen.problems import families as registered

    if settings.json:
        option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        typer.echo(orjson.dumps(describe(), option=option).decode())
        return
    known = registered().values()
    name_width, field_width = (
        max(len(getattr(family, column)) for family in known) for column in ("name", "field")
    )
    for family in known:
        typer.echo(f"{family.name:{name_width}}  {family.field:{field_width}}  {family.summary}")


def add(app: typer.Typer) -> None:
    """Add `families` to the program."""
    app_command(app, Families, families, name="families", examples=["datagen families"])
