"""An answer of Ollama: its parts put together, and what of it can be trusted. Pure; nothing is asked here.

Leaves to others: the connection (`server.py`), and what is asked (`engine.py`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datagen.engines.engine import FinishReason, Request, Sample
from datagen.engines.ollama.server import ServerFaultError

SLACK = 64
"""Parts a server may send over the tokens asked for: a part is a token or more, but an end may take some."""
LARGEST_SEED = 2**31 - 2
"""Ollama reads a seed as a 64-bit float, its runners as 32 bits, in which the largest means "any"."""
NANO = 1e-9
NEUTRAL = {"mirostat": 0, "tfs_z": 1.0}
"""Samplers that a Modelfile of older times may switch on, and the values that switch them off."""


@dataclass
class Answer:
    """One answer as it grows. `limit`: the tokens asked for at most; `asked_at`: when, in seconds."""

    limit: int
    asked_at: float = field(default_factory=time.perf_counter)
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    logprobs: list[Mapping[str, Any]] = field(default_factory=list)
    parts: int = 0
    done: Mapping[str, Any] | None = None

    def add(self, part: Mapping[str, Any]) -> None:
        """Take in the next part of the stream; `ServerFaultError` when it goes on after its end or limit."""
        message = part.get("message") or {}
        text = part.get("response") or message.get("content") or ""
        thought = part.get("thinking") or message.get("thinking") or ""
        self.parts += bool(text or thought)
        if self.parts > self.limit + SLACK:
            raise ServerFaultError(f"the answer goes on past the {self.limit:,} tokens asked for")
        if text:
            self.pieces.append(text)
        if thought:
            self.thoughts.append(thought)
        self.logprobs += part.get("logprobs") or ()
        if part.get("done"):
            self.done = part

    def finish(self) -> None:
        """`ServerFaultError` unless the stream came to its end."""
        if self.done is None:
            raise ServerFaultError("the answer broke off in the middle")
        reason = self.done.get("done_reason") or "stop"
        if reason not in ("stop", "length"):
            raise ServerFaultError(f"the answer ended for the reason '{reason}'")

    def end_here(self, prompt_tokens: int) -> None:
        """Take what there is as an answer that was cut off."""
        self.done = {"done_reason": "length", "prompt_eval_count": prompt_tokens, "eval_count": self.parts}

    def cut(self, tokens: int) -> None:
        """Keep the first `tokens`: what came after them was written with the beginning forgotten."""
        assert self.done is not None
        thought, several = len(self.thoughts), max(0, self.tokens - self.parts)
        tokens = max(0, tokens - several)  # some parts were several tokens, and nobody says which
        self.thoughts = self.thoughts[:tokens]
        self.pieces = self.pieces[: max(0, tokens - thought)]
        self.logprobs = self.logprobs[:tokens]
        self.done = {**self.done, "done_reason": "length", "eval_count": tokens}

    @property
    def text(self) -> str:
        """What was said, without the reasoning."""
        return "".join(self.pieces)

    @property
    def reasoning(self) -> str:
        """What was thought before."""
        return "".join(self.thoughts)

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the prompt as the server counted them, cached ones too; 0 when it did not."""
        return int((self.done or {}).get("prompt_eval_count") or 0)

    @property
    def tokens(self) -> int:
        """Tokens written, as the server counted them."""
        return int((self.done or {}).get("eval_count") or self.parts)

    @property
    def waited_s(self) -> float:
        """Seconds the request then stood in the server's queue, or waited for the model to load."""
        done = self.done or {}
        worked = sum(done.get(name) or 0 for name in ("prompt_eval_duration", "eval_duration"))
        return float(max(0, (done.get("total_duration") or 0) - worked) * NANO)


def sample_of(answer: Answer, request: Request, *, reasoning: str | None = None, before: int = 0) -> Sample:
    """The sample an answer is; `before`: tokens of an earlier call that belong to it.

    Raises `ServerFaultError` when logarithms were asked for and did not come.
    """
    thought = answer.reasoning if reasoning is None else reasoning
    reason: FinishReason = "length" if (answer.done or {}).get("done_reason") == "length" else "stop"
    return Sample(
        text=answer.text,
        tokens=(),
        finish_reason=reason,
        logprobs=tuple(float(entry["logprob"]) for entry in answer.logprobs) if request.logprobs else None,
        top_logprobs=_alternatives(answer.logprobs) if request.top_logprobs else None,
        reasoning=thought or None,
        token_count=answer.tokens + before,
    )


def _alternatives(entries: Sequence[Mapping[str, Any]]) -> tuple[tuple[tuple[str, float], ...], ...]:
    return tuple(
        tuple((str(other["token"]), float(other["logprob"])) for other in entry.get("top_logprobs") or ())
        for entry in entries
    )


@dataclass(frozen=True)
class Defaults:
    """What decides about an answer and comes with the model: stop strings and samplers of its Modelfile."""

    stop: tuple[str, ...] = ()
    switched_on: tuple[str, ...] = ()


def defaults_of(parameters: str) -> Defaults:
    r"""Read the `parameters` of `/api/show`: a name and a value a line.

    >>> defaults_of('stop           "<|im_end|>"\nmirostat       2\ntemperature    0.6')
    Defaults(stop=('<|im_end|>',), switched_on=('mirostat',))
    """
    import json

    stop: list[str] = []
    names: list[str] = []
    for line in parameters.splitlines():
        name, _, value = line.strip().partition(" ")
        value = value.strip()
        if name == "stop" and value:
            try:
                stop.append(str(json.loads(value)) if value.startswith('"') else value)
            except json.JSONDecodeError:
                stop.append(value.strip('"'))
        elif name in NEUTRAL:
            names.append(name)
    return Defaults(tuple(stop), tuple(names))


def sampling_options(
    request: Request, seed: int, num_predict: int, context: int, defaults: Defaults
) -> dict[str, Any]:
    """The options of one sample, every one that changes a distribution with a value of ours.

    What is left out takes the Modelfile's value, or Ollama's own: top_k 40, top_p 0.9, temperature 0.8.
    """
    penalised = (request.repeat_penalty, request.presence_penalty, request.frequency_penalty) != (1, 0, 0)
    options: dict[str, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "min_p": request.min_p,
        "typical_p": 1.0,
        "repeat_penalty": request.repeat_penalty,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
        # A shorter window could miss what the sample has written; newer servers refuse the -1 for all of it.
        "repeat_last_n": context if penalised else 0,
        "seed": small_seed(seed),
        "num_predict": num_predict,
        **{name: NEUTRAL[name] for name in defaults.switched_on},
    }
    if request.stop:  # they replace the model's own, which are what ends its turn
        options["stop"] = [*dict.fromkeys((*defaults.stop, *request.stop))]
    return options


def small_seed(seed: int) -> int:
    """A seed that every layer of Ollama takes for what it is: at least 1, at most `LARGEST_SEED`."""
    return 1 + seed % LARGEST_SEED
