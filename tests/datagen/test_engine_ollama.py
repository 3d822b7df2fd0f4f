"""The Ollama engine, and the server it is tested on.

There is no Ollama on the machines that run these tests: they use a stand-in (`ollama_stand_in.py`), checked
here against the real client library. To run what needs none of its switches and faults on a real server of
this machine, name a model it has; the others are then skipped:

    OLLAMA_HOST=127.0.0.1:11434 OLLAMA_TEST_MODEL=qwen3:0.6b pytest tests/datagen/test_engine_ollama.py
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import killed_command
import numpy as np
import ollama
import pytest
from ollama_stand_in import StandIn
from ollama_stand_in_model import DEFAULTS, SAMPLERS
from tiny_gguf import Shape, reference_logits, write_tiny_gguf

from datagen.engines import (
    EngineClosedError,
    EngineOptions,
    PromptTooLongError,
    Request,
    generate_all,
    open_engine,
)
from datagen.engines.llama_cpp import LlamaCppEngine
from datagen.engines.offline import LeavesMachineError
from datagen.engines.ollama import OllamaEngine
from datagen.engines.ollama_answer import LARGEST_SEED, small_seed
from datagen.engines.ollama_model import read_show
from datagen.engines.ollama_server import Patience
from datagen.journal import Journal
from schemas import UserError, read_rows

REAL_MODEL = os.environ.get("OLLAMA_TEST_MODEL")
SHAPE = Shape(context=2048)
CONTEXT = 512
PATIENCE = Patience(idle_s=10, start_s=30, tries=3, pause_s=0.01)
HELLO = ({"role": "user", "content": "Say hello."},)
SCHEMA = {
    "type": "object",
    "properties": {"fine": {"type": "boolean"}, "size": {"enum": ["small", "large"]}},
    "required": ["fine", "size"],
    "additionalProperties": False,
}
NEWEST = {"truncate": True, "render": True, "logprobs": True, "counts_cached": True, "format": True}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("ollama") / "tiny.gguf", SHAPE)


@pytest.fixture(scope="module")
def child(tiny: Path) -> Iterator[StandIn]:
    models = ("--model", f"tiny={tiny}", "--model", f"thinker={tiny}", "--thinks", "thinker")
    with StandIn(*models, "--registry", f"far={tiny}") as server:
        yield server


@pytest.fixture
def stand_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in as new: nothing loaded, nothing asked, nothing wrong."""
    if REAL_MODEL:
        pytest.skip("needs the stand-in")
    child: StandIn = request.getfixturevalue("child")
    child.set(faults=[], era=NEWEST, load_s=0, forget=True)
    monkeypatch.setenv("OLLAMA_HOST", child.address)
    return child


@pytest.fixture
def model(request: pytest.FixtureRequest) -> str:
    """A model of the real server, where one is named, or of the stand-in."""
    if REAL_MODEL:
        return REAL_MODEL
    request.getfixturevalue("stand_in")
    return "tiny"


@pytest.fixture
def client(model: str) -> ollama.Client:
    return ollama.Client()


def opened(model: str, **options: Any) -> OllamaEngine:
    return OllamaEngine(model, **{"context": CONTEXT, "patience": PATIENCE, **options})


def ask(engine: Any, **fields: Any) -> Any:
    """The completion of one request."""
    return generate_all(engine, [Request(**{"messages": HELLO, **fields})])[0]


# ---- the server, asked by the real client library ----


def test_client_reads_what_the_server_tells_of_itself(client: ollama.Client, model: str) -> None:
    listed = next(entry for entry in client.list().models if (entry.model or "").startswith(model))
    assert listed.digest is not None
    assert len(listed.digest) == 64
    assert listed.size is not None
    shown = client.show(model)
    assert "completion" in (shown.capabilities or [])
    assert shown.modelinfo is not None
    assert shown.modelinfo[f"{shown.modelinfo['general.architecture']}.context_length"] >= CONTEXT
    client.generate(model, options={"num_ctx": CONTEXT})
    running = next(entry for entry in client.ps().models if (entry.model or "").startswith(model))
    assert (running.digest, running.context_length) == (listed.digest, CONTEXT)
    assert client.generate(model, keep_alive=0).done_reason == "unload"


