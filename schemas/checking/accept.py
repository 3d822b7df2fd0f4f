"""A schema as one by which jsonschema-rs may accept a row alone: what it accepts, jsonschema finds valid.

The two differ at the edges: in the dialect of `pattern`, in multiples of 0.1, in integers beyond 2^53. A
keyword on which they could differ is given to jsonschema's own keyword function, from within jsonschema-rs;
what cannot be handed over that way is a reason to leave the whole schema to jsonschema, which is slower.
Refused rows are not judged here: see `explain.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from schemas.checking.explain import Node, is_legacy
from schemas.checking.faults import pointer
from schemas.checking.patterns import native_pattern
from schemas.errors import UserError

LIMIT = 2**53
"""From here on not every integer is a double of its own; jsonschema-rs compares some as doubles."""

READ_AS_DOUBLE = float(2**63)
"""orjson reads an integer of more than 64 bits as a double: a double this large may have been one."""

ON_NUMBERS = frozenset({"multipleOf", "uniqueItems"})
BY_PYTHON = ON_NUMBERS | {"format", "pattern"}
"""Keywords left to jsonschema's functions, patterns where the two might read them differently."""

SLOW = frozenset({"unevaluatedItems", "unevaluatedProperties"})
"""Keywords in which jsonschema follows the standard only so far."""

MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SINGLE = frozenset({"items", "additionalItems", "additionalProperties", "propertyNames", "contains", "not"})
NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "const", "enum"})
REVERSING = frozenset({"not", "if", "oneOf", "contains"})
"""Keywords by which a value can be valid because it is not valid under a part of the schema."""

CALL = "x-call-jsonschema"


@dataclass(frozen=True)
class Acceptance:
    """`accepts` says quickly that a row is valid; False is no verdict. `slow` says why it never does."""

    accepts: Callable[[Any], bool]
    slow: tuple[str, ...] = ()


def acceptance(root: Node) -> Acceptance:
    """How rows of a schema can be accepted; `UserError` for a reference or pattern that cannot be read."""
    if root.documents.dynamic:
        return Acceptance(_never, ("it has dynamic references",))
    conversion = _Conversion(root)
    schema = conversion.whole()
    finished: set[int] = set()
    for place, node in conversion.targets:  # every circle goes through one
        _refuse_endless(node, place, (), finished)
    if not conversion.slow:
        compiled = _compiled(schema, root, conversion)
        if compiled is not None:
            return Acceptance(compiled)
        conversion.slow.append("jsonschema-rs cannot compile it")
    return Acceptance(_never, tuple(dict.fromkeys(conversion.slow)))


@dataclass(frozen=True)
class Call:
    """A keyword that jsonschema's own function is asked about."""

    keyword: str
    function: Callable[..., Any]
    value: Any
    node: Node

    def finds_valid(self, instance: Any) -> bool:
        """Whether jsonschema has no error to tell."""
        return (
            next(iter(self.function(self.node, self.value, instance, self.node.schema) or ()), None) is None
        )


