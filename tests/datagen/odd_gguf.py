"""GGUF files beside the ordinary model: a LoRA adapter, an encoder, a projector, parts. Not a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tiny_gguf import Shape, random_weights, vocabulary

ADAPTED = ("attn_q", "attn_v", "attn_output", "ffn_down")


def lora_pairs(shape: Shape, seed: int, rank: int = 3) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A [rank, in] and B [out, rank] for some weights of every layer, by the weight's name."""
    rng = np.random.default_rng(seed)
    weights = random_weights(shape, 0)
    pairs = {}
    for layer in range(shape.layers):
        for name in ADAPTED:
            weight = f"blk.{layer}.{name}.weight"
            rows, columns = weights[weight].shape
            a = (rng.standard_normal((rank, columns)) / np.sqrt(columns)).astype(np.float32)
            pairs[weight] = a, rng.standard_normal((rows, rank)).astype(np.float32)
    return pairs


def write_adapter(
    path: Path,
    pairs: dict[str, tuple[np.ndarray, np.ndarray]],
    *,
    alpha: float,
    architecture: str = "llama",
    kind: str = "lora",
) -> Path:
    """Write a LoRA adapter as llama.cpp's convert_lora_to_gguf.py does."""
    import gguf

    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", kind)
    writer.add_float32("adapter.lora.alpha", alpha)
    for name, (a, b) in pairs.items():
        writer.add_tensor(f"{name}.lora_a", a)
        writer.add_tensor(f"{name}.lora_b", b)
    return _written(writer, path)


def write_projector(path: Path) -> Path:
    """The image side of a model, as far as its header goes."""
    import gguf

    writer = gguf.GGUFWriter(path, "clip")
    writer.add_type(gguf.GGUFType.MMPROJ)
    writer.add_tensor("v.patch_embd.weight", np.zeros((8, 3, 2, 2), np.float32))
    return _written(writer, path)


def write_empty(path: Path) -> Path:
    """A vocabulary without a model."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_token_list(vocabulary())
    return _written(writer, path)


def write_encoder(path: Path, *, width: int = 32, hidden: int = 64, context: int = 64) -> Path:
    """A tiny BERT of one layer with random weights and a WordPiece vocabulary."""
    import gguf

    rng = np.random.default_rng(0)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁the", "▁end", "▁a", *"bcdefg"]
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(4)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token.startswith("[") else 1 for token in tokens])
    writer.add_token_type_count(2)
    writer.add_unk_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_sep_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_mask_token_id(4)

    def add(name: str, *dimensions: int) -> None:
        scale = 1 / np.sqrt(dimensions[-1])
        writer.add_tensor(name, (rng.standard_normal(dimensions) * scale).astype(np.float32))

    add("token_embd.weight", len(tokens), width)
    add("token_types.weight", 2, width)
    add("position_embd.weight", context, width)
    for norm in ("token_embd_norm", "blk.0.attn_output_norm", "blk.0.layer_output_norm"):
        writer.add_tensor(f"{norm}.weight", np.ones(width, np.float32))
        writer.add_tensor(f"{norm}.bias", np.zeros(width, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        add(f"blk.0.{name}.weight", width, width)
        writer.add_tensor(f"blk.0.{name}.bias", np.zeros(width, np.float32))
    add("blk.0.ffn_up.weight", hidden, width)
    writer.add_tensor("blk.0.ffn_up.bias", np.zeros(hidden, np.float32))
    add("blk.0.ffn_down.weight", width, hidden)
    writer.add_tensor("blk.0.ffn_down.bias", np.zeros(width, np.float32))
    return _written(writer, path)


def split(path: Path, folder: Path, name: str = "tiny", parts: int = 3) -> list[Path]:
    """The model of `path` over several files, as llama-gguf-split does; the paths of the parts."""
    import gguf

    reader = gguf.GGUFReader(path)
    share = -(-len(reader.tensors) // parts)
    written = []
    for part in range(parts):
        target = folder / f"{name}-{part + 1:05}-of-{parts:05}.gguf"
        writer = gguf.GGUFWriter(target, "llama")
        if part == 0:
            _copy_metadata(reader, writer)
        writer.add_uint16("split.no", part)
        writer.add_uint16("split.count", parts)
        writer.add_int32("split.tensors.count", len(reader.tensors))
        for tensor in reader.tensors[part * share : (part + 1) * share]:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        written.append(_written(writer, target))
    return written


def _copy_metadata(reader, writer) -> None:
    import gguf

    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)


def _written(writer, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
