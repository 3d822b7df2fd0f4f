"""The engine for OpenAI-compatible servers, on real ones: xllamacpp's llama-server, llama-cpp-python's."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import Shape, write_tiny_gguf

from datagen.engines import PromptTooLongError, Request, generate_all, open_engine
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.offline import LeavesMachineError
from datagen.engines.openai.answers import Answer, read_logprobs, split_thought
from datagen.engines.openai.engine import OpenAIEngine
from datagen.engines.openai.flavours import LM_STUDIO, UNKNOWN, VLLM, body_of, refuse
from datagen.engines.openai.http_stream import EventBuffer
from datagen.engines.openai.patience import Fault, Limits
from datagen.engines.openai.served import choose, split_address
from schemas import UserError
from schemas.run import content_hash

CHAT = ({"role": "system", "content": "the sand"}, {"role": "user", "content": "and the stone 12"})
SCHEMA = {
    "type": "object",
    "properties": {"size": {"enum": ["small", "large"]}, "many": {"type": "boolean"}},
    "required": ["size", "many"],
    "additionalProperties": False,
}
SLOT_CONTEXT = 512
PATIENT = Limits(open_attempts=1000, backoff_s=0.02, most_backoff_s=0.1)


@contextlib.contextmanager
def running(command: list, port: int):
    """A server process and its address, once it answers; it ends with the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.PIPE}
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    with subprocess.Popen([sys.executable, *command], env=environment, **quiet) as process:
        try:
            address = f"http://127.0.0.1:{port}/v1"
            OpenAIEngine(address, limits=PATIENT).close()
            yield address
        finally:
            process.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", Shape(), seed=3)


SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port, params.hostnames = sys.argv[1], int(sys.argv[2]), ["127.0.0.1"]
params.n_parallel, params.n_ctx, params.cpuparams.n_threads, params.warmup = 4, 2048, 1, False
params.sampling.temp, params.sampling.top_k, params.sampling.min_p = 0.1, 3, 0.4  # what nobody asked for
server = xllamacpp.Server(params)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def llama_server(model):
    pytest.importorskip("xllamacpp")
    port = free_port()
    with running(["-c", SERVE, model, str(port)], port) as address:
        yield f"{address}#tiny.gguf"


@pytest.fixture(scope="module")
def python_server(model):
    port = free_port()
    options = ["--port", str(port), "--n_threads", "1", "--n_ctx", "512", "--logits_all", "1"]
    with running(["-m", "llama_cpp.server", "--model", model, *options], port) as address:
        yield address


@pytest.fixture(params=["llama_server", "python_server"])
def engine(request):
    with open_engine(f"openai:{request.getfixturevalue(request.param)}", width=4) as engine:
        yield engine


@pytest.fixture
def llama(llama_server):
    with open_engine(f"openai:{llama_server}", width=4) as engine:
        yield engine


@pytest.fixture
def python(python_server):
    with open_engine(f"openai:{python_server}", width=4) as engine:
        yield engine


def test_the_kind_of_server_is_recognised(llama, python):
    assert (llama.served.flavour.name, python.served.flavour.name) == ("llama-server", "llama-cpp-python")
    assert (llama.context, llama.width) == (SLOT_CONTEXT, 4)
    # It answers one request after another, and a second stream cuts the first one off.
    assert (python.context, python.width) == (None, 1)


@pytest.mark.parametrize("asked", [{"messages": CHAT}, {"prompt": "the sand and the"}])
def test_the_likeliest_answer_is_the_one_llama_cpp_gives_in_process(engine, model, asked):
    requests = [Request(**asked, temperature=0, max_tokens=length) for length in (1, 7, 12)]
    found = generate_all(engine, requests)
    with LlamaCppEngine(model, threads=1, width=2) as ours:
        expected = generate_all(ours, requests)
    for answer, reference in zip(found, expected, strict=True):
        assert answer.prompt_tokens == reference.prompt_tokens
        if engine.served.flavour.name == "llama-server":
            # A character cut in two by max_tokens shows in ours as U+FFFD, and there not at all.
            assert answer.text == reference.text.removesuffix(
                "�" if len(answer.text) < len(reference.text) else ""
            )
            assert answer.samples[0].finish_reason == reference.samples[0].finish_reason
        else:
            # It leaves out what is no UTF-8, and goes on past max_tokens until a character is whole.
            assert plain(answer.text).startswith(plain(reference.text))


def plain(text: str) -> str:
    return text.replace("�", "")


def test_the_same_seed_gives_the_same_answer_and_another_another(engine):
    request = Request(messages=CHAT, max_tokens=12, n=3, seed=7)
    first, again = generate_all(engine, [request, request])
    assert first.samples == again.samples
    assert len({sample.text for sample in first.samples}) == 3
    alone = generate_all(
        engine, [Request(messages=CHAT, max_tokens=12, seeds=(seed,)) for seed in request.sample_seeds]
    )
    assert [one.samples[0].text for one in alone] == [sample.text for sample in first.samples]


