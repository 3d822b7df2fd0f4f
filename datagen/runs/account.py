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
from schemas import UserError
from schemas.rows import atomic_writer
from schemas.run import content_hash

ACCOUNT = "account"
PASSED_ON = ".account.json"
"""The ending of an account beside rows that have no journal: those that were filtered."""


@dataclass(frozen=True)
class Stage:
    """What one recipe made of its items: `rejected` counts the items by reason.

    `dropped_rows` counts the rows that went while others of their item were kept.
    """

    recipe: str
    items: int
    accepted: int
    rows: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    dropped_rows: Mapping[str, int] = field(default_factory=dict)


def stage(recipe: str, outcomes: Sequence[Outcome]) -> Stage:
    """The figures of the outcomes of a recipe."""
    rejected = Counter(outcome.reason for outcome in outcomes if outcome.reason is not None)
    rows = sum(len(outcome.rows) for outcome in outcomes)
    accepted = sum(outcome.accepted for outcome in outcomes)
    dropped = dropped_rows(outcomes)
    return Stage(
        recipe, len(outcomes), accepted, rows, dict(rejected.most_common()), dict(dropped.most_common())
    )


def dropped_rows(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How many rows went for each reason while others of their item were kept."""
    return Counter(reason for outcome in outcomes if outcome.accepted for reason in outcome.dropped)


def merged(stages: Iterable[Stage]) -> list[Stage]:
    """The stages with those of one recipe (rounds) as one, in their first order."""
    found: dict[str, Stage] = {}
    for one in stages:
        if (before := found.get(one.recipe)) is not None:
            rejected = Counter(before.rejected) + Counter(one.rejected)
            dropped = Counter(before.dropped_rows) + Counter(one.dropped_rows)
            one = replace(
                one,
                items=before.items + one.items,
                accepted=before.accepted + one.accepted,
                rows=before.rows + one.rows,
                rejected=dict(rejected.most_common()),
                dropped_rows=dict(dropped.most_common()),
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
    # Filtered rows that lay at `out` are gone, and so their account would speak of none.
    if out.is_file() and (_passed_on(out) or {}).get("out") == out.name:
        out.with_suffix(PASSED_ON).unlink()


def account_of(path: Path) -> dict[str, Any] | None:
    """The account of a run, by its journal or by its rows, beside which the journal lies; None without one.

    Of rows that were filtered it is what `pass_on` wrote, also where a journal of the same stem lies beside.
    Raises `UserError` for a journal that is damaged or a newer version's. Never writes and never locks.
    """
    from datagen.runs.lineage import Lineages, is_journal

    own = is_journal(path)
    passed_on = None if own else _passed_on(path)
    if passed_on is not None and passed_on.get("out") == path.name:
        return passed_on
    journal = path if own else path.with_suffix(".journal")
    if not journal.is_file():
        return passed_on
    with Lineages(journal) as lineages:
        found: dict[str, Any] | None = lineages.meta(ACCOUNT)
    return found


def pass_on(
    sources: Sequence[Path], out: Path, done: Stage, filters: Sequence[Mapping[str, str]] = ()
) -> None:
    """Write beside `out` the account of the rows it was made from, with one stage more.

    Of several sources no account can speak: what is left then is the stage, and the files that were read.
    """
    known = account_of(sources[0]) if len(sources) == 1 and sources[0].is_file() else None
    account = known or {
        "command": done.recipe,
        "settings": {},
        # A pipe has been read, and cannot be read again.
        "inputs": [{"path": str(path), "hash": content_hash(path)} for path in sources if path.is_file()],
        "filters": [],
        "engines": {},
        "stages": [],
        "answers": 0,
        "tokens": 0,
    }
    account["filters"] = [*account.get("filters", ()), *filters]
    account["stages"] = [*account["stages"], asdict(done)]
    account |= {"rows": done.rows, "out": out.name}
    with atomic_writer(out.with_suffix(PASSED_ON)) as file:
        file.write(orjson.dumps(account, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _passed_on(path: Path) -> dict[str, Any] | None:
    place = path.with_suffix(PASSED_ON)
    if not place.is_file():
        return None
    try:
        found = orjson.loads(place.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise UserError(f"no account ({error})", where=place, mend="filter the rows again") from None
    return found if isinstance(found, dict) else None
