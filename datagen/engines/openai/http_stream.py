"""JSON and server-sent events from one server over HTTP, every fault told in a sentence.

What may pass is a `Fault` (`patience.py` asks again), what will not a `UserError`. What an answer means is
for `answers.py`.
"""

from __future__ import annotations

import contextlib
import email.utils
import os
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar

import orjson

from datagen.engines.engine import PromptTooLongError
from datagen.engines.openai.patience import Fault, Limits, Watch
from schemas import UserError

T = TypeVar("T")

MOST_BYTES = 64 << 20
MOST_LINE_BYTES = 8 << 20
"""Bytes that an answer, and one line of a stream, may have: more is a stream without end."""
MOST_TOLD = 300
"""Characters of a server's own message that enter ours."""
TOO_LONG = re.compile(
    r"exceed_context_size|context_length_exceeded|maximum context length|exceeds? the (available )?context"
    r"|(prompt|input)[^.]{0,40}too long",
    re.IGNORECASE,
)
# llama-cpp-python's server says 500 to what is wrong with a request and always will be.
HOPELESS = re.compile(r"logits_all|validation error", re.IGNORECASE)
UNKNOWN_PATH = (404, 405, 501)
BUSY = (408, 425, 429, 503)
MEND_STATUS = {
    401: "put the server's key into the environment variable HOMEGROWN_API_KEY",
    403: "put a key that may use it into the environment variable HOMEGROWN_API_KEY",
    404: "see that the address ends where the server's API begins, mostly in /v1",
}


