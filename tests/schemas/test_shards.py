"""Shards: named as `datasets` names them, whole or not there, in constant memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import UserError
from schemas.rows import dump_row, read_rows
from schemas.shards import BATCH_ROWS, shard_path, write_lines

ROWS = [
    {
        "id": f"{n}",
        "level": n % 5,
        "spec": {"kind": "integer", **({"base": n} if n % 2 else {})},
        "tags": ["a"],
    }
    for n in range(2 * BATCH_ROWS + 7)
]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_rows_come_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    path = shard_path(tmp_path, "train", 3, 12, suffix)
    assert path.name == f"train-00003-of-00012.{suffix}"
    assert write_lines(path, map(dump_row, ROWS)) == len(ROWS)
    assert list(read_rows(path)) == ROWS


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_shard_that_fails_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    def failing():  # type: ignore[no-untyped-def]
        yield from map(dump_row, ROWS[:BATCH_ROWS])
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_lines(tmp_path / f"rows.{suffix}", failing())
    assert list(tmp_path.iterdir()) == []


def test_a_column_that_comes_up_late_or_changes_its_type_is_a_fault(tmp_path: Path) -> None:
    late = [*ROWS[:BATCH_ROWS], {**ROWS[0], "new": 1}]
    with pytest.raises(UserError, match="the column 'new' comes up only later"):
        write_lines(tmp_path / "late.parquet", map(dump_row, late))
    changed = [*ROWS[:BATCH_ROWS], {**ROWS[0], "level": "high"}]
    with pytest.raises(UserError, match=r"Parquet cannot hold these rows .* write .jsonl files"):
        write_lines(tmp_path / "changed.parquet", map(dump_row, changed))
    assert list(tmp_path.iterdir()) == []


def test_datasets_reads_the_shards(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    for suffix, kind in (("jsonl", "json"), ("parquet", "parquet")):
        for number in range(2):
            write_lines(
                shard_path(tmp_path, "train", number, 2, suffix), map(dump_row, ROWS[number * 50 :][:50])
            )
        files = str(tmp_path / f"train-*.{suffix}")
        loaded = datasets.load_dataset(kind, data_files=files, cache_dir=str(tmp_path / kind), split="train")
        assert loaded["id"][:] == [row["id"] for row in ROWS[:100]]
