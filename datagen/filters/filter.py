"""What a filter is, which texts of a row it looks at, and how filters work inside a run.

A filter looks at one row at a time, in the order of the rows, and may remember those before. What is looked
for is the affair of the other modules here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from datagen.runs.journal import Outcome
from schemas import Row

Verdict = Literal[True] | tuple[Literal[False], str]
"""Kept, or turned down with a short reason that is counted."""
Filter = Callable[[Row], Verdict]
Edit = Callable[[Row], Row]
"""Changes a row instead of judging it: what is masked is no reason to lose the row."""


TEXTS, TURNS = ("question", "task", "text"), ("messages", "prompt", "completion", "chosen", "rejected")


def is_known(row: Row) -> bool:
    """Whether a row says what it says in the columns of our kinds, as texts and turns.

    >>> is_known({"text": "Once."}), is_known({"text": None}), is_known({"src": "Once."})
    (True, False, False)
    """
    if not any(name in row for name in (*TEXTS, "messages", "prompt")) or row.get("messages") == []:
        return False
    return all(isinstance(row[name], str) for name in TEXTS if name in row) and all(
        _is_turns(row[name]) or (name != "messages" and isinstance(row[name], str))
        for name in TURNS
        if name in row
    )


def _is_turns(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(turn, dict) and "role" in turn and isinstance(turn.get("content"), str) for turn in value
    )


def question_of(row: Row) -> str:
    """What is asked: all but the answer, of a row of any kind; "" for running text and rows of others.

    >>> question_of({"prompt": [{"role": "user", "content": "Hi?"}], "chosen": [], "rejected": []})
    'Hi?'
    """
    if not is_known(row):
        return ""
    for name in ("question", "task"):
        if name in row:
            return str(row[name])
    turns = row["prompt"] if "prompt" in row else row.get("messages", [])[:-1]
    if isinstance(turns, str):
        return turns
    return "\n".join(turn["content"] for turn in turns if turn["role"] != "system")


def answers_of(row: Row) -> tuple[str, ...]:
    """What is answered: one text, the chosen and the rejected of a pair, or the text of a corpus row.

    Of a row that is of no known kind, every text in it, as one.

    >>> answers_of({"text": "Once."}), answers_of({"name": "Ann", "age": 7, "likes": ["tea"]})
    (('Once.',), ('Ann\\ntea',))
    """
    if not is_known(row):
        found = "\n".join(strings_in(row))
        return (found,) if found else ()
    if "text" in row:
        return (row["text"],)
    if "messages" in row:
        return (row["messages"][-1]["content"],)
    columns = [name for name in ("completion", "chosen", "rejected") if name in row]
    if not columns:
        return (row["solution"],) if isinstance(row.get("solution"), str) and row["solution"] else ()
    return tuple(
        row[name] if isinstance(row[name], str) else "\n".join(turn["content"] for turn in row[name])
        for name in columns
    )


def strings_in(value: Any) -> Iterator[str]:
    """Every text in a value, apart from what the row says of itself in `meta`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name != "meta":
                yield from strings_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings_in(part)


def texts_of(row: Row) -> Iterator[str]:
    """Every text of a row: the question, if there is one, then the answers."""
    question = question_of(row)
    if question:
        yield question
    yield from answers_of(row)


class Filtered:
    """Filters inside a run, one after the other: turns rows down in the order of the items (a `Settle`).

    `counts` has how many rows each filter turned down, by its name and then by its reason; `detail` is what
    the last of them says it has found, where it has a `match`.
    """

    def __init__(self, filters: Mapping[str, Filter]) -> None:
        self.filters = filters
        self.detail = ""
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in filters}

    def __call__(self, outcome: Outcome) -> Outcome:
        """The outcome with the rows that are kept, and why others went; a rejection when none is left."""
        kept: list[Row] = []
        reasons: list[str] = []
        for row in outcome.rows:
            reason = self.turned_down(row)
            if reason is None:
                kept.append(row)
            else:
                reasons.append(reason)
        if not reasons:
            return outcome
        if not kept:
            return Outcome(outcome.item, None, reasons[0], self.detail)
        return replace(outcome, row=kept, dropped=(*outcome.dropped, *reasons))

    def turned_down(self, row: Row) -> str | None:
        """Why a row is turned down, or None; later filters do not see it then."""
        for name, looks in self.filters.items():
            verdict = looks(row)
            if verdict is not True:
                self.counts[name][verdict[1]] += 1
                self.detail = str(getattr(looks, "match", None) or "")
                return verdict[1]
        return None


def settled_by(*steps: Callable[[Outcome], Outcome]) -> Callable[[Outcome], Outcome]:
    """One `Settle` of several, each looking at what the one before has left."""

    def settle(outcome: Outcome) -> Outcome:
        for step in steps:
            if not outcome.accepted:
                break
            outcome = step(outcome)
        return outcome

    return settle


def reasons_of(verdicts: Sequence[Verdict]) -> Counter[str]:
    """How often each reason was given."""
    return Counter(verdict[1] for verdict in verdicts if verdict is not True)