def test_client_reads_answers_whole_and_in_parts(client: ollama.Client, model: str) -> None:
    options = {"num_ctx": CONTEXT, "num_predict": 5, "seed": 3, "temperature": 0}
    whole = client.chat(model, HELLO, options=options, think=False)
    parts = list(client.chat(model, HELLO, options=options, think=False, stream=True))
    assert "".join(part.message.content or "" for part in parts) == whole.message.content
    last = parts[-1]
    assert (last.done, last.done_reason) == (True, "length")
    assert (last.prompt_eval_count, last.eval_count) == (whole.prompt_eval_count, 5)
    assert isinstance(last.total_duration, int)
    assert last.total_duration >= (last.eval_duration or 0) > 0
    said = client.generate(model, "One, two,", raw=True, options=options, think=False, stream=True)
    assert [part.done for part in said][-1] is True


def test_client_pulls_with_progress(stand_in: StandIn) -> None:
    client = ollama.Client()
    steps = list(client.pull("far", stream=True))
    assert steps[0].status == "pulling manifest"
    assert any(step.completed and step.completed == step.total for step in steps)
    assert steps[-1].status == "success"
    client.delete("far")
    with pytest.raises(ollama.ResponseError, match="file does not exist"):
        list(client.pull("nowhere", stream=True))


def test_client_creates_a_model_from_a_gguf_file(stand_in: StandIn, tiny: Path) -> None:
    client = ollama.Client()
    digest = client.create_blob(tiny)
    made = client.create("made", files={"made.gguf": digest}, system="Be brief.", parameters={"stop": ["x"]})
    assert made.status == "success"
    assert client.show("made").parameters == f'{"stop":<30} "x"'
    assert client.chat("made", HELLO, options={"num_predict": 2}).eval_count == 2
    client.copy("made", "again")
    client.delete("made")
    names = [entry.model for entry in client.list().models]
    assert "again:latest" in names
    assert "made:latest" not in names
    client.delete("again")


def test_client_is_told_what_is_wrong(stand_in: StandIn) -> None:
    client = ollama.Client()
    for call, status in {
        lambda: client.show("nowhere"): 404,
        lambda: client.chat("nowhere", HELLO): 404,
        lambda: client.delete("nowhere"): 404,
        lambda: client.chat("tiny", HELLO, think=True): 400,
        lambda: client.generate("tiny", "a", logprobs=True, top_logprobs=21): 400,
        lambda: client.embed("tiny", "a"): 400,
    }.items():
        with pytest.raises(ollama.ResponseError) as error:
            call()
        assert error.value.status_code == status


def test_stand_in_cuts_prompts_in_silence_as_ollama_does(stand_in: StandIn) -> None:
    client, options = ollama.Client(), {"num_ctx": 256, "num_predict": 1}
    single = client.generate("tiny", "x y " * 200, raw=True, options=options)
    assert single.prompt_eval_count == 256 - (256 - 4) // 2
    told = [
        {"role": role, "content": "z" * 100} for role in ("user", "assistant", "user", "assistant", "user")
    ]
    assert client.chat("tiny", told, options=options).prompt_eval_count < 256 < sum(map(len, map(str, told)))


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
        full = [sample for sample, tokens in zip(found.samples, reached, strict=True) if tokens > 200]
        assert full
        assert {sample.finish_reason for sample in full} == {"length"}


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


# ---- prompts that do not fit ----

LONG_CHAT = tuple(
    {"role": role, "content": f"{number} " + "the thing and the other " * 12}
    for number, role in enumerate(["system", "user", "assistant", "user", "assistant", "user"])
)


@pytest.mark.parametrize("new", [True, False], ids=["server that refuses", "server that cuts"])
@pytest.mark.parametrize(
    "prompt",
    [
        {"messages": LONG_CHAT},
        {"messages": ({"role": "user", "content": "abc " * 300},)},
        {"messages": None, "prompt": "abc " * 300},
    ],
    ids=["chat", "message", "prompt"],
)
def test_prompt_over_the_context_is_refused_whole(
    stand_in: StandIn, new: bool, prompt: dict[str, Any]
) -> None:
    stand_in.set(era={"truncate": new})
    with opened("tiny") as engine:
        with pytest.raises(PromptTooLongError, match="larger context"):
            ask(engine, max_tokens=4, **prompt)
        assert engine.details()["refuses_long_prompts"] is new


@pytest.mark.parametrize("new", [True, False], ids=["server that refuses", "server that cuts"])
def test_prompt_of_more_bytes_than_tokens_fits(stand_in: StandIn, tiny: Path, new: bool) -> None:
    stand_in.set(era={"truncate": new})
    request = Request(messages=({"role": "user", "content": " the" * 400},), max_tokens=4)
    with opened("tiny") as engine, LlamaCppEngine(tiny, context=CONTEXT, threads=1) as ours:
        counted = asyncio.run(ours.count(request))
        assert CONTEXT * 0.8 < counted < CONTEXT - 20
        assert generate_all(engine, [request])[0].prompt_tokens == counted


