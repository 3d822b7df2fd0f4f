"""Runs a stage in a process of its own that is killed, as by `kill -9`, at a chosen touch of a file.

Moments are counted, not timed: the n-th time that anything in the folder is opened for writing, renamed,
made or removed. So every moment that matters can be chosen, and is the same one on any machine.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

TOUCHES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def run_killed(function: Callable[[], object], folder: Path, touch: int | None) -> int:
    """Run `function` in a child, killed at touch number `touch` of `folder` (never, for None).

    Returns how the child ended (`-9` when it was killed, 0 when it came to its end) as `subprocess` does.
    """
    child = os.fork()
    if not child:
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            if touch is not None:
                _kill_at(folder, touch)
            function()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def touches(function: Callable[[], object], folder: Path) -> int:
    """How many moments there are in a run that is not killed."""
    reading, writing = os.pipe()

    def counted() -> None:
        count = _Counter(folder, None)
        sys.addaudithook(count)
        function()
        os.write(writing, str(count.seen).encode())

    status = run_killed(counted, folder, None)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    assert status == 0
    return int(text)


def _kill_at(folder: Path, touch: int) -> None:
    sys.addaudithook(_Counter(folder, touch))


class _Counter:
    """An audit hook that counts touches of a folder and kills its own process at one of them."""

    def __init__(self, folder: Path, fatal: int | None) -> None:
        self.folder, self.fatal, self.seen = str(folder), fatal, 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in TOUCHES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            path = arguments[0]
            if isinstance(path, (str, os.PathLike)) and str(path).startswith(self.folder):
                self.seen += 1
                if self.seen == self.fatal:
                    os.kill(os.getpid(), signal.SIGKILL)
