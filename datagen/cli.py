"""The `datagen` program: looks that the packages are ours, then puts its commands together.

Each command lives in a module of `datagen/commands/`, which says what it does; nothing is decided here.
"""

from __future__ import annotations

from typing import NoReturn

import typer

from datagen.shadow import refuse_shadowed_imports

COMMANDS = (
    *("problems", "families", "corpus", "lessons", "documents"),
    *("instruct", "evolve", "magpie", "rows"),
    *("attempts", "solutions", "stories"),
    *("pairs", "best", "picks"),
    *("filter", "dedup", "fingerprints", "audit", "export"),
    *("check", "prove", "explain", "wording", "doctor"),
)
"""The modules of `datagen/commands/`, in the order of the help. Each has `add(app)`, and imports lightly."""


def main() -> NoReturn:
    """Run `datagen` with the arguments of this process, and exit."""
    refuse_shadowed_imports()
    from schemas.command import run_app

    run_app(program())


def program() -> typer.Typer:
    """The program with all its commands."""
    from importlib import import_module

    from schemas.command import new_app

    app = new_app(
        "datagen",
        "Make training data with local models, and prove it right.",
        examples=[
            "datagen problems --family addition,linear_equation --count 1000 --out problems.jsonl",
            "datagen attempts --problems problems.jsonl --engine llama:model.gguf --out attempts.jsonl",
            "datagen check problems.jsonl attempts.jsonl",
        ],
    )
    for name in COMMANDS:
        import_module(f"datagen.commands.{name}").add(app)
    return app


if __name__ == "__main__":
    main()
