"""Canaries: an honest reward passes, one that can be hacked is stopped with the hack's name."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from verifiers import Correctness, combine, correctness, formatted
from verifiers.canaries import CANARIES, Canaries, Canary, RewardHackedError, check
from verifiers.reward import Rewards


def substring(prompts: Any, completions: list[str], *, answer: list[str], **columns: Any) -> Rewards:
    return [float(gold in text) for gold, text in zip(answer, completions, strict=True)]


def any_box(prompts: Any, completions: list[str], *, answer: list[str], **columns: Any) -> Rewards:
    boxes = [re.findall(r"\\boxed\{([^{}]*)\}", text) for text in completions]
    return [float(gold in found) for gold, found in zip(answer, boxes, strict=True)]


def nothing(prompts: Any, completions: list[str], **columns: Any) -> Rewards:
    return [0.0] * len(completions)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.name)
def test_correctness_pays_exactly_the_honest(canary: Canary) -> None:
    check(correctness, (canary,))


def test_there_are_many_hacks_and_each_has_a_name_of_its_own() -> None:
    assert sum(not canary.honest for canary in CANARIES) >= 60
    assert len({canary.name for canary in CANARIES}) == len(CANARIES)


@pytest.mark.parametrize("reward", [substring, any_box])
def test_a_reward_that_can_be_hacked_is_stopped_with_the_name_of_the_hack(reward: Any) -> None:
    with pytest.raises(RewardHackedError, match="for a known hack") as caught:
        check(reward)
    assert any(canary.name in str(caught.value) for canary in CANARIES if not canary.honest)


def test_a_reward_that_pays_nobody_is_stopped_too() -> None:
    with pytest.raises(RewardHackedError, match="pays nothing for an honest answer"):
        check(nothing)


def test_a_format_reward_beside_correctness_is_no_hack() -> None:
    check(combine({correctness: 1.0, formatted: 0.1}))


def test_canaries_change_no_reward_and_are_scored_at_the_first_call_and_then_in_turn() -> None:
    asked: list[int] = []

    def counted(prompts: Any, completions: list[str], **columns: Any) -> Rewards:
        asked.append(len(completions))
        return correctness(prompts, completions, **columns)

    guarded = Canaries(counted, every=3)
    for _ in range(7):
        assert guarded([""], [r"\boxed{4}"], answer=["4"]) == [1.0]
    share = [len(CANARIES[k::10]) for k in range(10)]
    assert asked == [len(CANARIES)] * 2 + [1, 1, 1] + [share[1]] * 2 + [1, 1, 1] + [share[2]] * 2 + [1]


def test_every_canary_has_its_turn() -> None:
    assert sorted(canary.name for k in range(10) for canary in CANARIES[k::10]) == sorted(
        canary.name for canary in CANARIES
    )


def test_a_verifier_that_goes_wrong_in_the_middle_of_training_is_noticed() -> None:
    broken = False

    def reward(prompts: Any, completions: list[str], *, answer: list[str], **columns: Any) -> Rewards:
        pay = substring if broken else correctness
        return pay(prompts, completions, answer=answer)

    guarded = Canaries(reward, every=2)
    assert guarded([""], [r"\boxed{4}"], answer=["4"]) == [1.0]
    broken = True
    guarded([""], ["4"], answer=["4"])
    with pytest.raises(RewardHackedError):
        [guarded([""], ["4"], answer=["4"]) for _ in range(20)]


def test_canaries_pickle_and_have_the_name_of_what_they_guard() -> None:
    guarded = pickle.loads(pickle.dumps(Canaries(Correctness())))
    assert guarded.__name__ == "correctness"
    assert guarded([""], [r"\boxed{4}"], answer=["4"]) == [1.0]
