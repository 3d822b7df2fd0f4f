"""`python -m verifiers FILE.jsonl --gold gold --pred pred --out OUT.jsonl`: one verdict a line.

Reads rows, compares two of their columns, writes verdicts in the order of the rows.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.errors import UserError
from schemas.rows import Row, numbered_rows, write_rows
from verifiers.columns import answer_text, as_spec, completion_text
from verifiers.extract import LENIENT, REWARD
from verifiers.pool import Item, Pool

EXAMPLE = "python -m verifiers rows.jsonl --gold answer --pred text --full-response --out verdicts.jsonl"
MAX_WORKERS = 8


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m verifiers", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("file", type=Path, help="JSON Lines or Parquet")
    parser.add_argument("--gold", default="gold", metavar="COLUMN", help="the right answer (default: gold)")
    parser.add_argument("--pred", default="pred", metavar="COLUMN", help="the answer judged (default: pred)")
    parser.add_argument("--spec", metavar="COLUMN", help="the answer specification; inferred when not given")
    parser.add_argument("--full-response", action="store_true", help="PRED holds whole responses, or chats")
    parser.add_argument("--lenient", action="store_true", help="also read 'the answer is' and a last number")
    parser.add_argument(
        "--workers",
        type=int,
        default=min(cores(), MAX_WORKERS),
        metavar="N",
        help=f"processes (default: one a core, {MAX_WORKERS} at most)",
    )
    parser.add_argument("--out", type=Path, required=True, help="where the verdicts go")
    return parser.parse_args(argv)


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def verdicts(options: argparse.Namespace) -> Iterator[Row]:
    """One verdict a row, in their order."""
    policy = LENIENT if options.lenient else REWARD
    with Pool(options.workers, policy=policy) as pool:
        for verdict in pool.imap(items(options), full_response=options.full_response):
            yield verdict.as_dict()


def items(options: argparse.Namespace) -> Iterator[Item]:
    """What is to be judged, row by row; `UserError` names the row that lacks a column."""
    path: Path = options.file
    asked = [options.gold, options.pred] + ([options.spec] if options.spec else [])
    line = 0
    for line, row in numbered_rows(path):
        missing = [column for column in asked if column not in row]
        if missing and not (path.suffix == ".parquet" and set(missing) <= _parquet_columns(path)):
            mend = f"it has: {', '.join(row)}"
            raise UserError(f"no column '{missing[0]}'", where=f"{path}:{line}", mend=mend)
        gold, predicted = answer_text(row.get(options.gold)), row.get(options.pred)
        if options.full_response:
            yield _response(predicted), gold, _spec(options, row, line)
        else:
            yield gold, answer_text(predicted), _spec(options, row, line)
    if not line:
        raise UserError("the file has no rows", where=path, mend="generate it again")


def _parquet_columns(path: Path) -> set[str]:
    """A row of Parquet lacks the columns that are null in it."""
    import pyarrow.parquet as pq

    return set(pq.read_schema(path).names)


def _response(value: Any) -> str:
    is_chat = isinstance(value, list) and all(isinstance(message, dict) for message in value)
    return completion_text(value) if is_chat else answer_text(value)


def _spec(options: argparse.Namespace, row: Row, line: int) -> Any:
    try:
        return as_spec(row.get(options.spec)) if options.spec else None
    except UserError as error:
        raise UserError(error.what, where=f"{options.file}:{line}", mend=error.mend) from error


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 2 after one sentence on standard error when the user can mend it."""
    options = arguments(argv)
    try:
        write_rows(options.out, verdicts(options))
    except UserError as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
