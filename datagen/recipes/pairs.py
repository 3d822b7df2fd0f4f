"""Two answers to one prompt, of one model or two, the better one picked by a stated rule, not a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from datagen.engines.engine import Sample
from datagen.recipes.attempts import judged
from datagen.recipes.rules import RULES
from datagen.recipes.sampling import Sampling, finished, origin
from datagen.run import Rejected
from datagen.team import GENERATOR, Team
from schemas import Row

CORRECT = "correct"
RIVAL = "rival"
"""The role of a second model, whose answers compete with the generator's."""
PREFERENCES = (*RULES, CORRECT)
"""What an answer can be preferred for: a rule of `rules.py`, or being verified right."""

NEVER_STOPPED, EMPTY, UNDECIDED, ALL_ALIKE = "never stopped", "empty", "undecided", "all alike"

Numbered = tuple[int, Sample]
"""An answer, and which of the samples of its prompt it is."""


@dataclass(frozen=True)
class PairOptions:
    """How the answers are drawn, and what is preferred: one of `PREFERENCES`."""

    sampling: Sampling
    prefer: str


async def pairs(item: Row, team: Team) -> Row | Rejected:
    """Answers to one prompt are sampled; one that is liked and one that is not make a pair.

    Where somebody plays the `RIVAL`, both models give as many answers, numbered one model after the other.
    `item` holds `id` and `prompt`, and for "correct" also `answer` and `spec`. Returns a `preference` row.
    Only answers that ended by themselves count. Rejected as "never stopped" or "empty" when there are none,
    "undecided" when nothing is known of any, "all alike" when all are liked or none is.
    """
    options: PairOptions = team.options
    roles = [role for role in (GENERATOR, RIVAL) if role in team.engines]
    fields = options.sampling.fields()
    made = await asyncio.gather(*(team.chat(item["prompt"], role=role, **fields) for role in roles))
    numbered = enumerate(sample for completion in made for sample in completion.samples)
    ended = [found for found in numbered if finished(found[1])]
    answers = [found for found in ended if found[1].text.strip()]
    if not answers:
        return Rejected(EMPTY if ended else NEVER_STOPPED)
    likings = await asyncio.to_thread(_likings, item, options.prefer, answers)
    liked = [answer for answer, liking in zip(answers, likings, strict=True) if liking is True]
    others = [answer for answer, liking in zip(answers, likings, strict=True) if liking is False]
    if not liked and not others:
        return Rejected(UNDECIDED)
    if not liked or not others:
        return Rejected(ALL_ALIKE, f"{len(liked)} of {len(answers)} answers are liked")
    chosen, rejected = closest(liked, others) if options.prefer == CORRECT else (liked[0], others[0])
    return {
        "prompt": item["prompt"],
        "chosen": [{"role": "assistant", "content": chosen[1].text}],
        "rejected": [{"role": "assistant", "content": rejected[1].text}],
        "meta": {
            **origin(team, options.sampling),
            "prefer": options.prefer,
            "samples": [chosen[0], rejected[0]],
            "seeds": [team.seed(number % options.sampling.samples) for number in (chosen[0], rejected[0])],
            "liked": len(liked),
            "not_liked": len(others),
            **_contest(team, roles, [number // options.sampling.samples for number, _ in (chosen, rejected)]),
        },
    }


def _contest(team: Team, roles: Sequence[str], models: Sequence[int]) -> Row:
    """Of two models, which gave the chosen answer and which the rejected one; nothing where there is one."""
    if len(roles) == 1:
        return {}
    rival = team.provenance(RIVAL)
    who = {"rival": rival["engine"], "rival_hash": rival["model_hash"]}
    return {**who, "roles": [roles[model] for model in models]}


def closest(liked: Sequence[Numbered], others: Sequence[Numbered]) -> tuple[Numbered, Numbered]:
    """The two whose lengths in tokens differ least (the earliest such), so that length tells nothing.

    Source: Singhal et al. 2023, A Long Way to Go (arXiv:2310.03716): what preference training learns from
    unmatched pairs is in good part length.
    """

    def difference(pair: tuple[Numbered, Numbered]) -> int:
        return abs(pair[0][1].token_count - pair[1][1].token_count)

    return min(product(liked, others), key=difference)


def _likings(item: Row, prefer: str, answers: Sequence[Numbered]) -> list[bool | None]:
    """Whether each answer is liked; None where a verifier could not tell."""
    if prefer != CORRECT:
        return [RULES[prefer](sample.text) for _, sample in answers]
    rewards = [judged(item, sample)[1] for _, sample in answers]
    return [None if reward is None else reward == 1.0 for reward in rewards]
