"""How many layers of a model go to the GPU, and does its cache fit in memory at all?

Pure arithmetic over the header of the GGUF file and the free memory; asking for that is `memory.py`'s affair.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from datagen.engines.files.gguf_file import GgufFile
from schemas import UserError

GIB = 1 << 30
MIB = 1 << 20
# What a driver takes beyond what it is asked for: pools, workspaces, what the desktop does meanwhile.
MARGIN_BYTES = 400 * MIB
MARGIN_SHARE = 0.05
# Room of the arithmetic itself, in float32 values a token of a chunk: so many rows of the model's width and
# of its hidden width are alive at once (measured compute buffers of llama.cpp stay under it).
ALIVE_WIDTHS, ALIVE_HIDDEN = 8, 2
MOST_LAYERS = 4096  # more is damage
MOST_WIDTH = 256  # sequences llama.cpp can have in one context


@dataclass(frozen=True)
class ModelSize:
    """Bytes of a model: weights and cache a token by layer, the output head, one chunk's arithmetic."""

    layers: tuple[int, ...]
    cache_per_token: tuple[int, ...]
    output: int
    compute: int

    def without_last(self, layers: int) -> ModelSize:
        """What stays on the CPU when the last `layers` are elsewhere."""
        kept = max(0, len(self.layers) - layers)
        return replace(self, layers=self.layers[:kept], cache_per_token=self.cache_per_token[:kept])


@dataclass(frozen=True)
class Placement:
    """The layers on the GPU, in llama.cpp's count (the output head is one more), and the reason in words."""

    gpu_layers: int
    why: str


def model_size(header: GgufFile, *, chunk: int = 512, cache_bytes: int = 2) -> ModelSize:
    """Measure a model by its header. `cache_bytes` of a number in the KV cache: 2 for f16, 4 for f32."""
    count = min(_whole(header.setting("block_count"), 0), MOST_LAYERS)
    layers = [0] * count
    biggest = outside = embeddings = 0
    for tensor in header.tensors:
        biggest = max(biggest, tensor.size)
        if tensor.layer is not None and tensor.layer < count:
            layers[tensor.layer] += tensor.size
        elif tensor.name.startswith("token_embd"):
            embeddings += tensor.size
        else:
            outside += tensor.size
    tied = not any(tensor.name == "output.weight" for tensor in header.tensors)
    width, hidden = _whole(header.setting("embedding_length"), 0), header.setting("feed_forward_length", 0)
    tables = [tensor.shape[-1] for tensor in header.tensors if tensor.name == "token_embd.weight"]
    vocabulary = max(tables, default=0)
    alive = vocabulary + ALIVE_WIDTHS * width + ALIVE_HIDDEN * _most(hidden)
    return ModelSize(
        layers=tuple(layers),
        cache_per_token=tuple(cache_bytes * _cached(header, layer, width) for layer in range(count)),
        output=outside + (embeddings if tied else 0),
        # A layer that stays on the CPU is copied over, a tensor at a time, for a long prompt.
        compute=4 * chunk * alive + biggest,
    )


def choose_layers(size: ModelSize, *, tokens: int, free: Sequence[int]) -> Placement:
    """As many layers as the GPUs hold with their cache of `tokens` tokens. `free`: bytes of each GPU.

    llama.cpp gives each GPU consecutive layers in proportion to its free memory, the last layers first.
    """
    everything = len(size.layers) + 1
    free = [bytes_ for bytes_ in free if bytes_ > 0] or [1]
    usable = [int(bytes_ * (1 - MARGIN_SHARE)) - MARGIN_BYTES - size.compute for bytes_ in free]
    fitting = (n for n in range(everything, 0, -1) if _fits(size, n, tokens, free, usable))
    layers = next(fitting, 0)
    room = " + ".join(f"{bytes_ / GIB:.1f}" for bytes_ in free)
    if layers == everything:
        return Placement(layers, f"all of the model fits the GPU's {room} GiB free")
    wanted = sum(size.layers) + size.output + tokens * sum(size.cache_per_token) + size.compute
    why = f"the model with its cache takes {wanted / GIB:.1f} GiB, and the GPU has {room} GiB free"
    return Placement(layers, why)


def _fits(size: ModelSize, count: int, tokens: int, free: Sequence[int], usable: Sequence[int]) -> bool:
    """Whether `count` layers, the output head as the last, fit their devices.

    Whether the head comes first or last has changed between versions of llama.cpp: room is kept for it.
    """
    needs = [
        weights + tokens * cache for weights, cache in zip(size.layers, size.cache_per_token, strict=True)
    ]
    needs = [*needs[max(0, len(needs) - count) :], size.output]
    load = [0] * len(free)
    bounds = [bound / sum(free) for bound in itertools.accumulate(free)]
    for index, need in enumerate(needs):
        load[min(bisect.bisect_right(bounds, index / len(needs)), len(free) - 1)] += need
    return all(held <= room for held, room in zip(load, usable, strict=True))


def refuse_what_does_not_fit(
    size: ModelSize, *, width: int, context: int, available: int | None, where: object
) -> None:
    """`UserError` when the cache of `width` answers of `context` tokens exceeds the memory of this machine.

    Said before the memory is touched, because the kernel kills whoever takes more. The sentence names a
    width and a context that would fit.
    """
    cache = sum(size.cache_per_token)
    if available is None or not cache or width * context * cache + size.compute <= available:
        return
    room = max(0, available - size.compute)
    what = (
        f"{width} answers of {context:,} tokens need {width * context * cache / GIB:.1f} GiB of cache, and"
        f" {room / GIB:.1f} GiB of memory are free"
    )
    narrower, shorter = min(room // (context * cache), MOST_WIDTH), room // (width * cache) // 64 * 64
    ways = [f"--width {narrower}"] if narrower > 1 else []
    ways += [f"--context {shorter}"] if shorter else []
    mend = "choose a smaller width or context" + (f": {' or '.join(ways)} would fit" if ways else "")
    raise UserError(what, where=where, mend=mend)


def _cached(header: GgufFile, layer: int, width: int) -> int:
    """Numbers the KV cache holds for one token in one layer."""
    heads = _at(header.setting("attention.head_count", 0), layer)
    kv_heads = _at(header.setting("attention.head_count_kv", heads), layer)
    per_head = width // heads if heads else 0
    key = _whole(header.setting("attention.key_length"), per_head)
    value = _whole(header.setting("attention.value_length"), per_head)
    return kv_heads * (key + value)


def _at(value: Any, layer: int) -> int:
    """A setting that is one number, or one a layer."""
    if isinstance(value, list):
        value = value[layer] if layer < len(value) else 0
    return _whole(value, 0)


def _whole(value: Any, default: int) -> int:
    """A whole number; the default for what a damaged file has in its place."""
    return int(value) if isinstance(value, int) and value >= 0 else default


def _most(value: Any) -> int:
    return max((_whole(one, 0) for one in value), default=0) if isinstance(value, list) else _whole(value, 0)
