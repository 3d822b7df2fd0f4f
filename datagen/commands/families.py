"""`datagen families`: which families of problems there are. They are made in `datagen/problems/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import setting


@dataclass(frozen=True)
class Families:
    """Settings of `datagen families`."""

    names: tuple[str, ...] = setting(
        (), help="families or fields to list; without any, all", positional=True, metavar="[NAME...]"
    )
    json: bool = setting(
        False, help="a JSON list with levels, an example, sizes, rates and measures, instead of a table"
    )
    levels: bool = setting(False, help="a table of how the levels differ")
    attempts: Path | None = setting(
        None, help="attempt rows: with --levels or --gallery, how often they were right", metavar="FILE"
    )
    gallery: Path | None = setting(
        None, help="a folder: write a page a field with worked examples", metavar="FOLDER"
    )


def families(settings: Families) -> None:
    """List the families of problems: fields, levels, examples, how many problems and how fast.

    Without names, one line a family; with names, what each is like, measured by drawing from it. `--levels`
    shows what grows from level to level, and with `--attempts` how often a model was right at each.
    """
    import orjson

    from datagen.problems.gallery import write_gallery
    from datagen.problems.measures import describe

    attempts = list(_attempts(settings.attempts))
    if settings.gallery is not None:
        pages = write_gallery(settings.gallery, attempts)
        typer.echo(f"{settings.gallery}: {len(pages)} pages", err=True)
        return
    chosen = _chosen(settings.names)
    if settings.json:
        option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        typer.echo(orjson.dumps(describe(chosen), option=option).decode())
    elif settings.levels:
        _echo_levels(chosen, attempts)
    elif settings.names:
        for entry in describe(chosen):
            _echo_entry(entry)
    else:
        _echo_list(chosen)


def _attempts(path: Path | None) -> list[dict[str, Any]]:
    from datagen.sources import checked_rows

    return [] if path is None else list(checked_rows(path, ["attempt"]))


def _chosen(names: tuple[str, ...]) -> list[str]:
    """The families named, and those of the fields named; borrowed ones come only by name."""
    from datagen.problems import families as registered
    from datagen.problems import find
    from datagen.problems.reasoning_gym import PREFIX, task_names

    known = registered().values()
    chosen: list[str] = []
    for name in names:
        members = [family.name for family in known if family.field == name]
        if name == PREFIX.rstrip(":"):
            members = task_names()
        chosen += members or [find(name).name]
    return chosen or [family.name for family in known]


def _echo_entry(entry: dict[str, Any]) -> None:
    """What one family is like, in a few lines."""
    sizes = [
        f"{level}: {'many' if size is None else f'{size:,}'}"
        for level, size in entry["distinct_items"].items()
    ]
    typer.echo(f"{entry['name']} ({entry['field']}, version {entry['version']})")
    typer.echo(f"  {entry['summary']}")
    typer.echo(
        f"  levels {entry['levels'][0]} to {entry['levels'][-1]}, {entry['wordings']} wordings, ", nl=False
    )
    typer.echo(f"{entry['items_per_s']:,} rows a second")
    typer.echo(f"  distinct problems by level: {', '.join(sizes)}")
    typer.echo("  " + entry["example"]["question"].replace("\n", "\n  "))
    typer.echo(f"  -> {entry['example']['answer']}")


def _echo_list(chosen: list[str]) -> None:
    from datagen.problems import find

    members = [find(name) for name in chosen]
    if not members:
        raise UserError("no family is chosen", mend="name a family or a field")
    name_width, field_width = (
        max(len(getattr(family, column)) for family in members) for column in ("name", "field")
    )
    for family in members:
        typer.echo(f"{family.name:{name_width}}  {family.field:{field_width}}  {family.summary}")


def _echo_levels(chosen: list[str], attempts: list[dict[str, Any]]) -> None:
    from datagen.problems import find
    from datagen.problems.measures import accuracies, level_measures

    right = accuracies(attempts)
    width = max(map(len, chosen))
    typer.echo(f"{'family':{width}}  level  solution characters  lines  largest number  right")
    for name in chosen:
        for each in level_measures(find(name)):
            share = right.get(name, {}).get(each.level)
            told = f"{share[0] / share[1]:6.1%} of {share[1]:,}" if share else ""
            figures = f"{each.solution_characters:19,}  {each.solution_lines:5.1f}  {each.largest_number:14,}"
            typer.echo(f"{name:{width}}  {each.level:5}  {figures}  {told}".rstrip())


def add(app: typer.Typer) -> None:
    """Add `families` to the program."""
    app_command(
        app,
        Families,
        families,
        name="families",
        examples=[
            "datagen families",
            "datagen families greatest_common_divisor",
            "datagen families geometry --levels",
            "datagen families --gallery docs/families",
        ],
    )
