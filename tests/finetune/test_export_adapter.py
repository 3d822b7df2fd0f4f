"""LoRA adapters out of the folder of a stage: merged into a GGUF file, or alone for llama.cpp to put on."""

import json
import shutil

import numpy as np
import pytest
from tiny_models import save_model, varied_texts

from finetune import gguf_adapter
from finetune.export import export_adapter, export_gguf
from finetune.tokenizer import train_tokenizer
from schemas import UserError


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A Llama and a Qwen3 that attend sharply."""
    root = tmp_path_factory.mktemp("models")
    train_tokenizer(varied_texts(), 2048, root / "tokenizer")
    made = {kind: save_model(root / kind, kind, root / "tokenizer") for kind in ("llama", "qwen3")}
    return made


@pytest.fixture(scope="module")
def adapters(models, tmp_path_factory):
    """An adapter of each model that changes what it says by much, as PEFT writes it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    root = tmp_path_factory.mktemp("adapters")
    for kind, folder in models.items():
        for name, options in {"plain": {}, "rslora": {"use_rslora": True}}.items():
            model = AutoModelForCausalLM.from_pretrained(folder)
            config = LoraConfig(
                r=4, lora_alpha=6, target_modules="all-linear", task_type="CAUSAL_LM", **options
            )
            model = get_peft_model(model, config)
            generator = torch.Generator().manual_seed(5)
            with torch.no_grad():
                for weight in model.parameters():
                    if weight.requires_grad:
                        weight.copy_(0.15 * torch.randn(weight.shape, generator=generator))
            model.save_pretrained(root / f"{kind}-{name}")
    return root


