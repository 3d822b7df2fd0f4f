"""Ten thousand rows through five JSON Schemas: are all finished ones valid, and what does a schema cost?

A random model is as adversarial a writer as there is: whatever the mask lets through, it writes. The judge is
jsonschema, which has no part in the masks. The slowdown compares tokens a second under a schema with those of
free answers as long as they, same model, same width, measured in turns. Asserts nothing about time.

    python benchmarks/schemas.py                    10,000 rows, a random model of 5M parameters
    python benchmarks/schemas.py --model FILE.gguf  your own
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests" / "datagen")]


def text(longest: int, **more: Any) -> dict[str, Any]:
    """A text of at most so many characters."""
    return {"type": "string", "maxLength": longest, **more}


def record(**properties: Any) -> dict[str, Any]:
    """An object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMAS: dict[str, dict[str, Any]] = {
    "flat": record(
        question=text(60, minLength=10),
        answer={"type": "integer", "minimum": -999, "maximum": 999},
        score={"type": "number", "minimum": 0, "maximum": 1},
        checked={"type": "boolean"},
        note={"type": ["string", "null"], "maxLength": 20},
    ),
    "nested": record(
        title=text(30),
        authors={
            "type": "array",
            "items": record(
                name=text(20, minLength=1), year={"type": "integer", "minimum": 1900, "maximum": 2030}
            ),
            "minItems": 1,
            "maxItems": 3,
        },
        place=record(
            city=text(20),
            position={
                "type": "array",
                "prefixItems": [
                    {"type": "number", "minimum": -90, "maximum": 90},
                    {"type": "number", "minimum": -180, "maximum": 180},
                ],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
    ),
    "enums": record(
        field={"enum": ["algebra", "geometry", "logic", "number theory", "statistics"]},
        level={"enum": [1, 2, 3, 4, 5]},
        language={"const": "en"},
        tags={
            "type": "array",
            "items": {"enum": ["easy", "long", "drawn", "checked", "new"]},
            "minItems": 1,
            "maxItems": 4,
        },
        verdict={"anyOf": [{"enum": ["right", "wrong"]}, {"type": "null"}]},
    ),
    "regex": record(
        id={"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
        colour={"type": "string", "pattern": "^#[0-9a-f]{6}$"},
        version={"type": "string", "pattern": "^v?\\d{1,2}(\\.\\d{1,2}){2}$"},
        words={"type": "string", "pattern": "^\\w+( \\w+)*$", "maxLength": 30},
        day={"type": "string", "format": "date"},
    ),
    "recursive": {
        "$defs": {
            "node": record(
                value={"type": "integer", "minimum": 0, "maximum": 99},
                children={"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2},
            )
        },
        "$ref": "#/$defs/node",
    },
}


# As people sample, beside the adversarial way of the rows: temperature 1.5 and nothing truncated.
USUAL: dict[str, Any] = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05}
ADVERSARIAL: dict[str, Any] = {"temperature": 1.5}
TIMED_ROWS = 48


@dataclass
class Found:
    """What became of the rows of one schema; rates by the way of sampling, under the schema and free."""

    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    tokens: int = 0
    rates: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def kept(self, way: str) -> float:
        """Tokens a second under the schema, as a share of the free rate beside it."""
        return statistics.median(held / free for held, free in self.rates[way])


def judge(schema: dict[str, Any]) -> Any:
    """jsonschema's own validator, formats included."""
    import jsonschema

    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def measure(engine: Any, options: argparse.Namespace) -> dict[str, Found]:
    """Rows of every schema in rounds, the first of each beside free answers of the same lengths."""
    found = {name: Found() for name in SCHEMAS}
    share = options.rows // len(SCHEMAS) // options.rounds
    for number in range(options.rounds):
        for name, schema in SCHEMAS.items():
            timed = min(share, TIMED_ROWS)
            samples = compare(engine, schema, found[name], "adversarial", ADVERSARIAL, timed, number, options)
            compare(engine, schema, found[name], "usual", USUAL, timed, number, options)
            lengths = [options.max_tokens] * (share - timed)
            samples += write(engine, schema, lengths, number + options.rounds, ADVERSARIAL)[0]
            count(samples, judge(schema), found[name])
            print(f"round {number + 1}, {name}: {len(found[name].faults)} invalid", file=sys.stderr)
    return found


def compare(
    engine: Any,
    schema: dict[str, Any],
    found: Found,
    way: str,
    sampling: dict[str, Any],
    rows: int,
    number: int,
    options: argparse.Namespace,
) -> list[Any]:
    """Samples under the schema; notes their rate, and that of free answers of the same lengths."""
    samples, held = write(engine, schema, [options.max_tokens] * rows, number, sampling)
    lengths = [max(1, sample.token_count) for sample in samples]
    _, free = write(engine, None, lengths, number, sampling)
    found.rates.setdefault(way, []).append((held, free))
    return samples


def count(samples: list[Any], judge: Any, found: Found) -> None:
    """Look at every finished row with eyes of one's own."""
    for sample in samples:
        found.tokens += sample.token_count
        found.reasons[sample.finish_reason] += 1
        if sample.finish_reason != "length" and not judge.is_valid(json.loads(sample.text)):
            found.faults.append(sample.text)


def write(
    engine: Any, schema: Any, lengths: list[int], number: int, sampling: dict[str, Any]
) -> tuple[list[Any], float]:
    """One answer for each length, and tokens a CPU second of this process."""
    from datagen.engines import Request, generate_all

    requests = [
        Request(prompt="A row:", max_tokens=length, seed=number * 100_003 + i, schema=schema, **sampling)
        for i, length in enumerate(lengths)
    ]
    started = time.process_time()
    completions = generate_all(engine, requests)
    seconds = time.process_time() - started
    samples = [sample for completion in completions for sample in completion.samples]
    return samples, sum(sample.token_count for sample in samples) / max(seconds, 1e-9)


def show(name: str, found: Found) -> None:
    """One line of the table, and what is wrong."""
    rows = sum(found.reasons.values())
    columns = [f"{name:10} {rows:7,} {found.reasons['length'] / rows:8.1%} {len(found.faults):8,}"]
    for way, pairs in found.rates.items():
        held, free = (statistics.median(rates) for rates in zip(*pairs, strict=True))
        columns.append(f"{held:7,.0f} of {free:7,.0f} {found.kept(way):5.0%}")
    print("  ".join(columns))
    for text_of_row in found.faults[:3]:
        print(f"    not valid: {text_of_row!a}")


def main() -> None:
    from models import random_model

    from datagen.engines.llama.engine import LlamaCppEngine

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--model", type=Path, help="a GGUF file (default: a random model of 5M parameters)")
    parser.add_argument("--dtype", default="bf16", help="of the random model: f32, f16, bf16, q8_0")
    parser.add_argument("--rows", type=int, default=10_000, help="of all schemas together")
    parser.add_argument("--rounds", type=int, default=5, help="schema and free in turns, so many times")
    parser.add_argument("--width", type=int, default=16, help="samples decoded in one step")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-tokens", type=int, default=256)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or random_model(Path(folder), 5, options.dtype)
        with LlamaCppEngine(model, context=512, width=options.width, threads=options.threads) as engine:
            found = measure(engine, options)
    print(f"{model.name}, width {options.width}, {options.threads} threads")
    print(f"{'':35} tokens a CPU second under the schema, of those free")
    head = f"{'schema':10} {'rows':>7} {'cut off':>8} {'invalid':>8}"
    print(f"{head}  {'temperature 1.5, untruncated':>28}  {'0.8, top-k 40':>24}")
    for name, one in found.items():
        show(name, one)
    finished = sum(sum(one.reasons.values()) - one.reasons["length"] for one in found.values())
    faults = sum(len(one.faults) for one in found.values())
    print(f"{finished:,} finished rows, {finished - faults:,} of them valid by jsonschema")


if __name__ == "__main__":
    main()
