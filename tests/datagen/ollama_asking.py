"""What the tests of the Ollama engine share: a request, an engine of little patience. Not a test itself."""

from __future__ import annotations

import os
from typing import Any

from tiny_gguf import Shape

from datagen.engines import (
    Request,
    generate_all,
)
from datagen.engines.ollama.engine import OllamaEngine
from datagen.engines.ollama.server import Patience

REAL_MODEL = os.environ.get("OLLAMA_TEST_MODEL")
SHAPE = Shape(context=2048)
CONTEXT = 512
PATIENCE = Patience(idle_s=10, start_s=30, tries=3, pause_s=0.01)
HELLO = ({"role": "user", "content": "Say hello."},)
SCHEMA = {
    "type": "object",
    "properties": {"fine": {"type": "boolean"}, "size": {"enum": ["small", "large"]}},
    "required": ["fine", "size"],
    "additionalProperties": False,
}


def opened(model: str, **options: Any) -> OllamaEngine:
    return OllamaEngine(model, **{"context": CONTEXT, "patience": PATIENCE, **options})


def ask(engine: Any, **fields: Any) -> Any:
    """The completion of one request."""
    return generate_all(engine, [Request(**{"messages": HELLO, **fields})])[0]
