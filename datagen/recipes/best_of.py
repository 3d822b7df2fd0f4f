"""The best of several answers of one model to a prompt, as a judge or a reward model sees it.

Answers are scored one by one (a choice needs to see them together); the rows are instruction rows of the
best, or pairs of the best and a lower one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from datagen.recipes.pairs import (
    BY_JUDGE,
    FLIP,
    TIE,
    Contest,
    Lower,
    best_place,
    judge_of,
    lower_place,
    row_of,
)
from datagen.recipes.shared.answers import answers_of, usable
from datagen.recipes.shared.judging import DIGITS, Judging, judged
from datagen.recipes.shared.sampling import Sampling, origin
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row

LOW = "low score"


@dataclass(frozen=True)
class BestOptions:
    """How answers are drawn and judged. `as_pairs`: preference rows, whose best is `min_margin` ahead.

    A best answer under `min_score` becomes no row. The other names are those of `PairOptions`.
    """

    sampling: Sampling
    judging: Judging
    as_pairs: bool = False
    min_margin: float = 0.0
    min_score: float | None = None
    most_alike: float = 1.0
    lower: Lower = "worst"


async def best_of(item: Row, team: Team) -> Row | Rejected:
    """`sampling.samples` answers to one prompt, of which the best becomes an instruction row.

    Or, with `as_pairs`, the best and a lower one a preference row. Rejected as "never stopped" or "empty"
    when no answer is left, "alike" when there are no two for a pair, "low score", "flip", "tie",
    "judge unreadable".
    Source: best-of-n, Stiennon et al. 2020 (arXiv:2009.01325); as training data, Dong et al. 2023, RAFT
    (arXiv:2304.06767).
    """
    options: BestOptions = team.options
    answers = await answers_of(item, team, options.sampling)
    # Only answers that are the same need no score of their own, unless two shall differ in a pair.
    most_alike = options.most_alike if options.as_pairs else 1.0
    compared = usable(answers, 2 if options.as_pairs else 1, most_alike)
    if isinstance(compared, Rejected):
        return compared
    judgement = await judged(item["prompt"], [answer.text for answer in compared], team)
    if isinstance(judgement, Rejected):
        return judgement
    scores = judgement.scores
    better = best_place(scores)
    if options.min_score is not None and scores[better] < options.min_score:
        return Rejected(LOW, f"the best of {len(scores)} has {scores[better]:.{DIGITS}f}")
    found = {"judging": options.judging.way, **judge_of(team), "compared": len(compared)}
    if options.as_pairs:
        lower = lower_place(scores, options.lower, random.Random(team.seed()))
        contest = Contest.of(judgement, compared, better, lower)
        if contest.flips:
            return Rejected(FLIP, contest.told())
        if contest.margin < options.min_margin or contest.margin == 0:
            return Rejected(TIE, contest.told())
        row = row_of(item, compared[better], compared[lower], team, options.sampling, BY_JUDGE)
        places: tuple[int, ...] = (better, lower)
        found |= contest.columns(options.judging)
    else:
        best = compared[better]
        row = {
            "messages": [*item["prompt"], *best.turn],
            "meta": {
                **origin(team, options.sampling),
                "sample": best.number,
                "seed": team.seed(best.number),
                "score": round(scores[better], DIGITS),
                "mean_score": round(sum(scores) / len(scores), DIGITS),
            },
        }
        places = (better,)
    row["meta"] |= {**found, **judgement.columns(options.judging, places)}
    return row
