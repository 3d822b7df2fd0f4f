"""A file judged by several processes, a stretch each, with the outcome of one: same faults, same order.

Every process has a pipe of its own and writes what it finds as it finds it; whoever is ahead waits until it
is read, so the memory that is taken does not grow with the faults. A process whose parent is gone ends.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from schemas.checking.faults import Fault
from schemas.checking.judge import Against, Judge
from schemas.errors import UserError
from schemas.rows import open_rows, parquet_batches, row_groups

STRETCH_BYTES = 8 << 20
SENT_ROWS = 500
SENT_CHARACTERS = 1 << 20
"""A process sends what it found when it has found so much."""
AHEAD = 2
"""Stretches a process has to do, so that it need not wait for the next."""
MAX_EARLY = 16
"""So many messages about stretches whose turn has not come are kept; more are left in the pipes."""

Faulty = tuple[int, list[Fault]]


@dataclass(frozen=True)
class Stretch:
    """Whole lines of a file, from byte `start`; or, without a length, the row group of that number."""

    start: int
    length: int | None


@dataclass(frozen=True)
class Found:
    """Faulty rows, their lines counted from the start of the stretch; and what was read up to here."""

    faulty: list[Faulty]
    lines: int
    rows: int
    bytes: int
    last: bool


@dataclass(frozen=True)
class Failed:
    """The `UserError` that a process ended with."""

    what: str
    where: str | None
    mend: str | None


def stretches(path: Path, start: int, end: int) -> Iterator[Stretch]:
    """Whole lines between two bytes of a JSON Lines file, or the row groups of a Parquet file."""
    if path.suffix == ".parquet":
        yield from (Stretch(group, None) for group in range(row_groups(path)))
        return
    with open_rows(path) as file:
        while start < end:
            file.seek(min(end, start + STRETCH_BYTES) - 1)
            file.readline()
            stop = min(end, file.tell())
            if stop <= start:  # the file is shorter than it was
                return
            yield Stretch(start, stop - start)
            start = stop


def found_by(path: Path, against: Against, work: Iterable[Stretch], workers: int) -> Iterator[Found]:
    """What is found in each stretch, in their order; a stretch ends with the `Found` that is its `last`.

    Whoever has done a stretch gets the next, so that a process on a busy core holds nobody up.
    """
    stretches = enumerate(work)
    arrived: dict[int, deque[Found]] = defaultdict(deque)
    turn = 0
    with _started(path, against, workers) as pipes:
        busy: dict[Any, deque[int]] = {pipe: deque() for pipe in pipes}
        for pipe in pipes * AHEAD:
            _give(pipe, stretches, busy)
        while True:
            while arrived[turn]:
                found = arrived[turn].popleft()
                yield found
                if found.last:
                    del arrived[turn]
                    turn += 1
            early = sum(map(len, arrived.values())) < MAX_EARLY
            awaited = [pipe for pipe, numbers in busy.items() if numbers and (early or numbers[0] == turn)]
            if not awaited:
                return
            for pipe in wait(awaited):
                found = _received(pipe)
                arrived[busy[pipe][0]].append(found)
                if found.last:
                    busy[pipe].popleft()
                    _give(pipe, stretches, busy)


def _give(pipe: Any, stretches: Iterator[tuple[int, Stretch]], busy: dict[Any, deque[int]]) -> None:
    """Send a process the next stretch, if there is one."""
    for number, stretch in itertools.islice(stretches, 1):
        _send(pipe, stretch)
        busy[pipe].append(number)


@contextlib.contextmanager
def _started(path: Path, against: Against, workers: int) -> Iterator[list[Any]]:
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    try:
        with _interrupts_ignored():  # Ctrl-C reaches all processes of a terminal; this one sees to the others
            for _ in range(workers):
                ours, theirs = context.Pipe()
                process = context.Process(target=_work, args=(theirs, path, against), daemon=True)
                process.start()
                theirs.close()
                pipes.append(ours)
                processes.append(process)
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """What is started in this block never hears of Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _send(pipe: Any, stretch: Stretch) -> None:
    try:
        pipe.send(stretch)
    except OSError:
        raise _died() from None


def _received(pipe: Any) -> Found:
    try:
        found = pipe.recv()
    except (EOFError, OSError):
        raise _died() from None
    if isinstance(found, Failed):
        raise UserError(found.what, where=found.where, mend=found.mend)
    assert isinstance(found, Found)
    return found


def _died() -> UserError:
    return UserError("a checking process was killed, perhaps for its memory", mend="check with --workers 1")


def _work(pipe: Any, path: Path, against: Against) -> None:
    """The life of a process: stretch after stretch, until there is no one left to tell."""
    with contextlib.suppress(EOFError, OSError):
        try:
            checker = against.checker()
            while True:
                for found in _found_in(path, Judge(against, checker), pipe.recv()):
                    pipe.send(found)
        except UserError as error:
            where = None if error.where is None else str(error.where)
            pipe.send(Failed(error.what, where, error.mend))


def _found_in(path: Path, judge: Judge, stretch: Stretch) -> Iterator[Found]:
    faulty: list[Faulty] = []
    characters = 0
    for line, faults in _faulty(judge, path, stretch):
        faulty.append((line, faults))
        characters += sum(len(fault.reason) + len(fault.nearest or "") for fault in faults)
        if len(faulty) >= SENT_ROWS or characters >= SENT_CHARACTERS:
            yield Found(faulty, judge.lines, judge.rows, judge.bytes, last=False)
            faulty, characters = [], 0
    yield Found(faulty, judge.lines, judge.rows, judge.bytes, last=True)


def _faulty(judge: Judge, path: Path, stretch: Stretch) -> Iterator[Faulty]:
    if stretch.length is None:
        yield from judge.of_batches(parquet_batches(path, [stretch.start]))
        return
    with open_rows(path) as file:
        file.seek(stretch.start)
        yield from judge.of_lines(file, stretch.length)


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
