"""The tokenizer trained from texts: deterministic, complete, and what transformers and ChatML expect."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import varied_texts

from finetune.tokenizer import SpecialTokens, train_tokenizer, unused_token
from schemas import UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(varied_texts(), 2048, folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer(folder):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def test_same_texts_give_the_same_bytes_in_another_process(folder, tmp_path):
    program = (
        "import sys; from pathlib import Path; from tiny_models import varied_texts; "
        "from finetune.tokenizer import train_tokenizer; "
        f"train_tokenizer(iter(varied_texts()), 2048, Path({str(tmp_path)!r}))"
    )
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": "7", "RAYON_NUM_THREADS": "3"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_its_tokens(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text


def test_every_byte_has_a_token_though_the_texts_held_few(tmp_path):
    from tokenizers import Tokenizer
    from tokenizers.pre_tokenizers import ByteLevel

    train_tokenizer(["aaaa bbbb abab"], 263, tmp_path)
    vocabulary = Tokenizer.from_file(str(tmp_path / "tokenizer.json")).get_vocab()
    assert set(ByteLevel.alphabet()) <= set(vocabulary)


def test_digits_stand_one_by_one(tokenizer):
    assert tokenizer.tokenize("1234") == ["1", "2", "3", "4"]


def test_frequent_words_become_one_token(tokenizer):
    assert tokenizer.tokenize(" because") == ["Ġbecause"]


def test_chat_template_renders_chatml_to_the_byte(tokenizer):
    messages = [{"role": "user", "content": " a\n"}, {"role": "assistant", "content": "b "}]
    turns = "<|im_start|>user\n a\n<|im_end|>\n<|im_start|>assistant\nb <|im_end|>\n"
    assert tokenizer.apply_chat_template(messages, tokenize=False) == turns
    prompted = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert prompted == turns + "<|im_start|>assistant\n"


def test_stop_token_is_the_turn_end_and_not_the_padding(tokenizer):
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.bos_token == "<|endoftext|>"
    assert len({tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.bos_token_id}) == 3


def test_nothing_is_added_to_a_text(tokenizer):
    assert tokenizer("a b")["input_ids"] == tokenizer("a b", add_special_tokens=False)["input_ids"]


def test_thinking_tags_are_single_tokens_that_stay_visible(tokenizer):
    ids = tokenizer("<think>7</think><|im_end|>")["input_ids"]
    assert len(ids) == 4
    assert tokenizer.decode(ids, skip_special_tokens=True) == "<think>7</think>"


def test_rows_without_a_merge_are_counted_and_out_of_reach(tmp_path, caplog):
    from transformers import AutoTokenizer

    report = train_tokenizer(["aaaa bbbb abab"] * 3, 320, tmp_path)
    assert report.unused == 320 - 256 - 6 - report.learned > 0
    assert f"{report.unused} of 320 rows" in caplog.text
    tokenizer = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert len(tokenizer) == 320
    filler = unused_token(319)
    assert tokenizer.convert_tokens_to_ids(filler) == 319
    assert 319 not in tokenizer(f"{filler} x{filler}")["input_ids"]


def test_chat_markup_in_the_texts_takes_no_merges(tmp_path):
    train_tokenizer(["<|im_start|>user\nab<|im_end|>\n"] * 500, 300, tmp_path)
    merges = json.loads((tmp_path / "tokenizer.json").read_text())["model"]["merges"]
    assert merges
    assert not any(symbol in "".join(pair) for pair in merges for symbol in "<|_>")


def test_own_special_tokens_reach_the_template(tmp_path):
    from transformers import AutoTokenizer

    special = SpecialTokens(turn_start="[TURN]", turn_end="[/TURN]", visible=())
    train_tokenizer(varied_texts(50), 300, tmp_path, special)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    text = tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False)
    assert text == "[TURN]user\nhi[/TURN]\n"
    assert tokenizer.eos_token == "[/TURN]"


@pytest.mark.parametrize(
    ("texts", "size", "special", "sentence"),
    [
        (["abc"], 262, None, "a vocabulary of 262 has no room for a merge; ask for more than 262"),
        ([], 300, None, "no text to train a tokenizer on"),
        (["", "<|im_end|>"], 300, None, "no text to train a tokenizer on"),
        (["abc"], 300, SpecialTokens(pad="<|im_end|>"), "special tokens must be distinct"),
        (["abc"], 300, SpecialTokens(pad="it's"), "holds a quote"),
    ],
)
def test_what_cannot_be_trained_is_said_and_writes_nothing(texts, size, special, sentence, tmp_path):
    with pytest.raises(UserError, match=sentence):
        train_tokenizer(texts, size, tmp_path / "out", special)
    assert not (tmp_path / "out").exists()
