"""Prompts out of nothing: a chat model is given the beginning of a user's turn, and writes the user's words.

What stands before a user's words comes from the model's own chat template (`turn_of`). Three steps: `drawn`
draws prompts, `sifted` looks at each, `magpie` answers those that are left. Source: Xu et al. 2024, Magpie
(arXiv:2406.08464). Rounds and what counts as new are the command's affair.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datagen.engines.engine import Engine, Message, Request, Sample, run_coroutine
from datagen.filters.ngrams import words_of
from datagen.recipes.instruct import SAID_BEFORE
from datagen.recipes.shared.answering import (
    ASSISTANT,
    EMPTY,
    NEVER_STOPPED,
    REFUSAL,
    asked_again,
    conversation,
    refuses_as_user,
    row,
    speaks_as_assistant,
)
from datagen.recipes.shared.sampling import Sampling, finished
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row, UserError

MARK = "prequerymark7f3"
"""Stands for the user's words. No template has a reason to change it."""
TOO_LONG, TEMPLATE, SAYS_NOTHING = "too long", "shows the template", "says nothing"
TEMPLATE_SIGNS = ("<|", "|>", "[INST]", "[/INST]", "<start_of_turn>", "<end_of_turn>")

Render = Callable[..., str]


@dataclass(frozen=True)
class Turn:
    """What stands before and after a user's words in a chat: the text given to the model, and where it ends.

    `stop_token`: the control token that `stop` is, where it is one. It may end a turn without ending an
    answer, and does not show in the text, so that no stop string finds it.
    """

    prefix: str
    stop: str
    stop_token: int | None = None


@dataclass(frozen=True)
class Drawing:
    """Options of `drawn`: the turn, and how prompts are drawn, so many in each item."""

    turn: Turn
    sampling: Sampling


@dataclass(frozen=True)
class Sifting:
    """Options of `sifted`: the words a prompt may have."""

    most_words: int


@dataclass(frozen=True)
class Answering:
    """Options of `magpie`: what is said to the model first, how answers and further prompts are drawn."""

    system: tuple[Message, ...]
    sampling: Sampling
    prompting: Sampling
    turns: int = 1


def turn_of(render: Render, before: Sequence[Message] = ()) -> Turn:
    """The user's turn after the messages `before`, by a model's own template.

    `render(messages, add_generation_prompt=...)` is that of an engine. The prefix is what stands before the
    user's words, a default system prompt of the template included. The stop is the first line after them; of
    templates that close no turn, the beginning of the assistant's. Raises `UserError` when the template
    refuses the messages, hides or repeats the user's words, or puts nothing after them.
    """
    messages = [*before, {"role": "user", "content": MARK}]
    asked = render(messages, add_generation_prompt=True)
    if asked.count(MARK) != 1:
        what = f"the model's chat template writes the user's words {asked.count(MARK)} times"
        raise UserError(what, mend="name a model with another chat template")
    prefix, _, after = asked.partition(MARK)
    closing = render(messages, add_generation_prompt=False).partition(MARK)[2]
    stop = _first_line(closing) or _first_line(after)
    if not stop:
        what = "the model's chat template puts nothing after the user's words"
        raise UserError(what, mend="name a model whose template ends the user's turn")
    if not prefix.strip():
        what = "the model's chat template puts nothing before the user's words"
        raise UserError(what, mend="name a model whose template begins the user's turn")
    # Many a tokenizer has a space and the word after it as one token: a prefix that ends in a space is odd.
    return Turn(prefix.rstrip(" "), stop)


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].strip()


def turn_for(engine: Engine, before: Sequence[Message] = ()) -> Turn:
    """`turn_of` for an engine, ready for a raw prompt: with its begin token only once.

    Raises `UserError` for an engine that does not show its chat template, or has none.
    """
    known: Any = engine
    if not hasattr(engine, "render") or not hasattr(engine, "tokenize"):
        what = "this engine does not show how its model writes a user's turn, which is where Magpie begins"
        raise UserError(
            what, where=engine.name, mend="open the model's file itself: --engine llama:FILE.gguf"
        )
    turn = turn_of(known.render, before)
    stop, token = _stop(known, turn.stop)
    return Turn(_begun_once(known, turn.prefix), stop, token)


