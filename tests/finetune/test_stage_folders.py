"""What a stage leaves behind: a model anyone can load, nothing else of its own, and the process as it was."""

import logging
import os
import random
import sys

import pytest
from tiny_stages import SETTINGS, run_stage, stage_of

from finetune.metrics import METRICS_NAME, read_metrics
from schemas import UserError
from schemas.run import LOCK_NAME, MANIFEST_NAME, read_manifest

PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
HUGE = 1e25


def contents(folder):
    """Every file with its bytes and the time it was last written."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != LOCK_NAME]
    return {file.relative_to(folder): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


@pytest.fixture(scope="module", params=SETTINGS)
def finished(request, tiny, tmp_path_factory):
    """The name of a stage, its settings and the folder it wrote."""
    settings = tiny.settings(request.param) | {"checkpoint_steps": 2}
    return request.param, settings, run_stage(request.param, settings, tmp_path_factory.mktemp("out") / "x")


def test_folder_is_loaded_by_transformers_as_it_is(finished):
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

    stage, _, out = finished
    kind = AutoModelForSequenceClassification if stage == "reward" else AutoModelForCausalLM
    model, report = kind.from_pretrained(out, local_files_only=True, output_loading_info=True)
    assert not any(report.values())
    tokenizer = AutoTokenizer.from_pretrained(out, local_files_only=True)
    assert model.config.vocab_size == len(tokenizer)
    assert tokenizer.chat_template
    if stage != "reward":
        assert model.generation_config.eos_token_id == tokenizer.eos_token_id


def test_folder_holds_no_pickle_and_no_checkpoint(finished):
    _, _, out = finished
    names = {file.relative_to(out).as_posix() for file in out.rglob("*")}
    assert {"model.safetensors", METRICS_NAME, MANIFEST_NAME} <= names
    assert not [name for name in names if os.path.splitext(name)[1] in PICKLES]
    assert "checkpoints" not in names
    assert not [name for name in names if "best" in name or name.startswith(".")]


def test_manifest_says_what_was_done(finished):
    _, settings, out = finished
    manifest = read_manifest(out)
    assert manifest["status"] == "finished"
    assert manifest["results"]["steps"] == settings["steps"]
    assert manifest["results"]["train_seconds"] > 0
    assert manifest["inputs"]["data"]["files"] == 1


def test_finished_stage_is_left_alone_without_even_loading_a_model(finished, monkeypatch):
    stage, settings, out = finished
    before = contents(out)
    for name in ("load_model", "load_reward_model", "load_tokenizer", "new_model"):
        module = sys.modules[stage_of(stage)[1].__module__]
        monkeypatch.setattr(module, name, None, raising=False)
    run_stage(stage, settings, out)
    assert contents(out) == before


def test_checkpoints_that_a_kill_left_in_a_finished_folder_are_removed(finished):
    stage, settings, out = finished
    (out / "checkpoints" / "checkpoint-2").mkdir(parents=True)
    run_stage(stage, settings, out)
    assert not (out / "checkpoints").exists()


def test_another_setting_in_the_same_folder_is_refused_by_its_name(finished):
    stage, settings, out = finished
    before = contents(out)
    with pytest.raises(UserError) as error:
        run_stage(stage, settings, out, learning_rate=0.125)
    assert "belongs to another run ('learning_rate' is" in str(error.value)
    assert "0.125 here" in str(error.value)
    assert contents(out) == before


@pytest.mark.parametrize("stage", SETTINGS)
def test_stage_leaves_its_process_as_it_was(tiny, tmp_path, capfd, stage):
    import numpy
    import torch

    settings = tiny.settings(stage)
    state = _state_of_process()
    capfd.readouterr()
    run_stage(stage, settings, tmp_path / "out")
    assert capfd.readouterr().out == ""
    after = _state_of_process()
    assert after == state
    assert numpy.random.get_state()[1].tolist() == state["numpy"]
    assert torch.get_num_threads() == state["threads"]


def _state_of_process():
    import numpy
    import torch
    from transformers.utils import logging as transformers_logging

    return {
        "python": random.getstate(),
        "numpy": numpy.random.get_state()[1].tolist(),
        "torch": torch.get_rng_state().tolist(),
        "threads": torch.get_num_threads(),
        "gradients": torch.is_grad_enabled(),
        "dtype": torch.get_default_dtype(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "verbosity": transformers_logging.get_verbosity(),
        "levels": {name: logging.getLogger(name).level for name in ("trl", "accelerate", "transformers")},
        "root": (logging.getLogger().level, len(logging.getLogger().handlers)),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }


# What goes wrong while training


@pytest.mark.parametrize("stage", SETTINGS)
def test_loss_that_is_no_number_ends_the_stage_in_one_sentence(tiny, tmp_path, stage):
    out = tmp_path / "out"
    changes = {"learning_rate": HUGE, "max_grad_norm": HUGE, "checkpoint_steps": 1}
    with pytest.raises(UserError) as error:
        run_stage(stage, tiny.settings(stage), out, **changes)
    assert str(out) in str(error.value) or "probabilities" in str(error.value)
    assert (
        "not numbers" in str(error.value)
        or " is nan at " in str(error.value)
        or " is inf at " in str(error.value)
    )
    assert "lower the learning rate" in str(error.value)
    assert "\n" not in str(error.value)
    assert not (out / "model.safetensors").exists()
    assert read_manifest(out)["status"] == "stopped"
    assert all(line.get("loss", 0.0) is not None for line in read_metrics(out))


@pytest.mark.parametrize("stage", SETTINGS)
def test_stage_that_fails_before_it_began_gives_its_folder_back(tiny, tmp_path, stage):
    data = tmp_path / "rows.jsonl"
    data.write_text('{"words": 1}\n')
    out = tmp_path / "deep" / "out"
    with pytest.raises(UserError, match=r"rows\.jsonl:1: "):
        run_stage(stage, tiny.settings(stage), out, data=(data,))
    assert not out.exists()


def test_folder_that_holds_something_else_is_not_touched(tiny, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty and no run's"):
        run_stage("sft", tiny.settings("sft"), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} - {LOCK_NAME} == {"notes.txt"}


@pytest.mark.parametrize(
    ("stage", "changes", "sentence"),
    [
        ("pretrain", {"tokenizer": None}, "give either --tokenizer or --model"),
        ("pretrain", {"block": 100_000}, "does not fill one block of 100000 tokens; give more text"),
        ("pretrain", {"width": 48, "heads": 5}, "width 48 is not a multiple of 32; try 64"),
        ("sft", {"max_length": 20}, "rows are over 20 tokens"),
        ("ppo", {"max_length": 20}, "8 of 8 prompts are over 8 tokens"),
        ("grpo", {"max_length": 20}, "8 of 8 prompts are over 10 tokens"),
        ("grpo", {"updates": 3}, "4 prompts x 4 samples do not split over 3 updates"),
        ("grpo", {"style": "polit"}, "unknown style 'polit'; did you mean 'polite'?"),
    ],
)
def test_settings_that_do_not_fit_are_said_and_leave_nothing(tiny, tmp_path, stage, changes, sentence):
    with pytest.raises(UserError) as error:
        run_stage(stage, tiny.settings(stage), tmp_path / "out", **changes)
    assert sentence in str(error.value)
    assert not (tmp_path / "out").exists()


def test_reward_model_of_another_vocabulary_is_refused(tiny, tmp_path):
    from finetune.tokenizer import train_tokenizer

    train_tokenizer(["some other text"] * 9, 280, tmp_path / "tokenizer")
    other = {"tokenizer": tmp_path / "tokenizer", "steps": 1}
    model = run_stage("pretrain", tiny.settings("pretrain") | other, tmp_path / "model")
    settings = tiny.settings("reward") | {"model": model, "steps": 1, "held_out": None}
    judge = run_stage("reward", settings, tmp_path / "judge", max_length=512)
    with pytest.raises(UserError, match="has a vocabulary of 280 and the model one of 300"):
        run_stage("ppo", tiny.settings("ppo"), tmp_path / "ppo", reward_model=judge)
