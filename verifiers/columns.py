"""What the columns of a dataset hold, as the texts and specifications that are judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifiers.answer import AnswerSpec

#: A completion is its text, or the chat messages the model wrote.
Completion = str | list[dict[str, Any]]


def completion_text(completion: Completion) -> str:
    """The text of a completion; of a chat, its last message, whose parts may be listed."""
    if isinstance(completion, str):
        return completion
    content = completion[-1].get("content") if completion else None
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content)
    return str(content or "")


def answer_text(value: Any) -> str:
    """A value from a row as the answer it would be written as; None is no answer, so the empty text.

    >>> answer_text(0.5), answer_text(True), answer_text([1, 2]), answer_text({"x": 1})
    ('0.5', 'true', '1, 2', 'x = 1')
    >>> answer_text([[1, 2], [3, 4]])
    '[[1, 2], [3, 4]]'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {answer_text(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        members = [answer_text(each) for each in value]
        if any(isinstance(each, (list, tuple)) for each in value):
            return "[" + ", ".join(f"[{member}]" for member in members) + "]"
        return ", ".join(members)
    return str(value)


def as_spec(row: AnswerSpec | Mapping[str, Any] | None) -> AnswerSpec | None:
    """A specification from whatever a dataset's column holds. Raises `UserError`."""
    return row if row is None or isinstance(row, AnswerSpec) else AnswerSpec.from_dict(row)
