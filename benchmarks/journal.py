"""What the journal costs a run: items recorded a second, replayed a second, and read anew a second.

An engine that answers at once, so that all time is ours: one request and one row an item. Beside it the same
bytes put into bare SQLite, in the same turns: an answer and an outcome in a transaction each, since what a
method has returned from must survive a kill. Processor seconds, medians over the rounds. Asserts nothing.

    python benchmarks/journal.py                    20,000 items recorded, 100,000 replayed
    python benchmarks/journal.py --items 2000
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from datagen.engines import Completion, Request, Sample  # noqa: E402
from datagen.runs.journal import Journal, Outcome, digest  # noqa: E402
from datagen.runs.run import run  # noqa: E402

ROUNDS = 3
ANSWER = "The sum of the two numbers is what you get when you count on from the first. " * 5
QUESTION = "What is the sum of these two numbers, and how do you find it? " * 6


class Instant:
    """An engine that says the same of everything, at once."""

    name, model_hash, context = "instant", "0" * 64, None

    async def generate(self, request: Request) -> Completion:
        samples = tuple(Sample(ANSWER, tuple(range(100)), "stop") for _ in request.sample_seeds)
        return Completion(samples, 80, 100 * len(samples), 0.1, self.name)

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        engine = {"engine": self.name, "model": self.model_hash}
        return engine if request is None else {**engine, "chat": request.messages, **request.sampling()}


async def answered(item: dict[str, str], team: Any) -> dict[str, Any]:
    """One answer, one row."""
    question = [{"role": "user", "content": item["question"]}]
    found = await team.chat(question, max_tokens=200)
    turns = [*question, {"role": "assistant", "content": found.text}]
    return {"messages": turns, "meta": {"id": item["id"], **team.provenance()}}


def items(count: int) -> list[dict[str, str]]:
    """Items of some hundred bytes."""
    return [{"id": f"item-{number}", "question": f"{QUESTION} {number}"} for number in range(count)]


def rate(count: int, work: Callable[[], object]) -> float:
    """How many of `count` a processor second."""
    started = time.process_time()
    work()
    return count / (time.process_time() - started)


def bare(path: Path, count: int) -> None:
    """The same bytes in SQLite, with nothing of ours between."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA wal_autocheckpoint = 4000")
    for table in ("requests", "samples", "outcomes"):
        database.execute(f"CREATE TABLE {table} (key BLOB PRIMARY KEY, text TEXT)")
    identity, sample, row = "i" * 700, "s" * (len(ANSWER) + 500), "r" * (len(ANSWER) + len(QUESTION) + 250)
    for number in range(count):
        key = digest(number)
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO requests VALUES (?, ?)", (key, identity))
        database.execute("INSERT INTO samples VALUES (?, ?)", (key, sample))
        database.execute("COMMIT")
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO outcomes VALUES (?, ?)", (key, row))
        database.execute("COMMIT")
    database.close()


def fill(path: Path, count: int) -> None:
    """A journal of a finished run, its outcomes alone, made faster than by the run."""
    with Journal(path) as journal:
        seen: list[Outcome] = []
        run(answered, items(10), Instant(), journal, report=lambda tally: None)
        situation = digest(journal.meta("run"))
        for item in items(count):
            turns = [{"role": "user", "content": item["question"]}, {"role": "assistant", "content": ANSWER}]
            outcome = Outcome(item["id"], {"messages": turns, "meta": {"id": item["id"]}})
            key = digest({"situation": situation.hex(), "item": item})
            seen.append(journal.record_outcome(key, outcome, [], situation))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--replayed", type=int, default=100_000)
    given = parser.parse_args()
    recorded, beside, anew, replayed = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        made, large = items(given.items), items(given.replayed)
        for turn in range(ROUNDS):
            bare_file = Path(folder) / f"{turn}.bare"
            with Journal(Path(folder) / f"{turn}.journal") as journal:
                recorded.append(rate(len(made), partial(run, answered, made, Instant(), journal)))
                again = partial(run, answered, made, Instant(), journal, version="another")
                anew.append(rate(len(made), again))
            beside.append(rate(len(made), partial(bare, bare_file, len(made))))
        fill(Path(folder) / "large.journal", len(large))
        with Journal(Path(folder) / "large.journal") as journal:
            replayed.append(rate(len(large), partial(run, answered, large, Instant(), journal)))
            assert journal.count("outcomes") == len(large)
    ratios = [bare / ours for bare, ours in zip(beside, recorded, strict=True)]
    print(f"items a processor second, {ROUNDS} rounds of {given.items:,}")
    print(f"  recorded, an answer and an outcome each   {statistics.median(recorded):>9,.0f}")
    print(f"  the same bytes into bare SQLite           {statistics.median(beside):>9,.0f}", end="")
    print(f"   ({statistics.median(ratios):.1f} times as many)")
    print(f"  read anew by a changed recipe             {statistics.median(anew):>9,.0f}")
    print(f"  finished items replayed, of {given.replayed:,}       {replayed[0]:>9,.0f}")


if __name__ == "__main__":
    main()
