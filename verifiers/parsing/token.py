"""Tokens, and a place in a list of them. What they are made from is for `lex.py` to know."""

from __future__ import annotations

from typing import NamedTuple


class UnreadableError(ValueError):
    """The text is not one complete piece of mathematics, or is over a budget; the message says why."""


class Token(NamedTuple):
    """One lexeme; `spaced` tells whether space stood before it.

    `kind` is number, repeating, based, name, constant, truth, function, constructor, operator, command,
    big, begin, text or end.
    """

    kind: str
    text: str
    spaced: bool


END = Token("end", "", False)


class Cursor:
    """A place in a token list, moving to the right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0

    def peek(self) -> Token:
        return self.tokens[self.position]

    def after(self, count: int = 1) -> Token:
        """The token `count` places further on; `END` past the end."""
        place = self.position + count
        return self.tokens[place] if place < len(self.tokens) else END

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
