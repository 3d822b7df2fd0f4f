"""Our problems beside reasoning-gym's: items a second of what both have, and a large run's rate and memory.

In turns in one run, on one core, medians over the rounds of items a second and of their ratio. An item of
reasoning-gym is a question and its answer; one of ours is a whole row: question, answer, how it is compared,
worked solution, fingerprint, never of another split (a fifth of what is drawn is not of the train split and
thrown away). Repeats are left in on both sides. Levels 1 to 5 in turn, unless a pair says otherwise;
reasoning-gym by its default settings. Asserts nothing about time.

    python benchmarks/problems.py                       the pairs, then a million rows: some ten minutes
    python benchmarks/problems.py --rows 100000         a smaller run
    python benchmarks/problems.py --without-run         the pairs alone
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROUNDS = 5
SAMPLE_EVERY_S = 0.5
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Pair:
    """A family of ours, a task of theirs that asks the same, and the levels of ours that compare."""

    ours: str
    theirs: str
    heavy: bool = False
    levels: tuple[int, ...] = (1, 2, 3, 4, 5)
    note: str = ""


PAIRS = (
    Pair("chain_sum", "chain_sum"),
    Pair("greatest_common_divisor", "gcd"),
    Pair("linear_equation", "simple_equations"),
    Pair("quadratic_equation", "polynomial_equations", heavy=True),
    Pair("cubic_roots", "polynomial_equations", heavy=True),
    Pair("antiderivative_polynomial", "simple_integration", heavy=True),
    Pair("antiderivative", "intermediate_integration", heavy=True),
    Pair("entailment", "propositional_logic"),
    Pair("formula_equivalence", "propositional_logic"),
    Pair("knights_and_knaves", "knights_knaves"),
    Pair("zebra_puzzle", "zebra_puzzles", heavy=True),
    Pair("countdown", "countdown", heavy=True),
    Pair("twenty_four", "puzzle24", heavy=True),
    Pair("sudoku", "mini_sudoku", levels=(1, 2), note="4x4"),
    Pair("sudoku", "sudoku", heavy=True, levels=(4, 5), note="9x9"),
)


def our_items(pair: Pair, seed: int) -> Callable[[], object]:
    """A function that makes the next row of the train split, level after level, repeats among them."""
    from datagen.problems import find
    from datagen.problems.streams import Stream

    streams = [Stream(find(pair.ours), level, "train", seed) for level in pair.levels]
    turn = count()

    def make() -> object:
        index, place = divmod(next(turn), len(streams))
        stream = streams[place]
        problem, mark, attempt = stream.candidate(index)
        return stream.as_row(problem, mark, index, attempt)

    return make


def their_items(pair: Pair, seed: int) -> Callable[[], object]:
    """A function that makes the next item of the task."""
    import reasoning_gym

    task = reasoning_gym.create_dataset(pair.theirs, seed=seed, size=10**6)
    turn = count()
    return lambda: task[next(turn)]


def items_per_s(make: Callable[[], object], seconds: float) -> float:
    """How many a second, over at least so many seconds."""
    make()
    made, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        make()
        made += 1
    return made / passed


def compare(pair: Pair, seconds: float) -> tuple[float, float, float]:
    """Medians over the rounds: ours a second, theirs a second, the ratio. They take turns to be first."""
    ours, theirs = [], []
    for number in range(ROUNDS):
        sides = [(ours, our_items), (theirs, their_items)]
        for rates, items in sides if number % 2 else reversed(sides):
            rates.append(items_per_s(items(pair, 1000 + number), seconds))
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return statistics.median(ours), statistics.median(theirs), statistics.median(ratios)


def compare_all(seconds: float) -> None:
    print(f"{'ours':26} {'reasoning-gym':26} {'ours/s':>9} {'theirs/s':>9} {'ratio':>8}")
    for pair in PAIRS:
        ours, theirs, ratio = compare(pair, seconds)
        note = f"  {pair.note}" if pair.note else ""
        print(f"{pair.ours:26} {pair.theirs:26} {ours:9,.0f} {theirs:9,.0f} {ratio:8.2f}{note}", flush=True)


def resident(pid: int) -> int:
    """Bytes of memory that are a process's own and its children's."""
    total = 0
    for process in [pid, *children(pid)]:
        try:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        total += pages * 4096
    return total


def children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [grandchild for child in map(int, found) for grandchild in (child, *children(child))]


def large_run(rows: int, workers: int) -> None:
    """A mixed set of all families through the command, and its memory as it goes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set"
        command = [sys.executable, "-m", "datagen", "problems", "--family", "all", "--count", str(rows)]
        command += ["--workers", str(workers), "--seed", str(random.randrange(10**6)), "--out", str(out)]
        started = time.perf_counter()
        running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        sampled: list[tuple[float, int]] = []
        while running.poll() is None:
            sampled.append((time.perf_counter() - started, resident(running.pid)))
            time.sleep(SAMPLE_EVERY_S)
        seconds = time.perf_counter() - started
        written = sum(path.stat().st_size for path in out.glob("train-*"))
        if running.returncode:
            raise SystemExit(f"the run failed with exit code {running.returncode}")
    rate = f"{seconds:,.0f} s, {rows / seconds:,.0f} a second, {written / MEBIBYTE:,.0f} MiB written"
    print(f"{rows:,} rows of all families, {workers} workers: {rate}")
    print("memory of all processes, MiB, at each tenth of the time: ", end="")
    tenths = [sampled[min(len(sampled) - 1, len(sampled) * tenth // 10)][1] for tenth in range(1, 11)]
    print(*(f"{held / MEBIBYTE:,.0f}" for held in tenths), end="; ")
    print(f"peak {max(held for _, held in sampled) / MEBIBYTE:,.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each side of a pair in a round")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--without-run", action="store_true")
    parser.add_argument("--without-pairs", action="store_true")
    arguments = parser.parse_args()
    if not arguments.without_pairs:
        compare_all(arguments.seconds)
    if not arguments.without_run:
        large_run(arguments.rows, arguments.workers)


if __name__ == "__main__":
    main()
