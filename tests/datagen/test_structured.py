"""A value of a schema from any engine: the JSON in a text, the three modes, the retries and their replay."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import string
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_engine import CUT_OFF, ScriptedEngine, sample

from datagen.engines import Completion, PromptTooLongError, Request
from datagen.engines.probing.card import Card, Fact, keep_card
from datagen.engines.probing.json_text import Found, begins_json, find_json
from datagen.engines.probing.structured import BREAKS_SCHEMA, NOT_JSON, structured, structured_samples
from datagen.engines.probing.structured import CUT_OFF as CUT
from datagen.runs.journal import Journal
from datagen.runs.run import Rejected, run
from datagen.runs.team import Team
from schemas import UserError

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "integer", "minimum": 1}},
    "required": ["answer"],
    "additionalProperties": False,
}
ASKED = Request(messages=({"role": "user", "content": "How many?"},))

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
scalars |= st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
containers = values.filter(lambda value: isinstance(value, list | dict))
prose = st.text(string.ascii_letters + string.digits + " .,:;!?'\"-()\n`äé中", max_size=40)


# ---- the JSON in a text ----


@given(prose, containers, prose, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=400)
def test_a_value_is_found_again_in_any_prose(before, value, after, indent, ascii_only) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert find_json(f"{before}{text}{after}").values == (value,)


@given(values)
def test_a_value_that_stands_alone_is_found_whatever_it_is(value) -> None:
    assert find_json(f" {json.dumps(value)}\n").values == (value,)
    assert find_json(f"```json\n{json.dumps(value, indent=2)}\n```").values == (value,)


@given(containers, st.data())
def test_a_value_that_is_cut_off_is_none_and_none_of_its_parts(value, data) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    assert find_json(f"Here: {cut}", cut_off=True) == Found(open=True)
    assert begins_json(cut, text[0])


@given(containers, containers)
def test_two_values_are_found_in_their_order(first, second) -> None:
    assert find_json(f"{json.dumps(first)} or rather {json.dumps(second)}").values == (first, second)


def strictly(text: str) -> tuple:
    """What the json module makes of a text that is an object or an array, and says nothing twice."""

    def distinct(pairs):
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key comes twice")
        return dict(pairs)

    value = json.loads(text, object_pairs_hook=distinct)
    return (value,) if isinstance(value, list | dict) else ()


def readable(text: str) -> Iterator:
    """Every value that some part of a text is."""
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            with contextlib.suppress(ValueError):
                yield json.loads(text[start:end])


@given(st.text(alphabet='{}[]",:\\ a1.-', max_size=25))
@settings(max_examples=300)
def test_brackets_at_random_are_json_only_where_the_json_module_says_so(text) -> None:
    forgiven = re.sub(r",\s*(?=[\]}])", "", text)
    try:
        expected = strictly(text)
    except ValueError:
        pieces = list(readable(forgiven))
        assert all(value in pieces for value in find_json(text).values)
    else:
        assert not expected or find_json(text).values == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', ({"a": 1},)),
        ("[1, 2, ]", ([1, 2],)),
        ('{"a": "two\nlines"}', ({"a": "two\nlines"},)),
        ('<think>{"draft": 1}</think>\n{"a": 2}', ({"a": 2},)),
        ('The draft {"draft": 1} was wrong.</think> {"a": 2}', ({"a": 2},)),
        ('{"a": "</think>"} is it', ({"a": "</think>"},)),
        ('Use { and [see below]: {name} is {"a": 1}', ({"a": 1},)),
        ('As [1] says: {"a": 1}', ([1], {"a": 1})),
        ('```json\n{"a": 1}\n```\nHope this helps!', ({"a": 1},)),
        ("4", (4,)),
        ("The answer is 4", ()),
    ],
)
def test_what_is_forgiven(text, expected) -> None:
    assert find_json(text).values == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1, b: {"x": 2}}', "broken at"),
        ("{'a': {\"x\": 1}}", "broken at"),
        ('{b: {"x": 2}}', "broken at"),
        ('{"a": 1, "a": 2}', "the key 'a' comes twice"),
        ('{"a": 1e999}', "too large"),
        ('{"a": 123456789012345678901234567890}', "does not fit 64 bits"),
        ('{"a": "\\ud800"}', "half a character"),
        ("[" * 1000 + "]" * 1000, "broken at"),
        ('<think>So, {"a": 1}', "never ends"),
    ],
)
def test_what_is_not_forgiven(text, fault) -> None:
    found = find_json(text)
    assert found.values == ()
    assert fault in found.fault


def test_a_number_cut_off_is_no_number() -> None:
    assert find_json("12", cut_off=True) == Found(open=True)
    assert find_json("12").values == (12,)


def test_a_text_of_brackets_takes_no_time() -> None:
    """Each of these is quadratic, or deep, for a finder that tries every bracket to the end."""
    for text in ("[" * 50_000, '{"a":' * 50_000, "{ " * 50_000, '["a" ' * 50_000, '"[' * 50_000):
        assert find_json(text).values == ()


# ---- the modes ----


class Answering:
    """An engine that says one answer after another, whatever it is asked, and keeps the requests."""

    name, model_hash, context = "answering", "1" * 64, None

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        samples = tuple(sample(self.answers.pop(0)) for _ in range(request.n))
        return Completion(samples, 1, sum(s.token_count for s in samples), 0.0, self.name)

    def identity(self, request: Request | None = None) -> dict:
        engine = {"engine": self.name}
        return engine if request is None else {**engine, "chat": request.messages, **request.sampling()}

    async def count(self, request: Request) -> None:
        return None

    def details(self) -> dict:
        return {}

    def close(self) -> None: ...

    __enter__ = ScriptedEngine.__enter__
    __exit__ = ScriptedEngine.__exit__
    __aenter__ = ScriptedEngine.__aenter__
    __aexit__ = ScriptedEngine.__aexit__


def card(**verdicts: str) -> Card:
    return Card("answering", None, tuple(Fact(name, verdict, "", "") for name, verdict in verdicts.items()))


ENFORCING = card(schema="yes", schema_think_off="no", json_mode="yes")
JSON_ONLY = card(schema="no", json_mode="yes")
NOTHING = card(schema="refused", json_mode="no")


def ask(engine, request=ASKED, schema=SCHEMA, card=None, **options):
    return asyncio.run(structured(engine, request, schema, card, **options))


def test_an_enforcing_engine_gets_the_schema_and_the_prompt_as_it_was() -> None:
    engine = Answering('{"answer": 4}')
    found = ask(engine, card=ENFORCING)
    assert (found.value, found.reason, found.mode, found.tries) == ({"answer": 4}, None, "enforced", 1)
    assert engine.requests[0].schema == SCHEMA
    assert engine.requests[0].messages == ASKED.messages


def test_json_mode_gets_the_schema_in_words_too() -> None:
    engine = Answering('{"answer": 4}')
    assert ask(engine, card=JSON_ONLY).mode == "json"
    request = engine.requests[0]
    assert request.json_object
    assert request.schema is None
    assert json.dumps(SCHEMA) in request.messages[-1]["content"]
    assert request.messages[-1]["content"].startswith("How many?")


def test_without_a_card_or_any_ability_the_schema_is_said_in_words() -> None:
    for known in (NOTHING, None):
        engine = Answering('Sure! {"answer": 4}. Anything else?')
        found = ask(engine, card=known)
        assert (found.value, found.mode) == ({"answer": 4}, "retry")
        assert not engine.requests[0].json_object
        assert engine.requests[0].schema is None


def test_json_mode_is_not_used_for_what_is_no_object() -> None:
    engine = Answering("4")
    found = ask(engine, schema={"type": "integer"}, card=JSON_ONLY)
    assert (found.value, found.mode) == (4, "retry")
    assert not engine.requests[0].json_object


def test_the_mode_is_that_of_the_way_the_request_thinks() -> None:
    """An engine that ignores schemas with thinking off is not trusted with them there."""
    engine = Answering('{"answer": 4}')
    assert ask(engine, replace(ASKED, think=False), card=ENFORCING).mode == "json"
    assert engine.requests[0].schema is None


def test_a_mode_can_be_demanded() -> None:
    assert ask(Answering('{"answer": 4}'), card=NOTHING, mode="enforced").mode == "enforced"


def test_an_engine_that_breaks_the_schema_it_enforces_is_not_believed() -> None:
    """Bounds of numbers are what converters drop: the value is checked whatever the card says."""
    found = ask(Answering('{"answer": 0}', '{"answer": 7}'), card=ENFORCING)
    assert (found.value, found.tries) == ({"answer": 7}, 2)


def test_a_raw_prompt_is_asked_in_the_same_way() -> None:
    engine = Answering("no", '{"answer": 4}')
    found = ask(engine, Request(prompt="How many?"))
    assert found.value == {"answer": 4}
    assert engine.requests[1].prompt.startswith(engine.requests[0].prompt + "no")


# ---- retries ----


@pytest.mark.parametrize(
    ("answer", "reason", "complaint"),
    [
        ("four", NOT_JSON, "there is no JSON in it"),
        ('{"answer": 4', NOT_JSON, "it ends too early"),
        ('{"answer": four}', NOT_JSON, "broken at"),
        ('{"answer": 0}', BREAKS_SCHEMA, "/answer 0 is less than the minimum of 1"),
        ('{"number": 4}', BREAKS_SCHEMA, "'answer' is a required property"),
        ('{"answer": 4' + CUT_OFF, CUT, "it was cut off after 2 tokens"),
        ("Well, let me think" + CUT_OFF, CUT, "it was cut off after 4 tokens"),
    ],
)
def test_the_model_is_told_what_is_wrong(answer: str, reason: str, complaint: str) -> None:
    engine = Answering(answer, '{"answer": 4}')
    assert ask(engine).value == {"answer": 4}
    said = engine.requests[1].messages
    assert said[:-2] == engine.requests[0].messages
    assert said[-2] == {"role": "assistant", "content": answer.removesuffix(CUT_OFF)}
    assert complaint in said[-1]["content"]
    given_up = ask(Answering(answer), attempts=1)
    assert (given_up.value, given_up.reason) == (None, reason)
    assert complaint in given_up.detail


def test_a_whole_value_before_an_endless_chatter_counts() -> None:
    found = ask(Answering('{"answer": 4} And now let me tell you' + CUT_OFF))
    assert (found.value, found.reason) == ({"answer": 4}, None)


def test_only_the_last_answer_and_its_fault_are_shown() -> None:
    engine = Answering("one", "two", "three")
    found = ask(engine, attempts=3)
    assert (found.reason, found.tries, found.ok) == (NOT_JSON, 3, False)
    assert [len(request.messages) for request in engine.requests] == [1, 3, 3]
    assert engine.requests[2].messages[1]["content"] == "two"


def test_every_try_has_seeds_of_its_own() -> None:
    for seeded in ({}, {"seed": 5}, {"seeds": (5,)}):
        engine = Answering("a", "b", "c")
        ask(engine, replace(ASKED, **seeded))
        assert len({request.sample_seeds for request in engine.requests}) == 3


def test_a_long_wrong_answer_is_shown_in_part() -> None:
    engine = Answering("x " * 5000, '{"answer": 4}')
    ask(engine)
    assert len(engine.requests[1].messages[-2]["content"]) < 2100


def test_a_complaint_that_does_not_fit_ends_the_tries() -> None:
    class Small(Answering):
        async def generate(self, request: Request) -> Completion:
            if len(request.messages) > 1:
                raise PromptTooLongError("too long")
            return await super().generate(request)

    found = ask(Small("four"))
    assert (found.reason, found.tries) == (NOT_JSON, 1)


def test_null_can_be_a_value() -> None:
    found = ask(Answering("null"), schema={"type": "null"})
    assert found.value is None
    assert found.ok


@pytest.mark.parametrize(
    ("request_", "schema", "words"),
    [
        (replace(ASKED, n=2), SCHEMA, "structured_samples"),
        (replace(ASKED, json_object=True), SCHEMA, "its schema apart"),
        (replace(ASKED, prefix="{"), SCHEMA, "no prefix"),
        (ASKED, {"type": "objekt"}, "does not compile"),
        (ASKED, {"$ref": "http://example.com/x.json"}, "http://example.com/x.json"),
        (ASKED, {"$ref": "#/$defs/missing"}, "does not compile"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_asking(request_, schema, words) -> None:
    engine = Answering()
    with pytest.raises(UserError, match=words):
        ask(engine, request_, schema)
    assert engine.requests == []


def test_of_several_samples_only_those_that_failed_are_asked_for_again() -> None:
    engine = Answering('{"answer": 1}', "two", '{"answer": 3}', '{"answer": 0}', '{"answer": 2}', "four")
    asked = replace(ASKED, n=4)
    found = asyncio.run(structured_samples(engine, asked, SCHEMA, attempts=2))
    assert [(each.value or {}).get("answer") for each in found] == [1, 2, 3, None]
    assert [each.tries for each in found] == [1, 2, 1, 2]
    assert [request.n for request in engine.requests] == [4, 1, 1]
    seeds = [seed for request in engine.requests for seed in request.sample_seeds]
    assert len(set(seeds)) == 6


# ---- in a run ----


async def recipe(item, team: Team):
    found = await structured(team, Request(messages=({"role": "user", "content": item["text"]},)), SCHEMA)
    if not found.ok:
        return Rejected(found.reason, found.detail)
    return {"text": json.dumps(found.value), "tries": found.tries, "mode": found.mode}


ITEMS = [{"id": "a", "text": "first"}, {"id": "b", "text": "second"}]


def outcomes(engine: Answering, journal: Journal, version: str = "1") -> list:
    found = run(recipe, ITEMS, engine, journal, concurrency=1, version=version)
    return [(outcome.row, outcome.reason) for outcome in found]


def test_a_replay_asks_nobody_and_finds_the_same(tmp_path) -> None:
    answers = ("oops", '{"answer": 4}', "no", "no", "no")
    engine = Answering(*answers)
    with Journal(tmp_path / "run.journal") as journal:
        keep_card(NOTHING, engine, journal)
        first = outcomes(engine, journal)
        assert first == [({"text": '{"answer": 4}', "tries": 2, "mode": "retry"}, None), (None, NOT_JSON)]
        assert engine.answers == []
        # Another version of the recipe runs again, from recorded completions alone.
        assert outcomes(engine, journal, version="2") == first
        assert len(engine.requests) == len(answers)


def test_a_run_that_died_between_two_tries_asks_only_for_the_second(tmp_path) -> None:
    class Dying(Answering):
        async def generate(self, request: Request) -> Completion:
            if not self.answers:
                raise ConnectionError("gone")
            return await super().generate(request)

    with Journal(tmp_path / "run.journal") as journal:
        keep_card(NOTHING, Answering(), journal)
        with pytest.raises(ConnectionError):
            outcomes(Dying("oops"), journal)
        again = Answering('{"answer": 4}', '{"answer": 5}')
        rows = [row for row, _ in outcomes(again, journal)]
    assert [row["text"] for row in rows] == ['{"answer": 4}', '{"answer": 5}']
    assert [len(request.messages) for request in again.requests] == [3, 1]


@pytest.mark.parametrize(
    ("known", "mode"), [(ENFORCING, "enforced"), (JSON_ONLY, "json"), (NOTHING, "retry")]
)
def test_the_card_kept_with_the_run_decides(tmp_path, known: Card, mode: str) -> None:
    engine = Answering('{"answer": 4}', '{"answer": 5}')
    with Journal(tmp_path / "run.journal") as journal:
        keep_card(known, engine, journal)
        assert {row["mode"] for row, _ in outcomes(engine, journal)} == {mode}
