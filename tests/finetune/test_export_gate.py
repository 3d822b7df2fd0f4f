"""The gate fails, says which check, and keeps the old file, whenever llama.cpp would misread the model."""

import dataclasses

import numpy as np
import pytest
from tiny_models import save_model, varied_texts

from finetune import export, gguf_source, gguf_vocabulary, gguf_writer, parity
from finetune.export import export_gguf
from finetune.gguf_vocabulary import NORMAL, USER_DEFINED
from finetune.parity import compare_logits
from finetune.tokenizer import train_tokenizer
from schemas import UserError


@pytest.fixture(scope="module")
def tokenizer_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(varied_texts(), 2048, folder)
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory, tokenizer_dir):
    root = tmp_path_factory.mktemp("models")
    sharp = {
        kind: save_model(root / kind, kind, tokenizer_dir, hidden_size=256) for kind in ("llama", "qwen3")
    }
    return sharp | {"untrained": save_model(root / "untrained", "llama", tokenizer_dir, sharp=False)}


@pytest.fixture
def vocabulary_with(monkeypatch):
    """Make the export write another vocabulary than the tokenizer's."""

    def arrange(change):
        read = gguf_vocabulary.read_vocabulary
        monkeypatch.setattr(export, "read_vocabulary", lambda *a, **k: change(read(*a, **k)))

    return arrange


def failure(model, folder, quantization="q8_0"):
    """The sentence of the failed gate; an existing file must have stayed."""
    out = folder / "model.gguf"
    out.write_bytes(b"the good old file")
    with pytest.raises(UserError, match="the parity gate fails at the") as error:
        export_gguf(model, out, quantization)
    assert out.read_bytes() == b"the good old file"
    assert [path.name for path in folder.iterdir()] == ["model.gguf"]
    return str(error.value)


