"""A value that follows a JSON Schema, from whatever an engine can do: a mask, JSON mode, or asking again.

The card of the engine (`probe.py`) decides which; jsonschema decides what is accepted, in every case.
Leaves finding the JSON in a text to `json_text.py`, and recording to `datagen/team.py`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from datagen.engines.card import ENFORCED, JSON_MODE, RETRY, Card, Mode, held_card
from datagen.engines.engine import Completion, Engine, PromptTooLongError, Request, Sample, derive_seed
from datagen.engines.json_text import find_json
from schemas import UserError

if TYPE_CHECKING:
    from datagen.team import Team
    from schemas.check import Checker

NOT_JSON, BREAKS_SCHEMA, CUT_OFF = "not JSON", "breaks the schema", "cut off"
"""Why an answer became no value."""

GENERATOR = "generator"
MOST_FAULTS, LONGEST_FAULT, LONGEST_ANSWER = 3, 200, 2000
"""What of a wrong answer is shown to its writer: a model that rambled needs no reminder of all of it."""

INSTRUCTION = "Answer with one JSON value that follows this JSON Schema, and with nothing else:\n{schema}"
COMPLAINT = "That is not right: {fault}. Answer again, with the corrected JSON value and nothing else."

Ask = Callable[[Request, int], Awaitable[Completion]]


@dataclass(frozen=True)
class Structured:
    """The `value` an engine gave, or the `reason` why there is none (for counting) and its `detail`.

    `completion` is the last answer, `tries` how many were asked for, `mode` how.
    """

    value: Any
    reason: str | None
    detail: str
    mode: Mode
    tries: int
    completion: Completion

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
    """The answer to `request` as a value that follows `schema`, asked for at most `attempts` times.

    Asked of a `Team`, every try is an attempt of its own in the journal, so a replay asks nobody; the card is
    then by default the one kept there. Without a card nothing is taken for granted: the mode is "retry".
    `mode` overrules the card. Raises `UserError` for a schema that does not compile, a request for more
    than one sample or with a prefix, and what engines raise.
    """
    fault = (
        "a structured request has one sample; ask once for each"
        if request.n != 1
        else "a structured request takes no prefix, and its schema apart"
        if request.prefix or request.schema is not None or request.json_object
        else f"attempts is {attempts}, it must be at least 1"
        if attempts < 1
        else None
    )
    if fault:
        raise UserError(fault, where="request")
    checks = checker(json.dumps(schema))
    ask, card = _asking(asked, card, role)
    mode = mode or (card.mode(request.think) if card else RETRY)
    if mode == JSON_MODE and schema.get("type") != "object":
        mode = RETRY  # JSON mode gives objects, and nothing else
    first = _first(request, schema, mode)
    found: Structured | None = None
    for attempt in range(attempts):
        try:
            again = first if found is None else _again(first, found)
            completion = await ask(again, attempt)
        except PromptTooLongError:
            # The answer and its complaint do not fit beside the prompt: then it stays as it is.
            if found is None:
                raise
            return found
        value, reason, detail = judged(completion.samples[0], checks)
        found = Structured(value, reason, detail, mode, attempt + 1, completion)
        if found.ok:
            break
    assert found is not None
    return found


def judged(sample: Sample, checks: Checker) -> tuple[Any, str | None, str]:
    """(value, None, "") for an answer that holds a value of the schema, else (None, reason, detail)."""
    cut_off = sample.finish_reason == "length"
    found = find_json(sample.text, cut_off=cut_off)
    for value in found.values:
        if checks.valid(value):
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
    import jsonschema_rs

    from schemas.check import Checker

    plain = json.loads(schema)
    try:
        # A reference to elsewhere would be fetched, by code that no rule of ours about connections sees.
        jsonschema_rs.Draft202012Validator(plain, retriever=_refuse_reference)
        return Checker(plain)
    except (ValueError, TypeError) as error:
        why = str(error).partition("\n")[0]
        raise UserError(f"the schema does not compile ({why})", where="schema") from None


def _refuse_reference(uri: str) -> Any:
    raise ValueError(f"it refers to {uri}, which is not part of it")


def _asking(asked: Team | Engine, card: Card | None, role: str) -> tuple[Ask, Card | None]:
    """How to ask the `attempt`-th time, each with seeds of its own; and the card of who is asked."""
    from datagen.team import Team

    if isinstance(asked, Team):
        team = asked

        async def of_team(request: Request, attempt: int) -> Completion:
            return await team.generate(_reseeded(request, attempt), role=role, attempt=attempt)

        return of_team, card or held_card(team.engine(role), team.journal)
    engine = asked

    async def of_engine(request: Request, attempt: int) -> Completion:
        seeded = request if request.seeds is not None else replace(request, seed=request.seed or 0)
        return await engine.generate(_reseeded(seeded, attempt))

    return of_engine, card


def _reseeded(request: Request, attempt: int) -> Request:
    """The same request with other seeds, if it has any of its own, from its second attempt on."""
    if attempt == 0 or (request.seed is None and request.seeds is None):
        return request
    return replace(request, seed=None, seeds=(derive_seed(request.sample_seeds[0], "attempt", attempt),))


def _first(request: Request, schema: Mapping[str, Any], mode: Mode) -> Request:
    """What is asked first: the request under the schema, or with the schema said in words."""
    if mode == ENFORCED:
        return replace(request, schema=schema)
    told = _said(request, INSTRUCTION.format(schema=json.dumps(schema, ensure_ascii=False)))
    return replace(told, json_object=mode == JSON_MODE)


def _again(first: Request, found: Structured) -> Request:
    """What is asked next: the same, the wrong answer, and what is wrong with it."""
    answer = _shortened(found.completion.text, LONGEST_ANSWER)
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