def _stop(engine: Any, text: str) -> tuple[str, int | None]:
    """The control token that a text begins with, or what it says before one; in text, and its number."""
    tokens = engine.tokenize(text)
    shown = [token for token in tokens if engine.detokenize([token])]
    if tokens and tokens[0] not in shown:
        return str(engine.detokenize(tokens[:1], special=True)), tokens[0]
    plain = list(itertools.takewhile(shown.__contains__, tokens))
    return str(engine.detokenize(plain)).strip(), None


def _begun_once(engine: Any, prefix: str) -> str:
    """The prefix without its begin token, where the engine puts that before every raw prompt."""
    number = engine.metadata.get("tokenizer.ggml.bos_token_id")
    if number is None:
        return prefix
    begin = engine.detokenize([int(number)], special=True)
    if not begin or not prefix.startswith(begin):
        return prefix
    given = run_coroutine(engine.count(Request(prompt=prefix)))
    return prefix.removeprefix(begin) if given > len(engine.tokenize(prefix)) else prefix


async def drawn(item: Row, team: Team) -> list[Row]:
    """`sampling.samples` prompts, one row each, as the model says them where a user would speak."""
    options: Drawing = team.options
    request = Request(prompt=options.turn.prefix, stop=(options.turn.stop,), **options.sampling.fields())
    made = await team.generate(request)
    said = [await user_words(sample, options.turn, team) for sample in made.samples]
    meta = {"round": item["round"], "prompting": options.sampling}
    return [
        {"prompt": text, "ended": ended, "meta": {**meta, "prompt_seed": team.seed(index)}}
        for index, (text, ended) in enumerate(said)
    ]


async def user_words(sample: Sample, turn: Turn, team: Team) -> tuple[str, bool]:
    """What a sample says up to the end of the user's turn, and whether it came to one."""
    places = [place for place, token in enumerate(sample.tokens) if token == turn.stop_token]
    if not places or places[0] == len(sample.tokens) - 1:
        return sample.text.strip(), finished(sample)
    engine: Any = team.engine()
    # The turn was closed by a token that is no end of an answer, and the model went on to answer itself.
    text = await asyncio.to_thread(engine.detokenize, sample.tokens[: places[0]])
    return str(text).strip(), True


async def sifted(item: Row, team: Team) -> Row | Rejected:
    """A prompt as an item to be answered, or why it is none."""
    options: Sifting = team.options
    if fault := prompt_fault(item["prompt"], options.most_words, ended=item["ended"]):
        return Rejected(fault, item["prompt"][:80])
    return {"id": item["id"], "prompt": item["prompt"], "meta": item["meta"]}


def prompt_fault(prompt: str, most_words: int, *, ended: bool) -> str | None:
    """Why a text is no user's prompt, or None."""
    checks = {
        EMPTY: not prompt.strip(),
        NEVER_STOPPED: not ended,
        TOO_LONG: len(prompt.split()) > most_words,
        SAYS_NOTHING: not words_of(prompt),
        TEMPLATE: any(sign in prompt for sign in TEMPLATE_SIGNS) or "\ufffd" in prompt,
        ASSISTANT: speaks_as_assistant(prompt),
        REFUSAL: refuses_as_user(prompt),
    }
    return next((reason for reason, holds in checks.items() if holds), None)


async def magpie(item: Row, team: Team) -> Row | Rejected:
    """A prompt with its answer, then further prompts and answers as make the turns: an instruction row.

    Further prompts are drawn as the first was, after the conversation so far. Rejected as "never stopped",
    "empty", "refusal" or "repeats the prompt".
    """
    options: Answering = team.options
    prompt = [{"role": "user", "content": item["prompt"]}]
    found = await conversation(
        prompt, team, options.sampling, turns=options.turns, follow_up=_follow_up, system=options.system
    )
    if isinstance(found, str):
        return Rejected(found, item["prompt"][:80])
    system = {"system": options.system[0]["content"]} if options.system else {}
    return row(team, options.sampling, found, {**item["meta"], **system})


async def _follow_up(messages: Sequence[Message], team: Team) -> tuple[str, str | None]:
    """What the model says where the user would speak next; and why nothing."""
    options: Answering = team.options
    turn = await asyncio.to_thread(turn_for, team.engine(), messages)
    one = replace(options.prompting, samples=1)
    made = await team.generate(Request(prompt=turn.prefix, stop=(turn.stop,), **one.fields()))
    said, ended = await user_words(made.samples[0], turn, team)
    fault = prompt_fault(said, len(said.split()), ended=ended)
    return said, fault or (SAID_BEFORE if asked_again(said, messages) else None)
