"""The Ollama engine: `ollama:MODEL[:TAG]`, a model of a running Ollama server, through its native API.

Every option that shapes an answer is sent, the context among them; a prompt that does not fit is refused,
never cut. Leaves to others: the connection (`server.py`), what the server knows of the model
(`model.py`), putting answers together (`answer.py`), telling cut prompts (`length.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any

from datagen.engines.engine import (
    USUAL_WIDTH,
    Closing,
    Completion,
    EngineClosedError,
    EngineOptions,
    PromptTooLongError,
    Request,
    Sample,
)
from datagen.engines.ollama.answer import Answer, sample_of, sampling_options
from datagen.engines.ollama.length import Length, Pieces, tokens_kept
from datagen.engines.ollama.model import ModelFacts, learn
from datagen.engines.ollama.server import OllamaServer, Patience, Repeated, ServerFaultError
from datagen.engines.ollama.way import Way, way_of
from schemas import UserError

DEFAULT_CONTEXT = 8192
KEEP_ALIVE = "30m"
KEPT_SLACK = 8


class OllamaEngine(Closing):
    """Completions from a model of an Ollama server, `width` requests at a time.

    `host`: as `OLLAMA_HOST`, which is the default. `context`: `num_ctx`, by default what the model was
    trained for, at most 8192. `keep_alive`: how long the server keeps the model after the last request.
    `unload`: whether to unload it on `close`; None unloads it if this engine made the server load it.
    Raises `UserError` when the server is down, has no such model and cannot pull it, or cannot run it so.
    """

    def __init__(
        self,
        model: str,
        *,
        host: str | None = None,
        context: int | None = None,
        width: int = USUAL_WIDTH,
        threads: int | None = None,
        gpu_layers: int | None = None,
        offline: bool = False,
        keep_alive: str = KEEP_ALIVE,
        unload: bool | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.model, self.name = model, f"ollama:{model}"
        for name, value in {"context": context, "width": width, "threads": threads}.items():
            if value is not None and value < 1:
                raise UserError(f"{name} is {value}, it must be at least 1", where=self.name)
        self.width, self.keep_alive, self._unload = width, keep_alive, unload
        self._server = OllamaServer(host, offline=offline, patience=patience)
        try:
            self.facts: ModelFacts = self._server.call(self._learn(offline))
            self.context = _context(context, self.facts.trained_context, self.name)
        except BaseException:
            self._server.close()
            raise
        # The same with every request: another value would make the server load the model anew.
        self._fixed = {"num_ctx": self.context, "num_thread": threads, "num_gpu": gpu_layers}
        self._gate, self._loading = asyncio.Semaphore(width), asyncio.Lock()
        self._loaded = False
        self._loaded_by_us = False
        self._refuses_long: bool | None = None
        self._pieces = Pieces(self._one_token, self.context, self.name)

    @property
    def model_hash(self) -> str:
        """The digest of its manifest, which names weights, template, system prompt and parameters."""
        return self.facts.digest

    async def count(self, request: Request) -> None:
        """None: Ollama counts a prompt by answering it."""
        return None

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """Everything but the seed that determines the samples of `request`, or of any request.

        The server's version is not part of it: an upgrade in the middle of a run would throw away what is
        paid for. `details` tells it.
        """
        engine = {"engine": "ollama", "model": self.model_hash, "context": self.context}
        if request is None:
            return engine
        asked: dict[str, Any] = {"prompt": (request.prompt or "") + request.prefix}
        if request.messages is not None:
            asked = {"chat": [dict(message) for message in request.messages]}
            asked |= {"prefix": request.prefix} if request.prefix else {}
        return {**engine, **asked, **request.sampling()}

    def details(self) -> dict[str, Any]:
        """Versions, sizes and settings. How many requests the server takes at once is not for it to tell."""
        running = None
        with contextlib.suppress(UserError, EngineClosedError, ServerFaultError):
            running = self._server.call(self._server.loaded(self.model))
        return {
            "server": self._server.address,
            "version": self.facts.version,
            "digest": self.facts.digest,
            **self.facts.described,
            "context": self.context,
            "trained_context": self.facts.trained_context,
            "width": self.width,
            "keep_alive": self.keep_alive,
            "refuses_long_prompts": self._refuses_long,
            "loaded": running,
        }

    async def generate(self, request: Request) -> Completion:
        """The samples of `request`. Raises `PromptTooLongError`, `UserError`, or `EngineClosedError`."""
        future = self._server.submit(self._generate(request))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if self._server.closed and future.cancelled():
                raise EngineClosedError(f"{self.name} was closed before it answered") from None
            raise

    def close(self) -> None:
        """Hang up, and unload what was loaded. Requests under way fail. May be repeated."""
        if self._server.closed:
            return
        if self._unload or (self._unload is None and self._loaded_by_us):
            with contextlib.suppress(Exception):  # a server that is gone has nothing loaded
                gone = self._server.submit(
                    self._server.ask("/api/generate", {"model": self.model, "keep_alive": 0})
                )
                gone.result(timeout=10)
        self._server.close()

    # ---- on the server's loop ----

    async def _generate(self, request: Request) -> Completion:
        started = time.perf_counter()
        way = way_of(request, self.facts, self.name)
        await self._load()
        length = None if self._refuses_long else await self._planned(request)
        text = await self._text(request, way)
        tasks = [
            asyncio.ensure_future(self._sample(request, way, text, seed)) for seed in request.sample_seeds
        ]
        try:
            made = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        first = made[0][1]
        self._check_length(request, first, length)
        await self._check_digest()
        seconds = time.perf_counter() - started
        return Completion(
            samples=tuple(sample for sample, _ in made),
            prompt_tokens=first.prompt_tokens,
            completion_tokens=sum(sample.token_count for sample, _ in made),
            seconds=seconds,
            model=self.name,
            waited_s=min(seconds, *(answer.asked_at - started + answer.waited_s for _, answer in made)),
        )

    async def _sample(self, request: Request, way: Way, text: str, seed: int) -> tuple[Sample, Answer]:
        """One sample, and the answer to its prompt, which tells how long that was."""
        limit = request.max_tokens or self.context
        options = sampling_options(request, seed, limit, self.context, self.facts.defaults)
        if way.chat:
            asked = {"messages": request.messages, **self._wanted(request), **_told(way.think)}
            answer = await self._answer("/api/chat", self._body(asked, options), limit)
            return sample_of(self._whole(answer, request), request), answer
        if not way.thoughts:
            answer = await self._continue(request, text + request.prefix, options, limit)
            return sample_of(self._whole(answer, request), request), answer
        opening, closing = self.facts.think_tags or ("", "")
        if not text.rstrip().endswith(opening):
            text += f"{opening}\n"
        room = request.think_tokens or request.max_tokens or self.context // 2
        musing = {**options, "num_predict": room, "stop": [*self.facts.defaults.stop, closing]}
        asked = {"prompt": text, "raw": True, **_told(False)}
        thought = await self._answer("/api/generate", self._body(asked, musing), room)
        text += f"{thought.text.rstrip()}\n{closing}\n\n{request.prefix}"
        answer = await self._continue(request, text, options, limit)
        sample = sample_of(
            self._whole(answer, request), request, reasoning=thought.text, before=thought.tokens
        )
        return sample, thought

    async def _continue(self, request: Request, text: str, options: Mapping[str, Any], limit: int) -> Answer:
        told = _told(False) if self.facts.thinks else {}
        asked = {"prompt": text, "raw": True, **self._wanted(request), **told}
        return await self._answer("/api/generate", self._body(asked, options), limit)

    async def _answer(self, path: str, body: Mapping[str, Any], limit: int) -> Answer:
        """A whole answer, asked for again when the server fails in the middle of it."""

        async def attempt() -> Answer:
            async with self._gate, contextlib.aclosing(self._server.parts(path, body)) as parts:
                answer = Answer(limit)
                try:
                    async for part in parts:
                        answer.add(part)
                except Repeated:
                    answer.end_here(prompt_tokens=0)
            answer.finish()
            return answer

        return await self._server.patiently(attempt)

    async def _one_token(self, path: str, asked: Mapping[str, Any]) -> Answer:
        return await self._answer(path, self._body({**asked, **self._silent()}, {"num_predict": 1}), 1)

    async def _learn(self, offline: bool) -> ModelFacts:
        return await self._server.patiently(
            lambda: learn(self._server, self.model, offline=offline), at_start=True
        )

    async def _running(self) -> dict[str, Any] | None:
        return await self._server.patiently(lambda: self._server.loaded(self.model))

    async def _load(self) -> None:
        """Have the model loaded with our context, once, and learn what the server does with long prompts."""
        async with self._loading:
            if self._loaded:
                return
            before = await self._running()
            await self._server.patiently(lambda: self._server.ask("/api/generate", self._body({}, {})))
            now = await self._running() or {}
            self._loaded_by_us = before is None
            self._check_context(now.get("context_length") or self.context)
            kept = await tokens_kept(self._one_token, self.context)
            self._refuses_long = kept is None
            if kept is not None:
                await self._pieces.check_counts()
                self._check_context(2 * kept + KEPT_SLACK)  # Ollama keeps half of its context or more
            self._loaded = True

    async def _text(self, request: Request, way: Way) -> str:
        """The text to continue, before any prefix; empty for a chat, which the server renders itself."""
        if request.messages is None:
            return request.prompt or ""
        if way.chat:
            return ""
        asked = {"messages": request.messages, "_debug_render_only": True, **_told(way.think)}
        body = self._body(asked, {"num_predict": 1})
        shown = await self._server.patiently(lambda: self._server.ask("/api/chat", body))
        rendered = (shown.get("_debug_info") or {}).get("rendered_template")
        if not rendered:
            why = "a prefix" if request.prefix else "a schema on a model that thinks"
            what = f"{why} needs the rendered prompt, which Ollama {self.facts.version} does not show"
            raise UserError(what, where=self.name, mend="upgrade Ollama, or serve the file with llama:")
        return str(rendered)

    # ---- what is asked, and whether it can be ----

    def _body(self, asked: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """The body of any request to the model."""
        fixed = {name: value for name, value in self._fixed.items() if value is not None}
        uncut = {"truncate": False, "shift": False}
        kept = {"keep_alive": self.keep_alive, "options": {**options, **fixed}}
        return {"model": self.model, **asked, **uncut, **kept}

    def _wanted(self, request: Request) -> dict[str, Any]:
        """What is wanted of the answer besides its sampling."""
        wanted: dict[str, Any] = {}
        if request.schema is not None or request.json_object:
            wanted["format"] = "json" if request.json_object else request.schema
        if request.logprobs or request.top_logprobs:
            wanted |= {"logprobs": True, "top_logprobs": request.top_logprobs}
        return wanted

    def _silent(self) -> dict[str, bool]:
        return _told(False) if self.facts.thinks else {}

    # ---- whether an answer can be trusted ----

    async def _planned(self, request: Request) -> Length:
        """The length of a prompt that the server would cut in silence; `PromptTooLongError` when it would."""
        length = await self._pieces.length(request)
        wanted = request.max_tokens or 1
        if length.most + wanted > self.context:
            raise self._too_long(f"a prompt of up to {length.most:,} tokens and {wanted:,} to write")
        return length

    def _check_length(self, request: Request, answer: Answer, length: Length | None) -> None:
        """`PromptTooLongError` unless prompt and answer fit, by the tokens the server says it read."""
        read, wanted = answer.prompt_tokens, (request.max_tokens or 1) + (request.think_tokens or 0)
        if read + wanted > self.context:
            raise self._too_long(f"a prompt of {read:,} tokens and {wanted:,} to write")
        if length is not None and 0 < read < length.least:
            raise self._too_long(
                f"the server read {read:,} tokens of a prompt of at least {length.least:,}: it"
            )

    def _too_long(self, what: str) -> PromptTooLongError:
        mend = "shorten the prompt or open with a larger context"
        return PromptTooLongError(
            f"{what} do not fit {self.context:,} of context", where=self.name, mend=mend
        )

    def _whole(self, answer: Answer, request: Request) -> Answer:
        """The answer up to the end of the context; `UserError` when logarithms were asked for in vain."""
        room = self.context - answer.prompt_tokens
        if answer.prompt_tokens and answer.tokens > room:  # the server went on by forgetting the beginning
            answer.cut(room)
        if (request.logprobs or request.top_logprobs) and answer.tokens and not answer.logprobs:
            what = f"Ollama {self.facts.version} answers without the logprobs it was asked for"
            raise UserError(
                what, where=self.name, mend="upgrade it to 0.12.11 or newer, or leave out logprobs"
            )
        return answer

    def _check_context(self, given: int) -> None:
        """`UserError` when the server has loaded the model with less context than it was asked to."""
        if given < self.context:
            what = (
                f"the server gives it about {given:,} tokens of context, not the {self.context:,} asked for"
            )
            raise UserError(what, where=self.name, mend="choose a smaller --context")

    async def _check_digest(self) -> None:
        """`UserError` when the name has come to mean another model: checked after every completion."""
        found = await self._server.patiently(lambda: self._server.digest(self.model))
        if found != self.facts.digest:
            what = f"the model has changed since the run began ({self.facts.digest[:12]} is now {found[:12]})"
            raise UserError(what, where=self.name, mend="start a new run, or bring the old model back")


def open_model(model: str, options: EngineOptions) -> OllamaEngine:
    """The engine of `ollama:MODEL[:TAG]`, or `ollama:http://HOST:PORT#MODEL` for a server elsewhere."""
    host, mark, name = model.rpartition("#")
    if not name or (mark and not host):
        raise UserError("no model is named", where=f"engine 'ollama:{model}'", mend="try ollama:qwen3:4b")
    refused = {"an adapter": options.adapter is not None, "running in this process": options.in_process}
    for what, asked in refused.items():
        if asked:
            mend = "put it into a Modelfile, or serve the file with llama:"
            raise UserError(f"Ollama cannot do this: {what} by option", where=f"ollama:{name}", mend=mend)
    return OllamaEngine(
        name,
        host=host or None,
        context=options.context,
        width=USUAL_WIDTH if options.width is None else options.width,
        threads=options.threads,
        gpu_layers=options.gpu_layers,
        offline=options.offline,
    )


def _told(think: bool | None) -> dict[str, bool]:
    return {} if think is None else {"think": think}


def _context(asked: int | None, trained: int | None, where: str) -> int:
    """The context to ask for; `UserError` for more than the model was trained for."""
    if asked is not None and trained is not None and asked > trained:
        what = f"a context of {asked:,} is more than the {trained:,} tokens the model was trained for"
        raise UserError(what, where=where, mend=f"choose a context of at most {trained:,} tokens")
    return asked or min(trained or DEFAULT_CONTEXT, DEFAULT_CONTEXT)
