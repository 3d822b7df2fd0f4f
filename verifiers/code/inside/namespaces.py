"""Namespaces of our own: no network, no other processes, and a root in which nothing else exists.

The keeper enters them once, as any user may where the kernel allows it; each job then gets a fresh process
namespace and a fresh `/work` in memory. Source: namespaces(7), user_namespaces(7), pivot_root(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
from collections.abc import Iterable

from verifiers.code.inside import kernel

_MOUNTS, _UTS, _IPC, _USER, _PROCESSES, _NETWORK = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = (
    1,
    2,
    4,
    1 << 5,
    1 << 12,
    1 << 14,
    1 << 18,
)
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
#: The user that a program believes to be; outside it is the caller.
USER_ID = 1000
WORK = "/work"
FOLDER = f"{WORK}/folder"
#: Where a program finds its input under the name `/dev/stdin`.
STANDARD_INPUT = f"{WORK}/stdin"


def enter(readable: Iterable[str]) -> int:
    """Move this process into namespaces of its own with a private root that holds `readable` alone.

    Returns a file descriptor of its process namespace. The process that called goes on outside as the
    waiting parent of the one that returns, and both end together. Raises `OSError` where refused.
    """
    user, group = os.getuid(), os.getgid()
    kernel.call("unshare", _USER | _MOUNTS | _NETWORK | _IPC | _UTS | _PROCESSES)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{USER_ID} {user} 1")
    _write("/proc/self/gid_map", f"{USER_ID} {group} 1")
    child = os.fork()
    if child:
        os.closerange(0, 1 << 16)
        os.waitpid(child, 0)
        os._exit(0)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getpid() != 1:
        raise OSError("no process namespace was entered")
    process_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
    _private_root(list(readable))
    return process_namespace


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = [None if text is None else ctypes.c_char_p(os.fsencode(text)) for text in (source, target, kind)]
    data = None if options is None else ctypes.c_char_p(options.encode())
    kernel.call("mount", *texts, flags, data)


def _private_root(readable: list[str]) -> None:
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    places = [(path, os.path.realpath(path)) for path in readable if os.path.exists(path)]
    # What the temporary folder hides is seen again once the new root has moved away from it.
    _mount("tmpfs", "/tmp", "tmpfs", _NO_SETUID | _NO_DEVICES, "size=1m,mode=755")
    os.mkdir("/tmp/.old")
    kernel.call("pivot_root", ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"/tmp/.old"))
    os.chdir("/")
    for path, real in places:
        _bind("/.old" + real, path)
    for device in ("/dev/null", "/dev/urandom"):
        _bind("/.old" + device, device)
    os.mkdir(WORK)
    os.symlink(STANDARD_INPUT, "/dev/stdin")
    kernel.call("umount2", ctypes.c_char_p(b"/.old"), _DETACH)
    os.rmdir("/.old")
    _mount("none", "/", None, _REMOUNT | _BIND | _READ_ONLY | _NO_SETUID | _NO_DEVICES)


def _bind(source: str, target: str) -> None:
    """`source` at `target`, read-only and recursively; devices keep working, being files of their own."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(target, os.O_CREAT | os.O_EXCL))
    _mount(source, target, None, _BIND | _RECURSIVE)
    if source.startswith("/.old/dev/"):
        return
    attributes = struct.pack("=QQQQ", _READ_ONLY | _NO_SETUID | _NO_DEVICES, 0, 0, 0)
    try:
        place = ctypes.c_char_p(os.fsencode(target))
        data = ctypes.create_string_buffer(attributes, 32)
        kernel.call("mount_setattr", _AT_FDCWD, place, _AT_RECURSIVE, data, 32)
    except OSError:  # before Linux 5.12
        kept = os.statvfs(target).f_flag & 0x0F
        _mount("none", target, None, _REMOUNT | _BIND | _READ_ONLY | _NO_SETUID | kept)


def next_process_namespace() -> None:
    """The next child, and the children after it, live in a new process namespace and die with the first."""
    kernel.call("unshare", _PROCESSES)


def back(process_namespace: int) -> None:
    """Undo `next_process_namespace`, so that it can be called again."""
    kernel.call("setns", process_namespace, _PROCESSES)


def private_work(size_bytes: int) -> None:
    """An empty `/work/folder` of this process alone, held in memory and gone with it."""
    kernel.call("unshare", _MOUNTS)
    _mount("tmpfs", WORK, "tmpfs", _NO_SETUID | _NO_DEVICES, f"size={size_bytes},nr_inodes=4096,mode=700")
    os.mkdir(FOLDER)
