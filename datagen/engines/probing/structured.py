"""A value that follows a JSON Schema, from whatever an engine can do: a mask, JSON mode, or asking again.

The card of the engine (`probe.py`) decides which; jsonschema decides what is accepted, in every case.
Leaves finding the JSON in a text to `json_text.py`, and recording to `datagen/runs/team.py`.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from datagen.engines.engine import Completion, Engine, PromptTooLongError, Request, Sample, derive_seed
from datagen.engines.probing.card import ENFORCED, JSON_MODE, RETRY, Card, Mode
from datagen.engines.probing.json_text import find_json
from datagen.engines.probing.probe import card_for
from schemas import UserError

if TYPE_CHECKING:
    from datagen.runs.team import Team
    from schemas.checking.checker import Checker

NOT_JSON, BREAKS_SCHEMA, CUT_OFF = "not JSON", "breaks the schema", "cut off"
"""Why an answer became no value."""

GENERATOR = "generator"
MOST_FAULTS, LONGEST_FAULT, LONGEST_ANSWER = 3, 200, 2000
"""What of a wrong answer is shown to its writer: a model that rambled needs no reminder of all of it."""

INSTRUCTION = "Answer with one JSON value that follows this JSON Schema, and with nothing else:\n{schema}"
COMPLAINT = "That is not right: {fault}. Answer again, with the corrected JSON value and nothing else."


@dataclass(frozen=True)
class Structured:
    """The `value` an engine gave, or the `reason` why there is none (for counting) and its `detail`.

    `sample` is the last answer, `tries` how many were asked for, `mode` how.
    """

    value: Any
    reason: str | None
    detail: str
    mode: Mode
    tries: int
    sample: Sample

    @property
    def ok(self) -> bool:
        """Whether `value` follows the schema. (It may be None, if the schema allows null.)"""
        return self.reason is None


async def structured(
    asked: Team | Engine,
    request: Request,
    schema: Mapping[str, Any],
    card: Card | None = None,
    *,
    attempts: int = 3,
    role: str = GENERATOR,
    mode: Mode | None = None,
) -> Structured:
    """`structured_samples` for a request of one sample."""
    if request.n != 1:
        raise UserError("structured() takes one sample", where="request", mend="use structured_samples()")
    options: dict[str, Any] = {"attempts": attempts, "role": role, "mode": mode}
    return (await structured_samples(asked, request, schema, card, **options))[0]


async def structured_samples(
    asked: Team | Engine,
    request: Request,
    schema: Mapping[str, Any],
    card: Card | None = None,
    *,
    attempts: int = 3,
    role: str = GENERATOR,
    mode: Mode | None = None,
) -> list[Structured]:
    """The `n` answers to `request` as values that follow `schema`, each asked for at most `attempts` times.

    Asked of a `Team`, every try is an attempt of its own in the journal, so a replay asks nobody; the card is
    then the one kept there, and the engine is probed for it if there is none. An engine alone, without a
    card, is taken to enforce nothing. `mode` overrules the card. Raises `UserError` for a schema that does
    not compile, a request that already has a schema or a prefix, and passes on what engines raise.
    """
    if request.prefix or request.schema is not None or request.json_object:
        what = "a structured request takes no prefix, and its schema apart"
        raise UserError(what, where="request")
    if attempts < 1:
        raise UserError(f"attempts is {attempts}, it must be at least 1", where="request")
    checks = checker(json.dumps(schema))
    asker = _asker(asked, role)
    if mode is None:
        card = card or await asker.card()
        mode = card.mode(request.think) if card else RETRY
    if mode == JSON_MODE and schema.get("type") != "object":
        mode = RETRY  # JSON mode gives objects, and nothing else
    first = _first(request, schema, mode)
    firsts = (await asker.generate(first)).samples

    async def persist(index: int) -> Structured:
        found = Structured(*judged(firsts[index], checks), mode, 1, firsts[index])
        while not found.ok and found.tries < attempts:
            seeds = (asker.seed(request, index, found.tries),)
            again = replace(_again(first, found), n=1, seed=None, seeds=seeds)
            try:
                sample = (await asker.generate(again)).samples[0]
            except PromptTooLongError:
                break  # the answer and its complaint do not fit beside the prompt: then it stays as it is
            found = Structured(*judged(sample, checks), mode, found.tries + 1, sample)
        return found

    return list(await asyncio.gather(*map(persist, range(len(firsts)))))


def judged(sample: Sample, checks: Checker) -> tuple[Any, str | None, str]:
    """(value, None, "") for an answer that holds a value of the schema, else (None, reason, detail)."""
    cut_off = sample.finish_reason == "length"
    found = find_json(sample.text, cut_off=cut_off)
    for value in found.values:
        if not checks.check(value):
            return value, None, ""
    if cut_off and (found.open or not found.values):
        return None, CUT_OFF, f"it was cut off after {sample.token_count} tokens"
    if not found.values:
        return (
            None,
            NOT_JSON,
            found.fault or ("it ends too early" if found.open else "there is no JSON in it"),
        )
    # The largest is the one that was meant: others are quotations and footnotes.
    meant = max(found.values, key=lambda value: len(json.dumps(value)))
    faults = [_shortened(f"{fault.pointer} {fault.reason}".strip()) for fault in checks.faults(meant)]
    return None, BREAKS_SCHEMA, "; ".join(faults[:MOST_FAULTS])


@functools.lru_cache(maxsize=64)
def checker(schema: str) -> Checker:
    """The checker of a schema in JSON, compiled once. Raises `UserError` when it does not compile."""
    from jsonschema import Draft202012Validator, SchemaError

    from schemas.checking.checker import Checker
    from schemas.checking.explain import root_node

    plain = json.loads(schema)
    try:
        Draft202012Validator.check_schema(plain)
        return Checker(root_node(plain, Draft202012Validator))
    except SchemaError as error:
        raise UserError(f"the schema does not compile ({error.message})", where="schema") from None
    except UserError as error:
        raise UserError(f"the schema does not compile ({error.what})", where="schema") from None


@dataclass(frozen=True)
class _Asker:
    """Who is asked: a team with its journal, or an engine alone."""

    generate: Callable[[Request], Awaitable[Completion]]
    card: Callable[[], Awaitable[Card | None]]
    own_seed: Callable[[int, int], int]

    def seed(self, request: Request, sample: int, attempt: int) -> int:
        """The seed of a sample's later attempt: as its first one, decided by the request or by the item."""
        if request.seed is None and request.seeds is None:
            return self.own_seed(sample, attempt)
        return derive_seed(request.sample_seeds[sample], "attempt", attempt)


