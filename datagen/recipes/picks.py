"""Preference rows from what people picked: one for each pair of answers, with who picked, when, how fast.

A pick is a line of a file: `{"prompt", "left", "right", "pick"}` and, where they are known, `who`, `when`,
`seconds`, `note` and a `meta` of where the answers came from. Nothing is asked of a model here, and showing
pairs to people is not this module's affair.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, get_args

from datagen.recipes.shared.agreement import agreement, kappa
from datagen.runs.journal import Outcome, digest
from schemas import Row, UserError, unknown_name
from schemas.rows import numbered_rows

Choice = Literal["left", "right", "tie", "both bad", "skip"]
LEFT, RIGHT, TIE, BOTH_BAD, SKIP = get_args(Choice)
MIRRORED = {LEFT: RIGHT, RIGHT: LEFT}
CONFLICT, SKIPPED, ALIKE = "conflict", "skipped", "alike"
"""Why a pair becomes no row, besides a tie and two bad answers."""
NOBODY = "somebody"
"""The name of a person who gave none."""
Conflicts = Literal["drop", "majority"]


@dataclass(frozen=True)
class Pick:
    """One person's pick of one pair. `margin`: by how much a judge had the left answer ahead, if one had."""

    prompt: list[dict[str, str]]
    left: str
    right: str
    pick: str
    line: int
    who: str = NOBODY
    when: str | None = None
    seconds: float | None = None
    note: str = ""
    margin: float | None = None
    meta: Row = field(default_factory=dict)

    @property
    def swapped(self) -> bool:
        """Whether the answers stand the other way round than in the pair's own order."""
        return self.left > self.right

    @property
    def pair(self) -> str:
        """The name of the pair, on whichever side its answers were shown."""
        return f"pair-{digest([self.prompt, sorted((self.left, self.right))]).hex()}"

    @property
    def told(self) -> str:
        """The pick in the pair's own order: what "left" means is the same for all."""
        return MIRRORED.get(self.pick, self.pick) if self.swapped else self.pick


def read_picks(path: Path) -> list[Pick]:
    """The picks of a file, one a line. Raises `UserError` naming the line that is none."""
    picks = [_pick(row, line, f"{path}:{line}") for line, row in numbered_rows(path)]
    if not picks:
        raise UserError("the file has no picks", where=path, mend="pick some answers first")
    return picks


def _pick(row: Row, line: int, where: str) -> Pick:
    meta = row.get("meta") or {}
    if not isinstance(meta, dict):
        raise UserError("'meta' is no object", where=where, mend="give an object, or leave it out")
    left, right = (_text(row, name, where) for name in (LEFT, RIGHT))
    pick = row.get("pick")
    if pick not in get_args(Choice):
        raise unknown_name("pick", str(pick), get_args(Choice), where=where)
    seconds, margin = _number(row, "seconds", where), _number(meta, "margin", where)
    return Pick(
        _prompt(row.get("prompt"), where),
        left,
        right,
        str(pick),
        line,
        str(row.get("who") or NOBODY),
        None if row.get("when") is None else _when(row["when"], where),
        seconds,
        str(row.get("note") or ""),
        margin,
        meta,
    )


def _prompt(given: Any, where: str) -> list[dict[str, str]]:
    """The turns of a prompt, which may be given as the text of one."""
    from datagen.sources import turns_of
    from schemas.check import check_row

    turns = turns_of({"prompt": given})
    if not turns or turns[-1]["role"] != "user":
        mend = "give the text of the prompt, or chat turns that end with the user's"
        raise UserError("no 'prompt'", where=where, mend=mend)
    sides = {side: [{"role": "assistant", "content": side}] for side in ("chosen", "rejected")}
    if faults := check_row({"prompt": turns, **sides}, "preference"):
        what = f"'prompt' is no conversation: {faults[0].pointer} {faults[0].reason}"
        raise UserError(what, where=where, mend="let user and assistant take turns, each saying something")
    return turns


def _text(row: Row, name: str, where: str) -> str:
    """An answer, given as text or as one assistant turn."""
    given = row.get(name)
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], dict):
        given = given[0].get("content")
    if not isinstance(given, str) or not given.strip():
        raise UserError(f"no '{name}'", where=where, mend="give the text of the answer")
    return given


def _number(row: Row, name: str, where: str) -> float | None:
    given = row.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise UserError(f"'{name}' is no number", where=where, mend="give a number, or leave it out")
    if name == "seconds" and given < 0:
        raise UserError(f"'{name}' is less than nothing", where=where, mend="give how long it took")
    return float(given)


def latest(picks: Iterable[Pick]) -> list[Pick]:
    """The last pick of each person for each pair, in their order: who picks again has thought again.

    Which is the last the time says (`when`), or else the order. A skip takes no pick back.
    """
    found: dict[tuple[str, str], tuple[int, Pick]] = {}
    for place, pick in enumerate(picks):
        key = pick.pair, pick.who
        before = found[key][1] if key in found else None
        if before is None or before.pick == SKIP or (pick.pick != SKIP and _time(pick) >= _time(before)):
            found[key] = place, pick
    return [pick for _, pick in sorted(found.values(), key=lambda placed: placed[0])]


