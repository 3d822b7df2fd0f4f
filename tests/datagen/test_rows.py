"""`datagen rows`: rows to the user's own schema, as many as asked for, each of them new."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import jsonschema
import pytest
from scripted_engine import CUT_OFF
from tiny_gguf import Shape, write_tiny_gguf

from datagen.cli import program
from datagen.engines import Completion, Request, Sample
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.engines.probing.card import Card, Fact, held_card, keep_card
from datagen.recipes.rows import NewRows, Wanted, plain, prompts, refuse_other_than_objects, rows, wishes
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas import UserError
from schemas.command import run_app
from schemas.rows import read_rows

SUMS = {
    "type": "object",
    "properties": {
        "a": {"type": "integer", "minimum": 0, "maximum": 99},
        "b": {"type": "integer", "minimum": 0, "maximum": 99},
        "sign": {"enum": ["+", "-"], "description": "what to do"},
    },
    "required": ["a", "b", "sign"],
    "additionalProperties": False,
    "examples": [{"a": 3, "b": 4, "sign": "+"}],
}
LETTERS = {"type": "object", "properties": {"x": {"enum": ["a", "b"]}}, "required": ["x"]}
WANTED = Wanted(SUMS, "small sums", Sampling(1))


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", Shape(context=1024), seed=6)


def written(path: Path, schema: object) -> Path:
    path.write_text(json.dumps(schema))
    return path


def asking(model: Path, schema: Path, out: Path, *more: object) -> list[object]:
    arguments = ["rows", "--schema", schema, "--about", "small sums", "--engine", f"llama:{model}"]
    return [*arguments, "--out", out, "--threads", 1, *more]


def test_so_many_rows_are_written_all_valid_and_all_new(model, tmp_path, capsys):
    schema, out = written(tmp_path / "sums.json", SUMS), tmp_path / "out.jsonl"
    assert datagen(*asking(model, schema, out, "--keep", 60)) == 0
    found = list(read_rows(out))
    assert len(found) == 60
    assert all(jsonschema.Draft202012Validator(SUMS).is_valid(row) for row in found)
    assert len({json.dumps(row) for row in found}) == 60
    told = capsys.readouterr().err
    assert told.startswith(f"{out}: 60 rows from ")
    assert "all valid" in told


def test_the_same_command_again_asks_nothing_and_gives_the_same_bytes(model, tmp_path):
    schema, out = written(tmp_path / "sums.json", SUMS), tmp_path / "out.jsonl"
    assert datagen(*asking(model, schema, out, "--keep", 20)) == 0
    first, answers = out.read_bytes(), counted(tmp_path / "out.journal")
    assert datagen(*asking(model, schema, out, "--keep", 20, "--width", 3)) == 0
    assert (out.read_bytes(), counted(tmp_path / "out.journal")) == (first, answers)
    assert datagen(*asking(model, schema, out, "--keep", 30)) == 0
    assert out.read_bytes().startswith(first)


def counted(journal: Path) -> int:
    with Journal(journal) as held:
        return held.count("samples")


def test_it_stops_where_nothing_new_comes_and_says_so(model, tmp_path, capsys):
    schema, out = written(tmp_path / "letters.json", LETTERS), tmp_path / "out.jsonl"
    assert datagen(*asking(model, schema, out, "--keep", 50, "--novelty-window", 30)) == 0
    assert {row["x"] for row in read_rows(out)} == {"a", "b"}
    told = capsys.readouterr().err
    assert "2 of 50 rows from " in told
    assert "dropped: duplicate: " in told
    assert "stopped: " in told


def test_a_thought_before_a_row_is_no_part_of_it(model, tmp_path):
    schema, out = written(tmp_path / "sums.json", SUMS), tmp_path / "out.jsonl"
    more = ("--keep", 4, "--think", "--think-tokens", 10)
    assert datagen(*asking(model, schema, out, *more)) == 0
    assert all(set(row) == {"a", "b", "sign"} for row in read_rows(out))
    with contextlib.closing(sqlite3.connect(tmp_path / "out.journal")) as database:
        samples = [json.loads(sample) for (sample,) in database.execute("SELECT sample FROM samples")]
    assert any(sample["reasoning"] for sample in samples)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "array", "items": {}}, "allows 'array'"),
        ({"$defs": {"t": {"type": "string"}}, "$ref": "#/$defs/t"}, "allows 'string'"),
        ({"anyOf": [SUMS, {"type": "null"}]}, "allows 'null'"),
        ({"properties": {}}, "allows no single type"),
        ({"type": "object", "properties": {"x": {"uniqueItems": True}}}, "'/properties/x/uniqueItems'"),
        ({"type": "object", "minLenght": 3}, "did you mean 'minLength'?"),
        ([1], "not a JSON Schema of an object"),
    ],
)
def test_a_schema_that_makes_no_rows_is_refused_before_anything_is_asked(
    schema, words, model, tmp_path, capsys
):
    out = tmp_path / "out.jsonl"
    assert datagen(*asking(model, written(tmp_path / "schema.json", schema), out)) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["schema.json"]


def test_a_schema_file_that_is_none_is_one_sentence(model, tmp_path, capsys):
    (tmp_path / "schema.json").write_text("{'type': 'object'}")
    for name in ("schema.json", "nothing.json"):
        assert datagen(*asking(model, tmp_path / name, tmp_path / "out.jsonl")) == 2
    told = capsys.readouterr().err.splitlines()
    assert "not JSON" in told[0]
    assert "no such file" in told[1]


def test_settings_that_cannot_work_are_refused(model, tmp_path, capsys):
    schema = written(tmp_path / "sums.json", SUMS)
    for more in (("--temperature", 0), ("--think-tokens", 9)):
        assert datagen(*asking(model, schema, tmp_path / "out.jsonl", *more)) == 2
    told = capsys.readouterr().err.splitlines()
    assert ["--temperature" in told[0], "--think-tokens" in told[1]] == [True, True]


def test_objects_behind_references_and_choices_are_rows():
    schema = {"$defs": {"a": SUMS}, "anyOf": [{"$ref": "#/$defs/a"}, LETTERS]}
    refuse_other_than_objects(schema, "schema.json")
    with pytest.raises(UserError, match="no single type"):
        refuse_other_than_objects({"$ref": "#"}, "schema.json")


def test_a_prompt_shows_the_schema_and_its_examples_as_rows():
    full, shorter, *_, shortest = prompts(WANTED, 7)
    assert "small sums" in full[0]["content"]
    assert '"description":"what to do"' in full[0]["content"]
    assert [message["role"] for message in full] == ["system", "user", "assistant", "user"]
    assert json.loads(full[2]["content"]) == SUMS["examples"][0]
    assert "Row 7" in full[-1]["content"]
    assert shorter == (full[0], full[-1])
    assert [message["role"] for message in shortest] == ["user"]


def test_all_but_the_last_message_is_the_same_for_every_row():
    assert prompts(WANTED, 1)[0][:-1] == prompts(WANTED, 2)[0][:-1]
    assert prompts(WANTED, 1)[0] != prompts(WANTED, 2)[0]


class Told:
    """An engine that gives the answers it was told, and knows how long a prompt is. Not the real one."""

    name, model_hash = "told", "0" * 64

    def __init__(self, answers: list[str], context: int | None = None) -> None:
        self.answers, self.context = answers, context
        self.requests: list[Request] = []

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        text = self.answers[len(self.requests) - 1]
        reason = "length" if text.endswith(CUT_OFF) else "stop"
        sample = Sample(text.removesuffix(CUT_OFF), (1, 2), reason)
        return Completion((sample,), prompt_tokens=1, completion_tokens=2, seconds=0.0, model=self.name)

    async def count(self, request: Request) -> int:
        return sum(len(message["content"].split()) for message in request.messages or ())

    def identity(self, request: Request | None = None) -> dict:
        if request is None:
            return {"engine": self.name}
        return {"engine": self.name, "chat": request.messages, **request.sampling()}

    def details(self) -> dict:
        return {}


def card(*held: str) -> Card:
    return Card("told", None, tuple(Fact(name, "yes", "asked", "came") for name in held))


def outcomes(tmp_path: Path, engine: Told, count: int, known: Card) -> list[Outcome]:
    first = [wish for wish, _ in zip(wishes(), range(count), strict=False)]
    with Journal(tmp_path / "journal") as journal:
        keep_card(known, engine, journal)
        return run(rows, first, engine, journal, options=WANTED, concurrency=1, version="1")


GOOD, TOO_LARGE = '{"a": 1, "b": 2, "sign": "-"}', '{"a": 1, "b": 200, "sign": "-"}'


def test_an_engine_that_enforces_schemas_is_given_the_schema_and_asked_once(tmp_path):
    engine = Told([GOOD, GOOD + CUT_OFF, TOO_LARGE])
    found = outcomes(tmp_path, engine, 3, card("schema_think_off"))
    assert found[0].row == [{"a": 1, "b": 2, "sign": "-"}]
    assert found[2].reason == "breaks the schema"
    assert "200 is greater than the maximum of 99" in found[2].detail
    assert [request.schema for request in engine.requests] == [SUMS] * 3


def test_one_that_enforces_nothing_is_told_what_was_wrong_and_asked_again(tmp_path):
    engine = Told([TOO_LARGE, "Sure: " + GOOD, "No.", "I will not.", "Never."])
    found = outcomes(tmp_path, engine, 2, card())
    assert found[0].row == [{"a": 1, "b": 2, "sign": "-"}]
    assert found[1].reason == "not JSON"
    assert all(request.schema is None for request in engine.requests)
    assert '"maximum": 99' in engine.requests[0].messages[-1]["content"]
    assert "200 is greater than the maximum of 99" in engine.requests[1].messages[-1]["content"]


def test_json_mode_is_used_where_that_is_all_there_is(tmp_path):
    engine = Told([GOOD])
    outcomes(tmp_path, engine, 1, card("json_mode"))
    assert engine.requests[0].json_object


def test_an_engine_nobody_knows_is_probed_once_a_run(tmp_path):
    first = [wish for wish, _ in zip(wishes(), range(3), strict=False)]
    model = write_tiny_gguf(tmp_path / "tiny.gguf")
    with LlamaCppEngine(model, threads=1, width=4) as engine, Journal(tmp_path / "journal") as journal:
        run(rows, first, engine, journal, options=WANTED, concurrency=2, version="1")
        found = held_card(engine, journal)
    assert found is not None
    assert found.mode(False) == "enforced"


@pytest.mark.parametrize("way", range(4))
def test_the_fullest_prompt_that_leaves_half_of_the_context_is_taken(tmp_path, way):
    expected = prompts(WANTED, 1)[way]
    words = sum(len(message["content"].split()) for message in expected)
    engine = Told(["{}"], context=2 * words)
    outcomes(tmp_path, engine, 1, card("schema_think_off"))
    assert engine.requests[0].messages == expected


def test_rows_that_hardly_differ_are_near_duplicates():
    new = NewRows()
    first = Outcome("a", {"q": "What is 3 + 4?", "n": 7})
    assert new(first) is first
    assert new(Outcome("b", {"n": 7, "q": "What is 3 + 4?"})) == Outcome("b", None, "duplicate", "like a")
    near = new(Outcome("c", {"q": "what  IS 3 + 4", "n": 7}))
    assert (near.reason, near.detail) == ("near duplicate", "like a")
    assert new(Outcome("d", {"q": "What is 3 - 4?", "n": 7})).accepted
    assert new(Outcome("e", {"q": "What is 3 + 4?", "n": -7})).accepted


def test_of_several_rows_of_an_item_the_new_ones_stay():
    new = NewRows()
    assert new(Outcome("a", [{"x": 1}, {"x": 2}, {"x": 1}])).row == [{"x": 1}, {"x": 2}]
    assert new(Outcome("b", [{"x": 2}, {"x": 3}])).row == [{"x": 3}]
    assert not new(Outcome("c", [{"x": 3}])).accepted


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"x": "ab c"}, {"x": "a bc"}),
        ({"x": ["a", "b"]}, {"x": "a b"}),
        ({"x": "1.5"}, {"x": "15"}),
        ({"x": 1}, {"x": True}),
    ],
)
def test_what_differs_in_more_than_its_looks_is_new(left, right):
    assert plain(left) != plain(right)
