"""Answers under a JSON Schema by a random model, which writes what a mask lets through; jsonschema judges."""

from __future__ import annotations

import json
import random
import sys

import jsonschema
import numpy as np
import pytest
from tiny_gguf import Shape, reference_logits, write_tiny_gguf

from datagen.engines import Request, generate_all
from datagen.engines.constrained.constraint import Rules, guidance
from datagen.engines.constrained.json_schema import narrowed
from datagen.engines.llama.binding import Model
from datagen.engines.llama.engine import LlamaCppEngine
from schemas import UserError

DIGIT = {"type": "integer", "minimum": 0, "maximum": 9}
SHARP = Shape(layers=2, width=64)


def field(**schema) -> dict:
    """An object with one required property, which follows `schema`."""
    return {"type": "object", "properties": {"x": schema}, "required": ["x"]}


def record(**properties) -> dict:
    return {"type": "object", "properties": properties, "required": list(properties)}


def of(kind: str, **more) -> dict:
    return {"type": kind, **more}


ENFORCED = {
    "types": field(type=["string", "null", "boolean"], maxLength=3),
    "lengths of text": field(type="string", minLength=3, maxLength=6),
    "an anchored pattern": field(type="string", pattern="^[a-c]{2,5}-\\d{3}$"),
    "a pattern inside a text": field(type="string", pattern="a[bc]", maxLength=6),
    "a pattern with lengths": field(type="string", pattern="^[a-z]+$", minLength=3, maxLength=6),
    "alternatives in a pattern": field(type="string", pattern="^a|b$", maxLength=4),
    "any character of a pattern": field(type="string", pattern="^.{3}$"),
    "classes of a pattern": field(type="string", pattern="^\\w\\s\\d\\W\\S\\D$"),
    "classes in sets of a pattern": field(type="string", pattern="^[\\s.][^\\w][^\\s][\\D][\\d-][^\\d]$"),
    "signs in sets of a pattern": field(type="string", pattern="^[a&b][+-][(][~a][:{]$"),
    "escapes of a pattern": field(type="string", pattern="^\\u00e9\\x41\\/\\t[\\]]$"),
    "integers": field(type="integer"),
    "a range of integers": field(type="integer", minimum=-3, maximum=117),
    "exclusive bounds": field(type="integer", exclusiveMinimum=0, exclusiveMaximum=10),
    "broken bounds of integers": field(type="integer", minimum=0.5, maximum=9.5),
    "multiples": field(type="integer", multipleOf=7, minimum=-50, maximum=1000),
    "numbers": field(type="number"),
    "a range of numbers": field(type="number", minimum=-2.5, maximum=1000),
    "exclusive bounds of numbers": field(type="number", exclusiveMinimum=0, exclusiveMaximum=1),
    "one bound": field(type="number", minimum=5),
    "multiples of a quarter": field(type="number", multipleOf=0.25, minimum=0, maximum=10),
    "enum": field(enum=["a", 1, None, {"k": [1, 2]}, 1.5, True]),
    "enum with other keywords": field(enum=["aa", "bb", "ab", 5, 9], pattern="^a", maximum=5),
    "const": field(const={"b": 1, "a": "ü\n\"\\"}),
    "items": field(type="array", items=DIGIT, minItems=2, maxItems=4),
    "no items named": field(type="array", maxItems=2),
    "first items": field(type="array", prefixItems=[DIGIT], items=of("null"), minItems=3, maxItems=4),
    "only first items": field(type="array", prefixItems=[DIGIT, of("boolean")], items=False),
    "uniqueItems false": field(type="array", items=DIGIT, maxItems=3, uniqueItems=False),
    "optional properties": {**record(y=of("null"), z={"const": 1}, x=of("boolean")), "required": ["z"]},
    "no other properties": {**field(type="boolean"), "additionalProperties": False},
    "other properties of a kind": {**field(type="null"), "additionalProperties": DIGIT},
    "required but not listed": {"type": "object", "required": ["y"], "additionalProperties": of("boolean")},
    "properties by pattern": {
        "type": "object", "patternProperties": {"^a\\d$": DIGIT}, "additionalProperties": False
    },
    "the most properties": {"type": "object", "additionalProperties": of("null"), "maxProperties": 2},
    "the fewest properties": {**field(type="boolean"), "minProperties": 1},
    "names with signs": {"type": "object", "properties": {'a"b\né': of("boolean")}, "required": ['a"b\né']},
    "allOf": {
        "allOf": [
            field(type="integer", minimum=0),
            {"properties": {"x": {"maximum": 9}}, "additionalProperties": False},
        ]
    },
    "allOf of texts": field(allOf=[of("string", pattern="^a"), {"pattern": "b$"}, {"maxLength": 5}]),
    "anyOf": field(anyOf=[DIGIT, of("null")]),
    "anyOf beside keywords": field(type="string", maxLength=3, anyOf=[{"minLength": 2}, {"pattern": "^a"}]),
    "oneOf of other types": field(oneOf=[of("boolean"), of("null")]),
    "oneOf told by a const": field(
        oneOf=[
            {**record(kind={"const": "a"}, v=of("boolean")), "additionalProperties": False},
            {**record(kind={"const": "b"}, v=of("null")), "additionalProperties": False},
        ]
    ),
    "$ref": {"$defs": {"a/b~c d": DIGIT}, **field(**{"$ref": "#/$defs/a~1b~0c%20d"})},
    "$ref beside keywords": {"$defs": {"t": of("integer")}, **field(**{"$ref": "#/$defs/t", "maximum": 7})},
    "recursion by $defs": {
        "$defs": {"t": record(v=DIGIT, c=of("array", items={"$ref": "#/$defs/t"}, maxItems=1))},
        "$ref": "#/$defs/t",
    },
    "recursion by the root": field(anyOf=[{"$ref": "#"}, of("null")]),
    "draft 7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"d": DIGIT},
        **field(type="array", items=[{"$ref": "#/definitions/d"}], additionalItems=False, minItems=1),
    },
    "no types": field(minimum=-5, maximum=5, maxLength=3, maxItems=2, maxProperties=0),
    "anything": field(),
    "an optional part nothing can fill": {**field(type="integer", minimum=5, maximum=3), "required": []},
    "date": field(type="string", format="date"),
    "date-time": field(type="string", format="date-time"),
    "email": field(type="string", format="email"),
    "hostname": field(type="string", format="hostname"),
    "ipv4": field(type="string", format="ipv4"),
    "ipv6": field(type="string", format="ipv6"),
    "uuid": field(type="string", format="uuid"),
    "duration": field(type="string", format="duration"),
}  # fmt: skip
"""What must hold, under schemas that name it."""

