"""A GGUF file in a llama-server of our own: a real one, in a child process and in this one."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import pytest
from tiny_gguf import CHATML, Shape, write_tiny_gguf

from datagen.engines import PromptTooLongError, Request, generate_all, open_engine
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.openai.patience import Limits
from datagen.engines.openai.xllamacpp import XllamaEngine
from schemas import UserError
from schemas.run import content_hash

pytest.importorskip("xllamacpp")

# As Qwen3's template has it: a thought that is already over keeps the model from thinking.
NO_THOUGHT = "<think>\n\n</think>\n\n"
THINKING = CHATML.replace(
    "<|im_start|>assistant\n",
    "<|im_start|>assistant\n{% if enable_thinking is defined and not enable_thinking %}"
    + NO_THOUGHT
    + "{% endif %}",
)
CHAT = ({"role": "user", "content": "the sand and the stone"},)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    return write_tiny_gguf(folder / "tiny.gguf", Shape(), seed=3)


@pytest.fixture(scope="module")
def engine(model):
    with open_engine(f"xllama:{model}", width=4, threads=1, context=200) as engine:
        yield engine


def test_it_answers_as_llama_cpp_does(engine, model):
    requests = [
        Request(**asked, temperature=0, max_tokens=9) for asked in ({"messages": CHAT}, {"prompt": "the"})
    ]
    found = generate_all(engine, requests)
    with LlamaCppEngine(model, threads=1, width=2) as ours:
        expected = generate_all(ours, requests)
    for answer, reference in zip(found, expected, strict=True):
        assert reference.text.startswith(answer.text)
        assert not reference.text[len(answer.text) :].strip("�")
        assert answer.prompt_tokens == reference.prompt_tokens


def test_its_model_is_the_content_of_the_file(engine, model):
    assert engine.model_hash == content_hash(model)
    assert engine.name == "xllama:tiny.gguf"
    assert engine.details()["xllamacpp"]


def test_each_of_its_slots_has_the_whole_context(engine):
    """All four at once, each to the last token of the context."""
    requests = [Request(prompt="the", seed=seed) for seed in range(12)]
    answers = generate_all(engine, requests)
    full = [answer for answer in answers if answer.samples[0].finish_reason == "length"]
    assert full
    assert {answer.prompt_tokens + answer.completion_tokens for answer in full} == {200}


def test_the_same_seed_gives_the_same_answer(engine):
    request = Request(messages=CHAT, n=4, seed=9, max_tokens=12)
    first, again = generate_all(engine, [request])[0], generate_all(engine, [request])[0]
    assert first.samples == again.samples
    assert len({sample.text for sample in first.samples}) == 4


def test_thinking_reaches_the_chat_template(tmp_path):
    path = write_tiny_gguf(tmp_path / "thinking.gguf", Shape(), chat_template=THINKING)
    requests = [Request(messages=CHAT, think=think, max_tokens=2) for think in (True, False)]
    with open_engine(f"xllama:{path}", width=2, threads=1, in_process=True) as engine:
        read = [answer.prompt_tokens for answer in generate_all(engine, requests)]
        assert read == [asyncio.run(engine.count(request)) for request in requests]
        with LlamaCppEngine(path, threads=1, width=1) as ours:
            assert read[1] - read[0] == len(ours.tokenize(NO_THOUGHT))


def test_a_prompt_that_cannot_fit_is_rejected(engine):
    with pytest.raises(PromptTooLongError, match="do not fit 200 of context"):
        generate_all(engine, [Request(prompt="the " * 300, max_tokens=2)])


def test_a_cancelled_request_stops_in_the_server(tmp_path):
    path = write_tiny_gguf(
        tmp_path / "slow.gguf", Shape(layers=4, width=384, heads=6, kv_heads=6, hidden=1024)
    )

    def slot(engine):
        address = f"{engine.url.removesuffix('/v1')}/slots"
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)[0]

    async def cancel(engine):
        asked = asyncio.create_task(engine.generate(Request(prompt="the", temperature=0, max_tokens=480)))
        deadline, written = time.monotonic() + 20, 0
        while written < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0)
            written = next(iter(slot(engine).get("next_token") or [{}])).get("n_decoded", 0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        while (found := slot(engine))["is_processing"]:
            written = found["next_token"][0]["n_decoded"]
        return written

    with XllamaEngine(path, width=1, threads=1) as engine:
        assert asyncio.run(cancel(engine)) < 400


def test_it_leaves_nothing_running(model):
    engine = XllamaEngine(model, width=2, threads=1)
    process, port = engine._running._process, urlsplit(engine.url).port
    engine.close()
    engine.close()
    assert process.poll() == 0
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


def test_in_this_process_it_leaves_nothing_listening(model):
    with open_engine(f"xllama:{model}", width=2, threads=1, in_process=True) as engine:
        assert generate_all(engine, [Request(prompt="the", max_tokens=3)])[0].completion_tokens
        port = urlsplit(engine.url).port
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="to watch a process that is nobody's child")
def test_the_child_does_not_outlive_a_killed_parent(model):
    script = (
        "import sys; from datagen.engines.openai.xllamacpp import XllamaEngine\n"
        "engine = XllamaEngine(sys.argv[1], width=1, threads=1)\n"
        "print(engine._running._process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    ended, _, _ = select.select([child], [], [], 20)
    os.close(child)
    parent.stdin.close()
    parent.stdout.close()
    assert ended


def test_a_server_that_dies_is_one_sentence(model):
    limits = Limits(backoff_s=0.02, most_backoff_s=0.1)
    with XllamaEngine(model, width=1, threads=1, limits=limits) as engine:
        generate_all(engine, [Request(prompt="the", max_tokens=2)])
        os.kill(engine._running._process.pid, signal.SIGABRT)
        engine._running._process.wait(10)
        with pytest.raises(UserError, match=r"llama-server ended by itself \(SIGABRT.*run the same command"):
            generate_all(engine, [Request(prompt="the", max_tokens=2)])


def test_a_model_llama_cpp_does_not_know_is_one_sentence(model, tmp_path):
    strange = tmp_path / "strange.gguf"
    strange.write_bytes(model.read_bytes().replace(b"llama", b"lhama"))
    with pytest.raises(UserError, match=r"xllama:strange\.gguf: llama-server ended by itself"):
        open_engine(f"xllama:{strange}")


def test_a_truncated_model_is_refused_before_any_server_is_started(model, tmp_path):
    half = tmp_path / "half.gguf"
    half.write_bytes(model.read_bytes()[:9000])
    with pytest.raises(UserError, match="truncated or damaged"):
        open_engine(f"xllama:{half}")


def test_without_the_package_the_sentence_says_what_to_install(model, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"not installed; pip install homegrown-llm\[xllamacpp\]"):
        open_engine(f"xllama:{model}")


def test_a_context_beyond_the_training_is_refused(model):
    with pytest.raises(UserError, match="a context of 600 is more than the 512 tokens"):
        open_engine(f"xllama:{model}", context=600)


def test_an_adapter_is_refused(model, tmp_path):
    with pytest.raises(UserError, match="takes no adapter"):
        open_engine(f"xllama:{model}", adapter=tmp_path / "lora.gguf")
