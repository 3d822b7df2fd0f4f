"""How fast an engine reads and writes: a few short requests, timed. What it can do: `engines/probing`."""

from __future__ import annotations

import random
from dataclasses import dataclass

from datagen.engines.engine import Completion, Engine
from datagen.engines.probing.asker import HOT, Asker, RefusedError

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
    prefill = await _prefill(asker)
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


async def _prefill(asker: Asker) -> float | None:
    """Tokens a second of a prompt that is as long as the engine takes, up to `PROMPT_WORDS`."""
    context = asker.engine.context
    longest = PROMPT_WORDS if context is None else max(8, min(PROMPT_WORDS, context // 8))
    for words in (longest, longest // 4, longest // 16):
        text = f"{asker.nonce()} " + "the sea is wide " * (words // 4)
        try:
            read = await asker.ask(asker.request(text, max_tokens=1))
        except RefusedError:
            continue
        return _rate(read.prompt_tokens, read)
    return None


def _rate(tokens: int, completion: Completion, prefill: float | None = None) -> float | None:
    """Tokens a second of a completion, without the time for its prompt, if that is known.

    Nobody else is asking, so nothing is waited for: an engine that cannot see when its server begins may
    count the reading of the prompt as waiting, which it is not.
    """
    seconds = completion.seconds
    if prefill:
        seconds -= completion.prompt_tokens / prefill
    return round(tokens / seconds, 1) if seconds > 0 and tokens >= LEAST_TOKENS else None
