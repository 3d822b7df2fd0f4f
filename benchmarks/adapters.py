"""What an adapter saves: peak memory and seconds a step of DPO, PPO and GRPO with all weights and with LoRA.

A Llama of random weights, about 20 million of them (or as many as `--width` and `--layers` make), rows made
up. Every run in a process of its own, full and LoRA in turns. Peak memory is the process's resident set less
that of one which only loads the libraries; on a GPU it would be the card's. Medians over the rounds. Asserts
nothing.

    python benchmarks/adapters.py                          four stages, two rounds: a quarter of an hour
    python benchmarks/adapters.py --stages dpo --steps 4
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STAGES = ("sft", "dpo", "ppo", "grpo")
MIB = 1 << 20


def prepared(folder: Path, width: int, layers: int) -> None:
    """A tokenizer, a model, a reward model and rows of each kind, in `folder`."""
    import torch

    from datagen.problems.generate import draw
    from datagen.recipes.corpus import documents
    from finetune.model import ModelShape, load_reward_model, load_tokenizer, new_model, save_model
    from finetune.tokenizer import train_tokenizer
    from schemas import write_rows

    texts = [row["text"] for row in documents(2_000, seed=1)]
    train_tokenizer(texts, 2_048, folder / "tokenizer")
    tokenizer = load_tokenizer(folder / "tokenizer")
    shape = ModelShape(
        width=width, layers=layers, heads=8, key_value_heads=4, feed_forward=width * 11 // 4 // 32 * 32
    )
    model = new_model(shape, tokenizer, seed=0)
    save_model(model, tokenizer, folder / "model")
    torch.manual_seed(0)
    judge = load_reward_model(folder / "model", fresh=True)
    judge.config.pad_token_id = tokenizer.pad_token_id
    save_model(judge, tokenizer, folder / "judge")
    asked = [[{"role": "user", "content": text[:200]}] for text in texts[:256]]
    answered = [[{"role": "assistant", "content": text[:300]}] for text in texts[256:768]]
    write_rows(
        folder / "pairs.jsonl",
        [
            {"prompt": p, "chosen": a, "rejected": b}
            for p, a, b in zip(asked, answered, answered[256:], strict=False)
        ],
    )
    write_rows(folder / "lessons.jsonl", [{"messages": p + a} for p, a in zip(asked, answered, strict=False)])
    write_rows(folder / "problems.jsonl", [draw("addition", 1, "train", number, 0) for number in range(64)])


def settings(stage: str, tune: str, folder: Path, out: Path, steps: int) -> Any:
    """The same work for both: eight sequences a step."""
    from finetune.dpo import DpoSettings
    from finetune.grpo import GrpoSettings
    from finetune.ppo import PpoSettings
    from finetune.sft import SftSettings

    kind, data, more = {
        "sft": (SftSettings, "lessons.jsonl", {"batch_size": 8, "show": 0}),
        "dpo": (DpoSettings, "pairs.jsonl", {"batch_size": 4}),
        "ppo": (
            PpoSettings,
            "pairs.jsonl",
            {"reward_model": folder / "judge", "rollouts": 8, "batch_size": 8, "epochs": 1, "max_tokens": 48},
        ),
        "grpo": (
            GrpoSettings,
            "problems.jsonl",
            {"prompts": 1, "samples": 8, "batch_size": 8, "max_tokens": 48, "kl": 0.05},
        ),
    }[stage]
    shared = {"model": folder / "model", "data": (folder / data,), "out": out, "steps": steps}
    return kind(**shared, **more, tune=tune, learning_rate=1e-4, checkpoint_steps=steps, log_steps=1)


def one(stage: str, tune: str, folder: Path, steps: int) -> dict[str, float]:
    """Run a stage in this process and say what it took."""
    from finetune import dpo, grpo, ppo, sft
    from finetune.environment import prepare
    from finetune.metrics import read_metrics

    prepare()
    import torch
    import trl  # noqa: F401

    with tempfile.TemporaryDirectory() as work:
        functions = {"sft": sft.sft, "dpo": dpo.dpo, "ppo": ppo.ppo, "grpo": grpo.grpo}
        if stage != "none":
            functions[stage](settings(stage, tune, folder, Path(work) / "out", steps))
        lines = read_metrics(Path(work) / "out")
        adapter = sum(f.stat().st_size for f in Path(work).rglob("adapter_model.safetensors"))
    seconds = [line["step_seconds"] for line in lines if "step_seconds" in line][1:]
    peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else _resident()
    return {"peak": peak / MIB, "seconds": statistics.median(seconds or [0.0]), "adapter": adapter / MIB}


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def child(stage: str, tune: str, folder: Path, steps: int) -> dict[str, float]:
    """`one`, in a process of its own."""
    command = [sys.executable, __file__, "--one", stage, tune, str(folder), str(steps)]
    environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stages", default=",".join(STAGES), help="comma-separated")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        stage, tune, folder, steps = given.one
        print(json.dumps(one(stage, tune, Path(folder), int(steps))))
        return
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        prepared(folder, given.width, given.layers)
        size = (folder / "model" / "model.safetensors").stat().st_size / MIB
        idle = child("none", "full", folder, 0)["peak"]
        print(
            f"model of {size:.0f} MiB in float32; the libraries alone take {idle:.0f} MiB, not counted below"
        )
        for stage in given.stages.split(","):
            rounds: dict[str, list[dict[str, float]]] = {"full": [], "lora": []}
            for _ in range(given.rounds):
                for tune in rounds:
                    rounds[tune].append(child(stage, tune, folder, given.steps))
            print(_line(stage, rounds, idle))


def _line(stage: str, rounds: dict[str, list[dict[str, float]]], idle: float) -> str:
    middle = {
        tune: {name: statistics.median(one[name] for one in found) for name in found[0]}
        for tune, found in rounds.items()
    }
    full, lora = middle["full"], middle["lora"]
    peaks = full["peak"] - idle, lora["peak"] - idle
    return (
        f"{stage:5}  peak {peaks[0]:5.0f} MiB full, {peaks[1]:5.0f} MiB lora ({peaks[1] / peaks[0]:.2f})   "
        f"step {full['seconds']:.2f} s full, {lora['seconds']:.2f} s lora "
        f"({lora['seconds'] / full['seconds']:.2f})   adapter {lora['adapter']:.1f} MiB"
    )


if __name__ == "__main__":
    main()
