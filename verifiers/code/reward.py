"""A reward function in TRL's shape for programs and their tests. None means "skip this sample"."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from schemas.errors import UserError
from verifiers.code.cases import Test, as_tests
from verifiers.code.limits import Limits
from verifiers.code.run import verify_code
from verifiers.reward import Completion, Rewards, completion_text
from verifiers.verdict import Verdict

MAX_WORKERS = 8


@dataclass(frozen=True)
class Passes:
    """1.0 where the program in a completion passes all its tests, 0.0 where not, None where unknown.

    With `share`, the share of tests passed instead, which pays for half-right programs and so for
    guessing what tests look like. `workers` programs run at a time, by default one a processor and at
    most `MAX_WORKERS`. A frozen value, so it pickles and is called from any thread.
    """

    limits: Limits = Limits()  # noqa: RUF009  # frozen
    share: bool = False
    workers: int | None = None

    @property
    def __name__(self) -> str:  # TRL names its metrics after this
        return "passes_share" if self.share else "passes"

    def __call__(
        self,
        prompts: Any,
        completions: Sequence[Completion],
        *,
        tests: Sequence[str | Sequence[Test | Mapping[str, Any]]],
        **columns: Any,
    ) -> Rewards:
        """`tests` is the dataset's column: for each completion a list of tests, or its JSON text.

        Equal completions to one problem are run once. Raises `UserError` when the columns differ in
        length, a test is not understood, or the machine isolates less than the limits ask for.
        """
        if len(completions) != len(tests):
            counts = f"{len(completions)} completions, {len(tests)} lists of tests"
            raise UserError(f"columns of different lengths: {counts}", mend="pass one entry a completion")
        jobs = [
            (completion_text(completion), as_tests(row))
            for completion, row in zip(completions, tests, strict=True)
        ]
        keys = [(text, _key(cases)) for text, cases in jobs]
        distinct = dict(zip(keys, jobs, strict=True))
        with ThreadPoolExecutor(self.workers or _processors()) as pool:
            rewards = pool.map(self._reward, distinct.values())
            known = dict(zip(distinct, rewards, strict=True))
        return [known[key] for key in keys]

    def _reward(self, job: tuple[str, list[Test]]) -> float | None:
        text, cases = job
        verdict = verify_code(text, cases, self.limits, every=self.share)
        return share_passed(verdict) if self.share else verdict.reward


def share_passed(verdict: Verdict) -> float | None:
    """How many of the tests were passed, from 0.0 to 1.0; None where nothing was decided."""
    if verdict.reward is None or verdict.correct:
        return verdict.reward
    witness = verdict.witness or {}
    return witness.get("passed", 0) / witness["tests"] if witness.get("tests") else 0.0


def _key(cases: list[Test]) -> str | int:
    try:
        return repr(cases)
    except ValueError:  # an integer of more digits than Python writes
        return id(cases)


def _processors() -> int:
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(found, MAX_WORKERS)


passes = Passes()
