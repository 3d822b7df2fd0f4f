"""One Ollama server, spoken to with its own client: its calls, its streams, and every fault as one sentence.

The client lives on a loop of its own thread, so that an engine serves any loop, and callers that have none.
Leaves to others: what to ask (`engine.py`), and what an answer is worth (`answer.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import ollama
import pydantic

from datagen.engines.engine import EngineClosedError, PromptTooLongError
from datagen.engines.offline import is_local, refuse_remote
from schemas import UserError

T = TypeVar("T")
Part = Mapping[str, Any]

MEND_DOWN = "start it with `ollama serve`, or set OLLAMA_HOST"
# What Ollama's runners and llama-server have called it over the years.
TOO_LONG = (
    "exceeds the context",
    "exceeds the available context",
    "longer than the context",
    "maximum context length",
    "exceed_context_size",
)
HOPELESS = (
    "requires more system memory",
    "out of memory",
    "out-of-memory",
    "unsupported model",
    "unable to load model",
)
REPEATED = "token repeat limit reached"
"""Ollama's own end of an answer that says one token over and over; the same seed would end the same way."""


class ServerFaultError(Exception):
    """Something that may go away when asked again: an error 500, a torn stream, silence."""


class Repeated(Exception):  # noqa: N818 - it ends an answer, as the end token does
    """The server ended an answer because it repeats itself."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to ask.

    `idle_s` is the longest silence between two tokens. It does not run before the first one: a request may
    stand in the server's queue, or wait for the model to load. Then only a server that gives no sign of life
    in `start_s`, on this or any other request, is given up. `tries` with a doubling pause from `pause_s`.
    """

    idle_s: float = 120.0
    start_s: float = 1800.0
    tries: int = 5
    pause_s: float = 0.5


