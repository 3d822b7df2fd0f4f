"""Values that fit a JSON Schema and values that do not, by simple means: guesses for the caller to check."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from verifiers.constraints import fill

_TRIES = 20
_MAX_DEPTH = 20


def draw_schema(rng: random.Random) -> dict[str, Any]:
    """A schema of an object with a few typed properties, all required."""
    types: list[dict[str, Any]] = [
        {"type": "string"},
        {"type": "integer", "minimum": rng.randint(0, 9)},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "number"}, "minItems": rng.randint(0, 2)},
        {"enum": fill.different(rng, 3)},
    ]
    names = fill.different(rng, rng.randint(1, 4))
    return {
        "type": "object",
        "properties": {name: rng.choice(types) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def fitting(schema: Mapping[str, Any], rng: random.Random) -> Iterator[Any]:
    """Values likely to fit."""
    for _ in range(_TRIES):
        yield _value(schema, rng, schema, 0)


def unfitting(schema: Mapping[str, Any], rng: random.Random) -> Iterator[Any]:
    """Values that hardly fit: a fitting object short of a property, then values of every type."""
    for value in fitting(schema, rng):
        if isinstance(value, dict) and value:
            gone = rng.choice(sorted(value))
            yield {key: each for key, each in value.items() if key != gone}
    yield from (None, "", "text", -1, 0.5, 10**9, True, [], [None], {}, {"unexpected": None})


def _value(schema: Any, rng: random.Random, root: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return fill.word(rng)
    if isinstance(schema.get("$ref"), str):
        return _value(_target(schema["$ref"], root), rng, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _value(rng.choice(schema[key]), rng, root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = rng.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        known = schema.get("properties", {})
        names = dict.fromkeys((*schema.get("required", ()), *(known if depth < 4 else ())))
        return {name: _value(known.get(name, {}), rng, root, depth + 1) for name in names}
    if kind == "array":
        low = schema.get("minItems", 0)
        count = (
            rng.randint(low, max(low, min(schema.get("maxItems", low + 2), low + 2))) if depth < 4 else low
        )
        return [_value(schema.get("items", {}), rng, root, depth + 1) for _ in range(count)]
    return _plain(kind, schema, rng)


def _plain(kind: str, schema: Mapping[str, Any], rng: random.Random) -> Any:
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 0) + 100))
        step = schema.get("multipleOf", 1)
        number = step * round(rng.uniform(low, high) / step)
        return int(number) if kind == "integer" else number
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "null":
        return None
    low, high = schema.get("minLength", 1), schema.get("maxLength", 10**6)
    text = fill.word(rng)
    while len(text) < low:
        text += fill.word(rng)
    return text[:high]


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    """What a reference within the document points at; {} where that is nothing simple."""
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found
