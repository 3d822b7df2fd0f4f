"""A prompt gets its answer, and further turns if they are wanted: what the recipes of instructions share.

What a good answer is not: cut off, empty, a refusal, the prompt once more. Where the prompts come from is the
affair of `instruct.py`, `evolve.py` and `magpie.py`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from datagen.engines.engine import Message, Sample
from datagen.filters.ngrams import words_of
from datagen.recipes.shared.sampling import Sampling, finished, origin
from datagen.runs.team import Team
from schemas import Row

NEVER_STOPPED, EMPTY = "never stopped", "empty"
REFUSAL, REPEATS, ASSISTANT = "refusal", "repeats the prompt", "speaks as the assistant"

OPENING = 200
"""Characters in which a refusal shows."""
FEWEST_REPEATED = 4
"""A prompt of fewer words may well open its own answer: "Hello!" "Hello! How can I help?" """

UNABLE = re.compile(
    r"\b(?:can(?:no|')t|can not|unable|not able|won't|not allowed|don't have (?:access|the ability))\b", re.I
)
SORRY = re.compile(r"\b(?:sorry|apologi[sz]e|unfortunately|regret)\b", re.I)
MACHINE = re.compile(
    r"\bas an? (?:ai|artificial|(?:large )?language model)\b|\bi(?:'m| am) (?:just |only )?an ai\b", re.I
)
HELPFUL = re.compile(
    r"^(?:sure|certainly|of course|absolutely)\b(?:[!.:]|,(?!(?s:.*)\?)|, (?:here|i(?:'ll|'d| can| will))\b)"
    r"|^(?:here (?:is|are)|here's) (?!my\b|our\b|what (?:i|we)\b)"
    r"|\bas an ai\b(?:,| (?:language|model|assistant|i)\b)"
    r"|\bi hope this helps\b|\bhappy to help\b|\bhow (?:can|may) i (?:help|assist) you\b"
    r"|\blet me know if you\b|\bfeel free to ask\b",
    re.I,
)

WRAPPINGS = (("**", "**"), ("*", "*"), ('"', '"'), ("\u201c", "\u201d"))
"""What models put around a whole text."""

DECLINES = re.compile(
    r"i(?:'m| am)? (?:cannot|can't|can not|unable to|not able to)"
    r" (?:help (?:you )?with|assist|fulfil|comply|rewrite|provide|generate|produce)",
    re.I,
)
OFFER = re.compile(
    r"[^.!?\n]*\b(?:help you|assist you|else i can|you(?:'d| would) like me to)\b[^.!?\n]*\?", re.I
)
"""A question that an assistant asks."""

Fault = Callable[[Sample, str], "str | None"]
"""Why a sample is no answer to a prompt, or None."""
FollowUp = Callable[[Sequence[Message], Team], Awaitable[tuple[str, "str | None"]]]
"""What the user says next in a conversation, and why nothing, or None."""


def answer_fault(sample: Sample, asked: str) -> str | None:
    """Why a sample is no good answer to `asked`, or None."""
    if not finished(sample):
        return NEVER_STOPPED
    text = straight(sample.text)
    if not text:
        return EMPTY
    if refuses(text):
        return REFUSAL
    return REPEATS if repeats(text, asked) else None


def refuses(text: str) -> bool:
    """Whether an answer begins by saying that there will be none.

    >>> refuses("I'm sorry, but I can't help with that."), refuses("I'm sorry to hear that. Try some tea.")
    (True, False)
    """
    opening = straight(text)[:OPENING]
    unable = UNABLE.search(opening) is not None
    first = re.match(r"i(?:'m| am)? (?:cannot|can't|can not|unable|not able)", opening, re.I) is not None
    return first or (unable and SORRY.search(opening) is not None) or MACHINE.search(opening) is not None


def refuses_as_user(text: str) -> bool:
    """Whether what should be a user's words is a model's refusal. Users say too that they cannot do things.

    >>> refuses_as_user("I'm sorry, I can't write that."), refuses_as_user("I can't log in. What shall I do?")
    (True, False)
    """
    text = OFFER.sub("", straight(text))
    opening = text[:OPENING]
    sorry = SORRY.search(opening) is not None and UNABLE.search(opening) is not None
    declines = sorry or DECLINES.match(opening) is not None or MACHINE.search(opening) is not None
    return declines and "?" not in text


def repeats(text: str, asked: str) -> bool:
    """Whether an answer is the prompt once more, or begins with all of it."""
    said, prompt = words_of(text), words_of(asked)
    return bool(prompt) and (
        said == prompt or (len(prompt) >= FEWEST_REPEATED and said[: len(prompt)] == prompt)
    )


def speaks_as_assistant(text: str) -> bool:
    """Whether what should be a user's words are those of an assistant.

    >>> speaks_as_assistant("Here are ten tasks:"), speaks_as_assistant("Where are the ten commandments?")
    (True, False)
    """
    return HELPFUL.search(straight(text)) is not None


def unwrapped(text: str) -> str:
    """A text without the quotation marks or stars around the whole of it; those of a part stay.

    >>> unwrapped('**"Name a bird."**'), unwrapped('"To be" and "or not"')
    ('Name a bird.', '"To be" and "or not"')
    """
    text = text.strip()
    for first, last in WRAPPINGS:
        inside = text[len(first) : -len(last)]
        around = text.startswith(first) and text.endswith(last) and inside.strip()
        if around and first not in inside and last not in inside:
            return unwrapped(inside)
    # Of stars around a number and its text only the last are left.
    return text.removesuffix("**").strip() if text.count("**") == 1 else text


def straight(text: str) -> str:
    """A text without spaces at its ends, and with the apostrophe of keyboards."""
    return text.strip().replace("\u2019", "'")


def first_good(samples: Sequence[Sample], asked: str, fault: Fault) -> tuple[int, str | None]:
    """The first sample without a fault; else 0 and the fault of the first."""
    faults = [fault(sample, asked) for sample in samples]
    good = next((index for index, found in enumerate(faults) if found is None), None)
    return (0, faults[0]) if good is None else (good, None)


async def conversation(
    prompt: Sequence[Message],
    team: Team,
    sampling: Sampling,
    *,
    turns: int = 1,
    follow_up: FollowUp | None = None,
    system: Sequence[Message] = (),
    fault: Fault = answer_fault,
) -> tuple[list[Message], Row] | str:
    """`prompt` with its answer, then as many further questions and answers as make `turns`; with its `meta`.

    Of `sampling.samples` answers the first good one counts. Why there is none, when the first question gets
    none; a later turn that fails ends the conversation before it, and `meta` says why (`ended`). `system`
    is said to the model, and no part of the conversation.
    """
    messages: list[Message] = list(prompt)
    chosen: list[int] = []
    ended: str | None = None
    while len(chosen) < turns:
        asked = list(messages)
        if chosen:
            assert follow_up is not None
            said, ended = await follow_up([*system, *messages], team)
            if ended is not None:
                break
            asked.append({"role": "user", "content": said})
        made = await team.chat([*system, *asked], **sampling.fields())
        index, ended = first_good(made.samples, asked[-1]["content"], fault)
        if ended is not None:
            break
        answer = made.samples[index].text.strip()
        messages = [*asked, {"role": "assistant", "content": answer}]
        chosen.append(index)
    if not chosen:
        return ended or EMPTY
    meta: dict[str, Any] = {"sample": chosen[0], "seed": team.seed(chosen[0])}
    if turns > 1:
        meta = {**meta, "turns": len(chosen), **({} if ended is None else {"ended": ended})}
    return messages, meta


def asked_again(said: str, messages: Sequence[Message]) -> bool:
    """Whether the user has said the same before."""
    return any(turn["role"] == "user" and words_of(turn["content"]) == words_of(said) for turn in messages)


def row(team: Team, sampling: Sampling, found: tuple[list[Message], Row], more: Row) -> Row:
    """The instruction row of a conversation; `more` goes into its `meta`."""
    messages, meta = found
    return {
        "messages": [dict(turn) for turn in messages],
        "meta": {**origin(team, sampling), **meta, **more},
    }
