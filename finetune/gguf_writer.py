"""Write a checked model folder as one GGUF file, tensor by tensor.

Knows the names, the metadata and the numeric formats of GGUF. Reading the folder is for `gguf_source.py`,
the tokenizer's part for `gguf_vocabulary.py`, and whether the file is any good for `parity.py`.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.gguf_source import ModelSource
from finetune.gguf_vocabulary import Vocabulary
from schemas import UserError, unknown_name

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGUFWriter

ROW_TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16", "q8_0": "Q8_0", "q4_0": "Q4_0"}
"""What this module writes itself, and the type of the weight matrices in it. Vectors stay F32."""

_FALLBACK = "F16"
_ROTATED = {"attn_q": "num_attention_heads", "attn_k": "num_key_value_heads"}


@dataclass(frozen=True)
class Tensor:
    """One tensor of the file: its GGUF name and shape, where it comes from, and the type it is stored in."""

    name: str
    source: str
    shape: tuple[int, ...]
    row_type: str
    heads: int = 0
    """Heads whose rows are reordered for llama.cpp's rotary embedding; 0 for none."""


def write_gguf(source: ModelSource, vocabulary: Vocabulary, path: Path, quantization: str) -> tuple[str, ...]:
    """Write `source` to `path` in one of `ROW_TYPES`; returns notes on tensors stored otherwise.

    Holds one tensor in memory at a time. Raises `UserError` for a model llama.cpp would not compute alike.
    """
    from gguf import GGUFWriter

    tensors = plan_tensors(source, quantization)
    factors = rope_factors(source.config)
    writer = GGUFWriter(path, source.architecture)
    try:
        _add_model_metadata(writer, source, quantization, rows=len(vocabulary.tokens))
        _add_vocabulary(writer, vocabulary)
        if factors is not None:
            writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
        for tensor in tensors:
            _add_tensor_info(writer, tensor)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        if factors is not None:
            writer.write_tensor_data(factors)
        for tensor in tensors:
            writer.write_tensor_data(_encoded(source, tensor))
    finally:
        writer.close()
    wanted = ROW_TYPES[quantization]
    return tuple(
        f"{t.name} is stored as {t.row_type}: rows of {t.shape[-1]} do not divide into blocks of {wanted}"
        for t in tensors
        if t.row_type == _FALLBACK and wanted != _FALLBACK
    )


def plan_tensors(source: ModelSource, quantization: str) -> list[Tensor]:
    """Every tensor the file will hold, in the order of its name in the model.

    Raises `UserError` for a tensor that llama.cpp has no place for, and for one that is absent.
    """
    from gguf import MODEL_ARCH, get_tensor_name_map

    config = source.config
    names = get_tensor_name_map(MODEL_ARCH[source.architecture.upper()], config.num_hidden_layers)
    tensors = []
    for name in sorted(source.names, key=_natural):
        if name.endswith("rotary_emb.inv_freq") or (name == "lm_head.weight" and config.tie_word_embeddings):
            continue  # computed by llama.cpp; the same tensor as token_embd
        gguf_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if gguf_name is None:
            raise UserError(f"llama.cpp has no place for the tensor {name}", where=source.path)
        part = gguf_name.split(".")[-2]
        heads = getattr(config, _ROTATED[part]) if source.architecture == "llama" and part in _ROTATED else 0
        shape = source.shape(name)
        is_head = part == "output" or (part == "token_embd" and config.tie_word_embeddings)
        tensors.append(Tensor(gguf_name, name, shape, _row_type(shape, quantization, is_head), heads))
        _check_shape(source, part, name, shape)
    _check_complete(source, {tensor.name for tensor in tensors})
    return tensors


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key that puts layer 2 before layer 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in name.split(".")]


def _row_type(shape: tuple[int, ...], quantization: str, is_head: bool) -> str:
    """The type a tensor is stored in: vectors F32, matrices as asked where their rows divide into blocks.

    The matrix that makes the logits keeps 8 bits when the others go down to 4, as llama.cpp's own
    quantizer does: its error reaches the output unaveraged.
    """
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if len(shape) == 1:
        return "F32"
    wanted = "Q8_0" if quantization == "q4_0" and is_head else ROW_TYPES[quantization]
    block_size, _ = GGML_QUANT_SIZES[GGMLQuantizationType[wanted]]
    return wanted if shape[-1] % block_size == 0 else _FALLBACK


def _check_shape(source: ModelSource, part: str, name: str, shape: tuple[int, ...]) -> None:
    """The shapes that the metadata promises; llama.cpp checks the others against these."""
    config = source.config
    width, head = config.hidden_size, config.head_dim
    promised = {
        "attn_q": (config.num_attention_heads * head, width),
        "attn_k": (config.num_key_value_heads * head, width),
        "ffn_up": (config.intermediate_size, width),
        "output_norm": (width,),
    }.get(part, shape)
    if shape != promised[: len(shape)]:  # a bias has the rows alone
        what = f"the tensor {name} has the shape {shape}, its config.json says {promised}"
        raise UserError(what, where=source.path, mend="save the model again")


