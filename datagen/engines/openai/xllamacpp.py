"""llama-server from a wheel, for those without a compiler (`xllama:FILE.gguf`).

The package `xllamacpp` has the whole server inside. It runs in a child process (a failed assertion in ggml
aborts the process it is in) on a port of the loopback address, and is asked as any server is (`engine.py`).
Run as a module, this is that child: it serves until its standard input ends, and so never outlives us.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from datagen.engines.engine import USUAL_WIDTH, EngineOptions
from datagen.engines.files.gguf_file import read_gguf
from datagen.engines.openai.engine import OpenAIEngine
from datagen.engines.openai.patience import Limits
from datagen.workers import end_child
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
        width=USUAL_WIDTH if options.width is None else options.width,
        threads=options.threads,
        gpu_layers=options.gpu_layers,
        in_process=options.in_process,
    )


class XllamaEngine(OpenAIEngine):
    """One GGUF model in a llama-server of `width` slots, each of `context` tokens.

    `context`: default what the model was trained for, at most 2048. `in_process`: without the child process.
    Raises `UserError` when the package or the file is missing, the file is damaged, or it cannot be loaded.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        context: int | None = None,
        width: int = USUAL_WIDTH,
        threads: int | None = None,
        gpu_layers: int | None = None,
        in_process: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.path = Path(path)
        name = f"xllama:{self.path.name}"
        metadata = read_gguf(self.path).metadata
        if importlib.util.find_spec("xllamacpp") is None:
            mend = "pip install homegrown-llm[xllamacpp]"
            raise UserError("the package xllamacpp is not installed", where=name, mend=mend)
        trained = metadata.get(f"{metadata.get('general.architecture')}.context_length")
        planned = context or min(int(trained or DEFAULT_CONTEXT), DEFAULT_CONTEXT)
        for option, value in {"width": width, "context": context, "threads": threads}.items():
            if value is not None and value < 1:
                raise UserError(f"{option} is {value}, it must be at least 1", where=name)
        if trained and planned > int(trained):
            what = f"a context of {planned:,} is more than the {trained:,} tokens the model was trained for"
            raise UserError(what, where=name, mend="choose a smaller one")
        slot = -(-planned // CONTEXT_STEP) * CONTEXT_STEP
        settings = {
            "model": str(self.path.resolve()),
            "n_ctx": slot * width,
            "n_parallel": width,
            "threads": threads,
            "gpu_layers": gpu_layers,
        }
        self._running = (_InProcess if in_process else _Child)(settings, name)
        try:
            super().__init__(self._running.address, context=planned, width=width, limits=limits, name=name)
        except BaseException:
            self._running.close()
            raise

    @functools.cached_property
    def model_hash(self) -> str:
        """Hash of every byte of the file, read when first asked for."""
        return content_hash(self.path)

    def details(self) -> dict[str, Any]:
        """As of any server, and the versions of the package and of llama.cpp in it."""
        from importlib.metadata import version

        return {**super().details(), "file": str(self.path), "xllamacpp": version("xllamacpp")}

    async def _verify(self) -> None:
        self._running.refuse_dead()
        await super()._verify()

    def close(self) -> None:
        """Hang up and end the server; requests under way fail with `EngineClosedError`. May be repeated."""
        super().close()
        self._running.close()


class _InProcess:
    """The server on threads of this process."""

    def __init__(self, settings: dict[str, Any], name: str) -> None:
        try:
            self._server = start(settings)
        except RuntimeError as error:
            raise UserError(f"llama-server does not start ({error})", where=name) from None
        self.address = address_of(self._server)

    def refuse_dead(self) -> None:
        """It lives as long as this process."""

    def close(self) -> None:
        self._server = None


class _Child:
    """The server in a child process. `address` is where it listens."""

    def __init__(self, settings: dict[str, Any], name: str) -> None:
        self._name = name
        # A file, not a pipe: nobody need read it for the child to go on.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the engine)
        root = str(Path(__file__).resolve().parents[3])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "datagen.engines.openai.xllamacpp", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for us; we then end it in order
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode().strip()
        self.address = line
        if not line:
            self._process.wait()
            self.refuse_dead()

    def refuse_dead(self) -> None:
        """`UserError` when the process has ended, with the last it said."""
        status = self._process.poll()
        if status is None:
            return
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        self._errors.seek(0)
        said = self._errors.read()[-2000:].decode(errors="replace").strip().splitlines()
        told = f": {said[-1].strip()}" if said else ""
        mend = "if memory is short choose a smaller width or context; then run the same command again"
        raise UserError(f"llama-server ended by itself ({how}{told})", where=self._name, mend=mend)

    def close(self) -> None:
        """Close its standard input, which ends it; kill it if that does not."""
        end_child(self._process, CLOSE_S, self._errors)


def start(settings: dict[str, Any]) -> Any:
    """A llama-server on a free port of the loopback address, its model loaded. Raises `RuntimeError`."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.n_ctx, params.n_parallel = settings["n_ctx"], settings["n_parallel"]
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.kv_unified = False
    params.warmup = False
    params.verbosity = 1
    if settings["threads"] is not None:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    if settings["gpu_layers"] is not None:
        params.n_gpu_layers = settings["gpu_layers"]
    return xllamacpp.Server(params)


def address_of(server: Any) -> str:
    """Where a server of ours listens."""
    return f"{server.listening_address}/v1"


def main(settings: str) -> None:
    """Serve until standard input ends."""
    # What the libraries write to standard output must not be taken for the address.
    told = os.dup(1)
    os.dup2(2, 1)
    server = start(json.loads(settings))
    os.write(told, f"{address_of(server)}\n".encode())
    os.close(told)
    sys.stdin.buffer.read()
    del server


if __name__ == "__main__":
    main(sys.argv[1])
