"""The `finetune` program: looks that the packages are ours, sets the stage, puts the commands together.

What a command does stands in the module of its stage; nothing is decided here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NoReturn

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
        app_command(app, command.settings, command.function, name=command.name, examples=command.examples)
    return app


def _refuse_shadowed_imports() -> None:
    """Load the check by its file: `datagen` itself may be the package that is not ours."""
    path = Path(__file__).resolve().parent.parent / "datagen" / "shadow.py"
    if not path.is_file():
        return
    spec = importlib.util.spec_from_file_location("homegrown_shadow", path)
    assert spec is not None
    assert spec.loader is not None
    shadow = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = shadow
    spec.loader.exec_module(shadow)
    shadow.refuse_shadowed_imports()


if __name__ == "__main__":
    main()
