"""Random models of known sizes as GGUF files, for benchmarks: how long a token takes is not learned."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "datagen")]

# Millions of parameters: vocabulary, hidden size, layers, heads, KV heads, feed-forward size.
SIZES = {
    5: (4096, 256, 5, 4, 2, 704),
    60: (16384, 512, 16, 8, 4, 1408),
    360: (49152, 960, 32, 15, 5, 2560),
}


def random_model(folder: Path, params: int, dtype: str) -> Path:
    """A Llama of about `params` million parameters; at 360 of the shape of SmolLM2-360M."""
    from tiny_gguf import Shape, vocabulary, write_tiny_gguf

    vocabulary_size, width, layers, heads, kv_heads, hidden = SIZES[params]
    shape = Shape(
        layers=layers,
        width=width,
        heads=heads,
        kv_heads=kv_heads,
        hidden=hidden,
        context=2048,
        padding=vocabulary_size - len(vocabulary()),
    )
    return write_tiny_gguf(folder / f"random-{params}m-{dtype}.gguf", shape, dtype=dtype)
