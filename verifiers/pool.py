"""Many answers, judged in warm worker processes: bounded in time and memory, in order, each once.

The parent keeps every deadline, with a queue and no signals, so it holds off the main thread. A worker
that is stuck is killed and replaced; only the answer it was stuck on is a `timeout`. What a worker does is
in `serving.py`, how it lives and dies in `processes.py`. JSON lines go to and fro; nothing is pickled.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import lru_cache
from hashlib import blake2b
from subprocess import Popen

from schemas.errors import UserError
from verifiers.answer import AnswerSpec
from verifiers.extract import MAX_RESPONSE, REWARD, Policy
from verifiers.processes import START_LIMIT_S, Child, renew_in_forks
from verifiers.serving import LOADING
from verifiers.verdict import Verdict

#: Answers sent to a worker at once: enough that a message costs little, few enough to share the work,
BATCH = 64
#: and not so long that reading them is felt.
BATCH_CHARACTERS = 1 << 20
#: Verdicts remembered, so that what comes again costs nothing; those on very long answers are not.
MEMORY = 1 << 14
MAX_REMEMBERED_CHARACTERS = 1 << 12
#: Of an answer's time, the share in which symbolic algebra must give up by itself: dearer is a new worker.
SYMBOLIC_SHARE = 0.7

_PROGRAM = "from verifiers.serving import main; main(sys.argv[2])"

#: (response, gold answer, specification or None), or for `equivalent_many` (gold, predicted, ...).
Item = tuple[str, str, AnswerSpec | None]
#: The question, its two texts and the specification as JSON: what a worker is sent.
_Key = tuple[str, str, str, str]


class _Worker:
    """One process that judges batches, replaced when it is stuck. Used by one thread at a time."""

    def __init__(self, settings: str, deadline_s: float) -> None:
        self.child = Child(_PROGRAM, settings)
        self.deadline_s = deadline_s

    @property
    def process(self) -> Popen[bytes] | None:
        return self.child.process

    def judge(self, batch: list[_Key]) -> Generator[Verdict, None, None]:
        """One verdict for each of the batch, in order, whatever becomes of the process.

        Verdicts come a few at a time. When they stop, a new process is asked for the rest one by one,
        which tells the answer that is stuck from those that were only waiting to be sent, and gives an
        answer that met a busy moment a second chance.
        """
        try:
            while batch:
                done = 0
                for one_by_one in (False, True):
                    for verdict in self._ask(batch[done:], one_by_one=one_by_one):
                        done += 1
                        yield verdict
                    if done == len(batch):
                        return
                    late = self.child.running
                    self.child.stop()
                yield self._given_up(late)
                batch = batch[done + 1 :]
        except BaseException:
            self.child.stop()  # what it still says would be taken for the verdicts of the next batch
            raise

    def _ask(self, batch: list[_Key], *, one_by_one: bool) -> Iterator[Verdict]:
        """Verdicts from the front of the batch, until they have all come or the worker falls silent."""
        if not self.child.send({"items": batch, "one_by_one": one_by_one}):
            return
        missing, limit_s = len(batch), self.deadline_s
        while missing and (line := self.child.line(limit_s)):
            said = json.loads(line)
            limit_s = START_LIMIT_S if said == LOADING else self.deadline_s
            if isinstance(said, list):
                missing -= len(said)
                yield from map(Verdict.from_dict, said)

    def _given_up(self, late: bool) -> Verdict:
        reason = f"no verdict within {self.deadline_s:g} s" if late else "its worker died"
        return Verdict("timeout", "pool", reason, microseconds=round(self.deadline_s * 1e6) if late else 0)


class Pool:
    """A few workers that judge answers. Thread-safe; a forked child gets workers of its own.

    `deadline_s` is for one answer (one that is stuck is tried twice), `memory_bytes` for one worker.
    Verdicts are those of `verify` and `equivalent` under `policy`, but for `timeout`; symbolic algebra has
    no more than seven tenths of the deadline. Raises `UserError` for settings that allow nothing.

    >>> with Pool() as pool:
    ...     [verdict.status for verdict in pool.equivalent_many([("1/2", "0.5", None), ("1/2", "2", None)])]
    ['correct', 'incorrect']
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        deadline_s: float = 0.25,
        memory_bytes: int = 1 << 30,
        policy: Policy = REWARD,
    ) -> None:
        if workers < 1 or deadline_s <= 0 or memory_bytes <= 0:
            what = f"a pool of {workers} workers with {deadline_s} s and {memory_bytes} bytes"
            raise UserError(what, mend="use positive numbers")
        policy = replace(policy, deadline_s=min(policy.deadline_s, SYMBOLIC_SHARE * deadline_s))
        settings = json.dumps({"policy": asdict(policy), "memory_bytes": memory_bytes})
        self.workers = [_Worker(settings, deadline_s) for _ in range(workers)]
        self._known: OrderedDict[bytes, Verdict] = OrderedDict()
        self.after_fork()
        renew_in_forks(self)

    def after_fork(self) -> None:
        """Whatever was locked or lent is free in a fork, where no other thread lives on."""
        self._lock = threading.Lock()
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self.workers:
            self._idle.put(worker)

    def verify_many(self, items: Iterable[Item]) -> list[Verdict]:
        """Whole responses against gold answers; see `judge.verify`. Verdicts in the order of the items."""
        return self._judge(
            [("verify", text[-MAX_RESPONSE:], gold, _written(spec)) for text, gold, spec in items]
        )

    def equivalent_many(self, items: Iterable[Item]) -> list[Verdict]:
        """Bare answers, (gold, predicted, specification); see `judge.equivalent`."""
        return self._judge([("equivalent", gold, text, _written(spec)) for gold, text, spec in items])

    def imap(self, items: Iterable[Item], *, full_response: bool = True) -> Iterator[Verdict]:
        """The same over a stream; at most two windows of a few hundred items a worker are in hand."""
        stream = iter(items)
        judge = self.verify_many if full_response else self.equivalent_many
        with ThreadPoolExecutor(2) as threads:
            ahead: deque[Future[list[Verdict]]] = deque()
            while window := list(itertools.islice(stream, 4 * BATCH * len(self.workers))):
                ahead.append(threads.submit(judge, window))
                if len(ahead) == 2:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()

    def _judge(self, keys: Sequence[_Key]) -> list[Verdict]:
        distinct = {key: _fingerprint(key) for key in dict.fromkeys(keys)}
        found = self._recall(distinct)
        batches = _batches([key for key in distinct if key not in found])
        helpers = min(len(self.workers), len(batches)) - 1
        if helpers > 0:
            with ThreadPoolExecutor(helpers) as threads:
                others = [threads.submit(self._work, batches, found) for _ in range(helpers)]
                self._work(batches, found)
                for other in others:
                    other.result()
        elif batches:
            self._work(batches, found)
        self._remember(distinct, found)
        return [found[key] for key in keys]

    def _work(self, batches: deque[list[_Key]], found: dict[_Key, Verdict]) -> None:
        """Takes batches until there are none; a worker is held for as long."""
        worker = self._idle.get()
        try:
            while batch := _next(batches):
                with contextlib.closing(worker.judge(batch)) as verdicts:
                    found.update(zip(batch, verdicts, strict=True))
        except BaseException:
            batches.clear()  # so that the other threads end soon, too
            raise
        finally:
            self._idle.put(worker)

    def _recall(self, fingerprints: dict[_Key, bytes]) -> dict[_Key, Verdict]:
        found: dict[_Key, Verdict] = {}
        with self._lock:
            for key, fingerprint in fingerprints.items():
                if (known := self._known.get(fingerprint)) is not None:
                    self._known.move_to_end(fingerprint)
                    found[key] = known
        return found

    def _remember(self, fingerprints: dict[_Key, bytes], found: dict[_Key, Verdict]) -> None:
        """All but timeouts, which may be the fault of a busy moment."""
        with self._lock:
            for key, fingerprint in fingerprints.items():
                verdict = found[key]
                length = len(verdict.answer or "")
                if verdict.status != "timeout" and length <= MAX_REMEMBERED_CHARACTERS:
                    self._known[fingerprint] = verdict
            while len(self._known) > MEMORY:
                self._known.popitem(last=False)

    def close(self) -> None:
        """Ends the workers, when nothing is being judged; the next question starts others."""
        for worker in self.workers:
            worker.child.stop()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _batches(keys: list[_Key]) -> deque[list[_Key]]:
    """Of at most `BATCH` answers and, unless one alone has more, `BATCH_CHARACTERS`."""
    batches: deque[list[_Key]] = deque()
    room = 0
    for key in keys:
        length = len(key[1]) + len(key[2])
        if not batches or len(batches[-1]) == BATCH or length > room:
            batches.append([])
            room = BATCH_CHARACTERS
        batches[-1].append(key)
        room -= length
    return batches


def _next(batches: deque[list[_Key]]) -> list[_Key]:
    try:
        return batches.popleft()
    except IndexError:
        return []


def _fingerprint(key: _Key) -> bytes:
    """What is remembered of a question: responses are long."""
    return blake2b(repr(key).encode(), digest_size=16).digest()


@lru_cache(maxsize=1024)
def _text_of(spec: AnswerSpec) -> str:
    return json.dumps(spec.as_dict(), sort_keys=True)


def _written(spec: AnswerSpec | None) -> str:
    if spec is None:
        return ""
    # Two checkers with other parameters have the same hash, and may not even have one.
    return _text_of(spec) if spec.parameters is None else json.dumps(spec.as_dict(), sort_keys=True)
