"""The model tries a problem: every answer, with what the verifier found. Who trains on them chooses."""

from __future__ import annotations

import asyncio
from typing import Any

from datagen.engines.engine import Sample
from datagen.problems.render import THINK_CLOSE, THINK_OPEN
from datagen.recipes.shared.sampling import Sampling, finished, origin
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row

UNFINISHED = "unfinished"


async def attempts(problem: Row, team: Team) -> list[Row] | Rejected:
    """`team.options.samples` answers to one problem, each verified against the known one.

    Returns `attempt` rows, one a sample, in the order of the samples; each says how many of the `judged` ones
    `passed`. An answer that was cut off is wrong whatever it says: training on it would teach not to stop.
    """
    sampling: Sampling = team.options
    completion = await team.chat(problem["prompt"], **sampling.fields())
    # On a thread: a verdict that needs sympy may take its time, and the engine must not wait for it.
    verdicts = await asyncio.to_thread(_verdicts, problem, completion.samples)
    rewards = [reward for _, reward in verdicts if reward is not None]
    rate = {"passed": rewards.count(1.0), "judged": len(rewards)}
    return [
        {
            "id": problem["id"],
            "prompt": problem["prompt"],
            "completion": [{"role": "assistant", "content": said(sample)}],
            "answer": problem["answer"],
            "spec": problem["spec"],
            "sample": index,
            "verdict": verdict,
            "reward": reward,
            "meta": {
                **origin(team, sampling),
                "seed": team.seed(index),
                "finish_reason": sample.finish_reason,
                "tokens": sample.token_count,
                **rate,
            },
        }
        for index, (sample, (verdict, reward)) in enumerate(zip(completion.samples, verdicts, strict=True))
    ]


def said(sample: Sample) -> str:
    """All that a model said: what an engine gives apart as its reasoning stands in think tags again."""
    if not sample.reasoning:
        return sample.text
    return f"{THINK_OPEN}\n{sample.reasoning.strip()}\n{THINK_CLOSE}\n\n{sample.text}"


def _verdicts(problem: Row, samples: tuple[Sample, ...]) -> list[tuple[dict[str, Any], float | None]]:
    return [judged(problem, sample) for sample in samples]


def judged(problem: Row, sample: Sample) -> tuple[dict[str, Any], float | None]:
    """The verdict of one answer as the columns `verdict` and `reward`; 0 for one that was cut off."""
    if not finished(sample):
        reason = f"cut off after {sample.token_count} tokens"
        return {"status": "no_answer", "method": UNFINISHED, "reason": reason}, 0.0
    from verifiers import AnswerSpec, verify

    verdict = verify(sample.text, problem["answer"], AnswerSpec.from_dict(problem["spec"]))
    found = {"status": verdict.status, "method": verdict.method, "reason": verdict.reason}
    return found, verdict.reward
