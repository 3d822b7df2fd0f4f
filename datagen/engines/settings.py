"""The settings of every command that opens an engine, and nothing of what it then asks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datagen.engines import Engine, EngineOptions, open_engine
from schemas.settings import setting


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """How to open the engine of a command. The context and the adapter may change an answer; the engine tells
    an adapter by its content, wherever it lies."""

    context: int | None = setting(
        None,
        help="tokens of prompt and answer together; by default what the model knows, at most 2048",
        minimum=1,
    )
    width: int | None = setting(
        None,
        help="answers written at the same time; by default as many as suit the engine",
        minimum=1,
        identity=False,
    )
    threads: int | None = setting(
        None, help="cores to use; by default as many as make it fastest", minimum=1, identity=False
    )
    gpu_layers: int | None = setting(
        None, help="layers on the GPU; by default what its free memory holds", minimum=0, identity=False
    )
    adapter: Path | None = setting(
        None, help="a LoRA adapter of the model, as GGUF", metavar="FILE.gguf", identity=False
    )
    offline: bool = setting(
        False, help="refuse everything that would leave this machine, and say what", identity=False
    )

    @property
    def engine_options(self) -> EngineOptions:
        """What `open_engine` wants to know."""
        return EngineOptions(
            context=self.context,
            width=self.width,
            threads=self.threads,
            gpu_layers=self.gpu_layers,
            adapter=self.adapter,
            offline=self.offline,
        )

    def open(self, spec: str | None) -> Engine:
        """The engine that `spec` names, opened with these settings."""
        return open_engine(spec, self.engine_options)
