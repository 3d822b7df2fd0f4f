"""What families are like, measured by drawing and not declared, so that it cannot go out of date.

How many problems there are, how fast they come, and how the levels differ: the length of the worked
solution, the size of the numbers, and how often a model is right.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import mean, median
from typing import Any

from datagen.problems.draws import Draws
from datagen.problems.family import Family, mark_of
from datagen.problems.register import families, find
from datagen.problems.streams import Stream, item_name
from schemas import Row, UserError

_NUMBER = re.compile(r"\d+")
_OUR_ID = re.compile(r"([\w:]+)-(\d)-(?:train|valid|test)-.+")


@dataclass(frozen=True)
class LevelMeasure:
    """What problems of one level are like: means over those drawn, and the median of the largest number."""

    level: int
    question_characters: int
    solution_characters: int
    solution_lines: float
    largest_number: int


def describe(names: Iterable[str] | None = None, draws: int = 100) -> list[dict[str, Any]]:
    """One entry a family: name, field, version, levels, summary, wordings, example, and what was measured.

    `distinct_items` estimates, level by level, how many different problems there are over all splits, from
    `draws` draws each, and is null where these never repeat; `items_per_s` is how many rows of the train
    split a second are made on this machine; `measures` are those of `level_measures`.
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
        "measures": [asdict(measure) for measure in level_measures(family, draws // 5)],
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
    for stream in streams:
        stream.row(0)  # tables that a family makes once are not the price of an item
    started = time.perf_counter()
    for number in range(draws):
        index, turn = divmod(number, len(streams))
        streams[turn].seen.clear()
        streams[turn].row(index)
    return draws / (time.perf_counter() - started)


def level_measures(family: Family, draws: int = 30) -> list[LevelMeasure]:
    """What each level is like, from `draws` problems of it."""
    rng = Draws()
    measures = []
    for level in family.levels:
        questions, solutions, largest = [], [], []
        for index in range(max(1, draws)):
            rng.restart(item_name(family, level, "gallery", 0, index, 0))
            problem = family(rng, level)
            questions.append(len(problem.question))
            solutions.append(problem.solution)
            largest.append(max(map(int, _NUMBER.findall(problem.question)), default=0))
        measures.append(
            LevelMeasure(
                level=level,
                question_characters=round(mean(questions)),
                solution_characters=round(mean(map(len, solutions))),
                solution_lines=round(mean(solution.count("\n") + 1 for solution in solutions), 1),
                largest_number=round(median(largest)),
            )
        )
    return measures


def accuracies(attempts: Iterable[Row]) -> dict[str, dict[int, tuple[int, int]]]:
    """(right, judged) by family and level, from attempt rows at problems of ours.

    An attempt without a reward could not be judged and does not count. Raises `UserError` for an attempt at
    anything else.
    """
    counts: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for row in attempts:
        found = _OUR_ID.fullmatch(str(row["id"]))
        if found is None:
            what = f"'{row['id']}' is the id of no problem of ours"
            raise UserError(what, mend="give attempts at what datagen problems made")
        if row.get("reward") is not None:
            held = counts[found.group(1)][int(found.group(2))]
            held[0] += row["reward"] == 1
            held[1] += 1
    return {
        family: {level: (right, judged) for level, (right, judged) in sorted(levels.items())}
        for family, levels in counts.items()
    }
