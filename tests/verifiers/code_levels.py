"""For the tests that run programs: the same test at each level of isolation that this machine reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifiers.code import Isolation, Limits, probe, run_tests
from verifiers.verdict import Verdict

#: Nothing but a process with limits, as on a system without any layer.
BARE = Isolation("L0", (), ("limits", "process"))
LEVELS = ("bare", "L1", "L2")


def isolation_of(level: str) -> Isolation:
    """The isolation of a level, or a skipped test with what this machine lacks for it."""
    if level == "bare":
        return BARE
    found = probe(level)
    if found.level != level:
        pytest.skip(f"this machine reaches {found.level} only: {'; '.join(found.missing)}")
    return found


def at_level(level: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Verdict]:
    """`run_tests`, at just this level."""
    found = isolation_of(level)
    monkeypatch.setattr("verifiers.code.run.probe", lambda: found)
    return run_tests


def printed(verdict: Verdict) -> str:
    """What the program of a verdict printed."""
    assert verdict.witness is not None
    return str(verdict.witness["got"])


def output_of(run: Callable[..., Verdict], program: str, *given: Any, limits: Limits | None = None) -> str:
    """What a program prints, given lines of input."""
    text = "".join(f"{each}\n" for each in given)
    return printed(run(program, [{"input": text, "output": "not this"}], limits)).strip()
