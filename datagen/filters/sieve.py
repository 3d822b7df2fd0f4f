"""Filters over files: each row kept or turned down with a reason, the same for any number of workers.

What depends on a row alone (its schema, quality, contamination, masks) is found out by workers, a block of
rows at a time; whether a row came before is decided here, in order. Writing is the affair of the caller.
"""

from __future__ import annotations

import functools
import itertools
from array import array
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from datagen.filters.filter import Filter
from datagen.workers import pool_of
from schemas import Row, UserError
from schemas.rows import dump_row, open_lines, parquet_rows, parse_row

BLOCK_ROWS = 256
AHEAD = 3
"""Blocks a worker has to do, so that it need not wait for the next."""
CONTAMINATION, DUPLICATES, EMPTY_TEXT = "contamination", "duplicates", "empty"


@dataclass(frozen=True)
class Sifting:
    """What rows are looked at for; goes to the workers, so it is plain data.

    `kind` None stands for that of the first row, `rules` None for the default filters of the kind, `near`
    None for no near duplicates.
    """

    kind: str | None = None
    rules: Path | None = None
    quality: bool = True
    languages: tuple[str, ...] = ()
    against: tuple[Path, ...] = ()
    ngram: int = 13
    mask: bool = False
    numbered: bool = False
    exact: bool = True
    near: float | None = 0.7
    numbers: bool = False

    def filters(self) -> tuple[dict[str, Filter], list[Any]]:
        """The filters that look at a row alone, in order, and the edits of what is kept."""
        from datagen.filters.decontaminate import contamination_filter
        from datagen.filters.language import Language, check_languages
        from datagen.filters.personal import Mask
        from datagen.filters.register import default_filters
        from datagen.filters.rules import filters_from

        filters: dict[str, Filter] = {}
        edits: list[Any] = []
        if self.rules is not None:
            filters, edits = filters_from(self.rules)
        elif self.quality:
            filters = default_filters(self.kind or "instruction")
        if self.languages:
            check_languages(self.languages, "--languages")
            filters["languages"] = Language(allowed=self.languages)
        if self.against:
            filters[CONTAMINATION] = contamination_filter(self.against, n=self.ngram)
        if self.mask:
            edits.append(Mask(numbered=self.numbered))
        return filters, edits


@dataclass(frozen=True)
class Block:
    """Some lines of a file, numbered from `first`; rows of a Parquet file are lines of JSON by now."""

    path: Path
    first: int
    lines: list[bytes]


@dataclass(frozen=True)
class Sifted:
    """One row: where it stood, what it was and is, and why it was turned down, if it was."""

    path: Path
    line: int
    row: bytes
    kept: bytes | None
    filter: str = ""
    reason: str = ""
    detail: str = ""
    masked: Counter[str] = field(default_factory=Counter)


@dataclass
class Account:
    """How many rows there were, are kept, and were turned down, by filter and by reason; masks by kind."""

    rows: int = 0
    kept: int = 0
    turned_down: dict[str, Counter[str]] = field(default_factory=dict)
    masked: Counter[str] = field(default_factory=Counter)
    masked_rows: int = 0

    def add(self, sifted: Sifted) -> None:
        """Count a row."""
        self.rows += 1
        if sifted.kept is None:
            self.turned_down.setdefault(sifted.filter, Counter())[sifted.reason] += 1
            return
        self.kept += 1
        self.masked.update(sifted.masked)
        self.masked_rows += bool(sifted.masked)

    @property
    def reasons(self) -> Counter[str]:
        """How many rows were turned down for each reason."""
        return sum(self.turned_down.values(), Counter())


def blocks(paths: Iterable[Path]) -> Iterator[Block]:
    """The rows of all files as lines, in order, some at a time."""
    for path in paths:
        first, lines = 1, _lines(path)
        while taken := list(itertools.islice(lines, BLOCK_ROWS)):
            yield Block(path, first, taken)
            first += len(taken)
        if first == 1:
            raise UserError("the file has no rows", where=path, mend="leave it out, or generate it again")


def _lines(path: Path) -> Iterator[bytes]:
    if path.suffix == ".parquet":
        yield from (dump_row(row) for _, row in parquet_rows(path))
        return
    with open_lines(path) as file:
        yield from file


def kind_of_first(block: Block) -> str | None:
    """The kind of the first row of a block, None for blank lines only; `UserError` for no known kind."""
    from schemas.check import kind_of

    for line, text in enumerate(block.lines, block.first):
        if text.strip():
            where = f"{block.path}:{line}"
            if (kind := kind_of(parse_row(text, where=where))) is None:
                raise UserError("a row of no known kind", where=where, mend="see docs/rows.md for the kinds")
            return kind
    return None


