"""The account of judged pairs: how far both orders agree, who wins, and whether length does.

Reads outcomes, dropped ones too, and says it in words for the line a command ends with.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datagen.recipes.pairs import FLIP, TIE, told_contest
from datagen.recipes.shared.agreement import agreement, by_chance, kappa
from datagen.runs.journal import Outcome
from schemas import Row

LONGER_SHARE, LONGER_CHANCE = 0.65, 0.01
"""The chosen answer is the longer one this often, and by chance less often than that: then it is said."""
LEAST_ON_SCALE = 0.5
"""A judge that gives digits less than this probability hardly understands what it is asked."""


@dataclass(frozen=True)
class Figures:
    """What the outcomes of judged pairs add up to.

    `verdicts`: of each contest who wins forward and backward, "first", "second" or "even". `wins` and
    `fought` by role, of pairs whose answers are of two models. `longer` counts the pairs whose chosen answer
    has more words, `shorter` those with fewer; `words` is by how many more on average.
    """

    verdicts: list[tuple[str, str]] = field(default_factory=list)
    wins: Counter[str] = field(default_factory=Counter)
    fought: Counter[str] = field(default_factory=Counter)
    longer: int = 0
    shorter: int = 0
    words: float = 0.0
    on_scale: float = math.nan

    @property
    def agreement(self) -> float:
        """The share of contests with the same winner in both orders; NaN where there were no two orders."""
        return agreement(self.verdicts)

    @property
    def kappa(self) -> float:
        """Cohen's kappa of both orders: what they agree beyond chance."""
        return kappa(self.verdicts)

    @property
    def likes_length(self) -> bool:
        """Whether the chosen answer is the longer one more often than chance explains."""
        decided = self.longer + self.shorter
        share = self.longer / decided if decided else 0.0
        return share >= LONGER_SHARE and by_chance(self.longer, decided) < LONGER_CHANCE


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of the outcomes of the recipe `pairs` with a judge."""
    rows = [row for outcome in outcomes for row in outcome.rows]
    verdicts = [_verdict(row["meta"]) for row in rows if "orders" in row["meta"]]
    dropped = [told_contest(outcome.detail) for outcome in outcomes if outcome.reason in (FLIP, TIE)]
    for contest in filter(None, dropped if verdicts else ()):  # without, there were no two orders
        both = [_winner(lead if contest.first_is_chosen else -lead) for lead in contest.leads]
        verdicts.append((both[0], both[1]))
    wins: Counter[str] = Counter()
    fought: Counter[str] = Counter()
    for row in rows:
        chosen, rejected = row["meta"]["roles"]
        if chosen != rejected:
            wins[chosen] += 1
            fought.update((chosen, rejected))
    more = [_words(row["chosen"]) - _words(row["rejected"]) for row in rows]
    seen = [row["meta"]["on_scale"] for row in rows if "on_scale" in row["meta"]]
    return Figures(
        verdicts,
        wins,
        fought,
        sum(difference > 0 for difference in more),
        sum(difference < 0 for difference in more),
        sum(more) / len(more) if more else 0.0,
        sum(seen) / len(seen) if seen else math.nan,
    )


def _verdict(meta: Row) -> tuple[str, str]:
    """The winner forward and backward, of a pair that became a row."""
    first_is_chosen = meta["samples"][0] < meta["samples"][1]
    leads = [chosen - rejected for chosen, rejected in meta["orders"]]  # chosen shown first, shown second
    forward, backward = leads if first_is_chosen else (-leads[1], -leads[0])
    return _winner(forward), _winner(backward)


def _winner(lead: float) -> str:
    """Who wins: the answer with the lower number by so much, or the other one."""
    return "first" if lead > 0 else "second" if lead < 0 else "even"


def _words(turns: Sequence[Row]) -> int:
    return sum(len(turn["content"].split()) for turn in turns)


def in_words(found: Figures, engines: Mapping[str, str]) -> list[str]:
    """The figures as parts of a sentence. `engines`: the name of the model of each role."""
    told = []
    if found.verdicts:
        beyond = "" if math.isnan(found.kappa) else f", kappa {found.kappa:.2f}"
        told.append(f"both orders agree on {found.agreement:.1%} of {len(found.verdicts):,}{beyond}")
    for role, count in found.fought.items():
        told.append(f"{role} ({engines.get(role, '?')}) wins {found.wins[role] / count:.1%} of {count:,}")
    if decided := found.longer + found.shorter:
        share = found.longer / decided
        told.append(f"chosen is the longer answer in {share:.1%}, by {found.words:+.1f} words on average")
    if found.likes_length:
        told.append("beware: what is chosen may be length")
    if found.on_scale < LEAST_ON_SCALE:
        told.append(f"beware: the judge gives its digits a probability of only {found.on_scale:.1%}")
    return told
