"""The Ollama engine when the server fails, is slow or changes; and a whole run that is killed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import killed_command
import ollama
import pytest
from ollama_asking import CONTEXT, HELLO, SCHEMA, ask, opened
from ollama_stand_in import StandIn

from datagen.engines import (
    EngineClosedError,
    Request,
    open_engine,
)
from datagen.engines.ollama.engine import OllamaEngine
from datagen.engines.ollama.server import Patience
from datagen.runs.journal import Journal
from schemas import UserError, read_rows

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
    with opened("tiny", patience=Patience(idle_s=1.0, start_s=30, tries=3, pause_s=0.01)) as engine:
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
    stand_in.set(load_s=2.2)
    with opened("tiny", patience=Patience(idle_s=1.5, start_s=30, tries=1)) as engine:
        assert ask(engine, max_tokens=2).completion_tokens == 2


def test_waiting_in_the_queue_is_no_silence(stand_in: StandIn) -> None:
    """The last waits longer than a server may give no sign of life, while it gives some to the others."""
    with opened("tiny", patience=Patience(idle_s=1.5, start_s=1.5, tries=1)) as engine:
        ask(engine, max_tokens=1)
        stand_in.set(**faulty("slow", 99))
        found = ask(engine, n=3, max_tokens=10, seed=1)
    assert found.seconds > 2
    assert found.completion_tokens == 30


def test_server_that_gives_no_sign_of_life_is_given_up(stand_in: StandIn) -> None:
    with opened("tiny", patience=Patience(idle_s=9, start_s=0.2, tries=2, pause_s=0.01)) as engine:
        stand_in.set(load_s=1.0)
        with pytest.raises(UserError, match=r"no answer in 0\.2 seconds"):
            ask(engine, max_tokens=1)


def test_no_more_requests_than_the_width_are_under_way(stand_in: StandIn) -> None:
    stand_in.set(faults=[])
    with opened("tiny", width=2, patience=Patience(idle_s=1, start_s=9, tries=1)) as engine:
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


def made(folder: Path) -> Path:
    """A dozen problems."""
    from datagen.cli import program
    from schemas.command import run_app

    source = folder / "problems.jsonl"
    with pytest.raises(SystemExit):
        run_app(program(), ["problems", "--family", "addition", "--count", "12", "--out", str(source)])
    return source


def attempts(source: Path, out: Path, engine: str = "ollama:tiny") -> list[str]:
    """The arguments of a small run."""
    asking = ["attempts", "--problems", str(source), "--engine", engine, "--out", str(out), "--offline"]
    return [*asking, "--samples", "3", "--max-tokens", "16", "--context", "512"]


def datagen(
    *arguments: str, program: tuple[str, ...] = ("-m", "datagen")
) -> subprocess.CompletedProcess[str]:
    """The program run with `arguments` as a child."""
    return subprocess.run([sys.executable, *program, *arguments], capture_output=True, text=True, timeout=100)


def samples_asked(server: StandIn) -> list[tuple[str, int]]:
    """The chat and the seed of every sample the server was asked for since it forgot."""
    bodies = [request["body"] for request in server.asked]
    return [(json.dumps(b["messages"]), b["options"]["seed"]) for b in bodies if "seed" in b["options"]]


@pytest.mark.slow
def test_killed_attempts_go_on_and_ask_nothing_twice(stand_in: StandIn, tmp_path: Path) -> None:
    source, killed, whole = made(tmp_path), tmp_path / "killed.jsonl", tmp_path / "whole.jsonl"
    struck = datagen("SIGKILL", "5", *attempts(source, killed), program=(killed_command.__file__,))
    assert struck.returncode == -9
    with Journal(tmp_path / "killed.journal") as journal:
        recorded = journal.count("samples")
        assert journal.count("outcomes") == 5
    first = samples_asked(stand_in)
    stand_in.set(forget=True)
    assert datagen(*attempts(source, killed)).returncode == 0
    second = samples_asked(stand_in)
    assert len(second) == len(set(second)) == 12 * 3 - recorded
    assert len({*first, *second}) == 12 * 3
    assert datagen(*attempts(source, whole)).returncode == 0
    assert killed.read_bytes() == whole.read_bytes()
    stand_in.set(forget=True)
    assert datagen(*attempts(source, killed)).returncode == 0
    assert stand_in.asked == []  # all in the journal: nothing asked
    assert stand_in.state["loads"] == 0
    with opened("tiny") as engine:
        assert {row["meta"]["model_hash"] for row in read_rows(whole)} == {engine.model_hash}


@pytest.mark.slow
def test_server_that_dies_in_a_run_costs_no_row(tiny: Path, tmp_path: Path) -> None:
    source, out = made(tmp_path), tmp_path / "out.jsonl"
    with StandIn("--model", f"tiny={tiny}") as server:
        spec, port = f"ollama:{server.address}#tiny", server.address.rpartition(":")[2]
        command = [sys.executable, "-m", "datagen", *attempts(source, out, spec)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
            asyncio.run(until(lambda: sum(request["done"] for request in server.asked) > 6))
            server.process.kill()
            told = run.communicate(timeout=100)[1]
    assert run.returncode == 2
    assert told.startswith(f"error: {server.address}: Ollama failed 5 times, at last so: ")
    assert told.count("\n") == 1
    assert not out.exists()
    with Journal(tmp_path / "out.journal") as journal:
        recorded = journal.count("samples")
    with StandIn("--model", f"tiny={tiny}", "--port", port) as server:
        assert datagen(*attempts(source, out, spec)).returncode == 0
        assert len(samples_asked(server)) == 12 * 3 - recorded
        whole = tmp_path / "whole.jsonl"
        assert datagen(*attempts(source, whole, spec)).returncode == 0
    assert out.read_bytes() == whole.read_bytes()
