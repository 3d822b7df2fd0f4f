"""The tensors of a model folder, one at a time: which file holds each, and what a LoRA adapter makes of them.

Reads safetensors without building a model, so that merging and export need the memory of one tensor. Every
way such a folder can be incomplete is told here, in one sentence with the file's name.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import UserError

if TYPE_CHECKING:
    from torch import Tensor

INDEX_NAME = "model.safetensors.index.json"
WEIGHTS_NAME = "model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"

PREFIX = "base_model.model."
"""What PEFT puts before the name of a module of the model."""

A, B = ".lora_A.weight", ".lora_B.weight"

PLAIN = {
    "use_dora": False,
    "bias": "none",
    "fan_in_fan_out": False,
    "alpha_pattern": {},
    "target_parameters": None,
    "trainable_token_indices": None,
    "lora_bias": False,
    "layer_replication": None,
}
"""What the configuration of plain LoRA says where PEFT knows variants: one that says more is refused."""


@dataclass(frozen=True)
class LoraFile:
    """A checked adapter in PEFT's format. `alpha` and `rslora` say how its product B A is scaled.

    Hu et al. 2021, LoRA (arXiv:2106.09685): W becomes W + alpha / rank B A. Kalajdzievski 2023, rsLoRA
    (arXiv:2312.03732): + alpha / sqrt(rank) B A.
    """

    folder: Path
    alpha: float
    rslora: bool
    base: str
    """The model it was trained on, as its configuration names it."""
    names: frozenset[str]

    @cached_property
    def changed(self) -> frozenset[str]:
        """The model's tensors to which a product is added."""
        ends = len(A)
        return frozenset(f"{n.removeprefix(PREFIX)[:-ends]}.weight" for n in self.names if n.endswith(A))

    @cached_property
    def replaced(self) -> frozenset[str]:
        """The model's tensors that the adapter brings whole, as the score of a reward model."""
        return frozenset(n.removeprefix(PREFIX) for n in self.names if not n.endswith((A, B)))

    def pair(self, name: str) -> tuple[Tensor, Tensor, float]:
        """A [rank, in], B [out, rank] in float32 and the scale of their product, for the tensor `name`."""
        module = PREFIX + name.removesuffix(".weight")
        with opened(self.folder / ADAPTER_WEIGHTS) as file:
            a, b = file.get_tensor(module + A).float(), file.get_tensor(module + B).float()
        return a, b, self.scale(a.shape[0])

    def scale(self, rank: int) -> float:
        """What the product of an A and a B of this rank is multiplied by."""
        return self.alpha / (rank**0.5 if self.rslora else rank)

    def whole(self, name: str) -> Tensor:
        """A tensor that is brought whole."""
        with opened(self.folder / ADAPTER_WEIGHTS) as file:
            return file.get_tensor(PREFIX + name)


def read_lora(folder: Path) -> LoraFile:
    """The adapter in `folder`; `UserError` when it is none, damaged, or of a kind that is not plain LoRA."""
    path = folder / ADAPTER_CONFIG
    if not path.is_file():
        mend = "name a folder that PEFT's save_pretrained wrote"
        raise UserError(f"no {ADAPTER_CONFIG}", where=folder, mend=mend)
    config = read_json(path)
    if config.get("peft_type") != "LORA":
        raise UserError(f"an adapter of the kind {config.get('peft_type')}, not LORA", where=path)
    for name, plain in PLAIN.items():
        if config.get(name, plain) not in (plain, None):
            what = f"the adapter is no plain LoRA ('{name}' is {config[name]})"
            raise UserError(what, where=path, mend="merge it with PEFT first")
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise UserError(f"no {ADAPTER_WEIGHTS}", where=folder, mend="copy the whole adapter again")
    with opened(folder / ADAPTER_WEIGHTS) as file:
        names = frozenset(file.keys())
    whole = {n.removesuffix(B) for n in names if n.endswith(B)} == {
        n.removesuffix(A) for n in names if n.endswith(A)
    }
    if not whole or not all(name.startswith(PREFIX) for name in names):
        raise UserError(
            "not the A and B of a LoRA adapter", where=folder / ADAPTER_WEIGHTS, mend="copy it again"
        )
    base = str(config.get("base_model_name_or_path") or "")
    return LoraFile(folder, float(config["lora_alpha"]), bool(config.get("use_rslora")), base, names)


