"""Many problems, in several processes: the same rows in the same order, whatever their number.

This process alone decides which stream comes next and whether a problem is new; workers make, prove and write
out what it will ask for, as far ahead as it can be foreseen. What was foreseen wrongly is made here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple

from datagen.problems.generate import all_dry, streams_of
from datagen.problems.mix import Mix, Schedule, schedule
from datagen.problems.proof import prove, separable
from datagen.problems.render import render
from datagen.problems.streams import PATIENCE, ExhaustedError, Stream
from datagen.workers import begin_worker, new_pool
from schemas import Row
from schemas.rows import dump_row

AHEAD_ROWS = 512
"""So many rows are one task of a worker; twice as many tasks as workers are under way."""


@dataclass(frozen=True)
class Finish:
    """What becomes of a problem row before it is written: proved or not, and as which kind of row.

    `rendering` is a name of `render.RENDERINGS`; with `think` worked solutions stand in think tags.
    """

    rendering: str = "problem"
    think: bool = False
    prove: bool = False


class Made(NamedTuple):
    """A row that is written out, whether or not it is new.

    `attempt` is the draw it came from. `dropped` are the reasons for which earlier draws were dropped;
    `spellings` and `misses` are how many the verifier was asked about, `refused` and `accepted` those it
    took wrongly.
    """

    mark: int
    attempt: int
    line: bytes
    dropped: tuple[str, ...] = ()
    spellings: int = 0
    refused: int = 0
    misses: int = 0
    accepted: int = 0


def make(stream: Stream, index: int, finish: Finish, attempt: int = 0) -> Made:
    """The first draw for row `index`, from `attempt` on, that belongs to the split and is proved if need be.

    Raises `ExhaustedError` when there is none.
    """
    dropped: list[str] = []
    while attempt < PATIENCE:
        problem, mark, attempt = stream.candidate(index, attempt)
        row = stream.as_row(problem, mark, index, attempt)
        if not finish.prove:
            return Made(mark, attempt, written(row, finish))
        proof = prove(row)
        if proof.agrees:
            told = separable(row)
            taken = (len(told.refused_spellings), told.near_misses, len(told.accepted_misses))
            return Made(mark, attempt, written(row, finish), tuple(dropped), told.spellings, *taken)
        dropped.append(f"{row['id']}: answer {row['answer']!r}, {proof.reason}")
        attempt += 1
    raise stream.exhausted()


def written(row: Row, finish: Finish) -> bytes:
    """The row as the line of JSON it becomes."""
    return dump_row(render(row, finish.rendering, think=finish.think))


@dataclass
class Tally:
    """What was made of one family: rows, and with a proof how the draws and the verifier fared."""

    rows: int = 0
    dropped: list[str] = field(default_factory=list)
    spellings: int = 0
    refused: int = 0
    misses: int = 0
    accepted: int = 0

    def add(self, made: Made) -> None:
        """Count one row; its dropped draws are counted as they come."""
        self.rows += 1
        self.spellings += made.spellings
        self.refused += made.refused
        self.misses += made.misses
        self.accepted += made.accepted


class Production(Iterator[bytes]):
    """The rows of one split of a mix, as lines of JSON. To be used in a `with` block, which ends its workers.

    `dry` are the streams that had no row left, `tallies` what was made by family. Raises `ExhaustedError`
    when none has one left.
    """

    def __init__(self, mix: Mix, split: str, seed: int, finish: Finish, workers: int = 1) -> None:
        self.mix, self.finish = mix, finish
        self.streams = streams_of(mix, split, seed)
        self.order = schedule(mix, mix.splits[split])
        self.dry: list[Stream] = []
        self.tallies: dict[str, Tally] = {}
        self.made = 0
        self._split, self._seed, self._workers = split, seed, workers
        self._ahead: Ahead | None = None

    def replay(self, family: str, level: int, index: int, mark: int) -> None:
        """Take the next row as made: the run that made it was killed, and goes on.

        Raises `ValueError` for a row that does not come next.
        """
        while (place := self.order.next()) is not None:
            stream = self.streams[place]
            if (stream.family.name, stream.level) == (family, level):
                if index != stream.next:
                    break
                stream.seen.add(mark)
                stream.next = index + 1
                self.made += 1
                return
            self._drop(place)
        raise ValueError(f"{family} at level {level} does not come next")

    def __next__(self) -> bytes:
        if self._ahead is None and self._workers > 1:
            where = (self.mix, self._split, self._seed, self.finish)
            self._ahead = Ahead(self.streams, self.order, where, self._workers)
        while (place := self.order.next()) is not None:
            try:
                made = self._new(place)
            except ExhaustedError:
                self._drop(place)
                continue
            self.made += 1
            self.tallies.setdefault(self.streams[place].family.name, Tally()).add(made)
            return made.line
        if self.order.owed:
            raise all_dry(self.streams, self.made, self.made + self.order.owed)
        raise StopIteration

    def _new(self, place: int) -> Made:
        """The next row of a stream, the first draw of it that is new."""
        stream = self.streams[place]
        made = self._ahead.take(place, stream.next) if self._ahead else None
        made = made or make(stream, stream.next, self.finish)
        self._count_dropped(stream, made)
        while not stream.seen.add(made.mark):
            made = make(stream, stream.next, self.finish, made.attempt + 1)
            self._count_dropped(stream, made)
        stream.next += 1
        return made

    def _count_dropped(self, stream: Stream, made: Made) -> None:
        if made.dropped:
            self.tallies.setdefault(stream.family.name, Tally()).dropped += made.dropped

    def _drop(self, place: int) -> None:
        self.order.drop(place)
        self.dry.append(self.streams[place])
        if self._ahead:
            self._ahead.drop(place)

    def __enter__(self) -> Production:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ahead:
            self._ahead.close()


Wanted = list[tuple[int, int]]  # (place of the stream, number of the row)
Where = tuple[Mix, str, int, Finish]


class Ahead:
    """Rows made in worker processes before they are asked for, by a copy of the schedule that runs ahead."""

    def __init__(self, streams: list[Stream], order: Schedule, where: Where, workers: int) -> None:
        self._pool = new_pool(workers, _begin, where)
        self._order = order.copy()
        self._next = [stream.next for stream in streams]
        self._tasks: deque[Future[list[Made | None]]] = deque()
        self._asked: deque[Wanted] = deque()
        self._ready: dict[tuple[int, int], Made] = {}
        self._dropped: set[int] = set()
        self._most = 2 * workers
        self._ask()

    def take(self, place: int, index: int) -> Made | None:
        """The row, once it is there; None when it was not foreseen, or is of a stream with none left."""
        while (place, index) not in self._ready and self._tasks:
            for key, made in zip(self._asked.popleft(), self._tasks.popleft().result(), strict=True):
                if made is not None and key[0] not in self._dropped:
                    self._ready[key] = made
            self._ask()
        return self._ready.pop((place, index), None)

    def drop(self, place: int) -> None:
        """The stream has no row left: what was foreseen of it is forgotten."""
        self._dropped.add(place)
        self._ready = {key: made for key, made in self._ready.items() if key[0] != place}

    def close(self) -> None:
        """End the workers."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self) -> None:
        while len(self._tasks) < self._most and (wanted := self._foreseen()):
            self._asked.append(wanted)
            self._tasks.append(self._pool.submit(_make_all, wanted))

    def _foreseen(self) -> Wanted:
        wanted: Wanted = []
        while len(wanted) < AHEAD_ROWS and (place := self._order.next()) is not None:
            if place in self._dropped:
                self._order.drop(place)
                continue
            wanted.append((place, self._next[place]))
            self._next[place] += 1
        return wanted


_STREAMS: list[Stream] = []
_FINISH = Finish()


def _begin(mix: Mix, split: str, seed: int, finish: Finish) -> None:
    """What a worker does first: the streams whose rows it is asked for."""
    global _FINISH
    begin_worker()
    _STREAMS[:] = streams_of(mix, split, seed, remember=False)
    _FINISH = finish


def _make_all(wanted: Wanted) -> list[Made | None]:
    """The rows wanted; None where a stream has none left, which the asking process finds out by itself."""
    made: list[Made | None] = []
    for place, index in wanted:
        try:
            made.append(make(_STREAMS[place], index, _FINISH))
        except ExhaustedError:
            made.append(None)
    return made
