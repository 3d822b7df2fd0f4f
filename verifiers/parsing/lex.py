"""Text to tokens: LaTeX, ASCII, sympy names and Unicode signs become one small alphabet.

One linear scan with a length budget. It knows how a number or a name is spelt, and leaves precedence
and meaning to `parse.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from typing import NamedTuple

from verifiers.parsing import notation

MAX_LENGTH = 4096
#: CPython refuses to convert more than 4300 digits at once; no honest answer comes near.
MAX_DIGITS = 4000


class UnreadableError(ValueError):
    """The text is not one complete piece of mathematics, or is over a budget; the message says why."""


class Token(NamedTuple):
    """`kind` is number, repeating, name, constant, truth, function, operator, command, big, text or end."""

    kind: str
    text: str
    spaced: bool


END = Token("end", "", False)

_TOKEN = re.compile(
    r"""
    (?P<space>  (?:\s|\\[\ ,;:!>]|\\\$|\$|\\[()\[\]])+ | \u200b)
  | (?P<repeating> \d*\.\d*\\(?:overline|bar|dot)\s*\{\d+\})
  | (?P<thousands> \d{1,3}(?:(?:,|\{,\}|\\,|\\!,|,\\!)\d{3})+(?![\d,]\d)(?!\d)(?:\.\d+)?)
  | (?P<grouped> [1-9]\d{0,2}(?:(?:[ ~]|\\[ ;:])\d{3})+ (?!\d) (?!\s*(?:\d|/|\\[dtc]?frac|\\over)) (?:\.\d+)?)
  | (?P<number> \d+\.\d+ | \.\d+ | \d+(?:\.(?![.\w]))?)
  | (?P<command> \\[a-zA-Z]+)
  | (?P<word> [^\W\d_]+)
  | (?P<brace> \\[{}])
  | (?P<operator> <=>|<->|\*\*|&&|\|\||<=|>=|=<|==|!=|->|=>|\\[%|&_] | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACED = re.compile(r"\s*\{([^{}]*)\}|\s*([A-Za-z0-9])")
#: What a text command may hold and still be mathematics: one number, with a sign or as a fraction.
_STYLED_NUMBER = re.compile(r"[-−+]?\d[\d,.]*(?:/\d+)?")
_ESCAPED = {"\\%": "%", "\\|": "|", "\\&": "and", "\\_": "_"}
_PUNCTUATION = frozenset("+-*/^_=<>(){}[]|!%,:.")
_EXPONENT = re.compile(r"[eE][+-]?\d{1,9}(?![\w.])")
_STYLED_COMMAND = re.compile(r"\s*\{\s*\\[a-zA-Z]")


def tokenize(text: str, symbols: Set[str] = frozenset(), *, thousands: bool = True) -> list[Token]:
    """The tokens of `text`, ending with `END`; raises `UnreadableError`.

    `symbols` are names that are variables here even where they usually mean something else (`e`, `i`).
    With `thousands` False a comma always separates: `{1,234}` has two members.
    """
    if len(text) > MAX_LENGTH:
        raise UnreadableError(f"longer than {MAX_LENGTH} characters")
    if not text.isascii():
        text = _plain_unicode(text)
    tokens: list[Token] = []
    position, spaced, depth = 0, False, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None, "the last alternative matches any character"
        kind, lexeme = match.lastgroup, match.group()
        separated = thousands and not depth and (kind == "thousands" or _starts_a_number(tokens))
        if kind in ("thousands", "grouped") and not separated:
            kind = "number"
            lexeme = re.match(r"\d+", lexeme).group()  # type: ignore[union-attr]
        position += len(lexeme)
        if kind == "space":
            spaced = True
            continue
        if kind in ("number", "thousands", "grouped"):
            exponent = _EXPONENT.match(text, position) if kind == "number" else None
            position += len(exponent.group()) if exponent else 0
            tokens.append(_number(lexeme, exponent.group() if exponent else "", spaced))
        elif kind == "repeating":
            tokens.append(Token("repeating", lexeme, spaced))
        elif kind == "word":
            _word(lexeme, spaced, symbols, tokens)
        elif kind == "command":
            position = _command(lexeme[1:], text, position, spaced, symbols, tokens)
        else:
            tokens.append(_sign(lexeme, spaced))
            if tokens[-1].text in ("(", "[", "set{"):
                depth += 1
            elif tokens[-1].text in (")", "]", "set}"):
                depth -= 1
        spaced = False
    tokens.append(END)
    return tokens


def _starts_a_number(tokens: list[Token]) -> bool:
    """Whether digits in groups of three can only be one number here: `98 146`, but not `2^98 146`."""
    return not tokens or (tokens[-1].kind == "operator" and tokens[-1].text in ("=", "approx", "+", "-"))


def _plain_unicode(text: str) -> str:
    """Drops invisible characters; spells out superscripts, fractions, full-width and styled letters."""
    text = re.sub(r"[⁰¹²³⁴-⁾ⁿ]+", lambda m: "^{" + m.group().translate(notation.SUPERSCRIPTS) + "}", text)
    text = re.sub(r"[₀-₉]+", lambda m: "_{" + m.group().translate(notation.SUBSCRIPTS) + "}", text)
    return "".join(c if c.isascii() else _plain_character(c) for c in text)


def _plain_character(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if "⁄" in plain and len(plain) >= 3:
        numerator, denominator = plain.split("⁄")
        return rf"\frac{{{numerator}}}{{{denominator}}}"
    if character == "ℝ" or (unicodedata.category(character) == "Sm" and not plain.isascii()):
        return character
    return plain


def _number(lexeme: str, exponent: str, spaced: bool) -> Token:
    digits = re.sub(r"[^\d.]", "", lexeme)
    if len(digits) > MAX_DIGITS:
        raise UnreadableError(f"a number of more than {MAX_DIGITS} digits")
    return Token("number", digits + exponent, spaced)


def _sign(lexeme: str, spaced: bool) -> Token:
    if lexeme in ("\\{", "\\}"):
        return Token("operator", "set" + lexeme[1], spaced)
    sign = _ESCAPED.get(lexeme) or notation.OPERATORS.get(lexeme)
    if sign is None:
        if lexeme in notation.CONSTANTS:
            return Token("constant", notation.CONSTANTS[lexeme], spaced)
        if lexeme in notation.BIG_OPERATORS:
            return Token("big", notation.BIG_OPERATORS[lexeme], spaced)
        if lexeme not in _PUNCTUATION:
            raise UnreadableError(f"unexpected character {lexeme!r}")
        sign = lexeme
    if sign in ("true", "false"):
        return Token("truth", sign, spaced)
    if sign in ("sqrt", "cbrt"):
        return Token("function", sign, spaced)
    return Token("operator", sign, spaced)


def _word(run: str, spaced: bool, symbols: Set[str], tokens: list[Token]) -> None:
    """A run of letters: a known name, a unit, or letters multiplied together."""
    known = _known_word(run, spaced, symbols)
    if known is not None:
        tokens.append(known)
        return
    for length in range(len(run) - 1, 1, -1):
        head = run[:length]
        if head in notation.BARE_FUNCTIONS or head in ("log", "pi", "sqrt"):
            if len(run) - length > 1 and head != "pi":
                break
            _word(head, spaced, symbols, tokens)
            _word(run[length:], False, symbols, tokens)
            return
    if len(run) > 3:
        tokens.append(Token("text", run, spaced))
        return
    for letter in run:
        tokens.append(_known_word(letter, spaced, symbols) or Token("name", letter, spaced))
        spaced = False


def _known_word(run: str, spaced: bool, symbols: Set[str]) -> Token | None:
    if run in symbols:
        return Token("name", run, spaced)
    if run in notation.FUNCTIONS and len(run) > 1:
        return Token("function", notation.FUNCTIONS[run], spaced)
    if run in notation.CONSTANTS and run not in notation.BLACKBOARD_ONLY:
        return Token("constant", notation.CONSTANTS[run], spaced)
    if run.lower() in notation.TRUTHS:
        return Token("truth", "true" if notation.TRUTHS[run.lower()] else "false", spaced)
    if run in notation.WORD_OPERATORS:
        return Token("operator", notation.WORD_OPERATORS[run], spaced)
    if run in notation.UNITS:
        return Token("text", run, spaced)
    if run == "percent":
        return Token("operator", "%", spaced)
    if len(run) == 1 or run in notation.GREEK:
        return Token("name", run, spaced)
    return None


def _command(
    name: str, text: str, position: int, spaced: bool, symbols: Set[str], tokens: list[Token]
) -> int:
    """One LaTeX command; returns where the scan goes on (text commands swallow their braces)."""
    if name in notation.INVISIBLE_COMMANDS:
        dot = name in ("left", "right") and text[position : position + 1] == "."
        return position + dot
    if name in notation.TEXT_COMMANDS or name == "mathbb":
        match = _BRACED.match(text, position)
        if match is None:
            if _STYLED_COMMAND.match(text, position):
                return position  # `\textbf{\text{42}}`: what is inside says what it is
            raise UnreadableError(f"\\{name} without its braces")
        content = (match.group(1) or match.group(2) or "").strip()
        if name == "mathbb" and content == "R":
            tokens.append(Token("constant", "reals", spaced))
        elif _STYLED_NUMBER.fullmatch(content):
            tokens.extend(tokenize(content, symbols)[:-1])
        elif content:
            # After a number `\text{m}` is metres and not a variable.
            unit = len(content) == 1 and bool(tokens) and tokens[-1].kind == "number"
            known = None if unit else _known_word(content, spaced, symbols)
            tokens.append(known or Token("text", content, spaced))
        return match.end()
    if name in notation.COLOUR_COMMANDS:
        match = _BRACED.match(text, position)
        if match is None:
            raise UnreadableError(f"\\{name} without its colour")
        return match.end()
    if name in notation.COMMAND_OPERATORS:
        sign = notation.COMMAND_OPERATORS[name]
        tokens.append(Token("truth" if sign in ("true", "false") else "operator", sign, spaced))
    elif name in notation.BIG_OPERATORS:
        tokens.append(Token("big", notation.BIG_OPERATORS[name], spaced))
    elif name in notation.FRACTION_COMMANDS:
        tokens.append(Token("command", "frac", spaced))
    elif name in notation.BINOMIAL_COMMANDS:
        tokens.append(Token("command", "binom", spaced))
    elif name == "sqrt":
        tokens.append(Token("command", "sqrt", spaced))
    elif name not in notation.TRANSPARENT_COMMANDS:
        known = _known_word(name, spaced, symbols) if len(name) > 1 else None
        if known is None:
            raise UnreadableError(f"unknown command \\{name}")
        tokens.append(known)
    return position


class Cursor:
    """A place in a token list, moving to the right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0

    def peek(self) -> Token:
        return self.tokens[self.position]

    def next(self) -> Token:
        token = self.tokens[self.position]
        if token is not END:
            self.position += 1
        return token

    def accept(self, *signs: str) -> str | None:
        token = self.tokens[self.position]
        if token.kind == "operator" and token.text in signs:
            self.position += 1
            return token.text
        return None

    def expect(self, *signs: str) -> str:
        found = self.accept(*signs)
        if found is None:
            raise UnreadableError(f"expected {' or '.join(signs)!r}, found {self.peek().text or 'the end'!r}")
        return found
