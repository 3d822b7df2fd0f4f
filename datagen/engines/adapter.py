"""Does a LoRA adapter fit the model it is put on? Compared by the headers of both, before llama.cpp sees it.

Hu et al. 2021, LoRA (arXiv:2106.09685): the weight W [out, in] becomes W + alpha/rank B A, with A [rank, in]
and B [out, rank].
"""

from __future__ import annotations

from pathlib import Path

from datagen.engines.gguf_file import FLOAT64, INTEGERS, GgufFile, Tensor, read_gguf
from schemas import UserError

Shape = tuple[int, ...]

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
    kinds = {tensor.name: tensor.kind for tensor in tensors}
    for name in shapes:
        weight = name.removesuffix(A).removesuffix(B)
        if weight == name:
            return f"the adapter's tensor '{name}' is neither an A nor a B of LoRA"
        if kinds[name] == FLOAT64 or kinds[name] in INTEGERS:
            return (
                f"the adapter's tensor '{name}' is of a type llama.cpp cannot multiply (float64 or integers)"
            )
        if weight not in weights:
            return f"the adapter changes '{weight}', which {base} does not have"
        pair = (shapes.get(weight + A), shapes.get(weight + B))
        if pair[0] is None or pair[1] is None:
            return f"the adapter has half a pair for '{weight}'"
        a, b = _as_multiplied(*pair, looked_up=weight == LOOKED_UP)
        changed, base_shape = (a[0], b[1], *a[2:]), weights[weight].shape
        if changed != base_shape:
            said = " x ".join(map(str, changed))
            is_ = " x ".join(map(str, base_shape))
            return f"the adapter changes '{weight}' as {said}, and in {base} it is {is_}"
        if a[1] != b[0]:
            return f"the adapter has an A of rank {a[1]} and a B of rank {b[0]} for '{weight}'"
    return None


def _as_multiplied(a: Shape, b: Shape, *, looked_up: bool) -> tuple[Shape, Shape]:
    """A and B with two dimensions at least, innermost first: A is [in, rank] and B [rank, out]."""
    a, b = (shape if len(shape) > 1 else (*shape, 1) for shape in (a, b))
    return ((b[1], b[0]), (a[0], a[1])) if looked_up else (a, b)
