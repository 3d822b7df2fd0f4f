"""What GRPO pays for: what stopped and is right, judged by a verifier held against known hacks."""

from __future__ import annotations

from typing import Any

import pytest

from finetune.grpo import GrpoSettings, verified
from verifiers import Canaries, RewardHackedError, correctness

ROWS = [{"answer": "4", "spec": {"kind": "integer"}}, {"answer": "5", "spec": {"kind": "integer"}}]
STOP = 2


def paid(judge: Any) -> list[float | None]:
    reward = verified(ROWS, STOP, judge)
    texts = [r"\boxed{4}", r"\boxed{4}", r"\boxed{5}", "4"]
    ids = [[7, STOP], [7, STOP], [7, 8], [7, STOP]]
    return reward([""] * 4, texts, row=[0, 1, 1, 0], completion_ids=ids)


def test_right_answers_that_stop_are_paid_with_canaries_and_without() -> None:
    assert paid(correctness) == [1.0, 0.0, 0.0, 0.0]
    assert paid(Canaries(correctness, every=1)) == [1.0, 0.0, 0.0, 0.0]


def test_a_verifier_that_pays_for_a_known_hack_ends_the_run_with_its_name() -> None:
    def contains(prompts: Any, completions: list[str], *, answer: list[str], **_: Any) -> list[float | None]:
        return [float(gold in text) for gold, text in zip(answer, completions, strict=True)]

    with pytest.raises(RewardHackedError, match="known hack"):
        paid(Canaries(contains))


def test_canaries_are_on_unless_turned_off() -> None:
    default = {field.name: field.default for field in GrpoSettings.__dataclass_fields__.values()}
    assert default["canaries"] == 50
