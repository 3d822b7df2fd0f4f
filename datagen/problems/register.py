"""Loads the field modules, which enter their families, and finds a family by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from datagen.problems.equations import STORIES
from datagen.problems.family import Family, registered
from datagen.problems.reasoning_gym import PREFIX, borrowed
from schemas import unknown_name

FIELDS = (
    "arithmetic",
    "algebra",
    "number_theory",
    "combinatorics",
    "graphs",
    "probability",
    "statistics",
    "geometry",
    "calculus",
    "linear_algebra",
    "word_problems",
    "logic",
    "puzzles",
)
"""The folders that hold families, in the order they are listed to a reader."""


@cache
def modules() -> tuple[str, ...]:
    """The names of all modules with families, field by field; within a field, by name."""
    found = []
    for field in FIELDS:
        package = import_module(f"datagen.problems.fields.{field}")
        names = sorted(each.name for each in iter_modules(package.__path__))
        found += [f"{package.__name__}.{name}" for name in names]
    return tuple(found)


def families() -> dict[str, Family]:
    """Every family there is, by name: module by module, and in the order each module defines them."""
    return dict(_families())


@cache
def _families() -> dict[str, Family]:
    for module in modules():
        import_module(module)
    by_module: dict[str, list[Family]] = {}
    for entered in registered().values():
        by_module.setdefault(entered.module, []).append(entered)
    return {each.name: each for module in modules() for each in by_module.get(module, ())}


def find(name: str) -> Family:
    """The family called `name`: ours, `stories` or `reasoning_gym:NAME`; else a `UserError`."""
    if name.startswith(PREFIX):
        return borrowed(name)
    if name == STORIES.name:
        return STORIES
    known = _families()
    if name not in known:
        raise unknown_name("family", name, known)
    return known[name]
