"""What of JSON Schema an answer can be held to while it is written; the rest is refused by name and place.

Turns the user's schema into a narrower one, which a mask can enforce and whose every value is valid under the
user's own. Leaves enforcing it to `constraint.py`, and judging rows to `schemas/check.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from datagen.engines.constrained.patterns import PatternError, rust_pattern
from schemas import UserError
from schemas.errors import nearest

Schema = dict[str, Any]

# Integers beyond this are not the same number to every reader of JSON (RFC 7493, section 2.2).
MOST_EXACT = 2**53 - 1
LEAST_MAGNITUDE = 1e-15
DRAFTS = {
    f"{scheme}://json-schema.org/{name}"
    for scheme in ("http", "https")
    for name in ("draft/2020-12/schema", "draft/2019-09/schema", "draft-07/schema", "draft-06/schema")
}

COMBINING = ("allOf", "anyOf", "oneOf")
LISTS_OF_SCHEMAS = (*COMBINING, "prefixItems")
MAPS_OF_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions")
SCHEMAS = ("additionalProperties", "items", "additionalItems")
PLAIN = (
    *("type", "enum", "const", "required", "minProperties", "maxProperties", "minItems", "maxItems"),
    *("minLength", "maxLength", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
)
OF_OBJECTS = {"properties", "patternProperties", "additionalProperties", "required", "maxProperties"}
OF_OBJECTS |= {"minProperties", "items", "prefixItems", "additionalItems"}
KEPT = {*LISTS_OF_SCHEMAS, *MAPS_OF_SCHEMAS, *SCHEMAS, *PLAIN, "pattern", "format", "$ref"}
ANNOTATIONS = {
    *("title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly"),
    *("$comment", "$schema", "$id", "discriminator"),
}
MENDS = {
    "uniqueItems": "leave it out and drop rows with repeated items afterwards",
    "not": "say what the value should be instead, with enum, pattern or anyOf",
    "if": "write the cases as anyOf",
    "then": "write the cases as anyOf",
    "else": "write the cases as anyOf",
    "dependentRequired": "write the cases as anyOf",
    "dependentSchemas": "write the cases as anyOf",
    "dependencies": "write the cases as anyOf",
    "contains": "fix the place of the item with prefixItems",
    "propertyNames": "use patternProperties, with additionalProperties false",
    "unevaluatedProperties": "use additionalProperties",
    "unevaluatedItems": "use items",
    "nullable": 'it is not JSON Schema: add "null" to the types',
    "$anchor": "refer to it by its place, e.g. #/$defs/name",
}
UNENFORCED = {
    *("minContains", "maxContains", "contentEncoding", "contentMediaType", "contentSchema", "divisibleBy"),
    *("id", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary", *MENDS),
}

# Formats of which llguidance lets through what validators refuse (29 February of any year), or on which
# validators differ, are written as patterns that all of them accept; None: enforced as they are.
YEAR = "[1-9][0-9]{3}"
LEAP_YEAR = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)"
DAY = (
    f"({YEAR}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|{YEAR}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|{YEAR}-02-(0[1-9]|1[0-9]|2[0-8])|{LEAP_YEAR}-02-29)"
)
HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
CLOCK = f"{HOUR}:[0-5][0-9](\\.[0-9]{{1,6}})?(Z|[+-]{HOUR})"
NAME = "[A-Za-z0-9]{1,20}"
FORMATS: dict[str, str | None] = {
    "date": f"^{DAY}$",
    "time": f"^{CLOCK}$",
    "date-time": f"^{DAY}T{CLOCK}$",
    "duration": None,
    "email": f"^{NAME}([._+-]{NAME}){{0,2}}@{NAME}([.-]{NAME}){{0,2}}\\.[A-Za-z]{{2,12}}$",
    "hostname": None,
    "ipv4": None,
    "ipv6": None,
    "uuid": None,
    "uri": None,
}
ANY = "homegrown:any"


def narrowed(schema: Mapping[str, Any] | bool) -> Schema:
    """The schema a mask enforces. Raises `UserError` naming the keyword and its JSON pointer.

    Every value of it is a value of `schema`. It is narrower where that spares a weak model trouble or keeps
    readers of JSON in agreement: numbers lie within 2**53, an object that lists its properties and says
    nothing of others has no others (unless the schema puts objects together with allOf, anyOf or $ref), and
    formats and patterns keep to what all validators accept.
    """
    root = {} if schema is True else schema
    if not isinstance(root, Mapping):
        raise _refusal("no value is valid under the schema false", "")
    _check_form(root)
    return _Narrowing(dict(root)).run()


def _check_form(root: Mapping[str, Any]) -> None:
    """`UserError` when this is no JSON Schema at all, or refers to something outside itself."""
    import jsonschema_rs

    draft = root.get("$schema")
    if draft is not None and str(draft).rstrip("#") not in DRAFTS:
        mend = "use https://json-schema.org/draft/2020-12/schema"
        raise _refusal(f"unknown draft '{draft}'", "/$schema", mend)
    places = dict(subschemas(root))
    for place, found in places.items():
        if isinstance(found, Mapping) and "$ref" in found:
            _refuse_reference(found["$ref"], f"{place}/$ref", places)
    try:
        validator(root)
    except jsonschema_rs.ValidationError as error:
        place = "".join(f"/{_escaped(part)}" for part in error.instance_path)
        raise _refusal(f"not a JSON Schema ({error.message})", place) from None


def _refuse_reference(reference: Any, place: str, places: Mapping[str, Any]) -> None:
    """`UserError` for a `$ref` that leads anywhere but to a schema of this document, by its place."""
    if not isinstance(reference, str):
        raise _refusal("a $ref is a text", place)
    if not reference.startswith("#"):
        what = f"$ref leads out of the schema, to '{reference}'"
        raise _refusal(what, place, "copy what it names into $defs")
    if _place_of(reference) not in places:
        raise _refusal(f"$ref leads nowhere, to '{reference}'", place, "add what it names to $defs")


def validator(schema: Mapping[str, Any] | bool) -> Any:
    """jsonschema-rs for `schema`, which decides; formats count, and nothing is fetched."""
    import jsonschema_rs

    def refuse(uri: str) -> Any:
        raise LookupError(f"{uri} is not part of the schema")

    plain = schema if isinstance(schema, bool) else dict(schema)
    return jsonschema_rs.validator_for(plain, validate_formats=True, retriever=refuse)


def resolve(root: Mapping[str, Any], reference: str) -> Any:
    """What a `$ref` such as `#/$defs/name` names. LookupError when that is nothing."""
    places = dict(subschemas(root))
    return places[_place_of(reference)]


def subschemas(schema: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """(JSON pointer, schema) of a schema and of all within it, outermost first."""
    yield place, schema
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        for inner_place, inner in _within(key, value):
            yield from subschemas(inner, f"{place}/{_escaped(key)}{inner_place}")


def _within(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The schemas directly under one keyword."""
    if key in MAPS_OF_SCHEMAS and isinstance(value, Mapping):
        yield from ((f"/{_escaped(name)}", inner) for name, inner in value.items())
    elif isinstance(value, list) and (key in LISTS_OF_SCHEMAS or key in SCHEMAS):
        yield from ((f"/{index}", inner) for index, inner in enumerate(value))
    elif key in SCHEMAS:
        yield "", value


