"""JSON Schemas and values that are about them, drawn at random: what the two libraries are compared on."""

from __future__ import annotations

from typing import Any

import jsonschema
from hypothesis import strategies as st

DRAFTS = {
    "draft 4": jsonschema.Draft4Validator,
    "draft 6": jsonschema.Draft6Validator,
    "draft 7": jsonschema.Draft7Validator,
    "draft 2019-09": jsonschema.Draft201909Validator,
    "draft 2020-12": jsonschema.Draft202012Validator,
}
NAMES = ("a", "b", "id", "$ref", "items", "a/b~c", "é", "")
PATTERNS = (
    "^a",
    "^[a-c]+$",
    "^a.b$",
    "b$|^c",
    "^\\d{2}$",
    "\\w",
    "^[^a]*$",
    "\\s",
    "(a|b)*c",
    "^(?:ab){1,2}?$",
    "a\\.b",
    "[a\\-c]",
    "^$",
    "[é-ö]",
    "(?i)A",
    "a(?=b)",
    "^.$",
)
PLAIN = ("", "a", "ab", "abc", "12", "a.b", "a b", "a-c", "A", "B", "_", "x" * 9)
ODD = ("a\n", "ab\n", "\n", "a\nb", "12\n", "c\n\n", "abab\n", "a\r", "\u2028", "\x1c", "\ufeff")
FOREIGN = ("٣٣", "é", "e\u0301", "\U0001f600")
TEXTS = (*PLAIN, *ODD, *FOREIGN)
SMALL = (0, 1, -1, 2, 3, 5, 10, 0.0, 1.0, -1.0, 0.1, 0.3, 0.5, 1.5, 2.5, 1e-9)
LARGE = (1e16, 1e300, -1e300, 2**53 - 1, 2**53, 2**53 + 1, 10**30, 10**30 + 1)
EDGES = (2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**64 + 1, -(2**63), -(2**63) - 1)
NUMBERS = (*SMALL, *LARGE, *EDGES)

scalars = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
LIMITS = (*[number for number in NUMBERS if abs(number) < 2**53] * 5, 2**53, 2**64, 1e300)
small = st.sampled_from((0, 1, 2, 3))


def schemas(draft: str) -> st.SearchStrategy[Any]:
    """Valid schemas of a draft, with `#/definitions/x` to refer to (`#/$defs/x` from 2019-09 on)."""
    new = draft in ("draft 2019-09", "draft 2020-12")
    home = "$defs" if new else "definitions"
    leaves = st.sampled_from([{}, {"$ref": f"#/{home}/x"}, {"type": "string"}, {"type": "integer"}])
    if draft != "draft 4":
        leaves |= st.booleans()
    parts = st.recursive(leaves, lambda inner: _keywords(draft, inner), max_leaves=6)
    return st.tuples(_keywords(draft, parts), _keywords(draft, leaves)).map(
        lambda two: two[0] | {home: {"x": two[1]}}
    )


