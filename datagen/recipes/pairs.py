"""Two answers to one prompt, the better one picked by a judge that is a model, or by a stated rule."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Literal

from datagen.recipes.attempts import judged as verified
from datagen.recipes.shared.answers import ALIKE, EMPTY, NEVER_STOPPED, Answer, answers_of, generators, usable
from datagen.recipes.shared.judging import DIGITS, JUDGE, Judgement, Judging, judged
from datagen.recipes.shared.rules import RULES
from datagen.recipes.shared.sampling import Sampling, finished
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row

CORRECT = "correct"
PREFERENCES = (*RULES, CORRECT)
"""What an answer can be preferred for without a judge: a rule of `rules.py`, or being verified right."""
BY_JUDGE = "judge"

UNDECIDED, ALL_ALIKE, FLIP, TIE = "undecided", "all alike", "flip", "tie"
Lower = Literal["worst", "random"]


@dataclass(frozen=True)
class PairOptions:
    """How the answers are drawn, and what is preferred: one of `PREFERENCES`, or what `judging` finds.

    The better answer must be `min_margin` ahead; answers that share `most_alike` of their words count as one.
    `lower`: which of the other answers is the rejected one, where there are several.
    """

    sampling: Sampling
    prefer: str
    judging: Judging | None = None
    min_margin: float = 0.0
    most_alike: float = 1.0
    lower: Lower = "worst"


async def pairs(item: Row, team: Team) -> Row | Rejected:
    """Generators answer, a judge scores all answers in both orders, the better answer is `chosen`.

    Returns a `preference` row. Rejected as "flip" when the winner changes with the order the answers are
    shown in, as "tie" when its margin is under `min_margin`, as "alike", "empty", "never stopped" or "all
    refuse" when there are no two answers to compare, as "judge unreadable" when the judge gives no score.
    Without a judge a rule decides (`by_rule`). Source: Cui et al. 2023, UltraFeedback (arXiv:2310.01377).
    """
    options: PairOptions = team.options
    answers = await answers_of(item, team, options.sampling)
    if options.judging is None:
        return await by_rule(item, answers, team)
    compared = usable(answers, 2, options.most_alike)
    if isinstance(compared, Rejected):
        return compared
    judgement = await judged(item["prompt"], [answer.text for answer in compared], team)
    if isinstance(judgement, Rejected):
        return judgement
    better = best_place(judgement.scores)
    lower = lower_place(judgement.scores, options.lower, random.Random(team.seed()))
    contest = Contest.of(judgement, compared, better, lower)
    if contest.flips:
        return Rejected(FLIP, contest.told())
    if contest.margin < options.min_margin or contest.margin == 0:
        return Rejected(TIE, contest.told())
    row = row_of(item, compared[better], compared[lower], team, options.sampling, BY_JUDGE)
    row["meta"] |= {
        "judging": options.judging.way,
        **judge_of(team),
        **contest.columns(options.judging),
        **judgement.columns(options.judging, (better, lower)),
    }
    return row


def best_place(scores: Sequence[float]) -> int:
    """The place of the best score; the first of equal ones."""
    return max(range(len(scores)), key=lambda place: (scores[place], -place))


def lower_place(scores: Sequence[float], lower: Lower, rng: random.Random) -> int:
    """The place of the worst score, or of any that is lower than the best; never that of the best.

    A random lower one keeps pairs of all distances, as in Tunstall et al. 2023, Zephyr (arXiv:2310.16944).
    """
    best = best_place(scores)
    others = [place for place in range(len(scores)) if place != best]
    if lower == "random":
        return rng.choice([place for place in others if scores[place] < scores[best]] or others)
    return min(others, key=lambda place: (scores[place], place))


@dataclass(frozen=True)
class Contest:
    """Two answers as a judge saw them. `forward` and `backward` are the scores [chosen, rejected] when the
    answer with the lower number was shown first, and when it was shown second; `first_is_chosen` says whether
    that one is the better. `roles` are who gave the chosen one and the rejected one."""

    forward: tuple[float, float]
    backward: tuple[float, float]
    first_is_chosen: bool
    roles: tuple[str, str]

    @classmethod
    def of(cls, judgement: Judgement, answers: Sequence[Answer], better: int, lower: int) -> Contest:
        """The contest of two of the answers of a judgement, by their places."""
        forward, backward = judgement.forward.scores, judgement.backward.scores
        return cls(
            (round(forward[better], DIGITS), round(forward[lower], DIGITS)),
            (round(backward[better], DIGITS), round(backward[lower], DIGITS)),
            better < lower,
            (answers[better].role, answers[lower].role),
        )

    @property
    def leads(self) -> tuple[float, float]:
        """By how much the chosen answer is ahead, forward and backward."""
        return self.forward[0] - self.forward[1], self.backward[0] - self.backward[1]

    @property
    def margin(self) -> float:
        """By how much the chosen answer is ahead in the mean."""
        return round(sum(self.leads) / 2, DIGITS)

    @property
    def flips(self) -> bool:
        """Whether another answer wins when the order is turned round."""
        return self.leads[0] * self.leads[1] < 0

    def columns(self, judging: Judging) -> Row:
        """What goes into `meta`; `orders` has first the scores when the chosen answer was shown first."""
        scores = [
            round((one + other) / 2, DIGITS) for one, other in zip(self.forward, self.backward, strict=True)
        ]
        found: Row = {"scores": scores, "margin": self.margin}
        if judging.both_orders:
            orders = (self.forward, self.backward) if self.first_is_chosen else (self.backward, self.forward)
            found["orders"] = [list(order) for order in orders]
        return found

    def told(self) -> str:
        """The contest in words, which `told_contest` reads again: all that is kept of a dropped pair."""
        parts = (f"{one} to {other}" for one, other in (self.forward, self.backward))
        first = "shown first" if self.first_is_chosen else "shown last"
        roles = " over ".join(self.roles)
        return f"{first}: {next(parts)}, in the other order: {next(parts)} ({roles})"


TOLD = re.compile(
    r"shown (first|last): (\S+) to (\S+), in the other order: (\S+) to (\S+) \((\S+) over (\S+)\)"
)


def told_contest(detail: str) -> Contest | None:
    """The contest that `Contest.told` told; None of other words."""
    found = TOLD.fullmatch(detail)
    if found is None:
        return None
    order, *scores, one, other = found.groups()
    a, b, c, d = map(float, scores)
    return Contest((a, b), (c, d), order == "first", (one, other))


def row_of(item: Row, chosen: Answer, rejected: Answer, team: Team, sampling: Sampling, prefer: str) -> Row:
    """The preference row of two answers. Its `meta` has of both, chosen first: who gave them, which sample it
    was, its seed and its tokens; `engine` is that of the chosen one."""
    both = (chosen, rejected)
    origins = [team.provenance(answer.role) for answer in both]
    return {
        "prompt": item["prompt"],
        "chosen": chosen.turn,
        "rejected": rejected.turn,
        "meta": {
            **origins[0],
            "sampling": asdict(sampling),
            "prefer": prefer,
            "samples": [answer.number for answer in both],
            "seeds": [team.seed(answer.number) for answer in both],
            "tokens": [answer.sample.token_count for answer in both],
            "roles": [answer.role for answer in both],
            "engines": [origin["engine"] for origin in origins],
            "model_hashes": [origin["model_hash"] for origin in origins],
        },
    }


def judge_of(team: Team) -> Row:
    """Who judged, for `meta`; `self_judged` where that model is one of those that answered."""
    judge = team.engine(JUDGE)
    own = judge.model_hash in {team.engine(role).model_hash for role in generators(team.engines)}
    return {"judge": judge.name, "judge_hash": judge.model_hash, "self_judged": own}


# ---- without a judge ----


async def by_rule(item: Row, answers: Sequence[Answer], team: Team) -> Row | Rejected:
    """One answer that a rule likes and one that it does not make a pair.

    `item` holds `id` and `prompt`, and for "correct" also `answer` and `spec`. Only answers that ended by
    themselves count. Rejected as "never stopped" or "empty" when there are none, "undecided" when nothing is
    known of any, "all alike" when all are liked or none is.
    """
    options: PairOptions = team.options
    ended = [answer for answer in answers if finished(answer.sample)]
    said = [answer for answer in ended if answer.text.strip()]
    if not said:
        return Rejected(EMPTY if ended else NEVER_STOPPED)
    likings = await asyncio.to_thread(_likings, item, options.prefer, said)
    liked = [answer for answer, liking in zip(said, likings, strict=True) if liking is True]
    others = [answer for answer, liking in zip(said, likings, strict=True) if liking is False]
    if not liked and not others:
        return Rejected(UNDECIDED)
    if not liked or not others:
        return Rejected(ALL_ALIKE, f"{len(liked)} of {len(said)} answers are liked")
    chosen, rejected = closest(liked, others) if options.prefer == CORRECT else (liked[0], others[0])
    row = row_of(item, chosen, rejected, team, options.sampling, options.prefer)
    row["meta"] |= {"liked": len(liked), "not_liked": len(others)}
    return row


def closest(liked: Sequence[Answer], others: Sequence[Answer]) -> tuple[Answer, Answer]:
    """The two whose lengths in tokens differ least (the earliest such), so that length tells nothing.

    Source: Singhal et al. 2023, A Long Way to Go (arXiv:2310.03716): what preference training learns from
    unmatched pairs is in good part length.
    """

    def difference(pair: tuple[Answer, Answer]) -> int:
        return abs(pair[0].sample.token_count - pair[1].sample.token_count)

    return min(product(liked, others), key=difference)


def _likings(item: Row, prefer: str, answers: Sequence[Answer]) -> list[bool | None]:
    """Whether each answer is liked; None where a verifier could not tell."""
    if prefer != CORRECT:
        return [RULES[prefer](answer.text) for answer in answers]
    rewards = [verified(item, answer.sample)[1] for answer in answers]
    return [None if reward is None else reward == 1.0 for reward in rewards]


__all__ = ["ALIKE", "Contest", "PairOptions", "pairs", "told_contest"]
