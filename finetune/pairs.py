"""Preference rows as token ids, for the two stages that train on pairs. Knows nothing of trainers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.data import Messages, encode_text, load_rows, render
from schemas import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class EncodedPair:
    """A prompt and its two completions, each completion ending in the stop token."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


def encoded_pairs(
    tokenizer: PreTrainedTokenizerBase, paths: tuple[Path, ...], stage: str, max_length: int, on_too_long: str
) -> list[EncodedPair]:
    """All pairs of the files. Raises `UserError` when one is too long and may not be dropped."""
    pairs = [_encoded(tokenizer, row) for row in load_rows(paths, "preference", stage)]
    where = ", ".join(map(str, paths))
    fit = [p for p in pairs if len(p.prompt) + max(len(p.chosen), len(p.rejected)) <= max_length]
    if len(fit) < len(pairs) and (on_too_long == "fail" or not fit):
        what = f"{len(pairs) - len(fit)} of {len(pairs)} pairs are over {max_length} tokens"
        raise UserError(what, where=where, mend="raise --max-length, or --on-too-long drop")
    return fit


def _encoded(tokenizer: PreTrainedTokenizerBase, row: dict[str, Messages]) -> EncodedPair:
    prompt, chosen = completion_ids(tokenizer, row["prompt"], row["chosen"])
    return EncodedPair(prompt, chosen, completion_ids(tokenizer, row["prompt"], row["rejected"])[1])


def completion_ids(
    tokenizer: PreTrainedTokenizerBase, prompt: Messages, answer: Messages
) -> tuple[list[int], list[int]]:
    """The token ids of a prompt, and those of an answer to it up to and with the stop token."""
    asked = render(tokenizer, prompt, answer_next=True)
    return encode_text(tokenizer, asked), _completion(tokenizer, asked, prompt + answer)


def _completion(tokenizer: PreTrainedTokenizerBase, prompt: str, messages: Messages) -> list[int]:
    """What follows the prompt, up to and with the first stop token: nothing behind it is ever sampled."""
    text = render(tokenizer, messages)
    if not text.startswith(prompt):
        raise UserError(
            "the chat template renders a prompt differently once it is answered", where=tokenizer.name_or_path
        )
    ids = encode_text(tokenizer, text.removeprefix(prompt))
    stop = tokenizer.eos_token_id
    if stop not in ids:
        mend = "set eos_token to the token that ends a turn"
        raise UserError(
            "the chat template ends a turn without the stop token", where=tokenizer.name_or_path, mend=mend
        )
    return ids[: ids.index(stop) + 1]
