"""The frozen suite: the same held-out text, problems and questions asked of every rung of a ladder.

Answers come from the GGUF file through llama.cpp, so that what is measured is what ships; bits per byte and
divergence come from the model folder in torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.engines import Request, Sample, generate_all, open_engine
from datagen.recipes.shared.rules import shows_steps_and_closes
from finetune.data import Messages, encode_text, padded, render
from finetune.evaluate import bits_per_byte, score, wilson_interval
from finetune.losses import token_log_probs
from finetune.model import load_model, load_tokenizer
from schemas import Row
from verifiers import AnswerSpec, verify

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 64


@dataclass(frozen=True)
class Suite:
    """What is asked. `problems` are answered once each at temperature 1, `questions` greedily."""

    texts: list[str]
    problems: list[Row]
    questions: list[Row]
    max_tokens: int
    seed: int


def measure(
    suite: Suite, model: Path, gguf: Path, started_from: Path | None, *, chats: bool
) -> dict[str, Any]:
    """All figures of one rung that the suite has. One that never learned to chat is given plain questions."""
    responses = ask(suite, gguf, suite.problems, temperature=1.0)
    stopped = [response.finish_reason == "stop" for response in responses]
    rates = score([response.text for response in responses], stopped, suite.problems)
    low, high = wilson_interval(rates["accuracy"], len(responses))
    return {
        "bits_per_byte": round(_bits_per_byte(suite, model), 4),
        **{name: round(rate, 4) for name, rate in rates.items()},
        "accuracy_ci": [round(low, 4), round(high, 4)],
        "accuracy_count": len(responses),
        "kl": None if started_from is None else round(divergence(suite, model, started_from, responses), 4),
        "answers": answers(suite, gguf) if chats else continuations(suite, gguf, load_tokenizer(model)),
    }


def ask(suite: Suite, gguf: Path, rows: Sequence[Row], *, temperature: float) -> list[Sample]:
    """One answer to each row's prompt, from the file as it will be served."""
    requests = [
        Request(
            messages=tuple(row["prompt"]),
            max_tokens=suite.max_tokens,
            temperature=temperature,
            seed=suite.seed + index,
        )
        for index, row in enumerate(rows)
    ]
    with open_engine(f"llama:{gguf}", in_process=True) as engine:
        return [completion.samples[0] for completion in generate_all(engine, requests)]


def answers(suite: Suite, gguf: Path) -> list[dict[str, Any]]:
    """The likeliest answer to each question, with a verdict where there is a true answer."""
    asked = zip(suite.questions, ask(suite, gguf, suite.questions, temperature=0.0), strict=True)
    return [
        {
            "question": row["question"],
            "answer": response.text,
            "verdict": _verdict(response, row),
            "preferred": response.finish_reason == "stop" and shows_steps_and_closes(response.text),
        }
        for row, response in asked
    ]


def continuations(suite: Suite, gguf: Path, tokenizer: Any) -> list[dict[str, Any]]:
    """How a model that does not chat goes on after each question, at temperature 1."""
    start = tokenizer.bos_token or ""
    requests = [
        Request(prompt=start + row["question"], max_tokens=suite.max_tokens // 2, seed=suite.seed)
        for row in suite.questions
    ]
    with open_engine(f"llama:{gguf}", in_process=True) as engine:
        texts = [completion.text for completion in generate_all(engine, requests)]
    return [
        {"question": row["question"], "answer": text, "verdict": None, "preferred": None}
        for row, text in zip(suite.questions, texts, strict=True)
    ]


def _verdict(response: Sample, row: Row) -> str | None:
    if "answer" not in row:
        return None
    if response.finish_reason != "stop":
        return "no_answer"
    return verify(response.text, row["answer"], AnswerSpec.from_dict(row["spec"])).status


def _bits_per_byte(suite: Suite, model: Path) -> float:
    return bits_per_byte(load_model(model), load_tokenizer(model), suite.texts)


def divergence(suite: Suite, folder: Path, reference: Path, responses: Sequence[Sample]) -> float:
    """KL(model || reference) in nats a response: the mean log-ratio over the model's own responses.

    The plain estimator: one that is never negative weighs a single unlucky token by its likelihood ratio.
    """
    import torch

    tokenizer = load_tokenizer(folder)
    policy, start = load_model(folder), load_model(reference)
    prompts = [_prompt_ids(tokenizer, row["prompt"]) for row in suite.problems]
    total = 0.0
    with torch.no_grad():
        for begin in range(0, len(prompts), BATCH):
            pairs = list(zip(prompts, responses, strict=True))[begin : begin + BATCH]
            ids = padded([[*prompt, *response.tokens] for prompt, response in pairs], tokenizer.pad_token_id)
            mask = _completion_mask(
                [len(p) for p, _ in pairs], [len(r.tokens) for _, r in pairs], ids.shape[1]
            )
            now, before = (
                token_log_probs(m(input_ids=ids).logits[:, :-1], ids[:, 1:]) for m in (policy, start)
            )
            total += ((now - before) * mask).sum().item()
    return total / len(prompts)


def _prompt_ids(tokenizer: Any, prompt: Messages) -> list[int]:
    return encode_text(tokenizer, render(tokenizer, prompt, answer_next=True))


def _completion_mask(prompts: Sequence[int], completions: Sequence[int], length: int) -> Tensor:
    """bool [batch, length - 1]: True where the token to be predicted belongs to the completion."""
    import torch

    position = torch.arange(1, length).unsqueeze(0)
    start = torch.tensor(prompts).unsqueeze(1)
    return (position >= start) & (position < start + torch.tensor(completions).unsqueeze(1))
