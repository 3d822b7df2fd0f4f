"""A GGUF model without its weights: enough to say what a request to it is, not to answer one.

Renders, counts and identifies exactly as the loaded model does, in a few megabytes, so that answers the
journal holds are found while another model has the memory.
"""

from __future__ import annotations

from pathlib import Path

from datagen.engines.engine import Completion, EngineOptions, Request
from datagen.engines.gguf_file import read_gguf
from datagen.engines.llama_binding import Model
from datagen.engines.llama_cpp import DEFAULT_CONTEXT, LlamaCppEngine, _stamp
from schemas import UserError


class LlamaVocabulary(LlamaCppEngine):
    """The engine of a GGUF file with its vocabulary alone. Raises `UserError` as the whole one does."""

    def __init__(self, path: str | Path, *, context: int | None = None) -> None:
        self.path = Path(path)
        self.name = f"llama:{self.path.name}"
        file = read_gguf(self.path)
        self.metadata = file.metadata
        self._opened = self.stamp = _stamp(self.path)
        trained = int(self.metadata.get(f"{file.architecture}.context_length") or DEFAULT_CONTEXT)
        self.context = context or min(trained, DEFAULT_CONTEXT)
        if self.context > trained:
            known = f"{trained:,} tokens"
            what = f"a context of {self.context:,} is more than the {known} the model was trained for"
            raise UserError(what, where=self.name, mend=f"choose a context of at most {known}")
        # As `LlamaCppEngine` opens a model when nobody says otherwise.
        self.settings = {"flash_attention": True, "kv_type": "f16", "chunk": 512}
        self.model = Model(self.path, gpu_layers=0, vocabulary_only=True)

    async def generate(self, request: Request) -> Completion:
        """Never answers: there are no weights."""
        raise RuntimeError(f"{self.name} is not loaded")

    def details(self) -> dict[str, object]:
        """The file, its architecture and the context it will be opened with."""
        architecture = self.metadata.get("general.architecture")
        return {
            "file": str(self.path),
            "architecture": architecture,
            "context": self.context,
            **self.settings,
        }

    def close(self) -> None:
        """Free the vocabulary. May be repeated."""
        self.model.close()


def describe_model(model: str, options: EngineOptions) -> LlamaVocabulary:
    """What `llama:FILE.gguf` will be when it is opened with `options`."""
    return LlamaVocabulary(Path(model).expanduser(), context=options.context)