def _asker(asked: Team | Engine, role: str) -> _Asker:
    from datagen.runs.team import Team

    if isinstance(asked, Team):
        team = asked
        return _Asker(
            functools.partial(team.generate, role=role),
            lambda: card_for(team.engine(role), team.journal),
            team.seed,
        )

    async def no_card() -> None:
        return None

    return _Asker(asked.generate, no_card, lambda sample, attempt: derive_seed(0, sample, "attempt", attempt))


def _first(request: Request, schema: Mapping[str, Any], mode: Mode) -> Request:
    """What is asked first: the request under the schema, or with the schema said in words."""
    if mode == ENFORCED:
        return replace(request, schema=schema)
    told = _said(request, INSTRUCTION.format(schema=json.dumps(schema, ensure_ascii=False)))
    return replace(told, json_object=mode == JSON_MODE)


def _again(first: Request, found: Structured) -> Request:
    """What is asked next: the same, the wrong answer, and what is wrong with it."""
    answer = _shortened(found.sample.text, LONGEST_ANSWER)
    complaint = COMPLAINT.format(fault=found.detail)
    if first.messages is None:
        return replace(first, prompt=f"{first.prompt}{answer}\n\n{complaint}\n")
    said = {"role": "assistant", "content": answer or "(nothing)"}
    return replace(first, messages=(*first.messages, said, {"role": "user", "content": complaint}))


def _said(request: Request, words: str) -> Request:
    """The request with `words` after what its prompt, or the last message of the user, says."""
    if request.messages is None:
        return replace(request, prompt=f"{request.prompt}\n\n{words}\n")
    messages = list(request.messages)
    last = messages[-1]
    if last["role"] != "user" or not isinstance(last["content"], str):
        return replace(request, messages=(*messages, {"role": "user", "content": words}))
    messages[-1] = {**last, "content": f"{last['content']}\n\n{words}"}
    return replace(request, messages=tuple(messages))


def _shortened(text: str, longest: int = LONGEST_FAULT) -> str:
    return text if len(text) <= longest else f"{text[:longest]} ..."
