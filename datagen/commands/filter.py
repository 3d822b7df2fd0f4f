"""`datagen filter`: the rows worth training on. What is looked for is said in `datagen/filters/`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from datagen.runs.progress import by_reason
from schemas.command import app_command
from schemas.errors import UserError
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.filters.sieve import Account, Sifted, Sifting

ROWS = (".jsonl", ".parquet")
COUNTED_EVERY = 256
BYTES_A_WORKER = 4 << 20
"""A worker takes half a second to start; in that time another filters so much."""


@dataclass(frozen=True, kw_only=True)
class FilterRows:
    """Settings of `datagen filter`."""

    files: tuple[Path, ...] = setting(
        (),
        help="rows of one kind: .jsonl (also .gz or .zst) or .parquet files, or folders of such shards",
        positional=True,
        metavar="FILE...",
    )
    out: Path | None = setting(None, help="file for the rows kept, .jsonl or .parquet", identity=False)
    turned_down: Path | None = setting(
        None, help="file for the others, .jsonl: file, line, filter, reason, and the row", identity=False
    )
    rules: Path | None = setting(
        None, help="a YAML file of filters, in place of those by default", metavar="FILE.yaml"
    )
    quality: bool = setting(
        True, help="the filters of the rule file, or those by default for this kind of row"
    )
    exact: bool = setting(True, help="turn down rows whose question (or text) came before")
    near: float | None = setting(
        0.7, help="turn down rows this alike to one before; 'none' looks for none", above=0, maximum=1
    )
    numbers: bool = setting(False, help="texts with other numbers in them are no near duplicates")
    against: tuple[Path, ...] = setting(
        (), help="turn down rows that are in these evaluation sets: rows of any format, or .ngrams"
    )
    ngram: int = setting(13, help="words in a row that count as being in a set", minimum=3)
    languages: tuple[str, ...] = setting((), help="turn down other languages than these", metavar="en,de")
    mask: bool = setting(False, help="mask personal data, as [EMAIL]; names of persons are not looked for")
    numbered: bool = setting(
        False, help="with --mask: [EMAIL_1], the same number for the same value of a row"
    )
    list: bool = setting(False, help="say what each filter looks for, and its options")
    dry_run: bool = setting(False, help="run the examples of the rules, and filter without writing")
    json: bool = setting(False, help="the account as one JSON object on standard output")
    workers: int | None = setting(
        None, help="processes; by default one a core for large files; the bytes do not depend on it",
        minimum=1, identity=False,
    )  # fmt: skip


def filter_rows(settings: FilterRows) -> None:
    """Keep the rows worth training on: no duplicates, refusals, broken or contaminated answers.

    A row is kept or turned down with a reason, which is counted. Outputs are replaced only when all rows are
    looked at; a filter that was killed starts over.
    """
    settings = checked(settings)
    if settings.list:
        return _tell_filters()
    if settings.dry_run and settings.rules is not None:
        _try_examples(settings.rules)
        if not settings.files:
            return None
    from datagen.filters.evaluation_sets import set_files
    from datagen.sources import row_files

    if not settings.files:
        raise UserError("no file is given", where="FILE...", mend="name a file of rows")
    paths = [path for given in settings.files for path in row_files(given)]
    settings = replace(settings, against=tuple(one for path in settings.against for one in set_files(path)))
    _check_outputs(settings, paths)
    sifting = sifting_of(settings)
    account = _filtered(paths, settings, sifting)
    if settings.out is not None and not settings.dry_run:
        _pass_on(paths, settings, account)
    _tell(account, settings)
    return None


def _pass_on(paths: list[Path], settings: FilterRows, account: Account) -> None:
    """What the rows were made by, and what was turned down here, for whoever exports them."""
    from datagen.runs.account import Stage, pass_on
    from schemas.run import content_hash

    assert settings.out is not None
    done = Stage("filter", account.rows, account.kept, account.kept, dict(account.reasons.most_common()))
    files = [*filter(None, [settings.rules]), *settings.against]
    named = [{"path": str(file), "hash": content_hash(file)} for file in files]
    pass_on(paths, settings.out, done, named)


def _check_outputs(settings: FilterRows, paths: Iterable[Path]) -> None:
    if settings.out is None:
        if not settings.dry_run:
            raise UserError(
                "nothing says where the rows go", where="--out", mend="name a file, or add --dry-run"
            )
    elif settings.out.suffix not in ROWS:
        raise UserError(
            f"'{settings.out}' is no file of rows", where="--out", mend="it ends in .jsonl or .parquet"
        )
    if settings.turned_down is not None and settings.turned_down.suffix != ".jsonl":
        raise UserError(
            "these rows are written as JSON Lines", where="--turned-down", mend="it ends in .jsonl"
        )
    read = {os.path.realpath(path) for path in (*paths, *settings.against, *filter(None, [settings.rules]))}
    for option, path in (("--out", settings.out), ("--turned-down", settings.turned_down)):
        if path is not None and os.path.realpath(path) in read:
            raise UserError(f"{path} is read, too", where=option, mend="give another file")
    if settings.out and settings.turned_down and _same(settings.out, settings.turned_down):
        raise UserError("both would go to one file", where="--out, --turned-down", mend="give another file")


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def sifting_of(settings: FilterRows) -> Sifting:
    """What the settings ask for."""
    from datagen.filters.sieve import Sifting

    if settings.numbered and not settings.mask:
        raise UserError("there are no masks to number", where="--numbered", mend="add --mask")
    if settings.rules is not None and not settings.quality:
        raise UserError("--no-quality leaves no rule", where="--rules", mend="leave one of them out")
    return Sifting(
        rules=settings.rules,
        quality=settings.quality,
        languages=settings.languages,
        against=settings.against,
        ngram=settings.ngram,
        mask=settings.mask,
        numbered=settings.numbered,
        exact=settings.exact,
        near=settings.near,
        numbers=settings.numbers,
    )


def _filtered(paths: list[Path], settings: FilterRows, sifting: Sifting) -> Account:
    """Sift all rows and write both files, each whole or not at all."""
    from contextlib import ExitStack, closing

    from datagen.filters.sieve import Account, sift
    from schemas.rows import atomic_writer, write_rows

    account = Account()
    workers = settings.workers or _workers_for(paths)
    with ExitStack() as stack:
        down: BinaryIO | None = None
        if settings.turned_down is not None and not settings.dry_run:
            down = stack.enter_context(atomic_writer(settings.turned_down))
        sifted = stack.enter_context(closing(sift(paths, sifting, workers)))
        kept = _kept(_watched(sifted, account), down, paths)
        if settings.dry_run or settings.out is None:
            for _ in kept:
                pass
            _refuse_nothing(account)
        elif settings.out.suffix == ".parquet":
            import orjson

            rows = [orjson.loads(line) for line in kept]
            _refuse_nothing(account)
            write_rows(settings.out, rows)
        else:
            with atomic_writer(settings.out) as file:
                for line in kept:
                    file.write(line)
                _refuse_nothing(account)
    return account


def _kept(sifted: Iterable[Sifted], down: BinaryIO | None, paths: list[Path]) -> Iterator[bytes]:
    """The rows that are kept, as lines; the others are written to `down`, if it is there."""
    import orjson

    for one in sifted:
        if one.kept is not None:
            yield one.kept
        elif down is not None:
            said: dict[str, Any] = {
                "file": str(one.path),
                "line": one.line,
                "filter": one.filter,
                "reason": one.reason,
            }
            said |= {"detail": one.detail} if one.detail else {}
            down.write(
                orjson.dumps(
                    said | {"row": orjson.Fragment(one.row.rstrip())}, option=orjson.OPT_APPEND_NEWLINE
                )
            )


def _watched(sifted: Iterable[Sifted], account: Account) -> Iterator[Sifted]:
    """The same rows, counted, with a bar for whoever watches."""
    from datagen.runs.progress import progress
    from datagen.runs.tally import Tally

    tally = Tally(None)
    with progress("filter") as report:
        report(tally)
        tally.begin()
        for one in sifted:
            account.add(one)
            yield one
            if account.rows % COUNTED_EVERY == 0:
                tally.done, tally.accepted, tally.rows = account.rows, account.kept, account.kept
                tally.rejected.update(account.reasons - tally.rejected)
                tally.made_items.add(COUNTED_EVERY)


def _refuse_nothing(account: Account) -> None:
    if not account.kept:
        reasons = by_reason(account.reasons)
        mend = "see which with --dry-run, or leave a filter out with --rules; nothing was written"
        raise UserError(f"none of {account.rows:,} rows is kept ({reasons})", mend=mend)


def _workers_for(paths: Iterable[Path]) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    size = sum(
        path.stat().st_size * (4 if path.suffix != ".jsonl" else 1) for path in paths if path.is_file()
    )
    return max(1, min(cores, size // BYTES_A_WORKER))


def _tell(account: Account, settings: FilterRows) -> None:
    """The account on standard error, and as JSON on standard output if asked."""
    from datagen.filters.personal import in_words

    down = account.rows - account.kept
    where = "(dry run)" if settings.dry_run or settings.out is None else str(settings.out)
    share = 100 * account.kept / account.rows
    typer.echo(
        f"{where}: {account.kept:,} of {account.rows:,} rows kept ({share:.1f}%), {down:,} turned down",
        err=True,
    )
    for name, counts in sorted(account.turned_down.items(), key=lambda item: -item[1].total()):
        typer.echo(f"  {name}: {by_reason(counts)}", err=True)
    if account.masked:
        typer.echo(f"  masked in {account.masked_rows:,} rows: {in_words(account.masked)}", err=True)
    if settings.json:
        typer.echo(json.dumps(as_json(account, settings)))


def as_json(account: Account, settings: FilterRows) -> dict[str, Any]:
    """The account under stable names."""
    return {
        "command": "filter",
        "inputs": [str(path) for path in settings.files],
        "rules": None if settings.rules is None else str(settings.rules),
        "rows": account.rows,
        "kept": account.kept,
        "turned_down": {name: dict(counts.most_common()) for name, counts in account.turned_down.items()},
        "masked": dict(account.masked),
        "masked_rows": account.masked_rows,
        "out": None if settings.dry_run or settings.out is None else str(settings.out),
        "dry_run": settings.dry_run,
    }


def _try_examples(path: Path) -> None:
    """Say how each rule does on its examples; `UserError` when one fails."""
    from datagen.filters.rules import check_examples, read_rules, try_examples

    rules = read_rules(path)
    done = list(try_examples(rules))
    for rule in rules:
        own = [tried for tried in done if tried.rule is rule]
        right = sum(tried.right for tried in own)
        told = f"{right} of {len(own)} examples right" if own else "no examples"
        typer.echo(f"{path}:{rule.line}: {rule.name}: {told}", err=True)
    check_examples(rules, path)


def _tell_filters() -> None:
    from datagen.filters.register import NAMED, described

    for name in NAMED:
        for line in described(name):
            typer.echo(line)


def add(app: typer.Typer) -> None:
    """Add `filter` to the program."""
    app_command(
        app,
        FilterRows,
        filter_rows,
        name="filter",
        examples=[
            "datagen filter lessons.jsonl --out clean.jsonl",
            "datagen filter lessons.jsonl --rules samples/rules/instructions.yaml --out clean.jsonl",
            "datagen filter lessons.jsonl --against problems.jsonl --mask --out clean.jsonl",
        ],
    )
