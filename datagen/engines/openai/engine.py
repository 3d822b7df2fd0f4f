"""Servers that speak OpenAI's protocol (`openai:http://127.0.0.1:8080/v1#model`): llama-server, vLLM, ...

One HTTP request a sample, so that every sample has its own seed and a fault costs no other sample. Leaves
the servers' differences to `flavours.py`, reading answers to `answers.py`, HTTP and its
faults to `http_stream.py` and `patience.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import os
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from datagen.engines.engine import (
    USUAL_WIDTH,
    Closing,
    Completion,
    EngineClosedError,
    EngineOptions,
    PromptTooLongError,
    Request,
    Sample,
    derive_seed,
)
from datagen.engines.offline import is_local, refuse_remote
from datagen.engines.openai.answers import Answer
from datagen.engines.openai.flavours import LLAMA_SERVER, VLLM, body_of, chat_fields, refuse, text_of
from datagen.engines.openai.http_stream import Server, field_of
from datagen.engines.openai.patience import Limits, LoopThread, Watch, persist
from datagen.engines.openai.served import KEY_VARIABLE, Served, describe, split_address
from schemas import UserError

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How a request is asked: tokens to write at most, tokens of the prompt if counted, its text if
    rendered."""

    max_tokens: int | None
    prompt_tokens: int | None = None
    rendered: str | None = None


@dataclass(frozen=True)
class Told:
    """A sample, the tokens of its prompt, and the moment its first token came."""

    sample: Sample
    prompt_tokens: int
    begun: float


MEND_LONG = "shorten the prompt, ask for fewer tokens, or start the server with a larger context"

# Bytes a chat template may put around the messages; a token is at least one byte.
TEMPLATE_BYTES = 512


def open_model(model: str, options: EngineOptions) -> OpenAIEngine:
    """The server at `URL#model`. Raises `UserError` when it is not there or serves no such model."""
    refuse_options(options, "openai")
    return OpenAIEngine(
        model,
        context=options.context,
        width=USUAL_WIDTH if options.width is None else options.width,
        offline=options.offline,
    )


def refuse_options(options: EngineOptions, kind: str) -> None:
    """`UserError` for an option that is the server's affair."""
    theirs = {"threads": options.threads, "gpu_layers": options.gpu_layers, "adapter": options.adapter}
    for name, value in {**theirs, "in_process": options.in_process or None}.items():
        if value is not None:
            mend = "give it to the server when you start it"
            raise UserError(f"{kind}: has no {name.replace('_', ' ')} of its own", where=name, mend=mend)


