"""Why a value does not follow a schema, in the words of jsonschema and decided by jsonschema.

jsonschema's own keyword functions do all the work. What is ours is the validator they are given: jsonschema
makes a new one at every step into a row, and here each part of a schema has one that is made once. The errors
are the same, in the same order, at a third of the time.
"""

from __future__ import annotations

import functools
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from schemas.checking.faults import Fault, clipped, pointer

MAX_EXPLAINED = 100
"""Faults explained in one row: a row of a million wrong items is wrong once."""

DEEP_FRAMES = 60_000
DEEP_STACK_BYTES = 512 << 20
"""For rows nested as deep as orjson reads them (1,024 levels), more than Python allows by default."""


@dataclass(frozen=True)
class Documents:
    """What the nodes of one document, and of those it refers to, share.

    `targets` are the nodes that references name. A `dynamic` reference leads elsewhere by the way it was
    reached, and then nothing is shared.
    """

    format_checker: Any = None
    dynamic: bool = False
    targets: dict[tuple[int, str], Node] = field(default_factory=dict)


class Node:
    """One schema within a document, as the validator that jsonschema's keyword functions expect.

    `of_draft` is the validator class of its draft, `_resolver` finds what its references name.
    """

    def __init__(self, schema: Any, resolver: Any, of_draft: Any, documents: Documents) -> None:
        self.schema, self._resolver, self.of_draft, self.documents = schema, resolver, of_draft, documents
        self.format_checker = documents.format_checker
        self.VALIDATORS, self.TYPE_CHECKER = of_draft.VALIDATORS, of_draft.TYPE_CHECKER
        # Each part is kept with its node, so that no other object can come to have its id.
        self._children: dict[int, tuple[Any, Node]] = {}
        self._evolved: dict[int, tuple[Any, Node]] = {}
        self._references: dict[str, Node] = {}
        self.checks = [
            (keyword, of_draft.VALIDATORS[keyword], value)
            for keyword, value in _applicable(schema, of_draft)
            if keyword in of_draft.VALIDATORS and (keyword != "format" or self.format_checker is not None)
        ]

    def child(self, schema: Any) -> Node:
        """The node of a part of this schema."""
        known = self._children.get(id(schema))
        if known is None:
            resolver = self._resolver.in_subresource(_specification(self.of_draft).create_resource(schema))
            known = self._children[id(schema)] = schema, self._node(schema, resolver)
        return known[1]

    def reference(self, reference: str) -> Node:
        """The node that a `$ref` of this schema names; raises what `referencing` raises."""
        node = self._references.get(reference)
        if node is None:
            found = self._resolver.lookup(reference)
            key = id(found.contents), getattr(found.resolver, "_base_uri", "")
            node = None if self.documents.dynamic else self.documents.targets.get(key)
            if node is None:
                node = self.documents.targets[key] = self._node(found.contents, found.resolver)
            self._references[reference] = node
        return node

    def _node(self, schema: Any, resolver: Any) -> Node:
        return Node(schema, resolver, _draft_of(schema, self.of_draft), self.documents)

    def look_past(self, accepts_of: Callable[[Node], Callable[[Any], bool]]) -> None:
        """Ask first, of each property, whether it is accepted; look into those that are not."""
        for place, (keyword, function, value) in enumerate(self.checks):
            if keyword == "properties":
                parts = {name: part for name, part in value.items() if isinstance(part, dict)}
                quick = {name: accepts_of(self.child(part)) for name, part in parts.items()}
                self.checks[place] = keyword, _of_refused(function, quick), value

    # What keyword functions call. The names and the behaviour are those of jsonschema's validators.

    def is_type(self, instance: Any, type: str) -> bool:
        return bool(self.TYPE_CHECKER.is_type(instance, type))

    def is_valid(self, instance: Any) -> bool:
        return next(self.iter_errors(instance), None) is None

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        schema = self.schema
        if schema is False:
            from jsonschema.exceptions import ValidationError

            reason = f"False schema does not allow {instance!r}"
            about: Any = {"validator": None, "validator_value": None, "instance": instance, "schema": False}
            yield ValidationError(reason, **about)
            return
        unset = _unset()
        for keyword, function, value in self.checks:
            for error in function(self, value, instance, schema) or ():
                if error.instance is unset:  # by the keyword itself, not by one further inside
                    error._set(
                        validator=keyword,
                        validator_value=value,
                        instance=instance,
                        schema=schema,
                        type_checker=self.TYPE_CHECKER,
                    )
                yield error

    def descend(
        self, instance: Any, schema: Any, path: Any = None, schema_path: Any = None, resolver: Any = None
    ) -> Iterator[Any]:
        if schema is True:
            return
        node = self.child(schema) if resolver is None else self.evolve(schema=schema, _resolver=resolver)
        named = path is not None and schema is not False  # jsonschema names no path to a `false` schema
        for error in node.iter_errors(instance):
            if named:
                error.path.appendleft(path)
            if (
                schema_path is not None
            ):  # of the way through the schema, the numbers of alternatives are enough
                error.schema_path.appendleft(schema_path)
            yield error

    def evolve(self, schema: Any, _resolver: Any = None) -> Node:
        # Without a resolver the new validator has that of this one, whatever `$id` the schema has.
        if _resolver is not None:
            return self._node(schema, _resolver)
        known = self._evolved.get(id(schema))
        if known is None:
            known = self._evolved[id(schema)] = schema, self._node(schema, self._resolver)
        return known[1]

    def _validate_reference(self, ref: str, instance: Any) -> Iterator[Any]:
        node = self.reference(ref)
        return iter(()) if node.schema is True else node.iter_errors(instance)


