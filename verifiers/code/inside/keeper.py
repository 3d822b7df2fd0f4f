"""The keeper: a small trusted process that forks the sandboxed ones, and ends them when their time is up.

Takes one job at a time from a socket, with the descriptors of its inputs and outputs: what is in them goes
from the caller to the forked process directly, so nothing of one job is left for the next. Ends with its
socket, and everything it started with it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass, fields
from typing import Any

from verifiers.code.inside import child, kernel, landlock, namespaces, seccomp

LAYERS = frozenset({"namespaces", "landlock", "seccomp"})
_MESSAGE = 1 << 16
_MOST_DESCRIPTORS = 16
#: How long to wait for the death of one process before looking for others that must die.
_SWEEP_S = 0.02
#: Loaded once here, so that a program that imports them does not wait.
_OFTEN_USED = """
bisect collections contextlib copy dataclasses datetime decimal enum fractions functools heapq io itertools
json math operator queue random re statistics string threading traceback typing
"""


@dataclass
class Keeper:
    """Where jobs come from, and what every process forked for one gets."""

    control: socket.socket
    layers: frozenset[str]
    readable: tuple[str, ...]
    null: int
    woken: int
    process_namespace: int | None = None

    def serve(self) -> None:
        """Do jobs until the socket closes."""
        while (received := receive(self.control)) is not None:
            job, descriptors = received
            if "stop" in job:  # it ended by itself in the meantime
                continue
            try:
                reply = self.run(job, descriptors)
            except OSError as error:
                reply = {"error": f"{type(error).__name__}: {error}"}
            for each in descriptors:
                with contextlib.suppress(OSError):
                    os.close(each)
            if reply is None:
                return
            send(self.control, reply)

    def run(self, job: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | None:
        """One job from forking to the last process's end; None when the caller is gone."""
        children: list[int] = []
        if self.process_namespace is not None:
            namespaces.next_process_namespace()
        try:
            self.start(job, descriptors, children)
            return self.wait(children[0], time.monotonic() + float(job["time_s"]))
        finally:
            self.sweep(children)
            if self.process_namespace is not None:
                namespaces.back(self.process_namespace)

    def start(self, job: dict[str, Any], descriptors: list[int], children: list[int]) -> None:
        """Fork the job's processes. The first is the one that counts: when it ends, the job ends."""
        if job["kind"] != "asserts":
            children.append(self.fork(job, job["kind"], descriptors))
            return
        program, tests, report = descriptors
        answers, questions = os.pipe(), os.pipe()
        try:
            # The judge is first, so that it is the one by whose end a process namespace ends.
            children.append(self.fork(job, "judge", [tests, report, answers[0], questions[1]]))
            children.append(self.fork(job, "serve", [program, questions[0], answers[1]]))
        finally:
            for each in (*answers, *questions):
                os.close(each)

    def fork(self, job: dict[str, Any], role: str, descriptors: list[int]) -> int:
        """One process, once all its layers hold. Raises `OSError` with what kept them from holding."""
        given: dict[str, Any] = {name: job.get(name) for name in _FROM_JOB}
        orders = child.Orders(role, self.layers, self.readable, **given)
        armed, arming = os.pipe()
        process_id = os.fork()
        if process_id == 0:
            status = 70
            try:
                status = child.become(orders, descriptors, self.null, arming)
            finally:
                leave(status)
        os.close(arming)
        with open(armed, "rb") as file:
            said = file.read(1000)
        if said != b"armed\n":
            with contextlib.suppress(OSError):
                os.kill(process_id, signal.SIGKILL)
            raise OSError(f"a layer does not hold: {said.decode(errors='replace') or 'the process died'}")
        return process_id

    def wait(self, process_id: int, deadline: float) -> dict[str, Any] | None:
        """Until the process ends, its time is up, or the caller says stop or is gone."""
        ended = "deadline"
        while True:
            if (taken := self.take_in(process_id)) is not None:
                return _reply("exit", *taken)
            left = deadline - time.monotonic()
            sources: list[Any] = [self.control, self.woken]
            ready = select.select(sources, [], [], left)[0] if left > 0 else []
            if self.control in ready:
                if receive(self.control) is None:
                    return None
                ended = "stopped"
                break
            if left <= 0:
                break
        os.kill(process_id, signal.SIGKILL)
        while (taken := self.take_in(process_id)) is None:
            select.select([self.woken], [], [], _SWEEP_S)
        return _reply(ended, *taken)

    def take_in(self, process_id: int) -> tuple[int, Any] | None:
        """Status and usage of a child that has died. All dead are taken in: a namespace waits for its own."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.woken, 512)
        found = -1
        with contextlib.suppress(ChildProcessError):
            while found not in (0, process_id):
                found, status, usage = os.wait4(-1, os.WNOHANG)
        return (status, usage) if found == process_id else None

    def sweep(self, children: list[int]) -> None:
        """Kill what is left: the job's other process, their groups, and what was handed up to us."""
        for process_id in children:
            with contextlib.suppress(OSError):
                os.killpg(process_id, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
                for process_id in own_children():
                    with contextlib.suppress(OSError):
                        os.kill(process_id, signal.SIGKILL)
                select.select([self.woken], [], [], _SWEEP_S)
                with contextlib.suppress(BlockingIOError):
                    os.read(self.woken, 512)


_FROM_JOB = [f.name for f in fields(child.Orders) if f.name not in ("role", "layers", "readable")]


def _reply(ended: str, status: int, usage: Any) -> dict[str, Any]:
    cpu_s = usage.ru_utime + usage.ru_stime
    return {"ended": ended, "status": os.waitstatus_to_exitcode(status), "cpu_s": cpu_s}


def leave(status: int) -> None:
    """End this process as an interpreter ends, but for taking itself apart."""
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()  # type: ignore[attr-defined]
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            status = status or 120
    os._exit(status)


def own_children() -> list[int]:
    """Processes whose parent this is; none without `/proc` (there groups or namespaces are killed)."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc/self") else ()):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            parent = int(file.read().rpartition(b")")[2].split()[1])
            found += [int(name)] if parent == os.getpid() else []
    return found


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """One message and its descriptors, None when the other side has closed."""
    data, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, _MOST_DESCRIPTORS)
    while data and not data.endswith(b"\n"):
        more = control.recv(_MESSAGE)
        if not more:
            return None
        data += more
    if not data:
        return None
    return json.loads(data.splitlines()[-1]), list(descriptors)


def send(control: socket.socket, message: dict[str, Any]) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def readable() -> tuple[str, ...]:
    """What the interpreter needs: its library, shared libraries, and time zones. No nested paths."""
    prefixes = {sys.base_prefix, sys.base_exec_prefix}
    wanted = [*sys.path, *(os.path.join(each, "lib") for each in prefixes)]
    wanted += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"]
    found = sorted({os.path.abspath(each) for each in wanted if each and os.path.exists(each)})
    return tuple(path for path in found if not any(path.startswith(other + "/") for other in found))


def main(descriptor: int, names: str) -> None:
    """Serve jobs from the socket `descriptor`, with the layers named (joined by commas) around each."""
    control = socket.socket(fileno=descriptor)
    try:
        keeper = prepare(control, frozenset(filter(None, names.split(","))))
    except OSError as error:
        send(control, {"error": str(error)})
        return
    send(control, {"ready": sorted(_described(keeper.layers))})
    keeper.serve()


def prepare(control: socket.socket, layers: frozenset[str]) -> Keeper:
    """Enter the namespaces, check that the other layers exist. Raises `OSError` saying which does not."""
    if layers - LAYERS:
        raise OSError(f"unknown layers: {', '.join(sorted(layers - LAYERS))}")
    if "landlock" in layers and not landlock.abi():
        raise OSError("the kernel has no Landlock (Linux 5.13 has it), or it is switched off")
    if "seccomp" in layers and not seccomp.available():
        raise OSError("no seccomp filter can be installed here")
    for name in _OFTEN_USED.split():
        importlib.import_module(name)
    null = os.open(os.devnull, os.O_RDWR)
    paths = readable()
    process_namespace = namespaces.enter(paths) if "namespaces" in layers else None
    if sys.platform == "linux" and kernel.machine():
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    woken, waker = os.pipe()
    for each in (woken, waker):
        os.set_blocking(each, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    gc.freeze()
    return Keeper(control, layers, paths, null, woken, process_namespace)


def _described(layers: frozenset[str]) -> list[str]:
    """The layers in words for a verdict, with Landlock's ABI."""
    names = {"landlock": f"landlock-{landlock.abi()}"}
    return ["limits", "process", *(names.get(each, each) for each in layers)]
