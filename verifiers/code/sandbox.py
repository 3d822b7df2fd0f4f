"""The caller's side of the keeper: starts it, hands it jobs, collects what they print, bounds everything.

Works in any thread (no signals), and keeps deadlines of its own should the keeper fail to. Idle keepers are
kept for the next program, because starting one costs more than most tests.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import secrets
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verifiers.code.limits import Limits

#: Starting takes a tenth of a second on an idle machine; a busy one is given time.
START_LIMIT_S = 60.0
#: How much later than a job's deadline the keeper may answer before it counts as lost.
GRACE_S = 15.0
MAX_IDLE = 16

_ROOT = str(Path(__file__).resolve().parents[2])
#: The packages above `inside` are stood in for, so that nothing of them is loaded.
_PROGRAM = """
import sys, types
for name in ("verifiers", "verifiers.code"):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = [sys.argv[1] + "/" + name.replace(".", "/")]
from verifiers.code.inside.keeper import main
main(int(sys.argv[2]), sys.argv[3])
"""


class SandboxError(RuntimeError):
    """The sandbox failed, not the program: nothing is known about the program."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run. `kind` and its inputs and outputs:

    `script`: program, standard input -> standard output, errors, syntax problem;
    `calls`: program, questions -> answers; `asserts`: program, test code -> report.
    `caps` are the most bytes taken of each output: a job that writes more to the first is ended, of the
    others the rest is dropped.
    """

    kind: str
    inputs: tuple[bytes, ...]
    caps: tuple[int, ...]
    limits: Limits
    time_s: float
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a job: outputs, how it ended (`exit`, `deadline` or `flood`), exit status (-9: killed)."""

    outputs: tuple[bytes, ...]
    ended: str
    status: int
    cpu_s: float


@dataclass
class _Pipe:
    """One output as it comes in; what is over the cap is dropped."""

    reader: int
    cap: int
    data: bytearray = field(default_factory=bytearray)
    over: bool = False

    def take(self) -> int | None:
        """Read what is there: how much, 0 at the end, None when there is nothing yet."""
        try:
            found = os.read(self.reader, 1 << 16)
        except BlockingIOError:
            return None
        room = self.cap - len(self.data)
        self.data += found[:room]
        self.over = self.over or len(found) > room
        return len(found)