class EventBuffer:
    """The data of server-sent events out of bytes as they come (WHATWG HTML, section 9.2).

    >>> buffer = EventBuffer()
    >>> buffer.feed(b": a ping\\n\\nevent: x\\ndata: 1\\nda")
    []
    >>> buffer.feed(b"ta:2\\r\\n\\r\\ndata: [DONE]\\n\\n")
    [b'1\\n2', b'[DONE]']
    """

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._size = 0
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that `received` completes. Raises `Fault` for a line without end."""
        self._rest.append(received)
        self._size += len(received)
        if self._size > MOST_LINE_BYTES:
            raise Fault(f"a line without end (over {MOST_LINE_BYTES >> 20} MiB)", "bad")
        # Joined only when a line may end, or a long one would be copied again and again.
        if b"\n" not in received and b"\r" not in b"".join(self._rest[-2:]):
            return []
        text = b"".join(self._rest)
        # A CR at the very end may be half of a CR LF: it waits for the next byte.
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._rest = [rest + held]
        self._size = len(self._rest[0])
        return [event for event in map(self._line, lines) if event is not None]

    def _line(self, line: bytes) -> bytes | None:
        if line.startswith(b"data:"):
            value = line[5:]
            self._data.append(value[1:] if value.startswith(b" ") else value)
        elif not line and self._data:
            event, self._data = b"\n".join(self._data), []
            return event
        return None


class Server:
    """One server, its connections and the key it wants. Belongs to one event loop; `name` is for messages."""

    def __init__(
        self, url: str, *, name: str, key: str | None, limits: Limits, connections: int, local: bool
    ) -> None:
        import httpx

        self.url, self.name, self.limits, self._key = url.rstrip("/"), name, limits, key
        self.root = re.sub(r"/v\d+$", "", self.url)
        self._httpx = httpx
        headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        self._client = httpx.AsyncClient(
            headers=headers | ({"authorization": f"Bearer {key}"} if key else {}),
            timeout=httpx.Timeout(None, connect=limits.connect_s),
            # llama-server hangs up on a connection that was idle for 5 seconds.
            limits=httpx.Limits(max_connections=connections + 4, keepalive_expiry=4),
            verify=url.startswith("https:"),  # reading the certificates takes longer than opening the engine
            trust_env=not local,  # no proxy of the environment stands between this machine and itself
        )

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def json(self, path: str, body: Mapping[str, Any] | None = None, *, root: bool = False) -> Any:
        """The JSON under `path`: GET, or POST of `body`; None when the server has no such path.

        `root`: beside `/v1` and not below it. Raises as `events`.
        """
        watch = Watch(self.limits.idle_s, f"no answer to {path}")
        async with self._asked((self.root if root else self.url) + path, body, watch) as response:
            data = await self._whole(response)
            if response.status_code in UNKNOWN_PATH:
                return None
            self._refuse_status(response, data)
            return self._parsed(response, data)

    async def events(
        self, path: str, body: Mapping[str, Any], watch: Watch
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The JSON objects of the stream that answers `body`, or the one object of a plain answer.

        `watch` is the caller's to beat: a ping is no sign of work. Raises `Fault` for what may pass,
        `PromptTooLongError` and `UserError` for what will not.
        """
        async with self._asked(self.url + path, body, watch) as response:
            kind = response.headers.get("content-type", "")
            if response.status_code != 200 or "text/event-stream" not in kind:
                data = await self._whole(response)
                self._refuse_status(response, data)
                yield self._object(response, data)
                return
            async for data in self._stream(response):
                yield self._object(response, data)

    @contextlib.asynccontextmanager
    async def _asked(self, address: str, body: Mapping[str, Any] | None, watch: Watch) -> AsyncIterator[Any]:
        """The response, its body still to be read; transport errors and a fired watch become `Fault`s."""
        method, content = ("GET", None) if body is None else ("POST", orjson.dumps(body))
        with self._faults(watch):
            async with self._client.stream(method, address, content=content) as response:
                yield response

    @contextlib.contextmanager
    def _faults(self, watch: Watch) -> Iterator[None]:
        import asyncio

        httpx = self._httpx
        try:
            yield
        except asyncio.CancelledError:
            if not watch.fired:
                raise
            watch.settle()
            raise Fault(f"the server hangs: {watch.what}", "gone") from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Fault(f"the server does not answer ({self.clean(_cause(error))})", "gone") from None
        except httpx.DecodingError as error:
            raise Fault(f"a damaged answer ({self.clean(str(error))})", "bad") from None
        except httpx.TransportError as error:
            why = self.clean(str(error)) or type(error).__name__
            raise Fault(f"the connection broke off ({why})", "gone") from None
        finally:
            watch.stop()

    async def _stream(self, response: Any) -> AsyncIterator[bytes]:
        """The data of each event up to the mark of the end."""
        buffer, size = EventBuffer(), 0
        async for received in response.aiter_bytes():
            size = self._counted(size, received)
            for event in buffer.feed(received):
                if event == b"[DONE]":
                    return
                yield event

    async def _whole(self, response: Any) -> bytes:
        parts, size = [], 0
        async for received in response.aiter_bytes():
            size = self._counted(size, received)
            parts.append(received)
        return b"".join(parts)

    @staticmethod
    def _counted(size: int, received: bytes) -> int:
        if size + len(received) > MOST_BYTES:
            raise Fault(f"an answer without end (over {MOST_BYTES >> 20} MiB)", "bad")
        return size + len(received)

    def _parsed(self, response: Any, data: bytes) -> Any:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass
        try:  # the standard library reads lone surrogates, which llama-cpp-python writes for broken UTF-8
            import json

            return json.loads(data)
        except ValueError:
            kind = response.headers.get("content-type", "no type").partition(";")[0]
            begin = self.clean(data[:60].decode(errors="replace"))
            raise Fault(f"an answer that is no JSON ({kind}, begins '{begin}')", "bad") from None

    def _object(self, response: Any, data: bytes) -> dict[str, Any]:
        found = self._parsed(response, data)
        if not isinstance(found, dict):
            raise Fault(f"an answer of the wrong kind (begins '{self.clean(str(found)[:60])}')", "bad")
        error = found.get("error")
        if error or found.get("object") == "error":  # told in the middle of a stream, under status 200
            told = error if isinstance(error, dict) else found
            code = told.get("code") or told.get("status_code")
            self._refuse(code if isinstance(code, int) else 500, data, None)
        return found

    def _refuse_status(self, response: Any, data: bytes) -> None:
        if response.status_code != 200:
            self._refuse(response.status_code, data, retry_after_s(response.headers.get("retry-after")))

    def _refuse(self, status: int, data: bytes, wait_s: float | None) -> None:
        """Raise what an answer with this status means."""
        raw, told = data.decode(errors="replace"), self.clean(message_of(data))
        if status in (400, 413, 422, 500) and TOO_LONG.search(raw):
            mend = "shorten the prompt, or start the server with a larger context"
            raise PromptTooLongError(
                f"the server says the prompt is too long: {told}", where=self.name, mend=mend
            )
        what = f"the server refuses with {status}: {told}"
        if status in BUSY:
            raise Fault(f"the server is busy ({status}: {told})", "busy", wait_s)
        if status >= 500 and not HOPELESS.search(raw):
            raise Fault(f"the server fails with {status}: {told}", "gone", wait_s)
        raise UserError(what, where=self.name, mend=MEND_STATUS.get(status))

    def clean(self, text: str) -> str:
        """`text` in one line, of bearable length, and without the key: servers like to quote it."""
        if self._key:
            text = text.replace(self._key, "***")
        text = " ".join(text.split())
        return text if len(text) <= MOST_TOLD else f"{text[: MOST_TOLD - 3]}..."


def _cause(error: BaseException) -> str:
    """What the system said of a failed connection, which lies a few exceptions deep."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno:
            return os.strerror(seen.errno).lower()
        groups = getattr(seen, "exceptions", None)
        seen = groups[0] if groups else seen.__cause__ or seen.__context__
    return str(error) or "no connection in time"


def message_of(data: bytes) -> str:
    """The message of an error as any of the servers words it; else the text itself.

    >>> message_of(b'{"error": {"message": "no such model", "code": 404}}'), message_of(b'{"detail": "no"}')
    ('no such model', 'no')
    """
    text = re.sub(r"<[^>]*>", " ", data.decode(errors="replace")) or "no message"
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return text
    for name in ("error", "detail", "message"):
        found = found.get(name, found) if isinstance(found, dict) else found
    return found if isinstance(found, str) else text


def field_of(found: Any, name: str, kind: type[T]) -> T:
    """`found[name]`; `Fault` when it is not there or of another kind."""
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, kind):
        raise Fault(f"an answer without '{name}'", "bad")
    return value


def retry_after_s(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3): a number or a date.

    >>> retry_after_s("3"), retry_after_s(None), retry_after_s("soon")
    (3.0, None, None)
    """
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
