"""How much of a model goes to the GPU, on the shapes of models people run; and what does not fit is said."""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import write_tiny_gguf

from datagen.engines.files import memory, placement
from datagen.engines.files.gguf_file import BLOCKS, GgufFile, Tensor, read_gguf
from datagen.engines.files.offload import (
    GIB,
    MARGIN_BYTES,
    MARGIN_SHARE,
    choose_layers,
    model_size,
    refuse_what_does_not_fit,
)
from datagen.engines.llama.binding import library
from datagen.engines.llama.engine import LlamaCppEngine
from schemas import UserError

F32, Q4_K, Q6_K = 0, 12, 14


def tensor(name: str, kind: int, *shape: int) -> Tensor:
    per_block, size = BLOCKS[kind]
    return Tensor(name, shape, kind, math.prod(shape) // per_block * size)


def header(
    *, layers: int, width: int, hidden: int, heads: int, kv_heads: int, vocabulary: int, tied: bool = False
) -> GgufFile:
    """A model of this shape as llama.cpp's Q4_K_M writes it: half of the layers have two matrices in Q6_K."""
    kv_width = width // heads * kv_heads
    tensors = [tensor("token_embd.weight", Q6_K if tied else Q4_K, width, vocabulary)]
    tensors += [tensor("output_norm.weight", F32, width)]
    if not tied:
        tensors += [tensor("output.weight", Q6_K, width, vocabulary)]
    for layer in range(layers):
        # The layers of `use_more_bits`: the first and last eighth, and every third between.
        eighth = layers // 8
        more = layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2
        better = Q6_K if more else Q4_K
        tensors += [
            tensor(f"blk.{layer}.attn_norm.weight", F32, width),
            tensor(f"blk.{layer}.ffn_norm.weight", F32, width),
            tensor(f"blk.{layer}.attn_q.weight", Q4_K, width, width),
            tensor(f"blk.{layer}.attn_k.weight", Q4_K, width, kv_width),
            tensor(f"blk.{layer}.attn_v.weight", better, width, kv_width),
            tensor(f"blk.{layer}.attn_output.weight", Q4_K, width, width),
            tensor(f"blk.{layer}.ffn_gate.weight", Q4_K, width, hidden),
            tensor(f"blk.{layer}.ffn_up.weight", Q4_K, width, hidden),
            tensor(f"blk.{layer}.ffn_down.weight", better, hidden, width),
        ]
    settings = {"block_count": layers, "embedding_length": width, "feed_forward_length": hidden}
    settings |= {"attention.head_count": heads, "attention.head_count_kv": kv_heads}
    metadata = {
        "general.architecture": "llama",
        **{f"llama.{name}": value for name, value in settings.items()},
    }
    return GgufFile(Path("model.gguf"), metadata, tuple(tensors))


LLAMA_2_7B = header(layers=32, width=4096, hidden=11008, heads=32, kv_heads=32, vocabulary=32000)
MISTRAL_7B = header(layers=32, width=4096, hidden=14336, heads=32, kv_heads=8, vocabulary=32000)
LLAMA_3_8B = header(layers=32, width=4096, hidden=14336, heads=32, kv_heads=8, vocabulary=128256)
LLAMA_3_2_1B = header(layers=16, width=2048, hidden=8192, heads=32, kv_heads=8, vocabulary=128256, tied=True)


@pytest.mark.parametrize(
    ("model", "file_bytes"),
    [  # the sizes of the published Q4_K_M files
        (LLAMA_2_7B, 4_081_004_224),
        (MISTRAL_7B, 4_368_439_424),
        (LLAMA_3_8B, 4_920_734_272),
        (LLAMA_3_2_1B, 807_694_464),
    ],
)
def test_weights_sum_up_to_the_published_file(model, file_bytes):
    assert sum(t.size for t in model.tensors) == pytest.approx(file_bytes, rel=0.02)
    size = model_size(model)
    embeddings = next(t.size for t in model.tensors if t.name == "token_embd.weight")
    tied = not any(t.name == "output.weight" for t in model.tensors)
    # Of the embeddings a GPU gets a copy only where they are the output head too.
    assert sum(size.layers) + size.output == pytest.approx(file_bytes - (0 if tied else embeddings), rel=0.02)


@pytest.mark.parametrize(
    ("model", "kibibytes"), [(LLAMA_2_7B, 512), (MISTRAL_7B, 128), (LLAMA_3_8B, 128), (LLAMA_3_2_1B, 32)]
)
def test_a_token_of_cache_has_its_known_size(model, kibibytes):
    assert sum(model_size(model).cache_per_token) == kibibytes * 1024
    assert sum(model_size(model, cache_bytes=4).cache_per_token) == 2 * kibibytes * 1024


@pytest.mark.parametrize(
    ("model", "tokens", "gpu_gib", "at_least", "at_most"),
    [
        # 4.1 GiB of weights and 4 GiB of cache: a quarter GiB a layer.
        (MISTRAL_7B, 16 * 2048, 6, 18, 20),
        (MISTRAL_7B, 16 * 2048, 8, 25, 28),
        (MISTRAL_7B, 16 * 2048, 12, 33, 33),
        (MISTRAL_7B, 16 * 2048, 24, 33, 33),
        # Without grouped heads the cache is four times as large.
        (LLAMA_2_7B, 16 * 2048, 8, 9, 11),
        (LLAMA_2_7B, 16 * 2048, 24, 33, 33),
        (LLAMA_2_7B, 4 * 2048, 12, 33, 33),
        (LLAMA_3_8B, 16 * 2048, 6, 14, 18),
        (LLAMA_3_2_1B, 16 * 2048, 6, 17, 17),
        (LLAMA_3_2_1B, 16 * 2048, 1, 0, 1),
    ],
)
def test_models_people_run_on_gpus_people_have(model, tokens, gpu_gib, at_least, at_most):
    placed = choose_layers(model_size(model), tokens=tokens, free=[int(gpu_gib * GIB * 0.97)])
    assert at_least <= placed.gpu_layers <= at_most
    assert f"{gpu_gib * 0.97:.1f} GiB free" in placed.why


MODELS = st.sampled_from([LLAMA_2_7B, MISTRAL_7B, LLAMA_3_8B, LLAMA_3_2_1B])


@given(MODELS, st.integers(1, 1 << 18), st.integers(0, 80 * GIB))
def test_what_is_placed_fits_with_its_margin_and_one_layer_more_would_not(model, tokens, free):
    size = model_size(model)
    count = choose_layers(size, tokens=tokens, free=[free]).gpu_layers

    def needed(layers: int) -> int:
        kept = slice(max(0, len(size.layers) - layers), None)
        return sum(size.layers[kept]) + tokens * sum(size.cache_per_token[kept]) + size.output + size.compute

    room = free * (1 - MARGIN_SHARE) - MARGIN_BYTES
    assert count == 0 or needed(count) <= room + 1
    assert count == len(size.layers) + 1 or needed(count + 1) > room - 1


@given(MODELS, st.integers(1, 1 << 16), st.lists(st.integers(1, 24 * GIB), min_size=1, max_size=4))
def test_more_memory_never_means_fewer_layers(model, tokens, free):
    size = model_size(model)
    counts = [choose_layers(size, tokens=tokens, free=[each]).gpu_layers for each in sorted(free)]
    assert counts == sorted(counts)


def test_two_gpus_hold_what_one_of_them_cannot():
    size, tokens = model_size(MISTRAL_7B), 16 * 2048
    assert choose_layers(size, tokens=tokens, free=[7 * GIB]).gpu_layers < 33
    assert choose_layers(size, tokens=tokens, free=[7 * GIB, 7 * GIB]).gpu_layers == 33
    assert choose_layers(size, tokens=tokens, free=[]).gpu_layers == 0


# ---- memory of the machine ----


@given(MODELS, st.integers(2, 64), st.integers(64, 1 << 15), st.integers(1 << 28, 64 * GIB))
def test_the_width_or_context_that_a_refusal_names_would_fit(model, width, context, available):
    size = model_size(model)
    try:
        refuse_what_does_not_fit(size, width=width, context=context, available=available, where="m")
    except UserError as error:
        words = (error.mend or "").split()
        offered = {
            name: int(words[words.index(name) + 1]) for name in ("--width", "--context") if name in words
        }
        assert width * context * sum(size.cache_per_token) + size.compute > available
        for changed in ({"width": offered.get("--width", 0)}, {"context": offered.get("--context", 0)}):
            tried = {"width": width, "context": context, **changed}
            if all(tried.values()):
                refuse_what_does_not_fit(size, **tried, available=available, where="m")
        return
    assert width * context * sum(size.cache_per_token) + size.compute <= available


def test_a_cache_that_exceeds_the_memory_is_one_sentence_before_it_is_taken():
    with pytest.raises(UserError) as caught:
        refuse_what_does_not_fit(
            model_size(LLAMA_2_7B), width=16, context=4096, available=20 * GIB, where="llama:model.gguf"
        )
    assert str(caught.value) == (
        "llama:model.gguf: 16 answers of 4,096 tokens need 32.0 GiB of cache, and 19.7 GiB of memory are"
        " free; choose a smaller width or context: --width 9 or --context 2496 would fit"
    )


def test_nothing_is_refused_where_nobody_tells_the_memory():
    refuse_what_does_not_fit(model_size(LLAMA_2_7B), width=256, context=1 << 20, available=None, where="m")


def test_the_memory_ggml_tells_is_that_of_the_machine():
    (processor,) = [device for device in memory.devices() if device.kind == memory.CPU]
    lines = Path("/proc/meminfo").read_text().splitlines()
    told = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    assert processor.total == pytest.approx(told["MemTotal"], rel=0.01)
    assert 0 < memory.available_memory() <= told["MemTotal"]


def test_a_limit_of_the_control_group_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text(f"{4 * GIB}\n")
    (tmp_path / "memory.current").write_text(f"{3 * GIB}\n")
    (tmp_path / "memory.stat").write_text(
        f"anon {2 * GIB}\nactive_file {GIB // 2}\ninactive_file {GIB // 2}\n"
    )
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    assert memory._group_memory() == [2 * GIB]
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._group_memory() == []


def test_the_drivers_tool_is_asked_where_ggml_does_not_tell(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\n[ "$1" = --query-gpu=memory.free ] && printf "7982\\n22000\\n"\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def hidden() -> None:
        raise AttributeError("ggml_backend_dev_count")

    monkeypatch.setattr(memory, "devices", hidden)
    with_gpu = SimpleNamespace(llama_supports_gpu_offload=lambda: True)
    assert memory.gpu_memory(with_gpu) == [7982 << 20, 22000 << 20]
    assert memory.gpu_memory(SimpleNamespace(llama_supports_gpu_offload=lambda: False)) == []


# ---- the engine ----


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.mark.skipif(library().llama_supports_gpu_offload(), reason="this build has a GPU")
def test_a_build_without_gpu_says_so_and_refuses_layers_for_it(model):
    with LlamaCppEngine(model, threads=1, width=2) as engine:
        assert engine.details()["gpu_layers"] == 0
        assert engine.details()["placement"] == "no GPU that this build of llama-cpp-python can use"
    with pytest.raises(UserError, match=r"gpu_layers is 5, and this build .* sees no GPU"):
        LlamaCppEngine(model, threads=1, width=2, gpu_layers=5)


def test_the_engine_asks_for_what_fits_the_gpu_and_says_why(model, monkeypatch):
    monkeypatch.setattr(placement, "gpu_memory", lambda library: [2 * GIB])
    with LlamaCppEngine(model, threads=1, width=2) as engine:
        assert engine.details()["gpu_layers"] == 3
        assert engine.details()["placement"] == "all of the model fits the GPU's 2.0 GiB free"
    with LlamaCppEngine(model, threads=1, width=2, gpu_layers=1) as engine:
        assert (engine.details()["gpu_layers"], engine.details()["placement"]) == (1, "as asked")


def test_the_engine_refuses_a_cache_beyond_the_memory(model, monkeypatch):
    monkeypatch.setattr(placement, "available_memory", lambda: 3 << 20)
    assert sum(model_size(read_gguf(model)).cache_per_token) == 256
    with pytest.raises(UserError, match=r"200 answers of 512 tokens need .* would fit"):
        LlamaCppEngine(model, threads=1, width=200)
