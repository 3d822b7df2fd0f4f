"""`datagen check` beside json and plain jsonschema: a million rows of each kind, and of one's own schema.

From the bytes of a file to the verdict on each row, on one core, in turns: ours reads the whole file, the
peer (`json.loads`, and the errors of a `Draft202012Validator` made once) a sample of its lines, anew in each
round, for the file would take it minutes. Figures are medians over the rounds of processor time a row; the
ratio is that of a round. Rows are problems as `datagen problems` makes them, all families, and the other
kinds made from these; a share of them is spoilt in many ways. Then every error of ours, on every spoilt row,
is held against jsonschema's: place and message. Last the command itself, with one process and with two: time
on the clock and memory of all its processes. Asserts nothing about time.

    python benchmarks/check.py                        six times a million rows, 0.1% spoilt: some ten minutes
    python benchmarks/check.py --faulty 0.01          one row in a hundred is spoilt
    python benchmarks/check.py --rows 100000 --only preference,own
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROUNDS = 5
DISTINCT_ROWS = 6_000
PEER_ROWS = 2_000
MEBIBYTE = 1 << 20
SYSTEM = {"role": "system", "content": "You are a patient teacher. Show your steps."}
AGAIN = {"role": "user", "content": "Are you sure? Check it again, please."}

OWN_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{6}$"},
        "title": {"type": "string", "minLength": 3, "maxLength": 120},
        "language": {"enum": ["en", "de", "fr", "es", "it", "pt", "nl", "pl"]},
        "difficulty": {"type": "integer", "minimum": 1, "maximum": 10},
        "score": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "minItems": 1, "maxItems": 8},
        "author": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "email": {"type": ["string", "null"], "maxLength": 80},
                "age": {"type": "integer", "minimum": 0, "maximum": 150},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "thought": {"type": "string", "minLength": 1},
                    "value": {"anyOf": [{"type": "number"}, {"type": "string", "maxLength": 40}]},
                },
                "required": ["thought", "value"],
                "additionalProperties": False,
            },
            "minItems": 1,
        },
        "source": {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": "book"}, "isbn": {"type": "string", "minLength": 10}},
                    "required": ["kind", "isbn"],
                },
                {
                    "type": "object",
                    "properties": {
                        "kind": {"const": "page"},
                        "url": {"type": "string", "pattern": "^https?://"},
                    },
                    "required": ["kind", "url"],
                },
            ]
        },
    },
    "required": ["id", "title", "language", "difficulty", "tags", "author", "steps", "source"],
    "additionalProperties": False,
    "$defs": {"tag": {"type": "string", "minLength": 2, "maxLength": 24}},
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A file of rows, and what they are checked against."""

    name: str
    path: Path
    kind: str | None
    schema_path: Path | None
    schema: Row
    spoilt: list[int]


@dataclass(frozen=True)
class Turn:
    """Seconds of processor time a row in one round."""

    ours: float
    peer: float


def problems(folder: Path) -> list[Row]:
    """Problems of all families and levels, as the command makes them."""
    path = folder / "distinct.jsonl"
    command = [sys.executable, "-m", "datagen", "problems", "--family", "all", "--count", str(DISTINCT_ROWS)]
    subprocess.run([*command, "--out", str(path)], cwd=ROOT, check=True, capture_output=True)
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def row_of(name: str, problem: Row, index: int, rng: random.Random) -> Row:
    """A row of a kind made from a problem: one conversation in five has a system turn, one in ten goes on."""
    answer = {"role": "assistant", "content": problem["solution"]}
    prompt = [SYSTEM, *problem["prompt"]] if rng.random() < 0.2 else problem["prompt"]
    prompt = [*prompt, answer, AGAIN] if rng.random() < 0.1 else prompt
    meta = {"recipe": "benchmark", "seed": 0, "index": index}
    if name == "problem":
        return problem | {"id": f"{problem['id']}-{index}"}
    if name == "corpus":
        return {"text": f"{problem['question']}\n{problem['solution']}", "meta": meta}
    if name == "instruction":
        return {"messages": [*prompt, answer], "meta": meta}
    if name == "preference":
        worse = {"role": "assistant", "content": f"I think it is {problem['answer'][::-1]}."}
        return {"prompt": prompt, "chosen": [answer], "rejected": [worse], "meta": meta}
    if name == "attempt":
        verdict = {"status": "correct", "method": problem["spec"]["kind"], "reason": "the same value"}
        row = {"id": problem["id"], "prompt": prompt, "completion": [answer], "answer": problem["answer"]}
        row |= {"spec": problem["spec"], "sample": index % 8, "verdict": verdict, "reward": 1.0}
        return row | {"meta": meta}
    lines = problem["solution"].split("\n")[:6]
    page = {"kind": "page", "url": f"https://example.org/{index}"}
    return {
        "id": f"AB-{index % 1_000_000:06}",
        "title": problem["question"][:110] or "none",
        "language": rng.choice(OWN_SCHEMA["properties"]["language"]["enum"]),
        "difficulty": problem["level"],
        "score": rng.random(),
        "tags": [problem["field"], problem["family"][:24]],
        "author": {"name": "Ada", "email": None, "age": index % 100},
        "steps": [{"thought": line or "-", "value": index if index % 2 else line[:40]} for line in lines],
        "source": page if rng.random() < 0.5 else {"kind": "book", "isbn": f"{index:010}"},
    }