REFUSED = {
    "uniqueItems": (field(type="array", uniqueItems=True), "/properties/x/uniqueItems", "'uniqueItems'"),
    "contains": (field(contains={"const": 1}), "/properties/x/contains", "'contains'"),
    "not": (field(**{"not": of("string")}), "/properties/x/not", "'not'"),
    "if": ({"if": {}, "then": {}}, "/if", "'if'"),
    "propertyNames": ({"propertyNames": {"pattern": "a"}}, "/propertyNames", "'propertyNames'"),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, "/dependentRequired", "'dependentRequired'"),
    "unevaluatedProperties": ({"unevaluatedProperties": False}, "/unevaluatedProperties", "'unevaluatedP"),
    "contentEncoding": (field(contentEncoding="base64"), "/properties/x/contentEncoding", "'contentEnc"),
    "nullable": (field(type="string", nullable=True), "/properties/x/nullable", 'add "null"'),
    "a misspelt keyword": (field(maxlength=3), "/properties/x/maxlength", "did you mean 'maxLength'?"),
    "an unknown format": (field(format="colour"), "/properties/x/format", "'colour'"),
    "a format with a pattern": (field(format="date", pattern="^2"), "/properties/x/format", "together"),
    "looking around": (field(pattern="^(?=a)b"), "/properties/x/pattern", "looks around"),
    "a word boundary": (field(pattern="\\bfoo"), "/properties/x/pattern", "word boundary"),
    "a back reference": (field(pattern="^(a|b)\\1$"), "/properties/x/pattern", "refers back"),
    "flags": (field(pattern="^(?i)a$"), "/properties/x/pattern", "flags"),
    "no regex at all": (field(pattern="["), "/properties/x/pattern", "not a JSON Schema"),
    "bounds of draft 4": (field(exclusiveMinimum=True), "/properties/x/exclusiveMinimum", "not a JSON"),
    "an unknown type": (field(type="text"), "/properties/x/type", "not a JSON Schema"),
    "a const of 30 digits": (field(const=10**30), "/properties/x/const", "same number"),
    "a bound of 1e20": (field(type="number", minimum=1e20), "/properties/x/minimum", "same number"),
    "no value at all": (field(type="integer", minimum=5, maximum=3), "/properties/x", "greater than"),
    "overlapping oneOf": (field(oneOf=[{"enum": [1, 2]}, {"enum": [2, 3]}]), "/properties/x", "oneOf"),
    "minProperties of others": ({"type": "object", "minProperties": 2}, "/minProperties", "required"),
    "a reference to nothing": (field(**{"$ref": "#/$defs/t"}), "/properties/x/$ref", "leads nowhere"),
    "a reference elsewhere": (field(**{"$ref": "http://example.com/x"}), "/properties/x/$ref", "leads out"),
    "an endless reference": ({"$defs": {"t": {"$ref": "#/$defs/t"}}, "$ref": "#/$defs/t"}, "/", "itself"),
    "an endless object": (record(n={"$ref": "#"}), "/", "requires itself"),
    "an unknown draft": ({"$schema": "http://example.com/draft"}, "/$schema", "unknown draft"),
    "false": (False, "/", "no value"),
}  # fmt: skip
"""What cannot be held to: (schema, JSON pointer, words of the sentence)."""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", SHARP, seed=5)


