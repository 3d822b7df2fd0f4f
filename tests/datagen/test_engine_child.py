"""The engine in a child process: the same as in process, and still there when the child is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_gguf import write_tiny_gguf

from datagen.engines import (
    Completion,
    EngineClosedError,
    PromptTooLongError,
    Request,
    derive_seed,
    generate_all,
    open_engine,
)
from datagen.engines.llama import child_start
from datagen.engines.llama.child import ChildEngine
from datagen.engines.llama.child_start import EngineDiedError
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.llama.wire import error_from_wire, error_to_wire, frame
from schemas import UserError

DEADLINE_S = 60
CHAT = ({"role": "user", "content": "the sun — and «the» 月"},)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", dtype="f16")


@pytest.fixture(scope="module")
def child(model):
    with ChildEngine(model, threads=1, width=4) as engine:
        yield engine


@pytest.fixture(scope="module")
def here(model):
    with LlamaCppEngine(model, threads=1, width=4) as engine:
        yield engine


@pytest.fixture
def faulty(model, monkeypatch):
    monkeypatch.setattr(child_start, "CHILD_MODULE", "tests.datagen.aborting_child")
    with ChildEngine(model, threads=1, width=4) as engine:
        yield engine


def requests() -> list[Request]:
    varied = [
        Request(prompt="the end", n=3, max_tokens=12, seed=2**80 + 3, logprobs=True),
        Request(messages=CHAT, prefix="and", max_tokens=9, seeds=(derive_seed(5),), temperature=0.7),
        Request(messages=CHAT, max_tokens=20, top_k=7, top_p=0.9, min_p=0.01, stop=("e", "—")),
        Request(messages=({"role": "system", "content": "an answer " * 20}, *CHAT), max_tokens=5, n=2),
    ]
    return varied + [Request(prompt=f"the {i} and", max_tokens=3 + i % 9, seed=i) for i in range(24)]


def wait_until(holds) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def is_gone(process: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


# ---- the same as in process ----


def test_answers_are_those_of_the_engine_in_process_bit_for_bit(child, here):
    theirs, ours = generate_all(child, requests()), generate_all(here, requests())
    assert [c.samples for c in theirs] == [c.samples for c in ours]
    assert [(c.prompt_tokens, c.completion_tokens, c.model) for c in theirs] == [
        (c.prompt_tokens, c.completion_tokens, c.model) for c in ours
    ]
    assert all(0 <= c.waited_s <= c.seconds for c in theirs)


def test_identity_and_counts_are_those_of_the_engine_in_process(child, here):
    for request in requests():
        assert child.identity(request) == here.identity(request)
        assert asyncio.run(child.count(request)) == asyncio.run(here.count(request))
    assert child.identity() == here.identity()
    assert (child.name, child.context, child.model_hash) == (here.name, here.context, here.model_hash)
    described = {name: value for name, value in child.details().items() if name != "process"}
    assert described == here.details()


def test_text_and_tokens_are_those_of_the_engine_in_process(child, here):
    text = "the <|im_end|> ünd 月\n"
    for special in (True, False):
        assert child.tokenize(text, special=special) == here.tokenize(text, special=special)
        tokens = here.tokenize(text)
        assert child.detokenize(tokens, special=special) == here.detokenize(tokens, special=special)
    assert child.render(CHAT) == here.render(CHAT)
    assert (child.logits(tokens) == here.logits(tokens)).all()


def test_open_engine_opens_a_child_unless_told_otherwise(model):
    with open_engine(f"llama:{model}", threads=1, width=2) as engine:
        assert isinstance(engine, ChildEngine)
        assert engine.process_id != os.getpid()
        assert engine.details()["process"] == "child"
    with open_engine(f"llama:{model}", threads=1, width=2, in_process=True) as engine:
        assert isinstance(engine, LlamaCppEngine)


@pytest.mark.parametrize(
    "request_",
    [
        Request(prompt="the " * 600),
        Request(prompt="the", max_tokens=512),
        Request(prompt=""),
    ],
)
def test_errors_are_those_of_the_engine_in_process(child, here, request_):
    caught = []
    for engine in (child, here):
        with pytest.raises(UserError) as error:
            generate_all(engine, [request_])
        caught.append(error.value)
    assert type(caught[0]) is type(caught[1])
    assert str(caught[0]) == str(caught[1])
    assert (caught[0].what, caught[0].mend) == (caught[1].what, caught[1].mend)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"context": 100_000}, "a context of 100,000 is more than"), ({"width": 0}, "width is 0")],
)
def test_what_cannot_be_opened_is_refused_in_the_same_words(model, settings, words):
    for kind in (ChildEngine, LlamaCppEngine):
        with pytest.raises(UserError, match=words):
            kind(model, threads=1, **settings)


def test_half_a_character_is_refused_and_the_engine_goes_on(child):
    with pytest.raises(UserError, match="no Unicode text"):
        generate_all(child, [Request(prompt="the \ud800")])
    assert generate_all(child, [Request(prompt="the", max_tokens=2)])


@pytest.mark.parametrize(
    "error", [PromptTooLongError("a", where="b", mend="c"), UserError("a"), KeyError("x")]
)
def test_errors_cross_the_pipe_as_what_they_are(error):
    found = error_from_wire(error_to_wire(error))
    assert type(found) is (RuntimeError if isinstance(error, UnicodeError) else type(error))
    assert str(error).strip("'") in str(found)


# ---- many callers ----


def test_several_threads_and_loops_share_one_engine(child, here):
    wanted = [completion.samples for completion in generate_all(here, requests())]

    def ask(_: int) -> list:
        return [completion.samples for completion in generate_all(child, requests())]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [wanted] * 4


def test_it_opens_and_answers_inside_a_running_loop(model):
    async def notebook() -> int:
        async with open_engine(f"llama:{model}", threads=1, width=2) as engine:
            (await engine.generate(Request(prompt="the", max_tokens=3))).text  # noqa: B018
            return generate_all(engine, [Request(prompt="the", max_tokens=4)])[0].completion_tokens

    assert asyncio.run(notebook()) == 4


def test_an_engine_outlives_the_thread_that_opened_it(model):
    opened = []
    thread = threading.Thread(target=lambda: opened.append(ChildEngine(model, threads=1, width=2)))
    thread.start()
    thread.join()
    with opened[0] as engine:
        first = engine.process_id
        assert generate_all(engine, [Request(prompt="the", max_tokens=5)])[0].completion_tokens == 5
        assert engine.process_id == first


def test_a_cancelled_request_frees_its_slots_in_the_child(model):
    long = Request(prompt="the", n=2, max_tokens=500)

    async def ask(engine: ChildEngine) -> None:
        asked = [asyncio.create_task(engine.generate(long)) for _ in range(50)]
        await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await engine.generate(Request(prompt="the", max_tokens=3))

    with ChildEngine(model, threads=1, width=2) as engine:
        started = time.perf_counter()
        (alone,) = generate_all(engine, [long])
        asyncio.run(asyncio.wait_for(ask(engine), DEADLINE_S))
        assert time.perf_counter() - started < 20 * alone.seconds


# ---- ends ----


def test_closing_fails_what_is_under_way_and_ends_the_process(model):
    async def ask() -> list[BaseException]:
        engine = ChildEngine(model, threads=1, width=2)
        process = engine.process_id
        asked = [
            asyncio.ensure_future(engine.generate(Request(prompt="the", max_tokens=500))) for _ in range(9)
        ]
        await asyncio.sleep(0)
        engine.close()
        assert is_gone(process)
        engine.close()
        with pytest.raises(EngineClosedError):
            await engine.generate(Request(prompt="the"))
        return await asyncio.gather(*asked, return_exceptions=True)

    # Two at a time: some may be done before, and not all can be.
    kinds = {type(outcome) for outcome in asyncio.run(ask())}
    assert EngineClosedError in kinds
    assert kinds <= {EngineClosedError, Completion}


OPENS = """
import sys
from datagen.engines import Request, generate_all, open_engine
if __name__ == "__main__":
    engine = open_engine("llama:" + sys.argv[1], threads=1, width=2)
    generate_all(engine, [Request(prompt="the", max_tokens=3)])
    print(engine.process_id, flush=True)
    if len(sys.argv) > 2:
        generate_all(engine, [Request(prompt="the", max_tokens=500, seed=i) for i in range(1000)])
