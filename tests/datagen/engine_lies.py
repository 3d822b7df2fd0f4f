"""Engines that do otherwise than they say, each a double that lies about just one thing. Not a test itself.

A lie is `(ask, request) -> Completion`: it changes the request, the answer, or both.
"""

from __future__ import annotations

import random
from dataclasses import replace

from honest_engine import HonestEngine

from datagen.engines import Completion, PromptTooLongError, Request
from datagen.engines.probing.asker import HOT


def changed(completion: Completion, **fields) -> Completion:
    samples = tuple(replace(sample, **fields) for sample in completion.samples)
    return replace(completion, samples=samples)


class Liar(HonestEngine):
    """Tells the truth about everything but one thing: `lie` changes the request, the answer, or both."""

    def __init__(self, real, lie) -> None:
        super().__init__(real)
        self.lie = lie

    async def generate(self, request: Request) -> Completion:
        return await self.lie(super().generate, request)


def lie(*names: str):
    """Marks a lie with the facts that must be denied."""

    def marked(function):
        LIES.append((function, names))
        return function

    return marked


LIES: list = []
"""(lie, the facts that must be denied)."""


@lie("schema", "schema_ranges", "schema_think_off", "schema_think_on")
async def ignores_schemas(ask, request):
    return await ask(replace(request, schema=None))


@lie("schema", "schema_think_off")
async def shows_the_schema_to_a_model_that_likes_to_please(ask, request):
    """Valid as long as the model can still spell: nothing enforces it."""
    return await ask(replace(request, schema=None) if request.temperature >= HOT else request)


@lie("schema", "schema_ranges", "schema_think_off", "schema_think_on")
async def wraps_the_value_in_prose(ask, request):
    found = await ask(request)
    return found if request.schema is None else changed(found, text=f"Sure! {found.text}")


@lie("schema", "schema_ranges", "schema_think_off", "schema_think_on")
async def answers_with_nothing_under_a_schema(ask, request):
    """Thinking and a format together have done that."""
    found = await ask(request)
    return found if request.schema is None else changed(found, text="", tokens=(), token_count=0)


@lie("schema_ranges")
async def drops_the_bounds_of_numbers(ask, request):
    found = await ask(request)
    if request.schema is None or "count" not in request.schema["properties"]:
        return found
    return changed(found, text='{"count": 4}')


@lie("schema_think_off")
async def ignores_schemas_with_thinking_off(ask, request):
    return await ask(replace(request, schema=None) if request.think is False else request)


@lie("schema_think_on")
async def ignores_schemas_after_thinking(ask, request):
    return await ask(replace(request, schema=None) if request.think else request)


@lie("json_mode")
async def ignores_json_mode(ask, request):
    return await ask(replace(request, json_object=False))


@lie("json_mode")
async def gives_an_array_in_json_mode(ask, request):
    found = await ask(request)
    return changed(found, text="[1]") if request.json_object else found


@lie("n")
async def gives_one_sample(ask, request):
    found = await ask(request)
    return replace(found, samples=found.samples[:1])


@lie("n")
async def gives_one_sample_n_times(ask, request):
    found = await ask(request)
    return replace(found, samples=found.samples[:1] * request.n)


@lie("n")
async def gives_two_samples_twice(ask, request):
    found = await ask(request)
    return replace(found, samples=(found.samples[:2] * request.n)[: request.n])


@lie("n", "seeds")
async def is_always_greedy(ask, request):
    return await ask(replace(request, temperature=0.0))


@lie("seeds")
async def ignores_seeds(ask, request):
    return await ask(replace(request, seed=None, seeds=tuple(random.sample(range(10**9), request.n))))


@lie("seeds")
async def has_one_seed_for_all(ask, request):
    return await ask(replace(request, seed=None, seeds=tuple(range(request.n))))


@lie("logprobs", "top_logprobs")
async def gives_no_logprobs(ask, request):
    return changed(await ask(request), logprobs=None, top_logprobs=None)


def with_logprobs(found: Completion, new) -> Completion:
    """`new` of each logprob, where there are any."""
    return replace(
        found,
        samples=tuple(
            sample if sample.logprobs is None else replace(sample, logprobs=tuple(map(new, sample.logprobs)))
            for sample in found.samples
        ),
    )


@lie("logprobs")
async def gives_probabilities(ask, request):
    return with_logprobs(await ask(request), lambda value: 2.718281828**value)


