"""What a run is made of, so that the next one can say what has changed: settings, inputs, models, code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from datagen.engines import Engine
from datagen.runs.journal import Journal, digest
from datagen.runs.progress import Progress
from datagen.runs.run import Recipe
from datagen.runs.team import GENERATOR
from schemas.run import content_hash
from schemas.settings import to_mapping

MOST_NAMED, MOST_SHOWN = 3, 30
CODE = ("datagen/recipes", "verifiers", "schemas")
"""The folders whose code decides what becomes of an answer."""


def module_version(recipe: Recipe) -> str:
    """Hash of the code that decides what becomes of an answer: the recipe's module, all recipes, verifiers.

    A changed parser or verifier runs again over the answers of the journal, which costs no tokens.
    """
    root = Path(__file__).resolve().parents[2]
    module = sys.modules[recipe.__module__]
    files = {Path(module.__file__)} if module.__file__ else set()
    for folder in CODE:
        files |= {path for kind in ("*.py", "*.json") for path in (root / folder).rglob(kind)}
    # Two folders may hold files of one name; where the kit lies does not count.
    return digest(sorted((path.name, path.read_text("utf-8", errors="replace")) for path in files)).hex()


def note_changes(journal: Journal, here: Mapping[str, Any], report: Progress) -> None:
    """Say in one line how this run differs from the last one of the journal, if it does."""
    here = orjson.loads(orjson.dumps(here))
    there = journal.meta("settings") or {}
    answers = journal.count("samples")
    journal.set_meta("settings", here)
    changes = [_change(name, there.get(name), here.get(name)) for name in {**there, **here}]
    changes = [change for change in changes if change]
    if not answers or not there or not changes:
        return
    more = [f"and {len(changes) - MOST_NAMED} more"] if len(changes) > MOST_NAMED else []
    told = "; ".join([*changes[:MOST_NAMED], *more])
    report.note(f"{journal.path}: {told}; of its {answers:,} answers those that stay the same are used again")


def identity(settings: object, sources: Sequence[Path], engines: Mapping[str, Engine]) -> dict[str, Any]:
    """What decides the rows of a run: the content of the input counts, not its place."""
    plain = to_mapping(settings, identity=True)
    hashed = [content_hash(source) for source in sources]
    described = {role: engine.identity() for role, engine in engines.items()}
    # A single engine is told by its parts, so that a message names the one that differs.
    engine = described[GENERATOR] if described.keys() == {GENERATOR} else described
    return {**plain, "input": hashed[0] if len(hashed) == 1 else hashed, **engine}


def _change(name: str, there: Any, here: Any) -> str:
    """How a setting differs, for a one-line message; nothing when it does not."""
    if there == here:
        return ""
    shown = ["not set" if value is None else orjson.dumps(value).decode() for value in (there, here)]
    if max(map(len, shown)) > MOST_SHOWN:  # a hash, or settings of many parts
        return f"{name} is another"
    return f"{name} was {shown[0]} and is {shown[1]}"
