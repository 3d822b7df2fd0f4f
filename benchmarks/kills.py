"""A run killed over and over at random moments, and resumed: its bytes, and what was paid for twice.

A thousand rows are kept of an endless supply of items; each takes two requests, some are rejected, duplicates
are turned down in the order of the items. First undisturbed; then again, ended by `kill -9` two hundred times
at moments drawn from a seed, a quarter of them while the program starts. The engine's side writes its own log
of every sample it is asked for and has answered, which no kill takes back. Asserts nothing about time.

    python benchmarks/kills.py                          1,000 rows, 200 kills: some ten minutes
    python benchmarks/kills.py --rows 100 --kills 20    a smaller one
    python benchmarks/kills.py --model FILE.gguf        another model than the embedded one
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CONCURRENCY = 6
SAMPLES_AT_ONCE = 2
"""Of the larger of an item's two requests, which follow each other."""
DURING_START = 0.25
"""Share of the kills that strike while the program starts, replays and goes on."""
DEADLINE_S = 120.0
WORKING = "working"


# ---- the run that is killed: a process of its own ----


class Logged:
    """An engine that writes down each sample it is asked for, and each it has answered, before it goes on."""

    def __init__(self, engine: Any, path: Path) -> None:
        self.engine = engine
        self.log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.told = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    async def generate(self, request: Any) -> Any:
        if not self.told:
            print(WORKING, flush=True)
            self.told = True
        self.write("asked", request, [0] * request.n)
        completion = await self.engine.generate(request)
        self.write("answered", request, [sample.token_count for sample in completion.samples])
        return completion

    def write(self, what: str, request: Any, tokens: list[int]) -> None:
        from datagen.runs.journal import completion_key

        identity = self.engine.identity(request)
        lines = [
            # Its own name of the sample, and the journal's, so that the two can be compared.
            f"{what} {hash_of(self.engine.prompt_text(request), request, seed)}"
            f" {completion_key(identity, seed).hex()} {count}\n"
            for seed, count in zip(request.sample_seeds, tokens, strict=True)
        ]
        os.write(self.log, "".join(lines).encode())


def hash_of(prompt: str, request: Any, seed: int) -> str:
    """A name of a sample made without the journal's code: of the prompt's text, the sampling and the seed."""
    import hashlib

    told = f"{prompt}|{request.max_tokens}|{request.temperature}|{request.top_p}|{request.stop}|{seed}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


async def two_drafts(item: Any, team: Any) -> Any:
    """Two samples, then one more that goes on from the longer; some are rejected."""
    from datagen.runs.run import Rejected

    drafts = await team.chat([{"role": "user", "content": item["text"]}], n=2, max_tokens=20)
    longer = max(drafts.samples, key=lambda sample: (sample.token_count, sample.text))
    more = await team.chat(
        [{"role": "user", "content": "go on"}], prefix=longer.text, max_tokens=10, temperature=0.8, attempt=1
    )
    if zlib.crc32((longer.text + more.text).encode()) % 5 == 0:
        return Rejected("a multiple of five")
    return {"text": longer.text + more.text, "meta": {"id": item["id"], **team.provenance()}}


def endless() -> Iterator[dict[str, str]]:
    """Items without end."""
    number = 0
    while True:
        yield {"id": f"item-{number}", "text": f"What is {number % 97} + {number % 89}?"}
        number += 1


def work(folder: Path, model: Path, rows: int) -> None:
    """The run itself: goes on where it is, and writes `rows.jsonl`."""
    from datagen.engines.llama.engine import LlamaCppEngine
    from datagen.runs.journal import Journal
    from datagen.runs.keeping import Distinct
    from datagen.runs.run import run, write_outcomes

    with LlamaCppEngine(model, threads=1, width=6) as engine, Journal(folder / "run.journal") as journal:
        logged = Logged(engine, folder / "engine.log")
        distinct = Distinct(lambda row: row["text"][:12])
        outcomes = run(
            two_drafts,
            endless(),
            logged,
            journal,
            seed=11,
            concurrency=CONCURRENCY,
            keep=rows,
            settle=distinct,
        )
    write_outcomes(folder / "rows.jsonl", outcomes)


