"""Faults planted into anybody's preference rows: does the audit find them, and what did it say before?

Each fault is planted alone, into a copy of the rows: pairs swapped beside their originals, pairs whose choice
their scores contradict, answers made longer on one side, equal answers, rows said twice. Printed are the
figure before and after, how many of the planted rows it names or counts, and whether its limit is broken.
Asserts nothing.

    python benchmarks/planted_pairs.py pairs.jsonl
    python benchmarks/planted_pairs.py --made 400          pairs made from lessons instead of a file
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from datagen.audit.audit import Audit, audit  # noqa: E402
from datagen.audit.limits import Limits  # noqa: E402
from datagen.audit.source import Source  # noqa: E402
from datagen.recipes.lessons import lessons  # noqa: E402
from schemas import Row, read_rows  # noqa: E402

FILLER = " and so on, as was said before, and as will be said again when it is asked for once more"
Plant = Callable[[list[Row], int, random.Random], int]
"""Plants about so many faults, and says how many rows the audit should then count."""


def swapped(rows: list[Row], count: int, rng: random.Random) -> int:
    for row in rng.sample(rows, count):
        rows.append({**row, "chosen": row["rejected"], "rejected": row["chosen"], "meta": {}})
    return 2 * count


def contradicted(rows: list[Row], count: int, rng: random.Random) -> int:
    for row in rng.sample(rows, count):
        row["meta"] = {**row.get("meta", {}), "scores": [1.0, 4.0]}
    return count


def longer(rows: list[Row], count: int, rng: random.Random) -> int:
    for row in rng.sample(rows, count):
        row["chosen"] = [
            {**row["chosen"][-1], "content": f"{row['chosen'][-1]['content']} {' '.join(FILLER)}"}
        ]
    return count


def identical(rows: list[Row], count: int, rng: random.Random) -> int:
    for row in rng.sample(rows, count):
        row["rejected"] = [{**turn, "content": turn["content"].upper()} for turn in row["chosen"]]
    return count


def said_twice(rows: list[Row], count: int, rng: random.Random) -> int:
    rows += [copy.deepcopy(row) for row in rng.sample(rows, count)]
    return count


FAULTS: dict[str, tuple[Plant, str, float]] = {
    "swapped beside the original": (swapped, "swapped", 0.05),
    "contradicted by its scores": (contradicted, "swapped", 0.05),
    "the chosen answer made longer": (longer, "length_auc", 0.7),
    "answers equal but for case": (identical, "identical", 0.05),
    "rows said twice": (said_twice, "duplicate_rows", 0.1),
}
"""What is planted, the figure that should tell, and the share of rows it is planted into."""


def made(count: int, rng: random.Random) -> list[Row]:
    """Pairs without a fault: answers to lessons, and the same with a word turned round."""
    found: dict[str, Row] = {}
    for row in lessons(count * 4, 0):
        asked, answered = row["messages"]
        # Two questions in one: lessons repeat themselves, and pairs should not.
        asked = {**asked, "content": f"{asked['content']} ({rng.randrange(10**6)})"}
        spoilt = answered["content"].split()
        place = rng.randrange(len(spoilt))
        spoilt[place] = spoilt[place][::-1]  # as long as before
        sides = [answered["content"], " ".join(spoilt)]
        if sides[0] != sides[1]:
            pair = [[{"role": "assistant", "content": text}] for text in sides]
            row = {"prompt": [asked], "chosen": pair[0], "rejected": pair[1], "meta": {}}
            found.setdefault(asked["content"], row)
    return list(found.values())[:count]


def audited(rows: list[Row]) -> Audit:
    return audit(
        Source(Path("pairs.jsonl"), "preference", rows, list(range(1, len(rows) + 1)), None), Limits()
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="?", type=Path, help="preference rows; without them some are made")
    parser.add_argument("--made", type=int, default=400, help="pairs to make where no file is given")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    rows = list(read_rows(given.rows)) if given.rows else made(given.made, rng)
    before = {figure.name: figure for figure in audited(rows).figures}
    broken = [breach.figure.name for breach in audited(rows).breaches]
    print(
        f"{len(rows):,} pairs; beyond their limits before anything is planted: {', '.join(broken) or 'none'}"
    )
    print(f"{'planted':32} {'rows':>5}  {'figure':15} {'before':>7} {'after':>7}           counted  limit")
    for name, (plant, told, share) in FAULTS.items():
        tried = copy.deepcopy(rows)
        count = plant(tried, max(1, int(share * len(rows))), random.Random(given.seed))
        after = audited(tried)
        figure = {one.name: one for one in after.figures}[told]
        counted = "" if told == "length_auc" else f"{figure.value * len(tried):.0f}"
        is_broken = told in {breach.figure.name for breach in after.breaches}
        earlier = before[told].value if told in before else 0.0
        print(
            f"{name:32} {count:>5}  {told:15} {earlier:>7.3f} {figure.value:>7.3f}  {counted:>16}  "
            f"{'broken' if is_broken else 'kept'}"
        )


if __name__ == "__main__":
    main()
