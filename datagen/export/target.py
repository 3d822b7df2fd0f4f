"""How a target model reads a chat: its template, its stop tokens, its tokens. Without its weights.

From a GGUF file by the llama engine's own vocabulary, or from a folder with `tokenizer.json` as Hugging Face
has it. What must be true of a rendered row is `contract.py`'s affair.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from datagen.engines.chat_template import render_chat
from schemas import Row, UserError

Span = tuple[int, int]
"""From where to where, in bytes of UTF-8."""


@dataclass(frozen=True)
class Target:
    """A model's chat template and vocabulary. `spans`: of each token of a text, the bytes of it."""

    name: str
    template: str
    special_tokens: Mapping[str, str]
    stops: tuple[str, ...]
    spans: Callable[[str], list[Span]]

    def render(self, messages: Sequence[Mapping[str, Any]], *, answer_next: bool = False) -> str:
        """The chat as the model reads it; `UserError` when its template refuses it."""
        return render_chat(
            self.template,
            messages,
            special_tokens=self.special_tokens,
            add_generation_prompt=answer_next,
        )

    def count(self, text: str, within: Sequence[Span] = ()) -> tuple[int, int]:
        """Tokens of a rendered text, and those of them that lie within stretches of its bytes."""
        spans = self.spans(text)
        inside = 0
        for start, end in within:
            # The tokens are in order: those that begin before the stretch, or after it, need no look.
            first = bisect_left(spans, (start, start))
            for left, right in spans[first : bisect_right(spans, (end, end))]:
                # Some tokenizers trim white space off: a token of nothing else is empty, at its end.
                inside += right <= end and (left < right or start < left)
        return len(spans), inside


def open_target(path: Path) -> Target:
    """The target model in a GGUF file or a folder. Raises `UserError` when it has no chat template."""
    return _from_folder(path) if path.is_dir() else _from_gguf(path)


def counter(target: Target) -> Callable[[Row], int]:
    """Counts the tokens of a row: of its chat where it is one, of its text otherwise."""

    def count(row: Row) -> int:
        if "text" in row:
            return target.count(row["text"])[0]
        turns = row.get("messages") or row["prompt"]
        answer = row.get("chosen") or row.get("completion") or []
        return target.count(target.render([*turns, *answer]))[0]

    return count


def _from_gguf(path: Path) -> Target:
    from datagen.engines.llama.vocabulary import LlamaVocabulary

    vocabulary = LlamaVocabulary(path, gpu_layers=0)
    model = vocabulary.model
    if not model.chat_template:
        raise _no_template(path)
    special = model.special_tokens
    ends = [special["eos_token"]] if "eos_token" in special else []
    turn = vocabulary.metadata.get("tokenizer.ggml.eot_token_id")
    if isinstance(turn, int):
        ends.append(model.piece(turn, special=True).decode("utf-8", errors="replace"))

    sizes: dict[int, int] = {}

    def size(token: int) -> int:
        if token not in sizes:
            sizes[token] = len(model.piece(token, special=True))
        return sizes[token]

    def spans(text: str) -> list[Span]:
        ends = list(accumulate(map(size, vocabulary.tokenize(text)), initial=0))
        # Some vocabularies put a space before the text.
        if shift := ends[-1] - len(text.encode()):
            ends = [max(0, end - shift) for end in ends]
        return list(pairwise(ends))

    return Target(path.name, model.chat_template, special, tuple(dict.fromkeys(ends)), spans)


def _from_folder(path: Path) -> Target:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        mend = "pip install tokenizers, or give a GGUF file of the model"
        raise UserError("a folder is read with the package tokenizers", where=path, mend=mend) from None
    if not (path / "tokenizer.json").is_file():
        mend = "give a folder that save_pretrained wrote, or a GGUF file"
        raise UserError("no tokenizer.json", where=path, mend=mend)
    try:
        tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    except Exception as error:  # the Rust library raises bare Exception
        raise UserError(f"not a tokenizer ({error})", where=path / "tokenizer.json") from None
    config = _config(path / "tokenizer_config.json")
    special = {name: _text(config[name]) for name in ("bos_token", "eos_token") if config.get(name)}
    template = _template(path, config)
    if not template:
        raise _no_template(path)

    def spans(text: str) -> list[Span]:
        offsets = tokenizer.encode(text, add_special_tokens=False).offsets
        if text.isascii():
            return [(left, right) for left, right in offsets]
        starts = [0]
        for letter in text:
            starts.append(starts[-1] + len(letter.encode()))
        return [(starts[left], starts[right]) for left, right in offsets]

    stops = (special["eos_token"],) if "eos_token" in special else ()
    return Target(path.name, template, special, stops, spans)


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read ({error})", where=path, mend="save the tokenizer again") from None
    return found if isinstance(found, dict) else {}


def _template(path: Path, config: Mapping[str, Any]) -> str | None:
    """The chat template: a file of its own, or in the settings, where it may be one of several."""
    own = path / "chat_template.jinja"
    if own.is_file():
        return own.read_text(encoding="utf-8")
    found = config.get("chat_template")
    if isinstance(found, list):
        found = next((one["template"] for one in found if one.get("name") == "default"), None)
    return found if isinstance(found, str) else None


def _text(token: Any) -> str:
    """A special token, which may be written as an object."""
    return str(token["content"] if isinstance(token, dict) else token)


def _no_template(path: Path) -> UserError:
    mend = "give a model that was tuned for chats"
    return UserError("the model has no chat template", where=path, mend=mend)
