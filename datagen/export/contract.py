"""Can a row be trained on? It is rendered with the target model's chat template, and looked at as tokens.

A row fits when every answer of the assistant has tokens to train on and ends in a stop token, the template
only appends turns, and the whole is not too long. `finetune` finds the same before it trains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datagen.export.target import Span, Target
from schemas import Row, UserError

REWRITES = "the chat template rewrites earlier turns"
NO_STOP = "a turn of the assistant ends without the stop token"
NOTHING = "there is no token to train on"


@dataclass(frozen=True)
class Fit:
    """How a row looks to the trainer: its tokens, those with a loss, and why it does not fit, if it does not.

    Of a pair the tokens are those of the longer side, with a loss those of both answers.
    """

    tokens: int
    trained: int
    fault: str | None = None


def fit(target: Target, kind: str, row: Row, max_length: int | None = None) -> Fit:
    """How a row of an exported `kind` fits the target."""
    try:
        found = _FITS[kind](target, row)
    except UserError as error:  # the template refuses the messages
        return Fit(0, 0, error.what)
    if found.fault is None and max_length is not None and kind != "corpus" and found.tokens > max_length:
        return Fit(found.tokens, found.trained, f"{found.tokens:,} tokens, over --max-length {max_length:,}")
    return found


def _chat(target: Target, messages: Sequence[Row], first: int = 0) -> Fit:
    """A conversation whose turns of the assistant have the loss, those before turn number `first` aside."""
    text = target.render(messages)
    spans: list[Span] = []
    fault = _control(target, messages)
    for start, end in _answers(target, messages, text, first):
        if end < 0:
            fault = fault or (REWRITES if end == -1 else NO_STOP)
        else:
            spans.append((len(text[:start].encode()), len(text[:end].encode())))
    tokens, trained = target.count(text, spans)
    if fault is None and not trained:
        fault = NOTHING
    return Fit(tokens, trained, fault)


def _answers(target: Target, messages: Sequence[Row], text: str, first: int) -> Iterator[Span]:
    """Characters from after the header of each answer to the end of its stop token.

    The end is -1 where the template rewrites turns, -2 where there is no stop token.
    """
    for number, message in enumerate(messages):
        if message["role"] != "assistant" or number < first:
            continue
        header = target.render(messages[:number], answer_next=True)
        upto = target.render(messages[: number + 1])
        if not upto.startswith(header):
            yield len(header), -1
            continue
        turn = upto[len(header) :]
        ends = [
            turn.rfind(stop) + len(stop)
            for stop in target.stops
            if turn.count(stop) > message["content"].count(stop)
        ]
        if not ends:
            yield len(header), -2
        else:
            end = len(header) + max(ends)
            yield len(header), end if text.startswith(upto[:end]) else -1


def _control(target: Target, messages: Sequence[Row]) -> str | None:
    """A text that holds a stop token would end its turn there."""
    for message in messages:
        for stop in target.stops:
            if stop in message["content"]:
                return f"a turn has the stop token {stop} in its text"
    return None


def _pair(target: Target, row: Row) -> Fit:
    sides = [
        _chat(target, [*row["prompt"], *row[side]], len(row["prompt"])) for side in ("chosen", "rejected")
    ]
    fault = next((side.fault for side in sides if side.fault), None)
    return Fit(max(side.tokens for side in sides), sum(side.trained for side in sides), fault)


def _prompt(target: Target, row: Row) -> Fit:
    """The answer is the model's own: only the prompt is there to be read."""
    fault = _control(target, row["prompt"])
    return Fit(target.count(target.render(row["prompt"], answer_next=True))[0], 0, fault)


def _text(target: Target, row: Row) -> Fit:
    tokens, _ = target.count(row["text"])
    return Fit(tokens, tokens, None if tokens else NOTHING)


_FITS = {
    "sft": lambda target, row: _chat(target, row["messages"]),
    "dpo": _pair,
    "kto": lambda target, row: _chat(target, [*row["prompt"], *row["completion"]], len(row["prompt"])),
    "grpo": _prompt,
    "corpus": _text,
}
