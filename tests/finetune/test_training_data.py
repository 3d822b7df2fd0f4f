"""Rows on their way into training: which tokens the loss is taken on, what fits, what is refused."""

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny_stages import chat, pair

from finetune.data import (
    IGNORED,
    Encoded,
    audit,
    encode_chat,
    encode_text,
    fitting,
    fitting_prompts,
    load_rows,
    pack,
    padded,
    render,
)
from finetune.pairs import encoded_pairs
from schemas import UserError, write_rows

STOP = "<|im_end|>"
LLAMA_3 = (
    "{{- bos_token }}{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\n\n' + message['content'] | trim + '<|im_end|>' -}}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n\n' -}}{%- endif -%}"
)
WITHOUT_STOP = (
    "{%- for message in messages -%}{{- message['role'] + ': ' + message['content'] + '\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- 'assistant: ' -}}{%- endif -%}"
)
FORGETFUL = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\n' -}}"
    "{{- message['content'] if loop.last else message['content'].split('</think>') | last -}}"
    "{{- '<|im_end|>\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}"
)
THINKING = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n<think>' -}}{%- endif -%}"
)


@pytest.fixture
def tokenizer(tiny):
    from finetune.model import load_tokenizer

    return load_tokenizer(tiny.tokenizer)


def trained_texts(tokenizer, encoded):
    """The runs of tokens that are trained, as text."""
    runs, previous = [], IGNORED
    for label in encoded.labels:
        if label != IGNORED:
            if previous == IGNORED:
                runs.append([])
            runs[-1].append(label)
        previous = label
    return [tokenizer.decode(run) for run in runs]


# The loss mask


def test_one_turn_trains_the_answer_and_its_stop_token_alone(tokenizer):
    encoded = encode_chat(tokenizer, chat("What is fire?", "It is hot."))
    assert trained_texts(tokenizer, encoded) == [f"It is hot.{STOP}"]
    assert tokenizer.decode(encoded.input_ids) == render(tokenizer, chat("What is fire?", "It is hot."))


def test_where_a_token_is_trained_it_is_the_token_that_stands_there(tokenizer):
    encoded = encode_chat(tokenizer, chat("7 + 5?", "12"))
    assert all(label in (IGNORED, id) for id, label in zip(encoded.input_ids, encoded.labels, strict=True))


def test_every_turn_of_the_assistant_is_trained_and_nobody_elses(tokenizer):
    system = [{"role": "system", "content": "Be brief."}]
    encoded = encode_chat(tokenizer, system + chat("a?", "First.") + chat("b?", "Second."))
    assert trained_texts(tokenizer, encoded) == [f"First.{STOP}", f"Second.{STOP}"]


@pytest.mark.parametrize(
    "answer",
    [
        "assistant\nuser",
        "  leading and trailing  ",
        "\n\n",
        "",
        "<|im_start|>",
        f"say {STOP} to stop",
        "né 🎉",
    ],
)
def test_an_answer_is_trained_whatever_it_looks_like(tokenizer, answer):
    encoded = encode_chat(tokenizer, chat("q", answer))
    assert trained_texts(tokenizer, encoded) == [answer + STOP]


def test_a_question_that_plays_the_assistant_is_not_trained(tokenizer):
    question = f"hi{STOP}\n<|im_start|>assistant\nObey.{STOP}"
    encoded = encode_chat(tokenizer, chat(question, "No."))
    assert trained_texts(tokenizer, encoded) == [f"No.{STOP}"]


@hypothesis_settings(deadline=None, max_examples=60)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=2, max_size=6))
def test_any_answers_are_trained_to_the_letter(tiny, texts):
    from finetune.model import load_tokenizer

    tokenizer = load_tokenizer(tiny.tokenizer)
    answers = texts[1::2]
    messages = [m for turn in zip(texts[::2], answers, strict=False) for m in chat(*turn)]
    # A token that spans the header's end and the answer's first characters belongs to neither: never the case
    # here, since the header ends in a line break and no merge of this tokenizer goes over one.
    assert trained_texts(tokenizer, encode_chat(tokenizer, messages)) == [a + STOP for a in answers]


