"""`datagen explain`: the lineage of a row, to read or as JSON. `datagen/runs/lineage.py` looks it up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import setting

if TYPE_CHECKING:
    from rich.console import Console

    from datagen.runs.lineage import Lineage, Origin


@dataclass(frozen=True, kw_only=True)
class Explain:
    """Settings of `datagen explain`."""

    run: Path = setting(help="the output file of a run, or its journal", positional=True, metavar="RUN")
    row: str = setting(
        help="a line of the output file, the id of a row, or the id of an item (a rejected one too)",
        positional=True,
        metavar="ROW",
    )
    journal: Path | None = setting(None, help="the journal, where it is not beside the output file")
    all: bool = setting(False, help="also what the item became under other settings than the last run's")
    json: bool = setting(False, help="print it as one JSON object")


def explain(settings: Explain) -> None:
    """Show where a row comes from: its item, and every completion with prompt, sampling, seed and cost.

    A rejected item shows its reason. Reads only: a run that is under way is not disturbed.
    """
    import orjson

    everything = find(settings.run, settings.row, settings.journal)
    found = everything if settings.all else [one for one in everything if one.current] or everything[:1]
    if settings.json:
        text = orjson.dumps({"lineages": found}, option=orjson.OPT_INDENT_2).decode()
        typer.echo(text)
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for lineage in found:
        _show(lineage, console)
    if len(everything) > len(found):
        console.print(f"under other settings: {len(everything) - len(found)} more; --all shows them")


def find(run: Path, row: str, journal: Path | None = None) -> list[Lineage]:
    """The lineages of a row, those of the last run's settings first; `UserError` when there is none."""
    from datagen.runs.generation import beside
    from datagen.runs.lineage import Lineages, is_journal, row_of_line

    in_journal = is_journal(run)
    path = run if in_journal else journal or beside(run)
    if not in_journal and not run.exists() and not path.exists():
        raise UserError("no such file", where=run, mend="give the output file of a run, or its journal")
    with Lineages(path) as lineages:
        if row.isdigit() and not in_journal and run.exists():
            found = lineages.of_row(row_of_line(run, int(row)))
        else:
            found = lineages.of_item(row) or lineages.of_row_id(row)
        if found:
            return found
        guess = lineages.nearest(row)
    mend = f"the nearest is '{guess}'" if guess else "nothing is finished yet"
    raise UserError(f"nothing is known of row '{row}'", where=path, mend=mend)


def _show(lineage: Lineage, console: Console) -> None:
    """One outcome for a reader."""
    import orjson

    settings = lineage.settings or {}
    when = "" if lineage.current else " (under other settings than the last run's)"
    console.rule(f"{lineage.item}{when}", align="left")
    if lineage.settings:
        options = orjson.dumps(settings["options"]).decode()
        console.print(f"recipe    {settings['recipe']}, run seed {settings['seed']}, options {options}")
    if lineage.reason is not None:
        how = " in the order of the items" if lineage.settled else ""
        console.print(
            f"rejected  {lineage.reason}{how}{': ' if lineage.detail else ''}{lineage.detail}", style="bold"
        )
    for number, row in enumerate(lineage.rows, 1):
        name = "row" if len(lineage.rows) == 1 else f"row {number} of {len(lineage.rows)}"
        console.print(name, style="bold")
        console.print(_indented(orjson.dumps(row, option=orjson.OPT_INDENT_2).decode()))
    prompt = None
    for number, origin in enumerate(lineage.completions, 1):
        console.print(f"completion {number} of {len(lineage.completions)}", style="bold")
        console.print(_completion(origin, same_prompt=origin.prompt == prompt))
        prompt = origin.prompt


def _completion(origin: Origin, *, same_prompt: bool) -> str:
    """One completion as lines of a label and a value."""
    speed = origin.token_count / origin.seconds if origin.seconds else 0.0
    cost = f"{origin.prompt_tokens:,} of prompt, {origin.token_count:,} written"
    lines = {
        "engine": ", ".join([origin.name, *_pairs(origin.engine)]),
        "model": origin.model or "(not told)",
        "sampling": ", ".join(_pairs(origin.sampling)),
        "seed": str(origin.seed),
        "prompt": "as above" if same_prompt else _text(origin.prompt),
        "thought": _text(origin.reasoning) if origin.reasoning else "",
        "answer": _text(origin.text),
        "ended": origin.finish_reason + (" (cut off)" if origin.finish_reason == "length" else ""),
        "tokens": f"{cost}; {origin.seconds:.2f} s ({speed:,.0f} tokens/s with those beside it)",
        "ids": " ".join(map(str, origin.tokens)),
        "damaged": "the record is not what was written" if origin.damaged else "",
    }
    return "\n".join(f"  {label:<9} {value}" for label, value in lines.items() if value)


def _pairs(values: dict[str, Any]) -> list[str]:
    """`name value` of every setting that is set."""
    import orjson

    shown = {name: orjson.dumps(value).decode() for name, value in values.items() if value is not None}
    return [f"{name} {value}" for name, value in shown.items()]


def _text(value: Any) -> str:
    """A prompt or an answer: text, or the JSON of messages, its further lines indented under the first."""
    import orjson

    text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return text.replace("\n", "\n" + " " * 12) if text else "(empty)"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def add(app: typer.Typer) -> None:
    """Add `explain` to the program."""
    app_command(
        app,
        Explain,
        explain,
        name="explain",
        examples=[
            "datagen explain attempts.jsonl 17",
            "datagen explain attempts.jsonl 3 --json",
        ],
    )
