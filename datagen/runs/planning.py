"""What a run would ask and take, told before it begins: the prompts filled in, tokens, fit, and time.

A few items are really done, in a journal that is thrown away, and measured; of all items the first prompt is
counted. Deciding what to ask is the recipes' affair.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from datagen.engines import Completion, Engine, Request, run_coroutine
from datagen.runs.account import dropped_rows
from datagen.runs.journal import Journal
from datagen.runs.keeping import Outcomes, Settle
from datagen.runs.progress import by_reason, duration
from datagen.runs.run import Recipe, item_id, name_of, run
from datagen.runs.team import Team

if TYPE_CHECKING:
    from datagen.runs.generation import Generating

CALIBRATION = 5
"""Items done to measure what one takes."""
MOST_COUNTED = 2_000
"""Items whose first prompt is counted."""


@dataclass(frozen=True)
class Heard:
    """One request of the calibration and its answer."""

    item: str
    role: str
    request: Request
    completion: Completion


class _AskedError(Exception):
    """What a recipe asks first, thrown so that nothing is answered."""

    def __init__(self, role: str, request: Request) -> None:
        self.role, self.request = role, request


@dataclass(frozen=True)
class _Asking(Team):
    """A team whose first request ends the recipe."""

    async def generate(self, request: Request, *, role: str = "generator", attempt: int = 0) -> Completion:
        raise _AskedError(role, request)


def planned(
    work: Generating,
    recipe: Recipe,
    items: Iterable[Any],
    options: Any,
    settle: Settle | None = None,
    keep: int | None = None,
) -> Outcomes:
    """Do the first few items for real, print what was asked and what all items would take; their outcomes.

    They are settled as in a run. Where `keep` rows are wanted, all items are those that so many rows take.
    """
    whole = isinstance(items, Sequence)
    waiting = iter(items)
    first = list(itertools.islice(waiting, CALIBRATION))
    heard: list[Heard] = []
    began = time.monotonic()
    outcomes = run(
        recipe,
        first,
        work.engines,
        work.journal,
        seed=work.settings.seed,
        options=options,
        settle=settle,
        heard=lambda *told: heard.append(Heard(*told)),
    )
    seconds = time.monotonic() - began
    others = itertools.islice(waiting, MOST_COUNTED - len(first)) if whole else ()
    seed, journal = work.settings.seed, work.journal
    asked = run_coroutine(_first_requests(recipe, [*first, *others], work.engines, journal, seed, options))
    known = len(items) if isinstance(items, Sequence) else None
    for line in told(name_of(recipe), known, heard, outcomes, seconds, asked, keep):
        sys.stdout.write(f"{line}\n")
    return outcomes


def told(
    recipe: str,
    items: int | None,
    heard: Sequence[Heard],
    outcomes: Outcomes,
    seconds: float,
    counted: Sequence[tuple[str, int | None, bool]],
    keep: int | None = None,
) -> Iterator[str]:
    """The plan in lines. `counted`: of each item the role first asked, tokens of that prompt, if it fits.

    `items` is how many there are, None for no end; `keep` how many rows are wanted of them.
    """
    yield f"== {recipe}: what the first item asks"
    first = outcomes[0].item if outcomes else None
    for one in (one for one in heard if one.item == first):
        yield from shown(one)
    rejected = Counter(outcome.reason for outcome in outcomes if outcome.reason is not None)
    became = f"{sum(outcome.accepted for outcome in outcomes)} of {len(outcomes)} became rows"
    yield f"== {recipe}: {became}{f' ({by_reason(rejected)})' if rejected else ''}, in {seconds:.1f} s"
    if dropped := dropped_rows(outcomes):
        yield f"rows dropped beside kept ones: {by_reason(dropped)}"
    if keep is not None and len(outcomes):
        items, line = _wanted(keep, outcomes, items)
        yield line
    count = max(1, len(outcomes))
    for role in dict.fromkeys(one.role for one in heard):
        asked = [one.completion for one in heard if one.role == role]
        read = sum(done.prompt_tokens for done in asked) / count
        written = sum(done.completion_tokens for done in asked) / count
        samples = sum(len(done.samples) for done in asked)
        cut = sum(s.finish_reason == "length" for done in asked for s in done.samples)
        total = "" if items is None else f"; {items:,} items: {read * items:,.0f} and {written * items:,.0f}"
        cut_off = f"; {cut} of {samples} answers were cut off" if cut else ""
        yield f"{role}: an item reads {read:,.0f} tokens and writes {written:,.0f}{total}{cut_off}"
    lengths = [tokens for _, tokens, _ in counted if tokens is not None]
    if lengths:
        over = sum(not fits for _, _, fits in counted)
        fit = f"{over:,} of {len(counted):,} do not fit the context" if over else "all fit the context"
        yield f"first prompts: {median(lengths):,.0f} tokens, at most {max(lengths):,}; {fit}"
    if items is not None and len(outcomes):
        expected = seconds / len(outcomes) * items
        yield f"about {duration(expected)} for {items:,} items at this pace; batched wider it may be faster"


def _wanted(keep: int, outcomes: Outcomes, items: int | None) -> tuple[int | None, str]:
    """How many of the items `keep` rows take at the yield of the first few, and that in words."""
    rows = sum(len(outcome.rows) for outcome in outcomes)
    if not rows:
        return items, f"{keep:,} rows are wanted; how many items they take cannot be told from no row"
    wanted = math.ceil(keep * len(outcomes) / rows)
    if items is not None and wanted > items:
        told = f"{keep:,} rows would take about {wanted:,} items, and there are {items:,}"
        return items, told
    return wanted, f"{keep:,} rows take about {wanted:,} items"


def shown(one: Heard) -> Iterator[str]:
    """A request and its first answer, for people to read."""
    request, answer = one.request, one.completion.samples[0]
    yield f"-- to the {one.role}, {one.completion.prompt_tokens:,} tokens"
    if request.messages is None:
        yield str(request.prompt)
    else:
        for message in request.messages:
            yield f"[{message['role']}] {message['content']}"
    if request.prefix:
        yield f"[the answer begins] {request.prefix}"
    if request.schema is not None:
        yield "[held to a schema]"
    more = f" (the first of {request.n})" if request.n > 1 else ""
    yield f"-- answer, {answer.token_count:,} tokens, {answer.finish_reason}{more}"
    yield answer.text


async def _first_requests(
    recipe: Recipe, items: Sequence[Any], engines: Any, journal: Journal, seed: int, options: Any
) -> list[tuple[str, int | None, bool]]:
    """Of each item: the role it asks first, the tokens of that prompt, and whether prompt and answer fit."""
    found = []
    for item in items:
        team = _Asking(name_of(recipe), item_id(item), seed, engines, journal, options)
        try:
            await recipe(item, team)
        except _AskedError as asked:
            found.append((asked.role, *await _fits(team.engine(asked.role), asked.request)))
        await asyncio.sleep(0)
    return found


async def _fits(engine: Engine, request: Request) -> tuple[int | None, bool]:
    tokens = await engine.count(replace(request, n=1, seeds=None))
    if tokens is None or engine.context is None:
        return tokens, True
    return tokens, tokens + (request.max_tokens or 1) <= engine.context