def _of_refused(function: Any, quick: dict[str, Callable[[Any], bool]]) -> Any:
    """jsonschema's function for `properties`, told only of those that are not accepted."""

    def check(node: Node, properties: dict[str, Any], instance: Any, schema: Any) -> Any:
        if isinstance(instance, dict):
            properties = {
                name: part
                for name, part in properties.items()
                if name in instance and not (name in quick and accepted(quick[name], instance[name]))
            }
        return function(node, properties, instance, schema)

    return check


def root_node(
    schema: Any,
    of_draft: Any,
    registry: Any = None,
    uri: str = "",
    *,
    formats: bool = False,
    dynamic: bool = False,
) -> Node:
    """The node of a whole document, which lies at `uri` unless it says itself where.

    `registry` finds other documents; `dynamic` says that any of them has dynamic references.
    """
    from jsonschema_specifications import REGISTRY

    resource = _specification(of_draft).create_resource(schema)
    base = resource.id() or uri
    known = REGISTRY if registry is None else REGISTRY.combine(registry)
    resolver = known.with_resource(base, resource).resolver(base_uri=base)
    documents = Documents(of_draft.FORMAT_CHECKER if formats else None, dynamic)
    return Node(schema, resolver, of_draft, documents)


def explained(node: Node, row: Any) -> list[Fault]:
    """The faults of a row, by pointer; none when jsonschema finds it valid. At most `MAX_EXPLAINED`."""
    try:
        return _explained(node, row)
    except RecursionError:
        return _with_a_deep_stack(lambda: _explained(node, row))


def _explained(node: Node, row: Any) -> list[Fault]:
    errors = itertools.islice(node.iter_errors(row), MAX_EXPLAINED)
    return sorted(map(_fault, errors), key=lambda fault: fault.pointer)


def _fault(error: Any) -> Fault:
    place, keyword = pointer(error.absolute_path), error.validator or "false"
    return Fault(clipped(error.message), place, keyword=keyword, nearest=nearest_of(error))


def nearest_of(error: Any) -> str | None:
    """What is wrong with the likeliest of the alternatives an error tells of; None where it tells of none.

    That is the one in which the fewest types and constants are wrong, they tell alternatives apart, and then
    the fewest things; of these, what jsonschema's `best_match` chooses.
    """
    if not error.context:
        return None
    from jsonschema.exceptions import best_match

    alternatives: dict[Any, list[Any]] = {}
    for inner in error.context:
        alternatives.setdefault(next(iter(inner.relative_schema_path), None), []).append(inner)
    nearest: list[Any] = min(alternatives.values(), key=_distance)
    best: Any = best_match(nearest)
    return clipped(" ".join(part for part in (pointer(best.absolute_path), best.message) if part))


def _distance(errors: list[Any]) -> tuple[int, int]:
    return sum(error.validator in ("type", "const", "enum") for error in errors), len(errors)


def _with_a_deep_stack(work: Callable[[], list[Fault]]) -> list[Fault]:
    """What `work` returns, in a thread with room for the deepest row."""
    results: list[list[Fault]] = []
    limit, size = sys.getrecursionlimit(), threading.stack_size(DEEP_STACK_BYTES)
    sys.setrecursionlimit(max(limit, DEEP_FRAMES))
    try:
        thread = threading.Thread(target=lambda: results.append(work()))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if not results:
        raise RecursionError("a row nested too deep to explain")
    return results[0]


def accepted(accepts: Callable[[Any], bool], value: Any) -> bool:
    """What `accepts` says; no to a value that JSON does not have."""
    try:
        return accepts(value)
    except (ValueError, TypeError, RecursionError):  # a date, bytes: nothing that jsonschema-rs can look at
        return False


@functools.cache
def _unset() -> Any:
    """What an error of jsonschema has where nothing was set."""
    from jsonschema.exceptions import ValidationError

    return ValidationError("").instance


def _applicable(schema: Any, of_draft: Any) -> list[tuple[str, Any]]:
    """The keywords that count: up to draft 7 a `$ref` hides all that stands beside it."""
    if not isinstance(schema, dict):
        return []
    if "$ref" in schema and schema["$ref"] is not None and is_legacy(of_draft):
        return [("$ref", schema["$ref"])]
    return list(schema.items())


def is_legacy(of_draft: Any) -> bool:
    """Whether a draft is older than 2019-09."""
    return "$recursiveRef" not in of_draft.VALIDATORS and "$dynamicRef" not in of_draft.VALIDATORS


def _draft_of(schema: Any, default: Any) -> Any:
    if not isinstance(schema, dict) or "$schema" not in schema:
        return default
    from jsonschema.validators import validator_for

    return validator_for(schema, default=default)


def _specification(of_draft: Any) -> Any:
    from referencing.jsonschema import specification_with

    return specification_with(of_draft.ID_OF(of_draft.META_SCHEMA))
