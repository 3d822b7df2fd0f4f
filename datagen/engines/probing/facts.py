"""The facts a probe looks for: for each, what is asked and how the answer is judged.

An answer counts only if an engine that ignores what it was asked could not have given it: the same question
again must bring the same, another one something else. Those about schemas are in `schemas.py`, order
and bookkeeping in `probe.py`.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from datagen.engines.engine import PromptTooLongError, Request, Sample
from datagen.engines.probing import schemas as probe_schemas
from datagen.engines.probing.asker import (
    COUNTING,
    GREETING,
    HOT,
    WRITTEN,
    Asker,
    Finding,
    RefusedError,
    described,
    request_text,
    said,
    shown,
    shown_numbers,
    stop_in,
)
from datagen.engines.probing.card import Verdict
from schemas import UserError

RANDOM_LINE = "Write a line of random letters and digits."
SYSTEM = "You are a clerk in a small harbour office, and you answer letters about boats, ropes and weather."
LONGEST_UNCOUNTED = 16384
"""A longer prompt, sent to find out whether it is refused, would keep a server busy that does not."""
ROUNDING = 1e-3
DRIFT = 0.1
"""How far two logprobs of one token may lie apart on hardware that does not repeat itself."""


# ---- samples and seeds ----


async def several(asker: Asker) -> Finding:
    """Do `n` samples come back, each another? A model sure of itself gets a second chance, hotter."""
    for temperature in (1.0, HOT):
        request = asker.request(RANDOM_LINE, n=4, temperature=temperature, max_tokens=16)
        completion = await asker.ask(request)
        texts = [said(sample) for sample in completion.samples]
        if len(texts) != 4:
            return Finding("no", described(request), f"{len(texts)} samples")
        if len(set(texts)) == 4:
            counted = sum(sample.token_count for sample in completion.samples)
            told = completion.completion_tokens
            note = "" if told == counted else f", but {told} tokens reported where they have {counted}"
            return Finding("yes", described(request), f"4 different samples{note}")
    return Finding("no", described(request), f"only {len(set(texts))} different: {shown(texts[0])}")


async def seeds(asker: Asker) -> Finding:
    """Does a seed bring the same text again, and another seed another text?"""
    first, second = asker.rng.randrange(2**31), asker.rng.randrange(2**31)
    for temperature in (1.0, HOT):
        fields = {"temperature": temperature, "max_tokens": 16}
        request, other = (asker.request(RANDOM_LINE, seeds=(seed,), **fields) for seed in (first, second))
        together = [said(each.samples[0]) for each in await asker.ask_all([request, other])]
        again = said((await asker.ask(request)).samples[0])
        if again != together[0]:
            came = f"one seed, two texts: {shown(together[0])} and {shown(again)}"
            return Finding("no", described(request), came)
        if together[0] != together[1]:
            return Finding("yes", described(request), f"the same text again: {shown(again)}")
    return Finding("no", described(request), f"two seeds, one text: {shown(again)}")


# ---- logprobs ----


async def logprobs(asker: Asker) -> Finding:
    """Are there logprobs, one a token, of the model's own distribution?

    At the first token all samples see the same distribution: none may be likelier than the greedy one, and
    different ones may not have more than probability 1 together. (Servers that report after temperature
    and truncation give the greedy token probability 1.)
    """
    greedy = asker.request(RANDOM_LINE, logprobs=True, max_tokens=8)
    hot = [replace(greedy, temperature=HOT, seed=seed) for seed in (1, 2, 3)]
    samples = [completion.samples[0] for completion in await asker.ask_all([greedy, *hot])]
    fault = next(filter(None, map(logprob_fault, samples)), None) or first_token_fault(samples)
    if fault:
        return Finding("no", described(hot[0]), fault)
    return Finding("yes", described(hot[0]), shown_numbers(samples[1].logprobs or ()))


def logprob_fault(sample: Sample) -> str | None:
    """What is wrong with the logprobs of one sample, or None."""
    found = sample.logprobs
    if found is None:
        return "none came"
    # Some servers count the end token and give no logprob for it.
    expected = {sample.token_count, sample.token_count - (sample.finish_reason == "stop")}
    if len(found) not in expected:
        return f"{len(found)} for {sample.token_count} tokens"
    if any(not math.isfinite(value) or value > ROUNDING for value in found):
        return f"not logarithms of probabilities: {shown_numbers(found)}"
    if len(found) > 3 and len(set(found)) == 1:
        return f"all the same: {shown_numbers(found)}"
    return None


def first_token_fault(samples: Sequence[Sample]) -> str | None:
    """What cannot be true of the first tokens of a greedy sample and others, or None."""
    firsts = [
        (sample.tokens[:1] or (sample.text[:1],), sample.logprobs[0]) for sample in samples if sample.logprobs
    ]
    if not firsts:
        return "none came"
    likeliest = firsts[0][1]
    beyond = [value for _, value in firsts[1:] if value > likeliest + DRIFT]
    if beyond:
        return f"a token drawn is likelier ({beyond[0]:.3f}) than the likeliest ({likeliest:.3f})"
    together = sum(math.exp(value) for value in dict(firsts).values()) if samples[0].tokens else 0.0
    if together > 1 + DRIFT / 10:
        return f"{len(dict(firsts))} first tokens have probability {together:.3f} together"
    return None


async def top_logprobs(asker: Asker) -> Finding:
    """Are there alternatives to each token, likeliest first, whatever the temperature?"""
    greedy = asker.request(RANDOM_LINE, logprobs=True, top_logprobs=4, max_tokens=6)
    requests = [greedy, replace(greedy, temperature=HOT)]
    samples = [completion.samples[0] for completion in await asker.ask_all(requests)]
    fault = next(filter(None, map(alternatives_fault, samples)), None)
    if fault:
        return Finding("no", described(requests[1]), fault)
    cold, hot = ((sample.top_logprobs or ((),))[0] for sample in samples)
    apart = furthest(cold, hot)
    shown_both = f"{shown_numbers(values_of(cold))}, and hotter {shown_numbers(values_of(hot))}"
    if apart is None:
        return Finding("unknown", described(requests[1]), f"they cannot be compared: {shown_both}")
    if apart > DRIFT:
        return Finding("no", described(requests[1]), f"they follow the temperature: {shown_both}")
    return Finding("yes", described(requests[1]), shown_numbers(values_of(hot)))


Alternatives = Sequence[tuple[str, float]]


def furthest(cold: Alternatives, hot: Alternatives) -> float | None:
    """How far the logprobs of two lists for the same place lie apart; None where nothing can be compared.

    By text, as servers that key them by text lose those that look alike: the bytes of half characters.
    """
    known = {text: value for text, value in cold if "\ufffd" not in text}
    shared = [abs(known[text] - value) for text, value in hot if text in known]
    if shared:
        return max(shared)
    if len(cold) != len(hot):
        return None
    return max(abs(a - b) for a, b in zip(values_of(cold), values_of(hot), strict=True))


def values_of(pairs: Alternatives) -> list[float]:
    """The numbers of a list of alternatives."""
    return [value for _, value in pairs]


def alternatives_fault(sample: Sample) -> str | None:
    """What is wrong with the alternatives of one sample, or None."""
    if not sample.top_logprobs:
        return "none came"
    if len(sample.top_logprobs) != len(sample.logprobs or ()):
        return f"{len(sample.top_logprobs)} lists for {len(sample.logprobs or ())} logprobs"
    for chosen, pairs in zip(sample.logprobs or (), sample.top_logprobs, strict=True):
        values = values_of(pairs)
        if not 1 <= len(values) <= 4:
            return f"{len(values)} alternatives where 4 were asked for"
        if values != sorted(values, reverse=True) or values[0] > ROUNDING:
            return f"not logarithms, likeliest first: {shown_numbers(values)}"
        if (total := sum(map(math.exp, values))) > 1 + ROUNDING:
            return f"together they have probability {total:.3f}"
        listed = min(abs(chosen - value) for value in values) <= DRIFT
        if chosen > values[-1] + DRIFT and not listed:
            return f"the token drawn ({chosen:.3f}) is missing among {shown_numbers(values)}"
    return None


# ---- where an answer begins and ends ----


async def stop(asker: Asker) -> Finding:
    """Does a stop string end an answer, and is it left out? The string is taken from what it wrote before."""
    written = await asker.written()
    if written is None:
        return Finding("unknown", f"'{COUNTING}'", "no answer long enough to stop in")
    request, sample = written
    word = stop_in(sample.text)
    request = replace(request, stop=(word,))
    stopped = (await asker.ask(request)).samples[0]
    expected = sample.text[: sample.text.find(word)]
    if word in stopped.text:
        how = "it is left in the text" if stopped.text.endswith(word) else "it went on"
        return Finding("no", described(request), f"{how}: {shown(stopped.text)}")
    if stopped.text != expected:
        came = f"another text than before: {shown(stopped.text)}, not {shown(expected)}"
        return Finding("unknown", described(request), came)
    if stopped.finish_reason != "stop":
        return Finding("no", described(request), f"it stopped, and says '{stopped.finish_reason}'")
    return Finding("yes", described(request), f"stopped and stripped: {shown(stopped.text)}")


async def max_tokens(asker: Asker) -> Finding:
    """Is the limit on tokens kept, and is it told that it ended the answer?"""
    written = await asker.written()
    request, sample = written or (asker.request(COUNTING), None)
    request = replace(request, max_tokens=5)
    cut = (await asker.ask(request)).samples[0]
    if cut.token_count > 5:
        return Finding("no", described(request), f"{cut.token_count} tokens: {shown(cut.text)}")
    if sample and len(cut.text) >= len(sample.text) and cut.text.startswith(sample.text[: WRITTEN // 2]):
        came = f"as long as with {WRITTEN}: {shown(cut.text)}"
        return Finding("no", described(request), came)
    if cut.finish_reason == "length":
        return Finding("yes", described(request), f"{cut.token_count} tokens, '{cut.finish_reason}'")
    if sample and sample.text.startswith(cut.text.rstrip("\ufffd")):
        return Finding("no", described(request), f"cut off, and it says '{cut.finish_reason}'")
    return Finding("unknown", described(request), f"another text than before: {shown(cut.text)}")


async def prefix(asker: Asker) -> Finding:
    """Can an answer be begun for the model, and does it go on from there without repeating it?"""
    plain = asker.request(GREETING, max_tokens=8)
    begun = replace(plain, prefix=f"My word of the day is {asker.nonce()}, and")
    without, completion = await asker.ask_all([plain, begun])
    text, grown = completion.text, completion.prompt_tokens - without.prompt_tokens
    if text.lstrip().startswith(begun.prefix[:12]):
        return Finding("no", described(begun), f"it is repeated: {shown(text)}")
    if grown <= 0:
        verdict: Verdict = "no" if text == without.text else "unknown"
        return Finding(verdict, described(begun), f"the prompt did not grow by it; {shown(text)}")
    if text == without.text:
        return Finding("no", described(begun), f"the same answer as without: {shown(text)}")
    return Finding("yes", described(begun), f"went on: {shown(text)}")


async def system(asker: Asker) -> Finding:
    """Do system messages reach the model? (Some templates refuse them, some drop them.)"""
    if not asker.chat:
        return Finding("no", "a chat", "the model takes no chats at all")
    short, long = (
        asker.request(
            "",
            messages=({"role": "system", "content": said}, {"role": "user", "content": GREETING}),
            max_tokens=1,
        )
        for said in ("Be kind.", SYSTEM)
    )
    # Against a short one, as templates put in a system message of their own where there is none.
    brief, full = await asker.ask_all([short, long])
    grown = full.prompt_tokens - brief.prompt_tokens
    if grown < 4:
        return Finding("no", described(long), f"the prompt grew by {grown} tokens only")
    return Finding("yes", described(long), f"the prompt grew by {grown} tokens")


async def context(asker: Asker) -> Finding:
    """Is a prompt just over the context refused, and not cut? The value is the context it declares."""
    declared = asker.engine.context
    if declared is None:
        return Finding("unknown", "its context", "it does not say")
    counted, request = await over_long(asker, declared)
    words = len(request_text(request).split())
    asked = f"a prompt of {counted if counted else f'at least {words}'} tokens"
    if counted is None and declared > LONGEST_UNCOUNTED:
        return Finding("unknown", asked, "not tried: it would take long if it were not refused", declared)
    try:
        completion = await asker.ask(request)
    except RefusedError as refusal:
        if isinstance(refusal.__cause__, PromptTooLongError):
            return Finding("yes", asked, f"refused: {refusal}", declared)
        return Finding("yes", asked, f"refused, though not as too long: {refusal}", declared)
    seen = completion.prompt_tokens
    if seen >= (counted or words):
        return Finding("no", asked, f"it took all {seen:,} tokens: it holds more than it says", declared)
    return Finding("no", asked, f"the prompt was cut to {seen:,} tokens without a word", declared)


async def over_long(asker: Asker, declared: int) -> tuple[int | None, Request]:
    """A prompt just over the context, and its tokens if the engine counts them."""

    def of(words: int) -> Request:
        return asker.request("sea " * words, max_tokens=1)

    async def count(request: Request) -> int | None:
        try:
            return await asker.engine.count(request)
        except UserError:  # a server that does not count
            return None

    few, more = await count(of(8)), await count(of(40))
    surely = of(declared + 8)  # a word is a token at least
    if few is None or more is None:
        return None, surely
    a_word = (more - few) / 32
    just_over = of(max(1, math.ceil((declared - few) / a_word) + 9)) if a_word > 0 else surely
    counted = await count(just_over)
    if counted is None or counted <= declared:
        just_over, counted = surely, await count(surely)
    return counted, just_over


FACTS: dict[str, Callable[[Asker], Awaitable[Finding]]] = {
    "thinks": probe_schemas.thinks,
    "think_off": probe_schemas.think_off,
    "think_on": probe_schemas.think_on,
    "system": system,
    "schema": probe_schemas.schema,
    "schema_ranges": probe_schemas.schema_ranges,
    "schema_think_off": probe_schemas.schema_think_off,
    "schema_think_on": probe_schemas.schema_think_on,
    "json_mode": probe_schemas.json_mode,
    "n": several,
    "seeds": seeds,
    "logprobs": logprobs,
    "top_logprobs": top_logprobs,
    "stop": stop,
    "max_tokens": max_tokens,
    "prefix": prefix,
    "context": context,
}
"""In the order they are asked for."""
