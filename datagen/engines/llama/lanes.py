"""Decoders side by side, each with a thread and a KV cache of its own, fed from one queue.

Two decoders of one thread each do more than one decoder of two: they never wait for one another, where
threads inside a decode do so a hundred times a step. Which lane a sample is written in does not change its
tokens. Leaves decoding to `decoder.py` and requests to `engine.py`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from datagen.engines.engine import Completion
from datagen.engines.llama.decoder import Decoder, Draft

FEWEST_A_LANE = 8
"""A step of fewer rows reads all the weights for too little."""
LARGE_FILE = 1 << 30
"""Weights beyond this many bytes are read from memory, once for each lane: one lane, and threads in it."""


WIDTH, LEAST_WIDTH, MOST_WIDTH = 16, 8, 64
CACHE_BYTES = 4 << 30


def default_width(threads: int, file_bytes: int, sample_bytes: int, free_bytes: int | None = None) -> int:
    """How many samples to write at a time: 16, and for small models 16 a thread, while their KV cache, of
    `sample_bytes` each, stays under 4 GiB and a quarter of what is free.

    >>> default_width(2, 100_000_000, 1 << 25), default_width(8, 4_000_000_000, 1 << 28)
    (32, 16)
    """
    wanted = WIDTH if file_bytes > LARGE_FILE else min(WIDTH * threads, MOST_WIDTH)
    most_bytes = CACHE_BYTES if free_bytes is None else min(CACHE_BYTES, free_bytes // 4)
    return max(LEAST_WIDTH, min(wanted, most_bytes // max(1, sample_bytes)))


def lane_count(threads: int, width: int, file_bytes: int) -> int:
    """How many lanes are fastest; what is left of the threads is spread over them.

    >>> lane_count(2, 16, 100_000_000), lane_count(8, 16, 100_000_000), lane_count(8, 64, 8_000_000_000)
    (2, 2, 1)
    """
    if file_bytes > LARGE_FILE:
        return 1
    return max(1, min(threads, width // FEWEST_A_LANE))


def shares(total: int, lanes: int) -> list[int]:
    """`total` in `lanes` nearly equal parts.

    >>> shares(17, 2)
    [9, 8]
    """
    return [total // lanes + (lane < total % lanes) for lane in range(lanes)]


@dataclass(eq=False)
class Job:
    """A request under way: its prompt, its drafts, and who waits for it.

    `on_begin` is called before anything of it is decoded.
    """

    prompt: list[int]
    cuts: tuple[int, ...]
    drafts: list[Draft]
    asked: float = field(default_factory=time.perf_counter)
    began: float | None = None
    on_begin: Callable[[], None] | None = None
    future: Future[Completion] = field(default_factory=Future)
    unfinished: int = field(init=False)
    settled: bool = False

    def __post_init__(self) -> None:
        self.unfinished = len(self.drafts)


Piece = tuple[Job, list[Draft]]


class Lanes:
    """One worker a decoder, and the queue they share.

    A lane takes work when it has a free slot and none carries less. `complete` makes the answer of a job.
    When a decode fails all lanes stop, and every job fails with what it raised.
    """

    def __init__(self, name: str, decoders: Sequence[Decoder], complete: Callable[[Job], Completion]) -> None:
        self.decoders = list(decoders)
        self._complete = complete
        self._changed = threading.Condition()
        self._waiting: deque[Piece] = deque()
        self._cancelled: list[list[Job]] = [[] for _ in decoders]
        self._loads = [0] * len(self.decoders)
        self._stopped: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"{name} lane {lane}", daemon=True)
            for lane in range(len(self.decoders))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def stopped(self) -> bool:
        """Whether nothing is taken any more."""
        return self._stopped is not None

    def submit(self, job: Job) -> None:
        """Queue a job; what has stopped fails it at once."""
        job.future.add_done_callback(lambda future: self._forget(job) if future.cancelled() else None)
        with self._changed:
            failure = self._stopped
            if failure is None:
                self._waiting.extend(self._pieces(job))
                self._changed.notify_all()
        if failure is not None:
            self._settle(job, failure)

    def stop(self, failure: BaseException) -> None:
        """Let every job under way and every later one fail; returns at once, see `join`."""
        with self._changed:
            self._stopped = self._stopped or failure
            waiting, self._waiting = self._waiting, deque()
            self._changed.notify_all()
        for job, _ in waiting:
            self._settle(job, self._stopped)

    def join(self) -> None:
        """Wait for the workers to end."""
        for thread in self._threads:
            thread.join()

    def _pieces(self, job: Job) -> list[Piece]:
        """A job with more samples than a lane has slots is shared among lanes."""
        size = len(job.drafts)
        if len(self.decoders) > 1:
            size = min(size, max(decoder.width for decoder in self.decoders))
        return [(job, job.drafts[start : start + size]) for start in range(0, len(job.drafts), size)]

    def _forget(self, job: Job) -> None:
        with self._changed:
            self._waiting = deque(piece for piece in self._waiting if piece[0] is not job)
            for cancelled in self._cancelled:
                cancelled.append(job)
            self._changed.notify_all()

    # ---- the workers' threads: each alone touches its decoder ----

    def _work(self, lane: int) -> None:
        decoder, owners = self.decoders[lane], dict[Draft, Job]()
        try:
            while self._receive(lane, owners):
                finished = decoder.advance()
                if finished:
                    self._unload(lane, len(finished))
                for draft in finished:
                    self._finish(owners.pop(draft))
        except BaseException as error:
            self.stop(error)
        decoder.drop(owners)
        assert self._stopped is not None
        for job in set(owners.values()):
            self._settle(job, self._stopped)

    def _receive(self, lane: int, owners: dict[Draft, Job]) -> bool:
        """Take in new work and cancellations, waiting when there is nothing to do; False to stop."""
        decoder = self.decoders[lane]
        with self._changed:
            while self._stopped is None:
                cancelled, self._cancelled[lane] = self._cancelled[lane], []
                taken = self._take(lane)
                if taken or cancelled or not decoder.idle:
                    break
                self._changed.wait()
            else:
                return False
        for job, drafts in taken:
            self._begin(job)
            owners.update((draft, job) for draft in drafts)
            decoder.add(job.prompt, drafts, cuts=job.cuts)
        gone = [draft for job in cancelled for draft in job.drafts if owners.pop(draft, None)]
        if gone:
            decoder.drop(gone)
            self._unload(lane, len(gone))
        return True

    def _begin(self, job: Job) -> None:
        with self._changed:
            first, job.began = job.began is None, job.began or time.perf_counter()
        if first and job.on_begin is not None:
            job.on_begin()

    def _take(self, lane: int) -> list[Piece]:
        taken: list[Piece] = []
        width = self.decoders[lane].width
        while self._waiting and self._loads[lane] < width and self._loads[lane] == min(self._loads):
            taken.append(self._waiting.popleft())
            self._loads[lane] += len(taken[-1][1])
        return taken

    def _unload(self, lane: int, count: int) -> None:
        with self._changed:
            self._loads[lane] -= count
            if self._waiting and len(self._loads) > 1:
                self._changed.notify_all()

    def _finish(self, job: Job) -> None:
        with self._changed:
            job.unfinished -= 1
            unfinished = job.unfinished
        if not unfinished:
            self._settle(job, self._complete(job))

    def _settle(self, job: Job, outcome: Completion | BaseException) -> None:
        """Answer a job, once."""
        with self._changed:
            settled, job.settled = job.settled, True
        if settled or not job.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, BaseException):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
