"""What a set of problems is mixed of: weights of families, fields and levels, how many, and in what order.

A mix is read from a YAML file or made from names; `Schedule` turns it into the order streams are drawn from,
which depends on the weights alone and is the same however far it is followed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from datagen.problems.family import LEVELS, SPLITS
from datagen.problems.register import families, find
from schemas import UserError, unknown_name
from schemas.settings import read_yaml

Order = Literal["mixed", "curriculum"]
ORDERS: tuple[Order, ...] = ("mixed", "curriculum")
Weights = Mapping[Any, float]


@dataclass(frozen=True)
class Mix:
    """Weights by family and by level, and how many problems of each split.

    The weight of a stream is that of its family times that of its level. In the order "mixed" every stretch
    of rows has the proportions of the whole; "curriculum" brings level after level, each of them mixed.
    """

    families: Weights
    levels: Weights = field(default_factory=lambda: dict.fromkeys(LEVELS, 1.0))
    splits: Mapping[str, int] = field(default_factory=lambda: {"train": 100})
    order: Order = "mixed"

    def streams(self) -> list[tuple[str, int, float]]:
        """(family, level, weight) of every stream drawn from, families outermost, in the order given."""
        return [
            (name, level, weight * share)
            for name, weight in self.families.items()
            for level, share in self.levels.items()
            if weight and share
        ]


def even_mix(
    names: Iterable[str], levels: Iterable[int], splits: Mapping[str, int], order: Order = "mixed"
) -> Mix:
    """Families and levels in equal parts; `UserError` for a family, a level or a split nobody knows."""
    chosen, wanted = dict.fromkeys(names, 1.0), dict.fromkeys(levels, 1.0)
    if not chosen or not wanted:
        raise UserError("no family or no level is chosen", mend="name at least one of each")
    mix = Mix(chosen, wanted, splits, order)
    _check(mix, None)
    return mix


def _check(mix: Mix, where: object) -> None:
    for split, count in mix.splits.items():
        if split not in SPLITS:
            raise unknown_name("split", split, SPLITS, where=where)
        if count < 1:
            raise UserError(f"cannot make {count} problems", where=where, mend="ask for a count of 1 or more")
    for name in mix.families:
        family = find(name)
        for level in mix.levels:
            if level not in family.levels:
                known = f"{family.levels[0]} to {family.levels[-1]}"
                raise UserError(f"{name} has no level {level}", where=where, mend=f"its levels are {known}")


KEYS = ("families", "fields", "levels", "count", "splits", "order")


def read_mix(
    path: str | Path, count: int, split: str, order: str = "mixed", levels: Iterable[int] = LEVELS
) -> Mix:
    """The mix of a YAML file; the other arguments are for a file that does not say its own.

    Its keys, each of which may be left out: `families` and `fields` are weights by name (a field's weight is
    shared evenly by those of its families that have none of their own; with neither, all families weigh the
    same), `levels` weights by number, `count` the number of problems, `splits` their shares or numbers by
    split, `order` "mixed" or "curriculum". Raises `UserError` naming file, line and the nearest known name.
    """
    lines = read_yaml(path)
    for key, (line, _) in lines.items():
        if key not in KEYS:
            raise unknown_name("key of a mix", key, KEYS, where=f"{path}:{line}")
    where = {key: f"{path}:{line}" for key, (line, _) in lines.items()}
    said = {key: value for key, (_, value) in lines.items()}
    chosen = _family_weights(said, where)
    by_level = _weights(said.get("levels", list(levels)), where.get("levels"), "level", LEVELS)
    _some(by_level, where.get("levels"), "level")
    total = _whole(said.get("count", count), where.get("count", path))
    splits = _splits(said.get("splits"), total, split, where.get("splits", path))
    order = str(said.get("order", order))
    if order not in ORDERS:
        raise unknown_name("order", order, ORDERS, where=where.get("order", path))
    mix = Mix(chosen, by_level, splits, "curriculum" if order == "curriculum" else "mixed")
    _check(mix, path)
    return mix


def _family_weights(said: Mapping[str, Any], where: Mapping[str, object]) -> dict[str, float]:
    known = families()
    own = _weights(said.get("families", {}), where.get("families"), "family", known)
    fields = list(dict.fromkeys(each.field for each in known.values()))
    shared = _weights(said.get("fields", {}), where.get("fields"), "field", fields)
    if not own and not shared:
        return dict.fromkeys(known, 1.0)
    weights = dict(own)
    for name, weight in shared.items():
        members = [each.name for each in known.values() if each.field == name and each.name not in own]
        weights |= {member: weight / len(members) for member in members}
    return _some(weights, where.get("families") or where.get("fields"), "family")


def _weights(value: Any, where: object, noun: str, known: Iterable[Any]) -> dict[Any, float]:
    """Weights by name; a list of names stands for equal ones."""
    if isinstance(value, list):
        value = dict.fromkeys(value, 1)
    if not isinstance(value, dict):
        mend = f"write one `{noun}: weight` a line"
        raise UserError(f"expected weights by {noun}, got {value!r}", where=where, mend=mend)
    known = list(known)
    for name, weight in value.items():
        if name not in known:
            raise unknown_name(noun, str(name), map(str, known), where=where)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < float("inf"):
            mend = "write a number from 0 up"
            raise UserError(f"the weight of {noun} '{name}' is {weight!r}", where=where, mend=mend)
    return {name: float(weight) for name, weight in value.items()}


def _some(weights: dict[Any, float], where: object, noun: str) -> dict[Any, float]:
    """The weights; `UserError` when they leave nothing."""
    if not any(weights.values()):
        raise UserError(f"no {noun} has a weight above 0", where=where, mend="give one a weight")
    return weights


def _whole(value: Any, where: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UserError(f"the count is {value!r}", where=where, mend="write a whole number, 1 or more")
    return value


def _splits(value: Any, total: int, split: str, where: object) -> dict[str, int]:
    """How many of each split; shares (of which none is above 1) are of `total`."""
    if value is None:
        return {split: total}
    parts = _some(_weights(value, where, "split", SPLITS), where, "split")
    if max(parts.values()) > 1:
        if not all(number.is_integer() for number in parts.values()):
            what = "the splits are numbers of rows and shares at once"
            raise UserError(what, where=where, mend="write whole numbers, or shares of which none is above 1")
        counts = {name: int(number) for name, number in parts.items()}
    else:
        counts = apportioned(parts, total)
    return {name: number for name, number in counts.items() if number}


def apportioned(weights: Weights, total: int) -> dict[Any, int]:
    """`total` shared out in whole numbers by weight, the largest remainders first (Hamilton's method).

    >>> apportioned({"a": 1, "b": 1, "c": 1}, 100)
    {'a': 34, 'b': 33, 'c': 33}
    """
    whole = sum(weights.values())
    quotas = {name: total * weight / whole for name, weight in weights.items()}
    counts = {name: int(quota) for name, quota in quotas.items()}
    by_remainder = sorted(quotas, key=lambda name: counts[name] - quotas[name])
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


@dataclass
class _Stage:
    """Streams drawn from by their weights until `left` rows are made of them; None is without end."""

    heap: list[tuple[float, int, int]]
    weights: dict[int, float]
    left: int


class Schedule:
    """Which stream the next row is of, as its place in the list of streams, row after row.

    Stride scheduling: row j of a stream of weight w is due at (j + 1/2) / w, and what is due first comes
    first. So every stretch has the proportions of the whole, equal weights take turns, and a stream that is
    dropped leaves the others' order as it was.
    """

    def __init__(self, weights: Sequence[float], stages: Sequence[int], count: int) -> None:
        """`stages[i]` says which stage stream i is drawn in, from 0 up; stages share `count` by weight."""
        sums: dict[int, float] = dict.fromkeys(sorted(set(stages)), 0.0)
        for weight, stage in zip(weights, stages, strict=True):
            sums[stage] += weight
        self._stages = [_Stage([], {}, left) for left in apportioned(sums, count).values()]
        numbers = {stage: number for number, stage in enumerate(sums)}
        for place, (weight, stage) in enumerate(zip(weights, stages, strict=True)):
            mine = self._stages[numbers[stage]]
            mine.weights[place] = weight
            mine.heap.append((0.5 / weight, place, 0))
        for each in self._stages:
            heapq.heapify(each.heap)
        self._owed = 0

    def copy(self) -> Schedule:
        """The same schedule at the same row, to look ahead with."""
        twin = Schedule.__new__(Schedule)
        twin._stages = [_Stage(list(each.heap), dict(each.weights), each.left) for each in self._stages]
        twin._owed = self._owed
        return twin

    def next(self) -> int | None:
        """The place of the stream that the next row is of; None when all rows are made or no stream is left.

        What a stage could not make for want of problems, the next one makes.
        """
        while self._stages:
            stage = self._stages[0]
            if stage.heap and stage.left:
                _, place, row = stage.heap[0]
                heapq.heapreplace(stage.heap, ((row + 1.5) / stage.weights[place], place, row + 1))
                stage.left -= 1
                return place
            self._owed += stage.left
            del self._stages[0]
            if self._stages:
                self._stages[0].left += self._owed
                self._owed = 0
        return None

    @property
    def owed(self) -> int:
        """How many rows no stream was left for."""
        return self._owed

    def drop(self, place: int) -> None:
        """The stream that `next` named last has no row left: it gives its turn back and gets none again."""
        stage = self._stages[0]
        stage.left += 1
        stage.heap = [entry for entry in stage.heap if entry[1] != place]
        heapq.heapify(stage.heap)


def schedule(mix: Mix, count: int) -> Schedule:
    """The schedule of the mix's streams for `count` rows."""
    streams = mix.streams()
    levels = [level for _, level, _ in streams]
    stages = levels if mix.order == "curriculum" else [0] * len(levels)
    return Schedule([weight for _, _, weight in streams], stages, count)
