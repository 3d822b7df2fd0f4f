"""Python starts this by itself when the folder is on its path: no connection leaves the machine.

The tests put the folder on the path of every Python they start, so that their child processes keep to it too.
"""

import ipaddress
import socket


class LeavesTheMachineError(OSError):
    """A connection to somewhere else than this machine was attempted."""


def is_loopback(address: object) -> bool:
    """Whether an address given to `connect` is on this machine; a name other than localhost is not."""
    if isinstance(address, (str, bytes)):
        return True  # a Unix socket
    host = str(address[0])  # type: ignore[index]
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def install() -> None:
    """Refuse connections and name look-ups that would leave the machine."""
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(original):  # type: ignore[no-untyped-def]
        def call(self, address, *more):  # type: ignore[no-untyped-def]
            if not is_loopback(address):
                raise LeavesTheMachineError(f"the tests are offline: {address}")
            return original(self, address, *more)

        return call

    def guarded_lookup(host, *more, **named):  # type: ignore[no-untyped-def]
        if host is not None and not is_loopback((host if isinstance(host, str) else host.decode(), 0)):
            raise LeavesTheMachineError(f"the tests are offline: {host}")
        return lookup(host, *more, **named)

    socket.socket.connect = guarded(connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded(connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_lookup  # type: ignore[assignment]


install()
