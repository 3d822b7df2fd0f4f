"""Where a model goes when it is opened: which layers on the GPU, and whether there is memory for it at all.

Asks for the free memory (`memory.py`) and lets the arithmetic decide (`offload.py`).
"""

from __future__ import annotations

from typing import Any

from datagen.engines.files.memory import available_memory, gpu_memory
from datagen.engines.files.offload import ModelSize, Placement, choose_layers, refuse_what_does_not_fit
from datagen.engines.llama.binding import library
from schemas import UserError


def refuse_untrained(context: int, trained: Any, *, where: str) -> None:
    """`UserError` when a context exceeds what the model was trained for, if that is known."""
    if isinstance(trained, int) and context > trained:
        known = f"{trained:,} tokens"
        what = f"a context of {context:,} is more than the {known} the model was trained for"
        raise UserError(what, where=where, mend=f"choose a context of at most {known}")


def place(
    size: ModelSize, gpu_layers: int | None, *, width: int, context: int, where: str, held: int = 0
) -> Placement:
    """Where the layers go: as the user says, or as the free memory of the GPUs has it.

    `width` answers of `context` tokens are written at a time, `held` more are kept of the prompts' heads.
    Raises `UserError` when the cache would not fit the memory of the machine.
    """
    gpus = gpu_memory(library())
    if gpu_layers and not gpus:
        what = f"gpu_layers is {gpu_layers}, and this build of llama-cpp-python sees no GPU"
        raise UserError(what, where=where, mend="install llama-cpp-python for your GPU, or leave it out")
    if not gpus:
        placement = Placement(0, "no GPU that this build of llama-cpp-python can use")
    elif gpu_layers is not None:
        placement = Placement(gpu_layers, "as asked")
    else:
        placement = choose_layers(size, tokens=(width + held) * context, free=gpus)
    rest = size.without_last(placement.gpu_layers)
    free = available_memory()
    if free is not None:
        free = max(0, free - held * context * sum(rest.cache_per_token))
    refuse_what_does_not_fit(rest, width=width, context=context, available=free, where=where)
    return placement
