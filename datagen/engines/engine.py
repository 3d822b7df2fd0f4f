"""What an engine is: requests in, completions out, and nothing about where the text comes from.

Leaves to others: driving a model (`llama/engine.py`), remembering completions (`datagen/runs/journal.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from schemas import UserError

Message = Mapping[str, Any]
USUAL_WIDTH = 16
"""Requests under way at a time where nothing says what is best."""
FinishReason = Literal["stop", "length", "invalid"]
T = TypeVar("T")
C = TypeVar("C", bound="Closing")


class PromptTooLongError(UserError):
    """A request that can never fit the context of its engine: rejected whole, never truncated."""


class EngineClosedError(RuntimeError):
    """The engine was closed before the request was answered."""


@dataclass(frozen=True)
class Request:
    """`n` samples of one prompt: either chat `messages` or the raw text `prompt`.

    Every truncation of the distribution is named here; the defaults sample from the model itself.
    `temperature` 0 is greedy. A sample's seed is `seeds[i]`, or derived from `seed` (None is 0) and `i`.
    `prefix` is text the answer must begin with: it is given to the model and not repeated in the sample.
    `max_tokens` None means as far as the context reaches. The penalties look at what the sample has written
    so far; 1 and 0 are off. `schema` is a JSON Schema the answer must follow, `json_object` asks for any
    JSON object. `think` True lets the model reason freely first (`Sample.reasoning`, at most `think_tokens`
    tokens) and only then answer, under the schema if there is one; False asks it not to; None leaves it to
    the model. `top_logprobs` is how many alternatives to report for each token.
    Raises `UserError` for values without meaning.
    """

    messages: tuple[Message, ...] | None = None
    prompt: str | None = None
    prefix: str = ""
    n: int = 1
    max_tokens: int | None = None
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    seeds: tuple[int, ...] | None = None
    logprobs: bool = False
    top_logprobs: int = 0
    schema: Mapping[str, Any] | None = None
    json_object: bool = False
    think: bool | None = None
    think_tokens: int | None = None

    def __post_init__(self) -> None:
        if self.messages is not None:
            object.__setattr__(self, "messages", tuple(dict(m) for m in self.messages))
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)
        object.__setattr__(self, "stop", stop)
        if self.seeds is not None:
            object.__setattr__(self, "seeds", tuple(self.seeds))
        fault = _fault(self)
        if fault:
            raise UserError(fault, where="request")

    @property
    def sample_seeds(self) -> tuple[int, ...]:
        """The seed of each of the `n` samples."""
        return (
            self.seeds
            if self.seeds is not None
            else tuple(derive_seed(self.seed or 0, i) for i in range(self.n))
        )

    def sampling(self) -> dict[str, Any]:
        """What besides prompt, engine and seed determines a sample, ready for JSON."""
        always = {name: getattr(self, name) for name in ALWAYS_NAMED}
        chosen = {name: getattr(self, name) for name in NAMED_WHEN_CHOSEN}
        return always | {name: value for name, value in chosen.items() if value != DEFAULTS[name]}


ALWAYS_NAMED = ("max_tokens", "temperature", "top_p", "top_k", "min_p", "stop", "logprobs")
NAMED_WHEN_CHOSEN = (
    *("repeat_penalty", "presence_penalty", "frequency_penalty", "top_logprobs"),
    *("schema", "json_object", "think", "think_tokens"),
)
"""Fields that enter a sample's identity only when they are set: those of older journals stay as they are."""
DEFAULTS = {field.name: field.default for field in fields(Request)}


def _fault(request: Request) -> str | None:
    """What is wrong with a request, in words, or None."""
    checks = {
        "give either messages or prompt": (request.messages is None) != (request.prompt is None),
        "messages must not be empty": request.messages is None or len(request.messages) > 0,
        f"n is {request.n}, it must be at least 1": request.n >= 1,
        f"max_tokens is {request.max_tokens}, it must be at least 1": (request.max_tokens or 1) >= 1
        and request.max_tokens != 0,
        f"temperature is {request.temperature}, it must be 0 or more": request.temperature >= 0,
        f"top_p is {request.top_p}, it must lie in (0, 1]": 0 < request.top_p <= 1,
        f"top_k is {request.top_k}, it must be 0 (off) or more": request.top_k >= 0,
        f"min_p is {request.min_p}, it must lie in [0, 1)": 0 <= request.min_p < 1,
        f"repeat_penalty is {request.repeat_penalty}, it must be above 0": request.repeat_penalty > 0,
        f"top_logprobs is {request.top_logprobs}, it must be 0 (none) or more": request.top_logprobs >= 0,
        "give either a schema or json_object": request.schema is None or not request.json_object,
        f"think_tokens is {request.think_tokens}, it must be at least 1": request.think_tokens is None
        or request.think_tokens >= 1,
        "a stop string must not be empty": all(request.stop),
        f"{len(request.seeds or ())} seeds for n={request.n} samples": request.seeds is None
        or len(request.seeds) == request.n,
    }
    return next((fault for fault, holds in checks.items() if not holds), None)


