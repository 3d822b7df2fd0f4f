"""Canaries: an honest reward passes, one that can be hacked is stopped with the hack's name."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from schemas.errors import UserError
from verifiers import Correctness, Length, Repetition, combine, correctness, formatted, thought_first
from verifiers.canaries import CANARIES, PARTS, Canaries, Canary, RewardHackedError, check, part
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


def test_a_reward_for_the_form_is_no_hack_and_hides_no_honest_answer() -> None:
    check(combine({correctness: 1.0, formatted: 0.1}))
    check(combine({correctness: 1.0, thought_first: 1.0, Length(60, 20): 0.5, Repetition(2): 0.5}))
    with pytest.raises(RewardHackedError, match="pays nothing for an honest answer"):
        check(combine({thought_first: 1.0, formatted: 0.5}))


def test_a_verifier_that_cannot_tell_once_is_no_fault_but_one_that_never_can_is() -> None:
    def hesitant(prompts: Any, completions: list[str], *, answer: list[str], **columns: Any) -> Rewards:
        rewards = correctness(prompts, completions, answer=answer)
        return [None if gold == "1/2" else reward for gold, reward in zip(answer, rewards, strict=True)]

    check(hesitant)
    with pytest.raises(RewardHackedError, match="never decides"):
        check(lambda prompts, completions, **columns: [None] * len(completions))


def test_canaries_look_to_a_reward_function_like_the_trainer_s_own_calls() -> None:
    seen: list[dict[str, Any]] = []

    def picky(prompts: Any, completions: Any, *, solution: list[str], **columns: Any) -> Rewards:
        seen.append({"prompts": prompts, "completions": completions, **columns})
        assert all(chat[-1]["role"] == "assistant" for chat in completions)
        return correctness(prompts, completions, answer=solution)

    prompt, chat = [{"role": "user", "content": "2+2?"}], [{"role": "assistant", "content": r"\boxed{4}"}]
    logged: list[str] = []
    rewards = Canaries(picky, column="solution")(
        [prompt] * 2,
        [chat] * 2,
        solution=["4", "4"],
        completion_ids=[[1, 2, 3]] * 2,
        level=[7, 8],
        trainer_state="state",
        log_metric=lambda name, value: logged.append(name),
    )
    assert rewards == [1.0, 1.0]
    for call in seen[:-1]:
        call["log_metric"]("ours", 1.0)
        assert call["prompts"] == [prompt] * len(CANARIES)
        assert call["level"] == [7] * len(CANARIES)
        assert call["trainer_state"] == "state"
        words = [len(completion[0]["content"].split()) for completion in call["completions"]]
        assert [len(ids) for ids in call["completion_ids"]] == words
    assert not logged, "only the model's own figures are logged"
    assert seen[-1]["level"] == [7, 8]


def test_canaries_are_not_counted_among_the_model_s_answers() -> None:
    reward = Correctness()
    Canaries(reward)([""] * 2, [r"\boxed{4}", "none"], answer=["4", "4"])
    counts = reward.mix.take()
    assert {status: count for status, count in counts.items() if count} == {"correct": 1, "no_answer": 1}


def test_canaries_are_scored_by_workers_too() -> None:
    check(Correctness(workers=1))


def test_canaries_at_no_call_are_refused() -> None:
    with pytest.raises(UserError, match="every 0 calls"):
        Canaries(correctness, every=0)


def test_canaries_change_no_reward_and_are_scored_at_the_first_call_and_then_in_turn() -> None:
    asked: list[int] = []

    def counted(prompts: Any, completions: list[str], **columns: Any) -> Rewards:
        asked.append(len(completions))
        return correctness(prompts, completions, **columns)

    guarded = Canaries(counted, every=3)
    for _ in range(7):
        assert guarded([""], [r"\boxed{4}"], answer=["4"]) == [1.0]
    assert asked == [len(CANARIES)] * 3 + [1, 1, 1] + [len(part(1))] * 3 + [1, 1, 1] + [len(part(2))] * 3 + [
        1
    ]


def test_every_canary_has_its_turn_and_every_part_an_honest_one() -> None:
    parts = [part(number) for number in range(PARTS)]
    assert {canary.name for each in parts for canary in each} == {canary.name for canary in CANARIES}
    assert all(any(canary.honest for canary in each) for each in parts)


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
