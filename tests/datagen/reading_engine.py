"""An engine that reads its prompt: it answers by functions instead of a list. Not a test itself."""

from __future__ import annotations

from collections.abc import Callable

from scripted_engine import ScriptedEngine, sample

from datagen.engines import Completion, Request
from datagen.engines.probing.card import Card, Fact, keep_card
from datagen.runs.journal import Journal

Says = Callable[[str, Request, int], str]
"""What is answered to the last message: (its text, the request, the number of the sample)."""


class ReadingEngine(ScriptedEngine):
    """Answers what `says` makes of each request."""

    def __init__(self, says: Says) -> None:
        super().__init__({})
        self.says = says

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        assert request.messages is not None
        asked = request.messages[-1]["content"]
        samples = tuple(sample(self.says(asked, request, number)) for number in range(request.n))
        written = sum(len(found.tokens) for found in samples)
        return Completion(samples, prompt_tokens=1, completion_tokens=written, seconds=0.0, model=self.name)


def knows(journal: Journal, engine: ReadingEngine, *facts: str) -> None:
    """The journal has a card of the engine with these facts, so that nobody probes it."""
    keep_card(Card("scripted", None, tuple(Fact(name, "yes", "a", "c") for name in facts)), engine, journal)
