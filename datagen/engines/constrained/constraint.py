"""Answers under a JSON Schema: which tokens may come next, by llguidance, as masks over the vocabulary.

A vocabulary is read once for a model and a schema compiled once for an engine; a sample gets a cheap copy.
What of JSON Schema can be enforced is `json_schema.py`'s affair, drawing a token the decoder's.
"""

from __future__ import annotations

import functools
import json
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from datagen.engines.constrained.json_schema import narrowed, subschemas, validator
from datagen.engines.llama.binding import Logits, Model
from datagen.engines.llama.sampler import Sampler
from schemas import UserError

Bits = npt.NDArray[np.int32]
KEPT_SCHEMAS = 64
WORD = 32
# Up to one token in so many: drawing from those alone is faster than from all with the others denied.
FEW = 8
# More than any usual top-k: denied tokens would be among the k likeliest where fewer are allowed.
LEAST_MANY = 256
# Whitespace between tokens of JSON is what a weak model writes for ever: none is allowed.
COMPACT = {"whitespace_flexible": False}
ANY_OBJECT = {"type": "object"}


@functools.cache
def guidance() -> Any:
    """The `llguidance` module; `UserError` when it is not installed."""
    try:
        import llguidance
        import llguidance.llamacpp
    except ImportError as error:
        what = f"a schema needs llguidance, which cannot be imported ({error})"
        raise UserError(what, mend="pip install llguidance") from error
    return llguidance


def version() -> str:
    """What decides about masks besides the schema: part of a completion's identity."""
    from importlib.metadata import version as installed

    guidance()
    return f"llguidance {installed('llguidance')}"


class Rule:
    """One schema, compiled for one vocabulary. Shared by all its samples; safe in any thread."""

    def __init__(self, schema: Mapping[str, Any] | bool, tokenizer: Any) -> None:
        """Raises `UserError` for what cannot be enforced: which keyword, where, and the mend."""
        self._narrowed = narrowed(schema)
        self._valid = validator(schema)
        self._tokenizer = tokenizer
        self._first = _matcher(tokenizer, self._narrowed)
        if fault := _fault(self._first):
            raise self._located(fault)

    def start(self, prefix: Sequence[int] = ()) -> Constraint:
        """The constraint of a new sample, whose answer goes on from `prefix`."""
        matcher = self._first.deep_copy()
        if prefix and not matcher.consume_tokens(list(prefix)):
            what = "the prefix does not begin an answer under the schema"
            raise UserError(what, where="request", mend="leave out the prefix, or change it")
        return Constraint(matcher)

    def holds(self, answer: str) -> bool:
        """Whether a whole answer is JSON and valid under the user's own schema: jsonschema-rs decides."""
        try:
            return bool(self._valid.is_valid(orjson.loads(answer)))
        except orjson.JSONDecodeError:
            return False

    def _located(self, fault: str) -> UserError:
        """The complaint of the compiler with the place of the innermost part that provokes it."""
        place = ""
        for inner, schema in sorted(subschemas(self._narrowed), key=lambda found: -len(found[0])):
            if isinstance(schema, bool) or not inner:
                continue
            alone = _fault(_matcher(self._tokenizer, _moved(self._narrowed, schema)))
            if alone:
                place, fault = inner, alone
                break
        where = f"schema at '{place or '/'}'"
        return UserError(f"cannot be enforced ({fault})", where=where, mend=_mend(fault))


class Constraint:
    """What may come next in one sample. One that has failed (a schema too complex) counts as complete."""

    def __init__(self, matcher: Any) -> None:
        self.matcher = matcher

    @property
    def complete(self) -> bool:
        """Whether nothing but the end can follow."""
        return bool(self.matcher.is_stopped())

    def push(self, token: int) -> list[int]:
        """Add a token; those that must follow it, which are added too."""
        return self.forced() if self.matcher.consume_token(token) else []

    def forced(self) -> list[int]:
        """The tokens that must come next, added."""
        if self.matcher.is_stopped():
            return []
        tokens: list[int] = self.matcher.compute_ff_tokens()
        return tokens if tokens and self.matcher.consume_tokens(tokens) else []


