"""Loads the field modules, which enter their families, and finds a family by name."""

from __future__ import annotations

from importlib import import_module

from datagen.problems.family import Family, registered
from schemas import unknown_name

MODULES = (
    "arithmetic",
    "fractions",
    "algebra",
    "polynomials",
    "number_theory",
    "logic",
    "syllogisms",
    "deduction",
)
"""The modules that hold families, in the order they are listed to a reader."""


def families() -> dict[str, Family]:
    """Every family there is, by name: module by module, and in the order each module defines them."""
    for module in MODULES:
        import_module(f"datagen.problems.{module}")
    entered = registered().values()
    return {f.name: f for module in MODULES for f in entered if f.module == module}


def find(name: str) -> Family:
    """The family called `name`; `UserError` naming the nearest one when there is none."""
    known = families()
    if name not in known:
        raise unknown_name("family", name, known)
    return known[name]
