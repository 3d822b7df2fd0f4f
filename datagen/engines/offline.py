"""Local means local: after `enforce()` this process connects to nothing but itself and this machine.

Works below every library, by Python's audit events of sockets. What a library does in C of its own without
Python's sockets (none of ours) is switched off by its own variable.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

from schemas import UserError

SWITCHES = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
WATCHED = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")

_enforced = False
_hooked = False


class LeavesMachineError(UserError):
    """Something wanted to leave the machine while that is forbidden."""


def enforce() -> None:
    """From now on refuse, with a `LeavesMachineError`, every connection that leaves this machine."""
    global _enforced, _hooked
    os.environ.update(SWITCHES)
    _enforced = True
    if not _hooked:  # a hook stays for the life of the process
        sys.addaudithook(_hook)
        _hooked = True


def relax() -> None:
    """Allow connections again."""
    global _enforced
    _enforced = False


def is_local(host: str) -> bool:
    """Whether a host is this machine by its name or its address alone, without asking anybody.

    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("[::1]"), is_local("192.0.2.1")
    (True, True, True, False)
    """
    host = host.strip("[]").rstrip(".").lower()
    if host in ("localhost", "") or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_remote(host: str, *, what: str) -> None:
    """`LeavesMachineError` when `host` is not this machine; `what` is the sentence's subject."""
    if not is_local(host):
        raise LeavesMachineError(
            f"{what} would connect to {host}, and --offline allows this machine only",
            mend="leave out --offline, or name something local",
        )


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _enforced or event not in WATCHED:
        return
    host = arguments[0] if event.startswith("socket.get") else arguments[1]
    if isinstance(host, tuple):
        host = host[0]
    elif event in ("socket.connect", "socket.sendto"):
        return  # a Unix socket
    if host is not None:
        refuse_remote(host.decode() if isinstance(host, bytes) else str(host), what="this run")
