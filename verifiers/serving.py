"""The other side of `pool.py`: judges what comes in on standard input, a few verdicts a line.

A worker bounds its own memory, and its processor time a batch at a time, so that even one whose parent
was killed ends: at the end of its input, or when the time is used up.
"""

from __future__ import annotations

import json
import sys
import time
from functools import lru_cache
from typing import Any

from verifiers.answer import AnswerSpec
from verifiers.extract import Policy
from verifiers.judge import equivalent, verify
from verifiers.verdict import Verdict

#: Seconds of processor time a batch may take; the parent's deadline is far below.
BATCH_SECONDS = 60
#: Verdicts are sent several at once, because each message costs as much as a verdict; but soon.
MAX_HELD = 16
MAX_SILENCE_S = 0.002


def main(settings: str) -> None:
    """Answer batches of questions until the input ends."""
    chosen = json.loads(settings)
    policy = Policy(**chosen["policy"])
    _limit_memory(chosen["memory_bytes"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        _limit_time()
        order = json.loads(line)
        done: list[dict[str, Any]] = []
        spoken = time.monotonic()
        for question, first, second, spec in order["items"]:
            done.append(judged(question, first, second, _spec(spec), policy).as_dict())
            if order["one_by_one"] or len(done) >= MAX_HELD or time.monotonic() - spoken > MAX_SILENCE_S:
                _say(done)
                done, spoken = [], time.monotonic()
        if done:
            _say(done)


def _say(verdicts: list[dict[str, Any]]) -> None:
    sys.stdout.write(json.dumps(verdicts) + "\n")
    sys.stdout.flush()


def judged(question: str, first: str, second: str, spec: AnswerSpec | None, policy: Policy) -> Verdict:
    """`verify` or `equivalent`; running out of memory says nothing about the answer."""
    try:
        judge: Any = verify if question == "verify" else equivalent
        verdict: Verdict = judge(first, second, spec, policy)
        return verdict
    except MemoryError:
        return Verdict("timeout", "pool", "the worker's memory did not suffice")


@lru_cache(maxsize=1024)
def _spec(text: str) -> AnswerSpec | None:
    return AnswerSpec.from_dict(json.loads(text)) if text else None


def _limit_memory(memory_bytes: int) -> None:
    """The soft limit only: the processes of `symbolic/` set their own."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + BATCH_SECONDS, hard))
