"""How fast an engine reads and writes: a few short requests, timed. What it can do is `probe.py`'s affair."""

from __future__ import annotations

import random
from dataclasses import dataclass

from datagen.engines.engine import Completion, Engine
from datagen.engines.probe_asker import HOT, Asker, RefusedError

PROMPT_WORDS = 256
WRITTEN_ALONE, WRITTEN_TOGETHER, TOGETHER = 64, 32, 8
LEAST_TOKENS = 8
"""Under so many tokens a rate is chance."""


@dataclass(frozen=True)
class Pace:
    """Tokens a second: reading a prompt, writing one answer, and writing `TOGETHER` answers at a time.

    None where it could not be told: the model ended too soon, or the engine refused to be asked so.
    """

    prefill_tokens_per_s: float | None
    decode_tokens_per_s: float | None
    together_tokens_per_s: float | None


async def pace(engine: Engine, *, rng: random.Random | None = None, deadline_s: float = 300.0) -> Pace:
    """The pace of an engine, from at most some 400 tokens. Each prompt begins with a word of its own, so
    that none is remembered."""
    asker = Asker(engine, rng or random.Random(), deadline_s)
    await asker.get_acquainted()
    words = PROMPT_WORDS if engine.context is None else max(8, min(PROMPT_WORDS, engine.context // 8))
    text = f"{asker.nonce()} " + "the sea is wide " * (words // 4)
    read = await asker.ask(asker.request(text, max_tokens=1))
    prefill = _rate(read.prompt_tokens, read)
    # Hot, as few models end an answer at a temperature at which they cannot spell.
    hot = {"temperature": HOT, "seed": 1}
    alone = await asker.ask(asker.request(f"{asker.nonce()}, go on", max_tokens=WRITTEN_ALONE, **hot))
    decode = _rate(alone.completion_tokens, alone, prefill)
    try:
        several = asker.request(f"{asker.nonce()}, go on", n=TOGETHER, max_tokens=WRITTEN_TOGETHER, **hot)
        answers = await asker.ask(several)
        together = _rate(sum(sample.token_count for sample in answers.samples), answers, prefill)
    except RefusedError:
        together = None
    return Pace(prefill, decode, together)


def _rate(tokens: int, completion: Completion, prefill: float | None = None) -> float | None:
    """Tokens a second of a completion, without its time in the queue and, if known, that for its prompt."""
    seconds = completion.seconds - completion.waited_s
    if prefill:
        seconds -= completion.prompt_tokens / prefill
    return round(tokens / seconds, 1) if seconds > 0 and tokens >= LEAST_TOKENS else None
