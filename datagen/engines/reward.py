"""A reward model as an engine (`reward:FOLDER`): to a chat that ends in an answer it says a number.

The folder is what `finetune reward` writes. The model needs torch, so it runs in a process of its own,
`python -m finetune.score`, which is started when the first score is asked for. What a score is good for is
the affair of the recipes.
"""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import orjson

from datagen.engines.engine import (
    Completion,
    EngineClosedError,
    EngineOptions,
    PromptTooLongError,
    Request,
    Sample,
)
from datagen.runs.journal import digest
from datagen.workers import end_child
from schemas import UserError
from schemas.run import content_hash

PROGRAM = "finetune.score"
WEIGHTS = (".safetensors", ".bin")
OTHER_FILES = (
    *("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"),
    *("special_tokens_map.json", "tokenizer.model", "vocab.json", "merges.txt"),
)
"""What besides the weights decides a score."""
DECIMALS = 6
CLOSE_S = 5.0


def open_model(model: str, options: EngineOptions) -> RewardEngine:
    """The reward model in the folder `model`. Raises `UserError` when there is none."""
    if options.adapter is not None:
        raise UserError("reward: takes no adapter", where=options.adapter, mend="leave it out")
    return RewardEngine(model)


class RewardEngine:
    """One reward model. Scores one chat at a time, so that a score depends on nothing else that is asked."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser()
        self.name = f"reward:{self.folder.name}"
        if not (self.folder / "config.json").is_file() or not self._files(WEIGHTS):
            mend = "give the folder that `finetune reward` wrote"
            raise UserError("no reward model here", where=self.folder, mend=mend)
        self._child: _Child | None = None
        self._lock = threading.Lock()
        self._closed = False

    def _files(self, endings: tuple[str, ...]) -> list[Path]:
        return sorted(file for file in self.folder.iterdir() if file.name.endswith(endings))

    @functools.cached_property
    def model_hash(self) -> str:
        """Hash of the weights, the configuration and the tokenizer."""
        files = self._files((*WEIGHTS, *OTHER_FILES))
        return digest({file.name: content_hash(file) for file in files}).hex()

    @property
    def context(self) -> int | None:
        """Not told before the model is loaded: what is too long is refused when it is asked."""
        return None

    async def generate(self, request: Request) -> Completion:
        """The score of the last turn of `request.messages`, as text.

        Raises `UserError` when the model cannot be loaded or has no score, `PromptTooLongError` for a chat
        that does not fit it.
        """
        if request.messages is None or request.messages[-1]["role"] != "assistant":
            raise UserError("a reward model scores chats that end in an answer", where=self.name)
        began = time.monotonic()
        found = await asyncio.to_thread(self._ask, request)
        if "too_long" in found:
            raise PromptTooLongError(f"{found['too_long']:,} tokens do not fit it", where=self.name)
        # A model that has gone astray scores NaN, which JSON does not know.
        score = found["score"]
        sample = Sample("nan" if score is None else str(round(score, DECIMALS)), (), "stop")
        seconds = time.monotonic() - began
        return Completion((sample,) * request.n, found["tokens"], 0, seconds, self.name)

    def _ask(self, request: Request) -> dict[str, Any]:
        with self._lock:
            if self._closed:
                raise EngineClosedError(self.name)
            if self._child is None:
                self._child = _Child(self.folder, self.name)
            return self._child.ask(orjson.dumps(request.messages))

    async def count(self, request: Request) -> None:
        """Only asking would tell."""

    def details(self) -> dict[str, Any]:
        """The folder."""
        return {"folder": str(self.folder)}

    def identity(self, request: Request | None = None) -> dict[str, Any]:
        """The model, and the chat that is scored: sampling has no part in a score."""
        model = {"engine": "reward", "model": self.model_hash}
        return model if request is None else {**model, "chat": request.messages}

    def close(self) -> None:
        """End the process; requests under way fail with `EngineClosedError`. May be repeated."""
        self._closed = True
        if self._child is not None:
            self._child.close()

    def __enter__(self) -> RewardEngine:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> RewardEngine:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.close()


class _Child:
    """The running program; for one thread at a time, but for `close`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self._ending = name, False
        # A file, not a pipe: nobody need read it for the child to go on.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the engine)
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", PROGRAM, str(folder.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for us; we then end it in order
        )
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def ask(self, line: bytes) -> dict[str, Any]:
        """What it says to one line."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # it is gone: reading tells why
            pass
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            line = self._process.stdout.readline()
        except ValueError:  # closed meanwhile
            line = b""
        if not line:
            raise self._death()
        found: dict[str, Any] = orjson.loads(line)
        if "error" in found:
            raise UserError(found["error"], where=found["where"] or self.name, mend=found["mend"])
        return found

    def _death(self) -> Exception:
        if self._ending:
            return EngineClosedError(self.name)
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read()[-2000:].decode(errors="replace").strip().splitlines()
        told = f": {said[-1].strip()}" if said else ""
        mend = "free some memory, or give another judge"
        return UserError(
            f"the reward model's process ended (status {status}{told})", where=self.name, mend=mend
        )

    def close(self) -> None:
        """Close its standard input, which ends it; kill it if that does not."""
        self._ending = True
        end_child(self._process, CLOSE_S, self._errors)
