"""Sampling from a model that is being trained, in torch: a batch of prompts in, texts out.

For evaluations between steps and for PPO's rollouts. A finished model is served by `datagen.engines`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finetune.data import Messages, encode_text, padded, render
from schemas import UserError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


WHOLE_DISTRIBUTION = {
    "top_k": 0,
    "top_p": 1.0,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repetition_penalty": 1.0,
    "no_repeat_ngram_size": 0,
}
"""Said in full: what is not said is taken from the habits that a model folder may come with."""


@dataclass(frozen=True)
class Rollouts:
    """Prompts on the left, completions on the right. int64 and bool tensors of shape [batch, length].

    `ids` is [batch, prompt + completion]; `attention` marks what is no padding; `completion_mask` is
    [batch, completion] and marks sampled tokens, the stop token among them; `prompt_length` columns of
    `ids` belong to the prompts.
    """

    ids: Tensor
    attention: Tensor
    completion_mask: Tensor
    prompt_length: int
    texts: list[str]
    stopped: list[bool]


def sample(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Messages],
    *,
    max_tokens: int,
    temperature: float = 1.0,
) -> Rollouts:
    """One completion of each prompt, from the whole distribution; temperature 0 takes the likeliest token.

    Uses torch's global generator (see `own_randomness`).
    """
    import torch

    ids = [encode_text(tokenizer, render(tokenizer, list(prompt), answer_next=True)) for prompt in prompts]
    prompt_ids = padded(ids, tokenizer.pad_token_id, left=True).to(model.device)
    attention = padded([[1] * len(one) for one in ids], 0, left=True).to(model.device)
    greedy = temperature == 0
    with torch.no_grad(), evaluating(model), finite_probabilities(model.name_or_path):
        generate: Any = model.generate
        out = generate(
            input_ids=prompt_ids,
            attention_mask=attention,
            max_new_tokens=max_tokens,
            do_sample=not greedy,
            temperature=1.0 if greedy else temperature,
            **WHOLE_DISTRIBUTION,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            use_cache=True,
        )
    start = prompt_ids.shape[1]
    completion = out[:, start:]
    mask = until_stop(completion, tokenizer.eos_token_id)
    stopped = (completion == tokenizer.eos_token_id).any(dim=1).tolist()
    texts = [
        str(tokenizer.decode(row[keep], skip_special_tokens=True))
        for row, keep in zip(completion, mask, strict=True)
    ]
    return Rollouts(out, torch.cat([attention.bool(), mask], dim=1), mask, start, texts, stopped)


def until_stop(completion: Tensor, stop: int) -> Tensor:
    """bool [batch, length]: True up to the first stop token and on it, False behind it."""
    stops = (completion == stop).long()
    return (stops.cumsum(dim=1) - stops) == 0


@contextmanager
def finite_probabilities(where: object) -> Iterator[None]:
    """Turns torch's refusal to draw from probabilities that are no numbers into a `UserError`."""
    try:
        yield
    except RuntimeError as error:
        if "probability tensor" not in str(error):
            raise
        mend = "lower the learning rate, in another --out, or give a sound model"
        raise UserError("the model's probabilities are not numbers", where=where, mend=mend) from error


@contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """Random numbers of its own for the block; the generator outside goes on as if nothing had been drawn."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """The model in evaluation mode for the block, then as it was."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
