"""Filters of the user's: by a regular expression, which no text can make slow, and by a JSON Schema."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from datagen.filters.filter import Verdict
from datagen.filters.text import Texts, looked_at
from schemas import Row, UserError
from schemas.settings import setting

REASON_CHARACTERS = 40


@dataclass(frozen=True)
class Regex:
    """Text that a regular expression of yours is found in, or is not found in.

    The syntax is that of Rust's `regex`: no look-around and no back references, and time linear in the text.
    """

    pattern: str = setting("", help="the expression; (?i) at its start ignores case")
    turn_down: Literal["found", "not found"] = setting("found", help="which rows to turn down")
    reason: str = setting("", help="the reason that is counted; by default the expression itself")
    texts: Texts = setting("best", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        wanted = self.turn_down == "found"
        for text in looked_at(row, self.texts):
            if finder(self.pattern)(text) == wanted:
                return False, self.reason or f"{self.turn_down}: {_shortened(self.pattern)}"
        return True


def _shortened(pattern: str) -> str:
    return pattern if len(pattern) <= REASON_CHARACTERS else pattern[: REASON_CHARACTERS - 3] + "..."


@functools.cache
def finder(pattern: str) -> Any:
    """A function that says whether the pattern is found in a text; `UserError` for one that is none."""
    import jsonschema_rs

    try:
        # The plain engine, a finite automaton; the one for look-around can take exponential time.
        options = jsonschema_rs.RegexOptions()
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid
    except (jsonschema_rs.ValidationError, ValueError):
        mend = "Rust's regex knows no look-around (?=, (?<! and no back references \\1"
        raise UserError(f"'{pattern}' is no regular expression", mend=mend) from None


def check_regex(filter: Regex, where: object = None) -> None:
    """`UserError` for a missing expression, or one that cannot be compiled."""
    if not filter.pattern:
        raise UserError("the rule has no pattern", where=where, mend="add 'pattern: ...'")
    check_pattern(filter.pattern, where)


def check_pattern(pattern: str, where: object = None) -> None:
    """`UserError` for what cannot be compiled."""
    try:
        finder(pattern)
    except UserError as error:
        raise UserError(error.what, where=where, mend=error.mend) from None


@dataclass(frozen=True)
class Schema:
    """A row that does not follow a JSON Schema of yours."""

    file: Path | None = setting(None, help="the schema, beside the rule file unless the path is absolute")

    def __call__(self, row: Row) -> Verdict:
        if not (faults := _checker(self.file).check(row)):
            return True
        return False, f"schema: {faults[0].pointer or '/'} {faults[0].keyword}"


@functools.cache
def _checker(file: Path | None) -> Any:
    from schemas.checking.own import own_checker

    return own_checker(file) if file else None


def check_schema(filter: Schema, where: object = None) -> None:
    """`UserError` when there is no schema, or it is none."""
    if filter.file is None:
        raise UserError("the rule names no schema", where=where, mend="add 'file: my.schema.json'")
    _checker(filter.file)