class OllamaServer:
    """The server at `host` (as `OLLAMA_HOST` writes it; None for that variable, or Ollama's own port).

    With `offline`, one that is not this machine is refused. Methods raise `UserError` when the server is down
    or refuses, `PromptTooLongError` when a prompt is why, `ServerFaultError` for what may be asked again.
    """

    def __init__(
        self, host: str | None = None, *, offline: bool = False, patience: Patience | None = None
    ) -> None:
        self.patience = patience or Patience()
        self._loop = asyncio.new_event_loop()
        self._client = _client(host)
        self.address = self._client.address
        if offline:
            refuse_remote(self._client.hostname, what="the engine")
        self._sign_of_life = time.monotonic()
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"ollama {self.address}", daemon=True
        )
        self._thread.start()

    # ---- from any thread ----

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin `work` on the server's loop."""
        if self._closed.is_set():
            work.close()
            raise EngineClosedError(f"the connection to {self.address} is closed")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of `work`, for callers that are not async."""
        return self.submit(work).result()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.is_set()

    def close(self) -> None:
        """Cancel what is under way and hang up. May be repeated."""
        if self._closed.is_set():
            return
        self._closed.set()
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _hang_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.close()

    # ---- on the loop ----

    async def version(self) -> str:
        """The server's version; "unknown" where it does not tell."""
        with self._faults("the server"):
            return str((await self._client.json("GET", "/api/version")).get("version", "unknown"))

    async def show(self, model: str) -> dict[str, Any] | None:
        """What the server knows of a model, or None when it has none of that name."""
        try:
            with self._faults(model):
                return await self._client.json("POST", "/api/show", {"model": model})
        except _NoModelError:
            return None

    async def digest(self, model: str) -> str:
        """The digest of the model's manifest: of its weights, template, system prompt and parameters."""
        with self._faults(model):
            known = {_full(entry.model): entry.digest for entry in (await self._client.list()).models}
        found = known.get(_full(model))
        if not found:
            raise UserError(
                f"the server has no model '{model}'", where=self.address, mend=f"ollama pull {model}"
            )
        return found.removeprefix("sha256:")

    async def loaded(self, model: str) -> dict[str, Any] | None:
        """What `ollama ps` shows of a model, JSON-ready, or None when it is not in memory."""
        with self._faults(model):
            running = (await self._client.ps()).models
        found = next((entry for entry in running if _full(entry.model or entry.name) == _full(model)), None)
        return None if found is None else found.model_dump(mode="json", exclude_none=True)

    async def pull(self, model: str, report: Callable[[str, int, int], None]) -> None:
        """Let the server fetch a model; `report(status, completed, total)`, in bytes, follows it."""
        with self._faults(model):
            async for step in await self._client.pull(model, stream=True):
                report(step.status or "", step.completed or 0, step.total or 0)

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One answer that is no stream, waited for as long as a model may take to load."""
        with self._faults(str(body.get("model"))):
            answer = self._client.json("POST", path, {**body, "stream": False})
            return await asyncio.wait_for(answer, self.patience.start_s)

    async def parts(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[Part, None]:
        """The parts of an answer as they come. Raises `ServerFaultError` for what may be asked again."""
        with self._faults(str(body.get("model"))):
            stream = await self._client.stream(path, {**body, "stream": True})
            async with contextlib.aclosing(stream):
                begun = False
                while (part := await self._next(stream, begun)) is not None:
                    begun = True
                    yield part

    async def _next(self, stream: AsyncGenerator[Any, None], begun: bool) -> Part | None:
        """The next part, or None at the end; `ServerFaultError` when the server is silent for too long."""
        asked = time.monotonic()
        limit = self.patience.idle_s if begun else self.patience.start_s
        coming = asyncio.ensure_future(_or_none(stream))
        try:
            while True:
                since = asked if begun else max(asked, self._sign_of_life)
                left = since + limit - time.monotonic()
                if left <= 0:
                    raise ServerFaultError(f"no token for {limit:g} seconds")
                if (await asyncio.wait({coming}, timeout=left))[0]:
                    self._sign_of_life = time.monotonic()
                    return coming.result()
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def patiently(self, attempt: Callable[[], Awaitable[T]], *, at_start: bool = False) -> T:
        """The outcome of `attempt`, which is made again, after a pause, when the server fails.

        `at_start`: a server that is down is told at once, as it will not come by waiting.
        """
        for number in range(self.patience.tries):
            try:
                return await attempt()
            except ServerFaultError as error:
                if at_start and isinstance(error, _DownError):
                    raise
                fault = error
            if number + 1 < self.patience.tries:
                await asyncio.sleep(self.patience.pause_s * 2**number)
        what = f"Ollama failed {self.patience.tries} times, at last so: {fault}"
        mend = "look into its log; what was answered is kept, and the same command goes on"
        raise UserError(what, where=self.address, mend=mend)

    @contextlib.contextmanager
    def _faults(self, model: str) -> Iterator[None]:
        """Whatever the client raises, as one of ours."""
        try:
            yield
        except ollama.ResponseError as error:
            raise self._refused(str(error.error).strip(), error.status_code, model) from error
        except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _DownError("no Ollama answers", where=self.address, mend=MEND_DOWN) from error
        except httpx.HTTPError as error:
            raise ServerFaultError(f"the connection broke ({_words(error)})") from error
        except (json.JSONDecodeError, UnicodeDecodeError, pydantic.ValidationError, TypeError) as error:
            raise ServerFaultError(f"an answer that is none of Ollama's ({_words(error)})") from error
        except asyncio.TimeoutError as error:
            raise ServerFaultError(f"no answer in {self.patience.start_s:g} seconds") from error

    def _refused(self, words: str, status: int, model: str) -> Exception:
        """The exception for an error in the server's words; `status` is -1 in the middle of a stream."""
        words = _innermost(words)
        plain = words.lower()
        if any(sign in plain for sign in TOO_LONG):
            what = f"the server refuses the prompt ({_short(words)})"
            return PromptTooLongError(
                what, where=f"ollama:{model}", mend="shorten it or open with a larger context"
            )
        if REPEATED in plain:
            return Repeated(words)
        if status == 404 and "not found" in plain:
            mend = f"ollama pull {model}"
            return _NoModelError(f"the server has no model '{model}'", where=self.address, mend=mend)
        if any(sign in plain for sign in HOPELESS):
            mend = "ask for a smaller context, or take a smaller model"
            return UserError(
                f"the server cannot load it ({_short(words)})", where=f"ollama:{model}", mend=mend
            )
        if status in (-1, 408, 429) or status >= 500:
            return ServerFaultError(
                f"{'error' if status == -1 else f'error {status}'}: {_short(words) or 'no words'}"
            )
        return UserError(
            f"the server refuses the request ({status}: {_short(words)})", where=f"ollama:{model}"
        )


