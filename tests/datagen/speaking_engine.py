"""An engine that talks like a middling chat model, by rules and dice. Not a test itself.

What it says depends on the request and the seed, as with a real one, and comes after a random number of turns
of the event loop, so that answers overtake each other. As a program it is `datagen` with this engine, struck
by a signal once so many items are recorded:

    python speaking_engine.py SIGNAL ITEMS datagen's arguments...
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from honest_engine import instance
from scripted_engine import CUT_OFF, ScriptedEngine, sample

from datagen.engines import Completion, Request
from datagen.engines.chat_template import render_chat
from datagen.runs.journal import digest

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
VERBS = ("Describe", "Compare", "Explain", "Translate", "Sort", "Count", "Rewrite", "Name", "Plan")
THINGS = ("old bridges", "the seven seas", "a loaf of rye bread", "the sum of 3 and 9", "cats and foxes")
PLACES = ("for a child of five", "in one sentence", "as a short letter", "in three steps", "for a pilot")
ODD = ("Draw a map of the park.", "Hi.", "Write a program that adds two numbers.", "- a mark before it all")


class SpeakingEngine(ScriptedEngine):
    """Lists of tasks, harder prompts, verdicts, user's turns and answers; now and then none of these."""

    name, model_hash, context = "speaking", "1" * 64, None
    repeats = True
    metadata: Mapping[str, Any] = {}

    def __init__(self, good: float = 0.8) -> None:
        super().__init__({})
        self.good = good
        self.most_at_once = self.at_once = 0

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        dice = [random.Random(digest([self.identity(request), seed]).hex()) for seed in request.sample_seeds]
        for _ in range(dice[0].randint(0, 9)):
            await asyncio.sleep(0)
        self.at_once -= 1
        samples = tuple(sample(self.said(request, rng)) for rng in dice)
        written = sum(len(found.tokens) for found in samples)
        return Completion(samples, prompt_tokens=1, completion_tokens=written, seconds=0.0, model=self.name)

    def said(self, request: Request, rng: random.Random) -> str:
        if request.schema is not None and "equal" in request.schema.get("properties", {}):
            return json.dumps({"equal": rng.random() > self.good})
        if request.schema is not None:
            return json.dumps(instance(request.schema, rng))
        if request.prompt is not None:
            return (
                task(rng)
                if rng.random() < self.good
                else rng.choice((*ODD, "", "Sure! Here you are.", f"A{CUT_OFF}"))
            )
        assert request.messages is not None
        asked = str(request.messages[-1]["content"])
        if found := re.search(r"write tasks (\d+) to (\d+)", asked):
            numbers = range(int(found[1]), int(found[2]) + 1)
            tasks = [task(rng) if rng.random() < self.good else rng.choice(ODD) for _ in numbers]
            text = "\n".join(f"{number}. {one}" for number, one in zip(numbers, tasks, strict=True))
            return text if rng.random() < self.good else text + CUT_OFF
        if "Are they equal" in asked:
            return json.dumps({"equal": rng.random() > self.good})
        if found := re.search(r"The instruction:\n(.*?)\n\nWrite the harder", asked, re.S):
            return f"{found[1]} Do it {rng.choice(PLACES)}, and mind {rng.choice(THINGS)}."
        if "Make up a brand-new one" in asked:
            return task(rng)
        if "What does the user say next?" in asked:
            return f"And what about {rng.choice(THINGS)} {rng.choice(PLACES)}?"
        if "Write that text or data" in asked:
            return f"A made-up text about {rng.choice(THINGS)}."
        if rng.random() < self.good:
            return f"It is about {rng.choice(THINGS)}, {rng.choice(PLACES)}."
        return rng.choice(("", "I'm sorry, but I can't help with that.", asked, f"It goes on{CUT_OFF}"))

    def identity(self, request: Request | None = None) -> dict:
        engine = {"engine": self.name, "model": self.model_hash}
        if request is None:
            return engine
        return {**engine, "chat": request.messages, "prompt": request.prompt, **request.sampling()}

    def render(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        return render_chat(CHATML, messages, special_tokens={}, **options)

    def tokenize(self, text: str, special: bool = True) -> list[int]:
        return list(text.encode())

    def detokenize(self, tokens: Sequence[int], special: bool = False) -> str:
        return bytes(tokens).decode()


def task(rng: random.Random) -> str:
    return f"{rng.choice(VERBS)} {rng.choice(THINGS)} {rng.choice(PLACES)}, then {rng.choice(THINGS)}."


def speak(engine: SpeakingEngine | None = None) -> SpeakingEngine:
    """Have every command of this process open that engine."""
    from datagen.engines import settings

    engine = engine or SpeakingEngine()
    settings.open_engine = lambda spec=None, options=None, **fields: engine  # type: ignore[assignment]
    return engine


if __name__ == "__main__":
    from killed_command import strike_after

    from datagen.cli import main

    name, items, *sys.argv[1:] = sys.argv[1:]
    strike_after(int(items), signal.Signals[name])
    speak()
    main()
