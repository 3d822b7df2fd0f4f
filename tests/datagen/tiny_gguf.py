"""A tiny Llama with random weights as a GGUF file, and the same model in plain numpy to compare with.

Real in kind (byte-level BPE, control tokens, a chat template), small in size: written in milliseconds.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CONTROL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MERGES = (
    ("t", "h"), ("th", "e"), ("i", "n"), ("e", "r"), ("a", "n"), ("Ġ", "t"), ("Ġ", "the"), ("o", "n"),
    ("r", "e"), ("in", "g"), ("an", "d"), ("Ġ", "a"), ("Ġ", "and"), ("o", "u"), ("s", "t"), ("e", "n"),
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Sizes of a Llama. `sharpness` scales q and k, so that attention is far from uniform."""

    layers: int = 2
    width: int = 64
    heads: int = 4
    kv_heads: int = 2
    hidden: int = 128
    context: int = 512
    padding: int = 0
    sharpness: float = 2.0
    end_bias: float = 0.0

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@functools.cache
def byte_letters() -> tuple[str, ...]:
    """GPT-2's printable letter for each byte (Radford et al. 2019, `bytes_to_unicode`)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(256, 512))
    return tuple(chr(byte) if byte in printable else chr(next(others)) for byte in range(256))


def vocabulary(padding: int = 0) -> list[str]:
    """Control tokens, the 256 bytes, the merged tokens, padding."""
    merged = [left + right for left, right in MERGES]
    return [*CONTROL_TOKENS, *byte_letters(), *merged, *(f"[PAD{i}]" for i in range(padding))]


def random_weights(shape: Shape, seed: int) -> dict[str, np.ndarray]:
    """Weights by GGUF name, each matrix [out, in], float32."""
    rng = np.random.default_rng(seed)
    size, kv_width = len(vocabulary(shape.padding)), shape.kv_heads * shape.head_width

    def matrix(rows: int, columns: int, scale: float = 1.0) -> np.ndarray:
        return (rng.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)

    weights = {
        "token_embd.weight": matrix(size, shape.width, np.sqrt(shape.width)),
        "output_norm.weight": np.ones(shape.width, np.float32),
        "output.weight": matrix(size, shape.width, 2.0),
    }
    for layer in range(shape.layers):
        for name, array in {
            "attn_norm": rng.uniform(0.5, 1.5, shape.width).astype(np.float32),
            "attn_q": matrix(shape.width, shape.width, shape.sharpness),
            "attn_k": matrix(kv_width, shape.width, shape.sharpness),
            "attn_v": matrix(kv_width, shape.width),
            "attn_output": matrix(shape.width, shape.width),
            "ffn_norm": rng.uniform(0.5, 1.5, shape.width).astype(np.float32),
            "ffn_gate": matrix(shape.hidden, shape.width),
            "ffn_up": matrix(shape.hidden, shape.width),
            "ffn_down": matrix(shape.width, shape.hidden),
        }.items():
            weights[f"blk.{layer}.{name}.weight"] = array
    return weights


def write_tiny_gguf(
    path: Path,
    shape: Shape | None = None,
    *,
    seed: int = 0,
    dtype: str = "f32",
    chat_template: str | None = CHATML,
) -> Path:
    """Write the random model of `seed` to `path`, its matrices as "f32", "f16", "bf16" or "q8_0"."""
    import gguf

    shape = shape or Shape()
    writer = gguf.GGUFWriter(path, "llama")
    tokens = vocabulary(shape.padding)
    writer.add_name("tiny")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    _write_tokenizer(writer, tokens)
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    kind = getattr(gguf.GGMLQuantizationType, dtype.upper())
    for name, array in random_weights(shape, seed).items():
        if array.ndim == 1:
            writer.add_tensor(name, array)
        else:
            writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_tokenizer(writer, tokens: list[str]) -> None:
    import gguf

    def kind(token: str) -> int:
        if token in CONTROL_TOKENS:
            return gguf.TokenType.CONTROL
        return gguf.TokenType.UNUSED if token.startswith("[PAD") else gguf.TokenType.NORMAL

    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([kind(token) for token in tokens])
    writer.add_token_merges([f"{left} {right}" for left, right in MERGES])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)


def reference_logits(tokens: list[int], shape: Shape, seed: int) -> np.ndarray:
    """Logits [tokens, vocabulary] of the same model in float64 numpy: an independent forward pass."""
    weights = {name: array.astype(np.float64) for name, array in random_weights(shape, seed).items()}
    hidden = weights["token_embd.weight"][tokens]
    for layer in range(shape.layers):
        block = {
            name.split(".")[2]: array for name, array in weights.items() if name.startswith(f"blk.{layer}.")
        }
        hidden = hidden + _attention(_rms_norm(hidden, block["attn_norm"]), block, shape)
        inner = _rms_norm(hidden, block["ffn_norm"])
        gate = inner @ block["ffn_gate"].T
        hidden = hidden + (gate / (1 + np.exp(-gate)) * (inner @ block["ffn_up"].T)) @ block["ffn_down"].T
    return _rms_norm(hidden, weights["output_norm.weight"]) @ weights["output.weight"].T


def _rms_norm(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * weight


def _rotate(x: np.ndarray) -> np.ndarray:
    """Rotary embedding of interleaved pairs (Su et al. 2021, eq. 34); `x`: [tokens, heads, head width]."""
    length, _, width = x.shape
    angles = np.arange(length)[:, None, None] * 10000.0 ** (-np.arange(0, width, 2) / width)
    even, odd = x[..., 0::2], x[..., 1::2]
    rotated = np.empty_like(x)
    rotated[..., 0::2] = even * np.cos(angles) - odd * np.sin(angles)
    rotated[..., 1::2] = even * np.sin(angles) + odd * np.cos(angles)
    return rotated


def _attention(x: np.ndarray, block: dict[str, np.ndarray], shape: Shape) -> np.ndarray:
    length = len(x)
    query = _rotate((x @ block["attn_q"].T).reshape(length, shape.heads, -1))
    key = _rotate((x @ block["attn_k"].T).reshape(length, shape.kv_heads, -1))
    value = (x @ block["attn_v"].T).reshape(length, shape.kv_heads, -1)
    shared = shape.heads // shape.kv_heads
    key, value = key.repeat(shared, axis=1), value.repeat(shared, axis=1)
    scores = np.einsum("qhd,khd->hqk", query, key) / np.sqrt(shape.head_width)
    scores[:, np.triu(np.ones((length, length), bool), 1)] = -np.inf
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.einsum("hqk,khd->qhd", weights, value).reshape(length, -1) @ block["attn_output"].T
