"""Duplicates over files, of which several may be larger than memory: what `duplicates.py` would keep, faster.

The files are read twice. First worker processes sign the rows and one process decides, in the order of the
files; then the rows that are kept are copied. No text is held in memory, only what tells a row from others.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datagen.filters.banded import BandedTexts, Part, banded
from datagen.filters.duplicates import DUPLICATE, NEAR, NEAR_DUPLICATE, fingerprint
from datagen.filters.filter import question_of
from datagen.filters.minhash import bands_for, sign
from datagen.filters.plain import Look, plain_text, said
from datagen.problems.seen import Seen
from datagen.workers import pool_of
from schemas import UserError
from schemas.rows import dump_row, open_lines, parquet_rows, parse_row
from schemas.run import refuse_pipe
from schemas.shards import write_lines

BLOCK_ROWS = 500
SMALL_BYTES = 16 << 20
"""Files that are read before another process would have begun."""
ROW_FILES = (".jsonl", ".parquet")


@dataclass(frozen=True)
class Looks:
    """What is compared of a row, and how; goes to the workers, so `text` is a function of some module."""

    exact: bool = True
    near: float | None = NEAR
    text: Look = question_of
    numbers: bool = False


@dataclass
class Deduplicated:
    """How many rows there were and are, and how many were turned down for each reason."""

    rows: int = 0
    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    written: list[Path] = field(default_factory=list)


Block = tuple[Path, int, list[bytes]]
"""File, number of the first line, lines (with the blank ones, which are no rows)."""


def deduplicate_files(
    paths: Sequence[Path],
    out: Path,
    *,
    exact: bool = True,
    near: float | None = NEAR,
    text: Look = question_of,
    numbers: bool = False,
    workers: int | None = None,
    report: Callable[[Deduplicated], None] = lambda state: None,
) -> Deduplicated:
    """Copy the rows of `paths` to `out` without those that came before in any of them.

    `out` is a file (.jsonl or .parquet), or a folder that gets a file of the same name for each input:
    a name without an ending, or a folder that is there. For
    any number of workers the rows kept are those that `duplicate_filters` keeps in the same order. In memory
    a row takes about 60 bytes, and beside the output, until it is done, some 150 and its compared text.
    Raises `UserError` for files that cannot be read twice, that the output
    would overwrite, that change meanwhile, or that have no rows.
    """
    looks = Looks(exact, near, text, numbers)
    if near is not None:
        bands_for(near)
    targets = _targets(paths, out)
    state = Deduplicated()
    flags = _decide(paths, looks, workers or _workers_for(paths), state, report, _folder(out))
    if not state.rows:
        raise UserError("no file has rows", where=paths[0], mend="give other files")
    flag = iter(flags)
    for target in dict.fromkeys(targets):
        mine = [path for path, its in zip(paths, targets, strict=True) if its == target]
        write_lines(target, _kept_lines(mine, flag, last=target == targets[-1]))
        state.written.append(target)
    return state


def _targets(paths: Sequence[Path], out: Path) -> list[Path]:
    """The file that the rows of each input go to; `UserError` where one would overwrite another."""
    if not paths:
        raise UserError("no file is given", mend="name a file of rows")
    for path in paths:
        refuse_pipe(path)
    if out.suffix in ROW_FILES:
        targets = [out] * len(paths)
    elif out.suffix and not out.is_dir():
        mend = f"end it in {' or '.join(ROW_FILES)}, or name a folder without an ending"
        raise UserError(f"'{out.name}' is no file of rows", where=out, mend=mend)
    else:
        targets = [out / (path.stem if path.suffix in (".gz", ".zst") else path.name) for path in paths]
        for target, count in Counter(targets).items():
            if count > 1:
                what = f"{count} inputs would be written to this file"
                raise UserError(what, where=target, mend="give inputs of different names, or a file as --out")
    inputs = {path.resolve() for path in paths}
    for target in targets:
        if target.resolve() in inputs:
            raise UserError("would overwrite an input", where=target, mend="give another --out")
    return targets


def _folder(out: Path) -> Path:
    folder = out.parent if out.suffix in ROW_FILES else out
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _workers_for(paths: Iterable[Path]) -> int:
    small = sum(path.stat().st_size for path in paths if path.exists()) < SMALL_BYTES
    return 1 if small else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def _lines(path: Path) -> Iterator[bytes]:
    if path.suffix == ".parquet":
        yield from (dump_row(row) for _, row in parquet_rows(path))
        return
    with open_lines(path) as file:
        yield from file


def _blocks(paths: Iterable[Path]) -> Iterator[Block]:
    for path in paths:
        lines, first = _lines(path), 1
        while block := list(itertools.islice(lines, BLOCK_ROWS)):
            yield path, first, block
            first += len(block)


def _decide(
    paths: Sequence[Path],
    looks: Looks,
    workers: int,
    state: Deduplicated,
    report: Callable[[Deduplicated], None],
    folder: Path,
) -> bytearray:
    """One byte a row: whether it is kept."""
    seen, flags = Seen(), bytearray()
    with (
        tempfile.TemporaryDirectory(prefix=".compared-", dir=folder) as scratch,
        pool_of(workers) if workers > 1 else contextlib.nullcontext() as pool,
    ):
        texts = BandedTexts(Path(scratch), looks.near, looks.numbers) if looks.near is not None else None
        try:
            for block in _in_order(pool, looks, _blocks(paths), 2 * workers):
                new = [not looks.exact or seen.add(mark) for mark in block.marks]
                if texts:
                    texts.add(block.parts, new, state.rows)
                flags.extend(new)
                state.rows += len(new)
                state.reasons[DUPLICATE] += len(new) - sum(new)
                report(state)
            for row in texts.duplicates() if texts else ():
                flags[row] = False
                state.reasons[NEAR_DUPLICATE] += 1
        finally:
            if texts:
                texts.close()
    state.kept = sum(flags)
    state.reasons = +state.reasons
    return flags


@dataclass(frozen=True)
class SignedBlock:
    """Fingerprints of the rows of a block, and what their bands are."""

    marks: list[int]
    parts: list[Part]


def sign_block(looks: Looks, block: Block) -> SignedBlock:
    """The rows of a block, signed. `UserError` names file and line of a bad one."""
    path, first, lines = block
    marks, signed = [], []
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        text = said(parse_row(line, where=f"{path}:{number}"), looks.text)
        marks.append(fingerprint(text) if looks.exact else 0)
        if looks.near is not None:
            signed.append(sign(plain_text(text), looks.near, numbers=looks.numbers))
    return SignedBlock(marks, banded(signed, looks.near) if looks.near is not None else [])


def _in_order(
    pool: ProcessPoolExecutor | None, looks: Looks, blocks: Iterator[Block], ahead: int
) -> Iterator[SignedBlock]:
    """The signed blocks in their order, no more than `ahead` of them at work."""
    if pool is None:
        yield from (sign_block(looks, block) for block in blocks)
        return
    waiting: deque[Future[Any]] = deque()
    for block in blocks:
        waiting.append(pool.submit(sign_block, looks, block))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _kept_lines(paths: Sequence[Path], flags: Iterator[int], *, last: bool) -> Iterator[bytes]:
    """The lines of some files that are kept; takes a flag for each, and of the `last` files all flags."""
    for path in paths:
        for line in _lines(path):
            if line.strip():
                kept = next(flags, None)
                if kept is None:
                    raise UserError("the file grew while it was read", where=path, mend="run it again")
                if kept:
                    yield line if line.endswith(b"\n") else line + b"\n"
    if last and next(flags, None) is not None:
        raise UserError("a file shrank while it was read", where=paths[-1], mend="run it again")
