"""What the Ollama engine refuses: prompts that do not fit, what cannot be done, what leaves the machine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import ollama
import pytest
from ollama_asking import CONTEXT, HELLO, SHAPE, ask, opened
from ollama_stand_in import StandIn

from datagen.engines import (
    EngineOptions,
    PromptTooLongError,
    Request,
    generate_all,
    open_engine,
)
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.offline import LeavesMachineError
from datagen.engines.ollama.model import read_show
from schemas import UserError

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


@pytest.mark.parametrize("era", [{}, {"tells_context": False, "truncate": False}], ids=["told", "found out"])
def test_less_context_than_asked_for_is_an_error(stand_in: StandIn, era: dict[str, Any]) -> None:
    stand_in.set(era=era, most_context=256)
    with opened("tiny") as engine, pytest.raises(UserError, match="tokens of context, not the 512 asked for"):
        ask(engine, max_tokens=1)


def test_prompt_that_planning_let_pass_is_refused_by_what_was_read(stand_in: StandIn) -> None:
    stand_in.set(era={"tells_context": False, "truncate": False})
    with opened("tiny") as engine:
        ask(engine, max_tokens=1)
        stand_in.set(most_context=256)  # as if another had made the server load it anew
        with pytest.raises(
            PromptTooLongError, match=r"the server read 130 tokens of a prompt of at least \d+"
        ):
            ask(engine, max_tokens=1, messages=None, prompt=" the" * 300)


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
        ("tiny", {"messages": (*HELLO, {"role": "assistant", "content": "He"})}, "ends with an answer"),
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
