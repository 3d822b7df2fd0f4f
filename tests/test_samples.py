"""What stands in samples/ is what it says it is: valid rows, settings that load, a model that answers."""

from pathlib import Path

import pytest

from datagen.commands.rows import read_schema
from datagen.engines import Request, embedded_model, generate_all, open_engine
from datagen.engines.constrained.json_schema import narrowed, validator
from datagen.problems import prove
from datagen.problems.mix import read_mix
from finetune.commands import COMMANDS
from schemas import read_rows
from schemas.check import check_file
from schemas.settings import load

SAMPLES = Path(__file__).parent.parent / "samples"
MAX_MODEL_BYTES = 1_000_000


@pytest.mark.parametrize("path", sorted((SAMPLES / "rows").glob("*.jsonl")), ids=lambda path: path.name)
def test_sample_rows_are_valid(path):
    check = check_file(path)
    assert list(check) == []
    assert check.rows > 0


def test_sample_problems_are_true():
    assert all(prove(row).agrees for row in read_rows(SAMPLES / "rows" / "problems.jsonl"))


@pytest.mark.parametrize("path", sorted((SAMPLES / "schemas").glob("*.json")), ids=lambda path: path.name)
def test_sample_schemas_can_be_enforced_and_their_examples_follow_them(path):
    schema = read_schema(path)
    assert narrowed(schema)["type"] == "object"
    assert schema["examples"]
    assert all(validator(schema).is_valid(example) for example in schema["examples"])


@pytest.mark.parametrize("path", sorted((SAMPLES / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_sample_settings_load(path, tmp_path):
    command = next(command for command in COMMANDS if command.name == path.stem.split("-")[0])
    given = {"model": str(tmp_path), "data": [str(tmp_path)], "out": str(tmp_path)}
    settings = load(command.settings, path, given)
    assert settings.steps > 0


@pytest.mark.parametrize("path", sorted((SAMPLES / "mixes").glob("*.yaml")), ids=lambda path: path.name)
def test_sample_mixes_are_read(path):
    mix = read_mix(path, 1000, "train")
    assert mix.streams()
    assert sum(mix.splits.values()) >= 1000


def test_the_embedded_model_is_small_and_adds_two_numbers():
    assert embedded_model().stat().st_size < MAX_MODEL_BYTES
    sums = [(12, 34), (40, 25), (61, 17), (22, 33), (50, 49), (13, 52), (71, 18), (35, 44)]
    questions = [{"role": "user", "content": f"What is {a} + {b}?"} for a, b in sums]
    requests = [Request(messages=(question,), max_tokens=64, temperature=0.0) for question in questions]
    with open_engine(None, threads=1) as engine:
        answers = [completion.text for completion in generate_all(engine, requests)]
    right = sum(f"\\boxed{{{a + b}}}" in answer for (a, b), answer in zip(sums, answers, strict=True))
    assert right >= len(sums) // 2, answers
