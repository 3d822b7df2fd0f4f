"""Write a LoRA adapter alone as GGUF, in the format of llama.cpp's `convert_lora_to_gguf.py`.

For each weight it changes there are `<name>.lora_a` [rank, in] and `<name>.lora_b` [out, rank]; llama.cpp
adds `alpha / rank` B A. Whether the file is any good is for `parity.py`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.gguf_source import ModelSource
from finetune.gguf_writer import plan_tensors, rotary_rows
from finetune.weights import LoraFile, Weights
from schemas import UserError

if TYPE_CHECKING:
    from gguf import GGUFWriter

ADAPTER_TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16"}


def write_adapter_gguf(source: ModelSource, path: Path, kind: str) -> ModelSource:
    """Write the adapter of `source` to `path` in one of `ADAPTER_TYPES`; returns the model without it.

    Raises `UserError` for an adapter that llama.cpp could not compute alike.
    """
    from gguf import GGUFType, GGUFWriter

    lora = source.weights.adapters[-1]
    bare = dataclasses.replace(
        source, weights=Weights(source.weights.folder, source.weights.shards, source.weights.adapters[:-1])
    )
    if lora.replaced:
        what = f"the adapter brings {min(lora.replaced)} whole, for which a GGUF adapter has no place"
        raise UserError(
            what, where=lora.folder, mend="export the whole model with it: without --only-adapter"
        )
    writer = GGUFWriter(path, source.architecture)
    try:
        writer.add_type(GGUFType.ADAPTER)
        writer.add_name(lora.folder.resolve().name)
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", _alpha(lora))
        for tensor in plan_tensors(bare, "f32"):
            if tensor.source in lora.changed:
                _add_pair(writer, lora, tensor.source, tensor.name, tensor.heads, ADAPTER_TYPES[kind])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    return bare


def _alpha(lora: LoraFile) -> float:
    """The alpha which, divided by the rank, is the scale of the adapter."""
    ranks = {lora.pair(name)[0].shape[0] for name in lora.changed}
    if lora.rslora and len(ranks) > 1:
        what = "one alpha cannot say the scale of an rsLoRA adapter of several ranks"
        raise UserError(
            what, where=lora.folder, mend="export the whole model with it: without --only-adapter"
        )
    rank = min(ranks)
    return lora.scale(rank) * rank


def _add_pair(writer: GGUFWriter, lora: LoraFile, source: str, name: str, heads: int, kind: str) -> None:
    from gguf import GGMLQuantizationType
    from gguf.quants import quantize

    a, b, _ = lora.pair(source)
    rows = rotary_rows(b.numpy(), heads) if heads else b.numpy()
    for part, values in ((".lora_a", a.numpy()), (".lora_b", rows)):
        raw = GGMLQuantizationType[kind]
        writer.add_tensor(name + part, quantize(values, raw), raw_dtype=raw)
