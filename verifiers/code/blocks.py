"""From a whole response to the one program it commits to, or the reason why there is none.

Knows Markdown's fences (CommonMark 0.31, section 4.5), not Python. Reasoning is no answer: `extract.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifiers.extract import MAX_RESPONSE, Candidate, Failure, after_reasoning

#: What a fence may be called for its content to be the program.
PYTHON = frozenset({"python", "python3", "py", "py3"})
_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([^\n]*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: what it is called, its text, and whether its fence is closed."""

    language: str
    text: str
    closed: bool


def program(response: str) -> Candidate | Failure:
    """The last block marked as Python after the reasoning, complete and the only one of its kind.

    Blocks in other languages, or marked as nothing, are not looked at. Repeating the same block is
    allowed; two that differ are ambiguous, because it is not for us to choose.
    """
    if len(response) > MAX_RESPONSE:
        return Failure("malformed", f"the response is longer than {MAX_RESPONSE} characters")
    final = after_reasoning(response)
    if final is None:
        return Failure("no_answer", "the reasoning never ends")
    found = blocks(final)
    if found and not found[-1].closed:
        return Failure("malformed", "the last code fence is never closed")
    texts = [block.text for block in found if block.language in PYTHON]
    if not texts:
        return Failure("no_answer", "no ```python block after the reasoning")
    if not texts[-1].strip():
        return Failure("malformed", "the last ```python block is empty")
    if any(text.strip() != texts[-1].strip() for text in texts):
        return Failure(
            "ambiguous",
            "```python blocks that differ",
        )
    return Candidate(texts[-1], "python-block")


def blocks(text: str) -> list[Block]:
    """All fenced blocks in order. Linear in the length of the text."""
    found: list[Block] = []
    fence, indent, language = "", 0, ""
    content: list[str] = []
    for line in text.split("\n"):
        match = _FENCE.fullmatch(line.rstrip("\r"))
        if not fence:
            # An info string after backticks holds no backtick: that is code within a line.
            if match is not None and not (match[2][0] == "`" and "`" in match[3]):
                fence, indent = match[2], len(match[1])
                language = match[3].split(maxsplit=1)[0].lower() if match[3] else ""
                content = []
        elif match is not None and match[2][0] == fence[0] and len(match[2]) >= len(fence) and not match[3]:
            found.append(Block(language, _joined(content), True))
            fence = ""
        else:
            content.append(_without_indent(line, indent))
    return [*found, Block(language, _joined(content), False)] if fence else found


def _joined(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _without_indent(line: str, indent: int) -> str:
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(indent, blank) :]
