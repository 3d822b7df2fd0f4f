"""The filters by name: what rule files and `datagen filter` know, and which a kind of row gets by default.

Duplicates and decontamination are not here: they depend on other rows, and are asked for by options.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING
from typing import Any

from datagen.filters.echoes import MetaTalk, TemplateEcho, WordingEcho, check_wording
from datagen.filters.endings import Truncated, check_ending
from datagen.filters.filter import Edit, Filter
from datagen.filters.language import Language, check_languages
from datagen.filters.own import Regex, Schema, check_regex, check_schema
from datagen.filters.personal import Mask, Personal, check_kinds
from datagen.filters.quality import Empty, Encoding, Length, Symbols, checked_bounds
from datagen.filters.refusals import Refusal
from datagen.filters.repetition import Loop, Repetition
from schemas import unknown_name
from schemas.settings import about, fields_of

FILTERS: dict[str, type] = {
    "empty": Empty,
    "encoding": Encoding,
    "length": Length,
    "template": TemplateEcho,
    "meta_talk": MetaTalk,
    "wording": WordingEcho,
    "refusal": Refusal,
    "loop": Loop,
    "repetition": Repetition,
    "truncated": Truncated,
    "symbols": Symbols,
    "language": Language,
    "personal": Personal,
    "regex": Regex,
    "schema": Schema,
}
EDITS: dict[str, type] = {"mask": Mask}
NAMED = FILTERS | EDITS

CHECKS: dict[str, Callable[[Any, object], None]] = {
    "length": checked_bounds,
    "truncated": check_ending,
    "language": lambda filter, where: check_languages(filter.allowed, where),
    "personal": lambda filter, where: check_kinds(filter.kinds, where),
    "mask": lambda edit, where: check_kinds(edit.kinds, where),
    "regex": check_regex,
    "wording": check_wording,
    "schema": check_schema,
}
"""What must hold of the options of a filter together, and of what they name."""

LOOSE = 4.0
"""Worked solutions say the same of one number after another. Gopher's shares turn down 17% of GSM8K's
answers; four times as much none, and 0.6% of the solutions of our own families."""


def named(name: str, where: object = None) -> type:
    """The class of a filter or an edit; `UserError` with the nearest name for one nobody knows."""
    if name not in NAMED:
        raise unknown_name("filter", name, NAMED, where=where)
    return NAMED[name]


def check(name: str, filter: Filter | Edit, where: object = None) -> None:
    """Raises `UserError` when the options of a filter cannot be meant."""
    if name in CHECKS:
        CHECKS[name](filter, where)


def default_filters(kind: str) -> dict[str, Filter]:
    """The filters for a kind of row when no rule file says otherwise, in the order they look.

    Attempts and problems are judged by verifiers: of them only what is damaged goes.
    """
    filters: dict[str, Filter] = {"encoding": Encoding(), "empty": Empty()}
    if kind in ("attempt", "problem"):
        return filters | {"template": TemplateEcho(speakers=False, placeholders=False, question=False)}
    if kind == "corpus":
        return filters | {
            "template": TemplateEcho(speakers=False, placeholders=False, question=False),
            "truncated": Truncated(left_open=False, broken_off=False),
            "loop": Loop(),
            "repetition": Repetition(),
            "symbols": Symbols(max_bullet_lines=0.9),
        }
    return filters | {
        "template": TemplateEcho(),
        "meta_talk": MetaTalk(),
        "wording": WordingEcho(),
        "refusal": Refusal(),
        "loop": Loop(),
        "repetition": Repetition(looseness=LOOSE),
        "truncated": Truncated(),
        "symbols": Symbols(),
    }


def described(name: str) -> list[str]:
    """A filter in lines: its name and what it looks for, then each option with its default.

    >>> described("loop")[0].startswith("loop: An ending that says the same")
    True
    """
    kind = NAMED[name]
    lines = [f"{name}: {' '.join(inspect.cleandoc(kind.__doc__ or '').split(chr(10) * 2)[0].split())}"]
    for option, field in fields_of(kind).items():
        if "about" not in field.metadata:
            continue
        default = field.default if field.default is not MISSING else None
        shown = ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)
        shown = shown.lower() if isinstance(default, bool) else shown
        lines.append(
            f"  {option}: {about(field).help}" + (f" [{shown}]" if shown not in ("None", "") else "")
        )
    return lines
