"""How names and signs are spelt: a run of letters, a Unicode character, one token each.

Reads the tables of `notation.py`; where a token stands is for `lex.py` to know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from functools import lru_cache

from verifiers.parsing import notation
from verifiers.parsing.token import Token, UnreadableError

_ESCAPED = {"\\%": "%", "\\|": "|", "\\&": "and", "\\_": "_"}
_PUNCTUATION = frozenset("+-*/^_=<>(){}[]|!%,:.")


def plain_unicode(text: str) -> str:
    """Drops invisible characters; spells out superscripts, fractions, full-width and styled letters."""
    text = re.sub(r"[⁰¹²³⁴-⁾ⁿⁱ]+", lambda m: "^{" + m.group().translate(notation.SUPERSCRIPTS) + "}", text)
    text = re.sub(r"[₀-₉]+", lambda m: "_{" + m.group().translate(notation.SUBSCRIPTS) + "}", text)
    return "".join(c if c.isascii() else _plain_character(c) for c in text)


def _plain_character(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in notation.KEPT_CHARACTERS:
        return character
    greek = {"ℏ": "hbar", "ℓ": "ell"}.get(character) or _greek(character)
    if greek is not None:
        return rf"\{greek} "
    plain = unicodedata.normalize("NFKC", character)
    if "⁄" in plain and len(plain) >= 3:
        numerator, denominator = plain.split("⁄")
        return rf"\frac{{{numerator}}}{{{denominator}}}"
    if unicodedata.category(character) == "Sm" and not plain.isascii():
        return character
    return plain


def _greek(character: str) -> str | None:
    """`alpha` of `α`; None for `π`, which is a number, and for what is no Greek letter."""
    if not "Α" <= character <= "ω" or character == "π":
        return None
    name = unicodedata.name(character, "").rpartition(" ")[2].lower().replace("lamda", "lambda")
    name = name.capitalize() if character.isupper() else name
    return name if name in notation.GREEK else None


@lru_cache(maxsize=1024)
def sign_token(lexeme: str, spaced: bool) -> Token:
    """The token of an operator or a bracket; raises `UnreadableError` for a character that is neither."""
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


def split_word(run: str, spaced: bool, symbols: Set[str], tokens: list[Token], *, bracket: bool) -> None:
    """Appends what a run of letters says: a known name, a unit, or letters multiplied together.

    With a `bracket` after it, `re` and `im` are functions and not products.
    """
    known = known_word(run, spaced, symbols)
    if bracket and run in notation.CONSTRUCTORS:
        known = Token("constructor", run, spaced)
    elif bracket and known is None and run in ("re", "im"):
        known = Token("function", run, spaced)
    if known is not None:
        tokens.append(known)
        return
    for length in range(len(run) - 1, 1, -1):
        head = run[:length]
        if head in notation.BARE_FUNCTIONS or head in ("log", "pi", "sqrt"):
            if len(run) - length > 1 and head != "pi":
                break
            split_word(head, spaced, symbols, tokens, bracket=False)
            split_word(run[length:], False, symbols, tokens, bracket=bracket)
            return
    if len(run) > 3:
        tokens.append(Token("text", run, spaced))
        return
    for letter in run:
        tokens.append(known_word(letter, spaced, symbols) or Token("name", letter, spaced))
        spaced = False


def known_word(run: str, spaced: bool, symbols: Set[str]) -> Token | None:
    """The token of a name that stands for itself; None for a run of letters that must be taken apart."""
    if run in symbols:
        return Token("name", run, spaced)
    if len(run) == 1 and run not in notation.CONSTANTS:
        return Token("name", run, spaced) if run not in notation.UNITS else Token("text", run, spaced)
    if run in notation.FUNCTIONS:
        return Token("function", notation.FUNCTIONS[run], spaced)
    if run in notation.CONSTANTS and run not in notation.BLACKBOARD_ONLY:
        return Token("constant", notation.CONSTANTS[run], spaced)
    if run in notation.SINGLETONS:
        return Token("constant", notation.SINGLETONS[run], spaced)
    if run.lower() in notation.TRUTHS:
        return Token("truth", "true" if notation.TRUTHS[run.lower()] else "false", spaced)
    if run in notation.WORD_OPERATORS:
        return Token("operator", notation.WORD_OPERATORS[run], spaced)
    if run in notation.UNITS:
        return Token("text", run, spaced)
    if run in ("percent", "percentage", "pct"):
        return Token("operator", "%", spaced)
    if len(run) == 1 or run in notation.GREEK:
        return Token("name", run, spaced)
    return None
