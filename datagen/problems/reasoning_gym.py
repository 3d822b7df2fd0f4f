"""Tasks of reasoning-gym (Stojanovski et al. 2025, arXiv:2505.24760) as families: `reasoning_gym:NAME`.

They come in under our rows, seeds, splits and verifiers; the package's own scorers, of which some pay for a
wrong answer and some execute it, are never asked. Only tasks whose answers a verifier can judge are taken.
Its tasks bring no worked solution and no second route to the answer, so they cannot be proved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import metadata
from typing import Any

from datagen.problems.family import INSTRUCTION, Family, Problem
from datagen.problems.specs import (
    COMPLEX,
    INTEGER,
    LOWEST_TERMS,
    MATRIX,
    RATIONAL,
    TEXT,
    TRUTH,
    checked_by,
)
from datagen.problems.text import boxed
from schemas import UserError, unknown_name
from verifiers import AnswerSpec

PREFIX = "reasoning_gym:"
Metadata = Mapping[str, Any]
Judged = Callable[[Metadata], AnswerSpec]

_WHOLE = (
    *("aiw", "binary_alternation", "chain_sum", "circuit_logic", "count_bits", "count_primes", "gcd"),
    *("largest_island", "lcm", "leg_counting", "letter_counting", "maze", "products", "rectangle_count"),
    *("rotten_oranges", "self_reference", "simple_equations", "simple_geometry"),
)
_EXACT = ("basic_arithmetic", "coin_flip", "decimal_arithmetic", "decimal_chain_sum", "dice", "gsm_symbolic")
_WORDS = (
    *("acre", "base_conversion", "calendar_arithmetic", "family_relationships"),
    *("knights_knaves", "spell_backward", "string_manipulation", "string_insertion", "zebra_puzzles"),
)
_TRUTHS = ("course_schedule", "syllogism")
_OTHERS: dict[str, AnswerSpec] = {
    "complex_arithmetic": COMPLEX,
    "fraction_simplification": LOWEST_TERMS,
    "game_of_life": MATRIX,
}
SPECS: dict[str, AnswerSpec] = {
    **dict.fromkeys(_WHOLE, INTEGER),
    **dict.fromkeys(_EXACT, RATIONAL),
    **dict.fromkeys(_WORDS, TEXT),
    **dict.fromkeys(_TRUTHS, TRUTH),
    **_OTHERS,
}
"""Tasks with one right answer, and how it is compared.

Left out besides those no verifier of ours can judge: tasks whose items change with Python's hash seed
(isomorphic_strings, polynomial_multiplication, ransom_note in 0.1.25), whose curriculum fails
(caesar_cipher), and which call one of several solutions the answer (cryptarithm).
"""


def _countdown(about: Metadata) -> AnswerSpec:
    return checked_by("countdown", numbers=about["numbers"], target=about.get("target", 24), use_all=True)


def _sudoku(about: Metadata) -> AnswerSpec:
    return checked_by("sudoku", givens=[list(row) for row in about["puzzle"]])


def _integral(about: Metadata) -> AnswerSpec:
    return checked_by("antiderivative", integrand=about["integrand"], variable=about["variable"])


def _factors(about: Metadata) -> AnswerSpec:
    return checked_by("integer_factorisation", number=about["number"])


CHECKED: dict[str, Judged] = {
    "countdown": _countdown,
    "puzzle24": _countdown,
    "mini_sudoku": _sudoku,
    "sudoku": _sudoku,
    "simple_integration": _integral,
    "prime_factorization": _factors,
}
"""Tasks with many right answers, and the checker that knows them."""

TASKS = tuple(sorted([*SPECS, *CHECKED]))


@dataclass(eq=False)
class Borrowed(Family):
    """A family whose items another package makes."""

    @cached_property
    def field(self) -> str:
        """Where it comes from, in place of a field."""
        return PREFIX.rstrip(":")


def task_names() -> list[str]:
    """The names of all families that come from there."""
    return [f"{PREFIX}{task}" for task in TASKS]


@cache
def borrowed(name: str) -> Borrowed:
    """The family `reasoning_gym:NAME`. Raises `UserError` without the package, or for a task not taken."""
    task = name.removeprefix(PREFIX)
    if task not in TASKS:
        raise unknown_name("task of reasoning_gym", task, TASKS)
    try:
        version = metadata.version("reasoning-gym")
    except metadata.PackageNotFoundError:
        what = f"'{name}' needs the package reasoning-gym"
        raise UserError(what, mend="pip install reasoning-gym") from None
    major, minor, patch = (int(part) for part in version.split(".")[:3])

    def construct(rng: random.Random, level: int) -> Problem:
        return _problem(task, rng.getrandbits(31), level)

    construct.__doc__ = f"The task '{task}' of reasoning-gym {version}."
    return Borrowed(name, 10_000 * major + 100 * minor + patch, construct, ("{question}",), INSTRUCTION)


def _problem(task: str, seed: int, level: int) -> Problem:
    """The first item of the task with this seed, every knob of its curriculum turned up `level - 1` times."""
    item = _dataset(task, seed, level)[0]
    answer = str(item["answer"]).strip().strip("$")
    judged = CHECKED.get(task)
    spec = judged(item["metadata"]) if judged else SPECS[task]
    question = str(item["question"]).strip()
    return Problem(
        question=question,
        answer=answer,
        spec=spec,
        solution=boxed(answer),
        given={"task": task, "seed": seed},
        key=(PREFIX, task, question),
    )


def _dataset(task: str, seed: int, level: int) -> Any:
    from reasoning_gym.factory import CURRICULA, DATASETS, create_curriculum, create_dataset

    if task not in CURRICULA:
        return create_dataset(task, seed=seed, size=1)
    curriculum = create_curriculum(task)
    for name, knob in curriculum.attributes.items():
        curriculum.set_attr_level(name, min(level - 1, len(knob.levels) - 1))
    configuration = curriculum.generate_configuration({"seed": seed, "size": 1})
    kind, _ = DATASETS[task]
    return kind(config=configuration)
