"""Local means local: after `enforce()` this process connects to nothing but itself and this machine.

Works below every library, by Python's audit events of sockets. What a library does in C of its own without
Python's sockets (none of ours) is switched off by its own variable.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any

from schemas import UserError

SILENCE = {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
# A proxy on this machine would carry requests off it.
DIRECT = {"NO_PROXY": "*", "no_proxy": "*"}
SWITCHES = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", **SILENCE, **DIRECT}
CONNECTIONS = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")

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
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def refuse_remote(host: str, *, what: str) -> None:
    """`LeavesMachineError` when `host` is not this machine; `what` is the sentence's subject."""
    if not is_local(host):
        raise LeavesMachineError(
            f"{what} would connect to {host}, and --offline allows this machine only",
            mend="leave out --offline, or name something local",
        )


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _enforced or not event.startswith("socket."):
        return
    if event in LOOK_UPS:
        host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
    elif event in CONNECTIONS:
        family, address = arguments[0].family, arguments[1]
        if address is None or family in _WITHIN:
            return
        host = address[0] if isinstance(address, tuple) else address
    else:
        return
    if host is not None:
        refuse_remote(host.decode() if isinstance(host, bytes) else str(host), what="this run")


# Kinds of sockets that end within the machine.
_WITHIN = {getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK") if hasattr(socket, name)}