def spoilt(row: Row, rng: random.Random) -> Row:
    """The same row with something wrong: one to three faults of many sorts, anywhere in it."""
    row = copy.deepcopy(row)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = list(_places(row))
        if not places:
            break
        place, key = rng.choice(places)
        harm = rng.randrange(5)
        if harm == 0:
            del place[key]
        elif harm == 1 and isinstance(place, dict):
            place[f"extra_{rng.randrange(3)}"] = 1
        else:
            place[key] = rng.choice((None, 5, -7.5, "", "?" * 200, [], {}, True, [{"role": "bot"}]))
    return row


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a row with each of its keys; the row itself is one."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def case(name: str, source: list[Row], rows: int, faulty: float, folder: Path) -> Case:
    """Write the file of a kind; every so many rows one is spoilt."""
    from schemas.checking.checker import schema

    rng = random.Random(f"{name}-{rows}")
    path, every, harmed = folder / f"{name}.jsonl", round(1 / faulty) if faulty else 0, []
    with path.open("wb", buffering=MEBIBYTE) as file:
        for index in range(rows):
            row = row_of(name, source[index % len(source)], index, rng)
            if every and index % every == every // 2:
                row = spoilt(row, rng)
                harmed.append(index + 1)
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    if name != "own":
        return Case(name, path, name, None, schema(name), harmed)
    schema_path = folder / "own.schema.json"
    schema_path.write_text(json.dumps(OWN_SCHEMA))
    return Case(name, path, None, schema_path, OWN_SCHEMA, harmed)


def sample(path: Path, rng: random.Random) -> list[bytes]:
    """Some consecutive lines of a file, from anywhere in it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(rng.randrange(size // 2))
        file.readline()
        return [line for line, _ in zip(file, range(PEER_ROWS), strict=False)]


def turn(case: Case, rows: int, rng: random.Random) -> Turn:
    """One round: the peer on a sample, ours on the file."""
    from jsonschema import Draft202012Validator

    from schemas.check import check_file

    lines = sample(case.path, rng)
    validator = Draft202012Validator(case.schema)

    def peer() -> None:
        for line in lines:
            list(validator.iter_errors(json.loads(line)))

    def ours() -> None:
        for _ in check_file(case.path, case.kind, schema=case.schema_path):
            pass

    return Turn(peer=_seconds(peer) / len(lines), ours=_seconds(ours) / rows)


def _seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compared(case: Case) -> tuple[int, int]:
    """Errors of ours on spoilt rows, and how many of them are not jsonschema's, or are missing."""
    from jsonschema import Draft202012Validator

    from schemas.check import check_file, pointer
    from schemas.checking.rules import RULES

    validator = Draft202012Validator(case.schema)
    by_rules = {"roles-alternate", "last-turn", "chosen-differs"} if RULES.get(case.name) else set()
    found: dict[int, list[tuple[str, str]]] = {}
    for fault in check_file(case.path, case.kind, schema=case.schema_path):
        if fault.keyword not in by_rules and fault.line is not None:
            found.setdefault(fault.line, []).append((fault.pointer, fault.reason))
    count = wrong = 0
    wanted = set(case.spoilt) | found.keys()
    with case.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number not in wanted:
                continue
            errors = [(pointer(e.absolute_path), e.message) for e in validator.iter_errors(json.loads(line))]
            ours = found.get(number, [])
            count += len(ours)
            wrong += len(set(errors) ^ set(ours)) or abs(len(errors) - len(ours))
    return count, wrong


def command(case: Case, workers: int) -> tuple[float, float]:
    """Seconds on the clock and the most memory in MiB, all processes together, of the command itself."""
    against = ["--schema", str(case.schema_path)] if case.schema_path else ["--kind", str(case.kind)]
    words = [sys.executable, "-m", "datagen", "check", str(case.path), *against, "--workers", str(workers)]
    start, most = time.perf_counter(), 0
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, sum(_resident(pid) for pid in _family(process.pid)))
        time.sleep(0.02)
    return time.perf_counter() - start, most / MEBIBYTE


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _resident(pid: int) -> int:
    """Bytes of memory a process has to itself or shares; shared pages count in each."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--faulty", type=float, default=0.001)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="instruction,preference,problem,attempt,corpus,own")
    arguments = parser.parse_args()
    cores = os.sched_getaffinity(0)
    turns: list[list[Turn]] = []
    say = f"{'rows':<12} {'ours us':>8} {'rows/s':>9} {'MB/s':>6} {'peer us':>8} {'ratio':>6} {'errors':>8}"
    print(say + f" {'differ':>6} | clock s and MiB: one process, two")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = problems(folder)
        for which in arguments.only.split(","):
            this = case(which, source, arguments.rows, arguments.faulty, folder)
            rng = random.Random(0)
            os.sched_setaffinity(0, {min(cores)})
            done = [turn(this, arguments.rows, rng) for _ in range(arguments.rounds)]
            errors, differ = compared(this)
            os.sched_setaffinity(0, cores)
            (one_s, one_mib), (two_s, two_mib) = command(this, 1), command(this, 2)
            turns.append(done)
            ours = statistics.median(t.ours for t in done)
            peer = statistics.median(t.peer for t in done)
            ratio = statistics.median(t.peer / t.ours for t in done)
            size = this.path.stat().st_size / arguments.rows / ours / 1e6
            print(
                f"{which:<12} {ours * 1e6:8.2f} {1 / ours:9,.0f} {size:6,.0f} {peer * 1e6:8.1f} {ratio:6.1f} "
                f"{errors:8,} {differ:6,} | {one_s:.1f} s {one_mib:.0f} MiB, {two_s:.1f} s {two_mib:.0f} MiB",
                flush=True,
            )
            this.path.unlink()
    total = [sum(t.peer for t in round_) / sum(t.ours for t in round_) for round_ in zip(*turns, strict=True)]
    print(f"all rows together: {statistics.median(total):.1f} times json and jsonschema, on one core")


if __name__ == "__main__":
    main()
