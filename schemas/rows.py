"""The one place that reads rows from a file and writes them to one.

JSON Lines (plain, `.gz` or `.zst`) and Parquet; every fault names the file and the line. Writing is atomic: a
reader sees the old file or the whole new one. Knows nothing of what a row should contain (see `check.py`).
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from schemas.errors import UserError

Row = dict[str, Any]

PARQUET_BATCH_ROWS = 1024
PARQUET_BUFFER_BYTES = 1 << 20
READ_BUFFER_BYTES = 1 << 17
"""A system call costs as much as a short row: the default of 8 KiB is a tenth slower over all."""
JSON_TEXT = {b"homegrown": b"json"}
"""Metadata of a Parquet column of text that stands for objects."""


def read_rows(path: str | Path) -> Iterator[Row]:
    """Rows of a `.jsonl` or `.parquet` file, in order, in constant memory.

    Raises `UserError` when the file is missing, empty, or has a line that is not a JSON object.
    """
    count = 0
    for _line, row in numbered_rows(path):
        count += 1
        yield row
    if not count:
        raise UserError("the file has no rows", where=path, mend="generate it again")


def numbered_rows(path: str | Path) -> Iterator[tuple[int, Row]]:
    """(line number from 1, row) for each row; blank lines of a JSON Lines file are skipped."""
    path = Path(path)
    if path.suffix == ".parquet":
        yield from parquet_rows(path)
    else:
        with open_lines(path) as file:
            for line, text in enumerate(file, 1):
                if not text.isspace():
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


def parquet_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(row number from 1, row) of a Parquet file, where a null says that a key is absent."""
    line = 0
    for batch in parquet_batches(path):
        for row in batch.rows:
            line += 1
            yield line, row


@dataclass(frozen=True)
class Batch:
    """Some rows of a Parquet file and their size there; a null says that a key is absent.

    `whole` are the same rows with their nulls, or None when there are none; `finite` says that they hold no
    number that could be NaN or infinite.
    """

    rows: list[Row]
    bytes: int
    finite: bool
    whole: list[Row] | None = None


def parquet_batches(path: Path, groups: Sequence[int] | None = None) -> Iterator[Batch]:
    """The rows of a Parquet file, or of some of its row groups, a thousand at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open_rows(path) as file:
        try:
            # Read as it is needed, not a whole row group ahead.
            parquet = pq.ParquetFile(file, buffer_size=PARQUET_BUFFER_BYTES, pre_buffer=False)
            texts = [field.name for field in parquet.schema_arrow if field.metadata == JSON_TEXT]
            finite = not any(_has_float(field.type) for field in parquet.schema_arrow)
            mean = os.fstat(file.fileno()).st_size / max(1, parquet.metadata.num_rows)
            line = 0
            for batch in parquet.iter_batches(batch_size=PARQUET_BATCH_ROWS, row_groups=groups):
                whole = batch.to_pylist()
                rows = [nulls_dropped(row) for row in whole] if any(map(_has_null, batch.columns)) else None
                for place in range(len(whole)) if texts else ():
                    line += 1
                    for name in texts:
                        if (text := whole[place][name]) is not None:
                            value = parse_row(text, where=f"{path}:{line}, column '{name}'")
                            whole[place][name] = value
                            if rows:
                                rows[place][name] = value
                size = round(mean * len(whole))
                yield Batch(rows or whole, size, finite and not texts, whole if rows else None)
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"not a Parquet file, or a damaged one ({error})", where=path) from None


def row_groups(path: Path) -> int:
    """The number of row groups of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open_rows(path) as file:
        try:
            return int(pq.ParquetFile(file).metadata.num_row_groups)
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"not a Parquet file, or a damaged one ({error})", where=path) from None


def _has_null(array: Any) -> bool:
    """Whether an Arrow array has a null, or anything in it has."""
    if array.null_count:
        return True
    if hasattr(array, "flatten") and array.type.num_fields:
        inner = array.flatten()
        return any(map(_has_null, inner)) if isinstance(inner, list) else _has_null(inner)
    return False


def _has_float(kind: Any) -> bool:
    """Whether an Arrow type holds floating-point numbers."""
    inner = [kind.field(index).type for index in range(kind.num_fields)]
    return any(map(_has_float, inner)) or str(kind) in ("halffloat", "float", "double")