@pytest.fixture(scope="module")
def model(path):
    model = Model(path)
    yield model
    model.close()


@pytest.fixture(scope="module")
def rules(model):
    return Rules(model)


@pytest.fixture(scope="module")
def engine(path):
    with LlamaCppEngine(path, threads=1, width=8, context=512) as engine:
        yield engine


def written(rule, model, rng: np.random.Generator, longest: int = 250) -> str | None:
    """An answer of random tokens among those allowed, a closing one now and then; None when too long."""
    constraint = rule.start()
    tokens = constraint.forced()
    while not constraint.complete:
        if len(tokens) > longest:
            return None
        bits = np.frombuffer(constraint.matcher.compute_bitmask(), np.uint8)
        allowed = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
        closing = [t for t in allowed if model.piece(int(t))[:1] in (b'"', b"}", b"]") or t in model.ends]
        token = int(rng.choice(closing if closing and rng.random() < 0.3 else allowed))
        if token in model.ends:
            break
        tokens += [token, *constraint.push(token)]
    return b"".join(model.piece(token) for token in tokens).decode()


@pytest.mark.parametrize("name", ENFORCED)
def test_what_a_mask_lets_through_is_valid(name, rules, model):
    schema = ENFORCED[name]
    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    judge = kind(schema, format_checker=jsonschema.FormatChecker())
    rule, rng = rules.rule(schema), np.random.default_rng(1)
    answers = [written(rule, model, rng) for _ in range(40)]
    finished = [answer for answer in answers if answer is not None]
    assert len(finished) > 20
    assert [answer for answer in finished if not judge.is_valid(json.loads(answer))] == []
    assert all(rule.holds(answer) for answer in finished)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_enforced_is_refused_by_name_and_place(name, rules):
    schema, place, words = REFUSED[name]
    with pytest.raises(UserError) as refusal:
        rules.rule(schema)
    assert str(refusal.value).startswith(f"schema at '{place}': ")
    assert words in str(refusal.value)


def test_annotations_change_nothing(rules):
    plain = field(type="boolean")
    told = {"title": "T", "description": "D", **plain, "examples": [{"x": True}], "x-note": {"anything": 1}}
    told["properties"] = {"x": {"type": "boolean", "default": True, "deprecated": False, "$comment": "c"}}
    assert narrowed(told) == narrowed(plain)


def test_29_february_is_a_date_in_leap_years_alone(rules, model):
    rule = rules.rule(of("string", format="date"))

    def allowed(day: str) -> bool:
        tokens = model.tokenize(json.dumps(day), beginning=False, special=False)
        return rule.start().matcher.validate_tokens(tokens) == len(tokens)

    dates = ["2024-02-29", "2000-02-29", "2023-02-29", "1900-02-29", "2023-04-31", "2023-12-31"]
    assert [allowed(day) for day in dates] == [True, True, False, False, False, True]


@pytest.mark.parametrize("seed", range(2))
def test_finished_rows_of_five_schemas_are_valid(engine, seed):
    requests = [
        Request(prompt="A row:", n=3, max_tokens=180, seed=seed * 100 + i, schema=schema, temperature=1.5)
        for i, schema in enumerate(five_schemas().values())
    ]
    for request, completion in zip(requests, generate_all(engine, requests), strict=True):
        judge = jsonschema.Draft202012Validator(request.schema, format_checker=jsonschema.FormatChecker())
        reasons = [sample.finish_reason for sample in completion.samples]
        assert set(reasons) <= {"stop", "length"}
        assert "stop" in reasons
        for sample in completion.samples:
            assert sample.finish_reason == "length" or judge.is_valid(json.loads(sample.text))


