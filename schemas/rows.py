"""The one place that reads rows from a file and writes them to one.

JSON Lines and Parquet; every fault names the file and the line. Writing is atomic: a reader sees
the old file or the whole new one. Knows nothing of what a row should contain (see `check.py`).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from schemas.errors import UserError

Row = dict[str, Any]

PARQUET_BATCH_ROWS = 1024


def read_rows(path: str | Path) -> Iterator[Row]:
    """Rows of a `.jsonl` or `.parquet` file, in order, in constant memory.

    Raises `UserError` when the file is missing, empty, or has a line that is not a JSON object.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError("no such file", where=path, mend="check the path")
    count = 0
    for _line, row in numbered_rows(path):
        count += 1
        yield row
    if not count:
        raise UserError("the file has no rows", where=path, mend="generate it again")


def numbered_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(line number from 1, row) for each row; blank lines of a JSON Lines file are skipped."""
    if path.suffix == ".parquet":
        yield from _parquet_rows(path)
        return
    with path.open("rb") as file:
        for line, text in enumerate(file, 1):
            if text.strip():
                yield line, parse_row(text, where=f"{path}:{line}")


def parse_row(text: bytes | str, *, where: object) -> Row:
    """One JSON object from one line; `UserError` naming `where` when it is anything else."""
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UserError(f"not JSON ({error})", where=where, mend="one JSON object a line") from None
    if not isinstance(row, dict):
        raise UserError("not a JSON object", where=where, mend="one JSON object a line")
    return row


def _parquet_rows(path: Path) -> Iterator[tuple[int, Row]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        batches = pq.ParquetFile(path).iter_batches(batch_size=PARQUET_BATCH_ROWS)
        line = 0
        for batch in batches:
            for row in batch.to_pylist():
                line += 1
                yield line, row
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"not a Parquet file ({error})", where=path) from None


def dump_row(row: Row) -> bytes:
    """One row as one line of JSON, UTF-8, keys in the order given, newline at the end."""
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def write_rows(path: str | Path, rows: Iterable[Row]) -> int:
    """Write all rows to `path` (`.jsonl` or `.parquet`) atomically; the number of rows written."""
    path = Path(path)
    count = 0
    with atomic_writer(path) as file:
        if path.suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            table = pa.Table.from_pylist(list(rows))
            pq.write_table(table, file)
            return int(table.num_rows)
        for row in rows:
            file.write(dump_row(row))
            count += 1
    return count


@contextlib.contextmanager
def atomic_writer(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file that becomes `path` when the block ends well, and vanishes when it does not.

    A full disk or an unwritable folder is a `UserError`, and whatever `path` held is still there.
    """
    path = Path(path)
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        mend = "free some space or choose another place"
        raise UserError(f"cannot write ({error.strerror})", where=path, mend=mend) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
