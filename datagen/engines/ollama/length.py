"""No answer to a prompt that Ollama cut in silence: what the server does with long ones, how long one is.

By default Ollama drops the oldest messages, or half of a prompt, answers 200, and counts what it kept.
Servers since late 2025 refuse instead when a request says `truncate: false, shift: false`; whether this one
does is found out by asking. For one that does not, a prompt is counted first, in pieces that surely fit.
"""

from __future__ import annotations

import random
import string
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datagen.engines.engine import PromptTooLongError, Request
from datagen.engines.ollama.answer import Answer
from schemas import UserError

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Answer]]
"""Asks `/api/chat` or `/api/generate` for one token: (path, the prompt's fields of the body)."""
SEAM = 3
"""Tokens a cut between two pieces may add: one at each side, and a begin token."""


@dataclass(frozen=True)
class Length:
    """Tokens of a prompt, by pieces: surely no fewer than `least`, surely no more than `most`."""

    least: int
    most: int


async def tokens_kept(ask: Ask, context: int) -> int | None:
    """Tokens the server keeps of a prompt that is longer than `context`; None if it refuses it, as it should.

    Asked with eight letters for each token of it, drawn at random: no vocabulary has those in long tokens.
    """
    letters = random.Random(0).choices(
        string.ascii_letters + string.digits + string.punctuation, k=8 * context
    )
    try:
        answer = await ask("/api/chat", {"messages": [{"role": "user", "content": "".join(letters)}]})
    except PromptTooLongError:
        return None
    return answer.prompt_tokens if answer.prompt_tokens <= context else None


class Pieces:
    """Counts prompts on a server that cuts them, by parts that fit. Remembers every part it has counted.

    Raises `UserError` when the server's counts leave out what it has cached: then nothing can be known.
    """

    def __init__(self, ask: Ask, context: int, where: str) -> None:
        self._ask, self._context, self._where = ask, context, where
        self._counted: dict[Any, int] = {}

    async def check_counts(self) -> None:
        """`UserError` unless the same text is counted the same a second time."""
        text = "Counted once, counted twice."
        first, second = [(await self._ask("/api/generate", _raw(text))).prompt_tokens for _ in range(2)]
        if first != second or not first:
            what = "this Ollama cuts long prompts in silence and does not count them reliably"
            raise UserError(what, where=self._where, mend="upgrade it")

    async def length(self, request: Request) -> Length:
        """The tokens of the prompt of `request`, its template included."""
        frame = 0
        texts = [(request.prompt or "") + request.prefix]
        if request.messages is not None:
            texts = [*(str(message.get("content") or "") for message in request.messages), request.prefix]
            frame = await self._frame(tuple(str(message.get("role")) for message in request.messages))
        pieces = [piece for text in texts for piece in self._split(text)]
        total = sum([await self._count(piece) for piece in pieces])
        return Length(max(1, total - SEAM * len(pieces)), total + frame)

    def _split(self, text: str) -> list[str]:
        # A token is a byte at least, and a character four bytes at most.
        size = max(8, self._context // (2 if text.isascii() else 8))
        return [text[start : start + size] for start in range(0, len(text), size)]

    async def _count(self, text: str) -> int:
        key = hash(text), len(text)
        if key not in self._counted:
            self._counted[key] = (await self._ask("/api/generate", _raw(text))).prompt_tokens
        return self._counted[key]

    async def _frame(self, roles: tuple[str, ...]) -> int:
        """Tokens of a chat that says next to nothing: what the template adds."""
        if roles not in self._counted:
            messages = [{"role": role, "content": "."} for role in roles]
            self._counted[roles] = (await self._ask("/api/chat", {"messages": messages})).prompt_tokens
        return self._counted[roles]


def _raw(text: str) -> dict[str, Any]:
    return {"prompt": text, "raw": True}
