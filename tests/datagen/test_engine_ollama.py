"""The Ollama engine, and the server it is tested on.

There is no Ollama on the machines that run these tests: they use a stand-in (`ollama_stand_in.py`), checked
here against the real client library. To run what needs none of its switches and faults on a real server of
this machine, name a model it has; the others are then skipped:

    OLLAMA_HOST=127.0.0.1:11434 OLLAMA_TEST_MODEL=qwen3:0.6b pytest tests/datagen/test_*ollama*.py
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import ollama
import pytest
from ollama_asking import CONTEXT, HELLO, REAL_MODEL, SCHEMA, SHAPE, ask, opened
from ollama_stand_in import StandIn
from ollama_stand_in_model import DEFAULTS, SAMPLERS
from tiny_gguf import reference_logits

from datagen.engines import (
    Request,
    generate_all,
)
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.ollama.answer import LARGEST_SEED, small_seed

# ---- answers ----


def test_samples_come_in_the_order_of_their_seeds_and_again_the_same(model: str) -> None:
    with opened(model) as engine:
        asked = {"max_tokens": 12, "seeds": (5, 6, 7, 5), "n": 4, "think": None}
        first, again = ask(engine, **asked), ask(engine, **asked)
    texts = [sample.text for sample in first.samples]
    assert texts == [sample.text for sample in again.samples]
    assert texts[0] == texts[3]
    assert len(set(texts)) > 1
    assert first.completion_tokens == sum(sample.token_count for sample in first.samples) <= 48
    assert all(sample.finish_reason in ("stop", "length") for sample in first.samples)
    assert 0 <= first.waited_s <= first.seconds


def test_prompt_is_counted_as_llama_cpp_counts_it(stand_in: StandIn, tiny: Path) -> None:
    with opened("tiny") as engine, LlamaCppEngine(tiny, context=CONTEXT, threads=1) as ours:
        for request in (Request(messages=HELLO, max_tokens=1), Request(prompt="and the thing", max_tokens=1)):
            counted = asyncio.run(ours.count(request))
            assert generate_all(engine, [request])[0].prompt_tokens == counted


def test_logprobs_are_those_of_the_model(stand_in: StandIn, tiny: Path) -> None:
    with opened("tiny") as engine, LlamaCppEngine(tiny, context=CONTEXT, threads=1) as ours:
        sample = ask(
            engine,
            messages=None,
            prompt="the thing",
            temperature=0,
            max_tokens=1,
            logprobs=True,
            top_logprobs=5,
        ).samples[0]
        logits = reference_logits(ours.tokenize("the thing"), SHAPE, seed=0)[-1]
    expected = np.sort(logits - np.logaddexp.reduce(logits))[::-1]
    assert sample.logprobs is not None
    assert sample.logprobs == pytest.approx(expected[:1], abs=0.02)
    assert sample.top_logprobs is not None
    assert [value for _, value in sample.top_logprobs[0]] == pytest.approx(expected[:5], abs=0.02)


def test_logprobs_come_one_a_token(model: str) -> None:
    with opened(model) as engine:
        sample = ask(
            engine, max_tokens=6, logprobs=True, top_logprobs=2, think=False if REAL_MODEL else None
        ).samples[0]
    assert sample.logprobs is not None
    assert 0 < len(sample.logprobs) <= sample.token_count
    assert all(value <= 0 for value in sample.logprobs)
    assert all(len(alternatives) == 2 for alternatives in sample.top_logprobs or ())


def test_nothing_of_the_distribution_is_left_to_the_server(stand_in: StandIn) -> None:
    with opened("tiny") as engine:
        ask(engine, max_tokens=1, seed=1)
    sent = stand_in.asked[-1]["body"]["options"]
    assert {"num_ctx", "num_predict", *SAMPLERS} - {"stop"} <= sent.keys()
    off = {
        "temperature": 1.0,
        "top_k": 0,
        "top_p": 1.0,
        "min_p": 0.0,
        "typical_p": 1.0,
        "repeat_penalty": 1.0,
    }
    assert {name: sent[name] for name in off} == off
    assert {name for name in off if DEFAULTS[name] != off[name]} == {
        "temperature",
        "top_k",
        "top_p",
        "repeat_penalty",
    }


def test_every_sampling_field_reaches_the_server(stand_in: StandIn) -> None:
    fields = {
        **{"temperature": 0.7, "top_k": 9, "top_p": 0.9, "min_p": 0.05},
        **{"repeat_penalty": 1.2, "presence_penalty": 0.3, "frequency_penalty": 0.4},
    }
    with opened("tiny") as engine:
        ask(engine, max_tokens=3, seeds=(2**62,), stop=("@@",), **fields)
    sent = stand_in.asked[-1]["body"]["options"]
    assert {name: sent[name] for name in fields} == fields
    assert (sent["num_predict"], sent["repeat_last_n"], sent["stop"]) == (3, CONTEXT, ["@@"])
    assert sent["seed"] == small_seed(2**62)


@pytest.mark.parametrize("seed", [0, 1, -1, LARGEST_SEED, 2**32 - 1, 2**63 - 1])
def test_seed_is_one_that_every_layer_of_ollama_takes(seed: int) -> None:
    assert 1 <= small_seed(seed) <= 2**31 - 1
    assert float(small_seed(seed)) == small_seed(seed)


def test_top_k_one_is_greedy_at_any_temperature(model: str) -> None:
    with opened(model) as engine:
        asked = {"max_tokens": 8, "think": None}
        assert ask(engine, temperature=5.0, top_k=1, **asked).text == ask(engine, temperature=0, **asked).text


def test_answer_ends_before_a_stop_string(model: str) -> None:
    with opened(model) as engine:
        asked = {"messages": None, "prompt": "One, two, three,", "temperature": 0, "max_tokens": 12}
        whole = ask(engine, **asked).samples[0]
        stop = next(letter for letter in whole.text[2:] if " " < letter < "~")
        cut = ask(engine, stop=(stop,), **asked).samples[0]
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert (whole.finish_reason, cut.finish_reason) == ("length", "stop")


def test_stop_strings_of_the_model_stay_beside_those_asked_for(stand_in: StandIn) -> None:
    ollama.Client().create("stopping", from_="tiny", parameters={"stop": ["<|im_end|>", 'a "q"']})
    with opened("stopping") as engine:
        ask(engine, max_tokens=2, stop=("###",))
        ask(engine, max_tokens=2)
    first, second = (request["body"]["options"] for request in stand_in.asked[-2:])
    assert first["stop"] == ["<|im_end|>", 'a "q"', "###"]
    assert "stop" not in second  # left out, the model's own hold


@pytest.mark.parametrize("raw", [True, False], ids=["prompt", "messages"])
def test_prefix_is_continued_and_not_repeated(model: str, raw: bool) -> None:
    prompt = (
        {"messages": None, "prompt": "One, two, three,"}
        if raw
        else {"messages": HELLO, "think": False if REAL_MODEL else None}
    )
    with opened(model) as engine:
        whole = ask(engine, temperature=0, max_tokens=16, **prompt).text
        # A prefix of characters that are tokens of their own: so the continuation is the same text.
        prefix = "The an"
        first = ask(engine, temperature=0, max_tokens=16, prefix=prefix, **prompt).text
        more = ask(engine, temperature=0, max_tokens=16, prefix=prefix + first[:0], **prompt).text
    assert first == more
    assert first != whole
    assert not first.startswith(prefix)


def test_prefix_is_continued_as_llama_cpp_would(stand_in: StandIn, tiny: Path) -> None:
    request = Request(messages=HELLO, prefix="So, the thing", temperature=0, max_tokens=6)
    with opened("tiny") as engine, LlamaCppEngine(tiny, context=CONTEXT, threads=1) as ours:
        theirs = generate_all(engine, [request])[0]
        assert theirs.prompt_tokens == asyncio.run(ours.count(request))
        assert theirs.text == generate_all(ours, [request])[0].text


@pytest.mark.parametrize("fields", [{"schema": SCHEMA}, {"json_object": True}], ids=["schema", "json"])
def test_format_holds(model: str, fields: dict[str, Any]) -> None:
    with opened(model) as engine:
        samples = ask(engine, n=4, max_tokens=200, **fields).samples
    finished = [json.loads(sample.text) for sample in samples if sample.finish_reason == "stop"]
    assert finished or "schema" not in fields  # a random model may never come to an end of any object
    assert all(sample.text.lstrip().startswith("{") for sample in samples)
    for found in finished:
        jsonschema.validate(found, fields.get("schema", {"type": "object"}))


def test_answer_without_max_tokens_ends_with_the_context(stand_in: StandIn) -> None:
    for new in (True, False):  # an older server would go on, forgetting how it began
        stand_in.set(era={"truncate": new}, forget=True)
        with opened("tiny", context=256) as engine:
            found = ask(engine, n=3, seed=1)
        reached = [found.prompt_tokens + sample.token_count for sample in found.samples]
        assert all(tokens <= 256 for tokens in reached)
        cut_off = [
            tokens
            for sample, tokens in zip(found.samples, reached, strict=True)
            if sample.finish_reason == "length"
        ]
        assert cut_off
        assert min(cut_off) > (250 if new else 128)  # there, where tokens end is known only roughly


# ---- reasoning ----


def test_reasoning_comes_apart_from_the_answer(stand_in: StandIn) -> None:
    with opened("thinker") as engine:
        sample = ask(engine, max_tokens=30, think=True).samples[0]
        assert sample.reasoning
        assert sample.reasoning not in sample.text
        assert ask(engine, max_tokens=30, think=False).samples[0].reasoning is None
    assert [request["body"]["think"] for request in stand_in.asked[-2:]] == [True, False]


def test_schema_holds_on_a_thinking_model_where_one_call_would_drop_it(stand_in: StandIn) -> None:
    options = {"num_ctx": CONTEXT, "num_predict": 200, "seed": 1}
    dropped = ollama.Client().chat("thinker", HELLO, think=False, format=SCHEMA, options=options)
    with pytest.raises(json.JSONDecodeError):
        json.loads(dropped.message.content or "")
    with opened("thinker") as engine:
        for think in (True, False, None):
            samples = ask(engine, n=3, max_tokens=200, think=think, schema=SCHEMA).samples
            for sample in samples:
                assert sample.finish_reason == "stop"
                jsonschema.validate(json.loads(sample.text), SCHEMA)
                assert bool(sample.reasoning) == (think is True)


def test_reasoning_is_limited_and_continued_by_the_answer(stand_in: StandIn) -> None:
    with opened("thinker") as engine:
        sample = ask(engine, max_tokens=8, think=True, think_tokens=5, logprobs=True, prefix="So:").samples[0]
    thought, answered = (request["body"] for request in stand_in.asked[-2:])
    assert thought["options"]["num_predict"] == 5
    assert answered["prompt"].startswith(thought["prompt"] + (sample.reasoning or "").rstrip())
    assert answered["prompt"].endswith("</think>\n\nSo:")
    assert sample.token_count == 5 + 8
    assert len(sample.logprobs or ()) <= 8