def hf_logits(base, adapter, ids):
    """What PEFT computes, from its own files."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager")
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter)
    with torch.no_grad():
        return model.eval()(torch.tensor([ids])).logits[0].numpy()


def gguf_logits(path, ids, adapter=None):
    from finetune.parity import open_exactly

    with open_exactly(path, adapter) as engine:
        return engine.logits(ids)


IDS = list(range(40, 90))


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("scale", ["plain", "rslora"])
def test_merged_file_says_what_peft_says(models, adapters, tmp_path, kind, scale):
    adapter = adapters / f"{kind}-{scale}"
    report = export_gguf(models[kind], tmp_path / "model.gguf", "f32", adapter=adapter)
    expected = hf_logits(models[kind], adapter, IDS)
    np.testing.assert_allclose(gguf_logits(report.path, IDS), expected, atol=5e-3)
    assert np.abs(expected - hf_logits(models[kind], None, IDS)).max() > 0.5
    assert report.max_logit_difference < 5e-3
    assert report.token_mismatches == 0


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
@pytest.mark.parametrize("scale", ["plain", "rslora"])
def test_adapter_alone_on_its_model_says_what_peft_says(models, adapters, tmp_path, kind, scale):
    adapter = adapters / f"{kind}-{scale}"
    report = export_adapter(models[kind], tmp_path / "adapter.gguf", "f32", adapter=adapter)
    assert report.max_logit_difference < 5e-3
    base = export_gguf(models[kind], tmp_path / "model.gguf", "f32").path
    expected = hf_logits(models[kind], adapter, IDS)
    np.testing.assert_allclose(gguf_logits(base, IDS, report.path), expected, atol=5e-3)
    assert {file.name for file in tmp_path.iterdir()} == {"model.gguf", "adapter.gguf"}


def test_names_shapes_and_scale_in_the_file_are_those_llama_cpp_documents(models, adapters, tmp_path):
    """`lora_a` is [rank, in] and `lora_b` [out, rank]; the scale is alpha over the rank."""
    from gguf import GGUFReader

    adapter = adapters / "llama-rslora"
    export_adapter(models["llama"], tmp_path / "adapter.gguf", "f16", adapter=adapter)
    reader = GGUFReader(tmp_path / "adapter.gguf")
    fields = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    assert fields["general.type"] == "adapter"
    assert fields["adapter.type"] == "lora"
    assert fields["general.architecture"] == "llama"
    assert fields["adapter.lora.alpha"] / 4 == pytest.approx(6 / 4**0.5)
    shapes = {tensor.name: tuple(tensor.shape)[::-1] for tensor in reader.tensors}
    assert shapes["blk.1.ffn_down.weight.lora_a"] == (4, 192)
    assert shapes["blk.1.ffn_down.weight.lora_b"] == (128, 4)
    assert len(shapes) == 2 * 7 * 2
    assert {tensor.tensor_type.name for tensor in reader.tensors} == {"F16"}


def test_gate_catches_an_adapter_whose_rows_are_not_rotated(models, adapters, tmp_path, monkeypatch):
    monkeypatch.setattr(gguf_adapter, "rotary_rows", lambda values, heads: values)
    adapter = adapters / "llama-plain"
    with pytest.raises(UserError, match="the parity gate fails at the logits"):
        export_adapter(models["llama"], tmp_path / "adapter.gguf", "f32", adapter=adapter)
    assert not list(tmp_path.iterdir())


def test_gate_catches_an_adapter_of_another_scale(models, adapters, tmp_path, monkeypatch):
    monkeypatch.setattr(gguf_adapter, "_alpha", lambda lora: lora.alpha)
    adapter = adapters / "qwen3-rslora"
    with pytest.raises(UserError, match="the parity gate fails at the logits"):
        export_adapter(models["qwen3"], tmp_path / "adapter.gguf", "f16", adapter=adapter)


def test_gate_catches_a_merge_at_another_scale(models, adapters, tmp_path, monkeypatch):
    from finetune.weights import LoraFile

    monkeypatch.setattr(LoraFile, "scale", lambda self, rank: self.alpha / rank)
    with pytest.raises(UserError, match="the parity gate fails at the logits"):
        export_gguf(models["qwen3"], tmp_path / "m.gguf", "f32", adapter=adapters / "qwen3-rslora")


def test_datagen_reads_the_adapter_and_answers_with_it(models, adapters, tmp_path):
    from datagen.engines.files.adapter import read_adapter
    from datagen.engines.files.gguf_file import read_gguf

    base = export_gguf(models["llama"], tmp_path / "model.gguf", "q8_0", gate=False).path
    written = export_adapter(
        models["llama"], tmp_path / "a.gguf", "f16", adapter=adapters / "llama-plain", gate=False
    )
    assert len(read_adapter(written.path, read_gguf(base)).tensors) == 28


def test_folder_of_an_adapter_is_exported_with_its_model(models, adapters, tmp_path):
    adapter = tmp_path / "adapter"
    shutil.copytree(adapters / "llama-plain", adapter)
    merged = export_gguf(adapter, tmp_path / "a.gguf", "q8_0").path
    named = export_gguf(models["llama"], tmp_path / "b.gguf", "q8_0", adapter=adapter).path
    assert merged.read_bytes()[-1000:] == named.read_bytes()[-1000:]
    alone = export_adapter(adapter, tmp_path / "c.gguf", "f32")
    assert alone.max_logit_difference < 5e-3


@pytest.mark.parametrize(
    ("model", "adapter", "sentence"),
    [
        ("qwen3", None, "no adapter; name its folder with --adapter"),
        ("qwen3", "nowhere", "no adapter_config.json"),
    ],
)
def test_what_is_no_adapter_is_said(models, tmp_path, model, adapter, sentence):
    where = tmp_path / adapter if adapter else None
    with pytest.raises(UserError, match=sentence):
        export_adapter(models[model], tmp_path / "a.gguf", "f16", adapter=where)


def test_adapter_of_another_model_is_refused(models, adapters, tmp_path):
    other = save_model(tmp_path / "other", "llama", models["llama"], intermediate_size=256)
    with pytest.raises(
        UserError, match=r"changes model\.layers\..* as \[.*\], and it is \[.*\]; name the model"
    ):
        export_gguf(other, tmp_path / "m.gguf", "f32", adapter=adapters / "llama-plain")
    fewer = save_model(tmp_path / "fewer", "llama", models["llama"], num_hidden_layers=1)
    with pytest.raises(UserError, match=r"changes model\.layers\.1\..*, which .*fewer does not have"):
        export_gguf(fewer, tmp_path / "m.gguf", "f32", adapter=adapters / "llama-plain")


def test_quantized_adapter_is_refused_by_name(models, adapters, tmp_path):
    with pytest.raises(UserError, match="--gguf: unknown type of an adapter 'q8_0'"):
        export_adapter(models["llama"], tmp_path / "a.gguf", "q8_0", adapter=adapters / "llama-plain")


def test_adapter_whose_model_is_nowhere_is_said(adapters, tmp_path):
    shutil.copytree(adapters / "llama-plain", tmp_path / "adapter")
    path = tmp_path / "adapter" / "adapter_config.json"
    path.write_text(
        json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": "someone/some-model"})
    )
    with pytest.raises(
        UserError, match="the adapter's model someone/some-model is no folder on this machine"
    ):
        export_gguf(tmp_path / "adapter", tmp_path / "model.gguf", "f32")
