"""Figures of preference rows: what their choices rest on besides the answers being better or worse.

Sources: both orders judged, Zheng et al. 2023 (arXiv:2306.05685); length, Singhal et al. 2023
(arXiv:2310.03716); judges that prefer themselves, Panickssery et al. 2024 (arXiv:2404.13076).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from datagen.audit.figure import Figure, Part, Table, length_auc, mean_interval, percentiles, share, wilson
from datagen.audit.source import Source
from datagen.filters.filter import answers_of, question_of
from datagen.filters.plain import plain_text

JUDGE = "judge"
"""The role whose verdicts the pairs of a run rest on."""
FLIP, TIE = "flip", "tie"
"""The reasons by which recipes reject a pair that a judge has judged."""


def pairs_part(source: Source) -> Part:
    """All figures of pairs."""
    figures = [
        *_judged(source.account),
        *_identical(source),
        *_length(source),
        *_swapped(source),
        *_self_judged(source),
        *_position(source),
    ]
    return Part("Pairs", figures, [_lengths(source)])


def _judged(account: dict[str, Any] | None) -> Iterator[Figure]:
    """How many of the judged pairs were thrown away for each of the two reasons that tell of the judge."""
    if account is None or JUDGE not in account["engines"]:
        return
    flips = sum(stage["rejected"].get(FLIP, 0) for stage in account["stages"])
    ties = sum(stage["rejected"].get(TIE, 0) for stage in account["stages"])
    # The stage that judged; others (answers made beforehand) know neither reason.
    accepted = account["stages"][-1]["accepted"]
    if judged := flips + ties + accepted:
        yield share("flips", flips, judged, "judged pairs whose winner changed with the order")
        yield share("ties", ties, judged, "judged pairs that the judge found equal")


def _identical(source: Source) -> Iterator[Figure]:
    """Pairs that teach nothing, because both answers say the same."""
    places, near = [], []
    for number, row in enumerate(source.rows):
        chosen, rejected = map(plain_text, answers_of(row))
        if chosen == rejected:
            places.append(source.place(number))
        elif _alike(chosen.split(), rejected.split()) >= 0.9:
            near.append(source.place(number))
    count = len(source.rows)
    says = "pairs whose answers differ in case, spaces and marks at most"
    yield share("identical", len(places), count, says, examples=places)
    says = "pairs whose answers share nine words of ten"
    yield share("nearly_identical", len(near), count, says, limited=False, examples=near)


def _alike(left: Sequence[str], right: Sequence[str]) -> float:
    """Dice's coefficient of two bags of words."""
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / max(1, len(left) + len(right))


def _length(source: Source) -> Iterator[Figure]:
    """What length alone tells of the choice."""
    differences = [len(chosen) - len(rejected) for chosen, rejected in map(answers_of, source.rows)]
    longer = sum((difference > 0) + (difference == 0) / 2 for difference in differences)
    count = len(differences)
    auc, low, high = length_auc(differences)
    which = "longer" if auc >= 0.5 else "shorter"
    if auc < 0.5:
        auc, low, high = 1 - auc, 1 - high, 1 - low
    says = f"AUC of a classifier that knows the lengths alone (the {which} answer is chosen)"
    yield Figure("length_auc", auc, says, count, low, high, plain=True)
    low, high = wilson(longer / count, count)
    says = "pairs whose chosen answer is the longer one"
    yield Figure("longer_chosen", longer / count, says, count, low, high, limited=False)


def _lengths(source: Source) -> Table:
    """Percentiles of the lengths of both sides."""
    sides = zip(*map(answers_of, source.rows), strict=True)
    rows = [
        (name, *percentiles([len(text) for text in texts]))
        for name, texts in zip(("chosen", "rejected"), sides, strict=True)
    ]
    columns = ("characters of", "least", "5%", "25%", "median", "75%", "95%", "most")
    return Table("Lengths of both sides", columns, tuple(rows))


def _swapped(source: Source) -> Iterator[Figure]:
    """Pairs whose two sides seem to have changed places: told by another pair, a score or a reward."""
    choices: dict[tuple[str, str, str], int] = {}
    found: dict[int, str] = {}
    for number, row in enumerate(source.rows):
        chosen, rejected = answers_of(row)
        key = (question_of(row), chosen, rejected)
        choices.setdefault(key, number)
        other = choices.get((key[0], rejected, chosen))
        if other is not None and chosen != rejected:
            for one, two in ((number, other), (other, number)):
                found.setdefault(one, f"{source.place(one)}, which contradicts line {source.lines[two]}")
        meta = row.get("meta") or {}
        for name in ("scores", "rewards"):
            values = _numbers(meta.get(name))
            if values and values[0] < values[1]:
                said = f"{source.place(number)}, whose rejected answer has the higher {name[:-1]}"
                found.setdefault(number, said)
    says = "pairs that another pair, a score or a verified reward contradicts"
    places = [found[number] for number in sorted(found)]
    yield share("swapped", len(found), len(source.rows), says, examples=places)


def _self_judged(source: Source) -> Iterator[Figure]:
    """Pairs whose judge wrote one of the two answers, by the hashes of the models."""
    judged, places = 0, []
    for number, row in enumerate(source.rows):
        meta = row.get("meta") or {}
        if judge := meta.get("judge_hash"):
            judged += 1
            writers = [meta.get("model_hash"), meta.get("rival_hash")]
            if isinstance(meta.get("model_hashes"), list):
                writers += meta["model_hashes"]
            if judge in writers:
                places.append(source.place(number))
    if judged:
        says = "pairs judged by a model that wrote one of the answers"
        yield share("self_judged", len(places), judged, says, examples=places)


def _position(source: Source) -> Iterator[Figure]:
    """What it is worth to be shown first: half of what the margin changes when the order does."""
    gains, margins, lost = [], [], []
    for number, row in enumerate(source.rows):
        orders = (row.get("meta") or {}).get("orders")
        if not isinstance(orders, list) or len(orders) != 2:
            continue
        first, second = map(_numbers, orders)
        if first and second:
            ahead, behind = first[0] - first[1], second[0] - second[1]
            gains.append((ahead - behind) / 2)
            margins.append((ahead + behind) / 2)
            if ahead * behind < 0:
                lost.append(source.place(number))
    if not gains:
        return
    says = "pairs whose choice changes with the order, by their scores"
    yield share("flipped_rows", len(lost), len(gains), says, limited=False, examples=lost)
    margin = sum(map(abs, margins)) / len(margins)
    if margin > 0 and len(gains) > 1:
        gain, low, high = (value / margin for value in mean_interval(gains))
        if gain < 0:
            gain, low, high = -gain, -high, -low
        where = "first" if sum(gains) >= 0 else "second"
        says = f"what being shown {where} is worth, as a share of the mean margin"
        yield Figure("position_bias", gain, says, len(gains), low, high, plain=True)


def _numbers(value: Any) -> tuple[float, float] | None:
    """Two numbers, or None for anything else."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        return float(value[0]), float(value[1])
    return None
