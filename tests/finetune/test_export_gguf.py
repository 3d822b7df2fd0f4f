"""Export to GGUF: what is written is what the model is, in every format, tied or not, whatever its heads."""

import json

import numpy as np
import pytest
from tiny_models import save_model, varied_texts

from finetune.export import export_gguf
from finetune.gguf_source import read_source
from finetune.gguf_vocabulary import CONTROL, UNUSED, USER_DEFINED, plain_template
from finetune.gguf_writer import rotary_rows
from finetune.tokenizer import train_tokenizer
from schemas import UserError

QUANTIZATIONS = ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_k_m")
SMOLLM = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    ],
}


@pytest.fixture(scope="module")
def tokenizer_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(varied_texts(), 2048, folder)
    return folder


@pytest.fixture(scope="module")
def wide(tmp_path_factory, tokenizer_dir):
    """One Llama and one Qwen3 whose rows of 256 suit every format."""
    root = tmp_path_factory.mktemp("wide")
    shape = {"hidden_size": 256, "intermediate_size": 256, "head_dim": 64}
    return {kind: save_model(root / kind, kind, tokenizer_dir, **shape) for kind in ("llama", "qwen3")}


@pytest.fixture
def model(tmp_path, tokenizer_dir):
    return save_model(tmp_path / "model", "llama", tokenizer_dir)


def tensors_of(path):
    from gguf import GGUFReader

    return {tensor.name: tensor for tensor in GGUFReader(path).tensors}


def metadata_of(path):
    from gguf import GGUFReader

    return {name: field.contents() for name, field in GGUFReader(path).fields.items()}