class _Narrowing:
    """One schema on its way to the narrower one."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        # Where objects are put together from parts, a part must stay open for what the others add.
        self.closes = not any(_composes(found) for _, found in subschemas(root))

    def run(self) -> Schema:
        result = self._schema(self.root, "")
        assert isinstance(result, dict)
        if self.closes:
            names = result.setdefault("$defs", {})
            names[ANY] = _bounded({"items": {"$ref": f"#/$defs/{ANY}"}}, "") | {
                "additionalProperties": {"$ref": f"#/$defs/{ANY}"}
            }
        draft = self.root.get("$schema")
        _refuse_endless(result)
        return result if draft is None else {"$schema": draft, **result}

    def _schema(self, schema: Any, place: str) -> Any:
        if isinstance(schema, bool):
            return {"$ref": f"#/$defs/{ANY}"} if schema and self.closes else schema
        for key in schema:
            _refuse_keyword(key, schema, place)
        result = {key: self._value(key, schema[key], place) for key in schema if key in KEPT}
        if "format" in result:
            result = _format(result, place)
        # Keys an answer repeats are counted once by a reader and twice by a mask.
        if result.pop("minProperties", 0) > len(result.get("required", ())):
            what = "more minProperties than are required cannot be enforced"
            raise _refusal(what, f"{place}/minProperties", "name them in required")
        for key in ("enum", "const"):
            if key in schema:
                _refuse_inexact(schema[key], f"{place}/{key}")
        if {"enum", "const", "$ref", *COMBINING}.isdisjoint(result):
            result = _bounded(result, place)
            if self.closes:
                result |= self._closed(result)
        return result

    def _value(self, key: str, value: Any, place: str) -> Any:
        place = f"{place}/{_escaped(key)}"
        if key == "pattern":
            return _pattern(value, place)
        if key in MAPS_OF_SCHEMAS:
            within = {name: self._schema(inner, f"{place}/{_escaped(name)}") for name, inner in value.items()}
            if key == "patternProperties":
                return {_pattern(name, f"{place}/{_escaped(name)}"): inner for name, inner in within.items()}
            return within
        if isinstance(value, list) and (key in LISTS_OF_SCHEMAS or key in SCHEMAS):
            return [self._schema(inner, f"{place}/{index}") for index, inner in enumerate(value)]
        return self._schema(value, place) if key in SCHEMAS else value

    def _closed(self, schema: Schema) -> Schema:
        """What is to be added so that nothing unbounded or unnamed can come in."""
        types = _types(schema)
        added: Schema = {}
        any_value = {"$ref": f"#/$defs/{ANY}"}
        if "object" in types and "additionalProperties" not in schema:
            listed = schema.get("properties") or schema.get("patternProperties")
            unlisted = set(schema.get("required", ())) - set(schema.get("properties", ()))
            added["additionalProperties"] = False if listed and not unlisted else any_value
        if "array" in types and "items" not in schema:
            added["items"] = any_value
        return added


def _composes(schema: Any) -> bool:
    """Whether objects follow several schemas at once, so that one must not forbid what another adds."""
    if not isinstance(schema, dict):
        return False
    if "allOf" in schema:
        return any(map(_about_objects, [schema, *schema["allOf"]]))
    return not {"$ref", *COMBINING}.isdisjoint(schema) and not OF_OBJECTS.isdisjoint(schema)


def _about_objects(schema: Any) -> bool:
    """Whether a part of an `allOf` may speak of objects or lists."""
    if not isinstance(schema, dict):
        return True
    keys = set(schema) - {"allOf"}
    return not keys.isdisjoint({*OF_OBJECTS, "$ref", "anyOf", "oneOf", "allOf"}) or (
        "type" in schema and not _types(schema).isdisjoint({"object", "array"})
    )


def _types(schema: Schema) -> set[str]:
    """The types a schema allows."""
    named = schema.get("type", ["object", "array", "string", "number", "boolean", "null"])
    return {named} if isinstance(named, str) else set(named)


def _bounded(schema: Schema, place: str) -> Schema:
    """The schema with its numbers kept to those all readers agree on."""
    if _types(schema).isdisjoint({"number", "integer"}):
        return schema
    bounds = {}
    for side, exclusive, bound in (
        ("minimum", "exclusiveMinimum", -MOST_EXACT),
        ("maximum", "exclusiveMaximum", MOST_EXACT),
    ):
        for key in (side, exclusive):
            _refuse_inexact(schema.get(key), f"{place}/{key}")
        if side not in schema and exclusive not in schema:
            bounds[side] = bound
    return schema | bounds


def _format(schema: Schema, place: str) -> Schema:
    """The schema with its `format` as a mask can enforce it."""
    name = schema["format"]
    if name not in FORMATS:
        guess = nearest(str(name), FORMATS)
        mend = f"did you mean '{guess}'?" if guess else f"known: {', '.join(FORMATS)}; or use pattern"
        raise _refusal(f"the format '{name}' cannot be enforced", f"{place}/format", mend)
    pattern = FORMATS[name]
    if pattern is None:
        return schema
    if "pattern" in schema:
        what = f"the format '{name}' and a pattern cannot be enforced together"
        raise _refusal(what, f"{place}/format", "leave one of them out")
    return {key: value for key, value in schema.items() if key != "format"} | {"pattern": pattern}


def _pattern(pattern: str, place: str) -> str:
    try:
        return rust_pattern(pattern)
    except PatternError as error:
        what = f"the pattern cannot be enforced: {error}"
        raise _refusal(what, place, "write it with sets, groups and repetitions alone") from None


def _refuse_keyword(key: str, schema: Mapping[str, Any], place: str) -> None:
    """`UserError` for a keyword that would not be enforced, a misspelt one included."""
    where = f"{place}/{_escaped(key)}"
    if key == "$id" and place:
        raise _refusal("'$id' inside a schema is not supported", where, "leave it out and refer by place")
    if key in KEPT or key in ANNOTATIONS or key.startswith("x-"):
        return
    if key == "uniqueItems" and schema[key] is False:
        return
    if key in UNENFORCED:
        what = f"'{key}' cannot be enforced while an answer is written"
        raise _refusal(what, where, MENDS.get(key, "leave it out"))
    guess = nearest(key, KEPT)
    mend = f"did you mean '{guess}'?" if guess else "leave it out, or begin its name with x-"
    raise _refusal(f"unknown keyword '{key}'", where, mend)


def _refuse_inexact(value: Any, place: str) -> None:
    """`UserError` for a number that is not the same to every reader of JSON."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_inexact(inner, f"{place}/{_escaped(key)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_inexact(inner, f"{place}/{index}")
    elif isinstance(value, int | float) and value and not LEAST_MAGNITUDE <= abs(value) <= MOST_EXACT:
        what = f"{value} is not the same number to every reader of JSON"
        raise _refusal(what, place, "keep between 1e-15 and 2**53, or write it as a string")


def _refuse_endless(root: Schema) -> None:
    """`UserError` for a part no finite value can fill: it requires itself."""
    finite: set[str] = set()
    parts = dict(subschemas(root))

    def ends(schema: Any, place: str) -> bool:
        if isinstance(schema, bool):
            return True  # False has no values at all, which is another fault
        checks: list[bool] = []
        if "$ref" in schema:
            checks.append(_place_of(schema["$ref"]) in finite)
        checks += [f"{place}/allOf/{i}" in finite for i in range(len(schema.get("allOf", ())))]
        for key in ("anyOf", "oneOf"):
            if key in schema:
                checks.append(any(f"{place}/{key}/{i}" in finite for i in range(len(schema[key]))))
        if "enum" in schema or "const" in schema or not _types(schema) <= {"object", "array"}:
            return all(checks)
        return all(checks) and any(_filled(schema, kind, place, finite) for kind in _types(schema))

    while more := {place for place, found in parts.items() if place not in finite and ends(found, place)}:
        finite |= more
    for place in parts:
        if place not in finite:
            what = "nothing finite can fill this part: it requires itself"
            raise _refusal(what, place, "make one of its properties optional")


def _filled(schema: Schema, kind: str, place: str, finite: set[str]) -> bool:
    """Whether what an object or an array requires can be finite."""
    if kind == "object":
        required = set(schema.get("required", ())) & set(schema.get("properties", ()))
        return all(f"{place}/properties/{_escaped(name)}" in finite for name in required)
    fewest, first = schema.get("minItems", 0), schema.get("prefixItems", ())
    needed = [f"{place}/prefixItems/{index}" for index in range(min(fewest, len(first)))]
    if fewest > len(first) and isinstance(schema.get("items"), dict):
        needed.append(f"{place}/items")
    return finite.issuperset(needed)


def _place_of(reference: str) -> str:
    return unquote(reference[1:])


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _refusal(what: str, place: str, mend: str | None = None) -> UserError:
    return UserError(what, where=f"schema at '{place or '/'}'", mend=mend)