class OpenAIEngine(Closing):
    """One model of one server.

    `address`: `URL#model`; without `#model` the only one served. `context`: at most what the server has, or
    the truth about a server that does not tell. `width`: requests under way at a time. Raises `UserError`
    when the server is not there, serves no such model, or would truncate prompts silently (Ollama).
    """

    def __init__(
        self,
        address: str,
        *,
        context: int | None = None,
        width: int = USUAL_WIDTH,
        offline: bool = False,
        limits: Limits | None = None,
        name: str | None = None,
    ) -> None:
        url, wanted = split_address(address)
        self.url, self.limits = url, limits or Limits()
        self.name = name or f"openai:{url}" + (f"#{wanted}" if wanted else "")
        for name, value in {"width": width, "context": context}.items():
            if value is not None and value < 1:
                raise UserError(f"{name} is {value}, it must be at least 1", where=self.name)
        host = urlsplit(url).hostname or ""
        if offline:
            refuse_remote(host, what=self.name)
        key = os.environ.get(KEY_VARIABLE, "").strip() or None
        self._told: set[str] = set()
        self._closed, self._local = False, is_local(host)
        self._thread = LoopThread(self.name)
        try:
            connect = functools.partial(
                Server, url, key=key, limits=self.limits, connections=width, local=self._local
            )
            self._server, self.served = self._run(self._open(connect, wanted))
        except BaseException:
            self.close()
            raise
        self.context = self._plan_context(context)
        self.width = width if self.served.flavour.streams else 1
        self._slots = asyncio.Semaphore(self.width)
        self._answers_as: str | None = None

    async def _open(self, connect: Any, wanted: str | None) -> tuple[Server, Served]:
        self._server = server = connect(name=self.name)
        opening = replace(self.limits, attempts=self.limits.open_attempts)

        async def ask(_attempt: int) -> Served:
            return await describe(server, wanted, local=self._local)

        mend = "start the server, or see that the address is right"
        rng = random.Random(0)
        return server, await persist(ask, opening, rng, where=self.name, mend=mend, tell=self._tell)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(coroutine).result()

    def _plan_context(self, asked: int | None) -> int | None:
        known = self.served.context
        if asked is not None and known is not None and asked > known:
            what = f"a context of {asked:,} is more than the {known:,} tokens the server has for a request"
            raise UserError(what, where=self.name, mend="start the server with a larger one")
        return asked or known

    @property
    def model_hash(self) -> str:
        """Hash of the model's file where it can be read here, else of all the server says of the model."""
        return self.served.model_hash

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """Everything but the seed that determines the samples of `request`, or of any request."""
        engine = {"engine": self.served.flavour.name, "model": self.model_hash, **self.served.settings}
        if request is None:
            return {**engine, "context": self.context}
        asked: dict[str, Any] = {"chat": request.messages, "prefix": request.prefix}
        if request.messages is None:
            asked = {"prompt": text_of(request)}
        reach = {"context": self.context} if request.max_tokens is None else {}
        return {**engine, **asked, **request.sampling(), **reach}

    def details(self) -> dict[str, Any]:
        """The server, its kind, and what it says of the model; JSON-ready."""
        served = self.served
        known = (
            "the content of its file" if served.file else "what the server says of it: no more than a name"
        )
        return {
            "server": self.url,
            "kind": served.flavour.name,
            "model": served.model,
            "model_known_by": known,
            "file": served.file and str(served.file),
            "context": self.context,
            "width": self.width,
            **served.told,
        }

    async def generate(self, request: Request) -> Completion:
        """The samples of `request`. Raises `PromptTooLongError`, `UserError`, or `EngineClosedError`."""
        refuse(self.served.flavour, request, self.name)
        return await self._over_there(self._generate(request))

    async def count(self, request: Request) -> int | None:
        """Tokens of the prompt as the server counts them; None for servers that do not."""
        seed = request.sample_seeds[0]
        return await self._over_there(self._persist(lambda: self._count(request), seed))

    async def _over_there(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """`coroutine` on the engine's own loop."""
        closed = EngineClosedError(f"{self.name} was closed before it answered")
        if self._closed:
            coroutine.close()
            raise closed
        try:
            future = self._thread.submit(coroutine)
            if self._closed:  # between the two lines above: nobody would run it
                future.cancel()
            return await asyncio.wrap_future(future)
        except (asyncio.CancelledError, RuntimeError):
            if self._closed:
                raise closed from None
            raise

    def close(self) -> None:
        """Hang up; requests under way fail with `EngineClosedError`. May be repeated."""
        self._closed = True
        server = getattr(self, "_server", None)

        async def hang_up() -> None:
            if server is not None:
                await server.close()

        self._thread.close(hang_up)

    # ---- on the engine's own loop ----

    async def _persist(self, ask: Callable[[], Awaitable[T]], seed: int) -> T:
        """What `ask()` returns in the end, each attempt in a slot; after a fault the model is checked."""

        async def attempt(number: int) -> T:
            async with self._slots:
                if number:
                    await self._verify()
                return await ask()

        rng = random.Random(derive_seed(seed, "retry"))
        return await persist(attempt, self.limits, rng, where=self.name, tell=self._tell)

    def _tell(self, what: str) -> None:
        """Warn of a fault once: many requests meet the same one."""
        log.log(logging.DEBUG if what in self._told else logging.WARNING, "%s", what)
        self._told.add(what)

    async def _verify(self) -> None:
        """`UserError` when the server has come back with another model."""
        now = await describe(self._server, self.served.model, local=self._local)
        if not self.served.same_as(now):
            mend = "start it again as it was, or begin another run"
            what = "the server has come back with another model, context or chat template"
            raise UserError(what, where=self.name, mend=mend)

    async def _generate(self, request: Request) -> Completion:
        started = time.perf_counter()
        seeds = request.sample_seeds
        plan = await self._persist(lambda: self._plan(request), seeds[0])
        tasks = [
            asyncio.create_task(self._persist(functools.partial(self._ask, request, seed, plan), seed))
            for seed in seeds
        ]
        try:
            told = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return Completion(
            samples=tuple(one.sample for one in told),
            prompt_tokens=told[0].prompt_tokens,
            completion_tokens=sum(one.sample.token_count for one in told),
            seconds=time.perf_counter() - started,
            model=self.name,
            waited_s=min(one.begun for one in told) - started,
        )

    async def _plan(self, request: Request) -> Plan:
        """How the request is asked. Raises `PromptTooLongError` when it can never fit.

        A prompt so short that even a token a byte would fit is not counted first.
        """
        flavour = self.served.flavour
        by_template = bool(request.prefix and request.messages and flavour.prefix == "template")
        rendered = await self._rendered(request) if by_template else None
        if self.context is None:
            return Plan(request.max_tokens, rendered=rendered)
        wanted = request.max_tokens
        if wanted is not None and _bytes(request) + TEMPLATE_BYTES + wanted <= self.context:
            return Plan(wanted, rendered=rendered)
        tokens = await self._count(request, rendered)
        if tokens is not None and (wanted or 1) > self.context - tokens:
            raise self._too_long(tokens, wanted or 1)
        most = wanted if tokens is None or wanted is not None else self.context - tokens
        return Plan(most, tokens, rendered)

    async def _count(self, request: Request, rendered: str | None = None) -> int | None:
        flavour, server = self.served.flavour, self._server
        if flavour is LLAMA_SERVER:
            text = await self._rendered(request) if rendered is None else rendered
            body = {"content": text, "add_special": True, "parse_special": True}
            found = await server.json("/tokenize", body, root=True)
            return None if found is None else len(field_of(found, "tokens", list))
        if flavour is VLLM:
            asked = (
                {"prompt": text_of(request)} if request.messages is None else chat_fields(flavour, request)
            )
            found = await server.json("/tokenize", {"model": self.served.model, **asked}, root=True)
            return None if found is None else field_of(found, "count", int)
        return None

    async def _rendered(self, request: Request) -> str:
        """The text llama-server makes of a chat, or the raw prompt; then the prefix."""
        if request.messages is None:
            return text_of(request)
        found = await self._server.json("/apply-template", chat_fields(LLAMA_SERVER, request), root=True)
        if found is None:
            what = "this llama-server is too old to render a chat (it has no /apply-template)"
            raise UserError(what, where=self.name, mend="upgrade it")
        return field_of(found, "prompt", str) + request.prefix

    async def _ask(self, request: Request, seed: int, plan: Plan) -> Told:
        """One sample, one HTTP request. Raises `Fault` for what is worth another attempt."""
        served = self.served
        path, body = body_of(
            served.flavour,
            request,
            seed,
            model=served.model,
            max_tokens=plan.max_tokens,
            context=served.context,
            rendered=plan.rendered,
        )
        begun = None if served.flavour.streams else time.perf_counter()
        most = None if plan.max_tokens is None else plan.max_tokens + self.limits.slack
        answer = Answer(request, most)
        watch = Watch(self.limits.queue_s, "no first token")
        async with contextlib.aclosing(self._server.events(path, body, watch)) as events:
            async for event in events:
                if answer.add(event):
                    begun = begun or time.perf_counter()
                    watch.beat(self.limits.idle_s, "no further token")
        sample = answer.sample(self.name)
        self._refuse_another(answer.model)
        prompt_tokens = self._prompt_tokens(request, plan, answer)
        return Told(sample, prompt_tokens, begun or time.perf_counter())

    def _refuse_another(self, model: str | None) -> None:
        """`UserError` when answers begin to come from another model than before."""
        self._answers_as = self._answers_as or model
        if model is not None and model != self._answers_as:
            what = f"the server answers as '{model}', before it was '{self._answers_as}'"
            raise UserError(what, where=self.name, mend="give it back the model it had, or start another run")

    def _prompt_tokens(self, request: Request, plan: Plan, answer: Answer) -> int:
        """Tokens of the prompt; `PromptTooLongError` when the server truncated it, or would the answer."""
        reported = answer.usage.get("prompt_tokens")
        if not isinstance(reported, int):
            return plan.prompt_tokens or 0
        if plan.prompt_tokens is not None and reported < plan.prompt_tokens:
            what = f"the server truncated a prompt of {plan.prompt_tokens:,} tokens to {reported:,}"
            raise PromptTooLongError(what, where=self.name, mend=MEND_LONG)
        if self.context is not None and reported + (request.max_tokens or 0) > self.context:
            raise self._too_long(reported, request.max_tokens or 0)
        return reported

    def _too_long(self, prompt_tokens: int, wanted: int) -> PromptTooLongError:
        asked = f"a prompt of {prompt_tokens:,} tokens and {wanted:,} to write"
        return PromptTooLongError(
            f"{asked} do not fit {self.context:,} of context", where=self.name, mend=MEND_LONG
        )


def _bytes(request: Request) -> int:
    """An upper bound on the tokens of the request's own text."""
    given = text_of(request) if request.messages is None else json.dumps(request.messages, ensure_ascii=False)
    return len((given + request.prefix).encode(errors="replace"))
