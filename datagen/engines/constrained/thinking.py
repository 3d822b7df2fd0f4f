"""Thoughts before an answer: which tags a model sets them in, and where a thought ends.

Pure text; what is sampled when is `guide.py`'s affair.
"""

from __future__ import annotations

import re

DEFAULT_TAG = "</think>"
CLOSING = re.compile(
    r"</[\w:|.-]*(?:think|thought|reason)[\w:|.-]*>|\[/THINK\]|<\|end_of_thought\|>", re.IGNORECASE
)
BREAK = "\n\n"


def closing_tag(template: str | None) -> str:
    """The tag that ends a thought, as the chat template shows it, or `</think>`.

    >>> closing_tag("{% if '</seed:think>' in content %}...")
    '</seed:think>'
    """
    found = CLOSING.search(template or "")
    return found.group() if found else DEFAULT_TAG


def opening_tag(closing: str) -> str:
    """The tag that begins a thought.

    >>> opening_tag("</think>"), opening_tag("[/THINK]")
    ('<think>', '[THINK]')
    """
    if closing == "<|end_of_thought|>":
        return "<|begin_of_thought|>"
    return closing.replace("/", "", 1)


def is_open(prompt: str, closing: str) -> bool:
    """Whether the prompt ends inside a thought: the template has begun one."""
    return prompt.rstrip().endswith(opening_tag(closing))


def with_thought(prompt: str, closing: str) -> str:
    """The prompt, ending inside a thought."""
    return prompt if is_open(prompt, closing) else f"{prompt}{opening_tag(closing)}\n"


def without_thought(prompt: str, closing: str) -> str:
    """The prompt, ending outside of thoughts: one the template has begun is closed, empty."""
    return f"{prompt.rstrip()}{BREAK}{closing}{BREAK}" if is_open(prompt, closing) else prompt


def closing_text(closing: str) -> str:
    """What ends a thought that did not end by itself."""
    return f"\n{closing}{BREAK}"
