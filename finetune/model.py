"""Models and tokenizers: made from random weights, loaded from a folder, saved into one.

One place that turns a damaged or foreign folder into the user's sentence. Leaves training to the stages.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from finetune.adapters import BASE_NAME, base_of, is_adapter
from finetune.disk import writing
from finetune.weights import INDEX_NAME, read_lora, shards_of
from schemas import UserError
from schemas.run import MANIFEST_NAME
from schemas.settings import setting

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

NOT_THE_MODEL = {MANIFEST_NAME, BASE_NAME}
"""Files in the folder of a stage that are about the run and not of the model."""


@dataclass(frozen=True)
class ModelShape:
    """A decoder-only transformer that llama.cpp loads. Every row of weights is a multiple of 32 wide."""

    architecture: Literal["llama", "qwen3"] = setting("llama", help="llama, or qwen3 (norms on q and k)")
    width: int = setting(128, help="hidden size", minimum=32)
    layers: int = setting(2, help="transformer blocks", minimum=1)
    heads: int = setting(4, help="attention heads", minimum=1)
    key_value_heads: int = setting(
        4, help="heads of keys and values, shared by the attention heads", minimum=1
    )
    feed_forward: int = setting(384, help="inner size of the feed-forward layer", minimum=32)
    context: int = setting(256, help="longest sequence the model is made for", unit="tokens", minimum=16)

    def check(self, where: object = None) -> None:
        """Raise `UserError` when the sizes do not fit together, or GGUF could not pack them."""
        for name, size in (("width", self.width), ("feed_forward", self.feed_forward)):
            if size % 32:
                raise UserError(
                    f"{name} {size} is not a multiple of 32", where=where, mend=f"try {-(-size // 32) * 32}"
                )
        if self.width % self.heads or self.width // self.heads % 2:
            raise UserError(f"width {self.width} does not split into {self.heads} even heads", where=where)
        if self.heads % self.key_value_heads:
            what = f"{self.heads} heads cannot share {self.key_value_heads} key-value heads"
            raise UserError(what, where=where, mend="the first must be a multiple of the second")


def new_model(shape: ModelShape, tokenizer: PreTrainedTokenizerBase, seed: int) -> PreTrainedModel:
    """A model of random weights (input and output embeddings tied), float32, on the CPU."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

    shape.check()
    sizes: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": shape.width,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.key_value_heads,
        "head_dim": shape.width // shape.heads,
        "max_position_embeddings": shape.context,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": True,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if shape.architecture == "qwen3":
            return Qwen3ForCausalLM(Qwen3Config(**sizes))
        return LlamaForCausalLM(LlamaConfig(**sizes))


def load_model(folder: Path, *, dtype: str = "float32", four_bit: bool = False) -> PreTrainedModel:
    """The causal language model in `folder`; `UserError` when there is none or its weights are incomplete.

    The folder of an adapter is that of its model with the adapter in it. `four_bit`: NF4, by bitsandbytes.
    """
    from transformers import AutoModelForCausalLM

    return _load(AutoModelForCausalLM, folder, dtype=dtype, four_bit=four_bit)


def load_reward_model(
    folder: Path, *, fresh: bool = False, dtype: str = "float32", four_bit: bool = False
) -> PreTrainedModel:
    """A model with one score per sequence. `fresh` adds a new score head to a language model's body."""
    from transformers import AutoModelForSequenceClassification

    auto = AutoModelForSequenceClassification
    return _load(auto, folder, dtype=dtype, four_bit=four_bit, new_weights=fresh, num_labels=1)


