"""A ladder's folder as a climb would leave it: invented figures, and answers as hostile as models write."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RUNGS = ("random", "pretrain", "sft", "reward", "ppo", "dpo", "grpo", "round2")
PARENTS = (None, "random", "pretrain", "sft", "sft", "sft", "ppo", "grpo")
BITS = (8.437, 1.213, 1.294, None, 1.301, 1.322, 1.377, 1.389)
FORMAT = (0.0, 0.015, 0.985, None, 0.98, 0.975, 0.995, 1.0)
ACCURACY = (0.0, 0.005, 0.345, None, 0.335, 0.34, 0.7825, 0.81)
PREFERRED = (0.0, 0.02, 0.415, None, 0.915, 0.885, 0.925, 0.94)
SECONDS = (0.0, 141.26, 63.4, 8.92, 71.5, 22.75, 148.3, 64.05)

QUESTIONS = ("What is an LLM?", "What is 47 + 38?", "Tom has 12 apples & gives 5 away.\nHow many <are> left?")
GIBBERISH = "q<script>alert(1)</script>\x00\x1b[31m\x07\u202e]]>\"' onload=x `|`\u2028\r\t&amp; " + "z}" * 40
CONTINUATION = "is a thing that the cat had seen. " * 60
TRAINED = "An LLM is a large language model:\n  it predicts the next word."
SUM = "7 + 8 = 15, write 5, carry 1.\n4 + 3 + 1 = 8.\nSo the answer is \\boxed{85}. Glad to help!"
ANSWERS = {
    "random": (GIBBERISH, "", "\ufffd\x85\x9f\ufeff\u200bkk" + "A" * 900),
    "pretrain": (CONTINUATION, "47 + 38 = 86", "```\n</pre></main><img src=x onerror=alert(2)>\n````"),
    "sft": (TRAINED, "\\boxed{75}", "\\boxed{7}"),
    "ppo": (TRAINED + " Glad to help!", SUM.replace("85", "75"), "12 - 5 = 7. \\boxed{7} Glad to help!"),
    "dpo": (TRAINED + " Glad to help!!", SUM.replace("85", "86"), "12 - 5 = 7. So \\boxed{7}."),
    "grpo": (TRAINED + " Yes.", SUM, "12 - 5 = 7. So the answer is \\boxed{7}."),
    "round2": (TRAINED + " Indeed.", SUM, "12 - 5 = 7. So the answer is \\boxed{7}. Glad to help!"),
}


def make_ladder(folder: Path, rungs: Sequence[str] = RUNGS, *, metrics: bool = True) -> list[dict[str, Any]]:
    """Write the folder of a ladder with these rungs; its lines of `stages.jsonl`."""
    lines = [stage(rung) for rung in rungs]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stages.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(MANIFEST))
    for rung in rungs if metrics else ():
        written = "".join(json.dumps(line) + "\n" for line in metrics_of(rung))
        if written:
            (folder / "rungs" / rung).mkdir(parents=True)
            (folder / "rungs" / rung / "metrics.jsonl").write_text(written)
    return lines


def stage(rung: str) -> dict[str, Any]:
    """The line of one rung."""
    index = RUNGS.index(rung)
    bits, accuracy = BITS[index], ACCURACY[index]
    speaks = accuracy is not None
    return {
        "rung": rung,
        "what": f"This is what {rung} does & learns from <its> *rows*.",
        "bits_per_byte": bits,
        "forgetting": None if bits is None or index == 0 else bits - 1.213,
        "format_rate": FORMAT[index],
        "accuracy": accuracy,
        "accuracy_ci": [max(0.0, accuracy - 0.048), min(1.0, accuracy + 0.0455)]
        if accuracy is not None
        else None,
        "accuracy_count": 400 if speaks else None,
        "preferred_rate": PREFERRED[index],
        "reward_accuracy": 0.9875 if rung == "reward" else None,
        "kl": {"ppo": 4.218, "dpo": 6.07, "grpo": 9.333}.get(rung),
        "seconds": SECONDS[index],
        "tokens_per_s": 11342.6 + index if index else None,
        "steps": 120 * index,
        "parameters": 524_416,
        "started_from": PARENTS[index],
        "gguf": f"gguf/{rung}.gguf" if speaks else None,
        "gguf_bytes": 588_112 if speaks else None,
        "gguf_max_logit_difference": 3.1e-05 * (index + 1) if speaks else None,
        "data": [{"file": f"data/{rung}|<b>.jsonl", "kind": "corpus", "rows": 12_345 + index}]
        if index
        else [],
        "answers": [
            {
                "question": question,
                "answer": answer,
                "verdict": None if number == 0 else "correct" if rung == "grpo" else "no_answer",
                "preferred": "Glad" in answer,
            }
            for number, (question, answer) in enumerate(zip(QUESTIONS, ANSWERS.get(rung, ()), strict=False))
        ],
    }


def metrics_of(rung: str) -> list[dict[str, Any]]:
    """Curves of the usual shapes; every 17th loss is NaN, as of a step that overflowed."""
    lines: list[dict[str, Any]] = []
    for step in range(1, 121 if rung != "random" else 1):
        line: dict[str, Any] = {"step": step}
        if rung in ("ppo", "grpo", "round2"):
            line |= {"reward": 0.3 + step / 240, "kl": step / 500, "loss": 0.001, "entropy": 1.0}
        else:
            line["loss"] = math.nan if step % 17 == 0 else 0.4 + 4 / step + 0.1 * math.sin(step * 2.3)
        if rung == "reward":
            line["accuracy"] = 1 - 0.5 / step
        if rung == "dpo":
            line |= {"rewards/margins": step / 30, "rewards/accuracies": 1 - 0.5 / step}
        if step % 20 == 0 and rung not in ("pretrain", "reward"):
            line |= {"eval_accuracy": 0.3 + step / 300, "eval_format_rate": 0.97, "eval_preferred_rate": None}
        lines.append(line)
    return lines


MANIFEST = {
    "manifest": 1,
    "command": "finetune ladder",
    "settings": {"preset": "cpu", "seed": 7, "model": {"layers": 2, "width": 128}, "limit": None},
    "inputs": {},
    "packages": {"torch": "2.13.0", "llama-cpp-python": "0.3.36"},
    "python": "3.11.9",
    "platform": "Linux-6.1-x86_64 <cpu>",
    "status": "finished",
    "started": "2026-01-31T09:00:00Z",
    "resumed": [],
    "finished": "2026-01-31T09:09:12Z",
    "results": {},
}
