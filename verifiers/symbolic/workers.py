"""Warm worker processes for the one slow stage, each killed and replaced when it is stuck.

The parent keeps the deadline, with a queue and no signals, so it holds off the main thread and on any
system. A worker is a plain subprocess that speaks JSON lines (`child.py`); nothing is pickled.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Set
from pathlib import Path

#: Loading sympy takes half a second on an idle machine; a busy one is given time.
START_LIMIT_S = 60.0
#: How much later than its own deadline a worker may speak before it counts as stuck.
GRACE_S = 0.05

_ROOT = str(Path(__file__).resolve().parents[2])
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from verifiers.symbolic.child import main; main()"


class Worker:
    """One child process: started on first use, replaced when stuck. Not to be shared between threads."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def ask(self, left: str, right: str, deadline_s: float, names: Set[str] = frozenset()) -> str:
        """`equal`, `different`, `unknown`, or `timeout` at most `deadline_s` and a grace after asking.

        `names` are to be read as variables even where they usually mean a constant.
        The first question also waits for the worker to load sympy.
        """
        process = self._running()
        assert process.stdin is not None
        question = {"left": left, "right": right, "names": sorted(names), "deadline_s": deadline_s}
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            answer = self.lines.get(timeout=deadline_s + GRACE_S)
        except (queue.Empty, OSError):
            answer = None
        if answer is None:
            self.stop()
            return "timeout"
        return str(json.loads(answer))

    def _running(self) -> subprocess.Popen[str]:
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self._start()
        assert self.process is not None
        return self.process

    def _start(self) -> None:
        # Its own session, so that an interrupt at the terminal reaches the parent alone.
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        self.lines = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self.process, self.lines), daemon=True).start()
        weakref.finalize(self, _end, self.process)
        try:
            greeting = self.lines.get(timeout=START_LIMIT_S)
        except queue.Empty:
            greeting = None
        if greeting is None:
            self.stop()
            raise RuntimeError("the symbolic worker did not start; is sympy installed?")

    def stop(self) -> None:
        """Kill the process; the next question starts another."""
        if self.process is not None:
            _end(self.process)
            self.process = None


def _pump(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    """Moves lines from the pipe to a queue, because a queue can be waited for with a deadline."""
    assert process.stdout is not None
    with contextlib.suppress(ValueError, OSError):
        for line in process.stdout:
            lines.put(line.strip())
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()


class Workers:
    """A few workers behind a queue. Thread-safe; answers are remembered, so equal questions cost once.

    >>> with Workers() as pool:  # doctest: +SKIP
    ...     pool.ask("sin(x)^2", "1 - cos(x)^2", deadline_s=1.0)
    'equal'
    """

    MEMORY = 4096

    def __init__(self, workers: int = 1) -> None:
        self.process_id = os.getpid()
        self.workers = [Worker() for _ in range(workers)]
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self.workers:
            self._idle.put(worker)
        self._known: dict[tuple[str, str, frozenset[str]], str] = {}
        self._lock = threading.Lock()

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

    def close(self) -> None:
        for worker in self.workers:
            worker.stop()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_shared: Workers | None = None
_shared_lock = threading.Lock()


def shared_pool() -> Workers:
    """The pool of this process, made on first use; a forked child makes its own."""
    global _shared
    with _shared_lock:
        if _shared is None or _shared.process_id != os.getpid():
            _shared = Workers()
        return _shared
