"""What a program may use, and how well it must be shut in: one small value, checked when it is made."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from schemas.errors import UserError

LEVELS: dict[str, str] = {
    "L0": "a process of its own with limits, ended with all it started; files, network and other processes "
    "are open to it, so only for programs that one would run oneself",
    "L1": "also Landlock and seccomp: no other files, no network, no new processes",
    "L2": "also namespaces of its own: a private root, an empty network, no other processes to be seen",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for running a program on its tests.

    `time_s` is wall-clock seconds for one process, `total_s` for all tests of one program together;
    running out of either is the program's fault. `memory_mib` bounds the address space of a process
    (the interpreter's own 20 MiB included), `disk_mib` a file it writes and, in namespaces, all of them,
    `output_kib` what it prints or returns, `input_mib` what a test may feed it. With `fresh_process`
    every call test starts from a freshly loaded program; without, a program's call tests share one
    process and one `time_s`, which is faster. Less isolation than `minimum_isolation` is refused. New
    processes are refused from L1 on; at L0 they are bounded by RLIMIT_NPROC, which does not bind root.
    Raises `UserError` for a value that makes no sense.
    """

    time_s: float = 5.0
    total_s: float = 60.0
    memory_mib: int = 1024
    disk_mib: int = 64
    output_kib: int = 1024
    input_mib: int = 64
    open_files: int = 64
    fresh_process: bool = True
    minimum_isolation: str = "L0"

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self)):
            value = getattr(self, name)
            if name == "fresh_process":
                wrong = not isinstance(value, bool)
            elif name == "minimum_isolation":
                wrong = value not in LEVELS
            else:
                wrong = not isinstance(value, (int, float)) or isinstance(value, bool)
                wrong = wrong or not (value > 0 and math.isfinite(value))
                wrong = wrong or value < _LEAST.get(name, 0)
            if wrong:
                raise UserError(
                    f"the limit {name} is {value!r}", mend=_MENDS.get(name, "use a positive number")
                )


#: The interpreter itself needs so much.
_LEAST = {"memory_mib": 64, "open_files": 16}
_MENDS = {
    "fresh_process": "use true or false",
    "minimum_isolation": f"use one of {', '.join(LEVELS)}",
    "memory_mib": "use 64 or more",
    "open_files": "use 16 or more",
}
