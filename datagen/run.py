"""Runs a recipe over items: so many at a time, nothing twice, outcomes in the order of the items.

A recipe is an async function `(item, team) -> Row | list[Row] | Rejected`. Kill a run anywhere and run it
again: finished items are not run, and the others are replayed from the journal up to where they were. Leaves
the recording to `journal.py`, the asking to `team.py`.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datagen.engines.engine import Engine, PromptTooLongError, run_coroutine
from datagen.journal import Journal, Outcome, digest
from datagen.team import GENERATOR, Team
from schemas import Row, UserError, write_rows

DEFAULT_CONCURRENCY = 64
TOO_LONG = "prompt too long"


@dataclass(frozen=True)
class Rejected:
    """An item that becomes no row: `reason` is short and counted, `detail` is for a reader."""

    reason: str
    detail: str = ""


Recipe = Callable[[Any, Team], Awaitable["Row | list[Row] | Rejected"]]


@dataclass
class Tally:
    """How far a run is, counted in items (`rows` apart).

    Times in seconds since its start; tokens are those made now, not the replayed.
    """

    total: int | None
    done: int = 0
    accepted: int = 0
    rows: int = 0
    replayed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    def add(self, outcome: Outcome, *, tokens: int, replayed: bool) -> None:
        """Count one finished item."""
        self.done += 1
        self.replayed += replayed
        self.tokens += tokens
        self.rows += len(outcome.rows)
        if outcome.reason is None:
            self.accepted += 1
        else:
            self.rejected[outcome.reason] += 1


Report = Callable[[Tally], None]


def silent(_tally: Tally) -> None:
    """A report nobody reads."""


def run(
    recipe: Recipe,
    items: Iterable[Any],
    engines: Engine | Mapping[str, Engine],
    journal: Journal,
    *,
    seed: int = 0,
    options: Any = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    keep: int | None = None,
    version: str | None = None,
    report: Report = silent,
) -> list[Outcome]:
    """What becomes of every item, in their order.

    `items`: frozen dataclasses or rows, with an `id` unique in the run, and JSON-ready. `engines`: by role; a
    single one plays "generator". `options`: the recipe's own settings, JSON-ready. `keep`: stop at that many
    accepted items; the items may then be endless. `version` names the state of the recipe (default: its
    source code); another version runs again, and pays only for completions it never asked for. Raises
    `UserError` for two items of one id, and passes on what engines and recipes raise; what is recorded stays.
    """
    roles = engines if isinstance(engines, Mapping) else {GENERATOR: engines}
    runner = _Runner(recipe, roles, journal, seed, options, version or source_version(recipe))
    total = len(items) if isinstance(items, Sequence) else keep
    return run_coroutine(runner.run(items, Tally(total), concurrency, keep, report))


def write_outcomes(path: str | Path, outcomes: Iterable[Outcome]) -> int:
    """Write the rows of the accepted outcomes to `path`, atomically and in order; how many they are."""
    return write_rows(path, (row for outcome in outcomes for row in outcome.rows))


def source_version(recipe: Recipe) -> str:
    """Hash of the recipe's source code; "unknown" where there is none to read."""
    try:
        return digest(inspect.getsource(recipe)).hex()
    except (OSError, TypeError):
        return "unknown"


def item_id(item: Any) -> str:
    """The `id` of a dataclass or a row; `UserError` when it has none."""
    found = item.get("id") if isinstance(item, Mapping) else getattr(item, "id", None)
    if not isinstance(found, str) or not found:
        raise UserError(f"an item without an id ({str(item)[:60]})", mend="give every item a text 'id'")
    return found


class _Runner:
    """One recipe with its engines and settings."""

    def __init__(
        self,
        recipe: Recipe,
        engines: Mapping[str, Engine],
        journal: Journal,
        seed: int,
        options: Any,
        version: str,
    ) -> None:
        self.recipe, self.engines, self.journal = recipe, engines, journal
        self.seed, self.options = seed, options
        self.name = getattr(recipe, "__name__", type(recipe).__name__)
        described = {role: engine.identity() for role, engine in engines.items()}
        names = {"recipe": self.name, "version": version, "seed": seed, "options": options}
        self.situation = {**names, "engines": described}
        journal.set_meta("run", self.situation)

    async def run(
        self, items: Iterable[Any], tally: Tally, concurrency: int, keep: int | None, report: Report
    ) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        waiting = _distinct(items)

        async def work() -> None:
            # All workers draw from one iterator, so what has been begun is always a prefix of the items.
            for position, item in waiting:
                outcomes[position] = await self.one(item, tally)
                report(tally)
                if keep is not None and tally.accepted >= keep:
                    return

        tasks = [asyncio.create_task(work()) for _ in range(max(1, concurrency))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return first_accepted([outcomes[position] for position in sorted(outcomes)], keep)

    async def one(self, item: Any, tally: Tally) -> Outcome:
        """The outcome of one item: recorded earlier, or found now and recorded."""
        name = item_id(item)
        key = digest({"situation": self.situation, "item": item})
        recorded = self.journal.outcome(key)
        if recorded is not None:
            tally.add(recorded, tokens=0, replayed=True)
            return recorded
        team = Team(self.name, name, self.seed, self.engines, self.journal, self.options)
        try:
            found = await self.recipe(item, team)
        except PromptTooLongError as error:
            found = Rejected(TOO_LONG, str(error))
        if isinstance(found, Rejected):
            outcome = Outcome(name, None, found.reason, found.detail)
        elif isinstance(found, dict) or (isinstance(found, list) and found):
            outcome = Outcome(name, found)
        else:
            what = "no rows" if found == [] else type(found).__name__
            raise TypeError(f"recipe '{self.name}' returned {what}, not a row, rows or Rejected")
        # What comes back went through JSON: the same row now as after a resume.
        outcome = self.journal.record_outcome(key, outcome, team.usage.keys)
        tally.add(outcome, tokens=team.usage.made_tokens, replayed=False)
        return outcome


def _distinct(items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """(position, item); `UserError` when an id comes a second time."""
    seen: set[str] = set()
    for position, item in enumerate(items):
        name = item_id(item)
        if name in seen:
            raise UserError(f"two items have the id '{name}'", mend="give every item an id of its own")
        seen.add(name)
        yield position, item


def first_accepted(outcomes: Sequence[Outcome], keep: int | None) -> list[Outcome]:
    """The outcomes up to the `keep`-th accepted one; all of them for None or when there are fewer."""
    accepted = 0
    for index, outcome in enumerate(outcomes):
        accepted += outcome.accepted
        if keep is not None and accepted >= keep:
            return list(outcomes[: index + 1])
    return list(outcomes)
