"""What a set of questions asks and answers, whatever its columns: GSM8K's, MATH's, MMLU's, HumanEval's, ours.

Only reads; what is looked for in them is `ngrams.py`'s affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas import UserError
from schemas.rows import numbered_rows, open_lines

ASKED = (
    "question",
    "prompt",
    "problem",
    "task",
    "instruction",
    "messages",
    "conversations",
    "text",
    "input",
    "query",
)
"""Columns that hold the question; the first that is there. `instruction` goes on in `input`."""
ANSWERED = (
    *("answer", "solution", "response", "output", "completion", "chosen", "rejected"),
    *("canonical_solution", "answers", "instances", "messages", "conversations"),
)
ASKING_ROLES, ANSWERING_ROLES = ("user", "human"), ("assistant", "gpt")


@dataclass(frozen=True)
class Item:
    """One question of a set, and its answers."""

    question: str
    answers: tuple[str, ...] = ()


def items_of(path: Path) -> Iterator[Item]:
    """The items of a file: rows (.jsonl, also .gz and .zst, or .parquet), or one question a line (.txt).

    Raises `UserError` naming file and line when a row has no question in any known column.
    """
    name = path.name.removesuffix(".gz").removesuffix(".zst")
    if name.endswith(".txt"):
        with open_lines(path) as file:
            yield from (Item(text) for line in file if (text := line.decode("utf-8", "replace").strip()))
        return
    for line, row in numbered_rows(path):
        question = question_in(row)
        if not question:
            known = ", ".join(ASKED)
            what = f"no question in the columns {', '.join(map(str, row))}"
            raise UserError(what, where=f"{path}:{line}", mend=f"name one of them {known}")
        yield Item(question, tuple(answers_in(row)))


SET_FILES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet", ".txt", ".ngrams")


def set_files(path: Path) -> list[Path]:
    """The file itself, or the sets in a folder, by name; `UserError` for a folder without one."""
    if not path.is_dir():
        return [path]
    found = sorted(
        one for one in path.iterdir() if one.name.endswith(SET_FILES) and not one.name.startswith(".")
    )
    if not found:
        mend = f"they end in {', '.join(SET_FILES)}"
        raise UserError("the folder has no evaluation sets", where=path, mend=mend)
    return found


def question_in(row: Mapping[str, Any]) -> str:
    """What a row of any format asks, or ""."""
    for name in ASKED:
        if name in row and (text := "\n".join(_said(row[name], ASKING_ROLES))).strip():
            more = row.get("input") if name == "instruction" else None
            return f"{text}\n{more}" if isinstance(more, str) and more.strip() else text
    return ""


def answers_in(row: Mapping[str, Any]) -> Iterator[str]:
    """What a row of any format answers: texts alone, no numbers of a choice."""
    for name in ANSWERED:
        if name in row:
            yield from (text for text in _said(row[name], ANSWERING_ROLES) if text.strip())


def _said(value: Any, roles: tuple[str, ...]) -> Iterator[str]:
    """The texts in the value of a column: a text, turns of some roles, or objects and lists of texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _said(part, roles)
    elif isinstance(value, Mapping):
        role = value.get("role", value.get("from"))
        if role is not None:
            said = value.get("content", value.get("value"))
            if role in roles and isinstance(said, str):
                yield said
        else:
            for name in ("stem", "text", "output", "value", "content"):
                if name in value:
                    yield from _said(value[name], roles)
