"""Names for the people that questions are about, with their pronouns."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`he` is the pronoun as a subject, `him` as an object, `his` before a noun."""

    name: str
    he: str
    him: str
    his: str


_SHE = (
    *("Ava", "Chloe", "Emma", "Grace", "Ines", "Kira", "Maya", "Nora"),
    *("Priya", "Rosa", "Sofia", "Yuki", "Zoe", "Amina", "Elif", "Freya"),
)
_HE = (
    *("Ben", "David", "Farid", "Hugo", "Jonas", "Leo", "Mateo", "Noah"),
    *("Omar", "Pavel", "Ravi", "Samuel", "Tariq", "Viktor", "Kenji", "Luca"),
)

PEOPLE = tuple(
    person
    for she, he in zip(_SHE, _HE, strict=True)
    for person in (Person(she, "she", "her", "her"), Person(he, "he", "him", "his"))
)


def someone(rng: random.Random) -> Person:
    """One person."""
    return PEOPLE[int(rng.random() * len(PEOPLE))]


def some_people(rng: random.Random, count: int) -> list[Person]:
    """`count` different people, at most 32."""
    return rng.sample(PEOPLE, count)
