"""What a schema cannot say of our kinds of row: roles alternate, `chosen` is not `rejected`.

Each rule is a function of a row that follows the schema. `usual` says the same in a schema, for the usual
conversations, so that jsonschema-rs alone can accept those.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from schemas.checking.faults import Fault
from schemas.rows import Row

Rule = Callable[[Row], Sequence[Fault]]

USUAL_TURNS = 4
"""The usual conversation has at most so many turns, the system's aside."""


def _conversation(column: str, *, first: str, last: str) -> Rule:
    """`column` begins with `first` (after an optional system turn), alternates, and ends with `last`."""

    def rule(row: Row) -> Sequence[Fault]:
        roles = [turn["role"] for turn in row[column]]
        start = 1 if roles[0] == "system" and first == "user" else 0
        expected = first
        for index in range(start, len(roles)):
            if roles[index] != expected:
                reason = f"roles-alternate: expected '{expected}' here, found '{roles[index]}'"
                return (Fault(reason, f"/{column}/{index}/role", keyword="roles-alternate"),)
            expected = "assistant" if expected == "user" else "user"
        if roles[-1] != last:
            reason = f"last-turn: the last turn must be the {last}'s"
            return (Fault(reason, f"/{column}/{len(roles) - 1}/role", keyword="last-turn"),)
        return ()

    return rule


def _chosen_differs(row: Row) -> Sequence[Fault]:
    if row["chosen"] == row["rejected"]:
        reason = "chosen-differs: `rejected` is the same as `chosen`"
        return (Fault(reason, "/rejected", keyword="chosen-differs"),)
    return ()


CONVERSATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "instruction": {"messages": ("user", "assistant")},
    "preference": {
        "prompt": ("user", "user"),
        "chosen": ("assistant", "assistant"),
        "rejected": ("assistant", "assistant"),
    },
    "kto": {"prompt": ("user", "user"), "completion": ("assistant", "assistant")},
    "problem": {"prompt": ("user", "user")},
    "attempt": {"prompt": ("user", "user"), "completion": ("assistant", "assistant")},
}
"""The columns of a kind that hold chat turns, and whose the first and the last turn are."""

RULES: dict[str, tuple[Rule, ...]] = {
    kind: tuple(_conversation(column, first=first, last=last) for column, (first, last) in columns.items())
    for kind, columns in CONVERSATIONS.items()
}
RULES["preference"] += (_chosen_differs,)

BEYOND_SCHEMA: dict[str, Callable[[Row], bool]] = {
    "preference": lambda row: bool(row["chosen"] != row["rejected"]),
}
"""What not even `usual` can say of a kind, as a question whose answer should be yes."""


def usual(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema for usual rows of a kind: what follows it follows `schema` and the rules on turns."""
    narrow = copy.deepcopy(schema)
    for column, (first, last) in CONVERSATIONS.get(kind, {}).items():
        turn = _turn(narrow, narrow["properties"][column])
        narrow["properties"][column] = {
            "type": "array",
            "anyOf": [_turns(turn, roles) for roles in _usual_roles(first, last)],
        }
    return narrow


def _turn(schema: dict[str, Any], turns: dict[str, Any]) -> dict[str, Any]:
    """The schema of one turn of a column, its references followed."""
    while "$ref" in turns:
        turns = schema["$defs"][turns["$ref"].rsplit("/", 1)[1]]
    turn: dict[str, Any] = turns["items"]
    while "$ref" in turn:
        turn = schema["$defs"][turn["$ref"].rsplit("/", 1)[1]]
    return turn


def _turns(turn: dict[str, Any], roles: Sequence[str]) -> dict[str, Any]:
    items = [turn | {"properties": turn["properties"] | {"role": {"const": role}}} for role in roles]
    return {"prefixItems": items, "minItems": len(roles), "maxItems": len(roles)}


def _usual_roles(first: str, last: str) -> list[tuple[str, ...]]:
    other = "assistant" if first == "user" else "user"
    found: list[tuple[str, ...]] = []
    for length in range(1, USUAL_TURNS + 1):
        roles = tuple(first if index % 2 == 0 else other for index in range(length))
        if roles[-1] == last:
            found += [roles, ("system", *roles)] if first == "user" else [roles]
    return found
