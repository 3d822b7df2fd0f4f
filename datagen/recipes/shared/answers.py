"""Answers to one prompt by one model or several: asked for, and those that nobody would train on left out.

Which of the others is better is not for this module to say.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.engines.engine import Sample
from datagen.recipes.shared.sampling import Sampling, finished
from datagen.runs.run import Rejected
from datagen.runs.team import GENERATOR, Team
from schemas import Row

NEVER_STOPPED, EMPTY, ALIKE, REFUSALS = "never stopped", "empty", "alike", "all refuse"
"""Why answers are left out: cut off, without text, nearly as an earlier one, all of them refusals."""

UNSPACED = r"\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|(?<!\w)[-+*/=<>](?=\s*\w)|(?<=\s)[-+*/=<>]")
"""Words; letters of scripts without spaces; signs, unless they stand within a word."""
REFUSAL = re.compile(
    r"(i'?m (very |so |really )?sorry|i apologi[sz]e|sorry|unfortunately)?[,.!:; ]*(but )?"
    r"(as an ai[a-z ]*, )?"
    r"i (can(no|')?t|am (not able|unable)|'?m (not able|unable)|won'?t|will not|do not feel comfortable)\b"
)
REFUSAL_LETTERS = 300
"""A longer text than this that begins like a refusal may go on to help."""


@dataclass(frozen=True)
class Answer:
    """One answer: the `number`-th to its prompt, counted through all models; who gave it, and its sample."""

    number: int
    role: str
    sample: Sample

    @property
    def text(self) -> str:
        """What is said."""
        return self.sample.text

    @property
    def turn(self) -> list[dict[str, str]]:
        """The answer as the columns of a row want it."""
        return [{"role": "assistant", "content": self.text}]


def generator(number: int) -> str:
    """The role of the `number`-th model that answers, from 0.

    >>> generator(0), generator(1)
    ('generator', 'generator-2')
    """
    return GENERATOR if number == 0 else f"{GENERATOR}-{number + 1}"


def generators(roles: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the roles that answer prompts, in their order."""
    names = (generator(number) for number in range(len(roles)))
    return tuple(name for name in names if name in roles)


async def answers_of(item: Row, team: Team, sampling: Sampling) -> list[Answer]:
    """The answers of every generator to the prompt of an item, numbered one model after the other.

    Two of one model have seeds of their own: a model may compete with itself under two names.
    """
    roles, count = generators(team.engines), sampling.samples
    made = await asyncio.gather(
        *(
            team.chat(
                item["prompt"],
                role=role,
                seeds=tuple(team.seed(place * count + i) for i in range(count)),
                **sampling.fields(),
            )
            for place, role in enumerate(roles)
        )
    )
    return [
        Answer(place * count + i, role, sample)
        for place, (role, completion) in enumerate(zip(roles, made, strict=True))
        for i, sample in enumerate(completion.samples)
    ]


def usable(answers: Sequence[Answer], least: int, most_alike: float) -> list[Answer] | Rejected:
    """The answers that ended, say something, and differ; rejected when fewer than `least` are left.

    Of answers that share `most_alike` of their words only the first stays. Source: Pal et al. 2024, Smaug
    (arXiv:2402.13228): from a pair that hardly differs, DPO makes the chosen answer less likely too.
    """
    ended = [answer for answer in answers if finished(answer.sample)]
    said = [answer for answer in ended if answer.text.strip()]
    different: list[Answer] = []
    for answer in said:
        if all(overlap(answer.text, other.text) < most_alike for other in different):
            different.append(answer)
    for reason, left in {NEVER_STOPPED: ended, EMPTY: said, ALIKE: different}.items():
        if len(left) < least:
            return Rejected(reason, f"{len(left)} of {len(answers)} answers are left")
    if len(different) > 1 and all(refuses(answer.text) for answer in different):
        return Rejected(REFUSALS, f"all {len(different)} answers begin as refusals do")
    return different


def overlap(left: str, right: str) -> float:
    """The share of their words that two texts have in common, 0 to 1 (Dice; repeated words count).

    Case, marks and the order of the words do not count; 1 for texts that are the same but for those.

    >>> overlap("It is 12.", "it is: 13"), overlap("Yes!", "yes"), overlap("!", "?")
    (0.6666666666666666, 1.0, 0.0)
    """
    one, other = (
        Counter(WORD.findall(unicodedata.normalize("NFKC", text).casefold())) for text in (left, right)
    )
    count = one.total() + other.total()
    if not count:
        return float(left.strip() == right.strip())
    return 2 * (one & other).total() / count


def refuses(text: str) -> bool:
    """Whether a short English answer begins as a refusal does: a guess by its words.

    >>> refuses("I'm sorry, but I can't help with that."), refuses("I can't say it as Ovid did: ..." * 20)
    (True, False)
    """
    plain = text.strip().replace("\u2019", "'").casefold()
    return len(plain) <= REFUSAL_LETTERS and REFUSAL.match(plain) is not None
