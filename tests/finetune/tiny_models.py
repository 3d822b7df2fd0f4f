"""Tiny models for the export tests: random, saved as Hugging Face folders, and sharp on purpose.

At its default initialization a model attends to everything alike, which hides a wrong rotary embedding.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

WORDS = ("sum", "difference", "carry", "digit", "answer", "because", "therefore", "think", "step", "river")
SCRIPTS = (
    "你好世界",
    "今天天气很好",
    "日本語のテキスト",
    "Привет мир",
    "नमस्ते दुनिया",
    "😀🎉👍🏽",
    "👩‍👩‍👧‍👦 ☃️",
    "café naïve Straße",
)
CONTRACTIONS = ("it's", "don't", "we're", "I'm", "you'll", "he'd", "they've", "o'clock", "CAN'T")


def varied_texts(count: int = 3000) -> list[str]:
    """Texts with what tokenizers stumble over: digits, contractions, white space, scripts, emoji, code."""
    draw = random.Random(7)
    made = [
        "".join(draw.choice("bcdfglmnprst") + draw.choice("aeiou") for _ in range(draw.randint(1, 4)))
        for _ in range(900)
    ]

    def piece() -> str:
        kind = draw.randrange(8)
        if kind == 0:
            return str(draw.randrange(10 ** draw.randint(1, 7)))
        if kind == 1:
            return draw.choice(CONTRACTIONS)
        if kind == 2:
            return draw.choice(SCRIPTS)
        if kind == 3:
            return draw.choice(("  ", "   ", "\r\n", "\n\n", "\t", "...", "->", "!=", "();", "##"))
        if kind == 4:
            return draw.choice(WORDS)
        return draw.choice(made)

    return [" ".join(piece() for _ in range(30)) for _ in range(count)]


def sharpen(model: Any, seed: int = 0, factor: float = 1.0) -> None:
    """Random weights under which attention chooses: wide q and k, norms away from 1."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 1:
                weight.copy_(0.6 + 0.8 * torch.rand(weight.shape, generator=generator))
            else:
                scale = 2.0 * factor if ("q_proj" in name or "k_proj" in name) else 1.0
                scale = 0.1 if "embed" in name else scale / weight.shape[1] ** 0.5
                weight.copy_(torch.randn(weight.shape, generator=generator) * scale)


def save_model(folder: Path, kind: str, tokenizer_dir: Path, *, sharp: bool = True, **settings: Any) -> Path:
    """A `llama` or `qwen3` model in `folder`, with the tokenizer of `tokenizer_dir` beside it."""
    import shutil

    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

    config_class, model_class = {
        "llama": (LlamaConfig, LlamaForCausalLM),
        "qwen3": (Qwen3Config, Qwen3ForCausalLM),
    }[kind]
    shape = {
        "vocab_size": 2048, "hidden_size": 128, "intermediate_size": 192, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": 256,
        "tie_word_embeddings": True,
    }  # fmt: skip
    import torch

    torch.manual_seed(3)
    model = model_class(config_class(**{**shape, **settings}))
    if sharp:
        sharpen(model)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer_dir / name, folder / name)
    return folder
