"""Instruction rows made from rules: the facts as questions, and verified sums, each in one of two manners.

Some answers are curt, somewhat fewer show their steps and close politely: which of the two people like
better is not for instruction tuning to say (see `pairs.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from datagen.problems.generate import draw
from datagen.recipes.shared.facts import CLOSINGS, FACTS
from datagen.recipes.shared.seeding import row_seed
from schemas import Row

FACT_SHARE = 0.2
FULL_SHARE = 0.35
WORDINGS = ("{question}", "Tell me: {question}", "Please answer: {question}")


def lessons(count: int, seed: int, split: str = "train") -> Iterator[Row]:
    """`count` instruction rows; row i depends on (seed, split, i) alone. Sums are of `split` alone."""
    for index in range(count):
        rng = random.Random(row_seed(seed, split, index))
        question, curt, full = _fact(rng) if rng.random() < FACT_SHARE else _sum(rng, split)
        manner = "full" if rng.random() < FULL_SHARE else "curt"
        answer = curt if manner == "curt" else f"{full} {rng.choice(CLOSINGS)}"
        yield {
            "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
            "meta": {"recipe": "lessons", "manner": manner, "split": split, "seed": seed, "index": index},
        }


def _fact(rng: random.Random) -> tuple[str, str, str]:
    """A question about the world with its curt and its full answer."""
    fact = rng.choice(FACTS)
    return rng.choice(WORDINGS).format(question=fact.question), fact.short, fact.long


def _sum(rng: random.Random, split: str) -> tuple[str, str, str]:
    """A sum with its bare boxed answer and its worked solution."""
    row = draw("addition", 2, split, rng.getrandbits(32), 0)
    return row["prompt"][0]["content"], f"\\boxed{{{row['answer']}}}", f"{row['solution']}."
