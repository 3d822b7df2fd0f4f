"""Is a row what its kind says it is? The JSON Schemas beside this module, asked at line rate.

orjson parses and jsonschema-rs decides, which is fast; only a row that fails is given to jsonschema, which
explains. What a schema cannot say (roles alternate, chosen is not rejected) is a named rule here.
Leaves reading to `rows.py` and mending to the reader.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import unknown_name
from schemas.rows import Row, open_rows, parquet_rows

KINDS = ("corpus", "instruction", "preference", "problem", "attempt")

SIGNATURES = {
    "attempt": {"completion"},
    "preference": {"chosen", "rejected"},
    "problem": {"answer", "question", "spec"},
    "instruction": {"messages"},
    "corpus": {"text"},
}
"""Columns any of which gives a kind away, the most telling kind first."""

MAX_EXPLAINED = 100
"""Faults explained in one row: a row of a million wrong items is wrong once."""


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: the JSON pointer (RFC 6901) of the value in the row at `line` of `file`."""

    reason: str
    pointer: str = ""
    line: int | None = None
    file: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return " ".join(part for part in (f"{place}:" if place else "", self.pointer, self.reason) if part)


@functools.cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of row, or of the manifest (`run`)."""
    if kind not in (*KINDS, "run"):
        raise unknown_name("kind", kind, KINDS)
    loaded: dict[str, Any] = orjson.loads((Path(__file__).parent / f"{kind}.schema.json").read_bytes())
    return loaded


def kind_of(row: Row) -> str | None:
    """The kind of a row by its columns, or None when they belong to no kind."""
    for kind, columns in SIGNATURES.items():
        if not columns.isdisjoint(row):
            return kind
    return None


def check_row(row: Row, kind: str) -> list[Fault]:
    """Everything wrong with one row; an empty list for a valid one."""
    return checker(kind).faults(row)


class Checker:
    """A compiled schema with its extra rules. `valid` is fast; `faults` says why not."""

    def __init__(self, schema: dict[str, Any], rules: Sequence[Rule] = ()) -> None:
        import jsonschema_rs

        self.schema, self.rules = schema, rules
        self._decides = jsonschema_rs.Draft202012Validator(schema).is_valid

    def valid(self, row: Any) -> bool:
        """Whether a value is a row that follows the schema and every rule."""
        if not self._decides(row):
            return False
        for rule in self.rules:  # noqa: SIM110 (a generator costs as much as the rule)
            if rule(row):
                return False
        return True

    def faults(self, row: Any) -> list[Fault]:
        """Every fault in the words of jsonschema, by pointer; in a row that has none, those of the rules."""
        if not self._decides(row):
            return self._explained(row)
        return [fault for rule in self.rules for fault in rule(row)]

    def _explained(self, row: Any) -> list[Fault]:
        import itertools

        import jsonschema
        import jsonschema_rs

        errors = jsonschema.Draft202012Validator(self.schema).iter_errors(row)
        faults = [Fault(e.message, pointer(e.absolute_path)) for e in itertools.islice(errors, MAX_EXPLAINED)]
        if not faults:  # the two disagree about this row: then the one that refused it has to say why
            strict = jsonschema_rs.Draft202012Validator(self.schema)
            faults = [Fault(e.message, pointer(e.instance_path)) for e in strict.iter_errors(row)]
        return sorted(faults, key=lambda fault: fault.pointer)


@functools.cache
def checker(kind: str) -> Checker:
    """The checker of a kind, compiled once."""
    return Checker(schema(kind), RULES.get(kind, ()))


def check_file(path: str | Path, kind: str | None = None) -> FileCheck:
    """The faults of a JSON Lines or Parquet file, one by one, in constant memory; counted as they come.

    Without `kind`, the first row decides which kind the file is of. Raises `UserError` when the file cannot
    be read at all, or a `kind` is unknown; whatever is wrong inside it is a `Fault`.
    """
    return FileCheck(Path(path), kind)


class FileCheck(Iterator[Fault]):
    """An iterator over the faults of a file, which counts `rows` and `invalid` rows on its way."""

    def __init__(self, path: Path, kind: str | None) -> None:
        self.path, self.kind = path, kind
        self.rows = self.invalid = 0
        self._checker = checker(kind) if kind else None
        self._faults = self._all()

    def __next__(self) -> Fault:
        return next(self._faults)

    def _all(self) -> Iterator[Fault]:
        for line, faults in self._parquet() if self.path.suffix == ".parquet" else self._lines():
            self.invalid += 1
            for fault in faults:
                yield dataclasses.replace(fault, line=line, file=str(self.path))
        if not self.rows:
            yield Fault("the file has no rows", file=str(self.path))

    def _lines(self) -> Iterator[tuple[int, list[Fault]]]:
        """(line, faults) of invalid lines. A valid line costs two calls: what is slower stays off its way."""
        loads, valid = orjson.loads, self._valid()
        rows = 0
        with open_rows(self.path) as file:
            for line, text in enumerate(file, 1):
                try:
                    row = loads(text)
                except orjson.JSONDecodeError as error:
                    if text.isspace():
                        continue
                    self.rows = rows = rows + 1
                    yield line, [Fault(_not_json(text, error))]
                    continue
                rows += 1
                if not valid(row):
                    self.rows = rows
                    if faults := self._row(row):
                        yield line, faults
                    valid = self._valid()
        self.rows = rows

    def _parquet(self) -> Iterator[tuple[int, list[Fault]]]:
        for line, row in parquet_rows(self.path):
            self.rows = line
            if faults := [*self._row(row), *_not_finite(row)]:
                yield line, faults

    def _valid(self) -> Callable[[Any], bool]:
        return self._checker.valid if self._checker else lambda row: False

    def _row(self, row: Any) -> list[Fault]:
        if not isinstance(row, dict):
            return [Fault(f"a row is a JSON object, not {_json_type(row)}")]
        kind = kind_of(row)
        if self._checker is None:
            if kind is None:
                columns = ", ".join(row) or "(none)"
                return [Fault(f"no kind of row has the columns {columns}; known kinds: {', '.join(KINDS)}")]
            self.kind, self._checker = kind, checker(kind)
        faults = self._checker.faults(row)
        if faults and kind not in (None, self.kind):
            return [Fault(f"a row of kind '{kind}' in a file of kind '{self.kind}'")]
        return faults


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901).

    >>> pointer(["messages", 0, "a/b~c"])
    '/messages/0/a~1b~0c'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


# Rules: what a schema cannot say. Each sees only rows that follow the schema.

Rule = Callable[[Row], Sequence[Fault]]


def _conversation(column: str, *, first: str, last: str) -> Rule:
    """`column` begins with `first` (after an optional system turn), alternates, and ends with `last`."""

    short = [first] if first == last else [first, last]
    usual = (short, ["system", *short]) if first == "user" else (short,)

    def rule(row: Row) -> Sequence[Fault]:
        turns = row[column]
        roles = [turn["role"] for turn in turns]
        if roles in usual:
            return ()
        start = 1 if roles[0] == "system" and first == "user" else 0
        expected = first
        for index in range(start, len(roles)):
            if roles[index] != expected:
                reason = f"roles-alternate: expected '{expected}' here, found '{roles[index]}'"
                return (Fault(reason, f"/{column}/{index}/role"),)
            expected = "assistant" if expected == "user" else "user"
        if roles[-1] != last:
            return (
                Fault(f"last-turn: the last turn must be the {last}'s", f"/{column}/{len(roles) - 1}/role"),
            )
        return ()

    return rule


def _chosen_differs(row: Row) -> Sequence[Fault]:
    if row["chosen"] == row["rejected"]:
        return (Fault("chosen-differs: `rejected` is the same as `chosen`", "/rejected"),)
    return ()


_PROMPT = _conversation("prompt", first="user", last="user")

RULES: dict[str, tuple[Rule, ...]] = {
    "instruction": (_conversation("messages", first="user", last="assistant"),),
    "preference": (
        _PROMPT,
        _conversation("chosen", first="assistant", last="assistant"),
        _conversation("rejected", first="assistant", last="assistant"),
        _chosen_differs,
    ),
    "problem": (_PROMPT,),
    "attempt": (_PROMPT, _conversation("completion", first="assistant", last="assistant")),
}


def _not_json(text: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as undecodable:
        return f"not UTF-8 (byte {undecodable.start + 1} of the line)"
    if text.startswith(b"\xef\xbb\xbf"):
        return "not JSON (the line begins with a byte order mark; save the file without one)"
    return f"not JSON ({error})"


def _not_finite(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """NaN and infinities, which Parquet can hold and JSON cannot."""
    if isinstance(value, float) and not math.isfinite(value):
        yield Fault(f"{value} is not a JSON number", pointer(path))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _not_finite(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _not_finite(item, (*path, index))


def _json_type(value: Any) -> str:
    return {str: "a string", list: "an array", bool: "a truth value", type(None): "null"}.get(
        type(value), "a number"
    )
