"""The probe against an honest engine and against liars: every lie is found, and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from engine_lies import LIES, Liar, changed, ignores_schemas
from honest_engine import HonestEngine, forever, instance
from scripted_engine import ScriptedEngine
from tiny_gguf import CHATML, write_tiny_gguf

from datagen.engines import Completion, Request, Sample
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.probing.asker import GREETING
from datagen.engines.probing.card import META, Card, Fact, held_card, in_words, keep_card
from datagen.engines.probing.facts import FACTS, furthest
from datagen.engines.probing.probe import card_for, probe
from datagen.engines.probing.structured import structured
from datagen.runs.journal import Journal
from datagen.runs.run import Rejected, run
from schemas import UserError

DROPS_SYSTEM = "{% for message in messages %}{% if message['role'] != 'system' %}" + CHATML.replace(
    "{% for message in messages %}", ""
).replace("{% endfor %}", "{% endif %}{% endfor %}")
REFUSES_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + CHATML
)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    path = write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", seed=4)
    with LlamaCppEngine(path, threads=1, width=4) as engine:
        yield engine


@pytest.fixture(scope="module")
def honest_card(real) -> Card:
    return asyncio.run(probe(HonestEngine(real), rng=random.Random(0)))


def verdict(engine, name: str, **options) -> str:
    card = asyncio.run(probe(engine, [name], rng=random.Random(1), **options))
    return card.facts[0].verdict


# ---- honesty ----


@pytest.mark.parametrize("name", [name for name in FACTS if name != "thinks"])
def test_an_honest_engine_is_believed(honest_card: Card, name: str) -> None:
    fact = honest_card.fact(name)
    assert fact.verdict == "yes", fact
    assert fact.asked
    assert fact.came
    assert fact.seconds >= 0


def test_a_model_that_does_not_think_by_itself_is_said_not_to(honest_card: Card) -> None:
    assert honest_card.fact("thinks").verdict == "no"


def test_a_probe_costs_a_bounded_number_of_tokens(honest_card: Card) -> None:
    assert 0 < honest_card.tokens < 1200


def test_the_verdict_on_llama_cpp_is_what_llama_cpp_does(real) -> None:
    """Asked apart from the probe: is a word that no model can guess written under its schema?"""
    word = "q8zk3v0xw1"
    schema = {
        "type": "object",
        "properties": {"word": {"const": word}},
        "required": ["word"],
        "additionalProperties": False,
    }
    asked = Request(messages=({"role": "user", "content": "hello"},), schema=schema, max_tokens=64)
    text = asyncio.run(real.generate(asked)).text
    try:
        enforced = json.loads(text) == {"word": word}
    except ValueError:
        enforced = False
    assert (verdict(real, "schema") == "yes") == enforced


@pytest.mark.parametrize(
    "name", ["system", "n", "seeds", "logprobs", "stop", "max_tokens", "prefix", "context"]
)
def test_llama_cpp_itself_does_what_it_should(real, name: str) -> None:
    assert verdict(real, name) == "yes"


# ---- liars ----


@pytest.mark.parametrize(("lie", "names"), LIES, ids=[lie.__name__ for lie, _ in LIES])
def test_a_lie_is_found(real, honest_card: Card, lie, names: tuple[str, ...]) -> None:
    found = asyncio.run(probe(Liar(real, lie), names, rng=random.Random(2)))
    assert {fact.name: fact.verdict for fact in found.facts} == dict.fromkeys(names, "no")
    assert all(honest_card.holds(name) for name in names), "the same question, asked of the honest engine"


def test_a_liar_about_one_thing_is_believed_about_all_others(real, honest_card: Card) -> None:
    found = asyncio.run(probe(Liar(real, ignores_schemas), rng=random.Random(0)))
    denied = {"schema", "schema_ranges", "schema_think_off", "schema_think_on"}
    assert {
        fact.name for fact in found.facts if fact.verdict != honest_card.fact(fact.name).verdict
    } == denied


@dataclass
class Tempered(HonestEngine):
    """Reports alternatives as they are after the temperature."""

    real: LlamaCppEngine

    def __post_init__(self) -> None:
        self.requests = []

    def distribution(self, request, sample, temperature=1.0):
        return super().distribution(request, sample, request.temperature or 1.0)


def test_alternatives_that_follow_the_temperature_are_found(real) -> None:
    assert verdict(Tempered(real), "top_logprobs") == "no"


@pytest.mark.parametrize(
    ("cold", "hot", "apart"),
    [
        ([("a", -1.0), ("b", -2.0)], [("a", -1.0), ("b", -2.0)], 0.0),
        ([("a", -1.0), ("b", -2.0)], [("a", -1.2), ("b", -1.9)], 0.2),
        ([("a", -1.0), ("\ufffd", -2.0)], [("\ufffd", -0.5), ("a", -1.0), ("c", -3.0)], 0.0),
        ([("\ufffd", -1.0)], [("\ufffd", -2.0)], 1.0),
        ([("\ufffd", -1.0)], [("\ufffd", -1.0), ("a", -2.0)], None),
    ],
)
def test_alternatives_are_compared_by_their_text(cold, hot, apart) -> None:
    assert furthest(cold, hot) == (None if apart is None else pytest.approx(apart))


@pytest.mark.parametrize(("template", "expected"), [(DROPS_SYSTEM, "no"), (REFUSES_SYSTEM, "refused")])
def test_a_template_without_system_messages_is_found(tmp_path, template: str, expected: str) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", chat_template=template)
    with LlamaCppEngine(path, threads=1, width=2) as engine:
        assert verdict(engine, "system") == expected


def test_a_model_without_chats_is_asked_in_plain_text(tmp_path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", chat_template=None)
    with LlamaCppEngine(path, threads=1, width=2) as engine:
        card = asyncio.run(probe(engine, ["system", "n", "seeds", "stop", "prefix", "context"]))
    assert [fact.verdict for fact in card.facts] == ["no", *["yes"] * 5]


class Thinker(HonestEngine):
    """Thinks unless told not to, as long as it is let."""

    separated = True

    async def generate(self, request: Request) -> Completion:
        found = await super().generate(request)
        if request.think is False or request.schema is not None or request.think:
            return found
        apart = {"text": "", "reasoning": "Hm."}
        return changed(found, **apart if self.separated else {"text": "<think>Hm.", "reasoning": None})


@pytest.mark.parametrize("separated", [True, False])
def test_a_thinking_model_is_told_not_to_where_it_would_spoil_the_question(real, separated: bool) -> None:
    engine = Thinker(real)
    engine.separated = separated
    card = asyncio.run(probe(engine, rng=random.Random(0)))
    assert [fact.name for fact in card.facts if fact.verdict != "yes"] == []
    assert card.fact("thinks").value == int(separated)
    words = "thoughts come apart" if separated else "thoughts are part of its text"
    assert any(words in sentence for sentence in in_words(card))


class Brooder(HonestEngine):
    """Thinks so long that a short answer never begins, and cannot be kept from it."""

    async def generate(self, request: Request) -> Completion:
        if request.think is False:
            raise UserError("thinking cannot be switched off", where=self.name)
        found = await super().generate(request)
        if request.schema is not None and (request.max_tokens or 0) > 200:
            return changed(found, reasoning="At last.")
        return replace(
            found,
            samples=tuple(
                replace(each, text="", reasoning=each.text, finish_reason="length") for each in found.samples
            ),
        )


def test_a_model_that_only_thinks_is_not_accused_of_what_cannot_be_told(real) -> None:
    card = asyncio.run(probe(Brooder(real), rng=random.Random(0)))
    verdicts = {fact.name: fact.verdict for fact in card.facts}
    assert verdicts["think_off"] == verdicts["schema_think_off"] == "refused"
    assert [verdicts[name] for name in ("n", "seeds", "max_tokens", "schema")] == ["yes"] * 4
    assert verdicts["stop"] == verdicts["json_mode"] == "unknown"
    assert "Its thinking cannot be switched off" in " ".join(in_words(card))


# ---- refusals, deaths, silence ----


def test_what_is_refused_is_a_fact(real) -> None:
    async def refuses(ask, request):
        if request.logprobs:
            raise UserError("this server has no logprobs", where="server")
        return await ask(request)

    fact = asyncio.run(probe(Liar(real, refuses), ["logprobs"])).facts[0]
    assert (fact.verdict, fact.came) == ("refused", "refused: server: this server has no logprobs")
    assert "logprobs" in fact.asked


def test_an_error_of_the_engine_is_a_fact_as_long_as_it_lives(real) -> None:
    async def breaks(ask, request):
        if request.schema is not None:
            raise RuntimeError("status 500")
        return await ask(request)

    card = asyncio.run(probe(Liar(real, breaks), ["schema", "seeds"]))
    assert [fact.verdict for fact in card.facts] == ["refused", "yes"]
    assert "RuntimeError: status 500" in card.facts[0].came


@pytest.mark.parametrize("lives_for", [0, 1, 5, 9])
def test_a_dead_engine_is_an_error(real, lives_for: int) -> None:
    answered = 0

    async def dies(ask, request):
        nonlocal answered
        answered += 1
        if answered > lives_for:
            raise UserError("the server does not answer", where="http://127.0.0.1:1")
        return await ask(request)

    with pytest.raises(UserError, match="the server does not answer"):
        asyncio.run(probe(Liar(real, dies)))


def test_an_answer_that_never_comes_is_unknown(real) -> None:
    async def hangs(ask, request):
        if request.prefix:
            await forever()
        return await ask(request)

    fact = asyncio.run(probe(Liar(real, hangs), ["prefix"], deadline_s=0.2)).facts[0]
    assert (fact.verdict, fact.came) == ("unknown", "no answer within 0.2 s")


def test_an_engine_that_never_answers_again_is_an_error(real) -> None:
    async def hangs_for_good(ask, request):
        if request.n == 4 or hung:
            hung.append(request)
            await forever()
        return await ask(request)

    hung: list[Request] = []
    with pytest.raises(UserError, match="not even to a greeting"):
        asyncio.run(probe(Liar(real, hangs_for_good), ["n"], deadline_s=0.2))


def test_an_unknown_fact_is_refused_by_the_nearest_name(real) -> None:
    with pytest.raises(UserError, match="logprobs"):
        asyncio.run(probe(real, ["logprob"]))


def test_progress_tells_each_fact(real) -> None:
    told: list[tuple[str, int, int]] = []
    asyncio.run(probe(HonestEngine(real), report=lambda *state: told.append(state)))
    assert [name for name, _, _ in told[1:-1]] == list(FACTS)
    assert told[-1] == ("", len(FACTS), len(FACTS))


# ---- the card ----


def test_a_card_comes_back_from_json(honest_card: Card) -> None:
    assert Card.from_dict(json.loads(json.dumps(honest_card.as_dict()))) == honest_card


def test_a_card_is_asked_for_once_a_run_and_again_for_another_engine(real, tmp_path) -> None:
    engine = HonestEngine(real)
    with Journal(tmp_path / "run.journal") as journal:
        card = asyncio.run(card_for(engine, journal))
        asked = len(engine.requests)
        assert asyncio.run(card_for(engine, journal)) == card
        assert len(engine.requests) == asked
    with (
        LlamaCppEngine(real.path, threads=1, width=4, context=256) as other,
        Journal(tmp_path / "run.journal") as journal,
    ):
        assert held_card(engine, journal) == card
        assert held_card(other, journal) is None
        again = asyncio.run(card_for(HonestEngine(other), journal))
        assert again.fact("context").value == 256
        assert held_card(engine, journal) == card


def test_a_card_of_another_version_is_not_used(real, tmp_path) -> None:
    engine = ScriptedEngine({})
    with Journal(tmp_path / "run.journal") as journal:
        keep_card(Card("scripted", None, (), version=0), engine, journal)
        assert held_card(engine, journal) is None


def card(**verdicts: str) -> Card:
    return Card("e", 4096, tuple(Fact(name, verdict, "", "came") for name, verdict in verdicts.items()))


@pytest.mark.parametrize(
    ("verdicts", "modes"),
    [
        ({"schema": "yes", "schema_think_off": "no", "json_mode": "yes"}, ["enforced", "json", "json"]),
        ({"schema": "yes", "schema_think_on": "yes"}, ["enforced", "retry", "enforced"]),
        ({"schema": "unknown", "json_mode": "yes"}, ["json", "json", "json"]),
        ({"schema": "refused", "json_mode": "refused"}, ["retry", "retry", "retry"]),
        ({}, ["retry", "retry", "retry"]),
    ],
)
def test_facts_decide_how_to_ask(verdicts: dict[str, str], modes: list[str]) -> None:
    assert [card(**verdicts).mode(think) for think in (None, False, True)] == modes


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ({"schema": "yes"}, "Schemas are enforced while the answer is written."),
        ({"schema": "no", "json_mode": "yes"}, "answers come in JSON mode"),
        ({"schema": "no"}, "they are said in words"),
        ({"schema": "yes", "schema_think_off": "no"}, "But with thinking off they are not."),
        ({"schema": "no", "schema_think_on": "yes"}, "But after thinking they are."),
        ({"context": "yes"}, "Prompts over 4,096 tokens will be refused, never cut."),
        ({"context": "no"}, "Prompts over 4,096 tokens are NOT refused: came."),
        ({"seeds": "no"}, "A seed does not bring the same text again"),
        ({"thinks": "yes", "think_off": "no"}, "Its thinking cannot be switched off"),
    ],
)
def test_facts_are_told_in_words(verdicts: dict[str, str], sentence: str) -> None:
    assert sentence in " ".join(in_words(card(**verdicts)))


def test_what_works_is_not_talked_about() -> None:
    assert in_words(card(seeds="yes", n="yes", stop="yes", logprobs="unknown")) == []


# ---- a run ----


async def words(item, team):
    schema = {"type": "object", "properties": {"word": {"enum": ["a", "b"]}}, "required": ["word"]}
    asked = Request(messages=({"role": "user", "content": item["text"]},), max_tokens=8)
    found = await structured(team, asked, schema, attempts=1)
    return {"mode": found.mode} if found.ok else Rejected(found.reason, found.mode)


ITEMS = [{"id": f"item-{index}", "text": f"say {index}"} for index in range(12)]


def test_a_run_that_wants_schemas_probes_its_engine_once_and_keeps_the_card(real, tmp_path: Path) -> None:
    engine = HonestEngine(real)
    with Journal(tmp_path / "run.journal") as journal:
        outcomes = run(words, ITEMS, engine, journal, concurrency=12)
        assert {outcome.row["mode"] for outcome in outcomes} == {"enforced"}
        greetings = [request for request in engine.requests if request.messages[-1]["content"] == GREETING]
        asked = len(engine.requests)
        assert len(asyncio.run(probe(engine)).facts) == len(FACTS)
        assert len(engine.requests) - asked == asked - len(ITEMS), "as many as one probe asks"
        assert greetings
        asked = len(engine.requests)
        again = run(words, ITEMS, engine, journal, version="another")
        assert [outcome.row for outcome in again] == [outcome.row for outcome in outcomes]
        assert len(engine.requests) == asked
    with Journal(tmp_path / "run.journal") as journal:
        (kept,) = journal.meta(META).values()
    assert [fact["name"] for fact in kept["facts"]] == list(FACTS)


def test_a_run_on_an_engine_that_enforces_nothing_does_not_believe_it(real, tmp_path: Path) -> None:
    with Journal(tmp_path / "run.journal") as journal:
        outcomes = run(words, ITEMS, Liar(real, ignores_schemas), journal)
    assert {outcome.detail for outcome in outcomes} == {"json"}


def test_a_run_that_wants_no_schemas_probes_nobody(real, tmp_path: Path) -> None:
    async def plain(item, team):
        return {"text": (await team.chat([{"role": "user", "content": item["text"]}], max_tokens=4)).text}

    engine = HonestEngine(real)
    with Journal(tmp_path / "run.journal") as journal:
        run(plain, ITEMS, engine, journal)
        assert journal.meta(META) is None
    assert len(engine.requests) == len(ITEMS)


def test_the_values_of_the_honest_engine_follow_the_schema() -> None:
    """The double is checked too, by jsonschema."""
    import jsonschema

    parts = {"a": {"const": "x"}, "b": {"type": "integer", "minimum": 3, "maximum": 5}}
    schema = {"type": "object", "properties": parts, "required": ["a", "b"], "additionalProperties": False}
    for seed in range(20):
        jsonschema.Draft202012Validator(schema).validate(instance(schema, random.Random(seed)))


def test_a_sample_without_tokens_counts_by_what_is_reported() -> None:
    assert Sample("a b", (), "stop", token_count=2).token_count == 2
