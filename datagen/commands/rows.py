"""`datagen rows`: rows to the user's own JSON Schema. The recipe: `datagen/recipes/rows.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import typer

from datagen.runs.generation import Worded, generate, reasons, tell
from datagen.runs.journal import Outcome
from datagen.runs.keeping import Novelty
from datagen.runs.progress import by_reason
from schemas import UserError
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting


@dataclass(frozen=True, kw_only=True)
class Rows(Worded):
    """Settings of `datagen rows`."""

    schema: Path = setting(help="the JSON Schema every row follows", metavar="FILE.json", identity=False)
    about: str = setting(help="what the rows are about, in a sentence for the model")
    keep: int = setting(100, help="rows wanted; stops before where nothing new comes", minimum=1)
    samples: int = setting(1, help="answers to each prompt", minimum=1)
    think: bool = setting(False, help="let the model reason before each row")
    think_tokens: int | None = setting(
        None, help="tokens it may reason; by default half of the answer's", minimum=1
    )
    novelty_window: int = setting(200, help="prompts after which too few new rows end the run", minimum=1)
    novelty: float = setting(
        0.05, help="share of the last prompts that must give a new row", minimum=0, maximum=1
    )


def rows(settings: Rows) -> None:
    """Let a model write rows that follow your own JSON Schema.

    Every row is valid. The `examples` of the schema are shown to the model; what of it cannot be enforced is
    refused by name before anything is asked. Rows that come again, exactly or but for case, spaces and
    punctuation, are dropped. Kill it anywhere and run it again: it goes on.
    """
    from datagen.engines.constrained.json_schema import narrowed
    from datagen.recipes.rows import NewRows, Wanted, refuse_other_than_objects, wishes
    from datagen.recipes.rows import rows as recipe
    from datagen.recipes.wording import wording

    settings = checked(settings)
    refuse_pipe(settings.schema)
    schema = read_schema(settings.schema)
    refuse_other_than_objects(schema, settings.schema)
    narrowed(schema)
    if settings.temperature == 0:
        what = "at temperature 0 rows hardly differ"
        raise UserError(what, where="--temperature", mend="give a higher temperature")
    if settings.think_tokens and not settings.think:
        raise UserError("counts for nothing without --think", where="--think-tokens", mend="give --think too")
    words = wording("rows", settings.wording)
    thinking = (settings.think, settings.think_tokens)
    wanted = Wanted(schema, settings.about, settings.sampling, *thinking, wording=words)
    outcomes = generate(
        "rows",
        settings,
        settings.schema,
        recipe,
        wishes(),
        wanted,
        settle=NewRows(),
        novelty=Novelty(settings.novelty_window, settings.novelty),
    )
    tell(settings, outcomes, summary(outcomes, settings.keep))


def read_schema(path: Path) -> dict[str, Any]:
    """The schema in a file; `UserError` when there is none."""
    from schemas.rows import open_rows

    with open_rows(path) as file:
        text = file.read()
    try:
        schema = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UserError(f"not JSON ({error})", where=path, mend="give a JSON Schema") from None
    if not isinstance(schema, dict):
        raise UserError("not a JSON Schema of an object", where=path, mend="give a JSON object")
    return schema


def summary(outcomes: Sequence[Outcome], keep: int) -> str:
    """How many rows of those wanted, from how many prompts, and what was dropped."""
    count = sum(len(outcome.rows) for outcome in outcomes)
    dropped = reasons(outcomes)
    wanted = f"{count:,} rows" if count >= keep else f"{count:,} of {keep:,} rows"
    told = f"; dropped: {by_reason(dropped)}" if dropped else ""
    return f"{wanted} from {len(outcomes):,} prompts, all valid{told}"


def add(app: typer.Typer) -> None:
    """Add `rows` to the program."""
    app_command(
        app,
        Rows,
        rows,
        name="rows",
        examples=[
            "datagen rows --schema samples/schemas/sums.json --about sums --keep 200 --out sums.jsonl",
            "datagen rows --schema samples/schemas/riddles.json --engine llama:model.gguf --keep 20"
            " --about 'riddles for children' --out riddles.jsonl",
        ],
    )