class _Conversion:
    """Goes once through everything a document reaches. References become `$defs` of one new document."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.slow: list[str] = []
        self.of_texts: dict[str, list[Call]] = {}
        self.of_values: list[list[Call]] = []
        self.targets: list[tuple[str, Node]] = []
        self._names: dict[tuple[int, bool], str] = {}
        self._definitions: dict[str, Any] = {}
        self._definitions_key = "definitions" if is_legacy(root.of_draft) else "$defs"

    def whole(self) -> Any:
        """The converted document."""
        schema = self._named(self.root, "", False)
        return {**schema, self._definitions_key: self._definitions}

    def _named(self, node: Node, place: str, exact: bool) -> dict[str, Any]:
        name = self._names.get((id(node), exact))
        if name is None:
            name = self._names[id(node), exact] = str(len(self._names))
            self.targets.append((place, node))
            self._definitions[name] = True
            self._definitions[name] = self._converted(node, place, exact)
        return {"$ref": f"#/{self._definitions_key}/{name}"}

    def _converted(self, node: Node, place: str, exact: bool) -> Any:
        """The schema of a node. `exact` where refusing more could come to accepting more."""
        if not isinstance(node.schema, dict):
            return node.schema
        if node.of_draft is not self.root.of_draft:
            self.slow.append(f"the schema at {place or '/'} is of another draft")
        made: dict[str, Any] = {}
        calls: list[Call] = []
        for keyword, function, value in node.checks:
            here = f"{place}/{keyword}"
            if keyword == "pattern" and (native := native_pattern(_readable(value, here), exact=exact)):
                made["pattern"] = native
            elif keyword in BY_PYTHON:
                if keyword == "format" and value not in node.format_checker.checkers:
                    mend = "leave formats unchecked, or install what jsonschema needs for it"
                    raise UserError(f"{here}: the format {value!r} cannot be checked here", mend=mend)
                calls.append(Call(keyword, function, value, node))
            elif keyword in SLOW:
                self.slow.append(f"{keyword} at {here}")
                self._part(node, value, here, exact)  # for what may be wrong in there
            elif keyword == "$ref":
                target = _referred(node, value, here)
                made["$ref"] = self._named(target, f"{here}({value})", exact)["$ref"]
            else:
                made[keyword] = self._kept(node, keyword, value, here, exact or keyword in REVERSING)
                made |= self._companions(node, keyword, place, exact)
        return made | self._called(calls)

    def _companions(self, node: Node, keyword: str, place: str, exact: bool) -> dict[str, Any]:
        """What stands beside a keyword and counts only with it."""
        schema = node.schema
        if keyword == "if":
            branches = [name for name in ("then", "else") if name in schema]
            return {name: self._part(node, schema[name], f"{place}/{name}", exact) for name in branches}
        if keyword == "contains":
            return {name: schema[name] for name in ("minContains", "maxContains") if name in schema}
        other = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}.get(keyword)
        booleans_of_draft_4 = other in schema and other not in node.VALIDATORS
        return {other: schema[other]} if other and booleans_of_draft_4 else {}

    def _called(self, calls: list[Call]) -> dict[str, Any]:
        """Keywords that call Python: a format of our own for texts, which is quicker, or a keyword."""
        texts = [call for call in calls if call.keyword == "pattern"]
        others = [call for call in calls if call.keyword != "pattern"]
        made: dict[str, Any] = {}
        if texts:
            made["format"] = f"call-{len(self.of_texts)}"
            self.of_texts[made["format"]] = texts
        if others:
            made[CALL] = len(self.of_values)
            self.of_values.append(others)
        return made

    def _kept(self, node: Node, keyword: str, value: Any, here: str, exact: bool) -> Any:
        """The value of a keyword both understand alike, its parts converted."""
        if keyword in NUMBERS and any(abs(number) >= LIMIT for number in _numbers(value)):
            self.slow.append(f"a number of 2^53 or more at {here}")
        if keyword in MAPS:
            return self._map(node, keyword, value, here, exact)
        if keyword == "dependencies":
            parts = {key: part for key, part in value.items() if not isinstance(part, list)}
            return value | self._map(node, keyword, parts, here, exact)
        if keyword in LISTS or (keyword == "items" and isinstance(value, list)):
            return [self._part(node, part, f"{here}/{index}", exact) for index, part in enumerate(value)]
        return self._part(node, value, here, exact) if keyword in SINGLE or keyword == "if" else value

    def _map(self, node: Node, keyword: str, value: dict[str, Any], here: str, exact: bool) -> dict[str, Any]:
        made = {}
        for name, part in value.items():
            key: str | None = name
            if keyword == "patternProperties" and (key := native_pattern(_readable(name, here))) is None:
                self.slow.append(f"the pattern {name!r} at {here}")
            key = name if key is None else key
            if key in made:
                self.slow.append(f"two patterns that are the same at {here}")
            made[key] = self._part(node, part, here + pointer([name]), exact)
        return made

    def _part(self, node: Node, part: Any, place: str, exact: bool) -> Any:
        if not isinstance(part, dict):
            return part
        return self._converted(node.child(part), place, exact)


def _compiled(schema: Any, root: Node, conversion: _Conversion) -> Callable[[Any], bool] | None:
    """jsonschema-rs's `is_valid` of a converted schema; None when it cannot read it."""
    import jsonschema_rs

    doubts: list[bool] = []

    class Keyword:
        """Asks jsonschema's functions about any value."""

        def __init__(self, parent: dict[str, Any], value: Any, path: Any) -> None:
            self.calls = conversion.of_values[value]

        def validate(self, instance: Any) -> None:
            for call in self.calls:
                if call.keyword in ON_NUMBERS and any(abs(n) >= READ_AS_DOUBLE for n in _numbers(instance)):
                    doubts.append(True)
                if not call.finds_valid(instance):
                    raise ValueError(call.keyword)

    options: dict[str, Any] = {"validate_formats": bool(conversion.of_texts), "offline": True}
    # Its default engine (in 0.61) finds that "b" matches `b+a*b+`; this one has no such shortcuts.
    options["pattern_options"] = jsonschema_rs.RegexOptions()
    if conversion.of_texts:
        options["formats"] = {name: _all_of(calls) for name, calls in conversion.of_texts.items()}
    if conversion.of_values:  # even unused ones cost something
        options["keywords"] = {CALL: Keyword}
    of_draft = getattr(jsonschema_rs, root.of_draft.__name__)
    try:
        is_valid: Callable[[Any], bool] = of_draft(schema, **options).is_valid
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        return None
    if not any(call.keyword in ON_NUMBERS for calls in conversion.of_values for call in calls):
        return is_valid

    def accepts(row: Any) -> bool:
        doubts.clear()
        return is_valid(row) and not doubts

    return accepts


