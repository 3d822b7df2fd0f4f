"""What a forked process does before its role: file descriptors, limits, layers. Fails closed.

Whatever goes wrong up to `armed` is our failure and is said on the pipe `armed`; nothing of the program has
been read by then. A line there means that every layer holds.
"""

from __future__ import annotations

import builtins
import contextlib
import fcntl
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from verifiers.code.inside import judge, kernel, landlock, loader, namespaces, seccomp, serve

ROLES = ("script", "calls", "serve", "judge")
#: Above every descriptor that a role uses, so that moving one never overwrites another.
_HIGH = 64
_COPY = 1 << 20
#: Without the filter, processes are bounded to so many more than the user has now.
_SPARE_PROCESSES = 32


@dataclass(frozen=True, slots=True)
class Orders:
    """What one process is to be: its role, the layers to put on, limits in bytes and seconds."""

    role: str
    layers: frozenset[str]
    readable: tuple[str, ...]
    work: str | None
    memory: int
    disk: int
    open_files: int
    cpu_s: int
    entry: str | None = None


def become(orders: Orders, descriptors: list[int], null: int, armed: int) -> int:
    """Put everything on, then play the role. Returns the exit status, for the script role alone.

    `descriptors` by role: script: program, input, output, errors, stage; calls and serve: program,
    questions, answers; judge: test code, report, answers, questions.
    """
    if orders.role == "script":
        program, *standard, stage = descriptors
        _place([*standard, program, stage, armed])
    else:
        _place([null, null, null, *descriptors, armed])
    armed = len(descriptors) + (0 if orders.role == "script" else 3)
    try:
        _arm(orders)
    except (OSError, ValueError) as error:
        os.write(armed, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    os.write(armed, b"armed\n")
    os.close(armed)
    _standard_streams()
    return _ROLES[orders.role](orders)


def _place(descriptors: list[int]) -> None:
    """Make them 0, 1, 2 and so on, and close everything else."""
    high = [fcntl.fcntl(each, fcntl.F_DUPFD, _HIGH) for each in descriptors]
    for target, each in enumerate(high):
        os.dup2(each, target)
    os.closerange(len(high), 4096)


def _arm(orders: Orders) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    on_linux = sys.platform == "linux"
    work = _work(orders)
    _limit(orders)
    if on_linux and kernel.machine():
        # The judge keeps what the program must not read; a program may look at itself.
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0 if orders.role == "judge" else 1)
    if "landlock" in orders.layers or "seccomp" in orders.layers:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.drop_capabilities()
    if "landlock" in orders.layers:
        readable = [*orders.readable, "/dev/urandom"]
        if "namespaces" in orders.layers:
            readable.append(namespaces.STANDARD_INPUT)
        landlock.restrict(readable, [*work, "/dev/null"])
    if on_linux and kernel.machine():
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if "seccomp" in orders.layers:
        seccomp.install(os.getpid())


def _work(orders: Orders) -> list[str]:
    """Go to the private folder, and name it. The judge writes nothing and has none."""
    if orders.role == "judge":
        os.chdir("/")
        return []
    place = orders.work
    if "namespaces" in orders.layers:
        place = namespaces.FOLDER
        given = os.fstat(0).st_size if orders.role == "script" else 0
        namespaces.private_work(orders.disk + given)
        if orders.role == "script":
            _copy_input()
    assert place is not None
    os.chdir(place)
    return [place]


def _copy_input() -> None:
    """The input under the name `/dev/stdin` too, which there is no `/proc` to provide."""
    with open(namespaces.STANDARD_INPUT, "wb") as file:
        offset = 0
        while data := os.pread(0, _COPY, offset):
            file.write(data)
            offset += len(data)


def _limit(orders: Orders) -> None:
    for name, value in (
        ("CPU", orders.cpu_s),
        ("AS", orders.memory),
        ("FSIZE", orders.disk),
        ("NOFILE", orders.open_files),
        ("CORE", 0),
        ("NPROC", _most_processes(orders)),
    ):
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is None or value is None:
            continue
        _, hard = resource.getrlimit(kind)
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (least, least))
        except (OSError, ValueError):
            if sys.platform == "linux":
                raise


def _most_processes(orders: Orders) -> int | None:
    """The user's present threads and a few more: this limit counts those of all the user's programs.

    None where the filter refuses new processes anyway, and for root, to whom it does not apply.
    """
    if "seccomp" in orders.layers or os.getuid() == 0 or not os.path.isdir("/proc/self"):
        return None
    threads = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError):
            if os.stat(f"/proc/{name}").st_uid == os.getuid():
                threads += len(os.listdir(f"/proc/{name}/task"))
    return threads + _SPARE_PROCESSES


def _standard_streams() -> None:
    """Fresh ones, as a new interpreter would open them, and an environment with nothing in it."""
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    os.environ.clear()
    sys.argv = ["program.py"]
    import _sitebuiltins

    # `site` is not loaded, and programs end themselves with these.
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D")  # type: ignore[assignment]
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D")  # type: ignore[assignment]


def _whole(descriptor: int) -> bytes:
    with open(descriptor, "rb") as file:
        return file.read()


def _script(orders: Orders) -> int:
    text = loader.TextLoader("__main__", "program.py", _whole(3))
    problem = loader.syntax_problem(text)
    if problem is not None:
        os.write(4, problem.encode(errors="replace")[:1000])
        return 1
    os.close(4)
    status = 0
    try:
        text.exec_module(loader.prepare(text))
    except SystemExit as error:
        status = _status(error)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits, as at the end of any program
    return status


def _status(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return int(error.code or 0) & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def _calls(orders: Orders) -> int:
    serve.serve(_whole(3), 4, 5, plain=True)
    return 0


def _serve(orders: Orders) -> int:
    serve.serve(_whole(3), 4, 5, plain=False)
    return 0


def _judge(orders: Orders) -> int:
    judge.judge(_whole(3), orders.entry, 4, 5, 6)
    return 0


_ROLES: dict[str, Callable[[Orders], Any]] = {
    "script": _script,
    "calls": _calls,
    "serve": _serve,
    "judge": _judge,
}