@lie("logprobs")
async def gives_the_same_logprob_for_every_token(ask, request):
    return with_logprobs(await ask(request), lambda value: -1.5)


@lie("logprobs")
async def gives_nan(ask, request):
    return with_logprobs(await ask(request), lambda value: float("nan"))


@lie("logprobs")
async def leaves_out_two_logprobs(ask, request):
    found = await ask(request)
    return replace(
        found,
        samples=tuple(
            sample if sample.logprobs is None else replace(sample, logprobs=sample.logprobs[2:])
            for sample in found.samples
        ),
    )


@lie("logprobs")
async def is_certain_of_the_greedy_token(ask, request):
    """What servers do that report the distribution after temperature and truncation."""
    found = await ask(request)
    return found if request.temperature else with_logprobs(found, lambda value: 0.0)


@lie("logprobs")
async def turns_the_logprobs_round(ask, request):
    return with_logprobs(await ask(request), lambda value: -1 / (0.01 - value))


@lie("top_logprobs")
async def gives_no_alternatives(ask, request):
    return await ask(replace(request, top_logprobs=0))


def with_alternatives(found: Completion, new) -> Completion:
    """`new` of the list of alternatives to each token, where there are any."""
    return replace(
        found,
        samples=tuple(
            sample
            if sample.top_logprobs is None
            else replace(sample, top_logprobs=tuple(map(new, sample.top_logprobs)))
            for sample in found.samples
        ),
    )


@lie("top_logprobs")
async def gives_alternatives_unlikeliest_first(ask, request):
    return with_alternatives(await ask(request), lambda pairs: pairs[::-1])


@lie("top_logprobs")
async def gives_alternatives_of_more_than_probability_one(ask, request):
    return with_alternatives(
        await ask(request), lambda pairs: tuple((text, -0.1 - i / 100) for i, (text, _) in enumerate(pairs))
    )


@lie("top_logprobs")
async def gives_twice_as_many_alternatives(ask, request):
    return await ask(replace(request, top_logprobs=2 * request.top_logprobs))


@lie("top_logprobs")
async def leaves_out_the_likeliest(ask, request):
    found = await ask(replace(request, top_logprobs=5 if request.top_logprobs else 0))
    return with_alternatives(found, lambda pairs: pairs[1:])


@lie("stop")
async def ignores_stop_strings(ask, request):
    return await ask(replace(request, stop=()))


@lie("stop")
async def leaves_the_stop_string_in(ask, request):
    found = await ask(request)
    return changed(found, text=found.text + request.stop[0]) if request.stop else found


@lie("stop")
async def says_length_where_it_stopped(ask, request):
    found = await ask(request)
    return changed(found, finish_reason="length") if request.stop else found


@lie("max_tokens")
async def ignores_max_tokens(ask, request):
    return await ask(replace(request, max_tokens=40))


@lie("max_tokens")
async def ignores_max_tokens_and_hides_it(ask, request):
    found = await ask(replace(request, max_tokens=40))
    return changed(found, token_count=min(request.max_tokens or 40, 40))


@lie("max_tokens")
async def says_stop_where_it_was_cut(ask, request):
    return changed(await ask(request), finish_reason="stop")


@lie("prefix")
async def ignores_the_prefix(ask, request):
    return await ask(replace(request, prefix=""))


@lie("prefix")
async def repeats_the_prefix(ask, request):
    found = await ask(request)
    return changed(found, text=request.prefix + found.text)


@lie("system")
async def drops_system_messages(ask, request):
    messages = tuple(message for message in request.messages if message["role"] != "system")
    return await ask(replace(request, messages=messages))


@lie("context")
async def cuts_long_prompts(ask, request):
    try:
        return await ask(request)
    except PromptTooLongError:
        content = request.messages[-1]["content"]
        short = ({"role": "user", "content": content[len(content) // 2 :]},)
        return await ask(replace(request, messages=short))


@lie("think_off")
async def thinks_all_the_same(ask, request):
    found = await ask(request)
    return changed(found, reasoning="Well.") if request.think is False else found


@lie("think_on")
async def does_not_think_when_told_to(ask, request):
    return await ask(replace(request, think=None) if request.schema is None else request)


@lie("think_on")
async def leaves_its_thoughts_in_the_text(ask, request):
    found = await ask(request)
    if not request.think or request.schema:
        return found
    return changed(found, text=f"<think>Well.</think>{found.text}", reasoning=None)
