"""A hub of models on loopback: as much of its API as downloading takes. Driven by the real client.

Follows https://huggingface.co/docs/hub/api and what huggingface_hub sends and reads. Not a test itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILE = re.compile(r"^/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)$")
TREE = re.compile(r"^/api/models/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)$")


@dataclass
class Hub:
    """Repositories by name, each its files by name; what was asked; and what goes wrong."""

    repositories: dict[str, dict[str, bytes]]
    gated: set[str] = field(default_factory=set)
    cut_after: int | None = None  # the next download ends after so many bytes
    stall_after: int | None = None  # the next download stops after so many bytes, and waits for `go_on`
    stalled: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    url: str = ""

    @property
    def downloads(self) -> list[str]:
        """The files whose content was sent, one entry a time."""
        return [
            path.rpartition("/")[2] for method, path, _ in self.asked if method == "GET" and "resolve" in path
        ]


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """`hub` at `hub.url` while the block runs."""

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def log_message(self, *arguments) -> None: ...

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((self.command, path, self.headers.get("Range")))
        if found := FILE.match(path):
            self.file(found["repo"], found["revision"], found["file"])
        elif found := TREE.match(path):
            files = self.repository(found["repo"], found["revision"])
            if files is not None:
                listed = [
                    {"type": "file", "path": name, "size": len(data), "oid": "0"}
                    for name, data in files.items()
                ]
                self.reply(200, json.dumps(listed).encode(), {"Content-Type": "application/json"})
        else:
            self.reply(404)

    def repository(self, name: str, revision: str) -> dict[str, bytes] | None:
        """The files of a repository, or None once an error is answered."""
        if name not in self.hub.repositories:
            self.reply(
                401, headers={"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            )
        elif name in self.hub.gated:
            self.reply(403, headers={"X-Error-Code": "GatedRepo"})
        elif revision not in ("main", "v1", COMMIT):
            self.reply(404, headers={"X-Error-Code": "RevisionNotFound"})
        else:
            return self.hub.repositories[name]
        return None

    def file(self, repository: str, revision: str, name: str) -> None:
        files = self.repository(repository, revision)
        if files is None:
            return
        if name not in files:
            self.reply(404, headers={"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            return
        data = files[name]
        described = {
            "ETag": f'"{hashlib.sha256(data).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
        }
        start = 0
        if found := re.match(r"bytes=(\d+)-", self.headers.get("Range") or ""):
            start = int(found[1])
            described["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.reply(206 if start else 200, data[start:], described)

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.hub.cut_after is not None:
            body, self.hub.cut_after = body[: self.hub.cut_after], None
            self.close_connection = True
        if self.hub.stall_after is not None:
            start, self.hub.stall_after = self.hub.stall_after, None
            self.wfile.write(body[:start])
            self.wfile.flush()
            self.hub.stalled.set()
            self.hub.go_on.wait()
            self.close_connection = True
            return
        self.wfile.write(body)