def load_tokenizer(folder: Path, *, chat: bool = True) -> PreTrainedTokenizerBase:
    """The tokenizer in `folder`. With `chat` it must have a chat template, and always a stop token."""
    from transformers import AutoTokenizer

    _require_folder(folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        mend = "give a folder with tokenizer.json and tokenizer_config.json"
        raise UserError(f"no usable tokenizer ({_first_line(error)})", where=folder, mend=mend) from None
    if chat and not tokenizer.chat_template:
        raise UserError("the tokenizer has no chat template", where=folder, mend="add a chat_template.jinja")
    if tokenizer.eos_token_id is None:
        raise UserError(
            "the tokenizer has no eos_token", where=folder, mend="set it to the token that ends a turn"
        )
    if tokenizer.pad_token_id is None:
        raise UserError("the tokenizer has no pad_token", where=folder, mend=_mend_of_pad(tokenizer))
    return tokenizer


def save_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write weights (safetensors), configuration and tokenizer so that transformers loads the folder."""
    if model.can_generate():
        model.generation_config.eos_token_id = tokenizer.eos_token_id
        model.generation_config.pad_token_id = tokenizer.pad_token_id
    with writing(folder):
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def require_own_pad(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """`UserError` when padding is done with the stop token: a score would be read before it, not at it."""
    if tokenizer.pad_token_id == tokenizer.eos_token_id:
        what = (
            f"pad_token and eos_token are both {tokenizer.eos_token!r}, so no score could be read at the stop"
        )
        raise UserError(what, where=folder, mend=_mend_of_pad(tokenizer))


def _mend_of_pad(tokenizer: PreTrainedTokenizerBase) -> str:
    """What to write where, with a token of this vocabulary that is made for it or reserved for nothing."""
    known = sorted(tokenizer.get_vocab())
    free = [token for token in known if "pad" in token.lower() and token in tokenizer.all_special_tokens]
    added = {str(token) for token in tokenizer.added_tokens_decoder.values()}
    free += [token for token in known if token in added and re.search(r"(?i)pad|reserved|unused", token)]
    free = [token for token in free if token != tokenizer.eos_token]
    if not free:
        return "set one that is not the eos_token"
    return f'write "pad_token": "{free[0]}" into tokenizer_config.json (it is in the vocabulary and unused)'


def model_files(folder: Path) -> list[Path]:
    """What makes a model folder the model it is: weights, configuration, tokenizer; no checkpoints or logs.

    These are what a stage that starts from the folder names as its input; of an adapter, its model's too.
    """
    _require_folder(folder)
    kinds = {".safetensors", ".json", ".jinja", ".model", ".txt", ".bin"}
    files = [file for file in folder.iterdir() if file.suffix in kinds and file.name not in NOT_THE_MODEL]
    below = model_files(base_of(folder)) if is_adapter(folder) else []
    return [*sorted(files), *below]


def parameter_count(model: PreTrainedModel) -> int:
    """Distinct trainable numbers, tied weights once."""
    return sum(parameter.numel() for parameter in model.parameters())


def _load(auto: Any, folder: Path, *, dtype: str, new_weights: bool = False, **options: Any) -> Any:
    _require_folder(folder)
    if is_adapter(folder):
        if options.get("four_bit"):
            mend = "merge it into its model first: --save merged in the stage that made it"
            raise UserError("an adapter cannot be put on a model in 4 bits", where=folder, mend=mend)
        model = _load(auto, base_of(folder), dtype=dtype, new_weights=True, **options)
        return _merged(model, folder)
    config = folder / "config.json"
    if not config.is_file():
        raise UserError("no config.json", where=folder, mend="give a model folder in Hugging Face format")
    if (folder / INDEX_NAME).is_file():
        shards_of(
            folder
        )  # transformers would name a missing shard in the middle of a traceback, or not at all
    four_bit = options.pop("four_bit", False)
    how = _nf4() if four_bit else {}
    try:
        model, report = auto.from_pretrained(
            folder, dtype=dtype, local_files_only=True, output_loading_info=True, **how, **options
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        mend = "give a folder with config.json and model.safetensors that transformers knows"
        what = f"the model cannot be loaded ({_first_line(error)})"
        raise UserError(what, where=folder, mend=mend) from None
    except Exception as error:  # safetensors raises its own type, which is no subclass of the above
        if type(error).__name__ != "SafetensorError":
            raise
        mend = "copy the weights again"
        raise UserError(f"the weights are damaged ({_first_line(error)})", where=folder, mend=mend) from None
    missing = sorted(report["missing_keys"])
    if missing and not new_weights:
        what = f"{len(missing)} weights are missing, first {missing[0]}"
        raise UserError(what, where=folder, mend="copy the folder again, with every shard")
    return model


def _merged(model: Any, folder: Path) -> Any:
    """The model with the adapter in `folder` added to its weights."""
    from peft import PeftModel

    read_lora(folder)  # its faults in our words
    try:
        merged = PeftModel.from_pretrained(model, folder, local_files_only=True).merge_and_unload()
    except (ValueError, RuntimeError, KeyError) as error:
        what = f"the adapter does not fit its model ({_first_line(error)})"
        raise UserError(what, where=folder, mend="give the model it was trained on") from None
    merged.config._name_or_path = str(folder)
    return merged.requires_grad_(True)  # PEFT had frozen it


def _nf4() -> dict[str, Any]:
    """Loading in 4-bit NormalFloat, its constants quantized too (Dettmers et al. 2023, arXiv:2305.14314)."""
    import torch
    from transformers import BitsAndBytesConfig

    able = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    quantized = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if able else torch.float16,
    )
    return {"quantization_config": quantized, "device_map": {"": 0 if torch.cuda.is_available() else "cpu"}}


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise UserError("no such model folder", where=folder, mend="check the path")
    try:
        json.loads((folder / "config.json").read_text()) if (folder / "config.json").exists() else None
    except ValueError:
        raise UserError("not JSON", where=folder / "config.json", mend="copy the model again") from None


def _first_line(error: BaseException) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return textwrap.shorten(line, 200, placeholder=" ...")
