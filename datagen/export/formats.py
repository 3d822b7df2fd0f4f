"""Conversations as other programs write them: Alpaca and ShareGPT, there and back. Pure functions.

Alpaca as LLaMA-Factory extends it (`system`, and `history` of pairs), so that nothing is lost; rows of the
original three columns are read too. Sources: https://github.com/tatsu-lab/stanford_alpaca,
https://llamafactory.readthedocs.io (data preparation).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas import Row

Turns = list[dict[str, str]]
SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}
SPEAKERS = {name: role for role, name in SHAREGPT.items()} | {"user": "user", "assistant": "assistant"}


def to_alpaca(messages: Sequence[Row]) -> Row:
    """A conversation whose last turn is the assistant's; what came before is `history`.

    >>> to_alpaca([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}])
    {'instruction': 'Hi', 'input': '', 'output': 'Ho', 'system': '', 'history': []}
    """
    system = messages[0]["content"] if messages[0]["role"] == "system" else ""
    said = [turn["content"] for turn in messages[1 if system else 0 :]]
    pairs = [list(pair) for pair in zip(said[::2], said[1::2], strict=True)]
    instruction, output = pairs[-1]
    return {
        "instruction": instruction,
        "input": "",
        "output": output,
        "system": system,
        "history": pairs[:-1],
    }


def from_alpaca(row: Row) -> Turns | None:
    """The conversation of an Alpaca row, its `input` under its instruction; None for another row.

    >>> from_alpaca({"instruction": "Add.", "input": "1, 2", "output": "3"})[0]["content"]
    'Add.\\n\\n1, 2'
    """
    instruction, output, given = row.get("instruction"), row.get("output"), row.get("input") or ""
    if not (isinstance(instruction, str) and isinstance(output, str) and isinstance(given, str)):
        return None
    if not instruction or not output:
        return None
    turns: Turns = []
    if row.get("system"):
        turns.append({"role": "system", "content": str(row["system"])})
    for asked, answered in row.get("history") or ():
        turns += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    asked = f"{instruction}\n\n{given}" if given.strip() else instruction
    return [*turns, {"role": "user", "content": asked}, {"role": "assistant", "content": output}]


def to_sharegpt(messages: Sequence[Row]) -> Row:
    """A conversation under ShareGPT's names.

    >>> to_sharegpt([{"role": "user", "content": "Hi"}])
    {'conversations': [{'from': 'human', 'value': 'Hi'}]}
    """
    return {
        "conversations": [{"from": SHAREGPT[turn["role"]], "value": turn["content"]} for turn in messages]
    }


def from_sharegpt(row: Row) -> Turns | None:
    """The conversation of a ShareGPT row; None for another row, or one with a speaker we do not have."""
    turns: Any = row.get("conversations")
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        return None
    found = [(SPEAKERS.get(str(turn.get("from"))), turn.get("value")) for turn in turns]
    if not all(role and isinstance(text, str) and text for role, text in found):
        return None
    begun = [{"role": "system", "content": str(row["system"])}] if row.get("system") else []
    return [*begun, *({"role": str(role), "content": str(text)} for role, text in found)]


FORMATS = {"alpaca": to_alpaca, "sharegpt": to_sharegpt}
