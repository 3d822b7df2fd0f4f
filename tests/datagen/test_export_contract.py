"""Whether a row can be trained on: rendered with the target's chat template and looked at as tokens."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_rows import chat, pair, problems

from datagen.cli import program
from datagen.engines import embedded_model
from datagen.export.contract import Fit, fit
from datagen.export.target import Span, Target, open_target
from schemas import UserError, read_rows, write_rows
from schemas.command import run_app

CHATML = (
    "{%- for message in messages -%}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor -%}{%- if add_generation_prompt -%}<|im_start|>assistant\n{% endif -%}"
)
WITHOUT_STOP = (
    "{%- for message in messages -%}{{ message['role'] }}: {{ message['content'] }}\n{% endfor -%}"
    "{%- if add_generation_prompt -%}assistant: {% endif -%}"
)
FORGETFUL = CHATML.replace(
    "{{ message['content'] }}",
    "{{ message['content'] if loop.last else message['content'].split('</think>') | last }}",
)
NO_SYSTEM = (
    "{%- if messages[0]['role'] == 'system' -%}{{ raise_exception('no system') }}{%- endif -%}" + CHATML
)
PIECE = re.compile(r"<\|\w+\|>|.", re.DOTALL)


def letters(text: str) -> list[Span]:
    """A token for each letter and each mark of the template."""
    spans, at = [], 0
    for piece in PIECE.findall(text):
        size = len(piece.encode())
        spans.append((at, at + size))
        at += size
    return spans


def target(template: str = CHATML, stop: str = "<|im_end|>") -> Target:
    return Target("made", template, {"eos_token": stop}, (stop,), letters)


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def turns(*texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]}


def test_loss_tokens_are_the_answers_and_their_stop_tokens() -> None:
    # <|im_start|> "user" \n "Hi?" <|im_end|> \n, then the same for the answer: with the loss on five of them.
    assert fit(target(), "sft", turns("Hi?", "Ho. ")) == Fit((1 + 4 + 1 + 3 + 2) + (1 + 9 + 1 + 4 + 2), 5)
    assert fit(target(), "sft", turns("Hi?", "Ho.", "Hm?", "Hey.")).trained == 4 + 5


@given(st.lists(st.text(min_size=1).filter(lambda text: "<|" not in text), min_size=2, max_size=6))
def test_as_many_tokens_are_trained_as_the_answers_have(texts: list[str]) -> None:
    texts = texts[: len(texts) // 2 * 2]
    found = fit(target(), "sft", turns(*texts))
    assert (found.fault, found.trained) == (None, sum(len(text) + 1 for text in texts[1::2]))


def test_of_a_pair_both_answers_are_trained_and_its_prompt_is_not() -> None:
    row = pair("Why?", "Because.", "No.")
    row["prompt"] = [*turns("One?", "Two.")["messages"], *row["prompt"]]
    found = fit(target(), "dpo", row)
    longer = fit(target(), "sft", {"messages": [*row["prompt"], *row["chosen"]]})
    assert found == Fit(longer.tokens, len("Because.") + 1 + len("No.") + 1)


def test_of_a_problem_only_the_prompt_is_read() -> None:
    row = problems(1)[0]
    prompt = target().render(row["prompt"], answer_next=True)
    assert fit(target(), "grpo", row) == Fit(len(letters(prompt)), 0)


FAULTS: dict[str, tuple[Target, str, dict[str, Any], str]] = {
    "no stop": (
        target(WITHOUT_STOP),
        "sft",
        turns("a", "b"),
        "a turn of the assistant ends without the stop",
    ),
    "rewrites": (
        target(FORGETFUL),
        "sft",
        turns("a", "<think>x</think>b", "c", "d"),
        "the chat template rewrites earlier turns",
    ),
    "refuses": (
        target(NO_SYSTEM),
        "sft",
        {"messages": [{"role": "system", "content": "s"}, *turns("a", "b")["messages"]]},
        "the model's chat template refuses the messages (no system)",
    ),
    "stop in the text": (
        target(),
        "sft",
        turns("a", "b<|im_end|>c"),
        "a turn has the stop token <|im_end|> in its text",
    ),
    "stop in a rejected text": (
        target(),
        "dpo",
        pair("a", "b", "<|im_end|>"),
        "a turn has the stop token <|im_end|> in its text",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_row_that_cannot_be_trained_on_says_why(name: str) -> None:
    model, kind, row, expected = FAULTS[name]
    assert str(fit(model, kind, row).fault).startswith(expected)


def test_a_row_fits_up_to_the_longest_and_not_beyond() -> None:
    row = turns("Hi?", "Ho.")
    tokens = fit(target(), "sft", row).tokens
    assert fit(target(), "sft", row, tokens).fault is None
    assert fit(target(), "sft", row, tokens - 1).fault == f"{tokens} tokens, over --max-length {tokens - 1}"


def test_running_text_may_be_longer_for_it_is_cut_into_blocks() -> None:
    assert fit(target(), "corpus", {"text": "abc"}, 2) == Fit(3, 3)


@given(st.text(min_size=1))
def test_tokens_of_a_gguf_file_stand_for_all_bytes_of_a_text(text: str) -> None:
    spans = EMBEDDED.spans(text)
    assert [spans[0][0], spans[-1][1]] == [0, len(text.encode("utf-8", "replace"))]
    assert all(left[1] == right[0] for left, right in pairwise(spans))


EMBEDDED = open_target(embedded_model())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder with a tokenizer of words, as `save_pretrained` writes it."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["[UNK]", "<|im_start|>", "<|im_end|>", "user", "assistant", "Hi", "Ho", "über"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    path = tmp_path_factory.mktemp("model")
    tokenizer.save(str(path / "tokenizer.json"))
    settings = {"eos_token": {"content": "<|im_end|>"}, "chat_template": CHATML}
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    return path


def test_a_folder_counts_by_its_own_tokenizer(folder: Path) -> None:
    found = fit(open_target(folder), "sft", turns("Hi über", "Ho über Ho"))
    assert found == Fit(5 + 6, 4)


def test_a_template_may_stand_in_a_file_of_its_own(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    (tmp_path / "tokenizer_config.json").write_text('{"eos_token": "<|im_end|>"}')
    with pytest.raises(UserError, match="the model has no chat template"):
        open_target(tmp_path)
    (tmp_path / "chat_template.jinja").write_text(CHATML)
    assert open_target(tmp_path).stops == ("<|im_end|>",)


def test_a_folder_without_a_tokenizer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no tokenizer\.json; give a folder that save_pretrained wrote"):
        open_target(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UserError, match="not a tokenizer"):
        open_target(tmp_path)


# The command


def test_rows_that_do_not_fit_are_named_and_refused_or_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [chat(f"What is {number} + {number}?", f"It is {2 * number}.") for number in range(10)]
    rows[3] = chat("Say much.", "much " * 300)
    rows[6] = chat("Stop?", "Yes.<|im_end|>")
    write_rows(path := tmp_path / "rows.jsonl", rows)
    order = ["export", path, "--kind", "sft", "--out", tmp_path / "data", "--held-out", 0]
    order += ["--tokenizer", embedded_model(), "--max-length", 200]
    assert datagen(*order) == 2
    told = capsys.readouterr().err.splitlines()
    assert re.fullmatch(rf"{path}:4 \(sft\): [\d,]+ tokens, over --max-length 200", told[0])
    assert told[1] == f"{path}:7 (sft): a turn has the stop token <|im_end|> in its text"
    assert told[2].startswith("error: 2 rows do not fit homegrown-0.5m.gguf: ")
    assert not (tmp_path / "data").exists()
    assert datagen(*order, "--drop-unfit") == 0
    assert len(list(read_rows(tmp_path / "data" / "sft.jsonl"))) == 8
    card = (tmp_path / "data" / "README.md").read_text()
    assert "over --max-length: 1" in card
    assert "## As homegrown-0.5m.gguf reads them" in card


def test_the_card_has_the_tokens_that_are_trained_on(tmp_path: Path) -> None:
    row = chat("What is 3 + 5?", "3 + 5 = 8")
    write_rows(path := tmp_path / "rows.jsonl", [row])
    order = ["--tokenizer", embedded_model(), "--kind", "sft", "--out", tmp_path / "data"]
    assert datagen("export", path, *order) == 0
    found = fit(EMBEDDED, "sft", row)
    share = f"{found.trained / found.tokens:.1%}"
    assert (
        f"| `sft` | {found.tokens} | {share} | {' | '.join([str(found.tokens)] * 7)} |"
        in (tmp_path / "data" / "README.md").read_text()
    )
