"""The llama.cpp engine on a tiny model, with what a random model cannot do done for it. Not a test itself.

Text, tokens, seeds, stops and logits are llama.cpp's own; values of a schema and thoughts are written here.
So a test can change one thing at a time, and see whether a probe finds it.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from datagen.engines import Completion, Request, Sample
from datagen.engines.llama.engine import LlamaCppEngine


class HonestEngine:
    """Does everything a `Request` asks for. Subclasses override what they lie about."""

    def __init__(self, real: LlamaCppEngine) -> None:
        self.real = real
        self.requests: list[Request] = []

    name = property(lambda self: self.real.name)
    model_hash = property(lambda self: self.real.model_hash)
    context = property(lambda self: self.real.context)

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        completion = await self.real.generate(plain(request))
        if request.schema is not None or request.json_object or request.think:
            samples = [
                self.shaped(request, sample, seed)
                for sample, seed in zip(completion.samples, request.sample_seeds, strict=True)
            ]
        else:
            samples = [self.weighed(request, sample) for sample in completion.samples]
        tokens = sum(sample.token_count for sample in samples)
        return replace(completion, samples=tuple(samples), completion_tokens=tokens)

    def shaped(self, request: Request, sample: Sample, seed: int) -> Sample:
        """The sample under its schema, after thoughts if it was asked to think."""
        text = sample.text
        if request.schema is not None:
            text = json.dumps(instance(request.schema, random.Random(seed)))
        elif request.json_object:
            text = json.dumps({"said": text[:8]})
        reasoning = "Let me think." if request.think else None
        tokens = tuple(self.real.tokenize(text))
        return Sample(text, tokens, "stop", reasoning=reasoning)

    def weighed(self, request: Request, sample: Sample) -> Sample:
        """The sample with the alternatives to its tokens, out of llama.cpp's logits."""
        if not request.top_logprobs:
            return sample
        rows = self.distribution(request, sample)
        alternatives = []
        for row in rows:
            best = np.argsort(-row, kind="stable")[: request.top_logprobs]
            alternatives.append(tuple((self.real.detokenize([int(t)]), float(row[t])) for t in best))
        return replace(sample, top_logprobs=tuple(alternatives))

    def distribution(self, request: Request, sample: Sample, temperature: float = 1.0) -> np.ndarray:
        """Logprobs before each token of the sample [tokens, vocabulary]."""
        prompt = self.real.tokenize(self.real.prompt_text(plain(request)))
        logits = self.real.logits([*prompt, *sample.tokens[:-1]])[len(prompt) - 1 :].astype(np.float64)
        logits /= temperature
        return (
            logits
            - np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True))
            - (logits.max(-1, keepdims=True))
        )

    async def count(self, request: Request) -> int | None:
        return await self.real.count(plain(request))

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        if request is None:
            return self.real.identity()
        return {**self.real.identity(plain(request)), **request.sampling()}

    def details(self) -> dict[str, Any]:
        return self.real.details()

    def close(self) -> None:
        """The model belongs to whoever opened it."""

    def __enter__(self) -> HonestEngine:
        return self

    def __exit__(self, *error: object) -> None: ...

    async def __aenter__(self) -> HonestEngine:
        return self

    async def __aexit__(self, *error: object) -> None: ...


def plain(request: Request) -> Request:
    """What is left for llama.cpp to do."""
    nothing: dict[str, Any] = {"schema": None, "json_object": False, "think": None, "think_tokens": None}
    return replace(request, top_logprobs=0, **nothing)


def instance(schema: Mapping[str, Any], rng: random.Random) -> Any:
    """Some value of the small part of JSON Schema that a probe asks for."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if schema["type"] == "integer":
        return rng.randint(schema["minimum"], schema["maximum"])
    if schema["type"] == "array":
        return [instance(schema["items"], rng) for _ in range(schema["minItems"])]
    return {name: instance(part, rng) for name, part in schema["properties"].items()}


async def forever() -> None:
    """Never returns."""
    await asyncio.Event().wait()
