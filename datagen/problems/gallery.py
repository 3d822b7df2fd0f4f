"""What each family is like: an example, how many problems it can make, and how fast.

Measured by drawing, not declared, so it cannot go out of date.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from datagen.problems.draws import Draws
from datagen.problems.family import Family, mark_of
from datagen.problems.register import families, find
from datagen.problems.streams import Stream, item_name


def describe(names: Iterable[str] | None = None, draws: int = 200) -> list[dict[str, Any]]:
    """One entry a family: name, field, version, levels, summary, wordings, example, and what was measured.

    `distinct_items` estimates, level by level, how many different problems there are over all splits, from
    `draws` draws each, and is null where these never repeat; `items_per_s` is how many rows of the train
    split a second are made on this machine.
    """
    chosen = families().values() if names is None else [find(name) for name in names]
    return [_described(family, draws) for family in chosen]


def _described(family: Family, draws: int) -> dict[str, Any]:
    first = Stream(family, family.levels[0], "train", 0).row(0)
    return {
        "name": family.name,
        "field": family.field,
        "version": family.version,
        "levels": list(family.levels),
        "summary": family.summary,
        "wordings": len(family.wordings),
        "example": {"question": first["question"], "answer": first["answer"]},
        "distinct_items": {level: distinct_items(family, level, draws) for level in family.levels},
        "items_per_s": round(items_per_s(family, draws)),
    }


def distinct_items(family: Family, level: int, draws: int) -> int | None:
    """A lower bound for the number of different problems, from how often draws repeat each other.

    None when no two draws were the same problem, which says nothing but "many". The bias-corrected
    estimator of Chao (1984): what was seen, plus f1 (f1 - 1) / 2 (f2 + 1) for what was not, where f1
    problems were seen once and f2 twice.
    """
    rng = Draws()
    seen: Counter[int] = Counter()
    for index in range(draws):
        rng.restart(item_name(family, level, "gallery", 0, index, 0))
        seen[mark_of(family(rng, level))] += 1
    if len(seen) == draws:
        return None
    times = Counter(seen.values())
    return len(seen) + times[1] * (times[1] - 1) // (2 * (times[2] + 1))


def items_per_s(family: Family, draws: int) -> float:
    """Rows a second, the levels in turn, repeats allowed so that small levels can be timed too."""
    streams = [Stream(family, level, "train", 0) for level in family.levels]
    started = time.perf_counter()
    for number in range(draws):
        index, turn = divmod(number, len(streams))
        streams[turn].seen.clear()
        streams[turn].row(index)
    return draws / (time.perf_counter() - started)
