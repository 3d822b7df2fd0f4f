"""The one reporter of progress: a bar with a rate and the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from types import TracebackType

QUIET_LINE_EVERY_S = 15.0
OPEN, CLOSE = "⟦", "⟧"


class Progress:
    """Counts steps of one stage. Writes to stderr, so that output can be piped."""

    def __init__(self, title: str, total: int, *, unit: str = "steps", done: int = 0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self.title, self.total, self.unit = title, total, unit
        self._start, self._last, self._begin = time.monotonic(), time.monotonic(), done
        self._bar = None
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit))
            rate = (TextColumn("{task.fields[note]}"), TimeRemainingColumn())
            self._bar = Bar(*columns, *rate, console=Console(stderr=True))
            self._task = self._bar.add_task(title, total=total, completed=done, note="")
            self._bar.start()

    def step(self, done: int, note: str = "") -> None:
        """`done` of the total are through; `note` is a short figure or two."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, note=note)
        elif time.monotonic() - self._last >= QUIET_LINE_EVERY_S:
            self._last = time.monotonic()
            rate = (done - self._begin) / (self._last - self._start)
            left = f", {(self.total - done) / rate:.0f} s left" if rate > 0 else ""
            say(f"{self.title}: {done}/{self.total} {self.unit}{left}  {note}".rstrip())

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def say_marked(parts: Iterable[tuple[str, bool]]) -> None:
    """A text of which some parts stand out: in green on a terminal, in double brackets elsewhere."""
    from rich.console import Console
    from rich.text import Text

    if sys.stderr.isatty():
        text = Text.assemble(*((part, "bold green" if marked else "dim") for part, marked in parts))
        Console(stderr=True).print(text)
    else:
        say("".join(f"{OPEN}{part}{CLOSE}" if marked else part for part, marked in parts))


def say(line: str) -> None:
    """One line for the person who watches."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
