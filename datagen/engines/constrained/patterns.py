"""Patterns of a JSON Schema (ECMA-262) in the dialect of Rust, narrowed to where the dialects agree.

`\\s`, `\\w`, `.` and their opposites mean other characters to each regex engine. What is written here matches
only text that ECMA-262, Rust and Python all match. Leaves to others: what a schema is (`json_schema.py`).
"""

from __future__ import annotations

import re

NOT_A_LINE_END = r"[^\n\r\u{2028}\u{2029}]"
# For each class two sets: what all dialects agree is in it, and what any of them would put in it.
CERTAIN = {
    "d": "0-9",
    "w": "0-9A-Za-z_",
    "s": r"\t\n\u{b}\u{c}\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
}
POSSIBLE = {
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{Pc}",
    "s": CERTAIN["s"] + r"\u{1c}-\u{1f}\u{85}\u{feff}",
}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
QUANTIFIER = re.compile(r"\{\d+(,\d*)?\}")
HEX = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}")
LOW_SURROGATE = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
PROPERTY = re.compile(r"[pP]\{[A-Za-z_=]+\}")
GROUP_NAME = re.compile(r"\(\?<[A-Za-z_]\w*>")


class PatternError(ValueError):
    """What of a pattern cannot be kept, in words."""


def rust_pattern(pattern: str) -> str:
    """`pattern` for the mask; it matches at most what `pattern` does. Raises `PatternError`.

    >>> rust_pattern(r"^\\d{3}-[^/]$")
    '^[0-9]{3}\\\\-[^\\\\/]$'
    """
    return _Translation(pattern).run()


class _Translation:
    """One pass over a pattern, from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    def run(self) -> str:
        parts: list[str] = []
        while self.at < len(self.pattern):
            parts.append(self._term())
        return "".join(parts)

    def _term(self) -> str:
        letter = self.pattern[self.at]
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._set()
        if letter == "\\":
            return self._escape_outside()
        if letter == "{" and (found := QUANTIFIER.match(self.pattern, self.at)):
            self.at = found.end()
            return found.group()
        self.at += 1
        if letter == ".":
            return NOT_A_LINE_END
        return letter if letter in "^$|)*+?" else literal(letter)

    def _group(self) -> str:
        if named := GROUP_NAME.match(self.pattern, self.at):
            self.at = named.end()
            return "(?:"
        if self.pattern.startswith("(?:", self.at):
            self.at += 3
            return "(?:"
        if self.pattern.startswith("(?", self.at):
            kind = "looks around" if re.match(r"\(\?<?[=!]", self.pattern[self.at :]) else "has flags"
            raise PatternError(f"it {kind} ('{self.pattern[self.at : self.at + 4]}')")
        self.at += 1
        return "(?:"

    def _escape_outside(self) -> str:
        letter = self.pattern[self.at + 1 : self.at + 2]
        if letter in ("b", "B"):
            raise PatternError(f"it asks for a word boundary ('\\{letter}')")
        kind, text = self._escape()
        if kind == "class":
            opposite = text.isupper()
            chars = (POSSIBLE if opposite else CERTAIN)[text.lower()]
            return f"[{'^' if opposite else ''}{chars}]"
        return text

    def _escape(self) -> tuple[str, str]:
        """("class", its letter) or ("text", what stands for the escape); moves behind it."""
        rest = self.pattern[self.at + 1 :]
        letter = rest[:1]
        if letter and letter in "dDwWsS":
            self.at += 2
            return "class", letter
        if found := HEX.match(rest):
            self.at += 1 + found.end()
            return "text", self._code(int(next(filter(None, found.groups())), 16))
        if found := PROPERTY.match(rest):
            self.at += 1 + found.end()
            return "text", f"\\{found.group()}"
        if letter == "c" and rest[1:2].isalpha() and rest[1:2].isascii():
            self.at += 3
            return "text", literal(chr(ord(rest[1]) % 32))
        if letter in CONTROLS and not (letter == "0" and rest[1:2].isdigit()):
            self.at += 2
            return "text", literal(CONTROLS[letter])
        if letter.isdigit() or letter == "k":
            raise PatternError(f"it refers back to a group ('\\{letter}')")
        if not letter or letter.isalnum():
            raise PatternError(f"'\\{letter}' means nothing to ECMA-262")
        self.at += 2
        return "text", literal(letter)

    def _code(self, code: int) -> str:
        low = LOW_SURROGATE.match(self.pattern, self.at)
        if 0xD800 <= code < 0xDC00 and low:
            self.at = low.end()
            code = 0x10000 + ((code - 0xD800) << 10) + (int(low.group(1), 16) - 0xDC00)
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            raise PatternError(f"U+{code:04X} is no character")
        return literal(chr(code))

    def _set(self) -> str:
        self.at += 1
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        inside, outside = (POSSIBLE, CERTAIN) if negated else (CERTAIN, POSSIBLE)
        parts: list[str] = []
        while not self.pattern.startswith("]", self.at):
            kind, text = self._member()
            if kind == "class":
                text = inside[text] if text.islower() else f"[^{outside[text.lower()]}]"
            elif self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at):
                self.at += 1
                end_kind, end = self._member()
                if end_kind == "class":
                    raise PatternError("a range in a set ends in a class")
                text = f"{text}-{end}"
            parts.append(text)
        self.at += 1
        if not parts:
            raise PatternError("it has an empty set")
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _member(self) -> tuple[str, str]:
        if self.at >= len(self.pattern):
            raise PatternError("a set has no end")
        letter = self.pattern[self.at]
        if letter == "\\":
            if self.pattern.startswith("\\b", self.at):  # a backspace, inside a set
                self.at += 2
                return "text", literal("\b")
            return self._escape()
        self.at += 1
        return "text", literal(letter)


def literal(letter: str) -> str:
    """One character as it stands in a Rust regex, inside a set or outside."""
    if letter.isalnum() or letter in ' _"':
        return letter
    return f"\\{letter}" if letter.isascii() and letter.isprintable() else f"\\u{{{ord(letter):x}}}"