class Rules:
    """The schemas of one model, the latest of them compiled."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Rule] = OrderedDict()

    @functools.cached_property
    def tokenizer(self) -> Any:
        """llguidance's view of the vocabulary, by the bytes of its tokens; milliseconds to a tenth second."""
        if not self._model.ends:
            raise UserError("a schema needs a model with an end token", mend="choose another model")
        build = guidance().llamacpp.lltokenizer_from_vocab
        with warnings.catch_warnings():  # it calls what llama.cpp has given another name
            warnings.simplefilter("ignore", DeprecationWarning)
            return build(self._model.vocab, eos_token=sorted(self._model.ends))

    def rule(self, schema: Mapping[str, Any] | None, *, json_object: bool = False) -> Rule | None:
        """The rule of a request, or None when its answers are free."""
        if schema is None and not json_object:
            return None
        wanted = ANY_OBJECT if schema is None else schema
        # The order of keys counts: it is the order in which properties are written.
        key = json.dumps(wanted)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Rule(wanted, self.tokenizer)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_SCHEMAS:
                self._kept.popitem(last=False)
            return self._kept[key]


class Masks:
    """The masks of the rows of a step, in memory that is used again and again."""

    def __init__(self, rows: int, model: Model) -> None:
        self._vocabulary = model.vocabulary_size
        self._bits: Bits = np.zeros((rows, (self._vocabulary + WORD - 1) // WORD), np.int32)
        self._bytes = self._bits.strides[0]
        self._addresses = [self._bits.ctypes.data + row * self._bytes for row in range(rows)]
        self._few = max(self._vocabulary // FEW, LEAST_MANY)
        self._end = min(model.ends, default=0)

    def compute(self, constraints: Iterable[tuple[int, Constraint]]) -> None:
        """Fill the masks of these rows. Others may use Python meanwhile."""
        for row, constraint in constraints:
            constraint.matcher.unsafe_compute_mask_ptr(self._addresses[row], self._bytes)

    def draw(self, row: int, logits: Logits, sampler: Sampler, draw: Callable[[], int] | None) -> int:
        """The next token, drawn from `logits` [vocabulary] as far as mask `row` allows.

        `draw` draws from these very logits, which are then changed; without it they stay as they are.
        """
        denied = np.unpackbits(
            ~self._bits[row].view(np.uint8), bitorder="little", count=self._vocabulary
        ).view(np.bool_)
        allowed = self._vocabulary - int(np.count_nonzero(denied))
        if allowed > self._few:
            if draw is None:
                return sampler.draw_from(np.where(denied, np.float32(-np.inf), logits))
            logits[np.flatnonzero(denied)] = -np.inf
            return draw()
        if allowed > 1:
            tokens = np.flatnonzero(~denied)
            return sampler.draw_from(logits[tokens], tokens)
        # Nothing at all is allowed once a matcher has failed: the answer ends, and is found out as invalid.
        token = int(denied.argmin()) if allowed else self._end
        sampler.take(token)
        return token


def _matcher(tokenizer: Any, schema: Mapping[str, Any]) -> Any:
    llguidance = guidance()
    grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=COMPACT)
    return llguidance.LLMatcher(tokenizer, grammar, log_level=0)


def _fault(matcher: Any) -> str:
    """The first line of what is wrong with a matcher; empty when nothing is."""
    if not matcher.is_error():
        matcher.compute_bitmask()
    if not matcher.is_error():
        return ""
    lines = str(matcher.get_error()).splitlines() or ["no reason given"]
    return lines[0].strip()


def _moved(root: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` as a document of its own, with the whole `root` inside for its references."""

    def rewritten(found: Any) -> Any:
        if isinstance(found, list):
            return [rewritten(item) for item in found]
        if not isinstance(found, Mapping):
            return found
        inner = {key: rewritten(value) for key, value in found.items()}
        if isinstance(found.get("$ref"), str):
            inner["$ref"] = f"#/$defs/root{found['$ref'][1:]}"
        return inner

    return {**rewritten(schema), "$defs": {"root": rewritten(root)}}


def _mend(fault: str) -> str:
    """What to do about a complaint of the compiler."""
    if "oneOf" in fault:
        return "let each branch require a property with another const, or write anyOf"
    if "Properties" in fault:
        return "require all listed properties, or leave out minProperties and maxProperties"
    if "nsatisfiable" in fault:
        return "no value can follow these keywords together"
    return "simplify this part"