def sift(paths: Sequence[Path], sifting: Sifting, workers: int = 1) -> Generator[Sifted, None, None]:
    """Every row of the files, in their order, kept or turned down.

    Raises `UserError` for a line that is no row of the kind, naming file and line, and for options that
    cannot be meant. Ends its workers when it is closed.
    """
    from datagen.filters.duplicates import duplicate_filters

    before = duplicate_filters(exact=sifting.exact, near=sifting.near, numbers=sifting.numbers)
    seen: dict[str, _Places] = {name: _Places() for name in before}
    work = blocks(paths)
    begun: list[Block] = []
    while sifting.kind is None and (block := next(work, None)) is not None:
        begun.append(block)
        sifting = replace(sifting, kind=kind_of_first(block))
    if sifting.kind is None:
        raise UserError("there are only blank lines", where=paths[0], mend="generate the rows again")
    for sifted in _judged(itertools.chain(begun, work), sifting, workers):
        if sifted.kept is None or not before:
            yield sifted
            continue
        row = parse_row(sifted.row, where=f"{sifted.path}:{sifted.line}")
        for name, looks in before.items():
            verdict = looks(row)
            seen[name].add(sifted)
            if verdict is not True:
                like = getattr(looks, "like", None)
                detail = "" if like is None else f"like {seen[name][like]}"
                yield _turned_down(sifted, DUPLICATES, verdict[1], detail)
                break
        else:
            yield sifted


class _Places:
    """Where the rows stood that a filter has seen, by their number."""

    def __init__(self) -> None:
        self._paths: list[Path] = []
        self._files, self._lines = array("l"), array("q")

    def add(self, sifted: Sifted) -> None:
        if not self._paths or self._paths[-1] != sifted.path:
            self._paths.append(sifted.path)
        self._files.append(len(self._paths) - 1)
        self._lines.append(sifted.line)

    def __getitem__(self, number: int) -> str:
        return f"{self._paths[self._files[number]]}:{self._lines[number]}"


def _turned_down(sifted: Sifted, name: str, reason: str, detail: str = "") -> Sifted:
    return Sifted(sifted.path, sifted.line, sifted.row, None, name, reason, detail)


def _judged(work: Iterator[Block], sifting: Sifting, workers: int) -> Iterator[Sifted]:
    """What the filters that look at a row alone say of each, in order."""
    if workers == 1:
        judge = Judge(sifting)
        for block in work:
            yield from judge(block)
        return
    waiting: deque[Future[list[Sifted]]] = deque()
    with pool_of(workers) as pool:
        for block in itertools.islice(work, workers * AHEAD):
            waiting.append(pool.submit(_judge, sifting, block))
        while waiting:
            done = waiting.popleft().result()
            for block in itertools.islice(work, 1):
                waiting.append(pool.submit(_judge, sifting, block))
            yield from done


@functools.cache
def _judge_of(sifting: Sifting) -> Judge:
    return Judge(sifting)


def _judge(sifting: Sifting, block: Block) -> list[Sifted]:
    return _judge_of(sifting)(block)


class Judge:
    """The filters and edits of a sifting, ready to look at blocks of rows."""

    def __init__(self, sifting: Sifting) -> None:
        from schemas.check import checker

        self.kind = sifting.kind or "instruction"
        self.checker = checker(self.kind)
        self.filters, self.edits = sifting.filters()

    def __call__(self, block: Block) -> list[Sifted]:
        return [
            self._one(block.path, line, text)
            for line, text in enumerate(block.lines, block.first)
            if text.strip()
        ]

    def _one(self, path: Path, line: int, text: bytes) -> Sifted:
        row = parse_row(text, where=f"{path}:{line}")
        taken = Sifted(path, line, dump_row(row), b"")
        if not self.checker.accepts(row) and (reason := self._misfit(row, f"{path}:{line}")):
            return _turned_down(taken, EMPTY_TEXT, reason)
        for name, looks in self.filters.items():
            verdict = looks(row)
            if verdict is not True:
                match = getattr(looks, "match", None)
                return _turned_down(taken, name, verdict[1], str(match) if match else "")
        edited, masked = row, Counter[str]()
        for edit in self.edits:
            before = Counter(edit.counts)
            edited = edit(edited)
            masked += edit.counts - before
        kept = taken.row if edited is row else dump_row(edited)
        return Sifted(path, line, taken.row, kept, masked=masked)

    def _misfit(self, row: Row, where: str) -> str | None:
        """Why a row that the schema does not accept goes: an empty text. Any other fault is a `UserError`."""
        from schemas.check import kind_of

        if (kind := kind_of(row)) != self.kind:
            what = f"{f'a {kind} row' if kind else 'a row of no known kind'} among {self.kind} rows"
            raise UserError(what, where=where, mend="filter each kind by itself")
        faults = self.checker.faults(row)
        if faults and all(fault.keyword in ("minLength", "minItems") for fault in faults):
            return "empty text"
        if not faults:
            return None
        mend = "mend the row; `datagen check` lists all faults"
        raise UserError(f"{faults[0].pointer or '/'} {faults[0].reason}", where=where, mend=mend)
