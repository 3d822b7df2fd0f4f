"""Processes of ours: workers that end with the process that began them, and children that are ended.

What they do is the affair of whoever begins them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import IO, Any


def begin_worker() -> None:
    """What a worker does first. It ends when the process that began it does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that began it
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def new_pool(
    workers: int, begin: Callable[..., None] = begin_worker, given: tuple[Any, ...] = ()
) -> ProcessPoolExecutor:
    """So many workers, not forked: a progress bar draws in a thread, which a fork would break."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), begin, given)


@contextlib.contextmanager
def pool_of(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool that is gone at the end of the block, with what it had not begun."""
    pool = new_pool(workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def end_child(process: subprocess.Popen[Any], wait_s: float, *pipes: IO[Any] | None) -> None:
    """Close a child's standard input, which ends it; kill it if that does not; close its pipes."""
    if process.poll() is None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout, *pipes):
        if pipe is not None:
            pipe.close()
