"""From each kind of row to each kind of training data: one small pure function each, in one table.

Which rows are held out, which columns are written and whether a row fits a model is the affair of others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import orjson

from datagen.audit.source import Source
from datagen.recipes.harvest import Pick, proved_lessons, proved_pairs
from schemas import Row, UserError

ExportKind = Literal["sft", "dpo", "kto", "grpo", "corpus"]
SCHEMAS = {"sft": "instruction", "dpo": "preference", "kto": "kto", "grpo": "problem", "corpus": "corpus"}
"""What kind of row an exported row is."""
ALWAYS, NEVER = "solved every time", "never solved"
TOO_EASY, TOO_HARD = "solved too often", "solved too rarely"
BOTH = "good here and bad there"
TWICE, EMPTY, IDENTICAL = "said twice", "empty answer", "both answers the same"


@dataclass(frozen=True)
class Draft:
    """A row on its way out: `where` it comes from, of which `file`, and the `split` it must be in, if any."""

    file: str
    where: str
    row: Row
    split: str | None = None


@dataclass(frozen=True)
class Converted:
    """The rows of one kind of training data, and how many were left out, by reason."""

    drafts: Sequence[Draft]
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What a conversion may know besides the rows: `problems` by id, and which attempts are wanted.

    `most` answers (or pairs) a problem, `pick`ed as `harvest.proved_lessons` says; problems to practise on
    whose pass rate lies in `above` < p < `below`.
    """

    problems: Mapping[str, Row] = field(default_factory=dict)
    most: int | None = None
    pick: Pick = "first"
    above: float = 0.0
    below: float = 1.0


Conversion = Callable[[Source, Known], Iterator[Draft]]
"""Makes drafts of the rows of a source."""


def convert(kind: ExportKind, sources: Sequence[Source], known: Known) -> Converted:
    """All rows of `kind` that the sources give, equal ones once, in the order of the sources.

    Sources that cannot become this kind are passed over. Raises `UserError` when attempts should become
    problems to practise on, and their problem rows are not known.
    """
    made = [
        draft
        for source in sources
        if source.kind in CONVERSIONS[kind]
        for draft in CONVERSIONS[kind][source.kind](source, known)
    ]
    left_out: Counter[str] = Counter()
    if kind == "grpo":
        made = _learnable(made, known, left_out)
    if kind == "kto":
        made = _of_one_label(made, left_out)
    kept, seen = [], set()
    for draft in made:
        said = orjson.dumps({name: value for name, value in draft.row.items() if name != "meta"})
        fault = TWICE if said in seen else _nothing_said(draft.row)
        if fault:
            left_out[fault] += 1
        else:
            seen.add(said)
            kept.append(draft)
    return Converted(kept, dict(left_out))


def refuse_impossible(kinds: Sequence[ExportKind], sources: Sequence[Source]) -> None:
    """`UserError` when a source can become none of the kinds, or no source one of them."""
    for source in sources:
        could = [kind for kind, ways in CONVERSIONS.items() if source.kind in ways]
        if not set(kinds) & set(could):
            what = f"{source.kind} rows cannot become {' or '.join(kinds)}"
            raise UserError(what, where=source.path, mend=f"they can become {', '.join(could)}")
    for kind in kinds:
        if not any(source.kind in CONVERSIONS[kind] for source in sources):
            there = ", ".join(dict.fromkeys(source.kind for source in sources))
            what = f"there are {there} rows, and none of them can become {kind}"
            raise UserError(what, where="--kind", mend=f"give rows of: {', '.join(CONVERSIONS[kind])}")


def _lines(source: Source) -> Iterator[tuple[str, Row, Row]]:
    """(place, row, its meta) of each row."""
    for number, row in enumerate(source.rows):
        yield source.place(number), row, row.get("meta") or {}


def instruction_to_sft(source: Source, _: Known) -> Iterator[Draft]:
    """As it is."""
    for where, row, meta in _lines(source):
        yield Draft(source.path.name, where, {"messages": row["messages"], "meta": meta})


