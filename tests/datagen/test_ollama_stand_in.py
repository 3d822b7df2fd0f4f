"""The stand-in for an Ollama server, asked by the real client library; or a real one, see
`test_engine_ollama.py`."""

from __future__ import annotations

from pathlib import Path

import ollama
import pytest
from ollama_asking import CONTEXT, HELLO
from ollama_stand_in import StandIn


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