def _when(given: Any, where: str) -> str:
    """When somebody picked, in ISO 8601; `UserError` for what is no such time."""
    try:
        _moment(str(given))
    except ValueError:
        mend = "give a time as 2026-11-20T10:00:03Z, or leave it out"
        raise UserError(f"'when' is no time ({given})", where=where, mend=mend) from None
    return str(given)


def _moment(text: str) -> datetime:
    """A time, of the universal clock where it does not say of which."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _time(pick: Pick) -> datetime:
    return _moment(pick.when) if pick.when else datetime.min.replace(tzinfo=timezone.utc)


def settled(picks: Sequence[Pick], conflicts: Conflicts = "drop") -> list[Outcome]:
    """What becomes of each pair: a preference row, or a rejection with its reason, in the order of the file.

    Skips count for nothing. Where people differ there is a "conflict" and no row; under "majority" what more
    than half of them say counts.
    """
    pairs: dict[str, list[Pick]] = {}
    for pick in latest(picks):
        pairs.setdefault(pick.pair, []).append(pick)
    return [_outcome(name, group, conflicts) for name, group in pairs.items()]


def _outcome(name: str, picks: Sequence[Pick], conflicts: Conflicts) -> Outcome:
    said = [pick for pick in picks if pick.pick != SKIP]
    votes = Counter(pick.told for pick in said)
    told = ", ".join(f"{pick.who}: {pick.told}" for pick in said)
    if not said:
        return Outcome(name, None, SKIPPED, ", ".join(pick.who for pick in picks))
    if said[0].left.strip() == said[0].right.strip():
        return Outcome(name, None, ALIKE, told)
    verdict, count = votes.most_common(1)[0]
    if count < len(said) and (conflicts == "drop" or count * 2 <= len(said)):
        return Outcome(name, None, CONFLICT, told)
    if verdict not in MIRRORED:
        return Outcome(name, None, verdict, told)
    return Outcome(name, _row(name, said, verdict))


def _row(name: str, picks: Sequence[Pick], verdict: str) -> Row:
    """The preference row of a pair that is decided: `verdict` is in the pair's own order."""
    first = picks[0]
    left, right = sorted((first.left, first.right))
    chosen, rejected = (left, right) if verdict == LEFT else (right, left)
    votes = Counter("tie" if pick.told not in MIRRORED else pick.told == verdict for pick in picks)
    others = {key: value for key, value in first.meta.items() if key != "margin"}
    lead = _lead(first, verdict)
    meta = {
        **others,
        "recipe": "picks",
        "item": name,
        "prefer": "person",
        "who": [pick.who for pick in picks],
        "when": [pick.when for pick in picks],
        "seconds": [pick.seconds for pick in picks],
        "lines": [pick.line for pick in picks],
        "votes": [votes[True], votes[False], votes["tie"]],
        **({"judge_margin": lead} if lead is not None else {}),
        **({"notes": notes} if (notes := [pick.note for pick in picks if pick.note]) else {}),
    }
    turns = ([{"role": "assistant", "content": text}] for text in (chosen, rejected))
    return {"prompt": first.prompt, "chosen": next(turns), "rejected": next(turns), "meta": meta}


def _lead(pick: Pick, verdict: str) -> float | None:
    """By how much a judge had the chosen answer ahead."""
    if pick.margin is None:
        return None
    return -pick.margin if pick.swapped != (verdict == RIGHT) else pick.margin


@dataclass(frozen=True)
class Agreement:
    """How far two agree on the `pairs` both judged: the `share` of equal verdicts, and Cohen's `kappa`."""

    names: tuple[str, str]
    pairs: int
    share: float
    kappa: float


def between_people(picks: Sequence[Pick]) -> Iterator[Agreement]:
    """The agreement of each two people who picked of the same pairs; what either skipped is left out."""
    verdicts: dict[str, dict[str, str]] = {}
    for pick in latest(picks):
        if pick.pick != SKIP:
            verdicts.setdefault(pick.who, {})[pick.pair] = pick.told
    for one, other in itertools.combinations(sorted(verdicts), 2):
        ours, theirs = verdicts[one], verdicts[other]
        if both := [(ours[pair], theirs[pair]) for pair in ours if pair in theirs]:
            yield Agreement((one, other), len(both), agreement(both), kappa(both))


def with_judge(picks: Sequence[Pick]) -> Agreement | None:
    """How far people agree with the judge whose margins their picks carry; ties of either are left out."""
    both = []
    for pick in latest(picks):
        if pick.pick in MIRRORED and pick.margin:
            judge = LEFT if pick.margin > 0 else RIGHT
            both.append((pick.told, MIRRORED[judge] if pick.swapped else judge))
    if not both:
        return None
    return Agreement(("people", "the judge"), len(both), agreement(both), kappa(both))
