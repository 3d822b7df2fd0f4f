"""The llama.cpp engine beside llama-cpp-python's high-level `Llama`, one completion after the other.

Same file, same token prompts, same sampling, same threads, measured in turns in one run; the median of the
repetitions counts. The second is how distilabel's `LlamaCppLLM` generates. Asserts nothing about time.

    python benchmarks/engines.py                    a random model of 5M parameters, made on the fly
    python benchmarks/engines.py --model FILE.gguf  your own
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "datagen")]

SAMPLING: dict[str, Any] = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05}


@dataclass(frozen=True)
class Workload:
    """`prompts` texts of about `prompt_tokens` tokens, `samples` answers each."""

    name: str
    prompts: int
    samples: int
    prompt_tokens: int


def make_model(folder: Path, dtype: str) -> Path:
    """A random Llama of 4.7M parameters, in the shape people train first."""
    from tiny_gguf import Shape, vocabulary, write_tiny_gguf

    padding = 4096 - len(vocabulary())
    shape = Shape(layers=5, width=256, heads=4, kv_heads=2, hidden=704, context=2048, padding=padding)
    return write_tiny_gguf(folder / "random-5m.gguf", shape, dtype=dtype)


def texts(workload: Workload) -> list[str]:
    """Distinct prompts; a byte is about a token for the random model, four for a trained one."""
    filler = "the sand and the stone on a hill, 12 or 34; "
    return [f"{index:04d} {filler * 99}"[: workload.prompt_tokens] for index in range(workload.prompts)]


def batched(model: Path, workload: Workload, options: argparse.Namespace) -> tuple[int, float]:
    """(new tokens, seconds) of our engine."""
    from datagen.engines import Request, generate_all
    from datagen.engines.llama_cpp import LlamaCppEngine

    with LlamaCppEngine(model, context=1024, width=options.width, threads=options.threads) as engine:
        requests = [
            Request(prompt=text, n=workload.samples, max_tokens=options.new_tokens, seed=seed, **SAMPLING)
            for seed, text in enumerate(texts(workload))
        ]
        started = time.perf_counter()
        completions = generate_all(engine, requests)
        seconds = time.perf_counter() - started
    return sum(completion.completion_tokens for completion in completions), seconds


def one_by_one(model: Path, workload: Workload, options: argparse.Namespace) -> tuple[int, float]:
    """(new tokens, seconds) of the high-level `Llama`, which reuses the prefix of the prompt before."""
    from datagen.engines.llama_binding import library

    llama = library().Llama(str(model), n_ctx=1024, n_threads=options.threads, verbose=False)
    names = {"prompt": "", "max_tokens": options.new_tokens, **SAMPLING, "repeat_penalty": 1.0}
    started, tokens = time.perf_counter(), 0
    for prompt_seed, text in enumerate(texts(workload)):
        for sample in range(workload.samples):
            seed = prompt_seed * workload.samples + sample
            tokens += llama.create_completion(**{**names, "prompt": text, "seed": seed})["usage"][
                "completion_tokens"
            ]
    seconds = time.perf_counter() - started
    llama.close()
    return tokens, seconds


def measure(
    runs: dict[str, Callable[[Path, Workload, argparse.Namespace], tuple[int, float]]],
    model: Path,
    workload: Workload,
    options: argparse.Namespace,
) -> dict[str, float]:
    """Tokens a second of each, the median over repetitions taken in turns."""
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.repetitions):
        for name, function in runs.items():
            tokens, seconds = function(model, workload, options)
            rates[name].append(tokens / seconds)
    return {name: statistics.median(found) for name, found in rates.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--model", type=Path, help="a GGUF file (default: a random model of 5M parameters)")
    parser.add_argument("--dtype", default="f16", help="of the random model: f32, f16, bf16, q8_0, q4_0")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--width", type=int, default=16, help="samples decoded in one step")
    parser.add_argument("--prompts", type=int, default=32, help="distinct prompts of the first workload")
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    workloads = (
        Workload("distinct prompts", options.prompts, 1, 64),
        Workload("8 samples a prompt", max(1, options.prompts // 8), 8, 256),
    )
    runs = {"homegrown": batched, "Llama, one by one": one_by_one}
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or make_model(Path(folder), options.dtype)
        print(
            f"{model.name}, {options.threads} threads, width {options.width}, {options.new_tokens} new tokens"
        )
        for workload in workloads:
            rates = measure(runs, model, workload, options)
            ours, theirs = rates.values()
            print(f"\n{workload.name} ({workload.prompts} x {workload.samples})")
            for name, rate in rates.items():
                print(f"  {name:20} {rate:9,.0f} tokens/s")
            print(f"  {'ratio':20} {ours / theirs:9.2f}")


if __name__ == "__main__":
    main()
