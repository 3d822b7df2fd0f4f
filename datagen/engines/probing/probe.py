"""Probe, do not trust: an engine is asked things whose answers show what it does, whatever it claims.

Knows nothing of any kind of engine, only of the protocol. The single facts are in `facts.py`; what
they mean for a run is in `card.py`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from datagen.engines.engine import Engine, PromptTooLongError
from datagen.engines.probing.asker import Asker, Finding, RefusedError, UnansweredError
from datagen.engines.probing.card import Card, Fact, Verdict, held_card, keep_card
from datagen.engines.probing.facts import FACTS
from schemas import unknown_name

if TYPE_CHECKING:
    from datagen.runs.journal import Journal

DEADLINE_S = 120.0
"""For one answer of a few tokens, after the model has answered once: an engine that hangs is found out."""

Report = Callable[[str, int, int], None]
"""Called with the name of the fact that is asked for, how many are done, and how many there are."""


def silent(_name: str, _done: int, _total: int) -> None:
    """A report nobody reads."""


async def probe(
    engine: Engine,
    names: Iterable[str] | None = None,
    *,
    rng: random.Random | None = None,
    deadline_s: float = DEADLINE_S,
    report: Report = silent,
) -> Card:
    """What `engine` really does: all facts, or those in `names`.

    Writes at most some 1,200 tokens, most answers under 30 each. What it refuses becomes a fact; an engine
    that does not answer the plainest request is no engine: its error is passed on. `rng` gives the words
    that no model can guess (default: other ones each time). Raises `UserError` for an unknown name.
    """
    chosen = tuple(FACTS if names is None else names)
    for name in chosen:
        if name not in FACTS:
            raise unknown_name("fact", name, FACTS)
    asker = Asker(engine, rng or random.Random(), deadline_s)
    report("thinks", 0, len(chosen))
    facts: list[Fact] = []
    started, before = time.perf_counter(), 0
    await asker.get_acquainted()
    for done, name in enumerate(chosen):
        report(name, done, len(chosen))
        try:
            found = await FACTS[name](asker)
        except RefusedError as refusal:
            too_long = isinstance(refusal.__cause__, PromptTooLongError)
            verdict: Verdict = "unknown" if too_long else "refused"
            found = Finding(verdict, refusal.asked, f"refused: {refusal}")
        except UnansweredError as error:
            found = Finding("unknown", error.asked, str(error))
        ended = time.perf_counter()
        cost = round(ended - started, 4), asker.tokens - before
        facts.append(Fact(name, found.verdict, found.asked, found.came, *cost, found.value))
        started, before = ended, asker.tokens
    report("", len(chosen), len(chosen))
    return Card(engine.name, engine.context, tuple(facts))


async def card_for(engine: Engine, journal: Journal, *, report: Report = silent) -> Card:
    """The card of an engine, from the journal if it was this engine's: asked for once a run.

    Whoever else wants it meanwhile waits for it.
    """
    card = held_card(engine, journal)
    if card is None:
        locks = _probing.setdefault(asyncio.get_running_loop(), {})
        async with locks.setdefault((id(journal), id(engine)), asyncio.Lock()):
            card = held_card(engine, journal)
            if card is None:
                card = await probe(engine, report=report)
                keep_card(card, engine, journal)
    return card


_probing: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[int, int], asyncio.Lock]]
_probing = WeakKeyDictionary()


@contextmanager
def shown() -> Iterator[Report]:
    """A report for whoever watches: one line on a terminal, nothing elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.status import Status

    with Status("probing the engine", console=Console(stderr=True)) as status:

        def report(name: str, done: int, total: int) -> None:
            status.update(f"probing the engine: {done} of {total}, {name.replace('_', ' ')}")

        yield report
