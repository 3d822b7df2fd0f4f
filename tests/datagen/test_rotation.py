"""Models that take turns: each loaded once, nobody left waiting, and the rows those of all loaded at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from tiny_gguf import write_tiny_gguf

import datagen.engines.roles as roles
from datagen.engines import EngineOptions, Request, open_engine
from datagen.engines.roles import free_memory_bytes, open_roles, room_for_all
from datagen.engines.rotation import RotatingEngine, Rotation, rotating
from datagen.runs.journal import Journal
from datagen.runs.run import Rejected, run
from schemas import UserError

OPTIONS = EngineOptions(width=8, threads=1)
ITEMS = [{"id": f"item-{number}", "text": f"{number} and {number % 7}"} for number in range(200)]


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("models")
    names = {"left": 1, "right": 2, "judge": 3}
    return {role: f"llama:{write_tiny_gguf(folder / f'{role}.gguf', seed=s)}" for role, s in names.items()}


async def judged(item, team):
    """Two models answer at once, a third looks at both; the second is asked once more about some."""
    prompt = [{"role": "user", "content": item["text"]}]
    left, right = await asyncio.gather(
        *(team.chat(prompt, role=role, max_tokens=4) for role in ("left", "right"))
    )
    both = [{"role": "user", "content": left.text + right.text}]
    verdict = await team.chat(both, role="judge", max_tokens=2)
    if len(verdict.text) % 2:
        return Rejected("odd")
    return {
        "chosen": left.text,
        "rejected": right.text,
        "verdict": verdict.text,
        "meta": team.provenance("judge"),
    }


def outcomes_of(specs, path: Path, together, items=ITEMS, **settings):
    """The outcomes, and how often each model was loaded."""
    with Journal(path) as journal, open_roles(specs, OPTIONS, together=together) as engines:
        found = run(judged, items, engines, journal, **settings)
        loads = Counter()
        for rotation in {e.rotation for e in engines.values() if isinstance(e, RotatingEngine)}:
            loads += rotation.loads
        return found, loads


def test_three_models_are_loaded_once_each_for_two_hundred_items_and_the_rows_are_those_of_all_at_once(
    specs, tmp_path
):
    in_turn, loads = outcomes_of(specs, tmp_path / "a", "no", concurrency=len(ITEMS))
    assert loads == {"llama:left.gguf": 1, "llama:right.gguf": 1, "llama:judge.gguf": 1}
    at_once, none = outcomes_of(specs, tmp_path / "b", "yes")
    assert none == {}
    assert in_turn == at_once
    assert {outcome.reason for outcome in in_turn} == {None, "odd"}


@pytest.mark.parametrize("concurrency", [1, 7])
def test_few_items_at_a_time_load_more_often_and_nobody_waits_for_ever(specs, tmp_path, concurrency):
    some = ITEMS[:14]
    in_turn, loads = outcomes_of(specs, tmp_path / "a", "no", some, concurrency=concurrency)
    assert set(loads.values()) == {14 // concurrency}
    assert in_turn == outcomes_of(specs, tmp_path / "b", "yes", some)[0]


def test_what_the_journal_holds_needs_no_model(specs, tmp_path, monkeypatch):
    first, _ = outcomes_of(specs, tmp_path / "a", "no", ITEMS[:20], concurrency=20)

    def opened(spec, options):
        raise AssertionError(f"{spec} was loaded")

    monkeypatch.setattr(roles, "open_engine", opened)
    # Another version: every item runs again, from its answers.
    again, loads = outcomes_of(specs, tmp_path / "a", "no", ITEMS[:20], version="another")
    assert [outcome.row for outcome in again] == [outcome.row for outcome in first]
    assert loads == {}


def test_a_run_in_turns_goes_on_with_the_answers_of_a_run_at_once(specs, tmp_path):
    at_once, _ = outcomes_of(specs, tmp_path / "a", "yes", ITEMS[:20])
    in_turn, loads = outcomes_of(specs, tmp_path / "a", "no", ITEMS[:20])
    assert (list(in_turn), loads) == (list(at_once), {})


def test_a_model_that_is_not_loaded_says_what_a_loaded_one_does(specs, tmp_path):
    request = Request(
        messages=({"role": "user", "content": "Hi"},), prefix="We", max_tokens=3, temperature=0.5
    )
    requests = (None, request, Request(prompt="It was", n=2))
    with open_roles(specs, OPTIONS, together="no") as engines:
        for role, spec in specs.items():
            engine = engines[role]
            with open_engine(spec, OPTIONS) as loaded:
                assert (engine.name, engine.context) == (loaded.name, loaded.context)
                assert engine.model_hash == loaded.model_hash
                assert [engine.identity(r) for r in requests] == [loaded.identity(r) for r in requests]
                counted = [asyncio.run(one.count(request)) for one in (engine, loaded)]
                assert counted[0] == counted[1]
                assert engine.details()["file"] == loaded.details()["file"]


def test_roles_of_one_model_share_it(specs, tmp_path):
    shared = {"generator": specs["left"], "judge": specs["left"], "critic": specs["right"]}
    with open_roles(shared, OPTIONS, together="no") as engines:
        assert engines["generator"] is engines["judge"]
        assert rotating(engines)
    with open_roles({"generator": specs["left"], "judge": specs["left"]}, OPTIONS, together="no") as engines:
        assert not rotating(engines)


def test_the_files_and_the_free_memory_decide_unless_told(specs, monkeypatch):
    assert room_for_all(list(specs.values()))
    assert 2**28 < free_memory_bytes() < 2**50
    with open_roles(specs, OPTIONS) as engines:
        assert not rotating(engines)
    monkeypatch.setattr(roles, "free_memory_bytes", lambda: 2**28)
    with open_roles(specs, OPTIONS) as engines:
        assert rotating(engines)


def test_an_adapter_of_several_models_is_refused(specs, tmp_path):
    options = EngineOptions(adapter=tmp_path / "a.gguf")
    with pytest.raises(UserError, match="belongs to one model"), open_roles(specs, options):
        pass


def test_a_context_no_model_knows_is_refused_before_anything_is_loaded(specs):
    options = EngineOptions(context=5000)
    with (
        pytest.raises(UserError, match="5,000 is more than the 512"),
        open_roles(specs, options, together="no"),
    ):
        pass


def test_a_model_that_is_missing_or_damaged_is_said_before_the_work(specs, tmp_path):
    (tmp_path / "bad.gguf").write_bytes(Path(specs["left"].partition(":")[2]).read_bytes()[:5000])
    for name, words in {"none.gguf": "no such model file", "bad.gguf": "truncated or damaged"}.items():
        with (
            pytest.raises(UserError, match=words),
            open_roles({**specs, "judge": f"llama:{tmp_path / name}"}, OPTIONS, together="no"),
        ):
            pass


def test_a_model_that_cannot_be_loaded_ends_the_run_with_its_reason(specs, tmp_path, monkeypatch):
    def opened(spec, options):
        if spec == specs["judge"]:
            raise UserError("out of memory", where=spec)
        return open_engine(spec, options)

    monkeypatch.setattr(roles, "open_engine", opened)
    with pytest.raises(UserError, match="out of memory"):
        outcomes_of(specs, tmp_path / "a", "no", ITEMS[:5])


def test_an_item_that_waits_for_something_else_does_not_hold_up_the_others_for_ever(specs, tmp_path):
    """Items that share a lock of their own: all but one wait neither for a model nor for anything we know."""
    lock = asyncio.Semaphore(1)

    async def one_by_one(item, team):
        async with lock:
            return await judged(item, team)

    rotation_engines = open_roles(specs, OPTIONS, together="no")
    with Journal(tmp_path / "a") as journal, rotation_engines as engines:
        rotation = next(iter(engines.values())).rotation
        rotation.patience_s = 0.02
        found = run(one_by_one, ITEMS[:3], engines, journal)
    assert len(found) == 3
    assert sum(rotation.loads.values()) >= 6


def test_requests_without_a_run_get_their_turns_too(specs):
    async def ask(engines):
        request = Request(prompt="It was", max_tokens=3)
        return await asyncio.gather(*(engines[role].generate(request) for role in (*specs, *specs)))

    with open_roles(specs, OPTIONS, together="no") as engines:
        found = asyncio.run(ask(engines))
        assert engines["left"].rotation.loads == {f"llama:{role}.gguf": 1 for role in specs}
    assert [completion.model for completion in found] == [f"llama:{role}.gguf" for role in specs] * 2


def test_a_cancelled_request_gives_its_turn_back(specs):
    async def ask(engines):
        waiting = [
            asyncio.create_task(engines[role].generate(Request(prompt="a", max_tokens=2))) for role in specs
        ]
        await asyncio.sleep(0)
        waiting[0].cancel()
        return await asyncio.gather(*waiting, return_exceptions=True)

    with open_roles(specs, OPTIONS, together="no") as engines:
        first, *others = asyncio.run(ask(engines))
    assert isinstance(first, asyncio.CancelledError)
    assert [completion.model for completion in others] == ["llama:right.gguf", "llama:judge.gguf"]


def test_an_empty_rotation_closes():
    Rotation().close()
