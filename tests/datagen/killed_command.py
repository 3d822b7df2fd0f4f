"""A program that runs `datagen` and is struck by a signal once so many items are recorded. Not a test itself.

python killed_command.py SIGNAL ITEMS datagen's arguments...
"""

from __future__ import annotations

import os
import signal
import sys

from datagen.cli import main
from datagen.runs.journal import Journal


def strike_after(items: int, number: int) -> None:
    """Have this process get signal `number` right after the outcome of item number `items` is recorded."""
    record, recorded = Journal.record_outcome, 0

    def counting(self, *arguments):
        nonlocal recorded
        outcome = record(self, *arguments)
        recorded += 1
        if recorded == items:
            os.kill(os.getpid(), number)
        return outcome

    Journal.record_outcome = counting  # type: ignore[method-assign]


if __name__ == "__main__":
    name, items, *sys.argv[1:] = sys.argv[1:]
    strike_after(int(items), signal.Signals[name])
    main()
