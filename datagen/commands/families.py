"""`datagen families`: which families of problems there are. They are made in `datagen/problems/`."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from schemas.command import app_command
from schemas.settings import setting


@dataclass(frozen=True)
class Families:
    """Settings of `datagen families`."""

    json: bool = setting(False, help="one JSON object a line instead of a table")


def families(settings: Families) -> None:
    """List the families of problems, each with its field and what it asks."""
    import orjson

    from datagen.problems.generate import describe

    described = list(describe())
    if settings.json:
        for family in described:
            typer.echo(orjson.dumps(family).decode())
        return
    widths = [max(len(str(family[column])) for family in described) for column in ("name", "field")]
    for family in described:
        typer.echo(f"{family['name']:{widths[0]}}  {family['field']:{widths[1]}}  {family['summary']}")


def add(app: typer.Typer) -> None:
    """Add `families` to the program."""
    app_command(app, Families, families, name="families", examples=["datagen families"])
