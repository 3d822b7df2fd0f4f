"""A stage killed at any touch of its files and started again ends as one that was never killed."""

import hashlib
import os
import random
import shutil
import signal
from functools import partial

import pytest
from killed_stage import run_killed, touches
from tiny_stages import SETTINGS, run_stage

from finetune.metrics import read_metrics
from schemas.run import read_manifest

KILLS = 10
CLOCKS = {"step_seconds", "step_time"}


def figures(out):
    """The lines of the metrics without what the clock said."""
    return [{key: value for key, value in line.items() if key not in CLOCKS} for line in read_metrics(out)]


def results(out):
    found = read_manifest(out)["results"]
    return {key: value for key, value in found.items() if key != "train_seconds"}


def weights(out):
    return (out / "model.safetensors").read_bytes()


def assert_same_run(left, right):
    assert figures(left) == figures(right)
    assert results(left) == results(right)
    assert weights(left) == weights(right)


def killed_again_and_again(stage, settings, out, until):
    """Kill a run at random moments, each time further on, until it comes to its end. Returns the kills."""
    moments, kills = random.Random(stage), 0
    while kills < KILLS:
        status = run_killed(lambda: run_stage(stage, settings, out), out, moments.randrange(1, until))
        if status == 0:
            break
        assert status == -9
        kills += 1
    run_stage(stage, settings, out)
    return kills


