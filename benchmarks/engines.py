"""The llama.cpp engine beside its peers: same file, same prompts, same sampling, in turns, in one run.

    Llama, one by one   llama-cpp-python's high-level class, as distilabel's `LlamaCppLLM` uses it
    xllamacpp           the llama-server inside the package, a slot a row, asked from threads
    homegrown           ours, at each width
    bare llama_decode   what ours would be if a step were nothing but the decode of its rows

Medians of the repetitions. `wall` is by the clock on the wall; `cpu` by the processor time of all threads,
which other processes on the machine disturb less. Asserts nothing about time.

    python benchmarks/engines.py                               a random model of 5M parameters
    python benchmarks/engines.py --params 60 --dtype bf16,f16,q4_0 --threads 2 --widths 16,32
    python benchmarks/engines.py --model FILE.gguf             your own
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import SIZES, random_model

SAMPLING: dict[str, Any] = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05}
CONTEXT = 1024


@dataclass(frozen=True)
class Workload:
    """`prompts` texts of about `prompt_tokens` tokens, `samples` answers each."""

    name: str
    prompts: int
    samples: int
    prompt_tokens: int

    def texts(self) -> list[str]:
        """Distinct prompts; a byte is about a token for the random model, four for a trained one."""
        filler = "q7#Zk!x9@Vw2$Jp5%Yt8^Hs3&Ln6*Gd1(Fb4)Rc0"
        return [f"{index:04d} {filler * 99}"[: self.prompt_tokens] for index in range(self.prompts)]


@dataclass
class Measured:
    """New tokens, and what they took."""

    tokens: int
    wall_s: float
    cpu_s: float
    watch: Watch | None = None


@contextmanager
def clocks(found: list[float]) -> Iterator[None]:
    """Append the wall and the processor seconds of what runs inside."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    found += [time.perf_counter() - wall, time.process_time() - cpu]


Contender = Callable[[Path, Workload, argparse.Namespace], Measured]


def one_by_one(threads: int) -> Contender:
    """The high-level `Llama`, which reuses the prefix of the prompt before."""

    def run(model: Path, workload: Workload, options: argparse.Namespace) -> Measured:
        from datagen.engines.llama.binding import library

        llama = library().Llama(
            str(model), n_ctx=CONTEXT, n_threads=threads, n_gpu_layers=options.gpu_layers, verbose=False
        )
        names = {"max_tokens": options.new_tokens, **SAMPLING, "repeat_penalty": 1.0}
        spent: list[float] = []
        tokens = 0
        with clocks(spent):
            for number, text in enumerate(workload.texts()):
                for sample in range(workload.samples):
                    seed = number * workload.samples + sample
                    answer = llama.create_completion(text, seed=seed, **names)
                    tokens += answer["usage"]["completion_tokens"]
        llama.close()
        return Measured(tokens, *spent)

    return run


def xllamacpp_server(slots: int) -> Contender:
    """The server in this process, `slots` sequences at a time, every sample a request of its own."""

    def run(model: Path, workload: Workload, options: argparse.Namespace) -> Measured:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.n_ctx, params.n_parallel, params.n_gpu_layers = CONTEXT * slots, slots, options.gpu_layers
        params.verbosity, params.warmup = 0, False
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
        server: Any = xllamacpp.Server(params)

        def ask(job: tuple[int, str], server: Any = server) -> int:
            seed, text = job
            body = {"prompt": text, "n_predict": options.new_tokens, "seed": seed, **SAMPLING}
            return int(server.handle_completions(body)["usage"]["completion_tokens"])

        texts = [text for text in workload.texts() for _ in range(workload.samples)]
        spent: list[float] = []
        with ThreadPoolExecutor(2 * slots) as pool, clocks(spent):
            tokens = sum(pool.map(ask, enumerate(texts)))
        del server
        return Measured(tokens, *spent)

    return run


