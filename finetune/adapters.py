"""LoRA adapters on disk: how one is written, which model it belongs to, and what the two make together.

An adapter lies in PEFT's own format, with a note of the model it was trained on and of that model's content.
Training one is for `tuning.py`; the tensors are for `weights.py`.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.disk import writing
from finetune.weights import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    INDEX_NAME,
    PREFIX,
    WEIGHTS_NAME,
    Weights,
    read_json,
    read_lora,
    shards_of,
)
from schemas import UserError
from schemas.run import content_hash

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ADAPTER_FOLDER = "adapter"
"""Where a stage's folder keeps the adapter beside the weights it is merged into."""

BASE_NAME = "base.json"
"""Beside an adapter: the model it was trained on."""


def is_adapter(folder: Path) -> bool:
    """Whether a folder is an adapter's and holds no model of its own."""
    return (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").is_file()


def adapter_in(folder: Path) -> Path:
    """The adapter's own folder: the one given, or the part of a stage's folder that is one."""
    beside = folder / ADAPTER_FOLDER
    return beside if not (folder / ADAPTER_CONFIG).is_file() and beside.is_dir() else folder


def base_of(folder: Path) -> Path:
    """The folder of the model that the adapter in `folder` was trained on.

    Raises `UserError` when it is not there, or its weights are not those the adapter was trained on.
    """
    note = read_json(folder / BASE_NAME) if (folder / BASE_NAME).is_file() else {}
    named = read_lora(folder).base
    # The relative path first: a folder of runs may have been moved as a whole.
    candidates = [Path(os.path.normpath(folder / note["relative"])), Path(note["path"])] if note else []
    candidates += [Path(named), folder / named] if named else []
    base = next((candidate for candidate in candidates if candidate.is_dir()), None)
    if base is None:
        what = f"the adapter's model {named or 'without a name'} is no folder on this machine"
        mend = f"set base_model_name_or_path in {ADAPTER_CONFIG} to the folder of the model"
        raise UserError(what, where=folder, mend=mend)
    require_base(folder, base)
    return base


def require_base(folder: Path, base: Path) -> None:
    """`UserError` when the adapter in `folder` is known to be another model's than the one in `base`."""
    note = read_json(folder / BASE_NAME) if (folder / BASE_NAME).is_file() else {}
    if note and weights_hash(base) != note["blake2b"]:
        what = f"the adapter was trained on other weights than those in {base}"
        raise UserError(what, where=folder, mend="give the model it was trained on")


def open_weights(folder: Path) -> Weights:
    """The tensors of a model folder; of an adapter's, those of its model with the adapter in them."""
    if is_adapter(folder):
        return open_weights(base_of(folder)).with_adapter(read_lora(folder))
    return Weights(folder, shards_of(folder))


def weights_hash(folder: Path) -> str:
    """BLAKE2b-256 of the names and contents of the files with a model's weights, in hexadecimal."""
    weights = open_weights(folder)
    files = [*set(weights.shards.values()), *(lora.folder / ADAPTER_WEIGHTS for lora in weights.adapters)]
    total = hashlib.blake2b(digest_size=32)
    for file in sorted(files, key=lambda file: file.name):
        total.update(f"{file.name}\0{content_hash(file)}\0".encode())
    return total.hexdigest()


def write_adapter(model: Any, folder: Path, base: Path) -> None:
    """Write the adapter of a PEFT model, trained on the model in `base`, with the note of it."""
    config = model.peft_config["default"]
    config.base_model_name_or_path = str(base.resolve())
    folder.mkdir(parents=True, exist_ok=True)
    note = {
        "path": str(base.resolve()),
        "relative": os.path.relpath(base.resolve(), folder.resolve()),
        "blake2b": weights_hash(base),
    }
    with writing(folder):
        _write_peft(model, folder)
        (folder / BASE_NAME).write_text(json.dumps(note, indent=2) + "\n")


def keep_adapter(model: Any, folder: Path) -> None:
    """Write the adapter for the stage's own use: without the note of its model."""
    with writing(folder):
        _write_peft(model, folder)


def _write_peft(model: Any, folder: Path) -> None:
    model.save_pretrained(folder, selected_adapters=["default"], save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # an empty model card


def write_merged(
    model: Any, tokenizer: PreTrainedTokenizerBase, adapter: Path, base: Path, folder: Path
) -> None:
    """Write the model that a PEFT model computes as one of its own: the weights in `base`, `adapter` added.

    Tensor by tensor and in float32, rounded once to the type that the weights of `base` are stored in; what
    the adapter does not change is copied. So a 4-bit copy in memory is not what is merged into, and there
    need be no room for the model in float32.
    """
    weights = open_weights(base).with_adapter(read_lora(adapter))
    kept = weights.names & _tensor_names(model)
    with writing(folder):
        _write_config(model, weights, folder)
        _write_shards(weights, kept, folder)
        if model.can_generate():
            habits = copy.deepcopy(model.generation_config)
            habits.eos_token_id, habits.pad_token_id = tokenizer.eos_token_id, tokenizer.pad_token_id
            habits.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def require_mergeable(model: Any, base: Path) -> None:
    """`UserError` when what an adapter changes has another name in the files of the model: said at once."""
    from peft.tuners.lora import LoraLayer

    names = open_weights(base).names
    for name, module in model.named_modules():
        tensor = f"{name.removeprefix(PREFIX)}.weight"
        if isinstance(module, LoraLayer) and tensor not in names:
            what = f"no tensor {tensor} in its files, so an adapter cannot be merged into them"
            raise UserError(
                what, where=base, mend="give --save adapter, or save the model with transformers 5"
            )


def _tensor_names(model: Any) -> set[str]:
    """The names that the tensors of a PEFT model have without PEFT."""
    names = set()
    for name in model.state_dict():
        if "lora_" not in name and ".modules_to_save." not in name:
            plain = name.removeprefix(PREFIX).replace(".base_layer.", ".").replace(".original_module.", ".")
            names.add(plain)
    return names


def _write_config(model: Any, weights: Weights, folder: Path) -> None:
    """The configuration of the model without its adapter, in the type its weights are stored in."""
    inner = model.get_base_model()
    config = copy.deepcopy(inner.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.architectures = [type(inner).__name__]
    config.dtype = str(weights.stored(min(weights.shards)).dtype).removeprefix("torch.")
    config.save_pretrained(folder)


def _write_shards(weights: Weights, kept: frozenset[str], folder: Path) -> None:
    """As many files as the model it came from has, by the same names; new tensors go into the last."""
    from safetensors.torch import save_file

    files = sorted({file.name for file in weights.shards.values()})
    where = {name: weights.shards[name].name if name in weights.shards else files[-1] for name in kept}
    total = 0
    for file in files:
        tensors = {name: weights.stored(name).contiguous() for name in sorted(kept) if where[name] == file}
        total += sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
        save_file(tensors, folder / file, metadata={"format": "pt"})
    if files != [WEIGHTS_NAME]:
        index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
        (folder / INDEX_NAME).write_text(json.dumps(index, indent=2) + "\n")
