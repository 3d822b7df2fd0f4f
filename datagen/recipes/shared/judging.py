"""A model judges answers to one prompt: a score for each, in one order of showing them and in its reverse.

Most ways ask for one digit and read the probabilities of all digits, so that a score is a fraction and
hardly two are equal. What is made of the scores (a pair, a best answer) is the affair of the recipes.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from datagen.engines.engine import Message, Request, Sample
from datagen.engines.probing.structured import structured
from datagen.recipes.wording import Wording
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row, UserError

JUDGE = "judge"
"""The role of the model that judges."""

Way = Literal["score", "choice", "critique", "aspects", "reward"]
SCORE, CHOICE, CRITIQUE, ASPECTS, REWARD = get_args(Way)
MIN_MARGINS: dict[str, float] = {SCORE: 0.1, CHOICE: 0.1, CRITIQUE: 0.5, ASPECTS: 0.1, REWARD: 0.0}
"""By how much the better answer must be ahead, where the user does not say, in the unit of the scores."""

OVERALL = "overall"
FOUR_ASPECTS = ("helpfulness", "honesty", "instruction_following", "truthfulness")
"""Source: Cui et al. 2023, UltraFeedback (arXiv:2310.01377)."""
ASPECT_NAMES = (*FOUR_ASPECTS, OVERALL)
RATINGS = (1, 2, 3, 4, 5)
MOST_SHOWN = 9
"""Answers that one digit can tell apart."""

ALTERNATIVES = 20
"""The most that Ollama, vLLM and OpenAI report: a score shall not depend on who serves a model."""
MOST_UNSEEN = 0.25
"""Share of the probability of all digits that may be hidden below the alternatives reported."""
ROUNDING = 0.01
DIGITS = 4
"""Decimals of a score in a row."""

FULL_CONTEXT = 1024
"""In a shorter context the question is counted, and put in short where the long one does not fit."""
CRITIQUE_TOKENS, CRITIQUE_LETTERS = 512, 1000

UNREADABLE = "judge unreadable"
"""The judge gave no score: its next word is hardly a digit, its JSON is none, its reward no number."""


@dataclass(frozen=True)
class Judging:
    """How a judge is asked. `weights`: of the aspects, by name; one without a weight is not asked about.

    `alone`: each answer is shown without the others. A choice needs them, a reward model never sees them.
    """

    way: Way
    wording: Wording | None
    weights: Mapping[str, float] = field(default_factory=dict)
    alone: bool = False

    @property
    def both_orders(self) -> bool:
        """Whether there is an order of showing that could matter."""
        return self.way != REWARD and not self.alone


@dataclass(frozen=True)
class Scored:
    """What one look at some answers found: a score each; by aspect, where there are several.

    `on_scale` is the probability that the judge gave to answering with a digit at all (NaN where nothing was
    read); `critique` is what it wrote.
    """

    scores: tuple[float, ...]
    aspects: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    on_scale: float = math.nan
    critique: str = ""


@dataclass(frozen=True)
class Judgement:
    """The scores of answers when shown `forward`, in their order, and `backward`; both lists by answer."""

    forward: Scored
    backward: Scored

    @property
    def scores(self) -> tuple[float, ...]:
        """The score of each answer: the mean of both orders."""
        return _means(self.forward.scores, self.backward.scores)

    def columns(self, judging: Judging, picked: Sequence[int]) -> Row:
        """What goes into the `meta` of a row of the answers `picked`, in that order."""
        found: Row = {}
        if self.forward.aspects:
            found["aspects"] = {
                name: _rounded(_means(values, self.backward.aspects[name])[i] for i in picked)
                for name, values in self.forward.aspects.items()
            }
        if not math.isnan(self.forward.on_scale):
            found["on_scale"] = round((self.forward.on_scale + self.backward.on_scale) / 2, DIGITS)
        if self.forward.critique:
            shown = (self.forward,) if self.backward is self.forward else (self.forward, self.backward)
            found["critiques"] = [one.critique for one in shown]
        return found


@dataclass(frozen=True)
class Reading:
    """What the probabilities of a token say about digits: each one's share, and what they have together.

    `unseen` is the largest share that digits below the alternatives reported could have.
    """

    shares: tuple[float, ...]
    on_scale: float
    unseen: float

    def expected(self, ratings: Sequence[int] = RATINGS) -> float:
        """The mean of the ratings under these shares."""
        return math.fsum(rating * share for rating, share in zip(ratings, self.shares, strict=True))


class _UnreadableError(Exception):
    """The judge gave no score."""


async def judged(prompt: Sequence[Message], answers: Sequence[str], team: Team) -> Judgement | Rejected:
    """The scores of `answers` to a prompt, under `team.options.judging`.

    Two answers are shown in both orders; more in one order and in its reverse, so that any two of them stand
    either way. `Rejected` as "judge unreadable" when the judge gives no score; `UserError` when its engine
    reports no probabilities and the way needs them.
    Sources: the bias towards a place, and judging both orders, Zheng et al. 2023 (arXiv:2306.05685); the
    expected rating, Liu et al. 2023, G-Eval (arXiv:2303.16634).
    """
    judging: Judging = team.options.judging
    instruction = shown(prompt)
    look = LOOKS[judging.way]
    try:
        if judging.way == REWARD:
            both = [await _rewards(prompt, answers, team)]
        elif judging.alone:
            both = [_joined(await _all(look(instruction, (answer,), team) for answer in answers))]
        else:
            both = await _all(look(instruction, order, team) for order in (answers, answers[::-1]))
    except _UnreadableError as error:
        return Rejected(UNREADABLE, str(error))
    if len(both) == 1:
        return Judgement(both[0], both[0])
    return Judgement(both[0], _turned(both[1]))


async def _all(asked: Iterable[Awaitable[Any]]) -> list[Any]:
    """All answers; where one fails, the others are awaited first, as they are paid for."""
    found = await asyncio.gather(*asked, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found


def shown(prompt: Sequence[Message]) -> str:
    """A prompt as a judge reads it: the text of a single turn, or the turns with who speaks."""
    if len(prompt) == 1:
        return str(prompt[0]["content"])
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in prompt)


# ---- one look at some answers, by each way ----


async def _by_score(instruction: str, answers: Sequence[str], team: Team, rubric: str = OVERALL) -> Scored:
    """The expected rating of each answer, all of them in sight."""
    asked = [
        _read(team, SCORE, RATINGS, rubric, instruction=instruction, answers=answers, number=number)
        for number in range(1, len(answers) + 1)
    ]
    readings: list[Reading] = await _all(asked)
    on_scale = math.fsum(reading.on_scale for reading in readings) / len(readings)
    return Scored(tuple(reading.expected() for reading in readings), on_scale=on_scale)


async def _by_aspects(instruction: str, answers: Sequence[str], team: Team) -> Scored:
    """The weighted mean of the expected ratings under several rubrics."""
    weights: Mapping[str, float] = team.options.judging.weights
    looks: list[Scored] = await _all(_by_score(instruction, answers, team, name) for name in weights)
    total = math.fsum(weights.values())
    found = dict(zip(weights, (look.scores for look in looks), strict=True))
    scores = (
        math.fsum(weights[name] * found[name][index] for name in weights) / total
        for index in range(len(answers))
    )
    return Scored(tuple(scores), found, math.fsum(look.on_scale for look in looks) / len(looks))


async def _by_choice(instruction: str, answers: Sequence[str], team: Team) -> Scored:
    """The probability of each answer to be called the best."""
    numbers = tuple(range(1, len(answers) + 1))
    reading = await _read(team, CHOICE, numbers, OVERALL, instruction=instruction, answers=answers)
    return Scored(reading.shares, on_scale=reading.on_scale)


async def _by_critique(instruction: str, answers: Sequence[str], team: Team) -> Scored:
    """Ratings that stand behind a written critique."""
    messages = await _messages(
        team, CRITIQUE, OVERALL, CRITIQUE_TOKENS, instruction=instruction, answers=answers
    )
    context = team.engine(JUDGE).context
    most = CRITIQUE_TOKENS if context is None else min(CRITIQUE_TOKENS, context // 2)
    request = Request(messages=messages, max_tokens=most, temperature=0, think=False)
    names = [f"answer_{number}" for number in range(1, len(answers) + 1)]
    # In a short context the critique is what has to be short.
    letters = CRITIQUE_LETTERS if most == CRITIQUE_TOKENS else most // 2
    found = await structured(team, request, critique_schema(names, letters), role=JUDGE)
    if not found.ok:
        raise _UnreadableError(f"{found.reason}: {found.detail}")
    return Scored(tuple(float(found.value[name]) for name in names), critique=found.value["rationale"])


async def _rewards(prompt: Sequence[Message], answers: Sequence[str], team: Team) -> Scored:
    """What a reward model gives to each answer in its chat; no words of ours are in it."""
    chats = [(*prompt, {"role": "assistant", "content": answer}) for answer in answers]
    made = await _all(team.chat(chat, role=JUDGE) for chat in chats)
    return Scored(tuple(_number(completion.text) for completion in made))


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise _UnreadableError(f"'{text[:40]}' is no number")
    return found


LOOKS: dict[str, Callable[..., Awaitable[Scored]]] = {
    SCORE: _by_score,
    CHOICE: _by_choice,
    CRITIQUE: _by_critique,
    ASPECTS: _by_aspects,
    REWARD: _rewards,
}


def critique_schema(names: Sequence[str], letters: int = CRITIQUE_LETTERS) -> dict[str, Any]:
    """The schema of a written judgement: the reasons come before the ratings that follow from them."""
    rating = {"type": "integer", "enum": list(RATINGS)}
    properties = {"rationale": {"type": "string", "maxLength": letters}, **dict.fromkeys(names, rating)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


# ---- one digit ----


async def _read(team: Team, name: str, digits: Sequence[int], rubric: str, **values: Any) -> Reading:
    """Ask for one digit, and read how probable each one was."""
    messages = await _messages(team, name, rubric, 1, **values)
    # Temperature 1: servers that report probabilities behind it then report the model's own as well. Which
    # digit is drawn does not matter. The limit is for engines that do not enforce the schema.
    request = Request(
        messages=messages,
        schema={"type": "integer", "enum": list(digits)},
        max_tokens=4,
        temperature=1.0,
        think=False,
        logprobs=True,
        top_logprobs=ALTERNATIVES,
    )
    completion = await team.generate(request, role=JUDGE)
    found = reading(first_alternatives(completion.samples[0], team.engine(JUDGE).name), digits)
    if found.unseen > MOST_UNSEEN:
        what = f"its digits have probability {found.on_scale:.3g}, and others may have as much"
        raise _UnreadableError(what)
    return found


async def _messages(team: Team, name: str, rubric: str, room: int, **values: Any) -> tuple[Message, ...]:
    """A question to the judge: in full, or in short where its context does not hold the full one."""
    wording: Wording = team.options.judging.wording
    values |= {"rubric": wording.text(rubric), "aspect": rubric.replace("_", " ")}
    full = wording.messages(name, **values)
    engine = team.engine(JUDGE)
    if engine.context is None or engine.context >= FULL_CONTEXT:
        return full
    count = await engine.count(Request(messages=full, think=False))
    if count is None or count + min(room, engine.context // 2) <= engine.context:
        return full
    return wording.messages(f"{name}_short", **values)


def first_alternatives(sample: Sample, engine: str) -> Sequence[tuple[str, float]]:
    """The (text, logprob) pairs of the first token; `UserError` where an engine reports none that are any."""
    pairs = sample.top_logprobs[0] if sample.top_logprobs else ()
    together = math.fsum(math.exp(value) for _, value in pairs)
    if not 0 < together <= 1 + ROUNDING:
        how = "reports no" if not pairs else "reports impossible"
        what = f"{how} probabilities of tokens, and this way of judging reads them"
        raise UserError(what, where=f"the judge {engine}", mend="give --judging critique, or another judge")
    return pairs


def reading(pairs: Sequence[tuple[str, float]], digits: Sequence[int]) -> Reading:
    """What the likeliest tokens say about digits. Tokens of a digit and spaces count as that digit.

    >>> found = reading([("4", math.log(0.6)), ("So", math.log(0.2)), (" 5", math.log(0.2))], (3, 4, 5))
    >>> [round(share, 3) for share in found.shares], round(found.expected((3, 4, 5)), 3)
    ([0.0, 0.75, 0.25], 4.25)
    """
    found = dict.fromkeys(map(str, digits), 0.0)
    for text, value in pairs:
        if (digit := text.strip()) in found:
            found[digit] += math.exp(value)
    on_scale = math.fsum(found.values())
    if not on_scale:
        return Reading(tuple(found.values()), 0.0, 1.0)
    hidden = sum(not share for share in found.values()) * math.exp(min(value for _, value in pairs))
    # Nothing is hidden where all that there is was reported.
    hidden = min(hidden, max(0.0, 1 - math.fsum(math.exp(value) for _, value in pairs)))
    shares = tuple(share / on_scale for share in found.values())
    return Reading(shares, on_scale, hidden / (on_scale + hidden))


# ---- small helpers ----


def _turned(look: Scored) -> Scored:
    """The same by the answers' own order, where they were shown in the reverse one."""
    aspects = {name: values[::-1] for name, values in look.aspects.items()}
    return replace(look, scores=look.scores[::-1], aspects=aspects)


def _joined(looks: Sequence[Scored]) -> Scored:
    """Looks at one answer each as one look."""
    return Scored(
        tuple(look.scores[0] for look in looks),
        {name: tuple(look.aspects[name][0] for look in looks) for name in looks[0].aspects},
        math.fsum(look.on_scale for look in looks) / len(looks),
        "\n\n".join(look.critique for look in looks if look.critique),
    )


def _means(forward: Sequence[float], backward: Sequence[float]) -> tuple[float, ...]:
    return tuple((one + other) / 2 for one, other in zip(forward, backward, strict=True))


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, DIGITS) for value in values]