def test_no_truncation_that_the_server_would_apply_by_itself_is_left(llama):
    """Sampled from the whole distribution, the first token of many samples is one of many."""
    answer = generate_all(llama, [Request(messages=CHAT, n=60, max_tokens=1, seed=1)])[0]
    assert len({sample.text for sample in answer.samples}) > 10
    cut = generate_all(llama, [Request(messages=CHAT, n=60, max_tokens=1, seed=1, top_k=2)])[0]
    assert len({sample.text for sample in cut.samples}) <= 2


def test_an_answer_ends_before_its_stop_string(engine):
    whole = generate_all(engine, [Request(messages=CHAT, max_tokens=30, seed=4)])[0].text
    letter = next(letter for letter in whole[3:] if letter.isascii() and letter.isprintable())
    cut = generate_all(engine, [Request(messages=CHAT, max_tokens=30, seed=4, stop=(letter,))])[0].samples[0]
    assert cut.text == whole[: whole.index(letter)]
    assert cut.finish_reason == "stop"


def test_logprobs_are_those_of_the_model_itself(engine, model):
    """Compared with the logits of the same tokens in process; the temperature must not show in them."""
    with LlamaCppEngine(model, threads=1, width=2) as ours:
        prompt = ours.tokenize("the sand and the")
        for seed in range(50):
            request = Request(
                prompt="the sand and the",
                max_tokens=2,
                seed=seed,
                temperature=0.7,
                logprobs=True,
                top_logprobs=3,
            )
            with contextlib.suppress(UserError):  # llama-server: a token that ends inside a character
                sample = generate_all(engine, [request])[0].samples[0]
                tokens = ours.tokenize(sample.text)
                if sample.text.isascii() and len(tokens) == 2 == len(sample.logprobs):
                    break
        else:
            pytest.fail("no sample of two plain tokens")
        logits = ours.logits(prompt + tokens)[len(prompt) - 1 : -1].astype(float)
    shifted = logits - logits.max(-1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    expected = [logprobs[index, token] for index, token in enumerate(tokens)]
    assert sample.logprobs == pytest.approx(expected, abs=0.02)
    for index, tops in enumerate(sample.top_logprobs):
        # llama-cpp-python keeps one of all alternatives with the same text, and no UTF-8 is no text.
        known = [np.abs(logprobs[index] - value).min() for _, value in tops]
        assert max(known) < 0.02
        assert [value for _, value in tops] == sorted((value for _, value in tops), reverse=True)
        if engine.served.flavour.name == "llama-server":
            assert [value for _, value in tops] == pytest.approx(
                np.sort(logprobs[index])[::-1][:3].tolist(), abs=0.02
            )


def test_logprobs_that_a_server_leaves_out_are_refused_not_shifted(llama):
    """llama-server has none for a token that ends inside a character, of which this model writes many."""
    with pytest.raises(UserError, match=r"reports \d+ logprobs for 1\d tokens; ask without logprobs"):
        generate_all(llama, [Request(prompt="the sand and the", max_tokens=15, n=4, seed=1, logprobs=True)])


def test_answers_under_a_schema_follow_it(engine):
    request = Request(messages=CHAT, n=6, max_tokens=200, seed=3, schema=SCHEMA)
    whole = [s for s in generate_all(engine, [request])[0].samples if s.finish_reason == "stop"]
    assert whole
    for sample in whole:
        jsonschema.validate(json.loads(sample.text), SCHEMA)


def test_a_raw_prompt_under_a_schema_follows_it_or_is_refused_by_name(llama, python):
    request = Request(prompt="the sand: ", n=6, max_tokens=200, seed=3, schema=SCHEMA)
    whole = [s for s in generate_all(llama, [request])[0].samples if s.finish_reason == "stop"]
    assert whole
    for sample in whole:
        jsonschema.validate(json.loads(sample.text), SCHEMA)
    with pytest.raises(UserError, match="llama-cpp-python does not take a schema for a raw prompt"):
        generate_all(python, [request])


def test_a_prefix_is_continued_and_not_repeated(llama, model):
    request = Request(messages=CHAT, prefix="the sand is", temperature=0, max_tokens=8)
    with LlamaCppEngine(model, threads=1, width=2) as ours:
        assert generate_all(llama, [request])[0].text == generate_all(ours, [request])[0].text


def test_tokens_are_counted_as_the_server_reads_them(llama, model):
    requests = [
        Request(messages=CHAT),
        Request(prompt="the sand and the"),
        Request(messages=CHAT, prefix="the sand is"),
    ]
    with LlamaCppEngine(model, threads=1, width=2) as ours:
        for request in requests:
            assert asyncio.run(llama.count(request)) == asyncio.run(ours.count(request))


def test_a_prompt_that_cannot_fit_is_rejected_before_it_is_sent(llama):
    with pytest.raises(PromptTooLongError, match="do not fit 512 of context"):
        generate_all(llama, [Request(messages=({"role": "user", "content": "the " * 600},), max_tokens=4)])
    with pytest.raises(PromptTooLongError, match="and 500 to write"):
        generate_all(llama, [Request(messages=CHAT, max_tokens=500)])


def test_a_prompt_that_cannot_fit_is_rejected_by_a_server_that_does_not_count(python):
    with pytest.raises(PromptTooLongError, match="maximum context length is 512"):
        generate_all(python, [Request(messages=({"role": "user", "content": "the " * 600},), max_tokens=4)])


def test_without_max_tokens_an_answer_goes_as_far_as_the_context(llama_server):
    with open_engine(f"openai:{llama_server}", context=60) as engine:
        answers = generate_all(engine, [Request(messages=CHAT, seed=seed) for seed in range(12)])
    lengths = {(a.samples[0].finish_reason, a.prompt_tokens + a.completion_tokens) for a in answers}
    assert {length for reason, length in lengths if reason == "length"} == {60}
    assert all(length <= 60 for _, length in lengths)


def test_two_engines_ask_one_server_at_once(llama, llama_server):
    request = Request(messages=CHAT, max_tokens=10, n=2, seed=2)

    async def both(other):
        return await asyncio.gather(
            *(engine.generate(request) for engine in (llama, other) for _ in range(4))
        )

    with open_engine(f"openai:{llama_server}", width=2) as other:
        answers = asyncio.run(both(other))
    assert len({answer.samples for answer in answers}) == 1


def test_the_model_is_known_by_the_content_of_its_file(llama, model):
    assert llama.model_hash == content_hash(model)
    assert llama.details()["model_known_by"] == "the content of its file"


def test_a_model_whose_file_is_not_here_is_known_by_what_the_server_says(python):
    assert len(python.model_hash) == 64
    assert "no more than a name" in python.details()["model_known_by"]


def test_an_address_is_refused_with_what_is_wrong_with_it():
    cases = {
        "127.0.0.1:8080/v1": "begins with http",
        "http:///v1": "without a host",
        "http://host:many/v1": "no address",
        "http://host/v1?key=1": "has no query",
    }
    for address, sentence in cases.items():
        with pytest.raises(UserError, match=sentence):
            split_address(address)
    with pytest.raises(UserError, match="HOMEGROWN_API_KEY") as caught:
        split_address("http://me:hunter2@host/v1")
    assert "hunter2" not in str(caught.value)


def test_what_is_no_server_of_this_kind_is_told(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, **quiet) as process:
        try:
            with pytest.raises(UserError, match=r"no OpenAI-compatible server.*address ends in /v1"):
                OpenAIEngine(f"http://127.0.0.1:{port}/v1", limits=PATIENT)
        finally:
            process.kill()


def test_no_proxy_of_the_environment_stands_between_this_machine_and_itself(llama_server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with open_engine(f"openai:{llama_server}") as engine:
        assert generate_all(engine, [Request(messages=CHAT, max_tokens=2)])[0].completion_tokens


def test_offline_refuses_a_server_elsewhere():
    with pytest.raises(LeavesMachineError, match=r"192\.0\.2\.1"):
        open_engine("openai:http://192.0.2.1/v1", offline=True)


OPTIONS = ({"threads": 2}, {"gpu_layers": 3}, {"adapter": Path("a")}, {"in_process": True})


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_that_is_the_servers_affair_is_refused(option):
    with pytest.raises(UserError, match=next(iter(option))):
        open_engine("openai:http://127.0.0.1:9/v1", **option)


def test_a_context_beyond_the_servers_is_refused(llama_server):
    with pytest.raises(UserError, match="a context of 600 is more than the 512 tokens"):
        open_engine(f"openai:{llama_server}", context=600)


# ---- servers that cannot be had here: what is sent to them, and read ----


def test_each_kind_of_server_is_told_every_truncation_in_its_own_words():
    request = Request(messages=CHAT, temperature=0.5, max_tokens=9, seed=1)
    _, body = body_of(VLLM, request, 3, model="m", max_tokens=9, context=None)
    # vLLM's names: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
    assert {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0, "top_p": 1.0}.items() <= body.items()
    _, body = body_of(UNKNOWN, request, 3, model="m", max_tokens=9, context=None)
    assert not {"top_k", "min_p", "repeat_penalty", "repetition_penalty"} & set(body)


def test_vllm_continues_an_answer_as_a_message():
    request = Request(messages=CHAT, prefix="It is", max_tokens=9)
    path, body = body_of(VLLM, request, 3, model="m", max_tokens=9, context=None)
    assert path == "/chat/completions"
    assert body["messages"][-1] == {"role": "assistant", "content": "It is"}
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)


@pytest.mark.parametrize(
    ("flavour", "fields", "named"),
    [
        (UNKNOWN, {"top_k": 5}, "a server of unknown kind does not take top_k 5"),
        (UNKNOWN, {"min_p": 0.1}, "min_p 0.1"),
        (UNKNOWN, {"repeat_penalty": 1.2}, "repeat_penalty 1.2"),
        (UNKNOWN, {"think": True}, "think"),
        (UNKNOWN, {"prefix": "x"}, "a prefix to continue"),
        (VLLM, {"think_tokens": 5}, "think_tokens"),
        (VLLM, {"prefix": "x", "schema": {}}, "a prefix and a schema together"),
        (LM_STUDIO, {"min_p": 0.1}, "LM Studio does not take min_p 0.1"),
        (LM_STUDIO, {"json_object": True}, "json_object"),
    ],
)
def test_what_a_server_would_ignore_is_refused_by_name(flavour, fields, named):
    with pytest.raises(UserError, match=named):
        refuse(flavour, Request(messages=CHAT, **fields), "here")


def test_a_raw_prompt_without_an_end_is_refused_where_the_server_would_stop_at_16_tokens():
    with pytest.raises(UserError, match="16 would be written"):
        refuse(UNKNOWN, Request(prompt="x"), "here")


def test_seeds_stay_within_what_every_server_reads():
    for seed in (0, 2**31 - 1, 2**32 - 1, 2**63 - 1):
        _, body = body_of(UNKNOWN, Request(prompt="x"), seed, model="m", max_tokens=1, context=None)
        assert 0 <= body["seed"] < 2**31 - 1


def test_a_thought_is_parted_from_the_answer():
    chat = Request(messages=CHAT)
    assert split_thought("<think>\na\n</think>\n\nb", None, chat) == ("b", "a")
    assert split_thought("<think>never ends", None, chat) == ("", "never ends")
    assert split_thought("a</think>b", None, Request(messages=CHAT, think=True)) == ("b", "a")
    assert split_thought("a</think>b", None, chat) == ("a</think>b", None)
    assert split_thought("b", "a", chat) == ("b", "a")
    assert split_thought("<think>a</think>b", None, Request(prompt="x")) == ("<think>a</think>b", None)


def test_a_thought_the_server_parts_itself_is_reasoning():
    answer = Answer(Request(messages=CHAT), None)
    for delta in ({"reasoning_content": "hm"}, {"reasoning_content": "m"}, {"content": "yes"}):
        answer.add({"choices": [{"index": 0, "delta": delta}]})
    answer.add({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    sample = answer.sample("here")
    assert (sample.reasoning, sample.text) == ("hmm", "yes")


def test_both_ways_of_writing_logprobs_are_read():
    chat = {"content": [{"token": "a", "logprob": -1.0, "top_logprobs": [{"token": "b", "logprob": -0.5}]}]}
    text = {"tokens": ["a"], "token_logprobs": [-1.0], "top_logprobs": [{"b": -0.5}], "text_offset": [0]}
    assert read_logprobs(chat) == read_logprobs(text) == [("a", -1.0, (("b", -0.5),), None)]
    with pytest.raises(Fault):
        read_logprobs({"content": [{"token": "a"}]})


def test_broken_text_of_a_server_becomes_text_that_can_be_written():
    answer = Answer(Request(messages=CHAT), None)
    answer.add({"choices": [{"message": {"content": "a\ud83db"}, "finish_reason": "stop"}]})
    assert answer.sample("here").text == "a�b"


@given(st.lists(st.text("data: x\n", max_size=12)), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_events_do_not_depend_on_how_they_are_cut(texts, end, data):
    values = [text.replace("\n", " ") for text in texts]
    stream = "".join(f": ping{end}{end}data: {value}{end}id: 7{end}{end}" for value in values).encode()
    stream += b"\n" if end == "\r" else b""  # whether a CR was half of a CR LF shows with the next byte
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    buffer, found = EventBuffer(), []
    for start, stop in itertools.pairwise([0, *cuts, len(stream)]):
        found += buffer.feed(stream[start:stop])
    assert found == [value.encode() for value in values]


def test_a_model_is_found_by_its_alias():
    entries = [{"id": "long-name", "aliases": ["short"]}, {"id": "other"}]
    assert choose(entries, "short", "here")["id"] == "long-name"
