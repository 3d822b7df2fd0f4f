"""What a stage with an adapter leaves on disk: a whole model, or an adapter that knows its model."""

import json
import shutil

import pytest
from tiny_adapters import LORA, loaded, logits
from tiny_stages import run_stage

from finetune.metrics import read_metrics
from finetune.weights import ADAPTER_WEIGHTS, INDEX_NAME
from schemas import UserError
from schemas.run import read_manifest


@pytest.fixture(scope="module")
def torch():
    import torch

    return torch


@pytest.fixture(scope="module")
def adapted(tiny):
    """The folder of an instruction tuning with an adapter, learned by heart."""
    settings = tiny.settings("sft") | LORA | {"steps": 60, "batch_size": 8, "learning_rate": 2e-2}
    return run_stage("sft", settings, tiny.root / "adapted")


@pytest.fixture(scope="module")
def alone(tiny):
    """The same run, of which the adapter alone is left."""
    settings = tiny.settings("sft") | LORA | {"steps": 60, "batch_size": 8, "learning_rate": 2e-2}
    return run_stage("sft", settings, tiny.root / "alone", save="adapter")


def test_stage_leaves_a_whole_model_and_the_adapter_beside_it(tiny, adapted, torch):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model, report = AutoModelForCausalLM.from_pretrained(adapted, output_loading_info=True)
    assert not any(report.values())
    theirs = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny.model), adapted / "adapter")
    torch.testing.assert_close(logits(model), logits(theirs), rtol=1e-4, atol=1e-4)
    names = {file.name for file in (adapted / "adapter").iterdir()}
    assert names == {"adapter_config.json", ADAPTER_WEIGHTS, "base.json"}
    assert read_manifest(adapted)["settings"]["tune"] == "lora"


def test_adapter_alone_is_a_model_for_the_next_command(adapted, alone, tiny, tmp_path, torch):
    from finetune.model import load_tokenizer, model_files

    assert not (alone / "model.safetensors").exists()
    torch.testing.assert_close(logits(loaded(alone)), logits(loaded(adapted)), rtol=1e-5, atol=1e-5)
    assert load_tokenizer(alone).get_vocab() == load_tokenizer(tiny.model).get_vocab()
    files = model_files(alone)
    assert {alone / ADAPTER_WEIGHTS, tiny.model / "model.safetensors"} <= set(files)
    settings = tiny.settings("dpo") | {"model": alone, "problems": None}
    for name, changes in {"full": {}, "lora": LORA}.items():
        out = run_stage("dpo", settings, tmp_path / name, **changes)
        first = read_metrics(out)[0]
        assert first["rewards/margins"] == pytest.approx(0, abs=1e-3)  # policy and reference are one model
        assert not logits(loaded(out)).allclose(logits(loaded(alone)), atol=1e-3)


def test_adapter_alone_is_loaded_by_transformers_too(alone, adapted, torch):
    from transformers import AutoModelForCausalLM

    theirs = AutoModelForCausalLM.from_pretrained(alone)
    torch.testing.assert_close(logits(theirs), logits(loaded(adapted)), rtol=1e-4, atol=1e-4)


def test_adapter_on_an_adapter_adds_up(alone, tiny, tmp_path, torch):
    settings = tiny.settings("sft") | LORA | {"model": alone, "learning_rate": 1e-2}
    out = run_stage("sft", settings, tmp_path / "second")
    from peft import PeftModel

    theirs = PeftModel.from_pretrained(loaded(alone), out / "adapter")
    torch.testing.assert_close(logits(loaded(out)), logits(theirs), rtol=1e-4, atol=1e-4)
    with pytest.raises(UserError, match="an adapter cannot be the model of another one; give --save merged"):
        run_stage("sft", settings, tmp_path / "third", save="adapter")


def test_runs_that_were_moved_together_still_belong_together(tiny, tmp_path):
    shutil.copytree(tiny.model, tmp_path / "runs" / "base")
    settings = tiny.settings("sft") | LORA | {"model": tmp_path / "runs" / "base", "save": "adapter"}
    out = run_stage("sft", settings, tmp_path / "runs" / "sft")
    before = logits(loaded(out))
    (tmp_path / "runs").rename(tmp_path / "elsewhere")
    assert logits(loaded(tmp_path / "elsewhere" / "sft")).equal(before)
    shutil.rmtree(tmp_path / "elsewhere" / "base")
    with pytest.raises(UserError, match="is no folder on this machine; set base_model_name_or_path"):
        loaded(tmp_path / "elsewhere" / "sft")