def test_prompt_that_leaves_no_room_for_the_answer_is_refused(model: str) -> None:
    with opened(model) as engine, pytest.raises(PromptTooLongError, match="do not fit 512 of context"):
        ask(engine, max_tokens=CONTEXT - 3)


@pytest.mark.parametrize("new", [True, False], ids=["server that refuses", "server that cuts"])
def test_no_answer_to_a_cut_prompt_is_ever_taken(stand_in: StandIn, tiny: Path, new: bool) -> None:
    stand_in.set(era={"truncate": new})
    with opened("tiny") as engine, LlamaCppEngine(tiny, context=CONTEXT, threads=1) as ours:
        for words in range(380, 520, 10):
            request = Request(messages=({"role": "user", "content": " the" * words},), max_tokens=8)
            try:
                taken = generate_all(engine, [request])[0].prompt_tokens
            except PromptTooLongError:
                taken = None
            try:
                fits = generate_all(ours, [request])[0].prompt_tokens
            except PromptTooLongError:
                fits = None
            if new:
                assert taken == fits
            else:  # counted in pieces, it may be refused for a few tokens too many
                assert taken in (fits, None)
                assert taken == fits or fits is None or fits + 8 > CONTEXT - 16


def test_server_that_neither_refuses_nor_counts_is_refused(stand_in: StandIn) -> None:
    stand_in.set(era={"truncate": False, "counts_cached": False})
    with opened("tiny") as engine, pytest.raises(UserError, match="cuts long prompts in silence"):
        ask(engine, max_tokens=1)


def test_context_is_what_was_asked_for_and_always_sent(stand_in: StandIn) -> None:
    with opened("tiny", context=None) as engine:
        assert engine.context == SHAPE.context
    with opened("tiny", context=256) as engine:
        ask(engine, max_tokens=1)
    assert {
        request["body"]["options"]["num_ctx"]
        for request in stand_in.state["requests"]
        if request["body"].get("options")
    } == {256}
    assert stand_in.state["loads"] == 1
    with pytest.raises(UserError, match="more than the 2,048 tokens the model was trained for"):
        opened("tiny", context=4096)


# ---- what cannot be done is refused by name ----


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        ("tiny", {"think": True}, "think with a model that does not reason"),
        ("tiny", {"logprobs": True, "top_logprobs": 21}, "more than 20 top_logprobs"),
        ("thinker", {"messages": None, "prompt": "a", "think": True}, "think on a raw prompt"),
    ],
)
def test_request_that_cannot_be_honoured_is_refused(
    stand_in: StandIn, model: str, fields: dict[str, Any], words: str
) -> None:
    with opened(model) as engine, pytest.raises(UserError, match=words):
        ask(engine, max_tokens=1, **fields)
    assert stand_in.asked == []


@pytest.mark.parametrize(
    ("era", "fields", "words"),
    [
        ("logprobs", {"logprobs": True}, "answers without the logprobs"),
        ("render", {"prefix": "So"}, "a prefix needs the rendered prompt"),
    ],
)
def test_server_too_old_for_a_request_is_told(
    stand_in: StandIn, era: str, fields: dict[str, Any], words: str
) -> None:
    stand_in.set(era={era: False})
    with opened("tiny") as engine, pytest.raises(UserError, match=words):
        ask(engine, max_tokens=3, **fields)


def test_options_without_meaning_here_are_refused(stand_in: StandIn) -> None:
    for options, words in {
        EngineOptions(adapter=Path("a.gguf")): "an adapter",
        EngineOptions(in_process=True): "running in this process",
        EngineOptions(width=0): "width is 0",
    }.items():
        with pytest.raises(UserError, match=words):
            open_engine("ollama:tiny", options)


