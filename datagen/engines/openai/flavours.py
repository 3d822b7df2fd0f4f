"""What the servers that speak OpenAI's protocol have each their own way of: fields, defaults, extras.

A `Flavour` is data; `body_of` turns a request into what that server understands, every truncation of the
distribution named (llama-server applies top_k=40 and min_p=0.05 unless told, vLLM what the model's author
recommends). What a flavour cannot honour is refused by name. Sending is for `engine.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from datagen.engines.engine import Request
from schemas import UserError

SEED_SPAN = 2**31 - 1
"""Servers read a seed as an integer of 32 bits, some as a signed one, and -1 or 2**32 - 1 as "any"."""


@dataclass(frozen=True)
class Flavour:
    """One kind of server. `fields`: how it calls what OpenAI's protocol has no name for; one that is missing
    is not understood. `always`: what is sent with every request, so that no hidden default is left.
    `prefix`: how an answer is begun for the model, by the rendered "template" or by a "message" that is
    continued. `unbounded`: texts without `max_tokens` are not cut off at 16 tokens. `streams` False: its
    streams hide errors, and another request cuts them off.
    """

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    always: Mapping[str, Any] = field(default_factory=dict)
    schema: Literal["json_schema", "json_object"] = "json_schema"
    raw_schema: Literal["json_schema", "response_format"] | None = None
    json_object: bool = True
    thinks: bool = False
    prefix: Literal["template", "message"] | None = None
    unbounded: bool = False
    streams: bool = True
    top_k_off: int = 0


LLAMA_SERVER = Flavour(
    "llama-server",
    fields={"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repeat_penalty"},
    # Whatever the server was started with; the order is that of llama.cpp: truncate first, then temperature.
    always={
        "samplers": ["penalties", "top_k", "top_p", "min_p", "temperature"],
        "dynatemp_range": 0.0,
        "mirostat": 0,
        "ignore_eos": False,
    },
    raw_schema="json_schema",
    thinks=True,
    prefix="template",
    unbounded=True,
)
VLLM = Flavour(
    "vLLM",
    fields={"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repetition_penalty"},
    raw_schema="response_format",
    thinks=True,
    prefix="message",
    top_k_off=-1,
)
LLAMA_CPP_PYTHON = Flavour(
    "llama-cpp-python",
    fields={"top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repeat_penalty"},
    always={"mirostat_mode": 0},
    schema="json_object",
    unbounded=True,
    streams=False,
)
LM_STUDIO = Flavour(
    "LM Studio", fields={"top_k": "top_k", "repeat_penalty": "repeat_penalty"}, json_object=False
)
UNKNOWN = Flavour("unknown")


def refuse(flavour: Flavour, request: Request, where: str) -> None:
    """`UserError` for the first thing in `request` that this kind of server cannot honour."""
    raw = request.messages is None
    # A server applies the schema to what it writes itself, and so to the rest of an answer begun for it.
    constrained = request.schema is not None or request.json_object
    neutral = {"top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0}
    refused = {
        f"{name} {getattr(request, name):g}": getattr(request, name) != off and name not in flavour.fields
        for name, off in neutral.items()
    }
    refused |= {
        "think for a raw prompt": raw and request.think is not None,
        "think": request.think is not None and not flavour.thinks,
        "think_tokens": request.think_tokens is not None,
        "a prefix to continue": bool(request.prefix) and not raw and flavour.prefix is None,
        "a prefix and a schema together": bool(request.prefix) and constrained,
        "a prefix before a thought": bool(request.prefix) and request.think is True,
        "a schema for a raw prompt": raw and request.schema is not None and flavour.raw_schema is None,
        "json_object": request.json_object and not flavour.json_object,
        "json_object for a raw prompt": raw and request.json_object and flavour.raw_schema is None,
        "a raw prompt without max_tokens (16 would be written)": raw
        and request.max_tokens is None
        and not flavour.unbounded,
    }
    for what, wrong in refused.items():
        if wrong:
            named = "a server of unknown kind" if flavour is UNKNOWN else flavour.name
            mend = "leave it out, or use another engine, e.g. llama:FILE.gguf"
            raise UserError(f"{named} does not take {what}", where=where, mend=mend)


def body_of(
    flavour: Flavour,
    request: Request,
    seed: int,
    *,
    model: str,
    max_tokens: int | None,
    context: int | None,
    rendered: str | None = None,
) -> tuple[str, dict[str, Any]]:
    """(path, body) that asks for one sample. `rendered`: the prompt text that stands for the messages."""
    raw = request.messages is None or rendered is not None
    body: dict[str, Any] = {"model": model, "seed": seed % SEED_SPAN, **_sampling(flavour, request, context)}
    if flavour.streams:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if max_tokens is not None or (raw and flavour.unbounded and flavour is not LLAMA_SERVER):
        body["max_tokens"] = max_tokens
    body |= _logprobs(request, raw) | _format(flavour, request, raw)
    if raw:
        return "/completions", body | {"prompt": text_of(request) if rendered is None else rendered}
    return "/chat/completions", body | chat_fields(flavour, request)


def chat_fields(flavour: Flavour, request: Request) -> dict[str, Any]:
    """The part of a chat's body from which the server renders its prompt."""
    assert request.messages is not None
    body: dict[str, Any] = {"messages": list(request.messages)}
    if request.prefix and flavour.prefix == "message":
        body["messages"].append({"role": "assistant", "content": request.prefix})
        body |= {"add_generation_prompt": False, "continue_final_message": True}
    if request.think is not None:
        body["chat_template_kwargs"] = {"enable_thinking": request.think}
    return body


def text_of(request: Request) -> str:
    """A raw prompt and the beginning of its answer."""
    return (request.prompt or "") + request.prefix


def _sampling(flavour: Flavour, request: Request, context: int | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
    }
    own = {
        "top_k": request.top_k or flavour.top_k_off,
        "min_p": request.min_p,
        "repeat_penalty": request.repeat_penalty,
    }
    body |= {flavour.fields[name]: value for name, value in own.items() if name in flavour.fields}
    body |= flavour.always
    if flavour is LLAMA_SERVER and context is not None:
        body["repeat_last_n"] = context  # its default looks at the last 64 tokens only
    if request.stop:
        body["stop"] = list(request.stop)
    return body


def _logprobs(request: Request, raw: bool) -> dict[str, Any]:
    if not (request.logprobs or request.top_logprobs):
        return {}
    # Told 0 alternatives, llama-server reports nothing at all.
    tops = max(1, request.top_logprobs)
    return {"logprobs": tops} if raw else {"logprobs": True, "top_logprobs": tops}


def _format(flavour: Flavour, request: Request, raw: bool) -> dict[str, Any]:
    schema: Any = {"type": "object"} if request.json_object and raw else request.schema
    if schema is not None and raw and flavour.raw_schema == "json_schema":
        return {"json_schema": schema}
    if schema is not None and flavour.schema == "json_object":
        return {"response_format": {"type": "json_object", "schema": schema}}
    if schema is not None:
        named = {"name": "answer", "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    return {"response_format": {"type": "json_object"}} if request.json_object else {}
