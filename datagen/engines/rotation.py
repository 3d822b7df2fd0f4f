"""Several models where there is room for one: model after model, each loaded once for all who want it.

Each role has an engine that can say at any time what a request to it is, and answers when its turn comes: the
loaded model changes when nobody is served and every item at work waits for another one. What is asked, and by
whom, is not known here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from datagen.engines.engine import Closing, Completion, Engine, Request

PATIENCE_S = 5.0
"""How long nothing may happen, though some item waits for no model, before the model is changed anyway."""
TICKS = 4
"""Rounds of the event loop in which nothing happens, before everything counts as waiting."""

_item: ContextVar[object] = ContextVar("item at work", default=None)


class Rotation:
    """Turns among engines of which one is loaded at a time. `loads` counts how often each was, by name."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self.loads: Counter[str] = Counter()
        self.engines: list[RotatingEngine] = []
        self._loaded: RotatingEngine | None = None
        self._served = 0
        self._at_work: set[object] = set()
        self._waiting_items: Counter[object] = Counter()
        self._changes = 0
        self._moved = asyncio.Event()
        self._switching: asyncio.Task[None] | None = None

    def add(
        self, description: Engine, load: Callable[[], Engine], unload: Callable[[Engine], None]
    ) -> Engine:
        """An engine of this rotation. `description` answers everything but requests, at any time."""
        engine = RotatingEngine(self, description, load, unload)
        self.engines.append(engine)
        return engine

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Inside, an item is at work: while it waits for no model, the loaded one stays."""
        item = object()
        before = _item.set(item)
        self._at_work.add(item)
        try:
            yield
        finally:
            _item.reset(before)
            self._at_work.discard(item)
            self._change()

    async def enter(self, engine: RotatingEngine) -> None:
        """Returns when `engine` is loaded; it stays so until `leave`. Raises what loading raised."""
        if self._loaded is engine and not self._is_switching:
            self._served += 1
            self._change()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        item = _item.get()
        engine.turns.append(turn)
        self._waiting_items[item] += 1
        self._change()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise
        finally:
            self._waiting_items -= Counter([item])
            if turn in engine.turns:
                engine.turns.remove(turn)

    def leave(self) -> None:
        """One request less that is served."""
        self._served -= 1
        self._change()

    def close(self) -> None:
        """Unload what is loaded, and forget all descriptions."""
        if self._loaded is not None:
            self._loaded.unload()
            self._loaded = None
        for engine in self.engines:
            engine.description.close()

    @property
    def _is_switching(self) -> bool:
        return self._switching is not None and not self._switching.done()

    def _change(self) -> None:
        """Something happened; see whether it is time for another model."""
        self._changes += 1
        self._moved.set()
        wanted = not self._served and any(engine.turns for engine in self.engines)
        if wanted and not self._is_switching:
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
                self._switching = asyncio.get_running_loop().create_task(self._switch())

    async def _switch(self) -> None:
        """Load the model that most wait for, once all wait, and serve them."""
        self._moved = asyncio.Event()
        await self._all_wait()
        target = self._loaded
        if target is None or not target.turns:
            target = max(self.engines, key=lambda engine: len(engine.turns))
        if not target.turns:
            return
        if target is not self._loaded:
            try:
                await asyncio.to_thread(self._load, target)
            except Exception as error:
                for turn in target.turns:
                    if not turn.done():
                        turn.set_exception(error)
                return
        turns, target.turns = target.turns, []
        for turn in turns:
            if not turn.done():
                self._served += 1
                turn.set_result(None)
        # When all of them were cancelled meanwhile, nobody would come to ask for the next model.
        asyncio.get_running_loop().call_soon(self._change)

    def _load(self, target: RotatingEngine) -> None:
        if self._loaded is not None:
            self._loaded.unload()
            self._loaded = None
        target.load()
        self._loaded = target
        self.loads[target.name] += 1

    async def _all_wait(self) -> None:
        """Returns when every item at work waits for a model, or nothing has happened for a while."""
        while True:
            before = self._changes
            for _ in range(TICKS):
                await asyncio.sleep(0)
            if before != self._changes:
                continue
            if all(self._waiting_items[item] for item in self._at_work):
                return
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), self.patience_s)
            except asyncio.TimeoutError:
                return


class RotatingEngine(Closing):
    """An engine that answers when its turn in a rotation has come."""

    def __init__(
        self,
        rotation: Rotation,
        description: Engine,
        load: Callable[[], Engine],
        unload: Callable[[Engine], None],
    ) -> None:
        self.rotation, self.description = rotation, description
        self.repeats = getattr(description, "repeats", False)
        self.turns: list[asyncio.Future[None]] = []
        self._open, self._close = load, unload
        self._engine: Engine | None = None

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.description.name

    @property
    def model_hash(self) -> str:
        """Hash of the content of the model."""
        return self.description.model_hash

    @property
    def context(self) -> int | None:
        """Tokens that prompt and answer may have together."""
        return self.description.context

    async def generate(self, request: Request) -> Completion:
        """The answer to one request, once the model is loaded."""
        await self.rotation.enter(self)
        try:
            assert self._engine is not None
            return await self._engine.generate(request)
        finally:
            self.rotation.leave()

    async def count(self, request: Request) -> int | None:
        """Tokens of the prompt; needs no turn."""
        return await self.description.count(request)

    def details(self) -> dict[str, Any]:
        """Those of the loaded model, or of its description."""
        return (self._engine or self.description).details()

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """Everything but the seed that determines the samples of `request`; needs no turn."""
        return self.description.identity(request)

    def load(self) -> None:
        """Open the model."""
        self._engine = self._open()

    def unload(self) -> None:
        """Close the model."""
        if self._engine is not None:
            self._close(self._engine)
            self._engine = None

    def close(self) -> None:
        """Nothing: the rotation closes its engines."""


@contextlib.contextmanager
def at_work(engines: Iterable[Engine]) -> Iterator[None]:
    """Inside, an item may ask any of `engines`: the rotation they stand in, if one does, counts it."""
    rotations = {engine.rotation for engine in engines if isinstance(engine, RotatingEngine)}
    with contextlib.ExitStack() as stack:
        for rotation in rotations:
            stack.enter_context(rotation.at_work())
        yield


def rotating(engines: Mapping[str, Engine]) -> bool:
    """Whether any of the engines waits for its turn: all items should then wait together."""
    return any(isinstance(engine, RotatingEngine) for engine in engines.values())
