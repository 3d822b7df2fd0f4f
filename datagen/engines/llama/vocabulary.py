"""A GGUF model without its weights: enough to say what a request to it is, not to answer one.

Renders, counts and identifies exactly as the loaded model does, by the same code and in a few megabytes, so
that answers the journal holds are found while another model has the memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datagen.engines.engine import Completion, EngineOptions, Request
from datagen.engines.llama.engine import LlamaCppEngine


class LlamaVocabulary(LlamaCppEngine):
    """The engine of a GGUF file with its vocabulary alone. Raises `UserError` as the whole one does."""

    def __init__(
        self, path: str | Path, *, context: int | None = None, gpu_layers: int | None = None
    ) -> None:
        super().__init__(path, context=context, gpu_layers=gpu_layers, vocabulary_only=True)

    async def generate(self, request: Request) -> Completion:
        """Never answers: there are no weights."""
        raise RuntimeError(f"{self.name} is not loaded")

    def details(self) -> dict[str, Any]:
        """The file, its architecture and the context it will be opened with."""
        described = {"file": str(self.path), "architecture": self.metadata.get("general.architecture")}
        return {**described, "context": self.context, **self.settings}

    def close(self) -> None:
        """Free the vocabulary. May be repeated."""
        self.model.close()


def describe_model(model: str, options: EngineOptions) -> LlamaVocabulary:
    """What `llama:FILE.gguf` will be when it is opened with `options`."""
    return LlamaVocabulary(Path(model).expanduser(), context=options.context, gpu_layers=options.gpu_layers)