def test_server_is_named_in_the_spec_or_by_ollama_host(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = stand_in.address.rpartition(":")[2]
    for variable, spec in {
        stand_in.address: "ollama:tiny",
        f"0.0.0.0:{port}": "ollama:tiny:latest",
        "127.0.0.1:1": f"ollama:{stand_in.address}#tiny",
    }.items():
        monkeypatch.setenv("OLLAMA_HOST", variable)
        with open_engine(spec, context=CONTEXT, offline=True) as engine:
            assert engine.details()["server"] == stand_in.address
    for spec in ("ollama:#tiny", f"ollama:{stand_in.address}#"):
        with pytest.raises(UserError, match="no model is named"):
            open_engine(spec)


def test_proxy_of_the_environment_sees_nothing_that_stays_here(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with opened("tiny") as engine:
        assert ask(engine, max_tokens=1).completion_tokens == 1


# ---- pulling, and staying on the machine ----


def test_missing_model_is_pulled_unless_offline(stand_in: StandIn) -> None:
    with pytest.raises(LeavesMachineError, match="would be pulled from its registry"):
        opened("far", offline=True)
    with opened("far") as engine:
        assert ask(engine, max_tokens=2).completion_tokens == 2
    ollama.Client().delete("far")
    with pytest.raises(UserError, match=r"pulling failed .*file does not exist"):
        opened("nowhere")


def test_pull_draws_a_bar_on_a_terminal(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    opened("far").close()
    ollama.Client().delete("far")
    assert "pulling manifest" in capsys.readouterr().err


def test_model_that_its_manifest_sends_elsewhere_is_known() -> None:
    shown = {"remote_host": "https://ollama.com:443", "remote_model": "gpt-oss:120b", "model_info": None}
    assert read_show(shown, "0.12.0", "d" * 64).remote == "https://ollama.com:443"


@pytest.mark.parametrize(
    ("model", "host", "words"),
    [
        ("tiny", "192.0.2.1:11434", "would connect to 192.0.2.1"),
        ("gpt-oss:120b-cloud", None, "runs on ollama.com"),
        ("qwen3-coder:cloud", None, "runs on ollama.com"),
    ],
)
def test_offline_refuses_what_leaves_the_machine(
    stand_in: StandIn, model: str, host: str | None, words: str
) -> None:
    with pytest.raises(LeavesMachineError, match=words):
        opened(model, host=host, offline=True)


# ---- identity ----


def test_identity_holds_whatever_changes_an_answer(stand_in: StandIn) -> None:
    client = ollama.Client()
    client.create("other", from_="tiny", system="Be brief.")
    base = Request(messages=HELLO, max_tokens=5)
    asked = [
        base,
        Request(messages=HELLO, max_tokens=6),
        Request(prompt="a"),
        Request(messages=HELLO, max_tokens=5, prefix="b"),
    ]
    asked += [
        Request(messages=HELLO, max_tokens=5, think=False),
        Request(messages=HELLO, max_tokens=5, schema=SCHEMA),
    ]
    with opened("tiny") as one, opened("other") as two, opened("tiny", context=256) as three:
        found = [json.dumps(one.identity(request), sort_keys=True) for request in asked]
        found += [json.dumps(engine.identity(base), sort_keys=True) for engine in (two, three)]
        assert one.model_hash in found[0]
        assert "seed" not in found[0]
        assert one.identity(base) == one.identity(Request(messages=HELLO, max_tokens=5, seed=9))
    assert len(set(found)) == len(found)


def test_model_that_changes_in_the_middle_of_a_run_is_an_error(stand_in: StandIn) -> None:
    client = ollama.Client()
    client.create("moving", from_="tiny")
    with opened("moving") as engine:
        ask(engine, max_tokens=2)
        client.create("moving", from_="tiny", system="Be somebody else.")
        with pytest.raises(UserError, match="the model has changed since the run began"):
            ask(engine, max_tokens=2)


def test_details_are_ready_for_json_and_tell_what_is_loaded(model: str) -> None:
    with opened(model) as engine:
        ask(engine, max_tokens=1)
        told = json.loads(json.dumps(engine.details()))
    assert told["digest"] == engine.model_hash
    assert told["loaded"]["context_length"] == told["context"] == CONTEXT
    assert told["version"]


def test_model_is_unloaded_by_who_loaded_it(stand_in: StandIn) -> None:
    client = ollama.Client()

    def loaded() -> list[str | None]:
        return [entry.model for entry in client.ps().models]

    with opened("tiny") as engine:
        assert loaded() == []  # a run whose answers are all in its journal loads nothing
        ask(engine, max_tokens=1)
        assert loaded() == ["tiny:latest"]
        with opened("tiny") as guest:
            ask(guest, max_tokens=1)
        assert loaded() == ["tiny:latest"]
        with opened("tiny", unload=True) as host:
            ask(host, max_tokens=1)
        assert loaded() == []


# ---- faults ----

TORN = ("error", "broken", "dies", "ends", "malformed", "foreign", "endless", "silent")


def faulty(kind: str, times: int) -> dict[str, Any]:
    return {"faults": [{"kind": kind, "times": times, "path": "/api/chat"}]}


@pytest.fixture
def warm(stand_in: StandIn) -> Iterator[OllamaEngine]:
    """An engine that has answered before."""
    with opened("tiny", patience=Patience(idle_s=0.5, start_s=30, tries=3, pause_s=0.01)) as engine:
        ask(engine, max_tokens=1)
        yield engine


@pytest.mark.parametrize("kind", TORN)
def test_fault_that_passes_costs_no_answer(stand_in: StandIn, warm: OllamaEngine, kind: str) -> None:
    asked = {"max_tokens": 10, "seed": 4}
    whole = ask(warm, **asked)
    stand_in.set(**faulty(kind, 2))
    assert ask(warm, **asked).samples == whole.samples


@pytest.mark.parametrize("kind", TORN)
def test_fault_that_stays_is_one_sentence(stand_in: StandIn, warm: OllamaEngine, kind: str) -> None:
    stand_in.set(**faulty(kind, 99))
    with pytest.raises(UserError, match=r"Ollama failed 3 times, at last so: .*; look into its log") as error:
        ask(warm, max_tokens=10)
    assert "\n" not in str(error.value)
    stand_in.set(faults=[])
    assert ask(warm, max_tokens=2).completion_tokens == 2


def test_answer_that_the_server_ends_for_repeating_itself_is_cut_off(
    stand_in: StandIn, warm: OllamaEngine
) -> None:
    whole = ask(warm, max_tokens=10, seed=4).samples[0]
    stand_in.set(**faulty("repeats", 1))
    cut = ask(warm, max_tokens=10, seed=4).samples[0]
    assert (cut.finish_reason, cut.token_count) == ("length", 2)
    assert whole.text.startswith(cut.text)


def test_words_of_a_refusal_are_passed_on_and_not_asked_for_again(
    stand_in: StandIn, warm: OllamaEngine
) -> None:
    for status, words in (
        (400, "invalid option"),
        (500, "model requires more system memory (9 GiB) than is available"),
    ):
        stand_in.set(
            forget=False,
            faults=[{"kind": "error", "times": 99, "status": status, "words": words, "path": "/api/chat"}],
        )
        before = len(stand_in.asked)
        with pytest.raises(UserError, match=words.split("(")[0]):
            ask(warm, max_tokens=1)
        assert len(stand_in.asked) == before + 1


def test_time_to_load_is_no_silence(stand_in: StandIn) -> None:
    stand_in.set(load_s=1.2)
    with opened("tiny", patience=Patience(idle_s=0.3, start_s=30, tries=1)) as engine:
        assert ask(engine, max_tokens=2).completion_tokens == 2


def test_waiting_in_the_queue_is_no_silence(stand_in: StandIn) -> None:
    """Most wait longer than a token may take, and longer than a server may give no sign of life."""
    patience = Patience(idle_s=0.4, start_s=0.4, tries=1)
    with opened("tiny", patience=patience, context=2048, width=16) as engine:
        ask(engine, max_tokens=1)
        found = ask(engine, n=16, max_tokens=150, messages=None, prompt=" the" * 900)
    assert found.seconds > 0.4
    assert len(found.samples) == 16


def test_server_that_gives_no_sign_of_life_is_given_up(stand_in: StandIn) -> None:
    with opened("tiny", patience=Patience(idle_s=9, start_s=0.2, tries=2, pause_s=0.01)) as engine:
        stand_in.set(load_s=1.0)
        with pytest.raises(UserError, match=r"no answer in 0\.2 seconds"):
            ask(engine, max_tokens=1)


def test_no_more_requests_than_the_width_are_under_way(stand_in: StandIn) -> None:
    stand_in.set(faults=[])
    with opened("tiny", width=2, patience=Patience(idle_s=0.3, start_s=1, tries=1)) as engine:
        ask(engine, max_tokens=1)
        stand_in.set(faults=[{"kind": "silent", "times": 99, "path": "/api/chat"}])
        before = len(stand_in.asked)
        with pytest.raises(UserError):
            ask(engine, n=6, max_tokens=9)
        assert len(stand_in.asked) - before <= 4


def test_server_that_is_down_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    with pytest.raises(UserError) as error:
        open_engine("ollama:tiny")
    assert str(error.value) == (
        "http://127.0.0.1:1: no Ollama answers; start it with `ollama serve`, or set OLLAMA_HOST"
    )


def test_server_that_is_killed_in_the_middle_is_one_sentence(tiny: Path) -> None:
    with (
        StandIn("--model", f"tiny={tiny}") as server,
        opened("tiny", host=server.address, context=2048) as engine,
    ):
        ask(engine, max_tokens=1)

        async def strike() -> None:
            asking = asyncio.ensure_future(engine.generate(Request(messages=HELLO, n=30, max_tokens=1500)))
            await until(lambda: len(server.asked) > 5)
            server.process.kill()
            await asking

        with pytest.raises(UserError, match=r"Ollama failed 3 times, at last so: .*no Ollama answers"):
            asyncio.run(strike())


def test_cancelled_request_hangs_up_and_leaves_the_server_free(stand_in: StandIn) -> None:
    with opened("tiny", context=2048) as engine:
        ask(engine, max_tokens=1)
        before = len(stand_in.asked)

        async def cancel() -> None:
            asking = asyncio.ensure_future(engine.generate(Request(messages=HELLO, n=20, max_tokens=1500)))
            await until(lambda: len(stand_in.asked) - before > 10)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

        asyncio.run(cancel())
        ended = ask(engine, max_tokens=2)
        assert ended.completion_tokens == 2
        assert sum(not request["done"] for request in stand_in.asked) > 5


def test_engine_closed_under_way_says_so(stand_in: StandIn) -> None:
    engine = opened("tiny", context=2048)
    ask(engine, max_tokens=1)
    before = len(stand_in.asked)

    async def close() -> None:
        asking = asyncio.ensure_future(engine.generate(Request(messages=HELLO, n=20, max_tokens=1500)))
        await until(lambda: len(stand_in.asked) - before > 5)
        await asyncio.to_thread(engine.close)
        with pytest.raises(EngineClosedError):
            await asking
        with pytest.raises(EngineClosedError):
            await engine.generate(Request(messages=HELLO))

    asyncio.run(close())
    engine.close()


async def until(happens: Callable[[], bool], deadline_s: float = 30) -> None:
    """Return once `happens()`; fail after the deadline."""
    end = time.monotonic() + deadline_s
    while not await asyncio.to_thread(happens):
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.005)


# ---- a whole run ----


@pytest.mark.slow
def test_killed_attempts_go_on_and_ask_nothing_twice(stand_in: StandIn, tmp_path: Path) -> None:
    from datagen.cli import program
    from schemas.command import run_app

    source = tmp_path / "problems.jsonl"
    with pytest.raises(SystemExit):
        run_app(program(), ["problems", "--family", "addition", "--count", "12", "--out", str(source)])

    def command(out: Path) -> list[str]:
        asking = ["attempts", "--problems", str(source), "--engine", "ollama:tiny", "--out", str(out)]
        return [*asking, "--samples", "3", "--max-tokens", "16", "--context", "512"]

    def finished(requests: list[dict[str, Any]]) -> list[tuple[str, int]]:
        return [
            (json.dumps(r["body"]["messages"]), r["body"]["options"]["seed"])
            for r in requests
            if "seed" in r["body"]["options"]
        ]

    killed, whole = tmp_path / "killed.jsonl", tmp_path / "whole.jsonl"
    strike = [sys.executable, killed_command.__file__, "SIGKILL", "5", *command(killed)]
    assert subprocess.run(strike, capture_output=True, timeout=60).returncode == -9
    with Journal(tmp_path / "killed.journal") as journal:
        recorded = journal.count("samples")
        assert journal.count("outcomes") == 5
    first = finished(stand_in.asked)
    stand_in.set(forget=True)
    again = [sys.executable, "-m", "datagen", *command(killed)]
    assert subprocess.run(again, capture_output=True, timeout=60).returncode == 0
    second = finished(stand_in.asked)
    assert len(second) == 12 * 3 - recorded
    assert len(set(second)) == len(second)
    stand_in.set(forget=True)
    assert (
        subprocess.run(
            [sys.executable, "-m", "datagen", *command(whole)], capture_output=True, timeout=60
        ).returncode
        == 0
    )
    assert killed.read_bytes() == whole.read_bytes()
    assert len(set(first) | set(second)) == 12 * 3
    stand_in.set(forget=True)
    assert subprocess.run(again, capture_output=True, timeout=60).returncode == 0
    assert stand_in.asked == []  # all in the journal: nothing asked, nothing loaded
    rows = list(read_rows(whole))
    assert {row["meta"]["model_hash"] for row in rows} == {OllamaEngine("tiny").model_hash}
