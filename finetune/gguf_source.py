"""The Hugging Face folder that an export reads: its config, its tokenizer and its tensors, one at a time.

Never instantiates the model. Every way such a folder can be damaged is told here, in one sentence each;
what to write from it is for `gguf_writer.py`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import UserError

if TYPE_CHECKING:
    import numpy as np

ARCHITECTURES = {"LlamaForCausalLM": "llama", "Qwen3ForCausalLM": "qwen3"}
"""What `config.json` calls a model, and what llama.cpp calls it."""


@dataclass(frozen=True)
class ModelSource:
    """A checked folder; `shards` says which file holds a tensor. The tokenizer is a transformers fast one."""

    path: Path
    architecture: str
    config: Any
    tokenizer: Any
    shards: dict[str, Path]

    def shape(self, name: str) -> tuple[int, ...]:
        with _safetensors(self.shards[name]) as file:
            return tuple(file.get_slice(name).get_shape())

    def tensor(self, name: str) -> np.ndarray:
        """One tensor, widened to float32 (exact for float16 and bfloat16)."""
        with _safetensors(self.shards[name]) as file:
            return file.get_tensor(name).float().numpy()


def read_source(path: Path) -> ModelSource:
    """Check the folder `path` and open what an export needs; `UserError` names the first thing amiss."""
    path = Path(path)
    architecture = _architecture(path)
    shards = _shards(path)
    return ModelSource(path, architecture, _config(path), _tokenizer(path), shards)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read ({error})", where=path, mend="save the model again") from None
    if not isinstance(document, dict):
        raise UserError("not a JSON object", where=path, mend="save the model again")
    return document


def _architecture(path: Path) -> str:
    if not path.is_dir():
        raise UserError("no such folder", where=path, mend="name a folder that save_pretrained wrote")
    if not (path / "config.json").is_file():
        if (path / "adapter_config.json").is_file():
            raise UserError(
                "a LoRA adapter without its model", where=path, mend="merge it into the model first"
            )
        raise UserError("no config.json", where=path, mend="name a folder that save_pretrained wrote")
    names = _read_json(path / "config.json").get("architectures") or ["a model without a name"]
    if names[0] not in ARCHITECTURES:
        supported = " and ".join(ARCHITECTURES)
        raise UserError(
            f"cannot export {names[0]}", where=path / "config.json", mend=f"supported: {supported}"
        )
    return ARCHITECTURES[names[0]]


def _config(path: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(path, local_files_only=True)
    except Exception as error:  # transformers raises many kinds for a damaged file
        raise UserError(f"not a model's config ({error})", where=path / "config.json") from None


def _tokenizer(path: Path) -> Any:
    from transformers import AutoTokenizer

    if not (path / "tokenizer.json").is_file():
        raise UserError("no tokenizer.json", where=path, mend="save the tokenizer beside the model")
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except Exception as error:  # the Rust library raises bare Exception
        raise UserError(f"not a tokenizer ({error})", where=path / "tokenizer.json") from None
    if not tokenizer.chat_template:
        raise UserError(
            "the tokenizer has no chat template",
            where=path,
            mend="add chat_template.jinja, or 'chat_template' to tokenizer_config.json",
        )
    return tokenizer


def _shards(path: Path) -> dict[str, Path]:
    """Which file holds each tensor; every file opened once, so a missing or cut one shows here."""
    index = path / "model.safetensors.index.json"
    if index.is_file():
        weight_map = _read_json(index).get("weight_map", {})
        declared = {name: path / file for name, file in weight_map.items()}
    elif (path / "model.safetensors").is_file():
        declared = {}
    else:
        raise UserError("no model.safetensors", where=path, mend="save the model with save_pretrained")
    files = sorted(set(declared.values())) or [path / "model.safetensors"]
    found: dict[str, Path] = {}
    for file in files:
        if not file.is_file():
            raise UserError("a shard is missing", where=file, mend="copy the whole model folder again")
        with _safetensors(file) as tensors:
            found |= dict.fromkeys(tensors.keys(), file)
    absent = sorted(set(declared) - set(found))
    if absent:
        raise UserError(
            f"the tensor {absent[0]} is not in it", where=declared[absent[0]], mend="copy it again"
        )
    return found


@contextlib.contextmanager
def _safetensors(path: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise UserError(f"damaged ({error})", where=path, mend="save or copy the model again") from None
