"""A response against a list of constraints, strictly or loosely; a verdict each and one for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.errors import UserError
from verifiers.constraints.base import Constraint
from verifiers.constraints.registry import constraint
from verifiers.verdict import Status, Verdict

Asked = Constraint | Mapping[str, Any]
METHOD = "constraints"


@dataclass(frozen=True, slots=True)
class Report:
    """`whole` is correct when every constraint is; `each` are their verdicts, in order, repetitions too."""

    whole: Verdict
    each: tuple[Verdict, ...]

    @property
    def share(self) -> float | None:
        """The share that was followed, 1.0 of none; None where one of them could not be judged."""
        if self.whole.reward is None:
            return None
        return sum(verdict.correct for verdict in self.each) / len(self.each) if self.each else 1.0


def check_all(response: str, constraints: Sequence[Asked], *, loose: bool = False) -> Report:
    """Judges a response by every constraint or row of one.

    `loose` accepts where any of IFEval's eight variants of the response does (see `variants`). A row of
    which no constraint can be made is a `gold_error`, alone and for the whole: it never passes. An empty
    list is followed by every response.
    """
    texts = variants(response) if loose else (response,)
    each = tuple(_judged(texts, row) for row in constraints)
    return Report(_whole(each), each)


def _judged(texts: Sequence[str], row: Asked) -> Verdict:
    try:
        asked = constraint(row)
    except UserError as error:
        name = row.get("id") if isinstance(row, Mapping) else None
        return Verdict("gold_error", name if isinstance(name, str) else METHOD, str(error))
    first = asked.check(texts[0])
    if first.correct:
        return first
    for text in texts[1:]:
        if (verdict := asked.check(text)).correct:
            return replace(verdict, steps=("loose: a variant of the response",))
    return first


def _whole(each: Sequence[Verdict]) -> Verdict:
    broken = [verdict for verdict in each if verdict.reward is None]
    missed = [verdict for verdict in each if not verdict.correct]
    cost = sum(verdict.microseconds for verdict in each)
    if broken:
        return Verdict("gold_error", METHOD, f"{broken[0].method}: {broken[0].reason}", microseconds=cost)
    if not missed:
        return Verdict("correct", METHOD, f"followed all {len(each)}", microseconds=cost)
    status: Status = "malformed" if all(verdict.status == "malformed" for verdict in missed) else "incorrect"
    said = f"followed {len(each) - len(missed)} of {len(each)}; {missed[0].method}: {missed[0].reason}"
    return Verdict(status, METHOD, said, microseconds=cost)


def variants(response: str) -> tuple[str, ...]:
    """IFEval's eight: as it is, without the first line, the last, both; and these without asterisks.

    For a greeting before an answer and Markdown emphasis. Equal ones are listed once.
    Source: arXiv:2311.07911, section 2.3, "loose" accuracy.
    """
    rows = response.split("\n")
    cut = [response, *("\n".join(part).strip() for part in (rows[1:], rows[:-1], rows[1:-1]))]
    return tuple(dict.fromkeys([*cut, *(text.replace("*", "") for text in cut)]))
