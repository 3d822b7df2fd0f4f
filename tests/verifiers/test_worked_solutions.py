"""Worked solutions in GSM8K's manner: each verifies against its own answer and no other number.

With the real training set in `GSM8K_TRAIN` (JSON Lines with `answer`), all of it; else a few made alike.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from verifiers import LENIENT, AnswerSpec, verify

MADE = [
    "Half of 48 is 48/2 = <<48/2=24>>24 clips.\nTogether 48+24 = <<48+24=72>>72 clips.\n#### 72",
    "An hour is $12, so $12/60 = $<<12/60=0.2>>0.2 a minute.\nThat is 0.2*50 = $<<0.2*50=10>>10.\n#### 10",
    "The school has 1,200 pupils, and 5% of them are <<1200*.05=60>>60.\n#### 1,140",
    "It got colder: 3 - 8 = <<3-8=-5>>-5 degrees.\n#### -5",
    "A third of 10.5 is <<10.5/3=3.5>>3.5\n#### 3.5",
]


def solutions() -> list[str]:
    file = os.environ.get("GSM8K_TRAIN")
    if not file:
        return MADE
    return [json.loads(line)["answer"] for line in Path(file).read_text(encoding="utf-8").splitlines()]


def wrong_numbers(gold: str) -> list[str]:
    value = Decimal(gold.replace(",", ""))
    others = (value + 1, value - 1, value * 10, value * 100, value / 2, -value, value + Decimal("0.01"))
    return [f"{other:f}" for other in others if other != value]


@pytest.mark.parametrize("kind", [None, "rational"])
def test_every_solution_is_right_and_none_with_another_number_in_its_place(kind: str | None) -> None:
    spec = AnswerSpec(kind) if kind else None
    for solution in solutions():
        worked, _, gold = solution.rpartition("#### ")
        for policy in (LENIENT, None):
            arguments = (spec, policy) if policy else (spec,)
            assert verify(solution, gold, *arguments).correct, solution
            assert verify(solution, solution, *arguments).correct, solution
            for wrong in wrong_numbers(gold):
                verdict = verify(f"{worked}#### {wrong}", gold, *arguments)
                assert verdict.reward == 0.0, (gold, wrong)