def edit_json(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("quantization", QUANTIZATIONS)
@pytest.mark.parametrize("kind", ["llama", "qwen3"])
def test_every_format_passes_the_gate(wide, kind, quantization, tmp_path):
    report = export_gguf(wide[kind], tmp_path / "model.gguf", quantization)
    assert (report.token_mismatches, report.template_equal, report.notes) == (0, True, ())
    assert report.bytes == (tmp_path / "model.gguf").stat().st_size
    if quantization == "f32":
        assert report.max_logit_difference < 1e-3
        assert report.greedy_agreement == 1
    else:
        assert 1e-9 < report.mean_kl < 0.5  # a rounded file that measures nothing was not measured


def test_finer_formats_are_closer_to_the_model_and_larger(wide, tmp_path):
    reports = [export_gguf(wide["qwen3"], tmp_path / q, q) for q in ("f32", "f16", "q8_0", "q4_k_m", "q4_0")]
    kls = [report.mean_kl for report in reports]
    assert kls == sorted(kls)
    sizes = [report.bytes for report in reports[:4]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("llama", {"tie_word_embeddings": False}),
        ("llama", {"num_key_value_heads": 1}),
        ("llama", {"num_key_value_heads": 4}),
        ("llama", {"head_dim": 48}),
        ("llama", {"attention_bias": True, "mlp_bias": True}),
        ("llama", {"rope_parameters": {"rope_type": "default", "rope_theta": 500.0}}),
        ("llama", {"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0}}),
        (
            "llama",
            {
                "rope_parameters": {
                    "rope_type": "llama3",
                    "rope_theta": 1e4,
                    "factor": 8.0,
                    "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0,
                    "original_max_position_embeddings": 64,
                }
            },
        ),
        ("qwen3", {"tie_word_embeddings": False}),
        ("qwen3", {"head_dim": 48, "num_key_value_heads": 1}),
        ("qwen3", {"rms_norm_eps": 1e-2}),
    ],
    ids=str,
)
def test_every_shape_computes_the_same_logits(kind, shape, tokenizer_dir, tmp_path):
    folder = save_model(tmp_path / "model", kind, tokenizer_dir, **shape)
    assert export_gguf(folder, tmp_path / "model.gguf", "f32").max_logit_difference < 1e-3
    untied = shape.get("tie_word_embeddings") is False
    assert ("output.weight" in tensors_of(tmp_path / "model.gguf")) == untied


def test_rotary_rows_turn_a_rotation_of_halves_into_one_of_pairs():
    generator = np.random.default_rng(0)
    heads, size = 3, 8
    rows, angle = generator.normal(size=heads * size), generator.normal(size=size // 2)
    halves = rows.reshape(heads, 2, size // 2)
    turned = np.stack(
        [
            halves[:, 0] * np.cos(angle) - halves[:, 1] * np.sin(angle),
            halves[:, 1] * np.cos(angle) + halves[:, 0] * np.sin(angle),
        ],
        axis=1,
    )
    pairs = rotary_rows(rows, heads).reshape(heads, size // 2, 2)
    complex_turned = (pairs[..., 0] + 1j * pairs[..., 1]) * np.exp(1j * angle)
    expected = rotary_rows(turned.reshape(-1), heads).reshape(heads, size // 2, 2)
    np.testing.assert_allclose(complex_turned, expected[..., 0] + 1j * expected[..., 1])


@pytest.mark.parametrize(("quantization", "file_type"), [("q8_0", 7), ("q4_0", 2)])
def test_quantized_tensors_equal_those_of_llama_cpp(wide, quantization, file_type, tmp_path):
    import ctypes

    import llama_cpp

    ours, exact, theirs = (tmp_path / name for name in ("ours", "exact", "theirs"))
    export_gguf(wide["llama"], ours, quantization, gate=False)
    export_gguf(wide["llama"], exact, "f32", gate=False)
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = file_type
    assert llama_cpp.llama_model_quantize(bytes(exact), bytes(theirs), ctypes.byref(params)) == 0
    left, right = tensors_of(ours), tensors_of(theirs)
    assert left.keys() == right.keys()
    compared = [name for name in left if not (quantization == "q4_0" and name == "token_embd.weight")]
    for name in compared:  # tied embeddings make the logits: llama.cpp keeps 6 bits there, we 8
        assert left[name].tensor_type == right[name].tensor_type
        np.testing.assert_array_equal(left[name].data, right[name].data)


def test_rows_that_do_not_divide_into_blocks_are_stored_otherwise_and_noted(tokenizer_dir, tmp_path):
    narrow = save_model(tmp_path / "narrow", "llama", tokenizer_dir, intermediate_size=200)
    report = export_gguf(narrow, tmp_path / "q8.gguf", "q8_0")
    assert len(report.notes) == 2
    assert "blk.0.ffn_down.weight is stored as F16: rows of 200" in report.notes[0]
    (note,) = export_gguf(narrow, tmp_path / "q4.gguf", "q4_k_m").notes
    assert "matrices have rows that do not divide into 256" in note


def test_metadata_says_what_llama_cpp_must_know(model, tmp_path):
    export_gguf(model, tmp_path / "model.gguf", "q8_0", gate=False)
    metadata = metadata_of(tmp_path / "model.gguf")
    assert metadata["tokenizer.ggml.pre"] == "smollm"
    assert metadata["tokenizer.ggml.add_bos_token"] is False
    ids = {name: metadata[f"tokenizer.ggml.{name}_token_id"] for name in ("bos", "eos", "eot", "padding")}
    assert ids == {"bos": 0, "padding": 1, "eos": 3, "eot": 3}
    types = metadata["tokenizer.ggml.token_type"]
    assert types[:6] == [CONTROL] * 4 + [USER_DEFINED] * 2
    assert metadata["llama.attention.head_count_kv"] == 2
    assert metadata["llama.rope.dimension_count"] == 32


def test_embedding_rows_without_a_token_are_filled_with_unused_ones(tokenizer_dir, tmp_path):
    folder = save_model(tmp_path / "model", "qwen3", tokenizer_dir, vocab_size=2080)
    export_gguf(folder, tmp_path / "model.gguf", "f32")
    metadata = metadata_of(tmp_path / "model.gguf")
    assert metadata["tokenizer.ggml.token_type"][2048:] == [UNUSED] * 32
    assert len(set(metadata["tokenizer.ggml.tokens"])) == 2080


def test_what_a_killed_export_left_is_thrown_away(model, tmp_path):
    out = tmp_path / "out" / "model.gguf"
    left = out.with_name(".model.gguf.partial")
    left.mkdir(parents=True)
    (left / "model.gguf").write_bytes(b"half")
    export_gguf(model, out, "q8_0", gate=False)
    assert [path.name for path in out.parent.iterdir()] == ["model.gguf"]


def test_token_added_to_every_text_is_noted(model, tmp_path):
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.post_processor = TemplateProcessing(
        single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)]
    )
    tokenizer.save(str(model / "tokenizer.json"))
    (note,) = export_gguf(model, tmp_path / "model.gguf", "f32").notes
    assert note.startswith("the tokenizer adds <|endoftext|> to every text")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_in_shards_is_read_exactly(model, dtype, tmp_path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loaded = AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype))
    loaded.save_pretrained(tmp_path / "half", max_shard_size="300KB")
    AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path / "half")
    assert (tmp_path / "half" / "model.safetensors.index.json").is_file()
    report = export_gguf(tmp_path / "half", tmp_path / "model.gguf", "f32")
    assert report.max_logit_difference < 1e-3


def test_the_same_model_gives_the_same_bytes(model, tmp_path):
    shas = {export_gguf(model, tmp_path / name / "model.gguf", "q4_0", gate=False).sha for name in "ab"}
    assert len(shas) == 1


QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@pytest.mark.parametrize("pre", ["smollm", "gpt-2", "qwen2", "llama-bpe"])
def test_each_known_splitting_rule_is_recognised_and_tokenizes_alike(pre, tokenizer_dir, tmp_path):
    from tokenizers import Regex, Tokenizer, models, trainers
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

    folder = save_model(tmp_path / "model", "qwen3", tokenizer_dir)
    if pre != "smollm":
        pattern = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|") if pre == "llama-bpe" else QWEN2
        split = Sequence([Split(Regex(pattern), "isolated"), ByteLevel(False, use_regex=False)])
        tokenizer = Tokenizer(models.BPE(ignore_merges=pre == "llama-bpe"))
        tokenizer.pre_tokenizer = ByteLevel(False) if pre == "gpt-2" else split
        special = ["<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>"]
        alphabet = ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=2000, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
        tokenizer.train_from_iterator(varied_texts(), trainer)
        tokenizer.save(str(folder / "tokenizer.json"))
    report = export_gguf(folder, tmp_path / "model.gguf", "f32")
    assert metadata_of(tmp_path / "model.gguf")["tokenizer.ggml.pre"] == pre
    assert report.token_mismatches == 0


def test_generation_tags_are_taken_out_and_render_the_same(model, tmp_path):
    plain = json.loads((model / "tokenizer_config.json").read_text())["chat_template"]
    tagged = plain.replace("{{- '<|im_start|>' +", "{%- generation -%}\n{{- '<|im_start|>' +").replace(
        "'\\n' -}}\n{%- endfor", "'\\n' -}}  \n {%- endgeneration -%}\n{%- endfor"
    )
    assert tagged.count("generation -%}") == 2 + plain.count("generation -%}")
    (model / "chat_template.jinja").write_text(tagged)
    assert export_gguf(model, tmp_path / "model.gguf", "f32").template_equal
    written = metadata_of(tmp_path / "model.gguf")["tokenizer.chat_template"]
    assert "{%- generation" not in written
    assert "endgeneration" not in written


@pytest.mark.parametrize("left", ["{%", "{%-", "{%+"])
def test_generation_tags_are_found_however_written(left):
    template = f"a{left} generation %}} b {left}endgeneration -%}} {{{{ add_generation_prompt }}}}"
    expected = f"a{left} if true %}} b {left}endif -%}} {{{{ add_generation_prompt }}}}"
    assert plain_template(template) == expected


def remove(name):
    return lambda folder: (folder / name).unlink()


def cut_short(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def lose_a_shard(folder):
    import torch
    from transformers import AutoModelForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    (folder / "model.safetensors").unlink()
    loaded.save_pretrained(folder, max_shard_size="500KB")
    next(iter(sorted(folder.glob("model-00002*")))).unlink()


def lose_a_tensor(folder):
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors")


def gain_a_tensor(folder):
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {"model.adapter.weight": np.zeros((4, 4), np.float32)}, folder / "model.safetensors")


def config(**settings):
    return lambda folder: edit_json(folder / "config.json", lambda document: document.update(settings))


def tokenizer_json(**settings):
    return lambda folder: edit_json(folder / "tokenizer.json", lambda document: document.update(settings))


def without_template(folder):
    edit_json(folder / "tokenizer_config.json", lambda document: document.pop("chat_template"))


def broken_template(folder):
    (folder / "chat_template.jinja").write_text("{% for message in messages %}{{ message['content'] }}")


DIGITS_IN_THREES = {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": False}]}

DAMAGES = {
    "no config": (remove("config.json"), "no config.json"),
    "config cut short": (lambda f: (f / "config.json").write_text('{"model_'), "cannot be read"),
    "no weights": (remove("model.safetensors"), "no model.safetensors"),
    "weights cut short": (cut_short, "model.safetensors: damaged"),
    "shard missing": (lose_a_shard, "model-00002-of-.*: a shard is missing; copy the whole model folder"),
    "tensor missing": (lose_a_tensor, "the model has no tensor for blk.1.ffn_up.weight"),
    "tensor too many": (gain_a_tensor, "no place for the tensor model.adapter.weight"),
    "no tokenizer": (remove("tokenizer.json"), "no tokenizer.json; save the tokenizer beside the model"),
    "tokenizer cut short": (lambda f: (f / "tokenizer.json").write_text("{"), "not a tokenizer"),
    "no template": (without_template, "no chat template; add chat_template.jinja"),
    "broken template": (broken_template, "the chat template cannot be rendered"),
    "normalizer": (tokenizer_json(normalizer={"type": "NFC"}), r"normalizes text \(NFC\)"),
    "splitting rule": (
        tokenizer_json(pre_tokenizer=DIGITS_IN_THREES),
        "splits text by a rule that llama.cpp does not have; train it with one of: smollm",
    ),
    "reward model": (
        config(architectures=["LlamaForSequenceClassification"]),
        "cannot export LlamaForSequenceClassification; supported: LlamaForCausalLM and Qwen3ForCausalLM",
    ),
    "other width": (
        config(hidden_size=160),
        r"up_proj.weight has the shape \(192, 128\), its config.json says \(192, 160\)",
    ),
    "other heads": (config(num_key_value_heads=4), r"k_proj.weight has the shape \(64, 128\), its config"),
    "no layers": (config(num_hidden_layers=1), "no place for the tensor model.layers.1"),
    "activation": (config(hidden_act="gelu"), "with silu, not gelu"),
    "rope": (
        config(rope_parameters={"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0}),
        "unknown rope_type 'yarn'",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_folder_is_named_and_leaves_the_old_file(damage, model, tmp_path):
    out = tmp_path / "out" / "model.gguf"
    out.parent.mkdir()
    out.write_bytes(b"the good old file")
    harm, sentence = DAMAGES[damage]
    harm(model)
    with pytest.raises(UserError, match=sentence) as error:
        export_gguf(model, out, "q8_0")
    assert "\n" not in str(error.value)
    assert out.read_bytes() == b"the good old file"
    assert [path.name for path in out.parent.iterdir()] == ["model.gguf"]


def test_more_tokens_than_rows_is_refused(tokenizer_dir, tmp_path):
    folder = save_model(tmp_path / "model", "llama", tokenizer_dir, vocab_size=2016)
    with pytest.raises(UserError, match="ids up to 2047 and the model only 2016 embedding rows"):
        export_gguf(folder, tmp_path / "model.gguf", "f32")


def test_unknown_quantization_names_the_nearest(model, tmp_path):
    with pytest.raises(UserError, match="unknown quantization 'q8'; did you mean 'q8_0'"):
        export_gguf(model, tmp_path / "model.gguf", "q8")


def test_full_disk_is_said_and_leaves_the_old_file(model, tmp_path):
    import resource

    out = tmp_path / "model.gguf"
    out.write_bytes(b"the good old file")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(UserError, match=r"cannot write \(.*\); free some space"):
            export_gguf(model, out, "f32")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert out.read_bytes() == b"the good old file"


def test_source_reads_tensors_without_making_the_model(model, monkeypatch):
    from transformers import LlamaForCausalLM

    expected = LlamaForCausalLM.from_pretrained(model).state_dict()
    monkeypatch.setattr(LlamaForCausalLM, "__init__", lambda *_: pytest.fail("the model was instantiated"))
    source = read_source(model)
    for name in source.names:
        np.testing.assert_array_equal(source.tensor(name), expected[name].numpy())