def homegrown(width: int) -> Contender:
    """Ours, and how its processor time is spent."""

    def run(model: Path, workload: Workload, options: argparse.Namespace) -> Measured:
        from datagen.engines import Request, generate_all
        from datagen.engines.llama.engine import LlamaCppEngine

        requests = [
            Request(prompt=text, n=workload.samples, max_tokens=options.new_tokens, seed=seed, **SAMPLING)
            for seed, text in enumerate(workload.texts())
        ]
        spent: list[float] = []
        with open_ours(LlamaCppEngine, model, width, options) as engine:
            watch = Watch(engine)
            with clocks(spent):
                completions = generate_all(engine, requests)
        tokens = sum(completion.completion_tokens for completion in completions)
        return Measured(tokens, *spent, watch)

    return run


def open_ours(kind: Any, model: Path, width: int, options: argparse.Namespace) -> Any:
    """The engine, with the threads asked for."""
    return kind(
        model,
        context=CONTEXT,
        width=width,
        threads=options.threads,
        gpu_layers=options.gpu_layers,
        lanes=options.lanes,
    )


class Watch:
    """Where the time of an engine goes, from now on.

    In the workers' processor time: `worker_s` in all, `c_s` of it inside llama.cpp, `step_s` in steps (a
    decode of all rows and the drawing of their tokens). Of several threads a lane it sees the first alone.
    """

    def __init__(self, engine: Any) -> None:
        from datagen.engines.llama.sampler import Sampler

        self.step_s = self.worker_s = self.c_s = 0.0
        self._lock = threading.Lock()
        for decoder in engine._lanes.decoders:
            self._time(decoder, "advance", self._worked)
            self._time(decoder, "_step", self._stepped)
            for name in ("_decode", "_copy_all", "trim"):
                self._time(decoder.context, name, self._in_c)
        self._time(Sampler, "draw", self._in_c)

    def _time(self, owner: Any, name: str, note: Callable[[float], None]) -> None:
        original = getattr(getattr(owner, name), "original", getattr(owner, name))

        def run(*arguments: Any, **named: Any) -> Any:
            cpu = time.thread_time()
            try:
                return original(*arguments, **named)
            finally:
                with self._lock:
                    note(time.thread_time() - cpu)

        run.original = original  # type: ignore[attr-defined]
        setattr(owner, name, run)

    def _worked(self, cpu: float) -> None:
        self.worker_s += cpu

    def _stepped(self, cpu: float) -> None:
        self.step_s += cpu

    def _in_c(self, cpu: float) -> None:
        self.c_s += cpu


