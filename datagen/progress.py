"""How far a run is, on the terminal: a bar with rate, time left and the yield by reason.

Only draws: the counting is `run.py`'s.
"""

from __future__ import annotations

from types import TracebackType

from datagen.run import Tally


def summary(tally: Tally) -> str:
    """One line: accepted of done, tokens a second, and each reason for a rejection, commonest first.

    >>> tally = Tally(total=4, done=3, accepted=2)
    >>> tally.rejected["tie"] += 1
    >>> summary(tally).startswith("2 of 3 accepted")
    True
    """
    parts = [f"{tally.accepted} of {tally.done} accepted"]
    if tally.tokens and tally.seconds:
        parts.append(f"{tally.tokens / tally.seconds:,.0f} tokens/s")
    if tally.replayed:
        parts.append(f"{tally.replayed} from the journal")
    parts += [f"{reason}: {count}" for reason, count in tally.rejected.most_common()]
    return ", ".join(parts)


class ProgressBar:
    """A report that draws a bar on standard error.

    with ProgressBar("pairs") as bar:
        run(pairs, items, engine, journal, report=bar)
    """

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        summary_column = TextColumn("{task.fields[summary]}")
        self._progress = Progress(*columns, summary_column, console=Console(stderr=True))
        self._task = self._progress.add_task(title, total=None, summary="")

    def __call__(self, tally: Tally) -> None:
        """Draw the state of `tally`."""
        self._progress.update(self._task, completed=tally.done, total=tally.total, summary=summary(tally))

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()
