"""From a whole response to the one answer it commits to, or the reason why there is none.

Reasoning between think tags is not an answer. Knows where answers are put, not what they mean: whether
two different-looking boxes agree is for `judge.py` to ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from verifiers.verdict import Status

#: So many of the last "the answer is" are read, and so much of what follows each.
MAX_PHRASES = 50
MAX_PHRASE = 400
#: The last formula or number is looked for in so many characters.
MAX_PROSE = 4000
#: Of a longer response only the end is read, where the answer is.
MAX_RESPONSE = 1 << 20


@dataclass(frozen=True, slots=True)
class Policy:
    """Where an answer may stand. `REWARD` trusts marks alone, because what is rewarded is gamed.

    The last `\\boxed{}` counts; where there is none, `answer_tag` admits `<answer>`, `hash_marks` a last line
    `#### 42`. `phrase` admits "the answer is", and `prose`, for other people's datasets, the last formula
    and after it the last number of the text. Marks that say different things are ambiguous.

    `guard` refuses answers that repeat the question (`\\gcd(26, 760)` for 2). `deadline_s` bounds the one
    slow stage, symbolic algebra in a worker process. Under a `symmetric` policy the two answers have the
    same rights: values are compared wherever both are defined. With `percent_sign_optional` a bare gold
    answer `50` takes `50%` for an answer, when its specification was inferred.
    """

    name: str = "reward"
    answer_tag: bool = True
    hash_marks: bool = True
    phrase: bool = False
    prose: bool = False
    guard: bool = True
    deadline_s: float = 0.2
    symmetric: bool = False
    percent_sign_optional: bool = True


REWARD = Policy()
LENIENT = Policy("lenient", phrase=True, prose=True, guard=False)
#: Neither answer is the gold one: swapping them never changes the outcome.
SYMMETRIC = Policy("symmetric", guard=False, symmetric=True)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The text of a final answer and where it was found.

    `others` are the other boxes that say something else; `cluster` are the boxes of the last line, when
    there are several, of which a list may be made.
    """

    text: str
    source: str
    others: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer could be read: a status of `no_answer`, `malformed` or `ambiguous`."""

    status: Status
    reason: str


_THINK_END = re.compile(r"</\s*(?:think|thinking|reasoning|thought)\s*>", re.IGNORECASE)
_THINK_START = re.compile(r"<\s*(?:think|thinking|reasoning|thought)\s*>", re.IGNORECASE)
_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])\s*(\{)?")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ANSWER_TAG = re.compile(r"<answer>((?:(?!</?answer>).)*)</answer>", re.DOTALL)
_HASH_MARKS = re.compile(r"^####\s*:?(.*)$", re.MULTILINE)
#: In other people's texts also in the middle of a line.
_ANY_HASH_MARKS = re.compile(r"####\s*:?([^\n#]*)")
_BOLD = re.compile(r"\*\*([^*\n]*\d[^*\n]*)\*\*")
_PHRASE = re.compile(
    r"(?:\banswer\s*(?:is\s*:?|:|=)|^\**(?:final\s+)?answer\**\s*:)\s*\**[ \t]*(?=\S)",
    re.IGNORECASE | re.MULTILINE,
)
#: What nobody sees.
_UNSEEN = re.compile(
    r"<(\w+)\b[^<>]*\bdisplay\s*:\s*none[^<>]*>(?:(?!</\1>).)*</\1>", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
#: A sign between what stands before the box and the box; at the start of a line it is a bullet.
_PART_OF_MORE = re.compile(
    r"(?:[^\s*+-][ \t$]*[-+*/^][ \t]*|(?:\A|\n)[ \t]*\$?-|\d[ \t]*|[ \t][<>][ \t]*"
    r"|\\(?:cdot|times|div|pm|neq?|leq?|geq?|lt|gt)[ \t]*)\Z"
)
#: The same after the box.
_GOES_ON = re.compile(
    r"\A[ \t]*(?:\+[ \t]*[\d\\]|[*/][ \t]*\d|\^|-[ \t]*[\d\\(]|\\(?:cdot|times|pm)(?![a-z]))"
)
_DENIED_BEFORE = re.compile(
    r"(?:\bnot|n't|\bnever|\bcannot)(?:\s+(?:be|equal|equal to|simply|just|really))?[\s:$(\[\\]*\Z",
    re.IGNORECASE,
)
_WRONG = r"(?:wrong|incorrect|false|mistaken|not\s+(?:right|correct|the\s+(?:\w+\s+)?answer))\b"
#: Said of the box itself, right after it, or with a word that takes back what was said.
_DENIED_AFTER = re.compile(
    rf"\A[\s$\\)\].,;:]*(?:(?:but|and|however|which|that|this|it)\W+)*(?:is|was)\s+(?:\w+\s+){{0,2}}{_WRONG}"
    rf"|\bbut\s+(?:that|this|it)\s+is\s+(?:\w+\s+)?{_WRONG}"
    r"|\bi\s+(?:can\s?not|could\s+not|can't|couldn't)\s+(?:find|solve|determine)\b",
    re.IGNORECASE,
)
#: Between two boxes of one list: no digits, no end of a sentence, no new paragraph.
_BESIDE = re.compile(r"(?:(?!\n\s*\n|[.!?]\s)[^\d]){0,70}")
_FORMULA = re.compile(
    r"\$\$(.+?)\$\$|(?<!\\)\$([^$]+?)(?<!\\)\$|\\\((.+?)\\\)|(?<!\\)\\\[(.+?)\\\]", re.DOTALL
)
_NUMBER = re.compile(r"(?<![\w.])[-−]?\$?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?:/\d+)?%?")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")


def extract(response: str, policy: Policy = REWARD) -> Candidate | Failure:
    """The final answer of `response` as the policy allows. Linear in the length of the response."""
    if len(response) > MAX_RESPONSE:
        response = response[-MAX_RESPONSE:]
    final = after_reasoning(response)
    if final is None:
        return Failure("no_answer", "the reasoning never ends")
    final = _UNSEEN.sub(" ", _COMMENT.sub(" ", final))
    found = _boxed(final)
    if isinstance(found, Candidate):
        rivals = [
            *found.others,
            *_said_after(final),
            *(mark for mark in _marks(final, policy) if mark != found.text),
        ]
        return replace(found, others=tuple(dict.fromkeys(rivals))) if rivals else found
    if found is not None:
        return found
    marks = _marks(final, policy)
    if marks:
        source = "answer-tag" if policy.answer_tag and _last_tagged(final) is not None else "hash-marks"
        candidate = _candidate(marks[-1], source)
        rivals = [mark for mark in dict.fromkeys(marks) if mark != marks[-1]]
        if policy.prose or not rivals or isinstance(candidate, Failure):
            return candidate
        return replace(candidate, others=tuple(rivals))
    if policy.phrase and (phrases := _phrases(final)):
        return _candidate(_first_sentence(phrases[-1]), "phrase")
    if policy.prose and (last := _last_of(_FORMULA, final)) is not None:
        return _candidate(last, "formula")
    if policy.prose and (last := _last_of(_BOLD, final)) is not None:
        return _candidate(last, "bold")
    if policy.prose and (last := _last_of(_NUMBER, final)) is not None:
        return _candidate(last, "number")
    return Failure("no_answer", "no \\boxed{}, <answer> or last line with #### after the reasoning")


def after_reasoning(response: str) -> str | None:
    """What follows the last closing think tag; None when a think tag is opened and never closed."""
    start = max((end.end() for end in _THINK_END.finditer(response)), default=0)
    return None if _THINK_START.search(response, start) else response[start:]


def _boxed(text: str) -> Candidate | Failure | None:
    """The last box, when it is complete, not empty, and the only one of its kind."""
    contents: list[str] = []
    spans: list[tuple[int, int]] = []
    position, in_order = 0, True
    while (match := _BOX.search(text, position)) is not None:
        if match.group(1) is None:
            in_order, position = False, match.end()
            continue
        end = _closing_brace(text, match.end())
        if end is None:
            return Failure("malformed", "the last \\boxed{ is never closed")
        contents.append(text[match.end() : end].strip())
        spans.append((match.start(), end + 1))
        in_order, position = True, end + 1
    if not in_order:
        return Failure("malformed", "\\boxed without braces")
    if not contents:
        return None
    if not contents[-1]:
        return Failure("malformed", "the last box is empty")
    before, after = text[max(spans[-1][0] - 20, 0) : spans[-1][0]], text[spans[-1][1] : spans[-1][1] + 20]
    if _PART_OF_MORE.search(before) or _GOES_ON.search(after):
        return Failure("ambiguous", "the last box is part of a larger expression")
    if _DENIED_BEFORE.search(text, max(spans[-1][0] - 60, 0), spans[-1][0]):
        return Failure("ambiguous", "the last box says what the answer is not")
    if _DENIED_AFTER.search(text[spans[-1][1] : spans[-1][1] + 200]):
        return Failure("ambiguous", "the last box is taken back")
    others = dict.fromkeys(text for text in contents[:-1] if text and text != contents[-1])
    return Candidate(contents[-1], "boxed", tuple(others), _cluster(text, contents, spans))


def _marks(text: str, policy: Policy) -> list[str]:
    """What stands after `####` and in `<answer>`, the one that counts last.

    `####` also opens a heading; where a reward is at stake it must begin the last line.
    """
    found: list[str] = []
    if policy.hash_marks:
        if policy.prose:
            lines = _ANY_HASH_MARKS.findall(text)
        else:
            *earlier, last = _HASH_MARKS.findall(text) or [""]
            ends = text.rstrip().rpartition("\n")[2].startswith("####")
            lines = [line for line in earlier if _NUMBER.fullmatch(line.strip())] + [last] if ends else []
        found += [line.strip().rstrip(".") for line in lines]
    if policy.answer_tag:
        tags = [tag.strip() for tag in _ANSWER_TAG.findall(text)]
        found += [tag for tag in tags if "\\boxed" not in tag]
    return [mark for mark in found if mark]


def _phrases(text: str) -> list[str]:
    """What follows each "the answer is", to the end of its line."""
    ends = [match.end() for match in _PHRASE.finditer(text)][-MAX_PHRASES:]
    return [text[end : end + MAX_PHRASE].partition("\n")[0] for end in ends]


def _said_after(text: str) -> list[str]:
    """What a sentence after the last box says the answer is: a number there is a rival to the box."""
    tail = text[text.rfind("\\boxed") :]
    statements = (_first_sentence(phrase).strip(" .*$") for phrase in _phrases(tail))
    return [statement for statement in statements if _NUMBER.fullmatch(statement)]


def _cluster(text: str, contents: list[str], spans: list[tuple[int, int]]) -> tuple[str, ...]:
    """The boxes that stand beside the last one, with little between them."""
    first = len(contents) - 1
    while first and _BESIDE.fullmatch(text, spans[first - 1][1], spans[first][0]):
        first -= 1
    return tuple(contents[first:]) if first < len(contents) - 1 else ()


def _closing_brace(text: str, start: int) -> int | None:
    """Where the brace opened just before `start` closes; `\\{` and `\\}` do not count."""
    depth = 1
    for match in _BRACE.finditer(text, start):
        sign = match.group()
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return match.start()
    return None


def _last_tagged(text: str) -> str | None:
    """What stands in the last complete `<answer>...</answer>`."""
    tags = _ANSWER_TAG.findall(text)
    return tags[-1] if tags else None


def _candidate(text: str, source: str) -> Candidate | Failure:
    text = text.strip().strip("*").strip()
    return Candidate(text, source) if text else Failure("malformed", f"the {source} is empty")


def _last_of(pattern: re.Pattern[str], text: str) -> str | None:
    """The last match in the end of a text, or its first group that matched."""
    tail = text[-MAX_PROSE:]
    found = list(pattern.finditer(tail))
    if not found:
        return None
    return next((group for group in found[-1].groups() if group is not None), found[-1].group())


def _first_sentence(text: str) -> str:
    """Up to the end of the sentence; of `the largest n is 34` what is said of it."""
    end = _SENTENCE_END.search(text)
    sentence = text[: end.start()] if end else text
    words, verb, said = sentence.rpartition(" is ")
    return said if verb and words.replace(" ", "").isalpha() else sentence
