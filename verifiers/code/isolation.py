"""How well a program can be shut in on this machine: tried out once, by shutting one in.

A layer counts only after a program inside it was seen to be refused what it must be refused.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from schemas.errors import UserError
from verifiers.code.limits import LEVELS, Limits
from verifiers.code.sandbox import Job, SandboxError, sandbox

logger = logging.getLogger(__name__)

#: Sets of layers to try, best first, with the level each reaches.
_ATTEMPTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("L2", ("namespaces", "landlock", "seccomp")),
    ("L2", ("namespaces", "seccomp")),
    ("L1", ("landlock", "seccomp")),
    ("L0", ("seccomp",)),
    ("L0", ("landlock",)),
    ("L0", ()),
)
#: Tries what the layers refuse, from inside: files (one is made for it), a socket, a process, a change.
_TRIALS = """
import json, os, socket, zlib
def refused(what, *arguments):
    try:
        what(*arguments)
    except OSError:
        return True
    return False
secret = input()
with open("writable", "w") as file:
    file.write("yes")
print(json.dumps({
    "files": all(refused(*each) for each in ((open, secret), (open, "/etc/passwd"), (os.listdir, "/proc"))),
    "calls": refused(socket.socket) and refused(os.fork) and refused(os.chmod, "writable", 0o777),
    "works": zlib.crc32(b"x") > 0 and os.listdir(".").count("writable") == 1,
}))
"""
_NEEDED = {"namespaces": "files", "landlock": "files", "seccomp": "calls"}


@dataclass(frozen=True, slots=True)
class Isolation:
    """The level reached (see `LEVELS`), the layers put on, and why a higher level is not reached.

    `described` are the layers as a verdict names them, with versions.
    """

    level: str
    layers: tuple[str, ...]
    described: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def require(self, limits: Limits) -> None:
        """`UserError` when this is less than `limits.minimum_isolation`."""
        if list(LEVELS).index(self.level) >= list(LEVELS).index(limits.minimum_isolation):
            return
        what = f"programs can be isolated at {self.level} here, and {limits.minimum_isolation} is required: "
        raise UserError(
            what + "; ".join(self.missing),
            mend="use Linux 5.13 or later with Landlock and seccomp (L1) and user namespaces allowed (L2), "
            "or lower minimum_isolation for programs that you would run yourself",
        )


@functools.lru_cache(maxsize=8)
def probe(ceiling: str = "L2") -> Isolation:
    """The best isolation up to the level `ceiling` that holds on this machine. Tried once a process.

    Raises `UserError` on a system where not even a process can be set apart (Windows).
    """
    if os.name == "nt":
        raise UserError("programs cannot be run on Windows", mend="use Linux, WSL or macOS")
    missing: list[str] = []
    for level, layers in _ATTEMPTS:
        if level > ceiling:
            continue
        if sys.platform != "linux" and layers:
            missing = ["Landlock, seccomp and namespaces are Linux's"]
            continue
        reason, described = _try(layers)
        if reason is None:
            if level == "L0" and missing:
                logger.warning("programs run with little isolation: %s", "; ".join(missing))
            return Isolation(level, layers, described, tuple(missing))
        missing.append(f"{'+'.join(layers) or 'process'}: {reason}")
    raise UserError(f"no program can be run here: {'; '.join(missing)}", mend="report this as a bug")


def _try(layers: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Why these layers do not hold (None if they do), and their description."""
    try:
        with sandbox(layers) as box, tempfile.NamedTemporaryFile() as secret:
            inputs = (_TRIALS.encode(), os.fsencode(secret.name))
            job = Job("script", inputs, (4096, 4096, 4096), Limits(), 20.0)
            ran = box.run(job)
            described = box.described
    except SandboxError as error:
        return str(error), ()
    try:
        seen: dict[str, Any] = json.loads(ran.outputs[0])
    except ValueError:
        return f"a program cannot run: {ran.outputs[1][-200:].decode(errors='replace')}", ()
    needed = {"works", *(_NEEDED[layer] for layer in layers)}
    failed = sorted(name for name in needed if not seen.get(name))
    return (f"not held: {', '.join(failed)}" if failed else None), described
