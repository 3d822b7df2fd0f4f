"""The child's side of `child.py`: one llama.cpp engine that is asked and answers over pipes.

`python -m datagen.engines.llama.child_process` reads frames (`wire.py`) from stdin and writes
to what was stdout.
Ends when it is told to, when its input ends, or with its parent, whatever that one died of.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from datagen.engines.engine import EngineClosedError
from datagen.engines.llama.wire import Message, error_to_wire, frame, read_frame, request_from_wire
from schemas import UserError

PR_SET_PDEATHSIG = 1
# Requests are taken in by another thread than the one that decodes; Python's 5 ms would be a pause.
SWITCH_INTERVAL_S = 0.0005


class Outbox:
    """Where answers go. Written at once, by whichever thread has one: a message that something began must
    be out before it can abort the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._lock = descriptor, threading.Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message; nothing when nobody reads any more."""
        data = memoryview(frame(message))
        with self._lock, contextlib.suppress(BrokenPipeError):
            while data:
                data = data[os.write(self._descriptor, data) :]


class LogHandler(logging.Handler):
    """Log records go to the parent, whose log it is."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        self._outbox.send({"log": [record.name, record.levelno, record.getMessage()]})


class Server:
    """Answers the messages of one parent with one engine."""

    def __init__(self, engine: Any, outbox: Outbox) -> None:
        self.engine, self.outbox = engine, outbox
        self._futures: dict[int, Future[Any]] = {}
        self._loop = asyncio.new_event_loop()
        self._slow = ThreadPoolExecutor(1, "slow")

    def serve(self, stream: IO[bytes]) -> None:
        """Until told to close. The end of the stream is the end of the parent: nothing is left to do then."""
        while (message := read_frame(stream)) is not None:
            if message["op"] == "close":
                self.engine.close()
                return
            try:
                self._take(message)
            except Exception as error:
                self._answer(message["id"], error=error)
        os._exit(0)

    def _take(self, message: Message) -> None:
        number, operation, given = message["id"], message["op"], message.get("given") or {}
        if operation == "cancel":
            future = self._futures.pop(number, None)
            if future is not None:
                future.cancel()
        elif operation == "generate":
            began = functools.partial(self.outbox.send, {"began": number})
            self._later(number, operation, self.engine.submit(request_from_wire(given), began))
        elif operation == "count":
            count = self._loop.run_until_complete(self.engine.count(request_from_wire(given)))
            self._answer(number, count)
        elif operation == "embed":
            call = functools.partial(asyncio.run, self.engine.embed(**given))
            self._later(number, operation, self._slow.submit(call))
        elif operation in ("logits", "details"):
            self._later(number, operation, self._slow.submit(getattr(self.engine, operation), **given))
        else:
            self._answer(number, getattr(self.engine, operation)(**given))

    def _later(self, number: int, operation: str, future: Future[Any]) -> None:
        self._futures[number] = future
        future.add_done_callback(functools.partial(self._done, number, operation))

    def _done(self, number: int, operation: str, future: Future[Any]) -> None:
        self._futures.pop(number, None)
        if future.cancelled():
            return
        error = future.exception()
        if operation == "generate" and error and not isinstance(error, UserError | EngineClosedError):
            # The thread that decodes has ended with it, and with it the engine: a new process can go on.
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        value: Any = None if error else future.result()
        if hasattr(value, "shape"):
            value = {"shape": value.shape, "values": value.ravel()}
        self._answer(number, value, error=error)

    def _answer(self, number: int, value: Any = None, *, error: BaseException | None = None) -> None:
        self.outbox.send(
            {"id": number, "value": value} if error is None else {"id": number, "error": error_to_wire(error)}
        )


def hello(engine: Any) -> Message:
    """What the parent must know to tell identities and prompts without asking."""
    return {
        "name": engine.name,
        "context": engine.context,
        "settings": engine.settings,
        "metadata": engine.metadata,
        "chat_template": engine.model.chat_template,
        "special_tokens": engine.model.special_tokens,
        "stamp": engine.stamp,
        "files": engine.files,
    }


def open_engine(opening: Message, outbox: Outbox) -> Any:
    """The engine the parent's first message describes."""
    from datagen.engines.llama.engine import LlamaCppEngine

    os.chdir(opening["folder"])  # it was started in the folder of this package
    logger = logging.getLogger("datagen")
    logger.setLevel(opening["log_level"])
    logger.addHandler(LogHandler(outbox))
    if opening["offline"]:
        from datagen.engines.offline import enforce

        enforce()
    settings = dict(opening["settings"])
    if settings.get("adapter") is not None:
        settings["adapter"] = Path(settings["adapter"])
    return LlamaCppEngine(opening["path"], **settings)


def take_over_pipes() -> tuple[IO[bytes], int]:
    """Input, and a descriptor for answers; what C libraries print to stdout goes to stderr from here on."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def die_with_parent(parent: int) -> None:
    """Have the kernel (Linux) end this process with its parent, even while a model is being loaded."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def main() -> None:
    """Serve the parent this process was started by, whose process number is the first argument."""
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair, which then closes us
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    stream, answers = take_over_pipes()
    outbox = Outbox(answers)
    opening = read_frame(stream)
    if opening is None:
        return
    try:
        engine = open_engine(opening, outbox)
        greeting = hello(engine)
    except Exception as error:
        outbox.send({"failed": error_to_wire(error)})
        return
    outbox.send({"hello": greeting})
    Server(engine, outbox).serve(stream)


if __name__ == "__main__":
    main()
