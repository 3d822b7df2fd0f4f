"""Are schemas enforced, or only read? The facts about thinking, schemas and JSON mode.

An answer counts only if an engine that ignores the schema could not have given it: words no model can guess,
where the question asks for something else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.engines.engine import Request, Sample
from datagen.engines.probing.asker import (
    COUNTING,
    GREETING,
    HOT,
    WRITTEN,
    Asker,
    Finding,
    RefusedError,
    described,
    in_text,
    shown,
    thoughts,
)
from datagen.engines.probing.json_text import begins_json

PLAIN_WORDS = "Say hello in one short sentence. Plain words only: no JSON, no braces, no digits."
SCHEMA_TOKENS = 96
"""Enough for the values asked for, written byte by byte with line breaks and indentation."""
THOUGHT, FREE_THOUGHT = 24, 384
"""Tokens of thought before an answer, where that can be limited and where it cannot."""


# ---- thinking ----


async def thinks(asker: Asker) -> Finding:
    """Does the model think when left to itself? The value is 1 when its thoughts come apart from its text."""
    assert asker.greeting is not None
    apart = int(bool(asker.greeting.reasoning))
    if thoughts(asker.greeting):
        return Finding("yes", f"'{GREETING}'", f"thought: {shown(thoughts(asker.greeting))}", apart)
    return Finding("no", f"'{GREETING}'", f"text at once: {shown(asker.greeting.text)}")


async def think_off(asker: Asker) -> Finding:
    """Does it answer without thoughts when told to?"""
    request = asker.request(GREETING, think=False, max_tokens=WRITTEN)
    sample = (await asker.ask(request)).samples[0]
    if thoughts(sample):
        return Finding("no", described(request), f"thought all the same: {shown(thoughts(sample))}")
    return Finding("yes", described(request), f"text at once: {shown(sample.text)}")


async def think_on(asker: Asker) -> Finding:
    """Does it think when told to, and do its thoughts come apart from the text?"""
    request, sample = await thoughtful(asker, COUNTING, max_tokens=WRITTEN)
    if sample.reasoning and not in_text(sample.text):
        return Finding("yes", described(request), f"thought: {shown(sample.reasoning)}")
    found = "its thoughts are part of its text" if in_text(sample.text) else "no thought"
    return Finding("no", described(request), f"{found}: {shown(sample.text)}")


async def thoughtful(asker: Asker, text: str, **fields: Any) -> tuple[Request, Sample]:
    """An answer after thinking, of few tokens if the engine can limit them, and else of many."""
    room = fields.pop("max_tokens")
    fields = {"temperature": 1.0, **fields}
    request = asker.request(text, think=True, think_tokens=THOUGHT, max_tokens=room + THOUGHT, **fields)
    try:
        return request, (await asker.ask(request)).samples[0]
    except RefusedError:
        request = asker.request(text, think=True, max_tokens=asker.room(room + FREE_THOUGHT), **fields)
        return request, (await asker.ask(request)).samples[0]


# ---- schemas ----


async def schema(asker: Asker) -> Finding:
    """Is a schema enforced when thinking is left to the model?"""
    return await enforcement(asker, [const(asker), const(asker), choice(asker)], {"think": None})


async def schema_ranges(asker: Asker) -> Finding:
    """Are the bounds of numbers enforced?"""
    return await enforcement(asker, [between(asker), between(asker)], {})


async def schema_think_off(asker: Asker) -> Finding:
    """Is it enforced with thinking off? (Ollama had models where it was ignored just then.)"""
    return await enforcement(asker, [const(asker), choice(asker)], {"think": False})


async def schema_think_on(asker: Asker) -> Finding:
    """Is it enforced after thinking? The thoughts must stay free: they are not judged."""
    wanted = const(asker)
    request, sample = await thoughtful(asker, PLAIN_WORDS, schema=wanted, max_tokens=SCHEMA_TOKENS)
    return judge_schemas([request], [sample])


async def enforcement(asker: Asker, wanted: Sequence[dict[str, Any]], fields: Mapping[str, Any]) -> Finding:
    # One of them at a temperature at which a model that only reads the schema does not write JSON any more.
    heat, room = [HOT, *([1.0] * (len(wanted) - 1))], SCHEMA_TOKENS
    if fields.get("think", asker.think) is None and asker.greeting and thoughts(asker.greeting):
        # It thinks first, sanely and at length.
        wanted, heat, room = wanted[:1], [1.0], asker.room(SCHEMA_TOKENS + FREE_THOUGHT)
    requests = [
        asker.request(PLAIN_WORDS, schema=each, temperature=warm, max_tokens=room, **fields)
        for each, warm in zip(wanted, heat, strict=True)
    ]
    completions = await asker.ask_all(requests)
    return judge_schemas(requests, [completion.samples[0] for completion in completions])


def judge_schemas(requests: Sequence[Request], samples: Sequence[Sample]) -> Finding:
    """Enforced when all that were finished keep to their schemas; one that does not is enough to deny it."""
    cut_off = []
    for request, sample in zip(requests, samples, strict=True):
        if follows(sample.text, request.schema or {}):
            continue
        if sample.finish_reason == "length" and (not sample.text.strip() or begins_json(sample.text)):
            cut_off.append((request, sample))
            continue
        return Finding("no", described(request), shown(sample.text))
    if len(cut_off) == len(samples):
        request, sample = cut_off[0]
        return Finding("unknown", described(request), f"cut off: {shown(sample.text)}")
    return Finding("yes", described(requests[-1]), shown(samples[-1].text))


def follows(text: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a text is, as a whole, JSON that follows a schema."""
    import jsonschema_rs

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return jsonschema_rs.Draft202012Validator(dict(wanted)).is_valid(value)


def an_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    closed = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": dict(properties), **closed}


def const(asker: Asker) -> dict[str, Any]:
    return an_object({"word": {"const": asker.nonce()}})


def choice(asker: Asker) -> dict[str, Any]:
    words = {"type": "array", "items": {"enum": [asker.nonce(6), asker.nonce(6)]}}
    return an_object({"words": {**words, "minItems": 2, "maxItems": 2}})


def between(asker: Asker) -> dict[str, Any]:
    low = asker.rng.randrange(1000, 9000)
    return an_object({"count": {"type": "integer", "minimum": low, "maximum": low + 9}})


async def json_mode(asker: Asker) -> Finding:
    """Does JSON mode give a JSON object where plain words were asked for?"""
    requests = [
        asker.request(PLAIN_WORDS, json_object=True, temperature=1.0, seed=seed, max_tokens=2 * WRITTEN)
        for seed in (1, 2)
    ]
    samples = [completion.samples[0] for completion in await asker.ask_all(requests)]
    if all(sample.finish_reason == "length" and not sample.text.strip() for sample in samples):
        return Finding("unknown", described(requests[0]), "cut off before the answer began")
    for sample in samples:
        whole = sample.finish_reason == "stop"
        if not begins_json(sample.text) or (whole and not follows(sample.text, {"type": "object"})):
            return Finding("no", described(requests[0]), shown(sample.text))
    return Finding("yes", described(requests[0]), shown(samples[0].text))
