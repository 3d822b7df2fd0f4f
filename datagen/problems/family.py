"""What a problem and a family of problems are, and the register every family is entered in.

A family is a function `(rng, level) -> Problem` whose answer is known by construction, together with a
proof that finds the answer again from the given data alone. Seeds, splits and rows are `generate.py`'s.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

from verifiers import AnswerSpec

Given = dict[str, Any]
Construct = Callable[[random.Random, int], "Problem"]
Prover = Callable[[Given], str]
Variants = Callable[[Given, str], tuple[list[str], list[str]]]
Split = Literal["train", "valid", "test"]

LEVELS = (1, 2, 3, 4, 5)
SPLITS: tuple[Split, ...] = ("train", "valid", "test")


class Problem(NamedTuple):
    """One question whose answer is known to be true.

    `solution` is the worked answer, and ends in `\\boxed{answer}`. `given` is all the question states, as
    JSON data, enough for the family's proof to find the answer again. `key` is the mathematics alone, in
    ints, strings and tuples: two problems that differ only in wording, or in an order that changes
    nothing (3 + 5 and 5 + 3), have one key.
    """

    question: str
    answer: str
    spec: AnswerSpec
    solution: str
    given: Given
    key: tuple[Any, ...]


@dataclass(eq=False)
class Family:
    """A registered construction with its wordings and its proof. Calling it makes one problem.

    `instruction` is what the prompt adds after the question; empty where the question is all a model sees.
    """

    name: str
    version: int
    construct: Construct
    wordings: tuple[str, ...]
    instruction: str
    levels: tuple[int, ...] = LEVELS
    prover: Prover | None = None
    varied: Variants | None = None

    def __call__(self, rng: random.Random, level: int) -> Problem:
        return self.construct(rng, level)

    @property
    def summary(self) -> str:
        """The first line of the construction's docstring."""
        return (self.construct.__doc__ or "").strip().partition("\n")[0]

    @cached_property
    def field(self) -> str:
        """The folder of `fields/` that holds its module."""
        return self.construct.__module__.split(".")[-2]

    @property
    def module(self) -> str:
        """The full name of the module that defines it."""
        return self.construct.__module__

    def ask(self, rng: random.Random, /, **slots: object) -> str:
        """One of the family's wordings with its slots filled."""
        return self.wordings[int(rng.random() * len(self.wordings))].format(**slots)

    def proof(self, prover: Prover) -> Prover:
        """Register the independent route, `given -> answer`, as a decorator.

        It must share no code with the construction: sympy, enumeration or a truth table over `given`.
        """
        if self.prover is not None:
            raise ValueError(f"family '{self.name}' has two proofs")
        self.prover = prover
        return prover

    def variants(self, varied: Variants) -> Variants:
        """Register `(given, answer) -> (other spellings, near misses)`, as a decorator.

        They come on top of those of the answer's kind (see `variants/`). A family whose answers a checker
        judges has no others, and must give some.
        """
        if self.varied is not None:
            raise ValueError(f"family '{self.name}' has two sets of variants")
        self.varied = varied
        return varied


INSTRUCTION = "Show your steps and put the final answer in \\boxed{}."

_REGISTER: dict[str, Family] = {}


def family(
    *, name: str, wordings: tuple[str, ...], version: int = 1, instruction: str = INSTRUCTION
) -> Callable[[Construct], Family]:
    """Enter `def f(rng, level) -> Problem` in the register under `name`; its field is the folder it lies in.

    `wordings` are at least three ways to ask the question, as `str.format` templates. Raise `version`
    whenever the same seed would no longer make the same problem.
    """
    if len(set(wordings)) < 3:
        raise ValueError(f"family '{name}' needs at least three wordings")

    def register(construct: Construct) -> Family:
        if name in _REGISTER:
            raise ValueError(f"two families are named '{name}'")
        entered = Family(name, version, construct, wordings, instruction)
        _REGISTER[name] = entered
        return entered

    return register


def registered() -> dict[str, Family]:
    """Every family entered so far, by name, in the order of entry."""
    return dict(_REGISTER)


def mark_of(problem: Problem) -> int:
    """64 bits that name the mathematics of a problem, whatever its wording."""
    return int.from_bytes(blake2b(repr(problem.key).encode(), digest_size=8).digest(), "big")


def fingerprint(problem: Problem) -> str:
    """`mark_of` as rows hold it: 16 hexadecimal digits."""
    return f"{mark_of(problem):016x}"


_SPLIT_OF_TENTH: tuple[Split, ...] = ("train",) * 8 + ("valid", "test")


def split_of(mark: int | str) -> Split:
    """The one split a fingerprint may appear in: 8 in 10 train, 1 in 10 valid, 1 in 10 test.

    Decided by the mathematics and not by a seed, so no two runs can disagree about it.
    """
    return _SPLIT_OF_TENTH[(int(mark, 16) if isinstance(mark, str) else mark) % 10]
