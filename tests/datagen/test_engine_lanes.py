"""Decoders side by side: work is shared, given up, failed and ended across all of them."""

from __future__ import annotations

import asyncio

import pytest
from tiny_gguf import Shape, write_tiny_gguf

from datagen.engines import EngineClosedError, Request, generate_all
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.llama.lanes import default_width, lane_count, shares

GIB = 1 << 30


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("lanes") / "m.gguf", Shape(width=128), seed=3, dtype="f16")


def test_small_models_get_a_lane_a_thread_and_large_ones_threads_in_one_lane():
    assert [lane_count(threads, 32, 100 << 20) for threads in (1, 2, 4, 8)] == [1, 2, 4, 4]
    assert lane_count(8, 64, 8 * GIB) == 1
    assert lane_count(2, 1, 100 << 20) == 1


def test_the_width_never_takes_more_cache_than_is_sensible():
    for threads in (1, 2, 8, 64):
        for sample_bytes in (1 << 20, 1 << 28, 1 << 32):
            width = default_width(threads, 100 << 20, sample_bytes)
            assert width == 8 or width * sample_bytes <= 4 * GIB
            assert 8 <= width <= 64


def test_shares_lose_nothing():
    for total in range(1, 40):
        for lanes in range(1, total + 1):
            parts = shares(total, lanes)
            assert sum(parts) == total
            assert max(parts) - min(parts) <= 1


def test_few_requests_are_spread_over_the_lanes_and_not_stacked_in_one(model):
    with LlamaCppEngine(model, threads=2, width=8, lanes=2) as engine:
        steps = [[], []]
        for decoder, widths in zip(engine._lanes.decoders, steps, strict=True):
            step = decoder.context.step

            def counted(sequences, tokens, positions, step=step, widths=widths):
                widths.append(len(sequences))
                step(sequences, tokens, positions)

            decoder.context.step = counted
        generate_all(engine, [Request(prompt=f"{k}", max_tokens=60, seed=k) for k in range(4)])
    assert all(steps), "both lanes worked"
    assert max(map(max, steps)) <= 2


def test_a_request_given_up_leaves_every_lane(model):
    long = Request(prompt="the", n=40, max_tokens=400)

    async def scenario(engine):
        task = asyncio.create_task(engine.generate(long))
        await engine.generate(Request(prompt="and", max_tokens=5))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        quick = (engine.generate(Request(prompt="and", max_tokens=20, seed=seed)) for seed in range(12))
        return await asyncio.gather(*quick)

    with LlamaCppEngine(model, threads=2, width=8, lanes=2) as engine:
        beside = asyncio.run(scenario(engine))
        alone = generate_all(engine, [Request(prompt="and", max_tokens=20, seed=seed) for seed in range(12)])
        assert [c.samples for c in beside] == [c.samples for c in alone]
        assert engine._lanes._loads == [0, 0]


def test_a_decode_that_fails_in_one_lane_fails_all_that_wait(model, monkeypatch):
    engine = LlamaCppEngine(model, threads=2, width=4, lanes=2)

    def broken(_struct):
        raise RuntimeError("llama_decode failed")

    monkeypatch.setattr(engine._lanes.decoders[1].context, "_decode", broken)

    async def scenario():
        asked = (engine.generate(Request(prompt=f"{k}", max_tokens=400)) for k in range(30))
        return await asyncio.gather(*asked, return_exceptions=True)

    results = asyncio.run(asyncio.wait_for(scenario(), 60))
    failed = [result for result in results if isinstance(result, BaseException)]
    assert len(failed) > 20
    # What was asked for after the fault meets a closed engine.
    assert {str(error) for error in failed} - {"llama:m.gguf is closed"} == {"llama_decode failed"}
    with pytest.raises(EngineClosedError):
        generate_all(engine, [Request(prompt="the", max_tokens=3)])
    engine.close()


def test_closing_fails_what_any_lane_has_under_way(model):
    async def scenario():
        engine = LlamaCppEngine(model, threads=2, width=8, lanes=2)
        tasks = [asyncio.create_task(engine.generate(Request(prompt="the", n=30))) for _ in range(3)]
        await asyncio.sleep(0)
        engine.close()
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert all(isinstance(result, EngineClosedError) for result in asyncio.run(scenario()))


def test_a_completion_says_how_long_it_waited(model):
    with LlamaCppEngine(model, threads=1, width=2) as engine:
        requests = [Request(prompt="the", max_tokens=100, seed=seed) for seed in range(30)]
        completions = generate_all(engine, requests)
    assert all(0 <= completion.waited_s <= completion.seconds for completion in completions)
    assert completions[-1].waited_s > completions[0].waited_s
