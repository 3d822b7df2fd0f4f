"""What a filter is, which texts of a row it looks at, and how filters work inside a run.

A filter looks at one row at a time, in the order of the rows, and may remember those before. What is looked
for is the affair of the other modules here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from datagen.runs.journal import Outcome
from schemas import Row

Verdict = Literal[True] | tuple[Literal[False], str]
"""Kept, or turned down with a short reason that is counted."""
Filter = Callable[[Row], Verdict]
Edit = Callable[[Row], Row]
"""Changes a row instead of judging it: what is masked is no reason to lose the row."""


def question_of(row: Row) -> str:
    """What is asked: all but the answer, of a row of any kind; "" for running text.

    >>> question_of({"prompt": [{"role": "user", "content": "Hi?"}], "chosen": [], "rejected": []})
    'Hi?'
    """
    for name in ("question", "task"):
        if name in row:
            return str(row[name])
    turns = row["prompt"] if "prompt" in row else row.get("messages", [])[:-1]
    if isinstance(turns, str):
        return turns
    return "\n".join(turn["content"] for turn in turns if turn["role"] != "system")


def answers_of(row: Row) -> tuple[str, ...]:
    """What is answered: one text, the chosen and the rejected of a pair, or the text of a corpus row.

    >>> answers_of({"text": "Once."})
    ('Once.',)
    """
    if "text" in row:
        return (row["text"],)
    if "messages" in row:
        return (row["messages"][-1]["content"],)
    columns = [name for name in ("completion", "chosen", "rejected") if name in row]
    if not columns:
        return (row["solution"],) if row.get("solution") else ()
    return tuple("\n".join(turn["content"] for turn in row[name]) for name in columns)


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