"""


def test_a_program_that_never_closes_its_engine_ends_quietly(model):
    done = subprocess.run(
        [sys.executable, "-c", OPENS, str(model)], capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert (done.returncode, done.stderr) == (0, "")
    wait_until(lambda: is_gone(int(done.stdout)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_child_ends_with_its_parent(model, number):
    command = [sys.executable, "-c", OPENS, str(model), "busy"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as parent:
        process = int(parent.stdout.readline())
        if number == signal.SIGINT:  # as the terminal sends it: to parent and child at once
            os.killpg(parent.pid, number)
        else:
            os.kill(parent.pid, number)
        parent.wait(DEADLINE_S)
        complaint = parent.stderr.read().decode()
    wait_until(lambda: is_gone(process))
    assert parent.returncode == -number
    assert ("KeyboardInterrupt" in complaint) == (number == signal.SIGINT)
    assert "child_process" not in complaint


# ---- the child dies ----


def test_a_death_between_requests_is_not_noticed(model):
    with ChildEngine(model, threads=1, width=2) as engine:
        first = generate_all(engine, [Request(prompt="the", max_tokens=9)])
        os.kill(engine.process_id, signal.SIGKILL)
        assert generate_all(engine, [Request(prompt="the", max_tokens=9)])[0].samples == first[0].samples


def test_requests_under_way_at_a_death_are_answered_by_the_next_child(model, here):
    wanted = [completion.samples for completion in generate_all(here, requests())]

    async def ask(engine: ChildEngine) -> list:
        asked = [asyncio.create_task(engine.generate(request)) for request in requests()]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        os.kill(engine.process_id, signal.SIGABRT)
        return [completion.samples for completion in await asyncio.gather(*asked)]

    with ChildEngine(model, threads=1, width=4) as engine:
        before = engine.process_id
        assert asyncio.run(ask(engine)) == wanted
        assert engine.process_id != before


def test_a_request_that_aborts_dies_alone_in_one_sentence(faulty, here):
    harmless = requests()
    bad = Request(prompt="abort the", max_tokens=4)

    async def ask() -> list:
        asked = [*harmless[:9], bad, *harmless[9:], bad]
        return await asyncio.gather(*map(faulty.generate, asked), return_exceptions=True)

    found = asyncio.run(ask())
    died = [found.pop(9), found.pop()]
    assert [c.samples for c in found] == [c.samples for c in generate_all(here, harmless)]
    for error in died:
        assert isinstance(error, EngineDiedError)
        assert str(error).startswith(
            "llama:tiny.gguf: the engine's process ended by SIGABRT"
            " (llama.cpp:17: GGML_ASSERT(prompt != abort) failed); "
        )
        assert "\n" not in str(error)
    assert generate_all(faulty, [Request(prompt="the", max_tokens=3)])


@pytest.mark.slow
def test_a_run_whose_engine_aborts_in_the_middle_writes_the_same_bytes(model, tmp_path):
    def datagen(*arguments: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "datagen", *map(str, arguments)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    problems = tmp_path / "problems.jsonl"
    made = datagen("problems", "--family", "addition", "--count", 60, "--out", problems)
    assert made.wait(DEADLINE_S) == 0
    asking = ["attempts", "--problems", problems, "--engine", f"llama:{model}", "--threads", 1]
    asking += ["--samples", 4, "--max-tokens", 60, "--width", 4, "--out"]
    assert datagen(*asking, tmp_path / "whole.jsonl").wait(DEADLINE_S) == 0
    running = datagen(*asking, tmp_path / "hurt.jsonl")
    wait_until((tmp_path / "hurt.journal").exists)
    threads = Path(f"/proc/{running.pid}/task")

    def engines() -> list[int]:
        return [int(pid) for each in threads.iterdir() for pid in (each / "children").read_text().split()]

    def answered() -> int:
        with contextlib.suppress(sqlite3.OperationalError):  # not there yet
            return journal.execute("SELECT COUNT(*) FROM samples").fetchone()[0]
        return 0

    journal = sqlite3.connect(f"file:{tmp_path / 'hurt.journal'}?mode=ro", uri=True)
    for least in (10, 120):
        wait_until(lambda least=least: answered() >= least)
        assert answered() < 240
        (process,) = engines()
        os.kill(process, signal.SIGABRT)
    journal.close()
    assert running.wait(DEADLINE_S) == 0, running.stderr.read()
    assert (tmp_path / "hurt.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_decode_that_fails_in_python_does_not_close_the_engine_for_others(faulty, here):
    harmless = requests()

    async def ask() -> list:
        asked = [*harmless, Request(prompt="fail the", max_tokens=4)]
        return await asyncio.gather(*map(faulty.generate, asked), return_exceptions=True)

    *found, failed = asyncio.run(ask())
    assert [c.samples for c in found] == [c.samples for c in generate_all(here, harmless)]
    assert isinstance(failed, EngineDiedError)
    assert "(RuntimeError: llama_decode failed with status -3)" in str(failed)


def test_a_failed_assertion_of_ggml_is_one_sentence_and_leaves_this_process_alone(model, tmp_path):
    # ggml asserts that the epsilon of a norm is not negative, when it computes.
    import struct

    bad = tmp_path / "negative.gguf"
    key = b"llama.attention.layer_norm_rms_epsilon" + struct.pack("<I", 6)
    whole = model.read_bytes()
    assert key + struct.pack("<f", 1e-5) in whole
    bad.write_bytes(whole.replace(key + struct.pack("<f", 1e-5), key + struct.pack("<f", -1.0)))
    with (
        ChildEngine(bad, threads=1, width=2) as engine,
        pytest.raises(
            EngineDiedError, match=r"ended by SIGABRT \(.*GGML_ASSERT\(eps >= 0.*\) failed\)"
        ) as caught,
    ):
        generate_all(engine, [Request(prompt="the", max_tokens=3)])
    assert "\n" not in str(caught.value)


def test_a_file_replaced_while_it_is_open_is_not_taken_for_the_same_model(model, tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(model.read_bytes())
    with ChildEngine(path, threads=1, width=2) as engine:
        generate_all(engine, [Request(prompt="the", max_tokens=2)])
        path.unlink()
        write_tiny_gguf(path, seed=9)
        os.kill(engine.process_id, signal.SIGKILL)
        with pytest.raises(UserError, match="has changed since it was opened"):
            generate_all(engine, [Request(prompt="the", max_tokens=2)])
        with pytest.raises(UserError, match="has changed since it was opened"):
            _ = engine.model_hash


def test_a_child_that_dies_while_it_loads_is_one_sentence(model, monkeypatch):
    monkeypatch.setattr(child_start, "CHILD_MODULE", "tests.datagen.no_such_module")
    with pytest.raises(EngineDiedError, match=r"ended with exit status 1 \(.*No module named"):
        ChildEngine(model)


def test_a_stopped_child_is_ended_on_close(model, monkeypatch):
    monkeypatch.setattr(child_start, "GRACE_S", 0.2)
    engine = ChildEngine(model, threads=1, width=2)
    process = engine.process_id
    os.kill(process, signal.SIGSTOP)
    engine.close()
    assert is_gone(process)


def test_a_message_is_its_length_and_json():
    assert frame({"a": [1, 2.5, "é"]}) == b'\x12\x00\x00\x00{"a":[1,2.5,"\xc3\xa9"]}'