@dataclass(frozen=True)
class Weights:
    """The tensors of a model by name, those that its adapters change as they are then."""

    folder: Path
    shards: dict[str, Path]
    adapters: tuple[LoraFile, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All tensors."""
        return frozenset(self.shards).union(*(adapter.replaced for adapter in self.adapters))

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        for adapter in reversed(self.adapters):
            if name in adapter.replaced:
                return tuple(adapter.whole(name).shape)
        with opened(self.shards[name]) as file:
            return tuple(file.get_slice(name).get_shape())

    def stored(self, name: str) -> Tensor:
        """A tensor in the type it is stored in: one that an adapter changes is rounded once, at the end."""
        for adapter in reversed(self.adapters):
            if name in adapter.replaced:
                return adapter.whole(name)
        with opened(self.shards[name]) as file:
            tensor: Tensor = file.get_tensor(name)
        changing = [adapter for adapter in self.adapters if name in adapter.changed]
        return self._changed(tensor.float(), name).to(tensor.dtype) if changing else tensor

    def exact(self, name: str) -> Tensor:
        """A tensor in float32 (exact for float16 and bfloat16), with what adapters add not rounded."""
        if any(name in adapter.replaced for adapter in self.adapters):
            return self.stored(name).float()
        with opened(self.shards[name]) as file:
            return self._changed(file.get_tensor(name).float(), name)

    def _changed(self, tensor: Tensor, name: str) -> Tensor:
        for adapter in self.adapters:
            if name in adapter.changed:
                a, b, scale = adapter.pair(name)
                if (b.shape[0], a.shape[1]) != tuple(tensor.shape):
                    shape = [b.shape[0], a.shape[1]]
                    what = f"the adapter changes {name} as {shape}, and it is {list(tensor.shape)}"
                    raise UserError(what, where=adapter.folder, mend="name the model it was trained on")
                tensor = tensor + scale * (b @ a)
        return tensor

    def with_adapter(self, adapter: LoraFile) -> Weights:
        """These weights under one more adapter; `UserError` when it changes what they do not have."""
        if strange := sorted(adapter.changed - self.names):
            what = f"the adapter changes {strange[0]}, which {self.folder} does not have"
            raise UserError(what, where=adapter.folder, mend="name the model it was trained on")
        return Weights(self.folder, self.shards, (*self.adapters, adapter))


def shards_of(folder: Path) -> dict[str, Path]:
    """Which file holds each tensor; every file opened once, so a missing or cut one shows here."""
    index = folder / INDEX_NAME
    if index.is_file():
        weight_map = read_json(index).get("weight_map", {})
        declared = {name: folder / file for name, file in weight_map.items()}
    elif (folder / WEIGHTS_NAME).is_file():
        declared = {}
    else:
        raise UserError(f"no {WEIGHTS_NAME}", where=folder, mend="save the model with save_pretrained")
    files = sorted(set(declared.values())) or [folder / WEIGHTS_NAME]
    found: dict[str, Path] = {}
    for file in files:
        if not file.is_file():
            raise UserError("a shard is missing", where=file, mend="copy the whole model folder again")
        with opened(file) as tensors:
            found |= dict.fromkeys(tensors.keys(), file)
    absent = sorted(set(declared) - set(found))
    if absent:
        raise UserError(
            f"the tensor {absent[0]} is not in it", where=declared[absent[0]], mend="copy it again"
        )
    return found


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of a model folder."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read ({error})", where=path, mend="save the model again") from None
    if not isinstance(document, dict):
        raise UserError("not a JSON object", where=path, mend="save the model again")
    return document


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A safetensors file, opened; `UserError` when it is damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise UserError(f"damaged ({error})", where=path, mend="save or copy the model again") from None
