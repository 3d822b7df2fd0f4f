"""What servers do wrong: each is one sentence or another attempt, and costs no row and none twice."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from datagen.engines import EngineClosedError, PromptTooLongError, Request, generate_all, open_engine
from datagen.engines.openai.engine import OpenAIEngine
from datagen.engines.openai.patience import Fault, Limits
from datagen.engines.openai.served import KEY_VARIABLE
from datagen.runs.journal import Journal
from datagen.runs.run import TOO_LONG, run, write_outcomes
from schemas import UserError

LIMITS = Limits(
    connect_s=5,
    queue_s=5,
    idle_s=5,
    busy_s=5,
    attempts=4,
    bad_attempts=2,
    open_attempts=2,
    backoff_s=0.02,
    most_backoff_s=0.1,
)
HASTY = dataclasses.replace(LIMITS, queue_s=0.4, idle_s=0.2, attempts=2)
ONCE = dataclasses.replace(LIMITS, attempts=1, bad_attempts=1, busy_s=0)
CHAT = ({"role": "user", "content": "where to"},)


class Process:
    """A faulty server and its log; it can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.log, self.port, self._process = folder / "server.log", 0, None

    def start(self, *options: str) -> Process:
        command = [sys.executable, "-S", Path(__file__).with_name("faulty_server.py"), self.log]
        command += ["--port", str(self.port), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.port = int(self._process.stdout.readline())
        return self

    def faults(self, *faults: str) -> None:
        """What becomes of the next questions, one fault each."""
        data = json.dumps({"faults": faults}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/faults", data, timeout=5).close()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self.wait()

    def wait(self) -> None:
        self._process.wait(10)
        self._process.stdout.close()
        self._process = None

    def engine(self, limits: Limits = LIMITS, **options) -> OpenAIEngine:
        return OpenAIEngine(f"http://127.0.0.1:{self.port}/v1", limits=limits, **options)

    def logged(self, what: str) -> list[dict]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [entry["body"] for entry in map(json.loads, lines) if entry["what"] == what]


@pytest.fixture
def server(tmp_path):
    process = Process(tmp_path)
    yield process
    with contextlib.suppress(AttributeError):
        process.kill()


def until(happened: Callable[[], bool], seconds: float = 10) -> None:
    """Return once `happened()`; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def undisturbed(request: Request, tmp_path: Path) -> str:
    """The text that a server without faults answers."""
    (tmp_path / "other").mkdir()
    process = Process(tmp_path / "other").start()
    try:
        with process.engine() as engine:
            return generate_all(engine, [request])[0].text
    finally:
        process.kill()


PASSING = (
    *("500", "503", "429", "close", "drop", "no end", "html", "malformed json", "malformed event"),
    *("no choices", "a list", "error event"),
)


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_asked_again(server, tmp_path, fault):
    server.start("--fault", fault)
    with server.engine() as engine:
        answer = generate_all(engine, [Request(messages=CHAT, max_tokens=6)])[0]
    assert answer.text == undisturbed(Request(messages=CHAT, max_tokens=6), tmp_path)
    assert len(server.logged("asked")) == 2


@pytest.mark.parametrize("fault", ["stall", "hang", "endless", "endless line"])
def test_an_answer_that_never_ends_is_broken_off_and_asked_again(server, fault):
    server.start("--fault", fault)
    with server.engine(HASTY) as engine:
        assert len(generate_all(engine, [Request(messages=CHAT, max_tokens=6)])[0].text.split()) == 6
    assert len(server.logged("asked")) == 2


@pytest.mark.parametrize(
    ("fault", "asked", "sentence"),
    [
        ("500", 4, "the server fails with 500: the model fell over"),
        ("drop", 4, "the connection broke off"),
        ("close", 4, "the connection broke off"),
        ("no end", 4, "the answer broke off before its end"),
        ("html", 2, r"an answer that is no JSON \(text/html, begins '<html>"),
        ("malformed json", 2, "an answer that is no JSON"),
        ("malformed event", 2, "an answer that is no JSON"),
        ("error event", 4, "the server fails with 500: the model fell over in the middle"),
        ("no choices", 4, "the answer broke off before its end"),
        ("a list", 2, "an answer of the wrong kind"),
        ("endless", 2, "the stream goes on after 71 pieces; 6 were asked for"),
        ("endless line", 2, "a line without end"),
    ],
)
def test_a_fault_that_stays_is_one_sentence(server, fault, asked, sentence):
    server.start("--fault", *[fault] * 9)
    with server.engine() as engine, pytest.raises(UserError, match=sentence) as caught:
        generate_all(engine, [Request(messages=CHAT, max_tokens=6)])
    assert f"(asked {asked} times)" in str(caught.value)
    assert "everything recorded is safe" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.logged("asked")) == asked


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("hang", "hangs: no first token within 0.4 s"), ("stall", "hangs: no further token within 0.2 s")],
)
def test_a_server_that_hangs_is_one_sentence_that_names_the_limit(server, fault, sentence):
    server.start("--fault", fault, fault)
    with server.engine(HASTY) as engine, pytest.raises(UserError, match=sentence):
        generate_all(engine, [Request(messages=CHAT, max_tokens=6)])


@pytest.mark.parametrize("fault", ["400", "404", "422", "filter"])
def test_what_is_wrong_with_a_request_is_not_asked_twice(server, fault):
    server.start("--fault", fault)
    said = {"400": "alternate", "404": "does not exist", "422": "integer", "filter": "content_filter"}[fault]
    with server.engine() as engine, pytest.raises(UserError, match=said):
        generate_all(engine, [Request(messages=CHAT, max_tokens=6)])
    assert len(server.logged("asked")) == 1


def test_a_server_with_a_queue_is_no_fault(server):
    """Longer until the first token than is allowed between tokens."""
    server.start("--fault", "queue")
    with server.engine(dataclasses.replace(HASTY, queue_s=5)) as engine:
        answer = generate_all(engine, [Request(messages=CHAT, max_tokens=6)])[0]
    assert len(server.logged("asked")) == 1
    assert answer.waited_s >= 0.5


def test_pauses_grow_and_depend_on_the_seed_alone():
    fault, limits = Fault("gone", "gone"), Limits(backoff_s=1, most_backoff_s=8)
    pauses = [[limits.pause(fault, times, random.Random(7)) for times in range(1, 7)] for _ in range(2)]
    assert pauses[0] == pauses[1]
    for pause, longest in zip(pauses[0], (1, 2, 4, 8, 8, 8), strict=True):
        assert longest / 2 <= pause <= longest
    assert limits.pause(fault, 3, random.Random(7)) != limits.pause(fault, 3, random.Random(8))


def test_a_server_that_is_busy_names_the_pause_and_gets_it(server):
    server.start("--fault", "429", "429")
    with server.engine() as engine:
        answer = generate_all(engine, [Request(messages=CHAT, max_tokens=6)])[0]
    assert answer.seconds >= 0.6, "two pauses of the 0.3 s that Retry-After asks for"


def test_a_server_that_stays_busy_is_one_sentence(server):
    server.start("--fault", *["503"] * 99)
    limits = dataclasses.replace(LIMITS, busy_s=0.3)
    with server.engine(limits) as engine, pytest.raises(UserError, match=r"busy.*Loading model"):
        generate_all(engine, [Request(messages=CHAT, max_tokens=6)])


def test_a_fault_that_many_requests_meet_is_told_once(server, caplog):
    server.start("--fault", *["500"] * 6)
    with server.engine(dataclasses.replace(LIMITS, attempts=99), width=3) as engine:
        generate_all(engine, [Request(messages=CHAT, max_tokens=6, n=3)])
    warned = [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]
    assert warned == [f"{engine.name}: the server fails with 500: the model fell over; asking again"]


def test_the_key_is_in_no_message_and_no_identity(server, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "sk-secret-of-mine")
    server.start("--fault", "401")
    with server.engine() as engine:
        with pytest.raises(UserError, match="Incorrect API key: Bearer \\*\\*\\*") as caught:
            generate_all(engine, [Request(messages=CHAT)])
        told = f"{caught.value}{engine.identity()}{engine.details()}{engine.name}"
    assert "secret" not in told
    assert KEY_VARIABLE in str(caught.value)


def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(UserError, match=r"the server does not answer .*refused.*start the server"):
        OpenAIEngine("http://127.0.0.1:9/v1", limits=LIMITS)


def test_a_server_still_loading_its_model_is_waited_for(server):
    server.start("--loading", "5")
    with server.engine() as engine:
        assert engine.served.model == "m"


def test_a_server_that_starts_late_is_waited_for(server):
    server.start()
    server.kill()
    limits = dataclasses.replace(LIMITS, open_attempts=99)
    opened: list[OpenAIEngine] = []
    opening = threading.Thread(target=lambda: opened.append(server.engine(limits)))
    opening.start()
    server.start()
    opening.join(20)
    with opened[0] as engine:
        assert engine.served.model == "m"


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("#c", "the server has no model 'c'; it has a, b"),
        ("", r"the server has 2 models \(a, b\); name one, like openai:.*#a"),
    ],
)
def test_a_wrong_model_is_told_what_is_served(server, wanted, sentence):
    server.start("--models", "a,b")
    with pytest.raises(UserError, match=sentence):
        open_engine(f"openai:http://127.0.0.1:{server.port}{wanted}")


def test_a_prompt_over_the_context_is_told_from_the_servers_own_message(server):
    server.start("--fault", "context")
    with server.engine() as engine, pytest.raises(PromptTooLongError, match="maximum context length is 64"):
        generate_all(engine, [Request(messages=CHAT)])


def test_a_prompt_the_server_truncated_is_no_sample(server):
    server.start("--kind", "vllm", "--fault", "truncates")
    with (
        server.engine() as engine,
        pytest.raises(PromptTooLongError, match="truncated a prompt of 45 tokens"),
    ):
        generate_all(engine, [Request(prompt="to be " * 22, max_tokens=6)])


def test_samples_of_a_request_cost_one_question_each_whatever_the_server_makes_of_n(server):
    server.start("--fault", "none", "drop", "none")
    with server.engine() as engine:
        answer = generate_all(engine, [Request(messages=CHAT, n=4, max_tokens=6)])[0]
    assert len({sample.text for sample in answer.samples}) == 4
    assert [body.get("n") for body in server.logged("asked")] == [None] * 5
    assert len({body["seed"] for body in server.logged("asked")}) == 4


def test_another_model_behind_the_same_name_ends_the_run(server):
    server.start("--fault", "none", "another model")
    with (
        server.engine(width=1) as engine,
        pytest.raises(UserError, match="answers as 'another', before it was 'm'"),
    ):
        generate_all(engine, [Request(messages=CHAT, max_tokens=6, seed=seed) for seed in range(2)])


def test_a_server_that_comes_back_with_another_model_ends_the_run(server):
    server.start("--fault", "die")
    with server.engine() as engine:
        asking = threading.Thread(target=lambda: (server.wait(), server.start("--kind", "vllm")))
        asking.start()
        limits = dataclasses.replace(LIMITS, attempts=99)
        engine.limits = limits
        with pytest.raises(UserError, match="has come back with another model, context or"):
            generate_all(engine, [Request(messages=CHAT, max_tokens=6)])
        asking.join()


def test_closing_the_engine_ends_requests_under_way(server):
    server.start("--fault", "stall")

    async def close_under_way(engine):
        asked = asyncio.create_task(engine.generate(Request(messages=CHAT, max_tokens=6)))
        while not server.logged("asked"):
            await asyncio.sleep(0.01)
        engine.close()
        with pytest.raises(EngineClosedError):
            await asked
        with pytest.raises(EngineClosedError):
            await engine.generate(Request(messages=CHAT))

    asyncio.run(close_under_way(server.engine()))


def test_a_request_that_is_cancelled_leaves_its_place_to_the_next(server):
    server.start("--fault", "stall")

    async def cancel(engine):
        asked = asyncio.create_task(engine.generate(Request(messages=CHAT, max_tokens=6)))
        while not server.logged("asked"):
            await asyncio.sleep(0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        return await asyncio.wait_for(engine.generate(Request(messages=CHAT, max_tokens=6)), 5)

    with server.engine(width=1) as engine:
        assert asyncio.run(cancel(engine)).text


# ---- whole runs ----


@dataclasses.dataclass(frozen=True)
class Place:
    id: str


PLACES = [Place(f"place-{number}") for number in range(12)]


async def visit(item, team):
    completion = await team.chat([{"role": "user", "content": f"where is {item.id}"}], n=2, max_tokens=5)
    return {"text": " or ".join(sample.text for sample in completion.samples)}


def visited(server: Process, folder: Path, limits: Limits, width: int = 2) -> bytes:
    """The bytes of the run's file; whatever ends the run is raised."""
    with Journal(folder / "journal") as journal, server.engine(limits, width=width) as engine:
        outcomes = run(visit, PLACES, engine, journal, concurrency=4)
    write_outcomes(folder / "rows.jsonl", outcomes)
    return (folder / "rows.jsonl").read_bytes()


def questions(bodies: list[dict]) -> Counter[tuple[str, int]]:
    return Counter((body["messages"][0]["content"], body["seed"]) for body in bodies)


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("undisturbed")
    process = Process(folder).start()
    try:
        return visited(process, folder, LIMITS)
    finally:
        process.kill()


def test_a_run_through_every_passing_fault_is_the_undisturbed_run(server, tmp_path, expected):
    faults = [fault for passing in PASSING for fault in (passing, "none")]
    server.start("--fault", *faults)
    limits = dataclasses.replace(LIMITS, attempts=99, bad_attempts=99)
    assert visited(server, tmp_path, limits) == expected
    answered = questions(server.logged("answered"))
    assert len(answered) == 24
    assert set(answered.values()) == {1}, "no sample was made twice"
    assert len(server.logged("asked")) == 24 + len(PASSING)


@pytest.mark.parametrize("fault", [*PASSING, "stall", "hang", "endless", "400", "filter", "another model"])
def test_a_run_that_a_fault_ends_goes_on_where_it_was(server, tmp_path, expected, fault):
    server.start("--fault", *["none"] * 9, fault)
    limits = dataclasses.replace(ONCE, queue_s=0.4, idle_s=0.2)
    with pytest.raises(UserError):
        visited(server, tmp_path, limits)
    assert visited(server, tmp_path, LIMITS) == expected
    answered = questions(server.logged("answered"))
    assert len(answered) == 24
    # Two samples a request and four requests at a time: what was under way is asked again, nothing else.
    assert sum(answered.values()) <= 24 + 8


def test_a_run_whose_server_dies_and_comes_back_is_the_undisturbed_run(server, tmp_path, expected):
    server.start("--fault", *["none"] * 7, "die")
    back = threading.Thread(target=lambda: (server.wait(), server.start()))
    back.start()
    found = visited(server, tmp_path, dataclasses.replace(LIMITS, attempts=99))
    back.join()
    assert found == expected
    assert set(questions(server.logged("answered")).values()) <= {1, 2}


def test_a_run_whose_server_dies_for_good_goes_on_with_the_next_server(server, tmp_path, expected):
    server.start("--fault", *["none"] * 7, "die")
    with pytest.raises(UserError, match=r"\(asked 4 times\).*everything recorded is safe"):
        visited(server, tmp_path, LIMITS)
    server.wait()
    server.port = 0
    server.start()
    assert visited(server, tmp_path, LIMITS) == expected
    assert sum(questions(server.logged("answered")).values()) <= 24 + 8


def test_a_run_whose_server_is_gone_between_requests_goes_on(server, tmp_path, expected):
    server.start("--fault", *["none"] * 8, *["hang"] * 20)
    ended: list[BaseException] = []

    def first() -> None:
        try:
            visited(server, tmp_path, ONCE)
        except UserError as error:
            ended.append(error)

    running = threading.Thread(target=first)
    running.start()
    until(lambda: len(server.logged("answered")) >= 8)
    server.kill()
    running.join()
    assert len(ended) == 1
    server.start()
    assert visited(server, tmp_path, LIMITS) == expected


def test_a_prompt_too_long_for_the_server_is_a_rejected_item(server, tmp_path):
    server.start("--fault", "context")
    with Journal(tmp_path / "journal") as journal, server.engine(width=1) as engine:
        outcomes = run(visit, PLACES[:3], engine, journal, concurrency=1)
    assert [outcome.reason for outcome in outcomes] == [TOO_LONG, None, None]
