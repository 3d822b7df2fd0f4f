"""Where text comes from: one protocol, and the engines that speak it.

    engine.py         the protocol: requests, completions, seeds
    settings.py       the options of every command that opens an engine
    llama/            a GGUF file, continuously batched, in a child process
    files/            model files, adapters, hubs; what fits the memory
    constrained/      answers under a JSON Schema, thoughts before them
    ollama/           a model of an Ollama server
    openai/           servers that speak OpenAI's protocol; llama-server from a wheel
    reward.py         a reward model, whose answers are scores
    probing/          what an engine really does, and what follows for schemas
    rotation.py       models that take turns; roles.py opens those of all roles
    chat_template.py  messages to prompt text
    offline.py        nothing leaves this machine

Importing this package loads no model and no llama.cpp.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from datagen.engines.engine import (
    Completion,
    Engine,
    EngineClosedError,
    EngineOptions,
    PromptTooLongError,
    Request,
    Sample,
    derive_seed,
    generate_all,
    run_coroutine,
)
from datagen.engines.offline import enforce
from schemas import UserError, unknown_name

EMBEDDED_NAME = "homegrown-0.5m"
EMBEDDED_NOTICE = (
    "No engine was named: using the embedded model of half a million parameters. It was grown by this kit to"
    " show the circle closing; it adds small numbers and answers a few questions in English, and nothing"
    " more. For real work name a model: llama:FILE.gguf"
)
KINDS = {
    "llama": "datagen.engines.llama.engine",
    "openai": "datagen.engines.openai.engine",
    "xllama": "datagen.engines.openai.xllamacpp",
    "ollama": "datagen.engines.ollama.engine",
    "hf": "datagen.engines.files.hub",
    "reward": "datagen.engines.reward",
}
"""The module of each kind of engine, imported when it is asked for. Each has `open_model(model, options)`."""

log = logging.getLogger(__name__)


def open_engine(spec: str | None = None, options: EngineOptions | None = None, **fields: Any) -> Engine:
    """The engine that `spec` names, e.g. `llama:FILE.gguf`, or None for the embedded small model.

    `fields` are those of `EngineOptions`. With `offline` nothing of this process leaves the machine from
    now on, until `offline.relax()`. Raises `UserError` for a spec it does not know.
    """
    from importlib import import_module

    options = replace(options or EngineOptions(), **fields)
    if options.offline:  # before a library is imported that reads its settings only then
        enforce()
    if spec is None:
        log.warning(EMBEDDED_NOTICE)
        spec = f"llama:{embedded_model()}"
    kind, colon, model = spec.partition(":")
    if not colon or not model:
        raise UserError("an engine is named KIND:MODEL", where=f"engine '{spec}'", mend="try llama:FILE.gguf")
    if kind not in KINDS:
        raise unknown_name("kind of engine", kind, tuple(KINDS), where=f"engine '{spec}'")
    engine: Engine = import_module(KINDS[kind]).open_model(model, options)
    return engine


def embedded_model() -> Path:
    """The small model that comes with the kit: in `samples/` of a checkout, or in the installed package."""
    package = Path(__file__).resolve().parent.parent
    places = (
        package.parent / "samples" / EMBEDDED_NAME / f"{EMBEDDED_NAME}.gguf",
        package / "embedded" / f"{EMBEDDED_NAME}.gguf",
    )
    for place in places:
        if place.is_file():
            return place
    raise UserError(
        "the embedded model is missing", where=places[0], mend="name an engine, e.g. llama:FILE.gguf"
    )


__all__ = [
    "EMBEDDED_NOTICE",
    "Completion",
    "Engine",
    "EngineClosedError",
    "EngineOptions",
    "PromptTooLongError",
    "Request",
    "Sample",
    "derive_seed",
    "embedded_model",
    "generate_all",
    "open_engine",
    "run_coroutine",
]
