"""Does a LoRA adapter fit the model it is put on? Compared by the headers of both, before llama.cpp sees it.

Hu et al. 2021, LoRA (arXiv:2106.09685): the weight W [out, in] becomes W + alpha/rank B A, with A [rank, in]
and B [out, rank].
"""

from __future__ import annotations

from pathlib import Path

from datagen.engines.gguf_file import GgufFile, Tensor, read_gguf
from schemas import UserError

A, B = ".lora_a", ".lora_b"
# Looked up by row and not multiplied, so its A and B are stored the other way round.
LOOKED_UP = "token_embd.weight"


def read_adapter(path: str | Path, base: GgufFile) -> GgufFile:
    """The header of the adapter. Raises `UserError` when it is none, or not one of the model `base`."""
    adapter = read_gguf(path)
    kind = adapter.metadata.get("general.type")
    if kind != "adapter" or adapter.metadata.get("adapter.type") != "lora":
        what = "the file is no LoRA adapter" + (" but a model" if kind in ("model", None) else "")
        raise UserError(what, where=path, mend="make one with convert_lora_to_gguf.py, or finetune export")
    if adapter.architecture != base.architecture:
        what = (
            f"the adapter is for a {adapter.architecture} model, and {base.path.name} is {base.architecture}"
        )
        raise UserError(what, where=path, mend="name the model it was trained on")
    if not adapter.tensors:
        raise UserError("the adapter is empty", where=path, mend="export it again")
    fault = _fault(adapter.tensors, {tensor.name: tensor for tensor in base.tensors}, base.path.name)
    if fault:
        raise UserError(fault, where=path, mend="name the model it was trained on")
    return adapter


def _fault(tensors: tuple[Tensor, ...], weights: dict[str, Tensor], base: str) -> str | None:
    """Why the pairs of A and B do not fit the weights they change, or None."""
    shapes = {tensor.name: tensor.shape for tensor in tensors}
    for name in shapes:
        weight = name.removesuffix(A).removesuffix(B)
        if weight == name:
            return f"the adapter's tensor '{name}' is neither an A nor a B of LoRA"
        if weight not in weights:
            return f"the adapter changes '{weight}', which {base} does not have"
        pair = (shapes.get(weight + A), shapes.get(weight + B))
        if pair[0] is None or pair[1] is None:
            return f"the adapter has half a pair for '{weight}'"
        if not _fits(weights[weight].shape, pair[0], pair[1], weight):
            changed = " x ".join(map(str, _changed(pair[0], pair[1], weight)))
            return (
                f"the adapter changes '{weight}' as {changed}, and in {base} it is"
                f" {' x '.join(map(str, weights[weight].shape))}"
            )
    return None


def _changed(a: tuple[int, ...], b: tuple[int, ...], weight: str) -> tuple[int, ...]:
    """The shape of the weight that A and B are a change of, innermost dimension first."""
    if weight == LOOKED_UP:
        return (b[1] if len(b) > 1 else 1, a[1] if len(a) > 1 else 1)
    return (a[0], b[1] if len(b) > 1 else 1, *a[2:])


def _fits(weight: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...], name: str) -> bool:
    if len(a) < 2 or len(b) < 2 or _changed(a, b, name) != weight:
        return False
    return a[0] == b[0] if name == LOOKED_UP else a[1] == b[0]
