"""Rows into token ids and labels: what is read, what is trained on, what does not fit.

The loss mask is found in the rendered chat itself, so it works for any chat template and needs no
`{% generation %}` marks in it. Knows nothing of models or trainers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import Row, UserError
from schemas.check import check_row, kind_of
from schemas.rows import numbered_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Messages = list[dict[str, str]]

IGNORED = -100
"""The label PyTorch's cross-entropy leaves out of the loss."""


@dataclass(frozen=True)
class Encoded:
    """One sequence: token ids, and for each the id to be learned there or `IGNORED`; of equal length."""

    input_ids: list[int]
    labels: list[int]

    @property
    def trained(self) -> int:
        """How many tokens the loss is taken over."""
        return sum(label != IGNORED for label in self.labels)


def load_rows(paths: Iterable[Path], kinds: str | tuple[str, ...], stage: str) -> list[Row]:
    """All rows of the files, each checked to be a valid row of one of `kinds`.

    Raises `UserError` naming file and line of the first row that is not, or when there are no rows.
    """
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    wanted = " or ".join(kinds)
    rows: list[Row] = []
    for path in paths:
        if not path.is_file():
            raise UserError("no such file", where=path, mend="check the path")
        before = len(rows)
        for line, row in numbered_rows(path):
            found = kind_of(row)
            if found not in kinds:
                what = f"{stage} needs {wanted} rows and this is of kind {found or 'unknown'}"
                raise UserError(what, where=f"{path}:{line}", mend=f"give a file of {wanted} rows")
            if faults := check_row(row, found):
                where = f"{path}:{line}"
                raise UserError(
                    f"{faults[0].pointer or '/'} {faults[0].reason}", where=where, mend="see `datagen check`"
                )
            rows.append(row)
        if len(rows) == before:
            raise UserError("the file has no rows", where=path, mend=f"give a file of {wanted} rows")
    return rows


def render(tokenizer: PreTrainedTokenizerBase, messages: Messages, *, answer_next: bool = False) -> str:
    """The chat as the model reads it; with `answer_next`, ready for the assistant to begin."""
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=answer_next)
    assert isinstance(text, str)
    return text