def _all_of(calls: list[Call]) -> Callable[[str], bool]:
    searches = [re.compile(call.value).search for call in calls]
    return lambda text: all(search(text) for search in searches)


def _never(row: Any) -> bool:
    return False


def _readable(pattern: str, place: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        mend = "jsonschema reads patterns as Python does"
        raise UserError(f"{place}: the pattern {pattern!r} cannot be read ({error})", mend=mend) from None
    return pattern


def _referred(node: Node, reference: str, place: str) -> Node:
    from referencing.exceptions import Unresolvable

    try:
        found = node.reference(reference)
        if not isinstance(found.schema, dict | bool):
            raise UserError(
                f"{place}: '{reference}' leads to what is no schema", mend="correct the reference"
            )
        return found
    except Unresolvable as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, UserError):
                said = cause.what if cause.where is None else f"{cause.where}: {cause.what}"
                raise UserError(f"{place}: {said}", mend=cause.mend) from None
            cause = cause.__cause__
        raise UserError(f"{place}: '{reference}' leads nowhere", mend="correct the reference") from None


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from _numbers(part)


def _refuse_endless(node: Node, place: str, above: tuple[Node, ...], finished: set[int]) -> None:
    """Refuse a schema that leads back to itself without a step into the row: no row could ever be checked."""
    if any(node is other for other in above):
        raise UserError(f"{place}: the schema leads back to itself without end", mend="break the circle")
    if id(node) in finished:
        return
    for where, part in _in_place(node):
        _refuse_endless(part, place + where, (*above, node), finished)
    finished.add(id(node))


def _in_place(node: Node) -> Iterator[tuple[str, Node]]:
    """The schemas that are asked about the same value as this one, and where they stand."""
    for keyword, _, value in node.checks:
        if keyword == "$ref":
            yield f"/{keyword}({value})", node.reference(value)
        elif keyword in ("allOf", "anyOf", "oneOf"):
            for index, part in enumerate(value):
                yield f"/{keyword}/{index}", node.child(part)
        elif keyword in ("dependentSchemas", "dependencies"):
            for name, part in value.items():
                if not isinstance(part, list):
                    yield f"/{keyword}" + pointer([name]), node.child(part)
        elif keyword in ("not", "if"):
            for name in (keyword, "then", "else") if keyword == "if" else (keyword,):
                if name in node.schema:
                    yield f"/{name}", node.child(node.schema[name])
