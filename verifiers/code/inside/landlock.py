"""Landlock: a process gives up every file but the ones it names, for good, without any privilege.

Source: https://docs.kernel.org/userspace-api/landlock.html. It does not hide that a file exists, nor
cover changing modes, owners and times; `seccomp.py` refuses those. The ABI is asked for, never assumed.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from verifiers.code.inside import kernel

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIRECTORY = 1 << 3
_TRUNCATE = 1 << 14
_MAKE_DEVICES_AND_SOCKETS = 1 << 6 | 1 << 9 | 1 << 11
#: How many rights over files each ABI knows: all of them are taken away.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_RIGHTS = 16
_VERSION_FLAG = 1
_PATH_BENEATH = 1


def abi() -> int:
    """The ABI of the running kernel, 0 where it has no Landlock or it is switched off."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    """From now on only what is beneath `readable` can be read, and beneath `writable` written.

    Needs no_new_privs. With ABI 4 TCP is refused too, with ABI 6 signals and abstract sockets to the
    outside. Raises `OSError` when the kernel refuses; paths that do not exist are left out.
    """
    version = abi()
    handled = (1 << _RIGHTS.get(version, _LATEST_RIGHTS)) - 1
    network, scoped = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", handled, network, scoped)[:size]
    ruleset = kernel.call("landlock_create_ruleset", ctypes.create_string_buffer(attributes, size), size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, handled & (_READ_FILE | _READ_DIRECTORY))
        for path in writable:
            _allow(ruleset, path, handled & ~(_EXECUTE | _MAKE_DEVICES_AND_SOCKETS))
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, place)
        kernel.call("landlock_add_rule", ruleset, _PATH_BENEATH, ctypes.create_string_buffer(rule, 12), 0)
    finally:
        os.close(place)
