"""Many answers, judged in warm worker processes: bounded in time and memory, in order, each once.

The parent keeps every deadline, with a queue and no signals, so it holds off the main thread. A worker
that is stuck is killed and replaced; only the answer it was stuck on is a `timeout`. Workers are fresh
interpreters (`serving.py`), never forks of the caller, who may hold a GPU. JSON lines go to and fro;
nothing is pickled.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from verifiers.answer import AnswerSpec
from verifiers.extract import REWARD, Policy
from verifiers.verdict import Verdict

#: A bare interpreter that reads our code takes a tenth of a second; a busy machine is given time.
START_LIMIT_S = 60.0
#: Answers sent to a worker at once: enough that a message costs little, few enough to share the work.
BATCH = 64
#: Verdicts remembered, so that what comes again costs nothing.
MEMORY = 1 << 16

_ROOT = str(Path(__file__).resolve().parents[1])
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from verifiers.serving import main; main(sys.argv[2])"
)

#: (response, gold answer, specification or None), or for `equivalent_many` (gold, predicted, ...).
Item = tuple[str, str, AnswerSpec | None]
_Key = tuple[str, str, str, str]


class _Worker:
    """One child process: started on first use, replaced when stuck. Used by one thread at a time."""

    def __init__(self, settings: str) -> None:
        self.settings = settings
        self.process: subprocess.Popen[str] | None = None
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def start(self) -> subprocess.Popen[str]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        self.stop()
        # Its own session, so that an interrupt at the terminal reaches the parent alone.
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, _ROOT, self.settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.lines = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self.process, self.lines), daemon=True).start()
        weakref.finalize(self, _end, self.process)
        if self.line(START_LIMIT_S) is None:
            self.stop()
            raise RuntimeError("a verifying worker did not start")
        return self.process

    def send(self, batch: list[_Key], *, one_by_one: bool) -> bool:
        """False when the worker is gone."""
        process = self.start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"items": batch, "one_by_one": one_by_one}) + "\n")
            process.stdin.flush()
        except OSError:
            return False
        return True

    def line(self, limit_s: float) -> str | None:
        """The next line; None when it did not come in time, or the process has ended."""
        try:
            return self.lines.get(timeout=limit_s)
        except queue.Empty:
            return None

    def stop(self) -> None:
        if self.process is not None:
            _end(self.process)
            self.process = None


def _pump(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    """Moves lines from the pipe to a queue, because a queue can be waited for with a deadline."""
    assert process.stdout is not None
    with contextlib.suppress(ValueError, OSError):
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()


class Pool:
    """A few workers that judge answers. Thread-safe; a forked child gets workers of its own.

    `deadline_s` is for one answer, `memory_bytes` for one worker. Verdicts are those of `verify` and
    `equivalent` under `policy`, but for `timeout`.

    >>> with Pool() as pool:
    ...     [verdict.status for verdict in pool.equivalent_many([("1/2", "0.5", None), ("1/2", "2", None)])]
    ['correct', 'incorrect']
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        deadline_s: float = 0.25,
        memory_bytes: int = 1 << 30,
        policy: Policy = REWARD,
    ) -> None:
        if workers < 1:
            raise ValueError(f"{workers} workers")
        self.deadline_s = deadline_s
        self._count = workers
        self._settings = json.dumps({"policy": asdict(policy), "memory_bytes": memory_bytes})
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, Verdict] = OrderedDict()
        self._hire()

    def _hire(self) -> None:
        self.process_id = os.getpid()
        self.workers = [_Worker(self._settings) for _ in range(self._count)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self.workers:
            self._idle.put(worker)

    def verify_many(self, items: Iterable[Item]) -> list[Verdict]:
        """Whole responses against gold answers; see `judge.verify`. Verdicts in the order of the items."""
        return self._judge([_key("verify", item) for item in items])

    def equivalent_many(self, items: Iterable[Item]) -> list[Verdict]:
        """Bare answers, (gold, predicted, specification); see `judge.equivalent`."""
        return self._judge([_key("equivalent", item) for item in items])

    def imap(self, items: Iterable[Item], *, full_response: bool = True) -> Iterator[Verdict]:
        """The same over a stream, with a bounded number of items in hand."""
        stream = iter(items)
        judge = self.verify_many if full_response else self.equivalent_many
        while window := list(itertools.islice(stream, 8 * BATCH * self._count)):
            yield from judge(window)

    def _judge(self, keys: Sequence[_Key]) -> list[Verdict]:
        found: dict[_Key, Verdict] = {}
        with self._lock:
            if self.process_id != os.getpid():
                self._hire()
            for key in keys:
                known = self._known.get(key)
                if known is not None:
                    self._known.move_to_end(key)
                    found[key] = known
        new = [key for key in dict.fromkeys(keys) if key not in found]
        batches = deque(new[start : start + BATCH] for start in range(0, len(new), BATCH))
        helpers = [
            threading.Thread(target=self._work, args=(batches, found), daemon=True)
            for _ in range(min(self._count, len(batches)) - 1)
        ]
        for helper in helpers:
            helper.start()
        self._work(batches, found)
        for helper in helpers:
            helper.join()
        self._remember(new, found)
        return [found[key] for key in keys]

    def _work(self, batches: deque[list[_Key]], found: dict[_Key, Verdict]) -> None:
        """Takes batches until there are none; a worker is held for as long."""
        worker = self._idle.get()
        try:
            while batches:
                try:
                    batch = batches.popleft()
                except IndexError:
                    return
                while batch:
                    batch = self._judged(worker, batch, found)
        finally:
            self._idle.put(worker)

    def _judged(self, worker: _Worker, batch: list[_Key], found: dict[_Key, Verdict]) -> list[_Key]:
        """One batch; returns what is left of it when the worker had to be killed on the way.

        Verdicts come a few at a time. When they stop, the rest is asked for one by one, which tells the
        answer that is stuck from those that were only waiting to be sent.
        """
        for one_by_one in (False, True):
            place = self._ask(worker, batch, found, one_by_one=one_by_one)
            batch = batch[place:]
            if not batch:
                return []
        found[batch[0]] = self._given_up(worker)
        worker.stop()
        return batch[1:]

    def _ask(
        self, worker: _Worker, batch: list[_Key], found: dict[_Key, Verdict], *, one_by_one: bool
    ) -> int:
        """How many of the batch were judged before the worker fell silent."""
        place = 0
        if worker.send(batch, one_by_one=one_by_one):
            while place < len(batch) and (line := worker.line(self.deadline_s)) is not None:
                for row in json.loads(line):
                    found[batch[place]] = Verdict.from_dict(row)
                    place += 1
        if place < len(batch) and not one_by_one:
            worker.stop()
        return place

    def _given_up(self, worker: _Worker) -> Verdict:
        died = worker.process is None or worker.process.poll() is not None
        reason = "its worker died" if died else f"no verdict within {self.deadline_s:g} s"
        return Verdict("timeout", "pool", reason)

    def _remember(self, new: list[_Key], found: dict[_Key, Verdict]) -> None:
        with self._lock:
            for key in new:
                if found[key].status != "timeout":
                    self._known[key] = found[key]
            while len(self._known) > MEMORY:
                self._known.popitem(last=False)

    def close(self) -> None:
        """Ends the workers; the next question starts others."""
        for worker in self.workers:
            worker.stop()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _key(question: str, item: Item) -> _Key:
    first, second, spec = item
    return question, first, second, _spec_text(spec)


def _spec_text(spec: AnswerSpec | None) -> str:
    return "" if spec is None else json.dumps(spec.as_dict(), sort_keys=True)
