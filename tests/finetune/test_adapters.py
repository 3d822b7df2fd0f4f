"""LoRA adapters: what they compute, and what of a model they train."""

import dataclasses
import sys

import pytest
from tiny_adapters import LINEAR, LORA, adapted_settings, loaded, logits, moved, settings_of, tuned
from tiny_stages import QUESTIONS, chat, run_stage, stage_of

from finetune.metrics import read_metrics
from finetune.weights import ADAPTER_WEIGHTS
from schemas import UserError
from schemas.run import content_hash


@pytest.fixture(scope="module")
def torch():
    import torch

    return torch


def load_file(path):
    """The tensors of a file by name."""
    from safetensors.torch import load_file

    return load_file(path)


# What an adapter computes


@pytest.mark.parametrize("rslora", [False, True])
def test_new_adapter_changes_nothing(tiny, tmp_path, rslora):
    model = tuned(tiny, tmp_path, lora_rslora=rslora)
    assert logits(model).equal(logits(loaded(tiny.model)))
    assert not logits(moved(model)).allclose(logits(loaded(tiny.model)), atol=1e-2)


def test_adapter_off_is_the_model_it_was_put_on(tiny, tmp_path):
    model = moved(tuned(tiny, tmp_path))
    with model.disable_adapter():
        assert logits(model).equal(logits(loaded(tiny.model)))


@pytest.mark.parametrize(
    "changes", [{}, {"lora_rslora": True}, {"lora_alpha": 3.0}, {"lora_rank": 1}], ids=str
)
def test_merged_weights_compute_what_the_adapter_does(tiny, tmp_path, torch, changes):
    from finetune.model import load_tokenizer
    from finetune.tuning import Tuning

    made = settings_of(tiny, tmp_path / "out", **changes)
    tuning = Tuning(made, made.model)
    model = moved(tuning.model())
    tuning.save(model, load_tokenizer(made.model))
    torch.testing.assert_close(logits(loaded(made.out)), logits(model), rtol=1e-4, atol=1e-5)
    # And as PEFT itself merges.
    theirs = model.merge_and_unload().state_dict()
    for name, weight in loaded(made.out).state_dict().items():
        torch.testing.assert_close(weight, theirs[name], rtol=1e-6, atol=1e-7)


def test_scale_is_that_of_the_paper(tiny, tmp_path):
    scales = {}
    for name, changes in {
        "plain": {},
        "alpha": {"lora_alpha": 5.0},
        "rslora": {"lora_rslora": True},
        "both": {"lora_rslora": True, "lora_alpha": 6.0},
    }.items():
        layer = tuned(tiny, tmp_path, **changes).base_model.model.model.layers[0].self_attn.q_proj
        scales[name] = layer.scaling["default"]
    assert scales == {"plain": 2.0, "alpha": 5 / 4, "rslora": 8 / 4**0.5, "both": 6 / 4**0.5}


# What is trained


def test_adapters_are_on_all_linear_layers_of_the_blocks_and_nothing_else_is_trained(tiny, tmp_path):
    from finetune.tuning import trained_weights

    model = tuned(tiny, tmp_path)
    names = {name.split(".")[-4] for name in trained_weights(model)}
    assert sorted(names) == LINEAR
    assert all("lora_" in name and ".layers." in name for name in trained_weights(model))


def test_targets_may_be_chosen_and_are_checked_by_name(tiny, tmp_path):
    from finetune.tuning import trained_weights

    names = trained_weights(tuned(tiny, tmp_path, lora_targets=("q_proj", "v_proj")))
    assert {name.split(".")[-4] for name in names} == {"q_proj", "v_proj"}
    with pytest.raises(UserError, match=r"--lora-targets: unknown layer 'q_prj'; did you mean 'q_proj'\?"):
        run_stage("sft", tiny.settings("sft") | LORA, tmp_path / "out", lora_targets=("q_prj",))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("stage", ["pretrain", "sft", "reward", "dpo", "ppo", "grpo"])
def test_training_changes_the_adapter_and_not_the_weights_under_it(tiny, tmp_path, torch, stage):
    settings = adapted_settings(tiny, stage)
    before = content_hash(settings["model"])
    out = run_stage(stage, settings, tmp_path / "out", learning_rate=1e-2)
    assert content_hash(settings["model"]) == before
    adapter = load_file(out / "adapter" / ADAPTER_WEIGHTS)
    assert all(weight.abs().max() > 0 for name, weight in adapter.items() if "lora_B" in name)
    given, made = (load_file(folder / "model.safetensors") for folder in (settings["model"], out))
    head = {"score.weight"} if stage == "reward" else set()
    assert set(made) == (set(given) | head)
    for name in set(made) - head:
        changed = any(f".{layer}." in name for layer in LINEAR)
        assert made[name].equal(given[name]) != changed, name
    assert made[name].dtype == given[name].dtype


