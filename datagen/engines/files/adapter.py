"""Does a LoRA adapter fit the model it is put on? Compared by the headers of both, before llama.cpp sees it.

Hu et al. 2021, LoRA (arXiv:2106.09685): the weight W [out, in] becomes W + alpha/rank B A, with A [rank, in]
and B [out, rank].
"""

from __future__ import annotations

from pathlib import Path

from datagen.engines.files.gguf_file import FLOAT64, INTEGERS, GgufFile, Tensor, read_gguf, shown
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
        raise UserError(what, where=path, mend="make one with convert_lora_to_gguf.py")
    if adapter.architecture != base.architecture:
        what = (
            f"the adapter is for {adapter.architecture} models, and {base.path.name} is {base.architecture}"
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
    found = {tensor.name: tensor for tensor in tensors}
    for name, tensor in found.items():
        if not name.endswith((A, B)):
            return f"the adapter's tensor {shown(name)} is neither an A nor a B of LoRA"
        if tensor.kind == FLOAT64 or tensor.kind in INTEGERS:
            return f"tensor {shown(name)} is of a type llama.cpp cannot multiply (float64 or integers)"
    for weight in dict.fromkeys(name.removesuffix(A).removesuffix(B) for name in found):
        a, b = found.get(weight + A), found.get(weight + B)
        if weight not in weights:
            return f"the adapter changes {shown(weight)}, which {base} does not have"
        if a is None or b is None:
            return f"the adapter has half a pair for {shown(weight)}"
        if fault := _misfit(*_as_multiplied(a.shape, b.shape, weight == LOOKED_UP), weights[weight].shape):
            return f"the adapter changes {shown(weight)} {fault.format(base=base)}"
    return None


def _misfit(a: Shape, b: Shape, weight: Shape) -> str | None:
    """Why B A is no change of `weight`, or None."""
    changed = (a[0], b[1], *a[2:])
    if changed != weight:
        said, known = (" x ".join(map(str, shape)) for shape in (changed, weight))
        return f"as {said}, and in {{base}} it is {known}"
    return None if a[1] == b[0] else f"with an A of rank {a[1]} and a B of rank {b[0]}"


def _as_multiplied(a: Shape, b: Shape, looked_up: bool) -> tuple[Shape, Shape]:
    """A and B with two dimensions at least, innermost first: A is [in, rank] and B [rank, out]."""
    a, b = (shape if len(shape) > 1 else (*shape, 1) for shape in (a, b))
    return ((b[1], b[0]), (a[0], a[1])) if looked_up else (a, b)
