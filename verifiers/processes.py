"""A child process of ours that speaks lines: started when needed, killed when stuck, never left behind.

A child is a fresh interpreter, never a fork of the caller, who may hold a GPU. It gets lines of JSON and
answers with lines of JSON; what they mean is for `pool.py` and `symbolic/` to say.
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
from pathlib import Path
from typing import IO, Any, Protocol

#: A busy machine is given time to start an interpreter, and a child to read a long message.
START_LIMIT_S = 60.0
#: What any pipe takes without being read.
PIPE_BYTES = 1 << 14

_ROOT = str(Path(__file__).resolve().parents[1])
#: Ours is found first, and nothing in the folder of the caller.
_PATH = "import sys; sys.path[:] = [sys.argv[1], *filter(None, sys.path)]; "


class Child:
    """One child process that runs `program`. To be used by one thread at a time.

    The program says one line when it is ready, and ends at the end of its input. It finds its
    `arguments` from `sys.argv[2]` on.
    """

    def __init__(self, program: str, *arguments: str) -> None:
        self.command = [sys.executable, "-c", _PATH + program, _ROOT, *arguments]
        self.process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._finalizer: weakref.finalize[..., Any] | None = None
        self._ended = False
        renew_in_forks(self)

    @property
    def running(self) -> bool:
        return self.process is not None and not self._ended and self.process.poll() is None

    def start(self) -> None:
        """Does nothing when it runs. Raises `RuntimeError` when it does not become ready."""
        if self.running:
            return
        self.stop()
        # Its own session, so that an interrupt at the terminal reaches the parent alone.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._finalizer = weakref.finalize(self, _end, self.process)
        self._lines = queue.SimpleQueue()
        self._ended = False
        threading.Thread(target=_pump, args=(self.process.stdout, self._lines), daemon=True).start()
        if not self.line(START_LIMIT_S):
            self.stop()
            raise RuntimeError("a process of the verifiers did not start")

    def send(self, message: Any) -> bool:
        """Starts it if need be; False when it is gone."""
        self.start()
        assert self.process is not None
        data = json.dumps(message).encode() + b"\n"
        try:
            with _killed_after(START_LIMIT_S, self.process, len(data)):
                _write(self.process.stdin, data)
        except OSError:
            self._ended = True
        return not self._ended

    def line(self, limit_s: float) -> bytes | None:
        """The next line; empty when the process has ended, None when none came within `limit_s`."""
        try:
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            return None
        self._ended = not line
        return line

    def stop(self) -> None:
        """Kills it; the next message starts another."""
        if self._finalizer is not None:
            self._finalizer()
        self.process = self._finalizer = None

    def after_fork(self) -> None:
        """In a fork of the caller: the process belongs to the parent, and ends when the parent lets go."""
        if self.process is not None and self._finalizer is not None:
            self._finalizer.detach()
            assert self.process.stdin is not None
            self.process.stdin.close()
        self.process = self._finalizer = None


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    """Past the buffer, which is thus always empty: a fork holds no half of a message to send again."""
    rest = memoryview(data)
    while rest:
        rest = rest[pipe.raw.write(rest) :]  # type: ignore[union-attr]


@contextlib.contextmanager
def _killed_after(limit_s: float, process: subprocess.Popen[bytes], message_bytes: int) -> Any:
    """A child that has stopped reading blocks whoever writes it more than a pipe holds."""
    if message_bytes <= PIPE_BYTES:
        yield
        return
    timer = threading.Timer(limit_s, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _pump(pipe: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Moves lines from the pipe to a queue, because a queue can be waited for with a deadline."""
    with contextlib.suppress(ValueError, OSError), pipe:
        for line in pipe:
            lines.put(line)
    lines.put(b"")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()


class Renewed(Protocol):
    def after_fork(self) -> None: ...


_RENEWED: weakref.WeakSet[Any] = weakref.WeakSet()


def renew_in_forks(thing: Renewed) -> None:
    """Its `after_fork` is called in every fork of this process: a fork inherits locks that nobody frees."""
    _RENEWED.add(thing)


def _renew() -> None:
    for thing in list(_RENEWED):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
