"""llama-server from a wheel, for those without a compiler (`xllama:FILE.gguf`).

The package `xllamacpp` has the whole server inside. It runs in a child process (a failed assertion in ggml
aborts the process it is in) on a port of the loopback address, and is asked as any server is (`openai.py`).
Run as a module, this is that child: it serves until its standard input ends, and so never outlives us.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from datagen.engines.engine import EngineClosedError, EngineOptions, Request
from datagen.engines.gguf_file import read_gguf
from datagen.engines.openai import OpenAIEngine
from datagen.engines.patience import Limits
from schemas import UserError
from schemas.run import content_hash

DEFAULT_CONTEXT = 2048
# llama.cpp rounds the context of a slot up to a multiple of this.
CONTEXT_STEP = 256
CLOSE_S = 10.0


def open_model(model: str, options: EngineOptions) -> XllamaEngine:
    """The GGUF file `model` in a server of our own. Raises `UserError`."""
    if options.adapter is not None:
        mend = "leave it out, or name the model llama:FILE.gguf"
        raise UserError("xllama: takes no adapter", where=options.adapter, mend=mend)
    return XllamaEngine(
        model,
        context=options.context,
        width=options.width,
        threads=options.threads,
        gpu_layers=options.gpu_layers,
        in_process=options.in_process,
    )


class XllamaEngine(OpenAIEngine):
    """One GGUF model in a llama-server of `width` slots, each of `context` tokens.

    `context`: default what the model was trained for, at most 2048. `in_process`: without the child process.
    Raises `UserError` when the package or the file is missing, the file is damaged, or it cannot be loaded.
    """

    kind = "xllama"

    def __init__(
        self,
        path: str | Path,
        *,
        context: int | None = None,
        width: int = 16,
        threads: int | None = None,
        gpu_layers: int | None = None,
        in_process: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.path = Path(path)
        metadata = read_gguf(self.path).metadata
        if importlib.util.find_spec("xllamacpp") is None:
            mend = "pip install homegrown-llm[xllamacpp]"
            raise UserError("the package xllamacpp is not installed", where=f"xllama:{path}", mend=mend)
        trained = metadata.get(f"{metadata.get('general.architecture')}.context_length")
        planned = context or min(int(trained or DEFAULT_CONTEXT), DEFAULT_CONTEXT)
        for name, value in {"width": width, "context": context, "threads": threads}.items():
            if value is not None and value < 1:
                raise UserError(f"{name} is {value}, it must be at least 1", where=f"xllama:{path}")
        if trained and planned > int(trained):
            what = f"a context of {planned:,} is more than the {trained:,} tokens the model was trained for"
            raise UserError(what, where=f"xllama:{path}", mend="choose a smaller one")
        slot = -(-planned // CONTEXT_STEP) * CONTEXT_STEP
        settings = {
            "model": str(self.path.resolve()),
            "n_ctx": slot * width,
            "n_parallel": width,
            "threads": threads,
            "gpu_layers": gpu_layers,
        }
        self._running = _InProcess(settings) if in_process else _Child(settings)
        try:
            super().__init__(self._running.address, context=planned, width=width, offline=True, limits=limits)
        except BaseException:
            self._running.close()
            raise
        self.name = f"{self.kind}:{self.path.name}"

    @functools.cached_property
    def model_hash(self) -> str:
        """Hash of every byte of the file, read when first asked for."""
        return content_hash(self.path)

    def details(self) -> dict[str, Any]:
        """As of any server, and the versions of the package and of llama.cpp in it."""
        from importlib.metadata import version

        return {**super().details(), "file": str(self.path), "xllamacpp": version("xllamacpp")}
