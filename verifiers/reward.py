"""Reward functions in TRL's shape: `(prompts, completions, **columns) -> list[float | None]`.

Module-level and frozen things only, so they pickle and run in any thread. None means "skip this
sample": the verifier could not tell, and a zero would teach something false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.errors import UserError
from verifiers.answer import AnswerSpec
from verifiers.extract import REWARD, Candidate, extract
from verifiers.judge import verify

#: A completion is its text, or the chat messages the model wrote.
Completion = str | list[dict[str, Any]]
Rewards = list[float | None]
RewardFunction = Callable[..., Rewards]


def completion_text(completion: Completion) -> str:
    """The text of a completion; of a chat, its last message."""
    if isinstance(completion, str):
        return completion
    return str(completion[-1].get("content") or "") if completion else ""


def correctness(
    prompts: Any,
    completions: list[Completion],
    *,
    answer: list[str],
    spec: list[AnswerSpec | Mapping[str, Any] | None] | None = None,
    **columns: Any,
) -> Rewards:
    """1.0 where the boxed answer is right, 0.0 where it is not, None where it could not be told.

    `answer` and `spec` are the dataset's columns, one entry a completion. Equal completions to one
    problem are verified once. Raises `UserError` when the columns differ in length.
    """
    specs = spec if spec is not None else [None] * len(answer)
    if not len(completions) == len(answer) == len(specs):
        counts = f"{len(completions)} completions, {len(answer)} answers, {len(specs)} specs"
        raise UserError(f"columns of different lengths: {counts}", mend="pass one entry a completion")
    known: dict[tuple[str, str, AnswerSpec | None], float | None] = {}
    rewards: Rewards = []
    for completion, gold, row in zip(completions, answer, specs, strict=True):
        key = (completion_text(completion), str(gold), as_spec(row))
        if key not in known:
            known[key] = verify(*key).reward
        rewards.append(known[key])
    return rewards


def as_spec(row: AnswerSpec | Mapping[str, Any] | None) -> AnswerSpec | None:
    """A specification from whatever a dataset's column holds."""
    return row if row is None or isinstance(row, AnswerSpec) else AnswerSpec.from_dict(row)


def formatted(prompts: Any, completions: list[Completion], **columns: Any) -> Rewards:
    """1.0 for a completion that commits to exactly one complete, non-empty box, else 0.0."""
    return [1.0 if _has_one_box(completion_text(completion)) else 0.0 for completion in completions]


def _has_one_box(text: str) -> bool:
    found = extract(text, REWARD)
    return isinstance(found, Candidate) and not found.others


@dataclass(frozen=True)
class Combined:
    """A weighted sum of reward functions, itself a reward function. None from any part is None.

    >>> combine({correctness: 1.0, formatted: 0.1}).__name__
    'correctness+formatted'
    """

    parts: tuple[tuple[RewardFunction, float], ...]

    @property
    def __name__(self) -> str:  # TRL names its metrics after this
        return "+".join(part.__name__ for part, _ in self.parts)

    def __call__(self, prompts: Any, completions: list[Completion], **columns: Any) -> Rewards:
        scores = [(part(prompts, completions, **columns), weight) for part, weight in self.parts]
        return [_weighted([(score[i], weight) for score, weight in scores]) for i in range(len(completions))]


def _weighted(scores: list[tuple[float | None, float]]) -> float | None:
    total = 0.0
    for score, weight in scores:
        if score is None:
            return None
        total += score * weight
    return total


def combine(weights: Mapping[RewardFunction, float]) -> Combined:
    """One reward function out of several, each with its weight."""
    if not weights:
        raise UserError("no reward function to combine", mend="name at least one")
    return Combined(tuple(weights.items()))
