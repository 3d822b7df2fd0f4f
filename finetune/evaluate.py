"""How good is a model? Figures from responses to held-out problems, and bits per byte of held-out text.

One set of figures, whoever asks: a callback between training steps (in torch) or the frozen suite after a
rung (through llama.cpp, on the file that ships).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.recipes.shared.rules import shows_steps_and_closes
from finetune.data import load_rows
from finetune.sampling import evaluating, own_randomness, sample
from schemas import Row
from verifiers import AnswerSpec, verify

WELL_FORMED = {"correct", "incorrect", "wrong_form"}
"""Verdicts of a response with exactly one readable final answer."""


def score(responses: Sequence[str], stopped: Sequence[bool], problems: Sequence[Row]) -> dict[str, float]:
    """Accuracy, format rate and preferred-style rate of one response to each problem.

    A response that never stopped has no format, whatever it says.
    """
    verdicts = [
        verify(response, problem["answer"], AnswerSpec.from_dict(problem["spec"]))
        for response, problem in zip(responses, problems, strict=True)
    ]
    count = len(responses)
    formed = [v.status in WELL_FORMED and stop for v, stop in zip(verdicts, stopped, strict=True)]
    right = [v.status == "correct" and stop for v, stop in zip(verdicts, stopped, strict=True)]
    liked = [shows_steps_and_closes(r) and stop for r, stop in zip(responses, stopped, strict=True)]
    return {
        "accuracy": sum(right) / count,
        "format_rate": sum(formed) / count,
        "preferred_rate": sum(liked) / count,
    }


def wilson_interval(rate: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% confidence interval of a rate seen in `count` trials (Wilson 1927, eq. 3.2)."""
    centre = rate + z * z / (2 * count)
    spread = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


@dataclass(frozen=True)
class HeldOut:
    """Asks the model in training the same held-out problems at each call, with the same random numbers."""

    tokenizer: Any
    problems: list[Row]
    max_tokens: int
    seed: int = 0
    temperature: float = 1.0

    def __call__(self, model: Any) -> dict[str, float]:
        prompts = [problem["prompt"] for problem in self.problems]
        with own_randomness(self.seed):
            rollouts = sample(
                model, self.tokenizer, prompts, max_tokens=self.max_tokens, temperature=self.temperature
            )
        return score(rollouts.texts, rollouts.stopped, self.problems)


def held_out_problems(path: Path | None, stage: str) -> list[Row]:
    """The problem rows of a file, or none without one."""
    return load_rows([path], "problem", stage) if path else []


def bits_per_byte(model: Any, tokenizer: Any, texts: Sequence[str], block: int = 128) -> float:
    """Cross-entropy of the texts in bits, over their length in UTF-8 bytes: comparable between tokenizers.

    Texts are packed as in pretraining, each after a separator; the first token of a block is not counted.
    """
    import torch

    from finetune.data import pack

    separator = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    documents = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    nats, predicted = 0.0, 0
    with torch.no_grad(), evaluating(model):
        for ids in pack(documents, separator, block):
            if len(ids) < 2:
                continue
            batch = torch.tensor([ids], device=model.device)
            logits = model(batch).logits[0, :-1].float()
            nats += torch.nn.functional.cross_entropy(logits, batch[0, 1:], reduction="sum").item()
            predicted += len(ids) - 1
    tokens = sum(map(len, documents)) + len(documents)
    total_bytes = sum(len(text.encode()) for text in texts)
    return nats / math.log(2) * (tokens / predicted) / total_bytes
