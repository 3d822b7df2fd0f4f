"""One engine being probed: asking it, telling a refusal from a death, and the words for what came.

What is asked and how the answers are judged is in `facts.py` and `schemas.py`.
"""

from __future__ import annotations

import asyncio
import json
import random
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from datagen.engines.engine import Completion, Engine, EngineClosedError, Request, Sample
from datagen.engines.probing.card import Verdict
from schemas import UserError

GREETING = "Say hello."
COUNTING = "Count from 1 to 50, separated by spaces."

WRITTEN = 24
"""Tokens of an answer that others are compared with."""
HOT = 2.0
"""The highest temperature every server takes: what is merely suggested to a model gets lost at it."""
SHOWN, ASKED = 60, 24
"""Characters of an answer and of a question that go into the evidence."""


class RefusedError(Exception):
    """The engine said no, and still answers other requests. `asked` is what it refused."""

    def __init__(self, why: str, asked: str) -> None:
        super().__init__(why)
        self.asked = asked


class UnansweredError(Exception):
    """No answer came in time to what was `asked`."""

    def __init__(self, why: str, asked: str) -> None:
        super().__init__(why)
        self.asked = asked


@dataclass(frozen=True)
class Finding:
    """A verdict with its evidence."""

    verdict: Verdict
    asked: str
    came: str
    value: int | None = None


@dataclass
class Asker:
    """One engine being probed: how it likes to be asked, and what it has written so far."""

    engine: Engine
    rng: random.Random
    deadline_s: float
    chat: bool = True
    think: bool | None = None
    greeting: Sample | None = None
    tokens: int = 0
    _written: tuple[Request, Sample] | None = field(default=None, repr=False)

    async def get_acquainted(self) -> None:
        """The plainest request: whether it takes chats, and whether it thinks. Passes on every error.

        Without a deadline: the first answer of a server may have to wait for its model to be loaded.
        """
        try:
            completion = await self._answer(self.request(GREETING, max_tokens=WRITTEN))
        except UserError as refusal:
            self.chat = False
            try:
                completion = await self._answer(self.request(GREETING, max_tokens=WRITTEN))
            except UserError:
                raise refusal from None
        self.greeting = completion.samples[0]
        if thoughts(self.greeting):
            # Quick answers, where the engine can; where it cannot, the fact "think_off" says so.
            try:
                await self.ask(self.request(GREETING, think=False, max_tokens=1))
            except RefusedError:
                return
            self.think = False

    def request(self, text: str, **fields: Any) -> Request:
        """A request that says `text`, quiet and greedy unless `fields` say otherwise."""
        fields = {"temperature": 0.0, "seed": 1, "think": self.think, **fields}
        if fields.get("seeds") is not None:
            fields["seed"] = None
        if self.chat and "messages" not in fields:
            return Request(messages=({"role": "user", "content": text},), **fields)
        return Request(**fields) if self.chat else Request(prompt=text, **fields)

    def room(self, tokens: int) -> int:
        """So many tokens of answer, or what half the context holds."""
        return min(tokens, (self.engine.context or 2 * tokens) // 2)

    def nonce(self, length: int = 10) -> str:
        """A word no model can guess."""
        return "".join(self.rng.choice(string.ascii_lowercase + string.digits) for _ in range(length))

    async def ask(self, request: Request) -> Completion:
        """The answer, or, of an engine that still answers something plainer, why there is none.

        Raises `RefusedError` or `UnansweredError`, and passes on the error of an engine that is dead.
        """
        try:
            return await self._in_time(request)
        except EngineClosedError:
            raise
        except Exception as error:
            await self._still_alive()
            if isinstance(error, UnansweredError):
                raise
            raise RefusedError(sentence(error), described(request)) from error

    async def _still_alive(self) -> None:
        # Refused, or dead? A dead engine does not say hello either, and then that error counts.
        try:
            await self._in_time(self.request(GREETING, max_tokens=1))
        except UnansweredError as silence:
            mend = "see whether it is still alive, or busy with others"
            raise UserError(f"{silence}, not even to a greeting", where=self.engine.name, mend=mend) from None

    async def _in_time(self, request: Request) -> Completion:
        task = asyncio.ensure_future(self._answer(request))
        try:
            done, _ = await asyncio.wait([task], timeout=self.deadline_s)
        finally:
            task.cancel()
        if not done:
            await asyncio.gather(task, return_exceptions=True)
            raise UnansweredError(f"no answer within {self.deadline_s:g} s", described(request))
        return task.result()

    async def ask_all(self, requests: Sequence[Request]) -> list[Completion]:
        """The answers to several requests at once; the first error when one fails, after all are done."""
        answers = await asyncio.gather(*map(self.ask, requests), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if isinstance(answer, Completion)]

    async def _answer(self, request: Request) -> Completion:
        completion = await self.engine.generate(request)
        self.tokens += completion.completion_tokens
        return completion

    async def written(self) -> tuple[Request, Sample] | None:
        """A request whose answer is long enough to be cut, and the answer; None if there is none."""
        if self._written is None:
            for fields in ({}, {"temperature": 1.0, "seed": 2}, {"temperature": 1.0, "seed": 3}):
                request = self.request(COUNTING, max_tokens=WRITTEN, **fields)
                sample = (await self.ask(request)).samples[0]
                if sample.token_count > WRITTEN // 2 and stop_in(sample.text):
                    self._written = request, sample
                    break
        return self._written


def thoughts(sample: Sample) -> str:
    """What a sample thought, apart or in its text; "" for nothing."""
    return sample.reasoning or (sample.text if in_text(sample.text) else "")


def said(sample: Sample) -> str:
    """All that a sample says, its thoughts too: of a model that only ever thinks in so few tokens."""
    return (sample.reasoning or "") + sample.text


def in_text(text: str) -> bool:
    """Whether a text holds the thoughts of a model that marks them."""
    return "<think" in text or "</think" in text


def stop_in(text: str) -> str:
    """A piece of plain letters from the middle of a text, as long as can be up to 3; "" for none."""
    for length in (3, 2, 1):
        for start in range(len(text) // 3, len(text) - length - 1):
            piece = text[start : start + length]
            if piece.isascii() and piece.strip() == piece and piece.isprintable():
                return piece
    return ""


def described(request: Request) -> str:
    """What of a request was out of the ordinary."""
    parts = [shown(request_text(request), ASKED)]
    for name in ("n", "seeds", "stop", "max_tokens", "prefix", "logprobs", "top_logprobs", "json_object"):
        value = getattr(request, name)
        if value is True:
            parts.append(name)
        elif value not in (None, "", (), 0, 1):
            parts.append(f"{name} {value if not isinstance(value, tuple) else value[0]!r}")
    if request.schema is not None:
        parts.append(f"schema {json.dumps(request.schema['properties'])}")
    if request.think is not None:
        parts.append(f"thinking {'on' if request.think else 'off'}")
    if request.temperature:
        parts.append(f"temperature {request.temperature:g}")
    return ", ".join(parts)


def request_text(request: Request) -> str:
    """The prompt, or what its last message says."""
    return str(request.prompt if request.messages is None else request.messages[-1]["content"])


def sentence(error: Exception) -> str:
    """An error as the end of a sentence; its kind, when it is not one that was written for people."""
    text = " ".join(str(error).split())
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"


def shown(text: str, longest: int = SHOWN) -> str:
    """A text on one line, in quotes, and not too long."""
    text = " ".join(text.split())
    return f"'{text}'" if len(text) <= longest else f"'{text[:longest]}...'"


def shown_numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values[:6])
