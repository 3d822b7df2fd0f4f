"""Settings for a kind of machine, by stage: what `--preset` of `sft`, `dpo` and `grpo` starts from.

The GPU ones come from arithmetic (weights in 4 bits, an adapter, activations kept only at block borders), and
none of them has been run on its card; `cpu` has. docs/training.md says which sizes of model they are for.
"""

from __future__ import annotations

from typing import Any

Presets = dict[str, dict[str, Any]]

_LORA = {"tune": "lora", "lora_rank": 16, "warmup_steps": 5, "schedule": "cosine"}
_QLORA = _LORA | {"tune": "qlora", "gradient_checkpointing": True}


def _machines(cpu: dict[str, Any], shared: dict[str, Any], sizes: dict[str, tuple[int, int, int]]) -> Presets:
    """One preset a machine; `sizes` are batch size, accumulation and longest sequence."""
    gpu = {
        name: _QLORA | shared | {"batch_size": batch, "accumulation": parts, "max_length": length}
        for name, (batch, parts, length) in sizes.items()
    }
    return {"cpu": _LORA | shared | cpu} | gpu


SFT = _machines(
    cpu={"batch_size": 4, "accumulation": 4, "max_length": 512},
    shared={"learning_rate": 2e-4},
    sizes={
        "laptop-6gb": (1, 16, 1024),
        "laptop-8gb": (1, 16, 2048),
        "laptop-12gb": (2, 8, 2048),
        "desktop-16gb": (2, 8, 2048),
        "desktop-24gb": (4, 4, 2048),
    },
)

# A pair is two sequences, so half the batch, or half the length.
DPO = _machines(
    cpu={"batch_size": 2, "accumulation": 8, "max_length": 512},
    shared={"learning_rate": 1e-5, "sft_weight": 0.2},
    sizes={
        "laptop-6gb": (1, 16, 512),
        "laptop-8gb": (1, 16, 1024),
        "laptop-12gb": (1, 16, 2048),
        "desktop-16gb": (1, 16, 2048),
        "desktop-24gb": (2, 8, 2048),
    },
)

# Forward passes follow from `prompts` x `samples`, so there is no accumulation to set. The rate is constant:
# a collapse halves it.
_GROUPS = {"prompts": 8, "samples": 8, "schedule": "constant"}


def _grpo(batch: int, tokens: int) -> dict[str, Any]:
    """`tokens` for an answer, and as many again for its problem."""
    return {"batch_size": batch, "max_tokens": tokens, "max_length": 2 * tokens} | _GROUPS


GRPO: Presets = {
    "cpu": _LORA | {"learning_rate": 1e-5} | _grpo(8, 128),
    "laptop-6gb": _QLORA | {"learning_rate": 1e-5} | _grpo(1, 384),
    "laptop-8gb": _QLORA | {"learning_rate": 1e-5} | _grpo(2, 512),
    "laptop-12gb": _QLORA | {"learning_rate": 1e-5} | _grpo(4, 512),
    "desktop-16gb": _QLORA | {"learning_rate": 1e-5} | _grpo(4, 768),
    "desktop-24gb": _QLORA | {"learning_rate": 1e-5} | _grpo(8, 1024),
}
