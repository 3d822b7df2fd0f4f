"""The Hugging Face folder that an export reads: its config, its tokenizer and its tensors, one at a time.

Never instantiates the model. Every way such a folder can be damaged is told here, in one sentence each;
what to write from it is for `gguf_writer.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.adapters import adapter_in, base_of, is_adapter, require_base
from finetune.weights import Weights, read_json, read_lora, shards_of
from schemas import UserError

if TYPE_CHECKING:
    import numpy as np

ARCHITECTURES = {"LlamaForCausalLM": "llama", "Qwen3ForCausalLM": "qwen3"}
"""What `config.json` calls a model, and what llama.cpp calls it."""


@dataclass(frozen=True)
class ModelSource:
    """A checked folder and its tensors. The tokenizer is a transformers fast one.

    `adapter` is the folder of an adapter that was put on the model, whose weights have it in them already.
    """

    path: Path
    architecture: str
    config: Any
    tokenizer: Any
    weights: Weights
    adapter: Path | None = None

    @property
    def names(self) -> frozenset[str]:
        """All tensors."""
        return self.weights.names

    def shape(self, name: str) -> tuple[int, ...]:
        return self.weights.shape(name)

    def tensor(self, name: str) -> np.ndarray:
        """One tensor, widened to float32 (exact for float16 and bfloat16)."""
        return self.weights.exact(name).numpy()


def read_source(path: Path, adapter: Path | None = None) -> ModelSource:
    """Check the folder `path`, under the LoRA adapter in `adapter`; `UserError` names the first thing amiss.

    The folder may itself be an adapter's: then the model is the one it was trained on.
    """
    path = Path(path)
    if adapter is None and path.is_dir() and is_adapter(path):
        path, adapter = base_of(path), path
    elif adapter is not None and path.is_dir():
        adapter = adapter_in(adapter)
        require_base(adapter, path)
    architecture = _architecture(path)
    weights = Weights(path, shards_of(path))
    if adapter is not None:
        weights = weights.with_adapter(read_lora(adapter))
    with_tokenizer = adapter if adapter is not None and (adapter / "tokenizer.json").is_file() else path
    return ModelSource(path, architecture, _config(path), _tokenizer(with_tokenizer), weights, adapter)


def _architecture(path: Path) -> str:
    if not path.is_dir():
        raise UserError("no such folder", where=path, mend="name a folder that save_pretrained wrote")
    if not (path / "config.json").is_file():
        raise UserError("no config.json", where=path, mend="name a folder that save_pretrained wrote")
    names = read_json(path / "config.json").get("architectures") or ["a model without a name"]
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
