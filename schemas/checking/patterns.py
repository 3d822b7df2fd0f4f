"""A `pattern` as jsonschema reads it (Python's `re.search`), written so that jsonschema-rs matches the same.

Only what means the same everywhere is translated: literals, classes of literals, repetition, groups, ends.
`\\d`, `\\w` and `\\s` are not: Python takes the digits of every script, ECMAScript ten of them, Rust's
Unicode is another version; such patterns stay with Python.
"""

from __future__ import annotations

import re

SPECIAL = frozenset("\\.^$|?*+()[]{}")
ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}

QUANTIFIER = re.compile(r"(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??")
CLASS = re.compile(
    r"\[(?P<negated>\^?)(?P<first>-?)(?P<items>(?:[^\\\[\]^&~|\-]|\\[\\.\-\]\[/^$*+?(){}|nrt]|-(?!\]))+)(?P<last>-?)\]"
)
ITEM = re.compile(r"\\?[^\\]")


def native_pattern(pattern: str, *, exact: bool = True) -> str | None:
    r"""The same pattern for Rust's engine, or None where it could match other texts there.

    Unless it must be `exact`, it may leave out the texts that end in a newline: to Python, `$` comes before
    that newline, too, and asking for it takes Rust's engine longer.

    >>> native_pattern("^[0-9a-f]{8}$")
    '^[0-9a-f]{8}\\n?$'
    >>> native_pattern(r"^\d+$") is None
    True
    """
    made: list[str] = []
    position = depth = 0
    repeatable = False
    while position < len(pattern):
        character = pattern[position]
        if found := QUANTIFIER.match(pattern, position) if repeatable else None:
            made.append(found[0])
            position, repeatable = found.end(), False
            continue
        step: str | None
        width, repeatable = 1, True
        if character == "[":
            found = CLASS.match(pattern, position)
            step = _class(found) if found else None
            width = len(found[0]) if found else 1
        elif character == "\\":
            step, width = _escape(pattern[position + 1 : position + 2]), 2
        elif character == "(":
            width = 3 if pattern.startswith("(?:", position) else 1
            step = None if pattern.startswith("(?", position) and width == 1 else "(?:"
            depth, repeatable = depth + 1, False
        elif character == ")":  # jsonschema-rs takes no empty group
            depth, step = depth - 1, None if made[-1:] == ["(?:"] else ")"
        elif character in "^|":
            step, repeatable = character, False
        elif character == "$":  # at the end, or before a newline at the end
            last = pattern[position + 1 : position + 2] in ("", "|")
            end = r"\n?$" if exact else "$"
            step, repeatable = (end if last and not depth else None), False
        else:
            step = r"[^\n]" if character == "." else None if character in SPECIAL else _literal(character)
        if step is None:
            return None
        made.append(step)
        position += width
    return "".join(made)


def _class(found: re.Match[str]) -> str | None:
    """A class of characters and of ranges between them."""
    items = [_plain(item) for item in ITEM.findall(found["items"])]
    raw = ITEM.findall(found["items"])
    made, index = [], 0
    while index < len(items):
        if index + 2 < len(items) and raw[index + 1] == "-":
            if raw[index] == "-" or raw[index + 2] == "-" or items[index] > items[index + 2]:
                return None
            made.append(f"{_in_class(items[index])}-{_in_class(items[index + 2])}")
            index += 3
        elif raw[index] == "-":
            return None
        else:
            made.append(_in_class(items[index]))
            index += 1
    ends = _in_class("-") if found["first"] or found["last"] else ""
    return f"[{found['negated']}{''.join(made)}{ends}]"


def _escape(character: str) -> str | None:
    if character in ESCAPED:
        return ESCAPED[character]
    return _literal(character) if character and not character.isalnum() and character.isascii() else None


def _plain(item: str) -> str:
    return ESCAPED.get(item[1], item[1]) if len(item) == 2 else item


def _literal(character: str) -> str:
    return "\\" + character if character in SPECIAL else character


def _in_class(character: str) -> str:
    return "\\" + character if character in "\\[]^-" else character
