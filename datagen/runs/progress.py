"""How far a run is, for whoever watches: a bar on a terminal, lines, JSON for scripts, or nothing.

Only draws: the counting is `tally.py`'s. Everything goes to standard error.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Literal, TextIO, TypeVar

import orjson

from datagen.runs.tally import Tally

T = TypeVar("T")

Mode = Literal["auto", "bar", "lines", "json", "quiet"]
"""`auto` is a bar on a terminal and nothing elsewhere."""
EVERY_S = {"bar": 0.25, "lines": 10.0, "json": 1.0}
COUNTED_EVERY = 64
"""Rows made by rules come by the thousand a second; the bar is told of every so many."""


def summary(tally: Tally) -> str:
    """One line: accepted of done, tokens a second, and each reason for a rejection, commonest first.

    >>> tally = Tally(total=4, done=3, accepted=2)
    >>> tally.rejected["tie"] += 1
    >>> summary(tally).startswith("2 of 3 accepted")
    True
    """
    parts = [f"{tally.accepted:,} of {tally.done:,} accepted"]
    if tally.tokens:
        parts.append(f"{tally.made_tokens.rate():,.0f} tokens/s")
    elif tally.made_items.total:
        parts.append(f"{tally.made_items.rate():,.0f} a second")
    if tally.replayed:
        parts.append(f"{tally.replayed:,} from the journal")
    parts += [f"{reason}: {count:,}" for reason, count in tally.rejected.most_common() if count]
    return ", ".join(parts)


def line(tally: Tally) -> str:
    """One line: how many of those asked for, the time left, and the summary."""
    asked = "" if tally.asked is None else f" of {tally.asked:,}"
    left = "" if tally.eta_s is None else f", {duration(tally.eta_s)} left"
    return f"{tally.got:,}{asked}{left}: {summary(tally)}"


def as_json(tally: Tally) -> dict[str, Any]:
    """The figures of a tally under stable names; `asked`, `eta_s` and `yield` are null while unknown."""
    eta = tally.eta_s
    return {
        "got": tally.got,
        "asked": tally.asked,
        "items": tally.done,
        "accepted": tally.accepted,
        "rows": tally.rows,
        "yield": round(tally.accepted / tally.done, 4) if tally.done else None,
        "rejected": {reason: count for reason, count in tally.rejected.most_common() if count},
        "replayed": tally.replayed,
        "tokens": tally.tokens,
        "tokens_per_s": round(tally.made_tokens.rate(), 1),
        "items_per_s": round(tally.made_items.rate(), 2),
        "eta_s": None if eta is None else round(eta, 1),
        "elapsed_s": round(tally.seconds, 1),
    }


def duration(seconds: float) -> str:
    """A time in words, two units at most.

    >>> duration(42), duration(150), duration(3 * 3600 + 120)
    ('42 s', '2 min 30 s', '3 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


class Progress:
    """Draws the latest tally every so often, on a thread of its own, so that silence too is told.

    with progress("pairs") as report:
        run(pairs, items, engine, journal, report=report)
    """

    def __init__(self, title: str, mode: Mode, stream: TextIO) -> None:
        self.title, self.mode, self.stream = title, mode, stream
        self._tally: Tally | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, tally: Tally) -> None:
        """The tally to draw from now on."""
        self._tally = tally

    def note(self, text: str) -> None:
        """A sentence about the run; nothing where only the summary is wanted."""
        if self.mode == "json":
            self._write_json({"note": text})
        elif self.mode != "quiet":
            self._write(text)

    def draw(self, tally: Tally, *, finished: bool = False) -> None:
        """Show a tally."""
        if self.mode == "json":
            self._write_json({"command": self.title, **as_json(tally), "finished": finished})
        elif self.mode == "lines":
            self._write(f"{self.title}: {line(tally)}")

    def __enter__(self) -> Progress:
        if self.mode in EVERY_S:
            self._thread = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._tally is not None:
            self.draw(self._tally, finished=error is None)

    def _tick(self) -> None:
        drawn, interval = 0.0, EVERY_S[self.mode]
        while not self._ended.wait(min(interval, 0.1)):
            if self._tally is not None and time.monotonic() - drawn >= interval:
                self.draw(self._tally)
                drawn = time.monotonic()

    def _write_json(self, values: Mapping[str, Any]) -> None:
        self._write(orjson.dumps(values).decode())

    def _write(self, text: str) -> None:
        self.stream.write(f"{text}\n")
        self.stream.flush()


class ProgressBar(Progress):
    """A bar with the time left, the rate of the last minute and the yield by reason."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as RichProgress

        super().__init__(title, "bar", stream or sys.stderr)
        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
        self._bar = RichProgress(
            *columns, TextColumn("{task.fields[summary]}"), console=Console(file=self.stream)
        )
        self._task = self._bar.add_task(title, total=None, summary="", left="")

    def draw(self, tally: Tally, *, finished: bool = False) -> None:
        """Draw the bar."""
        left = "" if tally.eta_s is None or finished else f"{duration(tally.eta_s)} left"
        told = summary(tally)
        self._bar.update(self._task, completed=tally.got, total=tally.asked, summary=told, left=left)

    def note(self, text: str) -> None:
        """A sentence above the bar."""
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, traceback)
        self._bar.stop()


class _AsNotes(logging.Handler):
    """What the library logs, as notes of a run."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.WARNING)
        self.progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        self.progress.note(record.getMessage())


class _Noting:
    """Routes warnings of `datagen` through a progress, so that nothing tears the bar or the JSON."""

    def __init__(self, inner: Progress) -> None:
        self.inner, self.handler = inner, _AsNotes(inner)
        self.log = logging.getLogger("datagen")

    def __enter__(self) -> Progress:
        self.inner.__enter__()
        self.log.addHandler(self.handler)
        return self.inner

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.log.removeHandler(self.handler)
        self.inner.__exit__(kind, error, traceback)


def progress(title: str, mode: Mode = "auto", stream: TextIO | None = None) -> _Noting:
    """A report of a run, for a `with` block; warnings of the library become its notes."""
    stream = stream or sys.stderr
    if mode == "bar" or (mode == "auto" and stream.isatty()):
        return _Noting(ProgressBar(title, stream))
    return _Noting(Progress(title, mode, stream))


def conclude(text: str, mode: Mode = "auto", stream: TextIO | None = None) -> None:
    """Tell the one line that a command ends with, as JSON where JSON is wanted."""
    stream = stream or sys.stderr
    told = orjson.dumps({"summary": text}).decode() if mode == "json" else text
    stream.write(f"{told}\n")
    stream.flush()


def counted(rows: Iterable[T], title: str, total: int) -> Iterator[T]:
    """The same rows, with a bar that fills as they are made."""
    tally = Tally(total)
    with progress(title) as report:
        report(tally)
        tally.begin()
        fresh = 0
        for row in rows:
            yield row
            fresh += 1
            if fresh == COUNTED_EVERY:
                _count(tally, fresh)
                fresh = 0
        _count(tally, fresh)


def _count(tally: Tally, rows: int) -> None:
    tally.done += rows
    tally.accepted += rows
    tally.made_items.add(rows)


def by_reason(counts: Mapping[str, int]) -> str:
    """Counts in words, the largest first.

    >>> by_reason({"all alike": 3, "never stopped": 12})
    'never stopped: 12, all alike: 3'
    """
    largest_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason}: {count:,}" for reason, count in largest_first)
