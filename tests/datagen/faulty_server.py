"""An OpenAI-compatible server that does wrong on command, as a process of its own. Not a test itself.

    python faulty_server.py LOG [--port 0] [--kind plain|vllm] [--models a,b] [--loading 2] [--fault 500 ...]

Prints its port. Every question for text is a line in LOG, and so is every answer that was sent whole: the
file outlives the server. Each question takes one fault of `--fault`; `POST /faults` replaces what is left.
An answer depends on the question and its seed alone, so that rows can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
from typing import Any

WORDS = ("sand", "stone", "river", "wind", "seven", "green", "under", "often", "never", "light")
PINGS_S = 0.02
STATUSES: dict[str, tuple[int, str]] = {
    "500": (500, "the model fell over"),
    "503": (503, "Loading model"),
    "429": (429, "slow down"),
    "400": (400, "messages must alternate"),
    "404": (404, "The model `m` does not exist."),
    "422": (422, "seed must be an integer"),
    "context": (400, "This model's maximum context length is 64 tokens. However, you requested 70 tokens."),
}


def answer_of(body: dict[str, Any]) -> list[str]:
    """The words of the answer: at most `max_tokens`, and they depend on question and seed."""
    asked = json.dumps(body.get("messages") or body.get("prompt")) + str(body.get("seed"))
    digest = hashlib.sha256(asked.encode()).digest()
    words = [WORDS[byte % len(WORDS)] + " " for byte in digest[:6]]
    return words[: body.get("max_tokens") or len(words)]


class Connection:
    """One request and the response to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.path, self.headers, self.body = "", {}, {}

    async def read(self) -> bool:
        line = (await self.reader.readline()).split()
        if len(line) < 2:
            return False
        self.path, self.headers = line[1].decode(), {}
        while (header := (await self.reader.readline()).strip()) != b"":
            name, _, value = header.decode().partition(":")
            self.headers[name.lower()] = value.strip()
        data = await self.reader.readexactly(int(self.headers.get("content-length", 0)))
        self.body = json.loads(data) if data else {}
        return True

    async def begin(self, status: int, kind: str, extra: str = "") -> None:
        await self.raw(
            f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\n{extra}\r\n".encode()
        )

    async def whole(self, status: int, text: str, kind: str = "application/json", extra: str = "") -> None:
        data = text.encode()
        await self.begin(status, kind, f"content-length: {len(data)}\r\n{extra}")
        await self.raw(data)

    async def chunk(self, data: bytes) -> None:
        await self.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def event(self, value: Any) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        await self.chunk(f"data: {text}\n\n".encode())

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


