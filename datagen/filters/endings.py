"""Was an answer cut off? By what its row says of it, by what it left open, by how it breaks off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.filters.filter import Verdict, answers_of, question_of
from datagen.filters.own import check_pattern, finder
from datagen.filters.text import FENCED, INLINE_CODE, count_words, without_code
from schemas import Row
from schemas.settings import setting

CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens"})
"""What engines and servers say of an answer that reached its limit."""
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
ENVIRONMENT = re.compile(r"\\(begin|end)\{(\w+\*?)\}")
FORMULA = re.compile(r"(?<!\\)(?:\\\\)*\\([\[\]()])")
r"""A backslash before a bracket, unless it ends a line break as of `\\\\[2pt]`."""
DISPLAY = re.compile(r"^\s*\$\$|\$\$\s*$", re.MULTILINE)
BOXED = re.compile(r"\\boxed\s*\{")
FACE = re.compile(r"(?<![\w)\]])[:;]['’]?-?[()]+(?!\w)")
OPENING, CLOSING = "([{", ")]}"

RULE = re.compile(r"[-=*_ ]+")
ENDS = tuple(".!?…。！？｡।؟\"'”’»」』）)]}>:;|*_`~+%°$€£✓✔")
PROSE = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)?")
NOT_PROSE = re.compile(
    r"\s*(?:[-*•+>|#]|\d+[.)]|[A-Za-z][.)]\s|\w[\w /'-]{0,30}:|####|\$|\\|<[a-zA-Z/!]|(?:def|class|import"
    r"|from|return|for|if|while|print|"
    r"let|const|var|public|private|static|function|SELECT|INSERT|UPDATE|WHERE)\b)"
)
SENTENCES = re.compile(r"[.!?。！？](?=[\"'”’)\]]?(?:\s|$))")
DANGLING = re.compile(
    r"(?:^|[\s(])(?:the|a|an|and|or|but|of|to|in|on|at|by|for|from|with|as|than|that|which|whose|because|if"
    r"|when|while|although|"
    r"is|are|was|were|be|been|has|have|had|will|would|can|could|should|may|might|must|into|onto|upon"
    r"|between|among|through|"
    r"its|their|his|her|our|your|my|this|these|those|such|very|so|not|there|also|"
    r"der|die|das|und|oder|ein|eine|einen|mit|von|zu|le|la|les|un|une|des|et|de|du|el|los|las|una|y|il|che"
    r"|di|per|com|um|uma|een|het|en|van)$",
    re.IGNORECASE,
)
NAMED_LETTER = re.compile(
    r"(?:\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Pp]art|[Ll]etter|[Vv]ariable|[Aa]ngle|[Pp]oint) [ay]"
    r"|\S (?:A|Y)|\b(?:and|or|is|of|in|for|equals) y)$"
)
"""A letter that is a name and no article: `option a`, `the set A`, `between x and y`."""
OPERATOR = re.compile(
    r"(?:^|\s)(?:[=+×÷<≤≥≈]|\*(?!\*)|/|-)$|[,=×÷(\[{]$|<<$|\\(?:frac|sqrt|left|cdot|times|text)?$"
)


@dataclass(frozen=True)
class Truncated:
    """An answer that was cut off: stopped by its limit, left open, or broken off within a sentence."""

    finish_reason: bool = setting(True, help="`meta` says `length`: it reached its limit of tokens")
    left_open: bool = setting(True, help="a code fence, bracket, \\boxed{ or environment without its end")
    broken_off: bool = setting(True, help="the last sentence has no end")
    strict: bool = setting(
        False, help="every last line of prose needs a full stop; many people write without one"
    )
    ending: str = setting(
        "", help="a regular expression that every answer must match, as '#### [0-9.,-]+$' for GSM8K"
    )
    min_words: int = setting(8, help="shorter answers are phrases, which need no full stop", minimum=1)

    def __call__(self, row: Row) -> Verdict:
        if self.finish_reason and reached_limit(row.get("meta") or {}):
            return False, "cut off: reached its limit"
        boxed = self.left_open and "\\boxed" in question_of(row)
        for answer in answers_of(row):
            if boxed and "\\boxed" not in answer:
                return False, "cut off: no \\boxed{}"
            if self.ending and not finder(self.ending)(answer.rstrip()):
                return False, "cut off: another ending"
            if self.left_open and (reason := left_open(answer)):
                return False, f"cut off: {reason}"
            if self.broken_off and breaks_off(answer, self.min_words, self.strict):
                return False, "cut off: no end of sentence"
        return True


def reached_limit(meta: Mapping[str, Any]) -> bool:
    """Whether a `finish_reason` in `meta`, at any depth, says that an answer was cut off.

    >>> reached_limit({"chosen": {"finish_reason": "length"}})
    True
    """
    for key, value in meta.items():
        if key in ("finish_reason", "stop_reason", "done_reason"):
            reasons = value if isinstance(value, list) else [value]
            if any(str(reason).lower() in CUT_OFF for reason in reasons):
                return True
        elif isinstance(value, dict) and reached_limit(value):
            return True
    return False


def left_open(answer: str) -> str | None:
    """What an answer opens and never closes, or None.

    >>> left_open("So the result is \\\\boxed{4")
    'open \\\\boxed{'
    >>> left_open("```python\\nprint(1)")
    'open code fence'
    """
    if _open_fence(answer):
        return "open code fence"
    if "\\boxed" in answer and (found := [*BOXED.finditer(answer)]) and _depth(answer[found[-1].end() :]):
        return "open \\boxed{"
    prose = without_code(answer)
    if "\\" in prose:
        environments = [kind for kind, _ in ENVIRONMENT.findall(prose)]
        if environments.count("begin") > environments.count("end"):
            return "open environment"
        marks = FORMULA.findall(prose)
        if marks.count("[") > marks.count("]") or marks.count("(") > marks.count(")"):
            return "open formula"
    if prose.count("$$") % 2 and DISPLAY.search(prose):
        return "open formula"
    if answer.count("<think>") > answer.count("</think>"):
        return "open think tag"
    return "open bracket" if _open_bracket(answer) else None


def _open_fence(answer: str) -> bool:
    if "```" not in answer and "~~~" not in answer:
        return False
    fence: str | None = None
    for found in FENCE.finditer(answer):
        marks = found[1]
        if fence is None:
            fence = marks
        elif marks[0] == fence[0] and len(marks) >= len(fence):
            fence = None
    return fence is not None


def _depth(text: str) -> bool:
    """Whether a brace that was open before the text is still open after it."""
    depth = 1
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        if not depth:
            return False
    return True


def _open_bracket(answer: str) -> bool:
    """Whether the last line ends within a bracket, or the whole of a text that begins with one."""
    text = answer.strip()
    last = text if text.startswith(("{", "[")) else text.rpartition("\n")[2]
    if last.count("<<") > last.count(">>"):
        return True
    # `[0, 1)` closes one kind with another, `a)` none: any bracket closes what is open.
    depth, since = 0, 0
    for place, character in enumerate(FACE.sub("", INLINE_CODE.sub("", last))):
        if character in OPENING:
            since = since if depth else place
            depth += 1
        elif character in CLOSING and depth:
            depth -= 1
    return depth > 0 and (since > 0 or last is text)


def breaks_off(answer: str, min_words: int = 8, strict: bool = False) -> bool:
    """Whether an answer ends within a sentence: on a word that cannot be the last, an operator, or in prose.

    That prose has no full stop says so only where this answer's other sentences have one; `strict` asks for
    one wherever the last line is prose.

    >>> breaks_off("The cat sat on the mat. Then it went to the")
    True
    >>> breaks_off("Apples, pears and plums")
    False
    """
    text = answer.rstrip()
    line = text.rpartition("\n")[2].strip()
    if count_words(text) < min_words or (FENCED.search(text) and text.endswith(("```", "~~~"))):
        return False
    if OPERATOR.search(line) or _dangles(line):
        return not line.startswith(("#", "|", "```")) and not RULE.fullmatch(line)
    if line.endswith(ENDS) or NOT_PROSE.match(line):
        return False
    words = PROSE.findall(SENTENCES.split(line)[-1])
    if len("".join(PROSE.findall(line))) < 0.5 * len(line.replace(" ", "")):
        return False
    if strict:
        return len(PROSE.findall(line)) >= 3
    lines = [part.strip() for part in text.splitlines() if part.strip()]
    ended = sum(part.endswith((".", "!", "?", "。")) for part in lines[:-1])
    if SENTENCES.search(line):  # the line has sentences that end before the last of them, which does not
        return len(words) >= 2
    if len(lines) > 1:
        return ended == len(lines) - 1 and count_words(line) >= 3
    return len(words) >= 25


def _dangles(line: str) -> bool:
    """Whether a line of prose ends on a word that cannot be the last, such as an article."""
    return bool(DANGLING.search(line)) and not NAMED_LETTER.search(line) and not NOT_PROSE.match(line)


def check_ending(filter: Truncated, where: object = None) -> None:
    """`UserError` when the ending is no regular expression."""
    if filter.ending:
        check_pattern(filter.ending, where)
