"""A large set of rows as numbered files in a folder, each written at once and whole: its shards.

A shard that stands is complete, so a run that was killed goes on after the last of them. Rows come as lines
of JSON and are held in memory a batch at a time, whatever the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from schemas.errors import UserError
from schemas.rows import JSON_TEXT, Row, atomic_writer

BATCH_ROWS = 1024


def shard_path(folder: Path, name: str, number: int, total: int, suffix: str) -> Path:
    """Where a shard lies, as `datasets` and others know it.

    >>> str(shard_path(Path("out"), "train", 2, 16, "jsonl"))
    'out/train-00002-of-00016.jsonl'
    """
    return folder / f"{name}-{number:05d}-of-{total:05d}.{suffix}"


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Write JSON lines to `path` (`.jsonl` or `.parquet`) atomically, in constant memory; their number."""
    with atomic_writer(path) as file:
        if path.suffix == ".parquet":
            return _write_parquet(path, file, iter(lines))
        count = 0
        for line in lines:
            file.write(line)
            count += 1
        return count


def _write_parquet(path: Path, file: BinaryIO, lines: Iterator[bytes]) -> int:
    """Batch after batch in the columns of the first; objects are JSON text, which `read_rows` turns back."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer, count = None, 0
    try:
        while batch := [orjson.loads(line) for line in islice(lines, BATCH_ROWS)]:
            schema = writer.schema if writer else _arrow_schema(batch)
            table = pa.Table.from_pylist([_flat(row, schema) for row in batch], schema=schema)
            writer = writer or pq.ParquetWriter(file, schema)
            writer.write_table(table)
            count += len(batch)
    except (pa.ArrowException, OverflowError) as error:
        what = f"Parquet cannot hold these rows ({error})"
        raise UserError(what, where=path, mend="write .jsonl files") from None
    finally:
        if writer:
            writer.close()
    return count


def _arrow_schema(rows: list[Row]) -> Any:
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    fields = []
    for name in names:
        values = [row[name] for row in rows if row.get(name) is not None]
        if any(isinstance(value, dict) for value in values):
            fields.append(pa.field(name, pa.string(), metadata=JSON_TEXT))
        else:
            fields.append(pa.field(name, pa.array(values).type))
    return pa.schema(fields)


def _flat(row: Row, schema: Any) -> Row:
    """The row with its objects as JSON text; a key the first batch did not have is a fault."""
    if unknown := row.keys() - set(schema.names):
        raise OverflowError(f"the column '{min(unknown)}' comes up only later")
    return {
        field.name: orjson.dumps(row[field.name]).decode()
        if field.metadata == JSON_TEXT and row.get(field.name) is not None
        else row.get(field.name)
        for field in schema
    }