@pytest.mark.parametrize("quantization", ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k_m"])
@pytest.mark.parametrize("which", ["llama", "untrained"])
def test_missing_rotary_permutation(models, which, quantization, monkeypatch, tmp_path):
    monkeypatch.setattr(gguf_writer, "rotary_rows", lambda values, heads: values)
    sentence = failure(models[which], tmp_path, quantization)
    assert "at the logits: largest difference" in sentence
    assert sentence.startswith("model.gguf: " if quantization == "f32" else "model-f32.gguf: ")


@pytest.mark.parametrize("which", ["llama", "untrained"])
def test_permutation_with_the_wrong_number_of_heads(models, which, monkeypatch, tmp_path):
    permute = gguf_writer.rotary_rows
    monkeypatch.setattr(gguf_writer, "rotary_rows", lambda values, heads: permute(values, 4))
    assert "at the logits" in failure(models[which], tmp_path)


def test_permutation_where_none_belongs(models, monkeypatch, tmp_path):
    plan = gguf_writer.plan_tensors
    monkeypatch.setattr(
        gguf_writer,
        "plan_tensors",
        lambda *a: [dataclasses.replace(t, heads=2 * ("attn_k.w" in t.name)) for t in plan(*a)],
    )
    assert "at the logits" in failure(models["qwen3"], tmp_path)


@pytest.mark.parametrize("pre", ["gpt-2", "qwen2", "llama-bpe", "default"])
def test_wrong_pre_tokenizer(models, pre, vocabulary_with, tmp_path):
    vocabulary_with(lambda vocabulary: dataclasses.replace(vocabulary, pre=pre))
    sentence = failure(models["qwen3"], tmp_path)
    assert "at the token ids: " in sentence
    assert "texts differ, first " in sentence


def test_pre_tokenizer_that_llama_cpp_does_not_know(models, vocabulary_with, tmp_path):
    vocabulary_with(lambda vocabulary: dataclasses.replace(vocabulary, pre="homemade"))
    with pytest.raises(UserError, match=r"llama\.cpp cannot load the model .*homemade"):
        export_gguf(models["qwen3"], tmp_path / "model.gguf", "f32")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("token", ["<|im_end|>", "<|im_start|>", "<think>"])
def test_special_token_typed_normal(models, token, vocabulary_with, tmp_path):
    def change(vocabulary):
        pairs = zip(vocabulary.tokens, vocabulary.types, strict=True)
        types = tuple(NORMAL if text == token else kind for text, kind in pairs)
        return dataclasses.replace(vocabulary, types=types)

    vocabulary_with(change)
    assert f"at the special tokens: '{token}' (id " in failure(models["qwen3"], tmp_path)


def test_special_token_that_a_user_could_type(models, vocabulary_with, tmp_path):
    def change(vocabulary):
        return dataclasses.replace(vocabulary, types=(USER_DEFINED, *vocabulary.types[1:]))

    vocabulary_with(change)
    sentence = failure(models["qwen3"], tmp_path)
    assert "at the special tokens: '<|endoftext|>' (id 0) is typed 4, not CONTROL" in sentence


def test_lost_merge(models, vocabulary_with, tmp_path):
    vocabulary_with(lambda v: dataclasses.replace(v, merges=v.merges[:40] + v.merges[41:]))
    assert "at the token ids" in failure(models["qwen3"], tmp_path)


def test_other_chat_template(models, vocabulary_with, tmp_path):
    def change(vocabulary):
        template = vocabulary.chat_template.replace("'<|im_end|>' + '\\n'", "'<|im_end|>'")
        assert template != vocabulary.chat_template
        return dataclasses.replace(vocabulary, chat_template=template)

    vocabulary_with(change)
    assert "at the chat template: renderings part at character" in failure(models["qwen3"], tmp_path)


@pytest.mark.parametrize("name", ["eos", "eot"])
def test_stop_token_that_would_not_stop(models, name, vocabulary_with, tmp_path):
    """One of the two suffices for a template whose turn end is the EOS; without both a model babbles on."""
    vocabulary_with(lambda vocabulary: dataclasses.replace(vocabulary, **{name: 0}))
    export_gguf(models["qwen3"], tmp_path / "model.gguf", "f32")
    vocabulary_with(lambda vocabulary: dataclasses.replace(vocabulary, eos=0, eot=0))
    sentence = failure(models["qwen3"], tmp_path)
    assert "at the stop token: generation would run past '<|im_end|>' (id 3)" in sentence


@pytest.mark.parametrize(
    "setting",
    [{"rms_norm_eps": 1e-3}, {"rope_parameters": {"rope_type": "default", "rope_theta": 11000.0}}],
    ids=str,
)
def test_metadata_that_is_not_the_models(models, setting, monkeypatch, tmp_path):
    read = gguf_source.read_source

    def changed(path, adapter=None):
        source = read(path, adapter)
        for name, value in setting.items():
            setattr(source.config, name, value)
        return source

    monkeypatch.setattr(export, "read_source", changed)
    assert "at the logits" in failure(models["llama"], tmp_path)


def test_quantization_that_damages_the_model(models, monkeypatch, tmp_path):
    """The exact file passes, the quantized one must still be held against the model."""
    from gguf import quants

    quantize = quants.quantize
    rounded = {"Q8_0": lambda values: np.round(values * 6) / 6}
    monkeypatch.setattr(
        quants, "quantize", lambda values, kind: quantize(rounded.get(kind.name, np.asarray)(values), kind)
    )
    sentence = failure(models["llama"], tmp_path)
    assert sentence.startswith("model.gguf: ")
    assert sentence.endswith("choose a finer quantization")
    assert "at the logits: mean KL" in sentence


def test_weights_that_are_not_numbers(tokenizer_dir, tmp_path):
    from safetensors.numpy import load_file, save_file

    folder = save_model(tmp_path / "model", "llama", tokenizer_dir)
    tensors = load_file(folder / "model.safetensors")
    tensors["model.norm.weight"][3] = np.nan
    save_file(tensors, folder / "model.safetensors")
    (tmp_path / "out").mkdir()
    assert "at the logits: largest difference in spreads nan" in failure(folder, tmp_path / "out", "f32")


def test_without_the_gate_nothing_is_measured(models, monkeypatch, tmp_path):
    monkeypatch.setattr(gguf_writer, "rotary_rows", lambda values, heads: values)
    report = export_gguf(models["llama"], tmp_path / "model.gguf", "f16", gate=False)
    assert report.mean_kl is report.token_mismatches is report.template_equal is None


def test_logit_comparison_against_torch():
    import torch

    generator = np.random.default_rng(0)
    ours = generator.normal(size=(7, 50)) * 3
    theirs = ours + generator.normal(size=(7, 50))
    measured = compare_logits(ours, theirs)
    log_p, log_q = (torch.log_softmax(torch.tensor(x), -1) for x in (ours, theirs))
    kl = torch.nn.functional.kl_div(log_q, log_p, log_target=True, reduction="batchmean")
    assert measured.mean_kl == pytest.approx(kl.item())
    assert measured.max_difference == pytest.approx(np.abs(ours - theirs).max())
    agreement = (torch.tensor(ours).argmax(-1) == torch.tensor(theirs).argmax(-1)).double().mean()
    assert measured.greedy_agreement == pytest.approx(agreement.item())


def test_a_changed_near_tie_is_not_decisive():
    ours = np.log([[0.50, 0.48, 0.02], [0.6, 0.3, 0.1]])
    swapped = ours[:, [1, 0, 2]]
    measured = compare_logits(ours, swapped)
    assert measured.greedy_agreement == 0
    assert measured.decisive == 0.5


def test_limits_are_known_for_every_quantization():
    from typing import get_args

    assert set(parity.LIMITS) == set(get_args(export.Quantization))