def encode_text(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Token ids of a rendered text: special tokens in it are recognised, none are added."""
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def encode_chat(tokenizer: PreTrainedTokenizerBase, messages: Messages) -> Encoded:
    """A conversation with the loss on the assistant's tokens only, the stop token of each turn among them.

    Raises `UserError` when the chat template rewrites earlier turns or ends a turn without the stop token.
    """
    text = render(tokenizer, messages)
    spans = list(_assistant_spans(tokenizer, messages, text))
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = encoded["input_ids"], encoded["offset_mapping"]
    labels = [IGNORED] * len(ids)
    for start, end in spans:
        for i, (left, right) in enumerate(offsets):
            # Some tokenizers trim white space off the offsets: a token of nothing else is empty, at its end.
            if start <= left and right <= end and (left < right or start < left):
                labels[i] = ids[i]
    return Encoded(ids, labels)


def _assistant_spans(
    tokenizer: PreTrainedTokenizerBase, messages: Messages, text: str
) -> Iterator[tuple[int, int]]:
    """Characters of `text` that the assistant wrote: from after its header to the end of its stop token."""
    for i, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        header = render(tokenizer, messages[:i], answer_next=True)
        upto = render(tokenizer, messages[: i + 1])
        _require_appended(tokenizer, header, upto)
        end = len(header) + _end_of_turn(tokenizer, upto.removeprefix(header), message["content"])
        _require_appended(tokenizer, upto[:end], text)
        yield len(header), end


def _require_appended(tokenizer: PreTrainedTokenizerBase, earlier: str, later: str) -> None:
    if not later.startswith(earlier):
        mend = "train on single turns, or use a template that only appends"
        raise UserError("the chat template rewrites earlier turns", where=tokenizer.name_or_path, mend=mend)


def _end_of_turn(tokenizer: PreTrainedTokenizerBase, turn: str, content: str) -> int:
    """Where in a rendered turn its stop token ends. The content may hold the stop token's text too."""
    stop = tokenizer.eos_token
    assert stop is not None
    if turn.count(stop) <= content.count(stop):
        what = f"the chat template ends the assistant's turn without the stop token {stop!r}"
        mend = "set eos_token to the token that ends a turn"
        raise UserError(what, where=tokenizer.name_or_path, mend=mend)
    return turn.rfind(stop) + len(stop)


def parts(tokenizer: PreTrainedTokenizerBase, encoded: Encoded) -> Iterator[tuple[str, bool]]:
    """A sequence in pieces of text, special tokens among it, each with whether it is trained."""
    pairs = zip(encoded.input_ids, encoded.labels, strict=True)
    for trained, piece in itertools.groupby(pairs, key=lambda pair: pair[1] != IGNORED):
        yield str(tokenizer.decode([token for token, _ in piece], skip_special_tokens=False)), trained


def pack(documents: Iterable[Sequence[int]], separator: int, length: int) -> list[list[int]]:
    """Documents, each after a separator, joined and cut into blocks of `length`; no token is lost but a tail.

    The tail that does not fill a block is returned as a last, shorter block.
    """
    stream: list[int] = []
    for document in documents:
        stream.append(separator)
        stream.extend(document)
    return [stream[start : start + length] for start in range(0, len(stream), length)]


def fitting(encoded: list[Encoded], max_length: int, on_too_long: str, where: object) -> list[Encoded]:
    """The sequences no longer than `max_length`; a longer one fails the run or is dropped, never cut."""
    too_long = [i for i, sequence in enumerate(encoded) if len(sequence.input_ids) > max_length]
    if too_long and on_too_long == "fail":
        longest = max(len(encoded[i].input_ids) for i in too_long)
        what = (
            f"{len(too_long)} of {len(encoded)} rows are over {max_length} tokens (the longest has {longest})"
        )
        raise UserError(what, where=where, mend="raise --max-length, or --on-too-long drop")
    kept = [sequence for sequence in encoded if len(sequence.input_ids) <= max_length]
    if not kept:
        raise UserError(f"no row fits into {max_length} tokens", where=where, mend="raise --max-length")
    return kept


def fitting_prompts(
    tokenizer: PreTrainedTokenizerBase, prompts: list[Messages], room: int, on_too_long: str, where: object
) -> list[int]:
    """Which prompts are no longer than `room` tokens; one that is longer fails the run or is left out."""
    lengths = [len(encode_text(tokenizer, render(tokenizer, prompt, answer_next=True))) for prompt in prompts]
    kept = [i for i, length in enumerate(lengths) if length <= room]
    if len(kept) < len(prompts) and (on_too_long == "fail" or not kept):
        what = (
            f"{len(prompts) - len(kept)} of {len(prompts)} prompts are over {room} tokens, which is what the "
        )
        mend = "raise --max-length, lower --max-tokens, or --on-too-long drop"
        raise UserError(what + "longest sequence leaves beside an answer", where=where, mend=mend)
    return kept


def require_few_dropped(rows: int, kept: int, most: float, where: object) -> None:
    """`UserError` when a larger share of the rows than `most` was dropped as too long."""
    if rows - kept > most * rows:
        what = f"{rows - kept} of {rows} rows are too long, which is more than {most:.0%}"
        mend = "raise --max-length, or --most-dropped if the rest is what you want to train on"
        raise UserError(what, where=where, mend=mend)


def audit(encoded: list[Encoded], stop: int, where: object, bos: int | None = None) -> dict[str, float]:
    """Figures of what is trained on.

    Raises `UserError` when a sequence trains nothing, or not its stop token, or begins with `bos` twice.
    """
    for i, sequence in enumerate(encoded):
        if not sequence.trained:
            raise UserError(
                f"row {i + 1} has no token to train on", where=where, mend="give every turn an answer"
            )
        if stop not in sequence.labels:
            mend = "a model trained so would never stop; check the chat template"
            raise UserError(f"row {i + 1} does not train the stop token", where=where, mend=mend)
        if bos is not None and sequence.input_ids[:2] == [bos, bos]:
            mend = "take the token out of the rows or out of the chat template: one of them is to write it"
            raise UserError(
                f"row {i + 1} begins with the beginning-of-text token twice", where=where, mend=mend
            )
    tokens = sum(len(sequence.input_ids) for sequence in encoded)
    trained = sum(sequence.trained for sequence in encoded)
    return {"rows": len(encoded), "tokens": tokens, "trained_tokens": trained}


def padded(sequences: Sequence[Sequence[int]], value: int, *, left: bool = False) -> Any:
    """int64 tensor [len(sequences), longest], filled up with `value` on the right or on the left."""
    import torch

    longest = max(map(len, sequences))
    filled = torch.full((len(sequences), longest), value, dtype=torch.long)
    for i, sequence in enumerate(sequences):
        start = longest - len(sequence) if left else 0
        filled[i, start : start + len(sequence)] = torch.tensor(sequence, dtype=torch.long)
    return filled
