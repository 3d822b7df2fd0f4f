"""Reward functions in TRL's shape: `(prompts, completions, **columns) -> list[float | None]`.

Module-level and frozen things only, so they pickle and run in any thread. None means "skip this
sample": the verifier could not tell, and a zero would teach something false.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import UserError
from verifiers.answer import AnswerSpec
from verifiers.columns import Completion, answer_text, as_spec, completion_text
from verifiers.extract import REWARD, Candidate, Policy, extract
from verifiers.judge import verify
from verifiers.pool import Pool
from verifiers.processes import renew_in_forks
from verifiers.verdict import STATUSES, Verdict

Rewards = list[float | None]
RewardFunction = Callable[..., Rewards]

_COUNTING: ContextVar[bool] = ContextVar("_COUNTING", default=True)


@contextmanager
def uncounted() -> Iterator[None]:
    """What is judged in here is not the model's, and no `StatusMix` counts it."""
    token = _COUNTING.set(False)
    try:
        yield
    finally:
        _COUNTING.reset(token)


class StatusMix:
    """How often each status was given: a rising share of `ambiguous` is the first sign of hacking.

    Thread-safe. A copy in another process counts for itself, and a pickled one starts from nothing.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.after_fork()
        renew_in_forks(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def add(self, verdicts: list[Verdict]) -> None:
        if _COUNTING.get():
            with self._lock:
                self._counts.update(verdict.status for verdict in verdicts)

    def take(self) -> dict[str, int]:
        """The counts since the last call, every status named."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return {status: counts[status] for status in STATUSES}

    def __reduce__(self) -> tuple[type[StatusMix], tuple[()]]:
        return StatusMix, ()