def preference_to_sft(source: Source, _: Known) -> Iterator[Draft]:
    """The prompt with the answer that was preferred."""
    for where, row, meta in _lines(source):
        yield Draft(source.path.name, where, {"messages": [*row["prompt"], *row["chosen"]], "meta": meta})


def preference_to_dpo(source: Source, _: Known) -> Iterator[Draft]:
    """As it is."""
    for where, row, meta in _lines(source):
        columns = {name: row[name] for name in ("prompt", "chosen", "rejected")}
        yield Draft(source.path.name, where, {**columns, "meta": meta})


def preference_to_kto(source: Source, _: Known) -> Iterator[Draft]:
    """The chosen answer as a good one, the rejected one as a bad one."""
    for where, row, meta in _lines(source):
        for side, label in (("chosen", True), ("rejected", False)):
            yield Draft(
                source.path.name,
                where,
                {"prompt": row["prompt"], "completion": row[side], "label": label, "meta": meta},
            )


def attempt_to_sft(source: Source, known: Known) -> Iterator[Draft]:
    """The attempts that were verified right."""
    proved = proved_lessons(_together(source), most=known.most, pick=known.pick)
    yield from _of_problems(source, known.problems, proved)


def attempt_to_dpo(source: Source, known: Known) -> Iterator[Draft]:
    """A right and a wrong answer of each problem that was solved and missed, most alike in length."""
    yield from _of_problems(source, known.problems, proved_pairs(_together(source), most=known.most or 1))


def attempt_to_kto(source: Source, known: Known) -> Iterator[Draft]:
    """Each attempt that ended and was judged, good if it was verified right."""
    for where, row, meta in _lines(source):
        if row["reward"] in (0.0, 1.0) and meta.get("finish_reason", "stop") == "stop":
            said = {"prompt": row["prompt"], "completion": row["completion"], "label": row["reward"] == 1.0}
            draft = Draft(source.path.name, where, {**said, "meta": {"problem": row["id"], **meta}})
            yield _about(draft, known.problems.get(row["id"]))


def attempt_to_grpo(source: Source, known: Known) -> Iterator[Draft]:
    """The problems that were tried, with how often they were `tried` and solved (`passed`)."""
    tried: dict[str, list[float]] = {}
    for row in source.rows:
        tried.setdefault(row["id"], [])
        if row["reward"] is not None:
            tried[row["id"]].append(row["reward"])
    for name, rewards in tried.items():
        if name not in known.problems:
            what = f"the problem '{name}' that was attempted is in no file of problems"
            raise UserError(what, where=source.path, mend="give --problems, the file they were tried from")
        found = known.problems[name]
        counts = {"tried": len(rewards), "passed": sum(reward == 1.0 for reward in rewards)}
        yield Draft(
            source.path.name, f"{source.path}, problem '{name}'", _with_meta(found, counts), found["split"]
        )


def problem_to_grpo(source: Source, _: Known) -> Iterator[Draft]:
    """As it is."""
    for where, row, _meta in _lines(source):
        yield Draft(source.path.name, where, row, row["split"])


def problem_to_sft(source: Source, _: Known) -> Iterator[Draft]:
    """The question with its worked solution."""
    for where, row, meta in _lines(source):
        answer = {"role": "assistant", "content": row["solution"]}
        named = {"problem": row["id"], "fingerprint": row["fingerprint"], **meta}
        yield Draft(
            source.path.name, where, {"messages": [*row["prompt"], answer], "meta": named}, row["split"]
        )


def corpus_to_corpus(source: Source, _: Known) -> Iterator[Draft]:
    """As it is."""
    for where, row, meta in _lines(source):
        yield Draft(source.path.name, where, {"text": row["text"], "meta": meta})


def kto_to_kto(source: Source, _: Known) -> Iterator[Draft]:
    """As it is."""
    for where, row, meta in _lines(source):
        columns = {name: row[name] for name in ("prompt", "completion", "label")}
        yield Draft(source.path.name, where, {**columns, "meta": meta})


