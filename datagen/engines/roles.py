"""The engines of several roles: all at once where there is room, and otherwise in rotation.

Which model plays what is the caller's affair, whose turn it is `rotation.py`'s.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Literal

from datagen.engines import embedded_model, open_engine
from datagen.engines.engine import Engine, EngineOptions
from datagen.engines.offline import enforce
from datagen.engines.rotation import Rotation
from schemas import UserError

Together = Literal["auto", "yes", "no"]

DESCRIBED = {"llama": "datagen.engines.llama.vocabulary"}
"""Kinds whose weights lie in our memory, and who describes such a model without loading it."""
ROOM_FACTOR, ROOM_BYTES = 1.2, 2**29
"""What a model takes beyond its file: a share for its computations, and so much for its contexts."""


@contextlib.contextmanager
def open_roles(
    specs: Mapping[str, str | None], options: EngineOptions | None = None, *, together: Together = "auto"
) -> Iterator[dict[str, Engine]]:
    """The engine of each role, opened when it is first asked; roles of one model share it.

    `together`: "yes" loads all models at once, "no" one after another, each once for all who wait for it,
    and "auto" looks whether their files fit the free memory. Servers elsewhere are always there at once.
    """
    options = options or EngineOptions()
    if options.adapter is not None and len(set(specs.values())) > 1:
        what = "an adapter belongs to one model, and here are several"
        raise UserError(what, where=options.adapter, mend="merge it into its model first")
    if options.offline:
        enforce()
    named = {role: _file(spec or f"llama:{embedded_model()}", options) for role, spec in specs.items()}
    ours = list(dict.fromkeys(spec for spec in named.values() if spec.partition(":")[0] in DESCRIBED))
    at_once = together == "yes" or len(ours) < 2 or (together == "auto" and room_for_all(ours))
    with contextlib.ExitStack() as stack:
        opened: dict[str, Engine] = {}
        rotation = Rotation()
        stack.callback(rotation.close)
        for spec in dict.fromkeys(named.values()):
            if spec in ours and not at_once:
                opened[spec] = _rotating(rotation, spec, options)
            else:
                opened[spec] = stack.enter_context(open_engine(spec, options))
        yield {role: opened[spec] for role, spec in named.items()}


def _rotating(rotation: Rotation, spec: str, options: EngineOptions) -> Engine:
    kind, _, model = spec.partition(":")
    description = import_module(DESCRIBED[kind]).describe_model(model, options)
    return rotation.add(description, lambda: open_engine(spec, options), lambda engine: engine.close())


def room_for_all(specs: list[str]) -> bool:
    """Whether the files of all models fit the free memory, of the GPU if there is one, at the same time."""
    files = [Path(spec.partition(":")[2]).expanduser() for spec in specs]
    sizes = [file.stat().st_size for file in files if file.is_file()]
    return sum(size * ROOM_FACTOR + ROOM_BYTES for size in sizes) <= free_memory_bytes()


def free_memory_bytes() -> int:
    """Free bytes: of the emptiest GPU that llama.cpp can use, or else of the machine."""
    from datagen.engines.files.memory import available_memory, gpu_memory
    from datagen.engines.llama.binding import library

    on_gpus = gpu_memory(library())
    return max(on_gpus) if on_gpus else available_memory() or 0


def _file(spec: str, options: EngineOptions) -> str:
    """The spec by its file: that of a model of a hub is fetched when it is not here yet."""
    kind, _, model = spec.partition(":")
    if kind != "hf":
        return spec
    from datagen.engines.files import hub

    return f"llama:{hub.fetch(hub.parse(model), offline=options.offline)}"
