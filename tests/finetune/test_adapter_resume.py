"""A stage with an adapter that is killed and started again ends as one that was never killed."""

import random
from functools import partial

import pytest
from killed_stage import run_killed, touches
from test_stage_resume import FICKLE, assert_same_run, fickle, killed_again_and_again, results
from tiny_adapters import adapted_settings
from tiny_stages import SETTINGS, run_stage

from finetune.weights import ADAPTER_WEIGHTS


@pytest.mark.parametrize("stage", SETTINGS)
def test_killed_stage_resumes_to_the_same_adapter_and_metrics(tiny, tmp_path, stage):
    settings = adapted_settings(tiny, stage, checkpoint_steps=2)
    if stage not in ("ppo", "grpo"):
        settings["lora_dropout"] = 0.2
    run = partial(run_stage, stage, settings)
    whole = run(tmp_path / "whole")
    moments = touches(lambda: run(tmp_path / "counted"), tmp_path / "counted")
    assert_same_run(whole, tmp_path / "counted")
    assert killed_again_and_again(stage, settings, tmp_path / "killed", moments // 2) >= 1
    assert_same_run(whole, tmp_path / "killed")
    adapters = [(out / "adapter" / ADAPTER_WEIGHTS).read_bytes() for out in (whole, tmp_path / "killed")]
    assert adapters[0] == adapters[1]


def test_collapse_with_an_adapter_is_rolled_back_the_same_way_wherever_it_is_killed(
    tiny, tmp_path, monkeypatch
):
    from finetune.evaluate import HeldOut

    monkeypatch.setattr(HeldOut, "__call__", fickle)
    for seed in range(8):  # one that falls thrice, with a best model on the way
        settings = adapted_settings(tiny, "grpo", **FICKLE, seed=seed, kl=0.05, learning_rate=1e-2)
        whole = run_stage("grpo", settings, tmp_path / f"whole-{seed}")
        if results(whole)["rollbacks"] > 0 and 0 < results(whole)["best_step"] < settings["steps"]:
            break
    assert results(whole)["rollbacks"] > 0
    assert 0 < results(whole)["best_step"] < settings["steps"]
    moments = touches(lambda: run_stage("grpo", settings, tmp_path / "counted"), tmp_path / "counted")
    assert_same_run(whole, tmp_path / "counted")
    for moment in random.Random(0).sample(range(1, moments), 3):
        out = tmp_path / f"killed-{moment}"
        assert run_killed(partial(run_stage, "grpo", settings, out), out, moment) == -9
        run_stage("grpo", settings, out)
        assert_same_run(whole, out)


def test_best_adapter_is_what_grpo_leaves_after_a_collapse(tiny, tmp_path, monkeypatch):
    """What was kept at its best step, and not what training made of it later."""
    from finetune.evaluate import HeldOut

    seen = {}

    def falling(self, model):
        step = len(seen)
        seen[step] = {n: w.detach().clone() for n, w in model.named_parameters() if w.requires_grad}
        return {"accuracy": [0.2, 0.9, 0.8, 0.1][step], "format_rate": 1.0}

    monkeypatch.setattr(HeldOut, "__call__", falling)
    settings = adapted_settings(tiny, "grpo", steps=3, evaluate_steps=1, updates=1, batch_size=16)
    out = run_stage("grpo", settings, tmp_path / "out", learning_rate=1e-2, collapse=0.5, rollbacks=0)
    assert results(out)["best_step"] == 1
    from safetensors.torch import load_file

    kept = load_file(out / "adapter" / ADAPTER_WEIGHTS)
    assert kept
    for name, weight in kept.items():
        assert weight.equal(seen[1][name.replace(".weight", ".default.weight")])
        assert not weight.equal(seen[3][name.replace(".weight", ".default.weight")])