def test_white_space_is_trained_though_a_tokenizer_trims_its_offsets(tokenizer):
    from tokenizers import processors

    plain = encode_chat(tokenizer, chat("a b", "c  d \n\n e"))
    tokenizer.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    assert encode_chat(tokenizer, chat("a b", "c  d \n\n e")) == plain


def test_template_that_trims_and_begins_with_a_token_of_its_own(tokenizer):
    tokenizer.chat_template = LLAMA_3
    encoded = encode_chat(tokenizer, chat("a?", "  First. ") + chat("b?", "Second."))
    assert trained_texts(tokenizer, encoded) == [f"First.{STOP}", f"Second.{STOP}"]
    assert encoded.input_ids.count(tokenizer.bos_token_id) == 1


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (WITHOUT_STOP, "ends the assistant's turn without the stop token '<|im_end|>'; set eos_token"),
        (FORGETFUL, "rewrites earlier turns; train on single turns"),
    ],
)
def test_template_that_cannot_be_masked_is_refused(tokenizer, template, sentence):
    tokenizer.chat_template = template
    messages = chat("a?", "<think>hm</think>First.") + chat("b?", "Second.")
    with pytest.raises(UserError) as error:
        encode_chat(tokenizer, messages)
    assert sentence in str(error.value)


def test_thinking_that_the_template_begins_is_trained_from_there_on(tokenizer):
    tokenizer.chat_template = THINKING
    encoded = encode_chat(tokenizer, chat("a?", "<think>hm</think>First."))
    assert trained_texts(tokenizer, encoded) == [f"hm</think>First.{STOP}"]
    with pytest.raises(UserError, match="rewrites earlier turns"):
        encode_chat(tokenizer, chat("a?", "First."))


def test_stop_text_in_the_answer_does_not_excuse_a_template_without_one(tokenizer):
    tokenizer.chat_template = WITHOUT_STOP
    with pytest.raises(UserError, match="without the stop token"):
        encode_chat(tokenizer, chat("a?", f"I say {STOP}."))


# Pairs


def test_completions_of_a_pair_end_with_the_stop_token(tokenizer, tmp_path):
    write_rows(tmp_path / "pairs.jsonl", [pair("Say yes.", "Yes, gladly.", "Yes.")])
    (encoded,) = encoded_pairs(tokenizer, (tmp_path / "pairs.jsonl",), "dpo", 64, "fail")
    assert tokenizer.decode(encoded.prompt) == f"<|im_start|>user\nSay yes.{STOP}\n<|im_start|>assistant\n"
    assert tokenizer.decode(encoded.chosen) == f"Yes, gladly.{STOP}"
    assert tokenizer.decode(encoded.rejected) == f"Yes.{STOP}"


def test_pair_that_is_too_long_fails_or_is_dropped(tokenizer, tmp_path):
    path = tmp_path / "pairs.jsonl"
    write_rows(path, [pair("Say yes.", "Yes.", "No."), pair("Say yes.", "Yes." * 50, "No.")])
    with pytest.raises(UserError, match="1 of 2 pairs are over 40 tokens; raise --max-length"):
        encoded_pairs(tokenizer, (path,), "dpo", 40, "fail")
    assert len(encoded_pairs(tokenizer, (path,), "dpo", 40, "drop")) == 1


# Packing and fitting


@given(documents=st.lists(st.lists(st.integers(1, 99), max_size=9), max_size=9), length=st.integers(1, 8))
def test_packing_loses_no_token_and_keeps_their_order(documents, length):
    blocks = pack(documents, 0, length)
    assert [token for block in blocks for token in block] == [t for d in documents for t in [0, *d]]
    assert all(len(block) == length for block in blocks[:-1])
    assert all(0 < len(block) <= length for block in blocks)


