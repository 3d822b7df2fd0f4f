"""A judge whose opinion is known, for verdicts no random model gives. Not a test itself.

It reads its question as JSON, which `WORDING` makes of it, and says digits with the probabilities that its
opinion of an answer implies.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from scripted_engine import ScriptedEngine

from datagen.engines import Completion, Request, Sample
from datagen.engines.probing.card import Card, Fact, keep_card
from datagen.recipes.shared.judging import ASPECT_NAMES
from datagen.recipes.wording import Wording
from datagen.runs.journal import Journal

ASKED = "{{ {'answers': answers, 'number': number, 'aspect': aspect, 'instruction': instruction} | tojson }}"
WORDING = Wording(
    "pairs",
    {
        "score": (("user", ASKED),),
        "choice": (("user", ASKED.replace("'number': number, ", "")),),
        "critique": (("user", ASKED.replace("'number': number, ", "")),),
        **{name: (("user", name),) for name in ASPECT_NAMES},
    },
)


@dataclass(frozen=True)
class Look:
    """One answer as the judge sees it: its text, its place (from 0), and what it is asked about."""

    text: str
    place: int
    aspect: str = "overall"


Opinion = Callable[[Look], float]
"""A rating from 1 to 5, which need not be whole."""


@dataclass
class Judge(ScriptedEngine):
    """Rates by `opinion`; `on_scale` is what its digits have together, the rest goes to another word."""

    opinion: Opinion
    on_scale: float = 0.9
    name: str = "opinion"
    model_hash: str = "f" * 64
    requests: list[Request] = field(default_factory=list)

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        assert request.messages is not None
        asked = json.loads(request.messages[-1]["content"])
        texts, aspect = asked["answers"], asked["aspect"]
        ratings = [self.opinion(Look(text, place, aspect)) for place, text in enumerate(texts)]
        if not request.top_logprobs:
            whole = {f"answer_{i}": round(rating) for i, rating in enumerate(ratings, 1)}
            sample = Sample(
                json.dumps({"rationale": f"I saw {len(texts)}.", **whole}), tuple(range(200)), "stop"
            )
        elif "number" in asked:
            sample = self.digit(between(ratings[asked["number"] - 1]))
        else:
            sample = self.digit({i: rating / sum(ratings) for i, rating in enumerate(ratings, 1)})
        return Completion((sample,), 100, sample.token_count, 0.0, self.name)

    def digit(self, shares: dict[int, float]) -> Sample:
        """A sample of one token, with the probabilities of digits in `shares`."""
        pairs = [(str(digit), math.log(share * self.on_scale)) for digit, share in shares.items() if share]
        if self.on_scale < 1:
            pairs.append(("Well", math.log(1 - self.on_scale)))
        pairs.sort(key=lambda pair: -pair[1])
        return Sample(pairs[0][0], (0,), "stop", (pairs[0][1],), (tuple(pairs),))

    def enforces_schemas(self, journal: Journal) -> Judge:
        """Keep the card of an engine that needs no probe in a journal."""
        keep_card(Card(self.name, None, (Fact("schema_think_off", "yes", "", ""),)), self, journal)
        return self


def between(rating: float) -> dict[int, float]:
    """Probabilities of the two whole numbers around a rating whose mean it is."""
    low = min(4, math.floor(rating))
    return {low: low + 1 - rating, low + 1: rating - low}
