"""What llama.cpp must be told to tokenize as the Hugging Face tokenizer does.

Only byte-level BPE, split by a rule that llama.cpp has by name: any other rule would load and then
tokenize differently without a word. Writing it into a file is for `gguf_writer.py`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from finetune.tokenizer import unused_token
from schemas import UserError

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # the token types of GGUF that a BPE vocabulary has

_LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_DIGITS = ("Digits", True)
_GPT2 = ("ByteLevel", False, True)
_BYTES = ("ByteLevel", False, False)

PRE_TOKENIZERS = {
    (_DIGITS, _GPT2): "smollm",
    (("Split", _LETTERS + r"\p{N}" + _REST, "Isolated", False), _BYTES): "qwen2",
    (("Split", _LETTERS + r"\p{N}{1,3}" + _REST, "Isolated", False), _BYTES): "llama-bpe",
    (_GPT2,): "gpt-2",
}
"""Splitting rule → llama.cpp's name for it (`tokenizer.ggml.pre`)."""

IGNORES_MERGES = {"llama-bpe"}
"""Where llama.cpp takes a whole word that is in the vocabulary before it looks at the merges."""


@dataclass(frozen=True)
class Vocabulary:
    """The `tokenizer.*` part of a GGUF file; `eot` is the token the chat template ends a turn with."""

    pre: str
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    bos: int
    eos: int
    eot: int
    pad: int | None
    chat_template: str


def read_vocabulary(tokenizer: Any, rows: int, *, where: object) -> Vocabulary:
    """The vocabulary of a transformers fast tokenizer for a model with `rows` embedding rows.

    Raises `UserError` when llama.cpp could not tokenize the same way: a model that is not byte-level BPE,
    a normalizer, a splitting rule it does not have, more tokens than rows.
    """
    document = json.loads(tokenizer.backend_tokenizer.to_str())
    pre = pre_tokenizer_name(document, where=where)
    tokens, types = _tokens_and_types(document, rows, where=where)
    template = plain_template(chat_template(tokenizer))
    eot = turn_end(tokenizer, where=where)
    eos = eot if tokenizer.eos_token_id is None else tokenizer.eos_token_id
    return Vocabulary(
        pre=pre,
        tokens=tokens,
        types=types,
        merges=tuple(m if isinstance(m, str) else " ".join(m) for m in document["model"]["merges"]),
        bos=eos if tokenizer.bos_token_id is None else tokenizer.bos_token_id,
        eos=eos,
        eot=eot,
        pad=tokenizer.pad_token_id,
        chat_template=template,
    )


def pre_tokenizer_name(document: dict[str, Any], *, where: object) -> str:
    """llama.cpp's name for the splitting rule in a `tokenizer.json`; `UserError` when it has none."""
    _check_byte_level_bpe(document["model"], where=where)
    if document.get("normalizer") is not None:
        raise UserError(
            f"the tokenizer normalizes text ({document['normalizer'].get('type')}) and llama.cpp does not",
            where=where,
            mend='set "normalizer" to null in tokenizer.json and normalize the text before training instead',
        )
    rules = tuple(_rule(step) for step in _steps(document.get("pre_tokenizer")))
    name = PRE_TOKENIZERS.get(rules)  # type: ignore[call-overload]
    if name is None:
        known = ", ".join(PRE_TOKENIZERS.values())
        raise UserError(
            "the tokenizer splits text by a rule that llama.cpp does not have",
            where=where,
            mend=f"train it with one of: {known}",
        )
    if bool(document["model"].get("ignore_merges")) != (name in IGNORES_MERGES):
        raise UserError(
            f"ignore_merges is not what llama.cpp does for '{name}'", where=where, mend="change it"
        )
    return str(name)


def _check_byte_level_bpe(model: dict[str, Any], *, where: object) -> None:
    affixes = (model.get("continuing_subword_prefix"), model.get("end_of_word_suffix"))
    if model.get("type") != "BPE" or model.get("byte_fallback") or model.get("dropout") or any(affixes):
        raise UserError(
            "the tokenizer is not a plain byte-level BPE", where=where, mend="only that is supported"
        )


def _steps(pre_tokenizer: dict[str, Any] | None) -> list[dict[str, Any]]:
    if pre_tokenizer is None:
        return []
    if pre_tokenizer["type"] == "Sequence":
        return [step for part in pre_tokenizer["pretokenizers"] for step in _steps(part)]
    return [pre_tokenizer]


def _rule(step: dict[str, Any]) -> tuple[Any, ...]:
    """The settings of one step that decide where text is split."""
    kind = step["type"]
    if kind == "Digits":
        return (kind, step["individual_digits"])
    if kind == "ByteLevel":
        return (kind, step["add_prefix_space"], step.get("use_regex", True))
    if kind == "Split":
        return (kind, step["pattern"].get("Regex"), step["behavior"], step["invert"])
    return (kind, json.dumps(step, sort_keys=True))


def _tokens_and_types(
    document: dict[str, Any], rows: int, *, where: object
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    by_id = {index: (text, NORMAL) for text, index in document["model"]["vocab"].items()}
    for index, (text, _) in by_id.items():
        if text == unused_token(index):
            by_id[index] = (text, UNUSED)
    for token in document["added_tokens"]:
        by_id[token["id"]] = (token["content"], CONTROL if token["special"] else USER_DEFINED)
    if by_id and max(by_id) >= rows:
        raise UserError(
            f"the tokenizer has ids up to {max(by_id)} and the model only {rows} embedding rows",
            where=where,
            mend="save the model and the tokenizer that belong together",
        )
    pairs = [by_id.get(index, (unused_token(index), UNUSED)) for index in range(rows)]
    tokens, types = zip(*pairs, strict=True)
    if len(set(tokens)) < rows:
        twice = next(text for text in tokens if tokens.count(text) > 1)
        raise UserError(f"the token {twice!r} has two ids, which llama.cpp refuses", where=where)
    return tokens, types


def chat_template(tokenizer: Any) -> str:
    """The tokenizer's chat template; the one named `default` where it has several."""
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = template.get("default") or next(iter(template.values()))
    return str(template)


def plain_template(template: str) -> str:
    """The template without `{% generation %}`, which only transformers knows.

    The pair becomes `{% if true %}`: the same text is rendered, white space included, which cutting the
    tags out would not promise.
    """
    template = re.sub(r"(\{%[-+]?\s*)generation(\s*[-+]?%\})", r"\1if true\2", template)
    return re.sub(r"(\{%[-+]?\s*)endgeneration(\s*[-+]?%\})", r"\1endif\2", template)


def turn_end(tokenizer: Any, *, where: object) -> int:
    """The id of the first special token that the template puts after an assistant's answer.

    It is where generation has to stop. Falls back on the EOS token for a template without one.
    """
    answer = "forty-two"
    messages = [{"role": "user", "content": "What is it?"}, {"role": "assistant", "content": answer}]
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False)
    except Exception as error:  # jinja2 raises many kinds, and templates raise their own
        raise UserError(f"the chat template cannot be rendered ({error})", where=where) from None
    after = tokenizer(text.rpartition(answer)[2], add_special_tokens=False)["input_ids"]
    control = {index for index, token in tokenizer.added_tokens_decoder.items() if token.special}
    for token in after:
        if token in control:
            return int(token)
    if tokenizer.eos_token_id is None:
        raise UserError("nothing ends a turn: no EOS token and none in the chat template", where=where)
    return int(tokenizer.eos_token_id)