def test_adapter_of_other_weights_is_refused(tiny, alone, tmp_path):
    from safetensors.torch import load_file, save_file

    base = tmp_path / "base"
    shutil.copytree(tiny.model, base)
    shutil.copytree(alone, tmp_path / "adapter")
    note = json.loads((alone / "base.json").read_text())
    (tmp_path / "adapter" / "base.json").write_text(
        json.dumps(note | {"path": str(base), "relative": "../base"})
    )
    loaded(tmp_path / "adapter")
    tensors = load_file(base / "model.safetensors")
    tensors["model.norm.weight"][0] += 1e-3
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="was trained on other weights than those in"):
        loaded(tmp_path / "adapter")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_merged_weights_are_of_the_type_they_were_stored_in_and_rounded_once(tiny, tmp_path, torch, dtype):
    from safetensors.torch import load_file

    from finetune.weights import read_lora

    base = tmp_path / "base"
    shutil.copytree(tiny.model, base)
    loaded(tiny.model).to(getattr(torch, dtype)).save_pretrained(base)
    settings = tiny.settings("sft") | LORA | {"model": base, "learning_rate": 1e-2}
    out = run_stage("sft", settings, tmp_path / "out")
    given, made = load_file(base / "model.safetensors"), load_file(out / "model.safetensors")
    lora = read_lora(out / "adapter")
    assert loaded(out, dtype="auto").dtype == getattr(torch, dtype)
    for name, weight in made.items():
        assert weight.dtype == getattr(torch, dtype)
        if name in lora.changed:
            a, b, scale = lora.pair(name)
            torch.testing.assert_close(
                weight, (given[name].float() + scale * b @ a).to(weight.dtype), rtol=0, atol=0
            )
        else:
            assert weight.equal(given[name])


def test_sharded_model_is_merged_shard_by_shard(tiny, tmp_path, torch):
    base = tmp_path / "base"
    shutil.copytree(tiny.model, base)
    (base / "model.safetensors").unlink()
    loaded(tiny.model).save_pretrained(base, max_shard_size="40KB")
    shards = {file.name for file in base.glob("*.safetensors")}
    assert len(shards) > 1
    settings = tiny.settings("sft") | LORA | {"learning_rate": 1e-2}
    outs = [
        run_stage("sft", settings, tmp_path / name, model=folder)
        for name, folder in (("one", tiny.model), ("many", base))
    ]
    assert {file.name for file in outs[1].glob("*.safetensors")} == shards
    assert (outs[1] / INDEX_NAME).is_file()
    one, many = (loaded(out).state_dict() for out in outs)
    assert all(one[name].equal(many[name]) for name in one)
    (base / sorted(shards)[1]).unlink()
    with pytest.raises(
        UserError, match=f"{sorted(shards)[1]}: a shard is missing; copy the whole model folder"
    ):
        loaded(base)


def test_reward_model_with_an_adapter_scores_the_same_merged_or_not(tiny, tmp_path, torch):
    from finetune.model import load_reward_model

    settings = tiny.settings("reward") | LORA | {"learning_rate": 1e-2, "steps": 20}
    merged = run_stage("reward", settings, tmp_path / "merged")
    alone = run_stage("reward", settings, tmp_path / "alone", save="adapter")
    assert load_reward_model(merged).config.architectures == ["LlamaForSequenceClassification"]
    assert "lm_head.weight" not in load_reward_model(merged).state_dict()
    scores = [logits(load_reward_model(folder)) for folder in (merged, alone)]
    torch.testing.assert_close(*scores, rtol=1e-4, atol=1e-5)
    assert read_manifest(merged)["results"]["reward_accuracy"] == 1.0
    judged = run_stage("ppo", tiny.settings("ppo"), tmp_path / "ppo", reward_model=alone)
    assert read_manifest(judged)["status"] == "finished"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda c: c | {"peft_type": "IA3"}, "an adapter of the kind IA3, not LORA"),
        (lambda c: c | {"use_dora": True}, r"no plain LoRA \('use_dora' is True\); merge it with PEFT first"),
        (lambda c: c | {"bias": "all"}, r"no plain LoRA \('bias' is all\)"),
    ],
)
def test_adapter_of_another_kind_is_said(alone, tmp_path, spoil, sentence):
    shutil.copytree(alone, tmp_path / "adapter")
    path = tmp_path / "adapter" / "adapter_config.json"
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    with pytest.raises(UserError, match=sentence):
        loaded(tmp_path / "adapter")


def test_damaged_adapter_is_said(alone, tmp_path):
    shutil.copytree(alone, tmp_path / "adapter")
    weights = tmp_path / "adapter" / ADAPTER_WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(UserError, match=f"{ADAPTER_WEIGHTS}: damaged"):
        loaded(tmp_path / "adapter")
    weights.unlink()
    with pytest.raises(UserError, match=f"no {ADAPTER_WEIGHTS}; copy the whole adapter again"):
        loaded(tmp_path / "adapter")
