"""Pretraining text made from rules, with no model at all: facts, little stories and sums.

Enough for a model of half a million parameters to learn what a sentence, an answer and a column of digits
look like; `genres.py` has further kinds of text for larger ones. What the valid and test splits hold was
never read in the train split. Text from a model is the affair of `passages.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from datagen.problems import split_of
from datagen.problems.fields.arithmetic.integers import column_sum
from datagen.problems.generate import draw
from datagen.recipes.genres import cooking, counting, dialogue, letter, tale, textbook
from datagen.recipes.shared.facts import FACTS
from datagen.recipes.shared.seeding import row_seed
from schemas import Row, UserError, unknown_name

NAMES = ("Tom", "Ann", "Ben", "Mia", "Sam", "Eva", "Leo", "Zoe")
THINGS = (
    "red ball",
    "blue kite",
    "small boat",
    "old book",
    "toy train",
    "green hat",
    "warm coat",
    "big drum",
)
PLACES = ("the park", "the river", "the garden", "the school", "the market", "the hill")

QUESTION_SHARE = 0.25

Split = str


@dataclass(frozen=True)
class Genre:
    """One kind of text, how often it comes, and how one is written."""

    name: str
    weight: float
    write: Callable[[random.Random, Split], str]
    held_out: bool = True
    """Whether there are texts of it that the train split does not have."""


def documents(
    count: int, seed: int, split: Split = "train", chosen: Sequence[Genre] | None = None
) -> Iterator[Row]:
    """`count` corpus rows of the `chosen` genres; row i depends on them and (seed, split, i) alone.

    No sum, story or line of digits is in two splits. The facts are the same for all, so only the train split
    tells them.
    """
    genres = [genre for genre in chosen or GENRES if split == "train" or genre.held_out]
    weights = [genre.weight for genre in genres]
    for index in range(count):
        rng = random.Random(row_seed(seed, split, index))
        genre = rng.choices(genres, weights)[0]
        yield {
            "text": genre.write(rng, split),
            "meta": {"recipe": "corpus", "genre": genre.name, "split": split, "seed": seed, "index": index},
        }


def fact(rng: random.Random, split: Split) -> str:
    """A fact in whole sentences, or its question with either answer."""
    chosen = rng.choice(FACTS)
    return rng.choice((chosen.long, f"{chosen.question} {chosen.long}", f"{chosen.question} {chosen.short}"))


def of_split(write: Callable[[random.Random], str]) -> Callable[[random.Random, Split], str]:
    """Writes until the text is one of the split, which a hash of the text decides."""

    def written(rng: random.Random, split: Split) -> str:
        while split_of(text_mark(text := write(rng))) != split:
            pass
        return text

    return written


def text_mark(text: str) -> str:
    """16 hexadecimal digits that name a text."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def story(rng: random.Random) -> str:
    """Four sentences about two children, a thing and a place."""
    hero, friend = rng.sample(NAMES, 2)
    thing, place = rng.choice(THINGS), rng.choice(PLACES)
    middles = (
        f"They played with the {thing} all day.",
        f"The {thing} was lost, and {hero} was sad.",
        f"{friend} liked the {thing} very much.",
    )
    ends = (
        f"{friend} said thank you, and they went home.",
        f"At last they sat down, and {hero} was happy.",
        "Then it was late, and they walked home.",
    )
    opening = f"{hero} had a {thing}. {hero} went to {place} with {friend}."
    return f"{opening} {rng.choice(middles)} {rng.choice(ends)}"


def digit_sums(rng: random.Random) -> str:
    """A line of one-digit sums, half of them with a carry."""
    sums = []
    for _ in range(rng.randint(3, 6)):
        left, right, carry = rng.randint(0, 9), rng.randint(0, 9), rng.randint(0, 1)
        sums.append(f"{left}+{right}{'+1' * carry}={left + right + carry}")
    return ", ".join(sums) + "."


def column_sums(rng: random.Random, split: Split) -> str:
    """A two-digit sum of the split, worked digit by digit, now and then after its question."""
    row = draw("addition", 2, split, rng.getrandbits(32), 0)
    left, right = row["given"]["a"], row["given"]["b"]
    opening = row["question"] if rng.random() < QUESTION_SHARE else f"{left} + {right}:"
    return f"{opening} {column_sum(left, right)}, so {left + right}."


GENRES = (
    Genre("fact", 1, fact, held_out=False),
    Genre("story", 1, of_split(story)),
    Genre("digit sums", 1, of_split(digit_sums)),
    Genre("column sums", 4, column_sums),
)
"""What the starter model reads."""

MORE = (
    Genre("tale", 1, of_split(tale)),
    Genre("dialogue", 1, of_split(dialogue)),
    Genre("counting", 1, of_split(counting)),
    Genre("letter", 1, of_split(letter)),
    Genre("recipe", 1, of_split(cooking)),
    Genre("textbook", 1, textbook),
)
"""Further kinds of text, each to be asked for by its name."""


def genres_named(names: Sequence[str], split: Split = "train") -> list[Genre]:
    """The genres of those names, each once, spaces written as one likes.

    Raises `UserError` for a name there is not, and when none of them has texts in the split.
    """
    known = {genre.name: genre for genre in (*GENRES, *MORE)}
    found: dict[str, Genre] = {}
    for name in names:
        plain = " ".join(name.replace("-", " ").replace("_", " ").casefold().split())
        if plain not in known:
            raise unknown_name("genre", name, known, where="--genres")
        found[plain] = known[plain]
    if split != "train" and found and not any(genre.held_out for genre in found.values()):
        what = f"only the train split has texts of {', '.join(found)}"
        raise UserError(what, where="--genres", mend="add another genre, or take --split train")
    return list(found.values())
