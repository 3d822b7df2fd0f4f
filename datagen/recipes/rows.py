"""Rows to the user's own JSON Schema: a model is told what they are about, and held to the schema.

A row is exactly what the schema says, without a `meta` of ours. Which rows are new is decided in their order,
by `NewRows`; how many are wanted is the run's affair.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from datagen.engines.constrained.json_schema import resolve
from datagen.engines.engine import Message, Request
from datagen.engines.probing.card import ENFORCED
from datagen.engines.probing.probe import card_for
from datagen.engines.probing.structured import structured_samples
from datagen.filters.duplicates import DUPLICATE, NEAR_DUPLICATE
from datagen.filters.plain import plain_text
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.wording import Wording, wording
from datagen.runs.journal import Outcome
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row, UserError

TRIES = 3
"""How often an engine that does not enforce schemas is asked for a row."""
MOST_EXAMPLES = 5
LEAST_ROOM = 0.5
"""Share of the context that a prompt leaves for the row."""


@dataclass(frozen=True)
class Wish:
    """One prompt: the `number`-th row."""

    id: str
    number: int


@dataclass(frozen=True)
class Wanted:
    """The recipe's options: rows `about` something, under `schema`. `think`: reason first."""

    schema: Mapping[str, Any]
    about: str
    sampling: Sampling
    think: bool = False
    think_tokens: int | None = None
    wording: Wording = field(default_factory=lambda: wording("rows"))


def wishes() -> Iterator[Wish]:
    """Wishes without end."""
    return (Wish(f"row-{number}", number) for number in itertools.count(1))


async def rows(wish: Wish, team: Team) -> list[Row] | Rejected:
    """`sampling.samples` answers to one wish; those that are valid rows.

    How an engine is held to the schema its card decides, which is found out once a run; one that does not
    enforce schemas is told what was wrong, and asked again. Rejected when no answer is a row: "cut off" at
    the limit of tokens, "not JSON", "breaks the schema".
    """
    wanted: Wanted = team.options
    request = Request(
        messages=await _fitting(wish, team),
        think=wanted.think,
        think_tokens=wanted.think_tokens,
        **wanted.sampling.fields(),
    )
    card = await card_for(team.engine(), team.journal)
    tries = 1 if card.mode(wanted.think) == ENFORCED else TRIES
    found = await structured_samples(team, request, wanted.schema, card, attempts=tries)
    good = [answer.value for answer in found if answer.ok]
    if good:
        return good
    reason = Counter(str(answer.reason) for answer in found).most_common(1)[0][0]
    return Rejected(reason, next(answer.detail for answer in found if answer.reason == reason))


async def _fitting(wish: Wish, team: Team) -> tuple[Message, ...]:
    """The fullest prompt that leaves room for a row; the shortest where none does."""
    wanted, engine = team.options, team.engine()
    limit = engine.context
    options = prompts(wanted, wish.number)
    for messages in options[:-1]:
        if limit is None:
            return messages
        count = await engine.count(Request(messages=messages, think=wanted.think))
        room = wanted.sampling.max_tokens or int(limit * LEAST_ROOM)
        if count is None or count + room <= limit:
            return messages
    return options[-1]


def prompts(wanted: Wanted, number: int) -> list[tuple[Message, ...]]:
    """Ways to ask for one row, the fullest first: with schema and examples, with the fields, with neither.

    All but the last message is the same for every row, so that an engine reads it once.
    """
    words, about = wanted.wording, wanted.about
    schema = _json(shown(wanted.schema))
    fields = ", ".join(field_names(wanted.schema))
    *told, asked = words.messages("row", about=about, number=number, schema=schema)
    examples = wanted.schema.get("examples", ())[:MOST_EXAMPLES]
    shots = [turn for row in examples for turn in words.messages("example", about=about, row=_json(row))]
    ways = [(*told, *shots, asked)]
    if shots:
        ways.append((*told, asked))
    return [
        *ways,
        words.messages("fields", about=about, number=number, fields=fields),
        words.messages("bare", about=about),
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def shown(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as the model sees it: without the examples of the whole, which come as rows."""
    return {
        key: value for key, value in schema.items() if key not in ("examples", "$schema", "$id", "$comment")
    }


def field_names(schema: Mapping[str, Any]) -> list[str]:
    """The properties of the rows, in order."""
    while "$ref" in schema and "properties" not in schema:
        schema = resolve(schema, schema["$ref"])
    return list(schema.get("properties", {}))


def refuse_other_than_objects(schema: Mapping[str, Any], where: object) -> None:
    """`UserError` when some value of a schema is no object: rows are objects."""
    for found in _tops(schema, schema, set()):
        if not isinstance(found, Mapping) or found.get("type") != "object":
            what = f"rows are objects, and the top level of the schema allows {_kind(found)}"
            raise UserError(what, where=where, mend='give it "type": "object" and properties')


def _tops(root: Mapping[str, Any], schema: Any, seen: set[str]) -> Iterator[Any]:
    """The schemas that decide about the type of a row, behind references and choices."""
    reference = schema.get("$ref") if isinstance(schema, Mapping) and "type" not in schema else None
    if reference is not None and reference not in seen:
        with contextlib.suppress(LookupError):  # said better where the schema is narrowed
            yield from _tops(root, resolve(root, reference), {*seen, reference})
        return
    choices = (
        []
        if reference or not isinstance(schema, Mapping) or "type" in schema
        else [branch for key in ("anyOf", "oneOf") for branch in schema.get(key, ())]
    )
    for branch in choices:
        yield from _tops(root, branch, seen)
    if not choices:
        yield schema


def _kind(schema: Any) -> str:
    named = schema.get("type") if isinstance(schema, Mapping) else None
    return f"'{named}'" if isinstance(named, str) else "no single type"


def plain(row: Row) -> str:
    """What a row says, without case, spaces and punctuation: equal for rows that hardly differ.

    >>> plain({"q": "What's  up?", "n": 2}) == plain({"q": "whats up", "n": 2})
    True
    >>> plain({"q": "1.5 + 2"}) == plain({"q": "15 - 2"})
    False
    """
    return "\n".join(map(plain_text, _texts(row)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _texts(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield value if isinstance(value, str) else repr(value)


class NewRows:
    """Turns down rows that came before, exactly or but for case, spaces and marks; new ones stay."""

    def __init__(self) -> None:
        self._exact: dict[bytes, str] = {}
        self._near: dict[str, str] = {}

    def __call__(self, outcome: Outcome) -> Outcome:
        """The outcome with its new rows; a rejection when there are none."""
        new, dropped, like = [], [], ""
        for row in outcome.rows:
            exact, near = orjson.dumps(row, option=orjson.OPT_SORT_KEYS), plain(row)
            if exact in self._exact:
                like = self._exact[exact]
                dropped.append(DUPLICATE)
            elif near in self._near:
                like = self._near[near]
                dropped.append(NEAR_DUPLICATE)
            else:
                self._exact[exact] = self._near[near] = outcome.item
                new.append(row)
        if len(new) == len(outcome.rows):
            return outcome
        if not new:
            return Outcome(outcome.item, None, dropped[-1], f"like {like}")
        return replace(outcome, row=new, dropped=(*outcome.dropped, *dropped))
