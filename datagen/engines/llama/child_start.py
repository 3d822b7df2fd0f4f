"""One child process of an engine: starting it, talking with it, and saying what it died of.

Leaves to `child.py` what is asked and what becomes of it when the child is gone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from datagen.engines.llama.wire import Message, frame, read_frame
from schemas import UserError

CHILD_MODULE = "datagen.engines.llama.child_process"
GRACE_S = 3.0
LINES_KEPT = 40
LONGEST_WORDS = 300
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031
MENDS = {
    "SIGKILL": "free some memory, or choose a smaller --width or --context",
    "SIGILL": "llama-cpp-python was built for another processor: install it again on this machine",
}
USUAL_MEND = "try other settings; if it happens again, report it with the name of the model"

log = logging.getLogger(__name__)


class EngineDiedError(UserError):
    """The process of the engine ended before it answered, and asking again did not help."""


class Child:
    """A running `child_process.py`. `messages()` is for one thread, `send` for any."""

    def __init__(self, opening: Mapping[str, Any], name: str) -> None:
        """Start it and tell it what to open. From a thread that lives as long as the child."""
        self.name, self.greeted = name, False
        arguments = [sys.executable, "-m", CHILD_MODULE, str(os.getpid())]
        package = Path(__file__).resolve().parents[3]
        # The folder this package is in is the only one certain to have it, and none of the user's modules.
        with _without_interrupts():
            self.process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=package,
                env={**os.environ, "GGML_NO_BACKTRACE": "1"},
            )
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self._input, self._output, self._errors = (
            self.process.stdin,
            self.process.stdout,
            self.process.stderr,
        )
        _widen(self._input, self._output)
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._listen, name=f"{name} stderr", daemon=True),
            threading.Thread(target=self._write, name=f"{name} stdin", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self.send({**opening, "log_level": logging.getLogger("datagen").getEffectiveLevel()})

    def send(self, message: Mapping[str, Any]) -> None:
        """Hand a message over; never waits for the child."""
        self._outbox.put(frame(message))

    def messages(self) -> Iterator[Message]:
        """What the child says, until it ends. What it logs goes to the log."""
        while (message := read_frame(self._output)) is not None:
            if "log" in message:
                name, level, text = message["log"]
                logging.getLogger(name).log(level, "%s", text)
            else:
                yield message

    def wait(self) -> EngineDiedError:
        """Wait for the end of the child; what it died of, in one sentence."""
        status = self.process.wait()
        self._outbox.put(None)
        for thread in self._threads:
            thread.join(GRACE_S)
        for pipe in (self._output, self._errors):
            pipe.close()
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
        mend = MENDS.get(how.removeprefix("by "), USUAL_MEND)
        last = last_words(self._lines)
        what = f"the engine's process ended {how}" + (f" ({last})" if last else "")
        return EngineDiedError(what, where=self.name, mend=mend)

    def close(self) -> None:
        """Ask it to end, and end it when it does not within a few seconds."""
        if self.greeted:
            self.send({"op": "close"})
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE_S)
        self.kill()

    def kill(self) -> None:
        """End it now: it has nothing to lose."""
        self.process.kill()
        self.process.wait()
        self._outbox.put(None)

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._input as stream:
            while (data := self._outbox.get()) is not None:
                stream.write(data)
                if self._outbox.empty():
                    stream.flush()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._errors:
                text = line.decode("utf-8", errors="replace").rstrip()
                if text:
                    self._lines.append(text)
                    log.debug("%s: %s", self.name, text)


def last_words(lines: Iterable[str]) -> str:
    """The line of a dead process' stderr that says why: a failed assertion, or the last one.

    >>> last_words(["loading", "/build/ggml/ggml.c:17: GGML_ASSERT(a == b) failed", "Aborted"])
    'ggml.c:17: GGML_ASSERT(a == b) failed'
    """
    kept = [line.strip() for line in lines if line.strip()]
    asserted = [line for line in kept if "GGML_ASSERT" in line or "GGML_ABORT" in line]
    words = (asserted or kept or [""])[-1]
    return re.sub(r"^\S*/(?=[^/\s]+:\d+: )", "", words)[-LONGEST_WORDS:]


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """What is started meanwhile never gets Ctrl-C, not even before it can say that it ignores it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _widen(*pipes: IO[bytes]) -> None:
    """Linux: room for a thousand answers, so that a parent that is busy does not hold up the child."""
    if sys.platform != "linux":
        return
    import fcntl

    for pipe in pipes:
        with contextlib.suppress(OSError):  # more than this user may have
            fcntl.fcntl(pipe.fileno(), F_SETPIPE_SZ, PIPE_BYTES)
