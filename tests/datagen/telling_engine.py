"""An engine that tells stories, reads them back and solves sums as it is told to. Not a test itself.

python telling_engine.py SIGNAL ITEMS datagen's arguments...
runs `datagen` with it instead of a model, and is struck by the signal once so many items are recorded.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator

from killed_command import strike_after
from scripted_engine import ScriptedEngine, sample

from datagen.engines import Completion, Request

CODE = {"=": "equals", "x": "the first", "y": "the second", "z": "the last", "t": "the time"}


class TellingEngine(ScriptedEngine):
    """`tell` makes a story of the writer's prompt, `read` equations of a story, `solve` an answer."""

    name = "telling"

    def __init__(
        self,
        tell: Callable[[str], str] | None = None,
        read: Callable[[str], str] | None = None,
        solve: Callable[[str, int], str] | None = None,
    ) -> None:
        super().__init__({})
        self.tell, self.read, self.solve = tell or told, read or read_back, solve or sum_solved

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        assert request.messages is not None
        asked = request.messages[-1]["content"]
        answers = [self._answer(asked, seed) for seed in request.sample_seeds]
        samples = tuple(map(sample, answers))
        written = sum(len(found.tokens) for found in samples)
        return Completion(samples, prompt_tokens=1, completion_tokens=written, seconds=0.0, model=self.name)

    def _answer(self, asked: str, seed: int) -> str:
        if asked.startswith("The unknowns:"):
            return self.tell(asked)
        return self.read(asked) if "<<" in asked or "JSON" in asked else self.solve(asked, seed)


def told(prompt: str) -> str:
    """A story that carries its equations hidden in words, so that a reader who sees it alone finds them."""
    true = prompt.partition("What is true:")[2]
    facts = re.findall(r"^- (.*?)(?: \(([^=\n]*=[^\n]*)\))?$", true, re.MULTILINE)
    hidden = " ; ".join(
        re.sub(r"[=xyzt]", lambda sign: CODE[sign[0]], equation) for _, equation in facts if equation
    )
    asked = re.search(r"asks for (.*)\.$", prompt)
    assert asked is not None
    letter = re.search(rf"^- ([a-z]): {re.escape(asked[1])}$", prompt, re.MULTILINE)
    assert letter is not None
    sentences = ". ".join(fact for fact, _ in facts)
    return f"{sentences}. <<{hidden} # {CODE[letter[1]]}>> What is {asked[1]}?"


def read_back(story: str) -> str:
    """The hidden equations as a reader gives them, under other names for the unknowns."""
    hidden, _, asked = story.partition("<<")[2].partition(">>")[0].partition(" # ")
    names = {"x": "p", "y": "q", "z": "r", "t": "s"}
    for sign, word in CODE.items():
        hidden, asked = (text.replace(word, names.get(sign, sign)) for text in (hidden, asked))
    equations = hidden.split(" ; ")
    found = sorted({letter for each in equations for letter in each if letter in names.values()})
    unknowns = [{"name": letter, "meaning": "something"} for letter in found]
    return json.dumps({"unknowns": unknowns, "equations": equations, "asked": asked})


def sum_solved(asked: str, seed: int) -> str:
    """A sum worked in a few ways; one time of five wrongly."""
    a, b = map(int, re.findall(r"\d+", asked)[:2])
    answer = a + b + (seed % 5 == 0)
    return f"{'Well, ' * (seed % 4)}{a} + {b} = \\boxed{{{answer}}}"


def use(engine: TellingEngine) -> None:
    """Have every command of this process ask it, and take it for one that has shown what it can."""
    from datagen.engines.settings import EngineSettings
    from datagen.recipes import stories

    @contextlib.contextmanager
    def opened(_settings: object, _spec: object) -> Iterator[TellingEngine]:
        yield engine

    EngineSettings.open = opened  # type: ignore[assignment, method-assign]
    stories.card_for = card  # type: ignore[assignment]


async def card(*_: object) -> object:
    """A card of an engine that enforces nothing."""
    from datagen.engines.probing.card import Card

    return Card("telling", None, ())


if __name__ == "__main__":
    name, items, *sys.argv[1:] = sys.argv[1:]
    if int(items):
        strike_after(int(items), signal.Signals[name])
    use(TellingEngine())
    from datagen.cli import main

    main()
