"""Stated rules that stand in for a person: which of two answers is the better one?

A rule looks at one response and says whether it has what is wanted. Whether the answer is right is the
verifiers' business and no part of these rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from datagen.recipes.shared.facts import CLOSINGS

Rule = Callable[[str], bool]

SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def closes_politely(response: str) -> bool:
    """Whether the last words are a polite closing."""
    return response.rstrip().endswith(CLOSINGS)


def shows_steps(response: str) -> bool:
    """Whether there is working before the final answer: an equation before the box, or a sentence of reasons.

    Without a box, more than one sentence before the closing.
    """
    working, box, _ = response.partition("\\boxed")
    if box:
        return "=" in working
    for closing in CLOSINGS:
        working = working.rstrip().removesuffix(closing)
    return sum(bool(sentence.strip()) for sentence in SENTENCE_END.split(working)) >= 2


def shows_steps_and_closes(response: str) -> bool:
    """The house taste: steps shown, and a polite close."""
    return shows_steps(response) and closes_politely(response)


RULES: dict[str, Rule] = {"polite": shows_steps_and_closes}