def dump_row(row: Row) -> bytes:
    """One row as one line of JSON, UTF-8, keys in the order given, newline at the end."""
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def write_rows(path: str | Path, rows: Iterable[Row]) -> int:
    """Write all rows to `path` (`.jsonl` or `.parquet`) atomically; the number of rows written.

    JSON Lines are written as the rows come; Parquet needs its columns first and holds all rows in memory.
    A Parquet column has one type: objects that differ too much from row to row for one (`given`, `meta`)
    become JSON text there, which `read_rows` turns back into objects.
    """
    path = Path(path)
    count = 0
    with atomic_writer(path) as file:
        if path.suffix == ".parquet":
            return _write_parquet(path, file, list(rows))
        for row in rows:
            file.write(dump_row(row))
            count += 1
    return count


def _write_parquet(path: Path, file: BinaryIO, rows: list[Row]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(dict.fromkeys(key for row in rows for key in row))
    name = ""
    try:
        columns = {}
        for name in names:
            columns[name] = _column([row.get(name) for row in rows])
        fields = [
            pa.field(name, array.type, metadata=JSON_TEXT if is_text else None)
            for name, (array, is_text) in columns.items()
        ]
        arrays = [array for array, _ in columns.values()]
        pq.write_table(pa.table(arrays, schema=pa.schema(fields)), file)
    except (pa.ArrowException, OverflowError, orjson.JSONEncodeError) as error:
        what = f"Parquet cannot hold these rows (column '{name}': {error})"
        raise UserError(what, where=path, mend="write a .jsonl file") from None
    return len(rows)


def _column(values: list[Any]) -> tuple[Any, bool]:
    """The Arrow array of a column, and whether it is JSON text: objects that no one type can hold."""
    import pyarrow as pa

    try:
        array = pa.array(values)
        if not _has_empty_object(array.type):
            return array, False
    except (pa.ArrowException, OverflowError):
        if not all(value is None or isinstance(value, dict) for value in values):
            raise
    return pa.array([None if value is None else orjson.dumps(value).decode() for value in values]), True


def _has_empty_object(kind: Any) -> bool:
    """Whether an Arrow type holds an object without keys, which Parquet refuses."""
    inner = [kind.field(index).type for index in range(kind.num_fields)]
    return (not inner and str(kind) == "struct<>") or any(map(_has_empty_object, inner))


def nulls_dropped(value: Any) -> Any:
    """A value without the keys whose value is null, at any depth."""
    if isinstance(value, dict):
        return {key: nulls_dropped(item) for key, item in value.items() if item is not None}
    return [nulls_dropped(item) for item in value] if isinstance(value, list) else value


def open_rows(path: Path) -> BinaryIO:
    """The file, to be read; `UserError` when there is none or it is not ours to read."""
    try:
        return path.open("rb", buffering=READ_BUFFER_BYTES)
    except FileNotFoundError:
        raise UserError("no such file", where=path, mend="check the path") from None
    except IsADirectoryError:
        raise UserError("is a folder", where=path, mend="give the name of a file in it") from None
    except OSError as error:
        raise UserError(f"cannot read ({error.strerror})", where=path, mend="check the path") from None


@contextlib.contextmanager
def open_lines(path: Path) -> Iterator[BinaryIO]:
    """The file, to be read line by line; one that ends in `.gz` or `.zst` is decompressed as it is read.

    `UserError` for what `open_rows` refuses, and for a compressed file that is damaged.
    """
    with open_rows(path) as file:
        if path.suffix not in (".gz", ".zst"):
            yield file
            return
        try:
            yield io.BufferedReader(_decompressed(path, file), READ_BUFFER_BYTES)
        except (EOFError, zlib.error, OSError) as error:
            name = "gzip" if path.suffix == ".gz" else "zstd"
            raise UserError(f"not a {name} file, or a damaged one ({error})", where=path) from None


def _decompressed(path: Path, file: BinaryIO) -> Any:
    if path.suffix == ".gz":
        import gzip

        return gzip.GzipFile(fileobj=file, mode="rb")
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")


@contextlib.contextmanager
def atomic_writer(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file that becomes `path` when the block ends well, and vanishes when it does not.

    A full disk or an unwritable folder is a `UserError`, and whatever `path` held is still there. A link is
    followed; a device or a pipe (`/dev/stdout`) is written to directly.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise UserError("is a folder", where=path, mend="give the name of a file in it")
    if target.exists() and not target.is_file():
        with _cannot_write(path, str(target)), target.open("wb") as file:
            yield file
        return
    with _cannot_write(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with _cannot_write(path, temporary):
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, _mode(target))
            os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _cannot_write(path: object, *ours: str) -> Iterator[None]:
    """Turns a failed write to `path` into a `UserError`; what fails on another file is not our affair."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if ours and error.filename not in (None, *ours):
            raise
        mend = "free some space or choose another place"
        raise UserError(f"cannot write ({error.strerror})", where=path, mend=mend) from error


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those any new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
