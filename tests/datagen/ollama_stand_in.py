"""A conformance stand-in for an Ollama server: Ollama's published API over a real llama.cpp model.

NOT Ollama, and no proof that one works: it follows Ollama's API documentation and what its source does with
a prompt, so that the real client library and our engine meet the same routes, fields and faults. Behind it
is llama-server (in process, by `xllamacpp`), which Ollama runs too; so tokens, schemas, the full context and
its shifting are real. What it only imitates: the registry, reasoning (the first words of an answer are sent
as `thinking`), and faults, which are switched on at `POST /stand_in`.

python ollama_stand_in.py --registry NAME=FILE.gguf [--model NAME=FILE.gguf ...] [--thinks NAME ...]

Prints its address when it listens. `StandIn` runs it as a child. Not a test itself.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from ollama_stand_in_model import (
    TEMPLATE,
    THINKING_TEMPLATE,
    ApiError,
    Asked,
    Model,
    Ollama,
    answer,
    full,
    now,
    part,
)

VERSION = "0.0.0-stand-in"
PAUSE_S = 0.12


class StandIn:
    """The stand-in as a child process.

    with StandIn("--model", f"tiny={path}") as server:
        ollama.Client(server.address).list()
    """

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, __file__, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the stand-in did not start"

    def set(self, **changes: Any) -> None:
        """Switch on faults, make it older, or have it forget what it was asked."""
        data = json.dumps(changes).encode()
        request = urllib.request.Request(
            f"{self.address}/stand_in", data, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request).read()

    @property
    def state(self) -> dict[str, Any]:
        """What it was asked since it forgot, and how often it loaded a model."""
        with urllib.request.urlopen(f"{self.address}/stand_in") as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The requests for text that were more than a model's loading or unloading."""
        return [r for r in self.state["requests"] if r["body"].get("messages") or r["body"].get("prompt")]

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()


# ---- the routes ----


def tags(server: Ollama) -> dict[str, Any]:
    return {"models": [entry(name, model) for name, model in server.models.items()]}


def running(server: Ollama) -> dict[str, Any]:
    if server.loaded is None or server.runner is None:
        return {"models": []}
    found = entry(server.loaded, server.models[server.loaded])
    found |= {"expires_at": now(), "size_vram": 0}
    if server.era["tells_context"]:
        found["context_length"] = server.runner.num_ctx
    return {"models": [found]}


def entry(name: str, model: Model) -> dict[str, Any]:
    size = model.path.stat().st_size
    named = {"name": name, "model": name, "modified_at": model.modified, "size": size, "digest": model.digest}
    return {**named, "details": model.details}


def show(server: Ollama, body: dict[str, Any]) -> dict[str, Any]:
    model = server.model(body.get("model") or body.get("name") or "")
    info = {name: value for name, value in model.metadata.items() if not isinstance(value, list)}
    return {
        "modelfile": f"FROM {model.path.name}\nTEMPLATE {model.template}\n",
        "parameters": model.parameter_lines,
        "template": model.template,
        "system": model.system,
        "details": model.details,
        "model_info": info,
        "capabilities": ["completion", *(["thinking"] if model.thinks else [])],
        "modified_at": model.modified,
    }