# ---- who starts it, kills it and looks ----


@dataclass
class Figures:
    """What a campaign came to. Counts of samples, except where the name says otherwise."""

    kills: int = 0
    kills_during_start: int = 0
    kills_by_tenth: list[int] = field(default_factory=lambda: [0] * 10)
    same_bytes: bool = False
    rows: int = 0
    rows_twice: int = 0
    distinct_asked: int = 0
    asked_again: int = 0
    asked_again_though_recorded: int = 0
    most_in_flight: int = 0
    answered_but_not_recorded: int = 0
    tokens: int = 0
    tokens_undisturbed: int = 0
    seconds: float = 0.0
    seconds_undisturbed: float = 0.0


@dataclass(frozen=True)
class Campaign:
    """One run, killed `kills` times, in `folder`."""

    folder: Path
    model: Path
    rows: int
    kills: int
    seed: int

    def run(self) -> Figures:
        """Kill and resume until it is done, and compare with the undisturbed run."""
        figures = Figures()
        undisturbed, killed = self.folder / "undisturbed", self.folder / "killed"
        undisturbed.mkdir(parents=True)
        killed.mkdir()
        started = time.perf_counter()
        start_s = self._finish(undisturbed)
        figures.seconds_undisturbed = time.perf_counter() - started
        started = time.perf_counter()
        self._kill_all(killed, figures, start_s, figures.seconds_undisturbed - start_s)
        recorded = recorded_keys(killed)
        asked_before = len(read_log(killed))
        self._finish(killed)
        figures.asked_again_though_recorded += asked_of(read_log(killed)[asked_before:], recorded)
        figures.seconds = time.perf_counter() - started
        self._compare(undisturbed, killed, figures)
        return figures

    def start(self, folder: Path) -> subprocess.Popen[str]:
        """The run as a process."""
        command = [sys.executable, __file__, "--work", str(folder), str(self.model), str(self.rows)]
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def _finish(self, folder: Path) -> float:
        """Let it run to its end; the seconds until it began to work."""
        started = time.perf_counter()
        process = self.start(folder)
        assert process.stdout is not None
        process.stdout.readline()
        began = time.perf_counter() - started
        process.communicate(timeout=30 * 60)
        if process.returncode:
            raise RuntimeError(f"the run failed with code {process.returncode}")
        return began

    def _kill_all(self, folder: Path, figures: Figures, start_s: float, work_s: float) -> None:
        rng = random.Random(self.seed)
        pace = self.rows / work_s
        while figures.kills < self.kills:
            recorded, log_before = recorded_keys(folder), len(read_log(folder))
            missing = max(0.5, self.rows - rows_made(folder))
            share = missing / (self.kills - figures.kills) / (1 - DURING_START)
            during_start = rng.random() < DURING_START
            patience = rng.uniform(0, start_s) if during_start else rng.uniform(0, 2 * share / pace)
            process = self.start(folder)
            assert process.stdout is not None
            if not during_start:
                process.stdout.readline()
            started = time.perf_counter()
            while time.perf_counter() - started < patience and process.poll() is None:
                time.sleep(0.0005)
            worked = time.perf_counter() - started
            process.kill()
            process.communicate()
            if process.returncode != -9:
                if process.returncode == 0:  # it came to its end before: kill it on the next, shorter way
                    (folder / "rows.jsonl").unlink(missing_ok=True)
                    continue
                raise RuntimeError(f"the run failed with code {process.returncode}")
            figures.kills += 1
            figures.kills_during_start += during_start
            made = rows_made(folder)
            figures.kills_by_tenth[min(9, 10 * made // self.rows)] += 1
            if not during_start and worked > 0.02:
                # What comes out in so short a time says little: follow it slowly.
                pace = 0.8 * pace + 0.2 * (made - (self.rows - missing)) / worked
                pace = max(pace, self.rows / work_s / 20)
            self._look(folder, recorded, read_log(folder)[log_before:], figures)

    def _look(
        self, folder: Path, recorded: set[str], log: list[tuple[str, str, str, int]], figures: Figures
    ) -> None:
        """Compare what one life asked for with what the journal held before, and holds after."""
        figures.asked_again_though_recorded += asked_of(log, recorded)
        now = recorded_keys(folder)
        asked = {key for what, _, key, _ in log if what == "asked"}
        answered = {key for what, _, key, _ in log if what == "answered"}
        figures.most_in_flight = max(figures.most_in_flight, len(asked - now))
        figures.answered_but_not_recorded += len(answered - now)

    def _compare(self, undisturbed: Path, killed: Path, figures: Figures) -> None:
        written = (killed / "rows.jsonl").read_bytes()
        figures.same_bytes = written == (undisturbed / "rows.jsonl").read_bytes()
        lines = written.splitlines()
        figures.rows, figures.rows_twice = len(lines), len(lines) - len(set(lines))
        log = read_log(killed)
        asked = Counter(name for what, name, _, _ in log if what == "asked")
        figures.distinct_asked = len(asked)
        figures.asked_again = sum(asked.values()) - len(asked)
        figures.tokens = sum(tokens for *_, tokens in log)
        figures.tokens_undisturbed = sum(tokens for *_, tokens in read_log(undisturbed))


def read_log(folder: Path) -> list[tuple[str, str, str, int]]:
    """The engine's log: (asked or answered, its own name of the sample, the journal's key, tokens)."""
    path = folder / "engine.log"
    if not path.exists():
        return []
    lines = [line.split() for line in path.read_text().splitlines()]
    return [(what, name, key, int(tokens)) for what, name, key, tokens in lines]


def asked_of(log: list[tuple[str, str, str, int]], recorded: set[str]) -> int:
    """How many samples were asked for although the journal held them."""
    return sum(what == "asked" and key in recorded for what, _, key, _ in log)


def recorded_keys(folder: Path) -> set[str]:
    """The keys of all samples in the journal, read with sqlite3 alone."""
    return {key.hex() for (key,) in query(folder, "SELECT key FROM samples")}


def rows_made(folder: Path) -> int:
    """How many items became a row so far."""
    found = query(folder, "SELECT count(*) FROM outcomes WHERE row IS NOT NULL")
    return int(found[0][0]) if found else 0


def query(folder: Path, text: str) -> list[Any]:
    """What a journal answers; nothing while it has no tables."""
    path = folder / "run.journal"
    if not path.exists():
        return []
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute(text).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
    finally:
        database.close()


def told(figures: Figures) -> str:
    """The figures as lines."""
    overhead = figures.tokens / figures.tokens_undisturbed - 1
    again = f"{figures.asked_again:,} ({figures.asked_again / figures.kills:.1f} a kill)"
    lines = {
        "kills": f"{figures.kills}, {figures.kills_during_start} of them during the start",
        "  by tenths of the rows made": " ".join(map(str, figures.kills_by_tenth)),
        "rows": f"{figures.rows:,}, twice: {figures.rows_twice}",
        "the undisturbed run's bytes": "yes" if figures.same_bytes else "NO",
        "samples asked for": f"{figures.distinct_asked:,}, again after a kill: {again}",
        "  most under way at a kill": f"{figures.most_in_flight} of {CONCURRENCY * SAMPLES_AT_ONCE} possible",
        "  again though recorded": str(figures.asked_again_though_recorded),
        "  answered and not yet recorded": str(figures.answered_but_not_recorded),
        "tokens answered": f"{figures.tokens:,}, {overhead:+.1%} beside the undisturbed run",
        "seconds": f"{figures.seconds:,.0f}, undisturbed {figures.seconds_undisturbed:,.1f}",
    }
    return "\n".join(f"{name:<33} {value}" for name, value in lines.items())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--work", nargs=3, metavar=("FOLDER", "MODEL", "ROWS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        folder, model, rows = given.work
        work(Path(folder), Path(model), int(rows))
        return
    from datagen.engines import embedded_model

    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(
            Path(folder), given.model or embedded_model(), given.rows, given.kills, given.seed
        )
        print(told(campaign.run()))


if __name__ == "__main__":
    main()
