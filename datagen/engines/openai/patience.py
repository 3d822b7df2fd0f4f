"""Waiting for a server: how long, how often to ask again, and a loop of one's own to do it in.

Knows nothing of HTTP (`http_stream.py`) or of what is asked (`engine.py`).
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from schemas import UserError

T = TypeVar("T")
Kind = Literal["gone", "busy", "bad"]

MEND_AGAIN = "see to the server, then run the same command again; everything recorded is safe"

log = logging.getLogger(__name__)


class Fault(Exception):  # noqa: N818  (caught and asked again: nobody outside sees it)
    """Something a server did that may not happen again: it is "gone", "busy", or its answer is "bad"."""

    def __init__(self, what: str, kind: Kind, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.what, self.kind, self.wait_s = what, kind, wait_s


@dataclass(frozen=True)
class Limits:
    """How long to wait, in seconds, and how often to ask.

    `queue_s`: until the first token; long, since a slow server with a queue is no fault. `idle_s`: between
    tokens, once there was one. `attempts`: of a server that is gone, breaks off or says 500; `bad_attempts`:
    of one whose answer makes no sense; `open_attempts`: of one that has never been there; `busy_s`: how long
    a server may say that it is busy or still loading its model. `slack`: pieces of an answer beyond the
    tokens it was to have at most.
    """

    connect_s: float = 10.0
    queue_s: float = 3600.0
    idle_s: float = 300.0
    busy_s: float = 900.0
    attempts: int = 8
    bad_attempts: int = 3
    open_attempts: int = 4
    backoff_s: float = 0.5
    most_backoff_s: float = 30.0
    slack: int = 64

    def allow(self, fault: Fault, times: int, since_s: float) -> bool:
        """Whether to ask again after `times` faults of this kind, the first `since_s` ago."""
        if fault.kind == "busy":
            return since_s + (fault.wait_s or 0) < self.busy_s
        return times < (self.bad_attempts if fault.kind == "bad" else self.attempts)

    def pause(self, fault: Fault, times: int, rng: random.Random) -> float:
        """Seconds until the next attempt: what the server names, or twice as long each time, with jitter."""
        if fault.wait_s is not None:
            return min(fault.wait_s, self.busy_s)
        grown: float = min(self.most_backoff_s, self.backoff_s * 2.0 ** (times - 1))
        return grown * rng.uniform(0.5, 1)


async def persist(
    ask: Callable[[int], Awaitable[T]],
    limits: Limits,
    rng: random.Random,
    *,
    where: str,
    mend: str = MEND_AGAIN,
    tell: Callable[[str], None] = log.info,
) -> T:
    """What `ask(attempt)` returns, asked again after each `Fault`; pauses are drawn from `rng`.

    `tell` hears of each fault that is asked again. Raises `UserError` when `limits` are reached.
    """
    faults: list[Fault] = []
    first: dict[Kind, float] = {}
    while True:
        try:
            return await ask(len(faults))
        except Fault as fault:
            faults.append(fault)
            times = sum(earlier.kind == fault.kind for earlier in faults)
            now = time.monotonic()
            since_s = now - first.setdefault(fault.kind, now)
            if not limits.allow(fault, times, since_s):
                told = fault.what if len(faults) == 1 else f"{fault.what} (asked {len(faults)} times)"
                raise UserError(told, where=where, mend=mend) from None
            pause_s = limits.pause(fault, len(faults), rng)
            tell(f"{where}: {fault.what}; asking again")
        await asyncio.sleep(pause_s)


class Watch:
    """Cancels the task that made it when nothing happened for so long; `fired` then tells why."""

    def __init__(self, limit_s: float, waiting_for: str) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self.fired = False
        self._timer: asyncio.TimerHandle
        self._start(limit_s, waiting_for)

    @property
    def what(self) -> str:
        """What did not happen, for a sentence."""
        return f"{self.waiting_for} within {self.limit_s:,.3g} s"

    def beat(self, limit_s: float, waiting_for: str) -> None:
        """Something happened; now `limit_s` are allowed for what is waited for."""
        if limit_s < self.limit_s:
            self._timer.cancel()
            self._start(limit_s, waiting_for)
        else:
            self._deadline = self._loop.time() + self.limit_s

    def _start(self, limit_s: float, waiting_for: str) -> None:
        self.limit_s, self.waiting_for = limit_s, waiting_for
        self._deadline = self._loop.time() + limit_s
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        # Tokens only move the deadline; the timer finds out later, and so costs nothing a token.
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
        elif self._task is not None:
            self.fired = True
            self._task.cancel()

    def settle(self) -> None:
        """The cancellation was ours and is dealt with."""
        if self._task is not None and hasattr(self._task, "uncancel"):  # Python 3.11
            self._task.uncancel()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.cancel()


class LoopThread:
    """An event loop on a thread of its own: one set of connections, whichever loops the callers run in."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.close()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """The future of `coroutine`, run over there; cancelling it cancels the coroutine.

        Raises `RuntimeError` once closed.
        """
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:
            coroutine.close()
            raise

    def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Cancel what runs, run `last()`, and end the thread. May be repeated."""
        with self._closing:
            if not self._thread.is_alive():
                return
            self.submit(_finish(last)).result()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()


async def _finish(last: Callable[[], Coroutine[Any, Any, None]]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last()
