"""Files that are no whole model: one sentence each, and never a crash of the process."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_gguf import write_tiny_gguf

from datagen.engines.gguf_file import BLOCKS, read_gguf
from datagen.engines.llama_cpp import LlamaCppEngine
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
