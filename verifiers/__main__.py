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
from schemas.rows import Row, read_rows, write_rows
from verifiers.extract import LENIENT, REWARD, Policy
from verifiers.pool import Item, Pool
from verifiers.reward import as_spec

EXAMPLE = "python -m verifiers rows.jsonl --gold answer --pred text --full-response --out verdicts.jsonl"


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m verifiers", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("file", type=Path, help="JSON Lines or Parquet")
    parser.add_argument("--gold", default="gold", metavar="COLUMN", help="the right answer (default: gold)")
    parser.add_argument("--pred", default="pred", metavar="COLUMN", help="the answer judged (default: pred)")
    parser.add_argument("--spec", metavar="COLUMN", help="the answer specification; inferred when not given")
    parser.add_argument("--full-response", action="store_true", help="PRED holds whole responses")
    parser.add_argument("--lenient", action="store_true", help="also read <answer>, #### and 'the answer is'")
    parser.add_argument(
        "--workers",
        type=int,
        default=min(os.cpu_count() or 1, 8),
        metavar="N",
        help="processes (default: one a core, 8 at most)",
    )
    parser.add_argument("--out", type=Path, required=True, help="where the verdicts go")
    return parser.parse_args(argv)


def verdicts(options: argparse.Namespace) -> Iterator[Row]:
    """One verdict a row, in their order."""
    policy: Policy = LENIENT if options.lenient else REWARD
    with Pool(options.workers, policy=policy) as pool:
        for verdict in pool.imap(items(options), full_response=options.full_response):
            yield verdict.as_dict()


def items(options: argparse.Namespace) -> Iterator[Item]:
    """What is to be judged, row by row; `UserError` names the row that lacks a column."""
    columns = [options.gold, options.pred] + ([options.spec] if options.spec else [])
    for number, row in enumerate(read_rows(options.file), 1):
        where = f"{options.file}, row {number}"
        for column in columns:
            if column not in row:
                raise UserError(f"no column '{column}'", where=where, mend=f"it has: {', '.join(row)}")
        gold, predicted = written(row[options.gold]), written(row[options.pred])
        try:
            spec = as_spec(row[options.spec]) if options.spec else None
        except UserError as error:
            raise UserError(str(error), where=where) from error
        yield (predicted, gold, spec) if options.full_response else (gold, predicted, spec)


def written(value: Any) -> str:
    """A JSON value as the answer it would be written as: lists with commas, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(written, value)) if isinstance(value, list) else str(value)


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 2 after one sentence on standard error when the user can mend it."""
    options = arguments(argv)
    try:
        if options.workers < 1:
            raise UserError(f"{options.workers} workers", mend="use 1 or more")
        write_rows(options.out, verdicts(options))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
