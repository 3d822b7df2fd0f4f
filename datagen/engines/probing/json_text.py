"""The JSON value in what a model wrote: alone, in a code fence, among prose, after its thoughts.

Tolerant about what stands around a value, strict about the value: a broken one is never taken for one of
its parts. Whether it follows a schema is for others to say (`structured.py`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

DEEPEST = 200
"""Brackets inside brackets; a model that writes nothing but `[` would else exhaust the parser's stack."""

State = Literal["whole", "open", "broken"]

LEXEME = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<mark>[\[\]{}:,])
      | (?P<string>"[^"\\]*(?:\\.[^"\\]*)*(?:(?P<closed>")|\\?\Z))
      | (?P<bare>[-+.\w]+)
    )""",
    re.DOTALL | re.VERBOSE,
)
OPENING = re.compile(r"[\[{]")
BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
NUMBER_BEGUN = re.compile(r"-?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]*)?")
WORDS = ("true", "false", "null")
MEANT = re.compile(r"""[{]\s*(?:["'}]|[\w-]+\s*:)|[\[]\s*(?:["'\[\]{]|-?[0-9]|true\b|false\b|null\b)""")
"""A bracket that begins JSON, or what its writer took for JSON; any other belongs to the prose."""
FENCE = re.compile(r"\A\s*```[\w-]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>(?:.*?</\1>|.*\Z)", re.DOTALL)
THOUGHT_ENDS = re.compile(r"</(?:think|thinking|reasoning)>")


@dataclass(frozen=True)
class Found:
    """The complete JSON `values` of a text, in their order. `open`: the text ends inside another.

    `fault` says what is wrong with the first that looked like JSON and is none; it is empty without one.
    """

    values: tuple[Any, ...] = ()
    open: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Scan:
    """How far the text is one JSON value: its `end`, and the commas before a closing bracket."""

    state: State
    end: int
    commas: tuple[int, ...] = ()


def find_json(text: str, *, cut_off: bool = False) -> Found:
    """The JSON values in `text`. `cut_off`: it was not the model that ended it.

    Objects and arrays may stand among prose; any other value has to stand alone, or in a fence. Trailing
    commas and raw newlines in strings are forgiven; a key that comes twice, a number no program can hold and
    half a character are not.

    >>> find_json('Sure! Here it is: {"answer": 4} Anything else?').values
    ({'answer': 4},)
    >>> find_json('{"answer": [{"x": 1}, {"x"', cut_off=True)
    Found(values=(), open=True, fault='')
    """
    thought = THOUGHT.match(text)
    if thought:
        text = text[thought.end() :]
        if not text and not THOUGHT_ENDS.search(thought[0]):
            return Found(open=cut_off, fault="nothing but a thought that never ends")
    fenced = FENCE.match(text)
    alone = (fenced[1] if fenced else text).strip()
    if alone and alone[0] not in "[{":
        value = _scalar(alone, cut_off and not fenced)
        if value is not None:
            return value
    return _among_prose(text)


def begins_json(text: str, opening: str = "{") -> bool:
    """Whether a text is a JSON value, or the beginning of one that was cut off, and nothing else.

    >>> begins_json('{"a": [1, tr'), begins_json('{"a": 1} and'), begins_json("Well, {")
    (True, False, False)
    """
    stripped = text.strip()
    if not stripped.startswith(opening):
        return False
    found = scan(stripped, 0)
    return found.state == "open" or (found.state == "whole" and found.end == len(stripped))


def scan(text: str, start: int) -> Scan:
    """How far `text` from `start` on is one JSON value, by a stack of brackets and without recursion."""
    closers: list[str] = []
    commas: list[int] = []
    expected, comma, at = "value", -1, start
    while True:
        lexeme = LEXEME.match(text, at)
        if lexeme is None:
            return Scan("broken" if text[at:].strip(" \t\r\n") else "open", at)
        kind, word = lexeme.lastgroup, lexeme[0].lstrip(" \t\r\n")
        at = lexeme.end()
        if kind != "mark":
            if expected not in ("value", "value]", "key}") or (kind == "bare" and expected == "key}"):
                return Scan("broken", at)
            if not lexeme["closed"] and (kind != "bare" or not _is_word(word)):
                begun = kind != "bare" or _begins_word(word)
                return Scan("open" if begun and at == len(text) else "broken", at)
            expected = ":" if expected == "key}" else f",{closers[-1]}" if closers else ""
        elif word in "[{" and expected in ("value", "value]"):
            closers.append("]" if word == "[" else "}")
            expected = "value]" if word == "[" else "key}"
            if len(closers) > DEEPEST:
                return Scan("broken", at)
        elif word in "]}" and closers and closers[-1] == word == expected[-1]:
            if comma >= 0:
                commas.append(comma)
            closers.pop()
            expected = f",{closers[-1]}" if closers else ""
        elif word == ":" == expected:
            expected = "value"
        elif word == "," == expected[:1]:
            expected = "value]" if closers[-1] == "]" else "key}"
        else:
            return Scan("broken", at)
        comma = at - 1 if word == "," else -1
        if not expected:
            return Scan("whole", at, tuple(commas))


def _among_prose(text: str) -> Found:
    """Objects and arrays, and of those only what follows the thoughts of a model that thinks aloud."""
    values: list[tuple[int, int, Any]] = []
    fault, is_open = "", False
    for start, found in _scans(text):
        if found.state == "open":
            is_open = True
        elif found.state == "broken":
            fault = fault or f"broken at {_shown(text, found.end)}"
        else:
            try:
                values.append((start, found.end, _parsed(text, start, found)))
            except (ValueError, RecursionError) as error:
                fault = fault or str(error)
    ends = [m.start() for m in THOUGHT_ENDS.finditer(text)]
    outside = [e for e in ends if not any(start < e < end for start, end, _ in values)]
    answer = max(outside, default=0)
    return Found(tuple(value for start, _, value in values if start >= answer), is_open, fault)


def _scans(text: str) -> Iterator[tuple[int, Scan]]:
    """(start, scan) of everything that is, begins or was meant as an object or an array."""
    at = 0
    while (bracket := OPENING.search(text, at)) is not None:
        at = bracket.start()
        found = scan(text, at)
        if found.state == "whole":
            yield at, found
            at = found.end
        elif found.state == "open":
            yield at, found
            return
        elif MEANT.match(text, at):
            # Never a part of what is broken: the parts of a wrong answer are wrong answers.
            yield at, found
            end = _balanced_end(text, at)
            if end is None:
                return
            at = end
        else:
            at += 1


def _balanced_end(text: str, start: int) -> int | None:
    """Where the bracket at `start` is closed again, strings left out; None when it never is."""
    depth = 0
    for bracket in BRACKET.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket[0], 0)
        if depth == 0 and bracket[0] in "]}":
            return bracket.end()
    return None


def _scalar(text: str, cut_off: bool) -> Found | None:
    """A text, number, truth value or null that stands alone; None when it is none."""
    found = scan(text, 0)
    if cut_off and (found.state == "open" or NUMBER.fullmatch(text)):
        return Found(open=True)
    if found.state != "whole" or found.end != len(text):
        return None
    try:
        return Found((_parsed(text, 0, found),))
    except ValueError as error:
        return Found(fault=str(error))


def _parsed(text: str, start: int, found: Scan) -> Any:
    """The value that was scanned; `ValueError` when a program that reads it would change it."""
    kept, at = [], start
    for comma in found.commas:
        kept.append(text[at:comma])
        at = comma + 1
    fragment = "".join([*kept, text[at : found.end]])
    value = json.loads(
        fragment, strict=False, object_pairs_hook=_distinct, parse_int=_int64, parse_float=_finite
    )
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half a character (a lone surrogate)") from None
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key '{next(k for k in keys if keys.count(k) > 1)}' comes twice")
    return found


def _int64(text: str) -> int:
    number = int(text) if len(text) < 25 else 2**64
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"the number {text[:24]} does not fit 64 bits")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:24]} is too large")
    return number


def _is_word(word: str) -> bool:
    return word in WORDS or NUMBER.fullmatch(word) is not None


def _begins_word(word: str) -> bool:
    return any(known.startswith(word) for known in WORDS) or NUMBER_BEGUN.fullmatch(word) is not None


def _shown(text: str, at: int) -> str:
    """The place of a fault as the model can find it again."""
    return json.dumps(text[max(0, at - 20) : at + 10], ensure_ascii=False)
