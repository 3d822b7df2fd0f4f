"""Rows of problems from families, levels, a split and a seed: the same arguments give the same rows.

In this process and one after the other; `produce.py` makes many, in several processes, and goes on after a
kill. Both draw from the same streams in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datagen.problems.family import Family
from datagen.problems.mix import Mix, Schedule, even_mix, schedule
from datagen.problems.register import find
from datagen.problems.seen import Seen
from datagen.problems.streams import ExhaustedError, Stream
from schemas import Row


def draw(family: Family | str, level: int, split: str, seed: int, index: int) -> Row:
    """One problem row by itself, as `generate` makes it unless an earlier row was the same problem."""
    name = family.name if isinstance(family, Family) else family
    (stream,) = streams_of(even_mix([name], [level], {split: 1}), split, seed)
    return stream.row(index)


def generate(
    names: Iterable[str], levels: Iterable[int], count: int, seed: int = 0, split: str = "train"
) -> Turns:
    """`count` problem rows, taking turns over families and levels, no problem twice.

    A family that has no further distinct problem at a level in this split is left out from there on.
    Raises `UserError` at once for an unknown family, level or split, and, on reaching it, when none of
    them has a further problem.
    """
    mix = even_mix(names, levels, {split: count})
    return Turns(streams_of(mix, split, seed), schedule(mix, count))


def streams_of(mix: Mix, split: str, seed: int, *, remember: bool = True) -> list[Stream]:
    """The streams of a mix in one split, each with room to remember its share if it is to `remember` any."""
    weighted = mix.streams()
    total = sum(weight for *_, weight in weighted)
    count = mix.splits[split] if remember else 0
    return [
        Stream(find(name), level, split, seed, Seen(int(count * weight / total)))
        for name, level, weight in weighted
    ]


class Turns(Iterator[Row]):
    """An iterator over rows in the order of a schedule; `dry` are the streams that had none left."""

    def __init__(self, streams: list[Stream], order: Schedule) -> None:
        self.streams, self.order = streams, order
        self.dry: list[Stream] = []
        self.made = 0

    def __next__(self) -> Row:
        while (place := self.order.next()) is not None:
            stream = self.streams[place]
            try:
                row = stream.row(stream.next)
            except ExhaustedError:
                self.order.drop(place)
                self.dry.append(stream)
                continue
            self.made += 1
            return row
        if self.order.owed:
            raise all_dry(self.streams, self.made, self.made + self.order.owed)
        raise StopIteration


def all_dry(streams: list[Stream], made: int, count: int) -> ExhaustedError:
    """To be raised when no stream has a problem left."""
    names = ", ".join(dict.fromkeys(stream.family.name for stream in streams))
    levels = ", ".join(map(str, dict.fromkeys(stream.level for stream in streams)))
    chosen = f"{names} at level {levels}, {streams[0].split}"
    return ExhaustedError(
        f"there are only {made:,} of the {count:,} problems wanted ({chosen})",
        mend=f"ask for a count of {made}, or add levels or families",
    )
