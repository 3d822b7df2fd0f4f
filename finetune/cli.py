"""The `finetune` program: looks that the packages are ours, sets the stage, puts the commands together.

What a command does stands in the module of its stage; nothing is decided here.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import typer


def main() -> NoReturn:
    """Run `finetune` with the arguments of this process, and exit."""
    _refuse_shadowed_imports()
    from finetune.environment import prepare
    from schemas.command import run_app

    prepare()
    run_app(program())


def program() -> typer.Typer:
    """The program with all its commands, in the order of the ladder."""
    from finetune.commands import COMMANDS
    from schemas.command import app_command, new_app

    app = new_app(
        "finetune",
        "Train a model on your own machine through all four stages, and export it as GGUF.",
        examples=[
            "finetune ladder --preset cpu --out runs/demo",
            "finetune sft --model MODEL --data sft.jsonl --out runs/sft",
            "finetune export runs/sft --gguf q8_0 --out model.gguf",
        ],
    )
    for command in COMMANDS:
        function = _with_packages(command.function)
        app_command(app, command.settings, function, name=command.name, examples=command.examples)
    return app


def _with_packages(function: Callable[[Any], int | None]) -> Callable[[Any], int | None]:
    """The function, which first looks that what it needs is installed: `--help` does without."""
    from finetune.environment import require_training_packages

    @functools.wraps(function)
    def call(settings: Any) -> int | None:
        require_training_packages()
        return function(settings)

    return call


def _refuse_shadowed_imports() -> None:
    """Load the check by its file: `datagen` itself may be the package that is not ours."""
    path = Path(__file__).resolve().parent.parent / "datagen" / "shadow.py"
    if not path.is_file():
        return
    spec = importlib.util.spec_from_file_location("homegrown_shadow", path)
    assert spec is not None
    assert spec.loader is not None
    shadow = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = shadow
    spec.loader.exec_module(shadow)
    shadow.refuse_shadowed_imports()


if __name__ == "__main__":
    main()
