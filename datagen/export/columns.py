"""The columns of exported files: every row of a kind has the same ones, of the same types, in every file.

`datasets` infers the types of a file from its rows, and stops at a row that differs. `meta` is an open object
in our rows; here it has the few keys that all have, and `more` with the rest as JSON text. Problems hold
objects that differ from row to row (`given`, `spec`): in JSON Lines they stay objects, for which the card
declares the type `json` (`datasets` 4.7 and later); in Parquet they are JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from schemas import Row
from schemas.rows import JSON_TEXT, atomic_writer

JSON = "json"
TURNS = [{"role": "string", "content": "string"}]
META: dict[str, Any] = dict.fromkeys(
    ("recipe", "item", "engine", "model_hash", "group", "source", "more"), "string"
)
TRIED = {"pass_rate": "float64", "samples": "int64"}
PROBLEM: dict[str, Any] = {
    "id": "string",
    "family": "string",
    "field": "string",
    "level": "int64",
    "split": "string",
    "prompt": TURNS,
    "question": "string",
    "answer": "string",
    "spec": JSON,
    "solution": "string",
    "given": JSON,
    "fingerprint": "string",
    "meta": {**META, **TRIED},
}

Columns = Mapping[str, Any]
"""Types by column: a name of a type, a list of one type, an object of types, or `JSON`."""

COLUMNS: dict[str, Columns] = {
    "sft": {"messages": TURNS, "meta": META},
    "dpo": {"prompt": TURNS, "chosen": TURNS, "rejected": TURNS, "meta": META},
    "kto": {"prompt": TURNS, "completion": TURNS, "label": "bool", "meta": META},
    "grpo": PROBLEM,
    "corpus": {"text": "string", "meta": META},
    "alpaca": {
        "instruction": "string",
        "input": "string",
        "output": "string",
        "system": "string",
        "history": [["string"]],
        "meta": META,
    },
    "sharegpt": {"conversations": [{"from": "string", "value": "string"}], "meta": META},
}
"""By kind of training data; `alpaca` and `sharegpt` are other formats of sft."""


def stable_meta(row: Row, kind: str, group: str, source: str) -> Row:
    """`meta` with the same keys in every row; nothing of the old one is lost."""
    meta = row.get("meta") or {}
    item = meta.get("item", meta.get("problem", row.get("id", "")))
    said = {name: meta.get(name, "") for name in ("recipe", "engine", "model_hash")}
    known = {**said, "item": item, "group": group, "source": source}
    text = {
        name: value if isinstance(value, str) else "" if value is None else str(value)
        for name, value in known.items()
    }
    found: Row = {name: text.get(name, "") for name in META}
    found["more"] = orjson.dumps(meta).decode()
    if kind == "grpo":
        found |= {"pass_rate": meta.get("pass_rate"), "samples": meta.get("tried")}
    return found


def in_columns(row: Row, columns: Columns) -> Row:
    """The row with exactly these columns, in this order."""
    return {name: row[name] for name in columns}


def features(columns: Columns, *, parquet: bool) -> list[dict[str, Any]]:
    """The columns as the front matter of a dataset card declares them."""
    return [{"name": name, **_feature(kind, parquet)} for name, kind in columns.items()]


def _feature(kind: Any, parquet: bool) -> dict[str, Any]:
    if isinstance(kind, str):
        return {"dtype": "string" if kind == JSON and parquet else kind}
    if isinstance(kind, list):
        inner = _feature(kind[0], parquet)
        return {"list": inner["dtype"] if "dtype" in inner else inner.get("struct", inner)}
    return {"struct": [{"name": name, **_feature(part, parquet)} for name, part in kind.items()]}


def write_parquet(path: Path, rows: Sequence[Row], columns: Columns) -> None:
    """Rows as Parquet, atomically; our own readers turn the JSON text back into objects."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        pa.field(name, _arrow(kind), metadata=JSON_TEXT if kind == JSON else None)
        for name, kind in columns.items()
    ]
    arrays = []
    for field, kind in zip(fields, columns.values(), strict=True):
        values = [row[field.name] for row in rows]
        if kind == JSON:
            values = [orjson.dumps(value).decode() for value in values]
        arrays.append(pa.array(values, field.type))
    with atomic_writer(path) as file:
        pq.write_table(pa.table(arrays, schema=pa.schema(fields)), file)


def _arrow(kind: Any) -> Any:
    import pyarrow as pa

    if isinstance(kind, list):
        return pa.list_(_arrow(kind[0]))
    if isinstance(kind, dict):
        return pa.struct([pa.field(name, _arrow(part)) for name, part in kind.items()])
    return {"string": pa.string(), JSON: pa.string(), "bool": pa.bool_()}.get(kind) or getattr(pa, kind)()