class _NoModelError(UserError):
    """The server has no model of that name."""


class _DownError(UserError, ServerFaultError):
    """Nobody listens: worth asking again in the middle of a run, told at once at its start."""


class _Client(ollama.AsyncClient):  # type: ignore[misc]
    """The real client, with the fields of a request that its methods have no arguments for yet.

    `truncate` and `shift` keep the server from cutting a prompt in silence; without them no answer to a long
    prompt could be trusted.
    """

    @property
    def address(self) -> str:
        """The server's address, as the client understood it."""
        return str(self._client.base_url).rstrip("/")

    @property
    def hostname(self) -> str:
        """The name or number of its machine."""
        return str(self._client.base_url.host)

    async def json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer as it is; the client's types leave out what they do not know."""
        answer = (await self._request_raw(method, path, json=body)).json()
        if not isinstance(answer, dict):
            raise TypeError(f"{path} answered with {type(answer).__name__}")
        return answer

    async def stream(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        """The parts of a streamed answer, in the client's types."""
        kind: Any = ollama.ChatResponse if path == "/api/chat" else ollama.GenerateResponse
        parts: Any = await self._request(kind, "POST", path, json=body, stream=True)
        return parts  # type: ignore[no-any-return]


def _client(host: str | None) -> _Client:
    named = host or os.environ.get("OLLAMA_HOST") or None
    # 0.0.0.0 is where a server listens; who connects means this machine, as Ollama's own client does.
    named = named and named.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")
    limits = httpx.Limits(max_connections=None)
    timeout = httpx.Timeout(None, connect=10.0)
    try:
        client = _Client(named, follow_redirects=False, timeout=timeout, limits=limits)
        # A proxy named in the environment is for the network, and must not see what stays on this machine.
        if is_local(client.hostname):
            client = _Client(named, follow_redirects=False, timeout=timeout, limits=limits, trust_env=False)
    except (ValueError, httpx.InvalidURL) as error:
        mend = "write it as http://127.0.0.1:11434"
        raise UserError(f"'{named}' is no address of an Ollama server ({error})", mend=mend) from None
    return client


async def _or_none(stream: AsyncGenerator[Any, None]) -> Part | None:
    part = await anext(stream, None)
    found: Part | None = None if part is None else part.model_dump(exclude_none=True)
    return found


def _full(model: str | None) -> str:
    """A model's name with its tag.

    >>> _full("qwen3"), _full("hf.co/me/it:Q4_K_M"), _full("localhost:5000/me/it")
    ('qwen3:latest', 'hf.co/me/it:q4_k_m', 'localhost:5000/me/it:latest')
    """
    name = (model or "").lower()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _innermost(words: str) -> str:
    r"""The message in an error of llama-server, which Ollama passes on as it is.

    >>> _innermost('{"error": {"code": 400, "message": "too much"}}'), _innermost("as it is")
    ('too much', 'as it is')
    """
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return str(json.loads(words)["error"]["message"])
    return words


def _words(error: Exception) -> str:
    return _short(str(error)) or type(error).__name__


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:197]}..."
