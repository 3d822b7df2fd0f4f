"""Runs a recipe over items: so many at a time, nothing twice, outcomes in the order of the items.

A recipe is an async function `(item, team) -> Row | list[Row] | Rejected`. Kill a run anywhere and run it
again: finished items are not run, and the others are replayed from the journal up to where they were. Leaves
the recording to `journal.py`, the asking to `team.py`, what counts in the order of the items to `keeping.py`.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datagen.engines.engine import Engine, PromptTooLongError, run_coroutine
from datagen.engines.rotation import at_work
from datagen.runs.journal import Journal, Outcome, digest
from datagen.runs.keeping import Keeper, Novelty, Outcomes, Settle
from datagen.runs.tally import Tally
from datagen.runs.team import GENERATOR, Listener, Team
from schemas import Row, UserError, write_rows

DEFAULT_CONCURRENCY = 64
AHEAD = 8
"""Items begun before an earlier one is finished, as a multiple of the concurrency, where the end is open."""
REPLAYED_AT_ONCE = 256
"""Items taken from the journal before the others get their turn."""
SETTLED_AT_ONCE = 256
TOO_LONG = "prompt too long"


@dataclass(frozen=True)
class Rejected:
    """An item that becomes no row: `reason` is short and counted, `detail` is for a reader."""

    reason: str
    detail: str = ""


Recipe = Callable[[Any, Team], Awaitable["Row | list[Row] | Rejected"]]
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
    settle: Settle | None = None,
    novelty: Novelty | None = None,
    version: str | None = None,
    report: Report = silent,
    heard: Listener | None = None,
) -> Outcomes:
    """What becomes of every item, in their order: the same for any concurrency and after any kill.

    `items`: frozen dataclasses or rows, with an `id` unique in the run, and JSON-ready. `engines`: by role; a
    single one plays "generator". `options`: the recipe's own settings, JSON-ready. `version` names the state
    of the recipe (default: its source code); another version runs again, and pays only for completions it
    never asked for. `keep`: stop at that many rows; the items may then be endless. `settle` looks at accepted
    outcomes in the order of the items and may turn them down (`Distinct`); `novelty` says when to give
    up. `heard` is told what is asked and answered. Raises `UserError` for two items of one id, and passes on
    what engines and recipes raise; what is recorded stays.
    """
    roles = engines if isinstance(engines, Mapping) else {GENERATOR: engines}
    situation = _situation(recipe, version or source_version(recipe), seed, options, roles)
    tally = Tally(len(items) if isinstance(items, Sequence) else None, keep)
    runner = _Runner(recipe, roles, journal, situation, tally, report, heard)
    keeper = Keeper(keep, settle, novelty)
    return run_coroutine(runner.run(items, keeper, max(1, concurrency)))


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


def name_of(recipe: Recipe) -> str:
    """What a recipe is called in seeds and records."""
    return getattr(recipe, "__name__", type(recipe).__name__)


def _situation(
    recipe: Recipe, version: str, seed: int, options: Any, engines: Mapping[str, Engine]
) -> dict[str, Any]:
    """Everything but the item that an outcome depends on."""
    described = {role: engine.identity() for role, engine in engines.items()}
    names = {"recipe": name_of(recipe), "version": version, "seed": seed, "options": options}
    return {**names, "engines": described}


class _Runner:
    """One recipe with its engines and settings, on its way through the items."""

    def __init__(
        self,
        recipe: Recipe,
        engines: Mapping[str, Engine],
        journal: Journal,
        situation: Mapping[str, Any],
        tally: Tally,
        report: Report,
        heard: Listener | None,
    ) -> None:
        self.heard = heard
        self.recipe, self.engines, self.journal = recipe, engines, journal
        self.name, self.seed, self.options = name_of(recipe), situation["seed"], situation["options"]
        self.situation = journal.record_situation(situation)
        self.tally, self.report = tally, report
        self.tasks: set[asyncio.Task[None]] = set()
        self.arrived: asyncio.Queue[tuple[int, Outcome] | BaseException] = asyncio.Queue()
        self.early: dict[int, Outcome] = {}
        self.early_rows = 0
        self.turned_down: list[Outcome] = []
        self.begun = self.under_way = 0

    async def run(self, items: Iterable[Any], keeper: Keeper, concurrency: int) -> Outcomes:
        waiting = _distinct(items)
        try:
            while await self._begin(waiting, keeper, concurrency):
                arrived = await self.arrived.get()
                self.under_way -= 1
                if isinstance(arrived, BaseException):
                    raise arrived
                self._take(*arrived, keeper)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
        self.journal.record_settled(self.situation, self.turned_down)
        found = Outcomes(keeper.outcomes)
        found.stopped = keeper.stopped
        found.answers, found.recalled = self.tally.answers, self.tally.recalled
        if keeper.keep is not None and not keeper.done:
            found.stopped = f"all {len(found):,} items are used"
        return found

    async def _begin(self, waiting: Iterator[Any], keeper: Keeper, concurrency: int) -> bool:
        """Begin as many items as there is room for; False when nothing is under way any more."""
        replayed = 0
        while self.under_way < concurrency and self._wanted(keeper, concurrency):
            item = next(waiting, None)
            if item is None:
                break
            position, self.begun = self.begun, self.begun + 1
            key = digest({"situation": self.situation.hex(), "item": item})
            recorded = self.journal.outcome(key)
            if recorded is None:
                self.tally.begin()
                self.under_way += 1
                task = asyncio.create_task(self._work(position, key, item))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
                continue
            self.tally.add(recorded, replayed=True)
            self._take(position, recorded, keeper)
            replayed += 1
            if replayed % REPLAYED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return self.under_way > 0 and not keeper.done

    def _wanted(self, keeper: Keeper, concurrency: int) -> bool:
        """Whether another item may be needed: what is begun in vain is paid for in vain."""
        if keeper.done:
            return False
        open_end = keeper.keep is not None or keeper.novelty is not None
        if open_end and self.begun - len(keeper.outcomes) >= AHEAD * concurrency:
            return False
        if keeper.keep is None:
            return True
        missing = keeper.keep - keeper.rows - self.early_rows
        rows_an_item = (self.tally.rows + 1) / (self.tally.done + 1)
        return self.under_way < math.ceil(missing / rows_an_item)

    def _take(self, position: int, outcome: Outcome, keeper: Keeper) -> None:
        """Hand on what is next in the order of the items, and keep back what came early."""
        self.early[position] = outcome
        self.early_rows += len(outcome.rows)
        while not keeper.done and (following := self.early.pop(len(keeper.outcomes), None)) is not None:
            self.early_rows -= len(following.rows)
            settled = keeper.take(following)
            self.tally.settle(following, settled)
            if following.accepted and not settled.accepted:
                self.turned_down.append(settled)
        if len(self.turned_down) >= SETTLED_AT_ONCE:
            self.journal.record_settled(self.situation, self.turned_down)
            self.turned_down.clear()
        self.report(self.tally)

    async def _work(self, position: int, key: bytes, item: Any) -> None:
        try:
            self.arrived.put_nowait((position, await self._outcome(key, item)))
        except Exception as error:
            self.arrived.put_nowait(error)

    async def _outcome(self, key: bytes, item: Any) -> Outcome:
        """What becomes of one item, recorded."""
        name = item_id(item)
        team = Team(self.name, name, self.seed, self.engines, self.journal, self.options)
        team = replace(team, spent=self.tally.made_tokens.add, heard=self.heard)
        with at_work(self.engines.values()):
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
        outcome = self.journal.record_outcome(key, outcome, team.usage.keys, self.situation)
        self.tally.add(outcome, replayed=False)
        self.tally.answers += len(team.usage.keys)
        self.tally.recalled += len(team.usage.keys) - team.usage.made
        return outcome


def _distinct(items: Iterable[Any]) -> Iterator[Any]:
    """The items; `UserError` when an id comes a second time."""
    seen: set[str] = set()
    for item in items:
        name = item_id(item)
        if name in seen:
            raise UserError(f"two items have the id '{name}'", mend="give every item an id of its own")
        seen.add(name)
        yield item
