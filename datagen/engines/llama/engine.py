"""The llama.cpp engine: one GGUF file, many requests at once, in this process.

The same file, settings, build, processor and seed give the same tokens, whatever shares the batch, in
any order, at any width or thread count. Leaves batching to `decoder.py`, threads to `lanes.py`, and C
to `binding.py`.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import itertools
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from datagen.engines.chat_template import render_chat
from datagen.engines.constrained.constraint import Rules, version
from datagen.engines.constrained.guide import Guide, Plan
from datagen.engines.constrained.thinking import closing_tag, is_open, with_thought, without_thought
from datagen.engines.engine import (
    Closing,
    Completion,
    Engine,
    EngineClosedError,
    EngineOptions,
    Message,
    PromptTooLongError,
    Request,
)
from datagen.engines.files.adapter import read_adapter
from datagen.engines.files.memory import available_memory
from datagen.engines.files.model_files import files_stamp, no_generator, read_model, unchanged_hash
from datagen.engines.files.offload import model_size
from datagen.engines.files.placement import place, refuse_untrained
from datagen.engines.llama.binding import Context, KvType, Logits, Model, library
from datagen.engines.llama.decoder import Decoder, Draft
from datagen.engines.llama.embedding import embed
from datagen.engines.llama.invariance import NEEDED_CONTEXT, WIDTHS, self_test
from datagen.engines.llama.lanes import Job, Lanes, default_width, lane_count, shares
from datagen.engines.llama.schedule import FEWEST_ROWS, SHORTEST_PIECE, cuts_of
from datagen.engines.llama.threads import ThreadTuner, candidates, default_threads
from schemas import UserError

DEFAULT_CONTEXT = 2048
CHUNK = 128
"""Prompts are cut every so many tokens, to be shared from there on. Measured at 5M and 60M parameters: at
most 5% slower than 512; 64 costs 8%."""
CHUNK_ON_GPU = 512
HELD_HEADS = 2

_open_engines: weakref.WeakSet[LlamaCppEngine] = weakref.WeakSet()


class LlamaCppEngine(Closing):
    """Continuous batching over one GGUF model.

    `context`: tokens a sample may reach, its prompt included (default: what the model was trained for, at
    most 2048). `width`: samples written at a time, `lanes`: decoders side by side that share them; None
    chooses by threads and the size of the model. `threads`: None tunes them while running, up to the
    available cores. `flash_attention=False` with `kv_type="f32"` is the most exact, for logprobs and
    comparisons. `gpu_layers`: None chooses by the free memory of the GPUs. `chunk`: prompt tokens a decode,
    None chooses by where the layers are. `adapter`: a LoRA adapter of the model, as GGUF.
    `vocabulary_only`: for `vocabulary.py`, which leaves the weights where they are.
    Raises `UserError` when the file is missing, damaged or no text generator, or memory does not suffice.
    """

    repeats = True

    def __init__(
        self,
        path: str | Path,
        *,
        context: int | None = None,
        width: int | None = None,
        threads: int | None = None,
        flash_attention: bool = True,
        kv_type: KvType | None = None,
        gpu_layers: int | None = None,
        chunk: int | None = None,
        lanes: int | None = None,
        adapter: Path | None = None,
        vocabulary_only: bool = False,
    ) -> None:
        self.path = Path(path)
        self.name = f"llama:{self.path.name}" + (f"+{adapter.name}" if adapter else "")
        found = read_model(self.path)
        self.metadata, self.files = found.header.metadata, found.files
        if found.encodes:
            raise no_generator(self.path)
        if adapter is not None:
            read_adapter(adapter, found.header)
            self.files = (*found.files, adapter)
        self.adapter = adapter
        self.stamp = files_stamp(self.files)
        given = {"width": width, "context": context, "threads": threads, "chunk": chunk, "lanes": lanes}
        for name, value in given.items():
            if value is not None and value < 1:
                raise UserError(f"{name} is {value}, it must be at least 1", where=self.name)
        self.threads, self._tunes = threads or default_threads(), threads is None
        offloads = gpu_layers != 0 and bool(library().llama_supports_gpu_offload())
        # What changes the tokens besides the request: part of a completion's identity.
        self.settings: dict[str, Any] = {
            "flash_attention": flash_attention,
            # On a CPU values in bf16 add up in float32, half as fast again as f16 ones that add up in f16.
            "kv_type": kv_type or ("f16/bf16" if flash_attention and not offloads else "f16"),
            "chunk": chunk or (CHUNK_ON_GPU if offloads else CHUNK),
        }
        trained = found.header.setting("context_length")
        planned = context or min(trained if isinstance(trained, int) else 0, DEFAULT_CONTEXT)
        refuse_untrained(planned, trained, where=self.name)
        size = model_size(
            found.header, chunk=self.settings["chunk"], cache_bytes=4 if kv_type == "f32" else 2
        )
        weights = sum(file.stat().st_size for file in found.files)
        sample_bytes = planned * sum(size.cache_per_token)
        self.width = width or default_width(self.threads, weights, sample_bytes, available_memory())
        if lanes is None:
            lanes = 1 if offloads else lane_count(self.threads, self.width, weights)
        lanes = min(lanes, self.width)
        if vocabulary_only:
            self.model = Model(self.path, gpu_layers=0, vocabulary_only=True)
        else:
            needed = {"width": max(FEWEST_ROWS, self.width), "held": lanes * HELD_HEADS, "context": planned}
            self.placement = place(size, gpu_layers, where=self.name, **needed)
            self.model = Model(self.path, gpu_layers=self.placement.gpu_layers, adapter=adapter)
        self._rules = Rules(self.model)
        self.context = context or min(self.model.trained_context, DEFAULT_CONTEXT)
        try:
            if not self.model.generates:
                raise no_generator(self.path)
            refuse_untrained(self.context, self.model.trained_context, where=self.name)
            if vocabulary_only:
                return
            decoders = self._new_decoders(lanes)
        except BaseException:
            self.model.close()
            raise
        self._native = threading.Lock()
        self._lanes = Lanes(self.name, decoders, self._completion)
        _open_engines.add(self)

    def _new_decoders(self, lanes: int) -> list[Decoder]:
        decoders: list[Decoder] = []
        try:
            for width, threads in zip(shares(self.width, lanes), shares(self.threads, lanes), strict=True):
                threads = max(1, threads)
                counts = candidates(threads) if self._tunes else (threads,)
                sequences = max(FEWEST_ROWS, width) + (HELD_HEADS if self.model.can_trim else 0)
                context = self._new_context(sequences, self.context, counts[0])
                tuners = ThreadTuner(counts), ThreadTuner(counts, alike=4)
                decoders.append(Decoder(context, width=width, context_tokens=self.context, tuners=tuners))
        except BaseException:
            for decoder in decoders:
                decoder.context.close()
            raise
        return decoders

    def _new_context(self, sequences: int, context: int, threads: int) -> Context:
        settings = {**self.settings, "chunk": self.settings["chunk"] + 2 * SHORTEST_PIECE}
        return Context(self.model, sequences=sequences, context=context, threads=threads, **settings)

    @functools.cached_property
    def model_hash(self) -> str:
        """Hash of every byte of the file, read when first asked for (a large file takes seconds)."""
        return unchanged_hash(self.files, self.stamp)

    async def count(self, request: Request) -> int:
        """Tokens of the prompt, exactly."""
        text = self.prompt_text(request)
        return len(self.model.tokenize(text, beginning=request.messages is None, special=True))

    def details(self) -> dict[str, Any]:
        """The file, its architecture and size, and how it was opened."""
        described = {"file": str(self.path), "architecture": self.metadata.get("general.architecture")}
        sizes = {"context": self.context, "trained_context": self.model.trained_context}
        placement = {"gpu_layers": self.placement.gpu_layers, "placement": self.placement.why}
        adapter = {"adapter": str(self.adapter)} if self.adapter else {}
        lanes = {"lanes": len(self._lanes.decoders), "threads_now": self._threads_now()}
        run = {"width": self.width, "threads": self.threads, **lanes, **placement, **adapter}
        found = {"batch_invariance": self.batch_invariance}
        return {**described, **sizes, **run, **self.settings, **found}

    @functools.cached_property
    def batch_invariance(self) -> str:
        """Whether tokens are independent of what shares the batch: "holds", or what differs.

        Tested on the model itself when first asked for (`invariance.py`).
        """
        widest = max(decoder.width for decoder in self._lanes.decoders)
        widths = sorted({*WIDTHS, max(FEWEST_ROWS, widest)})
        with self._native:
            if self._lanes.stopped:
                return "not tested: the engine is closed"
            open_context = functools.partial(
                self._new_context, widths[-1], NEEDED_CONTEXT, self._threads_now()
            )
            return self_test(open_context, widths, self.identity)

    def _threads_now(self) -> int:
        """Threads in use, as the tuners have it at the moment."""
        return sum(decoder.threads for decoder in self._lanes.decoders)

    async def generate(self, request: Request) -> Completion:
        """The samples of `request`. Raises `PromptTooLongError`, `UserError`, or `EngineClosedError`."""
        return await asyncio.wrap_future(self.submit(request))

    def submit(self, request: Request, began: Callable[[], None] | None = None) -> Future[Completion]:
        """`generate` without waiting; `began` is called before anything of the request is decoded."""
        job = self._job(request)
        job.on_begin = began
        self._lanes.submit(job)
        return job.future

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """Everything but the seed that determines the samples of `request`, or of any request."""
        engine = {"engine": "llama.cpp", "model": self.model_hash, **self.settings}
        if request is None:
            return {**engine, "context": self.context}
        kind = "prompt" if request.messages is None else "chat"
        reach = {"context": self.context} if request.max_tokens is None else {}
        held = {} if request.schema is None and not request.json_object else {"constraint": version()}
        return {**engine, kind: self.prompt_text(request), **request.sampling(), **reach, **held}

    def prompt_text(self, request: Request) -> str:
        """The exact text the model continues."""
        if request.messages is None:
            text = request.prompt or ""
        else:
            text = self.render(request.messages, think=request.think)
        if request.think is False:
            text = without_thought(text, self.closing_tag)
        elif self._thinks(request, text):
            text = with_thought(text, self.closing_tag)
        return text + request.prefix

    @functools.cached_property
    def closing_tag(self) -> str:
        """The tag that ends the model's thoughts."""
        return closing_tag(self.model.chat_template)

    def _thinks(self, request: Request, prompt: str) -> bool:
        """Whether a thought comes first: asked for, or begun by the template, and a schema is to follow."""
        held = request.schema is not None or request.json_object
        begun = request.think is None and held and is_open(prompt, self.closing_tag)
        return request.think is True or begun

    def render(
        self,
        messages: Sequence[Message],
        *,
        add_generation_prompt: bool = True,
        prefix: str = "",
        think: bool | None = None,
    ) -> str:
        """`messages` in the model's own chat template; `UserError` when it has none or refuses them."""
        template = self.model.chat_template
        if not template:
            raise UserError(
                "the model has no chat template", where=self.path, mend="give a raw prompt instead"
            )
        return render_chat(
            template,
            messages,
            special_tokens=self.model.special_tokens,
            add_generation_prompt=add_generation_prompt,
            prefix=prefix,
            think=think,
        )

    def tokenize(self, text: str, special: bool = True) -> list[int]:
        """Token ids, no begin token added. `special`: text of control tokens counts as those tokens."""
        return self.model.tokenize(text, beginning=False, special=special)

    def detokenize(self, tokens: Sequence[int], special: bool = False) -> str:
        """The text of `tokens`; control tokens show only if `special`."""
        pieces = b"".join(self.model.piece(token, special=special) for token in tokens)
        return pieces.decode("utf-8", errors="replace")

    def logits(self, tokens: Sequence[int]) -> Logits:
        """Logits after each of `tokens` [len(tokens), vocabulary], in a context of their own."""
        if not tokens:
            raise ValueError("no tokens")
        with self._native:
            if self._lanes.stopped:
                raise EngineClosedError(f"{self.name} is closed")
            context = self._new_context(1, len(tokens), self.threads)
            try:
                return context.prefill(0, list(tokens), every=True)
            finally:
                context.close()

    async def embed(self, texts: Sequence[str], *, normalized: bool = True) -> Logits:
        """Vectors of `texts` [len(texts), size]; see `embedding.py`. Waits for no generation."""
        return await asyncio.to_thread(self._embed, list(texts), normalized)

    def _embed(self, texts: list[str], normalized: bool) -> Logits:
        with self._native:
            if self._lanes.stopped:
                raise EngineClosedError(f"{self.name} is closed")
            found = embed(
                self.model,
                texts,
                name=self.name,
                metadata=self.metadata,
                threads=self.threads,
                normalized=normalized,
                stopped=lambda: self._lanes.stopped,
            )
            if self._lanes.stopped:
                raise EngineClosedError(f"{self.name} was closed before it answered")
            return found

    def close(self) -> None:
        """Free everything; requests under way fail with `EngineClosedError`. May be repeated."""
        self._lanes.stop(EngineClosedError(f"{self.name} was closed before it answered"))
        self._lanes.join()
        with self._native:
            for decoder in self._lanes.decoders:
                decoder.context.close()
            self.model.close()
        _open_engines.discard(self)

    def _job(self, request: Request) -> Job:
        """Render and tokenize on the caller's side, and refuse what can never fit."""
        if self._lanes.stopped:
            raise EngineClosedError(f"{self.name} is closed")
        text = self.prompt_text(request)
        prompt = self.model.tokenize(text, beginning=request.messages is None, special=True)
        if not prompt:
            raise UserError("the prompt is empty", where="request", mend="give at least one token of text")
        room = self.context - len(prompt)
        wanted = request.max_tokens or 1
        if wanted > room:
            what = (
                f"a prompt of {len(prompt)} tokens and {wanted} to write do not fit {self.context} of context"
            )
            raise PromptTooLongError(
                what, where=self.name, mend="shorten the prompt or open with a larger context"
            )
        limit = request.max_tokens or room
        plan = self._plan(request, text, limit)
        drafts = [Draft(request, seed, limit, plan) for seed in request.sample_seeds]
        cuts = cuts_of(len(prompt), self.settings["chunk"], self._head(request, prompt))
        return Job(prompt, cuts, drafts)

    def _plan(self, request: Request, prompt: str, limit: int) -> Plan | None:
        """What goes beyond drawing token after token; `UserError` for what cannot be held to, or together."""
        rule = self._rules.rule(request.schema, json_object=request.json_object)
        thinks = self._thinks(request, prompt)
        if rule is not None and request.stop:
            mend = "leave out the stop strings: the answer ends where the schema does"
            raise UserError("stop strings would cut an answer under a schema", where="request", mend=mend)
        if thinks and request.prefix:
            raise UserError(
                "a prefix leaves no room for a thought", where="request", mend="leave out one of them"
            )
        if rule is None and not thinks:
            return None
        plan = Plan(
            rule=rule,
            prefix=request.prefix,
            closing=self.closing_tag if thinks else None,
            think_tokens=request.think_tokens or max(1, limit // 2),
            ends=self.model.ends,
            tokenize=self.tokenize,
            piece=functools.partial(self.model.piece, special=True),
        )
        Guide(plan)  # a prefix that does not fit the schema is found out here
        return plan

    def _head(self, request: Request, prompt: list[int]) -> int:
        """How many tokens of `prompt` are all messages but the last: others may begin with them too."""
        if request.messages is None or len(request.messages) < 2:
            return 0
        try:
            head = self.render(request.messages[:-1], add_generation_prompt=False, think=request.think)
        except UserError:  # some templates refuse a chat that does not end with the user
            return 0
        tokens = self.model.tokenize(head, beginning=False, special=True)
        # The prompt's last token stays out: its logits are what the first token is drawn from.
        pairs = zip(tokens, prompt[:-1], strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    def _completion(self, job: Job) -> Completion:
        return Completion(
            samples=tuple(draft.sample() for draft in job.drafts),
            prompt_tokens=len(job.prompt),
            completion_tokens=sum(len(draft.tokens) for draft in job.drafts),
            seconds=time.perf_counter() - job.asked,
            model=self.name,
            waited_s=(job.began or job.asked) - job.asked,
        )


def open_model(model: str, options: EngineOptions) -> Engine:
    """The engine of `llama:FILE.gguf`: in a child process, unless the options want it in this one."""
    from datagen.engines.llama.child import ChildEngine

    open_file: Callable[..., Engine] = LlamaCppEngine
    if not options.in_process:
        open_file = functools.partial(ChildEngine, offline=options.offline)
    return open_file(
        Path(model).expanduser(),
        context=options.context,
        width=options.width,
        threads=options.threads,
        gpu_layers=options.gpu_layers,
        adapter=options.adapter,
    )


@atexit.register
def _close_open_engines() -> None:
    """A worker inside C while the interpreter goes down would crash the process."""
    for engine in list(_open_engines):
        engine.close()
