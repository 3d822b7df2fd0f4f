"""One schema with its rules, ready to judge rows: jsonschema-rs accepts, jsonschema explains what it did not.

Knows nothing of files (see `check.py`) and of where a schema comes from (see `own.py` for the user's).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from schemas.checking.accept import acceptance
from schemas.checking.explain import Node, explained, root_node
from schemas.checking.faults import Fault
from schemas.checking.rules import BEYOND_SCHEMA, RULES, Rule, usual
from schemas.errors import UserError, unknown_name

KINDS = ("corpus", "instruction", "preference", "kto", "problem", "attempt")


@functools.cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of row, or of the manifest (`run`)."""
    if kind not in (*KINDS, "run"):
        raise unknown_name("kind", kind, KINDS)
    loaded: dict[str, Any] = orjson.loads((Path(__file__).parent.parent / f"{kind}.schema.json").read_bytes())
    return loaded


class Checker:
    """A schema and rules beyond it. `accepts` is fast and says only that a row is valid; `faults` decides.

    `slow` says why jsonschema has to look at every row itself, and is empty where it has not to.
    """

    def __init__(
        self,
        node: Node,
        rules: Sequence[Rule] = (),
        narrow: Callable[[Any], bool] | None = None,
    ) -> None:
        self.node, self.rules = node, tuple(rules)
        found = acceptance(node)
        self.slow = found.slow
        self.accepts = _any_of(narrow, found.accepts, self.rules) if rules else found.accepts
        self._prepared = bool(self.slow)

    def check(self, row: Any) -> list[Fault]:
        """The faults of a row, and none for one that is accepted."""
        try:
            return [] if self.accepts(row) else self.faults(row)
        except (
            ValueError,
            TypeError,
            RecursionError,
        ):  # a date, bytes: nothing that jsonschema-rs can look at
            return self.faults(row)

    def faults(self, row: Any) -> list[Fault]:
        """Every fault in the words of jsonschema, by pointer; in a row that has none, those of the rules."""
        if not self._prepared:
            self._prepared = True
            self.node.look_past(lambda part: acceptance(part).accepts)
        try:
            found = explained(self.node, row)
        except Exception as error:  # whatever a schema can make of jsonschema is not a fault of the row
            raise UserError(
                f"jsonschema cannot apply the schema ({type(error).__name__}: {error})"
            ) from error
        return found or [fault for rule in self.rules for fault in rule(row)]


def _any_of(
    narrow: Callable[[Any], bool] | None, wide: Callable[[Any], bool], rules: tuple[Rule, ...]
) -> Callable[[Any], bool]:
    """Accepts the rows of the narrow schema, and those of the wide one that no rule finds fault with."""
    first = narrow or (lambda row: False)

    def accepts(row: Any) -> bool:
        return first(row) or (wide(row) and not any(rule(row) for rule in rules))

    return accepts


@functools.cache
def checker(kind: str) -> Checker:
    """The checker of a kind, compiled once."""
    from jsonschema import Draft202012Validator

    node = root_node(schema(kind), Draft202012Validator)
    if kind not in RULES:
        return Checker(node)
    in_schema = acceptance(root_node(usual(kind, schema(kind)), Draft202012Validator)).accepts
    beyond = BEYOND_SCHEMA.get(kind)
    narrow = in_schema if beyond is None else lambda row: in_schema(row) and beyond(row)
    return Checker(node, RULES[kind], narrow)
