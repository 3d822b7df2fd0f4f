"""The other side of `pool.py`: judges what comes in on standard input, a few verdicts a line.

A worker bounds its own memory, and its processor time a batch at a time. It ends when its input does, in
the middle of an answer too: then the parent is gone, however it went.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
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
#: What is said while something is loaded that no answer's deadline is to pay for.
LOADING, LOADED = "loading", "loaded"


def main(settings: str) -> None:
    """Answer batches of questions until the input ends."""
    from verifiers.symbolic import workers

    chosen = json.loads(settings)
    policy = Policy(**chosen["policy"])
    _limit_memory(chosen["memory_bytes"])
    workers.share(workers.Workers(loading=lambda begins: _say(LOADING if begins else LOADED)))
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    _say("ready")
    try:
        while True:
            _work(json.loads(orders.get()), policy)
    finally:
        os._exit(1)  # at once: the interpreter would wait for the thread that reads


def _read(orders: queue.SimpleQueue[str]) -> None:
    try:
        for line in sys.stdin:
            orders.put(line)
    finally:
        os._exit(0)


def _work(order: dict[str, Any], policy: Policy) -> None:
    _limit_time()
    done: list[dict[str, Any]] = []
    spoken = time.monotonic()
    for question, first, second, spec in order["items"]:
        done.append(judged(question, first, second, _spec(spec), policy).as_dict())
        if order["one_by_one"] or len(done) >= MAX_HELD or time.monotonic() - spoken > MAX_SILENCE_S:
            _say(done)
            done, spoken = [], time.monotonic()
    if done:
        _say(done)


def _say(something: Any) -> None:
    sys.stdout.write(json.dumps(something) + "\n")
    sys.stdout.flush()


def judged(question: str, first: str, second: str, spec: AnswerSpec | None, policy: Policy) -> Verdict:
    """`verify` or `equivalent`; a fault of ours, or too little memory, says nothing about the answer."""
    try:
        judge: Any = verify if question == "verify" else equivalent
        verdict: Verdict = judge(first, second, spec, policy)
        return verdict
    except MemoryError:
        return Verdict("timeout", "pool", "the worker's memory did not suffice")
    except Exception as error:
        return Verdict("timeout", "pool", f"the verifier failed: {type(error).__name__}: {error}")


@lru_cache(maxsize=1024)
def _spec(text: str) -> AnswerSpec | None:
    return AnswerSpec.from_dict(json.loads(text)) if text else None


def _limit_memory(memory_bytes: int) -> None:
    """The soft limit, which the processes of `symbolic/` inherit."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        memory_bytes = min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + BATCH_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        seconds = min(seconds, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
