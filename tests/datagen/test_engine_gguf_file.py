"""Files that are no whole model: one sentence each, and never a crash of the process."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from odd_gguf import (
    lora_pairs,
    split,
    write_adapter,
    write_empty,
    write_encoder,
    write_projector,
)
from tiny_gguf import Shape, write_tiny_gguf

from datagen.engines import Request, generate_all
from datagen.engines.files.gguf_file import BLOCKS, read_gguf
from datagen.engines.llama.child import ChildEngine
from datagen.engines.llama.engine import LlamaCppEngine
from schemas import UserError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "model.gguf", dtype="q8_0")


def test_a_whole_model_is_read(model):
    found = read_gguf(model)
    assert found.architecture == "llama"
    assert found.metadata["general.name"] == "tiny"
    assert found.metadata["llama.block_count"] == 2
    assert len(found.tensors) == 21


def test_tensors_are_those_the_gguf_package_reads(model):
    from gguf import GGUFReader

    theirs = {
        t.name: (tuple(map(int, t.shape)), int(t.tensor_type), int(t.n_bytes))
        for t in GGUFReader(model).tensors
    }
    assert {t.name: (t.shape, t.kind, t.size) for t in read_gguf(model).tensors} == theirs
    assert sorted({t.layer for t in read_gguf(model).tensors if t.layer is not None}) == [0, 1]


def test_a_tensor_of_a_type_newer_than_the_table_reaches_to_the_next(model, tmp_path):
    known = read_gguf(model)
    name = b"blk.0.attn_q.weight"
    whole = model.read_bytes()
    at = whole.index(name) + len(name) + 4 + 2 * 8
    path = tmp_path / "newer.gguf"
    path.write_bytes(whole[:at] + struct.pack("<I", 999) + whole[at + 4 :])
    sizes = {tensor.name: tensor.size for tensor in read_gguf(path).tensors}
    assert sizes == {tensor.name: tensor.size for tensor in known.tensors}


def test_short_arrays_of_the_metadata_are_kept_and_long_ones_counted(model):
    metadata = read_gguf(model).metadata
    assert metadata["tokenizer.ggml.token_type"][:4] == [3, 3, 3, 1]
    assert metadata["tokenizer.ggml.tokens"] == 275


def test_block_sizes_are_those_of_the_gguf_package():
    from gguf.constants import GGML_QUANT_SIZES

    theirs = {int(kind): sizes for kind, sizes in GGML_QUANT_SIZES.items()}
    assert {kind: theirs[kind] for kind in BLOCKS} == BLOCKS


@settings(max_examples=60, deadline=None)
@given(fraction=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_refused(model, tmp_path_factory, fraction):
    whole = model.read_bytes()
    cut = tmp_path_factory.mktemp("cut") / "cut.gguf"
    cut.write_bytes(whole[: int(len(whole) * fraction)])
    with pytest.raises(UserError, match=r"cut\.gguf.*(truncated|not a GGUF model)"):
        read_gguf(cut)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_header_is_read_or_refused_and_nothing_else(model, tmp_path_factory, data):
    damaged = bytearray(model.read_bytes()[:4096])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "damaged.gguf"
    path.write_bytes(bytes(damaged) + model.read_bytes()[4096:])
    try:
        where = str(read_gguf(path).path)
    except UserError as error:
        where = str(error)
    assert str(path) in where


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"GG", "empty"),
        (b"PK\x03\x04 a zip", "not a GGUF model"),
        (b'{"a": 1}\n', "not a GGUF model"),
        (b"PK\x03\x04", "a zip or PyTorch file"),
        (b"lmgg\x00\x00\x00\x00", "an old ggml file"),
        (b"tjgg\x03\x00\x00\x00", "an old ggml file"),
        (struct.pack("<Q", 60) + b'{"__metadata__":{}}', "a safetensors file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (b"<!doctype html><title>404</title>", "a web page"),
        (b"GGUF" + struct.pack("<IQQ", 99, 0, 0), "version 99"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60), "truncated or damaged"),
    ],
)
def test_a_foreign_file_is_refused_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        LlamaCppEngine(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UserError, match="no such model file"):
        LlamaCppEngine(tmp_path / "absent.gguf")
    with pytest.raises(UserError, match="not a file"):
        LlamaCppEngine(tmp_path)


def test_a_token_that_comes_twice_is_refused_before_it_aborts_llama_cpp(model, tmp_path):
    whole = model.read_bytes()
    # Of the same length, so that the rest of the header stays where it is.
    twice = whole.replace(struct.pack("<Q", 1) + b"A", struct.pack("<Q", 1) + b"B", 1)
    path = tmp_path / "twice.gguf"
    path.write_bytes(twice)
    with pytest.raises(UserError, match="same text as an earlier one"):
        LlamaCppEngine(path)


def test_a_model_llama_cpp_does_not_know_is_refused_with_its_reason(model, tmp_path):
    path = tmp_path / "odd.gguf"
    key = struct.pack("<Q", 20) + b"general.architecture" + struct.pack("<IQ", 8, 5)
    whole = model.read_bytes()
    assert key + b"llama" in whole
    path.write_bytes(whole.replace(key + b"llama", key + b"lluma"))
    with pytest.raises(UserError, match=r"cannot load the model .*lluma"):
        LlamaCppEngine(path)


# ---- GGUF files that are no whole model ----


def odd_files(folder) -> dict[str, tuple]:
    """Files by what their sentence says."""
    whole = write_tiny_gguf(folder / "whole.gguf")
    parts = split(whole, folder)
    adapter = write_adapter(folder / "style.gguf", lora_pairs(Shape(), 1), alpha=1.0)
    renamed = folder / "weights.gguf"
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    renamed.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    cut = folder / "cut.gguf"
    cut.write_bytes(whole.read_bytes()[:-1])
    alone = folder / "alone-00001-of-00003.gguf"
    alone.write_bytes(parts[0].read_bytes())
    nameless = folder / "nameless.gguf"
    nameless.write_bytes(parts[0].read_bytes())
    return {
        "truncated or damaged": cut,
        "a safetensors file": renamed,
        "is a LoRA adapter, no model": adapter,
        "projector of a model (mmproj)": write_projector(folder / "mmproj.gguf"),
        "has no tensors": write_empty(folder / "empty.gguf"),
        "no text generator": write_encoder(folder / "bert.gguf"),
        "name the first part, tiny-00001-of-00003.gguf": parts[1],
        "2 of the 3 parts of the model are missing, first alone-00002-of-00003.gguf": alone,
        "one of 3 parts, and its name does not say which": nameless,
    }


def test_a_file_that_is_no_whole_model_is_one_sentence(tmp_path):
    for words, path in odd_files(tmp_path).items():
        with pytest.raises(UserError) as caught:
            LlamaCppEngine(path)
        assert words in str(caught.value)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)


def test_a_split_model_writes_what_the_whole_one_writes(tmp_path):
    whole = write_tiny_gguf(tmp_path / "whole.gguf")
    parts = split(whole, tmp_path)
    request = Request(prompt="the end", max_tokens=20, seed=1, logprobs=True)
    with (
        LlamaCppEngine(parts[0], threads=1, width=2) as ours,
        LlamaCppEngine(whole, threads=1, width=2) as theirs,
    ):
        assert generate_all(ours, [request])[0].samples == generate_all(theirs, [request])[0].samples
        before = ours.model_hash
    parts[2].write_bytes(parts[2].read_bytes()[:-4] + b"abcd")
    with LlamaCppEngine(parts[0], threads=1, width=2) as changed:
        assert changed.model_hash != before


@pytest.mark.slow
def test_the_command_refuses_them_with_status_2_and_writes_no_rows(tmp_path):
    def datagen(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "datagen", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)

    assert datagen("problems", "--family", "addition", "--count", 2, "--out", "p.jsonl").returncode == 0
    for words, path in odd_files(tmp_path).items():
        done = datagen(
            "attempts", "--problems", "p.jsonl", "--engine", f"llama:{path.name}", "--out", "out.jsonl"
        )
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert done.stderr.startswith(f"error: {path.name}: ")
        assert words in done.stderr
        assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_no_damage_of_a_header_ends_this_process(model, tmp_path_factory, data):
    whole = model.read_bytes()
    header = whole.index(b"blk.0.attn_norm")
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(8, header))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "damaged.gguf"
    path.write_bytes(bytes(damaged))
    sentence = ""
    try:
        with ChildEngine(path, threads=1, width=2) as engine:
            generate_all(engine, [Request(prompt="the", max_tokens=2)])
    except UserError as error:
        sentence = str(error)
    assert "\n" not in sentence
