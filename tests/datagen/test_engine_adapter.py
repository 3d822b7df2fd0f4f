"""LoRA adapters beside merged weights, and vectors of texts beside numpy."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import tiny_gguf
from odd_gguf import lora_pairs, write_adapter, write_encoder
from tiny_gguf import Shape, random_weights, reference_logits, write_tiny_gguf

from datagen.engines import PromptTooLongError, Request, generate_all, open_engine
from datagen.engines.llama.binding import Model
from datagen.engines.llama.child import ChildEngine
from datagen.engines.llama.embedding import embed
from datagen.engines.llama.engine import LlamaCppEngine
from schemas import UserError

SHAPE = Shape()
ALPHA, RANK = 6.0, 3
TOKENS = [40, 260, 70, 90, 261, 20, 11, 262, 33]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("base") / "base.gguf", SHAPE)


@pytest.fixture(scope="module")
def pairs():
    return lora_pairs(SHAPE, seed=1, rank=RANK)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory, pairs):
    return write_adapter(tmp_path_factory.mktemp("adapter") / "style.gguf", pairs, alpha=ALPHA)


def exactly(path, **options) -> LlamaCppEngine:
    return LlamaCppEngine(path, threads=1, width=2, flash_attention=False, kv_type="f32", **options)


# ---- LoRA ----


def test_an_adapter_gives_the_logits_of_the_merged_weights(base, adapter, pairs, monkeypatch):
    weights = random_weights(SHAPE, 0)
    merged = {
        name: weight + ALPHA / RANK * pairs[name][1] @ pairs[name][0] if name in pairs else weight
        for name, weight in weights.items()
    }
    plain = reference_logits(TOKENS, SHAPE, 0)
    monkeypatch.setattr(tiny_gguf, "random_weights", lambda shape, seed: merged)
    wanted = reference_logits(TOKENS, SHAPE, 0)
    with exactly(base, adapter=adapter) as engine:
        found = engine.logits(TOKENS)
    assert np.abs(wanted - plain).max() > 1
    assert np.abs(found - wanted).max() < 1e-3


def test_an_adapter_changes_what_is_written_and_the_identity_by_its_content(base, adapter, pairs, tmp_path):
    request = Request(prompt="the end", max_tokens=20, seed=3)
    copy = tmp_path / "another name.gguf"
    copy.write_bytes(adapter.read_bytes())
    weaker = write_adapter(tmp_path / "style.gguf", pairs, alpha=1.0)
    identities, texts = [], []
    for options in ({}, {"adapter": adapter}, {"adapter": copy}, {"adapter": weaker}):
        with exactly(base, **options) as engine:
            identities.append(engine.identity(request))
            texts.append(generate_all(engine, [request])[0].text)
    assert identities[1] == identities[2]
    assert texts[1] == texts[2]
    assert len({texts[0], texts[1], texts[3]}) == 3
    assert len({str(identities[i]) for i in (0, 1, 3)}) == 3


def test_the_child_takes_the_adapter_too(base, adapter):
    request = Request(prompt="the end", max_tokens=20, seed=3)
    options = {"threads": 1, "width": 2, "adapter": adapter}
    with open_engine(f"llama:{base}", **options) as child, LlamaCppEngine(base, **options) as here:
        assert child.name == here.name == "llama:base.gguf+style.gguf"
        assert child.identity(request) == here.identity(request)
        assert child.details()["adapter"] == str(adapter)
        assert generate_all(child, [request])[0].samples == generate_all(here, [request])[0].samples


def wide(pairs):
    return {name: (np.pad(a, ((0, 0), (0, 8))), b) for name, (a, b) in pairs.items()}


def unequal_ranks(pairs):
    return {name: (np.pad(a, ((0, 1), (0, 0))), b) for name, (a, b) in pairs.items()}


def doubles(pairs):
    return {name: (a.astype(np.float64), b) for name, (a, b) in pairs.items()}


def elsewhere(pairs):
    return {name.replace("blk.1", "blk.7"): pair for name, pair in pairs.items()}


@pytest.mark.parametrize(
    ("changed", "options", "words"),
    [
        (dict, {"architecture": "qwen3"}, "is for qwen3 models, and base.gguf is llama"),
        (wide, {}, r"changes 'blk.0.attn_q.weight' as 72 x 64, and in base.gguf it is 64 x 64"),
        (unequal_ranks, {}, "an A of rank 4 and a B of rank 3"),
        (doubles, {}, "a type llama.cpp cannot multiply"),
        (elsewhere, {}, r"changes 'blk.7.attn_q.weight', which base.gguf does not have"),
        (dict, {"kind": "vera"}, "is no LoRA adapter"),
        (lambda pairs: {}, {}, "the adapter is empty"),
    ],
)
def test_an_adapter_of_another_model_is_one_sentence(base, pairs, tmp_path, changed, options, words):
    path = write_adapter(tmp_path / "other.gguf", changed(pairs), alpha=ALPHA, **options)
    with pytest.raises(UserError, match=words) as caught:
        LlamaCppEngine(base, threads=1, width=2, adapter=path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_half_a_pair_and_a_model_are_no_adapter(base, adapter, tmp_path):
    half = tmp_path / "half.gguf"
    name = b"blk.0.attn_q.weight.lora_b"
    half.write_bytes(adapter.read_bytes().replace(name, name.replace(b"lora_b", b"lora_c")))
    with pytest.raises(UserError, match="neither an A nor a B"):
        LlamaCppEngine(base, adapter=half)
    half.write_bytes(adapter.read_bytes().replace(name, name.replace(b"attn_q", b"attn_k")))
    with pytest.raises(UserError, match="half a pair"):
        LlamaCppEngine(base, adapter=half)
    with pytest.raises(UserError, match="no LoRA adapter but a model"):
        LlamaCppEngine(base, adapter=base)
    with pytest.raises(UserError, match="no such"):
        LlamaCppEngine(base, adapter=tmp_path / "absent.gguf")


# ---- embeddings ----


def reference_vector(tokens, shape: Shape, monkeypatch) -> np.ndarray:
    """The mean of the normed last hidden states: the reference forward pass with the head left out."""
    weights = random_weights(shape, 0)
    headless = {**weights, "output.weight": np.eye(shape.width, dtype=np.float32)}
    with monkeypatch.context() as patch:
        patch.setattr(tiny_gguf, "random_weights", lambda shape, seed: headless)
        return reference_logits(tokens, shape, 0).mean(axis=0)


def test_vectors_are_the_mean_of_the_last_hidden_states(base, monkeypatch):
    texts = ["the end", "an other thing and more of it", "x"]
    with exactly(base) as engine:
        plain = asyncio.run(engine.embed(texts, normalized=False))
        unit = asyncio.run(engine.embed(texts))
        wanted = np.array([reference_vector(engine.tokenize(text), SHAPE, monkeypatch) for text in texts])
    assert plain.shape == (3, SHAPE.width)
    assert np.abs(plain - wanted).max() < 2e-2  # attention in float16
    assert np.abs(plain - wanted).mean() < 1e-3
    assert np.allclose(unit, plain / np.linalg.norm(plain, axis=1, keepdims=True), atol=1e-6)


def test_a_vector_does_not_depend_on_the_texts_asked_with_it(base):
    texts = ["the end", "an other thing and more of it" * 9, "x"]
    with ChildEngine(base, threads=1, width=2) as child, LlamaCppEngine(base, threads=1, width=2) as here:
        together = asyncio.run(child.embed(texts))
        alone = [asyncio.run(here.embed([text]))[0] for text in texts]
        assert (together == np.array(alone)).all()
        assert asyncio.run(child.embed([])).shape == asyncio.run(here.embed([])).shape == (0, SHAPE.width)


def test_embedding_while_generating_changes_neither(base):
    request = Request(prompt="the", n=2, max_tokens=200, seed=1)

    async def both(engine) -> tuple:
        return await asyncio.gather(engine.generate(request), engine.embed(["the end"] * 20))

    with ChildEngine(base, threads=1, width=2) as engine:
        completion, vectors = asyncio.run(both(engine))
        assert completion.samples == generate_all(engine, [request])[0].samples
        assert (vectors == asyncio.run(engine.embed(["the end"]))).all()


def test_what_cannot_be_embedded_is_one_sentence(base):
    with ChildEngine(base, threads=1, width=2) as engine:
        with pytest.raises(PromptTooLongError, match=r"a text of 600 tokens .* exceeds the 512"):
            asyncio.run(engine.embed(["the end", "x" * 600]))
        with pytest.raises(UserError, match="text 1 to embed is empty"):
            asyncio.run(engine.embed(["the", ""]))


def test_an_encoder_writes_no_text_and_gives_vectors(tmp_path):
    path = write_encoder(tmp_path / "bert.gguf")
    with pytest.raises(UserError, match="no text generator"):
        LlamaCppEngine(path)
    model = Model(path)
    try:
        vectors = embed(
            model,
            ["the end", "a", "the end"],
            name="bert",
            metadata={"general.architecture": "bert", "bert.pooling_type": 1},
            threads=1,
        )
    finally:
        model.close()
    assert vectors.shape == (3, 32)
    assert (vectors[0] == vectors[2]).all()
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