def _keywords(draft: str, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(NAMES)
    many = st.lists(inner, min_size=1, max_size=3)
    types = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
    numbers = st.sampled_from(LIMITS)
    known: dict[str, st.SearchStrategy[Any]] = {
        "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
        "enum": st.lists(values, min_size=1, max_size=3).filter(_all_differ),
        "minimum": numbers,
        "maximum": numbers,
        "multipleOf": st.sampled_from((1, 2, 3, 0.1, 0.5, 1.0, 1e-9, 7)),
        "minLength": small,
        "maxLength": small,
        "pattern": st.sampled_from(PATTERNS),
        "minItems": small,
        "maxItems": small,
        "uniqueItems": st.booleans(),
        "required": st.lists(names, min_size=1, max_size=2, unique=True),
        "minProperties": small,
        "maxProperties": small,
        "properties": st.dictionaries(names, inner, max_size=3),
        "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), inner, max_size=2),
        "additionalProperties": inner | st.booleans(),
        "items": inner,
        "allOf": many,
        "anyOf": many,
        "oneOf": many,
        "not": inner,
        "format": st.sampled_from(["date", "email", "no such format"]),
        "title": st.sampled_from(TEXTS),
        "contentEncoding": st.just("base64"),
        "contentMediaType": st.just("application/json"),
        "x-unknown": values,
    }
    if draft == "draft 4":
        known |= {"exclusiveMinimum": st.booleans(), "exclusiveMaximum": st.booleans()}
    else:
        known |= {"exclusiveMinimum": numbers, "exclusiveMaximum": numbers, "const": values}
        known |= {"contains": inner, "propertyNames": inner}
    if draft not in ("draft 4", "draft 6"):
        known |= {"if": inner, "then": inner, "else": inner}
    if draft in ("draft 2019-09", "draft 2020-12"):
        known |= {"minContains": small, "maxContains": small}
        known |= {
            "dependentRequired": st.dictionaries(names, st.lists(names, max_size=2, unique=True), max_size=2)
        }
        known |= {"dependentSchemas": st.dictionaries(names, inner, max_size=2)}
        known |= {"unevaluatedProperties": inner, "unevaluatedItems": inner}
    else:
        wanted = st.lists(names, min_size=1, max_size=2, unique=True)
        known |= {"dependencies": st.dictionaries(names, wanted | inner, max_size=2)}
    if draft == "draft 2020-12":
        known |= {"prefixItems": many}
    else:
        known |= {"items": inner | many, "additionalItems": inner | st.booleans()}
    chosen = st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=4, unique=True)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: known[key] for key in keys})).map(
        _completed
    )


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema its metaschema takes: draft 4 wants a limit beside its `exclusive...`."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            schema.setdefault(limit, 1)
    return schema


def _all_differ(items: list[Any]) -> bool:
    return jsonschema.Draft4Validator({"uniqueItems": True}).is_valid(items)


def about(schema: Any) -> st.SearchStrategy[Any]:
    """Values, some of which a schema names, or asks for."""
    named = list(_named(schema))
    if not named:
        return values
    bits = st.sampled_from(named) | scalars
    rows = st.dictionaries(st.sampled_from(NAMES), bits, max_size=5) | st.lists(bits, max_size=5)
    return values | bits | rows


def _named(schema: Any) -> Any:
    if isinstance(schema, dict):
        for key, part in schema.items():
            if key in ("const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
                yield part
            if key == "enum":
                yield from part
            yield from _named(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _named(part)


def _of(pieces: str) -> st.SearchStrategy[str]:
    return st.sampled_from(pieces.split(" "))


def _joined(parts: st.SearchStrategy[str], sign: str, most: int) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=most).map(sign.join)


_literal = st.sampled_from("abc019_- .é/\n") | _of(r"\. \- \$ \n \/ \[ \d \w $ ^ \b (?i)")
_class = _joined(_of(r"a b-d 0-9 é \- \] - ^ \n ö-ü / & \d"), "", 3)
_atom = _literal | st.just(".") | _class.map("[{}]".format) | _class.map("[^{}]".format)
_repeat = _of("* + ? {2} {1,2} {0,} *? ++ {,2}") | st.just("")
_piece = st.recursive(
    st.tuples(_atom, _repeat).map("".join),
    lambda inner: (
        _joined(inner, "", 3)
        | st.tuples(_of("( (?:"), _joined(inner, "|", 2), st.just(")"), _repeat).map("".join)
    ),
    max_leaves=5,
)
_first, _last = st.sampled_from(["", "^"]), st.sampled_from(["", "$"])
patterns = st.tuples(_first, _joined(_piece, "|", 2), _last).map("".join)
"""Patterns as Python may read them; some it may not."""

letters = st.text(st.sampled_from("abcd019_- .é\n/öü\r|&^[]$٣"), max_size=5)