def five_schemas() -> dict[str, dict]:
    """Flat, nested, of enums, of patterns, recursive."""
    pair = of("array", prefixItems=[of("number", minimum=-90, maximum=90), DIGIT], minItems=2, maxItems=2)
    return {
        "flat": record(q=of("string", maxLength=30), n=of("integer"), s=of("number", minimum=0, maximum=1)),
        "nested": record(a=of("array", items=record(n=of("string", maxLength=5)), maxItems=3), p=pair),
        "enums": record(f={"enum": ["algebra", "logic"]}, l={"enum": [1, 2, 3]}, c={"const": "en"}),
        "regex": record(i=of("string", pattern="^[A-Z]{3}-\\d{4}$"), d=of("string", format="date")),
        "recursive": {
            "$defs": {"t": record(v=DIGIT, c=of("array", items={"$ref": "#/$defs/t"}, maxItems=1))},
            "$ref": "#/$defs/t",
        },
    }  # fmt: skip


def mixed(count: int) -> list[Request]:
    """Requests with and without schemas, thoughts, penalties, of all lengths."""
    rng, schemas = random.Random(3), list(five_schemas().values())
    kinds = (
        *({"schema": schema} for schema in schemas),
        *(
            {},
            {"json_object": True},
            {"repeat_penalty": 1.3},
            {"schema": schemas[2], "think": True, "think_tokens": 9},
        ),
    )
    sizes = [(rng.choice((1, 9, 40)), rng.randint(5, 120)) for _ in range(count)]
    return [
        Request(prompt="ab " * words, max_tokens=longest, seed=i, **kinds[i % len(kinds)])
        for i, (words, longest) in enumerate(sizes)
    ]


def test_tokens_under_schemas_do_not_depend_on_what_shares_the_batch(path):
    requests = mixed(27)
    found = []
    for width, order in ((8, 1), (2, 1), (5, -1)):
        with LlamaCppEngine(path, threads=1, width=width, context=512) as engine:
            found.append([c.samples for c in generate_all(engine, requests[::order])][::order])
    assert found[0] == found[1] == found[2]


def test_a_schema_leaves_the_logits_others_share_as_they_are(engine):
    free = Request(prompt="the sand", n=2, max_tokens=20, seed=1)
    before = generate_all(engine, [free])[0].samples
    held = Request(prompt="the sand", n=2, max_tokens=60, seed=1, schema=field(type="string", maxLength=9))
    _, after = generate_all(engine, [held, free])
    assert after.samples == before


def test_few_and_many_allowed_tokens_are_drawn_alike(path, monkeypatch):
    requests = [Request(prompt="x", n=4, max_tokens=100, seed=4, schema=five_schemas()["flat"])]
    found = []
    for few in (1, 10_000):
        monkeypatch.setattr("datagen.engines.constrained.constraint.FEW", few)
        monkeypatch.setattr("datagen.engines.constrained.constraint.LEAST_MANY", 1)
        with LlamaCppEngine(path, threads=1, width=4, context=512) as engine:
            found.append(generate_all(engine, requests)[0].samples)
    assert found[0] == found[1]


def exact(path) -> LlamaCppEngine:
    return LlamaCppEngine(path, threads=1, width=2, context=256, flash_attention=False, kv_type="f32")


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def test_logprobs_under_a_schema_are_those_of_the_model_itself(path):
    with exact(path) as engine:
        prompt = engine.tokenize("ab")
        asked = Request(
            prompt="ab", max_tokens=80, seed=2, schema=five_schemas()["flat"], logprobs=True, top_logprobs=3
        )
        sample = generate_all(engine, [asked])[0].samples[0]
        logits = reference_logits([*prompt, *sample.tokens[:-1]], SHARP, 5)[len(prompt) - 1 :]
        expected = log_softmax(logits)
        assert sample.logprobs == pytest.approx(expected[range(len(sample.tokens)), sample.tokens], abs=1e-3)
        assert len(sample.top_logprobs) == len(sample.tokens)
        for row, likeliest in zip(expected, sample.top_logprobs, strict=True):
            assert [value for _, value in likeliest] == pytest.approx(sorted(row)[:-4:-1], abs=1e-3)
            assert likeliest[0][0] == engine.detokenize([int(row.argmax())], special=True)


