"""The llama.cpp engine in a child process, since a failed assertion inside ggml aborts the process it is in.

The same requests, answers and errors as in process (`engine.py`), over pipes (`wire.py`) to
`child_process.py`. When the child dies, a new one is asked again; starting and watching one process is
`child_start.py`'s affair.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import itertools
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.engines.engine import Closing, Completion, EngineClosedError, Request
from datagen.engines.llama.binding import Logits
from datagen.engines.llama.child_start import Child, EngineDiedError
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.llama.wire import Message, completion_from_wire, error_from_wire, request_to_wire

# One request may take the process down once by bad luck (memory), not twice.
MOST_DEATHS = 2
# A process that dies again and again without an answer between is not worth another start.
MOST_DEATHS_IN_A_ROW = 5

_open_engines: weakref.WeakSet[ChildEngine] = weakref.WeakSet()


@dataclass(eq=False)
class _Call:
    """One question to the child: what it says, who waits, and how often it took part in a death."""

    number: int
    message: Message
    future: Future[Any]
    read: Callable[[Any], Any]
    sent: bool = False
    began: bool = False
    deaths: int = 0


@dataclass(frozen=True)
class _Speaker:
    """What of a model turns messages into prompts."""

    chat_template: str | None
    special_tokens: dict[str, str]


def _unopened(path: Path, hello: Message) -> Any:
    """The engine in the child as far as prompts and identities go, which follow from what it said of itself:
    the same code as in process, no question to the child, and nothing loaded here."""
    engine: Any = LlamaCppEngine.__new__(LlamaCppEngine)
    engine.path, engine.files, engine.stamp = path, tuple(map(Path, hello["files"])), hello["stamp"]
    engine.name, engine.context, engine.settings = hello["name"], hello["context"], hello["settings"]
    engine.metadata = hello["metadata"]
    engine.model = _Speaker(hello["chat_template"], hello["special_tokens"])
    return engine


class ChildEngine(Closing):
    """A `LlamaCppEngine(path, **settings)` in a process of its own.

    When that process dies, requests it had not begun are given to a new one; those it was writing are asked
    again one at a time, so that the one to blame dies alone and fails with `EngineDiedError`.
    `offline`: the child refuses to leave the machine too.
    """

    repeats = True

    def __init__(self, path: str | Path, *, offline: bool = False, **settings: Any) -> None:
        self.path = Path(path)
        self._opening = {"path": str(path), "offline": offline, "settings": settings, "folder": os.getcwd()}
        self._lock = threading.RLock()
        self._wanted = threading.Condition(self._lock)
        self._calls: dict[int, _Call] = {}
        self._waiting: deque[_Call] = deque()  # not sent yet
        self._suspects: deque[_Call] = deque()  # begun when a child died; sent one at a time
        self._numbers = itertools.count()
        self._child: Child | None = None
        self._closing = False
        self._failure: BaseException | None = None
        self._owner = os.getpid()
        self._deaths_in_a_row = 0
        first: Future[Message] = Future()
        self._supervisor = threading.Thread(target=self._supervise, args=[first], daemon=True)
        self._supervisor.start()
        try:
            hello = first.result()
        except BaseException:
            self.close()
            raise
        self._front = _unopened(self.path, hello)
        self.name: str = hello["name"]
        self.context: int = hello["context"]
        self.settings: dict[str, Any] = hello["settings"]
        self.metadata: dict[str, Any] = hello["metadata"]
        self._details: dict[str, Any] = {"file": str(self.path), "context": self.context, **self.settings}
        _open_engines.add(self)

    @property
    def model_hash(self) -> str:
        """Hash of every byte of the model, read when first asked for."""
        found: str = self._front.model_hash
        return found

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """Everything but the seed that determines the samples of `request`, or of any request."""
        found: dict[str, Any] = self._front.identity(request)
        return found

    def prompt_text(self, request: Request) -> str:
        """The exact text the model continues."""
        return str(self._front.prompt_text(request))

    def render(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        """`messages` in the model's own chat template; options as of `LlamaCppEngine.render`."""
        return str(self._front.render(messages, **options))

    @property
    def process_id(self) -> int | None:
        """The number of the child process; None while there is none."""
        child = self._child
        return None if child is None else child.process.pid

    async def generate(self, request: Request) -> Completion:
        """The samples of `request`; what it raises in process, or `EngineDiedError`."""
        return await asyncio.wrap_future(self.submit(request))

    def submit(self, request: Request) -> Future[Completion]:
        """`generate` without waiting, and for callers without an event loop."""
        return self._ask("generate", request_to_wire(request), completion_from_wire)

    async def count(self, request: Request) -> int:
        """Tokens of the prompt, exactly."""
        return await asyncio.wrap_future(self._ask("count", request_to_wire(request), int))

    def details(self) -> dict[str, Any]:
        """What the engine in the child says of itself, and that it is there."""
        with contextlib.suppress(EngineClosedError):  # then what it last said
            self._details = self._ask("details", {}, dict).result()
        return {**self._details, "process": "child"}

    def tokenize(self, text: str, special: bool = True) -> list[int]:
        """Token ids, no begin token added. `special`: text of control tokens counts as those tokens."""
        return list(self._ask("tokenize", {"text": text, "special": special}, list).result())

    def detokenize(self, tokens: Sequence[int], special: bool = False) -> str:
        """The text of `tokens`; control tokens show only if `special`."""
        given = {"tokens": list(tokens), "special": special}
        return str(self._ask("detokenize", given, str).result())

    def logits(self, tokens: Sequence[int]) -> Logits:
        """Logits after each of `tokens` [len(tokens), vocabulary], in a context of their own."""
        found: Logits = self._ask("logits", {"tokens": list(tokens)}, _array).result()
        return found

    async def embed(self, texts: Sequence[str], *, normalized: bool = True) -> Logits:
        """Vectors of `texts` [len(texts), size]."""
        given = {"texts": list(texts), "normalized": normalized}
        found: Logits = await asyncio.wrap_future(self._ask("embed", given, _array))
        return found

    def close(self) -> None:
        """End the process; requests under way fail with `EngineClosedError`. May be repeated."""
        if os.getpid() != self._owner:  # a fork: the child is not its
            return
        with self._lock:
            self._closing = True
            child = self._child
            self._wanted.notify_all()
        if child is not None:
            child.close()
        if threading.current_thread() is not self._supervisor:
            self._supervisor.join()
        _open_engines.discard(self)

    # ---- the caller's thread ----

    def _ask(self, operation: str, given: Message, read: Callable[[Any], Any]) -> Future[Any]:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._closing:
                raise EngineClosedError(f"{self._title} is closed")
            number = next(self._numbers)
            message = {"id": number, "op": operation, "given": given}
            call = _Call(number, message, Future(), read)
            self._calls[number] = call
            self._waiting.append(call)
            self._send_ready()
            self._wanted.notify_all()
        call.future.add_done_callback(functools.partial(self._forget_if_cancelled, call))
        return call.future

    @property
    def _title(self) -> str:
        return f"llama:{self.path.name}"

    def _forget_if_cancelled(self, call: _Call, future: Future[Any]) -> None:
        if not future.cancelled():
            return
        with self._lock:
            self._calls.pop(call.number, None)
            if self._child is not None and call.sent:
                self._child.send({"id": call.number, "op": "cancel"})
            self._send_ready()

    def _send_ready(self) -> None:
        """Send what may be sent: all that waits, or one call alone while there are suspects."""
        child = self._child
        if child is None or not child.greeted:
            return
        while self._suspects and self._suspects[0].number not in self._calls:
            self._suspects.popleft()
        if self._suspects:
            if not self._suspects[0].sent:
                self._send(child, self._suspects[0])
            return
        while self._waiting:
            call = self._waiting.popleft()
            if call.number in self._calls:
                self._send(child, call)

    def _send(self, child: Child, call: _Call) -> None:
        # Only a generation says when it begins; what else is asked begins at once.
        call.sent, call.began = True, call.message["op"] != "generate"
        child.send(call.message)

    # ---- the supervisor's thread: it starts the children and hears them out ----

    def _supervise(self, first: Future[Message]) -> None:
        try:
            while self._wait_for_work(first):
                # From this thread, which lives as long as the child: Linux ends a child with the thread
                # that started it, not with the process.
                child = Child(self._opening, self._title)
                with self._lock:
                    self._child = child
                    if self._closing:
                        child.kill()
                self._hear(child, first)
                self._bury(child)
        except BaseException as error:
            self._fail(error)
            if not first.done():
                first.set_exception(error)
                return
        self._fail(EngineClosedError(f"{self._title} was closed before it answered"))

    def _wait_for_work(self, first: Future[Message]) -> bool:
        with self._lock:
            while first.done() and not self._calls and not self._closing:
                self._wanted.wait()
            return not self._closing

    def _hear(self, child: Child, first: Future[Message]) -> None:
        """Act on every message of the child, until it has no more to say."""
        for message in child.messages():
            if "hello" in message:
                self._greet(child, message["hello"], first)
            elif "failed" in message:
                raise error_from_wire(message["failed"])
            elif "began" in message:
                call = self._calls.get(message["began"])
                if call is not None:
                    call.began = True
            else:
                self._deliver(message)

    def _greet(self, child: Child, hello: Message, first: Future[Message]) -> None:
        if not first.done():
            self._stamp = hello["stamp"]
            first.set_result(hello)
        elif hello["stamp"] != self._stamp:
            raise EngineDiedError("the model file has changed since it was opened", where=self.path)
        with self._lock:
            child.greeted = True
            self._send_ready()

    def _deliver(self, message: Message) -> None:
        with self._lock:
            call = self._calls.pop(message["id"], None)
            self._deaths_in_a_row = 0
            self._send_ready()
        if call is None or not call.future.set_running_or_notify_cancel():
            return
        if "error" in message:
            call.future.set_exception(error_from_wire(message["error"]))
        else:
            try:
                call.future.set_result(call.read(message["value"]))
            except BaseException as error:
                call.future.set_exception(error)

    def _bury(self, child: Child) -> None:
        """The child is gone: what it was writing is suspect, or to blame; the rest waits for the next one."""
        reason = child.wait()
        with self._lock:
            self._child = None
            if self._closing:
                return
            if not child.greeted:
                raise reason
            self._deaths_in_a_row += 1
            for call in self._calls.values():
                call.deaths += call.began
                call.sent = call.began = False
            blamed = [call for call in self._calls.values() if call.deaths >= MOST_DEATHS]
            if self._deaths_in_a_row >= MOST_DEATHS_IN_A_ROW:
                blamed = list(self._calls.values())
            for call in blamed:
                del self._calls[call.number]
            self._suspects = deque(call for call in self._calls.values() if call.deaths)
            self._waiting = deque(call for call in self._calls.values() if not call.deaths)
        for call in blamed:
            if call.future.set_running_or_notify_cancel():
                call.future.set_exception(reason)

    def _fail(self, error: BaseException) -> None:
        """Nobody will answer any more."""
        with self._lock:
            self._failure = self._failure or (None if isinstance(error, EngineClosedError) else error)
            self._closing = True
            calls, self._calls = list(self._calls.values()), {}
            child, self._child = self._child, None
        if child is not None:
            child.kill()
        for call in calls:
            if call.future.set_running_or_notify_cancel():
                call.future.set_exception(error)


def _array(found: Message) -> Logits:
    import numpy as np

    return np.asarray(found["values"], dtype=np.float32).reshape(found["shape"])


@atexit.register
def _close_open_engines() -> None:
    for engine in list(_open_engines):
        engine.close()