def _check_complete(source: ModelSource, names: set[str]) -> None:
    parts = ["attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm"]
    parts += ["ffn_gate", "ffn_up", "ffn_down"]
    parts += ["attn_q_norm", "attn_k_norm"] if source.architecture == "qwen3" else []
    expected = {f"blk.{i}.{part}.weight" for i in range(source.config.num_hidden_layers) for part in parts}
    expected |= {"token_embd.weight", "output_norm.weight"}
    expected |= set() if source.config.tie_word_embeddings else {"output.weight"}
    absent = sorted(expected - names)
    if absent:
        raise UserError(f"the model has no tensor for {absent[0]}", where=source.path, mend="save it again")


def _add_tensor_info(writer: GGUFWriter, tensor: Tensor) -> None:
    import numpy as np
    from gguf import GGMLQuantizationType
    from gguf.quants import quant_shape_to_byte_shape

    kind = GGMLQuantizationType[tensor.row_type]
    byte_shape = quant_shape_to_byte_shape(tensor.shape, kind)
    writer.add_tensor_info(tensor.name, byte_shape, np.dtype(np.uint8), math.prod(byte_shape), raw_dtype=kind)


def _encoded(source: ModelSource, tensor: Tensor) -> np.ndarray:
    from gguf import GGMLQuantizationType
    from gguf.quants import quantize

    values = source.tensor(tensor.source)
    if tensor.heads:
        values = rotary_rows(values, tensor.heads)
    return quantize(values, GGMLQuantizationType[tensor.row_type])


def rotary_rows(values: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a q or k projection, reordered per head from halves to neighbouring pairs.

    transformers rotates row i with row i + d/2 of a head of d rows; llama.cpp's `llama` rotates row 2i with
    row 2i + 1. Without this the file loads and talks nonsense. Shape [heads * d, ...] in and out.
    """
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def rope_factors(config: Any) -> np.ndarray | None:
    """The divisors of the rotary frequencies for Llama 3.1's scaling, float32 [head_dim / 2]; else None.

    Source: Grattafiori et al. 2024, The Llama 3 Herd of Models, as computed by transformers'
    `_compute_llama3_parameters`.
    """
    import numpy as np

    rope = config.rope_parameters
    if rope["rope_type"] != "llama3":
        return None
    frequency = rope["rope_theta"] ** (-np.arange(0, config.head_dim, 2, dtype=np.float64) / config.head_dim)
    turns = rope["original_max_position_embeddings"] * frequency / (2 * np.pi)
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    unscaled = np.clip((turns - low) / (high - low), 0, 1)  # 1 for fast rotations, 0 for slow ones
    return (1 / (unscaled + (1 - unscaled) / rope["factor"])).astype(np.float32)


def _add_model_metadata(writer: GGUFWriter, source: ModelSource, quantization: str, rows: int) -> None:
    from gguf import GGML_QUANT_VERSION, LlamaFileType, RopeScalingType

    config = source.config
    _check_computed_alike(source)
    file_type = "ALL_F32" if quantization == "f32" else f"MOSTLY_{ROW_TYPES[quantization]}"
    writer.add_name(source.path.resolve().name)
    writer.add_file_type(LlamaFileType[file_type])
    writer.add_quantization_version(GGML_QUANT_VERSION)
    writer.add_vocab_size(rows)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if config.rope_parameters["rope_type"] == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_parameters["factor"])


def _check_computed_alike(source: ModelSource) -> None:
    """`UserError` for a setting that would make llama.cpp compute something else than transformers."""
    config, where = source.config, source.path / "config.json"
    if config.hidden_act != "silu":
        raise UserError(
            f"llama.cpp computes {source.architecture} with silu, not {config.hidden_act}", where=where
        )
    if getattr(config, "use_sliding_window", False):
        raise UserError("sliding-window attention is not supported", where=where, mend="train without it")
    known = ("default", "linear", "llama3") if source.architecture == "llama" else ("default", "linear")
    if config.rope_parameters["rope_type"] not in known:
        raise unknown_name("rope_type", config.rope_parameters["rope_type"], known, where=where)


def _add_vocabulary(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges(vocabulary.merges)
    # Always written: llama.cpp would otherwise take 11 for both BOS and EOS.
    writer.add_bos_token_id(vocabulary.bos)
    writer.add_eos_token_id(vocabulary.eos)
    writer.add_eot_token_id(vocabulary.eot)
    if vocabulary.pad is not None:
        writer.add_pad_token_id(vocabulary.pad)
    writer.add_add_bos_token(False)  # the chat template says where a BOS goes
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(vocabulary.chat_template)
