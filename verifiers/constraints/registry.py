"""All kinds of constraints by id, and one made from a row. Fails closed: an unknown id is an error."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.errors import UserError, unknown_name
from verifiers.constraints import (
    entire,
    formats,
    keywords,
    languages,
    lengths,
    letters,
    places,
    punctuation,
    structured,
)
from verifiers.constraints.base import Constraint
from verifiers.constraints.ifeval import IFEVAL, translated

_FILES = (lengths, keywords, letters, formats, structured, languages, places, punctuation, entire)
CONSTRAINTS: dict[str, type[Constraint]] = {kind.id: kind for file in _FILES for kind in file.KINDS}

_RESTARTS = 100
_DRAWS = 4


def constraint(row: Constraint | Mapping[str, Any]) -> Constraint:
    """The constraint of a row: its `id` and its parameters side by side. IFEval's ids are known too.

    Raises `UserError` for an id or a parameter nobody knows, naming the nearest one that is known, and for
    a parameter that does not say what it should.

    >>> constraint({"id": "length:words", "relation": "at most", "count": 2}).check("one two three").reason
    '3 words, for at most 2'
    >>> constraint({"id": "length_constraints:number_words", "relation": "less than", "num_words": 4})
    Words(relation='less than', count=4, most=None)
    """
    if isinstance(row, Constraint):
        return row
    if not isinstance(row, Mapping):
        raise UserError(f"a constraint {row!r}", mend="use an object with the key 'id'")
    parameters = {str(key): value for key, value in row.items() if key != "id"}
    name = row.get("id")
    if not isinstance(name, str):
        raise UserError("a constraint without 'id'", mend="add one such as 'length:words'")
    if name in IFEVAL:
        name, parameters = translated(name, parameters)
    if name not in CONSTRAINTS:
        raise unknown_name("constraint", name, [*CONSTRAINTS, *IFEVAL])
    return CONSTRAINTS[name].made(parameters)


def sample(rng: random.Random, count: int, kinds: Sequence[str] | None = None) -> list[Constraint]:
    """`count` random constraints of different kinds, of which no two conflict.

    `kinds` are the ids to choose from, by default all. Raises `UserError` for an unknown one, and when so
    many compatible ones were not found.
    """
    for name in kinds or ():
        if name not in CONSTRAINTS:
            raise unknown_name("constraint", str(name), CONSTRAINTS)
    pool = sorted(set(kinds)) if kinds is not None else sorted(CONSTRAINTS)
    if not 0 <= count <= len(pool):
        raise UserError(f"{count} constraints of {len(pool)} kinds", mend="ask for fewer")
    for _ in range(_RESTARTS):
        chosen = _compatible(rng, count, rng.sample(pool, len(pool)))
        if len(chosen) == count:
            return chosen
    raise UserError(f"no {count} constraints were found that go together", mend="ask for fewer")


def _compatible(rng: random.Random, count: int, pool: list[str]) -> list[Constraint]:
    """Kinds in the order of the pool, each left out when a few draws of it conflict with those before."""
    chosen: list[Constraint] = []
    for name in pool:
        if len(chosen) == count:
            break
        for _ in range(_DRAWS):
            drawn = CONSTRAINTS[name].drawn(rng)
            if not any(map(drawn.conflicts_with, chosen)):
                chosen.append(drawn)
                break
    return chosen
