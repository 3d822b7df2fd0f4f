"""Do the tokens of a request depend on what shares its batch? Six compositions of 200 requests, four weights.

Each composition is an engine of another width, lanes and threads, the requests in another order, some of them
left out. Prints a table, and exits with status 1 when any token differs.

    python benchmarks/invariance.py                            random models of 5M parameters, 10 minutes
    python benchmarks/invariance.py --model FILE.gguf          your own
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from models import SIZES, random_model

WIDTHS = (1, 2, 5, 8, 16, 32)
CONTEXT = 1024
SAMPLINGS = ({}, {"temperature": 0.7}, {"top_p": 0.9}, {"top_k": 20}, {"min_p": 0.05}, {"temperature": 0})
Tokens = tuple[tuple[int, ...], ...]


def mixed_requests(count: int) -> list:
    """Prompts of 4 to 600 characters, alone, in chats, with documents in common; 1 to 80 tokens to write."""
    from datagen.engines import Request

    rng = random.Random(7)
    documents = ["".join(rng.choice("the and 0123 xyz") for _ in range(400)) for _ in range(3)]
    requests = []
    for seed in range(count):
        text = "".join(rng.choice("the and 0123 xyz") for _ in range(rng.choice((4, 40, 200, 600))))
        if rng.random() < 0.3:
            text = rng.choice(documents) + text[:200]
        named = {"max_tokens": rng.randint(1, 80), "seed": seed, "n": rng.choice((1, 1, 1, 4))}
        named |= rng.choice(SAMPLINGS)
        if rng.random() < 0.3:
            chat = (
                {"role": "system", "content": rng.choice(documents)[:300]},
                {"role": "user", "content": text},
            )
            requests.append(Request(messages=chat, **named))
        else:
            requests.append(Request(prompt=text, **named))
    return requests


def compose(model: Path, requests: list, width: int, options: argparse.Namespace) -> dict[int, Tokens]:
    """The tokens of a shuffled part of the requests, by number."""
    from datagen.engines import generate_all
    from datagen.engines.llama.engine import LlamaCppEngine

    rng = random.Random(width)
    order = rng.sample(range(len(requests)), len(requests) - len(requests) * rng.randint(0, 3) // 10)
    lanes = 2 if width in (8, 32) else 1
    threads = 2 if width in (8, 16, 32) else 1
    with LlamaCppEngine(
        model, context=CONTEXT, width=width, lanes=lanes, threads=threads, gpu_layers=options.gpu_layers
    ) as engine:
        completions = generate_all(engine, [requests[number] for number in order])
    return {
        number: tuple(sample.tokens for sample in completion.samples)
        for number, completion in zip(order, completions, strict=True)
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--model", type=Path, help="a GGUF file with a chat template (default: random models)"
    )
    parser.add_argument("--params", type=int, default=5, choices=SIZES, help="millions, of the random model")
    parser.add_argument("--dtype", default="f16,bf16,q8_0,q4_0", help="of the random models")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--gpu-layers", type=int, default=0)
    options = parser.parse_args()
    requests, failed = mixed_requests(options.requests), False
    print(f"{'weights':>10}" + "".join(f"{f'width {width}':>18}" for width in WIDTHS))
    with tempfile.TemporaryDirectory() as folder:
        for dtype in ["file"] if options.model else options.dtype.split(","):
            model = options.model or random_model(Path(folder), options.params, dtype)
            known: dict[int, Tokens] = {}
            print(f"{dtype:>10}", end="", flush=True)
            started, tokens = time.perf_counter(), 0
            for width in WIDTHS:
                found = compose(model, requests, width, options)
                differ = sum(known.setdefault(number, answer) != answer for number, answer in found.items())
                tokens += sum(len(sample) for answer in found.values() for sample in answer)
                failed |= differ > 0
                print(f"{f'{differ} of {len(found)} differ':>18}", end="", flush=True)
            distinct = len(set(known.values()))
            print(f"   {distinct} distinct answers, {tokens:,} tokens, {time.perf_counter() - started:.0f} s")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