@dataclass(frozen=True)
class Sample:
    """One answer.

    `tokens` are all the tokens the model produced, its end token included, or nothing where an engine does
    not tell them; `token_count` is then what it reports. `text` holds neither the end token nor the stop
    string. `finish_reason` is "stop" (end token, stop string, or the schema allows no more), "length", or
    "invalid" for an answer that ended but does not follow the schema.
    `logprobs` has one natural logarithm a token, under the model's own distribution (temperature 1,
    nothing truncated), or is None when not asked for; `top_logprobs` the likeliest (text, logarithm) pairs
    of each token, likeliest first. `reasoning` is what was thought before the answer, no part of `text`.
    """

    text: str
    tokens: tuple[int, ...]
    finish_reason: FinishReason
    logprobs: tuple[float, ...] | None = None
    top_logprobs: tuple[tuple[tuple[str, float], ...], ...] | None = None
    reasoning: str | None = None
    token_count: int = -1

    def __post_init__(self) -> None:
        if self.token_count < 0:
            object.__setattr__(self, "token_count", len(self.tokens))


@dataclass(frozen=True)
class Completion:
    """The samples of one request, in the order of their seeds, and what they cost.

    `seconds` from being asked to the last token; `waited_s` of them passed before the engine began on it.
    """

    samples: tuple[Sample, ...]
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    model: str
    waited_s: float = 0.0

    @property
    def text(self) -> str:
        """The text of the first sample."""
        return self.samples[0].text

    def as_dict(self) -> dict[str, Any]:
        """The completion as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class EngineOptions:
    """How to open an engine; each kind takes what means something to it, and refuses what it cannot honour.

    `context`: tokens of prompt and answer together. `width`: samples written, or requests sent, at a
    time, None for as many as suit the engine.
    `threads`: cores, None to tune them while running. `gpu_layers`: None chooses by the free memory.
    `adapter`: a LoRA adapter as GGUF. `offline`: refuse whatever would leave this machine.
    `in_process`: without the child process that shields from failed assertions in C.
    """

    context: int | None = None
    width: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    adapter: Path | None = None
    offline: bool = False
    in_process: bool = False


class Engine(Protocol):
    """Where text comes from. Async, shared by as many coroutines as like to ask."""

    @property
    def name(self) -> str:
        """What the user calls it, e.g. `llama:model.gguf`."""
        ...

    @property
    def model_hash(self) -> str:
        """Hash of the content of the model: two files with the same bytes have the same one."""
        ...

    @property
    def context(self) -> int | None:
        """Tokens that prompt and answer may have together; None when the engine does not say."""
        ...

    async def generate(self, request: Request) -> Completion:
        """The answer to one request. Raises `PromptTooLongError` when it cannot fit."""
        ...

    async def count(self, request: Request) -> int | None:
        """Tokens of the prompt as the model will see it; None when only asking would tell."""
        ...

    def details(self) -> dict[str, Any]:
        """What the engine knows of itself, for people and records: versions, sizes, settings; JSON-ready."""
        ...

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """Everything but the seed that determines the samples of `request`, ready for JSON.

        Without a request: the model and the settings, which is what determines everything it may say.
        """
        ...

    def close(self) -> None:
        """Free what the engine holds. Requests under way fail with `EngineClosedError`."""
        ...

    def __enter__(self) -> Engine: ...

    def __exit__(self, *error: object) -> None: ...

    async def __aenter__(self) -> Engine: ...

    async def __aexit__(self, *error: object) -> None: ...


class Closing:
    """`with` and `async with` for an engine: it is closed at the end of the block."""

    def close(self) -> None:
        """Free what the engine holds."""
        raise NotImplementedError

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self: C) -> C:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.close()


def derive_seed(*parts: object) -> int:
    """A 63-bit seed from whatever identifies a piece of work: independent of order and concurrency.

    >>> derive_seed(7, "pairs", "item-1", 0) == derive_seed(7, "pairs", "item-1", 0)
    True
    """
    # Length-prefixed so that ("ab", "c") and ("a", "bc") differ.
    text = "".join(f"{len(part)}:{part}" for part in map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generate_all(engine: Engine, requests: Sequence[Request]) -> list[Completion]:
    """The completions of all requests, in their order, for callers that are not async.

    All are handed to the engine at once, so it can batch them as it likes.
    """

    async def gather() -> list[Completion]:
        return await asyncio.gather(*(engine.generate(request) for request in requests))

    return run_coroutine(gather())


def run_coroutine(coroutine: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, also from inside a running loop (a notebook), where it runs on a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(asyncio.run(coroutine))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=target, name="generate_all")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
