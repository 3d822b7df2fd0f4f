"""What may come next in one sample: a free thought first, then the answer, free or under a schema.

Leaves to others: which tokens a schema allows (`constraint.py`), drawing them (`llama/decoder.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from datagen.engines.constrained.constraint import Constraint, Masks, Rule
from datagen.engines.constrained.thinking import BREAK, closing_text
from datagen.engines.llama.binding import Logits
from datagen.engines.llama.sampler import Sampler


@dataclass(frozen=True)
class Plan:
    """What all samples of a request have in common.

    `rule`: what holds the answer, which goes on from `prefix`. `closing`: the tag that ends the thought that
    comes first, of at most `think_tokens` tokens; None for no thought. `tokenize` and `piece` are the
    model's, control tokens being text to both; `ends` are its end tokens.
    """

    rule: Rule | None
    prefix: str
    closing: str | None
    think_tokens: int
    ends: frozenset[int]
    tokenize: Callable[[str], list[int]]
    piece: Callable[[int], bytes]


class Guide:
    """The way of one sample: `amend` what was drawn, then `push` it.

    `thought`: the bytes of the thought so far. `constraint`: what holds the answer, or None.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.thought = bytearray()
        self.constraint: Constraint | None = None
        if plan.rule is not None:
            self.constraint = plan.rule.start(plan.tokenize(plan.prefix) if plan.prefix else ())
        self._thinking = plan.closing is not None
        self._tag = (plan.closing or "").encode()
        self._thought_tokens = 0
        # Tokens that must come next; the first so many of them still belong to the thought.
        self._forced: deque[int] = deque()
        self._left_of_thought = 0
        if not self._thinking:
            self._begin_answer()

    @property
    def forced(self) -> int | None:
        """The token that must come next, or None when one is to be drawn."""
        return self._forced[0] if self._forced else None

    @property
    def mask(self) -> Constraint | None:
        """What the next token must be drawn under, or None."""
        return None if self._forced or self._thinking else self.constraint

    @property
    def complete(self) -> bool:
        """Whether nothing can follow, not even an end token need."""
        return self.mask is not None and self.mask.complete

    def amend(self, token: int) -> int:
        """The token to take instead of one that was drawn.

        An end token ends a thought and not the sample; one that runs past the closing tag into the answer
        gives way to the rest of the tag.
        """
        if self._forced or not self._thinking:
            return token
        if token in self.plan.ends:
            return self._close(closing_text(self._tag.decode()))
        after = self._after_tag(self.plan.piece(token))
        if after and after.strip():
            return self._close(self._tag[self._begun_tag() :].decode() + BREAK)
        return token

    def push(self, token: int) -> bool:
        """Add a token; whether it is one of the answer."""
        if self._thinking:
            self._think(token)
            return False
        forced = bool(self._forced)
        if forced:
            self._forced.popleft()
        if self._left_of_thought:
            self._left_of_thought -= 1
            if not self._left_of_thought:
                self._begin_answer()
            return False
        if self.constraint is not None and not forced and token not in self.plan.ends:
            self._forced.extend(self.constraint.push(token))
        return True

    def _think(self, token: int) -> None:
        piece = self.plan.piece(token)
        after = self._after_tag(piece)
        self.thought += piece
        self._thought_tokens += 1
        if after is not None:
            del self.thought[len(self.thought) - len(after) - len(self._tag) :]
            # A free answer makes its own way from here; one under a schema begins where models begin one.
            self._finish_thought(BREAK if self.constraint is not None and not after else "")
        elif self._thought_tokens >= self.plan.think_tokens:
            self._close(closing_text(self._tag.decode()))

    def _close(self, text: str) -> int:
        """End the thought with `text`; its first token."""
        self._finish_thought(text)
        return self._forced[0]

    def _finish_thought(self, text: str) -> None:
        self._thinking = False
        self._forced.extend(self.plan.tokenize(text) if text else ())
        self._left_of_thought = len(self._forced)
        if not self._forced:
            self._begin_answer()

    def _begin_answer(self) -> None:
        if self.constraint is not None:
            self._forced.extend(self.constraint.forced())

    def _after_tag(self, piece: bytes) -> bytes | None:
        """What of `piece` comes after the closing tag it completes; None when it completes none."""
        end = bytes(self.thought[max(0, len(self.thought) - len(self._tag) + 1) :]) + piece
        found = end.find(self._tag)
        return None if found < 0 else end[found + len(self._tag) :]

    def _begun_tag(self) -> int:
        """How many bytes of the closing tag the thought ends with."""
        longest = min(len(self._tag) - 1, len(self.thought))
        return next((n for n in range(longest, 0, -1) if self.thought.endswith(self._tag[:n])), 0)


def choose(
    guide: Guide | None,
    sampler: Sampler,
    draw: Callable[[], int],
    masks: Masks,
    row: int,
    logits: Logits | None,
    *,
    spare: bool,
) -> int:
    """The next token of a sample: the forced one, one drawn under mask `row`, or one drawn freely.

    `draw` draws from `logits` as they are (None where no mask can be in force); `spare` allows to change
    them.
    """
    if guide is None:
        return draw()
    if guide.mask is not None:
        assert logits is not None
        return masks.draw(row, logits, sampler, draw if spare else None)
    drawn = None if guide.forced is not None else draw()
    token = guide.forced if drawn is None else guide.amend(drawn)
    assert token is not None
    if token != drawn:
        sampler.take(token)
    return token