def pull(server: Ollama, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = body.get("model") or body.get("name") or ""
    yield {"status": "pulling manifest"}
    path = server.registry.get(full(name))
    if path is None:
        yield {"error": "pull model manifest: file does not exist"}
        return
    size = path.stat().st_size
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for done in (0, size // 2, size):
        layer = {"status": f"pulling {digest[:12]}", "digest": f"sha256:{digest}", "total": size}
        yield layer | ({"completed": done} if done else {})
    for status in ("verifying sha256 digest", "writing manifest"):
        yield {"status": status}
    server.models[full(name)] = Model(path)
    yield {"status": "success"}


def create(server: Ollama, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = body.get("model") or body.get("name") or ""
    if body.get("from"):
        origin = server.model(body["from"])
        model = Model(origin.path, origin.template, origin.system, dict(origin.parameters), origin.thinks)
    else:
        model = Model(Path())
        for file, digest in (body.get("files") or {}).items():
            yield {"status": "parsing GGUF"}
            model.path = server.folder / digest.replace(":", "-")
            if not model.path.is_file():
                yield {"error": f"blob {digest} of {file} not found"}
                return
            yield {"status": f"using existing layer {digest}"}
        if model.path == Path():
            yield {"error": "neither 'from' or 'files' was specified"}
            return
    model.template = body.get("template") or model.template
    model.system = body.get("system") or model.system
    model.parameters |= body.get("parameters") or {}
    model.thinks = model.thinks or "<think>" in model.template
    server.models[full(name)] = model
    yield {"status": "writing manifest"}
    yield {"status": "success"}


# ---- HTTP ----


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    ollama: Ollama

    def log_message(self, *_: object) -> None: ...

    def do_HEAD(self) -> None:
        blob = self.path.removeprefix("/api/blobs/")
        there = self.path == "/" or (self.ollama.folder / blob.replace(":", "-")).is_file()
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        routes = {
            "/api/version": lambda: {"version": VERSION},
            "/api/tags": lambda: tags(self.ollama),
            "/api/ps": lambda: running(self.ollama),
            "/stand_in": lambda: {"requests": self.ollama.requests, "loads": self.ollama.loads},
        }
        if self.path == "/":
            self._send(200, b"Ollama is running", "text/plain")
        elif self.path in routes:
            self._guarded(lambda: self._json(200, routes[self.path]()))
        else:
            self._json(404, {"error": "not found"})

    def do_DELETE(self) -> None:
        body = self._body()

        def delete() -> None:
            self.ollama.model(body.get("model") or "")
            del self.ollama.models[full(body["model"])]
            self._json(200, {})

        self._guarded(delete)

    def do_POST(self) -> None:
        if self.path.startswith("/api/blobs/"):
            self._guarded(self._take_blob)
            return
        body = self._body()
        self._guarded(lambda: self._post(body))

    def _post(self, body: dict[str, Any]) -> None:
        if self.path in ("/api/chat", "/api/generate"):
            self._answer(body)
        elif self.path in ("/api/pull", "/api/create"):
            steps = (pull if self.path == "/api/pull" else create)(self.ollama, body)
            self._stream(steps) if body.get("stream", True) else self._last_of(steps)
        elif self.path == "/api/show":
            self._json(200, show(self.ollama, body))
        elif self.path == "/api/copy":
            self.ollama.models[full(body["destination"])] = self.ollama.model(body["source"])
            self._json(200, {})
        elif self.path in ("/api/embed", "/api/embeddings"):
            raise ApiError(400, "this model does not support embeddings")
        elif self.path == "/stand_in":
            self.ollama.faults = body.get("faults", self.ollama.faults)
            self.ollama.era |= body.get("era", {})
            self.ollama.most_context = body.get("most_context", self.ollama.most_context)
            self.ollama.load_s = body.get("load_s", self.ollama.load_s)
            if body.get("forget"):
                self.ollama.requests.clear()
                self.ollama.runner = self.ollama.loaded = None
                self.ollama.loads = 0
            self._json(200, {})
        else:
            self._json(404, {"error": "not found"})

    def _answer(self, body: dict[str, Any]) -> None:
        record = {"path": self.path, "body": body, "done": False}
        self.ollama.requests.append(record)
        asked = Asked(self.ollama, self.path, body)
        fault = {"kind": "none"} if asked.says_nothing else self.ollama.fault(self.path)
        if fault["kind"] == "error":
            raise ApiError(
                fault.get("status", 500), fault.get("words", "model runner has unexpectedly stopped")
            )
        if body.get("stream", True):
            self._stream(answer(asked), fault, asked, record)
        else:
            self._whole(answer(asked))
            record["done"] = True

    def _whole(self, parts: Iterator[dict[str, Any]]) -> None:
        """All parts as one answer."""
        found: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for one in parts:
            message = one.get("message") or {}
            for name, text in {**message, "response": one.get("response")}.items():
                if text and name != "role":
                    texts[name] = texts.get(name, "") + text
            found = {**one, "logprobs": found.get("logprobs", []) + one.get("logprobs", [])}
        if "message" in found:
            found["message"] = {"role": "assistant", "content": "", **texts}
        else:
            found |= {"response": "", **texts}
        if not found["logprobs"]:
            del found["logprobs"]
        self._json(200, found)

    def _last_of(self, steps: Iterator[dict[str, Any]]) -> None:
        found = list(steps)[-1]
        self._json(500 if "error" in found else 200, found)

    def _stream(
        self,
        parts: Iterator[dict[str, Any]],
        fault: dict[str, Any] | None = None,
        asked: Asked | None = None,
        record: dict[str, Any] | None = None,
    ) -> None:
        """Send parts as they come, and in their midst what is to go wrong. A first that fails is a status."""
        first = next(parts)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        kind = (fault or {"kind": "none"})["kind"]
        try:
            for number, one in enumerate(itertools.chain([first], parts)):
                if kind == "slow":
                    time.sleep(PAUSE_S)
                elif kind != "none" and number == 2:
                    assert asked is not None
                    self._go_wrong(kind, asked)
                    return
                self._line(one)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            return
        finally:
            parts.close()  # type: ignore[attr-defined]
        self.wfile.write(b"0\r\n\r\n")
        if record is not None:
            record["done"] = True

    def _go_wrong(self, kind: str, asked: Asked) -> None:
        if kind == "broken":
            self._line({"error": "an error was encountered while running the model: CUDA error"})
        elif kind == "repeats":
            self._line({"error": "prediction aborted, token repeat limit reached"})
        elif kind == "malformed":
            self._write(b'{"model": "tiny", "mess\n')
        elif kind == "foreign":
            self._write(b'{"choices": [{"delta": 1}], "message": 7, "response": 7}\n')
        elif kind == "ends":
            self.wfile.write(b"0\r\n\r\n")
            return
        elif kind == "dies":
            self.close_connection = True
            return
        elif kind == "silent":
            self.connection.recv(1)  # until the other side hangs up
            self.close_connection = True
            return
        elif kind == "endless":
            while True:
                self._line(part(asked, "and on "))
        self.wfile.write(b"0\r\n\r\n")

    def _take_blob(self) -> None:
        digest = self.path.removeprefix("/api/blobs/")
        data = b"".join(self._chunks())
        if digest != f"sha256:{hashlib.sha256(data).hexdigest()}":
            raise ApiError(400, "digest mismatch")
        (self.ollama.folder / digest.replace(":", "-")).write_bytes(data)
        self._send(201, b"", "application/json")

    def _chunks(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _body(self) -> dict[str, Any]:
        found = json.loads(b"".join(self._chunks()) or b"{}")
        return found if isinstance(found, dict) else {}

    def _guarded(self, work: Any) -> None:
        try:
            work()
        except ApiError as error:
            self._json(error.status, {"error": error.words})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _line(self, body: dict[str, Any]) -> None:
        self._write(json.dumps(body).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--model", "--registry", "--thinks"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        named = [
            dict(pair.split("=", 1) for pair in pairs) for pairs in (arguments.registry, arguments.model)
        ]
        registry, models = [{full(name): Path(path) for name, path in pairs.items()} for pairs in named]
        server = Ollama(registry, Path(folder))
        for name, path in models.items():
            thinks = name in map(full, arguments.thinks)
            server.models[name] = Model(path, THINKING_TEMPLATE if thinks else TEMPLATE, thinks=thinks)
        Handler.ollama = server
        listening = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
        listening.daemon_threads = True
        print(f"http://127.0.0.1:{listening.server_address[1]}", flush=True)
        listening.serve_forever()


if __name__ == "__main__":
    main()
