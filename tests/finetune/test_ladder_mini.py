"""A miniature ladder from random weights to the second round, every rung for real, whole and killed."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finetune.ladder import FIGURES
from schemas import read_rows
from schemas.check import check_file

RUNGS = ["random", "pretrain", "sft", "reward", "ppo", "dpo", "grpo", "round2"]
CLOCK = {"seconds", "tokens_per_s"}
"""Figures that differ between two runs of the same ladder."""

KILLS = 4

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def command(out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "finetune", "ladder", "--preset", "mini", "--out", str(out), *more]


def stages(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "stages.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def climbed(tmp_path_factory) -> Path:
    """A whole ladder, climbed without a pause."""
    out = tmp_path_factory.mktemp("ladder") / "whole"
    done = subprocess.run(command(out), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def test_every_rung_is_there_once_with_all_its_figures(climbed):
    lines = stages(climbed)
    assert [line["rung"] for line in lines] == RUNGS
    for line in lines:
        assert set(line) == set(FIGURES)
        speaks = line["rung"] != "reward"
        rates = ("format_rate", "accuracy", "preferred_rate")
        for name in (*rates, "bits_per_byte", "gguf_max_logit_difference"):
            assert (line[name] is not None) == speaks, (line["rung"], name)
        assert (line["reward_accuracy"] is not None) == (not speaks)


def test_pretraining_and_tuning_taught_something(climbed):
    by_rung = {line["rung"]: line for line in stages(climbed)}
    assert by_rung["random"]["bits_per_byte"] > 4 * by_rung["pretrain"]["bits_per_byte"]
    assert by_rung["random"]["format_rate"] == 0 < 0.5 < by_rung["sft"]["format_rate"]
    assert by_rung["dpo"]["preferred_rate"] > by_rung["sft"]["preferred_rate"]
    assert by_rung["reward"]["reward_accuracy"] > 0.5


def test_each_gguf_answers_and_each_model_folder_loads(climbed):
    from datagen.engines import Request, generate_all, open_engine
    from finetune.model import load_model

    for line in stages(climbed):
        if line["gguf"]:
            with open_engine(f"llama:{climbed / line['gguf']}") as engine:
                request = Request(messages=({"role": "user", "content": "What is an LLM?"},), max_tokens=8)
                assert generate_all(engine, [request])[0].samples[0].tokens
            assert load_model(climbed / "rungs" / line["rung"]).num_parameters() == line["parameters"]


def test_every_row_that_was_eaten_is_valid_and_no_test_problem_among_them(climbed):
    held_out = {row["fingerprint"] for row in read_rows(climbed / "data" / "problems-test.jsonl")}
    for path in (climbed / "data").glob("*.jsonl"):
        check = check_file(path)
        assert list(check) == []
        assert check.rows > 0
    for name in ("problems-train", "problems-valid", "round2-problems"):
        rows = list(read_rows(climbed / "data" / f"{name}.jsonl"))
        assert held_out.isdisjoint(row["fingerprint"] for row in rows)


def test_the_report_shows_every_rung_and_answer(climbed):
    for name in ("report.html", "report.md"):
        text = (climbed / name).read_text()
        assert "What is an LLM?" in text
    for name in RUNGS:
        assert (climbed / "rungs" / name / "run.json").exists()


def test_a_finished_ladder_is_not_climbed_again(climbed):
    before = (climbed / "stages.jsonl").read_bytes()
    started = time.monotonic()
    done = subprocess.run(command(climbed), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 30
    assert (climbed / "stages.jsonl").read_bytes() == before


def test_a_folder_of_another_ladder_is_refused_and_left_alone(climbed):
    before = (climbed / "stages.jsonl").read_bytes()
    other = subprocess.run(command(climbed, "--seed", "1"), capture_output=True, text=True, check=False)
    assert other.returncode == 2
    assert "belongs to another run" in other.stderr
    assert "Traceback" not in other.stderr
    assert (climbed / "stages.jsonl").read_bytes() == before


def test_a_ladder_killed_at_random_moments_ends_like_one_that_was_not(climbed, tmp_path):
    out = tmp_path / "killed"
    chance = random.Random(5)
    for _ in range(KILLS):
        process = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(6, 30))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    done = subprocess.run(command(out), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for mine, whole in zip(stages(out), stages(climbed), strict=True):
        for name in set(FIGURES) - CLOCK:
            assert mine[name] == whole[name], (mine["rung"], name)
    for path in (climbed / "data").glob("*.jsonl"):
        assert (out / "data" / path.name).read_bytes() == path.read_bytes()
    for rung in ("pretrain", "sft", "ppo", "grpo"):
        steps = [row["step"] for row in read_rows(out / "rungs" / rung / "metrics.jsonl")]
        whole_steps = [row["step"] for row in read_rows(climbed / "rungs" / rung / "metrics.jsonl")]
        assert steps == whole_steps
