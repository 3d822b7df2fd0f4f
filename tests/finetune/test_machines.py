"""Presets for kinds of machines: settings that load, fit together, and are refused where they cannot run."""

from pathlib import Path

import pytest
from tiny_stages import stage_of

from finetune.metrics import read_metrics
from schemas import UserError
from schemas.run import read_manifest
from schemas.settings import load, presets_of, to_mapping

STAGES = ("sft", "dpo", "grpo")
GPUS = ("laptop-6gb", "laptop-8gb", "laptop-12gb", "desktop-16gb", "desktop-24gb")


def settings(stage, preset, **given):
    kind, _ = stage_of(stage)
    required = {"model": "model", "data": "rows.jsonl", "out": "out"}
    return load(kind, overrides={k: str(v) for k, v in (required | given).items()}, preset=preset)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("preset", ["cpu", *GPUS])
def test_presets_load_and_their_numbers_fit_together(stage, preset):
    made = settings(stage, preset)
    assert made.tune == ("lora" if preset == "cpu" else "qlora")
    if stage == "grpo":
        from finetune.grpo import _passes_per_update

        assert _passes_per_update(made) >= 1
        assert made.max_length > made.max_tokens
    else:
        assert made.batch_size * made.accumulation == 16  # the same step on every machine


@pytest.mark.parametrize("stage", STAGES)
def test_a_larger_card_is_given_no_less(stage):
    kind, _ = stage_of(stage)
    assert list(presets_of(kind)) == ["cpu", *GPUS]
    loads = [made.batch_size * made.max_length for made in (settings(stage, name) for name in GPUS)]
    assert loads == sorted(loads)


def test_what_is_said_wins_over_the_preset():
    made = settings("sft", "laptop-8gb", tune="lora", max_length=64)
    assert (made.tune, made.max_length, made.gradient_checkpointing) == ("lora", 64, True)


@pytest.mark.parametrize("stage", STAGES)
def test_preset_of_the_cpu_runs(tiny, tmp_path, stage):
    given = tiny.settings(stage)
    out = tmp_path / "out"
    smaller = {"data": given["data"][0], "model": given["model"], "out": out, "steps": 1}
    made = settings(stage, "cpu", **smaller)
    stage_of(stage)[1](made)
    assert read_manifest(out)["status"] == "finished"
    assert read_metrics(out)[0]["step"] == 1
    assert to_mapping(made)["tune"] == read_manifest(out)["settings"]["tune"] == "lora"


def test_preset_of_a_gpu_without_one_is_refused(tiny, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    given = tiny.settings("sft")
    made = settings("sft", "laptop-8gb", data=given["data"][0], model=given["model"], out=tmp_path / "out")
    with pytest.raises(UserError, match="--tune qlora needs a GPU with CUDA; give --tune lora"):
        stage_of("sft")[1](made)
    assert not Path(tmp_path / "out").exists()
