"""What an Ollama server tells about a model before it writes: its digest, context, abilities and defaults.

Fetches the model first where the server lacks it. Leaves to others: asking it for text (`engine.py`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datagen.engines.offline import LeavesMachineError
from datagen.engines.ollama.answer import Defaults, defaults_of
from datagen.engines.ollama.server import OllamaServer, ServerFaultError
from schemas import UserError

log = logging.getLogger(__name__)

THINK_TAGS = ("<think>", "</think>")


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model without loading it. `think_tags`: what its reasoning stands between."""

    version: str
    digest: str
    trained_context: int | None
    thinks: bool
    think_tags: tuple[str, str] | None
    defaults: Defaults
    remote: str | None
    described: Mapping[str, Any]


async def learn(server: OllamaServer, model: str, *, offline: bool) -> ModelFacts:
    """The facts of `model`, pulled first if the server lacks it.

    Raises `UserError` when there is no such model or it writes no text, `LeavesMachineError` when pulling or
    running it would leave the machine and `offline` forbids it.
    """
    if offline and _runs_in_the_cloud(model):
        raise _leaves(model, "runs on ollama.com")
    version = await server.version()
    shown = await server.show(model)
    if shown is None:
        if offline:
            raise _leaves(model, f"is not on {server.address} and would be pulled from its registry")
        await pull(server, model)
        shown = await server.show(model)
    if shown is None:
        raise UserError(f"the server has no model '{model}' after pulling it", where=server.address)
    facts = read_show(shown, version, await server.digest(model))
    if facts.remote and offline:
        raise _leaves(model, f"runs on {facts.remote}")
    if facts.remote:
        log.warning("ollama:%s runs on %s: prompts and answers leave this machine", model, facts.remote)
    abilities = shown.get("capabilities")
    if abilities and "completion" not in abilities:
        what = f"the model is no text generator (it can: {', '.join(abilities)})"
        raise UserError(what, where=f"ollama:{model}")
    return facts


def read_show(shown: Mapping[str, Any], version: str, digest: str) -> ModelFacts:
    """The facts in an answer of `/api/show`."""
    info = shown.get("model_info") or {}
    context = info.get(f"{info.get('general.architecture')}.context_length")
    templates = f"{shown.get('template') or ''}{info.get('tokenizer.chat_template') or ''}"
    tags = THINK_TAGS if all(tag in templates for tag in THINK_TAGS) else None
    details = {name: value for name, value in (shown.get("details") or {}).items() if value}
    return ModelFacts(
        version=version,
        digest=digest,
        trained_context=int(context) if context else None,
        thinks="thinking" in (shown.get("capabilities") or ()),
        think_tags=tags,
        defaults=defaults_of(shown.get("parameters") or ""),
        remote=shown.get("remote_host") or None,
        described={**details, "capabilities": shown.get("capabilities") or []},
    )


async def pull(server: OllamaServer, model: str) -> None:
    """Have the server fetch `model`, with a bar on a terminal and a line in the log elsewhere."""
    log.warning("ollama:%s is not on %s: pulling it", model, server.address)
    try:
        with _Bar(model) as report:
            await server.pull(model, report)
    except ServerFaultError as error:
        mend = "see that the name is right and the server reaches its registry; a pull goes on where it was"
        raise UserError(f"pulling failed ({error})", where=f"ollama:{model}", mend=mend) from error


class _Bar:
    """Reports a pull: bytes of each layer on a terminal, nothing elsewhere."""

    def __init__(self, model: str) -> None:
        self._progress: Any = None
        self._model = model
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        if not sys.stderr.isatty():
            return lambda status, completed, total: log.info(
                "%s: %s %d/%d", self._model, status, completed, total
            )
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._progress.start()
        return self._draw

    def _draw(self, status: str, completed: int, total: int) -> None:
        if status not in self._tasks:
            self._tasks[status] = self._progress.add_task(status, total=total or None)
        self._progress.update(self._tasks[status], completed=completed, total=total or None)

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def _runs_in_the_cloud(model: str) -> bool:
    """Whether a name is of those that Ollama passes on to ollama.com: `NAME:cloud`, `NAME:20b-cloud`."""
    tag = model.rpartition(":")[2].lower()
    return ":" in model and (tag == "cloud" or tag.endswith("-cloud"))


def _leaves(model: str, why: str) -> LeavesMachineError:
    what = f"the model {why}, and --offline allows this machine only"
    mend = "leave out --offline, or name a model that `ollama list` shows"
    return LeavesMachineError(what, where=f"ollama:{model}", mend=mend)