def test_gradient_checkpointing_trains_the_same_adapter(tiny, tmp_path, torch):
    settings = adapted_settings(tiny, "sft", learning_rate=1e-2)
    outs = [run_stage("sft", settings, tmp_path / str(on), gradient_checkpointing=on) for on in (False, True)]
    left, right = (load_file(out / "adapter" / ADAPTER_WEIGHTS) for out in outs)
    for name in left:
        torch.testing.assert_close(left[name], right[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("stage", ["sft", "ppo"])
def test_accumulated_batches_are_one_large_batch(tiny, tmp_path, torch, stage):
    settings = adapted_settings(tiny, stage, steps=3, schedule="constant")
    whole = run_stage(stage, settings, tmp_path / "whole", batch_size=8)
    parts = run_stage(stage, settings, tmp_path / "parts", batch_size=2, accumulation=4)
    left, right = (load_file(out / "adapter" / ADAPTER_WEIGHTS) for out in (whole, parts))
    for name in left:
        torch.testing.assert_close(left[name], right[name], rtol=1e-3, atol=2e-4)


def test_adapter_of_full_rank_learns_what_full_training_learns(tiny, tmp_path):
    """Rank 32 in a model 32 wide: any change of the layers of its blocks is within reach."""
    questions, answers = list(QUESTIONS), list(QUESTIONS.values())
    turned = zip(questions, answers[1:] + answers[:1], strict=True)
    rows = tiny.rows("turned.jsonl", [{"messages": chat(*turn)} for turn in turned])
    loss = {}
    for tune in ("full", "lora"):
        settings = tiny.settings("sft") | {"model": tiny.chatty, "data": (rows,), "schedule": "cosine"}
        settings |= {"tune": tune, "lora_rank": 32, "learning_rate": 1e-2, "steps": 120, "batch_size": 8}
        out = run_stage("sft", settings, tmp_path / tune)
        loss[tune] = [line["loss"] for line in read_metrics(out) if "loss" in line]
    assert loss["lora"][0] == pytest.approx(loss["full"][0], rel=1e-4)  # the same model to begin with
    assert loss["lora"][0] > 2
    assert loss["full"][-1] < 0.05
    assert loss["lora"][-1] < 0.05


def test_score_of_a_reward_model_is_trained_in_all_its_bits(tiny, tmp_path, torch):
    from finetune.reward_model import tuning_of

    made = settings_of(tiny, tmp_path, stage="reward", precision="bf16")
    model = tuning_of(made).model()
    dtypes = {name: weight.dtype for name, weight in model.named_parameters() if "score" in name}
    trained = [name for name in dtypes if "modules_to_save" in name]
    assert len(trained) == 1
    assert dtypes[trained[0]] == torch.float32
    out = run_stage("reward", adapted_settings(tiny, "reward", precision="bf16"), tmp_path / "out")
    assert all(weight.dtype == torch.float32 for weight in load_file(out / "model.safetensors").values())


@pytest.mark.parametrize("stage", ["sft", "reward", "dpo", "grpo"])
def test_trainer_does_not_round_the_adapter_of_a_quantized_model(tiny, tmp_path, torch, stage, monkeypatch):
    """TRL does, to bfloat16, with any model that says it is in 4 bits."""
    from peft import PeftModel

    from finetune.training import train

    monkeypatch.setattr(PeftModel, "is_loaded_in_4bit", True, raising=False)
    monkeypatch.setattr("transformers.trainer.validate_quantization_for_training", lambda model: None)
    dtypes = set()

    def watched(trainer, *args, **options):
        dtypes.update(weight.dtype for weight in trainer.model.parameters() if weight.requires_grad)
        return train(trainer, *args, **options)

    module = sys.modules[stage_of(stage)[1].__module__]
    monkeypatch.setattr(module, "train", watched)
    run_stage(stage, adapted_settings(tiny, stage, steps=2), tmp_path / "out")
    assert dtypes == {torch.float32}


def test_weights_under_an_adapter_are_held_in_half_the_bits_and_the_adapter_in_all(tiny, tmp_path, torch):
    model = tuned(tiny, tmp_path, precision="bf16")
    for name, weight in model.named_parameters():
        assert weight.dtype == (torch.float32 if weight.requires_grad else torch.bfloat16), name


# Settings that do not go together


@pytest.mark.parametrize(
    ("stage", "changes", "sentence"),
    [
        ("pretrain", {"tune": "lora"}, "a new model has no weights to put an adapter on; give --model"),
        (
            "ppo",
            LORA | {"lora_dropout": 0.1},
            "--lora-dropout: with dropout the policy would differ by chance",
        ),
        (
            "grpo",
            LORA | {"lora_dropout": 0.1},
            "--lora-dropout: with dropout the policy would differ by chance",
        ),
        ("sft", {"tune": "qlora"}, "--tune qlora needs a GPU with CUDA; give --tune lora"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_done(tiny, tmp_path, stage, changes, sentence):
    with pytest.raises(UserError) as error:
        run_stage(stage, tiny.settings(stage), tmp_path / "out", **changes)
    assert sentence in str(error.value)
    assert not (tmp_path / "out").exists()


def test_four_bits_need_bitsandbytes(monkeypatch, torch):
    from finetune.tuning import require_four_bits

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        UserError, match="needs bitsandbytes, which is not installed; pip install bitsandbytes"
    ):
        require_four_bits()


def test_learning_rate_chosen_for_whole_models_is_remarked_on_once(tiny, tmp_path, capfd):
    from finetune.tuning import Tuning, _say_once

    _say_once.cache_clear()
    made = dataclasses.replace(settings_of(tiny, tmp_path), learning_rate=2e-5)
    for _ in range(2):
        Tuning(made, made.model)
    assert capfd.readouterr().err.count("adapters mostly want ten times it") == 1
    Tuning(dataclasses.replace(made, learning_rate=2e-4), made.model)
    Tuning(dataclasses.replace(made, tune="full"), made.model)
    assert capfd.readouterr().err == ""
