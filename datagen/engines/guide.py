"""What may come next in one sample: a free thought first, then the answer, free or under a schema.

Leaves to others: which tokens a schema allows (`constraint.py`), drawing them (`llama_decoder.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from datagen.engines.constraint import Constraint, Rule
from datagen.engines.thinking import BREAK, closing_text

Tokenize = Callable[[str], list[int]]
Piece = Callable[[int], bytes]


@dataclass(frozen=True)
class Plan:
    """What all samples of a request have in common.

    `thinks`: a thought comes first, of at most `think_tokens` tokens, until `closing`. `rule`: what holds
    the answer, which goes on from the tokens `prefix`. `tokenize` and `piece` are the model's, both with
    control tokens as text; `ends` are its end tokens.
    """

    rule: Rule | None
    thinks: bool
    think_tokens: int
    closing: str
    ends: frozenset[int]
    tokenize: Tokenize
    piece: Piece
    prefix: tuple[int, ...] = ()


class Guide:
    """The way of one sample: `amend` what was drawn, then `push` it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.constraint: Constraint | None = plan.rule.start(plan.prefix) if plan.rule else None
        self.thought = bytearray()
        self._thinking = plan.thinks
        self._thought_tokens = 0
        self._tag = plan.closing.encode()
        self._forced: deque[int] = deque()
        self._closing_left = 0
        if not self._thinking:
            self._begin_answer()

    @property
    def forced(self) -> int | None:
        """The token that must come next, or None when one is to be drawn."""
        return self._forced[0] if self._forced else None

    @property
    def masked(self) -> Constraint | None:
        """What the next token must be drawn under, or None."""
        return None if self._forced or self._thinking else self.constraint

    @property
    def complete(self) -> bool:
        """Whether the answer is whole, so that not even an end token is needed."""
        return not self._forced and not self._thinking and self._holds and self._complete()

    @property
    def _holds(self) -> bool:
        return self.constraint is not None

    def _complete(self) -> bool:
        assert self.constraint is not None
        return self.constraint.complete

    def amend(self, token: int) -> int:
        """The token to take instead of the one drawn: an end token ends a thought, not the sample.

        A token that runs past the closing tag into the answer gives way to the rest of the tag.
        """
        if self._forced or not self._thinking:
            return token
        if token in self.plan.ends:
            return self._close(closing_text(self.plan.closing))
        after = self._after_tag(self.plan.piece(token))
        if after is not None and after.strip():
            missing = len(self._tag) - self._overlap()
            return self._close(self._tag[-missing:].decode(errors="replace") + BREAK)
        return token

    def push(self, token: int) -> bytes | None:
        """Add a token; the bytes it adds to the answer, or None while there is no answer yet."""
        if self._thinking:
            return self._think(token)
        was_forced = bool(self._forced)
        if was_forced:
            self._forced.popleft()
        if self._closing_left:
            self._closing_left -= 1
            if not self._closing_left:
                self._begin_answer()
            return None
        if self.constraint is not None and not was_forced and token not in self.plan.ends:
            self._forced.extend(self.constraint.push(token))
        return self.plan.piece(token)

    def _think(self, token: int) -> None:
        piece = self.plan.piece(token)
        after = self._after_tag(piece)
        self.thought += piece
        self._thought_tokens += 1
        if after is not None:
            del self.thought[len(self.thought) - len(after) - len(self._tag) :]
            self._thinking = False
            self._queue(BREAK if self._holds and not after else "")
        elif self._thought_tokens >= self.plan.think_tokens:
            self._close(closing_text(self.plan.closing))

    def _close(self, text: str) -> int:
        """End the thought with `text`; its first token."""
        self._thinking = False
        self._queue(text)
        return self._forced[0]

    def _queue(self, text: str) -> None:
        tokens = self.plan.tokenize(text) if text else []
        self._forced.extend(tokens)
        self._closing_left = len(tokens)
        if not tokens:
            self._begin_answer()

    def _begin_answer(self) -> None:
        if self.constraint is not None:
            self._forced.extend(self.constraint.forced())

    def _after_tag(self, piece: bytes) -> bytes | None:
        """What of `piece` comes after the closing tag it completes; None when it completes none."""
        start = max(0, len(self.thought) - len(self._tag) + 1)
        found = (bytes(self.thought[start:]) + piece).find(self._tag)
        if found < 0:
            return None
        return bytes((bytes(self.thought[start:]) + piece)[found + len(self._tag) :])

    def _overlap(self) -> int:
        """How many bytes of the closing tag the thought ends with."""
        longest = min(len(self._tag) - 1, len(self.thought))
        return next((n for n in range(longest, 0, -1) if self.thought.endswith(self._tag[:n])), 0)