class Sandbox:
    """A running keeper with its layers. One job at a time; not to be shared between threads."""

    def __init__(self, layers: tuple[str, ...]) -> None:
        """Raises `SandboxError` with the reason when it does not start, or a layer does not hold."""
        self.layers = layers
        self.control, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _PROGRAM]
            try:
                self.process = subprocess.Popen(
                    [*command, _ROOT, str(theirs.fileno()), ",".join(layers)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={},
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                self.control.close()
                raise SandboxError(f"the keeper does not start: {error}") from error
        self._finalizer = weakref.finalize(self, _end, self.process, self.control, os.getpid())
        self.described = tuple(self._reply(START_LIMIT_S)["ready"])

    def run(self, job: Job) -> Ran:
        """Run one job to its end. Raises `SandboxError`, after which this sandbox is of no more use."""
        with contextlib.ExitStack() as stack:
            inputs = [stack.enter_context(_file_of(data)) for data in job.inputs]
            pipes, ends = [], []
            for cap in job.caps:
                reader, writer = os.pipe()
                stack.callback(os.close, reader)
                os.set_blocking(reader, False)
                pipes.append(_Pipe(reader, cap))
                ends.append(writer)
            work = None if "namespaces" in self.layers else stack.enter_context(_private_folder())
            message = json.dumps(_orders(job, work)).encode() + b"\n"
            try:
                socket.send_fds(self.control, [message], [*(file.fileno() for file in inputs), *ends])
            except OSError as error:
                self.stop()
                raise SandboxError(f"the keeper is gone: {error}") from error
            finally:
                for writer in ends:
                    os.close(writer)
            reply, flood = self._collect(pipes, time.monotonic() + job.time_s + GRACE_S)
        ended = "flood" if flood else str(reply["ended"])
        outputs = tuple(bytes(pipe.data) for pipe in pipes)
        return Ran(outputs, ended, int(reply["status"]), float(reply["cpu_s"]))

    def _collect(self, pipes: list[_Pipe], deadline: float) -> tuple[dict[str, Any], bool]:
        """Read all outputs until the keeper says how the job ended, or stop it when it prints too much."""
        flood = False
        with selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ)
            for pipe in pipes:
                selector.register(pipe.reader, selectors.EVENT_READ, pipe)
            while True:
                events = selector.select(max(deadline - time.monotonic(), 0))
                if not events:
                    self.stop()
                    raise SandboxError("the keeper does not answer")
                for key, _ in events:
                    if key.data is None:
                        reply = self._reply(START_LIMIT_S)
                        for pipe in pipes:
                            while not pipe.over and pipe.take():
                                pass
                        return reply, pipes[0].over
                    if key.data.take() == 0:
                        selector.unregister(key.fileobj)
                    if pipes[0].over and not flood:
                        flood = True
                        self._send(b'{"stop": true}\n')

    def _send(self, message: bytes) -> None:
        try:
            self.control.sendall(message)
        except OSError as error:
            self.stop()
            raise SandboxError(f"the keeper is gone: {error}") from error

    def _reply(self, limit_s: float) -> dict[str, Any]:
        """The keeper's next line. Raises `SandboxError` when there is none, or it tells of an error."""
        line = b""
        self.control.settimeout(limit_s)
        try:
            while not line.endswith(b"\n"):
                data = self.control.recv(1 << 16)
                if not data:
                    break
                line += data
            reply: dict[str, Any] = json.loads(line)
            self.control.settimeout(None)
        except (OSError, ValueError) as error:
            self.stop()
            raise SandboxError("the keeper does not answer") from error
        if "error" in reply:
            self.stop()
            raise SandboxError(str(reply["error"]))
        return reply

    def stop(self) -> None:
        """End the keeper, and with it whatever it runs."""
        self._finalizer()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _end(process: subprocess.Popen[bytes], control: socket.socket, owner: int) -> None:
    if os.getpid() != owner:  # a forked copy of the caller: the keeper is not its to end
        control.close()
        return
    # Without its socket the keeper ends what it runs, then itself; one that does not is killed. Closing would
    # not do: a forked copy of the caller may have the socket open too.
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)
    control.close()
    try:
        process.wait(timeout=2.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _orders(job: Job, work: str | None) -> dict[str, Any]:
    limits = job.limits
    return {
        "kind": job.kind,
        "time_s": job.time_s,
        "work": work,
        "memory": int(limits.memory_mib * (1 << 20)),
        "disk": int(limits.disk_mib * (1 << 20)),
        "open_files": int(limits.open_files),
        "cpu_s": math.ceil(job.time_s) + 1,
        "entry": job.entry,
    }


@contextlib.contextmanager
def _file_of(data: bytes) -> Iterator[Any]:
    """A nameless file that holds `data`, at its beginning."""
    if hasattr(os, "memfd_create"):
        file = open(os.memfd_create("input"), "w+b", buffering=0)  # noqa: SIM115
    else:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    with file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        file.seek(0)
        yield file


@contextlib.contextmanager
def _private_folder() -> Iterator[str]:
    """A folder for one run, removed afterwards however deep or locked a program left it."""
    path = tempfile.mkdtemp(prefix="program-")
    try:
        yield path
    finally:
        remove(path)


def remove(path: str) -> None:
    """Remove a folder that a program filled. Inner folders are moved up first: no path is too long then."""
    with contextlib.suppress(OSError):
        moved = os.path.join(path, secrets.token_hex(8))
        pending = [path]
        for number in itertools.count():
            if not pending:
                return os.rmdir(path)
            folder = pending.pop()
            for at, entry in enumerate(list(os.scandir(folder))):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, 0o700)
                os.rename(entry.path, f"{moved}-{number}-{at}")
                pending.append(f"{moved}-{number}-{at}")
            if folder != path:
                os.rmdir(folder)
    shutil.rmtree(path, ignore_errors=True)


_idle: list[Sandbox] = []
_lock = threading.Lock()


@contextlib.contextmanager
def sandbox(layers: tuple[str, ...], fresh: bool = False) -> Iterator[Sandbox]:
    """An idle sandbox with these layers, or a new one; idle again afterwards unless it failed."""
    found = (None if fresh else _take(layers)) or Sandbox(layers)
    try:
        yield found
    except BaseException:
        found.stop()
        raise
    with _lock:
        if len(_idle) < MAX_IDLE:
            _idle.append(found)
            return
    found.stop()


def _take(layers: tuple[str, ...]) -> Sandbox | None:
    with _lock:
        _idle[:] = [each for each in _idle if each.process.poll() is None]
        found = next((each for each in reversed(_idle) if each.layers == layers), None)
        if found is not None:
            _idle.remove(found)
    return found


def _forget() -> None:
    """In a forked child: its parent's sandboxes are not its own, and another thread may hold the lock."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
