"""The self-test: it says yes where the rules are kept, and no where they are not."""

from __future__ import annotations

import json
import random

import pytest
from test_engine_llama_cpp import mixed_requests
from tiny_gguf import Shape, write_tiny_gguf

from datagen.engines import Request, generate_all
from datagen.engines.llama import invariance
from datagen.engines.llama.binding import Context, Model, library
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.llama.invariance import HOLDS, NEEDED_CONTEXT, batch_invariance, self_test

DTYPES = ("f16", "bf16", "q8_0", "q4_0")
SHAPE = Shape(layers=2, width=128, heads=4, kv_heads=2, hidden=256)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {dtype: write_tiny_gguf(folder / f"{dtype}.gguf", SHAPE, seed=3, dtype=dtype) for dtype in DTYPES}


def answer(path, widths, **options) -> str:
    model = Model(path)
    context = Context(model, sequences=max(widths), context=NEEDED_CONTEXT, threads=1, **options)
    try:
        return batch_invariance(context, widths)
    finally:
        context.close()
        model.close()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kv_type", ["f16", "f16/bf16"])
def test_it_holds_where_the_rules_are_kept(models, dtype, kv_type):
    assert answer(models[dtype], (2, 4, 8, 16), kv_type=kv_type) == HOLDS


def test_it_does_not_hold_for_rows_that_are_sometimes_alone(models):
    assert answer(models["f16"], (1, 2, 4)).startswith("differs at width 2")


def test_it_does_not_hold_where_sequences_share_a_stream(models, monkeypatch):
    lib = library()
    original = lib.llama_init_from_model

    def naive(model, params):
        params.kv_unified = True
        params.n_ctx = NEEDED_CONTEXT * 16
        return original(model, params)

    monkeypatch.setattr(lib, "llama_init_from_model", naive)
    assert answer(models["f16"], (2, 4, 8)).startswith("differs ")


def test_the_engine_says_whether_it_holds(models):
    with LlamaCppEngine(models["bf16"], threads=1, width=4) as engine:
        assert engine.details()["batch_invariance"] == HOLDS


def test_an_answer_that_took_long_is_kept_for_the_same_model_and_machine(models, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model = Model(models["f16"])
    opened = []

    def open_context() -> Context:
        opened.append(1)
        return Context(model, sequences=2, context=NEEDED_CONTEXT, threads=1)

    def ask(settings: str) -> str:
        return self_test(open_context, (2,), lambda: {"settings": settings})

    assert (ask("a"), ask("a"), len(opened)) == (HOLDS, HOLDS, 2)
    assert not list(tmp_path.iterdir()), "what is quick is not kept"
    monkeypatch.setattr(invariance, "WORTH_KEEPING_S", 0.0)
    assert (ask("a"), ask("a"), len(opened)) == (HOLDS, HOLDS, 3)
    assert (ask("b"), len(opened)) == (HOLDS, 4)
    kept = [json.loads(file.read_text()) for file in tmp_path.rglob("*.json")]
    assert [each["batch_invariance"] for each in kept] == [HOLDS, HOLDS]
    monkeypatch.setattr(invariance, "processor", lambda: "another processor")
    assert (ask("a"), len(opened)) == (HOLDS, 5)
    model.close()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_six_compositions_of_sixty_requests_write_the_same_tokens(models, dtype):
    requests = [*mixed_requests(56, seed=8), *(Request(prompt="the and", n=3, seed=k) for k in range(4))]
    seen: dict[int, list[tuple[int, ...]]] = {}
    for width in (1, 2, 5, 8, 16, 32):
        order = list(range(len(requests)))
        random.Random(width).shuffle(order)
        del order[width % 7 * 4 :: 5]
        with LlamaCppEngine(models[dtype], threads=2 if width == 16 else 1, width=width) as engine:
            completions = generate_all(engine, [requests[index] for index in order])
        for index, completion in zip(order, completions, strict=True):
            tokens = [sample.tokens for sample in completion.samples]
            assert seen.setdefault(index, tokens) == tokens, f"request {index} at width {width}"
    assert len(seen) == len(requests)