CONVERSIONS: dict[ExportKind, dict[str, Conversion]] = {
    "sft": {
        "instruction": instruction_to_sft,
        "preference": preference_to_sft,
        "attempt": attempt_to_sft,
        "problem": problem_to_sft,
    },
    "dpo": {"preference": preference_to_dpo, "attempt": attempt_to_dpo},
    "kto": {"preference": preference_to_kto, "attempt": attempt_to_kto, "kto": kto_to_kto},
    "grpo": {"problem": problem_to_grpo, "attempt": attempt_to_grpo},
    "corpus": {"corpus": corpus_to_corpus},
}
"""By what is exported, and by what it is made of."""


def _together(source: Source) -> list[Row]:
    """Attempts with something said, those at one problem together, each with a `meta`."""
    by_problem: dict[str, list[Row]] = {}
    for row in source.rows:
        if all(turn["content"].strip() for turn in row["completion"]):
            by_problem.setdefault(row["id"], []).append({**row, "meta": row.get("meta") or {}})
    return [row for rows in by_problem.values() for row in rows]


def _of_problems(source: Source, problems: Mapping[str, Row], rows: Iterable[Row]) -> Iterator[Draft]:
    for row in rows:
        name = row["meta"]["problem"]
        yield _about(Draft(source.path.name, f"{source.path}, problem '{name}'", row), problems.get(name))


def _about(draft: Draft, problem: Row | None) -> Draft:
    """The draft with what the problem it is about says: its fingerprint and its split."""
    if problem is None:
        return draft
    named = _with_meta(draft.row, {"fingerprint": problem["fingerprint"]})
    return replace(draft, row=named, split=problem["split"])


def _with_meta(row: Row, more: Row) -> Row:
    return {**row, "meta": {**(row.get("meta") or {}), **more}}


def _of_one_label(drafts: Sequence[Draft], left_out: Counter[str]) -> list[Draft]:
    """Without the answers that one pair prefers and another does not: they are neither good nor bad."""
    labels: dict[bytes, set[bool]] = {}
    said = [orjson.dumps([draft.row["prompt"], draft.row["completion"]]) for draft in drafts]
    for text, draft in zip(said, drafts, strict=True):
        labels.setdefault(text, set()).add(draft.row["label"])
    left_out[BOTH] += sum(len(labels[text]) > 1 for text in said)
    left_out += Counter()  # without what is nothing
    return [draft for text, draft in zip(said, drafts, strict=True) if len(labels[text]) == 1]


def _learnable(drafts: Sequence[Draft], known: Known, left_out: Counter[str]) -> list[Draft]:
    """Each problem once, with its `pass_rate` where it was tried; without those that teach nothing.

    Where every sample is right, or none is, no answer is better than another: there is nothing to learn.
    """
    merged: dict[str, Draft] = {}
    for draft in drafts:
        name = draft.row["id"]
        if (before := merged.get(name)) is None:
            merged[name] = draft
        else:
            counts = {key: _meta(draft, key) + _meta(before, key) for key in ("tried", "passed")}
            merged[name] = replace(before, row=_with_meta(before.row, counts))
    kept = []
    for draft in merged.values():
        tried, passed = _meta(draft, "tried"), _meta(draft, "passed")
        if tried and passed in (0, tried):
            left_out[ALWAYS if passed else NEVER] += 1
        elif tried and not known.above < passed / tried < known.below:
            left_out[TOO_EASY if passed / tried >= known.below else TOO_HARD] += 1
        elif tried:
            kept.append(replace(draft, row=_with_meta(draft.row, {"pass_rate": passed / tried})))
        else:
            kept.append(draft)
    return kept


def _meta(draft: Draft, key: str) -> int:
    value = (draft.row.get("meta") or {}).get(key)
    return value if isinstance(value, int) else 0


def _nothing_said(row: Row) -> str | None:
    """Why a row would teach nothing, or None."""
    if "chosen" in row and row["chosen"] == row["rejected"]:
        return IDENTICAL
    answers = [turn for name in ("completion", "chosen", "rejected") for turn in row.get(name, ())]
    answers += [turn for turn in row.get("messages", ()) if turn["role"] == "assistant"]
    return EMPTY if any(not turn["content"].strip() for turn in answers) else None
