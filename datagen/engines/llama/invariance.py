"""Do the tokens of a sample really not depend on what shares its batch? Asked of the opened model itself.

The rules of `schedule.py` make it so wherever it was measured; kernels of another build or processor might
not follow. So the logits of one row are compared, bit by bit, at several widths, places and neighbours.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datagen.engines.llama.binding import Context, Logits, library

HOLDS = "holds"
WIDTHS = (2, 4, 8)
PROBE_TOKENS, HEAD, STEPS = 16, 8, 2
NEEDED_CONTEXT = 64
MOST_ROUNDS, ROUNDS_PARAMETERS = 16, 60_000_000
WORTH_KEEPING_S = 1.0


def batch_invariance(context: Context, widths: Sequence[int] = WIDTHS) -> str:
    """Says "holds", or what changed the bits of a row: "differs at width 8: ... (by up to 3e-03)".

    `context` has as many sequences as the widest of `widths`, of `NEEDED_CONTEXT` tokens or more, and what
    they hold is lost.
    """
    for number in range(_rounds(context)):
        expected: list[Logits] = []
        for name, logits in _compositions(context, widths, random.Random(number)):
            expected = expected or logits
            pairs = list(zip(expected, logits, strict=True))
            # Equal bits, not equal numbers: a NaN is no agreement.
            if any(a.tobytes() != b.tobytes() for a, b in pairs):
                return f"differs {name} (by up to {max(float(np.abs(a - b).max()) for a, b in pairs):.0e})"
    return HOLDS


def _rounds(context: Context) -> int:
    """More for small models, whose few sums often come out the same by chance, and which are quick."""
    return max(1, min(MOST_ROUNDS, ROUNDS_PARAMETERS // max(1, context.model.parameters)))


def _compositions(
    context: Context, widths: Sequence[int], rng: random.Random
) -> Iterator[tuple[str, list[Logits]]]:
    """The probe in one batch after another: a name, and its logits after the prompt and after each step."""
    probe, neighbour = (_tokens(rng, context, PROBE_TOKENS + STEPS) for _ in range(2))
    for place, width in [(widths[0] - 1, widths[0]), *((0, width) for width in widths)]:
        # Neighbours of other lengths each time, and other words in the steps.
        lengths = [rng.randint(2, PROBE_TOKENS) for _ in range(width)]
        rows = [[*neighbour[:length], *_tokens(rng, context, STEPS)] for length in lengths]
        rows[place] = probe
        yield f"at width {width}, place {place}", _steps(context, rows, place)
    if context.model.can_trim and max(widths) > 1:
        yield "after a copied head", _copied(context, probe)


def _tokens(rng: random.Random, context: Context, count: int) -> list[int]:
    return [rng.randrange(context.model.vocabulary_size) for _ in range(count)]


def _steps(context: Context, rows: list[list[int]], place: int) -> list[Logits]:
    """Fill a sequence with each row's tokens but the last few, decode those together; one row's logits."""
    found = [context.prefill(place, rows[place][:-STEPS], cuts=(HEAD,))]
    source = None
    for sequence, tokens in enumerate(rows):
        if sequence == place:
            continue
        if source is None or not context.model.can_trim:
            context.prefill(sequence, tokens[:-STEPS])
            source = sequence, len(tokens) - STEPS
        else:
            # Neighbours begin alike: copies, cut where the copied one ends.
            context.copy(source[0], sequence, min(source[1], len(tokens) - STEPS))
    held = [len(tokens) - STEPS for tokens in rows]
    if source is not None and context.model.can_trim:
        held = [length if at == place else min(length, source[1]) for at, length in enumerate(held)]
    for step in range(STEPS):
        tokens = [row[len(row) - STEPS + step] for row in rows]
        context.step(range(len(rows)), tokens, [length + step for length in held])
        found.append(context.rows(len(rows))[place].copy())
    return found


def _copied(context: Context, probe: list[int]) -> list[Logits]:
    """The probe in sequence 1, its head and then the rest of its prompt copied there, from sequence 0."""
    prompt = probe[:-STEPS]
    context.prefill(0, [*prompt[:HEAD], *reversed(prompt)], cuts=(HEAD,))
    context.copy(0, 1, HEAD)
    found = [context.prefill(1, prompt, start=HEAD, cuts=(HEAD,))]
    context.copy(1, 0, len(prompt))
    for step in range(STEPS):
        at = len(prompt) + step
        context.step([0, 1], [probe[at]] * 2, [at, at])
        found.append(context.rows(2)[0].copy())
    return found


def self_test(
    open_context: Callable[[], Context], widths: Sequence[int], determines: Callable[[], Mapping[str, Any]]
) -> str:
    """`batch_invariance` of a context made for it; what took long is remembered in the user's cache.

    `determines`: what besides build and processor the answer depends on, JSON-ready; asked for when there is
    something to look up or to keep.
    """
    folder = cache_folder()
    known = folder / f"{_key(widths, determines())}.json" if folder.is_dir() else None
    if known is not None and known.is_file():
        return str(json.loads(known.read_text(encoding="utf-8"))["batch_invariance"])
    started = time.perf_counter()
    context = open_context()
    try:
        answer = batch_invariance(context, widths)
    finally:
        context.close()
    seconds = time.perf_counter() - started
    if seconds > WORTH_KEEPING_S:
        _keep(folder / f"{_key(widths, determines())}.json", answer, seconds)
    return answer


def cache_folder() -> Path:
    """Where answers are kept: `homegrown/batch_invariance` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "homegrown" / "batch_invariance"


def _key(widths: Sequence[int], determines: Mapping[str, Any]) -> str:
    lib = library()
    build = [lib.__version__, lib.llama_print_system_info().decode(), processor()]
    told = json.dumps([list(widths), build, determines], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _keep(file: Path, answer: str, seconds: float) -> None:
    partial = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = {"batch_invariance": answer, "seconds": round(seconds, 3)}
        partial.write_text(json.dumps(kept), encoding="utf-8")
        partial.replace(file)
    except OSError:  # a cache that cannot be written costs the next start a second
        partial.unlink(missing_ok=True)


def processor() -> str:
    """What the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    telling = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
    names = [line.partition(":")[2].strip() for line in telling]
    return " ".join([platform.machine(), *dict.fromkeys(names)])
