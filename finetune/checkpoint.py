"""Checkpoints of our own training loops: all of a step or nothing of it, random numbers included.

The Trainer-based stages have transformers' own (see `training.py`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from finetune.disk import writing
from finetune.tuning import is_adapted, trained_weights

NAME = "checkpoint.pt"


def save_checkpoint(out: Path, step: int, modules: dict[str, Any], optimizer: Any) -> None:
    """Write weights, optimizer and random state after `step`; a kill meanwhile leaves the one before.

    Raises `UserError` when the disk is full.
    """
    import torch

    folder = out / "checkpoints"
    folder.mkdir(exist_ok=True)
    temporary = folder / f".{NAME}"
    state = {
        "step": step,
        "modules": {name: _state(module) for name, module in modules.items()},
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }
    with writing(folder):
        torch.save(state, temporary)
        os.replace(temporary, folder / NAME)


def load_checkpoint(out: Path, modules: dict[str, Any], optimizer: Any) -> int:
    """Bring everything back to the last checkpoint; the step it was taken after, 0 without one."""
    import torch

    path = out / "checkpoints" / NAME
    if not path.exists():
        return 0
    state = torch.load(path, map_location="cpu", weights_only=True)
    for name, module in modules.items():
        _restore(module, state["modules"][name])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["random_cuda"])
    step: int = state["step"]
    return step


def _state(module: Any) -> dict[str, Any]:
    """What training changes: of a model under an adapter, the adapter alone."""
    state: dict[str, Any] = trained_weights(module) if is_adapted(module) else module.state_dict()
    return state


def _restore(module: Any, state: dict[str, Any]) -> None:
    if not is_adapted(module):
        module.load_state_dict(state)
        return
    unknown = module.load_state_dict(state, strict=False).unexpected_keys
    assert not unknown, unknown
