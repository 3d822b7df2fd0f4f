"""`python -m verifiers FILE.jsonl --gold gold --pred pred --out OUT.jsonl`: one verdict a line.

Reads rows, compares two of their columns, writes verdicts in the order of the rows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import UserError
from schemas.rows import Row, read_rows, write_rows
from verifiers.extract import LENIENT, REWARD, Policy
from verifiers.judge import equivalent, verify
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
    parser.add_argument("--out", type=Path, required=True, help="where the verdicts go")
    return parser.parse_args(argv)


def verdicts(options: argparse.Namespace) -> Iterator[Row]:
    """One verdict a row; `UserError` names the row that lacks a column."""
    policy: Policy = LENIENT if options.lenient else REWARD
    judge = verify if options.full_response else None
    for number, row in enumerate(read_rows(options.file), 1):
        columns = [options.gold, options.pred] + ([options.spec] if options.spec else [])
        for column in columns:
            if column not in row:
                known = ", ".join(row)
                raise UserError(
                    f"no column '{column}'", where=f"{options.file}, row {number}", mend=f"it has: {known}"
                )
        gold, predicted = str(row[options.gold]), str(row[options.pred])
        spec = as_spec(row[options.spec]) if options.spec else None
        verdict = judge(predicted, gold, spec, policy) if judge else equivalent(gold, predicted, spec, policy)
        yield verdict.as_dict()


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 2 after one sentence on standard error when the user can mend it."""
    options = arguments(argv)
    try:
        write_rows(options.out, verdicts(options))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