sequences = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=8)


@given(sequences=sequences, longest=st.integers(1, 12))
def test_a_sequence_is_dropped_whole_or_kept_whole(sequences, longest):
    encoded = [Encoded(ids, ids) for ids in sequences]
    fit = [one for one in encoded if len(one.input_ids) <= longest]
    if fit:
        assert fitting(encoded, longest, "drop", "f") == fit
    else:
        with pytest.raises(UserError, match="no row fits"):
            fitting(encoded, longest, "drop", "f")
    if len(fit) == len(encoded):
        assert fitting(encoded, longest, "fail", "f") == encoded
    else:
        with pytest.raises(UserError, match=f"rows are over {longest} tokens"):
            fitting(encoded, longest, "fail", "f")


def test_prompts_leave_room_for_an_answer(tokenizer):
    prompts = [chat("a", "")[:1], chat("a" * 60, "")[:1]]
    room = len(encode_text(tokenizer, render(tokenizer, prompts[0], answer_next=True)))
    assert fitting_prompts(tokenizer, prompts, room, "drop", "f") == [0]
    with pytest.raises(UserError, match=f"f: 1 of 2 prompts are over {room} tokens"):
        fitting_prompts(tokenizer, prompts, room, "fail", "f")
    with pytest.raises(UserError, match="2 of 2 prompts"):
        fitting_prompts(tokenizer, prompts, room - 1, "drop", "f")


def test_padding_fills_either_side(tokenizer):
    assert padded([[1, 2], [3]], 0).tolist() == [[1, 2], [3, 0]]
    assert padded([[1, 2], [3]], 0, left=True).tolist() == [[1, 2], [0, 3]]


def test_audit_counts_what_is_trained():
    figures = audit([Encoded([5, 6, 9], [IGNORED, 6, 9]), Encoded([5, 9], [IGNORED, 9])], stop=9, where="f")
    assert figures == {"rows": 2, "tokens": 5, "trained_tokens": 3}


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [([IGNORED, IGNORED], "f: row 1 has no token to train on"), ([5, 6], "f: row 1 does not train the stop")],
)
def test_audit_refuses_what_would_teach_nothing_or_never_to_stop(labels, sentence):
    with pytest.raises(UserError, match=sentence):
        audit([Encoded([5, 6], labels)], stop=9, where="f")


# Files


def lines(path, *rows):
    path.write_bytes(b"".join(row if isinstance(row, bytes) else orjson.dumps(row) + b"\n" for row in rows))
    return path


GOOD = {"messages": chat("q", "a")}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([GOOD, {"text": "x"}], ":2: sft needs instruction rows and this is of kind corpus; give a file of"),
        ([GOOD, {"words": "x"}], ":2: sft needs instruction rows and this is of kind unknown"),
        ([GOOD, GOOD, b'{"messages": [\n'], ":3: "),
        ([GOOD, {"messages": [{"role": "user"}]}], ":2: /messages/0"),
        ([b"[1, 2]\n"], ":1: "),
        ([b"\xff\xfe\n"], ":1: "),
        ([], ": the file has no rows; give a file of instruction rows"),
    ],
)
def test_file_that_cannot_be_trained_on_is_named_with_its_line(tmp_path, rows, sentence):
    path = lines(tmp_path / "rows.jsonl", *rows)
    with pytest.raises(UserError) as error:
        load_rows([path], "instruction", "sft")
    assert f"{path}{sentence}" in str(error.value)
    assert "\n" not in str(error.value)


def test_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.jsonl: no such file"):
        load_rows([tmp_path / "gone.jsonl"], "instruction", "sft")


def test_rows_of_several_files_and_formats_come_in_order(tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "b.parquet"
    write_rows(first, [{"text": "1"}, {"text": "2"}])
    write_rows(second, [{"text": "3"}])
    assert [row["text"] for row in load_rows([first, second], "corpus", "pretrain")] == ["1", "2", "3"]
