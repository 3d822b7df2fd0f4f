"""Warm worker processes for the one slow stage, each killed and replaced when it is stuck.

The parent keeps the deadline, with a queue and no signals, so it holds off the main thread and on any
system. A worker is a plain subprocess that speaks JSON lines (`child.py`); nothing is pickled.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from subprocess import Popen
from typing import Any

from verifiers.processes import Child, renew_in_forks

#: How much later than its own deadline a worker may speak before it counts as stuck.
GRACE_S = 0.05

_PROGRAM = "from verifiers.symbolic.child import main; main()"


def _in_silence(loading: bool) -> None:
    pass


@dataclass(frozen=True)
class Solutions:
    """Of each solution the values of the unknowns in their order, and the value asked for, as exact texts."""

    values: tuple[tuple[str, ...], ...]
    asked: tuple[str, ...]


class Worker:
    """One child process: started on first use, replaced when stuck. Not to be shared between threads."""

    def __init__(self, loading: Callable[[bool], None] = _in_silence) -> None:
        self.child = Child(_PROGRAM)
        self.loading = loading

    @property
    def process(self) -> Popen[bytes] | None:
        return self.child.process

    def ask(self, left: str, right: str, deadline_s: float, names: Set[str] = frozenset()) -> str:
        """`equal`, `different`, `unknown`, or `timeout` at most `deadline_s` and a grace after asking.

        `names` are to be read as variables even where they usually mean a constant.
        The first question also waits for the worker to load sympy.
        """
        return self.answer({"left": left, "right": right, "names": sorted(names)}, deadline_s)

    def answer(self, question: dict[str, Any], deadline_s: float) -> str:
        """What the child says to one question, or `timeout`."""
        question = {**question, "deadline_s": deadline_s}
        if not self.child.running:
            self.loading(True)
            self.child.start()
            self.loading(False)
        try:
            answer = self.child.line(deadline_s + GRACE_S) if self.child.send(question) else None
        except BaseException:
            self.stop()  # an answer that comes later would be taken for that of the next question
            raise
        if not answer:
            self.stop()
            return "timeout"
        return str(json.loads(answer))

    def stop(self) -> None:
        """Kill the process; the next question starts another."""
        self.child.stop()


class Workers:
    """A few workers behind a queue. Thread-safe; answers are remembered, so equal questions cost once.

    `loading` is called with True before a worker loads sympy and with False after. A forked child gets
    workers of its own.

    >>> with Workers() as pool:  # doctest: +SKIP
    ...     pool.ask("sin(x)^2", "1 - cos(x)^2", deadline_s=1.0)
    'equal'
    """

    MEMORY = 4096

    def __init__(self, workers: int = 1, loading: Callable[[bool], None] = _in_silence) -> None:
        self.workers = [Worker(loading) for _ in range(workers)]
        self._known: dict[tuple[str, str, frozenset[str]], str] = {}
        self.after_fork()
        renew_in_forks(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self.workers:
            self._idle.put(worker)

    def ask(self, left: str, right: str, deadline_s: float, names: Set[str] = frozenset()) -> str:
        """Whether two expressions in our own notation are equal; see `Worker.ask`."""
        left, right = sorted((left, right))
        key = (left, right, frozenset(names))
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        worker = self._idle.get()
        try:
            answer = worker.ask(left, right, deadline_s, names)
        finally:
            self._idle.put(worker)
        if answer != "timeout":
            with self._lock:
                if len(self._known) >= self.MEMORY:
                    self._known.clear()
                self._known[key] = answer
        return answer

    def solve(
        self,
        equations: Sequence[str],
        unknowns: Sequence[str],
        asked: str,
        *,
        positive: bool = False,
        deadline_s: float = 5.0,
    ) -> Solutions | None:
        """All real solutions of polynomial equations in our notation, and what `asked` is in each.

        With `positive` only those whose values are all above 0. None where there is no telling: an equation
        that cannot be read or is no polynomial one, an unknown without a value of its own, no time left.
        """
        question = {"equations": list(equations), "unknowns": list(unknowns), "asked": asked}
        worker = self._idle.get()
        try:
            told = worker.answer({**question, "names": list(unknowns), "positive": positive}, deadline_s)
        finally:
            self._idle.put(worker)
        if told in ("timeout", "unknown"):
            return None
        found = json.loads(told)
        return Solutions(tuple(map(tuple, found["solutions"])), tuple(found["asked"]))

    def forget(self) -> None:
        """Every question costs again."""
        with self._lock:
            self._known.clear()

    def close(self) -> None:
        for worker in self.workers:
            worker.stop()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


#: Those of this process; nothing runs before the first question.
_shared = Workers()


def shared_pool() -> Workers:
    """The workers that every comparison in this process asks."""
    return _shared


def share(workers: Workers) -> None:
    """Has every comparison in this process ask these."""
    global _shared
    _shared = workers