@pytest.mark.parametrize("stage", SETTINGS)
def test_killed_stage_resumes_to_the_same_weights_and_metrics(tiny, tmp_path, stage):
    settings = tiny.settings(stage) | {"checkpoint_steps": 2}
    whole = run_stage(stage, settings, tmp_path / "whole")
    moments = touches(lambda: run_stage(stage, settings, tmp_path / "counted"), tmp_path / "counted")
    assert_same_run(whole, tmp_path / "counted")  # what a seed determines, it determines
    kills = killed_again_and_again(stage, settings, tmp_path / "killed", moments // 2)
    assert kills >= 1
    assert_same_run(whole, tmp_path / "killed")
    steps = [line["step"] for line in figures(whole) if "loss" in line or "policy_loss" in line]
    assert steps == sorted(set(steps))
    assert steps[-1] == settings["steps"]


def fickle(self, model):
    """An accuracy that no one can foresee, yet always the same for the same weights."""
    digest = hashlib.blake2b(digest_size=4)
    for weight in model.state_dict().values():
        digest.update(weight.numpy().tobytes())
    accuracy = int.from_bytes(digest.digest(), "big") / 2**32
    return {"accuracy": accuracy, "format_rate": 1.0}


@pytest.fixture
def up_and_down(tiny, monkeypatch):
    """Settings of a GRPO run that falls and is rolled back three times, and where one ran undisturbed."""
    from finetune.evaluate import HeldOut

    monkeypatch.setattr(HeldOut, "__call__", fickle)
    settings = tiny.settings("grpo") | FICKLE
    whole = run_stage("grpo", settings, tiny.root / "up_and_down")  # the first time only
    assert results(whole)["rollbacks"] == 3
    assert results(whole)["best_step"] > 0
    return settings, whole


def test_collapse_is_rolled_back_the_same_way_wherever_it_is_killed(up_and_down, tmp_path):
    settings, whole = up_and_down
    moments = touches(lambda: run_stage("grpo", settings, tmp_path / "counted"), tmp_path / "counted")
    assert_same_run(whole, tmp_path / "counted")
    for moment in random.Random(0).sample(range(1, moments), 4):
        out = tmp_path / f"killed-{moment}"
        assert run_killed(partial(run_stage, "grpo", settings, out), out, moment) == -9
        run_stage("grpo", settings, out)
        assert_same_run(whole, out)


@pytest.mark.parametrize("recorded", [False, True])
def test_collapse_is_known_to_a_run_killed_as_it_is_rolled_back(up_and_down, tmp_path, recorded):
    from finetune.best import Best

    settings, whole = up_and_down
    out = tmp_path / "out"
    roll_back = Best.roll_back

    def killed(best):
        if recorded:
            roll_back(best)
        os.kill(os.getpid(), signal.SIGKILL)

    def run():
        Best.roll_back = killed
        run_stage("grpo", settings, out)

    assert run_killed(run, out, None) == -9
    run_stage("grpo", settings, out)
    assert_same_run(whole, out)


def test_model_nearest_to_a_target_is_the_same_one_wherever_a_run_is_killed(tiny, tmp_path, monkeypatch):
    from finetune.evaluate import HeldOut

    monkeypatch.setattr(HeldOut, "__call__", fickle)
    measured = {"problems": tiny.problems, "evaluate_steps": 1, "band": 1.0, "checkpoint_steps": 2}
    for target in (
        0.5,
        0.3,
        0.7,
        0.1,
        0.9,
    ):  # the nearest is to be one on the way
        settings = tiny.settings("sft") | measured | {"target_accuracy": target}
        whole = run_stage("sft", settings, tmp_path / f"whole-{target}")
        if 0 < results(whole)["kept_step"] < settings["steps"]:
            break
    assert 0 < results(whole)["kept_step"] < settings["steps"]
    moments = touches(lambda: run_stage("sft", settings, tmp_path / "counted"), tmp_path / "counted")
    for moment in random.Random(1).sample(range(1, moments), 5):
        out = tmp_path / f"killed-{moment}"
        assert run_killed(partial(run_stage, "sft", settings, out), out, moment) == -9
        run_stage("sft", settings, out)
        assert_same_run(whole, out)


FICKLE = {
    "steps": 12,
    "evaluate_steps": 1,
    "checkpoint_steps": 3,
    "updates": 1,
    "batch_size": 16,
    "collapse": 0.25,
    "rollbacks": 3,
}
COLLAPSING = {
    "learning_rate": 0.2,
    "steps": 8,
    "evaluate_steps": 2,
    "checkpoint_steps": 2,
    "updates": 1,
    "batch_size": 16,
    "collapse": 0.1,
    "rollbacks": 2,
}


def test_collapse_goes_on_from_the_best_model_at_half_the_rate(tiny, tmp_path):
    settings = tiny.settings("grpo") | COLLAPSING
    out = run_stage("grpo", settings, tmp_path / "out")
    lines = read_metrics(out)
    accuracy = {line["step"]: line["eval_accuracy"] for line in lines if "eval_accuracy" in line}
    assert accuracy[0] > 0.1 >= accuracy[2]
    assert results(out) | {"rollbacks": 2, "best_step": 0} == results(out)
    rates = [line["learning_rate"] for line in lines if "learning_rate" in line]
    assert rates == sorted(rates, reverse=True)
    assert {0.2, 0.1, 0.05} == set(rates)
    # Training only made it worse, so what is given back is the model it was given.
    from finetune.model import load_model

    given, kept = (load_model(folder).state_dict() for folder in (settings["model"], out))
    assert all(given[name].equal(kept[name]) for name in given)


def test_half_written_checkpoint_is_ignored_and_removed(tiny, tmp_path):
    from finetune.training import checkpoints, last_checkpoint

    settings = tiny.settings("sft") | {"checkpoint_steps": 2}
    whole = run_stage("sft", settings, tmp_path / "whole")
    out = tmp_path / "out"
    moment = touches(lambda: run_stage("sft", settings, tmp_path / "counted"), tmp_path / "counted") * 2 // 3
    assert run_killed(lambda: run_stage("sft", settings, tmp_path / "out"), out, moment) == -9
    complete = last_checkpoint(checkpoints(out))
    assert complete is not None
    half = checkpoints(out) / "checkpoint-7"
    shutil.copytree(complete, half)
    (half / "trainer_state.json").write_bytes((half / "trainer_state.json").read_bytes()[:-40])
    (half / "model.safetensors").write_bytes(b"\0" * 64)
    assert last_checkpoint(checkpoints(out)) == complete
    run_stage("sft", settings, out)
    assert_same_run(whole, out)


def test_line_of_metrics_that_a_kill_cut_short_is_dropped(tmp_path):
    from finetune.metrics import Metrics

    metrics = Metrics(tmp_path)
    for step in (1, 2, 3):
        metrics.write(step, loss=1.0 / step, nothing=None)
    with metrics.path.open("ab") as file:
        file.write(b'{"step":4,"lo')
    assert [line["step"] for line in read_metrics(tmp_path)] == [1, 2, 3]
    Metrics(tmp_path, resume_from_step=2).write(3, loss=9.0)
    assert read_metrics(tmp_path) == [
        {"step": 1, "loss": 1.0},
        {"step": 2, "loss": 0.5},
        {"step": 3, "loss": 9.0},
    ]
