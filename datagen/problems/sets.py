"""A set of problems as a folder of shards, one series a split: begun, killed, and gone on with.

What was written is read again to know which problems are taken; the rows that follow are those an
uninterrupted run would have made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from datagen.problems.mix import Mix
from datagen.problems.produce import Finish, Production, Tally
from schemas import Row, UserError, read_rows
from schemas.run import Run
from schemas.shards import shard_path, write_lines

Lines = Iterable[bytes]
Shown = Callable[[Lines, str, int], Lines]
"""Passes lines on and shows how far they are: (lines, title, how many there will be)."""


@dataclass(frozen=True)
class Layout:
    """How a set lies on disk: rows a shard, and `jsonl` or `parquet`."""

    folder: Path
    shard_rows: int
    suffix: str

    def paths(self, split: str, count: int) -> list[Path]:
        """All shards of a split."""
        total = -(-count // self.shard_rows)
        return [shard_path(self.folder, split, number, total, self.suffix) for number in range(total)]


@dataclass
class Report:
    """What was made: rows by split, tallies by family, and the streams that ran dry, in words."""

    rows: dict[str, int]
    tallies: dict[str, Tally]
    dry: list[str]


def unshown(lines: Lines, title: str, total: int) -> Lines:
    """Nobody watches."""
    return lines


def write_set(
    mix: Mix, seed: int, finish: Finish, layout: Layout, run: Run, workers: int = 1, shown: Shown = unshown
) -> Report:
    """Write every split of the mix into `layout.folder`, which `run` has claimed; go on where it stopped.

    `run.manifest["shards"]` says how many shards of each split are done, `["tallies"]` what they held.
    """
    report = Report({}, {}, [])
    for unfinished in layout.folder.glob(f".*-of-*.{layout.suffix}.*"):
        unfinished.unlink()
    for split, count in mix.splits.items():
        paths = layout.paths(split, count)
        done = int(run.manifest.setdefault("shards", {}).get(split, 0))
        with Production(mix, split, seed, finish, workers) as production:
            for row in _rows(paths[:done]):
                _replay(production, row, layout.folder)
            recorded = run.manifest.setdefault("tallies", {}).get(split, {})
            production.tallies = {family: Tally(**held) for family, held in recorded.items()}
            lines = iter(shown(production, f"{split} problems", count - production.made))
            for number, path in enumerate(paths[done:], done + 1):
                rows = min(layout.shard_rows, count - production.made)
                write_lines(path, islice(lines, rows))
                run.manifest["shards"][split] = number
                run.manifest["tallies"][split] = {f: asdict(each) for f, each in production.tallies.items()}
                run.write()
            for _ in lines:  # the bar is told that it is full
                raise AssertionError("more rows than shards")
            _add(report, split, production)
    return report


def _rows(paths: Iterable[Path]) -> Iterator[Row]:
    for path in paths:
        yield from read_rows(path)


def _replay(production: Production, row: Row, folder: Path) -> None:
    """Take a row that is written already; whatever rendering it is in, it says which problem it holds."""
    meta = row["meta"]
    about: dict[str, Any] = row if "family" in row else meta
    try:
        production.replay(about["family"], about["level"], meta["index"], int(about["fingerprint"], 16))
    except ValueError:
        what = f"the shards do not hold what they should at row {production.made + 1:,}"
        raise UserError(what, where=folder, mend="delete the folder to start over") from None


def _add(report: Report, split: str, production: Production) -> None:
    report.rows[split] = production.made
    report.dry += [
        f"{each.family.name} level {each.level} ({split}) after {len(each.seen):,}" for each in production.dry
    ]
    for family, tally in production.tallies.items():
        held = report.tallies.setdefault(family, Tally())
        report.tallies[family] = replace(
            held,
            **{
                name: getattr(held, name) + getattr(tally, name)
                for name in ("rows", "dropped", "spellings", "refused", "misses", "accepted")
            },
        )
