"""Prompts that get harder from generation to generation, and their answers.

Two steps: `evolved` rewrites a prompt by one operator and looks whether anything was gained, `evolve`
answers what is left. Source: Xu et al. 2023, WizardLM: Evol-Instruct (arXiv:2304.12244). Chains, generations
and duplicates are the command's affair.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from datagen.engines.engine import Message, Request, Sample, derive_seed
from datagen.engines.probing.structured import structured_samples
from datagen.filters.ngrams import words_of
from datagen.recipes.shared.answering import (
    ASSISTANT,
    EMPTY,
    NEVER_STOPPED,
    REFUSAL,
    SORRY,
    answer_fault,
    conversation,
    refuses_as_user,
    row,
    speaks_as_assistant,
    unwrapped,
)
from datagen.recipes.shared.sampling import Sampling, finished
from datagen.recipes.wording import Wording
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row

DEPTH = ("constraints", "deepen", "concrete", "reasoning", "input")
BREADTH = "breadth"
OPERATORS = (*DEPTH, BREADTH)

NOTHING_GAINED, NOT_JUDGED = "nothing gained", "not judged"
SAYS_SORRY, SAYS_NOTHING = "says sorry", "only stop words"
COPIES, GREW, SAME = "copies the rewriting prompt", "grew too long", "same prompt"

MOST_GROWTH, ROOM = 3, 60
"""A prompt may have so many times the words of its parent, and so many more."""
GROWTH_WITH_DATA = 300
"""And so many where data was asked for."""
SHORT_ANSWER = 80
"""Words below which an answer that says sorry tells that the prompt cannot be answered. The paper's."""
REQUEST = re.compile(
    r"\b(?:given|rewritten|harder|new|created|evolved) (?:prompt|instruction)\b|#\s*(?:the )?\w+ prompt\s*#",
    re.I,
)
LABEL = re.compile(r"^\W*(?:the )?(?:harder|new|brand-new|rewritten) instruction\W*:\W*\n?", re.I)
EQUAL = {
    "type": "object",
    "properties": {"equal": {"type": "boolean"}},
    "required": ["equal"],
    "additionalProperties": False,
}
VERDICT_TOKENS = 32
STOP_WORDS = frozenset(
    words_of(
        "a an and are as at be been but by can could did do does for from had has have he her his i if in is"
        " it its me my no nor not of on or our she so such that the their them then there these they this"
        " those to too was we were what when where which who whom why will with would yes you your"
    )
)


@dataclass(frozen=True)
class Evolving:
    """Options of `evolved`: how prompts are rewritten and drawn."""

    wording: Wording
    prompting: Sampling


@dataclass(frozen=True)
class Chain:
    """A prompt on its way: what it says now, what came `before` it in its chat, and the steps so far."""

    id: str
    before: tuple[Message, ...]
    text: str
    now: str
    steps: tuple[Row, ...] = field(default=())

    def grown(self, item: Row) -> Chain:
        """The chain with one more step, after which it says what the item says."""
        step = {"id": item["id"], "operator": item["operator"], "generation": item["generation"]}
        return replace(self, text=item["text"], now=item["id"], steps=(*self.steps, step))


def items_of_generation(
    number: int, chains: Sequence[Chain], operators: Sequence[str], run_seed: int
) -> list[Row]:
    """One item a chain: its prompt, and the operator drawn for it, all equally likely as in the paper."""
    return [
        {
            "id": f"{chain.id}-g{number}",
            "chain": chain.id,
            "parent": chain.now,
            "before": list(chain.before),
            "text": chain.text,
            "operator": random.Random(derive_seed(run_seed, "evolve", chain.id, number)).choice(operators),
            "generation": number,
            "steps": list(chain.steps),
        }
        for chain in chains
    ]


async def evolved(item: Row, team: Team) -> Row | Rejected:
    """A prompt rewritten by its operator: the item with its new `text`; or why nothing came of it.

    Rejected for its text: "never stopped", "empty", "refusal", "speaks as the assistant", "copies the
    rewriting prompt", "same prompt", "only stop words", "grew too long". Rejected by the model: "nothing
    gained" when it finds both prompts equal, "not judged" when it says neither.
    """
    options: Evolving = team.options
    asked = options.wording.messages(item["operator"], instruction=item["text"])
    made = await team.chat(asked, **options.prompting.fields())
    text = unwrapped(LABEL.sub("", made.text.strip()))
    if fault := prompt_fault(made.samples[0], text, item):
        return Rejected(fault, text[:80])
    request = Request(
        messages=options.wording.messages("equal", before=item["text"], after=text),
        temperature=0.0,
        max_tokens=VERDICT_TOKENS,
    )
    (judged,) = await structured_samples(team, request, EQUAL)
    if not judged.ok:
        return Rejected(NOT_JUDGED, judged.detail)
    if judged.value["equal"]:
        return Rejected(NOTHING_GAINED, text[:80])
    more = {"input_words": len(item["text"].split()), "words": len(text.split())}
    return {**item, "text": text, "meta": more}


def prompt_fault(sample: Sample, text: str, item: Row) -> str | None:
    """Why a rewritten prompt is none, or None."""
    before = item["text"]
    room = MOST_GROWTH * len(before.split()) + (GROWTH_WITH_DATA if item["operator"] == "input" else ROOM)
    checks = {
        NEVER_STOPPED: not finished(sample),
        EMPTY: not text,
        REFUSAL: refuses_as_user(text),
        COPIES: REQUEST.search(text) is not None and REQUEST.search(before) is None,
        ASSISTANT: speaks_as_assistant(text),
        SAME: words_of(text) == words_of(before),
        SAYS_NOTHING: only_stop_words(text),
        GREW: len(text.split()) > room,
    }
    return next((reason for reason, holds in checks.items() if holds), None)


def only_stop_words(text: str) -> bool:
    """Whether there is nothing in a text but marks and English stop words.

    >>> only_stop_words("No, it is not..."), only_stop_words("No, a bee.")
    (True, False)
    """
    return all(word in STOP_WORDS for word in words_of(text))


def evolved_answer_fault(sample: Sample, asked: str) -> str | None:
    """Why an answer is none, or tells that its prompt went wrong; None for a good one.

    One word that is a stop word may well be the answer ("yes"); where there is more than one, it is nothing.
    """
    if fault := answer_fault(sample, asked):
        return fault
    said = words_of(sample.text)
    if SORRY.search(sample.text) and len(said) < SHORT_ANSWER:
        return SAYS_SORRY
    return SAYS_NOTHING if len(said) != 1 and only_stop_words(sample.text) else None


async def evolve(item: Row, team: Team) -> Row | Rejected:
    """An evolved prompt with its answer: an `instruction` row, its chain in `meta`.

    Rejected as "never stopped", "empty", "refusal", "repeats the prompt", "says sorry" (in under 80 words) or
    "only stop words": the paper's signs that evolving has failed.
    """
    sampling: Sampling = team.options
    prompt = [*item["before"], {"role": "user", "content": item["text"]}]
    found = await conversation(prompt, team, sampling, fault=evolved_answer_fault)
    if isinstance(found, str):
        return Rejected(found, item["text"][:80])
    names = ("chain", "parent", "operator", "generation", "steps")
    return row(team, sampling, found, {**{name: item[name] for name in names}, **item["meta"]})
