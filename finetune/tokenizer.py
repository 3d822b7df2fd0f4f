"""Train the byte-level BPE tokenizer of a model that starts from random weights.

Writes a folder that `transformers.AutoTokenizer` loads offline and llama.cpp can imitate exactly
(see `gguf_vocabulary.py`). Leaves the choice of texts, and of the model around it, to others.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import UserError, atomic_writer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)

BYTE_SYMBOLS = 256

# ChatML, as in `<|im_start|>user\nHi<|im_end|>\n`. Every `-` matters: no white space but what is quoted.
CHAT_TEMPLATE = """\
{%- for message in messages -%}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
"""


@dataclass(frozen=True)
class SpecialTokens:
    """Tokens that are never split. Padding is not the turn's end, or masking one would mask the other."""

    separator: str = "<|endoftext|>"
    """Between documents when pretraining; also the BOS token, which nothing adds on its own."""
    pad: str = "<|pad|>"
    turn_start: str = "<|im_start|>"
    turn_end: str = "<|im_end|>"
    """The EOS token: a chat model stops where its turn ends."""
    visible: tuple[str, ...] = ("<think>", "</think>")
    """One token each, yet part of the text: `skip_special_tokens` keeps them."""

    @property
    def control(self) -> tuple[str, ...]:
        return (self.separator, self.pad, self.turn_start, self.turn_end)


@dataclass(frozen=True)
class TokenizerReport:
    """What was trained: `learned` merges were found; `unused` rows only fill up to `vocab_size`."""

    path: Path
    vocab_size: int
    learned: int
    unused: int


def unused_token(index: int) -> str:
    """The text that fills row `index` of a vocabulary; unique, for llama.cpp aborts on a repeated text."""
    return f"[PAD{index}]"


def train_tokenizer(
    texts: Iterable[str], vocab_size: int, out: Path, special_tokens: SpecialTokens | None = None
) -> TokenizerReport:
    """Train on `texts` and write `tokenizer.json` and `tokenizer_config.json` into the folder `out`.

    The same texts in the same order give the same bytes. When the texts run out of pairs to merge before
    `vocab_size`, the rest of the rows are unreachable fillers (a warning, and `unused` in the report), so
    that the model's size does not depend on its texts.

    Raises `UserError` when `vocab_size` leaves no room for a merge, or the texts are empty.
    """
    special = special_tokens or SpecialTokens()
    _check_special_tokens(special)
    least = BYTE_SYMBOLS + len(special.control) + len(special.visible)
    if vocab_size <= least:
        raise UserError(
            f"a vocabulary of {vocab_size} has no room for a merge",
            mend=f"ask for more than {least}: {BYTE_SYMBOLS} bytes and {least - BYTE_SYMBOLS} special tokens",
        )
    tokenizer = _train(texts, vocab_size, special)
    size = tokenizer.get_vocab_size()
    if size < vocab_size:
        log.warning(
            "the texts held only %d merges: %d of %d rows of the vocabulary stay unused; "
            "give more varied texts or ask for %d",
            size - least,
            vocab_size - size,
            vocab_size,
            size,
        )
    document = _finished(json.loads(tokenizer.to_str()), vocab_size, special)
    _write_json(out / "tokenizer.json", document)
    _write_json(out / "tokenizer_config.json", _config(special))
    return TokenizerReport(out, vocab_size, learned=size - least, unused=vocab_size - size)


def _check_special_tokens(special: SpecialTokens) -> None:
    names = (*special.control, *special.visible)
    if "" in names or len(set(names)) < len(names):
        raise UserError(f"special tokens must be distinct and not empty: {', '.join(map(repr, names))}")
    if any(quote in name for name in names for quote in "'\\\n"):
        raise UserError(
            "a special token holds a quote, a backslash or a line break", mend="choose plainer text"
        )


def _train(texts: Iterable[str], vocab_size: int, special: SpecialTokens) -> Tokenizer:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    # llama.cpp knows this pair as "smollm": digits one by one (arithmetic needs that), then the GPT-2 rule.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [AddedToken(text, special=True, normalized=False) for text in special.control]
    visible = [AddedToken(text, special=False, normalized=False) for text in special.visible]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=control + visible,
        # All 256, seen or not: a byte without a token would vanish from the text without a word.
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_plain_pieces(texts, special), trainer=trainer)
    return tokenizer


def _plain_pieces(texts: Iterable[str], special: SpecialTokens) -> Iterator[str]:
    """The texts without special tokens, so that no merge is spent on pieces of a chat template."""
    names = (*special.control, *special.visible)
    tags = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
    empty = True
    for text in texts:
        for piece in tags.split(text):
            if piece:
                empty = False
                yield piece
    if empty:
        raise UserError("there is no text to train a tokenizer on", mend="give at least one non-empty text")


def _finished(document: dict[str, Any], vocab_size: int, special: SpecialTokens) -> dict[str, Any]:
    """`tokenizer.json` as trained, filled up to `vocab_size`, its visible tokens shown when decoding."""
    vocabulary: dict[str, int] = document["model"]["vocab"]
    for index in range(len(vocabulary), vocab_size):
        vocabulary[unused_token(index)] = index  # unreachable: no merge makes it
    for token in document["added_tokens"]:
        token["special"] = token["content"] not in special.visible  # the trainer calls them all special
    return document


def _config(special: SpecialTokens) -> dict[str, Any]:
    default = SpecialTokens()
    template = CHAT_TEMPLATE.replace(default.turn_start, special.turn_start)
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": special.separator,
        "eos_token": special.turn_end,
        "pad_token": special.pad,
        "additional_special_tokens": [special.turn_start],
        "add_bos_token": False,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "chat_template": template.replace(default.turn_end, special.turn_end),
    }


def _write_json(path: Path, document: dict[str, Any]) -> None:
    with atomic_writer(path) as file:
        file.write(json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")
