"""The llama.cpp engine on a real (tiny, random) model."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import random
import re
import subprocess
import sys

import numpy as np
import pytest
from tiny_gguf import CHATML, Shape, reference_logits, write_tiny_gguf

from datagen import engines
from datagen.engines import (
    EngineClosedError,
    PromptTooLongError,
    Request,
    derive_seed,
    generate_all,
    open_engine,
)
from datagen.engines.llama.binding import Context, Model
from datagen.engines.llama.engine import CHUNK, LlamaCppEngine
from datagen.engines.llama.sampler import Sampler
from datagen.engines.llama.schedule import cuts_of
from schemas import UserError

WIDE = Shape(layers=2, width=128, heads=4, kv_heads=2, hidden=256)
DTYPES = ("f32", "f16", "bf16", "q8_0")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {dtype: write_tiny_gguf(folder / f"{dtype}.gguf", WIDE, seed=3, dtype=dtype) for dtype in DTYPES}


@pytest.fixture(scope="module")
def engine(models):
    with LlamaCppEngine(models["f16"], threads=1, width=4) as engine:
        yield engine


def mixed_requests(count: int, seed: int) -> list[Request]:
    """Prompts of 1 to 200 tokens, 1 to 40 to write, several kinds of sampling."""
    rng = random.Random(seed)
    kinds = ({}, {"temperature": 0.7}, {"top_p": 0.9}, {"top_k": 20}, {"min_p": 0.05}, {"temperature": 0})
    return [
        Request(
            prompt="".join(rng.choice("the and 0123 xyz") for _ in range(rng.choice((1, 9, 40, 200)))),
            max_tokens=rng.randint(1, 40),
            seed=index,
            **rng.choice(kinds),
        )
        for index in range(count)
    ]


def one_by_one(path, requests: list[Request]) -> list[tuple[int, ...]]:
    """A decoder as simple as can be: one sequence, its rows beside a copy of themselves. No scheduler."""
    model = Model(path)
    context = Context(model, sequences=2, context=512, threads=1, kv_type="f16/bf16", chunk=192)
    answers = []
    for request in requests:
        prompt = model.tokenize(request.prompt, beginning=True, special=True)
        sampler = Sampler(
            temperature=request.temperature,
            top_p=request.top_p,
            top_k=request.top_k,
            min_p=request.min_p,
            seed=derive_seed(request.seed, 0),
        )
        for sequence in (1, 0):
            context.prefill(sequence, prompt, cuts=cuts_of(len(prompt), CHUNK))
        tokens = [sampler.draw(context, -1)]
        while tokens[-1] not in model.ends and len(tokens) < request.max_tokens:
            position = len(prompt) + len(tokens) - 1
            context.step([0, 1], [tokens[-1]] * 2, [position] * 2)
            tokens.append(sampler.draw(context, 0))
        sampler.close()
        answers.append(tuple(tokens))
    context.close()
    model.close()
    return answers


@pytest.mark.parametrize("dtype", DTYPES)
def test_tokens_do_not_depend_on_what_shares_the_batch(models, dtype):
    requests = mixed_requests(24, seed=1)
    expected = one_by_one(models[dtype], requests)
    assert len(set(expected)) > 20, "the model must tell the requests apart"
    for width in (1, 2, 3, 8):
        order = list(range(len(requests)))
        random.Random(width).shuffle(order)
        order = order[: len(order) - 2 * width]
        with LlamaCppEngine(models[dtype], threads=1, width=width) as engine:
            completions = generate_all(engine, [requests[index] for index in order])
        found = [completion.samples[0].tokens for completion in completions]
        assert found == [expected[index] for index in order], f"width {width}"


def test_tokens_do_not_depend_on_threads_or_context(models):
    requests = mixed_requests(12, seed=2)
    results = []
    for options in ({"threads": 1}, {"threads": 2}, {"threads": 1, "context": 300}):
        with LlamaCppEngine(models["f16"], width=5, **options) as engine:
            results.append([c.samples[0].tokens for c in generate_all(engine, requests)])
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("width", [2, 3, 8])
def test_samples_that_share_a_prompt_equal_those_asked_for_one_by_one(models, width):
    seeds = tuple(range(100, 108))
    shared = Request(prompt="the sand and the stone 12", n=8, seeds=seeds, max_tokens=20)
    alone = [dataclasses.replace(shared, n=1, seeds=(seed,)) for seed in seeds]
    with LlamaCppEngine(models["f16"], threads=1, width=width) as engine:
        together = generate_all(engine, [shared])[0]
    with LlamaCppEngine(models["f16"], threads=1, width=width) as engine:
        separate = [generate_all(engine, [request])[0].samples[0] for request in alone]
    assert list(together.samples) == separate
    assert len({sample.tokens for sample in separate}) == 8


def test_logits_equal_an_independent_forward_pass(tmp_path):
    shape = Shape(sharpness=3.0)
    path = write_tiny_gguf(tmp_path / "m.gguf", shape, seed=5)
    with LlamaCppEngine(path, threads=1, flash_attention=False, kv_type="f32", chunk=16) as engine:
        tokens = engine.tokenize("<|im_start|>user\nthe 42 stones and an owl: ½ é<|im_end|>\n" * 2)
        logits = engine.logits(tokens)
    expected = reference_logits(tokens, shape, seed=5)
    assert logits.shape == expected.shape
    assert np.abs(logits - expected).max() < 1e-4
    assert np.abs(expected).max() > 1


def test_logprobs_are_those_of_the_independent_forward_pass(tmp_path):
    path = write_tiny_gguf(tmp_path / "m.gguf", seed=6)
    with LlamaCppEngine(path, threads=1, flash_attention=False, kv_type="f32") as engine:
        request = Request(prompt="the end", max_tokens=12, temperature=0.8, top_k=5, logprobs=True, n=3)
        prompt = engine.tokenize("the end")
        samples = generate_all(engine, [request])[0].samples
    for sample in samples:
        logits = reference_logits([*prompt, *sample.tokens], Shape(), seed=6)
        logits = logits[len(prompt) - 1 : -1]
        normalized = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        expected = normalized[np.arange(len(sample.tokens)), list(sample.tokens)]
        assert np.abs(np.array(sample.logprobs) - expected).max() < 1e-4


def test_sampling_frequencies_are_the_models_probabilities(tmp_path):
    path = write_tiny_gguf(tmp_path / "m.gguf", seed=6)
    draws = 4000
    with LlamaCppEngine(path, threads=1, width=2) as engine:
        prompt = engine.tokenize("the")
        samples = generate_all(engine, [Request(prompt="the", n=draws, max_tokens=1)])[0].samples
    logits = reference_logits(prompt, Shape(), seed=6)[-1]
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    counts = np.bincount([sample.tokens[0] for sample in samples], minlength=len(logits))
    # Five standard deviations of a binomial count, for every token of the vocabulary.
    deviation = np.sqrt(draws * probabilities * (1 - probabilities))
    assert (np.abs(counts - draws * probabilities) <= 5 * deviation + 1).all()


def test_greedy_takes_the_likeliest_token_each_time(tmp_path):
    path = write_tiny_gguf(tmp_path / "m.gguf", seed=7)
    with LlamaCppEngine(path, threads=1, flash_attention=False, kv_type="f32") as engine:
        prompt = engine.tokenize("an owl")
        sample = generate_all(engine, [Request(prompt="an owl", temperature=0, max_tokens=16)])[0].samples[0]
    best = reference_logits([*prompt, *sample.tokens], Shape(), seed=7).argmax(-1)
    assert list(sample.tokens) == list(best[len(prompt) - 1 : -1])


def test_seeds_repeat_and_differ(engine):
    request = Request(prompt="and", max_tokens=20, n=2, seed=5)
    first, second = generate_all(engine, [request])[0], generate_all(engine, [request])[0]
    other = generate_all(engine, [dataclasses.replace(request, seed=6)])[0]
    assert first.samples == second.samples
    assert len({sample.tokens for sample in (*first.samples, *other.samples)}) == 4


def test_the_seed_that_means_random_to_llama_cpp_repeats_like_any_other(engine):
    request = Request(prompt="and", max_tokens=20, seeds=(0xFFFFFFFF,))
    assert generate_all(engine, [request])[0].samples == generate_all(engine, [request])[0].samples


def test_max_tokens_ends_a_sample_at_that_length(engine):
    completions = generate_all(engine, [Request(prompt="the", max_tokens=k, seed=2) for k in (1, 2, 7)])
    long = completions[-1].samples[0].tokens
    for completion, length in zip(completions, (1, 2, 7), strict=True):
        sample = completion.samples[0]
        assert sample.finish_reason == "length"
        assert sample.tokens == long[:length]
        assert completion.completion_tokens == length


def test_without_max_tokens_a_sample_reaches_to_the_end_of_the_context(models):
    with LlamaCppEngine(models["f16"], threads=1, width=2, context=64) as engine:
        prompt = "the stone"
        completion = generate_all(engine, [Request(prompt=prompt, n=6)])[0]
    lengths = [len(s.tokens) for s in completion.samples if s.finish_reason == "length"]
    assert lengths
    assert set(lengths) == {64 - completion.prompt_tokens}


def test_a_stop_string_ends_the_text_before_it(engine):
    free = generate_all(engine, [Request(prompt="the", max_tokens=40, seed=s) for s in range(6)])
    for seed, completion in enumerate(free):
        text = completion.text
        # A random model writes bytes that are no UTF-8: stop on two characters that surely are.
        stop = re.findall(r"[!-~]{2}", text)[-1]
        request = Request(prompt="the", max_tokens=40, seed=seed, stop=("never this", stop))
        sample = generate_all(engine, [request])[0].samples[0]
        assert sample.finish_reason == "stop"
        assert sample.text == text[: text.index(stop)]
        assert completion.samples[0].tokens[: len(sample.tokens)] == sample.tokens


def test_an_end_token_ends_a_sample_and_is_not_in_the_text(tmp_path):
    path = write_tiny_gguf(tmp_path / "m.gguf", seed=6)
    with LlamaCppEngine(path, threads=1) as engine:
        samples = generate_all(engine, [Request(prompt="the", n=200, max_tokens=60)])[0].samples
        ended = [sample for sample in samples if sample.finish_reason == "stop"]
        assert ended
        for sample in ended:
            assert sample.tokens[-1] in engine.model.ends
            assert not set(sample.tokens[:-1]) & engine.model.ends
            assert sample.text == engine.detokenize(sample.tokens[:-1])


def test_chat_is_rendered_as_transformers_renders_it(engine):
    from transformers.utils.chat_template_utils import render_jinja_template

    messages = [
        {"role": "system", "content": 'Be <brief> & "kind".'},
        {"role": "user", "content": "  2+2?\n"},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "é½?"},
    ]
    for generation in (True, False):
        expected, _ = render_jinja_template(
            [messages], chat_template=CHATML, add_generation_prompt=generation
        )
        assert engine.render(messages, add_generation_prompt=generation) == expected[0]


def test_messages_and_their_rendered_text_give_the_same_answer(engine):
    messages = ({"role": "user", "content": "the stone"},)
    chat = Request(messages=messages, prefix="an", max_tokens=10)
    raw = Request(prompt=engine.render(messages) + "an", max_tokens=10)
    first, second = generate_all(engine, [chat, raw])
    assert first.samples == second.samples
    assert first.prompt_tokens == second.prompt_tokens


def test_tokens_and_text_are_inverse(engine):
    for text in ("the and 123", "½ é 🦉\r\n\t", "", " a  b ", "<|im_start|>x<|im_end|>"):
        assert engine.detokenize(engine.tokenize(text), special=True) == text
    assert engine.tokenize("<|im_end|>") == [2]
    assert len(engine.tokenize("<|im_end|>", special=False)) > 1


def test_a_prompt_over_the_context_is_refused_and_others_go_on(engine):
    long = Request(prompt="x " * 600, max_tokens=5)
    tight = Request(prompt="x" * 500, max_tokens=200)
    for request in (long, tight):
        with pytest.raises(PromptTooLongError, match="do not fit 512 of context"):
            generate_all(engine, [request])
    assert generate_all(engine, [Request(prompt="x", max_tokens=3)])[0].samples


def test_requests_without_meaning_are_refused_in_words():
    for fields, words in (
        ({}, "either messages or prompt"),
        ({"prompt": "a", "messages": ({"role": "user", "content": "b"},)}, "either messages or prompt"),
        ({"prompt": "a", "n": 0}, "n is 0"),
        ({"prompt": "a", "max_tokens": 0}, "max_tokens is 0"),
        ({"prompt": "a", "temperature": -1}, "temperature is -1"),
        ({"prompt": "a", "top_p": 0}, "top_p is 0"),
        ({"prompt": "a", "n": 2, "seeds": (1,)}, "1 seeds for n=2"),
        ({"prompt": "a", "stop": ("",)}, "stop string must not be empty"),
    ):
        with pytest.raises(UserError, match=words):
            Request(**fields)


def test_coroutines_share_the_engine_and_may_give_up(engine):
    async def scenario():
        slow = [
            asyncio.create_task(engine.generate(Request(prompt="the", n=8, max_tokens=400))) for _ in range(4)
        ]
        await asyncio.sleep(0)
        for task in slow[1:]:
            task.cancel()
        quick = await asyncio.gather(
            *(engine.generate(Request(prompt="and", max_tokens=5, seed=s)) for s in range(5))
        )
        return quick, await asyncio.gather(*slow, return_exceptions=True)

    quick, slow = asyncio.run(scenario())
    assert all(len(c.samples[0].tokens) == 5 or c.samples[0].finish_reason == "stop" for c in quick)
    assert len(slow[0].samples) == 8
    assert all(isinstance(result, asyncio.CancelledError) for result in slow[1:])


def test_closing_fails_what_is_under_way_and_refuses_the_rest(models):
    async def scenario():
        engine = LlamaCppEngine(models["f16"], threads=1, width=2)
        tasks = [
            asyncio.create_task(engine.generate(Request(prompt="the", n=64, max_tokens=400)))
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        engine.close()
        engine.close()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        with pytest.raises(EngineClosedError):
            await engine.generate(Request(prompt="the"))
        with pytest.raises(EngineClosedError):
            engine.logits([1])
        for call in (engine.tokenize, lambda text: engine.render([{"role": "user", "content": text}])):
            with pytest.raises(RuntimeError, match="the model is closed"):
                call("text")
        return results

    assert all(isinstance(result, EngineClosedError) for result in asyncio.run(scenario()))


def test_identity_names_what_determines_a_sample(models, engine):
    request = Request(prompt="the", max_tokens=5)
    same = dataclasses.replace(request, seed=9, n=3)
    assert engine.identity(request) == engine.identity(same)
    for change in (
        {"prompt": "and"},
        {"max_tokens": 6},
        {"temperature": 0.5},
        {"stop": ("x",)},
        {"prefix": "a"},
    ):
        assert engine.identity(dataclasses.replace(request, **change)) != engine.identity(request)
    with LlamaCppEngine(models["f32"], threads=1, width=2) as other:
        assert other.identity(request) != engine.identity(request)
    with LlamaCppEngine(models["f16"], threads=1, width=2, flash_attention=False) as other:
        assert other.model_hash == engine.model_hash
        assert other.identity(request) != engine.identity(request)


def test_an_engine_is_opened_by_name(models):
    with open_engine(f"llama:{models['f16']}", threads=1, width=2) as engine:
        assert engine.name == "llama:f16.gguf"
    with pytest.raises(UserError, match="did you mean 'llama'"):
        open_engine("lama:x.gguf")
    with pytest.raises(UserError, match="KIND:MODEL"):
        open_engine("model.gguf")


SYSTEM = {"role": "system", "content": "Answer the question of the user, and show each step on the way. " * 2}


def test_requests_that_share_a_head_equal_those_asked_alone_and_prefill_it_once(models):
    requests = [
        Request(messages=(SYSTEM, {"role": "user", "content": f"{k} + {k * k}"}), n=2, max_tokens=16, seed=k)
        for k in range(9)
    ]
    alone = []
    for request in requests:
        with LlamaCppEngine(models["f16"], threads=1, width=2) as engine:
            alone += generate_all(engine, [request])
    for width in (2, 5, 16):
        with LlamaCppEngine(models["f16"], threads=1, width=width) as engine:
            decoded = count_prefilled_tokens(engine)
            together = generate_all(engine, requests)
            head = len(engine.tokenize(engine.render([SYSTEM], add_generation_prompt=False)))
        assert [c.samples for c in together] == [c.samples for c in alone], f"width {width}"
        assert sum(decoded) == head + sum(completion.prompt_tokens - head for completion in together)


DOCUMENT = "the sand and the stone on a hill; 12 or 34. " * 11


def document_requests() -> list[Request]:
    """A long document in raw prompts and inside the last message, each with questions of its own."""
    raw = [Request(prompt=f"{DOCUMENT} Question {k}?", max_tokens=12, seed=k) for k in range(6)]
    chats = [
        Request(messages=({"role": "user", "content": f"{DOCUMENT} {k} and?"},), max_tokens=12, seed=k)
        for k in range(6)
    ]
    return [*raw, *chats]


def test_a_long_beginning_shared_by_prompts_is_prefilled_once_and_changes_no_token(models):
    requests = document_requests()
    alone = []
    for request in requests:
        with LlamaCppEngine(models["f16"], threads=1, width=2) as engine:
            alone += generate_all(engine, [request])
    for width, seed in ((2, 0), (5, 1), (16, 2)):
        order = list(range(len(requests)))
        random.Random(seed).shuffle(order)
        with LlamaCppEngine(models["f16"], threads=1, width=width) as engine:
            decoded = count_prefilled_tokens(engine)
            together = generate_all(engine, [requests[index] for index in order])
        assert [c.samples for c in together] == [alone[index].samples for index in order], f"width {width}"
        # Two beginnings (with and without the words of the chat), read up to their last cut once.
        whole = sum(completion.prompt_tokens for completion in together)
        saved = 2 * 5 * 2 * CHUNK
        assert sum(decoded) == whole - saved


def test_a_head_put_aside_is_gone_on_from_after_others_took_the_slots(models):
    asked = document_requests()[:3]
    others = mixed_requests(8, seed=4)
    with LlamaCppEngine(models["f16"], threads=1, width=2) as engine:
        first = [completion.samples for completion in generate_all(engine, asked[:2])]
        generate_all(engine, others)
        decoded = count_prefilled_tokens(engine)
        late = generate_all(engine, asked[2:])[0]
    assert sum(decoded) == late.prompt_tokens - 2 * CHUNK
    with LlamaCppEngine(models["f16"], threads=1, width=2) as engine:
        assert generate_all(engine, asked[2:])[0].samples == late.samples
        assert [c.samples for c in generate_all(engine, asked[:2])] == first


def test_lanes_share_the_work_and_change_no_token(models):
    requests = [*mixed_requests(16, seed=5), Request(prompt="the", n=20, max_tokens=8), *document_requests()]
    with LlamaCppEngine(models["f16"], threads=1, width=3) as engine:
        expected = [completion.samples for completion in generate_all(engine, requests)]
    for lanes in (2, 3):
        with LlamaCppEngine(models["f16"], threads=lanes, width=7, lanes=lanes) as engine:
            counts = [count_prefilled_tokens(engine, lane) for lane in range(lanes)]
            assert engine.details()["lanes"] == lanes
            assert [completion.samples for completion in generate_all(engine, requests)] == expected
        assert all(counts), "every lane had work"


def test_threads_not_named_are_tuned_and_named_ones_are_kept(models):
    with LlamaCppEngine(models["f16"], width=4, lanes=1) as engine:
        assert 1 <= engine.details()["threads_now"] <= engine.threads
    for threads in (1, 2, 3):
        with LlamaCppEngine(models["f16"], width=4, threads=threads, lanes=1) as engine:
            generate_all(engine, mixed_requests(4, seed=6))
            assert engine.details()["threads_now"] == threads


def count_prefilled_tokens(engine: LlamaCppEngine, lane: int = 0) -> list[int]:
    """The numbers of prompt tokens the engine decodes from now on."""
    context = engine._lanes.decoders[lane].context
    prefill, decoded = context.prefill, []

    def counted(sequence, tokens, *, start=0, **options):
        decoded.append(len(tokens) - start)
        return prefill(sequence, tokens, start=start, **options)

    context.prefill = counted
    return decoded


def test_a_shared_prompt_is_prefilled_once_and_kept_for_the_next_request(models):
    request = Request(prompt="the sand and the stone", n=20, max_tokens=10)
    with LlamaCppEngine(models["f16"], threads=1, width=4) as engine:
        decoded = count_prefilled_tokens(engine)
        first = generate_all(engine, [request])[0]
        second = generate_all(engine, [dataclasses.replace(request, seed=0)])[0]
    assert decoded == [first.prompt_tokens]
    assert first.samples == second.samples


def test_others_are_not_changed_by_a_request_given_up(models):
    request = Request(prompt="and", max_tokens=30, seed=3)

    async def beside_cancelled(engine):
        long = asyncio.create_task(engine.generate(Request(prompt="the", n=8, max_tokens=300)))
        wanted = asyncio.create_task(engine.generate(request))
        await asyncio.sleep(0)
        long.cancel()
        return await wanted

    with LlamaCppEngine(models["f16"], threads=1, width=4) as engine:
        beside = asyncio.run(beside_cancelled(engine))
        alone = generate_all(engine, [request])[0]
    assert beside.samples == alone.samples


def test_nothing_is_written_to_the_terminal(models, tmp_path, capfd):
    with LlamaCppEngine(models["f16"], threads=1, width=2) as engine:
        generate_all(engine, [Request(prompt="the", max_tokens=3)])
    assert capfd.readouterr() == ("", "")


def test_options_without_meaning_and_contexts_too_large_are_refused(models):
    for options, words in (
        ({"width": 0}, "width is 0"),
        ({"context": -1}, "context is -1"),
        ({"threads": 0}, "threads is 0"),
        ({"width": 100_000}, "choose a smaller width or context"),
    ):
        with pytest.raises(UserError, match=words):
            LlamaCppEngine(models["f16"], **{"threads": 1, **options})


def test_a_model_without_chat_template_takes_raw_prompts_only(tmp_path):
    path = write_tiny_gguf(tmp_path / "base.gguf", chat_template=None)
    with LlamaCppEngine(path, threads=1, width=2) as engine:
        assert generate_all(engine, [Request(prompt="the", max_tokens=2)])[0].samples
        with pytest.raises(UserError, match="no chat template; give a raw prompt"):
            generate_all(engine, [Request(messages=({"role": "user", "content": "hi"},))])
        with pytest.raises(UserError, match="prompt is empty"):
            generate_all(engine, [Request(prompt="")])


def test_without_a_name_the_embedded_model_is_opened_with_a_notice(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(engines, "__file__", str(tmp_path / "datagen" / "engines" / "__init__.py"))
    with pytest.raises(UserError, match="embedded model is missing"):
        open_engine()
    folder = tmp_path / "samples" / "homegrown-0.5m"
    folder.mkdir(parents=True)
    write_tiny_gguf(folder / "homegrown-0.5m.gguf")
    with open_engine(threads=1, width=2) as engine:
        assert engine.name == "llama:homegrown-0.5m.gguf"
    assert "No engine was named" in caplog.text


def test_a_program_that_forgets_to_close_ends_well(models):
    code = """