PENALTIES = (
    {"repeat_penalty": 1.7},
    {"presence_penalty": 1.5},
    {"frequency_penalty": 0.8},
    {"repeat_penalty": 0.8, "presence_penalty": 2.5, "frequency_penalty": -0.3},
)


@pytest.mark.parametrize("penalties", PENALTIES)
def test_penalties_are_those_of_their_definition(path, penalties):
    """Keskar et al. 2019 (arXiv:1909.05858) for the repeat penalty; the others as OpenAI defines them."""
    with exact(path) as engine:
        prompt = engine.tokenize("ab")
        asked = Request(prompt="ab", max_tokens=30, temperature=0, **penalties)
        tokens = generate_all(engine, [asked])[0].samples[0].tokens
        free = generate_all(engine, [Request(prompt="ab", max_tokens=30, temperature=0)])[0].samples[0].tokens
    assert tokens != free
    for at, token in enumerate(tokens):
        logits = reference_logits([*prompt, *tokens[:at]], SHARP, 5)[-1]
        for seen in set(tokens[:at]):
            repeat = penalties.get("repeat_penalty", 1.0)
            logits[seen] = logits[seen] / repeat if logits[seen] > 0 else logits[seen] * repeat
            logits[seen] -= penalties.get("presence_penalty", 0.0)
            logits[seen] -= tokens[:at].count(seen) * penalties.get("frequency_penalty", 0.0)
        assert logits[token] == pytest.approx(logits.max(), abs=1e-3)


def test_an_answer_that_is_cut_off_is_never_said_to_be_finished(engine):
    asked = Request(prompt="x", n=4, max_tokens=12, seed=1, schema=record(q=of("string", minLength=50)))
    for sample in generate_all(engine, [asked])[0].samples:
        assert sample.finish_reason == "length"
        assert sample.token_count == 12


def test_an_answer_ends_with_its_schema_and_needs_no_end_token(engine):
    asked = Request(
        prompt="x", max_tokens=len(engine.tokenize('{"x":true}')), seed=1, schema=field(const=True)
    )
    sample = generate_all(engine, [asked])[0].samples[0]
    assert (sample.text, sample.finish_reason) == ('{"x":true}', "stop")


def test_a_finished_answer_that_does_not_follow_the_schema_is_found_out(engine, monkeypatch):
    monkeypatch.setattr("datagen.engines.constrained.constraint.Rule.holds", lambda self, answer: False)
    sample = generate_all(engine, [Request(prompt="x", seed=1, schema=field(const=1))])[0].samples[0]
    assert sample.finish_reason == "invalid"


def test_any_json_object_is_an_object(engine):
    samples = generate_all(engine, [Request(prompt="x", n=8, max_tokens=200, seed=1, json_object=True)])[
        0
    ].samples
    finished = [json.loads(s.text) for s in samples if s.finish_reason == "stop"]
    assert finished
    assert all(isinstance(found, dict) for found in finished)


def test_a_prefix_begins_the_answer_under_the_schema(engine):
    schema = field(enum=["above", "below"])
    asked = Request(prompt="x", prefix='{"x":"b', seed=1, schema=schema)
    assert generate_all(engine, [asked])[0].samples[0].text == 'elow"}'
    with pytest.raises(UserError, match="does not begin an answer"):
        generate_all(engine, [Request(prompt="x", prefix="Sure: ", seed=1, schema=schema)])


def test_what_contradicts_a_schema_is_refused(engine):
    with pytest.raises(UserError, match="stop strings would cut"):
        generate_all(engine, [Request(prompt="x", schema=field(), stop=("}",))])
    with pytest.raises(UserError, match="'uniqueItems'"):
        generate_all(engine, [Request(prompt="x", schema=field(uniqueItems=True))])


def test_a_schema_is_part_of_what_identifies_an_answer(engine):
    plain, held = Request(prompt="x"), Request(prompt="x", schema=field(const=1))
    other = Request(prompt="x", schema=field(const=2))
    identities = [engine.identity(request) for request in (plain, held, other)]
    assert len({json.dumps(found, sort_keys=True) for found in identities}) == 3
    assert "llguidance" in identities[1]["constraint"]
    assert "constraint" not in identities[0]


def test_a_missing_library_is_one_sentence(monkeypatch):
    guidance.cache_clear()
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(UserError, match="pip install llguidance"):
        guidance()
    monkeypatch.undo()
    guidance.cache_clear()
