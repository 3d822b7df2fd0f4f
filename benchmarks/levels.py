"""Are the levels real? A model is grown from nothing on problems of all five, and asked new ones of each.

The stages of the ladder through their own commands: tokenizer, pretraining on worked solutions as text,
instruction tuning on them as answers, export to GGUF, attempts with llama.cpp, verdicts. The share of right
answers should fall from level to level. About a quarter of an hour on two cores; asserts nothing.

    python benchmarks/levels.py --out runs/levels
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAMILIES = ("addition", "subtraction", "chain_sum", "linear_equation", "greatest_common_divisor")


def run(program: str, *arguments: object) -> None:
    """One command of the kit; a folder or file that is finished already costs nothing."""
    command = [sys.executable, "-m", program, *map(str, arguments)]
    print("$", program, *arguments, flush=True)
    subprocess.run(command, cwd=ROOT, env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}, check=True)


def grow(out: Path, rows: int, pretrain_steps: int, sft_steps: int, asked: int) -> None:
    names = ",".join(FAMILIES)
    drawn = ["--family", names, "--seed", 1]
    text, lessons, held_out = out / "text.jsonl", out / "lessons.jsonl", out / "held-out.jsonl"
    run("datagen", "problems", *drawn, "--count", rows, "--render", "corpus", "--out", text)
    run("datagen", "problems", *drawn, "--count", rows // 2, "--render", "instruction", "--out", lessons)
    run("datagen", "problems", *drawn, "--count", asked, "--split", "test", "--out", held_out)
    data = ["--data", text, "--data", lessons, "--vocab-size", 384]
    run("finetune", "tokenizer", *data, "--out", out / "tokenizer")
    shape = ["--width", 128, "--layers", 4, "--heads", 4, "--key-value-heads", 4, "--feed-forward", 384]
    shape += ["--context", 512, "--block", 256, "--tokenizer", out / "tokenizer"]
    steps = ["--steps", pretrain_steps, "--batch-size", 16, "--warmup-steps", 20]
    run("finetune", "pretrain", "--data", text, *shape, *steps, "--out", out / "pretrain")
    steps = ["--steps", sft_steps, "--batch-size", 32, "--warmup-steps", 20, "--learning-rate", 2e-3]
    run("finetune", "sft", "--model", out / "pretrain", "--data", lessons, *steps, "--out", out / "sft")
    model = out / "model.gguf"
    run("finetune", "export", out / "sft", "--gguf", "q8_0", "--out", model)
    answers = ["--samples", 1, "--temperature", 0, "--out", out / "attempts.jsonl"]
    run("datagen", "attempts", "--problems", held_out, "--engine", f"llama:{model}", *answers)
    run("datagen", "families", *FAMILIES, "--levels", "--attempts", out / "attempts.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/levels"))
    parser.add_argument("--rows", type=int, default=100_000, help="problems to pretrain on")
    parser.add_argument("--pretrain-steps", type=int, default=1_200)
    parser.add_argument("--sft-steps", type=int, default=700)
    parser.add_argument("--asked", type=int, default=2_500, help="held-out problems")
    given = parser.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    grow(out, given.rows, given.pretrain_steps, given.sft_steps, given.asked)


if __name__ == "__main__":
    main()