def bare(width: int) -> Contender:
    """`llama_decode` of the same rows in the same lanes, their prompts read before, and nothing else."""

    def run(model: Path, workload: Workload, options: argparse.Namespace) -> Measured:
        from datagen.engines.llama.engine import LlamaCppEngine

        start, end = workload.prompt_tokens, workload.prompt_tokens + options.new_tokens - 1
        total = workload.prompts * workload.samples * (options.new_tokens - 1)
        with open_ours(LlamaCppEngine, model, width, options) as engine:
            decoders = engine._lanes.decoders
            for decoder in decoders:
                prompt = engine.tokenize(workload.texts()[0])[:start]
                prompt += [5] * (start - len(prompt))
                decoder.context.prefill(0, prompt)
                for sequence in range(1, decoder.width):
                    decoder.context.copy(0, sequence, start)

            def decode(decoder: Any) -> None:
                context, rows, left = decoder.context, range(decoder.width), total // len(decoders)
                while left > 0:
                    for position in range(start, end):
                        context.step(rows, [7] * len(rows), [position] * len(rows))
                    left -= len(rows) * (end - start)
                    for sequence in rows:
                        context.trim(sequence, start)

            spent: list[float] = []
            with ThreadPoolExecutor(len(decoders)) as pool, clocks(spent):
                list(pool.map(decode, decoders))
            rounds = [-(-(total // len(decoders)) // (d.width * (end - start))) for d in decoders]
            tokens = sum(r * d.width * (end - start) for r, d in zip(rounds, decoders, strict=True))
        return Measured(tokens, *spent)

    return run


def contenders(options: argparse.Namespace) -> dict[str, Contender]:
    """Who takes part, by name."""
    found: dict[str, Contender] = {}
    for threads in sorted({1, options.threads}):
        found[f"Llama, one by one, {threads} thread{'s' * (threads > 1)}"] = one_by_one(threads)
    if not options.no_xllamacpp:
        for slots in (1, 8):
            found[f"xllamacpp, {slots} slot{'s' * (slots > 1)}"] = xllamacpp_server(slots)
    for width in options.widths:
        found[f"homegrown, width {width}"] = homegrown(width)
        found[f"  bare llama_decode, width {width}"] = bare(width)
    return found


def medians(runs: list[Measured]) -> Measured:
    """The repetition in the middle, by wall rate; its processor time is the median of all."""
    middle = sorted(runs, key=lambda run: run.tokens / run.wall_s)[len(runs) // 2]
    cpu_rate = statistics.median(run.tokens / run.cpu_s for run in runs)
    return Measured(middle.tokens, middle.wall_s, middle.tokens / cpu_rate, middle.watch)


def report(workload: Workload, results: dict[str, Measured]) -> None:
    """The table of one workload."""
    print(
        f"\n{workload.name} ({workload.prompts} x {workload.samples}, {workload.prompt_tokens} tokens each)"
    )
    peers = [name for name in results if name.startswith("Llama")]
    base_wall = max(results[name].tokens / results[name].wall_s for name in peers)
    base_cpu = max(results[name].tokens / results[name].cpu_s for name in peers)
    print(f"  {'':34}{'tokens/s':>10}{'x':>7}{'tokens/cpu-s':>14}{'x':>7}")
    for name, run in results.items():
        wall, cpu = run.tokens / run.wall_s, run.tokens / run.cpu_s
        print(f"  {name:34}{wall:10,.0f}{wall / base_wall:7.2f}{cpu:14,.0f}{cpu / base_cpu:7.2f}")
        if run.watch:
            own = 1 - run.watch.c_s / run.watch.worker_s
            decoded = results[f"  bare llama_decode, {name.split(', ')[1]}"]
            phase = (run.tokens / run.watch.step_s) / (decoded.tokens / decoded.cpu_s)
            print(
                f"    our own time {own:.1%} of the workers'; their steps at {phase:.0%} of bare llama_decode"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--model", type=Path, help="a GGUF file (default: a random model)")
    parser.add_argument("--params", type=int, default=5, choices=SIZES, help="millions, of the random model")
    parser.add_argument("--dtype", default="f16", help="of the random model: bf16,f16,q4_0,q8_0")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--widths", type=lambda text: [int(part) for part in text.split(",")], default=[16, 32]
    )
    parser.add_argument("--lanes", type=int, help="decoders side by side (default: as the engine chooses)")
    parser.add_argument("--gpu-layers", type=int, default=0, help="-1 for all")
    parser.add_argument("--prompts", type=int, default=64, help="distinct prompts of the first workload")
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--no-xllamacpp", action="store_true")
    options = parser.parse_args()
    workloads = (
        Workload("distinct prompts", options.prompts, 1, 64),
        Workload("8 samples a prompt", max(1, options.prompts // 8), 8, 256),
    )
    with tempfile.TemporaryDirectory() as folder:
        for dtype in [options.dtype] if options.model else options.dtype.split(","):
            model = options.model or random_model(Path(folder), options.params, dtype)
            print(
                f"\n== {model.name}, {options.threads} threads, {options.new_tokens} new tokens ==",
                flush=True,
            )
            for workload in workloads:
                runs: dict[str, list[Measured]] = {name: [] for name in contenders(options)}
                for _ in range(options.repetitions):
                    for name, run in contenders(options).items():
                        runs[name].append(run(model, workload, options))
                report(workload, {name: medians(found) for name, found in runs.items()})


if __name__ == "__main__":
    main()