import asyncio, sys
from datagen.engines import Request, open_engine

async def main():
    engine = open_engine("llama:" + sys.argv[1], threads=1)
    asyncio.create_task(engine.generate(Request(prompt="the", n=64)))
    await asyncio.sleep(0)

asyncio.run(main())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, str(models["f16"])]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failed_decode_fails_who_waits_and_closes_the_engine(models, monkeypatch):
    engine = LlamaCppEngine(models["f16"], threads=1, width=2)

    def broken(_struct):
        raise RuntimeError("llama_decode failed")

    monkeypatch.setattr(engine._lanes.decoders[0].context, "_decode", broken)
    with pytest.raises(RuntimeError, match="llama_decode failed"):
        generate_all(engine, [Request(prompt="the", max_tokens=3)])
    with pytest.raises(EngineClosedError):
        generate_all(engine, [Request(prompt="the", max_tokens=3)])
    engine.close()
    assert engine.model.handle is None


def test_a_model_file_replaced_after_opening_is_not_taken_for_the_one_that_runs(tmp_path):
    path = write_tiny_gguf(tmp_path / "policy.gguf", seed=1)
    with LlamaCppEngine(path, threads=1, width=2) as engine:
        write_tiny_gguf(tmp_path / "next.gguf", seed=2).replace(path)
        with pytest.raises(UserError, match="changed since it was opened"):
            engine.identity(Request(prompt="the"))
