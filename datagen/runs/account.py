"""The account of a run, kept in its journal: which models, what settings, what became of how many items.

Written once, when the rows are. An export and an audit read it; nothing of a run depends on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from datagen.engines import Engine
from datagen.runs.journal import Journal, Outcome

ACCOUNT = "account"


@dataclass(frozen=True)
class Stage:
    """What one recipe made of its items: `rejected` counts the items by reason."""

    recipe: str
    items: int
    accepted: int
    rows: int
    rejected: Mapping[str, int] = field(default_factory=dict)


def stage(recipe: str, outcomes: Sequence[Outcome]) -> Stage:
    """The figures of the outcomes of a recipe."""
    rejected = Counter(outcome.reason for outcome in outcomes if outcome.reason is not None)
    rows = sum(len(outcome.rows) for outcome in outcomes)
    accepted = sum(outcome.accepted for outcome in outcomes)
    return Stage(recipe, len(outcomes), accepted, rows, dict(rejected.most_common()))


def merged(stages: Iterable[Stage]) -> list[Stage]:
    """The stages with those of one recipe (rounds) as one, in their first order."""
    found: dict[str, Stage] = {}
    for one in stages:
        if (before := found.get(one.recipe)) is not None:
            rejected = Counter(before.rejected) + Counter(one.rejected)
            one = replace(
                one,
                items=before.items + one.items,
                accepted=before.accepted + one.accepted,
                rows=before.rows + one.rows,
                rejected=dict(rejected.most_common()),
            )
        found[one.recipe] = one
    return list(found.values())


def keep_account(
    journal: Journal,
    *,
    command: str,
    settings: Mapping[str, Any],
    inputs: Sequence[Mapping[str, str]],
    filters: Sequence[Mapping[str, str]],
    engines: Mapping[str, Engine],
    stages: Sequence[Stage],
    rows: int,
    tokens: int,
    out: Path,
) -> None:
    """Keep the account in the journal, in place of an older one. `tokens` are those of this call alone."""
    described = {
        role: {"name": engine.name, "model_hash": engine.model_hash, **engine.identity()}
        for role, engine in engines.items()
    }
    account = {
        "command": command,
        "settings": settings,
        "inputs": list(inputs),
        "filters": list(filters),
        "engines": described,
        "stages": [asdict(one) for one in merged(stages)],
        "rows": rows,
        "answers": journal.count("samples"),
        "tokens": tokens,
        "out": out.name,
    }
    journal.set_meta(ACCOUNT, orjson.loads(orjson.dumps(account)))


def account_of(path: Path) -> dict[str, Any] | None:
    """The account of a run, by its journal or by its rows, beside which the journal lies; None without one.

    Raises `UserError` for a journal that is damaged or a newer version's. Never writes and never locks.
    """
    from datagen.runs.lineage import Lineages, is_journal

    journal = path if is_journal(path) else path.with_suffix(".journal")
    if not journal.is_file():
        return None
    with Lineages(journal) as lineages:
        found: dict[str, Any] | None = lineages.meta(ACCOUNT)
    return found