class FaultyServer:
    """State of the process: the faults still to come, and how often it is still loading."""

    def __init__(self, settings: argparse.Namespace) -> None:
        self.settings, self.faults, self.loading = settings, list(settings.fault), settings.loading
        self.port = settings.port

    def log(self, what: str, body: dict[str, Any]) -> None:
        line = json.dumps({"what": what, "seed": body.get("seed"), "body": body}) + "\n"
        with open(self.settings.log, "a") as file:
            file.write(line)

    async def serve(self) -> None:
        server = await asyncio.start_server(self.connected, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        print(self.port, flush=True)
        await server.serve_forever()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            if await connection.read():
                await self.respond(connection)
        writer.close()

    async def respond(self, connection: Connection) -> None:
        if connection.path == "/faults":
            self.faults = connection.body["faults"]
            await connection.whole(200, "{}")
        elif connection.path == "/v1/models":
            await self.models(connection)
        elif connection.path == "/tokenize" and self.settings.kind == "vllm":
            await connection.whole(200, json.dumps({"count": prompt_tokens(connection.body)}))
        elif connection.path in ("/v1/chat/completions", "/v1/completions"):
            await self.complete(connection)
        else:
            await connection.whole(404, json.dumps({"detail": "Not Found"}))

    async def models(self, connection: Connection) -> None:
        if self.loading > 0:
            self.loading -= 1
            await connection.whole(503, json.dumps({"error": {"code": 503, "message": "Loading model"}}))
            return
        extra = {"owned_by": "vllm", "max_model_len": 64} if self.settings.kind == "vllm" else {}
        listed = [{"id": name, "object": "model", **extra} for name in self.settings.models.split(",")]
        await connection.whole(200, json.dumps({"object": "list", "data": listed}))

    async def complete(self, connection: Connection) -> None:
        body = connection.body
        self.log("asked", body)
        fault = self.faults.pop(0) if self.faults else "none"
        if fault in STATUSES:
            status, message = STATUSES[fault]
            extra = "retry-after: 0.3\r\n" if status == 429 else ""
            await connection.whole(status, json.dumps({"error": {"message": message}}), extra=extra)
        elif fault == "401":
            key = connection.headers.get("authorization", "nothing")
            await connection.whole(401, json.dumps({"error": {"message": f"Incorrect API key: {key}"}}))
        elif fault in WHOLE:
            await connection.whole(200, *WHOLE[fault])
        elif fault == "hang":
            await asyncio.sleep(3600)
        elif fault != "close":
            await self.stream(connection, fault)

    async def stream(self, connection: Connection, fault: str) -> None:
        """A stream of server-sent events, and what goes wrong in it."""
        body, chat = connection.body, "messages" in connection.body
        await connection.begin(200, "text/event-stream", "transfer-encoding: chunked\r\n")

        def piece(text: str | None, finish: str | None = None) -> dict[str, Any]:
            shown: dict[str, Any] = (
                {"delta": {"content": text} if text else {}} if chat else {"text": text or ""}
            )
            model = "another" if fault == "another model" else body["model"]
            return {"model": model, "choices": [{"index": 0, "finish_reason": finish, **shown}]}

        if fault == "queue":
            for _ in range(25):
                await connection.chunk(b": ping\n\n")
                await asyncio.sleep(PINGS_S)
        for number, word in enumerate(answer_of(body)):
            if number == 2 and fault in MIDDLES:
                await MIDDLES[fault](connection, piece)
                return
            await connection.event(piece(word))
        if fault == "no end":
            await connection.event("[DONE]")
            await connection.raw(b"0\r\n\r\n")
            return
        await connection.event(piece(None, "content_filter" if fault == "filter" else "stop"))
        read = prompt_tokens(body) // (2 if fault == "truncates" else 1)
        usage = {"prompt_tokens": read, "completion_tokens": len(answer_of(body))}
        await connection.event({"model": piece(None)["model"], "choices": [], "usage": usage})
        await connection.event("[DONE]")
        await connection.raw(b"0\r\n\r\n")
        self.log("answered", body)


def prompt_tokens(body: dict[str, Any]) -> int:
    """A token a word."""
    return len(json.dumps(body.get("messages") or body.get("prompt")).split())


async def drop(connection: Connection, _piece: Any) -> None:
    """The connection ends in the middle of a chunk."""
    await connection.raw(b"400\r\ndata: {")


async def die(_connection: Connection, _piece: Any) -> None:
    os._exit(1)


async def stall(connection: Connection, _piece: Any) -> None:
    """Only pings from now on."""
    while True:
        await connection.chunk(b": ping\n\n")
        await asyncio.sleep(PINGS_S)


async def endless(connection: Connection, piece: Any) -> None:
    while True:
        await connection.event(piece("and "))


async def endless_line(connection: Connection, _piece: Any) -> None:
    await connection.chunk(b"data: ")
    while True:
        await connection.chunk(b"x" * 100_000)


async def malformed(connection: Connection, _piece: Any) -> None:
    await connection.event('{"choices": [{"delta": {"conte')
    await connection.raw(b"0\r\n\r\n")


async def error_event(connection: Connection, _piece: Any) -> None:
    await connection.event({"error": {"code": 500, "message": "the model fell over in the middle"}})
    await connection.raw(b"0\r\n\r\n")


MIDDLES = {
    **{"drop": drop, "die": die, "stall": stall, "endless": endless, "endless line": endless_line},
    **{"malformed event": malformed, "error event": error_event},
}
WHOLE = {
    "html": ("<html><body>Welcome to the router</body></html>", "text/html"),
    "malformed json": ('{"choices": [{"mess',),
    "no choices": (json.dumps({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 0}}),),
    "a list": ("[1, 2]",),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--kind", default="plain", choices=("plain", "vllm"))
    parser.add_argument("--models", default="m")
    parser.add_argument("--loading", type=int, default=0)
    parser.add_argument("--fault", nargs="*", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(FaultyServer(arguments()).serve())