class _Pools:
    """One pool a setting in each process, made when it is first asked for."""

    def __init__(self) -> None:
        self._pools: dict[tuple[int, float, Policy], Pool] = {}
        self.after_fork()
        renew_in_forks(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def get(self, workers: int, deadline_s: float, policy: Policy) -> Pool:
        with self._lock:
            key = (workers, deadline_s, policy)
            if key not in self._pools:
                self._pools[key] = Pool(workers, deadline_s=deadline_s, policy=policy)
            return self._pools[key]


_POOLS = _Pools()


@dataclass(frozen=True)
class Correctness:
    """1.0 where the final answer is right, 0.0 where it is not, None where it could not be told.

    With `workers` answers are judged in a `Pool` that stops whatever takes longer than `deadline_s`;
    without, in the caller's own process, whose stages are bounded by construction. `mix` counts the
    statuses given; where the trainer offers TRL's `log_metric`, their shares are logged as
    `verdicts/<status>`.
    """

    policy: Policy = REWARD
    workers: int = 0
    deadline_s: float = 0.25
    mix: StatusMix = field(default_factory=StatusMix, compare=False)

    @property
    def __name__(self) -> str:  # TRL names its metrics after this
        return "correctness"

    def __call__(
        self,
        prompts: Any,
        completions: list[Completion],
        *,
        answer: list[Any],
        spec: list[AnswerSpec | Mapping[str, Any] | None] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        **columns: Any,
    ) -> Rewards:
        """`answer` and `spec` are the dataset's columns, one entry a completion.

        An answer is text, or what `columns.answer_text` makes text of; None is skipped. Equal completions
        to one problem are verified once. Raises `UserError` when the columns differ in length.
        """
        specs = spec if spec is not None else [None] * len(answer)
        if not len(completions) == len(answer) == len(specs):
            lengths = f"{len(completions)} completions, {len(answer)} answers, {len(specs)} specs"
            raise UserError(f"columns of different lengths: {lengths}", mend="pass one entry a completion")
        items = [
            (completion_text(completion), answer_text(gold), as_spec(row))
            for completion, gold, row in zip(completions, answer, specs, strict=True)
        ]
        verdicts = self._judged(items)
        self.mix.add(verdicts)
        if log_metric is not None and verdicts:
            counts: Counter[str] = Counter(verdict.status for verdict in verdicts)
            for status in STATUSES:
                log_metric(f"verdicts/{status}", counts[status] / len(verdicts))
        return [verdict.reward for verdict in verdicts]

    def _judged(self, items: list[tuple[str, str, AnswerSpec | None]]) -> list[Verdict]:
        if self.workers:
            return _POOLS.get(self.workers, self.deadline_s, self.policy).verify_many(items)
        known: dict[tuple[str, str, AnswerSpec | None], Verdict] = {}
        for item in items:
            if item not in known:
                known[item] = verify(*item, self.policy)
        return [known[item] for item in items]


#: The reward for being right, in the caller's own process.
correctness = Correctness()


def formatted(prompts: Any, completions: list[Completion], **columns: Any) -> Rewards:
    """1.0 for a completion that commits to exactly one complete, non-empty box, else 0.0."""
    return [1.0 if _has_one_box(completion_text(completion)) else 0.0 for completion in completions]


def _has_one_box(text: str) -> bool:
    found = extract(text, REWARD)
    return isinstance(found, Candidate) and found.source == "boxed" and not found.others


@dataclass(frozen=True)
class ThoughtFirst:
    """1.0 for one non-empty `<think>...</think>` with the answer after it, and no other think tag, else 0.0.

    `opened` is for chat templates that open the thought in the prompt: then only `</think>` is written.
    Nothing in the thought is rewarded: `Correctness` reads what comes after it.
    """

    opened: bool = False

    @property
    def __name__(self) -> str:
        return "thought_first"

    def __call__(self, prompts: Any, completions: list[Completion], **columns: Any) -> Rewards:
        return [float(self._holds(completion_text(completion))) for completion in completions]

    def _holds(self, text: str) -> bool:
        start = "" if self.opened else "<think>"
        text = text.strip()
        thought, _, answer = text[len(start) :].partition("</think>")
        rest = thought + " " + answer
        return (
            text.startswith(start)
            and not ("<think>" in rest or "</think>" in rest)
            and bool(thought.strip())
            and bool(answer.strip())
        )


#: The form most reasoning models are trained to.
thought_first = ThoughtFirst()


@dataclass(frozen=True)
class Length:
    """0 up to `limit - buffer` tokens, falling to -1 at `limit` and beyond.

    Source: Yu et al. 2025, "DAPO" (arXiv:2503.14476), equation 13, soft overlong punishment. Lengths are
    those of TRL's `completion_ids` column where it is given, else words. Raises `UserError` for a buffer
    that is not within the limit.
    """

    limit: int
    buffer: int

    def __post_init__(self) -> None:
        if not 0 < self.buffer <= self.limit:
            raise UserError(
                f"a limit of {self.limit} and a buffer of {self.buffer}", mend="use 0 < buffer <= limit"
            )

    @property
    def __name__(self) -> str:
        return "length"

    def __call__(
        self,
        prompts: Any,
        completions: list[Completion],
        *,
        completion_ids: list[list[int]] | None = None,
        **columns: Any,
    ) -> Rewards:
        if completion_ids is not None:
            lengths = list(map(len, completion_ids))
        else:
            lengths = [len(completion_text(completion).split()) for completion in completions]
        return [self._penalty(length) for length in lengths]

    def _penalty(self, length: int) -> float:
        return -min(max((length - (self.limit - self.buffer)) / self.buffer, 0.0), 1.0)


@dataclass(frozen=True)
class Repetition:
    """Minus the share of a completion's n-grams of words that occurred before in it: 0 to nearly -1.

    Words are what spaces separate. Raises `UserError` for an `n` below 1.
    Source: Yeo et al. 2025, "Demystifying Long Chain-of-Thought Reasoning" (arXiv:2502.03373).
    """

    n: int = 4

    def __post_init__(self) -> None:
        if self.n < 1:
            raise UserError(f"n-grams of {self.n} words", mend="use 1 or more")

    @property
    def __name__(self) -> str:
        return "repetition"

    def __call__(self, prompts: Any, completions: list[Completion], **columns: Any) -> Rewards:
        return [self._penalty(completion_text(completion).split()) for completion in completions]

    def _penalty(self, words: list[str]) -> float:
        grams = [tuple(words[start : start + self.n]) for start in range(len(words) - self.n + 1)]
        return len(set(grams)) / len(grams) - 1.0 if grams else 0.0


@dataclass(frozen=True)
class Combined:
    """A weighted sum of reward functions, itself a reward function. None from any part is None.

    >>> combine({correctness: 1.0, formatted: 0.1}).__name__
    'correctness+formatted'
    """

    parts: tuple[tuple[RewardFunction, float], ...]

    @property
    def __name__(self) -> str:
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
